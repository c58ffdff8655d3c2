//! An expected person: the short arrival form, begun from the list, saved by
//! keyboard, then straight to the next.

use axum::extract::State;
use axum::response::Response;
use relais_acts::commands::RawAnswers;
use relais_acts::groups::{ActOnRow, KeepAnswers, RegisterExpected, RowCommand, RowState, RowView};
use relais_acts::problem::{ActError, FieldProblem};
use relais_network::{ExpectedId, GroupId};
use relais_store::ids;
use uuid::Uuid;

use super::arrival::{FORM, HAPPENED, happened};
use super::came_back::CameBack;
use super::done::After;
use super::groups::{FIRST, row_tag};
use crate::AppState;
use crate::ask::Caller;
use crate::assets;
use crate::extract::{Id, Query, Typed};
use crate::forms;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Control, Field, Group, Summary, Tag};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

/// The question of the form that the row answers itself.
const BRACELET: &str = "F1E.01";
/// The field that the form does not have: whether the link may be noted.
const FAMILY: &str = "family_link";

/// Another member of the family.
struct Relative {
    href: String,
    bracelet: String,
    state: &'static str,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/expected.html")]
pub(super) struct Expected {
    f: Frame,
    t: Text,
    js: &'static str,
    base: String,
    group: String,
    id: Uuid,
    bracelet: String,
    tag: Tag,
    /// Whether the form is shown: the row is the viewer's.
    yours: bool,
    /// Whether it can be taken now.
    free: bool,
    says: String,
    case: Option<String>,
    kept: bool,
    groups: Vec<Group>,
    happened: Field,
    family: Option<Field>,
    relatives: Vec<Relative>,
    summary: Option<Summary>,
}

impl Expected {
    pub(super) fn of(
        app: &AppState,
        caller: &Caller,
        view: &RowView,
        id: Uuid,
        typed: Option<&RawAnswers>,
        wrong: &[FieldProblem],
    ) -> Result<Self, Problem> {
        let t = caller.t;
        let mechanism = app.desk().mechanism();
        let form = mechanism.form(FORM).ok_or(ActError::NotFound)?;
        let answers = typed.unwrap_or(&view.answers);
        let groups = forms::groups(t, &mechanism, form, &[BRACELET], answers, wrong);
        let of = |name: &str| typed.and_then(|t| t.get(name)).and_then(|v| v.first()).cloned();
        let mut happened = Field::line(t, HAPPENED, t.arrival_happened())
            .optional()
            .max(40)
            .with(Control::Line {
                kind: "text",
                mode: "",
                size: "w10",
            })
            .value(of(HAPPENED).unwrap_or_default());
        happened.error = forms::error_of(wrong, HAPPENED, t.0);
        let family = view.row.family.map(|_| {
            let chosen: Vec<String> = of(FAMILY).into_iter().collect();
            Field::line(t, FAMILY, t.group_row_family_agree())
                .hint(t.group_row_family_hint())
                .with(Control::One(forms::yes_no(t, &chosen)))
        });
        let shown: Vec<&Field> = groups.iter().flat_map(|g| &g.fields).chain([&happened]).collect();
        let summary = forms::summary(t, shown, wrong);
        let title = t.group_row_title(&view.row.bracelet);
        let mut f = Frame::of(app, caller, Tab::New, title, view.now)
            .back(format!("/groups/{}", view.group.id), t.group_called(&view.group));
        if summary.is_some() {
            f = f.with_error();
        }
        let says = match (view.row.state, &view.row.officer) {
            (RowState::Registered, _) => t.group_row_done().to_owned(),
            (RowState::Erased, _) => t.group_row_gone().to_owned(),
            (RowState::Taken, Some(officer)) if !view.yours => {
                t.group_row_other(officer, view.row.until.map(|at| t.time(at)).unwrap_or_default())
            }
            _ => t.group_row_free().to_owned(),
        };
        Ok(Self {
            js: assets::href("keep.js"),
            base: format!("/expected/{}", view.row.id),
            group: format!("/groups/{}", view.group.id),
            id,
            bracelet: view.row.bracelet.clone(),
            tag: row_tag(t, &view.row),
            yours: view.yours,
            free: matches!(view.row.state, RowState::Waiting | RowState::Absent),
            says,
            case: view.row.case_id.map(|case| format!("/cases/{case}")),
            kept: view.kept && typed.is_none(),
            groups,
            happened,
            family,
            relatives: view
                .relatives
                .iter()
                .map(|r| Relative {
                    href: format!("/expected/{}", r.id),
                    bracelet: r.bracelet.clone(),
                    state: t.row_state(r.state),
                })
                .collect(),
            summary,
            f,
            t,
        })
    }
}

/// `GET /expected/{id}`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(query): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().expected(&caller.viewer, ExpectedId(id)).await?;
    let t = caller.t;
    let mut page = Expected::of(&app, &caller, &view, ids::new_v7(view.now), None, &[])?;
    page.f = page.f.notice(query.done.map(|d| d.notice(t, &view.row.bracelet)));
    Ok(frame::ok(&page))
}

/// The form's answers, without what the page adds.
fn answers(typed: &Typed) -> RawAnswers {
    let mut answers = typed.0.clone();
    for ours in ["id", "command", FAMILY, HAPPENED, BRACELET] {
        answers.remove(ours);
    }
    // What was left empty was not answered.
    answers.retain(|_, values| values.iter().any(|v| !v.trim().is_empty()));
    answers
}

/// `POST /expected/{id}`.
pub(crate) async fn act(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let row = ExpectedId(id);
    let command = typed.one("command");
    if let Some(command) = RowCommand::from_code(command) {
        return match app.acts().act_on_row(&caller.viewer, row, ActOnRow { command }).await {
            Ok(_) if command == RowCommand::Take => Ok(see(&format!("/expected/{id}{FIRST}"))),
            Ok(_) => {
                let view = app.acts().expected(&caller.viewer, row).await?;
                Ok(see(&format!("/groups/{}?done=released", view.group.id)))
            }
            Err(error) => again(&app, &caller, row, &typed, error).await,
        };
    }
    if command == "keep" {
        let kept = KeepAnswers {
            answers: answers(&typed),
        };
        return match app.acts().keep_answers(&caller.viewer, row, kept).await {
            Ok(_) => Ok(see(&format!("/expected/{id}?done=kept"))),
            Err(error) => again(&app, &caller, row, &typed, error).await,
        };
    }
    let (happened_at, mistake) = happened(&app, &typed);
    let answers = answers(&typed);
    let done = match mistake {
        // The form's own mistakes come back with it, so that one round mends all.
        Some(mistake) => {
            let mechanism = app.desk().mechanism();
            let form = mechanism.form(FORM).ok_or(Problem::new(ProblemKind::NotFound))?;
            let mut wrong = vec![mistake];
            if let Err(errors) = form.parse(&answers) {
                wrong.extend(errors.iter().map(FieldProblem::from).filter(|p| p.field != BRACELET));
            }
            Err(ActError::Invalid(wrong))
        }
        None => {
            let command = RegisterExpected {
                id: typed.id()?,
                answers,
                family: typed.one(FAMILY) == "yes",
                happened_at,
            };
            app.acts().register_expected(&caller.viewer, row, command).await
        }
    };
    let made = match done {
        Ok(made) => made,
        Err(error) => return again(&app, &caller, row, &typed, error).await,
    };
    if command == "stay" {
        return Ok(see(&format!("/cases/{}?done=registered", made.id)));
    }
    let view = app.acts().expected(&caller.viewer, row).await?;
    let group = view.group.id;
    match app.acts().take_next(&caller.viewer, GroupId(group.0)).await {
        Ok(next) => Ok(see(&format!("/expected/{}?done=next{FIRST}", next.id))),
        // Nobody is left: the queue says so.
        Err(ActError::Refused { .. }) => Ok(see(&format!("/groups/{group}"))),
        Err(other) => Err(other.into()),
    }
}

/// The form again with everything typed, and what is wrong.
async fn again(
    app: &AppState,
    caller: &Caller,
    row: ExpectedId,
    typed: &Typed,
    error: ActError,
) -> Result<Response, Problem> {
    let back = CameBack::of(error, caller.t)?;
    let mut view = app.acts().expected(&caller.viewer, row).await?;
    // What was typed is shown even where the row has gone to another officer: nothing is lost.
    let typed_here = typed.0.contains_key("F1E.02") || typed.0.len() > 3;
    view.yours |= typed_here && matches!(view.row.state, RowState::Waiting | RowState::Taken);
    let id = typed.id().unwrap_or_else(|_| ids::new_v7(view.now));
    let answers = typed_here.then_some(&typed.0);
    let mut page = Expected::of(app, caller, &view, id, answers, &back.wrong)?;
    let status = back.onto(&mut page.f);
    Ok(frame::html(status, &page))
}
