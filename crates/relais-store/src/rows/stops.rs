//! Requests to stop using what was received, after a withdrawal.

use chrono::{DateTime, Utc};
use relais_mechanism::ClassSet;
use relais_network::{CaseId, OrganisationId, StopRequestId, UserId};

use super::lists::{CaseBeside, beside};
use super::{granted, record, statements, stop_columns};
use crate::{Row, StoreError, Tx, Value};

record! {
    /// A request to one recipient.
    StopRequestRecord in "stop_request" key id: StopRequestId {
        /// Request.
        id: StopRequestId,
        /// Case.
        case_id: CaseId,
        /// Organisation that must confirm.
        recipient_id: OrganisationId,
        /// What the person wanted to stop.
        effect: String,
        /// Classes of S3 or less received.
        classes: ClassSet,
        /// Sealed classes of S4.
        restricted: Vec<u8>,
        /// Referrals under which they were received, as JSON of ids.
        referrals: String,
        /// Told.
        asked_at: DateTime<Utc>,
        /// Since.
        due_from: DateTime<Utc>,
        /// Until.
        due_at: DateTime<Utc>,
        /// In which time the limit runs.
        clock: String,
        /// Version of the calendar.
        calendar: String,
        /// Last step of the ladder, in percent.
        ladder: u32,
        /// Confirmed.
        confirmed_at: Option<DateTime<Utc>>,
        /// By whom.
        confirmed_by: Option<UserId>,
        /// How it came in.
        channel: Option<String>,
        /// Version of the mechanism.
        mechanism_hash: String,
        /// Version.
        version: i64,
    }
}

statements! {
    STOPS_OF_CASE = concat!("SELECT ", stop_columns!(), " FROM stop_request s JOIN case_file c ON c.id = s.case_id WHERE s.case_id = $1 ORDER BY s.seq");
    STOPS_TO = concat!("SELECT ", stop_columns!(), " FROM stop_request s JOIN case_file c ON c.id = s.case_id WHERE s.recipient_id = $1 AND (s.confirmed_at IS NULL OR s.confirmed_at > $2) ORDER BY s.confirmed_at IS NOT NULL, s.due_at, s.seq LIMIT $3");
    STOPS_OF_USER = concat!("SELECT ", stop_columns!(), " FROM stop_request s JOIN case_file c ON c.id = s.case_id WHERE c.assigned_user_id = $1 AND s.confirmed_at IS NULL AND ", granted!(), " ORDER BY s.due_at, s.seq LIMIT $3");
    STOPS_OF_HOLDER = concat!("SELECT ", stop_columns!(), " FROM stop_request s JOIN case_file c ON c.id = s.case_id WHERE c.holder_id = $1 AND s.confirmed_at IS NULL AND ", granted!(), " ORDER BY s.due_at, s.seq LIMIT $3");
    STOPS_LATE = concat!("SELECT ", stop_columns!(), " FROM stop_request s JOIN case_file c ON c.id = s.case_id JOIN person p ON p.id = c.person_id WHERE s.confirmed_at IS NULL AND s.due_at <= $1 AND c.regime = 'ordinary' AND (c.state <> 'ended' OR p.erased_at IS NOT NULL) AND ($2 = '' OR c.region = $2) ORDER BY s.due_at, s.seq LIMIT $3");
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [StopRequestRecord::statements(), statements()].concat()
}

/// A request with what its list shows of the case.
#[derive(Debug, Clone)]
pub struct StopLine {
    /// Server sequence.
    pub seq: i64,
    /// Request.
    pub stop: StopRequestRecord,
    /// Its case.
    pub case: CaseBeside,
}

fn line(row: &Row) -> Result<StopLine, StoreError> {
    Ok(StopLine {
        seq: row.get("seq")?,
        stop: StopRequestRecord::read(row)?,
        case: beside(row)?,
    })
}

/// Requests of a case, oldest first.
///
/// # Errors
/// When the store fails.
pub fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<StopLine>, StoreError> {
    tx.query(STOPS_OF_CASE, &[Value::from(case)])?
        .iter()
        .map(line)
        .collect()
}

/// Requests to an organisation: open, or confirmed after `since`.
///
/// # Errors
/// When the store fails.
pub fn to(
    tx: &mut Tx<'_>,
    recipient: OrganisationId,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<StopLine>, StoreError> {
    tx.query(
        STOPS_TO,
        &[Value::from(recipient), Value::from(since), Value::from(limit)],
    )?
    .iter()
    .map(line)
    .collect()
}

/// Unconfirmed requests of the cases that a user works on.
///
/// # Errors
/// When the store fails.
pub fn of_user(tx: &mut Tx<'_>, user: UserId, now: DateTime<Utc>, limit: i64) -> Result<Vec<StopLine>, StoreError> {
    tx.query(
        STOPS_OF_USER,
        &[Value::from(user), Value::from(now), Value::from(limit)],
    )?
    .iter()
    .map(line)
    .collect()
}

/// Unconfirmed requests of the cases that an organisation holds, for its
/// supervisors.
///
/// # Errors
/// When the store fails.
pub fn of_holder(
    tx: &mut Tx<'_>,
    holder: OrganisationId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<StopLine>, StoreError> {
    tx.query(
        STOPS_OF_HOLDER,
        &[Value::from(holder), Value::from(now), Value::from(limit)],
    )?
    .iter()
    .map(line)
    .collect()
}

/// Unconfirmed requests past their limit, longest first; never those of
/// protected or ended cases. An erased case has ended too, and what its
/// recipients must destroy goes on waiting. Of cases of one region or of all.
///
/// # Errors
/// When the store fails.
pub fn late(
    tx: &mut Tx<'_>,
    now: DateTime<Utc>,
    region: Option<&str>,
    limit: i64,
) -> Result<Vec<StopLine>, StoreError> {
    let values = [
        Value::from(now),
        Value::from(region.unwrap_or_default()),
        Value::from(limit),
    ];
    tx.query(STOPS_LATE, &values)?.iter().map(line).collect()
}
