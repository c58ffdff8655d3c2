//! Webhooks: the systems of organisations that are told of referral events,
//! and what they are still to be told. A webhook is a queue: its notifications
//! go in order, one process at a time.

use chrono::{DateTime, Utc};
use relais_network::{OrganisationId, ReferralId, UserId, WebhookId};
use uuid::Uuid;

use super::{record, statements};
use crate::params;
use crate::tx::Dialect;
use crate::{Row, StoreError, Tx};

record! {
    /// An organisation's system.
    WebhookRecord in "webhook" key id: WebhookId {
        /// Webhook.
        id: WebhookId,
        /// Organisation.
        organisation_id: OrganisationId,
        /// Subject key, its own.
        slot: i64,
        /// Address and secret; sealed, empty once ended and its key erased.
        detail: Vec<u8>,
        /// State.
        state: String,
        /// Who made it; none on the command line.
        made_by: Option<UserId>,
        /// Made.
        created_at: DateTime<Utc>,
        /// Ended.
        ended_at: Option<DateTime<Utc>>,
        /// Failures since the last success.
        tries: u32,
        /// Nothing is sent before.
        next_at: Option<DateTime<Utc>>,
        /// Until when one process sends alone.
        lease_until: Option<DateTime<Utc>>,
        /// Last try.
        tried_at: Option<DateTime<Utc>>,
        /// What came of it.
        answer: Option<String>,
    }
}

record! {
    /// What a system is still to be told.
    DeliveryRecord in "webhook_delivery" key id: Uuid {
        /// Id of the notification.
        id: Uuid,
        /// Webhook.
        webhook_id: WebhookId,
        /// Kind of event.
        kind: String,
        /// Referral; none for a test.
        referral_id: Option<ReferralId>,
        /// Version of the referral after it.
        version: Option<i64>,
        /// When.
        at: DateTime<Utc>,
    }
}

/// Due and not taken, with something to send.
macro_rules! due {
    () => {
        "w.ended_at IS NULL AND w.state <> 'stopped' AND (w.next_at IS NULL OR w.next_at <= $1) AND (w.lease_until IS NULL OR w.lease_until <= $1) AND EXISTS (SELECT 1 FROM webhook_delivery d WHERE d.webhook_id = w.id)"
    };
}

/// The columns of a webhook.
macro_rules! webhook_columns {
    () => {
        "id, organisation_id, slot, detail, state, made_by, created_at, ended_at, tries, next_at, lease_until, tried_at, answer"
    };
}

// By name, as each database has its own.
crate::sql! {
    /// Takes the one that has waited longest; there is one writer.
    TAKE_SQLITE = concat!("UPDATE webhook SET lease_until = $2 WHERE id = (SELECT w.id FROM webhook w WHERE ", due!(), " ORDER BY COALESCE(w.next_at, 0), w.seq LIMIT 1) RETURNING ", webhook_columns!());
    /// Takes the one that has waited longest and that nobody else is taking.
    TAKE_POSTGRES = concat!("UPDATE webhook SET lease_until = $2 WHERE id = (SELECT w.id FROM webhook w WHERE ", due!(), " ORDER BY COALESCE(w.next_at, 0), w.seq LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING ", webhook_columns!());
}

statements! {
    /// Every webhook that has not ended, with its organisation.
    STANDING = "SELECT id, organisation_id FROM webhook WHERE ended_at IS NULL ORDER BY seq";
    /// The webhooks of an organisation that have not ended.
    OF_ORGANISATION = concat!("SELECT ", webhook_columns!(), " FROM webhook WHERE organisation_id = $1 AND ended_at IS NULL ORDER BY seq");
    /// Webhooks that ended and whose key is still to be erased.
    UNERASED = concat!("SELECT ", webhook_columns!(), " FROM webhook WHERE ended_at IS NOT NULL AND detail <> $1 ORDER BY seq");
    /// Every webhook that has not ended, oldest first.
    ALL = concat!("SELECT ", webhook_columns!(), " FROM webhook WHERE ended_at IS NULL ORDER BY seq");
    /// How much a webhook is still to be told.
    WAITING = "SELECT COUNT(*) AS n FROM webhook_delivery WHERE webhook_id = $1";
    /// How many webhooks are due.
    COUNT_DUE = concat!("SELECT COUNT(*) AS n FROM webhook w WHERE ", due!());
    /// What a webhook is told next.
    NEXT = "SELECT id, webhook_id, kind, referral_id, version, at FROM webhook_delivery WHERE webhook_id = $1 ORDER BY seq LIMIT $2";
    /// A notification is done with.
    DROP = "DELETE FROM webhook_delivery WHERE id = $1";
    /// Nothing of a webhook waits any more.
    DROP_ALL = "DELETE FROM webhook_delivery WHERE webhook_id = $1";
    /// Another test takes the place of one that waits.
    DROP_TESTS = "DELETE FROM webhook_delivery WHERE webhook_id = $1 AND kind = 'test'";
    /// What waited too long.
    DROP_OLD = "DELETE FROM webhook_delivery WHERE at < $1";
    /// What came of a try.
    TRIED = "UPDATE webhook SET state = $2, tries = $3, next_at = $4, lease_until = $5, tried_at = $6, answer = $7 WHERE id = $1 AND ended_at IS NULL";
    /// Whoever sent is done for now.
    REST = "UPDATE webhook SET next_at = $2, lease_until = NULL WHERE id = $1 AND ended_at IS NULL";
    /// It may be tried at once: a webhook that had stopped, once.
    WAKE = "UPDATE webhook SET state = $2, tries = $3, next_at = $4 WHERE id = $1 AND ended_at IS NULL";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [WebhookRecord::statements(), DeliveryRecord::statements(), statements()].concat()
}

/// Every webhook that has not ended, with its organisation.
///
/// # Errors
/// When the store fails.
pub fn standing(tx: &mut Tx<'_>) -> Result<Vec<(OrganisationId, WebhookId)>, StoreError> {
    tx.query(STANDING, &[])?
        .iter()
        .map(|row| Ok((row.get("organisation_id")?, row.get("id")?)))
        .collect()
}

/// The webhooks of an organisation that have not ended; of all, without one.
///
/// # Errors
/// When the store fails.
pub fn of(tx: &mut Tx<'_>, organisation: Option<OrganisationId>) -> Result<Vec<WebhookRecord>, StoreError> {
    let rows = match organisation {
        Some(organisation) => tx.query(OF_ORGANISATION, &params![organisation])?,
        None => tx.query(ALL, &[])?,
    };
    rows.iter().map(WebhookRecord::read).collect()
}

/// The webhooks that ended and whose key is still to be erased.
///
/// # Errors
/// When the store fails.
pub fn unerased(tx: &mut Tx<'_>) -> Result<Vec<WebhookRecord>, StoreError> {
    let rows = tx.query(UNERASED, &params![Vec::<u8>::new()])?;
    rows.iter().map(WebhookRecord::read).collect()
}

/// How much a webhook is still to be told.
///
/// # Errors
/// When the store fails.
pub fn waiting(tx: &mut Tx<'_>, webhook: WebhookId) -> Result<u64, StoreError> {
    tx.query_one(WAITING, &params![webhook])?.get("n")
}

/// How many webhooks are due at `now`.
///
/// # Errors
/// When the store fails.
pub fn due(tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<u64, StoreError> {
    tx.query_one(COUNT_DUE, &params![now])?.get("n")
}

/// Takes the webhook that is due and has waited longest: until `until`, or
/// until something is said of it, nobody else sends to it.
///
/// # Errors
/// When the store fails.
pub fn take(tx: &mut Tx<'_>, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<Option<WebhookRecord>, StoreError> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => TAKE_SQLITE,
        Dialect::Postgres => TAKE_POSTGRES,
    };
    tx.query_opt(sql, &params![now, until])?
        .as_ref()
        .map(WebhookRecord::read)
        .transpose()
}

/// What a webhook is told next, at most `limit`, in order.
///
/// # Errors
/// When the store fails.
pub fn next(tx: &mut Tx<'_>, webhook: WebhookId, limit: i64) -> Result<Vec<DeliveryRecord>, StoreError> {
    tx.query(NEXT, &params![webhook, limit])?
        .iter()
        .map(|row: &Row| DeliveryRecord::read(row))
        .collect()
}

/// A notification is done with.
///
/// # Errors
/// When the store fails.
pub fn drop_one(tx: &mut Tx<'_>, delivery: Uuid) -> Result<(), StoreError> {
    tx.execute(DROP, &params![delivery])?;
    Ok(())
}

/// Nothing of a webhook waits any more.
///
/// # Errors
/// When the store fails.
pub fn drop_all(tx: &mut Tx<'_>, webhook: WebhookId) -> Result<(), StoreError> {
    tx.execute(DROP_ALL, &params![webhook])?;
    Ok(())
}

/// No test of a webhook waits any more.
///
/// # Errors
/// When the store fails.
pub fn drop_tests(tx: &mut Tx<'_>, webhook: WebhookId) -> Result<(), StoreError> {
    tx.execute(DROP_TESTS, &params![webhook])?;
    Ok(())
}

/// What was written before `until` waits no more; how much went.
///
/// # Errors
/// When the store fails.
pub fn drop_old(tx: &mut Tx<'_>, until: DateTime<Utc>) -> Result<u64, StoreError> {
    tx.execute(DROP_OLD, &params![until])
}

/// What came of a try.
#[derive(Debug, Clone, Copy)]
pub struct Tried<'a> {
    /// State after it.
    pub state: &'a str,
    /// Failures since the last success.
    pub tries: u32,
    /// Nothing is sent before.
    pub next_at: Option<DateTime<Utc>>,
    /// Until when the same process goes on sending.
    pub lease_until: Option<DateTime<Utc>>,
    /// When.
    pub at: DateTime<Utc>,
    /// An HTTP status or a code.
    pub answer: &'a str,
}

/// Notes what came of a try; of a webhook that ended meanwhile, nothing.
///
/// # Errors
/// When the store fails.
pub fn tried(tx: &mut Tx<'_>, webhook: WebhookId, tried: &Tried<'_>) -> Result<(), StoreError> {
    tx.execute(
        TRIED,
        &params![
            webhook,
            tried.state,
            tried.tries,
            tried.next_at,
            tried.lease_until,
            tried.at,
            tried.answer
        ],
    )?;
    Ok(())
}

/// Whoever sent to the webhook is done; it waits behind the others from `now`.
///
/// # Errors
/// When the store fails.
pub fn rest(tx: &mut Tx<'_>, webhook: WebhookId, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute(REST, &params![webhook, now])?;
    Ok(())
}

/// The webhook may be tried at `now`, with so many failures behind it.
///
/// # Errors
/// When the store fails.
pub fn wake(
    tx: &mut Tx<'_>,
    webhook: WebhookId,
    state: &str,
    tries: u32,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.execute(WAKE, &params![webhook, state, tries, now])?;
    Ok(())
}
