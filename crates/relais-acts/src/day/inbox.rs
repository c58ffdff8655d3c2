//! A provider's inbox.

use std::sync::Arc;

use chrono::{DateTime, Days, Utc};
use relais_casework::referral::State;
use relais_casework::visible::ViewKind;
use relais_mechanism::{DataClass, Role};
use relais_store::Tx;
use relais_store::rows::lists;

use super::PAGE;
use super::row::{referral_row, sort};
use crate::coordination;
use crate::desk::{Desk, Viewer};
use crate::file::CaseFile;
use crate::problem::ActError;
use crate::share;
use crate::shelter;
use crate::stops;
use crate::views::Inbox;

/// Days that an ended referral stays in the inbox.
const INBOX_DAYS: u64 = 30;

/// A cursor of the inbox: due time, server sequence.
fn cursor(text: &str) -> Option<(DateTime<Utc>, i64)> {
    let (due, seq) = text.split_once('.')?;
    Some((DateTime::from_timestamp_micros(due.parse().ok()?)?, seq.parse().ok()?))
}

/// The first page of a provider's inbox.
///
/// # Errors
/// As [`inbox_page`].
pub async fn inbox(desk: &Arc<Desk>, viewer: &Viewer) -> Result<Inbox, ActError> {
    inbox_page(desk, viewer, None).await
}

/// A provider's inbox: discreet labels only, no initials before acceptance.
/// What waits comes in the order of its limits, [`PAGE`] rows at a time; the
/// last page also has what ended.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is no focal point; [`ActError::Invalid`]
/// for a cursor that is not ours.
pub async fn inbox_page(desk: &Arc<Desk>, viewer: &Viewer, after: Option<String>) -> Result<Inbox, ActError> {
    if !viewer.is(Role::FocalPoint) {
        return Err(ActError::Forbidden { code: "inbox" });
    }
    let after = match after.as_deref().filter(|a| !a.is_empty()) {
        None => (DateTime::<Utc>::UNIX_EPOCH, 0),
        Some(text) => cursor(text).ok_or_else(|| {
            ActError::field(
                "after",
                "bad_cursor",
                ("Repartez de la première page.", "Start from the first page."),
            )
        })?,
    };
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let since = now.checked_sub_days(Days::new(INBOX_DAYS)).unwrap_or(now);
        let (mechanism, network, sealer) = (desk_.mechanism(), desk_.network_now(tx)?, tx.sealer());
        let sight = viewer_.sight(&network);
        let mut inbox = Inbox {
            now,
            stops: stops::of_recipient(tx, &desk_, &viewer_, &network)?,
            to_answer: Vec::new(),
            under_way: Vec::new(),
            ended: Vec::new(),
            more: false,
            next: None,
            figures: coordination::own(tx, &desk_, &viewer_, now)?,
            codes: shelter::own(tx, &mechanism, &network, &viewer_),
            system_stopped: crate::webhooks::has_stopped(tx, &viewer_, &network)?,
            entries: crate::entries::care(tx, &mechanism, &network, &viewer_)?,
        };
        let mut shown = Vec::new();
        let full = usize::try_from(PAGE).unwrap_or(40);
        let mut lines = lists::inbox_waiting(tx, viewer_.organisation, after, PAGE + 1)?;
        if lines.len() > full {
            lines.truncate(full);
            let key = lines.last().and_then(|l| Some((l.referral.due_at?, l.seq)));
            inbox.next = key.map(|(due, seq)| format!("{}.{seq}", due.timestamp_micros()));
        } else {
            lines.extend(lists::inbox_ended(tx, viewer_.organisation, since, PAGE)?);
        }
        for line in lines {
            let id = line.referral.id;
            let case = line.referral.case_id;
            // The oracle decides: what it hides is not in the list.
            let Some(file) = CaseFile::read(tx, case)? else {
                continue;
            };
            let view = relais_casework::visible::visible(&file.facts(), &sight, now);
            if !view.shows_referral(id) {
                continue;
            }
            let (mut row, referral) = referral_row(&mechanism, &network, &viewer_, &sealer, line, now)?;
            let accepted = matches!(view.kind(), ViewKind::File)
                && relais_casework::visible::ReferralStage::of(referral.machine.state)
                    == relais_casework::visible::ReferralStage::Accepted;
            if !row.erased {
                let labels = share::labels(&mechanism, &referral.detail.service_type);
                labels.discreet.get(viewer_.lang).clone_into(&mut row.label);
            }
            row.case_code = String::new();
            // Initials are of the name: without that class they stay away, also
            // once the person has stopped the sharing.
            if !accepted || !view.classes().contains(DataClass::Identity) {
                row.initials = String::new();
            }
            shown.push(case);
            match referral.machine.state {
                State::Sent | State::Received => inbox.to_answer.push(row),
                state if state.is_terminal() => inbox.ended.push(row),
                _ => inbox.under_way.push(row),
            }
        }
        inbox.more = inbox.ended.len() >= full || inbox.stops.len() >= stops::MOST;
        for rows in [&mut inbox.to_answer, &mut inbox.under_way, &mut inbox.ended] {
            sort(rows);
        }
        Ok((inbox, shown))
    })
    .await
}
