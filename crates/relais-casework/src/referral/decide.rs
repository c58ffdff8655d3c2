//! The heart: what a command does to a referral.

use chrono::{DateTime, Utc};
use relais_mechanism::{Channel, Priority};

use super::command::{Actor, Command, Context};
use super::event::{Event, EventKind};
use super::model::{Owner, Pause, Referral, Wait};
use super::passing::time_passes;
use super::refusal::Refusal;
use super::rules::{Standing, may_wait, past_provider, rule};
use super::words::{Confirmation, DeclineCode, DueKind, NeedEffect, Outcome, State, WithdrawEffect};
use crate::calendar::{ClockKind, Due};

/// What a command by an actor does to a referral: the events to record, in
/// order, or why not. Total: it neither panics nor reads anything but its
/// arguments. The caller applies the events, gives the need its effect, and
/// writes grants, due work and messages in the same transaction.
///
/// # Errors
/// A [`Refusal`], first for a stranger ([`Refusal::NotYours`], whatever the
/// state), then for the state, the role, and what the command carries.
pub fn decide(referral: &Referral, command: &Command, actor: &Actor, ctx: &Context<'_>) -> Result<Vec<Event>, Refusal> {
    let kind = command.kind();
    let standing = Standing::of(actor, referral, ctx);
    if standing == Standing::Nobody {
        return Err(Refusal::NotYours { command: kind });
    }
    let rule = rule(referral.state, kind).ok_or(Refusal::NotNow {
        state: referral.state,
        command: kind,
    })?;
    if !standing.may(kind, rule, referral) {
        return Err(Refusal::NotYours { command: kind });
    }
    check_when(referral, ctx)?;
    let noted = matches!(standing, Standing::ProviderNoted | Standing::ProviderUnsigned);
    if noted {
        check_noted(actor)?;
    }

    let r = referral;
    let at = ctx.happened_at;
    let next = Next { at, noted };
    match command {
        Command::Send { interim } => Ok(vec![send(r, interim.as_deref(), ctx, next)?]),
        Command::Discard => Ok(vec![next.terminal(
            EventKind::Discarded,
            State::Voided,
            NeedEffect::ReopenUntried,
        )]),
        Command::Acknowledge => Ok(vec![received(r, ctx, next)?]),
        Command::Accept { by_name } => {
            let by_name = named(by_name.as_deref()).or_else(|| answered_by(actor, noted));
            if r.priority == Priority::P1 && by_name.is_none() {
                return Err(Refusal::NameMissing);
            }
            let wait = provider_waits(ctx, DueKind::FirstContact, r.priority, at)?;
            answer(
                r,
                ctx,
                next,
                next.waiting(EventKind::Accepted { by_name }, State::Accepted, wait),
            )
        }
        Command::Ask { question } => {
            named(Some(question)).ok_or(Refusal::WordsMissing)?;
            let asked = ask(r, ctx, next)?;
            answer(r, ctx, next, asked)
        }
        Command::Answer { answer } => {
            named(Some(answer)).ok_or(Refusal::WordsMissing)?;
            Ok(vec![back_to_received(r, ctx, next, true)?])
        }
        Command::Waitlist { review } => {
            if !may_wait(r) {
                return Err(Refusal::NotWaitlistable { priority: r.priority });
            }
            let wait = review_wait(r, *review, ctx)?;
            answer(
                r,
                ctx,
                next,
                next.waiting(EventKind::Waitlisted, State::Waitlisted, wait),
            )
        }
        Command::ExtendWaitlist { review } => {
            if r.extensions >= ctx.counts.extensions {
                return Err(Refusal::AlreadyExtended);
            }
            let wait = review_wait(r, *review, ctx)?;
            Ok(vec![next.waiting(EventKind::WaitlistExtended, State::Waitlisted, wait)])
        }
        Command::Decline { code, suggested } => {
            if *code == DeclineCode::Redirect && suggested.is_none_or(|s| s == r.service) {
                return Err(Refusal::SuggestionMissing);
            }
            let kind = EventKind::Declined {
                code: *code,
                suggested: *suggested,
            };
            answer(r, ctx, next, next.terminal(kind, State::Declined, NeedEffect::Reopen))
        }
        Command::Cancel => Ok(vec![next.terminal(
            EventKind::Cancelled,
            State::Cancelled,
            NeedEffect::Reopen,
        )]),
        Command::Schedule { at: date } => appointment(r, *date, EventKind::Scheduled { at: *date }, ctx, next),
        Command::Reschedule { at: date } => {
            if r.no_shows >= ctx.counts.no_shows {
                return Err(Refusal::NoShowsExhausted);
            }
            appointment(r, *date, EventKind::Rescheduled { at: *date }, ctx, next)
        }
        Command::Start { ends } => {
            let wait = service_wait(r, *ends, ctx)?;
            Ok(vec![next.waiting(EventKind::Started, State::InService, wait)])
        }
        Command::News { ends } => {
            let wait = service_wait(r, *ends, ctx)?;
            Ok(vec![next.waiting(EventKind::NewsGiven, State::InService, wait)])
        }
        Command::NoShow => {
            if let Some(date) = r.appointment.filter(|date| at < *date) {
                return Err(Refusal::AppointmentNotYet { at: date });
            }
            let wait = waiting(Owner::SENDER, DueKind::Reach, due(ctx, DueKind::Reach, r.priority, at)?);
            Ok(vec![next.waiting(EventKind::DidNotCome, State::NoShow, wait)])
        }
        Command::Report { outcome } => {
            if !may_report(r.state, *outcome) {
                return Err(Refusal::OutcomeNotHere {
                    outcome: *outcome,
                    state: r.state,
                });
            }
            let wait = waiting(
                Owner::SENDER,
                DueKind::Confirm,
                due(ctx, DueKind::Confirm, r.priority, at)?,
            );
            Ok(vec![next.waiting(
                EventKind::Reported { outcome: *outcome },
                State::Reported,
                wait,
            )])
        }
        Command::Confirm { confirmation } => {
            let own = match standing {
                Standing::Person => Confirmation::Person,
                _ => Confirmation::PersonThroughSender,
            };
            if *confirmation != own {
                return Err(Refusal::NotYourConfirmation);
            }
            let effect = NeedEffect::of_closed(r.outcome.unwrap_or(Outcome::Other), *confirmation);
            let kind = EventKind::Confirmed {
                confirmation: *confirmation,
            };
            Ok(vec![next.terminal(kind, State::Closed, effect)])
        }
        Command::Dispute => {
            if r.disputes >= ctx.counts.disputes {
                return Err(Refusal::DisputesExhausted);
            }
            let wait = provider_waits(ctx, DueKind::Dispute, r.priority, at)?;
            Ok(vec![next.waiting(EventKind::Disputed, State::Disputed, wait)])
        }
        Command::Settle { outcome } => {
            if !past_provider(r) {
                let until = r.wait.as_ref().map_or(at, |w| w.due.at);
                return Err(Refusal::ProviderFirst { until });
            }
            let effect = NeedEffect::of_closed(*outcome, Confirmation::Secretariat);
            Ok(vec![next.terminal(
                EventKind::Settled { outcome: *outcome },
                State::Closed,
                effect,
            )])
        }
        Command::Void => {
            if r.disclosed_above {
                return Err(Refusal::AlreadyDisclosed);
            }
            Ok(vec![next.terminal(
                EventKind::Voided,
                State::Voided,
                NeedEffect::ReopenUntried,
            )])
        }
        Command::Withdraw { effect } => Ok(vec![withdraw(r, *effect, next)?]),
        Command::End { reason } => Ok(vec![next.terminal(
            EventKind::Ended { reason: *reason },
            State::Ended,
            NeedEffect::Ended,
        )]),
        Command::Contest => {
            if !r.noted_answer {
                return Err(Refusal::NothingToContest);
            }
            Ok(vec![next.same(EventKind::AnswerContested, r)])
        }
        Command::TimePasses { percent } => time_passes(r, *percent, ctx),
    }
}

/// Makes the events of one command: same moment, same way in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Next {
    at: DateTime<Utc>,
    noted: bool,
}

impl Next {
    /// Events of the clock.
    pub(super) const fn by_clock(now: DateTime<Utc>) -> Self {
        Self { at: now, noted: false }
    }

    /// An event after which somebody must move.
    pub(super) fn waiting(self, kind: EventKind, state: State, wait: Wait) -> Event {
        self.event(kind, state, Some(wait), None)
    }

    /// An event after which nobody must: the need is given back.
    pub(super) fn terminal(self, kind: EventKind, state: State, need: NeedEffect) -> Event {
        self.event(kind, state, None, Some(need))
    }

    /// An event after which the same must still be done by the same time.
    pub(super) fn same(self, kind: EventKind, r: &Referral) -> Event {
        self.event(kind, r.state, r.wait.clone(), None)
    }

    fn event(self, kind: EventKind, state: State, wait: Option<Wait>, need: Option<NeedEffect>) -> Event {
        Event {
            kind,
            happened_at: self.at,
            state,
            wait,
            need,
            noted: self.noted,
        }
    }
}

fn check_when(r: &Referral, ctx: &Context<'_>) -> Result<(), Refusal> {
    if ctx.happened_at > ctx.now {
        return Err(Refusal::InTheFuture);
    }
    if r.sent_at.is_some_and(|sent| ctx.happened_at < sent) {
        return Err(Refusal::BeforeSent);
    }
    Ok(())
}

/// What the sender notes for the provider names who spoke, and on the
/// telephone the number called; who answers by a link gives name and number.
fn check_noted(actor: &Actor) -> Result<(), Refusal> {
    let noted = actor.noted.as_ref().ok_or(Refusal::NotedMissing)?;
    let number_known = actor.channel == Channel::Paper || named(Some(&noted.number)).is_some();
    if number_known && named(Some(&noted.answered_by)).is_some() {
        Ok(())
    } else {
        Err(Refusal::NotedMissing)
    }
}

/// The text without surrounding blanks, unless nothing is left.
fn named(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
}

fn answered_by(actor: &Actor, noted: bool) -> Option<String> {
    actor
        .noted
        .as_ref()
        .filter(|_| noted)
        .and_then(|n| named(Some(&n.answered_by)))
}

/// A limit of the mechanism, or the refusal that says it is missing.
pub(super) fn due(ctx: &Context<'_>, kind: DueKind, priority: Priority, from: DateTime<Utc>) -> Result<Due, Refusal> {
    ctx.times
        .due(kind, priority, from)
        .ok_or(Refusal::NoLimit { kind, priority })
}

pub(super) const fn waiting(owner: Owner, kind: DueKind, due: Due) -> Wait {
    Wait { owner, kind, due }
}

fn provider_waits(ctx: &Context<'_>, kind: DueKind, priority: Priority, from: DateTime<Utc>) -> Result<Wait, Refusal> {
    Ok(waiting(Owner::PROVIDER, kind, due(ctx, kind, priority, from)?))
}

/// Sending starts two clocks: to acknowledge, and to expire at a multiple of
/// the decision limit.
fn send(r: &Referral, interim: Option<&str>, ctx: &Context<'_>, next: Next) -> Result<Event, Refusal> {
    if r.priority == Priority::P2 && !r.on_call && named(interim).is_none() {
        return Err(Refusal::InterimMissing);
    }
    let decide = due(ctx, DueKind::Decide, r.priority, next.at)?;
    let expiry = Due {
        at: ctx.times.at_percent(&decide, ctx.counts.expire_percent),
        ..decide
    };
    let wait = provider_waits(ctx, DueKind::Acknowledge, r.priority, next.at)?;
    Ok(next.waiting(EventKind::Sent { expiry }, State::Sent, wait))
}

/// The provider's time to decide, which runs from the sending.
fn decision(r: &Referral, ctx: &Context<'_>, at: DateTime<Utc>) -> Result<Due, Refusal> {
    match &r.wait {
        Some(wait) if r.state == State::Received => Ok(wait.due.clone()),
        _ => due(ctx, DueKind::Decide, r.priority, r.sent_at.unwrap_or(at)),
    }
}

fn received(r: &Referral, ctx: &Context<'_>, next: Next) -> Result<Event, Refusal> {
    let wait = waiting(Owner::PROVIDER, DueKind::Decide, decision(r, ctx, next.at)?);
    Ok(next.waiting(EventKind::Received, State::Received, wait))
}

/// An answer, which says that the request arrived where nobody had yet.
fn answer(r: &Referral, ctx: &Context<'_>, next: Next, answer: Event) -> Result<Vec<Event>, Refusal> {
    Ok(match r.state {
        State::Sent => vec![received(r, ctx, next)?, answer],
        _ => vec![answer],
    })
}

/// A question stops the provider's clocks, never those of an emergency: there
/// the sender answers within the provider's own time.
fn ask(r: &Referral, ctx: &Context<'_>, next: Next) -> Result<Event, Refusal> {
    let decide = decision(r, ctx, next.at)?;
    let expiry = r.expiry.clone().unwrap_or_else(|| decide.clone());
    let (pause, due) = if r.priority == Priority::P1 {
        (None, if decide.at > next.at { decide } else { expiry })
    } else {
        let pause = Pause {
            decide: ctx.times.remaining(&decide, next.at),
            expiry: ctx.times.remaining(&expiry, next.at),
        };
        (Some(pause), due(ctx, DueKind::Answer, r.priority, next.at)?)
    };
    Ok(next.waiting(
        EventKind::InfoAsked { pause },
        State::NeedsInfo,
        waiting(Owner::SENDER, DueKind::Answer, due),
    ))
}

/// The provider has the baton again, with the time that it had left.
pub(super) fn back_to_received(r: &Referral, ctx: &Context<'_>, next: Next, answered: bool) -> Result<Event, Refusal> {
    let (decide, expiry) = match r.pause {
        Some(pause) => (
            ctx.times.resume(pause.decide, next.at),
            Some(ctx.times.resume(pause.expiry, next.at)),
        ),
        None => (decision(r, ctx, next.at)?, r.expiry.clone()),
    };
    let kind = if answered {
        EventKind::InfoAnswered { expiry }
    } else {
        EventKind::InfoNotAnswered { expiry }
    };
    Ok(next.waiting(kind, State::Received, waiting(Owner::PROVIDER, DueKind::Decide, decide)))
}

/// A waiting list is looked at again on a date that the provider names, within
/// the mechanism's limit.
fn review_wait(r: &Referral, review: DateTime<Utc>, ctx: &Context<'_>) -> Result<Wait, Refusal> {
    let at = ctx.happened_at;
    if review <= at {
        return Err(Refusal::ReviewPast);
    }
    let latest = due(ctx, DueKind::WaitlistReview, r.priority, at)?;
    if review > latest.at {
        return Err(Refusal::ReviewTooFar { latest: latest.at });
    }
    let due = Due {
        start: at,
        at: review,
        clock: ClockKind::Agreed,
        calendar: latest.calendar,
    };
    Ok(waiting(Owner::PROVIDER, DueKind::WaitlistReview, due))
}

/// A date, and a reroute proposed to the sender when it lies beyond the limit
/// to start: an appointment must not become a way to wait unseen.
fn appointment(
    r: &Referral,
    date: DateTime<Utc>,
    kind: EventKind,
    ctx: &Context<'_>,
    next: Next,
) -> Result<Vec<Event>, Refusal> {
    if date < next.at {
        return Err(Refusal::AppointmentPast);
    }
    let wait = provider_waits(ctx, DueKind::Appointment, r.priority, date)?;
    let mut events = vec![next.waiting(kind, State::Scheduled, wait.clone())];
    let limit = ctx.times.start(r.priority, r.accepted_at.unwrap_or(next.at));
    if limit.is_some_and(|limit| date > limit.at) {
        events.push(next.waiting(EventKind::RerouteProposed, State::Scheduled, wait));
    }
    Ok(events)
}

/// While a service runs, the next line of news or the final report is due,
/// whichever comes first.
fn service_wait(r: &Referral, ends: Option<DateTime<Utc>>, ctx: &Context<'_>) -> Result<Wait, Refusal> {
    let at = ctx.happened_at;
    if ends.is_some_and(|ends| ends < at) {
        return Err(Refusal::EndsBeforeStart);
    }
    let report = due(ctx, DueKind::Report, r.priority, ends.unwrap_or(at))?;
    let first = match ctx.times.news(r.priority, at) {
        Some(news) if news.at < report.at => news,
        _ => report,
    };
    Ok(waiting(Owner::PROVIDER, DueKind::Report, first))
}

/// What can have come of it by now. *Accepted* is not *served*; a person who
/// was not found was not served either. A page offers these outcomes only.
#[must_use]
pub const fn may_report(state: State, outcome: Outcome) -> bool {
    match state {
        State::Accepted => !outcome.is_served(),
        State::NoShow => matches!(outcome, Outcome::DidNotAttend | Outcome::NotReached),
        _ => true,
    }
}

fn withdraw(r: &Referral, effect: WithdrawEffect, next: Next) -> Result<Event, Refusal> {
    let under_way = matches!(
        r.state,
        State::Accepted | State::Scheduled | State::NoShow | State::InService
    );
    let over = matches!(r.state, State::Reported | State::Disputed);
    if over && !effect.stops_sharing() {
        return Err(Refusal::NothingToStop);
    }
    if over || (under_way && !effect.stops_service()) {
        return Ok(next.same(EventKind::SharingStopped, r));
    }
    let need = if effect.stops_service() {
        NeedEffect::Dropped
    } else {
        NeedEffect::Reopen
    };
    Ok(next.terminal(EventKind::Withdrawn { effect }, State::Withdrawn, need))
}
