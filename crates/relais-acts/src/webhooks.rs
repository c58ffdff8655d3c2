//! Webhooks: an organisation's own system is told that something happened to a
//! referral that the organisation sends or receives. What it is told names the
//! referral by its id and says what happened, and nothing else: the system
//! then reads the referral with its own token, so that `visible` decides what
//! it learns.
//!
//! ```text
//! an act            → event: one row for each system of a side, in the act's unit of work
//! `relais work`     → send: one webhook is taken, told in order, and let go
//! the organisation  → here: add, list, test, end
//! ```

mod address;
mod event;
mod send;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_mechanism::Role;
use relais_network::{OrganisationId, UserId, WebhookId};
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::directory::{self, OrganisationRecord};
use relais_store::rows::webhooks::{self as rows, DeliveryRecord, WebhookRecord};
use relais_store::{Store, StoreError, Tx, ids};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

pub use address::is_public;
pub(crate) use event::{HOLDER_CHANGED, Told, happened};
pub use event::{KINDS, TEST};
pub use send::{Batch, Notification, Taken, count_due, delivered, failed, forget_old, rest, take};

use crate::agreements::organisation;
use crate::desk::{Desk, Viewer};
use crate::directory::{By, note};
use crate::file::{open_unless_erased, seal};
use crate::network::Network;
use crate::problem::ActError;
use crate::views::Made;
use crate::write;

/// Who speaks for an organisation's systems.
pub const SPEAKS: &[Role] = &[Role::Supervisor, Role::FocalPoint, Role::SecretariatSupervisor];

/// Most webhooks of an organisation.
const MOST: usize = 5;

/// What was sent is answered with 2xx.
pub const ACTIVE: &str = "active";
/// It is not, and is sent again.
pub const FAILING: &str = "failing";
/// It was not for so long that it is sent no more until somebody tests.
pub const STOPPED: &str = "stopped";
/// The kind of the notice that a system is told nothing any more until somebody
/// tests.
pub(crate) const STOPPED_NOTICE: &str = "webhook_stopped";
/// It is no more.
const ENDED: &str = "ended";

/// Let a system be told of referral events.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddWebhook {
    /// Id of the webhook, made by its maker.
    pub id: Uuid,
    /// Where the system takes what it is told.
    pub url: String,
}

/// Tell a system no more.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndWebhook {
    /// Id of the act, made by its maker.
    pub id: Uuid,
}

/// Tell a system something of no weight, to see whether it takes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestWebhook {
    /// Id of the test, made by its maker: the id of what the system is told.
    pub id: Uuid,
}

/// A webhook that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WebhookMade {
    /// Webhook.
    pub id: WebhookId,
    /// Address of the system.
    pub url: String,
    /// The secret that signs, this once; not where the same request came again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// A webhook, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WebhookRow {
    /// Webhook.
    pub id: WebhookId,
    /// Code of the organisation.
    pub organisation: String,
    /// Address of the system.
    pub url: String,
    /// Active, failing or stopped.
    pub state: String,
    /// Made.
    pub created_at: DateTime<Utc>,
    /// Who made it, as partners read the name; none on the command line.
    pub made_by: Option<String>,
    /// How much the system is still to be told.
    pub waiting: u64,
    /// Failures since the last success.
    pub failures: u32,
    /// Last try.
    pub tried_at: Option<DateTime<Utc>>,
    /// What came of it: an HTTP status, or why there was none.
    pub answer: Option<String>,
    /// When it is tried next; none where nothing waits or it is sent no more.
    pub next_at: Option<DateTime<Utc>>,
}

/// The webhooks of an organisation: at most [`MOST`], so that one page holds them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WebhookList {
    /// Webhooks, oldest first.
    pub rows: Vec<WebhookRow>,
    /// There is no further page.
    pub next: Option<String>,
}

/// What is sealed of a webhook.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Detail {
    url: String,
    secret: String,
}

/// The viewer speaks for the systems of the own organisation.
fn speaks(viewer: &Viewer) -> Result<(), ActError> {
    if SPEAKS.iter().any(|role| viewer.is(*role)) {
        Ok(())
    } else {
        Err(ActError::NotFound)
    }
}

/// Lets a system of the viewer's organisation be told. `secret` is drawn by the
/// caller and answered once.
///
/// # Errors
/// [`ActError::Invalid`] for an address that is not taken;
/// [`ActError::Refused`] where the organisation has [`MOST`] already.
pub async fn add(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    command: AddWebhook,
    secret: String,
) -> Result<WebhookMade, ActError> {
    speaks(viewer)?;
    let viewer = viewer.clone();
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            let mut first = false;
            let made = write::once(tx, &viewer, "webhook", command.id, &command, |tx| {
                first = true;
                let of = (viewer.organisation, Some(viewer.user));
                let by = By::User(viewer.user);
                add_in(tx, WebhookId(command.id), of, &command.url, &secret, by)?;
                Ok(Made {
                    id: command.id,
                    code: String::new(),
                    version: 1,
                })
            })?;
            Ok(WebhookMade {
                id: WebhookId(made.id),
                url: command.url.trim().to_owned(),
                secret: first.then(|| secret.clone()),
            })
        })
        .await
}

/// As [`add`], from the command line, for the organisation of this code.
///
/// # Errors
/// As [`add`]; an unknown organisation.
pub fn add_for(store: &Store, code: &str, url: &str, secret: &str) -> Result<WebhookMade, ActError> {
    let (code, url, secret) = (code.to_owned(), url.to_owned(), secret.to_owned());
    store.write_blocking(move |tx| -> Result<WebhookMade, ActError> {
        let organisation = organisation(tx, &code)?;
        let id = WebhookId(ids::new_v7(tx.now()?));
        add_in(tx, id, (organisation, None), &url, &secret, By::CommandLine)?;
        Ok(WebhookMade {
            id,
            url: url.trim().to_owned(),
            secret: Some(secret.clone()),
        })
    })
}

fn add_in(
    tx: &mut Tx<'_>,
    id: WebhookId,
    (organisation_id, made_by): (OrganisationId, Option<UserId>),
    url: &str,
    secret: &str,
    by: By,
) -> Result<(), ActError> {
    let (url, host) = address::checked(url, tx.is_drill())?;
    if rows::of(tx, Some(organisation_id))?.len() >= MOST {
        return Err(ActError::refused(
            "webhook_limit",
            (
                "Cette organisation a déjà cinq webhooks.",
                "This organisation has five webhooks already.",
            ),
            (
                "Mettez fin à l’un d’eux, puis recommencez.",
                "End one of them, then try again.",
            ),
        ));
    }
    let created_at = tx.now()?;
    let slot = tx.new_slot()?;
    let detail = Detail {
        url,
        secret: secret.to_owned(),
    };
    WebhookRecord {
        id,
        organisation_id,
        slot,
        detail: seal(&tx.sealer(), "webhook", "detail", id.0, slot, &detail)?,
        state: ACTIVE.to_owned(),
        made_by,
        created_at,
        ended_at: None,
        tries: 0,
        next_at: None,
        lease_until: None,
        tried_at: None,
        answer: None,
    }
    .insert(tx)?;
    // Which organisations are told is part of the network in memory.
    directory::directory_changed(tx)?;
    // The host only: a path may hold a secret of the system's.
    note(
        tx,
        by,
        id.0,
        organisation_id.0,
        "webhook_added",
        json!({ "host": host }),
    )
}

/// The webhooks of the viewer's organisation.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not speak for its systems.
pub async fn list(desk: &Arc<Desk>, viewer: &Viewer) -> Result<WebhookList, ActError> {
    speaks(viewer)?;
    let organisation = viewer.organisation;
    desk.store()
        .read(move |tx: &mut Tx<'_>| {
            Ok(WebhookList {
                rows: listed(tx, Some(organisation))?,
                next: None,
            })
        })
        .await
}

/// Whether a system of the viewer's organisation is told nothing any more, for
/// whoever speaks for its systems and can have it mended.
pub(crate) fn has_stopped(tx: &mut Tx<'_>, viewer: &Viewer, network: &Network) -> Result<bool, ActError> {
    if speaks(viewer).is_err() || !network.webhooks.contains_key(&viewer.organisation) {
        return Ok(false);
    }
    let own = rows::of(tx, Some(viewer.organisation))?;
    Ok(own.iter().any(|hook| hook.state == STOPPED))
}

/// The webhooks of all organisations, for the command line.
///
/// # Errors
/// When the store fails.
pub fn list_all(store: &Store) -> Result<Vec<WebhookRow>, ActError> {
    store.read_blocking(|tx| listed(tx, None))
}

fn listed(tx: &mut Tx<'_>, organisation: Option<OrganisationId>) -> Result<Vec<WebhookRow>, ActError> {
    let sealer = tx.sealer();
    let mut listed = Vec::new();
    for hook in rows::of(tx, organisation)? {
        let detail: Option<Detail> =
            open_unless_erased(&sealer, "webhook", "detail", hook.id.0, hook.slot, &hook.detail)?;
        // In a database that was restored the row may be there and its key gone.
        let Some(detail) = detail else { continue };
        let waiting = rows::waiting(tx, hook.id)?;
        let made_by = match hook.made_by {
            Some(user) => UserRecord::find(tx, user)?.map(|u| u.display_name),
            None => None,
        };
        let code = OrganisationRecord::find(tx, hook.organisation_id)?.map(|o| o.code);
        listed.push(WebhookRow {
            id: hook.id,
            organisation: code.unwrap_or_default(),
            url: detail.url,
            created_at: hook.created_at,
            made_by,
            waiting,
            failures: hook.tries,
            tried_at: hook.tried_at,
            answer: hook.answer,
            next_at: hook.next_at.filter(|_| waiting > 0 && hook.state != STOPPED),
            state: hook.state,
        });
    }
    Ok(listed)
}

/// Ends a webhook of the viewer's organisation: its system is told nothing any
/// more, and its secret is erased.
///
/// # Errors
/// [`ActError::NotFound`] for another organisation's; [`ActError::Refused`]
/// where it has ended.
pub async fn end(desk: &Arc<Desk>, viewer: &Viewer, webhook: WebhookId, command: EndWebhook) -> Result<Made, ActError> {
    speaks(viewer)?;
    let viewer = viewer.clone();
    let made = desk
        .store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "webhook_end", command.id, &(webhook, &command), |tx| {
                let hook = own(tx, &viewer, webhook)?;
                end_in(tx, hook, By::User(viewer.user))
            })
        })
        .await?;
    desk.store().write(erase_ended).await?;
    Ok(made)
}

/// As [`end`], from the command line, whosever it is.
///
/// # Errors
/// As [`end`].
pub fn end_by_id(store: &Store, webhook: WebhookId) -> Result<Made, ActError> {
    let made = store.write_blocking(move |tx| {
        let hook = WebhookRecord::find(tx, webhook)?.ok_or_else(|| {
            ActError::refused(
                "unknown_webhook",
                ("Ce webhook n’existe pas.", "There is no such webhook."),
                (
                    "« relais webhook list » donne les webhooks.",
                    "“relais webhook list” gives the webhooks.",
                ),
            )
        })?;
        end_in(tx, hook, By::CommandLine)
    })?;
    store.write_blocking(erase_ended)?;
    Ok(made)
}

/// A webhook of the viewer's organisation.
fn own(tx: &mut Tx<'_>, viewer: &Viewer, webhook: WebhookId) -> Result<WebhookRecord, ActError> {
    WebhookRecord::find(tx, webhook)?
        .filter(|hook| hook.organisation_id == viewer.organisation)
        .ok_or(ActError::NotFound)
}

fn ended() -> ActError {
    ActError::refused(
        "webhook_ended",
        ("Ce webhook a pris fin.", "This webhook has ended."),
        ("Créez-en un autre.", "Make another one."),
    )
}

fn end_in(tx: &mut Tx<'_>, mut hook: WebhookRecord, by: By) -> Result<Made, ActError> {
    if hook.ended_at.is_some() {
        return Err(ended());
    }
    hook.ended_at = Some(tx.now()?);
    ENDED.clone_into(&mut hook.state);
    (hook.next_at, hook.lease_until) = (None, None);
    hook.update(tx)?;
    rows::drop_all(tx, hook.id)?;
    directory::directory_changed(tx)?;
    note(tx, by, hook.id.0, hook.organisation_id.0, "webhook_ended", json!({}))?;
    Ok(Made {
        id: hook.id.0,
        code: String::new(),
        version: 2,
    })
}

/// The second step of an end, once the first stands in the database: the keys,
/// on disk, and then the rows are empty. The secret opens in yesterday's backup
/// no more. Doing it again does no harm: what a crash left, `relais work` does.
fn erase_ended(tx: &mut Tx<'_>) -> Result<(), ActError> {
    let mut ended = rows::unerased(tx)?;
    let slots: Vec<i64> = ended.iter().map(|hook| hook.slot).collect();
    tx.sealer().keyring().erase_all(&slots).map_err(StoreError::from)?;
    for hook in &mut ended {
        hook.detail.clear();
        hook.update(tx)?;
    }
    Ok(())
}

/// Tells a system of the viewer's organisation something of no weight. One
/// that is sent nothing any more is tried again, this once: if it answers with
/// 2xx, what waited for it goes too.
///
/// # Errors
/// [`ActError::NotFound`] for another organisation's; [`ActError::Refused`]
/// where it has ended.
pub async fn test(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    webhook: WebhookId,
    command: TestWebhook,
) -> Result<Made, ActError> {
    speaks(viewer)?;
    let viewer = viewer.clone();
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "webhook_test", command.id, &(webhook, &command), |tx| {
                let hook = own(tx, &viewer, webhook)?;
                test_in(tx, &hook, command.id)
            })
        })
        .await
}

fn test_in(tx: &mut Tx<'_>, hook: &WebhookRecord, id: Uuid) -> Result<Made, ActError> {
    if hook.ended_at.is_some() {
        return Err(ended());
    }
    let now = tx.now()?;
    // One that waits is of no more use than this one.
    rows::drop_tests(tx, hook.id)?;
    DeliveryRecord {
        id,
        webhook_id: hook.id,
        kind: event::TEST_KIND.to_owned(),
        referral_id: None,
        version: None,
        at: now,
    }
    .insert(tx)?;
    if hook.state != ACTIVE {
        // One that had stopped has one try; one that fails goes on as before, but now.
        let tries = if hook.state == STOPPED {
            send::LAST_TRY
        } else {
            hook.tries
        };
        rows::wake(tx, hook.id, FAILING, tries, now)?;
    }
    Ok(Made {
        id,
        code: String::new(),
        version: 1,
    })
}
