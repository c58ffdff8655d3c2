//! Case events, chained: each link is an HMAC over the link before, the
//! event's metadata and its *ciphertext*, so that a chain still verifies
//! after the words were erased (DESIGN §6). Checkpoints chain the heads.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::keyring::KeyPurpose;
use crate::params;
use crate::seal::{Cell, SealError, Sealer, mac};
use crate::tx::Tx;
use crate::value::Row;

/// A link of a chain.
pub type Link = [u8; 32];

/// What stands before the first event.
pub const GENESIS: Link = [0; 32];

crate::sql! {
    /// Locks a stream's head, or makes it.
    LOCK_HEAD = "INSERT INTO stream_head (stream, seq, link, covered) VALUES ($1, 0, $2, 0) ON CONFLICT (stream) DO UPDATE SET seq = stream_head.seq RETURNING seq, link";
    /// Moves a head that is locked.
    MOVE_HEAD = "UPDATE stream_head SET seq = $2, link = $3 WHERE stream = $1";
    /// One more event.
    ADD_EVENT = "INSERT INTO event (stream, seq, subject, kind, meta, happened_at, typed_at, sealed, link) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// A stream's events after a number.
    EVENTS_OF_STREAM = "SELECT stream, seq, subject, kind, meta, happened_at, typed_at, sealed, link FROM event WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    /// The last events of a stream.
    NEWEST_OF_STREAM = "SELECT stream, seq, subject, kind, meta, happened_at, typed_at, sealed, link FROM event WHERE stream = $1 ORDER BY seq DESC LIMIT $2";
    /// The last events of one need, referral or consent.
    NEWEST_OF_SUBJECT = "SELECT stream, seq, subject, kind, meta, happened_at, typed_at, sealed, link FROM event WHERE subject = $1 ORDER BY seq DESC LIMIT $2";
    /// The last event of one kind in a stream.
    LAST_OF_KIND = "SELECT stream, seq, subject, kind, meta, happened_at, typed_at, sealed, link FROM event WHERE stream = $1 AND kind = $2 ORDER BY seq DESC LIMIT 1";
    /// The row that one checkpoint at a time holds.
    LOCK_CHECKPOINT = "UPDATE meta SET value = value WHERE name = 'checkpoint'";
    /// The last checkpoint.
    LAST_CHECKPOINT = "SELECT seq, at, heads, digest, body, link FROM checkpoint ORDER BY seq DESC LIMIT 1";
    /// Heads that moved since the last checkpoint, which now covers them.
    COVER_HEADS = "UPDATE stream_head SET covered = seq WHERE covered <> seq RETURNING stream, seq, link";
    /// How many streams there are.
    COUNT_HEADS = "SELECT COUNT(*) AS n FROM stream_head";
    /// One more checkpoint.
    ADD_CHECKPOINT = "INSERT INTO checkpoint (at, heads, digest, body, link) VALUES ($1, $2, $3, $4, $5) RETURNING seq";
}

/// The last event of a stream, locked until the unit of work ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The stream (a case).
    pub stream: Uuid,
    /// Number of its last event; 0 when there is none.
    pub seq: i64,
    /// Link of its last event.
    pub link: Link,
}

/// An event to be written.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    /// What it is about: need, referral, consent, case.
    pub subject: Uuid,
    /// Kind of event.
    pub kind: &'a str,
    /// State, codes, actor, channel, mechanism: JSON without personal data.
    pub meta: &'a str,
    /// When it happened, as told.
    pub happened_at: DateTime<Utc>,
    /// The words of the event; sealed here with the key in `slot`.
    pub words: &'a [u8],
    /// Subject key of the words.
    pub slot: i64,
}

/// An event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The stream (a case).
    pub stream: Uuid,
    /// Number in the stream, from 1.
    pub seq: i64,
    /// What it is about.
    pub subject: Uuid,
    /// Kind of event.
    pub kind: String,
    /// JSON without personal data.
    pub meta: String,
    /// When it happened, as told.
    pub happened_at: DateTime<Utc>,
    /// When it was typed, by the deployment's clock.
    pub typed_at: DateTime<Utc>,
    /// The sealed words.
    pub sealed: Vec<u8>,
    /// The link.
    pub link: Link,
}

impl Event {
    /// Reads an event from its row.
    ///
    /// # Errors
    /// When a column is missing or of another type.
    pub fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            stream: row.get("stream")?,
            seq: row.get("seq")?,
            subject: row.get("subject")?,
            kind: row.get("kind")?,
            meta: row.get("meta")?,
            happened_at: row.get("happened_at")?,
            typed_at: row.get("typed_at")?,
            sealed: row.get("sealed")?,
            link: row.get("link")?,
        })
    }

    /// The words, opened with the key in `slot`.
    ///
    /// # Errors
    /// When they were changed or moved, or their key was erased.
    pub fn words(&self, sealer: &Sealer, slot: i64) -> Result<Zeroizing<Vec<u8>>, SealError> {
        sealer.open(&words_cell(self.stream, self.seq), slot, &self.sealed)
    }

    /// The link that this event must have after `before`.
    pub(crate) fn expected(&self, sealer: &Sealer, before: &Link) -> Link {
        mac(
            &sealer.keyring().derived(KeyPurpose::Chain)[..],
            &[
                before,
                self.stream.as_bytes(),
                &self.seq.to_le_bytes(),
                self.subject.as_bytes(),
                self.kind.as_bytes(),
                self.meta.as_bytes(),
                &self.happened_at.timestamp_micros().to_le_bytes(),
                &self.typed_at.timestamp_micros().to_le_bytes(),
                &Sha256::digest(&self.sealed),
            ],
        )
    }
}

const fn words_cell(stream: Uuid, seq: i64) -> Cell<'static> {
    Cell::numbered("event", "sealed", stream, seq, "words")
}

/// Locks the head of a stream, making the stream if it is new. Do it before
/// deciding: whoever else decides on this case waits here (PostgreSQL; on
/// SQLite there is one writer).
///
/// # Errors
/// What the database refused.
pub fn lock(tx: &mut Tx<'_>, stream: Uuid) -> Result<Head, StoreError> {
    let row = tx.query_one(LOCK_HEAD, &params![stream, GENESIS])?;
    Ok(Head {
        stream,
        seq: row.get("seq")?,
        link: row.get("link")?,
    })
}

/// Writes events at the end of the locked stream and moves its head.
///
/// # Errors
/// What the database refused; the key of a slot.
pub fn append(tx: &mut Tx<'_>, head: &mut Head, events: &[NewEvent<'_>]) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let typed_at = tx.now()?;
    let sealer = tx.sealer();
    for new in events {
        let seq = head.seq + 1;
        let mut event = Event {
            stream: head.stream,
            seq,
            subject: new.subject,
            kind: new.kind.to_owned(),
            meta: new.meta.to_owned(),
            // What the databases keep is microseconds; the link must be over what they give back.
            happened_at: DateTime::from_timestamp_micros(new.happened_at.timestamp_micros()).unwrap_or(new.happened_at),
            typed_at,
            sealed: sealer.seal(&words_cell(head.stream, seq), new.slot, new.words)?,
            link: GENESIS,
        };
        event.link = event.expected(&sealer, &head.link);
        (head.seq, head.link) = (seq, event.link);
        tx.execute_one(
            ADD_EVENT,
            &params![
                event.stream,
                event.seq,
                event.subject,
                event.kind,
                event.meta,
                event.happened_at,
                event.typed_at,
                event.sealed,
                event.link
            ],
        )?;
    }
    tx.execute_one(MOVE_HEAD, &params![head.stream, head.seq, head.link])
}

/// The events of a stream after number `after`, at most `limit`.
///
/// # Errors
/// What the database refused.
pub fn events(tx: &mut Tx<'_>, stream: Uuid, after: i64, limit: i64) -> Result<Vec<Event>, StoreError> {
    tx.query(EVENTS_OF_STREAM, &params![stream, after, limit])?
        .iter()
        .map(Event::read)
        .collect()
}

/// The last events of a stream, newest first, at most `limit`.
///
/// # Errors
/// What the database refused.
pub fn newest(tx: &mut Tx<'_>, stream: Uuid, limit: i64) -> Result<Vec<Event>, StoreError> {
    tx.query(NEWEST_OF_STREAM, &params![stream, limit])?
        .iter()
        .map(Event::read)
        .collect()
}

/// The last events about a need, referral or consent, newest first, at most `limit`.
///
/// # Errors
/// What the database refused.
pub fn newest_about(tx: &mut Tx<'_>, subject: Uuid, limit: i64) -> Result<Vec<Event>, StoreError> {
    tx.query(NEWEST_OF_SUBJECT, &params![subject, limit])?
        .iter()
        .map(Event::read)
        .collect()
}

/// The last event of this kind in a stream.
///
/// # Errors
/// What the database refused.
pub fn last_of(tx: &mut Tx<'_>, stream: Uuid, kind: &str) -> Result<Option<Event>, StoreError> {
    tx.query_opt(LAST_OF_KIND, &params![stream, kind])?
        .as_ref()
        .map(Event::read)
        .transpose()
}

/// A checkpoint: the heads that moved since the one before, chained to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Server sequence.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// How many streams there were.
    pub heads: i64,
    /// Keyed digest of `body`.
    pub digest: Link,
    /// The heads that moved, `[["stream", seq, "link"], …]` in the order of streams.
    pub body: String,
    /// Keyed link over the checkpoint before.
    pub link: Link,
}

impl Checkpoint {
    /// Reads a checkpoint from its row.
    pub(crate) fn read(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            seq: row.get("seq")?,
            at: row.get("at")?,
            heads: row.get("heads")?,
            digest: row.get("digest")?,
            body: row.get("body")?,
            link: row.get("link")?,
        })
    }

    /// The digest that this checkpoint's body must have.
    pub(crate) fn expected_digest(&self, sealer: &Sealer) -> Link {
        sealer.mac(KeyPurpose::Checkpoint, &[b"body", self.body.as_bytes()])
    }

    /// The link that this checkpoint must have after `before`.
    pub(crate) fn expected_link(&self, sealer: &Sealer, before: &Link) -> Link {
        sealer.mac(
            KeyPurpose::Checkpoint,
            &[
                b"link",
                before,
                &self.at.timestamp_micros().to_le_bytes(),
                &self.heads.to_le_bytes(),
                &self.digest,
            ],
        )
    }
}

/// Writes a checkpoint over the heads that moved since the last one; `None`
/// when none did. The work loop does it each minute through
/// [`crate::audit::checkpoint`], which also notes it in the keyring.
///
/// # Errors
/// What the database refused.
pub fn checkpoint(tx: &mut Tx<'_>) -> Result<Option<Checkpoint>, StoreError> {
    tx.execute_one(LOCK_CHECKPOINT, &[])?;
    let before = tx
        .query_opt(LAST_CHECKPOINT, &[])?
        .as_ref()
        .map(Checkpoint::read)
        .transpose()?;
    let mut moved = tx
        .query(COVER_HEADS, &[])?
        .iter()
        .map(|row| {
            Ok((
                row.get::<Uuid>("stream")?,
                row.get::<i64>("seq")?,
                row.get::<Link>("link")?,
            ))
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    let heads: i64 = tx.query_one(COUNT_HEADS, &[])?.get("n")?;
    if moved.is_empty() && before.as_ref().is_none_or(|b| b.heads == heads) {
        return Ok(None);
    }
    moved.sort_unstable();
    let body: Vec<(String, i64, String)> = moved
        .into_iter()
        .map(|(stream, seq, link)| (stream.simple().to_string(), seq, hex::encode(link)))
        .collect();
    let body = serde_json::to_string(&body).map_err(|e| StoreError::schema(format!("checkpoint: {e}")))?;
    let sealer = tx.sealer();
    let mut new = Checkpoint {
        seq: 0,
        at: tx.now()?,
        heads,
        digest: GENESIS,
        body,
        link: GENESIS,
    };
    new.digest = new.expected_digest(&sealer);
    new.link = new.expected_link(&sealer, &before.map_or(GENESIS, |b| b.link));
    let row = tx.query_one(
        ADD_CHECKPOINT,
        &params![new.at, new.heads, new.digest, new.body.as_str(), new.link],
    )?;
    new.seq = row.get("seq")?;
    Ok(Some(new))
}
