//! `documents diff`: what differs in a document between two versions, those that
//! the deployment has adopted or others.

use std::io::Write as _;

use relais_documents::redline::{between, page};
use relais_mechanism::{Lang, Mechanism};
use relais_store::rows::directory::{MechanismRecord, mechanism_versions};
use relais_store::{Store, StoreError, Tx};
use serde_json::json;

use super::documents::{refused, write};
use super::mechanism::named;
use crate::cli::DocumentDiff;
use crate::deployment;
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;

/// Fewest characters of a hash by which a version is named.
const FEWEST: usize = 8;

/// Runs the command.
pub fn run(
    asked: &DocumentDiff,
    settings: impl FnOnce() -> Result<Settings, Failure>,
    output: &Output,
) -> Result<u8, Failure> {
    let store = if is_hash(&asked.from) || is_hash(&asked.to) {
        Some(deployment::open(&settings()?)?)
    } else {
        None
    };
    let read = |source: &str| match &store {
        Some(store) if is_hash(source) => adopted(store, source),
        _ => named(source),
    };
    let (was, is) = (read(&asked.from)?, read(&asked.to)?);
    let found = between(&was, &is, &asked.code, output.lang).map_err(|problem| refused(&asked.code, &problem))?;
    let versions = format!("{} → {}", was.version(), is.version());
    let text = page(&found, &versions, output.lang);
    let side = |m: &Mechanism| json!({ "version": m.version(), "hash": m.hash() });
    let mut value = json!({
        "code": asked.code,
        "title": found.title,
        "from": side(&was),
        "to": side(&is),
        "changes": found.changes,
    });
    if let Some(file) = &asked.file {
        write(file, text.as_bytes()).map_err(|e| Failure::file(file, &e))?;
        value["file"] = json!(file);
        let changes = found.changes;
        output.answer(&value, || match output.lang {
            Lang::Fr => format!("{} – {} ({versions}) : {changes} endroit(s)", asked.code, found.title),
            Lang::En => format!("{} – {} ({versions}): {changes} place(s)", asked.code, found.title),
        });
    } else if output.is_json() {
        value["html"] = json!(found.html);
        output.answer(&value, String::new);
    } else {
        // Whoever closed the pipe has read enough.
        drop(std::io::stdout().lock().write_all(text.as_bytes()));
    }
    Ok(0)
}

/// Whether a source is the beginning of a hash.
fn is_hash(source: &str) -> bool {
    source.len() >= FEWEST && source.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The version of the deployment whose hash begins so.
fn adopted(store: &Store, hash: &str) -> Result<Mechanism, Failure> {
    let start = hash.to_lowercase();
    let found = store.read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
        let versions = mechanism_versions(tx)?.into_iter();
        let mut begun = versions.filter(|v| v.hash.starts_with(&start));
        match (begun.next(), begun.next()) {
            (Some(one), None) => MechanismRecord::find(tx, one.hash),
            _ => Ok(None),
        }
    })?;
    let Some(record) = found else {
        return Err(Failure::new(
            (
                &format!("Aucune version adoptée, ou plus d’une, ne commence par « {hash} »."),
                &format!("No adopted version, or more than one, begins with “{hash}”."),
            ),
            (
                "La page des documents donne l’empreinte de chaque version.",
                "The page of the documents gives each version’s hash.",
            ),
        ));
    };
    Mechanism::from_bundle(&record.bundle).map_err(|broken| StoreError::Schema(broken.to_string()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_told_from_a_country_or_a_folder() {
        assert!(is_hash("0123abcd") && is_hash(&"F".repeat(64)));
        for other in ["cm", "cameroon", "m:cameroon", "0123abc", "/tmp/m:cameroon"] {
            assert!(!is_hash(other), "{other}");
        }
    }
}
