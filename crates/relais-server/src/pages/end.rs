//! End a case: death, departure, detention, whereabouts unknown. What stops is
//! shown before it is done (DESIGN §5 `ended`; DOMAIN F7.14).

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::ending::{EndCase, EndView, REASONS, WORDS};
use relais_acts::problem::{ActError, FieldProblem};
use relais_casework::referral::EndReason;
use relais_mechanism::Mechanism;
use relais_mechanism::answers::parse_date;
use relais_network::CaseId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::format;
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Notice, Summary};
use crate::problem::{Problem, set};
use crate::text::Text;
use crate::text::both;

/// A referral that would end.
struct Stops {
    href: String,
    code: String,
    label: String,
    provider: String,
    /// Without an account: the number to call.
    call: Option<(String, String)>,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/end.html")]
pub(super) struct End {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    back: String,
    code: String,
    stops: Vec<Stops>,
    needs: usize,
    fields: Vec<Field>,
    summary: Option<Summary>,
    blocked: bool,
}

impl End {
    pub(super) fn of(
        f: Frame,
        mechanism: &Mechanism,
        view: &EndView,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
    ) -> Self {
        let t = f.t;
        let choices = mechanism.option_list(REASONS).map_or_else(Vec::new, |list| {
            list.choices
                .iter()
                .map(|c| Choice {
                    value: c.code.clone(),
                    label: set(c.label.get(t.0), t.0),
                    chosen: typed.one("reason") == c.code,
                })
                .collect()
        });
        let day = if typed.0.contains_key("on") {
            typed.one("on").to_owned()
        } else {
            t.date(view.today)
        };
        let mut fields = vec![
            Field::line(t, "reason", t.end_reason()).with(Control::One(choices)),
            Field::line(t, "on", t.end_on())
                .hint(t.end_on_hint())
                .max(20)
                .value(day)
                .with(Control::Line {
                    kind: "text",
                    mode: "",
                    size: "w10",
                }),
            Field::line(t, "source", t.end_source())
                .hint(t.end_source_hint())
                .max(u32::try_from(WORDS).unwrap_or(u32::MAX))
                .value(typed.one("source"))
                .with(Control::Lines { rows: 2 }),
        ];
        for field in &mut fields {
            field.error = error_of(wrong, &field.name, t.0);
        }
        let summary = summary(t, &fields, wrong);
        let refused = view
            .refused
            .as_ref()
            .map(|(why, remedy)| Notice::stop(set(why, t.0), set(remedy, t.0)));
        let mut f = f.notice(refused);
        if summary.is_some() {
            f = f.with_error();
        }
        let version = if typed.one("version").is_empty() {
            view.version.to_string()
        } else {
            typed.one("version").to_owned()
        };
        Self {
            f,
            t,
            id,
            version,
            back: format!("/cases/{}", view.case_id),
            code: view.case_code.clone(),
            stops: view
                .referrals
                .iter()
                .map(|r| Stops {
                    href: format!("/referrals/{}", r.id),
                    code: r.code.clone(),
                    label: r.label.clone(),
                    provider: r.provider.clone(),
                    call: r
                        .telephone
                        .as_deref()
                        .filter(|_| !r.has_account)
                        .map(|n| (t.phone(n), format::tel(n))),
                })
                .collect(),
            needs: view.needs,
            fields,
            summary,
            blocked: view.refused.is_some(),
        }
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &EndView, now: DateTime<Utc>) -> Frame {
    Frame::of(app, caller, Tab::Cases, caller.t.end_title(), now)
        .back(format!("/cases/{}", view.case_id), view.case_code.clone())
}

/// `GET /cases/{id}/end`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(case): Id) -> Result<Response, Problem> {
    let view = app.acts().end_view(&caller.viewer, CaseId(case)).await?;
    let now = app.now().await?;
    let f = frame_of(&app, &caller, &view, now);
    let page = End::of(
        f,
        &app.desk().mechanism(),
        &view,
        ids::new_v7(now),
        &Typed::default(),
        &[],
    );
    Ok(frame::ok(&page))
}

/// What is missing before the acts are asked at all.
fn command(typed: &Typed, id: Uuid, version: i64) -> Result<EndCase, ActError> {
    let problem = |field: &str, code: &str, sentence| FieldProblem {
        field: field.to_owned(),
        code: code.to_owned(),
        message: both(sentence),
    };
    let mut wrong = Vec::new();
    let reason = EndReason::from_code(typed.one("reason"));
    if reason.is_none() {
        wrong.push(problem("reason", "required", Text::end_choose));
    }
    let on = parse_date(typed.one("on"));
    if on.is_none() {
        wrong.push(problem("on", "not_a_date", Text::form_no_date));
    }
    match (reason, on) {
        (Some(reason), Some(on)) => Ok(EndCase {
            id,
            version,
            reason,
            on,
            source: typed.one("source").to_owned(),
        }),
        _ => Err(ActError::Invalid(wrong)),
    }
}

/// `POST /cases/{id}/end`.
pub(crate) async fn end(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let done = match command(&typed, id, typed.version()?) {
        Ok(command) => app.acts().end_case(&caller.viewer, CaseId(case), command).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(see(&format!("/cases/{case}?done=ended"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app
                .acts()
                .end_view(&caller.viewer, CaseId(case))
                .await
                .map_err(|unseen| back.unshown(unseen.into()))?;
            let now = app.now().await?;
            if back.stale {
                typed.0.remove("version");
            }
            let f = frame_of(&app, &caller, &view, now);
            let mut page = End::of(f, &app.desk().mechanism(), &view, id, &typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
