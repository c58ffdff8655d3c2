use std::fmt::Write as _;

use relais_mechanism::Label;

use super::*;
use crate::service::Capacity;
use crate::{OrganisationId, PlaceId, ServiceId};

/// By hand: state and act; then what each hand brings about, in the order of
/// the heading. `-` is another's to do, `.` no way from there.
const TABLE: &str = "\
state     act      provider  office    clock    evidence
proposed  check    -         checked   -        -
proposed  publish  -         .         -        -
proposed  confirm  proposed  proposed  -        -
proposed  doubt    -         .         .        .
proposed  archive  -         archived  -        -
proposed  restore  -         .         -        -
checked   check    -         .         -        -
checked   publish  -         published -        -
checked   confirm  checked   checked   -        -
checked   doubt    -         .         .        .
checked   archive  -         archived  -        -
checked   restore  -         .         -        -
published check    -         .         -        -
published publish  -         .         -        -
published confirm  published published -        -
published doubt    -         doubtful  doubtful doubtful
published archive  -         archived  -        -
published restore  -         .         -        -
doubtful  check    -         .         -        -
doubtful  publish  -         .         -        -
doubtful  confirm  published published -        -
doubtful  doubt    -         doubtful  doubtful doubtful
doubtful  archive  -         archived  -        -
doubtful  restore  -         .         -        -
archived  check    -         .         -        -
archived  publish  -         .         -        -
archived  confirm  .         .         -        -
archived  doubt    -         .         .        .
archived  archive  -         .         -        -
archived  restore  -         checked   -        -
";

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn service(status: PublicationStatus) -> Service {
    Service {
        name: Label {
            fr: "Soins".to_owned(),
            en: "Care".to_owned(),
        },
        confirmed_on: Some(day("2026-06-01")),
        status,
        demonstration: true,
        ..Service::proposed(
            ServiceId(uuid::Uuid::from_u128(1)),
            OrganisationId(uuid::Uuid::from_u128(2)),
            "MED.01".to_owned(),
            PlaceId(uuid::Uuid::from_u128(3)),
        )
    }
}

#[test]
fn the_machine_is_the_table() {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut made = String::new();
    for status in PublicationStatus::ALL {
        for act in LifeAct::ALL {
            write!(made, "{status} {act}").expect("a text");
            for hand in Hand::ALL {
                let said = match decide(*status, *act, *hand) {
                    Ok(next) => next.code(),
                    Err(LifeRefusal::NotYours) => "-",
                    Err(LifeRefusal::NotFromHere) => ".",
                };
                write!(made, " {said}").expect("a text");
            }
            made.push('\n');
        }
    }
    let hands: Vec<_> = Hand::ALL.iter().map(|h| h.code().to_owned()).collect();
    assert_eq!(words(TABLE.lines().next().expect("a heading"))[2..], hands);
    let rows: Vec<_> = TABLE.lines().skip(1).map(words).collect();
    assert_eq!(made.lines().map(words).collect::<Vec<_>>(), rows);
}

#[test]
fn doubts_come_once_each_and_go_with_a_confirmation() {
    let on = day("2026-11-23");
    let first = doubted(
        &service(PublicationStatus::Published),
        DoubtCause::NoCapacity,
        on,
        Hand::Evidence,
    )
    .expect("doubted");
    assert_eq!(first.doubt().expect("a doubt").cause, DoubtCause::NoCapacity);
    let more = doubted(&first, DoubtCause::Overdue, on, Hand::Clock).expect("doubted");
    let again = doubted(&more, DoubtCause::NoCapacity, day("2026-11-25"), Hand::Evidence).expect("doubted");
    let causes: Vec<_> = again.doubts.iter().map(|d| d.cause).collect();
    assert_eq!(causes, [DoubtCause::Overdue, DoubtCause::NoCapacity]);
    assert_eq!(again.doubt().expect("a doubt").on, day("2026-11-25"));
    let confirmed = moved(&again, LifeAct::Confirm, Hand::Provider).expect("confirmed");
    assert_eq!(
        (confirmed.status, confirmed.doubt()),
        (PublicationStatus::Published, None)
    );
    assert!(confirmed.doubts.is_empty());
    let archived = moved(&again, LifeAct::Archive, Hand::Office).expect("archived");
    assert!(archived.doubts.is_empty());
}

#[test]
fn a_confirmation_does_not_say_who_pays_now() {
    let on = day("2026-11-23");
    let published = service(PublicationStatus::Published);
    let unpaid = doubted(&published, DoubtCause::FundingEnded, on, Hand::Clock).expect("doubted");
    let more = doubted(&unpaid, DoubtCause::Overdue, on, Hand::Clock).expect("doubted");
    for hand in [Hand::Provider, Hand::Office] {
        let confirmed = moved(&more, LifeAct::Confirm, hand).expect("confirmed");
        let causes: Vec<_> = confirmed.doubts.iter().map(|d| d.cause).collect();
        assert_eq!(causes, [DoubtCause::FundingEnded]);
        assert_eq!(confirmed.status, PublicationStatus::Doubtful);
        assert!(confirmed.check().is_empty());
    }
    let archived = moved(&unpaid, LifeAct::Archive, Hand::Office).expect("archived");
    let back = moved(&archived, LifeAct::Restore, Hand::Office).expect("restored");
    assert!(back.doubts.is_empty(), "the clock looks again once it is published");
}

#[test]
fn every_doubt_of_a_line_is_of_a_line_and_every_line_has_one_rule() {
    let of_a_line = DoubtCause::ALL.iter().filter_map(|c| c.line()).count();
    assert_eq!(of_a_line, 4);
    let alone: Vec<_> = Line::ALL
        .iter()
        .filter(|l| l.is_the_providers())
        .map(|l| l.code())
        .collect();
    assert_eq!(alone, ["telephones", "opening_hours", "capacity", "languages"]);
}

#[test]
fn a_confirmation_holds_by_service_then_category_then_kind() {
    let mut intervals = Intervals {
        days: 180,
        remind_days: 14,
        ..Intervals::default()
    };
    let own = service(PublicationStatus::Published);
    let kind = OrganisationKind::HealthFacility;
    assert_eq!(intervals.of(kind, &own), 180);
    intervals.by_kind.insert(kind, 120);
    assert_eq!(intervals.of(kind, &own), 120);
    assert_eq!(intervals.of(OrganisationKind::Association, &own), 180);
    intervals.by_service.insert("MED".to_owned(), 90);
    assert_eq!(intervals.of(kind, &own), 90);
    intervals.by_service.insert("MED.01".to_owned(), 30);
    assert_eq!(intervals.of(kind, &own), 30);
    for (on, expected) in [
        ("2026-06-01", Standing::Holds),
        ("2026-06-16", Standing::Holds),
        ("2026-06-17", Standing::Soon),
        ("2026-07-01", Standing::Soon),
        ("2026-07-02", Standing::Overdue),
    ] {
        assert_eq!(intervals.standing(kind, &own, day(on)), expected, "{on}");
    }
    let never = Service {
        confirmed_on: None,
        ..own
    };
    assert_eq!(intervals.standing(kind, &never, day("2030-01-01")), Standing::Never);
}

#[test]
fn a_list_brought_again_answers_no_doubt_and_forgets_no_confirmation() {
    let on = day("2026-11-23");
    let mut known = doubted(
        &service(PublicationStatus::Published),
        DoubtCause::Overdue,
        on,
        Hand::Clock,
    )
    .expect("doubted");
    known.capacity = Capacity {
        per_month: None,
        available: Some(0),
        assessed_on: Some(on),
    };
    let mut listed = service(PublicationStatus::Published);
    listed.confirmed_on = None;
    listed.opening_hours = "8–12".to_owned();
    let kept = brought_again(&known, &listed);
    assert_eq!((kept.status, &kept.doubts), (known.status, &known.doubts));
    assert_eq!((kept.confirmed_on, kept.capacity), (known.confirmed_on, known.capacity));
    assert_eq!(kept.opening_hours, "8–12");
    listed.status = PublicationStatus::Archived;
    assert_eq!(brought_again(&known, &listed).status, PublicationStatus::Archived);
    listed.status = PublicationStatus::Published;
    listed.confirmed_on = Some(day("2026-11-24"));
    let newer = brought_again(&known, &listed);
    assert_eq!((newer.status, newer.confirmed_on), (listed.status, listed.confirmed_on));
    assert!(newer.doubts.is_empty());
}
