//! Close a case.

use axum::extract::State;
use axum::response::Response;
use relais_acts::commands::CloseCase;
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::CaseView;
use relais_network::CaseId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::consent::writable;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Notice, Summary};
use crate::problem::{Problem, set};
use crate::text::Text;
use crate::text::both;

/// The list of reasons (DOMAIN §2.8).
const REASONS: &str = "closure_reason";

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/close.html")]
pub(super) struct Close {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    back: String,
    code: String,
    reason: Field,
    summary: Option<Summary>,
    blocked: bool,
}

impl Close {
    pub(super) fn of(
        app: &AppState,
        caller: &Caller,
        case: &CaseView,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
        now: chrono::DateTime<chrono::Utc>,
    ) -> Self {
        let t = caller.t;
        let mechanism = app.desk().mechanism();
        let choices = mechanism.option_list(REASONS).map_or_else(Vec::new, |list| {
            list.choices
                .iter()
                .map(|c| Choice {
                    value: c.code.clone(),
                    label: set(c.label.get(t.0), t.0),
                    chosen: typed.one("reason") == c.code,
                })
                .collect()
        });
        let mut reason = Field::line(t, "reason", t.close_reason()).with(Control::One(choices));
        reason.error = error_of(wrong, "reason", t.0);
        let summary = Summary::of(t, [&reason]);
        let back = format!("/cases/{}", case.id);
        let mut f = Frame::of(app, caller, Tab::Cases, t.close_title(), now)
            .back(back.clone(), case.code.clone())
            .notice(
                case.close_blocked
                    .as_ref()
                    .filter(|_| !case.may_close)
                    .map(|why| Notice::stop(t.case_close_blocked(why), "")),
            );
        if summary.is_some() {
            f = f.with_error();
        }
        let version = if typed.one("version").is_empty() {
            case.version.to_string()
        } else {
            typed.one("version").to_owned()
        };
        Self {
            f,
            t,
            id,
            version,
            back,
            code: case.code.clone(),
            reason,
            summary,
            blocked: !case.may_close,
        }
    }
}

/// `GET /cases/{id}/close`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(case): Id) -> Result<Response, Problem> {
    let case = writable(&app, &caller, case).await?;
    let now = app.now().await?;
    Ok(frame::ok(&Close::of(
        &app,
        &caller,
        &case,
        ids::new_v7(now),
        &Typed::default(),
        &[],
        now,
    )))
}

/// `POST /cases/{id}/close`.
pub(crate) async fn close(
    State(app): State<AppState>,
    caller: Caller,
    Id(case_id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let version = typed.version()?;
    let reason = typed.one("reason").to_owned();
    let done = if reason.is_empty() {
        Err(ActError::Invalid(vec![FieldProblem {
            field: "reason".to_owned(),
            code: "required".to_owned(),
            message: both(Text::close_choose),
        }]))
    } else {
        app.acts()
            .close_case(&caller.viewer, CaseId(case_id), CloseCase { id, version, reason })
            .await
    };
    match done {
        Ok(_) => Ok(see(&format!("/cases/{case_id}?done=closed"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let case = writable(&app, &caller, case_id)
                .await
                .map_err(|unseen| back.unshown(unseen))?;
            let now = app.now().await?;
            if back.stale {
                typed.0.remove("version");
            }
            let mut page = Close::of(&app, &caller, &case, id, &typed, &back.wrong, now);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
