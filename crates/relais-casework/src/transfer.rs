//! The transfer of a case to another organisation (transfert de dossier):
//! responsibility moves, where a referral keeps it (DESIGN §5).
//!
//! ```text
//! proposed ── accept ──► accepted: holder, waits and sight move at once
//!          ── decline ─► declined   the case stays
//!          ── cancel ──► cancelled  the case stays
//!          ── silence ─► lapsed     the case stays
//! ```
//!
//! Until the other organisation accepts, its holder keeps the case and every
//! wait in it: a proposal strands nobody. The person's consent to the new
//! holder is asked before it is proposed and looked at again when it is
//! accepted.

use chrono::{DateTime, Utc};
use relais_mechanism::{ClassSet, Label, Role, closed_enum};
use relais_network::{CaseId, OrganisationId, TransferId, UserId};

use crate::calendar::Due;
use crate::consent::{Consent, ConsentDecision, ConsentLine, Recipient};
use crate::referral::Actor;

/// Percent of the limit at which both sides are reminded.
const REMINDED: u32 = 100;
/// Percent of the limit at which a proposal that nobody answered lapses.
const LAPSES: u32 = 200;

closed_enum! {
    /// Where a transfer stands.
    TransferState {
        /// The other organisation owes an answer.
        Proposed = "proposed",
        /// The case has moved.
        Accepted = "accepted",
        /// The other organisation does not take it.
        Declined = "declined",
        /// Taken back by the holder.
        Cancelled = "cancelled",
        /// Nobody answered in twice the time.
        Lapsed = "lapsed",
    }
}

closed_enum! {
    /// Why an organisation does not take a case.
    TransferDecline {
        /// No room.
        NoCapacity = "no_capacity",
        /// Outside its area.
        OutsideArea = "outside_area",
        /// Not its mandate.
        NotMandated = "not_mandated",
        /// The person did not agree, or not to enough.
        NoConsent = "no_consent",
        /// Something else, said in words.
        Other = "other",
    }
}

/// A transfer of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its id.
    pub id: TransferId,
    /// The case.
    pub case: CaseId,
    /// Who held it when it was proposed.
    pub from: OrganisationId,
    /// Who is asked to take it.
    pub to: OrganisationId,
    /// Where it stands.
    pub state: TransferState,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
    /// Until when the other organisation must answer.
    pub due: Due,
    /// Both sides were reminded.
    pub reminded: bool,
    /// When it was answered, taken back, or lapsed.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it was declined.
    pub decline: Option<TransferDecline>,
    /// Grows with each event.
    pub version: i64,
}

/// What can be asked of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferCommand {
    /// The other organisation takes the case; `assign`: who of its staff works
    /// on it, where that is known already.
    Accept {
        /// A case manager or supervisor of the organisation that accepts.
        assign: Option<UserId>,
    },
    /// It does not.
    Decline {
        /// Why.
        code: TransferDecline,
    },
    /// The holder takes the proposal back.
    Cancel,
    /// A clock of [`Transfer::clocks`] ran out.
    TimePasses {
        /// Percent of the limit.
        percent: u32,
    },
}

/// What happened to a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferEvent {
    /// The case moves.
    Accepted {
        /// Who works on it now, where that is known.
        assign: Option<UserId>,
    },
    /// The case stays.
    Declined {
        /// Why.
        code: TransferDecline,
    },
    /// The case stays.
    Cancelled,
    /// Both sides are told that the answer is late.
    Reminded,
    /// The case stays.
    Lapsed,
}

impl TransferEvent {
    /// Stable code, for the log and the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accepted { .. } => "transfer_accepted",
            Self::Declined { .. } => "transfer_declined",
            Self::Cancelled => "transfer_cancelled",
            Self::Reminded => "transfer_reminded",
            Self::Lapsed => "transfer_lapsed",
        }
    }
}

/// Why a transfer was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum TransferRefusal {
    /// The actor may not.
    NotYours,
    /// The organisation holds the case already.
    OwnOrganisation,
    /// Nobody there works on cases: the case would wait on nobody.
    NobodyThere,
    /// A State body cannot hold a case of the protected circuit.
    ProtectedCircuit,
    /// The person has not agreed to this organisation by name.
    ConsentMissing,
    /// Another transfer of the case waits for its answer.
    AlreadyProposed,
    /// The proposal is over.
    Over {
        /// Where it stands.
        state: TransferState,
    },
    /// The clock came early, twice, or for no step.
    ClockStale,
}

impl TransferRefusal {
    /// Stable code, for the API's problems.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotYours => "transfer_not_yours",
            Self::OwnOrganisation => "transfer_own_organisation",
            Self::NobodyThere => "transfer_nobody_there",
            Self::ProtectedCircuit => "transfer_protected_circuit",
            Self::ConsentMissing => "transfer_consent_missing",
            Self::AlreadyProposed => "transfer_already_proposed",
            Self::Over { .. } => "transfer_over",
            Self::ClockStale => "transfer_clock_stale",
        }
    }

    /// Why, in a sentence.
    #[must_use]
    pub fn message(self) -> Label {
        let (fr, en) = match self {
            Self::NotYours => ("Cette réponse n’est pas à vous.", "This answer is not yours to give."),
            Self::OwnOrganisation => (
                "Cette organisation tient déjà le dossier.",
                "This organisation holds the case already.",
            ),
            Self::NobodyThere => (
                "Personne dans cette organisation ne suit de dossiers dans Relais.",
                "Nobody at this organisation works on cases in Relais.",
            ),
            Self::ProtectedCircuit => (
                "Un dossier en circuit protégé ne passe pas à un organisme de l’État.",
                "A case of the protected circuit does not go to a State body.",
            ),
            Self::ConsentMissing => (
                "La personne n’a pas donné son accord pour cette organisation.",
                "The person has not agreed to this organisation.",
            ),
            Self::AlreadyProposed => (
                "Un transfert de ce dossier attend déjà une réponse.",
                "A transfer of this case is waiting for an answer already.",
            ),
            Self::Over { .. } => (
                "Cette proposition n’attend plus de réponse.",
                "This proposal waits for no answer any more.",
            ),
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
    pub fn remedy(self) -> Label {
        let (fr, en) = match self {
            Self::NotYours => (
                "Une personne qui suit les dossiers de l’organisation concernée répond.",
                "Somebody who works on cases at the organisation concerned answers.",
            ),
            Self::OwnOrganisation => (
                "Pour changer de gestionnaire, confiez le dossier à un collègue.",
                "To change the case manager, hand the case to a colleague.",
            ),
            Self::NobodyThere => (
                "Référez plutôt un besoin, ou demandez au secrétariat d’ouvrir un compte à cette organisation.",
                "Refer a need instead, or ask the secretariat to open an account for this organisation.",
            ),
            Self::ProtectedCircuit => (
                "Choisissez avec la personne une organisation indépendante de l’État.",
                "Choose with the person an organisation independent of the State.",
            ),
            Self::ConsentMissing => (
                "Demandez son accord à la personne, pour cette organisation et par catégorie de données.",
                "Ask the person for consent, for this organisation and by class of data.",
            ),
            Self::AlreadyProposed => (
                "Attendez la réponse, ou annulez la première proposition.",
                "Wait for the answer, or cancel the first proposal.",
            ),
            Self::Over { .. } | Self::ClockStale => ("Rien à faire.", "Nothing to do."),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }
}

/// What decides whether a transfer may be proposed.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'a> {
    /// Who holds the case.
    pub holder: OrganisationId,
    /// Who is asked.
    pub to: OrganisationId,
    /// Whether that is a State body.
    pub to_is_state: bool,
    /// Whether somebody there works on cases and has an open account.
    pub somebody_there: bool,
    /// Whether the case is in the protected circuit.
    pub protected: bool,
    /// Whether another transfer of the case waits.
    pub waiting: bool,
    /// The person's consents.
    pub consents: &'a [Consent],
    /// Now.
    pub now: DateTime<Utc>,
}

/// Whether the transfer may be proposed.
///
/// # Errors
/// The first [`TransferRefusal`] that stands against it.
pub fn may_propose(proposal: &Proposal<'_>) -> Result<(), TransferRefusal> {
    if proposal.to == proposal.holder {
        return Err(TransferRefusal::OwnOrganisation);
    }
    if proposal.waiting {
        return Err(TransferRefusal::AlreadyProposed);
    }
    if proposal.protected && proposal.to_is_state {
        return Err(TransferRefusal::ProtectedCircuit);
    }
    if !proposal.somebody_there {
        return Err(TransferRefusal::NobodyThere);
    }
    if agreed_to(proposal.consents, proposal.to, proposal.now).is_empty() {
        return Err(TransferRefusal::ConsentMissing);
    }
    Ok(())
}

/// The classes for which the person named this organisation, all consents that
/// stand taken together: an agreement to "any member" is none to a new holder,
/// and a child's case does not move on the word of an adult whose link to it
/// nobody has seen.
#[must_use]
pub fn agreed_to(consents: &[Consent], organisation: OrganisationId, now: DateTime<Utc>) -> ClassSet {
    consents
        .iter()
        .filter(|c| c.line == ConsentLine::C3 && c.standing(now) == ConsentDecision::Granted)
        .filter(|c| c.recipient == Recipient::Organisation { organisation })
        .filter(|c| c.proof.authority_reaches(c.given_by, false))
        .fold(ClassSet::EMPTY, |all, c| all.union(c.classes))
}

impl Transfer {
    /// Who must move: the organisation asked, by whoever works on cases there.
    #[must_use]
    pub const fn owner(&self) -> Option<(OrganisationId, Role)> {
        match self.state {
            TransferState::Proposed => Some((self.to, Role::Supervisor)),
            _ => None,
        }
    }

    /// What a command does to the transfer.
    ///
    /// # Errors
    /// A [`TransferRefusal`].
    pub fn decide(
        &self,
        command: TransferCommand,
        actor: &Actor,
        at_percent: impl Fn(&Due, u32) -> DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<TransferEvent, TransferRefusal> {
        let works_at = |organisation| {
            actor.organisation == Some(organisation) && actor.has_any(&[Role::CaseManager, Role::Supervisor])
        };
        let yours = match command {
            TransferCommand::Accept { .. } | TransferCommand::Decline { .. } => works_at(self.to),
            TransferCommand::Cancel => works_at(self.from),
            TransferCommand::TimePasses { .. } => actor.is_clock(),
        };
        if !yours {
            return Err(TransferRefusal::NotYours);
        }
        if self.state != TransferState::Proposed {
            return Err(TransferRefusal::Over { state: self.state });
        }
        match command {
            TransferCommand::Accept { assign } => Ok(TransferEvent::Accepted { assign }),
            TransferCommand::Decline { code } => Ok(TransferEvent::Declined { code }),
            TransferCommand::Cancel => Ok(TransferEvent::Cancelled),
            TransferCommand::TimePasses { percent } => {
                if now < at_percent(&self.due, percent) {
                    return Err(TransferRefusal::ClockStale);
                }
                match percent {
                    REMINDED if !self.reminded => Ok(TransferEvent::Reminded),
                    LAPSES => Ok(TransferEvent::Lapsed),
                    _ => Err(TransferRefusal::ClockStale),
                }
            }
        }
    }

    /// The transfer after the event.
    #[must_use]
    pub fn apply(&self, event: TransferEvent, at: DateTime<Utc>) -> Self {
        let mut next = self.clone();
        next.version += 1;
        match event {
            TransferEvent::Accepted { .. } => next.state = TransferState::Accepted,
            TransferEvent::Declined { code } => {
                next.state = TransferState::Declined;
                next.decline = Some(code);
            }
            TransferEvent::Cancelled => next.state = TransferState::Cancelled,
            TransferEvent::Reminded => next.reminded = true,
            TransferEvent::Lapsed => next.state = TransferState::Lapsed,
        }
        if next.state != TransferState::Proposed {
            next.ended_at = Some(at);
        }
        next
    }

    /// The due work that it asks for as it stands: percent and time.
    #[must_use]
    pub fn clocks(&self, at_percent: impl Fn(&Due, u32) -> DateTime<Utc>) -> Vec<(u32, DateTime<Utc>)> {
        if self.state != TransferState::Proposed {
            return Vec::new();
        }
        [REMINDED, LAPSES]
            .into_iter()
            .filter(|percent| *percent != REMINDED || !self.reminded)
            .map(|percent| (percent, at_percent(&self.due, percent)))
            .collect()
    }
}
