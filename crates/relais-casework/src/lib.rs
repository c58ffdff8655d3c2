//! Case, need, consent, referral, grants: the pure rules.

pub mod calendar;
pub mod calls;
pub mod closing;
pub mod complaint;
pub mod consent;
pub mod duplicates;
pub mod ending;
pub mod erasure;
pub mod grant;
pub mod interview;
pub mod need;
pub mod plan;
pub mod profile;
pub mod queue;
pub mod referral;
pub mod sharing;
pub mod transfer;
pub mod triage;
pub mod visible;
