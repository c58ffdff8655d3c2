//! Why a file cannot be read at all: a stable code, what is wrong, what to do,
//! in both languages. A problem names a place in the file, never what stands
//! there: the file is about persons, and problems end up in logs.

use relais_mechanism::Label;

/// Why nothing of a file can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// No line with text.
    #[error("the file is empty")]
    Empty,
    /// More bytes than a list of persons has.
    #[error("more than {limit} bytes")]
    TooManyBytes {
        /// At most so many.
        limit: usize,
    },
    /// More lines than an arrival has.
    #[error("more than {limit} lines, at line {line}")]
    TooManyRows {
        /// At most so many.
        limit: usize,
        /// The first line beyond.
        line: usize,
    },
    /// More columns than a list has.
    #[error("more than {limit} columns, at line {line}")]
    TooManyColumns {
        /// At most so many.
        limit: usize,
        /// The line.
        line: usize,
    },
    /// More cells in all.
    #[error("more than {limit} cells, at line {line}")]
    TooManyCells {
        /// At most so many.
        limit: usize,
        /// The first line beyond.
        line: usize,
    },
    /// Packed so densely that it unpacks beyond the limit.
    #[error("unpacks to more than {limit} bytes")]
    TooMuchUnpacked {
        /// At most so many.
        limit: u64,
    },
    /// The spreadsheet format of before 2007, or one with a password.
    #[error("an old or protected spreadsheet")]
    OldSpreadsheet,
    /// No table: a text document, a picture, a PDF.
    #[error("not a table")]
    NotATable,
    /// Some of it is UTF-8 and some is not.
    #[error("two encodings in one file, at line {line}")]
    MixedEncoding {
        /// The first line that does not read.
        line: usize,
    },
    /// A spreadsheet whose parts are missing or cut off.
    #[error("the spreadsheet is broken in {part}")]
    Broken {
        /// Which part of it.
        part: &'static str,
    },
    /// A workbook without a visible sheet of cells.
    #[error("no visible sheet")]
    NoSheet,
}

impl FileProblem {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::TooManyBytes { .. } => "file_too_large",
            Self::TooManyRows { .. } => "file_too_many_rows",
            Self::TooManyColumns { .. } => "file_too_many_columns",
            Self::TooManyCells { .. } => "file_too_many_cells",
            Self::TooMuchUnpacked { .. } => "file_unpacks_too_large",
            Self::OldSpreadsheet => "file_old_spreadsheet",
            Self::NotATable => "file_not_a_table",
            Self::MixedEncoding { .. } => "file_mixed_encoding",
            Self::Broken { .. } => "file_broken",
            Self::NoSheet => "file_no_sheet",
        }
    }

    /// What is wrong, with its place in the file.
    #[must_use]
    pub fn message(&self) -> Label {
        let pair = |fr: &str, en: &str| (fr.to_owned(), en.to_owned());
        let (fr, en) = match self {
            Self::Empty => pair("Le fichier est vide.", "The file is empty."),
            Self::TooManyBytes { limit } => (
                format!("Le fichier dépasse {} Mo.", limit >> 20),
                format!("The file is larger than {} MB.", limit >> 20),
            ),
            Self::TooManyRows { limit, line } => (
                format!("Le fichier a plus de {limit} lignes : la lecture s’arrête à la ligne {line}."),
                format!("The file has more than {limit} lines: reading stops at line {line}."),
            ),
            Self::TooManyColumns { limit, line } => (
                format!("La ligne {line} a plus de {limit} colonnes."),
                format!("Line {line} has more than {limit} columns."),
            ),
            Self::TooManyCells { limit, line } => (
                format!("Le fichier a plus de {limit} cellules : la lecture s’arrête à la ligne {line}."),
                format!("The file has more than {limit} cells: reading stops at line {line}."),
            ),
            Self::TooMuchUnpacked { limit } => (
                format!("Le classeur dépasse {} Mo une fois décompressé.", limit >> 20),
                format!("The workbook is larger than {} MB once unpacked.", limit >> 20),
            ),
            Self::OldSpreadsheet => pair(
                "C’est un classeur ancien (.xls) ou protégé par un mot de passe.",
                "This is an old workbook (.xls) or one protected by a password.",
            ),
            Self::NotATable => pair(
                "Ce fichier n’est ni un CSV ni un classeur .xlsx.",
                "This file is neither a CSV nor an .xlsx workbook.",
            ),
            Self::MixedEncoding { line } => (
                format!("Deux codages de caractères se mêlent : la ligne {line} ne se lit pas comme le reste."),
                format!("Two character encodings are mixed: line {line} does not read like the rest."),
            ),
            Self::Broken { part } => (
                format!("Le classeur est abîmé ou incomplet ({part})."),
                format!("The workbook is damaged or incomplete ({part})."),
            ),
            Self::NoSheet => pair(
                "Le classeur n’a aucune feuille visible.",
                "The workbook has no visible sheet.",
            ),
        };
        Label { fr, en }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(&self) -> Label {
        let (fr, en) = match self {
            Self::Empty => (
                "Vérifiez que le bon fichier a été choisi.",
                "Check that the right file was chosen.",
            ),
            Self::TooManyBytes { .. } => (
                "Gardez une seule feuille, sans image, et les colonnes utiles ; enregistrez-la en CSV UTF-8.",
                "Keep one sheet, without pictures, and the useful columns; save it as CSV UTF-8.",
            ),
            Self::TooManyRows { .. } | Self::TooManyCells { .. } => (
                "Un fichier par vol ou par car : partagez-le, ou supprimez les lignes vides mises en forme.",
                "One file for each flight or bus: split it, or delete the formatted empty lines.",
            ),
            Self::TooManyColumns { .. } => (
                "Supprimez les colonnes inutiles ; si c’est un CSV, vérifiez le séparateur.",
                "Delete the columns that are not needed; if it is a CSV, check the separator.",
            ),
            Self::TooMuchUnpacked { .. } => (
                "N’ouvrez pas ce fichier s’il vient d’un inconnu. Sinon, copiez la liste dans un classeur neuf.",
                "Do not open this file if it comes from a stranger. Otherwise copy the list into a new workbook.",
            ),
            Self::OldSpreadsheet => (
                "Ouvrez-le, ôtez le mot de passe, et enregistrez-le en .xlsx ou en CSV UTF-8.",
                "Open it, take the password off, and save it as .xlsx or as CSV UTF-8.",
            ),
            Self::NotATable => (
                "Demandez la liste en tableau, ou saisissez les personnes une à une.",
                "Ask for the list as a table, or type the persons in one by one.",
            ),
            Self::MixedEncoding { .. } => (
                "Ouvrez le fichier dans un tableur, corrigez les accents de cette ligne, et enregistrez-le en CSV UTF-8.",
                "Open the file in a spreadsheet, correct the accents of this line, and save it as CSV UTF-8.",
            ),
            Self::Broken { .. } => (
                "Demandez le fichier de nouveau, ou ouvrez-le dans un tableur et enregistrez-le en CSV UTF-8.",
                "Ask for the file again, or open it in a spreadsheet and save it as CSV UTF-8.",
            ),
            Self::NoSheet => (
                "Affichez la feuille qui porte la liste, puis enregistrez.",
                "Unhide the sheet that holds the list, then save.",
            ),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }
}
