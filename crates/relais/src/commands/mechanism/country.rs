//! `mechanism new`: a copy of the regional model and the overlay of a country
//! that has none yet, whole enough to pass the check. What nobody gave is
//! marked [P] in the files and listed at the end.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use relais_mechanism::source::REGIONAL;
use relais_mechanism::{Finding, Label, Lang, Mechanism, Sources};
use serde_json::json;

use super::facts::Facts;
use super::{found, overlay};
use crate::cli::MechanismNew;
use crate::failure::Failure;
use crate::output::Output;

/// The files of a folder by their path in it.
pub type Files = BTreeMap<String, String>;

/// Runs the command.
pub fn run(asked: &MechanismNew, output: &Output) -> Result<u8, Failure> {
    let mut facts = match &asked.facts {
        None => Facts::default(),
        Some(path) => Facts::read(path)?,
    };
    let country = Country::of(asked, &facts)?;
    free(&asked.dir.join(&country.folder))?;
    let (regional, copied) = regional(asked)?;
    if facts.fallback.is_empty() {
        facts.fallback = vec![fallback(asked)?];
    }
    let mut missing = Vec::new();
    let own = overlay::files(&country, asked, &facts, &mut missing);
    let mechanism = checked(&country, &regional, &own)?;
    let made = written(&asked.dir, &country.folder, copied.then_some(&regional), &own)?;
    said(asked, &country, &mechanism, &made, &own, &missing, output);
    Ok(0)
}

/// How the country is named.
pub struct Country {
    /// The folder, which is the code of its versions too.
    pub folder: String,
    /// ISO 3166-1 code.
    pub code: String,
    /// Name.
    pub label: Label,
}

impl Country {
    fn of(asked: &MechanismNew, facts: &Facts) -> Result<Self, Failure> {
        let folder = asked.code.clone();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let right = folder.starts_with(|c: char| c.is_ascii_lowercase()) && folder.chars().all(plain);
        if !right || folder.len() > 40 || folder == REGIONAL {
            return Err(wrong_value(
                ("Le nom du dossier", "The folder’s name"),
                &folder,
                (
                    "Écrivez des lettres minuscules, des chiffres ou un trait d’union : sn.",
                    "Write small letters, digits or a hyphen: sn.",
                ),
            ));
        }
        let code = asked
            .country_code
            .as_ref()
            .or(facts.country.code.as_ref())
            .unwrap_or(&folder)
            .to_ascii_uppercase();
        if code.len() != 2 || !code.chars().all(|c| c.is_ascii_uppercase()) {
            return Err(wrong_value(
                ("Le code du pays", "The country’s code"),
                &code,
                (
                    "Donnez ses deux lettres (ISO 3166-1) : --country-code SN.",
                    "Give its two letters (ISO 3166-1): --country-code SN.",
                ),
            ));
        }
        let name = |option: &Option<String>, fact: &Option<String>| option.clone().or_else(|| fact.clone());
        let names = (
            name(&asked.name_fr, &facts.country.fr),
            name(&asked.name_en, &facts.country.en),
        );
        match names {
            (Some(fr), Some(en)) if !fr.trim().is_empty() && !en.trim().is_empty() => Ok(Self {
                folder,
                code,
                label: Label { fr, en },
            }),
            _ => Err(refused(
                (
                    "Le pays n’a pas de nom dans les deux langues.",
                    "The country has no name in both languages.",
                ),
                (
                    "Donnez --name-fr et --name-en, ou fr et en sous [country] dans le fichier des faits.",
                    "Give --name-fr and --name-en, or fr and en under [country] in the file of facts.",
                ),
            )),
        }
    }
}

/// A command that is not understood as it was typed.
fn refused(sentence: (&str, &str), remedy: (&str, &str)) -> Failure {
    Failure {
        code: 2,
        ..Failure::new(sentence, remedy)
    }
}

fn wrong_value(what: (&str, &str), value: &str, remedy: (&str, &str)) -> Failure {
    refused(
        (
            &format!("{} ne peut pas être « {value} ».", what.0),
            &format!("{} cannot be “{value}”.", what.1),
        ),
        remedy,
    )
}

/// Nothing stands where a folder is to be written.
fn free(folder: &Path) -> Result<(), Failure> {
    if folder.symlink_metadata().is_err() {
        return Ok(());
    }
    let shown = folder.display();
    Err(Failure::new(
        (
            &format!("{shown} existe déjà ; rien n’est écrit."),
            &format!("{shown} exists already; nothing is written."),
        ),
        (
            "Choisissez un autre dossier (--dir) ou un autre nom, ou modifiez les fichiers qui y sont.",
            "Choose another folder (--dir) or another name, or change the files that are there.",
        ),
    ))
}

/// The regional layer, and whether it is to be copied: one that stands in the
/// folder already is what the country is laid on, as it is.
fn regional(asked: &MechanismNew) -> Result<(Files, bool), Failure> {
    let read = |dir: &Path| {
        let read = Sources::read_dir(dir, REGIONAL).map_err(|e| Failure::file(&e.path, &e.cause))?;
        Ok::<Files, Failure>(read.files)
    };
    let own = asked.dir.join(REGIONAL);
    match asked.from.as_deref() {
        None if own.is_dir() => Ok((read(&asked.dir)?, false)),
        None | Some(REGIONAL) => {
            free(&own)?;
            Ok((Sources::embedded(REGIONAL).files, true))
        }
        Some(dir) => {
            free(&own)?;
            Ok((read(Path::new(dir))?, true))
        }
    }
}

/// The national number to call, from the options: the one thing that is never
/// made up, for somebody will call it.
fn fallback(asked: &MechanismNew) -> Result<toml::Table, Failure> {
    let number = asked.fallback.as_deref().map(str::trim).filter(|n| !n.is_empty());
    let Some(number) = number else {
        return Err(refused(
            (
                "Personne ne peut être appelé pour une urgence, et le programme n’invente aucun numéro.",
                "Nobody can be called in an emergency, and the program makes up no number.",
            ),
            (
                "Donnez --fallback NUMÉRO, ou [[fallback]] dans le fichier des faits.",
                "Give --fallback NUMBER, or [[fallback]] in the file of facts.",
            ),
        ));
    };
    let mut entry = toml::Table::new();
    entry.insert("rank".to_owned(), 1.into());
    entry.insert("number".to_owned(), number.into());
    entry.insert("fr".to_owned(), "Numéro national d’urgence".into());
    entry.insert("en".to_owned(), "National emergency number".into());
    // Until somebody says otherwise: never called for a person of the protected circuit.
    entry.insert("state_line".to_owned(), true.into());
    entry.insert("mark".to_owned(), "P".into());
    Ok(entry)
}

/// The mechanism that the country's files make, laid on the region's.
fn checked(country: &Country, regional: &Files, own: &Files) -> Result<Mechanism, Failure> {
    let files = regional
        .iter()
        .chain(own)
        .map(|(path, text)| (path.clone(), text.clone()));
    let sources = Sources::of(&country.folder, files);
    let findings = found(&sources);
    if !findings.is_empty() {
        return Err(faulty(&findings));
    }
    Mechanism::load(&sources).map_err(|broken| faulty(&broken.findings))
}

/// What was given makes no mechanism.
fn faulty(findings: &[Finding]) -> Failure {
    let first = |lang| {
        let lines: Vec<String> = findings.iter().take(3).map(|f| f.line(lang)).collect();
        lines.join("\n")
    };
    let count = findings.len();
    Failure::new(
        (
            &format!(
                "Ce mécanisme aurait {count} défaut(s) ; rien n’est écrit. D’abord :\n{}\n",
                first(Lang::Fr)
            ),
            &format!(
                "This mechanism would have {count} finding(s); nothing is written. First:\n{}\n",
                first(Lang::En)
            ),
        ),
        (
            "Corrigez ce qui est donné, dans le fichier des faits ou les options.",
            "Correct what is given, in the file of facts or the options.",
        ),
    )
}

/// Writes the folders, or none of them; the paths of the files, in `dir`.
fn written(dir: &Path, folder: &str, regional: Option<&Files>, own: &Files) -> Result<Vec<String>, Failure> {
    std::fs::create_dir_all(dir).map_err(|e| Failure::file(dir, &e))?;
    let mut folders = vec![dir.join(folder)];
    if regional.is_some() {
        folders.push(dir.join(REGIONAL));
    }
    let files: Vec<(&String, &String)> = regional.into_iter().flatten().chain(own).collect();
    let mut made: Vec<PathBuf> = Vec::new();
    let mut write = || -> Result<(), Failure> {
        for folder in &folders {
            // Only a folder that was not there is made, and is ours to take away again.
            free(folder)?;
            std::fs::create_dir(folder).map_err(|e| Failure::file(folder, &e))?;
            made.push(folder.clone());
        }
        for (path, text) in &files {
            let path = dir.join(path);
            file(&path, text).map_err(|e| Failure::file(&path, &e))?;
        }
        Ok(())
    };
    let result = write();
    if let Err(failure) = result {
        for folder in &made {
            // What cannot be taken away is left; the failure is what counts.
            drop(std::fs::remove_dir_all(folder));
        }
        return Err(failure);
    }
    Ok(files.into_iter().map(|(path, _)| path.clone()).collect())
}

fn file(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::File::create_new(path)?.write_all(text.as_bytes())
}

fn said(
    asked: &MechanismNew,
    country: &Country,
    mechanism: &Mechanism,
    made: &[String],
    own: &Files,
    missing: &[Label],
    output: &Output,
) {
    let to_verify: usize = own.values().map(|text| text.matches("\nmark = ").count()).sum();
    let value = json!({
        "dir": asked.dir,
        "folder": country.folder,
        "country": country.code,
        "version": mechanism.version(),
        "hash": mechanism.hash(),
        "files": made,
        "to_fill": missing,
        "to_verify": to_verify,
    });
    output.answer(&value, || {
        let (dir, folder) = (asked.dir.display(), &country.folder);
        let mut text = format!(
            "{} – {}\n{} {dir}\n",
            mechanism.label().get(output.lang),
            mechanism.version(),
            output.say("Écrit dans", "Written to"),
        );
        for path in own.keys() {
            text += &format!("  {path}\n");
        }
        if made.len() > own.len() {
            let copied = made.len() - own.len();
            text += &format!(
                "  {REGIONAL}/ ({copied} {})\n",
                output.say("fichiers copiés", "files copied")
            );
        }
        text += &format!(
            "\n{}\n",
            output.say(
                "Le mécanisme passe la vérification. Le pays a encore à remplir :",
                "The mechanism passes the check. The country still has to fill in:",
            )
        );
        for label in missing {
            text += &format!("  – {}\n", label.get(output.lang));
        }
        text += &format!(
            "  – {to_verify} {}\n",
            output.say(
                "lignes marquées [K] ou [P], à vérifier ou à valider",
                "lines marked [K] or [P], to verify or validate",
            )
        );
        text + &format!(
            "\n{} relais mechanism check --dir {dir} --country {folder}",
            output.say("Ensuite :", "Next:")
        )
    });
}
