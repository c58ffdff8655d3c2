//! The routers, built from the table of routes; what every request goes through
//! around them; and the server.

use std::convert::Infallible;
use std::future::{poll_fn, ready};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, ServiceExt};
use http_body_util::BodyExt;
use tokio::net::TcpListener;
use tower::{Layer, Service};
use tower_http::compression::Compression;
use tower_http::compression::predicate::NotForContentType;
use tower_http::csrf::{Csrf, CsrfLayer, ProtectionError};

use crate::api::etag;
use crate::ask::Asking;
use crate::problem::{Problem, ProblemKind};
use crate::routes::{Kind, registry};
use crate::{AppState, ask, assets, held, problem, upload};

/// What a page may load and where it may send: itself, and nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What an answer for programs may do if a browser shows it as a page: nothing.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// The headers that every page carries, unless its handler says otherwise.
const PAGE_HEADERS: [(HeaderName, HeaderValue); 8] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), microphone=(), geolocation=()"),
    ),
];

/// The same of answers for programs. What else pages carry tells a browser how
/// to treat a page, which these are not.
const API_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(API_POLICY)),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Where browsers come by https, they are told to come so always.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Bytes of a body from which packing is worth its time.
const WORTH_PACKING: u64 = 512;

/// The whole application: what every request goes through, around the routes.
/// One service does all of it, so that a request is boxed once and no more;
/// layers of the router would box it again for each.
#[derive(Clone)]
pub struct App(Arc<Door>);

struct Door {
    state: AppState,
    /// Pages read a cookie, which a browser sends by itself, also for another site.
    pages: Csrf<Router, fn(ProtectionError) -> Response>,
    /// The API reads bearer tokens only, which no browser sends by itself.
    api: Router,
}

/// The whole application.
pub fn app(state: AppState) -> App {
    let routes = |kind: Kind| {
        registry()
            .iter()
            .filter(|route| route.kind == kind)
            .fold(Router::new(), |router, route| {
                router.route(route.path, (route.handler)(route))
            })
            .fallback(async || Problem::new(ProblemKind::NotFound))
            .method_not_allowed_fallback(async || Problem::new(ProblemKind::MethodNotAllowed))
    };
    let pages = routes(Kind::Page).route("/static/{file}", axum::routing::get(assets::serve));
    App(Arc::new(Door {
        pages: CsrfLayer::new()
            .with_rejection_response(cross_site as fn(ProtectionError) -> Response)
            .layer(pages.with_state(state.clone())),
        api: routes(Kind::Api).with_state(state.clone()),
        state,
    }))
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}

impl Service<Request> for App {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Box::pin(Arc::clone(&self.0).answer(request))
    }
}

impl Door {
    /// Answers one request, whatever happens to it.
    #[expect(clippy::manual_async_fn, reason = "an async function keeps what it is given twice")]
    fn answer(self: Arc<Self>, request: Request) -> impl Future<Output = Result<Response, Infallible>> + Send {
        async move {
            let api = ask::is_api(request.uri());
            let accepted: Vec<HeaderValue> = request
                .headers()
                .get_all(header::ACCEPT_ENCODING)
                .iter()
                .cloned()
                .collect();
            let known = etag::known(&request).filter(|_| api);
            let mut asking = Asking::of(&request, api);
            let (waited, mut response) = {
                let mut work = kept_whole(Box::pin(self.let_in(request, api, &mut asking)));
                match poll_fn(|context| Poll::Ready(Pin::new(&mut work).poll(context))).await {
                    Poll::Ready(response) => (false, response),
                    // Only what waits can wait too long, and a timer is not for nothing.
                    Poll::Pending => (true, Box::pin(within(self.state.settings().timeout, work)).await),
                }
            };
            if problem::is_one(&response) {
                response = Box::pin(problem::render(&self.state, &asking, api, response)).await;
            }
            held::answered(&self.state, &asking, response.status()).await;
            if etag::is_marked(&response) {
                response = Box::pin(etag::tag(known.as_deref(), response)).await;
            }
            complete(api, self.state.settings().https, response.headers_mut());
            let long = is_long(&response);
            if long && accepted.is_empty() {
                // Whoever reads nothing packed gets it as it is; a cache is told that others would not.
                let varies = HeaderValue::from_static("accept-encoding");
                response.headers_mut().append(header::VARY, varies);
            } else if long {
                response = Box::pin(packed(accepted, response)).await;
            }
            if long && !waited {
                // What has come in meanwhile is answered before any of it is sent, and whoever reads several answers is
                // woken once (decision 0014).
                tokio::task::yield_now().await;
            }
            Ok(response)
        }
    }

    /// Finds out who asks and gives the request to its route.
    #[expect(clippy::manual_async_fn, reason = "an async function keeps what it is given twice")]
    fn let_in(&self, mut request: Request, api: bool, asking: &mut Asking) -> impl Future<Output = Response> + Send {
        async move {
            if is_too_large(&request) {
                return Box::pin(drained(request)).await;
            }
            if let Err(problem) = ask::identify(&self.state, request.headers(), api, asking).await {
                return problem.into_response();
            }
            request.extensions_mut().insert(asking.clone());
            if api {
                // The request alone has it from here on, so that the route's rule notes route and purpose on it
                // without a copy. What a program reads of a problem names nobody.
                asking.viewer = None;
            }
            if !request.body().is_end_stream() {
                DefaultBodyLimit::max(upload::most_bytes(request.uri().path())).apply(&mut request);
            }
            let answered = if api {
                self.api.clone().call(request).await
            } else {
                self.pages.clone().call(request).await
            };
            answered.unwrap_or_else(|never| match never {})
        }
    }
}

/// A panic of the work becomes a problem; the connection and its neighbours live on.
fn kept_whole(mut work: Pin<Box<impl Future<Output = Response>>>) -> impl Future<Output = Response> + Unpin {
    poll_fn(move |context| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))).unwrap_or_else(|_| {
            // What it said may quote a person's answer; the hook has told where it was.
            tracing::error!("a request's work panicked");
            Poll::Ready(Problem::new(ProblemKind::Internal).into_response())
        })
    })
}

/// The answer, or that it took too long.
async fn within(most: Duration, work: impl Future<Output = Response>) -> Response {
    let answered = tokio::time::timeout(most, work).await;
    answered.unwrap_or_else(|_| Problem::new(ProblemKind::Timeout).into_response())
}

/// Whether the body's declared length is too large.
fn is_too_large(request: &Request) -> bool {
    let declared = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    declared.is_some_and(|length| length > upload::most_bytes(request.uri().path()))
}

/// Bytes of an oversize body that are read and thrown away before it is
/// refused. A connection that is closed while the client still writes is reset,
/// and the client never reads why.
const MOST_DRAINED: usize = 32 * 1024 * 1024;

/// Refuses a body that is too large, once it is read.
async fn drained(mut request: Request) -> Response {
    let body = request.body_mut();
    let mut drained = 0;
    while drained < MOST_DRAINED
        && let Some(Ok(frame)) = body.frame().await
    {
        drained += frame.data_ref().map_or(0, |data| data.len());
    }
    Problem::new(ProblemKind::TooLarge).into_response()
}

/// What the CSRF layer answers: an empty response, which becomes a problem above.
fn cross_site(_: ProtectionError) -> Response {
    Problem::new(ProblemKind::CrossSite).into_response()
}

/// Adds the headers that every answer carries.
fn complete(api: bool, https: bool, headers: &mut HeaderMap) {
    let always: &[(HeaderName, HeaderValue)] = if api { &API_HEADERS } else { &PAGE_HEADERS };
    // With what packing adds; a map that grows to more than these few is copied twice as large.
    headers.reserve(always.len() + 2);
    for (name, value) in always {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    if https {
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HTTPS_ONLY);
    }
}

/// Whether an answer is more than a few words.
fn is_long(response: &Response) -> bool {
    response.body().size_hint().exact().is_none_or(|n| n >= WORTH_PACKING)
}

/// Packs an answer for whoever reads gzip.
async fn packed(accepted: Vec<HeaderValue>, response: Response) -> Response {
    let mut asked = axum::http::Request::new(());
    for value in accepted {
        asked.headers_mut().append(header::ACCEPT_ENCODING, value);
    }
    let mut response = Some(response);
    let made = tower::service_fn(move |_| ready(response.take().ok_or(())));
    let packed = Compression::new(made)
        .gzip(true)
        .compress_when(NotForContentType::IMAGES)
        .call(asked)
        .await;
    match packed {
        Ok(packed) => {
            let mut packed = packed.map(Body::new);
            etag::packed(packed.headers_mut());
            packed
        }
        // Asked once, it has its answer.
        Err(()) => Problem::new(ProblemKind::Internal).into_response(),
    }
}

/// Serves until `shutdown` resolves; requests under way are finished first.
///
/// # Errors
/// When the listener fails.
pub async fn serve<F>(listener: TcpListener, state: AppState, shutdown: F) -> std::io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let service = ServiceExt::<Request>::into_make_service_with_connect_info::<SocketAddr>(app(state));
    axum::serve(listener, service).with_graceful_shutdown(shutdown).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the allocator gives from the thread's own store, in bytes; more costs a search through all that is free.
    const AT_HAND: usize = 1032;

    #[test]
    fn a_request_waits_in_little_room() {
        fn room<F: Future>(_: impl FnOnce(Arc<Door>, Request) -> F) -> usize {
            size_of::<F>()
        }
        let room = [room(Door::answer), AT_HAND];
        assert!(room.is_sorted(), "{room:?} bytes");
    }

    #[tokio::test]
    async fn a_panic_becomes_a_problem_also_after_a_wait() {
        for wait in [false, true] {
            let work = async move {
                if wait {
                    tokio::task::yield_now().await;
                }
                panic!("as a test wants it")
            };
            let response = kept_whole(Box::pin(work)).await;
            assert_eq!(
                response.extensions().get::<Problem>().map(|p| p.kind),
                Some(ProblemKind::Internal)
            );
        }
        assert!(
            kept_whole(Box::pin(ready(Response::default())))
                .await
                .status()
                .is_success()
        );
    }
}
