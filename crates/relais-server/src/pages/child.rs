//! What protects a child: the section "child" of form F1.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::commands::{RawAnswers, RecordChild};
use relais_acts::problem::FieldProblem;
use relais_acts::views::CaseView;
use relais_network::CaseId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::consent::writable;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::forms;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Group, Summary};
use crate::problem::Problem;
use crate::text::Text;

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/child.html")]
pub(super) struct Child {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    back: String,
    action: String,
    groups: Vec<Group>,
    summary: Option<Summary>,
}

/// What the case knows already, as if it had been typed.
fn known(t: Text, case: &CaseView) -> RawAnswers {
    let mut typed = RawAnswers::new();
    let Some(child) = &case.child else { return typed };
    let yes = |b: bool| vec![if b { "yes" } else { "no" }.to_owned()];
    // A page that nobody has filled in yet chooses nothing by itself.
    if child.seen_alone || child.age_doubt || child.link.is_some() || child.protection_first {
        typed.insert("F1.25b".to_owned(), yes(child.age_doubt));
        typed.insert("F1.63c".to_owned(), yes(child.seen_alone));
    }
    if let Some(link) = &child.link {
        typed.insert("F1.63b".to_owned(), vec![link.clone()]);
    }
    if let Some(on) = child.best_interests_on {
        typed.insert("F1.63d".to_owned(), vec![t.date(on)]);
    }
    typed
}

impl Child {
    pub(super) fn of(
        app: &AppState,
        caller: &Caller,
        case: &CaseView,
        id: Uuid,
        typed: Option<&Typed>,
        wrong: &[FieldProblem],
        now: DateTime<Utc>,
    ) -> Result<Self, Problem> {
        let t = caller.t;
        let mechanism = app.desk().mechanism();
        let form = relais_acts::child::form(app.desk(), &mechanism)?;
        let answers = typed.map_or_else(|| known(t, case), |typed| typed.0.clone());
        let groups = forms::groups(t, &mechanism, &form, &[], &answers, wrong);
        let shown: Vec<_> = groups.iter().flat_map(|g| &g.fields).collect();
        let summary = forms::summary(t, shown, wrong);
        let back = format!("/cases/{}", case.id);
        let mut f = Frame::of(app, caller, Tab::Cases, t.child_title(), now).back(back.clone(), case.code.clone());
        if summary.is_some() {
            f = f.with_error();
        }
        let version = typed.map_or("", |typed| typed.one("version"));
        Ok(Self {
            f,
            t,
            id,
            version: if version.is_empty() {
                case.version.to_string()
            } else {
                version.to_owned()
            },
            action: format!("{back}/child"),
            back,
            groups,
            summary,
        })
    }
}

/// `GET /cases/{id}/child`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(case): Id) -> Result<Response, Problem> {
    let case = writable(&app, &caller, case).await?;
    let now = app.now().await?;
    Ok(frame::ok(&Child::of(
        &app,
        &caller,
        &case,
        ids::new_v7(now),
        None,
        &[],
        now,
    )?))
}

/// `POST /cases/{id}/child`.
pub(crate) async fn record(
    State(app): State<AppState>,
    caller: Caller,
    Id(case_id): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let version = typed.version()?;
    let mut answers = typed.0.clone();
    answers.retain(|name, values| name.starts_with("F1.") && values.iter().any(|v| !v.trim().is_empty()));
    let command = RecordChild {
        id,
        version,
        answers,
        happened_at: None,
    };
    match app.acts().record_child(&caller.viewer, CaseId(case_id), command).await {
        Ok(_) => Ok(see(&format!("/cases/{case_id}?done=child"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let case = writable(&app, &caller, case_id)
                .await
                .map_err(|unseen| back.unshown(unseen))?;
            let now = app.now().await?;
            if back.stale {
                typed.0.remove("version");
            }
            let mut page = Child::of(&app, &caller, &case, id, Some(&typed), &back.wrong, now)?;
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
