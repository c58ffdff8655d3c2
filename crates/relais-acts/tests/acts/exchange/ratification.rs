//! A file says what the steering committee ratified, and ratifies nothing.

use relais_acts::Network;
use relais_network::ratification::{Ratification, ratified, standing};

use super::*;

/// The day of the session, as files write it.
const ON: &str = "2026-11-20";

/// The same directory, in which the committee ratified three services.
fn after_a_session() -> Place_ {
    let at = empty();
    directory::put_bodies(&at.0, &MECHANISM, By::CommandLine).expect("bodies");
    let mut all = everything();
    let places = all.places.clone();
    for service in &mut all.services[..3] {
        let place = places.iter().find(|p| p.id == service.place).expect("its place");
        *service = ratified(service, place, uuid::Uuid::from_u128(7), day(20), "2026/02");
    }
    directory::put(&at.0, all, "test", By::CommandLine).expect("put");
    at
}

/// How the three stand.
fn stand(store: &Store) -> Vec<Ratification> {
    let rows = store.read_blocking(Network::read_rows).expect("read");
    let network = Network::build(rows, &MECHANISM).expect("a network");
    let of = |key: &str| {
        let service = &network.services[&relais_network::ServiceId(derived("service", "test", key))];
        standing(service, &network.places[&service.place])
    };
    ["S1", "S2, \"deux\"", "+S3"].map(of).to_vec()
}

const ALL: [Ratification; 3] = [Ratification::Ratified; 3];

#[test]
fn a_file_carries_the_day_out_and_brings_none_in() {
    let from = after_a_session();
    assert_eq!(stand(&from.0), ALL);
    for lang in [Lang::Fr, Lang::En] {
        for format in [Format::Xlsx, Format::Csv, Format::Hsds] {
            let file = export(&from.0, format, lang);
            let again = brought(&from.0, &file);
            assert_eq!(
                again.figures.unchanged, again.figures.lines,
                "{format}: nothing of it is new"
            );
            assert_eq!(stand(&from.0), ALL, "{format}");
            assert!(
                export(&from.0, format, lang) == file,
                "{format} {lang:?} comes back another"
            );
            // Elsewhere the committee has ratified nothing, whatever a file says.
            let to = empty();
            brought(&to.0, &file);
            sign(&to.0, &codes(&to.0, ""));
            assert_eq!(stand(&to.0), [Ratification::Waiting; 3], "{format}");
            let there = export(&to.0, format, lang);
            match format {
                Format::Csv => {
                    assert_eq!(text(&file).matches(ON).count(), 3);
                    assert_eq!(text(&there), text(&file).replace(ON, ""), "but for the column");
                }
                Format::Hsds => {
                    assert!(!text(&file).contains(ON) && there == file, "HSDS has no word for it");
                }
                _ => {}
            }
        }
    }
    let map = text(&export(&from.0, Format::GeoJson, Lang::Fr));
    assert_eq!(map.matches(&format!("\"ratified_on\":\"{ON}\"")).count(), 3);
}

#[test]
fn what_a_file_changes_goes_before_the_committee_again_until_it_is_undone() {
    let at = after_a_session();
    let before = export(&at.0, Format::Csv, Lang::Fr);
    // How to refer of the second; opening hours of the first.
    let changed = text(&before)
        .replace("English only", "Come")
        .replace("lun.–ven.", "lun.–sam.");
    let done = brought(&at.0, changed.as_bytes());
    assert_eq!((done.figures.updated, done.figures.created), (2, 0));
    let expected = [Ratification::Ratified, Ratification::Changed, Ratification::Ratified];
    assert_eq!(stand(&at.0), expected);
    assert_eq!(text(&export(&at.0, Format::Csv, Lang::Fr)).matches(ON).count(), 2);
    let undone = imports::undo(&at.0, &MECHANISM, done.import.expect("an import"), By::CommandLine).expect("undone");
    assert_eq!((undone.restored, undone.kept.len()), (2, 0));
    assert_eq!(stand(&at.0), ALL, "as it was");
    assert!(export(&at.0, Format::Csv, Lang::Fr) == before);
}
