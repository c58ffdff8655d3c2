//! A request to stop using what was received: the recipient confirms in two
//! taps; the case's holder notes what it said by telephone.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::commands::ConfirmStop;
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::{StopRow, StopView};
use relais_mechanism::words::Channel;
use relais_network::StopRequestId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::After;
use super::referral::missing;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::format;
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Clock, Control, Field, Hand, Link, Row, Summary, Tag};
use crate::problem::Problem;
use crate::text::Text;

/// For which list a request is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// The recipient's inbox.
    Inbox,
    /// The office: whom to call.
    Office,
}

/// One request as a row of work.
pub(super) fn row(t: Text, stop: &StopRow, place: For, now: DateTime<Utc>) -> Row {
    let mut meta = Vec::new();
    match place {
        For::Inbox => {
            meta.extend(stop.referrals.iter().skip(1).cloned());
            meta.push(stop.classes.clone());
        }
        For::Office => meta.extend(stop.telephone.as_deref().map(|n| t.phone(n))),
    }
    if stop.effect == relais_acts::erased::EFFECT {
        meta.push(t.case_erased().to_owned());
    }
    meta.retain(|m| !m.is_empty());
    Row {
        href: match place {
            For::Office => String::new(),
            For::Inbox => format!("/stops/{}", stop.id),
        },
        title: match place {
            For::Inbox => t.stop_title().to_owned(),
            For::Office => t.stop_row_office(&stop.recipient),
        },
        late: stop.clock.as_ref().is_some_and(|c| c.late),
        prio: None,
        code: stop.referrals.first().cloned().unwrap_or_default(),
        meta,
        hand: stop
            .clock
            .as_ref()
            .map(|c| Hand::of(t, &stop.hand, t.work_limit(t.stop_due(), t.short(c.due, now)))),
        clock: stop.clock.as_ref().map(|c| Clock::running(t, c, now)),
        tag: stop
            .confirmed_on
            .map(|on| Tag::plain("done", t.stop_confirmed_on(t.date(on)))),
        action: (stop.hand.yours && place != For::Office).then(|| Link {
            href: format!("/stops/{}", stop.id),
            text: t.button_confirm().to_owned(),
        }),
        relay: None,
    }
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/stop.html")]
pub(super) struct Stop {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    action: String,
    recipient_side: bool,
    hand: Option<Hand>,
    clock: Option<Clock>,
    tag: Option<Tag>,
    facts: Vec<(&'static str, String)>,
    what: &'static str,
    goes_on: bool,
    call: Option<(String, String, String)>,
    fields: Vec<Field>,
    open: bool,
    summary: Option<Summary>,
}

impl Stop {
    pub(super) fn of(
        f: Frame,
        view: &StopView,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
        now: DateTime<Utc>,
    ) -> Self {
        let t = f.t;
        let row = &view.row;
        let mut facts = vec![(t.stop_referrals(), row.referrals.join(", "))];
        if !row.classes.is_empty() {
            facts.push((t.stop_received(), row.classes.clone()));
        }
        facts.push((t.stop_asked(), t.moment(row.asked_at)));
        if view.recipient_side {
            facts.push((t.stop_from(), view.sender.clone()));
        } else {
            facts.push((t.stop_to(), row.recipient.clone()));
        }
        let open = row.clock.is_some();
        let number = row.telephone.as_deref().map(|n| t.phone(n)).unwrap_or_default();
        let mut fields = Vec::new();
        if open && !view.recipient_side {
            fields = vec![
                Field::line(t, "number", t.telephone_number())
                    .max(40)
                    .value(if typed.0.is_empty() {
                        &number
                    } else {
                        typed.one("number")
                    })
                    .with(Control::Line {
                        kind: "tel",
                        mode: "tel",
                        size: "w10",
                    }),
                Field::line(t, "answered_by", t.telephone_who())
                    .max(200)
                    .value(typed.one("answered_by")),
            ];
            for field in &mut fields {
                field.error = error_of(wrong, &field.name, t.0);
            }
        }
        let summary = summary(t, &fields, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        let call = if view.recipient_side {
            view.sender_telephone
                .as_deref()
                .map(|n| (view.sender.clone(), t.phone(n), format::tel(n)))
        } else {
            row.telephone
                .as_deref()
                .map(|n| (row.recipient.clone(), t.phone(n), format::tel(n)))
        };
        Self {
            t,
            id,
            version: if typed.one("version").is_empty() {
                view.version.to_string()
            } else {
                typed.one("version").to_owned()
            },
            action: format!("/stops/{}", row.id),
            recipient_side: view.recipient_side,
            hand: row
                .clock
                .as_ref()
                .map(|c| Hand::of(t, &row.hand, t.work_limit(t.stop_due(), t.short(c.due, now)))),
            clock: row.clock.as_ref().map(|c| Clock::running(t, c, now)),
            tag: row.confirmed_on.map(|on| {
                let text = if row.noted {
                    t.stop_noted_on(t.date(on))
                } else {
                    t.stop_confirmed_on(t.date(on))
                };
                Tag::plain("done", text)
            }),
            facts,
            what: match row.effect.as_str() {
                "stop_service" => t.stop_what_service(),
                "both" => t.stop_what_both(),
                relais_acts::erased::EFFECT => t.stop_what_erased(),
                _ => t.stop_what_sharing(),
            },
            goes_on: view.goes_on,
            call,
            fields,
            open,
            summary,
            f,
        }
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &StopView, now: DateTime<Utc>) -> Frame {
    let t = caller.t;
    let (tab, back, text) = match view.row.case_id {
        Some(case) => (Tab::Cases, format!("/cases/{case}"), view.row.case_code.clone()),
        None => (Tab::Inbox, "/inbox".to_owned(), t.inbox_title().to_owned()),
    };
    Frame::of(app, caller, tab, t.stop_title(), now).back(back, text)
}

/// `GET /stops/{id}`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().stop(&caller.viewer, StopRequestId(id)).await?;
    let now = app.now().await?;
    let mut f = frame_of(&app, &caller, &view, now);
    f.notice = after.done.map(|d| d.notice(caller.t, ""));
    Ok(frame::ok(&Stop::of(
        f,
        &view,
        ids::new_v7(now),
        &Typed::default(),
        &[],
        now,
    )))
}

/// What the holder's form must say of a call; the recipient's has neither field.
fn gaps(typed: &Typed) -> Vec<FieldProblem> {
    let gap = |field: &str, sentence| {
        (typed.0.contains_key(field) && typed.one(field).is_empty()).then(|| missing(field, sentence))
    };
    [
        gap("number", Text::telephone_missing_number),
        gap("answered_by", Text::telephone_missing_who),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `POST /stops/{id}`.
pub(crate) async fn confirm(
    State(app): State<AppState>,
    caller: Caller,
    Id(stop): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let (id, version) = (typed.id()?, typed.version()?);
    let command = ConfirmStop {
        id,
        version,
        channel: (!typed.one("answered_by").is_empty() || !typed.one("number").is_empty())
            .then_some(Channel::Telephone),
        number: typed.one("number").to_owned(),
        answered_by: typed.one("answered_by").to_owned(),
        happened_at: None,
    };
    let gaps = gaps(&typed);
    let confirmed = if gaps.is_empty() {
        let id = StopRequestId(stop);
        app.acts().confirm_stop(&caller.viewer, id, command).await
    } else {
        Err(ActError::Invalid(gaps))
    };
    match confirmed {
        Ok(_) => Ok(see(&format!("/stops/{stop}?done=stopped"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app
                .acts()
                .stop(&caller.viewer, StopRequestId(stop))
                .await
                .map_err(|e| back.unshown(e.into()))?;
            if back.stale {
                typed.0.remove("version");
            }
            let now = app.now().await?;
            let f = frame_of(&app, &caller, &view, now);
            let mut page = Stop::of(f, &view, id, &typed, &back.wrong, now);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
