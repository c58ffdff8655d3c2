//! What the rules need to know of time: limits and counts come in as values.

use chrono::{DateTime, Utc};
use relais_mechanism::Priority;
use relais_mechanism::limits::Rules;

use super::words::DueKind;
use crate::calendar::{Due, Remaining};

/// The limits of the mechanism on the calendar of one referral's provider (or
/// sender): priority, service limits, on-call and region are already known to
/// the implementation.
pub trait DueTimes {
    /// When a limit that begins at `from` falls due; for a waiting list, the
    /// latest review date. `None` where the mechanism has no such limit, which
    /// `mechanism check` reports; the command is then refused.
    fn due(&self, kind: DueKind, priority: Priority, from: DateTime<Utc>) -> Option<Due>;

    /// Until when the service must have begun, counted from the acceptance;
    /// `None` where the date is agreed freely (P4).
    fn start(&self, priority: Priority, from: DateTime<Utc>) -> Option<Due>;

    /// Until when news of a running service is expected; `None` where none is.
    fn news(&self, priority: Priority, from: DateTime<Utc>) -> Option<Due>;

    /// When a waiting list whose review date passed expires: 5 working days
    /// later (DESIGN §5).
    fn waitlist_expiry(&self, from: DateTime<Utc>) -> Due;

    /// The instant at which `percent` of the wait is used.
    fn at_percent(&self, due: &Due, percent: u32) -> DateTime<Utc>;

    /// What is left of a wait.
    fn remaining(&self, due: &Due, now: DateTime<Utc>) -> Remaining;

    /// A paused wait that runs on from `from`.
    fn resume(&self, remaining: Remaining, from: DateTime<Utc>) -> Due;
}

/// The counts of DESIGN §5, which the mechanism's rules carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Missed appointments after which only a report is possible.
    pub no_shows: u32,
    /// Disputes of one referral at most.
    pub disputes: u32,
    /// Times that a waiting list may be extended.
    pub extensions: u32,
    /// Percent of the decision limit at which sent and received expire.
    pub expire_percent: u32,
}

impl From<&Rules> for Counts {
    fn from(rules: &Rules) -> Self {
        Self {
            no_shows: rules.no_shows_max,
            disputes: rules.disputes_max,
            extensions: rules.waitlist_extensions,
            expire_percent: rules.expire_percent,
        }
    }
}
