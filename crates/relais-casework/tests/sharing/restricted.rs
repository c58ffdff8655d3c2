//! What becomes of restricted classes before their authorisation is on record.

use super::*;

/// Service, priority, child, consents, paper, own hand, override: what becomes
/// of Health.
type Line<'a> = (
    &'a str,
    Priority,
    bool,
    &'a [Consent],
    bool,
    bool,
    Option<OverrideGround>,
    Result<&'a str, WhyNot>,
);

/// Before the authorisation of S4 is on record: what saves life goes, reviewed;
/// nothing else does, whatever paper or slip there is.
#[test]
fn without_the_authorisation_s4_goes_where_life_is_at_stake_and_nowhere_else() {
    use OverrideGround::{Child, Legal, Vital};
    const NO: Result<&str, WhyNot> = Err(WhyNot::S4NotAuthorised);
    const NO_CONSENT: Result<&str, WhyNot> = Err(WhyNot::Refused(SharingRefusal::NoConsent));
    const REFUSED: Result<&str, WhyNot> = Err(WhyNot::Refused(SharingRefusal::RefusedByPerson));
    let all = || c3(1, Recipient::AnyMember, ClassSet::all(), 0);
    let yes = [all()];
    let no = [Consent {
        decision: ConsentDecision::Refused,
        ..all()
    }];
    let silence = [];
    let (signed, unsigned) = (ordinary_world(), worlds(3));
    let table: [Line<'_>; 20] = [
        ("MED.01", Priority::P1, false, &yes, true, false, None, Ok("VITAL")),
        ("MED.01", Priority::P1, false, &yes, false, false, None, Ok("VITAL")),
        ("MED.01", Priority::P1, true, &yes, true, false, None, Ok("CHILD")),
        ("MED.04", Priority::P2, false, &yes, true, false, None, Ok("VITAL")),
        ("MED.04", Priority::P2, false, &yes, true, true, None, Ok("VITAL")),
        ("MED.01", Priority::P1, false, &silence, true, false, None, NO_CONSENT),
        (
            "MED.01",
            Priority::P1,
            false,
            &silence,
            true,
            false,
            Some(Vital),
            Ok("override VITAL"),
        ),
        (
            "MED.01",
            Priority::P1,
            false,
            &silence,
            true,
            false,
            Some(Legal),
            NO_CONSENT,
        ),
        ("MED.01", Priority::P1, false, &no, true, false, None, REFUSED),
        ("MED.01", Priority::P1, false, &no, true, false, Some(Vital), REFUSED),
        (
            "MED.01",
            Priority::P1,
            true,
            &no,
            true,
            false,
            Some(Child),
            Ok("override CHILD"),
        ),
        // Not vital: neither paper nor slip nor a legal obligation carries it.
        ("MED.03", Priority::P3, false, &yes, true, false, None, NO),
        ("MED.03", Priority::P4, false, &yes, true, false, None, NO),
        ("MED.03", Priority::P3, false, &yes, true, true, None, NO),
        ("MED.03", Priority::P3, true, &yes, true, false, None, NO),
        ("MED.03", Priority::P3, false, &yes, true, false, Some(Legal), NO),
        ("MED.03", Priority::P3, false, &silence, true, false, Some(Legal), NO),
        (
            "MED.03",
            Priority::P3,
            true,
            &silence,
            true,
            false,
            Some(Child),
            Ok("override CHILD"),
        ),
        // Urgent outside the five categories: by an override, not by itself.
        ("PSS.02", Priority::P2, false, &yes, true, false, None, NO),
        (
            "PSS.02",
            Priority::P2,
            false,
            &yes,
            true,
            false,
            Some(Vital),
            Ok("override VITAL"),
        ),
    ];
    for (line, (service, priority, child, consents, paper, own_hand, ground, expected)) in table.into_iter().enumerate()
    {
        let needs = only(&[DataClass::Health]);
        let written = ground.map(|ground| Override {
            classes: needs,
            cosigned: Some(cosignature(at(10))),
            ..exception(ground, OverrideScope::TwoHours, A)
        });
        let coverages = if paper { &signed } else { &unsigned };
        let found = plan(&Request {
            needs,
            child,
            own_hand,
            exception: written.as_ref(),
            s4_authorised: false,
            ..request(coverages, consents, service, priority)
        });
        let given = found.after.iter().find(|(class, _)| *class == DataClass::Health);
        let refused = found.never.iter().find(|(class, _)| *class == DataClass::Health);
        match (given, refused) {
            (Some((_, basis)), None) => {
                let said = match basis {
                    Basis::Vital { ground, .. } => ground.code().to_owned(),
                    Basis::Override { ground, .. } => format!("override {}", ground.code()),
                    other => format!("{other:?}"),
                };
                assert_eq!(expected, Ok(said.as_str()), "line {line}");
                assert!(found.is_reviewed(), "line {line}");
            }
            (None, Some((_, why))) => assert_eq!(expected, Err(*why), "line {line}"),
            both => panic!("line {line}: {both:?}"),
        }
    }
}
