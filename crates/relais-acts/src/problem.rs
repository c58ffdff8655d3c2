//! Why an act did not happen. The server turns each into a problem of its
//! catalogue; nothing here carries personal data.

use relais_mechanism::Label;
use relais_store::StoreError;

/// One field that was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Code of the field, as in the form or in the API.
    pub field: String,
    /// Stable code of the mistake.
    pub code: String,
    /// What is wrong and what to do, in both languages.
    pub message: Label,
}

/// Why an act did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// Not there, or not for this viewer: the two answer alike.
    #[error("not found")]
    NotFound,
    /// The viewer sees it but may not do this.
    #[error("forbidden: {code}")]
    Forbidden {
        /// Stable code.
        code: &'static str,
    },
    /// A rule refuses, with its reason and what to do instead.
    #[error("refused: {code}")]
    Refused {
        /// Stable code.
        code: String,
        /// Why.
        why: Label,
        /// What to do instead.
        remedy: Label,
    },
    /// Fields are wrong.
    #[error("{} fields are wrong", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// The record changed since it was read.
    #[error("stale: read at version {base}, now {current}")]
    Stale {
        /// Version that the maker saw.
        base: i64,
        /// Version now.
        current: i64,
    },
    /// The same id was used for another body.
    #[error("id used for another body")]
    IdTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
