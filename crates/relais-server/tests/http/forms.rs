//! The forms F1 and F2 over HTTP: pages and API.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::Site;

#[tokio::test(flavor = "multi_thread")]
async fn an_interview_is_written_page_by_page_and_read_by_a_program() {
    let site = Site::new();
    let who = site.world.viewer("gestionnaire");
    let case = site
        .world
        .register(&who, "Essai Fiche", 30)
        .await
        .expect("registered")
        .id;
    let mut browser = site.browser("gestionnaire").await;
    let list = format!("/cases/{case}/forms/F1");
    let page = browser.get(&format!("/cases/{case}")).await;
    assert!(page.text.contains(&list), "the case leads to its forms");
    let frame = format!("{list}/frame");
    let page = browser.get(&frame).await;
    assert_eq!(page.status, StatusCode::OK);
    let hidden = |page: &crate::support::Answer| (page.hidden("id"), page.hidden("version"));

    // Half of it: kept, and what is missing comes back beside its question.
    let (id, version) = hidden(&page);
    let done = browser
        .post(
            &frame,
            &[
                ("id", id.as_str()),
                ("version", version.as_str()),
                ("F1.07", "yes"),
                ("F1.03", "Garoua"),
            ],
        )
        .await;
    assert_eq!(
        (done.status, done.location()),
        (StatusCode::SEE_OTHER, format!("{frame}?missing=yes").as_str())
    );
    let page = browser.get(done.location()).await;
    assert!(page.text.contains("name=\"F1.08\"") && page.text.contains("value=\"Garoua\""));
    assert!(
        page.text.contains("id=\"F1-08-e\""),
        "the interpreter's name is asked now"
    );
    let page = browser.get(&frame).await;
    assert!(
        !page.text.contains("id=\"F1-08-e\""),
        "no reproach on a page that was only opened"
    );

    // Kept for later, without a word about what is missing.
    let (id, version) = hidden(&page);
    let pairs = [
        ("id", id.as_str()),
        ("version", version.as_str()),
        ("F1.07", "no"),
        ("F1.03", "Garoua"),
        ("then", "later"),
    ];
    let done = browser.post(&frame, &pairs).await;
    assert_eq!(
        (done.status, done.location()),
        (StatusCode::SEE_OTHER, format!("{list}?done=section").as_str())
    );

    // A mistake comes back with everything that was typed.
    let page = browser.get(&frame).await;
    let (id, version) = hidden(&page);
    let pairs = [
        ("id", id.as_str()),
        ("version", version.as_str()),
        ("F1.07", "no"),
        ("F1.08", "Interprète"),
        ("F1.03", "Maroua"),
    ];
    let back = browser.post(&frame, &pairs).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text.contains("value=\"Maroua\"") && back.text.contains("value=\"Interprète\""));

    // Whole, in private.
    let mut pairs = vec![("id", id.as_str()), ("version", version.as_str())];
    pairs.extend([
        ("F1.03", "Garoua"),
        ("F1.04", "POE"),
        ("F1.07", "no"),
        ("F1.09", "yes"),
        ("F1.10", "yes"),
        ("F1.11", "yes"),
        ("F1.12", "yes"),
    ]);
    let done = browser.post(&frame, &pairs).await;
    assert_eq!(done.location(), format!("{list}?done=section"), "{}", done.text);

    // Whom the person fears is not kept: it leads to the page of the protected circuit.
    let flags = format!("{list}/flags");
    let page = browser.get(&flags).await;
    assert!(page.text.contains("name=\"F1.68b\"") && !page.text.contains("name=\"F1.65\""));
    let (id, version) = hidden(&page);
    let done = browser
        .post(
            &flags,
            &[("id", id.as_str()), ("version", version.as_str()), ("F1.68b", "yes")],
        )
        .await;
    assert_eq!(done.location(), format!("/cases/{case}/protection"));
    let page = browser.get(&flags).await;
    assert!(!page.text.contains("value=\"yes\" checked"), "nothing was kept");

    // A proposal opens the need by a number, not by its name.
    let situation = format!("{list}/situation");
    let page = browser.get(&situation).await;
    let (id, version) = hidden(&page);
    let pairs = [
        ("id", id.as_str()),
        ("version", version.as_str()),
        ("F1.69", "yes"),
        ("then", "later"),
    ];
    browser.post(&situation, &pairs).await;
    let page = browser.get(&format!("/cases/{case}")).await;
    let at = page.text.split("/needs/new?proposal=").nth(1).expect("a proposal");
    let number = at.split('"').next().expect("a number").to_owned();
    assert!(number.bytes().all(|b| b.is_ascii_digit()));
    let need = browser.get(&format!("/cases/{case}/needs/new?proposal={number}")).await;
    assert!(need.text.contains("value=\"RCP.02\" selected"), "prefilled");
    let mechanism = site.world.desk.mechanism();
    let place = mechanism.services().iter().position(|s| s.code == "RCP.02");
    assert_ne!(
        Some(number.as_str()),
        place.map(|n| n.to_string()).as_deref(),
        "no list gives it away"
    );
    // A case that has moved on does not know the address any more.
    let page = browser.get(&situation).await;
    let (id, version) = hidden(&page);
    let again = [
        ("id", id.as_str()),
        ("version", version.as_str()),
        ("F1.69", "yes"),
        ("F1.70", "yes"),
        ("then", "later"),
    ];
    browser.post(&situation, &again).await;
    let old = browser.get(&format!("/cases/{case}/needs/new?proposal={number}")).await;
    assert!(old.status == StatusCode::OK && !old.text.contains(" selected"));
    let nothing = browser.get(&format!("/cases/{case}/needs/new?proposal=999")).await;
    assert!(nothing.status == StatusCode::OK && !nothing.text.contains(" selected"));

    // What is none of the form's answers like what is not there.
    for nowhere in [
        "/forms/F9",
        "/forms/F1E",
        "/forms/F1/nowhere",
        "/forms/F1/child",
        "/forms/F1/urgent",
    ] {
        let page = browser.get(&format!("/cases/{case}{nowhere}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{nowhere}");
    }

    // The same by the API.
    let program = site.program("gestionnaire");
    let api = format!("/api/v1{frame}");
    let read = program.get(&api).await.json();
    assert_eq!(read["state"], "complete");
    assert_eq!(read["answers"]["F1.03"], json!(["Garoua"]));
    assert!(
        read.get("part").is_none() && read.get("given").is_none(),
        "no rules in an answer"
    );
    let body = |version: &serde_json::Value, place: &str| json!({"id": site.world.new_id(), "version": version, "answers": {"F1.03": [place]}});
    let made = program.post(&api, body(&read["version"], "Bertoua")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let stale = program.post(&api, body(&read["version"], "Ebolowa")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text);
    assert_eq!(stale.json()["theirs"]["answers"]["F1.03"], json!(["Bertoua"]));
    let forms = program.get(&format!("/api/v1{list}")).await.json();
    assert_eq!(forms["sections"][0]["state"], "begun");
    let other = site.program("autre").get(&api).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}
