//! What a country's overlay says of itself: header, calendars, holidays,
//! bodies, entry points and the on-call list.

use chrono::{NaiveDate, NaiveTime, Weekday};

use crate::closed_enum;
use crate::phone::PhonePlan;
use crate::words::{Label, Priority, Sensitivity};

closed_enum! {
    /// Which agreement a disclosure needs (DESIGN §6); the mechanism's version
    /// names one of the first two, the vital one always stands beside it.
    Regime {
        /// Before the MoU: a signed undertaking and consent carry S0–S3.
        Transitional = "transitional",
        /// An agreement in force for the class and purpose is required.
        Ordinary = "ordinary",
        /// Never refused for a missing agreement; what saves life goes.
        Vital = "vital",
    }
}

/// What a regime of sharing says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegimeRule {
    /// The regime.
    pub regime: Regime,
    /// Name.
    pub label: Label,
    /// What it asks for, in one sentence.
    pub about: Label,
    /// The highest sensitivity that it carries.
    pub up_to: Sensitivity,
    /// Priorities to which the vital regime always applies.
    pub priorities: Vec<Priority>,
    /// Priorities to which it applies only in `categories`.
    pub priorities_in_categories: Vec<Priority>,
    /// Categories of service meant by `priorities_in_categories`.
    pub categories: Vec<String>,
}

/// The country's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country {
    /// ISO 3166-1 code, such as "CM".
    pub code: String,
    /// Name.
    pub label: Label,
    /// Name of the time zone, for people.
    pub time_zone: String,
    /// Seconds east of Greenwich, all year.
    pub utc_offset_seconds: i32,
    /// ISO 4217 code of the currency.
    pub currency: String,
    /// How the currency is written.
    pub currency_label: Label,
    /// How telephone numbers are read and shown.
    pub phone: PhonePlan,
}

closed_enum! {
    /// How sure a holiday is.
    HolidayStatus {
        /// Fixed by law or calendar.
        Confirmed = "confirmed",
        /// Depends on the moon; announced shortly before.
        Estimated = "estimated",
        /// A holiday only if the President orders it.
        ByOrder = "only_if_presidential_order",
    }
}

/// A public holiday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// Date.
    pub date: NaiveDate,
    /// Name.
    pub label: Label,
    /// How sure it is; only confirmed and estimated ones stop a clock.
    pub status: HolidayStatus,
}

closed_enum! {
    /// What a calendar belongs to.
    CalendarScope {
        /// The whole country.
        National = "national",
        /// One region.
        Region = "region",
        /// One organisation.
        Organisation = "organisation",
    }
}

/// Opening days of a country or region; organisations may have their own in
/// the database. A calendar adds to its parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// Code of the country or region.
    pub code: String,
    /// Scope.
    pub scope: CalendarScope,
    /// Code of the calendar that it adds to.
    pub parent: Option<String>,
    /// Days of the week that are closed, besides the parent's.
    pub closed: Vec<Weekday>,
    /// Opening and closing time, local; `None` takes the parent's.
    pub hours: Option<(NaiveTime, NaiveTime)>,
    /// How sure the line is.
    pub mark: Option<String>,
}

/// An organisation that the country's mechanism names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Short code, such as "MINAS".
    pub code: String,
    /// Name.
    pub label: Label,
    /// Code of its type in the option list `org_type`.
    pub kind: String,
    /// What it does in the mechanism.
    pub role: Label,
    /// How sure the line is.
    pub mark: Option<String>,
}

/// Another referral mechanism of the country, and how one passes from one to the
/// other (DOMAIN §4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bridge {
    /// Short code, such as "TRAITE".
    pub code: String,
    /// Name.
    pub label: Label,
    /// Codes of the bodies that run it.
    pub owners: Vec<String>,
    /// Services and categories of the taxonomy that it is for.
    pub services: Vec<String>,
    /// Where it works.
    pub area: Label,
    /// Whom one calls.
    pub contact: Label,
    /// The number to call; empty while none is known.
    pub number: String,
    /// The rule of hand-over.
    pub rule: Label,
    /// How sure owner, area and contact are.
    pub mark: Option<String>,
    /// How sure the rule is.
    pub rule_mark: Option<String>,
}

closed_enum! {
    /// How people arrive.
    EntryKind {
        /// Airport.
        Airport = "airport",
        /// Land border.
        Land = "land",
        /// Port.
        Sea = "sea",
    }
}

/// Where returning people arrive.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryPoint {
    /// Three letters.
    pub code: String,
    /// Name.
    pub label: Label,
    /// How people arrive there; several for a coast with a road.
    pub kinds: Vec<EntryKind>,
    /// Code of the region.
    pub region: String,
    /// Latitude and longitude in degrees.
    pub coordinates: Option<(f64, f64)>,
    /// How sure the line is.
    pub mark: Option<String>,
}

/// An entry of the on-call list (DOMAIN §1.3); a fallback line has no region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnCallNumber {
    /// Code of the region; `None` for the country's fallback.
    pub region: Option<String>,
    /// Order in which numbers are called.
    pub rank: u32,
    /// Who answers: name, function, organisation.
    pub label: Label,
    /// The number; empty while the country has not filled it in.
    pub number: String,
    /// When somebody answers, such as "24/7".
    pub hours: String,
    /// Day of the last test call.
    pub last_test_call: Option<NaiveDate>,
    /// Whether the line is run by the State: never called for a person of the
    /// protected circuit.
    pub state_line: bool,
    /// What whoever calls should know, such as the networks that reach it.
    pub note: Label,
    /// How sure the line is.
    pub mark: Option<String>,
}

impl OnCallNumber {
    /// Whether the entry can be called.
    #[must_use]
    pub fn is_filled(&self) -> bool {
        !self.number.trim().is_empty()
    }
}
