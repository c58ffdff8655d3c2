//! The closure of a case as it stands; what was proposed before is in the
//! case's chain.

use chrono::{DateTime, Utc};
use relais_network::{CaseId, OrganisationId, UserId};

use super::lists::{CaseBeside, beside};
use super::{closure_columns, granted, record, statements};
use crate::{Row, StoreError, Tx, Value};

record! {
    /// A closure.
    ClosureRecord in "case_closure" key case_id: CaseId {
        /// Case.
        case_id: CaseId,
        /// Organisation that holds it.
        holder_id: OrganisationId,
        /// Where it stands.
        state: String,
        /// Who wrote it.
        proposed_by: UserId,
        /// When.
        proposed_at: DateTime<Utc>,
        /// Since when somebody must move.
        due_from: DateTime<Utc>,
        /// Until when.
        due_at: DateTime<Utc>,
        /// In which time the limit runs.
        clock: String,
        /// Version of the calendar.
        calendar: String,
        /// From when a proposal counts as unanswered.
        lapses_at: DateTime<Utc>,
        /// By whose eyes the case was closed.
        confirmed: Option<String>,
        /// Who confirmed it or sent it back.
        decided_by: Option<UserId>,
        /// When.
        decided_at: Option<DateTime<Utc>>,
        /// When the person is to be contacted once more.
        follow_up_at: Option<DateTime<Utc>>,
        /// Sealed: what was reached, what the person says, the supervisor's words.
        detail: Vec<u8>,
        /// Version of the mechanism.
        mechanism_hash: String,
        /// Version.
        version: i64,
    }
}

statements! {
    CLOSURES_WAITING = concat!("SELECT ", closure_columns!(), " FROM case_closure k JOIN case_file c ON c.id = k.case_id WHERE k.holder_id = $3 AND k.state IN ('proposed', 'returned') AND c.state = 'open' AND ", granted!(), " ORDER BY k.due_at, c.seq LIMIT $4");
    FOLLOW_UPS_DUE = concat!("SELECT ", closure_columns!(), " FROM case_closure k JOIN case_file c ON c.id = k.case_id WHERE k.holder_id = $3 AND k.state = 'closed' AND k.follow_up_at <= $2 AND c.state = 'closed' AND ", granted!(), " ORDER BY k.follow_up_at, c.seq LIMIT $4");
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [ClosureRecord::statements(), statements()].concat()
}

/// A closure with what its list shows of the case.
#[derive(Debug, Clone)]
pub struct ClosureLine {
    /// Closure.
    pub closure: ClosureRecord,
    /// Who works on the case.
    pub assigned: Option<UserId>,
    /// Its case.
    pub case: CaseBeside,
}

fn line(row: &Row) -> Result<ClosureLine, StoreError> {
    Ok(ClosureLine {
        closure: ClosureRecord::read(row)?,
        assigned: row.get("assigned_user_id")?,
        case: beside(row)?,
    })
}

/// Who reads a list: the holder of the grants (a user, or an organisation for
/// its supervisors), and the organisation that holds the cases.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// Holder of the grants.
    pub by: uuid::Uuid,
    /// Organisation.
    pub organisation: OrganisationId,
}

fn read(
    tx: &mut Tx<'_>,
    sql: &'static str,
    reader: Reader,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ClosureLine>, StoreError> {
    let values = [
        Value::from(reader.by),
        Value::from(now),
        Value::from(reader.organisation),
        Value::from(limit),
    ];
    tx.query(sql, &values)?.iter().map(line).collect()
}

/// Closures that wait for a supervisor, or were sent back.
///
/// # Errors
/// When the store fails.
pub fn waiting(
    tx: &mut Tx<'_>,
    reader: Reader,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ClosureLine>, StoreError> {
    read(tx, CLOSURES_WAITING, reader, now, limit)
}

/// Closed cases whose person is to be contacted once more by now.
///
/// # Errors
/// When the store fails.
pub fn follow_ups(
    tx: &mut Tx<'_>,
    reader: Reader,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ClosureLine>, StoreError> {
    read(tx, FOLLOW_UPS_DUE, reader, now, limit)
}
