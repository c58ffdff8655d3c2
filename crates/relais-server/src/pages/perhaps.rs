//! "Perhaps the same person": the warning on the page of a case and on the
//! arrival form, with what can be done about it.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::commands::{ActOnPerhaps, JoinCases};
use relais_acts::duplicates::{AskRow, Checked, JoinedRow, Perhaps, PerhapsRow};
use relais_network::CaseId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::cases::Case;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::format;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::Clock;
use crate::problem::Problem;
use crate::text::Text;

/// A file that the viewer sees.
struct Seen {
    href: String,
    code: String,
    holder: String,
    says: String,
    other: Uuid,
    can_join: bool,
    /// Ids of the two forms.
    not_same: Uuid,
    join: Uuid,
}

impl Seen {
    fn of(row: &PerhapsRow, now: DateTime<Utc>) -> Self {
        Self {
            href: format!("/cases/{}", row.case_id),
            code: row.code.clone(),
            holder: row.holder.clone(),
            says: row.says.clone(),
            other: row.case_id.0,
            can_join: row.can_join,
            not_same: ids::new_v7(now),
            join: ids::new_v7(now),
        }
    }
}

/// A question that was asked.
struct Asked {
    when: String,
    says: &'static str,
    clock: Option<Clock>,
    /// After a yes: code, holder, number as shown, number to call.
    holder: Option<(String, String, String, String)>,
    join: Option<(Uuid, Uuid)>,
}

impl Asked {
    fn of(t: Text, row: &AskRow, now: DateTime<Utc>) -> Self {
        let number = row.telephone.clone().unwrap_or_default();
        Self {
            when: t.perhaps_asked(t.day_of(row.asked_at)),
            says: match (row.state.as_str(), row.answer.as_deref()) {
                ("waiting", _) => t.perhaps_waiting(),
                (_, Some("yes")) => t.perhaps_yes(),
                (_, Some("no")) => t.perhaps_no(),
                (_, Some(_)) => t.perhaps_unsure(),
                _ => t.perhaps_lapsed(),
            },
            clock: row.clock.as_ref().map(|c| Clock::running(t, c, now)),
            holder: row.code.clone().zip(row.holder.clone()).map(|(code, holder)| {
                let shown = if number.is_empty() {
                    String::new()
                } else {
                    t.phone(&number)
                };
                (code, holder, shown, format::tel(&number))
            }),
            join: row.join.map(|other| (other.0, ids::new_v7(now))),
        }
    }
}

/// A file joined with this one.
struct Joined {
    href: Option<String>,
    code: String,
    holder: String,
    when: String,
    /// Until when it can be undone, the other case, the id of the form.
    undo: Option<(String, Uuid, Uuid)>,
}

impl Joined {
    fn of(t: Text, row: &JoinedRow, other: Option<CaseId>, now: DateTime<Utc>) -> Self {
        Self {
            href: row.case_id.map(|id| format!("/cases/{id}")),
            code: row.code.clone(),
            holder: row.holder.clone(),
            when: t.day_of(row.at),
            undo: row
                .undo_until
                .zip(other)
                .map(|(until, other)| (t.day_of(until), other.0, ids::new_v7(now))),
        }
    }
}

/// The part of a case's page.
#[derive(askama::Template)]
#[template(path = "parts/perhaps.html")]
pub(super) struct Part {
    t: Text,
    base: String,
    seen: Vec<Seen>,
    elsewhere: bool,
    asked: Vec<Asked>,
    joined: Vec<Joined>,
    into: Option<Joined>,
    may: bool,
    /// Ids of its forms.
    ask: Uuid,
}

/// The part beside it: when it was looked for, and again.
#[derive(askama::Template)]
#[template(path = "parts/looked.html")]
pub(super) struct Looked {
    t: Text,
    base: String,
    looked: Option<String>,
    found: bool,
    left: u32,
    look: Uuid,
}

impl Part {
    /// Both parts, or none where the case is compared with no other.
    pub(super) fn of(t: Text, base: &str, perhaps: &Perhaps, may: bool, now: DateTime<Utc>) -> (Self, Option<Looked>) {
        let part = Self {
            t,
            base: base.to_owned(),
            seen: perhaps.seen.iter().map(|row| Seen::of(row, now)).collect(),
            elsewhere: perhaps.elsewhere,
            asked: perhaps.asks.iter().map(|row| Asked::of(t, row, now)).collect(),
            joined: perhaps
                .joined
                .iter()
                .map(|row| Joined::of(t, row, Some(row.younger), now))
                .collect(),
            into: perhaps
                .into
                .as_ref()
                .map(|row| Joined::of(t, row, perhaps.into_id, now)),
            may,
            ask: ids::new_v7(now),
        };
        let looked = may.then(|| Looked {
            t,
            base: base.to_owned(),
            looked: perhaps.checked_at.map(|at| t.day_of(at)),
            found: !perhaps.seen.is_empty() || perhaps.elsewhere || !perhaps.asks.is_empty(),
            left: perhaps.left,
            look: ids::new_v7(now),
        });
        (part, looked)
    }

    fn is_empty(&self) -> bool {
        self.seen.is_empty()
            && !self.elsewhere
            && self.asked.is_empty()
            && self.joined.is_empty()
            && self.into.is_none()
    }
}

/// What a check before registering found.
#[derive(askama::Template)]
#[template(path = "parts/checked.html")]
pub(super) struct CheckedPart {
    t: Text,
    seen: Vec<Seen>,
    elsewhere: bool,
    left: u32,
}

impl CheckedPart {
    pub(super) fn of(t: Text, checked: &Checked, now: DateTime<Utc>) -> Self {
        Self {
            t,
            seen: checked.seen.iter().map(|row| Seen::of(row, now)).collect(),
            elsewhere: checked.elsewhere,
            left: checked.left,
        }
    }
}

/// The case's page, with what stands against what was asked on top.
async fn back(app: &AppState, caller: &Caller, case: Uuid, error: relais_acts::ActError) -> Result<Response, Problem> {
    let back = CameBack::of(error, caller.t)?;
    let view = app
        .acts()
        .case(&caller.viewer, CaseId(case))
        .await
        .map_err(|e| back.unshown(e.into()))?;
    let now = app.now().await?;
    let f = Frame::of(app, caller, Tab::Cases, &view.code, now).back("/cases", caller.t.cases_title());
    let mut page = Case::of(f, caller.t, &view, now);
    let status = back.onto(page.frame());
    Ok(frame::html(status, &page))
}

/// `POST /cases/{id}/perhaps`.
pub(crate) async fn act(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let command = ActOnPerhaps {
        id: typed.id()?,
        command: typed.one("command").to_owned(),
        other: typed.one("other").parse().ok(),
    };
    let done = match command.command.as_str() {
        "ask" => "same_asked",
        "not_same" => "not_same",
        _ => "looked",
    };
    match app.acts().act_on_perhaps(&caller.viewer, CaseId(case), command).await {
        Ok(_) => Ok(see(&format!("/cases/{case}?done={done}"))),
        Err(error) => back(&app, &caller, case, error).await,
    }
}

fn other(typed: &Typed) -> Result<JoinCases, Problem> {
    Ok(JoinCases {
        id: typed.id()?,
        other: typed.one("other").parse().unwrap_or_default(),
    })
}

/// `POST /cases/{id}/join`.
pub(crate) async fn join(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    match app.acts().join(&caller.viewer, CaseId(case), other(&typed)?).await {
        Ok(_) => Ok(see(&format!("/cases/{case}?done=joined"))),
        Err(error) => back(&app, &caller, case, error).await,
    }
}

/// `POST /cases/{id}/separate`.
pub(crate) async fn separate(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    match app.acts().separate(&caller.viewer, CaseId(case), other(&typed)?).await {
        Ok(_) => Ok(see(&format!("/cases/{case}?done=separated"))),
        Err(error) => back(&app, &caller, case, error).await,
    }
}
