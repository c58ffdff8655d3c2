//! One entry of the directory: its lines, its places, what may be corrected and
//! when that takes effect, its life and its history. The same page for its
//! provider and for the coordination unit; the acts say what each may do.

use axum::extract::State;
use axum::response::Response;
use relais_acts::entries::{
    self, Author, ChangeEntry, ChangeState, ChangeView, EntryRow, EntryView, LONGEST, SetCapacity, StepEntry,
};
use relais_acts::problem::FieldProblem;
use relais_mechanism::{Label, Lang, Mechanism};
use relais_network::life::{DoubtCause, LifeAct};
use relais_network::service::Cost;
use relais_network::{PublicationStatus, Ratification, ServiceId};
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::{After, Done};
use super::entries::{doubts, standing, tag, value};
use super::safeguards::missing_says;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::forms::{choices_of, day_if_any, error_of, mistake};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Summary, Tag};
use crate::problem::Problem;
use crate::text::Text;

/// Changes that the page shows; the API has more.
const SHOWN: usize = 8;

/// One line of the entry.
struct Line {
    name: &'static str,
    says: String,
    doubtful: bool,
    proposed: Option<String>,
}

/// One step of its life.
struct Step {
    id: Uuid,
    code: &'static str,
    says: &'static str,
    /// The field in which to say why, where that is needed.
    reason: Option<Field>,
    open: bool,
}

/// One change.
pub(super) struct Changed {
    pub when: String,
    pub what: &'static str,
    pub by: String,
    pub values: Vec<String>,
    pub words: Vec<String>,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/entry.html")]
pub(super) struct Entry {
    f: Frame,
    t: Text,
    href: String,
    name: String,
    under: String,
    tag: Tag,
    standing: String,
    confidential: bool,
    doubts: Vec<String>,
    /// Whether nobody pays for it any more, which confirming does not answer.
    unpaid: bool,
    /// What is not signed: a title, what, and what to do.
    unsigned: Option<(&'static str, String)>,
    /// Where the coordination unit notes what is signed; empty for the provider.
    safeguards: String,
    /// Who found it right, before it was published, and whether the committee ratified it.
    checked: Vec<String>,
    /// The committee set it apart: what to do.
    apart: &'static str,
    summary: Option<Summary>,
    /// Whether it may be confirmed and corrected.
    open: bool,
    own: bool,
    value: String,
    version: String,
    confirm_id: Uuid,
    capacity_id: Uuid,
    change_id: Uuid,
    capacity: Vec<Field>,
    lines: Vec<Line>,
    correcting: bool,
    alone: Vec<Field>,
    waits: Vec<Field>,
    steps: Vec<Step>,
    history: Vec<Changed>,
}

/// What a form of the page brought back.
pub(super) struct Came<'a> {
    /// Which: "capacity", "change" or "life".
    pub form: &'static str,
    pub typed: &'a Typed,
    pub wrong: &'a [FieldProblem],
    pub stale: bool,
}

/// What a line is called.
pub(super) fn line_name(t: Text, line: relais_network::life::Line) -> &'static str {
    use relais_network::life::Line as L;
    match line {
        L::Name => t.line_name(),
        L::ServiceType => t.line_service_type(),
        L::Place => t.line_place(),
        L::Telephones => t.line_telephones(),
        L::OpeningHours => t.line_opening_hours(),
        L::Capacity => t.line_capacity(),
        L::Cost => t.line_cost(),
        L::ServedArea => t.line_served_area(),
        L::Targets => t.line_targets(),
        L::HowToRefer => t.line_how_to_refer(),
        L::Languages => t.line_languages(),
        L::Programmes => t.line_programmes(),
    }
}

/// By whose hand, in words.
pub(super) fn hand(t: Text, by: Author) -> &'static str {
    match by {
        Author::Provider => t.entry_hand_provider(),
        Author::Office => t.entry_hand_office(),
        Author::Clock => t.entry_hand_clock(),
        Author::Evidence => t.entry_hand_evidence(),
        Author::List => t.entry_hand_list(),
    }
}

fn what(t: Text, change: &ChangeView) -> &'static str {
    match change.state {
        ChangeState::Waiting => t.entry_state_waiting(),
        ChangeState::Accepted => t.entry_state_accepted(),
        ChangeState::Refused => t.entry_state_refused(),
        ChangeState::Replaced => t.entry_state_replaced(),
        ChangeState::Done => match LifeAct::from_code(&change.kind) {
            None if change.kind == entries::MERGED => t.entry_kind_merge(),
            None if change.kind == entries::PARTED => t.entry_kind_part(),
            None if change.kind == entries::ratification::RATIFIED => t.entry_kind_ratify(),
            None => t.entry_kind_change(),
            Some(LifeAct::Check) => t.entry_kind_check(),
            Some(LifeAct::Publish) => t.entry_kind_publish(),
            Some(LifeAct::Confirm) => t.entry_kind_confirm(),
            Some(LifeAct::Doubt) => t.entry_kind_doubt(),
            Some(LifeAct::Archive) => t.entry_kind_archive(),
            Some(LifeAct::Restore) => t.entry_kind_restore(),
        },
    }
}

fn step_says(t: Text, step: LifeAct) -> &'static str {
    match step {
        LifeAct::Check => t.entry_step_check(),
        LifeAct::Publish => t.entry_step_publish(),
        LifeAct::Confirm => t.entry_all_true(),
        LifeAct::Doubt => t.entry_step_doubt(),
        LifeAct::Archive => t.entry_step_archive(),
        LifeAct::Restore => t.entry_step_restore(),
    }
}

impl Changed {
    pub fn of(t: Text, change: &ChangeView) -> Self {
        let empty = |text: &str| {
            if text.is_empty() {
                "–".to_owned()
            } else {
                text.to_owned()
            }
        };
        let by = hand(t, change.by);
        let words = [&change.note, &change.reason];
        let mut words: Vec<String> = words
            .into_iter()
            .filter(|w| !w.is_empty())
            .map(|w| t.moderation_says(w))
            .collect();
        if !change.decided_by.is_empty() {
            words.push(t.entry_decided(&change.decided_by));
        }
        Self {
            when: t.moment(change.at),
            what: what(t, change),
            by: if change.by_name.is_empty() {
                by.to_owned()
            } else {
                t.entry_by(by, &change.by_name)
            },
            values: change
                .values
                .iter()
                .map(|v| t.entry_from_to(&v.label, empty(&v.old), empty(&v.new)))
                .collect(),
            words,
        }
    }
}

impl Entry {
    pub(super) fn of(f: Frame, mechanism: &Mechanism, view: &EntryView, came: Option<&Came<'_>>) -> Self {
        let t = f.t;
        let new = || ids::new_v7(view.now);
        let nothing = Typed::default();
        let of_form = |form: &str| came.filter(|c| c.form == form);
        let (mut alone, mut waits) = fields(t, mechanism, view, of_form("change").map(|c| c.typed));
        let mut capacity = capacity(t, view, of_form("capacity").map(|c| c.typed));
        let mut steps: Vec<Step> = view
            .steps
            .iter()
            .map(|step| {
                let typed = of_form("life").map_or(&nothing, |c| c.typed);
                let chosen = typed.one("step") == step.code();
                let asks = matches!(step, LifeAct::Doubt | LifeAct::Archive);
                Step {
                    id: new(),
                    code: step.code(),
                    says: step_says(t, *step),
                    reason: asks.then(|| {
                        let value = if chosen { typed.one("reason") } else { "" };
                        let mut field = Field::line(t, "reason", t.entry_reason())
                            .hint(t.entry_reason_hint())
                            .at_most(LONGEST)
                            .value(value);
                        field.scope = if *step == LifeAct::Doubt { "doubt" } else { "archive" };
                        field
                    }),
                    open: chosen,
                }
            })
            .collect();
        let wrong = came.map_or(&[][..], |c| c.wrong);
        for field in alone.iter_mut().chain(&mut waits).chain(&mut capacity) {
            field.error = error_of(wrong, &field.name, t.0);
        }
        for step in steps.iter_mut().filter(|s| s.open) {
            if let Some(field) = &mut step.reason {
                field.error = error_of(wrong, &field.name, t.0);
            }
        }
        let shown = alone
            .iter()
            .chain(&waits)
            .chain(&capacity)
            .chain(steps.iter().filter(|s| s.open).filter_map(|s| s.reason.as_ref()));
        let summary = crate::forms::summary(t, shown, wrong);
        let version = match came.filter(|c| !c.stale) {
            Some(came) => came.typed.version_or(view.row.version),
            None => view.row.version.to_string(),
        };
        let under = [&view.row.organisation, &view.row.place];
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            href: format!("/entries/{}", view.row.id),
            name: view.row.name.clone(),
            under: under
                .into_iter()
                .filter(|s| !s.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(" · "),
            tag: tag(t, view.row.status),
            standing: standing(t, &view.row),
            confidential: view.confidential,
            doubts: doubts(t, &view.row),
            unpaid: view.row.doubts.iter().any(|d| d.cause == DoubtCause::FundingEnded),
            unsigned: unsigned(t, &view.row),
            safeguards: if view.own {
                String::new()
            } else {
                super::safeguards::address(view.organisation_id)
            },
            checked: super::ratification::of_entry(t, view),
            apart: match view.ratification.as_ref().map(|r| r.standing) {
                Some(Ratification::SetApart) if view.own => t.ratification_entry_apart(),
                Some(Ratification::SetApart) => t.ratification_entry_apart_unit(),
                _ => "",
            },
            summary,
            open: view.row.status != PublicationStatus::Archived,
            own: view.own,
            value: value(&view.row),
            version,
            confirm_id: new(),
            capacity_id: new(),
            change_id: new(),
            capacity,
            lines: view
                .lines
                .iter()
                .map(|l| Line {
                    name: line_name(t, l.line),
                    says: l.says.clone(),
                    doubtful: l.doubtful,
                    proposed: l.proposed.clone(),
                })
                .collect(),
            correcting: of_form("change").is_some(),
            alone,
            waits: if view.own && view.confidential {
                Vec::new()
            } else {
                waits
            },
            steps,
            history: view.history.iter().take(SHOWN).map(|h| Changed::of(t, h)).collect(),
        }
    }
}

/// What its organisation has not signed: in short, and what.
fn unsigned(t: Text, row: &EntryRow) -> Option<(&'static str, String)> {
    if row.missing.is_empty() {
        return None;
    }
    let title = if row.status.is_offered() {
        t.safeguards_entry_exposed()
    } else {
        t.safeguards_entry_waits()
    };
    Some((title, t.safeguards_missing(missing_says(t, &row.missing))))
}

/// The fields of the places.
fn capacity(t: Text, view: &EntryView, typed: Option<&Typed>) -> Vec<Field> {
    let number = |name: &str, label: &str, otherwise: Option<u32>| {
        let value = typed.map_or_else(
            || otherwise.map(|n| n.to_string()).unwrap_or_default(),
            |t| t.one(name).to_owned(),
        );
        Field::line(t, name, label).max(6).value(value).with(Control::Line {
            kind: "text",
            mode: "numeric",
            size: "w4",
        })
    };
    vec![
        number("available", t.entry_available(), view.row.available),
        number("per_month", t.entry_per_month(), view.values.per_month).optional(),
    ]
}

/// The fields that are corrected: those that take effect at once, and those that
/// wait for the coordination unit.
fn fields(t: Text, mechanism: &Mechanism, view: &EntryView, typed: Option<&Typed>) -> (Vec<Field>, Vec<Field>) {
    let values = &view.values;
    let text = |name: &str, otherwise: &str| typed.map_or_else(|| otherwise.to_owned(), |t| t.one(name).to_owned());
    let languages: Vec<String> = typed.map_or_else(|| values.languages.clone(), |t| t.all("languages").to_vec());
    let chosen: Vec<Choice> = choices_of(t, mechanism, "lang", "")
        .into_iter()
        .map(|c| Choice {
            chosen: languages.contains(&c.value),
            ..c
        })
        .collect();
    let alone = vec![
        Field::line(t, "telephones", t.entry_telephones())
            .hint(t.entry_telephones_hint())
            .max(200)
            .value(text("telephones", &values.telephones.join("\n")))
            .with(Control::Lines { rows: 2 }),
        Field::line(t, "opening_hours", t.entry_hours())
            .optional()
            .at_most(LONGEST)
            .value(text("opening_hours", &values.opening_hours)),
        Field::line(t, "languages", t.entry_languages())
            .optional()
            .with(Control::Many(chosen)),
    ];
    let cost = text("cost", values.cost.map_or("", Cost::code));
    let waits = vec![
        Field::line(t, "cost", t.entry_cost())
            .optional()
            .with(Control::One(choices_of(t, mechanism, "cost", &cost))),
        Field::line(t, "served_area", t.entry_area())
            .hint(t.entry_area_hint())
            .max(100)
            .value(text("served_area", &values.served_area_says)),
        Field::line(t, "how_to_refer", t.entry_how())
            .optional()
            .at_most(LONGEST)
            .value(text("how_to_refer", values.how_to_refer.get(t.0)))
            .with(Control::Lines { rows: 2 }),
        Field::line(t, "programmes", t.entry_programmes())
            .hint(t.entry_programmes_hint())
            .optional()
            .max(600)
            .value(text("programmes", &values.programmes.join("\n")))
            .with(Control::Lines { rows: 2 }),
        Field::day(t, "funding_until", t.entry_funding_until())
            .hint(t.entry_funding_until_hint())
            .optional()
            .value(text("funding_until", "")),
        Field::line(t, "ended", t.entry_ended())
            .optional()
            .value(text("ended", ""))
            .with(Control::Tick),
        Field::line(t, "note", t.entry_note())
            .optional()
            .at_most(LONGEST)
            .value(text("note", "")),
    ];
    (alone, waits)
}

fn frame_of(app: &AppState, caller: &Caller, view: &EntryView) -> Frame {
    let t = caller.t;
    let (tab, href, title) = if view.own {
        (Tab::Entries, "/entries", t.entries_title())
    } else {
        (Tab::Moderation, "/moderation", t.moderation_title())
    };
    Frame::of(app, caller, tab, &view.row.name, view.now).back(href, title)
}

/// `GET /entries/{id}`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().entry(&caller.viewer, ServiceId(id)).await?;
    let f = frame_of(&app, &caller, &view).notice(after.done.map(|d| d.notice(caller.t, "")));
    Ok(frame::ok(&Entry::of(f, &app.desk().mechanism(), &view, None)))
}

async fn again(
    app: &AppState,
    caller: &Caller,
    id: ServiceId,
    form: &'static str,
    typed: &Typed,
    error: relais_acts::ActError,
) -> Result<Response, Problem> {
    let back = CameBack::of(error, caller.t)?;
    let view = match app.acts().entry(&caller.viewer, id).await {
        Ok(view) => view,
        Err(unseen) => return Err(back.unshown(unseen.into())),
    };
    let f = frame_of(app, caller, &view);
    let came = Came {
        form,
        typed,
        wrong: &back.wrong,
        stale: back.stale,
    };
    let mut page = Entry::of(f, &app.desk().mechanism(), &view, Some(&came));
    let status = back.onto(&mut page.f);
    Ok(frame::html(status, &page))
}

/// The text of the reader's language in place of its own; the other language
/// follows where it said the same or nothing.
fn relabelled(known: &Label, typed: &str, lang: Lang) -> Label {
    let typed = typed.trim();
    let mut label = known.clone();
    let (own, other) = match lang {
        Lang::Fr => (&mut label.fr, &mut label.en),
        Lang::En => (&mut label.en, &mut label.fr),
    };
    if other.is_empty() || other == own {
        typed.clone_into(other);
    }
    typed.clone_into(own);
    label
}

/// What a form says, as the act reads it: what was left as it stood is left out.
fn command(view: &EntryView, typed: &Typed, lang: Lang, wrong: &mut Vec<FieldProblem>) -> Result<ChangeEntry, Problem> {
    let values = &view.values;
    let numbers: Vec<String> = typed
        .one("telephones")
        .lines()
        .map(|l| l.trim().to_owned())
        .filter(|l| !l.is_empty())
        .collect();
    let mut languages = typed.all("languages").to_vec();
    // In the order in which the entry has them: a box has no order of its own.
    languages.sort_by_key(|l| values.languages.iter().position(|v| v == l).unwrap_or(usize::MAX));
    let has = |name: &str| typed.0.contains_key(name);
    let area = typed.one("served_area");
    Ok(ChangeEntry {
        id: typed.id()?,
        version: typed.version()?,
        telephones: has("telephones").then_some(numbers),
        opening_hours: has("opening_hours").then(|| typed.one("opening_hours").to_owned()),
        languages: (has("telephones") && languages != values.languages).then_some(languages),
        cost: Cost::from_code(typed.one("cost")),
        served_area: (has("served_area") && area != values.served_area_says).then(|| area.to_owned()),
        targets: None,
        how_to_refer: has("how_to_refer").then(|| relabelled(&values.how_to_refer, typed.one("how_to_refer"), lang)),
        name: None,
        programmes: has("programmes").then(|| typed.one("programmes").lines().map(str::to_owned).collect()),
        funding_until: day_if_any(typed, "funding_until", wrong),
        ended: typed.ticked("ended"),
        note: typed.one("note").to_owned(),
    })
}

/// `POST /entries/{id}`: corrects the entry.
pub(crate) async fn change(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let id = ServiceId(id);
    let view = app.acts().entry(&caller.viewer, id).await?;
    let mut wrong = Vec::new();
    let command = command(&view, &typed, caller.t.0, &mut wrong)?;
    let done = if wrong.is_empty() {
        app.acts().change_entry(&caller.viewer, id, command).await
    } else {
        Err(relais_acts::ActError::Invalid(wrong))
    };
    match done {
        Ok(_) => Ok(see(&format!("/entries/{id}?done={}", Done::EntryChanged))),
        Err(error) => again(&app, &caller, id, "change", &typed, error).await,
    }
}

/// `POST /entries/{id}/capacity`: states the places of today.
pub(crate) async fn capacity_of(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let (service, id, version) = (ServiceId(id), typed.id()?, typed.version()?);
    let (available, per_month) = (typed.one("available").parse(), typed.one("per_month"));
    let mut wrong = Vec::new();
    if available.is_err() {
        wrong.push(mistake("available", "not_a_number", Text::entry_no_number));
    }
    let per_month = Some(per_month).filter(|n| !n.is_empty()).map(str::parse).transpose();
    if per_month.is_err() {
        wrong.push(mistake("per_month", "not_a_number", Text::entry_no_number));
    }
    let done = match (available, per_month) {
        (Ok(available), Ok(per_month)) => {
            let command = SetCapacity {
                id,
                version,
                available,
                per_month,
            };
            app.acts().set_capacity(&caller.viewer, service, command).await
        }
        _ => Err(relais_acts::ActError::Invalid(wrong)),
    };
    match done {
        Ok(_) => Ok(see(&format!("/entries/{service}?done={}", Done::EntryCapacity))),
        Err(error) => again(&app, &caller, service, "capacity", &typed, error).await,
    }
}

/// `POST /entries/{id}/life`: a step of its life.
pub(crate) async fn life(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let service = ServiceId(id);
    let step = LifeAct::from_code(typed.one("step"))
        .ok_or_else(|| Problem::new(crate::problem::ProblemKind::MalformedForm))?;
    let command = StepEntry {
        id: typed.id()?,
        version: typed.version()?,
        step,
        reason: typed.one("reason").to_owned(),
    };
    match app.acts().step_entry(&caller.viewer, service, command).await {
        Ok(_) => Ok(see(&format!("/entries/{service}?done={}", Done::EntryMoved))),
        Err(error) => again(&app, &caller, service, "life", &typed, error).await,
    }
}
