//! Every schema of a body against the type that reads it.

use super::*;
use relais_acts::commands as c;
use relais_acts::groups as g;
use serde::de::DeserializeOwned;

/// A value that the schema allows, with every member, or the required only.
fn sample(schema: &Value, all: bool) -> Value {
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    if let Some(first) = schema.get("enum").and_then(|e| e.get(0)) {
        return first.clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds[0].as_str(),
        kind => kind.as_str(),
    };
    match (kind, schema["format"].as_str()) {
        (Some("string"), Some("uuid")) => json!("01930000-0000-7000-8000-000000000001"),
        (Some("string"), Some("date-time")) => json!("2026-11-23T08:40:00Z"),
        (Some("string"), Some("date")) => json!("2026-11-30"),
        (Some("string"), _) => json!("texte"),
        (Some("integer"), _) => json!(1),
        (Some("boolean"), _) => json!(true),
        (Some("array"), _) => json!([sample(&schema["items"], all)]),
        (Some("object"), _) if schema.get("properties").is_none() => json!({"F1E.01": ["x"]}),
        (Some("object"), _) => {
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            let members = schema["properties"].as_object().expect("members").iter();
            let kept = members.filter(|(name, _)| all || required.contains(&json!(name)));
            kept.map(|(name, s)| (name.clone(), sample(s, all)))
                .collect::<Map<_, _>>()
                .into()
        }
        other => panic!("{other:?} in {schema}"),
    }
}

fn reads<T: DeserializeOwned>(name: &str, schema: &Value) {
    for all in [true, false] {
        let value = sample(schema, all);
        serde_json::from_value::<T>(value.clone()).unwrap_or_else(|e| panic!("{name}: {e}: {value}"));
    }
    let mut more = sample(schema, true);
    more["surplus"] = json!(1);
    let refused =
        surplus(&more).is_some() || surplus_of_transfer(&more).is_some() || serde_json::from_value::<T>(more).is_err();
    assert!(refused, "{name} takes members that its schema does not have");
    for required in schema["required"].as_array().expect("required members") {
        let mut less = sample(schema, true);
        less.as_object_mut()
            .expect("an object")
            .remove(required.as_str().expect("a name"));
        assert!(
            serde_json::from_value::<T>(less).is_err(),
            "{name}: {required} is not required after all"
        );
    }
}

/// What each body is read as.
macro_rules! read {
    ($all:ident: $($name:literal => $body:ty,)*) => {{
        $(reads::<$body>($name, &$all[$name]);)*
        [$($name),*]
    }};
}

#[test]
fn the_schemas_are_what_the_acts_read() {
    let all = schemas();
    let read = read! { all:
        "RegisterArrival" => c::RegisterArrival,
        "RecordChild" => c::RecordChild,
        "FillSection" => relais_acts::forms::FillSection,
        "BreakFamily" => relais_acts::families::BreakFamily,
        "MakeGroup" => g::MakeGroup,
        "MakeQueue" => g::MakeQueue,
        "AddExpected" => g::AddExpected,
        "ActOnRow" => g::ActOnRow,
        "KeepAnswers" => g::KeepAnswers,
        "RegisterExpected" => g::RegisterExpected,
        "Nothing" => crate::api::groups::Nothing,
        "UploadList" => crate::api::groups::UploadList,
        "OpenEmergency" => c::OpenEmergency,
        "SetProtection" => c::SetProtection,
        "CheckName" => c::CheckName,
        "ActOnPerhaps" => c::ActOnPerhaps,
        "JoinCases" => c::JoinCases,
        "AnswerSame" => c::AnswerSame,
        "RecordConsent" => c::RecordConsent,
        "WithdrawConsent" => c::WithdrawConsent,
        "ConfirmStop" => c::ConfirmStop,
        "ProposeTransfer" => c::ProposeTransfer,
        "AssignCase" => c::AssignCase,
        "ClaimCase" => c::ClaimCase,
        "Complain" => relais_acts::complaints::Complain,
        "FollowComplaint" => relais_acts::complaints::Follow,
        "ActOnComplaint" => relais_acts::complaints::ActOnComplaint,
        "AddNeed" => c::AddNeed,
        "ShelterCode" => c::ShelterCode,
        "SendReferral" => c::SendReferral,
        "NoteLateCall" => relais_acts::coordination::NoteLateCall,
        "PutBefore" => relais_acts::coordination::PutBefore,
        "ReplyToFigures" => relais_acts::coordination::ReplyToFigures,
        "SettleNeed" => relais_acts::settle_need::SettleNeed,
        "WritePayment" => relais_acts::payments::WritePayment,
        "WriteOverride" => c::WriteOverride,
        "DecideOverride" => c::DecideOverride,
        "CloseCase" => relais_acts::closing::CloseCase,
        "AnswerClosure" => relais_acts::closing::AnswerClosure,
        "NoteFollowUp" => relais_acts::closing::NoteFollowUp,
        "WritePlan" => relais_acts::plan::WritePlan,
        "EndCase" => relais_acts::ending::EndCase,
        "ReopenCase" => relais_acts::reopening::ReopenCase,
        "OfferHandover" => relais_acts::handovers::OfferHandover,
        "AnswerHandover" => relais_acts::handovers::AnswerHandover,
        "MakeLink" => relais_acts::links::MakeLink,
        "MakeSlip" => relais_acts::slips::MakeSlip,
        "TypeSlip" => relais_acts::slips::TypeSlip,
        "NoteCall" => relais_acts::calls::NoteCall,
        "PutOnCall" => relais_acts::on_call::PutOnCall,
        "TestOnCall" => relais_acts::on_call::TestOnCall,
        "AddWebhook" => relais_acts::webhooks::AddWebhook,
        "TestWebhook" => relais_acts::webhooks::TestWebhook,
        "EndWebhook" => relais_acts::webhooks::EndWebhook,
        "ConfirmEntries" => relais_acts::entries::ConfirmEntries,
        "SetCapacity" => relais_acts::entries::SetCapacity,
        "ChangeEntry" => relais_acts::entries::ChangeEntry,
        "AddAgreement" => relais_acts::agreements::AddAgreement,
        "SignAgreement" => relais_acts::agreements::SignAgreement,
        "RenewAgreement" => relais_acts::agreements::RenewAgreement,
        "DenounceAgreement" => relais_acts::agreements::DenounceAgreement,
        "AddProgramme" => relais_acts::entries::programmes::AddProgramme,
        "CorrectProgramme" => relais_acts::entries::programmes::CorrectProgramme,
        "StepEntry" => relais_acts::entries::StepEntry,
        "NoteSafeguards" => relais_acts::entries::safeguards::NoteSafeguards,
        "PublishHeld" => relais_acts::entries::safeguards::PublishHeld,
        "PrepareList" => relais_acts::entries::ratification::PrepareList,
        "NoteSession" => relais_acts::entries::ratification::NoteSession,
        "DecideChange" => relais_acts::entries::DecideChange,
        "AddLine" => relais_acts::registers::AddLine,
        "ChangeLine" => relais_acts::registers::ChangeLine,
    };
    for act in all["TransferAct"]["oneOf"].as_array().expect("the acts") {
        reads::<c::ActOnTransfer>(&act["properties"]["command"].to_string(), act);
    }
    for act in all["ReferralAct"]["oneOf"].as_array().expect("the acts") {
        reads::<c::ActOnReferral>(&act["properties"]["command"].to_string(), act);
    }
    let looked_at = [&read[..], &["TransferAct", "ReferralAct"]].concat();
    for body in crate::api::openapi::bodies() {
        assert!(looked_at.contains(&body), "{body} is read by no line above");
    }
}
