//! An emergency by telephone: one number at a time, each call noted with one
//! tap, who is with the person said at each of them (DESIGN §5).

use axum::extract::State;
use axum::response::Response;
use relais_acts::calls::{CallLine, CallsView, NoteCall};
use relais_acts::problem::FieldProblem;
use relais_acts::views::Fact;
use relais_casework::calls::{CallResult, LineKind};
use relais_network::ReferralId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::Done;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::format;
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Clock, Field, Notice, Prio, Summary};
use crate::problem::Problem;
use crate::text::Text;

/// One number of the list.
struct Line {
    kind: &'static str,
    who: String,
    shown: String,
    number: String,
    tel: String,
    hours: String,
    /// What was noted, oldest first.
    calls: Vec<String>,
    /// Whether it is the one whose call is noted here.
    here: bool,
    next: bool,
    /// The page on which a call to it is noted.
    href: String,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/calls.html")]
pub(super) struct Calls {
    f: Frame,
    t: Text,
    id: Uuid,
    version: i64,
    action: String,
    referral: String,
    label: String,
    prio: Prio,
    provider: String,
    code: String,
    open: bool,
    lines: Vec<Line>,
    /// Position of the number whose call is noted here.
    here: Option<usize>,
    clock: Option<Clock>,
    next_at: String,
    again: bool,
    on_call: bool,
    beside_is: String,
    beside_due: bool,
    beside: Field,
    name: Field,
    say_now: Vec<Fact>,
    say_after: Vec<Fact>,
    taken: Option<String>,
    over: String,
    summary: Option<Summary>,
}

fn kind(t: Text, kind: LineKind) -> &'static str {
    match kind {
        LineKind::Service => t.calls_service(),
        LineKind::Organisation => t.calls_organisation(),
        LineKind::OnCall => t.calls_line_on_call(),
        LineKind::National => t.calls_national(),
    }
}

fn result(t: Text, result: CallResult) -> &'static str {
    match result {
        CallResult::NoAnswer => t.calls_no_answer(),
        CallResult::Busy => t.calls_busy(),
        CallResult::NotUs => t.calls_not_us(),
        CallResult::Takes => t.calls_takes_short(),
        CallResult::Passed => t.calls_passed(),
    }
}

impl Calls {
    /// `wanted` is a position in the list whose call is to be noted instead of the next one's.
    pub(super) fn of(
        f: Frame,
        t: Text,
        view: &CallsView,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
        wanted: Option<usize>,
    ) -> Self {
        let now = view.now;
        let action = format!("/referrals/{}/calls", view.referral);
        let next = view.lines.iter().position(|l| l.next);
        let typed_number = typed.one("number");
        let here = view
            .lines
            .iter()
            .position(|l| !typed_number.is_empty() && l.number == typed_number)
            .or(wanted.filter(|n| *n < view.lines.len()))
            .or(next)
            .filter(|_| view.open);
        let line = |(n, l): (usize, &CallLine)| Line {
            kind: kind(t, l.kind),
            who: l.who.clone(),
            shown: t.phone(&l.number),
            number: l.number.clone(),
            tel: format::tel(&l.number),
            hours: l.hours.clone(),
            calls: l
                .calls
                .iter()
                .map(|(what, at)| format!("{} {}", t.short(*at, now), result(t, *what)))
                .collect(),
            here: here == Some(n),
            next: l.next,
            href: format!("{action}?line={}#now", n + 1),
        };
        let said = view.beside.as_ref().map(|(who, _)| who.clone()).unwrap_or_default();
        let mut beside = Field::line(t, "with_person", t.calls_beside())
            .hint(t.calls_beside_hint())
            .max(200)
            .value(if typed.0.contains_key("with_person") {
                typed.one("with_person").to_owned()
            } else {
                said
            });
        beside.error = error_of(wrong, "with_person", t.0);
        let mut name = Field::line(t, "name", t.calls_takes_name())
            .max(200)
            .value(typed.one("name"));
        name.error = error_of(wrong, "name", t.0);
        let summary = crate::forms::summary(t, [&beside, &name], wrong);
        let clock = view.step.map(|step| {
            let clock = relais_acts::case::clock(
                relais_casework::referral::DueKind::Acknowledge,
                step.from,
                step.until,
                now,
            );
            Clock::running(t, &clock, now)
        });
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            id,
            version: view.version,
            referral: format!("/referrals/{}", view.referral),
            label: view.label.clone(),
            prio: Prio::long(t, view.priority),
            provider: view.provider.clone(),
            code: view.code.clone(),
            open: view.open,
            lines: view.lines.iter().enumerate().map(line).collect(),
            here,
            clock,
            next_at: view.step.map(|s| t.calls_next_at(t.time(s.until))).unwrap_or_default(),
            again: view.step.is_some_and(|s| s.lap > 0),
            on_call: view.on_call,
            beside_is: view
                .beside
                .as_ref()
                .map(|(who, at)| t.calls_beside_is(who, t.short(*at, now)))
                .unwrap_or_default(),
            beside_due: view.open && !view.beside_confirmed,
            beside,
            name,
            say_now: view.say_now.clone(),
            say_after: view.say_after.clone(),
            taken: view.taken.as_ref().map(|x| t.calls_taken(&x.name, t.short(x.at, now))),
            over: t.calls_over(&view.state_label),
            action,
            summary,
        }
    }

    /// The number whose call is noted here.
    fn current(&self) -> Option<&Line> {
        self.here.and_then(|n| self.lines.get(n))
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &CallsView) -> Frame {
    Frame::of(app, caller, Tab::Cases, caller.t.calls_title(), view.now)
        .back(format!("/referrals/{}", view.referral), view.code.clone())
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Looked {
    /// Position of another number of the list, from 1.
    #[serde(default)]
    line: Option<usize>,
    /// What was just done.
    #[serde(default)]
    done: Option<Done>,
}

/// `GET /referrals/{id}/calls`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(looked): Query<Looked>,
) -> Result<Response, Problem> {
    let view = app.acts().calls(&caller.viewer, ReferralId(id)).await?;
    let t = caller.t;
    // What was done is said here only while there is something to do next.
    let notice: Option<Notice> = looked.done.filter(|_| view.open).map(|d| d.notice(t, &view.code));
    let f = frame_of(&app, &caller, &view).notice(notice);
    let wanted = looked.line.and_then(|n| n.checked_sub(1));
    let typed = Typed::default();
    Ok(frame::ok(&Calls::of(
        f,
        t,
        &view,
        ids::new_v7(view.now),
        &typed,
        &[],
        wanted,
    )))
}

/// `POST /referrals/{id}/calls`.
pub(crate) async fn note(
    State(app): State<AppState>,
    caller: Caller,
    Id(referral): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let (id, version) = (typed.id()?, typed.version()?);
    let result = CallResult::from_code(typed.one("result"));
    let command = NoteCall {
        id,
        version,
        result,
        number: typed.one("number").to_owned(),
        name: typed.one("name").to_owned(),
        with_person: typed.one("with_person").to_owned(),
        happened_at: None,
    };
    match app
        .acts()
        .note_call(&caller.viewer, ReferralId(referral), command)
        .await
    {
        Ok(_) => {
            let done = if result.is_some() { "called" } else { "beside" };
            Ok(see(&format!("/referrals/{referral}/calls?done={done}")))
        }
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app
                .acts()
                .calls(&caller.viewer, ReferralId(referral))
                .await
                .map_err(|unseen| back.unshown(unseen.into()))?;
            let f = frame_of(&app, &caller, &view);
            let mut page = Calls::of(f, caller.t, &view, id, &typed, &back.wrong, None);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
