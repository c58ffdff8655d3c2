//! What the cells of a list say.

use chrono::{Datelike, NaiveDate};
use relais_mechanism::answers::parse_date;
use relais_mechanism::places::fold;

/// Oldest age that is taken for one.
const OLDEST: i32 = 120;

/// Whether a spreadsheet would run the text as a formula. A plus before
/// figures is a telephone number.
pub(super) fn is_formula(cell: &str) -> bool {
    let mut signs = cell.chars();
    match signs.next() {
        Some('=' | '@') => true,
        Some('+' | '-') => !signs
            .find(|c| !c.is_whitespace())
            .is_none_or(|c| c.is_ascii_digit() || c == '('),
        _ => false,
    }
}

/// Whether the text is a spreadsheet's own error, as #REF! or #NOM?.
pub(super) fn is_error(cell: &str) -> bool {
    cell.len() < 16 && cell.starts_with('#') && (cell.ends_with(['!', '?']) || cell == "#N/A")
}

/// The sex, where the cell says one: "F" or "M".
pub(super) fn sex(cell: &str) -> Option<&'static str> {
    match fold(cell).as_str() {
        "m" | "h" | "masculin" | "masc" | "homme" | "garcon" | "male" | "man" | "boy" | "mr" | "monsieur" => Some("M"),
        "f" | "w" | "feminin" | "fem" | "femme" | "fille" | "female" | "woman" | "girl" | "mme" | "mlle" => Some("F"),
        _ => None,
    }
}

/// An age in years; months count as none.
pub(super) fn age(cell: &str) -> Option<u8> {
    let folded = fold(cell);
    let mut words = folded.split(' ');
    let number = words.next()?;
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = number.split_at(digits);
    let years: i32 = number.parse().ok()?;
    let rest = words.collect::<Vec<_>>();
    // "34.0", as some programs write whole numbers.
    let unit = if unit.is_empty() {
        rest.first().copied().unwrap_or("")
    } else {
        unit
    };
    let years = match unit {
        "" | "0" | "an" | "ans" | "a" | "y" | "yr" | "yrs" | "year" | "years" => years,
        "m" | "mois" | "month" | "months" => years / 12,
        _ => return None,
    };
    (0..=OLDEST).contains(&years).then(|| u8::try_from(years).ok())?
}

/// The age on a day of whoever was born on the date, or in the year, of the cell.
pub(super) fn born(cell: &str, on: NaiveDate) -> Option<u8> {
    let cell = cell.split(['T', ' ']).next().unwrap_or(cell);
    let years = match parse_date(cell) {
        Some(born) if born <= on => {
            on.year() - born.year() - i32::from((on.month(), on.day()) < (born.month(), born.day()))
        }
        Some(_) => return None,
        None if cell.len() == 4 && cell.bytes().all(|b| b.is_ascii_digit()) => on.year() - cell.parse::<i32>().ok()?,
        None => return None,
    };
    (0..=OLDEST).contains(&years).then(|| u8::try_from(years).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_lists_write_them() {
        for (cell, expected) in [
            ("34", Some(34)),
            ("34 ans", Some(34)),
            ("34ans", Some(34)),
            ("34.0", Some(34)),
            ("8 mois", Some(0)),
            ("18 months", Some(1)),
            ("adulte", None),
            ("", None),
            ("134", None),
            ("-3", Some(3)),
            ("34 kg", None),
        ] {
            assert_eq!(age(cell), expected, "{cell}");
        }
        let on = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
        for (cell, expected) in [
            ("23/11/1996", Some(30)),
            ("24/11/1996", Some(29)),
            ("1996-11-23", Some(30)),
            ("1996-11-23T00:00:00", Some(30)),
            ("01/01/1996", Some(30)),
            ("1996", Some(30)),
            ("24/11/2026", None),
            ("vers 1996", None),
            ("1850", None),
        ] {
            assert_eq!(born(cell, on), expected, "{cell}");
        }
        for (cell, expected) in [
            ("M", Some("M")),
            ("h", Some("M")),
            ("Féminin", Some("F")),
            ("Mme", Some("F")),
            ("x", None),
        ] {
            assert_eq!(sex(cell), expected, "{cell}");
        }
    }

    #[test]
    fn a_formula_is_told_from_a_telephone_number() {
        for cell in [
            "=1+1",
            "@SUM(A1)",
            "+cmd|' /C calc'!A0",
            "-A1",
            "=HYPERLINK(\"http://x.example\")",
        ] {
            assert!(is_formula(cell), "{cell}");
        }
        for cell in ["+237 677 12 34 56", "-", "", "Nom", "+ (237) 677", "-3"] {
            assert!(!is_formula(cell), "{cell}");
        }
        assert!(is_error("#REF!") && is_error("#NOM?") && is_error("#N/A") && !is_error("#12"));
    }
}
