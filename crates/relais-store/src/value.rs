//! Values that go into statements and rows that come out: four kinds only, so
//! that both databases mean the same.

use std::cell::Cell;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use relais_mechanism::words;
use relais_network::ids;
use uuid::Uuid;

use crate::error::StoreError;

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// A number, a truth value (0, 1) or a time (microseconds since 1970 UTC).
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes: an id, a sealed value, a token.
    Blob(Vec<u8>),
}

impl Value {
    /// The value without its memory.
    #[must_use]
    pub const fn borrowed(&self) -> ValueRef<'_> {
        match self {
            Self::Null => ValueRef::Null,
            Self::Int(n) => ValueRef::Int(*n),
            Self::Text(t) => ValueRef::Text(t.as_str()),
            Self::Blob(b) => ValueRef::Blob(b.as_slice()),
        }
    }
}

/// A value as it lies in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueRef<'a> {
    /// No value.
    Null,
    /// A number, a truth value or a time.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl ValueRef<'_> {
    /// The kind, for error messages.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Int(_) => "a number",
            Self::Text(_) => "text",
            Self::Blob(_) => "bytes",
        }
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Int(n) => Self::Int(n),
            ValueRef::Text(t) => Self::Text(t.to_owned()),
            ValueRef::Blob(b) => Self::Blob(b.to_vec()),
        }
    }
}

/// The values of a statement: `params![id, now, "text"]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { [$($crate::Value::from($value)),*] };
}

macro_rules! from_number {
    ($($t:ty)+) => {$(
        impl From<$t> for Value {
            fn from(v: $t) -> Self {
                Self::Int(i64::from(v))
            }
        }
    )+};
}
from_number!(i64 i32 i16 u32 u16 u8 bool);

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(v.to_owned())
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Self::Text(v)
    }
}
impl From<&String> for Value {
    fn from(v: &String) -> Self {
        Self::Text(v.clone())
    }
}
impl From<Vec<u8>> for Value {
    fn from(v: Vec<u8>) -> Self {
        Self::Blob(v)
    }
}
impl From<&Vec<u8>> for Value {
    fn from(v: &Vec<u8>) -> Self {
        Self::Blob(v.clone())
    }
}
impl From<&[u8]> for Value {
    fn from(v: &[u8]) -> Self {
        Self::Blob(v.to_vec())
    }
}
impl<const N: usize> From<[u8; N]> for Value {
    fn from(v: [u8; N]) -> Self {
        Self::Blob(v.to_vec())
    }
}
impl<const N: usize> From<&[u8; N]> for Value {
    fn from(v: &[u8; N]) -> Self {
        Self::Blob(v.to_vec())
    }
}
impl From<Uuid> for Value {
    fn from(v: Uuid) -> Self {
        Self::Blob(v.as_bytes().to_vec())
    }
}
impl From<DateTime<Utc>> for Value {
    fn from(v: DateTime<Utc>) -> Self {
        Self::Int(v.timestamp_micros())
    }
}
impl From<NaiveDate> for Value {
    /// The date as `2026-11-23`, which sorts as it reads.
    fn from(v: NaiveDate) -> Self {
        Self::Text(v.format("%Y-%m-%d").to_string())
    }
}
impl From<words::ClassSet> for Value {
    fn from(v: words::ClassSet) -> Self {
        Self::Int(v.bits())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Into::into)
    }
}

/// A type that a column can be read as.
pub trait FromValue: Sized {
    /// What is expected, for error messages.
    const EXPECTED: &'static str;
    /// The typed value, or `None` when the column holds another kind.
    fn from_value(value: ValueRef<'_>) -> Option<Self>;
}

impl FromValue for i64 {
    const EXPECTED: &'static str = "a number";
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Int(n) => Some(n),
            _ => None,
        }
    }
}

macro_rules! number_from_value {
    ($($t:ty)+) => {$(
        impl FromValue for $t {
            const EXPECTED: &'static str = concat!("a number of type ", stringify!($t));
            fn from_value(value: ValueRef<'_>) -> Option<Self> {
                i64::from_value(value).and_then(|n| <$t>::try_from(n).ok())
            }
        }
    )+};
}
number_from_value!(i32 i16 u64 u32 u16 u8 usize);

impl FromValue for bool {
    const EXPECTED: &'static str = "0 or 1";
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Int(0) => Some(false),
            ValueRef::Int(1) => Some(true),
            _ => None,
        }
    }
}
impl FromValue for String {
    const EXPECTED: &'static str = "text";
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Text(t) => Some(t.to_owned()),
            _ => None,
        }
    }
}
impl FromValue for Vec<u8> {
    const EXPECTED: &'static str = "bytes";
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Blob(b) => Some(b.to_vec()),
            _ => None,
        }
    }
}
impl<const N: usize> FromValue for [u8; N] {
    const EXPECTED: &'static str = "bytes of a fixed length";
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Blob(b) => b.try_into().ok(),
            _ => None,
        }
    }
}
impl FromValue for Uuid {
    const EXPECTED: &'static str = "the sixteen bytes of an id";
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Blob(b) => Uuid::from_slice(b).ok(),
            _ => None,
        }
    }
}
impl FromValue for DateTime<Utc> {
    const EXPECTED: &'static str = "microseconds since 1970";
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        i64::from_value(value).and_then(DateTime::from_timestamp_micros)
    }
}
impl FromValue for NaiveDate {
    const EXPECTED: &'static str = "a date as 2026-11-23";
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Text(t) => NaiveDate::parse_from_str(t, "%Y-%m-%d").ok(),
            _ => None,
        }
    }
}
impl FromValue for words::ClassSet {
    const EXPECTED: &'static str = "bits of data classes";
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        i64::from_value(value).map(words::ClassSet::from_bits)
    }
}
impl<T: FromValue> FromValue for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;
    fn from_value(value: ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Null => Some(None),
            other => T::from_value(other).map(Some),
        }
    }
}

/// Lets closed enums (see `relais_mechanism::closed_enum!`) be written to and
/// read from a column by their code.
#[macro_export]
macro_rules! store_codes {
    ($($t:ty),+ $(,)?) => {$(
        impl From<$t> for $crate::Value {
            fn from(v: $t) -> Self {
                Self::Text(v.code().to_owned())
            }
        }
        impl $crate::FromValue for $t {
            const EXPECTED: &'static str = concat!("a code of ", stringify!($t));
            fn from_value(value: $crate::ValueRef<'_>) -> Option<Self> {
                match value {
                    $crate::ValueRef::Text(code) => <$t>::from_code(code),
                    _ => None,
                }
            }
        }
    )+};
}
store_codes!(
    words::Priority,
    words::Sensitivity,
    words::DataClass,
    words::Purpose,
    words::Role,
    words::ActingFor,
    words::Channel,
    words::Lang,
);

/// Lets ids (newtypes over [`Uuid`]) be written to and read from a column.
#[macro_export]
macro_rules! store_ids {
    ($($t:ty),+ $(,)?) => {$(
        impl From<$t> for $crate::Value {
            fn from(v: $t) -> Self {
                Self::Blob(v.0.as_bytes().to_vec())
            }
        }
        impl $crate::FromValue for $t {
            const EXPECTED: &'static str = concat!("the sixteen bytes of a ", stringify!($t));
            fn from_value(value: $crate::ValueRef<'_>) -> Option<Self> {
                <uuid::Uuid as $crate::FromValue>::from_value(value).map(Self::from)
            }
        }
    )+};
}
store_ids!(
    ids::OrganisationId,
    ids::ServiceId,
    ids::PlaceId,
    ids::ProgrammeId,
    ids::AgreementId,
    ids::UserId,
    ids::PersonId,
    ids::CaseId,
    ids::GroupId,
    ids::ExpectedId,
    ids::NeedId,
    ids::ReferralId,
    ids::ConsentId,
    ids::GrantId,
    ids::DisclosureId,
    ids::OverrideId,
    ids::StopRequestId,
    ids::CallRoundId,
    ids::HandoverId,
    ids::PostId,
    ids::SameAskId,
    ids::TransferId,
    ids::LateCallId,
    ids::FigureId,
    ids::ComplaintId,
    ids::WebhookId,
    ids::EntryChangeId,
);

/// One row of an answer, with the names of its columns.
#[derive(Debug, Clone)]
pub struct Row {
    answer: Arc<Answer>,
    /// Where its first value stands.
    first: usize,
    /// The column after the one that was read last: records are read in the
    /// order of their columns, so the next one stands there.
    next: Cell<usize>,
}

/// What all rows of one statement share.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) text: String,
    pub(crate) columns: Vec<String>,
}

/// All values of an answer, side by side: a list is read without a piece of
/// memory for each of its values.
#[derive(Debug)]
struct Answer {
    shape: Arc<Shape>,
    slots: Vec<Slot>,
    texts: String,
    bytes: Vec<u8>,
}

/// A value of an answer, or from where to where it stands.
#[derive(Debug, Clone, Copy)]
enum Slot {
    Null,
    Int(i64),
    Text(usize, usize),
    Blob(usize, usize),
}

/// Gathers the values of an answer, row by row.
pub(crate) struct Gathering(Answer);

impl Gathering {
    pub(crate) const fn new(shape: Arc<Shape>) -> Self {
        Self(Answer {
            shape,
            slots: Vec::new(),
            texts: String::new(),
            bytes: Vec::new(),
        })
    }

    /// Adds the next value.
    pub(crate) fn push(&mut self, value: ValueRef<'_>) {
        let answer = &mut self.0;
        answer.slots.push(match value {
            ValueRef::Null => Slot::Null,
            ValueRef::Int(n) => Slot::Int(n),
            ValueRef::Text(t) => {
                let from = answer.texts.len();
                answer.texts.push_str(t);
                Slot::Text(from, answer.texts.len())
            }
            ValueRef::Blob(b) => {
                let from = answer.bytes.len();
                answer.bytes.extend_from_slice(b);
                Slot::Blob(from, answer.bytes.len())
            }
        });
    }

    /// The rows.
    pub(crate) fn rows(self) -> Vec<Row> {
        let (width, all) = (self.0.shape.columns.len().max(1), self.0.slots.len());
        let answer = Arc::new(self.0);
        (0..all)
            .step_by(width)
            .map(|first| Row {
                answer: Arc::clone(&answer),
                first,
                next: Cell::new(0),
            })
            .collect()
    }
}

impl Row {
    /// The column of this name, typed.
    ///
    /// # Errors
    /// [`StoreError::Column`] when there is no such column or it holds another kind.
    pub fn get<T: FromValue>(&self, column: &str) -> Result<T, StoreError> {
        let shape = &self.answer.shape;
        let wrong = |found| StoreError::Column {
            column: column.to_owned(),
            expected: T::EXPECTED,
            found,
            statement: shape.text.clone(),
        };
        let columns = &shape.columns;
        let at = match self.next.get() {
            next if columns.get(next).is_some_and(|c| c == column) => next,
            _ => columns
                .iter()
                .position(|c| c == column)
                .ok_or_else(|| wrong("no such column"))?,
        };
        self.next.set(at + 1);
        let value = self.at(at);
        T::from_value(value).ok_or_else(|| wrong(value.kind()))
    }

    fn at(&self, column: usize) -> ValueRef<'_> {
        let answer = &*self.answer;
        match answer.slots[self.first + column] {
            Slot::Null => ValueRef::Null,
            Slot::Int(n) => ValueRef::Int(n),
            Slot::Text(from, to) => ValueRef::Text(&answer.texts[from..to]),
            Slot::Blob(from, to) => ValueRef::Blob(&answer.bytes[from..to]),
        }
    }

    /// The names of the columns, in order.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.answer.shape.columns
    }

    /// The values, in order.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        (0..self.columns().len()).map(|at| self.at(at).into()).collect()
    }
}
