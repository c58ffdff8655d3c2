//! Transfers of cases between organisations, and cases that nobody works on.

use chrono::{DateTime, Utc};
use relais_mechanism::ClassSet;
use relais_network::{CaseId, OrganisationId, TransferId, UserId};

use super::lists::{CaseBeside, CaseLine, beside, case_line};
use super::{case_columns, record, statements};
use crate::{Row, StoreError, Tx, Value};

record! {
    /// A transfer of one case.
    TransferRecord in "case_transfer" key id: TransferId {
        /// Transfer.
        id: TransferId,
        /// Case.
        case_id: CaseId,
        /// Organisation that held it.
        from_id: OrganisationId,
        /// Organisation asked to take it.
        to_id: OrganisationId,
        /// State.
        state: String,
        /// Coded reason.
        decline_code: Option<String>,
        /// Who proposed it.
        proposed_by: UserId,
        /// Proposed.
        proposed_at: DateTime<Utc>,
        /// Since.
        due_from: DateTime<Utc>,
        /// Until.
        due_at: DateTime<Utc>,
        /// In which time the limit runs.
        clock: String,
        /// Version of the calendar.
        calendar: String,
        /// Both sides were reminded.
        reminded: bool,
        /// Answered, taken back or lapsed.
        ended_at: Option<DateTime<Utc>>,
        /// By whom.
        ended_by: Option<UserId>,
        /// Version of the mechanism.
        mechanism_hash: String,
        /// Sealed words.
        note: Vec<u8>,
        /// Version.
        version: i64,
    }
}

statements! {
    TRANSFERS_OF_CASE = "SELECT t.seq, t.id, t.case_id, t.from_id, t.to_id, t.state, t.decline_code, t.proposed_by, t.proposed_at, t.due_from, t.due_at, t.clock, t.calendar, t.reminded, t.ended_at, t.ended_by, t.mechanism_hash, t.note, t.version, c.seq AS case_seq, c.year AS case_year, c.region AS case_region, c.slot AS case_slot, c.card AS case_card, c.holder_id AS case_holder, c.regime AS case_regime FROM case_transfer t JOIN case_file c ON c.id = t.case_id WHERE t.case_id = $1 ORDER BY t.seq";
    TRANSFERS_TO = "SELECT t.seq, t.id, t.case_id, t.from_id, t.to_id, t.state, t.decline_code, t.proposed_by, t.proposed_at, t.due_from, t.due_at, t.clock, t.calendar, t.reminded, t.ended_at, t.ended_by, t.mechanism_hash, t.note, t.version, c.seq AS case_seq, c.year AS case_year, c.region AS case_region, c.slot AS case_slot, c.card AS case_card, c.holder_id AS case_holder, c.regime AS case_regime FROM case_transfer t JOIN case_file c ON c.id = t.case_id WHERE t.to_id = $1 AND t.state = 'proposed' ORDER BY t.due_at, t.seq LIMIT $2";
    TRANSFERS_FROM = "SELECT t.seq, t.id, t.case_id, t.from_id, t.to_id, t.state, t.decline_code, t.proposed_by, t.proposed_at, t.due_from, t.due_at, t.clock, t.calendar, t.reminded, t.ended_at, t.ended_by, t.mechanism_hash, t.note, t.version, c.seq AS case_seq, c.year AS case_year, c.region AS case_region, c.slot AS case_slot, c.card AS case_card, c.holder_id AS case_holder, c.regime AS case_regime FROM case_transfer t JOIN case_file c ON c.id = t.case_id WHERE t.from_id = $1 AND t.state = 'accepted' AND t.ended_at > $2 ORDER BY t.ended_at DESC, t.seq LIMIT $3";
    CASES_CLOSED_TO = "SELECT DISTINCT t.case_id AS id FROM case_transfer t JOIN case_file c ON c.id = t.case_id WHERE t.to_id = $1 AND t.state = 'accepted' AND c.holder_id = $1 AND NOT EXISTS (SELECT 1 FROM grant_row g WHERE g.case_id = c.id AND g.holder_id IN ($1, $2) AND (g.classes & $3) <> 0 AND g.from_at <= $4 AND (g.until_at IS NULL OR g.until_at > $4))";
    CASES_UNCLAIMED = concat!("SELECT ", case_columns!(), ", c.open_needs, c.due_at FROM case_file c WHERE c.holder_id = $1 AND c.state = 'open' AND (c.assigned_user_id IS NULL OR NOT EXISTS (SELECT 1 FROM user_account u WHERE u.id = c.assigned_user_id AND u.active = 1 AND u.organisation_id = c.holder_id)) ORDER BY c.seq LIMIT $2");
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [TransferRecord::statements(), statements()].concat()
}

/// A transfer with what its list shows of the case.
#[derive(Debug, Clone)]
pub struct TransferLine {
    /// Transfer.
    pub transfer: TransferRecord,
    /// Its case.
    pub case: CaseBeside,
}

fn line(row: &Row) -> Result<TransferLine, StoreError> {
    Ok(TransferLine {
        transfer: TransferRecord::read(row)?,
        case: beside(row)?,
    })
}

/// Transfers of a case, oldest first.
///
/// # Errors
/// When the store fails.
pub fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<TransferLine>, StoreError> {
    tx.query(TRANSFERS_OF_CASE, &[Value::from(case)])?
        .iter()
        .map(line)
        .collect()
}

/// Transfers that wait for the answer of an organisation.
///
/// # Errors
/// When the store fails.
pub fn to(tx: &mut Tx<'_>, organisation: OrganisationId, limit: i64) -> Result<Vec<TransferLine>, StoreError> {
    tx.query(TRANSFERS_TO, &[Value::from(organisation), Value::from(limit)])?
        .iter()
        .map(line)
        .collect()
}

/// Transfers by which cases left an organisation after `since`.
///
/// # Errors
/// When the store fails.
pub fn from(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<TransferLine>, StoreError> {
    tx.query(
        TRANSFERS_FROM,
        &[Value::from(organisation), Value::from(since), Value::from(limit)],
    )?
    .iter()
    .map(line)
    .collect()
}

/// Open cases of an organisation on which no open account works.
///
/// # Errors
/// When the store fails.
pub fn unclaimed(tx: &mut Tx<'_>, holder: OrganisationId, limit: i64) -> Result<Vec<CaseLine>, StoreError> {
    tx.query(CASES_UNCLAIMED, &[Value::from(holder), Value::from(limit)])?
        .iter()
        .map(case_line)
        .collect()
}

/// Cases that came to an organisation by a transfer and of which neither its
/// supervisors nor this user may read any of the classes now.
///
/// # Errors
/// When the store fails.
pub fn closed_to(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    user: UserId,
    classes: ClassSet,
    now: DateTime<Utc>,
) -> Result<Vec<CaseId>, StoreError> {
    let values = [
        Value::from(organisation),
        Value::from(user),
        Value::from(classes),
        Value::from(now),
    ];
    tx.query(CASES_CLOSED_TO, &values)?
        .iter()
        .map(|row| row.get("id"))
        .collect()
}
