//! Agreements: what organisations signed, who is covered until when, and what may go.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::agreements::{AddAgreement, AgreementsAsked, DenounceAgreement, RenewAgreement, SignAgreement};
use relais_network::AgreementId;

use super::{answered, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Strict};
use crate::problem::Problem;

/// `GET /api/v1/agreements`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<AgreementsAsked>,
) -> Result<Response, Problem> {
    Ok(Json(app.acts().agreements(&caller.viewer, asked).await?).into_response())
}

/// `POST /api/v1/agreements`.
pub(crate) async fn add(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<AddAgreement>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().add_agreement(&caller.viewer, body.value).await?))
}

/// `GET /api/v1/agreements/{id}`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().agreement(&caller.viewer, AgreementId(id)).await?).into_response())
}

/// `POST /api/v1/agreements/{id}/signatures`.
pub(crate) async fn sign(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<SignAgreement>,
) -> Result<Response, Problem> {
    let (id, viewer) = (AgreementId(id), &caller.viewer);
    let done = app.acts().sign_agreement(viewer, id, body.value).await;
    answered(done, body.raw, app.acts().agreement(viewer, id)).await
}

/// `POST /api/v1/agreements/{id}/renewal`.
pub(crate) async fn renew(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<RenewAgreement>,
) -> Result<Response, Problem> {
    let (id, viewer) = (AgreementId(id), &caller.viewer);
    let done = app.acts().renew_agreement(viewer, id, body.value).await;
    answered(done, body.raw, app.acts().agreement(viewer, id)).await
}

/// `POST /api/v1/agreements/{id}/denunciation`.
pub(crate) async fn denounce(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<DenounceAgreement>,
) -> Result<Response, Problem> {
    let (id, viewer) = (AgreementId(id), &caller.viewer);
    let done = app.acts().denounce_agreement(viewer, id, body.value).await;
    answered(done, body.raw, app.acts().agreement(viewer, id)).await
}
