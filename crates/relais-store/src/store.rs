//! The door of the room: open a database, give it units of work.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, unbounded};
use tokio::sync::{Semaphore, oneshot};

use crate::error::StoreError;
use crate::keyring::Keyring;
use crate::lane::{Answer, Job, Work};
use crate::postgres_lane::{self, PgConnection, PgJob};
use crate::schema;
use crate::seal::Sealer;
use crate::sqlite_lane::{self, SqliteConnection};
use crate::tx::{Connection, Deployment, Dialect, Tx};

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder with the SQLite file `relais.sqlite`.
    Sqlite {
        /// The data folder.
        folder: PathBuf,
    },
    /// A PostgreSQL database, `postgres://user:password@host/name`.
    Postgres {
        /// Its address.
        url: String,
    },
}

impl Location {
    /// The data folder, where there is one: the keyring must not lie in it.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Sqlite { folder } => Some(folder),
            Self::Postgres { .. } => None,
        }
    }
}

/// How many threads a store uses.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Reading connections on SQLite.
    pub readers: usize,
    /// Connections on PostgreSQL.
    pub workers: usize,
    /// Asynchronous jobs that may wait for a lane; more wait before it.
    pub queue: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 3,
            workers: 8,
            queue: 256,
        }
    }
}

/// A deployment's database. Cheap to clone; the threads end with the last clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    lanes: Lanes,
    deployment: Arc<Deployment>,
    room: Arc<Semaphore>,
    threads: Vec<JoinHandle<()>>,
}

enum Lanes {
    Sqlite {
        writes: Option<Sender<Box<dyn Job>>>,
        reads: Option<Sender<Box<dyn Job>>>,
    },
    Postgres {
        jobs: Option<Sender<PgJob>>,
    },
}

impl Lanes {
    fn send(&self, job: Box<dyn Job>, writes: bool) -> Result<(), Box<dyn Job>> {
        match self {
            Self::Sqlite { writes: to, .. } if writes => to
                .as_ref()
                .map_or_else(|| Err(None), |to| to.send(job).map_err(|e| Some(e.0))),
            Self::Sqlite { reads: to, .. } => to
                .as_ref()
                .map_or_else(|| Err(None), |to| to.send(job).map_err(|e| Some(e.0))),
            Self::Postgres { jobs: to } => to.as_ref().map_or_else(
                || Err(None),
                |to| to.send(PgJob { job, writes }).map_err(|e| Some(e.0.job)),
            ),
        }
        .or_else(|lost| lost.map_or(Ok(()), Err))
    }
}

impl Store {
    /// Creates the schema in an empty database and opens it. `drill` is
    /// decided here for good: only a drill's clock can be set.
    ///
    /// # Errors
    /// When the database cannot be reached or already holds a deployment.
    pub fn create(
        location: &Location,
        keyring: Arc<Keyring>,
        options: Options,
        drill: bool,
    ) -> Result<Self, StoreError> {
        if let Some(folder) = location.folder() {
            std::fs::create_dir_all(folder).map_err(|e| StoreError::file(folder, &e))?;
        }
        on_own_thread(|| {
            let sealer = Sealer::new(Arc::clone(&keyring));
            let deployment = Deployment {
                drill,
                sealer: Arc::new(sealer),
            };
            let mut raw = Raw::open(location, true, false)?;
            raw.create_schema(&deployment)
        })?;
        Self::open(location, keyring, options)
    }

    /// Opens a deployment's database.
    ///
    /// # Errors
    /// When it cannot be reached, is not one of ours, is of another version,
    /// or was made with another keyring.
    pub fn open(location: &Location, keyring: Arc<Keyring>, options: Options) -> Result<Self, StoreError> {
        on_own_thread(|| {
            let sealer = Arc::new(Sealer::new(Arc::clone(&keyring)));
            let mut probe = Deployment { drill: false, sealer };
            let mut raw = Raw::open(location, false, false)?;
            probe.drill = raw.read_identity(&probe)?;
            raw.refuse_forgetful(&probe)?;
            drop(raw);
            let deployment = Arc::new(probe);
            let mut threads = Vec::new();
            let lanes = match location {
                Location::Sqlite { folder } => {
                    let file = folder.join(schema::SQLITE_FILE);
                    let (writes, jobs) = unbounded();
                    let writer = SqliteConnection::writer(&file, false, synchronous_off(deployment.drill))?;
                    let at = Arc::clone(&deployment);
                    threads.push(spawn("relais-write", move || {
                        sqlite_lane::write_lane(writer, &jobs, &at)
                    })?);
                    let (reads, jobs) = unbounded();
                    for n in 0..options.readers.max(1) {
                        let (reader, jobs, looks, at) = (
                            SqliteConnection::reader(&file)?,
                            Receiver::clone(&jobs),
                            Sender::clone(&writes),
                            Arc::clone(&deployment),
                        );
                        threads.push(spawn(&format!("relais-read-{n}"), move || {
                            sqlite_lane::read_lane(reader, &jobs, &looks, &at)
                        })?);
                    }
                    Lanes::Sqlite {
                        writes: Some(writes),
                        reads: Some(reads),
                    }
                }
                Location::Postgres { url } => {
                    let (to, jobs) = unbounded();
                    for n in 0..options.workers.max(1) {
                        let (worker, jobs, at) = (
                            PgConnection::open(url)?,
                            Receiver::clone(&jobs),
                            Arc::clone(&deployment),
                        );
                        threads.push(spawn(&format!("relais-sql-{n}"), move || {
                            postgres_lane::work_lane(worker, &jobs, &at)
                        })?);
                    }
                    Lanes::Postgres { jobs: Some(to) }
                }
            };
            let room = Arc::new(Semaphore::new(options.queue.max(1)));
            Ok(Self(Arc::new(Inner {
                lanes,
                deployment,
                room,
                threads,
            })))
        })
    }

    /// Which database is below.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        match self.0.lanes {
            Lanes::Sqlite { .. } => Dialect::Sqlite,
            Lanes::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// Whether the database was created as a drill.
    #[must_use]
    pub fn is_drill(&self) -> bool {
        self.0.deployment.drill
    }

    /// What seals and opens values.
    #[must_use]
    pub fn sealer(&self) -> Arc<Sealer> {
        Arc::clone(&self.0.deployment.sealer)
    }

    /// The keyring.
    #[must_use]
    pub fn keyring(&self) -> Arc<Keyring> {
        Arc::clone(self.0.deployment.sealer.keyring())
    }

    /// A unit of work that writes. It is answered only after its commit is on
    /// disk; when the closure returns an error, nothing of it stays. The
    /// closure may be run again after a conflict (PostgreSQL), so it must not
    /// move its captures out. Nothing happens before the future is polled;
    /// once the job is in its lane, it is done even if the future is dropped.
    ///
    /// # Errors
    /// The closure's own, or the store's turned into them.
    pub fn write<T, E, F>(&self, closure: F) -> impl Future<Output = Result<T, E>> + Send + 'static
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(closure, true)
    }

    /// A unit of work that only reads, on one unchanging state of the database.
    ///
    /// # Errors
    /// The closure's own, or the store's turned into them.
    pub fn read<T, E, F>(&self, closure: F) -> impl Future<Output = Result<T, E>> + Send + 'static
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit(closure, false)
    }

    /// Reads before a unit of work what that would read first, where the units
    /// that write stand in one line (SQLite): there the line moves faster.
    /// None on PostgreSQL, where each has a connection of its own, and when
    /// the closure finds nothing or fails: the unit of work reads for itself
    /// then. What was read is old when the unit runs; it must prove, inside,
    /// that nothing of it has moved.
    pub fn ahead<T, F>(&self, closure: F) -> impl Future<Output = Option<T>> + Send + 'static
    where
        F: FnMut(&mut Tx<'_>) -> Result<Option<T>, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let in_line = self.dialect() == Dialect::Sqlite;
        let read = in_line.then(|| self.submit(closure, false));
        async move { read?.await.ok().flatten() }
    }

    /// [`Store::write`] for threads that may wait; never call it from asynchronous code.
    ///
    /// # Errors
    /// As there.
    pub fn write_blocking<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit_blocking(closure, true)
    }

    /// [`Store::read`] for threads that may wait; never call it from asynchronous code.
    ///
    /// # Errors
    /// As there.
    pub fn read_blocking<T, E, F>(&self, closure: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.submit_blocking(closure, false)
    }

    fn submit<T, E, F>(&self, closure: F, writes: bool) -> impl Future<Output = Result<T, E>> + Send + 'static
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let inner = Arc::clone(&self.0);
        async move {
            let room = Arc::clone(&inner.room).acquire_owned().await.ok();
            let (to, answer) = oneshot::channel();
            let job = Work {
                closure,
                outcome: None,
                answer: Answer::Later(to),
                _room: room,
            };
            if inner.lanes.send(Box::new(job), writes).is_err() {
                return Err(E::from(StoreError::closed()));
            }
            answer.await.unwrap_or_else(|_| Err(E::from(StoreError::closed())))
        }
    }

    fn submit_blocking<T, E, F>(&self, closure: F, writes: bool) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (to, answer) = std::sync::mpsc::sync_channel(1);
        let job = Work {
            closure,
            outcome: None,
            answer: Answer::Now(to),
            _room: None,
        };
        if self.0.lanes.send(Box::new(job), writes).is_err() {
            return Err(E::from(StoreError::closed()));
        }
        answer.recv().unwrap_or_else(|_| Err(E::from(StoreError::closed())))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        match &mut self.lanes {
            Lanes::Sqlite { writes, reads } => {
                *reads = None;
                *writes = None;
            }
            Lanes::Postgres { jobs } => *jobs = None,
        }
        let me = std::thread::current().id();
        for thread in self.threads.drain(..) {
            // The last clone may have been dropped inside a job; a thread cannot wait for itself.
            if thread.thread().id() != me {
                drop(thread.join());
            }
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("dialect", &self.dialect())
            .field("drill", &self.is_drill())
            .finish_non_exhaustive()
    }
}

fn spawn(name: &str, life: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(life)
        .map_err(|e| StoreError::Unavailable {
            cause: format!("no thread: {e}"),
            uncertain: false,
        })
}

/// The PostgreSQL driver waits inside; that must not happen on a thread of an asynchronous runtime.
fn on_own_thread<T: Send>(work: impl FnOnce() -> Result<T, StoreError> + Send) -> Result<T, StoreError> {
    std::thread::scope(|scope| scope.spawn(work).join()).unwrap_or(Err(StoreError::Panic))
}

/// `RELAIS_SQLITE_SYNCHRONOUS=off`, honoured only on a drill: the check that
/// an answer never leaves before its fsync must be seen to fail once.
fn synchronous_off(drill: bool) -> bool {
    drill && std::env::var("RELAIS_SQLITE_SYNCHRONOUS").is_ok_and(|v| v.eq_ignore_ascii_case("off"))
}

/// A connection outside the lanes, for creation, opening and checks.
pub(crate) enum Raw {
    Sqlite(SqliteConnection),
    Postgres(Box<PgConnection>),
}

impl Raw {
    pub(crate) fn open(location: &Location, create: bool, synchronous_off: bool) -> Result<Self, StoreError> {
        Ok(match location {
            Location::Sqlite { folder } => {
                let file = folder.join(schema::SQLITE_FILE);
                if !create && !file.exists() {
                    return Err(StoreError::schema(format!(
                        "{} does not exist; `relais init` makes it",
                        file.display()
                    )));
                }
                Self::Sqlite(SqliteConnection::writer(&file, create, synchronous_off)?)
            }
            Location::Postgres { url } => Self::Postgres(Box::new(PgConnection::open(url)?)),
        })
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(c) => c.batch(sql),
            Self::Postgres(c) => c.batch(sql),
        }
    }

    /// Prepares a statement without running it.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn check(&mut self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(c) => c.check(sql),
            Self::Postgres(c) => c.check(sql),
        }
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(crate) fn tx<'a>(&'a mut self, deployment: &'a Deployment) -> Tx<'a> {
        match self {
            Self::Sqlite(c) => Tx::new(Connection::Sqlite(c), deployment),
            Self::Postgres(c) => Tx::new(Connection::Postgres(c), deployment),
        }
    }

    fn create_schema(&mut self, deployment: &Deployment) -> Result<(), StoreError> {
        self.batch("BEGIN")?;
        let done = schema::create(self, deployment).and_then(|()| self.batch("COMMIT"));
        if done.is_err() {
            drop(self.batch("ROLLBACK"));
        }
        done
    }

    /// A PostgreSQL that acknowledges before its disk has the commit breaks
    /// the first promise (DESIGN §9); only a drill may run on one.
    fn refuse_forgetful(&mut self, deployment: &Deployment) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        let rows = self.tx(deployment).query(schema::SERVER_FSYNC_POSTGRES, &[])?;
        let forgetful = rows
            .iter()
            .any(|row| row.get::<String>("fsync").is_ok_and(|v| v == "off"));
        match (forgetful, deployment.drill) {
            (false, _) => Ok(()),
            (true, true) => {
                tracing::warn!("PostgreSQL runs with fsync off: acknowledged writes can be lost (allowed on a drill)");
                Ok(())
            }
            (true, false) => Err(StoreError::schema(
                "PostgreSQL runs with fsync off: acknowledged writes can be lost; set fsync = on in postgresql.conf",
            )),
        }
    }

    fn read_identity(&mut self, deployment: &Deployment) -> Result<bool, StoreError> {
        schema::read_identity(&mut self.tx(deployment), deployment.sealer.keyring())
    }
}
