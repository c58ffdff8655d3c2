//! A provider's desk: what wants an answer, what is under way.

use axum::extract::State;
use axum::response::Response;
use relais_acts::views::{Inbox, WorkRow};

use super::done::After;
use super::stop;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::Query;
use crate::frame::{self, Frame, Tab, encode};
use crate::parts::Row;
use crate::problem::Problem;
use crate::text::Text;
use crate::work::{self, For};

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/inbox.html")]
pub(super) struct InboxPage {
    f: Frame,
    t: Text,
    today: String,
    stops: Vec<Row>,
    to_answer: Vec<Row>,
    under_way: Vec<Row>,
    ended: Vec<Row>,
    next: Option<String>,
}

impl InboxPage {
    pub(super) fn of(f: Frame, t: Text, inbox: &Inbox) -> Self {
        let rows = |rows: &[WorkRow]| rows.iter().map(|w| work::row(t, w, For::Inbox, inbox.now)).collect();
        Self {
            f,
            t,
            today: t.weekday_moment(inbox.now),
            stops: inbox
                .stops
                .iter()
                .map(|s| stop::row(t, s, stop::For::Inbox, inbox.now))
                .collect(),
            to_answer: rows(&inbox.to_answer),
            under_way: rows(&inbox.under_way),
            ended: rows(&inbox.ended),
            next: inbox.next.as_deref().map(|c| format!("/inbox?after={}", encode(c))),
        }
    }
}

/// `GET /inbox`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<After>,
) -> Result<Response, Problem> {
    let inbox = app.acts().inbox(&caller.viewer, query.after).await?;
    let t = caller.t;
    let f = Frame::of(&app, &caller, Tab::Inbox, t.inbox_title(), inbox.now);
    Ok(frame::ok(&InboxPage::of(f, t, &inbox)))
}
