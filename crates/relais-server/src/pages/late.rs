//! The secretariat's list: what is late, where, whom to call.

use axum::extract::State;
use axum::response::Response;
use relais_acts::views::LateList;

use super::done::After;
use super::stop;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::Query;
use crate::format;
use crate::frame::{self, Frame, Tab, encode};
use crate::parts::{Notice, Row};
use crate::problem::Problem;
use crate::text::Text;
use crate::work::{self, For};

/// One organisation with late work.
struct Holder {
    name: String,
    shown: String,
    tel: String,
    late: u32,
    open: u32,
    /// Width of the bar, 0–96.
    bar: u32,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/late.html")]
pub(super) struct Late {
    f: Frame,
    t: Text,
    today: String,
    holders: Vec<Holder>,
    rows: Vec<Row>,
    stops: Vec<Row>,
    stops_more: bool,
    protected: Option<String>,
    next: Option<String>,
    recipients_missing: bool,
}

impl Late {
    pub(super) fn of(mut f: Frame, t: Text, list: &LateList) -> Self {
        if !list.oncall_missing.is_empty() && f.notice.is_none() {
            f.notice = Some(Notice::warn(
                t.late_oncall(),
                t.late_oncall_do(list.oncall_missing.join(", ")),
            ));
        }
        let most = list
            .holders
            .iter()
            .map(|(_, _, late, _)| *late)
            .max()
            .unwrap_or(1)
            .max(1);
        Self {
            f,
            t,
            today: t.weekday_moment(list.now),
            holders: list
                .holders
                .iter()
                .map(|(name, number, late, open)| Holder {
                    name: name.clone(),
                    shown: number.as_deref().map(|n| t.phone(n)).unwrap_or_default(),
                    tel: number.as_deref().map(format::tel).unwrap_or_default(),
                    late: *late,
                    open: *open,
                    bar: (96 * late / most).max(4),
                })
                .collect(),
            rows: list.rows.iter().map(|w| work::row(t, w, For::Late, list.now)).collect(),
            stops: list
                .stops
                .iter()
                .map(|s| stop::row(t, s, stop::For::Office, list.now))
                .collect(),
            stops_more: list.stops_more,
            protected: list.protected.map(|p| match p.cases {
                Some(n) => t.protection_count(n),
                None => t.protection_count_few(p.least),
            }),
            recipients_missing: list.recipients_missing,
            next: list.next.as_deref().map(|c| format!("/late?after={}", encode(c))),
        }
    }
}

/// `GET /late`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(query): Query<After>,
) -> Result<Response, Problem> {
    let list = app.acts().late(&caller.viewer, query.after).await?;
    let t = caller.t;
    let f = Frame::of(&app, &caller, Tab::Late, t.late_title(), list.now);
    Ok(frame::ok(&Late::of(f, t, &list)))
}
