//! The directory for whoever has no account, and as a document.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use relais_acts::directory::{self, By, Entries};
use relais_network::service::{Cost, Telephone};
use relais_network::{OrganisationId, PublicationStatus, Service, ServiceId};
use relais_server::{AppState, Settings, app};

use crate::support::{Site, ask};

/// Changes a service of the fixture.
fn change(site: &Site, code: &str, change: impl FnOnce(&mut Service)) {
    let network = site.world.desk.network();
    let mut service = network.services[&ServiceId(relais_fixture::id(code))].clone();
    change(&mut service);
    let entries = Entries {
        organisations: Vec::new(),
        places: Vec::new(),
        services: vec![service],
        ..Entries::default()
    };
    directory::put(site.world.store(), entries, "essai", By::CommandLine).expect("put");
    site.world.desk.refresh().expect("read again");
}

fn sheet(code: &str) -> String {
    format!("/public/services/{}", relais_fixture::id(code))
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_finds_a_service_and_takes_its_sheet_along() {
    let site = Site::new();
    let mut anybody = site.stranger();
    let home = anybody.get("/public").await;
    assert_eq!(home.status, StatusCode::OK, "{}", home.text);
    let order: Vec<Option<usize>> = ["1503", "116", "119", "117", "113", "118"]
        .iter()
        .map(|n| home.text.find(&format!("href=\"tel:{n}\"")))
        .collect();
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{order:?}");
    assert!(home.text.contains("href=\"/public/services?category=VTC\"") && home.text.contains("Apprendre un métier"));
    assert!(!home.text.contains("category=MON"), "nobody looks for monitoring");
    assert!(home.text.contains("Quitter vite") && home.text.contains("href=\"https://www.wikipedia.org/\""));

    let found = anybody.get("/public/services?q=aprendre+la+couture&place=Douala").await;
    assert_eq!(found.status, StatusCode::OK);
    assert!(
        found.text.contains("Formation en couture") && found.text.contains("· à 1,4 km"),
        "{}",
        found.text
    );
    assert!(found.text.contains(&sheet("S-COUTURE")) && found.text.contains("href=\"tel:+237233000001\""));
    let lost = anybody.get("/public/services?q=couture&place=Zzyzx").await;
    assert_eq!(lost.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(lost.text.contains("Lieu inconnu") && lost.text.contains("value=\"Zzyzx\""));
    assert_eq!(anybody.get("/public/services").await.location(), "/public");

    let one = anybody.get(&sheet("S-COUTURE")).await;
    assert!(
        one.text.contains("01/11/2026") && one.text.contains("class=\"qr\""),
        "{}",
        one.text
    );
    assert!(
        !one.text.contains("<title>Formation"),
        "the history of the telephone says nothing"
    );
    for answer in [&home, &found, &one] {
        assert_eq!(answer.header("set-cookie"), "");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let request = Request::get(sheet("S-COUTURE"))
        .header(header::ACCEPT_LANGUAGE, "en")
        .body(Body::empty())
        .expect("a request");
    let english = ask(&site.app, request).await.text;
    assert!(english.contains("Sewing course") && english.contains("Leave quickly"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_focal_points_own_number_is_for_whoever_refers() {
    let site = Site::new();
    let number = |number: &str, who: &str| Telephone {
        number: number.to_owned(),
        who: who.to_owned(),
        hours: String::new(),
    };
    change(&site, "S-COUTURE", |s| {
        s.telephones = vec![
            number("+237699112233", "Essai Directrice"),
            number("+237222112233", "Essai Guichet"),
            number("+33699112233", "Essai Ailleurs"),
        ];
        s.cost = Some(Cost::Free);
    });
    let mut anybody = site.stranger();
    for path in [sheet("S-COUTURE"), "/public/services?q=couture".to_owned()] {
        let page = anybody.get(&path).await.text;
        assert!(page.contains("tel:+237222112233"), "{page}");
        assert!(
            !page.contains("99112233") && !page.contains("99\u{a0}11") && !page.contains("Essai"),
            "{page}"
        );
    }
    let object = anybody
        .get(&sheet("S-COUTURE").replace("/public/", "/hsds/"))
        .await
        .text;
    assert!(
        object.contains("237222112233") && !object.contains("99112233"),
        "{object}"
    );
    // Printed for partners by the coordination unit, for anybody else by everybody.
    let (partners, everybody) = ("/directory/booklet/print?for=partners", "/directory/booklet/print");
    let mut office = site.browser("secretariat").await;
    let printed = office.get(partners).await.text;
    assert!(
        printed.contains("Essai Directrice") && printed.contains("Suppléant"),
        "{printed}"
    );
    for mut browser in [office, site.browser("gestionnaire").await] {
        let printed = browser.get(everybody).await;
        assert_eq!(printed.status, StatusCode::OK);
        assert!(!printed.text.contains("Essai Directrice") && printed.text.contains("Formation en couture"));
    }
    let mut manager = site.browser("gestionnaire").await;
    assert_eq!(manager.get(partners).await.status, StatusCode::FORBIDDEN);
    assert!(
        !manager
            .get("/directory/booklet")
            .await
            .text
            .contains("value=\"partners\"")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn paper_holds_what_is_checked_and_says_how_much_it_leaves_out() {
    let site = Site::new();
    let mut office = site.browser("secretariat").await;
    let before = office.get("/directory/booklet/print?region=CM005").await.text;
    assert!(
        before.contains("Couture du soir") && before.contains("Aucun n’est en doute"),
        "{before}"
    );
    let on = relais_fixture::start().date_naive();
    change(&site, "S-COUTURE-2", |s| {
        let cause = relais_network::DoubtCause::Reported;
        (s.status, s.doubts) = (PublicationStatus::Doubtful, vec![relais_network::Doubt { cause, on }]);
    });
    change(&site, "S-METIERS", |s| s.status = PublicationStatus::Checked);
    let after = office.get("/directory/booklet/print?region=CM005").await.text;
    assert!(
        !after.contains("Couture du soir") && !after.contains("Formation aux métiers"),
        "{after}"
    );
    assert!(
        after.contains("1 service en doute") && after.contains("2 services vérifiés"),
        "{after}"
    );
    assert!(!after.contains("Hôpital régional d’essai"), "another region's");
    let sign = |text: &str| {
        text.split("Version ")
            .nth(1)
            .map(|t| t[..8].to_owned())
            .expect("a sign")
    };
    assert_ne!(sign(&before), sign(&after));
    // Online the doubtful one is found, with the reason; the unpublished one is not there.
    let mut anybody = site.stranger();
    let doubtful = anybody.get(&sheet("S-COUTURE-2")).await;
    assert!(
        doubtful.text.contains("En doute depuis le 23/11/2026"),
        "{}",
        doubtful.text
    );
    let (hidden, nothing) = (
        anybody.get(&sheet("S-METIERS")).await,
        anybody.get(&sheet("S-NULLE-PART")).await,
    );
    assert_eq!(
        (hidden.status, nothing.status),
        (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND)
    );
    assert_eq!(hidden.text, nothing.text);
    assert_eq!(
        office.get("/directory/booklet/print?region=CM099").await.status,
        StatusCode::NOT_FOUND
    );
    // What one organisation offers at one place is one entry; its sheet leads to the rest.
    let whole = office.get("/directory/booklet/print").await.text;
    assert_eq!(whole.matches("Hôpital régional d’essai</b>").count(), 1, "{whole}");
    assert!(whole.contains("Consultation") && whole.contains("Urgences"));
    let one = anybody.get(&sheet("S-SOINS")).await.text;
    assert!(
        one.contains(&sheet("S-URGENCES")) && !one.contains(&sheet("S-COUTURE")),
        "{one}"
    );
    // Who offers nothing that is found stands in no index.
    assert!(!before.contains("Technical secretariat") && before.contains("Atelier Aiguille Claire"));
    assert!(
        site.world
            .desk
            .network()
            .organisations
            .contains_key(&OrganisationId(relais_fixture::id("SECRETARIAT")))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_country_may_shut_the_public_pages() {
    let site = Site::new();
    let settings = Settings {
        public_directory: false,
        ..Settings::default()
    };
    let shut = app(AppState::new(Arc::clone(&site.world.desk), settings));
    let get = |path: &str| Request::get(path).body(Body::empty()).expect("a request");
    for path in [
        "/public".to_owned(),
        "/public/services?q=couture".to_owned(),
        sheet("S-COUTURE"),
    ] {
        assert_eq!(ask(&shut, get(&path)).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(!ask(&shut, get("/sign-in")).await.text.contains("href=\"/public\""));
    assert!(ask(&site.app, get("/sign-in")).await.text.contains("href=\"/public\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_too_much_is_told_what_to_do() {
    let site = Site::new();
    let get = || {
        Request::get(sheet("S-COUTURE"))
            .header(header::ACCEPT_LANGUAGE, "en")
            .body(Body::empty())
            .expect("a request")
    };
    let mut answered = 0;
    let refused = loop {
        let answer = ask(&site.app, get()).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
        answered += 1;
        assert!(answered < 1_000, "no ration");
    };
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(
        answered >= 600 && refused.text.contains("emergency number"),
        "{answered}: {}",
        refused.text
    );
    // The rest of the house answers.
    assert_eq!(
        ask(
            &site.app,
            Request::get("/sign-in").body(Body::empty()).expect("a request")
        )
        .await
        .status,
        StatusCode::OK
    );
}
