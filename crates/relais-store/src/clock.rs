//! One clock per deployment, read through the database (DESIGN §8): real
//! time, or, only on a database created as a drill, a time that is moved
//! forward by hand and never back.

use chrono::{DateTime, SubsecRound, Utc};

use crate::error::StoreError;
use crate::params;
use crate::tx::Tx;

crate::sql! {
    /// The clock's row.
    READ_CLOCK = "SELECT drill, drill_now FROM deployment_clock WHERE id = 1";
    /// The one row, at creation.
    CREATE_CLOCK = "INSERT INTO deployment_clock (id, drill, drill_now) VALUES (1, $1, NULL)";
    /// Moves a drill's time; touches no row where that would go back or the database is no drill.
    MOVE_CLOCK = "UPDATE deployment_clock SET drill_now = $1 WHERE id = 1 AND drill = 1 AND (drill_now IS NULL OR drill_now <= $1)";
}

/// Real time, in the microseconds that the databases keep.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where real time enters; everything else takes it as a value"
)]
pub(crate) fn real_now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// Real time, for what another machine compares with its own clock (the stamp
/// of a signed message). Nothing here is decided by it, also in a drill.
#[must_use]
pub fn for_others() -> DateTime<Utc> {
    real_now()
}

/// Moves the drill's clock to `to`.
///
/// # Errors
/// [`StoreError::Clock`] when the database is not a drill or `to` lies before now.
pub fn set(tx: &mut Tx<'_>, to: DateTime<Utc>) -> Result<(), StoreError> {
    if !tx.is_drill() {
        return Err(StoreError::Clock(
            "only a database created as a drill has a clock that can be set".into(),
        ));
    }
    let now = tx.now()?;
    if to < now {
        return Err(StoreError::Clock(format!(
            "it is {} already; the clock never goes back",
            now.to_rfc3339()
        )));
    }
    if tx.execute(MOVE_CLOCK, &params![to])? != 1 {
        return Err(StoreError::Clock("the clock was moved further meanwhile".into()));
    }
    tx.forget_now();
    Ok(())
}
