//! Record a need: one service of the taxonomy, a priority, words.

use axum::extract::State;
use axum::response::Response;
use relais_acts::commands::AddNeed;
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::CaseView;
use relais_mechanism::words::Priority;
use relais_network::CaseId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::consent::writable;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Summary};
use crate::problem::{Problem, set};
use crate::text::Text;
use crate::text::both;

/// One category of the list, with its services.
struct Category {
    label: String,
    services: Vec<Choice>,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/need.html")]
pub(super) struct Need {
    f: Frame,
    t: Text,
    id: Uuid,
    action: String,
    back: String,
    categories: Vec<Category>,
    service_error: Option<String>,
    priority: Field,
    words: Field,
    summary: Option<Summary>,
}

impl Need {
    pub(super) fn of(
        app: &AppState,
        caller: &Caller,
        case: &CaseView,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
        now: chrono::DateTime<chrono::Utc>,
    ) -> Self {
        let t = caller.t;
        let mechanism = app.desk().mechanism();
        let categories = mechanism
            .categories()
            .iter()
            .map(|category| Category {
                label: set(category.label.get(t.0), t.0),
                services: mechanism
                    .services()
                    .iter()
                    .filter(|s| s.category == category.code)
                    .map(|s| Choice {
                        value: s.code.clone(),
                        label: set(s.label.get(t.0), t.0),
                        chosen: typed.one("service") == s.code,
                    })
                    .collect(),
            })
            .filter(|category| !category.services.is_empty())
            .collect();
        let priorities = Priority::ALL
            .iter()
            .map(|p| Choice {
                value: p.code().to_owned(),
                label: match p {
                    Priority::P1 => t.need_p1(),
                    Priority::P2 => t.need_p2(),
                    Priority::P3 => t.need_p3(),
                    Priority::P4 => t.need_p4(),
                }
                .to_owned(),
                chosen: typed.one("priority") == p.code(),
            })
            .collect();
        let mut priority = Field::line(t, "priority", t.need_priority())
            .hint(t.need_priority_hint())
            .with(Control::One(priorities));
        priority.error = error_of(wrong, "priority", t.0);
        let mut words = Field::line(t, "words", t.need_words())
            .hint(t.need_words_hint())
            .optional()
            .max(500)
            .value(typed.one("words"))
            .with(Control::Lines { rows: 3 });
        words.error = error_of(wrong, "words", t.0);
        let service_error = error_of(wrong, "service", t.0);
        let mut mistakes: Vec<(String, String)> = service_error
            .iter()
            .map(|e| ("service".to_owned(), e.clone()))
            .collect();
        mistakes.extend(
            Summary::of(t, [&priority, &words])
                .map(|s| s.mistakes)
                .unwrap_or_default(),
        );
        let summary = (!mistakes.is_empty()).then_some(Summary { t, mistakes });
        let back = format!("/cases/{}", case.id);
        let mut f = Frame::of(app, caller, Tab::Cases, t.need_title(), now).back(back.clone(), case.code.clone());
        if summary.is_some() {
            f = f.with_error();
        }
        Self {
            f,
            t,
            id,
            action: format!("{back}/needs/new"),
            back,
            categories,
            service_error,
            priority,
            words,
            summary,
        }
    }
}

/// What a link to the page may propose; the person who records the need
/// decides.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Proposed {
    /// A proposal of the case's page, by number: the address tells no service.
    #[serde(default)]
    proposal: Option<usize>,
    /// Service of the taxonomy.
    #[serde(default)]
    service: Option<String>,
    /// Priority.
    #[serde(default)]
    priority: Option<String>,
}

/// `GET /cases/{id}/needs/new`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    Query(proposed): Query<Proposed>,
) -> Result<Response, Problem> {
    let case = writable(&app, &caller, case).await?;
    let now = app.now().await?;
    let mut typed = Typed::default();
    let made = proposed
        .proposal
        .and_then(|number| case.proposals.iter().find(|p| p.number == number));
    let service = made.map(|p| p.service.clone()).or(proposed.service);
    let priority = made.map(|p| p.priority.code().to_owned()).or(proposed.priority);
    for (field, value) in [("service", service), ("priority", priority)] {
        typed.0.extend(value.map(|value| (field.to_owned(), vec![value])));
    }
    Ok(frame::ok(&Need::of(
        &app,
        &caller,
        &case,
        ids::new_v7(now),
        &typed,
        &[],
        now,
    )))
}

/// What is missing before the acts are asked at all.
fn command(typed: &Typed, id: Uuid) -> Result<AddNeed, Vec<FieldProblem>> {
    let missing = |field: &str, sentence| FieldProblem {
        field: field.to_owned(),
        code: "required".to_owned(),
        message: both(sentence),
    };
    let mut wrong = Vec::new();
    if typed.one("service").is_empty() {
        wrong.push(missing("service", Text::need_choose_service));
    }
    let priority = Priority::from_code(typed.one("priority"));
    if priority.is_none() {
        wrong.push(missing("priority", Text::need_choose_priority));
    }
    match priority {
        Some(priority) if wrong.is_empty() => Ok(AddNeed {
            id,
            service: typed.one("service").to_owned(),
            priority,
            words: typed.one("words").to_owned(),
            happened_at: None,
        }),
        _ => Err(wrong),
    }
}

/// `POST /cases/{id}/needs/new`.
pub(crate) async fn add(
    State(app): State<AppState>,
    caller: Caller,
    Id(case_id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let made = match command(&typed, id) {
        Ok(command) => app.acts().add_need(&caller.viewer, CaseId(case_id), command).await,
        Err(wrong) => Err(ActError::Invalid(wrong)),
    };
    match made {
        Ok(_) => Ok(see(&format!("/cases/{case_id}?done=need"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let case = writable(&app, &caller, case_id)
                .await
                .map_err(|unseen| back.unshown(unseen))?;
            let now = app.now().await?;
            let mut page = Need::of(&app, &caller, &case, id, &typed, &back.wrong, now);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
