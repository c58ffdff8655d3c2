//! Birth: a date, a year, or an age on a day.

use chrono::{Datelike, NaiveDate};

use super::reason::Reason;
use super::weights;

/// What a file says about when a person was born.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Birth {
    /// A date. The 1 January often stands for a year.
    Date(NaiveDate),
    /// A year.
    Year(i32),
    /// An age in years, stated or estimated, on a day.
    Age {
        /// Years.
        years: u8,
        /// On this day.
        on: NaiveDate,
    },
}

impl Birth {
    /// The year of birth, for an age the likelier of two.
    #[must_use]
    pub fn year(self) -> i32 {
        match self {
            Self::Date(date) => date.year(),
            Self::Year(year) => year,
            // Before July most of the year's birthdays are still to come.
            Self::Age { years, on } => on.year() - i32::from(years) - i32::from(on.month() < 7),
        }
    }

    /// A date that tells more than a year.
    #[must_use]
    pub fn day(self) -> Option<NaiveDate> {
        match self {
            Self::Date(date) if (date.month(), date.day()) != (1, 1) => Some(date),
            _ => None,
        }
    }

    const fn is_age(self) -> bool {
        matches!(self, Self::Age { .. })
    }

    /// An age that ends in 0 or 5 was often rounded.
    fn is_rounded(self) -> bool {
        matches!(self, Self::Age { years, .. } if years >= 15 && years % 5 == 0)
    }
}

/// What two births tell, in bits, and why.
#[must_use]
pub fn compare(a: Birth, b: Birth) -> (f32, Option<Reason>) {
    let apart = a.year().abs_diff(b.year());
    if a.is_age() || b.is_age() {
        let slack = u32::from(a.is_rounded() || b.is_rounded());
        let bits = weights::ages_apart(apart.saturating_sub(slack)) - if slack > 0 { 0.5 } else { 0.0 };
        return (bits, told(bits, Reason::BirthYear));
    }
    let (Birth::Date(x), Birth::Date(y)) = (a, b) else {
        let bits = weights::years_apart(apart);
        return (bits, told(bits, Reason::BirthYear));
    };
    let first = |d: NaiveDate| (d.month(), d.day()) == (1, 1);
    if x == y {
        let bits = if first(x) {
            weights::DATE_SAME_FIRST_OF_YEAR
        } else {
            weights::DATE_SAME
        };
        return (bits, Some(if first(x) { Reason::BirthYear } else { Reason::BirthDate }));
    }
    if first(x) || first(y) {
        let bits = weights::years_apart(apart);
        return (bits, told(bits, Reason::BirthYear));
    }
    if apart == 0 && x.month() == y.day() && x.day() == y.month() {
        return (weights::DATE_EXCHANGED, Some(Reason::BirthNearly));
    }
    if slips(x, y) == 1 {
        return (weights::DATE_ONE_DIGIT, Some(Reason::BirthNearly));
    }
    let bits = if apart == 0 {
        weights::DATE_SAME_YEAR
    } else {
        weights::years_apart(apart).min(weights::DATE_SAME_YEAR - 1.0)
    };
    (bits, told(bits, Reason::BirthYear))
}

const fn told(bits: f32, agreeing: Reason) -> Option<Reason> {
    if bits > 0.0 {
        Some(agreeing)
    } else if bits <= -4.0 {
        Some(Reason::BirthOther)
    } else {
        None
    }
}

/// Digits of two dates (year, month, day) that differ; two neighbours
/// exchanged are one slip.
fn slips(a: NaiveDate, b: NaiveDate) -> usize {
    let digits = |d: NaiveDate| format!("{:04}{:02}{:02}", d.year(), d.month(), d.day()).into_bytes();
    let (a, b) = (digits(a), digits(b));
    let differ: Vec<usize> = (0..a.len().min(b.len())).filter(|at| a[*at] != b[*at]).collect();
    match differ[..] {
        [i, j] if j == i + 1 && a[i] == b[j] && a[j] == b[i] => 1,
        _ => differ.len(),
    }
}
