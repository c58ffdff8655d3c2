//! What can be wrong with a line, in words.

use relais_mechanism::Label;
use relais_network::FieldProblem;

use super::super::fields::Column;

/// What is wrong in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Something is needed.
    Missing,
    /// A word that means nothing here.
    Unknown,
    /// Not a number.
    NotANumber,
    /// Not a day.
    NotADay,
    /// Neither yes nor no.
    NotYesOrNo,
    /// Not an id.
    NotAnId,
    /// No such place within the one above it.
    UnknownPlace,
    /// No organisation bears the code.
    UnknownParent,
    /// The entry may not be changed by a file.
    Closed,
    /// Confidential services do not come by a file.
    Confidential,
    /// An earlier line says something else of the same organisation or place.
    Contradicts(usize),
    /// An earlier line is of the same service.
    Repeats(usize),
    /// The line does not read as one.
    Unread,
    /// The rules of the record.
    Field(FieldProblem),
}

impl What {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unknown => "unknown_word",
            Self::NotANumber => "not_a_number",
            Self::NotADay => "not_a_date",
            Self::NotYesOrNo => "not_yes_or_no",
            Self::NotAnId => "not_an_id",
            Self::UnknownPlace => "unknown_place",
            Self::UnknownParent => "unknown_parent",
            Self::Closed => "not_yours_to_change",
            Self::Confidential => "confidential",
            Self::Contradicts(_) => "contradicts",
            Self::Repeats(_) => "repeats",
            Self::Unread => "unread",
            Self::Field(_) => "field",
        }
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn message(&self) -> Label {
        match self {
            Self::Missing => Label::of("Remplissez cette colonne.", "Fill in this column."),
            Self::Unknown => Label::of(
                "Mot inconnu ici : utilisez un mot de l’export, ou dites dans la correspondance ce qu’il veut dire.",
                "Unknown word here: use a word of the export, or say in the mapping what it means.",
            ),
            Self::NotANumber => Label::of("Écrivez un nombre, ou rien.", "Write a number, or nothing."),
            Self::NotADay => Label::of(
                "Écrivez une date, comme 2026-11-23 ou 23/11/2026.",
                "Write a date, as 2026-11-23 or 23/11/2026.",
            ),
            Self::NotYesOrNo => Label::of("Écrivez oui ou non.", "Write yes or no."),
            Self::NotAnId => Label::of(
                "Cet identifiant n’en est pas un : reprenez celui de l’export, ou laissez la cellule vide.",
                "This is no id: take the one of the export, or leave the cell empty.",
            ),
            Self::UnknownPlace => Label::of(
                "Lieu inconnu à cet endroit : écrivez le nom officiel, dans la région ou le département de la ligne.",
                "Unknown place there: write the official name, within the region or department of the line.",
            ),
            Self::UnknownParent => Label::of(
                "Aucune organisation ne porte ce code : ajoutez-la au fichier, ou laissez vide.",
                "No organisation bears this code: add it to the file, or leave it empty.",
            ),
            Self::Closed => Label::of(
                "Cette fiche ne se change pas par un fichier : ouvrez-la dans l’annuaire.",
                "This entry is not changed by a file: open it in the directory.",
            ),
            Self::Confidential => Label::of(
                "Ce type de service est confidentiel : il n’entre pas par un fichier. Voyez l’administrateur.",
                "This type of service is confidential: it does not come by a file. See the administrator.",
            ),
            Self::Contradicts(line) => Label {
                fr: format!("Dit autre chose que la ligne {line} : écrivez partout la même valeur."),
                en: format!("Says something else than line {line}: write the same value everywhere."),
            },
            Self::Repeats(line) => Label {
                fr: format!("C’est le service de la ligne {line} : gardez une des deux."),
                en: format!("This is the service of line {line}: keep one of the two."),
            },
            Self::Unread => Label::of(
                "Ligne illisible : guillemets, ou cellule trop longue.",
                "Line not readable: quotes, or a cell too long.",
            ),
            Self::Field(problem) => problem.remedy(),
        }
    }
}

/// What is wrong with a line, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Column; none for the line as a whole.
    pub column: Option<Column>,
    /// The value, cut short.
    pub value: String,
    /// What.
    pub what: What,
}
