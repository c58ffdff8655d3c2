//! Who sees a request to stop using what was received.

use chrono::{DateTime, Utc};
use relais_mechanism::{Role, closed_enum};
use relais_network::OrganisationId;

use super::{CaseFacts, Viewer, visible};

closed_enum! {
    /// How a viewer stands before a request to stop using what was received.
    StopSide {
        /// On the case's team: the request with the case's code.
        Holder = "holder",
        /// Of the organisation asked: that it was asked, the referrals' codes
        /// and the classes, whatever has become of its access since.
        Recipient = "recipient",
    }
}

/// How the viewer stands before a request of this case to `recipient`; `None`:
/// it is not there for them. The protected circuit stays closed to State
/// bodies and to the office, whatever they once received.
#[must_use]
pub fn stop_side(case: &CaseFacts, recipient: OrganisationId, viewer: &Viewer, now: DateTime<Utc>) -> Option<StopSide> {
    if visible(case, viewer, now).is_of_team() && case.holder == viewer.organisation {
        return Some(StopSide::Holder);
    }
    let answers = viewer.account_open
        && viewer.organisation == recipient
        && (viewer.is(Role::FocalPoint) || viewer.is(Role::Supervisor))
        && !(case.protected && viewer.is_outside_protected_circuit());
    answers.then_some(StopSide::Recipient)
}
