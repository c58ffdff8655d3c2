//! Measures one search over 10,000 services with 2,000 distinct queries on one
//! core, and the plain search beside it.
//!
//! `cargo run --release -p relais-network --example search_speed`

#[path = "../tests/oracle/mod.rs"]
mod oracle;

use std::collections::HashSet;
use std::hint::black_box;
use std::time::Instant;

use oracle::{Dice, Plain, World};
use relais_network::{Directory, Freshness};

const SERVICES: usize = 10_000;
const QUERIES: usize = 2_000;
const ROUNDS: usize = 5;

fn main() {
    let world = World::new(1, SERVICES, 3);
    let start = Instant::now();
    let index = Directory::build(
        world.organisations.clone(),
        world.services.clone(),
        world.places.clone(),
        &world.catalogue,
        &world.geography,
        Freshness::default(),
    );
    println!(
        "built over {SERVICES} services ({} may be found) in {:.0?}",
        index.len(),
        start.elapsed()
    );

    let mut dice = Dice(42);
    let mut seen = HashSet::new();
    let mut queries = Vec::with_capacity(QUERIES);
    while queries.len() < QUERIES {
        let query = world.query(&mut dice);
        if seen.insert(format!("{query:?}")) {
            queries.push(query);
        }
    }

    let mut micros = Vec::with_capacity(QUERIES * ROUNDS);
    let mut hits = 0;
    let mut matches = 0;
    for _ in 0..ROUNDS {
        for query in &queries {
            let start = Instant::now();
            let page = black_box(index.search(black_box(query)));
            micros.push(start.elapsed().as_nanos() as f64 / 1000.0);
            hits += page.hits.len();
            matches += page.total;
        }
    }
    let searches = micros.len();
    println!(
        "{QUERIES} distinct queries, {ROUNDS} rounds: {:.1} hits a page, {:.0} matches a query",
        hits as f64 / searches as f64,
        matches as f64 / searches as f64
    );
    report("index", &mut micros);

    let plain = Plain::new(&world);
    let mut slow = Vec::with_capacity(200);
    for query in queries.iter().take(200) {
        let start = Instant::now();
        black_box(plain.search(black_box(query)));
        slow.push(start.elapsed().as_nanos() as f64 / 1000.0);
    }
    report("plain (200 queries)", &mut slow);
}

fn report(name: &str, micros: &mut [f64]) {
    micros.sort_by(f64::total_cmp);
    let mean = micros.iter().sum::<f64>() / micros.len() as f64;
    let at = |share: f64| micros[((micros.len() - 1) as f64 * share) as usize];
    println!(
        "{name}: mean {mean:.1} µs, p50 {:.1}, p99 {:.1}, worst {:.1}; {:.0} searches a second on one core",
        at(0.5),
        at(0.99),
        at(1.0),
        1e6 / mean
    );
}
