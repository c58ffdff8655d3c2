//! The key of the last hit of a page. Lists page by key, never by offset
//! (DESIGN §8): a directory replaced between two pages neither repeats nor
//! skips what did not change.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::ServiceId;

/// Where a page ended. As text it stands in an address; its form is not a
/// promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// Points (inverted) and distance, so that a smaller number comes first.
    pub(super) rank: u64,
    /// The entry's turn and the service, which decide between equals.
    pub(super) turn: u32,
    pub(super) id: ServiceId,
}

/// The text is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a page key; start from the first page")]
pub struct BadCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:08x}{}", self.rank, self.turn, self.id.0.simple())
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        if text.len() != 56 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(BadCursor);
        }
        let rank = u64::from_str_radix(&text[..16], 16).map_err(|_| BadCursor)?;
        let turn = u32::from_str_radix(&text[16..24], 16).map_err(|_| BadCursor)?;
        let id = Uuid::try_parse(&text[24..]).map_err(|_| BadCursor)?;
        Ok(Self {
            rank,
            turn,
            id: ServiceId(id),
        })
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
