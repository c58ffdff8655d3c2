//! The need: a service of the taxonomy that one person needs, and who sees to
//! it (DESIGN §5: "No need waits on nobody").
//!
//! A live need has an owner, the case managers of the organisation that holds
//! the case, and a due time by its priority that runs from when the need was
//! recorded. While a referral is open the need keeps both; the referral's own
//! wait says who moves next. Every terminal referral gives the need back with
//! a [`NeedEffect`], in the same transaction.

use chrono::{DateTime, Utc};
use relais_mechanism::{ActingFor, Label, Priority, Role, closed_enum};
use relais_network::{CaseId, NeedId, OrganisationId, ReferralId, ServiceId};
use serde::{Deserialize, Serialize};

use crate::calendar::Due;
use crate::referral::{Actor, Context, NeedEffect, Owner, Recipient};

closed_enum! {
    /// Where a need stands (DESIGN §3).
    NeedState {
        /// Nobody has been asked, or nobody helped yet.
        Open = "open",
        /// A service has been asked.
        Referred = "referred",
        /// Served, and confirmed.
        Met = "met",
        /// Partly served, and confirmed.
        PartlyMet = "partly_met",
        /// Given up, with a reason that counts in the map of unmet needs.
        Unmet = "unmet",
        /// The person does not want it any more.
        Dropped = "dropped",
    }
}

impl NeedState {
    /// Whether the need has an owner and a due time.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::Referred)
    }
}

closed_enum! {
    /// Why a need stays unmet.
    UnmetReason {
        /// No such service can be reached from where the person is.
        NoService = "no_service",
        /// Services exist and have no room.
        NoCapacity = "no_capacity",
        /// The person meets no service's criteria.
        NotEligible = "not_eligible",
        /// Nobody pays.
        NoFunding = "no_funding",
        /// The person can no longer be reached.
        NotReached = "not_reached",
        /// The work ended: death, departure, detention, disappearance. Only
        /// the end of a case gives this reason.
        Ended = "ended",
        /// Something else, said in words.
        Other = "other",
    }
}

/// A need as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// Id.
    pub id: NeedId,
    /// The case.
    pub case: CaseId,
    /// How soon.
    pub priority: Priority,
    /// Where it stands.
    pub state: NeedState,
    /// Why it stays unmet.
    pub reason: Option<UnmetReason>,
    /// When it was recorded; its clock runs from here.
    pub recorded_at: DateTime<Utc>,
    /// When it must be met. Kept when a referral gives it back: a need that
    /// comes back late is late.
    pub due: Due,
    /// The notice of lateness has been given.
    pub late_told: bool,
    /// Referrals that are open.
    pub open: Vec<ReferralId>,
    /// Services that were asked: never again in this chain.
    pub tried: Vec<ServiceId>,
    /// Grows with each event.
    pub version: i64,
}

impl Need {
    /// A new need.
    #[must_use]
    pub const fn record(id: NeedId, case: CaseId, priority: Priority, recorded_at: DateTime<Utc>, due: Due) -> Self {
        Self {
            id,
            case,
            priority,
            state: NeedState::Open,
            reason: None,
            recorded_at,
            due,
            late_told: false,
            open: Vec::new(),
            tried: Vec::new(),
            version: 1,
        }
    }

    /// The organisation and role that see to it, while it is live: a transfer
    /// of the case moves it without touching the need.
    #[must_use]
    pub const fn owner(&self, holder: OrganisationId) -> Option<(OrganisationId, Role)> {
        if self.state.is_live() {
            Some((holder, Owner::SENDER.role))
        } else {
            None
        }
    }

    /// How many referrals may be open at once: two for an emergency, else one.
    #[must_use]
    pub const fn open_allowed(&self) -> usize {
        match self.priority {
            Priority::P1 => 2,
            Priority::P2 | Priority::P3 | Priority::P4 => 1,
        }
    }

    /// Whether a service may be asked now; the same answer as
    /// [`NeedCommand::Refer`] gets, for a page that offers services.
    ///
    /// # Errors
    /// The refusal that [`decide_need`] would give.
    pub fn may_ask(&self, service: ServiceId) -> Result<(), NeedRefusal> {
        if !self.state.is_live() {
            return Err(NeedRefusal::NotLive { state: self.state });
        }
        if self.tried.contains(&service) {
            return Err(NeedRefusal::AlreadyTried);
        }
        if self.open.len() >= self.open_allowed() {
            return Err(NeedRefusal::ReferralOpen {
                allowed: self.open_allowed(),
            });
        }
        Ok(())
    }

    /// The need after the event.
    #[must_use]
    pub fn apply(&self, event: &NeedEvent) -> Self {
        let mut next = self.clone();
        next.version += 1;
        match event {
            NeedEvent::Referred { referral, service } => {
                next.state = NeedState::Referred;
                next.open.push(*referral);
                next.tried.push(*service);
            }
            NeedEvent::GivenBack {
                referral,
                service,
                effect,
                state,
            } => {
                next.open.retain(|r| r != referral);
                if *effect == NeedEffect::ReopenUntried {
                    next.tried.retain(|s| s != service);
                }
                next.state = *state;
                if *effect == NeedEffect::Ended && *state == NeedState::Unmet {
                    next.reason = Some(next.reason.unwrap_or(UnmetReason::Ended));
                }
            }
            NeedEvent::Dropped => next.state = NeedState::Dropped,
            NeedEvent::Unmet { reason } => {
                next.state = NeedState::Unmet;
                next.reason = Some(*reason);
            }
            NeedEvent::Late { .. } => next.late_told = true,
            NeedEvent::Reopened { due, untried } => {
                next.state = NeedState::Open;
                next.reason = None;
                next.due.clone_from(due);
                next.late_told = false;
                next.tried.retain(|s| !untried.contains(s));
            }
        }
        next
    }
}

/// What can be asked of a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeedCommand {
    /// A referral is being sent.
    Refer {
        /// The referral.
        referral: ReferralId,
        /// The service that it asks.
        service: ServiceId,
    },
    /// The person does not want it any more.
    Drop,
    /// Given up by the holder.
    DeclareUnmet {
        /// Why.
        reason: UnmetReason,
    },
    /// The work with the person ends.
    End,
    /// The need's due time passed.
    TimePasses,
}

/// What happened to a need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum NeedEvent {
    /// A service was asked.
    Referred {
        /// The referral.
        referral: ReferralId,
        /// The service.
        service: ServiceId,
    },
    /// A referral gave the need back.
    GivenBack {
        /// The referral.
        referral: ReferralId,
        /// The service that it had asked.
        service: ServiceId,
        /// What its end meant.
        effect: NeedEffect,
        /// Where the need stands now.
        state: NeedState,
    },
    /// The person does not want it any more.
    Dropped,
    /// Given up.
    Unmet {
        /// Why.
        reason: UnmetReason,
    },
    /// The due time passed; the need stays with its owner.
    Late {
        /// Who is told.
        tell: Vec<Recipient>,
    },
    /// Its case is open again, and so is the need, with a new clock.
    Reopened {
        /// When it must be met now.
        due: Due,
        /// Services whose referral the end of the case had cut off: they may
        /// be asked again.
        untried: Vec<ServiceId>,
    },
}

/// Why a command on a need was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum NeedRefusal {
    /// The actor may not.
    NotYours,
    /// The need is settled.
    NotLive {
        /// Where it stands.
        state: NeedState,
    },
    /// The service was asked before in this chain.
    AlreadyTried,
    /// As many referrals as allowed are open.
    ReferralOpen {
        /// How many may be.
        allowed: usize,
    },
    /// A referral is open: it must come to its end first.
    StillReferred,
    /// Only the end of a case gives this reason.
    ReasonReserved,
    /// A reopening leaves it as it is.
    StaysSettled {
        /// Where it stands.
        state: NeedState,
    },
    /// The clock came early.
    ClockNotDue {
        /// When it is due.
        at: DateTime<Utc>,
    },
    /// The notice has been given.
    ClockStale,
}

impl NeedRefusal {
    /// Stable code, for the API's problems.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotYours => "need_not_yours",
            Self::NotLive { .. } => "need_not_live",
            Self::AlreadyTried => "need_already_tried",
            Self::ReferralOpen { .. } => "need_referral_open",
            Self::StillReferred => "need_still_referred",
            Self::ReasonReserved => "need_reason_reserved",
            Self::StaysSettled { .. } => "need_stays_settled",
            Self::ClockNotDue { .. } => "need_clock_not_due",
            Self::ClockStale => "need_clock_stale",
        }
    }

    /// Why, in a sentence.
    #[must_use]
    pub fn message(&self) -> Label {
        let (fr, en) = match self {
            Self::NotYours => (
                "Ce besoin n’est pas suivi par vous.",
                "This need is not yours to follow.",
            ),
            Self::NotLive { .. } => ("Ce besoin est déjà réglé.", "This need is settled already."),
            Self::AlreadyTried => (
                "Ce service a déjà été sollicité pour ce besoin.",
                "This service has been asked for this need already.",
            ),
            Self::ReferralOpen { .. } => (
                "Une demande est déjà en cours pour ce besoin.",
                "A request is open for this need already.",
            ),
            Self::StillReferred => (
                "Une demande est encore en cours pour ce besoin.",
                "A request is still open for this need.",
            ),
            Self::ReasonReserved => (
                "Ce motif vient de la clôture du dossier par un superviseur.",
                "This reason comes from a supervisor ending the case.",
            ),
            Self::StaysSettled { .. } => (
                "Ce besoin ne se rouvre pas avec le dossier.",
                "This need does not open again with the case.",
            ),
            Self::ClockNotDue { .. } => ("L’échéance n’est pas atteinte.", "The due time has not come."),
            Self::ClockStale => (
                "Cette échéance n’a plus d’objet.",
                "This deadline has no object any more.",
            ),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }

    /// What to do instead.
    #[must_use]
    pub fn remedy(&self) -> Label {
        let (fr, en) = match self {
            Self::NotYours => (
                "Prévenez l’organisation qui suit le dossier.",
                "Tell the organisation that holds the case.",
            ),
            Self::NotLive { .. } => (
                "Enregistrez un nouveau besoin si la situation a changé.",
                "Record a new need if the situation has changed.",
            ),
            Self::AlreadyTried => (
                "Choisissez un autre service, ou dites que le besoin n’est pas couvert.",
                "Choose another service, or record the need as unmet.",
            ),
            Self::ReferralOpen { .. } => (
                "Attendez la réponse ou annulez la demande en cours\u{a0}; une urgence en permet deux.",
                "Wait for the answer or cancel the open request; an emergency may have two.",
            ),
            Self::StillReferred => (
                "Annulez d’abord la demande en cours, ou attendez sa fin.",
                "Cancel the open request first, or wait for its end.",
            ),
            Self::ReasonReserved => ("Choisissez un autre motif.", "Choose another reason."),
            Self::StaysSettled { .. } => (
                "Enregistrez un nouveau besoin si la personne le demande.",
                "Record a new need if the person asks for it.",
            ),
            Self::ClockNotDue { .. } => ("Rien à faire d’ici là.", "Nothing to do until then."),
            Self::ClockStale => ("Rien à faire.", "Nothing to do."),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }
}

/// What a command does to a need. Total, like
/// [`referral::decide`](crate::referral::decide).
///
/// # Errors
/// A [`NeedRefusal`].
pub fn decide_need(
    need: &Need,
    command: &NeedCommand,
    actor: &Actor,
    ctx: &Context<'_>,
) -> Result<NeedEvent, NeedRefusal> {
    let holds = ctx.holds(actor);
    let yours = match (command, actor.acting_for) {
        (NeedCommand::TimePasses, _) => actor.is_clock(),
        (NeedCommand::End, ActingFor::Sender) => holds && actor.has_any(&[Role::Supervisor]),
        (NeedCommand::Drop, ActingFor::Person) => holds || actor.organisation.is_none(),
        (NeedCommand::End | NeedCommand::Drop, _) => false,
        (_, acting_for) => holds && acting_for == ActingFor::Sender,
    };
    if !yours {
        return Err(NeedRefusal::NotYours);
    }
    if !need.state.is_live() {
        return Err(NeedRefusal::NotLive { state: need.state });
    }
    match command {
        NeedCommand::Refer { referral, service } => {
            need.may_ask(*service)?;
            Ok(NeedEvent::Referred {
                referral: *referral,
                service: *service,
            })
        }
        // A need with an open referral is settled by that referral's end: a
        // provider must not serve somebody whose need was written off.
        NeedCommand::Drop | NeedCommand::DeclareUnmet { .. } | NeedCommand::End if !need.open.is_empty() => {
            Err(NeedRefusal::StillReferred)
        }
        NeedCommand::Drop => Ok(NeedEvent::Dropped),
        NeedCommand::DeclareUnmet {
            reason: UnmetReason::Ended,
        } => Err(NeedRefusal::ReasonReserved),
        NeedCommand::DeclareUnmet { reason } => Ok(NeedEvent::Unmet { reason: *reason }),
        NeedCommand::End => Ok(NeedEvent::Unmet {
            reason: UnmetReason::Ended,
        }),
        NeedCommand::TimePasses => {
            if need.late_told {
                return Err(NeedRefusal::ClockStale);
            }
            if ctx.now < need.due.at {
                return Err(NeedRefusal::ClockNotDue { at: need.due.at });
            }
            Ok(NeedEvent::Late {
                tell: vec![Recipient::Sender, Recipient::SenderSupervisor],
            })
        }
    }
}

/// Opens a need again with its case, on a clock that runs from now. Part of the
/// reopening, so whoever may do that may do this; what was met stays met, and
/// what the person did not want stays so.
///
/// # Errors
/// [`NeedRefusal::StaysSettled`].
pub fn reopen(need: &Need, due: Due, untried: Vec<ServiceId>) -> Result<NeedEvent, NeedRefusal> {
    match need.state {
        NeedState::Unmet | NeedState::PartlyMet => Ok(NeedEvent::Reopened { due, untried }),
        NeedState::Open | NeedState::Referred | NeedState::Met | NeedState::Dropped => {
            Err(NeedRefusal::StaysSettled { state: need.state })
        }
    }
}

/// What the end of a referral does to its need. Part of the act that ended the
/// referral, so it cannot be refused: whoever might end that may do this.
#[must_use]
pub fn give_back(need: &Need, referral: ReferralId, service: ServiceId, effect: NeedEffect) -> NeedEvent {
    NeedEvent::GivenBack {
        referral,
        service,
        effect,
        state: after(need, referral, effect),
    }
}

/// Where a need stands when one referral has come to its end. What was reached
/// is never lost: of two emergency referrals the better one counts, and while
/// one is open the need is still referred.
fn after(need: &Need, referral: ReferralId, effect: NeedEffect) -> NeedState {
    let others = need.open.iter().any(|r| *r != referral);
    match (need.state, effect) {
        (NeedState::Met, _) | (_, NeedEffect::Met) => NeedState::Met,
        (NeedState::PartlyMet, _) | (_, NeedEffect::PartlyMet) => NeedState::PartlyMet,
        (settled @ (NeedState::Unmet | NeedState::Dropped), _) => settled,
        (NeedState::Open | NeedState::Referred, _) if others => NeedState::Referred,
        (_, NeedEffect::Dropped) => NeedState::Dropped,
        (_, NeedEffect::Ended) => NeedState::Unmet,
        (_, NeedEffect::Reopen | NeedEffect::ReopenUntried) => NeedState::Open,
    }
}
