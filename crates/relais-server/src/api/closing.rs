//! The closure of a case, and the contact after it.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::closing::{AnswerClosure, CloseCase, NoteFollowUp};
use relais_acts::problem::ActError;
use relais_acts::views::Made;
use relais_network::CaseId;

use super::{conflict, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Strict};
use crate::problem::Problem;

/// The answer to an act; a stale one with the closure as it is now.
async fn done(
    app: &AppState,
    caller: &Caller,
    case: CaseId,
    raw: serde_json::Value,
    done: Result<Made, ActError>,
) -> Result<Response, Problem> {
    match done {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().closure(&caller.viewer, case).await.ok();
            Err(conflict(
                stale.into(),
                raw,
                theirs.and_then(|c| serde_json::to_value(c).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}

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
    let result = app.acts().close_case(&caller.viewer, CaseId(id), body.value).await;
    done(&app, &caller, CaseId(id), body.raw, result).await
}

/// `POST /api/v1/cases/{id}/closure/answer`.
pub(crate) async fn answer(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<AnswerClosure>,
) -> Result<Response, Problem> {
    let result = app.acts().answer_closure(&caller.viewer, CaseId(id), body.value).await;
    done(&app, &caller, CaseId(id), body.raw, result).await
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
    let result = app.acts().follow_up(&caller.viewer, CaseId(id), body.value).await;
    done(&app, &caller, CaseId(id), body.raw, result).await
}
