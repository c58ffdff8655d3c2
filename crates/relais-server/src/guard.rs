//! The first look at a request: does its route's rule let this caller in at
//! all? What a rule leaves out is answered like what does not exist.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::extract::Request;
use axum::handler::Handler;
use axum::http::Method;
use axum::response::{IntoResponse, Response};

use crate::api::etag;
use crate::ask::Asking;
use crate::frame::{encode, see};
use crate::problem::{Problem, ProblemKind};
use crate::routes::{Kind, Route, Rule};
use crate::{AppState, held, pages};

/// A route's handler behind the route's rule; the table of routes makes no
/// other, so that no handler is reached past its rule.
#[derive(Clone)]
pub(crate) struct Kept<H> {
    route: &'static Route,
    handler: H,
}

impl<H> Kept<H> {
    pub(crate) const fn new(route: &'static Route, handler: H) -> Self {
        Self { route, handler }
    }
}

/// Tells a kept handler from axum's own kinds.
pub(crate) enum BehindRule {}

impl<T, H> Handler<(BehindRule, T), AppState> for Kept<H>
where
    H: Handler<T, AppState, Future: Unpin>,
{
    type Future = Answering<H::Future>;

    fn call(self, mut request: Request, state: AppState) -> Self::Future {
        match refusal(self.route, &mut request) {
            None => Answering::Runs(self.handler.call(request, state), self.route),
            // What a person was typing when the session at a post ended is kept for them.
            Some(_) if held::holds(self.route, &request) => Answering::Kept(Box::pin(held::hold(state, request))),
            Some(refusal) => Answering::Refused(Some(refusal)),
        }
    }
}

/// An answer on its way: the handler's, or the rule's at once.
pub(crate) enum Answering<F> {
    Runs(F, &'static Route),
    Refused(Option<Response>),
    Kept(Pin<Box<dyn Future<Output = Response> + Send>>),
}

impl<F: Future<Output = Response> + Unpin> Future for Answering<F> {
    type Output = Response;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Response> {
        match self.get_mut() {
            Self::Runs(work, route) => {
                let response = ready!(Pin::new(work).poll(context));
                Poll::Ready(unseen(route, response))
            }
            Self::Kept(work) => work.as_mut().poll(context),
            Self::Refused(refusal) => refusal.take().map_or(Poll::Pending, Poll::Ready),
        }
    }
}

/// What a caller is answered whom the route's rule does not let in; none for
/// whoever it lets in.
fn refusal(route: &'static Route, request: &mut Request) -> Option<Response> {
    let get = request.method() == Method::GET;
    let mut nobody = Asking::default();
    let asking = request.extensions_mut().get_mut::<Asking>().unwrap_or(&mut nobody);
    if !matches!(route.rule, Rule::Public | Rule::Shown | Rule::Link) {
        let Some(viewer) = &asking.viewer else {
            return Some(match route.kind {
                Kind::Api => Problem::new(ProblemKind::TokenNeeded).into_response(),
                Kind::Page if get && asking.browser().post.is_some() => pages::post::door(asking.path()),
                Kind::Page if get => to_sign_in(asking.path()),
                Kind::Page => Problem::new(ProblemKind::SignInNeeded).into_response(),
            });
        };
        if let Rule::Role(roles) = route.rule
            && !roles.iter().any(|role| viewer.is(*role))
        {
            return Some(Problem::new(ProblemKind::NotFound).into_response());
        }
    }
    // The access log names the route and why it looks at cases.
    if let Some(viewer) = asking.viewer.as_mut().map(Arc::make_mut) {
        (viewer.route, viewer.purpose) = (route.path, route.purpose.code());
    }
    None
}

/// "You may not" would say that it exists: of a case, whoever is not of its
/// team reads what they read of what does not exist.
fn unseen(route: &Route, mut response: Response) -> Response {
    if etag::is_tagged(route) {
        response.extensions_mut().insert(etag::Tagged);
    }
    let forbidden = response
        .extensions()
        .get::<Problem>()
        .is_some_and(|p| p.kind == ProblemKind::Forbidden);
    if route.rule.is_of_a_team() && forbidden {
        return Problem::new(ProblemKind::NotFound).into_response();
    }
    response
}

/// To the door, with the way back.
fn to_sign_in(path: &str) -> Response {
    see(&format!("/sign-in?next={}", encode(path)))
}
