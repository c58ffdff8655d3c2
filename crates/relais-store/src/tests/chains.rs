//! Events, checkpoints, and what `audit verify` finds.

use super::{at, id};
use crate::audit::{self, Finding, Report};
use crate::chain::{self, NewEvent};
use crate::store::Store;
use crate::testing::{World, on_both};

const STREAMS: u128 = 3;
const EVENTS: i64 = 4;

/// Three streams with four events each and a checkpoint over them; the key of the first.
fn three_streams(store: &Store) -> i64 {
    let mut slots = Vec::new();
    for stream in 1..=STREAMS {
        slots.push(store.write_blocking(|tx| tx.new_slot()).unwrap());
        let slot = slots[slots.len() - 1];
        for n in 0..EVENTS {
            add(store, stream, n, slot);
        }
    }
    assert_eq!(audit::checkpoint(store).unwrap().unwrap().heads, 3);
    slots[0]
}

fn add(store: &Store, stream: u128, n: i64, slot: i64) {
    store
        .write_blocking(move |tx| -> Result<(), crate::StoreError> {
            let mut head = chain::lock(tx, id(stream))?;
            assert_eq!(head.seq, n);
            let meta = format!(r#"{{"n":{n}}}"#);
            let event = NewEvent {
                subject: id(100 + stream),
                kind: "referral_sent",
                meta: &meta,
                happened_at: at("2026-11-23T08:00:00.123456789Z"),
                words: b"words of the event",
                slot,
            };
            chain::append(tx, &mut head, &[event])
        })
        .unwrap();
}

fn verify(world: &World) -> Report {
    audit::verify(&world.store()).unwrap()
}

fn stream_hex(n: u128) -> String {
    format!("x'{}'", id(n).simple())
}

#[test]
fn an_untouched_log_verifies_before_and_after_an_erasure() {
    on_both("chain", |world| {
        let store = world.store();
        let slot = three_streams(&store);
        let whole = verify(world);
        assert_eq!((whole.streams, whole.events, whole.checkpoints), (3, 12, 1));
        assert_eq!(whole.findings, []);
        assert!(
            audit::checkpoint(&store).unwrap().is_none(),
            "nothing moved, so there is nothing to cover"
        );
        let events = store.read_blocking(|tx| chain::events(tx, id(1), 1, 10)).unwrap();
        assert_eq!(events.iter().map(|e| e.seq).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(events[0].happened_at, at("2026-11-23T08:00:00.123456Z"));
        assert_eq!(
            &events[0].words(&store.sealer(), slot).unwrap()[..],
            b"words of the event"
        );
        store.keyring().erase(slot).unwrap();
        assert!(events[0].words(&store.sealer(), slot).is_err());
        assert_eq!(verify(world), whole);
        add(&store, 2, EVENTS, store.write_blocking(|tx| tx.new_slot()).unwrap());
        assert_eq!(
            audit::checkpoint(&store).unwrap().unwrap().body.matches("[\"").count(),
            1,
            "only what moved"
        );
        assert_eq!(verify(world).findings, []);
    });
}

#[test]
fn a_changed_byte_is_found_with_its_event() {
    let changes = [
        "UPDATE event SET meta = '{\"n\":7}' WHERE seq = 2 AND stream = ",
        "UPDATE event SET kind = 'referral_lost' WHERE seq = 2 AND stream = ",
        "UPDATE event SET happened_at = happened_at + 1 WHERE seq = 2 AND stream = ",
        "UPDATE event SET typed_at = typed_at - 1 WHERE seq = 2 AND stream = ",
        "UPDATE event SET subject = x'00000000000000000000000000000009' WHERE seq = 2 AND stream = ",
        "UPDATE event SET sealed = x'01' WHERE seq = 2 AND stream = ",
    ];
    on_both("changed", |world| {
        let slot = three_streams(&world.store());
        for change in changes {
            let fresh = World::sqlite();
            let world = if world.admin().is_some() { world } else { &fresh };
            if world.admin().is_none() {
                three_streams(&world.store());
            }
            let before = verify(world).findings.len();
            world.tamper(&format!("{change}{}", stream_hex(2)));
            let found = verify(world).findings;
            assert!(
                found.contains(&Finding::Changed { stream: id(2), seq: 2 }),
                "{change}: {found:?}"
            );
            assert!(before > 0 || found.len() == 1, "{change}: {found:?}");
        }
        assert!(slot > 0);
    });
}

#[test]
fn a_link_written_anew_is_found() {
    on_both("link", |world| {
        three_streams(&world.store());
        world.tamper(&format!(
            "UPDATE event SET link = (SELECT link FROM event WHERE seq = 1 AND stream = {}) WHERE seq = 4 AND stream = {}",
            stream_hex(1),
            stream_hex(3)
        ));
        let found = verify(world).findings;
        assert!(found.contains(&Finding::Changed { stream: id(3), seq: 4 }), "{found:?}");
    });
}

#[test]
fn events_that_changed_places_are_found() {
    on_both("swap", |world| {
        three_streams(&world.store());
        let s = stream_hex(1);
        world.tamper(&format!(
            "UPDATE event SET seq = 99 WHERE seq = 2 AND stream = {s}; UPDATE event SET seq = 2 WHERE seq = 3 AND stream = {s}; \
             UPDATE event SET seq = 3 WHERE seq = 99 AND stream = {s};"
        ));
        let found = verify(world).findings;
        assert!(found.contains(&Finding::Changed { stream: id(1), seq: 2 }), "{found:?}");
        assert!(found.contains(&Finding::Changed { stream: id(1), seq: 3 }), "{found:?}");
    });
}

#[test]
fn an_event_taken_out_is_found() {
    on_both("hole", |world| {
        three_streams(&world.store());
        world.tamper(&format!(
            "DELETE FROM event WHERE seq = 2 AND stream = {}",
            stream_hex(2)
        ));
        assert_eq!(verify(world).findings, [Finding::Missing { stream: id(2), seq: 2 }]);
    });
}

#[test]
fn a_cut_tail_is_found_even_with_its_head_moved_back() {
    on_both("cut", |world| {
        three_streams(&world.store());
        let s = stream_hex(3);
        world.tamper(&format!("DELETE FROM event WHERE seq > 2 AND stream = {s}"));
        let cut = Finding::CutTail {
            stream: id(3),
            found: 2,
            expected: 4,
        };
        assert_eq!(verify(world).findings, std::slice::from_ref(&cut));
        world.tamper(&format!(
            "UPDATE stream_head SET seq = 2, covered = 2, link = (SELECT link FROM event WHERE seq = 2 AND stream = {s}) WHERE stream = {s}"
        ));
        assert_eq!(verify(world).findings, [cut]);
    });
}

#[test]
fn a_missing_case_is_found_even_with_its_head() {
    on_both("missing case", |world| {
        three_streams(&world.store());
        let s = stream_hex(2);
        world.tamper(&format!("DELETE FROM event WHERE stream = {s}"));
        let missing = Finding::MissingStream {
            stream: id(2),
            expected: 4,
        };
        assert_eq!(verify(world).findings, std::slice::from_ref(&missing));
        world.tamper(&format!("DELETE FROM stream_head WHERE stream = {s}"));
        assert_eq!(verify(world).findings, [missing]);
    });
}

#[test]
fn a_cut_log_of_checkpoints_is_found_by_the_keyring() {
    on_both("checkpoints", |world| {
        let store = world.store();
        let slot = three_streams(&store);
        add(&store, 1, EVENTS, slot);
        let second = audit::checkpoint(&store).unwrap().unwrap();
        assert_eq!(verify(world).findings, []);
        // Everything since the first checkpoint is cut off so that it fits.
        let s = stream_hex(1);
        world.tamper(&format!(
            "DELETE FROM checkpoint WHERE seq = {}; DELETE FROM event WHERE seq = 5 AND stream = {s}; \
             UPDATE stream_head SET seq = 4, covered = 4, link = (SELECT link FROM event WHERE seq = 4 AND stream = {s}) WHERE stream = {s};",
            second.seq
        ));
        assert_eq!(verify(world).findings, [Finding::Older { known: second.seq }]);
    });
}

#[test]
fn a_changed_checkpoint_is_found() {
    on_both("checkpoint", |world| {
        let store = world.store();
        let slot = three_streams(&store);
        add(&store, 1, EVENTS, slot);
        let second = audit::checkpoint(&store).unwrap().unwrap();
        world.tamper(&format!("UPDATE checkpoint SET body = '[]' WHERE seq = {}", second.seq));
        assert_eq!(verify(world).findings, [Finding::Checkpoint { seq: second.seq }]);
        world.tamper(&format!("DELETE FROM checkpoint WHERE seq < {}", second.seq));
        assert!(
            verify(world)
                .findings
                .contains(&Finding::Checkpoint { seq: second.seq })
        );
    });
}

#[test]
fn two_that_write_one_stream_wait_for_each_other() {
    on_both("head", |world| {
        let (one, two) = (world.store(), world.another());
        let slot = one.write_blocking(|tx| tx.new_slot()).unwrap();
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let store = if n % 2 == 0 { one.clone() } else { two.clone() };
                std::thread::spawn(move || {
                    for _ in 0..10 {
                        store
                            .write_blocking(move |tx| -> Result<(), crate::StoreError> {
                                let mut head = chain::lock(tx, id(1))?;
                                let event = NewEvent {
                                    subject: id(1),
                                    kind: "case_noted",
                                    meta: "{}",
                                    happened_at: at("2026-11-23T08:00:00Z"),
                                    words: b"",
                                    slot,
                                };
                                chain::append(tx, &mut head, &[event, event])
                            })
                            .unwrap();
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        let report = verify(world);
        assert_eq!(report.events, 160);
        // These events begin as a case's do, and no case was made for them.
        assert_eq!(report.findings, [Finding::MissingCase { stream: id(1) }]);
    });
}
