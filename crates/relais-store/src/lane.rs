//! A job on its way through a lane: run inside a transaction, answered only
//! after the commit that made it durable.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::access;
use crate::error::StoreError;
use crate::tx::Tx;
use crate::value::Value;

/// What a job's run means for its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ran {
    /// It may be committed.
    Good,
    /// It must be rolled back.
    Bad,
    /// It must be rolled back and may be run again: a conflict with another transaction.
    Conflict,
}

/// A unit of work with its answer channel, its types hidden from the lane.
pub(crate) trait Job: Send {
    /// Runs the closure and keeps its result.
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran;
    /// Answers with the kept result, or with the error that the lane met.
    fn finish(self: Box<Self>, lane: Result<(), StoreError>);
    /// Whether it only adds rows to the access log: committed before it is
    /// answered like everything else, but not waiting for the disk (decision 0011).
    fn only_looks(&self) -> bool {
        false
    }
}

/// A row of the access log, as the values of its statement.
pub(crate) type LookRow = [Value; 6];

/// A read that is done, and the rows that it leaves in the access log: it is
/// answered when they are committed.
pub(crate) struct Looked {
    read: Box<dyn Job>,
    rows: Vec<LookRow>,
    failed: Option<StoreError>,
}

impl Looked {
    pub(crate) fn new(read: Box<dyn Job>, rows: Vec<LookRow>) -> Box<Self> {
        Box::new(Self {
            read,
            rows,
            failed: None,
        })
    }
}

impl Job for Looked {
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran {
        let done = self
            .rows
            .iter()
            .try_for_each(|row| tx.execute_one(access::ADD_ACCESS, row));
        self.failed = done.err();
        match (&self.failed, tx.failure()) {
            (None, _) => Ran::Good,
            (Some(_), (_, true)) => Ran::Conflict,
            (Some(_), _) => Ran::Bad,
        }
    }

    fn finish(self: Box<Self>, lane: Result<(), StoreError>) {
        let done = self.failed.map_or(lane, Err);
        self.read.finish(done);
    }

    fn only_looks(&self) -> bool {
        true
    }
}

/// Where an answer goes.
pub(crate) enum Answer<R> {
    Later(tokio::sync::oneshot::Sender<R>),
    Now(std::sync::mpsc::SyncSender<R>),
}

impl<R> Answer<R> {
    fn send(self, result: R) {
        // Nobody may be listening any more (a client that hung up); the work stands all the same.
        match self {
            Self::Later(to) => drop(to.send(result)),
            Self::Now(to) => drop(to.send(result)),
        }
    }
}

/// The one kind of job.
pub(crate) struct Work<F, T, E> {
    pub(crate) closure: F,
    pub(crate) outcome: Option<Result<T, E>>,
    pub(crate) answer: Answer<Result<T, E>>,
    /// Room in the queue, given back when the job is answered.
    pub(crate) _room: Option<tokio::sync::OwnedSemaphorePermit>,
}

impl<F, T, E> Job for Work<F, T, E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran {
        let outcome =
            catch_unwind(AssertUnwindSafe(|| (self.closure)(tx))).unwrap_or_else(|_| Err(E::from(StoreError::Panic)));
        let (failed, conflict) = tx.failure();
        let (outcome, ran) = match outcome {
            Ok(_) if conflict => (Err(E::from(StoreError::Busy)), Ran::Conflict),
            Ok(_) if failed => (Err(E::from(StoreError::Poisoned)), Ran::Bad),
            Ok(value) => (Ok(value), Ran::Good),
            Err(error) if conflict => (Err(error), Ran::Conflict),
            Err(error) => (Err(error), Ran::Bad),
        };
        self.outcome = Some(outcome);
        ran
    }

    fn finish(self: Box<Self>, lane: Result<(), StoreError>) {
        let result = match (lane, self.outcome) {
            // What the closure itself refused is told as it is, whatever became of the others.
            (_, Some(Err(error))) => Err(error),
            (Err(error), _) => Err(E::from(error)),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Ok(()), None) => Err(E::from(StoreError::Panic)),
        };
        self.answer.send(result);
    }
}
