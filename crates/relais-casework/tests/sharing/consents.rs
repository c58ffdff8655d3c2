//! What the person's lines allow.

use super::*;

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
}
