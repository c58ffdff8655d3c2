//! CSV as spreadsheets open it. What a spreadsheet would run as a formula is
//! written with an apostrophe before it, and read back without: `=`, `+`, `-`,
//! `@`, a tab, a carriage return. The sign between cells is a semicolon in
//! French, where the comma is the decimal sign, and a comma in English.

use std::borrow::Cow;

use relais_mechanism::Lang;

use crate::directory::table::Cell;

/// Whether a spreadsheet would run what begins so.
fn runs(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Text as it may stand in a cell: never run.
#[must_use]
pub fn guarded(text: &str) -> Cow<'_, str> {
    if runs(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Text as it was before it was guarded.
#[must_use]
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if runs(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

/// Writes lines.
#[derive(Debug)]
pub struct Writer {
    out: String,
    sign: char,
}

impl Writer {
    /// A file in UTF-8 with its mark, so that spreadsheets read the accents.
    #[must_use]
    pub fn new(lang: Lang) -> Self {
        Self {
            out: String::from('\u{feff}'),
            sign: match lang {
                Lang::Fr => ';',
                Lang::En => ',',
            },
        }
    }

    /// One line.
    pub fn line(&mut self, cells: impl IntoIterator<Item = Cell>) {
        for (n, cell) in cells.into_iter().enumerate() {
            if n > 0 {
                self.out.push(self.sign);
            }
            match cell {
                Cell::Empty => {}
                Cell::Number(number) => self.out.push_str(&number.to_string()),
                Cell::Day(day) => self.out.push_str(&day.to_string()),
                Cell::Text(text) => self.text(&guarded(&text)),
            }
        }
        self.out.push_str("\r\n");
    }

    fn text(&mut self, text: &str) {
        // What may be the sign elsewhere is quoted too: whoever reads finds the sign by counting.
        if text.contains([self.sign, '"', '\n', '\r', '\'', ';', ',', '\t']) {
            self.out.push('"');
            self.out.push_str(&text.replace('"', "\"\""));
            self.out.push('"');
        } else {
            self.out.push_str(text);
        }
    }

    /// The file.
    #[must_use]
    pub fn done(self) -> Vec<u8> {
        self.out.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_written_that_would_be_run() {
        for text in ["=1+1", "+237 6", "-2", "@SUM(A1)", "\tx", "\rx", "'=1", "''+1"] {
            let written = guarded(text);
            assert!(written.starts_with('\''), "{written}");
            assert_eq!(unguarded(&written), text);
        }
        for text in ["'Abong-Mbang", "'", "", "N’Gaoundéré", "1-2"] {
            assert_eq!((guarded(text).as_ref(), unguarded(text)), (text, text));
        }
    }

    proptest! {
        #[test]
        fn a_guard_is_taken_off_again(text in "['=+@a-]{0,6}") {
            let written = guarded(&text);
            prop_assert_eq!(unguarded(&written), text.as_str());
            prop_assert!(!runs(&written));
        }
    }
}
