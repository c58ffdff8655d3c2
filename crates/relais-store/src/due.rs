//! Due work: rows that say what the clock must do, written, moved and deleted
//! in the transaction that changes the state. A worker's claim deletes the
//! row and does the effect in one transaction, so any number of processes
//! give exactly one effect (DESIGN §8).

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::error::StoreError;
use crate::params;
use crate::store::Store;
use crate::tx::{Dialect, Tx};
use crate::value::Row;

crate::sql! {
    /// Sets what is due, or says for which version.
    SET_DUE = "INSERT INTO due_work (subject, kind, due_at, state_version, lease_until) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (subject, kind, due_at) DO UPDATE SET state_version = excluded.state_version, lease_until = excluded.lease_until";
    /// Nothing is due any more.
    CLEAR_DUE = "DELETE FROM due_work WHERE subject = $1";
    /// Nothing of this kind is due any more.
    CLEAR_KIND = "DELETE FROM due_work WHERE subject = $1 AND kind = $2";
    /// What is due of a subject.
    DUE_OF = "SELECT subject, kind, due_at, state_version FROM due_work WHERE subject = $1 ORDER BY due_at, kind";
    /// When the next work is due.
    NEXT_DUE = "SELECT MIN(due_at) AS due_at FROM due_work";
    /// How much is due.
    COUNT_DUE = "SELECT COUNT(*) AS n FROM due_work WHERE due_at <= $1";
    /// Takes what is due; there is one writer.
    CLAIM_SQLITE = "DELETE FROM due_work WHERE (subject, kind, due_at) IN (SELECT subject, kind, due_at FROM due_work WHERE due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) ORDER BY due_at LIMIT $2) RETURNING subject, kind, due_at, state_version";
    /// Takes what is due and nobody else is taking.
    CLAIM_POSTGRES = "DELETE FROM due_work WHERE (subject, kind, due_at) IN (SELECT subject, kind, due_at FROM due_work WHERE due_at <= $1 AND (lease_until IS NULL OR lease_until <= $1) ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING subject, kind, due_at, state_version";
}

/// A piece of work that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Need, referral, override.
    pub subject: Uuid,
    /// What is to be done.
    pub kind: String,
    /// When.
    pub due_at: DateTime<Utc>,
    /// Version of the subject that it was set for.
    pub state_version: i64,
}

impl Due {
    fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: row.get("subject")?,
            kind: row.get("kind")?,
            due_at: row.get("due_at")?,
            state_version: row.get("state_version")?,
        })
    }
}

/// Sets what is due; setting the same twice is setting it once.
///
/// # Errors
/// What the database refused.
pub fn set(tx: &mut Tx<'_>, due: &Due) -> Result<(), StoreError> {
    set_leased(tx, due, None)
}

fn set_leased(tx: &mut Tx<'_>, due: &Due, until: Option<DateTime<Utc>>) -> Result<(), StoreError> {
    tx.execute_one(
        SET_DUE,
        &params![due.subject, due.kind.as_str(), due.due_at, due.state_version, until],
    )
}

/// Nothing of this subject is due any more; how many rows went.
///
/// # Errors
/// What the database refused.
pub fn clear(tx: &mut Tx<'_>, subject: Uuid) -> Result<u64, StoreError> {
    tx.execute(CLEAR_DUE, &params![subject])
}

/// Nothing of this kind is due for the subject any more; how many rows went.
///
/// # Errors
/// What the database refused.
pub fn clear_kind(tx: &mut Tx<'_>, subject: Uuid, kind: &str) -> Result<u64, StoreError> {
    tx.execute(CLEAR_KIND, &params![subject, kind])
}

/// Replaces whatever of this kind was due for the subject.
///
/// # Errors
/// What the database refused.
pub fn move_to(tx: &mut Tx<'_>, due: &Due) -> Result<(), StoreError> {
    clear_kind(tx, due.subject, &due.kind)?;
    set(tx, due)
}

/// What is due of a subject, soonest first.
///
/// # Errors
/// What the database refused.
pub fn of(tx: &mut Tx<'_>, subject: Uuid) -> Result<Vec<Due>, StoreError> {
    tx.query(DUE_OF, &params![subject])?.iter().map(Due::read).collect()
}

/// When the next work is due, if any is.
///
/// # Errors
/// What the database refused.
pub fn next(tx: &mut Tx<'_>) -> Result<Option<DateTime<Utc>>, StoreError> {
    tx.query_one(NEXT_DUE, &[])?.get("due_at")
}

/// How much is due at `now`.
///
/// # Errors
/// What the database refused.
pub fn count(tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<i64, StoreError> {
    tx.query_one(COUNT_DUE, &params![now])?.get("n")
}

/// Takes at most `limit` pieces of work that are due at `now`, soonest first.
/// Their rows are gone when this unit of work is committed; if it is not,
/// they are due again. Do the effect in this same unit of work.
///
/// # Errors
/// What the database refused.
pub fn claim(tx: &mut Tx<'_>, now: DateTime<Utc>, limit: i64) -> Result<Vec<Due>, StoreError> {
    let rows = match tx.dialect() {
        Dialect::Sqlite => tx.query(CLAIM_SQLITE, &params![now, limit])?,
        Dialect::Postgres => tx.query(CLAIM_POSTGRES, &params![now, limit])?,
    };
    let mut taken = rows.iter().map(Due::read).collect::<Result<Vec<_>, _>>()?;
    taken.sort_by(|a, b| (a.due_at, a.subject, &a.kind).cmp(&(b.due_at, b.subject, &b.kind)));
    Ok(taken)
}

/// Puts back a piece of work that was claimed, to be taken again from `until`.
///
/// # Errors
/// What the database refused.
pub fn put_back(tx: &mut Tx<'_>, due: &Due, until: DateTime<Utc>) -> Result<(), StoreError> {
    set_leased(tx, due, Some(until))
}

/// What is done with a piece of work, in the unit of work that claimed it.
pub type Effect<E> = Arc<dyn Fn(&mut Tx<'_>, &Due) -> Result<(), E> + Send + Sync>;

/// What one round of work did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Pieces done.
    pub done: usize,
    /// Pieces whose effect failed; they are put back for five minutes.
    pub failed: usize,
}

/// How long a piece of work rests after its effect failed.
const REST: TimeDelta = TimeDelta::minutes(5);

/// Does what is due now, at most `limit` pieces in one transaction. When an
/// effect fails, the pieces are done one by one, and only those that fail
/// again are put back: one broken piece never holds up the others. With a
/// limit of one, each is alone from the start.
///
/// # Errors
/// What the database refused.
pub fn work<E>(store: &Store, limit: i64, effect: Effect<E>) -> Result<Round, E>
where
    E: From<StoreError> + std::fmt::Display + Send + 'static,
{
    if limit > 1 {
        let together = Arc::clone(&effect);
        let all = store.write_blocking(move |tx| -> Result<usize, E> {
            let now = tx.now()?;
            let taken = claim(tx, now, limit)?;
            for due in &taken {
                together(tx, due)?;
            }
            Ok(taken.len())
        });
        match all {
            Ok(done) => return Ok(Round { done, failed: 0 }),
            Err(error) => tracing::warn!(%error, "due work failed together; trying one by one"),
        }
    }
    let mut round = Round::default();
    for _ in 0..limit {
        let alone = Arc::clone(&effect);
        let (seen, taken) = std::sync::mpsc::channel();
        let one = store.write_blocking(move |tx| -> Result<bool, E> {
            let now = tx.now()?;
            let Some(due) = claim(tx, now, 1)?.pop() else {
                return Ok(false);
            };
            drop(seen.send(due.clone()));
            alone(tx, &due)?;
            Ok(true)
        });
        match (one, taken.try_iter().last()) {
            (Ok(false), _) => break,
            (Ok(true), _) => round.done += 1,
            (Err(error), None) => return Err(error),
            (Err(error), Some(due)) => {
                tracing::error!(%error, kind = %due.kind, subject = %due.subject, "due work failed; put back");
                round.failed += 1;
                store.write_blocking(move |tx| -> Result<(), E> {
                    let until = tx.now()? + REST;
                    // Somebody else may have done it meanwhile: only a row that is still there is rested.
                    if of(tx, due.subject)?.contains(&due) {
                        put_back(tx, &due, until)?;
                    }
                    Ok(())
                })?;
            }
        }
    }
    Ok(round)
}
