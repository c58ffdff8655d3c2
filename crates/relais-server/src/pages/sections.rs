//! The forms F1 and F2: the list of a form's sections, and one section.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::commands::RawAnswers;
use relais_acts::forms::{
    self as acts, F1, FRAME, FillSection, FormView, LevelRow, NOT_RAISED, ProposalRow, SectionView,
};
use relais_acts::problem::FieldProblem;
use relais_acts::views::Fact;
use relais_casework::interview::SectionState;
use relais_mechanism::Answers;
use relais_mechanism::form::{FactorPart, Field as Question};
use relais_network::CaseId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::{After, Done};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{FormAt, Query, Typed};
use crate::forms;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Clock, Control, Field, Prio, Summary, Tag};
use crate::problem::{Problem, set};
use crate::text::{Text, both};

/// How far a section or a form is.
fn state_tag(t: Text, state: SectionState) -> Tag {
    match state {
        SectionState::NothingAsked => Tag::plain("end", t.forms_nothing_asked()),
        SectionState::NotBegun => Tag::plain("draft", t.forms_not_begun()),
        SectionState::Begun => Tag::plain("ask", t.forms_begun()),
        SectionState::Complete => Tag::plain("done", t.forms_complete()),
    }
}

/// A form on the page of its case.
pub(super) struct Line {
    pub href: String,
    pub label: String,
    pub tag: Tag,
    pub count: String,
    pub clock: Option<Clock>,
}

impl Line {
    pub(super) fn of(t: Text, base: &str, line: &acts::FormLine, now: DateTime<Utc>) -> Self {
        let clock = line.due_from.zip(line.due_at).map(|(from, due)| {
            let kind = relais_casework::referral::DueKind::Need;
            Clock::running(t, &relais_acts::case::clock(kind, from, due, now), now)
        });
        Self {
            href: format!("{base}/forms/{}", line.form),
            label: format!("{} · {}", line.form, set(&line.label, t.0)),
            tag: state_tag(t, line.state),
            count: t.forms_count(line.complete.to_string(), line.of.to_string()),
            clock,
        }
    }
}

/// What the answers propose, on the page of the case.
pub(super) struct Proposed {
    pub href: String,
    pub label: String,
    pub prio: Prio,
    pub because: String,
    pub notes: Vec<String>,
}

impl Proposed {
    pub(super) fn of(t: Text, base: &str, row: &ProposalRow) -> Self {
        Self {
            href: format!("{base}/needs/new?proposal={}", row.number),
            label: set(&row.label, t.0),
            prio: Prio::short(t, row.priority),
            because: t.forms_because(set(&row.reasons.join(" ; "), t.0)),
            notes: row.notes.iter().map(|n| set(n, t.0)).collect(),
        }
    }
}

/// One section in the list.
struct Row {
    href: String,
    label: String,
    tag: Tag,
    missing: String,
    who: String,
}

/// One level of the profile.
struct Level {
    label: &'static str,
    risk: String,
    protection: String,
    net: String,
    rated: String,
}

/// A mean in tenths: "1,8".
fn tenths(t: Text, n: Option<i64>) -> String {
    n.map_or_else(
        || "–".to_owned(),
        |n| {
            let sign = if n < 0 { "−" } else { "" };
            let mark = if t.lang() == "fr" { "," } else { "." };
            format!("{sign}{}{mark}{}", n.abs() / 10, n.abs() % 10)
        },
    )
}

impl Level {
    fn of(t: Text, row: &LevelRow) -> Self {
        Self {
            label: match row.level.as_str() {
                "individual" => t.forms_level_individual(),
                "household" => t.forms_level_household(),
                "community" => t.forms_level_community(),
                _ => t.forms_level_structural(),
            },
            risk: tenths(t, row.risk),
            protection: tenths(t, row.protection),
            net: tenths(t, row.net),
            rated: t.forms_rated(row.rated.to_string(), row.of.to_string()),
        }
    }
}

/// The list of a form's sections.
#[derive(askama::Template)]
#[template(path = "pages/form.html")]
pub(super) struct FormPage {
    f: Frame,
    t: Text,
    base: String,
    title: String,
    lead: String,
    read_only: bool,
    consent_first: bool,
    restricted_off: bool,
    rows: Vec<Row>,
    profile: Vec<Level>,
    /// The form on paper.
    print: String,
}

impl FormPage {
    pub(super) fn of(f: Frame, t: Text, view: &FormView, now: DateTime<Utc>) -> Self {
        let base = format!("/cases/{}", view.case_id);
        Self {
            f,
            t,
            title: format!("{} · {}", view.form, set(&view.label, t.0)),
            lead: format!("{}. {}.", set(&view.who, t.0), set(&view.when, t.0)),
            read_only: !view.may_write,
            consent_first: view.consent_first,
            restricted_off: view.restricted_off,
            rows: view
                .sections
                .iter()
                .map(|row| Row {
                    href: if row.section == relais_acts::child::SECTION && view.form == F1 {
                        format!("{base}/child")
                    } else {
                        format!("{base}/forms/{}/{}", view.form, row.section)
                    },
                    label: set(&row.label, t.0),
                    tag: state_tag(t, row.state),
                    missing: match row.missing {
                        0 => String::new(),
                        n => t.forms_missing(n),
                    },
                    who: match (&row.by, row.at) {
                        (Some(by), Some(at)) => format!("{by}, {}", t.short(at, now)),
                        (None, Some(at)) => t.short(at, now),
                        _ => "–".to_owned(),
                    },
                })
                .collect(),
            profile: view.profile.iter().map(|row| Level::of(t, row)).collect(),
            print: format!("{base}/forms/{}/print", view.form),
            base,
        }
    }
}

/// `GET /cases/{id}/forms/{form}`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    at: FormAt,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().form(&caller.viewer, CaseId(at.case), at.form).await?;
    let now = app.now().await?;
    let t = caller.t;
    let f = Frame::of(&app, &caller, Tab::Cases, set(&view.label, t.0), now)
        .back(format!("/cases/{}", view.case_id), view.case_code.clone())
        .notice(after.done.map(|d: Done| d.notice(t, &view.case_code)));
    Ok(frame::ok(&FormPage::of(f, t, &view, now)))
}

/// What the page asks: a question, or the three of a factor.
enum Item {
    One(Field),
    Factor {
        label: String,
        hint: String,
        fields: Vec<Field>,
    },
}

/// One section.
#[derive(askama::Template)]
#[template(path = "pages/section.html")]
pub(super) struct SectionPage {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    back: String,
    action: String,
    title: String,
    why: String,
    writes: bool,
    consent_first: Option<String>,
    /// Whether nothing is asked for now.
    nothing: bool,
    /// Where the frame is opened, by whoever is asked it.
    frame: Option<String>,
    same_card: bool,
    items: Vec<Item>,
    facts: Vec<Fact>,
    summary: Option<Summary>,
}

/// The questions to show: those that are asked, given what is typed; on a page that
/// came back also those that were typed though something rules them out, so that
/// nothing is lost.
fn shown(view: &SectionView, typed: &RawAnswers, came_back: bool) -> Vec<Question> {
    let mut scope: Answers = view.given.clone();
    scope.retain(|code, _| view.part.field(code).is_none());
    let read = view.part.read(typed, &scope);
    scope.extend(read.answers);
    let is_typed = |code: &str| {
        typed
            .get(code)
            .is_some_and(|v| v.iter().any(|v| !v.trim().is_empty() && v != NOT_RAISED))
    };
    let is_asked = |f: &Question| f.relevant.as_ref().is_none_or(|r| r.eval(&scope, None));
    let asked = |f: &&Question| is_asked(f) || (came_back && is_typed(&f.code));
    view.part.fields().filter(asked).cloned().collect()
}

/// A question on the page. A factor's parts have short names under its own.
fn question(t: Text, question: &Question, typed: &RawAnswers, wrong: &[FieldProblem]) -> Field {
    let mut field = forms::field(t, question, typed, wrong);
    // It was asked by what was answered before: nothing more to explain.
    field.optional = question.required == relais_mechanism::form::Required::Optional;
    field.sometimes = false;
    // A button that was pressed stays pressed: where the answer may be taken back,
    // another takes it back. A flag has one already.
    let ruled_out = wrong.iter().any(|p| p.field == question.code && p.code == "irrelevant");
    let is_flag = question
        .options
        .as_ref()
        .is_some_and(|l| l.choice(NOT_RAISED).is_some());
    if let Control::One(choices) = &mut field.control
        && (field.optional || ruled_out)
        && !is_flag
        && choices.iter().any(|c| c.chosen)
    {
        choices.push(Choice {
            value: String::new(),
            label: t.forms_no_answer().to_owned(),
            chosen: false,
        });
    }
    if let Some(of) = &question.factor {
        field.hint = String::new();
        field.label = match of.part {
            FactorPart::Risk => t.forms_risk(),
            FactorPart::Protection => t.forms_protection(),
            FactorPart::Evidence => t.forms_evidence(),
        }
        .to_owned();
        if let Control::One(choices) = field.control {
            field.control = Control::List(choices);
        }
    }
    field
}

impl SectionPage {
    pub(super) fn of(
        app: &AppState,
        caller: &Caller,
        view: &SectionView,
        id: Uuid,
        typed: Option<&Typed>,
        wrong: &[FieldProblem],
        now: DateTime<Utc>,
    ) -> Self {
        let t = caller.t;
        let mechanism = app.desk().mechanism();
        let mut answers = typed.map_or_else(|| view.answers.clone(), |typed| typed.0.clone());
        let mut items: Vec<Item> = Vec::new();
        let mut factor = String::new();
        let questions = if view.may_write {
            shown(view, &answers, typed.is_some())
        } else {
            Vec::new()
        };
        for asked in &questions {
            let flag = asked.options.as_ref().is_some_and(|l| l.choice(NOT_RAISED).is_some());
            if flag {
                answers
                    .entry(asked.code.clone())
                    .or_insert_with(|| vec![NOT_RAISED.to_owned()]);
            }
            let field = question(t, asked, &answers, wrong);
            match (&asked.factor, items.last_mut()) {
                (None, _) => items.push(Item::One(field)),
                (Some(of), Some(Item::Factor { fields, .. })) if of.code == factor => fields.push(field),
                (Some(of), _) => {
                    factor.clone_from(&of.code);
                    items.push(Item::Factor {
                        label: set(of.label.get(t.0), t.0),
                        hint: asked.hint.as_ref().map_or_else(String::new, |h| set(h.get(t.0), t.0)),
                        fields: vec![field],
                    });
                }
            }
        }
        let mut summary = summary(t, &items, &questions);
        let fields = items.iter().flat_map(|item| match item {
            Item::One(field) => std::slice::from_ref(field),
            Item::Factor { fields, .. } => fields.as_slice(),
        });
        let rest = forms::elsewhere(wrong, fields, t.0);
        if !rest.is_empty() {
            let empty = Summary {
                t,
                mistakes: Vec::new(),
            };
            summary.get_or_insert(empty).mistakes.extend(rest);
        }
        let case = format!("/cases/{}", view.case_id);
        let back = format!("{case}/forms/{}", view.form);
        let title = set(&view.label, t.0);
        let mut f = Frame::of(app, caller, Tab::Cases, title.clone(), now)
            .back(back.clone(), format!("{} · {}", view.case_code, view.form));
        if summary.is_some() {
            f = f.with_error();
        }
        let version = typed.map_or("", |typed| typed.one("version"));
        Self {
            f,
            t,
            id,
            version: if version.is_empty() {
                view.version.to_string()
            } else {
                version.to_owned()
            },
            action: format!("{back}/{}", view.section),
            why: view
                .part
                .section(&view.section)
                .map_or_else(String::new, |s| forms::purpose_line(t, &mechanism, s)),
            writes: view.may_write,
            consent_first: view.consent_first.then(|| format!("{case}/consent")),
            nothing: view.may_write && questions.is_empty(),
            frame: view.frame.then(|| format!("{back}/{FRAME}")),
            same_card: view.may_write && view.state_body && view.form == F1 && view.section == FRAME,
            items,
            facts: if view.may_write {
                view.apart.clone()
            } else {
                view.facts.clone()
            },
            title,
            back,
            summary,
        }
    }
}

/// The mistakes at the head of the page; a factor's part is named with it.
fn summary(t: Text, items: &[Item], questions: &[Question]) -> Option<Summary> {
    let mut mistakes = Vec::new();
    let mut add = |field: &Field| {
        if let Some(error) = &field.error {
            let whole = questions.iter().find(|q| q.code == field.name);
            let label = whole.map_or_else(|| field.label.clone(), |q| set(q.label.get(t.0), t.0));
            mistakes.push((field.anchor(), t.frame_mistake(&label, error)));
        }
    };
    for item in items {
        match item {
            Item::One(field) => add(field),
            Item::Factor { fields, .. } => fields.iter().for_each(&mut add),
        }
    }
    (!mistakes.is_empty()).then_some(Summary { t, mistakes })
}

/// The query of a section's page.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Asked {
    /// Whether what is missing is to be shown: it was just saved.
    #[serde(default)]
    missing: Option<String>,
}

/// `GET /cases/{id}/forms/{form}/{section}`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    at: FormAt,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let view = app
        .acts()
        .form_section(&caller.viewer, CaseId(at.case), at.form, at.section)
        .await?;
    let now = app.now().await?;
    let wrong: Vec<FieldProblem> = if asked.missing.is_some() {
        view.missing
            .iter()
            .map(|code| FieldProblem {
                field: code.clone(),
                code: "required".to_owned(),
                message: both(Text::forms_still_missing),
            })
            .collect()
    } else {
        Vec::new()
    };
    let page = SectionPage::of(&app, &caller, &view, ids::new_v7(now), None, &wrong, now);
    Ok(frame::ok(&page))
}

/// `POST /cases/{id}/forms/{form}/{section}`.
pub(crate) async fn fill(
    State(app): State<AppState>,
    caller: Caller,
    at: FormAt,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let version = typed.version()?;
    let own = format!("{}.", at.form);
    let mut answers = typed.0.clone();
    answers.retain(|name, values| name.starts_with(&own) && values.iter().any(|v| !v.trim().is_empty()));
    let command = FillSection {
        id,
        version,
        answers,
        happened_at: None,
    };
    let case = CaseId(at.case);
    let (form, section) = (at.form.clone(), at.section.clone());
    let done = app
        .acts()
        .fill_section(&caller.viewer, case, form.clone(), section.clone(), command)
        .await;
    let list = format!("/cases/{case}/forms/{form}");
    match done {
        Ok(_) if leads_to_protection(&app, &typed) => Ok(see(&format!("/cases/{case}/protection"))),
        Ok(_) if typed.one("then") == "later" => Ok(see(&format!("{list}?done=section"))),
        Ok(_) => {
            let view = app.acts().form_section(&caller.viewer, case, form, section).await?;
            Ok(if view.missing.is_empty() {
                see(&format!("{list}?done=section"))
            } else {
                see(&format!("{list}/{}?missing=yes", at.section))
            })
        }
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app
                .acts()
                .form_section(&caller.viewer, case, form, section)
                .await
                .map_err(|unseen| back.unshown(unseen.into()))?;
            if !view.may_write {
                return Err(back.unshown(Problem::new(crate::problem::ProblemKind::NotFound)));
            }
            let now = app.now().await?;
            let stale = back.stale;
            if stale {
                typed.0.remove("version");
            }
            let mut page = SectionPage::of(&app, &caller, &view, id, Some(&typed), &back.wrong, now);
            if stale {
                // Saved again, what was typed takes the place of what stands now.
                page.facts = view.facts;
            }
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}

/// Whether a question was answered "yes" whose answer is not kept: it only leads
/// to the page of the protected circuit.
fn leads_to_protection(app: &AppState, typed: &Typed) -> bool {
    let mechanism = app.desk().mechanism();
    let mut fields = mechanism.forms().iter().flat_map(relais_mechanism::Form::fields);
    fields.any(|f| !f.kept && typed.one(&f.code) == "yes")
}
