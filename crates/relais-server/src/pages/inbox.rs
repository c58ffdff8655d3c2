//! A provider's desk: what wants an answer, what is under way.

use axum::extract::State;
use axum::response::Response;
use relais_acts::coordination::ReplyToFigures;
use relais_acts::problem::FieldProblem;
use relais_acts::views::{Inbox, OwnFigures, WorkRow};
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::stop;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Query, Typed};
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, encode, see};
use crate::parts::{Control, Field, Notice, Row};
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
    /// The own services that no search finds: name, code.
    codes: Vec<(String, String)>,
    system_stopped: bool,
    care: Option<(bool, String, &'static str)>,
    more: bool,
    figures: Figures,
}

/// The own figures, and the form to reply to them.
struct Figures {
    now: Option<String>,
    put: Option<String>,
    until: String,
    yours: String,
    action: Option<(Uuid, i64, Field, bool)>,
}

impl Figures {
    fn of(t: Text, own: &OwnFigures, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let counts = own.now;
        let put = own.put.as_ref();
        let reply = put.and_then(|p| p.reply.clone()).unwrap_or_default();
        Self {
            now: (counts.asked > 0).then(|| t.figures_now(own.days, counts.asked, counts.answered, counts.late)),
            put: put.map(|p| t.figures_put(t.day_of(p.put_at), p.counts.asked, p.counts.answered, p.counts.late)),
            until: put.map_or_else(String::new, |p| {
                if p.shown {
                    t.figures_shown().to_owned()
                } else {
                    t.figures_until(t.moment(p.reply_until))
                }
            }),
            yours: if reply.is_empty() {
                String::new()
            } else {
                t.figures_yours(&reply)
            },
            action: put.map(|p| {
                let value = if typed.0.is_empty() {
                    reply.as_str()
                } else {
                    typed.one("text")
                };
                let mut field = Field::line(t, "text", t.figures_reply_text())
                    .hint(t.figures_reply_hint())
                    .max(500)
                    .value(value)
                    .with(Control::Lines { rows: 3 });
                field.error = error_of(wrong, "text", t.0);
                let open = field.error.is_some();
                (id, p.version, field, open)
            }),
        }
    }
}

impl InboxPage {
    pub(super) fn of(f: Frame, t: Text, inbox: &Inbox, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
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
            codes: inbox.codes.iter().map(|c| (c.name.clone(), c.code.clone())).collect(),
            system_stopped: inbox.system_stopped,
            care: super::entries::care(t, inbox.entries),
            more: inbox.more,
            figures: Figures::of(t, &inbox.figures, id, typed, wrong),
        }
    }
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct After {
    /// The own figures were just replied to.
    #[serde(default)]
    replied: Option<String>,
    /// Cursor of the next page.
    #[serde(default)]
    after: Option<String>,
}

/// `GET /inbox`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let inbox = app.acts().inbox(&caller.viewer, after.after).await?;
    let t = caller.t;
    let f = Frame::of(&app, &caller, Tab::Inbox, t.inbox_title(), inbox.now).notice(
        after
            .replied
            .map(|_| Notice::done(t.figures_replied(), t.figures_replied_text())),
    );
    let id = ids::new_v7(inbox.now);
    Ok(frame::ok(&InboxPage::of(f, t, &inbox, id, &Typed::default(), &[])))
}

/// `POST /inbox/figures`.
pub(crate) async fn reply(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let (id, version) = (typed.id()?, typed.version()?);
    let command = ReplyToFigures {
        id,
        version,
        text: typed.one("text").to_owned(),
    };
    match app.acts().reply_figures(&caller.viewer, command).await {
        Ok(_) => Ok(see("/inbox?replied=yes#figures")),
        Err(error) => {
            let t = caller.t;
            let back = CameBack::of(error, t)?;
            let inbox = app.acts().inbox(&caller.viewer, None).await?;
            let f = Frame::of(&app, &caller, Tab::Inbox, t.inbox_title(), inbox.now);
            let mut page = InboxPage::of(f, t, &inbox, id, &typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
