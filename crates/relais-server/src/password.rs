//! Passwords: argon2id in PHC form, checked away from the store's lanes and
//! never more than a few at a time, so that a wave of sign-ins cannot eat the
//! memory of a small office server.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

/// How many passwords are checked at once (19 MiB each).
static ROOM: Semaphore = Semaphore::const_new(2);

/// What an unknown login is checked against, so that it takes as long as a
/// known one. The salt is constant because nothing is protected by it.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody signs in with this", &[7; 16]).unwrap_or_default());

/// The hash of a password, in PHC form. The salt comes in as a value: 16 bytes
/// of the system's randomness.
///
/// # Errors
/// When the password is longer than argon2 allows.
pub fn hash(password: &str, salt: &[u8; 16]) -> Result<String, argon2::password_hash::Error> {
    let hash: PasswordHash = Argon2::default().hash_password_with_salt(password.as_bytes(), salt)?;
    Ok(hash.to_string())
}

/// Whether the password is the one of the hash; `None` stands for an unknown
/// login and takes the same time.
pub(crate) async fn check(password: String, hash: Option<String>) -> bool {
    let Ok(_permit) = ROOM.acquire().await else {
        return false;
    };
    let checked = tokio::task::spawn_blocking(move || {
        let known = hash.is_some();
        let stored = hash.unwrap_or_else(|| NOBODY.clone());
        let matches = PasswordHash::new(&stored)
            .is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok());
        matches && known
    })
    .await;
    checked.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_login_passes() {
        let stored = hash("un mot de passe", &[1; 16]).expect("hashes");
        assert!(stored.starts_with("$argon2id$"));
        assert!(check("un mot de passe".into(), Some(stored.clone())).await);
        assert!(!check("un autre".into(), Some(stored)).await);
        assert!(!check("nobody signs in with this".into(), None).await);
        assert!(!check("x".into(), Some("not a hash".into())).await);
    }
}
