//! The clock, requests that are repeated, notices, the access log, counters.

use std::sync::{Arc, Barrier};

use chrono::{TimeDelta, Utc};
use relais_mechanism::words::Role;
use relais_network::ids::{CaseId, OrganisationId, UserId};

use super::{at, id};
use crate::access::{self, Look};
use crate::requests::{self, Seen};
use crate::testing::{World, admin_url, on_both};
use crate::{Store, StoreError, Tx, clock, counters, outbox};

#[test]
fn a_drill_s_clock_moves_forward_only_and_for_everybody() {
    on_both("drill clock", |world| {
        let (here, there) = (world.store(), world.another());
        assert!(here.is_drill() && there.is_drill());
        let real = here.read_blocking(|tx| tx.now()).unwrap();
        let future = real + TimeDelta::days(30);
        here.write_blocking(move |tx| -> Result<(), StoreError> {
            clock::set(tx, future)?;
            assert_eq!(tx.now()?, future);
            Ok(())
        })
        .unwrap();
        assert_eq!(there.read_blocking(|tx| tx.now()).unwrap(), future);
        let back = there.write_blocking(move |tx| clock::set(tx, future - TimeDelta::microseconds(1)));
        assert!(matches!(back, Err(StoreError::Clock(_))), "{back:?}");
        there.write_blocking(move |tx| clock::set(tx, future)).unwrap();
        there
            .write_blocking(move |tx| clock::set(tx, future + TimeDelta::hours(1)))
            .unwrap();
        assert_eq!(here.read_blocking(|tx| tx.now()).unwrap(), future + TimeDelta::hours(1));
    });
}

#[test]
fn a_real_deployment_s_clock_cannot_be_set() {
    let worlds = [Some(World::real(None)), admin_url().map(|url| World::real(Some(url)))];
    for world in worlds.into_iter().flatten() {
        let store = world.store();
        let refused = store.write_blocking(|tx| clock::set(tx, at("2999-01-01T00:00:00Z")));
        assert!(matches!(refused, Err(StoreError::Clock(_))), "{refused:?}");
        // Not even behind its back.
        world.tamper("UPDATE deployment_clock SET drill_now = 32000000000000000");
        let now: chrono::DateTime<Utc> = store.read_blocking(|tx| tx.now()).unwrap();
        assert!(now < at("2500-01-01T00:00:00Z"));
        assert_eq!(
            now.timestamp_subsec_nanos() % 1000,
            0,
            "microseconds, as the databases keep"
        );
    }
}

#[test]
fn the_same_request_has_the_same_answer_and_another_is_refused() {
    on_both("requests", |world| {
        let store = world.store();
        let ask = |body: &'static [u8], fails: bool| {
            store.write_blocking(move |tx| -> Result<Seen, StoreError> {
                let seen = requests::check(tx, id(1), "case", id(2), body)?;
                if seen == Seen::New {
                    requests::keep(tx, id(1), "case", id(2), r#"{"version":1}"#)?;
                }
                if fails {
                    Err(StoreError::Clock("a rule said no".into()))
                } else {
                    Ok(seen)
                }
            })
        };
        assert!(ask(b"body", true).is_err());
        assert_eq!(ask(b"body", false).unwrap(), Seen::New, "what failed took no id");
        assert_eq!(ask(b"body", false).unwrap(), Seen::Same(r#"{"version":1}"#.into()));
        assert_eq!(ask(b"other", false).unwrap(), Seen::Different);
        let elsewhere = store
            .write_blocking(|tx| requests::check(tx, id(9), "case", id(2), b"other"))
            .unwrap();
        assert_eq!(elsewhere, Seen::New, "ids are unique per maker");
    });
}

#[test]
fn the_same_request_at_the_same_time_is_done_once() {
    on_both("requests at once", |world| {
        let (one, two) = (world.store(), world.another());
        let start = Arc::new(Barrier::new(8));
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let (store, start) = (if n % 2 == 0 { one.clone() } else { two.clone() }, Arc::clone(&start));
                std::thread::spawn(move || {
                    start.wait();
                    store
                        .write_blocking(|tx| -> Result<Seen, StoreError> {
                            let seen = requests::check(tx, id(1), "case", id(2), b"body")?;
                            if seen == Seen::New {
                                outbox::add(tx, "made", None, None, id(2))?;
                                requests::keep(tx, id(1), "case", id(2), "made")?;
                            }
                            Ok(seen)
                        })
                        .unwrap()
                })
            })
            .collect();
        let seen: Vec<Seen> = threads.into_iter().map(|t| t.join().unwrap()).collect();
        assert_eq!(seen.iter().filter(|s| **s == Seen::New).count(), 1);
        assert_eq!(seen.iter().filter(|s| **s == Seen::Same("made".into())).count(), 7);
        assert_eq!(one.read_blocking(|tx| outbox::unsent(tx, 0, 10)).unwrap().len(), 1);
    });
}

#[test]
fn notices_are_sent_once_and_read_by_their_organisation() {
    on_both("outbox", |world| {
        let store = world.store();
        store
            .write_blocking(|tx| -> Result<(), StoreError> {
                outbox::add(tx, "waits", Some(OrganisationId(id(1))), Some(Role::FocalPoint), id(5))?;
                outbox::add(tx, "waits", Some(OrganisationId(id(2))), None, id(6))
            })
            .unwrap();
        let mine = store
            .read_blocking(|tx| outbox::to(tx, OrganisationId(id(1)), 0, 10))
            .unwrap();
        assert_eq!(
            (mine.len(), mine[0].role, mine[0].subject),
            (1, Some(Role::FocalPoint), id(5))
        );
        let seq = mine[0].seq;
        assert!(store.write_blocking(move |tx| outbox::mark_sent(tx, seq)).unwrap());
        assert!(!store.write_blocking(move |tx| outbox::mark_sent(tx, seq)).unwrap());
        assert_eq!(store.read_blocking(|tx| outbox::unsent(tx, 0, 10)).unwrap().len(), 1);
    });
}

#[test]
fn a_look_is_one_row_with_every_case_that_was_shown() {
    on_both("access log", |world| {
        let store = world.store();
        let cases: Vec<CaseId> = (0..40).map(|n| CaseId(id(n))).collect();
        let shown = cases.clone();
        store
            .write_blocking(move |tx| {
                let look = Look {
                    user: Some(UserId(id(1))),
                    organisation: None,
                    route: "/cases",
                    purpose: "assess",
                    cases: &shown,
                };
                access::log(tx, &look)
            })
            .unwrap();
        let log = store.read_blocking(|tx| access::after(tx, 0, 10)).unwrap();
        assert_eq!(log.len(), 1);
        assert_eq!((log[0].user, &log[0].cases), (Some(UserId(id(1))), &cases));
    });
}

/// Leaves a look at one case from a unit that only reads; it may fail after.
fn look_and(store: &Store, case: u128, fails: bool) -> Result<(), StoreError> {
    store.read_blocking(move |tx| {
        let look = Look {
            user: None,
            organisation: None,
            route: "/cases/{id}",
            purpose: "assess",
            cases: &[CaseId(id(case))],
        };
        access::log(tx, &look)?;
        if fails {
            Err(StoreError::Clock("a rule said no".into()))
        } else {
            Ok(())
        }
    })
}

#[test]
fn what_a_read_showed_is_in_the_log_when_it_is_answered() {
    on_both("looks of reads", |world| {
        let (store, other) = (world.store(), world.another());
        for case in 0..5 {
            look_and(&store, case, false).unwrap();
            let log = other.read_blocking(|tx| access::after(tx, 0, 100)).unwrap();
            let seen: Vec<_> = log.iter().map(|l| l.cases[0]).collect();
            assert_eq!(seen, (0..=case).map(|n| CaseId(id(n))).collect::<Vec<_>>());
        }
        assert!(look_and(&store, 99, true).is_err(), "what was refused showed nothing");
        let log = other.read_blocking(|tx| access::after(tx, 0, 100)).unwrap();
        assert_eq!(log.len(), 5);
    });
}

#[test]
fn looks_and_writes_from_many_threads_lose_nothing() {
    on_both("looks among writes", |world| {
        let store = world.store();
        let threads: Vec<_> = (0..8_u128)
            .map(|n| {
                let store = store.clone();
                std::thread::spawn(move || {
                    for turn in 0..25 {
                        look_and(&store, 100 * n + turn, false).unwrap();
                        if turn % 5 == 0 {
                            let write = move |tx: &mut Tx<'_>| outbox::add(tx, "mixed", None, None, id(n));
                            store.write_blocking(write).unwrap();
                        }
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        let log = store.read_blocking(|tx| access::after(tx, 0, 1000)).unwrap();
        let seen: std::collections::BTreeSet<_> = log.iter().map(|l| l.cases[0]).collect();
        assert_eq!((log.len(), seen.len()), (200, 200));
        assert_eq!(store.read_blocking(|tx| outbox::unsent(tx, 0, 1000)).unwrap().len(), 40);
    });
}

#[test]
fn counting_is_by_the_month_of_the_mechanism_s_zone() {
    // 23:30 UTC on the last of November is half past midnight in Yaoundé.
    assert_eq!(counters::month(at("2026-11-30T23:30:00Z")), "2026-12");
    assert_eq!(counters::month(at("2026-11-30T22:59:59Z")), "2026-11");
}
