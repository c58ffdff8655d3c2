//! The act that erases a person: who may, what comes first, what is left in
//! the database, and what a database says that was restored from before.

mod left;

use std::sync::Arc;

use chrono::TimeDelta;
use relais_acts::commands::{ActOnTransfer, ConfirmStop, JoinCases, ReferralCommand, TransferAsked};
use relais_acts::erase::{self, EraseCase, Erased};
use relais_acts::posts::{self, Held};
use relais_acts::slips::{self, MakeSlip};
use relais_acts::{ActError, Desk, Viewer, case, day, duplicates, referral_view, stops, transfers, work};
use relais_casework::erasure::ErasureReason;
use relais_casework::referral::{Confirmation, DeclineCode, Outcome};
use relais_fixture::{Schema, World, start};
use relais_mechanism::{DataClass, Priority, Role};
use relais_network::{CaseId, ReferralId, TransferId};
use relais_store::erasure::Emptied;
use relais_store::keyring::{Keyring, Unlock};
use relais_store::rows::accounts::SessionRecord;
use relais_store::rows::cases::{CaseRecord, PersonRecord};
use relais_store::rows::posts::HeldRecord;
use relais_store::{Location, Options, Store, StoreError, Tx, params};
use uuid::Uuid;

fn asked(code: &str) -> EraseCase {
    EraseCase {
        code: code.to_owned(),
        reason: ErasureReason::Request,
        words: "Lettre du 23/11/2026".to_owned(),
        dry_run: false,
    }
}

async fn give(world: &World, who: &Viewer, id: Uuid, command: ReferralCommand) {
    world.give(who, id, command).await.expect("done");
}

struct Person {
    case: Uuid,
    code: String,
    referral: Uuid,
}

/// A person with consent, a planned need and a referral to the workshop.
async fn person(world: &World, name: &str) -> Person {
    let manager = world.viewer("gestionnaire");
    let made = world.register(&manager, name, 28).await.expect("registered");
    world
        .consent(&manager, made.id, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world
        .need(&manager, made.id, "VTC.02", Priority::P4)
        .await
        .expect("a need")
        .id;
    let referral = world.send(&manager, need, "S-COUTURE").await.expect("sent").id;
    Person {
        case: made.id,
        code: made.code,
        referral,
    }
}

async fn served(world: &World, referral: Uuid) {
    let (provider, manager) = (world.viewer("atelier"), world.viewer("gestionnaire"));
    let by_name = String::new();
    give(world, &provider, referral, ReferralCommand::Accept { by_name }).await;
    give(world, &provider, referral, ReferralCommand::Start).await;
    let (outcome, text) = (Outcome::Served, "Cours suivi".to_owned());
    give(world, &provider, referral, ReferralCommand::Report { outcome, text }).await;
    let confirmation = Confirmation::PersonThroughSender;
    give(world, &manager, referral, ReferralCommand::Confirm { confirmation }).await;
}

async fn declined(world: &World, referral: Uuid) {
    let provider = world.viewer("atelier");
    let (code, suggested) = (DeclineCode::NoCapacity, None);
    give(world, &provider, referral, ReferralCommand::Decline { code, suggested }).await;
}

fn number(store: &Store, sql: &'static str, id: Uuid) -> i64 {
    store
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<i64, StoreError> {
            tx.query_built(sql, &params![id])?.first().expect("one row").get("n")
        })
        .expect("readable")
}

fn refused(result: Result<Erased, ActError>) -> String {
    match result {
        Err(ActError::Refused { code, .. }) => code,
        other => panic!("not refused: {other:?}"),
    }
}

/// The slots of the person's key and of the case's.
fn slots(store: &Store, case: Uuid) -> [i64; 2] {
    store
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
            let case = CaseRecord::find(tx, CaseId(case))?.expect("the case");
            let person = PersonRecord::find(tx, case.person_id)?.expect("the person");
            Ok([person.slot, case.slot])
        })
        .expect("readable")
}

#[tokio::test(flavor = "multi_thread")]
async fn only_two_roles_erase_and_what_is_under_way_comes_first() {
    let world = World::sqlite();
    let one = person(&world, "Zipporah Quvimbo").await;
    let (desk, officer) = (&world.desk, world.viewer("delegue"));
    for login in ["gestionnaire", "superviseur", "atelier", "secretariat", "regional"] {
        let result = erase::erase(desk, &world.viewer(login), &asked(&one.code));
        assert!(matches!(result, Err(ActError::Forbidden { .. })), "{login}: {result:?}");
    }
    for code in ["CM-000099-A", "CM-000001-Z", "", "nonsense"] {
        let result = erase::erase(desk, &officer, &asked(code));
        assert!(matches!(result, Err(ActError::NotFound)), "{code}: {result:?}");
    }
    let long = EraseCase {
        words: "é".repeat(501),
        ..asked(&one.code)
    };
    assert!(matches!(erase::erase(desk, &officer, &long), Err(ActError::Invalid(_))));

    assert_eq!(
        refused(erase::erase(desk, &officer, &asked(&one.code))),
        "erasure_referral_open"
    );
    declined(&world, one.referral).await;
    let manager = world.viewer("gestionnaire");
    let urgent = world
        .need(&manager, one.case, "MED.03", Priority::P2)
        .await
        .expect("a need")
        .id;
    assert_eq!(
        refused(erase::erase(desk, &officer, &asked(&one.code))),
        "erasure_need_urgent"
    );
    let sent = world.send(&manager, urgent, "S-SOINS").await.expect("sent").id;
    let hospital = world.viewer("hopital");
    let (code, suggested) = (DeclineCode::NoCapacity, None);
    give(&world, &hospital, sent, ReferralCommand::Decline { code, suggested }).await;
    assert_eq!(
        refused(erase::erase(desk, &officer, &asked(&one.code))),
        "erasure_need_urgent"
    );
    assert!(format!("{:?}", case::view(desk, &manager, CaseId(one.case)).await).contains("Quvimbo"));

    // A case of the protected circuit is not there for an officer of the State.
    let two = person(&world, "Autre Essai").await;
    declined(&world, two.referral).await;
    let id = two.case;
    world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            let mut record = CaseRecord::find(tx, CaseId(id))?.expect("the case");
            record.regime = "protected".to_owned();
            record.update(tx)
        })
        .expect("protected");
    assert!(matches!(
        erase::erase(desk, &officer, &asked(&two.code)),
        Err(ActError::NotFound)
    ));
    let outside = Viewer {
        state_body: false,
        ..officer
    };
    assert!(erase::erase(desk, &outside, &asked(&two.code)).expect("erased").done);
}

/// Whoever held the case before knows all of it, and is asked to destroy it;
/// what is not destroyed in time stands before the office.
#[tokio::test(flavor = "multi_thread")]
async fn the_holder_before_is_asked_and_the_office_sees_who_is_silent() {
    let world = World::sqlite();
    let (manager, new) = (world.viewer("gestionnaire"), world.viewer("autre"));
    let made = world
        .register(&manager, "Zipporah Quvimbo", 28)
        .await
        .expect("registered");
    world.agree(&manager, made.id, "AUTRE").await.expect("agreed");
    let proposed = world.propose(&manager, made.id, "AUTRE").await.expect("proposed");
    let accept = ActOnTransfer {
        id: world.new_id(),
        version: proposed.version,
        command: TransferAsked::Accept {
            assign: Some(new.user.0),
        },
    };
    transfers::act(&world.desk, &new, TransferId(proposed.id), accept)
        .await
        .expect("accepted");
    let administrator = world.viewer("administrateur");
    let done = erase::erase(&world.desk, &administrator, &asked(&made.code)).expect("erased");
    assert_eq!(done.told, [&*manager.organisation_name], "not whoever holds it now");
    assert_eq!(done.emptied.transfers, 1);
    assert_eq!(world.stops(made.id).len(), 1);

    let secretariat = world.viewer("secretariat");
    let late = || day::late(&world.desk, &secretariat, None);
    assert!(late().await.expect("the list").stops.is_empty());
    world.at(start() + TimeDelta::days(60));
    let stops = late().await.expect("the list").stops;
    let silent: Vec<&str> = stops.iter().map(|row| row.recipient.as_str()).collect();
    assert_eq!(silent, [&*manager.organisation_name]);
}

/// A file that was joined has keys of its own: it is named, before and after.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_joined_is_still_to_be_erased() {
    let world = World::sqlite();
    let (manager, chief) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let first = world
        .register(&manager, "Zipporah Quvimbo", 28)
        .await
        .expect("registered");
    let again = world
        .register(&manager, "Zipporah Quvimbo", 28)
        .await
        .expect("registered");
    let join = JoinCases {
        id: world.new_id(),
        other: first.id,
    };
    duplicates::join(&world.desk, &chief, CaseId(again.id), join)
        .await
        .expect("joined");
    let administrator = world.viewer("administrateur");
    let erase = |code: &str, dry_run| {
        let command = EraseCase { dry_run, ..asked(code) };
        erase::erase(&world.desk, &administrator, &command).expect("a report")
    };
    assert_eq!(erase(&first.code, true).joined, [again.code.as_str()]);
    assert_eq!(erase(&again.code, true).joined, [first.code.as_str()]);
    assert_eq!(erase(&first.code, false).joined, [again.code.as_str()]);
    assert_eq!(
        erase(&again.code, false).joined,
        Vec::<String>::new(),
        "the other is gone"
    );
}

/// A transfer brought the case to whoever holds it now: it erases, and asks
/// itself for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_holder_by_a_transfer_is_not_asked_to_destroy_what_is_erased_here() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let one = person(&world, "Zipporah Quvimbo").await;
    declined(&world, one.referral).await;
    world.agree(&manager, one.case, "AUTRE").await.expect("agreed");
    let transfer = TransferId(world.propose(&manager, one.case, "AUTRE").await.expect("proposed").id);
    let taken = ActOnTransfer {
        id: world.new_id(),
        version: 1,
        command: TransferAsked::Accept { assign: None },
    };
    let other = world.viewer("autre");
    transfers::act(&world.desk, &other, transfer, taken)
        .await
        .expect("taken");
    let officer = world.viewer("delegue");
    let dry = EraseCase {
        dry_run: true,
        ..asked(&one.code)
    };
    let holder = "Association Wouri Avenir".to_owned();
    let would = erase::erase(&world.desk, &officer, &dry).expect("a report");
    assert!(!would.told.contains(&holder), "{would:?}");
    let done = erase::erase(&world.desk, &officer, &asked(&one.code)).expect("erased");
    assert!(done.done && !done.told.contains(&holder), "{done:?}");
    let asked_itself = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| relais_store::rows::stops::of_case(tx, CaseId(one.case)))
        .expect("readable");
    assert!(
        asked_itself
            .iter()
            .all(|line| line.stop.recipient_id != other.organisation)
    );
}

/// What was being typed when a session ended may be about anybody: none of it
/// outlives an erasure, here or in a backup.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_waits_goes_with_the_erased_and_with_its_time() {
    let world = World::sqlite();
    let one = person(&world, "Zipporah Quvimbo").await;
    declined(&world, one.referral).await;
    let user = world.viewer("gestionnaire").user;
    let session = vec![5; 32];
    let (token_hash, begun) = (session.clone(), start());
    world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            SessionRecord {
                token_hash: token_hash.clone(),
                user_id: user,
                created_at: begun,
                seen_at: begun,
                expires_at: begun + TimeDelta::days(2),
                idle_minutes: 5,
                post_id: None,
            }
            .insert(tx)
        })
        .expect("a session");
    let path = format!("/cases/{}/needs", one.case);
    let hold = async || {
        let held = Held {
            path: path.clone(),
            pairs: vec![("words".to_owned(), "Zipporah attend".to_owned())],
        };
        posts::hold(world.store(), session.clone(), held).await.expect("held")
    };
    let slot = || {
        world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| HeldRecord::find(tx, user))
            .expect("readable")
            .map(|h| (h.slot, h.body))
    };
    let gone = |slot: i64| world.store().keyring().is_erased(slot).expect("readable");
    assert!(hold().await);
    let first = slot().expect("kept").0;
    assert!(hold().await);
    let (second, _) = slot().expect("kept");
    assert!(
        gone(first) && !gone(second),
        "one form a person, each under its own key"
    );
    let kept = posts::held(world.store(), user).await.expect("read").expect("kept");
    assert_eq!(kept.path, path);

    erase::erase(&world.desk, &world.viewer("delegue"), &asked(&one.code)).expect("erased");
    assert!(slot().is_none() && gone(second));

    assert!(hold().await);
    let third = slot().expect("kept").0;
    world.at(start() + TimeDelta::hours(12));
    assert!(posts::held(world.store(), user).await.expect("read").is_none());
    world
        .store()
        .write_blocking(|tx: &mut Tx<'_>| posts::held_expire(tx))
        .expect("expired");
    assert!(slot().is_none() && gone(third));
    let unknown = posts::hold(
        world.store(),
        vec![6; 32],
        Held {
            path: "/".to_owned(),
            pairs: Vec::new(),
        },
    );
    assert!(
        !unknown.await.expect("no session"),
        "nothing is kept, and nobody says so"
    );
}
