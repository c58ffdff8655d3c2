//! Formats of others: bytes come in, values come out. No database, no clock,
//! no network; what a stranger's file may cost in memory is bounded by
//! [`Limits`], and every way in which it can be wrong has a problem of its own
//! that says what to do.
//!
//! ```text
//! bytes ── table::read ──► Grid (lines of text) ── manifest::persons ──► expected persons, problems by line and column
//! ```

pub mod csv;
pub mod decode;
pub mod directory;
pub mod manifest;
pub mod problem;
pub mod table;
pub mod xlsx;
pub mod zip;

pub use problem::FileProblem;
pub use table::{Grid, Limits, Line, ReadAs};
