//! An emergency by telephone: the numbers in order, and the calls noted.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::calls::NoteCall;
use relais_acts::problem::ActError;
use relais_network::ReferralId;

use super::{conflict, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Strict};
use crate::problem::Problem;

/// `GET /api/v1/referrals/{id}/calls`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().calls(&caller.viewer, ReferralId(id)).await?).into_response())
}

/// `POST /api/v1/referrals/{id}/calls`.
pub(crate) async fn note(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<NoteCall>,
) -> Result<Response, Problem> {
    match app.acts().note_call(&caller.viewer, ReferralId(id), body.value).await {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().calls(&caller.viewer, ReferralId(id)).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|s| serde_json::to_value(s).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}
