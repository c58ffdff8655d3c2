//! The registers of the institution: sessions, decisions, actions, findings,
//! workshops … Which there are, what a line of each says, where it may stand and to
//! what it links is said in `registers.toml`; one engine keeps them all. Lines that
//! link to each other make a thread: indicator, agenda item, decision, action,
//! contribution, change of a rule, adoption.

mod reading;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::closed_enum;
use crate::mechanism::Mechanism;
use crate::options::Word;
use crate::words::{Label, Role};

closed_enum! {
    /// What registers are about, in the order in which they are shown.
    Chapter {
        /// How the mechanism stands.
        Assessment = "assessment",
        /// What is to be done, by whom, until when.
        Roadmap = "roadmap",
        /// Who decides, when, what.
        Committee = "committee",
        /// What those concerned say, and what came of it.
        Workshops = "workshops",
        /// What the mission delivers.
        Mission = "mission",
    }
}

/// How a state may look.
pub const TAGS: &[&str] = &["draft", "ask", "go", "no", "done"];

/// Most lines that a field links to.
pub const MOST_LINKS: usize = 50;

/// A register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    /// Code, such as "decision".
    pub code: String,
    /// Name, in the plural.
    pub label: Label,
    /// What one line of it is called.
    pub one: Label,
    /// What it is for.
    pub lead: Label,
    /// Chapter.
    pub chapter: Chapter,
    /// Who reads it beside those who write it; empty: anybody who is signed in.
    pub read: Vec<Role>,
    /// Who adds and changes lines.
    pub write: Vec<Role>,
    /// Whether what it says lies sealed.
    pub sealed: bool,
    /// Where a line may stand; a new one stands at the first.
    pub states: Vec<RegisterState>,
    /// What a line says.
    pub fields: Vec<RegisterField>,
    /// How sure the register is: "K" known but unverified, "P" proposed.
    pub mark: Option<String>,
}

/// Where a line stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterState {
    /// Code.
    pub code: String,
    /// Name.
    pub label: Label,
    /// How it looks, one of [`TAGS`].
    pub tag: String,
    /// Whether somebody still has to do something.
    pub open: bool,
}

/// A field of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterField {
    /// Code.
    pub code: String,
    /// Name.
    pub label: Label,
    /// What is to be written; empty where the name says it.
    pub hint: Label,
    /// What may be written.
    pub kind: FieldKind,
    /// Whether it must be filled in.
    pub required: bool,
    /// Whether it names the line; one field of each register does.
    pub title: bool,
    /// Whether it is a column of the list.
    pub list: bool,
    /// A day by which an open line should be done: it is late after it.
    pub due: bool,
}

/// What may be written in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// One line of text.
    Line {
        /// Most characters.
        max: usize,
    },
    /// Text of several lines.
    Text {
        /// Most characters.
        max: usize,
    },
    /// A day.
    Day,
    /// A whole number.
    Number {
        /// Least.
        least: i64,
        /// Most.
        most: i64,
    },
    /// One of these.
    Choice(Vec<Word>),
    /// A line of this register.
    Link(String),
    /// Lines of this register.
    Links(String),
    /// An indicator, by its code.
    Indicator,
    /// A region, by its code.
    Region,
    /// A document that has a template, by its code.
    Document,
    /// A rule of the mechanism, by its path.
    Parameter,
}

impl FieldKind {
    /// Code, as the files have it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Line { .. } => "line",
            Self::Text { .. } => "text",
            Self::Day => "day",
            Self::Number { .. } => "number",
            Self::Choice(_) => "choice",
            Self::Link(_) => "link",
            Self::Links(_) => "links",
            Self::Indicator => "indicator",
            Self::Region => "region",
            Self::Document => "document",
            Self::Parameter => "parameter",
        }
    }

    /// The register whose lines it links to.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        match self {
            Self::Link(register) | Self::Links(register) => Some(register),
            _ => None,
        }
    }

    /// Most characters; 0 where the kind has no such bound.
    #[must_use]
    pub const fn max(&self) -> usize {
        match self {
            Self::Line { max } | Self::Text { max } => *max,
            _ => 0,
        }
    }
}

/// What a line says: by field code the texts, one for most kinds, several for links.
/// Canonical once read: a day is ISO, a number digits, a link a lower-case UUID; a
/// field of which nothing is said is absent.
pub type Values = BTreeMap<String, Vec<String>>;

/// What is wrong with a value, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongValue {
    /// Code of the field.
    pub field: String,
    /// Stable code of the mistake.
    pub code: &'static str,
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
}

impl Register {
    /// The field with this code.
    #[must_use]
    pub fn field(&self, code: &str) -> Option<&RegisterField> {
        self.fields.iter().find(|f| f.code == code)
    }

    /// The state with this code.
    #[must_use]
    pub fn state(&self, code: &str) -> Option<&RegisterState> {
        self.states.iter().find(|s| s.code == code)
    }

    /// Where a new line stands.
    #[must_use]
    pub fn first_state(&self) -> &RegisterState {
        self.states
            .first()
            .expect("a mechanism is loaded only with a state in each register")
    }

    /// The field that names a line.
    #[must_use]
    pub fn title_field(&self) -> &RegisterField {
        self.fields
            .iter()
            .find(|f| f.title)
            .expect("a mechanism is loaded only with a title in each register")
    }

    /// What names a line, as it is kept: a code where the title is a choice.
    #[must_use]
    pub fn title<'v>(&self, values: &'v Values) -> &'v str {
        let texts = values.get(&self.title_field().code);
        texts.and_then(|t| t.first()).map_or("", String::as_str)
    }

    /// Whether somebody with these roles reads the register; who writes it reads it.
    #[must_use]
    pub fn is_read_by(&self, roles: &[Role]) -> bool {
        self.read.is_empty() || roles.iter().any(|r| self.read.contains(r)) || self.is_written_by(roles)
    }

    /// Whether somebody with these roles adds and changes lines.
    #[must_use]
    pub fn is_written_by(&self, roles: &[Role]) -> bool {
        roles.iter().any(|r| self.write.contains(r))
    }
}

impl Mechanism {
    /// The registers, in the order of the files; none in a mechanism that says none.
    #[must_use]
    pub fn registers(&self) -> &[Register] {
        &self.registers
    }

    /// The register with this code.
    #[must_use]
    pub fn register(&self, code: &str) -> Option<&Register> {
        self.registers.iter().find(|r| r.code == code)
    }
}
