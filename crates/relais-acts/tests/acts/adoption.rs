//! What was adopted is what runs: a rule change that came of a contribution, put in
//! force by an adoption, rules what is new; what runs keeps its limit; nothing comes
//! into force that nothing carries.

use chrono::{DateTime, Utc};
use relais_acts::commands::{ActOnReferral, ReferralCommand};
use relais_acts::registers::changes::carried;
use relais_acts::registers::{self, AddLine, ChangeLine, typed};
use relais_acts::{ActError, Viewer, referral_view, referrals, versions};
use relais_fixture::{LITTORAL, World};
use relais_mechanism::amend::amended;
use relais_mechanism::limits::Span;
use relais_mechanism::{DataClass, Lang, Mechanism, Priority, Values};
use relais_network::ReferralId;
use uuid::Uuid;

const DECIDE: &str = "priority.P3.decide";

async fn add(
    world: &World,
    who: &Viewer,
    register: &str,
    state: &str,
    said: &[(&str, &str)],
) -> Result<Uuid, ActError> {
    let command = AddLine {
        id: world.new_id(),
        values: typed(said.iter().copied()),
        state: Some(state.to_owned()),
    };
    let made = registers::add(&world.desk, who, register.to_owned(), command).await?;
    Ok(made.id)
}

async fn put(world: &World, who: &Viewer, register: &str, line: Uuid, state: &str) -> Result<(), ActError> {
    change(world, who, register, line, state, Values::new()).await
}

async fn change(
    world: &World,
    who: &Viewer,
    register: &str,
    line: Uuid,
    state: &str,
    values: Values,
) -> Result<(), ActError> {
    let seen = registers::view(&world.desk, who, register.to_owned(), line).await?;
    let command = ChangeLine {
        id: world.new_id(),
        version: seen.version,
        values,
        state: Some(state.to_owned()),
        note: String::new(),
    };
    registers::change(&world.desk, who, register.to_owned(), line, command)
        .await
        .map(drop)
}

/// A rule change of the limit to decide a standard need.
fn shorter<'a>(value: &'a str, layer: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("parameter", DECIDE), ("value", value), ("layer", layer)]
}

/// A standard referral that was acknowledged: until when it is to be decided.
async fn decide_by(world: &World, referral: Uuid) -> DateTime<Utc> {
    let provider = world.viewer("atelier");
    let seen = referral_view::view(&world.desk, &provider, ReferralId(referral)).await;
    seen.expect("seen").clock.expect("a limit runs").due
}

async fn acknowledged(world: &World, name: &str) -> Uuid {
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let case = world.register(&manager, name, 30).await.expect("registered").id;
    world
        .consent(&manager, case, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world
        .need(&manager, case, "VTC.02", Priority::P3)
        .await
        .expect("a need")
        .id;
    let referral = world.send(&manager, need, "S-COUTURE").await.expect("sent").id;
    let seen = referral_view::view(&world.desk, &provider, ReferralId(referral)).await;
    let command = ActOnReferral {
        id: world.new_id(),
        version: seen.expect("seen").version,
        command: ReferralCommand::Acknowledge,
        channel: None,
        number: String::new(),
        answered_by: String::new(),
        happened_at: None,
    };
    referrals::act(&world.desk, &provider, ReferralId(referral), command)
        .await
        .expect("acknowledged");
    referral
}

/// When a standard referral sent now is to be decided, within so many working days.
fn within(world: &World, mechanism: &Mechanism, days: u32) -> DateTime<Utc> {
    let calendar = world.desk.calendar(mechanism, LITTORAL).expect("a calendar");
    let from = relais_fixture::start();
    let due = calendar.due(Span::WorkingDays(days), from, Priority::P3, false, None);
    due.expect("a time").at
}

fn refused(result: Result<(), ActError>) -> String {
    match result {
        Err(ActError::Refused { code, .. }) => code,
        other => panic!("not refused: {other:?}"),
    }
}

fn wrong(result: Result<Uuid, ActError>) -> (String, String) {
    match result {
        Err(ActError::Invalid(problems)) => (problems[0].field.clone(), problems[0].code.clone()),
        other => panic!("not wrong: {other:?}"),
    }
}

/// The whole way, on whichever database.
pub async fn play(world: &World) {
    let office = world.viewer("secretariat");
    let before = world.desk.mechanism();
    let earlier = acknowledged(world, "Essai Avant").await;
    assert_eq!(decide_by(world, earlier).await, within(world, &before, 5));

    // A value that is none, another layer, a rule that there is not: beside the field.
    for (said, field, code) in [
        (shorter("bientôt", "procedure"), "value", "span"),
        (shorter("1 wd", "procedure"), "value", "limits_order"),
        (shorter("4 wd", "parameter"), "layer", "layer"),
        (
            vec![("parameter", "rule.x"), ("value", "1"), ("layer", "parameter")],
            "parameter",
            "unknown_parameter",
        ),
    ] {
        let found = wrong(add(world, &office, "rule_change", "proposed", &said).await);
        assert_eq!(found, (field.to_owned(), code.to_owned()));
    }

    // Nothing carries it yet: neither accepted nor in force.
    let said = [("subject", "Décider plus tôt"), ("text", "Quatre jours suffisent.")];
    let contribution = add(world, &office, "contribution", "waiting", &said)
        .await
        .expect("added");
    let linked = contribution.to_string();
    let mut said = shorter("4 jours ouvrables", "procedure");
    said.push(("contribution", linked.as_str()));
    let rule = add(world, &office, "rule_change", "proposed", &said)
        .await
        .expect("proposed");
    assert_eq!(
        refused(put(world, &office, "rule_change", rule, "accepted").await),
        "not_supported"
    );
    assert_eq!(
        refused(put(world, &office, "rule_change", rule, "in_force").await),
        "by_adoption"
    );
    let linked = rule.to_string();
    let said = [("document", "DOC10"), ("step", "AD7"), ("rule_change", linked.as_str())];
    let adoption = add(world, &office, "adoption", "validated", &said)
        .await
        .expect("added");
    assert_eq!(
        refused(put(world, &office, "adoption", adoption, "in_force").await),
        "not_accepted"
    );
    assert_eq!(world.desk.mechanism().hash(), before.hash(), "nothing was changed");

    put(world, &office, "contribution", contribution, "accepted")
        .await
        .expect("accepted");
    put(world, &office, "rule_change", rule, "accepted")
        .await
        .expect("accepted");
    put(world, &office, "adoption", adoption, "in_force")
        .await
        .expect("in force");

    let after = world.desk.mechanism();
    assert_eq!((before.version(), after.version()), ("cm-2026.1", "cm-2026.2"));
    let told: Vec<String> = relais_mechanism::diff::diff(&before, &after)
        .iter()
        .map(|c| format!("{} {}", c.code, c.new_words(Lang::En).unwrap_or_default()))
        .collect();
    assert_eq!(told, ["mechanism version cm-2026.2", "P3 decide 4 working days"]);
    let state = registers::view(&world.desk, &office, "rule_change".to_owned(), rule).await;
    assert_eq!(state.expect("seen").row.state, "in_force");
    let kept = versions::list(&world.desk, &office).await.expect("versions");
    let labels: Vec<&str> = kept.iter().map(|v| v.label.as_str()).collect();
    assert_eq!(labels, ["cm-2026.2", "cm-2026.1"]);

    // The referral that ran keeps its limit; a new one has the new.
    assert_eq!(decide_by(world, earlier).await, within(world, &before, 5));
    let later = acknowledged(world, "Essai Après").await;
    assert_eq!(decide_by(world, later).await, within(world, &after, 4));

    // What is in force is not rewritten; a setting of the office needs no adoption.
    let other = typed([("value", "3 wd")]);
    assert_eq!(
        refused(change(world, &office, "rule_change", rule, "in_force", other).await),
        "in_force"
    );
    let said = [
        ("parameter", "rule.merge_undo_days"),
        ("value", "20"),
        ("layer", "parameter"),
    ];
    add(world, &office, "rule_change", "in_force", &said)
        .await
        .expect("at once");
    let now = world.desk.mechanism();
    assert_eq!((now.rules().merge_undo_days, now.version()), (20, "cm-2026.3"));
    assert_eq!(now.limits(Priority::P3, "").decide, Span::WorkingDays(4), "kept");

    // A newer edition of the files does not bring the old figures back.
    let (kept, count) = carried(world.store(), &before).expect("fits");
    assert_eq!((kept.hash(), count), (now.hash(), 2));
    let edition = [("priority.P4.decide".to_owned(), "9 wd".to_owned())];
    let edition = amended(&before, &edition, "2027.1").expect("legal");
    let (kept, _) = carried(world.store(), &edition).expect("fits");
    let decide = |priority| kept.limits(priority, "").decide;
    assert_eq!(
        (decide(Priority::P3), decide(Priority::P4), kept.version()),
        (Span::WorkingDays(4), Span::WorkingDays(9), "cm-2027.1")
    );
    let report = relais_store::audit::verify(world.store()).expect("verified");
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_adopted_is_what_runs() {
    play(&World::sqlite()).await;
}

/// A principle rests on a decision of the committee, taken on an item of one of its
/// sessions; a contribution does not carry it, nor does a decision of anybody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_principle_is_the_committees() {
    let world = World::sqlite();
    let office = world.viewer("secretariat");
    let mut decisions = Vec::new();
    for kind in ["thematic", "committee"] {
        let said = [("name", "Instance d’essai"), ("kind", kind)];
        let body = add(&world, &office, "body", "active", &said)
            .await
            .expect("a body")
            .to_string();
        let said = [
            ("body", body.as_str()),
            ("date", "20/11/2026"),
            ("title", "Session d’essai"),
        ];
        let session = add(&world, &office, "session", "held", &said)
            .await
            .expect("a session")
            .to_string();
        let said = [("session", session.as_str()), ("subject", "Consentement")];
        let item = add(&world, &office, "agenda", "", &said)
            .await
            .expect("an item")
            .to_string();
        let said = [
            ("agenda", item.as_str()),
            ("text", "Redemander chaque semestre"),
            ("owner", "Secrétariat"),
        ];
        decisions.push(
            add(&world, &office, "decision", "open", &said)
                .await
                .expect("a decision"),
        );
    }
    let said = [("subject", "Redemander"), ("text", "Chaque semestre.")];
    let contribution = add(&world, &office, "contribution", "accepted", &said)
        .await
        .expect("added");
    for (field, line, carried) in [
        ("contribution", contribution, false),
        ("decision", decisions[0], false),
        ("decision", decisions[1], true),
    ] {
        let line = line.to_string();
        let said = [
            ("parameter", "rule.consent_days"),
            ("value", "182"),
            ("layer", "principle"),
            (field, line.as_str()),
        ];
        let rule = add(&world, &office, "rule_change", "proposed", &said)
            .await
            .expect("proposed");
        let put = put(&world, &office, "rule_change", rule, "accepted").await;
        if carried {
            put.expect("accepted");
        } else {
            assert_eq!(refused(put), "not_supported");
        }
    }
}
