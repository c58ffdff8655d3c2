//! The registers of the institution: all of them by chapter, one of them with its
//! lines, and what the pages of a line share. Which registers there are, and what a
//! line says, is the mechanism's; no page here knows one by name but the agenda, on
//! which the figures are put.

use axum::extract::State;
use axum::response::Response;
use relais_acts::registers::{
    AGENDA, LineRow, Proposed, RegisterAsked, RegisterCount, RegisterHead, RegisterView, RegistersView,
};
use relais_mechanism::registers::Chapter;
use uuid::Uuid;

use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Query, RegisterAt};
use crate::frame::{self, Frame, Tab, encode};
use crate::parts::{Row, Tag};
use crate::problem::{Problem, set};
use crate::text::Text;

pub(crate) mod calendar;
mod fields;
pub(crate) mod line;
pub(crate) mod new;

/// Where the registers stand.
const ALL: &str = "/registers";
/// Late lines, and proposals, that the page of all registers shows.
const SHOWN: usize = 8;
/// Most characters of a title and of a cell in a list.
const TITLE: usize = 120;
const CELL: usize = 60;

/// The link of the navigation under which the viewer finds the registers.
fn tab(caller: &Caller) -> Tab {
    if caller.viewer.is_national() {
        Tab::Institution
    } else {
        Tab::Services
    }
}

fn chapter(t: Text, chapter: Chapter) -> &'static str {
    match chapter {
        Chapter::Assessment => t.registers_assessment(),
        Chapter::Roadmap => t.registers_roadmap(),
        Chapter::Committee => t.registers_committee(),
        Chapter::Workshops => t.registers_workshops(),
        Chapter::Mission => t.registers_mission(),
    }
}

/// What of a long text a list has room for.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}

fn place(register: &str, id: Uuid) -> String {
    format!("{ALL}/{register}/{id}")
}

/// When an open line should be done; empty where nothing says so.
fn due(t: Text, row: &LineRow) -> String {
    match row.due {
        Some(on) if row.late => t.registers_overdue(t.date(on)),
        Some(on) if row.open => t.registers_due(t.date(on)),
        _ => String::new(),
    }
}

fn tag(t: Text, row: &LineRow) -> Tag {
    Tag::plain(&row.tag, set(&row.state_says, t.0))
}

/// A line among lines of several registers.
fn row(t: Text, row: &LineRow) -> Row {
    let mut meta = vec![set(&row.one, t.0)];
    meta.extend(Some(due(t, row)).filter(|d| !d.is_empty()));
    Row {
        href: place(&row.register, row.id),
        title: cut(&row.title, TITLE),
        late: row.late,
        prio: None,
        code: String::new(),
        meta,
        hand: None,
        clock: None,
        tag: Some(tag(t, row)),
        action: None,
        relay: None,
    }
}

/// How sure a register is, where it is not.
fn mark(t: Text, head: &RegisterHead) -> &'static str {
    match head.mark.as_deref() {
        Some("P") => t.registers_mark_p(),
        Some("K") => t.registers_mark_k(),
        _ => "",
    }
}

/// A register, counted.
struct Count {
    href: String,
    label: String,
    open: String,
    late: String,
    all: String,
}

impl Count {
    fn of(t: Text, count: &RegisterCount) -> Self {
        Self {
            href: format!("{ALL}/{}", count.head.code),
            label: set(&count.head.label, t.0),
            open: t.figure(count.open),
            late: t.figure(count.late),
            all: t.figure(count.all),
        }
    }
}

/// The registers of a chapter.
struct Part {
    anchor: &'static str,
    title: &'static str,
    rows: Vec<Count>,
}

/// What the figures propose for the agenda.
struct Proposal {
    href: String,
    label: String,
    code: String,
    value: String,
    bound: String,
}

impl Proposal {
    fn of(t: Text, proposed: &Proposed) -> Self {
        let subject = t.registers_subject(&proposed.label, &proposed.value, &proposed.bound);
        Self {
            href: format!(
                "{ALL}/{AGENDA}/new?indicator={}&subject={}",
                encode(&proposed.indicator),
                encode(&subject)
            ),
            label: proposed.label.clone(),
            code: proposed.indicator.clone(),
            value: proposed.value.clone(),
            bound: proposed.bound.clone(),
        }
    }
}

/// What is said of what a page has no room for; empty where it shows all.
fn beyond(all: usize, says: impl Fn(usize) -> String) -> String {
    match all.saturating_sub(SHOWN) {
        0 => String::new(),
        more => says(more),
    }
}

/// All registers.
#[derive(askama::Template)]
#[template(path = "pages/registers.html")]
pub(super) struct Registers {
    f: Frame,
    t: Text,
    /// Whether the viewer is of the office, which keeps the directory and the committee's list too.
    national: bool,
    late: Vec<Row>,
    late_more: String,
    proposals: Vec<Proposal>,
    proposals_more: String,
    parts: Vec<Part>,
}

impl Registers {
    pub(super) fn of(f: Frame, t: Text, view: &RegistersView, national: bool) -> Self {
        let part = |(of, counts): &(Chapter, Vec<RegisterCount>)| Part {
            anchor: of.code(),
            title: chapter(t, *of),
            rows: counts.iter().map(|c| Count::of(t, c)).collect(),
        };
        let late = view
            .chapters
            .iter()
            .flat_map(|(_, counts)| counts)
            .map(|c| c.late)
            .sum();
        Self {
            f,
            t,
            national,
            late: view.late.iter().take(SHOWN).map(|l| row(t, l)).collect(),
            late_more: beyond(late, |n| t.registers_late_more(n)),
            proposals: view.proposals.iter().take(SHOWN).map(|p| Proposal::of(t, p)).collect(),
            proposals_more: beyond(view.proposals.len(), |n| t.registers_proposed_more(n)),
            parts: view.chapters.iter().map(part).filter(|p| !p.rows.is_empty()).collect(),
        }
    }
}

/// A line of one register.
struct Line {
    href: String,
    title: String,
    /// Name of the column, and what stands there.
    cells: Vec<(String, String)>,
    tag: Tag,
    due: String,
    late: bool,
}

/// A register.
#[derive(askama::Template)]
#[template(path = "pages/register.html")]
pub(super) struct Register {
    f: Frame,
    t: Text,
    label: String,
    one: String,
    lead: String,
    sealed: bool,
    mark: &'static str,
    /// Where a line is added; empty for whoever only reads.
    add: String,
    /// Address, label, how many, whether it is this one.
    tabs: Vec<(String, String, usize, bool)>,
    columns: Vec<String>,
    lines: Vec<Line>,
    next: String,
}

impl Register {
    pub(super) fn of(f: Frame, t: Text, view: &RegisterView) -> Self {
        let head = &view.head;
        let here = format!("{ALL}/{}", head.code);
        let columns: Vec<String> = view.columns.iter().map(|c| set(c, t.0)).collect();
        let line = |r: &LineRow| Line {
            href: place(&r.register, r.id),
            title: cut(&r.title, TITLE),
            cells: columns
                .iter()
                .cloned()
                .zip(r.cells.iter().map(|c| cut(c, CELL)))
                .collect(),
            tag: tag(t, r),
            due: due(t, r),
            late: r.late,
        };
        let all = view.states.iter().map(|(_, _, n)| n).sum();
        let mut tabs = vec![(here.clone(), t.registers_every().to_owned(), all, view.state.is_none())];
        tabs.extend(view.states.iter().map(|(code, label, n)| {
            let on = view.state.as_deref() == Some(code.as_str());
            (format!("{here}?state={code}"), set(label, t.0), *n, on)
        }));
        let kept = view.state.as_deref().map(|s| format!("&state={s}")).unwrap_or_default();
        Self {
            label: set(&head.label, t.0),
            one: set(&head.one, t.0),
            lead: set(&head.lead, t.0),
            sealed: head.sealed,
            mark: mark(t, head),
            add: if head.may_write {
                format!("{here}/new")
            } else {
                String::new()
            },
            tabs,
            lines: view.rows.iter().map(line).collect(),
            next: if view.more {
                format!("{here}?page={}{kept}", view.page + 1)
            } else {
                String::new()
            },
            columns,
            f,
            t,
        }
    }
}

/// `GET /registers`.
pub(crate) async fn all(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let view = app.acts().registers(&caller.viewer).await?;
    let t = caller.t;
    let f = Frame::of(&app, &caller, tab(&caller), t.registers_title(), view.now);
    let national = caller.viewer.is_national();
    let f = if national {
        f
    } else {
        f.back("/documents", t.documents_title())
    };
    Ok(frame::ok(&Registers::of(f, t, &view, national)))
}

/// `GET /registers/{register}`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    RegisterAt(register): RegisterAt,
    Query(asked): Query<RegisterAsked>,
) -> Result<Response, Problem> {
    let view = app.acts().register_lines(&caller.viewer, register, asked).await?;
    let t = caller.t;
    let f = Frame::of(&app, &caller, tab(&caller), set(&view.head.label, t.0), view.now).back(ALL, t.registers_title());
    Ok(frame::ok(&Register::of(f, t, &view)))
}
