//! What is wrong with a mechanism's files: where, why and what to do, in both
//! languages. A check gives every finding, never only the first.

use std::sync::Arc;

use crate::words::{Label, Lang};

/// A place in a file of the mechanism.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize)]
pub struct Location {
    /// Path of the file, such as "regional/taxonomy.toml".
    pub file: Arc<str>,
    /// Line, from 1; 0 when the whole file or the whole mechanism is meant.
    pub line: usize,
    /// Column in characters, from 1; 0 when unknown.
    pub column: usize,
}

/// One thing that is wrong, with its remedy.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Where.
    #[serde(flatten)]
    pub at: Location,
    /// Stable code of the kind of finding, such as "unknown_reference".
    pub code: &'static str,
    /// What is wrong.
    pub cause: Label,
    /// What to do.
    pub remedy: Label,
}

impl Finding {
    /// One line for a terminal: file, line, column, cause, remedy.
    #[must_use]
    pub fn line(&self, lang: Lang) -> String {
        let Location { file, line, column } = &self.at;
        let arrow = match lang {
            Lang::Fr => "Remède\u{a0}:",
            Lang::En => "Remedy:",
        };
        format!(
            "{file}:{line}:{column}: {} {arrow} {}",
            self.cause.get(lang),
            self.remedy.get(lang)
        )
    }
}

/// Gathers findings while files are read.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
}

/// A label from two texts.
pub(crate) fn both(fr: impl Into<String>, en: impl Into<String>) -> Label {
    Label {
        fr: fr.into(),
        en: en.into(),
    }
}

impl Findings {
    pub(crate) fn add(&mut self, at: Location, code: &'static str, cause: Label, remedy: Label) {
        self.list.push(Finding {
            at,
            code,
            cause,
            remedy,
        });
    }

    /// The findings in the order of the files, each once.
    pub(crate) fn into_vec(self) -> Vec<Finding> {
        let mut list = self.list;
        list.sort_by(|a, b| a.at.cmp(&b.at));
        list.dedup();
        list
    }
}
