//! Ids made by the server, for records that no client made.

use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

use crate::keyring::KeyPurpose;
use crate::seal::Sealer;

/// A new UUIDv7 at this instant of the deployment's clock. The random part is
/// the whole of the 74 bits, so ids made in the same millisecond do not tell
/// their order; lists page by the server's sequence, never by id.
#[must_use]
pub fn new_v7(now: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &crate::random::bytes()).into_uuid()
}

/// A secret of 32 random bytes, for session and API tokens.
#[must_use]
pub fn secret() -> [u8; 32] {
    crate::random::bytes()
}

/// A code of six digits, each as likely as any other: said by telephone.
#[must_use]
pub fn six_digits() -> String {
    /// The largest multiple of a million that four bytes hold.
    const FAIR: u32 = u32::MAX - u32::MAX % 1_000_000;
    loop {
        let drawn = u32::from_le_bytes(crate::random::bytes());
        if drawn < FAIR {
            return format!("{:06}", drawn % 1_000_000);
        }
    }
}

/// Letters and digits that are not taken for one another on paper.
const ON_PAPER: &[u8; 31] = b"ABCDEFGHJKLMNPQRSTVWXYZ23456789";

/// A code of eight signs for a paper slip, each as likely as any other.
#[must_use]
pub fn slip_code() -> String {
    let mut code = String::with_capacity(8);
    while code.len() < 8 {
        let [drawn] = crate::random::bytes::<1>();
        // 248 is the largest multiple of 31 that a byte holds.
        if drawn < 248 {
            code.push(char::from(ON_PAPER[usize::from(drawn) % ON_PAPER.len()]));
        }
    }
    code
}

/// The code by which a confidential service is asked: the same for the same
/// service as long as the keyring is and nobody renews it, and kept nowhere.
/// Whoever has the database and not the keyring cannot say it.
#[must_use]
pub fn shelter_code(sealer: &Sealer, service: Uuid, renewed: i64) -> String {
    let mut code = String::with_capacity(8);
    for round in 0u8.. {
        let digest = sealer.mac(
            KeyPurpose::Shelter,
            &[service.as_bytes(), &renewed.to_le_bytes(), &[round]],
        );
        // 248 is the largest multiple of 31 that a byte holds.
        let signs = digest.iter().filter(|b| **b < 248);
        code.extend(signs.map(|b| char::from(ON_PAPER[usize::from(*b) % ON_PAPER.len()])));
        if code.len() >= 8 {
            break;
        }
    }
    code.truncate(8);
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slips_code_uses_every_sign_and_no_other() {
        let codes: String = (0..500).map(|_| slip_code()).collect();
        let seen: std::collections::BTreeSet<u8> = codes.bytes().collect();
        assert_eq!(codes.len(), 4000);
        assert_eq!(seen, ON_PAPER.iter().copied().collect());
    }

    #[test]
    fn a_code_has_six_digits_and_every_first_digit_comes() {
        let codes: Vec<String> = (0..2000).map(|_| six_digits()).collect();
        assert!(
            codes
                .iter()
                .all(|c| c.len() == 6 && c.bytes().all(|b| b.is_ascii_digit()))
        );
        for digit in '0'..='9' {
            // 200 of 2,000 are expected; fewer than 100 come once in 10¹³ tries.
            assert!(codes.iter().filter(|c| c.starts_with(digit)).count() > 100, "{digit}");
        }
    }

    #[test]
    fn carries_the_instant_and_never_repeats() {
        let now = DateTime::from_timestamp_millis(1_790_000_000_123).unwrap();
        let ids: std::collections::HashSet<Uuid> = (0..1000).map(|_| new_v7(now)).collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            assert_eq!(id.get_version_num(), 7);
            let (secs, nanos) = id.get_timestamp().unwrap().to_unix();
            assert_eq!((secs, nanos / 1_000_000), (1_790_000_000, 123));
        }
    }
}
