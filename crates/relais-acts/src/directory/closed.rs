//! The entries of an organisation that offers something confidential: they are
//! sealed, its own, its places', those of all that it offers and what became of
//! them, since what is
//! ordinary beside what is hidden would tell where that is. The key's slot stands
//! in the organisation's row and stays there; whoever has the database and not
//! the keyring reads a code and what kind of service it is, and no name, number
//! or place.

use std::borrow::Cow;

use relais_network::OrganisationId;
use relais_store::rows::directory::{
    OrganisationRecord, PlaceRecord, ProgrammeRecord, ServiceRecord, places_of, programmes_of, services_of,
};
use relais_store::rows::entries::{EntryChangeRecord, changes_of};
use relais_store::rows::imports::{ImportEntryRecord, clear_entries_of};
use relais_store::seal::{Cell, Sealer};
use relais_store::{StoreError, Tx};
use uuid::Uuid;

/// A row of the directory with its entry, in clear or sealed.
pub(crate) trait Entry {
    /// Its table.
    const TABLE: &'static str;
    /// Its id, and the organisation whose key seals it.
    fn of(&self) -> (Uuid, OrganisationId);
    /// The entry in clear, and sealed.
    fn kept(&self) -> (&str, Option<&[u8]>);
    /// Puts the sealed entry in place of the one in clear, and empties the
    /// columns beside it that would tell of it.
    fn hide(&mut self, sealed: Vec<u8>);
}

macro_rules! entry {
    ($record:ident, $table:literal, $organisation:ident $(, $telling:ident)*) => {
        impl Entry for $record {
            const TABLE: &'static str = $table;

            fn of(&self) -> (Uuid, OrganisationId) {
                (self.id.0, self.$organisation)
            }

            fn kept(&self) -> (&str, Option<&[u8]>) {
                (&self.body, self.hidden.as_deref())
            }

            fn hide(&mut self, sealed: Vec<u8>) {
                self.body = String::new();
                self.hidden = Some(sealed);
                $(self.$telling = None;)*
            }
        }
    };
}

entry!(OrganisationRecord, "organisation", id, region, external_key);
entry!(PlaceRecord, "place", organisation_id);
entry!(ServiceRecord, "service", organisation_id, place_id);
entry!(ProgrammeRecord, "programme", organisation_id);
entry!(EntryChangeRecord, "entry_change", organisation_id);

impl Entry for ImportEntryRecord {
    const TABLE: &'static str = "directory_import_entry";

    fn of(&self) -> (Uuid, OrganisationId) {
        (self.id, self.organisation_id)
    }

    fn kept(&self) -> (&str, Option<&[u8]>) {
        (&self.body, self.hidden.as_deref())
    }

    fn hide(&mut self, sealed: Vec<u8>) {
        self.body = String::new();
        self.hidden = Some(sealed);
    }
}

const COLUMN: &str = "hidden";

/// The entry of a row, opened with the key in its organisation's slot.
///
/// # Errors
/// When it does not open.
pub(crate) fn opened<'r, R: Entry>(
    sealer: &Sealer,
    slot: Option<i64>,
    record: &'r R,
) -> Result<Cow<'r, str>, StoreError> {
    let (clear, hidden) = record.kept();
    let Some(hidden) = hidden else {
        return Ok(Cow::Borrowed(clear));
    };
    let unreadable = || StoreError::Schema(format!("{}: sealed entry not readable", R::TABLE));
    let cell = Cell::new(R::TABLE, COLUMN, record.of().0, COLUMN);
    let text = sealer.open(&cell, slot.ok_or_else(unreadable)?, hidden)?;
    String::from_utf8(text.to_vec())
        .map(Cow::Owned)
        .map_err(|_| unreadable())
}

/// The entry of one row.
///
/// # Errors
/// When the store fails or it does not open.
pub(crate) fn text<'r, R: Entry>(tx: &mut Tx<'_>, record: &'r R) -> Result<Cow<'r, str>, StoreError> {
    let slot = match record.kept().1 {
        Some(_) => slot_of(tx, record.of().1)?,
        None => None,
    };
    opened(&tx.sealer(), slot, record)
}

/// The slot of an organisation whose entries are sealed.
fn slot_of(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Option<i64>, StoreError> {
    Ok(OrganisationRecord::find(tx, organisation)?.and_then(|o| o.slot))
}

/// Seals the entry of a row, where its organisation has a slot.
///
/// # Errors
/// When the key is not there.
pub(crate) fn seal<R: Entry>(sealer: &Sealer, slot: Option<i64>, record: &mut R) -> Result<(), StoreError> {
    if let Some(slot) = slot {
        let cell = Cell::new(R::TABLE, COLUMN, record.of().0, COLUMN);
        let sealed = sealer.seal(&cell, slot, record.kept().0.as_bytes())?;
        record.hide(sealed);
    }
    Ok(())
}

/// The slot under which an entry of this organisation is kept. What is
/// confidential gives it one, and seals what it has already; what was sealed says
/// the same, so its version stays, by which somebody could tell that there is
/// something to hide.
///
/// # Errors
/// When the store fails; when what is confidential is of no known organisation,
/// so that it could only be kept in clear.
pub(crate) fn slot_for(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    confidential: bool,
) -> Result<Option<i64>, StoreError> {
    let known = OrganisationRecord::find(tx, organisation)?;
    let slot = known.as_ref().and_then(|o| o.slot);
    if slot.is_some() || !confidential {
        return Ok(slot);
    }
    let mut record = known
        .ok_or_else(|| StoreError::Schema(format!("organisation {organisation}: a confidential entry of none")))?;
    let (slot, sealer) = (Some(tx.new_slot()?), tx.sealer());
    record.slot = slot;
    seal(&sealer, slot, &mut record)?;
    record.update(tx)?;
    for mut place in places_of(tx, organisation)? {
        seal(&sealer, slot, &mut place)?;
        place.update(tx)?;
    }
    for mut service in services_of(tx, organisation)? {
        seal(&sealer, slot, &mut service)?;
        service.update(tx)?;
    }
    for mut programme in programmes_of(tx, organisation)? {
        seal(&sealer, slot, &mut programme)?;
        programme.update(tx)?;
    }
    // What its entries said before would tell as much.
    for mut change in changes_of(tx, organisation)? {
        seal(&sealer, slot, &mut change)?;
        change.update(tx)?;
    }
    // What imports keep of them to be undone tells the same.
    for mut noted in clear_entries_of(tx, organisation)? {
        seal(&sealer, slot, &mut noted)?;
        noted.update(tx)?;
    }
    Ok(slot)
}
