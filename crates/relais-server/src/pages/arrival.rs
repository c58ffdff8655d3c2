//! Register an arrival: the mechanism's short form, as it is.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::commands::{CheckName, RawAnswers, RegisterArrival};
use relais_acts::duplicates::Checked;
use relais_acts::problem::{ActError, FieldProblem};
use relais_mechanism::answers::parse_date_time;

use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::perhaps::CheckedPart;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::Typed;
use crate::forms;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Control, Field, Group, Summary};
use crate::problem::{Problem, ProblemKind};
use crate::text::{Text, both};

/// The short arrival form.
pub(super) const FORM: &str = "F1E";
/// The one field of the page that the form does not have.
pub(super) const HAPPENED: &str = "happened_at";

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/arrival.html")]
pub(super) struct Arrival {
    f: Frame,
    t: Text,
    id: Uuid,
    groups: Vec<Group>,
    happened: Field,
    summary: Option<Summary>,
    officer: String,
    organisation: String,
    started: String,
    checked: Option<CheckedPart>,
}

impl Arrival {
    pub(super) fn of(
        app: &AppState,
        caller: &Caller,
        id: Uuid,
        typed: &RawAnswers,
        wrong: &[FieldProblem],
        now: DateTime<Utc>,
    ) -> Result<Self, Problem> {
        let t = caller.t;
        let mechanism = app.desk().mechanism();
        let form = mechanism.form(FORM).ok_or(ActError::NotFound)?;
        let groups = forms::groups(t, &mechanism, form, &[], typed, wrong);
        let mut happened = Field::line(t, HAPPENED, t.arrival_happened())
            .hint(t.arrival_happened_hint())
            .optional()
            .max(40)
            .with(Control::Line {
                kind: "text",
                mode: "",
                size: "w10",
            })
            .value(typed.get(HAPPENED).and_then(|v| v.first()).cloned().unwrap_or_default());
        happened.error = forms::error_of(wrong, HAPPENED, t.0);
        let shown: Vec<&Field> = groups.iter().flat_map(|g| &g.fields).chain([&happened]).collect();
        let summary = forms::summary(t, shown, wrong);
        let mut f = Frame::of(app, caller, Tab::New, t.arrival_title(), now);
        if summary.is_some() {
            f = f.with_error();
        }
        Ok(Self {
            f,
            t,
            id,
            groups,
            happened,
            summary,
            officer: caller.viewer.display_name.to_string(),
            organisation: caller.viewer.organisation_name.to_string(),
            started: t.time(now),
            checked: None,
        })
    }
}

impl Arrival {
    /// Says what a name check found.
    pub(super) fn found(&mut self, t: Text, checked: &Checked, now: DateTime<Utc>) {
        self.checked = Some(CheckedPart::of(t, checked, now));
    }
}

/// `GET /arrivals/new`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let now = app.now().await?;
    let page = Arrival::of(&app, &caller, ids::new_v7(now), &RawAnswers::new(), &[], now)?;
    Ok(frame::ok(&page))
}

/// `POST /arrivals/new`.
pub(crate) async fn register(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let id = typed.id()?;
    if !typed.one("check").is_empty() {
        return check(&app, &caller, id, typed).await;
    }
    let (happened_at, mistake) = happened(&app, &typed);
    let mut answers = typed.0.clone();
    for ours in ["id", HAPPENED] {
        answers.remove(ours);
    }
    // What was left empty was not answered.
    answers.retain(|_, values| values.iter().any(|v| !v.trim().is_empty()));
    let made = match mistake {
        // The form's own mistakes come back with it, so that one round mends all.
        Some(mistake) => {
            let mechanism = app.desk().mechanism();
            let form = mechanism.form(FORM).ok_or(Problem::new(ProblemKind::NotFound))?;
            let mut wrong = vec![mistake];
            if let Err(errors) = form.parse(&answers) {
                wrong.extend(errors.iter().map(FieldProblem::from));
            }
            Err(ActError::Invalid(wrong))
        }
        None => {
            app.acts()
                .register_arrival(
                    &caller.viewer,
                    RegisterArrival {
                        id,
                        answers,
                        happened_at,
                    },
                )
                .await
        }
    };
    match made {
        Ok(made) => Ok(see(&format!("/cases/{}?done=registered", made.id))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let now = app.now().await?;
            let mut page = Arrival::of(&app, &caller, id, &typed.0, &back.wrong, now)?;
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}

/// Looks whether the person is perhaps known; the form comes back as it was
/// typed, and nothing is recorded.
async fn check(app: &AppState, caller: &Caller, id: Uuid, mut typed: Typed) -> Result<Response, Problem> {
    typed.0.remove("check");
    let mut answers = typed.0.clone();
    answers.retain(|name, _| name != "id" && name != HAPPENED);
    let checked = app.acts().check_name(&caller.viewer, CheckName { answers }).await;
    let now = app.now().await?;
    match checked {
        Ok(checked) => {
            let mut page = Arrival::of(app, caller, id, &typed.0, &[], now)?;
            page.found(caller.t, &checked, now);
            Ok(frame::ok(&page))
        }
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let mut page = Arrival::of(app, caller, id, &typed.0, &back.wrong, now)?;
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}

/// When it happened, as typed; now when left empty.
pub(super) fn happened(app: &AppState, typed: &Typed) -> (Option<DateTime<Utc>>, Option<FieldProblem>) {
    let words = typed.one(HAPPENED);
    if words.is_empty() {
        return (None, None);
    }
    match parse_date_time(words, app.desk().mechanism().local()) {
        Some(at) => (Some(at), None),
        None => (None, Some(moment_problem(HAPPENED))),
    }
}

/// A date and time that does not exist.
pub(super) fn moment_problem(field: &str) -> FieldProblem {
    FieldProblem {
        field: field.to_owned(),
        code: "not_a_date_time".to_owned(),
        message: both(Text::arrival_happened_wrong),
    }
}
