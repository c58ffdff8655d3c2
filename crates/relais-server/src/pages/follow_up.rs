//! The contact that a person wanted after the closure of their case.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::closing::{FollowUp, FollowUpView, NoteFollowUp, WORDS};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::Fact;
use relais_network::CaseId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::forms::{day_if_any, mark, mistake};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Summary};
use crate::problem::Problem;
use crate::text::Text;

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
                .at_most(WORDS)
                .value(typed.one("words"))
                .with(Control::Lines { rows: 3 }),
            Field::day(t, "again", t.follow_again())
                .hint(t.follow_again_hint())
                .optional()
                .value(typed.one("again")),
        ];
        let summary = mark(t, &mut fields, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        // What was typed is not lost where a colleague noted the contact first.
        if view.at.is_none() && typed.0.is_empty() {
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
    let mut wrong = Vec::new();
    let result = FollowUp::from_code(typed.one("result"));
    if result.is_none() {
        wrong.push(mistake("result", "required", Text::close_choose));
    }
    let again = day_if_any(typed, "again", &mut wrong);
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
