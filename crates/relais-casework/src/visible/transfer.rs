//! Who sees a proposed transfer, and a case that nobody works on.

use chrono::{DateTime, Utc};
use relais_mechanism::{Role, closed_enum};
use relais_network::OrganisationId;

use super::{CaseFacts, CaseState, Viewer, visible};
use crate::transfer::TransferState;

closed_enum! {
    /// How a viewer stands before a transfer.
    TransferSide {
        /// On the case's team: the case itself.
        Holder = "holder",
        /// Of the organisation asked: the case's code and region, age band and
        /// sex, the discreet labels and priorities of its needs; no name and
        /// no file before it accepts.
        Asked = "asked",
        /// Of the organisation that let the case go: that it was taken.
        Former = "former",
    }
}

/// How the viewer stands before a transfer of this case between two
/// organisations; `None`: it is not there for them.
#[must_use]
pub fn transfer_side(
    case: &CaseFacts,
    from: OrganisationId,
    to: OrganisationId,
    state: TransferState,
    viewer: &Viewer,
    now: DateTime<Utc>,
) -> Option<TransferSide> {
    let works = viewer.account_open && (viewer.is(Role::CaseManager) || viewer.is(Role::Supervisor));
    if !works || (case.protected && viewer.is_outside_protected_circuit()) {
        return None;
    }
    if visible(case, viewer, now).is_of_team() && case.holder == viewer.organisation {
        Some(TransferSide::Holder)
    } else if viewer.organisation == to && state != TransferState::Cancelled && case.holder != to {
        Some(TransferSide::Asked)
    } else if viewer.organisation == from && case.holder != from && state == TransferState::Accepted {
        Some(TransferSide::Former)
    } else {
        None
    }
}

/// Whether the viewer may take a case of the own organisation on which nobody
/// works: its code, priority and lateness are listed to every case manager
/// there. `worked_on`: an open account is assigned to it.
#[must_use]
pub fn may_claim(case: &CaseFacts, worked_on: bool, viewer: &Viewer) -> bool {
    viewer.account_open
        && viewer.organisation == case.holder
        && viewer.is(Role::CaseManager)
        && !worked_on
        && case.state == CaseState::Open
        && !(case.protected && viewer.is_outside_protected_circuit())
}
