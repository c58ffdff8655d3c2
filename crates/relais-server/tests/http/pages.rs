//! The mechanism's main job through the pages, as three browsers do it
//! without JavaScript.

use crate::support::{self, Site};
use axum::http::StatusCode;

const ARRIVAL: &[(&str, &str)] = &[
    ("F1E.01", "B-017"),
    ("F1E.02", "yes"),
    ("F1E.03", "Salomé Essai Bilodémo"),
    ("F1E.04", "F"),
    ("F1E.05", "28"),
    ("F1E.06", "alone"),
    ("F1E.07", "centre"),
    ("F1E.08", "Garoua"),
    ("F1E.09", "CALL"),
    ("F1E.10", "677 12 34 56"),
    ("F1E.11", "fra"),
];

const CONSENT: &[(&str, &str)] = &[
    ("F3.01", "fra"),
    ("F3.03", "yes"),
    ("F3.04", "yes"),
    ("F3.05", "yes"),
    ("F3.10", "SELF"),
    ("F3.20", "granted"),
    ("F3.21", "granted"),
    ("F3.22", "granted"),
    ("c3_service", "any"),
    ("c3_classes", "identity"),
    ("c3_classes", "contact"),
    ("F3.24", "refused"),
    ("F3.25", "not_asked"),
    ("F3.40", "WRITTEN"),
    ("F3.41", "Signée sur papier"),
];

fn with<'a>(pairs: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    pairs.iter().chain(more).copied().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_one_need_there_and_back() {
    let site = Site::new();
    let mut manager = site.browser("gestionnaire").await;
    let mut hospital = site.browser("hopital").await;

    let home = manager.get("/").await;
    assert_eq!(home.location(), "/day");
    assert!(manager.get("/day").await.text.contains("Rien ne vous attend"));

    // Register.
    let form = manager.get("/arrivals/new").await;
    let id = form.hidden("id");
    let (case, page) = manager.post_then("/arrivals/new", &with(ARRIVAL, &[("id", &id)])).await;
    assert!(case.starts_with(&format!("/cases/{id}")), "{case}");
    assert!(
        page.text.contains("Salomé Essai Bilodémo") && page.text.contains("Dossier ouvert"),
        "{}",
        page.text
    );
    let again = manager.post("/arrivals/new", &with(ARRIVAL, &[("id", &id)])).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "sent twice, done once");
    let case = format!("/cases/{id}");

    // Consent.
    let form = manager.get(&format!("{case}/consent")).await;
    assert_eq!(form.status, StatusCode::OK);
    let consent = form.hidden("id");
    let (_, page) = manager
        .post_then(&format!("{case}/consent"), &with(CONSENT, &[("id", &consent)]))
        .await;
    assert!(page.text.contains("Consentement enregistré"), "{}", page.text);

    // Need.
    let form = manager.get(&format!("{case}/needs/new")).await;
    let need = form.hidden("id");
    let pairs = [
        ("id", need.as_str()),
        ("service", "MED.03"),
        ("priority", "P3"),
        ("words", "Toux depuis un mois"),
    ];
    let (_, page) = manager.post_then(&format!("{case}/needs/new"), &pairs).await;
    let refer = format!("/needs/{need}/refer");
    assert!(page.text.contains(&refer), "{}", page.text);

    // Refer: the list, the preview, send.
    let list = manager.get(&refer).await;
    assert!(list.text.contains("Consultation"), "{}", list.text);
    let service = relais_fixture::id("S-SOINS").to_string();
    let preview = manager.get(&format!("{refer}?service={service}")).await;
    assert_eq!(preview.status, StatusCode::OK);
    assert!(preview.text.contains("Après acceptation") && preview.text.contains("Salomé Essai Bilodémo"));
    let referral = preview.hidden("id");
    let sent = [
        ("id", referral.as_str()),
        ("service", &service),
        ("words", "Disponible le matin"),
        ("person_informed", "yes"),
    ];
    let (_, page) = manager.post_then(&refer, &sent).await;
    assert!(page.text.contains("Référencement envoyé"), "{}", page.text);

    // The provider sees no name, accepts, sees name and contact, not the other classes.
    let path = format!("/referrals/{referral}");
    let inbox = hospital.get("/inbox").await;
    assert!(
        inbox.text.contains(&path) && !inbox.text.contains("S. E."),
        "{}",
        inbox.text
    );
    let offer = hospital.get(&path).await;
    assert_eq!(offer.status, StatusCode::OK);
    assert!(
        !offer.text.contains("Salomé") && !offer.text.contains("77 12"),
        "{}",
        offer.text
    );
    assert_eq!(hospital.get(&case).await.status, StatusCode::NOT_FOUND);
    let (id, version) = (offer.hidden("id"), offer.hidden("version"));
    let (_, file) = hospital
        .post_then(&path, &[("id", &id), ("version", &version), ("command", "accept")])
        .await;
    assert!(file.text.contains("Salomé Essai Bilodémo"), "{}", file.text);
    assert!(
        !file.text.contains("Toux") && !file.text.contains("Garoua"),
        "{}",
        file.text
    );

    let seen = hospital.get(&case).await;
    assert!(
        !seen.text.contains("Toux") && !seen.text.contains("B-017"),
        "only what came with acceptance: {}",
        seen.text
    );

    // Report.
    let (id, version) = (file.hidden("id"), file.hidden("version"));
    let (_, file) = hospital
        .post_then(&path, &[("id", &id), ("version", &version), ("command", "start")])
        .await;
    let (id, version) = (file.hidden("id"), file.hidden("version"));
    let wrong = hospital
        .post(&path, &[("id", &id), ("version", &version), ("command", "report")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text.contains("<title>Erreur") && wrong.text.contains("Choisissez le résultat"),
        "{}",
        wrong.text
    );
    let report = [
        ("id", id.as_str()),
        ("version", &version),
        ("command", "report"),
        ("outcome", "served"),
        ("text", "Vue et soignée"),
    ];
    hospital.post_then(&path, &report).await;

    // Confirm, close.
    let day = manager.get("/day").await;
    assert!(day.text.contains(&format!("{path}/confirm")), "{}", day.text);
    let form = manager.get(&format!("{path}/confirm")).await;
    let confirm = [
        ("id", form.hidden("id")),
        ("version", form.hidden("version")),
        ("command", "confirm".into()),
        ("confirmation", "person_through_sender".into()),
    ];
    let confirm: Vec<(&str, &str)> = confirm.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let (_, page) = manager.post_then(&format!("{path}/confirm"), &confirm).await;
    assert!(page.text.contains("Confirmé"), "{}", page.text);
    let form = manager.get(&format!("{case}/close")).await;
    let (id, version) = (form.hidden("id"), form.hidden("version"));
    let reason = form
        .text
        .split("name=\"reason\" id=\"reason-1\" value=\"")
        .nth(1)
        .expect("reasons")
        .split('"')
        .next()
        .expect("one");
    let proposal = [
        ("id", id.as_str()),
        ("version", &version),
        ("reason", reason),
        ("interview", "yes"),
        ("satisfaction", "4"),
        ("told", "reopening"),
        ("remarks", "Elle dit merci"),
    ];
    let (_, page) = manager.post_then(&format!("{case}/close"), &proposal).await;
    assert!(
        page.text.contains("Clôture proposée") && page.text.contains("Ouvert"),
        "{}",
        page.text
    );

    // Sent from a second tab, it keeps what was typed there; an answer that is
    // none takes nothing back.
    let second = site.world.new_id().to_string();
    let late = [
        ("id", second.as_str()),
        ("version", &version),
        ("reason", reason),
        ("interview", "yes"),
        ("remarks", "Dit dans l’autre onglet"),
    ];
    let late = manager.post(&format!("{case}/close"), &late).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.text);
    assert!(late.text.contains("Dit dans l’autre onglet"), "{}", late.text);
    let version = late.hidden("version");
    let none = [("id", second.as_str()), ("version", &version), ("answer", "oui")];
    let none = manager.post(&format!("{case}/close/answer"), &none).await;
    assert_eq!(none.status, StatusCode::BAD_REQUEST, "{}", none.text);

    // The supervisor finds it in the day, sends it back, and confirms it then.
    let mut supervisor = site.browser("superviseur").await;
    let day = supervisor.get("/day").await;
    assert!(day.text.contains("Confirmer une clôture"), "{}", day.text);
    let form = supervisor.get(&format!("{case}/close")).await;
    assert!(form.text.contains("Elle dit merci"), "{}", form.text);
    let (id, version) = (form.hidden("id"), form.hidden("version"));
    let back = [
        ("id", id.as_str()),
        ("version", &version),
        ("answer", "return"),
        ("reason", "A-t-elle ses numéros d’urgence ?"),
    ];
    let (_, page) = supervisor.post_then(&format!("{case}/close/answer"), &back).await;
    assert!(page.text.contains("Clôture renvoyée"), "{}", page.text);
    let form = manager.get(&format!("{case}/close")).await;
    assert!(
        form.text.contains("numéros d’urgence") && form.text.contains("Elle dit merci"),
        "{}",
        form.text
    );
    let (id, version) = (form.hidden("id"), form.hidden("version"));
    let again = [("id", id.as_str()), ("version", version.as_str())];
    let again: Vec<_> = again.into_iter().chain(proposal.into_iter().skip(2)).collect();
    manager.post_then(&format!("{case}/close"), &again).await;
    let form = supervisor.get(&format!("{case}/close")).await;
    let (id, version) = (form.hidden("id"), form.hidden("version"));
    let confirm = [("id", id.as_str()), ("version", &version), ("answer", "confirm")];
    let (_, page) = supervisor.post_then(&format!("{case}/close/answer"), &confirm).await;
    assert!(page.text.contains("Dossier clos"), "{}", page.text);
    let read = manager.get(&format!("{case}/close")).await;
    assert!(read.text.contains("Confirmée le"), "{}", read.text);

    // Out: at once, also where a session that was just looked up is believed for a moment.
    assert!(manager.get("/services").await.text.contains("role=\"search\""));
    let out = manager.post("/sign-out", &[]).await;
    assert_eq!(out.location(), "/sign-in?ended=yes");
    assert_eq!(manager.get("/day").await.location(), "/sign-in?next=/day");
    assert_eq!(manager.get("/services").await.location(), "/sign-in?next=/services");
}

/// A session that ends elsewhere (another process, an administrator) is believed for a second at most, and at the search
/// alone: no page that shows a case, or does anything, goes by what was true a moment ago.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_elsewhere_is_believed_at_the_search_alone() {
    use relais_store::rows::accounts::sessions_expire;
    let site = Site::new();
    let mut manager = site.browser("gestionnaire").await;
    assert!(manager.get("/services").await.text.contains("role=\"search\""));
    let ended = |tx: &mut relais_store::Tx<'_>| {
        let now = tx.now()?;
        sessions_expire(tx, now + chrono::TimeDelta::days(2))
    };
    site.world.store().write_blocking(ended).expect("all sessions end");
    for path in ["/day", "/cases", "/directory/programmes", "/account"] {
        let answer = manager.get(path).await;
        assert!(
            answer.location().starts_with("/sign-in?next="),
            "{path}: {}",
            answer.text
        );
    }
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    assert_eq!(manager.get("/services").await.location(), "/sign-in?next=/services");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_by_telephone_brings_the_need_back_into_the_day() {
    let site = Site::new();
    let (world, mut manager) = (&site.world, site.browser("gestionnaire").await);
    let who = world.viewer("gestionnaire");
    let case = world.register(&who, "Essai Deux", 30).await.expect("registered");
    world
        .consent(&who, case.id, &[relais_mechanism::DataClass::Skills])
        .await
        .expect("consented");
    let need = world
        .need(&who, case.id, "VTC.02", relais_mechanism::Priority::P4)
        .await
        .expect("a need");
    let sent = world.send(&who, need.id, "S-COUTURE").await.expect("sent");
    let path = format!("/referrals/{}/telephone", sent.id);
    let form = manager.get(&path).await;
    let (id, version) = (form.hidden("id"), form.hidden("version"));
    // Nothing but the command: every gap is named, nothing typed is lost.
    let wrong = manager
        .post(
            &path,
            &[
                ("id", &id),
                ("version", &version),
                ("command", "decline"),
                ("number", ""),
                ("happened_at", "hier"),
            ],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for words in [
        "Écrivez le numéro appelé",
        "Écrivez le nom",
        "Choisissez la raison",
        "n’existe pas",
        "value=\"hier\"",
    ] {
        assert!(wrong.text.contains(words), "{words}: {}", wrong.text);
    }
    let pairs = [
        ("id", id.as_str()),
        ("version", &version),
        ("command", "decline"),
        ("code", "no_capacity"),
        ("number", "233 00 00 01"),
        ("answered_by", "Mme Essai, secrétaire"),
    ];
    let (_, page) = manager.post_then(&path, &pairs).await;
    assert!(page.text.contains("Réponse par téléphone notée"), "{}", page.text);
    let day = manager.get("/day").await;
    assert!(
        day.text.contains(&format!("/needs/{}/refer", need.id)),
        "back, with its button: {}",
        day.text
    );
    assert!(day.text.contains("class=\"clock"), "and its due time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_full_of_mistakes_comes_back_whole() {
    let site = Site::new();
    let mut manager = site.browser("gestionnaire").await;
    let id = manager.get("/arrivals/new").await.hidden("id");
    let wrong = manager
        .post(
            "/arrivals/new",
            &[
                ("id", &id),
                ("F1E.03", "Essai <Trois>"),
                ("F1E.05", "vingt"),
                ("F1E.10", "12"),
                ("F1E.04", "Z"),
                ("happened_at", "31/02/2026 08:00"),
            ],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for kept in [
        "value=\"Essai &#60;Trois&#62;\"",
        "value=\"vingt\"",
        "value=\"12\"",
        "value=\"31/02/2026 08:00\"",
    ] {
        assert!(wrong.text.contains(kept), "{kept}: {}", wrong.text);
    }
    assert_eq!(wrong.hidden("id"), id, "the same arrival");
}

#[tokio::test(flavor = "multi_thread")]
async fn doors_answer_alike_and_are_rationed() {
    let site = Site::new();
    site.give_password("gestionnaire");
    let mut browser = site.stranger();
    assert_eq!(
        browser.get("/cases?after=3").await.location(),
        "/sign-in?next=/cases%3Fafter%3D3"
    );
    let known = browser
        .post(
            "/sign-in",
            &[("login", "gestionnaire"), ("password", "faux"), ("next", "/cases")],
        )
        .await;
    let unknown = browser
        .post(
            "/sign-in",
            &[("login", "personne...."), ("password", "faux"), ("next", "/cases")],
        )
        .await;
    assert_eq!(known.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(known.text.replace("gestionnaire", "personne...."), unknown.text);
    for _ in 0..4 {
        browser
            .post("/sign-in", &[("login", "gestionnaire"), ("password", "faux")])
            .await;
    }
    let rationed = browser
        .post(
            "/sign-in",
            &[("login", "gestionnaire"), ("password", support::PASSWORD)],
        )
        .await;
    assert_eq!(rationed.status, StatusCode::TOO_MANY_REQUESTS);
    let away = site
        .browser("collegue")
        .await
        .get("/sign-in?next=//elsewhere.example")
        .await;
    assert_eq!(away.location(), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_armoured_and_another_site_cannot_post() {
    let site = Site::new();
    let mut browser = site.browser("gestionnaire").await;
    let page = browser.get("/day").await;
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("cache-control"), "no-store");
    let css = page
        .text
        .split("href=\"/static/kit.")
        .nth(1)
        .expect("a style sheet")
        .split('"')
        .next()
        .expect("its hash");
    let css = browser.get(&format!("/static/kit.{css}")).await;
    assert_eq!(css.header("cache-control"), "public, max-age=31536000, immutable");

    let request = axum::http::Request::builder()
        .method("POST")
        .uri("/sign-out")
        .header("host", "relais.test")
        .header("origin", "https://elsewhere.example")
        .header("sec-fetch-site", "cross-site")
        .header(
            "cookie",
            browser
                .cookies
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect::<Vec<_>>()
                .join("; "),
        )
        .body(axum::body::Body::empty())
        .expect("a request");
    let refused = support::ask(&site.app, request).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("autre site"), "{}", refused.text);
    assert_eq!(browser.get("/day").await.status, StatusCode::OK, "still signed in");

    let english = browser.get("/language/en?back=/day").await;
    assert_eq!(english.location(), "/day");
    assert!(browser.get("/day").await.text.contains("My day"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_comes_back_on_the_form_with_what_was_typed() {
    let site = Site::new();
    let (world, mut manager) = (&site.world, site.browser("gestionnaire").await);
    let who = world.viewer("gestionnaire");
    let case = world.register(&who, "Essai Quatre", 30).await.expect("registered");
    let need = world
        .need(&who, case.id, "VTC.02", relais_mechanism::Priority::P4)
        .await
        .expect("a need");
    let refer = format!("/needs/{}/refer", need.id);
    let service = relais_fixture::id("S-COUTURE").to_string();
    let form = manager.get(&format!("{refer}?service={service}")).await;
    let id = form.hidden("id");
    // No consent: refused, with the reason, the remedy and the words kept.
    let pairs = [
        ("id", id.as_str()),
        ("service", &service),
        ("words", "Disponible le matin"),
        ("person_informed", "yes"),
    ];
    let refused = manager.post(&refer, &pairs).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.text.contains("<title>Erreur") && refused.text.contains("Disponible le matin"),
        "{}",
        refused.text
    );
    world
        .consent(&who, case.id, &[relais_mechanism::DataClass::Skills])
        .await
        .expect("consented");
    let (to, _) = manager.post_then(&refer, &pairs).await;

    // Stale: another answered meanwhile; the form comes back on the newer record.
    let path = to.split('?').next().expect("a path").to_owned();
    let mut provider = site.browser("atelier").await;
    let old = provider.get(&path).await;
    let (id, version) = (old.hidden("id"), old.hidden("version"));
    provider
        .post_then(&path, &[("id", &id), ("version", &version), ("command", "acknowledge")])
        .await;
    let other = site.world.new_id().to_string();
    let question = [
        ("id", other.as_str()),
        ("version", &version),
        ("command", "ask"),
        ("question", "Quel niveau ?"),
    ];
    let stale = provider.post(&path, &question).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(
        stale.text.contains("Quel niveau ?") && stale.text.contains("a changé"),
        "{}",
        stale.text
    );
    assert_ne!(
        stale.hidden("version"),
        version,
        "the newer version, so that the second tap goes through"
    );
}
