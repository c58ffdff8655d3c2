//! The reading half: a bare handler, the same behind the middleware, search,
//! and the list of cases, on SQLite.

use std::path::Path;

use crate::load::{Load, Served, wrk};
use crate::seed::Seeded;
use crate::table::{Against, Check, Line, counted, say};
use crate::{Failed, Size, WHOLE, count, lines, open, search};

/// Measures what only reads; how many case lists were answered.
///
/// # Errors
/// When the load generator fails.
pub fn reading(
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

    let runs = [
        (&served.bare, &nothing),
        (&served.app, &nothing),
        (&served.app, &searches_file),
        (&served.app, &lists_file),
    ];
    let mut loads: [Vec<Load>; 4] = Default::default();
    for (url, _) in &runs[..2] {
        wrk(script, served, url, &nothing, false, 1)?;
    }
    for round in 0..size.reading_rounds {
        eprintln!("  reading, round {}", round + 1);
        for ((url, file), loads) in runs.iter().zip(&mut loads) {
            loads.push(wrk(script, served, url, file, false, size.reading_seconds)?);
        }
    }
    let trouble: u64 = loads.iter().flatten().map(|l| l.refused + l.broken).sum();
    checks.push(Check {
        what: format!("reading: {trouble} refused or broken"),
        holds: trouble == 0,
    });
    let [bare, behind, searching, list] = loads;
    let what = if size.cases == WHOLE.cases {
        "case list, 40 unsealed of 20,000, access row"
    } else {
        "case list, 40 unsealed, access row"
    };
    table.push(Line::of("a handler that does nothing, bare", &bare, None, "")?);
    for (what, loads, floor) in [
        ("the same behind the middleware", &behind, 0.6),
        (
            "service search, 20 of 10,000, 2,000 different",
            &searching,
            search::FLOOR,
        ),
        (what, &list, 0.05),
    ] {
        table.push(Line::of(what, loads, Some(Against::of(&bare, loads, floor)), "bare")?);
    }
    let listed: u64 = list.iter().map(|l| l.requests).sum();
    Ok(listed + u64::try_from(lists.len())?)
}

/// The reading half of a run, on a folder that was seeded before.
///
/// # Errors
/// When the folder is not seeded or the load generator fails.
pub fn alone(script: &Path, folder: &Path, size: &Size) -> Result<bool, Failed> {
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
    checks.push(counted("access rows", listed, rows, size.reading_rounds));
    let (text, passed, failed) = say(&table, &checks);
    println!("{text}{passed} passed, {failed} failed");
    Ok(failed == 0)
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
