//! What a user can do: each act is one unit of work. A page and the API
//! endpoint beside it call the same function here; both crates above only
//! parse and render.
//!
//! Every act reads the same: find it or answer as if it did not exist → may
//! this viewer do this → decide by the pure rules → write event, rows, grants,
//! disclosure, due work and notices in one transaction.

pub mod commands;
pub mod desk;
pub mod problem;
pub mod views;

pub use desk::{Desk, Viewer};
pub use problem::ActError;
