//! Webhooks: the systems of the caller's organisation that are told of referral
//! events.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use relais_acts::webhooks::{AddWebhook, EndWebhook, TestWebhook};
use relais_network::WebhookId;
use relais_store::ids;

use super::made;
use crate::ask::Caller;
use crate::extract::{Id, Strict};
use crate::problem::Problem;
use crate::{AppState, secret};

/// `GET /api/v1/webhooks`.
pub(crate) async fn list(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(Json(app.acts().webhooks(&caller.viewer).await?).into_response())
}

/// `POST /api/v1/webhooks`.
pub(crate) async fn add(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<AddWebhook>,
) -> Result<Response, Problem> {
    let secret = secret::signing(&ids::secret());
    let made = app.acts().add_webhook(&caller.viewer, body.value, secret).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// `POST /api/v1/webhooks/{id}/test`.
pub(crate) async fn test(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<TestWebhook>,
) -> Result<Response, Problem> {
    let done = app
        .acts()
        .test_webhook(&caller.viewer, WebhookId(id), body.value)
        .await?;
    Ok(made(&done))
}

/// `POST /api/v1/webhooks/{id}/end`.
pub(crate) async fn end(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<EndWebhook>,
) -> Result<Response, Problem> {
    let done = app
        .acts()
        .end_webhook(&caller.viewer, WebhookId(id), body.value)
        .await?;
    Ok(made(&done))
}
