//! What a file says, line by line, as text by field: the same for a workbook,
//! a CSV file and HSDS. Whoever brings a file of their own maps its columns and
//! words once; the mapping is kept under a name.

use std::collections::BTreeMap;

use relais_mechanism::places::fold;
use relais_mechanism::{Label, Lang, Mechanism};
use relais_network::import::MAX_CELL;
use serde::{Deserialize, Serialize};

use super::fields::{Column, MOST_TELEPHONES};
use crate::csv::unguarded;
use crate::problem::FileProblem;
use crate::table::{Grid, Limits, ReadAs};

mod hsds;

/// Lines in which the headings are looked for.
const HEAD_LINES: usize = 20;

/// Columns that a line must name to be the line of headings.
const FEWEST: usize = 2;

/// Which column of a file holds what, and what its words mean.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// Name of the source; entries without an id of ours get one made from it
    /// and their own key.
    pub source: String,
    /// Heading in the file → code of our column; "-" for one that is left out.
    /// Headings of our own are known without.
    pub columns: BTreeMap<String, String>,
    /// Code of our column → word in the file → our code or word.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// Code of our column → what holds for every line where the file says nothing.
    pub constants: BTreeMap<String, String>,
}

/// What leaves a column out.
const LEFT_OUT: &str = "-";

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|e| e.to_string())
    }

    /// Codes that name no column of ours.
    #[must_use]
    pub fn unknown(&self) -> Vec<&str> {
        let named = self.columns.values().filter(|c| *c != LEFT_OUT);
        named
            .chain(self.values.keys())
            .chain(self.constants.keys())
            .map(String::as_str)
            .filter(|code| by_code(code).is_none())
            .collect()
    }

    fn apply(&self, values: &mut BTreeMap<Column, String>) {
        for (code, words) in &self.values {
            let Some(column) = by_code(code) else { continue };
            if let Some(value) = values.get_mut(&column) {
                let wanted = fold(value);
                let meant = words.iter().find(|(word, _)| fold(word) == wanted);
                if let Some((_, meant)) = meant {
                    value.clone_from(meant);
                }
            }
        }
        for (code, constant) in &self.constants {
            let Some(column) = by_code(code) else { continue };
            let value = values.entry(column).or_default();
            if value.is_empty() {
                value.clone_from(constant);
            }
        }
    }
}

/// The column with this code.
fn by_code(code: &str) -> Option<Column> {
    Column::all(MOST_TELEPHONES).into_iter().find(|c| c.code() == code)
}

/// One line of a file, or one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Incoming {
    /// Line of the file; of HSDS, the number of the object.
    pub line: usize,
    /// What the file says, by column; what it does not speak of is absent.
    pub values: BTreeMap<Column, String>,
}

/// How a column of the file was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Understood {
    /// Its heading.
    pub heading: String,
    /// Code of our column; none for one that nobody mapped.
    pub column: Option<String>,
}

/// A file, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// Its lines.
    pub lines: Vec<Incoming>,
    /// Its columns; none of HSDS.
    pub columns: Vec<Understood>,
    /// Lines that do not read as a line.
    pub unread: Vec<usize>,
}

/// Why a file that reads as a table or as JSON is no directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoDirectory {
    /// It does not read at all.
    #[error(transparent)]
    File(#[from] FileProblem),
    /// No line names columns of ours.
    #[error("no line of headings")]
    NoHeadings,
    /// Columns without which no entry can be made.
    #[error("missing columns: {}", .0.join(", "))]
    MissingColumns(Vec<String>),
    /// JSON, and no HSDS.
    #[error("not HSDS, at line {line}")]
    NotHsds {
        /// Where reading stopped.
        line: usize,
    },
}

impl NoDirectory {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::File(problem) => problem.code(),
            Self::NoHeadings => "file_no_headings",
            Self::MissingColumns(_) => "file_missing_columns",
            Self::NotHsds { .. } => "file_not_hsds",
        }
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> Label {
        match self {
            Self::File(problem) => problem.message(),
            Self::NoHeadings => Label::of(
                "Aucune ligne ne porte les titres de l’annuaire.",
                "No line bears headings of the directory.",
            ),
            Self::MissingColumns(missing) => {
                let said = |lang: Lang| {
                    let names = missing.iter().filter_map(|code| Some(by_code(code)?.heading(lang)));
                    names.collect::<Vec<_>>().join(", ")
                };
                Label {
                    fr: format!("Il manque des colonnes\u{a0}: {}.", said(Lang::Fr)),
                    en: format!("Columns are missing: {}.", said(Lang::En)),
                }
            }
            Self::NotHsds { line } => Label {
                fr: format!("Ce n’est pas du JSON HSDS\u{a0}: la lecture s’arrête à la ligne {line}."),
                en: format!("This is not HSDS JSON: reading stops at line {line}."),
            },
        }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(&self) -> Label {
        match self {
            Self::File(FileProblem::TooManyRows { .. } | FileProblem::TooManyCells { .. }) => Label::of(
                "Partagez le fichier, par région par exemple, ou supprimez les lignes vides mises en forme.",
                "Split the file, by region for example, or delete the formatted empty lines.",
            ),
            Self::File(FileProblem::NotATable) => Label::of(
                "Choisissez un classeur .xlsx, un CSV ou un fichier JSON HSDS.",
                "Choose an .xlsx workbook, a CSV or an HSDS JSON file.",
            ),
            Self::File(problem) => problem.remedy(),
            Self::NoHeadings | Self::MissingColumns(_) => Label::of(
                "Exportez l’annuaire et reprenez ses titres, ou écrivez une correspondance de colonnes.",
                "Export the directory and use its headings, or write a mapping of columns.",
            ),
            Self::NotHsds { .. } => Label::of(
                "Demandez un export HSDS 3 : des services, avec leur organisation et leurs lieux.",
                "Ask for an HSDS 3 export: services, with their organisation and places.",
            ),
        }
    }
}

/// Reads a file, whatever its format.
///
/// # Errors
/// [`NoDirectory`]: nothing of the file is kept then.
pub fn read(bytes: &[u8], mapping: &Mapping, mechanism: &Mechanism, limits: &Limits) -> Result<Read, NoDirectory> {
    if bytes.len() > limits.bytes {
        return Err(FileProblem::TooManyBytes { limit: limits.bytes }.into());
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut read = match text.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{' | b'[') => {
            let lines = hsds::lines(text, mapping, mechanism, limits)?;
            // As a table, whose cells have an end too.
            let fits = |line: &Incoming| line.values.values().all(|v| v.len() <= MAX_CELL);
            let (lines, long): (Vec<_>, Vec<_>) = lines.into_iter().partition(fits);
            Read {
                lines,
                unread: long.iter().map(|l| l.line).collect(),
                ..Read::default()
            }
        }
        _ => from_grid(crate::table::read(bytes, limits)?, mapping)?,
    };
    for line in &mut read.lines {
        mapping.apply(&mut line.values);
    }
    Ok(read)
}

/// Headings as they are known: ours in both languages and by code, and the mapping's.
fn known(mapping: &Mapping) -> BTreeMap<String, Option<Column>> {
    let mut known = BTreeMap::new();
    for column in Column::all(MOST_TELEPHONES) {
        for name in [column.heading(Lang::Fr), column.heading(Lang::En), column.code()] {
            known.insert(fold(&name), Some(column));
        }
    }
    for (heading, code) in &mapping.columns {
        known.insert(fold(heading), by_code(code));
    }
    known
}

fn from_grid(grid: Grid, mapping: &Mapping) -> Result<Read, NoDirectory> {
    let known = known(mapping);
    let column_of = |heading: &str| known.get(&fold(heading)).copied().flatten();
    let named = |n: &usize| grid.lines[*n].cells.iter().filter(|c| column_of(c).is_some()).count();
    let head = (0..grid.lines.len().min(HEAD_LINES))
        .rev()
        .max_by_key(named)
        .filter(|n| named(n) >= FEWEST)
        .ok_or(NoDirectory::NoHeadings)?;
    let mut columns: Vec<Option<Column>> = grid.lines[head].cells.iter().map(|c| column_of(c)).collect();
    // Of two columns under one heading the first counts.
    for n in 1..columns.len() {
        if columns[n].is_some() && columns[..n].contains(&columns[n]) {
            columns[n] = None;
        }
    }
    let understood = grid.lines[head]
        .cells
        .iter()
        .zip(&columns)
        .map(|(heading, column)| Understood {
            heading: heading.clone(),
            column: column.map(Column::code),
        });
    let understood: Vec<Understood> = understood.collect();
    let has = |code: &str| {
        let constant = mapping.constants.contains_key(code);
        constant || by_code(code).is_some_and(|column| columns.contains(&Some(column)))
    };
    let mut missing = Vec::new();
    if ![
        "organisation_fr",
        "organisation_en",
        "organisation_code",
        "organisation_id",
    ]
    .iter()
    .any(|c| has(c))
    {
        missing.push("organisation_fr".to_owned());
    }
    if !["service_type", "service_type_name", "service_id", "kind"]
        .iter()
        .any(|c| has(c))
    {
        missing.push("service_type".to_owned());
    }
    if !missing.is_empty() {
        return Err(NoDirectory::MissingColumns(missing));
    }
    let guarded = grid.read_as != ReadAs::Xlsx;
    let lines = grid.lines.into_iter().skip(head + 1).map(|line| {
        let values = columns.iter().enumerate().filter_map(|(n, column)| {
            let cell = line.cell(n);
            let text = if guarded { unguarded(cell) } else { cell };
            Some(((*column)?, text.to_owned()))
        });
        Incoming {
            line: line.number,
            values: values.collect(),
        }
    });
    Ok(Read {
        lines: lines.collect(),
        columns: understood,
        unread: grid.unread.iter().map(|u| u.number).collect(),
    })
}
