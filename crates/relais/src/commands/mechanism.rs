//! `mechanism check | show | adopt | diff | new`.

mod compare;
mod country;
mod facts;
mod overlay;
mod page;

use std::path::Path;

use relais_acts::Desk;
use relais_acts::directory::{By, note_mechanism, put_bodies};
use relais_acts::registers::changes::carried;
use relais_casework::referral::pathway_rules;
use relais_mechanism::{Finding, Lang, Mechanism, Priority, Sources, check_with};
use serde_json::json;

use crate::cli::{Layer, Mechanism as Command};
use crate::deployment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::settings::Settings;

/// Runs the command.
pub fn run(
    command: &Command,
    settings: impl FnOnce() -> Result<Settings, Failure>,
    output: &Output,
) -> Result<u8, Failure> {
    match command {
        Command::Check(layer) => check(layer, output),
        Command::Show(layer) => show(&load(layer.dir.as_deref(), &layer.country)?, output),
        Command::Adopt(layer) => adopt(layer, &settings()?, output),
        Command::Diff(asked) => compare::run(asked, output),
        Command::New(asked) => country::run(asked, output),
    }
}

fn sources(dir: Option<&Path>, country: &str) -> Result<Sources, Failure> {
    if country == "regional" {
        return Err(Failure::new(
            (
                "Le modèle régional ne se pose pas sur lui-même.",
                "The regional model is not laid over itself.",
            ),
            (
                "Donnez le dossier d’un pays : --country cameroon ; « relais mechanism new » en commence un autre.",
                "Give a country’s folder: --country cameroon; “relais mechanism new” starts another.",
            ),
        ));
    }
    match dir {
        None => Ok(Sources::embedded(country)),
        Some(dir) => Sources::read_dir(dir, country).map_err(|e| Failure::file(&e.path, &e.cause)),
    }
}

/// The mechanism, checked.
///
/// # Errors
/// When it cannot be read or anything is wrong with it.
pub fn load(dir: Option<&Path>, country: &str) -> Result<Mechanism, Failure> {
    let sources = sources(dir, country)?;
    let wrong = |findings: &[Finding]| {
        let first = |lang| findings.first().map(|f| f.line(lang)).unwrap_or_default();
        let count = findings.len();
        Failure::new(
            (
                &format!("Le mécanisme a {count} défaut(s). Le premier : {}", first(Lang::Fr)),
                &format!("The mechanism has {count} finding(s). The first: {}", first(Lang::En)),
            ),
            (
                "« relais mechanism check » les donne tous.",
                "“relais mechanism check” gives them all.",
            ),
        )
    };
    let findings = found(&sources);
    if !findings.is_empty() {
        return Err(wrong(&findings));
    }
    Mechanism::load(&sources).map_err(|broken| wrong(&broken.findings))
}

/// Everything that is wrong: with the files, and once they can be read, with
/// the templates of the documents that are derived from them.
fn found(sources: &Sources) -> Vec<Finding> {
    let mut findings = check_with(sources, &pathway_rules());
    if let Ok(mechanism) = Mechanism::load(sources) {
        findings.extend(relais_documents::check(&mechanism));
    }
    findings
}

fn check(layer: &Layer, output: &Output) -> Result<u8, Failure> {
    let findings = found(&sources(layer.dir.as_deref(), &layer.country)?);
    output.answer(&json!({ "findings": findings }), || {
        if findings.is_empty() {
            return output
                .say(
                    "Rien à redire : le mécanisme peut être adopté.",
                    "Nothing found: the mechanism can be adopted.",
                )
                .to_owned();
        }
        let lines: Vec<String> = findings.iter().map(|f| f.line(output.lang)).collect();
        format!(
            "{}\n{} {}",
            lines.join("\n"),
            findings.len(),
            output.say("défaut(s)", "finding(s)")
        )
    });
    Ok(u8::from(!findings.is_empty()))
}

fn show(mechanism: &Mechanism, output: &Output) -> Result<u8, Failure> {
    let lang = output.lang;
    let value = json!({
        "version": mechanism.version(),
        "hash": mechanism.hash(),
        "label": mechanism.label(),
        "country": mechanism.country().code,
        "regime": mechanism.regime(),
        "categories": mechanism.categories().iter().map(|c| json!({
            "code": c.code,
            "label": c.label,
            "services": mechanism.services().iter().filter(|s| s.category == c.code)
                .map(|s| json!({ "code": s.code, "label": s.label, "discreet": s.discreet, "confidential": s.confidential }))
                .collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "forms": mechanism.forms().iter().map(|f| json!({ "code": f.code, "label": f.label })).collect::<Vec<_>>(),
        "states": mechanism.states().iter().map(|s| s.code.to_string()).collect::<Vec<_>>(),
        "regions": mechanism.regions().map(|r| json!({ "code": r.code, "name": r.name })).collect::<Vec<_>>(),
        "bodies": mechanism.bodies().iter().map(|b| json!({ "code": b.code, "label": b.label })).collect::<Vec<_>>(),
        "s4_basis": mechanism.s4_basis(),
        "regions_without_on_call": mechanism.regions_without_on_call(),
    });
    output.answer(&value, || {
        let mut text = format!(
            "{} — {}\n{}\n\n",
            mechanism.label().get(lang),
            mechanism.version(),
            mechanism.hash()
        );
        let rows: Vec<Vec<String>> = mechanism
            .categories()
            .iter()
            .map(|c| {
                let services = mechanism.services().iter().filter(|s| s.category == c.code).count();
                vec![c.code.clone(), c.label.get(lang).to_owned(), services.to_string()]
            })
            .collect();
        text += &table(&["CODE", output.say("CATÉGORIE", "CATEGORY"), "SERVICES"], &rows);
        text.push('\n');
        let rows: Vec<Vec<String>> = mechanism
            .forms()
            .iter()
            .map(|f| {
                let fields: usize = f.sections.iter().map(|s| s.fields.len()).sum();
                vec![f.code.clone(), f.label.get(lang).to_owned(), fields.to_string()]
            })
            .collect();
        text += &table(
            &["CODE", output.say("FICHE", "FORM"), output.say("CHAMPS", "FIELDS")],
            &rows,
        );
        text.push('\n');
        let rows: Vec<Vec<String>> = Priority::ALL
            .iter()
            .filter_map(|p| {
                Some(vec![
                    p.code().to_owned(),
                    mechanism.priority(*p)?.label.get(lang).to_owned(),
                ])
            })
            .collect();
        text += &table(&["CODE", output.say("PRIORITÉ", "PRIORITY")], &rows);
        let missing = mechanism.regions_without_on_call();
        text += &format!(
            "\n{} {} · {} {} · {} {}\n",
            mechanism.regions().count(),
            output.say("régions", "regions"),
            mechanism.bodies().len(),
            output.say("organisations nommées", "bodies"),
            missing.len(),
            output.say(
                "régions sans astreinte propre (repli national)",
                "regions without on-call of their own (national fallback)"
            ),
        );
        text
    });
    Ok(0)
}

fn adopt(layer: &Layer, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let mechanism = load(layer.dir.as_deref(), &layer.country)?;
    let store = deployment::open(settings)?;
    // What was adopted in the registers outlives a newer edition of the files.
    let (mechanism, kept) = carried(&store, &mechanism)?;
    let new = Desk::adopt(&store, &mechanism)?;
    if new {
        note_mechanism(&store, &mechanism, By::CommandLine)?;
    }
    let bodies = put_bodies(&store, &mechanism, By::CommandLine)?;
    let value = json!({
        "version": mechanism.version(),
        "hash": mechanism.hash(),
        "adopted": new,
        "kept": kept,
        "organisations": bodies,
    });
    output.answer(&value, || {
        let version = mechanism.version();
        let told = if new {
            format!(
                "{} {version}",
                output.say(
                    "Adopté ; ce qui est en cours garde sa version :",
                    "Adopted; what is under way keeps its version:"
                )
            )
        } else {
            format!("{} {version}", output.say("Déjà en vigueur :", "In force already:"))
        };
        if kept == 0 {
            return told;
        }
        let why = output.say(
            "chiffre(s) gardé(s) contre les fichiers : un changement de règle les a mis en vigueur.",
            "figure(s) kept against the files: a rule change put them in force.",
        );
        format!("{told}\n{kept} {why}")
    });
    Ok(0)
}

/// Folders of the countries that are built into the binary.
const BUILT_IN: &[&str] = &["cameroon"];

/// The mechanism of a country of the program, by its folder or country code
/// ("cameroon", "cm"), or of a folder of mechanisms ("DIR:COUNTRY"), checked.
///
/// # Errors
/// When there is no such mechanism, or anything is wrong with it.
pub fn named(source: &str) -> Result<Mechanism, Failure> {
    if let Some((dir, country)) = source.rsplit_once(':') {
        return load(Some(Path::new(dir)), country);
    }
    for folder in BUILT_IN {
        let mechanism = load(None, folder)?;
        if source == *folder || source.eq_ignore_ascii_case(&mechanism.country().code) {
            return Ok(mechanism);
        }
    }
    let built_in = BUILT_IN.join(", ");
    Err(Failure {
        code: 2,
        ..Failure::new(
            (
                &format!("Le programme n’a pas de mécanisme « {source} »."),
                &format!("The program has no mechanism “{source}”."),
            ),
            (
                &format!("Écrivez un pays du programme ({built_in}, ou son code), ou DOSSIER:PAYS."),
                &format!("Write a country of the program ({built_in}, or its code), or DIR:COUNTRY."),
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_folder_of_the_repository_is_known() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../mechanisms"));
        let entries = std::fs::read_dir(folder).expect("the mechanisms");
        let mut found: Vec<String> = entries
            .map(|e| e.expect("an entry").path())
            .filter(|p| p.join("mechanism.toml").is_file())
            .filter_map(|p| Some(p.file_name()?.to_str()?.to_owned()))
            .collect();
        found.sort();
        assert_eq!(found, BUILT_IN);
    }

    #[test]
    fn a_country_is_named_by_folder_or_code() {
        for name in ["cameroon", "cm", "CM"] {
            let mechanism = named(name).expect("built in");
            assert_eq!(mechanism.country().code, "CM");
        }
        assert_eq!(named("atlantis").expect_err("no such country").code, 2);
    }
}
