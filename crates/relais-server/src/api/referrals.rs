//! Needs and referrals: the services that may answer, send, read, act.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::commands::{ActOnReferral, SendReferral, ShelterCode};
use relais_acts::payments::WritePayment;
use relais_acts::problem::ActError;
use relais_acts::settle_need::SettleNeed;
use relais_network::{NeedId, ReferralId, ServiceId};
use uuid::Uuid;

use super::{conflict, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Strict};
use crate::problem::{Problem, ProblemKind};

/// Which service's preview is asked for, and which page of proposals.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proposals {
    /// The service whose preview is asked for.
    #[serde(default)]
    service: Option<Uuid>,
    /// Cursor: the `next` of the page before.
    #[serde(default)]
    after: Option<String>,
}

/// `GET /api/v1/needs/{id}/services`.
pub(crate) async fn proposals(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(query): Query<Proposals>,
) -> Result<Response, Problem> {
    let view = app
        .acts()
        .refer_view(&caller.viewer, NeedId(id), query.service.map(ServiceId), query.after)
        .await?;
    Ok(Json(view).into_response())
}

/// `POST /api/v1/needs/{id}/services`: what the confidential service would see
/// to which a code leads. In the body, so that no address carries the code.
pub(crate) async fn by_code(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<ShelterCode>,
) -> Result<Response, Problem> {
    let view = app.acts().refer_by_code(&caller.viewer, NeedId(id), body.value).await?;
    Ok(Json(view).into_response())
}

/// `POST /api/v1/needs/{id}/referrals`.
pub(crate) async fn send(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<SendReferral>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts().send_referral(&caller.viewer, NeedId(id), body.value).await?,
    ))
}

/// `GET /api/v1/needs/{id}/settlement`: who was asked, and whether the need
/// can be settled without a service now.
pub(crate) async fn settlement(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().settle_view(&caller.viewer, NeedId(id)).await?).into_response())
}

/// `POST /api/v1/needs/{id}/settlement`.
pub(crate) async fn settle(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<SettleNeed>,
) -> Result<Response, Problem> {
    match app.acts().settle_need(&caller.viewer, NeedId(id), body.value).await {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().settle_view(&caller.viewer, NeedId(id)).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|r| serde_json::to_value(r).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}

/// `GET /api/v1/referrals/{id}/letter`: what a letter to the provider's
/// hierarchy says.
pub(crate) async fn letter(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().letter(&caller.viewer, ReferralId(id)).await?).into_response())
}

/// `GET /api/v1/referrals/{id}`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().referral(&caller.viewer, ReferralId(id)).await?).into_response())
}

/// `POST /api/v1/referrals/{id}/payment`.
pub(crate) async fn pay(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<WritePayment>,
) -> Result<Response, Problem> {
    match app
        .acts()
        .write_payment(&caller.viewer, ReferralId(id), body.value)
        .await
    {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().referral(&caller.viewer, ReferralId(id)).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|r| serde_json::to_value(r.payment).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /api/v1/referrals/{id}/acts`.
pub(crate) async fn act(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<ActOnReferral>,
) -> Result<Response, Problem> {
    if let Some(member) = super::schemas::surplus(&body.raw) {
        return Err(Problem::new(ProblemKind::WrongType)
            .with("member", member)
            .with("mistake", "unknown field"));
    }
    match app.acts().act(&caller.viewer, ReferralId(id), body.value).await {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().referral(&caller.viewer, ReferralId(id)).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|r| serde_json::to_value(r).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}
