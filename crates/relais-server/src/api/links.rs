//! One-time links and slips: made by the sender, the slip typed in from either
//! side.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use relais_acts::links::MakeLink;
use relais_acts::slips::{MakeSlip, TypeSlip};
use relais_network::ReferralId;
use relais_store::ids;
use serde_json::json;

use super::made;
use crate::ask::Caller;
use crate::extract::{Id, Strict};
use crate::pages::share::site;
use crate::problem::Problem;
use crate::{AppState, secret};

/// `GET /api/v1/referrals/{id}/links`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().link_status(&caller.viewer, ReferralId(id)).await?).into_response())
}

/// `POST /api/v1/referrals/{id}/links`.
pub(crate) async fn make(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
    body: Strict<MakeLink>,
) -> Result<Response, Problem> {
    let drawn = ids::secret();
    let referral = ReferralId(id);
    let drawn_for = app
        .acts()
        .make_link(&caller.viewer, referral, body.value, secret::hash(&drawn))
        .await?;
    let status = app.acts().link_status(&caller.viewer, referral).await?;
    let answer = json!({
        "id": drawn_for.id,
        "address": format!("{}{}", site(&app, &headers), secret::path(status.language, &drawn)),
        "language": status.language,
        "code": status.last.as_ref().and_then(|l| l.code.clone()),
        "expires_at": status.last.as_ref().map(|l| l.expires_at),
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// `GET /api/v1/referrals/{id}/slip`.
pub(crate) async fn slip(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().slip(&caller.viewer, ReferralId(id)).await?).into_response())
}

/// `POST /api/v1/referrals/{id}/slip`.
pub(crate) async fn make_slip(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<MakeSlip>,
) -> Result<Response, Problem> {
    let done = app.acts().make_slip(&caller.viewer, ReferralId(id), body.value).await?;
    Ok(made(&done))
}

/// `POST /api/v1/referrals/{id}/slips`.
pub(crate) async fn type_slip(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<TypeSlip>,
) -> Result<Response, Problem> {
    let done = app
        .acts()
        .type_slip_into(&caller.viewer, ReferralId(id), body.value)
        .await?;
    Ok(made(&done))
}
