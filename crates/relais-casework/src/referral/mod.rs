//! The referral: one organisation's service is asked to meet one need
//! (DESIGN §5).
//!
//! ```text
//! Referral + Command + Actor + Context ── decide ──► events, or a Refusal
//! Referral + Event                     ── apply  ──► Referral
//! ```
//!
//! [`decide`] is total: every command in every state by everybody has an
//! answer. After each accepted command either somebody must move by a certain
//! time, or the need has been given back: no referral waits on nobody.
//!
//! Choices that DESIGN §5 leaves open:
//! - A discarded draft is *voided*: nothing was sent, so it is not a
//!   cancellation.
//! - A question about an emergency stops no clock: the sender has until the
//!   provider's own decision is due, or until expiry where that has passed.
//! - A withdrawal before acceptance always ends the referral, since nothing is
//!   under way; later, "stop sharing" closes the provider's view and lets care
//!   go on, and "stop the service" ends it as *refused by the person*.
//! - First contact and start count from the acceptance; deciding, expiry and
//!   acknowledging from the sending.
//! - Whatever a provider may do, the sender may note for it from the telephone
//!   or the slip, with the name of who answered; by a one-time link the provider
//!   says it itself, with name and number. The provider contests the last such
//!   answer in its own name, signed in: that is recorded and told, and changes
//!   no state.
//! - A dispute that neither the provider nor the secretariat answers stays with
//!   the secretariat's supervisor and falls due again. In the protected circuit
//!   the sender's supervisor stands in for both.

mod circuit;
mod command;
mod decide;
mod event;
mod ladder;
mod link;
mod model;
mod passing;
mod refusal;
mod rules;
mod slip;
mod times;
mod words;

pub use circuit::{Turn, turn};
pub use command::{Actor, Command, Context, Noted};
pub use decide::decide;
pub use event::{Event, EventKind};
pub use ladder::{LadderNotice, next_step, recipients};
pub use link::{Link, LinkRefusal, LinkState, MOST_TRIES, link_until};
pub use model::{Clock, NewReferral, Owner, Pause, Referral, Wait};
pub use refusal::Refusal;
pub use rules::{Rule, open_to, pathway_rules, rule};
pub use slip::{REASONS, Ticked, of_slip};
pub use times::{Counts, DueTimes};
pub use words::{
    CommandKind, Confirmation, DeclineCode, DueKind, EndReason, NeedEffect, Outcome, Recipient, State, WithdrawEffect,
};
