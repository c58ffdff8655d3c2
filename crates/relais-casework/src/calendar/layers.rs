//! What a calendar is made of: a layer for the country, a region or an
//! organisation, with its holidays, closures and hours.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, Weekday};
use relais_mechanism::Label;
use relais_mechanism::closed_enum;

closed_enum! {
    /// How sure a holiday is (DOMAIN §5.7).
    HolidayStatus {
        /// The date is fixed by law or computed with certainty.
        Confirmed = "confirmed",
        /// The date is a good estimate (moon).
        Estimated = "estimated",
        /// Off only if the President orders it; no order is known.
        OnlyIfPresidentialOrder = "only_if_presidential_order",
        /// Off because the order was given and entered.
        ByOrder = "by_order",
    }
}

impl HolidayStatus {
    /// Whether the day is off. A day that needs an order is a working day
    /// until the order is entered.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::OnlyIfPresidentialOrder)
    }
}

/// A public holiday.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Holiday {
    /// The local date.
    pub date: NaiveDate,
    /// Its name in both languages.
    #[serde(flatten)]
    pub name: Label,
    /// How sure it is.
    pub status: HolidayStatus,
}

/// Whole days on which a region or an organisation is closed: a ghost-town
/// day, a lockdown, a flood. Pauses P3 and P4.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Closure {
    /// First closed day.
    pub from: NaiveDate,
    /// Last closed day, included.
    pub to: NaiveDate,
    /// Why, in the words of who entered it.
    #[serde(default)]
    pub reason: String,
}

/// Opening hours of a working day, in local time, within one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    opens: u16,
    closes: u16,
}

impl Hours {
    /// Hours from minutes after midnight, or `None` unless
    /// `opens < closes <= 23:59`. A house that never closes has 00:00–23:59.
    #[must_use]
    pub const fn new(opens: u16, closes: u16) -> Option<Self> {
        if opens < closes && closes < 24 * 60 {
            Some(Self { opens, closes })
        } else {
            None
        }
    }

    /// Opening, in minutes after local midnight.
    #[must_use]
    pub const fn opens(self) -> u16 {
        self.opens
    }

    /// Closing, in minutes after local midnight.
    #[must_use]
    pub const fn closes(self) -> u16 {
        self.closes
    }

    /// Minutes open on a working day.
    #[must_use]
    pub const fn minutes(self) -> u16 {
        self.closes - self.opens
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (o, c) = (self.opens, self.closes);
        write!(f, "{:02}:{:02}-{:02}:{:02}", o / 60, o % 60, c / 60, c % 60)
    }
}

impl FromStr for Hours {
    type Err = CalendarProblem;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let minute = |part: &str| -> Option<u16> {
            let (h, m) = part.trim().split_once(':')?;
            let (h, m): (u16, u16) = (h.parse().ok()?, m.parse().ok()?);
            (h < 24 && m < 60).then_some(h * 60 + m)
        };
        text.split_once(['-', '–'])
            .and_then(|(from, to)| Self::new(minute(from)?, minute(to)?))
            .ok_or_else(|| CalendarProblem::BadHours { text: text.to_owned() })
    }
}

impl serde::Serialize for Hours {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Hours {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// One layer of a calendar. What is `None` is taken from the layer above.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Layer {
    /// Whose layer it is: `CM`, a region's code, an organisation's code.
    pub code: String,
    /// Days closed each week; `None` inherits, an empty list opens all seven.
    pub weekly_closed: Option<Vec<Weekday>>,
    /// Opening hours; `None` inherits.
    pub hours: Option<Hours>,
    /// Holidays of this layer, added to those above.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
    /// Closures of this layer, added to those above.
    #[serde(default)]
    pub closures: Vec<Closure>,
}

/// Why a calendar cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarProblem {
    /// Every day of the week is closed.
    #[error("calendar {code}: all seven days of the week are closed; open at least one")]
    NoOpenDay {
        /// The layer asked for.
        code: String,
    },
    /// No layer states opening hours.
    #[error("calendar {code}: no opening hours, here or above; state them as 07:30-15:30")]
    NoHours {
        /// The layer asked for.
        code: String,
    },
    /// Hours that cannot be read.
    #[error("opening hours {text:?} are not of the form 07:30-15:30, or close before they open")]
    BadHours {
        /// What was written.
        text: String,
    },
    /// A closure whose end lies before its beginning.
    #[error("calendar {code}: the closure from {from} ends before it begins, on {to}")]
    ClosureEndsBeforeItBegins {
        /// The layer of the closure.
        code: String,
        /// Its first day.
        from: NaiveDate,
        /// Its last day.
        to: NaiveDate,
    },
}
