//! Emergency access: what one user wrote, and the codes that opened nothing;
//! the codes of confidential services that led nowhere.

use chrono::{DateTime, Utc};
use relais_network::UserId;

use super::cases::OverrideRecord;
use super::statements;
use crate::{StoreError, Tx, Value};

statements! {
    WRITTEN_BY = "SELECT id, case_id, referral_id, kind, state, author_id, organisation_id, owner_id, owner_role, at, until_at, cosign_due_at, decided_by, decided_at, reason, version FROM override_row WHERE author_id = $1 AND at > $2 ORDER BY at DESC, id";
    NOTE_TRY = "INSERT INTO emergency_try (user_id, at) VALUES ($1, $2)";
    TRIES_SINCE = "SELECT COUNT(*) AS n FROM emergency_try WHERE user_id = $1 AND at > $2";
    NOTE_SHELTER_TRY = "INSERT INTO shelter_try (user_id, at) VALUES ($1, $2)";
    SHELTER_TRIES_SINCE = "SELECT COUNT(*) AS n FROM shelter_try WHERE user_id = $1 AND at > $2";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    statements()
}

/// What a user wrote since, the latest first.
///
/// # Errors
/// When the store fails.
pub fn written_by(tx: &mut Tx<'_>, user: UserId, since: DateTime<Utc>) -> Result<Vec<OverrideRecord>, StoreError> {
    tx.query(WRITTEN_BY, &[Value::from(user), Value::from(since)])?
        .iter()
        .map(OverrideRecord::read)
        .collect()
}

/// Notes that a user's code opened nothing.
///
/// # Errors
/// When the store fails.
pub fn note_try(tx: &mut Tx<'_>, user: UserId, at: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(NOTE_TRY, &[Value::from(user), Value::from(at)])?;
    Ok(())
}

/// How many codes of a user opened nothing since.
///
/// # Errors
/// When the store fails.
pub fn tries_since(tx: &mut Tx<'_>, user: UserId, since: DateTime<Utc>) -> Result<i64, StoreError> {
    tx.query_one(TRIES_SINCE, &[Value::from(user), Value::from(since)])?
        .get("n")
}

/// Notes that a user's code led to no confidential service.
///
/// # Errors
/// When the store fails.
pub fn note_shelter_try(tx: &mut Tx<'_>, user: UserId, at: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(NOTE_SHELTER_TRY, &[Value::from(user), Value::from(at)])?;
    Ok(())
}

/// How many codes of a user led to no confidential service since.
///
/// # Errors
/// When the store fails.
pub fn shelter_tries_since(tx: &mut Tx<'_>, user: UserId, since: DateTime<Utc>) -> Result<i64, StoreError> {
    tx.query_one(SHELTER_TRIES_SINCE, &[Value::from(user), Value::from(since)])?
        .get("n")
}
