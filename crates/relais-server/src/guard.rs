//! The first look at a request: does its route's rule let this caller in at
//! all? What a rule leaves out is answered like what does not exist.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::ask::Asking;
use crate::frame::encode;
use crate::problem::{Problem, ProblemKind};
use crate::routes::{Kind, Route, Rule};

/// Layer of one route.
pub(crate) async fn keep(State(route): State<&'static Route>, mut request: Request, next: Next) -> Response {
    let mut asking = request.extensions().get::<Asking>().cloned().unwrap_or_default();
    if route.rule != Rule::Public {
        let Some(viewer) = &asking.viewer else {
            return match route.kind {
                Kind::Api => Problem::new(ProblemKind::TokenNeeded).into_response(),
                Kind::Page if request.method() == Method::GET => to_sign_in(&asking.path),
                Kind::Page => Problem::new(ProblemKind::SignInNeeded).into_response(),
            };
        };
        if let Rule::Role(roles) = route.rule
            && !roles.iter().any(|role| viewer.is(*role))
        {
            return Problem::new(ProblemKind::NotFound).into_response();
        }
    }
    // The access log names the route and why it looks at cases.
    if let Some(viewer) = asking.viewer.as_mut().map(Arc::make_mut) {
        (viewer.route, viewer.purpose) = (route.path, route.purpose.code());
        request.extensions_mut().insert(asking);
    }
    let response = next.run(request).await;
    let of_the_team = matches!(
        route.rule,
        Rule::CaseSeen | Rule::CaseWorked | Rule::NeedWorked | Rule::ReferralSent
    );
    let forbidden = response
        .extensions()
        .get::<Problem>()
        .is_some_and(|p| p.kind == ProblemKind::Forbidden);
    if of_the_team && forbidden {
        // "You may not" would say that it exists.
        return Problem::new(ProblemKind::NotFound).into_response();
    }
    response
}

/// To the door, with the way back.
fn to_sign_in(path: &str) -> Response {
    let target = format!("/sign-in?next={}", encode(path));
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(value) = HeaderValue::from_str(&target) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
}
