//! Who may be the same person, with a real database: what is told to whom, the
//! ration, the question to the holder elsewhere, joining and taking apart.

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
async fn the_holder_is_asked_answers_and_only_a_yes_tells_who() {
    let world = World::sqlite();
    let (manager, other, chief) = (
        world.viewer("gestionnaire"),
        world.viewer("autre"),
        world.viewer("superviseur"),
    );
    let first = registered(&world, &manager, NAME).await;
    let abroad = registered(&world, &other, AGAIN).await;
    let ask = act(&world, &other, abroad, "ask", None).await.expect("asked");
    let told = perhaps(&world, &other, abroad).await;
    assert!(!told.elsewhere, "one question at a time");
    assert_eq!((told.asks.len(), told.asks[0].state.as_str()), (1, "waiting"));
    assert!(told.asks[0].clock.is_some() && told.asks[0].holder.is_none() && told.asks[0].code.is_none());
    assert_eq!(
        code(&act(&world, &other, abroad, "ask", None).await.expect_err("waits")),
        "same_waiting"
    );
    // It stands in the day of whoever works on the other case, and nobody else's.
    for (login, there) in [
        ("gestionnaire", true),
        ("superviseur", true),
        ("collegue", false),
        ("autre", false),
    ] {
        let day = day::my_day(&world.desk, &world.viewer(login)).await.expect("a day");
        assert_eq!(day.same.len(), usize::from(there), "{login}");
    }
    for login in ["collegue", "autre", "secretariat", "regional", "atelier", "delegue"] {
        let seen = duplicates::asked(&world.desk, &world.viewer(login), SameAskId(ask)).await;
        assert!(matches!(seen, Err(ActError::NotFound)), "{login}");
    }
    let view = duplicates::asked(&world.desk, &chief, SameAskId(ask))
        .await
        .expect("seen");
    assert_eq!(view.row.case_id.0, first);
    assert!(
        !serde_json::to_string(&view)
            .expect("json")
            .contains(&abroad.to_string())
    );
    assert_eq!(
        code(&answer(&world, &manager, ask, "perhaps").await.expect_err("a word")),
        "unknown_option"
    );
    answer(&world, &manager, ask, "no").await.expect("answered");
    let told = perhaps(&world, &other, abroad).await;
    assert_eq!(told.asks[0].answer.as_deref(), Some("no"));
    assert!(
        told.asks[0].holder.is_none() && told.asks[0].code.is_none() && !told.elsewhere,
        "{told:?}"
    );
    let history = case::view(&world.desk, &other, CaseId(abroad))
        .await
        .expect("seen")
        .history;
    let text = serde_json::to_string(&history).expect("json");
    assert!(
        text.contains("same_answered") && !text.contains("Accueil") && !text.contains("Exercice gestionnaire"),
        "{text}"
    );
    assert_eq!(
        code(&answer(&world, &manager, ask, "yes").await.expect_err("over")),
        "same_over"
    );

    // At rest the answer stands nowhere in clear, and the chain of the file asked about says nothing.
    assert_eq!(
        count(
            &world,
            "SELECT COUNT(*) AS n FROM event WHERE kind = 'same_answered' AND (meta LIKE '%answer%' OR meta LIKE '%\"no\"%')"
        ),
        0
    );
    assert!(
        !kinds(&world, &manager, first)
            .await
            .contains(&"same_answered".to_owned())
    );

    // A yes says who holds it, and its code.
    let second = registered(&world, &other, NAME).await;
    let ask = act(&world, &other, second, "ask", None).await.expect("asked");
    answer(&world, &manager, ask, "yes").await.expect("answered");
    let told = perhaps(&world, &other, second).await;
    assert_eq!(told.asks[0].answer.as_deref(), Some("yes"));
    assert!(told.asks[0].holder.is_some() && told.asks[0].code.is_some(), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_reminded_and_lapses_and_can_be_asked_again() {
    let world = World::sqlite();
    let (manager, other) = (world.viewer("gestionnaire"), world.viewer("autre"));
    registered(&world, &manager, NAME).await;
    let abroad = registered(&world, &other, NAME).await;
    let ask = act(&world, &other, abroad, "ask", None).await.expect("asked");
    assert_eq!(
        count(&world, "SELECT COUNT(*) AS n FROM due_work WHERE kind LIKE 'same@%'"),
        3
    );
    let notices = |kind: &'static str| {
        count(
            &world,
            match kind {
                "asked" => "SELECT COUNT(*) AS n FROM outbox WHERE kind = 'same_asked'",
                "reminder" => "SELECT COUNT(*) AS n FROM outbox WHERE kind = 'same_reminder'",
                _ => "SELECT COUNT(*) AS n FROM outbox WHERE kind = 'same_lapsed'",
            },
        )
    };
    assert_eq!((notices("asked"), notices("reminder"), notices("lapsed")), (1, 0, 0));
    let due = perhaps(&world, &other, abroad).await.asks[0]
        .clock
        .as_ref()
        .expect("a limit")
        .due;
    world.at(due - TimeDelta::minutes(1));
    work::once(&world.desk).expect("worked");
    assert_eq!(notices("reminder"), 1, "half of the time: the case manager");
    world.at(due + TimeDelta::minutes(1));
    work::once(&world.desk).expect("worked");
    assert_eq!(notices("reminder"), 3, "the limit: the supervisor, and whoever asked");
    world.at(start() + TimeDelta::days(12));
    work::once(&world.desk).expect("worked");
    assert_eq!(notices("lapsed"), 1);
    assert_eq!(
        count(&world, "SELECT COUNT(*) AS n FROM due_work WHERE kind LIKE 'same@%'"),
        0
    );
    let told = perhaps(&world, &other, abroad).await;
    assert_eq!((told.asks[0].state.as_str(), told.elsewhere), ("lapsed", true));
    assert_eq!(
        code(&answer(&world, &manager, ask, "yes").await.expect_err("over")),
        "same_over"
    );
    act(&world, &other, abroad, "ask", None).await.expect("asked again");
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

/// Every table with something to lose: all but logs, heads and messages.
const KEPT: [&str; 16] = [
    "person",
    "bucket",
    "bucket_of",
    "case_file",
    "form_answers",
    "consent",
    "need",
    "referral",
    "grant_row",
    "disclosure",
    "stop_request",
    "override_row",
    "same_ask",
    "perhaps",
    "joined",
    "counter_cell",
];

#[tokio::test(flavor = "multi_thread")]
async fn joined_then_taken_apart_every_row_is_as_before() {
    let world = World::sqlite();
    let (manager, chief) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let first = registered(&world, &manager, NAME).await;
    let again = registered(&world, &manager, AGAIN).await;
    for case in [first, again] {
        world
            .consent(&manager, case, &[DataClass::Skills])
            .await
            .expect("consented");
        let need = world
            .need(&manager, case, "VTC.02", Priority::P4)
            .await
            .expect("a need")
            .id;
        world.send(&manager, need, "S-COUTURE").await.expect("sent");
    }
    let before = dump(&world, &KEPT);
    assert_eq!(
        code(&join(&world, &manager, again, first).await.expect_err("a manager")),
        "join_by_supervisor"
    );
    assert_eq!(
        code(&join(&world, &chief, again, again).await.expect_err("one")),
        "join_same"
    );
    assert_eq!(
        code(&join(&world, &chief, again, world.new_id()).await.expect_err("none")),
        "unknown_option"
    );
    assert_eq!(dump(&world, &KEPT), before, "a refusal changes nothing");
    join(&world, &chief, again, first).await.expect("joined");
    let (older, younger) = (
        perhaps(&world, &chief, first).await,
        perhaps(&world, &chief, again).await,
    );
    assert_eq!(
        (older.joined.len(), older.joined[0].younger.0),
        (1, again),
        "the older is pointed to"
    );
    assert_eq!(younger.into.as_ref().map(|j| j.case_id), Some(Some(CaseId(first))));
    assert!(
        older.seen.is_empty() && younger.seen.is_empty(),
        "what is joined is no perhaps any more"
    );
    // Whoever is on one of them sees no more than before.
    assert!(
        case::view(&world.desk, &world.viewer("collegue"), CaseId(first))
            .await
            .is_err()
    );
    let blocked = world.need(&manager, again, "MED.01", Priority::P3).await;
    assert_eq!(code(&blocked.expect_err("the older takes new needs")), "case_joined");
    assert_eq!(
        code(&separate(&world, &manager, again, first).await.expect_err("a manager")),
        "join_by_supervisor"
    );
    separate(&world, &chief, first, again)
        .await
        .expect("taken apart, from either side");
    assert_eq!(dump(&world, &KEPT), before, "row by row");
    for case in [first, again] {
        let kinds = kinds(&world, &chief, case).await;
        assert!(
            kinds.contains(&"joined".to_owned()) && kinds.contains(&"separated".to_owned()),
            "{kinds:?}"
        );
    }
    assert_eq!(
        code(&separate(&world, &chief, first, again).await.expect_err("apart")),
        "join_not_joined"
    );
}

async fn kinds(world: &World, who: &Viewer, of: Uuid) -> Vec<String> {
    let view = case::view(&world.desk, who, CaseId(of)).await.expect("seen");
    view.history.into_iter().map(|h| h.kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_while_joined_is_not_lost_and_thirty_days_are_the_end() {
    let world = World::sqlite();
    let (manager, chief) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let first = registered(&world, &manager, NAME).await;
    let again = registered(&world, &manager, NAME).await;
    join(&world, &chief, first, again)
        .await
        .expect("joined, from the older too");
    world
        .consent(&manager, first, &[DataClass::Skills])
        .await
        .expect("consented");
    world
        .need(&manager, first, "VTC.02", Priority::P4)
        .await
        .expect("in the older");
    let between = dump(&world, &["need", "consent", "grant_row", "case_file"]);
    separate(&world, &chief, again, first).await.expect("apart");
    assert_eq!(dump(&world, &["need", "consent", "grant_row", "case_file"]), between);
    join(&world, &chief, again, first).await.expect("joined again");
    let third = registered(&world, &manager, NAME).await;
    assert_eq!(
        code(&join(&world, &chief, again, third).await.expect_err("a chain")),
        "join_joined"
    );
    join(&world, &chief, third, first).await.expect("into the same");
    world.at(start() + TimeDelta::days(30) + TimeDelta::seconds(1));
    assert_eq!(
        code(&separate(&world, &chief, again, first).await.expect_err("late")),
        "join_too_late"
    );
    assert!(
        perhaps(&world, &chief, first)
            .await
            .joined
            .iter()
            .all(|j| j.undo_until.is_none())
    );
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

#[tokio::test(flavor = "multi_thread")]
async fn the_moment_of_a_lapse_does_not_tell_that_a_file_was_shut_away() {
    let mut lapsed = Vec::new();
    for shut in [false, true] {
        let world = World::sqlite();
        let (manager, other) = (world.viewer("gestionnaire"), world.viewer("autre"));
        let first = registered(&world, &manager, NAME).await;
        let abroad = registered(&world, &other, NAME).await;
        act(&world, &other, abroad, "ask", None).await.expect("asked");
        if shut {
            protect(&world, first);
        }
        let mut seen = Vec::new();
        for day in 1..15 {
            world.at(start() + TimeDelta::days(day));
            work::once(&world.desk).expect("worked");
            let told = perhaps(&world, &other, abroad).await;
            let notices = count(
                &world,
                "SELECT COUNT(*) AS n FROM outbox o JOIN organisation g ON g.id = o.organisation_id WHERE g.code = 'AUTRE' AND o.kind LIKE 'same%'",
            );
            seen.push((told.asks[0].state.clone(), notices));
        }
        let reminded = count(
            &world,
            "SELECT COUNT(*) AS n FROM outbox o JOIN organisation g ON g.id = o.organisation_id WHERE g.code = 'ACCUEIL' AND o.kind = 'same_reminder'",
        );
        assert_eq!(reminded, if shut { 0 } else { 2 }, "its holder is left alone");
        lapsed.push(seen);
    }
    assert_eq!(lapsed[0], lapsed[1], "whoever asked sees the same day by day");
    assert_eq!(lapsed[0].last().map(|(state, _)| state.as_str()), Some("lapsed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_joined_file_that_is_shut_away_is_joined_with_none_and_the_other_takes_needs() {
    let world = World::sqlite();
    let (manager, chief) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let first = registered(&world, &manager, NAME).await;
    let again = registered(&world, &manager, NAME).await;
    join(&world, &chief, again, first).await.expect("joined");
    let refused = world.need(&manager, again, "VTC.02", Priority::P4).await;
    assert_eq!(code(&refused.expect_err("in the older")), "case_joined");
    let version = case::view(&world.desk, &manager, CaseId(first))
        .await
        .expect("seen")
        .version;
    let command = relais_acts::commands::SetProtection {
        id: world.new_id(),
        version,
        protected: true,
        person_agrees: true,
    };
    relais_acts::protection::set(&world.desk, &manager, CaseId(first), command)
        .await
        .expect("chosen");
    assert_eq!(count(&world, "SELECT COUNT(*) AS n FROM joined"), 0);
    let told = perhaps(&world, &manager, again).await;
    assert!(
        told.into.is_none() && told.into_id.is_none() && told.joined.is_empty(),
        "{told:?}"
    );
    world
        .need(&manager, again, "VTC.02", Priority::P4)
        .await
        .expect("recorded where the person is known");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_works_on_the_younger_file_alone_records_needs_in_it() {
    let world = World::sqlite();
    let (manager, colleague, chief) = (
        world.viewer("gestionnaire"),
        world.viewer("collegue"),
        world.viewer("superviseur"),
    );
    let first = registered(&world, &manager, NAME).await;
    let again = registered(&world, &colleague, NAME).await;
    join(&world, &chief, again, first).await.expect("joined");
    world
        .need(&colleague, again, "MED.01", Priority::P1)
        .await
        .expect("an emergency waits for no other file");
    let refused = world.need(&chief, again, "VTC.02", Priority::P4).await;
    assert_eq!(code(&refused.expect_err("sees both")), "case_joined");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_a_case_that_ended_is_answered_and_one_asked_for_it_waits_no_more() {
    let world = World::sqlite();
    let (manager, other, chief) = (
        world.viewer("gestionnaire"),
        world.viewer("autre"),
        world.viewer("superviseur"),
    );
    let first = registered(&world, &manager, NAME).await;
    let abroad = registered(&world, &other, NAME).await;
    let ask = act(&world, &other, abroad, "ask", None).await.expect("asked");
    let end = async |case: Uuid| {
        let version = case::view(&world.desk, &chief, CaseId(case))
            .await
            .expect("seen")
            .version;
        let command = relais_acts::ending::EndCase {
            id: world.new_id(),
            version,
            reason: relais_casework::referral::EndReason::Left,
            on: start().date_naive(),
            source: "Essai".to_owned(),
        };
        relais_acts::ending::end(&world.desk, &chief, CaseId(case), command).await
    };
    end(first).await.expect("ended");
    let before = kinds(&world, &chief, first).await;
    answer(&world, &chief, ask, "yes")
        .await
        .expect("who left and came back");
    assert_eq!(
        kinds(&world, &chief, first).await,
        before,
        "an ended chain is not written"
    );

    // The other way round: what was asked for a case that ended is over.
    let second = registered(&world, &manager, AGAIN).await;
    act(&world, &manager, second, "ask", None).await.expect("asked");
    end(second).await.expect("ended");
    assert_eq!(
        count(&world, "SELECT COUNT(*) AS n FROM same_ask WHERE state = 'waiting'"),
        0
    );
    assert_eq!(
        count(&world, "SELECT COUNT(*) AS n FROM due_work WHERE kind LIKE 'same@%'"),
        0
    );
}
