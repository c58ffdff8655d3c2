//! An arrival of many over HTTP: the list sent by a form, the queue, the form
//! begun from the list, saved and straight to the next; the same by the API.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use relais_store::ids;
use serde_json::json;

use crate::support::{Answer, Browser, Site};

const LIST: &str = "Nom;Prénoms;Sexe;Âge;Famille;Observations\nEssai Biloa;Zoë;F;34;A;ne pas garder\n\
    Essai Biloa;Paul;M;36;A;\nEssai Tchinda;Rose;F;19;;\n=1+1;X;F;20;;\n";

/// A new arrival with this list; where the browser is sent.
async fn sent(browser: &mut Browser, list: &[u8]) -> Answer {
    let page = browser.get("/groups/new").await;
    let id = page.hidden("id");
    let pairs = [
        ("id", id.as_str()),
        ("kind", "flight"),
        ("label", "EX 120"),
        ("entry_point", "DLA"),
        ("on", "23/11/2026"),
    ];
    browser.upload("/groups/new", &pairs, "liste.csv", list).await
}

/// The queue's address.
async fn queue(browser: &mut Browser) -> String {
    let made = sent(browser, LIST.as_bytes()).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let list = made.location().to_owned();
    let page = browser.get(&list).await;
    assert!(
        page.text.contains("Essai Biloa Zoë") && !page.text.contains("ne pas garder"),
        "{}",
        page.text
    );
    // Without scripts: the columns that are guessed come along with the form.
    let pairs = [
        ("id", page.hidden("id")),
        ("version", page.hidden("version")),
        ("header", "1".to_owned()),
        ("name", "0".to_owned()),
        ("given", "1".to_owned()),
        ("sex", "2".to_owned()),
        ("age", "3".to_owned()),
        ("family", "4".to_owned()),
    ];
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let group = list.trim_end_matches("/list").to_owned();
    let (to, page) = browser.post_then(&format!("{group}/queue"), &pairs).await;
    assert!(
        to.starts_with(&group) && page.text.contains("Essai Tchinda Rose"),
        "{}",
        page.text
    );
    group
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_registered_and_the_next_is_there() {
    let site = Site::new();
    let mut officer = site.browser("gestionnaire").await;
    let group = queue(&mut officer).await;
    let (to, form) = officer.post_then(&format!("{group}/next"), &[]).await;
    assert!(to.ends_with("#F1E-02-1"), "the first question has the focus: {to}");
    assert!(form.text.contains("value=\"Essai Biloa Zoë\"") && !form.text.contains("name=\"F1E.01\""));
    let row = to.split('#').next().expect("a path").to_owned();
    let id = form.hidden("id");
    let mut answers = vec![
        ("id", id.as_str()),
        ("F1E.02", "yes"),
        ("F1E.03", "Essai Biloa Zoë"),
        ("F1E.04", "F"),
        ("F1E.05", "trente"),
        ("F1E.06", "family"),
        ("F1E.07", "centre"),
        ("F1E.09", "NONE"),
        ("F1E.11", "fra"),
        ("family_link", "yes"),
    ];
    // Kept in the middle, then wrong: nothing is lost.
    let mut keep = answers.clone();
    keep.push(("command", "keep"));
    let (_, page) = officer.post_then(&row, &keep).await;
    assert!(page.text.contains("value=\"trente\""), "what is kept may be unfinished");
    let wrong = officer.post(&row, &answers).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text.contains("value=\"trente\"") && wrong.text.contains("href=\"#F1E-05\""));
    answers[4] = ("F1E.05", "34");
    let done = officer.post(&row, &answers).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let next = done.location().to_owned();
    assert!(next.starts_with("/expected/") && !next.starts_with(&row) && next.contains("done=next"));
    // The line broke before the answer came: the same again leads to the same person.
    assert_eq!(officer.post(&row, &answers).await.location(), next);
    let page = officer.get(&next).await;
    assert!(
        page.text.contains("value=\"Essai Biloa Paul\""),
        "the rest of the family first"
    );
    let seen = officer.get(&row).await;
    assert!(seen.text.contains("/cases/") && !seen.text.contains("name=\"F1E.03\""));
    // A colleague sees who is at it, and takes somebody else.
    let mut colleague = site.browser("collegue").await;
    let (other, form) = colleague.post_then(&format!("{group}/next"), &[]).await;
    assert!(form.text.contains("value=\"Essai Tchinda Rose\""));
    assert!(!next.starts_with(other.split('#').next().expect("a path")));
    let theirs = colleague.get(next.split('?').next().expect("a path")).await;
    assert!(!theirs.text.contains("name=\"F1E.03\"") && !theirs.text.contains("Essai Biloa Paul"));
    let registered = colleague.get(&format!("{group}?show=registered")).await;
    assert!(registered.text.contains("-0001-") && !registered.text.contains("Essai Biloa Zoë"));
    // Scanned into the search, a bracelet opens its row.
    let bracelet = registered
        .text
        .split("-0001-")
        .nth(1)
        .and_then(|rest| rest.chars().next())
        .expect("a letter");
    let scanned = colleague.get(&format!("{group}?q=1-0001-{bracelet}")).await;
    assert!(scanned.location().starts_with(&row), "{}", scanned.location());
    let sheet = officer.get(&format!("{group}/bracelets")).await;
    assert!(
        sheet.text.contains(&format!("1-0001-{bracelet}")) && !sheet.text.contains("Essai"),
        "numbers, no names"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_says_why_and_keeps_what_was_typed() {
    let site = Site::new();
    let mut officer = site.browser("gestionnaire").await;
    for (list, says) in [
        (&b"\x89PNG\r\n\x1a\n"[..], "ni un CSV"),
        (&[&b"Nom\n"[..], &b"a\n".repeat(2_001)].concat(), "2001"),
        (b"PK\x03\x04 trop court", "abîmé"),
        (
            &"Prénom\nRen\u{e9}e\n"
                .bytes()
                .chain(*b"Ren\xe9e\n")
                .collect::<Vec<u8>>(),
            "ligne 3",
        ),
    ] {
        let back = sent(&mut officer, list).await;
        assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}");
        assert!(back.text.contains(says), "{says}: {}", back.text);
        assert!(back.text.contains("value=\"EX 120\""), "what was typed is kept");
    }
    let large = sent(&mut officer, &vec![b'a'; 5 << 20]).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let forged = officer.post("/groups/new", &[("id", "x")]).await;
    assert_eq!(forged.status, StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_does_all_of_it() {
    let site = Site::new();
    let program = site.program("gestionnaire");
    let new = || ids::new_v7(relais_fixture::start()).to_string();
    let group = new();
    let make = json!({ "id": group, "kind": "bus", "entry_point": "DLA", "on": "2026-11-23" });
    let made = program.post("/api/v1/groups", make.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert_eq!(made.text, program.post("/api/v1/groups", make).await.text);
    let at = format!("/api/v1/groups/{group}");
    let wrong = json!({ "id": new(), "file": STANDARD.encode(b"%PDF-1.7") });
    let refused = program.post(&format!("{at}/list"), wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["fields"][0]["code"], "file_not_a_table");
    let list = json!({ "id": new(), "file": STANDARD.encode(LIST) });
    assert_eq!(
        program.post(&format!("{at}/list"), list).await.status,
        StatusCode::CREATED
    );
    let seen = program.get(&format!("{at}/list")).await.json();
    assert_eq!(
        (&seen["persons"], &seen["problems"][0]["code"]),
        (&json!(3), &json!("formula"))
    );
    let queue = json!({
        "id": new(), "version": seen["group"]["version"], "header": seen["header"], "columns": seen["mapping"],
    });
    let done = program.post(&format!("{at}/queue"), queue).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
    let next = program.post(&format!("{at}/next"), json!({})).await.json();
    let row = format!("/api/v1/expected/{}", next["id"].as_str().expect("an id"));
    let mut answers = program.get(&row).await.json()["answers"].clone();
    for (code, value) in [
        ("F1E.02", "yes"),
        ("F1E.06", "alone"),
        ("F1E.07", "centre"),
        ("F1E.09", "NONE"),
        ("F1E.11", "fra"),
    ] {
        answers[code] = json!([value]);
    }
    let kept = program
        .post(&format!("{row}/answers"), json!({ "answers": answers }))
        .await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.text);
    let case = new();
    let register = json!({ "id": case, "answers": answers, "family": true });
    let made = program.post(&format!("{row}/registration"), register.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert_eq!(
        made.text,
        program.post(&format!("{row}/registration"), register).await.text
    );
    let view = program.get(&format!("/api/v1/cases/{case}")).await.json();
    assert_eq!(view["family"], json!([]), "the link is noted and opens nothing");
    let broken = program
        .post(&format!("/api/v1/cases/{case}/family/break"), json!({ "id": new() }))
        .await;
    assert_eq!(broken.status, StatusCode::CREATED);
    assert_eq!(
        program.get(&format!("/api/v1/cases/{case}")).await.json()["family"],
        json!(null)
    );
    let added = program.post(&format!("{at}/rows"), json!({ "id": new() })).await.json();
    let away = json!({ "command": "absent" });
    let row = format!("/api/v1/expected/{}/acts", added["id"].as_str().expect("an id"));
    assert_eq!(program.post(&row, away).await.status, StatusCode::CREATED);
    let closed = program.post(&format!("{at}/closure"), json!({})).await;
    assert_eq!(closed.status, StatusCode::CREATED, "{}", closed.text);
    let view = program.get(&at).await.json();
    assert_eq!(
        view["group"]["counts"],
        json!({"expected": 4, "registered": 1, "taken": 0, "waiting": 0, "absent": 3})
    );
    let sheet = program.get(&format!("{at}/bracelets")).await.json();
    assert_eq!(sheet["numbers"].as_array().map(Vec::len), Some(10));
}
