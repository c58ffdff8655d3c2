//! What the store promises, tried on both databases.

mod chains;
mod keys;
mod lanes;
mod logs;
mod speed;
mod statements;
mod work;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// An instant of the tests' calendar.
fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// An id that a test can write down.
fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}
