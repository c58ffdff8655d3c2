//! The directory over HTTP: HSDS for anybody, files for the mechanism's office,
//! a file looked at, carried out and undone.

use axum::http::StatusCode;
use relais_interchange::directory::hsds;

use crate::support::{Browser, Site};

#[tokio::test(flavor = "multi_thread")]
async fn anybody_reads_the_public_directory_as_hsds() {
    let site = Site::new();
    let mut anybody = site.stranger();
    let about = anybody.get("/hsds/").await.json();
    assert_eq!(about["version"], "3.0");
    assert!(
        about["openapi_url"]
            .as_str()
            .is_some_and(|u| u.ends_with("/api/v1/openapi.json"))
    );
    let page = anybody.get("/hsds/services?per_page=2&page=1").await.json();
    let all = page["total_items"].as_u64().expect("a number");
    assert_eq!(
        (page["size"].as_u64(), page["first_page"].as_bool()),
        (Some(2), Some(true))
    );
    let mut seen = Vec::new();
    for number in 1..=page["total_pages"].as_u64().expect("a number") {
        let page = anybody
            .get(&format!("/hsds/services?per_page=2&page={number}"))
            .await
            .json();
        seen.extend(
            page["contents"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|s| s["id"].clone()),
        );
    }
    assert_eq!(seen.len() as u64, all);
    let id = relais_fixture::id("S-COUTURE");
    let one = anybody.get(&format!("/hsds/services/{id}")).await.json();
    assert_eq!(
        (one["name"].as_str(), one["relais"]["service_type"].as_str()),
        (Some("Formation en couture"), Some("VTC.02"))
    );
    let address = &one["service_at_locations"][0]["location"]["addresses"][0];
    assert_eq!(
        (address["postal_code"].as_str(), address["country"].as_str()),
        (Some(""), Some("CM"))
    );
    assert!(
        one["alert"].as_str().is_some_and(|a| a.contains("démonstration")),
        "marked: {one}"
    );
    // By category and by organisation.
    let category = hsds::term_id(hsds::SERVICES, "VTC");
    let found = anybody
        .get(&format!("/hsds/services?taxonomy_term_id={category}"))
        .await
        .json();
    assert!(
        found["total_items"].as_u64().is_some_and(|n| n > 1 && n < all),
        "{found}"
    );
    let of = relais_fixture::id("ATELIER");
    let found = anybody
        .get(&format!("/hsds/services?organization_id={of}"))
        .await
        .json();
    assert_eq!(found["total_items"], 1);
    for wrong in [
        "page=0",
        "per_page=501",
        "per_page=x",
        "search=couture",
        "modified_after=2026-01-01",
    ] {
        let answer = anybody.get(&format!("/hsds/services?{wrong}")).await;
        let refused = [StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY].contains(&answer.status);
        assert!(refused, "{wrong}: {}", answer.status);
    }
    for nothing in [
        "/hsds/services/rien",
        "/hsds/organizations/00000000-0000-7000-8000-000000000001",
    ] {
        assert_eq!(anybody.get(nothing).await.status, StatusCode::NOT_FOUND, "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_carries_out_what_it_may() {
    let site = Site::new();
    let mut office = site.browser("secretariat").await;
    for (format, kind) in [
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        ("csv", "text/csv; charset=utf-8"),
        ("geojson", "application/geo+json"),
        ("hsds", "application/json"),
    ] {
        let file = office.get(&format!("/directory/export?as={format}")).await;
        assert_eq!((file.status, file.header("content-type")), (StatusCode::OK, kind));
        assert!(
            file.header("content-disposition")
                .starts_with("attachment; filename=\"annuaire-2026-")
        );
    }
    let whole = office.get("/directory/export?as=csv").await.text;
    assert!(whole.contains("HOPITAL") && whole.contains("ATELIER"));
    let part = office.get("/directory/export?as=csv&region=CM005").await.text;
    assert!(!part.contains("HOPITAL") && part.contains("ATELIER"));
    for wrong in ["as=doc", "region=CM099"] {
        let answer = office.get(&format!("/directory/export?{wrong}")).await;
        assert!(answer.status.is_client_error(), "{wrong}: {}", answer.status);
    }
    // A regional focal point carries out its regions, and brings nothing in.
    let mut regional = site.browser("regional").await;
    let own = site.world.viewer("regional").regions;
    let other = if own.iter().any(|r| r == "CM006") {
        "CM005"
    } else {
        "CM006"
    };
    let page = regional.get("/directory/exchange").await;
    assert!(page.text.contains("/directory/export") && !page.text.contains("/directory/import"));
    let file = regional.get("/directory/export?as=csv").await;
    assert_eq!(file.status, StatusCode::OK);
    let there = regional.get(&format!("/directory/export?as=csv&region={other}")).await;
    assert_eq!(there.status, StatusCode::NOT_FOUND);
    assert_eq!(regional.get("/directory/import").await.status, StatusCode::NOT_FOUND);
}

/// Sends a file; where the browser is led, or the page that came back.
async fn sent(office: &mut Browser, file: &[u8]) -> (String, String) {
    let id = office.get("/directory/exchange").await.hidden("id");
    let answer = office
        .upload("/directory/import", &[("id", &id)], "annuaire.csv", file)
        .await;
    (answer.location().to_owned(), answer.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_looked_at_carried_out_and_undone() {
    let site = Site::new();
    site.world.add_state_body();
    let mut office = site.browser("secretariat").await;
    let before = office.get("/directory/export?as=csv").await.text;
    let changed = before.replace("Atelier Aiguille Claire", "Atelier Aiguille Vive");
    let (look, _) = sent(&mut office, changed.as_bytes()).await;
    assert!(look.starts_with("/directory/import?import="), "{look}");
    assert_eq!(
        office.get("/directory/export?as=csv").await.text,
        before,
        "nothing is written yet"
    );
    let page = office.get(&look).await;
    let id = page.hidden("id");
    assert!(
        page.text.contains("<b class=\"num\">1</b>"),
        "one line changes: {}",
        page.text
    );
    // Another of the office does not carry out what it has not looked at.
    let mut other = site.browser("secretariat.chef").await;
    assert_eq!(other.get(&look).await.status, StatusCode::SEE_OTHER);
    let (to, page) = office.post_then("/directory/import/carry-out", &[("id", &id)]).await;
    assert!(to.starts_with("/directory/exchange?done=yes"), "{to}");
    assert!(page.text.contains(&id), "it is listed: {}", page.text);
    let after = office.get("/directory/export?as=csv").await.text;
    assert_eq!(after, changed);
    let of = format!("/hsds/organizations/{}", relais_fixture::id("ATELIER"));
    let read = site.stranger().get(&of).await;
    assert!(
        read.text.contains("Aiguille Vive"),
        "whoever reads HSDS sees it at once: {}",
        read.text
    );
    // Twice is once.
    let (to, _) = office.post_then("/directory/import/carry-out", &[("id", &id)]).await;
    assert_eq!(to, "/directory/exchange#imports");
    let undone = office.post("/directory/import/undo", &[("id", &id)]).await;
    assert_eq!(undone.status, StatusCode::OK);
    assert_eq!(office.get("/directory/export?as=csv").await.text, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_directory_comes_back_with_the_reason() {
    let site = Site::new();
    let mut office = site.browser("secretariat").await;
    for (file, said) in [
        (&b"%PDF-1.7"[..], "HSDS"),
        (b"Nom;Sexe\nEssai;F\n", "titres"),
        (b"{\"a\": 1}", "HSDS"),
        (
            b"Code du service;Ville ou quartier\nMED.01;Douala\n",
            "Il manque des colonnes",
        ),
        (b"", "Choisissez un fichier"),
    ] {
        let (to, page) = sent(&mut office, file).await;
        assert!(to.is_empty() && page.contains(said), "{said}: {page}");
    }
    let large = vec![b'x'; 9 << 20];
    let (to, page) = sent(&mut office, &large).await;
    assert!(to.is_empty() && !page.is_empty());
}
