//! The directory's search.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use relais_acts::commands::ServiceSearch;

use crate::AppState;
use crate::ask::Caller;
use crate::extract::Query;
use crate::problem::Problem;

/// Bytes set aside for a page of services.
const ROOM: usize = 8 * 1024;

/// `GET /api/v1/services`.
pub(crate) async fn search(
    State(app): State<AppState>,
    caller: Caller,
    Query(search): Query<ServiceSearch>,
) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let page = app.acts().services(&caller.viewer, &search, now)?;
    // A page of twenty is some seven kilobytes: written into room enough at
    // once, where a growing buffer would be copied six times.
    let mut body = Vec::with_capacity(ROOM);
    if serde_json::to_writer(&mut body, &page).is_err() {
        return Ok(Json(page).into_response());
    }
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}
