//! Permanence: open emergencies and urgent work, and the hand-over from one
//! shift to the next. Printed, it is the hand-over sheet.

use axum::extract::State;
use axum::response::Response;
use relais_acts::handovers::{AnswerHandover, HandedCase, OfferHandover, OfferedLine, WatchRow, WatchView};
use relais_acts::problem::FieldProblem;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::Done;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Query, Typed};
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Prio, Row, Summary};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use crate::work::{self, For};

/// Rows of the page: the most urgent; the budget is 20 KB.
const ROWS: usize = 8;
/// Offers on the page.
const OFFERS: usize = 8;

/// One offer.
struct Offer {
    id: Uuid,
    href: String,
    code: String,
    prio: Option<Prio>,
    who: String,
    note: String,
    lapsed: bool,
}

/// One case to hand over.
struct Handed {
    id: Uuid,
    code: String,
    ticked: bool,
    note: Field,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/watch.html")]
pub(super) struct Watch {
    f: Frame,
    t: Text,
    id: Uuid,
    today: String,
    office: bool,
    rows: Vec<Row>,
    more: Option<String>,
    incoming: Vec<Offer>,
    outgoing: Vec<Offer>,
    handed: Vec<Handed>,
    whom: Field,
    nobody_there: bool,
    summary: Option<Summary>,
}

fn offer(t: Text, line: &OfferedLine, incoming: bool, view: &WatchView) -> Offer {
    let at = t.short(line.at, view.now);
    Offer {
        id: line.id.0,
        href: format!("/cases/{}", line.case_id),
        code: line.case_code.clone(),
        prio: line.priority.map(|p| Prio::short(t, p)),
        who: if incoming {
            t.watch_from(&line.colleague, at)
        } else {
            t.watch_to(&line.colleague, at)
        },
        note: line.note.clone(),
        lapsed: line.lapsed,
    }
}

fn row(t: Text, watched: &WatchRow, office: bool, view: &WatchView) -> Row {
    let place = if office { For::Late } else { For::Day };
    let mut row = work::row(t, &watched.row, place, view.now);
    row.meta.push(t.watch_since(t.short(watched.since, view.now)));
    if !office {
        row.meta.push(if watched.worker.is_empty() {
            t.watch_nobody().to_owned()
        } else {
            t.watch_worker(&watched.worker)
        });
    }
    row
}

impl Watch {
    pub(super) fn of(
        f: Frame,
        t: Text,
        view: &WatchView,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
        from: usize,
    ) -> Self {
        let colleagues = view
            .colleagues
            .iter()
            .map(|(user, name)| Choice {
                value: user.to_string(),
                label: name.clone(),
                chosen: typed.one("to") == user.to_string(),
            })
            .collect();
        let mut whom = Field::line(t, "to", t.watch_whom()).with(Control::List(colleagues));
        whom.error = error_of(wrong, "to", t.0);
        let mut handed: Vec<Handed> = Vec::new();
        let ticked = typed.all("case");
        for watched in view.rows.iter().filter(|r| r.own) {
            let case = watched.row.case_id.0;
            // A case is handed over whole; what is offered already waits above.
            let known = handed.iter().any(|h| h.id == case);
            if known || handed.len() >= ROWS || view.outgoing.iter().any(|o| o.case_id.0 == case && !o.lapsed) {
                continue;
            }
            let name = format!("note_{case}");
            let mut note = Field::line(t, &name, t.watch_hand_note(&watched.row.case_code))
                .optional()
                .max(500)
                .value(typed.one(&name));
            note.scope = "hand";
            handed.push(Handed {
                id: case,
                code: watched.row.case_code.clone(),
                ticked: ticked.is_empty() && !typed.0.contains_key("id") || ticked.contains(&case.to_string()),
                note,
            });
        }
        let summary = crate::forms::summary(t, [&whom], wrong);
        let end = from.saturating_add(ROWS);
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            id,
            today: t.weekday_moment(view.now),
            office: view.office,
            rows: view
                .rows
                .iter()
                .skip(from)
                .take(ROWS)
                .map(|r| row(t, r, view.office, view))
                .collect(),
            more: (end < view.rows.len()).then(|| format!("/watch?from={end}")),
            incoming: view
                .incoming
                .iter()
                .take(OFFERS)
                .map(|l| offer(t, l, true, view))
                .collect(),
            outgoing: view
                .outgoing
                .iter()
                .take(OFFERS)
                .map(|l| offer(t, l, false, view))
                .collect(),
            nobody_there: view.colleagues.is_empty(),
            handed,
            whom,
            summary,
        }
    }
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Looked {
    /// First row shown.
    #[serde(default)]
    from: usize,
    /// What was just done.
    #[serde(default)]
    done: Option<Done>,
}

fn frame_of(app: &AppState, caller: &Caller, view: &WatchView) -> Frame {
    let tab = if view.office { Tab::Late } else { Tab::Day };
    let (back, text) = if view.office {
        ("/late", caller.t.late_title())
    } else {
        ("/day", caller.t.day_title())
    };
    Frame::of(app, caller, tab, caller.t.watch_title(), view.now).back(back, text)
}

/// `GET /watch`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(looked): Query<Looked>,
) -> Result<Response, Problem> {
    let view = app.acts().watch(&caller.viewer).await?;
    let t = caller.t;
    let f = frame_of(&app, &caller, &view).notice(looked.done.map(|d| d.notice(t, "")));
    let typed = Typed::default();
    let id = ids::new_v7(view.now);
    Ok(frame::ok(&Watch::of(f, t, &view, id, &typed, &[], looked.from)))
}

/// The form again, with what was typed.
async fn again(
    app: &AppState,
    caller: &Caller,
    id: Uuid,
    typed: &Typed,
    error: relais_acts::ActError,
) -> Result<Response, Problem> {
    let back = CameBack::of(error, caller.t)?;
    let view = app.acts().watch(&caller.viewer).await?;
    let f = frame_of(app, caller, &view);
    let mut page = Watch::of(f, caller.t, &view, id, typed, &back.wrong, 0);
    let status = back.onto(&mut page.f);
    Ok(frame::html(status, &page))
}

/// `POST /watch`: offers a hand-over.
pub(crate) async fn offer_it(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let id = typed.id()?;
    let cases = typed
        .all("case")
        .iter()
        .filter_map(|case| case.parse().ok())
        .map(|case: Uuid| HandedCase {
            case,
            note: typed.one(&format!("note_{case}")).to_owned(),
        })
        .collect();
    let command = OfferHandover {
        id,
        to: typed.one("to").parse().unwrap_or(Uuid::nil()),
        cases,
    };
    match app.acts().offer_handover(&caller.viewer, command).await {
        Ok(_) => Ok(see("/watch?done=shift_offered")),
        Err(error) => again(&app, &caller, id, &typed, error).await,
    }
}

/// `POST /watch/answer`: takes over, declines, takes back.
pub(crate) async fn answer(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let id = typed.id()?;
    // One button carries decision and offer: "take:ID"; without an id, all.
    let said = typed.one("decision").to_owned();
    let (decision, offer) = said.split_once(':').unwrap_or((said.as_str(), ""));
    let offers = match offer {
        "" => Vec::new(),
        // What is no id must not become "all of them".
        one => vec![one.parse().map_err(|_| Problem::new(ProblemKind::MalformedForm))?],
    };
    let command = AnswerHandover {
        id,
        decision: decision.to_owned(),
        offers,
    };
    let done = match decision {
        "take" => "shift_taken",
        "decline" => "shift_declined",
        _ => "shift_withdrawn",
    };
    match app.acts().answer_handover(&caller.viewer, command).await {
        Ok(_) => Ok(see(&format!("/watch?done={done}"))),
        Err(error) => again(&app, &caller, id, &Typed::default(), error).await,
    }
}
