//! `bench/run`: measures Relais against a bare handler and against hand-written
//! statements, in one run on one machine, and holds it to its floors.

mod baseline;
mod duplicates;
mod load;
mod search;
mod seed;

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use baseline::Plan;
use load::{Load, Served, wrk};
use relais_acts::Desk;
use relais_network::NeedId;
use relais_server::{AppState, Settings};
use relais_store::{Keyring, Options, Store, StoreError, Unlock};
use seed::Seeded;
use uuid::Uuid;

/// Why a measurement could not be made.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// How much is measured.
struct Size {
    cases: usize,
    cases_on_postgres: usize,
    seconds: u64,
    sending_seconds: u64,
    rounds: usize,
}

const WHOLE: Size = Size {
    cases: 20_000,
    cases_on_postgres: 8_000,
    seconds: 5,
    sending_seconds: 3,
    rounds: 3,
};
const QUICK: Size = Size {
    cases: 4_000,
    cases_on_postgres: 4_000,
    seconds: 3,
    sending_seconds: 2,
    rounds: 1,
};

fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", folder] => serve(Path::new(folder), None).map(|()| true),
        ["serve", folder, url] => serve(Path::new(folder), Some(url)).map(|()| true),
        ["run", script, folder] => run(Path::new(script), Path::new(folder), &WHOLE),
        ["run", script, folder, "--only", "search"] => search::alone(Path::new(script), Path::new(folder)),
        ["searches", folder, times] => times
            .parse()
            .map_err(Failed::from)
            .and_then(|times| search::in_a_loop(Path::new(folder), times)),
        ["run", script, folder, "--quick"] => run(Path::new(script), Path::new(folder), &QUICK),
        ["seed", folder] => seeded(Path::new(folder), None).map(|()| true),
        ["seed", folder, url] => seeded(Path::new(folder), Some(url)).map(|()| true),
        ["read", script, folder] => read(Path::new(script), Path::new(folder), &WHOLE),
        ["seed-duplicates", folder, persons] => persons
            .parse()
            .map_err(Failed::from)
            .and_then(|n| duplicates::seed(Path::new(folder), n))
            .map(|()| true),
        ["duplicates", folder] => duplicates::measure(Path::new(folder)),
        ["send", script, folder] => send(Path::new(script), Path::new(folder), None, &WHOLE),
        ["send", script, folder, url] => send(Path::new(script), Path::new(folder), Some(url), &WHOLE),
        _ => Err(
            "use bench/run or bench/duplicates; or, for one half alone: seed FOLDER [URL], then read SCRIPT FOLDER (on SQLite), \
                  or send SCRIPT FOLDER [URL] (once for each seed)"
                .into(),
        ),
    };
    match done {
        Ok(true) => std::process::ExitCode::SUCCESS,
        Ok(false) => std::process::ExitCode::FAILURE,
        Err(error) => {
            eprintln!("relais-bench: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// The application, and beside it on another port a handler that does nothing.
fn serve(folder: &Path, url: Option<&str>) -> Result<(), Failed> {
    let (location, keys) = seed::places(folder, url);
    let keyring = Arc::new(Keyring::open(&keys, location.folder(), &Unlock::File, false)?);
    let desk = Desk::open(Store::open(&location, keyring, Options::default())?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let bare = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{} http://{}", bare.local_addr()?, listener.local_addr()?);
        let nothing = axum::Router::new().route("/health", axum::routing::get(async || "ok"));
        tokio::spawn(async move { axum::serve(bare, nothing).await });
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        std::thread::spawn(move || {
            drop(std::io::stdin().read_to_end(&mut Vec::new()));
            // Nobody waits any more when the server has failed.
            let _ = end.send(());
        });
        let state = AppState::new(desk, Settings::default());
        relais_server::serve(listener, state, async { drop(ended.await) }).await
    })?;
    Ok(())
}

/// A measure with its floor.
struct Line {
    what: &'static str,
    on: &'static str,
    rate: f64,
    p50: Option<u64>,
    p99: Option<u64>,
    against: Option<(f64, f64)>,
    note: String,
}

impl Line {
    fn holds(&self) -> bool {
        self.against.is_none_or(|(base, floor)| self.rate >= floor * base)
    }
}

/// A condition beside the rates.
struct Check {
    what: String,
    holds: bool,
}

/// The run whose rate is in the middle, so that a neighbour's burst does not decide.
fn median(mut loads: Vec<Load>) -> Result<Load, Failed> {
    loads.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
    let middle = (loads.len().max(1) - 1) / 2;
    if loads.is_empty() {
        return Err("nothing was measured".into());
    }
    Ok(loads.swap_remove(middle))
}

fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get((rates.len().max(1) - 1) / 2).copied().unwrap_or(0.0)
}

fn lines(folder: &Path, name: &str, lines: &[String]) -> Result<PathBuf, Failed> {
    let path = folder.join(name);
    std::fs::write(&path, lines.join("\n") + "\n")?;
    Ok(path)
}

fn line_of(what: &'static str, load: &Load, against: Option<(f64, f64)>, note: String) -> Line {
    Line {
        what,
        on: "SQLite",
        rate: load.rate(),
        p50: Some(load.p50),
        p99: Some(load.p99),
        against,
        note,
    }
}

fn count(store: &Store, table: &'static str) -> Result<u64, Failed> {
    let n = store.read_blocking(move |tx| -> Result<i64, StoreError> {
        tx.query_built(&format!("SELECT COUNT(*) AS n FROM {table}"), &[])?
            .first()
            .map_or(Ok(0), |row| row.get("n"))
    })?;
    Ok(u64::try_from(n)?)
}

/// Each answer has its rows; at the end of a run up to one request of each connection is answered unheard.
fn counted(what: &str, answered: u64, rows: u64, runs: usize) -> Check {
    let unheard = 8 * u64::try_from(runs).unwrap_or(0);
    Check {
        what: format!("{what}: {answered} answers, {rows} rows"),
        holds: rows + unheard >= answered && rows <= answered + unheard,
    }
}

fn run(script: &Path, folder: &Path, size: &Size) -> Result<bool, Failed> {
    let (mut table, mut checks) = (Vec::new(), Vec::new());
    sqlite(script, &folder.join("sqlite"), size, &mut table, &mut checks)?;
    match std::env::var("RELAIS_BENCH_PG") {
        Ok(url) => postgres(script, &folder.join("postgres"), &url, size, &mut table, &mut checks)?,
        Err(_) => checks.push(Check {
            what: "PostgreSQL: RELAIS_BENCH_PG names no empty database".to_owned(),
            holds: false,
        }),
    }
    let (text, passed, failed) = say(&table, &checks);
    println!("{text}");
    if let Ok(file) = std::env::var("RELAIS_BENCH_RESULTS") {
        let head = std::env::var("RELAIS_BENCH_HEAD").unwrap_or_default();
        std::fs::write(file, format!("# Measured\n\n{head}\n\n{text}\n"))?;
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

fn say(table: &[Line], checks: &[Check]) -> (String, usize, usize) {
    let mut text = String::from(
        "| what | on | a second | p50 ms | p99 ms | of what | share | floor | |\n|---|---|---:|---:|---:|---|---:|---:|---|\n",
    );
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a request")]
    let ms = |micros: Option<u64>| micros.map_or_else(|| "–".to_owned(), |m| format!("{:.2}", m as f64 / 1000.0));
    let (mut passed, mut failed) = (0, 0);
    for line in table {
        let (share, floor, verdict) = line.against.map_or_else(
            || (String::new(), String::new(), ""),
            |(base, floor)| {
                let share = format!("{:.0} %", 100.0 * line.rate / base);
                (
                    share,
                    format!("{:.0} %", 100.0 * floor),
                    if line.holds() { "holds" } else { "FAILS" },
                )
            },
        );
        if line.against.is_some() {
            if line.holds() { passed += 1 } else { failed += 1 }
        }
        let _ = writeln!(
            text,
            "| {} | {} | {:.0} | {} | {} | {} | {share} | {floor} | {verdict} |",
            line.what,
            line.on,
            line.rate,
            ms(line.p50),
            ms(line.p99),
            line.note,
        );
    }
    text.push('\n');
    for check in checks {
        if check.holds {
            passed += 1
        } else {
            failed += 1
        }
        let _ = writeln!(
            text,
            "- {}: {}",
            if check.holds { "holds" } else { "FAILS" },
            check.what
        );
    }
    (text, passed, failed)
}

/// Sendings to come: (lines for wrk, jobs for the hand-written statements).
struct Sendings {
    http: Vec<Vec<String>>,
    own: Vec<Vec<[Uuid; 4]>>,
    lanes: Vec<Vec<[Uuid; 4]>>,
}

/// Shares the needs among the rounds: half to HTTP, a quarter to each way by hand.
fn share(seeded: &mut Seeded, rounds: usize) -> Sendings {
    let needs = std::mem::take(&mut seeded.needs);
    let quarter = needs.len() / (4 * rounds);
    let mut needs = needs.into_iter();
    let mut sendings = Sendings {
        http: Vec::new(),
        own: Vec::new(),
        lanes: Vec::new(),
    };
    let mut fresh = std::mem::take(&mut seeded.fresh).into_iter();
    for _ in 0..rounds {
        let mut http = Vec::new();
        for (n, (need, _, manager, _)) in needs.by_ref().take(2 * quarter).enumerate() {
            let Some(id) = fresh.next() else { break };
            let command = seed::sending(id, seeded.targets[n % seeded.targets.len()]);
            let body = serde_json::to_string(&command).unwrap_or_default();
            http.push(format!(
                "POST\t/api/v1/needs/{need}/referrals\t{}\t{body}",
                seeded.tokens[manager]
            ));
        }
        sendings.http.push(http);
        for jobs in [&mut sendings.own, &mut sendings.lanes] {
            jobs.push(
                needs
                    .by_ref()
                    .take(quarter)
                    .map(|(need, case, _, _)| {
                        // The referral's and the disclosure's ids; any different ones do.
                        [flip(need, 1), need, case, flip(need, 2)]
                    })
                    .collect(),
            );
        }
    }
    sendings
}

fn flip(id: Uuid, with: u8) -> Uuid {
    let mut bytes = *id.as_bytes();
    bytes[9] ^= with;
    Uuid::from_bytes(bytes)
}

/// One referral that is really sent, to be copied.
fn example(desk: &Arc<Desk>, seeded: &mut Seeded) -> Result<Plan, Failed> {
    let (need, _, manager, maker) = seeded.needs.pop().ok_or("no need")?;
    let id = seeded.fresh.pop().ok_or("no id")?;
    let viewer = seed::viewer(desk, &seed::manager(manager))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let command = seed::sending(id, seeded.targets[0]);
    runtime.block_on(relais_acts::refer::send(desk, &viewer, NeedId(need), command))?;
    Plan::of(desk.store(), id, need, maker)
}

fn prepare(folder: &Path, url: Option<&str>, cases: usize) -> Result<(Arc<Desk>, Seeded, Plan), Failed> {
    std::fs::create_dir_all(folder)?;
    let start = Instant::now();
    let (desk, mut seeded) = seed::prepare(folder, url, cases)?;
    let plan = example(&desk, &mut seeded)?;
    eprintln!(
        "  {cases} cases with consent and need, {} services, made in {:.0} s",
        seed::SERVICES,
        start.elapsed().as_secs_f64()
    );
    Ok((desk, seeded, plan))
}

fn sqlite(
    script: &Path,
    folder: &Path,
    size: &Size,
    table: &mut Vec<Line>,
    checks: &mut Vec<Check>,
) -> Result<(), Failed> {
    eprintln!("SQLite:");
    let (desk, mut seeded, plan) = prepare(folder, None, size.cases)?;
    let plan = Arc::new(plan);
    drop(desk);
    let served = Served::start(folder, None)?;
    let (fresh_memory, _) = served.memory()?;
    let listed = reading(script, folder, &served, size, &seeded, table, checks)?;
    let (after_reading, _) = served.memory()?;
    let served = sending(script, folder, None, served, size, &mut seeded, &plan, table, checks)?;
    let (_, most) = served;
    checks.push(Check {
        what: format!("memory on SQLite: {fresh_memory:.0} MB at start, {after_reading:.0} MB after reading, {most:.0} MB at most (under 100)"),
        holds: most < 100.0,
    });
    let store = open(folder, None)?;
    checks.push(counted(
        "access rows",
        listed,
        count(&store, "access_log")?,
        size.rounds,
    ));
    Ok(())
}

/// Measures what only reads, on SQLite; how many case lists were answered.
fn reading(
    script: &Path,
    folder: &Path,
    served: &Served,
    size: &Size,
    seeded: &Seeded,
    table: &mut Vec<Line>,
    checks: &mut Vec<Check>,
) -> Result<u64, Failed> {
    let nothing = lines(folder, "nothing.txt", &["GET\t/health\t".to_owned()])?;
    let searches = search::requests(&seeded.queries, &seeded.tokens);
    let lists: Vec<String> = seeded
        .tokens
        .iter()
        .map(|t| format!("GET\t/api/v1/cases\t{t}"))
        .collect();
    checks.push(pages(served, "search", searches.iter().step_by(101), 20)?);
    checks.push(pages(served, "case list", lists.iter(), 40)?);
    let searches_file = lines(folder, "searches.txt", &searches)?;
    let lists_file = lines(folder, "lists.txt", &lists)?;

    let (mut bare, mut behind, mut searching, mut list) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for url in [&served.bare, &served.app] {
        wrk(script, url, &nothing, false, 1)?;
    }
    for round in 0..size.rounds {
        eprintln!("  reading, round {}", round + 1);
        bare.push(wrk(script, &served.bare, &nothing, false, size.seconds)?);
        behind.push(wrk(script, &served.app, &nothing, false, size.seconds)?);
        searching.push(wrk(script, &served.app, &searches_file, false, size.seconds)?);
        list.push(wrk(script, &served.app, &lists_file, false, size.seconds)?);
    }
    let trouble: u64 = [&bare, &behind, &searching, &list]
        .into_iter()
        .flatten()
        .map(|l| l.refused + l.broken)
        .sum();
    checks.push(Check {
        what: format!("reading: {trouble} refused or broken"),
        holds: trouble == 0,
    });
    let listed: u64 = list.iter().map(|l| l.requests).sum();
    let (bare, behind) = (median(bare)?, median(behind)?);
    let base = bare.rate();
    table.push(line_of("a handler that does nothing, bare", &bare, None, String::new()));
    table.push(line_of(
        "the same behind the middleware",
        &behind,
        Some((base, 0.6)),
        "bare".to_owned(),
    ));
    table.push(line_of(
        "service search, 20 of 10,000, 2,000 different",
        &median(searching)?,
        Some((base, search::FLOOR)),
        "bare".to_owned(),
    ));
    let what = if size.cases == WHOLE.cases {
        "case list, 40 unsealed of 20,000, access row"
    } else {
        "case list, 40 unsealed, access row"
    };
    table.push(line_of(what, &median(list)?, Some((base, 0.05)), "bare".to_owned()));
    Ok(listed + u64::try_from(lists.len())?)
}

/// Seeds a folder, to be read from again and again.
fn seeded(folder: &Path, url: Option<&str>) -> Result<(), Failed> {
    let cases = url.map_or(WHOLE.cases, |_| WHOLE.cases_on_postgres);
    let (_, seeded, _) = prepare(folder, url, cases)?;
    std::fs::write(folder.join("seeded.json"), serde_json::to_vec(&seeded)?)?;
    Ok(())
}

/// The sending half of a run on one database, which was seeded before.
fn send(script: &Path, folder: &Path, url: Option<&str>, size: &Size) -> Result<bool, Failed> {
    let mut seeded: Seeded = serde_json::from_slice(&std::fs::read(folder.join("seeded.json"))?)?;
    let (mut table, mut checks) = (Vec::new(), Vec::new());
    let plan = Arc::new(example(&Desk::open(open(folder, url)?)?, &mut seeded)?);
    let served = Served::start(folder, url)?;
    sending(
        script,
        folder,
        url,
        served,
        size,
        &mut seeded,
        &plan,
        &mut table,
        &mut checks,
    )?;
    let (text, passed, failed) = say(&table, &checks);
    println!("{text}{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// The reading half of a run, on a folder that was seeded before.
fn read(script: &Path, folder: &Path, size: &Size) -> Result<bool, Failed> {
    let seeded: Seeded = serde_json::from_slice(&std::fs::read(folder.join("seeded.json"))?)?;
    let (mut table, mut checks) = (Vec::new(), Vec::new());
    let before = count(&open(folder, None)?, "access_log")?;
    let served = Served::start(folder, None)?;
    let listed = reading(script, folder, &served, size, &seeded, &mut table, &mut checks)?;
    let (now, most) = served.memory()?;
    checks.push(Check {
        what: format!("memory on SQLite: {now:.0} MB after reading, {most:.0} MB at most (under 100)"),
        holds: most < 100.0,
    });
    drop(served);
    let rows = count(&open(folder, None)?, "access_log")? - before;
    checks.push(counted("access rows", listed, rows, size.rounds));
    let (text, passed, failed) = say(&table, &checks);
    println!("{text}{passed} passed, {failed} failed");
    Ok(failed == 0)
}

fn postgres(
    script: &Path,
    folder: &Path,
    url: &str,
    size: &Size,
    table: &mut Vec<Line>,
    checks: &mut Vec<Check>,
) -> Result<(), Failed> {
    eprintln!("PostgreSQL:");
    let (desk, mut seeded, plan) = prepare(folder, Some(url), size.cases_on_postgres)?;
    drop(desk);
    let served = Served::start(folder, Some(url))?;
    let (_, most) = sending(
        script,
        folder,
        Some(url),
        served,
        size,
        &mut seeded,
        &Arc::new(plan),
        table,
        checks,
    )?;
    checks.push(Check {
        what: format!("memory on PostgreSQL: {most:.0} MB at most"),
        holds: true,
    });
    Ok(())
}

fn open(folder: &Path, url: Option<&str>) -> Result<Store, Failed> {
    let (location, keys) = seed::places(folder, url);
    let keyring = Arc::new(Keyring::open(&keys, location.folder(), &Unlock::File, false)?);
    Ok(Store::open(&location, keyring, Options::default())?)
}

/// Sends referrals over HTTP, then runs the same statements by hand, round by round.
#[expect(clippy::too_many_arguments, reason = "the parts of one measurement")]
fn sending(
    script: &Path,
    folder: &Path,
    url: Option<&str>,
    mut served: Served,
    size: &Size,
    seeded: &mut Seeded,
    plan: &Arc<Plan>,
    table: &mut Vec<Line>,
    checks: &mut Vec<Check>,
) -> Result<(f64, f64), Failed> {
    let on = if url.is_some() { "PostgreSQL" } else { "SQLite" };
    let sendings = share(seeded, size.rounds);
    let (location, _) = seed::places(folder, url);
    let (mut sent, mut own, mut lanes) = (Vec::new(), Vec::new(), Vec::new());
    let (mut answered, mut rows) = (0, 0);
    let mut memory = (0.0, 0.0_f64);
    let long = Duration::from_secs(size.sending_seconds);
    for round in 0..size.rounds {
        eprintln!("  sending on {on}, round {}", round + 1);
        let file = lines(folder, "sendings.txt", &sendings.http[round])?;
        let before = {
            let store = open(folder, url)?;
            count(&store, "referral")?
        };
        let load = wrk(script, &served.app, &file, true, size.sending_seconds)?;
        if load.refused + load.broken > 0 {
            let (status, body) = served.ask(&sendings.http[round][0])?;
            eprintln!("  refused: {status} {body}");
        }
        let (now, most) = served.memory()?;
        memory = (now, memory.1.max(most));
        // The server ends, so that nothing but the hands is at work below.
        drop(served);
        let store = open(folder, url)?;
        answered += load.requests - load.refused;
        rows += count(&store, "referral")? - before;
        sent.push(load);
        own.push(baseline::own_connections(plan, &location, &sendings.own[round], long)?.rate());
        lanes.push(baseline::in_lanes(plan, &store, &sendings.lanes[round], long)?.rate());
        drop(store);
        served = Served::start(folder, url)?;
    }
    let refused: u64 = sent.iter().map(|l| l.refused + l.broken).sum();
    checks.push(Check {
        what: format!("sending on {on}: {refused} refused or broken"),
        holds: refused == 0,
    });
    checks.push(counted(&format!("referrals on {on}"), answered, rows, size.rounds));
    let (own, lanes) = (middle(own), middle(lanes));
    for (what, rate) in [
        ("the statements by hand, 8 connections, a commit each", own),
        ("the statements by hand, 8 clients of the store’s lanes", lanes),
    ] {
        table.push(Line {
            what,
            on,
            rate,
            p50: None,
            p99: None,
            against: None,
            note: format!("{} statements", plan.len()),
        });
    }
    let mut line = line_of(
        "creating a referral over HTTP",
        &median(sent)?,
        Some((own.max(lanes), 0.5)),
        "the faster by hand".to_owned(),
    );
    line.on = on;
    table.push(line);
    Ok(memory)
}

/// Whether the answers are full pages.
fn pages<'a>(
    served: &Served,
    what: &str,
    asked: impl Iterator<Item = &'a String>,
    full: usize,
) -> Result<Check, Failed> {
    let (mut good, mut all) = (0, 0);
    for line in asked {
        let (status, body) = served.ask(line)?;
        all += 1;
        let rows = body["rows"].as_array().map_or(0, Vec::len);
        if status == 200 && rows == full {
            good += 1;
        } else {
            eprintln!("  {line}: {status}, {rows} rows {body:.300}");
        }
    }
    Ok(Check {
        what: format!("{what}: {good} of {all} answers looked at have {full} rows"),
        holds: good == all && all > 0,
    })
}
