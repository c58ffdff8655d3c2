//! The one ladder (DESIGN §5): who is told at 50, 100 and 150 % of a wait.

use chrono::{DateTime, Utc};
use relais_mechanism::limits::{LadderAction, LadderStep, LadderTarget};

use super::model::{Wait, expires};
use super::times::DueTimes;
use super::words::{Recipient, State};

/// What a step of the ladder does, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LadderNotice {
    /// Percent of the limit.
    pub percent: u32,
    /// When.
    pub at: DateTime<Utc>,
    /// Who is told, in order.
    pub tell: Vec<Recipient>,
    /// Whether another service is proposed to the sender.
    pub reroute: bool,
}

/// The next step of the ladder that this wait has not climbed, or `None` when
/// all are climbed or the state does not climb. `climbed` is the last percent
/// done. The expiry is not a step of the wait: it counts from the decision
/// limit (see [`Referral::clocks`](super::Referral::clocks)).
#[must_use]
pub fn next_step(
    state: State,
    wait: &Wait,
    climbed: u32,
    protected: bool,
    ladder: &[LadderStep],
    times: &dyn DueTimes,
) -> Option<LadderNotice> {
    if !state.climbs_ladder() {
        return None;
    }
    let step = ladder
        .iter()
        .filter(|s| s.percent > climbed && !expires(s))
        .min_by_key(|s| s.percent)?;
    Some(LadderNotice {
        percent: step.percent,
        at: times.at_percent(&wait.due, step.percent),
        tell: recipients(step, protected),
        reroute: step.actions.contains(&LadderAction::ProposeReroute),
    })
}

/// Whom a step tells, each once. In the protected circuit neither the region
/// nor the secretariat hears of the case; the sender's supervisor does.
#[must_use]
pub fn recipients(step: &LadderStep, protected: bool) -> Vec<Recipient> {
    let mut tell = Vec::new();
    for target in &step.tell {
        let recipient = match target {
            LadderTarget::RegionalFocalPoint | LadderTarget::Secretariat if protected => Recipient::SenderSupervisor,
            other => Recipient::from(*other),
        };
        if !tell.contains(&recipient) {
            tell.push(recipient);
        }
    }
    tell
}
