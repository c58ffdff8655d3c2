//! Tables, and forms, which are tables with room to write in.

use std::num::NonZeroU32;
use std::ops::Range;

use krilla::tagging::{TableHeaderScope, Tag};
use relais_documents::model::{Cell, Row, Table, plain};

use super::{Column, Layout, area, baseline, say};
use crate::font::Face;
use crate::page::{Chunk, Piece, Rect, Sheet};
use crate::text::{ACT, INK, LINE, PAPER, Style, WASH, Words};
use crate::tree::Branch;

const CELL: Style = Style::new(Face::Plain, 8.9, INK);
const HEAD: Style = Style::new(Face::Strong, 8.9, PAPER);
const LEAD: f32 = 11.6;
/// Between the edge of a cell and its words.
const SIDE: f32 = 5.0;
const ABOVE: f32 = 3.4;
/// What a column may lack, as a part of the whole width, to be given it by the others.
const LITTLE: f32 = 0.05;
/// Up to this part of the whole width.
const NARROW: f32 = 0.3;
/// A row to write in is at least so high.
const WRITTEN: f32 = 23.0;
/// From one line to write on to the next.
const RULE: f32 = 19.0;

/// A cell that has been measured.
struct Measured {
    words: Words,
    lines: Vec<Range<usize>>,
    under: Branch,
}

/// A row that is being laid out.
struct Laid<'a> {
    cells: &'a [Measured],
    widths: &'a [f32],
    fill: Option<crate::text::Color>,
    edge: crate::text::Color,
    style: Style,
}

impl Layout<'_> {
    pub(super) fn table(&mut self, table: &Table, column: Column) {
        let under = self.tree.branch(column.under, Tag::Table);
        let column = Column { under, ..column };
        if table.caption.is_empty() {
            self.after = self.after.max(8.0);
        } else {
            let kind = say(self.document.lang, "Tableau", "Table");
            self.caption(kind, table.number, &table.caption, column);
            self.after = 4.0;
        }
        let form = is_form(table);
        let widths = widths(table, column.w, form);
        let head = self.head(table, column, &widths);
        let body = self.tree.branch(under, Tag::TBody);
        for row in &table.rows {
            let row_at = self.tree.branch(body, Tag::TR);
            match row {
                Row::Band(cell) => self.band(cell, table.head.len(), row_at, column, head),
                Row::Cells(cells) => self.row(cells, row_at, column, (&widths, form), head),
            }
        }
        self.after = 12.0;
    }

    /// The header, which is kept for the pages on which the table goes on; its number.
    fn head(&mut self, table: &Table, column: Column, widths: &[f32]) -> usize {
        let group = self.tree.branch(column.under, Tag::THead);
        let row = self.tree.branch(group, Tag::TR);
        let cells: Vec<Measured> = table
            .head
            .iter()
            .zip(widths)
            .map(|(cell, width)| {
                let under = self.tree.branch(row, Tag::TH(TableHeaderScope::Column));
                self.measured(cell, HEAD, *width, under)
            })
            .collect();
        let laid = Laid {
            cells: &cells,
            widths,
            fill: Some(ACT),
            edge: ACT,
            style: HEAD,
        };
        let lines = cells.iter().map(|c| c.lines.len()).max().unwrap_or(1);
        let mut chunk = self.laid(&laid, 0..lines, column);
        chunk.keep = true;
        let number = self.heads.len();
        self.heads.push(chunk.clone());
        self.add(chunk);
        number
    }

    fn measured(&mut self, cell: &Cell, style: Style, width: f32, under: Branch) -> Measured {
        let words = self.words(cell, style);
        let lines = words.lines(width - 2.0 * SIDE);
        Measured { words, lines, under }
    }

    /// A cell over the whole width that names what follows, and stays with it.
    fn band(&mut self, cell: &Cell, columns: usize, row: Branch, column: Column, head: usize) {
        let span = u32::try_from(columns).ok().and_then(NonZeroU32::new);
        let tag = Tag::TH(TableHeaderScope::Row).with_col_span(span);
        let under = self.tree.branch(row, tag);
        let cells = [self.measured(cell, CELL, column.w, under)];
        let laid = Laid {
            cells: &cells,
            widths: &[column.w],
            fill: Some(WASH),
            edge: LINE,
            style: CELL,
        };
        let lines = cells[0].lines.len();
        let mut chunk = self.laid(&laid, 0..lines, column);
        chunk.keep = true;
        chunk.head = Some(head);
        self.add(chunk);
    }

    fn row(&mut self, cells: &[Cell], row: Branch, column: Column, (widths, form): (&[f32], bool), head: usize) {
        let mut measured = Vec::new();
        for (n, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let under = if n == 0 {
                self.tree.branch(row, Tag::TH(TableHeaderScope::Row))
            } else {
                self.tree.branch(row, Tag::TD)
            };
            measured.push(self.measured(cell, CELL, *width, under));
        }
        let laid = Laid {
            cells: &measured,
            widths,
            fill: None,
            edge: LINE,
            style: CELL,
        };
        let count = measured.iter().map(|c| c.lines.len()).max().unwrap_or(1).max(1);
        let room = Sheet::Upright.body().h - self.heads[head].height - 2.0 * ABOVE;
        // A row that no page takes is parted between its lines.
        let most = (1..=count).rev().find(|n| LEAD * as_f32(*n) <= room).unwrap_or(1);
        for from in (0..count).step_by(most) {
            let mut chunk = self.laid(&laid, from..(from + most).min(count), column);
            if count <= most {
                to_write_in(&mut chunk, &laid, column, form);
            }
            chunk.head = Some(head);
            self.add(chunk);
        }
    }

    /// These lines of a row, with its areas.
    fn laid(&mut self, row: &Laid<'_>, lines: Range<usize>, column: Column) -> Chunk {
        let taken = row
            .cells
            .iter()
            .map(|c| c.lines.len().min(lines.end).saturating_sub(lines.start))
            .max();
        let height = LEAD * as_f32(taken.unwrap_or(1).max(1)) + 2.0 * ABOVE;
        let mut chunk = Chunk::new(0.0, height);
        chunk.pieces = areas(row, column.x, height);
        let mut x = column.x;
        for (cell, width) in row.cells.iter().zip(row.widths) {
            let shown = cell.lines.iter().take(lines.end).skip(lines.start);
            for (n, line) in shown.enumerate() {
                let y = ABOVE + LEAD * as_f32(n) + baseline(LEAD, row.style.size);
                let pieces = self.line(&cell.words, line.clone(), (x + SIDE, y), cell.under);
                chunk.pieces.extend(pieces);
            }
            x += width;
        }
        chunk
    }
}

fn areas(row: &Laid<'_>, mut x: f32, h: f32) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for w in row.widths {
        let rect = Rect { x, y: 0.0, w: *w, h };
        pieces.push(area(rect, row.fill, Some((row.edge, 0.5))));
        x += w;
    }
    pieces
}

/// Makes room in the cells of a row that are to be written in; a form has lines there.
fn to_write_in(chunk: &mut Chunk, row: &Laid<'_>, column: Column, form: bool) {
    let blank = |cell: &&Measured| cell.words.is_blank();
    let Some(most) = row.cells.iter().filter(blank).map(|c| c.lines.len()).max() else {
        return;
    };
    let height = chunk.height.max(if form {
        WRITTEN.max(RULE * as_f32(most) + 4.0)
    } else {
        WRITTEN
    });
    let words = chunk.pieces.split_off(row.widths.len());
    chunk.pieces = areas(row, column.x, height);
    chunk.pieces.extend(words);
    chunk.height = height;
    if !form {
        return;
    }
    let mut x = column.x;
    for (cell, width) in row.cells.iter().zip(row.widths) {
        if cell.words.is_blank() {
            for n in 0..cell.lines.len().max(1) {
                chunk.pieces.push(Piece::Dots {
                    x: x + SIDE,
                    y: height - 6.0 - RULE * as_f32(n),
                    w: width - 2.0 * SIDE,
                    color: LINE,
                });
            }
        }
        x += width;
    }
}

/// Whether the table is filled in by hand: it has boxes to tick or a date to write.
fn is_form(table: &Table) -> bool {
    table.rows.iter().any(|row| match row {
        Row::Band(_) => false,
        Row::Cells(cells) => cells
            .iter()
            .map(|c| plain(c))
            .any(|c| c.contains('☐') || c.contains("__")),
    })
}

/// The widths of the columns: the model's shares, changed by what the words need.
fn widths(table: &Table, whole: f32, form: bool) -> Vec<f32> {
    let columns = table.head.len().max(1);
    let shares: f32 = table.widths.iter().take(columns).map(|w| f32::from(*w)).sum();
    let mut widths: Vec<f32> = (0..columns)
        .map(|n| match table.widths.get(n) {
            Some(share) if shares > 0.0 => whole * f32::from(*share) / shares,
            _ => whole / as_f32(columns),
        })
        .collect();
    let (mut least, mut most) = (vec![0.0f32; columns], vec![0.0f32; columns]);
    let mut look = |cells: &[Cell], style| {
        for (n, cell) in cells.iter().enumerate().take(columns) {
            let words = Words::of(cell, style, &mut Vec::new());
            least[n] = least[n].max(words.narrowest() + 2.0 * SIDE);
            most[n] = most[n].max(words.natural() + 2.0 * SIDE);
        }
    };
    look(&table.head, HEAD);
    for row in &table.rows {
        if let Row::Cells(cells) = row {
            look(cells, CELL);
        }
    }
    let blank = |row: &Row| matches!(row, Row::Cells(cells) if cells.iter().any(|c| plain(c).trim().is_empty()));
    if form {
        // Its questions have short codes; the answers need room.
        let spare = (widths[0] - most[0]).max(0.0);
        widths[0] -= spare;
        if let Some(last) = widths.last_mut() {
            *last += spare;
        }
    } else if !table.rows.iter().any(blank) {
        lend(&mut widths, &most, whole);
    }
    // Columns that lack little are given it.
    for (n, least) in least.iter_mut().enumerate() {
        if most[n] <= widths[n] + whole * LITTLE {
            *least = least.max(most[n].min(whole * NARROW));
        }
    }
    widen(&mut widths, &least, whole);
    widths
}

/// What columns do not need goes to those whose words are longer.
fn lend(widths: &mut [f32], most: &[f32], whole: f32) {
    let wanting: Vec<bool> = widths.iter().zip(most).map(|(w, m)| m > w).collect();
    if !wanting.contains(&true) {
        return;
    }
    for ((width, most), long) in widths.iter_mut().zip(most).zip(&wanting) {
        if !long {
            *width = *most;
        }
    }
    // Who lacks least is served first, so that one short word too many does not wrap.
    let mut lacking: Vec<usize> = (0..widths.len()).filter(|n| wanting[*n]).collect();
    lacking.sort_by(|a, b| (most[*a] - widths[*a]).total_cmp(&(most[*b] - widths[*b])));
    let mut free = whole - widths.iter().sum::<f32>();
    for (served, n) in lacking.iter().enumerate() {
        let share = free / as_f32(lacking.len() - served);
        // The last takes what is left, so that the table is as wide as the text.
        let given = if served + 1 == lacking.len() {
            share
        } else {
            share.min(most[*n] - widths[*n])
        };
        widths[*n] += given;
        free -= given;
    }
}

/// No column is narrower than its longest word, as far as the others have room.
fn widen(widths: &mut [f32], least: &[f32], whole: f32) {
    let needed: f32 = least.iter().sum();
    if needed >= whole {
        for (width, least) in widths.iter_mut().zip(least) {
            *width = whole * least / needed;
        }
        return;
    }
    let lack: f32 = widths.iter().zip(least).map(|(w, l)| (l - w).max(0.0)).sum();
    let room: f32 = widths.iter().zip(least).map(|(w, l)| (w - l).max(0.0)).sum();
    for (width, least) in widths.iter_mut().zip(least) {
        if *width < *least {
            *width = *least;
        } else if room > 0.0 {
            *width -= lack * (*width - least) / room;
        }
    }
}

/// A count of lines or columns, which are few.
fn as_f32(n: usize) -> f32 {
    f32::from(u16::try_from(n).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_take_what_their_words_need_and_fill_the_width() {
        let mut widths = vec![30.0, 40.0, 30.0];
        lend(&mut widths, &[10.0, 90.0, 60.0], 100.0);
        assert_eq!(widths[0], 10.0);
        assert!((widths.iter().sum::<f32>() - 100.0).abs() < 0.01);
        widen(&mut widths, &[10.0, 20.0, 55.0], 100.0);
        assert!(widths[2] >= 55.0 && widths[1] >= 20.0);
        assert!((widths.iter().sum::<f32>() - 100.0).abs() < 0.01);
        widen(&mut widths, &[80.0, 80.0, 40.0], 100.0);
        assert_eq!(widths, [40.0, 40.0, 20.0]);
    }
}
