//! Asking the holder of another file whether it is of the same person: a wait
//! like any other, with an owner and a limit, answered yes, no or not sure. It
//! shows nothing of either file: the two organisations talk.

use chrono::{DateTime, Utc};
use relais_mechanism::{Label, Role, closed_enum};
use relais_network::{CaseId, OrganisationId, UserId};

use crate::calendar::Due;
use crate::referral::DueTimes;

closed_enum! {
    /// What the holder says.
    Answer {
        /// One person.
        Yes = "yes",
        /// Two persons.
        No = "no",
        /// Cannot tell.
        Unsure = "unsure",
    }
}

closed_enum! {
    /// How far a request is.
    AskState {
        /// The holder must answer.
        Waiting = "waiting",
        /// Answered.
        Answered = "answered",
        /// The limit passed without an answer: whoever asked may ask again.
        Lapsed = "lapsed",
    }
}

/// The steps of the wait, in percent of the limit: the case manager is
/// reminded, then the supervisor and whoever asked are told, then it lapses. It
/// climbs no higher: the office must not learn that two files may be of one
/// person.
pub const STEPS: [u32; 3] = [50, 100, 200];

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The case for which it is asked.
    pub case: CaseId,
    /// The organisation that asks.
    pub asker: OrganisationId,
    /// The organisation that must answer.
    pub holder: OrganisationId,
    /// How far it is.
    pub state: AskState,
    /// What was said, by whom and when.
    pub answer: Option<(Answer, UserId, DateTime<Utc>)>,
    /// Until when it must be answered.
    pub due: Due,
    /// The last step, in percent.
    pub step: u32,
    /// Grows with each event.
    pub version: i64,
}

/// What happened to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskEvent {
    /// Answered.
    Answered(Answer, UserId, DateTime<Utc>),
    /// A step of the wait.
    Reminded(u32),
    /// Nobody answered.
    Lapsed,
}

/// Why a command was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum AskRefusal {
    /// It is answered, or has lapsed.
    Over,
    /// The clock came early or twice.
    ClockStale,
}

impl AskRefusal {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Over => "same_over",
            Self::ClockStale => "same_clock_stale",
        }
    }

    /// Why, and what to do instead.
    #[must_use]
    pub fn says(self) -> (Label, Label) {
        let label = |fr: &str, en: &str| Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        };
        (
            label(
                "Cette question a déjà sa réponse, ou son délai est passé.",
                "This question is answered already, or its limit has passed.",
            ),
            label(
                "Appelez l’organisation qui l’a posée si vous voulez changer la réponse.",
                "Call the organisation that asked if you want to change the answer.",
            ),
        )
    }
}

impl Ask {
    /// Who must move, until it is over: a role, never a user.
    #[must_use]
    pub fn owner(&self) -> Option<(OrganisationId, Role)> {
        (self.state == AskState::Waiting).then_some((
            self.holder,
            if self.step < 100 {
                Role::CaseManager
            } else {
                Role::Supervisor
            },
        ))
    }

    /// The holder answers.
    ///
    /// # Errors
    /// [`AskRefusal::Over`].
    pub fn answer(&self, said: Answer, by: UserId, now: DateTime<Utc>) -> Result<AskEvent, AskRefusal> {
        if self.state == AskState::Waiting {
            Ok(AskEvent::Answered(said, by, now))
        } else {
            Err(AskRefusal::Over)
        }
    }

    /// A step of the wait is reached.
    ///
    /// # Errors
    /// [`AskRefusal`], when it is over, early, or was climbed.
    pub fn time_passes(&self, percent: u32, times: &dyn DueTimes, now: DateTime<Utc>) -> Result<AskEvent, AskRefusal> {
        if self.state != AskState::Waiting {
            return Err(AskRefusal::Over);
        }
        if !STEPS.contains(&percent) || percent <= self.step || times.at_percent(&self.due, percent) > now {
            return Err(AskRefusal::ClockStale);
        }
        Ok(if percent == STEPS[2] {
            AskEvent::Lapsed
        } else {
            AskEvent::Reminded(percent)
        })
    }

    /// The due work that it asks for as it stands.
    #[must_use]
    pub fn clocks(&self, times: &dyn DueTimes) -> Vec<(u32, DateTime<Utc>)> {
        if self.state != AskState::Waiting {
            return Vec::new();
        }
        STEPS
            .into_iter()
            .filter(|percent| *percent > self.step)
            .map(|percent| (percent, times.at_percent(&self.due, percent)))
            .collect()
    }

    /// The request after the event.
    #[must_use]
    pub fn apply(&self, event: AskEvent) -> Self {
        let mut next = self.clone();
        next.version += 1;
        match event {
            AskEvent::Answered(answer, by, at) => {
                next.state = AskState::Answered;
                next.answer = Some((answer, by, at));
            }
            AskEvent::Reminded(percent) => next.step = percent,
            AskEvent::Lapsed => {
                next.state = AskState::Lapsed;
                next.step = STEPS[2];
            }
        }
        next
    }
}
