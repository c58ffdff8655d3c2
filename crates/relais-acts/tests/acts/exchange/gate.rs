//! What a list publishes waits until its organisations have signed.

use relais_network::{Missing, Organisation, OrganisationKind, Safeguards};

use super::sample::organisation;
use super::*;

#[test]
fn a_list_whose_ministry_signed_nothing_comes_in_as_checked_and_is_published_by_its_signature() {
    let at = filled();
    let before = export(&at.0, Format::Hsds, Lang::Fr);
    let dry = facilities(&at.0, true);
    let done = facilities(&at.0, false);
    let rows = done.figures.created;
    assert!(rows > 0);
    assert_eq!(
        (dry.figures.held, done.figures.held),
        (rows, rows),
        "a dry run says it too"
    );
    for row in done.rows.iter().filter(|r| r.result == "created") {
        assert_eq!(row.held, [Missing::ConductUnsigned], "{}", row.name);
        assert!(row.remarks.iter().any(|r| r.en.starts_with("Not published yet")));
    }
    assert!(export(&at.0, Format::Hsds, Lang::Fr) == before, "none of it is offered");
    let again = facilities(&at.0, false);
    assert_eq!(
        (again.figures.unchanged, again.figures.held),
        (rows, 0),
        "twice makes it once"
    );

    // One signature, of the ministry, covers all of them.
    let waits = safeguards::unsigned_by_code(&at.0, &MECHANISM, Lang::Fr).expect("listed");
    let ministry = waits.iter().find(|w| w.code == "MINSANTE").expect("it is to sign");
    assert!(ministry.waiting >= rows && ministry.exposed == 0);
    assert_eq!(ministry.missing, [Missing::ConductUnsigned]);
    let noted = sign(&at.0, &["MINSANTE".to_owned()]);
    assert_eq!((noted.noted, noted.published), (1, ministry.waiting));
    assert!(export(&at.0, Format::Hsds, Lang::Fr) != before);
    assert_eq!(
        sign(&at.0, &["MINSANTE".to_owned()]),
        Noted::default(),
        "twice changes nothing"
    );

    // That it was published does not keep an import from being undone whole.
    let undone = imports::undo(&at.0, &MECHANISM, done.import.expect("an import"), By::CommandLine).expect("undone");
    assert!(undone.kept.is_empty() && undone.archived > 0, "{:?}", undone.kept);
    assert!(export(&at.0, Format::Hsds, Lang::Fr) == before);
}

#[test]
fn a_list_brings_nothing_of_what_was_signed_and_takes_nothing_of_it() {
    let at = filled();
    let csv = text(&export(&at.0, Format::Csv, Lang::Fr)).replace("English only", "Come");
    assert!(!csv.contains("Lettre"), "no paper goes out: {csv}");
    let done = brought(&at.0, csv.as_bytes());
    assert_eq!((done.figures.updated, done.figures.held), (1, 0));
    // The same organisation as the list of its source writes it, without papers.
    let bare = Organisation {
        safeguards: Safeguards::default(),
        telephone: Some("+237 2 33 00 00 09".to_owned()),
        ..organisation("ASSO", "Association", OrganisationKind::Association)
    };
    let entries = Entries {
        organisations: vec![(bare, None)],
        ..Entries::default()
    };
    let tally = directory::put(&at.0, entries, "test", By::CommandLine).expect("put");
    assert_eq!(tally.updated, 1);
    let waits = safeguards::unsigned_by_code(&at.0, &MECHANISM, Lang::Fr).expect("listed");
    assert!(waits.iter().all(|w| w.code != "ASSO"), "{waits:?}");
}
