//! Units of work: whole or not at all, alone or in a group, answered after the commit.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use relais_network::ids::{OrganisationId, PersonId};

use super::id;
use crate::error::{Broken, StoreError};
use crate::store::Store;
use crate::testing::{World, on_both};
use crate::{buckets, counters, due, outbox, requests};

fn notices(store: &Store) -> usize {
    store.read_blocking(|tx| outbox::unsent(tx, 0, 10_000)).unwrap().len()
}

fn notice(store: &Store, kind: &'static str) -> Result<(), StoreError> {
    store.write_blocking(move |tx| outbox::add(tx, kind, Some(OrganisationId(id(1))), None, id(2)))
}

#[test]
fn what_fails_leaves_nothing_and_what_succeeds_stays() {
    on_both("whole or nothing", |world| {
        let store = world.store();
        let failed: Result<(), String> = store
            .write_blocking(|tx| {
                outbox::add(tx, "lost", None, None, id(9)).map_err(Told::from)?;
                Err(Told("a rule said no".into()))
            })
            .map_err(|Told(text)| text);
        assert_eq!(failed, Err("a rule said no".into()));
        assert_eq!(notices(&store), 0);
        notice(&store, "kept").unwrap();
        assert_eq!(notices(&store), 1);
        assert_eq!(notices(&world.another()), 1);
    });
}

/// An error of the layer above.
struct Told(String);
impl From<StoreError> for Told {
    fn from(e: StoreError) -> Self {
        Self(e.to_string())
    }
}

#[test]
fn in_a_group_a_failing_job_rolls_back_alone() {
    on_both("group", |world| {
        let store = world.store();
        // Hold the lane, so that everything behind the first job is taken as one group.
        let (hold, go) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let first = {
            let (store, hold, go) = (store.clone(), Arc::clone(&hold), Arc::clone(&go));
            thread::spawn(move || {
                store.write_blocking(move |tx| {
                    hold.wait();
                    go.wait();
                    outbox::add(tx, "first", None, None, id(0))
                })
            })
        };
        hold.wait();
        let others: Vec<_> = (0..30_u32)
            .map(|n| {
                let store = store.clone();
                thread::spawn(move || -> Result<(), StoreError> {
                    store.write_blocking(move |tx| {
                        outbox::add(tx, "grouped", None, None, id(u128::from(n)))?;
                        match n % 3 {
                            0 => Ok(()),
                            1 => Err(StoreError::Clock("a rule said no".into())),
                            _ => panic!("planned panic of a test"),
                        }
                    })
                })
            })
            .collect();
        thread::sleep(Duration::from_millis(100));
        go.wait();
        first.join().unwrap().unwrap();
        let results: Vec<_> = others.into_iter().map(|t| t.join().unwrap()).collect();
        assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 10);
        assert_eq!(
            results
                .iter()
                .filter(|r| matches!(r, Err(StoreError::Clock(_))))
                .count(),
            10
        );
        assert_eq!(
            results.iter().filter(|r| matches!(r, Err(StoreError::Panic))).count(),
            10
        );
        assert_eq!(notices(&store), 11);
    });
}

#[test]
fn a_statement_that_failed_cannot_be_passed_over() {
    on_both("poisoned", |world| {
        let store = world.store();
        let poisoned: Result<(), StoreError> = store.write_blocking(|tx| {
            outbox::add(tx, "before", None, None, id(1))?;
            // The answer was never asked for under this id: no row is touched, and that is ignored.
            drop(requests::keep(tx, id(1), "case", id(2), "{}"));
            Ok(())
        });
        assert!(matches!(poisoned, Err(StoreError::Poisoned)), "{poisoned:?}");
        assert_eq!(notices(&store), 0);
    });
}

#[test]
fn a_broken_promise_says_which() {
    on_both("constraints", |world| {
        let insert = "INSERT INTO meta (name, value) VALUES ($1, $2)";
        let twice: Result<u64, StoreError> = world
            .store()
            .write_blocking(move |tx| tx.execute(insert, &crate::params!["schema_version", "7"]));
        assert!(twice.as_ref().is_err_and(StoreError::is_duplicate), "{twice:?}");
        let empty: Result<u64, StoreError> = world
            .store()
            .write_blocking(move |tx| tx.execute(insert, &crate::params!["x", None::<String>]));
        assert!(
            matches!(
                empty,
                Err(StoreError::Constraint {
                    broken: Broken::NotNull,
                    ..
                })
            ),
            "{empty:?}"
        );
        for error in [twice, empty] {
            assert!(
                !error.unwrap_err().to_string().contains("'7'"),
                "an error never quotes a value"
            );
        }
    });
}

#[test]
fn a_reader_cannot_write() {
    on_both("read only", |world| {
        let refused = world
            .store()
            .read_blocking(|tx| outbox::add(tx, "no", None, None, id(1)));
        assert!(refused.is_err());
        assert_eq!(notices(&world.store()), 0);
    });
}

#[test]
fn a_reader_sees_one_state() {
    on_both("snapshot", |world| {
        let store = world.store();
        let (again, seen) = (store.clone(), Arc::new(Barrier::new(2)));
        let (one, two) = (Arc::clone(&seen), seen);
        let reader = thread::spawn(move || {
            again.read_blocking(move |tx| -> Result<(usize, usize), StoreError> {
                let before = outbox::unsent(tx, 0, 10)?.len();
                one.wait();
                one.wait();
                Ok((before, outbox::unsent(tx, 0, 10)?.len()))
            })
        });
        two.wait();
        notice(&store, "meanwhile").unwrap();
        two.wait();
        assert_eq!(reader.join().unwrap().unwrap(), (0, 0));
        assert_eq!(notices(&store), 1);
    });
}

#[test]
fn counting_from_many_threads_loses_nothing() {
    on_both("counters", |world| {
        let (one, two) = (world.store(), world.another());
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let store = if n % 2 == 0 { one.clone() } else { two.clone() };
                thread::spawn(move || {
                    for _ in 0..25 {
                        store
                            .write_blocking(|tx| counters::add(tx, "LT", "health", "needs", 1))
                            .unwrap();
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        let cells = one
            .read_blocking(|tx| counters::between(tx, "0000-00", "9999-99"))
            .unwrap();
        assert_eq!(cells.iter().map(|c| c.value).sum::<i64>(), 200);
    });
}

#[test]
fn a_deadlock_is_run_again() {
    let Some(world) = World::postgres() else {
        eprintln!("skipped: PostgreSQL (RELAIS_TEST_PG not set): deadlock");
        return;
    };
    let store = world.store();
    for measure in ["a", "b"] {
        store
            .write_blocking(move |tx| counters::add(tx, "LT", "g", measure, 0))
            .unwrap();
    }
    let runs = Arc::new(AtomicU32::new(0));
    let threads: Vec<_> = [("a", "b"), ("b", "a")]
        .into_iter()
        .map(|(first, second)| {
            let (store, runs) = (store.clone(), Arc::clone(&runs));
            thread::spawn(move || {
                store.write_blocking(move |tx| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    counters::add(tx, "LT", "g", first, 1)?;
                    thread::sleep(Duration::from_millis(200));
                    counters::add(tx, "LT", "g", second, 1)
                })
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
    let cells = store
        .read_blocking(|tx| counters::between(tx, "0000-00", "9999-99"))
        .unwrap();
    assert_eq!(cells.iter().map(|c| c.value).collect::<Vec<_>>(), [2, 2]);
    assert!(
        runs.load(Ordering::Relaxed) >= 3,
        "one of them met the other and was run again"
    );
}

#[test]
fn a_connection_that_is_cut_comes_back() {
    let Some(world) = World::postgres() else {
        eprintln!("skipped: PostgreSQL (RELAIS_TEST_PG not set): cut connection");
        return;
    };
    let store = world.store();
    notice(&store, "before").unwrap();
    world.tamper(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE pid <> pg_backend_pid() AND application_name = 'relais' AND query LIKE '%outbox%'",
    );
    thread::sleep(Duration::from_millis(50));
    for _ in 0..8 {
        notice(&store, "after").unwrap();
    }
    assert_eq!(notices(&store), 9);
}

#[test]
fn asynchronous_callers_are_answered() {
    on_both("async", |world| {
        let store = world.store();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let left = runtime.block_on(async {
            let mut waiting = Vec::new();
            for n in 0..200_u128 {
                waiting.push(store.write(move |tx| outbox::add(tx, "async", None, None, id(n))));
            }
            // One that nobody waits for is dropped before it started: it may or may not be done.
            for one in waiting {
                one.await?;
            }
            store.read(|tx| outbox::unsent(tx, 0, 1000)).await
        });
        assert_eq!(left.unwrap().len(), 200);
    });
}

#[test]
fn the_same_closure_twice_uses_values_afresh() {
    on_both("values", |world| {
        let store = world.store();
        let names = ["Aïssatou Wirnkar-Essai", "Œuvre d’Essai"];
        store
            .write_blocking(move |tx| {
                for (n, name) in names.iter().enumerate() {
                    let slot = tx.new_slot()?;
                    buckets::file(tx, PersonId(id(n as u128)), slot, &[(*name).to_owned()])?;
                }
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let found = store
            .read_blocking(|tx| buckets::near(tx, &["Aïssatou Wirnkar-Essai".to_owned()], 10))
            .unwrap();
        assert_eq!(found.iter().map(|near| near.person.0).collect::<Vec<_>>(), [id(0)]);
    });
}

#[test]
fn a_database_of_other_keys_or_none_is_refused() {
    on_both("identity", |world| {
        let keys = world.folder().join("other-keys");
        let other = crate::Keyring::create(&keys, None, &crate::Unlock::File, false).unwrap();
        let refused = Store::open(&world.location, Arc::new(other), crate::testing::FEW);
        assert!(refused.unwrap_err().to_string().contains("RELAIS_KEYS"));
        let again = Store::create(&world.location, world.store().keyring(), crate::testing::FEW, false);
        assert!(again.is_err(), "a database is made once");
        assert!(store_is_untouched(world));
    });
    let nowhere = crate::Location::Sqlite {
        folder: std::env::temp_dir().join("relais-no-such-folder"),
    };
    let world = World::sqlite();
    let refused = Store::open(&nowhere, world.store().keyring(), crate::testing::FEW).unwrap_err();
    assert!(refused.to_string().contains("relais init"), "{refused}");
}

fn store_is_untouched(world: &World) -> bool {
    world.store().read_blocking(due::next).is_ok_and(|next| next.is_none())
}
