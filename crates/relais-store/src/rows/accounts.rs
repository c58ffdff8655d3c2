//! Accounts, sessions and bearer tokens.

use chrono::{DateTime, Utc};
use relais_network::{OrganisationId, PostId, UserId};

use super::{record, statements};
use crate::{Row, StoreError, Tx, Value};

record! {
    /// A member of staff who signs in.
    UserRecord in "user_account" key id: UserId {
        /// User.
        id: UserId,
        /// Organisation.
        organisation_id: OrganisationId,
        /// Sign-in name.
        login: String,
        /// Name on screen.
        display_name: String,
        /// Roles, codes with commas.
        roles: String,
        /// Regions of a regional focal point, codes with commas.
        regions: String,
        /// Language of the screens.
        language: String,
        /// Password, argon2id in PHC form.
        password_hash: String,
        /// Trained for restricted data.
        trained: bool,
        /// Account open.
        active: bool,
        /// Marked as demonstration.
        demonstration: bool,
        /// Version.
        version: i64,
    }
}

record! {
    /// A session; its secret is in the browser only.
    SessionRecord in "session" key token_hash: Vec<u8> {
        /// SHA-256 of the secret.
        token_hash: Vec<u8>,
        /// User.
        user_id: UserId,
        /// Begun.
        created_at: DateTime<Utc>,
        /// Last seen.
        seen_at: DateTime<Utc>,
        /// Ends at the latest.
        expires_at: DateTime<Utc>,
        /// Minutes without a touch after which it ends.
        idle_minutes: u32,
        /// Shared post at which it was begun.
        post_id: Option<PostId>,
    }
}

record! {
    /// A bearer token of the API.
    TokenRecord in "api_token" key token_hash: Vec<u8> {
        /// SHA-256 of the secret.
        token_hash: Vec<u8>,
        /// User.
        user_id: UserId,
        /// What it is for.
        label: String,
        /// Made.
        created_at: DateTime<Utc>,
        /// Ends.
        expires_at: Option<DateTime<Utc>>,
        /// Revoked.
        revoked_at: Option<DateTime<Utc>>,
    }
}

statements! {
    USER_BY_LOGIN = "SELECT id, organisation_id, login, display_name, roles, regions, language, password_hash, trained, active, demonstration, version FROM user_account WHERE login = $1";
    USERS = "SELECT id, organisation_id, login, display_name, roles, regions, language, password_hash, trained, active, demonstration, version FROM user_account WHERE seq > $1 ORDER BY seq LIMIT $2";
    USERS_OF = "SELECT id, organisation_id, login, display_name, roles, regions, language, password_hash, trained, active, demonstration, version FROM user_account WHERE organisation_id = $1 AND active = 1 ORDER BY seq";
    ORGANISATIONS_WITH_ACCOUNT = "SELECT DISTINCT organisation_id FROM user_account WHERE active = 1";
    ROLES_BY_ORGANISATION = "SELECT DISTINCT organisation_id, roles FROM user_account WHERE active = 1";
    SESSION_SEEN = "UPDATE session SET seen_at = $2 WHERE token_hash = $1";
    SESSION_END = "DELETE FROM session WHERE token_hash = $1";
    SESSIONS_END_OF_USER = "DELETE FROM session WHERE user_id = $1";
    SESSIONS_EXPIRED = "DELETE FROM session WHERE expires_at < $1";
    SET_LANGUAGE = "UPDATE user_account SET language = $2 WHERE id = $1";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [
        UserRecord::statements(),
        SessionRecord::statements(),
        TokenRecord::statements(),
        statements(),
    ]
    .concat()
}

/// The user with this sign-in name, or none.
///
/// # Errors
/// When the store fails.
pub fn user_by_login(tx: &mut Tx<'_>, login: &str) -> Result<Option<UserRecord>, StoreError> {
    tx.query_opt(USER_BY_LOGIN, &[Value::from(login.to_owned())])?
        .as_ref()
        .map(UserRecord::read)
        .transpose()
}

/// Users after a server sequence.
///
/// # Errors
/// When the store fails.
pub fn users_after(tx: &mut Tx<'_>, seq: i64, limit: i64) -> Result<Vec<UserRecord>, StoreError> {
    tx.query(USERS, &[Value::from(seq), Value::from(limit)])?
        .iter()
        .map(UserRecord::read)
        .collect()
}

/// Open accounts of an organisation, by age.
///
/// # Errors
/// When the store fails.
pub fn users_of(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Vec<UserRecord>, StoreError> {
    tx.query(USERS_OF, &[Value::from(organisation)])?
        .iter()
        .map(UserRecord::read)
        .collect()
}

/// Organisations that have at least one open account.
///
/// # Errors
/// When the store fails.
pub fn organisations_with_account(tx: &mut Tx<'_>) -> Result<Vec<OrganisationId>, StoreError> {
    tx.query(ORGANISATIONS_WITH_ACCOUNT, &[])?
        .iter()
        .map(|row: &Row| row.get("organisation_id"))
        .collect()
}

/// The roles of open accounts, as they are written, by organisation.
///
/// # Errors
/// When the store fails.
pub fn roles_by_organisation(tx: &mut Tx<'_>) -> Result<Vec<(OrganisationId, String)>, StoreError> {
    tx.query(ROLES_BY_ORGANISATION, &[])?
        .iter()
        .map(|row| Ok((row.get("organisation_id")?, row.get("roles")?)))
        .collect()
}

/// Notes that a session was used.
///
/// # Errors
/// When the store fails.
pub fn session_seen(tx: &mut Tx<'_>, token_hash: &[u8], at: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(SESSION_SEEN, &[Value::from(token_hash.to_vec()), Value::from(at)])?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// When the store fails.
pub fn session_end(tx: &mut Tx<'_>, token_hash: &[u8]) -> Result<(), StoreError> {
    tx.execute(SESSION_END, &[Value::from(token_hash.to_vec())])?;
    Ok(())
}

/// Ends every session of a user.
///
/// # Errors
/// When the store fails.
pub fn sessions_end_of(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    tx.execute(SESSIONS_END_OF_USER, &[Value::from(user)])?;
    Ok(())
}

/// Removes the sessions that ended before `now`.
///
/// # Errors
/// When the store fails.
pub fn sessions_expire(tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<u64, StoreError> {
    tx.execute(SESSIONS_EXPIRED, &[Value::from(now)])
}

/// Sets the language of a user's screens.
///
/// # Errors
/// When the store fails.
pub fn set_language(tx: &mut Tx<'_>, user: UserId, language: &str) -> Result<(), StoreError> {
    tx.execute(SET_LANGUAGE, &[Value::from(user), Value::from(language.to_owned())])?;
    Ok(())
}
