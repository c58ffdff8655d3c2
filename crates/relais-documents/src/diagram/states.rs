//! The states of a referral as the mechanism has them: a box for each, in ranks
//! from the first, and an arrow for each way from one to another with the
//! commands that take it.
//!
//! An end that many states lead to (cancelled, withdrawn …) would draw its arrows
//! over all the others: it stands beside them, and those states carry its letter.

mod ranks;
mod tracks;

use std::collections::{BTreeMap, BTreeSet};

use relais_mechanism::pathway::State;
use relais_mechanism::{Lang, Mechanism};

use super::fitted::{fit, widest};
use super::layout::{LINE, MARGIN, NAME, NAME_LINE, PAD, Rect, SMALL, int, width};
use super::svg::{self, INK, Sheet, centred, line, rectangle, text};
use crate::model::{Block, Inline};
use crate::setting;
use crate::words::say;

/// Where the ranks begin.
const TOP: i32 = 40;
/// From how many states on an end stands beside the others.
const MANY: usize = 3;
/// Width of the boxes of the ends beside.
const BESIDE: i32 = 330;
/// Room for the words of an arrow on one line.
const WORDS: i32 = 122;

/// A box among the ranks.
struct Node {
    name: String,
    /// The letters of the ends beside that it leads to.
    ends: String,
    /// Whether it waits on nobody.
    last: bool,
}

/// A way from one box to another.
struct Way {
    from: usize,
    to: usize,
    /// The commands that take it, in lines.
    lines: Vec<String>,
}

/// An end that stands beside.
struct End {
    name: String,
    /// Each command with the states that it comes from.
    from: Vec<String>,
}

/// What is drawn.
struct Chart {
    nodes: Vec<Node>,
    ways: Vec<Way>,
    ends: Vec<End>,
    note: String,
}

/// The drawing.
#[must_use]
pub fn svg(m: &Mechanism, lang: Lang) -> String {
    let chart = chart(m, lang);
    let laid = ranks::of(&chart, TOP);
    let beside = laid.width + 24;
    let ends: Vec<(Rect, Vec<String>)> = beside_boxes(&chart, beside);
    let note = fit(&chart.note, BESIDE, 6, SMALL, false);
    let under = ends.last().map_or(TOP, |(rect, _)| rect.bottom()) + 2 * LINE;
    let height = laid.height.max(under + int(note.len()) * LINE) + MARGIN;
    let title = title(lang);
    let mut out = String::with_capacity(30_000);
    let sheet = Sheet {
        size: (beside + BESIDE + MARGIN, height),
        column: false,
        title: &title,
        told: &told(&chart),
    };
    svg::open(&mut out, &sheet, lang);
    for corners in &laid.lines {
        line(&mut out, corners);
    }
    for (node, rect) in chart.nodes.iter().zip(&laid.boxes) {
        boxed(&mut out, node, *rect);
    }
    for (rect, lines) in &laid.labels {
        for (n, words) in lines.iter().enumerate() {
            text(&mut out, (rect.x, rect.y + 9 + int(n) * LINE), SMALL, false, words);
        }
    }
    for (end, (rect, lines)) in chart.ends.iter().zip(&ends) {
        rectangle(
            &mut out,
            *rect,
            END_FILL,
            &format!(" stroke=\"{INK}\" stroke-width=\"1.1\" rx=\"3\""),
        );
        text(&mut out, (rect.x + PAD, rect.y + PAD + 9), NAME, true, &end.name);
        for (n, words) in lines.iter().enumerate() {
            let y = rect.y + PAD + NAME_LINE + 8 + int(n) * LINE;
            text(&mut out, (rect.x + PAD, y), SMALL, false, words);
        }
    }
    for (n, words) in note.iter().enumerate() {
        text(&mut out, (beside, under + int(n) * LINE), SMALL, false, words);
    }
    out.push_str("</svg>\n");
    out
}

const END_FILL: &str = "#dcdcdc";

/// The states as a figure of a document, and each with its ways out in words.
#[must_use]
pub fn figure(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let items = m.states().iter().map(|s| in_words(m, s, lang)).collect();
    vec![Block::Figure {
        number: 0,
        caption: vec![Inline::Text(title(lang))],
        svg: svg(m, lang),
        alternative: vec![Block::List { ordered: false, items }],
    }]
}

fn title(lang: Lang) -> String {
    setting::set(say(lang, "États d’un référencement", "States of a referral"), lang)
}

/// A state with every way out of it.
fn in_words(m: &Mechanism, state: &State, lang: Lang) -> Vec<Block> {
    let mut ways: Vec<(&str, Vec<&str>)> = Vec::new();
    for edge in m.edges().iter().filter(|e| e.from == state.code) {
        let label = edge.label.get(lang);
        match ways.iter_mut().find(|(to, _)| *to == edge.to) {
            Some((_, labels)) => labels.push(label),
            None => ways.push((&edge.to, vec![label])),
        }
    }
    let said: Vec<String> = ways
        .iter()
        .map(|(to, labels)| {
            let name = if *to == state.code {
                say(lang, "même état", "same state")
            } else {
                m.state(to).map_or(*to, |s| s.label.get(lang))
            };
            format!("{} → {name}", labels.join(", ").to_lowercase())
        })
        .collect();
    let ways = if said.is_empty() {
        say(lang, "aucune suite", "leads nowhere").to_owned()
    } else {
        said.join(say(lang, " ; ", "; "))
    };
    vec![Block::Paragraph(vec![
        Inline::Strong(vec![Inline::text(state.label.get(lang))]),
        Inline::Text(format!("{}{ways}.", say(lang, " : ", ": "))),
    ])]
}

/// The states and ways of the mechanism, shared out between ranks and side.
fn chart(m: &Mechanism, lang: Lang) -> Chart {
    let set = |words: &str| setting::set(words, lang);
    let mut pairs: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for edge in m.edges().iter().filter(|e| e.from != e.to) {
        let labels = pairs.entry((&edge.from, &edge.to)).or_default();
        labels.push(edge.label.get(lang));
    }
    let leads = |code: &str| pairs.keys().any(|(from, _)| *from == code);
    let sources = |code: &str| pairs.keys().filter(|(_, to)| *to == code).count();
    let beside: Vec<&State> = m
        .states()
        .iter()
        .filter(|s| !leads(&s.code) && (sources(&s.code) >= MANY || sources(&s.code) == 0))
        .collect();
    let letter = |code: &str| {
        let at = beside.iter().position(|s| s.code == code)?;
        u8::try_from(at).ok().map(|n| char::from(b'A' + n % 26))
    };
    // Those that lead on come first: an arrow back is one that goes up this list.
    let among = || m.states().iter().filter(|s| letter(&s.code).is_none());
    let order: Vec<&State> = among()
        .filter(|s| leads(&s.code))
        .chain(among().filter(|s| !leads(&s.code)))
        .collect();
    let nodes = order
        .iter()
        .map(|s| {
            let ends: BTreeSet<char> = pairs
                .keys()
                .filter(|(from, _)| *from == s.code)
                .filter_map(|(_, to)| letter(to))
                .collect();
            let ends: Vec<String> = ends.iter().map(char::to_string).collect();
            Node {
                name: set(s.label.get(lang)),
                ends: if ends.is_empty() {
                    String::new()
                } else {
                    set(&format!("{} {}", say(lang, "Fins :", "Ends:"), ends.join(" ")))
                },
                last: s.waiting.is_none(),
            }
        })
        .collect();
    let place = |code: &str| order.iter().position(|s| s.code == code);
    let mut ways: Vec<Way> = pairs
        .iter()
        .filter_map(|((from, to), labels)| {
            Some(Way {
                from: place(from)?,
                to: place(to)?,
                lines: fit(&set(&labels.join(" / ")), WORDS, 4, SMALL, false),
            })
        })
        .collect();
    ways.sort_by_key(|w| (w.from, w.to));
    let ends = beside
        .iter()
        .map(|s| End {
            name: format!("{} – {}", letter(&s.code).unwrap_or_default(), set(s.label.get(lang))),
            from: reached(m, s, lang),
        })
        .collect();
    Chart {
        nodes,
        ways,
        ends,
        note: set(say(
            lang,
            "Une lettre dans un état renvoie à la fin qui la porte. Une commande qui laisse la demande dans son état n’a pas de flèche.",
            "A letter in a state stands for the end that carries it. A command that leaves the referral in its state has no arrow.",
        )),
    }
}

/// Each command that ends in a state, with where it is given.
fn reached(m: &Mechanism, state: &State, lang: Lang) -> Vec<String> {
    let mut by: Vec<(&str, Vec<&str>)> = Vec::new();
    for edge in m.edges().iter().filter(|e| e.to == state.code && e.from != e.to) {
        let from = m.state(&edge.from).map_or("", |s| s.label.get(lang));
        let label = edge.label.get(lang);
        match by.iter_mut().find(|(l, _)| *l == label) {
            Some((_, states)) => states.push(from),
            None => by.push((label, vec![from])),
        }
    }
    let from = say(lang, "depuis", "from");
    by.into_iter()
        .map(|(label, states)| {
            let sign = say(lang, " :", ":");
            setting::set(&format!("{label}, {from}{sign} {}", states.join(", ")), lang)
        })
        .collect()
}

/// Where the ends stand beside, and their words in lines.
fn beside_boxes(chart: &Chart, x: i32) -> Vec<(Rect, Vec<String>)> {
    let mut y = TOP;
    chart
        .ends
        .iter()
        .map(|end| {
            let lines: Vec<String> = end
                .from
                .iter()
                .flat_map(|f| fit(f, BESIDE - 2 * PAD, 6, SMALL, false))
                .collect();
            let rect = Rect {
                x,
                y,
                w: BESIDE,
                h: 2 * PAD + NAME_LINE + int(lines.len()) * LINE,
            };
            y = rect.bottom() + 10;
            (rect, lines)
        })
        .collect()
}

/// The least width of a box.
fn least(node: &Node) -> i32 {
    let name = width(&node.name, NAME, true).max(width(&node.ends, SMALL, false));
    name + 2 * PAD + 2
}

/// The height of a box.
fn high(node: &Node) -> i32 {
    2 * PAD + NAME_LINE + if node.ends.is_empty() { 0 } else { LINE }
}

/// Width of the words of a way.
fn words(way: &Way) -> i32 {
    widest(&way.lines, SMALL, false)
}

fn boxed(out: &mut String, node: &Node, rect: Rect) {
    let (fill, edge) = if node.last {
        ("#cccccc", "2.4\" rx=\"12")
    } else {
        (svg::PAPER, "1.1\" rx=\"3")
    };
    rectangle(out, rect, fill, &format!(" stroke=\"{INK}\" stroke-width=\"{edge}\""));
    let y = rect.y + (rect.h - high(node)) / 2 + PAD;
    let x = rect.middle().0;
    centred(out, (x, y + 9), NAME, true, &node.name);
    if !node.ends.is_empty() {
        centred(out, (x, y + NAME_LINE + 8), SMALL, false, &node.ends);
    }
}

/// The ways in a sentence, for whoever does not see them.
fn told(chart: &Chart) -> String {
    let name = |n: usize| chart.nodes.get(n).map_or("", |s| s.name.as_str());
    let ways = chart
        .ways
        .iter()
        .map(|w| format!("{} → {} ({})", name(w.from), name(w.to), w.lines.join(" ")));
    let ends = chart.ends.iter().map(|e| format!("{} ({})", e.name, e.from.join("; ")));
    let all: Vec<String> = ways.chain(ends).collect();
    format!("{}.", all.join(", "))
}
