//! The closure of a case on which nothing waits any more (DOMAIN F7): whoever
//! works on it writes what was reached and what the person says of it, a
//! supervisor confirms or sends it back with a reason.
//!
//! Four eyes where there are four: an organisation with no other supervisor
//! than the author closes at once and says so, and a proposal that nobody
//! answered in twice its time is closed by whoever works on the case.

use chrono::{DateTime, Days, NaiveDate, Utc};
use relais_mechanism::{Label, closed_enum};
use relais_network::{NeedId, UserId};
use serde::{Deserialize, Serialize};

/// Longest words of what was reached for one need, and of why nobody was asked.
pub const WORDS: usize = 300;
/// Longest remarks of the person.
pub const REMARKS: usize = 1000;
/// Days ahead of the follow-up contact at most.
pub const FOLLOW_UP_DAYS: u64 = 366;
/// Reasons that are no closure: the supervisor ends the case, which silences
/// everything (DOMAIN F7.14).
pub const ENDINGS: [&str; 3] = ["DEATH", "DETAIN", "DISAP"];

closed_enum! {
    /// Where a closure stands.
    ClosureState {
        /// A supervisor must confirm it or send it back.
        Proposed = "proposed",
        /// Sent back: whoever works on the case must move.
        Returned = "returned",
        /// The case is closed.
        Closed = "closed",
        /// Taken back, or overtaken by what happened in the case.
        Dropped = "dropped",
    }
}

impl ClosureState {
    /// Whether somebody must move.
    #[must_use]
    pub const fn waits(self) -> bool {
        matches!(self, Self::Proposed | Self::Returned)
    }
}

closed_enum! {
    /// By whose eyes a case was closed.
    Confirmed {
        /// Another supervisor's.
        Reviewed = "reviewed",
        /// The author's alone: the organisation has no other supervisor.
        Alone = "alone",
        /// Nobody's: no supervisor answered in twice the time.
        Unanswered = "unanswered",
    }
}

/// What was reached for a need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reached {
    /// Need.
    pub need: NeedId,
    /// In a few words.
    pub words: String,
}

/// What is written when a case is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// Option of the list `closure_reason`.
    pub reason: String,
    /// What was reached, for each need of which there is something to say.
    #[serde(default)]
    pub reached: Vec<Reached>,
    /// Whether the closure was talked over with the person.
    pub interview: bool,
    /// Where it was not: why, and what was tried.
    #[serde(default)]
    pub no_interview: String,
    /// Option of the list `sat5`: how satisfied the person is.
    #[serde(default)]
    pub satisfaction: Option<String>,
    /// What the person says, in their words.
    #[serde(default)]
    pub remarks: String,
    /// The person has the safety plan and the emergency numbers.
    #[serde(default)]
    pub told_contacts: bool,
    /// The person knows how to complain.
    #[serde(default)]
    pub told_complaint: bool,
    /// The person knows that the case can be reopened.
    #[serde(default)]
    pub told_reopening: bool,
    /// The day on which the person wants to be contacted once more.
    #[serde(default)]
    pub follow_up: Option<NaiveDate>,
}

/// What a closure is held to.
#[derive(Debug, Clone)]
pub struct ClosingFacts<'a> {
    /// The needs of the case.
    pub needs: &'a [NeedId],
    /// Of these, the ones that stayed unmet or partly met and that the author
    /// may read: why must be said.
    pub explain: &'a [NeedId],
    /// Whether the person wants no contact at all (F1.33): it beats every
    /// scheduler.
    pub no_contact: bool,
    /// Today, where the case is.
    pub today: NaiveDate,
}

/// What is wrong with a field of a closure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosingProblem {
    /// Nothing was written.
    Missing,
    /// Too many characters.
    TooLong(usize),
    /// The need is not one of the case, or stands twice.
    UnknownNeed,
    /// The supervisor ends such a case.
    Ending,
    /// The person was not asked.
    NotAsked,
    /// The day lies in the past or too far ahead.
    FollowUpDay,
    /// The person wants no contact.
    NoContact,
}

impl ClosingProblem {
    /// Stable code, for the API's problems.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "required",
            Self::TooLong(_) => "too_long",
            Self::UnknownNeed => "unknown_option",
            Self::Ending => "case_ends",
            Self::NotAsked => "not_asked",
            Self::FollowUpDay => "follow_up_day",
            Self::NoContact => "no_contact",
        }
    }

    /// What is wrong and how to mend it.
    #[must_use]
    pub fn message(self) -> Label {
        let (fr, en) = match self {
            Self::Missing => ("Il manque une réponse.", "An answer is missing."),
            Self::TooLong(most) => {
                return Label {
                    fr: format!("{most} signes au plus\u{a0}: raccourcissez."),
                    en: format!("{most} characters at most: make it shorter."),
                };
            }
            Self::UnknownNeed => (
                "Choisissez un besoin du dossier, une seule fois.",
                "Choose a need of the case, once only.",
            ),
            Self::Ending => (
                "Ce dossier ne se clôt pas\u{a0}: le superviseur l’arrête, et tout message s’arrête avec lui.",
                "This case is not closed: the supervisor ends it, and every message stops with it.",
            ),
            Self::NotAsked => (
                "La personne n’a pas été entendue\u{a0}: laissez vide, ou dites que l’entretien a eu lieu.",
                "The person was not heard: leave this empty, or say that the interview took place.",
            ),
            Self::FollowUpDay => (
                "Choisissez un jour dans l’année qui vient.",
                "Choose a day within the year to come.",
            ),
            Self::NoContact => (
                "La personne ne veut aucun contact\u{a0}: n’en prévoyez pas.",
                "The person wants no contact: plan none.",
            ),
        };
        Label::of(fr, en)
    }
}

impl Closing {
    /// A closure talked over with the person, who was told all that there is to
    /// tell, with nothing more to say.
    #[must_use]
    pub fn heard(reason: &str) -> Self {
        Self {
            reason: reason.to_owned(),
            reached: Vec::new(),
            interview: true,
            no_interview: String::new(),
            satisfaction: None,
            remarks: String::new(),
            told_contacts: true,
            told_complaint: true,
            told_reopening: true,
            follow_up: None,
        }
    }

    /// What was written for a need.
    #[must_use]
    pub fn words_of(&self, need: NeedId) -> Option<&str> {
        let found = self.reached.iter().find(|r| r.need == need)?;
        Some(found.words.as_str())
    }

    /// What is wrong with it, each with its field: `reached.<need>` is what was
    /// reached for one need.
    #[must_use]
    pub fn problems(&self, facts: &ClosingFacts<'_>) -> Vec<(String, ClosingProblem)> {
        let mut wrong = Vec::new();
        let mut say = |field: &str, problem| wrong.push((field.to_owned(), problem));
        let long = |text: &str, most: usize| text.chars().count() > most;
        if ENDINGS.contains(&self.reason.as_str()) {
            say("reason", ClosingProblem::Ending);
        }
        for (n, reached) in self.reached.iter().enumerate() {
            let field = format!("reached.{}", reached.need);
            let twice = self.reached.iter().take(n).any(|r| r.need == reached.need);
            if twice || !facts.needs.contains(&reached.need) {
                say("reached", ClosingProblem::UnknownNeed);
            } else if long(&reached.words, WORDS) {
                say(&field, ClosingProblem::TooLong(WORDS));
            }
        }
        for need in facts.explain {
            if self.words_of(*need).is_none_or(|words| words.trim().is_empty()) {
                say(&format!("reached.{need}"), ClosingProblem::Missing);
            }
        }
        if !self.interview && self.no_interview.trim().is_empty() {
            say("no_interview", ClosingProblem::Missing);
        } else if long(&self.no_interview, WORDS) {
            say("no_interview", ClosingProblem::TooLong(WORDS));
        }
        if !self.interview && self.satisfaction.is_some() {
            say("satisfaction", ClosingProblem::NotAsked);
        }
        if !self.interview && !self.remarks.trim().is_empty() {
            say("remarks", ClosingProblem::NotAsked);
        } else if long(&self.remarks, REMARKS) {
            say("remarks", ClosingProblem::TooLong(REMARKS));
        }
        if let Some(day) = self.follow_up {
            if !self.interview {
                say("follow_up", ClosingProblem::NotAsked);
            } else if let Some(problem) = contact_problem(day, facts.no_contact, facts.today) {
                say("follow_up", problem);
            }
        }
        wrong
    }
}

/// What is wrong with the day on which a person is to be contacted once more.
#[must_use]
pub fn contact_problem(day: NaiveDate, no_contact: bool, today: NaiveDate) -> Option<ClosingProblem> {
    let last = today.checked_add_days(Days::new(FOLLOW_UP_DAYS));
    if no_contact {
        Some(ClosingProblem::NoContact)
    } else if day <= today || last.is_some_and(|last| day > last) {
        Some(ClosingProblem::FollowUpDay)
    } else {
        None
    }
}

/// A proposal, and who looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Proposal {
    /// Where it stands.
    pub state: ClosureState,
    /// Who wrote it.
    pub author: UserId,
    /// Whether the holder has a supervisor with an open account beside the author.
    pub others: bool,
    /// From when it counts as unanswered.
    pub lapses_at: DateTime<Utc>,
    /// Who looks.
    pub by: UserId,
    /// Whether they supervise the case.
    pub supervises: bool,
}

closed_enum! {
    /// Why a closure is not confirmed, sent back or taken back now.
    ClosingRefusal {
        /// Nothing is proposed.
        NotProposed = "closure_not_proposed",
        /// It is proposed already.
        Already = "closure_proposed",
        /// Somebody else must look at it.
        OwnProposal = "closure_own",
    }
}

impl ClosingRefusal {
    /// Why, in a sentence.
    #[must_use]
    pub fn message(self) -> Label {
        let (fr, en) = match self {
            Self::NotProposed => ("Aucune clôture n’est proposée.", "No closure is proposed."),
            Self::Already => ("La clôture est déjà proposée.", "The closure is proposed already."),
            Self::OwnProposal => (
                "Un superviseur qui ne l’a pas écrite la confirme.",
                "A supervisor who did not write it confirms it.",
            ),
        };
        Label::of(fr, en)
    }

    /// What to do instead.
    #[must_use]
    pub fn remedy(self) -> Label {
        let (fr, en) = match self {
            Self::NotProposed => (
                "Relisez le dossier\u{a0}: quelqu’un a agi entre-temps.",
                "Read the case again: somebody acted meanwhile.",
            ),
            Self::Already => (
                "Attendez la réponse du superviseur, ou retirez la proposition.",
                "Wait for the supervisor’s answer, or take the proposal back.",
            ),
            Self::OwnProposal => (
                "Attendez sa réponse\u{a0}; sans réponse dans le double du délai, vous pourrez clore.",
                "Wait for the answer; without one in twice the time, you may close.",
            ),
        };
        Label::of(fr, en)
    }
}

impl Proposal {
    /// Whether another supervisor looks.
    fn reviewed(&self) -> bool {
        self.supervises && self.by != self.author
    }

    /// Whether whoever looks may confirm it, and by whose eyes it is closed then.
    ///
    /// # Errors
    /// What stands against it.
    pub fn may_confirm(&self, now: DateTime<Utc>) -> Result<Confirmed, ClosingRefusal> {
        if self.state != ClosureState::Proposed {
            Err(ClosingRefusal::NotProposed)
        } else if self.reviewed() {
            Ok(Confirmed::Reviewed)
        } else if !self.others {
            Ok(Confirmed::Alone)
        } else if now >= self.lapses_at {
            Ok(Confirmed::Unanswered)
        } else {
            Err(ClosingRefusal::OwnProposal)
        }
    }

    /// Whether whoever looks may send it back.
    ///
    /// # Errors
    /// What stands against it.
    pub fn may_return(&self) -> Result<(), ClosingRefusal> {
        match self.state {
            ClosureState::Proposed if self.reviewed() => Ok(()),
            ClosureState::Proposed => Err(ClosingRefusal::OwnProposal),
            ClosureState::Returned | ClosureState::Closed | ClosureState::Dropped => Err(ClosingRefusal::NotProposed),
        }
    }
}
