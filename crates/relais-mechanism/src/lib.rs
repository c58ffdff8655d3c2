//! The mechanism as data: a regional model and a country's overlay, from which
//! forms, limits, sharing rules and labels are derived.
//!
//! ```text
//! Sources (files of the regional layer and of one country)
//!    │  load: parse, overlay by code, read, check
//!    ▼
//! Mechanism ── bundle(), hash(): kept whole, reloaded with from_bundle
//! ```
//!
//! The crate is pure: text in, values out. The one exception is
//! [`Sources::read_dir`], which reads a directory of mechanism files.

pub mod amend;
pub mod answers;
mod check;
pub mod country;
pub mod diff;
pub mod expression;
pub mod finding;
pub mod form;
pub mod institution;
pub mod limits;
mod load;
mod mechanism;
pub mod options;
pub mod outlines;
pub mod pathway;
pub mod phone;
pub mod places;
mod read;
pub mod registers;
pub mod search;
pub mod source;
pub mod taxonomy;
mod tree;
pub mod triage;
pub mod typography;
pub mod words;

pub use answers::{Answer, Answers, Decimal};
pub use check::{check, check_with};
pub use finding::Finding;
pub use form::{FieldError, FieldErrorCode, Form};
pub use limits::{Limits, Span};
pub use mechanism::{BrokenMechanism, Mechanism};
pub use outlines::Outlines;
pub use pathway::{DueKind, EdgeRule, PathwayRules, StateRule};
pub use registers::{Register, Values};
pub use source::Sources;
pub use words::{ActingFor, Channel, ClassSet, DataClass, Label, Lang, Priority, Purpose, Role, Sensitivity};
