//! Who may be the same person: name checks, questions to the holder of another
//! file, joining and taking apart.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use relais_acts::commands::{ActOnPerhaps, AnswerSame, CheckName, JoinCases};
use relais_acts::problem::ActError;
use relais_network::{CaseId, SameAskId};

use super::{conflict, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Strict};
use crate::problem::Problem;

/// `POST /api/v1/name-checks`: a check is taken from the day's ration, so it
/// is no reading.
pub(crate) async fn check(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<CheckName>,
) -> Result<Response, Problem> {
    let checked = app.acts().check_name(&caller.viewer, body.value).await?;
    Ok((StatusCode::CREATED, Json(checked)).into_response())
}

/// `POST /api/v1/cases/{id}/perhaps`.
pub(crate) async fn act(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<ActOnPerhaps>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts()
            .act_on_perhaps(&caller.viewer, CaseId(id), body.value)
            .await?,
    ))
}

/// `POST /api/v1/cases/{id}/join`.
pub(crate) async fn join(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<JoinCases>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().join(&caller.viewer, CaseId(id), body.value).await?))
}

/// `POST /api/v1/cases/{id}/separation`.
pub(crate) async fn separate(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<JoinCases>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts().separate(&caller.viewer, CaseId(id), body.value).await?,
    ))
}

/// `GET /api/v1/same/{id}`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().same(&caller.viewer, SameAskId(id)).await?).into_response())
}

/// `POST /api/v1/same/{id}/answer`.
pub(crate) async fn answer(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<AnswerSame>,
) -> Result<Response, Problem> {
    match app.acts().answer_same(&caller.viewer, SameAskId(id), body.value).await {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().same(&caller.viewer, SameAskId(id)).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|s| serde_json::to_value(s).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}
