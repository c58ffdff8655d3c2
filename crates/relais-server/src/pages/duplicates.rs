//! Entries of the directory that are perhaps the same: the list, what was decided
//! last, and the way back.

use axum::extract::State;
use axum::response::Response;
use relais_acts::directory::merging::{self, Asked, DecisionView, DuplicatesView, PairView, What};
use relais_acts::problem::ActError;
use relais_store::ids;
use serde::Deserialize;
use uuid::Uuid;

use super::exchange::apart;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Query, Typed};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Notice, Tag};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

/// One pair of the list.
struct Row {
    href: String,
    one: String,
    other: String,
    under: String,
    reasons: String,
    tag: Tag,
    score: String,
}

/// How sure a pair is, as a tag.
pub(super) fn tag(t: Text, pair: &PairView) -> Tag {
    if pair.likely {
        Tag::plain("ask", t.merging_likely())
    } else {
        Tag::plain("", t.merging_perhaps())
    }
}

/// The page of a pair.
pub(super) fn href(what: What, one: Uuid, other: Uuid) -> String {
    format!(
        "/directory/duplicates/pair?what={}&one={one}&other={other}",
        what.code()
    )
}

fn joined<'a>(texts: impl IntoIterator<Item = &'a str>, with: &str) -> String {
    let texts: Vec<&str> = texts.into_iter().filter(|t| !t.is_empty()).collect();
    texts.join(with)
}

impl Row {
    fn of(t: Text, pair: &PairView) -> Self {
        let [one, other] = &pair.sides;
        let told = |speaks_for: bool| {
            let told = pair.reasons.iter().filter(|r| r.speaks_for == speaks_for);
            joined(told.map(|r| r.says.as_str()), ", ")
        };
        let (for_it, against) = (told(true), told(false));
        let against = if against.is_empty() {
            String::new()
        } else {
            t.merging_against(&against)
        };
        let places = if one.place == other.place {
            one.place.clone()
        } else {
            joined([one.place.as_str(), &other.place], " / ")
        };
        Self {
            href: href(pair.what, one.id, other.id),
            one: joined([one.name.as_str(), &one.organisation], ", "),
            other: joined([other.name.as_str(), &other.organisation], ", "),
            under: joined([one.kind.as_str(), &places], " · "),
            reasons: joined([t.merging_for_it(&for_it).as_str(), &against], ". "),
            tag: tag(t, pair),
            score: t.merging_score(pair.score),
        }
    }
}

/// A decision.
struct Decided {
    id: Uuid,
    /// Id of the act that takes it back.
    act: Uuid,
    when: String,
    says: String,
    state: String,
    may_undo: bool,
}

impl Decided {
    fn of(t: Text, decision: &DecisionView, act: Uuid) -> Self {
        let [one, other] = &decision.names;
        Self {
            id: decision.id,
            act,
            when: t.moment(decision.at),
            says: if decision.merged {
                t.merging_merged(other, one)
            } else {
                t.merging_apart(one, other)
            },
            state: match (decision.undone, decision.until) {
                (true, _) => t.merging_undone().to_owned(),
                (false, Some(until)) if decision.may_undo => t.merging_until(t.day_of(until)),
                _ => t.merging_stands().to_owned(),
            },
            may_undo: decision.may_undo,
        }
    }
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/duplicates.html")]
pub(super) struct Page {
    f: Frame,
    t: Text,
    lead: String,
    ask: Vec<Field>,
    count: String,
    rows: Vec<Row>,
    next: String,
    decisions: Vec<Decided>,
}

impl Page {
    pub(super) fn of(f: Frame, t: Text, view: &DuplicatesView, asked: &Asked) -> Self {
        let choice = |value: &str, label: &str, chosen: Option<&str>| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            chosen: chosen == Some(value),
        };
        let what = asked.what.map(What::code);
        let whats = [
            choice(What::Organisations.code(), t.merging_what_organisations(), what),
            choice(What::Services.code(), t.merging_what_services(), what),
        ];
        let regions = view
            .regions
            .iter()
            .map(|(code, name)| choice(code, name, asked.region.as_deref()));
        let query = |after: &String| {
            let mut query = format!("/directory/duplicates?after={after}");
            if let Some(what) = what {
                query += &format!("&what={what}");
            }
            if let Some(region) = &asked.region {
                query += &format!("&region={region}");
            }
            query
        };
        Self {
            f,
            t,
            lead: t.merging_lead(view.undo_days),
            ask: vec![
                Field::line(t, "what", t.merging_what()).with(Control::List(whats.into())),
                Field::line(t, "region", t.merging_region()).with(Control::List(regions.collect())),
            ],
            count: t.merging_count(view.total),
            rows: view.rows.iter().map(|r| Row::of(t, r)).collect(),
            next: view.next.as_ref().map(query).unwrap_or_default(),
            decisions: view
                .decisions
                .iter()
                .map(|d| Decided::of(t, d, ids::new_v7(view.now)))
                .collect(),
        }
    }
}

/// The query of the list.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    what: String,
    #[serde(default)]
    region: String,
    #[serde(default)]
    after: Option<String>,
    /// What was just done.
    #[serde(default)]
    done: String,
}

impl Wanted {
    /// What is asked for; a code that is none is left aside.
    pub(crate) fn asked(&self) -> Asked {
        Asked {
            what: What::from_code(&self.what),
            region: region_code(&self.region),
            after: self.after.clone(),
        }
    }
}

/// The code of a region, where it can be one.
fn region_code(typed: &str) -> Option<String> {
    let sound = !typed.is_empty() && typed.len() <= 20 && typed.bytes().all(|b| b.is_ascii_alphanumeric());
    sound.then(|| typed.to_owned())
}

fn said(t: Text, done: &str) -> Option<Notice> {
    match done {
        "merged" => Some(Notice::done(t.merging_said_merged(), t.merging_said_merged_text())),
        "apart" => Some(Notice::done(t.merging_said_apart(), t.merging_said_apart_text())),
        "undone" => Some(Notice::done(t.merging_said_undone(), t.merging_said_undone_text())),
        _ => None,
    }
}

async fn page(app: &AppState, caller: &Caller, asked: Asked, notice: Option<Notice>) -> Result<Page, Problem> {
    let wanted = asked.clone();
    let view = apart(app, caller, move |desk, viewer| merging::list(desk, viewer, &wanted)).await??;
    let t = caller.t;
    let f = Frame::of(app, caller, Tab::Moderation, t.merging_title(), view.now)
        .back("/moderation", t.moderation_title())
        .notice(notice);
    Ok(Page::of(f, t, &view, &asked))
}

/// `GET /directory/duplicates`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let notice = said(caller.t, &wanted.done);
    Ok(frame::ok(&page(&app, &caller, wanted.asked(), notice).await?))
}

/// `POST /directory/duplicates/undo`.
pub(crate) async fn undo(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let id = typed.id()?;
    let decision: Uuid = typed
        .one("decision")
        .parse()
        .map_err(|_| Problem::new(ProblemKind::MalformedForm))?;
    match app.acts().undo_merge(&caller.viewer, id, decision).await {
        Ok(_) => Ok(see("/directory/duplicates?done=undone#decided")),
        // Of another region, or none: the list says what is.
        Err(ActError::NotFound) => Ok(see("/directory/duplicates#decided")),
        Err(error) => {
            let back = super::came_back::CameBack::of(error, caller.t)?;
            let mut page = page(&app, &caller, Asked::default(), None).await?;
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
