//! Reading the rows of a CSV file, whatever its state. A reader for sound
//! files takes an unclosed quote as the beginning of a field that runs to the
//! end of the file, and every row in between is gone without a word; here the
//! row with the quote is named and reading goes on with the next line, so that
//! no row is ever lost in silence.

use std::borrow::Cow;

/// Longest cell, in bytes: a name, an address; not a document.
pub const MAX_CELL: usize = 4_096;

/// Most cells of a row: a row of separators alone would otherwise cost eight
/// times the file in memory.
pub const MOST_CELLS: usize = 4_096;

/// What is wrong with a row as text, before any cell is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A quote is opened and never closed, or closed within a cell.
    Quotes,
    /// A cell is longer than [`MAX_CELL`].
    Huge {
        /// Which cell of the row, from 0.
        column: usize,
    },
    /// The row has more cells than a row may have.
    Wide,
}

/// The bytes of a cell, without its quotes.
pub type Cell<'a> = Cow<'a, [u8]>;

/// One row: the line where it begins (the first of the file is 1) and its
/// cells, or what is wrong with it and its beginning.
#[derive(Debug)]
pub struct Raw<'a> {
    /// The line where the row begins.
    pub line: usize,
    /// Its cells, or what is wrong with the row and its beginning.
    pub cells: Result<Vec<Cell<'a>>, (Fault, &'a [u8])>,
}

/// Reads rows one after another; empty lines are no rows.
pub struct Rows<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
    delimiter: u8,
    /// Cells that a row must have, once the header is read.
    width: Option<usize>,
    /// Cells that a row may have before it is given up.
    most: usize,
}

impl<'a> Rows<'a> {
    /// The rows of these bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8], delimiter: u8) -> Self {
        Self {
            bytes,
            at: 0,
            line: 1,
            delimiter,
            width: None,
            most: MOST_CELLS,
        }
    }

    /// Rows of more cells are given up before they are kept.
    pub fn at_most(&mut self, cells: usize) {
        self.most = cells.min(MOST_CELLS);
    }

    /// Rows of another width that run over several lines are taken for an
    /// unclosed quote.
    pub fn expect_width(&mut self, width: usize) {
        self.width = Some(width);
    }

    /// Where the line that holds `at` ends: before its line feed.
    fn line_end(&self, at: usize) -> usize {
        self.bytes[at..]
            .iter()
            .position(|b| *b == b'\n')
            .map_or(self.bytes.len(), |n| at + n)
    }

    /// The row gives up: its first line is spent, the next line is the next row.
    fn give_up(&mut self, start: usize, fault: Fault) -> Raw<'a> {
        let end = self.line_end(start);
        let line = self.line;
        self.at = (end + 1).min(self.bytes.len());
        self.line += 1;
        Raw {
            line,
            cells: Err((fault, &self.bytes[start..end.min(start + 80)])),
        }
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Raw<'a>;

    fn next(&mut self) -> Option<Raw<'a>> {
        let bytes = self.bytes;
        while let Some(b'\n' | b'\r') = bytes.get(self.at) {
            self.line += usize::from(bytes[self.at] == b'\n');
            self.at += 1;
        }
        if self.at >= bytes.len() {
            return None;
        }
        let (start, line) = (self.at, self.line);
        let mut at = start;
        let mut lines = 0;
        let mut cells = Vec::with_capacity(self.width.unwrap_or(8));
        loop {
            if cells.len() >= self.most {
                return Some(self.give_up(start, Fault::Wide));
            }
            if bytes.get(at) == Some(&b'"') {
                match quoted(bytes, at + 1) {
                    Some((cell, after, inner))
                        if matches!(bytes.get(after), None | Some(b'\n' | b'\r'))
                            || bytes.get(after) == Some(&self.delimiter) =>
                    {
                        lines += inner;
                        cells.push(cell);
                        at = after;
                    }
                    Some(_) => return Some(self.give_up(start, Fault::Quotes)),
                    None => {
                        // One line longer than a cell may be is a huge cell.
                        let fault = if self.line_end(at) - at > MAX_CELL {
                            Fault::Huge { column: cells.len() }
                        } else {
                            Fault::Quotes
                        };
                        return Some(self.give_up(start, fault));
                    }
                }
            } else {
                let end = bytes[at..]
                    .iter()
                    .position(|b| *b == self.delimiter || *b == b'\n' || *b == b'\r')
                    .map_or(bytes.len(), |n| at + n);
                if end - at > MAX_CELL {
                    return Some(self.give_up(start, Fault::Huge { column: cells.len() }));
                }
                cells.push(Cow::Borrowed(&bytes[at..end]));
                at = end;
            }
            match bytes.get(at) {
                Some(b) if *b == self.delimiter => at += 1,
                _ => break,
            }
        }
        if lines > 0 && self.width.is_some_and(|w| w != cells.len()) {
            return Some(self.give_up(start, Fault::Quotes));
        }
        if bytes.get(at) == Some(&b'\r') {
            at += 1;
        }
        if bytes.get(at) == Some(&b'\n') {
            at += 1;
            lines += 1;
        }
        self.at = at;
        self.line += lines;
        Some(Raw { line, cells: Ok(cells) })
    }
}

/// The quoted cell whose text begins at `from`: text, where it ends (after the
/// closing quote) and the line feeds within; `None` when it is never closed
/// or longer than a cell may be.
fn quoted(bytes: &[u8], from: usize) -> Option<(Cow<'_, [u8]>, usize, usize)> {
    let mut owned: Option<Vec<u8>> = None;
    let (mut piece, mut at, mut lines) = (from, from, 0);
    loop {
        if at - from > MAX_CELL {
            return None;
        }
        match *bytes.get(at)? {
            b'"' if bytes.get(at + 1) == Some(&b'"') => {
                owned.get_or_insert_default().extend_from_slice(&bytes[piece..=at]);
                at += 2;
                piece = at;
            }
            b'"' => {
                let cell = match owned {
                    None => Cow::Borrowed(&bytes[piece..at]),
                    Some(mut text) => {
                        text.extend_from_slice(&bytes[piece..at]);
                        Cow::Owned(text)
                    }
                };
                return Some((cell, at + 1, lines));
            }
            b => {
                lines += usize::from(b == b'\n');
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(usize, Option<Vec<String>>)> {
        let mut rows = Rows::new(text.as_bytes(), b',');
        rows.expect_width(3);
        rows.map(|r| {
            (
                r.line,
                r.cells
                    .ok()
                    .map(|c| c.iter().map(|c| String::from_utf8_lossy(c).into()).collect()),
            )
        })
        .collect()
    }

    #[test]
    fn an_unclosed_quote_costs_its_own_row_only() {
        let rows = read("a,b,c\n1,\"2,3\n4,5,6\n7,\"8 \"\"x\"\"\",9\n");
        assert_eq!(rows.iter().map(|r| r.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert!(rows[1].1.is_none());
        assert_eq!(rows[2].1.as_deref(), Some(&["4".into(), "5".into(), "6".into()][..]));
        assert_eq!(rows[3].1.as_ref().map(|c| c[1].as_str()), Some("8 \"x\""));
    }

    #[test]
    fn a_cell_over_two_lines_is_one_row() {
        let rows = read("1,\"two\nlines\",3\r\n\r\n4,5,6");
        assert_eq!(rows[0].1.as_ref().map(|c| c[1].as_str()), Some("two\nlines"));
        assert_eq!((rows.len(), rows[1].0), (2, 4));
    }

    proptest! {
        /// What a sound writer wrote is read back as the csv crate reads it.
        #[test]
        fn agrees_with_the_csv_crate(rows in proptest::collection::vec(
            proptest::collection::vec("[a-zé,\";\\n\\r =]{0,12}", 3), 1..12)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            for row in &rows { writer.write_record(row).expect("in memory"); }
            let bytes = writer.into_inner().expect("in memory");
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&bytes[..]);
            let expected: Vec<Vec<Vec<u8>>> = reader.byte_records()
                .map(|r| r.expect("sound").iter().map(<[u8]>::to_vec).collect()).collect();
            let mut ours = Rows::new(&bytes, b',');
            ours.expect_width(3);
            let ours: Vec<Vec<Vec<u8>>> = ours
                .map(|r| r.cells.expect("sound").iter().map(|c| c.to_vec()).collect()).collect();
            prop_assert_eq!(ours, expected);
        }

        /// Any bytes: it ends, and every line feed is counted once.
        #[test]
        fn ends_on_anything(bytes in proptest::collection::vec(proptest::sample::select(b"a\",\n\r\0".to_vec()), 0..200)) {
            let mut rows = Rows::new(&bytes, b',');
            rows.expect_width(2);
            let last = rows.by_ref().map(|r| r.line).last().unwrap_or(0);
            prop_assert!(last <= 1 + bytes.iter().filter(|b| **b == b'\n').count());
            prop_assert!(rows.at >= bytes.len());
        }
    }
}
