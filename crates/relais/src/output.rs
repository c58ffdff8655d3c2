//! What a command says: words on a terminal, or one JSON value.

use std::io::Write as _;

use relais_mechanism::Lang;
use serde::Serialize;

use crate::cli::Format;
use crate::failure::Failure;

/// Language and form of what is said.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Language.
    pub lang: Lang,
    /// Form.
    pub format: Format,
}

impl Output {
    /// The output of this run.
    pub const fn new(lang: Lang, format: Format) -> Self {
        Self { lang, format }
    }

    /// Whether a program reads.
    pub fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// The text in the language.
    pub const fn say<'a>(&self, fr: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Fr => fr,
            Lang::En => en,
        }
    }

    /// The answer: `words` for people, `value` for programs.
    pub fn answer<T: Serialize>(&self, value: &T, words: impl FnOnce() -> String) {
        let text = if self.is_json() {
            json(value)
        } else {
            self.set(&words())
        };
        // Whoever closed the pipe has read enough.
        drop(writeln!(std::io::stdout().lock(), "{}", text.trim_end()));
    }

    /// Progress, on the error stream and for people only.
    pub fn progress(&self, text: &str) {
        if !self.is_json() {
            drop(writeln!(std::io::stderr().lock(), "{}", self.set(text)));
        }
    }

    /// French takes a space that does not break before : ; ! ? and inside « ».
    fn set(&self, text: &str) -> String {
        if self.lang == Lang::En {
            return text.to_owned();
        }
        let mut text = text.replace("« ", "«\u{a0}").replace(" »", "\u{a0}»");
        for sign in [" :", " ;", " !", " ?"] {
            text = text.replace(sign, &sign.replace(' ', "\u{a0}"));
        }
        text
    }

    /// Why the command was not done.
    pub fn failure(&self, failure: &Failure) {
        let (sentence, remedy) = (failure.sentence.get(self.lang), failure.remedy.get(self.lang));
        let text = if self.is_json() {
            json(&serde_json::json!({ "error": sentence, "remedy": remedy, "code": failure.code }))
        } else {
            format!("relais: {}", self.set(&format!("{sentence} {remedy}")))
        };
        drop(writeln!(std::io::stderr().lock(), "{text}"));
    }
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|e| format!("{{\"error\":\"{e}\"}}"))
}

/// Rows under their headings, each column as wide as its widest cell.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let width = |n: usize| {
        let cells = rows.iter().filter_map(|r| r.get(n)).map(|c| c.chars().count());
        cells
            .chain(headings.get(n).map(|h| h.chars().count()))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(c, w)| format!("{c:<w$}")).collect();
        padded.join("  ").trim_end().to_owned() + "\n"
    };
    let mut text = line(headings.to_vec());
    for row in rows {
        text += &line(row.iter().map(String::as_str).collect());
    }
    text
}
