//! `mechanism new` and `mechanism diff` as they are run: a second country from
//! a file of facts, its documents, and what parts it from the first.

mod place;

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::place::Place;

const FACTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/senegal.toml");

impl Place {
    /// Senegal, in the folder "m".
    fn senegal(&self) -> (String, String) {
        self.said(0, &["mechanism", "new", "sn", "--dir", "m", "--facts", FACTS])
    }

    fn rendered(&self, name: &str, lang: &str, layer: &[&str]) -> String {
        let render = [
            "documents",
            "render",
            "DOC10",
            "--lang",
            lang,
            "--as",
            "html",
            "-o",
            name,
        ];
        self.said(0, &[&render[..], layer].concat());
        std::fs::read_to_string(self.path().join(name)).expect("reads")
    }

    /// Every file under a folder with its text.
    fn files(&self, folder: &str) -> Vec<(PathBuf, String)> {
        fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    walk(&path, found);
                } else {
                    let text = std::fs::read_to_string(&path).expect("reads");
                    found.push((path, text));
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.path().join(folder), &mut found);
        found.sort();
        found
    }
}

const SENEGAL: [&str; 4] = ["--dir", "m", "--country", "sn"];

#[test]
fn a_second_country_passes_the_check_at_once() {
    let place = Place::new();
    let (said, _) = place.senegal();
    assert!(said.contains("Sénégal") && said.contains("sn/places.toml"), "{said}");
    // What nobody gave is said to be missing, in so many words.
    assert!(said.contains("raci.toml") && said.contains("bridges.toml"), "{said}");
    assert!(!said.contains("bodies.toml)"), "{said}");

    let (said, _) = place.said(0, &[&["mechanism", "check"][..], &SENEGAL].concat());
    assert!(said.contains("Rien à redire"), "{said}");
    let (said, _) = place.said(0, &[&["mechanism", "show"][..], &SENEGAL].concat());
    assert!(said.contains("Sénégal") && said.contains("sn-0.1"), "{said}");
    let shown = place.json(&[&["mechanism", "show"][..], &SENEGAL].concat());
    assert_eq!(shown["country"], "SN");
    assert_eq!(shown["regions"].as_array().map(Vec::len), Some(14));
    assert!(place.path().join("m/regional/taxonomy.toml").is_file());
    // The first country stays what it was.
    place.said(0, &["mechanism", "check"]);
}

#[test]
fn its_documents_name_it_alone_and_hold_its_deadline() {
    let place = Place::new();
    place.senegal();
    let page = place.rendered("sn.html", "fr", &SENEGAL);
    assert!(page.contains("Sénégal"), "the country is not named");
    assert!(page.contains("4\u{a0}jours ouvrables"), "its deadline is not there");
    for other in ["Cameroun", "camerounais", "GECAM", "MINAS"] {
        let near = page.split_once(other).map(|(before, after)| {
            let length = before.chars().count();
            let nearby = before.chars().skip(length.saturating_sub(120));
            nearby.chain(after.chars().take(60)).collect::<String>()
        });
        assert_eq!(near, None, "{other}");
    }
    let page = place.rendered("sn-en.html", "en", &SENEGAL);
    let plain = page.replace('\u{a0}', " ");
    assert!(plain.contains("Senegal") && plain.contains("4 working days"));
    assert!(!page.contains("Cameroon"));

    let first = place.rendered("cm.html", "fr", &[]);
    assert!(first.contains("Cameroun") && !first.contains("4\u{a0}jours ouvrables"));
}

#[test]
fn what_parts_two_countries_is_told_to_people_and_programs() {
    let place = Place::new();
    place.senegal();
    let (said, _) = place.said(0, &["mechanism", "diff", "cm", "m:sn", "--lang", "fr"]);
    let line = said.lines().find(|l| l.starts_with("P3 – accuser réception"));
    let line = line.unwrap_or_else(|| panic!("no deadline in {said}"));
    assert!(
        line.contains("2 jours ouvrables") && line.contains("4 jours ouvrables"),
        "{line}"
    );
    let (said, _) = place.said(0, &["mechanism", "diff", "cameroon", "m:sn", "--lang", "en", "--all"]);
    assert!(said.contains("2 working days") && said.contains("Matam"), "{said}");

    let value = place.json(&["mechanism", "diff", "cm", "m:sn"]);
    assert_eq!(value["new"]["version"], "sn-0.1");
    let changes = value["changes"].as_array().expect("a list");
    let of = |kind: &str| changes.iter().filter(|c| c["kind"] == kind).collect::<Vec<_>>();
    let deadlines = of("deadline");
    assert_eq!(deadlines.len(), 1, "{deadlines:?}");
    assert_eq!(deadlines[0]["code"], "P3 acknowledge");
    assert_eq!(deadlines[0]["old"], "2 wd");
    assert_eq!(deadlines[0]["new"], "4 wd");
    assert!(!of("place").is_empty() && !of("body").is_empty());
    // The regional model is the same: nothing of it is told but words that named a country.
    for kind in [
        "category",
        "service",
        "sharing",
        "role",
        "indicator",
        "stage",
        "section",
    ] {
        assert!(of(kind).is_empty(), "{kind}: {:?}", of(kind));
    }

    let (said, _) = place.said(0, &["mechanism", "diff", "m:sn", "m:sn", "--lang", "en"]);
    assert!(said.contains("the same text"), "{said}");
    let (_, wrong) = place.said(2, &["mechanism", "diff", "cm", "atlantis", "--lang", "en"]);
    assert!(wrong.contains("atlantis") && wrong.contains("DIR:COUNTRY"), "{wrong}");
    let (_, wrong) = place.said(1, &["mechanism", "diff", "cm", "m:atlantis"]);
    assert!(wrong.contains("atlantis"), "{wrong}");
}

#[test]
fn a_folder_that_is_there_is_never_written_over() {
    let place = Place::new();
    place.senegal();
    let before = place.files("m");
    let again = ["mechanism", "new", "sn", "--dir", "m", "--facts", FACTS];
    let (said, wrong) = place.said(1, &again);
    assert!(said.is_empty(), "{said}");
    assert!(wrong.contains("existe déjà") && wrong.contains("--dir"), "{wrong}");
    let (_, wrong) = place.said(1, &[&again[..], &["--format", "json"]].concat());
    let told: Value = serde_json::from_str(&wrong).expect("JSON");
    assert!(
        told["error"].is_string() && told["remedy"].is_string() && told["code"] == 1,
        "{told}"
    );
    assert_eq!(place.files("m"), before);

    // A third country is laid on the regional model that stands there.
    let third = [
        "mechanism",
        "new",
        "gn",
        "--name-fr",
        "Guinée",
        "--name-en",
        "Guinea",
        "--dir",
        "m",
        "--fallback",
        "115",
    ];
    place.said(0, &third);
    place.said(0, &["mechanism", "check", "--dir", "m", "--country", "gn"]);
    let of_regional = |files: Vec<(PathBuf, String)>| -> Vec<(PathBuf, String)> {
        let in_regional = |path: &Path| path.components().any(|c| c.as_os_str() == "regional");
        files.into_iter().filter(|(path, _)| in_regional(path)).collect()
    };
    assert_eq!(of_regional(place.files("m")), of_regional(before));
    // Asked to copy another one over it, it refuses.
    let (_, wrong) = place.said(
        1,
        &[
            "mechanism",
            "new",
            "ml",
            "--name-fr",
            "Mali",
            "--name-en",
            "Mali",
            "--dir",
            "m",
            "--fallback",
            "15",
            "--from",
            "regional",
        ],
    );
    assert!(wrong.contains("regional"), "{wrong}");
    assert!(!place.path().join("m/ml").exists());
}

#[test]
fn what_is_not_given_is_not_made_up_where_it_could_harm() {
    let place = Place::new();
    let bare = [
        "mechanism",
        "new",
        "gn",
        "--name-fr",
        "Guinée",
        "--name-en",
        "Guinea",
        "--dir",
        "m",
    ];
    let (_, wrong) = place.said(2, &bare);
    assert!(wrong.contains("--fallback"), "{wrong}");
    assert!(!place.path().join("m").exists(), "something was written");
    let (said, _) = place.said(0, &[&bare[..], &["--fallback", "115"]].concat());
    for missing in ["fuseau horaire", "régions", "jours fériés", "monnaie", "numérotation"] {
        assert!(said.contains(missing), "{missing} in {said}");
    }
    let header = std::fs::read_to_string(place.path().join("m/gn/mechanism.toml")).expect("reads");
    assert!(header.contains("# [P]"), "{header}");
    // A mobile number of a country whose plan is unknown is never shown as an office line.
    assert!(header.contains("mobile = true"), "{header}");
}

#[test]
fn what_is_wrong_is_said_before_anything_is_written() {
    let place = Place::new();
    let facts = std::fs::read_to_string(FACTS).expect("reads");
    let with = |name: &str, from: &str, to: &str| {
        assert!(facts.contains(from), "{from}");
        std::fs::write(place.path().join(name), facts.replacen(from, to, 1)).expect("writes");
    };
    with("key.toml", "chief_town = \"Dakar\"", "chieftown = \"Dakar\"");
    with("span.toml", "acknowledge = \"4 wd\"", "acknowledge = \"four days\"");
    with("order.toml", "acknowledge = \"4 wd\"", "acknowledge = \"9 wd\"");
    with("region.toml", "region = \"SN13\"", "region = \"SN99\"");
    for (name, told) in [
        ("key.toml", "chieftown"),
        ("span.toml", "four days"),
        ("order.toml", "P3"),
        ("region.toml", "SN99"),
        ("absent.toml", "absent.toml"),
    ] {
        let (_, wrong) = place.said(1, &["mechanism", "new", "sn", "--dir", "m", "--facts", name]);
        assert!(wrong.contains(told), "{name}: {wrong}");
        assert!(!place.path().join("m").exists(), "{name}: something was written");
    }
    for code in ["SN", "regional", "s/n", "é"] {
        let (_, wrong) = place.said(2, &["mechanism", "new", code, "--dir", "m", "--facts", FACTS]);
        assert!(wrong.contains(code), "{wrong}");
        assert!(!place.path().join("m").exists(), "{code}: something was written");
    }
}
