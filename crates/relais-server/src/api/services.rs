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
    // Answered from memory, it has not waited for anything: what has come in meanwhile is answered before any of it is
    // sent, and whoever reads several answers is woken once (decision 0014).
    tokio::task::yield_now().await;
    Ok(([(header::CONTENT_TYPE, "application/json")], page.json).into_response())
}
