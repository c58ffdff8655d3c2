//! Who coordinates: the steering committee, the technical secretariat, the
//! thematic groups and the regional focal points, then the structures that the
//! mechanism names, by kind. Roles, regions and structures are the mechanism's.

use relais_mechanism::{Lang, Mechanism, Role};

use super::COLUMN;
use super::fitted::fit;
use super::layout::{LINE, MARGIN, NAME, NAME_LINE, PAD, Point, Rect, SMALL, int};
use super::svg::{self, INK, PAPER, Sheet, line, rectangle, stroke, text};
use crate::model::{Block, Inline};
use crate::setting;
use crate::words::say;

const TOP: i32 = 38;
/// Between two ranks: an arrow turns in it.
const BETWEEN: i32 = 26;
/// Between two boxes of a rank.
const APART: i32 = 12;
/// Width of a box in a rank of three.
const THIRD: i32 = (COLUMN - 2 * MARGIN - 2 * APART) / 3;
/// The band of the structures.
const BAND: &str = "#ececec";
/// How far each sheet of a pile of boxes stands out.
const PILE: i32 = 4;

/// A box: its name and what stands under it.
struct Unit {
    name: String,
    about: Vec<String>,
    /// Whether there are several of it.
    many: bool,
}

impl Unit {
    fn new(name: &str, about: Vec<String>, many: bool, lang: Lang) -> Self {
        Self {
            name: setting::set(name, lang),
            about: about.iter().map(|a| setting::set(a, lang)).collect(),
            many,
        }
    }

    /// A role of the mechanism, if it has it.
    fn role(m: &Mechanism, role: Role, lang: Lang) -> Option<Self> {
        let word = m.role(role)?;
        let about = word.about.as_ref().map(|a| a.get(lang).to_owned());
        Some(Self::new(
            word.label.get(lang),
            about.into_iter().collect(),
            false,
            lang,
        ))
    }
}

/// What is drawn.
struct Chart {
    committee: Unit,
    /// Who watches over the whole without being in the line.
    beside: Vec<Unit>,
    secretariat: Unit,
    middle: Vec<Unit>,
    band: String,
    structures: Vec<Unit>,
}

/// The drawing.
#[must_use]
pub fn svg(m: &Mechanism, lang: Lang) -> String {
    let chart = chart(m, lang);
    let mut body = String::with_capacity(16_000);
    let height = draw(&mut body, &chart);
    let mut out = String::with_capacity(body.len() + 2_000);
    let sheet = Sheet {
        size: (COLUMN, height),
        column: true,
        title: title(lang),
        told: &told(&chart, lang),
    };
    svg::open(&mut out, &sheet, lang);
    out.push_str(&body);
    out.push_str("</svg>\n");
    out
}

/// The chart as a figure of a document, and the same as a list.
#[must_use]
pub fn figure(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let chart = chart(m, lang);
    let sign = say(lang, " : ", ": ");
    let item = |unit: &Unit| {
        let mut run = vec![Inline::Strong(vec![Inline::text(unit.name.as_str())])];
        if !unit.about.is_empty() {
            run.push(Inline::Text(format!("{sign}{}", unit.about.join(" "))));
        }
        vec![Block::Paragraph(run)]
    };
    let mut items = vec![item(&chart.committee)];
    items.extend(chart.beside.iter().map(item));
    items.push(item(&chart.secretariat));
    items.extend(chart.middle.iter().map(item));
    let mut structures = vec![Block::Paragraph(vec![Inline::text(chart.band.as_str())])];
    structures.push(Block::List {
        ordered: false,
        items: chart.structures.iter().map(item).collect(),
    });
    items.push(structures);
    vec![Block::Figure {
        number: 0,
        caption: vec![Inline::text(title(lang))],
        svg: svg(m, lang),
        alternative: vec![Block::List { ordered: true, items }],
    }]
}

const fn title(lang: Lang) -> &'static str {
    say(lang, "Coordination du mécanisme", "Coordination of the mechanism")
}

fn chart(m: &Mechanism, lang: Lang) -> Chart {
    let unit = |name: &str, about: &str, many: bool| Unit::new(name, vec![about.to_owned()], many, lang);
    let regions = m.regions().count();
    let mut focal: Vec<Unit> = Unit::role(m, Role::RegionalFocalPoint, lang).into_iter().collect();
    for unit in &mut focal {
        unit.many = true;
        let counted = format!("{regions} {}", say(lang, "régions.", "regions."));
        unit.about.push(counted);
    }
    let groups = unit(
        say(lang, "Groupes de travail thématiques", "Thematic working groups"),
        say(
            lang,
            "Créés par une décision du comité, à qui ils rendent compte.",
            "Set up by a decision of the committee, to which they report.",
        ),
        true,
    );
    let inside: Vec<&str> = [Role::FocalPoint, Role::CaseManager, Role::Supervisor]
        .iter()
        .filter_map(|r| m.role(*r).map(|w| w.label.get(lang)))
        .collect();
    let band = format!(
        "{} {}",
        say(
            lang,
            "Prestataires et partenaires ; dans chaque structure :",
            "Providers and partners; in each structure:"
        ),
        inside.join(", ").to_lowercase()
    );
    Chart {
        committee: unit(
            say(lang, "Comité de pilotage", "Steering committee"),
            say(
                lang,
                "Oriente, valide, arbitre ; n’examine aucun dossier.",
                "Steers, validates, arbitrates; examines no case.",
            ),
            false,
        ),
        beside: [Role::ComplaintRecipient, Role::DataProtectionOfficer]
            .iter()
            .filter_map(|r| Unit::role(m, *r, lang))
            .collect(),
        secretariat: Unit::role(m, Role::Secretariat, lang)
            .unwrap_or_else(|| unit(say(lang, "Secrétariat technique", "Technical secretariat"), "", false)),
        middle: std::iter::once(groups).chain(focal).collect(),
        band: setting::set(&band, lang),
        structures: structures(m, lang),
    }
}

/// The structures that the mechanism names, by kind, in the order of the kinds.
fn structures(m: &Mechanism, lang: Lang) -> Vec<Unit> {
    let mut kinds: Vec<(&str, Vec<&str>)> = Vec::new();
    for body in m.bodies() {
        match kinds.iter_mut().find(|(kind, _)| *kind == body.kind) {
            Some((_, codes)) => codes.push(&body.code),
            None => kinds.push((&body.kind, vec![&body.code])),
        }
    }
    kinds
        .into_iter()
        .map(|(kind, codes)| {
            let name = m.option_label("org_type", kind, lang).unwrap_or(kind);
            Unit::new(name, vec![format!("{}.", codes.join(", "))], false, lang)
        })
        .collect()
}

/// Draws from the top down; the height that it took.
fn draw(out: &mut String, chart: &Chart) -> i32 {
    let middle_x = COLUMN / 2;
    // The committee, and beside it who answers to it and not to the secretariat.
    let committee = boxed(out, &chart.committee, (middle_x - THIRD / 2, TOP), THIRD);
    let mut bottom = committee.bottom();
    for (unit, x) in chart.beside.iter().zip([MARGIN, COLUMN - MARGIN - THIRD]) {
        let rect = boxed(out, unit, (x, TOP), THIRD);
        let y = TOP + committee.h.min(rect.h) / 2;
        let (from, to) = if x < middle_x {
            (rect.right(), committee.x)
        } else {
            (committee.right(), rect.x)
        };
        dashed(out, (from, y), (to, y));
        bottom = bottom.max(rect.bottom());
    }
    let top = bottom + BETWEEN;
    let secretariat = boxed(out, &chart.secretariat, (middle_x - THIRD / 2, top), THIRD);
    line(out, &[(middle_x, committee.bottom()), (middle_x, secretariat.y)]);
    // Groups and regions hang on the secretariat.
    let top = secretariat.bottom() + BETWEEN;
    let turn = secretariat.bottom() + BETWEEN / 2 - 2;
    let wide = (COLUMN - 2 * MARGIN - 4 * APART) / 2 - PILE;
    let mut bottom = top;
    let mut middle = Vec::new();
    for (n, unit) in chart.middle.iter().enumerate() {
        let x = MARGIN + int(n) * (wide + 4 * APART);
        let rect = boxed(out, unit, (x, top), wide);
        line(
            out,
            &[
                (middle_x, secretariat.bottom()),
                (middle_x, turn),
                (rect.middle().0, turn),
                (rect.middle().0, rect.y),
            ],
        );
        let pile = if unit.many { 2 * PILE } else { 0 };
        bottom = bottom.max(rect.bottom() + pile);
        middle.push((rect.middle().0, rect.bottom() + pile));
    }
    // The structures in their band, three beside each other.
    let top = bottom + BETWEEN;
    let (band, rows) = band(chart, top);
    rectangle(out, band, BAND, &format!(" stroke=\"{INK}\" stroke-width=\"0.8\""));
    for (x, from) in middle {
        line(out, &[(x, from), (x, band.y)]);
    }
    line(out, &[(middle_x, secretariat.bottom()), (middle_x, band.y)]);
    let lines = fit(&chart.band, band.w - 2 * PAD, 3, NAME, true);
    for (n, words) in lines.iter().enumerate() {
        text(
            out,
            (band.x + PAD, band.y + PAD + 9 + int(n) * NAME_LINE),
            NAME,
            true,
            words,
        );
    }
    for (unit, (x, y, h)) in chart.structures.iter().zip(rows) {
        boxed_of(
            out,
            unit,
            Rect {
                x,
                y,
                w: band_third(),
                h,
            },
        );
    }
    band.bottom() + MARGIN
}

/// Width of a box in the band.
const fn band_third() -> i32 {
    (COLUMN - 2 * MARGIN - 2 * PAD - 2 * 6) / 3
}

/// The band, and where the boxes stand in it: each row as high as its highest.
fn band(chart: &Chart, top: i32) -> (Rect, Vec<(i32, i32, i32)>) {
    let w = COLUMN - 2 * MARGIN;
    let head = int(fit(&chart.band, w - 2 * PAD, 3, NAME, true).len()) * NAME_LINE;
    let mut y = top + PAD + head + PAD;
    let mut places = Vec::new();
    for row in chart.structures.chunks(3) {
        let h = row.iter().map(|u| high(u, band_third())).max().unwrap_or(0);
        for n in 0..row.len() {
            places.push((MARGIN + PAD + int(n) * (band_third() + 6), y, h));
        }
        y += h + 6;
    }
    let band = Rect {
        x: MARGIN,
        y: top,
        w,
        h: y - top,
    };
    (band, places)
}

/// No box has so many lines: nothing of the mechanism is cut.
const MOST: usize = 60;

/// The lines of a box.
fn lines(unit: &Unit, wide: i32) -> (Vec<String>, Vec<String>) {
    let room = wide - 2 * PAD;
    let about = unit.about.iter().flat_map(|a| fit(a, room, MOST, SMALL, false));
    (fit(&unit.name, room, 3, NAME, true), about.collect())
}

fn high(unit: &Unit, wide: i32) -> i32 {
    let (name, about) = lines(unit, wide);
    2 * PAD + int(name.len()) * NAME_LINE + int(about.len()) * LINE
}

/// A box as high as its words.
fn boxed(out: &mut String, unit: &Unit, (x, y): Point, wide: i32) -> Rect {
    let rect = Rect {
        x,
        y,
        w: wide,
        h: high(unit, wide),
    };
    boxed_of(out, unit, rect);
    rect
}

fn boxed_of(out: &mut String, unit: &Unit, rect: Rect) {
    let edge = format!(" stroke=\"{INK}\" stroke-width=\"1.1\" rx=\"3\"");
    if unit.many {
        // Of the sheets behind, what stands out below and after.
        for n in [1, 2] {
            let (x, y, inner) = (rect.right() + n * PILE, rect.bottom() + n * PILE, (n - 1) * PILE);
            let corners = [
                (rect.x + n * PILE, rect.bottom() + inner),
                (rect.x + n * PILE, y),
                (x, y),
                (x, rect.y + n * PILE),
                (rect.right() + inner, rect.y + n * PILE),
            ];
            stroke(out, &corners, INK, "stroke-width=\"1.1\"");
        }
    }
    rectangle(out, rect, PAPER, &edge);
    let (name, about) = lines(unit, rect.w);
    let mut y = rect.y + PAD;
    for words in &name {
        text(out, (rect.x + PAD, y + 9), NAME, true, words);
        y += NAME_LINE;
    }
    for words in &about {
        text(out, (rect.x + PAD, y + 8), SMALL, false, words);
        y += LINE;
    }
}

/// A line without an arrow: outside the line of command.
fn dashed(out: &mut String, from: Point, to: Point) {
    stroke(out, &[from, to], INK, "stroke-width=\"1.1\" stroke-dasharray=\"4 2\"");
}

/// The chart in a sentence.
fn told(chart: &Chart, lang: Lang) -> String {
    let middle: Vec<&str> = chart.middle.iter().map(|u| u.name.as_str()).collect();
    let structures: Vec<&str> = chart.structures.iter().map(|u| u.name.as_str()).collect();
    let beside: Vec<&str> = chart.beside.iter().map(|u| u.name.as_str()).collect();
    format!(
        "{} → {} → {} → {}. {} {}.",
        chart.committee.name,
        chart.secretariat.name,
        middle.join(", "),
        structures.join(", "),
        say(lang, "À côté du comité :", "Beside the committee:"),
        beside.join(", ")
    )
}
