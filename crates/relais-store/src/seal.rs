//! Sealed columns: an authenticated cipher that knows where its value stands,
//! so that a value moved to another row or column does not open.

use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::keyring::{KeyError, KeyPurpose, Keyring};
use crate::schema;

/// Format of sealed values, their first byte.
const FORMAT: u8 = 1;
const NONCE: usize = 24;
const HEAD: usize = 1 + 2 + NONCE;

/// An error of a sealed value. It never says what the value was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The value does not belong here, or was changed.
    #[error("{table}.{column}: a sealed value does not open in this row")]
    DoesNotOpen {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
    },
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The place of a sealed value; it is bound to it.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    table: &'static str,
    column: &'static str,
    row: Uuid,
    number: i64,
    class: &'a str,
}

impl<'a> Cell<'a> {
    /// The value of a column in the row with this id. `class` is the data
    /// class's code, or the column's decision in the schema ("all").
    #[must_use]
    pub const fn new(table: &'static str, column: &'static str, row: Uuid, class: &'a str) -> Self {
        Self {
            table,
            column,
            row,
            number: 0,
            class,
        }
    }

    /// The same in a row that is known by an id and a number (an event of a stream).
    #[must_use]
    pub const fn numbered(table: &'static str, column: &'static str, row: Uuid, number: i64, class: &'a str) -> Self {
        Self {
            table,
            column,
            row,
            number,
            class,
        }
    }

    /// Every part with its length before it, so that no two cells read the same.
    fn associated(&self, slot: i64, version: [u8; 2]) -> Vec<u8> {
        let mut out = Vec::with_capacity(128);
        for part in [
            self.table.as_bytes(),
            self.column.as_bytes(),
            self.row.as_bytes(),
            &self.number.to_le_bytes(),
            self.class.as_bytes(),
            &slot.to_le_bytes(),
            &version,
        ] {
            out.extend_from_slice(&(part.len() as u64).to_le_bytes());
            out.extend_from_slice(part);
        }
        out
    }
}

/// Seals and opens values with the keys of a keyring.
#[derive(Debug)]
pub struct Sealer {
    keyring: Arc<Keyring>,
}

impl Sealer {
    /// The sealer of this keyring.
    #[must_use]
    pub const fn new(keyring: Arc<Keyring>) -> Self {
        Self { keyring }
    }

    /// The keyring.
    #[must_use]
    pub const fn keyring(&self) -> &Arc<Keyring> {
        &self.keyring
    }

    /// Seals a value for its place with the key in `slot`. Short values are
    /// padded, so that the length of a sealed value does not tell a choice.
    ///
    /// # Errors
    /// [`SealError::Key`].
    pub fn seal(&self, cell: &Cell<'_>, slot: i64, value: &[u8]) -> Result<Vec<u8>, SealError> {
        let version = schema::VERSION.to_le_bytes();
        let nonce = crate::random::bytes::<NONCE>();
        let sealed = self
            .cipher(slot)?
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: &pad(value),
                    aad: &cell.associated(slot, version),
                },
            )
            .map_err(|_| does_not_open(cell))?;
        Ok([&[FORMAT][..], &version, &nonce, &sealed].concat())
    }

    /// Opens a value in its place.
    ///
    /// # Errors
    /// [`SealError::DoesNotOpen`] when it was changed or moved;
    /// [`KeyError::Erased`] when its person's key was erased, or the value was
    /// emptied by an erasure whose key is about to go.
    pub fn open(&self, cell: &Cell<'_>, slot: i64, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        open_with(&*self.keyring.subject_key(slot)?, cell, slot, sealed)
    }

    /// Opens several values, each in its place with the key in its slot: what
    /// a list does.
    ///
    /// # Errors
    /// When the keyring cannot be read; each value has its own beside.
    pub fn open_all(&self, values: &[(Cell<'_>, i64, &[u8])]) -> Result<Vec<Opened>, SealError> {
        let keys = self.keyring.subject_keys(values.iter().map(|(_, slot, _)| *slot))?;
        let opened = values.iter().zip(keys).map(|((cell, slot, sealed), key)| {
            let key = key?;
            open_with(&key, cell, *slot, sealed)
        });
        Ok(opened.collect())
    }

    /// HMAC-SHA-256 under the key for `purpose`, over parts with their lengths.
    #[must_use]
    pub fn mac(&self, purpose: KeyPurpose, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.keyring.derived(purpose)[..], parts)
    }

    fn cipher(&self, slot: i64) -> Result<XChaCha20Poly1305, SealError> {
        Ok(XChaCha20Poly1305::new(&Key::from(*self.keyring.subject_key(slot)?)))
    }
}

/// A value that was opened, or why it was not.
pub type Opened = Result<Zeroizing<Vec<u8>>, SealError>;

fn open_with(key: &[u8; 32], cell: &Cell<'_>, slot: i64, sealed: &[u8]) -> Opened {
    if sealed.is_empty() {
        return Err(KeyError::Erased(slot).into());
    }
    if sealed.len() < HEAD || sealed[0] != FORMAT {
        return Err(does_not_open(cell));
    }
    let version = [sealed[1], sealed[2]];
    let mut nonce = [0; NONCE];
    nonce.copy_from_slice(&sealed[3..HEAD]);
    let mut padded = XChaCha20Poly1305::new(&Key::from(*key))
        .decrypt(
            &XNonce::from(nonce),
            Payload {
                msg: &sealed[HEAD..],
                aad: &cell.associated(slot, version),
            },
        )
        .map(Zeroizing::new)
        .map_err(|_| does_not_open(cell))?;
    let end = padded
        .iter()
        .rposition(|b| *b != 0)
        .filter(|at| padded[*at] == PAD)
        .ok_or_else(|| does_not_open(cell))?;
    padded.truncate(end);
    Ok(padded)
}

/// HMAC-SHA-256 over parts, each with its length before it.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
pub(crate) fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_le_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

const fn does_not_open(cell: &Cell<'_>) -> SealError {
    SealError::DoesNotOpen {
        table: cell.table,
        column: cell.column,
    }
}

/// Ends the value proper; zeros follow.
const PAD: u8 = 0x80;

/// The value, the mark, and zeros up to a multiple of 64 bytes (of 512 above 512).
fn pad(value: &[u8]) -> Zeroizing<Vec<u8>> {
    let least = value.len() + 1;
    let step = if least <= 512 { 64 } else { 512 };
    let mut out = Zeroizing::new(Vec::with_capacity(least.next_multiple_of(step)));
    out.extend_from_slice(value);
    out.push(PAD);
    out.resize(least.next_multiple_of(step), 0);
    out
}
