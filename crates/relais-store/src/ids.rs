//! Ids made by the server, for records that no client made.

use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

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

#[cfg(test)]
mod tests {
    use super::*;

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
