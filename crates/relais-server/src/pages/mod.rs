//! Pages: one file for each, with its tests. A handler parses, calls one act
//! and lays out what comes back.

pub(crate) mod account;
pub(crate) mod arrival;
pub(crate) mod assign;
pub(crate) mod bracelets;
pub(crate) mod calls;
mod came_back;
pub(crate) mod cases;
pub(crate) mod child;
pub(crate) mod close;
pub(crate) mod complaint;
pub(crate) mod complaints;
pub(crate) mod confirm;
pub(crate) mod consent;
pub(crate) mod coordination;
pub(crate) mod cosign;
pub(crate) mod day;
pub(crate) mod done;
pub(crate) mod doors;
pub(crate) mod emergency;
pub(crate) mod end;
pub(crate) mod expected;
pub(crate) mod follow_up;
pub(crate) mod group_list;
pub(crate) mod groups;
pub(crate) mod inbox;
pub(crate) mod late;
pub(crate) mod late_calls;
pub(crate) mod letter;
pub(crate) mod link;
pub(crate) mod need;
pub(crate) mod on_call;
pub(crate) mod payment;
pub(crate) mod perhaps;
pub(crate) mod plan;
pub(crate) mod post;
pub(crate) mod protection;
pub(crate) mod refer;
pub(crate) mod referral;
mod referral_acts;
pub(crate) mod reopen;
pub(crate) mod same;
pub(crate) mod sections;
mod service_card;
pub(crate) mod settle_need;
pub(crate) mod share;
mod shelter;
pub(crate) mod slip;
pub(crate) mod slip_in;
pub(crate) mod stop;
pub(crate) mod telephone;
pub(crate) mod transfer;
pub(crate) mod watch;
pub(crate) mod withdraw;

#[cfg(test)]
mod tests;
