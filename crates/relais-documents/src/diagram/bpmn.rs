//! Writes a flow as BPMN 2.0: one participant with lanes, a start event, tasks,
//! an exclusive gateway after each step with several ways out, end events; and
//! how it is drawn (BPMN DI), from the same layout as the SVG.
//!
//! A gateway and the start event stand inside the cell of their step, so that
//! nothing else has to move for them.

use std::fmt::Write as _;

use relais_interchange::zip::escaped;
use relais_mechanism::Lang;

use super::layout::{self, HEAD, Layout, Point, Rect, Route};
use super::{Flow, Kind, Step};

/// Tools draw a task of 100 by 80 and the names in it at a fixed size.
const SCALE: i32 = 2;
/// Side of a gateway.
const GATEWAY: i32 = 24;
/// Across an event.
const EVENT: i32 = 18;
/// Between what stands in one cell.
const BETWEEN: i32 = 8;
/// Between the end of a link and the corner of a shape.
const CORNER: i32 = 4;

/// What a step becomes.
struct Shapes {
    id: String,
    task: Rect,
    gateway: Option<(String, Rect)>,
    start: Option<Rect>,
}

/// A sequence flow.
struct Sequence {
    id: String,
    name: String,
    source: String,
    target: String,
    corners: Vec<Point>,
    label: Option<Rect>,
}

/// The file.
pub(super) fn write(flow: &Flow, lang: Lang) -> String {
    let layout = layout::of(flow);
    let shapes: Vec<Shapes> = (0..flow.steps.len()).map(|n| shapes(flow, &layout, n)).collect();
    let sequences = sequences(flow, &layout, &shapes);
    let mut out = String::with_capacity(60_000);
    put(
        &mut out,
        format_args!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" \
             xmlns:bpmndi=\"http://www.omg.org/spec/BPMN/20100524/DI\" \
             xmlns:dc=\"http://www.omg.org/spec/DD/20100524/DC\" \
             xmlns:di=\"http://www.omg.org/spec/DD/20100524/DI\" \
             id=\"Definitions\" targetNamespace=\"urn:relais:pathway:{lang}\" exporter=\"Relais\">\n\
             <bpmn:collaboration id=\"Collaboration\">\n\
             <bpmn:participant id=\"Participant\" name=\"{}\" processRef=\"Process\"/>\n\
             </bpmn:collaboration>\n\
             <bpmn:process id=\"Process\" name=\"{}\" isExecutable=\"false\">\n",
            escaped(&flow.title),
            escaped(&flow.title)
        ),
    );
    documentation(&mut out, &flow.notes.join("\n"));
    lanes(&mut out, flow, &shapes);
    for (step, shapes) in flow.steps.iter().zip(&shapes) {
        nodes(&mut out, step, shapes, &sequences);
    }
    for s in &sequences {
        put(
            &mut out,
            format_args!(
                "<bpmn:sequenceFlow id=\"{}\"{} sourceRef=\"{}\" targetRef=\"{}\"/>\n",
                s.id,
                named(&s.name),
                s.source,
                s.target
            ),
        );
    }
    out.push_str("</bpmn:process>\n");
    drawing(&mut out, flow, &layout, &shapes, &sequences);
    out.push_str("</bpmn:definitions>\n");
    out
}

fn put(out: &mut String, words: std::fmt::Arguments<'_>) {
    out.write_fmt(words).expect("memory takes all");
}

fn named(name: &str) -> String {
    if name.is_empty() {
        String::new()
    } else {
        format!(" name=\"{}\"", escaped(name))
    }
}

fn documentation(out: &mut String, text: &str) {
    if !text.is_empty() {
        put(
            out,
            format_args!("<bpmn:documentation>{}</bpmn:documentation>\n", escaped(text)),
        );
    }
}

/// What stands in the cell of a step.
fn shapes(flow: &Flow, layout: &Layout, n: usize) -> Shapes {
    let step = &flow.steps[n];
    let cell = layout.boxes[n];
    let id = format!("Step_{}", step.code);
    if step.kind == Kind::End {
        let (x, y) = cell.middle();
        let task = square(x - EVENT / 2, y - EVENT / 2, EVENT);
        return Shapes {
            id,
            task,
            gateway: None,
            start: None,
        };
    }
    let ways = flow.links.iter().filter(|l| l.from == n).count();
    let start = (step.kind == Kind::Need).then(|| square(cell.x, cell.y + CORNER, EVENT));
    let gateway = (ways > 1).then(|| {
        let rect = square(cell.right() - GATEWAY, cell.middle().1 - GATEWAY / 2, GATEWAY);
        (format!("Choice_{}", step.code), rect)
    });
    let before = if start.is_some() { EVENT + BETWEEN } else { 0 };
    let after = if gateway.is_some() { GATEWAY + BETWEEN } else { 0 };
    let task = Rect {
        x: cell.x + before,
        w: cell.w - before - after,
        ..cell
    };
    Shapes {
        id,
        task,
        gateway,
        start,
    }
}

const fn square(x: i32, y: i32, side: i32) -> Rect {
    Rect { x, y, w: side, h: side }
}

/// The flows: into the first step, from steps to their gateways, and the links.
fn sequences(flow: &Flow, layout: &Layout, shapes: &[Shapes]) -> Vec<Sequence> {
    let mut out = Vec::new();
    let plain = |id: String, source: &str, target: &str, corners: Vec<Point>| Sequence {
        id,
        name: String::new(),
        source: source.to_owned(),
        target: target.to_owned(),
        corners,
        label: None,
    };
    for of in shapes {
        if let Some(event) = of.start {
            let y = event.middle().1;
            let corners = vec![(event.right(), y), (of.task.x, y)];
            out.push(plain(format!("Flow_into_{}", of.id), "Start", &of.id, corners));
        }
        if let Some((id, rect)) = &of.gateway {
            let y = rect.middle().1;
            let corners = vec![(of.task.right(), y), (rect.x, y)];
            out.push(plain(format!("Flow_to_{id}"), &of.id, id, corners));
        }
    }
    for (n, link) in flow.links.iter().enumerate() {
        let (from, to) = (&shapes[link.from], &shapes[link.to]);
        let (source, leaves) = match &from.gateway {
            Some((id, rect)) => (id, *rect),
            None => (&from.id, from.task),
        };
        let ends = flow.steps[link.to].kind == Kind::End;
        let route = moved(layout.routes[n], (leaves, from.gateway.is_some()), (to.task, ends));
        out.push(Sequence {
            id: format!("Flow_{n}"),
            name: link.label.clone(),
            source: source.clone(),
            target: to.id.clone(),
            corners: layout::corners(route, link, leaves, to.task),
            label: layout.labels[n].as_ref().map(|l| l.rect),
        });
    }
    out
}

/// The route between shapes that are smaller than their cells: it touches a
/// round or pointed one in the middle of its side.
fn moved(route: Route, (from, from_point): (Rect, bool), (to, to_point): (Rect, bool)) -> Route {
    let onto = |x: i32, rect: Rect, point: bool| {
        if point {
            rect.middle().0
        } else {
            x.min(rect.right() - CORNER).max(rect.x + CORNER)
        }
    };
    match route {
        Route::Level { .. } => route,
        Route::Gutter { from_x, y, to_x } => Route::Gutter {
            from_x: onto(from_x, from, from_point),
            y,
            to_x: onto(to_x, to, to_point),
        },
        Route::Round { from_x, y, x, to_y } => Route::Round {
            from_x: onto(from_x, from, from_point),
            y,
            x,
            to_y,
        },
    }
}

fn lanes(out: &mut String, flow: &Flow, shapes: &[Shapes]) {
    out.push_str("<bpmn:laneSet id=\"Lanes\">\n");
    for (n, lane) in flow.lanes.iter().enumerate() {
        put(
            out,
            format_args!("<bpmn:lane id=\"Lane_{}\"{}>\n", lane.code, named(&lane.title)),
        );
        for (_, of) in flow.steps.iter().zip(shapes).filter(|(s, _)| s.lane == n) {
            let start = of.start.map(|_| "Start");
            let gateway = of.gateway.as_ref().map(|(id, _)| id.as_str());
            for id in start.into_iter().chain([of.id.as_str()]).chain(gateway) {
                put(out, format_args!("<bpmn:flowNodeRef>{id}</bpmn:flowNodeRef>\n"));
            }
        }
        out.push_str("</bpmn:lane>\n");
    }
    out.push_str("</bpmn:laneSet>\n");
}

/// The nodes of a step: its start event, the task or end event, its gateway.
fn nodes(out: &mut String, step: &Step, shapes: &Shapes, sequences: &[Sequence]) {
    if shapes.start.is_some() {
        node(out, "startEvent", "Start", "", "", sequences);
    }
    let tag = match step.kind {
        Kind::End => "endEvent",
        Kind::Need | Kind::State | Kind::Ended | Kind::Ladder => "task",
    };
    node(out, tag, &shapes.id, &step.title, &step.lines.join("\n"), sequences);
    if let Some((id, _)) = &shapes.gateway {
        node(out, "exclusiveGateway", id, "", "", sequences);
    }
}

fn node(out: &mut String, tag: &str, id: &str, name: &str, about: &str, sequences: &[Sequence]) {
    put(out, format_args!("<bpmn:{tag} id=\"{id}\"{}>\n", named(name)));
    documentation(out, about);
    for s in sequences.iter().filter(|s| s.target == id) {
        put(out, format_args!("<bpmn:incoming>{}</bpmn:incoming>\n", s.id));
    }
    for s in sequences.iter().filter(|s| s.source == id) {
        put(out, format_args!("<bpmn:outgoing>{}</bpmn:outgoing>\n", s.id));
    }
    put(out, format_args!("</bpmn:{tag}>\n"));
}

/// How it is drawn.
fn drawing(out: &mut String, flow: &Flow, layout: &Layout, shapes: &[Shapes], sequences: &[Sequence]) {
    out.push_str(
        "<bpmndi:BPMNDiagram id=\"Diagram\">\n<bpmndi:BPMNPlane id=\"Plane\" bpmnElement=\"Collaboration\">\n",
    );
    // The participant's own head stands before those of the lanes.
    if let (Some(first), Some(last)) = (layout.lanes.first(), layout.lanes.last()) {
        let whole = Rect {
            x: first.x - HEAD / SCALE,
            w: first.w + HEAD / SCALE,
            h: last.bottom() - first.y,
            ..*first
        };
        shape(out, "Participant", whole, " isHorizontal=\"true\"");
    }
    for (lane, rect) in flow.lanes.iter().zip(&layout.lanes) {
        shape(out, &format!("Lane_{}", lane.code), *rect, " isHorizontal=\"true\"");
    }
    for of in shapes {
        if let Some(rect) = of.start {
            shape(out, "Start", rect, "");
        }
        shape(out, &of.id, of.task, "");
        if let Some((id, rect)) = &of.gateway {
            shape(out, id, *rect, " isMarkerVisible=\"true\"");
        }
    }
    for s in sequences {
        put(
            out,
            format_args!("<bpmndi:BPMNEdge id=\"{0}_di\" bpmnElement=\"{0}\">\n", s.id),
        );
        for (x, y) in &s.corners {
            put(
                out,
                format_args!("<di:waypoint x=\"{}\" y=\"{}\"/>\n", x * SCALE, y * SCALE),
            );
        }
        if let Some(rect) = s.label {
            out.push_str("<bpmndi:BPMNLabel>\n");
            bounds(out, rect);
            out.push_str("</bpmndi:BPMNLabel>\n");
        }
        out.push_str("</bpmndi:BPMNEdge>\n");
    }
    out.push_str("</bpmndi:BPMNPlane>\n</bpmndi:BPMNDiagram>\n");
}

fn shape(out: &mut String, id: &str, rect: Rect, more: &str) {
    put(
        out,
        format_args!("<bpmndi:BPMNShape id=\"{id}_di\" bpmnElement=\"{id}\"{more}>\n"),
    );
    bounds(out, rect);
    out.push_str("</bpmndi:BPMNShape>\n");
}

fn bounds(out: &mut String, rect: Rect) {
    put(
        out,
        format_args!(
            "<dc:Bounds x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n",
            rect.x * SCALE,
            rect.y * SCALE,
            rect.w * SCALE,
            rect.h * SCALE
        ),
    );
}
