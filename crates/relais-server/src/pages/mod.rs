//! Pages: one file for each, with its tests. A handler parses, calls one act
//! and lays out what comes back.

pub(crate) mod arrival;
pub(crate) mod assign;
pub(crate) mod calls;
mod came_back;
pub(crate) mod cases;
pub(crate) mod child;
pub(crate) mod close;
pub(crate) mod confirm;
pub(crate) mod consent;
pub(crate) mod cosign;
pub(crate) mod day;
pub(crate) mod done;
pub(crate) mod doors;
pub(crate) mod end;
pub(crate) mod inbox;
pub(crate) mod late;
pub(crate) mod link;
pub(crate) mod need;
pub(crate) mod plan;
pub(crate) mod refer;
pub(crate) mod referral;
pub(crate) mod reopen;
pub(crate) mod share;
pub(crate) mod slip;
pub(crate) mod slip_in;
pub(crate) mod stop;
pub(crate) mod telephone;
pub(crate) mod transfer;
pub(crate) mod withdraw;

#[cfg(test)]
mod tests;
