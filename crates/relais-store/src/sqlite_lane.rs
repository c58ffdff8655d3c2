//! SQLite: one thread writes, a few read. The writer takes all jobs that wait
//! and commits them together: one fsync for many, each answered after it. Rows
//! of the access log that reads leave are committed apart, without waiting for
//! the disk; it follows within a second (decision 0011). They lie in a file of
//! their own, attached to every connection: a commit empties the readers' page
//! caches, and reading must not empty them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::RecvTimeoutError;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef as Raw};
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use crate::error::{Broken, StoreError};
use crate::lane::{Job, Looked, Ran};
use crate::schema;
use crate::tx::{Connection as TxConnection, Deployment, Tx};
use crate::value::{Gathering, Row, Shape, Value, ValueRef};

/// Jobs that share one commit at most: enough to hide the fsync, few enough
/// that nobody waits long for the others.
const GROUP: usize = 64;
/// How long a writer waits for the writer of another process.
const PATIENCE: Duration = Duration::from_secs(20);
/// Prepared statements kept by each connection.
const STATEMENTS: usize = 256;
/// How long rows of the access log may lie in the system's memory only, and
/// how many of them: whoever reads fast to pull the plug gains nothing by it.
const UNFLUSHED: Duration = Duration::from_secs(1);
const UNFLUSHED_ROWS: usize = 256;

/// A connection with the texts and shapes of its statements.
pub(crate) struct SqliteConnection {
    raw: Connection,
    texts: HashMap<String, Arc<Text>>,
    /// Whether a commit of the access log waits for the disk; the database's always does.
    synchronous: Synchronous,
}

/// SQLite's `synchronous` of the access log, as it was last set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Synchronous {
    Full,
    Normal,
    /// Never changed again: a drill of the check of durability.
    Off,
}

struct Text {
    sqlite: String,
    shape: std::sync::OnceLock<Arc<Shape>>,
}

impl SqliteConnection {
    /// The connection that writes. `synchronous` is FULL; `off` exists only
    /// so that a drill can show the check of durability failing.
    pub(crate) fn writer(file: &Path, create: bool, synchronous_off: bool) -> Result<Self, StoreError> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if create {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let mut this = Self::open(file, flags)?;
        this.batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;",
        )?;
        this.make_looks(file)?;
        this.attach_looks(file)?;
        this.batch("PRAGMA looks.synchronous = FULL")?;
        if synchronous_off {
            this.batch("PRAGMA synchronous = OFF; PRAGMA looks.synchronous = OFF")?;
            this.synchronous = Synchronous::Off;
        }
        Ok(this)
    }

    /// Makes the file of the access log where it is missing: in a new
    /// deployment, and in one restored from a backup of the database alone.
    fn make_looks(&self, file: &Path) -> Result<(), StoreError> {
        let looks = file.with_file_name(schema::SQLITE_LOOKS);
        if looks.exists() {
            return Ok(());
        }
        let made = Self::open(
            &looks,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        // Two processes may make it at once.
        let table = schema::sqlite_texts().1.replacen("TABLE", "TABLE IF NOT EXISTS", 1);
        made.batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        made.batch(&table)
    }

    /// The access log beside the database, under the name `looks`. Statements
    /// name its table alone, as on PostgreSQL.
    fn attach_looks(&self, file: &Path) -> Result<(), StoreError> {
        const ATTACH: &str = "ATTACH DATABASE ?1 AS looks";
        let looks = file.with_file_name(schema::SQLITE_LOOKS);
        let looks = looks.to_str().ok_or_else(|| StoreError::Unavailable {
            cause: format!("{}: not a path in UTF-8", looks.display()),
            uncertain: false,
        })?;
        self.raw
            .execute(ATTACH, [looks])
            .map(drop)
            .map_err(|e| refused(ATTACH, &e))
    }

    /// Whether the commits of the access log from here on wait for the disk.
    fn wait_for_disk(&mut self, wait: bool) -> Result<(), StoreError> {
        let (wanted, text) = if wait {
            (Synchronous::Full, "PRAGMA looks.synchronous = FULL")
        } else {
            (Synchronous::Normal, "PRAGMA looks.synchronous = NORMAL")
        };
        if self.synchronous != wanted && self.synchronous != Synchronous::Off {
            self.batch(text)?;
            self.synchronous = wanted;
        }
        Ok(())
    }

    /// A connection that only reads.
    pub(crate) fn reader(file: &Path) -> Result<Self, StoreError> {
        let this = Self::open(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        this.attach_looks(file)?;
        // Small: every write empties it, and the system keeps the file's pages anyway.
        this.batch("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4000;")?;
        Ok(this)
    }

    fn open(file: &Path, flags: OpenFlags) -> Result<Self, StoreError> {
        let raw = Connection::open_with_flags(file, flags).map_err(|e| StoreError::Unavailable {
            cause: format!("{}: {e}", file.display()),
            uncertain: false,
        })?;
        raw.busy_timeout(PATIENCE).map_err(|e| refused("busy_timeout", &e))?;
        raw.set_prepared_statement_cache_capacity(STATEMENTS);
        // One plan for each text. Without this promise SQLite plans every statement with a bound LIMIT again at
        // each use, to see whether the number changes the plan.
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .map_err(|e| refused("query planner stability", &e))?;
        Ok(Self {
            raw,
            texts: HashMap::new(),
            synchronous: Synchronous::Full,
        })
    }

    /// Runs several statements without values.
    pub(crate) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.raw.execute_batch(sql).map_err(|e| refused(sql, &e))
    }

    fn text(&mut self, sql: &str) -> Arc<Text> {
        if let Some(text) = self.texts.get(sql) {
            return Arc::clone(text);
        }
        let text = Arc::new(Text {
            sqlite: numbered(sql),
            shape: std::sync::OnceLock::new(),
        });
        // Lists built at run time have few shapes; a bound all the same.
        if self.texts.len() > 4 * STATEMENTS {
            self.texts.clear();
        }
        self.texts.insert(sql.to_owned(), Arc::clone(&text));
        text
    }

    pub(crate) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        let text = self.text(sql);
        let run = || {
            let mut statement = self.raw.prepare_cached(&text.sqlite)?;
            statement.execute(rusqlite::params_from_iter(values))
        };
        run().map(|n| n as u64).map_err(|e| refused(sql, &e))
    }

    pub(crate) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let text = self.text(sql);
        let run = || {
            let mut statement = self.raw.prepare_cached(&text.sqlite)?;
            let shape = Arc::clone(text.shape.get_or_init(|| {
                let columns = statement.column_names().map(str::to_owned).collect();
                Arc::new(Shape {
                    text: sql.to_owned(),
                    columns,
                })
            }));
            let width = shape.columns.len();
            let mut rows = statement.query(rusqlite::params_from_iter(values))?;
            let mut out = Gathering::new(shape);
            while let Some(row) = rows.next()? {
                for at in 0..width {
                    gather(&mut out, row.get_ref(at)?);
                }
            }
            Ok(out.rows())
        };
        run().map_err(|e| refused(sql, &e))
    }

    /// Prepares a statement.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn check(&mut self, sql: &str) -> Result<(), StoreError> {
        let text = self.text(sql);
        self.raw.prepare(&text.sqlite).map(drop).map_err(|e| refused(sql, &e))
    }

    fn plain(&self, sql: &'static str) -> Result<(), StoreError> {
        self.raw
            .prepare_cached(sql)
            .and_then(|mut s| s.execute([]))
            .map(drop)
            .map_err(|e| refused(sql, &e))
    }
}

/// `$1` is a name to SQLite, numbered by first appearance; `?1` is a position.
fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        let digit = chars.peek().is_some_and(char::is_ascii_digit);
        out.push(if c == '$' && digit { '?' } else { c });
    }
    out
}

fn gather(out: &mut Gathering, value: Raw<'_>) {
    match value {
        Raw::Null => out.push(ValueRef::Null),
        Raw::Integer(n) => out.push(ValueRef::Int(n)),
        // No column is REAL; a computed one shows itself as text and fails where it is read as a number.
        Raw::Real(f) => out.push(ValueRef::Text(&f.to_string())),
        Raw::Text(t) => out.push(ValueRef::Text(&String::from_utf8_lossy(t))),
        Raw::Blob(b) => out.push(ValueRef::Blob(b)),
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => Raw::Null,
            Self::Int(n) => Raw::Integer(*n),
            Self::Text(t) => Raw::Text(t.as_bytes()),
            Self::Blob(b) => Raw::Blob(b),
        }))
    }
}

fn refused(sql: &str, error: &rusqlite::Error) -> StoreError {
    if let rusqlite::Error::SqliteFailure(code, message) = error {
        let what = message.clone().unwrap_or_else(|| code.to_string());
        let broken = match code.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
                Some(Broken::Unique)
            }
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Some(Broken::Reference),
            ffi::SQLITE_CONSTRAINT_CHECK => Some(Broken::Check),
            ffi::SQLITE_CONSTRAINT_NOTNULL => Some(Broken::NotNull),
            _ => None,
        };
        return match (broken, code.code) {
            (Some(broken), _) => StoreError::Constraint { broken, what },
            (None, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            (None, ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => {
                StoreError::Unavailable {
                    cause: what,
                    uncertain: false,
                }
            }
            (None, _) => StoreError::Sql {
                statement: sql.to_owned(),
                message: what,
            },
        };
    }
    // Other errors of the driver can quote a value; only their kind is told.
    let message = match error {
        rusqlite::Error::InvalidParameterCount(given, wanted) => format!("{given} values given, {wanted} wanted"),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        _ => "refused by the driver".to_owned(),
    };
    StoreError::Sql {
        statement: sql.to_owned(),
        message,
    }
}

/// The writer's life: take what waits, run it, commit, answer. Rows of the
/// access log go first and by themselves, so that no read waits for the disk
/// and no write shares a commit that does not.
pub(crate) fn write_lane(
    mut connection: SqliteConnection,
    jobs: &crossbeam_channel::Receiver<Box<dyn Job>>,
    deployment: &Deployment,
) {
    let (mut looks, mut writes) = (Vec::with_capacity(GROUP), Vec::with_capacity(GROUP));
    // Since when there are commits that the disk may not have, and of how many looks.
    let mut unflushed: Option<(Instant, usize)> = None;
    loop {
        let first = match unflushed {
            None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some((since, _)) => jobs.recv_timeout(UNFLUSHED.saturating_sub(since.elapsed())),
        };
        let mut next = match first {
            Ok(job) => Some(job),
            Err(RecvTimeoutError::Timeout) => {
                match flush(&mut connection) {
                    Ok(()) => unflushed = None,
                    Err(error) => {
                        tracing::error!(cause = %error, "the access log could not be flushed");
                        // Tried again a second later, or with the next row that must wait.
                        unflushed = unflushed.map(|(_, rows)| (Instant::now(), rows));
                    }
                }
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        };
        while let Some(job) = next {
            let group = if job.only_looks() { &mut looks } else { &mut writes };
            group.push(job);
            next = if looks.len() + writes.len() < GROUP {
                jobs.try_recv().ok()
            } else {
                None
            };
        }
        for group in [&mut looks, &mut writes] {
            let Some(first) = group.first() else { continue };
            let only_looks = first.only_looks();
            let added = group.len();
            let wait = !only_looks
                || unflushed.is_some_and(|(since, rows)| since.elapsed() >= UNFLUSHED || rows + added > UNFLUSHED_ROWS);
            let done = connection
                .wait_for_disk(wait)
                .and_then(|()| commit_together(&mut connection, group, deployment));
            // A group of writes may have written nothing, and then it has not waited either.
            if only_looks {
                unflushed = if wait && done.is_ok() {
                    None
                } else {
                    let (since, rows) = unflushed.unwrap_or_else(|| (Instant::now(), 0));
                    Some((since, rows + added))
                };
            }
            for job in group.drain(..) {
                job.finish(done.clone());
            }
        }
    }
    // The last connection folds the journals into their files, so that a folder at rest is two files.
    drop(connection.wait_for_disk(true));
    drop(connection.batch("PRAGMA wal_checkpoint(TRUNCATE)"));
}

/// Has every committed row of the access log on the disk: a commit that waits
/// takes what went before it along. It must change something, for SQLite
/// writes no page that stays the same, and then waits for nothing.
fn flush(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    const FLUSHES: &str = "PRAGMA looks.user_version";
    connection.wait_for_disk(true)?;
    let flushes: i32 = connection
        .raw
        .query_row(FLUSHES, [], |row| row.get(0))
        .map_err(|e| refused(FLUSHES, &e))?;
    connection.batch(&format!("{FLUSHES} = {}", flushes.wrapping_add(1)))
}

fn commit_together(
    connection: &mut SqliteConnection,
    batch: &mut [Box<dyn Job>],
    deployment: &Deployment,
) -> Result<(), StoreError> {
    // Looks lock their own file only, not the database.
    let looks = batch.first().is_some_and(|job| job.only_looks());
    connection.plain(if looks { "BEGIN" } else { "BEGIN IMMEDIATE" })?;
    let done = run_all(connection, batch, deployment).and_then(|good| {
        if good {
            connection.plain("COMMIT")
        } else {
            connection.plain("ROLLBACK")
        }
    });
    if done.is_err() && !connection.raw.is_autocommit() {
        // A COMMIT that failed leaves the transaction open; it must not leak into the next group.
        drop(connection.plain("ROLLBACK"));
    }
    done
}

/// Runs each job in its savepoint; whether any of them stands.
fn run_all(
    connection: &mut SqliteConnection,
    batch: &mut [Box<dyn Job>],
    deployment: &Deployment,
) -> Result<bool, StoreError> {
    // A look is one statement, which stands or falls by itself.
    let apart = batch.len() > 1 && !batch[0].only_looks();
    let mut good = false;
    for job in batch {
        if apart {
            connection.plain("SAVEPOINT job")?;
        }
        let ran = job.run(&mut Tx::new(TxConnection::Sqlite(connection), deployment));
        if connection.raw.is_autocommit() {
            // SQLite itself rolled everything back (disk full, I/O error).
            return Err(StoreError::Unavailable {
                cause: "the group was rolled back".into(),
                uncertain: false,
            });
        }
        good |= ran == Ran::Good;
        if apart {
            if ran != Ran::Good {
                connection.plain("ROLLBACK TO job")?;
            }
            connection.plain("RELEASE job")?;
        }
    }
    Ok(good)
}

/// A reader's life: each job sees one unchanging state of the database. One
/// that leaves rows in the access log is answered by the writer, after them.
pub(crate) fn read_lane(
    mut connection: SqliteConnection,
    jobs: &crossbeam_channel::Receiver<Box<dyn Job>>,
    writes: &crossbeam_channel::Sender<Box<dyn Job>>,
    deployment: &Deployment,
) {
    while let Ok(mut job) = jobs.recv() {
        let mut looks = Vec::new();
        let done = connection.plain("BEGIN").and_then(|()| {
            let mut tx = Tx::reading(TxConnection::Sqlite(&mut connection), deployment);
            if job.run(&mut tx) == Ran::Good {
                looks = tx.into_looks();
            }
            connection.plain("COMMIT")
        });
        if done.is_err() && !connection.raw.is_autocommit() {
            drop(connection.plain("ROLLBACK"));
        }
        if done.is_err() || looks.is_empty() {
            job.finish(done);
        } else if let Err(back) = writes.send(Looked::new(job, looks)) {
            back.0.finish(Err(StoreError::closed()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flush_always_writes_and_so_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = SqliteConnection::writer(&folder.path().join("flushes"), true, false).unwrap();
        let journal = || {
            let file = folder.path().join(format!("{}-wal", schema::SQLITE_LOOKS));
            std::fs::metadata(file).unwrap().len()
        };
        for _ in 0..3 {
            connection.wait_for_disk(false).unwrap();
            let before = journal();
            flush(&mut connection).unwrap();
            assert!(journal() > before, "nothing was written, so nothing was waited for");
            assert_eq!(connection.synchronous, Synchronous::Full);
        }
    }

    #[test]
    fn looks_empty_no_reader_and_a_lost_access_log_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(schema::SQLITE_FILE);
        let mut writer = SqliteConnection::writer(&file, true, false).unwrap();
        writer.batch("CREATE TABLE row (a INTEGER)").unwrap();
        let reader = SqliteConnection::reader(&file).unwrap();
        let version = |c: &SqliteConnection| -> i64 {
            c.raw
                .query_row("PRAGMA main.data_version", [], |row| row.get(0))
                .unwrap()
        };
        let before = version(&reader);
        let look = "INSERT INTO access_log (at, route, purpose, cases) VALUES (1, 'r', 'p', x'00')";
        writer.execute(look, &[]).unwrap();
        assert_eq!(
            version(&reader),
            before,
            "a look changed what readers have of the database"
        );
        writer.batch("INSERT INTO row VALUES (1)").unwrap();
        assert_ne!(version(&reader), before);
        drop((writer, reader));
        std::fs::remove_file(folder.path().join(schema::SQLITE_LOOKS)).unwrap();
        let mut again = SqliteConnection::writer(&file, false, false).unwrap();
        again.execute(look, &[]).unwrap();
        assert_eq!(again.query("SELECT seq FROM access_log", &[]).unwrap().len(), 1);
    }

    #[test]
    fn a_statement_is_planned_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = SqliteConnection::writer(&folder.path().join("plans"), true, true).unwrap();
        connection.batch("CREATE TABLE row (a INTEGER)").unwrap();
        let sql = "SELECT a FROM row WHERE a < $1 ORDER BY a LIMIT $2";
        for limit in [40, 1, 0, 41] {
            connection.query(sql, &[Value::Int(limit), Value::Int(limit)]).unwrap();
        }
        let statement = connection.raw.prepare_cached(&numbered(sql)).unwrap();
        assert_eq!(statement.get_status(rusqlite::StatementStatus::Run), 4);
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
    }
}
