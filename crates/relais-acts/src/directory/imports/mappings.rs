//! Mappings of columns, kept by name: a partner's file comes every quarter.

use relais_interchange::directory::Mapping;
use relais_store::rows::imports::{self, MappingRecord};
use relais_store::{Store, StoreError, Tx};

use crate::problem::ActError;

/// Longest name of a mapping.
const NAME: usize = 60;

/// The names of the mappings that are kept.
///
/// # Errors
/// What the store refuses.
pub fn mappings(store: &Store) -> Result<Vec<String>, ActError> {
    let found = store.read_blocking(|tx: &mut Tx<'_>| imports::mappings(tx))?;
    Ok(found.into_iter().map(|m| m.name).collect())
}

/// The mapping with this name.
///
/// # Errors
/// [`ActError::Invalid`] when there is none.
pub fn mapping(store: &Store, name: &str) -> Result<Mapping, ActError> {
    let wanted = name.to_owned();
    let found = store.read_blocking(move |tx: &mut Tx<'_>| MappingRecord::find(tx, wanted.clone()))?;
    let record = found.ok_or_else(|| {
        ActError::field(
            "mapping",
            "unknown_option",
            (
                "Aucune correspondance ne porte ce nom : choisissez-en une de la liste.",
                "No mapping bears this name: choose one of the list.",
            ),
        )
    })?;
    serde_json::from_str(&record.body).map_err(|e| ActError::Store(StoreError::Schema(e.to_string())))
}

/// Keeps a mapping under a name; one of that name is replaced.
///
/// # Errors
/// A name that is none, columns that there are not; what the store refuses.
pub fn save_mapping(store: &Store, name: &str, mapping: &Mapping) -> Result<(), ActError> {
    let name = name.trim().to_owned();
    if name.is_empty() {
        return Err(ActError::field(
            "save_mapping",
            "required",
            ("Donnez un nom à la correspondance.", "Give the mapping a name."),
        ));
    }
    ActError::unless_within("save_mapping", &name, NAME)?;
    if let Some(unknown) = mapping.unknown().first() {
        return Err(ActError::field(
            "mapping",
            "unknown_option",
            (
                &format!("Colonne inconnue\u{a0}: {unknown}. Utilisez un code du guide."),
                &format!("Unknown column: {unknown}. Use a code of the guide."),
            ),
        ));
    }
    let body = serde_json::to_string(mapping).map_err(|e| StoreError::Schema(e.to_string()))?;
    store.write_blocking(move |tx: &mut Tx<'_>| -> Result<(), ActError> {
        let known = MappingRecord::find(tx, name.clone())?;
        let record = MappingRecord {
            name: name.clone(),
            body: body.clone(),
            version: known.as_ref().map_or(1, |k| k.version + 1),
        };
        match known {
            Some(_) => record.update(tx)?,
            None => record.insert(tx)?,
        }
        Ok(())
    })
}
