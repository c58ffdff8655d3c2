//! The secretariat's and the regions' page: figures, and what to do with them.

use axum::extract::State;
use axum::response::Response;
use relais_acts::coordination::PutBefore;
use relais_acts::views::{CallNote, Coordination};
use relais_store::ids;
use uuid::Uuid;

use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Query, Typed};
use crate::format;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::Notice;
use crate::problem::Problem;
use crate::text::Text;

struct Structure {
    name: String,
    late: u32,
    open: u32,
    tel: String,
    shown: String,
}

struct Provider {
    name: String,
    until: String,
    asked: u32,
    answered: u32,
    late: u32,
    reply: String,
}

struct Unmet {
    region: String,
    group: String,
    count: String,
    hidden: bool,
    /// Width of the bar, 0–96.
    bar: u32,
}

/// One call in a list.
pub(super) struct Call {
    pub(super) when: String,
    pub(super) what: &'static str,
    pub(super) organisation: String,
    pub(super) href: String,
    pub(super) said: String,
    pub(super) by: String,
}

impl Call {
    pub(super) fn of(t: Text, call: &CallNote) -> Self {
        let mut said = vec![t.coordination_call_answered(&call.answered_by)];
        if !call.promised.is_empty() {
            said.push(t.coordination_call_promised(&call.promised));
        }
        if let Some(on) = call.promised_on {
            said.push(t.coordination_call_by(t.date(on)));
        }
        if call.overdue {
            said.push(t.coordination_call_overdue().to_owned());
        }
        Self {
            when: t.moment(call.at),
            what: if call.channel == "letter" {
                t.coordination_call_letter()
            } else {
                t.coordination_call_telephone()
            },
            organisation: call.organisation.clone(),
            href: format!("/late/{}/calls", call.subject),
            said: said.join(", "),
            by: call.by.clone(),
        }
    }
}

struct Agreement {
    reference: String,
    parties: String,
    until: String,
    when: String,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/coordination.html")]
pub(super) struct Page {
    f: Frame,
    t: Text,
    id: Uuid,
    scope: String,
    today: String,
    days: i64,
    structures: Vec<Structure>,
    providers: Vec<Provider>,
    unnamed: Vec<String>,
    may_put: bool,
    months: String,
    unmet: Vec<Unmet>,
    calls: Vec<Call>,
    agreements: Vec<Agreement>,
}

/// Rows of a list on the page: the API has them all.
const SHOWN: usize = 30;

impl Page {
    pub(super) fn of(f: Frame, t: Text, view: &Coordination, id: Uuid) -> Self {
        let most = view.unmet.iter().filter_map(|u| u.count).max().unwrap_or(1).max(1);
        let count = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        let u = &view.unnamed;
        let mut unnamed = Vec::new();
        if u.to_put > 0 {
            unnamed.push(t.coordination_unnamed_put(count(u.to_put)));
        }
        if u.replying > 0 {
            unnamed.push(t.coordination_unnamed_replying(count(u.replying)));
        }
        if !unnamed.is_empty() {
            unnamed.push(t.coordination_unnamed_counts(u.counts.asked, u.counts.answered, u.counts.late));
        }
        Self {
            f,
            t,
            id,
            scope: if view.regions.is_empty() {
                t.coordination_whole().to_owned()
            } else {
                t.coordination_only(view.regions.join(", "))
            },
            today: t.weekday_moment(view.now),
            days: view.days,
            structures: view
                .structures
                .iter()
                .take(SHOWN)
                .map(|s| Structure {
                    name: s.organisation.clone(),
                    late: s.late,
                    open: s.open,
                    tel: s.telephone.as_deref().map(format::tel).unwrap_or_default(),
                    shown: s.telephone.as_deref().map(|n| t.phone(n)).unwrap_or_default(),
                })
                .collect(),
            providers: view
                .providers
                .iter()
                .take(SHOWN)
                .map(|p| Provider {
                    name: p.organisation.clone(),
                    until: t.coordination_until(t.day_of(p.until)),
                    asked: p.counts.asked,
                    answered: p.counts.answered,
                    late: p.counts.late,
                    reply: p.reply.clone().unwrap_or_default(),
                })
                .collect(),
            unnamed,
            may_put: view.may_put,
            months: t.coordination_unmet_caption(&view.months.0, &view.months.1),
            unmet: view
                .unmet
                .iter()
                .take(SHOWN)
                .map(|u| Unmet {
                    region: u.region.clone(),
                    group: u.group.clone(),
                    count: u
                        .count
                        .map_or_else(|| t.coordination_unmet_hidden(view.smallest), |n| n.to_string()),
                    hidden: u.count.is_none(),
                    bar: u.count.map_or(0, |n| (96 * n / most).max(4)),
                })
                .collect(),
            calls: view.calls.iter().take(SHOWN).map(|c| Call::of(t, c)).collect(),
            agreements: view
                .agreements
                .iter()
                .take(SHOWN)
                .map(|a| Agreement {
                    reference: a.reference.clone(),
                    parties: a.parties.clone(),
                    until: t.date(a.until),
                    when: usize::try_from(a.days).map_or_else(
                        |_| t.coordination_ended().to_owned(),
                        |days| t.coordination_in_days(days),
                    ),
                })
                .collect(),
        }
    }
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct After {
    /// Figures were just put before the providers.
    #[serde(default)]
    put: Option<String>,
}

/// `GET /coordination`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().coordination(&caller.viewer).await?;
    let t = caller.t;
    let f = Frame::of(&app, &caller, Tab::Coordination, t.coordination_title(), view.now).notice(
        after
            .put
            .map(|_| Notice::done(t.coordination_put_done(), t.coordination_put_done_text())),
    );
    Ok(frame::ok(&Page::of(f, t, &view, ids::new_v7(view.now))))
}

/// `POST /coordination/figures`.
pub(crate) async fn put(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let id = typed.id()?;
    app.acts().put_figures(&caller.viewer, PutBefore { id }).await?;
    Ok(see("/coordination?put=yes#providers"))
}
