//! Programmes: the list, one of them with what it pays for, and the forms of the
//! mechanism's office. Who pays is internal: nothing of it is on a public page.

use axum::extract::State;
use axum::response::Response;
use chrono::NaiveDate;
use relais_acts::ActError;
use relais_acts::entries::LONGEST;
use relais_acts::entries::programmes::{
    AddProgramme, CorrectProgramme, ProgrammeRow, ProgrammeValues, ProgrammeView, ProgrammesAsked, ProgrammesView,
    SaidOfProgramme,
};
use relais_acts::problem::FieldProblem;
use relais_mechanism::Label;
use relais_network::ProgrammeId;
use relais_network::programme::Paying;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::{Came, CameBack};
use super::done::{After, Done};
use super::entry::Changed;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::forms::{day_if_any, error_of};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Control, Field, Summary, Tag};
use crate::problem::Problem;
use crate::text::Text;

/// Where the list stands.
const LIST: &str = "/directory/programmes";
/// Changes that the page of a programme shows.
const SHOWN: usize = 8;

fn state(t: Text, state: Paying) -> &'static str {
    match state {
        Paying::Planned => t.programmes_state_planned(),
        Paying::Running => t.programmes_state_running(),
        Paying::Soon => t.programmes_state_soon(),
        Paying::Ended => t.programmes_state_ended(),
    }
}

fn tag(t: Text, paying: Paying) -> Tag {
    let family = match paying {
        Paying::Planned => "draft",
        Paying::Running => "go",
        Paying::Soon => "ask",
        Paying::Ended => "no",
    };
    Tag::plain(family, state(t, paying))
}

/// Services in words, and how many of them nothing else pays for.
fn services(t: Text, row: &ProgrammeRow) -> String {
    if row.services == 0 {
        return "–".to_owned();
    }
    let all = t.programmes_services(row.services);
    if row.alone == 0 {
        all
    } else {
        format!("{all}, {}", t.programmes_alone(row.alone))
    }
}

fn donors(t: Text, row: &ProgrammeRow) -> String {
    if row.donors.is_empty() {
        t.programmes_unsaid().to_owned()
    } else {
        row.donors.join(" · ")
    }
}

/// One programme of the list.
struct Line {
    href: String,
    name: String,
    under: String,
    carrier: String,
    donors: String,
    until: String,
    tag: Tag,
    services: String,
}

impl Line {
    fn of(t: Text, row: &ProgrammeRow) -> Self {
        let mut under = vec![row.code.clone()];
        if row.demonstration {
            under.push(t.programmes_demonstration().to_owned());
        }
        Self {
            href: format!("{LIST}/{}", row.id),
            name: row.name.clone(),
            under: under.join(" · "),
            carrier: row.carrier.clone(),
            donors: donors(t, row),
            until: row
                .until
                .map_or_else(|| t.programmes_open_end().to_owned(), |on| t.date(on)),
            tag: tag(t, row.state),
            services: services(t, row),
        }
    }
}

/// The list.
#[derive(askama::Template)]
#[template(path = "pages/programmes.html")]
pub(super) struct Programmes {
    f: Frame,
    t: Text,
    lead: String,
    /// Address, label, how many, whether it is this one.
    tabs: Vec<(String, &'static str, usize, bool)>,
    lines: Vec<Line>,
    next: String,
    may_add: bool,
}

impl Programmes {
    pub(super) fn of(f: Frame, t: Text, view: &ProgrammesView) -> Self {
        let all = view.counts.iter().map(|(_, n)| n).sum();
        let of = |(s, n): &(Paying, usize)| (format!("{LIST}?state={s}"), state(t, *s), *n, view.state == Some(*s));
        let mut tabs = vec![(LIST.to_owned(), t.programmes_all(), all, view.state.is_none())];
        // What wants somebody stands first, as in the list.
        let mut states = view.counts.clone();
        states.sort_by_key(|(s, _)| match s {
            Paying::Ended => 0,
            Paying::Soon => 1,
            Paying::Running => 2,
            Paying::Planned => 3,
        });
        tabs.extend(states.iter().map(of));
        let kept = view.state.map(|s| format!("&state={s}")).unwrap_or_default();
        Self {
            f,
            t,
            lead: t.programmes_lead(view.days),
            tabs,
            lines: view.rows.iter().map(|r| Line::of(t, r)).collect(),
            next: if view.more {
                format!("{LIST}?page={}{kept}", view.page + 1)
            } else {
                String::new()
            },
            may_add: view.may_add,
        }
    }
}

/// The fields of a programme; the code only where it is new.
fn fields(t: Text, values: &ProgrammeValues, new: bool, typed: Option<&Typed>, wrong: &[FieldProblem]) -> Vec<Field> {
    let text = |name: &str, otherwise: &str| typed.map_or_else(|| otherwise.to_owned(), |t| t.one(name).to_owned());
    let day = |on: Option<NaiveDate>| on.map(|d| t.date(d)).unwrap_or_default();
    let mut fields = Vec::new();
    if new {
        fields.push(
            Field::line(t, "code", t.programme_code())
                .hint(t.programme_code_hint())
                .max(64)
                .value(text("code", "")),
        );
    }
    fields.extend([
        Field::line(t, "name_fr", t.programme_name_fr())
            .at_most(LONGEST)
            .value(text("name_fr", &values.name.fr)),
        Field::line(t, "name_en", t.programme_name_en())
            .hint(t.programme_name_en_hint())
            .optional()
            .at_most(LONGEST)
            .value(text("name_en", &values.name.en)),
        Field::line(t, "organisation", t.programme_organisation())
            .hint(t.programme_organisation_hint())
            .max(64)
            .value(text("organisation", &values.organisation)),
        Field::line(t, "donors", t.programme_donors())
            .hint(t.programme_donors_hint())
            .optional()
            .max(2000)
            .value(text("donors", &values.donors.join("\n")))
            .with(Control::Lines { rows: 3 }),
        Field::day(t, "from", t.programme_from())
            .optional()
            .value(text("from", &day(values.from))),
        Field::day(t, "until", t.programme_until())
            .hint(t.programme_until_hint())
            .optional()
            .value(text("until", &day(values.until))),
    ]);
    if !new {
        fields.push(
            Field::line(t, "note", t.programme_note())
                .optional()
                .at_most(LONGEST)
                .value(text("note", "")),
        );
    }
    for field in &mut fields {
        field.error = error_of(wrong, &field.name, t.0);
    }
    fields
}

/// The mistakes as the page's fields name them: the act speaks of one name, the page
/// asks for it in two fields.
fn renamed(wrong: &[FieldProblem]) -> Vec<FieldProblem> {
    let of = |p: &FieldProblem| FieldProblem {
        field: if p.field == "name" {
            "name_fr".to_owned()
        } else {
            p.field.clone()
        },
        ..p.clone()
    };
    wrong.iter().map(of).collect()
}

/// The form that adds a programme.
#[derive(askama::Template)]
#[template(path = "pages/programme_new.html")]
pub(super) struct New {
    f: Frame,
    t: Text,
    id: Uuid,
    fields: Vec<Field>,
    summary: Option<Summary>,
}

impl New {
    pub(super) fn of(f: Frame, t: Text, id: Uuid, typed: Option<&Typed>, wrong: &[FieldProblem]) -> Self {
        let wrong = renamed(wrong);
        let fields = fields(t, &ProgrammeValues::default(), true, typed, &wrong);
        let summary = crate::forms::summary(t, &fields, &wrong);
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            id,
            fields,
            summary,
        }
    }
}

/// One service that it pays for.
struct Paid {
    /// Where its entry is kept; empty for whoever may not.
    href: String,
    name: String,
    under: String,
    until: String,
    tag: Tag,
}

/// A programme.
#[derive(askama::Template)]
#[template(path = "pages/programme.html")]
pub(super) struct One {
    f: Frame,
    t: Text,
    href: String,
    name: String,
    under: String,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    paid: Vec<Paid>,
    more: String,
    id: Uuid,
    version: String,
    /// What the office corrects; none for the others.
    fields: Vec<Field>,
    correcting: bool,
    summary: Option<Summary>,
    history: Vec<Changed>,
}

fn period(t: Text, row: &ProgrammeRow) -> String {
    match (row.from, row.until) {
        (Some(from), Some(until)) => t.programme_from_to(t.date(from), t.date(until)),
        (Some(from), None) => t.programme_from_on(t.date(from)),
        (None, Some(until)) => t.programme_up_to(t.date(until)),
        (None, None) => t.programmes_open_end().to_owned(),
    }
}

impl One {
    pub(super) fn of(f: Frame, t: Text, view: &ProgrammeView, came: Option<&Came<'_>>) -> Self {
        let row = &view.row;
        let line = Line::of(t, row);
        let wrong = renamed(came.map_or(&[][..], |c| c.wrong));
        let fields = view.values.as_ref().map_or_else(Vec::new, |values| {
            fields(t, values, false, came.map(|c| c.typed), &wrong)
        });
        let summary = crate::forms::summary(t, &fields, &wrong);
        let paid = view.services.iter().map(|s| {
            let under = [&s.organisation, &s.place];
            Paid {
                href: if s.opens {
                    format!("/entries/{}", s.id)
                } else {
                    String::new()
                },
                name: s.name.clone(),
                under: under
                    .into_iter()
                    .filter(|u| !u.is_empty() && **u != s.name)
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(" · "),
                until: s
                    .paid_until
                    .map_or_else(|| t.programme_goes_on().to_owned(), |on| t.date(on)),
                tag: tag(t, s.state),
            }
        });
        Self {
            href: line.href,
            name: line.name,
            under: line.under,
            tag: line.tag,
            facts: vec![
                (t.programmes_carrier(), line.carrier),
                (t.programmes_donors(), line.donors),
                (t.programme_time(), period(t, row)),
                (t.programmes_hangs(), line.services),
            ],
            paid: paid.collect(),
            more: if row.services > view.services.len() {
                t.programme_more(view.services.len(), row.services)
            } else {
                String::new()
            },
            id: ids::new_v7(view.now),
            version: match came.filter(|c| !c.stale) {
                Some(came) => came.typed.version_or(view.version),
                None => view.version.to_string(),
            },
            fields,
            correcting: came.is_some(),
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            summary,
            history: view.history.iter().take(SHOWN).map(|h| Changed::of(t, h)).collect(),
        }
    }
}

/// What a form says; a day that is none is told beside what the act finds.
fn said(typed: &Typed, wrong: &mut Vec<FieldProblem>) -> SaidOfProgramme {
    SaidOfProgramme {
        name: Label {
            fr: typed.one("name_fr").to_owned(),
            en: typed.one("name_en").to_owned(),
        },
        organisation: typed.one("organisation").to_owned(),
        donors: typed.one("donors").lines().map(str::to_owned).collect(),
        from: day_if_any(typed, "from", wrong),
        until: day_if_any(typed, "until", wrong),
    }
}

/// `GET /directory/programmes`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<ProgrammesAsked>,
) -> Result<Response, Problem> {
    let view = app.acts().programmes(&caller.viewer, asked).await?;
    let t = caller.t;
    let f =
        Frame::of(&app, &caller, tab(&caller), t.programmes_title(), view.now).back("/services", t.services_title());
    Ok(frame::ok(&Programmes::of(f, t, &view)))
}

/// The link of the navigation under which the viewer finds it.
fn tab(caller: &Caller) -> Tab {
    if caller.viewer.is_national() {
        Tab::Moderation
    } else {
        Tab::Services
    }
}

fn new_frame(app: &AppState, caller: &Caller, now: chrono::DateTime<chrono::Utc>) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, tab(caller), t.programmes_add(), now).back(LIST, t.programmes_title())
}

/// `GET /directory/programmes/new`.
pub(crate) async fn new(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let f = new_frame(&app, &caller, now);
    Ok(frame::ok(&New::of(f, caller.t, ids::new_v7(now), None, &[])))
}

/// `POST /directory/programmes`: adds one.
pub(crate) async fn add(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let id = typed.id()?;
    let mut wrong = Vec::new();
    let command = AddProgramme {
        id,
        code: typed.one("code").to_owned(),
        said: said(&typed, &mut wrong),
    };
    let done = if wrong.is_empty() {
        app.acts().add_programme(&caller.viewer, command).await
    } else {
        Err(ActError::Invalid(wrong))
    };
    match done {
        Ok(made) => Ok(see(&format!("{LIST}/{}?done={}", made.id, Done::ProgrammeAdded))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let f = new_frame(&app, &caller, app.clock().await?);
            let mut page = New::of(f, caller.t, id, Some(&typed), &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}

fn one_frame(app: &AppState, caller: &Caller, view: &ProgrammeView) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, tab(caller), &view.row.name, view.now).back(LIST, t.programmes_title())
}

/// `GET /directory/programmes/{id}`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().programme(&caller.viewer, ProgrammeId(id)).await?;
    let f = one_frame(&app, &caller, &view).notice(after.done.map(|d| d.notice(caller.t, "")));
    Ok(frame::ok(&One::of(f, caller.t, &view, None)))
}

/// `POST /directory/programmes/{id}`: corrects, prolongs or ends it.
pub(crate) async fn correct(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let programme = ProgrammeId(id);
    let mut wrong = Vec::new();
    let command = CorrectProgramme {
        id: typed.id()?,
        version: typed.version()?,
        said: said(&typed, &mut wrong),
        note: typed.one("note").to_owned(),
    };
    let done = if wrong.is_empty() {
        app.acts().correct_programme(&caller.viewer, programme, command).await
    } else {
        Err(ActError::Invalid(wrong))
    };
    match done {
        Ok(_) => Ok(see(&format!("{LIST}/{programme}?done={}", Done::ProgrammeSaved))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = match app.acts().programme(&caller.viewer, programme).await {
                Ok(view) if view.values.is_some() => view,
                // Whoever may not correct it reads what there is of none.
                Ok(_) => return Err(back.unshown(ActError::NotFound.into())),
                Err(unseen) => return Err(back.unshown(unseen.into())),
            };
            let f = one_frame(&app, &caller, &view);
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
