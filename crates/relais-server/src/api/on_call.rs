//! The on-call list, as the deployment keeps it.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::on_call::{PutOnCall, TestOnCall};

use super::made;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::Strict;
use crate::problem::Problem;

/// `GET /api/v1/on-call`.
pub(crate) async fn list(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(Json(app.acts().on_call(&caller.viewer).await?).into_response())
}

/// `POST /api/v1/on-call/lines`.
pub(crate) async fn put(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<PutOnCall>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().put_on_call(&caller.viewer, body.value).await?))
}

/// `POST /api/v1/on-call/tests`.
pub(crate) async fn test(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<TestOnCall>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().test_on_call(&caller.viewer, body.value).await?))
}
