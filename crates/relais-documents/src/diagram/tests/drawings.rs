//! The drawings are read back from their SVG as a viewer reads them: no words on
//! other words, no line through words, nothing outside, whatever is drawn.

use chrono::{Days, NaiveDate};
use quick_xml::events::Event;

use super::super::layout::{Rect, int, width};
use super::super::{bars, gantt, organisation_chart, radar, states};
use super::{LANGS, cameroon, overlap, well_formed};
use crate::model::{Block, Row, plain};
use relais_mechanism::Lang;

/// What a drawing shows.
#[derive(Default)]
struct Seen {
    sheet: Option<Rect>,
    words: Vec<(String, Rect)>,
    boxes: Vec<Rect>,
    lines: Vec<(Vec<(f64, f64)>, String)>,
}

/// Words take this much above and below their line, in tenths of their size.
const ABOVE: i32 = 7;
const BELOW: i32 = 2;

impl Seen {
    fn read(svg: &str) -> Self {
        well_formed(svg);
        let mut seen = Self::default();
        let mut reader = quick_xml::Reader::from_str(svg);
        let mut at: Option<(f64, f64, i32, bool, bool)> = None;
        let mut text = String::new();
        loop {
            match reader.read_event().expect("well formed") {
                Event::Start(tag) | Event::Empty(tag) => {
                    let name = tag.name().as_ref().to_owned();
                    let get = |name: &str| {
                        let found = tag.try_get_attribute(name).expect("an attribute");
                        found.map_or(String::new(), |a| a.value.into_owned())
                    };
                    let number = |name: &str| get(name).parse::<f64>().unwrap_or(0.0);
                    match name.as_str() {
                        "svg" => {
                            let view = get("viewBox");
                            let sides: Vec<i32> = view.split(' ').map(|n| n.parse().expect("a number")).collect();
                            seen.sheet = Some(Rect {
                                x: 0,
                                y: 0,
                                w: sides[2],
                                h: sides[3],
                            });
                        }
                        "rect" => seen.boxes.push(Rect {
                            x: whole(number("x")),
                            y: whole(number("y")),
                            w: whole(number("width")),
                            h: whole(number("height")),
                        }),
                        "text" => {
                            let middle = get("text-anchor") == "middle";
                            let bold = !get("font-weight").is_empty();
                            at = Some((number("x"), number("y"), whole(number("font-size")), bold, middle));
                            text.clear();
                        }
                        "polyline" | "polygon" => {
                            let points = get("points");
                            let point = |p: &str| {
                                let (x, y) = p.split_once(',').expect("two numbers");
                                (x.parse().expect("a number"), y.parse().expect("a number"))
                            };
                            let points: Vec<(f64, f64)> = points.split(' ').map(point).collect();
                            seen.lines.push((points, get("stroke")));
                        }
                        "title" | "desc" => {}
                        other => panic!("the PDF does not read <{other}>"),
                    }
                }
                Event::Text(piece) => text.push_str(&piece),
                Event::GeneralRef(_) => text.push('&'),
                Event::End(tag) if tag.name().as_ref() == "text" => {
                    let (x, y, size, bold, middle) = at.take().expect("a text was opened");
                    let w = width(&text, size, bold);
                    let x = if middle { whole(x) - w / 2 } else { whole(x) };
                    let rect = Rect {
                        x,
                        y: whole(y) - size * ABOVE / 10,
                        w,
                        h: size * (ABOVE + BELOW) / 10,
                    };
                    seen.words.push((text.clone(), rect));
                }
                Event::Eof => return seen,
                _ => {}
            }
        }
    }

    /// Nothing on anything, nothing outside.
    fn keeps_apart(&self, what: &str) {
        let sheet = self.sheet.expect("a view box");
        let inside = |r: Rect| r.x >= 0 && r.y >= 0 && r.right() <= sheet.w && r.bottom() <= sheet.h;
        for (n, (words, rect)) in self.words.iter().enumerate() {
            assert!(inside(*rect), "{what}: {words:?} is outside: {rect:?}");
            for (other, at) in &self.words[n + 1..] {
                assert!(!overlap(*rect, *at), "{what}: {words:?} {rect:?} on {other:?} {at:?}");
            }
            for cell in &self.boxes {
                let within = cell.x <= rect.x
                    && rect.right() <= cell.right()
                    && cell.y <= rect.y
                    && rect.bottom() <= cell.bottom();
                assert!(
                    within || !overlap(*rect, *cell),
                    "{what}: {words:?} on the edge of {cell:?}"
                );
            }
        }
        for cell in &self.boxes {
            assert!(inside(*cell), "{what}: {cell:?} is outside");
        }
        for (points, _) in &self.lines {
            for (x, y) in points {
                let fits = (0.0..=f64::from(sheet.w)).contains(x) && (0.0..=f64::from(sheet.h)).contains(y);
                assert!(fits, "{what}: a line leaves the sheet at {x},{y}");
            }
        }
    }

    /// No line of this colour through words.
    fn no_line_through_words(&self, what: &str, colour: &str) {
        let lines = self.lines.iter().filter(|(_, c)| c == colour);
        for pair in lines.flat_map(|(points, _)| points.windows(2)) {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let line = Rect {
                x: whole(ax.min(bx)),
                y: whole(ay.min(by)),
                w: whole((ax - bx).abs()).max(1),
                h: whole((ay - by).abs()).max(1),
            };
            for (words, rect) in &self.words {
                assert!(
                    !overlap(line, *rect),
                    "{what}: a line {line:?} through {words:?} {rect:?}"
                );
            }
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "drawings are small")]
fn whole(number: f64) -> i32 {
    number.round() as i32
}

const INK: &str = "#14201e";

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// A label that no column holds.
fn long(n: usize, lang: Lang) -> String {
    match (n % 3, lang) {
        (0, Lang::Fr) => {
            "Réunir les ministères, les organismes publics et les associations de personnes de retour pour relire \
            ensemble la matrice de partage et les délais de chaque priorité avant la session du comité"
                .to_owned()
        }
        (0, Lang::En) => {
            "Bring ministries, public bodies and associations of returnees together to read the sharing matrix \
            and the limits of each priority again before the session of the committee"
                .to_owned()
        }
        (1, _) => "Anticonstitutionnellementincommensurablementinterministériellementdéconcentralisation".repeat(2),
        _ => format!("Mise à jour & <n° {n}>"),
    }
}

fn works(count: usize, lang: Lang) -> Vec<gantt::Bar> {
    let start = day("2026-01-05");
    let mut made = Vec::new();
    for n in 0..count {
        let from = start + Days::new((n as u64 * 11) % 400);
        let done = n % 4 == 0;
        made.push(gantt::Bar {
            label: long(n, lang),
            from,
            until: from + Days::new(n as u64 % 9 * 8),
            done,
            late: n % 4 == 1,
            after: match n {
                0 => vec![],
                // One that is nowhere, and itself: neither is drawn.
                5 => vec![5, 900],
                _ => vec![n - 1, n / 3],
            },
        });
    }
    made
}

#[test]
fn a_timeline_of_any_length_keeps_its_words_clear() {
    for lang in LANGS {
        for count in [1, 14, 31, 60] {
            for on in ["2026-01-05", "2026-07-16", "2027-02-28", "2031-01-01"] {
                let bars = works(count, lang);
                let svg = gantt::svg(&bars, day(on), lang);
                let seen = Seen::read(&svg);
                let what = format!("{lang} {count} {on}");
                seen.keeps_apart(&what);
                seen.no_line_through_words(&what, INK);
                let shown = |words: &str| seen.words.iter().filter(|(w, _)| w == words).count();
                // Once for each late bar, and once in the key.
                let late = bars.iter().filter(|b| b.late).count();
                assert_eq!(
                    shown(if lang == Lang::Fr { "en retard" } else { "late" }),
                    late + 1,
                    "{what}"
                );
                let sheet = seen.sheet.expect("a view box");
                assert!(sheet.h <= 842, "{what}: {} is more than a sheet of A3", sheet.h);
            }
        }
    }
}

#[test]
fn a_timeline_of_many_years_still_names_them() {
    let mut bars = works(2, Lang::Fr);
    bars[1].until = day("2049-12-31");
    // A bar that ends before it begins is a day.
    bars[0].until = day("2025-01-01");
    let seen = Seen::read(&gantt::svg(&bars, day("2030-06-01"), Lang::Fr));
    seen.keeps_apart("many years");
    let years = seen
        .words
        .iter()
        .filter(|(w, _)| w.len() == 4 && w.starts_with("20"))
        .count();
    assert!(years >= 5, "{years}");
}

#[test]
fn an_arrow_of_the_timeline_leads_from_the_end_of_one_bar_to_the_other() {
    let bar = |from: &str, until: &str, after: &[usize]| gantt::Bar {
        label: "A".to_owned(),
        from: day(from),
        until: day(until),
        done: true,
        late: false,
        after: after.to_vec(),
    };
    let bars = [
        bar("2026-01-01", "2026-01-31", &[]),
        bar("2026-02-10", "2026-03-10", &[0]),
        // Begins before the other ends: around it.
        bar("2026-01-10", "2026-02-10", &[1]),
    ];
    let seen = Seen::read(&gantt::svg(&bars, day("2025-01-01"), Lang::En));
    let boxes: Vec<Rect> = seen.boxes.iter().copied().filter(|r| r.x > 380 && r.h == 12).collect();
    let [a, b, c] = boxes[..] else { panic!("{boxes:?}") };
    let arrows: Vec<&Vec<(f64, f64)>> = seen
        .lines
        .iter()
        .filter(|(p, s)| s == INK && p.len() > 2 && p[0].0 > 380.0)
        .map(|(p, _)| p)
        .collect();
    let [first, second] = arrows[..] else {
        panic!("{arrows:?}")
    };
    let ends = |p: &[(f64, f64)]| (whole(p[0].0), whole(p[p.len() - 1].0), whole(p[p.len() - 1].1));
    let (from, to, y) = ends(first);
    assert!(
        from == a.right() && b.x <= to && to <= b.right() && y == b.y,
        "{first:?} {a:?} {b:?}"
    );
    let (from, to, y) = ends(second);
    assert_eq!((from, to, y), (b.right(), c.x, c.middle().1));
}

fn axes(count: usize, lang: Lang) -> Vec<radar::Axis> {
    (0..count)
        .map(|n| radar::Axis {
            label: long(n, lang),
            now: u8::try_from(n % 6).expect("small"),
            before: (n % 5 != 3).then_some(u8::try_from(n % 4).expect("small")),
        })
        .collect()
}

#[test]
fn a_wheel_and_bars_keep_their_words_clear() {
    for lang in LANGS {
        for count in [1, 2, 3, 14, 60] {
            let what = format!("{lang} {count}");
            let axes = axes(count, lang);
            let seen = Seen::read(&radar::svg(&axes, lang));
            seen.keeps_apart(&what);
            for n in 1..=count {
                assert!(seen.words.iter().any(|(w, _)| *w == n.to_string()), "{what}: spoke {n}");
                assert!(
                    seen.words.iter().any(|(w, _)| w.starts_with(&format!("{n}.\u{a0}"))),
                    "{what}: {n}"
                );
            }
            let bars: Vec<bars::Bar> = (0..count)
                .map(|n| bars::Bar {
                    label: long(n, lang),
                    value: [0.0, 3.0, 9.0, f64::NAN, -1.0, 1.0][n % 6],
                    most: [4.0, 4.0, 4.0, 4.0, 4.0, 0.0][n % 6],
                    says: long(n + 1, lang),
                })
                .collect();
            let seen = Seen::read(&bars::svg(&bars, lang));
            seen.keeps_apart(&what);
            let tracks: Vec<i32> = seen.boxes.iter().filter(|r| r.h == 9).map(|r| r.w).collect();
            for (n, pair) in tracks.chunks(2).enumerate() {
                let share = [0, 75, 100, 0, 0, 0][n % 6];
                assert_eq!(pair[1] * 100 / pair[0], share, "{what}: bar {n}");
            }
        }
    }
}

#[test]
fn the_wheel_shows_the_two_dates_as_two_lines() {
    let mut given = axes(14, Lang::Fr);
    for axis in &mut given {
        axis.before = Some(1);
    }
    let both = radar::svg(&given, Lang::Fr);
    let dashed = |svg: &str| svg.matches("stroke-dasharray").count();
    // In the key and on the wheel.
    assert_eq!(dashed(&both), 2);
    given.iter_mut().for_each(|a| a.before = None);
    let one = radar::svg(&given, Lang::Fr);
    assert_eq!(dashed(&one), 0);
    assert!(!one.contains("précédente") && both.contains("précédente"));
}

#[test]
fn the_states_stand_in_ranks_and_no_line_meets_words_or_boxes() {
    let m = cameroon();
    for lang in LANGS {
        let svg = states::svg(&m, lang);
        let seen = Seen::read(&svg);
        let what = format!("states {lang}");
        seen.keeps_apart(&what);
        seen.no_line_through_words(&what, INK);
        let sheet = seen.sheet.expect("a view box");
        assert!(sheet.h <= 860, "{what}: {sheet:?}");
        for (points, _) in seen.lines.iter().filter(|(_, c)| c == INK) {
            for pair in points.windows(2) {
                let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
                assert!(
                    (ax - bx).abs() < 0.1 || (ay - by).abs() < 0.1,
                    "{what}: a slanting line"
                );
                for cell in &seen.boxes[1..] {
                    let through = ax.max(bx) > f64::from(cell.x)
                        && ax.min(bx) < f64::from(cell.right())
                        && ay.max(by) > f64::from(cell.y)
                        && ay.min(by) < f64::from(cell.bottom());
                    assert!(!through, "{what}: {pair:?} runs through {cell:?}");
                }
            }
        }
        let blocks = states::figure(&m, lang);
        let [Block::Figure { alternative, .. }] = blocks.as_slice() else {
            panic!("one figure");
        };
        let [Block::List { items, .. }] = alternative.as_slice() else {
            panic!("a list of states");
        };
        assert_eq!(items.len(), m.states().len());
        // Each state is drawn, and each way between two is drawn or named with its end.
        for state in m.states() {
            let name = crate::setting::set(state.label.get(lang), lang);
            assert!(
                seen.words
                    .iter()
                    .any(|(w, _)| w == &name || w.ends_with(&format!(" – {name}"))),
                "{name}"
            );
        }
        let arrows = seen.lines.iter().filter(|(_, c)| c == INK).count();
        let ends = seen.words.iter().filter(|(w, _)| w.contains(" – ")).count();
        let pairs: std::collections::BTreeSet<(&str, &str)> = m
            .edges()
            .iter()
            .filter(|e| e.from != e.to)
            .map(|e| (e.from.as_str(), e.to.as_str()))
            .collect();
        let marks: usize = seen
            .words
            .iter()
            .filter_map(|(w, _)| w.split_once(if lang == Lang::Fr { "Fins\u{a0}: " } else { "Ends: " }))
            .map(|(_, letters)| letters.split(' ').count())
            .sum();
        assert!(
            ends >= 4 && arrows + marks == pairs.len(),
            "{what}: {arrows} and {marks} of {}",
            pairs.len()
        );
    }
}

#[test]
fn the_chart_of_the_coordination_names_every_structure_of_the_mechanism() {
    let m = cameroon();
    for lang in LANGS {
        let svg = organisation_chart::svg(&m, lang);
        let seen = Seen::read(&svg);
        let what = format!("chart {lang}");
        seen.keeps_apart(&what);
        seen.no_line_through_words(&what, INK);
        let all: String = seen.words.iter().map(|(w, _)| format!("{w} ")).collect();
        for body in m.bodies() {
            assert!(all.contains(&body.code), "{what}: {}", body.code);
        }
        assert!(!all.contains('…'), "{what}: nothing is cut");
    }
}

#[test]
fn each_figure_says_the_same_in_a_table() {
    let works = works(14, Lang::Fr);
    let on = day("2026-03-01");
    let wheel = axes(14, Lang::Fr);
    let bars = [bars::Bar {
        label: "Réponses".to_owned(),
        value: 12.0,
        most: 40.0,
        says: "12 sur 40".to_owned(),
    }];
    for (figure, rows, said) in [
        (gantt::figure(&works, on, Lang::Fr), 14, "en retard"),
        (radar::figure(&wheel, Lang::Fr), 14, "Mise à jour"),
        (bars::figure(&bars, Lang::Fr), 1, "12 sur 40"),
    ] {
        let [Block::Figure { svg, alternative, .. }] = figure.as_slice() else {
            panic!("one figure");
        };
        assert!(svg.contains("<title>") && svg.contains("<desc>") && svg.contains("role=\"img\""));
        assert!(!svg.contains(" id=") && !svg.contains("style=") && !svg.contains("href"));
        let [Block::Table(table)] = alternative.as_slice() else {
            panic!("a table");
        };
        assert_eq!(
            (
                table.rows.len(),
                table.widths.iter().map(|w| int(usize::from(*w))).sum::<i32>()
            ),
            (rows, 100)
        );
        let all: String = table
            .rows
            .iter()
            .map(|r| match r {
                Row::Cells(cells) => cells.iter().map(|c| plain(c) + " ").collect::<String>(),
                Row::Band(cell) => plain(cell),
            })
            .collect();
        assert!(all.contains(said), "{said}");
    }
    assert!(matches!(gantt::figure(&[], on, Lang::Fr)[..], [Block::Paragraph(_)]));
}
