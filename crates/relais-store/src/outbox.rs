//! The outbox: notices written in the transaction that causes them and sent
//! after it. A notice carries no personal data: "a request waits for your
//! answer", and a link (DESIGN §6).

use chrono::{DateTime, Utc};
use relais_mechanism::words::Role;
use relais_network::ids::OrganisationId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::params;
use crate::tx::{Dialect, Tx};

crate::sql! {
    /// One more notice.
    ADD_NOTICE = "INSERT INTO outbox (at, kind, organisation_id, role, subject, sent_at, tries, next_at) VALUES ($1, $2, $3, $4, $5, NULL, 0, $1)";
    /// Notices that were not sent.
    UNSENT = "SELECT seq, at, kind, organisation_id, role, subject, sent_at FROM outbox WHERE sent_at IS NULL AND seq > $1 ORDER BY seq LIMIT $2";
    /// Notices to an organisation.
    NOTICES_TO = "SELECT seq, at, kind, organisation_id, role, subject, sent_at FROM outbox WHERE organisation_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    /// A notice was sent.
    MARK_SENT = "UPDATE outbox SET sent_at = $2, next_at = NULL WHERE seq = $1 AND sent_at IS NULL";
    /// Takes the oldest that is due; there is one writer.
    TAKE_SQLITE = "UPDATE outbox SET next_at = $2, tries = tries + 1 WHERE seq = (SELECT seq FROM outbox WHERE next_at <= $1 ORDER BY next_at, seq LIMIT 1) RETURNING seq, at, kind, organisation_id, role, subject, sent_at";
    /// Takes the oldest that is due and that nobody else is taking.
    TAKE_POSTGRES = "UPDATE outbox SET next_at = $2, tries = tries + 1 WHERE seq = (SELECT seq FROM outbox WHERE next_at <= $1 ORDER BY next_at, seq LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING seq, at, kind, organisation_id, role, subject, sent_at";
    /// How often a notice was taken.
    TRIES = "SELECT tries FROM outbox WHERE seq = $1";
    /// A notice waits.
    PUT_OFF = "UPDATE outbox SET next_at = $2 WHERE seq = $1 AND sent_at IS NULL";
    /// A notice is not sent any more.
    GIVE_UP = "UPDATE outbox SET next_at = NULL WHERE seq = $1";
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Server sequence.
    pub seq: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Kind of notice.
    pub kind: String,
    /// Recipient.
    pub organisation: Option<OrganisationId>,
    /// Recipient's role.
    pub role: Option<Role>,
    /// Referral or need.
    pub subject: Uuid,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
}

/// Writes a notice.
///
/// # Errors
/// What the database refused.
pub fn add(
    tx: &mut Tx<'_>,
    kind: &str,
    organisation: Option<OrganisationId>,
    role: Option<Role>,
    subject: Uuid,
) -> Result<(), StoreError> {
    let at = tx.now()?;
    tx.execute_one(ADD_NOTICE, &params![at, kind, organisation, role, subject])
}

/// Notices after server sequence `after` that were not sent, at most `limit`.
///
/// # Errors
/// What the database refused.
pub fn unsent(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Notice>, StoreError> {
    tx.query(UNSENT, &params![after, limit])?.iter().map(read).collect()
}

/// Notices to an organisation after server sequence `after`, at most `limit`.
///
/// # Errors
/// What the database refused.
pub fn to(tx: &mut Tx<'_>, organisation: OrganisationId, after: i64, limit: i64) -> Result<Vec<Notice>, StoreError> {
    tx.query(NOTICES_TO, &params![organisation, after, limit])?
        .iter()
        .map(read)
        .collect()
}

/// Notes that a notice was sent; whether this unit of work was the first to say so.
///
/// # Errors
/// What the database refused.
pub fn mark_sent(tx: &mut Tx<'_>, seq: i64) -> Result<bool, StoreError> {
    let at = tx.now()?;
    Ok(tx.execute(MARK_SENT, &params![seq, at])? == 1)
}

/// Takes the oldest notice that is due at `now` for the time until `until`: if
/// nothing is said of it by then, it is due again.
///
/// # Errors
/// What the database refused.
pub fn take(tx: &mut Tx<'_>, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<Option<Notice>, StoreError> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => TAKE_SQLITE,
        Dialect::Postgres => TAKE_POSTGRES,
    };
    tx.query_opt(sql, &params![now, until])?.as_ref().map(read).transpose()
}

/// How often a notice was taken.
///
/// # Errors
/// What the database refused.
pub fn tries(tx: &mut Tx<'_>, seq: i64) -> Result<i64, StoreError> {
    tx.query_one(TRIES, &params![seq])?.get("tries")
}

/// Puts a notice off.
///
/// # Errors
/// What the database refused.
pub fn put_off(tx: &mut Tx<'_>, seq: i64, until: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(PUT_OFF, &params![seq, until])?;
    Ok(())
}

/// Sends a notice no more.
///
/// # Errors
/// What the database refused.
pub fn give_up(tx: &mut Tx<'_>, seq: i64) -> Result<(), StoreError> {
    tx.execute(GIVE_UP, &params![seq])?;
    Ok(())
}

fn read(row: &crate::Row) -> Result<Notice, StoreError> {
    Ok(Notice {
        seq: row.get("seq")?,
        at: row.get("at")?,
        kind: row.get("kind")?,
        organisation: row.get("organisation_id")?,
        role: row.get("role")?,
        subject: row.get("subject")?,
        sent_at: row.get("sent_at")?,
    })
}
