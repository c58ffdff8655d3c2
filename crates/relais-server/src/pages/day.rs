//! My day: late first, then your move, the answers, the appointments.

use axum::extract::State;
use axum::response::Response;
use relais_acts::closing::ClosureRow;
use relais_acts::views::{CosignRow, EndedRow, MyDay, WorkRow};
use relais_mechanism::Role;

use super::{close, cosign};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::Query;
use crate::frame::{self, Frame, Tab};
use crate::parts::{Clock, Row};
use crate::problem::Problem;
use crate::text::Text;
use crate::work::{self, For};

/// Rows of a section on one page: three full sections stay within the budget of 20 KB.
const ROWS: usize = 4;
/// Short lines (appointments, what waits on others) on one page.
const LINES: usize = 6;
/// Withdrawals that wait for a recipient's confirmation on one page.
const STOPS: usize = 4;
/// Plans, closures and contacts on one page.
const FEW: usize = 3;

/// From which row each section is shown, and where its next rows are.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct From {
    late: usize,
    yours: usize,
    answers: usize,
    appointments: usize,
    others: usize,
    stops: usize,
    transfers: usize,
    unclaimed: usize,
    closures: usize,
    follow_ups: usize,
    plans: usize,
    ended: usize,
    same: usize,
    /// What was just done, where the act led here.
    done: Option<super::done::Done>,
}

/// What stands in the viewer's own sections.
enum Item<'a> {
    Cosign(&'a CosignRow),
    Closure(&'a ClosureRow),
    Work(&'a WorkRow),
}

/// One page of a section.
struct Part<T> {
    shown: Vec<T>,
    total: usize,
    /// First row of the next page; none on the last.
    next: Option<usize>,
}

impl<T> Part<T> {
    fn of<W>(all: &[W], from: usize, most: usize, lay: impl FnMut(&W) -> T) -> Self {
        let end = from.saturating_add(most);
        Self {
            shown: all.iter().skip(from).take(most).map(lay).collect(),
            total: all.len(),
            next: (end < all.len()).then_some(end),
        }
    }

    /// Rows of the section on all its pages.
    fn total(&self) -> usize {
        self.total
    }
}

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

/// One case that may be taken.
struct Free {
    action: String,
    id: uuid::Uuid,
    code: String,
    region: String,
    clock: Option<Clock>,
}

/// A case that ended lately, whose plan is to be looked at again, or whose
/// person is to be contacted once more.
struct Over {
    href: String,
    code: String,
    who: String,
    when: String,
}

impl Over {
    fn of(row: &EndedRow, page: &str, when: String) -> Self {
        Self {
            href: format!("/cases/{}{page}", row.case_id),
            code: row.case_code.clone(),
            who: row.initials.clone(),
            when,
        }
    }
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/day.html")]
pub(super) struct Day {
    f: Frame,
    t: Text,
    today: String,
    late: Part<Row>,
    yours: Part<Row>,
    answers: Part<Row>,
    appointments: Part<Appointment>,
    others: Part<Waiting>,
    stops: Part<Waiting>,
    transfers: Part<Waiting>,
    unclaimed: Part<Free>,
    closures: Part<Waiting>,
    follow_ups: Part<Over>,
    plans: Part<Over>,
    ended: Part<Over>,
    same: Part<super::same::Line>,
    more: bool,
    system_stopped: bool,
    care: Option<(bool, String, &'static str)>,
}

impl Day {
    /// Whether nothing at all waits for the viewer.
    fn is_empty(&self) -> bool {
        self.late.total
            + self.yours.total
            + self.answers.total
            + self.stops.total
            + self.transfers.total
            + self.unclaimed.total
            + self.same.total
            + self.plans.total
            + self.closures.total
            + self.follow_ups.total
            == 0
    }

    pub(super) fn of(f: Frame, t: Text, day: &MyDay, from: From) -> Self {
        let rows = |rows: &[WorkRow], from, place| Part::of(rows, from, ROWS, |w| work::row(t, w, place, day.now));
        // What waits for a signature comes first among what is the viewer's move.
        let with_cosign = |late: bool, rows: &[WorkRow], from| {
            let cosign = day.cosign.iter().filter(|c| c.late == late).map(Item::Cosign);
            let closures = day.closures.iter().filter(|c| c.yours && c.clock.late == late);
            let first = cosign.chain(closures.map(Item::Closure));
            let items: Vec<Item<'_>> = first.chain(rows.iter().map(Item::Work)).collect();
            Part::of(&items, from, ROWS, |item| match item {
                Item::Cosign(c) => cosign::row(t, c, day.now),
                Item::Closure(c) => close::row(t, c, day.now),
                Item::Work(w) => work::row(t, w, For::Day, day.now),
            })
        };
        let theirs: Vec<&ClosureRow> = day.closures.iter().filter(|c| !c.yours).collect();
        Self {
            f,
            t,
            today: t.weekday_moment(day.now),
            late: with_cosign(true, &day.late, from.late),
            yours: with_cosign(false, &day.yours, from.yours),
            answers: rows(&day.answers, from.answers, For::Answers),
            appointments: Part::of(&day.appointments, from.appointments, LINES, |w| {
                let at = w.clock.as_ref().map_or(day.now, |c| c.due);
                Appointment {
                    datetime: crate::format::local(at).to_rfc3339(),
                    time: t.short(at, day.now),
                    href: href(w),
                    label: w.label.clone(),
                    who: [w.initials.as_str(), w.organisation.as_str()]
                        .into_iter()
                        .filter(|s| !s.is_empty())
                        .collect::<Vec<_>>()
                        .join(" · "),
                }
            }),
            others: Part::of(&day.others, from.others, LINES, |w| Waiting {
                href: href(w),
                code: if w.case_code.is_empty() {
                    w.referral_code.clone()
                } else {
                    w.case_code.clone()
                },
                with: if w.erased {
                    w.label.clone()
                } else {
                    w.hand.organisation.clone()
                },
                clock: w.clock.as_ref().map(|c| Clock::running(t, c, day.now)),
            }),
            stops: Part::of(&day.stops, from.stops, STOPS, |s| Waiting {
                href: format!("/stops/{}", s.id),
                code: s.case_code.clone(),
                with: if s.effect == relais_acts::erased::EFFECT {
                    format!("{} · {}", t.case_erased(), s.recipient)
                } else {
                    s.recipient.clone()
                },
                clock: s.clock.as_ref().map(|c| Clock::running(t, c, day.now)),
            }),
            transfers: Part::of(&day.transfers, from.transfers, STOPS, |x| Waiting {
                href: format!("/transfers/{}", x.id),
                code: x.case_code.clone(),
                with: x.organisation.clone(),
                clock: x.clock.as_ref().map(|c| Clock::running(t, c, day.now)),
            }),
            unclaimed: Part::of(&day.unclaimed, from.unclaimed, STOPS, |c| Free {
                action: format!("/cases/{}/claim", c.id),
                id: relais_store::ids::new_v7(day.now),
                code: c.code.clone(),
                region: c.region.clone(),
                clock: c.clock.as_ref().map(|c| Clock::running(t, c, day.now)),
            }),
            closures: Part::of(&theirs, from.closures, FEW, |c| Waiting {
                href: format!("/cases/{}/close", c.case_id),
                code: c.case_code.clone(),
                with: if c.role == Role::Supervisor {
                    t.close_with_supervisor()
                } else {
                    t.close_with_manager()
                }
                .to_owned(),
                clock: Some(Clock::running(t, &c.clock, day.now)),
            }),
            follow_ups: Part::of(&day.follow_ups, from.follow_ups, FEW, |p| {
                Over::of(p, "/follow-up", t.follow_due(t.day_of(p.at)))
            }),
            plans: Part::of(&day.plans, from.plans, FEW, |p| {
                Over::of(p, "/plan", t.plan_section_on(t.day_of(p.at)))
            }),
            ended: Part::of(&day.ended, from.ended, LINES, |e| {
                Over::of(e, "", t.end_section_on(t.day_of(e.at)))
            }),
            same: Part::of(&day.same, from.same, STOPS, |s| super::same::Line::of(t, s, day.now)),
            more: day.more,
            system_stopped: day.system_stopped,
            care: super::entries::care(t, day.entries),
        }
    }
}

/// Where a line leads: its referral, else its case.
fn href(w: &WorkRow) -> String {
    w.referral_id
        .map_or_else(|| format!("/cases/{}", w.case_id), |id| format!("/referrals/{id}"))
}

/// `GET /day`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(from): Query<From>,
) -> Result<Response, Problem> {
    let day = app.acts().my_day(&caller.viewer).await?;
    let t = caller.t;
    let mut f = Frame::of(&app, &caller, Tab::Day, t.day_title(), day.now);
    f.notice = from.done.map(|d| d.notice(t, ""));
    Ok(frame::ok(&Day::of(f, t, &day, from)))
}
