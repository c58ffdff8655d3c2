//! What is wrong with a file, a row or a cell, typed, with the remedy in both
//! languages (issue 2, acceptance 8: row, column, value, remedy).

use relais_mechanism::Label;

use crate::check::FieldProblem;

/// Longest piece of a value that a report repeats, in characters.
const SHOWN: usize = 80;

/// Nothing of the file can be imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// No header line.
    #[error("the file is empty")]
    Empty,
    /// UTF-16, as some spreadsheets save.
    #[error("the file is encoded as UTF-16")]
    Utf16,
    /// The header lacks a column of the mapping.
    #[error("the header lacks the column {column:?}; it has: {}", found.join(", "))]
    MissingColumn {
        /// The column that the mapping names.
        column: String,
        /// The columns that are there.
        found: Vec<String>,
    },
    /// Two columns of the header bear one name that the mapping uses.
    #[error("the header has the column {column:?} twice")]
    ColumnTwice {
        /// The name.
        column: String,
    },
    /// The header line itself does not read.
    #[error("the header line does not read: unbalanced quotes or a cell too long")]
    BadHeader,
}

impl FileError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Label {
        let (fr, en) = match self {
            Self::Empty => (
                "Vérifiez que le bon fichier a été choisi ; la première ligne doit nommer les colonnes.",
                "Check that the right file was chosen; its first line must name the columns.",
            ),
            Self::Utf16 => (
                "Enregistrez de nouveau le fichier en « CSV UTF-8 ».",
                "Save the file again as “CSV UTF-8”.",
            ),
            Self::MissingColumn { .. } => (
                "Corrigez le nom de la colonne dans le fichier ou dans la correspondance ; vérifiez aussi le séparateur.",
                "Correct the column's name in the file or in the mapping; check the delimiter too.",
            ),
            Self::ColumnTwice { .. } => ("Renommez l’une des deux colonnes.", "Rename one of the two columns."),
            Self::BadHeader => (
                "Vérifiez les guillemets de la première ligne.",
                "Check the quotes of the first line.",
            ),
        };
        Label {
            fr: fr.into(),
            en: en.into(),
        }
    }
}

/// What is wrong with one cell, or with the row as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// The column of the file; empty for the row as a whole.
    pub column: String,
    /// The value as found, cut short, control signs made visible.
    pub value: String,
    /// What is wrong with it.
    pub cause: Cause,
}

impl RowProblem {
    pub(super) fn new(column: &str, value: &str, cause: Cause) -> Self {
        let mut shown: String = value.chars().take(SHOWN).flat_map(visible).collect();
        if value.chars().count() > SHOWN {
            shown.push('…');
        }
        Self {
            column: column.to_owned(),
            value: shown,
            cause,
        }
    }
}

/// A control sign as its picture (U+2400…), anything else as it is.
fn visible(c: char) -> Option<char> {
    if c.is_ascii_control() && c != '\u{7f}' {
        char::from_u32(0x2400 + c as u32)
    } else {
        Some(c)
    }
}

/// Why a row is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// Unbalanced quotes.
    #[error("unbalanced quotes")]
    Quotes,
    /// A cell longer than any name or address.
    #[error("cell longer than {} bytes", super::table::MAX_CELL)]
    Huge,
    /// Too few or too many cells.
    #[error("{found} cells instead of {expected}")]
    Cells {
        /// How many the row has.
        found: usize,
        /// How many the header has.
        expected: usize,
    },
    /// Bytes that are no UTF-8.
    #[error("not UTF-8")]
    Encoding,
    /// A value is needed.
    #[error("missing")]
    Missing,
    /// A type that no rule of the mapping knows.
    #[error("unknown type")]
    UnknownType {
        /// The types that the mapping knows.
        known: Vec<String>,
    },
    /// A region that neither the mapping nor the mechanism knows.
    #[error("unknown region")]
    UnknownRegion {
        /// The names that are known.
        known: Vec<String>,
    },
    /// Not a number.
    #[error("not a number")]
    NotANumber,
    /// No latitude or longitude has this value.
    #[error("outside −{limit}° to {limit}°")]
    OutOfRange {
        /// 90 or 180.
        limit: u16,
    },
    /// One coordinate without the other.
    #[error("the other coordinate is missing")]
    HalfAPoint,
    /// Outside the country, and inside it with latitude and longitude changed.
    #[error("latitude and longitude are swapped")]
    Swapped,
    /// Outside the country.
    #[error("outside the country")]
    OutsideBounds,
    /// The same key as another row, with other content.
    #[error("same key as row {row}, other content")]
    KeyTwice {
        /// The row that came first.
        row: usize,
    },
    /// Not what the field takes.
    #[error("{0}")]
    Field(FieldProblem),
}

impl Cause {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> Label {
        let pair = |fr: &str, en: &str| (fr.to_owned(), en.to_owned());
        let (fr, en) = match self {
            Self::Quotes => pair(
                "Fermez ou effacez le guillemet de cette ligne ; un guillemet dans un texte s’écrit deux fois.",
                "Close or remove the quote in this line; a quote inside a text is written twice.",
            ),
            Self::Huge => pair(
                "Raccourcissez la cellule ; vérifiez qu’un guillemet n’a pas avalé plusieurs colonnes.",
                "Shorten the cell; check that no quote has swallowed several columns.",
            ),
            Self::Cells { expected, .. } => (
                format!("Donnez {expected} cellules ; un séparateur dans un texte se met entre guillemets."),
                format!("Give {expected} cells; put a text that contains the delimiter in quotes."),
            ),
            Self::Encoding => pair(
                "Enregistrez le fichier en UTF-8, ou mettez encoding = \"utf8-or-windows1252\" dans la correspondance.",
                "Save the file as UTF-8, or set encoding = \"utf8-or-windows1252\" in the mapping.",
            ),
            Self::Missing => pair("Remplissez cette cellule.", "Fill in this cell."),
            Self::UnknownType { known } => (
                format!(
                    "Ajoutez ce type à la correspondance, ou choisissez parmi : {}.",
                    known.join(", ")
                ),
                format!("Add this type to the mapping, or choose among: {}.", known.join(", ")),
            ),
            Self::UnknownRegion { known } => (
                format!(
                    "Ajoutez ce nom à la table des régions, ou choisissez parmi : {}.",
                    known.join(", ")
                ),
                format!(
                    "Add this name to the table of regions, or choose among: {}.",
                    known.join(", ")
                ),
            ),
            Self::NotANumber => pair(
                "Donnez des degrés décimaux, par exemple 4.0511, ou laissez les deux coordonnées vides.",
                "Give decimal degrees, for example 4.0511, or leave both coordinates empty.",
            ),
            Self::OutOfRange { limit } => (
                format!("Donnez des degrés décimaux entre −{limit} et {limit}."),
                format!("Give decimal degrees between −{limit} and {limit}."),
            ),
            Self::HalfAPoint => pair(
                "Donnez latitude et longitude, ou laissez les deux vides.",
                "Give latitude and longitude, or leave both empty.",
            ),
            Self::Swapped => pair(
                "Échangez latitude et longitude : le point tombe alors dans le pays.",
                "Exchange latitude and longitude: the point then lies in the country.",
            ),
            Self::OutsideBounds => pair(
                "Corrigez le point, ou laissez les deux coordonnées vides : le lieu sera connu par sa région.",
                "Correct the point, or leave both coordinates empty: the place will be known by its region.",
            ),
            Self::KeyTwice { row } => (
                format!(
                    "Comparez avec la rangée {row} et gardez la bonne ; la clé doit distinguer deux organisations."
                ),
                format!("Compare with row {row} and keep the right one; the key must tell two facilities apart."),
            ),
            Self::Field(problem) => return problem.remedy(),
        };
        Label { fr, en }
    }
}

/// Said about a row that is imported all the same.
#[derive(Debug, Clone, PartialEq)]
pub enum Remark {
    /// No coordinates: known by its region only.
    RegionOnly,
    /// The department is an estimate: the nearest chief town of the region.
    DepartmentEstimated {
        /// Pcode of the department.
        pcode: String,
        /// Kilometres to its chief town.
        km: f64,
    },
    /// A coordinate was written with a decimal comma.
    DecimalComma,
    /// A cell was read as Windows-1252.
    Windows1252,
}

impl Remark {
    /// The remark in words.
    #[must_use]
    pub fn text(&self) -> Label {
        let (fr, en) = match self {
            Self::RegionOnly => (
                "Sans coordonnées : connu par sa région seulement.".into(),
                "No coordinates: known by its region only.".into(),
            ),
            Self::DepartmentEstimated { pcode, km } => (
                format!("Département estimé : {pcode}, chef-lieu à {km:.0} km."),
                format!("Department estimated: {pcode}, chief town {km:.0} km away."),
            ),
            Self::DecimalComma => (
                "Virgule décimale lue comme un point.".into(),
                "Decimal comma read as a point.".into(),
            ),
            Self::Windows1252 => (
                "Texte lu comme Windows-1252.".into(),
                "Text read as Windows-1252.".into(),
            ),
        };
        Label { fr, en }
    }
}
