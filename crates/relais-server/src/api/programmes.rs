//! Programmes: who carries them, who gives the money, until when, what hangs on them.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::entries::programmes::{AddProgramme, CorrectProgramme, ProgrammesAsked};
use relais_network::ProgrammeId;

use super::{answered, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Strict};
use crate::problem::Problem;

/// `GET /api/v1/programmes`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<ProgrammesAsked>,
) -> Result<Response, Problem> {
    Ok(Json(app.acts().programmes(&caller.viewer, asked).await?).into_response())
}

/// `POST /api/v1/programmes`.
pub(crate) async fn add(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<AddProgramme>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().add_programme(&caller.viewer, body.value).await?))
}

/// `GET /api/v1/programmes/{id}`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().programme(&caller.viewer, ProgrammeId(id)).await?).into_response())
}

/// `POST /api/v1/programmes/{id}/changes`.
pub(crate) async fn correct(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<CorrectProgramme>,
) -> Result<Response, Problem> {
    let (id, viewer) = (ProgrammeId(id), &caller.viewer);
    let done = app.acts().correct_programme(viewer, id, body.value).await;
    answered(done, body.raw, app.acts().programme(viewer, id)).await
}
