//! What happens when a due time passes (the last column of DESIGN §5).

use relais_mechanism::limits::LadderAction;

use super::command::Context;
use super::decide::{Next, back_to_received, due, waiting};
use super::event::{Event, EventKind};
use super::ladder::recipients;
use super::model::{Owner, Referral, Wait, expires};
use super::refusal::Refusal;
use super::words::{CommandKind, Confirmation, DueKind, NeedEffect, Outcome, Recipient, State};

/// Lets a clock of the referral run out. Clocks that are early, late by a
/// whole wait, or come twice are refused, so that any number of workers make
/// one event.
pub(super) fn time_passes(referral: &Referral, percent: u32, ctx: &Context<'_>) -> Result<Vec<Event>, Refusal> {
    let wait = referral.wait.as_ref().ok_or(Refusal::NotNow {
        state: referral.state,
        command: CommandKind::TimePasses,
    })?;
    let priority = referral.priority;
    let next = Next::by_clock(ctx.now);
    if referral.state.expires()
        && percent == ctx.counts.expire_percent
        && let Some(expiry) = &referral.expiry
    {
        is_due(ctx, expiry.at)?;
        return Ok(vec![next.terminal(
            EventKind::Expired,
            State::Expired,
            NeedEffect::Reopen,
        )]);
    }
    if referral.state.climbs_ladder() {
        let step = ctx
            .ladder
            .iter()
            .find(|s| s.percent == percent && percent > referral.ladder && !expires(s))
            .ok_or(Refusal::ClockStale)?;
        is_due(ctx, ctx.times.at_percent(&wait.due, percent))?;
        let kind = EventKind::Reminded {
            percent,
            tell: recipients(step, referral.protected),
            reroute: step.actions.contains(&LadderAction::ProposeReroute),
        };
        return Ok(vec![next.same(kind, referral)]);
    }
    if percent != 100 || referral.ladder >= 100 {
        return Err(Refusal::ClockStale);
    }
    is_due(ctx, wait.due.at)?;
    let event = match referral.state {
        State::Draft => next.same(
            EventKind::Reminded {
                percent,
                tell: vec![Recipient::SenderSupervisor],
                reroute: false,
            },
            referral,
        ),
        State::NeedsInfo => back_to_received(referral, ctx, next, false)?,
        State::Waitlisted if referral.review_passed => {
            next.terminal(EventKind::Expired, State::Expired, NeedEffect::Reopen)
        }
        State::Waitlisted => next.waiting(
            EventKind::ReviewPassed,
            State::Waitlisted,
            Wait {
                owner: Owner::PROVIDER,
                kind: DueKind::WaitlistReview,
                due: ctx.times.waitlist_expiry(ctx.now),
            },
        ),
        State::NoShow => next.waiting(
            EventKind::Reported {
                outcome: Outcome::NotReached,
            },
            State::Reported,
            waiting(
                Owner::SENDER,
                DueKind::Confirm,
                due(ctx, DueKind::Confirm, priority, ctx.now)?,
            ),
        ),
        State::Reported => next.terminal(
            EventKind::ClosedUnconfirmed,
            State::Closed,
            NeedEffect::of_closed(referral.outcome.unwrap_or(Outcome::Other), Confirmation::None),
        ),
        State::Disputed => next.waiting(
            EventKind::PassedOn,
            State::Disputed,
            waiting(
                after_in_dispute(wait.owner, referral.protected),
                DueKind::Dispute,
                due(ctx, DueKind::Dispute, priority, ctx.now)?,
            ),
        ),
        // States that climb the ladder returned above; terminal ones have no
        // wait. Nothing else is left.
        state => {
            return Err(Refusal::NotNow {
                state,
                command: CommandKind::TimePasses,
            });
        }
    };
    Ok(vec![event])
}

/// Who must answer a dispute when the owner did not: the provider, then the
/// secretariat, then its supervisor, who keeps it.
fn after_in_dispute(owner: Owner, protected: bool) -> Owner {
    match owner {
        _ if protected => Owner::SENDER_SUPERVISOR,
        Owner::PROVIDER => Owner::SECRETARIAT,
        _ => Owner::SECRETARIAT_SUPERVISOR,
    }
}

fn is_due(ctx: &Context<'_>, at: chrono::DateTime<chrono::Utc>) -> Result<(), Refusal> {
    if ctx.now < at {
        return Err(Refusal::ClockNotDue { at });
    }
    Ok(())
}
