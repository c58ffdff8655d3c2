//! The registers of the institution over HTTP: what the figures say is put on the
//! agenda, decided, carried out, and read from either end; others read it, and of what
//! lies sealed they read nothing.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;

use crate::support::{Browser, Site};

const SUBJECT: &str = "Trop de dérogations au consentement";
const DECISION: &str = "Former de nouveau les équipes d’accueil";
const ACTION: &str = "Trois jours de formation par région";

/// Adds a line by the form at this address: its id.
async fn added(browser: &mut Browser, register: &str, query: &str, said: &[(&str, &str)]) -> String {
    let form = browser.get(&format!("/registers/{register}/new{query}")).await;
    assert_eq!(form.status, StatusCode::OK, "{register}: {}", form.text);
    let id = form.hidden("id");
    let mut pairs = vec![("id", id.as_str())];
    pairs.extend(said);
    let done = browser.post(&format!("/registers/{register}"), &pairs).await;
    let to = format!("/registers/{register}/{id}?done=line_added");
    assert_eq!(done.location(), to, "{}: {}", done.status, done.text);
    id
}

/// A session of a committee on 05/12/2026.
async fn session(office: &mut Browser) -> String {
    let body = added(
        office,
        "body",
        "",
        &[("f.name", "Comité d’essai"), ("f.kind", "committee")],
    )
    .await;
    let form = office.get("/registers/session/new").await;
    let id = form.hidden("id");
    let said = |date: &'static str| {
        vec![
            ("id", id.as_str()),
            ("f.title", "Deuxième session d’essai"),
            ("f.body", body.as_str()),
            ("f.date", date),
        ]
    };
    let back = office.post("/registers/session", &said("bientôt")).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", back.text);
    for kept in [
        "href=\"#f-date\"".to_owned(),
        "value=\"bientôt\"".to_owned(),
        "value=\"Deuxième session d’essai\"".to_owned(),
        format!("value=\"{body}\" selected"),
    ] {
        assert!(back.text.contains(&kept), "{kept}: {}", back.text);
    }
    let done = office.post("/registers/session", &said("05/12/2026")).await;
    assert_eq!(done.location(), format!("/registers/session/{id}?done=line_added"));
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_figures_say_is_decided_done_and_read_from_either_end() {
    let site = Site::new();
    let mut office = site.browser("secretariat").await;
    let all = office.get("/registers").await;
    assert_eq!(all.status, StatusCode::OK, "{}", all.text);
    for told in [
        "<a href=\"/registers\" aria-current=\"page\">Institution</a>",
        "href=\"/registers/session\"",
        "href=\"/registers/interview\"",
        "Rien n’est en retard",
    ] {
        assert!(all.text.contains(told), "{told}: {}", all.text);
    }
    let session = session(&mut office).await;

    // An indicator comes filled in from the address, a link from the page of what is linked.
    let prefilled = "?indicator=A05&subject=Trop%20de%20d%C3%A9rogations%20au%20consentement&rien=rien";
    let form = office.get(&format!("/registers/agenda/new{prefilled}")).await;
    assert!(form.text.contains("value=\"A05\" selected") && form.text.contains(&format!("value=\"{SUBJECT}\"")));
    let said = [
        ("f.session", session.as_str()),
        ("f.subject", SUBJECT),
        ("f.indicator", "A05"),
    ];
    let agenda = added(&mut office, "agenda", prefilled, &said).await;
    let page = office.get(&format!("/registers/agenda/{agenda}")).await;
    let query = format!("?agenda={agenda}");
    assert!(
        page.text.contains(&format!("href=\"/registers/decision/new{query}\"")),
        "{}",
        page.text
    );
    let form = office.get(&format!("/registers/decision/new{query}")).await;
    assert!(
        form.text.contains(&format!("value=\"{agenda}\" selected")),
        "{}",
        form.text
    );
    let decided = [
        ("f.agenda", agenda.as_str()),
        ("f.text", DECISION),
        ("f.owner", "Secrétariat technique"),
        ("f.due", "30/11/2026"),
    ];
    let decision = added(&mut office, "decision", &query, &decided).await;
    let query = format!("?decision={decision}");
    let page = office.get(&format!("/registers/decision/{decision}")).await;
    assert!(
        page.text.contains(&format!("href=\"/registers/action/new{query}\"")),
        "{}",
        page.text
    );
    let said = [
        ("f.decision", decision.as_str()),
        ("f.title", ACTION),
        ("f.owner", "Secrétariat technique"),
        ("f.until", "15/12/2026"),
    ];
    let action = added(&mut office, "action", &query, &said).await;

    // The thread, from each of its ends and in the middle.
    for (line, before, after) in [
        (format!("agenda/{agenda}"), &[][..], &[DECISION, ACTION][..]),
        (format!("decision/{decision}"), &[SUBJECT], &[ACTION]),
        (format!("action/{action}"), &[SUBJECT, DECISION], &[]),
    ] {
        let page = office.get(&format!("/registers/{line}")).await;
        let (_, thread) = page.text.split_once("id=\"from\"").expect("where it comes from");
        let (from, to) = thread.split_once("id=\"to\"").expect("what it leads to");
        let (to, _) = to.split_once("id=\"history\"").expect("its history");
        assert!(from.contains("A05"), "{line}: the indicator begins it: {from}");
        for title in [SUBJECT, DECISION, ACTION] {
            assert_eq!(
                from.contains(title),
                before.contains(&title),
                "{line} from {title}: {from}"
            );
            assert_eq!(to.contains(title), after.contains(&title), "{line} to {title}: {to}");
        }
    }

    // It is carried out; whoever read it before that is told.
    let address = format!("/registers/decision/{decision}");
    let page = office.get(&address).await;
    let (id, version) = (page.hidden("id"), page.hidden("version"));
    let mut change = decided.to_vec();
    change.extend([
        ("id", id.as_str()),
        ("version", version.as_str()),
        ("state", "done"),
        ("note", "Bilan lu en session"),
    ]);
    let done = office.post(&address, &change).await;
    assert_eq!(done.location(), format!("{address}?done=line_changed"), "{}", done.text);
    let page = office.get(&address).await;
    assert!(
        page.text.contains("<span class=\"tag done\">exécutée</span>")
            && page.text.contains("«\u{a0}Bilan lu en session\u{a0}»"),
        "{}",
        page.text
    );
    let other = site.world.new_id().to_string();
    change[decided.len()].1 = &other;
    let stale = office.post(&address, &change).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text);
    assert!(
        stale.text.contains("value=\"Bilan lu en session\""),
        "what was typed stays"
    );

    // Whoever works on cases reads, and writes nothing.
    let mut manager = site.browser("gestionnaire").await;
    let list = manager.get("/registers/decision").await;
    assert!(list.text.contains(DECISION) && !list.text.contains("/registers/decision/new"));
    let line = manager.get(&address).await;
    assert!(line.text.contains(SUBJECT) && !line.text.contains("name=\"f.text\""));
    let form = manager.get("/registers/decision/new").await;
    assert_eq!(form.status, StatusCode::FORBIDDEN);
    let mut new = decided.to_vec();
    new.push(("id", other.as_str()));
    let refused = manager.post("/registers/decision", &new).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let refused = manager.post(&address, &change).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let documents = manager.get("/documents").await;
    assert!(documents.text.contains("href=\"/registers\""));

    // What is late comes first.
    let at = relais_fixture::start() + TimeDelta::days(30);
    site.world.at(at);
    site.sign_all_out();
    let mut office = site.browser("secretariat").await;
    let all = office.get("/registers").await;
    assert!(
        all.text.contains(ACTION) && all.text.contains("En retard\u{a0}: échéance 15/12/2026"),
        "{}",
        all.text
    );
    assert!(!all.text.contains(DECISION), "what was carried out is not late");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_sealed_is_not_there_for_others_nor_in_a_calendar() {
    let site = Site::new();
    let mut office = site.browser("secretariat").await;
    session(&mut office).await;
    let said = [
        ("f.informant", "Fonction Quelconquedemo"),
        ("f.group", "GOV"),
        ("f.date", "04/12/2026"),
        ("f.confidentiality", "anonymous"),
        ("f.consent", "given"),
    ];
    let interview = added(&mut office, "interview", "", &said).await;
    let line = format!("/registers/interview/{interview}");
    assert!(office.get(&line).await.text.contains("Quelconquedemo"));
    let mut manager = site.browser("gestionnaire").await;
    let nothing = manager.get("/registers/none").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    for sealed in ["/registers/interview", "/registers/interview/new", line.as_str()] {
        let unseen = manager.get(sealed).await;
        assert_eq!(unseen.status, StatusCode::NOT_FOUND, "{sealed}");
        assert_eq!(unseen.text, nothing.text, "{sealed}");
    }
    assert!(!manager.get("/registers").await.text.contains("/registers/interview"));
    for browser in [&mut office, &mut manager] {
        let calendar = browser.get("/registers/calendar.ics").await;
        assert_eq!(calendar.header("content-type"), "text/calendar; charset=utf-8");
        assert!(
            calendar
                .text
                .contains("SUMMARY:Session\u{a0}: Deuxième session d’essai\r\n")
                && calendar.text.contains("DTSTART;VALUE=DATE:20261205\r\n"),
            "{}",
            calendar.text
        );
        assert!(!calendar.text.contains("Quelconquedemo") && !calendar.text.contains("20261204"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_does_the_same() {
    let site = Site::new();
    let office = site.program("secretariat");
    let id = site.world.new_id();
    let values = json!({ "text": [DECISION], "owner": ["Comité"], "due": ["30/11/2026"] });
    let path = "/api/v1/registers/decision";
    let made = office.post(path, json!({ "id": id, "values": values })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let again = office.post(path, json!({ "id": id, "values": values })).await;
    assert_eq!(
        (again.status, again.text),
        (made.status, made.text),
        "sent twice, done once"
    );
    let list = office.get(&format!("{path}?state=open")).await.json();
    assert_eq!(list["rows"][0]["title"], DECISION);
    assert_eq!(list["rows"][0]["due"], "2026-11-30");
    let one = format!("{path}/{id}");
    let read = office.get(&one).await.json();
    assert_eq!((&read["version"], &read["row"]["state"]), (&json!(1), &json!("open")));
    let change = |version: i64, values: serde_json::Value| json!({ "id": site.world.new_id(), "version": version, "values": values, "state": "done" });
    let wrong = office
        .post(&format!("{one}/changes"), change(1, json!({ "due": ["demain"] })))
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text);
    assert_eq!(wrong.json()["fields"][0]["field"], "due");
    let done = office.post(&format!("{one}/changes"), change(1, json!({}))).await;
    assert_eq!(done.json()["version"], 2, "{}", done.text);
    let stale = office.post(&format!("{one}/changes"), change(1, json!({}))).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert_eq!(stale.json()["theirs"]["row"]["state"], "done");
    let reader = site.program("gestionnaire");
    assert_eq!(reader.get(&one).await.json()["row"]["title"], DECISION);
    let refused = reader.post(&format!("{one}/changes"), change(2, json!({}))).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    assert_eq!(
        reader.get("/api/v1/registers/interview").await.status,
        StatusCode::NOT_FOUND
    );
}
