//! Forms: sections and fields with what stands on them (class, sensitivity,
//! purpose), and the reading of what a user typed into typed answers. Nothing
//! is kept silently, and nothing that was typed is lost silently.

mod reading;

use std::sync::Arc;

use chrono::FixedOffset;

use crate::closed_enum;
use crate::expression::{Expression, Type};
use crate::limits::Span;
use crate::options::OptionList;
use crate::phone::PhonePlan;
use crate::words::{DataClass, Label, Purpose, Sensitivity};

pub use reading::{FieldError, FieldErrorCode, Raw, Reading};

closed_enum! {
    /// What kind of answer a field takes.
    FieldKind {
        /// One line of words.
        Text = "text",
        /// Several lines of words.
        LongText = "longtext",
        /// A whole number.
        Int = "int",
        /// A number with up to three decimals.
        Decimal = "decimal",
        /// Yes or no.
        Bool = "bool",
        /// A day.
        Date = "date",
        /// A day and time, local.
        DateTime = "datetime",
        /// One option.
        One = "select1",
        /// Several options.
        Many = "selectN",
        /// A place: a P-code, or words that the server matches.
        Place = "geo",
        /// A telephone number.
        Phone = "phone",
        /// Rows of words, one answer each.
        Rows = "matrix",
        /// The words or name that stand for a signature or thumbprint.
        Signature = "signature",
        /// Filled by the system: a link to another record.
        Reference = "ref",
        /// Filled by the system: computed.
        Computed = "calc",
        /// An attached file, kept apart from the answers.
        File = "file",
    }
}

impl FieldKind {
    /// Whether the system fills the field, so that nobody types it.
    #[must_use]
    pub const fn is_filled_by_system(self) -> bool {
        matches!(self, Self::Reference | Self::Computed | Self::File)
    }

    /// Whether the field offers options.
    #[must_use]
    pub const fn has_options(self) -> bool {
        matches!(self, Self::One | Self::Many)
    }

    /// The type of its answers in expressions.
    #[must_use]
    pub const fn value_type(self) -> Type {
        match self {
            Self::Int | Self::Decimal => Type::Number,
            Self::Bool => Type::Bool,
            Self::Date => Type::Date,
            Self::DateTime => Type::DateTime,
            Self::One => Type::One,
            Self::Many | Self::Rows => Type::Many,
            Self::Text
            | Self::LongText
            | Self::Place
            | Self::Phone
            | Self::Signature
            | Self::Reference
            | Self::Computed
            | Self::File => Type::Text,
        }
    }

    /// Characters that an answer may have where the field says nothing.
    #[must_use]
    pub const fn default_max_length(self) -> usize {
        match self {
            Self::LongText => 4000,
            Self::Rows => 500,
            Self::Phone => 40,
            _ => 200,
        }
    }
}

closed_enum! {
    /// The level of the vulnerability profile to which a factor counts.
    Level {
        /// The person.
        Individual = "individual",
        /// Household and family.
        Household = "household",
        /// Community.
        Community = "community",
        /// The country.
        Structural = "structural",
    }
}

closed_enum! {
    /// What a question asks of a factor.
    FactorPart {
        /// How much it puts at risk, 0 to 3.
        Risk = "risk",
        /// How much it protects, 0 to 3.
        Protection = "protection",
        /// What shows it, in words.
        Evidence = "evidence",
    }
}

/// The factor that three fields ask of together: F2.10r, F2.10p, F2.10e.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Its code, such as "F2.10".
    pub code: String,
    /// Its name.
    pub label: Label,
    /// Level of the profile.
    pub level: Level,
    /// Which of the three this field is.
    pub part: FactorPart,
}

/// Whether a field must be answered, where it is relevant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Required {
    /// Always.
    Always,
    /// When the expression holds.
    When(Expression),
    /// Never.
    Optional,
}

/// What an answer must satisfy, and what is said otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// The expression; `.` is the answer.
    pub expression: Expression,
    /// What the user is told to do.
    pub message: Label,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Code, such as "F1E.05".
    pub code: String,
    /// The question.
    pub label: Label,
    /// A line of help under it.
    pub hint: Option<Label>,
    /// Kind of answer.
    pub kind: FieldKind,
    /// Whether it must be answered.
    pub required: Required,
    /// When it is asked; always where absent.
    pub relevant: Option<Expression>,
    /// What an answer must satisfy.
    pub constraint: Option<Constraint>,
    /// The options on offer.
    pub options: Option<Arc<OptionList>>,
    /// Sensitivity of the answer.
    pub sensitivity: Sensitivity,
    /// Data class: the section's, unless the field names its own.
    pub class: DataClass,
    /// Purpose: the section's, unless the field names its own.
    pub purpose: Purpose,
    /// Whether class or purpose were assigned by us and await validation.
    pub provisional: bool,
    /// Most characters of an answer (of each row, for rows).
    pub max_length: usize,
    /// Least characters of an answer that is given.
    pub min_length: usize,
    /// Whether the answer is kept; one that is not only leads somewhere.
    pub kept: bool,
    /// The factor of which it asks a part.
    pub factor: Option<Factor>,
    /// How sure the line is.
    pub mark: Option<String>,
}

/// A group of questions on one subject, for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Code, such as "arrival".
    pub code: String,
    /// Heading.
    pub label: Label,
    /// Data class of its fields.
    pub class: DataClass,
    /// Purpose of its fields.
    pub purpose: Purpose,
    /// Whether class and purpose were assigned by us and await validation.
    pub provisional: bool,
    /// The questions.
    pub fields: Vec<Field>,
}

/// A value from outside the form that its expressions may use, such as the
/// person's age in the consent form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Code, such as "age".
    pub code: String,
    /// Kind of value.
    pub kind: FieldKind,
    /// Its options, if it has any.
    pub options: Option<Arc<OptionList>>,
}

/// A form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Code, such as "F1E".
    pub code: String,
    /// Title.
    pub label: Label,
    /// Who fills it in.
    pub who: Label,
    /// When.
    pub when: Label,
    /// Values from outside that its expressions use.
    pub given: Vec<Given>,
    /// The questions.
    pub sections: Vec<Section>,
    /// From the opening of the case until the form is filled in.
    pub due: Option<Span>,
    /// The same, for a P1 or P2.
    pub due_urgent: Option<Span>,
    /// The country's time zone: what "08:30" means.
    pub(crate) local: FixedOffset,
    /// The country's numbering plan.
    pub(crate) phone: PhonePlan,
}

impl Form {
    /// Every field, in order.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        self.sections.iter().flat_map(|s| &s.fields)
    }

    /// The field with this code.
    #[must_use]
    pub fn field(&self, code: &str) -> Option<&Field> {
        self.fields().find(|f| f.code == code)
    }

    /// The form with these sections alone, for a page that fills a part of it
    /// (the provider's decision now, the report later). The other fields become
    /// values given from outside, so that expressions still see them.
    #[must_use]
    pub fn part(&self, sections: &[&str]) -> Self {
        self.only(|section, _| sections.contains(&section.code.as_str()))
    }

    /// The form with these fields alone; the others become values given from
    /// outside, so that expressions still see them.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&Section, &Field) -> bool) -> Self {
        let mut given = self.given.clone();
        let mut sections = Vec::new();
        for section in &self.sections {
            let (kept, rest): (Vec<_>, Vec<_>) = section.fields.iter().cloned().partition(|f| keep(section, f));
            given.extend(rest.into_iter().map(|f| Given {
                code: f.code,
                kind: f.kind,
                options: f.options,
            }));
            if !kept.is_empty() {
                sections.push(Section {
                    fields: kept,
                    ..section.clone()
                });
            }
        }
        Self {
            given,
            sections,
            ..self.clone()
        }
    }

    /// The section with this code.
    #[must_use]
    pub fn section(&self, code: &str) -> Option<&Section> {
        self.sections.iter().find(|s| s.code == code)
    }

    /// Fields that are asked, given the answers: those whose relevance holds.
    pub fn relevant_fields<'a>(&'a self, answers: &'a crate::Answers) -> impl Iterator<Item = &'a Field> {
        self.fields()
            .filter(|f| f.relevant.as_ref().is_none_or(|r| r.eval(answers, None)))
    }
}
