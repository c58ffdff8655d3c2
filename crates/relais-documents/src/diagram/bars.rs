//! Values beside each other, each on a track that ends at the most it can be.

use relais_mechanism::Lang;

use super::fitted::fit;
use super::layout::{LINE, MARGIN, Rect, SMALL, int};
use super::svg::{self, INK, PAPER, Sheet, put, rectangle, text};
use super::{COLUMN, cell, data, nothing};
use crate::model::{Block, Inline};
use crate::setting;
use crate::words::say;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What is counted.
    pub label: String,
    /// Its value.
    pub value: f64,
    /// The most that it can be: where the track ends.
    pub most: f64,
    /// The value in words, such as "12 of 40".
    pub says: String,
}

impl Bar {
    /// Its share of the track, from 0 to 1; what is no number has none.
    fn share(&self) -> f64 {
        let share = self.value / self.most;
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// Width of a label, of a track and of the words after it.
const LABEL: i32 = 196;
const TRACK: i32 = 190;
const SAYS: i32 = 98;
const TOP: i32 = 36;
/// Height of a track.
const HIGH: i32 = 9;
/// From how many bars on words have one line only.
const MANY: usize = 30;
const FILLED: &str = "#6b6b6b";

/// The bars.
#[must_use]
pub fn svg(bars: &[Bar], lang: Lang) -> String {
    let most = if bars.len() > MANY { 1 } else { 3 };
    let fitted = |words: &str, room: i32| fit(&setting::set(words, lang), room, most, SMALL, false);
    let rows: Vec<(Vec<String>, Vec<String>)> = bars
        .iter()
        .map(|b| (fitted(&b.label, LABEL), fitted(&b.says, SAYS)))
        .collect();
    let high = |(label, says): &(Vec<String>, Vec<String>)| int(label.len().max(says.len()).max(1)) * LINE + 5;
    let height = TOP + rows.iter().map(high).sum::<i32>() + MARGIN;
    let mut out = String::with_capacity(10_000);
    let title = title(lang);
    let sheet = Sheet {
        size: (COLUMN, height),
        column: true,
        title,
        told: &told(bars, lang),
    };
    svg::open(&mut out, &sheet, lang);
    let mut y = TOP;
    for (bar, row) in bars.iter().zip(&rows) {
        let h = high(row);
        let first = |lines: usize| y + (h - int(lines) * LINE) / 2 + 8;
        for (k, words) in row.0.iter().enumerate() {
            let at = (MARGIN, first(row.0.len()) + int(k) * LINE);
            text(&mut out, at, SMALL, false, words);
        }
        let track = Rect {
            x: MARGIN + LABEL + 6,
            y: y + (h - HIGH) / 2,
            w: TRACK,
            h: HIGH,
        };
        rectangle(
            &mut out,
            track,
            PAPER,
            &format!(" stroke=\"{INK}\" stroke-width=\"0.8\""),
        );
        put(
            &mut out,
            format_args!(
                "<rect x=\"{}\" y=\"{}\" width=\"{:.1}\" height=\"{HIGH}\" fill=\"{FILLED}\"/>\n",
                track.x,
                track.y,
                bar.share() * f64::from(TRACK)
            ),
        );
        for (k, words) in row.1.iter().enumerate() {
            let at = (track.right() + 6, first(row.1.len()) + int(k) * LINE);
            text(&mut out, at, SMALL, true, words);
        }
        y += h;
    }
    out.push_str("</svg>\n");
    out
}

/// The bars as a figure of a document, and the same as a table.
#[must_use]
pub fn figure(bars: &[Bar], lang: Lang) -> Vec<Block> {
    if bars.is_empty() {
        return nothing(lang);
    }
    let rows = bars
        .iter()
        .map(|b| vec![cell(b.label.as_str()), cell(b.says.as_str())])
        .collect();
    let head = [("Intitulé", "Item"), ("Valeur", "Value")];
    vec![Block::Figure {
        number: 0,
        caption: vec![Inline::text(title(lang))],
        svg: svg(bars, lang),
        alternative: vec![data(&head, &[70, 30], rows, lang)],
    }]
}

const fn title(lang: Lang) -> &'static str {
    say(lang, "Valeurs comparées", "Values compared")
}

fn told(bars: &[Bar], lang: Lang) -> String {
    let each: Vec<String> = bars
        .iter()
        .map(|b| format!("{}{}{}", b.label, say(lang, " : ", ": "), b.says))
        .collect();
    setting::set(&format!("{}.", each.join(say(lang, " ; ", "; "))), lang)
}
