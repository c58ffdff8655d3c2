//! Who pays for services, over HTTP: the office adds a programme and says on an
//! entry that it pays; whoever is signed in reads it, nobody else does.

use axum::http::StatusCode;
use chrono::TimeDelta;
use relais_network::programme_id;

use crate::support::Site;

const LIST: &str = "/directory/programmes";

#[tokio::test(flavor = "multi_thread")]
async fn a_programme_is_added_corrected_and_read_where_its_services_are() {
    let site = Site::new();
    let mut office = site.browser("secretariat").await;
    let form = office.get("/directory/programmes/new").await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.text);
    let id = form.hidden("id");
    let said = |code: &'static str, until: &'static str| {
        vec![
            ("code", code),
            ("name_fr", "Projet Fil Rouge"),
            ("name_en", ""),
            ("organisation", "atelier"),
            ("donors", "Fonds Bouton\nSECRETARIAT"),
            ("from", "01/01/2026"),
            ("until", until),
        ]
    };
    let mut wrong = said("FIL-1", "bientôt");
    wrong.push(("id", &id));
    let back = office.post(LIST, &wrong).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        back.text.contains("Projet Fil Rouge") && back.text.contains("href=\"#until\""),
        "{}",
        back.text
    );
    let mut right = said("FIL-1", "31/01/2027");
    right.push(("id", &id));
    let made = office.post(LIST, &right).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let one = format!("{LIST}/{}", programme_id("FIL-1"));
    assert_eq!(made.location(), format!("{one}?done=programme_added"));

    // On the entry, by its code; a search says so to whoever is signed in.
    let entry = format!("/entries/{}", relais_fixture::id("S-COUTURE"));
    let page = office.get(&entry).await;
    let (id, version) = (page.hidden("id"), page.hidden("version"));
    let pays = [("id", id.as_str()), ("version", &version), ("programmes", "FIL-1")];
    let done = office.post(&entry, &pays).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let says = "Projet Fil Rouge, jusqu’au 31/01/2027";
    let mut manager = site.browser("gestionnaire").await;
    let found = manager.get("/services?category=VTC.02").await;
    assert!(found.text.contains(says), "{}", found.text);
    let mut provider = site.browser("atelier").await;
    for page in [entry.as_str(), "/entries"] {
        let page = provider.get(page).await;
        assert!(page.text.contains(says), "{}", page.text);
    }
    let read = site
        .program("gestionnaire")
        .get("/api/v1/services?category=VTC.02")
        .await;
    assert!(
        read.text
            .contains("\"programmes\":[\"FIL-1\"],\"paid_until\":\"2027-01-31\""),
        "{}",
        read.text
    );
    let list = manager.get(LIST).await;
    for told in [
        "Projet Fil Rouge",
        "Fonds Bouton · Secrétariat technique",
        "1 service publié",
        "dont 1 sans",
    ] {
        assert!(list.text.contains(told), "{told}: {}", list.text);
    }
    assert!(!list.text.contains("/directory/programmes/new"));
    let gaps = manager.get("/directory/gaps").await;
    assert!(gaps.text.contains("Aucun financement connu"), "{}", gaps.text);
    let csv = office.get("/directory/export?as=csv").await;
    assert!(csv.text.contains("FIL-1") && csv.text.contains("Fonds Bouton"));

    // Nobody reads it without an account, nor whoever reads HSDS.
    let mut stranger = site.stranger();
    for page in [
        "/public/services?category=VTC".to_owned(),
        format!("/public/services/{}", relais_fixture::id("S-COUTURE")),
        "/hsds/services?full=true&per_page=500".to_owned(),
        "/hsds/organizations?full=true&per_page=500".to_owned(),
    ] {
        let page = stranger.get(&page).await;
        assert_eq!(page.status, StatusCode::OK);
        for hidden in ["Fil Rouge", "FIL-1", "Fonds Bouton", "\"program"] {
            assert!(!page.text.contains(hidden), "{hidden}: {}", page.text);
        }
    }

    // It ends: from 60 days before it is told, the day after the entry is in doubt.
    let at = |days| {
        site.world.at(relais_fixture::start() + TimeDelta::days(days));
        relais_acts::work::once(&site.world.desk).expect("worked");
        site.world.desk.refresh().expect("refreshed");
        // A page that shows the date reads it once a second.
        std::thread::sleep(std::time::Duration::from_millis(1100));
        // A session is over after a night.
        site.sign_all_out();
    };
    at(20);
    let mut manager = site.browser("gestionnaire").await;
    let gaps = manager.get("/directory/gaps").await;
    assert!(
        gaps.text.contains("<td data-l=\"Services\">1</td>"),
        "{} {}",
        gaps.status,
        gaps.text
    );
    let soon = manager.get("/directory/programmes?state=soon").await;
    assert!(soon.text.contains("Fil Rouge") && soon.text.contains("Finit bientôt"));
    at(71);
    let mut provider = site.browser("atelier").await;
    let page = provider.get(&entry).await;
    assert!(page.text.contains("Confirmer la fiche ne suffit pas"), "{}", page.text);
    let public = stranger
        .get(&format!("/public/services/{}", relais_fixture::id("S-COUTURE")))
        .await;
    assert!(
        public.text.contains("peut-être arrêté") && !public.text.contains("programme qui payait"),
        "{}",
        public.text
    );
    let mut office = site.browser("secretariat").await;
    let page = office.get(&one).await;
    let (id, version) = (page.hidden("id"), page.hidden("version"));
    let mut longer = said("", "31/12/2027");
    longer.extend([("id", id.as_str()), ("version", &version)]);
    let done = office.post(&one, &longer).await;
    assert_eq!(done.location(), format!("{one}?done=programme_saved"), "{}", done.text);
    let page = office.get(done.location()).await;
    assert!(
        page.text.contains("Dernier jour\u{a0}: 31/01/2027 → 31/12/2027"),
        "{}",
        page.text
    );
    assert!(
        !provider
            .get(&entry)
            .await
            .text
            .contains("Confirmer la fiche ne suffit pas")
    );
}
