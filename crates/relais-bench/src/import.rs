//! The import of a list of facilities against parsing the same file without a
//! database, in the same process.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use relais_acts::Desk;
use relais_acts::directory::{self, By};
use relais_acts::entries::safeguards;
use relais_acts::services::{catalogue, geography};
use relais_mechanism::Mechanism;
use relais_network::import::{self, Mapping};
use relais_store::{Keyring, Options, Store, Unlock};

use crate::table::middle;
use crate::{Failed, seed};

/// Times that each is done, in turn.
const ROUNDS: usize = 9;

/// Above every facility of the list.
const TUTELLE: &str = "MINSANTE";

/// The most that an import may take, in times of parsing.
const MOST: f64 = 8.0;

/// Imports the file into a fresh database and parses it, in turn, several
/// times; prints both and their ratio. The folder is emptied after each.
///
/// # Errors
/// When a file cannot be read or the import is refused.
pub fn against_parsing(folder: &Path, file: &Path, mapping: &Path) -> Result<bool, Failed> {
    let bytes = std::fs::read(file)?;
    let mapping = Mapping::from_toml(&std::fs::read_to_string(mapping)?)?;
    let mechanism = Mechanism::embedded("cameroon").map_err(|e| format!("{e:?}"))?;
    let (catalogue, geography) = (catalogue(&mechanism), geography(&mechanism));
    let (mut parsed, mut imported, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        rows = import::parse(&bytes, &mapping, &geography, &catalogue)?.len();
        let parse = start.elapsed().as_secs_f64();

        let (location, keys) = seed::places(folder, None);
        let keyring = Arc::new(Keyring::create(&keys, location.folder(), &Unlock::File, false)?);
        let store = Store::create(&location, keyring, Options::default(), false)?;
        Desk::adopt(&store, &mechanism)?;
        // The list stands on what the ministry signed: its entries are published.
        directory::put_bodies(&store, &mechanism, By::CommandLine)?;
        safeguards::sign_by_code(&store, &mechanism, &[TUTELLE.to_owned()], &seed::papers(), false)?;
        let start = Instant::now();
        let done = directory::import(
            &store,
            &mechanism,
            &bytes,
            &mapping,
            false,
            By::CommandLine,
            &mut |_, _| {},
        )?;
        let import = start.elapsed().as_secs_f64();
        if done.rows.len() != rows {
            return Err(format!("{} rows imported, {rows} parsed", done.rows.len()).into());
        }
        drop(store);
        std::fs::remove_dir_all(folder.join("data"))?;
        std::fs::remove_dir_all(folder.join("keys"))?;
        parsed.push(parse * 1e3);
        imported.push(import * 1e3);
        ratios.push(import / parse);
    }
    let spread = |numbers: &[f64]| {
        let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let most = numbers.iter().copied().fold(0.0, f64::max);
        format!("{:.1} ({least:.1}–{most:.1})", middle(numbers.to_vec()))
    };
    let holds = middle(ratios.clone()) <= MOST;
    println!(
        "- {}: import of {rows} rows: {} ms, parsing alone {} ms, {} times (at most {MOST}); {ROUNDS} runs each",
        if holds { "holds" } else { "FAILS" },
        spread(&imported),
        spread(&parsed),
        spread(&ratios),
    );
    println!("{} passed, {} failed", usize::from(holds), usize::from(!holds));
    Ok(holds)
}
