//! The lists of work: my day, a provider's inbox, what is late.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use relais_acts::coordination::{NoteLateCall, PutBefore, ReplyToFigures};
use relais_acts::problem::ActError;

use super::cases::Paging;
use super::{conflict, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Strict};
use crate::problem::Problem;

/// `GET /api/v1/day`.
pub(crate) async fn day(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(Json(app.acts().my_day(&caller.viewer).await?).into_response())
}

/// `GET /api/v1/inbox`.
pub(crate) async fn inbox(
    State(app): State<AppState>,
    caller: Caller,
    Query(page): Query<Paging>,
) -> Result<Response, Problem> {
    Ok(Json(app.acts().inbox(&caller.viewer, page.after).await?).into_response())
}

/// `GET /api/v1/late/{id}/calls`.
pub(crate) async fn late_subject(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().late_subject(&caller.viewer, id).await?).into_response())
}

/// `POST /api/v1/late/{id}/calls`.
pub(crate) async fn note_late_call(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<NoteLateCall>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().note_late_call(&caller.viewer, id, body.value).await?))
}

/// `GET /api/v1/coordination`.
pub(crate) async fn coordination(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(Json(app.acts().coordination(&caller.viewer).await?).into_response())
}

/// `POST /api/v1/coordination/figures`.
pub(crate) async fn put_figures(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<PutBefore>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().put_figures(&caller.viewer, body.value).await?))
}

/// `POST /api/v1/inbox/figures`.
pub(crate) async fn reply_figures(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<ReplyToFigures>,
) -> Result<Response, Problem> {
    match app.acts().reply_figures(&caller.viewer, body.value).await {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().inbox(&caller.viewer, None).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|i| serde_json::to_value(i.figures).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}

/// `GET /api/v1/late`.
pub(crate) async fn late(
    State(app): State<AppState>,
    caller: Caller,
    Query(page): Query<Paging>,
) -> Result<Response, Problem> {
    Ok(Json(app.acts().late(&caller.viewer, page.after).await?).into_response())
}
