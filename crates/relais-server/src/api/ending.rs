//! The end of a case and its reopening: the supervisor's.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::ending::EndCase;
use relais_acts::reopening::ReopenCase;
use relais_network::CaseId;

use super::answered;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Strict};
use crate::problem::Problem;

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
    let (acts, viewer, case) = (app.acts(), &caller.viewer, CaseId(id));
    let done = acts.end_case(viewer, case, body.value).await;
    answered(done, body.raw, acts.case(viewer, case)).await
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
    let (acts, viewer, case) = (app.acts(), &caller.viewer, CaseId(id));
    let done = acts.reopen_case(viewer, case, body.value).await;
    answered(done, body.raw, acts.case(viewer, case)).await
}
