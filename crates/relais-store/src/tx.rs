//! The unit of work: statements between a BEGIN and a COMMIT that the lane
//! gives.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::error::StoreError;
use crate::lane::LookRow;
use crate::postgres_lane::PgConnection;
use crate::seal::Sealer;
use crate::sqlite_lane::SqliteConnection;
use crate::value::{Row, Value};
use crate::{access, clock};

/// Which database is below. Only the claim of due work, lists built at run
/// time and backup may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

pub(crate) enum Connection<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
}

/// What every unit of work of a deployment shares.
pub(crate) struct Deployment {
    pub(crate) drill: bool,
    pub(crate) sealer: Arc<Sealer>,
}

/// One unit of work: all of it is committed, or nothing.
pub struct Tx<'a> {
    connection: Connection<'a>,
    deployment: &'a Deployment,
    now: Option<DateTime<Utc>>,
    failed: bool,
    conflict: bool,
    /// Whether it changed the directory.
    moved_directory: bool,
    /// A unit that only reads hands its rows of the access log to the lane.
    looks: Option<Vec<LookRow>>,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(connection: Connection<'a>, deployment: &'a Deployment) -> Self {
        Self {
            connection,
            deployment,
            now: None,
            failed: false,
            conflict: false,
            moved_directory: false,
            looks: None,
        }
    }

    /// A unit of work that only reads.
    pub(crate) fn reading(connection: Connection<'a>, deployment: &'a Deployment) -> Self {
        Self {
            looks: Some(Vec::new()),
            ..Self::new(connection, deployment)
        }
    }

    /// Adds a row to the access log: at once where the unit writes; else the
    /// lane adds it after the unit, before anybody is answered.
    pub(crate) fn add_look(&mut self, row: LookRow) -> Result<(), StoreError> {
        match &mut self.looks {
            Some(looks) => {
                looks.push(row);
                Ok(())
            }
            None => self.execute_one(access::ADD_ACCESS, &row),
        }
    }

    /// The rows of the access log that the lane has still to add.
    pub(crate) fn into_looks(self) -> Vec<LookRow> {
        self.looks.unwrap_or_default()
    }

    /// Which database is below.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.connection {
            Connection::Sqlite(_) => Dialect::Sqlite,
            Connection::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement; the number of rows it touched.
    ///
    /// # Errors
    /// What the database refused. Any error dooms the unit of work.
    pub fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64, StoreError> {
        registered(sql)?;
        let done = match &mut self.connection {
            Connection::Sqlite(c) => c.execute(sql, values),
            Connection::Postgres(c) => c.execute(sql, values),
        };
        self.note(done)
    }

    /// Runs a statement that must touch exactly one row.
    ///
    /// # Errors
    /// [`StoreError::Rows`] when it touched none or several.
    pub fn execute_one(&mut self, sql: &'static str, values: &[Value]) -> Result<(), StoreError> {
        match self.execute(sql, values)? {
            1 => Ok(()),
            found => self.note(Err(StoreError::Rows {
                expected: 1,
                found,
                statement: sql.to_owned(),
            })),
        }
    }

    /// The rows of a query.
    ///
    /// # Errors
    /// What the database refused.
    pub fn query(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        registered(sql)?;
        self.fetch(sql, values)
    }

    /// The one row of a query.
    ///
    /// # Errors
    /// [`StoreError::Rows`] when there is none or more than one.
    pub fn query_one(&mut self, sql: &'static str, values: &[Value]) -> Result<Row, StoreError> {
        let mut rows = self.query(sql, values)?;
        match (rows.pop(), rows.len()) {
            (Some(row), 0) => Ok(row),
            (_, more) => {
                let found = if more == 0 { 0 } else { more as u64 + 1 };
                Err(StoreError::Rows {
                    expected: 1,
                    found,
                    statement: sql.to_owned(),
                })
            }
        }
    }

    /// The row of a query, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Rows`] when there is more than one.
    pub fn query_opt(&mut self, sql: &'static str, values: &[Value]) -> Result<Option<Row>, StoreError> {
        let mut rows = self.query(sql, values)?;
        let row = rows.pop();
        if rows.is_empty() {
            Ok(row)
        } else {
            Err(StoreError::Rows {
                expected: 1,
                found: rows.len() as u64 + 1,
                statement: sql.to_owned(),
            })
        }
    }

    /// The rows of a list query that was built at run time from constant
    /// parts (filters on or off); values never enter the text.
    ///
    /// # Errors
    /// What the database refused.
    pub fn query_built(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.fetch(sql, values)
    }

    /// The deployment's time, the same for the whole unit of work.
    ///
    /// # Errors
    /// What the database refused.
    pub fn now(&mut self) -> Result<DateTime<Utc>, StoreError> {
        if let Some(now) = self.now {
            return Ok(now);
        }
        let set = if self.deployment.drill {
            self.query_one(clock::READ_CLOCK, &[])?
                .get::<Option<DateTime<Utc>>>("drill_now")?
        } else {
            None
        };
        let now = set.unwrap_or_else(clock::real_now);
        self.now = Some(now);
        Ok(now)
    }

    /// Whether the database was created as a drill.
    #[must_use]
    pub const fn is_drill(&self) -> bool {
        self.deployment.drill
    }

    /// What seals and opens values.
    #[must_use]
    pub fn sealer(&self) -> Arc<Sealer> {
        Arc::clone(&self.deployment.sealer)
    }

    /// A new subject key's slot, for a person (identity and contact) or a
    /// case (the rest). Slots come from the keyring, not from the database:
    /// a restored backup can never hand one out twice. A slot drawn by a unit
    /// of work that rolls back stays unused.
    ///
    /// # Errors
    /// [`StoreError::Key`] when the keyring cannot be extended.
    pub fn new_slot(&self) -> Result<i64, StoreError> {
        Ok(self.deployment.sealer.keyring().new_slot()?)
    }

    pub(crate) const fn moved_directory(&mut self) {
        self.moved_directory = true;
    }

    /// Whether this unit of work has changed the directory: what it reads of it
    /// is nobody else's as long as it is not committed.
    #[must_use]
    pub const fn has_moved_directory(&self) -> bool {
        self.moved_directory
    }

    pub(crate) fn forget_now(&mut self) {
        self.now = None;
    }

    /// Whether a statement failed, and whether trying again may help.
    pub(crate) const fn failure(&self) -> (bool, bool) {
        (self.failed, self.conflict)
    }

    fn fetch(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let done = match &mut self.connection {
            Connection::Sqlite(c) => c.query(sql, values),
            Connection::Postgres(c) => c.query(sql, values),
        };
        self.note(done)
    }

    fn note<T>(&mut self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &done {
            self.failed = true;
            self.conflict |= matches!(error, StoreError::Busy);
        }
        done
    }
}

fn registered(sql: &'static str) -> Result<(), StoreError> {
    if cfg!(debug_assertions) && !crate::sql::is_registered(sql) {
        return Err(StoreError::Unregistered(sql.to_owned()));
    }
    Ok(())
}
