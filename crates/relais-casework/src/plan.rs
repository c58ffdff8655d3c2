//! The short reintegration plan (DOMAIN F9): what the person wants, the goals,
//! and for each the next step, who does it and by when. Reviewed every three
//! months at the latest; agreed with the person before it runs.

use chrono::{Days, NaiveDate};
use relais_mechanism::{Label, closed_enum};
use relais_network::NeedId;
use serde::{Deserialize, Serialize};

/// Longest words of the person's wish, in characters.
pub const WISH: usize = 1000;
/// Longest words of a goal or of its step, in characters.
pub const WORDS: usize = 200;
/// Longest name of whoever does a step, in characters.
pub const WHO: usize = 120;
/// Goals of a plan at most: it is short.
pub const GOALS: usize = 6;
/// Days until a plan is reviewed at the latest (DOMAIN F9.07: every three months).
pub const REVIEW_DAYS: u64 = 92;

closed_enum! {
    /// Where a plan stands (option list `plan_status`).
    PlanStatus {
        /// Not yet agreed with the person.
        Draft = "draft",
        /// Agreed with the person.
        Agreed = "agreed",
        /// Under way.
        Active = "active",
        /// Changed after a review.
        Revised = "revised",
        /// Its goals are reached.
        Achieved = "achieved",
        /// Given up.
        Abandoned = "abandoned",
    }
}

impl PlanStatus {
    /// Whether the plan is looked at again.
    #[must_use]
    pub const fn is_reviewed(self) -> bool {
        !matches!(self, Self::Achieved | Self::Abandoned)
    }
}

closed_enum! {
    /// Which side of life a goal is about (DOMAIN F9.02; IOM's three dimensions).
    Dimension {
        /// Work, income.
        Economic = "economic",
        /// Housing, papers, school, health care.
        Social = "social",
        /// Well-being, ties.
        Psychosocial = "psychosocial",
    }
}

/// A goal with its next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// What is to be reached.
    pub goal: String,
    /// Which side of life.
    pub dimension: Dimension,
    /// The next step.
    pub step: String,
    /// Who does it.
    pub who: String,
    /// By when.
    pub by: NaiveDate,
    /// The need that it answers, if one is recorded.
    #[serde(default)]
    pub need: Option<NeedId>,
    /// Whether it is done.
    #[serde(default)]
    pub done: bool,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What the person wants, in their words.
    pub wish: String,
    /// Goals, most important first.
    pub goals: Vec<Goal>,
    /// Where it stands.
    pub status: PlanStatus,
    /// When it is looked at again.
    pub review_on: NaiveDate,
    /// Whether the person agreed to it.
    pub agreed: bool,
}

/// What is wrong with a field of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanProblem {
    /// Nothing was written.
    Missing,
    /// Too many characters.
    TooLong,
    /// More goals than a short plan has.
    TooMany,
    /// The need is not one of the case.
    UnknownNeed,
    /// The review lies in the past or too far ahead.
    ReviewDay,
    /// Only a draft stands without the person's agreement.
    NotAgreed,
}

impl PlanProblem {
    /// Stable code, for the API's problems.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "required",
            Self::TooLong => "too_long",
            Self::TooMany => "too_many",
            Self::UnknownNeed => "unknown_option",
            Self::ReviewDay => "review_day",
            Self::NotAgreed => "not_agreed",
        }
    }

    /// What is wrong and how to mend it.
    #[must_use]
    pub fn message(self) -> Label {
        let (fr, en) = match self {
            Self::Missing => ("Il manque une réponse.", "An answer is missing."),
            Self::TooLong => ("C’est trop long : raccourcissez.", "This is too long: make it shorter."),
            Self::TooMany => (
                "Six objectifs au plus : gardez ceux qui comptent maintenant.",
                "Six goals at most: keep those that count now.",
            ),
            Self::UnknownNeed => ("Choisissez un besoin du dossier.", "Choose a need of the case."),
            Self::ReviewDay => (
                "Choisissez une date dans les trois mois qui viennent.",
                "Choose a date within the next three months.",
            ),
            Self::NotAgreed => (
                "Sans l’accord de la personne, le plan reste un brouillon.",
                "Without the person’s agreement, the plan stays a draft.",
            ),
        };
        Label::of(fr, en)
    }
}

fn words(field: String, text: &str, most: usize, wrong: &mut Vec<(String, PlanProblem)>) {
    if text.trim().is_empty() {
        wrong.push((field, PlanProblem::Missing));
    } else if text.chars().count() > most {
        wrong.push((field, PlanProblem::TooLong));
    }
}

impl Plan {
    /// What is wrong with it, each with its field: `goals.0.step` is the step
    /// of the first goal. `needs` are those of the case.
    #[must_use]
    pub fn problems(&self, needs: &[NeedId], today: NaiveDate) -> Vec<(String, PlanProblem)> {
        let mut wrong = Vec::new();
        words("wish".to_owned(), &self.wish, WISH, &mut wrong);
        if self.goals.is_empty() {
            wrong.push(("goals.0.goal".to_owned(), PlanProblem::Missing));
        } else if self.goals.len() > GOALS {
            wrong.push(("goals".to_owned(), PlanProblem::TooMany));
        }
        for (n, goal) in self.goals.iter().enumerate() {
            words(format!("goals.{n}.goal"), &goal.goal, WORDS, &mut wrong);
            words(format!("goals.{n}.step"), &goal.step, WORDS, &mut wrong);
            words(format!("goals.{n}.who"), &goal.who, WHO, &mut wrong);
            if goal.need.is_some_and(|need| !needs.contains(&need)) {
                wrong.push((format!("goals.{n}.need"), PlanProblem::UnknownNeed));
            }
        }
        let last = today.checked_add_days(Days::new(REVIEW_DAYS)).unwrap_or(today);
        if self.status.is_reviewed() && !(today < self.review_on && self.review_on <= last) {
            wrong.push(("review_on".to_owned(), PlanProblem::ReviewDay));
        }
        if !self.agreed && self.status != PlanStatus::Draft {
            wrong.push(("agreed".to_owned(), PlanProblem::NotAgreed));
        }
        wrong
    }
}
