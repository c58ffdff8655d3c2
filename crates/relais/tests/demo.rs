//! The demonstration as it is run: made, served, kept, renewed, and nothing
//! that is not its own touched.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

fn relais(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relais"));
    command
        .env_clear()
        .current_dir(folder)
        .args(arguments)
        .args(["--format", "json"]);
    command
}

fn json(mut command: Command) -> Value {
    let out = command.output().expect("the binary runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("one JSON value")
}

/// A served demonstration, ended when the test ends.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn token<'a>(printed: &'a Value, login: &str) -> &'a str {
    let accounts = printed["accounts"].as_array().expect("accounts");
    let account = accounts.iter().find(|a| a["login"] == login).expect("the account");
    account["token"].as_str().expect("a token")
}

fn get(address: &str, path: &str, token: &str) -> (u16, Value) {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut answer = agent
        .get(format!("{address}{path}"))
        .header("authorization", &format!("Bearer {token}"))
        .call()
        .expect("an answer");
    (
        answer.status().as_u16(),
        answer.body_mut().read_json().unwrap_or(Value::Null),
    )
}

#[test]
fn it_is_made_served_and_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = relais(folder.path(), &["demo", "--cases", "16", "--listen", "127.0.0.1:0"]);
    let mut served = Served(command.stdout(Stdio::piped()).spawn().expect("the binary runs"));
    let mut line = String::new();
    BufReader::new(served.0.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    let printed: Value = serde_json::from_str(&line).expect("one JSON object before serving");
    let address = printed["address"].as_str().expect("an address");
    for account in printed["accounts"].as_array().expect("accounts") {
        for key in ["role", "login", "password", "organisation", "token"] {
            assert!(account[key].as_str().is_some_and(|v| !v.is_empty()), "{account}");
        }
    }

    // The case manager's token opens the cases; nobody's opens nothing.
    let (status, cases) = get(address, "/api/v1/cases", token(&printed, "accueil.douala"));
    assert_eq!(status, 200, "{cases}");
    assert!(cases["rows"].as_array().is_some_and(|rows| rows.len() >= 16), "{cases}");
    assert_eq!(get(address, "/api/v1/cases", "relais_nobody").0, 401);
    drop(served);

    // It is kept: the same accounts and tokens, without being made again.
    let again = json(relais(folder.path(), &["demo", "--no-serve"]));
    assert_eq!(again["accounts"], printed["accounts"]);

    // What it left verifies, and nothing waits on nobody.
    let place = ["--data", "relais-demo/data", "--keys", "relais-demo/keys"];
    let verified = json(relais(folder.path(), &[&["audit", "verify"][..], &place].concat()));
    assert_eq!(verified["findings"], serde_json::json!([]));

    // Its accounts and their password exist in a drill only.
    let clock = json(relais(folder.path(), &[&["clock", "show"][..], &place].concat()));
    assert_eq!(clock["drill"], true);

    // Renewed, it has other tokens.
    let renewed = json(relais(
        folder.path(),
        &["demo", "--no-serve", "--fresh", "--cases", "0"],
    ));
    assert_ne!(token(&renewed, "secretariat"), token(&printed, "secretariat"));
}

#[test]
fn a_folder_that_is_no_demonstration_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = folder.path().join("thesis");
    std::fs::create_dir(&own).expect("a folder");
    std::fs::write(own.join("chapter.txt"), "ten years of work").expect("writes");
    for fresh in [&["--fresh"][..], &[]] {
        let out = relais(
            folder.path(),
            &[&["demo", "--no-serve", "--data", "thesis"][..], fresh].concat(),
        )
        .output()
        .expect("the binary runs");
        assert_eq!(out.status.code(), Some(1));
    }
    assert_eq!(
        std::fs::read_to_string(own.join("chapter.txt")).expect("still there"),
        "ten years of work"
    );
    assert_eq!(std::fs::read_dir(&own).expect("reads").count(), 1);
}

#[test]
fn with_the_list_of_facilities_the_hospital_in_garoua_is_a_real_one() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let shared = std::env::var_os("RELAIS_SHARED").map_or_else(beside, |s| PathBuf::from(s).join("data"));
    let list = shared.join("cameroon-health-facilities.csv");
    let Some(list) = list.to_str().filter(|_| list.is_file()) else {
        println!("skipped: with_the_list_of_facilities_the_hospital_in_garoua_is_a_real_one (the list is not there)");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let made = json(relais(
        folder.path(),
        &["demo", "--no-serve", "--cases", "4", "--facilities", list],
    ));
    let accounts = made["accounts"].as_array().expect("accounts");
    let hospital = accounts
        .iter()
        .find(|a| a["login"] == "hopital.garoua")
        .expect("the account");
    assert!(
        hospital["organisation"].as_str().is_some_and(|o| o.starts_with("FS-")),
        "{hospital}"
    );
}
