//! Who may be the same person, with a real database: what is told to whom, the
//! ration, the question to the holder elsewhere, joining and taking apart.

mod asking;
mod joining;

use chrono::TimeDelta;
use relais_acts::commands::{ActOnPerhaps, AnswerSame, CheckName, JoinCases};
use relais_acts::duplicates::{self, Perhaps};
use relais_acts::{ActError, Viewer, case, day, work};
use relais_fixture::{World, arrival, start};
use relais_mechanism::{DataClass, Priority};
use relais_network::{CaseId, SameAskId};
use relais_store::{StoreError, Tx};
use uuid::Uuid;

const NAME: &str = "Essai Ngobassongdemo Rigobert";
/// The same, as another officer writes it.
const AGAIN: &str = "Rigobert Essai Ngo Bassongdemo";

async fn registered(world: &World, who: &Viewer, name: &str) -> Uuid {
    world.register(who, name, 33).await.expect("registered").id
}

async fn perhaps(world: &World, who: &Viewer, of: Uuid) -> Perhaps {
    let view = case::view(&world.desk, who, CaseId(of)).await.expect("seen");
    view.perhaps.expect("looked for")
}

async fn act(world: &World, who: &Viewer, of: Uuid, command: &str, other: Option<Uuid>) -> Result<Uuid, ActError> {
    let command = ActOnPerhaps {
        id: world.new_id(),
        command: command.to_owned(),
        other,
    };
    duplicates::act(&world.desk, who, CaseId(of), command)
        .await
        .map(|made| made.id)
}

async fn join(world: &World, who: &Viewer, of: Uuid, other: Uuid) -> Result<(), ActError> {
    let command = JoinCases {
        id: world.new_id(),
        other,
    };
    duplicates::join(&world.desk, who, CaseId(of), command)
        .await
        .map(|_| ())
}

async fn separate(world: &World, who: &Viewer, of: Uuid, other: Uuid) -> Result<(), ActError> {
    let command = JoinCases {
        id: world.new_id(),
        other,
    };
    duplicates::separate(&world.desk, who, CaseId(of), command)
        .await
        .map(|_| ())
}

async fn answer(world: &World, who: &Viewer, ask: Uuid, said: &str) -> Result<(), ActError> {
    let version = duplicates::asked(&world.desk, who, SameAskId(ask)).await?.version;
    let command = AnswerSame {
        id: world.new_id(),
        version,
        answer: said.to_owned(),
    };
    duplicates::answer(&world.desk, who, SameAskId(ask), command)
        .await
        .map(|_| ())
}

fn code(error: &ActError) -> &str {
    match error {
        ActError::Refused { code, .. } => code,
        ActError::Invalid(fields) => &fields[0].code,
        ActError::NotFound => "not_found",
        _ => "other",
    }
}

/// Rows of a statement as text, to be compared.
fn dump(world: &World, tables: &[&str]) -> Vec<String> {
    let list: Vec<String> = tables.iter().map(|t| (*t).to_owned()).collect();
    world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<Vec<String>, StoreError> {
            let mut out = Vec::new();
            for table in &list {
                // A case's version counts what is done in it, also what is undone.
                let columns = if table == "case_file" {
                    "id, person_id, slot, year, region, holder_id, assigned_user_id, regime, state, card, opened_at, closed_at"
                } else {
                    "*"
                };
                let rows = tx.query_built(&format!("SELECT {columns} FROM {table}"), &[])?;
                let mut lines: Vec<String> = rows.iter().map(|row| format!("{table} {row:?}")).collect();
                lines.sort();
                out.append(&mut lines);
            }
            Ok(out)
        })
        .expect("readable")
}

fn count(world: &World, sql: &'static str) -> i64 {
    world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<i64, StoreError> {
            tx.query_built(sql, &[])?.first().map_or(Ok(0), |row| row.get("n"))
        })
        .expect("readable")
}

fn protect(world: &World, case: Uuid) {
    world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            let mut record = relais_store::rows::cases::CaseRecord::find(tx, CaseId(case))?.expect("a case");
            "protected".clone_into(&mut record.regime);
            record.update(tx)
        })
        .expect("written");
}

async fn kinds(world: &World, who: &Viewer, of: Uuid) -> Vec<String> {
    let view = case::view(&world.desk, who, CaseId(of)).await.expect("seen");
    view.history.into_iter().map(|h| h.kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_own_organisation_reads_reasons_and_another_reads_perhaps() {
    let world = World::sqlite();
    let (manager, chief, other) = (
        world.viewer("gestionnaire"),
        world.viewer("superviseur"),
        world.viewer("autre"),
    );
    let first = registered(&world, &manager, NAME).await;
    assert!(perhaps(&world, &manager, first).await.seen.is_empty(), "nobody before");
    let again = registered(&world, &manager, AGAIN).await;
    let found = perhaps(&world, &manager, again).await;
    assert_eq!(found.seen.len(), 1);
    assert_eq!(found.seen[0].case_id.0, first);
    assert!(found.seen[0].reasons.iter().any(|r| r == "telephone"), "{found:?}");
    assert!(
        found.seen[0].reasons.iter().any(|r| r.starts_with("name_")),
        "{found:?}"
    );
    assert!(!found.seen[0].can_join, "a case manager does not join");
    assert!(perhaps(&world, &chief, again).await.seen[0].can_join);
    // A colleague who is not on the older case is told no more than a stranger.
    let colleague = world.viewer("collegue");
    let third = registered(&world, &colleague, NAME).await;
    let told = perhaps(&world, &colleague, third).await;
    assert!(told.seen.is_empty() && told.elsewhere, "{told:?}");
    // Another organisation: perhaps, and nothing of either file.
    let abroad = registered(&world, &other, NAME).await;
    let told = perhaps(&world, &other, abroad).await;
    assert!(
        told.seen.is_empty() && told.elsewhere && told.asks.is_empty(),
        "{told:?}"
    );
    let text = serde_json::to_string(&told).expect("json");
    for id in [first, again, third] {
        assert!(!text.contains(&id.to_string()), "{text}");
    }
    assert!(!text.contains("CM-") && !text.contains("name_"), "{text}");
    // Somebody unlike anybody is found nowhere.
    let mut answers = arrival("Essai Zébulondemo Quidam", 61);
    answers.insert("F1E.10".to_owned(), vec!["699887766".to_owned()]);
    let none = duplicates::check(&world.desk, &other, CheckName { answers })
        .await
        .expect("checked");
    assert!(none.seen.is_empty() && !none.elsewhere);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_protected_circuit_and_needs_above_s3_are_never_found_elsewhere() {
    let world = World::sqlite();
    let (manager, other) = (world.viewer("gestionnaire"), world.viewer("autre"));
    let first = registered(&world, &manager, NAME).await;
    world
        .need(&manager, first, "GBV.01", Priority::P1)
        .await
        .expect("a need");
    let abroad = registered(&world, &other, NAME).await;
    let told = perhaps(&world, &other, abroad).await;
    assert!(!told.elsewhere && told.seen.is_empty(), "a need above S3: {told:?}");
    assert_eq!(
        code(&act(&world, &other, abroad, "ask", None).await.expect_err("nobody")),
        "same_nobody"
    );
    let again = registered(&world, &manager, AGAIN).await;
    assert!(
        !perhaps(&world, &manager, again).await.seen.is_empty(),
        "who sees the file is told"
    );

    let (world, name) = (World::sqlite(), "Essai Protégédemo Absent");
    let first = registered(&world, &manager_of(&world), name).await;
    protect(&world, first);
    for login in ["gestionnaire", "autre"] {
        let who = world.viewer(login);
        let again = registered(&world, &who, name).await;
        let told = perhaps(&world, &who, again).await;
        let found = told.seen.iter().any(|row| row.case_id.0 == first);
        assert!(!found, "{login}: {told:?}");
        if login == "gestionnaire" {
            assert!(!told.elsewhere && told.seen.is_empty(), "{login}: {told:?}");
        }
        // Leave the next one alone with the protected case.
        protect(&world, again);
    }
    // Nor is it looked for itself.
    let view = case::view(&world.desk, &manager_of(&world), CaseId(first)).await;
    assert!(view.is_err() || view.is_ok_and(|v| v.perhaps.is_none()));
}

fn manager_of(world: &World) -> Viewer {
    world.viewer("gestionnaire")
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_checks_a_day_each_logged_and_registering_never_stops() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let first = registered(&world, &manager, NAME).await;
    let check = async || {
        let answers = arrival(NAME, 33);
        duplicates::check(&world.desk, &manager, CheckName { answers }).await
    };
    for n in 0..19_u32 {
        let done = check().await.expect("within the ration");
        assert_eq!(done.left, 18 - n);
        assert_eq!(done.seen.len(), 1);
    }
    assert_eq!(code(&check().await.expect_err("used up")), "name_checks_used_up");
    let looked = act(&world, &manager, first, "look", None).await;
    assert_eq!(code(&looked.expect_err("used up")), "name_checks_used_up");
    let again = registered(&world, &manager, NAME).await;
    let told = perhaps(&world, &manager, again).await;
    assert!(
        told.checked_at.is_none() && told.seen.is_empty() && told.left == 0,
        "{told:?}"
    );
    assert_eq!(count(&world, "SELECT COUNT(*) AS n FROM name_check"), 20);
    assert_eq!(
        count(&world, "SELECT COUNT(*) AS n FROM name_check WHERE case_id IS NOT NULL"),
        1
    );
    // A colleague has a ration of their own; the next day begins anew, in Douala.
    assert_eq!(
        duplicates::check(
            &world.desk,
            &world.viewer("collegue"),
            CheckName {
                answers: arrival(NAME, 33)
            }
        )
        .await
        .expect("own ration")
        .left,
        19
    );
    world.at(start() + TimeDelta::hours(15) + TimeDelta::minutes(21));
    act(&world, &manager, again, "look", None).await.expect("a new day");
    assert_eq!(perhaps(&world, &manager, again).await.seen.len(), 1);
    // Without a name or a number there is nothing to look for, and nothing is taken.
    let empty = CheckName {
        answers: [("F1E.05".to_owned(), vec!["30".to_owned()])].into(),
    };
    let error = duplicates::check(&world.desk, &manager, empty)
        .await
        .expect_err("nothing typed");
    assert_eq!(code(&error), "required");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_decided_is_not_proposed_again() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let first = registered(&world, &manager, NAME).await;
    let again = registered(&world, &manager, NAME).await;
    act(&world, &manager, again, "not_same", Some(first))
        .await
        .expect("decided");
    assert!(perhaps(&world, &manager, again).await.seen.is_empty());
    act(&world, &manager, again, "look", None).await.expect("looked");
    assert!(
        perhaps(&world, &manager, again).await.seen.is_empty(),
        "decided is decided"
    );
    let unseen = act(&world, &manager, again, "not_same", Some(world.new_id())).await;
    assert_eq!(code(&unseen.expect_err("not there")), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_service_within_ninety_days_is_a_warning_and_no_more() {
    let world = World::sqlite();
    let (manager, chief) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let first = registered(&world, &manager, NAME).await;
    let again = registered(&world, &manager, NAME).await;
    let mut needs = Vec::new();
    for case in [first, again] {
        world
            .consent(&manager, case, &[DataClass::Skills])
            .await
            .expect("consented");
        needs.push(
            world
                .need(&manager, case, "VTC.02", Priority::P4)
                .await
                .expect("a need")
                .id,
        );
    }
    world.send(&manager, needs[0], "S-COUTURE").await.expect("sent");
    let repeats = async |need: Uuid| {
        let service = relais_network::ServiceId(relais_fixture::id("S-COUTURE"));
        let view = relais_acts::refer::view(&world.desk, &manager, relais_network::NeedId(need), Some(service), None)
            .await
            .expect("seen");
        view.preview.expect("chosen").repeats
    };
    assert!(
        repeats(needs[1]).await.is_empty(),
        "two files of two persons, as far as is known"
    );
    join(&world, &chief, again, first).await.expect("joined");
    let warned = repeats(needs[1]).await;
    assert_eq!((warned.len(), warned[0].joined), (1, true));
    let second = world
        .need(&manager, first, "VTC.02", Priority::P4)
        .await
        .expect("a need")
        .id;
    let warned = repeats(second).await;
    assert_eq!((warned.len(), warned[0].joined), (1, false), "the same file");
    world
        .send(&manager, second, "S-COUTURE")
        .await
        .expect("a person decides");
}
