//! The forms F1 and F2, section by section.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::forms::FillSection;
use relais_acts::problem::ActError;
use relais_network::CaseId;

use super::{conflict, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{FormAt, Strict};
use crate::problem::Problem;

/// `GET /api/v1/cases/{id}/forms/{form}`.
pub(crate) async fn list(State(app): State<AppState>, caller: Caller, at: FormAt) -> Result<Response, Problem> {
    let view = app.acts().form(&caller.viewer, CaseId(at.case), at.form).await?;
    Ok(Json(view).into_response())
}

/// `GET /api/v1/cases/{id}/forms/{form}/{section}`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, at: FormAt) -> Result<Response, Problem> {
    let view = app
        .acts()
        .form_section(&caller.viewer, CaseId(at.case), at.form, at.section)
        .await?;
    Ok(Json(view).into_response())
}

/// `POST /api/v1/cases/{id}/forms/{form}/{section}`.
pub(crate) async fn fill(
    State(app): State<AppState>,
    caller: Caller,
    at: FormAt,
    body: Strict<FillSection>,
) -> Result<Response, Problem> {
    let case = CaseId(at.case);
    let done = app
        .acts()
        .fill_section(&caller.viewer, case, at.form.clone(), at.section.clone(), body.value)
        .await;
    match done {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app
                .acts()
                .form_section(&caller.viewer, case, at.form, at.section)
                .await
                .ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|view| serde_json::to_value(view).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}
