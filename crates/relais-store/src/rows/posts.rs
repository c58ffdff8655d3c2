//! Shared posts: an organisation's computer, the PIN of each person who works
//! at it, and what was typed when a session ended.

use chrono::{DateTime, Utc};
use relais_network::{OrganisationId, PostId, UserId};

use super::{record, statements};
use crate::{Row, StoreError, Tx, Value};

record! {
    /// A shared computer of an organisation.
    PostRecord in "post" key id: PostId {
        /// Post.
        id: PostId,
        /// Organisation.
        organisation_id: OrganisationId,
        /// Name, as "Accueil 1".
        name: String,
        /// SHA-256 of the code that ties a computer to the post, once.
        code_hash: Option<Vec<u8>>,
        /// Until when the code may be typed.
        code_until: Option<DateTime<Utc>>,
        /// SHA-256 of the secret in the computer's cookie.
        secret_hash: Option<Vec<u8>>,
        /// Minutes after which a person's session ends.
        idle_minutes: u32,
        /// Open.
        active: bool,
        /// Made.
        created_at: DateTime<Utc>,
        /// Version.
        version: i64,
    }
}

record! {
    /// The PIN of a member of staff.
    PinRecord in "user_pin" key user_id: UserId {
        /// User.
        user_id: UserId,
        /// PIN, argon2id in PHC form.
        pin_hash: String,
        /// Set.
        set_at: DateTime<Utc>,
        /// Wrong PINs since the last right one.
        tries: u32,
        /// No PIN is looked at before.
        locked_until: Option<DateTime<Utc>>,
        /// Version.
        version: i64,
    }
}

record! {
    /// What a person had typed when their session at a post ended.
    HeldRecord in "held_form" key user_id: UserId {
        /// User.
        user_id: UserId,
        /// Subject key, its own.
        slot: i64,
        /// The form as it was typed, and where it was to go; sealed.
        body: Vec<u8>,
        /// When.
        at: DateTime<Utc>,
    }
}

statements! {
    POST_BY_SECRET = "SELECT id, organisation_id, name, code_hash, code_until, secret_hash, idle_minutes, active, created_at, version FROM post WHERE secret_hash = $1";
    POST_BY_CODE = "SELECT id, organisation_id, name, code_hash, code_until, secret_hash, idle_minutes, active, created_at, version FROM post WHERE code_hash = $1";
    POSTS = "SELECT id, organisation_id, name, code_hash, code_until, secret_hash, idle_minutes, active, created_at, version FROM post ORDER BY created_at, id";
    PINS_OF = "SELECT u.id, u.display_name FROM user_account u JOIN user_pin p ON p.user_id = u.id WHERE u.organisation_id = $1 AND u.active = 1 ORDER BY u.display_name";
    HELD_END = "DELETE FROM held_form WHERE user_id = $1 RETURNING slot";
    SESSIONS_OF_POST = "DELETE FROM session WHERE post_id = $1";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [
        PostRecord::statements(),
        PinRecord::statements(),
        HeldRecord::statements(),
        statements(),
    ]
    .concat()
}

/// The post whose computer has this secret, or none.
///
/// # Errors
/// When the store fails.
pub fn by_secret(tx: &mut Tx<'_>, secret_hash: &[u8]) -> Result<Option<PostRecord>, StoreError> {
    tx.query_opt(POST_BY_SECRET, &[Value::from(secret_hash.to_vec())])?
        .as_ref()
        .map(PostRecord::read)
        .transpose()
}

/// The post that this code ties a computer to, or none.
///
/// # Errors
/// When the store fails.
pub fn by_code(tx: &mut Tx<'_>, code_hash: &[u8]) -> Result<Option<PostRecord>, StoreError> {
    tx.query_opt(POST_BY_CODE, &[Value::from(code_hash.to_vec())])?
        .as_ref()
        .map(PostRecord::read)
        .transpose()
}

/// Every post, by age.
///
/// # Errors
/// When the store fails.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<PostRecord>, StoreError> {
    tx.query(POSTS, &[])?.iter().map(PostRecord::read).collect()
}

/// Who of an organisation has a PIN: user and name on screen.
///
/// # Errors
/// When the store fails.
pub fn with_pin(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Vec<(UserId, String)>, StoreError> {
    tx.query(PINS_OF, &[Value::from(organisation)])?
        .iter()
        .map(|row| Ok((row.get("id")?, row.get("display_name")?)))
        .collect()
}

/// Drops what a person had typed, and its key with it: nothing of it opens in
/// yesterday's backup either.
///
/// # Errors
/// When the store or the keyring fails.
pub fn held_end(tx: &mut Tx<'_>, user: UserId) -> Result<(), StoreError> {
    let gone = tx.query(HELD_END, &[Value::from(user)])?;
    erase_keys(tx, &gone)
}

/// Drops what was typed up to `until`, with its keys.
///
/// # Errors
/// When the store or the keyring fails.
pub fn held_expire(tx: &mut Tx<'_>, until: DateTime<Utc>) -> Result<(), StoreError> {
    let gone = tx.query(crate::erasure::DROP_HELD, &[Value::from(until)])?;
    erase_keys(tx, &gone)
}

fn erase_keys(tx: &Tx<'_>, gone: &[Row]) -> Result<(), StoreError> {
    let slots = gone
        .iter()
        .map(|row| row.get("slot"))
        .collect::<Result<Vec<i64>, _>>()?;
    Ok(tx.sealer().keyring().erase_all(&slots)?)
}

/// Ends every session at a post.
///
/// # Errors
/// When the store fails.
pub fn sessions_end(tx: &mut Tx<'_>, post: PostId) -> Result<(), StoreError> {
    tx.execute(SESSIONS_OF_POST, &[Value::from(post)])?;
    Ok(())
}
