//! Where the boxes and arrows of the states stand.
//!
//! Each box has a rank below those that lead to it. Between two ranks lies a
//! gutter in three layers: the words of the arrows that leave the boxes above,
//! the tracks in which lines turn, the words of those that leave upwards from the
//! boxes below. In the layers of words lines only run straight, each in a slot of
//! its box that is as wide as its words; in the tracks there are no words. So no
//! line meets words, and a line that passes a rank does so between its boxes.

use super::super::layout::{LINE, MARGIN, Point, Rect, int};
use super::tracks::{nearest, tracks};
use super::{Chart, Way, high, least, words};

/// Between two things of a rank.
const APART: i32 = 16;
/// From one track to the next.
const TRACK: i32 = 8;
/// Before and after the tracks: an arrow's head fits.
const EDGE: i32 = 10;
/// From the beginning of a slot to its line, and from the line to its words.
const BEFORE: i32 = 6;
const NEAR: i32 = 4;
/// A slot without words.
const BARE: i32 = 18;

/// Where everything stands; boxes in the chart's order.
pub(super) struct Laid {
    pub width: i32,
    pub height: i32,
    pub boxes: Vec<Rect>,
    pub lines: Vec<Vec<Point>>,
    pub labels: Vec<(Rect, Vec<String>)>,
}

/// What stands in a rank: a box, or the line of a way that passes it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    Node(usize),
    Pass(usize),
}

/// A way with its upper and lower box.
#[derive(Clone, Copy)]
struct Run {
    upper: usize,
    lower: usize,
    /// Whether it leads up.
    up: bool,
}

/// The chart while it is laid out.
struct Desk<'a> {
    chart: &'a Chart,
    rank: Vec<usize>,
    runs: Vec<Run>,
    ranks: Vec<Vec<Item>>,
}

/// Where the parts of a chart stand.
pub(super) fn of(chart: &Chart, top: i32) -> Laid {
    let mut desk = Desk::new(chart);
    desk.arrange();
    let wide = desk.ranks.iter().map(|r| desk.row(r)).max().unwrap_or(0);
    let room = wide.max(700);
    let mut left = desk.spread(room);
    let routes = desk.routes(&mut left);
    let mut laid = desk.lay(&left, &routes, top);
    trim(&mut laid);
    laid
}

/// Moves everything to the left margin; what is right of it all is no room of the
/// drawing.
fn trim(laid: &mut Laid) {
    let along = || laid.lines.iter().flatten().map(|(x, _)| *x);
    let low = along().chain(laid.boxes.iter().map(|b| b.x)).min().unwrap_or(MARGIN);
    let rights = laid.boxes.iter().chain(laid.labels.iter().map(|(rect, _)| rect));
    let high = along().chain(rights.map(|r| r.right())).max().unwrap_or(MARGIN);
    let by = MARGIN - low;
    laid.width = high + by;
    laid.boxes.iter_mut().for_each(|b| b.x += by);
    laid.labels.iter_mut().for_each(|(rect, _)| rect.x += by);
    laid.lines.iter_mut().flatten().for_each(|(x, _)| *x += by);
}

/// A line through the gutters from its upper box to its lower: where it enters
/// and leaves each, and in which track it turns.
type Route = Vec<(i32, i32, usize)>;

impl<'a> Desk<'a> {
    fn new(chart: &'a Chart) -> Self {
        let mut rank = vec![0; chart.nodes.len()];
        // The list is in order: whatever joins two of it puts the later below.
        for later in 0..rank.len() {
            for way in &chart.ways {
                let (low, high) = (way.from.min(way.to), way.from.max(way.to));
                if high == later {
                    rank[later] = rank[later].max(rank[low] + 1);
                }
            }
        }
        let runs: Vec<Run> = chart
            .ways
            .iter()
            .map(|w| Run {
                upper: w.from.min(w.to),
                lower: w.from.max(w.to),
                up: w.from > w.to,
            })
            .collect();
        let mut ranks: Vec<Vec<Item>> = vec![Vec::new(); rank.iter().max().map_or(0, |r| r + 1)];
        for (n, r) in rank.iter().enumerate() {
            ranks[*r].push(Item::Node(n));
        }
        for (n, run) in runs.iter().enumerate() {
            for between in &mut ranks[rank[run.upper] + 1..rank[run.lower]] {
                between.push(Item::Pass(n));
            }
        }
        Self {
            chart,
            rank,
            runs,
            ranks,
        }
    }

    /// What a way is in a rank that it touches.
    fn item(&self, run: usize, rank: usize) -> Item {
        let Run { upper, lower, .. } = self.runs[run];
        if rank == self.rank[upper] {
            Item::Node(upper)
        } else if rank == self.rank[lower] {
            Item::Node(lower)
        } else {
            Item::Pass(run)
        }
    }

    /// The ways that cross the gutter under a rank.
    fn crossing(&self, gutter: usize) -> impl Iterator<Item = usize> {
        let inside = move |r: &Run| self.rank[r.upper] <= gutter && gutter < self.rank[r.lower];
        (0..self.runs.len()).filter(move |n| inside(&self.runs[*n]))
    }

    fn place(&self, rank: usize, item: Item) -> usize {
        self.ranks[rank].iter().position(|i| *i == item).unwrap_or(0)
    }

    /// Orders each rank by where its neighbours stand, again and again; the order
    /// with the fewest crossings stays.
    fn arrange(&mut self) {
        let mut best = (self.crossings(), self.ranks.clone());
        for sweep in 0..12 {
            let count = self.ranks.len();
            for step in 1..count {
                let (rank, other) = if sweep % 2 == 0 {
                    (step, step - 1)
                } else {
                    (count - 1 - step, count - step)
                };
                let mut keyed: Vec<(usize, Item)> = self.ranks[rank]
                    .iter()
                    .map(|i| (self.mean(rank, other, *i), *i))
                    .collect();
                keyed.sort_by_key(|(key, _)| *key);
                self.ranks[rank] = keyed.into_iter().map(|(_, item)| item).collect();
            }
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.ranks.clone());
            }
        }
        self.ranks = best.1;
    }

    /// The mean place of an item's neighbours in another rank, in thousandths;
    /// its own if it has none.
    fn mean(&self, rank: usize, other: usize, item: Item) -> usize {
        let near: Vec<usize> = self
            .crossing(rank.min(other))
            .filter(|n| self.item(*n, rank) == item)
            .map(|n| self.place(other, self.item(n, other)) * 1000)
            .collect();
        if near.is_empty() {
            self.place(rank, item) * 1000
        } else {
            near.iter().sum::<usize>() / near.len()
        }
    }

    fn crossings(&self) -> usize {
        (0..self.ranks.len())
            .map(|gutter| {
                let ends: Vec<(usize, usize)> = self
                    .crossing(gutter)
                    .map(|n| {
                        let end = |rank| self.place(rank, self.item(n, rank));
                        (end(gutter), end(gutter + 1))
                    })
                    .collect();
                let cross = |(n, a): (usize, &(usize, usize))| {
                    let over = |b: &&(usize, usize)| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1);
                    ends[n + 1..].iter().filter(over).count()
                };
                ends.iter().enumerate().map(cross).sum::<usize>()
            })
            .sum()
    }

    fn slot(&self, run: usize) -> i32 {
        BEFORE + NEAR + words(&self.chart.ways[run]) + BEFORE
    }

    /// The ways at the lower edge of a box with the width of their slots, and
    /// those at its upper edge.
    fn under(&self, node: usize) -> impl Iterator<Item = (usize, i32)> {
        let of = move |n: &usize| self.runs[*n].upper == node;
        (0..self.runs.len()).filter(of).map(move |n| {
            let wide = if self.runs[n].up { BARE } else { self.slot(n) };
            (n, wide)
        })
    }

    fn over(&self, node: usize) -> impl Iterator<Item = (usize, i32)> {
        let of = move |n: &usize| self.runs[*n].lower == node;
        (0..self.runs.len()).filter(of).map(move |n| {
            let wide = if self.runs[n].up { self.slot(n) } else { BARE };
            (n, wide)
        })
    }

    fn wide(&self, item: Item) -> i32 {
        let Item::Node(n) = item else { return 0 };
        let sum = |slots: &mut dyn Iterator<Item = (usize, i32)>| slots.map(|(_, w)| w).sum::<i32>();
        least(&self.chart.nodes[n])
            .max(sum(&mut self.under(n)))
            .max(sum(&mut self.over(n)))
            .max(90)
    }

    fn row(&self, items: &[Item]) -> i32 {
        items.iter().map(|i| self.wide(*i) + APART).sum::<i32>() - APART
    }

    /// Where each item begins: near the middle of its neighbours, apart from what
    /// stands beside it.
    fn spread(&self, room: i32) -> Vec<Vec<i32>> {
        let mut left: Vec<Vec<i32>> = self
            .ranks
            .iter()
            .map(|items| {
                let mut x = MARGIN + (room - self.row(items)) / 2;
                let mut at = Vec::with_capacity(items.len());
                for item in items {
                    at.push(x);
                    x += self.wide(*item) + APART;
                }
                at
            })
            .collect();
        let count = self.ranks.len();
        for sweep in 0..10 {
            for step in 1..count {
                let (rank, other) = if sweep % 2 == 0 {
                    (step, step - 1)
                } else {
                    (count - 1 - step, count - step)
                };
                let wanted: Vec<i32> = (0..self.ranks[rank].len())
                    .map(|k| self.wanted(&left, (rank, k), other))
                    .collect();
                left[rank] = self.settle(rank, &wanted, room);
            }
        }
        left
    }

    /// Where an item would begin under or over the middle of its neighbours.
    fn wanted(&self, left: &[Vec<i32>], (rank, k): (usize, usize), other: usize) -> i32 {
        let item = self.ranks[rank][k];
        let middles: Vec<i32> = self
            .crossing(rank.min(other))
            .filter(|n| self.item(*n, rank) == item)
            .map(|n| {
                let near = self.item(n, other);
                left[other][self.place(other, near)] + self.wide(near) / 2
            })
            .collect();
        if middles.is_empty() {
            return left[rank][k];
        }
        middles.iter().sum::<i32>() / int(middles.len()) - self.wide(item) / 2
    }

    /// The places that come nearest to those wanted and keep apart, inside the room.
    fn settle(&self, rank: usize, wanted: &[i32], room: i32) -> Vec<i32> {
        let wide: Vec<i32> = self.ranks[rank].iter().map(|i| self.wide(*i) + APART).collect();
        let pushed = |wanted: &[i32], low: i32| {
            let mut free = low;
            let push = |(x, w): (&i32, &i32)| {
                let at = (*x).max(free);
                free = at + w;
                at
            };
            wanted.iter().zip(&wide).map(push).collect::<Vec<i32>>()
        };
        let pulled = |wanted: &[i32], high: i32| {
            let mut free = high + APART;
            let mut at: Vec<i32> = wanted
                .iter()
                .zip(&wide)
                .rev()
                .map(|(x, w)| {
                    free = (*x).min(free - w);
                    free
                })
                .collect();
            at.reverse();
            at
        };
        let (low, high) = (MARGIN, MARGIN + room);
        let (right, left) = (pushed(wanted, low), pulled(wanted, high));
        let mean: Vec<i32> = right.iter().zip(&left).map(|(a, b)| (a + b) / 2).collect();
        pulled(&pushed(&mean, low), high)
    }

    /// How each line runs, from the top; the places of passing lines are set here.
    fn routes(&self, left: &mut [Vec<i32>]) -> Vec<Route> {
        let mut routes: Vec<Route> = vec![Vec::new(); self.runs.len()];
        for gutter in 0..self.ranks.len().saturating_sub(1) {
            let uppers = self.uppers(gutter, left, &routes);
            let lowers = self.lowers(gutter + 1, left, &uppers);
            let mut ends: Vec<(usize, i32, i32)> = Vec::new();
            for (run, upper) in &uppers {
                let lower = lowers.iter().find(|(n, _)| n == run).map_or(*upper, |(_, x)| *x);
                ends.push((*run, *upper, lower));
            }
            for (run, track) in tracks(&ends) {
                if let Some((_, upper, lower)) = ends.iter().find(|(n, ..)| *n == run) {
                    routes[run].push((*upper, *lower, track));
                }
            }
        }
        routes
    }

    /// Where lines enter a gutter from above.
    fn uppers(&self, rank: usize, left: &[Vec<i32>], routes: &[Route]) -> Vec<(usize, i32)> {
        let mut uppers = Vec::new();
        for (k, item) in self.ranks[rank].iter().enumerate() {
            match item {
                Item::Pass(run) => {
                    let x = routes[*run].last().map_or(left[rank][k], |(_, x, _)| *x);
                    uppers.push((*run, x));
                }
                Item::Node(node) => {
                    let mut slots: Vec<(usize, i32)> = self.under(*node).collect();
                    // By where they lead, so that they do not cross at once.
                    slots.sort_by_key(|(run, _)| {
                        let next = self.item(*run, rank + 1);
                        left[rank + 1][self.place(rank + 1, next)] + self.wide(next) / 2
                    });
                    let whole: i32 = slots.iter().map(|(_, w)| w).sum();
                    let mut x = left[rank][k] + (self.wide(*item) - whole) / 2;
                    for (run, wide) in slots {
                        uppers.push((run, x + BEFORE));
                        x += wide;
                    }
                }
            }
        }
        uppers
    }

    /// Where lines leave a gutter below: as nearly straight under where they
    /// entered as the room there lets them.
    fn lowers(&self, rank: usize, left: &mut [Vec<i32>], uppers: &[(usize, i32)]) -> Vec<(usize, i32)> {
        let above = |run: usize| uppers.iter().find(|(n, _)| *n == run).map_or(0, |(_, x)| *x);
        let mut lowers: Vec<(usize, i32)> = Vec::new();
        let items = &self.ranks[rank];
        let mut free = i32::MIN / 2;
        for (k, item) in items.iter().enumerate() {
            match item {
                Item::Pass(run) => {
                    let passes = items[k + 1..].iter().take_while(|i| matches!(i, Item::Pass(_))).count();
                    let stop = items[k + 1..]
                        .iter()
                        .position(|i| matches!(i, Item::Node(_)))
                        .map_or(left[rank][k] + 60, |n| left[rank][k + 1 + n] - 8);
                    let range = (free.max(left[rank][k] - 60), stop - int(passes) * TRACK);
                    let x = nearest((*run, above(*run)), range, uppers, &lowers);
                    lowers.push((*run, x));
                    left[rank][k] = x;
                    free = x + TRACK;
                }
                Item::Node(node) => {
                    let (start, wide) = (left[rank][k], self.wide(*item));
                    let mut end = start + wide;
                    let (mut rising, mut falling): (Vec<_>, Vec<_>) =
                        self.over(*node).partition(|(n, _)| self.runs[*n].up);
                    rising.sort_by_key(|(n, _)| std::cmp::Reverse(above(*n)));
                    for (run, slot) in rising {
                        end -= slot;
                        let range = (end + 2, end + BEFORE + NEAR);
                        let x = nearest((run, end + BEFORE), range, uppers, &lowers);
                        lowers.push((run, x));
                    }
                    falling.sort_by_key(|(n, _)| above(*n));
                    let mut from = start + 8;
                    for (n, (run, _)) in falling.iter().enumerate() {
                        let after = int(falling.len() - n - 1);
                        let range = (from, end - 8 - after * 10);
                        let x = nearest((*run, above(*run)), range, uppers, &lowers);
                        lowers.push((*run, x));
                        from = x + 10;
                    }
                    free = start + wide + 8;
                }
            }
        }
        lowers
    }

    /// Everything at its height.
    fn lay(&self, left: &[Vec<i32>], routes: &[Route], top: i32) -> Laid {
        let mut boxes = vec![Rect { x: 0, y: 0, w: 0, h: 0 }; self.chart.nodes.len()];
        // Of each gutter, where its tracks begin.
        let mut tracks_y = Vec::new();
        let mut labels = Vec::new();
        let mut y = top;
        for (rank, items) in self.ranks.iter().enumerate() {
            let nodes = || {
                items
                    .iter()
                    .filter_map(|i| if let Item::Node(n) = i { Some(*n) } else { None })
            };
            let h = nodes().map(|n| high(&self.chart.nodes[n])).max().unwrap_or(0);
            for node in nodes() {
                let x = left[rank][self.place(rank, Item::Node(node))];
                let w = self.wide(Item::Node(node));
                boxes[node] = Rect { x, y, w, h };
                for (run, _) in self.over(node).filter(|(n, _)| self.runs[*n].up) {
                    let lines = &self.chart.ways[run].lines;
                    let x = routes[run].last().map_or(x, |(_, x, _)| *x);
                    labels.push(self.label(run, x, y - 3 - int(lines.len()) * LINE));
                }
                for (run, _) in self.under(node).filter(|(n, _)| !self.runs[*n].up) {
                    let x = routes[run].first().map_or(x, |(x, ..)| *x);
                    labels.push(self.label(run, x, y + h + 3));
                }
            }
            y += h;
            if rank + 1 == self.ranks.len() {
                break;
            }
            let tall =
                |ways: &mut dyn Iterator<Item = &Way>| ways.map(|w| int(w.lines.len())).max().unwrap_or(0) * LINE;
            let leaves = |n: &usize, up: bool, at: usize| {
                let run = self.runs[*n];
                run.up == up && self.rank[if up { run.lower } else { run.upper }] == at
            };
            let ways = |up: bool, at: usize| {
                let of = self.crossing(rank).filter(move |n| leaves(n, up, at));
                of.map(|n| &self.chart.ways[n]).collect::<Vec<&Way>>()
            };
            y += tall(&mut ways(false, rank).into_iter()) + EDGE;
            tracks_y.push(y);
            let turns = self.crossing(rank).filter_map(|n| {
                let (from, to, track) = routes[n].get(rank - self.rank[self.runs[n].upper])?;
                (from != to).then_some(track + 1)
            });
            y += int(turns.max().unwrap_or(0)) * TRACK + tall(&mut ways(true, rank + 1).into_iter()) + EDGE;
        }
        let lines = (0..self.runs.len())
            .map(|n| self.corners(n, &routes[n], &boxes, &tracks_y))
            .collect();
        Laid {
            width: 0,
            height: y,
            boxes,
            lines,
            labels,
        }
    }

    fn label(&self, run: usize, x: i32, y: i32) -> (Rect, Vec<String>) {
        let way = &self.chart.ways[run];
        let rect = Rect {
            x: x + NEAR,
            y,
            w: words(way),
            h: int(way.lines.len()) * LINE,
        };
        (rect, way.lines.clone())
    }

    /// The corners of a line, from where it leaves to where it arrives.
    fn corners(&self, run: usize, route: &Route, boxes: &[Rect], tracks_y: &[i32]) -> Vec<Point> {
        let Run { upper, lower, up } = self.runs[run];
        let mut corners = Vec::new();
        if let Some((x, ..)) = route.first() {
            corners.push((*x, boxes[upper].bottom()));
        }
        for (k, (from, to, track)) in route.iter().enumerate() {
            if from != to {
                let y = tracks_y[self.rank[upper] + k] + int(*track) * TRACK + TRACK / 2;
                corners.extend([(*from, y), (*to, y)]);
            }
        }
        if let Some((_, x, _)) = route.last() {
            corners.push((*x, boxes[lower].y));
        }
        if up {
            corners.reverse();
        }
        corners
    }
}
