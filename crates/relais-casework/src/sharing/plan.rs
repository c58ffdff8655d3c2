//! The disclosure plan of one referral.

use chrono::{DateTime, Utc};
use relais_mechanism::{ClassSet, DataClass, Lang, Priority, Purpose};
use relais_network::agreement::{
    Basis, Coverage, OverrideGround, Ruling, SharingRefusal, StandingRegime, class_level, is_vital, legal_basis,
    paper_refusal,
};
use relais_network::{OrganisationId, ReferralId};

use super::Override;
use super::offer::{OfferField, offer_fields};
use crate::consent::{Consent, Nature, To, category_of, ruling};

/// Service types that a child is not referred to before the best-interests
/// decision: tracing, family links, onward travel, the call to the family
/// (DESIGN §6, DOMAIN §2.3 order rule).
const AFTER_BEST_INTERESTS: [&str; 4] = ["CHP.03", "FAM.01", "RCP.07", "RCP.08"];

/// The category of child protection, which is where a child who was not seen
/// alone goes first.
const CHILD_PROTECTION: &str = "CHP";

/// What is asked: one need, one recipient, now.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The purpose: [`Purpose::Refer`] for a referral.
    pub purpose: Purpose,
    /// The service type that the need asks for, as `MED.02`.
    pub service: &'a str,
    /// Whether the need is S4.
    pub s4: bool,
    /// The classes that the service's category needs, beside identity and
    /// contact.
    pub needs: ClassSet,
    /// The priority.
    pub priority: Priority,
    /// The referral, once it has an id.
    pub referral: Option<ReferralId>,
    /// The organisation asked.
    pub recipient: OrganisationId,
    /// What it is, as far as consent goes.
    pub nature: Nature,
    /// Whether it is of the State.
    pub recipient_is_state: bool,
    /// Whether the case is in the protected circuit.
    pub protected: bool,
    /// Whether the person is a child; doubt means yes.
    pub child: bool,
    /// Whether a trained officer has seen the child alone (F1.63c): before that
    /// nothing but urgent care is asked for.
    pub seen_alone: bool,
    /// Whether the best-interests decision is made.
    pub best_interests_decided: bool,
    /// The regime of the mechanism's version.
    pub standing: StandingRegime,
    /// How the recipient stands under the agreements today.
    pub coverages: &'a [Coverage],
    /// The person's consents.
    pub consents: &'a [Consent],
    /// An override, if one was written.
    pub exception: Option<&'a Override>,
    /// Whether the person carries the slip.
    pub own_hand: bool,
    /// Whether the S4 classes are open in this deployment: the
    /// data-protection officer has recorded the authorisation (DOMAIN §2.9
    /// rule 7). Before that they go where life is at stake, and nowhere else.
    pub s4_authorised: bool,
    /// Now.
    pub now: DateTime<Utc>,
}

/// Why a class is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// The service's category does not need it.
    NotNeeded,
    /// The S4 classes are not open in this deployment.
    S4NotAuthorised,
    /// A rule of sharing stands against it.
    Refused(SharingRefusal),
}

impl WhyNot {
    /// Why, in one sentence.
    #[must_use]
    pub const fn why(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::NotNeeded, Lang::Fr) => "Ce service n’en a pas besoin.",
            (Self::NotNeeded, Lang::En) => "This service does not need it.",
            (Self::S4NotAuthorised, Lang::Fr) => {
                "Donnée à accès restreint (S4)\u{a0}: l’autorisation n’est pas encore enregistrée."
            }
            (Self::S4NotAuthorised, Lang::En) => "Restricted data (S4): the authorisation is not yet on record.",
            (Self::Refused(refusal), lang) => refusal.why(lang),
        }
    }
}

/// What a provider sees now, after acceptance, and never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The fields of the offer view, before acceptance.
    pub now: &'static [OfferField],
    /// The classes given at acceptance, each with its basis.
    pub after: Vec<(DataClass, Basis)>,
    /// The classes not given, each with the reason.
    pub never: Vec<(DataClass, WhyNot)>,
    /// Why it cannot be sent at all.
    pub blocked: Option<SharingRefusal>,
    /// Whether it runs in the vital regime.
    pub vital: bool,
}

impl Plan {
    /// The classes given at acceptance.
    #[must_use]
    pub fn after_classes(&self) -> ClassSet {
        self.after.iter().map(|(class, _)| *class).collect()
    }

    /// Whether somebody must review it afterwards: what went as VITAL or CHILD,
    /// and every override.
    #[must_use]
    pub fn is_reviewed(&self) -> bool {
        self.after.iter().any(|(_, basis)| basis.is_reviewed())
    }
}

/// The plan for one request.
///
/// Before acceptance only the offer view goes. After it identity and contact,
/// and a further class only if the service's category needs it, the person
/// agreed to that class, and the regime carries it, or an override names it.
/// A vital referral is never blocked by a paper or a missing consent: without
/// consent it goes without a name. Nor does it wait for the authorisation of
/// the S4 classes: what the person agreed to goes as VITAL or CHILD, and is
/// reviewed.
#[must_use]
pub fn plan(request: &Request<'_>) -> Plan {
    let vital = is_vital(request.priority, category_of(request.service));
    let wanted = request.needs.with(DataClass::Identity).with(DataClass::Contact);
    let mut after = Vec::new();
    let mut never = Vec::new();
    for class in DataClass::ALL.iter().copied() {
        if !wanted.contains(class) {
            never.push((class, WhyNot::NotNeeded));
        } else {
            match basis_for(request, class, vital) {
                Ok(basis) => after.push((class, basis)),
                Err(why) => never.push((class, why)),
            }
        }
    }
    let blocked = blocked(request, vital, &after, &never);
    if blocked == Some(SharingRefusal::ProtectedCircuit) {
        never.extend(
            after
                .drain(..)
                .map(|(class, _)| (class, WhyNot::Refused(SharingRefusal::ProtectedCircuit))),
        );
        never.sort_unstable_by_key(|(class, _)| *class);
    }
    Plan {
        now: offer_fields(request.s4),
        after,
        never,
        blocked,
        vital,
    }
}

/// What the consents say of the class, for this request.
fn ruling_on(request: &Request<'_>, class: DataClass, vital: bool) -> Ruling {
    let to = To {
        organisation: request.recipient,
        service: request.service,
        nature: request.nature,
        urgent: vital,
    };
    ruling(request.consents, class, request.purpose, to, request.now)
}

fn basis_for(request: &Request<'_>, class: DataClass, vital: bool) -> Result<Basis, WhyNot> {
    // Before the authorisation no paper carries a restricted class, nor the
    // person's own hand, nor a legal obligation: none of them saves life.
    let unauthorised = class.is_restricted() && !request.s4_authorised;
    let exception = request
        .exception
        .filter(|o| o.classes.contains(class) && o.carries(request.referral, request.recipient, request.now))
        .filter(|o| !unauthorised || o.ground != OverrideGround::Legal)
        .map(|o| (o.id, o.ground));
    let coverages = if unauthorised { &[] } else { request.coverages };
    let basis = legal_basis(
        class,
        class_level(class),
        request.purpose,
        request.standing,
        vital,
        request.child,
        request.own_hand && !unauthorised,
        coverages,
        ruling_on(request, class, vital),
        exception,
    );
    basis.map_err(|refusal| {
        if unauthorised && !vital {
            WhyNot::S4NotAuthorised
        } else {
            WhyNot::Refused(refusal)
        }
    })
}

/// Why the referral cannot be sent.
fn blocked(
    request: &Request<'_>,
    vital: bool,
    after: &[(DataClass, Basis)],
    never: &[(DataClass, WhyNot)],
) -> Option<SharingRefusal> {
    let to_state = request.recipient_is_state || request.nature == Nature::Justice;
    if request.protected && to_state && !request.own_hand {
        return Some(SharingRefusal::ProtectedCircuit);
    }
    if request.child && !request.best_interests_decided && AFTER_BEST_INTERESTS.contains(&request.service) {
        return Some(SharingRefusal::BestInterestsFirst);
    }
    if request.child && !request.seen_alone && !vital && category_of(request.service) != CHILD_PROTECTION {
        return Some(SharingRefusal::ChildNotSeenAlone);
    }
    if request.exception.is_some_and(|o| o.awaits_cosignature(request.now)) {
        return Some(SharingRefusal::AwaitsCosignature);
    }
    let reachable = after
        .iter()
        .any(|(class, _)| matches!(class, DataClass::Identity | DataClass::Contact));
    if vital || reachable {
        return None;
    }
    // Name the missing paper before the missing consent: nobody should be
    // asked to agree to what could not be sent anyway.
    let paper = paper_refusal(
        DataClass::Identity,
        class_level(DataClass::Identity),
        request.purpose,
        request.standing,
        request.coverages,
    );
    paper.filter(|_| !request.own_hand).or_else(|| {
        never.iter().find_map(|(class, why)| match why {
            WhyNot::Refused(refusal) if *class == DataClass::Identity => Some(*refusal),
            _ => None,
        })
    })
}
