//! What a provider sees now, after acceptance and never; overrides.

use super::*;

/// The plan's classes at the hospital `A`, after acceptance.
#[test]
fn a_sensitive_class_needs_the_service_the_person_and_the_paper() {
    let world = ordinary_world();
    let consents = [c3(1, Recipient::AnyMember, ClassSet::all(), 0)];
    let base = request(&world, &consents, "MED.02", Priority::P3);
    let all = plan(&base);
    assert_eq!(
        all.after_classes(),
        only(&[DataClass::Identity, DataClass::Contact, DataClass::Health])
    );
    assert_eq!(all.blocked, None);
    assert!(all.never.contains(&(DataClass::Financial, WhyNot::NotNeeded)));
    // Without the class in the consent.
    let fewer = [c3(
        1,
        Recipient::AnyMember,
        only(&[DataClass::Identity, DataClass::Contact]),
        0,
    )];
    let found = plan(&Request {
        consents: &fewer,
        ..base
    });
    assert_eq!(found.after_classes(), only(&[DataClass::Identity, DataClass::Contact]));
    assert!(
        found
            .never
            .contains(&(DataClass::Health, WhyNot::Refused(SharingRefusal::NoConsent)))
    );
    // Without the deployment's authorisation for S4.
    let found = plan(&Request {
        s4_authorised: false,
        ..base
    });
    assert!(found.never.contains(&(DataClass::Health, WhyNot::S4NotAuthorised)));
    // Without the paper.
    let found = plan(&Request { coverages: &[], ..base });
    assert_eq!(
        (found.blocked, found.after.len()),
        (Some(SharingRefusal::NoAgreement), 0)
    );
    // In own hand no agreement is needed.
    let found = plan(&Request {
        coverages: &[],
        own_hand: true,
        ..base
    });
    assert_eq!((found.blocked, found.after.len()), (None, 3));
    // Every class is either given or explained, once.
    for p in [&all, &found] {
        let mut classes: Vec<_> = p.after.iter().map(|x| x.0).chain(p.never.iter().map(|x| x.0)).collect();
        classes.sort_unstable();
        assert_eq!(classes, DataClass::ALL);
    }
    for lang in Lang::ALL.iter().copied() {
        assert!(all.never.iter().all(|(_, why)| !why.why(lang).is_empty()));
    }
}

#[test]
fn a_missing_paper_is_named_before_a_missing_consent() {
    let world = ordinary_world();
    let base = request(&world, &[], "DOC.01", Priority::P3);
    assert_eq!(plan(&base).blocked, Some(SharingRefusal::NoConsent));
    assert_eq!(
        plan(&Request { coverages: &[], ..base }).blocked,
        Some(SharingRefusal::NoAgreement)
    );
    assert_eq!(
        plan(&Request {
            coverages: &[],
            own_hand: true,
            ..base
        })
        .blocked,
        Some(SharingRefusal::NoConsent)
    );
}

#[test]
fn no_paper_keeps_a_person_from_help_that_saves_life() {
    let world = ordinary_world();
    let consents = [c3(1, Recipient::AnyMember, ClassSet::all(), 0)];
    let p2 = Request {
        coverages: &[],
        ..request(&world, &consents, "MED.02", Priority::P2)
    };
    let found = plan(&p2);
    assert!(found.vital && found.blocked.is_none() && found.is_reviewed());
    assert!(found.after.iter().all(|(_, b)| matches!(
        b,
        Basis::Vital {
            ground: OverrideGround::Vital,
            ..
        }
    )));
    let child = plan(&Request { child: true, ..p2 });
    assert!(child.after.iter().all(|(_, b)| matches!(
        b,
        Basis::Vital {
            ground: OverrideGround::Child,
            ..
        }
    )));
    // P2 elsewhere waits for the paper; P1 nowhere.
    assert_eq!(
        plan(&Request {
            service: "DOC.01",
            ..p2
        })
        .blocked,
        Some(SharingRefusal::NoAgreement)
    );
    assert_eq!(
        plan(&Request {
            service: "DOC.01",
            priority: Priority::P1,
            ..p2
        })
        .blocked,
        None
    );
    // Refusing care data never refuses help: it goes without a name.
    let no = [Consent {
        decision: ConsentDecision::Refused,
        ..consents[0].clone()
    }];
    let found = plan(&Request {
        consents: &no,
        priority: Priority::P1,
        ..p2
    });
    assert_eq!((found.blocked, found.after.len()), (None, 0));
}

#[test]
fn the_protected_circuit_and_the_childs_order_block_even_the_vital() {
    let world = ordinary_world();
    let consents = [c3(1, Recipient::AnyMember, ClassSet::all(), 0)];
    let base = request(&world, &consents, "MED.01", Priority::P1);
    let found = plan(&Request {
        protected: true,
        recipient_is_state: true,
        ..base
    });
    assert_eq!(
        (found.blocked, found.after.len()),
        (Some(SharingRefusal::ProtectedCircuit), 0)
    );
    assert_eq!(found.never.len(), DataClass::ALL.len());
    assert_eq!(
        plan(&Request {
            protected: true,
            recipient_is_state: false,
            ..base
        })
        .blocked,
        None
    );
    assert_eq!(
        plan(&Request {
            protected: true,
            recipient_is_state: true,
            own_hand: true,
            ..base
        })
        .blocked,
        None
    );
    for service in ["CHP.03", "RCP.07", "FAM.01", "RCP.08"] {
        let child = Request {
            child: true,
            service,
            ..base
        };
        assert_eq!(plan(&child).blocked, Some(SharingRefusal::BestInterestsFirst));
        assert_eq!(
            plan(&Request {
                best_interests_decided: true,
                ..child
            })
            .blocked,
            None
        );
        assert_eq!(plan(&Request { child: false, ..child }).blocked, None);
    }
}

#[test]
fn an_override_is_written_signed_and_bounded() {
    let world = ordinary_world();
    let referral = ReferralId(Uuid::from_u128(5));
    let base = Request {
        referral: Some(referral),
        ..request(&world, &[], "DOC.01", Priority::P3)
    };
    let mut written = exception(OverrideGround::Vital, OverrideScope::Referral { referral }, A);
    let go = |o: &Override, now| {
        plan(&Request {
            exception: Some(o),
            now,
            ..base
        })
    };
    let given = only(&[DataClass::Identity, DataClass::Contact]);
    assert_eq!(go(&written, at(10)).after_classes(), given);
    assert!(go(&written, at(10)).is_reviewed());
    assert_eq!(written.owner(false), (Some(org(1)), Role::Supervisor));
    assert_eq!(written.cosign_due(), at(10) + TimeDelta::hours(24));
    // Not co-signed in time: nothing more goes.
    assert!(go(&written, at(11)).after.is_empty());
    written.cosigned = Some(cosignature(at(10)));
    assert_eq!(go(&written, at(11)).after_classes(), given);
    // Another referral, another recipient, an empty reason, a class not named.
    assert!(
        plan(&Request {
            referral: None,
            exception: Some(&written),
            now: at(10),
            ..base
        })
        .after
        .is_empty()
    );
    assert!(
        plan(&Request {
            recipient: org(B),
            exception: Some(&written),
            now: at(10),
            ..base
        })
        .after
        .is_empty()
    );
    assert!(
        go(
            &Override {
                text: " ".into(),
                ..written.clone()
            },
            at(10)
        )
        .after
        .is_empty()
    );
    let named = only(&[DataClass::Contact]);
    assert_eq!(
        go(
            &Override {
                classes: named,
                ..written.clone()
            },
            at(10)
        )
        .after_classes(),
        named
    );
    // LEGAL is co-signed before anything is sent, and for one referral only.
    let mut legal = exception(OverrideGround::Legal, OverrideScope::TwoHours, A);
    assert_eq!(
        legal.check(Priority::P2, false),
        Err(OverrideProblem::LegalForOneReferral)
    );
    assert_eq!(written.check(Priority::P2, false), Ok(()));
    assert_eq!(written.check(Priority::P3, false), Err(OverrideProblem::NotVital));
    assert_eq!(go(&legal, at(10)).blocked, Some(SharingRefusal::AwaitsCosignature));
    assert!(go(&legal, at(10)).after.is_empty());
    legal.cosigned = Some(cosignature(at(10)));
    assert_eq!(
        (go(&legal, at(10)).blocked, go(&legal, at(10)).after_classes()),
        (None, given)
    );
    assert!(go(&legal, at(10) + TimeDelta::hours(2)).after.is_empty());
    assert_eq!(legal.ends_at(), Some(at(10) + TimeDelta::hours(2)));
}

#[test]
fn another_supervisor_cosigns_and_the_secretariat_after_the_limit() {
    use OverrideProblem::{NotTheSupervisor, OwnCosignature};
    let written = exception(OverrideGround::Child, OverrideScope::TwoHours, A);
    let (intime, late) = (at(10), at(11));
    // Who, of which organisation, in which role; protected; alone; when; what.
    let table = [
        (2, org(1), Role::Supervisor, false, false, intime, Ok(())),
        (2, org(1), Role::Supervisor, true, false, late, Ok(())),
        (1, org(1), Role::Supervisor, false, false, intime, Err(OwnCosignature)),
        (
            1,
            org(1),
            Role::SecretariatSupervisor,
            false,
            true,
            late,
            Err(OwnCosignature),
        ),
        (
            2,
            org(1),
            Role::CaseManager,
            false,
            false,
            intime,
            Err(NotTheSupervisor),
        ),
        (2, org(A), Role::Supervisor, false, false, late, Err(NotTheSupervisor)),
        (2, org(1), Role::SecretariatSupervisor, false, false, intime, Ok(())),
        (
            2,
            org(9),
            Role::SecretariatSupervisor,
            false,
            false,
            intime,
            Err(NotTheSupervisor),
        ),
        (2, org(9), Role::SecretariatSupervisor, false, false, late, Ok(())),
        (2, org(9), Role::SecretariatSupervisor, false, true, intime, Ok(())),
        (
            2,
            org(9),
            Role::SecretariatSupervisor,
            true,
            true,
            late,
            Err(NotTheSupervisor),
        ),
        (2, org(9), Role::Secretariat, false, true, late, Err(NotTheSupervisor)),
        (2, org(1), Role::Administrator, false, true, late, Err(NotTheSupervisor)),
    ];
    for (line, (who, organisation, role, protected, alone, now, expected)) in table.into_iter().enumerate() {
        let signer = Signer {
            user: user(who),
            organisation,
            roles: &[role],
        };
        let exception = Override {
            alone,
            ..written.clone()
        };
        assert_eq!(may_cosign(&exception, signer, protected, now), expected, "line {line}");
    }
    // The wait always has an owner who may decide it, and no secretariat where it is protected.
    let alone = Override {
        alone: true,
        ..written.clone()
    };
    assert_eq!(alone.owner(false), (None, Role::SecretariatSupervisor));
    assert_eq!(alone.owner(true), (Some(org(1)), Role::Supervisor));
    let supervisor = Signer {
        user: user(3),
        organisation: org(1),
        roles: &[Role::Supervisor],
    };
    let signed = Override {
        cosigned: Some(cosignature(at(10))),
        ..written.clone()
    };
    assert_eq!(
        may_cosign(&signed, supervisor, false, at(10)),
        Err(OverrideProblem::AlreadyCosigned)
    );
    let refused = Override {
        refused: Some(cosignature(at(10))),
        ..written.clone()
    };
    assert_eq!(
        may_cosign(&refused, supervisor, false, at(10)),
        Err(OverrideProblem::AlreadyRefused)
    );
    assert!(
        !refused.carries(None, org(A), at(10)),
        "a refused override carries nothing"
    );
    assert!(written.carries(None, org(A), at(10)));
    assert_eq!(written.check(Priority::P2, false), Err(OverrideProblem::NotAChild));
    assert_eq!(written.check(Priority::P2, true), Ok(()));
    assert_eq!(
        Override {
            classes: ClassSet::EMPTY,
            ..written.clone()
        }
        .check(Priority::P2, true),
        Err(OverrideProblem::NoClass)
    );
    assert_eq!(
        Override {
            text: "\n".into(),
            ..written
        }
        .check(Priority::P2, true),
        Err(OverrideProblem::TextMissing)
    );
    use OverrideGround::{Child, Legal, Vital};
    // Offered where consent or paper is missing, and where an override reaches it.
    let (covered, uncovered) = (ordinary_world(), worlds(3));
    let refusal = Consent {
        decision: ConsentDecision::Refused,
        ..c3(1, Recipient::AnyMember, ClassSet::all(), 0)
    };
    let yes = [c3(1, Recipient::AnyMember, ClassSet::all(), 0)];
    let (no, nothing) = ([refusal], []);
    let offered = |coverages: &[Coverage], consents: &[Consent], service: &str, priority, child| {
        let asked = Request {
            child,
            ..request(coverages, consents, service, priority)
        };
        grounds_for(&plan(&asked), priority, child)
    };
    assert_eq!(
        offered(&covered, &yes, "DOC.01", Priority::P3, true),
        [],
        "nothing is missing"
    );
    assert_eq!(offered(&covered, &nothing, "DOC.01", Priority::P3, false), [Legal]);
    assert_eq!(
        offered(&covered, &nothing, "DOC.01", Priority::P2, true),
        [Vital, Child, Legal]
    );
    assert_eq!(offered(&uncovered, &yes, "DOC.01", Priority::P2, false), [Vital, Legal]);
    assert_eq!(
        offered(&covered, &no, "DOC.01", Priority::P2, false),
        [Legal],
        "a no is not set aside to save life"
    );
    assert_eq!(
        offered(&covered, &nothing, "RCP.07", Priority::P2, true),
        [],
        "best interests come first"
    );
    assert_eq!(grounds_offered(Priority::P1, true), [Vital, Child, Legal]);
    assert_eq!(grounds_offered(Priority::P3, false), [Legal]);
}

#[test]
fn the_offer_names_nobody_and_an_s4_need_almost_nothing() {
    let facts = OfferFacts {
        s4: false,
        discreet: Label {
            fr: "Santé".into(),
            en: "Health".into(),
        },
        priority: Priority::P2,
        region: "CM006".into(),
        department: Some("CM006002".into()),
        age: Some(23),
        child: false,
        sex: Some("F".into()),
        interpreter: true,
        accessible: false,
        code: "R-2026-0001".into(),
    };
    let plain = offer_view(&facts);
    assert_eq!(plain.age_band, Some(AgeBand::From18));
    assert_eq!(
        (plain.child, plain.interpreter, plain.accessible),
        (None, Some(true), Some(false))
    );
    let restricted = offer_view(&OfferFacts {
        s4: true,
        ..facts.clone()
    });
    assert_eq!(
        (
            &restricted.department,
            restricted.age_band,
            &restricted.sex,
            restricted.interpreter,
            restricted.accessible
        ),
        (&None, None, &None, None, None)
    );
    assert_eq!((restricted.code, restricted.child), (None, Some(false)));
    assert_eq!(
        (restricted.label, restricted.region.as_str()),
        (facts.discreet.clone(), "CM006")
    );
    // Doubt about age means child: no adult's band is shown.
    assert_eq!(
        offer_view(&OfferFacts {
            child: true,
            age: Some(19),
            ..facts.clone()
        })
        .age_band,
        None
    );
    assert_eq!(
        offer_view(&OfferFacts {
            child: true,
            age: Some(16),
            ..facts
        })
        .age_band,
        Some(AgeBand::From15)
    );
    assert_eq!(offer_fields(true).len(), 4);
    assert!(!offer_fields(false).contains(&OfferField::AdultOrChild));
    for (age, band) in [
        (0, "0-5"),
        (11, "6-11"),
        (14, "12-14"),
        (34, "25-34"),
        (49, "35-49"),
        (64, "50-64"),
        (99, "65+"),
    ] {
        assert_eq!(AgeBand::of(age).code(), band);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Every class given has consent, purpose and regime behind it, or an
    /// override that names it: the law, told again without `legal_basis`.
    #[test]
    fn nothing_is_given_without_a_basis(
        consents in prop::collection::vec(any_consent(), 0..8), day in 0i64..400, urgency in 0usize..4,
        kind in 0usize..3, child: bool, own_hand: bool, transitional: bool, state_body: bool, protected: bool,
        ground in prop::option::of(0usize..3), cosigned: bool, coverage_kind in 0usize..4, s4_authorised: bool,
    ) {
        let world = worlds(coverage_kind);
        let written = ground.map(|g| Override {
            cosigned: cosigned.then(|| cosignature(at(10))),
            ..exception(OverrideGround::ALL[g], OverrideScope::TwoHours, A)
        });
        let standing = if transitional { StandingRegime::Transitional } else { StandingRegime::Ordinary };
        let asked = Request {
            priority: Priority::ALL[urgency], child, own_hand, standing, protected, now: at(day),
            recipient_is_state: state_body, exception: written.as_ref(), s4_authorised,
            ..request(&world, &consents, ["MED.02", "MED.03", "DOC.01"][kind], Priority::P3)
        };
        let found = plan(&asked);
        if protected && state_body && !own_hand {
            prop_assert!(found.after.is_empty());
        }
        for (class, basis) in &found.after {
            prop_assert!(asked.needs.contains(*class) || matches!(class, DataClass::Identity | DataClass::Contact));
            let ok = if let Some(id) = basis.override_id() {
                let o = written.as_ref().unwrap();
                let signed = o.cosigned.is_some();
                id == o.id && o.classes.contains(*class) && day == 10 && (signed || o.ground != OverrideGround::Legal)
            } else {
                let consent = consents.iter().find(|c| Some(c.id) == basis.consent()).unwrap();
                let agreed = consent.standing(at(day)) == ConsentDecision::Granted
                    && consent.classes.contains(*class)
                    && consent.purpose == asked.purpose
                    && !consents.iter().any(|c| c.from <= at(day) && c.deny.iter().any(|d| d.classes.contains(*class)
                        && d.recipient.as_ref().is_none_or(|r| r.matches(org(A), asked.service))));
                let paper = match basis {
                    Basis::Agreement { .. } => coverage_kind == 0,
                    Basis::Undertaking { .. } => coverage_kind == 1 && transitional && !class.is_restricted(),
                    Basis::OwnHand { .. } => own_hand,
                    Basis::Vital { .. } => asked.priority == Priority::P1
                        || (asked.priority == Priority::P2 && asked.service.starts_with("MED")),
                    Basis::Override { .. } => false,
                };
                agreed && paper
            };
            if class.is_restricted() && !s4_authorised {
                let saves_life = matches!(basis, Basis::Vital { .. } | Basis::Override { ground: OverrideGround::Vital | OverrideGround::Child, .. });
                prop_assert!(saves_life, "{class} on {basis:?} without the authorisation");
            }
            prop_assert!(ok, "{class} on {basis:?}");
        }
    }
}
