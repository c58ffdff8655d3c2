//! My day: late first, then your move, the answers, the appointments.

use axum::extract::State;
use axum::response::Response;
use relais_acts::views::{MyDay, WorkRow};

use crate::AppState;
use crate::ask::Caller;
use crate::frame::{self, Frame, Tab};
use crate::parts::{Clock, Row};
use crate::problem::Problem;
use crate::text::Text;
use crate::work::{self, For};

/// One appointment.
struct Appointment {
    datetime: String,
    time: String,
    href: String,
    label: String,
    who: String,
}

/// One line of what waits on others.
struct Waiting {
    href: String,
    code: String,
    with: String,
    clock: Option<Clock>,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/day.html")]
pub(super) struct Day {
    f: Frame,
    t: Text,
    today: String,
    late: Vec<Row>,
    yours: Vec<Row>,
    answers: Vec<Row>,
    appointments: Vec<Appointment>,
    others: Vec<Waiting>,
    more: bool,
}

impl Day {
    /// Whether nothing at all waits for the viewer.
    fn is_empty(&self) -> bool {
        self.late.is_empty() && self.yours.is_empty() && self.answers.is_empty()
    }

    pub(super) fn of(f: Frame, t: Text, day: &MyDay) -> Self {
        let rows = |rows: &[WorkRow], place| rows.iter().map(|w| work::row(t, w, place, day.now)).collect();
        Self {
            f,
            t,
            today: t.weekday_moment(day.now),
            late: rows(&day.late, For::Day),
            yours: rows(&day.yours, For::Day),
            answers: rows(&day.answers, For::Answers),
            appointments: day
                .appointments
                .iter()
                .map(|w| {
                    let at = w.clock.as_ref().map_or(day.now, |c| c.due);
                    Appointment {
                        datetime: crate::format::local(at).to_rfc3339(),
                        time: t.short(at, day.now),
                        href: w
                            .referral_id
                            .map_or_else(|| format!("/cases/{}", w.case_id), |id| format!("/referrals/{id}")),
                        label: w.label.clone(),
                        who: [w.initials.as_str(), w.organisation.as_str()]
                            .into_iter()
                            .filter(|s| !s.is_empty())
                            .collect::<Vec<_>>()
                            .join(" · "),
                    }
                })
                .collect(),
            others: day
                .others
                .iter()
                .map(|w| Waiting {
                    href: w
                        .referral_id
                        .map_or_else(|| format!("/cases/{}", w.case_id), |id| format!("/referrals/{id}")),
                    code: if w.case_code.is_empty() {
                        w.referral_code.clone()
                    } else {
                        w.case_code.clone()
                    },
                    with: w.hand.organisation.clone(),
                    clock: w.clock.as_ref().map(|c| Clock::running(t, c, day.now)),
                })
                .collect(),
            more: day.more,
        }
    }
}

/// `GET /day`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let day = app.acts().my_day(&caller.viewer).await?;
    let t = caller.t;
    let f = Frame::of(&app, &caller, Tab::Day, t.day_title(), day.now);
    Ok(frame::ok(&Day::of(f, t, &day)))
}
