//! Counters for statistics, updated in the transaction that changes what they
//! count: aggregates never read sealed columns (DESIGN §6).

use chrono::{DateTime, FixedOffset, Utc};

use crate::error::StoreError;
use crate::params;
use crate::tx::Tx;

crate::sql! {
    /// Counts up or down.
    COUNT = "INSERT INTO counter_cell (month, region, group_code, measure, value) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (month, region, group_code, measure) DO UPDATE SET value = counter_cell.value + excluded.value";
    /// The cells of some months.
    CELLS = "SELECT month, region, group_code, measure, value FROM counter_cell WHERE month >= $1 AND month <= $2 ORDER BY month, region, group_code, measure";
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Month, `2026-11`.
    pub month: String,
    /// Region.
    pub region: String,
    /// Group of the need, or "restricted".
    pub group: String,
    /// What is counted.
    pub measure: String,
    /// Count.
    pub value: i64,
}

/// The month of an instant in the mechanism's zone (UTC+1 all year), `2026-11`.
#[must_use]
pub fn month(at: DateTime<Utc>) -> String {
    FixedOffset::east_opt(3600).map_or_else(
        || at.format("%Y-%m").to_string(),
        |zone| at.with_timezone(&zone).format("%Y-%m").to_string(),
    )
}

/// Adds `by` to a cell of this month.
///
/// # Errors
/// What the database refused.
pub fn add(tx: &mut Tx<'_>, region: &str, group: &str, measure: &str, by: i64) -> Result<(), StoreError> {
    let month = month(tx.now()?);
    tx.execute_one(COUNT, &params![month, region, group, measure, by])
}

/// The cells from month to month, both included.
///
/// # Errors
/// What the database refused.
pub fn between(tx: &mut Tx<'_>, from: &str, until: &str) -> Result<Vec<Cell>, StoreError> {
    tx.query(CELLS, &params![from, until])?
        .iter()
        .map(|row| {
            Ok(Cell {
                month: row.get("month")?,
                region: row.get("region")?,
                group: row.get("group_code")?,
                measure: row.get("measure")?,
                value: row.get("value")?,
            })
        })
        .collect()
}
