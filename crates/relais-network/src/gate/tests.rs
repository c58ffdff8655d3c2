use proptest::prelude::*;

use super::*;
use crate::{PlaceId, ServiceId, body_id};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn signed(on: &str, until: Option<&str>, withdrawn_on: Option<&str>) -> Signed {
    Signed {
        on: day(on),
        until: until.map(day),
        withdrawn_on: withdrawn_on.map(day),
        paper: "Lettre 12".to_owned(),
        noted_by: None,
        noted_on: day(on),
    }
}

/// An organisation that signed these papers.
fn organisation(code: &str, papers: &[(Safeguard, Signed)]) -> Organisation {
    let entry = crate::BodyEntry {
        code: code.to_owned(),
        name: Label::of("Centre", "Centre"),
        kind: "ASSO".to_owned(),
    };
    let mut made = crate::bodies_plan(&[entry]).expect("a known kind").remove(0);
    made.safeguards = Safeguards(papers.iter().cloned().collect());
    made
}

fn service(kind: &str, targets: &[Target]) -> Service {
    let id = uuid::Uuid::from_u128(1);
    Service {
        targets: targets.to_vec(),
        ..Service::proposed(ServiceId(id), body_id("A"), kind.to_owned(), PlaceId(id))
    }
}

use Safeguard::{ChildSafeguarding as Child, ConductAndPsea as Conduct};

#[test]
fn an_entry_waits_for_what_its_organisation_did_not_sign() {
    let today = day("2026-11-23");
    let sewing = service("VTC.02", &[Target::Women]);
    let adults = |papers: &[(Safeguard, Signed)]| missing(&sewing, &[&organisation("A", papers)], today);
    assert_eq!(adults(&[]), [Missing::ConductUnsigned]);
    let holds: &[_] = &[(Conduct, signed("2026-11-23", None, None))];
    assert!(adults(holds).is_empty(), "from the day of its signature");
    let later = [(Conduct, signed("2026-11-24", None, None))];
    assert_eq!(adults(&later), [Missing::ConductUnsigned]);
    let last_day = [(Conduct, signed("2026-01-01", Some("2026-11-23"), None))];
    assert!(adults(&last_day).is_empty());
    let over = [(Conduct, signed("2026-01-01", Some("2026-11-22"), None))];
    assert_eq!(adults(&over), [Missing::ConductEnded]);
    let withdrawn = [(Conduct, signed("2026-01-01", None, Some("2026-11-23")))];
    assert_eq!(adults(&withdrawn), [Missing::ConductWithdrawn]);
    let announced = [(Conduct, signed("2026-01-01", None, Some("2026-11-24")))];
    assert!(adults(&announced).is_empty());
}

#[test]
fn child_safeguarding_is_asked_where_the_service_is_for_children() {
    let today = day("2026-11-23");
    let conduct = organisation("A", &[(Conduct, signed("2026-01-01", None, None))]);
    let both = Organisation {
        safeguards: Safeguards::signed(day("2026-01-01"), ""),
        ..conduct.clone()
    };
    for (kind, targets, asked) in [
        ("EDU.01", &[Target::Children][..], true),
        ("HOU.01", &[Target::Families, Target::SeparatedChildren], true),
        ("CHP.01", &[], true),
        ("EDU.01", &[], false),
        ("MED.01", &[Target::Everyone], false),
        ("VTC.02", &[Target::Youth, Target::Women], false),
    ] {
        let entry = service(kind, targets);
        let expected = if asked {
            vec![Missing::ChildUnsigned]
        } else {
            Vec::new()
        };
        assert_eq!(missing(&entry, &[&conduct], today), expected, "{kind} {targets:?}");
        assert!(missing(&entry, &[&both], today).is_empty(), "{kind} {targets:?}");
    }
}

#[test]
fn what_a_tutelle_signed_covers_the_services_under_it() {
    let today = day("2026-11-23");
    let care = service("MED.01", &[]);
    let ministry = organisation("M", &[(Conduct, signed("2026-01-01", None, None))]);
    let none = organisation("A", &[]);
    assert!(missing(&care, &[&none, &ministry], today).is_empty());
    let through = standing(&[&none, &ministry], Conduct, today).expect("covered");
    assert_eq!(through.through, ministry.id);
    // What ran out is carried by the one above; what was withdrawn is not.
    let over = organisation("A", &[(Conduct, signed("2025-01-01", Some("2025-12-31"), None))]);
    assert!(missing(&care, &[&over, &ministry], today).is_empty());
    let withdrawn = organisation("A", &[(Conduct, signed("2025-01-01", None, Some("2026-10-01")))]);
    assert_eq!(
        missing(&care, &[&withdrawn, &ministry], today),
        [Missing::ConductWithdrawn]
    );
    // A tutelle that lost it does not take it from whoever signed for itself.
    let own = organisation("A", &[(Conduct, signed("2026-02-01", None, None))]);
    let fallen = organisation("M", &[(Conduct, signed("2025-01-01", None, Some("2026-10-01")))]);
    assert!(missing(&care, &[&own, &fallen], today).is_empty());
    assert_eq!(missing(&care, &[&none, &fallen], today), [Missing::ConductWithdrawn]);
}

#[test]
fn a_ring_of_tutelles_ends() {
    let mut all = [organisation("A", &[]), organisation("B", &[]), organisation("C", &[])];
    let ids: Vec<_> = all.iter().map(|o| o.id).collect();
    for (n, organisation) in all.iter_mut().enumerate() {
        organisation.parent = Some(ids[(n + 1) % 3]);
    }
    let found = chain(&all[0], |id| all.iter().find(|o| o.id == id));
    assert_eq!(found.iter().map(|o| o.id).collect::<Vec<_>>(), ids);
}

/// By hand: how it was known, how a list brings it, what comes in while something
/// is missing, and while nothing is.
const BROUGHT: &str = "\
known     brought   missing   signed
-         published checked   published
-         proposed  proposed  proposed
-         checked   checked   checked
proposed  published checked   published
checked   published checked   published
published published published published
doubtful  published published published
doubtful  doubtful  doubtful  doubtful
archived  published checked   published
published archived  archived  archived
";

#[test]
fn what_a_list_publishes_comes_in_as_checked_while_something_is_missing() {
    let status = |code: &str| PublicationStatus::from_code(code);
    let mut seen = 0;
    for row in BROUGHT.lines().skip(1) {
        let cells: Vec<&str> = row.split_whitespace().collect();
        let [known, brought, held, free] = cells[..] else {
            panic!("four cells: {row}")
        };
        let mut entry = service("MED.01", &[]);
        for (waits, expected) in [(&[Missing::ConductUnsigned][..], held), (&[], free)] {
            entry.status = status(brought).expect("a state");
            let is_held = let_in(status(known), &mut entry, waits);
            assert_eq!(Some(entry.status), status(expected), "{row}");
            assert_eq!(
                (is_held, entry.held),
                (brought != expected, brought != expected),
                "{row}"
            );
        }
        seen += 1;
    }
    assert_eq!(seen, 10);
}

#[test]
fn records_without_safeguards_read_on_and_are_written_as_before() {
    let none = organisation("A", &[]);
    let text = serde_json::to_string(&none).expect("written");
    assert!(!text.contains("safeguards"), "{text}");
    let read: Organisation = serde_json::from_str(&text).expect("read");
    assert_eq!(read, none);
    let both = Organisation {
        safeguards: Safeguards::signed(day("2026-01-01"), "Lettre 12"),
        ..none
    };
    let text = serde_json::to_string(&both).expect("written");
    let read: Organisation = serde_json::from_str(&text).expect("read");
    assert_eq!(read, both);
}

#[test]
fn what_an_entry_waits_for_is_said_in_one_sentence() {
    let said = waits(&[Missing::ConductUnsigned, Missing::ChildEnded]);
    assert_eq!(
        said.en,
        "Not published yet: code of conduct and protection from sexual abuse not signed; child-safeguarding procedure run out."
    );
    assert!(said.fr.starts_with("Pas encore publiée\u{a0}: code") && said.fr.contains("\u{202f}; procédure"));
    assert_eq!(waits(&[]).fr, "Pas encore publiée.");
    // Each is told apart, in both languages.
    for lang in [relais_mechanism::Lang::Fr, relais_mechanism::Lang::En] {
        let all: std::collections::BTreeSet<String> =
            Missing::ALL.iter().map(|m| m.label().get(lang).to_owned()).collect();
        assert_eq!(all.len(), Missing::ALL.len());
    }
}

fn papers() -> impl Strategy<Value = Option<Signed>> {
    let days = 0..40u64;
    let day = move |n: u64| day("2026-01-01") + chrono::Days::new(n);
    prop::option::of((days.clone(), prop::option::of(days.clone()), prop::option::of(days))).prop_map(move |paper| {
        paper.map(|(on, until, withdrawn)| Signed {
            on: day(on),
            until: until.map(day),
            withdrawn_on: withdrawn.map(day),
            paper: String::new(),
            noted_by: None,
            noted_on: day(on),
        })
    })
}

proptest! {
    /// However tutelles are stacked: who holds a paper by itself is never refused,
    /// and nobody is let in by a chain in which no paper holds by itself.
    #[test]
    fn the_gate_opens_by_a_paper_that_holds(
        stack in prop::collection::vec(papers(), 1..5),
        on in 0..40u64,
    ) {
        let today = day("2026-01-01") + chrono::Days::new(on);
        let all: Vec<Organisation> = stack
            .iter()
            .enumerate()
            .map(|(n, paper)| {
                let papers: Vec<_> = paper.iter().map(|p| (Conduct, p.clone())).collect();
                organisation(&format!("O{n}"), &papers)
            })
            .collect();
        let chain: Vec<&Organisation> = all.iter().collect();
        let open = |chain: &[&Organisation]| missing(&service("MED.01", &[]), chain, today).is_empty();
        let alone: Vec<bool> = chain.iter().map(|o| open(&[o])).collect();
        if alone[0] {
            prop_assert!(open(&chain));
        }
        if open(&chain) {
            prop_assert!(alone.contains(&true));
            let holds = standing(&chain, Conduct, today).expect("open");
            let at = chain.iter().position(|o| o.id == holds.through).expect("of the chain");
            prop_assert!(alone[at], "the one named holds by itself");
            prop_assert!(alone[..at].iter().all(|open| !open), "and is the nearest");
        }
        prop_assert!(Child != Conduct && missing(&service("CHP.01", &[]), &chain, today).contains(&Missing::ChildUnsigned));
    }
}
