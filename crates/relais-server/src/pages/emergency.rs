//! Emergency access: a case opened with its exact code and a reason.

use axum::extract::State;
use axum::response::Response;
use relais_acts::commands::OpenEmergency;
use relais_acts::emergency::EmergencyView;
use relais_acts::problem::FieldProblem;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::Typed;
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Control, Field, Link, Summary};
use crate::problem::Problem;
use crate::text::Text;

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/emergency.html")]
pub(super) struct Emergency {
    f: Frame,
    t: Text,
    id: Uuid,
    open: Vec<(Link, String)>,
    tries: String,
    fields: Vec<Field>,
    summary: Option<Summary>,
}

impl Emergency {
    pub(super) fn of(f: Frame, view: &EmergencyView, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let t = f.t;
        let fields: Vec<Field> = [
            Field::line(t, "code", t.emergency_code())
                .hint(t.emergency_code_hint())
                .max(60),
            Field::line(t, "reason", t.emergency_reason())
                .hint(t.emergency_reason_hint())
                .max(500)
                .with(Control::Lines { rows: 3 }),
            Field::line(t, "life_in_danger", t.emergency_danger()).with(Control::Tick),
        ]
        .into_iter()
        .map(|field| {
            let mut field = field;
            field.value = typed.one(&field.name).to_owned();
            field.error = error_of(wrong, &field.name, t.0);
            field
        })
        .collect();
        let summary = summary(t, &fields, wrong);
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            id,
            open: view
                .open
                .iter()
                .map(|o| {
                    let link = Link {
                        href: format!("/cases/{}", o.case_id),
                        text: o.case_code.clone(),
                    };
                    (link, t.emergency_until(t.short(o.until, view.now)))
                })
                .collect(),
            tries: t.emergency_tries(view.tries_left),
            fields,
            summary,
        }
    }
}

async fn page(
    app: &AppState,
    caller: &Caller,
    id: Option<Uuid>,
    typed: &Typed,
    wrong: &[FieldProblem],
) -> Result<Emergency, Problem> {
    let view = app.acts().emergency(&caller.viewer).await?;
    let f = Frame::of(app, caller, Tab::None, caller.t.emergency_title(), view.now);
    let id = id.unwrap_or_else(|| ids::new_v7(view.now));
    Ok(Emergency::of(f, &view, id, typed, wrong))
}

/// `GET /emergency`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(frame::ok(&page(&app, &caller, None, &Typed::default(), &[]).await?))
}

/// `POST /emergency`.
pub(crate) async fn open(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let id = typed.id()?;
    let command = OpenEmergency {
        id,
        code: typed.one("code").to_owned(),
        reason: typed.one("reason").to_owned(),
        life_in_danger: typed.one("life_in_danger") == "yes",
    };
    match app.acts().open_emergency(&caller.viewer, command).await {
        Ok(made) => Ok(see(&format!("/cases/{}?done=emergency_opened", made.id))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let mut page = page(&app, &caller, Some(id), &typed, &back.wrong)
                .await
                .map_err(|unseen| back.unshown(unseen))?;
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
