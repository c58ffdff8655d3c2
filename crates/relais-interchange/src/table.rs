//! A table that somebody brought, as lines of text, within stated limits.

use relais_network::import::table::{Fault as RowFault, Rows};
use serde::{Deserialize, Serialize};

use crate::decode;
use crate::problem::FileProblem;

/// What a file may cost. A charter brings 80 to 250 people (DOMAIN §8, 15), a
/// list has a dozen columns: the limits leave room for eight such lists in one
/// and refuse what no list of persons is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Bytes of a workbook's parts, unpacked.
    pub unpacked: u64,
    /// Lines with text.
    pub rows: usize,
    /// Columns.
    pub columns: usize,
    /// Cells with text, in all.
    pub cells: usize,
}

impl Limits {
    /// For a list of the persons of one arrival.
    pub const MANIFEST: Self = Self {
        bytes: 4 << 20,
        unpacked: 24 << 20,
        rows: 2_000,
        columns: 60,
        cells: 60_000,
    };

    /// For a country's directory, on the command line: a hundred thousand services,
    /// with organisations that stand alone and headings.
    pub const DIRECTORY: Self = Self {
        bytes: 64 << 20,
        unpacked: 512 << 20,
        rows: 120_000,
        columns: 200,
        cells: 5_000_000,
    };

    /// For a directory on a page: a region's, or that of a country with some
    /// thousand services.
    pub const DIRECTORY_PAGE: Self = Self {
        bytes: 8 << 20,
        unpacked: 96 << 20,
        rows: 20_000,
        columns: 120,
        cells: 800_000,
    };
}

/// How the bytes were read: shown beside the preview, so that wrong accents
/// have a cause that one can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadAs {
    /// CSV in UTF-8.
    Utf8,
    /// CSV in UTF-16.
    Utf16,
    /// CSV in Windows-1252, or Latin-1.
    Windows1252,
    /// A workbook of 2007 or later.
    Xlsx,
}

/// One line with its number in the file, the first being 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Number.
    pub number: usize,
    /// Cells, trimmed; cells behind the last one are empty.
    pub cells: Vec<String>,
}

impl Line {
    /// The cell of this column; empty when the line is shorter.
    #[must_use]
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// A line that does not read as a row: unbalanced quotes, a cell too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Number.
    pub number: usize,
    /// Which column, where one is to blame.
    pub column: Option<usize>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// How it was read.
    pub read_as: ReadAs,
    /// Lines with text.
    pub lines: Vec<Line>,
    /// Lines that do not read.
    pub unread: Vec<Unread>,
}

impl Grid {
    /// Columns of the widest line.
    #[must_use]
    pub fn width(&self) -> usize {
        self.lines.iter().map(|l| l.cells.len()).max().unwrap_or(0)
    }
}

/// Reads a CSV file or a workbook.
///
/// # Errors
/// [`FileProblem`]: nothing of the file is kept then.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Grid, FileProblem> {
    if bytes.len() > limits.bytes {
        return Err(FileProblem::TooManyBytes { limit: limits.bytes });
    }
    match bytes {
        [] => Err(FileProblem::Empty),
        [b'P', b'K', ..] => crate::xlsx::read(bytes, limits),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Err(FileProblem::OldSpreadsheet),
        [b'%', b'P', b'D', b'F', ..] => Err(FileProblem::NotATable),
        _ => csv(bytes, limits),
    }
}

/// Counts what was taken so far against the limits.
pub(crate) struct Meter<'a> {
    limits: &'a Limits,
    rows: usize,
    cells: usize,
    text: usize,
}

impl<'a> Meter<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            rows: 0,
            cells: 0,
            text: 0,
        }
    }

    /// Text of one more cell. A workbook may name one long text in every cell:
    /// what it unpacks to is small, what it holds is not.
    pub(crate) fn text(&mut self, bytes: usize) -> Result<(), FileProblem> {
        self.text += bytes;
        if self.text > self.limits.bytes {
            return Err(FileProblem::TooMuchUnpacked {
                limit: self.limits.bytes as u64,
            });
        }
        Ok(())
    }

    /// One more line of this width.
    pub(crate) fn line(&mut self, line: usize, width: usize, filled: usize) -> Result<(), FileProblem> {
        let limits = self.limits;
        self.rows += 1;
        self.cells += filled;
        if width > limits.columns {
            return Err(FileProblem::TooManyColumns {
                limit: limits.columns,
                line,
            });
        }
        if self.rows > limits.rows {
            return Err(FileProblem::TooManyRows {
                limit: limits.rows,
                line,
            });
        }
        if self.cells > limits.cells {
            return Err(FileProblem::TooManyCells {
                limit: limits.cells,
                line,
            });
        }
        Ok(())
    }
}

/// The sign between cells: the one of which the first lines have most.
fn delimiter(text: &str) -> u8 {
    let head: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).take(10).collect();
    let count = |sign: u8| -> usize {
        head.iter()
            .map(|line| {
                let mut quoted = false;
                line.bytes()
                    .filter(|b| {
                        quoted ^= *b == b'"';
                        !quoted && *b == sign
                    })
                    .count()
            })
            .sum()
    };
    let mut best = (b',', 0);
    for sign in [b';', b',', b'\t', b'|'] {
        let n = count(sign);
        if n > best.1 {
            best = (sign, n);
        }
    }
    best.0
}

/// A cell as it is kept: trimmed, a line within it as a blank.
pub(crate) fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn csv(bytes: &[u8], limits: &Limits) -> Result<Grid, FileProblem> {
    let (text, read_as) = decode::text(bytes)?;
    // "sep=;" on the first line is a spreadsheet's own word for the delimiter.
    let (skip, told) = match text.lines().next() {
        Some(first) if first.len() <= 7 && first.to_ascii_lowercase().starts_with("sep=") => {
            (first.len(), first.as_bytes().get(4).copied().filter(u8::is_ascii))
        }
        _ => (0, None),
    };
    let body = &text[skip..];
    let sign = told.unwrap_or_else(|| delimiter(body));
    let mut meter = Meter::new(limits);
    let (mut lines, mut unread) = (Vec::new(), Vec::new());
    let mut rows = Rows::new(body.as_bytes(), sign);
    // Empty cells at the end of a row are no columns: some of them are let through and dropped.
    rows.at_most(limits.columns * 8);
    let mut widest = 0;
    while let Some(row) = rows.next() {
        match row.cells {
            Ok(cells) => {
                // A row over several lines that is narrower or wider than the rest has an unclosed quote.
                widest = widest.max(cells.len());
                rows.expect_width(widest);
                // Blank cells at the end of a line are a spreadsheet's way of saving a wider neighbour.
                let mut cells: Vec<String> = cells.iter().map(|cell| tidy(&String::from_utf8_lossy(cell))).collect();
                while cells.last().is_some_and(String::is_empty) {
                    cells.pop();
                }
                if cells.is_empty() {
                    continue;
                }
                let filled = cells.iter().filter(|c| !c.is_empty()).count();
                meter.line(row.line, cells.len(), filled)?;
                lines.push(Line {
                    number: row.line,
                    cells,
                });
            }
            Err((RowFault::Wide, _)) => {
                return Err(FileProblem::TooManyColumns {
                    limit: limits.columns,
                    line: row.line,
                });
            }
            Err((fault, _)) => {
                meter.line(row.line, 0, 0)?;
                unread.push(Unread {
                    number: row.line,
                    column: match fault {
                        RowFault::Quotes | RowFault::Wide => None,
                        RowFault::Huge { column } => Some(column),
                    },
                });
            }
        }
    }
    if lines.is_empty() {
        return Err(FileProblem::Empty);
    }
    Ok(Grid { read_as, lines, unread })
}
