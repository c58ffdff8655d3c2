//! The paper slip: what its ticked boxes say, as commands of the machine.
//!
//! A slip comes back late and once: a tick may say several things at a time. A
//! person who was served was received, accepted, and the service began.

use relais_mechanism::closed_enum;

use super::command::Command;
use super::words::{DeclineCode, Outcome, State};

closed_enum! {
    /// The boxes of the slip.
    Ticked {
        /// The slip, or the person, arrived.
        Received = "received",
        /// The service takes the person.
        Accepted = "accepted",
        /// The person was served.
        Served = "served",
        /// A part was done.
        PartlyServed = "partly_served",
        /// The person was not served; a reason goes with it.
        NotServed = "not_served",
    }
}

/// Reasons that stand beside "not served".
pub const REASONS: [Outcome; 7] = [
    Outcome::NotEligible,
    Outcome::NoCapacity,
    Outcome::DidNotAttend,
    Outcome::NotReached,
    Outcome::RefusedByPerson,
    Outcome::Moved,
    Outcome::Other,
];

/// What the ticked box says of a referral in this state, as commands in order;
/// `name` is who signed, `reason` stands beside "not served" (another reason
/// where none is ticked). Empty when the referral is further already: the slip
/// says nothing new. A state in which it has no place is left to the machine,
/// which refuses.
#[must_use]
pub fn of_slip(state: State, ticked: Ticked, reason: Option<Outcome>, name: &str) -> Vec<Command> {
    let accept = || Command::Accept {
        by_name: Some(name.to_owned()),
    };
    let start = || Command::Start { ends: None };
    let reason = reason.filter(|r| REASONS.contains(r)).unwrap_or(Outcome::Other);
    let report = |outcome| Command::Report { outcome };
    let offered = matches!(
        state,
        State::Sent | State::Received | State::NeedsInfo | State::Waitlisted
    );
    let served = match ticked {
        Ticked::Received if state == State::Sent => return vec![Command::Acknowledge],
        Ticked::Received => return Vec::new(),
        Ticked::Accepted if offered => return vec![accept()],
        Ticked::Accepted => return Vec::new(),
        Ticked::NotServed if offered => {
            return vec![Command::Decline {
                code: declined(reason),
                suggested: None,
            }];
        }
        Ticked::NotServed => return vec![report(reason)],
        Ticked::Served => Outcome::Served,
        Ticked::PartlyServed => Outcome::PartlyServed,
    };
    match state {
        _ if offered => vec![accept(), start(), report(served)],
        State::Accepted | State::Scheduled => vec![start(), report(served)],
        _ => vec![report(served)],
    }
}

/// Before acceptance, "not served" is a decline.
const fn declined(reason: Outcome) -> DeclineCode {
    match reason {
        Outcome::NotEligible => DeclineCode::NotEligible,
        Outcome::NoCapacity => DeclineCode::NoCapacity,
        Outcome::Moved => DeclineCode::OutsideArea,
        _ => DeclineCode::Other,
    }
}
