//! Who does what, where, over HTTP: a number leads to its entries, a region to
//! its departments, a search to its map; what was asked for is the office's.

use axum::http::{StatusCode, header};

use crate::support::Site;

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_the_matrix_leads_to_as_many_entries() {
    let site = Site::new();
    let mut manager = site.browser("gestionnaire").await;
    let page = manager.get("/directory/matrix").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let cell = "href=\"matrix/CM005/VTC\">4</a>";
    assert!(page.text.contains(cell), "{}", page.text);
    let led = manager.get("/directory/matrix/CM005/VTC").await;
    assert_eq!(led.status, StatusCode::SEE_OTHER);
    let to = led.headers[header::LOCATION].to_str().expect("an address").to_owned();
    assert_eq!(to, "/services?category=VTC&place=Littoral");
    let found = manager.get(&to).await;
    assert!(found.text.contains("4 services trouvés"), "{}", found.text);
    // By place the search is asked for what stands there; the group goes along.
    let led = manager.get("/directory/matrix/CM005/VTC?by=place&target=women").await;
    assert_eq!(
        led.headers[header::LOCATION],
        "/services?category=VTC&region=CM005&target=women"
    );
    let department = manager.get("/directory/matrix/CM005001/VTC?by=place").await;
    let to = department.headers[header::LOCATION]
        .to_str()
        .expect("an address")
        .to_owned();
    let found = manager.get(&to).await;
    assert_eq!(found.status, StatusCode::OK);
    for nowhere in [
        "/directory/matrix/CM099",
        "/directory/matrix/CM005001",
        "/directory/matrix/CM099/VTC",
        "/directory/matrix/CM005/XYZ",
    ] {
        assert_eq!(manager.get(nowhere).await.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
    let wrong = manager.get("/directory/matrix?by=anything").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    // A region, by department and by category.
    let region = manager.get("/directory/matrix/CM006").await;
    assert!(region.text.contains("Bénoué") && region.text.contains("href=\"CM006/MED\">2</a>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_results_of_a_search_stand_on_a_map_with_their_numbers() {
    let site = Site::new();
    let mut manager = site.browser("gestionnaire").await;
    let list = manager.get("/services?category=VTC").await;
    assert!(
        list.text.contains("href=\"/services/map?after=&#38;category=VTC\""),
        "{}",
        list.text
    );
    let map = manager.get("/services/map?after=&category=VTC").await;
    assert_eq!(map.status, StatusCode::OK);
    // Four workshops within some kilometres of each other: one pin for all.
    assert!(map.text.contains(">1–4</text>"), "{}", map.text);
    let name = |page: &str, n: usize| {
        let (before, after) = if page.contains("class=\"numbers\"") {
            (format!("<b class=\"n\">{n}</b><div>"), "<p")
        } else {
            (format!("<h3>{n}. "), "</h3>")
        };
        let (_, rest) = page.split_once(&before).expect("the number");
        rest.split(after).next().unwrap_or_default().to_owned()
    };
    for n in 1..=4 {
        assert_eq!(name(&list.text, n), name(&map.text, n), "the same number for the same");
    }
    let none = manager.get("/services/map?q=zyzzyva&category=LEG").await;
    assert!(!none.text.contains("<svg class=\"map\""), "{}", none.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_matrix_goes_out_as_files_and_as_a_report_in_either_language() {
    let site = Site::new();
    let mut manager = site.browser("gestionnaire").await;
    let csv = manager.get("/directory/matrix/export?as=csv").await;
    assert_eq!(csv.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(
        csv.headers[header::CONTENT_DISPOSITION]
            .to_str()
            .is_ok_and(|h| h.contains("matrice-"))
    );
    let line = csv
        .text
        .lines()
        .find(|l| l.starts_with("Littoral;;CM005;VTC;"))
        .expect("a line");
    assert!(line.contains(";4;4;"), "{line}");
    // Ten regions and 58 departments, by seventeen categories, and the headings.
    assert_eq!(csv.text.lines().count(), 68 * 17 + 1);
    let book = manager.get("/directory/matrix/export").await;
    assert_eq!(book.status, StatusCode::OK);
    let wrong = manager.get("/directory/matrix/export?as=pdf").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    for (lang, words) in [("fr", "Limites des données"), ("en", "Limits of the data")] {
        let report = manager.get(&format!("/directory/report?lang={lang}")).await;
        assert!(
            report.text.contains(words) && report.text.len() < 20 * 1024,
            "{} bytes",
            report.text.len()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_is_told_to_the_office_alone() {
    let site = Site::new();
    for (login, office) in [("gestionnaire", false), ("secretariat", true), ("regional", true)] {
        let mut browser = site.browser(login).await;
        let page = browser.get("/directory/gaps").await;
        assert_eq!(page.text.contains("id=\"demand\""), office, "{login}");
        let report = browser.get("/directory/report?whole=yes").await;
        assert_eq!(
            report.text.contains("Demandé, et ce qui peut être pris"),
            office,
            "{login}"
        );
    }
}
