use std::fmt::Write as _;

use super::*;
use crate::life::{LifeAct, brought_again, moved};
use crate::service::{Capacity, Cost, Telephone};
use crate::{OrganisationId, PlaceId, ProgrammeId, ServiceId, UserId};

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn place() -> Place {
    Place {
        id: PlaceId(id(3)),
        organisation: OrganisationId(id(2)),
        name: "Atelier".to_owned(),
        region: Some("CM005".to_owned()),
        department: Some("CM005004".to_owned()),
        department_estimated: true,
        subdivision: None,
        town: Some("Douala".to_owned()),
        lat: Some(4.05),
        lon: Some(9.7),
        confidential: false,
    }
}

fn service(status: PublicationStatus) -> Service {
    Service {
        name: Label::of("Couture", "Sewing"),
        targets: vec![Target::Women, Target::Youth],
        how_to_refer: Label::of("Sur envoi", "On referral"),
        confirmed_on: Some(day("2026-11-01")),
        status,
        ..Service::proposed(
            ServiceId(id(1)),
            OrganisationId(id(2)),
            "VTC.02".to_owned(),
            PlaceId(id(3)),
        )
    }
}

fn session() -> (Uuid, NaiveDate, &'static str) {
    (id(9), day("2026-11-27"), "2026/02")
}

fn after_the_session(service: &Service) -> Service {
    let (session, on, minutes) = session();
    ratified(service, &place(), session, on, minutes)
}

/// By hand: what is changed of a ratified entry; how it stands then, which lines
/// differ.
const TABLE: &str = "\
nothing        ratified -
service_type   changed  service_type
place_town     changed  place
place_region   changed  place
place_point    ratified -
place_name     ratified -
served_area    changed  served_area
targets        changed  targets
targets_order  ratified -
how_to_refer   changed  how_to_refer
name           ratified -
telephones     ratified -
opening_hours  ratified -
capacity       ratified -
cost           ratified -
languages      ratified -
programmes     ratified -
confirmed      ratified -
";

/// A ratified entry and its place with one thing changed.
fn change(what: &str) -> (Service, Place) {
    let (mut s, mut p) = (after_the_session(&service(PublicationStatus::Published)), place());
    match what {
        "nothing" => {}
        "service_type" => s.service_type = "VTC.03".to_owned(),
        "place_town" => p.town = Some("Edéa".to_owned()),
        "place_region" => p.region = Some("CM002".to_owned()),
        "place_point" => (p.lat, p.lon) = (Some(4.06), None),
        "place_name" => p.name = "Atelier du port".to_owned(),
        "served_area" => s.served_area = ServedArea::Region("CM005".to_owned()),
        "targets" => s.targets = vec![Target::Women],
        "targets_order" => s.targets.reverse(),
        "how_to_refer" => s.how_to_refer.fr = "Avec la carte d’identité".to_owned(),
        "name" => s.name = Label::of("Couture du soir", "Evening sewing"),
        "telephones" => s.telephones.push(Telephone {
            number: "116".to_owned(),
            who: String::new(),
            hours: String::new(),
        }),
        "opening_hours" => s.opening_hours = "8–12".to_owned(),
        "capacity" => {
            s.capacity = Capacity {
                per_month: Some(3),
                available: Some(0),
                assessed_on: Some(day("2026-12-01")),
            }
        }
        "cost" => s.cost = Some(Cost::Paid),
        "languages" => s.languages.push("eng".to_owned()),
        "programmes" => s.programmes.push(ProgrammeId(id(8))),
        "confirmed" => {
            s = moved(&s, LifeAct::Confirm, Hand::Provider).expect("confirmed");
            (s.confirmed_on, s.confirmed_by) = (Some(day("2027-01-02")), Some(UserId(id(7))));
        }
        other => panic!("no change {other}"),
    }
    (s, p)
}

#[test]
fn what_the_committee_answers_for_is_the_table() {
    let mut made = String::new();
    for what in TABLE.lines().filter_map(|l| l.split_whitespace().next()) {
        let (s, p) = change(what);
        let lines: Vec<&str> = s
            .ratified
            .as_ref()
            .expect("it was ratified")
            .of
            .changed(&s, &p)
            .into_iter()
            .map(Line::code)
            .collect();
        let lines = if lines.is_empty() {
            "-".to_owned()
        } else {
            lines.join(",")
        };
        writeln!(made, "{what} {} {lines}", standing(&s, &p)).expect("a text");
        assert_eq!(holding(&s, &p).is_some(), standing(&s, &p) == Ratification::Ratified);
        assert_eq!(is_listed(&s, &p), standing(&s, &p) == Ratification::Changed, "{what}");
    }
    let words = |text: &str| -> Vec<Vec<String>> {
        let of = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        text.lines().map(of).collect()
    };
    assert_eq!(words(&made), words(TABLE));
    // Every line of an entry stands in the table, its place in four parts.
    for line in Line::ALL.iter().filter(|l| **l != Line::Place) {
        assert!(
            TABLE.lines().any(|l| l.split(' ').next() == Some(line.code())),
            "{line}"
        );
    }
}

#[test]
fn everyone_is_one_group_however_it_is_said() {
    let mut s = service(PublicationStatus::Published);
    let sign = |s: &Service| Material::of(s, &place()).sign();
    s.targets = Vec::new();
    let nobody = sign(&s);
    s.targets = vec![Target::Everyone];
    assert_eq!(sign(&s), nobody);
    s.targets = vec![Target::Women, Target::Everyone];
    assert_eq!(sign(&s), nobody);
    s.targets = vec![Target::Women, Target::Women];
    assert_ne!(sign(&s), nobody);
}

#[test]
fn nothing_but_what_is_published_and_undoubted_stands_on_the_list() {
    for status in PublicationStatus::ALL {
        let s = service(*status);
        let expected = if status.is_offered() {
            Ratification::Waiting
        } else {
            Ratification::Unpublished
        };
        assert_eq!(standing(&s, &place()), expected, "{status}");
        assert_eq!(
            is_listed(&s, &place()),
            *status == PublicationStatus::Published,
            "{status}"
        );
        assert_eq!(holding(&s, &place()), None);
    }
}

/// By hand: whether it is shown, changed since the list, set apart; the outcome.
const OUTCOMES: [(bool, bool, bool, Outcome); 8] = [
    (true, false, false, Outcome::Ratified),
    (true, true, false, Outcome::Changed),
    (true, false, true, Outcome::SetApart),
    (true, true, true, Outcome::SetApart),
    (false, false, false, Outcome::Gone),
    (false, true, false, Outcome::Gone),
    (false, false, true, Outcome::Gone),
    (false, true, true, Outcome::Gone),
];

#[test]
fn a_session_brings_about_what_the_table_says() {
    for (shown, changed, apart, expected) in OUTCOMES {
        let (mut s, p) = (service(PublicationStatus::Published), place());
        let listed = Material::of(&s, &p).sign();
        if changed {
            s.targets = vec![Target::Men];
        }
        let now = shown.then_some((&s, &p));
        assert_eq!(decide(listed, now, apart), expected, "{shown} {changed} {apart}");
    }
}

#[test]
fn what_is_set_apart_is_in_doubt_until_the_unit_confirms_it_and_then_waits_again() {
    let p = place();
    let before = after_the_session(&service(PublicationStatus::Published));
    assert_eq!(standing(&before, &p), Ratification::Ratified);
    let apart = set_apart(&before, day("2027-05-28")).expect("set apart");
    assert_eq!((apart.status, &apart.ratified), (PublicationStatus::Doubtful, &None));
    assert_eq!(standing(&apart, &p), Ratification::SetApart);
    assert!(
        apart.check().is_empty() && apart.status.is_offered(),
        "nobody is turned away"
    );
    // Its provider says that all is true: that is not what the committee asked.
    let said = moved(&apart, LifeAct::Confirm, Hand::Provider).expect("confirmed");
    assert_eq!(standing(&said, &p), Ratification::SetApart);
    let answered = moved(&said, LifeAct::Confirm, Hand::Office).expect("confirmed");
    assert_eq!(answered.status, PublicationStatus::Published);
    assert_eq!(standing(&answered, &p), Ratification::Waiting);
    // A list brings it again: it answers nothing either, however new it is.
    let mut listed = service(PublicationStatus::Published);
    listed.confirmed_on = Some(day("2027-06-01"));
    assert_eq!(standing(&brought_again(&apart, &listed), &p), Ratification::SetApart);
    for status in [PublicationStatus::Proposed, PublicationStatus::Archived] {
        assert_eq!(
            set_apart(&service(status), day("2027-05-28")),
            Err(LifeRefusal::NotFromHere)
        );
    }
}

#[test]
fn a_list_ratifies_nothing_and_forgets_no_ratification() {
    let p = place();
    let known = after_the_session(&service(PublicationStatus::Published));
    let listed = service(PublicationStatus::Published);
    assert_eq!(standing(&brought_again(&known, &listed), &p), Ratification::Ratified);
    assert_eq!(standing(&brought_again(&listed, &known), &p), Ratification::Waiting);
    // Out of the archive it goes before the committee again.
    let archived = moved(&known, LifeAct::Archive, Hand::Office).expect("archived");
    assert_eq!(standing(&archived, &p), Ratification::Unpublished);
    let back = moved(&archived, LifeAct::Restore, Hand::Office).expect("back");
    let back = moved(&back, LifeAct::Publish, Hand::Office).expect("published");
    assert_eq!(standing(&back, &p), Ratification::Waiting);
}

#[test]
fn it_is_written_and_read_as_it_is() {
    let known = after_the_session(&service(PublicationStatus::Published));
    let text = serde_json::to_string(&known).expect("written");
    assert_eq!(serde_json::from_str::<Service>(&text).expect("read"), known);
    let none = serde_json::to_string(&service(PublicationStatus::Published)).expect("written");
    assert!(!none.contains("ratified"), "{none}");
}
