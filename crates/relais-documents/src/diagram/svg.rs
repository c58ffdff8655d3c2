//! Draws a flow, and what every drawing is made of: greys only, so that any
//! printer prints it, and no name that a second drawing on the same page would
//! have too.

use std::fmt::Write as _;

use relais_interchange::zip::escaped;
use relais_mechanism::Lang;

use super::layout::{self, HEAD, LINE, Layout, MARGIN, NAME, NAME_LINE, PAD, Point, Rect, SMALL, Words, int, wrap};
use super::{Flow, Kind};

pub(super) const INK: &str = "#14201e";
pub(super) const PAPER: &str = "#ffffff";
/// Behind the lanes, in turn.
const LANES: [&str; 2] = ["#f6f6f6", "#ececec"];
/// Where the names of the lanes stand.
const HEADS: &str = "#d6d6d6";

/// The drawing.
pub(super) fn draw(flow: &Flow, lang: Lang) -> String {
    let layout = layout::of(flow);
    let mut out = String::with_capacity(60_000);
    let sheet = Sheet {
        size: (layout.width, layout.height),
        column: false,
        title: &flow.title,
        told: &told(flow),
    };
    open(&mut out, &sheet, lang);
    lanes(&mut out, flow, &layout);
    for (link, route) in flow.links.iter().zip(&layout.routes) {
        let corners = layout::corners(*route, link, layout.boxes[link.from], layout.boxes[link.to]);
        line(&mut out, &corners);
    }
    for (step, (rect, words)) in flow.steps.iter().zip(layout.boxes.iter().zip(&layout.words)) {
        boxed(&mut out, step.kind, *rect, words);
    }
    for label in layout.labels.iter().flatten() {
        for (n, words) in label.lines.iter().enumerate() {
            // A line that does pass behind the words leaves them readable.
            put(
                &mut out,
                format_args!(
                    "<text x=\"{}\" y=\"{}\" font-size=\"{SMALL}\" fill=\"{INK}\" stroke=\"{PAPER}\" \
                     stroke-width=\"2\" paint-order=\"stroke\">{}</text>\n",
                    label.rect.x,
                    label.rect.y + 8 + int(n) * LINE,
                    escaped(words)
                ),
            );
        }
    }
    for (n, note) in layout.notes.iter().enumerate() {
        text(&mut out, (MARGIN, layout.notes_y + int(n) * LINE), SMALL, false, note);
    }
    out.push_str("</svg>\n");
    out
}

/// What a drawing begins with.
pub(super) struct Sheet<'a> {
    /// Width and height.
    pub size: (i32, i32),
    /// As wide as a column of text, and not a sheet of its own.
    pub column: bool,
    /// What it shows.
    pub title: &'a str,
    /// The same as its lines and boxes, for whoever does not see them.
    pub told: &'a str,
}

/// The head of a drawing: how large it is, what it shows, its paper and title.
pub(super) fn open(out: &mut String, sheet: &Sheet<'_>, lang: Lang) {
    let (width, height) = sheet.size;
    let class = if sheet.column { " class=\"column\"" } else { "" };
    put(
        out,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\"{class} \
             xml:lang=\"{lang}\" font-family=\"Liberation Sans, Arial, Helvetica, sans-serif\">\n\
             <title>{}</title>\n<desc>{}</desc>\n<rect width=\"{width}\" height=\"{height}\" fill=\"{PAPER}\"/>\n",
            escaped(sheet.title),
            escaped(sheet.told)
        ),
    );
    text(out, (MARGIN, MARGIN + 14), 15, true, sheet.title);
}

/// The links in a sentence, for whoever does not see them.
fn told(flow: &Flow) -> String {
    let links: Vec<String> = flow
        .links
        .iter()
        .map(|l| {
            let (from, to) = (&flow.steps[l.from].title, &flow.steps[l.to].title);
            if l.label.is_empty() {
                format!("{from} → {to}")
            } else {
                format!("{from} → {to} ({})", l.label)
            }
        })
        .collect();
    format!("{}.", links.join(", "))
}

pub(super) fn put(out: &mut String, words: std::fmt::Arguments<'_>) {
    out.write_fmt(words).expect("memory takes all");
}

pub(super) fn text(out: &mut String, (x, y): Point, size: i32, bold: bool, words: &str) {
    let weight = if bold { " font-weight=\"700\"" } else { "" };
    put(
        out,
        format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{weight} fill=\"{INK}\">{}</text>\n",
            escaped(words)
        ),
    );
}

/// Words whose middle is given.
pub(super) fn centred(out: &mut String, (x, y): Point, size: i32, bold: bool, words: &str) {
    let weight = if bold { " font-weight=\"700\"" } else { "" };
    put(
        out,
        format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{weight} fill=\"{INK}\" text-anchor=\"middle\">{}</text>\n",
            escaped(words)
        ),
    );
}

pub(super) fn rectangle(out: &mut String, rect: Rect, fill: &str, more: &str) {
    put(
        out,
        format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"{more}/>\n",
            rect.x, rect.y, rect.w, rect.h
        ),
    );
}

/// The lanes; their names run upwards.
fn lanes(out: &mut String, flow: &Flow, layout: &Layout) {
    let border = format!(" stroke=\"{INK}\" stroke-width=\"0.8\"");
    for (n, (lane, rect)) in flow.lanes.iter().zip(&layout.lanes).enumerate() {
        rectangle(out, *rect, LANES[n % LANES.len()], &border);
        let head = Rect { w: HEAD, ..*rect };
        rectangle(out, head, HEADS, &border);
        let lines = wrap(&lane.title, rect.h - 2 * PAD, NAME, true);
        let (x, y) = head.middle();
        // The middle of the first line lies before the middle of the head by half of what the others take.
        let first = x + 4 - (int(lines.len()) - 1) * NAME_LINE / 2;
        for (n, words) in lines.iter().enumerate() {
            let x = first + int(n) * NAME_LINE;
            put(
                out,
                format_args!(
                    "<text x=\"{x}\" y=\"{y}\" font-size=\"{NAME}\" font-weight=\"700\" fill=\"{INK}\" \
                     text-anchor=\"middle\" transform=\"rotate(-90 {x} {y})\">{}</text>\n",
                    escaped(words)
                ),
            );
        }
    }
}

/// A line without an arrow.
pub(super) fn stroke(out: &mut String, corners: &[Point], colour: &str, look: &str) {
    let points: Vec<String> = corners.iter().map(|(x, y)| format!("{x},{y}")).collect();
    put(
        out,
        format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" {look}/>\n",
            points.join(" ")
        ),
    );
}

/// A line with its arrow.
pub(super) fn line(out: &mut String, corners: &[Point]) {
    stroke(out, corners, INK, "stroke-width=\"1.1\"");
    if let [.., (px, py), (x, y)] = corners {
        let (dx, dy) = ((x - px).signum(), (y - py).signum());
        // Back from the tip, then to both sides.
        let (bx, by) = (x - 7 * dx, y - 7 * dy);
        put(
            out,
            format_args!(
                "<polygon points=\"{x},{y} {},{} {},{}\" fill=\"{INK}\"/>\n",
                bx - 3 * dy,
                by - 3 * dx,
                bx + 3 * dy,
                by + 3 * dx
            ),
        );
    }
}

/// A box with its words in the middle.
fn boxed(out: &mut String, kind: Kind, rect: Rect, words: &Words) {
    let (fill, edge) = match kind {
        Kind::Need => (PAPER, " stroke-width=\"2.4\" rx=\"14\""),
        Kind::State => (PAPER, " stroke-width=\"1.1\" rx=\"3\""),
        Kind::Ladder => (PAPER, " stroke-width=\"1.1\" stroke-dasharray=\"4 2\""),
        Kind::Ended => ("#dcdcdc", " stroke-width=\"1.1\" rx=\"3\""),
        Kind::End => ("#cccccc", " stroke-width=\"2.4\" rx=\"14\""),
    };
    rectangle(out, rect, fill, &format!(" stroke=\"{INK}\"{edge}"));
    let mut y = rect.y + (rect.h - words.height()) / 2;
    for name in &words.name {
        text(out, (rect.x + PAD, y + 9), NAME, true, name);
        y += NAME_LINE;
    }
    for words in &words.lines {
        text(out, (rect.x + PAD, y + 8), SMALL, false, words);
        y += LINE;
    }
}
