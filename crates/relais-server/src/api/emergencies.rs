//! Emergency access: what the user has opened, and open a case.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::commands::OpenEmergency;

use super::made;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::Strict;
use crate::problem::Problem;

/// `GET /api/v1/emergencies`.
pub(crate) async fn list(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(Json(app.acts().emergency(&caller.viewer).await?).into_response())
}

/// `POST /api/v1/emergencies`: the answer's id is the case's.
pub(crate) async fn open(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<OpenEmergency>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().open_emergency(&caller.viewer, body.value).await?))
}
