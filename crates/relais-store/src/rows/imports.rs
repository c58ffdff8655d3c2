//! Imports of the directory, and merges of its entries: what each changed and how
//! it was before, so that the whole of it can be undone; mappings of columns, by name.

use chrono::{DateTime, Utc};
use relais_network::OrganisationId;
use uuid::Uuid;

use super::{record, statements};
use crate::{StoreError, Tx, Value};

record! {
    /// An import.
    ImportRecord in "directory_import" key id: Uuid {
        /// Id, made by its maker.
        id: Uuid,
        /// When.
        at: DateTime<Utc>,
        /// By whom; none for the command line.
        by_user: Option<Uuid>,
        /// What was read.
        kind: String,
        /// Name of the source.
        source: String,
        /// How far it is.
        state: String,
        /// The figures as JSON.
        figures: String,
        /// Key of the file that waits.
        slot: Option<i64>,
        /// The file that waits, sealed.
        file: Option<Vec<u8>>,
        /// Version.
        version: i64,
    }
}

record! {
    /// An entry that an import made or changed.
    ImportEntryRecord in "directory_import_entry" key id: Uuid {
        /// Id.
        id: Uuid,
        /// Import.
        import_id: Uuid,
        /// organisation, place or service.
        kind: String,
        /// Entry.
        entry_id: Uuid,
        /// Its organisation.
        organisation_id: OrganisationId,
        /// Whether it is as it was before.
        undone: bool,
        /// How it was and what it became, as JSON; empty where it is sealed.
        body: String,
        /// The same, sealed.
        hidden: Option<Vec<u8>>,
    }
}

record! {
    /// A mapping of columns.
    MappingRecord in "directory_mapping" key name: String {
        /// Name.
        name: String,
        /// The mapping as JSON.
        body: String,
        /// Version.
        version: i64,
    }
}

statements! {
    IMPORTS = "SELECT id, at, by_user, kind, source, state, figures, slot, NULL AS file, version FROM directory_import WHERE state <> 'previewed' AND kind NOT IN ('merge', 'apart') ORDER BY seq DESC LIMIT $1";
    DECISIONS = "SELECT id, at, by_user, kind, source, state, figures, slot, NULL AS file, version FROM directory_import WHERE kind IN ('merge', 'apart') ORDER BY seq DESC";
    WAITING = "SELECT id, at, by_user, kind, source, state, figures, slot, file, version FROM directory_import WHERE state = 'previewed' AND at < $1";
    FORGET = "DELETE FROM directory_import WHERE id = $1 AND state = 'previewed'";
    ENTRIES = "SELECT id, import_id, kind, entry_id, organisation_id, undone, body, hidden FROM directory_import_entry WHERE import_id = $1 AND undone = $2 ORDER BY seq DESC";
    ENTRIES_OF = "SELECT id, import_id, kind, entry_id, organisation_id, undone, body, hidden FROM directory_import_entry WHERE organisation_id = $1 AND hidden IS NULL";
    MAPPINGS = "SELECT name, body, version FROM directory_mapping ORDER BY name";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [
        ImportRecord::statements(),
        ImportEntryRecord::statements(),
        MappingRecord::statements(),
        statements(),
    ]
    .concat()
}

/// The last imports, newest first, without their files.
///
/// # Errors
/// When the store fails.
pub fn imports(tx: &mut Tx<'_>, most: i64) -> Result<Vec<ImportRecord>, StoreError> {
    tx.query(IMPORTS, &[Value::from(most)])?
        .iter()
        .map(ImportRecord::read)
        .collect()
}

/// What was decided of entries that are perhaps the same, newest first: merged,
/// or found to be two.
///
/// # Errors
/// When the store fails.
pub fn decisions(tx: &mut Tx<'_>) -> Result<Vec<ImportRecord>, StoreError> {
    tx.query(DECISIONS, &[])?.iter().map(ImportRecord::read).collect()
}

/// Files that wait since before a time: nobody carried them out.
///
/// # Errors
/// When the store fails.
pub fn waiting_since(tx: &mut Tx<'_>, before: DateTime<Utc>) -> Result<Vec<ImportRecord>, StoreError> {
    tx.query(WAITING, &[Value::from(before)])?
        .iter()
        .map(ImportRecord::read)
        .collect()
}

/// Forgets a file that waits.
///
/// # Errors
/// When the store fails.
pub fn forget(tx: &mut Tx<'_>, import: Uuid) -> Result<(), StoreError> {
    tx.execute(FORGET, &[Value::from(import)])?;
    Ok(())
}

/// What an import changed and stands still, the last first.
///
/// # Errors
/// When the store fails.
pub fn entries_of(tx: &mut Tx<'_>, import: Uuid) -> Result<Vec<ImportEntryRecord>, StoreError> {
    tx.query(ENTRIES, &[Value::from(import), Value::from(false)])?
        .iter()
        .map(ImportEntryRecord::read)
        .collect()
}

/// What imports changed of an organisation and is kept in clear.
///
/// # Errors
/// When the store fails.
pub fn clear_entries_of(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Vec<ImportEntryRecord>, StoreError> {
    tx.query(ENTRIES_OF, &[Value::from(organisation)])?
        .iter()
        .map(ImportEntryRecord::read)
        .collect()
}

/// Every mapping, by name.
///
/// # Errors
/// When the store fails.
pub fn mappings(tx: &mut Tx<'_>) -> Result<Vec<MappingRecord>, StoreError> {
    tx.query(MAPPINGS, &[])?.iter().map(MappingRecord::read).collect()
}
