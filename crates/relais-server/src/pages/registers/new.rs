//! The form that adds a line to a register, filled from the address where another page
//! leads here: a decision to an item of the agenda, an item to an indicator.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use relais_acts::registers::{AddLine, BlankView};
use relais_mechanism::registers::Values;
use relais_store::ids;
use uuid::Uuid;

use super::{ALL, fields, place, tab};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{RegisterAt, Typed, pairs};
use crate::frame::{self, Frame, see};
use crate::pages::came_back::{Came, CameBack};
use crate::pages::done::Done;
use crate::parts::{Field, Summary};
use crate::problem::{Problem, set};
use crate::text::Text;

/// The form.
#[derive(askama::Template)]
#[template(path = "pages/register_new.html")]
pub(crate) struct New {
    f: Frame,
    t: Text,
    action: String,
    title: String,
    lead: String,
    sealed: bool,
    id: Uuid,
    fields: Vec<Field>,
    summary: Option<Summary>,
}

fn title(t: Text, view: &BlankView) -> String {
    t.registers_add(set(&view.head.one, t.0))
}

impl New {
    pub(in crate::pages) fn of(f: Frame, t: Text, view: &BlankView, came: Option<&Came<'_>>) -> Self {
        let wrong = fields::renamed(&view.fields, came.map_or(&[][..], |c| c.wrong));
        let mut all = fields::fields(t, &view.fields, came, &wrong);
        let first = view.states.first().map_or("", |(code, _)| code.as_str());
        all.extend(fields::state(t, &view.states, first, came, &wrong));
        let summary = crate::forms::summary(t, &all, &wrong);
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            action: format!("{ALL}/{}", view.head.code),
            title: title(t, view),
            lead: set(&view.head.lead, t.0),
            sealed: view.head.sealed,
            id: came
                .and_then(|c| c.typed.id().ok())
                .unwrap_or_else(|| ids::new_v7(view.now)),
            fields: all,
            summary,
        }
    }
}

fn framed(app: &AppState, caller: &Caller, view: &BlankView) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, tab(caller), title(t, view), view.now)
        .back(format!("{ALL}/{}", view.head.code), set(&view.head.label, t.0))
}

/// `GET /registers/{register}/new`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    RegisterAt(register): RegisterAt,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let mut prefill: Values = pairs(query.unwrap_or_default().as_bytes());
    let mechanism = app.desk().mechanism();
    let known = |code: &str| mechanism.register(&register).is_some_and(|r| r.field(code).is_some());
    prefill.retain(|code, _| known(code));
    let view = app.acts().blank_line(&caller.viewer, register, prefill).await?;
    Ok(frame::ok(&New::of(framed(&app, &caller, &view), caller.t, &view, None)))
}

/// `POST /registers/{register}`: adds a line.
pub(crate) async fn add(
    State(app): State<AppState>,
    caller: Caller,
    RegisterAt(register): RegisterAt,
    typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let mut values = fields::said(&app.desk().mechanism(), &register, &typed)?;
    values.retain(|_, texts| !texts.is_empty());
    let command = AddLine {
        id,
        values,
        state: fields::state_said(&typed),
    };
    match app.acts().add_line(&caller.viewer, register.clone(), command).await {
        Ok(made) => Ok(see(&format!("{}?done={}", place(&register, made.id), Done::LineAdded))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let blank = app
                .acts()
                .blank_line(&caller.viewer, register, Values::new())
                .await
                .map_err(|unseen| back.unshown(unseen.into()))?;
            let came = Came {
                typed: &typed,
                wrong: &back.wrong,
                stale: back.stale,
            };
            let mut page = New::of(framed(&app, &caller, &blank), caller.t, &blank, Some(&came));
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
