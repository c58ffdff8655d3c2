//! A need that nobody can meet is given up, with the reason that counts.

use axum::extract::State;
use axum::response::Response;
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::settle_need::SettleNeed;
use relais_acts::views::{ChainLink, SettleView};
use relais_casework::need::UnmetReason;
use relais_network::NeedId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::referral::missing;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Prio, Summary, Tag};
use crate::problem::{Problem, set};
use crate::text::Text;

/// The form's word for "the person does not want it any more".
const DROPPED: &str = "dropped";

/// One request of the chain.
pub(super) struct Link {
    pub(super) href: String,
    pub(super) code: String,
    pub(super) provider: String,
    pub(super) tag: Tag,
    pub(super) why: String,
    pub(super) when: String,
    pub(super) here: bool,
}

impl Link {
    pub(super) fn of(t: Text, link: &ChainLink) -> Self {
        Self {
            href: format!("/referrals/{}", link.id),
            code: link.code.clone(),
            provider: link.provider.clone(),
            tag: Tag::referral(link.state, true, link.state_label.clone()),
            why: link.why.clone().unwrap_or_default(),
            when: link.sent_at.map(|at| t.day_of(at)).unwrap_or_default(),
            here: link.here,
        }
    }
}

impl Text {
    /// Why a need stays unmet, in words; the end of a case is said elsewhere.
    pub(super) fn unmet(self, reason: UnmetReason) -> Option<&'static str> {
        Some(match reason {
            UnmetReason::NoService => self.settle_no_service(),
            UnmetReason::NoCapacity => self.settle_no_capacity(),
            UnmetReason::NotEligible => self.settle_not_eligible(),
            UnmetReason::NoFunding => self.settle_no_funding(),
            UnmetReason::NotReached => self.settle_not_reached(),
            UnmetReason::Other => self.settle_other(),
            UnmetReason::Ended => return None,
        })
    }
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/settle_need.html")]
pub(super) struct Settle {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    action: String,
    back: String,
    code: String,
    label: String,
    prio: Prio,
    chain: Vec<Link>,
    blocked: Option<(String, String)>,
    fields: Vec<Field>,
    summary: Option<Summary>,
}

impl Settle {
    pub(super) fn of(f: Frame, t: Text, view: &SettleView, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let chosen = typed.one("reason");
        let mut choices: Vec<Choice> = UnmetReason::ALL
            .iter()
            .filter_map(|r| {
                Some(Choice {
                    value: r.code().to_owned(),
                    label: t.unmet(*r)?.to_owned(),
                    chosen: chosen == r.code(),
                })
            })
            .collect();
        choices.push(Choice {
            value: DROPPED.to_owned(),
            label: t.settle_dropped().to_owned(),
            chosen: chosen == DROPPED,
        });
        let mut fields = vec![
            Field::line(t, "reason", t.settle_why()).with(Control::One(choices)),
            Field::line(t, "words", t.settle_words())
                .hint(t.settle_words_hint())
                .optional()
                .max(500)
                .value(typed.one("words"))
                .with(Control::Lines { rows: 3 }),
        ];
        for field in &mut fields {
            field.error = error_of(wrong, &field.name, t.0);
        }
        let summary = summary(t, &fields, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        Self {
            f,
            t,
            id,
            version: if typed.one("version").is_empty() {
                view.version.to_string()
            } else {
                typed.one("version").to_owned()
            },
            action: format!("/needs/{}/unmet", view.need_id),
            back: format!("/cases/{}#needs", view.case_id),
            code: view.case_code.clone(),
            label: view.label.clone(),
            prio: Prio::long(t, view.priority),
            chain: view.chain.iter().map(|c| Link::of(t, c)).collect(),
            blocked: view
                .blocked
                .as_ref()
                .map(|(why, remedy)| (set(why, t.0), set(remedy, t.0))),
            fields,
            summary,
        }
    }
}

fn page(
    app: &AppState,
    caller: &Caller,
    view: &SettleView,
    id: Uuid,
    typed: &Typed,
    wrong: &[FieldProblem],
    now: chrono::DateTime<chrono::Utc>,
) -> Settle {
    let f = Frame::of(app, caller, Tab::Cases, caller.t.settle_title(), now)
        .back(format!("/cases/{}", view.case_id), view.case_code.clone());
    Settle::of(f, caller.t, view, id, typed, wrong)
}

/// `GET /needs/{id}/unmet`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(need): Id) -> Result<Response, Problem> {
    let view = app.acts().settle_view(&caller.viewer, NeedId(need)).await?;
    let now = app.now().await?;
    let page = page(&app, &caller, &view, ids::new_v7(now), &Typed::default(), &[], now);
    Ok(frame::ok(&page))
}

/// `POST /needs/{id}/unmet`.
pub(crate) async fn settle(
    State(app): State<AppState>,
    caller: Caller,
    Id(need): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let version = typed.version()?;
    let reason = typed.one("reason").to_owned();
    let chosen = UnmetReason::from_code(&reason);
    let done = if chosen.is_none() && reason != DROPPED {
        Err(ActError::Invalid(vec![missing("reason", Text::settle_choose)]))
    } else {
        let command = SettleNeed {
            id,
            version,
            reason: chosen,
            dropped: reason == DROPPED,
            words: typed.one("words").to_owned(),
        };
        app.acts().settle_need(&caller.viewer, NeedId(need), command).await
    };
    let view = app.acts().settle_view(&caller.viewer, NeedId(need)).await;
    match done {
        Ok(_) => Ok(see(&format!("/cases/{}?done=settled#needs", view?.case_id))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = view.map_err(|unseen| back.unshown(Problem::from(unseen)))?;
            if back.stale {
                typed.0.remove("version");
            }
            let now = app.now().await?;
            let mut page = page(&app, &caller, &view, id, &typed, &back.wrong, now);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
