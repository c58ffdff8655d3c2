//! The on-call list: what is missing or untested in each region, a number
//! filled in, a test call noted with name and date (DOMAIN §1.3).

use axum::extract::State;
use axum::response::Response;
use relais_acts::on_call::{OnCallLine, OnCallState, OnCallView, PutOnCall, TestOnCall};
use relais_acts::problem::FieldProblem;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::Done;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Query, Typed};
use crate::format;
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, encode, see};
use crate::parts::{Control, Field, Summary, Tag};
use crate::problem::Problem;
use crate::text::Text;

/// One number.
struct Line {
    region: String,
    rank: u32,
    who: String,
    shown: String,
    tel: String,
    hours: String,
    tag: Tag,
    tested: String,
    /// Where it is changed; empty where the viewer may not.
    href: String,
}

/// The number that is changed.
struct Chosen {
    region: String,
    rank: u32,
    version: i64,
    title: String,
    /// Whether there is a number to try.
    filled: bool,
    shown: String,
    tel: String,
    fields: Vec<Field>,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/on_call.html")]
pub(super) struct OnCall {
    f: Frame,
    t: Text,
    id: Uuid,
    lead: String,
    missing: usize,
    to_test: usize,
    lines: Vec<Line>,
    chosen: Option<Chosen>,
    summary: Option<Summary>,
}

fn region(t: Text, line: &OnCallLine) -> String {
    if line.region.is_empty() {
        t.on_call_country().to_owned()
    } else {
        line.region_name.clone()
    }
}

fn tag(t: Text, state: OnCallState) -> Tag {
    match state {
        OnCallState::Missing => Tag::plain("no", t.on_call_state_missing()),
        OnCallState::Untested => Tag::plain("ask", t.on_call_state_untested()),
        OnCallState::Stale => Tag::plain("ask", t.on_call_state_stale()),
        OnCallState::Silent => Tag::plain("no", t.on_call_state_silent()),
        OnCallState::Ready => Tag::plain("done", t.on_call_state_ready()),
    }
}

fn chosen(t: Text, line: &OnCallLine, typed: &Typed, wrong: &[FieldProblem]) -> Chosen {
    let value = |name: &str, otherwise: &str| {
        if typed.0.contains_key("who") {
            typed.one(name).to_owned()
        } else {
            otherwise.to_owned()
        }
    };
    let state_line = value("state_line", if line.state_line { "yes" } else { "" });
    let mut fields = vec![
        Field::line(t, "who", t.on_call_who())
            .hint(t.on_call_who_hint())
            .max(100)
            .value(value("who", &line.who)),
        Field::line(t, "number", t.on_call_phone())
            .max(40)
            .value(value("number", &line.number))
            .with(Control::Line {
                kind: "tel",
                mode: "tel",
                size: "w10",
            }),
        Field::line(t, "hours", t.on_call_hours())
            .hint(t.on_call_hours_hint())
            .optional()
            .max(100)
            .value(value("hours", &line.hours)),
        Field::line(t, "state_line", t.on_call_state_line())
            .optional()
            .value(state_line)
            .with(Control::Tick),
    ];
    for field in &mut fields {
        field.error = error_of(wrong, &field.name, t.0);
    }
    Chosen {
        region: line.region.clone(),
        rank: line.rank,
        version: line.version,
        title: t.on_call_line(region(t, line), line.rank),
        filled: !line.number.is_empty(),
        shown: t.phone(&line.number),
        tel: format::tel(&line.number),
        fields,
    }
}

impl OnCall {
    pub(super) fn of(
        f: Frame,
        t: Text,
        view: &OnCallView,
        id: Uuid,
        wanted: Option<(&str, u32)>,
        typed: &Typed,
        wrong: &[FieldProblem],
    ) -> Self {
        let may = |line: &OnCallLine| view.national || !line.region.is_empty();
        let found = wanted
            .and_then(|(region, rank)| view.lines.iter().find(|l| l.region == region && l.rank == rank))
            .filter(|l| may(l))
            .map(|l| chosen(t, l, typed, wrong));
        let shown = || found.iter().flat_map(|c| &c.fields);
        let summary = crate::forms::summary(t, shown(), wrong);
        let count = |state: fn(OnCallState) -> bool| view.lines.iter().filter(|l| state(l.state)).count();
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            id,
            lead: t.on_call_lead(view.days),
            missing: count(|s| s == OnCallState::Missing),
            to_test: count(|s| !matches!(s, OnCallState::Missing | OnCallState::Ready)),
            lines: view
                .lines
                .iter()
                .map(|l| Line {
                    region: region(t, l),
                    rank: l.rank,
                    who: l.who.clone(),
                    shown: t.phone(&l.number),
                    tel: format::tel(&l.number),
                    hours: l.hours.clone(),
                    tag: tag(t, l.state),
                    tested: l
                        .tested_on
                        .map(|on| {
                            if l.tested_by.is_empty() {
                                t.date(on)
                            } else {
                                t.on_call_tested(t.date(on), &l.tested_by)
                            }
                        })
                        .unwrap_or_default(),
                    href: if may(l) {
                        format!("/on-call?region={}&rank={}#line", encode(&l.region), l.rank)
                    } else {
                        String::new()
                    },
                })
                .collect(),
            chosen: found,
            summary,
        }
    }
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Looked {
    /// The line to change.
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    rank: Option<u32>,
    /// What was just done.
    #[serde(default)]
    done: Option<Done>,
}

fn frame_of(app: &AppState, caller: &Caller, view: &OnCallView) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, Tab::Late, t.on_call_title(), view.now).back("/late", t.late_title())
}

/// `GET /on-call`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(looked): Query<Looked>,
) -> Result<Response, Problem> {
    let view = app.acts().on_call(&caller.viewer).await?;
    let t = caller.t;
    let f = frame_of(&app, &caller, &view).notice(looked.done.map(|d| d.notice(t, "")));
    let wanted = looked
        .rank
        .map(|rank| (looked.region.as_deref().unwrap_or_default(), rank));
    let id = ids::new_v7(view.now);
    Ok(frame::ok(&OnCall::of(f, t, &view, id, wanted, &Typed::default(), &[])))
}

async fn again(
    app: &AppState,
    caller: &Caller,
    id: Uuid,
    typed: &Typed,
    error: relais_acts::ActError,
) -> Result<Response, Problem> {
    let back = CameBack::of(error, caller.t)?;
    let view = app.acts().on_call(&caller.viewer).await?;
    let f = frame_of(app, caller, &view);
    let wanted = (typed.one("region"), typed.one("rank").parse().unwrap_or(0));
    let mut page = OnCall::of(f, caller.t, &view, id, Some(wanted), typed, &back.wrong);
    let status = back.onto(&mut page.f);
    Ok(frame::html(status, &page))
}

/// `POST /on-call`: fills in a number.
pub(crate) async fn put(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let (id, version) = (typed.id()?, typed.version()?);
    let command = PutOnCall {
        id,
        version,
        region: typed.one("region").to_owned(),
        rank: typed.one("rank").parse().unwrap_or(0),
        who: typed.one("who").to_owned(),
        number: typed.one("number").to_owned(),
        hours: typed.one("hours").to_owned(),
        state_line: typed.ticked("state_line"),
    };
    let line = format!("region={}&rank={}", encode(&command.region), command.rank);
    match app.acts().put_on_call(&caller.viewer, command).await {
        Ok(_) => Ok(see(&format!("/on-call?{line}&done=on_call#line"))),
        Err(error) => again(&app, &caller, id, &typed, error).await,
    }
}

/// `POST /on-call/test`: notes a test call.
pub(crate) async fn test(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let (id, version) = (typed.id()?, typed.version()?);
    let command = TestOnCall {
        id,
        version,
        region: typed.one("region").to_owned(),
        rank: typed.one("rank").parse().unwrap_or(0),
        answered: typed.one("answered") == "yes",
    };
    match app.acts().test_on_call(&caller.viewer, command).await {
        Ok(_) => Ok(see("/on-call?done=on_call_test")),
        Err(error) => again(&app, &caller, id, &typed, error).await,
    }
}
