//! Complaints: the public door, and the recipients' desk.

use axum::Json;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use relais_acts::complaints::{ActOnComplaint, Complain, Follow, signs};
use relais_acts::problem::ActError;
use relais_network::ComplaintId;
use relais_store::ids;

use super::{conflict, made};
use crate::AppState;
use crate::ask::{self, Asking, Caller};
use crate::extract::{Id, Query, Strict};
use crate::problem::{Problem, ProblemKind};

/// The page of a list.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    after: Option<String>,
}

/// `POST /api/v1/complaints`: without a token, rationed by address.
pub(crate) async fn complain(
    State(app): State<AppState>,
    asking: Asking,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let address = ask::address(app.settings(), &parts);
    let body: Strict<Complain> = Strict::from_request(Request::from_parts(parts, body), &app).await?;
    let mut command = body.value;
    let key = command.id.to_string();
    if !app.complaint_limiter().take(&key, address, std::time::Instant::now()) {
        return Err(Problem::new(ProblemKind::TooManyAttempts));
    }
    command.code = ids::slip_code();
    let received = app.acts().complain(command, asking.lang).await?;
    Ok((StatusCode::CREATED, Json(received)).into_response())
}

/// `POST /api/v1/complaints/follow`: number and code stand in no address.
pub(crate) async fn follow(State(app): State<AppState>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let address = ask::address(app.settings(), &parts);
    let body: Strict<Follow> = Strict::from_request(Request::from_parts(parts, body), &app).await?;
    // However it is typed, a number has one ration.
    let number = signs(&body.value.number);
    if !app.follow_limiter().take(&number, address, std::time::Instant::now()) {
        return Err(Problem::new(ProblemKind::TooManyAttempts));
    }
    let view = app.acts().follow_complaint(body.value).await?;
    app.follow_limiter().give_back(&number, address);
    Ok((StatusCode::CREATED, Json(view)).into_response())
}

/// `GET /api/v1/complaints`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<After>,
) -> Result<Response, Problem> {
    Ok(Json(app.acts().complaints(&caller.viewer, query.after).await?).into_response())
}

/// `GET /api/v1/complaints/{id}`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().complaint(&caller.viewer, ComplaintId(id)).await?).into_response())
}

/// `POST /api/v1/complaints/{id}/steps`.
pub(crate) async fn act(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<ActOnComplaint>,
) -> Result<Response, Problem> {
    let id = ComplaintId(id);
    match app.acts().act_on_complaint(&caller.viewer, id, body.value).await {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().complaint(&caller.viewer, id).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|c| serde_json::to_value(c).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}
