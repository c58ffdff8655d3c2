//! Requests that can be repeated: the same id and body gives the same answer,
//! the same id with another body is refused (DESIGN §4).

use uuid::Uuid;

use crate::error::StoreError;
use crate::keyring::KeyPurpose;
use crate::params;
use crate::tx::Tx;

crate::sql! {
    /// Takes the id; touches no row when it is taken.
    CLAIM_REQUEST = "INSERT INTO request_log (maker, kind, id, body_hash, answer, at) VALUES ($1, $2, $3, $4, '', $5) ON CONFLICT (maker, kind, id) DO NOTHING";
    /// What was answered.
    READ_REQUEST = "SELECT body_hash, answer FROM request_log WHERE maker = $1 AND kind = $2 AND id = $3";
    /// Keeps the answer.
    KEEP_ANSWER = "UPDATE request_log SET answer = $4 WHERE maker = $1 AND kind = $2 AND id = $3";
}

/// Whether a request was made before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It is new and its id is now taken: do the work, then [`keep`] the answer.
    New,
    /// The same request; its answer.
    Same(String),
    /// Another body came under this id.
    Different,
}

/// Takes the id of a request for this unit of work, or tells what became of
/// it. When the same request is under way elsewhere, this waits for its end.
/// If the unit of work rolls back, the id is free again.
///
/// # Errors
/// What the database refused.
pub fn check(tx: &mut Tx<'_>, maker: Uuid, kind: &str, id: Uuid, body: &[u8]) -> Result<Seen, StoreError> {
    // Keyed: a bare digest of a small body could be guessed.
    let hash = tx.sealer().mac(KeyPurpose::Request, &[kind.as_bytes(), body]);
    let at = tx.now()?;
    if tx.execute(CLAIM_REQUEST, &params![maker, kind, id, hash, at])? == 1 {
        return Ok(Seen::New);
    }
    let row = tx.query_one(READ_REQUEST, &params![maker, kind, id])?;
    let known: Vec<u8> = row.get("body_hash")?;
    Ok(if known == hash {
        Seen::Same(row.get("answer")?)
    } else {
        Seen::Different
    })
}

/// Keeps the answer of a request that was new: ids and versions as JSON,
/// nothing personal.
///
/// # Errors
/// What the database refused; when the request was not checked before.
pub fn keep(tx: &mut Tx<'_>, maker: Uuid, kind: &str, id: Uuid, answer: &str) -> Result<(), StoreError> {
    tx.execute_one(KEEP_ANSWER, &params![maker, kind, id, answer])
}
