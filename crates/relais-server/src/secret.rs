//! Session and bearer tokens: 32 random bytes, of which the store keeps only
//! the SHA-256.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use relais_mechanism::words::Lang;
use sha2::{Digest, Sha256};

/// What stands before a bearer token, so that a scanner of leaked secrets
/// knows it.
const PREFIX: &str = "relais_";

/// A secret as it is shown once: in the cookie or on the administrator's screen.
#[must_use]
pub fn text(secret: &[u8; 32]) -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(secret))
}

/// The secret that signs what a webhook is told, as Standard Webhooks writes it
/// and as the libraries of receivers read it.
#[must_use]
pub fn signing(secret: &[u8; 32]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// What the store keeps of it.
#[must_use]
pub fn hash(secret: &[u8; 32]) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// The hash under which a shown secret is kept, or none for what is no secret of ours.
#[must_use]
pub fn hash_of_text(text: &str) -> Option<Vec<u8>> {
    digest_of_text(text).map(|digest| digest.to_vec())
}

/// The same, with nothing to free.
pub(crate) fn digest_of_text(text: &str) -> Option<[u8; 32]> {
    // Room for what unpacks to a little more, which is refused.
    let mut secret = [0; 36];
    let written = URL_SAFE_NO_PAD
        .decode_slice(text.strip_prefix(PREFIX)?, &mut secret)
        .ok()?;
    (written == 32).then(|| Sha256::digest(&secret[..32]).into())
}

/// The path of a one-time link in the recipient's language; its secret stands
/// there without the mark of our tokens, which only makes messages longer.
#[must_use]
pub fn path(lang: Lang, secret: &[u8; 32]) -> String {
    format!("/link/{}/{}", lang.code(), URL_SAFE_NO_PAD.encode(secret))
}

/// The hash under which the secret of an address is looked up; whatever else
/// was typed there has a hash too, which belongs to nothing.
#[must_use]
pub fn hash_of_address(text: &str) -> Vec<u8> {
    let secret = URL_SAFE_NO_PAD.decode(text).ok().and_then(|b| b.try_into().ok());
    secret.map_or_else(|| Sha256::digest(text).to_vec(), |secret: [u8; 32]| hash(&secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_by_its_secret() {
        let secret = [9; 32];
        let path = path(Lang::En, &secret);
        let text = path.strip_prefix("/link/en/").expect("the path of a link");
        assert_eq!(hash_of_address(text), hash(&secret));
        assert_ne!(hash_of_address(&text[1..]), hash(&secret));
        assert_eq!(hash_of_address("").len(), 32);
    }

    #[test]
    fn a_secret_is_found_by_its_text_and_nothing_else() {
        let secret = [9; 32];
        assert_eq!(hash_of_text(&text(&secret)), Some(hash(&secret)));
        for wrong in [
            "",
            "relais_",
            "relais_AAAA",
            "AAAA",
            &text(&secret)[1..],
            &format!("{}A", text(&secret)),
        ] {
            assert_eq!(hash_of_text(wrong), None, "{wrong}");
        }
    }
}
