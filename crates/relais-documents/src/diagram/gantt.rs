//! A timeline: the works one under the other, months on top, what waits on what
//! as arrows. What is done, late or still open is told by pattern and in a word,
//! so that it is read in black and white too.

use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use relais_mechanism::Lang;

use super::fitted::fit;
use super::layout::{LINE, MARGIN, Point, Rect, SMALL, WIDTH, int, width};
use super::svg::{self, INK, PAPER, Sheet, line, rectangle, stroke, text};
use super::{cell, data, nothing};
use crate::model::{Block, Inline};
use crate::setting;
use crate::words::say;

/// A piece of work between two days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What is done in it.
    pub label: String,
    /// Its first day.
    pub from: NaiveDate,
    /// Its last day.
    pub until: NaiveDate,
    /// Whether it is done.
    pub done: bool,
    /// Whether it should have been done by now.
    pub late: bool,
    /// Which bars come before it, by their place in the list.
    pub after: Vec<usize>,
}

/// Width of a label.
const LABEL: i32 = 302;
/// Where the word of a bar's state begins.
const STATE: i32 = MARGIN + LABEL + 6;
/// Where the field of the bars begins and ends.
const LEFT: i32 = STATE + 58;
const RIGHT: i32 = WIDTH - MARGIN;
/// Before the first day and after the last: an arrow turns there.
const TURN: i32 = 14;
/// Days are spread over this.
const ROOM: i32 = RIGHT - LEFT - 2 * TURN;
/// The rows of the years and months, and where the bars begin.
const YEARS: i32 = 46;
const MONTHS: i32 = 59;
const TOP: i32 = 66;
/// From how many bars on a label has one line only, so that they stand on one sheet.
const MANY: usize = 30;
/// The least width of a month's name.
const NAME: i32 = 34;
/// The greys of the rows, of the months' lines and of what is done.
const ROW: &str = "#f3f3f3";
const GRID: &str = "#c9c9c9";
const DONE: &str = "#8c8c8c";

/// What is to be said of a bar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Done,
    Late,
    Open,
    Later,
}

impl State {
    fn of(bar: &Bar, on: NaiveDate) -> Self {
        if bar.done {
            Self::Done
        } else if bar.late {
            Self::Late
        } else if on < bar.from {
            Self::Later
        } else {
            Self::Open
        }
    }

    const fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Done => say(lang, "fait", "done"),
            Self::Late => say(lang, "en retard", "late"),
            Self::Open => say(lang, "en cours", "under way"),
            Self::Later => say(lang, "à venir", "to come"),
        }
    }
}

/// The days on their scale: whole months.
struct Scale {
    start: NaiveDate,
    end: NaiveDate,
}

impl Scale {
    fn of(bars: &[Bar], on: NaiveDate) -> Self {
        let first = bars.iter().map(|b| b.from).min().unwrap_or(on);
        let last = bars.iter().map(|b| b.until.max(b.from)).max().unwrap_or(on);
        Self {
            start: month(first),
            end: next(month(last), 1),
        }
    }

    fn x(&self, day: NaiveDate) -> i32 {
        let days = self.end.signed_duration_since(self.start).num_days().max(1);
        let past = day.signed_duration_since(self.start).num_days().clamp(0, days);
        LEFT + TURN + i32::try_from(past * i64::from(ROOM) / days).unwrap_or(ROOM)
    }

    /// How many months one name stands for.
    fn step(&self) -> u32 {
        let months = (self.end.year() - self.start.year()) * 12 + int(self.end.month0() as usize)
            - int(self.start.month0() as usize);
        let fits = |step: &&u32| i32::try_from(**step).unwrap_or(0) * ROOM / months.max(1) >= NAME;
        [1, 2, 3, 6, 12, 60].iter().find(fits).copied().unwrap_or(600)
    }

    /// The first days of the months, or of each `step` of them counted from a January.
    fn firsts(&self, step: u32) -> Vec<NaiveDate> {
        let past = self.start.year().rem_euclid(50).unsigned_abs() * 12 + self.start.month0();
        let mut day = next(self.start, (step - past % step) % step);
        let mut firsts = Vec::new();
        while day < self.end {
            firsts.push(day);
            let after = next(day, step);
            if after <= day {
                break;
            }
            day = after;
        }
        firsts
    }
}

/// The first day of the month.
fn month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn next(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

/// The timeline as it stands on a day.
#[must_use]
pub fn svg(bars: &[Bar], on: NaiveDate, lang: Lang) -> String {
    let scale = Scale::of(bars, on);
    let most = if bars.len() > MANY { 1 } else { 2 };
    let labels: Vec<Vec<String>> = bars
        .iter()
        .enumerate()
        .map(|(n, b)| fit(&setting::set(&numbered(n, b), lang), LABEL, most, SMALL, false))
        .collect();
    let lines = labels.iter().map(Vec::len).max().unwrap_or(1);
    let high = int(lines) * LINE + if most == 1 { 1 } else { 6 };
    let bottom = TOP + int(bars.len()) * high;
    let size = (WIDTH, bottom + 46);
    let mut out = String::with_capacity(40_000);
    let title = title(on, lang);
    let sheet = Sheet {
        size,
        column: false,
        title: &title,
        told: &told(bars, on, lang),
    };
    svg::open(&mut out, &sheet, lang);
    let places: Vec<Rect> = bars
        .iter()
        .enumerate()
        .map(|(n, b)| place(&scale, b, n, high))
        .collect();
    rows(&mut out, bars, &labels, on, high, lang);
    months(&mut out, &scale, bottom, lang);
    for (n, bar) in bars.iter().enumerate() {
        for before in bar.after.iter().filter(|b| **b < bars.len() && **b != n) {
            line(&mut out, &corners(places[*before], places[n], high));
        }
    }
    for (bar, rect) in bars.iter().zip(&places) {
        drawn(&mut out, *rect, State::of(bar, on));
    }
    today(&mut out, &scale, on, bottom, lang);
    key(&mut out, bottom + 32, lang);
    out.push_str("</svg>\n");
    out
}

/// The timeline as a figure of a document, and the same as a table.
#[must_use]
pub fn figure(bars: &[Bar], on: NaiveDate, lang: Lang) -> Vec<Block> {
    if bars.is_empty() {
        return nothing(lang);
    }
    let rows = bars
        .iter()
        .enumerate()
        .map(|(n, bar)| {
            let after: Vec<String> = bar.after.iter().map(|b| (b + 1).to_string()).collect();
            vec![
                cell((n + 1).to_string()),
                cell(bar.label.as_str()),
                cell(day(bar.from)),
                cell(day(bar.until)),
                cell(State::of(bar, on).word(lang)),
                cell(if after.is_empty() {
                    "–".to_owned()
                } else {
                    after.join(", ")
                }),
            ]
        })
        .collect();
    let head = [
        ("N°", "No."),
        ("Travail", "Work"),
        ("Début", "Start"),
        ("Fin", "End"),
        ("État", "State"),
        ("Après", "After"),
    ];
    vec![Block::Figure {
        number: 0,
        caption: vec![Inline::Text(title(on, lang))],
        svg: svg(bars, on, lang),
        alternative: vec![data(&head, &[7, 41, 14, 14, 13, 11], rows, lang)],
    }]
}

fn numbered(n: usize, bar: &Bar) -> String {
    format!("{}.\u{a0}{}", n + 1, bar.label)
}

fn day(day: NaiveDate) -> String {
    format!("{:02}/{:02}/{}", day.day(), day.month(), day.year())
}

fn title(on: NaiveDate, lang: Lang) -> String {
    format!("{} {}", say(lang, "Chronogramme au", "Timeline on"), day(on))
}

/// How the work stands, in a sentence.
fn told(bars: &[Bar], on: NaiveDate, lang: Lang) -> String {
    let states = [State::Done, State::Open, State::Late, State::Later];
    let counts: Vec<String> = states
        .iter()
        .map(|s| {
            let n = bars.iter().filter(|b| State::of(b, on) == *s).count();
            format!("{} {n}", s.word(lang))
        })
        .collect();
    let works = say(lang, "Travaux", "Works");
    setting::set(
        &format!(
            "{works}{} {} ({}).",
            say(lang, " :", ":"),
            bars.len(),
            counts.join(", ")
        ),
        lang,
    )
}

/// Where a bar stands.
fn place(scale: &Scale, bar: &Bar, n: usize, high: i32) -> Rect {
    let until = bar.until.max(bar.from);
    let x = scale.x(bar.from);
    let end = scale.x(until.checked_add_signed(TimeDelta::days(1)).unwrap_or(until));
    let h = (high - 5).min(12);
    Rect {
        x,
        y: TOP + int(n) * high + (high - h) / 2,
        w: (end - x).max(3),
        h,
    }
}

/// The corners of the arrow from one bar to a bar that comes after it: straight
/// into its upper or lower edge near its beginning or, where it begins before the
/// other ends, around it to its beginning.
fn corners(from: Rect, to: Rect, high: i32) -> Vec<Point> {
    let (y, down) = (from.middle().1, to.y > from.y);
    let turn = to.x + to.w.min(8) / 2;
    if turn >= from.right() + 3 {
        let end = if down { to.y } else { to.bottom() };
        return vec![(from.right(), y), (turn, y), (turn, end)];
    }
    let (out, into, middle) = (from.right() + 5, to.x - 9, to.middle().1);
    // Between the row and its neighbour on the side from which the arrow comes.
    let between = if down { middle - high / 2 } else { middle + high / 2 };
    vec![
        (from.right(), y),
        (out, y),
        (out, between),
        (into, between),
        (into, middle),
        (to.x, middle),
    ]
}

/// The rows with their labels and states.
fn rows(out: &mut String, bars: &[Bar], labels: &[Vec<String>], on: NaiveDate, high: i32, lang: Lang) {
    for (n, (bar, label)) in bars.iter().zip(labels).enumerate() {
        let y = TOP + int(n) * high;
        if n % 2 == 0 {
            let row = Rect {
                x: MARGIN,
                y,
                w: RIGHT - MARGIN,
                h: high,
            };
            rectangle(out, row, ROW, "");
        }
        let first = y + (high - int(label.len()) * LINE) / 2 + 8;
        for (k, words) in label.iter().enumerate() {
            text(out, (MARGIN + 2, first + int(k) * LINE), SMALL, false, words);
        }
        let state = State::of(bar, on);
        let middle = y + (high - LINE) / 2 + 8;
        text(out, (STATE, middle), SMALL, state == State::Late, state.word(lang));
    }
}

/// The names of the months and years, and their lines.
fn months(out: &mut String, scale: &Scale, bottom: i32, lang: Lang) {
    let step = scale.step();
    for first in scale.firsts(step) {
        upright(out, scale.x(first), MONTHS - 9, bottom, GRID);
    }
    upright(out, scale.x(scale.end), MONTHS - 9, bottom, GRID);
    let mut free = LEFT;
    let named = |out: &mut String, free: &mut i32, (x, y): Point, bold: bool, words: &str| {
        let end = x + 3 + width(words, SMALL, bold);
        if x + 3 >= *free && end <= RIGHT {
            text(out, (x + 3, y), SMALL, bold, words);
            *free = end + 4;
        }
    };
    if step < 12 {
        for first in scale.firsts(step) {
            let name = MONTH_NAMES[first.month0() as usize % 12];
            let name = say(lang, name.0, name.1);
            named(out, &mut free, (scale.x(first), MONTHS), false, name);
        }
    }
    let years = scale.firsts(step.max(12));
    let begun = Some(scale.start).filter(|s| years.first() != Some(s));
    free = LEFT;
    for first in begun.into_iter().chain(years) {
        let year = first.year().to_string();
        named(out, &mut free, (scale.x(first), YEARS), true, &year);
    }
}

const MONTH_NAMES: [(&str, &str); 12] = [
    ("janv.", "Jan"),
    ("févr.", "Feb"),
    ("mars", "Mar"),
    ("avr.", "Apr"),
    ("mai", "May"),
    ("juin", "Jun"),
    ("juil.", "Jul"),
    ("août", "Aug"),
    ("sept.", "Sep"),
    ("oct.", "Oct"),
    ("nov.", "Nov"),
    ("déc.", "Dec"),
];

fn upright(out: &mut String, x: i32, top: i32, bottom: i32, colour: &str) {
    stroke(out, &[(x, top), (x, bottom)], colour, "stroke-width=\"0.6\"");
}

/// A bar: full when done, hatched and with a thick edge when late, empty else.
fn drawn(out: &mut String, rect: Rect, state: State) {
    let (fill, edge) = match state {
        State::Done => (DONE, "1.1"),
        State::Late => (PAPER, "1.8"),
        State::Open | State::Later => (PAPER, "1.1"),
    };
    rectangle(out, rect, fill, &format!(" stroke=\"{INK}\" stroke-width=\"{edge}\""));
    if state != State::Late {
        return;
    }
    // Slanting lines, cut where the bar ends, as one line that turns on its edges: a pattern would need a name.
    let mut corners = Vec::new();
    let mut at = 4 - rect.h;
    while at < rect.w {
        let (low, high) = ((-at).max(0), rect.h.min(rect.w - at));
        let (x, y) = (rect.x + at, rect.bottom());
        let (below, above) = ((x + low, y - low), (x + high, y - high));
        corners.extend(if corners.len() % 4 == 0 {
            [below, above]
        } else {
            [above, below]
        });
        at += 4;
    }
    stroke(out, &corners, INK, "stroke-width=\"1\"");
}

/// The line of the day, with its date under it.
fn today(out: &mut String, scale: &Scale, on: NaiveDate, bottom: i32, lang: Lang) {
    if on < scale.start || on >= scale.end {
        return;
    }
    let x = scale.x(on);
    let look = "stroke-width=\"1.6\" stroke-dasharray=\"6 3\"";
    stroke(out, &[(x, TOP - 2), (x, bottom + 5)], INK, look);
    let words = setting::set(&format!("{}{}", say(lang, "Ce jour : ", "This day: "), day(on)), lang);
    let wide = width(&words, SMALL, true);
    let x = (x - wide / 2).clamp(LEFT, RIGHT - wide);
    text(out, (x, bottom + 15), SMALL, true, &words);
}

/// What the patterns mean.
fn key(out: &mut String, y: i32, lang: Lang) {
    let mut x = MARGIN;
    let sample = |x: i32| Rect {
        x,
        y: y - 8,
        w: 26,
        h: 9,
    };
    let open = say(lang, "en cours ou à venir", "under way or to come");
    for (state, words) in [
        (State::Done, State::Done.word(lang)),
        (State::Late, State::Late.word(lang)),
        (State::Open, open),
    ] {
        drawn(out, sample(x), state);
        text(out, (x + 32, y), SMALL, false, words);
        x += 32 + width(words, SMALL, false) + 18;
    }
    line(out, &[(x, y - 4), (x + 26, y - 4)]);
    let words = say(lang, "commence quand l’autre finit", "begins when the other ends");
    text(out, (x + 32, y), SMALL, false, words);
}
