//! The protected circuit: what it does, choose it, leave it.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::commands::SetProtection;
use relais_acts::problem::ActError;
use relais_network::CaseId;

use super::{conflict, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Strict};
use crate::problem::Problem;

/// `GET /api/v1/cases/{id}/protection`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().protection(&caller.viewer, CaseId(id)).await?).into_response())
}

/// `POST /api/v1/cases/{id}/protection`.
pub(crate) async fn set(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<SetProtection>,
) -> Result<Response, Problem> {
    match app.acts().set_protection(&caller.viewer, CaseId(id), body.value).await {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().protection(&caller.viewer, CaseId(id)).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|p| serde_json::to_value(p).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}
