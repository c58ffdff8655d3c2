//! What goes before the steering committee to be ratified, and its sessions.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::entries::ratification::{NoteSession, PrepareList, RatificationAsked};

use super::answered;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Query, Strict};
use crate::problem::Problem;

/// `GET /api/v1/ratifications`.
pub(crate) async fn read(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<RatificationAsked>,
) -> Result<Response, Problem> {
    Ok(Json(app.acts().ratification(&caller.viewer, asked).await?).into_response())
}

/// `POST /api/v1/ratifications`.
pub(crate) async fn prepare(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<PrepareList>,
) -> Result<Response, Problem> {
    let viewer = &caller.viewer;
    let done = app.acts().prepare_ratification(viewer, body.value).await;
    let now = app.acts().ratification(viewer, RatificationAsked::default());
    answered(done, body.raw, now).await
}

/// `POST /api/v1/ratifications/session`.
pub(crate) async fn note(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<NoteSession>,
) -> Result<Response, Problem> {
    let viewer = &caller.viewer;
    let done = app.acts().note_ratification(viewer, body.value).await;
    let now = app.acts().ratification(viewer, RatificationAsked::default());
    answered(done, body.raw, now).await
}
