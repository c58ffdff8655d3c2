//! The lists of work: my day, a provider's inbox, what is late.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::cases::Paging;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::Query;
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

/// `GET /api/v1/late`.
pub(crate) async fn late(
    State(app): State<AppState>,
    caller: Caller,
    Query(page): Query<Paging>,
) -> Result<Response, Problem> {
    Ok(Json(app.acts().late(&caller.viewer, page.after).await?).into_response())
}

/// `GET /api/v1/authorisations`.
pub(crate) async fn authorisations(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(Json(app.acts().authorisations(&caller.viewer).await?).into_response())
}
