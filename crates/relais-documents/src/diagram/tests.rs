//! The pathway as it is drawn: nothing overlaps, nothing is left out, every
//! figure is the mechanism's.

mod drawings;

use std::collections::BTreeSet;

use relais_mechanism::Sources;

use super::layout::{self, Layout, Point, Rect, SMALL, WIDTH};
use super::pathway::{CLOCK, WAYS, find, short};
use super::*;
use crate::{setting, words};

const LANGS: [Lang; 2] = [Lang::Fr, Lang::En];

fn cameroon() -> Mechanism {
    Mechanism::embedded("cameroon").expect("the built-in mechanism is whole")
}

/// The mechanism with `from` replaced in a file of the region.
fn edited(file: &str, from: &str, to: &str) -> Mechanism {
    let mut sources = Sources::embedded("cameroon");
    let text = sources.files.get_mut(file).unwrap_or_else(|| panic!("no file {file}"));
    assert!(text.contains(from), "{file} does not hold {from:?}");
    *text = text.replacen(from, to, 1);
    Mechanism::load(&sources).expect("still whole")
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

/// The straight pieces of each link.
fn pieces(flow: &Flow, layout: &Layout) -> Vec<Vec<(Point, Point)>> {
    let links = flow.links.iter().zip(&layout.routes);
    links
        .map(|(link, route)| {
            let corners = layout::corners(*route, link, layout.boxes[link.from], layout.boxes[link.to]);
            corners.windows(2).map(|w| (w[0], w[1])).collect()
        })
        .collect()
}

/// A piece as the least rectangle around it.
fn around_piece((a, b): (Point, Point)) -> Rect {
    Rect {
        x: a.0.min(b.0),
        y: a.1.min(b.1),
        w: (a.0 - b.0).abs(),
        h: (a.1 - b.1).abs(),
    }
}

#[test]
fn boxes_labels_and_lines_keep_apart() {
    for lang in LANGS {
        let flow = flow(&cameroon(), lang);
        let layout = layout::of(&flow);
        let name = |n: usize| flow.steps[n].code.as_str();
        for (n, a) in layout.boxes.iter().enumerate() {
            for (k, b) in layout.boxes.iter().enumerate().skip(n + 1) {
                assert!(!overlap(*a, *b), "{lang}: {} on {}", name(n), name(k));
            }
            let lane = layout.lanes[flow.steps[n].lane];
            assert!(
                lane.y <= a.y && a.bottom() <= lane.bottom() && a.right() <= lane.right(),
                "{lang}: {} stands in its lane",
                name(n)
            );
        }
        let labels: Vec<(usize, Rect)> = layout
            .labels
            .iter()
            .enumerate()
            .filter_map(|(n, l)| Some((n, l.as_ref()?.rect)))
            .collect();
        for (n, (link, label)) in labels.iter().enumerate() {
            let said = &flow.links[*link].label;
            for (k, cell) in layout.boxes.iter().enumerate() {
                assert!(!overlap(*label, *cell), "{lang}: {said:?} on {}", name(k));
            }
            for (other, rect) in &labels[n + 1..] {
                assert!(
                    !overlap(*label, *rect),
                    "{lang}: {said:?} on {:?}",
                    flow.links[*other].label
                );
            }
            assert!(label.x >= 0 && label.right() <= layout.width, "{lang}: {said:?}");
        }
        let pieces = pieces(&flow, &layout);
        for (link, pieces) in flow.links.iter().zip(&pieces) {
            let said = format!("{lang}: {} to {}", name(link.from), name(link.to));
            for (a, b) in pieces {
                assert!((a.0 == b.0) != (a.1 == b.1), "{said}: straight, and not a point");
                for (k, cell) in layout.boxes.iter().enumerate() {
                    // The edge of a box may be touched, its inside may not.
                    let (low_x, high_x) = (a.0.min(b.0), a.0.max(b.0));
                    let (low_y, high_y) = (a.1.min(b.1), a.1.max(b.1));
                    let inside = high_x > cell.x && low_x < cell.right() && high_y > cell.y && low_y < cell.bottom();
                    assert!(!inside, "{said} runs through {}", name(k));
                }
            }
        }
        for (n, one) in pieces.iter().enumerate() {
            for other in pieces.iter().skip(n + 1) {
                for (a, b) in one.iter().flat_map(|a| other.iter().map(move |b| (*a, *b))) {
                    let (a, b) = (around_piece(a), around_piece(b));
                    let along = (a.w == 0 && b.w == 0 && a.x == b.x && a.y < b.bottom() && b.y < a.bottom())
                        || (a.h == 0 && b.h == 0 && a.y == b.y && a.x < b.right() && b.x < a.right());
                    assert!(!along, "{lang}: two links on one line: {a:?} {b:?}");
                }
            }
        }
    }
}

#[test]
fn it_is_read_from_a_wall_of_a3() {
    for lang in LANGS {
        let flow = flow(&cameroon(), lang);
        let layout = layout::of(&flow);
        assert!(
            layout.width == WIDTH && layout.height <= 842,
            "{lang}: {} by {}: words would be smaller than 9 points",
            layout.width,
            layout.height
        );
        const { assert!(SMALL >= 9) };
        for (step, (rect, words)) in flow.steps.iter().zip(layout.boxes.iter().zip(&layout.words)) {
            assert!(words.height() <= rect.h, "{lang}: {} is full", step.code);
            let name = words.name.iter().map(|l| layout::width(l, layout::NAME, true));
            let lines = words.lines.iter().map(|l| layout::width(l, SMALL, false));
            let widest = name.chain(lines).max().unwrap_or(0);
            assert!(widest <= rect.w - layout::PAD, "{lang}: {} is too narrow", step.code);
        }
        for (lane, rect) in flow.lanes.iter().zip(&layout.lanes) {
            let lines = layout::wrap(&lane.title, rect.h - 2 * layout::PAD, layout::NAME, true);
            assert!(lines.len() <= 2, "{lang}: {}", lane.title);
        }
    }
}

#[test]
fn every_step_is_reached_from_the_need_and_leads_on_or_ends() {
    let flow = flow(&cameroon(), Lang::Fr);
    assert_eq!(flow.steps[0].kind, Kind::Need);
    let mut reached = BTreeSet::from([0]);
    let mut open = vec![0];
    while let Some(n) = open.pop() {
        for link in flow.links.iter().filter(|l| l.from == n) {
            if reached.insert(link.to) {
                open.push(link.to);
            }
        }
    }
    for (n, step) in flow.steps.iter().enumerate() {
        assert!(reached.contains(&n), "{} is not reached", step.code);
        let leads = flow.links.iter().any(|l| l.from == n);
        assert_eq!(leads, step.kind != Kind::End, "{}", step.code);
    }
    // Whatever waits on somebody is drawn.
    for state in cameroon().states().iter().filter(|s| s.waiting.is_some()) {
        assert!(flow.steps.iter().any(|s| s.code == state.code), "{}", state.code);
    }
}

#[test]
fn every_limit_is_the_mechanisms() {
    let m = cameroon();
    for lang in LANGS {
        let flow = flow(&m, lang);
        let drawing = svg(&flow, lang).replace("</text>\n", " ");
        for step in &flow.steps {
            let Some(due) = step.due else {
                assert!(step.limits.is_empty(), "{}", step.code);
                continue;
            };
            for priority in Priority::ALL {
                let shown = step.limits.iter().find(|(p, _)| p == priority).map(|(_, span)| *span);
                assert_eq!(shown, m.limits(*priority, "").due(due), "{} {priority}", step.code);
            }
            for (priority, span) in &step.limits {
                let words = words::span(*span, lang);
                assert!(step.told.contains(&format!("{priority} {words}")), "{}", step.told);
            }
            let lines = step.lines.join(" ");
            for piece in short(&step.limits, lang).split("\u{a0}· ") {
                assert!(lines.contains(piece), "{}: {piece}", step.code);
                assert!(drawing.contains(piece), "{}: {piece}", step.code);
            }
        }
        for rung in m.ladder() {
            let share = format!("{}", rung.percent);
            assert!(drawing.contains(&share), "{share}");
        }
    }
    let changed = edited("regional/limits.toml", "acknowledge = \"2 h\"", "acknowledge = \"3 h\"");
    let lines = |m: &Mechanism| {
        let flow = flow(m, Lang::En);
        flow.steps[find(&flow.steps, "sent").expect("is drawn")].lines.join(" ")
    };
    assert!(lines(&m).contains("P1\u{a0}2\u{a0}h"), "{}", lines(&m));
    assert!(lines(&changed).contains("P1\u{a0}3\u{a0}h"), "{}", lines(&changed));
}

#[test]
fn limits_that_follow_each_other_stand_together() {
    let day = Span::WorkingDays(1);
    let two = Span::WorkingDays(2);
    let of = |limits: &[(Priority, Span)]| short(limits, Lang::En).replace('\u{a0}', " ");
    assert_eq!(of(&[(Priority::P1, day), (Priority::P2, day)]), "P1–P2 1 wd");
    assert_eq!(
        of(&[(Priority::P1, day), (Priority::P3, day), (Priority::P4, two)]),
        "P1 1 wd · P3 1 wd · P4 2 wd"
    );
}

#[test]
fn every_edge_is_drawn_or_told() {
    let m = cameroon();
    for (from, command, to, ..) in WAYS {
        assert!(
            m.edges()
                .iter()
                .any(|e| e.from == *from && e.command == *command && e.to == *to),
            "{from} {command} {to} is no edge of the pathway"
        );
    }
    for lang in LANGS {
        let flow = flow(&m, lang);
        let notes = flow.notes.join(" ");
        for edge in m.edges().iter().filter(|e| e.command != CLOCK) {
            let drawn = flow.links.iter().any(|l| {
                l.command == edge.command && flow.steps[l.from].code == edge.from && flow.steps[l.to].code == edge.to
            });
            let label = setting::set(&edge.label.get(lang).to_lowercase(), lang);
            assert!(drawn || notes.contains(&label), "{label}: {notes}");
        }
    }
}

/// Reads XML to its end.
fn well_formed(text: &str) {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut depth = 0;
    loop {
        match reader.read_event().unwrap_or_else(|e| panic!("{e}")) {
            quick_xml::events::Event::Start(_) => depth += 1,
            quick_xml::events::Event::End(_) => depth -= 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
}

#[test]
fn the_svg_stands_alone_and_its_words_are_text() {
    for lang in LANGS {
        let drawing = svg(&flow(&cameroon(), lang), lang);
        well_formed(&drawing);
        assert!(drawing.contains("role=\"img\"") && drawing.contains("<title>") && drawing.contains("<desc>"));
        assert!(!drawing.contains(" id=") && !drawing.contains("style=") && !drawing.contains("currentColor"));
        assert!(!drawing.contains("href"), "nothing is fetched");
    }
    let odd = edited(
        "regional/pathway.toml",
        "en = \"Sent\"",
        "en = \"Sent <b> & \\\"more\\\"\"",
    );
    let flow = flow(&odd, Lang::En);
    let (drawing, model) = (svg(&flow, Lang::En), bpmn(&flow, Lang::En));
    well_formed(&drawing);
    well_formed(&model);
    assert!(drawing.contains("&lt;b&gt;") && model.contains("&lt;b&gt;"));
}

/// What stands between `open` and the next `close`, each time.
fn between<'a>(text: &'a str, open: &str, close: char) -> Vec<&'a str> {
    text.split(open)
        .skip(1)
        .filter_map(|rest| rest.split(close).next())
        .collect()
}

#[test]
fn the_bpmn_is_whole() {
    for lang in LANGS {
        let flow = flow(&cameroon(), lang);
        let model = bpmn(&flow, lang);
        well_formed(&model);
        let ids = between(&model, " id=\"", '"');
        let known: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(known.len(), ids.len(), "an id stands twice");
        assert!(ids.iter().all(|id| id.starts_with(|c: char| c.is_ascii_alphabetic())));
        let (sources, targets) = (
            between(&model, " sourceRef=\"", '"'),
            between(&model, " targetRef=\"", '"'),
        );
        let flows = between(&model, "<bpmn:sequenceFlow id=\"", '"');
        assert_eq!((sources.len(), targets.len()), (flows.len(), flows.len()));
        for (open, close) in [
            (" sourceRef=\"", '"'),
            (" targetRef=\"", '"'),
            (" processRef=\"", '"'),
            (" bpmnElement=\"", '"'),
            ("<bpmn:flowNodeRef>", '<'),
            ("<bpmn:incoming>", '<'),
            ("<bpmn:outgoing>", '<'),
        ] {
            for reference in between(&model, open, close) {
                assert!(known.contains(reference), "{open}{reference}");
            }
        }
        let told = |tag: &str| between(&model, tag, '<').into_iter().collect::<BTreeSet<_>>();
        let all: BTreeSet<&str> = flows.iter().copied().collect();
        assert_eq!(told("<bpmn:incoming>"), all);
        assert_eq!(told("<bpmn:outgoing>"), all);
        let drawn: BTreeSet<&str> = between(&model, " bpmnElement=\"", '"').into_iter().collect();
        for element in flows.iter().chain(&sources).chain(&targets) {
            assert!(drawn.contains(element), "{element} is not drawn");
        }
        let placed = between(&model, "<bpmn:flowNodeRef>", '<');
        for (kind, least) in [
            ("startEvent", 1),
            ("endEvent", 2),
            ("exclusiveGateway", 5),
            ("task", 15),
        ] {
            let nodes = between(&model, &format!("<bpmn:{kind} id=\""), '"');
            assert!(nodes.len() >= least, "{kind}: {}", nodes.len());
            for node in nodes {
                assert_eq!(
                    placed.iter().filter(|p| **p == node).count(),
                    1,
                    "{node} is in one lane"
                );
                let ways = sources.iter().filter(|s| **s == node).count();
                let wanted = match kind {
                    "endEvent" => ways == 0,
                    "exclusiveGateway" => ways > 1,
                    _ => ways == 1,
                };
                assert!(wanted, "{node}: {ways} ways out");
            }
        }
        assert!(!targets.contains(&"Start"), "nothing comes before the start");
    }
}

#[test]
fn the_figure_says_the_same_in_words() {
    let blocks = figure(&cameroon(), Lang::Fr);
    let [Block::Figure { svg, alternative, .. }] = blocks.as_slice() else {
        panic!("one figure");
    };
    assert!(svg.starts_with("<svg "));
    let Some(Block::List { ordered: true, items }) = alternative.first() else {
        panic!("a list of steps");
    };
    assert_eq!(items.len(), flow(&cameroon(), Lang::Fr).steps.len());
    let words = |item: &[Block]| match item {
        [Block::Paragraph(run)] => crate::model::plain(run),
        _ => panic!("one paragraph"),
    };
    let all: Vec<String> = items.iter().map(|i| words(i)).collect();
    let sent = all.iter().find(|t| t.starts_with("Envoyé")).expect("is told");
    assert!(
        sent.contains("P1 2\u{a0}heures") && sent.contains("Accuser réception → Reçu"),
        "{sent}"
    );
}
