//! A line of a register: what it says, where it comes from, what it led to, and the
//! form that changes it.

use axum::extract::State;
use axum::response::Response;
use relais_acts::registers::{ChangeLine, FieldView, LineView, RegisterChangeView};
use relais_store::ids;
use uuid::Uuid;

use super::{ALL, cut, due, fields, place, row, tab, tag};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{LineAt, Query, Typed};
use crate::frame::{self, Frame, encode, see};
use crate::pages::came_back::{Came, CameBack};
use crate::pages::done::{After, Done};
use crate::parts::{Field, Row, Summary, Tag};
use crate::problem::{Problem, ProblemKind, set};
use crate::text::Text;

/// Lines of the thread that the page shows in either direction.
const NEAREST: usize = 10;
/// Changes that the page shows.
const CHANGES: usize = 8;
/// Most characters of a value before or after a change.
const VALUE: usize = 120;

/// What a field says.
struct Fact {
    label: String,
    /// Text, and where the line stands that is linked; empty where none is.
    values: Vec<(String, String)>,
}

impl Fact {
    fn of(t: Text, field: &FieldView) -> Option<Self> {
        let value = |(text, line): &(String, Option<(String, Uuid)>)| {
            let href = line.as_ref().map(|(register, id)| place(register, *id));
            (text.clone(), href.unwrap_or_default())
        };
        (!field.shown.is_empty()).then(|| Self {
            label: set(&field.label, t.0),
            values: field.shown.iter().map(value).collect(),
        })
    }
}

/// A change.
struct Happened {
    when: String,
    what: String,
    by: String,
    note: String,
    changes: Vec<String>,
}

impl Happened {
    fn of(t: Text, change: &RegisterChangeView) -> Self {
        let value = |text: &str| {
            if text.is_empty() {
                "–".to_owned()
            } else {
                cut(text, VALUE)
            }
        };
        Self {
            when: t.moment(change.at),
            what: set(&change.state_says, t.0),
            by: t.registers_by(&change.by),
            note: if change.note.is_empty() {
                String::new()
            } else {
                t.registers_says(&change.note)
            },
            changes: change
                .lines
                .iter()
                .map(|(label, before, after)| t.registers_changed(set(label, t.0), value(before), value(after)))
                .collect(),
        }
    }
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/register_line.html")]
pub(crate) struct One {
    f: Frame,
    t: Text,
    href: String,
    title: String,
    one: String,
    tag: Tag,
    due: String,
    late: bool,
    sealed: bool,
    facts: Vec<Fact>,
    indicators: Vec<String>,
    from: Vec<Row>,
    from_more: String,
    to: Vec<Row>,
    to_more: String,
    /// What may be added to it: where, and the words.
    next: Vec<(String, String)>,
    id: Uuid,
    version: String,
    /// What is changed; none for whoever only reads.
    fields: Vec<Field>,
    changing: bool,
    summary: Option<Summary>,
    history: Vec<Happened>,
}

/// That the thread goes on beyond what is shown; empty where it does not.
fn nearest(t: Text, all: usize) -> String {
    if all > NEAREST {
        t.registers_nearest(NEAREST, all)
    } else {
        String::new()
    }
}

impl One {
    pub(in crate::pages) fn of(f: Frame, t: Text, view: &LineView, came: Option<&Came<'_>>) -> Self {
        let wrong = fields::renamed(&view.fields, came.map_or(&[][..], |c| c.wrong));
        let mut form = Vec::new();
        if view.head.may_write {
            form = fields::fields(t, &view.fields, came, &wrong);
            form.extend(fields::state(t, &view.states, &view.row.state, came, &wrong));
            form.push(fields::note(t, came, &wrong));
        }
        let summary = crate::forms::summary(t, &form, &wrong);
        let next = |(register, one, field): &(String, String, String)| {
            let href = format!("{ALL}/{register}/new?{}={}", encode(field), view.row.id);
            (href, t.registers_add(set(one, t.0)))
        };
        let far = view.comes_from.len().saturating_sub(NEAREST);
        Self {
            href: place(&view.head.code, view.row.id),
            title: view.row.title.clone(),
            one: set(&view.row.one, t.0),
            tag: tag(t, &view.row),
            due: due(t, &view.row),
            late: view.row.late,
            sealed: view.head.sealed,
            facts: view.fields.iter().filter_map(|field| Fact::of(t, field)).collect(),
            indicators: view
                .indicators
                .iter()
                .map(|(code, label)| format!("{code} · {label}"))
                .collect(),
            // The furthest first: what is left out is far away.
            from: view.comes_from.iter().skip(far).map(|l| row(t, l)).collect(),
            from_more: nearest(t, view.comes_from.len()),
            to: view.leads_to.iter().take(NEAREST).map(|l| row(t, l)).collect(),
            to_more: nearest(t, view.leads_to.len()),
            next: view.next.iter().map(next).collect(),
            id: ids::new_v7(view.now),
            version: match came.filter(|c| !c.stale) {
                Some(came) => came.typed.version_or(view.version),
                None => view.version.to_string(),
            },
            fields: form,
            changing: came.is_some(),
            history: view.history.iter().take(CHANGES).map(|h| Happened::of(t, h)).collect(),
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            summary,
        }
    }
}

fn framed(app: &AppState, caller: &Caller, view: &LineView) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, tab(caller), &view.row.title, view.now)
        .back(format!("{ALL}/{}", view.head.code), set(&view.head.label, t.0))
}

/// `GET /registers/{register}/{id}`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    LineAt { register, id }: LineAt,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().register_line(&caller.viewer, register, id).await?;
    let f = framed(&app, &caller, &view).notice(after.done.map(|d| d.notice(caller.t, "")));
    Ok(frame::ok(&One::of(f, caller.t, &view, None)))
}

/// `POST /registers/{register}/{id}`: changes the line.
pub(crate) async fn change(
    State(app): State<AppState>,
    caller: Caller,
    LineAt { register, id }: LineAt,
    typed: Typed,
) -> Result<Response, Problem> {
    let command = ChangeLine {
        id: typed.id()?,
        version: typed.version()?,
        values: fields::said(&app.desk().mechanism(), &register, &typed)?,
        state: fields::state_said(&typed),
        note: fields::note_said(&typed),
    };
    match app
        .acts()
        .change_line(&caller.viewer, register.clone(), id, command)
        .await
    {
        Ok(_) => Ok(see(&format!("{}?done={}", place(&register, id), Done::LineChanged))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = match app.acts().register_line(&caller.viewer, register, id).await {
                Ok(view) if view.head.may_write => view,
                // Whoever may not change it is shown no form.
                Ok(_) => return Err(back.unshown(Problem::new(ProblemKind::NotFound))),
                Err(unseen) => return Err(back.unshown(unseen.into())),
            };
            let f = framed(&app, &caller, &view);
            let came = Came {
                typed: &typed,
                wrong: &back.wrong,
                stale: back.stale,
            };
            let mut page = One::of(f, caller.t, &view, Some(&came));
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
