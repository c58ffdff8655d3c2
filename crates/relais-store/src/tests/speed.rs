//! How many units of work a second; run with
//! `cargo test -p relais-store --release -- --ignored --nocapture speed`.

use std::time::{Duration, Instant};

use super::{at, id};
use crate::chain::{self, NewEvent};
use crate::testing::on_both;
use crate::{StoreError, due, outbox, requests};

/// About what a referral writes: request, head, event, due row, notice, counter.
fn unit(tx: &mut crate::Tx<'_>, n: u128, slot: i64) -> Result<(), StoreError> {
    requests::check(tx, id(1), "bench", id(n), b"a body")?;
    let mut head = chain::lock(tx, id(n))?;
    let event = NewEvent {
        subject: id(n),
        kind: "referral_sent",
        meta: r#"{"state":"sent"}"#,
        happened_at: at("2026-11-23T08:00:00Z"),
        words: b"some words",
        slot,
    };
    chain::append(tx, &mut head, &[event])?;
    due::set(
        tx,
        &due::Due {
            subject: id(n),
            kind: "ack".into(),
            due_at: at("2026-11-24T08:00:00Z"),
            state_version: 1,
        },
    )?;
    outbox::add(tx, "waits", None, None, id(n))?;
    requests::keep(tx, id(1), "bench", id(n), "{}")
}

#[test]
#[ignore = "a measurement, not a check"]
fn writes_per_second() {
    on_both("speed", |world| {
        let store = world.store();
        for clients in [1_u128, 8, 16] {
            let until = Instant::now() + Duration::from_secs(3);
            let threads: Vec<_> = (0..clients)
                .map(|client| {
                    let store = store.clone();
                    std::thread::spawn(move || {
                        let slot = store.write_blocking(|tx| tx.new_slot()).unwrap();
                        let mut times = Vec::new();
                        while Instant::now() < until {
                            let n = (clients << 64) | (client << 32) | times.len() as u128;
                            let start = Instant::now();
                            store.write_blocking(move |tx| unit(tx, n, slot)).unwrap();
                            times.push(start.elapsed());
                        }
                        times
                    })
                })
                .collect();
            let mut times: Vec<_> = threads.into_iter().flat_map(|t| t.join().unwrap()).collect();
            times.sort_unstable();
            println!(
                "{:?}, {clients} clients: {} units/s (7 rows each), p50 {:?}, p99 {:?}",
                world.dialect(),
                times.len() / 3,
                times[times.len() / 2],
                times[times.len() * 99 / 100]
            );
        }
    });
}

#[test]
#[ignore = "a measurement, not a check"]
fn opening_sealed_values() {
    use crate::seal::Cell;
    on_both("opening", |world| {
        let store = world.store();
        let sealer = store.sealer();
        let cells: Vec<_> = (0..2000_u128)
            .map(|n| {
                let slot = store.keyring().new_slot().unwrap();
                let cell = Cell::new("case_file", "card", id(n), "identity");
                (
                    cell,
                    slot,
                    sealer
                        .seal(&cell, slot, b"a card with initials, age, sex, place")
                        .unwrap(),
                )
            })
            .collect();
        store.keyring().forget();
        for round in ["cold", "warm"] {
            let start = Instant::now();
            for (cell, slot, sealed) in &cells {
                sealer.open(cell, *slot, sealed).unwrap();
            }
            println!("{round}: {:?} each", start.elapsed() / 2000);
        }
    });
}
