//! Values under a subject's key: sealed for their place, and opened in it.

use relais_store::{Cell, KeyError, SealError, Sealer, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// Seals a value for its place.
///
/// # Errors
/// When the key is missing.
pub fn seal<T: Serialize>(
    sealer: &Sealer,
    table: &'static str,
    column: &'static str,
    row: Uuid,
    slot: i64,
    value: &T,
) -> Result<Vec<u8>, StoreError> {
    let text = serde_json::to_vec(value).map_err(|e| StoreError::Schema(format!("{table}.{column}: {e}")))?;
    Ok(sealer.seal(&Cell::new(table, column, row, column), slot, &text)?)
}

/// Opens a value in its place.
///
/// # Errors
/// When it was changed or moved, or its key was erased.
pub fn open<T: DeserializeOwned>(
    sealer: &Sealer,
    table: &'static str,
    column: &'static str,
    row: Uuid,
    slot: i64,
    sealed: &[u8],
) -> Result<T, StoreError> {
    let text = sealer.open(&Cell::new(table, column, row, column), slot, sealed)?;
    read(&text, table, column)
}

/// Reads what an opened value says.
///
/// # Errors
/// When it is not of this shape.
pub fn read<T: DeserializeOwned>(text: &[u8], table: &'static str, column: &'static str) -> Result<T, StoreError> {
    serde_json::from_slice(text).map_err(|_| StoreError::Schema(format!("{table}.{column}: sealed value not readable")))
}

/// Opens a value in its place; `None` when its person was erased, here or, in
/// a database that was restored, since the backup was made.
///
/// # Errors
/// When it was changed or moved.
pub fn open_unless_erased<T: DeserializeOwned>(
    sealer: &Sealer,
    table: &'static str,
    column: &'static str,
    row: Uuid,
    slot: i64,
    sealed: &[u8],
) -> Result<Option<T>, StoreError> {
    match open(sealer, table, column, row, slot, sealed) {
        Err(error) if is_erased(&error) => Ok(None),
        other => other.map(Some),
    }
}

/// Whether the failure is that the subject's key was erased.
#[must_use]
pub const fn is_erased(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Seal(SealError::Key(KeyError::Erased { .. })) | StoreError::Key(KeyError::Erased { .. })
    )
}
