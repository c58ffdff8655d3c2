//! What the end of a case does beside the machines: nothing is due any more,
//! no message that was not sent goes out; and the cases that ended lately.

use chrono::{DateTime, Utc};
use relais_network::{CaseId, OrganisationId, UserId};

use super::cases::CaseRecord;
use super::{case_columns, granted, statements};
use crate::erasure::of_case;
use crate::{Row, StoreError, Tx, Value};

statements! {
    CLEAR_DUE_OF_ENDED = concat!("DELETE FROM due_work WHERE subject = $1 OR subject IN (", of_case!(), " UNION ALL SELECT id FROM stop_request WHERE case_id = $1)");
    DROP_UNSENT_OF_ENDED = concat!("DELETE FROM outbox WHERE sent_at IS NULL AND (subject = $1 OR subject IN (", of_case!(), " UNION ALL SELECT id FROM stop_request WHERE case_id = $1))");
    WAITING_OVERRIDES = "SELECT id, at, cosign_due_at, version FROM override_row WHERE case_id = $1 AND state = 'waiting' ORDER BY at, id";
    ENDED_OF_USER = concat!("SELECT ", case_columns!(), " FROM case_file c WHERE c.assigned_user_id = $1 AND c.state = 'ended' AND c.closed_at > $3 AND ", granted!(), " ORDER BY c.closed_at DESC, c.seq DESC LIMIT $4");
    ENDED_OF_HOLDER = concat!("SELECT ", case_columns!(), " FROM case_file c WHERE c.holder_id = $1 AND c.state = 'ended' AND c.closed_at > $3 AND ", granted!(), " ORDER BY c.closed_at DESC, c.seq DESC LIMIT $4");
}

/// Nothing of the case is due any more; how many pieces of work went.
///
/// # Errors
/// When the store fails.
pub fn clear_due(tx: &mut Tx<'_>, case: CaseId) -> Result<u64, StoreError> {
    tx.execute(CLEAR_DUE_OF_ENDED, &[Value::from(case)])
}

/// No message about the case that still waits is sent; how many went.
///
/// # Errors
/// When the store fails.
pub fn drop_unsent(tx: &mut Tx<'_>, case: CaseId) -> Result<u64, StoreError> {
    tx.execute(DROP_UNSENT_OF_ENDED, &[Value::from(case)])
}

/// An override that waits for its co-signature: id, since when, until when, version.
pub type Waiting = (uuid::Uuid, DateTime<Utc>, DateTime<Utc>, i64);

/// The overrides of a case that wait for their co-signature, oldest first.
///
/// # Errors
/// When the store fails.
pub fn waiting_overrides(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Waiting>, StoreError> {
    tx.query(WAITING_OVERRIDES, &[Value::from(case)])?
        .iter()
        .map(|row| {
            Ok((
                row.get("id")?,
                row.get("at")?,
                row.get("cosign_due_at")?,
                row.get("version")?,
            ))
        })
        .collect()
}

fn read(row: &Row) -> Result<(i64, CaseRecord), StoreError> {
    Ok((row.get("seq")?, CaseRecord::read(row)?))
}

/// The cases of a user that ended after `since`, latest first, with their
/// server sequence.
///
/// # Errors
/// When the store fails.
pub fn of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(i64, CaseRecord)>, StoreError> {
    let values = [
        Value::from(user),
        Value::from(now),
        Value::from(since),
        Value::from(limit),
    ];
    tx.query(ENDED_OF_USER, &values)?.iter().map(read).collect()
}

/// The cases of an organisation that ended after `since`, for its supervisors.
///
/// # Errors
/// When the store fails.
pub fn of_holder(
    tx: &mut Tx<'_>,
    holder: OrganisationId,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(i64, CaseRecord)>, StoreError> {
    let values = [
        Value::from(holder),
        Value::from(now),
        Value::from(since),
        Value::from(limit),
    ];
    tx.query(ENDED_OF_HOLDER, &values)?.iter().map(read).collect()
}
