//! PostgreSQL: a few threads, each with its connection; one job is one
//! transaction, tried again when it met another's.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use postgres::error::SqlState;
use postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use postgres::{Client, NoTls, Statement};

use crate::error::{Broken, StoreError};
use crate::lane::{Job, LookRow, Looked, Ran};
use crate::tx::{Connection as TxConnection, Deployment, Tx};
use crate::value::{Gathering, Row, Shape, Value, ValueRef};

/// How often a job is run again after a conflict.
const TRIES: u32 = 5;

/// A connection that is made again when it is lost.
pub(crate) struct PgConnection {
    url: String,
    live: Option<Live>,
}

struct Live {
    client: Client,
    statements: HashMap<String, (Statement, Arc<Shape>)>,
}

impl PgConnection {
    /// Connects. Transport is not encrypted: the database is on this machine
    /// or behind a tunnel.
    pub(crate) fn open(url: &str) -> Result<Self, StoreError> {
        let mut this = Self {
            url: url.to_owned(),
            live: None,
        };
        this.live()?;
        Ok(this)
    }

    fn live(&mut self) -> Result<&mut Live, StoreError> {
        if self.live.as_ref().is_some_and(|l| l.client.is_closed()) {
            self.live = None;
        }
        match &mut self.live {
            Some(live) => Ok(live),
            empty => {
                let mut config: postgres::Config = self
                    .url
                    .parse()
                    .map_err(|_| StoreError::schema("the database's address is not a PostgreSQL URL"))?;
                config
                    .application_name("relais")
                    .connect_timeout(Duration::from_secs(10));
                let mut client = config.connect(NoTls).map_err(|e| unreachable(&e))?;
                // An acknowledged write must be on disk, whatever the server's default.
                client
                    .batch_execute(
                        "SET client_min_messages = warning; \
                         SET default_transaction_isolation = 'read committed'; \
                         DO $$ BEGIN IF current_setting('synchronous_commit') = 'off' THEN SET synchronous_commit = on; END IF; END $$;",
                    )
                    .map_err(|e| refused("SET", &e))?;
                Ok(empty.insert(Live {
                    client,
                    statements: HashMap::new(),
                }))
            }
        }
    }

    /// Runs several statements without values.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        self.live()?.client.batch_execute(sql).map_err(|e| refused(sql, &e))
    }

    fn prepared(&mut self, sql: &str) -> Result<(&mut Client, Statement, Arc<Shape>), StoreError> {
        // No reconnection here: inside a transaction a lost connection is a lost transaction.
        let live = self.live.as_mut().ok_or_else(lost)?;
        let (statement, shape) = match live.statements.get(sql) {
            Some(known) => known.clone(),
            None => {
                let statement = live.client.prepare(sql).map_err(|e| refused(sql, &e))?;
                let columns = statement.columns().iter().map(|c| c.name().to_owned()).collect();
                let shape = Arc::new(Shape {
                    text: sql.to_owned(),
                    columns,
                });
                if live.statements.len() > 1024 {
                    live.statements.clear();
                }
                live.statements
                    .insert(sql.to_owned(), (statement.clone(), Arc::clone(&shape)));
                (statement, shape)
            }
        };
        Ok((&mut live.client, statement, shape))
    }

    pub(crate) fn execute(&mut self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        let (client, statement, _) = self.prepared(sql)?;
        count(sql, &statement, values)?;
        client
            .execute(&statement, &as_sql(values))
            .map_err(|e| refused(sql, &e))
    }

    pub(crate) fn query(&mut self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let (client, statement, shape) = self.prepared(sql)?;
        count(sql, &statement, values)?;
        let rows = client
            .query(&statement, &as_sql(values))
            .map_err(|e| refused(sql, &e))?;
        let mut out = Gathering::new(shape);
        for row in &rows {
            for (at, column) in row.columns().iter().enumerate() {
                let value = read(row, at, column.type_()).ok_or_else(|| StoreError::Column {
                    column: column.name().to_owned(),
                    expected: "number, truth value, text or bytes",
                    found: "another type",
                    statement: sql.to_owned(),
                })?;
                out.push(value);
            }
        }
        Ok(out.rows())
    }

    /// Prepares a statement and holds every column and value to the types we read and write.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn check(&mut self, sql: &str) -> Result<(), StoreError> {
        self.live()?;
        let (_, statement, _) = self.prepared(sql)?;
        for column in statement.columns() {
            if !is_ours(column.type_()) {
                return Err(StoreError::Column {
                    column: column.name().to_owned(),
                    expected: "number, truth value, text or bytes",
                    found: "another type",
                    statement: sql.to_owned(),
                });
            }
        }
        if let Some(ty) = statement.params().iter().find(|ty| !is_ours(ty)) {
            let message = format!("a value of type {ty} cannot be given");
            return Err(StoreError::Sql {
                statement: sql.to_owned(),
                message,
            });
        }
        Ok(())
    }

    fn plain(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.live
            .as_mut()
            .ok_or_else(lost)?
            .client
            .batch_execute(sql)
            .map_err(|e| refused(sql, &e))
    }
}

fn lost() -> StoreError {
    StoreError::Unavailable {
        cause: "the connection was lost".into(),
        uncertain: false,
    }
}

fn count(sql: &str, statement: &Statement, values: &[Value]) -> Result<(), StoreError> {
    let (given, wanted) = (values.len(), statement.params().len());
    if given == wanted {
        return Ok(());
    }
    Err(StoreError::Sql {
        statement: sql.to_owned(),
        message: format!("{given} values given, {wanted} wanted"),
    })
}

fn as_sql(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|v| v as &(dyn ToSql + Sync)).collect()
}

#[cfg(any(test, feature = "testing"))]
fn is_ours(ty: &Type) -> bool {
    [
        Type::INT8,
        Type::INT4,
        Type::INT2,
        Type::BOOL,
        Type::TEXT,
        Type::VARCHAR,
        Type::BYTEA,
    ]
    .contains(ty)
}

fn read<'a>(row: &'a postgres::Row, at: usize, ty: &Type) -> Option<ValueRef<'a>> {
    let value = match *ty {
        Type::INT8 => row.try_get::<_, Option<i64>>(at).ok()?.map(ValueRef::Int),
        Type::INT4 => row.try_get::<_, Option<i32>>(at).ok()?.map(|n| ValueRef::Int(n.into())),
        Type::INT2 => row.try_get::<_, Option<i16>>(at).ok()?.map(|n| ValueRef::Int(n.into())),
        Type::BOOL => row
            .try_get::<_, Option<bool>>(at)
            .ok()?
            .map(|b| ValueRef::Int(b.into())),
        Type::TEXT | Type::VARCHAR => row.try_get::<_, Option<&str>>(at).ok()?.map(ValueRef::Text),
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(at).ok()?.map(ValueRef::Blob),
        _ => return None,
    };
    Some(value.unwrap_or(ValueRef::Null))
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(n), &Type::INT8) => n.to_sql(ty, out),
            (Self::Int(n), &Type::INT4) => i32::try_from(*n)?.to_sql(ty, out),
            (Self::Int(n), &Type::INT2) => i16::try_from(*n)?.to_sql(ty, out),
            (Self::Int(n), &Type::BOOL) => (*n != 0).to_sql(ty, out),
            (Self::Text(t), &Type::TEXT | &Type::VARCHAR) => t.to_sql(ty, out),
            (Self::Blob(b), &Type::BYTEA) => b.to_sql(ty, out),
            (value, ty) => Err(format!("{} given where {ty} is wanted", value.borrowed().kind()).into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn unreachable(error: &postgres::Error) -> StoreError {
    let mut cause = error.to_string();
    let mut below = error.source();
    while let Some(e) = below {
        cause = format!("{cause}: {e}");
        below = e.source();
    }
    StoreError::Unavailable {
        cause,
        uncertain: false,
    }
}

fn refused(sql: &str, error: &postgres::Error) -> StoreError {
    let Some(db) = error.as_db_error() else {
        if error.is_closed() || error.source().is_some_and(|e| e.is::<std::io::Error>()) {
            return unreachable(error);
        }
        return StoreError::Sql {
            statement: sql.to_owned(),
            message: error.to_string(),
        };
    };
    let code = db.code();
    // The message names constraint and table; the detail would quote the row, so it is never told.
    let what = db.constraint().map_or_else(
        || db.message().to_owned(),
        |c| format!("{} {c}", db.table().unwrap_or("?")),
    );
    let broken = [
        (SqlState::UNIQUE_VIOLATION, Broken::Unique),
        (SqlState::FOREIGN_KEY_VIOLATION, Broken::Reference),
        (SqlState::CHECK_VIOLATION, Broken::Check),
        (SqlState::NOT_NULL_VIOLATION, Broken::NotNull),
    ]
    .into_iter()
    .find_map(|(state, broken)| (*code == state).then_some(broken));
    if let Some(broken) = broken {
        return StoreError::Constraint { broken, what };
    }
    if [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
    ]
    .contains(code)
    {
        return StoreError::Busy;
    }
    // Class 57P: the server is going down or refuses connections; 08: the line broke.
    if code.code().starts_with("57P") || code.code().starts_with("08") {
        return StoreError::Unavailable {
            cause: db.message().to_owned(),
            uncertain: false,
        };
    }
    StoreError::Sql {
        statement: sql.to_owned(),
        message: format!("{} {}", code.code(), db.message()),
    }
}

/// A job in its lane: whether it may write.
pub(crate) struct PgJob {
    pub(crate) job: Box<dyn Job>,
    pub(crate) writes: bool,
}

/// A worker's life.
pub(crate) fn work_lane(
    mut connection: PgConnection,
    jobs: &crossbeam_channel::Receiver<PgJob>,
    deployment: &Deployment,
) {
    while let Ok(PgJob { mut job, writes }) = jobs.recv() {
        let kind = if writes { Kind::Writes } else { Kind::Reads };
        let mut looks = Vec::new();
        let done = transact(&mut connection, job.as_mut(), kind, &mut looks, deployment);
        if done.is_err() || looks.is_empty() {
            job.finish(done);
            continue;
        }
        let mut looked = Looked::new(job, looks);
        let done = transact(
            &mut connection,
            looked.as_mut(),
            Kind::Looks,
            &mut Vec::new(),
            deployment,
        );
        looked.finish(done);
    }
}

/// What a transaction is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Reads,
    Writes,
    /// Only rows of the access log: the commit does not wait for the disk, which
    /// follows within three times `wal_writer_delay` (decision 0011).
    Looks,
}

fn transact(
    connection: &mut PgConnection,
    job: &mut dyn Job,
    kind: Kind,
    looks: &mut Vec<LookRow>,
    deployment: &Deployment,
) -> Result<(), StoreError> {
    let begin = match kind {
        Kind::Reads => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Kind::Writes => "BEGIN",
        Kind::Looks => "BEGIN; SET LOCAL synchronous_commit = off",
    };
    let mut tries = 0;
    loop {
        tries += 1;
        connection.live()?;
        if let Err(error) = connection.plain(begin) {
            // An idle connection that the server closed is found only here; nothing has been done yet.
            connection.live = None;
            if tries < TRIES && matches!(error, StoreError::Unavailable { .. }) {
                continue;
            }
            return Err(error);
        }
        let at = TxConnection::Postgres(connection);
        let mut tx = if kind == Kind::Reads {
            Tx::reading(at, deployment)
        } else {
            Tx::new(at, deployment)
        };
        let ran = job.run(&mut tx);
        *looks = tx.into_looks();
        match ran {
            Ran::Good => match connection.plain("COMMIT") {
                Ok(()) => return Ok(()),
                Err(StoreError::Busy) if tries < TRIES => {}
                Err(StoreError::Unavailable { cause, .. }) => {
                    connection.live = None;
                    return Err(StoreError::Unavailable {
                        cause,
                        uncertain: kind != Kind::Reads,
                    });
                }
                Err(error) => {
                    connection.live = None;
                    return Err(error);
                }
            },
            ran => {
                if connection.plain("ROLLBACK").is_err() {
                    connection.live = None;
                }
                if ran == Ran::Bad || tries == TRIES {
                    looks.clear();
                    return Ok(());
                }
            }
        }
        // A short, growing pause lets the other transaction end.
        std::thread::sleep(Duration::from_millis(2 << tries));
    }
}
