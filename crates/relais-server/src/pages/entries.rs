//! "Our services": a provider confirms its entries of the directory, line by
//! line, and opens one to correct it or to state its places.

use axum::extract::State;
use axum::response::Response;
use relais_acts::entries::{ConfirmEntries, Confirmed, EntryCare, EntryRow, OwnEntries};
use relais_acts::problem::FieldProblem;
use relais_mechanism::words::Role;
use relais_network::life::Standing;
use relais_network::{PublicationStatus, ServiceId};
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::{After, Done};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Query, Typed};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Summary, Tag};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;

/// One entry of the list.
struct Line {
    /// What its tick says: the entry as it was read.
    value: String,
    /// Nothing is confirmed of what is archived.
    closed: bool,
    name: String,
    says: String,
    places: String,
    standing: String,
    doubts: Vec<String>,
    waits: bool,
    /// What is not signed.
    missing: String,
    tag: Tag,
    href: String,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/entries.html")]
pub(super) struct Entries {
    f: Frame,
    t: Text,
    id: Uuid,
    withheld: Option<String>,
    rows: Vec<Line>,
    /// Entries that may be confirmed, and all of them as they were read.
    open: usize,
    all: String,
    summary: Option<Summary>,
}

/// What the own entries want, on the pages where work begins: whether it presses,
/// what it is, and why.
pub(super) fn care(t: Text, care: EntryCare) -> Option<(bool, String, &'static str)> {
    let to_confirm = || t.entries_care(i64::from(care.to_confirm));
    if care.withheld {
        Some((true, t.entries_withheld().to_owned(), t.entries_care_withheld()))
    } else {
        (care.to_confirm > 0).then(|| (false, to_confirm(), ""))
    }
}

/// Where an entry stands, as a tag.
pub(super) fn tag(t: Text, status: PublicationStatus) -> Tag {
    match status {
        PublicationStatus::Proposed => Tag::plain("draft", t.entries_status_proposed()),
        PublicationStatus::Checked => Tag::plain("", t.entries_status_checked()),
        PublicationStatus::Published => Tag::plain("go", t.entries_status_published()),
        PublicationStatus::Doubtful => Tag::plain("ask", t.entries_status_doubtful()),
        PublicationStatus::Archived => Tag::plain("end", t.entries_status_archived()),
    }
}

/// How its confirmation stands, in words.
pub(super) fn standing(t: Text, row: &EntryRow) -> String {
    let until = row.until.map(|d| t.date(d)).unwrap_or_default();
    match row.standing {
        Standing::Never => t.entries_never().to_owned(),
        Standing::Overdue => t.entries_overdue(until),
        Standing::Soon => t.entries_soon(until),
        Standing::Holds => t.entries_confirmed(row.confirmed_on.map(|d| t.date(d)).unwrap_or_default(), until),
    }
}

/// What speaks against it.
pub(super) fn doubts(t: Text, row: &EntryRow) -> Vec<String> {
    row.doubts
        .iter()
        .map(|d| t.entries_doubt(t.date(d.on), &d.says))
        .collect()
}

/// What a tick says: the entry as it was read.
pub(super) fn value(row: &EntryRow) -> String {
    format!("{}:{}", row.id, row.version)
}

impl Entries {
    pub(super) fn of(f: Frame, t: Text, view: &OwnEntries, id: Uuid, wrong: &[FieldProblem]) -> Self {
        let open = |row: &&EntryRow| row.status != PublicationStatus::Archived;
        let all: Vec<String> = view.rows.iter().filter(open).map(value).collect();
        let summary = crate::forms::summary(t, [], wrong);
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            id,
            withheld: view
                .withheld
                .as_ref()
                .map(|w| t.entries_withheld_why(w.unanswered, t.day_of(w.since))),
            rows: view
                .rows
                .iter()
                .map(|row| Line {
                    value: value(row),
                    closed: !open(&row),
                    name: row.name.clone(),
                    says: row.says.join(" · "),
                    places: match (row.available, row.assessed_on) {
                        (Some(n), Some(on)) => t.entries_places(n, t.date(on)),
                        _ => t.entries_places_none().to_owned(),
                    },
                    standing: standing(t, row),
                    doubts: doubts(t, row),
                    waits: row.waits,
                    missing: super::safeguards::missing_says(t, &row.missing),
                    tag: tag(t, row.status),
                    href: format!("/entries/{}", row.id),
                })
                .collect(),
            open: all.len(),
            all: all.join(","),
            summary,
        }
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &OwnEntries) -> Frame {
    Frame::of(app, caller, Tab::Entries, caller.t.entries_title(), view.now)
}

/// `GET /entries`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().own_entries(&caller.viewer).await?;
    let f = frame_of(&app, &caller, &view).notice(after.done.map(|d| d.notice(caller.t, "")));
    let id = ids::new_v7(view.now);
    Ok(frame::ok(&Entries::of(f, caller.t, &view, id, &[])))
}

/// The entries that were ticked, each as it was read.
fn ticked(typed: &Typed) -> Result<Vec<Confirmed>, Problem> {
    let all = typed.one("all");
    let values: Vec<&str> = if all.is_empty() {
        typed.all("entry").iter().map(String::as_str).collect()
    } else {
        all.split(',').collect()
    };
    let malformed = || Problem::new(ProblemKind::MalformedForm);
    values
        .into_iter()
        .map(|value| {
            let (service, version) = value.split_once(':').ok_or_else(malformed)?;
            Ok(Confirmed {
                service: ServiceId(service.parse().map_err(|_| malformed())?),
                version: version.parse().map_err(|_| malformed())?,
            })
        })
        .collect()
}

/// `POST /entries`: still true.
pub(crate) async fn confirm(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let id = typed.id()?;
    let entries = ticked(&typed)?;
    let one = entries
        .first()
        .map(|e| e.service)
        .filter(|_| typed.one("back") == "entry");
    let done = Done::EntriesConfirmed;
    match app
        .acts()
        .confirm_entries(&caller.viewer, ConfirmEntries { id, entries })
        .await
    {
        Ok(_) => Ok(match one {
            Some(service) => see(&format!("/entries/{service}?done={done}")),
            None => see(&format!("/entries?done={done}")),
        }),
        Err(error) => {
            let t = caller.t;
            // The coordination unit has no list of its own to come back to.
            if !caller.viewer.is(Role::FocalPoint) {
                return Err(error.into());
            }
            let back = CameBack::of(error, t)?;
            let view = app.acts().own_entries(&caller.viewer).await?;
            let f = frame_of(&app, &caller, &view);
            let id = ids::new_v7(view.now);
            let mut page = Entries::of(f, t, &view, id, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
