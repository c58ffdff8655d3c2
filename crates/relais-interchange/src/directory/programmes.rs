//! Programmes as they go out and come back: beside the service that they pay for, in
//! columns of their own. One cell holds what there is of all the programmes of a
//! service, in one order, apart by a stroke.
//!
//! A file makes a programme that nobody knows; of one that is known it changes
//! nothing, since every line of a project would have to say the same.

use chrono::NaiveDate;
use relais_network::programme::Donor;
use relais_network::{Organisation, Programme};

use super::Shown;
use super::values::BETWEEN;

/// What stands between what is said of one programme and of the next.
pub(super) const STROKE: char = '|';

/// A programme that is shown, and who carries it by now.
#[derive(Debug, Clone, Copy)]
pub struct ShownProgramme<'d> {
    /// The programme.
    pub programme: &'d Programme,
    /// Who carries it.
    pub carrier: &'d Organisation,
}

impl ShownProgramme<'_> {
    /// Who gives the money: the code of an organisation that is shown, or a name.
    #[must_use]
    pub fn donors<'s>(&'s self, shown: &'s Shown<'_>) -> Vec<&'s str> {
        let said = |donor: &'s Donor| match donor {
            Donor::Organisation(id) => shown.organisation(*id).map(|o| o.code.as_str()),
            Donor::Named(name) => Some(name.as_str()),
        };
        self.programme.donors.iter().filter_map(said).collect()
    }
}

/// What is said of each programme of a service, in one cell; empty where nothing is.
pub(super) fn cell(said: &[String]) -> String {
    if said.iter().all(String::is_empty) {
        return String::new();
    }
    said.join(&format!(" {STROKE} "))
}

/// What a cell says of each programme.
pub(super) fn parts(cell: &str) -> Vec<&str> {
    if cell.trim().is_empty() {
        Vec::new()
    } else {
        cell.split(STROKE).map(str::trim).collect()
    }
}

/// Donors in one cell, and out of it.
pub(super) fn donors(said: &[&str]) -> String {
    said.join(BETWEEN)
}

/// A day as a cell has it.
pub(super) fn day(on: Option<NaiveDate>) -> String {
    on.map(|d| d.to_string()).unwrap_or_default()
}

/// The day that a cell means; none where it is none.
pub(super) fn day_meant(text: &str) -> Option<NaiveDate> {
    let read = |form| NaiveDate::parse_from_str(text, form).ok();
    read("%Y-%m-%d").or_else(|| read("%d/%m/%Y"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cell_says_of_several_programmes_comes_back_one_by_one() {
        for said in [
            vec!["PIRD"],
            vec!["PIRD", "FORM-2"],
            vec!["", "2026-12-31"],
            vec!["2026-12-31", ""],
        ] {
            let said: Vec<String> = said.into_iter().map(str::to_owned).collect();
            let cell = crate::table::tidy(&cell(&said));
            assert_eq!(parts(&cell), said, "{cell}");
        }
        assert_eq!(cell(&[String::new(), String::new()]), "");
        assert!(parts(" ").is_empty());
    }

    #[test]
    fn a_day_is_read_as_both_languages_write_it() {
        let day = NaiveDate::from_ymd_opt(2026, 12, 31);
        assert_eq!((day_meant("2026-12-31"), day_meant("31/12/2026")), (day, day));
        assert_eq!(day_meant("bientôt"), None);
        assert_eq!(super::day(day), "2026-12-31");
    }
}
