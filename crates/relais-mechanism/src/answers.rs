//! Answers to a form: the only part of a record that is a document rather
//! than typed columns. A code of the form leads to one typed value.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};

/// Answers by code of the field. A missing answer is absent.
pub type Answers = BTreeMap<String, Answer>;

/// One typed answer. As JSON: `{"one": "F"}`, `{"int": 27}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// Words, a telephone number (E.164), a place (P-code, or the words typed).
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number with up to three decimals.
    Decimal(Decimal),
    /// Yes or no.
    Bool(bool),
    /// A day.
    Date(NaiveDate),
    /// A moment.
    DateTime(DateTime<Utc>),
    /// One option's code.
    One(String),
    /// Options' codes, in the order of the list; or rows of words.
    Many(Vec<String>),
}

impl Answer {
    /// The words, option or telephone number, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(t) | Self::One(t) => Some(t),
            _ => None,
        }
    }

    /// The whole number, if it is one.
    #[must_use]
    pub const fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(n) => Some(*n),
            _ => None,
        }
    }

    /// Yes or no, if it is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The day, if it is one.
    #[must_use]
    pub const fn as_date(&self) -> Option<NaiveDate> {
        match self {
            Self::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// The options chosen: none, one or many.
    #[must_use]
    pub fn chosen(&self) -> &[String] {
        match self {
            Self::One(code) => std::slice::from_ref(code),
            Self::Many(codes) => codes,
            _ => &[],
        }
    }
}

/// A number with up to three decimals, exact: amounts and measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal {
    thousandths: i64,
}

impl Decimal {
    /// The whole number.
    #[must_use]
    pub const fn from_int(n: i32) -> Self {
        Self {
            thousandths: n as i64 * 1000,
        }
    }

    /// The number in thousandths.
    #[must_use]
    pub const fn thousandths(self) -> i64 {
        self.thousandths
    }
}

/// The text is no number with up to three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADecimal;

impl fmt::Display for NotADecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a number with up to three decimals")
    }
}

impl std::error::Error for NotADecimal {}

impl FromStr for Decimal {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || (text.len() != whole.len() && !digits(part)) || part.len() > 3 {
            return Err(NotADecimal);
        }
        let whole: i64 = whole.parse().map_err(|_| NotADecimal)?;
        let part: i64 = format!("{part:0<3}").parse().map_err(|_| NotADecimal)?;
        let thousandths = whole
            .checked_mul(1000)
            .and_then(|w| w.checked_add(part))
            .ok_or(NotADecimal)?;
        Ok(Self {
            thousandths: if negative { -thousandths } else { thousandths },
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.thousandths < 0 { "-" } else { "" };
        let (whole, part) = (
            self.thousandths.unsigned_abs() / 1000,
            self.thousandths.unsigned_abs() % 1000,
        );
        if part == 0 {
            return write!(f, "{sign}{whole}");
        }
        write!(f, "{sign}{whole}.{}", format!("{part:03}").trim_end_matches('0'))
    }
}

impl Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Reads 23/11/2026, 23-11-2026, 23.11.2026 or 2026-11-23; years 1900–2199.
#[must_use]
pub fn parse_date(typed: &str) -> Option<NaiveDate> {
    let parts: Vec<&str> = typed.trim().split(['/', '-', '.']).map(str::trim).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    if [a, b, c]
        .iter()
        .any(|p| p.is_empty() || !p.bytes().all(|x| x.is_ascii_digit()))
    {
        return None;
    }
    let (day, month, year) = match (a.len(), c.len()) {
        (4, 1..=2) => (c, b, a),
        (1..=2, 4) => (a, b, c),
        _ => return None,
    };
    let year: i32 = year.parse().ok()?;
    if !(1900..=2199).contains(&year) {
        return None;
    }
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

/// Reads 08:30, 08 h 30, 8h or 08:30:00, in 24 hours.
#[must_use]
pub fn parse_time(typed: &str) -> Option<NaiveTime> {
    let text: String = typed
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .replace(['h', 'H'], ":");
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() < 2 || parts.len() > 3 || parts[0].is_empty() {
        return None;
    }
    let number = |t: &str| -> Option<u32> {
        match t {
            "" => Some(0),
            t if t.len() <= 2 && t.bytes().all(|b| b.is_ascii_digit()) => t.parse().ok(),
            _ => None,
        }
    };
    let second = parts.get(2).map_or(Some(0), |t| number(t))?;
    NaiveTime::from_hms_opt(number(parts[0])?, number(parts[1])?, second)
}

/// Reads a local date and time ("2026-11-23T08:30", "23/11/2026 08:30") or one
/// with its offset (RFC 3339), and gives the moment in UTC.
#[must_use]
pub fn parse_date_time(typed: &str, local: FixedOffset) -> Option<DateTime<Utc>> {
    let typed = typed.trim();
    if let Ok(moment) = DateTime::parse_from_rfc3339(typed) {
        return parse_date(typed.get(..10)?).map(|_| moment.with_timezone(&Utc));
    }
    let (date, time) = typed.split_once(['T', ' '])?;
    let naive = NaiveDateTime::new(parse_date(date)?, parse_time(time)?);
    local
        .from_local_datetime(&naive)
        .single()
        .map(|m| m.with_timezone(&Utc))
}
