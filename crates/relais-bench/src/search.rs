//! The search alone: over HTTP against the bare handler, and in a plain loop
//! without HTTP, for a profiler.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use relais_acts::services;
use relais_mechanism::Lang;
use relais_store::StoreError;

use crate::load::{Load, Served, wrk};
use crate::seed;
use crate::table::{Against, median};
use crate::{Failed, lines};

/// Rounds of the short measurement, and the seconds of each of its parts.
const ROUNDS: usize = 3;
const SECONDS: u64 = 3;

/// Searches that a loop names as the slowest.
const SLOWEST: usize = 10;

/// The part of a bare handler's rate that a search must reach.
pub const FLOOR: f64 = 0.4;

/// The requests of the load generator: each search with a token.
pub fn requests(queries: &[String], tokens: &[String]) -> Vec<String> {
    queries
        .iter()
        .zip(tokens.iter().cycle())
        .map(|(query, token)| format!("GET\t/api/v1/services?{query}\t{token}"))
        .collect()
}

/// The same searches as pages: each with a session's cookie.
pub fn pages(queries: &[String], cookies: &[String]) -> Vec<String> {
    queries
        .iter()
        .zip(cookies.iter().cycle())
        .map(|(query, cookie)| format!("GET\t/services?{query}\t{cookie}"))
        .collect()
}

/// Bare handler, middleware and search, with no case in the database: under a
/// minute.
///
/// # Errors
/// When the database cannot be made or the load generator fails.
pub fn alone(script: &Path, folder: &Path) -> Result<bool, Failed> {
    std::fs::create_dir_all(folder)?;
    let (desk, seeded) = seed::prepare(folder, None, 0)?;
    drop(desk);
    let served = Served::start(folder, None)?;
    let nothing = lines(folder, "nothing.txt", &["GET\t/health\t".to_owned()])?;
    let asked = requests(&seeded.queries, &seeded.tokens);
    let searches = lines(folder, "searches.txt", &asked)?;
    let mut runs: [(&str, &str, &Path, Vec<Load>); 3] = [
        ("bare", &served.bare, &nothing, Vec::new()),
        ("middleware", &served.app, &nothing, Vec::new()),
        ("search", &served.app, &searches, Vec::new()),
    ];
    for (_, url, file, _) in &runs {
        wrk(script, &served, url, file, false, 1)?;
    }
    for _ in 0..ROUNDS {
        for (_, url, file, loads) in &mut runs {
            loads.push(wrk(script, &served, url, file, false, SECONDS)?);
        }
    }
    let trouble: u64 = runs.iter().flat_map(|r| &r.3).map(|l| l.refused + l.broken).sum();
    let mut share = 0.0;
    for (what, _, _, loads) in &runs {
        let (load, against) = (median(loads)?, Against::of(&runs[0].3, loads, FLOOR));
        share = against.share();
        println!(
            "{what:>10}: {:7.0} a second, {:3.0} % of bare ({:3.0} % by work), p50 {} µs, p99 {} µs, {} bytes an answer",
            load.rate(),
            100.0 * share,
            100.0 * against.work,
            load.p50,
            load.p99,
            load.bytes / load.requests.max(1)
        );
    }
    let (now, most) = served.memory()?;
    println!("    memory: {now:.0} MB, {most:.0} MB at most; {trouble} refused or broken");
    Ok(trouble == 0 && share >= FLOOR)
}

/// The searches in a loop on one core, without HTTP. With a folder that holds
/// no database one is made.
///
/// # Errors
/// When the database cannot be made or a search is refused.
pub fn in_a_loop(folder: &Path, times: usize) -> Result<bool, Failed> {
    if !folder.join("searches.json").exists() {
        std::fs::create_dir_all(folder)?;
        let (_, seeded) = seed::prepare(folder, None, 0)?;
        std::fs::write(folder.join("searches.json"), serde_json::to_string(&seeded.queries)?)?;
    }
    let queries: Vec<String> = serde_json::from_slice(&std::fs::read(folder.join("searches.json"))?)?;
    let desk = relais_acts::Desk::open(crate::open(folder, None)?)?;
    let asked = queries
        .iter()
        .map(|q| seed::read_query(q))
        .collect::<Result<Vec<_>, _>>()?;
    let now = desk.store().read_blocking(|tx| -> Result<_, StoreError> { tx.now() })?;
    let mut bytes = 0;
    // The least of its times is what a search takes where nothing else is at work.
    let mut least = vec![Duration::MAX; asked.len()];
    let start = Instant::now();
    for _ in 0..times {
        for (search, least) in asked.iter().zip(&mut least) {
            let began = Instant::now();
            bytes += black_box(services::search(&desk, black_box(search), Lang::Fr, now, Vec::new())?.json).len();
            *least = began.elapsed().min(*least);
        }
    }
    let mean = start.elapsed().as_secs_f64() * 1e6 / (times * asked.len()).max(1) as f64;
    let mut kinds: BTreeMap<String, (usize, Duration)> = BTreeMap::new();
    for (query, took) in queries.iter().zip(&least) {
        let (n, sum) = kinds.entry(kind(query)).or_default();
        *n += 1;
        *sum += *took;
    }
    for (kind, (n, took)) in &kinds {
        println!("{:8.2} µs, {n:6} of {kind}", took.as_secs_f64() * 1e6 / *n as f64);
    }
    let mut slowest: Vec<_> = queries.iter().zip(&least).collect();
    slowest.sort_by_key(|(_, took)| std::cmp::Reverse(**took));
    for (query, took) in slowest.iter().take(SLOWEST) {
        println!("{:8.2} µs: {query}", took.as_secs_f64() * 1e6);
    }
    let all: Duration = least.iter().sum();
    println!(
        "{} searches {times} times, {:.2} µs each at least, {mean:.2} on average, {} bytes an answer",
        asked.len(),
        all.as_secs_f64() * 1e6 / asked.len().max(1) as f64,
        bytes / (times * asked.len()).max(1)
    );
    Ok(true)
}

/// The names of a query's parameters.
fn kind(query: &str) -> String {
    let names: Vec<&str> = query.split('&').filter_map(|p| Some(p.split_once('=')?.0)).collect();
    names.join(" ")
}
