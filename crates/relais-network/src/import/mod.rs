//! Import planning: a file and a mapping come in, a plan and a report of every
//! row come out. Nothing is written here, so a dry run is the plan itself.

mod mapping;
mod plan;
mod problem;
mod row;
pub mod table;

pub use mapping::{Bounds, Columns, Constants, Encoding, Mapping, MappingError, Reach, TypeRule};
pub use plan::{Action, Plan, PlannedRow, Report, plan};
pub use problem::{Cause, FileError, Remark, RowProblem};
pub use row::{ContentHash, Facility, RowOutcome, parse};
pub use table::MAX_CELL;
