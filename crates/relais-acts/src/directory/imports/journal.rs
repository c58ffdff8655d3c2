//! What an import or a merge changed, entry by entry: how each was before, and a digest of
//! what it became. Sealed like the entry itself, where that is sealed.

use relais_network::{Organisation, OrganisationId, Place, PlaceId, Programme, ProgrammeId, Service, ServiceId};
use relais_store::rows::directory::{OrganisationRecord, PlaceRecord, ProgrammeRecord, ServiceRecord};
use relais_store::rows::imports::{ImportEntryRecord, ImportRecord};
use relais_store::{StoreError, Tx, ids};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::super::put::{put_organisation, put_place, put_programme, put_service, with_safeguards};
use super::super::{By, closed};
use super::{ImportState, Noted};
use crate::problem::ActError;

/// Kinds of entry, as the journal names them.
pub const ORGANISATION: &str = "organisation";
pub const PLACE: &str = "place";
pub const PROGRAMME: &str = "programme";
pub const SERVICE: &str = "service";

/// What is written down of an import.
#[derive(Debug, Clone)]
pub struct Journal {
    pub import: Uuid,
    pub by: By,
    pub kind: &'static str,
    pub source: String,
    pub figures: serde_json::Value,
}

/// An entry as its row keeps it.
pub fn text_of<T: Serialize>(entry: &T) -> Result<String, ActError> {
    serde_json::to_string(entry).map_err(|e| ActError::Store(StoreError::Schema(e.to_string())))
}

/// What an entry became, for a look whether it is so still.
pub fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// What a row keeps of an entry, or the journal.
pub fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, ActError> {
    serde_json::from_str(text).map_err(|e| ActError::Store(StoreError::Schema(format!("journal: {e}"))))
}

/// The entry that was written down, as its row keeps it now; empty where there is none.
pub fn as_it_is(tx: &mut Tx<'_>, noted: &ImportEntryRecord) -> Result<String, ActError> {
    fn text<R: closed::Entry>(tx: &mut Tx<'_>, record: Option<R>) -> Result<String, ActError> {
        Ok(match record {
            Some(record) => closed::text(tx, &record)?.into_owned(),
            None => String::new(),
        })
    }
    let id = noted.entry_id;
    match noted.kind.as_str() {
        ORGANISATION => {
            let record = OrganisationRecord::find(tx, OrganisationId(id))?;
            text(tx, record)
        }
        PLACE => {
            let record = PlaceRecord::find(tx, PlaceId(id))?;
            text(tx, record)
        }
        PROGRAMME => {
            let record = ProgrammeRecord::find(tx, ProgrammeId(id))?;
            text(tx, record)
        }
        _ => {
            let record = ServiceRecord::find(tx, ServiceId(id))?;
            text(tx, record)
        }
    }
}

/// The slot under which an organisation's entries are kept.
pub fn slot_of(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Option<i64>, ActError> {
    Ok(OrganisationRecord::find(tx, organisation)?.and_then(|o| o.slot))
}

/// Ends an import; a file that waited is gone from the database.
pub fn end(tx: &mut Tx<'_>, import: Uuid, state: ImportState, overtaken: usize) -> Result<(), ActError> {
    let mut record = ImportRecord::find(tx, import)?.ok_or(ActError::NotFound)?;
    let mut figures: serde_json::Value = serde_json::from_str(&record.figures).unwrap_or_default();
    if overtaken > 0 {
        figures["overtaken"] = json!(overtaken);
    }
    record.figures = figures.to_string();
    state.code().clone_into(&mut record.state);
    (record.slot, record.file) = (None, None);
    record.version += 1;
    Ok(record.update(tx)?)
}

impl Journal {
    /// Begins the import, or takes up the one that was previewed under its id.
    pub fn begin(&self, tx: &mut Tx<'_>) -> Result<(), ActError> {
        let at = tx.now()?;
        let known = ImportRecord::find(tx, self.import)?;
        let record = ImportRecord {
            id: self.import,
            at,
            by_user: match self.by {
                By::User(user) => Some(user.0),
                By::CommandLine | By::Mechanism | By::Post(_) => None,
            },
            kind: self.kind.to_owned(),
            source: self.source.clone(),
            state: ImportState::Running.code().to_owned(),
            figures: self.figures.to_string(),
            slot: None,
            file: None,
            version: known.as_ref().map_or(1, |k| k.version + 1),
        };
        match known {
            Some(known) if known.state == ImportState::Previewed.code() => record.update(tx)?,
            // Carried out already, perhaps by another click.
            Some(_) => return Err(ActError::IdTaken),
            None => record.insert(tx)?,
        }
        Ok(())
    }

    /// Writes down how an entry was and what it became.
    pub fn note(
        &self,
        tx: &mut Tx<'_>,
        kind: &str,
        entry: Uuid,
        organisation: OrganisationId,
        slot: Option<i64>,
        noted: &Noted,
    ) -> Result<(), ActError> {
        let mut record = ImportEntryRecord {
            id: ids::new_v7(tx.now()?),
            import_id: self.import,
            kind: kind.to_owned(),
            entry_id: entry,
            organisation_id: organisation,
            undone: false,
            body: text_of(noted)?,
            hidden: None,
        };
        closed::seal(&tx.sealer(), slot, &mut record)?;
        Ok(record.insert(tx)?)
    }

    /// Writes down what was just made and is kept in clear: nothing of it was there.
    pub fn made<T: Serialize>(
        &self,
        tx: &mut Tx<'_>,
        kind: &str,
        id: Uuid,
        organisation: OrganisationId,
        entry: &T,
    ) -> Result<(), ActError> {
        let noted = Noted {
            before: None,
            fingerprint: None,
            after: digest(&text_of(entry)?),
        };
        self.note(tx, kind, id, organisation, None, &noted)
    }

    /// Writes an organisation down and puts it. `was` is how the caller knows it: what
    /// somebody changed since is left alone, and the answer is no.
    pub fn organisation(
        &self,
        tx: &mut Tx<'_>,
        o: &Organisation,
        fingerprint: Option<&str>,
        was: Option<Option<&str>>,
    ) -> Result<bool, ActError> {
        let known = OrganisationRecord::find(tx, o.id)?;
        let before = match &known {
            Some(record) => Some(closed::text(tx, record)?.into_owned()),
            None => None,
        };
        if was.is_some_and(|was| was != before.as_deref()) {
            return Ok(false);
        }
        put_organisation(tx, o, fingerprint)?;
        let after = match &before {
            Some(before) => text_of(&*with_safeguards(before, o)?)?,
            None => text_of(o)?,
        };
        let noted = Noted {
            before,
            fingerprint: known.and_then(|k| k.content_hash),
            after: digest(&after),
        };
        let slot = slot_of(tx, o.id)?;
        self.note(tx, ORGANISATION, o.id.0, o.id, slot, &noted)?;
        Ok(true)
    }

    /// The same of a place.
    pub fn place(&self, tx: &mut Tx<'_>, p: &Place, was: Option<Option<&str>>) -> Result<bool, ActError> {
        let before = match PlaceRecord::find(tx, p.id)? {
            Some(record) => Some(closed::text(tx, &record)?.into_owned()),
            None => None,
        };
        if was.is_some_and(|was| was != before.as_deref()) {
            return Ok(false);
        }
        put_place(tx, p)?;
        let noted = Noted {
            before,
            fingerprint: None,
            after: digest(&text_of(p)?),
        };
        let slot = slot_of(tx, p.organisation)?;
        self.note(tx, PLACE, p.id.0, p.organisation, slot, &noted)?;
        Ok(true)
    }

    /// Writes down a programme that a file makes, and puts it; one that somebody
    /// made meanwhile is left alone, and the answer is no.
    pub fn programme(&self, tx: &mut Tx<'_>, p: &Programme) -> Result<bool, ActError> {
        if ProgrammeRecord::find(tx, p.id)?.is_some() {
            return Ok(false);
        }
        put_programme(tx, p)?;
        let noted = Noted {
            before: None,
            fingerprint: None,
            after: digest(&text_of(p)?),
        };
        let slot = slot_of(tx, p.organisation)?;
        self.note(tx, PROGRAMME, p.id.0, p.organisation, slot, &noted)?;
        Ok(true)
    }

    /// The same of a service.
    pub fn service(&self, tx: &mut Tx<'_>, s: &Service, was: Option<Option<&str>>) -> Result<bool, ActError> {
        let before = match ServiceRecord::find(tx, s.id)? {
            Some(record) => Some(closed::text(tx, &record)?.into_owned()),
            None => None,
        };
        if was.is_some_and(|was| was != before.as_deref()) {
            return Ok(false);
        }
        put_service(tx, s)?;
        let noted = Noted {
            before,
            fingerprint: None,
            after: digest(&text_of(s)?),
        };
        let slot = slot_of(tx, s.organisation)?;
        self.note(tx, SERVICE, s.id.0, s.organisation, slot, &noted)?;
        Ok(true)
    }
}
