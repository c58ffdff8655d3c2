//! The recipients' desk: their own complaints, one of them, what they do.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calendar::{ClockKind, Due};
use relais_casework::complaint::{
    Circle, ComplaintAct, ComplaintKind, ComplaintState, HEARS, Limit, Listed, Reader, sees,
};
use relais_casework::referral::DueKind;
use relais_mechanism::words::Lang;
use relais_network::{ComplaintId, UserId};
use relais_store::access::{self, Look};
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::complaints::{self as rows, ComplaintRecord, RecipientRecord};
use relais_store::{StoreError, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Complaint, Entry, WORDS, event, notice, set_limits, too_long};
use crate::desk::{Desk, Viewer};
use crate::file::is_erased;
use crate::problem::ActError;
use crate::views::{ClockView, Made};
use crate::write;

/// Rows of a page.
const ROWS: usize = 50;
/// Rows read at a time.
const READ: i64 = 200;

/// One step of a recipient.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActOnComplaint {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version that was shown.
    pub version: i64,
    /// What is done.
    pub act: ComplaintAct,
    /// Words of a reply, a note or a decision.
    #[serde(default)]
    pub text: String,
}

/// A complaint in a list: neither facts nor names.
#[derive(Debug, Clone, Serialize)]
pub struct ComplaintRow {
    /// Complaint.
    pub id: ComplaintId,
    /// Number.
    pub number: String,
    /// What it is about.
    pub kind: ComplaintKind,
    /// State.
    pub state: ComplaintState,
    /// Received.
    pub received_at: DateTime<Utc>,
    /// The limit that runs.
    pub limit: Option<Limit>,
    /// Its clock.
    pub clock: Option<ClockView>,
    /// Whether this viewer has opened it.
    pub opened: bool,
    /// Whether it came to this viewer because others kept silent, or none was named.
    pub stepped_in: bool,
}

/// The complaints of one viewer.
#[derive(Debug, Clone, Serialize)]
pub struct ComplaintList {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// Open ones by their limit, then closed ones, newest first.
    pub rows: Vec<ComplaintRow>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// Something that was written.
#[derive(Debug, Clone, Serialize)]
pub struct Said {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom; none for the complainant.
    pub by: Option<String>,
    /// What was done; none for the complainant's words.
    pub act: Option<ComplaintAct>,
    /// Words.
    pub text: String,
}

/// A complaint, as a recipient reads it.
#[derive(Debug, Clone, Serialize)]
pub struct ComplaintView {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// As in the list.
    pub row: ComplaintRow,
    /// Version.
    pub version: i64,
    /// What happened.
    pub facts: String,
    /// The organisation concerned, as typed.
    pub organisation: String,
    /// The slip or referral concerned, as typed.
    pub referral: String,
    /// Whether it is about the secretariat.
    pub about_office: bool,
    /// Telephone or e-mail; none where the complainant stays unknown.
    pub contact: Option<String>,
    /// Which way is safe, in words.
    pub safe_contact: Option<String>,
    /// Language of the complainant.
    pub language: Lang,
    /// Who received it first.
    pub circle: Circle,
    /// Whether the data-protection officer reads it.
    pub officer: bool,
    /// Named recipients: name, when it reached them, when they opened it.
    pub recipients: Vec<(String, DateTime<Utc>, Option<DateTime<Utc>>)>,
    /// Everything written, oldest first.
    pub said: Vec<Said>,
    /// What may be done now.
    pub acts: Vec<ComplaintAct>,
}

fn bad_cursor() -> ActError {
    ActError::field(
        "after",
        "bad_cursor",
        ("Repartez de la première page.", "Start from the first page."),
    )
}

/// Whether the viewer's roles have to do with complaints at all.
fn concerned_with(viewer: &Viewer) -> bool {
    HEARS.iter().any(|role| viewer.is(*role))
}

fn reader(tx: &mut Tx<'_>, viewer: &Viewer) -> Result<Reader, StoreError> {
    let named = RecipientRecord::find(tx, viewer.user)?;
    Ok(Reader {
        user: viewer.user,
        organisation: viewer.organisation,
        roles: viewer.roles.iter().copied().collect(),
        named: named.and_then(|r| Some((Listed::from_code(&r.list)?, r.rank))),
    })
}

fn row(desk: &Desk, complaint: &Complaint, viewer: UserId, now: DateTime<Utc>) -> Result<ComplaintRow, ActError> {
    let (detail, record) = (&complaint.detail, &complaint.record);
    let limit = complaint.state.limit();
    let clock = match (record.due_at, detail.due_from, limit) {
        (Some(due), Some(from), Some(limit)) => {
            let mechanism = desk.mechanism();
            let whole = Due {
                start: from,
                at: due,
                clock: ClockKind::Hours,
                calendar: String::new(),
            };
            Some(ClockView {
                kind: if limit == Limit::Decide {
                    DueKind::Decide
                } else {
                    DueKind::Acknowledge
                },
                from,
                due,
                percent: desk.calendar(&mechanism, "")?.percent_used(&whole, now),
                late: now > due,
            })
        }
        _ => None,
    };
    Ok(ComplaintRow {
        id: record.id,
        number: record.number.clone(),
        kind: detail.kind,
        state: complaint.state,
        received_at: record.received_at,
        limit,
        clock,
        opened: detail.opened.contains_key(&viewer),
        stepped_in: detail.routing.officer
            && detail.routing.circle != Circle::Apart
            && !detail.routing.named.contains(&viewer),
    })
}

/// The viewer's own complaints. What is not theirs is not counted, not paged
/// over and not hinted at.
///
/// # Errors
/// [`ActError::NotFound`] for whoever has nothing to do with complaints.
pub async fn list(desk: &Arc<Desk>, viewer: &Viewer, after: Option<String>) -> Result<ComplaintList, ActError> {
    if !concerned_with(viewer) {
        return Err(ActError::NotFound);
    }
    let from = match after.as_deref().filter(|a| !a.is_empty()) {
        None => None,
        Some(text) => Some(ComplaintId(text.parse().map_err(|_| bad_cursor())?)),
    };
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .read(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
            // Nor who looked at the list: an opening follows within seconds.
            let look = Look {
                user: None,
                organisation: None,
                route: viewer_.route,
                purpose: viewer_.purpose,
                cases: &[],
            };
            access::log(tx, &look)?;
            let (now, sealer) = (tx.now()?, tx.sealer());
            let reader = reader(tx, &viewer_)?;
            let mut found: Vec<ComplaintRow> = Vec::new();
            let mut at = from;
            if let Some(id) = from {
                // A cursor that is not one of the viewer's own rows is none.
                let known = match ComplaintRecord::find(tx, id)? {
                    Some(record) => Complaint::of(&sealer, record).ok(),
                    None => None,
                };
                if !known.is_some_and(|c| sees(&c.detail.routing, &c.detail.concerned, &reader)) {
                    return Err(bad_cursor());
                }
            }
            'pages: loop {
                let page = rows::before(tx, at, READ)?;
                let last = page.len() < usize::try_from(READ).unwrap_or(usize::MAX);
                for record in page {
                    at = Some(record.id);
                    let complaint = match Complaint::of(&sealer, record) {
                        Err(error) if is_erased(&error) => continue,
                        complaint => complaint?,
                    };
                    if sees(&complaint.detail.routing, &complaint.detail.concerned, &reader) {
                        found.push(row(&desk_, &complaint, viewer_.user, now)?);
                    }
                    if found.len() > ROWS {
                        break 'pages;
                    }
                }
                if last {
                    break;
                }
            }
            // The cursor is one of the viewer's own rows.
            let next = (found.len() > ROWS).then(|| found[ROWS - 1].id.to_string());
            found.truncate(ROWS);
            found.sort_by_key(|r| (r.clock.is_none(), r.clock.as_ref().map(|c| c.due)));
            Ok(ComplaintList { now, rows: found, next })
        })
        .await
}

/// One complaint. Opening it is noted, with who and when, under its own seal.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not see it.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, id: ComplaintId) -> Result<ComplaintView, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
            // That a complaint was opened stands in the log; who opened it stands under
            // its own seal, since the two times would tell which it was.
            let look = Look {
                user: None,
                organisation: None,
                route: viewer.route,
                purpose: viewer.purpose,
                cases: &[],
            };
            access::log(tx, &look)?;
            let Some((mut complaint, mut head)) = seen(tx, &viewer, id)? else {
                return Ok(None);
            };
            let now = tx.now()?;
            complaint.detail.opened.entry(viewer.user).or_insert(now);
            complaint.write(tx)?;
            event(
                tx,
                &mut head,
                complaint.record.slot,
                "complaint_seen",
                Some(viewer.user),
                "",
            )?;
            view_of(tx, &desk_, &viewer, &complaint, now).map(Some)
        })
        .await?
        .ok_or(ActError::NotFound)
}

/// The complaint, locked, if the viewer sees it.
fn seen(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    id: ComplaintId,
) -> Result<Option<(Complaint, relais_store::chain::Head)>, ActError> {
    if !concerned_with(viewer) {
        return Ok(None);
    }
    let reader = reader(tx, viewer)?;
    match Complaint::lock(tx, id) {
        Err(error) if is_erased(&error) => Ok(None),
        Err(error) => Err(error.into()),
        Ok(found) => Ok(found.filter(|(c, _)| sees(&c.detail.routing, &c.detail.concerned, &reader))),
    }
}

fn name(tx: &mut Tx<'_>, user: UserId) -> Result<String, StoreError> {
    Ok(UserRecord::find(tx, user)?.map_or_else(|| "–".to_owned(), |u| u.display_name))
}

fn view_of(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    complaint: &Complaint,
    now: DateTime<Utc>,
) -> Result<ComplaintView, ActError> {
    let detail = &complaint.detail;
    let mut recipients = Vec::new();
    for delivery in &detail.delivered {
        let opened = detail.opened.get(&delivery.user).copied();
        recipients.push((name(tx, delivery.user)?, delivery.at, opened));
    }
    let mut said = Vec::new();
    for entry in &detail.entries {
        said.push(Said {
            at: entry.at,
            by: match entry.user {
                Some(user) => Some(name(tx, user)?),
                None => None,
            },
            act: entry.act,
            text: entry.text.clone(),
        });
    }
    let mechanism = desk.mechanism();
    let safe = detail.contact.as_ref().and_then(|c| c.safe.as_deref());
    Ok(ComplaintView {
        now,
        row: row(desk, complaint, viewer.user, now)?,
        version: complaint.record.version,
        facts: detail.facts.clone(),
        organisation: detail.organisation.clone(),
        referral: detail.referral.clone(),
        about_office: detail.about_office,
        contact: detail.contact.as_ref().map(|c| c.address.clone()),
        safe_contact: safe
            .and_then(|code| mechanism.option_label("safe_contact", code, viewer.lang))
            .map(str::to_owned),
        language: detail.lang,
        circle: detail.routing.circle,
        officer: detail.routing.officer,
        recipients,
        said,
        acts: complaint.state.acts().to_vec(),
    })
}

/// Does one step.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not see it; [`ActError::Stale`];
/// [`ActError::Invalid`] where words are missing; a refusal out of turn.
pub async fn act(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    complaint: ComplaintId,
    command: ActOnComplaint,
) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            if seen(tx, &viewer, complaint)?.is_none() {
                return Err(ActError::NotFound);
            }
            // By the complaint, not by the user: who acted on which lies clear nowhere.
            let body = (viewer.user, &command);
            write::once_by(tx, complaint.0, "complaint_act", command.id, &body, |tx| {
                act_in(tx, &desk_, &viewer, complaint, &command)
            })
        })
        .await
}

fn act_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: ComplaintId,
    command: &ActOnComplaint,
) -> Result<Made, ActError> {
    let (mut complaint, mut head) = seen(tx, viewer, id)?.ok_or(ActError::NotFound)?;
    let text = command.text.trim();
    let needs_words = matches!(
        command.act,
        ComplaintAct::Reply | ComplaintAct::Note | ComplaintAct::Decide
    );
    if needs_words && text.is_empty() {
        return Err(ActError::field(
            "text",
            "required",
            ("Écrivez ce que vous avez à dire.", "Write what you have to say."),
        ));
    }
    if text.chars().count() > WORDS {
        return Err(too_long("text", WORDS));
    }
    ActError::unless_current(command.version, complaint.record.version)?;
    let now = tx.now()?;
    let before = complaint.state;
    let after = before.after(command.act).map_err(|(why, remedy)| ActError::Refused {
        code: "complaint_out_of_turn".to_owned(),
        why,
        remedy,
    })?;
    complaint.state = after;
    let detail = &mut complaint.detail;
    detail.opened.entry(viewer.user).or_insert(now);
    if after != ComplaintState::Received {
        detail.acknowledged_at.get_or_insert(now);
    }
    match after {
        ComplaintState::Decided => {
            detail.decided_at.get_or_insert(now);
        }
        ComplaintState::Closed if before != after => detail.closed_at = Some(now),
        _ => {}
    }
    detail.entries.push(Entry {
        at: now,
        user: Some(viewer.user),
        act: Some(command.act),
        text: text.to_owned(),
    });
    if after != before {
        set_limits(tx, desk, &mut complaint)?;
    }
    complaint.save(tx)?;
    event(
        tx,
        &mut head,
        complaint.record.slot,
        "complaint_act",
        Some(viewer.user),
        &format!("{}: {text}", command.act),
    )?;
    notice(tx, id)?;
    Ok(Made {
        id: id.0,
        code: complaint.record.number.clone(),
        version: complaint.record.version,
    })
}
