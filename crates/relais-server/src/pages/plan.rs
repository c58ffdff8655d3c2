//! The short reintegration plan of a case: what the person wants, the goals,
//! and for each the next step, who does it and by when (DOMAIN F9).

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::plan::{PlanView, STATES, WritePlan};
use relais_acts::problem::{ActError, FieldProblem};
use relais_casework::plan::{Dimension, GOALS, Goal, Plan, PlanStatus, WHO, WISH, WORDS};
use relais_mechanism::Mechanism;
use relais_mechanism::answers::parse_date;
use relais_network::{CaseId, NeedId};
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::forms::{choices_of, mark, mistake};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Group, Summary};
use crate::problem::Problem;
use crate::text::Text;

/// A goal as it is read.
struct Line {
    goal: String,
    dimension: &'static str,
    step: String,
    who: String,
    by: String,
    done: bool,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/plan.html")]
pub(super) struct PlanPage {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    back: String,
    code: String,
    written: String,
    /// The form; else the plan as it is read.
    shows_form: bool,
    wish: String,
    lines: Vec<Line>,
    fields: Vec<Field>,
    groups: Vec<Group>,
    after: Vec<Field>,
    summary: Option<Summary>,
}

fn dimension(t: Text, dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Economic => t.plan_economic(),
        Dimension::Social => t.plan_social(),
        Dimension::Psychosocial => t.plan_psychosocial(),
    }
}

/// The plan as the fields of its form carry it.
fn as_typed(t: Text, view: &PlanView) -> Typed {
    let yes = |said: bool| if said { "yes" } else { "" }.to_owned();
    let status = view.plan.as_ref().map_or(PlanStatus::Draft, |p| p.status);
    let mut all = vec![
        ("status".to_owned(), status.code().to_owned()),
        ("review_on".to_owned(), t.date(view.review_on())),
    ];
    if let Some(plan) = &view.plan {
        all.push(("wish".to_owned(), plan.wish.clone()));
        all.push(("agreed".to_owned(), yes(plan.agreed)));
        for (n, g) in plan.goals.iter().enumerate() {
            let need = g.need.map_or_else(String::new, |id| id.to_string());
            for (part, value) in [
                ("goal", g.goal.clone()),
                ("dimension", g.dimension.code().to_owned()),
                ("step", g.step.clone()),
                ("who", g.who.clone()),
                ("by", t.date(g.by)),
                ("need", need),
                ("done", yes(g.done)),
            ] {
                all.push((format!("goals.{n}.{part}"), value));
            }
        }
    }
    let mut typed = Typed::default();
    for (name, value) in all {
        typed.0.insert(name, vec![value]);
    }
    typed
}

/// Whether anything was typed for a goal.
fn begun(typed: &Typed, n: usize) -> bool {
    ["goal", "step", "who", "by"]
        .iter()
        .any(|part| !typed.one(&format!("goals.{n}.{part}")).trim().is_empty())
}

/// The fields of one goal.
fn goal_fields(t: Text, view: &PlanView, n: usize, typed: &Typed) -> Vec<Field> {
    let name = |part: &str| format!("goals.{n}.{part}");
    let line = |part: &str, label: &str, longest: usize| {
        Field::line(t, &name(part), label)
            .at_most(longest)
            .value(typed.one(&name(part)))
    };
    let dimensions = Dimension::ALL
        .iter()
        .map(|d| Choice {
            value: d.code().to_owned(),
            label: dimension(t, *d).to_owned(),
            chosen: typed.one(&name("dimension")) == d.code(),
        })
        .collect();
    let mut fields = vec![
        line("goal", t.plan_goal(), WORDS),
        Field::line(t, &name("dimension"), t.plan_dimension()).with(Control::List(dimensions)),
        line("step", t.plan_step(), WORDS),
        line("who", t.plan_who(), WHO),
        Field::day(t, &name("by"), t.plan_by()).value(typed.one(&name("by"))),
    ];
    if !view.needs.is_empty() {
        let needs = view
            .needs
            .iter()
            .map(|need| Choice {
                value: need.id.to_string(),
                label: need.label.clone(),
                chosen: typed.one(&name("need")) == need.id.to_string(),
            })
            .collect();
        fields.push(
            Field::line(t, &name("need"), t.plan_need())
                .optional()
                .with(Control::List(needs)),
        );
    }
    if begun(typed, n) {
        fields.push(
            Field::line(t, &name("done"), t.plan_done())
                .value(typed.one(&name("done")))
                .with(Control::Tick),
        );
    }
    fields
}

impl PlanPage {
    pub(super) fn of(
        f: Frame,
        mechanism: &Mechanism,
        view: &PlanView,
        id: Uuid,
        typed: Option<&Typed>,
        wrong: &[FieldProblem],
    ) -> Self {
        let t = f.t;
        let kept = as_typed(t, view);
        // What was typed is not lost where it may be written no longer.
        let shows_form = view.may_write || typed.is_some();
        let typed = typed.unwrap_or(&kept);
        let mut fields = vec![
            Field::line(t, "wish", t.plan_wish())
                .hint(t.plan_wish_hint())
                .at_most(WISH)
                .value(typed.one("wish"))
                .with(Control::Lines { rows: 3 }),
        ];
        let filled = (0..GOALS).rev().find(|n| begun(typed, *n)).map_or(0, |n| n + 1);
        let shown = (filled + 1).clamp(2, GOALS);
        let mut groups: Vec<Group> = (0..shown)
            .map(|n| Group {
                title: t.plan_goal_n(n + 1),
                why: String::new(),
                fields: goal_fields(t, view, n, typed),
            })
            .collect();
        let states = choices_of(t, mechanism, STATES, typed.one("status"));
        let mut after = vec![
            Field::line(t, "agreed", t.plan_agreed())
                .value(typed.one("agreed"))
                .with(Control::Tick),
            Field::line(t, "status", t.plan_status()).with(Control::List(states)),
            Field::day(t, "review_on", t.plan_review())
                .hint(t.plan_review_hint())
                .value(typed.one("review_on")),
        ];
        let goals = groups.iter_mut().flat_map(|g| &mut g.fields);
        let summary = mark(t, fields.iter_mut().chain(goals).chain(&mut after), wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        let written = match (view.written_at, &view.written_by) {
            (Some(at), Some(by)) => t.plan_written(t.day_of(at), by),
            (Some(at), None) => t.day_of(at),
            (None, _) => String::new(),
        };
        let lines = view.plan.iter().flat_map(|p| &p.goals).map(|g| Line {
            goal: g.goal.clone(),
            dimension: dimension(t, g.dimension),
            step: g.step.clone(),
            who: g.who.clone(),
            by: t.date(g.by),
            done: g.done,
        });
        Self {
            t,
            id,
            version: typed.version_or(view.version),
            back: format!("/cases/{}", view.case_id),
            code: view.case_code.clone(),
            written,
            shows_form,
            wish: view.plan.as_ref().map(|p| p.wish.clone()).unwrap_or_default(),
            lines: lines.collect(),
            fields,
            groups,
            after,
            summary,
            f,
        }
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &PlanView, now: DateTime<Utc>) -> Frame {
    Frame::of(app, caller, Tab::Cases, caller.t.plan_title(), now)
        .back(format!("/cases/{}", view.case_id), view.case_code.clone())
}

/// `GET /cases/{id}/plan`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(case): Id) -> Result<Response, Problem> {
    let view = app.acts().plan(&caller.viewer, CaseId(case)).await?;
    let now = app.now().await?;
    let f = frame_of(&app, &caller, &view, now);
    let page = PlanPage::of(f, &app.desk().mechanism(), &view, ids::new_v7(now), None, &[]);
    Ok(frame::ok(&page))
}

/// The plan that was typed; what no plan can be made of comes back.
fn plan(typed: &Typed) -> Result<Plan, Vec<FieldProblem>> {
    let mut wrong = Vec::new();
    let date = |field: &str, wrong: &mut Vec<FieldProblem>| {
        parse_date(typed.one(field)).unwrap_or_else(|| {
            wrong.push(mistake(field, "not_a_date", Text::form_no_date));
            chrono::NaiveDate::MIN
        })
    };
    let mut goals = Vec::new();
    for n in (0..GOALS).filter(|n| begun(typed, *n)) {
        let name = |part: &str| format!("goals.{n}.{part}");
        let chosen = Dimension::from_code(typed.one(&name("dimension")));
        if chosen.is_none() {
            wrong.push(mistake(&name("dimension"), "required", Text::plan_choose));
        }
        goals.push(Goal {
            goal: typed.one(&name("goal")).to_owned(),
            dimension: chosen.unwrap_or(Dimension::Economic),
            step: typed.one(&name("step")).to_owned(),
            who: typed.one(&name("who")).to_owned(),
            by: date(&name("by"), &mut wrong),
            need: typed.one(&name("need")).parse().ok().map(NeedId),
            done: typed.one(&name("done")) == "yes",
        });
    }
    let status = PlanStatus::from_code(typed.one("status"));
    if status.is_none() {
        wrong.push(mistake("status", "required", Text::plan_choose));
    }
    let plan = Plan {
        wish: typed.one("wish").to_owned(),
        goals,
        status: status.unwrap_or(PlanStatus::Draft),
        review_on: date("review_on", &mut wrong),
        agreed: typed.one("agreed") == "yes",
    };
    if wrong.is_empty() { Ok(plan) } else { Err(wrong) }
}

/// `POST /cases/{id}/plan`.
pub(crate) async fn write(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let version = typed.version()?;
    let done = match plan(&typed) {
        Ok(plan) => {
            let command = WritePlan { id, version, plan };
            app.acts().write_plan(&caller.viewer, CaseId(case), command).await
        }
        Err(wrong) => Err(ActError::Invalid(wrong)),
    };
    match done {
        Ok(_) => Ok(see(&format!("/cases/{case}?done=planned"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app
                .acts()
                .plan(&caller.viewer, CaseId(case))
                .await
                .map_err(|unseen| back.unshown(unseen.into()))?;
            let now = app.now().await?;
            if back.stale {
                typed.0.remove("version");
            }
            let f = frame_of(&app, &caller, &view, now);
            let mut page = PlanPage::of(f, &app.desk().mechanism(), &view, id, Some(&typed), &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
