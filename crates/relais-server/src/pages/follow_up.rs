//! The contact that a person wanted after the closure of their case.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::closing::{FollowUp, FollowUpView, NoteFollowUp, WORDS};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::Fact;
use relais_mechanism::answers::parse_date;
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
use crate::text::{Text, both};

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/follow_up.html")]
pub(super) struct FollowPage {
    f: Frame,
    t: Text,
    id: Uuid,
    version: i64,
    back: String,
    code: String,
    when: String,
    safe: String,
    contact: Vec<Fact>,
    /// The form; empty where nothing is due.
    fields: Vec<Field>,
    summary: Option<Summary>,
}

fn result_says(t: Text, result: FollowUp) -> &'static str {
    match result {
        FollowUp::Reached => t.follow_reached(),
        FollowUp::NotReached => t.follow_not_reached(),
        FollowUp::Refused => t.follow_refused(),
    }
}

impl FollowPage {
    pub(super) fn of(f: Frame, view: &FollowUpView, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let t = f.t;
        let results = FollowUp::ALL.iter().map(|result| Choice {
            value: result.code().to_owned(),
            label: result_says(t, *result).to_owned(),
            chosen: typed.one("result") == result.code(),
        });
        let mut fields = vec![
            Field::line(t, "result", t.follow_result()).with(Control::One(results.collect())),
            Field::line(t, "words", t.follow_words())
                .optional()
                .max(u32::try_from(WORDS).unwrap_or(u32::MAX))
                .value(typed.one("words"))
                .with(Control::Lines { rows: 3 }),
            Field::line(t, "again", t.follow_again())
                .hint(t.follow_again_hint())
                .optional()
                .max(20)
                .value(typed.one("again"))
                .with(Control::Line {
                    kind: "text",
                    mode: "",
                    size: "w10",
                }),
        ];
        for field in &mut fields {
            field.error = error_of(wrong, &field.name, t.0);
        }
        let summary = summary(t, &fields, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        if view.at.is_none() {
            fields.clear();
        }
        Self {
            f,
            t,
            id,
            version: view.version,
            back: format!("/cases/{}", view.case_id),
            code: view.case_code.clone(),
            when: view
                .at
                .map_or_else(|| t.follow_none().to_owned(), |at| t.follow_planned(t.day_of(at))),
            safe: view.safe_contact.clone().unwrap_or_default(),
            contact: view.contact.iter().filter(|f| f.value.is_some()).cloned().collect(),
            fields,
            summary,
        }
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &FollowUpView, now: DateTime<Utc>) -> Frame {
    Frame::of(app, caller, Tab::Cases, caller.t.follow_title(), now)
        .back(format!("/cases/{}", view.case_id), view.case_code.clone())
}

/// `GET /cases/{id}/follow-up`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(case): Id) -> Result<Response, Problem> {
    let view = app.acts().follow_up_view(&caller.viewer, CaseId(case)).await?;
    let now = app.now().await?;
    let f = frame_of(&app, &caller, &view, now);
    let page = FollowPage::of(f, &view, ids::new_v7(now), &Typed::default(), &[]);
    Ok(frame::ok(&page))
}

fn command(typed: &Typed, id: Uuid, version: i64) -> Result<NoteFollowUp, ActError> {
    let problem = |field: &str, code: &str, sentence| FieldProblem {
        field: field.to_owned(),
        code: code.to_owned(),
        message: both(sentence),
    };
    let mut wrong = Vec::new();
    let result = FollowUp::from_code(typed.one("result"));
    if result.is_none() {
        wrong.push(problem("result", "required", Text::close_choose));
    }
    let asked = Some(typed.one("again").trim()).filter(|day| !day.is_empty());
    let again = asked.and_then(parse_date);
    if asked.is_some() && again.is_none() {
        wrong.push(problem("again", "not_a_date", Text::form_no_date));
    }
    match result {
        Some(result) if wrong.is_empty() => Ok(NoteFollowUp {
            id,
            version,
            result,
            words: typed.one("words").to_owned(),
            again,
        }),
        _ => Err(ActError::Invalid(wrong)),
    }
}

/// `POST /cases/{id}/follow-up`.
pub(crate) async fn note(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let done = match command(&typed, id, typed.version()?) {
        Ok(command) => app.acts().follow_up(&caller.viewer, CaseId(case), command).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(see(&format!("/cases/{case}?done=followed_up"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app
                .acts()
                .follow_up_view(&caller.viewer, CaseId(case))
                .await
                .map_err(|unseen| back.unshown(unseen.into()))?;
            let now = app.now().await?;
            let f = frame_of(&app, &caller, &view, now);
            let mut page = FollowPage::of(f, &view, id, &typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
