//! What can be asked of a referral, by whom, and in which circumstances.

use chrono::{DateTime, Utc};
use relais_mechanism::limits::LadderStep;
use relais_mechanism::{ActingFor, Channel, Role};
use relais_network::{OrganisationId, ServiceId, UserId};

use super::times::{Counts, DueTimes};
use super::words::{CommandKind, Confirmation, DeclineCode, EndReason, Outcome, WithdrawEffect};

/// A command with what it carries. Words that are spoken or written come in
/// only so that the rules can insist on them; they are sealed apart and stand
/// in no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Send the draft.
    Send {
        /// What is done until the provider opens: required for P2 where the
        /// service declares no on-call.
        interim: Option<String>,
    },
    /// Throw the draft away.
    Discard,
    /// Say that it arrived.
    Acknowledge,
    /// Take the person.
    Accept {
        /// Who says "I take it": required for P1. An answer noted from the
        /// telephone names that person already.
        by_name: Option<String>,
    },
    /// Ask the sender.
    Ask {
        /// The question.
        question: String,
    },
    /// Answer the provider.
    Answer {
        /// The answer.
        answer: String,
    },
    /// Put on the waiting list.
    Waitlist {
        /// When the provider will look again.
        review: DateTime<Utc>,
    },
    /// Move the review date.
    ExtendWaitlist {
        /// When the provider will look again.
        review: DateTime<Utc>,
    },
    /// Do not take the person.
    Decline {
        /// Why.
        code: DeclineCode,
        /// The service that would be right; required with
        /// [`DeclineCode::Redirect`].
        suggested: Option<ServiceId>,
    },
    /// Take the referral back.
    Cancel,
    /// Agree a date.
    Schedule {
        /// The appointment.
        at: DateTime<Utc>,
    },
    /// The service begins.
    Start {
        /// When it will end, where that is known.
        ends: Option<DateTime<Utc>>,
    },
    /// News of a long service.
    News {
        /// When it will end, where that is known.
        ends: Option<DateTime<Utc>>,
    },
    /// The person did not come.
    NoShow,
    /// Agree another date.
    Reschedule {
        /// The appointment.
        at: DateTime<Utc>,
    },
    /// Say how it ended.
    Report {
        /// How.
        outcome: Outcome,
    },
    /// Confirm the outcome.
    Confirm {
        /// Who confirms: the person, or the person through the sender.
        confirmation: Confirmation,
    },
    /// Contradict the report.
    Dispute,
    /// Decide a dispute.
    Settle {
        /// The outcome found.
        outcome: Outcome,
    },
    /// Entered in error.
    Void,
    /// The person withdraws consent.
    Withdraw {
        /// What the person wants to stop.
        effect: WithdrawEffect,
    },
    /// The work with the person ends.
    End {
        /// Why.
        reason: EndReason,
    },
    /// Contradict an answer that the sender noted.
    Contest,
    /// A clock of [`Referral::clocks`](super::Referral::clocks) ran out.
    TimePasses {
        /// Percent of the limit.
        percent: u32,
    },
}

impl Command {
    /// The command without its payload.
    #[must_use]
    pub const fn kind(&self) -> CommandKind {
        match self {
            Self::Send { .. } => CommandKind::Send,
            Self::Discard => CommandKind::Discard,
            Self::Acknowledge => CommandKind::Acknowledge,
            Self::Accept { .. } => CommandKind::Accept,
            Self::Ask { .. } => CommandKind::Ask,
            Self::Answer { .. } => CommandKind::Answer,
            Self::Waitlist { .. } => CommandKind::Waitlist,
            Self::ExtendWaitlist { .. } => CommandKind::ExtendWaitlist,
            Self::Decline { .. } => CommandKind::Decline,
            Self::Cancel => CommandKind::Cancel,
            Self::Schedule { .. } => CommandKind::Schedule,
            Self::Start { .. } => CommandKind::Start,
            Self::News { .. } => CommandKind::News,
            Self::NoShow => CommandKind::NoShow,
            Self::Reschedule { .. } => CommandKind::Reschedule,
            Self::Report { .. } => CommandKind::Report,
            Self::Confirm { .. } => CommandKind::Confirm,
            Self::Dispute => CommandKind::Dispute,
            Self::Settle { .. } => CommandKind::Settle,
            Self::Void => CommandKind::Void,
            Self::Withdraw { .. } => CommandKind::Withdraw,
            Self::End { .. } => CommandKind::End,
            Self::Contest => CommandKind::Contest,
            Self::TimePasses { .. } => CommandKind::TimePasses,
        }
    }
}

/// How an answer given without signing in came to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The number called, or that of whoever answers by a link; may be empty
    /// on paper.
    pub number: String,
    /// Who answered, or who signed the slip.
    pub answered_by: String,
}

/// Who gives a command, for whom, and how it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The user, where one is signed in.
    pub user: Option<UserId>,
    /// The user's organisation; the provider's for a one-time link; `None`
    /// for the person and the clock.
    pub organisation: Option<OrganisationId>,
    /// What the user is there.
    pub roles: Vec<Role>,
    /// For whom the command is given.
    pub acting_for: ActingFor,
    /// How it came in.
    pub channel: Channel,
    /// Telephone, paper and link: who answered.
    pub noted: Option<Noted>,
}

impl Actor {
    /// The mechanism's clock.
    #[must_use]
    pub fn clock() -> Self {
        Self {
            user: None,
            organisation: None,
            roles: Vec::new(),
            acting_for: ActingFor::System,
            channel: Channel::Clock,
            noted: None,
        }
    }

    /// Whether this is the mechanism's clock: no user stands behind it.
    #[must_use]
    pub fn is_clock(&self) -> bool {
        self.acting_for == ActingFor::System && self.channel == Channel::Clock && self.user.is_none()
    }

    /// Whether the user has one of the roles.
    #[must_use]
    pub fn has_any(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|r| roles.contains(r))
    }
}

/// The circumstances of a command.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The deployment's clock: when it was typed.
    pub now: DateTime<Utc>,
    /// When it happened; not after `now`.
    pub happened_at: DateTime<Utc>,
    /// The organisation that holds the case now: the sender.
    pub holder: OrganisationId,
    /// The case is assigned to the secretariat with a reason, so that the
    /// secretariat acts as its sender (DESIGN §5).
    pub assigned_to_secretariat: bool,
    /// Limits.
    pub times: &'a dyn DueTimes,
    /// The ladder of the mechanism that the referral is pinned to.
    pub ladder: &'a [LadderStep],
    /// Counts of the same mechanism.
    pub counts: Counts,
}

impl Context<'_> {
    /// Whether the actor works the case for the organisation that holds it.
    /// The secretariat does only where the case is assigned to it.
    #[must_use]
    pub fn holds(&self, actor: &Actor) -> bool {
        actor.organisation == Some(self.holder)
            && (actor.has_any(&[Role::CaseManager, Role::Supervisor])
                || (self.assigned_to_secretariat && actor.has_any(&[Role::Secretariat])))
    }
}
