//! The directory carried out and in: exports, imports of our own table, of HSDS
//! and of partners' tables, and undoing them.

use std::io::Write as _;
use std::path::Path;

use relais_acts::directory::imports::{self, Bring, Brought, ImportState, Undone};
use relais_acts::directory::{self, By, Export, Format};
use relais_casework::calendar::local_date;
use relais_interchange::directory::Mapping;
use relais_interchange::table::Limits;
use relais_mechanism::Lang;
use serde_json::json;
use uuid::Uuid;

use super::super::{local, now};
use super::{ROWS_ASIDE, SHOWN, counting, held_rows, unread_mapping, write_report, wrong_rows};
use crate::deployment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::settings::Settings;

/// Writes what everybody may see to a new file.
pub fn export(
    path: &Path,
    form: Option<&str>,
    region: Option<String>,
    settings: &Settings,
    output: &Output,
) -> Result<u8, Failure> {
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let format = match form {
        Some(code) => Format::from_code(code),
        None => Format::ALL.iter().find(|f| f.ending() == ending).copied(),
    }
    .ok_or_else(|| Failure::value("--as", form.unwrap_or(ending), "xlsx, csv, geojson, hsds"))?;
    let store = deployment::open(settings)?;
    let mechanism = deployment::mechanism(&store)?;
    let on = local_date(now(&store)?);
    let asked = Export {
        format,
        lang: output.lang,
        region,
    };
    let done = directory::export_all(&store, &mechanism, &asked, on)?;
    let mut file = std::fs::File::create_new(path).map_err(|e| Failure::file(path, &e))?;
    file.write_all(&done.bytes).map_err(|e| Failure::file(path, &e))?;
    let figures = json!({
        "file": path,
        "bytes": done.bytes.len(),
        "services": done.services,
        "organisations": done.organisations,
    });
    output.answer(&figures, || match output.lang {
        Lang::Fr => format!("{} services de {} organisations.", done.services, done.organisations),
        Lang::En => format!("{} services of {} organisations.", done.services, done.organisations),
    });
    Ok(0)
}

/// A file to be brought in.
pub struct Asked<'a> {
    pub file: &'a Path,
    pub mapping: Option<&'a Path>,
    pub save: Option<&'a str>,
    pub dry_run: bool,
    pub report: Option<&'a Path>,
}

/// The mapping that is named: a file of JSON, or one that is kept.
fn mapping(store: &relais_store::Store, named: Option<&Path>) -> Result<Mapping, Failure> {
    let Some(named) = named else {
        return Ok(Mapping::default());
    };
    if named.extension().is_none_or(|e| e != "json") {
        return Ok(imports::mapping(store, &named.to_string_lossy())?);
    }
    let text = std::fs::read_to_string(named).map_err(|e| Failure::file(named, &e))?;
    Mapping::from_json(&text).map_err(|e| {
        unread_mapping(
            &e,
            (
                "Comparez avec l’exemple du guide.",
                "Compare with the example of the guide.",
            ),
        )
    })
}

/// Brings a file in.
pub fn bring(asked: &Asked<'_>, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let length = std::fs::metadata(asked.file)
        .map_err(|e| Failure::file(asked.file, &e))?
        .len();
    // What is refused for its length is not read first.
    let most = u64::try_from(Limits::DIRECTORY.bytes).unwrap_or(u64::MAX);
    let bytes = if length > most {
        vec![b' '; Limits::DIRECTORY.bytes + 1]
    } else {
        std::fs::read(asked.file).map_err(|e| Failure::file(asked.file, &e))?
    };
    let store = deployment::open(settings)?;
    let mechanism = deployment::mechanism(&store)?;
    let mapping = mapping(&store, asked.mapping)?;
    if let Some(name) = asked.save {
        imports::save_mapping(&store, name, &mapping)?;
    }
    let mut progress = counting(output, output.say("fiches écrites", "entries written"));
    let done = imports::bring(
        &store,
        &mechanism,
        &Bring {
            bytes: &bytes,
            mapping: &mapping,
            dry_run: asked.dry_run,
            by: By::CommandLine,
            lang: output.lang,
        },
        &mut progress,
    )?;
    if let Some(path) = asked.report {
        write_report(path, &done, &done.rows, output.lang)?;
    }
    output.answer(&done, || words(&done, asked.report, output));
    Ok(if done.figures.rejected > 0 { ROWS_ASIDE } else { 0 })
}

fn words(done: &Brought, report: Option<&Path>, output: &Output) -> String {
    let f = &done.figures;
    let mut text = match output.lang {
        Lang::Fr => format!(
            "{} lignes : {} créées, {} mises à jour, {} inchangées, {} rejetées.\n",
            f.lines, f.created, f.updated, f.unchanged, f.rejected
        ),
        Lang::En => format!(
            "{} lines: {} created, {} updated, {} unchanged, {} rejected.\n",
            f.lines, f.created, f.updated, f.unchanged, f.rejected
        ),
    };
    let left_out: Vec<&str> = done
        .columns
        .iter()
        .filter(|c| c.column.is_none() && !c.heading.is_empty())
        .map(|c| c.heading.as_str())
        .collect();
    if !left_out.is_empty() {
        let said = output.say("Colonnes laissées de côté : ", "Columns left out: ");
        text += &format!("{said}{}\n", left_out.join(", "));
    }
    if done.overtaken > 0 {
        let said = output.say(
            "fiches changées entre-temps, laissées telles quelles : relancez l’import.",
            "entries changed meanwhile, left as they are: run the import again.",
        );
        text += &format!("{} {said}\n", done.overtaken);
    }
    match done.import {
        None => text += output.say("Essai à blanc : rien n’est écrit.\n", "Dry run: nothing was written.\n"),
        Some(import) => {
            let said = output.say("Pour l’annuler : ", "To undo it: ");
            text += &format!("{said}relais directory undo {import}\n");
        }
    }
    text += &held_rows(f.held, &done.rows, output);
    text + &wrong_rows(&done.rows, f.rejected, report, output)
}

/// Lists the last imports.
pub fn imports(settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let store = deployment::open(settings)?;
    let all = imports::all(&store)?;
    output.answer(&all, || {
        let rows: Vec<Vec<String>> = all
            .iter()
            .map(|i| {
                vec![
                    i.id.to_string(),
                    local(i.at),
                    i.source.clone(),
                    state(&i.state, output).to_owned(),
                    i.created.to_string(),
                    i.updated.to_string(),
                    i.rejected.to_string(),
                ]
            })
            .collect();
        let headings = [
            "IMPORT",
            "DATE",
            "SOURCE",
            output.say("ÉTAT", "STATE"),
            output.say("CRÉÉES", "CREATED"),
            output.say("CHANGÉES", "CHANGED"),
            output.say("REJETÉES", "REJECTED"),
        ];
        table(&headings, &rows)
    });
    Ok(0)
}

fn state<'a>(code: &'a str, output: &Output) -> &'a str {
    match ImportState::from_code(code) {
        Some(ImportState::Previewed) => output.say("à confirmer", "to be confirmed"),
        Some(ImportState::Running) => output.say("interrompu", "cut off"),
        Some(ImportState::Done) => output.say("fait", "done"),
        Some(ImportState::Undone) => output.say("annulé", "undone"),
        Some(ImportState::PartlyUndone) => output.say("annulé en partie", "partly undone"),
        None => code,
    }
}

/// Undoes an import.
pub fn undo(import: Uuid, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let store = deployment::open(settings)?;
    let mechanism = deployment::mechanism(&store)?;
    let done = imports::undo(&store, &mechanism, import, By::CommandLine)?;
    output.answer(&done, || undone(&done, output));
    Ok(if done.kept.is_empty() { 0 } else { ROWS_ASIDE })
}

fn undone(done: &Undone, output: &Output) -> String {
    let (restored, archived, kept) = (done.restored, done.archived, done.kept.len());
    let mut text = match output.lang {
        Lang::Fr => {
            format!("{restored} fiches redevenues ce qu’elles étaient, {archived} archivées, {kept} laissées.\n")
        }
        Lang::En => format!("{restored} entries as they were before, {archived} archived, {kept} left.\n"),
    };
    for entry in done.kept.iter().take(SHOWN) {
        let name = imports::shown_name(&entry.name, output.lang);
        text += &format!("{name} ({}) : {}\n", entry.id, entry.why.get(output.lang));
    }
    text
}
