//! The directory goes out and comes back the same; a file changes what it may;
//! what it changed goes back.

mod gate;
mod ratification;
mod sample;

use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;
use relais_acts::directory::imports::{self, Bring, Brought};
use relais_acts::directory::{self, By, Entries, Export, Format, Imported};
use relais_acts::entries::safeguards::{self, Noted, Paper};
use relais_acts::{Desk, problem::ActError};
use relais_interchange::directory::Mapping;
use relais_mechanism::{Lang, Mechanism};
use relais_network::ids::derived;
use relais_network::programme::programme_id;
use relais_network::{Safeguard, Service};
use relais_store::keyring::Unlock;
use relais_store::rows::imports as rows;
use relais_store::store::Location;
use relais_store::{Keyring, Options, Store, Tx};
use tempfile::TempDir;

use sample::{everything, service};

static MECHANISM: LazyLock<Mechanism> = LazyLock::new(|| Mechanism::embedded("cameroon").expect("the built-in one"));

/// When what is asked before entries are published was signed.
const SIGNED: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 5).expect("a day");

/// An empty database.
struct Place_(Store, #[expect(dead_code, reason = "goes with the database")] TempDir);

fn empty() -> Place_ {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let keyring = Keyring::create(&folder.path().join("keys"), None, &Unlock::File, true).expect("a keyring");
    let location = Location::Sqlite { folder: data };
    let store = Store::create(&location, Arc::new(keyring), Options::default(), true).expect("a store");
    Desk::adopt(&store, &MECHANISM).expect("adopted");
    Place_(store, folder)
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).expect("a day")
}

fn filled() -> Place_ {
    let place = empty();
    directory::put_bodies(&place.0, &MECHANISM, By::CommandLine).expect("bodies");
    directory::put(&place.0, everything(), "test", By::CommandLine).expect("put");
    place
}

fn export(store: &Store, format: Format, lang: Lang) -> Vec<u8> {
    let asked = Export {
        format,
        lang,
        region: None,
    };
    directory::export_all(store, &MECHANISM, &asked, day(30))
        .expect("exported")
        .bytes
}

fn bring(store: &Store, bytes: &[u8], mapping: &Mapping, dry_run: bool) -> Result<Brought, ActError> {
    let asked = Bring {
        bytes,
        mapping,
        dry_run,
        by: By::CommandLine,
        lang: Lang::Fr,
    };
    imports::bring(store, &MECHANISM, &asked, &mut |_, _| ())
}

fn brought(store: &Store, bytes: &[u8]) -> Brought {
    bring(store, bytes, &Mapping::default(), false).expect("brought in")
}

/// The codes of the organisations that offer something, or of the one of this name.
fn codes(store: &Store, name: &str) -> Vec<String> {
    let listed = directory::list(store, &MECHANISM, Lang::Fr).expect("listed");
    let named = listed.into_iter().filter(|l| name.is_empty() || l.name == name);
    let codes: std::collections::BTreeSet<String> = named.map(|l| l.organisation).collect();
    codes.into_iter().collect()
}

/// Notes that organisations signed all that is asked, and publishes what waited for it.
fn sign(store: &Store, codes: &[String]) -> Noted {
    let paper = |safeguard: &Safeguard| Paper {
        safeguard: *safeguard,
        on: Some(SIGNED),
        until: None,
        withdrawn_on: None,
        paper: "Lettre 12".to_owned(),
    };
    let papers: Vec<Paper> = Safeguard::ALL.iter().map(paper).collect();
    safeguards::sign_by_code(store, &MECHANISM, codes, &papers, true).expect("signed")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

#[test]
fn what_goes_out_comes_back_and_goes_out_the_same() {
    let from = filled();
    for (format, lang) in [
        (Format::Xlsx, Lang::Fr),
        (Format::Xlsx, Lang::En),
        (Format::Csv, Lang::Fr),
        (Format::Csv, Lang::En),
        (Format::Hsds, Lang::Fr),
        (Format::Hsds, Lang::En),
    ] {
        let file = export(&from.0, format, lang);
        let to = empty();
        let done = brought(&to.0, &file);
        let said = || serde_json::to_string_pretty(&done).expect("a report");
        assert_eq!(done.figures.rejected, 0, "{format} {lang:?}: {}", said());
        assert!(done.figures.created > 30, "{format} {lang:?}");
        // Nobody has signed there: nothing is published before.
        let nothing = export(&to.0, Format::GeoJson, lang);
        assert!(!text(&nothing).contains("Feature\""), "{}", text(&nothing));
        let noted = sign(&to.0, &codes(&to.0, ""));
        assert_eq!(noted.published, done.figures.held, "{format} {lang:?}");
        assert!(noted.published > 30);
        assert!(
            export(&to.0, format, lang) == file,
            "{format} {lang:?} comes back another"
        );
        // HSDS carries each text as it is: what came by it is the same in every format.
        if format == Format::Hsds {
            for other in Format::ALL {
                assert!(export(&to.0, *other, lang) == export(&from.0, *other, lang), "{other}");
            }
        }
        let again = brought(&to.0, &file);
        assert_eq!(
            (again.figures.unchanged, again.figures.lines, again.figures.held),
            (done.figures.lines, done.figures.lines, 0)
        );
        assert!(
            brought(&from.0, &file).figures.unchanged == done.figures.lines,
            "nothing of it is new where it came from"
        );
    }
}

#[test]
fn a_formula_is_text_in_every_format() {
    let from = filled();
    let csv = text(&export(&from.0, Format::Csv, Lang::Fr));
    for line in csv.lines() {
        for cell in line.split(';') {
            let cell = cell.trim_matches('"');
            let number = cell.parse::<f64>().is_ok();
            assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t']), "{cell}");
        }
    }
    assert!(csv.contains("'=1+1") && csv.contains("'+237"), "{csv}");
}

#[test]
fn nothing_unpublished_goes_out_and_a_file_changes_nothing_of_it() {
    let from = filled();
    for format in [Format::Csv, Format::GeoJson, Format::Hsds] {
        let said = text(&export(&from.0, format, Lang::Fr));
        assert!(!said.contains("BROUILLON") && !said.contains("\"S4\""), "{format}");
    }
    // One that names it by its id is told the same as for what is confidential.
    let of = |key: &str| derived("service", "test", key);
    let line =
        |id: uuid::Uuid| format!("Code de l’organisation;Code du service;Identifiant du service\nASSO;MED.02;{id}\n");
    let done = brought(&from.0, line(of("S4")).as_bytes());
    assert_eq!(done.rows[0].problems[0].cause, "not_yours_to_change");
    let shelter = "Code de l’organisation;Code du service\nASSO;RCP.03\n";
    let done = brought(&from.0, shelter.as_bytes());
    assert_eq!(done.rows[0].problems[0].cause, "confidential");
}

#[test]
fn an_import_is_undone_whole_but_for_what_was_changed_since() {
    let at = filled();
    let before = export(&at.0, Format::Hsds, Lang::Fr);
    let csv = text(&export(&at.0, Format::Csv, Lang::Fr));
    let changed = csv.replace("lun.–ven.", "lun.–sam.").replace("English only", "Come");
    let new = format!(
        "{changed}{}",
        csv.lines()
            .find(|l| l.starts_with("ASSO;") && l.contains(";INF.01;"))
            .expect("a line")
            .replace(&derived("service", "test", "+S3").to_string(), "")
    );
    let dry = bring(&at.0, new.as_bytes(), &Mapping::default(), true).expect("a dry run");
    assert_eq!(
        (dry.figures.created, dry.figures.updated, dry.figures.rejected),
        (1, 2, 0)
    );
    assert!(
        export(&at.0, Format::Hsds, Lang::Fr) == before,
        "a dry run writes nothing"
    );
    let done = brought(&at.0, new.as_bytes());
    assert_eq!((done.figures.created, done.figures.updated), (1, 2));
    assert!(text(&export(&at.0, Format::Hsds, Lang::Fr)).contains("lun.–sam."));
    let import = done.import.expect("an import");

    // Somebody changes one of the two: it stays.
    let mut second = everything().services.remove(1);
    second.how_to_refer.en = "Changed by hand".to_owned();
    let entries = Entries {
        services: vec![second],
        ..Entries::default()
    };
    directory::put(&at.0, entries, "test", By::CommandLine).expect("changed");
    let undone = imports::undo(&at.0, &MECHANISM, import, By::CommandLine).expect("undone");
    assert_eq!((undone.restored, undone.archived), (1, 1));
    let kept: Vec<(&str, &str)> = undone.kept.iter().map(|k| (k.reason, k.name.fr.as_str())).collect();
    assert_eq!(kept, [("changed_since", "S2, \"deux\"")]);
    let now = text(&export(&at.0, Format::Hsds, Lang::Fr));
    assert!(now.contains("Changed by hand") && !now.contains("lun.–sam."));

    // Put back by hand, it is as it was before the import.
    let entries = Entries {
        services: vec![everything().services.remove(1)],
        ..Entries::default()
    };
    directory::put(&at.0, entries, "test", By::CommandLine).expect("put back");
    assert!(export(&at.0, Format::Hsds, Lang::Fr) == before);
    // Brought in again, what was archived comes back.
    let again = brought(&at.0, new.as_bytes());
    assert_eq!((again.figures.created, again.figures.updated), (0, 3));
    let undone = imports::undo(&at.0, &MECHANISM, again.import.expect("an import"), By::CommandLine).expect("undone");
    assert_eq!((undone.restored, undone.kept.len()), (3, 0));
    assert!(export(&at.0, Format::Hsds, Lang::Fr) == before);
    let refused = imports::undo(&at.0, &MECHANISM, again.import.expect("an import"), By::CommandLine);
    assert!(matches!(refused, Err(ActError::Refused { .. })));
}

#[test]
fn what_an_import_keeps_of_an_organisation_with_a_shelter_is_sealed() {
    let at = filled();
    let csv = text(&export(&at.0, Format::Csv, Lang::Fr)).replace("English only", "Come");
    let import = brought(&at.0, csv.as_bytes()).import.expect("an import");
    let kept = |at: &Place_| {
        at.0.read_blocking(move |tx: &mut Tx<'_>| rows::entries_of(tx, import))
            .expect("read")
    };
    assert!(kept(&at)[0].body.contains("English only"), "in clear, like the entry");
    let shelter = Service {
        confidential: true,
        ..service("abri", "ASSO", "P2", "RCP.03")
    };
    let entries = Entries {
        services: vec![shelter],
        ..Entries::default()
    };
    directory::put(&at.0, entries, "test", By::CommandLine).expect("a shelter");
    let sealed = kept(&at);
    assert!(
        sealed[0].body.is_empty() && sealed[0].hidden.is_some(),
        "sealed with the entry"
    );
    let undone = imports::undo(&at.0, &MECHANISM, import, By::CommandLine).expect("undone");
    assert_eq!((undone.restored, undone.kept.len()), (1, 0));
    let csv = text(&export(&at.0, Format::Csv, Lang::Fr));
    assert!(csv.contains("English only") && !csv.contains("abri"));
}

#[test]
fn a_file_makes_programmes_that_nobody_knows_and_undoing_it_takes_them_away() {
    let at = filled();
    let before = export(&at.0, Format::Hsds, Lang::Fr);
    assert!(text(&before).contains("\"program_id\"") && !text(&before).contains("PROJ-3"));
    let head = "Code de l’organisation;Code du service;Nom du service (français);Programmes;Financement jusqu’au;Bailleurs;Porteur du programme";
    let new = format!(
        "{head}\nASSO;VTC.03;Couture;NEUF-1 | PROJ-1;31/12/2026;AGENCE; MIN-X\nASSO;VTC.04;Bois;NEUF-1;bientôt;;\n\
         ASSO;VTC.05;Fer;PROJ-3;;;\nASSO;VTC.06;Cuir;un code faux;;;\n"
    );
    let done = brought(&at.0, new.as_bytes());
    let said: Vec<(&str, Vec<&str>)> = done
        .rows
        .iter()
        .map(|r| (r.result, r.problems.iter().map(|p| p.cause.as_str()).collect()))
        .collect();
    let expected = [
        ("created", vec![]),
        // Made by the line above: its day is not read again.
        ("created", vec![]),
        ("rejected", vec!["not_yours_to_change"]),
        ("rejected", vec!["field"]),
    ];
    assert_eq!(said, expected);
    let after = text(&export(&at.0, Format::Hsds, Lang::Fr));
    for told in [
        "\"until\":\"2026-12-31\"",
        "Bailleurs\u{a0}: AGENCE, jusqu’au 2026-12-31",
        "NEUF-1",
    ] {
        assert!(after.contains(told), "{told}");
    }
    let undone = imports::undo(&at.0, &MECHANISM, done.import.expect("an import"), By::CommandLine).expect("undone");
    assert_eq!(undone.kept.len(), 0);
    assert!(export(&at.0, Format::Hsds, Lang::Fr) == before);
    // One that pays for something by then stays.
    let again = brought(&at.0, new.as_bytes());
    let mut second = everything().services.remove(1);
    second.programmes.push(programme_id("NEUF-1"));
    let entries = Entries {
        services: vec![second],
        ..Entries::default()
    };
    directory::put(&at.0, entries, "test", By::CommandLine).expect("changed");
    let undone = imports::undo(&at.0, &MECHANISM, again.import.expect("an import"), By::CommandLine).expect("undone");
    let kept: Vec<(&str, &str)> = undone.kept.iter().map(|k| (k.kind.as_str(), k.reason)).collect();
    assert_eq!(kept, [("programme", "in_use")]);
}

#[test]
fn a_partners_file_is_read_by_a_mapping_that_is_kept() {
    let at = filled();
    let mapping = Mapping::from_json(
        r#"{"source": "ong", "columns": {"Partner": "organisation_fr", "Activity": "service_type", "Admin1": "region",
            "Admin2": "department", "Tel": "telephone_1", "Budget": "-"},
            "values": {"service_type": {"Sewing": "VTC.02"}}, "constants": {"kind": "INGO", "modes": "mobile"}}"#,
    )
    .expect("a mapping");
    imports::save_mapping(&at.0, "ONG 4W", &mapping).expect("kept");
    assert_eq!(imports::mappings(&at.0).expect("names"), ["ONG 4W"]);
    let mapping = imports::mapping(&at.0, "ONG 4W").expect("the mapping");
    let file = "Plan 2026,,,,,\nPartner,Activity,Admin1,Admin2,Tel,Budget\nAide Essai,Sewing,Littoral,Wouri,677000001,9\n\
                Aide Essai,Fishing,Littoral,Wouri,677000001,9\nAide Essai,Sewing,Littoral,Bénoué,,\n";
    let done = bring(&at.0, file.as_bytes(), &mapping, false).expect("brought in");
    let said: Vec<(usize, &str, Vec<&str>)> = done
        .rows
        .iter()
        .map(|r| (r.line, r.result, r.problems.iter().map(|p| p.cause.as_str()).collect()))
        .collect();
    let expected = [
        (3, "created", vec![]),
        (4, "rejected", vec!["unknown_word"]),
        (5, "rejected", vec!["unknown_place"]),
    ];
    assert_eq!(said, expected);
    let again = bring(&at.0, file.as_bytes(), &mapping, false).expect("brought in");
    assert_eq!(
        (again.figures.unchanged, again.figures.rejected),
        (1, 2),
        "twice makes it once"
    );
    assert_eq!(
        (done.figures.held, again.figures.held),
        (1, 1),
        "it waits for a signature"
    );
    assert!(!text(&export(&at.0, Format::Hsds, Lang::Fr)).contains("Aide Essai"));
    assert_eq!(
        sign(&at.0, &codes(&at.0, "Aide Essai")),
        Noted { noted: 1, published: 1 }
    );
    let hsds = text(&export(&at.0, Format::Hsds, Lang::Fr));
    assert!(hsds.contains("Aide Essai") && hsds.contains("\"mobile\""));
    assert!(imports::mapping(&at.0, "autre").is_err());
}

#[test]
fn hsds_of_others_is_read_by_its_own_words() {
    let at = filled();
    let file = r#"{"contents": [{"id": "0192f5a0-0000-7000-8000-000000000001", "name": "Sewing", "status": "active",
        "phones": null, "languages": [{"id": "x", "code": "fr"}],
        "organization": {"id": "0192f5a0-0000-7000-8000-000000000002", "name": "Aide Essai", "description": "x"},
        "attributes": [{"id": "y", "taxonomy_term": {"id": "z", "code": "E-4", "name": "Tailoring", "description": ""}}],
        "service_at_locations": [{"id": "0192f5a0-0000-7000-8000-000000000003", "location": {
            "id": "0192f5a0-0000-7000-8000-000000000004", "location_type": "physical", "name": "Centre",
            "latitude": 4.05, "longitude": 9.7, "addresses": [{"city": "Douala", "state_province": "Littoral"}]}}]}]}"#;
    let plain = Mapping {
        constants: [("kind".to_owned(), "INGO".to_owned())].into(),
        ..Mapping::default()
    };
    let done = bring(&at.0, file.as_bytes(), &plain, false).expect("read");
    assert_eq!(
        (done.rows[0].result, done.rows[0].problems[0].value.as_str()),
        ("rejected", "E-4")
    );
    let mapped = Mapping {
        values: [(
            "service_type".to_owned(),
            [("E-4".to_owned(), "VTC.02".to_owned())].into(),
        )]
        .into(),
        ..plain
    };
    let done = bring(&at.0, file.as_bytes(), &mapped, false).expect("read");
    assert_eq!(done.rows[0].result, "created", "{:?}", done.rows[0].problems);
    assert_eq!(sign(&at.0, &codes(&at.0, "Aide Essai")).published, 1);
    let csv = text(&export(&at.0, Format::Csv, Lang::Fr));
    assert!(csv.contains("Aide Essai") && csv.contains("Douala"), "{csv}");
}

#[test]
fn lines_that_disagree_or_repeat_are_told() {
    let at = filled();
    let head =
        "Code de l’organisation;Organisation (français);Type d’organisation;Code du service;Nom du service (français)";
    let file = format!(
        "{head}\nN-1;Nouvelle;PRIV;EMP.01;Un\nN-1;Autre nom;PRIV;EMP.01;Deux\nN-1;Nouvelle;PRIV;EMP.01;Un\n;;;;\nN-2;;PRIV;EMP.01;\n"
    );
    let done = brought(&at.0, file.as_bytes());
    let causes: Vec<(usize, Vec<&str>)> = done
        .rows
        .iter()
        .map(|r| (r.line, r.problems.iter().map(|p| p.cause.as_str()).collect()))
        .collect();
    assert_eq!(
        causes[..3],
        [(2, vec![]), (3, vec!["contradicts"]), (4, vec!["repeats"])]
    );
    assert_eq!((done.figures.created, done.figures.rejected), (1, 3), "{causes:?}");
}

#[test]
fn a_list_of_facilities_is_undone_too() {
    let at = filled();
    sign(&at.0, &["MINSANTE".to_owned()]);
    let before = export(&at.0, Format::Hsds, Lang::Fr);
    let done = facilities(&at.0, false);
    assert_eq!(done.figures.held, 0, "the ministry has signed");
    assert!(done.figures.created > 0, "{:?}", done.figures);
    let import = done.import.expect("an import");
    assert!(export(&at.0, Format::Hsds, Lang::Fr) != before);
    assert!(
        imports::all(&at.0)
            .expect("listed")
            .iter()
            .any(|i| i.id == import && i.facilities)
    );
    let undone = imports::undo(&at.0, &MECHANISM, import, By::CommandLine).expect("undone");
    assert!(undone.kept.is_empty() && undone.archived > 0);
    assert!(export(&at.0, Format::Hsds, Lang::Fr) == before);
}

/// Brings in a list of facilities, all of them under MINSANTE.
fn facilities(store: &Store, dry_run: bool) -> Imported {
    let rules = relais_network::import::Mapping::from_toml(include_str!(
        "../../../../mechanisms/cameroon/mappings/health-facilities.toml"
    ))
    .expect("the mapping");
    let list = include_str!("../../../../tests/crash/services.csv");
    let by = By::CommandLine;
    directory::import(store, &MECHANISM, list.as_bytes(), &rules, dry_run, by, &mut |_, _| ()).expect("imported")
}
