//! What differs between a document as it was and as it is: the changed blocks
//! alone, under their headings, with what went struck out and what came
//! underlined. Numbers of sections, tables and figures move when something is
//! put in before them; that is no difference.

mod align;
mod run;

use relais_interchange::zip::escaped;
use relais_mechanism::{Lang, Mechanism};

use crate::model::{Block, Cell, Document, Heading, Inline, Row, Table, plain};
use crate::words::say;
use crate::{Problem, build};
use align::{Change, changes};

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redline {
    /// Title of the document as it is.
    pub title: String,
    /// How many places differ.
    pub changes: usize,
    /// The places, as HTML to be put into a page: headings from `h2`, no link.
    pub html: String,
}

/// What differs of a document between two versions of a mechanism.
///
/// # Errors
/// [`Problem`]: one of them has no such document in this language, or its template
/// is wrong.
pub fn between(was: &Mechanism, is: &Mechanism, code: &str, lang: Lang) -> Result<Redline, Problem> {
    Ok(redline(&build(was, code, lang)?, &build(is, code, lang)?))
}

/// The same as a page that stands alone; `versions` says of which two.
#[must_use]
pub fn page(found: &Redline, versions: &str, lang: Lang) -> String {
    let title = escaped(&found.title);
    format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{}</p>\n{}</main>\n</body>\n</html>\n",
        crate::html::STYLE,
        escaped(versions),
        found.html
    )
}

/// What differs between two documents.
#[must_use]
pub fn redline(was: &Document, is: &Document) -> Redline {
    let mut writer = Writer {
        out: String::new(),
        above: Vec::new(),
        changes: 0,
        lang: is.lang,
    };
    if was.title != is.title {
        let words = |title: &str| vec![Inline::text(title)];
        writer.changed("p", &words(&was.title), &words(&is.title));
    }
    writer.blocks(&was.blocks, &is.blocks);
    Redline {
        title: is.title.clone(),
        changes: writer.changes,
        html: writer.out,
    }
}

/// Whether two blocks say the same, whatever their numbers.
fn same(a: &Block, b: &Block) -> bool {
    match (a, b) {
        (Block::Heading(a), Block::Heading(b)) => a.level == b.level && run::same(&a.text, &b.text),
        (Block::Paragraph(a), Block::Paragraph(b)) => run::same(a, b),
        (
            Block::List { ordered, items },
            Block::List {
                ordered: other,
                items: are,
            },
        ) => ordered == other && each(items, are, |a, b| all_same(a, b)),
        (Block::Note(a), Block::Note(b)) => all_same(a, b),
        (Block::Table(a), Block::Table(b)) => {
            run::same(&a.caption, &b.caption) && cells_same(&a.head, &b.head) && each(&a.rows, &b.rows, row_same)
        }
        (
            Block::Figure {
                caption,
                svg,
                alternative,
                ..
            },
            Block::Figure {
                caption: other,
                svg: drawn,
                alternative: told,
                ..
            },
        ) => run::same(caption, other) && svg == drawn && all_same(alternative, told),
        (a, b) => a == b,
    }
}

fn each<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn all_same(a: &[Block], b: &[Block]) -> bool {
    each(a, b, same)
}

fn cells_same(a: &[Cell], b: &[Cell]) -> bool {
    each(a, b, |a, b| run::same(a, b))
}

fn row_same(a: &Row, b: &Row) -> bool {
    match (a, b) {
        (Row::Cells(a), Row::Cells(b)) => cells_same(a, b),
        (Row::Band(a), Row::Band(b)) => run::same(a, b),
        _ => false,
    }
}

/// Whether one block is the other, changed.
fn alike(a: &Block, b: &Block) -> bool {
    match (a, b) {
        (Block::Heading(a), Block::Heading(b)) => a.level == b.level && (a.id == b.id || run::kin(&a.text, &b.text)),
        (Block::Paragraph(a), Block::Paragraph(b)) => run::kin(a, b),
        (Block::Table(a), Block::Table(b)) => {
            a.head.len() == b.head.len() && (run::same(&a.caption, &b.caption) || a.head == b.head)
        }
        (Block::List { ordered, .. }, Block::List { ordered: other, .. }) => ordered == other,
        (Block::Note(_), Block::Note(_)) | (Block::Figure { .. }, Block::Figure { .. }) => true,
        _ => false,
    }
}

/// Whether a row is the other, changed: one of its cells is the same.
fn row_alike(a: &Row, b: &Row) -> bool {
    match (a, b) {
        (Row::Cells(a), Row::Cells(b)) => {
            a.len() == b.len() && a.iter().zip(b).any(|(x, y)| run::same(x, y) && !x.is_empty())
        }
        (Row::Band(a), Row::Band(b)) => run::kin(a, b),
        _ => false,
    }
}

fn item_alike(a: &[Block], b: &[Block]) -> bool {
    matches!((a.first(), b.first()), (Some(a), Some(b)) if alike(a, b))
}

struct Writer {
    out: String,
    /// The headings above where the writer stands: level, as HTML, whether written.
    above: Vec<(u8, String, bool)>,
    changes: usize,
    lang: Lang,
}

impl Writer {
    /// Writes the headings above a change that are not written yet, and counts it.
    fn place(&mut self) {
        for (_, heading, written) in &mut self.above {
            if !*written {
                self.out.push_str(heading);
                *written = true;
            }
        }
    }

    fn blocks(&mut self, was: &[Block], is: &[Block]) {
        for change in changes(was, is, same, alike) {
            match change {
                Change::Same(_, Block::Heading(heading)) => {
                    let html = self.heading(heading, |out| run::plain_run(out, &heading.text));
                    self.under(heading.level, html, false);
                }
                Change::Same(..) => {}
                Change::Changed(a, b) => self.block(a, b),
                Change::Gone(block) => self.whole(block, "del"),
                Change::New(block) => self.whole(block, "ins"),
            }
        }
    }

    /// From here on the writer stands under this heading.
    fn under(&mut self, level: u8, html: String, written: bool) {
        self.above.retain(|(over, ..)| *over < level);
        self.above.push((level, html, written));
    }

    fn heading(&self, heading: &Heading, words: impl FnOnce(&mut String)) -> String {
        let level = heading.level;
        let mut out = format!("<h{level}>");
        if !heading.number.is_empty() {
            out.push_str(&escaped(&heading.number));
            out.push(' ');
        }
        words(&mut out);
        out.push_str(&format!("</h{level}>\n"));
        out
    }

    fn block(&mut self, was: &Block, is: &Block) {
        match (was, is) {
            (Block::Heading(was), Block::Heading(is)) => {
                self.above.retain(|(over, ..)| *over < is.level);
                self.place();
                self.changes += 1;
                let html = self.heading(is, |out| run::changed(out, &was.text, &is.text));
                self.out.push_str(&html);
                self.under(is.level, html, true);
            }
            (Block::Paragraph(was), Block::Paragraph(is)) => {
                self.place();
                self.changed("p", was, is);
            }
            (Block::Table(was), Block::Table(is)) => self.table(was, is),
            (Block::List { items: was, .. }, Block::List { items: is, ordered }) => self.list(*ordered, was, is),
            (Block::Note(was), Block::Note(is)) => {
                self.place();
                self.out.push_str("<div class=\"note\">\n");
                self.blocks(was, is);
                self.out.push_str("</div>\n");
            }
            (
                Block::Figure {
                    caption: named,
                    alternative: was,
                    ..
                },
                Block::Figure {
                    number,
                    caption,
                    alternative: is,
                    ..
                },
            ) => {
                self.place();
                self.out.push_str(&format!("<p><b>Figure\u{a0}{number}. "));
                run::changed(&mut self.out, named, caption);
                self.out.push_str("</b><br>");
                self.out.push_str(say(
                    self.lang,
                    "Le dessin change ; en mots\u{a0}:",
                    "The drawing changes; in words:",
                ));
                self.out.push_str("</p>\n");
                let before = self.changes;
                self.blocks(was, is);
                // A drawing may be laid out anew while its words stay.
                self.changes = self.changes.max(before + 1);
            }
            _ => {}
        }
    }

    /// A run of words that changed, in an element of its own.
    fn changed(&mut self, tag: &str, was: &[Inline], is: &[Inline]) {
        self.changes += 1;
        self.out.push_str(&format!("<{tag}>"));
        run::changed(&mut self.out, was, is);
        self.out.push_str(&format!("</{tag}>\n"));
    }

    fn list(&mut self, ordered: bool, was: &[Vec<Block>], is: &[Vec<Block>]) {
        self.place();
        self.out.push_str("<ul>\n");
        let mut number = 0;
        for change in changes(was, is, |a, b| all_same(a, b), |a, b| item_alike(a, b)) {
            let new = !matches!(change, Change::Gone(_));
            number += usize::from(new);
            if matches!(change, Change::Same(..)) {
                continue;
            }
            self.out.push_str("<li>");
            if ordered && new {
                self.out.push_str(&format!("{number}. "));
            }
            match change {
                Change::Changed(a, b) => match (a.as_slice(), b.as_slice()) {
                    ([Block::Paragraph(a)], [Block::Paragraph(b)]) => {
                        self.changes += 1;
                        run::changed(&mut self.out, a, b);
                    }
                    _ => self.blocks(a, b),
                },
                Change::Gone(item) => item.iter().for_each(|b| self.whole(b, "del")),
                Change::New(item) => item.iter().for_each(|b| self.whole(b, "ins")),
                Change::Same(..) => {}
            }
            self.out.push_str("</li>\n");
        }
        self.out.push_str("</ul>\n");
    }

    fn table(&mut self, was: &Table, is: &Table) {
        self.place();
        self.open_table(is, |out| run::changed(out, &was.caption, &is.caption));
        let cells = |a: &Cell, b: &Cell, out: &mut String| run::changed(out, a, b);
        self.out.push_str("<thead><tr>");
        for (a, b) in was.head.iter().zip(&is.head) {
            self.out.push_str("<th scope=\"col\">");
            cells(a, b, &mut self.out);
            self.out.push_str("</th>");
        }
        self.out.push_str("</tr></thead>\n<tbody>\n");
        let wide = is.head.len();
        let mut band = None;
        let before = self.changes;
        for change in changes(&was.rows, &is.rows, row_same, row_alike) {
            let row = match change {
                Change::Same(_, Row::Band(cell)) => {
                    band = Some(cell);
                    continue;
                }
                Change::Same(..) => continue,
                Change::Changed(a, b) => (Some(a), Some(b)),
                Change::Gone(row) => (Some(row), None),
                Change::New(row) => (None, Some(row)),
            };
            // The band over a row that changed; of one that no row follows nothing is told.
            if let Some(cell) = band.take().filter(|_| !is_band(row)) {
                write_band(&mut self.out, wide, |out| run::plain_run(out, cell));
            }
            self.changes += 1;
            write_row(&mut self.out, wide, row);
        }
        // Its caption or head alone changed.
        self.changes = self.changes.max(before + 1);
        self.out.push_str("</tbody></table></div>\n");
    }

    fn open_table(&mut self, table: &Table, caption: impl FnOnce(&mut String)) {
        let noun = say(self.lang, "Tableau", "Table");
        let name = if table.caption.is_empty() {
            noun.to_owned()
        } else {
            plain(&table.caption)
        };
        self.out.push_str(&format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{}\"><table>",
            escaped(&name)
        ));
        if !table.caption.is_empty() {
            self.out.push_str("<caption>");
            if table.number > 0 {
                self.out.push_str(&format!("{noun}\u{a0}{}. ", table.number));
            }
            caption(&mut self.out);
            self.out.push_str("</caption>");
        }
    }

    /// A block that went (`del`) or came (`ins`) whole.
    fn whole(&mut self, block: &Block, tag: &'static str) {
        match block {
            Block::Heading(heading) => {
                self.above.retain(|(over, ..)| *over < heading.level);
                self.place();
                self.changes += 1;
                let html = self.heading(heading, |out| run::whole(out, &heading.text, tag));
                self.out.push_str(&html);
                self.under(heading.level, html, true);
            }
            Block::Paragraph(words) => {
                self.place();
                self.changes += 1;
                self.out.push_str("<p>");
                run::whole(&mut self.out, words, tag);
                self.out.push_str("</p>\n");
            }
            Block::List { items, .. } => {
                self.place();
                self.out.push_str("<ul>\n");
                for item in items {
                    self.out.push_str("<li>");
                    item.iter().for_each(|b| self.whole(b, tag));
                    self.out.push_str("</li>\n");
                }
                self.out.push_str("</ul>\n");
            }
            Block::Table(table) => {
                self.place();
                self.changes += 1;
                self.open_table(table, |out| run::whole(out, &table.caption, tag));
                self.out.push_str("<thead><tr>");
                for cell in &table.head {
                    self.out.push_str("<th scope=\"col\">");
                    run::whole(&mut self.out, cell, tag);
                    self.out.push_str("</th>");
                }
                self.out.push_str("</tr></thead>\n<tbody>\n");
                for row in &table.rows {
                    let row = if tag == "del" {
                        (Some(row), None)
                    } else {
                        (None, Some(row))
                    };
                    write_row(&mut self.out, table.head.len(), row);
                }
                self.out.push_str("</tbody></table></div>\n");
            }
            Block::Note(blocks) => blocks.iter().for_each(|b| self.whole(b, tag)),
            Block::Signatures(parties) => {
                for party in parties {
                    self.whole(&Block::Paragraph(vec![Inline::text(party.name.as_str())]), tag);
                }
            }
            Block::Figure {
                caption, alternative, ..
            } => {
                self.whole(&Block::Paragraph(caption.clone()), tag);
                alternative.iter().for_each(|b| self.whole(b, tag));
            }
            Block::Contents | Block::PageBreak => {}
        }
    }
}

fn write_band(out: &mut String, wide: usize, words: impl FnOnce(&mut String)) {
    out.push_str(&format!("<tr><th scope=\"rowgroup\" colspan=\"{wide}\">"));
    words(out);
    out.push_str("</th></tr>\n");
}

fn is_band(row: (Option<&Row>, Option<&Row>)) -> bool {
    matches!(row, (Some(Row::Band(_)), _) | (_, Some(Row::Band(_))))
}

/// A row that changed, went or came.
fn write_row(out: &mut String, wide: usize, row: (Option<&Row>, Option<&Row>)) {
    let cells = |row: Option<&Row>| match row {
        Some(Row::Cells(cells)) => cells.clone(),
        Some(Row::Band(cell)) => vec![cell.clone()],
        None => Vec::new(),
    };
    let (was, is) = (cells(row.0), cells(row.1));
    if is_band(row) {
        let empty = Vec::new();
        let (was, is) = (was.first().unwrap_or(&empty), is.first().unwrap_or(&empty));
        write_band(out, wide, |out| run::changed(out, was, is));
        return;
    }
    out.push_str("<tr>");
    for n in 0..was.len().max(is.len()) {
        let (open, close) = if n == 0 {
            ("<th scope=\"row\">", "</th>")
        } else {
            ("<td>", "</td>")
        };
        let empty = Vec::new();
        out.push_str(open);
        run::changed(out, was.get(n).unwrap_or(&empty), is.get(n).unwrap_or(&empty));
        out.push_str(close);
    }
    out.push_str("</tr>\n");
}
