//! Writes the entries of a merge, and of its undoing: each with its change in the
//! history, and with what it was before in the journal.

use relais_network::{EntryChangeId, Organisation, OrganisationId, Place, Service, UserId};
use relais_store::rows::directory::{OrganisationRecord, PlaceRecord, ServiceRecord};
use relais_store::{Tx, ids};
use uuid::Uuid;

use super::super::closed;
use super::super::imports::Noted;
use super::super::imports::journal::{self, Journal, digest, parsed, text_of};
use super::super::put::{organisation_record, place_record};
use crate::entries::keep::{self, Maker, New, Said};
use crate::entries::{Author, ChangeState};
use crate::problem::ActError;

/// An entry as its row keeps it.
pub(super) fn organisation_now(
    tx: &mut Tx<'_>,
    id: OrganisationId,
) -> Result<(OrganisationRecord, Organisation), ActError> {
    let record = OrganisationRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    let entry = parsed(&closed::text(tx, &record)?)?;
    Ok((record, entry))
}

/// Places of an organisation, as their rows keep them.
pub(super) fn place_now(tx: &mut Tx<'_>, id: relais_network::PlaceId) -> Result<Place, ActError> {
    let record = PlaceRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    parsed(&closed::text(tx, &record)?)
}

/// Writes changed entries.
pub(super) struct Writer<'a> {
    /// Where each is written down as it was; none where that is undone.
    pub journal: Option<&'a Journal>,
    /// By whom.
    pub by: Option<UserId>,
    /// [`MERGED`](crate::entries::MERGED) or [`PARTED`](crate::entries::PARTED).
    pub kind: &'static str,
    /// How many were written.
    pub written: Vec<Uuid>,
}

impl Writer<'_> {
    fn changed(
        &mut self,
        tx: &mut Tx<'_>,
        organisation: OrganisationId,
        entry: (&'static str, Uuid),
        (before, after): (String, &str),
        fingerprint: Option<String>,
    ) -> Result<(), ActError> {
        let slot = journal::slot_of(tx, organisation)?;
        let said = Said {
            values: keep::differences(&parsed(&before)?, &parsed(after)?),
            ..Said::default()
        };
        let id = EntryChangeId(ids::new_v7(tx.now()?));
        let maker = Maker {
            author: Author::Office,
            user: self.by,
        };
        let new = New {
            id,
            organisation,
            entry,
            kind: self.kind,
            state: ChangeState::Done,
            maker,
            said,
        };
        keep::keep(tx, slot, new)?;
        if let Some(journal) = self.journal {
            let noted = Noted {
                before: Some(before),
                fingerprint,
                after: digest(after),
            };
            journal.note(tx, entry.0, entry.1, organisation, slot, &noted)?;
        }
        self.written.push(entry.1);
        Ok(())
    }

    /// An organisation that is known.
    pub fn organisation(&mut self, tx: &mut Tx<'_>, new: &Organisation) -> Result<(), ActError> {
        let known = OrganisationRecord::find(tx, new.id)?.ok_or(ActError::NotFound)?;
        let before = closed::text(tx, &known)?.into_owned();
        let mut record = organisation_record(new, known.content_hash.as_deref())?;
        let after = text_of(new)?;
        if before == after {
            return Ok(());
        }
        record.version = known.version + 1;
        record.slot = known.slot;
        closed::seal(&tx.sealer(), known.slot, &mut record)?;
        record.update(tx)?;
        let entry = (journal::ORGANISATION, new.id.0);
        self.changed(tx, new.id, entry, (before, &after), known.content_hash)
    }

    /// A place that is known.
    pub fn place(&mut self, tx: &mut Tx<'_>, new: &Place) -> Result<(), ActError> {
        let known = PlaceRecord::find(tx, new.id)?.ok_or(ActError::NotFound)?;
        let before = closed::text(tx, &known)?.into_owned();
        let after = text_of(new)?;
        if before == after {
            return Ok(());
        }
        let slot = closed::slot_for(tx, new.organisation, new.confidential)?;
        let mut record = place_record(new)?;
        record.version = known.version + 1;
        closed::seal(&tx.sealer(), slot, &mut record)?;
        record.update(tx)?;
        let entry = (journal::PLACE, new.id.0);
        self.changed(tx, new.organisation, entry, (before, &after), None)
    }

    /// A service that is known.
    pub fn service(&mut self, tx: &mut Tx<'_>, new: &Service) -> Result<(), ActError> {
        let known = ServiceRecord::find(tx, new.id)?.ok_or(ActError::NotFound)?;
        let before = closed::text(tx, &known)?.into_owned();
        let after = text_of(new)?;
        if before == after {
            return Ok(());
        }
        keep::overwrite(tx, &known, new)?;
        let entry = (journal::SERVICE, new.id.0);
        self.changed(tx, new.organisation, entry, (before, &after), None)
    }
}
