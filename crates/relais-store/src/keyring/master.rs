//! The master key: 32 random bytes in a file of mode 0600, or wrapped by a
//! passphrase.

use std::path::Path;

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::{KeyError, SecretKey, file};
use crate::random;

const PLAIN: &str = "master.key";
const WRAPPED: &str = "master.sealed";
const MAGIC: &[u8; 16] = b"relais master 1\n";
const SALT: usize = 16;
const NONCE: usize = 24;
const LENGTH: usize = MAGIC.len() + SALT + NONCE + 32 + 16;

/// How the master key is opened.
#[derive(Clone)]
pub enum Unlock {
    /// The key lies in its file; who can read the file has the key.
    File,
    /// The file is wrapped by a passphrase (argon2id).
    Passphrase(Zeroizing<String>),
}

impl Unlock {
    /// What the environment says: `RELAIS_PASSPHRASE`, or the file descriptor
    /// `RELAIS_PASSPHRASE_FD`, or the systemd credential `relais-passphrase`;
    /// without any of them the plain file.
    ///
    /// # Errors
    /// When a descriptor or credential is named and cannot be read.
    pub fn from_env() -> Result<Self, KeyError> {
        if let Ok(phrase) = std::env::var("RELAIS_PASSPHRASE") {
            return Ok(Self::Passphrase(Zeroizing::new(phrase)));
        }
        let source = if let Ok(fd) = std::env::var("RELAIS_PASSPHRASE_FD") {
            std::path::PathBuf::from("/dev/fd").join(fd)
        } else if let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") {
            let path = Path::new(&folder).join("relais-passphrase");
            if !path.exists() {
                return Ok(Self::File);
            }
            path
        } else {
            return Ok(Self::File);
        };
        let text = Zeroizing::new(std::fs::read_to_string(&source).map_err(|e| file::trouble(&source, &e))?);
        Ok(Self::Passphrase(Zeroizing::new(
            text.trim_end_matches(['\n', '\r']).to_owned(),
        )))
    }
}

impl std::fmt::Debug for Unlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::File => "File",
            Self::Passphrase(_) => "Passphrase(…)",
        })
    }
}

pub(super) fn create(folder: &Path, unlock: &Unlock) -> Result<(), KeyError> {
    if folder.join(PLAIN).exists() || folder.join(WRAPPED).exists() {
        return Err(KeyError::Exists(folder.display().to_string()));
    }
    let master: SecretKey = Zeroizing::new(random::bytes());
    match unlock {
        Unlock::File => file::write_new(&folder.join(PLAIN), &master[..]),
        Unlock::Passphrase(phrase) => {
            let (salt, nonce) = (random::bytes::<SALT>(), random::bytes::<NONCE>());
            let cipher = XChaCha20Poly1305::new(&Key::from(*stretch(phrase, &salt)?));
            let wrapped = cipher
                .encrypt(
                    &XNonce::from(nonce),
                    Payload {
                        msg: &master[..],
                        aad: MAGIC,
                    },
                )
                .map_err(|_| KeyError::Locked("the cipher refused".into()))?;
            file::write_new(&folder.join(WRAPPED), &[&MAGIC[..], &salt, &nonce, &wrapped].concat())
        }
    }
}

pub(super) fn open(folder: &Path, unlock: &Unlock) -> Result<SecretKey, KeyError> {
    let (plain, wrapped) = (folder.join(PLAIN), folder.join(WRAPPED));
    let locked = |text: &str| KeyError::Locked(text.to_owned());
    if plain.exists() {
        let bytes = Zeroizing::new(std::fs::read(&plain).map_err(|e| file::trouble(&plain, &e))?);
        let key: [u8; 32] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| locked("master.key is not 32 bytes long"))?;
        return Ok(Zeroizing::new(key));
    }
    if !wrapped.exists() {
        return Err(KeyError::Missing(folder.display().to_string()));
    }
    let Unlock::Passphrase(phrase) = unlock else {
        return Err(locked(
            "it is wrapped by a passphrase; give RELAIS_PASSPHRASE or RELAIS_PASSPHRASE_FD",
        ));
    };
    let bytes = std::fs::read(&wrapped).map_err(|e| file::trouble(&wrapped, &e))?;
    if bytes.len() != LENGTH || !bytes.starts_with(MAGIC) {
        return Err(locked("master.sealed is damaged"));
    }
    let (salt, rest) = bytes[MAGIC.len()..].split_at(SALT);
    let (nonce, sealed) = rest.split_at(NONCE);
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| locked("master.sealed is damaged"))?;
    let cipher = XChaCha20Poly1305::new(&Key::from(*stretch(phrase, salt)?));
    let opened = cipher
        .decrypt(
            &XNonce::from(nonce),
            Payload {
                msg: sealed,
                aad: MAGIC,
            },
        )
        .map(Zeroizing::new)
        .map_err(|_| locked("the passphrase is wrong, or master.sealed was changed"))?;
    let key: [u8; 32] = opened
        .as_slice()
        .try_into()
        .map_err(|_| locked("master.sealed is damaged"))?;
    Ok(Zeroizing::new(key))
}

/// argon2id with 64 MiB, three passes, one lane: about a fifth of a second, once at start.
fn stretch(phrase: &str, salt: &[u8]) -> Result<SecretKey, KeyError> {
    let locked = |_| KeyError::Locked("argon2 refused".into());
    let params = Params::new(64 * 1024, 3, 1, Some(32)).map_err(locked)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(phrase.as_bytes(), salt, &mut key[..])
        .map_err(locked)?;
    Ok(key)
}
