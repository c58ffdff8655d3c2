//! The closure of a case, and the contact after it.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::closing::{AnswerClosure, CloseCase, NoteFollowUp};
use relais_network::CaseId;

use super::answered;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Strict};
use crate::problem::Problem;

/// `GET /api/v1/cases/{id}/closure`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().closure(&caller.viewer, CaseId(id)).await?).into_response())
}

/// `POST /api/v1/cases/{id}/closure`.
pub(crate) async fn propose(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<CloseCase>,
) -> Result<Response, Problem> {
    let (acts, viewer, case) = (app.acts(), &caller.viewer, CaseId(id));
    let done = acts.close_case(viewer, case, body.value).await;
    answered(done, body.raw, acts.closure(viewer, case)).await
}

/// `POST /api/v1/cases/{id}/closure/answer`.
pub(crate) async fn answer(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<AnswerClosure>,
) -> Result<Response, Problem> {
    let (acts, viewer, case) = (app.acts(), &caller.viewer, CaseId(id));
    let done = acts.answer_closure(viewer, case, body.value).await;
    answered(done, body.raw, acts.closure(viewer, case)).await
}

/// `GET /api/v1/cases/{id}/follow-up`.
pub(crate) async fn read_follow_up(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
) -> Result<Response, Problem> {
    Ok(Json(app.acts().follow_up_view(&caller.viewer, CaseId(id)).await?).into_response())
}

/// `POST /api/v1/cases/{id}/follow-up`.
pub(crate) async fn follow_up(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<NoteFollowUp>,
) -> Result<Response, Problem> {
    let (acts, viewer, case) = (app.acts(), &caller.viewer, CaseId(id));
    let done = acts.follow_up(viewer, case, body.value).await;
    answered(done, body.raw, acts.follow_up_view(viewer, case)).await
}
