//! What every request goes through around its route.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use relais_server::{AppState, Settings, app};

use crate::support::{Site, ask};

fn get(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::get(path).header(header::HOST, "relais.test");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).expect("a request")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_worth_it_is_packed_for_whoever_reads_gzip() {
    let site = Site::new();
    // (path, what is accepted) -> (packed, says that it varies)
    for (path, accepts, packed, varies) in [
        ("/sign-in", Some("gzip, br"), true, true),
        ("/sign-in", Some("br"), false, true),
        ("/sign-in", None, false, true),
        ("/nowhere", Some("gzip"), true, true),
        ("/health", Some("gzip"), false, false),
    ] {
        let headers: Vec<(&str, &str)> = accepts.iter().map(|a| ("accept-encoding", *a)).collect();
        let answer = ask(&site.app, get(path, &headers)).await;
        let said = (
            answer.header("content-encoding") == "gzip",
            answer.header("vary").contains("accept-encoding"),
        );
        assert_eq!(said, (packed, varies), "{path} {accepts:?}: {:?}", answer.headers);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_too_large_is_refused_whether_it_says_so_or_not() {
    let site = Site::new();
    let large = vec![b'a'; 300 * 1024];
    for (path, kind) in [
        ("/sign-in", "application/x-www-form-urlencoded"),
        ("/api/v1/cases", "application/json"),
    ] {
        let token = site.program("gestionnaire").token;
        for declared in [true, false] {
            let mut request = Request::post(path)
                .header(header::HOST, "relais.test")
                .header(header::CONTENT_TYPE, kind)
                .header(header::AUTHORIZATION, format!("Bearer {token}"));
            if declared {
                request = request.header(header::CONTENT_LENGTH, large.len());
            }
            let answer = ask(&site.app, request.body(Body::from(large.clone())).expect("a request")).await;
            assert_eq!(
                answer.status,
                StatusCode::PAYLOAD_TOO_LARGE,
                "{path} {declared}: {}",
                answer.text
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_says_so_in_the_language_of_the_request() {
    let site = Site::new();
    let settings = Settings {
        timeout: Duration::ZERO,
        ..Settings::default()
    };
    let hurried = app(AppState::new(Arc::clone(&site.world.desk), settings));
    // A password's check takes its time on purpose.
    let request = Request::builder()
        .method(Method::POST)
        .uri("/sign-in")
        .header(header::HOST, "relais.test")
        .header(header::ACCEPT_LANGUAGE, "en")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("login=nobody&password=nothing"))
        .expect("a request");
    let answer = ask(&hurried, request).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text.contains("lang=\"en\""), "{}", answer.text);
    assert_eq!(answer.header("x-frame-options"), "DENY");
    // What does not wait has its answer all the same.
    assert_eq!(ask(&hurried, get("/health", &[])).await.text, "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_reaches_no_page_and_a_cookie_no_api() {
    let site = Site::new();
    let browser = site.browser("gestionnaire").await;
    let cookies: Vec<String> = browser.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
    for (path, status) in [
        ("/arrivals/new", StatusCode::FORBIDDEN),
        ("/nowhere", StatusCode::FORBIDDEN),
        ("/api/v1/cases", StatusCode::UNAUTHORIZED),
    ] {
        let request = Request::post(path)
            .header(header::HOST, "relais.test")
            .header(header::ORIGIN, "https://elsewhere.example")
            .header(header::COOKIE, cookies.join("; "))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from("{}"))
            .expect("a request");
        assert_eq!(ask(&site.app, request).await.status, status, "{path}");
    }
}
