//! The short reintegration plan of a case.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::plan::WritePlan;
use relais_network::CaseId;

use super::answered;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Strict};
use crate::problem::Problem;

/// `GET /api/v1/cases/{id}/plan`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().plan(&caller.viewer, CaseId(id)).await?).into_response())
}

/// `POST /api/v1/cases/{id}/plan`.
pub(crate) async fn write(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<WritePlan>,
) -> Result<Response, Problem> {
    let (acts, viewer, case) = (app.acts(), &caller.viewer, CaseId(id));
    let done = acts.write_plan(viewer, case, body.value).await;
    answered(done, body.raw, acts.plan(viewer, case)).await
}
