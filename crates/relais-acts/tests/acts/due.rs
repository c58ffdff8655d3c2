//! Five hundred limits fall due at once, and two servers and a worker take
//! them at the same time: five hundred events, none twice, none lost.

use std::sync::{Arc, Barrier};

use chrono::TimeDelta;
use relais_acts::{Desk, work};
use relais_fixture::{Schema, World, start};
use relais_mechanism::Priority;
use relais_store::due::{self, Due};
use relais_store::keyring::{Keyring, Unlock};
use relais_store::{Location, Options, Store, StoreError, Tx};

/// Needs that nobody serves.
const NEEDS: usize = 500;
/// Needs on each case.
const EACH: usize = 10;

fn number(store: &Store, sql: &'static str) -> i64 {
    store
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<i64, StoreError> {
            tx.query_built(sql, &[])?.first().expect("one row").get("n")
        })
        .expect("readable")
}

async fn five_hundred(world: &World, location: &Location) {
    let manager = world.viewer("gestionnaire");
    for n in 0..NEEDS / EACH {
        let case = world
            .register(&manager, &format!("Essai Numéro {n}"), 30)
            .await
            .expect("registered")
            .id;
        for _ in 0..EACH {
            world
                .need(&manager, case, "MED.03", Priority::P3)
                .await
                .expect("a need");
        }
    }
    world.at(start() + TimeDelta::days(60));
    // The directory's own look each morning is not counted here.
    world
        .store()
        .write_blocking(|tx: &mut Tx<'_>| due::clear(tx, relais_acts::directory::stream()))
        .expect("cleared");
    assert_eq!(number(world.store(), "SELECT COUNT(*) AS n FROM due_work"), 500);

    // Three processes, as two servers and one worker: each its own store, keyring and desk on the same database.
    let desks: Vec<Arc<Desk>> = (0..3)
        .map(|_| {
            let keys = world.folder.path().join("keys");
            let keyring = Arc::new(Keyring::open(&keys, None, &Unlock::File, true).expect("the keyring"));
            let options = Options {
                readers: 1,
                workers: 2,
                queue: 64,
            };
            Desk::open(Store::open(location, keyring, options).expect("the database")).expect("a desk")
        })
        .collect();
    let together = Arc::new(Barrier::new(desks.len()));
    let workers: Vec<_> = desks
        .into_iter()
        .map(|desk| {
            let together = Arc::clone(&together);
            std::thread::spawn(move || {
                together.wait();
                work::once(&desk).expect("worked")
            })
        })
        .collect();
    let rounds: Vec<_> = workers.into_iter().map(|w| w.join().expect("no panic")).collect();
    eprintln!("taken and made by each: {rounds:?}");
    assert_eq!(rounds.iter().map(|r| r.taken).sum::<u64>(), 500, "{rounds:?}");
    assert_eq!(rounds.iter().map(|r| r.events).sum::<u64>(), 500, "{rounds:?}");
    assert!(
        rounds.iter().filter(|r| r.taken > 0).count() > 1,
        "one did it all, nothing ran at the same time: {rounds:?}"
    );

    let store = world.store();
    assert_eq!(
        number(store, "SELECT COUNT(*) AS n FROM event WHERE kind = 'late'"),
        500
    );
    assert_eq!(
        number(
            store,
            "SELECT COUNT(DISTINCT subject) AS n FROM event WHERE kind = 'late'"
        ),
        500
    );
    assert_eq!(
        number(store, "SELECT COUNT(*) AS n FROM outbox WHERE kind = 'need_late'"),
        1000,
        "sender and supervisor"
    );
    assert_eq!(number(store, "SELECT COUNT(*) AS n FROM due_work"), 0);
    assert_eq!(work::once(&world.desk).expect("idle").taken, 0);
    let report = relais_store::audit::verify(store).expect("verified");
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_due_rows_give_five_hundred_events_on_sqlite() {
    let world = World::sqlite();
    let location = Location::Sqlite {
        folder: world.folder.path().join("data"),
    };
    five_hundred(&world, &location).await;
}

/// The oldest row cannot be done: it rests, and what waits behind it is done.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_always_fails_holds_up_no_other() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let case = world.register(&manager, "Essai Échu", 30).await.expect("registered").id;
    world
        .need(&manager, case, "MED.03", Priority::P3)
        .await
        .expect("a need");
    let broken = Due {
        subject: world.new_id(),
        kind: "reminder@half".to_owned(),
        due_at: start(),
        state_version: 1,
    };
    world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| {
            due::clear(tx, relais_acts::directory::stream())?;
            due::set(tx, &broken)
        })
        .expect("set");
    let days = |n| world.at(start() + TimeDelta::days(n));
    days(60);
    let round = work::once(&world.desk).expect("worked");
    assert_eq!((round.taken, round.events, round.failed), (1, 1, 1));
    assert_eq!(
        work::once(&world.desk).expect("idle"),
        work::Round::default(),
        "it rests"
    );
    days(61);
    assert_eq!(
        work::once(&world.desk).expect("worked").failed,
        1,
        "it is not forgotten"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_due_rows_give_five_hundred_events_on_postgresql() {
    let Some(schema) = Schema::new("due") else {
        return;
    };
    let url = schema.url();
    let world = World::postgres(&url);
    five_hundred(&world, &Location::Postgres { url }).await;
    drop(world);
}
