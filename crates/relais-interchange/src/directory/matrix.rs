//! The matrix "who does what, where, and what is missing" as a workbook (the
//! table, a line for each cell, gaps, overlaps, how to read it) and as CSV.

use chrono::NaiveDate;
use relais_mechanism::Lang;
use relais_network::matrix::{Cell as Count, GapKind, Reading};

use super::table::Cell;
use crate::csv;
use crate::xlsx::{Heading, Workbook};

/// One cell of the table, with its names.
#[derive(Debug, Clone)]
pub struct CellLine {
    /// Name of the region.
    pub region: String,
    /// Name of the department; none for the region as a whole.
    pub department: Option<String>,
    /// P-code of the area.
    pub pcode: String,
    /// Name of the category.
    pub category: String,
    /// Its code.
    pub code: String,
    /// What is counted.
    pub cell: Count,
}

/// A category that is missing in an area.
#[derive(Debug, Clone)]
pub struct Gap {
    /// Name of the region.
    pub region: String,
    /// Name of the department; none for the region as a whole.
    pub department: Option<String>,
    /// Name of the category.
    pub category: String,
    /// How it is missing.
    pub kind: GapKind,
    /// Entries by telephone or online.
    pub remote: u32,
    /// Entries elsewhere that serve the area too.
    pub wide: u32,
}

/// Several organisations that offer the same.
#[derive(Debug, Clone)]
pub struct Overlap {
    /// Name of the region.
    pub region: String,
    /// Name of the subdivision or department.
    pub area: String,
    /// Name of the category.
    pub category: String,
    /// For whom.
    pub target: String,
    /// Who.
    pub organisations: Vec<String>,
}

/// What the file says of itself.
#[derive(Debug, Clone)]
pub struct Told {
    /// The day of which it speaks.
    pub made_on: NaiveDate,
    /// Who gives it.
    pub from: String,
    /// By what entries are laid to areas.
    pub by: Reading,
    /// Only what is for this group.
    pub target: Option<String>,
    /// Version of the mechanism.
    pub version: String,
    /// Name of the country.
    pub country: String,
}

/// The matrix with its names, to be written.
#[derive(Debug, Clone)]
pub struct MatrixFile {
    /// Names of the regions, in the order of the columns.
    pub regions: Vec<String>,
    /// The cells: those of the regions, category by category, then those of the
    /// departments.
    pub cells: Vec<CellLine>,
    /// Of each category, what is remote and what serves the whole country.
    pub remote: Vec<(String, Count, Count)>,
    /// What is missing.
    pub gaps: Vec<Gap>,
    /// Overlaps.
    pub overlaps: Vec<Overlap>,
    /// What it says of itself.
    pub told: Told,
}

const fn pick(lang: Lang, fr: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Fr => fr,
        Lang::En => en,
    }
}

fn number(n: impl Into<f64>) -> Cell {
    Cell::Number(n.into())
}

/// A sum of what few or many said; nothing where nobody did.
fn sum(n: u64, said: u32) -> Cell {
    #[expect(clippy::cast_precision_loss, reason = "places, never 2^52 of them")]
    let n = n as f64;
    if said == 0 { Cell::Empty } else { Cell::Number(n) }
}

/// The headings of a list.
fn headings(lang: Lang, all: &[(&'static str, &'static str, u16)]) -> Vec<Heading> {
    all.iter()
        .map(|(fr, en, width)| Heading {
            text: pick(lang, fr, en).to_owned(),
            width: *width,
        })
        .collect()
}

const CELLS: &[(&str, &str, u16)] = &[
    ("Région", "Region", 16),
    ("Département", "Department", 20),
    ("P-code", "P-code", 12),
    ("Code", "Code", 8),
    ("Catégorie", "Category", 34),
    ("Fiches", "Entries", 10),
    ("Organisations", "Organisations", 14),
    ("Confirmées dans les délais", "Confirmed in time", 14),
    ("Douteuses", "In doubt", 12),
    ("Capacité déclarée par mois", "Stated capacity a month", 14),
    ("Fiches qui la déclarent", "Entries that state it", 14),
    ("Places libres déclarées", "Stated free places", 14),
    ("Fiches qui en déclarent", "Entries that state any", 14),
];

const GAPS: &[(&str, &str, u16)] = &[
    ("Région", "Region", 16),
    ("Département", "Department", 20),
    ("Catégorie", "Category", 34),
    ("Ce qui manque", "What is missing", 26),
    ("Fiches à distance", "Remote entries", 14),
    ("Fiches qui desservent au-delà", "Entries that serve beyond", 16),
];

const OVERLAPS: &[(&str, &str, u16)] = &[
    ("Région", "Region", 16),
    ("Lieu", "Place", 22),
    ("Catégorie", "Category", 34),
    ("Public", "For whom", 24),
    ("Nombre", "Number", 10),
    ("Organisations", "Organisations", 80),
];

impl CellLine {
    fn cells(&self) -> Vec<Cell> {
        let c = &self.cell;
        vec![
            Cell::Text(self.region.clone()),
            self.department.clone().map_or(Cell::Empty, Cell::Text),
            Cell::Text(self.pcode.clone()),
            Cell::Text(self.code.clone()),
            Cell::Text(self.category.clone()),
            number(c.entries),
            number(c.organisations),
            number(c.confirmed),
            number(c.doubtful),
            sum(c.per_month, c.per_month_said),
            number(c.per_month_said),
            sum(c.free, c.free_said),
            number(c.free_said),
        ]
    }
}

impl Gap {
    fn cells(&self, lang: Lang) -> Vec<Cell> {
        let kind = match self.kind {
            GapKind::None => pick(lang, "aucune fiche", "no entry"),
            GapKind::Doubtful => pick(lang, "des fiches douteuses seulement", "doubtful entries only"),
        };
        vec![
            Cell::Text(self.region.clone()),
            self.department.clone().map_or(Cell::Empty, Cell::Text),
            Cell::Text(self.category.clone()),
            Cell::Text(kind.to_owned()),
            number(self.remote),
            number(self.wide),
        ]
    }
}

impl Overlap {
    fn cells(&self) -> Vec<Cell> {
        let n = u32::try_from(self.organisations.len()).unwrap_or(u32::MAX);
        vec![
            Cell::Text(self.region.clone()),
            Cell::Text(self.area.clone()),
            Cell::Text(self.category.clone()),
            Cell::Text(self.target.clone()),
            number(n),
            Cell::Text(self.organisations.join("; ")),
        ]
    }
}

impl MatrixFile {
    /// The cells as CSV, as a spreadsheet in this language opens it.
    #[must_use]
    pub fn csv(&self, lang: Lang) -> Vec<u8> {
        let mut out = csv::Writer::new(lang);
        out.line(
            CELLS
                .iter()
                .map(|(fr, en, _)| Cell::Text(pick(lang, fr, en).to_owned())),
        );
        for line in &self.cells {
            out.line(line.cells());
        }
        out.done()
    }

    /// The workbook.
    #[must_use]
    pub fn xlsx(&self, lang: Lang) -> Vec<u8> {
        let mut book = Workbook::new(lang);
        let (head, lines) = self.table(lang);
        book.list(pick(lang, "Matrice", "Matrix"), head, lines.into_iter());
        let cells = self.cells.iter().map(CellLine::cells);
        book.list(pick(lang, "Cellules", "Cells"), headings(lang, CELLS), cells);
        let gaps = self.gaps.iter().map(|gap| gap.cells(lang));
        book.list(pick(lang, "Manques", "Gaps"), headings(lang, GAPS), gaps);
        let overlaps = self.overlaps.iter().map(Overlap::cells);
        book.list(
            pick(lang, "Chevauchements", "Overlaps"),
            headings(lang, OVERLAPS),
            overlaps,
        );
        book.notes(pick(lang, "Lire", "Read me"), &self.about(lang));
        book.done()
    }

    /// The table as people know it: a line for each category, a column for each
    /// region, then what is remote and what serves the whole country.
    fn table(&self, lang: Lang) -> (Vec<Heading>, Vec<Vec<Cell>>) {
        let heading = |text: &str, width| Heading {
            text: text.to_owned(),
            width,
        };
        let mut head = vec![heading(pick(lang, "Catégorie", "Category"), 36)];
        head.extend(self.regions.iter().map(|name| heading(name, 12)));
        head.push(heading(pick(lang, "À distance", "Remote"), 12));
        head.push(heading(pick(lang, "Tout le pays", "Whole country"), 12));
        let mut of_regions = self.cells.iter().filter(|c| c.department.is_none());
        let lines = self.remote.iter().map(|(category, remote, wide)| {
            let mut line = vec![Cell::Text(category.clone())];
            line.extend(
                of_regions
                    .by_ref()
                    .take(self.regions.len())
                    .map(|c| number(c.cell.entries)),
            );
            line.push(number(remote.entries));
            line.push(number(wide.entries));
            line
        });
        (head, lines.collect())
    }

    /// What the file is, line by line: a word and what it says.
    fn about(&self, lang: Lang) -> Vec<(String, String)> {
        let told = &self.told;
        let line = |fr: &'static str, en: &'static str, text: String| (pick(lang, fr, en).to_owned(), text);
        let say = |fr: &'static str, en: &'static str| pick(lang, fr, en).to_owned();
        let day = match lang {
            Lang::Fr => told.made_on.format("%d/%m/%Y").to_string(),
            Lang::En => told.made_on.to_string(),
        };
        let by = match told.by {
            Reading::Served => say(
                "Une fiche compte dans la zone qu’elle dit desservir ; celle qui dessert tout le pays (ou, pour les départements, toute la région) compte là où elle se trouve, et à part.",
                "An entry counts in the area that it says it serves; one that serves the whole country (or, for departments, the whole region) counts where it stands, and apart.",
            ),
            Reading::Place => say(
                "Une fiche compte là où elle se trouve.",
                "An entry counts where it stands.",
            ),
        };
        vec![
            line(
                "Qui fait quoi, où, et ce qui manque",
                "Who does what, where, and what is missing",
                told.country.clone(),
            ),
            line("Date", "Date", day),
            line("Source", "Source", told.from.clone()),
            line(
                "Public",
                "For whom",
                told.target
                    .clone()
                    .unwrap_or_else(|| say("Tous les publics", "All groups")),
            ),
            line("Lecture", "Reading", by),
            line(
                "À distance",
                "Remote",
                say(
                    "Les services à distance servent partout : ils sont à part.",
                    "Remote services serve everywhere: they stand apart.",
                ),
            ),
            line(
                "Absent",
                "Absent",
                say(
                    "Les services et les lieux confidentiels, et les fiches non publiées, ne sont comptés nulle part.",
                    "Confidential services and places, and entries that are not published, are counted nowhere.",
                ),
            ),
            line("Version du mécanisme", "Version of the mechanism", told.version.clone()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Limits, read};

    fn file() -> MatrixFile {
        let cell = |region: &str, department: Option<&str>, category: &str, entries| CellLine {
            region: region.to_owned(),
            department: department.map(str::to_owned),
            pcode: "CM001".to_owned(),
            category: category.to_owned(),
            code: "MED".to_owned(),
            cell: Count {
                entries,
                per_month: 12,
                per_month_said: u32::from(entries > 0),
                ..Count::default()
            },
        };
        MatrixFile {
            regions: vec!["Nord".to_owned(), "Sud".to_owned()],
            cells: vec![
                cell("Nord", None, "Santé", 3),
                cell("Sud", None, "Santé", 0),
                cell("Nord", None, "=Droit", 1),
                cell("Sud", None, "=Droit", 5),
                cell("Nord", Some("Bénoué"), "Santé", 3),
            ],
            remote: vec![
                ("Santé".to_owned(), Count::default(), Count::default()),
                ("=Droit".to_owned(), Count::default(), Count::default()),
            ],
            gaps: vec![Gap {
                region: "Sud".to_owned(),
                department: None,
                category: "Santé".to_owned(),
                kind: GapKind::None,
                remote: 0,
                wide: 1,
            }],
            overlaps: Vec::new(),
            told: Told {
                made_on: NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day"),
                from: "Essai".to_owned(),
                by: Reading::Served,
                target: None,
                version: "essai".to_owned(),
                country: "Cameroun".to_owned(),
            },
        }
    }

    #[test]
    fn the_table_has_a_line_for_each_category_and_a_column_for_each_region() {
        let (head, lines) = file().table(Lang::Fr);
        let head: Vec<&str> = head.iter().map(|h| h.text.as_str()).collect();
        assert_eq!(head, ["Catégorie", "Nord", "Sud", "À distance", "Tout le pays"]);
        let numbers = |line: &[Cell]| -> Vec<Cell> { line[1..3].to_vec() };
        assert_eq!(numbers(&lines[0]), [Cell::Number(3.0), Cell::Number(0.0)]);
        assert_eq!(numbers(&lines[1]), [Cell::Number(1.0), Cell::Number(5.0)]);
    }

    #[test]
    fn the_csv_says_every_cell_and_runs_nothing() {
        let text = String::from_utf8(file().csv(Lang::Fr)).expect("UTF-8");
        let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!(lines.len(), 6);
        assert!(lines[0].starts_with("Région;Département;P-code"), "{}", lines[0]);
        assert!(lines[3].contains("\"'=Droit\""), "{}", lines[3]);
        // Nobody said: an empty cell, not a nought.
        assert_eq!(lines[2], "Sud;;CM001;MED;Santé;0;0;0;0;;0;;0");
        assert!(lines[5].starts_with("Nord;Bénoué;"), "{}", lines[5]);
    }

    #[test]
    fn the_workbook_opens_with_the_table() {
        for lang in [Lang::Fr, Lang::En] {
            let bytes = file().xlsx(lang);
            let grid = read(&bytes, &Limits::MANIFEST).expect("a workbook");
            assert_eq!(grid.lines.len(), 3, "{lang:?}");
        }
    }
}
