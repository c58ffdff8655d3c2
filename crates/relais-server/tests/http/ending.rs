//! The end of a case and its reopening, over HTTP: the supervisor's page and
//! endpoint, what the team reads of it and what the provider does.

use axum::http::StatusCode;
use relais_mechanism::{DataClass, Priority};
use serde_json::json;
use uuid::Uuid;

use crate::support::Site;

/// A case with one referral that the workshop has accepted.
async fn accepted(site: &Site) -> (Uuid, Uuid) {
    let (world, who) = (&site.world, site.world.viewer("gestionnaire"));
    let made = world.register(&who, "Salomé Essai Bilodémo", 30).await;
    let case = made.expect("registered").id;
    world
        .consent(&who, case, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world.need(&who, case, "VTC.02", Priority::P4).await.expect("a need").id;
    let referral = world.send(&who, need, "S-COUTURE").await.expect("sent").id;
    let provider = site.program("atelier");
    let at = format!("/api/v1/referrals/{referral}");
    let version = provider.get(&at).await.json()["version"].clone();
    let body = json!({"id": world.new_id(), "version": version, "command": "accept"});
    let done = provider.post(&format!("{at}/acts"), body).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
    (case, referral)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_supervisor_ends_a_case_and_reopens_it() {
    let site = Site::new();
    let (case, referral) = accepted(&site).await;
    let at = format!("/cases/{case}");
    let mut manager = site.browser("gestionnaire").await;
    let page = manager.get(&at).await;
    assert!(page.text.contains("prévenez le superviseur") && !page.text.contains(&format!("{at}/end\"")));
    assert_eq!(manager.get(&format!("{at}/end")).await.status, StatusCode::NOT_FOUND);

    let mut supervisor = site.browser("superviseur").await;
    assert!(supervisor.get(&at).await.text.contains(&format!("{at}/end\"")));
    let form = supervisor.get(&format!("{at}/end")).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(form.text.contains("Atelier Aiguille Claire") && form.text.contains("jamais pourquoi"));
    let (id, version) = (form.hidden("id"), form.hidden("version"));
    let pairs = |reason, on, source| {
        [
            ("id", id.as_str()),
            ("version", version.as_str()),
            ("reason", reason),
            ("on", on),
            ("source", source),
        ]
    };
    let gaps = supervisor
        .post(&format!("{at}/end"), &pairs("", "hier", "Sa sœur <b>"))
        .await;
    assert_eq!(gaps.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        gaps.text.contains("value=\"hier\"") && gaps.text.contains("Sa sœur &#60;b&#62;"),
        "{}",
        gaps.text
    );
    let unsaid = supervisor
        .post(&format!("{at}/end"), &pairs("detained", "23/11/2026", ""))
        .await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (to, page) = supervisor
        .post_then(
            &format!("{at}/end"),
            &pairs("detained", "23/11/2026", "Xylophandre, greffe"),
        )
        .await;
    assert_eq!(to, format!("{at}?done=ended"), "{}", page.text);

    let page = manager.get(&at).await;
    for word in ["Dossier arrêté", "Détention", "Xylophandre", "Salomé"] {
        assert!(page.text.contains(word), "the team reads {word}: {}", page.text);
    }
    assert!(
        !page.text.contains("/needs/new") && !page.text.contains("/consent\""),
        "nothing is written"
    );
    assert!(
        manager
            .get("/day")
            .await
            .text
            .contains("Dossiers arrêtés cette semaine")
    );
    assert!(manager.get("/cases").await.text.contains("Arrêté"));
    let mut provider = site.browser("atelier").await;
    for path in [format!("/referrals/{referral}"), at.clone(), "/inbox".to_owned()] {
        let page = provider.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.contains("Arrêté"), "{path}: {}", page.text);
        for word in ["Xylophandre", "étention", "étenu"] {
            assert!(!page.text.contains(word), "{path} tells {word}");
        }
    }
    let again = supervisor.get(&format!("{at}/end")).await;
    assert!(
        again.text.contains("n’est plus ouvert") && !again.text.contains(&format!("action=\"{at}/end\"")),
        "{}",
        again.text
    );

    let form = supervisor.get(&format!("{at}/reopen")).await;
    assert!(form.text.contains("se rouvrent"), "{}", form.text);
    let (id, version) = (form.hidden("id"), form.hidden("version"));
    let mute = supervisor
        .post(
            &format!("{at}/reopen"),
            &[("id", &id), ("version", &version), ("reason", "")],
        )
        .await;
    assert_eq!(mute.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (to, page) = supervisor
        .post_then(
            &format!("{at}/reopen"),
            &[("id", &id), ("version", &version), ("reason", "Nom confondu")],
        )
        .await;
    assert_eq!(to, format!("{at}?done=reopened"), "{}", page.text);
    let page = manager.get(&at).await;
    assert!(page.text.contains("/needs/new") && page.text.contains("Dossier rouvert"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_by_the_api() {
    let site = Site::new();
    let (case, _) = accepted(&site).await;
    let at = format!("/api/v1/cases/{case}");
    let program = site.program("superviseur");
    let look = program.get(&format!("{at}/end")).await.json();
    assert_eq!(
        (look["referrals"].as_array().map(Vec::len), look["needs"].as_u64()),
        (Some(1), Some(1))
    );
    let body = |version: &serde_json::Value| json!({"id": site.world.new_id(), "version": version, "reason": "deceased", "on": "2026-11-20", "source": "Acte de décès 12/2026"});
    let stale = program.post(&format!("{at}/end"), body(&json!(0))).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let problem = stale.json();
    assert_eq!(problem["theirs"]["state"], "open");
    assert_eq!(problem["mine"]["reason"], "deceased");
    let done = program.post(&format!("{at}/end"), body(&look["version"])).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
    let view = program.get(&at).await.json();
    assert_eq!(
        (view["state"].as_str(), view["ending"]["reason"].as_str()),
        (Some("ended"), Some("deceased"))
    );
    let look = program.get(&format!("{at}/reopening")).await.json();
    assert_eq!(look["ended"], true);
    let back = json!({"id": site.world.new_id(), "version": look["version"], "reason": "Saisi par erreur"});
    let done = program.post(&format!("{at}/reopening"), back).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
    let view = program.get(&at).await.json();
    assert_eq!((view["state"].as_str(), view["ending"].is_null()), (Some("open"), true));
}
