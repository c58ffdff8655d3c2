//! The hand-over of urgent cases between two shifts, one row a case.

use chrono::{DateTime, Utc};
use relais_network::{CaseId, HandoverId, OrganisationId, UserId};
use uuid::Uuid;

use super::lists::{NeedLine, ReferralLine, need_line, referral_line};
use super::{granted, need_columns, record, referral_columns, statements};
use crate::{StoreError, Tx, Value};

record! {
    /// One case that a shift hands to the next.
    HandoverRecord in "handover" key id: HandoverId {
        /// Id.
        id: HandoverId,
        /// The cases handed over together.
        batch_id: Uuid,
        /// Case.
        case_id: CaseId,
        /// The organisation of both.
        organisation_id: OrganisationId,
        /// Who hands over, and stays responsible until it is taken.
        from_user: UserId,
        /// Who is to take it.
        to_user: UserId,
        /// offered, taken, declined, withdrawn.
        state: String,
        /// Offered.
        offered_at: DateTime<Utc>,
        /// Until when it may be taken.
        until_at: DateTime<Utc>,
        /// Taken, declined or withdrawn.
        decided_at: Option<DateTime<Utc>>,
        /// What the next shift must know; sealed.
        note: Vec<u8>,
        /// Version.
        version: i64,
    }
}

statements! {
    OFFERED_TO = "SELECT id, batch_id, case_id, organisation_id, from_user, to_user, state, offered_at, until_at, decided_at, note, version FROM handover WHERE to_user = $1 AND state = 'offered' AND until_at > $2 ORDER BY offered_at, id";
    OFFERED_BY = "SELECT id, batch_id, case_id, organisation_id, from_user, to_user, state, offered_at, until_at, decided_at, note, version FROM handover WHERE from_user = $1 AND state = 'offered' ORDER BY offered_at, id";
    OFFERED_OF = "SELECT id, batch_id, case_id, organisation_id, from_user, to_user, state, offered_at, until_at, decided_at, note, version FROM handover WHERE case_id = $1 AND state = 'offered' ORDER BY offered_at, id";
    URGENT_REFERRALS = concat!("SELECT ", referral_columns!(), " FROM referral r JOIN case_file c ON c.id = r.case_id WHERE r.due_at IS NOT NULL AND r.priority IN ('P1', 'P2') AND c.regime = 'ordinary' AND c.state <> 'ended' AND ($2 = '' OR c.region = $2) ORDER BY r.due_at, r.seq LIMIT $1");
    URGENT_NEEDS = concat!("SELECT ", need_columns!(), " FROM need n JOIN case_file c ON c.id = n.case_id WHERE n.state = 'open' AND n.due_at IS NOT NULL AND n.priority IN ('P1', 'P2') AND c.regime = 'ordinary' AND c.state <> 'ended' AND ($2 = '' OR c.region = $2) ORDER BY n.due_at, n.seq LIMIT $1");
    URGENT_REFERRALS_OF_USER = concat!("SELECT ", referral_columns!(), " FROM case_file c JOIN referral r ON r.case_id = c.id WHERE c.assigned_user_id = $1 AND c.closed_at IS NULL AND ", granted!(), " AND r.due_at IS NOT NULL AND r.ended_at IS NULL AND r.priority IN ('P1', 'P2') ORDER BY r.due_at, r.seq LIMIT $3");
    URGENT_NEEDS_OF_USER = concat!("SELECT ", need_columns!(), " FROM case_file c JOIN need n ON n.case_id = c.id WHERE c.assigned_user_id = $1 AND c.closed_at IS NULL AND ", granted!(), " AND n.state = 'open' AND n.due_at IS NOT NULL AND n.priority IN ('P1', 'P2') ORDER BY n.due_at, n.seq LIMIT $3");
    URGENT_REFERRALS_OF_HOLDER = concat!("SELECT ", referral_columns!(), " FROM case_file c JOIN referral r ON r.case_id = c.id WHERE c.holder_id = $1 AND c.closed_at IS NULL AND ", granted!(), " AND r.due_at IS NOT NULL AND r.ended_at IS NULL AND r.priority IN ('P1', 'P2') ORDER BY r.due_at, r.seq LIMIT $3");
    URGENT_NEEDS_OF_HOLDER = concat!("SELECT ", need_columns!(), " FROM case_file c JOIN need n ON n.case_id = c.id WHERE c.holder_id = $1 AND c.closed_at IS NULL AND ", granted!(), " AND n.state = 'open' AND n.due_at IS NOT NULL AND n.priority IN ('P1', 'P2') ORDER BY n.due_at, n.seq LIMIT $3");
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [HandoverRecord::statements(), statements()].concat()
}

/// What is offered to a user and may still be taken, oldest first.
///
/// # Errors
/// When the store fails.
pub fn offered_to(tx: &mut Tx<'_>, user: UserId, now: DateTime<Utc>) -> Result<Vec<HandoverRecord>, StoreError> {
    tx.query(OFFERED_TO, &[Value::from(user), Value::from(now)])?
        .iter()
        .map(HandoverRecord::read)
        .collect()
}

/// What a user offered and nobody answered, oldest first.
///
/// # Errors
/// When the store fails.
pub fn offered_by(tx: &mut Tx<'_>, user: UserId) -> Result<Vec<HandoverRecord>, StoreError> {
    tx.query(OFFERED_BY, &[Value::from(user)])?
        .iter()
        .map(HandoverRecord::read)
        .collect()
}

/// What is offered of a case.
///
/// # Errors
/// When the store fails.
pub fn offered_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<HandoverRecord>, StoreError> {
    tx.query(OFFERED_OF, &[Value::from(case)])?
        .iter()
        .map(HandoverRecord::read)
        .collect()
}

/// Emergencies and urgent referrals that wait in the cases of a region, or of
/// the country where none is given, soonest limit first; never those of
/// protected or ended cases.
///
/// # Errors
/// When the store fails.
pub fn urgent_referrals(tx: &mut Tx<'_>, region: Option<&str>, limit: i64) -> Result<Vec<ReferralLine>, StoreError> {
    let region = region.unwrap_or_default().to_owned();
    tx.query(URGENT_REFERRALS, &[Value::from(limit), Value::from(region)])?
        .iter()
        .map(referral_line)
        .collect()
}

/// Emergencies and urgent needs that nobody has, of the cases of a region or of
/// the country where none is given, soonest limit first; never those of
/// protected or ended cases.
///
/// # Errors
/// When the store fails.
pub fn urgent_needs(tx: &mut Tx<'_>, region: Option<&str>, limit: i64) -> Result<Vec<NeedLine>, StoreError> {
    let region = region.unwrap_or_default().to_owned();
    tx.query(URGENT_NEEDS, &[Value::from(limit), Value::from(region)])?
        .iter()
        .map(need_line)
        .collect()
}

/// Whose work is listed.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    /// The cases that a user works on.
    User(UserId),
    /// The cases that an organisation holds.
    Holder(OrganisationId),
}

impl Whose {
    fn value(self) -> Value {
        match self {
            Self::User(user) => Value::from(user),
            Self::Holder(organisation) => Value::from(organisation),
        }
    }
}

/// Emergencies and urgent referrals that wait in somebody's cases, as far as a
/// grant lets them see these, soonest limit first.
///
/// # Errors
/// When the store fails.
pub fn urgent_referrals_of(
    tx: &mut Tx<'_>,
    whose: Whose,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ReferralLine>, StoreError> {
    let sql = match whose {
        Whose::User(_) => URGENT_REFERRALS_OF_USER,
        Whose::Holder(_) => URGENT_REFERRALS_OF_HOLDER,
    };
    tx.query(sql, &[whose.value(), Value::from(now), Value::from(limit)])?
        .iter()
        .map(referral_line)
        .collect()
}

/// Emergencies and urgent needs that wait in somebody's cases, as far as a
/// grant lets them see these, soonest limit first.
///
/// # Errors
/// When the store fails.
pub fn urgent_needs_of(
    tx: &mut Tx<'_>,
    whose: Whose,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<NeedLine>, StoreError> {
    let sql = match whose {
        Whose::User(_) => URGENT_NEEDS_OF_USER,
        Whose::Holder(_) => URGENT_NEEDS_OF_HOLDER,
    };
    tx.query(sql, &[whose.value(), Value::from(now), Value::from(limit)])?
        .iter()
        .map(need_line)
        .collect()
}
