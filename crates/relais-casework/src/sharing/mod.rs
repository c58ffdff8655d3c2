//! Sharing: exactly what a provider sees now, after acceptance, and never, and
//! why (DESIGN §5 "progressive disclosure", §6).
//!
//! [`plan`] serves the page "refer", the sending and the acceptance alike: what
//! the page promised is what the acceptance gives, unless consent or agreement
//! changed in between.

mod exception;
mod offer;
mod plan;

pub use exception::{
    COSIGN_HOURS, Cosignature, Override, OverrideProblem, OverrideScope, OverrideState, Signer, grounds_for,
    grounds_offered, may_cosign,
};
pub use offer::{AgeBand, OfferFacts, OfferField, OfferView, offer_fields, offer_view};
pub use plan::{Plan, Request, WhyNot, plan};
