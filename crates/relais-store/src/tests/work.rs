//! Due work, whoever does it, is done once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;

use super::{at, id};
use crate::StoreError;
use crate::due::{self, Due, Round};
use crate::outbox;
use crate::testing::on_both;

fn piece(n: u128, when: &str) -> Due {
    Due {
        subject: id(n),
        kind: "remind".into(),
        due_at: at(when),
        state_version: 1,
    }
}

#[test]
fn three_processes_do_five_hundred_pieces_five_hundred_times() {
    on_both("due work", |world| {
        let store = world.store();
        store
            .write_blocking(|tx| -> Result<(), StoreError> {
                for n in 0..500 {
                    due::set(tx, &piece(n, "2020-01-01T00:00:00Z"))?;
                }
                due::set(tx, &piece(1000, "2999-01-01T00:00:00Z"))
            })
            .unwrap();
        let threads: Vec<_> = [store.clone(), world.another(), world.another()]
            .into_iter()
            .map(|store| {
                std::thread::spawn(move || {
                    let mut done = 0;
                    loop {
                        let effect =
                            |tx: &mut crate::Tx<'_>, due: &Due| outbox::add(tx, "reminder", None, None, due.subject);
                        let round = due::work::<StoreError>(&store, 7, Arc::new(effect)).unwrap();
                        done += round.done;
                        if round.done == 0 {
                            return done;
                        }
                    }
                })
            })
            .collect();
        let done: usize = threads.into_iter().map(|t| t.join().unwrap()).sum();
        let mut subjects: Vec<_> = store
            .read_blocking(|tx| outbox::unsent(tx, 0, 10_000))
            .unwrap()
            .into_iter()
            .map(|n| n.subject)
            .collect();
        assert_eq!((done, subjects.len()), (500, 500));
        subjects.sort_unstable();
        subjects.dedup();
        assert_eq!(subjects.len(), 500);
        assert_eq!(
            store.read_blocking(due::next).unwrap(),
            Some(at("2999-01-01T00:00:00Z"))
        );
    });
}

#[test]
fn setting_twice_is_once_and_moving_leaves_one() {
    on_both("set, move, clear", |world| {
        let store = world.store();
        let one = piece(1, "2026-11-24T08:00:00Z");
        let later = Due {
            due_at: one.due_at + TimeDelta::hours(3),
            state_version: 2,
            ..one.clone()
        };
        let (a, b) = (one.clone(), later.clone());
        let left = store
            .write_blocking(move |tx| -> Result<_, StoreError> {
                due::set(tx, &a)?;
                due::set(tx, &a)?;
                let twice = due::of(tx, a.subject)?;
                due::move_to(tx, &b)?;
                Ok((
                    twice,
                    due::of(tx, a.subject)?,
                    due::claim(tx, a.due_at, 10)?,
                    due::clear(tx, a.subject)?,
                ))
            })
            .unwrap();
        assert_eq!(left, (vec![one], vec![later], vec![], 1));
        assert_eq!(store.read_blocking(due::next).unwrap(), None);
    });
}

#[test]
fn a_broken_piece_rests_and_holds_up_nobody() {
    on_both("broken piece", |world| {
        let store = world.store();
        store
            .write_blocking(|tx| -> Result<(), StoreError> {
                (0..10).try_for_each(|n| due::set(tx, &piece(n, "2020-01-01T00:00:00Z")))
            })
            .unwrap();
        let tried = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&tried);
        let effect = Arc::new(move |tx: &mut crate::Tx<'_>, due: &Due| {
            counted.fetch_add(1, Ordering::Relaxed);
            outbox::add(tx, "reminder", None, None, due.subject)?;
            if due.subject == id(4) {
                Err(StoreError::Clock("planned".into()))
            } else {
                Ok(())
            }
        });
        let round = due::work::<StoreError>(&store, 100, effect.clone()).unwrap();
        assert_eq!(round, Round { done: 9, failed: 1 });
        assert_eq!(store.read_blocking(|tx| outbox::unsent(tx, 0, 100)).unwrap().len(), 9);
        assert_eq!(
            due::work::<StoreError>(&store, 100, effect).unwrap(),
            Round::default(),
            "it rests"
        );
        assert_eq!(
            store.read_blocking(|tx| due::of(tx, id(4))).unwrap().len(),
            1,
            "it is not forgotten"
        );
    });
}
