//! Authorisations of the deployment: what may be kept and shared only once an
//! officer has recorded the paper for it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{record, statements};
use crate::{StoreError, Tx, Value};

record! {
    /// An authorisation.
    AuthorisationRecord in "authorisation" key id: Uuid {
        /// Id.
        id: Uuid,
        /// What is authorised: s4.
        kind: String,
        /// Number of the paper.
        reference: String,
        /// Authority or officer who gave it.
        given_by: String,
        /// Recorded.
        recorded_at: DateTime<Utc>,
        /// Ended.
        ended_at: Option<DateTime<Utc>>,
    }
}

statements! {
    AUTHORISATIONS = "SELECT id, kind, reference, given_by, recorded_at, ended_at FROM authorisation WHERE kind = $1 ORDER BY seq DESC";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [AuthorisationRecord::statements(), statements()].concat()
}

/// The authorisations of a kind, the latest first, ended ones included.
///
/// # Errors
/// When the store fails.
pub fn of_kind(tx: &mut Tx<'_>, kind: &str) -> Result<Vec<AuthorisationRecord>, StoreError> {
    tx.query(AUTHORISATIONS, &[Value::from(kind.to_owned())])?
        .iter()
        .map(AuthorisationRecord::read)
        .collect()
}
