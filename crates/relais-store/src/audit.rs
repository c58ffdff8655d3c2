//! `audit verify`: does every event stand as it was written, and is none missing?
//!
//! Found are a changed byte, an event or a case taken out, a tail cut off, a
//! changed or missing checkpoint, and a database older than the last
//! checkpoint that the keyring knows. Not found: what was cut together with
//! its head within the minute before the next checkpoint by somebody who can
//! write to the database.

use std::collections::HashMap;

use uuid::Uuid;

use crate::chain::{self, Checkpoint, Event, GENESIS, Link};
use crate::error::StoreError;
use crate::params;
use crate::seal::Sealer;
use crate::store::Store;
use crate::tx::Tx;

crate::sql! {
    /// Events in the order of their streams.
    ALL_EVENTS = "SELECT stream, seq, subject, kind, meta, happened_at, typed_at, sealed, link FROM event WHERE (stream, seq) > ($1, $2) ORDER BY stream, seq LIMIT $3";
    /// Heads in the order of their streams.
    ALL_HEADS = "SELECT stream, seq, link FROM stream_head WHERE stream > $1 ORDER BY stream LIMIT $2";
    /// Checkpoints in their order.
    ALL_CHECKPOINTS = "SELECT seq, at, heads, digest, body, link FROM checkpoint WHERE seq > $1 ORDER BY seq LIMIT $2";
    /// Cases that no event opened.
    CASES_WITHOUT_STREAM = "SELECT c.id FROM case_file c WHERE NOT EXISTS (SELECT 1 FROM stream_head h WHERE h.stream = c.id) ORDER BY c.seq LIMIT 1000";
    /// Streams that begin as a case does, without a case.
    STREAMS_WITHOUT_CASE = "SELECT e.stream FROM event e WHERE e.seq = 1 AND e.subject = e.stream AND NOT EXISTS (SELECT 1 FROM case_file c WHERE c.id = e.stream) ORDER BY e.stream LIMIT 1000";
}

/// Rows read at a time.
const PAGE: i64 = 1000;

/// What does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The event is not what was written (or the link before it was changed).
    Changed {
        /// Stream.
        stream: Uuid,
        /// Number of the event.
        seq: i64,
    },
    /// An event is missing between others, or at the beginning.
    Missing {
        /// Stream.
        stream: Uuid,
        /// Number of the missing event.
        seq: i64,
    },
    /// The stream ends before its head, or before what a checkpoint covered.
    CutTail {
        /// Stream.
        stream: Uuid,
        /// Number of the last event that there is.
        found: i64,
        /// Number of the last event that there was.
        expected: i64,
    },
    /// The head does not point at the stream's last event.
    Head {
        /// Stream.
        stream: Uuid,
        /// Number that the head says.
        seq: i64,
    },
    /// A checkpoint covered the stream; nothing of it is left.
    MissingStream {
        /// Stream.
        stream: Uuid,
        /// Number of the last event that there was.
        expected: i64,
    },
    /// There are events of a case, and no case.
    MissingCase {
        /// Stream, which is the case's id.
        stream: Uuid,
    },
    /// There is a case, and no event that opened it.
    UnopenedCase {
        /// The case.
        case: Uuid,
    },
    /// A checkpoint is not what was written, or the one before it is missing.
    Checkpoint {
        /// Its server sequence.
        seq: i64,
    },
    /// The keyring knows a later checkpoint than the database holds: an older
    /// state was restored, or everything after it was cut off.
    Older {
        /// Server sequence of the checkpoint that the keyring knows.
        known: i64,
    },
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Changed { stream, seq } => write!(f, "changed: stream {stream}, event {seq}"),
            Self::Missing { stream, seq } => write!(f, "missing: stream {stream}, event {seq}"),
            Self::CutTail {
                stream,
                found,
                expected,
            } => {
                write!(f, "cut tail: stream {stream} ends at event {found}, had {expected}")
            }
            Self::Head { stream, seq } => write!(f, "wrong head: stream {stream}, event {seq}"),
            Self::MissingStream { stream, expected } => {
                write!(f, "missing case: stream {stream} had {expected} events, has none")
            }
            Self::MissingCase { stream } => write!(f, "missing case: {stream} has events and no row"),
            Self::UnopenedCase { case } => write!(f, "unopened case: {case} has a row and no event"),
            Self::Checkpoint { seq } => write!(f, "changed or cut before: checkpoint {seq}"),
            Self::Older { known } => write!(f, "older state: the keyring knows checkpoint {known}"),
        }
    }
}

/// What was looked at, and what does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Streams.
    pub streams: u64,
    /// Events.
    pub events: u64,
    /// Checkpoints.
    pub checkpoints: u64,
    /// What does not hold; empty when all does.
    pub findings: Vec<Finding>,
}

/// Writes a checkpoint and notes it in the keyring; `None` when no stream moved.
///
/// # Errors
/// What the database or the keyring refused.
pub fn checkpoint(store: &Store) -> Result<Option<Checkpoint>, StoreError> {
    let made = store.write_blocking(chain::checkpoint)?;
    if let Some(made) = &made {
        store.keyring().note_checkpoint(made.seq, &made.link)?;
    }
    Ok(made)
}

/// Verifies every stream and checkpoint. It needs no subject key, so it holds after erasures.
///
/// # Errors
/// What the database refused; what does not hold is no error but a finding.
pub fn verify(store: &Store) -> Result<Report, StoreError> {
    let anchor = store.keyring().noted_checkpoint()?;
    store.read_blocking(move |tx| {
        let sealer = tx.sealer();
        let mut report = Report::default();
        let covered = verify_checkpoints(tx, &sealer, anchor, &mut report)?;
        let streams = verify_events(tx, &sealer, &covered, &mut report)?;
        verify_heads(tx, streams, covered, &mut report)?;
        for row in tx.query(CASES_WITHOUT_STREAM, &[])? {
            report.findings.push(Finding::UnopenedCase { case: row.get("id")? });
        }
        for row in tx.query(STREAMS_WITHOUT_CASE, &[])? {
            report.findings.push(Finding::MissingCase {
                stream: row.get("stream")?,
            });
        }
        Ok(report)
    })
}

/// Where each stream ends: number and link.
type Ends = HashMap<Uuid, (i64, Link)>;

/// Follows the chain of checkpoints; the last head that they know of each stream.
fn verify_checkpoints(
    tx: &mut Tx<'_>,
    sealer: &Sealer,
    anchor: Option<(i64, Link)>,
    report: &mut Report,
) -> Result<Ends, StoreError> {
    let (mut covered, mut before, mut after) = (Ends::new(), GENESIS, 0_i64);
    let mut anchored = anchor.is_none();
    loop {
        let page = tx.query(ALL_CHECKPOINTS, &params![after, PAGE])?;
        for row in &page {
            let point = Checkpoint::read(row)?;
            report.checkpoints += 1;
            let body: Option<Vec<(Uuid, i64, String)>> = serde_json::from_str(&point.body).ok();
            let whole =
                point.expected_digest(sealer) == point.digest && point.expected_link(sealer, &before) == point.link;
            match body {
                Some(body) if whole => {
                    for (stream, seq, link) in body {
                        let mut bytes = GENESIS;
                        if hex::decode_to_slice(&link, &mut bytes).is_ok() {
                            covered.insert(stream, (seq, bytes));
                        }
                    }
                }
                _ => report.findings.push(Finding::Checkpoint { seq: point.seq }),
            }
            anchored |= anchor == Some((point.seq, point.link));
            (before, after) = (point.link, point.seq);
        }
        if page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
            break;
        }
    }
    if let (false, Some((known, _))) = (anchored, anchor) {
        report.findings.push(Finding::Older { known });
    }
    Ok(covered)
}

/// Follows every stream; where each ends.
fn verify_events(tx: &mut Tx<'_>, sealer: &Sealer, covered: &Ends, report: &mut Report) -> Result<Ends, StoreError> {
    let mut ends = Ends::new();
    let (mut stream, mut last, mut link) = (Uuid::nil(), 0_i64, GENESIS);
    loop {
        let page = tx.query(ALL_EVENTS, &params![stream, last, PAGE])?;
        for row in &page {
            let event = Event::read(row)?;
            report.events += 1;
            if event.stream != stream || report.streams == 0 {
                report.streams += 1;
                (stream, last, link) = (event.stream, 0, GENESIS);
            }
            let follows = event.seq == last + 1;
            for seq in (last + 1..event.seq).take(100) {
                report.findings.push(Finding::Missing { stream, seq });
            }
            let mut changed = follows && event.expected(sealer, &link) != event.link;
            // A stream written anew with links that fit is betrayed by the checkpoint.
            changed |= covered
                .get(&stream)
                .is_some_and(|(seq, known)| *seq == event.seq && *known != event.link);
            if changed {
                report.findings.push(Finding::Changed { stream, seq: event.seq });
            }
            (last, link) = (event.seq, event.link);
            ends.insert(stream, (last, link));
        }
        if page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
            return Ok(ends);
        }
    }
}

/// Holds every head to the end of its stream, and every end to the checkpoints.
fn verify_heads(tx: &mut Tx<'_>, mut ends: Ends, mut covered: Ends, report: &mut Report) -> Result<(), StoreError> {
    let mut after: Vec<u8> = Vec::new();
    let mut cut = |stream: Uuid, found: i64, expected: i64| {
        report.findings.push(if found == 0 {
            Finding::MissingStream { stream, expected }
        } else {
            Finding::CutTail {
                stream,
                found,
                expected,
            }
        });
    };
    let mut wrong = Vec::new();
    loop {
        let page = tx.query(ALL_HEADS, &params![after.as_slice(), PAGE])?;
        for row in &page {
            let (stream, seq, link): (Uuid, i64, Link) = (row.get("stream")?, row.get("seq")?, row.get("link")?);
            let (found, end) = ends.remove(&stream).unwrap_or((0, GENESIS));
            let known = covered.remove(&stream).map_or(0, |(seq, _)| seq);
            if found < seq.max(known) {
                cut(stream, found, seq.max(known));
            } else if (found, end) != (seq, link) {
                wrong.push(Finding::Head { stream, seq });
            }
            after = stream.as_bytes().to_vec();
        }
        if page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX) {
            break;
        }
    }
    for (stream, (known, _)) in covered {
        let found = ends.remove(&stream).map_or(0, |(seq, _)| seq);
        if found < known {
            cut(stream, found, known);
        } else {
            wrong.push(Finding::Head { stream, seq: 0 });
        }
    }
    for stream in ends.into_keys() {
        wrong.push(Finding::Head { stream, seq: 0 });
    }
    report.findings.append(&mut wrong);
    Ok(())
}
