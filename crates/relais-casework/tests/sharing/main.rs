//! Consent, the disclosure plan, overrides and grants, sentence by sentence of
//! DESIGN §5, §6 and DOMAIN §2.3, §2.4.

mod consents;
mod grants;
mod plans;
mod restricted;
#[path = "../sharing_support/mod.rs"]
mod sharing_support;

use chrono::TimeDelta;
use proptest::prelude::*;
use relais_casework::consent::{
    AdultLink, Assent, Consent, ConsentDecision, ConsentFlaw, ConsentLine, Deny, GivenBy, Nature, PastDisclosure,
    ProofForm, Recipient, To, WithdrawEffect, allowed, line_until, ruling, withdraw,
};
use relais_casework::grant::{
    Grant, Holder, apply, on_acceptance, on_assignment, on_cosignature, on_denunciation, on_emergency, on_holding,
    on_override_end, on_referral_end, on_transfer, on_withdrawal,
};
use relais_casework::sharing::{
    AgeBand, OfferFacts, OfferField, OverrideProblem, OverrideScope, Signer, WhyNot, grounds_for, grounds_offered,
    may_cosign, offer_fields, offer_view, plan,
};
use relais_mechanism::{ClassSet, DataClass, Label, Lang, Priority, Purpose, Role};
use relais_network::agreement::{Basis, Coverage, OverrideGround, Ruling, SharingRefusal, StandingRegime};
use relais_network::{CaseId, DisclosureId, GrantId, ReferralId};
use sharing_support::*;
use std::collections::BTreeSet;
use uuid::Uuid;

const A: u128 = 11;
const B: u128 = 12;

fn to(organisation: u128, service: &str) -> To<'_> {
    To {
        organisation: org(organisation),
        service,
        nature: Nature::Service,
        urgent: false,
    }
}

fn only(classes: &[DataClass]) -> ClassSet {
    classes.iter().copied().collect()
}
