//! The pathway of a referral as the mechanism's files tell it: states, who
//! must move, what falls due, and the edges between states (DESIGN §5).
//!
//! The states themselves are a closed enum of the casework crate; it hands its
//! own states and edges to [`check_with`](crate::check_with) as plain
//! [`PathwayRules`], so that files and code cannot part ways.

use crate::closed_enum;
use crate::words::{ActingFor, Label, Priority, Role};

/// What the code says of the pathway, given by the casework crate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathwayRules {
    /// Every state.
    pub states: Vec<StateRule>,
    /// Every edge.
    pub edges: Vec<EdgeRule>,
}

/// A state, as the code knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRule {
    /// Stable code, such as "needs_info".
    pub code: String,
    /// Whether somebody must move: the state has an owner and a due time.
    pub waiting: bool,
}

/// An edge, as the code knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeRule {
    /// Code of the state that it leaves.
    pub from: String,
    /// Code of the command.
    pub command: String,
    /// Code of the state that it reaches.
    pub to: String,
}

closed_enum! {
    /// What falls due in a waiting state. The length is found with
    /// [`Limits::due`](crate::Limits::due).
    DueKind {
        /// The need's own limit: a draft, or a need without a referral.
        Need = "need",
        /// The provider says that the request has arrived.
        Acknowledge = "acknowledge",
        /// The provider accepts or declines.
        Decide = "decide",
        /// The sender answers the provider's question.
        Answer = "answer",
        /// The waiting list is looked at again.
        WaitlistReview = "waitlist_review",
        /// The provider contacts the person; for P4, agrees a date.
        FirstContact = "first_contact",
        /// After the appointment, the provider says whether it took place.
        Appointment = "appointment",
        /// The sender reaches a person who did not come.
        Reach = "reach",
        /// News of the person while the service runs; the final report after
        /// its end.
        Report = "report",
        /// The sender confirms the outcome with the person.
        Confirm = "confirm",
        /// The provider, then the secretariat, answers a dispute.
        Dispute = "dispute",
    }
}

closed_enum! {
    /// What happens when a due time passes.
    WhenDue {
        /// The ladder of reminders.
        Ladder = "ladder",
        /// A notice to the supervisor of the owner.
        NoticeSupervisor = "notice_supervisor",
        /// Back to received, marked as not answered.
        BackToReceived = "back_to_received",
        /// A reroute is proposed; later the referral expires.
        RerouteThenExpire = "reroute_then_expire",
        /// Reported with the outcome "not reached".
        ReportNotReached = "report_not_reached",
        /// Closed, with confirmation "none".
        CloseUnconfirmed = "close_unconfirmed",
        /// Passed on to the secretariat, then to its supervisor.
        PassToSecretariat = "pass_to_secretariat",
    }
}

/// A state of the pathway, as the files tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Stable code.
    pub code: String,
    /// Label.
    pub label: Label,
    /// What the one who must move has to do; `None` for states that wait on
    /// nobody.
    pub waiting: Option<Waiting>,
    /// Priorities that may be in this state (a waiting list is not for P1, P2).
    pub priorities: Vec<Priority>,
}

/// Who must move, by when, and what happens otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Side that must move.
    pub owner: ActingFor,
    /// Role at the owner that must move.
    pub role: Role,
    /// What falls due.
    pub due: DueKind,
    /// What happens when it passes.
    pub when_due: WhenDue,
}

/// An edge of the pathway, as the files tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Code of the state that it leaves.
    pub from: String,
    /// Code of the command.
    pub command: String,
    /// Code of the state that it reaches.
    pub to: String,
    /// Sides that may give the command.
    pub by: Vec<ActingFor>,
    /// What the button says.
    pub label: Label,
}
