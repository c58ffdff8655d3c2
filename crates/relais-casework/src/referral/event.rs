//! What happened to a referral.

use chrono::{DateTime, Utc};
use relais_network::ServiceId;
use serde::{Deserialize, Serialize};

use super::model::{Pause, Wait};
use super::words::{Confirmation, DeclineCode, EndReason, NeedEffect, Outcome, Recipient, State, WithdrawEffect};
use crate::calendar::Due;

/// One event: what happened, and where the referral stands after it. Who did
/// it stands in the envelope that the store writes around it; words that were
/// written or spoken are sealed apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// When it happened, which may be before it was typed.
    pub happened_at: DateTime<Utc>,
    /// The state after it.
    pub state: State,
    /// Who must move after it; `None` exactly when the state is terminal.
    pub wait: Option<Wait>,
    /// What it does to the need; `Some` exactly when it made the referral
    /// terminal.
    pub need: Option<NeedEffect>,
    /// The provider's word was noted by the sender (telephone, paper slip) or
    /// given by a one-time link: the provider may contest it.
    pub noted: bool,
}

/// What can happen to a referral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// Sent; silence ends at `expiry`.
    Sent {
        /// Twice the decision limit.
        expiry: Due,
    },
    /// The draft was thrown away.
    Discarded,
    /// The provider has it.
    Received,
    /// The provider takes the person.
    Accepted {
        /// Who said "I take it"; always there for P1.
        by_name: Option<String>,
    },
    /// The provider asked.
    InfoAsked {
        /// What is left of the provider's clocks; `None` for P1, whose clocks
        /// run on.
        pause: Option<Pause>,
    },
    /// The sender answered.
    InfoAnswered {
        /// When silence ends from here.
        expiry: Option<Due>,
    },
    /// The sender did not answer in time.
    InfoNotAnswered {
        /// When silence ends from here.
        expiry: Option<Due>,
    },
    /// Put on the waiting list; the wait holds the review date.
    Waitlisted,
    /// The review date moved.
    WaitlistExtended,
    /// The review date passed: a reroute is proposed to the sender.
    ReviewPassed,
    /// Not taken.
    Declined {
        /// Why.
        code: DeclineCode,
        /// What the provider suggests instead.
        suggested: Option<ServiceId>,
    },
    /// Taken back by the sender.
    Cancelled,
    /// A date was agreed.
    Scheduled {
        /// The appointment.
        at: DateTime<Utc>,
    },
    /// Another date was agreed.
    Rescheduled {
        /// The appointment.
        at: DateTime<Utc>,
    },
    /// The appointment lies beyond the limit to start: another service is
    /// proposed to the sender.
    RerouteProposed,
    /// The service began.
    Started,
    /// News of a long service.
    NewsGiven,
    /// The person did not come.
    DidNotCome,
    /// The provider (or, for a person not found, the sender or the clock)
    /// said how it ended.
    Reported {
        /// How.
        outcome: Outcome,
    },
    /// Confirmed.
    Confirmed {
        /// By whom.
        confirmation: Confirmation,
    },
    /// Nobody confirmed in time.
    ClosedUnconfirmed,
    /// Contradicted.
    Disputed,
    /// A dispute that nobody answered goes to the next who must.
    PassedOn,
    /// The secretariat decided.
    Settled {
        /// The outcome that it found.
        outcome: Outcome,
    },
    /// Entered in error.
    Voided,
    /// Stopped by the person's withdrawal.
    Withdrawn {
        /// What the person wanted to stop.
        effect: WithdrawEffect,
    },
    /// The person stopped the sharing; the service goes on.
    SharingStopped,
    /// Nobody answered in twice the time.
    Expired,
    /// The work with the person ended.
    Ended {
        /// Why.
        reason: EndReason,
    },
    /// The provider contradicts an answer that was noted for it.
    AnswerContested,
    /// A step of the ladder.
    Reminded {
        /// Percent of the limit.
        percent: u32,
        /// Who is told.
        tell: Vec<Recipient>,
        /// Whether another service is proposed to the sender.
        reroute: bool,
    },
}

impl EventKind {
    /// Stable code, for the log and the API.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Sent { .. } => "sent",
            Self::Discarded => "discarded",
            Self::Received => "received",
            Self::Accepted { .. } => "accepted",
            Self::InfoAsked { .. } => "info_asked",
            Self::InfoAnswered { .. } => "info_answered",
            Self::InfoNotAnswered { .. } => "info_not_answered",
            Self::Waitlisted => "waitlisted",
            Self::WaitlistExtended => "waitlist_extended",
            Self::ReviewPassed => "review_passed",
            Self::Declined { .. } => "declined",
            Self::Cancelled => "cancelled",
            Self::Scheduled { .. } => "scheduled",
            Self::Rescheduled { .. } => "rescheduled",
            Self::RerouteProposed => "reroute_proposed",
            Self::Started => "started",
            Self::NewsGiven => "news_given",
            Self::DidNotCome => "did_not_come",
            Self::Reported { .. } => "reported",
            Self::Confirmed { .. } => "confirmed",
            Self::ClosedUnconfirmed => "closed_unconfirmed",
            Self::Disputed => "disputed",
            Self::PassedOn => "passed_on",
            Self::Settled { .. } => "settled",
            Self::Voided => "voided",
            Self::Withdrawn { .. } => "withdrawn",
            Self::SharingStopped => "sharing_stopped",
            Self::Expired => "expired",
            Self::Ended { .. } => "ended",
            Self::AnswerContested => "answer_contested",
            Self::Reminded { .. } => "reminded",
        }
    }

    /// Whether this is the provider's own word, which may have been noted by
    /// the sender and may then be contested.
    #[must_use]
    pub const fn is_providers_answer(&self) -> bool {
        matches!(
            self,
            Self::Received
                | Self::Accepted { .. }
                | Self::InfoAsked { .. }
                | Self::Waitlisted
                | Self::WaitlistExtended
                | Self::Declined { .. }
                | Self::Scheduled { .. }
                | Self::Rescheduled { .. }
                | Self::Started
                | Self::NewsGiven
                | Self::DidNotCome
                | Self::Reported { .. }
        )
    }
}
