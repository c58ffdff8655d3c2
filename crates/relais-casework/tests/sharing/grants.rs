//! Which rows an event adds and closes.

use super::*;

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

/// One referral accepted on day 10 under an override for it, waiting for its
/// co-signature.
fn overridden() -> (Vec<Grant>, Override, ReferralId) {
    let world = ordinary_world();
    let referral = ReferralId(Uuid::from_u128(5));
    let written = exception(OverrideGround::Vital, OverrideScope::Referral { referral }, A);
    let found = plan(&Request {
        referral: Some(referral),
        exception: Some(&written),
        ..request(&world, &[], "DOC.01", Priority::P2)
    });
    let grants = on_acceptance(
        ids(),
        CaseId(Uuid::nil()),
        referral,
        org(A),
        service(A),
        &found.after,
        Some(&written),
        at(10),
    );
    (grants, written, referral)
}

#[test]
fn without_its_cosignature_what_rests_on_an_override_ends_with_the_limit() {
    let (grants, written, referral) = overridden();
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].until, Some(written.cosign_due()));
    assert!(grants[0].in_force(at(10)) && !grants[0].in_force(at(11)));

    // Co-signed in time or late, while the referral runs, or within thirty
    // days of its end, or after: what stands then, and until when.
    let day = TimeDelta::days(1);
    for (name, signed, ended, expected) in [
        ("in time", at(10) + TimeDelta::hours(3), None, Some(None)),
        ("late", at(12), None, Some(None)),
        ("over", at(12), Some(at(11)), Some(Some(at(11) + day * 30))),
        ("long over", at(60), Some(at(11)), None),
    ] {
        let cosigned = Override {
            cosigned: Some(cosignature(signed)),
            ..written.clone()
        };
        let mut all = grants.clone();
        let (given, closings) = on_cosignature(ids(), &all, &cosigned, |r| ended.filter(|_| r == referral), signed);
        apply(&mut all, &closings);
        all.extend(given);
        let live: Vec<_> = all.iter().filter(|g| g.in_force(signed)).collect();
        match expected {
            None => assert!(live.is_empty(), "{name}: {live:?}"),
            Some(until) => {
                assert_eq!(live.len(), 1, "{name}: once, not twice");
                assert_eq!((live[0].until, live[0].classes), (until, grants[0].classes), "{name}");
            }
        }
        assert!(closings.iter().all(|c| c.until <= signed), "{name}");
    }
    // Refused: what rests on it closes now.
    let mut all = grants.clone();
    apply(&mut all, &on_override_end(&grants, written.id, at(10)));
    assert!(!all[0].in_force(at(10)));
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
    assert_eq!(granted.len(), 3);
    assert!(
        granted[0].classes.is_empty() && granted[0].consents.is_empty(),
        "holding itself shows no class and rests on nothing"
    );
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
