//! Overrides: written before sending, to co-sign, co-signed or refused.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::commands::{DecideOverride, WriteOverride};
use relais_acts::problem::ActError;
use relais_network::{NeedId, OverrideId};

use super::{conflict, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Strict};
use crate::problem::Problem;

/// `POST /api/v1/needs/{id}/overrides`.
pub(crate) async fn write(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<WriteOverride>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts()
            .write_override(&caller.viewer, NeedId(id), body.value)
            .await?,
    ))
}

/// `GET /api/v1/overrides`.
pub(crate) async fn list(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(Json(app.acts().cosign_list(&caller.viewer).await?).into_response())
}

/// `GET /api/v1/overrides/{id}`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().exception(&caller.viewer, OverrideId(id)).await?).into_response())
}

/// `POST /api/v1/overrides/{id}/decision`.
pub(crate) async fn decide(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<DecideOverride>,
) -> Result<Response, Problem> {
    match app
        .acts()
        .decide_override(&caller.viewer, OverrideId(id), body.value)
        .await
    {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().exception(&caller.viewer, OverrideId(id)).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|o| serde_json::to_value(o).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}
