//! What `relais work` does with what systems are still to be told: a webhook is
//! taken for a while, told outside any transaction what waits for it, in order,
//! and let go. What was not answered with 2xx is sent again, later and later.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use relais_mechanism::Role;
use relais_network::{OrganisationId, ReferralId, WebhookId};
use relais_store::Tx;
use relais_store::rows::cases::{CaseRecord, ReferralRecord};
use relais_store::rows::webhooks::{self as rows, DeliveryRecord, Tried, WebhookRecord};
use serde::Serialize;
use uuid::Uuid;

use super::event::{may_hear, name};
use super::{ACTIVE, Detail, FAILING, STOPPED, STOPPED_NOTICE};
use crate::desk::Desk;
use crate::directory::By;
use crate::file::open_unless_erased;
use crate::network::Network;
use crate::problem::ActError;
use crate::protection::PROTECTED;
use crate::write;

/// How long a webhook is taken: a process that died meanwhile gives it back.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// After each failure, how long until the next try; then none.
const AGAIN: [TimeDelta; 6] = [
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(6),
    TimeDelta::hours(24),
];
/// Failures behind a webhook that has one try left.
pub(super) const LAST_TRY: u32 = 6;
/// Notifications of one taking.
const MOST: i64 = 20;
/// How long a notification may wait for a system that does not answer.
const KEPT: TimeDelta = TimeDelta::days(30);
/// The answer of a system that wants nothing any more.
const GONE: &str = "410";

/// One notification, ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Its id: the same when it is sent again.
    pub id: Uuid,
    /// Its body.
    pub body: String,
}

/// A webhook with what it is told now, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Webhook.
    pub webhook: WebhookId,
    /// Where it goes.
    pub url: String,
    /// What signs it.
    pub secret: String,
    /// What it is told.
    pub notifications: Vec<Notification>,
}

/// What was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// A webhook to tell.
    Batch(Batch),
    /// One whose notifications nobody may hear any more.
    Dropped,
    /// Nothing is due.
    Nothing,
}

/// What a system is told, and nothing else.
#[derive(Serialize)]
struct Body {
    id: Uuid,
    #[serde(rename = "type")]
    kind: String,
    at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    referral: Option<ReferralId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

/// How many webhooks are due.
///
/// # Errors
/// When the store fails.
pub fn count_due(desk: &Arc<Desk>) -> Result<u64, ActError> {
    desk.store().read_blocking(|tx: &mut Tx<'_>| {
        let now = tx.now()?;
        Ok(rows::due(tx, now)?)
    })
}

/// Takes the webhook that is due and has waited longest.
///
/// # Errors
/// When the store fails.
pub fn take(desk: &Arc<Desk>) -> Result<Taken, ActError> {
    let desk_ = Arc::clone(desk);
    desk.store().write_blocking(move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let Some(hook) = rows::take(tx, now, now + LEASE)? else {
            return Ok(Taken::Nothing);
        };
        let Some(detail) = address(tx, &hook)? else {
            // It ended after the backup from which this database was restored.
            super::end_in(tx, hook, By::CommandLine)?;
            return Ok(Taken::Dropped);
        };
        let network = desk_.network_now(tx)?;
        let mut notifications = Vec::new();
        for row in rows::next(tx, hook.id, MOST)? {
            if still_hears(tx, &network, hook.organisation_id, &row)? {
                notifications.push(Notification {
                    id: row.id,
                    body: body(&row)?,
                });
            } else {
                rows::drop_one(tx, row.id)?;
            }
        }
        if notifications.is_empty() {
            rows::rest(tx, hook.id, now)?;
            return Ok(Taken::Dropped);
        }
        Ok(Taken::Batch(Batch {
            webhook: hook.id,
            url: detail.url,
            secret: detail.secret,
            notifications,
        }))
    })
}

/// Where a webhook goes and what signs it; none in a database that was restored
/// from before the webhook ended, whose key is gone.
fn address(tx: &Tx<'_>, hook: &WebhookRecord) -> Result<Option<Detail>, ActError> {
    let sealer = tx.sealer();
    Ok(open_unless_erased(
        &sealer,
        "webhook",
        "detail",
        hook.id.0,
        hook.slot,
        &hook.detail,
    )?)
}

/// Whether the organisation may hear of it still: the referral is one that it
/// sends or receives now, its person was not erased, and the case has not gone
/// into a circuit that is closed to it.
fn still_hears(
    tx: &mut Tx<'_>,
    network: &Network,
    organisation: OrganisationId,
    row: &DeliveryRecord,
) -> Result<bool, ActError> {
    let Some(id) = row.referral_id else {
        return Ok(true);
    };
    let Some(referral) = ReferralRecord::find(tx, id)? else {
        return Ok(false);
    };
    let Some(case) = CaseRecord::find(tx, referral.case_id)? else {
        return Ok(false);
    };
    let side = referral.provider_id == organisation || case.holder_id == organisation;
    let erased = case.card.is_empty();
    Ok(side && !erased && may_hear(network, case.regime == PROTECTED, organisation))
}

fn body(row: &DeliveryRecord) -> Result<String, ActError> {
    let body = Body {
        id: row.id,
        kind: name(&row.kind),
        at: row.at,
        referral: row.referral_id,
        version: row.version,
    };
    serde_json::to_string(&body)
        .map_err(|e| ActError::Store(relais_store::StoreError::Schema(format!("webhook_delivery: {e}"))))
}

/// Notes that a system took a notification, with this answer; the taker goes on.
///
/// # Errors
/// When the store fails.
pub fn delivered(desk: &Arc<Desk>, webhook: WebhookId, notification: Uuid, answer: &str) -> Result<(), ActError> {
    let answer = answer.to_owned();
    desk.store().write_blocking(move |tx: &mut Tx<'_>| {
        let at = tx.now()?;
        rows::drop_one(tx, notification)?;
        let tried = Tried {
            state: ACTIVE,
            tries: 0,
            next_at: None,
            lease_until: Some(at + LEASE),
            at,
            answer: &answer,
        };
        Ok(rows::tried(tx, webhook, &tried)?)
    })
}

/// Notes that a system did not take a notification, and why. When it is tried
/// again; none where it has failed too often, or said that it wants no more.
/// Then its organisation is told: what goes in order waits behind what is
/// refused, and only they can mend what refuses it.
///
/// # Errors
/// When the store fails.
pub fn failed(desk: &Arc<Desk>, webhook: WebhookId, answer: &str) -> Result<Option<DateTime<Utc>>, ActError> {
    let answer = answer.to_owned();
    desk.store().write_blocking(move |tx: &mut Tx<'_>| {
        let at = tx.now()?;
        let Some(hook) = WebhookRecord::find(tx, webhook)?.filter(|hook| hook.ended_at.is_none()) else {
            return Ok(None);
        };
        let before = usize::try_from(hook.tries).unwrap_or(usize::MAX);
        let next_at = AGAIN.get(before).filter(|_| answer != GONE).map(|wait| at + *wait);
        let tried = Tried {
            state: if next_at.is_some() { FAILING } else { STOPPED },
            tries: hook.tries.saturating_add(1),
            next_at,
            lease_until: None,
            at,
            answer: &answer,
        };
        rows::tried(tx, webhook, &tried)?;
        if next_at.is_none() {
            let to = Some(hook.organisation_id);
            write::notice(tx, STOPPED_NOTICE, to, Role::Supervisor, webhook.0)?;
        }
        Ok(next_at)
    })
}

/// Lets a webhook go that was told all that was taken for it.
///
/// # Errors
/// When the store fails.
pub fn rest(desk: &Arc<Desk>, webhook: WebhookId) -> Result<(), ActError> {
    desk.store().write_blocking(move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        Ok(rows::rest(tx, webhook, now)?)
    })
}

/// Forgets what waited too long for a system that does not answer, and the key
/// of a webhook whose end a crash cut short.
///
/// # Errors
/// When the store fails.
pub fn forget_old(desk: &Arc<Desk>) -> Result<u64, ActError> {
    desk.store().write_blocking(|tx: &mut Tx<'_>| -> Result<u64, ActError> {
        let now = tx.now()?;
        super::erase_ended(tx)?;
        Ok(rows::drop_old(tx, now - KEPT)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_longer_than_the_one_before_and_shorter_than_what_is_kept() {
        assert!(AGAIN.windows(2).all(|w| w[0] < w[1]));
        assert!(AGAIN.iter().sum::<TimeDelta>() < KEPT);
        assert_eq!(usize::try_from(LAST_TRY), Ok(AGAIN.len()));
    }
}
