//! The sender confirms the report with the person, or disputes it: reported
//! is not served until somebody says so (DESIGN §5).

use axum::extract::State;
use axum::response::Response;
use relais_acts::commands::{ActOnReferral, ReferralCommand};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::ReferralView;
use relais_casework::referral::Confirmation;
use relais_network::ReferralId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::referral::missing;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Summary};
use crate::problem::Problem;
use crate::text::Text;

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/confirm.html")]
pub(super) struct Confirm {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    back: String,
    code: String,
    lead: String,
    who: Field,
    reason: Field,
    may_confirm: bool,
    may_dispute: bool,
    disputing: bool,
    summary: Option<Summary>,
}

impl Confirm {
    pub(super) fn of(f: Frame, t: Text, view: &ReferralView, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let chosen = typed.one("confirmation");
        // A sender never speaks as the person: what is confirmed here is what the person told the sender.
        let code = Confirmation::PersonThroughSender.code();
        let choices = vec![Choice {
            value: code.to_owned(),
            label: t.confirm_asked().to_owned(),
            chosen: chosen == code,
        }];
        let mut who = Field::line(t, "confirmation", t.confirm_who()).with(Control::Many(choices));
        who.error = error_of(wrong, "confirmation", t.0);
        let mut reason = Field::line(t, "reason", t.confirm_dispute_text())
            .max(500)
            .value(typed.one("reason"))
            .with(Control::Lines { rows: 3 });
        reason.error = error_of(wrong, "reason", t.0);
        let summary = crate::forms::summary(t, [&who, &reason], wrong);
        let may = |code: &str| view.commands.iter().any(|c| c == code);
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
            back: format!("/referrals/{}", view.id),
            code: view.code.clone(),
            lead: t.confirm_lead(&view.provider, view.outcome_label.as_deref().unwrap_or("–")),
            who,
            reason,
            may_confirm: may("confirm"),
            may_dispute: may("dispute"),
            disputing: typed.one("command") == "dispute",
            summary,
        }
    }
}

/// The referral, for a viewer on the sender's side.
async fn sent(app: &AppState, caller: &Caller, id: Uuid) -> Result<ReferralView, Problem> {
    let view = app.acts().referral(&caller.viewer, ReferralId(id)).await?;
    if view.sender_side && view.erased.is_some() {
        Err(ActError::Erased.into())
    } else if view.sender_side {
        Ok(view)
    } else {
        Err(ActError::NotFound.into())
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &ReferralView, now: chrono::DateTime<chrono::Utc>) -> Frame {
    Frame::of(app, caller, Tab::Cases, caller.t.confirm_title(), now)
        .back(format!("/referrals/{}", view.id), view.code.clone())
}

/// `GET /referrals/{id}/confirm`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    let view = sent(&app, &caller, id).await?;
    let now = app.now().await?;
    let f = frame_of(&app, &caller, &view, now);
    Ok(frame::ok(&Confirm::of(
        f,
        caller.t,
        &view,
        ids::new_v7(now),
        &Typed::default(),
        &[],
    )))
}

/// Confirm, or dispute with what the person says.
fn command(typed: &Typed) -> Result<ReferralCommand, FieldProblem> {
    if typed.one("command") == "dispute" {
        let reason = typed.one("reason").to_owned();
        if reason.is_empty() {
            return Err(missing("reason", Text::referral_missing));
        }
        return Ok(ReferralCommand::Dispute { reason });
    }
    match Confirmation::from_code(typed.one("confirmation")) {
        Some(confirmation @ Confirmation::PersonThroughSender) => Ok(ReferralCommand::Confirm { confirmation }),
        _ => Err(missing("confirmation", Text::confirm_choose)),
    }
}

/// `POST /referrals/{id}/confirm`.
pub(crate) async fn confirm(
    State(app): State<AppState>,
    caller: Caller,
    Id(referral): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    // The sender's side alone: for the provider, this page is not there.
    sent(&app, &caller, referral).await?;
    let (id, version) = (typed.id()?, typed.version()?);
    let done = match command(&typed) {
        Ok(command) => {
            let word = if matches!(command, ReferralCommand::Dispute { .. }) {
                "disputed"
            } else {
                "confirmed"
            };
            let act = ActOnReferral {
                id,
                version,
                command,
                channel: None,
                number: String::new(),
                answered_by: String::new(),
                happened_at: None,
            };
            app.acts()
                .act(&caller.viewer, ReferralId(referral), act)
                .await
                .map(|_| word)
        }
        Err(mistake) => Err(ActError::Invalid(vec![mistake])),
    };
    match done {
        Ok(word) => Ok(see(&format!("/referrals/{referral}?done={word}"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = sent(&app, &caller, referral)
                .await
                .map_err(|unseen| back.unshown(unseen))?;
            if back.stale {
                typed.0.remove("version");
            }
            let now = app.now().await?;
            let f = frame_of(&app, &caller, &view, now);
            let mut page = Confirm::of(f, caller.t, &view, id, &typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
