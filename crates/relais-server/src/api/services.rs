//! The directory's search.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use relais_acts::commands::ServiceSearch;

use crate::AppState;
use crate::ask::Caller;
use crate::extract::Query;
use crate::problem::Problem;
use crate::room;

/// `GET /api/v1/services`.
pub(crate) async fn search(
    State(app): State<AppState>,
    caller: Caller,
    Query(search): Query<ServiceSearch>,
) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let page = app.acts().services(&caller.viewer, &search, now, room::take())?;
    Ok(json(page.json))
}

/// Text that is JSON already. The map of headers has room for what every answer carries, so that it need not grow.
fn json(text: Vec<u8>) -> Response {
    const HEADERS: usize = 10;
    let mut response = Response::new(room::answer(text).into());
    let headers = response.headers_mut();
    headers.reserve(HEADERS);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
