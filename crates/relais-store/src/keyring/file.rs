//! The file of subject keys: records of fixed size, found by their number.
//!
//! ```text
//! record 0   magic (16) · generation (8): grows with every erasure
//! record n   state (1) · nonce (24) · wrapped key (32) and tag (16) · unused
//! ```
//! A record is 128 bytes, so none straddles a disk sector. Extending and
//! erasing hold a lock on the file that all processes honour; reading needs none.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::{KeyError, SecretKey};
use crate::random;

const NAME: &str = "subjects.keys";
const MAGIC: &[u8; 16] = b"relais subject 1";
const RECORD: usize = 128;
const GENERATION_AT: u64 = 16;
const NONCE: usize = 24;
const WRAPPED: usize = 48;
const LIVE: u8 = 1;
const ERASED: u8 = 0xee;

pub(super) struct SlotFile {
    path: PathBuf,
    file: File,
    wrap: SecretKey,
    /// The file's lock is held by the handle, which all threads share; they wait here for each other.
    threads: Mutex<()>,
}

impl SlotFile {
    pub(super) fn create(folder: &Path) -> Result<(), KeyError> {
        let mut header = [0; RECORD];
        header[..MAGIC.len()].copy_from_slice(MAGIC);
        write_new(&folder.join(NAME), &header)
    }

    pub(super) fn open(folder: &Path, wrap: SecretKey) -> Result<Self, KeyError> {
        let path = folder.join(NAME);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|e| trouble(&path, &e))?;
        let mut magic = [0; 16];
        file.read_exact_at(&mut magic, 0).map_err(|e| trouble(&path, &e))?;
        if &magic != MAGIC {
            return Err(KeyError::File {
                path: path.display().to_string(),
                cause: "not a file of subject keys".into(),
            });
        }
        Ok(Self {
            path,
            file,
            wrap,
            threads: Mutex::new(()),
        })
    }

    /// Grows with every erasure, whichever process erased.
    pub(super) fn generation(&self) -> Result<u64, KeyError> {
        let mut bytes = [0; 8];
        self.file
            .read_exact_at(&mut bytes, GENERATION_AT)
            .map_err(|e| trouble(&self.path, &e))?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// Adds `count` slots with fresh keys, on disk before their numbers are known.
    pub(super) fn extend(&self, count: i64) -> Result<std::ops::Range<i64>, KeyError> {
        self.exclusively(|| {
            let length = self.file.metadata()?.len();
            // What a crash left of a half-written batch is skipped, never read.
            let next = length.div_ceil(RECORD as u64).max(1);
            let first = i64::try_from(next).map_err(|_| std::io::Error::other("the file is full"))?;
            let mut batch = Zeroizing::new(Vec::new());
            for slot in first..first + count {
                batch.extend_from_slice(&self.record(slot, &Zeroizing::new(random::bytes()))?);
            }
            self.file.write_all_at(&batch, next * RECORD as u64)?;
            self.file.sync_all()?;
            Ok(first..first + count)
        })
    }

    pub(super) fn read(&self, slot: i64) -> Result<SecretKey, KeyError> {
        let unreadable = KeyError::Unreadable(slot);
        let Some(at) = offset(slot) else { return Err(unreadable) };
        let mut record = [0; RECORD];
        if self.file.read_exact_at(&mut record, at).is_err() {
            return Err(unreadable);
        }
        if record[0] == ERASED {
            return Err(KeyError::Erased(slot));
        }
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&record[1..=NONCE]);
        let sealed = &record[1 + NONCE..1 + NONCE + WRAPPED];
        let opened = XChaCha20Poly1305::new(&Key::from(*self.wrap))
            .decrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: sealed,
                    aad: &slot.to_le_bytes(),
                },
            )
            .map(Zeroizing::new);
        let mut key = Zeroizing::new([0; 32]);
        match opened {
            Ok(bytes) if record[0] == LIVE && bytes.len() == key.len() => key.copy_from_slice(&bytes),
            _ => return Err(unreadable),
        }
        Ok(key)
    }

    /// Whether the slot was erased; a slot that was never made was not.
    pub(super) fn is_erased(&self, slot: i64) -> Result<bool, KeyError> {
        let mut state = [0];
        let Some(at) = offset(slot) else { return Ok(false) };
        match self.file.read_exact_at(&mut state, at) {
            Ok(()) => Ok(state[0] == ERASED),
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
            Err(e) => Err(trouble(&self.path, &e)),
        }
    }

    /// Overwrites the slots, in their order, and is on disk when it returns.
    pub(super) fn erase(&self, slots: &[i64]) -> Result<(), KeyError> {
        let places = slots
            .iter()
            .map(|slot| offset(*slot).ok_or(KeyError::Unreadable(*slot)))
            .collect::<Result<Vec<_>, _>>()?;
        self.exclusively(|| {
            let length = self.file.metadata()?.len();
            if let Some(at) = places.iter().find(|at| length < **at + RECORD as u64) {
                return Err(std::io::Error::other(format!(
                    "there is no slot {}",
                    at / RECORD as u64
                )));
            }
            let mut record = [0; RECORD];
            record[0] = ERASED;
            for at in &places {
                self.file.write_all_at(&record, *at)?;
            }
            let mut generation = [0; 8];
            self.file.read_exact_at(&mut generation, GENERATION_AT)?;
            let next = u64::from_le_bytes(generation).wrapping_add(1);
            self.file.write_all_at(&next.to_le_bytes(), GENERATION_AT)?;
            self.file.sync_all()
        })
    }

    fn record(&self, slot: i64, key: &SecretKey) -> std::io::Result<[u8; RECORD]> {
        let nonce = random::bytes::<NONCE>();
        let wrapped = XChaCha20Poly1305::new(&Key::from(*self.wrap))
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: &key[..],
                    aad: &slot.to_le_bytes(),
                },
            )
            .map_err(|_| std::io::Error::other("the cipher refused"))?;
        let mut record = [0; RECORD];
        record[0] = LIVE;
        record[1..=NONCE].copy_from_slice(&nonce);
        record[1 + NONCE..1 + NONCE + WRAPPED].copy_from_slice(&wrapped);
        Ok(record)
    }

    /// Runs the work while no other thread or process extends, erases or notes.
    pub(super) fn exclusively<T>(&self, work: impl FnOnce() -> std::io::Result<T>) -> Result<T, KeyError> {
        let _threads = super::lock(&self.threads);
        self.file.lock().map_err(|e| trouble(&self.path, &e))?;
        let done = work();
        let unlocked = self.file.unlock();
        done.and_then(|value| unlocked.map(|()| value))
            .map_err(|e| trouble(&self.path, &e))
    }
}

fn offset(slot: i64) -> Option<u64> {
    u64::try_from(slot).ok().filter(|n| *n > 0)?.checked_mul(RECORD as u64)
}

pub(super) fn trouble(path: &Path, error: &std::io::Error) -> KeyError {
    KeyError::File {
        path: path.display().to_string(),
        cause: error.to_string(),
    }
}

/// Makes the folder, closed to others.
pub(super) fn make_folder(folder: &Path) -> Result<(), KeyError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| trouble(folder, &e))
}

/// Writes a new file of mode 0600, on disk with its name.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    write().map_err(|e| {
        if e.kind() == std::io::ErrorKind::AlreadyExists {
            KeyError::Exists(path.display().to_string())
        } else {
            trouble(path, &e)
        }
    })
}

const NOTE: &str = "checkpoint.note";

/// The noted checkpoint: number and link, as one line of text.
pub(super) fn read_note(folder: &Path) -> std::io::Result<Option<(i64, [u8; 32])>> {
    let text = match std::fs::read_to_string(folder.join(NOTE)) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let damaged = || std::io::Error::other("checkpoint.note is damaged");
    let (seq, link) = text.trim().split_once(' ').ok_or_else(damaged)?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(link, &mut bytes).map_err(|_| damaged())?;
    Ok(Some((seq.parse().map_err(|_| damaged())?, bytes)))
}

/// Replaces the note whole: a crash leaves the old or the new.
pub(super) fn write_note(folder: &Path, seq: i64, link: &[u8; 32]) -> std::io::Result<()> {
    let beside = folder.join("checkpoint.note.new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    writeln!(file, "{seq} {}", hex::encode(link))?;
    file.sync_all()?;
    std::fs::rename(&beside, folder.join(NOTE))
}
