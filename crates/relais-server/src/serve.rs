//! The router, built from the table of routes, and the server around it.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

use crate::problem::{Problem, ProblemKind};
use crate::routes::{Kind, registry};
use crate::{AppState, ask, assets, extract, guard, problem};

/// What a page may load and where it may send: itself, and nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The whole application.
pub fn app(state: AppState) -> Router {
    let (mut pages, mut api) = (Router::new(), Router::new());
    for route in registry() {
        let kept = (route.handler)().layer(from_fn_with_state(route, guard::keep));
        match route.kind {
            Kind::Page => pages = pages.route(route.path, kept),
            Kind::Api => api = api.route(route.path, kept),
        }
    }
    // The API reads bearer tokens only, which no browser sends by itself; pages read a cookie.
    let pages = pages.layer(CsrfLayer::new().with_rejection_response(cross_site));
    let timeout = TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, state.settings().timeout);
    let https = state.settings().https;
    pages
        .merge(api)
        .route("/static/{file}", axum::routing::get(assets::serve))
        .fallback(async || Problem::new(ProblemKind::NotFound))
        .method_not_allowed_fallback(async || Problem::new(ProblemKind::MethodNotAllowed))
        // One stack, outermost first: each layer of its own would box every request once more.
        .layer(
            ServiceBuilder::new()
                .layer(from_fn(move |request, next| headers(https, request, next)))
                .layer(
                    CompressionLayer::new()
                        .gzip(true)
                        .compress_when(SizeAbove::new(512).and(NotForContentType::IMAGES)),
                )
                .layer(from_fn_with_state(state.clone(), ask::identify))
                .layer(from_fn_with_state(state.clone(), problem::render))
                .layer(timeout)
                .layer(CatchPanicLayer::new())
                .layer(from_fn(too_large))
                .layer(DefaultBodyLimit::max(extract::MOST_BYTES)),
        )
        .with_state(state)
}

/// Bytes of an oversize body that are read and thrown away before it is
/// refused. A connection that is closed while the client still writes is reset,
/// and the client never reads why.
const MOST_DRAINED: usize = 32 * 1024 * 1024;

/// Refuses a body whose declared length is too large, once it is read.
async fn too_large(request: Request, next: Next) -> Response {
    let declared = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_none_or(|length| length <= extract::MOST_BYTES) {
        return next.run(request).await;
    }
    let mut body = request.into_body();
    let mut drained = 0;
    while drained < MOST_DRAINED
        && let Some(Ok(frame)) = body.frame().await
    {
        drained += frame.data_ref().map_or(0, |data| data.len());
    }
    Problem::new(ProblemKind::TooLarge).into_response()
}

/// What the CSRF layer answers: an empty response, which becomes a problem above.
fn cross_site(_: tower_http::csrf::ProtectionError) -> Response {
    Problem::new(ProblemKind::CrossSite).into_response()
}

/// The headers that every answer carries.
async fn headers(https: bool, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::CACHE_CONTROL, "no-store");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=()",
    );
    if https {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    }
    response
}

/// Serves until `shutdown` resolves; requests under way are finished first.
///
/// # Errors
/// When the listener fails.
pub async fn serve<F>(listener: TcpListener, state: AppState, shutdown: F) -> std::io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let service = app(state).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(shutdown).await
}
