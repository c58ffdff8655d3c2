//! The store: SQL on SQLite and PostgreSQL from one text, sealed columns, the
//! keyring, the chained events, due work, the deployment's clock.
//!
//! A request is one unit of work (DESIGN §4): a closure over [`Tx`] that is
//! committed whole or not at all. [`Store::write`] runs it on a lane of its
//! own thread, so that the caller may be asynchronous while every statement
//! stays a plain, synchronous line.
#![forbid(unsafe_code)]

pub mod access;
pub mod audit;
pub mod buckets;
pub mod chain;
pub mod clock;
pub mod counters;
pub mod data_map;
pub mod due;
pub mod erasure;
pub mod error;
pub mod ids;
pub mod keyring;
mod lane;
pub mod outbox;
mod postgres_lane;
mod random;
pub mod requests;
pub mod rows;
pub mod schema;
pub mod seal;
pub mod sql;
mod sqlite_lane;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod tx;
pub mod value;

pub use error::{Broken, StoreError};
pub use keyring::{KeyError, Keyring, Unlock};
pub use seal::{Cell, SealError, Sealer};
pub use store::{Location, Options, Store};
pub use tx::{Dialect, Tx};
pub use value::{FromValue, Row, Value, ValueRef};
