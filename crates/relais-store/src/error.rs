//! What can go wrong below the rules. Messages name statements, tables and
//! columns, never values: a value may be personal.

use crate::keyring::KeyError;
use crate::seal::SealError;

/// Which promise of the schema a write would have broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// A row with this key exists.
    Unique,
    /// A row that is pointed at does not exist.
    Reference,
    /// A CHECK of the schema.
    Check,
    /// A column that must have a value.
    NotNull,
}

/// An error of the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached; `uncertain` when a commit was under
    /// way, so that the work may or may not stand (repeat it with the same id).
    #[error("the database cannot be reached: {cause}")]
    Unavailable {
        /// What the driver said.
        cause: String,
        /// Whether the commit may have happened.
        uncertain: bool,
    },
    /// Another writer held the database for too long, or a conflict of
    /// transactions came back five times.
    #[error("the database is busy")]
    Busy,
    /// A promise of the schema.
    #[error("{what} ({broken:?})")]
    Constraint {
        /// Which kind of promise.
        broken: Broken,
        /// Constraint, table and column as the database names them.
        what: String,
    },
    /// The database refused a statement.
    #[error("statement refused: {message} — in: {statement}")]
    Sql {
        /// The statement's text.
        statement: String,
        /// What the database said.
        message: String,
    },
    /// A column holds what its type does not allow, or is missing.
    #[error("column {column}: expected {expected}, found {found} — in: {statement}")]
    Column {
        /// Name of the column.
        column: String,
        /// Type that was asked for.
        expected: &'static str,
        /// Kind of value that was found (never the value itself).
        found: &'static str,
        /// The statement's text.
        statement: String,
    },
    /// A statement touched or found another number of rows than it must.
    #[error("{found} rows instead of {expected} — in: {statement}")]
    Rows {
        /// How many there must be.
        expected: u64,
        /// How many there were.
        found: u64,
        /// The statement's text.
        statement: String,
    },
    /// The unit of work panicked; it was rolled back.
    #[error("the unit of work panicked and was rolled back")]
    Panic,
    /// A statement failed earlier in this unit of work, which then went on as
    /// if nothing had happened; it was rolled back.
    #[error("a statement had failed before the end of the unit of work, which was rolled back")]
    Poisoned,
    /// The text of a statement is in no `sql!` list, so no test checks it.
    #[error("statement not registered with sql!: {0}")]
    Unregistered(String),
    /// The database is not one of ours, of another version, or not of this keyring.
    #[error("{0}")]
    Schema(String),
    /// The deployment's clock refused.
    #[error("clock: {0}")]
    Clock(String),
    /// The keyring.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A sealed value.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A file of the store.
    #[error("{path}: {cause}")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        cause: String,
    },
}

impl StoreError {
    /// Whether the work can be tried again as it is.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Busy)
    }

    /// Whether a row with this key was there already.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(
            self,
            Self::Constraint {
                broken: Broken::Unique,
                ..
            }
        )
    }

    /// The schema error with this explanation.
    pub(crate) fn schema(text: impl Into<String>) -> Self {
        Self::Schema(text.into())
    }

    /// The store was closed before the unit was answered.
    pub(crate) fn closed() -> Self {
        Self::Unavailable {
            cause: "the store was closed".into(),
            uncertain: true,
        }
    }

    /// The file error for this path.
    pub(crate) fn file(path: &std::path::Path, cause: &std::io::Error) -> Self {
        Self::File {
            path: path.display().to_string(),
            cause: cause.to_string(),
        }
    }
}
