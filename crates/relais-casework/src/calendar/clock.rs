//! Limits on a calendar: when a wait falls due, how much of it is used, what
//! remains when it pauses.

use chrono::{DateTime, TimeDelta, Utc};
use relais_mechanism::{Priority, closed_enum};

use super::{Calendar, Span, local_date};

closed_enum! {
    /// In which time a wait runs.
    ClockKind {
        /// Clock hours, day and night.
        Hours = "hours",
        /// Opening time of working days.
        Working = "working",
        /// Up to a date that was agreed, in clock hours.
        Agreed = "agreed",
    }
}

/// When a wait falls due, with what is needed to say how much of it is used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Due {
    /// When the clock begins to run: later than the event for P2 without
    /// on-call and for working days.
    pub start: DateTime<Utc>,
    /// When it falls due.
    pub at: DateTime<Utc>,
    /// In which time it runs.
    pub clock: ClockKind,
    /// The version of the calendar it was computed with.
    pub calendar: String,
}

/// What is left of a paused wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Remaining {
    /// In which time the minutes count.
    pub clock: ClockKind,
    /// Minutes left; 0 when the wait was already late.
    pub minutes: i64,
}

impl Calendar {
    /// When a limit that begins at `from` falls due (DESIGN §5).
    ///
    /// A limit in minutes runs in clock hours: from `from` for P1 and where
    /// the service declares on-call, for P2 without on-call from the next
    /// opening. A limit in working days is due at the closing hour of its last
    /// day. A limit "on the agreed date" is due at `agreed`; `None` comes back
    /// only where no date has been agreed yet.
    #[must_use]
    pub fn due(
        &self,
        span: Span,
        from: DateTime<Utc>,
        priority: Priority,
        on_call: bool,
        agreed: Option<DateTime<Utc>>,
    ) -> Option<Due> {
        let (start, at, clock) = match span {
            Span::Minutes(minutes) => {
                let waits_for_opening = priority == Priority::P2 && !on_call;
                let start = if waits_for_opening {
                    self.next_opening(from)
                } else {
                    from
                };
                (start, start + TimeDelta::minutes(i64::from(minutes)), ClockKind::Hours)
            }
            Span::WorkingDays(days) => (
                self.counting_from(from, days),
                self.working_days_after(from, days),
                ClockKind::Working,
            ),
            Span::AgreedDate => (from, agreed?.max(from), ClockKind::Agreed),
        };
        Some(Due {
            start,
            at,
            clock,
            calendar: self.version().to_owned(),
        })
    }

    /// Percent of the wait that is used at `now`: 0 before it starts, 100 when
    /// due, and on beyond. Working waits count opening time only, so nights,
    /// holidays and closures stand still.
    #[must_use]
    pub fn percent_used(&self, due: &Due, now: DateTime<Utc>) -> u32 {
        let whole = self.minutes(due.clock, due.start, due.at);
        let used = self.minutes(due.clock, due.start, now);
        if whole <= 0 {
            return if now < due.at { 0 } else { 100 };
        }
        let percent = used.saturating_mul(100) / whole;
        // Whole minutes are rounded down: never say "due" before it is.
        let percent = if now < due.at {
            percent.min(99)
        } else {
            percent.max(100)
        };
        u32::try_from(percent.max(0)).unwrap_or(u32::MAX)
    }

    /// The instant at which `percent` of the wait is used: the steps of the
    /// ladder at 50, 100, 150 and 200 (DESIGN §5).
    #[must_use]
    pub fn at_percent(&self, due: &Due, percent: u32) -> DateTime<Utc> {
        match percent {
            0 => return due.start,
            100 => return due.at,
            _ => {}
        }
        let share = |whole: i64| whole.saturating_mul(i64::from(percent)) / 100;
        match due.clock {
            ClockKind::Working => {
                self.after_working_minutes(due.start, share(self.working_minutes_between(due.start, due.at)))
            }
            ClockKind::Hours | ClockKind::Agreed => {
                due.start + TimeDelta::seconds(share((due.at - due.start).num_seconds()))
            }
        }
    }

    /// What is left of a wait at `now`, to be kept while it pauses: up to when
    /// it is due, what lies before its own start included, so that a question
    /// on the day of sending costs the provider nothing.
    #[must_use]
    pub fn remaining(&self, due: &Due, now: DateTime<Utc>) -> Remaining {
        Remaining {
            clock: due.clock,
            minutes: self.minutes(due.clock, now, due.at).max(0),
        }
    }

    /// A paused wait that runs on from `from` with what was left.
    #[must_use]
    pub fn resume(&self, remaining: Remaining, from: DateTime<Utc>) -> Due {
        let (start, at) = match remaining.clock {
            ClockKind::Working => (
                self.next_opening(from),
                self.after_working_minutes(from, remaining.minutes),
            ),
            ClockKind::Hours | ClockKind::Agreed => (from, from + TimeDelta::minutes(remaining.minutes)),
        };
        Due {
            start,
            at: at.max(start),
            clock: remaining.clock,
            calendar: self.version().to_owned(),
        }
    }

    /// Where the counting of working time begins: at the opening of the first
    /// counted day, since the day of sending is not counted.
    fn counting_from(&self, from: DateTime<Utc>, days: u32) -> DateTime<Utc> {
        if days == 0 {
            self.next_opening(from)
        } else {
            self.opening(self.next_working_day(local_date(from)))
        }
    }

    fn minutes(&self, clock: ClockKind, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        match clock {
            ClockKind::Working => self.working_minutes_between(from, to),
            ClockKind::Hours | ClockKind::Agreed => (to - from).num_minutes(),
        }
    }
}
