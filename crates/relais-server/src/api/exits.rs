//! Ways out: withdrawal of consent and its recipients' confirmation, transfer,
//! who works on a case.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::commands::{ActOnTransfer, AssignCase, ClaimCase, ConfirmStop, ProposeTransfer, WithdrawConsent};
use relais_acts::problem::ActError;
use relais_network::{CaseId, OrganisationId, StopRequestId, TransferId};
use uuid::Uuid;

use super::{conflict, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Strict};
use crate::problem::{Problem, ProblemKind};

/// What a withdrawal is looked at with, before it is done.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Looked {
    /// Ids of the consents, separated by commas; none: all that stand.
    #[serde(default)]
    consents: Option<String>,
    /// What the person wants to stop.
    #[serde(default)]
    effect: Option<String>,
}

/// `GET /api/v1/cases/{id}/withdrawals`: the lines that stand and, with
/// `effect`, what their withdrawal would do.
pub(crate) async fn withdrawal(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(looked): Query<Looked>,
) -> Result<Response, Problem> {
    let chosen = looked
        .consents
        .iter()
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .filter(|id| !id.is_empty())
        .map(|id| id.parse::<Uuid>())
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| Problem::new(ProblemKind::MalformedQuery))?;
    let view = app
        .acts()
        .withdraw_view(&caller.viewer, CaseId(id), chosen, looked.effect)
        .await?;
    Ok(Json(view).into_response())
}

/// `POST /api/v1/cases/{id}/withdrawals`.
pub(crate) async fn withdraw(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<WithdrawConsent>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts()
            .withdraw_consent(&caller.viewer, CaseId(id), body.value)
            .await?,
    ))
}

/// `GET /api/v1/stops/{id}`.
pub(crate) async fn stop(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().stop(&caller.viewer, StopRequestId(id)).await?).into_response())
}

/// `POST /api/v1/stops/{id}/confirmation`.
pub(crate) async fn confirm_stop(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<ConfirmStop>,
) -> Result<Response, Problem> {
    match app
        .acts()
        .confirm_stop(&caller.viewer, StopRequestId(id), body.value)
        .await
    {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().stop(&caller.viewer, StopRequestId(id)).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|s| serde_json::to_value(s).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}

/// Which organisation is looked at.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct To {
    /// The organisation that would take the case.
    #[serde(default)]
    to: Option<Uuid>,
}

/// `GET /api/v1/cases/{id}/transfers`: who could take the case and, with `to`,
/// what it would see and get.
pub(crate) async fn transfer_draft(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(query): Query<To>,
) -> Result<Response, Problem> {
    let draft = app
        .acts()
        .transfer_draft(&caller.viewer, CaseId(id), query.to.map(OrganisationId))
        .await?;
    Ok(Json(draft).into_response())
}

/// `POST /api/v1/cases/{id}/transfers`.
pub(crate) async fn propose_transfer(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<ProposeTransfer>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts()
            .propose_transfer(&caller.viewer, CaseId(id), body.value)
            .await?,
    ))
}

/// `GET /api/v1/transfers/{id}`.
pub(crate) async fn transfer(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().transfer(&caller.viewer, TransferId(id)).await?).into_response())
}

/// `POST /api/v1/transfers/{id}/acts`.
pub(crate) async fn act_on_transfer(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<ActOnTransfer>,
) -> Result<Response, Problem> {
    if let Some(member) = super::schemas::surplus_of_transfer(&body.raw) {
        return Err(Problem::new(ProblemKind::WrongType)
            .with("member", member)
            .with("mistake", "unknown field"));
    }
    match app
        .acts()
        .act_on_transfer(&caller.viewer, TransferId(id), body.value)
        .await
    {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().transfer(&caller.viewer, TransferId(id)).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|t| serde_json::to_value(t).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}

/// `GET /api/v1/cases/{id}/assignment`: who works on it, and who may.
pub(crate) async fn assignment(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().assign_view(&caller.viewer, CaseId(id)).await?).into_response())
}

/// `POST /api/v1/cases/{id}/assignment`.
pub(crate) async fn assign(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<AssignCase>,
) -> Result<Response, Problem> {
    match app.acts().assign_case(&caller.viewer, CaseId(id), body.value).await {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().assign_view(&caller.viewer, CaseId(id)).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|a| serde_json::to_value(a).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /api/v1/cases/{id}/claim`.
pub(crate) async fn claim(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<ClaimCase>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts().claim_case(&caller.viewer, CaseId(id), body.value).await?,
    ))
}
