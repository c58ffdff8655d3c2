//! Permanence and the hand-over between shifts.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::handovers::{AnswerHandover, OfferHandover};

use super::made;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::Strict;
use crate::problem::Problem;

/// `GET /api/v1/watch`.
pub(crate) async fn watch(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(Json(app.acts().watch(&caller.viewer).await?).into_response())
}

/// `POST /api/v1/handovers`.
pub(crate) async fn offer(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<OfferHandover>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().offer_handover(&caller.viewer, body.value).await?))
}

/// `POST /api/v1/handovers/answers`.
pub(crate) async fn answer(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<AnswerHandover>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().answer_handover(&caller.viewer, body.value).await?))
}
