//! One-time links and paper slips of providers without an account.

use chrono::{DateTime, Utc};
use relais_network::{CaseId, ReferralId, UserId};
use uuid::Uuid;

use super::{record, statements};
use crate::{StoreError, Tx, Value};

record! {
    /// A one-time link; its secret is in the address only.
    LinkRecord in "link" key id: Uuid {
        /// Link.
        id: Uuid,
        /// Referral that it opens.
        referral_id: ReferralId,
        /// Case.
        case_id: CaseId,
        /// SHA-256 of the secret; none until it is drawn.
        secret_hash: Option<Vec<u8>>,
        /// Sealed code of six digits.
        code: Vec<u8>,
        /// Member of staff who made it; none when the sending did.
        made_by: Option<UserId>,
        /// Made.
        made_at: DateTime<Utc>,
        /// Ends.
        expires_at: DateTime<Utc>,
        /// Wrong codes typed.
        tries: i64,
        /// Opened with its code.
        opened_at: Option<DateTime<Utc>>,
        /// SHA-256 of the secret of whoever opened it.
        session_hash: Option<Vec<u8>>,
        /// Until when that one may read and answer.
        session_until: Option<DateTime<Utc>>,
        /// Sealed name and telephone of whoever opened it.
        answerer: Option<Vec<u8>>,
        /// Answered.
        answered_at: Option<DateTime<Utc>>,
        /// A newer one took its place.
        replaced_at: Option<DateTime<Utc>>,
    }
}

record! {
    /// A paper slip; its code is printed on it.
    SlipRecord in "slip" key referral_id: ReferralId {
        /// Referral.
        referral_id: ReferralId,
        /// Case.
        case_id: CaseId,
        /// Sealed code.
        code: Vec<u8>,
        /// Member of staff who made it.
        made_by: UserId,
        /// Made.
        made_at: DateTime<Utc>,
        /// Wrong codes typed.
        tries: i64,
    }
}

statements! {
    REFERRAL_BY_NUMBER = "SELECT id FROM referral WHERE seq = $1 AND year = $2";
    LINK_BY_SECRET = "SELECT id, referral_id, case_id, secret_hash, code, made_by, made_at, expires_at, tries, opened_at, session_hash, session_until, answerer, answered_at, replaced_at FROM link WHERE secret_hash = $1";
    LINK_BY_SESSION = "SELECT id, referral_id, case_id, secret_hash, code, made_by, made_at, expires_at, tries, opened_at, session_hash, session_until, answerer, answered_at, replaced_at FROM link WHERE session_hash = $1";
    LAST_LINK = "SELECT id, referral_id, case_id, secret_hash, code, made_by, made_at, expires_at, tries, opened_at, session_hash, session_until, answerer, answered_at, replaced_at FROM link WHERE referral_id = $1 ORDER BY seq DESC LIMIT 1";
    REPLACE_LINKS = "UPDATE link SET replaced_at = $2, session_until = NULL WHERE referral_id = $1 AND answered_at IS NULL AND replaced_at IS NULL";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [LinkRecord::statements(), SlipRecord::statements(), statements()].concat()
}

fn one(tx: &mut Tx<'_>, sql: &'static str, value: Value) -> Result<Option<LinkRecord>, StoreError> {
    tx.query_opt(sql, &[value])?.as_ref().map(LinkRecord::read).transpose()
}

/// The link whose address carries the secret with this hash, or none.
///
/// # Errors
/// When the store fails.
pub fn by_secret(tx: &mut Tx<'_>, hash: &[u8]) -> Result<Option<LinkRecord>, StoreError> {
    one(tx, LINK_BY_SECRET, Value::from(hash.to_vec()))
}

/// The link that was opened with the cookie of this hash, or none.
///
/// # Errors
/// When the store fails.
pub fn by_session(tx: &mut Tx<'_>, hash: &[u8]) -> Result<Option<LinkRecord>, StoreError> {
    one(tx, LINK_BY_SESSION, Value::from(hash.to_vec()))
}

/// The newest link of a referral, or none.
///
/// # Errors
/// When the store fails.
pub fn last_of(tx: &mut Tx<'_>, referral: ReferralId) -> Result<Option<LinkRecord>, StoreError> {
    one(tx, LAST_LINK, Value::from(referral))
}

/// The referral with this number, or none.
///
/// # Errors
/// When the store fails.
pub fn referral_by_number(tx: &mut Tx<'_>, year: i64, seq: i64) -> Result<Option<ReferralId>, StoreError> {
    tx.query_opt(REFERRAL_BY_NUMBER, &[Value::from(seq), Value::from(year)])?
        .map(|row| row.get("id"))
        .transpose()
}

/// Ends every link of a referral by which nobody has answered.
///
/// # Errors
/// When the store fails.
pub fn replace(tx: &mut Tx<'_>, referral: ReferralId, at: DateTime<Utc>) -> Result<u64, StoreError> {
    tx.execute(REPLACE_LINKS, &[Value::from(referral), Value::from(at)])
}
