//! Pieces into pages: what belongs together stays together, the header of a table
//! comes again where it goes on.

use std::rc::Rc;

use crate::figure::Drawing;
use crate::text::{Color, Run, Style};
use crate::tree::Leaf;

/// A rectangle, in points from the top left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
}

/// The paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sheet {
    /// A4 upright.
    Upright,
    /// A3 across, for a drawing that A4 would make too small to read.
    Wide,
}

impl Sheet {
    pub(crate) const fn size(self) -> (f32, f32) {
        match self {
            Self::Upright => (595.276, 841.89),
            Self::Wide => (1190.551, 841.89),
        }
    }

    /// Where the text stands.
    pub(crate) const fn body(self) -> Rect {
        let (w, h) = self.size();
        let (side, top, foot) = match self {
            Self::Upright => (57.0, 68.0, 62.0),
            Self::Wide => (28.0, 28.0, 42.0),
        };
        Rect {
            x: side,
            y: top,
            w: w - 2.0 * side,
            h: h - top - foot,
        }
    }
}

/// Something that is drawn.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// Runs on one line; without a leaf they are furniture, which is not read out.
    Words {
        x: f32,
        y: f32,
        runs: Vec<Run>,
        leaf: Option<Leaf>,
    },
    /// An area; never read out.
    Area {
        rect: Rect,
        fill: Option<Color>,
        edge: Option<(Color, f32)>,
    },
    /// Dots from left to right: a line to write on, a leader.
    Dots { x: f32, y: f32, w: f32, color: Color },
    /// A drawing, so many times its own size.
    Drawing {
        x: f32,
        y: f32,
        scale: f32,
        drawing: Rc<Drawing>,
        leaf: Leaf,
    },
    /// Leads somewhere.
    Link { rect: Rect, goal: usize, leaf: Leaf },
    /// A heading stands here.
    Here { y: f32, id: String },
    /// The number of the page on which a heading stands, ending at `x`.
    Number {
        x: f32,
        y: f32,
        style: Style,
        id: String,
        leaf: Leaf,
    },
}

impl Piece {
    /// Moves it.
    pub(crate) fn moved(mut self, dx: f32, dy: f32) -> Self {
        match &mut self {
            Self::Words { x, y, .. }
            | Self::Dots { x, y, .. }
            | Self::Drawing { x, y, .. }
            | Self::Number { x, y, .. }
            | Self::Area {
                rect: Rect { x, y, .. },
                ..
            }
            | Self::Link {
                rect: Rect { x, y, .. },
                ..
            } => {
                *x += dx;
                *y += dy;
            }
            Self::Here { y, .. } => *y += dy,
        }
        self
    }

    /// The same once more, not read out: the header of a table on its next page.
    fn again(&self) -> Option<Self> {
        match self {
            Self::Words { x, y, runs, .. } => Some(Self::Words {
                x: *x,
                y: *y,
                runs: runs.clone(),
                leaf: None,
            }),
            Self::Area { .. } => Some(self.clone()),
            _ => None,
        }
    }
}

/// What no page parts.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    /// Room above it, unless it begins a page.
    pub before: f32,
    pub height: f32,
    /// Stays with the next.
    pub keep: bool,
    /// Begins a page.
    pub breaks: bool,
    pub sheet: Sheet,
    /// The header that stands above it where it begins a page, by its number.
    pub head: Option<usize>,
    /// From the top of the chunk, and from the left of the text.
    pub pieces: Vec<Piece>,
}

impl Chunk {
    pub(crate) const fn new(before: f32, height: f32) -> Self {
        Self {
            before,
            height,
            keep: false,
            breaks: false,
            sheet: Sheet::Upright,
            head: None,
            pieces: Vec::new(),
        }
    }
}

/// A page.
#[derive(Debug)]
pub(crate) struct Page {
    pub sheet: Sheet,
    pub pieces: Vec<Piece>,
}

struct Pages<'a> {
    pages: Vec<Page>,
    heads: &'a [Chunk],
    /// Where the next chunk goes, from the top of the text.
    y: f32,
}

/// Lays chunks out on pages.
pub(crate) fn pages(chunks: Vec<Chunk>, heads: &[Chunk]) -> Vec<Page> {
    let mut pages = Pages {
        pages: Vec::new(),
        heads,
        y: 0.0,
    };
    let mut rest = chunks.into_iter().peekable();
    let mut together = Vec::new();
    while let Some(chunk) = rest.next() {
        // A page that must begin ends what stays together.
        let keep = chunk.keep
            && rest
                .peek()
                .is_some_and(|next| !next.breaks && next.sheet == chunk.sheet);
        together.push(chunk);
        if !keep {
            pages.unit(std::mem::take(&mut together));
        }
    }
    pages.pages
}

impl Pages<'_> {
    fn unit(&mut self, unit: Vec<Chunk>) {
        let height: f32 = unit.iter().map(|c| c.before + c.height).sum();
        let first = unit.first().map_or(0.0, |c| c.before);
        for (n, chunk) in unit.into_iter().enumerate() {
            let stays = match self.pages.last() {
                None => false,
                Some(page) => {
                    let room = page.sheet.body().h;
                    // What is taller than a page is parted where it must be.
                    let whole = if n == 0 && height - first <= room {
                        height
                    } else {
                        chunk.before + chunk.height
                    };
                    let begun = self.y > 0.0;
                    page.sheet == chunk.sheet && !(begun && (chunk.breaks || self.y + whole > room + 0.01))
                }
            };
            if !stays {
                self.begin(&chunk);
            }
            self.place(chunk);
        }
    }

    /// Begins a page for this chunk.
    fn begin(&mut self, chunk: &Chunk) {
        self.y = 0.0;
        let body = chunk.sheet.body();
        let mut pieces = Vec::new();
        if let Some(head) = chunk.head.and_then(|n| self.heads.get(n)) {
            let again = head.pieces.iter().filter_map(Piece::again);
            pieces.extend(again.map(|p| p.moved(body.x, body.y)));
            self.y = head.height;
        }
        self.pages.push(Page {
            sheet: chunk.sheet,
            pieces,
        });
    }

    fn place(&mut self, chunk: Chunk) {
        let Some(page) = self.pages.last_mut() else { return };
        let body = page.sheet.body();
        // Room above counts below something only.
        if self.y > 0.0 {
            self.y += chunk.before;
        }
        let y = body.y + self.y;
        page.pieces.extend(chunk.pieces.into_iter().map(|p| p.moved(body.x, y)));
        self.y += chunk.height;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(height: f32) -> Chunk {
        Chunk {
            pieces: vec![Piece::Here {
                y: 0.0,
                id: format!("{height}"),
            }],
            ..Chunk::new(10.0, height)
        }
    }

    fn laid(chunks: Vec<Chunk>) -> Vec<Vec<String>> {
        let head = Chunk {
            pieces: vec![Piece::Area {
                rect: Rect {
                    x: 0.0,
                    y: 0.0,
                    w: 1.0,
                    h: 1.0,
                },
                fill: None,
                edge: None,
            }],
            ..Chunk::new(0.0, 20.0)
        };
        let name = |piece: &Piece| match piece {
            Piece::Here { id, .. } => id.clone(),
            _ => "head".to_owned(),
        };
        pages(chunks, &[head])
            .iter()
            .map(|page| page.pieces.iter().map(name).collect())
            .collect()
    }

    #[test]
    fn pages_are_filled_and_what_is_kept_together_moves_together() {
        let room = Sheet::Upright.body().h;
        let full = room - 30.0;
        let kept = Chunk {
            keep: true,
            ..chunk(12.0)
        };
        assert_eq!(
            laid(vec![chunk(full), chunk(20.0), chunk(1.0)]),
            [vec![format!("{full}"), "20".into()], vec!["1".into()]]
        );
        // The heading would fit, what follows it would not.
        assert_eq!(
            laid(vec![chunk(full), kept.clone(), chunk(30.0)]),
            [vec![format!("{full}")], vec!["12".into(), "30".into()]]
        );
        // Taller than a page: parted all the same, and nothing is lost.
        assert_eq!(
            laid(vec![kept, chunk(room)]),
            [vec!["12".to_owned()], vec![format!("{room}")]]
        );
    }

    #[test]
    fn a_table_that_goes_on_has_its_header_again() {
        let room = Sheet::Upright.body().h;
        let row = |h| Chunk {
            head: Some(0),
            before: 0.0,
            ..chunk(h)
        };
        let half = room / 2.0;
        assert_eq!(
            laid(vec![row(half), row(half), row(half - 20.0), row(3.0)]),
            [
                vec!["head".to_owned(), format!("{half}")],
                vec!["head".into(), format!("{half}"), format!("{}", half - 20.0)],
                vec!["head".into(), "3".into()],
            ]
        );
    }
}
