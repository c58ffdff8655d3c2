//! Files that may be of one person: name checks, what they found, questions
//! to the holder of the other file, and files that were joined.

use chrono::{DateTime, Utc};
use relais_network::{CaseId, OrganisationId, SameAskId, UserId};

use super::{record, statements};
use crate::{StoreError, Tx, Value};

record! {
    /// What the last name check for a case found.
    PerhapsRecord in "perhaps" key case_id: CaseId {
        /// Case.
        case_id: CaseId,
        /// Looked.
        at: DateTime<Utc>,
        /// Sealed list.
        found: Vec<u8>,
    }
}

record! {
    /// A question to the holder of another file.
    SameAskRecord in "same_ask" key id: SameAskId {
        /// Question.
        id: SameAskId,
        /// Case for which it is asked.
        case_id: CaseId,
        /// Organisation that asks.
        asker_id: OrganisationId,
        /// Organisation that must answer.
        holder_id: OrganisationId,
        /// waiting, answered, lapsed.
        state: String,
        /// Last step of the wait, in percent.
        step: u32,
        /// By whom.
        asked_by: UserId,
        /// Asked.
        asked_at: DateTime<Utc>,
        /// Since.
        due_from: DateTime<Utc>,
        /// Until.
        due_at: DateTime<Utc>,
        /// In which time the limit runs.
        clock: String,
        /// Version of the calendar.
        calendar: String,
        /// Version of the mechanism.
        mechanism_hash: String,
        /// The other case and the answer, sealed.
        detail: Vec<u8>,
        /// Version.
        version: i64,
    }
}

record! {
    /// A younger case that points to an older one of the same person.
    JoinedRecord in "joined" key case_id: CaseId {
        /// The younger.
        case_id: CaseId,
        /// The older.
        into_id: CaseId,
        /// By whom.
        by_user: UserId,
        /// When.
        at: DateTime<Utc>,
    }
}

statements! {
    ADD_CHECK = "INSERT INTO name_check (user_id, organisation_id, case_id, at) VALUES ($1, $2, $3, $4)";
    CHECKS_SINCE = "SELECT COUNT(*) AS n FROM name_check WHERE user_id = $1 AND at >= $2";
    ASKS_OF_CASE = "SELECT id, case_id, asker_id, holder_id, state, step, asked_by, asked_at, due_from, due_at, clock, calendar, mechanism_hash, detail, version FROM same_ask WHERE case_id = $1 ORDER BY seq";
    ASKS_TO = "SELECT id, case_id, asker_id, holder_id, state, step, asked_by, asked_at, due_from, due_at, clock, calendar, mechanism_hash, detail, version FROM same_ask WHERE holder_id = $1 AND state = 'waiting' AND (due_at > $2 OR (due_at = $2 AND id > $3)) ORDER BY due_at, id LIMIT $4";
    JOINED_INTO = "SELECT case_id, into_id, by_user, at FROM joined WHERE into_id = $1 ORDER BY at, case_id";
    SEPARATE = "DELETE FROM joined WHERE case_id = $1";
    LEAVE_ALL = "DELETE FROM joined WHERE case_id = $1 OR into_id = $1";
    HAS_RESTRICTED = "SELECT 1 AS n FROM need WHERE case_id = $1 AND group_code = 'restricted' LIMIT 1";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [
        PerhapsRecord::statements(),
        SameAskRecord::statements(),
        JoinedRecord::statements(),
        statements(),
    ]
    .concat()
}

/// Notes that a user looked whether somebody is known.
///
/// # Errors
/// When the store fails.
pub fn add_check(
    tx: &mut Tx<'_>,
    user: UserId,
    organisation: OrganisationId,
    case: Option<CaseId>,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.execute_one(
        ADD_CHECK,
        &[
            Value::from(user),
            Value::from(organisation),
            Value::from(case),
            Value::from(at),
        ],
    )
}

/// How often a user looked since then.
///
/// # Errors
/// When the store fails.
pub fn checks_since(tx: &mut Tx<'_>, user: UserId, since: DateTime<Utc>) -> Result<i64, StoreError> {
    let row = tx.query_opt(CHECKS_SINCE, &[Value::from(user), Value::from(since)])?;
    row.map_or(Ok(0), |row| row.get("n"))
}

/// The questions asked for a case, oldest first.
///
/// # Errors
/// When the store fails.
pub fn asks_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<SameAskRecord>, StoreError> {
    tx.query(ASKS_OF_CASE, &[Value::from(case)])?
        .iter()
        .map(SameAskRecord::read)
        .collect()
}

/// Before the first question of a list.
pub const FIRST: (DateTime<Utc>, SameAskId) = (DateTime::<Utc>::UNIX_EPOCH, SameAskId(uuid::Uuid::nil()));

/// The questions that wait for an organisation's answer after this limit and
/// id, earliest first.
///
/// # Errors
/// When the store fails.
pub fn asks_to(
    tx: &mut Tx<'_>,
    holder: OrganisationId,
    after: (DateTime<Utc>, SameAskId),
    limit: i64,
) -> Result<Vec<SameAskRecord>, StoreError> {
    let values = [
        Value::from(holder),
        Value::from(after.0),
        Value::from(after.1),
        Value::from(limit),
    ];
    tx.query(ASKS_TO, &values)?.iter().map(SameAskRecord::read).collect()
}

/// The younger cases that point to this one.
///
/// # Errors
/// When the store fails.
pub fn joined_into(tx: &mut Tx<'_>, into: CaseId) -> Result<Vec<JoinedRecord>, StoreError> {
    tx.query(JOINED_INTO, &[Value::from(into)])?
        .iter()
        .map(JoinedRecord::read)
        .collect()
}

/// Takes a case apart from all that it was joined with; how many there were.
///
/// # Errors
/// When the store fails.
pub fn leave_all(tx: &mut Tx<'_>, case: CaseId) -> Result<u64, StoreError> {
    tx.execute(LEAVE_ALL, &[Value::from(case)])
}

/// Takes a case apart from the older.
///
/// # Errors
/// When the store fails.
pub fn separate(tx: &mut Tx<'_>, case: CaseId) -> Result<(), StoreError> {
    tx.execute_one(SEPARATE, &[Value::from(case)])
}

/// Whether the case has a need above S3.
///
/// # Errors
/// When the store fails.
pub fn has_restricted(tx: &mut Tx<'_>, case: CaseId) -> Result<bool, StoreError> {
    Ok(tx.query_opt(HAS_RESTRICTED, &[Value::from(case)])?.is_some())
}
