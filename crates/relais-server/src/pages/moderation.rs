//! The coordination unit's page: changes that wait, old and new side by side;
//! entries in doubt, to confirm, not published yet; who keeps silent.

use axum::extract::State;
use axum::response::Response;
use relais_acts::entries::{DecideChange, Decision, EntryRow, LONGEST, Moderation};
use relais_acts::problem::FieldProblem;
use relais_network::EntryChangeId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::{After, Done};
use super::entries::{doubts, standing, tag};
use super::safeguards::missing_says;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::format;
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Field, Summary, Tag};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

/// A change that waits.
struct Waiting {
    id: Uuid,
    version: i64,
    action: String,
    href: String,
    name: String,
    by: String,
    note: String,
    /// Line, today's value, proposed value.
    values: Vec<(String, String, String)>,
    reason: Field,
    open: bool,
}

/// An entry of a list.
struct Line {
    href: String,
    name: String,
    says: String,
    doubts: Vec<String>,
    missing: String,
    tag: Tag,
}

/// A list of entries.
struct Section {
    anchor: &'static str,
    title: &'static str,
    none: &'static str,
    rows: Vec<Line>,
    more: bool,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/moderation.html")]
pub(super) struct Page {
    f: Frame,
    t: Text,
    lead: String,
    /// Where the office puts entries before the committee; empty for the regions.
    committee: String,
    never: usize,
    summary: Option<Summary>,
    waiting: Vec<Waiting>,
    /// Name, how long, telephone as read and as dialled.
    withheld: Vec<(String, String, String, String)>,
    unsigned: Vec<Unsigned>,
    sections: Vec<Section>,
}

/// Who is to sign.
struct Unsigned {
    href: String,
    name: String,
    missing: String,
    says: String,
}

/// Rows of each list on the page: the API has more.
const SHOWN: usize = 5;

fn line(t: Text, row: &EntryRow) -> Line {
    let says = [&row.organisation, &row.place, &standing(t, row)];
    Line {
        href: format!("/entries/{}", row.id),
        name: row.name.clone(),
        says: says
            .into_iter()
            .filter(|s| !s.is_empty())
            .cloned()
            .collect::<Vec<_>>()
            .join(" · "),
        doubts: doubts(t, row),
        missing: missing_says(t, &row.missing),
        tag: tag(t, row.status),
    }
}

impl Page {
    pub(super) fn of(
        f: Frame,
        t: Text,
        view: &Moderation,
        came: Option<(EntryChangeId, &Typed, &[FieldProblem])>,
    ) -> Self {
        let counts = view.counts;
        let waiting: Vec<Waiting> = view
            .waiting
            .iter()
            .take(SHOWN)
            .map(|change| {
                let back = came.filter(|(id, ..)| *id == change.id);
                let mut reason = Field::line(t, "reason", t.entry_reason())
                    .hint(t.entry_reason_hint())
                    .at_most(LONGEST)
                    .value(back.map_or("", |(_, typed, _)| typed.one("reason")));
                reason.error = back.and_then(|(_, _, wrong)| error_of(wrong, "reason", t.0));
                Waiting {
                    id: ids::new_v7(view.now),
                    version: change.version,
                    action: format!("/moderation/{}", change.id),
                    href: change.service.map(|s| format!("/entries/{s}")).unwrap_or_default(),
                    name: change.name.clone(),
                    by: t.moderation_by(&change.by_name, &change.organisation, t.moment(change.at)),
                    note: if change.note.is_empty() {
                        String::new()
                    } else {
                        t.moderation_says(&change.note)
                    },
                    values: change
                        .values
                        .iter()
                        .map(|v| (v.label.clone(), v.old.clone(), v.new.clone()))
                        .collect(),
                    reason,
                    open: back.is_some(),
                }
            })
            .collect();
        // Each form of the page has the field, so each its own id.
        let waiting: Vec<Waiting> = waiting
            .into_iter()
            .zip(SCOPES)
            .map(|(mut w, scope)| {
                w.reason.scope = scope;
                w
            })
            .collect();
        let wrong = came.map_or(&[][..], |(_, _, wrong)| wrong);
        let summary = crate::forms::summary(t, waiting.iter().filter(|w| w.open).map(|w| &w.reason), wrong);
        let section = |anchor, title, none, rows: &[EntryRow], count: usize| Section {
            anchor,
            title,
            none,
            rows: rows.iter().take(SHOWN).map(|r| line(t, r)).collect(),
            more: count > rows.len().min(SHOWN),
        };
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            lead: t.moderation_lead(counts.waiting, counts.doubtful, counts.overdue, counts.unpublished),
            committee: view
                .unratified
                .map_or_else(String::new, |n| t.ratification_link(t.figure(n))),
            never: counts.never,
            summary,
            waiting,
            withheld: view
                .withheld
                .iter()
                .take(SHOWN)
                .map(|w| {
                    let number = w.telephone.clone().unwrap_or_default();
                    (
                        w.organisation.clone(),
                        t.moderation_withheld_row(w.unanswered, t.day_of(w.since)),
                        t.phone(&number),
                        format::tel(&number),
                    )
                })
                .collect(),
            unsigned: view
                .unsigned
                .iter()
                .take(SHOWN)
                .map(|u| Unsigned {
                    href: super::safeguards::address(u.organisation),
                    name: u.name.clone(),
                    missing: missing_says(t, &u.missing),
                    says: t.safeguards_unsigned_row(u.waiting, u.exposed),
                })
                .collect(),
            sections: vec![
                section(
                    "doubtful",
                    t.moderation_doubtful(),
                    t.moderation_doubtful_none(),
                    &view.doubtful,
                    counts.doubtful,
                ),
                section(
                    "overdue",
                    t.moderation_overdue(),
                    t.moderation_overdue_none(),
                    &view.overdue,
                    counts.overdue,
                ),
                section(
                    "unpublished",
                    t.moderation_unpublished(),
                    t.moderation_unpublished_none(),
                    &view.unpublished,
                    counts.unpublished,
                ),
            ],
        }
    }
}

/// What tells the fields of the page's forms apart.
const SCOPES: [&str; SHOWN] = ["c1", "c2", "c3", "c4", "c5"];

fn frame_of(app: &AppState, caller: &Caller, view: &Moderation) -> Frame {
    Frame::of(app, caller, Tab::Moderation, caller.t.moderation_title(), view.now)
}

/// `GET /moderation`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().moderation(&caller.viewer).await?;
    let t = caller.t;
    let f = frame_of(&app, &caller, &view).notice(after.done.map(|d| d.notice(t, "")));
    Ok(frame::ok(&Page::of(f, t, &view, None)))
}

/// `POST /moderation/{id}`: accepts or refuses.
pub(crate) async fn decide(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let change = EntryChangeId(id);
    let decision =
        Decision::from_code(typed.one("decision")).ok_or_else(|| Problem::new(ProblemKind::MalformedForm))?;
    let command = DecideChange {
        id: typed.id()?,
        version: typed.version()?,
        decision,
        reason: typed.one("reason").to_owned(),
    };
    match app.acts().decide_change(&caller.viewer, change, command).await {
        Ok(_) => {
            let done = match decision {
                Decision::Accept => Done::ChangeAccepted,
                Decision::Refuse => Done::ChangeRefused,
            };
            Ok(see(&format!("/moderation?done={done}")))
        }
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app.acts().moderation(&caller.viewer).await?;
            let f = frame_of(&app, &caller, &view);
            let mut page = Page::of(f, caller.t, &view, Some((change, &typed, &back.wrong)));
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
