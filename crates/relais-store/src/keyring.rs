//! The keyring: a folder outside the data folder and outside database
//! backups, with the deployment's master key and one random key for each
//! person and each case.
//!
//! The database knows keys by *slot* only. Slots are made in batches in this
//! folder, on disk before they are given out, each by one process and once
//! for ever; so a database restored from a backup can neither hand out a slot
//! again nor read what was erased after the backup was taken.

mod file;
mod master;

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

pub use master::Unlock;

/// A 256-bit key that is wiped when dropped.
pub type SecretKey = Zeroizing<[u8; 32]>;

/// Keys kept in memory at most; a list of forty persons needs eighty.
const KEPT: usize = 16_384;

/// An error of the keyring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A file of the keyring.
    #[error("keyring {path}: {cause}")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        cause: String,
    },
    /// The folder lies in the data folder, so that one theft takes both.
    #[error("the keys must not lie in the data folder ({0}); set RELAIS_KEYS to a folder elsewhere")]
    Inside(String),
    /// There is no keyring in the folder.
    #[error("no keyring in {0}; `relais init` makes one, or set RELAIS_KEYS to where it is")]
    Missing(String),
    /// There is a keyring already.
    #[error("there is a keyring in {0} already")]
    Exists(String),
    /// The passphrase is missing or wrong, or the file was changed.
    #[error("the master key does not open: {0}")]
    Locked(String),
    /// The slot's key was erased: what it sealed is gone for ever.
    #[error("the key of slot {0} was erased")]
    Erased(i64),
    /// No such slot, or its record was changed.
    #[error("slot {0} has no readable key")]
    Unreadable(i64),
}

/// What a derived key is for: one key, one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPurpose {
    /// Wraps subject keys.
    Wrap = 0,
    /// Links case events.
    Chain,
    /// Links checkpoints.
    Checkpoint,
    /// Tokens of names as they sound.
    PhoneticName,
    /// Buckets of persons who may be one.
    Bucket,
    /// Digests of requests.
    Request,
    /// Digests of the codes with which complainants come back.
    Complaint,
    /// Codes of confidential services, said by telephone.
    Shelter,
    /// Tells this keyring from others.
    Fingerprint,
}

impl KeyPurpose {
    const ALL: [Self; 9] = [
        Self::Wrap,
        Self::Chain,
        Self::Checkpoint,
        Self::PhoneticName,
        Self::Bucket,
        Self::Request,
        Self::Complaint,
        Self::Shelter,
        Self::Fingerprint,
    ];

    const fn info(self) -> &'static [u8] {
        match self {
            Self::Wrap => b"relais 1 wrap",
            Self::Chain => b"relais 1 chain",
            Self::Checkpoint => b"relais 1 checkpoint",
            Self::PhoneticName => b"relais 1 name phonetic",
            Self::Bucket => b"relais 1 bucket",
            Self::Request => b"relais 1 request",
            Self::Complaint => b"relais 1 complaint",
            Self::Shelter => b"relais 1 shelter code",
            Self::Fingerprint => b"relais 1 fingerprint",
        }
    }
}

/// The keyring of a deployment, open.
pub struct Keyring {
    folder: PathBuf,
    /// The master key itself is not kept: its children are enough.
    derived: [SecretKey; 9],
    slots: file::SlotFile,
    memory: Mutex<Memory>,
    pool: Mutex<Pool>,
    beside: bool,
}

#[derive(Default)]
struct Memory {
    generation: u64,
    keys: HashMap<i64, SecretKey>,
}

struct Pool {
    free: VecDeque<i64>,
    batch: i64,
}

impl Keyring {
    /// Makes a new keyring. `data_folder` is the database's, where there is
    /// one; only a `drill` may keep its keys in it.
    ///
    /// # Errors
    /// When the folder lies in the data folder, holds a keyring, or cannot be written.
    pub fn create(folder: &Path, data_folder: Option<&Path>, unlock: &Unlock, drill: bool) -> Result<Self, KeyError> {
        file::make_folder(folder)?;
        let beside = refuse_inside(folder, data_folder, drill)?;
        master::create(folder, unlock)?;
        file::SlotFile::create(folder)?;
        Self::open_at(folder, unlock, beside)
    }

    /// Opens the keyring.
    ///
    /// # Errors
    /// As [`Keyring::create`], and when the passphrase does not open it.
    pub fn open(folder: &Path, data_folder: Option<&Path>, unlock: &Unlock, drill: bool) -> Result<Self, KeyError> {
        if !folder.is_dir() {
            return Err(KeyError::Missing(folder.display().to_string()));
        }
        let beside = refuse_inside(folder, data_folder, drill)?;
        Self::open_at(folder, unlock, beside)
    }

    fn open_at(folder: &Path, unlock: &Unlock, beside: bool) -> Result<Self, KeyError> {
        let master = master::open(folder, unlock)?;
        let derived = KeyPurpose::ALL.map(|purpose| derive(&master, purpose));
        Ok(Self {
            folder: folder.to_owned(),
            slots: file::SlotFile::open(folder, derived[KeyPurpose::Wrap as usize].clone())?,
            derived,
            memory: Mutex::new(Memory::default()),
            pool: Mutex::new(Pool {
                free: VecDeque::new(),
                batch: 8,
            }),
            beside,
        })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the keys lie in the data folder, which only a drill does and must say.
    #[must_use]
    pub const fn is_beside_data(&self) -> bool {
        self.beside
    }

    /// Tells this keyring from others, and nothing else about it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        hex::encode(&self.derived(KeyPurpose::Fingerprint)[..16])
    }

    /// The key for a purpose, derived from the master key.
    #[must_use]
    pub const fn derived(&self, purpose: KeyPurpose) -> &SecretKey {
        &self.derived[purpose as usize]
    }

    /// A slot with a fresh key, on disk. It is given out once.
    ///
    /// # Errors
    /// When the keyring cannot be extended.
    pub fn new_slot(&self) -> Result<i64, KeyError> {
        let mut pool = lock(&self.pool);
        if pool.free.is_empty() {
            // A command that needs one slot wastes few; a server soon takes many at a time.
            pool.batch = (pool.batch * 2).min(512);
            let made = self.slots.extend(pool.batch)?;
            pool.free.extend(made);
        }
        pool.free.pop_front().ok_or(KeyError::Unreadable(0))
    }

    /// The key in a slot.
    ///
    /// # Errors
    /// [`KeyError::Erased`], [`KeyError::Unreadable`].
    pub fn subject_key(&self, slot: i64) -> Result<SecretKey, KeyError> {
        let mut memory = self.memory_now()?;
        self.key_in(&mut memory, slot)
    }

    /// The keys in several slots, as of one moment: the list's way, which looks
    /// once whether another process has erased a slot.
    ///
    /// # Errors
    /// When the keyring cannot be read; each slot has its own beside.
    pub fn subject_keys(
        &self,
        slots: impl IntoIterator<Item = i64>,
    ) -> Result<Vec<Result<SecretKey, KeyError>>, KeyError> {
        let mut memory = self.memory_now()?;
        Ok(slots.into_iter().map(|slot| self.key_in(&mut memory, slot)).collect())
    }

    /// The keys in memory, none of them older than the last erasure.
    fn memory_now(&self) -> Result<MutexGuard<'_, Memory>, KeyError> {
        // Another process may have erased a slot: its mark costs one read of eight bytes.
        let generation = self.slots.generation()?;
        let mut memory = lock(&self.memory);
        if memory.generation != generation || memory.keys.len() >= KEPT {
            memory.keys.clear();
            memory.generation = generation;
        }
        Ok(memory)
    }

    fn key_in(&self, memory: &mut Memory, slot: i64) -> Result<SecretKey, KeyError> {
        if let Some(key) = memory.keys.get(&slot) {
            return Ok(key.clone());
        }
        let key = self.slots.read(slot)?;
        memory.keys.insert(slot, key.clone());
        Ok(key)
    }

    /// Erases the key in a slot, on disk when this returns. Whatever it
    /// sealed, here or in any backup of the database, is gone for ever.
    /// Erasing twice is allowed.
    ///
    /// # Errors
    /// [`KeyError::Unreadable`] for a slot that was never made; file errors.
    pub fn erase(&self, slot: i64) -> Result<(), KeyError> {
        self.erase_all(&[slot])
    }

    /// Erases the keys in these slots, one after the other, all on disk when
    /// this returns. Cut off in the middle, the first are gone and the others
    /// are not: erase them again.
    ///
    /// # Errors
    /// As [`Keyring::erase`].
    pub fn erase_all(&self, slots: &[i64]) -> Result<(), KeyError> {
        if slots.is_empty() {
            return Ok(());
        }
        self.slots.erase(slots)?;
        let mut memory = lock(&self.memory);
        for slot in slots {
            memory.keys.remove(slot);
        }
        Ok(())
    }

    /// Whether the key in this slot was erased.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn is_erased(&self, slot: i64) -> Result<bool, KeyError> {
        self.slots.is_erased(slot)
    }

    /// A number that changes with every erasure, by whichever process.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn erasures(&self) -> Result<u64, KeyError> {
        self.slots.generation()
    }

    /// Forgets the keys in memory; they are read again when needed.
    pub fn forget(&self) {
        lock(&self.memory).keys.clear();
    }

    /// Notes the last checkpoint of the event log beside the keys, where a
    /// restored or cut database does not reach.
    pub(crate) fn note_checkpoint(&self, seq: i64, link: &[u8; 32]) -> Result<(), KeyError> {
        self.slots.exclusively(|| {
            if file::read_note(&self.folder)?.is_some_and(|(known, _)| known >= seq) {
                return Ok(());
            }
            file::write_note(&self.folder, seq, link)
        })
    }

    /// The last checkpoint that was noted.
    pub(crate) fn noted_checkpoint(&self) -> Result<Option<(i64, [u8; 32])>, KeyError> {
        file::read_note(&self.folder).map_err(|e| file::trouble(&self.folder, &e))
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// A poisoned lock guards only a cache or a list of free slots: both stay right.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[expect(
    clippy::expect_used,
    reason = "HKDF gives 32 bytes for any input; its only limit is 8160 bytes"
)]
fn derive(master: &SecretKey, purpose: KeyPurpose) -> SecretKey {
    let mut out = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(None, &master[..])
        .expand(purpose.info(), &mut out[..])
        .expect("32 bytes are within the limit");
    out
}

/// Whether the keys lie in the data folder; an error where that is not allowed.
fn refuse_inside(folder: &Path, data_folder: Option<&Path>, drill: bool) -> Result<bool, KeyError> {
    let Some(data) = data_folder else { return Ok(false) };
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let inside = real(folder).starts_with(real(data));
    if inside && !drill {
        return Err(KeyError::Inside(data.display().to_string()));
    }
    Ok(inside)
}
