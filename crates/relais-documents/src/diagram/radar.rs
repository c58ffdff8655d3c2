//! Levels from 0 to 4 on spokes, now and before. The spokes carry numbers and a
//! list under the wheel says what they are, so that no words meet; the two dates
//! differ by their line and their marks.

use std::f64::consts::PI;

use relais_mechanism::Lang;

use super::fitted::fit;
use super::layout::{LINE, MARGIN, SMALL, int, width};
use super::svg::{self, INK, PAPER, Sheet, put, stroke, text};
use super::{COLUMN, cell, data, nothing};
use crate::model::{Block, Inline};
use crate::setting;
use crate::words::say;

/// A criterion with its level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// The criterion.
    pub label: String,
    /// Its level, from 0 to 4.
    pub now: u8,
    /// Its level at the assessment before, if there was one.
    pub before: Option<u8>,
}

impl Axis {
    /// From which level to which, or the only one.
    fn levels(&self) -> String {
        let now = self.now.min(MOST);
        self.before
            .map_or(now.to_string(), |before| format!("{} → {now}", before.min(MOST)))
    }
}

/// The highest level.
const MOST: u8 = 4;
/// Where the wheel begins: under the title and the key.
const TOP: i32 = 52;
/// The least radius of the wheel, and the greatest that the column holds.
const RADIUS: i32 = 130;
const WIDEST: i32 = COLUMN / 2 - 30;
/// From the rim to the numbers.
const OUT: i32 = 13;
/// Between the two columns of the list.
const BETWEEN: i32 = 16;
/// Room for the levels at the end of an entry.
const LEVELS: i32 = 38;
/// Up to how many spokes the rings have their numbers: then a number between two
/// spokes is clear of the marks on them.
const NUMBERED: usize = 14;
const GRID: &str = "#b5b5b5";

/// A wheel: its middle and how many spokes it has.
struct Wheel {
    x: f64,
    y: f64,
    radius: f64,
    spokes: usize,
    bottom: i32,
}

impl Wheel {
    fn of(spokes: usize) -> Self {
        // Room for a number beside the next one all around.
        let radius = (int(spokes) * 5 / 2).clamp(RADIUS, WIDEST);
        Self {
            x: f64::from(COLUMN) / 2.0,
            y: f64::from(TOP + radius + 2 * OUT),
            radius: f64::from(radius),
            spokes,
            bottom: TOP + 2 * (radius + 2 * OUT),
        }
    }

    /// The direction of a spoke; the first points up.
    fn turn(&self, spoke: usize) -> f64 {
        2.0 * PI * f64::from(int(spoke)) / f64::from(int(self.spokes.max(1)))
    }

    fn at(&self, turn: f64, from_middle: f64) -> (f64, f64) {
        (self.x + from_middle * turn.sin(), self.y - from_middle * turn.cos())
    }

    fn level(&self, spoke: usize, level: u8) -> (f64, f64) {
        let share = f64::from(level.min(MOST)) / f64::from(MOST);
        self.at(self.turn(spoke), self.radius * share)
    }
}

/// The wheel with its list.
#[must_use]
pub fn svg(axes: &[Axis], lang: Lang) -> String {
    let wheel = Wheel::of(axes.len());
    let room = (COLUMN - 2 * MARGIN - BETWEEN) / 2;
    let label = |n: usize, axis: &Axis| setting::set(&format!("{}.\u{a0}{}", n + 1, axis.label), lang);
    let most = if axes.len() > 30 { 1 } else { 3 };
    let list: Vec<Vec<String>> = axes
        .iter()
        .enumerate()
        .map(|(n, a)| fit(&label(n, a), room - LEVELS, most, SMALL, false))
        .collect();
    // The list in two columns: the first half, then the second.
    let half = list.len().div_ceil(2);
    let high = |lines: &[Vec<String>]| lines.iter().map(|l| int(l.len()) * LINE + 3).sum::<i32>();
    let (left, right) = list.split_at(half);
    let height = wheel.bottom + high(left).max(high(right)) + MARGIN;
    let mut out = String::with_capacity(16_000);
    let title = title(lang);
    let sheet = Sheet {
        size: (COLUMN, height),
        column: true,
        title,
        told: &told(axes, lang),
    };
    svg::open(&mut out, &sheet, lang);
    let before = axes.iter().any(|a| a.before.is_some());
    key(&mut out, before, lang);
    grid(&mut out, &wheel);
    if before {
        let line: Vec<Option<u8>> = axes.iter().map(|a| a.before).collect();
        values(&mut out, &wheel, &line, BEFORE_LINE, hollow);
    }
    let line: Vec<Option<u8>> = axes.iter().map(|a| Some(a.now)).collect();
    values(&mut out, &wheel, &line, NOW_LINE, full);
    if wheel.spokes <= NUMBERED {
        rings(&mut out, &wheel);
    }
    for (column, entries) in [left, right].into_iter().enumerate() {
        let x = MARGIN + int(column) * (room + BETWEEN);
        let mut y = wheel.bottom + 8;
        for (entry, axis) in entries.iter().zip(&axes[column * half..]) {
            let levels = axis.levels();
            let end = x + room - width(&levels, SMALL, true);
            text(&mut out, (end, y), SMALL, true, &levels);
            for words in entry {
                text(&mut out, (x, y), SMALL, false, words);
                y += LINE;
            }
            y += 3;
        }
    }
    out.push_str("</svg>\n");
    out
}

/// The wheel as a figure of a document, and the same as a table.
#[must_use]
pub fn figure(axes: &[Axis], lang: Lang) -> Vec<Block> {
    if axes.is_empty() {
        return nothing(lang);
    }
    let rows = axes
        .iter()
        .enumerate()
        .map(|(n, a)| {
            vec![
                cell((n + 1).to_string()),
                cell(a.label.as_str()),
                cell(a.now.min(MOST).to_string()),
                cell(a.before.map_or("–".to_owned(), |b| b.min(MOST).to_string())),
            ]
        })
        .collect();
    let head = [("N°", "No."), ("Critère", "Criterion"), NOW, BEFORE];
    vec![Block::Figure {
        number: 0,
        caption: vec![Inline::text(title(lang))],
        svg: svg(axes, lang),
        alternative: vec![data(&head, &[8, 52, 20, 20], rows, lang)],
    }]
}

const NOW: (&str, &str) = ("Évaluation la plus récente", "Latest assessment");
const BEFORE: (&str, &str) = ("Évaluation précédente", "Previous assessment");

const NOW_LINE: &str = "stroke-width=\"2\"";
const BEFORE_LINE: &str = "stroke-width=\"1.2\" stroke-dasharray=\"5 3\"";

const fn title(lang: Lang) -> &'static str {
    say(lang, "Niveau par critère, de 0 à 4", "Level by criterion, from 0 to 4")
}

/// A criterion with its levels, in words.
fn listed(n: usize, axis: &Axis, lang: Lang) -> String {
    let before = axis.before.map_or(String::new(), |b| {
        format!(" ({} {})", say(lang, "avant :", "before:"), b.min(MOST))
    });
    let sign = say(lang, " :", ":");
    format!("{}.\u{a0}{}{sign} {}{before}", n + 1, axis.label, axis.now.min(MOST))
}

fn told(axes: &[Axis], lang: Lang) -> String {
    let each: Vec<String> = axes.iter().enumerate().map(|(n, a)| listed(n, a, lang)).collect();
    setting::set(&format!("{}.", each.join(say(lang, " ; ", "; "))), lang)
}

/// What the two lines mean.
fn key(out: &mut String, before: bool, lang: Lang) {
    let y = TOP - 8;
    let mut x = MARGIN;
    type Mark = fn(&mut String, (f64, f64));
    let marks: [(_, _, Mark); 2] = [(NOW, NOW_LINE, full), (BEFORE, BEFORE_LINE, hollow)];
    for ((fr, en), look, mark) in marks.into_iter().take(if before { 2 } else { 1 }) {
        let (words, middle) = (say(lang, fr, en), y - 3);
        stroke(out, &[(x, middle), (x + 36, middle)], INK, look);
        mark(out, (f64::from(x + 18), f64::from(middle)));
        text(out, (x + 42, y), SMALL, false, words);
        x += 42 + width(words, SMALL, false) + 20;
    }
    let scale = say(lang, "Au centre 0, au bord 4", "0 in the middle, 4 at the rim");
    text(out, (x, y), SMALL, false, scale);
}

/// The rings, the spokes and their numbers.
fn grid(out: &mut String, wheel: &Wheel) {
    for level in 1..=MOST {
        let ring = wheel.radius * f64::from(level) / f64::from(MOST);
        // With two spokes or one there is no web between them, and the ring is nearly round.
        let corners = if wheel.spokes < 3 { 24 } else { wheel.spokes };
        let turn = |n: usize| 2.0 * PI * f64::from(int(n)) / f64::from(int(corners));
        let points: Vec<(f64, f64)> = (0..corners).map(|n| wheel.at(turn(n), ring)).collect();
        outline(out, &points, true, &format!("stroke=\"{GRID}\" stroke-width=\"0.8\""));
    }
    for spoke in 0..wheel.spokes {
        let (x, y) = wheel.level(spoke, MOST);
        let spoke_line = [(wheel.x, wheel.y), (x, y)];
        outline(
            out,
            &spoke_line,
            false,
            &format!("stroke=\"{GRID}\" stroke-width=\"0.8\""),
        );
        let (x, y) = wheel.at(wheel.turn(spoke), wheel.radius + f64::from(OUT));
        put(
            out,
            format_args!(
                "<text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"{SMALL}\" font-weight=\"700\" fill=\"{INK}\" \
                 text-anchor=\"middle\">{}</text>\n",
                y + 3.0,
                spoke + 1
            ),
        );
    }
}

/// The numbers of the rings, between the last spoke and the first, over what is
/// drawn there.
fn rings(out: &mut String, wheel: &Wheel) {
    let turn = -(PI / f64::from(int(wheel.spokes.max(1)))).min(PI / 12.0);
    for level in 1..=MOST {
        let (x, y) = wheel.at(turn, wheel.radius * f64::from(level) / f64::from(MOST));
        put(
            out,
            format_args!(
                "<text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"8\" fill=\"{INK}\" stroke=\"{PAPER}\" stroke-width=\"2.5\" \
                 paint-order=\"stroke\" text-anchor=\"middle\">{level}</text>\n",
                y + 3.0
            ),
        );
    }
}

/// The line through the levels; a spoke without one breaks it.
fn values(out: &mut String, wheel: &Wheel, levels: &[Option<u8>], look: &str, mark: fn(&mut String, (f64, f64))) {
    let look = format!("stroke=\"{INK}\" {look}");
    let mut points: Vec<Option<(f64, f64)>> = levels
        .iter()
        .enumerate()
        .map(|(spoke, level)| level.map(|l| wheel.level(spoke, l)))
        .collect();
    let whole = points.iter().all(Option::is_some);
    // Where it is broken, the last spoke still joins the first.
    if !whole {
        points.extend(points.first().copied());
    }
    for piece in points.split(Option::is_none).filter(|p| p.len() > 1) {
        let piece: Vec<(f64, f64)> = piece.iter().copied().flatten().collect();
        outline(out, &piece, whole, &look);
    }
    for (spoke, level) in levels.iter().enumerate() {
        if let Some(level) = level {
            mark(out, wheel.level(spoke, *level));
        }
    }
}

/// A line through points, or around them.
fn outline(out: &mut String, points: &[(f64, f64)], closed: bool, look: &str) {
    let tag = if closed { "polygon" } else { "polyline" };
    let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    put(
        out,
        format_args!("<{tag} points=\"{}\" fill=\"none\" {look}/>\n", points.join(" ")),
    );
}

fn full(out: &mut String, (x, y): (f64, f64)) {
    let (near, far) = (x - 4.0, x + 4.0);
    put(
        out,
        format_args!(
            "<polygon points=\"{near:.1},{y:.1} {x:.1},{:.1} {far:.1},{y:.1} {x:.1},{:.1}\" fill=\"{INK}\"/>\n",
            y - 4.0,
            y + 4.0
        ),
    );
}

fn hollow(out: &mut String, (x, y): (f64, f64)) {
    put(
        out,
        format_args!(
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"7\" height=\"7\" fill=\"{PAPER}\" stroke=\"{INK}\" \
             stroke-width=\"1.1\"/>\n",
            x - 3.5,
            y - 3.5
        ),
    );
}
