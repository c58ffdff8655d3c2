//! Arrivals of many: list, queue, rows; and the family link of a case.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use relais_acts::families::BreakFamily;
use relais_acts::groups::{ActOnRow, AddExpected, KeepAnswers, MakeGroup, MakeQueue, RegisterExpected};
use relais_acts::problem::{ActError, FieldProblem};
use relais_network::{CaseId, ExpectedId, GroupId};
use uuid::Uuid;

use super::cases::Paging;
use super::{conflict, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Strict};
use crate::problem::Problem;
use crate::text::Text;
use crate::text::both;
use crate::upload;

/// A body that says nothing: the path says all.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// An uploaded list.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UploadList {
    /// Id of the act, made by its maker.
    id: Uuid,
    /// The file, in base64.
    file: String,
}

/// What is looked for in a queue.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    #[serde(default)]
    show: Option<String>,
    #[serde(default)]
    q: Option<String>,
    #[serde(default)]
    after: Option<String>,
}

/// `GET /api/v1/groups`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(page): Query<Paging>,
) -> Result<Response, Problem> {
    Ok(Json(app.acts().groups(&caller.viewer, page.after).await?).into_response())
}

/// `POST /api/v1/groups`.
pub(crate) async fn make(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<MakeGroup>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().make_group(&caller.viewer, body.value, None).await?))
}

/// `GET /api/v1/groups/{id}`.
pub(crate) async fn read(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let view = app
        .acts()
        .group(&caller.viewer, GroupId(id), wanted.show, wanted.q, wanted.after)
        .await?;
    Ok(Json(view).into_response())
}

/// `GET /api/v1/groups/{id}/list`.
pub(crate) async fn look(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    let view = app.acts().group_list(&caller.viewer, GroupId(id), None, None).await?;
    Ok(Json(view).into_response())
}

/// `POST /api/v1/groups/{id}/list`.
pub(crate) async fn upload(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<UploadList>,
) -> Result<Response, Problem> {
    // What is not for this caller is answered before any file is read.
    app.acts().group_list(&caller.viewer, GroupId(id), None, None).await?;
    let file = STANDARD.decode(&body.value.file).map_err(|_| {
        ActError::Invalid(vec![FieldProblem {
            field: "file".to_owned(),
            code: "not_base64".to_owned(),
            message: both(Text::group_not_base64),
        }])
    })?;
    let list = upload::list(Bytes::from(file)).await??;
    Ok(made(
        &app.acts()
            .upload_list(&caller.viewer, GroupId(id), body.value.id, list)
            .await?,
    ))
}

/// `POST /api/v1/groups/{id}/queue`.
pub(crate) async fn queue(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<MakeQueue>,
) -> Result<Response, Problem> {
    match app.acts().make_queue(&caller.viewer, GroupId(id), body.value).await {
        Ok(done) => Ok(made(&done)),
        Err(stale @ ActError::Stale { .. }) => {
            let theirs = app
                .acts()
                .group_list(&caller.viewer, GroupId(id), None, None)
                .await
                .ok();
            Err(conflict(
                stale.into(),
                body.raw,
                theirs.and_then(|l| serde_json::to_value(l).ok()),
            ))
        }
        Err(other) => Err(other.into()),
    }
}

/// `POST /api/v1/groups/{id}/next`.
pub(crate) async fn next(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    _: Strict<Nothing>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().take_next(&caller.viewer, GroupId(id)).await?))
}

/// `POST /api/v1/groups/{id}/rows`.
pub(crate) async fn add(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<AddExpected>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts().add_expected(&caller.viewer, GroupId(id), body.value).await?,
    ))
}

/// `POST /api/v1/groups/{id}/closure`.
pub(crate) async fn close(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    _: Strict<Nothing>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().close_group(&caller.viewer, GroupId(id)).await?))
}

/// `GET /api/v1/groups/{id}/bracelets`.
pub(crate) async fn bracelets(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().bracelets(&caller.viewer, GroupId(id)).await?).into_response())
}

/// `GET /api/v1/expected/{id}`.
pub(crate) async fn row(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().expected(&caller.viewer, ExpectedId(id)).await?).into_response())
}

/// `POST /api/v1/expected/{id}/acts`.
pub(crate) async fn act(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<ActOnRow>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts()
            .act_on_row(&caller.viewer, ExpectedId(id), body.value)
            .await?,
    ))
}

/// `POST /api/v1/expected/{id}/answers`.
pub(crate) async fn keep(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<KeepAnswers>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts()
            .keep_answers(&caller.viewer, ExpectedId(id), body.value)
            .await?,
    ))
}

/// `POST /api/v1/expected/{id}/registration`.
pub(crate) async fn register(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<RegisterExpected>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts()
            .register_expected(&caller.viewer, ExpectedId(id), body.value)
            .await?,
    ))
}

/// `POST /api/v1/cases/{id}/family/break`.
pub(crate) async fn break_family(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<BreakFamily>,
) -> Result<Response, Problem> {
    Ok(made(
        &app.acts().break_family(&caller.viewer, CaseId(id), body.value).await?,
    ))
}
