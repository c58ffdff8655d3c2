//! The committee's session over HTTP: the list is drawn up and printed, the session
//! noted with what was typed kept, and whoever reads an entry reads what came of it.

use axum::http::StatusCode;
use chrono::TimeDelta;
use serde_json::json;

use crate::support::Site;

const PAGE: &str = "/directory/ratification";
const WHY: &str = "Le public servi n’est pas celui de la fiche";

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_drawn_up_printed_ratified_and_read_on_the_entries() {
    let site = Site::new();
    let mut office = site.browser("secretariat").await;
    let keep = office.get("/moderation").await;
    assert!(keep.text.contains("Ratification du comité (6)"), "{}", keep.text);
    let today = office.get(PAGE).await;
    assert_eq!(today.status, StatusCode::OK, "{}", today.text);
    for told in [
        "1. Couture du soir",
        "2. Formation en couture",
        "Pas encore arrêtée",
        "0 sur 6",
    ] {
        assert!(today.text.contains(told), "{told}: {}", today.text);
    }
    assert!(!today.text.contains("name=\"held_on\""), "no session without a list");
    let draft = office.get(&format!("{PAGE}/sheet")).await;
    assert!(draft.text.contains("Projet du 23/11/2026"), "{}", draft.text);
    let mut regional = site.browser("regional").await;
    for page in [PAGE.to_owned(), format!("{PAGE}/sheet")] {
        assert_eq!(regional.get(&page).await.status, StatusCode::NOT_FOUND, "{page}");
    }
    assert!(!regional.get("/moderation").await.text.contains(PAGE));

    // Drawn up, it says so on paper in both languages.
    let (id, version) = (today.hidden("id"), today.hidden("version"));
    let made = office
        .post(PAGE, &[("id", id.as_str()), ("version", version.as_str())])
        .await;
    assert_eq!(made.location(), format!("{PAGE}?done=list_prepared"), "{}", made.text);
    let sheet = office.get(&format!("{PAGE}/sheet?lang=en")).await;
    for told in [
        "Entries of the directory put to the steering committee",
        "List drawn up on 23/11/2026",
        "is asked to ratify 6 published entries",
        "Clear Needle Workshop",
        "Trial regional hospital",
        "First ratification",
    ] {
        assert!(sheet.text.contains(told), "{told}: {}", sheet.text);
    }
    assert!(!sheet.text.contains("Draft of"));

    // What is wrong comes back beside what was typed.
    let form = office.get(PAGE).await;
    let (note_id, version) = (form.hidden("id"), form.hidden("version"));
    let said = |on: &'static str, apart: &'static str| {
        vec![
            ("id", note_id.as_str()),
            ("version", version.as_str()),
            ("held_on", on),
            ("minutes", "2026/02"),
            ("apart", apart),
        ]
    };
    let session = format!("{PAGE}/session");
    for (on, apart, field) in [
        ("hier", "", "held_on"),
        ("24/12/2026", "", "held_on"),
        ("23/11/2026", "le premier : non", "apart"),
        ("23/11/2026", "99 : non", "apart"),
    ] {
        let back = office.post(&session, &said(on, apart)).await;
        assert_eq!(
            back.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{on} {apart}: {}",
            back.text
        );
        assert!(
            back.text.contains(&format!("href=\"#{field}\"")),
            "{on} {apart}: {}",
            back.text
        );
        assert!(back.text.contains("value=\"2026/02\"") && back.text.contains(apart));
    }
    let done = office
        .post(
            &session,
            &said("23/11/2026", "1 : Le public servi n’est pas celui de la fiche"),
        )
        .await;
    assert_eq!(done.location(), format!("{PAGE}?done=session_noted"), "{}", done.text);
    let after = office.get(done.location()).await;
    for told in [
        "Session du 23/11/2026, procès-verbal n°\u{a0}2026/02",
        "Ratifiées\u{a0}: 5 · mises à part\u{a0}: 1",
        "5 sur 6",
    ] {
        assert!(after.text.contains(told), "{told}: {}", after.text);
    }

    // The entry says it to its provider and to the unit.
    let entry = format!("/entries/{}", relais_fixture::id("S-COUTURE"));
    let says = "Ratifiée par le comité le 23/11/2026 (procès-verbal n°\u{a0}2026/02)";
    let mut provider = site.browser("atelier").await;
    for browser in [&mut provider, &mut office] {
        let page = browser.get(&entry).await;
        assert!(page.text.contains(says), "{}", page.text);
    }
    let apart = format!("/entries/{}", relais_fixture::id("S-COUTURE-2"));
    let mut beside = site.browser("autre").await;
    let page = beside.get(&apart).await;
    for told in [
        WHY,
        "le comité de pilotage demande une vérification",
        "Confirmer la fiche ne suffit pas",
    ] {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    // What was set apart is offered all the same, to whoever refers and to anybody.
    let mut manager = site.browser("gestionnaire").await;
    let found = manager.get("/services?category=VTC.02").await;
    assert!(found.text.contains("Couture du soir"), "{}", found.text);
    let public = site
        .stranger()
        .get(&format!("/public/services/{}", relais_fixture::id("S-COUTURE-2")))
        .await;
    assert_eq!(public.status, StatusCode::OK);
    assert!(!public.text.contains(WHY), "why is for its provider and the unit");

    // The mark is in the files, the printed directory and the report, and not in HSDS.
    let csv = office.get("/directory/export?as=csv").await;
    assert!(csv.text.contains("Ratifiée par le comité le"));
    assert_eq!(csv.text.matches(";2026-11-23;").count(), 5, "{}", csv.text);
    let hsds = office.get("/directory/export?as=hsds").await;
    assert!(!hsds.text.contains("2026/02") && !hsds.text.to_lowercase().contains("ratif"));
    let booklet = manager.get("/directory/booklet/print").await;
    assert!(
        booklet.text.contains("Ratifié par le comité le 23/11/2026"),
        "{}",
        booklet.text
    );
    let report = manager.get("/directory/report").await;
    assert!(report.text.contains("a ratifié 5 de ces fiches"), "{}", report.text);

    // A confirmation leaves it ratified; another group sends it back to the committee.
    let page = provider.get(&entry).await;
    let (id, value) = (page.hidden("id"), confirmed(&page.text));
    let done = provider
        .post(
            "/entries",
            &[("id", id.as_str()), ("back", "entry"), ("entry", value.as_str())],
        )
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    assert!(provider.get(&entry).await.text.contains(says));
    let page = office.get(&entry).await;
    let (id, version) = (page.hidden("id"), page.hidden("version"));
    let area = [
        ("id", id.as_str()),
        ("version", version.as_str()),
        ("served_area", "Littoral"),
    ];
    let done = office.post(&entry, &area).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let page = provider.get(&entry).await;
    assert!(
        page.text.contains("changée depuis (Zone couverte)") && page.text.contains("ratifiée de nouveau"),
        "{}",
        page.text
    );
    let again = office.get(&format!("{PAGE}/sheet")).await;
    assert!(
        again
            .text
            .contains("Ratifiée le 23/11/2026, changée depuis\u{a0}: Zone couverte"),
        "{}",
        again.text
    );
}

/// The value of the button that says that all of an entry is true.
fn confirmed(page: &str) -> String {
    let mark = "name=\"entry\" value=\"";
    let at = page.find(mark).expect("a button") + mark.len();
    page[at..].split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_does_the_same() {
    let site = Site::new();
    let office = site.program("secretariat");
    let path = "/api/v1/ratifications";
    let today = office.get(path).await.json();
    assert_eq!((today["total"].as_u64(), today["version"].as_i64()), (Some(6), Some(0)));
    assert!(today["prepared"].is_null());
    let id = site.world.new_id();
    let made = office.post(path, json!({ "id": id, "version": 0 })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert_eq!(made.json()["version"], 1);
    let stale = office
        .post(path, json!({ "id": site.world.new_id(), "version": 0 }))
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text);
    assert_eq!(stale.json()["theirs"]["version"], 1);
    site.world.at(relais_fixture::start() + TimeDelta::days(3));
    let session = json!({
        "id": site.world.new_id(), "version": 1, "held_on": "2026-11-25", "minutes": "2026/02",
        "apart": [{ "number": 6, "reason": "À visiter." }],
    });
    let done = office.post(&format!("{path}/session"), session).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
    let after = office.get(path).await.json();
    let figures = json!({ "listed": 6, "ratified": 5, "apart": 1, "left": 0 });
    assert_eq!(after["sessions"][0]["figures"], figures);
    let entry = office
        .get(&format!("/api/v1/entries/{}", relais_fixture::id("S-COUTURE")))
        .await
        .json();
    assert_eq!(entry["ratification"]["standing"], "ratified");
    assert_eq!(entry["ratification"]["on"], "2026-11-25");
    let twice = json!({ "id": site.world.new_id(), "version": 2, "held_on": "2026-11-25", "minutes": "x" });
    let refused = office.post(&format!("{path}/session"), twice).await;
    assert!(refused.text.contains("ratification_no_list"), "{}", refused.text);
}
