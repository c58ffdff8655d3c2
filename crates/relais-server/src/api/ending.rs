//! The end of a case and its reopening: the supervisor's.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::ending::EndCase;
use relais_acts::problem::ActError;
use relais_acts::reopening::ReopenCase;
use relais_acts::views::Made;
use relais_network::CaseId;

use super::{conflict, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Strict};
use crate::problem::Problem;

/// The answer to an act on a case; a stale one with the case as it is now.
async fn answer(
    app: &AppState,
    caller: &Caller,
    case: CaseId,
    raw: serde_json::Value,
    done: Result<Made, ActError>,
) -> Result<Response, Problem> {
    match done {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().case(&caller.viewer, case).await.ok();
            Err(conflict(
                stale.into(),
                raw,
                theirs.and_then(|c| serde_json::to_value(c).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}

/// `GET /api/v1/cases/{id}/end`: what ending the case would do.
pub(crate) async fn look(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().end_view(&caller.viewer, CaseId(id)).await?).into_response())
}

/// `POST /api/v1/cases/{id}/end`.
pub(crate) async fn end(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<EndCase>,
) -> Result<Response, Problem> {
    let done = app.acts().end_case(&caller.viewer, CaseId(id), body.value).await;
    answer(&app, &caller, CaseId(id), body.raw, done).await
}

/// `GET /api/v1/cases/{id}/reopening`: what reopening the case would do.
pub(crate) async fn look_again(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().reopen_view(&caller.viewer, CaseId(id)).await?).into_response())
}

/// `POST /api/v1/cases/{id}/reopening`.
pub(crate) async fn reopen(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<ReopenCase>,
) -> Result<Response, Problem> {
    let done = app.acts().reopen_case(&caller.viewer, CaseId(id), body.value).await;
    answer(&app, &caller, CaseId(id), body.raw, done).await
}
