//! Reopen a case: after an end that was entered in error or a person who was
//! found, and after a closure (DOMAIN F7.09, MON.03).

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::problem::FieldProblem;
use relais_acts::reopening::{ReopenCase, ReopenView, WORDS};
use relais_network::CaseId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Notice, Summary};
use crate::problem::{Problem, set};
use crate::text::Text;

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/reopen.html")]
pub(super) struct Reopen {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    back: String,
    code: String,
    ended: bool,
    /// Needs that open again in any case.
    always: Vec<String>,
    fields: Vec<Field>,
    summary: Option<Summary>,
    blocked: bool,
}

impl Reopen {
    pub(super) fn of(f: Frame, view: &ReopenView, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let t = f.t;
        let mut fields = vec![
            Field::line(t, "reason", t.reopen_reason())
                .hint(if view.ended {
                    t.reopen_reason_hint_ended()
                } else {
                    t.reopen_reason_hint_closed()
                })
                .max(u32::try_from(WORDS).unwrap_or(u32::MAX))
                .value(typed.one("reason"))
                .with(Control::Lines { rows: 3 }),
        ];
        let choices: Vec<Choice> = view
            .needs
            .iter()
            .filter(|n| !n.always)
            .map(|n| Choice {
                value: n.id.to_string(),
                label: n.label.clone(),
                chosen: typed.all("needs").contains(&n.id.to_string()),
            })
            .collect();
        if !choices.is_empty() {
            fields.push(
                Field::line(t, "needs", t.reopen_needs())
                    .hint(t.reopen_needs_hint())
                    .optional()
                    .with(Control::Many(choices)),
            );
        }
        for field in &mut fields {
            field.error = error_of(wrong, &field.name, t.0);
        }
        let summary = summary(t, &fields, wrong);
        let refused = view
            .refused
            .as_ref()
            .map(|(why, remedy)| Notice::stop(set(why, t.0), set(remedy, t.0)));
        let mut f = f.notice(refused);
        if summary.is_some() {
            f = f.with_error();
        }
        let version = if typed.one("version").is_empty() {
            view.version.to_string()
        } else {
            typed.one("version").to_owned()
        };
        Self {
            f,
            t,
            id,
            version,
            back: format!("/cases/{}", view.case_id),
            code: view.case_code.clone(),
            ended: view.ended,
            always: view
                .needs
                .iter()
                .filter(|n| n.always)
                .map(|n| n.label.clone())
                .collect(),
            fields,
            summary,
            blocked: view.refused.is_some(),
        }
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &ReopenView, now: DateTime<Utc>) -> Frame {
    Frame::of(app, caller, Tab::Cases, caller.t.reopen_title(), now)
        .back(format!("/cases/{}", view.case_id), view.case_code.clone())
}

/// `GET /cases/{id}/reopen`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(case): Id) -> Result<Response, Problem> {
    let view = app.acts().reopen_view(&caller.viewer, CaseId(case)).await?;
    let now = app.now().await?;
    let f = frame_of(&app, &caller, &view, now);
    Ok(frame::ok(&Reopen::of(
        f,
        &view,
        ids::new_v7(now),
        &Typed::default(),
        &[],
    )))
}

/// `POST /cases/{id}/reopen`.
pub(crate) async fn reopen(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let command = ReopenCase {
        id,
        version: typed.version()?,
        reason: typed.one("reason").to_owned(),
        needs: typed.all("needs").iter().filter_map(|n| n.parse().ok()).collect(),
    };
    match app.acts().reopen_case(&caller.viewer, CaseId(case), command).await {
        Ok(_) => Ok(see(&format!("/cases/{case}?done=reopened"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app
                .acts()
                .reopen_view(&caller.viewer, CaseId(case))
                .await
                .map_err(|unseen| back.unshown(unseen.into()))?;
            let now = app.now().await?;
            if back.stale {
                typed.0.remove("version");
            }
            let f = frame_of(&app, &caller, &view, now);
            let mut page = Reopen::of(f, &view, id, &typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
