//! Webhooks by the API: made, listed, tested, ended.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::Site;

#[tokio::test(flavor = "multi_thread")]
async fn a_system_is_added_listed_tested_and_ended() {
    let site = Site::new();
    let provider = site.program("atelier");
    let id = site.world.new_id();
    let body = json!({"id": id, "url": "https://systeme.exemple.invalid/relais"});
    let made = provider.post("/api/v1/webhooks", body.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert_eq!(made.header("cache-control"), "no-store");
    let secret = made.json()["secret"].as_str().expect("a secret").to_owned();
    assert!(secret.starts_with("whsec_") && secret.len() == 50, "{secret}");
    let again = provider.post("/api/v1/webhooks", body).await;
    assert_eq!(again.status, StatusCode::CREATED);
    assert!(again.json().get("secret").is_none(), "once: {}", again.text);

    let list = provider.get("/api/v1/webhooks").await;
    let row = &list.json()["rows"][0];
    assert_eq!((&row["id"], &row["state"]), (&json!(id), &json!("active")));
    assert_eq!(row["url"], "https://systeme.exemple.invalid/relais");
    assert!(!list.text.contains("whsec_"));
    assert_eq!(
        site.program("autre").get("/api/v1/webhooks").await.json()["rows"],
        json!([])
    );

    let at = format!("/api/v1/webhooks/{id}");
    let test = json!({"id": site.world.new_id()});
    let tested = provider.post(&format!("{at}/test"), test).await;
    assert_eq!(tested.status, StatusCode::CREATED, "{}", tested.text);
    assert_eq!(provider.get("/api/v1/webhooks").await.json()["rows"][0]["waiting"], 1);
    let end = json!({"id": site.world.new_id()});
    let others = site
        .program("superviseur")
        .post(&format!("{at}/end"), end.clone())
        .await;
    assert_eq!(others.status, StatusCode::NOT_FOUND);
    let ended = provider.post(&format!("{at}/end"), end).await;
    assert_eq!(ended.status, StatusCode::CREATED, "{}", ended.text);
    assert_eq!(provider.get("/api/v1/webhooks").await.json()["rows"], json!([]));
    let test = json!({"id": site.world.new_id()});
    let late = provider.post(&format!("{at}/test"), test).await;
    assert_eq!(
        (late.status, late.json()["code"].clone()),
        (StatusCode::CONFLICT, json!("webhook_ended"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_taken_says_why() {
    let site = Site::new();
    let provider = site.program("atelier");
    for (url, code) in [
        ("http://systeme.exemple.invalid/", "not_https"),
        ("https://nom:mot@systeme.exemple.invalid/", "password"),
        ("systeme", "malformed"),
        ("", "malformed"),
    ] {
        let body = json!({"id": site.world.new_id(), "url": url});
        let answer = provider.post("/api/v1/webhooks", body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{url}");
        let field = &answer.json()["fields"][0];
        assert_eq!(
            (&field["field"], &field["code"]),
            (&json!("url"), &json!(code)),
            "{url}"
        );
    }
}
