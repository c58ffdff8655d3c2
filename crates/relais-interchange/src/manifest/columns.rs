//! Which column holds what.

use std::collections::BTreeMap;

use relais_mechanism::places::fold;
use serde::{Deserialize, Serialize};

use crate::table::{Grid, Line};

relais_mechanism::closed_enum! {
    /// What a column of the list may hold. There is none for papers, remarks or
    /// nationality: the arrival form does not ask them.
    Column {
        /// Name, or family name.
        Name = "name",
        /// Given names.
        Given = "given",
        /// Sex.
        Sex = "sex",
        /// Age in years.
        Age = "age",
        /// Date or year of birth.
        Birth = "birth",
        /// Telephone.
        Telephone = "telephone",
        /// Language.
        Language = "language",
        /// Destination.
        Destination = "destination",
        /// Number or name of the family.
        Family = "family",
    }
}

impl Column {
    /// How lists name the column, folded; the whole header or its first words.
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Name => &[
                "nom",
                "noms",
                "nom de famille",
                "nom complet",
                "passager",
                "passagers",
                "surname",
                "last name",
                "family name",
                "name",
                "names",
                "full name",
                "passenger",
                "nom et prenom",
                "noms et prenoms",
                "nom s",
            ],
            Self::Given => &[
                "prenom",
                "prenoms",
                "prenom s",
                "first name",
                "given name",
                "given names",
                "forename",
                "forenames",
            ],
            Self::Sex => &["sexe", "sex", "genre", "gender", "s", "m f", "h f", "f m"],
            Self::Age => &["age", "ages", "age declare", "age ans"],
            Self::Birth => &[
                "date de naissance",
                "naissance",
                "ne le",
                "nee le",
                "ne e le",
                "date naissance",
                "ddn",
                "date of birth",
                "birth date",
                "birthdate",
                "birth",
                "dob",
                "annee de naissance",
                "year of birth",
            ],
            Self::Telephone => &[
                "telephone",
                "tel",
                "phone",
                "mobile",
                "portable",
                "numero de telephone",
                "phone number",
                "contact",
                "contacts",
            ],
            Self::Language => &["langue", "langues", "language", "languages", "langue parlee"],
            Self::Destination => &[
                "destination",
                "destination finale",
                "final destination",
                "ville de destination",
                "region de destination",
                "ville",
                "city",
                "region",
            ],
            Self::Family => &[
                "famille",
                "n famille",
                "no famille",
                "numero famille",
                "numero de famille",
                "n de famille",
                "id famille",
                "groupe familial",
                "family",
                "family number",
                "family no",
                "family id",
                "household",
                "menage",
                "household id",
            ],
        }
    }

    /// How well a header names the column: 2 exactly, 1 by its first words.
    fn fits(self, header: &str) -> u8 {
        self.words()
            .iter()
            .map(|word| {
                if header == *word {
                    2
                } else if header.strip_prefix(word).is_some_and(|rest| rest.starts_with(' ')) && word.len() > 2 {
                    1
                } else {
                    0
                }
            })
            .max()
            .unwrap_or(0)
    }
}

/// Which column holds what, from 0; each column of the file at most once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping(BTreeMap<Column, usize>);

impl Mapping {
    /// Says where `column` stands. Where another said so of the same place,
    /// that one stands nowhere any more.
    pub fn set(&mut self, column: Column, at: usize) {
        self.0.retain(|_, known| *known != at);
        self.0.insert(column, at);
    }

    /// Where the column stands.
    #[must_use]
    pub fn column(&self, column: Column) -> Option<usize> {
        self.0.get(&column).copied()
    }

    /// What stands there.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<Column> {
        self.0.iter().find(|(_, at)| **at == place).map(|(column, _)| *column)
    }

    /// Every column with its place.
    pub fn pairs(&self) -> impl Iterator<Item = (Column, usize)> + '_ {
        self.0.iter().map(|(column, at)| (*column, *at))
    }

    /// Whether a person can be read at all.
    #[must_use]
    pub fn has_name(&self) -> bool {
        self.0.contains_key(&Column::Name) || self.0.contains_key(&Column::Given)
    }
}

/// Lines among which the header is looked for: titles and logos stand above it.
const TITLES: usize = 25;

/// Where the header stands: the line, among the first, that names most
/// columns; the first one of two headers of equal worth is the title of the
/// second, so the later wins only when it names more.
#[must_use]
pub fn header(grid: &Grid) -> usize {
    let mut best = (0, 0);
    for (at, line) in grid.lines.iter().take(TITLES).enumerate() {
        let named = guess(line).0.len();
        if named > best.1 {
            best = (at, named);
        }
    }
    if best.1 > 0 {
        return best.0;
    }
    // No word is known: the first line with more than one cell.
    grid.lines
        .iter()
        .take(TITLES)
        .position(|line| line.cells.iter().filter(|c| !c.is_empty()).count() > 1)
        .unwrap_or(0)
}

/// The mapping that a header suggests: exact names before beginnings, the
/// first of two columns of one name.
#[must_use]
pub fn guess(header: &Line) -> Mapping {
    let names: Vec<String> = header.cells.iter().map(|cell| fold(cell)).collect();
    let mut mapping = Mapping::default();
    for worth in [2, 1] {
        for column in Column::ALL {
            if mapping.column(*column).is_some() {
                continue;
            }
            let place = names
                .iter()
                .enumerate()
                .position(|(at, name)| mapping.at(at).is_none() && column.fits(name) == worth);
            if let Some(at) = place {
                mapping.set(*column, at);
            }
        }
    }
    mapping
}
