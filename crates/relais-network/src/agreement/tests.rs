//! Coverage and regimes, sentence by sentence.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use proptest::prelude::*;
use relais_mechanism::{ClassSet, DataClass, Lang, Priority, Purpose, Sensitivity};
use uuid::Uuid;

use super::*;
use crate::ids::{ConsentId, OverrideId};

pub(super) fn org(n: u128) -> OrganisationId {
    OrganisationId(Uuid::from_u128(n))
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

const HOSPITAL: u128 = 1;
const DELEGATION: u128 = 2;
pub(super) const MINISTRY: u128 = 3;

/// A memorandum signed by the ministry on 10 January 2026, for the year.
pub(super) fn memorandum() -> Agreement {
    Agreement {
        id: AgreementId(Uuid::from_u128(100)),
        kind: AgreementKind::Mou,
        reference: "PA/2026/01".into(),
        parties: vec![
            Party {
                organisation: org(MINISTRY),
                from: day("2026-01-10"),
                denounced_on: None,
            },
            Party {
                organisation: org(9),
                from: day("2026-03-01"),
                denounced_on: None,
            },
        ],
        classes: [DataClass::Identity, DataClass::Contact, DataClass::Health]
            .into_iter()
            .collect(),
        purposes: BTreeSet::from([Purpose::Refer]),
        max_sensitivity: Sensitivity::S4,
        until: Some(day("2026-12-31")),
        denounced_on: None,
    }
}

fn undertaking() -> Agreement {
    Agreement {
        id: AgreementId(Uuid::from_u128(200)),
        kind: AgreementKind::Eng,
        parties: vec![Party {
            organisation: org(HOSPITAL),
            from: day("2026-01-01"),
            denounced_on: None,
        }],
        classes: ClassSet::EMPTY,
        purposes: BTreeSet::new(),
        max_sensitivity: Sensitivity::S3,
        until: None,
        ..memorandum()
    }
}

fn state_of_hospital(agreements: &[Agreement], on: &str) -> CoverageState {
    coverage(org(HOSPITAL), &[org(DELEGATION), org(MINISTRY)], agreements, day(on)).state
}

#[test]
fn a_signature_covers_the_services_under_it_from_its_own_date() {
    let agreements = [memorandum()];
    assert_eq!(state_of_hospital(&agreements, "2026-01-09"), CoverageState::None);
    assert_eq!(state_of_hospital(&agreements, "2026-01-10"), CoverageState::InForce);
    let covered = coverage(
        org(HOSPITAL),
        &[org(DELEGATION), org(MINISTRY)],
        &agreements,
        day("2026-02-01"),
    );
    assert_eq!(
        (covered.agreement, covered.through),
        (Some(agreements[0].id), Some(org(MINISTRY)))
    );
    // Coverage runs down the tutelle, never up or sideways.
    assert_eq!(
        coverage(org(DELEGATION), &[], &[undertaking()], day("2026-02-01")),
        Coverage::none()
    );
    // The other party's date is its own.
    assert_eq!(
        coverage(org(9), &[], &agreements, day("2026-02-28")).state,
        CoverageState::None
    );
    assert_eq!(
        coverage(org(9), &[], &agreements, day("2026-03-01")).state,
        CoverageState::InForce
    );
}

#[test]
fn expiry_gives_ninety_days_of_grace_and_denunciation_none() {
    let mut agreements = [memorandum()];
    assert_eq!(state_of_hospital(&agreements, "2026-12-31"), CoverageState::InForce);
    assert_eq!(state_of_hospital(&agreements, "2027-01-01"), CoverageState::InGrace);
    assert_eq!(state_of_hospital(&agreements, "2027-03-31"), CoverageState::InGrace);
    assert_eq!(state_of_hospital(&agreements, "2027-04-01"), CoverageState::Expired);
    agreements[0].denounced_on = Some(day("2027-01-15"));
    assert_eq!(state_of_hospital(&agreements, "2027-01-14"), CoverageState::InGrace);
    assert_eq!(state_of_hospital(&agreements, "2027-01-15"), CoverageState::Denounced);
}

#[test]
fn one_party_denounces_for_itself_and_may_sign_again() {
    let mut agreements = [memorandum()];
    agreements[0].parties[0].denounced_on = Some(day("2026-06-01"));
    assert_eq!(state_of_hospital(&agreements, "2026-06-01"), CoverageState::Denounced);
    assert_eq!(
        coverage(org(9), &[], &agreements, day("2026-06-01")).state,
        CoverageState::InForce
    );
    agreements[0].parties.push(Party {
        organisation: org(MINISTRY),
        from: day("2026-09-01"),
        denounced_on: None,
    });
    assert_eq!(state_of_hospital(&agreements, "2026-08-31"), CoverageState::Denounced);
    assert_eq!(state_of_hospital(&agreements, "2026-09-01"), CoverageState::InForce);
}

#[test]
fn a_service_that_denounced_does_not_hide_behind_its_ministry() {
    let mut agreements = [memorandum()];
    agreements[0].parties.push(Party {
        organisation: org(HOSPITAL),
        from: day("2026-01-10"),
        denounced_on: Some(day("2026-05-01")),
    });
    assert_eq!(state_of_hospital(&agreements, "2026-05-02"), CoverageState::Denounced);
    assert_eq!(
        coverage(org(DELEGATION), &[org(MINISTRY)], &agreements, day("2026-05-02")).state,
        CoverageState::InForce
    );
}

#[test]
fn vital_is_p1_and_p2_in_five_categories() {
    for category in ["MED", "GBV", "CHP", "VOT", "RCP", "DOC", "VTC"] {
        assert!(is_vital(Priority::P1, category));
        assert_eq!(is_vital(Priority::P2, category), !matches!(category, "DOC" | "VTC"));
        assert!(!is_vital(Priority::P3, category));
        assert!(!is_vital(Priority::P4, category));
    }
}

fn consent() -> ConsentId {
    ConsentId(Uuid::from_u128(7))
}

/// The basis for a class at the hospital, in every other respect plain.
fn basis(
    class: DataClass,
    standing: StandingRegime,
    vital: bool,
    agreements: &[Agreement],
    on: &str,
) -> Result<Basis, SharingRefusal> {
    let found = coverages(
        org(HOSPITAL),
        &[org(DELEGATION), org(MINISTRY)],
        agreements,
        day(on),
        GRACE_DAYS,
    );
    legal_basis(
        class,
        class_level(class),
        Purpose::Refer,
        standing,
        vital,
        false,
        false,
        &found,
        Ruling::Granted(consent()),
        None,
    )
}

#[test]
fn the_ordinary_regime_asks_for_class_purpose_and_level() {
    use SharingRefusal as R;
    let ordinary = |class, agreements: &[Agreement], on| basis(class, StandingRegime::Ordinary, false, agreements, on);
    let mou = memorandum();
    let given = |in_grace| {
        Ok(Basis::Agreement {
            agreement: mou.id,
            consent: consent(),
            in_grace,
        })
    };
    assert_eq!(
        ordinary(DataClass::Identity, std::slice::from_ref(&mou), "2026-06-01"),
        given(false)
    );
    assert_eq!(
        ordinary(DataClass::Health, std::slice::from_ref(&mou), "2027-02-01"),
        given(true)
    );
    assert_eq!(
        ordinary(DataClass::Violence, std::slice::from_ref(&mou), "2026-06-01"),
        Err(R::NotInAnnex)
    );
    assert_eq!(
        ordinary(DataClass::Identity, std::slice::from_ref(&mou), "2027-06-01"),
        Err(R::AgreementExpired)
    );
    assert_eq!(ordinary(DataClass::Identity, &[], "2026-06-01"), Err(R::NoAgreement));
    assert_eq!(
        ordinary(DataClass::Identity, &[undertaking()], "2026-06-01"),
        Err(R::UndertakingOnly)
    );
    let lower = Agreement {
        max_sensitivity: Sensitivity::S3,
        ..mou.clone()
    };
    assert_eq!(
        ordinary(DataClass::Health, &[lower], "2026-06-01"),
        Err(R::AboveSensitivity)
    );
    let other = Agreement {
        purposes: BTreeSet::from([Purpose::Statistics]),
        ..mou.clone()
    };
    assert_eq!(
        ordinary(DataClass::Health, &[other], "2026-06-01"),
        Err(R::PurposeNotInAnnex)
    );
    let gone = Agreement {
        denounced_on: Some(day("2026-05-01")),
        ..mou
    };
    assert_eq!(
        ordinary(DataClass::Identity, &[gone], "2026-06-01"),
        Err(R::AgreementDenounced)
    );
}

#[test]
fn the_transitional_regime_carries_up_to_s3_under_an_undertaking() {
    let transitional =
        |class, agreements: &[Agreement]| basis(class, StandingRegime::Transitional, false, agreements, "2026-06-01");
    for class in DataClass::ALL.iter().copied() {
        let expected = if class.is_restricted() {
            Err(SharingRefusal::AboveSensitivity)
        } else {
            Ok(Basis::Undertaking {
                agreement: undertaking().id,
                consent: consent(),
            })
        };
        assert_eq!(transitional(class, &[undertaking()]), expected, "{class}");
    }
    assert_eq!(transitional(DataClass::Identity, &[]), Err(SharingRefusal::NoAgreement));
}

#[test]
fn the_vital_regime_never_waits_for_a_paper_and_is_reviewed() {
    let found = basis(DataClass::Health, StandingRegime::Ordinary, true, &[], "2026-06-01").unwrap();
    assert_eq!(
        found,
        Basis::Vital {
            ground: OverrideGround::Vital,
            consent: consent()
        }
    );
    assert!(found.is_reviewed());
    let signed = basis(
        DataClass::Health,
        StandingRegime::Ordinary,
        true,
        &[memorandum()],
        "2026-06-01",
    )
    .unwrap();
    assert!(!signed.is_reviewed());
}

#[test]
fn an_override_to_save_life_never_beats_a_refusal() {
    let id = OverrideId(Uuid::from_u128(8));
    let ask = |ruling, ground, child| {
        legal_basis(
            DataClass::Health,
            Sensitivity::S4,
            Purpose::Refer,
            StandingRegime::Ordinary,
            true,
            child,
            false,
            &[],
            ruling,
            Some((id, ground)),
        )
    };
    let refusals = [
        Ruling::Refused(consent()),
        Ruling::Withdrawn(consent()),
        Ruling::Denied(consent()),
    ];
    for ruling in refusals {
        assert!(ask(ruling, OverrideGround::Vital, false).is_err());
        assert!(
            ask(ruling, OverrideGround::Child, false).is_err(),
            "CHILD is for children"
        );
        assert!(ask(ruling, OverrideGround::Child, true).is_ok());
        assert!(ask(ruling, OverrideGround::Legal, false).is_ok());
    }
    for ruling in [Ruling::NotAsked, Ruling::Expired(consent())] {
        let basis = ask(ruling, OverrideGround::Vital, false);
        assert_eq!(
            basis,
            Ok(Basis::Override {
                id,
                ground: OverrideGround::Vital
            })
        );
    }
}

#[test]
fn every_refusal_says_why_and_what_to_do_in_both_languages() {
    let mut seen = BTreeSet::new();
    for refusal in SharingRefusal::ALL {
        for lang in Lang::ALL.iter().copied() {
            assert!(refusal.why(lang).ends_with('.') && refusal.remedy(lang).ends_with('.'));
            assert!(seen.insert(refusal.why(lang)), "{refusal} repeats another's sentence");
            assert!(!refusal.why(lang).contains('\''), "typographic apostrophe");
        }
    }
}

proptest! {
    /// Whatever the agreements: what is carried is carried by one that was
    /// signed by the organisation or above it, in term or grace, undenounced.
    #[test]
    fn coverage_never_outlives_the_paper(
        signed in 0i64..400, until in prop::option::of(0i64..400), denounced in prop::option::of(0i64..400),
        on in 0i64..800, signer in prop::sample::select(vec![HOSPITAL, DELEGATION, MINISTRY, 77]),
    ) {
        let at = |d: i64| day("2026-01-01") + chrono::TimeDelta::days(d);
        let agreement = Agreement {
            parties: vec![Party { organisation: org(signer), from: at(signed), denounced_on: None }],
            until: until.map(at),
            denounced_on: denounced.map(at),
            ..memorandum()
        };
        let found = coverage(org(HOSPITAL), &[org(DELEGATION), org(MINISTRY)], &[agreement], at(on));
        let in_term = until.is_none_or(|u| on <= u + 90);
        let expected = signer != 77 && signed <= on && in_term && denounced.is_none_or(|d| on < d);
        prop_assert_eq!(found.state.carries(), expected);
        prop_assert_eq!(found.state == CoverageState::None, signer == 77 || on < signed);
    }
}
