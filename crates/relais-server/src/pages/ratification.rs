//! What goes before the steering committee to be ratified: the list, the sheet for
//! the session's papers, and the session once it was held. For the office for the
//! whole country.

use axum::extract::State;
use axum::response::Response;
use relais_acts::entries::EntryView;
use relais_acts::entries::ratification::{
    Counted, LONGEST_MINUTES, ListedEntry, NoteSession, PrepareList, RatificationAsked, RatificationView, Session,
    SetApart,
};
use relais_acts::problem::{ActError, FieldProblem};
use relais_mechanism::words::Lang;
use relais_network::{PublicationStatus, Ratification};
use relais_store::ids;
use serde::Deserialize;
use uuid::Uuid;

use super::came_back::{Came, CameBack};
use super::done::Done;
use super::entry::line_name;
use crate::ask::Caller;
use crate::extract::{Query, Typed};
use crate::forms::{day_if_any, error_of, mistake};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Control, Field, Summary};
use crate::problem::Problem;
use crate::text::Text;
use crate::{AppState, assets};

/// Where the page stands.
const PAGE: &str = "/directory/ratification";
/// Most characters that are typed of entries set apart: a hundred reasons.
const MOST_APART: u32 = 32_000;

/// One entry of the list.
struct Line {
    number: usize,
    href: String,
    name: String,
    under: String,
    why: String,
}

/// A session.
struct Held {
    when: String,
    says: String,
    by: String,
}

/// Name and how many.
type Count = (String, String);

fn counts(t: Text, found: &[Counted]) -> Vec<Count> {
    let name = |c: &Counted| {
        if c.code.is_empty() {
            t.ratification_nowhere().to_owned()
        } else {
            c.name.clone()
        }
    };
    found.iter().map(|c| (name(c), t.figure(c.entries))).collect()
}

/// Why an entry stands on the list.
fn why(t: Text, entry: &ListedEntry) -> String {
    let why = match entry.ratified_on {
        Some(on) => t.ratification_changed(t.date(on), entry.changed.join(", ")),
        None => t.ratification_first().to_owned(),
    };
    if entry.moved {
        format!("{why} ({})", t.ratification_row_moved())
    } else {
        why
    }
}

fn under(parts: &[&String]) -> String {
    let parts: Vec<&str> = parts.iter().map(|p| p.as_str()).filter(|p| !p.is_empty()).collect();
    parts.join(" · ")
}

impl Line {
    fn of(t: Text, entry: &ListedEntry) -> Self {
        Self {
            number: entry.number,
            href: format!("/entries/{}", entry.id),
            name: entry.name.clone(),
            under: under(&[&entry.organisation, &entry.place, &entry.kind]),
            why: why(t, entry),
        }
    }
}

impl Held {
    fn of(t: Text, session: &Session) -> Self {
        let date = session.held_on.map(|on| t.date(on)).unwrap_or_default();
        let f = session.figures;
        Self {
            when: t.ratification_row(date, &session.minutes),
            says: t.ratification_row_says(t.figure(f.ratified), t.figure(f.apart), t.figure(f.left)),
            by: session
                .noted_at
                .map(|at| t.ratification_row_by(&session.noted_by, t.day_of(at)))
                .unwrap_or_default(),
        }
    }
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/ratification.html")]
pub(super) struct Page {
    f: Frame,
    t: Text,
    facts: Vec<(&'static str, String)>,
    /// When and by whom the list was drawn up; empty where it was not.
    prepared: String,
    moved: String,
    empty: bool,
    prepare_id: Uuid,
    note_id: Uuid,
    version: String,
    regions: Vec<Count>,
    categories: Vec<Count>,
    lines: Vec<Line>,
    next: String,
    fields: Vec<Field>,
    summary: Option<Summary>,
    sessions: Vec<Held>,
}

/// The fields in which a session is noted.
fn fields(t: Text, typed: Option<&Typed>, wrong: &[FieldProblem]) -> Vec<Field> {
    let value = |name: &str| typed.map_or("", |t| t.one(name)).to_owned();
    let mut fields = vec![
        Field::day(t, "held_on", t.ratification_held_on()).value(value("held_on")),
        Field::line(t, "minutes", t.ratification_minutes())
            .hint(t.ratification_minutes_hint())
            .at_most(LONGEST_MINUTES)
            .value(value("minutes")),
        Field::line(t, "apart", t.ratification_apart())
            .hint(t.ratification_apart_hint())
            .optional()
            .max(MOST_APART)
            .value(value("apart"))
            .with(Control::Lines { rows: 4 }),
    ];
    for field in &mut fields {
        field.error = error_of(wrong, &field.name, t.0);
    }
    fields
}

impl Page {
    pub(super) fn of(f: Frame, t: Text, view: &RatificationView, came: Option<&Came<'_>>) -> Self {
        let wrong = came.map_or(&[][..], |c| c.wrong);
        let fields = if view.prepared.is_some() {
            fields(t, came.map(|c| c.typed), wrong)
        } else {
            Vec::new()
        };
        let summary = crate::forms::summary(t, &fields, wrong);
        let mut facts = vec![
            (
                t.ratification_stands(),
                t.ratification_of(t.figure(view.ratified), t.figure(view.shown)),
            ),
            (t.ratification_listed(), t.figure(view.total)),
            (t.ratification_doubtful(), t.figure(view.doubtful)),
        ];
        if view.later > 0 {
            facts.push((t.ratification_later(), t.figure(view.later)));
        }
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            facts,
            prepared: view
                .prepared
                .as_ref()
                .map_or_else(String::new, |p| t.ratification_prepared(t.moment(p.at), &p.by)),
            moved: if view.moved > 0 {
                t.ratification_moved(view.moved)
            } else {
                String::new()
            },
            empty: view.total == 0,
            prepare_id: ids::new_v7(view.now),
            note_id: ids::new_v7(view.now),
            version: match came.filter(|c| !c.stale) {
                Some(came) => came.typed.version_or(view.version),
                None => view.version.to_string(),
            },
            regions: counts(t, &view.regions),
            categories: counts(t, &view.categories),
            lines: view.rows.iter().map(|r| Line::of(t, r)).collect(),
            next: if view.more {
                format!("{PAGE}?page={}", view.page + 1)
            } else {
                String::new()
            },
            fields,
            summary,
            sessions: view.sessions.iter().map(|s| Held::of(t, s)).collect(),
        }
    }
}

/// The entries of one organisation on the sheet.
struct Group {
    name: String,
    rows: Vec<Printed>,
}

/// One entry on the sheet.
struct Printed {
    number: usize,
    name: String,
    kind: String,
    place: String,
    targets: String,
    area: String,
    validated: String,
    why: String,
}

/// The sheet: the whole list, as long as it is, made for paper.
#[derive(askama::Template)]
#[template(path = "pages/ratification_sheet.html")]
pub(super) struct Sheet {
    f: Frame,
    t: Text,
    /// The sentences of the paper.
    p: Text,
    css: &'static str,
    tagline: String,
    fixed: bool,
    status: String,
    asked: String,
    left: String,
    regions: Vec<Count>,
    categories: Vec<Count>,
    groups: Vec<Group>,
    other: String,
    other_lang: &'static str,
}

impl Sheet {
    pub(super) fn of(f: Frame, t: Text, p: Text, country: &str, view: &RatificationView) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        let mut of = None;
        for entry in &view.rows {
            if of != Some(entry.organisation_id) {
                of = Some(entry.organisation_id);
                groups.push(Group {
                    name: entry.organisation.clone(),
                    rows: Vec::new(),
                });
            }
            let printed = Printed {
                number: entry.number,
                name: entry.name.clone(),
                kind: entry.kind.clone(),
                place: entry.place.clone(),
                targets: if entry.targets.is_empty() {
                    p.ratified_everyone().to_owned()
                } else {
                    entry.targets.clone()
                },
                area: entry.area.clone(),
                validated: entry.validated_on.map_or_else(|| "–".to_owned(), |on| p.date(on)),
                why: why(p, entry),
            };
            if let Some(group) = groups.last_mut() {
                group.rows.push(printed);
            }
        }
        let other = match p.0 {
            Lang::Fr => Lang::En,
            Lang::En => Lang::Fr,
        };
        Self {
            t,
            p,
            css: assets::href("ratification.css"),
            tagline: p.frame_tagline(country),
            fixed: view.prepared.is_some(),
            status: match &view.prepared {
                Some(list) => p.ratified_fixed(p.moment(list.at), &list.by),
                None => p.ratified_draft(p.day_of(view.now)),
            },
            asked: p.ratified_asked(view.total, p.figure(view.total)),
            left: p.ratified_left(p.figure(view.doubtful), p.figure(view.ratified)),
            regions: counts(p, &view.regions),
            categories: counts(p, &view.categories),
            groups,
            other: format!("{PAGE}/sheet?lang={}", other.code()),
            other_lang: other.code(),
            f,
        }
    }
}

/// That the secretariat validated an entry, and how it stands before the committee.
pub(super) fn of_entry(t: Text, view: &EntryView) -> Vec<String> {
    let by_name = || {
        let checked = view.checked.as_ref();
        checked.map(|(name, at)| t.safeguards_entry_checked(name, t.day_of(*at)))
    };
    let Some(committee) = &view.ratification else {
        return by_name().into_iter().collect();
    };
    let date = committee.on.map(|on| t.date(on)).unwrap_or_default();
    let minutes = &committee.minutes;
    let says = match (committee.standing, &view.checked) {
        (Ratification::Ratified, Some((_, at))) => {
            // One sentence for both: who found it right stands in the history.
            return vec![t.ratification_entry_both(t.day_of(*at), date, minutes)];
        }
        (Ratification::Ratified, None) => Some(t.ratification_entry_ratified(date, minutes)),
        (Ratification::Changed, _) => {
            let lines: Vec<&str> = committee.changed.iter().map(|l| line_name(t, *l)).collect();
            Some(t.ratification_entry_changed(date, minutes, lines.join(", ")))
        }
        (Ratification::Waiting, _) if view.row.status == PublicationStatus::Doubtful => {
            Some(t.ratification_entry_in_doubt().to_owned())
        }
        (Ratification::Waiting, _) => Some(t.ratification_entry_waiting().to_owned()),
        (Ratification::SetApart | Ratification::Unpublished, _) => None,
    };
    by_name().into_iter().chain(says).collect()
}

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// What was just done.
    #[serde(default)]
    done: Option<Done>,
    /// Number of the page of the list, from 1.
    #[serde(default)]
    page: Option<usize>,
}

fn frame_of(app: &AppState, caller: &Caller, view: &RatificationView) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, Tab::Moderation, t.ratification_title(), view.now).back("/moderation", t.moderation_title())
}

/// `GET /directory/ratification`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let of = RatificationAsked { page: asked.page };
    let view = app.acts().ratification(&caller.viewer, of).await?;
    let f = frame_of(&app, &caller, &view).notice(asked.done.map(|d| d.notice(caller.t, "")));
    Ok(frame::ok(&Page::of(f, caller.t, &view, None)))
}

async fn again(app: &AppState, caller: &Caller, typed: &Typed, error: ActError) -> Result<Response, Problem> {
    let back = CameBack::of(error, caller.t)?;
    let view = match app
        .acts()
        .ratification(&caller.viewer, RatificationAsked::default())
        .await
    {
        Ok(view) => view,
        Err(unseen) => return Err(back.unshown(unseen.into())),
    };
    let f = frame_of(app, caller, &view);
    let came = Came {
        typed,
        wrong: &back.wrong,
        stale: back.stale,
    };
    let mut page = Page::of(f, caller.t, &view, Some(&came));
    let status = back.onto(&mut page.f);
    Ok(frame::html(status, &page))
}

/// `POST /directory/ratification`: draws up the list.
pub(crate) async fn prepare(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let command = PrepareList {
        id: typed.id()?,
        version: typed.version()?,
    };
    match app.acts().prepare_ratification(&caller.viewer, command).await {
        Ok(_) => Ok(see(&format!("{PAGE}?done={}", Done::ListPrepared))),
        Err(error) => again(&app, &caller, &typed, error).await,
    }
}

/// What was set apart: a line for each entry, its number and why.
fn apart(typed: &Typed, wrong: &mut Vec<FieldProblem>) -> Vec<SetApart> {
    let mut found = Vec::new();
    for line in typed.one("apart").lines().map(str::trim).filter(|l| !l.is_empty()) {
        let end = line.find(|c: char| !c.is_ascii_digit()).unwrap_or(line.len());
        let (number, reason) = line.split_at(end);
        match number.parse() {
            Ok(number) => found.push(SetApart {
                number,
                // "12: ", "12. ", "12) ", "12 - ".
                reason: reason
                    .trim_start_matches(|c: char| c.is_whitespace() || ":.)-–\u{a0}".contains(c))
                    .to_owned(),
            }),
            Err(_) => {
                wrong.push(mistake("apart", "no_number", Text::ratification_apart_unread));
                break;
            }
        }
    }
    found
}

/// `POST /directory/ratification/session`: notes the session.
pub(crate) async fn note(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let mut wrong = Vec::new();
    let command = NoteSession {
        id: typed.id()?,
        version: typed.version()?,
        held_on: day_if_any(&typed, "held_on", &mut wrong),
        minutes: typed.one("minutes").to_owned(),
        apart: apart(&typed, &mut wrong),
    };
    let done = if wrong.is_empty() {
        app.acts().note_ratification(&caller.viewer, command).await
    } else {
        Err(ActError::Invalid(wrong))
    };
    match done {
        Ok(_) => Ok(see(&format!("{PAGE}?done={}", Done::SessionNoted))),
        Err(error) => again(&app, &caller, &typed, error).await,
    }
}

/// Which sheet is asked for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct SheetAsked {
    /// Language of the sheet, where not the reader's.
    #[serde(default)]
    lang: String,
}

/// `GET /directory/ratification/sheet`.
pub(crate) async fn sheet(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<SheetAsked>,
) -> Result<Response, Problem> {
    let (t, p) = (caller.t, Text(Lang::from_code(&asked.lang).unwrap_or(caller.t.0)));
    // The names on the sheet are in its language.
    let mut reader = (*caller.viewer).clone();
    reader.lang = p.0;
    let view = app.acts().ratification_sheet(&reader).await?;
    let f = Frame::of(&app, &caller, Tab::Moderation, t.ratified_sheet(), view.now).back(PAGE, t.ratification_title());
    let country = app.site().country.get(p.0).to_owned();
    Ok(frame::ok(&Sheet::of(f, t, p, &country, &view)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_with_the_number_of_its_entry() {
        let read = |text: &str| {
            let (mut typed, mut wrong) = (Typed::default(), Vec::new());
            typed.0.insert("apart".to_owned(), vec![text.to_owned()]);
            let found = apart(&typed, &mut wrong);
            let found: Vec<(usize, String)> = found.into_iter().map(|a| (a.number, a.reason)).collect();
            (found, wrong.len())
        };
        let all = "12 Public autre.\n\n3: Zone\n4 - À revoir : 2 ans\n5) x\n6.\n7";
        let expected = [
            (12, "Public autre."),
            (3, "Zone"),
            (4, "À revoir : 2 ans"),
            (5, "x"),
            (6, ""),
            (7, ""),
        ];
        let expected: Vec<(usize, String)> = expected.iter().map(|(n, why)| (*n, (*why).to_owned())).collect();
        assert_eq!(read(all), (expected, 0));
        assert_eq!(read(""), (Vec::new(), 0));
        for unread in ["Public autre", "n° 12 Public", "99999999999999999999999 trop"] {
            assert_eq!(read(unread), (Vec::new(), 1), "{unread}");
        }
    }
}
