//! The cells of a sheet, as text.

use chrono::{Days, NaiveDate};
use quick_xml::events::Event;

use super::archive::Part;
use super::{MAX_CELL, attribute};
use crate::problem::FileProblem;
use crate::table::{Limits, Line, Meter, tidy};

/// The last row that a sheet may have.
const LAST_ROW: usize = 1_048_576;

/// What the sheet's cells refer to.
pub(super) struct Book<'a> {
    pub strings: &'a [String],
    /// For each cell style, whether it shows a date.
    pub dates: &'a [bool],
    pub since_1904: bool,
}

/// Text between two tags, cut off beyond any cell that could be kept: one sign
/// more than the longest, so that the length still tells.
fn push(text: &mut String, more: &str) {
    for sign in more.chars() {
        if text.len() > MAX_CELL {
            return;
        }
        text.push(sign);
    }
}

/// Adds what an event says to the text.
fn add(text: &mut String, event: &Event<'_>) {
    match event {
        Event::Text(t) => push(text, &t.xml10_content()),
        Event::CData(t) => push(text, &t.xml10_content()),
        Event::GeneralRef(name) => {
            let name: &quick_xml::events::BytesRef<'_> = name;
            if let Ok(Some(sign)) = name.resolve_char_ref() {
                push(text, sign.encode_utf8(&mut [0; 4]));
            } else if let Some(known) = quick_xml::escape::resolve_predefined_entity(&name.xml10_content()) {
                push(text, known);
            }
        }
        _ => {}
    }
}

/// The texts that cells refer to by number.
pub(super) fn shared_strings(part: &mut Part<'_>, limits: &Limits) -> Result<Vec<String>, FileProblem> {
    let mut strings: Vec<String> = Vec::new();
    let mut bytes = 0usize;
    let (mut text, mut open, mut phonetic) = (String::new(), false, false);
    part.each(|event| {
        match event {
            Event::Start(e) => match e.local_name().as_ref() {
                "si" => text.clear(),
                // How the text is read aloud, in some languages: not the text.
                "rPh" => phonetic = true,
                "t" => open = !phonetic,
                _ => {}
            },
            Event::End(e) => match e.local_name().as_ref() {
                "t" => open = false,
                "rPh" => phonetic = false,
                "si" => {
                    let kept = tidy(&text);
                    bytes += kept.len();
                    strings.push(kept);
                }
                _ => {}
            },
            Event::Empty(e) if e.local_name().as_ref() == "si" => strings.push(String::new()),
            _ if open => add(&mut text, event),
            _ => {}
        }
        if strings.len() > limits.cells || bytes > limits.bytes {
            return Err(FileProblem::TooManyCells {
                limit: limits.cells,
                line: 1,
            });
        }
        Ok(())
    })?;
    Ok(strings)
}

/// The column that a cell's address names: "C7" is 2.
fn column(address: &str) -> Option<usize> {
    let letters: Vec<u8> = address.bytes().take_while(u8::is_ascii_alphabetic).collect();
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let number = letters
        .iter()
        .fold(0usize, |n, l| n * 26 + usize::from(l.to_ascii_uppercase() - b'A') + 1);
    Some(number - 1)
}

/// A number as a cell shows it.
fn number(text: &str, date: bool, since_1904: bool) -> String {
    let Ok(value) = text.parse::<f64>() else {
        return text.to_owned();
    };
    if date && (0.0..3_000_000.0).contains(&value) {
        let first = if since_1904 {
            NaiveDate::from_ymd_opt(1904, 1, 1)
        } else {
            NaiveDate::from_ymd_opt(1899, 12, 30)
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within the range just looked at"
        )]
        let days = Days::new(value as u64);
        if let Some(day) = first.and_then(|f| f.checked_add_days(days)) {
            return day.to_string();
        }
    }
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{value:.0}");
    }
    text.to_owned()
}

/// The cell that is being read.
#[derive(Default)]
struct Open {
    column: usize,
    kind: String,
    date: bool,
    text: String,
}

impl Open {
    fn value(self, book: &Book<'_>) -> String {
        match self.kind.as_str() {
            "s" => self
                .text
                .trim()
                .parse::<usize>()
                .ok()
                .and_then(|n| book.strings.get(n).cloned())
                .unwrap_or_default(),
            "" | "n" => number(self.text.trim(), self.date, book.since_1904),
            _ => tidy(&self.text),
        }
    }
}

/// The lines with text of a sheet.
pub(super) fn lines(part: &mut Part<'_>, book: &Book<'_>, limits: &Limits) -> Result<Vec<Line>, FileProblem> {
    let broken = part.broken();
    let mut meter = Meter::new(limits);
    let mut lines = Vec::new();
    let (mut row, mut next) = (0usize, 0usize);
    let mut cells: Vec<String> = Vec::new();
    let mut cell: Option<Open> = None;
    let mut open = false;
    part.each(|event| {
        match event {
            Event::Start(e) | Event::Empty(e) => {
                let empty = matches!(event, Event::Empty(_));
                match e.local_name().as_ref() {
                    "row" => {
                        row = match attribute(e, "r") {
                            Some(r) => r.parse().map_err(|_| broken.clone())?,
                            None => row + 1,
                        };
                        if row == 0 || row > LAST_ROW {
                            return Err(broken.clone());
                        }
                        next = 0;
                        cells.clear();
                    }
                    "c" => {
                        let at = match attribute(e, "r") {
                            Some(address) => column(&address).ok_or_else(|| broken.clone())?,
                            None => next,
                        };
                        next = at + 1;
                        let style: Option<usize> = attribute(e, "s").and_then(|s| s.parse().ok());
                        cell = (!empty).then(|| Open {
                            column: at,
                            kind: attribute(e, "t").unwrap_or_default(),
                            date: style.and_then(|s| book.dates.get(s)).copied().unwrap_or(false),
                            text: String::new(),
                        });
                    }
                    "v" | "t" => open = cell.is_some() && !empty,
                    _ => {}
                }
            }
            Event::End(e) => match e.local_name().as_ref() {
                "v" | "t" => open = false,
                "c" => {
                    if let Some(done) = cell.take() {
                        let at = done.column;
                        let value = done.value(book);
                        if !value.is_empty() {
                            if at >= limits.columns {
                                return Err(FileProblem::TooManyColumns {
                                    limit: limits.columns,
                                    line: row,
                                });
                            }
                            if cells.len() <= at {
                                cells.resize(at + 1, String::new());
                            }
                            meter.text(value.len())?;
                            cells[at] = value;
                        }
                    }
                }
                "row" => {
                    let filled = cells.iter().filter(|c| !c.is_empty()).count();
                    if filled > 0 {
                        meter.line(row, cells.len(), filled)?;
                        lines.push(Line {
                            number: row,
                            cells: std::mem::take(&mut cells),
                        });
                    }
                }
                _ => {}
            },
            _ if open => {
                if let Some(cell) = &mut cell {
                    add(&mut cell.text, event);
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers() {
        assert_eq!(
            (column("A1"), column("C7"), column("AA12"), column("XFD1048576")),
            (Some(0), Some(2), Some(26), Some(16_383))
        );
        assert_eq!((column("12"), column("ABCD1")), (None, None));
        assert_eq!(number("45000", true, false), "2023-03-15");
        assert_eq!(number("43538", true, true), "2023-03-15");
        assert_eq!(number("34.0", false, false), "34");
        assert_eq!(number("2.37677123456E11", false, false), "237677123456");
        assert_eq!(number("1e400", true, false), "1e400");
        assert_eq!(number("NaN", true, false), "NaN");
    }
}
