//! What the mechanism says of itself to those who set it up: stages of the
//! pathway, who does what (RACI), indicators, and the templates of its
//! documents (DOMAIN §1.2, §1.5, §4.2, §6).

use std::collections::BTreeSet;

use crate::closed_enum;
use crate::mechanism::Mechanism;
use crate::words::{Label, Lang};

/// A stage of the work with one person, from before the arrival to the closure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Code, such as "S07".
    pub code: String,
    /// Name.
    pub label: Label,
    /// Who carries it out.
    pub actors: Label,
    /// What must be there.
    pub input: Label,
    /// What comes out of it.
    pub output: Label,
    /// Codes of the forms that are filled in.
    pub forms: Vec<String>,
    /// By when, where the limits of the priorities do not say it.
    pub deadline: Label,
    /// How sure the line is: "K" known but unverified, "P" proposed.
    pub mark: Option<String>,
}

/// A column of the table of responsibilities: one actor or a group of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RaciActor {
    /// Code, such as "MINAS".
    pub code: String,
    /// Name as the table's head shows it.
    pub label: Label,
}

/// A line of the table of responsibilities, by codes of [`RaciActor`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RaciLine {
    /// Code.
    pub code: String,
    /// The work.
    pub label: Label,
    /// Who carries it out.
    pub responsible: Vec<String>,
    /// Who answers for it.
    pub accountable: Vec<String>,
    /// Whose opinion is asked.
    pub consulted: Vec<String>,
    /// Who is told.
    pub informed: Vec<String>,
    /// How sure the line is.
    pub mark: Option<String>,
}

closed_enum! {
    /// In what an indicator is counted.
    Unit {
        /// A count.
        Number = "number",
        /// A share of a whole.
        Percent = "percent",
        /// A length of time.
        Duration = "duration",
        /// One count over another.
        Ratio = "ratio",
        /// A mean of scores.
        Score = "score",
    }
}

closed_enum! {
    /// How often an indicator is counted.
    Frequency {
        /// Each week.
        Weekly = "weekly",
        /// Each month.
        Monthly = "monthly",
        /// Each quarter.
        Quarterly = "quarterly",
        /// Twice a year.
        SemiAnnual = "semi_annual",
        /// Each year.
        Annual = "annual",
        /// With each wave of the survey.
        PerWave = "per_wave",
    }
}

/// An indicator of the mechanism (DOMAIN §6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Code, such as "R05".
    pub code: String,
    /// Name.
    pub label: Label,
    /// Unit.
    pub unit: Unit,
    /// Least value that is aimed at; proposed.
    pub target: Option<u32>,
    /// Value above which the committee is told; proposed.
    pub alert: Option<u32>,
    /// How often.
    pub frequency: Frequency,
}

/// The text of a document in one language, as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Path of the file, such as "regional/documents/DOC10.fr.md".
    pub path: String,
    /// Markdown, with derived blocks.
    pub text: String,
}

impl Mechanism {
    /// Stages of the work with one person, in order; none in a version older
    /// than they are.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        &self.institution.stages
    }

    /// Columns of the table of responsibilities.
    #[must_use]
    pub fn raci_actors(&self) -> &[RaciActor] {
        &self.institution.actors
    }

    /// Lines of the table of responsibilities.
    #[must_use]
    pub fn raci(&self) -> &[RaciLine] {
        &self.institution.raci
    }

    /// Indicators.
    #[must_use]
    pub fn indicators(&self) -> &[Indicator] {
        &self.institution.indicators
    }

    /// Codes of the documents that have a template in either language.
    #[must_use]
    pub fn document_codes(&self) -> Vec<&str> {
        let codes: BTreeSet<&str> = self.institution.templates.keys().map(|(c, _)| c.as_str()).collect();
        codes.into_iter().collect()
    }

    /// The template of a document: the country's, or failing that the region's.
    #[must_use]
    pub fn document(&self, code: &str, lang: Lang) -> Option<&Template> {
        self.institution.templates.get(&(code.to_owned(), lang))
    }
}
