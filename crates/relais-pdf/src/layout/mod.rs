//! Blocks of the model into chunks: what each looks like, what it means, and what
//! of it stays together.

mod furniture;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU16;
use std::ops::Range;
use std::rc::Rc;

use krilla::tagging::{ListNumbering, Tag};
use relais_documents::model::{Block, Document, Heading, Inline, Numbered, plain};
use relais_mechanism::Lang;

use crate::figure::Drawing;
use crate::font::Face;
use crate::page::{Chunk, Piece, Rect, Sheet};
use crate::text::{ACT, Color, Goal, INK, Run, Style, WASH, Words, kept};
use crate::tree::{Branch, ROOT, Tree};

/// The text.
const TEXT: Style = Style::new(Face::Plain, 10.4, INK);
/// From one line of the text to the next.
const LEAD: f32 = 14.4;
/// Captions of tables and figures.
const CAPTION: Style = Style::new(Face::Strong, 9.6, INK);
const CAPTION_LEAD: f32 = 12.6;
/// How far the text of a list stands in.
const INDENT: f32 = 15.0;
/// A note up to this part of a page is not parted.
const WHOLE_NOTE: f32 = 0.6;
/// Wider than this, in its own units, a drawing has a sheet of its own.
const WIDE: f32 = 720.0;
/// As much of a picture's words as a file that is kept may hold in one string.
const ALTERNATIVE: usize = 16_000;

/// The document laid out, not yet on pages.
pub(crate) struct Layout<'a> {
    document: &'a Document,
    pub tree: Tree,
    /// Where words lead.
    pub goals: Vec<Goal>,
    pub chunks: Vec<Chunk>,
    /// Headers of tables, for the pages on which they go on.
    pub heads: Vec<Chunk>,
    headings: BTreeSet<&'a str>,
    /// The tag of each goal's link.
    links: BTreeMap<usize, Branch>,
    /// The next chunk begins a page.
    breaks: bool,
    /// Room that the last block wants below it.
    after: f32,
}

/// Where a block stands, and what it belongs to.
#[derive(Clone, Copy)]
struct Column {
    x: f32,
    w: f32,
    under: Branch,
}

/// What parts the lines of a block.
#[derive(Clone, Copy)]
struct Measure {
    before: f32,
    lead: f32,
    /// Whether all of it stays with what follows.
    keep: bool,
}

/// Lays a document out.
pub(crate) fn of(document: &Document) -> Layout<'_> {
    let mut layout = Layout {
        document,
        tree: Tree::new(),
        goals: Vec::new(),
        chunks: Vec::new(),
        heads: Vec::new(),
        headings: document.headings().map(|h| h.id.as_str()).collect(),
        links: BTreeMap::new(),
        breaks: false,
        after: 0.0,
    };
    layout.cover();
    let column = Column {
        x: 0.0,
        w: Sheet::Upright.body().w,
        under: ROOT,
    };
    layout.blocks(&document.blocks, column);
    layout
}

/// The text in the document's language.
const fn say<'a>(lang: Lang, fr: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Fr => fr,
        Lang::En => en,
    }
}

/// What something is called where the file must call it something.
fn named(name: &str, otherwise: &str) -> String {
    let name = kept(name);
    let name = name.trim();
    if name.is_empty() {
        kept(otherwise)
    } else {
        name.to_owned()
    }
}

/// Where the line stands on which the words of a line stand.
fn baseline(lead: f32, size: f32) -> f32 {
    lead / 2.0 + size * 0.32
}

/// An area that is only seen.
const fn area(rect: Rect, fill: Option<Color>, edge: Option<(Color, f32)>) -> Piece {
    Piece::Area { rect, fill, edge }
}

impl Layout<'_> {
    fn blocks(&mut self, blocks: &[Block], column: Column) {
        for (n, block) in blocks.iter().enumerate() {
            let from = self.chunks.len();
            self.block(block, column);
            // What announces a list or a table stays with it.
            let announces = matches!(block, Block::Paragraph(run) if plain(run).trim_end().ends_with(':'));
            if announces && matches!(blocks.get(n + 1), Some(Block::List { .. } | Block::Table(_))) {
                self.keep_last(from);
            }
        }
    }

    /// What was laid out since then stays, in its end, with what follows.
    fn keep_last(&mut self, from: usize) {
        if let Some(chunk) = self.chunks[from..].last_mut() {
            chunk.keep = true;
        }
    }

    fn block(&mut self, block: &Block, column: Column) {
        match block {
            Block::Heading(heading) => self.heading(heading, column),
            Block::Paragraph(run) => {
                let under = self.tree.branch(column.under, Tag::P);
                self.paragraph(run, Column { under, ..column }, 6.0);
            }
            Block::List { ordered, items } => self.list(*ordered, items, column),
            Block::Table(table) => self.table(table, column),
            Block::Note(blocks) => self.note(blocks, column),
            Block::Signatures(parties) => self.signatures(parties, column),
            Block::Contents => self.contents(column),
            Block::Figure {
                number,
                caption,
                svg,
                alternative,
            } => self.figure(*number, caption, (svg, alternative), column),
            Block::PageBreak => self.breaks = true,
        }
    }

    /// Adds a chunk after what is there.
    fn add(&mut self, mut chunk: Chunk) {
        chunk.breaks |= std::mem::take(&mut self.breaks);
        chunk.before = chunk.before.max(std::mem::take(&mut self.after));
        self.chunks.push(chunk);
    }

    /// The words of inlines in this look.
    fn words(&mut self, run: &[Inline], style: Style) -> Words {
        Words::of(run, style, &mut self.goals)
    }

    /// A line of words: one leaf for what stands together, one for each link.
    fn line(&mut self, words: &Words, line: Range<usize>, (x, y): (f32, f32), under: Branch) -> Vec<Piece> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut open: Vec<Run> = Vec::new();
        for run in words.runs(line) {
            let Some(goal) = run.style.goal.filter(|g| self.leads(*g)) else {
                open.push(run);
                continue;
            };
            self.close(&mut open, (x, y), under, &mut pieces);
            let link = match self.links.get(&goal) {
                Some(link) => *link,
                None => self.tree.branch(under, Tag::Link),
            };
            self.links.insert(goal, link);
            let size = run.style.size;
            let rect = Rect {
                x: x + run.x,
                y: y - size * 0.8,
                w: run.width.max(1.0),
                h: size * 1.1,
            };
            self.close(&mut vec![run], (x, y), link, &mut pieces);
            pieces.push(Piece::Link {
                rect,
                goal,
                leaf: self.tree.leaf(link),
            });
        }
        self.close(&mut open, (x, y), under, &mut pieces);
        pieces
    }

    /// Whether there is something where the words lead.
    fn leads(&self, goal: usize) -> bool {
        match &self.goals[goal] {
            Goal::Heading(id) => self.headings.contains(id.as_str()),
            Goal::Address(to) => !to.is_empty(),
        }
    }

    fn close(&mut self, open: &mut Vec<Run>, (x, y): (f32, f32), under: Branch, pieces: &mut Vec<Piece>) {
        if !open.is_empty() {
            let leaf = Some(self.tree.leaf(under));
            let runs = std::mem::take(open);
            pieces.push(Piece::Words { x, y, runs, leaf });
        }
    }

    /// Words as lines, each a chunk; a single line is not left behind or sent ahead.
    fn lines(&mut self, words: &Words, size: f32, column: Column, measure: Measure) {
        let lines = words.lines(column.w);
        let last = lines.len() - 1;
        for (n, line) in lines.into_iter().enumerate() {
            let before = if n == 0 { measure.before } else { 0.0 };
            let mut chunk = Chunk::new(before, measure.lead);
            chunk.keep = measure.keep || (n < last && (n == 0 || n + 1 == last));
            chunk.pieces = self.line(words, line, (column.x, baseline(measure.lead, size)), column.under);
            self.add(chunk);
        }
    }

    fn paragraph(&mut self, run: &[Inline], column: Column, before: f32) {
        let words = self.words(run, TEXT);
        let measure = Measure {
            before,
            lead: LEAD,
            keep: false,
        };
        self.lines(&words, TEXT.size, column, measure);
    }

    fn heading(&mut self, heading: &Heading, column: Column) {
        let (size, lead, before) = match heading.level {
            0..=2 => (15.5, 19.0, 30.0),
            3 => (12.2, 15.6, 17.0),
            _ => (10.8, 14.4, 12.0),
        };
        let level = NonZeroU16::new(u16::from(heading.level.max(2))).unwrap_or(NonZeroU16::MIN);
        let title = named(&format!("{} {}", heading.number, plain(&heading.text)), &heading.id);
        let under = self.tree.branch(column.under, Tag::Hn(level, Some(title)));
        let style = Style::new(Face::Strong, size, INK);
        let mut words = Words::default();
        if !heading.number.is_empty() {
            words.push(&heading.number, style, false);
            words.push("\u{a0}\u{a0}", style, false);
        }
        words.inlines(&heading.text, style, &mut self.goals);
        if heading.level == 2 && heading.numbered == Numbered::Annex {
            self.breaks = true;
        }
        let from = self.chunks.len();
        let measure = Measure {
            before,
            lead,
            keep: true,
        };
        self.lines(&words, size, Column { under, ..column }, measure);
        if let Some(chunk) = self.chunks.get_mut(from) {
            chunk.pieces.push(Piece::Here {
                y: 0.0,
                id: heading.id.clone(),
            });
            if heading.level <= 2 {
                let bar = Rect {
                    x: column.x,
                    y: -7.0,
                    w: 34.0,
                    h: 3.0,
                };
                chunk.pieces.push(area(bar, Some(INK), None));
            }
        }
        self.after = 4.0;
    }

    fn list(&mut self, ordered: bool, items: &[Vec<Block>], column: Column) {
        let numbering = if ordered {
            ListNumbering::Decimal
        } else {
            ListNumbering::Disc
        };
        let list = self.tree.branch(column.under, Tag::L(numbering));
        let indent = if ordered && items.len() > 9 {
            INDENT + 4.0
        } else {
            INDENT
        };
        for (n, item) in items.iter().enumerate() {
            let under = self.tree.branch(list, Tag::LI);
            let label = self.tree.branch(under, Tag::Lbl);
            let body = self.tree.branch(under, Tag::LBody);
            let mark = if ordered {
                format!("{}.\u{a0}", n + 1)
            } else {
                "•\u{a0}".to_owned()
            };
            let mark = Words::plain(&mark, TEXT);
            let x = column.x
                + if ordered {
                    indent - mark.width(mark.whole()) - 1.0
                } else {
                    4.0
                };
            let mark = self.line(&mark, mark.whole(), (x, baseline(LEAD, TEXT.size)), label);
            let inner = Column {
                x: column.x + indent,
                w: column.w - indent,
                under: body,
            };
            let from = self.chunks.len();
            match item.as_slice() {
                [Block::Paragraph(run), rest @ ..] => {
                    let under = if rest.is_empty() {
                        body
                    } else {
                        self.tree.branch(body, Tag::P)
                    };
                    self.paragraph(run, Column { under, ..inner }, if n == 0 { 5.0 } else { 2.6 });
                    if !rest.is_empty() {
                        self.keep_last(from);
                    }
                    self.blocks(rest, inner);
                }
                blocks => self.blocks(blocks, inner),
            }
            if let Some(chunk) = self.chunks.get_mut(from) {
                chunk.pieces.splice(0..0, mark);
            }
            // Neither the first nor the last stands alone.
            if n + 1 < items.len() && (n == 0 || n + 2 == items.len()) {
                self.keep_last(from);
            }
        }
    }

    /// What is set apart: on a wash, with a bar at its left.
    fn note(&mut self, blocks: &[Block], column: Column) {
        let under = self.tree.branch(column.under, Tag::Div);
        let from = self.chunks.len();
        let inner = Column {
            x: column.x + 14.0,
            w: column.w - 26.0,
            under,
        };
        let before = std::mem::take(&mut self.after).max(9.0);
        self.blocks(blocks, inner);
        self.after = 0.0;
        let mut inside: Vec<Chunk> = self.chunks.drain(from..).collect();
        // The room above becomes part of each, so that the wash has no gap.
        let count = inside.len();
        for (n, chunk) in inside.iter_mut().enumerate() {
            let above = if n == 0 { 7.0 } else { chunk.before };
            let below = if n + 1 == count { 8.0 } else { 0.0 };
            chunk.before = 0.0;
            chunk.height += above + below;
            let pieces = std::mem::take(&mut chunk.pieces);
            chunk.pieces = pieces.into_iter().map(|p| p.moved(0.0, above)).collect();
        }
        let height: f32 = inside.iter().map(|c| c.height).sum();
        let room = Sheet::Upright.body().h;
        if height < room * WHOLE_NOTE && inside.iter().all(|c| c.head.is_none()) {
            inside = vec![joined(inside)];
        }
        for (n, mut chunk) in inside.into_iter().enumerate() {
            let whole = Rect {
                x: column.x,
                y: 0.0,
                w: column.w,
                h: chunk.height,
            };
            let bar = Rect { w: 3.0, ..whole };
            chunk
                .pieces
                .splice(0..0, [area(whole, Some(WASH), None), area(bar, Some(ACT), None)]);
            if n == 0 {
                chunk.before = before;
            }
            self.add(chunk);
        }
        self.after = 9.0;
    }

    /// A picture, on a sheet of its own where A4 would make it too small to read.
    fn figure(&mut self, number: usize, caption: &[Inline], (svg, alternative): (&str, &[Block]), column: Column) {
        let Some(drawing) = Drawing::read(svg) else {
            // Not a picture that this reader knows: what it says stands in words.
            self.caption("Figure", number, caption, column);
            return self.blocks(alternative, column);
        };
        let mut words = plain(caption);
        tell(alternative, &mut words);
        let words: String = named(&words, "Figure").chars().take(ALTERNATIVE).collect();
        let under = self.tree.branch(column.under, Tag::Figure(Some(words)));
        let leaf = self.tree.leaf(under);
        let sheet = if drawing.column || drawing.width <= WIDE {
            Sheet::Upright
        } else {
            Sheet::Wide
        };
        let (w, room) = match sheet {
            Sheet::Upright => (column.w, sheet.body().h * 0.8),
            Sheet::Wide => (sheet.body().w, sheet.body().h - CAPTION_LEAD - 8.0),
        };
        let scale = (w / drawing.width).min(room / drawing.height).min(1.0);
        let x = match sheet {
            Sheet::Upright => column.x,
            Sheet::Wide => (w - drawing.width * scale) / 2.0,
        };
        let mut chunk = Chunk::new(10.0, drawing.height * scale);
        chunk.sheet = sheet;
        chunk.keep = true;
        chunk.pieces.push(Piece::Drawing {
            x,
            y: 0.0,
            scale,
            drawing: Rc::new(drawing),
            leaf,
        });
        self.add(chunk);
        let from = self.chunks.len();
        self.caption("Figure", number, caption, Column { x, w, under });
        for chunk in &mut self.chunks[from..] {
            chunk.sheet = sheet;
            chunk.keep = false;
        }
        self.after = 10.0;
    }

    /// What a table or a figure shows, with its number in the count of its kind.
    fn caption(&mut self, kind: &str, number: usize, text: &[Inline], column: Column) {
        let under = self.tree.branch(column.under, Tag::Caption);
        let mut words = Words::default();
        if number > 0 {
            words.push(&format!("{kind}\u{a0}{number}. "), CAPTION, false);
        }
        words.inlines(text, CAPTION, &mut self.goals);
        let measure = Measure {
            before: if kind == "Figure" { 6.0 } else { 11.0 },
            lead: CAPTION_LEAD,
            keep: true,
        };
        self.lines(&words, CAPTION.size, Column { under, ..column }, measure);
    }
}

/// Several chunks as one.
fn joined(chunks: Vec<Chunk>) -> Chunk {
    let mut whole = Chunk::new(0.0, 0.0);
    for chunk in chunks {
        let y = whole.height + chunk.before;
        whole.breaks |= chunk.breaks;
        whole.pieces.extend(chunk.pieces.into_iter().map(|p| p.moved(0.0, y)));
        whole.height = y + chunk.height;
    }
    whole
}

/// What blocks say, for whoever does not see the picture.
fn tell(blocks: &[Block], out: &mut String) {
    for block in blocks {
        match block {
            Block::Paragraph(run) => {
                out.push(' ');
                out.push_str(&plain(run));
            }
            Block::List { items, .. } => items.iter().for_each(|item| tell(item, out)),
            Block::Note(blocks) => tell(blocks, out),
            _ => {}
        }
    }
}
