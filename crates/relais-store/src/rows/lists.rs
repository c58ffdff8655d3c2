//! Lists: each joins the viewer's grants in SQL. The pure `visible` is their
//! oracle; a property test over random worlds holds them to it. All are paged
//! by server sequence or bounded by a limit.

use chrono::{DateTime, Utc};
use relais_network::{CaseId, OrganisationId, UserId};

use super::cases::{CaseRecord, NeedRecord, ReferralRecord};
use super::{case_columns, granted, need_columns, referral_columns, statements};
use crate::{Row, StoreError, Tx, Value};

statements! {
    CASES_OF_USER = concat!("SELECT c.seq, c.id, c.slot, c.region, c.holder_id, c.regime, c.state, c.card, c.opened_at, c.open_needs, c.due_at FROM case_file c WHERE c.assigned_user_id = $1 AND c.seq < $3 AND ", granted!(), " ORDER BY c.seq DESC LIMIT $4");
    CASES_WITHOUT_NEED = concat!("SELECT ", case_columns!(), " FROM case_file c WHERE c.assigned_user_id = $1 AND c.closed_at IS NULL AND c.state = 'open' AND ", granted!(), " AND NOT EXISTS (SELECT 1 FROM need n WHERE n.case_id = c.id) ORDER BY c.seq LIMIT $3");
    CASES_WITHOUT_NEED_OF_HOLDER = concat!("SELECT ", case_columns!(), " FROM case_file c WHERE c.holder_id = $1 AND c.closed_at IS NULL AND c.state = 'open' AND ", granted!(), " AND NOT EXISTS (SELECT 1 FROM need n WHERE n.case_id = c.id) ORDER BY c.seq LIMIT $3");
    CASES_OF_HOLDER = concat!("SELECT c.seq, c.id, c.slot, c.region, c.holder_id, c.regime, c.state, c.card, c.opened_at, c.open_needs, c.due_at FROM case_file c WHERE c.holder_id = $1 AND c.seq < $3 AND ", granted!(), " ORDER BY c.seq DESC LIMIT $4");
    REFERRALS_OF_USER = concat!("SELECT ", referral_columns!(), " FROM case_file c JOIN referral r ON r.case_id = c.id WHERE c.assigned_user_id = $1 AND c.closed_at IS NULL AND ", granted!(), " AND (r.due_at IS NOT NULL OR r.ended_at > $3) ORDER BY r.due_at IS NULL, r.due_at, r.seq LIMIT $4");
    NEEDS_OF_USER = concat!("SELECT ", need_columns!(), " FROM case_file c JOIN need n ON n.case_id = c.id WHERE c.assigned_user_id = $1 AND c.closed_at IS NULL AND ", granted!(), " AND n.due_at IS NOT NULL ORDER BY n.due_at, n.seq LIMIT $3");
    REFERRALS_OF_HOLDER = concat!("SELECT ", referral_columns!(), " FROM case_file c JOIN referral r ON r.case_id = c.id WHERE c.holder_id = $1 AND c.closed_at IS NULL AND ", granted!(), " AND (r.due_at IS NOT NULL OR r.ended_at > $3) ORDER BY r.due_at IS NULL, r.due_at, r.seq LIMIT $4");
    NEEDS_OF_HOLDER = concat!("SELECT ", need_columns!(), " FROM case_file c JOIN need n ON n.case_id = c.id WHERE c.holder_id = $1 AND c.closed_at IS NULL AND ", granted!(), " AND n.due_at IS NOT NULL ORDER BY n.due_at, n.seq LIMIT $3");
    INBOX_WAITING = concat!("SELECT ", referral_columns!(), " FROM referral r JOIN case_file c ON c.id = r.case_id WHERE r.provider_id = $1 AND r.due_at >= $2 AND (r.due_at > $2 OR (r.due_at = $2 AND r.seq > $3)) AND r.sent_at IS NOT NULL AND r.ended_at IS NULL ORDER BY r.due_at, r.seq LIMIT $4");
    INBOX_ENDED = concat!("SELECT ", referral_columns!(), " FROM referral r JOIN case_file c ON c.id = r.case_id WHERE r.provider_id = $1 AND r.ended_at > $2 AND r.sent_at IS NOT NULL ORDER BY r.ended_at DESC, r.seq DESC LIMIT $3");
    LATE_REFERRALS = concat!("SELECT ", referral_columns!(), " FROM referral r JOIN case_file c ON c.id = r.case_id WHERE r.due_at <= $1 AND r.due_at >= $2 AND (r.due_at > $2 OR (r.due_at = $2 AND r.seq > $3)) AND c.regime = 'ordinary' AND c.state <> 'ended' AND ($4 = '' OR c.region = $4) ORDER BY r.due_at, r.seq LIMIT $5");
    LATE_NEEDS = concat!("SELECT n.seq, ", need_columns!(), " FROM need n JOIN case_file c ON c.id = n.case_id WHERE n.state = 'open' AND n.due_at <= $1 AND n.due_at >= $2 AND (n.due_at > $2 OR (n.due_at = $2 AND n.seq > $3)) AND c.regime = 'ordinary' AND c.state <> 'ended' AND ($4 = '' OR c.region = $4) ORDER BY n.due_at, n.seq LIMIT $5");
    PROTECTED_CASES = "SELECT COUNT(*) AS n FROM case_file WHERE regime = 'protected' AND state = 'open'";
    OPEN_BY_HOLDER = "SELECT r.owner_id AS owner_id, COUNT(*) AS open, SUM(CASE WHEN r.due_at <= $1 THEN 1 ELSE 0 END) AS late FROM referral r WHERE r.due_at IS NOT NULL AND r.case_id NOT IN (SELECT id FROM case_file WHERE regime <> 'ordinary' OR state = 'ended') GROUP BY r.owner_id ORDER BY late DESC";
    WAITING_WITHOUT = "SELECT COUNT(*) AS n FROM referral WHERE ended_at IS NULL AND (due_at IS NULL OR owner_role IS NULL OR owner_side IS NULL OR (owner_id IS NULL AND owner_side <> 'secretariat'))";
    CASES_MISCOUNTED = "SELECT COUNT(*) AS n FROM case_file c WHERE c.open_needs <> (SELECT COUNT(*) FROM need n WHERE n.case_id = c.id AND n.state IN ('open', 'referred')) OR c.due_at IS DISTINCT FROM (SELECT MIN(w.due_at) FROM (SELECT n.case_id, n.due_at FROM need n UNION ALL SELECT r.case_id, r.due_at FROM referral r) w WHERE w.case_id = c.id)";
    NEEDS_WITHOUT = "SELECT COUNT(*) AS n FROM need WHERE state IN ('open', 'referred') AND (due_at IS NULL OR owner_role = '')";
}

/// A case as its list shows it.
#[derive(Debug, Clone)]
pub struct CaseLine {
    /// Server sequence.
    pub seq: i64,
    /// Case.
    pub id: CaseId,
    /// Subject key of its card.
    pub slot: i64,
    /// Region of its code.
    pub region: String,
    /// Holder.
    pub holder: OrganisationId,
    /// ordinary or protected.
    pub regime: String,
    /// open, closed or ended.
    pub state: String,
    /// Sealed card.
    pub card: Vec<u8>,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// Open or referred needs.
    pub open_needs: i64,
    /// Earliest limit of a need or referral.
    pub due_at: Option<DateTime<Utc>>,
}

/// What a list of referrals or needs shows of their case.
#[derive(Debug, Clone)]
pub struct CaseBeside {
    /// Server sequence of the case.
    pub seq: i64,
    /// Year of its code.
    pub year: i64,
    /// Region of its code.
    pub region: String,
    /// Subject key of its card.
    pub slot: i64,
    /// Sealed card.
    pub card: Vec<u8>,
    /// Holder.
    pub holder: OrganisationId,
    /// ordinary or protected.
    pub regime: String,
}

/// A referral in a list.
#[derive(Debug, Clone)]
pub struct ReferralLine {
    /// Server sequence.
    pub seq: i64,
    /// Referral.
    pub referral: ReferralRecord,
    /// Its case.
    pub case: CaseBeside,
}

/// A need in a list.
#[derive(Debug, Clone)]
pub struct NeedLine {
    /// Need.
    pub need: NeedRecord,
    /// Its case.
    pub case: CaseBeside,
}

pub(super) fn case_line(row: &Row) -> Result<CaseLine, StoreError> {
    Ok(CaseLine {
        seq: row.get("seq")?,
        id: row.get("id")?,
        slot: row.get("slot")?,
        region: row.get("region")?,
        holder: row.get("holder_id")?,
        regime: row.get("regime")?,
        state: row.get("state")?,
        card: row.get("card")?,
        opened_at: row.get("opened_at")?,
        open_needs: row.get("open_needs")?,
        due_at: row.get("due_at")?,
    })
}

pub(super) fn beside(row: &Row) -> Result<CaseBeside, StoreError> {
    Ok(CaseBeside {
        seq: row.get("case_seq")?,
        year: row.get("case_year")?,
        region: row.get("case_region")?,
        slot: row.get("case_slot")?,
        card: row.get("case_card")?,
        holder: row.get("case_holder")?,
        regime: row.get("case_regime")?,
    })
}

pub(super) fn referral_line(row: &Row) -> Result<ReferralLine, StoreError> {
    Ok(ReferralLine {
        seq: row.get("seq")?,
        referral: ReferralRecord::read(row)?,
        case: beside(row)?,
    })
}

pub(super) fn need_line(row: &Row) -> Result<NeedLine, StoreError> {
    Ok(NeedLine {
        need: NeedRecord::read(row)?,
        case: beside(row)?,
    })
}

/// Cases assigned to a user whose grant runs, newest first, before a cursor.
///
/// # Errors
/// When the store fails.
pub fn cases_of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    now: DateTime<Utc>,
    before: i64,
    limit: i64,
) -> Result<Vec<CaseLine>, StoreError> {
    let values = [
        Value::from(user),
        Value::from(now),
        Value::from(before),
        Value::from(limit),
    ];
    tx.query(CASES_OF_USER, &values)?.iter().map(case_line).collect()
}

/// Cases that an organisation holds and whose grant runs, newest first, before
/// a cursor, for its supervisors.
///
/// # Errors
/// When the store fails.
pub fn cases_of_holder(
    tx: &mut Tx<'_>,
    holder: OrganisationId,
    now: DateTime<Utc>,
    before: i64,
    limit: i64,
) -> Result<Vec<CaseLine>, StoreError> {
    let values = [
        Value::from(holder),
        Value::from(now),
        Value::from(before),
        Value::from(limit),
    ];
    tx.query(CASES_OF_HOLDER, &values)?.iter().map(case_line).collect()
}

/// Open cases of a user on which no need was recorded yet, oldest first, with
/// their server sequence: registered, and nothing done since.
///
/// # Errors
/// When the store fails.
pub fn cases_without_need(
    tx: &mut Tx<'_>,
    user: UserId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(i64, CaseRecord)>, StoreError> {
    tx.query(
        CASES_WITHOUT_NEED,
        &[Value::from(user), Value::from(now), Value::from(limit)],
    )?
    .iter()
    .map(|row| Ok((row.get("seq")?, CaseRecord::read(row)?)))
    .collect()
}

/// Open cases of a user on which no need was recorded yet, oldest first, with
/// their server sequence: registered, and nothing done since.
///
/// # Errors
/// When the store fails.
pub fn cases_without_need_of_holder(
    tx: &mut Tx<'_>,
    holder: OrganisationId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<(i64, CaseRecord)>, StoreError> {
    tx.query(
        CASES_WITHOUT_NEED_OF_HOLDER,
        &[Value::from(holder), Value::from(now), Value::from(limit)],
    )?
    .iter()
    .map(|row| Ok((row.get("seq")?, CaseRecord::read(row)?)))
    .collect()
}

/// Referrals of a user's cases: all that wait, and those ended after `since`.
///
/// # Errors
/// When the store fails.
pub fn referrals_of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ReferralLine>, StoreError> {
    let values = [
        Value::from(user),
        Value::from(now),
        Value::from(since),
        Value::from(limit),
    ];
    tx.query(REFERRALS_OF_USER, &values)?
        .iter()
        .map(referral_line)
        .collect()
}

/// Needs of a user's cases that wait.
///
/// # Errors
/// When the store fails.
pub fn needs_of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<NeedLine>, StoreError> {
    tx.query(
        NEEDS_OF_USER,
        &[Value::from(user), Value::from(now), Value::from(limit)],
    )?
    .iter()
    .map(need_line)
    .collect()
}

/// Referrals of the cases that an organisation holds, for its supervisors.
///
/// # Errors
/// When the store fails.
pub fn referrals_of_holder(
    tx: &mut Tx<'_>,
    holder: OrganisationId,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ReferralLine>, StoreError> {
    let values = [
        Value::from(holder),
        Value::from(now),
        Value::from(since),
        Value::from(limit),
    ];
    tx.query(REFERRALS_OF_HOLDER, &values)?
        .iter()
        .map(referral_line)
        .collect()
}

/// Needs that wait in the cases of an organisation, for its supervisors.
///
/// # Errors
/// When the store fails.
pub fn needs_of_holder(
    tx: &mut Tx<'_>,
    holder: OrganisationId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<NeedLine>, StoreError> {
    tx.query(
        NEEDS_OF_HOLDER,
        &[Value::from(holder), Value::from(now), Value::from(limit)],
    )?
    .iter()
    .map(need_line)
    .collect()
}

/// Referrals sent to an organisation that wait, the most urgent limit first,
/// after a cursor (due time and server sequence).
///
/// # Errors
/// When the store fails.
pub fn inbox_waiting(
    tx: &mut Tx<'_>,
    provider: OrganisationId,
    after: (DateTime<Utc>, i64),
    limit: i64,
) -> Result<Vec<ReferralLine>, StoreError> {
    let values = [
        Value::from(provider),
        Value::from(after.0),
        Value::from(after.1),
        Value::from(limit),
    ];
    tx.query(INBOX_WAITING, &values)?.iter().map(referral_line).collect()
}

/// Referrals sent to an organisation that ended after `since`, the last first.
///
/// # Errors
/// When the store fails.
pub fn inbox_ended(
    tx: &mut Tx<'_>,
    provider: OrganisationId,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ReferralLine>, StoreError> {
    let values = [Value::from(provider), Value::from(since), Value::from(limit)];
    tx.query(INBOX_ENDED, &values)?.iter().map(referral_line).collect()
}

/// Referrals late at `now`, after the cursor (due time and server sequence);
/// never those of protected cases. Of cases of one region or of all.
///
/// # Errors
/// When the store fails.
pub fn late_referrals(
    tx: &mut Tx<'_>,
    now: DateTime<Utc>,
    after: (DateTime<Utc>, i64),
    region: Option<&str>,
    limit: i64,
) -> Result<Vec<ReferralLine>, StoreError> {
    let values = [
        Value::from(now),
        Value::from(after.0),
        Value::from(after.1),
        Value::from(region.unwrap_or_default()),
        Value::from(limit),
    ];
    tx.query(LATE_REFERRALS, &values)?.iter().map(referral_line).collect()
}

/// Open needs late at `now`, after the cursor (due time and server sequence),
/// each with its sequence; never those of protected cases. Of cases of one
/// region or of all.
///
/// # Errors
/// When the store fails.
pub fn late_needs(
    tx: &mut Tx<'_>,
    now: DateTime<Utc>,
    after: (DateTime<Utc>, i64),
    region: Option<&str>,
    limit: i64,
) -> Result<Vec<(i64, NeedLine)>, StoreError> {
    let values = [
        Value::from(now),
        Value::from(after.0),
        Value::from(after.1),
        Value::from(region.unwrap_or_default()),
        Value::from(limit),
    ];
    tx.query(LATE_NEEDS, &values)?
        .iter()
        .map(|row| Ok((row.get("seq")?, need_line(row)?)))
        .collect()
}

/// How many open cases are in the protected circuit.
///
/// # Errors
/// When the store fails.
pub fn protected_cases(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.query_one(PROTECTED_CASES, &[])?.get("n")
}

/// (organisation, waiting, late); no organisation for those that wait for the
/// secretariat, whichever organisation hosts it.
pub type OpenOfHolder = (Option<OrganisationId>, i64, i64);

/// Waiting referrals by holder.
///
/// # Errors
/// When the store fails.
pub fn open_by_holder(tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<Vec<OpenOfHolder>, StoreError> {
    tx.query(OPEN_BY_HOLDER, &[Value::from(now)])?
        .iter()
        .map(|row| Ok((row.get("owner_id")?, row.get("open")?, row.get("late")?)))
        .collect()
}

/// Cases whose count of open needs or earliest limit differs from what their
/// needs and referrals say: always zero.
///
/// # Errors
/// When the store fails.
pub fn cases_miscounted(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.query_one(CASES_MISCOUNTED, &[])?.get("n")
}

/// Referrals and needs that wait on nobody: both counts must be zero, always.
/// A dispute may wait for the secretariat, which is a role and no organisation.
///
/// # Errors
/// When the store fails.
pub fn waiting_on_nobody(tx: &mut Tx<'_>) -> Result<(i64, i64), StoreError> {
    let referrals = tx.query_one(WAITING_WITHOUT, &[])?.get("n")?;
    let needs = tx.query_one(NEEDS_WITHOUT, &[])?.get("n")?;
    Ok((referrals, needs))
}
