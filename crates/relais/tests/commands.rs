//! The binary as it is run: every command in a folder of its own, its exit
//! code, and what it says in both languages.

mod place;

use std::io::Write as _;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::place::Place;

impl Place {
    /// Runs what must fail with this code; what it says.
    fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let out = self.run(arguments);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(out.stdout.is_empty(), "{arguments:?} wrote to standard output");
        said
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).expect("writes");
    }

    /// Runs with a line on standard input.
    fn told(&self, line: &str, arguments: &[&str]) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut input = child.stdin.take().expect("piped");
        // A command that fails before reading closes the pipe; its exit code says so.
        drop(writeln!(input, "{line}"));
        drop(input);
        child.wait_with_output().expect("it ends")
    }
}

const MAPPING: &str = r#"
source = "test-facilities"
key = ["Nom", "Région"]

[columns]
name = "Nom"
type = "Type"
region = "Région"
latitude = "Lat"
longitude = "Long"

[constants]
code_prefix = "T"
parent = "MINSANTE"
state_body = true
status = "published"
modes = ["on_site"]

[[types]]
values = ["Hôpital"]
kind = "HOSP"
services = ["MED.02", "MED.03"]
serves = "region"
"#;

const FACILITIES: &str = "Nom,Type,Région,Lat,Long\n\
    Hôpital inventé du Wouri,Hôpital,Littoral,4.05,9.70\n\
    Hôpital inventé de la Bénoué,Hôpital,Nord,9.30,13.39\n\
    Hôpital sans point,Hôpital,Centre,,\n\
    Hôpital égaré,Hôpital,Atlantide,1,2\n\
    Hôpital sans chiffre,Hôpital,Nord,neuf,13\n";

#[test]
fn a_deployment_is_set_up_used_and_verified() {
    let place = Place::new();
    let made = place.json(&["init", "--drill"]);
    assert_eq!(made["drill"], true);
    assert!(made["organisations"].as_u64().expect("a count") >= 50);
    assert!(place.path().join("relais-data/relais.sqlite").is_file());
    assert!(place.path().join("relais-keys").is_dir());

    // A second init touches nothing and says why.
    assert!(
        place
            .fails(1, &["init", "--lang", "en"])
            .contains("There is a database here already.")
    );

    let user = place.json(&[
        "user",
        "add",
        "a.test",
        "--organisation",
        "MINAS",
        "--name",
        "A. Test",
        "--role",
        "case_manager,supervisor",
    ]);
    assert_eq!(user["password"].as_str().map(str::len), Some(24));
    let taken = [
        "user",
        "add",
        "a.test",
        "--organisation",
        "MINAS",
        "--name",
        "B",
        "--role",
        "supervisor",
    ];
    assert!(place.fails(1, &taken).contains("est pris"));
    let users = place.json(&["user", "list"]);
    assert_eq!(users.as_array().map(Vec::len), Some(1));
    assert_eq!(users[0]["roles"], serde_json::json!(["case_manager", "supervisor"]));
    assert!(!users.to_string().contains("argon2"), "a hash of a password was shown");

    // Passwords: read, refused, changed.
    let add = [
        "user",
        "add",
        "b.test",
        "--organisation",
        "MINAS",
        "--name",
        "B. Test",
        "--role",
        "supervisor",
        "--password-stdin",
    ];
    assert_eq!(place.told("trop court", &add).status.code(), Some(1));
    assert_eq!(place.told("quatre mots sans lien aucun", &add).status.code(), Some(0));
    let change = ["user", "password", "b.test", "--password-stdin"];
    assert_eq!(place.told("b.test-b.test-b", &change).status.code(), Some(1));
    assert_eq!(
        place.told("encore quatre mots différents", &change).status.code(),
        Some(0)
    );

    // Tokens: given, taken back, known no more.
    let token = place.json(&["token", "add", "a.test", "--label", "essai", "--days", "3"]);
    let text = token["token"].as_str().expect("a token").to_owned();
    assert!(text.starts_with("relais_"));
    assert_eq!(place.told(&text, &["token", "revoke"]).status.code(), Some(0));
    assert_eq!(place.told("relais_AAAA", &["token", "revoke"]).status.code(), Some(1));

    assert_eq!(place.run(&["user", "close", "b.test"]).status.code(), Some(0));
    assert!(
        place
            .fails(1, &["user", "close", "b.test", "--lang=en"])
            .contains("closed already")
    );

    // Erasing wants a reason, a case, and somebody who may.
    let erase = |code, reason, by| ["case", "erase", code, "--reason", reason, "--by", by, "--lang", "en"];
    let said = place.fails(2, &erase("CM-000001-H", "because", "a.test"));
    assert!(said.contains("consent_withdrawn"), "{said}");
    assert!(
        place
            .fails(1, &erase("CM-000001-H", "request", "nobody"))
            .contains("No open account")
    );
    assert!(
        place
            .fails(1, &erase("CM-000001-H", "request", "a.test"))
            .contains("neither")
    );
    let officer = [
        "user",
        "add",
        "d.test",
        "--organisation",
        "MINAS",
        "--name",
        "D",
        "--role",
        "data_protection_officer",
    ];
    assert_eq!(place.run(&officer).status.code(), Some(0));
    assert!(
        place
            .fails(1, &erase("CM-000001-H", "request", "d.test"))
            .contains("No case")
    );

    // The clock of a drill goes forward only.
    let before = place.json(&["clock", "show"]);
    let after = place.json(&["clock", "set", "+2d"]);
    assert!(after["now"].as_str() > before["now"].as_str());
    assert!(place.fails(1, &["clock", "set", "2020-01-01"]).contains("futur"));
    place.fails(2, &["clock", "set", "demain"]);

    let agreement = [
        "agreement",
        "add",
        "--reference",
        "T-1",
        "--party",
        "MINAS",
        "--party",
        "FNE=2026-01-31",
        "--until",
        "2099-12-31",
    ];
    assert_eq!(place.run(&agreement).status.code(), Some(0));
    assert!(place.fails(1, &agreement).contains("existe déjà"));
    place.fails(1, &["agreement", "add", "--reference", "T-2", "--party", "NOBODY"]);
    place.fails(
        2,
        &[
            "agreement",
            "add",
            "--reference",
            "T-2",
            "--party",
            "MINAS",
            "--max",
            "S9",
        ],
    );
    place.json(&["agreement", "end", "T-1", "--party", "FNE"]);
    place.json(&["agreement", "end", "T-1"]);
    let agreements = place.json(&["agreement", "list"]);
    assert!(agreements[0]["denounced_on"].is_string());

    let verified = place.json(&["audit", "verify"]);
    assert_eq!(verified["findings"], serde_json::json!([]));
    assert!(
        verified["events"].as_u64().expect("a count") >= 10,
        "set-up acts left no events: {verified}"
    );
}

#[test]
fn an_import_reports_every_row_and_the_second_changes_nothing() {
    let place = Place::new();
    place.json(&["init"]);
    place.write("map.toml", MAPPING);
    place.write("list.csv", FACILITIES);
    let import = ["directory", "import", "list.csv", "--mapping", "map.toml"];
    let run = |more: &[&str]| {
        let out = place.run(&[&import[..], more, &["--format", "json"]].concat());
        let report = serde_json::from_slice::<Value>(&out.stdout)
            .unwrap_or_else(|e| panic!("{more:?}: {e}: {}", String::from_utf8_lossy(&out.stderr)));
        (out.status.code(), report)
    };
    let services = || place.json(&["directory", "list"]).as_array().map_or(0, Vec::len);
    let figures = |report: &Value, name: &str| report["figures"][name].as_u64().expect("a figure");

    // Dry: the same report, and nothing written.
    let events = place.json(&["audit", "verify"])["events"].clone();
    let (code, dry) = run(&["--dry-run"]);
    assert_eq!(code, Some(3), "rows were left aside");
    assert_eq!((figures(&dry, "created"), figures(&dry, "rejected")), (3, 2));
    assert_eq!(services(), 0);
    assert_eq!(place.json(&["audit", "verify"])["events"], events);

    let (code, first) = run(&["--report", "report.csv"]);
    assert_eq!(code, Some(3));
    assert_eq!(figures(&first, "rows"), 5);
    assert_eq!(
        (
            figures(&first, "created"),
            figures(&first, "rejected"),
            figures(&first, "region_only")
        ),
        (3, 2, 1)
    );
    assert_eq!(services(), 6, "two services for each of three hospitals");
    let wrong = &first["rows"][3]["problems"][0];
    assert_eq!(
        (wrong["column"].as_str(), wrong["value"].as_str()),
        (Some("Région"), Some("Atlantide"))
    );
    assert!(
        wrong["remedy"]["fr"].as_str().is_some_and(|r| r.contains("Littoral")),
        "{wrong}"
    );
    let report = std::fs::read_to_string(place.path().join("report.csv")).expect("a report");
    assert_eq!(report.lines().count(), 6, "{report}");

    let events = place.json(&["audit", "verify"])["events"].clone();
    let (_, second) = run(&[]);
    assert_eq!(
        (
            figures(&second, "created"),
            figures(&second, "updated"),
            figures(&second, "unchanged")
        ),
        (0, 0, 3)
    );
    assert_eq!(services(), 6);
    assert_eq!(
        place.json(&["audit", "verify"])["events"],
        events,
        "an import that changes nothing left an event"
    );

    // A row that changed is brought up to date under the same key.
    place.write("list.csv", &FACILITIES.replace("4.05,9.70", "4.06,9.71"));
    let (_, third) = run(&[]);
    assert_eq!(
        (
            figures(&third, "created"),
            figures(&third, "updated"),
            figures(&third, "unchanged")
        ),
        (0, 1, 2)
    );

    // A sound file ends with 0.
    place.write(
        "list.csv",
        &FACILITIES.lines().take(4).map(|l| format!("{l}\n")).collect::<String>(),
    );
    assert_eq!(run(&[]).0, Some(0));

    // What cannot be imported at all says why.
    place.write("list.csv", "Nom;Type\n");
    assert!(place.fails(1, &import).contains("Type"));
    place.write("map.toml", &MAPPING.replace("MED.02", "MED.99"));
    assert!(place.fails(1, &import).contains("MED.99"));
    place.fails(1, &["directory", "import", "absent.csv", "--mapping", "map.toml"]);
}

const SHELTERS: &str = r#"
source = "test-shelters"
key = ["No"]

[columns]
name = "Nom"
region = "Région"
latitude = "Lat"
longitude = "Long"
telephone = "Tel"

[constants]
code_prefix = "S"
state_body = false
status = "published"
modes = ["on_site"]

[[types]]
values = []
kind = "NNGO"
services = ["RCP.03"]
serves = "region"
confidential = true
"#;

#[test]
fn a_shelter_is_imported_sealed_listed_with_its_code_alone_and_given_another() {
    let place = Place::new();
    place.json(&["init", "--drill"]);
    place.write("map.toml", SHELTERS);
    place.write(
        "list.csv",
        "No,Nom,Région,Lat,Long,Tel\n7,Maison inventée du Figuier,Littoral,4.0517,9.7023,+237677120044\n",
    );
    let import = || place.json(&["directory", "import", "list.csv", "--mapping", "map.toml"])["figures"].clone();
    assert_eq!(import()["created"], 1);
    assert_eq!(import()["unchanged"], 1, "a sealed row is known again");

    // In no list but one, and nowhere in the database.
    assert_eq!(place.json(&["directory", "list"]), serde_json::json!([]));
    let listed = || place.json(&["directory", "confidential"]);
    let code = |list: &Value| list[0]["code"].as_str().expect("a code").to_owned();
    let first = listed();
    assert_eq!(first.as_array().map(Vec::len), Some(1), "{first}");
    assert_eq!(
        (&first[0]["service"], &first[0]["region"]),
        (&"RCP.03".into(), &"CM005".into())
    );
    assert!(
        first[0]["name"].as_str().is_some_and(|n| n.contains("Figuier")),
        "{first}"
    );
    for entry in std::fs::read_dir(place.path().join("relais-data")).expect("the data folder") {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("readable");
        for word in ["Figuier", "figuier", "4.0517", "677120044"] {
            assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
        }
    }

    // A code that leaked leads nowhere once another stands in its place.
    let old = code(&first);
    let new = place.json(&["directory", "confidential", "--renew", &old.replace(' ', "")]);
    assert_ne!(code(&new), old);
    assert_eq!(listed(), new);
    let refused = place.fails(1, &["directory", "confidential", "--renew", &old, "--lang", "en"]);
    assert!(refused.contains("No confidential service has this code."), "{refused}");

    // What the file says anew is brought up to date, and keeps its code.
    place.write(
        "list.csv",
        "No,Nom,Région,Lat,Long,Tel\n7,Maison inventée du Figuier,Littoral,4.0517,9.7023,+237677120045\n",
    );
    assert_eq!(import()["updated"], 1);
    assert_eq!(code(&listed()), code(&new));
    assert_eq!(listed()[0]["telephone"], "+237677120045");
    let table = String::from_utf8(place.run(&["directory", "confidential", "--lang", "fr"]).stdout).expect("text");
    assert!(table.contains(&code(&new)) && table.contains("TÉLÉPHONE"), "{table}");
    assert_eq!(place.json(&["audit", "verify"])["findings"], serde_json::json!([]));
}

#[test]
fn settings_are_read_from_file_environment_and_flags_in_this_order() {
    let place = Place::new();
    place.write("relais.toml", "data = \"from-file\"\nkeys = \"keys-file\"\n");
    place.json(&["init", "--config", "relais.toml"]);
    assert!(place.path().join("from-file/relais.sqlite").is_file());

    let by_environment = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        command
            .env("RELAIS_CONFIG", "relais.toml")
            .env("RELAIS_DATA", "from-env")
            .env("RELAIS_KEYS", "keys-env");
        command.output().expect("runs").status.code()
    };
    assert_eq!(by_environment(&["init"]), Some(0));
    assert!(place.path().join("from-env/relais.sqlite").is_file());
    assert_eq!(
        by_environment(&["init", "--data", "from-flag", "--keys", "keys-flag"]),
        Some(0)
    );
    assert!(place.path().join("from-flag/relais.sqlite").is_file());

    place.write("wrong.toml", "datta = \"x\"\n");
    assert!(
        place
            .fails(1, &["clock", "show", "--config", "wrong.toml", "--lang", "en"])
            .contains("datta")
    );
    assert!(
        place
            .fails(1, &["clock", "show", "--config", "absent.toml"])
            .contains("n’existe pas")
    );
}

#[test]
fn keys_are_refused_beside_the_data_and_without_their_passphrase() {
    let place = Place::new();
    assert!(
        place
            .fails(1, &["init", "--data", "d", "--keys", "d/keys"])
            .contains("un seul vol")
    );

    let with = |phrase: &str, arguments: &[&str]| {
        place
            .command(arguments)
            .env("RELAIS_PASSPHRASE", phrase)
            .output()
            .expect("runs")
            .status
            .code()
    };
    assert_eq!(with("une phrase de passe", &["init"]), Some(0));
    assert_eq!(with("une phrase de passe", &["clock", "show"]), Some(0));
    assert_eq!(with("une autre", &["clock", "show"]), Some(1));
    assert!(place.fails(1, &["clock", "show"]).contains("RELAIS_PASSPHRASE"));

    // A real deployment's clock is the world's.
    let set = with("une phrase de passe", &["clock", "set", "+1d"]);
    assert_eq!(set, Some(1));
}

#[test]
fn every_error_is_a_sentence_and_a_remedy_in_the_language_asked() {
    let place = Place::new();
    let french = place.fails(1, &["clock", "show"]);
    assert!(
        french.contains("Il n’y a pas de clés") && french.contains("relais init"),
        "{french}"
    );
    let english = place.fails(1, &["clock", "show", "--lang", "en"]);
    assert!(
        english.contains("There are no keys") && english.contains("relais init"),
        "{english}"
    );
    let machine = place
        .command(&["clock", "show"])
        .env("LANG", "en_GB.UTF-8")
        .output()
        .expect("runs");
    assert!(String::from_utf8_lossy(&machine.stderr).contains("There are no keys"));

    let json = place.fails(1, &["clock", "show", "--format", "json"]);
    let json: Value = serde_json::from_str(json.trim()).expect("JSON");
    assert!(json["error"].is_string() && json["remedy"].is_string());

    assert!(place.fails(2, &["dance"]).contains("n’existe pas"));
    assert!(
        place
            .fails(2, &["serve", "--dance", "--lang", "en"])
            .contains("not understood")
    );
    assert!(place.fails(2, &["user", "add"]).contains("Il manque"));
    assert!(place.fails(2, &["clock", "show", "--lang", "de"]).contains("fr, en"));
}

#[test]
fn the_mechanism_is_checked_shown_and_adopted() {
    let place = Place::new();
    assert_eq!(place.json(&["mechanism", "check"])["findings"], serde_json::json!([]));
    let shown = place.json(&["mechanism", "show"]);
    assert_eq!(shown["categories"].as_array().map(Vec::len), Some(17));

    // A folder with one fault: its file and line are named, the exit code is 1.
    place.mechanisms("own");
    let taxonomy = place.path().join("own/regional/taxonomy.toml");
    let text = std::fs::read_to_string(&taxonomy).expect("the taxonomy");
    std::fs::write(&taxonomy, text.replacen("\nen = ", "\nenn = ", 1)).expect("writes");
    let out = place.run(&["mechanism", "check", "--dir", "own", "--lang", "en"]);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(1), "{said}");
    assert!(
        said.contains("regional/taxonomy.toml:") && said.contains("Remedy:"),
        "{said}"
    );
    place.fails(1, &["init", "--dir", "own"]);
    assert!(
        !place.path().join("relais-data").exists(),
        "a broken mechanism left a database behind"
    );

    // A new version is adopted once.
    std::fs::write(&taxonomy, text).expect("writes");
    let header = place.path().join("own/cameroon/mechanism.toml");
    let text = std::fs::read_to_string(&header).expect("the header");
    place.json(&["init"]);
    std::fs::write(&header, text.replace("version = \"2026.1\"", "version = \"2026.2\"")).expect("writes");
    let adopted = place.json(&["mechanism", "adopt", "--dir", "own"]);
    assert_eq!(
        (adopted["adopted"].as_bool(), adopted["version"].as_str()),
        (Some(true), Some("cm-2026.2"))
    );
    assert_eq!(place.json(&["mechanism", "adopt", "--dir", "own"])["adopted"], false);
}
