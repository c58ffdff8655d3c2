//! Data classes at rest. Which classes of S3 or less somebody holds stands in
//! clear; those of S4 are sealed under the case's key, always in as many bytes,
//! so that a stolen file does not even tell whether there are any (DESIGN §6).

use relais_casework::visible::restricted_classes;
use relais_mechanism::ClassSet;
use relais_store::{Cell, Sealer, StoreError};
use uuid::Uuid;

use crate::file::is_erased;

/// Column of the sealed part, in each table that has one.
const COLUMN: &str = "restricted";

/// The part that may stand in clear, and the other one.
#[must_use]
pub fn split(classes: ClassSet) -> (ClassSet, ClassSet) {
    let clear = classes.minus(restricted_classes());
    (clear, classes.minus(clear))
}

/// Seals the S4 classes of a row.
///
/// # Errors
/// When the key is missing.
pub fn seal(
    sealer: &Sealer,
    table: &'static str,
    row: Uuid,
    slot: i64,
    classes: ClassSet,
) -> Result<Vec<u8>, StoreError> {
    let (_, restricted) = split(classes);
    let cell = Cell::new(table, COLUMN, row, COLUMN);
    Ok(sealer.seal(&cell, slot, &restricted.bits().to_be_bytes())?)
}

/// All classes of a row: those in clear with those opened. Of an erased person
/// only those in clear are left.
///
/// # Errors
/// When the sealed value was changed or moved.
pub fn open(
    sealer: &Sealer,
    table: &'static str,
    row: Uuid,
    slot: i64,
    clear: ClassSet,
    sealed: &[u8],
) -> Result<ClassSet, StoreError> {
    let opened = match sealer.open(&Cell::new(table, COLUMN, row, COLUMN), slot, sealed) {
        Ok(opened) => opened,
        Err(error) => {
            let error = StoreError::from(error);
            return if is_erased(&error) { Ok(clear) } else { Err(error) };
        }
    };
    let bytes: [u8; 8] = opened[..]
        .try_into()
        .map_err(|_| StoreError::Schema(format!("{table}.{COLUMN}: sealed value not readable")))?;
    Ok(clear.union(ClassSet::from_bits(i64::from_be_bytes(bytes))))
}
