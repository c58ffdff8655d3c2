//! Where entries stand: cells of the grid, whose entries are numbered side by
//! side (`order.rs`), each with a bound on what any of them can reach. A search from a point
//! looks into the near cells first and leaves out those that cannot better
//! what it has.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use super::Record;
use super::ready::{Facets, Ready};
use super::reason::points;
use crate::place::{Point, unit};

/// What a bound is loosened by, in units of a unit vector (some six metres):
/// vectors are kept with seven digits.
const SLACK: f32 = 1e-6;

thread_local! {
    /// A number for each cell, for one search after the other (see the rooms of `set.rs`).
    static CHORDS: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// The squared chord between two points of the unit sphere.
#[inline]
pub(super) fn chord(a: [f32; 3], b: [f32; 3]) -> f32 {
    let d = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    d[0] * d[0] + d[1] * d[1] + d[2] * d[2]
}

/// The unit vector of a point, exact to a metre.
pub(super) fn narrow_unit(point: Point) -> [f32; 3] {
    #[expect(clippy::cast_possible_truncation, reason = "metres are enough for a rank")]
    unit(point).map(|x| x as f32)
}

/// Entries near each other.
#[derive(Debug, Clone)]
struct Cell {
    /// Its entries, from the first to before the last number.
    entries: (u32, u32),
    /// Regions, departments, subdivisions of its entries: one bit for all
    /// numbers that are equal modulo 64.
    areas: [u64; 3],
    targets: u16,
    languages: u64,
    on_call: bool,
}

/// The circles around the cells, one list for each number: reckoned with several
/// at a time.
#[derive(Debug, Default)]
struct Circles {
    middles: [Vec<f32>; 3],
    /// No entry is further from the middle (a chord, not squared).
    radii: Vec<f32>,
}

impl Circles {
    fn push(&mut self, units: &[[f32; 3]]) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a directory has fewer than 2^24 entries in a cell"
        )]
        let share = 1.0 / units.len().max(1) as f32;
        let mut middle = [0.0; 3];
        for unit in units {
            for (m, u) in middle.iter_mut().zip(unit) {
                *m += u * share;
            }
        }
        let radius = units.iter().map(|u| chord(middle, *u)).fold(0.0, f32::max).sqrt() + SLACK;
        for (all, one) in self.middles.iter_mut().zip(middle) {
            all.push(one);
        }
        self.radii.push(radius);
    }

    /// For each cell a squared chord to the point than which no entry of it has
    /// a smaller one.
    fn nearest(&self, from: [f32; 3]) -> impl Iterator<Item = f32> + '_ {
        let [x, y, z] = &self.middles;
        let numbers = x.iter().zip(y).zip(z).zip(&self.radii);
        numbers.map(move |(((x, y), z), radius)| {
            let gap = (chord([*x, *y, *z], from).sqrt() - radius - SLACK).max(0.0);
            gap * gap
        })
    }
}

/// The entries with a distance, cell by cell.
#[derive(Debug, Default, Clone)]
pub(super) struct Near {
    cells: Vec<Cell>,
    circles: Arc<Circles>,
}

impl Near {
    /// Of all entries: their turns, their unit vectors where a distance to them
    /// has a meaning, and what is compared of them.
    pub fn of(turns: &[u32], units: &[Option<[f32; 3]>], records: &[Record]) -> Self {
        let (mut cells, mut circles) = (Vec::new(), Circles::default());
        let mut from = 0;
        for same in turns.chunk_by(|a, b| a == b) {
            let entries = from..from + same.len();
            from = entries.end;
            // None, or all: whatever stands in a cell shares its turn with that alone.
            let units: Vec<[f32; 3]> = units[entries.clone()].iter().flatten().copied().collect();
            if !units.is_empty() {
                circles.push(&units);
                cells.push(Cell::of(&records[entries.clone()], entries));
            }
        }
        Self {
            cells,
            circles: Arc::new(circles),
        }
    }

    /// Widens the bound of the cell that an entry stands in, where it stands in
    /// one, so that it holds for what is compared of the entry now. A bound that
    /// is wider than need be costs a look and changes no answer.
    pub fn admit(&mut self, entry: u32, facets: &Facets) {
        if let Some(cell) = self.cell_of(entry) {
            self.cells[cell].admit(facets);
        }
    }

    /// The cell that an entry stands in.
    pub fn cell_of(&self, entry: u32) -> Option<usize> {
        let cell = self.cells.partition_point(|cell| cell.entries.1 <= entry);
        self.cells.get(cell)?.range().contains(&entry).then_some(cell)
    }

    /// The most of the entries' points, for each cell.
    pub fn most_of_each_cell(&self, points: &[i32]) -> Box<[i32]> {
        let most = |cell: &Cell| {
            let points = &points[cell.entries.0 as usize..cell.entries.1 as usize];
            points.iter().copied().max().unwrap_or(0)
        };
        self.cells.iter().map(most).collect()
    }

    /// The entries of the cells that may have one within a squared chord of a point.
    pub fn within(&self, from: [f32; 3], radius: f32) -> impl Iterator<Item = u32> + '_ {
        let cells = self.cells.iter().zip(self.circles.nearest(from));
        cells
            .filter(move |(_, nearest)| *nearest <= radius)
            .flat_map(|(cell, _)| cell.range())
    }

    /// For each cell a squared chord to a point than which no entry of it has
    /// a smaller one.
    pub fn with_chords(&self, from: [f32; 3], with: impl FnOnce(&[f32])) {
        CHORDS.with_borrow_mut(|room| {
            room.clear();
            room.extend(self.circles.nearest(from));
            with(room);
        });
    }

    /// The entries of a cell.
    pub fn entries(&self, cell: usize) -> Range<u32> {
        self.cells[cell].range()
    }

    /// The most that the query adds to an entry of a cell, distance and name
    /// apart.
    pub fn most_extra(&self, cell: usize, ready: &Ready<'_>) -> i32 {
        self.cells[cell].most_extra(ready)
    }
}

impl Cell {
    fn of(records: &[Record], entries: Range<usize>) -> Self {
        let mut cell = Self {
            #[expect(clippy::cast_possible_truncation, reason = "a directory has fewer than 2^31 entries")]
            entries: (entries.start as u32, entries.end as u32),
            areas: [0; 3],
            targets: 0,
            languages: 0,
            on_call: false,
        };
        for facets in records.iter().map(Facets::of) {
            cell.admit(&facets);
        }
        cell
    }

    fn admit(&mut self, facets: &Facets) {
        for (bits, number) in self.areas.iter_mut().zip(facets.area) {
            *bits |= 1 << (number % 64);
        }
        self.targets |= facets.targets;
        self.languages |= facets.languages;
        self.on_call |= facets.on_call;
    }

    fn range(&self) -> Range<u32> {
        self.entries.0..self.entries.1
    }

    /// The most that the query adds to an entry of the cell, distance and name
    /// apart.
    fn most_extra(&self, ready: &Ready<'_>) -> i32 {
        if ready.most_extra == 0 {
            return 0;
        }
        let mut sum = 0;
        if ready.urgent && self.on_call {
            sum += points::ON_CALL;
        }
        if let Some(home) = ready.home {
            let shared = home
                .iter()
                .zip(self.areas)
                .take_while(|(h, bits)| **h != 0 && bits >> (**h % 64) & 1 == 1)
                .count();
            sum += points::SAME_AREA[shared];
        }
        if self.targets & ready.targets != 0 {
            sum += points::TARGET;
        }
        match ready.language {
            Some((number @ 0..64, _)) if self.languages >> number & 1 == 0 => {}
            Some(_) => sum += points::LANGUAGE,
            None => {}
        }
        sum
    }
}
