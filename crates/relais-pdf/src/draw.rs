//! Pages into the file: what was laid out is drawn, and each thing drawn gets its
//! place in the tree of tags.

use std::collections::BTreeMap;

use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::configure::{Accessibility, Archival, Configuration, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, LineCap, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier};
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document as Pdf, SerializeSettings};
use relais_documents::Document;
use relais_documents::model::plain;

use crate::figure::{Drawing, Edge, Shape};
use crate::font::{Face, font};
use crate::layout::Layout;
use crate::page::{Page, Piece, Rect, Sheet};
use crate::text::{Color, Goal, INK2, LINE, Run, Style, Words, kept};
use crate::tree::Leaf;

/// Our type runs narrower than the one that the model's drawings are measured for.
const IN_DRAWINGS: f32 = 1.07;
/// As much of an address as is said of a link.
const SAID: usize = 1000;

/// Where a heading stands: its page, from 0, and how far down.
type Places<'a> = BTreeMap<&'a str, (usize, f32)>;

/// The file.
pub(crate) fn file(document: &Document, layout: &Layout<'_>, pages: &[Page]) -> Vec<u8> {
    // What a document cannot keep, such as a day where its version tells none, its file does not claim.
    [Some(Archival::A2_A), None]
        .into_iter()
        .map(rules)
        .chain([Configuration::default()])
        .find_map(|rules| write(document, layout, pages, rules).ok())
        .expect("only fonts of ours and words are drawn")
}

/// The rules that a file keeps: for archives, and for whoever has it read aloud.
fn rules(archival: Option<Archival>) -> Configuration {
    let aloud = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1);
    archival
        .map_or(aloud, |archival| aloud.with_archival_validator(archival))
        .finish()
        .expect("both are rules for PDF 1.7")
}

/// The year in the mechanism's version, such as "cm-2026.1": the only time that a document tells.
fn year(version: &str) -> Option<u16> {
    version
        .split(|c: char| !c.is_ascii_digit())
        .find(|digits| digits.len() == 4)
        .and_then(|digits| digits.parse().ok())
}

fn write(
    document: &Document,
    layout: &Layout<'_>,
    pages: &[Page],
    configuration: Configuration,
) -> Result<Vec<u8>, KrillaError> {
    let mut pdf = Pdf::new_with(SerializeSettings {
        configuration,
        enable_tagging: true,
        ..SerializeSettings::default()
    });
    let places = places(pages);
    let mut drawn = vec![None; layout.tree.leaves()];
    for (n, page) in pages.iter().enumerate() {
        let (width, height) = page.sheet.size();
        let settings = PageSettings::from_wh(width, height).expect("sheets have a size");
        let mut sheet = pdf.start_page_with(settings);
        {
            let mut pen = Pen {
                surface: sheet.surface(),
                drawn: &mut drawn,
                places: &places,
                aside: false,
            };
            page.pieces.iter().for_each(|piece| pen.piece(piece));
            // A sheet goes on below its title, and its first page says what it is of like any other.
            if n > 0 || document.is_sheet() {
                pen.furniture(document, page.sheet, n + 1, pages.len());
            }
            pen.plain();
        }
        for piece in &page.pieces {
            if let Piece::Link { rect, goal, leaf } = piece
                && let Some(annotation) = link(document, &layout.goals[*goal], *rect, &places)
            {
                drawn[*leaf] = Some(sheet.add_tagged_annotation(annotation));
            }
        }
        sheet.finish();
    }
    let lang = document.lang.to_string();
    pdf.set_outline(outline(document, &places));
    pdf.set_tag_tree(layout.tree.filled(&drawn, &lang));
    let metadata = Metadata::new()
        .title(kept(&format!("{} – {}", document.code, document.title)))
        .language(lang.clone())
        .authors(vec![kept(&document.mechanism)])
        .description(kept(&document.made_from()))
        .creator("Relais".to_owned())
        .document_id(format!(
            "{} {} {} {lang}",
            document.code, document.version, document.hash
        ));
    pdf.set_metadata(match year(&document.version) {
        Some(year) => metadata.creation_date(DateTime::new(year)),
        None => metadata,
    });
    pdf.finish()
}

fn places(pages: &[Page]) -> Places<'_> {
    let mut places = Places::new();
    for (n, page) in pages.iter().enumerate() {
        for piece in &page.pieces {
            if let Piece::Here { y, id } = piece {
                places.insert(id, (n, *y));
            }
        }
    }
    places
}

/// A place in the file, with a little above it.
fn destination(&(page, y): &(usize, f32)) -> XyzDestination {
    XyzDestination::new(page, Point::from_xy(0.0, (y - 14.0).max(0.0)))
}

fn link(document: &Document, goal: &Goal, rect: Rect, places: &Places<'_>) -> Option<Annotation> {
    let (target, said) = match goal {
        Goal::Address(to) => (Target::Action(Action::Link(LinkAction::new(to.clone()))), to.clone()),
        Goal::Heading(id) => {
            let heading = document.headings().find(|h| h.id == *id)?;
            let said = format!("{} {}", heading.number, plain(&heading.text));
            (Target::Destination(destination(places.get(id.as_str())?).into()), said)
        }
    };
    let said = kept(&said).trim().chars().take(SAID).collect();
    let rect = krilla::geom::Rect::from_xywh(rect.x, rect.y, rect.w, rect.h)?;
    Some(Annotation::new_link(LinkAnnotation::new(rect, target), Some(said)))
}

/// The bookmarks: the title, the sections and what is in them.
fn outline(document: &Document, places: &Places<'_>) -> Outline {
    let mut outline = Outline::new();
    outline.push_child(OutlineNode::new(kept(&document.title), destination(&(0, 0.0))));
    let mut open: Option<OutlineNode> = None;
    for heading in document.headings().filter(|h| h.level <= 3) {
        let Some(place) = places.get(heading.id.as_str()) else {
            continue;
        };
        let words = kept(&format!("{} {}", heading.number, plain(&heading.text)));
        let node = OutlineNode::new(words.trim().to_owned(), destination(place));
        match &mut open {
            Some(section) if heading.level == 3 => section.push_child(node),
            _ => {
                if let Some(section) = open.replace(node) {
                    outline.push_child(section);
                }
            }
        }
    }
    if let Some(section) = open {
        outline.push_child(section);
    }
    outline
}

/// Draws on one page.
struct Pen<'a, 'b> {
    surface: Surface<'a>,
    drawn: &'b mut Vec<Option<Identifier>>,
    places: &'b Places<'b>,
    /// Whether what is drawn now is not read out.
    aside: bool,
}

impl Pen<'_, '_> {
    fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Words { x, y, runs, leaf } => {
                match leaf {
                    Some(leaf) => self.told(*leaf),
                    None => self.aside(ArtifactType::Other),
                }
                runs.iter().for_each(|run| self.run(run, *x, *y));
                if leaf.is_some() {
                    self.surface.end_tagged();
                }
            }
            Piece::Area { rect, fill, edge } => {
                self.aside(ArtifactType::Layout);
                let edge = edge.map(|(color, width)| stroke(color, width, Vec::new()));
                self.path(&corners(*rect), true, 0.0, *fill, edge);
            }
            Piece::Dots { x, y, w, color } => {
                self.aside(ArtifactType::Layout);
                let mut dots = stroke(*color, 0.9, vec![0.0, 2.6]);
                dots.line_cap = LineCap::Round;
                self.path(&[(*x, *y), (x + w.max(0.0), *y)], false, 0.0, None, Some(dots));
            }
            Piece::Drawing {
                x,
                y,
                scale,
                drawing,
                leaf,
            } => {
                self.told(*leaf);
                self.surface
                    .push_transform(&Transform::from_row(*scale, 0.0, 0.0, *scale, *x, *y));
                self.drawing(drawing);
                self.surface.pop();
                self.surface.end_tagged();
            }
            Piece::Number { x, y, style, id, leaf } => {
                let number = self.places.get(id.as_str()).map_or(0, |(page, _)| page + 1);
                self.told(*leaf);
                self.ending(&number.to_string(), *style, *x, *y);
                self.surface.end_tagged();
            }
            Piece::Link { .. } | Piece::Here { .. } => {}
        }
    }

    /// What follows is read out, in this place of the tree.
    fn told(&mut self, leaf: Leaf) {
        self.plain();
        self.drawn[leaf] = Some(self.surface.start_tagged(ContentTag::Other));
    }

    /// What follows is not read out.
    fn aside(&mut self, kind: ArtifactType) {
        if !self.aside {
            self.surface
                .start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
            self.aside = true;
        }
    }

    /// Ends what is not read out.
    fn plain(&mut self) {
        if self.aside {
            self.surface.end_tagged();
            self.aside = false;
        }
    }

    fn run(&mut self, run: &Run, x: f32, y: f32) {
        let fill = run.style.color;
        self.ink(Some(fill), None);
        let mut at = 0;
        let glyphs: Vec<KrillaGlyph> = run
            .text
            .chars()
            .zip(&run.glyphs)
            .map(|(sign, &(id, advance))| {
                let from = at;
                at += sign.len_utf8();
                let advance = advance / run.style.size;
                KrillaGlyph::new(GlyphId::new(u32::from(id)), advance, 0.0, 0.0, 0.0, from..at, None)
            })
            .collect();
        let font = font(run.style.face).drawn().clone();
        let start = Point::from_xy(x + run.x, y);
        self.surface
            .draw_glyphs(start, &glyphs, font, &run.text, run.style.size, false);
    }

    /// Words on one line that begin here.
    fn starting(&mut self, text: &str, style: Style, x: f32, y: f32) {
        let words = Words::plain(text, style);
        words.runs(words.whole()).iter().for_each(|run| self.run(run, x, y));
    }

    /// Words on one line that end here.
    fn ending(&mut self, text: &str, style: Style, x: f32, y: f32) {
        let words = Words::plain(text, style);
        self.starting(text, style, x - words.width(words.whole()), y);
    }

    fn ink(&mut self, fill: Option<Color>, edge: Option<Stroke>) {
        self.surface.set_fill(fill.map(|color| Fill {
            paint: rgb(color).into(),
            ..Fill::default()
        }));
        self.surface.set_stroke(edge);
    }

    fn path(&mut self, corners: &[(f32, f32)], closed: bool, round: f32, fill: Option<Color>, edge: Option<Stroke>) {
        if fill.is_none() && edge.is_none() {
            return;
        }
        let mut path = PathBuilder::new();
        if let ([(left, top), .., (_, bottom)], true) = (corners, round > 0.0) {
            let right = corners[1].0;
            rounded(&mut path, (*left, *top, right, *bottom), round);
        } else {
            for (n, (x, y)) in corners.iter().enumerate() {
                if n == 0 {
                    path.move_to(*x, *y);
                } else {
                    path.line_to(*x, *y);
                }
            }
        }
        if closed {
            path.close();
        }
        if let Some(path) = path.finish() {
            self.ink(fill, edge);
            self.surface.draw_path(&path);
        }
    }

    fn drawing(&mut self, drawing: &Drawing) {
        for shape in &drawing.shapes {
            match shape {
                Shape::Path {
                    corners,
                    closed,
                    round,
                    fill,
                    edge,
                } => self.path(corners, *closed, *round, *fill, edge.as_ref().map(drawn_edge)),
                Shape::Words {
                    x,
                    y,
                    size,
                    strong,
                    fill,
                    rim,
                    middle,
                    turned,
                    text,
                } => {
                    let face = if *strong { Face::Strong } else { Face::Plain };
                    let words = Words::plain(text, Style::new(face, size * IN_DRAWINGS, *fill));
                    let back = if *middle { words.width(words.whole()) / 2.0 } else { 0.0 };
                    self.surface.push_transform(&Transform::from_rotate_at(*turned, *x, *y));
                    for run in words.runs(words.whole()) {
                        if let Some(rim) = rim {
                            self.rim(&run, (x - back, *y), rim);
                        }
                        self.run(&run, x - back, *y);
                    }
                    self.surface.pop();
                }
            }
        }
    }

    /// The rim of words: an area behind them, so that nobody reads them twice.
    fn rim(&mut self, run: &Run, (x, y): (f32, f32), rim: &Edge) {
        let rect = Rect {
            x: x + run.x - rim.width / 2.0,
            y: y - run.style.size * 0.72,
            w: run.width + rim.width,
            h: run.style.size * 0.94,
        };
        self.path(&corners(rect), true, 0.0, Some(rim.color), None);
    }

    /// What stands at the head and the foot of each page but the first.
    fn furniture(&mut self, document: &Document, sheet: Sheet, number: usize, of: usize) {
        let style = Style::new(Face::Plain, 8.0, INK2);
        let (body, (_, height)) = (sheet.body(), sheet.size());
        if sheet == Sheet::Upright {
            self.plain();
            self.aside(ArtifactType::Header);
            self.starting(&document.title, style, body.x, 40.0);
            let rule = Rect {
                x: body.x,
                y: 47.0,
                w: body.w,
                h: 0.5,
            };
            self.path(&corners(rule), true, 0.0, Some(LINE), None);
        }
        self.plain();
        self.aside(ArtifactType::Footer);
        let y = height - 26.0;
        self.starting(&format!("{} · {}", document.code, document.version), style, body.x, y);
        self.ending(&format!("{number} / {of}"), style, body.x + body.w, y);
    }
}

fn rgb(Color(r, g, b): Color) -> krilla::color::rgb::Color {
    krilla::color::rgb::Color::new(r, g, b)
}

fn corners(rect: Rect) -> [(f32, f32); 4] {
    let (right, bottom) = (rect.x + rect.w, rect.y + rect.h);
    [(rect.x, rect.y), (right, rect.y), (right, bottom), (rect.x, bottom)]
}

fn stroke(color: Color, width: f32, dashes: Vec<f32>) -> Stroke {
    Stroke {
        paint: rgb(color).into(),
        width,
        dash: (!dashes.is_empty()).then_some(StrokeDash {
            array: dashes,
            offset: 0.0,
        }),
        ..Stroke::default()
    }
}

fn drawn_edge(edge: &Edge) -> Stroke {
    stroke(edge.color, edge.width, edge.dashes.clone())
}

/// A rectangle with round corners.
fn rounded(path: &mut PathBuilder, (left, top, right, bottom): (f32, f32, f32, f32), r: f32) {
    // How far the handles of a quarter of a circle stand from its corner.
    let c = r * 0.448;
    path.move_to(left + r, top);
    path.line_to(right - r, top);
    path.cubic_to(right - c, top, right, top + c, right, top + r);
    path.line_to(right, bottom - r);
    path.cubic_to(right, bottom - c, right - c, bottom, right - r, bottom);
    path.line_to(left + r, bottom);
    path.cubic_to(left + c, bottom, left, bottom - c, left, bottom - r);
    path.line_to(left, top + r);
    path.cubic_to(left, top + c, left + c, top, left + r, top);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_stands_in_the_version() {
        assert_eq!(year("cm-2026.1"), Some(2026));
        assert_eq!(year("cm-12.20261"), None);
    }
}
