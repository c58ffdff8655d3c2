//! The versions of the mechanism that were ever in force: anybody who is signed in
//! reads what rules them, and what ruled before.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_mechanism::Mechanism;
use relais_store::rows::directory::mechanism_versions;

use crate::desk::{Desk, Viewer};
use crate::problem::ActError;

/// A version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Hash of its content.
    pub hash: String,
    /// Its name, such as "cm-2026.1".
    pub label: String,
    /// Since when it rules what is new, or did.
    pub adopted_at: DateTime<Utc>,
}

/// Every version, newest first: the first is the one in force.
///
/// # Errors
/// When the store fails.
pub async fn list(desk: &Arc<Desk>, viewer: &Viewer) -> Result<Vec<Version>, ActError> {
    desk.read_as(viewer, |tx| {
        let mut versions: Vec<Version> = mechanism_versions(tx)?
            .into_iter()
            .map(|record| Version {
                hash: record.hash,
                label: record.label,
                adopted_at: record.adopted_at,
            })
            .collect();
        versions.reverse();
        Ok((versions, Vec::new()))
    })
    .await
}

/// The mechanism of a version.
///
/// # Errors
/// [`ActError::NotFound`] for a hash that no version has.
pub async fn read(desk: &Arc<Desk>, viewer: &Viewer, hash: String) -> Result<Arc<Mechanism>, ActError> {
    let at = Arc::clone(desk);
    desk.read_as(viewer, move |tx| Ok((at.version(tx, &hash)?, Vec::new())))
        .await
}
