//! The registers of the institution: sessions, decisions, actions and the others that
//! the mechanism names.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::registers::{AddLine, ChangeLine, RegisterAsked};

use super::{answered, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{LineAt, Query, RegisterAt, Strict};
use crate::problem::Problem;

/// `GET /api/v1/registers`.
pub(crate) async fn all(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(Json(app.acts().registers(&caller.viewer).await?).into_response())
}

/// `GET /api/v1/registers/{register}`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    RegisterAt(register): RegisterAt,
    Query(asked): Query<RegisterAsked>,
) -> Result<Response, Problem> {
    Ok(Json(app.acts().register_lines(&caller.viewer, register, asked).await?).into_response())
}

/// `POST /api/v1/registers/{register}`.
pub(crate) async fn add(
    State(app): State<AppState>,
    caller: Caller,
    RegisterAt(register): RegisterAt,
    body: Strict<AddLine>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().add_line(&caller.viewer, register, body.value).await?))
}

/// `GET /api/v1/registers/{register}/{id}`.
pub(crate) async fn read(
    State(app): State<AppState>,
    caller: Caller,
    LineAt { register, id }: LineAt,
) -> Result<Response, Problem> {
    Ok(Json(app.acts().register_line(&caller.viewer, register, id).await?).into_response())
}

/// `POST /api/v1/registers/{register}/{id}/changes`.
pub(crate) async fn change(
    State(app): State<AppState>,
    caller: Caller,
    LineAt { register, id }: LineAt,
    body: Strict<ChangeLine>,
) -> Result<Response, Problem> {
    let viewer = &caller.viewer;
    let done = app.acts().change_line(viewer, register.clone(), id, body.value).await;
    answered(done, body.raw, app.acts().register_line(viewer, register, id)).await
}
