//! Is it the same person? The question of another organisation, for whoever
//! works on the own case of which it is asked.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::commands::AnswerSame;
use relais_acts::duplicates::{AskedRow, AskedView};
use relais_acts::problem::FieldProblem;
use relais_network::SameAskId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::After;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::format;
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Clock, Summary, Tag};
use crate::problem::Problem;
use crate::text::Text;

/// One question as a line of the day.
pub(super) struct Line {
    pub href: String,
    pub code: String,
    pub asker: String,
    pub clock: Clock,
}

impl Line {
    pub(super) fn of(t: Text, row: &AskedRow, now: DateTime<Utc>) -> Self {
        Self {
            href: format!("/same/{}", row.id),
            code: row.case_code.clone(),
            asker: row.asker.clone(),
            clock: Clock::running(t, &row.clock, now),
        }
    }
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/same.html")]
pub(super) struct Same {
    f: Frame,
    t: Text,
    id: Uuid,
    version: i64,
    action: String,
    asker: String,
    code: String,
    case: String,
    asked: String,
    clock: Option<Clock>,
    tag: Option<Tag>,
    call: Option<(String, String)>,
    /// That none of the answers was chosen.
    wrong: Option<String>,
    summary: Option<Summary>,
}

impl Same {
    pub(super) fn of(f: Frame, view: &AskedView, id: Uuid, wrong: &[FieldProblem]) -> Self {
        let (t, row) = (f.t, &view.row);
        let wrong = error_of(wrong, "answer", t.0);
        let waiting = view.state == "waiting";
        let said = match view.answer.as_deref() {
            Some("yes") => t.perhaps_yes(),
            Some("no") => t.perhaps_no(),
            Some(_) => t.perhaps_unsure(),
            None => t.perhaps_lapsed(),
        };
        Self {
            t,
            id,
            version: view.version,
            action: format!("/same/{}", row.id),
            asker: row.asker.clone(),
            code: row.case_code.clone(),
            case: format!("/cases/{}", row.case_id),
            asked: t.moment(row.asked_at),
            clock: waiting.then(|| Clock::running(t, &row.clock, view.now)),
            tag: (!waiting).then(|| {
                let family = if view.answer.is_some() { "done" } else { "end" };
                Tag::plain(family, said)
            }),
            call: row.telephone.as_deref().map(|n| (t.phone(n), format::tel(n))),
            summary: wrong.as_ref().map(|sentence| Summary {
                t,
                mistakes: vec![("answer".to_owned(), sentence.clone())],
            }),
            f: if wrong.is_some() { f.with_error() } else { f },
            wrong,
        }
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &AskedView) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, Tab::Day, t.same_title(), view.now).back("/day", t.day_title())
}

/// `GET /same/{id}`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().same(&caller.viewer, SameAskId(id)).await?;
    let f = frame_of(&app, &caller, &view).notice(after.done.map(|d| d.notice(caller.t, "")));
    Ok(frame::ok(&Same::of(f, &view, ids::new_v7(view.now), &[])))
}

/// `POST /same/{id}`.
pub(crate) async fn answer(
    State(app): State<AppState>,
    caller: Caller,
    Id(same): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let command = AnswerSame {
        id: typed.id()?,
        version: typed.version()?,
        answer: typed.one("answer").to_owned(),
    };
    match app.acts().answer_same(&caller.viewer, SameAskId(same), command).await {
        Ok(_) => Ok(see(&format!("/same/{same}?done=same_answered"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app
                .acts()
                .same(&caller.viewer, SameAskId(same))
                .await
                .map_err(|e| back.unshown(e.into()))?;
            let f = frame_of(&app, &caller, &view);
            let mut page = Same::of(f, &view, ids::new_v7(view.now), &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
