//! Who does what, where, and what is missing.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::directory::matrix::MatrixAsked;

use crate::AppState;
use crate::ask::Caller;
use crate::extract::Query;
use crate::problem::Problem;

/// `GET /api/v1/directory/matrix`.
pub(crate) async fn read(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<MatrixAsked>,
) -> Result<Response, Problem> {
    let now = app.clock().await?;
    Ok(Json(app.acts().matrix(&caller.viewer, asked, now).await?).into_response())
}
