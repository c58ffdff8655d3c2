//! Cases: register, read, list, consent, need.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use relais_acts::commands::{AddNeed, RecordChild, RecordConsent, RegisterArrival};
use relais_acts::problem::ActError;
use relais_network::CaseId;

use super::{conflict, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Strict};
use crate::problem::Problem;

/// The page of a list.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paging {
    /// Cursor: the `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
}

/// `GET /api/v1/cases`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(page): Query<Paging>,
) -> Result<Response, Problem> {
    let json = app.acts().cases_json(&caller.viewer, page.after).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response())
}

/// `POST /api/v1/cases`.
pub(crate) async fn register(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<RegisterArrival>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().register_arrival(&caller.viewer, body.value).await?))
}

/// `GET /api/v1/cases/{id}`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().case(&caller.viewer, CaseId(id)).await?).into_response())
}

/// `POST /api/v1/cases/{id}/consents`.
pub(crate) async fn consent(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<RecordConsent>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts()
            .record_consent(&caller.viewer, CaseId(id), body.value)
            .await?,
    ))
}

/// `POST /api/v1/cases/{id}/child`.
pub(crate) async fn child(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<RecordChild>,
) -> Result<Response, Problem> {
    match app.acts().record_child(&caller.viewer, CaseId(id), body.value).await {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app.acts().case(&caller.viewer, CaseId(id)).await.ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|c| serde_json::to_value(c).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /api/v1/cases/{id}/needs`.
pub(crate) async fn need(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<AddNeed>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts().add_need(&caller.viewer, CaseId(id), body.value).await?,
    ))
}
