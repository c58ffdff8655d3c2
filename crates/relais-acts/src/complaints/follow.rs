//! Coming back: with number and code, to read where it stands and what was
//! answered, and to add words. Whatever is wrong answers alike, after the same
//! work.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::complaint::{ComplaintAct, ComplaintState, complete};
use relais_network::ComplaintId;
use relais_store::access::{self, Look};
use relais_store::rows::complaints as rows;
use relais_store::{Tx, ids};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{Complaint, Entry, WORDS, digest, event, notice, readers, set_limits, signs, too_long};
use crate::desk::Desk;
use crate::file::is_erased;
use crate::problem::ActError;
use crate::views::Made;
use crate::write;

/// Coming back to a complaint.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    /// Number, as typed.
    pub number: String,
    /// Code, as typed.
    pub code: String,
    /// Id of the added words, made when the page was shown.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// Words to add; empty to read only.
    #[serde(default)]
    pub words: String,
}

/// What the complainant reads: not the complaint itself, since whoever looks
/// over their shoulder reads too.
#[derive(Debug, Clone, Serialize)]
pub struct FollowView {
    /// Number.
    pub number: String,
    /// State.
    pub state: ComplaintState,
    /// Received.
    pub received_at: DateTime<Utc>,
    /// Acknowledged.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// Decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// Closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// Until when the next step is due.
    pub due_at: Option<DateTime<Utc>>,
    /// Replies and the decision, oldest first: when, whether it is the decision, words.
    pub replies: Vec<(DateTime<Utc>, bool, String)>,
    /// When words were added.
    pub added: Vec<DateTime<Utc>>,
    /// Whether words were added just now.
    pub just_added: bool,
}

/// A number and a code that open nothing: nobody learns which is wrong.
#[must_use]
pub fn not_valid() -> ActError {
    ActError::refused(
        "complaint_not_valid",
        (
            "Ce numéro et ce code n’ouvrent rien.",
            "This number and this code open nothing.",
        ),
        (
            "Relisez-les. Code perdu : faites une nouvelle plainte, et dites qu’elle suit une autre.",
            "Read them again. Code lost: complain again, and say that it follows another one.",
        ),
    )
}

/// Reads a complaint by number and code, and adds words where some are given.
///
/// # Errors
/// [`not_valid`]; [`ActError::Invalid`] for words that are too long.
pub async fn follow(
    desk: &Arc<Desk>,
    command: Follow,
    route: &'static str,
    purpose: &'static str,
) -> Result<FollowView, ActError> {
    if command.words.chars().count() > WORDS {
        return Err(too_long("words", WORDS));
    }
    let desk_ = Arc::clone(desk);
    let found = desk
        .store()
        .write(move |tx: &mut Tx<'_>| -> Result<Option<FollowView>, ActError> {
            let view = follow_in(tx, &desk_, &command)?;
            // Every attempt leaves the same row, and takes a commit, whether there is a complaint or not.
            let look = Look {
                user: None,
                organisation: None,
                route,
                purpose,
                cases: &[],
            };
            access::log(tx, &look)?;
            Ok(view)
        })
        .await?;
    found.ok_or_else(not_valid)
}

fn follow_in(tx: &mut Tx<'_>, desk: &Desk, command: &Follow) -> Result<Option<FollowView>, ActError> {
    let sealer = tx.sealer();
    let number = signs(&command.number);
    // The digest is made and compared also where there is no such number.
    let typed = digest(&sealer, &number, &signs(&command.code));
    let record = rows::by_number(tx, &number)?;
    let kept = record.as_ref().map_or_else(|| vec![0; typed.len()], |r| r.code.clone());
    let right = bool::from(kept.ct_eq(&typed));
    let Some(record) = record.filter(|_| right) else {
        return Ok(None);
    };
    let words = command.words.trim();
    let id = record.id;
    let complaint = if words.is_empty() {
        Complaint::of(&sealer, record).map(Some)
    } else {
        let now = tx.now()?;
        let act = command.id.unwrap_or_else(|| ids::new_v7(now));
        write::once_by(tx, id.0, "complaint_words", act, &words, |tx| add(tx, desk, id, words))?;
        Complaint::lock(tx, id).map(|found| found.map(|(complaint, _)| complaint))
    };
    match complaint {
        Ok(found) => Ok(found.map(|c| view(&c, !words.is_empty()))),
        Err(error) if is_erased(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn add(tx: &mut Tx<'_>, desk: &Desk, id: ComplaintId, words: &str) -> Result<Made, ActError> {
    let now = tx.now()?;
    let (mut complaint, mut head) = Complaint::lock(tx, id)?.ok_or(ActError::NotFound)?;
    complaint.detail.entries.push(Entry {
        at: now,
        user: None,
        act: None,
        text: words.to_owned(),
    });
    let after = complaint.state.after_words();
    if after != complaint.state {
        // Taken up again: a new decision is due.
        complaint.state = after;
        (complaint.detail.decided_at, complaint.detail.closed_at) = (None, None);
        // Recipients named while it was closed did not receive it then.
        let detail = &mut complaint.detail;
        if let Some(routing) = complete(&detail.routing, &detail.concerned, &readers(tx)?) {
            detail.reroute(routing, now);
        }
        set_limits(tx, desk, &mut complaint)?;
    }
    complaint.save(tx)?;
    event(tx, &mut head, complaint.record.slot, "complaint_words", None, words)?;
    notice(tx, id)?;
    Ok(Made {
        id: id.0,
        code: String::new(),
        version: complaint.record.version,
    })
}

fn view(complaint: &Complaint, just_added: bool) -> FollowView {
    let detail = &complaint.detail;
    let said = |e: &&Entry| matches!(e.act, Some(ComplaintAct::Reply | ComplaintAct::Decide));
    FollowView {
        number: complaint.record.number.clone(),
        state: complaint.state,
        received_at: complaint.record.received_at,
        acknowledged_at: detail.acknowledged_at,
        decided_at: detail.decided_at,
        closed_at: detail.closed_at,
        due_at: complaint.record.due_at,
        replies: detail
            .entries
            .iter()
            .filter(said)
            .map(|e| (e.at, e.act == Some(ComplaintAct::Decide), e.text.clone()))
            .collect(),
        added: detail
            .entries
            .iter()
            .filter(|e| e.user.is_none())
            .map(|e| e.at)
            .collect(),
        just_added,
    }
}
