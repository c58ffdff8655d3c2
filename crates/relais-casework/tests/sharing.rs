//! Consent, the disclosure plan, overrides and grants, sentence by sentence of
//! DESIGN §5, §6 and DOMAIN §2.3, §2.4.

mod sharing_support;

use chrono::TimeDelta;
use proptest::prelude::*;
use relais_casework::consent::{
    AdultLink, Assent, Consent, ConsentDecision, ConsentFlaw, ConsentLine, Deny, GivenBy, Nature, PastDisclosure,
    ProofForm, Recipient, To, WithdrawEffect, allowed, line_until, ruling, withdraw,
};
use relais_casework::grant::{
    Grant, Holder, apply, on_acceptance, on_assignment, on_denunciation, on_emergency, on_holding, on_override_end,
    on_referral_end, on_transfer, on_withdrawal,
};
use relais_casework::sharing::{
    AgeBand, OfferFacts, OfferField, OverrideProblem, OverrideScope, WhyNot, grounds_offered, may_cosign, offer_fields,
    offer_view, plan,
};
use relais_mechanism::{ClassSet, DataClass, Label, Lang, Priority, Purpose, Role};
use relais_network::agreement::{Basis, OverrideGround, Ruling, SharingRefusal, StandingRegime};
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

#[test]
fn silence_is_refusal() {
    let mut asked = c3(1, Recipient::AnyMember, ClassSet::all(), 0);
    asked.decision = ConsentDecision::NotAsked;
    for consents in [vec![], vec![asked]] {
        let found = allowed(&consents, Purpose::Refer, to(A, "MED.02"), at(10));
        assert!(found.classes.is_empty() && found.consents.is_empty());
        assert_eq!(
            ruling(&consents, DataClass::Identity, Purpose::Refer, to(A, "MED.02"), at(10)),
            Ruling::NotAsked
        );
    }
}

#[test]
fn nothing_is_bundled() {
    // Every line granted for every class to everybody, but the one that counts.
    let all_but = |missing: ConsentLine| -> Vec<Consent> {
        ConsentLine::ALL
            .iter()
            .filter(|line| **line != missing)
            .enumerate()
            .map(|(n, line)| Consent {
                line: *line,
                ..c3(n as u128, Recipient::AnyMember, ClassSet::all(), 0)
            })
            .collect()
    };
    for (nature, line) in [
        (Nature::Service, ConsentLine::C3),
        (Nature::Justice, ConsentLine::C4),
        (Nature::Employer, ConsentLine::C10),
        (Nature::Abroad, ConsentLine::C6),
        (Nature::Abroad, ConsentLine::C3),
    ] {
        let asked = To {
            nature,
            ..to(A, "MED.02")
        };
        assert!(
            allowed(&all_but(line), Purpose::Refer, asked, at(10))
                .classes
                .is_empty(),
            "{nature} without {line}"
        );
        assert!(
            !allowed(&all_but(ConsentLine::C7), Purpose::Refer, asked, at(10))
                .classes
                .is_empty()
        );
    }
    // An employer is shown D1 and D5, whatever the line says.
    let asked = To {
        nature: Nature::Employer,
        ..to(A, "EMP.01")
    };
    assert_eq!(
        allowed(&all_but(ConsentLine::C7), Purpose::Refer, asked, at(10)).classes,
        only(&[DataClass::Identity, DataClass::Contact, DataClass::Skills])
    );
}

#[test]
fn a_line_speaks_to_its_recipients_for_its_purpose_and_term() {
    let service = Recipient::Service {
        organisation: org(A),
        service: "MED.02".into(),
    };
    let consents = [c3(1, service, only(&[DataClass::Health]), 5)];
    let classes = |asked, purpose, now| allowed(&consents, purpose, asked, now).classes;
    assert_eq!(
        classes(to(A, "MED.02"), Purpose::Refer, at(5)),
        only(&[DataClass::Health])
    );
    assert!(classes(to(A, "MED.03"), Purpose::Refer, at(5)).is_empty());
    assert!(classes(to(B, "MED.02"), Purpose::Refer, at(5)).is_empty());
    assert!(classes(to(A, "MED.02"), Purpose::Statistics, at(5)).is_empty());
    assert!(classes(to(A, "MED.02"), Purpose::Refer, at(4)).is_empty());
    assert!(classes(to(A, "MED.02"), Purpose::Refer, at(5 + 366)).is_empty());
    let category = [c3(
        1,
        Recipient::Category { category: "MED".into() },
        ClassSet::all(),
        0,
    )];
    assert_eq!(
        allowed(&category, Purpose::Refer, to(B, "MED.04"), at(1)).classes,
        ClassSet::all()
    );
    assert!(
        allowed(&category, Purpose::Refer, to(B, "MEDX.04"), at(1))
            .classes
            .is_empty()
    );
}

#[test]
fn the_list_of_what_is_never_shared_beats_every_grant() {
    let mut first = c3(1, Recipient::AnyMember, only(&[DataClass::Identity]), 0);
    first.deny = vec![
        Deny {
            classes: only(&[DataClass::Health]),
            recipient: Some(Recipient::Organisation { organisation: org(A) }),
        },
        Deny {
            classes: only(&[DataClass::Violence]),
            recipient: None,
        },
    ];
    let later = c3(2, Recipient::Organisation { organisation: org(A) }, ClassSet::all(), 3);
    let to_b = c3(3, Recipient::Organisation { organisation: org(B) }, ClassSet::all(), 3);
    let consents = [first, later, to_b];
    let found = allowed(&consents, Purpose::Refer, to(A, "MED.02"), at(10));
    assert_eq!(
        found.classes,
        ClassSet::all().minus(only(&[DataClass::Health, DataClass::Violence]))
    );
    let found = allowed(&consents, Purpose::Refer, to(B, "MED.02"), at(10));
    assert_eq!(found.classes, ClassSet::all().minus(only(&[DataClass::Violence])));
    assert!(matches!(
        ruling(&consents, DataClass::Health, Purpose::Refer, to(A, "MED.02"), at(10)),
        Ruling::Denied(id) if id == consents[0].id
    ));
}

#[test]
fn a_later_line_undoes_a_refusal_only_for_the_same_or_a_narrower_circle() {
    let hospital = || Recipient::Organisation { organisation: org(A) };
    let refused = |n, who, day| Consent {
        decision: ConsentDecision::Refused,
        ..c3(n, who, ClassSet::all(), day)
    };
    let says = |consents: &[Consent]| ruling(consents, DataClass::Identity, Purpose::Refer, to(A, "MED.02"), at(50));
    // "Not to that hospital" is not undone by "to any member".
    let narrow_no = [
        refused(1, hospital(), 1),
        c3(2, Recipient::AnyMember, ClassSet::all(), 2),
    ];
    assert_eq!(says(&narrow_no), Ruling::Refused(narrow_no[0].id));
    // "To nobody", then "to that hospital after all".
    let then_yes = [
        refused(1, Recipient::AnyMember, 1),
        c3(2, hospital(), ClassSet::all(), 2),
    ];
    assert_eq!(says(&then_yes), Ruling::Granted(then_yes[1].id));
    // The other way round, and at the same instant, no is no.
    let then_no = [
        c3(1, hospital(), ClassSet::all(), 1),
        refused(2, Recipient::AnyMember, 2),
    ];
    assert_eq!(says(&then_no), Ruling::Refused(then_no[1].id));
    let at_once = [c3(1, hospital(), ClassSet::all(), 2), refused(2, hospital(), 2)];
    assert_eq!(says(&at_once), Ruling::Refused(at_once[1].id));
    // A withdrawal speaks from its own date.
    let mut withdrawn = c3(1, hospital(), ClassSet::all(), 1);
    withdrawn.withdrawn_at = Some(at(20));
    let again = [withdrawn.clone(), c3(2, hospital(), ClassSet::all(), 19)];
    assert_eq!(says(&again), Ruling::Withdrawn(withdrawn.id));
    let again = [withdrawn, c3(2, hospital(), ClassSet::all(), 21)];
    assert_eq!(says(&again), Ruling::Granted(again[1].id));
}

#[test]
fn each_line_has_its_own_term() {
    let from = at(0);
    let year = from + TimeDelta::days(365);
    let closed = Some(at(40));
    for line in ConsentLine::ALL.iter().copied() {
        let expected = match line {
            ConsentLine::C1 | ConsentLine::C2 | ConsentLine::C3 => year,
            // Midnight in Douala after the sixtieth day.
            ConsentLine::C9 => at(500 + 61) - TimeDelta::hours(9),
            _ => at(40),
        };
        assert_eq!(
            line_until(line, from, Some(at(500).date_naive()), closed),
            expected,
            "{line}"
        );
    }
    assert_eq!(line_until(ConsentLine::C4, from, None, None), year);
    let granted = c3(1, Recipient::AnyMember, ClassSet::all(), 0);
    assert_eq!(granted.standing(year - TimeDelta::seconds(1)), ConsentDecision::Granted);
    assert_eq!(granted.standing(year), ConsentDecision::Expired);
}

#[test]
fn a_declared_adult_reaches_urgent_care_only_and_a_doubtful_one_nothing() {
    let by = |link| {
        let mut consent = c3(1, Recipient::AnyMember, ClassSet::all(), 0);
        consent.given_by = GivenBy::Caregiver;
        consent.proof.link = link;
        [consent]
    };
    let classes = |link, urgent| {
        allowed(
            &by(link),
            Purpose::Refer,
            To {
                urgent,
                ..to(A, "MED.01")
            },
            at(1),
        )
        .classes
    };
    for urgent in [true, false] {
        assert_eq!(classes(Some(AdultLink::Verified), urgent), ClassSet::all());
        assert_eq!(classes(Some(AdultLink::PaperShown), urgent), ClassSet::all());
        assert!(classes(Some(AdultLink::Doubtful), urgent).is_empty());
        assert!(classes(None, urgent).is_empty());
    }
    assert_eq!(classes(Some(AdultLink::Declared), true), ClassSet::all());
    assert!(classes(Some(AdultLink::Declared), false).is_empty());
}

#[test]
fn who_consents_follows_the_table_of_ages() {
    use ConsentFlaw as F;
    let flaws = |age, given_by, link, assent, safe| {
        let mut consent = c3(1, Recipient::AnyMember, ClassSet::all(), 0);
        consent.given_by = given_by;
        consent.proof.link = link;
        consent.proof.assent = assent;
        consent.flaws(age, safe)
    };
    let own = |age, safe| flaws(age, GivenBy::Person, None, None, safe);
    assert_eq!(own(30, true), []);
    assert_eq!(own(15, true), []);
    assert_eq!(own(14, true), [F::ChildTooYoung]);
    assert_eq!(own(12, false), []);
    assert_eq!(own(11, false), [F::ChildTooYoung]);
    let parent = |age, assent| flaws(age, GivenBy::Parent, Some(AdultLink::PaperShown), assent, true);
    assert_eq!(parent(4, None), []);
    assert_eq!(parent(6, Some(Assent::Yes)), []);
    assert_eq!(parent(6, None), [F::AssentMissing]);
    assert_eq!(parent(13, Some(Assent::No)), [F::AssentRefused]);
    assert_eq!(parent(16, None), [F::ChildMustConsent]);
    assert_eq!(parent(16, Some(Assent::Yes)), []);
    assert_eq!(parent(19, None), [F::NotForAnAdult]);
    assert_eq!(flaws(4, GivenBy::Caregiver, None, None, true), [F::LinkMissing]);
    assert_eq!(
        flaws(4, GivenBy::Caregiver, Some(AdultLink::Doubtful), None, true),
        [F::LinkDoubtful]
    );
    assert_eq!(flaws(8, GivenBy::SocialService, None, Some(Assent::Yes), false), []);
    let mut oral = c3(1, Recipient::AnyMember, ClassSet::EMPTY, 0);
    oral.proof.form = ProofForm::OralWitness;
    oral.proof.witness = Some("  ".into());
    oral.notice_hash.clear();
    oral.until = Some(oral.from);
    assert_eq!(
        oral.flaws(30, true),
        [F::NoticeMissing, F::EndsBeforeItBegins, F::WitnessMissing, F::NoClass]
    );
}

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
    assert_eq!(written.owner(), (org(1), Role::Supervisor));
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
    // LEGAL is co-signed before anything is sent.
    let mut legal = exception(OverrideGround::Legal, OverrideScope::TwoHours, A);
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
fn another_supervisor_of_the_same_organisation_cosigns() {
    let written = exception(OverrideGround::Child, OverrideScope::TwoHours, A);
    assert_eq!(may_cosign(&written, user(2), org(1), Role::Supervisor), Ok(()));
    assert_eq!(
        may_cosign(&written, user(1), org(1), Role::Supervisor),
        Err(OverrideProblem::OwnCosignature)
    );
    assert_eq!(
        may_cosign(&written, user(2), org(1), Role::CaseManager),
        Err(OverrideProblem::NotTheSupervisor)
    );
    assert_eq!(
        may_cosign(&written, user(2), org(A), Role::Supervisor),
        Err(OverrideProblem::NotTheSupervisor)
    );
    let signed = Override {
        cosigned: Some(cosignature(at(10))),
        ..written.clone()
    };
    assert_eq!(
        may_cosign(&signed, user(3), org(1), Role::Supervisor),
        Err(OverrideProblem::AlreadyCosigned)
    );
    assert_eq!(written.check(false), Err(OverrideProblem::NotAChild));
    assert_eq!(written.check(true), Ok(()));
    assert_eq!(
        Override {
            classes: ClassSet::EMPTY,
            ..written.clone()
        }
        .check(true),
        Err(OverrideProblem::NoClass)
    );
    assert_eq!(
        Override {
            text: "\n".into(),
            ..written
        }
        .check(true),
        Err(OverrideProblem::TextMissing)
    );
    use OverrideGround::{Child, Legal, Vital};
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

fn ids() -> impl FnMut() -> GrantId {
    let mut n = 1000;
    move || {
        n += 1;
        GrantId(Uuid::from_u128(n))
    }
}

/// The grants of an acceptance at day 10, under two consents and an agreement.
fn accepted() -> (Vec<Grant>, Vec<Consent>) {
    let world = ordinary_world();
    let consents = vec![
        c3(
            1,
            Recipient::AnyMember,
            only(&[DataClass::Identity, DataClass::Contact]),
            0,
        ),
        c3(
            2,
            Recipient::Organisation { organisation: org(A) },
            only(&[DataClass::Health]),
            1,
        ),
    ];
    let after = plan(&request(&world, &consents, "MED.02", Priority::P3)).after;
    let grants = on_acceptance(
        ids(),
        CaseId(Uuid::nil()),
        ReferralId(Uuid::from_u128(5)),
        org(A),
        service(A),
        &after,
        None,
        at(10),
    );
    (grants, consents)
}

#[test]
fn each_basis_has_its_own_grant_and_closes_alone() {
    let (mut grants, consents) = accepted();
    assert_eq!(grants.len(), 2);
    assert!(
        grants
            .iter()
            .all(|g| g.in_force(at(10)) && !g.in_force(at(9)) && g.until.is_none())
    );
    let closing = on_withdrawal(&grants, &[consents[1].id], at(20));
    apply(&mut grants, &closing);
    assert_eq!(
        grants.iter().map(|g| g.in_force(at(20))).collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!(grants[1].classes, only(&[DataClass::Health]));
    let closing = on_denunciation(&grants, agreement_id(A), at(25));
    assert_eq!(closing.len(), 1, "what is closed is not closed again");
    apply(&mut grants, &closing);
    assert!(grants.iter().all(|g| !g.in_force(at(25))));
}

#[test]
fn a_recipient_keeps_what_it_has_until_thirty_days_after_the_end() {
    let (mut grants, _) = accepted();
    let closing = on_referral_end(&grants, ReferralId(Uuid::from_u128(5)), at(40));
    apply(&mut grants, &closing);
    assert!(
        grants
            .iter()
            .all(|g| g.in_force(at(70) - TimeDelta::seconds(1)) && !g.in_force(at(70)))
    );
    // A later, weaker event never lengthens a grant.
    let closing = on_referral_end(&grants, ReferralId(Uuid::from_u128(5)), at(60));
    assert!(closing.is_empty());
    assert!(on_referral_end(&grants, ReferralId(Uuid::from_u128(6)), at(40)).is_empty());
}

#[test]
fn closing_never_lengthens_a_grant() {
    let (mut grants, _) = accepted();
    let mut grant = grants.remove(0);
    for (until, expected) in [(40, 40), (30, 30), (50, 30)] {
        grant.close(at(until));
        assert_eq!(grant.until, Some(at(expected)));
    }
}

#[test]
fn an_override_of_two_hours_grants_two_hours() {
    let world = ordinary_world();
    let written = exception(OverrideGround::Vital, OverrideScope::TwoHours, A);
    let found = plan(&Request {
        exception: Some(&written),
        ..request(&world, &[], "DOC.01", Priority::P3)
    });
    let grants = on_acceptance(
        ids(),
        CaseId(Uuid::nil()),
        ReferralId(Uuid::from_u128(5)),
        org(A),
        service(A),
        &found.after,
        Some(&written),
        at(10),
    );
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].until, Some(at(10) + TimeDelta::hours(2)));
    assert_eq!(on_override_end(&grants, written.id, at(10)).len(), 1);
    let emergency = on_emergency(
        GrantId(Uuid::nil()),
        CaseId(Uuid::nil()),
        user(1),
        org(1),
        ClassSet::all(),
        written.id,
        at(10),
    );
    assert!(emergency.in_force(at(10)) && !emergency.in_force(at(10) + TimeDelta::hours(2)));
}

#[test]
fn a_transfer_moves_the_sight_of_the_holder_and_leaves_the_providers() {
    let case = CaseId(Uuid::nil());
    let (mut grants, consents) = accepted();
    grants.push(on_holding(
        GrantId(Uuid::from_u128(1)),
        case,
        org(1),
        BTreeSet::new(),
        at(0),
    ));
    // Somebody of a third organisation, put on the case with a reason.
    grants.push(on_assignment(
        GrantId(Uuid::from_u128(2)),
        case,
        user(7),
        org(14),
        false,
        at(0),
    ));
    let world = ordinary_world();
    let after = plan(&request(&world, &consents, "MED.02", Priority::P3)).after;
    let (granted, closing) = on_transfer(ids(), &grants, case, org(1), org(A), &after, at(30));
    apply(&mut grants, &closing);
    assert_eq!(closing.len(), 1);
    assert!(grants[..2].iter().all(|g| g.in_force(at(30))));
    assert!(!grants[2].in_force(at(30)) && grants[3].in_force(at(30)));
    assert!(
        granted
            .iter()
            .all(|g| g.holder == Holder::Organisation { organisation: org(A) })
    );
    assert_eq!(granted.len(), 2);
}

#[test]
fn a_withdrawal_closes_tells_and_stops_only_what_was_asked() {
    let (grants, consents) = accepted();
    let gone = [consents[1].id];
    let past = |n, organisation, classes: &[DataClass], of: usize| PastDisclosure {
        id: DisclosureId(Uuid::from_u128(n)),
        organisation: org(organisation),
        classes: only(classes),
        consents: vec![consents[of].id],
    };
    let disclosures = [
        past(1, A, &[DataClass::Health], 1),
        past(2, B, &[DataClass::Identity], 0),
        past(3, A, &[DataClass::MentalHealth], 1),
    ];
    let running = [
        (ReferralId(Uuid::from_u128(5)), gone.to_vec()),
        (ReferralId(Uuid::from_u128(6)), vec![consents[0].id]),
    ];
    let share = withdraw(
        &gone,
        WithdrawEffect::StopSharing,
        &grants,
        &disclosures,
        &running,
        at(20),
    );
    assert_eq!(share.closes, [grants[1].id]);
    assert_eq!(share.tell.len(), 1);
    assert_eq!(share.tell[0].organisation, org(A));
    assert_eq!(
        share.tell[0].classes,
        only(&[DataClass::Health, DataClass::MentalHealth])
    );
    assert_eq!(share.tell[0].disclosures.len(), 2);
    assert!(share.stops.is_empty(), "a treatment under way goes on");
    for effect in [WithdrawEffect::StopService, WithdrawEffect::Both] {
        assert_eq!(
            withdraw(&gone, effect, &grants, &disclosures, &running, at(20)).stops,
            [running[0].0]
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// A refusal, a withdrawal or an entry on the deny-list never opens
    /// anything, and nothing relies on a line that is gone.
    #[test]
    fn saying_no_never_opens(
        consents in prop::collection::vec(any_consent(), 0..8), no in any_consent(), which in 0usize..8,
        asked in 0u128..3, kind in 0usize..3, day in 0i64..400,
    ) {
        let services = ["MED.02", "MED.03", "DOC.01"];
        let asked = to(A + asked % 2, services[kind]);
        let before = allowed(&consents, Purpose::Refer, asked, at(day));
        for id in &before.consents {
            let relied = consents.iter().find(|c| c.id == *id).unwrap();
            prop_assert_eq!(relied.standing(at(day)), ConsentDecision::Granted);
            prop_assert_eq!((relied.line, relied.purpose), (ConsentLine::C3, Purpose::Refer));
            prop_assert!(relied.recipient.matches(asked.organisation, asked.service));
        }
        let mut refused = consents.clone();
        refused.push(Consent { decision: ConsentDecision::Refused, ..no.clone() });
        let after = allowed(&refused, Purpose::Refer, asked, at(day));
        prop_assert!(before.classes.includes(after.classes));
        let mut denied = consents.clone();
        denied.push(Consent { deny: vec![Deny { classes: no.classes, recipient: None }], decision: ConsentDecision::NotAsked, ..no.clone() });
        let after = allowed(&denied, Purpose::Refer, asked, at(day));
        prop_assert!(before.classes.includes(after.classes));
        if no.from <= at(day) {
            prop_assert!(after.classes.intersection(no.classes).is_empty());
        }
        if let Some(id) = consents.get(which).map(|c| c.id) {
            let mut gone = consents.clone();
            for c in gone.iter_mut().filter(|c| c.id == id) {
                c.withdrawn_at = Some(at(day).max(c.from));
            }
            let after = allowed(&gone, Purpose::Refer, asked, at(day));
            prop_assert!(before.classes.includes(after.classes));
            prop_assert!(!after.consents.contains(&id));
        }
    }

    /// The circles of recipients are ordered as their members are.
    #[test]
    fn a_narrower_circle_has_no_other_member(a in any_recipient(), b in any_recipient()) {
        let members = |r: &Recipient| -> BTreeSet<(u128, &str)> {
            [A, B, 13].into_iter()
                .flat_map(|o| ["MED.02", "MED.03", "DOC.01", "DOC.02"].map(|s| (o, s)))
                .filter(|(o, s)| r.matches(org(*o), s))
                .collect()
        };
        if a.within(&b) {
            prop_assert!(members(&a).is_subset(&members(&b)));
        } else {
            prop_assert!(!members(&a).is_subset(&members(&b)));
        }
    }

    /// Every class given has consent, purpose and regime behind it, or an
    /// override that names it: the law, told again without `legal_basis`.
    #[test]
    fn nothing_is_given_without_a_basis(
        consents in prop::collection::vec(any_consent(), 0..8), day in 0i64..400, urgency in 0usize..4,
        kind in 0usize..3, child: bool, own_hand: bool, transitional: bool, state_body: bool, protected: bool,
        ground in prop::option::of(0usize..3), cosigned: bool, coverage_kind in 0usize..4,
    ) {
        let world = worlds(coverage_kind);
        let written = ground.map(|g| Override {
            cosigned: cosigned.then(|| cosignature(at(10))),
            ..exception(OverrideGround::ALL[g], OverrideScope::TwoHours, A)
        });
        let standing = if transitional { StandingRegime::Transitional } else { StandingRegime::Ordinary };
        let asked = Request {
            priority: Priority::ALL[urgency], child, own_hand, standing, protected, now: at(day),
            recipient_is_state: state_body, exception: written.as_ref(),
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
            prop_assert!(ok, "{class} on {basis:?}");
        }
    }
}
