//! Agreements in the browser: the office writes one down, has another party sign,
//! renews and ends it; a form that is wrong keeps what was typed; a scan is known by
//! its fingerprint and kept nowhere.

use axum::http::StatusCode;
use relais_network::{AgreementId, OrganisationId};

use crate::support::Site;

/// A scan, as far as it is looked at.
const SCAN: &[u8] = b"%PDF-1.4 essai";

#[tokio::test(flavor = "multi_thread")]
async fn an_agreement_is_signed_renewed_and_ended_in_the_browser() {
    let site = Site::new();
    let mut office = site.browser("secretariat").await;
    let form = office.get("/agreements/new").await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.text);
    let id = form.hidden("id");
    let typed = |from: &'static str| {
        vec![
            ("id", id.as_str()),
            ("reference", "PA/2026/07"),
            ("kind", "MOU"),
            ("classes", "identity"),
            ("classes", "contact"),
            ("purposes", "refer"),
            ("max_sensitivity", "S3"),
            ("until", "31/12/2027"),
            ("party", "autre"),
            ("from", from),
            ("function", "Directrice d’essai"),
        ]
    };
    // A day that is none: the field is named, and nothing that was typed is lost.
    let back = office.upload("/agreements", &typed("lundi"), "accord.pdf", SCAN).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", back.text);
    for kept in [
        "href=\"#from\"",
        "value=\"lundi\"",
        "value=\"PA/2026/07\"",
        "Directrice d’essai",
        "value=\"contact\" checked",
    ] {
        assert!(back.text.contains(kept), "{kept}: {}", back.text);
    }
    // What is no scan, and what is too large for one.
    let text = office
        .upload("/agreements", &typed("01/11/2026"), "accord.pdf", b"du texte")
        .await;
    assert_eq!(text.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.text.contains("href=\"#scan\""), "{}", text.text);
    let large = vec![b'a'; 5 << 20];
    let large = office
        .upload("/agreements", &typed("01/11/2026"), "accord.pdf", &large)
        .await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);

    let made = office
        .upload("/agreements", &typed("01/11/2026"), "C:\\zygomandre\\accord.pdf", SCAN)
        .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    let one = format!("/agreements/{id}");
    assert_eq!(made.location(), format!("{one}?done=agreement_added"));
    let page = office.get(made.location()).await;
    // The fingerprint as sha256sum prints it.
    let print = "SHA-256 4c60151ccf66cf1f62f60ebea8716a3a173aaeb355eb72dd91ba798d5227c394";
    for told in [
        "Accord inscrit",
        "PA/2026/07",
        "Association Wouri Avenir",
        "accord.pdf",
        print,
        "ne garde pas les fichiers",
    ] {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    assert!(!page.text.contains("zygomandre"), "folders are left out");

    // A further party; the same twice is told beside its field.
    let signatures = format!("{one}/signatures");
    for twice in [false, true] {
        let page = office.get(&one).await;
        let (id, version) = (page.hidden("id"), page.hidden("version"));
        let signing = [
            ("id", id.as_str()),
            ("version", version.as_str()),
            ("party", "SANSACCORD"),
            ("from", "23/11/2026"),
            ("function", "Gérant d’essai"),
        ];
        let answer = office.post(&signatures, &signing).await;
        if twice {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.text.contains("href=\"#signatures-party\""), "{}", answer.text);
            assert!(answer.text.contains("value=\"Gérant d’essai\""), "{}", answer.text);
        } else {
            assert_eq!(
                answer.location(),
                format!("{one}?done=agreement_signed"),
                "{}",
                answer.text
            );
        }
    }

    // Whoever is of no office reads it, without its register, and notes nothing.
    let mut manager = site.browser("gestionnaire").await;
    let seen = manager.get(&one).await;
    assert!(seen.text.contains("PA/2026/07") && !seen.text.contains("SHA-256") && !seen.text.contains("/renewal"));
    let list = manager.get("/agreements?state=in_force").await;
    assert!(
        list.text.contains("PA/2026/07") && !list.text.contains("/agreements/new"),
        "{}",
        list.text
    );
    let version = office.get(&one).await.hidden("version");
    let act = site.world.new_id().to_string();
    let renewal = |until: &'static str| {
        vec![
            ("id", act.as_str()),
            ("version", version.as_str()),
            ("until", until),
            ("function", "Directrice d’essai"),
        ]
    };
    let address = format!("{one}/renewal");
    let refused = manager.post(&address, &renewal("31/12/2028")).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let shorter = office.post(&address, &renewal("31/12/2026")).await;
    assert_eq!(shorter.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(shorter.text.contains("href=\"#renewal-until\""), "{}", shorter.text);
    let renewed = office.post(&address, &renewal("31/12/2028")).await;
    assert_eq!(
        renewed.location(),
        format!("{one}?done=agreement_renewed"),
        "{}",
        renewed.text
    );

    // The end: on a version that was read too early first, with what was typed kept.
    let act = site.world.new_id().to_string();
    let now = office.get(&one).await.hidden("version");
    let denunciation = |version: &'_ str| {
        vec![
            ("id".to_owned(), act.clone()),
            ("version".to_owned(), version.to_owned()),
            ("party".to_owned(), String::new()),
            ("on".to_owned(), "23/11/2026".to_owned()),
            ("reason".to_owned(), "Lettre d’essai".to_owned()),
        ]
    };
    let address = format!("{one}/denunciation");
    for (version, status) in [(&version, StatusCode::CONFLICT), (&now, StatusCode::SEE_OTHER)] {
        let pairs = denunciation(version);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let answer = office.post(&address, &pairs).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        assert_eq!(answer.text.contains("Lettre d’essai"), status == StatusCode::CONFLICT);
    }
    let page = office.get(&one).await;
    assert!(
        page.text.contains("Dénoncé au 23/11/2026") && !page.text.contains("/renewal"),
        "{}",
        page.text
    );
    let network = site.world.desk.network();
    let agreement = network
        .agreements
        .iter()
        .find(|a| a.id == AgreementId(id.parse().expect("an id")))
        .expect("kept");
    let parties: Vec<_> = agreement.parties.iter().map(|p| p.organisation).collect();
    let signatories = ["AUTRE", "SANSACCORD"].map(|code| OrganisationId(relais_fixture::id(code)));
    assert_eq!(parties, signatories);
}
