//! A second country from its facts to its demonstration: the mechanism that `mechanism
//! new` writes passes the check, its documents hold its deadline, its demonstration is
//! served with its places and numbers, and nothing of it is Cameroon's.

mod place;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::place::Place;

const FACTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/examples/senegal.toml");
const SENEGAL: [&str; 4] = ["--dir", "m", "--country", "sn"];

/// A served demonstration, ended when the test ends.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Place {
    /// Senegal, with one time limit that is not the example's.
    fn senegal(&self) {
        let facts = std::fs::read_to_string(FACTS).expect("reads");
        let (from, to) = ("acknowledge = \"4 wd\"", "acknowledge = \"3 wd\"");
        assert!(facts.contains(from), "the example has another limit");
        std::fs::write(self.path().join("facts.toml"), facts.replacen(from, to, 1)).expect("writes");
        self.said(0, &["mechanism", "new", "sn", "--dir", "m", "--facts", "facts.toml"]);
    }

    fn served(&self) -> (Served, Value) {
        let arguments = [
            &["demo", "--cases", "16", "--listen", "127.0.0.1:0", "--format", "json"][..],
            &SENEGAL,
        ];
        let mut command = self.command(&arguments.concat());
        let mut served = Served(command.stdout(Stdio::piped()).spawn().expect("the binary runs"));
        let mut line = String::new();
        BufReader::new(served.0.stdout.take().expect("piped"))
            .read_line(&mut line)
            .expect("a line");
        (
            served,
            serde_json::from_str(&line).expect("one JSON object before serving"),
        )
    }
}

fn get(address: &str, path: &str, token: Option<&str>) -> String {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = agent.get(format!("{address}{path}"));
    if let Some(token) = token {
        request = request.header("authorization", &format!("Bearer {token}"));
    }
    let mut answer = request.call().expect("an answer");
    assert_eq!(answer.status().as_u16(), 200, "{path}");
    answer.body_mut().read_to_string().expect("text")
}

#[test]
fn from_its_facts_to_its_demonstration_nothing_is_another_countrys() {
    let place = Place::new();
    place.senegal();
    place.said(0, &[&["mechanism", "check"][..], &SENEGAL].concat());

    let render = ["documents", "render", "DOC10", "--lang", "fr", "-o", "sop.html"];
    place.said(0, &[&render[..], &SENEGAL].concat());
    let sop = std::fs::read_to_string(place.path().join("sop.html")).expect("reads");
    assert!(sop.contains("Sénégal") && sop.contains("3\u{a0}jours ouvrables"));
    assert!(!sop.contains("Cameroun") && !sop.contains("4\u{a0}jours ouvrables"));

    let (served, printed) = place.served();
    let address = printed["address"].as_str().expect("an address");
    let door = get(address, "/sign-in", None);
    assert!(
        door.contains("Sénégal") && door.contains("sn-0.1") && !door.contains("Cameroun"),
        "{door}"
    );
    let accounts = printed["accounts"].as_array().expect("accounts");
    let token = |login: &str| {
        let account = accounts.iter().find(|a| a["login"] == login).expect("the account");
        account["token"].as_str().expect("a token")
    };
    for role in [
        "case_manager",
        "supervisor",
        "focal_point",
        "secretariat",
        "administrator",
    ] {
        assert!(accounts.iter().any(|a| a["role"] == role), "nobody is {role}");
    }

    // Its cases stand in more than one state, and most referrals went out.
    let cases: Value = serde_json::from_str(&get(address, "/api/v1/cases", Some(token("accueil")))).expect("JSON");
    assert!(cases["rows"].as_array().is_some_and(|rows| rows.len() >= 16), "{cases}");
    let inbox: Value = serde_json::from_str(&get(address, "/api/v1/inbox", Some(token("centre")))).expect("JSON");
    assert!(
        inbox.to_string().contains("R-"),
        "nothing was sent to the centre: {inbox}"
    );

    // Its directory: its regions, and numbers of its plan.
    let found = get(address, "/api/v1/services?category=EMP", Some(token("accueil")));
    assert!(found.contains("\"SN01\"") && !found.contains("\"CM0"), "{found}");
    drop(served);
    let at = ["--data", "relais-demo/data", "--keys", "relais-demo/keys"];
    place.said(0, &[&["directory", "export", "directory.csv"][..], &at].concat());
    let table = std::fs::read_to_string(place.path().join("directory.csv")).expect("reads");
    assert!(table.contains("+221") && table.contains("Diourbel"), "{table}");
    for other in ["+237", "Douala", "Cameroun", "MINAS"] {
        assert!(!table.contains(other), "{other} in {table}");
    }

    // What it left verifies.
    let verified = place.json(&[&["audit", "verify"][..], &at].concat());
    assert_eq!(verified["findings"], serde_json::json!([]));

    // Whoever asks for another country is told whose demonstration lies there.
    place.mechanisms("all");
    let (_, wrong) = place.said(1, &["demo", "--no-serve", "--dir", "all", "--lang", "en"]);
    assert!(
        wrong.contains("SN") && wrong.contains("CM") && wrong.contains("--fresh"),
        "{wrong}"
    );
}

#[test]
fn what_is_no_country_starts_no_demonstration() {
    let place = Place::new();
    place.senegal();
    for (arguments, says) in [
        (
            &["demo", "--no-serve", "--dir", "m", "--country", "atlantis"][..],
            "atlantis",
        ),
        (
            &["demo", "--no-serve", "--dir", "m", "--country", "regional"],
            "régional",
        ),
        (
            &[
                "demo",
                "--no-serve",
                "--dir",
                "m",
                "--country",
                "sn",
                "--facilities",
                "facts.toml",
            ],
            "--facilities",
        ),
    ] {
        let (_, wrong) = place.said(1, arguments);
        assert!(wrong.contains(says), "{arguments:?}: {wrong}");
        assert!(
            !place.path().join("relais-demo").exists(),
            "{arguments:?}: something was made"
        );
    }
    place.said(1, &["mechanism", "check", "--dir", "m", "--country", "regional"]);
}
