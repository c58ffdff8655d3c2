//! The import of a hundred thousand services: the large directory's own table,
//! carried out and brought into an empty database.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chrono::NaiveDate;
use relais_acts::Desk;
use relais_acts::directory::imports::{Bring, bring};
use relais_acts::directory::{self, By, Export, Format};
use relais_mechanism::{Lang, Mechanism};
use relais_store::{Keyring, Options, Store, Unlock};

use super::MANY;
use crate::table::Check;
use crate::{Failed, open, seed};

/// Seconds that it may take.
const SECONDS: f64 = 60.0;

/// Carries the table out, brings it into an empty database, and counts.
///
/// # Errors
/// When the table cannot be written or read.
pub fn of_many(folder: &Path, many: &Path) -> Result<Check, Failed> {
    let mechanism = Mechanism::embedded("cameroon").map_err(|e| format!("{e:?}"))?;
    let on = NaiveDate::from_ymd_opt(2026, 11, 30).ok_or("a day")?;
    let asked = Export {
        format: Format::Csv,
        lang: Lang::Fr,
        region: None,
    };
    let file = directory::export_all(&open(many, None)?, &mechanism, &asked, on)?;
    let into = folder.join("into");
    std::fs::create_dir_all(&into)?;
    let (location, keys) = seed::places(&into, None);
    let keyring = Arc::new(Keyring::create(&keys, location.folder(), &Unlock::File, false)?);
    let store = Store::create(&location, keyring, Options::default(), false)?;
    Desk::adopt(&store, &mechanism)?;
    let asked = Bring {
        bytes: &file.bytes,
        mapping: &Default::default(),
        dry_run: false,
        by: By::CommandLine,
        lang: Lang::Fr,
    };
    let (mut steps, mut first, start) = (0, 0.0, Instant::now());
    let brought = bring(&store, &mechanism, &asked, &mut |_, _| {
        steps += 1;
        if steps == 1 {
            first = start.elapsed().as_secs_f64();
        }
    })?;
    let took = start.elapsed().as_secs_f64();
    let desk = Desk::open(store)?;
    // Their organisations signed nothing yet, so that a search finds none of them (decision 0018).
    let (kept, rows) = (desk.network().services.len(), brought.rows.len());
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    for wrong in brought.rows.iter().flat_map(|row| &row.problems) {
        *left_out.entry(format!("{} {}", wrong.column, wrong.cause)).or_default() += 1;
    }
    for (why, lines) in left_out {
        eprintln!("  {lines} lines: {why}");
    }
    drop(desk);
    std::fs::remove_dir_all(&into)?;
    Ok(Check {
        what: format!(
            "import of {rows} lines ({:.0} MB) into an empty database: {took:.1} s (under {SECONDS:.0} s), told of {steps} times, the first time after {first:.1} s; {kept} of {} kept",
            file.bytes.len() as f64 / 1e6,
            file.services
        ),
        holds: took < SECONDS && kept == file.services && rows * 100 >= MANY * 99 && steps > 100,
    })
}
