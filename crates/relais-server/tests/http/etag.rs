//! Entity tags: what has not changed is answered without its body, to the same
//! user and to no other; every look stands in the access log all the same.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use relais_acts::commands::ReferralCommand;
use relais_mechanism::{DataClass, Priority};
use relais_store::{Tx, access};
use uuid::Uuid;

use crate::support::{Answer, Program, Site, ask};

struct There {
    case: Uuid,
    referral: Uuid,
}

async fn there(site: &Site) -> There {
    let (world, who) = (&site.world, site.world.viewer("gestionnaire"));
    let case = world
        .register(&who, "Salomé Essai Bilodémo", 30)
        .await
        .expect("registered")
        .id;
    world
        .consent(&who, case, &[DataClass::Identity, DataClass::Skills])
        .await
        .expect("consented");
    let need = world.need(&who, case, "VTC.02", Priority::P4).await.expect("a need").id;
    let referral = world.send(&who, need, "S-COUTURE").await.expect("sent").id;
    There { case, referral }
}

/// Asks with further headers.
async fn with(program: &Program, method: Method, path: &str, more: &[(header::HeaderName, &str)]) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {}", program.token));
    for (name, value) in more {
        request = request.header(name, *value);
    }
    ask(&program.app, request.body(Body::empty()).expect("a request")).await
}

async fn again(program: &Program, path: &str, tag: &str) -> Answer {
    with(program, Method::GET, path, &[(header::IF_NONE_MATCH, tag)]).await
}

fn looks(site: &Site) -> usize {
    site.world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| access::after(tx, 0, 1000))
        .expect("the log")
        .len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_changed_is_not_sent_again_and_the_look_is_noted() {
    let site = Site::new();
    let there = there(&site).await;
    let (manager, provider) = (site.program("gestionnaire"), site.program("atelier"));
    for path in [
        format!("/api/v1/cases/{}", there.case),
        format!("/api/v1/referrals/{}", there.referral),
    ] {
        let first = manager.get(&path).await;
        assert_eq!(first.status, StatusCode::OK);
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 20, "{tag}");
        assert_eq!(first.header("cache-control"), "private, no-cache");
        assert!(first.header("vary").contains("authorization"));

        let before = looks(&site);
        let second = again(&manager, &path, &tag).await;
        assert_eq!((second.status, second.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
        assert_eq!(second.header("etag"), tag);
        assert_eq!(second.header("cache-control"), "private, no-cache");
        assert!(second.header("content-type").is_empty());
        assert_eq!(looks(&site), before + 1, "a look is a look");
        let weak = again(&manager, &path, &format!("\"other\", W/{tag}")).await;
        assert_eq!(weak.status, StatusCode::NOT_MODIFIED);
        assert_eq!(again(&manager, &path, "\"other\"").await.text, first.text);
    }
    // Another user sees another thing, or nothing at all.
    let path = format!("/api/v1/referrals/{}", there.referral);
    let tag = manager.get(&path).await.header("etag").to_owned();
    let theirs = again(&provider, &path, &tag).await;
    assert_eq!(theirs.status, StatusCode::OK);
    assert_ne!(theirs.header("etag"), tag);
    let stranger = again(&site.program("autre"), &path, &tag).await;
    assert_eq!(stranger.status, StatusCode::NOT_FOUND);
    assert!(stranger.header("etag").is_empty());
    assert_eq!(stranger.header("cache-control"), "no-store");
    assert_eq!(
        again(&site.program("autre"), &path, "*").await.status,
        StatusCode::NOT_FOUND
    );

    // What changed has another tag.
    let viewer = site.world.viewer("atelier");
    let accept = ReferralCommand::Accept { by_name: String::new() };
    site.world
        .give(&viewer, there.referral, accept)
        .await
        .expect("accepted");
    let changed = again(&manager, &path, &tag).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_ne!(changed.header("etag"), tag);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_too_and_packed_answers_have_a_tag_of_their_own() {
    let site = Site::new();
    there(&site).await;
    let manager = site.program("gestionnaire");
    for path in ["/api/v1/cases", "/api/v1/day", "/api/v1/openapi.json"] {
        let first = manager.get(path).await;
        let tag = first.header("etag").to_owned();
        let second = again(&manager, path, &tag).await;
        assert_eq!(second.status, StatusCode::NOT_MODIFIED, "{path}: {tag}");
    }
    // A list says what time it is: another time alone is nothing new.
    let day = manager.get("/api/v1/day").await;
    let tag = day.header("etag").to_owned();
    assert!(tag.starts_with("W/\""), "{tag}");
    site.world.at(relais_fixture::start() + chrono::TimeDelta::minutes(30));
    assert_ne!(manager.get("/api/v1/day").await.text, day.text);
    let later = again(&manager, "/api/v1/day", &tag).await;
    assert_eq!(
        (later.status, later.header("etag")),
        (StatusCode::NOT_MODIFIED, tag.as_str())
    );
    // A limit that passed meanwhile is something new.
    site.world.at(relais_fixture::start() + chrono::TimeDelta::days(40));
    assert_eq!(again(&manager, "/api/v1/day", &tag).await.status, StatusCode::OK);
    let packing = [(header::ACCEPT_ENCODING, "gzip")];
    let packed = with(&manager, Method::GET, "/api/v1/openapi.json", &packing).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    let tag = packed.header("etag").to_owned();
    assert!(tag.ends_with("-gzip\""), "{tag}");
    assert_ne!(tag, manager.get("/api/v1/openapi.json").await.header("etag"));
    let both = [(header::ACCEPT_ENCODING, "gzip"), (header::IF_NONE_MATCH, tag.as_str())];
    let second = with(&manager, Method::GET, "/api/v1/openapi.json", &both).await;
    assert_eq!(
        (second.status, second.header("etag")),
        (StatusCode::NOT_MODIFIED, tag.as_str())
    );
    // Without a body there is nothing to hash.
    let head = with(&manager, Method::HEAD, "/api/v1/openapi.json", &[]).await;
    assert_eq!((head.status, head.header("etag")), (StatusCode::OK, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_complaints_and_pages_stay_out_of_every_cache() {
    let site = Site::new();
    let there = there(&site).await;
    let manager = site.program("gestionnaire");
    let referral = there.referral;
    for path in [
        format!("/api/v1/referrals/{referral}/slip"),
        format!("/api/v1/referrals/{referral}/letter"),
        "/api/v1/emergencies".to_owned(),
    ] {
        let answer = manager.get(&path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert!(answer.header("etag").is_empty(), "{path}");
    }
    let complaints = site.program("secretariat").get("/api/v1/complaints").await;
    assert_eq!(
        (complaints.status, complaints.header("cache-control")),
        (StatusCode::OK, "no-store")
    );
    let mut browser = site.browser("gestionnaire").await;
    let page = browser.get(&format!("/cases/{}", there.case)).await;
    assert_eq!((page.header("cache-control"), page.header("etag")), ("no-store", ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_says_so() {
    let site = Site::new();
    let document = site.stranger().get("/api/v1/openapi.json").await.json();
    let read = &document["paths"]["/api/v1/cases/{id}"]["get"];
    assert!(read["responses"]["200"]["headers"]["ETag"].is_object());
    assert!(read["responses"]["304"].is_object());
    let names: Vec<_> = read["parameters"]
        .as_array()
        .expect("parameters")
        .iter()
        .map(|p| p["name"].clone())
        .collect();
    assert!(names.contains(&"If-None-Match".into()), "{names:?}");
    let slip = &document["paths"]["/api/v1/referrals/{id}/slip"]["get"];
    assert!(slip["responses"]["304"].is_null());
    // What a system is told, member by member.
    let event = &document["components"]["schemas"]["ReferralEvent"];
    let members: Vec<_> = event["properties"]
        .as_object()
        .expect("members")
        .keys()
        .cloned()
        .collect();
    assert_eq!(members, ["at", "id", "referral", "type", "version"]);
    let told = &document["webhooks"]["referral"]["post"];
    assert_eq!(
        told["requestBody"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/ReferralEvent"
    );
}
