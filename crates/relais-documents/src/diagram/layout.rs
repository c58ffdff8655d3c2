//! Where everything of a flow stands.
//!
//! Boxes fill the cells of a grid. Between the cells run gutters, and only there
//! do links turn: a link leaves a box above or below into the gutter next to it,
//! runs along a track of its own and goes straight into the box that it reaches.
//! Each track has room for a label over its line, so that labels keep apart from
//! boxes and from each other. A link to the box beside it is one straight line
//! with its label over it; the gap between the columns is as wide as the longest
//! word of such a label.

use super::{Flow, Link, Side};

/// Width of the drawing: A3 across, in points.
pub(super) const WIDTH: i32 = 1190;
/// Height of the drawing, at least.
const HEIGHT: i32 = 842;
/// Around everything.
pub(super) const MARGIN: i32 = 10;
/// Where the names of the lanes stand.
pub(super) const HEAD: i32 = 30;
/// Room for the title.
const TOP: i32 = 36;
/// Size of the words in boxes, on links and under the drawing.
pub(super) const SMALL: i32 = 9;
/// Size of the names of steps and lanes.
pub(super) const NAME: i32 = 10;
/// From one line of small words to the next.
pub(super) const LINE: i32 = 11;
/// From one line of a name to the next.
pub(super) const NAME_LINE: i32 = 12;
/// Between the edge of a box and its words.
pub(super) const PAD: i32 = 5;
/// Between two columns, at least.
const GAP: i32 = 22;
/// Before the first column: a line runs up there.
const FIRST_GAP: i32 = 20;
/// After the last column.
const LAST_GAP: i32 = 14;
/// From one track of a gutter to the next: a label and its line.
const TRACK: i32 = 14;
/// From the top of a track to its line.
const UNDER: i32 = 12;
/// Height of a label of one line.
const LABEL: i32 = 10;
/// Before the first track of a gutter and after the last.
const EDGE: i32 = 9;
/// Between what stands on one track.
const APART: i32 = 6;
/// Between a line and the label beside or over it.
const NEAR: i32 = 4;

/// A point.
pub(super) type Point = (i32, i32);

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub x: i32,
    pub y: i32,
    pub w: i32,
    pub h: i32,
}

impl Rect {
    pub(super) const fn right(self) -> i32 {
        self.x + self.w
    }

    pub(super) const fn bottom(self) -> i32 {
        self.y + self.h
    }

    pub(super) const fn middle(self) -> Point {
        (self.x + self.w / 2, self.y + self.h / 2)
    }
}

/// The words of a box, in lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    pub name: Vec<String>,
    pub lines: Vec<String>,
}

impl Words {
    pub(super) fn height(&self) -> i32 {
        int(self.name.len()) * NAME_LINE + int(self.lines.len()) * LINE
    }
}

/// The words of a link, in lines, and where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub rect: Rect,
    pub lines: Vec<String>,
}

/// How a link runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// Straight to the box beside it.
    Level { y: i32 },
    /// Along a gutter.
    Gutter { from_x: i32, y: i32, to_x: i32 },
    /// Along a gutter, then up before the first column.
    Round { from_x: i32, y: i32, x: i32, to_y: i32 },
}

/// Where everything stands; boxes, words, routes and labels in the order of the
/// flow's steps and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub width: i32,
    pub height: i32,
    pub lanes: Vec<Rect>,
    pub boxes: Vec<Rect>,
    pub words: Vec<Words>,
    pub routes: Vec<Route>,
    pub labels: Vec<Option<Label>>,
    /// Lines of the notes and where the first one stands.
    pub notes: Vec<String>,
    pub notes_y: i32,
}

/// A count as a length.
pub(super) fn int(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// Width of words, a little more than the usual sans-serif faces take.
pub(super) fn width(text: &str, size: i32, bold: bool) -> i32 {
    let sign = |c: char| match c {
        'i' | 'j' | 'l' | '’' | '\'' | '|' => 250,
        'f' | 't' | 'r' | ' ' | '.' | ',' | ':' | ';' | '!' | '(' | ')' | '·' | '\u{a0}' | '\u{202f}' => 340,
        'm' | 'w' | 'M' | 'W' | '%' | 'œ' | '→' => 900,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' => 520,
        c if c.is_uppercase() => 720,
        _ => 580,
    };
    let thousandths: i32 = text.chars().map(sign).sum();
    let thousandths = if bold { thousandths * 107 / 100 } else { thousandths };
    (thousandths * size + 999) / 1000
}

/// Words in lines no wider than `room`; a word that is wider has a line of its
/// own.
pub(super) fn wrap(text: &str, room: i32, size: i32, bold: bool) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        if let Some(line) = lines.last_mut()
            && width(&format!("{line} {word}"), size, bold) <= room
        {
            line.push(' ');
            line.push_str(word);
            continue;
        }
        lines.push(word.to_owned());
    }
    lines
}

/// Whether a link is one straight line to the box beside it.
fn is_level(link: &Link) -> bool {
    link.leaves.side == Side::Right && link.arrives.side == Side::Left
}

/// The columns: where each begins, and how wide a box is.
struct Columns {
    left: Vec<i32>,
    wide: i32,
    width: i32,
}

impl Columns {
    fn of(flow: &Flow) -> Self {
        let count = flow.steps.iter().map(|s| s.column + 1).max().unwrap_or(1);
        let mut gaps = vec![GAP; count + 1];
        for link in flow.links.iter().filter(|l| is_level(l)) {
            let (from, to) = (&flow.steps[link.from], &flow.steps[link.to]);
            if to.column == from.column + 1 {
                let words = link.label.split(' ').map(|w| width(w, SMALL, false));
                // The head of the arrow takes what is left.
                let room = words.max().unwrap_or(0) + 3 * NEAR;
                gaps[to.column] = gaps[to.column].max(room);
            }
        }
        gaps[0] = FIRST_GAP;
        gaps[count] = LAST_GAP;
        let around = 2 * MARGIN + HEAD + gaps.iter().sum::<i32>();
        // A ladder of many steps makes the drawing wider, not its boxes too narrow for a word.
        let wide = ((WIDTH - around) / int(count)).max(90);
        let mut x = MARGIN + HEAD;
        let mut left = Vec::with_capacity(count);
        for gap in &gaps[..count] {
            x += gap;
            left.push(x);
            x += wide;
        }
        Self {
            left,
            wide,
            width: (x + LAST_GAP + MARGIN).max(WIDTH),
        }
    }

    fn port(&self, column: usize, at: i32) -> i32 {
        self.left[column] + self.wide * at / 100
    }
}

/// How a link runs along a gutter, before heights are known.
struct Run {
    gutter: usize,
    from_x: i32,
    to_x: i32,
    /// Where the label begins and how wide it is.
    label: (i32, i32),
    track: usize,
}

impl Run {
    /// From where to where it takes its track.
    fn extent(&self) -> (i32, i32) {
        let (x, wide) = self.label;
        let (low, high) = (self.from_x.min(self.to_x), self.from_x.max(self.to_x));
        if wide == 0 {
            (low, high)
        } else {
            (low.min(x), high.max(x + wide))
        }
    }
}

/// The links that run along gutters, by their index; `None` for straight ones.
fn runs(flow: &Flow, columns: &Columns) -> Vec<Option<Run>> {
    let mut runs: Vec<Option<Run>> = flow
        .links
        .iter()
        .map(|link| {
            let (from, to) = (&flow.steps[link.from], &flow.steps[link.to]);
            (!is_level(link)).then(|| Run {
                gutter: match link.leaves.side {
                    Side::Top => from.row,
                    _ => from.row + 1,
                },
                from_x: columns.port(from.column, link.leaves.at),
                to_x: match link.arrives.side {
                    Side::Left => columns.left[to.column] - FIRST_GAP / 2,
                    _ => columns.port(to.column, link.arrives.at),
                },
                label: (0, width(&link.label, SMALL, false)),
                track: 0,
            })
        })
        .collect();
    let crossed = verticals(flow, &runs);
    let bounds = (columns.left[0] - FIRST_GAP / 2 + NEAR, columns.width - MARGIN - NEAR);
    let mut tracks: Vec<Vec<Vec<(i32, i32)>>> = Vec::new();
    for run in runs.iter_mut().flatten() {
        run.label.0 = label_x(run, bounds, &crossed);
        let (low, high) = run.extent();
        if tracks.len() <= run.gutter {
            tracks.resize(run.gutter + 1, Vec::new());
        }
        let gutter = &mut tracks[run.gutter];
        let free = |track: &Vec<(i32, i32)>| track.iter().all(|(a, b)| high + APART <= *a || b + APART <= low);
        run.track = gutter.iter().position(free).unwrap_or(gutter.len());
        if run.track == gutter.len() {
            gutter.push(Vec::new());
        }
        gutter[run.track].push((low, high));
    }
    runs
}

/// The gutters that each vertical line passes, with its place.
fn verticals(flow: &Flow, runs: &[Option<Run>]) -> Vec<(usize, i32)> {
    let mut out = Vec::new();
    for (link, run) in flow.links.iter().zip(runs) {
        let Some(run) = run else { continue };
        out.push((run.gutter, run.from_x));
        let row = flow.steps[link.to].row;
        let passed = match link.arrives.side {
            Side::Top => run.gutter..row + 1,
            _ => row + 1..run.gutter + 1,
        };
        out.extend(passed.map(|g| (g, run.to_x)));
    }
    out
}

/// Where the label of a link begins: near where the link leaves, if no line
/// crosses it there.
fn label_x(run: &Run, bounds: (i32, i32), crossed: &[(usize, i32)]) -> i32 {
    let wide = run.label.1;
    let (low, high) = (run.from_x.min(run.to_x), run.from_x.max(run.to_x));
    let (after, before) = (low + NEAR, high - NEAR - wide);
    let places = if low == high {
        [low + NEAR, low - NEAR - wide, low + NEAR]
    } else if run.from_x < run.to_x {
        [after, (low + high - wide) / 2, before]
    } else {
        [before, (low + high - wide) / 2, after]
    };
    let crossings = |x: &i32| {
        let through = |line: i32| *x - 3 < line && line < *x + wide + 3;
        crossed
            .iter()
            .filter(|(g, line)| *g == run.gutter && through(*line))
            .count()
    };
    places
        .into_iter()
        .map(|x| x.min(bounds.1 - wide).max(bounds.0))
        .min_by_key(crossings)
        .unwrap_or(after)
}

/// Where a flow's parts stand.
pub(super) fn of(flow: &Flow) -> Layout {
    let columns = Columns::of(flow);
    let runs = runs(flow, &columns);
    let words: Vec<Words> = flow
        .steps
        .iter()
        .map(|s| Words {
            name: wrap(&s.title, columns.wide - 2 * PAD, NAME, true),
            lines: s
                .lines
                .iter()
                .flat_map(|l| wrap(l, columns.wide - 2 * PAD, SMALL, false))
                .collect(),
        })
        .collect();
    let rows: usize = flow.lanes.iter().map(|l| l.rows).sum();
    let level = |n: usize| level_label(flow, &columns, n);
    let heights = row_heights(flow, &words, rows, level);
    let gutters = gutter_heights(&runs, rows);
    // Tops of the gutters; the row under one begins where it ends.
    let mut gutter_top = Vec::with_capacity(rows + 1);
    let mut y = TOP;
    for (n, gutter) in gutters.iter().enumerate() {
        gutter_top.push(y);
        y += gutter + heights.get(n).copied().unwrap_or(0);
    }
    let bottom = y;
    let row_top = |row: usize| gutter_top[row] + gutters[row];
    let boxes: Vec<Rect> = flow
        .steps
        .iter()
        .map(|s| Rect {
            x: columns.left[s.column],
            y: row_top(s.row),
            w: columns.wide,
            h: heights[s.row],
        })
        .collect();
    let mut routes = Vec::with_capacity(flow.links.len());
    let mut labels = Vec::with_capacity(flow.links.len());
    for (n, (link, run)) in flow.links.iter().zip(&runs).enumerate() {
        let (from, to) = (boxes[link.from], boxes[link.to]);
        let Some(run) = run else {
            let y = from.middle().1;
            routes.push(Route::Level { y });
            labels.push(level(n).map(|(lines, w)| {
                let h = int(lines.len()) * LINE;
                let rect = Rect {
                    x: from.right() + NEAR,
                    y: y - NEAR - h,
                    w,
                    h,
                };
                Label { rect, lines }
            }));
            continue;
        };
        let top = gutter_top[run.gutter] + EDGE + int(run.track) * TRACK;
        let (from_x, y) = (run.from_x, top + UNDER);
        routes.push(match link.arrives.side {
            Side::Left => Route::Round {
                from_x,
                y,
                x: run.to_x,
                to_y: to.y + to.h * link.arrives.at / 100,
            },
            _ => Route::Gutter {
                from_x,
                y,
                to_x: run.to_x,
            },
        });
        let (x, w) = run.label;
        labels.push((w > 0).then(|| Label {
            rect: Rect { x, y: top, w, h: LABEL },
            lines: vec![link.label.clone()],
        }));
    }
    let notes: Vec<String> = flow
        .notes
        .iter()
        .flat_map(|n| wrap(n, columns.width - 2 * MARGIN, SMALL, false))
        .collect();
    let notes_y = bottom + 2 * LINE;
    Layout {
        width: columns.width,
        height: (notes_y + int(notes.len()) * LINE + MARGIN).max(HEIGHT),
        lanes: lanes(flow, &gutter_top, bottom, columns.width),
        boxes,
        words,
        routes,
        labels,
        notes,
        notes_y,
    }
}

/// The label of a straight link in lines, and its width.
fn level_label(flow: &Flow, columns: &Columns, n: usize) -> Option<(Vec<String>, i32)> {
    let link = flow.links.get(n).filter(|l| is_level(l) && !l.label.is_empty())?;
    let (from, to) = (&flow.steps[link.from], &flow.steps[link.to]);
    let gap = columns.left[to.column] - columns.left[from.column] - columns.wide;
    let lines = wrap(&link.label, gap - 3 * NEAR, SMALL, false);
    let wide = lines.iter().map(|l| width(l, SMALL, false)).max()?;
    Some((lines, wide))
}

/// The height of each row: its fullest box, and room for the labels over the
/// lines between its boxes.
fn row_heights(
    flow: &Flow,
    words: &[Words],
    rows: usize,
    level: impl Fn(usize) -> Option<(Vec<String>, i32)>,
) -> Vec<i32> {
    let mut heights = vec![4 * LINE; rows];
    for (step, words) in flow.steps.iter().zip(words) {
        heights[step.row] = heights[step.row].max(words.height() + 2 * PAD);
    }
    for (n, link) in flow.links.iter().enumerate() {
        if let Some((lines, _)) = level(n) {
            let row = flow.steps[link.from].row;
            heights[row] = heights[row].max(2 * (int(lines.len()) * LINE + 2 * NEAR));
        }
    }
    heights
}

/// The height of each gutter: room for its tracks.
fn gutter_heights(runs: &[Option<Run>], rows: usize) -> Vec<i32> {
    let mut heights = vec![2 * EDGE; rows + 1];
    for run in runs.iter().flatten() {
        heights[run.gutter] = heights[run.gutter].max(2 * EDGE + int(run.track + 1) * TRACK);
    }
    heights
}

/// The lanes. One ends where the gutter under its last row begins: the labels
/// of that gutter stand in the next.
fn lanes(flow: &Flow, gutter_top: &[i32], bottom: i32, width: i32) -> Vec<Rect> {
    let mut row = 0;
    let mut lanes = Vec::with_capacity(flow.lanes.len());
    let edge = |row: usize| match gutter_top.get(row) {
        Some(top) if row > 0 && row + 1 < gutter_top.len() => top + NEAR,
        Some(top) if row == 0 => *top,
        _ => bottom,
    };
    for lane in &flow.lanes {
        let (top, end) = (edge(row), edge(row + lane.rows));
        lanes.push(Rect {
            x: MARGIN,
            y: top,
            w: width - 2 * MARGIN,
            h: end - top,
        });
        row += lane.rows;
    }
    lanes
}

/// The corners of a link between two shapes.
pub(super) fn corners(route: Route, link: &Link, from: Rect, to: Rect) -> Vec<Point> {
    let start = if link.leaves.side == Side::Top {
        from.y
    } else {
        from.bottom()
    };
    match route {
        Route::Level { y } => vec![(from.right(), y), (to.x, y)],
        Route::Gutter { from_x, y, to_x } => {
            let end = if link.arrives.side == Side::Top {
                to.y
            } else {
                to.bottom()
            };
            if from_x == to_x {
                vec![(from_x, start), (to_x, end)]
            } else {
                vec![(from_x, start), (from_x, y), (to_x, y), (to_x, end)]
            }
        }
        Route::Round { from_x, y, x, to_y } => {
            vec![(from_x, start), (from_x, y), (x, y), (x, to_y), (to.x, to_y)]
        }
    }
}
