//! Option lists: the answers that a choice field offers.

use crate::words::Label;

/// One answer on offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Stable code, kept in the answers.
    pub code: String,
    /// Label.
    pub label: Label,
}

/// A named list of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionList {
    /// Name, such as "sex".
    pub code: String,
    /// The answers, in the order in which they are shown.
    pub choices: Vec<Choice>,
}

impl OptionList {
    /// The choice with this code.
    #[must_use]
    pub fn choice(&self, code: &str) -> Option<&Choice> {
        self.choices.iter().find(|c| c.code == code)
    }
}

/// A closed word of the mechanism (role, priority, class, purpose, kind of
/// agreement …) with its label and what the mechanism says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Code.
    pub code: String,
    /// Label.
    pub label: Label,
    /// One sentence that explains it to a user; may be absent.
    pub about: Option<Label>,
    /// How sure the line is: "K" known but unverified, "P" proposed.
    pub mark: Option<String>,
}
