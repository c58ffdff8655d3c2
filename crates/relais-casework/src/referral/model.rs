//! A referral as the rules see it, and how events change it.

use chrono::{DateTime, Utc};
use relais_mechanism::limits::{LadderAction, LadderStep};
use relais_mechanism::{ActingFor, Priority, Role, Sensitivity};
use relais_network::{CaseId, NeedId, OrganisationId, ReferralId, ServiceId};
use serde::{Deserialize, Serialize};

use super::event::{Event, EventKind};
use super::times::{Counts, DueTimes};
use super::words::{Confirmation, DeclineCode, DueKind, Outcome, State};
use crate::calendar::{Due, Remaining};

/// Who must move: a side and a role, never a user, so that leave or a closed
/// account strands nothing. The organisation follows from the side: the
/// sender is always the organisation that holds the case now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Owner {
    /// The side that must move.
    pub side: ActingFor,
    /// The role at that side.
    pub role: Role,
}

impl Owner {
    /// The case managers of the organisation that holds the case.
    pub const SENDER: Self = Self {
        side: ActingFor::Sender,
        role: Role::CaseManager,
    };
    /// Their supervisor.
    pub const SENDER_SUPERVISOR: Self = Self {
        side: ActingFor::Sender,
        role: Role::Supervisor,
    };
    /// The focal points of the service asked.
    pub const PROVIDER: Self = Self {
        side: ActingFor::Provider,
        role: Role::FocalPoint,
    };
    /// The technical secretariat.
    pub const SECRETARIAT: Self = Self {
        side: ActingFor::Secretariat,
        role: Role::Secretariat,
    };
    /// The secretariat's supervisor.
    pub const SECRETARIAT_SUPERVISOR: Self = Self {
        side: ActingFor::Secretariat,
        role: Role::SecretariatSupervisor,
    };

    /// The organisation that must move; `None` for the secretariat, which the
    /// deployment names.
    #[must_use]
    pub fn organisation(&self, holder: OrganisationId, provider: OrganisationId) -> Option<OrganisationId> {
        match self.side {
            ActingFor::Sender => Some(holder),
            ActingFor::Provider => Some(provider),
            ActingFor::Person | ActingFor::Secretariat | ActingFor::System => None,
        }
    }
}

/// Who must move, what falls due, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// Who must move.
    pub owner: Owner,
    /// What falls due.
    pub kind: DueKind,
    /// When, and since when the clock runs.
    pub due: Due,
}

/// What is left of the provider's clocks while the sender answers a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Left to decide.
    pub decide: Remaining,
    /// Left until expiry.
    pub expiry: Remaining,
}

/// A referral: one organisation's service is asked to meet one need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    /// Id.
    pub id: ReferralId,
    /// The case.
    pub case: CaseId,
    /// The need.
    pub need: NeedId,
    /// The service asked.
    pub service: ServiceId,
    /// The organisation whose service it is.
    pub provider: OrganisationId,
    /// How soon.
    pub priority: Priority,
    /// How sensitive the need's service is; at S4 only focal points act.
    pub sensitivity: Sensitivity,
    /// The case is in the protected circuit: the secretariat and the region
    /// know nothing of it.
    pub protected: bool,
    /// P2: the service declares on-call, so no interim measure is needed.
    pub on_call: bool,
    /// Something above the pre-acceptance view has reached the provider: by
    /// acceptance, or before it by P1's safety facts or an override.
    pub disclosed_above: bool,
    /// Where it stands.
    pub state: State,
    /// Who must move, in a waiting state; `None` in a terminal one.
    pub wait: Option<Wait>,
    /// The last step of the ladder that was climbed in this wait, in percent.
    pub ladder: u32,
    /// When it was sent (happened, not typed).
    pub sent_at: Option<DateTime<Utc>>,
    /// When silence ends in expiry; set while sent.
    pub expiry: Option<Due>,
    /// The provider's clocks while the sender answers; never for P1.
    pub pause: Option<Pause>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// The appointment.
    pub appointment: Option<DateTime<Utc>>,
    /// Times that the waiting list was extended.
    pub extensions: u32,
    /// The waiting list's review date passed and a reroute was proposed.
    pub review_passed: bool,
    /// Missed appointments.
    pub no_shows: u32,
    /// Disputes.
    pub disputes: u32,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Who confirmed the outcome.
    pub confirmation: Option<Confirmation>,
    /// Why it was declined.
    pub decline: Option<DeclineCode>,
    /// The service that the provider suggests instead.
    pub suggested: Option<ServiceId>,
    /// The provider's last answer was noted by the sender or came by a link,
    /// so the provider may contest it.
    pub noted_answer: bool,
    /// The person stopped the sharing; care goes on.
    pub sharing_stopped: bool,
    /// Grows with each event.
    pub version: i64,
}

/// What a new draft says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewReferral {
    /// Id, made by its maker.
    pub id: ReferralId,
    /// The case.
    pub case: CaseId,
    /// The need.
    pub need: NeedId,
    /// The service asked.
    pub service: ServiceId,
    /// The organisation whose service it is.
    pub provider: OrganisationId,
    /// The need's priority.
    pub priority: Priority,
    /// The sensitivity of the need's service.
    pub sensitivity: Sensitivity,
    /// The case is in the protected circuit.
    pub protected: bool,
    /// The service declares on-call.
    pub on_call: bool,
}

/// One row of due work: when this instant is reached, the clock gives
/// [`Command::TimePasses`](super::Command::TimePasses) with this percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// What falls due.
    pub kind: DueKind,
    /// Percent of the limit.
    pub percent: u32,
    /// When.
    pub at: DateTime<Utc>,
}

impl Referral {
    /// A new draft, due when its need is.
    #[must_use]
    pub fn draft(new: NewReferral, need_due: Due) -> Self {
        Self {
            id: new.id,
            case: new.case,
            need: new.need,
            service: new.service,
            provider: new.provider,
            priority: new.priority,
            sensitivity: new.sensitivity,
            protected: new.protected,
            on_call: new.on_call,
            disclosed_above: false,
            state: State::Draft,
            wait: Some(Wait {
                owner: Owner::SENDER,
                kind: DueKind::Need,
                due: need_due,
            }),
            ladder: 0,
            sent_at: None,
            expiry: None,
            pause: None,
            accepted_at: None,
            appointment: None,
            extensions: 0,
            review_passed: false,
            no_shows: 0,
            disputes: 0,
            outcome: None,
            confirmation: None,
            decline: None,
            suggested: None,
            noted_answer: false,
            sharing_stopped: false,
            version: 1,
        }
    }

    /// The referral after the event. Knows no rule: whatever `decide` said
    /// happened, happened.
    #[must_use]
    pub fn apply(&self, event: &Event) -> Self {
        let mut next = self.clone();
        next.version += 1;
        next.state = event.state;
        if next.wait != event.wait {
            next.ladder = 0;
            next.wait.clone_from(&event.wait);
        }
        if event.state.is_terminal() {
            next.expiry = None;
            next.pause = None;
        }
        if event.kind.is_providers_answer() {
            next.noted_answer = event.noted;
        }
        match &event.kind {
            EventKind::Sent { expiry } => {
                next.sent_at = Some(event.happened_at);
                next.expiry = Some(expiry.clone());
            }
            EventKind::InfoAsked { pause } => {
                next.pause = *pause;
                if pause.is_some() {
                    next.expiry = None;
                }
            }
            EventKind::InfoAnswered { expiry } | EventKind::InfoNotAnswered { expiry } => {
                next.pause = None;
                next.expiry.clone_from(expiry);
            }
            EventKind::Waitlisted => {
                next.expiry = None;
                next.review_passed = false;
            }
            EventKind::WaitlistExtended => {
                next.extensions += 1;
                next.review_passed = false;
            }
            EventKind::ReviewPassed => next.review_passed = true,
            EventKind::Accepted { .. } => {
                next.expiry = None;
                next.accepted_at = Some(event.happened_at);
                next.disclosed_above = true;
            }
            EventKind::Declined { code, suggested } => {
                next.decline = Some(*code);
                next.suggested = *suggested;
            }
            EventKind::Scheduled { at } | EventKind::Rescheduled { at } => next.appointment = Some(*at),
            EventKind::DidNotCome => next.no_shows += 1,
            EventKind::Reported { outcome } => next.outcome = Some(*outcome),
            EventKind::Confirmed { confirmation } => next.confirmation = Some(*confirmation),
            EventKind::Settled { outcome } => {
                next.outcome = Some(*outcome);
                next.confirmation = Some(Confirmation::Secretariat);
            }
            EventKind::ClosedUnconfirmed => next.confirmation = Some(Confirmation::None),
            EventKind::Disputed => next.disputes += 1,
            EventKind::SharingStopped => next.sharing_stopped = true,
            EventKind::Withdrawn { effect } => {
                next.sharing_stopped |= effect.stops_sharing();
                if effect.stops_service() {
                    next.outcome = Some(Outcome::RefusedByPerson);
                }
            }
            EventKind::Reminded { percent, .. } => next.ladder = *percent,
            EventKind::AnswerContested => next.noted_answer = false,
            EventKind::Discarded
            | EventKind::Received
            | EventKind::Cancelled
            | EventKind::Started
            | EventKind::NewsGiven
            | EventKind::RerouteProposed
            | EventKind::PassedOn
            | EventKind::Voided
            | EventKind::Expired
            | EventKind::Ended { .. } => {}
        }
        next
    }

    /// The referral after all the events, in order.
    #[must_use]
    pub fn apply_all<'e>(&self, events: impl IntoIterator<Item = &'e Event>) -> Self {
        events.into_iter().fold(self.clone(), |r, e| r.apply(e))
    }

    /// The due work that this referral asks for as it stands: the rows to
    /// write in the transaction that brought it here, in place of all earlier
    /// ones. Steps that were climbed already do not come again.
    #[must_use]
    pub fn clocks(&self, times: &dyn DueTimes, ladder: &[LadderStep], counts: Counts) -> Vec<Clock> {
        let Some(wait) = &self.wait else { return Vec::new() };
        let mut clocks = Vec::new();
        if self.state.climbs_ladder() {
            for step in ladder.iter().filter(|s| s.percent > self.ladder && !expires(s)) {
                clocks.push(Clock {
                    kind: wait.kind,
                    percent: step.percent,
                    at: times.at_percent(&wait.due, step.percent),
                });
            }
            if let Some(expiry) = self.expiry.as_ref().filter(|_| self.state.expires()) {
                clocks.push(Clock {
                    kind: DueKind::Decide,
                    percent: counts.expire_percent,
                    at: expiry.at,
                });
            }
        } else if self.ladder < 100 {
            clocks.push(Clock {
                kind: wait.kind,
                percent: 100,
                at: wait.due.at,
            });
        }
        clocks
    }
}

/// Whether a step of the ladder is the expiry, which `decide` counts from the
/// decision limit and not from the wait.
pub(super) fn expires(step: &LadderStep) -> bool {
    step.actions.contains(&LadderAction::Expire)
}
