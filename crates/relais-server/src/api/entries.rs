//! Entries of the directory: a provider keeps its own true, the coordination
//! unit decides what waits for it.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use relais_acts::directory::merging;
use relais_acts::entries::safeguards::{NoteSafeguards, PublishHeld};
use relais_acts::entries::{ChangeEntry, ConfirmEntries, DecideChange, SetCapacity, StepEntry};
use relais_network::{EntryChangeId, OrganisationId, ServiceId};

use super::{answered, made};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Strict};
use crate::pages::duplicates::Wanted;
use crate::pages::exchange::apart;
use crate::problem::Problem;

/// `GET /api/v1/entries`.
pub(crate) async fn list(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(Json(app.acts().own_entries(&caller.viewer).await?).into_response())
}

/// `POST /api/v1/entries/confirmation`.
pub(crate) async fn confirm(
    State(app): State<AppState>,
    caller: Caller,
    body: Strict<ConfirmEntries>,
) -> Result<Response, Problem> {
    Ok(made(&app.acts().confirm_entries(&caller.viewer, body.value).await?))
}

/// `GET /api/v1/entries/{id}`.
pub(crate) async fn read(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().entry(&caller.viewer, ServiceId(id)).await?).into_response())
}

/// `POST /api/v1/entries/{id}/changes`.
pub(crate) async fn change(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<ChangeEntry>,
) -> Result<Response, Problem> {
    let (id, viewer) = (ServiceId(id), &caller.viewer);
    let done = app.acts().change_entry(viewer, id, body.value).await;
    answered(done, body.raw, app.acts().entry(viewer, id)).await
}

/// `POST /api/v1/entries/{id}/capacity`.
pub(crate) async fn capacity(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<SetCapacity>,
) -> Result<Response, Problem> {
    let (id, viewer) = (ServiceId(id), &caller.viewer);
    let done = app.acts().set_capacity(viewer, id, body.value).await;
    answered(done, body.raw, app.acts().entry(viewer, id)).await
}

/// `POST /api/v1/entries/{id}/life`.
pub(crate) async fn life(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<StepEntry>,
) -> Result<Response, Problem> {
    let (id, viewer) = (ServiceId(id), &caller.viewer);
    let done = app.acts().step_entry(viewer, id, body.value).await;
    answered(done, body.raw, app.acts().entry(viewer, id)).await
}

/// `GET /api/v1/moderation`.
pub(crate) async fn moderation(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(Json(app.acts().moderation(&caller.viewer).await?).into_response())
}

/// `GET /api/v1/organisations/{id}/safeguards`.
pub(crate) async fn safeguards(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    Ok(Json(app.acts().safeguards(&caller.viewer, OrganisationId(id)).await?).into_response())
}

/// `POST /api/v1/organisations/{id}/safeguards`.
pub(crate) async fn note_safeguards(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<NoteSafeguards>,
) -> Result<Response, Problem> {
    let (id, viewer) = (OrganisationId(id), &caller.viewer);
    let done = app.acts().note_safeguards(viewer, id, body.value).await;
    answered(done, body.raw, app.acts().safeguards(viewer, id)).await
}

/// `POST /api/v1/organisations/{id}/publication`.
pub(crate) async fn publish_held(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<PublishHeld>,
) -> Result<Response, Problem> {
    let (id, viewer) = (OrganisationId(id), &caller.viewer);
    Ok(made(&app.acts().publish_held(viewer, id, body.value).await?))
}

/// `GET /api/v1/directory/duplicates`.
pub(crate) async fn duplicates(
    State(app): State<AppState>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let asked = wanted.asked();
    let view = apart(&app, &caller, move |desk, viewer| merging::list(desk, viewer, &asked)).await??;
    Ok(Json(view).into_response())
}

/// `POST /api/v1/moderation/{id}/decision`.
pub(crate) async fn decide(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    body: Strict<DecideChange>,
) -> Result<Response, Problem> {
    let change = EntryChangeId(id);
    Ok(made(
        &app.acts().decide_change(&caller.viewer, change, body.value).await?,
    ))
}
