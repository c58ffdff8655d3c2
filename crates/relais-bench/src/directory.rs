//! `bench/run --directory`: the search as a page, and a directory of a hundred
//! thousand services: how fast it answers, what it keeps in memory, how soon one
//! entry's change is seen, how long its import takes, and the finder of what is
//! perhaps the same.

mod changes;
mod import;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chrono::TimeDelta;
use relais_acts::Desk;
use relais_acts::accounts;
use relais_mechanism::Role;
use relais_store::rows::accounts::SessionRecord;
use relais_store::{Store, StoreError, ids};

use crate::load::{Load, Served, wrk};
use crate::seed::{self, Seeded};
use crate::table::{Against, Check, Line, say};
use crate::{Failed, lines, open, search};

/// Services of the large directory.
const MANY: usize = 100_000;
/// The part of a bare handler's rate that the page must reach.
const PAGE_FLOOR: f64 = 0.2;
/// The 99th percentile of the search among many, 8 connections, in milliseconds.
const SLOWEST_MS: f64 = 10.0;
/// Largest page, in bytes.
const PAGE_BYTES: usize = 20_480;
/// Seconds that the finder may take among many, as its own test has it.
const FINDER_SECONDS: f64 = 60.0;

/// Rounds, each of a second of every measure.
const ROUNDS: usize = 15;

/// Who moves entries for the coordination unit.
const OFFICE: &str = "office";

/// Measures all of it.
///
/// # Errors
/// When a database cannot be made or the load generator fails.
pub fn run(script: &Path, folder: &Path) -> Result<bool, Failed> {
    let (mut table, mut checks) = (Vec::new(), Vec::new());
    let (few, many) = (folder.join("few"), folder.join("many"));
    let seeded = prepare(&few, seed::SERVICES)?;
    let kept = rates(script, &few, &seeded, "10,000", true, &mut table, &mut checks)?;
    let seeded = prepare(&many, MANY)?;
    let kept_of_many = rates(script, &many, &seeded, "100,000", false, &mut table, &mut checks)?;
    let each = (kept_of_many - kept) / (MANY - seed::SERVICES) as f64;
    checks.push(Check {
        what: format!(
            "memory of the server with 10,000 services {kept:.0} MB, with 100,000 {kept_of_many:.0} MB: {:.0} MB more for each 100,000 (index, entries, rows in both languages)",
            each * MANY as f64
        ),
        holds: true,
    });
    checks.extend(changes::seen(&many)?);
    checks.push(finder(&many)?);
    checks.push(import::of_many(folder, &many)?);
    let (text, passed, failed) = say(&table, &checks);
    println!("{text}");
    if let Ok(file) = std::env::var("RELAIS_BENCH_RESULTS") {
        let head = std::env::var("RELAIS_BENCH_HEAD").unwrap_or_default();
        std::fs::write(file, format!("# Measured: the directory\n\n{head}\n\n{text}\n"))?;
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// One part alone, on a folder that is made where it is not there: for whoever
/// works on it.
///
/// # Errors
/// As [`run`].
pub fn part(script: &Path, folder: &Path, name: &str) -> Result<bool, Failed> {
    let (mut table, mut checks) = (Vec::new(), Vec::new());
    let (few, many) = (folder.join("few"), folder.join("many"));
    match name {
        "page" => {
            let seeded = prepare(&few, seed::SERVICES)?;
            rates(script, &few, &seeded, "10,000", true, &mut table, &mut checks)?;
        }
        "many" => {
            let seeded = prepare(&many, MANY)?;
            rates(script, &many, &seeded, "100,000", false, &mut table, &mut checks)?;
        }
        "changes" => {
            prepare(&many, MANY)?;
            checks.extend(changes::seen(&many)?);
        }
        "finder" => {
            prepare(&many, MANY)?;
            checks.push(finder(&many)?);
        }
        "import" => {
            prepare(&many, MANY)?;
            checks.push(import::of_many(folder, &many)?);
        }
        _ => return Err("the parts are page, many, changes, finder, import".into()),
    }
    let (text, passed, failed) = say(&table, &checks);
    println!("{text}{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// A directory of so many services, or the one that is there.
fn prepare(folder: &Path, services: usize) -> Result<Seeded, Failed> {
    let kept = folder.join("seeded.json");
    if kept.exists() {
        return Ok(serde_json::from_slice(&std::fs::read(kept)?)?);
    }
    std::fs::create_dir_all(folder)?;
    let start = Instant::now();
    let (desk, seeded) = seed::prepare_of(folder, None, 0, services)?;
    let office = seed::user(OFFICE, &seed::holder(0), Role::Secretariat);
    accounts::create(desk.store(), office, relais_acts::directory::By::CommandLine)?;
    std::fs::write(kept, serde_json::to_vec(&seeded)?)?;
    eprintln!("  {services} services made in {:.0} s", start.elapsed().as_secs_f64());
    Ok(seeded)
}

/// A session of each case manager, as its cookie says it.
fn sessions(desk: &Arc<Desk>) -> Result<Vec<String>, Failed> {
    let mut cookies = Vec::new();
    for n in 0..seed::VIEWERS {
        let user = seed::viewer(desk, &seed::manager(n))?.user;
        let secret = ids::secret();
        let token_hash = relais_server::secret::hash(&secret);
        desk.store().write_blocking(move |tx| -> Result<(), StoreError> {
            let now = tx.now()?;
            SessionRecord {
                token_hash: token_hash.clone(),
                user_id: user,
                created_at: now,
                seen_at: now,
                expires_at: now + TimeDelta::hours(12),
                idle_minutes: 60,
                post_id: None,
            }
            .insert(tx)
        })?;
        cookies.push(format!("relais={}", relais_server::secret::text(&secret)));
    }
    Ok(cookies)
}

/// The rates of the search as JSON and as a page beside a bare handler's; what
/// the server keeps in memory, in megabytes. Floors hold where `floors` says so,
/// the slowest searches where it does not.
fn rates(
    script: &Path,
    folder: &Path,
    seeded: &Seeded,
    services: &str,
    floors: bool,
    table: &mut Vec<Line>,
    checks: &mut Vec<Check>,
) -> Result<f64, Failed> {
    let desk = Desk::open(open(folder, None)?)?;
    let cookies = sessions(&desk)?;
    drop(desk);
    let served = Served::start(folder, None)?;
    let nothing = lines(folder, "nothing.txt", &["GET\t/health\t".to_owned()])?;
    let asked = search::requests(&seeded.queries, &seeded.tokens);
    let asked_pages = search::pages(&seeded.queries, &cookies);
    checks.push(looked_at(&served, &asked, &asked_pages)?);
    let searches = lines(folder, "searches.txt", &asked)?;
    let pages = lines(folder, "pages.txt", &asked_pages)?;
    let runs = [
        (&served.bare, &nothing),
        (&served.app, &searches),
        (&served.app, &pages),
    ];
    let mut loads: [Vec<Load>; 3] = Default::default();
    for (url, file) in &runs {
        wrk(script, &served, url, file, false, 2)?;
    }
    let kept = served.anonymous()?;
    for _ in 0..ROUNDS {
        for ((url, file), loads) in runs.iter().zip(&mut loads) {
            loads.push(wrk(script, &served, url, file, false, 1)?);
        }
    }
    let trouble: u64 = loads.iter().flatten().map(|l| l.refused + l.broken).sum();
    checks.push(Check {
        what: format!("{services} services: {trouble} refused or broken"),
        holds: trouble == 0,
    });
    let [bare, searching, paging] = loads;
    table.push(Line::of("a handler that does nothing, bare", &bare, None, "")?);
    for (what, loads, floor) in [
        (
            format!("service search, 20 of {services}, 2,000 different"),
            &searching,
            search::FLOOR,
        ),
        (
            format!("the same as a page, 8 of {services}, signed in"),
            &paging,
            PAGE_FLOOR,
        ),
    ] {
        let floor = if floors { floor } else { 0.0 };
        table.push(Line::of(&what, loads, Some(Against::of(&bare, loads, floor)), "bare")?);
    }
    if !floors {
        // One longer run: a hundredth of a second's searches is too few to say it.
        let load = wrk(script, &served, &served.app, &searches, false, 10)?;
        let p99 = load.p99 as f64 / 1000.0;
        checks.push(Check {
            what: format!(
                "search among {services}, 8 connections: p50 {:.2} ms, p99 {p99:.2} ms (under {SLOWEST_MS} ms), {} answers",
                load.p50 as f64 / 1000.0,
                load.requests
            ),
            holds: p99 < SLOWEST_MS && load.refused + load.broken == 0,
        });
    }
    Ok(kept)
}

/// Whether some of the answers are full pages, and none is too long.
fn looked_at(served: &Served, searches: &[String], pages: &[String]) -> Result<Check, Failed> {
    let (mut all, mut good, mut longest) = (0, 0, 0);
    for line in searches.iter().step_by(101) {
        let (status, body) = served.ask(line)?;
        all += 1;
        good += usize::from(status == 200 && body["rows"].as_array().map_or(0, Vec::len) == 20);
    }
    for line in pages.iter().step_by(23) {
        let (status, body) = served.ask_text(line)?;
        all += 1;
        good += usize::from(status == 200 && body.matches("<div class=\"card\">").count() == 8);
        longest = longest.max(body.len());
    }
    Ok(Check {
        what: format!(
            "{good} of {all} answers looked at are full; the longest page has {longest} bytes (at most {PAGE_BYTES})"
        ),
        holds: good == all && longest <= PAGE_BYTES,
    })
}

/// The finder over what everybody may see.
fn finder(folder: &Path) -> Result<Check, Failed> {
    let desk = Desk::open(open(folder, None)?)?;
    let (network, mechanism) = (desk.network(), desk.mechanism());
    let start = Instant::now();
    let pairs = network.proposals(&mechanism).len();
    let took = start.elapsed().as_secs_f64();
    Ok(Check {
        what: format!(
            "the finder of what is perhaps the same, among {MANY}: {took:.1} s (under {FINDER_SECONDS:.0} s), {pairs} pairs"
        ),
        holds: took < FINDER_SECONDS,
    })
}

/// A second desk on the same database, as another process has it.
fn another(folder: &Path) -> Result<Arc<Desk>, Failed> {
    let store: Store = open(folder, None)?;
    Ok(Desk::open(store)?)
}
