//! The directory's search.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use relais_acts::commands::ServiceSearch;

use crate::AppState;
use crate::ask::Caller;
use crate::extract::Query;
use crate::problem::Problem;

/// `GET /api/v1/services`.
pub(crate) async fn search(
    State(app): State<AppState>,
    caller: Caller,
    Query(search): Query<ServiceSearch>,
) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let page = app.acts().services(&caller.viewer, &search, now)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], page.json).into_response())
}
