//! Working calendars: which days count, when an office opens, and when a limit
//! falls due.
//!
//! DESIGN §5: P1 runs in clock hours day and night; P2 too where the service
//! declares on-call, otherwise from the next opening; P3 and P4 run in working
//! days of the calendar of the region and organisation, the day of sending not
//! counted. A limit of *n* working days falls due at the **closing hour** of
//! the *n*-th working day (15:30 where the national hours stand, DOMAIN §5.7).
//!
//! A [`Calendar`] is resolved once from its layers (organisation, else region,
//! else national) and is a plain value: two calendars with the same
//! [`version`](Calendar::version) give the same due times, so the version is
//! stored beside each due time.

mod clock;
mod layers;

pub use clock::{ClockKind, Due, Remaining};
pub use layers::{CalendarProblem, Closure, Holiday, HolidayStatus, Hours, Layer};

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};
use sha2::{Digest, Sha256};

pub use relais_mechanism::limits::Span;

/// Seconds east of Greenwich in Douala, all year: Cameroon keeps no summer time.
pub const DOUALA_OFFSET_SECONDS: i32 = 3600;

/// The country's zone, Africa/Douala.
#[must_use]
pub fn douala() -> FixedOffset {
    FixedOffset::east_opt(DOUALA_OFFSET_SECONDS).expect("one hour is a valid offset")
}

/// The local date of an instant in Douala.
#[must_use]
pub fn local_date(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&douala()).date_naive()
}

/// The instant at which a local date begins in Douala.
#[must_use]
pub fn local_midnight(date: NaiveDate) -> DateTime<Utc> {
    instant(date, 0)
}

/// The days and hours that count for one organisation in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    closed_weekdays: [bool; 7],
    hours: Hours,
    days_off: BTreeSet<NaiveDate>,
    closures: Vec<(NaiveDate, NaiveDate)>,
    version: String,
}

impl Calendar {
    /// The calendar of an organisation, of its region where the organisation
    /// has none of its own, of the country where the region has none either
    /// (DOMAIN §5.7, `calendars.json`).
    ///
    /// Weekly closed days and hours come from the nearest layer that states
    /// them. Holidays and closures of every layer add up: an organisation may
    /// work on Saturdays, but its calendar does not abolish a public holiday.
    ///
    /// # Errors
    /// [`CalendarProblem`] when no day of the week is left open, when no layer
    /// states hours, or when a closure ends before it begins.
    pub fn resolve(
        national: &Layer,
        region: Option<&Layer>,
        organisation: Option<&Layer>,
    ) -> Result<Self, CalendarProblem> {
        let nearest_first: Vec<&Layer> = [organisation, region, Some(national)].into_iter().flatten().collect();

        let mut closed_weekdays = [false; 7];
        if let Some(days) = nearest_first.iter().find_map(|l| l.weekly_closed.as_ref()) {
            for day in days {
                closed_weekdays[day.num_days_from_monday() as usize] = true;
            }
        }
        if closed_weekdays.iter().all(|closed| *closed) {
            return Err(CalendarProblem::NoOpenDay {
                code: nearest_first[0].code.clone(),
            });
        }
        let hours = nearest_first
            .iter()
            .find_map(|l| l.hours)
            .ok_or_else(|| CalendarProblem::NoHours {
                code: nearest_first[0].code.clone(),
            })?;

        let days_off = nearest_first
            .iter()
            .flat_map(|l| &l.holidays)
            .filter(|h| h.status.counts())
            .map(|h| h.date)
            .collect();
        let mut closures = Vec::new();
        for layer in &nearest_first {
            for closure in &layer.closures {
                if closure.to < closure.from {
                    return Err(CalendarProblem::ClosureEndsBeforeItBegins {
                        code: layer.code.clone(),
                        from: closure.from,
                        to: closure.to,
                    });
                }
                closures.push((closure.from, closure.to));
            }
        }
        closures.sort_unstable();
        closures.dedup();

        let mut calendar = Self {
            closed_weekdays,
            hours,
            days_off,
            closures,
            version: String::new(),
        };
        calendar.version = calendar.digest();
        Ok(calendar)
    }

    /// Sixteen hexadecimal digits that change when any day or hour changes.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The opening hours of a working day.
    #[must_use]
    pub const fn hours(&self) -> Hours {
        self.hours
    }

    /// Whether the office works on this date: not a weekly closed day, not a
    /// holiday that counts, not inside a closure.
    #[must_use]
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        !self.closed_weekdays[date.weekday().num_days_from_monday() as usize]
            && !self.days_off.contains(&date)
            && !self.is_closed_by_closure(date)
    }

    /// Whether a declared closure (ghost-town day, lockdown, flood) covers the
    /// date. For P1 and P2 the page then proposes an open provider.
    #[must_use]
    pub fn is_closed_by_closure(&self, date: NaiveDate) -> bool {
        self.closures.iter().any(|(from, to)| (*from..=*to).contains(&date))
    }

    /// Whether the office is open at this instant; the closing hour itself is
    /// closed.
    #[must_use]
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        let date = local_date(at);
        self.is_working_day(date) && self.opening(date) <= at && at < self.closing(date)
    }

    /// The instant when the office is next open: `at` itself while it is open.
    #[must_use]
    pub fn next_opening(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let date = local_date(at);
        if self.is_working_day(date) && at < self.closing(date) {
            return at.max(self.opening(date));
        }
        self.opening(self.next_working_day(date))
    }

    /// The closing hour of the `n`-th working day after the day of `from`,
    /// which is not counted. With `n` = 0: the next closing hour.
    #[must_use]
    pub fn working_days_after(&self, from: DateTime<Utc>, n: u32) -> DateTime<Utc> {
        if n == 0 {
            return self.closing(local_date(self.next_opening(from)));
        }
        self.closing((0..n).fold(local_date(from), |date, _| self.next_working_day(date)))
    }

    /// How many working days lie after the day of `from`, up to and including
    /// the day of `to`; 0 when `to` is not later.
    #[must_use]
    pub fn working_days_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> u32 {
        let last = local_date(to);
        let mut count = 0;
        let mut date = self.next_working_day(local_date(from));
        while date <= last {
            count += 1;
            date = self.next_working_day(date);
        }
        count
    }

    /// The first working day after the date.
    #[must_use]
    pub fn next_working_day(&self, date: NaiveDate) -> NaiveDate {
        let mut next = following(date);
        loop {
            if let Some(end) = self.closure_end(next) {
                // Leap over a long closure instead of walking through it.
                next = following(end);
            } else if self.is_working_day(next) || next == NaiveDate::MAX {
                return next;
            } else {
                next = following(next);
            }
        }
    }

    /// Minutes of opening time between two instants; 0 when `to` is not later.
    #[must_use]
    pub fn working_minutes_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        let mut total = TimeDelta::zero();
        let mut at = self.next_opening(from);
        while at < to {
            let closing = self.closing(local_date(at));
            total += closing.min(to) - at;
            at = self.next_opening(closing);
        }
        total.num_minutes()
    }

    /// The instant after this many minutes of opening time: at a day's end the
    /// closing hour, not the next opening.
    #[must_use]
    pub fn after_working_minutes(&self, from: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
        if minutes <= 0 {
            return from;
        }
        let mut left = TimeDelta::minutes(minutes);
        let mut at = self.next_opening(from);
        loop {
            let closing = self.closing(local_date(at));
            if at + left <= closing {
                return at + left;
            }
            left -= closing - at;
            at = self.next_opening(closing);
        }
    }

    /// The opening instant of a date, working day or not.
    #[must_use]
    pub fn opening(&self, date: NaiveDate) -> DateTime<Utc> {
        instant(date, self.hours.opens())
    }

    /// The closing instant of a date, working day or not.
    #[must_use]
    pub fn closing(&self, date: NaiveDate) -> DateTime<Utc> {
        instant(date, self.hours.closes())
    }

    fn closure_end(&self, date: NaiveDate) -> Option<NaiveDate> {
        self.closures
            .iter()
            .filter(|(from, to)| (*from..=*to).contains(&date))
            .map(|(_, to)| *to)
            .max()
    }

    fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"relais calendar 1\n");
        for closed in self.closed_weekdays {
            hash.update([u8::from(closed)]);
        }
        hash.update(self.hours.to_string());
        for day in &self.days_off {
            hash.update(format!("\nh {day}"));
        }
        for (from, to) in &self.closures {
            hash.update(format!("\nc {from} {to}"));
        }
        hex::encode(&hash.finalize()[..8])
    }
}

/// The day after, staying on the last day that a date can hold.
fn following(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX)
}

/// A local time of day in Douala as an instant.
fn instant(date: NaiveDate, minute_of_day: u16) -> DateTime<Utc> {
    let local: NaiveDateTime = date.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute_of_day));
    (local - TimeDelta::seconds(i64::from(DOUALA_OFFSET_SECONDS))).and_utc()
}

/// The weekday with its three-letter English code of `calendars.json`.
#[must_use]
pub fn weekday_from_code(code: &str) -> Option<Weekday> {
    Some(match code {
        "mon" => Weekday::Mon,
        "tue" => Weekday::Tue,
        "wed" => Weekday::Wed,
        "thu" => Weekday::Thu,
        "fri" => Weekday::Fri,
        "sat" => Weekday::Sat,
        "sun" => Weekday::Sun,
        _ => return None,
    })
}
