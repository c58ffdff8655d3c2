//! What a person was typing at a shared post when their session ended: kept for
//! them alone, until it has come where it was to go.

use std::sync::atomic::Ordering;

use axum::extract::{FromRequest as _, Request};
use axum::http::{Method, StatusCode, header};
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
            .is_some_and(|a| a.viewer.is_none() && a.browser().post.is_some() && a.browser().spent.is_some())
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
        match asking.browser().spent.clone() {
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

/// Notes that a form is the one that was kept, on its way to where it was to go.
pub(crate) fn comes(asking: Option<&Asking>, typed: &Typed) {
    let held = asking
        .filter(|a| typed.0.contains_key(SEND) && a.uri.path() != "/post/held")
        .and_then(|a| a.browser().held.as_ref());
    if let Some(held) = held {
        held.store(true, Ordering::Relaxed);
    }
}

/// The form that was kept is answered: once what it says is written, or stands
/// before its writer again with what is missing, it is kept no longer. After an
/// error, or too long a wait, it is the only place where the words are.
pub(crate) async fn answered(app: &AppState, asking: &Asking, status: StatusCode) {
    let arrived = status.is_success() || status.is_redirection() || status == StatusCode::UNPROCESSABLE_ENTITY;
    let writer = asking
        .browser()
        .held
        .as_ref()
        .filter(|held| arrived && held.load(Ordering::Relaxed))
        .and(asking.viewer.as_ref());
    if let Some(writer) = writer
        && let Err(error) = Box::pin(posts::drop_held(app.store(), writer.user)).await
    {
        tracing::error!(%error, "a form that has arrived is still kept");
    }
}
