//! The directory for whoever has no account: emergency numbers first, a search
//! in everyday words, a few doors. No cookie beside the language, nothing that
//! is looked for in a log, and a way out for whoever is watched.

use std::fmt::Write as _;
use std::time::Instant;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::commands::ServiceSearch;
use relais_acts::directory::public::{EmergencyLine, PublicDoor, PublicEntry, PublicLook};
use relais_acts::problem::FieldProblem;
use serde::Deserialize;
use uuid::Uuid;

use super::came_back::CameBack;
use super::services::Heard;
use crate::ask::{self, Asking};
use crate::extract::Query;
use crate::forms::error_of;
use crate::frame::{self, Frame, encode, see};
use crate::parts::{Field, Summary};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use crate::{AppState, assets, format};

/// Anybody who reads the public directory: let in where it stands open, within
/// the ration of the address.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub asking: Asking,
    pub t: Text,
}

impl FromRequestParts<AppState> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        if !app.settings().public_directory {
            return Err(Problem::new(ProblemKind::NotFound));
        }
        let address = ask::address(app.settings(), parts);
        if !app.public_limiter().take_look(address, Instant::now()) {
            return Err(Problem::new(ProblemKind::TooManyLooks));
        }
        let asking = parts.extensions.get::<Asking>().cloned().unwrap_or_default();
        Ok(Self {
            t: Text(asking.lang),
            asking,
        })
    }
}

impl Reader {
    pub(super) fn frame(&self, app: &AppState, title: &str, now: DateTime<Utc>) -> Frame {
        Frame::open(app, &self.asking, title, Some(now)).leaving(app)
    }
}

/// A page of the public directory: where it leads to is not told where one came from.
pub(super) fn unsaid(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// A number to call, as a page shows it.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub tel: String,
    pub shown: String,
    pub who: String,
    pub unverified: bool,
}

/// The numbers as a page shows them.
pub(super) fn lines(t: Text, lines: &[EmergencyLine]) -> Vec<Line> {
    let line = |l: &EmergencyLine| Line {
        tel: format::tel(&l.number),
        shown: t.phone(&l.number),
        who: match l.hours.as_str() {
            "" => l.who.clone(),
            "24/7" => format!("{} {}", l.who, t.public_sos_hours(t.public_sos_always())),
            hours => format!("{} {}", l.who, t.public_sos_hours(hours)),
        },
        unverified: l.unverified,
    };
    lines.iter().map(line).collect()
}

/// What whoever calls should know of the numbers.
fn notes(t: Text, lines: &[EmergencyLine]) -> Vec<String> {
    let mut notes = Vec::new();
    for line in lines {
        if !line.note.is_empty() {
            notes.push(t.public_sos_note(t.phone(&line.number), &line.note));
        }
        if let Some(on) = line.tested_on {
            notes.push(t.public_sos_tested_on(t.phone(&line.number), t.date(on)));
        }
    }
    if lines.iter().any(|l| l.unverified) {
        notes.push(t.public_sos_unverified().to_owned());
    }
    notes
}

/// The form that searches.
pub(super) struct SearchForm {
    words: Field,
    place: Field,
    category: String,
    open_now: bool,
}

impl SearchForm {
    fn of(t: Text, asked: &Asked, wrong: &[FieldProblem]) -> Self {
        // Who has searched knows how: what was found comes sooner.
        let first = asked.is_empty();
        let line = |name: &str, label: &str, hint: &str, value: &str| {
            let mut field = Field::line(t, name, label).max(200).value(value);
            if first {
                field = field.hint(hint);
            }
            field.error = error_of(wrong, name, t.0);
            field
        };
        let words = if asked.category.is_empty() {
            t.public_words()
        } else {
            t.public_words_more()
        };
        Self {
            words: line("q", words, t.public_words_hint(), &asked.q),
            place: line("place", t.public_place(), t.public_place_hint(), &asked.place).optional(),
            category: asked.category.clone(),
            open_now: asked.open_now,
        }
    }
}

/// The first page.
#[derive(askama::Template)]
#[template(path = "pages/public.html")]
pub(super) struct Home {
    f: Frame,
    t: Text,
    css: &'static str,
    lines: Vec<Line>,
    notes: Vec<String>,
    search: SearchForm,
    doors: Vec<PublicDoor>,
}

impl Home {
    pub(super) fn of(f: Frame, numbers: &[EmergencyLine], doors: Vec<PublicDoor>) -> Self {
        let t = f.t;
        Self {
            t,
            css: assets::href("public.css"),
            lines: lines(t, numbers),
            notes: notes(t, numbers),
            search: SearchForm::of(t, &Asked::default(), &[]),
            doors,
            f,
        }
    }
}

/// `GET /public`.
pub(crate) async fn home(State(app): State<AppState>, reader: Reader) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let numbers = app.acts().emergency_lines(reader.t.0).await?;
    let doors = app.acts().public_doors(reader.t.0, now);
    let f = reader.frame(&app, reader.t.public_title(), now);
    Ok(unsaid(frame::ok(&Home::of(f, &numbers, doors))))
}

/// What is asked of the public directory.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Asked {
    /// Words.
    #[serde(default)]
    pub q: String,
    /// Where the person is, as typed.
    #[serde(default)]
    pub place: String,
    /// The category of a door.
    #[serde(default)]
    pub category: String,
    /// Only what is open now.
    #[serde(default)]
    pub open_now: bool,
    /// Cursor of the page.
    #[serde(default)]
    pub after: Option<String>,
}

impl Asked {
    fn search(&self) -> ServiceSearch {
        let said = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        ServiceSearch {
            q: self.q.clone(),
            place: said(&self.place),
            category: said(&self.category),
            open_now: self.open_now,
            after: self.after.clone(),
            ..ServiceSearch::default()
        }
    }

    fn is_empty(&self) -> bool {
        let nothing = [&self.q, &self.place, &self.category]
            .iter()
            .all(|t| t.trim().is_empty());
        nothing && !self.open_now
    }

    /// The address of the next page: the same search after the last one.
    fn next(&self, after: &str) -> String {
        let mut href = format!("/public/services?after={}", encode(after));
        for (name, value) in [("q", &self.q), ("place", &self.place), ("category", &self.category)] {
            if !value.trim().is_empty() {
                // Writing to a text never fails.
                let _ = write!(href, "&{name}={}", encode(value));
            }
        }
        if self.open_now {
            href.push_str("&open_now=true");
        }
        href
    }
}

/// A service found.
struct Card {
    id: Uuid,
    name: String,
    under: String,
    /// Class and words; empty where the hours do not say.
    open: (&'static str, &'static str),
    facts: String,
    /// How far it can be relied on: class, words.
    truth: Vec<(&'static str, String)>,
    /// What is dialled and what is shown.
    number: Option<(String, String)>,
}

/// Whether it is open now: class, words.
fn open(t: Text, entry: &PublicEntry) -> (&'static str, &'static str) {
    match entry.open {
        _ if entry.on_call => ("yes", t.public_always()),
        Some(true) => ("yes", t.public_open()),
        Some(false) => ("no", t.public_closed()),
        None => ("", ""),
    }
}

/// How far an entry can be relied on: class, words.
pub(super) fn truth(t: Text, entry: &PublicEntry) -> Vec<(&'static str, String)> {
    let mut truth = Vec::new();
    if entry.demonstration {
        truth.push(("care", t.public_demonstration().to_owned()));
    }
    if let Some(on) = entry.full_on {
        truth.push(("care", t.public_full(t.date(on))));
    }
    match (entry.doubt, entry.confirmed_on) {
        (Some((why, on)), _) => truth.push(("care", t.public_doubt(t.date(on), why))),
        (None, Some(on)) => truth.push(("", t.public_confirmed(t.date(on)))),
        (None, None) => truth.push(("care", t.public_never_confirmed().to_owned())),
    }
    truth
}

/// Words, or others where there are none.
pub(super) fn or(words: &str, none: &str) -> String {
    if words.is_empty() { none } else { words }.to_owned()
}

impl Card {
    fn of(t: Text, entry: &PublicEntry) -> Self {
        let mut under = vec![entry.organisation.clone(), entry.place.clone()];
        // What is named after its organisation need not name it twice.
        under.retain(|part| !part.is_empty() && !entry.name.contains(part.as_str()));
        under.extend(entry.distance_km.map(|km| t.km_away(km)));
        let mut facts = vec![or(&entry.hours, t.public_hours_unknown())];
        facts.extend(entry.other_modes().map(str::to_owned));
        facts.push(or(entry.cost, t.public_cost_unknown()));
        facts.extend((!entry.languages.is_empty()).then(|| entry.languages.join(", ")));
        facts.extend((!entry.targets.is_empty()).then(|| entry.targets.join(", ")));
        Self {
            id: entry.id.0,
            name: entry.name.clone(),
            under: under.join(" · "),
            open: open(t, entry),
            facts: facts.join(" · "),
            truth: truth(t, entry),
            number: entry.numbers.first().map(|(n, _)| (format::tel(n), t.phone(n))),
        }
    }
}

/// What was found.
#[derive(askama::Template)]
#[template(path = "pages/public_services.html")]
pub(super) struct Results {
    f: Frame,
    t: Text,
    css: &'static str,
    lines: Vec<Line>,
    chosen: String,
    search: SearchForm,
    heard: Heard,
    /// Whether a place was said, so that the nearest come first.
    placed: bool,
    found: String,
    cards: Vec<Card>,
    more: Option<String>,
    summary: Option<Summary>,
}

impl Results {
    pub(super) fn of(
        f: Frame,
        numbers: &[EmergencyLine],
        asked: &Asked,
        look: &PublicLook,
        wrong: &[FieldProblem],
    ) -> Self {
        let t = f.t;
        let search = SearchForm::of(t, asked, wrong);
        let summary = Summary::of(t, [&search.words, &search.place]);
        let said = &look.said;
        let placed = said.place.is_some() || !asked.place.trim().is_empty();
        // Those for a danger that does not wait, the others one tap away.
        let first = numbers.len().min(3);
        Self {
            t,
            css: assets::href("public.css"),
            lines: lines(t, &numbers[..first]),
            chosen: look.chosen.clone().unwrap_or_default(),
            heard: Heard::of(t, said),
            placed,
            found: t.public_found(look.total),
            cards: look.entries.iter().map(|e| Card::of(t, e)).collect(),
            more: look.next.as_deref().map(|next| asked.next(next)),
            search,
            f: if summary.is_some() { f.with_error() } else { f },
            summary,
        }
    }
}

/// `GET /public/services`.
pub(crate) async fn search(
    State(app): State<AppState>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    if asked.is_empty() {
        return Ok(unsaid(see("/public")));
    }
    let now = app.clock().await?;
    let t = reader.t;
    let numbers = app.acts().emergency_lines(t.0).await?;
    let f = reader
        .frame(&app, t.public_results_title(), now)
        .back("/public", t.public_start());
    let page = match app.acts().look_into_public(&asked.search(), t.0, now) {
        Ok(found) => frame::ok(&Results::of(f, &numbers, &asked, &found, &[])),
        // What cannot be read comes back with what was typed, beside an empty search.
        Err(error) => {
            let came_back = CameBack::of(error, t)?;
            let nothing = PublicLook::default();
            let page = Results::of(f, &numbers, &asked, &nothing, &came_back.wrong);
            frame::html(came_back.status, &page)
        }
    };
    Ok(unsaid(page))
}
