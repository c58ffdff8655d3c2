//! Providers' figures: asked, answered, late, over ninety days. They are put
//! before the provider, which may reply in words within the mechanism's right
//! of reply; only then does anybody else read them by name. Needs above S3 and
//! protected cases are not in them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use relais_mechanism::{Mechanism, Priority, Role};
use relais_network::{FigureId, OrganisationId};
use relais_store::rows::coordination::{self as rows, FigureRecord, Figures};
use relais_store::{Tx, ids};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ROWS, WINDOW_DAYS, mine, small};
use crate::desk::{Desk, Viewer};
use crate::file::{open, seal};
use crate::network::Network;
use crate::problem::ActError;
use crate::views::{Counts, Made, OwnFigures, ProviderLine, PutFigures, Unnamed};
use crate::write;

/// Longest reply, in characters.
const WORDS: usize = 500;

/// Put the figures of all providers before them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutBefore {
    /// Id of the act, made by its maker.
    pub id: Uuid,
}

/// Reply to the own figures.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyToFigures {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the figures that the maker saw.
    pub version: i64,
    /// In words, 500 characters at most, nothing about a person.
    pub text: String,
}

const fn counts(figures: &Figures) -> (i64, i64, i64) {
    (figures.asked, figures.answered, figures.late)
}

fn shown((asked, answered, late): (i64, i64, i64)) -> Counts {
    Counts {
        asked: small(asked),
        answered: small(answered),
        late: small(late),
    }
}

fn of_record(record: &FigureRecord) -> Counts {
    shown((record.asked, record.answered, record.late))
}

fn window(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    (now - TimeDelta::days(WINDOW_DAYS), now)
}

/// Whether figures may be shown by name: the provider replied, or its time to
/// reply has passed.
fn may_be_named(record: &FigureRecord, now: DateTime<Utc>) -> bool {
    record.replied_at.is_some() || record.reply_until <= now
}

fn reply_of(tx: &Tx<'_>, record: &FigureRecord) -> Result<Option<String>, ActError> {
    match &record.reply {
        None => Ok(None),
        Some(sealed) => Ok(Some(open(
            &tx.sealer(),
            "provider_figure",
            "reply",
            record.id.0,
            record.slot,
            sealed,
        )?)),
    }
}

/// The figures by name, and what must stay without one.
pub(super) fn lines(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    network: &Network,
    national: bool,
    now: DateTime<Utc>,
) -> Result<(Vec<ProviderLine>, Unnamed), ActError> {
    let (from, until) = window(now);
    let live = rows::figures(tx, from, until, None)?;
    let mut put = rows::put_since(tx, from, i64::MAX)?;
    // Newest first: the last put of each provider counts.
    let mut seen = std::collections::BTreeSet::new();
    put.retain(|p| seen.insert(p.organisation_id));
    let ours = |id: &OrganisationId| {
        // A shelter stands in no list of providers, and in no count of them.
        if network.known(*id).is_none() {
            return false;
        }
        let region = network.organisations.get(id).and_then(|o| o.region.as_deref());
        mine(viewer, national, region)
    };
    let mut named = Vec::new();
    let mut unnamed = Unnamed::default();
    let mut total = (0, 0, 0);
    for figures in live.iter().filter(|f| ours(&f.provider)) {
        match put.iter().find(|p| p.organisation_id == figures.provider) {
            Some(record) if may_be_named(record, now) => named.push(ProviderLine {
                organisation: network.name(record.organisation_id, viewer.lang),
                telephone: network.telephone(record.organisation_id),
                counts: of_record(record),
                until: record.until_at,
                reply: reply_of(tx, record)?,
            }),
            other => {
                if other.is_some() {
                    unnamed.replying += 1;
                } else {
                    unnamed.to_put += 1;
                }
                let (asked, answered, late) = counts(figures);
                total = (total.0 + asked, total.1 + answered, total.2 + late);
            }
        }
    }
    unnamed.counts = shown(total);
    // The most silent first: of what was asked, what was not answered.
    named.sort_by(|a, b| {
        let silent = |l: &ProviderLine| l.counts.asked.saturating_sub(l.counts.answered);
        (silent(b), b.counts.late, &a.organisation).cmp(&(silent(a), a.counts.late, &b.organisation))
    });
    named.truncate(usize::try_from(ROWS).unwrap_or(100));
    Ok((named, unnamed))
}

/// A provider's own figures, for its inbox.
///
/// # Errors
/// When the store fails.
pub fn own(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, now: DateTime<Utc>) -> Result<OwnFigures, ActError> {
    let (from, until) = window(now);
    let provider = viewer.organisation;
    let asked = |of: &Vec<Figures>| of.iter().map(|f| f.asked).sum();
    let live = desk
        .figures
        .of(provider, asked, || rows::figures(tx, from, until, Some(provider)))?;
    let put = rows::put_before(tx, viewer.organisation)?.filter(|p| p.put_at > from);
    Ok(OwnFigures {
        now: live.first().map(|f| shown(counts(f))).unwrap_or_default(),
        days: WINDOW_DAYS,
        put: match put {
            None => None,
            Some(record) => Some(PutFigures {
                version: record.version,
                counts: of_record(&record),
                put_at: record.put_at,
                reply_until: record.reply_until,
                shown: may_be_named(&record, now),
                reply: reply_of(tx, &record)?,
            }),
        },
    })
}

/// The end of the right of reply, on the calendar of the provider's region.
fn reply_until(
    desk: &Desk,
    mechanism: &Arc<Mechanism>,
    region: &str,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, ActError> {
    let calendar = desk.calendar(mechanism, region)?;
    Ok(calendar
        .due(mechanism.rules().right_of_reply, now, Priority::P3, false, None)
        .map_or_else(|| now + TimeDelta::days(14), |due| due.at))
}

/// Puts the figures of every provider that has not seen them in this window
/// before it, and tells its focal point.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is not the secretariat.
pub async fn put(desk: &Arc<Desk>, viewer: &Viewer, command: PutBefore) -> Result<Made, ActError> {
    if !viewer.is(Role::Secretariat) {
        return Err(ActError::Forbidden { code: "coordination" });
    }
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "put_figures", command.id, &command, |tx| {
                put_in(tx, &desk_, &viewer, command.id)
            })
        })
        .await
}

fn put_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, id: Uuid) -> Result<Made, ActError> {
    let now = tx.now()?;
    let (from, until) = window(now);
    let (mechanism, network) = (desk.mechanism(), desk.network_now(tx)?);
    let known: std::collections::BTreeSet<OrganisationId> = rows::put_since(tx, from, i64::MAX)?
        .iter()
        .map(|p| p.organisation_id)
        .collect();
    let mut made = 0;
    for figures in rows::figures(tx, from, until, None)? {
        if known.contains(&figures.provider) || network.known(figures.provider).is_none() {
            continue;
        }
        let region = network
            .organisations
            .get(&figures.provider)
            .and_then(|o| o.region.clone())
            .unwrap_or_default();
        let record = FigureRecord {
            id: FigureId(ids::new_v7(now)),
            organisation_id: figures.provider,
            from_at: from,
            until_at: until,
            asked: figures.asked,
            answered: figures.answered,
            late: figures.late,
            put_by: viewer.user,
            put_at: now,
            reply_until: reply_until(desk, &mechanism, &region, now)?,
            replied_at: None,
            replied_by: None,
            slot: tx.new_slot()?,
            reply: None,
            version: 1,
        };
        record.insert(tx)?;
        write::notice(tx, "figures_put", Some(figures.provider), Role::FocalPoint, record.id.0)?;
        made += 1;
    }
    Ok(Made {
        id,
        code: String::new(),
        version: made,
    })
}

/// The provider replies in words to the figures that were put before it.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::Invalid`], [`ActError::Stale`],
/// [`ActError::Refused`] when none were put before it.
pub async fn reply(desk: &Arc<Desk>, viewer: &Viewer, command: ReplyToFigures) -> Result<Made, ActError> {
    if !viewer.is(Role::FocalPoint) {
        return Err(ActError::Forbidden { code: "inbox" });
    }
    let viewer = viewer.clone();
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "reply_figures", command.id, &command, |tx| {
                reply_in(tx, &viewer, &command)
            })
        })
        .await
}

fn reply_in(tx: &mut Tx<'_>, viewer: &Viewer, command: &ReplyToFigures) -> Result<Made, ActError> {
    let text = command.text.trim();
    let Some(mut record) = rows::put_before(tx, viewer.organisation)? else {
        return Err(ActError::refused(
            "no_figures",
            (
                "Aucun chiffre n’attend votre réponse.",
                "No figures wait for your reply.",
            ),
            (
                "Le secrétariat vous les soumet avant de les montrer.",
                "The secretariat puts them before you before they are shown.",
            ),
        ));
    };
    ActError::unless_current(command.version, record.version)?;
    if text.is_empty() {
        return Err(ActError::field(
            "text",
            "required",
            ("Écrivez votre réponse.", "Write your reply."),
        ));
    }
    ActError::unless_within("text", text, WORDS)?;
    let now = tx.now()?;
    record.reply = Some(seal(
        &tx.sealer(),
        "provider_figure",
        "reply",
        record.id.0,
        record.slot,
        &text,
    )?);
    record.replied_at = Some(now);
    record.replied_by = Some(viewer.user);
    record.version += 1;
    record.update(tx)?;
    Ok(Made {
        id: command.id,
        code: String::new(),
        version: record.version,
    })
}
