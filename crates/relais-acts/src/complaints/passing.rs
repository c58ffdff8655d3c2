//! The ladder of a complaint: what its silence lets in, and when. The rungs
//! are the same for every kind, since due work lies clear.

use relais_casework::complaint::{Limit, widen};
use relais_network::ComplaintId;
use relais_store::Tx;

use super::{Complaint, fall_due, readers};
use crate::problem::ActError;

/// The rungs of a limit, in percent.
pub(super) const fn rungs(limit: Limit) -> &'static [u32] {
    match limit {
        Limit::Forward => &[100],
        Limit::Acknowledge => &[100, 150],
        Limit::Decide => &[50, 100, 150],
    }
}

const fn word(limit: Limit) -> &'static str {
    match limit {
        Limit::Forward => "complaint_forward",
        Limit::Acknowledge => "complaint_acknowledge",
        Limit::Decide => "complaint_decide",
    }
}

/// The kind of due work of one rung.
pub(super) fn kind(limit: Limit, percent: u32) -> String {
    format!("{}@{percent}", word(limit))
}

/// The limit of which a kind of due work speaks, or none.
#[must_use]
pub fn limit_of(kind: &str) -> Option<Limit> {
    Limit::ALL.iter().copied().find(|l| word(*l) == kind)
}

/// A rung of the ladder; whether it made an event.
///
/// # Errors
/// When the store fails.
pub fn time_passes(tx: &mut Tx<'_>, id: ComplaintId, limit: Limit, percent: u32) -> Result<bool, ActError> {
    let Some((mut complaint, mut head)) = Complaint::lock(tx, id)? else {
        return Ok(false);
    };
    let waits = match limit {
        Limit::Forward => complaint.state.limit().is_some(),
        other => complaint.state.limit() == Some(other),
    };
    if !waits {
        return Ok(false);
    }
    let now = tx.now()?;
    let readers = readers(tx)?;
    let detail = &mut complaint.detail;
    let wider = widen(
        &detail.routing,
        limit,
        percent,
        &detail.opened(),
        &detail.concerned,
        &readers,
    );
    if let Some(wider) = wider {
        detail.reroute(wider, now);
        complaint.write(tx)?;
    }
    fall_due(tx, &mut head, id, complaint.record.slot, &kind(limit, percent))?;
    Ok(true)
}
