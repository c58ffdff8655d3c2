//! The short reintegration plan of a case.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::plan::WritePlan;
use relais_acts::problem::ActError;
use relais_network::CaseId;

use super::{conflict, made};
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
    match app.acts().write_plan(&caller.viewer, CaseId(id), body.value).await {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().plan(&caller.viewer, CaseId(id)).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|p| serde_json::to_value(p).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}
