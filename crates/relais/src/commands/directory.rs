//! `directory import | imports | undo | export | list | confidential`.

mod duplicates;
mod exchange;

use std::io::IsTerminal as _;
use std::path::Path;

use relais_acts::directory::{self, By, Imported, RowReport};
use relais_acts::shelter;
use relais_mechanism::Lang;
use relais_network::Missing;
use relais_network::import::Mapping;
use serde::Serialize;

use crate::cli::Directory;
use crate::deployment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::settings::Settings;

/// Exit code of an import that left wrong rows aside.
const ROWS_ASIDE: u8 = 3;

/// Wrong rows that are shown on the screen; the report has them all.
const SHOWN: usize = 10;

/// Runs the command.
pub fn run(directory: &Directory, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    match directory {
        Directory::Import {
            file,
            mapping,
            save_mapping,
            dry_run,
            report,
        } => {
            let rules = mapping
                .as_deref()
                .filter(|m| m.extension().is_some_and(|e| e == "toml"));
            match rules {
                Some(rules) => import(file, rules, *dry_run, report.as_deref(), settings, output),
                None => {
                    let asked = exchange::Asked {
                        file,
                        mapping: mapping.as_deref(),
                        save: save_mapping.as_deref(),
                        dry_run: *dry_run,
                        report: report.as_deref(),
                    };
                    exchange::bring(&asked, settings, output)
                }
            }
        }
        Directory::Imports => exchange::imports(settings, output),
        Directory::Undo { import } => exchange::undo(*import, settings, output),
        Directory::Export { file, form, region } => {
            exchange::export(file, form.as_deref(), region.clone(), settings, output)
        }
        Directory::Confidential { renew } => confidential(renew.as_deref(), settings, output),
        Directory::Duplicates { csv } => duplicates::list(csv.as_deref(), settings, output),
        Directory::List => {
            let store = deployment::open(settings)?;
            let all = directory::list(&store, &deployment::mechanism(&store)?, output.lang)?;
            output.answer(&all, || {
                let rows: Vec<Vec<String>> = all
                    .iter()
                    .map(|l| {
                        vec![
                            l.organisation.clone(),
                            l.service.clone(),
                            l.region.clone(),
                            l.status.clone(),
                            l.name.clone(),
                        ]
                    })
                    .collect();
                let headings = [
                    "ORGANISATION",
                    "SERVICE",
                    output.say("RÉGION", "REGION"),
                    output.say("ÉTAT", "STATE"),
                    output.say("NOM", "NAME"),
                ];
                format!("{}{} services", table(&headings, &rows), all.len())
            });
            Ok(0)
        }
    }
}

/// Lists what no search finds, with the codes that the on-call desk gives; or
/// replaces one of them, and gives the new one.
fn confidential(renew: Option<&str>, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let store = deployment::open(settings)?;
    let mechanism = deployment::mechanism(&store)?;
    let all = match renew {
        Some(code) => vec![shelter::renew(&store, &mechanism, code, output.lang)?],
        None => shelter::list(&store, &mechanism, output.lang)?,
    };
    output.answer(&all, || {
        let rows: Vec<Vec<String>> = all
            .iter()
            .map(|s| {
                vec![
                    s.code.clone(),
                    s.service.clone(),
                    s.region.clone(),
                    s.status.clone(),
                    s.telephone.clone(),
                    s.organisation.clone(),
                    s.name.clone(),
                ]
            })
            .collect();
        let headings = [
            "CODE",
            "SERVICE",
            output.say("RÉGION", "REGION"),
            output.say("ÉTAT", "STATE"),
            output.say("TÉLÉPHONE", "TELEPHONE"),
            "ORGANISATION",
            output.say("NOM", "NAME"),
        ];
        format!("{}{} services", table(&headings, &rows), all.len())
    });
    Ok(0)
}

/// Reads a mapping of columns.
///
/// # Errors
/// When the text is no mapping.
pub fn read_mapping(text: &str) -> Result<Mapping, Failure> {
    Mapping::from_toml(text).map_err(|e| {
        unread_mapping(
            &e,
            (
                "Comparez avec mechanisms/cameroon/mappings/health-facilities.toml.",
                "Compare with mechanisms/cameroon/mappings/health-facilities.toml.",
            ),
        )
    })
}

/// That a mapping of columns does not read, with a remedy in both languages.
fn unread_mapping(e: &impl std::fmt::Display, remedy: (&str, &str)) -> Failure {
    Failure::new(
        (
            &format!("La correspondance ne se lit pas : {e}."),
            &format!("The mapping does not read: {e}."),
        ),
        remedy,
    )
}

fn import(
    file: &Path,
    mapping: &Path,
    dry_run: bool,
    report: Option<&Path>,
    settings: &Settings,
    output: &Output,
) -> Result<u8, Failure> {
    let text = std::fs::read_to_string(mapping).map_err(|e| Failure::file(mapping, &e))?;
    let mapping = read_mapping(&text)?;
    let bytes = std::fs::read(file).map_err(|e| Failure::file(file, &e))?;
    let store = deployment::open(settings)?;
    let mechanism = deployment::mechanism(&store)?;
    let mut progress = counting(output, output.say("lignes écrites", "rows written"));
    let done = directory::import(
        &store,
        &mechanism,
        &bytes,
        &mapping,
        dry_run,
        By::CommandLine,
        &mut progress,
    )?;
    if let Some(path) = report {
        write_report(path, &done, &done.rows, output.lang)?;
    }
    output.answer(&done, || words(&done, report, output));
    Ok(if done.figures.rejected > 0 { ROWS_ASIDE } else { 0 })
}

fn words(done: &Imported, report: Option<&Path>, output: &Output) -> String {
    let f = &done.figures;
    let mut text = match output.lang {
        Lang::Fr => format!(
            "{} lignes : {} créées, {} mises à jour, {} inchangées, {} répétées, {} rejetées.\n",
            f.rows, f.created, f.updated, f.unchanged, f.skipped, f.rejected
        ),
        Lang::En => format!(
            "{} rows: {} created, {} updated, {} unchanged, {} repeated, {} rejected.\n",
            f.rows, f.created, f.updated, f.unchanged, f.skipped, f.rejected
        ),
    };
    if f.region_only > 0 {
        text += &format!(
            "{} {}\n",
            f.region_only,
            output.say(
                "sans coordonnées, connues par leur région.",
                "without coordinates, known by their region."
            )
        );
    }
    text += &held_rows(f.held, &done.rows, output);
    if done.dry_run {
        text += output.say("Essai à blanc : rien n’est écrit.\n", "Dry run: nothing was written.\n");
    }
    text + &wrong_rows(&done.rows, f.rejected, report, output)
}

/// How many rows come in as checked and not published, for want of what, and what
/// to do; nothing where none does.
fn held_rows(held: usize, rows: &[RowReport], output: &Output) -> String {
    if held == 0 {
        return String::new();
    }
    let mut text = match output.lang {
        Lang::Fr => format!("{held} entrent vérifiées, pas encore publiées\u{a0}:\n"),
        Lang::En => format!("{held} come in as checked, not published yet:\n"),
    };
    for missing in Missing::ALL {
        let count = rows.iter().filter(|r| r.held.contains(missing)).count();
        if count > 0 {
            text += &format!("  {count}  {}\n", missing.label().get(output.lang));
        }
    }
    text + output.say(
        "« relais organisation list » dit qui doit signer ; « relais organisation safeguards CODE --publish » le note et publie.\n",
        "“relais organisation list” says who is to sign; “relais organisation safeguards CODE --publish” notes it and publishes.\n",
    )
}

/// Tells how far an import is: all along on a terminal, else at its end.
fn counting<'a>(output: &'a Output, what: &'a str) -> impl FnMut(usize, usize) + 'a {
    let terminal = std::io::stderr().is_terminal();
    move |done, all| {
        if terminal || done == all {
            output.progress(&format!("{done} / {all} {what}"));
        }
    }
}

/// The first rows that were refused, and where the others are read.
fn wrong_rows(rows: &[RowReport], refused: usize, report: Option<&Path>, output: &Output) -> String {
    let rejected = rows.iter().filter(|r| r.result == "rejected");
    let first = rejected.flat_map(|r| problems(r, output.lang)).take(SHOWN);
    let mut text: String = first.map(|line| line + "\n").collect();
    if refused > SHOWN && report.is_none() {
        text += output.say(
            "Le rapport entier : --report FICHIER.csv\n",
            "The whole report: --report FILE.csv\n",
        );
    }
    text
}

fn problems(row: &RowReport, lang: Lang) -> Vec<String> {
    row.problems
        .iter()
        .map(|p| {
            let (line, column, value, cause, remedy) = (row.line, &p.column, &p.value, &p.cause, p.remedy.get(lang));
            match lang {
                Lang::Fr => format!("ligne {line}, {column} = « {value} » : {cause}. {remedy}"),
                Lang::En => format!("line {line}, {column} = “{value}”: {cause}. {remedy}"),
            }
        })
        .collect()
}

/// Every row, as JSON or as a table for a spreadsheet, one line for each
/// problem or remark.
fn write_report<T: Serialize>(path: &Path, done: &T, rows: &[RowReport], lang: Lang) -> Result<(), Failure> {
    let bytes = if path.extension().is_some_and(|e| e == "json") {
        serde_json::to_vec_pretty(done).unwrap_or_default()
    } else {
        csv_report(rows, lang).map_err(|e| Failure::file(path, &std::io::Error::other(e)))?
    };
    std::fs::write(path, bytes).map_err(|e| Failure::file(path, &e))
}

fn csv_report(rows: &[RowReport], lang: Lang) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["row", "line", "result", "name", "column", "value", "cause", "remedy"])?;
    for row in rows {
        let (number, line) = (row.row.to_string(), row.line.to_string());
        let mut write = |column: &str, value: &str, cause: &str, remedy: &str| {
            out.write_record([&number, &line, row.result, &row.name, column, value, cause, remedy])
        };
        for p in &row.problems {
            write(&p.column, &p.value, &p.cause, p.remedy.get(lang))?;
        }
        if row.problems.is_empty() {
            let said = match row.repeats {
                Some(of) => match lang {
                    Lang::Fr => format!("répète la ligne {of}"),
                    Lang::En => format!("repeats row {of}"),
                },
                None => row.remarks.iter().map(|r| r.get(lang)).collect::<Vec<_>>().join(" "),
            };
            write("", "", &said, "")?;
        }
    }
    out.into_inner()
        .map_err(|e| csv::Error::from(std::io::Error::other(e.to_string())))
}
