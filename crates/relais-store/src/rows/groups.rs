//! Arrivals of many, and the persons whom their lists announce.

use chrono::{DateTime, NaiveDate, Utc};
use relais_network::{CaseId, ExpectedId, GroupId, OrganisationId, UserId};
use uuid::Uuid;

use super::{record, statements};
use crate::{StoreError, Tx, Value};

record! {
    /// An arrival of many.
    GroupRecord in "arrival_group" key id: GroupId {
        /// Arrival.
        id: GroupId,
        /// Organisation that receives it.
        organisation_id: OrganisationId,
        /// flight, bus, boat, other.
        kind: String,
        /// Number of the flight or bus.
        label: String,
        /// Code of the entry point.
        entry_point: String,
        /// Day, as 2026-11-23.
        expected_on: String,
        /// draft, open, closed.
        state: String,
        /// Who prepared it.
        lead_id: UserId,
        /// Key of the uploaded list.
        slot: i64,
        /// Sealed list, until its rows are made.
        list: Vec<u8>,
        /// Next number of a bracelet.
        next_number: u32,
        /// Made.
        created_at: DateTime<Utc>,
        /// Closed.
        closed_at: Option<DateTime<Utc>>,
        /// Version.
        version: i64,
    }
}

impl GroupRecord {
    /// The day on which it is expected.
    ///
    /// # Errors
    /// When the column holds no day.
    pub fn day(&self) -> Result<NaiveDate, StoreError> {
        self.expected_on
            .parse()
            .map_err(|_| StoreError::schema("arrival_group.expected_on holds no day"))
    }
}

record! {
    /// An expected person.
    ExpectedRecord in "expected_person" key id: ExpectedId {
        /// Row.
        id: ExpectedId,
        /// Arrival.
        group_id: GroupId,
        /// Number of the bracelet within the arrival.
        number: u32,
        /// Number of the family within the arrival.
        family: Option<u32>,
        /// Family that they become.
        family_id: Option<Uuid>,
        /// waiting, taken, registered, absent, erased.
        state: String,
        /// Who has or had the row.
        officer_id: Option<UserId>,
        /// Until when it is theirs alone.
        until_at: Option<DateTime<Utc>>,
        /// Case that the row became.
        case_id: Option<CaseId>,
        /// Subject key.
        slot: i64,
        /// Sealed person; empty once registered or erased.
        person: Vec<u8>,
        /// Sealed answers, typed and not yet registered; else empty.
        typed: Vec<u8>,
        /// Registered.
        registered_at: Option<DateTime<Utc>>,
        /// Version.
        version: i64,
    }
}

statements! {
    GROUP_SEQ = "SELECT seq FROM arrival_group WHERE id = $1";
    GROUP_BY_SEQ = "SELECT id FROM arrival_group WHERE seq = $1";
    GROUPS_OF = "SELECT seq, id, organisation_id, kind, label, entry_point, expected_on, state, lead_id, slot, list, next_number, created_at, closed_at, version FROM arrival_group WHERE organisation_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
    LOCK_GROUP = "UPDATE arrival_group SET version = version + 1 WHERE id = $1";
    ROWS_OF = "SELECT id, group_id, number, family, family_id, state, officer_id, until_at, case_id, slot, person, typed, registered_at, version FROM expected_person WHERE group_id = $1 ORDER BY number";
    PLACES_OF = "SELECT id, number, family, state, officer_id, until_at FROM expected_person WHERE group_id = $1 ORDER BY number";
    ROW_BY_NUMBER = "SELECT id FROM expected_person WHERE group_id = $1 AND number = $2";
    ROW_OF_CASE = "SELECT id FROM expected_person WHERE case_id = $1";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [GroupRecord::statements(), ExpectedRecord::statements(), statements()].concat()
}

/// Server sequence of an arrival, from which the bracelets' numbers are made.
///
/// # Errors
/// When the store fails or the arrival is not there.
pub fn seq(tx: &mut Tx<'_>, id: GroupId) -> Result<i64, StoreError> {
    tx.query_one(GROUP_SEQ, &[Value::from(id)])?.get("seq")
}

/// The arrival with this server sequence, or none.
///
/// # Errors
/// When the store fails.
pub fn by_seq(tx: &mut Tx<'_>, seq: i64) -> Result<Option<GroupId>, StoreError> {
    tx.query_opt(GROUP_BY_SEQ, &[Value::from(seq)])?
        .map(|row| row.get("id"))
        .transpose()
}

/// Arrivals that an organisation receives, with their server sequence, newest
/// first, before server sequence `before`.
///
/// # Errors
/// When the store fails.
pub fn of_organisation(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    before: i64,
    limit: i64,
) -> Result<Vec<(i64, GroupRecord)>, StoreError> {
    tx.query(
        GROUPS_OF,
        &[Value::from(organisation), Value::from(before), Value::from(limit)],
    )?
    .iter()
    .map(|row| Ok((row.get("seq")?, GroupRecord::read(row)?)))
    .collect()
}

/// Locks an arrival for the rest of the unit of work: two officers never take
/// at once. The version that a record read before holds is stale after this.
///
/// # Errors
/// When the store fails.
pub fn lock(tx: &mut Tx<'_>, id: GroupId) -> Result<bool, StoreError> {
    Ok(tx.execute(LOCK_GROUP, &[Value::from(id)])? == 1)
}

/// Rows of an arrival, by number.
///
/// # Errors
/// When the store fails.
pub fn rows_of(tx: &mut Tx<'_>, group: GroupId) -> Result<Vec<ExpectedRecord>, StoreError> {
    tx.query(ROWS_OF, &[Value::from(group)])?
        .iter()
        .map(ExpectedRecord::read)
        .collect()
}

/// What the order of the queue is made from.
#[derive(Debug, Clone)]
pub struct PlaceRow {
    /// Row.
    pub id: ExpectedId,
    /// Number.
    pub number: u32,
    /// Family.
    pub family: Option<u32>,
    /// State.
    pub state: String,
    /// Who has or had it.
    pub officer: Option<UserId>,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
}

/// The places of an arrival, by number, without a sealed column.
///
/// # Errors
/// When the store fails.
pub fn places_of(tx: &mut Tx<'_>, group: GroupId) -> Result<Vec<PlaceRow>, StoreError> {
    tx.query(PLACES_OF, &[Value::from(group)])?
        .iter()
        .map(|row| {
            Ok(PlaceRow {
                id: row.get("id")?,
                number: row.get("number")?,
                family: row.get("family")?,
                state: row.get("state")?,
                officer: row.get("officer_id")?,
                until: row.get("until_at")?,
            })
        })
        .collect()
}

/// The row with this number in an arrival, or none.
///
/// # Errors
/// When the store fails.
pub fn by_number(tx: &mut Tx<'_>, group: GroupId, number: u32) -> Result<Option<ExpectedId>, StoreError> {
    tx.query_opt(ROW_BY_NUMBER, &[Value::from(group), Value::from(number)])?
        .map(|row| row.get("id"))
        .transpose()
}

/// The row that became this case, or none.
///
/// # Errors
/// When the store fails.
pub fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<ExpectedId>, StoreError> {
    tx.query_opt(ROW_OF_CASE, &[Value::from(case)])?
        .map(|row| row.get("id"))
        .transpose()
}
