//! What people say when they look for help: everyday words for kinds of
//! service, target groups, languages and places, in French and English, with
//! those that a country adds.

use crate::closed_enum;

closed_enum! {
    /// What a word means that names no service, group, language or place.
    Sense {
        /// It cannot wait.
        Urgent = "urgent",
        /// Nothing to pay.
        Free = "free",
        /// By telephone or online.
        Remote = "remote",
        /// Nothing: it is passed over ("je cherche").
        Nothing = "nothing",
        /// It says that a place follows ("région").
        PlaceFollows = "place_follows",
        /// The name of a place that is also an everyday word ("centre"): a
        /// place only where a word before it says so.
        EverydayWord = "everyday_word",
    }
}

/// Words with one meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// Code of the entry.
    pub code: String,
    /// Kinds of service ("MED.03") or categories ("MED").
    pub services: Vec<String>,
    /// Target groups (list `target`).
    pub targets: Vec<String>,
    /// A language (list `lang`).
    pub language: Option<String>,
    /// A place, by P-code.
    pub place: Option<String>,
    /// What else it means.
    pub sense: Option<Sense>,
    /// The words in French, with what is said on the street.
    pub fr: Vec<String>,
    /// The words in English, with Pidgin.
    pub en: Vec<String>,
}
