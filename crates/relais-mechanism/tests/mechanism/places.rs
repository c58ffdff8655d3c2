//! Typed place names.

use proptest::prelude::*;
use relais_mechanism::places::{Level, fold};

use crate::cameroon;

fn first(typed: &str) -> Option<&'static str> {
    cameroon().find_place(typed).first().map(|m| m.place.code.as_str())
}

#[test]
fn names_are_found_without_accents_and_with_slips() {
    for (typed, code) in [
        ("Extrême-Nord", "CM004"),
        ("extreme nord", "CM004"),
        ("FAR NORTH", "CM004"),
        ("Adamawa", "CM001"),
        ("Wouri", "CM005004"),
        ("wuori", "CM005004"),
        ("benoue", "CM006001"),
        ("Douala 5e", "CM005004005"),
        ("Douala V", "CM005004005"),
        ("douala 5ème", "CM005004005"),
        ("N’Gaoundéré 1er", "CM001005005"),
        ("Ngaundere", "CM001005005"),
        ("bafousam", "CM008006001"),
        ("Buea", "CM010001001"),
        ("Garoua", "CM006001005"),
        ("Garoua-Boulaï", "CM003004006"),
        ("garoua b", "CM003004006"),
    ] {
        assert_eq!(first(typed), Some(code), "{typed}: {:?}", cameroon().find_place(typed));
    }
    for typed in ["", "  ", "xx", "qqqqqqqq", "’"] {
        assert_eq!(cameroon().find_place(typed), [], "{typed:?}");
    }
}

#[test]
fn a_chief_town_leads_to_its_department_and_region() {
    let found: Vec<_> = cameroon()
        .find_place("Garoua")
        .iter()
        .map(|m| m.place.code.clone())
        .collect();
    for code in ["CM006001005", "CM006", "CM006001"] {
        assert!(found.iter().any(|f| f == code), "{code} in {found:?}");
    }
    assert!(
        !found.iter().any(|f| f.starts_with("CM004001")),
        "Maroua is a slip away, but Garoua was found"
    );
}

#[test]
fn places_know_their_parents_and_coordinates() {
    let m = cameroon();
    for place in m.places() {
        match place.level {
            Level::Region => assert_eq!(place.region, place.code),
            _ => {
                let parent = place.parent.as_deref().and_then(|p| m.place(p)).expect("a parent");
                assert!(place.code.starts_with(&parent.code), "{}", place.code);
                assert_eq!(place.region, parent.region);
            }
        }
        let (lat, lon) = place.coordinates.expect("coordinates");
        assert!(
            (1.5..13.5).contains(&lat) && (8.0..16.5).contains(&lon),
            "{} {lat} {lon}",
            place.code
        );
    }
    assert_eq!(m.regions().count(), 10);
    assert_eq!(m.departments(Some("CM005")).count(), 4);
    assert_eq!(m.subdivisions(Some("CM005004")).count(), 6);
    assert_eq!(m.subdivisions(None).count(), 360);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_place_is_found_by_its_name(at in 0..428_usize) {
        let place = &cameroon().places()[at];
        let found = cameroon().find_place(&place.name.fr);
        prop_assert!(found.iter().any(|m| fold(&m.place.name.fr) == fold(&place.name.fr) && m.distance == 0));
    }

    #[test]
    fn any_text_is_answered(typed in any::<String>()) {
        prop_assert!(cameroon().find_place(&typed).len() <= 12);
        prop_assert_eq!(fold(&fold(&typed)), fold(&typed));
    }
}
