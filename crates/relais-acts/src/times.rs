//! The limits of a mechanism on the calendar of one region: what the machine
//! asks for when it sets a due time.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};
use relais_casework::calendar::{Calendar, Due, Holiday, HolidayStatus, Hours, Layer, Remaining, douala, local_date};
use relais_casework::referral::{DueKind, DueTimes};
use relais_mechanism::Mechanism;
use relais_mechanism::Priority;
use relais_mechanism::country::{CalendarScope, HolidayStatus as Listed};
use relais_mechanism::limits::{Limits, Span};
use relais_store::StoreError;

use crate::problem::ActError;

/// The working calendar of a region.
///
/// # Errors
/// When the mechanism's calendars cannot be resolved.
pub fn calendar(mechanism: &Mechanism, region: &str) -> Result<Calendar, ActError> {
    let minute = |t: NaiveTime| u16::try_from(t.num_seconds_from_midnight() / 60).unwrap_or(0);
    let layer = |scope: CalendarScope, code: Option<&str>| {
        mechanism
            .calendars()
            .iter()
            .find(|c| c.scope == scope && code.is_none_or(|r| c.code == r))
            .map(|c| Layer {
                code: c.code.clone(),
                weekly_closed: (!c.closed.is_empty()).then(|| c.closed.clone()),
                hours: c.hours.and_then(|(from, to)| Hours::new(minute(from), minute(to))),
                holidays: Vec::new(),
                closures: Vec::new(),
            })
    };
    let mut national = layer(CalendarScope::National, None)
        .ok_or_else(|| ActError::Store(StoreError::Schema("the mechanism has no national calendar".into())))?;
    national.holidays = mechanism
        .holidays()
        .iter()
        .map(|h| Holiday {
            date: h.date,
            name: h.label.clone(),
            status: match h.status {
                Listed::Confirmed => HolidayStatus::Confirmed,
                Listed::Estimated => HolidayStatus::Estimated,
                Listed::ByOrder => HolidayStatus::OnlyIfPresidentialOrder,
            },
        })
        .collect();
    let region = layer(CalendarScope::Region, Some(region));
    Calendar::resolve(&national, region.as_ref(), None)
        .map_err(|e| ActError::Store(StoreError::Schema(format!("calendar: {e}"))))
}

/// The morning of a day in Douala.
#[must_use]
pub fn morning(day: NaiveDate) -> DateTime<Utc> {
    let at = day.and_time(NaiveTime::from_hms_opt(8, 0, 0).unwrap_or(NaiveTime::MIN));
    at.and_local_timezone(douala())
        .single()
        .map_or_else(|| at.and_utc(), |t| t.with_timezone(&Utc))
}

/// Limits of one priority and service on one calendar.
pub struct Times {
    /// The calendar.
    pub calendar: Arc<Calendar>,
    /// The limits.
    pub limits: Limits,
    /// After the review date of a waiting list, until expiry.
    pub waitlist_expires_after: Span,
    /// Whether the service declares on-call.
    pub on_call: bool,
}

impl Times {
    fn span(&self, span: Span, priority: Priority, from: DateTime<Utc>) -> Option<Due> {
        self.calendar.due(span, from, priority, self.on_call, None)
    }

    /// When a need must be met at the latest; a planned need without a date is
    /// looked at again after ten working days, so that it waits on somebody.
    #[must_use]
    pub fn need(&self, priority: Priority, from: DateTime<Utc>) -> Due {
        self.span(self.limits.need, priority, from)
            .or_else(|| self.span(Span::WorkingDays(10), priority, from))
            .unwrap_or_else(|| {
                self.calendar.resume(
                    Remaining {
                        clock: relais_casework::calendar::ClockKind::Hours,
                        minutes: 14 * 1440,
                    },
                    from,
                )
            })
    }
}

impl DueTimes for Times {
    fn due(&self, kind: DueKind, priority: Priority, from: DateTime<Utc>) -> Option<Due> {
        if kind == DueKind::Need {
            return Some(self.need(priority, from));
        }
        self.span(self.limits.due(kind)?, priority, from)
    }

    fn start(&self, priority: Priority, from: DateTime<Utc>) -> Option<Due> {
        let mut due = self.span(self.limits.start, priority, from)?;
        // A bed: by the evening hour or within the limit, whichever is later (SL5).
        if let Some(hour) = self.limits.bed_before {
            let evening = local_date(from).and_time(hour).and_local_timezone(douala()).single();
            due.at = evening.map_or(due.at, |evening| due.at.max(evening.with_timezone(&Utc)));
        }
        Some(due)
    }

    fn news(&self, priority: Priority, from: DateTime<Utc>) -> Option<Due> {
        self.span(self.limits.news, priority, from)
    }

    fn waitlist_expiry(&self, from: DateTime<Utc>) -> Due {
        self.span(self.waitlist_expires_after, Priority::P3, from)
            .unwrap_or_else(|| self.need(Priority::P3, from))
    }

    fn at_percent(&self, due: &Due, percent: u32) -> DateTime<Utc> {
        self.calendar.at_percent(due, percent)
    }

    fn remaining(&self, due: &Due, now: DateTime<Utc>) -> Remaining {
        self.calendar.remaining(due, now)
    }

    fn resume(&self, remaining: Remaining, from: DateTime<Utc>) -> Due {
        self.calendar.resume(remaining, from)
    }
}
