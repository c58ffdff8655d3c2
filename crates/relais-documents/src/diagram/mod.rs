//! Diagrams. From the mechanism: the pathway of a referral as lanes by who must
//! act, drawn as SVG or written as BPMN 2.0; its states; who coordinates. From
//! what is given: a timeline, levels on a wheel, bars. Each is a figure that says
//! the same in a list or a table.
//!
//! ```text
//! Mechanism ── flow ──> Flow (steps, links, notes) ── layout ──> svg, bpmn
//! ```
//!
//! Where a step stands is set in `pathway`; what it says, what is due in it and
//! which links there are come from the mechanism. An edge that the drawing has no
//! room for is told in words under it: none is left out.

pub mod bars;
mod bpmn;
mod fitted;
pub mod gantt;
mod layout;
pub mod organisation_chart;
mod pathway;
pub mod radar;
pub mod states;
mod svg;
#[cfg(test)]
mod tests;

use relais_mechanism::{DueKind, Lang, Mechanism, Priority, Span};

use crate::model::{Block, Cell, Inline, Row, Table};
use crate::words::say;

pub use pathway::flow;

/// The pathway, ready to be drawn. Its words are already set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// What it shows.
    pub title: String,
    /// The lanes, from the top.
    pub lanes: Vec<Lane>,
    /// The steps; the first is where the pathway begins.
    pub steps: Vec<Step>,
    /// The links between them.
    pub links: Vec<Link>,
    /// What stands in words under the drawing.
    pub notes: Vec<String>,
}

/// A lane: what one side does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Code, such as "provider".
    pub code: String,
    /// Title.
    pub title: String,
    /// How many rows of steps it has.
    pub rows: usize,
}

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The need, which somebody always holds.
    Need,
    /// A state of the referral that waits on somebody.
    State,
    /// The referral has ended, the need has not.
    Ended,
    /// A step of the ladder of reminders.
    Ladder,
    /// The pathway ends.
    End,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Code, such as "sent"; letters, digits and `_`.
    pub code: String,
    /// What it is.
    pub kind: Kind,
    /// Its lane, from 0.
    pub lane: usize,
    /// Its row in the whole drawing, from 0.
    pub row: usize,
    /// Its column, from 0.
    pub column: usize,
    /// Its name.
    pub title: String,
    /// What its box says under the name.
    pub lines: Vec<String>,
    /// What falls due in it.
    pub due: Option<DueKind>,
    /// Within which time, for each priority that has such a limit.
    pub limits: Vec<(Priority, Span)>,
    /// The same as a sentence, for whoever does not see the drawing.
    pub told: String,
}

/// A side of a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Above.
    Top,
    /// After.
    Right,
    /// Below.
    Bottom,
    /// Before.
    Left,
}

/// Where a link touches a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port {
    /// The side.
    pub side: Side,
    /// How far along the side, in percent.
    pub at: i32,
}

/// A link from one step to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Index of the step that it leaves.
    pub from: usize,
    /// Index of the step that it reaches.
    pub to: usize,
    /// Code of the command; empty where no command moves the referral.
    pub command: String,
    /// What it says; may be empty.
    pub label: String,
    /// Where it leaves.
    pub leaves: Port,
    /// Where it arrives.
    pub arrives: Port,
}

/// The drawing, as an SVG that stands alone, for a wall of A3 across.
#[must_use]
pub fn svg(flow: &Flow, lang: Lang) -> String {
    svg::draw(flow, lang)
}

/// The pathway as BPMN 2.0 with its drawing, for tools of process models.
#[must_use]
pub fn bpmn(flow: &Flow, lang: Lang) -> String {
    bpmn::write(flow, lang)
}

/// Width of a drawing that stands in the column of the text, in points.
const COLUMN: i32 = 520;

/// A cell of plain words.
fn cell(text: impl Into<String>) -> Cell {
    vec![Inline::text(text)]
}

/// The table beside a drawing: what it holds, in words. Heads in both languages.
fn data(head: &[(&str, &str)], widths: &[u8], rows: Vec<Vec<Cell>>, lang: Lang) -> Block {
    Block::Table(Table {
        number: 0,
        caption: Vec::new(),
        widths: widths.to_vec(),
        head: head.iter().map(|(fr, en)| cell(say(lang, fr, en))).collect(),
        rows: rows.into_iter().map(Row::Cells).collect(),
    })
}

/// What stands where a drawing would have nothing to show.
fn nothing(lang: Lang) -> Vec<Block> {
    let words = say(lang, "Rien n’est encore inscrit.", "Nothing is entered yet.");
    vec![Block::Paragraph(vec![Inline::text(words)])]
}

/// The pathway as a figure of a document.
pub(crate) fn figure(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let flow = flow(m, lang);
    let items = (0..flow.steps.len()).map(|n| in_words(&flow, n, lang)).collect();
    let mut alternative = vec![Block::List { ordered: true, items }];
    alternative.extend(
        flow.notes
            .iter()
            .map(|n| Block::Paragraph(vec![Inline::text(n.as_str())])),
    );
    vec![Block::Figure {
        number: 0,
        caption: vec![Inline::text(flow.title.as_str())],
        svg: svg(&flow, lang),
        alternative,
    }]
}

/// A step in words: what it is, whose, what is due, and where it leads.
fn in_words(flow: &Flow, n: usize, lang: Lang) -> Vec<Block> {
    let step = &flow.steps[n];
    let lane = flow.lanes.get(step.lane).map_or("", |l| l.title.as_str());
    let mut text = format!(" ({lane})");
    if !step.told.is_empty() {
        text.push_str(say(lang, " : ", ": "));
        text.push_str(&step.told);
    }
    text.push('.');
    let leads: Vec<String> = flow
        .links
        .iter()
        .filter(|l| l.from == n)
        .map(|l| {
            let to = &flow.steps[l.to].title;
            if l.label.is_empty() {
                format!("→ {to}")
            } else {
                format!("{} → {to}", l.label)
            }
        })
        .collect();
    if !leads.is_empty() {
        text.push_str(say(lang, " Issues : ", " Ways out: "));
        text.push_str(&leads.join(say(lang, " ; ", "; ")));
        text.push('.');
    }
    vec![Block::Paragraph(vec![
        Inline::Strong(vec![Inline::text(step.title.as_str())]),
        Inline::Text(text),
    ])]
}
