//! Family links: which cases belong together, by ids alone. A broken link is
//! kept as broken, so that it is not made again in silence.

use chrono::{DateTime, Utc};
use relais_network::{CaseId, UserId};
use uuid::Uuid;

use super::statements;
use crate::{StoreError, Tx, Value};

statements! {
    ADD_MEMBER = "INSERT INTO family_member (family_id, case_id, agreed_at, agreed_with) VALUES ($1, $2, $3, $4) ON CONFLICT (family_id, case_id) DO NOTHING";
    BREAK_LINKS = "UPDATE family_member SET left_at = $2, left_with = $3 WHERE case_id = $1 AND left_at IS NULL";
    FAMILIES_OF = "SELECT family_id FROM family_member WHERE case_id = $1 AND left_at IS NULL ORDER BY family_id";
    RELATIVES_OF = "SELECT DISTINCT o.case_id FROM family_member m JOIN family_member o ON o.family_id = m.family_id AND o.case_id <> m.case_id WHERE m.case_id = $1 AND m.left_at IS NULL AND o.left_at IS NULL ORDER BY o.case_id";
}

/// Makes a case a member of a family: the person agreed. Whoever left that
/// family stays out of it.
///
/// # Errors
/// When the store fails.
pub fn add(tx: &mut Tx<'_>, family: Uuid, case: CaseId, at: DateTime<Utc>, with: UserId) -> Result<bool, StoreError> {
    let values = [
        Value::from(family),
        Value::from(case),
        Value::from(at),
        Value::from(with),
    ];
    Ok(tx.execute(ADD_MEMBER, &values)? == 1)
}

/// Takes a case out of every family; how many links that broke.
///
/// # Errors
/// When the store fails.
pub fn leave(tx: &mut Tx<'_>, case: CaseId, at: DateTime<Utc>, with: UserId) -> Result<u64, StoreError> {
    tx.execute(BREAK_LINKS, &[Value::from(case), Value::from(at), Value::from(with)])
}

/// The families of which a case is a member.
///
/// # Errors
/// When the store fails.
pub fn of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Uuid>, StoreError> {
    tx.query(FAMILIES_OF, &[Value::from(case)])?
        .iter()
        .map(|row| row.get("family_id"))
        .collect()
}

/// The other members of a case's families; both links stand.
///
/// # Errors
/// When the store fails.
pub fn relatives(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<CaseId>, StoreError> {
    tx.query(RELATIVES_OF, &[Value::from(case)])?
        .iter()
        .map(|row| row.get("case_id"))
        .collect()
}
