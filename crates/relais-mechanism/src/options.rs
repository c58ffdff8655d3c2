//! Option lists: the answers that a choice field offers.

use unicode_normalization::UnicodeNormalization as _;

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
    /// Whether an answer is written in words and matched: a list that is too
    /// long to be shown.
    pub typed: bool,
}

impl OptionList {
    /// The choice with this code.
    #[must_use]
    pub fn choice(&self, code: &str) -> Option<&Choice> {
        self.choices.iter().find(|c| c.code == code)
    }

    /// The choice that the words mean: its code, or its label in either
    /// language, without regard to accents, capitals and signs.
    #[must_use]
    pub fn meant(&self, words: &str) -> Option<&Choice> {
        let wanted = folded(words);
        let is = |text: &str| !wanted.is_empty() && folded(text) == wanted;
        self.choice(words)
            .or_else(|| self.choices.iter().find(|c| is(&c.label.fr) || is(&c.label.en)))
            .or_else(|| self.choices.iter().find(|c| is(&c.code)))
    }
}

/// The letters of a text: no accents, no capitals, no signs.
fn folded(text: &str) -> String {
    text.nfd()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
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
