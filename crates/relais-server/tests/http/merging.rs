//! Entries that are perhaps the same: the list, side by side, merged, undone.

use axum::http::StatusCode;
use relais_acts::directory::{By, Entries, put};
use relais_mechanism::Label;
use relais_network::{OrganisationId, PlaceId, ServiceId};

use crate::support::{Browser, Site};

/// A second entry of the trades centre, as a partner's list brings it.
fn double(site: &Site) {
    let network = site.world.desk.network();
    let id = relais_fixture::id;
    let mut organisation = network.organisations[&OrganisationId(id("SANSACCORD"))].clone();
    (organisation.id, organisation.code) = (OrganisationId(id("DOUBLE")), "DOUBLE".to_owned());
    organisation.name = Label::of("Centre Sanaga-Metiers", "Centre Sanaga-Metiers");
    organisation.telephone = Some("+237677889900".to_owned());
    let mut place = network.places[&PlaceId(id("P-SANSACCORD"))].clone();
    (place.id, place.organisation) = (PlaceId(id("P-DOUBLE")), organisation.id);
    let mut service = network.services[&ServiceId(id("S-METIERS"))].clone();
    (service.id, service.organisation, service.place) = (ServiceId(id("S-DOUBLE")), organisation.id, place.id);
    let entries = Entries {
        organisations: vec![(organisation, None)],
        places: vec![place],
        services: vec![service],
        ..Entries::default()
    };
    put(site.world.store(), entries, "partenaire", By::CommandLine).expect("put");
    site.world.desk.refresh().expect("refreshed");
}

fn pair() -> String {
    let (one, other) = (relais_fixture::id("SANSACCORD"), relais_fixture::id("DOUBLE"));
    format!("/directory/duplicates/pair?what=organisations&one={one}&other={other}")
}

/// What the form of the pair sends, with these choices.
async fn sent(office: &mut Browser, choices: &[(&str, &str)]) -> (StatusCode, String, String) {
    let page = office.get(&pair()).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    let names = ["id", "what", "one", "other", "version", "other_version"];
    let hidden: Vec<(&str, String)> = names.iter().map(|n| (*n, page.hidden(n))).collect();
    let mut all: Vec<(&str, &str)> = hidden.iter().map(|(n, v)| (*n, v.as_str())).collect();
    all.extend(choices);
    let answer = office.post("/directory/duplicates/pair", &all).await;
    (answer.status, answer.location().to_owned(), answer.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_entries_are_seen_side_by_side_merged_and_parted() {
    let site = Site::new();
    double(&site);
    let mut office = site.browser("secretariat").await;
    let list = office.get("/directory/duplicates").await;
    assert!(
        list.text.contains("Centre Sanaga-Metiers") && list.text.contains("Pour\u{a0}: même nom"),
        "{}",
        list.text
    );
    for (query, seen) in [
        ("what=services", false),
        ("region=CM006", false),
        ("what=organisations&region=CM005", true),
        ("what=rien&region=%3Cb%3E", true),
        ("after=zzz", true),
        ("after=0-services-1-2", true),
    ] {
        let list = office.get(&format!("/directory/duplicates?{query}")).await;
        assert_eq!(list.status, StatusCode::OK, "{query}");
        assert_eq!(list.text.contains("Centre Sanaga-Metiers"), seen, "{query}");
    }
    let read = site.program("secretariat").get("/api/v1/directory/duplicates").await;
    assert!(
        read.text.contains("\"name_same\"") && read.text.contains("\"total\":1"),
        "{}",
        read.text
    );
    // Whoever keeps another region, or no entries at all, sees nothing.
    for stranger in ["gestionnaire", "hopital", "administrateur"] {
        let mut browser = site.browser(stranger).await;
        assert_ne!(browser.get(&pair()).await.status, StatusCode::OK, "{stranger}");
    }
    // A form of another page's making.
    let (status, ..) = sent(&mut office, &[("decision", "merge")]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "nobody said which one stays");

    let merge = [
        ("decision", "merge"),
        ("stays", "one"),
        ("take_telephone", "other"),
        ("take_name", "one"),
    ];
    let (status, to, text) = sent(&mut office, &merge).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{text}");
    assert_eq!(to, "/directory/duplicates?done=merged");
    let list = office.get(&to).await;
    assert!(
        list.text.contains("est entrée dans") && list.text.contains("Fiches réunies"),
        "{}",
        list.text
    );
    let shown = site
        .stranger()
        .get(&format!("/hsds/organizations/{}", relais_fixture::id("SANSACCORD")))
        .await;
    assert!(
        shown.text.contains("677889900") && shown.text.contains("Sanaga Métiers"),
        "{}",
        shown.text
    );
    let gone = site
        .stranger()
        .get(&format!("/hsds/organizations/{}", relais_fixture::id("DOUBLE")))
        .await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    // The form sent twice: there are no longer two.
    assert_eq!(office.get(&pair()).await.status, StatusCode::NOT_FOUND);

    let (act, decision) = (list.hidden("id"), list.hidden("decision"));
    let undo = [("id", act.as_str()), ("decision", decision.as_str())];
    let (to, list) = office.post_then("/directory/duplicates/undo", &undo).await;
    assert!(
        to.contains("done=undone") && list.text.contains("comme avant"),
        "{}",
        list.text
    );
    let again = [("id", relais_fixture::id("encore").to_string()), ("decision", decision)];
    let again: Vec<(&str, &str)> = again.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let twice = office.post("/directory/duplicates/undo", &again).await;
    assert!(
        twice.status.is_client_error() && twice.text.contains("déjà annulé"),
        "{}",
        twice.text
    );

    let (status, to, text) = sent(&mut office, &[("decision", "apart")]).await;
    assert_eq!(
        (status, to.as_str()),
        (StatusCode::SEE_OTHER, "/directory/duplicates?done=apart"),
        "{text}"
    );
    let list = office.get(&to).await;
    assert!(list.text.contains("aucune paire"), "{}", list.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_merge_comes_back_with_the_reason_and_what_was_chosen() {
    let site = Site::new();
    let mut office = site.browser("secretariat").await;
    let (one, other) = (relais_fixture::id("ATELIER"), relais_fixture::id("AUTRE"));
    let page = office
        .get(&format!(
            "/directory/duplicates/pair?what=organisations&one={one}&other={other}"
        ))
        .await;
    // Both have accounts: the page says so and offers no merge.
    assert!(
        page.text.contains("a des comptes") && !page.text.contains("value=\"merge\""),
        "{}",
        page.text
    );
    let (one, other) = (one.to_string(), other.to_string());
    let id = relais_fixture::id("essai").to_string();
    let forced = [
        ("id", id.as_str()),
        ("what", "organisations"),
        ("one", &one),
        ("other", &other),
        ("version", "1"),
        ("other_version", "1"),
        ("stays", "other"),
        ("take_name", "one"),
        ("decision", "merge"),
    ];
    let answer = office.post("/directory/duplicates/pair", &forced).await;
    assert!(
        answer.status.is_client_error() && answer.text.contains("a des comptes"),
        "{}",
        answer.text
    );
}
