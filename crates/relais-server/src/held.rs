//! What a person was typing at a shared post when their session ended: kept for
//! them alone, until it has come where it was to go.

use axum::extract::{FromRequest as _, Request};
use axum::http::{Method, header};
use axum::response::{IntoResponse as _, Response};
use relais_acts::posts::{self, Held};

use crate::AppState;
use crate::ask::Asking;
use crate::extract::Typed;
use crate::frame::see;
use crate::problem::{Problem, ProblemKind};
use crate::routes::{Kind, Route, Rule};

/// The button that sends what was kept; its name goes along.
pub(crate) const SEND: &str = "send_held";

/// Whether what a refused request carries is kept: a form that a person sent
/// from a post after their session had ended. The pages that anybody signed in
/// has are of the account: a password is kept nowhere, and the answer to what
/// is kept takes the place of nothing.
pub(crate) fn holds(route: &Route, request: &Request) -> bool {
    let form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    route.kind == Kind::Page
        && route.rule != Rule::SignedIn
        && request.method() == Method::POST
        && form
        && request
            .extensions()
            .get::<Asking>()
            .is_some_and(|a| a.viewer.is_none() && a.post.is_some() && a.spent.is_some())
}

/// Keeps what was typed, and asks for the PIN.
pub(crate) async fn hold(app: AppState, request: Request) -> Response {
    let asking = request.extensions().get::<Asking>().cloned().unwrap_or_default();
    let path = asking.uri.path().to_owned();
    let kept = async {
        let typed = Typed::from_request(request, &app).await?;
        // An answer that no record keeps is not kept here either.
        let mechanism = app.desk().mechanism();
        let kept = |name: &str| {
            let mut fields = mechanism.forms().iter().filter_map(|f| f.field(name));
            fields.all(|f| f.kept)
        };
        let pairs = typed
            .0
            .iter()
            .filter(|(name, _)| kept(name))
            .flat_map(|(name, values)| values.iter().map(|v| (name.clone(), v.clone())))
            .collect();
        let held = Held { path, pairs };
        match asking.spent {
            Some(session) => Ok::<_, Problem>(posts::hold(app.store(), session, held).await?),
            None => Ok(false),
        }
    };
    match kept.await {
        Ok(true) => see("/post?held=yes"),
        Ok(false) => Problem::new(ProblemKind::SignInNeeded).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// The form that was kept has come where it was to go: it is kept no longer.
pub(crate) async fn arrived(app: &AppState, asking: Option<&Asking>, typed: &Typed) -> Result<(), Problem> {
    let writer = asking
        .filter(|a| typed.0.contains_key(SEND) && a.uri.path() != "/post/held")
        .and_then(|a| a.viewer.as_ref());
    if let Some(writer) = writer {
        posts::drop_held(app.store(), writer.user).await?;
    }
    Ok(())
}
