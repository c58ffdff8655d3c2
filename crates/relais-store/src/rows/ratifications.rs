//! Sessions of the steering committee at which entries of the directory are
//! ratified: the list that is put before it, and what came of it.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use relais_network::{ServiceId, UserId};
use uuid::Uuid;

use super::{record, statements};
use crate::{StoreError, Tx, Value};

record! {
    /// A list for a session, or the session.
    RatificationRecord in "ratification" key id: Uuid {
        /// Id, made by its maker.
        id: Uuid,
        /// Prepared or noted.
        state: String,
        /// When the list was drawn up.
        prepared_at: DateTime<Utc>,
        /// By whom.
        prepared_by: UserId,
        /// Key of the list.
        slot: i64,
        /// The list, sealed; none once the session is noted.
        list: Option<Vec<u8>>,
        /// Day of the session.
        held_on: Option<NaiveDate>,
        /// Reference of its minutes.
        minutes: Option<String>,
        /// When it was noted.
        noted_at: Option<DateTime<Utc>>,
        /// By whom.
        noted_by: Option<UserId>,
        /// The figures as JSON.
        figures: String,
        /// Version.
        version: i64,
    }
}

statements! {
    PREPARED = "SELECT id, state, prepared_at, prepared_by, slot, list, held_on, minutes, noted_at, noted_by, figures, version FROM ratification WHERE state = 'prepared'";
    NOTED = "SELECT id, state, prepared_at, prepared_by, slot, NULL AS list, held_on, minutes, noted_at, noted_by, figures, version FROM ratification WHERE state = 'noted' ORDER BY seq DESC LIMIT $1";
    VALIDATED = "SELECT entry_id, MAX(at) AS at FROM entry_change WHERE hand = 'office' AND state = 'done' AND kind IN ('check', 'publish') GROUP BY entry_id";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [RatificationRecord::statements(), statements()].concat()
}

/// The list that waits for its session; there is one at most.
///
/// # Errors
/// When the store fails.
pub fn prepared(tx: &mut Tx<'_>) -> Result<Option<RatificationRecord>, StoreError> {
    tx.query_opt(PREPARED, &[])?
        .as_ref()
        .map(RatificationRecord::read)
        .transpose()
}

/// The sessions that were noted, the last first, without their lists.
///
/// # Errors
/// When the store fails.
pub fn noted(tx: &mut Tx<'_>, most: i64) -> Result<Vec<RatificationRecord>, StoreError> {
    tx.query(NOTED, &[Value::from(most)])?
        .iter()
        .map(RatificationRecord::read)
        .collect()
}

/// When the coordination unit last found each entry right, of all that it ever
/// checked or published; also of those that nobody may see.
///
/// # Errors
/// When the store fails.
pub fn validated(tx: &mut Tx<'_>) -> Result<HashMap<ServiceId, DateTime<Utc>>, StoreError> {
    tx.query(VALIDATED, &[])?
        .iter()
        .map(|row| Ok((row.get("entry_id")?, row.get("at")?)))
        .collect()
}
