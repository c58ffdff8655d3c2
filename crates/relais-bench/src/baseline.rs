//! The statements of one sent referral, written by hand: no HTTP, no rules, no
//! sealing, no JSON. The texts are the store's own, found by their beginnings,
//! so that a statement that changes there changes here; the values are those
//! of a referral that was really sent, under other ids.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use relais_store::{Location, Store, StoreError, Tx, Value};
use uuid::Uuid;

use crate::Failed;

/// Hands that run statements.
pub trait Hand {
    /// Runs a statement.
    ///
    /// # Errors
    /// What the database refuses.
    fn run(&mut self, sql: &'static str, values: &[Value]) -> Result<(), Failed>;
    /// Fetches all rows of a query; their count, and the first column of the first as a number.
    ///
    /// # Errors
    /// What the database refuses.
    fn fetch(&mut self, sql: &'static str, values: &[Value]) -> Result<(usize, i64), Failed>;
}

/// The registered statement that begins like this and holds that.
fn text(begins: &str, holds: &str) -> Result<&'static str, Failed> {
    relais_store::sql::all()
        .into_iter()
        .map(|(_, text)| text)
        .find(|text| text.starts_with(begins) && text.contains(holds))
        .ok_or_else(|| format!("no statement begins with {begins} and holds {holds}").into())
}

/// Everything one sending does, in its order, with values to copy.
pub struct Plan {
    case_of_need: &'static str,
    find_case: &'static str,
    reads: Vec<&'static str>,
    directory_version: &'static str,
    overrides: &'static str,
    lock_case: &'static str,
    claim: (&'static str, Vec<Value>),
    keep: (&'static str, Vec<Value>),
    referral: (&'static str, Vec<Value>),
    reckon: &'static str,
    referral_seq: &'static str,
    clear_due: &'static str,
    set_due: (&'static str, Vec<Vec<Value>>),
    need: (&'static str, Vec<Value>),
    need_due: Vec<Vec<Value>>,
    lock_head: &'static str,
    event: (&'static str, Vec<Value>),
    move_head: &'static str,
    disclosure: (&'static str, Vec<Value>),
    notice: (&'static str, Option<Vec<Value>>),
    count: (&'static str, Vec<Value>),
}

fn blob(id: Uuid) -> Value {
    Value::Blob(id.as_bytes().to_vec())
}

/// Rows of a table as they stand.
fn rows(store: &Store, sql: &str, values: Vec<Value>) -> Result<Vec<Vec<Value>>, Failed> {
    let sql = sql.to_owned();
    Ok(store.read_blocking(move |tx| -> Result<_, StoreError> {
        Ok(tx.query_built(&sql, &values)?.iter().map(|row| row.values()).collect())
    })?)
}

impl Plan {
    /// Copies a referral that was sent.
    ///
    /// # Errors
    /// When a statement or a row is not found.
    pub fn of(store: &Store, referral: Uuid, need: Uuid, maker: Uuid) -> Result<Self, Failed> {
        let one = |sql: &str, values: Vec<Value>| -> Result<Vec<Value>, Failed> {
            rows(store, sql, values)?
                .pop()
                .ok_or_else(|| format!("no row: {sql}").into())
        };
        let find = |table: &str| text("SELECT id, ", &format!(" FROM {table} WHERE id = $1"));
        let claim = one(
            "SELECT maker, kind, id, body_hash, at FROM request_log WHERE maker = $1 AND id = $2",
            vec![blob(maker), blob(referral)],
        )?;
        let answer = one(
            "SELECT answer FROM request_log WHERE maker = $1 AND id = $2",
            vec![blob(maker), blob(referral)],
        )?;
        let keep = vec![claim[0].clone(), claim[1].clone(), claim[2].clone(), answer[0].clone()];
        let mut need_row = one(find("need")?, vec![blob(need)])?;
        need_row.push(blob(need));
        let due = "SELECT subject, kind, due_at, state_version, lease_until FROM due_work WHERE subject = $1";
        let columns = "stream, seq, subject, kind, meta, happened_at, typed_at, sealed, link";
        let plan = Self {
            case_of_need: text("SELECT case_id FROM need", "")?,
            find_case: find("case_file")?,
            reads: ["consent", "need", "referral", "grant_row", "case_file"]
                .iter()
                .map(|table| match *table {
                    "case_file" => text("SELECT seq FROM case_file", "WHERE id = $1"),
                    "referral" => text("SELECT seq, id,", "FROM referral WHERE case_id = $1"),
                    other => text("SELECT id, ", &format!("FROM {other} WHERE case_id = $1")),
                })
                .collect::<Result<_, _>>()?,
            directory_version: text("SELECT version FROM directory_version", "")?,
            overrides: text("SELECT id, ", "FROM override_row WHERE case_id = $1")?,
            lock_case: text("UPDATE case_file SET version = version + 1", "WHERE id = $1")?,
            claim: (text("INSERT INTO request_log", "")?, claim),
            keep: (text("UPDATE request_log", "")?, keep),
            referral: (
                text("INSERT INTO referral ", "")?,
                one(find("referral")?, vec![blob(referral)])?,
            ),
            reckon: text("UPDATE case_file SET open_needs", "")?,
            referral_seq: text("SELECT seq FROM referral WHERE id", "")?,
            clear_due: text("DELETE FROM due_work WHERE subject = $1", "")?,
            set_due: (
                text("INSERT INTO due_work", "")?,
                rows(store, due, vec![blob(referral)])?,
            ),
            need: (text("UPDATE need SET id = $1", "")?, need_row),
            need_due: rows(store, due, vec![blob(need)])?,
            lock_head: text("INSERT INTO stream_head", "")?,
            event: (
                text("INSERT INTO event ", "")?,
                one(
                    &format!("SELECT {columns} FROM event WHERE subject = $1 AND kind = 'sent'"),
                    vec![blob(referral)],
                )?,
            ),
            move_head: text("UPDATE stream_head SET seq = $2", "")?,
            disclosure: (
                text("INSERT INTO disclosure", "")?,
                one(
                    "SELECT id, case_id, referral_id, recipient_id, stage, classes, restricted, at, basis FROM disclosure WHERE referral_id = $1",
                    vec![blob(referral)],
                )?,
            ),
            notice: (
                text("INSERT INTO outbox", "")?,
                rows(
                    store,
                    "SELECT at, kind, organisation_id, role, subject FROM outbox WHERE subject = $1",
                    vec![blob(referral)],
                )?
                .pop(),
            ),
            count: (
                text("INSERT INTO counter_cell", "")?,
                one(
                    "SELECT month, region, group_code, measure, value FROM counter_cell WHERE measure = 'referrals_sent'",
                    vec![],
                )?,
            ),
        };
        plan.fits()?;
        Ok(plan)
    }

    /// Whether each statement takes as many values as it gets: one that is
    /// found by its beginning may be another since.
    fn fits(&self) -> Result<(), Failed> {
        let one = [
            &self.claim,
            &self.keep,
            &self.referral,
            &self.need,
            &self.event,
            &self.disclosure,
            &self.count,
        ];
        let many = self
            .set_due
            .1
            .iter()
            .chain(&self.need_due)
            .map(|values| (self.set_due.0, values));
        let notice = self.notice.1.iter().map(|values| (self.notice.0, values));
        for (sql, values) in one
            .into_iter()
            .map(|(sql, values)| (*sql, values))
            .chain(many)
            .chain(notice)
        {
            let takes = (1..).take_while(|n| sql.contains(&format!("${n}"))).count();
            if takes != values.len() {
                return Err(format!("{} values for: {sql}", values.len()).into());
            }
        }
        Ok(())
    }

    /// Statements of one sending.
    #[must_use]
    pub fn len(&self) -> usize {
        19 + self.reads.len() + self.set_due.1.len() + self.need_due.len() + usize::from(self.notice.1.is_some())
    }

    /// Reads what one sending reads: on SQLite before its transaction, beside
    /// the line of those that write; on PostgreSQL within.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn read(&self, hand: &mut dyn Hand, [_, need, case, _]: [Uuid; 4]) -> Result<(), Failed> {
        let (need, case) = (blob(need), blob(case));
        hand.fetch(self.case_of_need, std::slice::from_ref(&need))?;
        hand.fetch(self.find_case, std::slice::from_ref(&case))?;
        for read in &self.reads {
            hand.fetch(read, std::slice::from_ref(&case))?;
        }
        Ok(())
    }

    /// Writes what one sending writes, for another need of another case.
    ///
    /// # Errors
    /// What the database refuses.
    pub fn send(&self, hand: &mut dyn Hand, [referral, need, case, other]: [Uuid; 4]) -> Result<(), Failed> {
        let (referral, need, case, other) = (blob(referral), blob(need), blob(case), blob(other));
        let put = |values: &[Value], at: &[(usize, &Value)]| {
            let mut values = values.to_vec();
            for (n, value) in at {
                values[*n] = (*value).clone();
            }
            values
        };
        hand.run(self.claim.0, &put(&self.claim.1, &[(2, &referral)]))?;
        hand.run(self.lock_case, std::slice::from_ref(&case))?;
        hand.fetch(self.directory_version, &[])?;
        hand.fetch(self.overrides, std::slice::from_ref(&case))?;
        hand.run(
            self.referral.0,
            &put(&self.referral.1, &[(0, &referral), (1, &need), (2, &case)]),
        )?;
        hand.run(self.reckon, std::slice::from_ref(&case))?;
        hand.fetch(self.referral_seq, std::slice::from_ref(&referral))?;
        hand.run(self.clear_due, std::slice::from_ref(&referral))?;
        for due in &self.set_due.1 {
            hand.run(self.set_due.0, &put(due, &[(0, &referral)]))?;
        }
        let key = self.need.1.len() - 1;
        hand.run(self.need.0, &put(&self.need.1, &[(0, &need), (1, &case), (key, &need)]))?;
        hand.run(self.reckon, std::slice::from_ref(&case))?;
        hand.run(self.clear_due, std::slice::from_ref(&need))?;
        for due in &self.need_due {
            hand.run(self.set_due.0, &put(due, &[(0, &need)]))?;
        }
        let (_, seq) = hand.fetch(self.lock_head, &[case.clone(), Value::Blob(vec![0; 32])])?;
        let (seq, link) = (Value::Int(seq + 1), &self.event.1[8]);
        hand.run(
            self.event.0,
            &put(&self.event.1, &[(0, &case), (1, &seq), (2, &referral)]),
        )?;
        hand.run(self.move_head, &[case.clone(), seq, link.clone()])?;
        hand.run(
            self.disclosure.0,
            &put(&self.disclosure.1, &[(0, &other), (1, &case), (2, &referral)]),
        )?;
        if let Some(notice) = &self.notice.1 {
            hand.run(self.notice.0, &put(notice, &[(4, &referral)]))?;
        }
        hand.run(self.count.0, &put(&self.count.1, &[(4, &Value::Int(1))]))?;
        hand.run(self.keep.0, &put(&self.keep.1, &[(2, &referral)]))
    }
}

struct Sqlite<'a>(&'a rusqlite::Connection, &'a HashMap<&'static str, String>);

impl Hand for Sqlite<'_> {
    fn run(&mut self, sql: &'static str, values: &[Value]) -> Result<(), Failed> {
        let text = self.1.get(sql).map_or(sql, String::as_str);
        self.0
            .prepare_cached(text)?
            .execute(rusqlite::params_from_iter(values))?;
        Ok(())
    }

    fn fetch(&mut self, sql: &'static str, values: &[Value]) -> Result<(usize, i64), Failed> {
        let text = self.1.get(sql).map_or(sql, String::as_str);
        let mut statement = self.0.prepare_cached(text)?;
        let mut found = statement.query(rusqlite::params_from_iter(values))?;
        let (mut n, mut first) = (0, 0);
        while let Some(row) = found.next()? {
            if n == 0 {
                first = row.get_ref(0)?.as_i64().unwrap_or(0);
            }
            n += 1;
        }
        Ok((n, first))
    }
}

struct Pg<'a>(
    postgres::Transaction<'a>,
    &'a mut HashMap<&'static str, postgres::Statement>,
);

impl Pg<'_> {
    fn statement(&mut self, sql: &'static str) -> Result<postgres::Statement, Failed> {
        if let Some(known) = self.1.get(sql) {
            return Ok(known.clone());
        }
        let made = self.0.prepare(sql)?;
        self.1.insert(sql, made.clone());
        Ok(made)
    }
}

fn as_sql(values: &[Value]) -> Vec<&(dyn postgres::types::ToSql + Sync)> {
    values
        .iter()
        .map(|v| v as &(dyn postgres::types::ToSql + Sync))
        .collect()
}

impl Hand for Pg<'_> {
    fn run(&mut self, sql: &'static str, values: &[Value]) -> Result<(), Failed> {
        let statement = self.statement(sql)?;
        self.0.execute(&statement, &as_sql(values))?;
        Ok(())
    }

    fn fetch(&mut self, sql: &'static str, values: &[Value]) -> Result<(usize, i64), Failed> {
        let statement = self.statement(sql)?;
        let found = self.0.query(&statement, &as_sql(values))?;
        let first = found.first().and_then(|row| row.try_get::<_, i64>(0).ok()).unwrap_or(0);
        Ok((found.len(), first))
    }
}

struct InLane<'a, 'b>(&'a mut Tx<'b>);

impl Hand for InLane<'_, '_> {
    fn run(&mut self, sql: &'static str, values: &[Value]) -> Result<(), Failed> {
        self.0.execute(sql, values)?;
        Ok(())
    }

    fn fetch(&mut self, sql: &'static str, values: &[Value]) -> Result<(usize, i64), Failed> {
        let found = self.0.query(sql, values)?;
        let first = found
            .first()
            .and_then(|row| row.get::<i64>(row.columns().first()?).ok());
        Ok((found.len(), first.unwrap_or(0)))
    }
}

/// What a run gave: sendings and how long they took together.
pub struct Ran {
    /// Sendings.
    pub done: usize,
    /// Wall clock.
    pub took: Duration,
}

impl Ran {
    /// Sendings a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        f64::from(u32::try_from(self.done).unwrap_or(u32::MAX)) / self.took.as_secs_f64()
    }
}

/// Shares the jobs among eight threads, each with its own maker of hands.
fn eight<W, C>(jobs: &[[Uuid; 4]], until: Duration, connect: C) -> Result<Ran, Failed>
where
    C: Fn() -> Result<W, Failed> + Sync,
    W: FnMut([Uuid; 4]) -> Result<(), Failed>,
{
    let next = std::sync::atomic::AtomicUsize::new(0);
    let failed = Mutex::new(None::<String>);
    let ready = std::sync::Barrier::new(9);
    let begin = std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let worker = connect();
                ready.wait();
                let start = Instant::now();
                let work = || -> Result<(), Failed> {
                    let mut worker = worker?;
                    while start.elapsed() < until
                        && let Some(job) = jobs.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                    {
                        worker(*job)?;
                    }
                    Ok(())
                };
                if let Err(error) = work()
                    && let Ok(mut failed) = failed.lock()
                {
                    failed.get_or_insert(error.to_string());
                }
            });
        }
        ready.wait();
        Instant::now()
    });
    let took = begin.elapsed();
    if let Ok(Some(error)) = failed.into_inner() {
        return Err(error.into());
    }
    // A thread that finds the time over has taken a number that it did not use, or none.
    let done = next.into_inner().min(jobs.len());
    Ok(Ran { done, took })
}

/// Eight clients with connections of their own, one transaction each referral.
///
/// # Errors
/// What the database refuses.
pub fn own_connections(plan: &Plan, location: &Location, jobs: &[[Uuid; 4]], until: Duration) -> Result<Ran, Failed> {
    match location {
        Location::Sqlite { folder } => {
            let numbered: HashMap<&'static str, String> = relais_store::sql::all()
                .into_iter()
                .map(|(_, text)| (text, text.replace('$', "?")))
                .collect();
            let (numbered, file) = (&numbered, folder.join(relais_store::schema::SQLITE_FILE));
            // One writes at a time: waiting in line is faster than SQLite's polling.
            let line = &Mutex::new(());
            eight(jobs, until, || {
                let connection = rusqlite::Connection::open(&file)?;
                connection.busy_timeout(Duration::from_secs(20))?;
                connection.set_prepared_statement_cache_capacity(64);
                connection.execute_batch(
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                     PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;",
                )?;
                Ok(move |job| {
                    connection.execute_batch("BEGIN")?;
                    plan.read(&mut Sqlite(&connection, numbered), job)?;
                    connection.execute_batch("COMMIT")?;
                    let _mine = line.lock().map_err(|e| e.to_string())?;
                    connection.execute_batch("BEGIN IMMEDIATE")?;
                    plan.send(&mut Sqlite(&connection, numbered), job)?;
                    connection.execute_batch("COMMIT")?;
                    Ok(())
                })
            })
        }
        Location::Postgres { url } => eight(jobs, until, || {
            let mut client = postgres::Client::connect(url, postgres::NoTls)?;
            let mut statements = HashMap::new();
            Ok(move |job| {
                let mut hand = Pg(client.transaction()?, &mut statements);
                plan.read(&mut hand, job)?;
                plan.send(&mut hand, job)?;
                Ok(hand.0.commit()?)
            })
        }),
    }
}

/// Eight clients through the store's own lanes, which commit many together.
///
/// # Errors
/// What the database refuses.
pub fn in_lanes(
    plan: &std::sync::Arc<Plan>,
    store: &Store,
    jobs: &[[Uuid; 4]],
    until: Duration,
) -> Result<Ran, Failed> {
    eight(jobs, until, || {
        let (plan, store) = (std::sync::Arc::clone(plan), store.clone());
        Ok(move |job| {
            let failed = |e: Failed| StoreError::Schema(e.to_string());
            let ahead = store.dialect() == relais_store::Dialect::Sqlite;
            if ahead {
                let plan = std::sync::Arc::clone(&plan);
                store.read_blocking(move |tx| plan.read(&mut InLane(tx), job).map_err(failed))?;
            }
            let plan = std::sync::Arc::clone(&plan);
            store.write_blocking(move |tx| -> Result<(), StoreError> {
                if !ahead {
                    plan.read(&mut InLane(tx), job).map_err(failed)?;
                }
                plan.send(&mut InLane(tx), job).map_err(failed)
            })?;
            Ok(())
        })
    })
}
