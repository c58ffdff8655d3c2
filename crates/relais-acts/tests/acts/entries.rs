//! The life of the directory's entries: confirmed and corrected by their
//! provider, decided by the coordination unit, doubted by the clock and by the
//! provider's own answers, and nothing of a shelter anywhere.

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

#[tokio::test]
async fn the_clock_reminds_then_doubts_and_a_confirmation_answers() {
    let world = World::sqlite();
    // Confirmed on 1 November: a training centre's holds 180 days, an association's 90.
    let at = |days| {
        world.at(start() + TimeDelta::days(days));
        work::once(&world.desk).expect("worked")
    };
    at(40);
    assert_eq!(notices(&world), []);
    at(60);
    let autre = OrganisationId(id("AUTRE"));
    assert_eq!(notices(&world), [("entry_remind".to_owned(), Some(autre))]);
    let provider = world.viewer("autre");
    assert_eq!(
        seen(&world, &provider, "S-COUTURE-2").await.row.standing,
        Standing::Soon
    );
    let care = relais_acts::day::inbox(&world.desk, &provider)
        .await
        .expect("seen")
        .entries;
    assert_eq!((care.to_confirm, care.doubtful, care.withheld), (1, 0, false));
    at(61);
    assert_eq!(notices(&world).len(), 1, "reminded once");
    at(80);
    assert_eq!(notices(&world)[1], ("entry_doubt".to_owned(), Some(autre)));
    let row = seen(&world, &provider, "S-COUTURE-2").await.row;
    assert_eq!(
        (row.status, row.doubts[0].cause),
        (PublicationStatus::Doubtful, DoubtCause::Overdue)
    );
    let unit = world.viewer("secretariat");
    let view = entries::moderation(&world.desk, &unit).await.expect("seen");
    assert_eq!((view.counts.doubtful, view.doubtful[0].id), (1, service("S-COUTURE-2")));
    at(81);
    assert_eq!(notices(&world).len(), 2, "doubted once");
    // A list that brings the entry again answers nothing.
    let network = world.desk.network();
    let mut listed = network.services[&service("S-COUTURE-2")].clone();
    (listed.status, listed.opening_hours) = (PublicationStatus::Published, "9 h".to_owned());
    listed.doubts.clear();
    let list = Entries {
        services: vec![listed],
        ..Entries::default()
    };
    put(world.store(), list, "essai", By::CommandLine).expect("put");
    let row = seen(&world, &provider, "S-COUTURE-2").await;
    assert_eq!(row.row.status, PublicationStatus::Doubtful);
    assert_eq!(
        (row.history[0].by, row.history[0].values[0].new.as_str()),
        (Author::List, "9 h")
    );
    confirm(&world, &provider, &["S-COUTURE-2"]).await.expect("confirmed");
    let row = seen(&world, &provider, "S-COUTURE-2").await.row;
    assert_eq!(
        (row.status, row.standing),
        (PublicationStatus::Published, Standing::Holds)
    );
    at(160);
    assert_eq!(
        seen(&world, &provider, "S-COUTURE-2").await.row.status,
        PublicationStatus::Published
    );
    // The others' hold longer.
    at(170);
    let all = entries::moderation(&world.desk, &unit).await.expect("seen");
    assert!(all.counts.doubtful >= 4, "{:?}", all.counts);
}

#[tokio::test]
async fn a_decline_speaks_against_its_line_unless_it_must_not_be_known() {
    let world = World::sqlite();
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let decline = async |who: &Viewer, referral, code| {
        let command = ReferralCommand::Decline { code, suggested: None };
        world.give(who, referral, command).await.expect("declined");
    };
    let send = async |name: &str, kind: &str, code: &str| {
        let sent = world.referred(&manager, name, kind, Priority::P3, code).await;
        (sent.case, sent.referral.id)
    };
    let (_, first) = send("Essai Papiers", "VTC.02", "S-COUTURE").await;
    decline(&provider, first, DeclineCode::PapersMissing).await;
    assert_eq!(seen(&world, &provider, "S-COUTURE").await.row.doubts, []);
    let (_, second) = send("Essai Zone", "VTC.02", "S-COUTURE").await;
    decline(&provider, second, DeclineCode::OutsideArea).await;
    let entry = seen(&world, &provider, "S-COUTURE").await;
    assert_eq!(entry.row.doubts[0].line, Some(Line::ServedArea));
    let doubtful: Vec<_> = entry.lines.iter().filter(|l| l.doubtful).map(|l| l.line).collect();
    assert_eq!(doubtful, [Line::ServedArea]);
    assert_eq!(
        (entry.history[0].by, entry.history[0].by_name.as_str()),
        (Author::Evidence, "")
    );
    confirm(&world, &provider, &["S-COUTURE"]).await.expect("confirmed");
    // Whoever says that it is full declines truly.
    let version = seen(&world, &provider, "S-COUTURE").await.row.version;
    let full = SetCapacity {
        id: world.new_id(),
        version,
        available: 0,
        per_month: None,
    };
    entries::capacity(&world.desk, &provider, service("S-COUTURE"), full)
        .await
        .expect("stated");
    let (_, third) = send("Essai Complet", "VTC.02", "S-COUTURE").await;
    decline(&provider, third, DeclineCode::NoCapacity).await;
    assert_eq!(seen(&world, &provider, "S-COUTURE").await.row.doubts, []);
    // The protected circuit leaves no trace, nor does a need above S3.
    let (case, fourth) = send("Essai Protégé", "VTC.02", "S-COUTURE").await;
    let view = relais_acts::protection::view(&world.desk, &manager, CaseId(case))
        .await
        .expect("seen");
    let protect = SetProtection {
        id: world.new_id(),
        version: view.version,
        protected: true,
        person_agrees: true,
    };
    relais_acts::protection::set(&world.desk, &manager, CaseId(case), protect)
        .await
        .expect("protected");
    decline(&provider, fourth, DeclineCode::NotEligible).await;
    assert_eq!(seen(&world, &provider, "S-COUTURE").await.row.doubts, []);
    let (_, fifth) = send("Essai Soins", "MED.03", "S-SOINS").await;
    let hospital = world.viewer("hopital");
    decline(&hospital, fifth, DeclineCode::ServiceEnded).await;
    assert_eq!(
        seen(&world, &hospital, "S-SOINS").await.row.doubts,
        [],
        "a doubt would tell the need"
    );
}

#[tokio::test]
async fn who_keeps_silent_is_no_longer_offered_until_it_answers_or_confirms() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let (provider, unit) = (world.viewer("atelier"), world.viewer("secretariat"));
    let mut day = 0;
    let mut unanswered = async |n: usize| {
        for _ in 0..n {
            day += 30;
            world
                .referred(
                    &manager,
                    &format!("Essai Silence {day}"),
                    "VTC.02",
                    Priority::P3,
                    "S-COUTURE",
                )
                .await;
            world.at(start() + TimeDelta::days(day));
            work::once(&world.desk).expect("worked");
            world.desk.refresh().expect("refreshed");
        }
    };
    unanswered(2).await;
    assert!(ids(&found(&world, "VTC.02")).contains(&service("S-COUTURE")));
    unanswered(1).await;
    assert!(!ids(&found(&world, "VTC.02")).contains(&service("S-COUTURE")));
    let own = entries::list(&world.desk, &provider).await.expect("its own");
    assert_eq!(own.withheld.as_ref().expect("told").unanswered, 3);
    let told: Vec<_> = notices(&world)
        .into_iter()
        .filter(|(kind, _)| kind == "entry_withheld")
        .collect();
    assert_eq!(told.len(), 2, "the provider and the unit");
    let silent = entries::moderation(&world.desk, &unit).await.expect("seen").withheld;
    assert_eq!(silent[0].organisation_id, OrganisationId(id("ATELIER")));
    assert!(
        world
            .desk
            .network()
            .name(OrganisationId(id("ATELIER")), relais_mechanism::Lang::Fr)
            != "–"
    );
    confirm(&world, &provider, &["S-COUTURE"]).await.expect("confirmed");
    assert!(ids(&found(&world, "VTC.02")).contains(&service("S-COUTURE")));
    assert_eq!(
        entries::list(&world.desk, &provider).await.expect("its own").withheld,
        None
    );
}

#[tokio::test]
async fn nothing_of_a_shelter_is_read_by_the_unit_nor_at_rest() {
    let world = World::sqlite();
    let shown = |view: &entries::Moderation| serde_json::to_string(view).expect("JSON");
    world.add_places(Places::Hidden);
    let (shelter, mixed, unit) = (world.viewer("abri"), world.viewer("mixte"), world.viewer("secretariat"));
    assert!(seen(&world, &shelter, "S-ABRI").await.confidential);
    for code in ["S-ABRI", "S-MAISON", "S-CACHE"] {
        let tried = entries::view(&world.desk, &unit, service(code)).await;
        assert!(matches!(tried, Err(ActError::NotFound)), "{code}");
    }
    assert!(
        entries::view(&world.desk, &unit, service("S-PALMES")).await.is_ok(),
        "what is open is read"
    );
    let hours = |hours: &str| ChangeEntry {
        opening_hours: Some(hours.to_owned()),
        ..ChangeEntry::default()
    };
    change(&world, &shelter, "S-ABRI", hours("Sonner Zygomandre"))
        .await
        .expect("changed");
    change(&world, &mixed, "S-PALMES", hours("Porte Zygomandre"))
        .await
        .expect("changed");
    let cost = ChangeEntry {
        cost: Some(Cost::Paid),
        ..ChangeEntry::default()
    };
    assert_eq!(
        refused(change(&world, &shelter, "S-ABRI", cost.clone()).await),
        "entry_confidential"
    );
    change(&world, &mixed, "S-PALMES", cost).await.expect("waits, sealed");
    let view = entries::moderation(&world.desk, &unit).await.expect("seen");
    assert_eq!(view.waiting.len(), 1);
    confirm(&world, &shelter, &["S-ABRI"]).await.expect("confirmed");
    world.at(start() + TimeDelta::days(200));
    work::once(&world.desk).expect("worked");
    let row = seen(&world, &shelter, "S-ABRI").await.row;
    assert_eq!(row.status, PublicationStatus::Doubtful, "its own staff are told");
    let view = shown(&entries::moderation(&world.desk, &unit).await.expect("seen"));
    for telling in relais_fixture::TELLING {
        assert!(!view.contains(telling), "{telling}");
    }
    // By its code it is asked all the same: a doubt about an entry shuts no door.
    let code = world.shelter_code("S-ABRI");
    assert!(!code.is_empty());
    let mechanism = world.desk.mechanism();
    let open = relais_acts::shelter::list(world.store(), &mechanism, relais_mechanism::Lang::Fr).expect("listed");
    assert!(
        open.iter()
            .any(|c| c.code.replace(' ', "") == code && c.status == "doubtful")
    );
    let clear = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| -> Result<Vec<String>, StoreError> {
            let rows = tx.query_built("SELECT body FROM entry_change", &[])?;
            rows.iter().map(|r| r.get("body")).collect()
        })
        .expect("readable");
    assert!(clear.len() >= 4);
    assert!(clear.iter().all(|body| !body.contains("Zygomandre")), "sealed at rest");
}
