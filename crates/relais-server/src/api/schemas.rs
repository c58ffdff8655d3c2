//! What the API reads and answers, as JSON schemas made from the closed words.

use relais_casework::calls::CallResult;
use relais_casework::plan::{Dimension, PlanStatus};
use relais_casework::referral::{Confirmation, DeclineCode, EndReason, Outcome, Ticked};
use relais_casework::transfer::TransferDecline;
use relais_mechanism::words::{Channel, DataClass, Lang, Priority};
use serde_json::{Map, Value, json};

/// A member of an object: its name, its schema, whether it is required.
type Member = (&'static str, Value, bool);

/// An id.
pub(super) fn uuid() -> Value {
    json!({"type": "string", "format": "uuid"})
}

fn text(most: u32) -> Value {
    json!({"type": "string", "maxLength": most})
}

fn or_null(mut schema: Value) -> Value {
    if let Some(kind) = schema.get("type").cloned() {
        schema["type"] = json!([kind, "null"]);
    }
    if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
    schema
}

fn instant() -> Value {
    json!({"type": "string", "format": "date-time"})
}

fn codes<'a>(codes: impl IntoIterator<Item = &'a str>) -> Value {
    json!({"type": "string", "enum": codes.into_iter().collect::<Vec<_>>()})
}

fn classes() -> Value {
    json!({"type": "array", "items": codes(DataClass::ALL.iter().map(|c| c.code()))})
}

/// An object with no other members: (name, schema, required).
fn object(members: Vec<Member>) -> Value {
    let required: Vec<&str> = members.iter().filter(|m| m.2).map(|m| m.0).collect();
    let properties: Map<String, Value> = members.iter().map(|m| (m.0.to_owned(), m.1.clone())).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// The commands on a referral with what each carries.
fn commands() -> Vec<(&'static str, Vec<Member>)> {
    let outcome = || codes(Outcome::ALL.iter().map(|o| o.code()));
    vec![
        ("acknowledge", vec![]),
        ("accept", vec![("by_name", text(200), false)]),
        ("ask", vec![("question", text(500), true)]),
        ("answer", vec![("text", text(500), true)]),
        (
            "waitlist",
            vec![("review_on", json!({"type": "string", "format": "date"}), true)],
        ),
        (
            "decline",
            vec![
                ("code", codes(DeclineCode::ALL.iter().map(|c| c.code())), true),
                ("suggested", or_null(uuid()), false),
            ],
        ),
        ("cancel", vec![("reason", text(500), false)]),
        ("schedule", vec![("at", instant(), true)]),
        ("reschedule", vec![("at", instant(), true)]),
        ("start", vec![]),
        ("no_show", vec![]),
        ("report", vec![("outcome", outcome(), true), ("text", text(500), false)]),
        (
            "confirm",
            vec![("confirmation", codes(Confirmation::ALL.iter().map(|c| c.code())), true)],
        ),
        ("dispute", vec![("reason", text(500), false)]),
        ("settle", vec![("outcome", outcome(), true)]),
        ("void", vec![("reason", text(500), true)]),
        ("contest", vec![("reason", text(500), true)]),
    ]
}

/// What every act on a referral carries beside its command's own.
const ACT: &[&str] = &[
    "id",
    "version",
    "command",
    "channel",
    "number",
    "answered_by",
    "happened_at",
];

/// The first member of an act's body that its command does not have. The
/// reader of tagged enums lets surplus members of a command without payload
/// pass; a misspelt member must not vanish silently.
pub(super) fn surplus(body: &Value) -> Option<String> {
    let command = body.get("command").and_then(Value::as_str)?;
    let (_, own) = commands().into_iter().find(|(code, _)| *code == command)?;
    let known = |name: &str| ACT.contains(&name) || own.iter().any(|m| m.0 == name);
    body.as_object()?.keys().find(|name| !known(name)).cloned()
}

/// The commands on a transfer with what each carries.
fn transfer_commands() -> Vec<(&'static str, Vec<Member>)> {
    vec![
        ("accept", vec![("assign", or_null(uuid()), false)]),
        (
            "decline",
            vec![
                ("code", codes(TransferDecline::ALL.iter().map(|c| c.code())), true),
                ("text", text(500), false),
            ],
        ),
        ("cancel", vec![]),
    ]
}

/// The first member of a transfer act's body that its command does not have;
/// see [`surplus`].
pub(super) fn surplus_of_transfer(body: &Value) -> Option<String> {
    let command = body.get("command").and_then(Value::as_str)?;
    let (_, own) = transfer_commands().into_iter().find(|(code, _)| *code == command)?;
    let known = |name: &str| ["id", "version", "command"].contains(&name) || own.iter().any(|m| m.0 == name);
    body.as_object()?.keys().find(|name| !known(name)).cloned()
}

/// A short plan with its goals (DOMAIN F9).
fn plan() -> Value {
    let day = || json!({"type": "string", "format": "date"});
    let goal = object(vec![
        ("goal", text(200), true),
        ("dimension", codes(Dimension::ALL.iter().map(|d| d.code())), true),
        ("step", text(200), true),
        ("who", text(120), true),
        ("by", day(), true),
        ("need", or_null(uuid()), false),
        ("done", json!({"type": "boolean"}), false),
    ]);
    object(vec![
        ("wish", text(1000), true),
        (
            "goals",
            json!({"type": "array", "minItems": 1, "maxItems": 6, "items": goal}),
            true,
        ),
        ("status", codes(PlanStatus::ALL.iter().map(|s| s.code())), true),
        ("review_on", day(), true),
        ("agreed", json!({"type": "boolean"}), true),
    ])
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let answers = json!({
        "type": "object",
        "description": "Answers as typed, by the field's code: a list of values each.",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    });
    let happened = || ("happened_at", or_null(instant()), false);
    let line = object(vec![
        ("line", text(4), true),
        ("decision", codes(["granted", "refused", "not_asked"]), true),
        ("recipient", or_null(uuid()), false),
        ("service", or_null(text(20)), false),
        ("classes", classes(), false),
    ]);
    let acts: Vec<Value> = commands()
        .into_iter()
        .map(|(command, own)| {
            let mut members = vec![
                ("id", uuid(), true),
                ("version", json!({"type": "integer", "format": "int64"}), true),
                ("command", json!({"const": command}), true),
                ("channel", or_null(codes(Channel::ALL.iter().map(|c| c.code()))), false),
                ("number", text(100), false),
                ("answered_by", text(200), false),
                happened(),
            ];
            members.extend(own);
            object(members)
        })
        .collect();
    let mut all = json!({
        "RegisterArrival": object(vec![("id", uuid(), true), ("answers", answers.clone(), true), happened()]),
        "RecordChild": object(vec![
            ("id", uuid(), true),
            ("version", json!({"type": "integer", "format": "int64"}), true),
            ("answers", answers.clone(), true),
            ("happened_at", or_null(instant()), false),
        ]),
        "RecordConsent": object(vec![
            ("id", uuid(), true),
            ("answers", answers, true),
            ("lines", json!({"type": "array", "items": line}), true),
            ("never", classes(), false),
            happened(),
        ]),
        "WithdrawConsent": object(vec![
            ("id", uuid(), true),
            ("lines", json!({"type": "array", "items": text(4)}), false),
            ("consents", json!({"type": "array", "items": uuid()}), false),
            ("effect", codes(["stop_sharing", "stop_service", "both"]), true),
            ("words", text(500), false),
            happened(),
        ]),
        "ConfirmStop": object(vec![
            ("id", uuid(), true),
            ("version", json!({"type": "integer", "format": "int64"}), true),
            ("channel", or_null(codes(Channel::ALL.iter().map(|c| c.code()))), false),
            ("number", text(100), false),
            ("answered_by", text(200), false),
            happened(),
        ]),
        "AddNeed": object(vec![
            ("id", uuid(), true),
            ("service", text(20), true),
            ("priority", codes(Priority::ALL.iter().map(|p| p.code())), true),
            ("words", text(500), false),
            happened(),
        ]),
        "SendReferral": object(vec![
            ("id", uuid(), true),
            ("service", uuid(), true),
            ("words", text(200), false),
            ("person_informed", json!({"type": "boolean"}), true),
            ("provider_called", json!({"type": "boolean"}), false),
            ("access", json!({"type": "array", "items": text(40)}), false),
            ("interim", text(500), false),
            ("stays_with", text(200), false),
            ("override_kind", or_null(codes(["VITAL", "CHILD", "LEGAL"])), false),
            ("override_reason", text(500), false),
        ]),
        "WriteOverride": object(vec![
            ("id", uuid(), true),
            ("service", uuid(), true),
            ("kind", codes(["VITAL", "CHILD", "LEGAL"]), true),
            ("reason", text(500), true),
            ("referral", or_null(uuid()), false),
        ]),
        "DecideOverride": object(vec![
            ("id", uuid(), true),
            ("version", json!({"type": "integer", "format": "int64"}), true),
            ("decision", codes(["cosign", "refuse"]), true),
            ("reason", text(500), false),
        ]),
        "CloseCase": object(vec![
            ("id", uuid(), true),
            ("version", json!({"type": "integer", "format": "int64"}), true),
            ("reason", text(40), true),
        ]),
        "ReferralAct": {"oneOf": acts},
        "Made": object(vec![
            ("id", uuid(), true),
            ("code", json!({"type": "string"}), true),
            ("version", json!({"type": "integer"}), true),
        ]),
        "NoteCall": object(vec![
            ("id", uuid(), true),
            ("version", json!({"type": "integer"}), true),
            (
                "result",
                or_null(codes(CallResult::ALL.iter().filter(|r| **r != CallResult::Passed).map(|r| r.code()))),
                false,
            ),
            ("number", text(40), false),
            ("name", text(200), false),
            ("with_person", text(200), true),
            ("happened_at", or_null(instant()), false),
        ]),
        "MakeLink": object(vec![("id", uuid(), true)]),
        "MakeSlip": object(vec![("id", uuid(), true)]),
        "TypeSlip": object(vec![
            ("id", uuid(), true),
            ("ticked", codes(Ticked::ALL.iter().map(|t| t.code())), true),
            ("reason", or_null(codes(Outcome::ALL.iter().map(|o| o.code()))), false),
            ("name", text(200), true),
            ("on", or_null(json!({"type": "string", "format": "date"})), false),
        ]),
        "LinkMade": object(vec![
            ("id", uuid(), true),
            ("address", json!({"type": "string", "format": "uri"}), true),
            ("language", codes(Lang::ALL.iter().map(|l| l.code())), true),
            ("code", or_null(json!({"type": "string", "pattern": "^[0-9]{6}$"})), true),
            ("expires_at", or_null(instant()), true),
        ]),
        "Object": {"type": "object"},
        "Page": {
            "type": "object",
            "properties": {"rows": {"type": "array", "items": {"type": "object"}}, "next": {"type": ["string", "null"]}},
            "required": ["rows", "next"],
        },
        "ServicePage": {
            "type": "object",
            "properties": {
                "rows": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "id": uuid(),
                            "service_type": {"type": "string"},
                            "name": {"type": "string"},
                            "organisation": {"type": "string"},
                            "region": {"type": ["string", "null"]},
                            "place": {"type": "string"},
                            "distance_km": {"type": ["number", "null"]},
                            "telephones": {"type": "array", "items": {"type": "string"}},
                            "confirmed_on": {"type": ["string", "null"], "format": "date"},
                            "demonstration": {"type": "boolean"},
                        },
                        "required": ["id", "service_type", "name", "organisation"],
                    },
                },
                "next": {"type": ["string", "null"]},
            },
            "required": ["rows", "next"],
        },
        "Problem": {
            "type": "object",
            "description": "RFC 9457. `code` is stable; `title` and `remedy` are in the language of Accept-Language.",
            "properties": {
                "type": {"type": "string"},
                "status": {"type": "integer"},
                "code": {"type": "string"},
                "title": {"type": "string"},
                "remedy": {"type": "string"},
                "fields": {
                    "type": "array",
                    "items": object(vec![
                        ("field", json!({"type": "string"}), true),
                        ("code", json!({"type": "string"}), true),
                        ("message", json!({"type": "string"}), true),
                    ]),
                },
            },
            "required": ["type", "status", "code", "title", "remedy"],
        },
    });
    // Apart: one `json!` of so many members is too deep for the compiler.
    all["WritePlan"] = object(vec![
        ("id", uuid(), true),
        ("version", json!({"type": "integer", "format": "int64"}), true),
        ("plan", plan(), true),
    ]);
    all["EndCase"] = object(vec![
        ("id", uuid(), true),
        ("version", json!({"type": "integer", "format": "int64"}), true),
        ("reason", codes(EndReason::ALL.iter().map(|r| r.code())), true),
        ("on", json!({"type": "string", "format": "date"}), true),
        ("source", text(300), true),
    ]);
    all["ReopenCase"] = object(vec![
        ("id", uuid(), true),
        ("version", json!({"type": "integer", "format": "int64"}), true),
        ("reason", text(500), true),
        ("needs", json!({"type": "array", "items": uuid()}), false),
    ]);
    if let Some(all) = all.as_object_mut() {
        all.extend(moves());
    }
    all
}

/// What moves a case: to another organisation, to a colleague.
fn moves() -> Map<String, Value> {
    let transfer_acts: Vec<Value> = transfer_commands()
        .into_iter()
        .map(|(command, own)| {
            let mut members = vec![
                ("id", uuid(), true),
                ("version", json!({"type": "integer", "format": "int64"}), true),
                ("command", json!({"const": command}), true),
            ];
            members.extend(own);
            object(members)
        })
        .collect();
    let moves = [
        (
            "ProposeTransfer",
            object(vec![
                ("id", uuid(), true),
                ("to", uuid(), true),
                ("note", text(500), false),
                ("person_informed", json!({"type": "boolean"}), true),
            ]),
        ),
        ("TransferAct", json!({"oneOf": transfer_acts})),
        (
            "AssignCase",
            object(vec![
                ("id", uuid(), true),
                ("version", json!({"type": "integer", "format": "int64"}), true),
                ("to", uuid(), true),
                ("note", text(500), false),
            ]),
        ),
        ("ClaimCase", object(vec![("id", uuid(), true)])),
    ];
    moves
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_acts::commands as c;
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
        let refused = surplus(&more).is_some()
            || surplus_of_transfer(&more).is_some()
            || serde_json::from_value::<T>(more).is_err();
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

    #[test]
    fn the_schemas_are_what_the_acts_read() {
        let all = schemas();
        reads::<c::RegisterArrival>("RegisterArrival", &all["RegisterArrival"]);
        reads::<c::RecordChild>("RecordChild", &all["RecordChild"]);
        reads::<c::RecordConsent>("RecordConsent", &all["RecordConsent"]);
        reads::<c::WithdrawConsent>("WithdrawConsent", &all["WithdrawConsent"]);
        reads::<c::ConfirmStop>("ConfirmStop", &all["ConfirmStop"]);
        reads::<c::ProposeTransfer>("ProposeTransfer", &all["ProposeTransfer"]);
        reads::<c::AssignCase>("AssignCase", &all["AssignCase"]);
        reads::<c::ClaimCase>("ClaimCase", &all["ClaimCase"]);
        for act in all["TransferAct"]["oneOf"].as_array().expect("the acts") {
            reads::<c::ActOnTransfer>(&act["properties"]["command"].to_string(), act);
        }
        reads::<c::AddNeed>("AddNeed", &all["AddNeed"]);
        reads::<c::SendReferral>("SendReferral", &all["SendReferral"]);
        reads::<c::WriteOverride>("WriteOverride", &all["WriteOverride"]);
        reads::<c::DecideOverride>("DecideOverride", &all["DecideOverride"]);
        reads::<c::CloseCase>("CloseCase", &all["CloseCase"]);
        reads::<relais_acts::plan::WritePlan>("WritePlan", &all["WritePlan"]);
        reads::<relais_acts::ending::EndCase>("EndCase", &all["EndCase"]);
        reads::<relais_acts::reopening::ReopenCase>("ReopenCase", &all["ReopenCase"]);
        for act in all["ReferralAct"]["oneOf"].as_array().expect("the acts") {
            reads::<c::ActOnReferral>(&act["properties"]["command"].to_string(), act);
        }
    }
}
