//! The life of the directory's entries: confirmed and corrected by their
//! provider, decided by the coordination unit, doubted by the clock and by the
//! provider's own answers, and nothing of a shelter anywhere.

pub mod brought;
mod doubts;
mod gate;
mod programmes;
pub mod ratification;

use chrono::{NaiveDate, TimeDelta};
use relais_acts::commands::{ReferralCommand, SetProtection};
use relais_acts::directory::{By, Entries, put};
use relais_acts::entries::{
    self, Author, ChangeEntry, ChangeState, ConfirmEntries, Confirmed, DecideChange, Decision, EntryView, SetCapacity,
    StepEntry,
};
use relais_acts::problem::ActError;
use relais_acts::{Viewer, work};
use relais_casework::referral::DeclineCode;
use relais_fixture::Places;
use relais_fixture::{World, id, start};
use relais_mechanism::{Label, Priority};
use relais_network::directory::{Query, Reason, Wanted};
use relais_network::life::{DoubtCause, LifeAct, Line, Standing};
use relais_network::service::Cost;
use relais_network::{CaseId, EntryChangeId, OrganisationId, PublicationStatus, ServiceId};
use relais_store::{StoreError, Tx};

fn service(code: &str) -> ServiceId {
    ServiceId(id(code))
}

async fn seen(world: &World, who: &Viewer, code: &str) -> EntryView {
    entries::view(&world.desk, who, service(code)).await.expect("seen")
}

async fn change(world: &World, who: &Viewer, code: &str, command: ChangeEntry) -> Result<(), ActError> {
    let version = seen(world, who, code).await.row.version;
    let command = ChangeEntry {
        id: world.new_id(),
        version,
        ..command
    };
    entries::change(&world.desk, who, service(code), command)
        .await
        .map(drop)
}

async fn confirm(world: &World, who: &Viewer, codes: &[&str]) -> Result<(), ActError> {
    let mut all = Vec::new();
    for code in codes {
        all.push(Confirmed {
            service: service(code),
            version: seen(world, who, code).await.row.version,
        });
    }
    let command = ConfirmEntries {
        id: world.new_id(),
        entries: all,
    };
    entries::confirm(&world.desk, who, command).await.map(drop)
}

async fn step(world: &World, who: &Viewer, code: &str, step: LifeAct, reason: &str) -> Result<(), ActError> {
    let version = seen(world, who, code).await.row.version;
    let command = StepEntry {
        id: world.new_id(),
        version,
        step,
        reason: reason.to_owned(),
    };
    entries::step(&world.desk, who, service(code), command).await.map(drop)
}

async fn decide(
    world: &World,
    who: &Viewer,
    change: EntryChangeId,
    decision: Decision,
    reason: &str,
) -> Result<(), ActError> {
    let command = DecideChange {
        id: world.new_id(),
        version: 1,
        decision,
        reason: reason.to_owned(),
    };
    entries::decide(&world.desk, who, change, command).await.map(drop)
}

/// Services found for a kind, best first, with their reasons.
fn found(world: &World, kind: &str) -> Vec<(ServiceId, Vec<Reason>)> {
    let network = world.desk.network();
    let mut query = Query::on(NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day"));
    query.wanted = Some(Wanted::ServiceType(kind.to_owned()));
    let hits = network.directory.search(&query).hits;
    hits.into_iter().map(|h| (h.entry.service.id, h.reasons)).collect()
}

fn ids(found: &[(ServiceId, Vec<Reason>)]) -> Vec<ServiceId> {
    found.iter().map(|(id, _)| *id).collect()
}

/// Notices of the directory: kind, and whose.
fn notices(world: &World) -> Vec<(String, Option<OrganisationId>)> {
    world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| -> Result<_, StoreError> {
            let all = relais_store::outbox::unsent(tx, 0, 1000)?;
            let own = all.into_iter().filter(|n| n.kind.starts_with("entry_"));
            Ok(own.map(|n| (n.kind, n.organisation)).collect())
        })
        .expect("readable")
}

fn refused(result: Result<(), ActError>) -> String {
    match result {
        Err(ActError::Refused { code, .. }) => code,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn what_the_provider_knows_best_is_seen_at_once_and_the_rest_waits() {
    let world = World::sqlite();
    let (provider, unit) = (world.viewer("atelier"), world.viewer("secretariat"));
    let before = seen(&world, &provider, "S-COUTURE").await;
    assert!(before.own && before.steps.is_empty() && before.history.is_empty());
    let command = ChangeEntry {
        telephones: Some(vec!["6 99 00 00 03".to_owned(), "116".to_owned()]),
        opening_hours: Some("8 h – 12 h".to_owned()),
        languages: Some(vec!["fra".to_owned(), "dua".to_owned()]),
        cost: Some(Cost::Paid),
        served_area: Some("littoral".to_owned()),
        note: "Le projet a fini.".to_owned(),
        ..ChangeEntry::default()
    };
    change(&world, &provider, "S-COUTURE", command.clone())
        .await
        .expect("changed");
    let kept = world.desk.network().services[&service("S-COUTURE")].clone();
    let numbers: Vec<_> = kept.telephones.iter().map(|t| t.number.as_str()).collect();
    assert_eq!(numbers, ["+237699000003", "116"]);
    assert_eq!(
        (kept.opening_hours.as_str(), kept.languages.len(), kept.cost),
        ("8 h – 12 h", 2, None)
    );
    let after = seen(&world, &provider, "S-COUTURE").await;
    let proposed: Vec<Line> = after
        .lines
        .iter()
        .filter(|l| l.proposed.is_some())
        .map(|l| l.line)
        .collect();
    assert_eq!(proposed, [Line::Cost, Line::ServedArea]);
    assert!(after.row.waits);
    // Sending the same again changes nothing.
    let again = ChangeEntry {
        cost: None,
        served_area: None,
        ..command
    };
    assert_eq!(
        refused(change(&world, &provider, "S-COUTURE", again).await),
        "entry_unchanged"
    );

    // The unit reads old and new side by side, and accepts: a search shows it at once.
    let waiting = entries::moderation(&world.desk, &unit).await.expect("seen").waiting;
    assert_eq!(waiting.len(), 1);
    let values: Vec<_> = waiting[0]
        .values
        .iter()
        .map(|v| (v.old.as_str(), v.new.as_str()))
        .collect();
    assert_eq!(values, [("", "payant"), ("tout le pays", "Littoral")]);
    assert_eq!(waiting[0].note, "Le projet a fini.");
    assert_eq!(waiting[0].by_name, "Exercice atelier");
    let change_id = waiting[0].id;
    let missing = decide(&world, &unit, change_id, Decision::Refuse, " ").await;
    assert!(matches!(missing, Err(ActError::Invalid(_))), "a refusal says why");
    decide(&world, &unit, change_id, Decision::Accept, "")
        .await
        .expect("accepted");
    assert_eq!(
        world.desk.network().services[&service("S-COUTURE")].cost,
        Some(Cost::Paid)
    );
    let twice = DecideChange {
        id: world.new_id(),
        version: 2,
        decision: Decision::Accept,
        reason: String::new(),
    };
    let twice = entries::decide(&world.desk, &unit, change_id, twice).await.map(drop);
    assert_eq!(refused(twice), "change_decided");
    let done = seen(&world, &provider, "S-COUTURE").await;
    assert!(done.lines.iter().all(|l| l.proposed.is_none()));
    let states: Vec<_> = done.history.iter().map(|h| (h.state, h.by)).collect();
    assert_eq!(
        states,
        [
            (ChangeState::Accepted, Author::Provider),
            (ChangeState::Done, Author::Provider)
        ]
    );
    assert_eq!(done.history[0].decided_by, "Exercice secretariat");
    let told = notices(&world);
    assert_eq!(told[0], ("entry_proposed".to_owned(), None));
    assert_eq!(
        told[1],
        ("entry_decided".to_owned(), Some(OrganisationId(id("ATELIER"))))
    );
}

#[tokio::test]
async fn a_refusal_says_why_and_a_newer_proposal_takes_the_place_of_the_older() {
    let world = World::sqlite();
    let (provider, unit) = (world.viewer("atelier"), world.viewer("regional"));
    let cost = |cost| ChangeEntry {
        cost: Some(cost),
        ..ChangeEntry::default()
    };
    change(&world, &provider, "S-COUTURE", cost(Cost::Paid))
        .await
        .expect("proposed");
    let how = ChangeEntry {
        how_to_refer: Some(Label::of("Appeler d’abord", "Call first")),
        ..ChangeEntry::default()
    };
    change(&world, &provider, "S-COUTURE", how).await.expect("proposed");
    change(&world, &provider, "S-COUTURE", cost(Cost::Free))
        .await
        .expect("proposed");
    let waiting = entries::moderation(&world.desk, &unit).await.expect("seen").waiting;
    assert_eq!(waiting.len(), 1, "one proposal of an entry waits at a time");
    let says: Vec<_> = waiting[0].values.iter().map(|v| v.new.as_str()).collect();
    assert_eq!(says.len(), 2, "with what waited before: {says:?}");
    assert!(says.contains(&"gratuit") && says.contains(&"Appeler d’abord"));
    decide(
        &world,
        &unit,
        waiting[0].id,
        Decision::Refuse,
        "La convention dit payant.",
    )
    .await
    .expect("refused");
    let entry = seen(&world, &provider, "S-COUTURE").await;
    assert_eq!(entry.values.cost, None);
    assert_eq!(entry.history[0].reason, "La convention dit payant.");
    assert_eq!(
        entry
            .history
            .iter()
            .filter(|h| h.state == ChangeState::Replaced)
            .count(),
        2
    );
    // Nobody but the unit of that region decides: the thing does not exist for others.
    change(&world, &provider, "S-COUTURE", cost(Cost::Paid))
        .await
        .expect("proposed");
    let waiting = entries::moderation(&world.desk, &unit).await.expect("seen").waiting[0].id;
    for login in ["atelier", "autre", "gestionnaire", "administrateur"] {
        let tried = decide(&world, &world.viewer(login), waiting, Decision::Accept, "").await;
        assert!(matches!(tried, Err(ActError::NotFound)), "{login}");
    }
    let hospital = entries::view(&world.desk, &unit, service("S-SOINS")).await;
    assert!(matches!(hospital, Err(ActError::NotFound)), "another region");
}

#[tokio::test]
async fn places_are_stated_at_once_and_an_entry_lives_through_its_states() {
    let world = World::sqlite();
    let (provider, unit) = (world.viewer("atelier"), world.viewer("secretariat"));
    let version = seen(&world, &provider, "S-COUTURE").await.row.version;
    let places = |available, version| SetCapacity {
        id: world.new_id(),
        version,
        available,
        per_month: Some(12),
    };
    entries::capacity(&world.desk, &provider, service("S-COUTURE"), places(0, version))
        .await
        .expect("stated");
    let (_, reasons) = &found(&world, "VTC.02")
        .into_iter()
        .find(|(s, _)| *s == service("S-COUTURE"))
        .expect("found");
    assert!(reasons.iter().any(|r| matches!(r, Reason::Full { .. })), "{reasons:?}");
    let stale = entries::capacity(&world.desk, &provider, service("S-COUTURE"), places(3, version)).await;
    assert!(matches!(stale, Err(ActError::Stale { .. })));

    // Its provider does not move it; the unit does, and says why.
    assert_eq!(
        refused(step(&world, &provider, "S-COUTURE", LifeAct::Archive, "x").await),
        "life_not_yours"
    );
    assert_eq!(
        refused(step(&world, &unit, "S-COUTURE", LifeAct::Publish, "").await),
        "life_not_from_here"
    );
    let silent = step(&world, &unit, "S-COUTURE", LifeAct::Archive, "").await;
    assert!(matches!(silent, Err(ActError::Invalid(_))));
    let offered = ids(&found(&world, "VTC.02"));
    step(&world, &unit, "S-COUTURE", LifeAct::Doubt, "Porte fermée hier.")
        .await
        .expect("doubted");
    let doubted = found(&world, "VTC.02");
    assert_eq!(doubted.last().expect("found").0, service("S-COUTURE"), "it ranks lower");
    let says_why = |r: &Reason| {
        matches!(
            r,
            Reason::Doubtful {
                cause: DoubtCause::Reported,
                ..
            }
        )
    };
    assert!(doubted.last().expect("found").1.iter().any(says_why));
    confirm(&world, &provider, &["S-COUTURE"]).await.expect("confirmed");
    assert_eq!(
        seen(&world, &unit, "S-COUTURE").await.row.status,
        PublicationStatus::Published
    );
    step(&world, &unit, "S-COUTURE", LifeAct::Archive, "Fermé.")
        .await
        .expect("archived");
    assert_eq!(found(&world, "VTC.02").len() + 1, offered.len());
    assert_eq!(
        refused(confirm(&world, &provider, &["S-COUTURE"]).await),
        "life_not_from_here"
    );
    step(&world, &unit, "S-COUTURE", LifeAct::Restore, "")
        .await
        .expect("back");
    assert_eq!(
        found(&world, "VTC.02").len() + 1,
        offered.len(),
        "checked is not published"
    );
    step(&world, &unit, "S-COUTURE", LifeAct::Publish, "")
        .await
        .expect("published");
    assert_eq!(found(&world, "VTC.02").len(), offered.len());
    let kinds: Vec<String> = seen(&world, &unit, "S-COUTURE")
        .await
        .history
        .into_iter()
        .map(|h| h.kind)
        .collect();
    assert_eq!(kinds, ["publish", "restore", "archive", "confirm", "doubt", "change"]);

    // A service that ended is in doubt at once, and goes when the unit has read it.
    let ended = ChangeEntry {
        ended: true,
        ..ChangeEntry::default()
    };
    change(&world, &provider, "S-COUTURE", ended).await.expect("said");
    let row = seen(&world, &provider, "S-COUTURE").await.row;
    assert_eq!(
        (row.status, row.doubts[0].cause),
        (PublicationStatus::Doubtful, DoubtCause::ServiceEnded)
    );
    let waiting = entries::moderation(&world.desk, &unit).await.expect("seen").waiting[0].id;
    decide(&world, &unit, waiting, Decision::Accept, "")
        .await
        .expect("accepted");
    assert_eq!(
        seen(&world, &unit, "S-COUTURE").await.row.status,
        PublicationStatus::Archived
    );
}
