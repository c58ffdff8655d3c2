//! The request to stop using what was received (demande de cesser
//! l'utilisation): each past recipient of what a person withdrew is told, and
//! must confirm (DESIGN §6). A wait like any other: an owner, a limit, the one
//! ladder.

use chrono::{DateTime, Utc};
use relais_mechanism::limits::{LadderAction, LadderStep};
use relais_mechanism::{ActingFor, Channel, ClassSet, Label, Role};
use relais_network::{CaseId, OrganisationId, ReferralId, StopRequestId, UserId};

use super::WithdrawEffect;
use crate::calendar::Due;
use crate::referral::{Actor, DueTimes, Recipient, recipients};

/// A request to one recipient to stop using what it received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopRequest {
    /// Its id.
    pub id: StopRequestId,
    /// The case.
    pub case: CaseId,
    /// Who received, and must confirm.
    pub recipient: OrganisationId,
    /// What the person wanted to stop.
    pub effect: WithdrawEffect,
    /// What it received under what was withdrawn.
    pub classes: ClassSet,
    /// The referrals under which it received.
    pub referrals: Vec<ReferralId>,
    /// When it was told.
    pub asked_at: DateTime<Utc>,
    /// Until when it must confirm.
    pub due: Due,
    /// The last step of the ladder that was climbed, in percent.
    pub ladder: u32,
    /// The confirmation.
    pub confirmed: Option<StopConfirmed>,
    /// Grows with each event.
    pub version: i64,
}

/// That a recipient has stopped using what it received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopConfirmed {
    /// When it said so.
    pub at: DateTime<Utc>,
    /// The user who said so or noted it.
    pub by: Option<UserId>,
    /// How it came in: telephone and paper were noted by the case's holder.
    pub channel: Channel,
}

/// What happened to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopEvent {
    /// The recipient confirmed.
    Confirmed(StopConfirmed),
    /// A step of the ladder.
    Reminded {
        /// Percent of the limit.
        percent: u32,
        /// Who is told.
        tell: Vec<Recipient>,
    },
}

/// Why a command on a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum StopRefusal {
    /// The actor may not.
    NotYours,
    /// It is confirmed already.
    Confirmed,
    /// Noted by the holder, without the number or the name.
    NotedMissing,
    /// Before the request, or after now.
    WrongTime,
    /// The clock came early, twice, or for no step.
    ClockStale,
}

impl StopRefusal {
    /// Stable code, for the API's problems.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotYours => "stop_not_yours",
            Self::Confirmed => "stop_confirmed",
            Self::NotedMissing => "noted_missing",
            Self::WrongTime => "stop_wrong_time",
            Self::ClockStale => "stop_clock_stale",
        }
    }

    /// Why, in a sentence.
    #[must_use]
    pub fn message(self) -> Label {
        let (fr, en) = match self {
            Self::NotYours => (
                "Cette confirmation n’est pas à vous.",
                "This confirmation is not yours to give.",
            ),
            Self::Confirmed => ("C’est déjà confirmé.", "It is confirmed already."),
            Self::NotedMissing => (
                "Il manque le numéro appelé ou le nom de la personne qui a répondu.",
                "The number called or the name of who answered is missing.",
            ),
            Self::WrongTime => (
                "La confirmation ne peut ni précéder la demande ni être à venir.",
                "The confirmation can neither precede the request nor lie ahead.",
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
                "Le point focal de l’organisation confirme\u{202f}; l’organisation référente peut noter sa réponse par téléphone.",
                "The organisation’s focal point confirms; the case’s holder may note its answer by telephone.",
            ),
            Self::Confirmed | Self::ClockStale => ("Rien à faire.", "Nothing to do."),
            Self::NotedMissing => (
                "Écrivez le numéro appelé et le nom de la personne qui a répondu.",
                "Write the number called and the name of who answered.",
            ),
            Self::WrongTime => ("Indiquez quand cela a été dit.", "Say when it was said."),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }
}

impl StopRequest {
    /// Who must move until it is confirmed: a side and a role, never a user.
    #[must_use]
    pub const fn owner(&self) -> Option<(OrganisationId, Role)> {
        if self.confirmed.is_none() {
            Some((self.recipient, Role::FocalPoint))
        } else {
            None
        }
    }

    /// Whether the actor may confirm: the recipient's own focal points and
    /// supervisors, or the case's holder who notes what the recipient said by
    /// telephone or on paper.
    #[must_use]
    pub fn may_confirm(&self, actor: &Actor, holder: OrganisationId) -> bool {
        let own = actor.organisation == Some(self.recipient) && actor.has_any(&[Role::FocalPoint, Role::Supervisor]);
        let notes = actor.organisation == Some(holder)
            && actor.has_any(&[Role::CaseManager, Role::Supervisor])
            && matches!(actor.channel, Channel::Telephone | Channel::Paper);
        actor.acting_for == ActingFor::Provider && (own || notes)
    }

    /// The recipient confirms.
    ///
    /// # Errors
    /// A [`StopRefusal`].
    pub fn confirm(
        &self,
        actor: &Actor,
        holder: OrganisationId,
        happened_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<StopEvent, StopRefusal> {
        if !self.may_confirm(actor, holder) {
            return Err(StopRefusal::NotYours);
        }
        if self.confirmed.is_some() {
            return Err(StopRefusal::Confirmed);
        }
        if matches!(actor.channel, Channel::Telephone | Channel::Paper) {
            let said = |text: &str| !text.trim().is_empty();
            let whole = actor.noted.as_ref().is_some_and(|noted| {
                said(&noted.answered_by) && (actor.channel == Channel::Paper || said(&noted.number))
            });
            if !whole {
                return Err(StopRefusal::NotedMissing);
            }
        }
        if happened_at < self.asked_at || happened_at > now {
            return Err(StopRefusal::WrongTime);
        }
        Ok(StopEvent::Confirmed(StopConfirmed {
            at: happened_at,
            by: actor.user,
            channel: actor.channel,
        }))
    }

    /// A step of the ladder is reached. `protected`: neither region nor
    /// secretariat hears of the case.
    ///
    /// # Errors
    /// [`StopRefusal::Confirmed`], or [`StopRefusal::ClockStale`] when the
    /// clock is early or the step was climbed.
    pub fn time_passes(
        &self,
        percent: u32,
        ladder: &[LadderStep],
        times: &dyn DueTimes,
        protected: bool,
        now: DateTime<Utc>,
    ) -> Result<StopEvent, StopRefusal> {
        if self.confirmed.is_some() {
            return Err(StopRefusal::Confirmed);
        }
        let step = steps(ladder)
            .find(|s| s.percent == percent && percent > self.ladder)
            .filter(|_| times.at_percent(&self.due, percent) <= now)
            .ok_or(StopRefusal::ClockStale)?;
        Ok(StopEvent::Reminded {
            percent,
            tell: recipients(step, protected),
        })
    }

    /// The due work that it asks for as it stands: percent and time.
    #[must_use]
    pub fn clocks(&self, ladder: &[LadderStep], times: &dyn DueTimes) -> Vec<(u32, DateTime<Utc>)> {
        if self.confirmed.is_some() {
            return Vec::new();
        }
        steps(ladder)
            .filter(|s| s.percent > self.ladder)
            .map(|s| (s.percent, times.at_percent(&self.due, s.percent)))
            .collect()
    }

    /// The request after the event.
    #[must_use]
    pub fn apply(&self, event: &StopEvent) -> Self {
        let mut next = self.clone();
        next.version += 1;
        match event {
            StopEvent::Confirmed(confirmed) => next.confirmed = Some(confirmed.clone()),
            StopEvent::Reminded { percent, .. } => next.ladder = *percent,
        }
        next
    }
}

/// The ladder's steps without its expiry: what was received cannot expire.
fn steps(ladder: &[LadderStep]) -> impl Iterator<Item = &LadderStep> {
    ladder.iter().filter(|s| !s.actions.contains(&LadderAction::Expire))
}
