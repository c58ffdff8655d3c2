//! The main job, and a few random worlds, on PostgreSQL: where `RELAIS_TEST_PG`
//! names a server on which databases may be made. Each test has its own.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use relais_acts::commands::{ActOnReferral, ReferralCommand};
use relais_acts::{ActError, Viewer, case, day, referral_view, referrals};
use relais_casework::need::NeedState;
use relais_casework::referral::{Confirmation, DeclineCode, Outcome};
use relais_fixture::World;
use relais_mechanism::{Channel, DataClass, Priority};
use relais_network::{CaseId, ReferralId};
use uuid::Uuid;

use crate::play::{Play, Step, laws, steps};

/// A database of its own, dropped when the test is over.
struct Database {
    admin: String,
    name: String,
    url: String,
}

impl Database {
    /// None, said aloud, where there is no server for tests.
    fn new(test: &str) -> Option<Self> {
        let Some(admin) = std::env::var("RELAIS_TEST_PG").ok().filter(|url| !url.is_empty()) else {
            eprintln!("skipped: PostgreSQL (RELAIS_TEST_PG not set): {test}");
            return None;
        };
        let name = format!("acts_{test}_{}", std::process::id());
        tell(
            &admin,
            &[
                format!("DROP DATABASE IF EXISTS {name}"),
                format!("CREATE DATABASE {name}"),
            ],
        );
        let (base, query) = admin.split_once('?').map_or((admin.as_str(), ""), |(b, q)| (b, q));
        let server = base.rfind('/').map_or(base, |at| &base[..at]);
        let url = if query.is_empty() {
            format!("{server}/{name}")
        } else {
            format!("{server}/{name}?{query}")
        };
        Some(Self { admin, name, url })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        tell(
            &self.admin,
            &[format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)],
        );
    }
}

/// Statements for the administrator; in a thread of their own, since the
/// client blocks.
fn tell(admin: &str, statements: &[String]) {
    let (admin, statements) = (admin.to_owned(), statements.to_vec());
    std::thread::spawn(move || {
        let mut client = postgres::Client::connect(&admin, postgres::NoTls).expect("the server for tests");
        for statement in &statements {
            client
                .batch_execute(statement)
                .expect("the administrator makes databases");
        }
    })
    .join()
    .expect("no panic");
}

async fn give(world: &World, who: &Viewer, id: Uuid, command: ReferralCommand, by_phone: bool) -> Result<(), ActError> {
    let view = referral_view::view(&world.desk, who, ReferralId(id)).await?;
    let words = |text: &str| if by_phone { text.to_owned() } else { String::new() };
    let act = ActOnReferral {
        id: world.new_id(),
        version: view.version,
        command,
        channel: by_phone.then_some(Channel::Telephone),
        number: words("+237233000001"),
        answered_by: words("Secrétaire de l’atelier"),
        happened_at: None,
    };
    referrals::act(&world.desk, who, ReferralId(id), act).await.map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_from_the_first_word_to_the_last() {
    let Some(database) = Database::new("complaint") else {
        return;
    };
    crate::complaint_play::journey(&World::postgres(&database.url)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn single_changes_are_brought_without_the_others() {
    let Some(database) = Database::new("brought") else {
        return;
    };
    crate::entries::brought::play(&World::postgres(&database.url)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_the_committee_ratifies_its_list() {
    let Some(database) = Database::new("ratification") else {
        return;
    };
    crate::entries::ratification::play(&World::postgres(&database.url)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memorandum_is_signed_runs_out_and_is_renewed() {
    let Some(database) = Database::new("agreements") else {
        return;
    };
    crate::agreements::play(&World::postgres(&database.url)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_adopted_is_what_runs() {
    let Some(database) = Database::new("adoption") else {
        return;
    };
    crate::adoption::play(&World::postgres(&database.url)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_institutions_registers_are_kept() {
    let Some(database) = Database::new("registers") else {
        return;
    };
    crate::registers::play(&World::postgres(&database.url)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_to_call_in_danger() {
    let Some(database) = Database::new("numbers") else {
        return;
    };
    crate::public::tried(&World::postgres(&database.url)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_is_the_offices() {
    let Some(database) = Database::new("demand") else {
        return;
    };
    crate::matrix::demand_is_told(&World::postgres(&database.url)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_served_and_one_need_given_back() {
    let Some(database) = Database::new("journey") else {
        return;
    };
    let world = World::postgres(&database.url);
    let (manager, hospital) = (world.viewer("gestionnaire"), world.viewer("hopital"));
    let case_made = world
        .register(&manager, "Essai Distant", 28)
        .await
        .expect("registered")
        .id;
    world
        .consent(&manager, case_made, &[DataClass::Identity])
        .await
        .expect("consented");
    let need = world
        .need(&manager, case_made, "MED.03", Priority::P3)
        .await
        .expect("a need")
        .id;
    let sent = world.send(&manager, need, "S-SOINS").await.expect("sent").id;
    let inbox = day::inbox(&world.desk, &hospital).await.expect("an inbox");
    assert_eq!(inbox.to_answer.len(), 1);
    assert!(!format!("{inbox:?}").contains("Distant"));
    for (who, command) in [
        (&hospital, ReferralCommand::Accept { by_name: String::new() }),
        (&hospital, ReferralCommand::Start),
        (
            &hospital,
            ReferralCommand::Report {
                outcome: Outcome::Served,
                text: "Vu.".into(),
            },
        ),
        (
            &manager,
            ReferralCommand::Confirm {
                confirmation: Confirmation::PersonThroughSender,
            },
        ),
    ] {
        give(&world, who, sent, command, false).await.expect("done");
    }
    let second = world
        .need(&manager, case_made, "VTC.02", Priority::P4)
        .await
        .expect("a need")
        .id;
    let asked = world.send(&manager, second, "S-COUTURE").await.expect("sent").id;
    let no = ReferralCommand::Decline {
        code: DeclineCode::NoCapacity,
        suggested: None,
    };
    give(&world, &manager, asked, no, true).await.expect("noted");
    let today = day::my_day(&world.desk, &manager).await.expect("a day");
    assert!(today.answers.iter().any(|r| r.need_id.is_some_and(|n| n.0 == second)));
    let page = case::view(&world.desk, &manager, CaseId(case_made))
        .await
        .expect("the case");
    assert_eq!(page.needs[0].state, NeedState::Met);
    let early = world.propose_closure(&manager, case_made).await;
    assert!(
        matches!(early, Err(ActError::Refused { .. })),
        "a need waits still: {early:?}"
    );
    let report = relais_store::audit::verify(world.store()).expect("verified");
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    drop(world);
}

#[test]
fn a_few_random_worlds() {
    let mut runner = TestRunner::default();
    let strategy = steps(40).no_shrink();
    for n in 0..2 {
        let Some(database) = Database::new(&format!("world{n}")) else {
            return;
        };
        let rt = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let drawn = strategy.new_tree(&mut runner).expect("steps").current();
        let mut play = Play::new(World::postgres(&database.url));
        for step in &drawn {
            rt.block_on(play.step(step));
            laws::nobody_waits_on_nobody(&play);
            laws::what_moves_moves_the_version(&mut play);
        }
        rt.block_on(laws::all(&play));
        for case in 0..play.cases.len() {
            let case = u8::try_from(case).expect("few cases");
            rt.block_on(play.step(&Step::End { case }));
        }
        laws::nobody_waits_on_nobody(&play);
        laws::ended_cases_are_silent(&play);
        eprintln!("world {n}: {:?}, {:?}", play.tally.done, play.tally.reached);
        drop(play);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn four_officers_at_once_register_everybody_once() {
    let Some(database) = Database::new("many") else {
        return;
    };
    crate::many::four_at_once(World::postgres(&database.url)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_be_the_same_person_is_found_asked_joined_and_taken_apart() {
    use relais_acts::commands::{ActOnPerhaps, AnswerSame, JoinCases};
    use relais_acts::duplicates;
    use relais_network::SameAskId;

    let Some(database) = Database::new("same") else { return };
    let world = World::postgres(&database.url);
    let (manager, other, chief) = (
        world.viewer("gestionnaire"),
        world.viewer("autre"),
        world.viewer("superviseur"),
    );
    let name = "Essai Ngobassongdemo Rigobert";
    let first = world.register(&manager, name, 33).await.expect("registered").id;
    let again = world.register(&manager, name, 33).await.expect("registered").id;
    let found = async |who: &Viewer, of: Uuid| {
        let view = case::view(&world.desk, who, CaseId(of)).await.expect("seen");
        view.perhaps.expect("looked for")
    };
    assert_eq!(found(&manager, again).await.seen[0].case_id.0, first);
    let abroad = world.register(&other, name, 33).await.expect("registered").id;
    assert!(found(&other, abroad).await.elsewhere);
    let ask = ActOnPerhaps {
        id: world.new_id(),
        command: "ask".to_owned(),
        other: None,
    };
    let ask = duplicates::act(&world.desk, &other, CaseId(abroad), ask)
        .await
        .expect("asked")
        .id;
    let yes = AnswerSame {
        id: world.new_id(),
        version: 1,
        answer: "yes".to_owned(),
    };
    duplicates::answer(&world.desk, &manager, SameAskId(ask), yes)
        .await
        .expect("answered");
    assert!(found(&other, abroad).await.asks[0].code.is_some());
    let both = || JoinCases {
        id: world.new_id(),
        other: first,
    };
    duplicates::join(&world.desk, &chief, CaseId(again), both())
        .await
        .expect("joined");
    assert_eq!(found(&chief, first).await.joined.len(), 1);
    duplicates::separate(&world.desk, &chief, CaseId(again), both())
        .await
        .expect("apart");
    assert!(found(&chief, first).await.joined.is_empty());
    relais_acts::work::once(&world.desk).expect("worked");
}
