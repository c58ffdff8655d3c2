//! The closure of a case (DOMAIN F7): proposed by whoever works on it, read,
//! confirmed or sent back by a supervisor who did not write it.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::closing::{self, AnswerClosure, CloseCase, ClosureAnswer, ClosureRow, ClosureView};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::Hand as Holder;
use relais_casework::closing::{Closing, ClosureState, Confirmed, ENDINGS, REMARKS, Reached, WORDS};
use relais_mechanism::Mechanism;
use relais_network::CaseId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::forms::{choices_of, day_if_any, mark, mistake, yes_no};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Clock, Control, Field, Hand, Link, Notice, Row, Summary};
use crate::problem::{Problem, ProblemKind, set};
use crate::text::Text;

/// What the person knows, as tick boxes.
const TOLD: [&str; 3] = ["contacts", "complaint", "reopening"];

/// A need and what was reached for it.
struct Line {
    label: String,
    state: String,
    words: String,
}

/// One question and its answer.
struct Said {
    question: &'static str,
    answer: String,
}

/// What is written of a closure, to be read.
struct Written {
    reason: String,
    lines: Vec<Line>,
    said: Vec<Said>,
}

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
    title: &'static str,
    /// Who wrote, confirmed or sent it back.
    standing: Vec<String>,
    clock: Option<Clock>,
    /// Why it was sent back.
    answer: String,
    goals: Vec<(String, bool)>,
    written: Option<Written>,
    /// The form to propose it; empty where it is only read.
    fields: Vec<Field>,
    no_contact: bool,
    at_once: bool,
    waits: bool,
    summary: Option<Summary>,
    closure_version: i64,
    /// By whose eyes the viewer may close it.
    confirm: Option<Confirmed>,
    /// The field for the reason, where the viewer may send it back.
    send_back: Option<Field>,
    withdraw: bool,
}

fn told_says(t: Text, what: &str) -> &'static str {
    match what {
        "contacts" => t.close_told_contacts(),
        "complaint" => t.close_told_complaint(),
        _ => t.close_told_reopening(),
    }
}

/// What the person knows, of what is written.
fn told_of(closing: &Closing) -> Vec<&'static str> {
    let told = [closing.told_contacts, closing.told_complaint, closing.told_reopening];
    TOLD.into_iter()
        .zip(told)
        .filter(|(_, told)| *told)
        .map(|(w, _)| w)
        .collect()
}

/// A closure that was sent back, as the fields of its form carry it.
fn as_typed(t: Text, closing: &Closing) -> Typed {
    let mut typed = Typed::default();
    let mut put = |name: &str, value: String| {
        typed.0.insert(name.to_owned(), vec![value]);
    };
    put("reason", closing.reason.clone());
    put("interview", if closing.interview { "yes" } else { "no" }.to_owned());
    put("no_interview", closing.no_interview.clone());
    put("satisfaction", closing.satisfaction.clone().unwrap_or_default());
    put("remarks", closing.remarks.clone());
    put(
        "follow_up",
        closing.follow_up.map_or_else(String::new, |day| t.date(day)),
    );
    for reached in &closing.reached {
        put(&format!("reached.{}", reached.need), reached.words.clone());
    }
    let told = told_of(closing).into_iter().map(str::to_owned).collect();
    typed.0.insert("told".to_owned(), told);
    typed
}

fn lines(t: Text, name: &str, label: String, longest: usize, typed: &Typed, rows: u8) -> Field {
    Field::line(t, name, label)
        .at_most(longest)
        .value(typed.one(name))
        .with(Control::Lines { rows })
}

/// The form.
fn fields(t: Text, mechanism: &Mechanism, view: &ClosureView, typed: &Typed) -> Vec<Field> {
    let mut reasons = choices_of(t, mechanism, closing::REASONS, typed.one("reason"));
    reasons.retain(|c| !ENDINGS.contains(&c.value.as_str()));
    let mut fields = vec![
        Field::line(t, "reason", t.close_reason())
            .hint(t.close_reason_hint())
            .with(Control::One(reasons)),
    ];
    for need in view.needs.iter().filter(|n| n.told) {
        let name = format!("reached.{}", need.id);
        let label = t.close_reached(&need.label, &need.state_label);
        let field = lines(t, &name, label, WORDS, typed, 2);
        fields.push(if need.explain {
            field.hint(t.close_reached_hint())
        } else {
            field.optional()
        });
    }
    let mut why = lines(t, "no_interview", t.close_no_interview().to_owned(), WORDS, typed, 2);
    why.sometimes = true;
    let satisfied = choices_of(t, mechanism, closing::SATISFACTION, typed.one("satisfaction"));
    let told = TOLD
        .into_iter()
        .map(|what| Choice {
            value: what.to_owned(),
            label: told_says(t, what).to_owned(),
            chosen: typed.all("told").iter().any(|t| t == what),
        })
        .collect();
    fields.extend([
        Field::line(t, "interview", t.close_interview()).with(Control::One(yes_no(t, typed.all("interview")))),
        why,
        Field::line(t, "satisfaction", t.close_satisfaction())
            .optional()
            .with(Control::One(satisfied)),
        lines(t, "remarks", t.close_remarks().to_owned(), REMARKS, typed, 3)
            .hint(t.close_remarks_hint())
            .optional(),
        Field::line(t, "told", t.close_told())
            .optional()
            .with(Control::Many(told)),
    ]);
    if !view.no_contact {
        fields.push(
            Field::day(t, "follow_up", t.close_follow_up())
                .hint(t.close_follow_up_hint())
                .optional()
                .value(typed.one("follow_up")),
        );
    }
    fields
}

/// What is written, to be read.
fn written(t: Text, view: &ClosureView, closing: &Closing) -> Written {
    let told: Vec<&str> = told_of(closing).into_iter().map(|w| told_says(t, w)).collect();
    let mut said = vec![Said {
        question: t.close_interview(),
        answer: if closing.interview {
            t.frame_yes().to_owned()
        } else {
            t.close_heard_no(&closing.no_interview)
        },
    }];
    let mut add = |question, answer: String| {
        if !answer.is_empty() {
            said.push(Said { question, answer });
        }
    };
    add(t.close_satisfaction(), set(&view.satisfaction_label, t.0));
    add(t.close_remarks(), closing.remarks.clone());
    add(
        t.close_told(),
        if told.is_empty() {
            t.close_told_nothing().to_owned()
        } else {
            told.join(" · ")
        },
    );
    add(
        t.close_follow_up(),
        closing.follow_up.map_or_else(String::new, |day| t.date(day)),
    );
    Written {
        reason: set(&view.reason_label, t.0),
        lines: view
            .needs
            .iter()
            .map(|need| Line {
                label: need.label.clone(),
                state: need.state_label.clone(),
                words: closing.words_of(need.id).unwrap_or_default().to_owned(),
            })
            .collect(),
        said,
    }
}

/// Who wrote, confirmed or sent back the closure.
fn standing(t: Text, view: &ClosureView) -> Vec<String> {
    let mut all = Vec::new();
    if let (Some(at), Some(who)) = (view.proposed_at, &view.proposed_by) {
        all.push(t.close_proposed(t.day_of(at), who));
    }
    if let (Some(at), Some(who)) = (view.decided_at, &view.decided_by) {
        all.push(match (view.state, view.confirmed) {
            (Some(ClosureState::Returned), _) => t.close_returned(t.day_of(at), who),
            (_, Some(Confirmed::Alone)) => t.close_closed_alone(t.day_of(at), who),
            (_, Some(Confirmed::Unanswered)) => t.close_closed_unanswered(t.day_of(at), who),
            (_, _) => t.close_closed_reviewed(t.day_of(at), who),
        });
    }
    all
}

impl Close {
    pub(super) fn of(
        f: Frame,
        mechanism: &Mechanism,
        view: &ClosureView,
        id: Uuid,
        typed: Option<&Typed>,
        wrong: &[FieldProblem],
    ) -> Self {
        let t = f.t;
        let kept = view.closing.as_ref().map(|c| as_typed(t, c)).unwrap_or_default();
        // Which of the two forms came back. It is shown even where it can be sent
        // no longer: what was typed is not lost with it.
        let answer = typed.filter(|typed| typed.0.contains_key("answer"));
        let proposal = typed.filter(|typed| !typed.0.contains_key("answer"));
        let mut fields = if view.may_propose || proposal.is_some() {
            fields(t, mechanism, view, proposal.unwrap_or(&kept))
        } else {
            Vec::new()
        };
        let back = answer.filter(|typed| typed.one("answer") == ClosureAnswer::Return.code());
        let mut send_back = (view.may_return || back.is_some()).then(|| {
            let (label, none) = (t.close_return_reason().to_owned(), Typed::default());
            // Why it goes back is the supervisor's alone to write.
            let typed = back.unwrap_or(&none);
            let field = lines(t, "reason", label, closing::WORDS, typed, 3).hint(t.close_return_reason_hint());
            Field { scope: "back", ..field }
        });
        let summary = mark(t, fields.iter_mut().chain(&mut send_back), wrong);
        let blocked = view
            .blocked
            .as_ref()
            .map(|why| Notice::stop(t.case_close_blocked(why), ""));
        let mut f = f.notice(blocked);
        if summary.is_some() {
            f = f.with_error();
        }
        let proposed = view.state == Some(ClosureState::Proposed);
        let stands = fields.is_empty() && view.state.is_some();
        let readable = view.closing.as_ref().filter(|_| stands);
        Self {
            t,
            id,
            version: proposal.unwrap_or(&kept).version_or(view.version),
            back: format!("/cases/{}", view.case_id),
            code: view.case_code.clone(),
            title: title(t, view),
            standing: standing(t, view),
            clock: view.clock.as_ref().map(|c| Clock::running(t, c, view.now)),
            answer: view.answer.clone(),
            goals: view.goals.clone(),
            written: readable.map(|c| written(t, view, c)),
            no_contact: view.no_contact && view.may_propose,
            at_once: view.at_once,
            waits: proposed && view.may_confirm.is_none(),
            summary,
            closure_version: view.closure_version,
            confirm: view.may_confirm,
            send_back,
            withdraw: view.may_withdraw,
            fields,
            f,
        }
    }
}

fn title(t: Text, view: &ClosureView) -> &'static str {
    if view.may_propose || view.state.is_none() {
        t.close_title()
    } else {
        t.close_read_title()
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &ClosureView, now: DateTime<Utc>) -> Frame {
    Frame::of(app, caller, Tab::Cases, title(caller.t, view), now)
        .back(format!("/cases/{}", view.case_id), view.case_code.clone())
}

/// `GET /cases/{id}/close`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(case): Id) -> Result<Response, Problem> {
    let view = app.acts().closure(&caller.viewer, CaseId(case)).await?;
    let now = app.now().await?;
    let f = frame_of(&app, &caller, &view, now);
    let page = Close::of(f, &app.desk().mechanism(), &view, ids::new_v7(now), None, &[]);
    Ok(frame::ok(&page))
}

/// The closure that was typed; what none can be made of comes back.
fn closing_of(typed: &Typed) -> Result<Closing, Vec<FieldProblem>> {
    let mut wrong = Vec::new();
    for field in ["reason", "interview"] {
        if typed.one(field).is_empty() {
            wrong.push(mistake(field, "required", Text::close_choose));
        }
    }
    let follow_up = day_if_any(typed, "follow_up", &mut wrong);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let reached = typed.0.iter().filter_map(|(name, words)| {
        let need = name.strip_prefix("reached.")?.parse().ok()?;
        let words = words.first().filter(|words| !words.trim().is_empty())?;
        Some(Reached {
            need: relais_network::NeedId(need),
            words: words.clone(),
        })
    });
    let told = |what: &str| typed.all("told").iter().any(|t| t == what);
    let interview = typed.one("interview") == "yes";
    Ok(Closing {
        reason: typed.one("reason").to_owned(),
        reached: reached.collect(),
        interview,
        no_interview: typed.one("no_interview").to_owned(),
        satisfaction: Some(typed.one("satisfaction").to_owned()).filter(|s| !s.is_empty()),
        remarks: typed.one("remarks").to_owned(),
        told_contacts: told("contacts"),
        told_complaint: told("complaint"),
        told_reopening: told("reopening"),
        follow_up,
    })
}

/// The page again, with what was wrong.
async fn came_back(
    app: &AppState,
    caller: &Caller,
    case: Uuid,
    id: Uuid,
    mut typed: Typed,
    error: ActError,
) -> Result<Response, Problem> {
    let back = CameBack::of(error, caller.t)?;
    let view = app
        .acts()
        .closure(&caller.viewer, CaseId(case))
        .await
        .map_err(|unseen| back.unshown(unseen.into()))?;
    let now = app.now().await?;
    if back.stale {
        typed.0.remove("version");
    }
    let f = frame_of(app, caller, &view, now);
    let mut page = Close::of(f, &app.desk().mechanism(), &view, id, Some(&typed), &back.wrong);
    let status = back.onto(&mut page.f);
    Ok(frame::html(status, &page))
}

/// `POST /cases/{id}/close`: proposes the closure.
pub(crate) async fn close(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let version = typed.version()?;
    let done = match closing_of(&typed) {
        Ok(closing) => {
            let command = CloseCase { id, version, closing };
            app.acts().close_case(&caller.viewer, CaseId(case), command).await
        }
        Err(wrong) => Err(ActError::Invalid(wrong)),
    };
    match done {
        Ok(_) => {
            let view = app.acts().closure(&caller.viewer, CaseId(case)).await?;
            let closed = view.state == Some(ClosureState::Closed);
            let done = if closed { "closed" } else { "closure_proposed" };
            Ok(see(&format!("/cases/{case}?done={done}")))
        }
        Err(error) => came_back(&app, &caller, case, id, typed, error).await,
    }
}

/// `POST /cases/{id}/close/answer`: confirms, sends back, takes back.
pub(crate) async fn answer(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let version = typed.version()?;
    let answer =
        ClosureAnswer::from_code(typed.one("answer")).ok_or_else(|| Problem::new(ProblemKind::MalformedForm))?;
    let command = AnswerClosure {
        id,
        version,
        answer,
        reason: typed.one("reason").to_owned(),
    };
    match app.acts().answer_closure(&caller.viewer, CaseId(case), command).await {
        Ok(_) => {
            let done = match answer {
                ClosureAnswer::Confirm => "closed",
                ClosureAnswer::Return => "closure_returned",
                ClosureAnswer::Withdraw => "closure_withdrawn",
            };
            Ok(see(&format!("/cases/{case}?done={done}")))
        }
        Err(error) => {
            // The version was the closure's, which the page gives afresh.
            typed.0.remove("version");
            came_back(&app, &caller, case, id, typed, error).await
        }
    }
}

/// A closure that is the viewer's move, among the rows of the day.
pub(super) fn row(t: Text, work: &ClosureRow, now: DateTime<Utc>) -> Row {
    let href = format!("/cases/{}/close", work.case_id);
    let title = if work.state == ClosureState::Proposed {
        t.close_row_confirm()
    } else {
        t.close_row_returned()
    };
    let holder = Holder {
        yours: work.yours,
        organisation: String::new(),
        role: Some(work.role),
    };
    Row {
        title: title.to_owned(),
        late: work.clock.late,
        prio: None,
        code: work.case_code.clone(),
        meta: Some(work.initials.clone())
            .filter(|i| !i.is_empty())
            .into_iter()
            .collect(),
        hand: Some(Hand::of(t, &holder, t.close_row_limit(t.short(work.clock.due, now)))),
        clock: Some(Clock::running(t, &work.clock, now)),
        tag: None,
        action: Some(Link {
            href: href.clone(),
            text: t.close_row_read().to_owned(),
        }),
        href,
        relay: None,
    }
}
