//! Plain values that the tests of sharing build from.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use proptest::prelude::*;
pub use relais_casework::consent::Consent;
use relais_casework::consent::{ConsentDecision, ConsentLine, Deny, GivenBy, Nature, Proof, ProofForm, Recipient};
use relais_casework::sharing::{Cosignature, OverrideScope};
pub use relais_casework::sharing::{Override, Request};
use relais_mechanism::{ClassSet, DataClass, Lang, Priority, Purpose, Sensitivity};
use relais_network::agreement::{
    Agreement, AgreementKind, Coverage, GRACE_DAYS, OverrideGround, Party, StandingRegime, coverages,
};
use relais_network::{AgreementId, CaseId, ConsentId, OrganisationId, OverrideId, ServiceId, UserId};
use uuid::Uuid;

/// Day `n` of the tests' calendar, at nine in the morning.
pub fn at(n: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 8, 0, 0).unwrap() + TimeDelta::days(n)
}

pub fn org(n: u128) -> OrganisationId {
    OrganisationId(Uuid::from_u128(n))
}

pub fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

/// The one service of an organisation.
pub fn service(n: u128) -> ServiceId {
    ServiceId(Uuid::from_u128(500 + n))
}

pub fn agreement_id(n: u128) -> AgreementId {
    AgreementId(Uuid::from_u128(700 + n))
}

/// A line C3, granted by the person in writing from day `from`.
pub fn c3(n: u128, recipient: Recipient, classes: ClassSet, from: i64) -> Consent {
    Consent {
        id: ConsentId(Uuid::from_u128(n)),
        case: CaseId(Uuid::nil()),
        line: ConsentLine::C3,
        decision: ConsentDecision::Granted,
        purpose: Purpose::Refer,
        recipient,
        classes,
        deny: vec![],
        lang: Lang::Fr,
        notice_hash: "5b1f".into(),
        proof: Proof::of(ProofForm::Signature),
        given_by: GivenBy::Person,
        from: at(from),
        until: None,
        withdrawn_at: None,
    }
}

/// An agreement of the organisation alone, from day 0 for ten years.
pub fn agreement(n: u128, kind: AgreementKind) -> Agreement {
    Agreement {
        id: agreement_id(n),
        kind,
        reference: format!("TEST/{n}"),
        parties: vec![Party {
            organisation: org(n),
            from: at(0).date_naive(),
            denounced_on: None,
        }],
        classes: ClassSet::all(),
        purposes: BTreeSet::from([Purpose::Refer]),
        max_sensitivity: Sensitivity::S4,
        until: Some(at(3650).date_naive()),
        denounced_on: None,
    }
}

/// How organisation 11 stands: 0 under a memorandum, 1 under an undertaking,
/// 2 under one that was denounced, 3 under nothing.
pub fn worlds(kind: usize) -> Vec<Coverage> {
    let mut signed = agreement(
        11,
        if kind == 1 {
            AgreementKind::Eng
        } else {
            AgreementKind::Mou
        },
    );
    if kind == 2 {
        signed.denounced_on = Some(at(0).date_naive());
    }
    let all = if kind == 3 { vec![] } else { vec![signed] };
    coverages(org(11), &[], &all, at(5).date_naive(), GRACE_DAYS)
}

/// Organisation 11 under a memorandum.
pub fn ordinary_world() -> Vec<Coverage> {
    worlds(0)
}

/// A plain request to organisation 11 on day 10; health is needed by `MED`.
pub fn request<'a>(
    coverages: &'a [Coverage],
    consents: &'a [Consent],
    service: &'a str,
    priority: Priority,
) -> Request<'a> {
    let needs = if service.starts_with("MED") {
        ClassSet::EMPTY.with(DataClass::Health)
    } else {
        ClassSet::EMPTY
    };
    Request {
        purpose: Purpose::Refer,
        service,
        s4: false,
        needs,
        priority,
        referral: None,
        recipient: org(11),
        nature: Nature::Service,
        recipient_is_state: true,
        protected: false,
        child: false,
        seen_alone: true,
        best_interests_decided: false,
        standing: StandingRegime::Ordinary,
        coverages,
        consents,
        exception: None,
        own_hand: false,
        s4_authorised: true,
        now: at(10),
    }
}

/// An override by user 1 of organisation 1, on day 10, for identity and
/// contact.
pub fn exception(ground: OverrideGround, scope: OverrideScope, recipient: u128) -> Override {
    Override {
        id: OverrideId(Uuid::from_u128(900)),
        case: CaseId(Uuid::nil()),
        ground,
        text: "La personne est inconsciente.".into(),
        author: user(1),
        organisation: org(1),
        recipient: org(recipient),
        classes: [DataClass::Identity, DataClass::Contact].into_iter().collect(),
        scope,
        made_at: at(10),
        cosigned: None,
        refused: None,
        alone: false,
    }
}

pub fn cosignature(at: DateTime<Utc>) -> Cosignature {
    Cosignature { user: user(2), at }
}

pub fn any_classes() -> impl Strategy<Value = ClassSet> {
    (0i64..4096).prop_map(ClassSet::from_bits)
}

pub fn any_recipient() -> impl Strategy<Value = Recipient> {
    let service = || prop::sample::select(vec!["MED.02", "MED.03", "DOC.01"]).prop_map(str::to_owned);
    prop_oneof![
        Just(Recipient::AnyMember),
        prop::sample::select(vec!["MED", "DOC"]).prop_map(|c| Recipient::Category { category: c.to_owned() }),
        (11u128..13).prop_map(|n| Recipient::Organisation { organisation: org(n) }),
        (11u128..13, service()).prop_map(|(n, service)| Recipient::Service {
            organisation: org(n),
            service
        }),
    ]
}

prop_compose! {
    pub fn any_consent()(
        n in 0u128..1_000_000, recipient in any_recipient(), classes in any_classes(), from in 0i64..300,
        decision in prop::sample::select(vec![ConsentDecision::Granted, ConsentDecision::Granted,
            ConsentDecision::Granted, ConsentDecision::Refused, ConsentDecision::NotAsked]),
        line in prop::sample::select(vec![ConsentLine::C3, ConsentLine::C3, ConsentLine::C3, ConsentLine::C4]),
        purpose in prop::sample::select(vec![Purpose::Refer, Purpose::Refer, Purpose::Refer, Purpose::FollowUp]),
        deny in prop::option::weighted(0.2, (any_classes(), prop::option::of(any_recipient()))),
        withdrawn in prop::option::weighted(0.2, 0i64..100),
    ) -> Consent {
        Consent {
            decision, line, purpose,
            deny: deny.into_iter().map(|(classes, recipient)| Deny { classes, recipient }).collect(),
            withdrawn_at: withdrawn.map(|d| at(from + d)),
            ..c3(n, recipient, classes, from)
        }
    }
}
