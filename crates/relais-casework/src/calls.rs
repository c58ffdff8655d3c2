//! A P1 goes by telephone first (DESIGN §5, DOMAIN §1.3): the numbers to call
//! in order, which one is next, and when whoever is on call is told.
//!
//! A number that stays silent or is engaged is left for the next one at once:
//! nobody waits out the mechanism's minutes with the receiver in hand. The
//! minutes are for the case where nothing is noted at all: then the clock
//! passes the number over. Once every number was tried the list begins again.

use chrono::{DateTime, TimeDelta, Utc};
use relais_mechanism::closed_enum;
use serde::{Deserialize, Serialize};

closed_enum! {
    /// What came of a call.
    CallResult {
        /// It rang and nobody answered.
        NoAnswer = "no_answer",
        /// Engaged, or no network.
        Busy = "busy",
        /// Somebody answered: the wrong place for this.
        NotUs = "not_us",
        /// "I take it", said by a named person.
        Takes = "takes",
        /// Nobody noted anything until the minutes were over.
        Passed = "passed",
    }
}

closed_enum! {
    /// Whose number it is, in the order in which they are called.
    LineKind {
        /// The service's focal point or an alternate.
        Service = "service",
        /// The organisation's own number.
        Organisation = "organisation",
        /// Whoever is on call in the region.
        OnCall = "on_call",
        /// The country's declared fallback.
        National = "national",
    }
}

impl LineKind {
    /// Whether calling it means that the service itself could not be reached.
    #[must_use]
    pub const fn is_escalation(self) -> bool {
        matches!(self, Self::OnCall | Self::National)
    }
}

/// A number to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Whose it is.
    pub kind: LineKind,
    /// Who answers.
    pub who: String,
    /// The number.
    pub number: String,
    /// When somebody answers; empty where nobody said.
    pub hours: String,
}

/// A call that was made, or passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The number called.
    pub number: String,
    /// What came of it.
    pub result: CallResult,
    /// When.
    pub at: DateTime<Utc>,
    /// Who said "I take it"; empty otherwise.
    #[serde(default)]
    pub name: String,
}

/// Which number is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// Position in the list.
    pub line: usize,
    /// How often the whole list was gone through before.
    pub lap: usize,
}

/// What a call brings about beside the next number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// The service did not answer: from here on it is the on-call list.
    OnCall,
    /// Every number was tried without anybody taking it; the list begins again.
    Again,
}

/// How often a number was called without being taken.
fn tried(line: &Line, calls: &[Call]) -> usize {
    calls
        .iter()
        .filter(|c| c.number == line.number && c.result != CallResult::Takes)
        .count()
}

/// The number to call next: the one tried least, the first of these in the
/// list's order. Whoever said "not us" is asked again only when everybody did.
/// None where the list is empty or somebody took it.
#[must_use]
pub fn next(lines: &[Line], calls: &[Call]) -> Option<Next> {
    if calls.iter().any(|c| c.result == CallResult::Takes) {
        return None;
    }
    let out = |line: &Line| {
        calls
            .iter()
            .any(|c| c.number == line.number && c.result == CallResult::NotUs)
    };
    let nobody_left = lines.iter().all(out);
    lines
        .iter()
        .enumerate()
        .filter(|(_, line)| nobody_left || !out(line))
        .map(|(n, line)| (tried(line, calls), n))
        .min()
        .map(|(lap, line)| Next { line, lap })
}

/// Who else must be told now that the last of `calls` was made.
#[must_use]
pub fn alarm(lines: &[Line], calls: &[Call]) -> Option<Alarm> {
    let (last, before) = calls.split_last()?;
    if lines.is_empty() {
        // Nobody can be called at all, as where every line is the State's.
        return (last.result != CallResult::Takes).then_some(Alarm::Again);
    }
    let (was, now) = (next(lines, before)?, next(lines, calls)?);
    let escalates = |n: Next| n.lap > 0 || lines.get(n.line).is_some_and(|l| l.kind.is_escalation());
    if now.lap > was.lap {
        Some(Alarm::Again)
    } else if escalates(now) && !escalates(was) {
        Some(Alarm::OnCall)
    } else {
        None
    }
}

/// Until when the number that is now to be called waits for something to be
/// noted: the mechanism's minutes from `since`.
#[must_use]
pub fn until(since: DateTime<Utc>, minutes: u32) -> DateTime<Utc> {
    since + TimeDelta::minutes(i64::from(minutes))
}
