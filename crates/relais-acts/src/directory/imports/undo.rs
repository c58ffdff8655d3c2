//! Undo an import: every entry goes back to what it was before. One that was
//! changed since stays as it is, and is told with the reason.

use relais_mechanism::{Label, Mechanism};
use relais_network::{Organisation, OrganisationId, Place, ProgrammeId, PublicationStatus, Safeguards, Service};
use relais_store::rows::accounts;
use relais_store::rows::directory as rows;
use relais_store::rows::imports::{self, ImportEntryRecord, ImportRecord};
use relais_store::{Store, Tx, ids};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::super::put::{put_organisation, put_place, put_service};
use super::super::{BATCH, By, closed, note, stream};
use super::journal::{self, digest, parsed};
use super::{ImportState, Noted};
use crate::problem::ActError;

/// An entry that stays as it is.
#[derive(Debug, Clone, Serialize)]
pub struct Kept {
    /// organisation, place, programme or service.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// Its name; empty for one that is not public.
    pub name: Label,
    /// Stable code of the reason.
    pub reason: &'static str,
    /// Why it stays.
    pub why: Label,
}

/// What came of an undoing.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Undone {
    /// Entries that are as they were before.
    pub restored: usize,
    /// Entries that the import had made, archived now.
    pub archived: usize,
    /// Entries that stay.
    pub kept: Vec<Kept>,
}

/// What became of one entry.
enum Back {
    Restored,
    Archived,
    Kept(&'static str),
}

/// Undoes an import, in batches, the last entry first.
///
/// # Errors
/// [`ActError::NotFound`] for an unknown import; one that was undone already.
pub fn undo(store: &Store, mechanism: &Mechanism, import: Uuid, by: By) -> Result<Undone, ActError> {
    let record = store
        .read_blocking(move |tx: &mut Tx<'_>| ImportRecord::find(tx, import))?
        .filter(|r| r.state != ImportState::Previewed.code())
        .ok_or(ActError::NotFound)?;
    if record.state == ImportState::Undone.code() {
        return Err(ActError::refused(
            "import_undone",
            ("Cet import est déjà annulé.", "This import is undone already."),
            ("Il n’y a rien à faire.", "There is nothing to do."),
        ));
    }
    let public = super::super::shown::public_names(store, mechanism)?;
    let mut entries = store.read_blocking(move |tx: &mut Tx<'_>| imports::entries_of(tx, import))?;
    let mut undone = Undone::default();
    while !entries.is_empty() {
        let batch: Vec<ImportEntryRecord> = entries.drain(..entries.len().min(BATCH)).collect();
        let source = record.source.clone();
        let done = store.write_blocking(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
            let accounts: Vec<OrganisationId> = accounts::organisations_with_account(tx)?;
            let mut done = Vec::new();
            for entry in &batch {
                let back = back(tx, entry, &accounts)?;
                if !matches!(back, Back::Kept(_)) {
                    let mut record = entry.clone();
                    record.undone = true;
                    record.update(tx)?;
                }
                done.push((entry.kind.clone(), entry.entry_id, back));
            }
            rows::directory_changed(tx)?;
            let written: Vec<Uuid> = done
                .iter()
                .filter(|(.., back)| !matches!(back, Back::Kept(_)))
                .map(|(_, id, _)| *id)
                .collect();
            let subject = ids::new_v7(tx.now()?);
            let facts = json!({ "import": import, "source": source, "written": written });
            note(tx, by, stream(), subject, "directory_import_undone", facts)?;
            Ok(done)
        })?;
        for (kind, id, back) in done {
            match back {
                Back::Restored => undone.restored += 1,
                Back::Archived => undone.archived += 1,
                Back::Kept(reason) => undone.kept.push(Kept {
                    name: public.get(&id).cloned().unwrap_or_default(),
                    kind,
                    id,
                    reason,
                    why: why(reason),
                }),
            }
        }
    }
    let state = if undone.kept.is_empty() {
        ImportState::Undone
    } else {
        ImportState::PartlyUndone
    };
    store.write_blocking(move |tx| journal::end(tx, import, state, 0))?;
    Ok(undone)
}

const CHANGED: &str = "changed_since";
const IN_USE: &str = "in_use";

fn why(reason: &str) -> Label {
    match reason {
        IN_USE => Label::of(
            "La fiche sert à présent : l’organisation a un compte ou des services, ou le programme paie un service.",
            "The entry is in use by now: the organisation has an account or services, or the programme pays for one.",
        ),
        _ => Label::of(
            "La fiche a été changée depuis : annulez d’abord ce qui est venu après, ou corrigez-la.",
            "The entry was changed since: first undo what came later, or correct it.",
        ),
    }
}

/// Whether a programme pays for a service that is not archived.
fn pays(tx: &mut Tx<'_>, programme: ProgrammeId) -> Result<bool, ActError> {
    for record in rows::all_services(tx)? {
        if record.status != PublicationStatus::Archived.code() {
            let service: Service = parsed(&closed::text(tx, &record)?)?;
            if service.programmes.contains(&programme) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// An entry as the import left it, where nothing came since but what its
/// organisation signed and that it was published by it: that follows from the
/// import, and goes with it.
fn before_the_gate(kind: &str, now: &str) -> Result<String, ActError> {
    match kind {
        journal::ORGANISATION if !now.is_empty() => {
            let mut entry: Organisation = parsed(now)?;
            entry.safeguards = Safeguards::default();
            journal::text_of(&entry)
        }
        journal::SERVICE if !now.is_empty() => {
            let mut entry: Service = parsed(now)?;
            if entry.status == PublicationStatus::Published {
                (entry.status, entry.held) = (PublicationStatus::Checked, true);
            }
            journal::text_of(&entry)
        }
        _ => Ok(now.to_owned()),
    }
}

/// An entry as it was before the committee ratified it, which follows from the
/// import too. What it goes back to is ratified where the committee had ratified that.
fn before_the_committee(kind: &str, now: &str) -> Result<String, ActError> {
    if kind != journal::SERVICE || now.is_empty() {
        return Ok(now.to_owned());
    }
    let mut entry: Service = parsed(now)?;
    entry.ratified = None;
    journal::text_of(&entry)
}

/// Whether something came of an entry since that does not follow from the import.
fn is_changed_since(kind: &str, now: &str, after: &str) -> Result<bool, ActError> {
    let bare = before_the_committee(kind, now)?;
    let held = before_the_gate(kind, &bare)?;
    let as_it_was = [now, bare.as_str(), held.as_str()];
    Ok(as_it_was.iter().all(|text| digest(text) != after))
}

/// Puts one entry back.
fn back(tx: &mut Tx<'_>, entry: &ImportEntryRecord, accounts: &[OrganisationId]) -> Result<Back, ActError> {
    let noted: Noted = parsed(&closed::text(tx, entry)?)?;
    let now = journal::as_it_is(tx, entry)?;
    if is_changed_since(&entry.kind, &now, &noted.after)? {
        return Ok(Back::Kept(CHANGED));
    }
    match (entry.kind.as_str(), &noted.before) {
        (journal::ORGANISATION, Some(before)) => {
            put_organisation(tx, &parsed(before)?, noted.fingerprint.as_deref())?;
        }
        (journal::PLACE, Some(before)) => {
            put_place(tx, &parsed::<Place>(before)?)?;
        }
        // A file changes no programme that is known.
        (journal::PROGRAMME, Some(_)) => return Ok(Back::Kept(CHANGED)),
        (journal::PROGRAMME, None) => {
            let id = ProgrammeId(entry.entry_id);
            if pays(tx, id)? {
                return Ok(Back::Kept(IN_USE));
            }
            rows::forget_programme(tx, id)?;
        }
        (_, Some(before)) => {
            put_service(tx, &parsed::<Service>(before)?)?;
        }
        (journal::ORGANISATION, None) => {
            let id = OrganisationId(entry.entry_id);
            let offers = rows::services_of(tx, id)?
                .iter()
                .any(|s| s.status != PublicationStatus::Archived.code());
            if offers || accounts.contains(&id) {
                return Ok(Back::Kept(IN_USE));
            }
            let mut archived: Organisation = parsed(&now)?;
            archived.status = PublicationStatus::Archived;
            put_organisation(tx, &archived, None)?;
        }
        // A place has no life of its own: where nothing is offered, it shows nowhere.
        (journal::PLACE, None) => {}
        (_, None) => {
            let mut archived: Service = parsed(&now)?;
            archived.status = PublicationStatus::Archived;
            put_service(tx, &archived)?;
        }
    }
    Ok(match noted.before {
        Some(_) => Back::Restored,
        None => Back::Archived,
    })
}
