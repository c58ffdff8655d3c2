//! A list of the persons of one arrival: which column holds what, guessed and
//! correctable, and the persons it names. Columns that nobody maps are left
//! out, whatever they hold: what was not asked for is not kept.

mod columns;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use relais_mechanism::Label;
use relais_mechanism::places::fold;
use serde::{Deserialize, Serialize};

pub use columns::{Column, Mapping, guess, header};

use crate::table::{Grid, Line};

/// Longest name, in characters: as long as the arrival form takes.
pub const NAME: usize = 120;
/// Longest text of any other kept cell, in characters.
pub const TEXT: usize = 80;

/// A person of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Line of the file.
    pub line: usize,
    /// Name, given names after it.
    pub name: String,
    /// "F" or "M", where the list says so.
    pub sex: Option<String>,
    /// Age on the day of arrival.
    pub age: Option<u8>,
    /// Telephone, as written.
    pub telephone: String,
    /// Language, as written.
    pub language: String,
    /// Destination, as written.
    pub destination: String,
    /// Number of the family within the list, from 1; none for whoever is listed alone.
    pub family: Option<u32>,
}

/// What is wrong with a line: its place, never what stands there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineProblem {
    /// Line of the file.
    pub line: usize,
    /// Column, from 0, where one is to blame.
    pub column: Option<usize>,
    /// What.
    pub what: What,
}

relais_mechanism::closed_enum! {
    /// What is wrong with a line of the list.
    What {
        /// Unbalanced quotes or a cell beyond any name.
        Unread = "unread",
        /// No name.
        NoName = "no_name",
        /// A formula, or text that a spreadsheet would run as one.
        Formula = "formula",
        /// A spreadsheet's own error, as #REF!.
        ErrorValue = "error_value",
        /// A cell too long for what it is said to hold.
        TooLong = "too_long",
        /// Neither of the two sexes that a list writes.
        Sex = "sex",
        /// No age.
        Age = "age",
        /// No date of birth, or one ahead.
        Birth = "birth",
        /// The same name and age as a line before.
        Twice = "twice",
        /// A line of totals.
        Total = "total",
    }
}

impl What {
    /// Whether the line gives no person: whoever it is for is added by hand.
    #[must_use]
    pub const fn leaves_out(self) -> bool {
        matches!(
            self,
            Self::Unread | Self::NoName | Self::Formula | Self::ErrorValue | Self::TooLong | Self::Total
        )
    }

    /// What is wrong and what becomes of it.
    #[must_use]
    pub fn message(self) -> Label {
        let (fr, en) = match self {
            Self::Unread => (
                "Ligne illisible : guillemets ou cellule trop longue. Corrigez-la, ou ajoutez la personne à la main.",
                "Line not readable: quotes, or a cell too long. Correct it, or add the person by hand.",
            ),
            Self::NoName => ("Pas de nom : ligne laissée de côté.", "No name: line left out."),
            Self::Formula => (
                "Une formule à la place d’une valeur : ligne laissée de côté. Collez la valeur, ou ajoutez la personne à la main.",
                "A formula in place of a value: line left out. Paste the value, or add the person by hand.",
            ),
            Self::ErrorValue => (
                "Une erreur de tableur à la place d’une valeur : ligne laissée de côté. Corrigez-la, ou ajoutez la personne à la main.",
                "A spreadsheet error in place of a value: line left out. Correct it, or add the person by hand.",
            ),
            Self::TooLong => (
                "Texte trop long pour cette colonne : ligne laissée de côté. Vérifiez la correspondance des colonnes.",
                "Text too long for this column: line left out. Check which column holds what.",
            ),
            Self::Sex => ("Sexe non lu : à demander.", "Sex not read: to be asked."),
            Self::Age => ("Âge non lu : à demander.", "Age not read: to be asked."),
            Self::Birth => (
                "Date de naissance non lue : âge à demander.",
                "Date of birth not read: age to be asked.",
            ),
            Self::Twice => (
                "Même nom et même âge qu’une autre ligne : peut-être la même personne. Les deux restent attendues.",
                "Same name and age as another line: perhaps the same person. Both are still expected.",
            ),
            Self::Total => ("Ligne de total : laissée de côté.", "Line of totals: left out."),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }
}

/// What a list gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Persons, in the order of the list.
    pub persons: Vec<Listed>,
    /// What is wrong, in the order of the list.
    pub problems: Vec<LineProblem>,
}

/// The persons of a list, below its header line. `on` is the day of arrival,
/// from which ages are counted.
#[must_use]
pub fn persons(grid: &Grid, header: usize, mapping: &Mapping, on: NaiveDate) -> Reading {
    let mut reading = Reading::default();
    for unread in &grid.unread {
        reading.problems.push(LineProblem {
            line: unread.number,
            column: unread.column,
            what: What::Unread,
        });
    }
    let head = grid.lines.get(header);
    let mut families: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut known: BTreeSet<(String, Option<u8>)> = BTreeSet::new();
    for line in grid.lines.iter().skip(header + 1) {
        // Printed lists repeat their header on each sheet.
        if head.is_some_and(|h| h.cells == line.cells) {
            continue;
        }
        match person(line, mapping, on) {
            Err(problem) => reading.problems.push(problem),
            Ok((listed, problems)) => {
                reading.problems.extend(problems);
                if !known.insert((fold(&listed.name), listed.age)) {
                    reading.problems.push(LineProblem {
                        line: line.number,
                        column: None,
                        what: What::Twice,
                    });
                }
                let family = mapping.column(Column::Family).map_or("", |at| line.cell(at));
                if !family.is_empty() {
                    families.entry(fold(family)).or_default().push(reading.persons.len());
                }
                reading.persons.push(listed);
            }
        }
    }
    let mut together: Vec<Vec<usize>> = families.into_values().filter(|members| members.len() > 1).collect();
    together.sort_by_key(|members| members[0]);
    for (number, members) in (1..).zip(together) {
        for member in members {
            reading.persons[member].family = Some(number);
        }
    }
    reading.problems.sort_by_key(|p| p.line);
    reading
}

fn person(line: &Line, mapping: &Mapping, on: NaiveDate) -> Result<(Listed, Vec<LineProblem>), LineProblem> {
    let wrong = |column: Option<usize>, what| LineProblem {
        line: line.number,
        column,
        what,
    };
    for (column, at) in mapping.pairs() {
        let cell = line.cell(at);
        if values::is_formula(cell) {
            return Err(wrong(Some(at), What::Formula));
        }
        if values::is_error(cell) {
            return Err(wrong(Some(at), What::ErrorValue));
        }
        let most = if matches!(column, Column::Name | Column::Given) {
            NAME
        } else {
            TEXT
        };
        if cell.chars().count() > most {
            return Err(wrong(Some(at), What::TooLong));
        }
    }
    let cell = |column| mapping.column(column).map_or("", |at| line.cell(at));
    let name = [cell(Column::Name), cell(Column::Given)]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    if !name.chars().any(char::is_alphabetic) {
        return Err(wrong(mapping.column(Column::Name), What::NoName));
    }
    let first = fold(&name);
    if matches!(
        first.split(' ').next(),
        Some("total" | "totaux" | "totals" | "effectif")
    ) && first.len() < 24
    {
        return Err(wrong(None, What::Total));
    }
    if name.chars().count() > NAME {
        return Err(wrong(mapping.column(Column::Given), What::TooLong));
    }
    let mut problems = Vec::new();
    let mut read = |column: Column, what: What| {
        problems.push(wrong(mapping.column(column), what));
    };
    let sex = match cell(Column::Sex) {
        "" => None,
        typed => values::sex(typed).or_else(|| {
            read(Column::Sex, What::Sex);
            None
        }),
    };
    let mut age = match cell(Column::Age) {
        "" => None,
        typed => values::age(typed).or_else(|| {
            read(Column::Age, What::Age);
            None
        }),
    };
    if age.is_none() && !cell(Column::Birth).is_empty() {
        age = values::born(cell(Column::Birth), on);
        if age.is_none() {
            read(Column::Birth, What::Birth);
        }
    }
    Ok((
        Listed {
            line: line.number,
            name,
            sex: sex.map(str::to_owned),
            age,
            telephone: cell(Column::Telephone).to_owned(),
            language: cell(Column::Language).to_owned(),
            destination: cell(Column::Destination).to_owned(),
            family: None,
        },
        problems,
    ))
}
