//! Who works on a case: handed to a colleague with a note, or taken.

use axum::extract::State;
use axum::response::Response;
use relais_acts::commands::{AssignCase, ClaimCase};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::AssignView;
use relais_network::CaseId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Summary};
use crate::problem::Problem;
use crate::text::Text;
use crate::text::both;

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/assign.html")]
pub(super) struct Assign {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    back: String,
    code: String,
    assigned: Option<String>,
    fields: Vec<Field>,
    summary: Option<Summary>,
}

impl Assign {
    pub(super) fn of(f: Frame, view: &AssignView, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let t = f.t;
        let mut fields = Vec::new();
        if !view.staff.is_empty() {
            let people: Vec<Choice> = view
                .staff
                .iter()
                .map(|(user, name, own)| Choice {
                    value: user.to_string(),
                    label: if *own { t.transfer_me(name) } else { name.clone() },
                    chosen: typed.one("to") == user.to_string(),
                })
                .collect();
            let control = if people.len() > 8 {
                Control::List(people)
            } else {
                Control::One(people)
            };
            fields.push(Field::line(t, "to", t.assign_to()).with(control));
            fields.push(
                Field::line(t, "note", t.assign_note())
                    .hint(t.assign_note_hint())
                    .optional()
                    .max(500)
                    .value(typed.one("note"))
                    .with(Control::Lines { rows: 3 }),
            );
        }
        for field in &mut fields {
            field.error = error_of(wrong, &field.name, t.0);
        }
        let summary = summary(t, &fields, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        Self {
            t,
            id,
            version: if typed.one("version").is_empty() {
                view.version.to_string()
            } else {
                typed.one("version").to_owned()
            },
            back: format!("/cases/{}", view.case_id),
            code: view.case_code.clone(),
            assigned: view.assigned.clone(),
            fields,
            summary,
            f,
        }
    }
}

async fn page(
    app: &AppState,
    caller: &Caller,
    case: Uuid,
    id: Option<Uuid>,
    typed: &Typed,
    wrong: &[FieldProblem],
) -> Result<Assign, Problem> {
    let view = app.acts().assign_view(&caller.viewer, CaseId(case)).await?;
    let now = app.now().await?;
    let f = Frame::of(app, caller, Tab::Cases, caller.t.assign_title(), now)
        .back(format!("/cases/{case}"), view.case_code.clone());
    Ok(Assign::of(
        f,
        &view,
        id.unwrap_or_else(|| ids::new_v7(now)),
        typed,
        wrong,
    ))
}

/// `GET /cases/{id}/assign`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(case): Id) -> Result<Response, Problem> {
    Ok(frame::ok(
        &page(&app, &caller, case, None, &Typed::default(), &[]).await?,
    ))
}

/// `POST /cases/{id}/assign`.
pub(crate) async fn assign(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (id, version) = (typed.id()?, typed.version()?);
    let done = match typed.one("to").parse::<Uuid>() {
        Ok(to) => {
            let command = AssignCase {
                id,
                version,
                to,
                note: typed.one("note").to_owned(),
            };
            app.acts()
                .assign_case(&caller.viewer, CaseId(case), command)
                .await
                .map(|_| ())
        }
        Err(_) => Err(ActError::Invalid(vec![FieldProblem {
            field: "to".to_owned(),
            code: "required".to_owned(),
            message: both(Text::assign_choose),
        }])),
    };
    match done {
        // A case manager who handed the case on sees it no more.
        Ok(()) => match app.acts().case(&caller.viewer, CaseId(case)).await {
            Ok(_) => Ok(see(&format!("/cases/{case}?done=assigned"))),
            Err(_) => Ok(see("/day?done=assigned")),
        },
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            if back.stale {
                typed.0.remove("version");
            }
            let mut page = page(&app, &caller, case, Some(id), &typed, &back.wrong)
                .await
                .map_err(|unseen| back.unshown(unseen))?;
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}

/// `POST /cases/{id}/claim`.
pub(crate) async fn claim(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    app.acts()
        .claim_case(&caller.viewer, CaseId(case), ClaimCase { id })
        .await?;
    Ok(see(&format!("/cases/{case}?done=claimed")))
}
