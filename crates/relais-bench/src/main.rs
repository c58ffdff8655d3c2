//! `bench/run`: measures Relais against a bare handler and against hand-written
//! statements, in one run on one machine, and holds it to its floors.

mod baseline;
mod directory;
mod duplicates;
mod import;
mod load;
mod reading;
mod scale;
mod search;
mod seed;
mod sending;
mod table;
mod vary;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use baseline::Plan;
use load::Served;
use relais_acts::Desk;
use relais_server::{AppState, Settings};
use relais_store::{Keyring, Options, Store, StoreError, Unlock};
use seed::Seeded;
use sending::Sender;
use table::{Check, Line, counted, say};

/// Why a measurement could not be made.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// How much is measured.
pub struct Size {
    cases: usize,
    cases_on_postgres: usize,
    /// Rounds of what only reads. Short and many: the machine's speed moves within seconds, and a round's runs are
    /// compared with each other.
    reading_rounds: usize,
    reading_seconds: u64,
    sending_rounds: usize,
    sending_seconds: u64,
}

const WHOLE: Size = Size {
    cases: 20_000,
    cases_on_postgres: 8_000,
    reading_rounds: 21,
    reading_seconds: 1,
    sending_rounds: 5,
    sending_seconds: 3,
};
const QUICK: Size = Size {
    cases: 4_000,
    cases_on_postgres: 4_000,
    reading_rounds: 3,
    reading_seconds: 1,
    sending_rounds: 1,
    sending_seconds: 2,
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
        ["import", folder, file, mapping] => {
            import::against_parsing(Path::new(folder), Path::new(file), Path::new(mapping))
        }
        ["directory", script, folder] => directory::run(Path::new(script), Path::new(folder)),
        ["directory", script, folder, part] => directory::part(Path::new(script), Path::new(folder), part),
        ["scale", script, folder] => scale::run(Path::new(script), Path::new(folder)),
        ["seed", folder] => seeded(Path::new(folder), None).map(|()| true),
        ["seed", folder, url] => seeded(Path::new(folder), Some(url)).map(|()| true),
        ["seed-duplicates", folder, persons] => persons
            .parse()
            .map_err(Failed::from)
            .and_then(|n| duplicates::seed(Path::new(folder), n))
            .map(|()| true),
        ["duplicates", folder] => duplicates::measure(Path::new(folder)),
        ["read", script, folder] => reading::alone(Path::new(script), Path::new(folder), &WHOLE),
        ["send", script, folder] => sending::alone(Path::new(script), Path::new(folder), None, &WHOLE),
        ["send", script, folder, url] => sending::alone(Path::new(script), Path::new(folder), Some(url), &WHOLE),
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

fn lines(folder: &Path, name: &str, lines: &[String]) -> Result<PathBuf, Failed> {
    let path = folder.join(name);
    std::fs::write(&path, lines.join("\n") + "\n")?;
    Ok(path)
}

fn count(store: &Store, table: &'static str) -> Result<u64, Failed> {
    let n = store.read_blocking(move |tx| -> Result<i64, StoreError> {
        tx.query_built(&format!("SELECT COUNT(*) AS n FROM {table}"), &[])?
            .first()
            .map_or(Ok(0), |row| row.get("n"))
    })?;
    Ok(u64::try_from(n)?)
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

fn prepare(folder: &Path, url: Option<&str>, cases: usize) -> Result<(Arc<Desk>, Seeded, Plan), Failed> {
    std::fs::create_dir_all(folder)?;
    let start = Instant::now();
    let (desk, mut seeded) = seed::prepare(folder, url, cases)?;
    let plan = sending::example(&desk, &mut seeded)?;
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
    let listed = reading::reading(script, folder, &served, size, &seeded, table, checks)?;
    let (after_reading, _) = served.memory()?;
    let sender = Sender {
        script,
        folder,
        url: None,
        size,
        plan: &plan,
    };
    let (_, most) = sender.sending(served, &mut seeded, table, checks)?;
    checks.push(Check {
        what: format!("memory on SQLite: {fresh_memory:.0} MB at start, {after_reading:.0} MB after reading, {most:.0} MB at most (under 100)"),
        holds: most < 100.0,
    });
    let store = open(folder, None)?;
    checks.push(counted(
        "access rows",
        listed,
        count(&store, "access_log")?,
        size.reading_rounds,
    ));
    Ok(())
}

/// Seeds a folder, to be read from again and again.
fn seeded(folder: &Path, url: Option<&str>) -> Result<(), Failed> {
    let cases = url.map_or(WHOLE.cases, |_| WHOLE.cases_on_postgres);
    let (_, seeded, _) = prepare(folder, url, cases)?;
    std::fs::write(folder.join("seeded.json"), serde_json::to_vec(&seeded)?)?;
    Ok(())
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
    let sender = Sender {
        script,
        folder,
        url: Some(url),
        size,
        plan: &Arc::new(plan),
    };
    let (_, most) = sender.sending(served, &mut seeded, table, checks)?;
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
