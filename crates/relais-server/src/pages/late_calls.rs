//! A call about late work: who answered, what was promised.

use axum::extract::State;
use axum::response::Response;
use relais_acts::coordination::NoteLateCall;
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::LateSubject;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::coordination::Call;
use super::done::After;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::format;
use crate::forms::{day_if_any, mark};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Clock, Control, Field, Prio, Summary};
use crate::problem::Problem;
use crate::text::Text;

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/late_calls.html")]
pub(super) struct LateCalls {
    f: Frame,
    t: Text,
    id: Uuid,
    action: String,
    open: Option<String>,
    code: String,
    label: String,
    prio: Prio,
    clock: Option<Clock>,
    holder: String,
    numbers: Vec<(String, String)>,
    fields: Vec<Field>,
    calls: Vec<Call>,
    summary: Option<Summary>,
}

impl LateCalls {
    pub(super) fn of(f: Frame, t: Text, view: &LateSubject, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let chosen = match typed.one("channel") {
            "" => "telephone",
            other => other,
        };
        let choice = |code: &str, label: &str| Choice {
            value: code.to_owned(),
            label: label.to_owned(),
            chosen: chosen == code,
        };
        let ways = vec![
            choice("telephone", t.latecall_telephone()),
            choice("letter", t.latecall_letter()),
        ];
        let mut fields = vec![
            Field::line(t, "channel", t.latecall_channel()).with(Control::One(ways)),
            Field::line(t, "answered_by", t.latecall_answered())
                .hint(t.latecall_answered_hint())
                .max(300)
                .value(typed.one("answered_by")),
            Field::line(t, "promised", t.latecall_promised())
                .hint(t.latecall_promised_hint())
                .optional()
                .max(300)
                .value(typed.one("promised"))
                .with(Control::Lines { rows: 2 }),
            Field::day(t, "promised_on", t.latecall_on())
                .hint(t.form_hint_date())
                .optional()
                .value(typed.one("promised_on")),
        ];
        let summary = mark(t, &mut fields, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        Self {
            f,
            t,
            id,
            action: format!("/late/{}/calls", view.subject),
            open: view.referral.then(|| format!("/referrals/{}", view.subject)),
            code: view.code.clone(),
            label: view.label.clone(),
            prio: Prio::long(t, view.priority),
            clock: view.clock.as_ref().map(|c| Clock::running(t, c, view.now)),
            holder: view.holder.clone(),
            numbers: view.telephones.iter().map(|n| (t.phone(n), format::tel(n))).collect(),
            fields,
            calls: view.calls.iter().map(|c| Call::of(t, c)).collect(),
            summary,
        }
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &LateSubject) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, Tab::Late, t.latecall_title(), view.now).back("/late".to_owned(), t.late_title().to_owned())
}

/// `GET /late/{id}/calls`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().late_subject(&caller.viewer, id).await?;
    let f = frame_of(&app, &caller, &view).notice(after.done.map(|d| d.notice(caller.t, "")));
    let page = LateCalls::of(f, caller.t, &view, ids::new_v7(view.now), &Typed::default(), &[]);
    Ok(frame::ok(&page))
}

/// What was typed, as a command; or, where the day is none, all that is wrong.
fn command(id: Uuid, typed: &Typed) -> Result<NoteLateCall, ActError> {
    let mut no_day = Vec::new();
    let command = NoteLateCall {
        id,
        channel: typed.one("channel").to_owned(),
        answered_by: typed.one("answered_by").to_owned(),
        promised: typed.one("promised").to_owned(),
        promised_on: day_if_any(typed, "promised_on", &mut no_day),
    };
    if no_day.is_empty() {
        return Ok(command);
    }
    let mut wrong = command.mistakes();
    wrong.extend(no_day);
    Err(ActError::Invalid(wrong))
}

/// `POST /late/{id}/calls`.
pub(crate) async fn note(
    State(app): State<AppState>,
    caller: Caller,
    Id(subject): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    // The office that sees it alone: for anybody else this page is not there.
    let view = app.acts().late_subject(&caller.viewer, subject).await?;
    let done = match command(id, &typed) {
        Ok(command) => app.acts().note_late_call(&caller.viewer, subject, command).await,
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok(_) => Ok(see(&format!("/late/{subject}/calls?done=late_called"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let f = frame_of(&app, &caller, &view);
            let mut page = LateCalls::of(f, caller.t, &view, id, &typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
