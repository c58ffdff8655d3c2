//! Arrivals of many: their list, and the queue of one.

use axum::extract::State;
use axum::response::Response;
use relais_acts::groups::{AddExpected, GroupKind, GroupRow, OfficerRow, QueueRow, QueueView, RowState};
use relais_acts::problem::{ActError, FieldProblem};
use relais_network::GroupId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::After;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, encode, see};
use crate::parts::{Field, Notice, Tag};
use crate::problem::Problem;
use crate::text::Text;

/// Where the first question of the form stands: focus goes there.
pub(super) const FIRST: &str = "#F1E-02-1";

impl Text {
    /// "Vol 5X 120".
    pub(crate) fn group_called(self, row: &GroupRow) -> String {
        let kind = match row.kind {
            GroupKind::Flight => self.group_flight(),
            GroupKind::Bus => self.group_bus(),
            GroupKind::Boat => self.group_boat(),
            GroupKind::Other => self.group_other(),
        };
        if row.label.is_empty() {
            kind.to_owned()
        } else {
            self.group_name(kind, &row.label)
        }
    }

    /// What became of a row.
    pub(crate) fn row_state(self, state: RowState) -> &'static str {
        match state {
            RowState::Waiting => self.group_row_waiting(),
            RowState::Taken => self.group_row_taken(),
            RowState::Registered => self.group_row_registered(),
            RowState::Absent => self.group_row_absent(),
            RowState::Erased => self.group_row_erased(),
        }
    }
}

/// The tag of a row: its state, and who has it.
pub(super) fn row_tag(t: Text, row: &QueueRow) -> Tag {
    let family = match row.state {
        RowState::Waiting => "draft",
        RowState::Taken => "go",
        RowState::Registered => "done",
        RowState::Absent | RowState::Erased => "end",
    };
    let state = t.row_state(row.state);
    let text = match &row.officer {
        Some(officer) => t.group_row_by(state, officer),
        None => state.to_owned(),
    };
    Tag::plain(family, text)
}

/// One arrival of the list.
struct Line {
    href: String,
    name: String,
    place: String,
    on: String,
    state: Tag,
    progress: String,
}

/// The list of arrivals.
#[derive(askama::Template)]
#[template(path = "pages/groups.html")]
pub(super) struct Groups {
    f: Frame,
    t: Text,
    lines: Vec<Line>,
    next: Option<String>,
}

impl Groups {
    pub(super) fn of(f: Frame, t: Text, list: &relais_acts::groups::GroupList) -> Self {
        let lines = list
            .rows
            .iter()
            .map(|row| Line {
                href: match row.state.as_str() {
                    "draft" => format!("/groups/{}/list", row.id),
                    _ => format!("/groups/{}", row.id),
                },
                name: t.group_called(row),
                place: row.place.clone(),
                on: t.date(row.on),
                state: match row.state.as_str() {
                    "draft" => Tag::plain("draft", t.group_state_draft()),
                    "open" => Tag::plain("go", t.group_state_open()),
                    _ => Tag::plain("end", t.group_state_closed()),
                },
                progress: t.group_of(row.counts.registered, row.counts.expected),
            })
            .collect();
        Self {
            f,
            t,
            lines,
            next: list.next.as_deref().map(|c| format!("/groups?after={}", encode(c))),
        }
    }
}

/// `GET /groups`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<After>,
) -> Result<Response, Problem> {
    let list = app.acts().groups(&caller.viewer, query.after).await?;
    let now = app.now().await?;
    let t = caller.t;
    let f = Frame::of(&app, &caller, Tab::New, t.group_title(), now).back("/arrivals/new", t.arrival_title());
    Ok(frame::ok(&Groups::of(f, t, &list)))
}

/// One row of the queue.
struct Shown {
    href: String,
    bracelet: String,
    person: String,
    family: String,
    tag: Tag,
}

/// The queue.
#[derive(askama::Template)]
#[template(path = "pages/group.html")]
pub(super) struct Group {
    f: Frame,
    t: Text,
    base: String,
    title: String,
    lead: String,
    counts: relais_acts::groups::Counts,
    tabs: Vec<(String, &'static str, u32, bool)>,
    search: String,
    rows: Vec<Shown>,
    next: Option<String>,
    officers: Vec<OfficerRow>,
    pace: String,
    resume: bool,
    anybody: bool,
    erased_on: String,
    id: Uuid,
    family_of: Field,
}

impl Group {
    pub(super) fn of(
        f: Frame,
        t: Text,
        view: &QueueView,
        search: &str,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
    ) -> Self {
        let group = &view.group;
        let base = format!("/groups/{}", group.id);
        let counts = group.counts;
        let tabs = [
            ("waiting", t.group_waiting(), counts.waiting + counts.taken),
            ("registered", t.group_registered(), counts.registered),
            ("absent", t.group_absent(), counts.absent),
        ]
        .into_iter()
        .map(|(code, text, n)| {
            (
                format!("{base}?show={code}"),
                text,
                n,
                search.is_empty() && view.show == code,
            )
        })
        .collect();
        let mut family_of = Field::line(t, "family_of", t.group_add_family())
            .optional()
            .max(24)
            .value(typed.one("family_of"));
        family_of.error = error_of(wrong, "family_of", t.0);
        let query = if search.is_empty() {
            format!("show={}", view.show)
        } else {
            format!("q={}", encode(search))
        };
        Self {
            title: t.group_called(group),
            lead: format!("{} · {}", group.place, t.date(group.on)),
            counts,
            tabs,
            search: search.to_owned(),
            rows: view
                .rows
                .iter()
                .map(|row| Shown {
                    href: match row.case_id {
                        Some(case) => format!("/cases/{case}"),
                        None => format!("/expected/{}", row.id),
                    },
                    bracelet: row.bracelet.clone(),
                    person: match (&row.name, row.age, row.state) {
                        (Some(name), Some(age), _) => format!("{name}, {}", t.group_years(age)),
                        (Some(name), None, _) => name.clone(),
                        (None, _, RowState::Waiting | RowState::Taken) => t.group_no_name().to_owned(),
                        (None, ..) => "–".to_owned(),
                    },
                    family: row.family.map(|n| t.group_family(n)).unwrap_or_default(),
                    tag: row_tag(t, row),
                })
                .collect(),
            next: view
                .next
                .as_deref()
                .map(|c| format!("{base}?{query}&after={}", encode(c))),
            officers: view.officers.clone(),
            pace: view
                .pace
                .map(|p| t.group_pace(p.last_quarter, t.time(p.done_at)))
                .unwrap_or_default(),
            resume: view.mine.is_some(),
            anybody: view.mine.is_some() || counts.waiting > 0,
            erased_on: t.group_erased_on(t.date(view.erased_on)),
            id,
            family_of,
            f: f.back("/groups", t.group_title()),
            t,
            base,
        }
    }
}

/// What is looked for in the queue.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    show: Option<String>,
    #[serde(default)]
    q: Option<String>,
    #[serde(default)]
    after: Option<String>,
    #[serde(default)]
    done: Option<super::done::Done>,
}

/// `GET /groups/{id}`: the queue; a bracelet that is scanned into the search
/// opens its row at once.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(query): Query<Wanted>,
) -> Result<Response, Problem> {
    let t = caller.t;
    let search = query.q.unwrap_or_default().trim().to_owned();
    if relais_acts::codes::parse_bracelet(&search).is_some()
        && let Ok(row) = app.acts().by_bracelet(&caller.viewer, search.clone()).await
    {
        return Ok(see(&format!("/expected/{row}{FIRST}")));
    }
    let wanted = (!search.is_empty()).then(|| search.clone());
    let view = app
        .acts()
        .group(&caller.viewer, GroupId(id), query.show, wanted, query.after)
        .await?;
    if view.group.state == "draft" {
        return Ok(see(&format!("/groups/{id}/list")));
    }
    let now = view.now;
    let notice = match (view.rows.is_empty() && !search.is_empty(), query.done) {
        (true, _) => Some(Notice::warn(t.group_found_none(), "")),
        (false, done) => done.map(|d| d.notice(t, "")),
    };
    let f = Frame::of(&app, &caller, Tab::New, t.group_called(&view.group), now).notice(notice);
    let page = Group::of(f, t, &view, &search, ids::new_v7(now), &Typed::default(), &[]);
    Ok(frame::ok(&page))
}

/// The queue again, with what is wrong.
async fn again(app: &AppState, caller: &Caller, id: Uuid, typed: &Typed, error: ActError) -> Result<Response, Problem> {
    let t = caller.t;
    let back = CameBack::of(error, t)?;
    let view = app.acts().group(&caller.viewer, GroupId(id), None, None, None).await?;
    let f = Frame::of(app, caller, Tab::New, t.group_called(&view.group), view.now);
    let made = typed.id().unwrap_or_else(|_| ids::new_v7(view.now));
    let mut page = Group::of(f, t, &view, "", made, typed, &back.wrong);
    let status = back.onto(&mut page.f);
    Ok(frame::html(status, &page))
}

/// `POST /groups/{id}/next`.
pub(crate) async fn next(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    match app.acts().take_next(&caller.viewer, GroupId(id)).await {
        Ok(made) => Ok(see(&format!("/expected/{}{FIRST}", made.id))),
        Err(error) => again(&app, &caller, id, &typed, error).await,
    }
}

/// `POST /groups/{id}/add`.
pub(crate) async fn add(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let command = AddExpected {
        id: typed.id()?,
        family_of: typed.one("family_of").to_owned(),
    };
    match app.acts().add_expected(&caller.viewer, GroupId(id), command).await {
        Ok(made) => Ok(see(&format!("/expected/{}{FIRST}", made.id))),
        Err(error) => again(&app, &caller, id, &typed, error).await,
    }
}

/// `POST /groups/{id}/close`.
pub(crate) async fn close(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    match app.acts().close_group(&caller.viewer, GroupId(id)).await {
        Ok(_) => Ok(see(&format!("/groups/{id}?show=absent&done=group_closed"))),
        Err(error) => again(&app, &caller, id, &typed, error).await,
    }
}
