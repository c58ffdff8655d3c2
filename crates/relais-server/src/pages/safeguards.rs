//! What an organisation signed before its entries are published: the papers, the
//! agreement under which data go to it, which entries wait and for what. For the
//! coordination unit.

use axum::extract::State;
use axum::response::Response;
use relais_acts::entries::safeguards::{DataAgreement, NoteSafeguards, Paper, PaperView, PublishHeld, SafeguardsView};
use relais_acts::entries::{ChangeView, EntryRow, LONGEST};
use relais_acts::problem::{ActError, FieldProblem};
use relais_mechanism::words::Lang;
use relais_network::agreement::CoverageState;
use relais_network::gate::Lack;
use relais_network::{Missing, OrganisationId, Safeguard};
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::{After, Done};
use super::entries::tag;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::forms::{day_if_any, error_of};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Field, Summary, Tag};
use crate::problem::Problem;
use crate::text::Text;

/// One paper: what stands, and the fields to note it.
struct Row {
    name: String,
    tag: Tag,
    says: Vec<String>,
    fields: Vec<Field>,
}

/// One entry.
struct Line {
    href: String,
    name: String,
    says: String,
    missing: String,
    tag: Tag,
}

/// One thing that was noted.
struct Noted {
    when: String,
    by: String,
    values: Vec<String>,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/safeguards.html")]
pub(super) struct Page {
    f: Frame,
    t: Text,
    name: String,
    /// Address and name of each tutelle.
    tutelles: Vec<(String, String)>,
    action: String,
    id: Uuid,
    publish_id: Uuid,
    version: String,
    may_note: bool,
    noting: bool,
    papers: Vec<Row>,
    agreement: (Tag, Vec<String>),
    waiting: usize,
    ready: usize,
    exposed: usize,
    waiting_rows: Vec<Line>,
    exposed_rows: Vec<Line>,
    more_waiting: bool,
    more_exposed: bool,
    history: Vec<Noted>,
    summary: Option<Summary>,
}

/// Entries of each list on the page.
const SHOWN: usize = 5;

/// The parts of a paper that are typed.
const PARTS: [&str; 4] = ["on", "until", "withdrawn_on", "paper"];

/// What is missing, in one sentence within another.
pub(super) fn missing_says<'m>(t: Text, missing: impl IntoIterator<Item = &'m Missing>) -> String {
    let labels: Vec<String> = missing.into_iter().map(|m| m.label().get(t.0).to_owned()).collect();
    labels.join(match t.0 {
        Lang::Fr => "\u{202f}; ",
        Lang::En => "; ",
    })
}

/// The name of a field of the form.
fn field(safeguard: Safeguard, part: &str) -> String {
    format!("{safeguard}_{part}")
}

fn row(t: Text, view: &PaperView, typed: Option<&Typed>, wrong: &[FieldProblem]) -> Row {
    let mut says = Vec::new();
    if let Some(through) = &view.through {
        says.push(t.safeguards_through(through));
    }
    if let Some(own) = &view.own {
        says.push(match own.until {
            Some(until) => t.safeguards_signed_until(t.date(own.on), t.date(until)),
            None => t.safeguards_signed_on(t.date(own.on)),
        });
        says.extend(own.withdrawn_on.map(|on| t.safeguards_withdrawn_on(t.date(on))));
        if !own.paper.is_empty() {
            says.push(t.safeguards_paper_is(&own.paper));
        }
        says.push(if view.noted_by.is_empty() {
            t.safeguards_noted(t.date(own.noted_on))
        } else {
            t.safeguards_noted_by(&view.noted_by, t.date(own.noted_on))
        });
    }
    let value = |part: &str| {
        if let Some(typed) = typed {
            return typed.one(&field(view.safeguard, part)).to_owned();
        }
        let Some(own) = &view.own else { return String::new() };
        let day = match part {
            "on" => Some(own.on),
            "until" => own.until,
            "withdrawn_on" => own.withdrawn_on,
            _ => return own.paper.clone(),
        };
        day.map(|d| t.date(d)).unwrap_or_default()
    };
    let fields = PARTS
        .iter()
        .map(|part| {
            let name = field(view.safeguard, part);
            let made = match *part {
                "on" => Field::day(t, &name, t.safeguards_on()),
                "until" => Field::day(t, &name, t.safeguards_until()).hint(t.safeguards_until_hint()),
                "withdrawn_on" => Field::day(t, &name, t.safeguards_withdrawn()).hint(t.safeguards_withdrawn_hint()),
                _ => Field::line(t, &name, t.safeguards_paper())
                    .hint(t.safeguards_paper_hint())
                    .at_most(LONGEST),
            };
            let mut made = made.optional().value(value(part));
            made.error = error_of(wrong, &name, t.0);
            made
        })
        .collect();
    Row {
        name: view.name.clone(),
        tag: match view.lack {
            None => Tag::plain("done", t.safeguards_holds()),
            Some(Lack::Unsigned) => Tag::plain("ask", t.safeguards_unsigned()),
            Some(Lack::Ended) => Tag::plain("no", t.safeguards_ended()),
            Some(Lack::Withdrawn) => Tag::plain("no", t.safeguards_withdrawn_state()),
        },
        says,
        fields,
    }
}

fn agreement(t: Text, view: &DataAgreement) -> (Tag, Vec<String>) {
    let tag = match view.state {
        CoverageState::InForce => Tag::plain("done", t.safeguards_in_force()),
        CoverageState::InGrace => Tag::plain("ask", t.safeguards_in_grace()),
        CoverageState::Expired => Tag::plain("no", t.safeguards_ended()),
        CoverageState::Denounced => Tag::plain("no", t.safeguards_denounced()),
        CoverageState::None => Tag::plain("ask", t.safeguards_unsigned()),
    };
    let mut says = Vec::new();
    if !view.reference.is_empty() {
        says.push(t.safeguards_paper_is(&view.reference));
    }
    says.extend(view.through.as_ref().map(|o| t.safeguards_through(o)));
    says.extend(view.until.map(|on| t.safeguards_term(t.date(on))));
    (tag, says)
}

fn line(t: Text, row: &EntryRow) -> Line {
    let says: Vec<&str> = [&row.organisation, &row.place]
        .into_iter()
        .map(String::as_str)
        .filter(|s| !s.is_empty())
        .collect();
    Line {
        href: format!("/entries/{}", row.id),
        name: row.name.clone(),
        says: says.join(" · "),
        missing: missing_says(t, &row.missing),
        tag: tag(t, row.status),
    }
}

fn noted(t: Text, change: &ChangeView) -> Noted {
    let empty = |text: &str| {
        if text.is_empty() {
            "–".to_owned()
        } else {
            text.to_owned()
        }
    };
    let hand = super::entry::hand(t, change.by);
    Noted {
        when: t.moment(change.at),
        by: if change.by_name.is_empty() {
            hand.to_owned()
        } else {
            t.entry_by(hand, &change.by_name)
        },
        values: change
            .values
            .iter()
            .map(|v| t.entry_from_to(&v.label, empty(&v.old), empty(&v.new)))
            .collect(),
    }
}

impl Page {
    pub(super) fn of(f: Frame, view: &SafeguardsView, came: Option<(&Typed, &[FieldProblem], bool)>) -> Self {
        let t = f.t;
        let typed = came.map(|(typed, ..)| typed);
        let wrong = came.map_or(&[][..], |(_, wrong, _)| wrong);
        let papers: Vec<Row> = view.papers.iter().map(|p| row(t, p, typed, wrong)).collect();
        let summary = crate::forms::summary(t, papers.iter().flat_map(|p| &p.fields), wrong);
        let list = |rows: &[EntryRow]| rows.iter().take(SHOWN).map(|r| line(t, r)).collect();
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            name: view.name.clone(),
            tutelles: view.tutelles.iter().map(|o| (address(o.id), o.name.clone())).collect(),
            action: address(view.organisation),
            id: ids::new_v7(view.now),
            publish_id: ids::new_v7(view.now),
            version: match came.filter(|(.., stale)| !stale) {
                Some((typed, ..)) => typed.version_or(view.version),
                None => view.version.to_string(),
            },
            may_note: view.may_note,
            noting: came.is_some(),
            papers,
            agreement: agreement(t, &view.agreement),
            waiting: view.waiting,
            ready: view.ready,
            exposed: view.exposed,
            waiting_rows: list(&view.waiting_rows),
            exposed_rows: list(&view.exposed_rows),
            more_waiting: view.waiting > SHOWN,
            more_exposed: view.exposed > SHOWN,
            history: view.history.iter().take(SHOWN).map(|c| noted(t, c)).collect(),
            summary,
        }
    }
}

/// Where the page of an organisation is.
pub(super) fn address(organisation: OrganisationId) -> String {
    format!("/organisations/{organisation}/safeguards")
}

fn frame_of(app: &AppState, caller: &Caller, view: &SafeguardsView) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, Tab::Moderation, t.safeguards_title(&view.name), view.now)
        .back("/moderation", t.moderation_title())
}

/// `GET /organisations/{id}/safeguards`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().safeguards(&caller.viewer, OrganisationId(id)).await?;
    let f = frame_of(&app, &caller, &view).notice(after.done.map(|d| d.notice(caller.t, "")));
    Ok(frame::ok(&Page::of(f, &view, None)))
}

async fn again(
    app: &AppState,
    caller: &Caller,
    id: OrganisationId,
    typed: Option<&Typed>,
    error: ActError,
) -> Result<Response, Problem> {
    let back = CameBack::of(error, caller.t)?;
    let view = match app.acts().safeguards(&caller.viewer, id).await {
        Ok(view) => view,
        Err(unseen) => return Err(back.unshown(unseen.into())),
    };
    let f = frame_of(app, caller, &view);
    let came = typed.map(|typed| (typed, &back.wrong[..], back.stale));
    let mut page = Page::of(f, &view, came);
    let status = back.onto(&mut page.f);
    Ok(frame::html(status, &page))
}

/// The papers as they were typed. One of which nothing was typed is not noted any
/// more: the form always has what stands.
fn papers(typed: &Typed) -> Result<Vec<Paper>, ActError> {
    let mut wrong = Vec::new();
    let papers = Safeguard::ALL
        .iter()
        .map(|safeguard| {
            let mut day = |part| day_if_any(typed, &field(*safeguard, part), &mut wrong);
            Paper {
                safeguard: *safeguard,
                on: day("on"),
                until: day("until"),
                withdrawn_on: day("withdrawn_on"),
                paper: typed.one(&field(*safeguard, "paper")).to_owned(),
            }
        })
        .collect();
    if wrong.is_empty() {
        Ok(papers)
    } else {
        Err(ActError::Invalid(wrong))
    }
}

/// `POST /organisations/{id}/safeguards`.
pub(crate) async fn note(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let organisation = OrganisationId(id);
    let (id, version) = (typed.id()?, typed.version()?);
    let done = match papers(&typed) {
        Ok(papers) => {
            let command = NoteSafeguards { id, version, papers };
            app.acts().note_safeguards(&caller.viewer, organisation, command).await
        }
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok(_) => Ok(see(&format!(
            "{}?done={}",
            address(organisation),
            Done::SafeguardsNoted
        ))),
        Err(error) => again(&app, &caller, organisation, Some(&typed), error).await,
    }
}

/// `POST /organisations/{id}/safeguards/publication`: publishes what waited for it.
pub(crate) async fn publish(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let organisation = OrganisationId(id);
    let command = PublishHeld { id: typed.id()? };
    match app.acts().publish_held(&caller.viewer, organisation, command).await {
        Ok(_) => Ok(see(&format!("{}?done={}", address(organisation), Done::HeldPublished))),
        Err(error) => again(&app, &caller, organisation, None, error).await,
    }
}
