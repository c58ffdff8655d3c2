//! What a user can do: each act is one unit of work. A page and the API
//! endpoint beside it call the same function here; both crates above only
//! parse and render.
//!
//! Every act reads the same: find it or answer as if it did not exist → may
//! this viewer do this → decide by the pure rules → write event, rows, grants,
//! disclosure, due work and notices in one transaction.

pub mod accounts;
pub mod agreements;
pub mod assignment;
pub mod calls;
pub mod case;
pub mod child;
pub mod classes;
pub mod closing;
pub mod codes;
pub mod commands;
pub mod complaints;
pub mod consents;
pub mod coordination;
pub mod cosign;
mod counts;
pub mod day;
pub mod desk;
pub mod directory;
pub mod documents;
pub mod duplicates;
pub mod emergency;
pub mod ending;
pub mod entries;
pub mod erase;
pub mod erased;
pub mod families;
pub mod file;
pub mod forms;
pub mod groups;
pub mod handovers;
mod instant;
pub mod letter;
pub mod links;
pub mod messages;
pub mod needs;
pub mod network;
pub mod on_call;
pub mod overrides;
pub mod payments;
pub mod plan;
pub mod posts;
pub mod problem;
pub mod protection;
pub mod refer;
pub mod referral_view;
pub mod referrals;
pub mod register;
pub mod registers;
pub mod reopening;
pub mod rules;
pub mod say;
pub mod service_rows;
pub mod services;
pub mod settle_need;
pub mod share;
pub mod shelter;
pub mod slips;
pub mod stops;
pub mod times;
pub mod transfers;
pub mod versions;
pub mod views;
pub mod webhooks;
pub mod withdrawals;
pub mod work;
pub mod write;

pub use desk::{Desk, Viewer};
pub use network::Network;
pub use problem::{ActError, FieldProblem};
