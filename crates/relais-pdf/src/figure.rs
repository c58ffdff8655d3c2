//! A drawing of the model, read from its SVG: rectangles, lines, areas with
//! corners and words, which is what the house draws with. Its words stay words.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use crate::text::Color;

/// Below the last thing that is drawn.
const MARGIN: f32 = 10.0;

/// A drawing, in its own units.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawing {
    pub width: f32,
    pub height: f32,
    /// Made for a column of text, and not for a sheet of its own.
    pub column: bool,
    pub shapes: Vec<Shape>,
}

/// How a line is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Edge {
    pub color: Color,
    pub width: f32,
    /// Lengths of dashes and gaps in turn; without any, the line is whole.
    pub dashes: Vec<f32>,
}

/// What a drawing is made of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// Straight lines from corner to corner.
    Path {
        corners: Vec<(f32, f32)>,
        closed: bool,
        /// How far the corners of a rectangle are rounded.
        round: f32,
        fill: Option<Color>,
        edge: Option<Edge>,
    },
    /// Words.
    Words {
        x: f32,
        y: f32,
        size: f32,
        strong: bool,
        fill: Color,
        /// A rim that keeps words readable over a line.
        rim: Option<Edge>,
        /// Whether `x` is their middle.
        middle: bool,
        /// Turned around where they stand, in degrees.
        turned: f32,
        text: String,
    },
}

impl Drawing {
    /// Reads an SVG. What this reader does not know is left out: the model's drawings hold
    /// nothing of it (a test).
    pub(crate) fn read(svg: &str) -> Option<Self> {
        let mut drawing = None;
        let mut reader = Reader::from_str(svg);
        let mut words: Option<Shape> = None;
        loop {
            match reader.read_event().ok()? {
                Event::Start(tag) => match tag.name().as_ref() {
                    "svg" => drawing = Self::sized(&tag),
                    "text" => words = Some(text(&tag)),
                    _ => {}
                },
                Event::Empty(tag) => {
                    if let (Some(drawing), Some(shape)) = (&mut drawing, shape(&tag)) {
                        drawing.shapes.push(shape);
                    }
                }
                Event::Text(piece) => add(&mut words, &piece.xml10_content()),
                Event::GeneralRef(name) => {
                    let known = resolve_predefined_entity(&name.xml10_content());
                    add(&mut words, known.unwrap_or_default());
                }
                Event::End(tag) if tag.name().as_ref() == "text" => {
                    if let Some(drawing) = &mut drawing {
                        drawing.shapes.extend(words.take());
                    }
                }
                Event::Eof => {
                    let mut drawing = drawing?;
                    drawing.height = drawing.height.min(drawing.used() + MARGIN);
                    return Some(drawing);
                }
                _ => {}
            }
        }
    }

    /// How far down it is drawn, its paper not counted.
    fn used(&self) -> f32 {
        let paper = |corners: &[(f32, f32)]| corners.iter().any(|(_, y)| *y >= self.height);
        let lowest = |shape: &Shape| match shape {
            Shape::Path { corners, .. } if paper(corners) => 0.0,
            Shape::Path { corners, .. } => corners.iter().fold(0.0, |low, (_, y)| y.max(low)),
            Shape::Words { y, .. } => *y,
        };
        self.shapes.iter().map(lowest).fold(0.0, f32::max)
    }

    fn sized(tag: &BytesStart<'_>) -> Option<Self> {
        let view = attribute(tag, "viewBox")?;
        let numbers = numbers(&view);
        match numbers.as_slice() {
            [_, _, width, height] if *width > 0.0 && *height > 0.0 => Some(Self {
                width: *width,
                height: *height,
                column: attribute(tag, "class").is_some_and(|c| c == "column"),
                shapes: Vec::new(),
            }),
            _ => None,
        }
    }
}

fn add(words: &mut Option<Shape>, piece: &str) {
    if let Some(Shape::Words { text, .. }) = words {
        text.push_str(piece);
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    Some(tag.try_get_attribute(name).ok()??.value.into_owned())
}

fn number(tag: &BytesStart<'_>, name: &str) -> Option<f32> {
    attribute(tag, name)?.parse().ok()
}

fn numbers(text: &str) -> Vec<f32> {
    text.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-')))
        .filter_map(|n| n.parse().ok())
        .collect()
}

fn color(tag: &BytesStart<'_>, name: &str) -> Option<Color> {
    let hex = attribute(tag, name)?;
    let part = |at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    hex.starts_with('#').then_some(())?;
    Some(Color(part(1)?, part(3)?, part(5)?))
}

fn edge(tag: &BytesStart<'_>) -> Option<Edge> {
    Some(Edge {
        color: color(tag, "stroke")?,
        width: number(tag, "stroke-width").unwrap_or(1.0),
        dashes: attribute(tag, "stroke-dasharray").map_or_else(Vec::new, |d| numbers(&d)),
    })
}

fn shape(tag: &BytesStart<'_>) -> Option<Shape> {
    let closed = match tag.name().as_ref() {
        "rect" => {
            let at = |name| number(tag, name).unwrap_or_default();
            let (x, y, w, h) = (at("x"), at("y"), at("width"), at("height"));
            return Some(Shape::Path {
                corners: vec![(x, y), (x + w, y), (x + w, y + h), (x, y + h)],
                closed: true,
                round: at("rx").min(w / 2.0).min(h / 2.0),
                fill: color(tag, "fill"),
                edge: edge(tag),
            });
        }
        "polygon" => true,
        "polyline" => false,
        _ => return None,
    };
    let points = numbers(&attribute(tag, "points")?);
    Some(Shape::Path {
        corners: points.as_chunks().0.iter().map(|&[x, y]| (x, y)).collect(),
        closed,
        round: 0.0,
        fill: color(tag, "fill"),
        edge: edge(tag),
    })
}

fn text(tag: &BytesStart<'_>) -> Shape {
    let at = |name| number(tag, name).unwrap_or_default();
    Shape::Words {
        x: at("x"),
        y: at("y"),
        size: number(tag, "font-size").unwrap_or(10.0),
        strong: attribute(tag, "font-weight").is_some(),
        fill: color(tag, "fill").unwrap_or(crate::text::INK),
        rim: edge(tag),
        middle: attribute(tag, "text-anchor").is_some_and(|a| a == "middle"),
        turned: attribute(tag, "transform")
            .and_then(|t| numbers(&t).first().copied())
            .unwrap_or_default(),
        text: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use relais_mechanism::{Lang, Mechanism};

    use super::*;

    #[test]
    fn every_shape_and_word_of_the_pathway_is_read() {
        let mechanism = Mechanism::embedded("cameroon").expect("the built-in mechanism is whole");
        for lang in [Lang::Fr, Lang::En] {
            let flow = relais_documents::diagram::flow(&mechanism, lang);
            let svg = relais_documents::diagram::svg(&flow, lang);
            let drawing = Drawing::read(&svg).expect("a drawing");
            let count = |tag: &str| svg.matches(tag).count();
            let known = count("<rect") + count("<polyline") + count("<polygon") + count("<text");
            // The svg itself, its title and its description are no shapes.
            assert_eq!(
                svg.matches("</").count() + svg.matches("/>").count(),
                known + 3,
                "another element"
            );
            assert_eq!(drawing.shapes.len(), known);
            let words: Vec<&str> = drawing
                .shapes
                .iter()
                .filter_map(|s| match s {
                    Shape::Words { text, .. } => Some(text.as_str()),
                    Shape::Path { .. } => None,
                })
                .collect();
            assert!(words.contains(&flow.title.as_str()));
            assert!(words.iter().all(|w| !w.is_empty() && !w.contains("&amp")));
        }
    }

    #[test]
    fn a_shape_keeps_what_it_looks_like() {
        let drawing = Drawing::read(
            "<svg viewBox=\"0 0 100 50\"><rect x=\"1\" y=\"2\" width=\"30\" height=\"10\" fill=\"#0b5048\" rx=\"9\"/>\
             <text x=\"5\" y=\"6\" font-size=\"8\" fill=\"#14201e\" text-anchor=\"middle\" transform=\"rotate(-90 5 6)\">a &lt; b</text></svg>",
        )
        .expect("a drawing");
        // Empty paper below the drawing is not kept.
        assert_eq!((drawing.width, drawing.height), (100.0, 22.0));
        assert!(
            matches!(&drawing.shapes[0], Shape::Path { round, fill: Some(Color(0x0b, 0x50, 0x48)), edge: None, .. } if *round == 5.0)
        );
        assert!(
            matches!(&drawing.shapes[1], Shape::Words { text, turned, middle: true, .. } if text == "a < b" && *turned == -90.0)
        );
        assert_eq!(Drawing::read("<svg><rect/></svg>"), None);
    }
}
