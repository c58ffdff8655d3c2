//! Where entries stand: cells of the grid, each with the entries in it side by
//! side and with a bound on what any of them can reach. A search from a point
//! looks into the near cells first and leaves out those that cannot better
//! what it has.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Record;
use super::ready::{Facets, Ready};
use super::reason::{BANDS, points};
use crate::place::{Point, unit};

/// Side of a cell, degrees: about 28 km at the equator.
const CELL: f64 = 0.25;

/// What a bound is loosened by, in units of a unit vector (some six metres):
/// vectors are kept with seven digits.
const SLACK: f32 = 1e-6;

/// The squared chord between two points of the unit sphere.
pub(super) fn chord(a: [f32; 3], b: [f32; 3]) -> f32 {
    let d = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    d[0] * d[0] + d[1] * d[1] + d[2] * d[2]
}

/// The unit vector of a point, exact to a metre.
pub(super) fn narrow_unit(point: Point) -> [f32; 3] {
    #[expect(clippy::cast_possible_truncation, reason = "metres are enough for a rank")]
    unit(point).map(|x| x as f32)
}

/// An entry to which a distance has a meaning, with what a query compares: the
/// entries of a cell lie side by side, and their records do not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub unit: [f32; 3],
    pub entry: u32,
    pub facets: Facets,
}

/// Entries near each other.
#[derive(Debug)]
struct Cell {
    /// Where its spots stand.
    spots: (u32, u32),
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
    fn push(&mut self, list: &[Spot]) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a directory has fewer than 2^24 entries in a cell"
        )]
        let share = 1.0 / list.len().max(1) as f32;
        let mut middle = [0.0; 3];
        for spot in list {
            for (m, u) in middle.iter_mut().zip(spot.unit) {
                *m += u * share;
            }
        }
        let radius = list.iter().map(|s| chord(middle, s.unit)).fold(0.0, f32::max).sqrt() + SLACK;
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

/// What no entry of a cell betters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Its place among the bands, the last for what is beyond them all.
    pub band: usize,
    /// Squared chord from the query's point.
    pub chord: f32,
    /// Points that no query changes.
    pub standing: i32,
    /// Points that the query adds, distance and name apart.
    pub extra: i32,
}

/// The entries with a distance, cell by cell.
#[derive(Debug, Default)]
pub(super) struct Near {
    cells: Vec<Cell>,
    circles: Circles,
    spots: Vec<Spot>,
}

/// Gathers entries for [`Near`].
#[derive(Default)]
pub(super) struct Gathered(BTreeMap<(i32, i32), Vec<(Point, u32)>>);

impl Gathered {
    pub fn add(&mut self, point: Point, entry: u32) {
        #[expect(clippy::cast_possible_truncation, reason = "at most ±720")]
        let cell = ((point.lat / CELL).floor() as i32, (point.lon / CELL).floor() as i32);
        self.0.entry(cell).or_default().push((point, entry));
    }
}

impl Near {
    pub fn of(gathered: Gathered, records: &[Record]) -> Self {
        let mut near = Self::default();
        for list in gathered.0.into_values() {
            let from = near.spots.len();
            near.spots.extend(list.into_iter().map(|(point, entry)| Spot {
                unit: narrow_unit(point),
                entry,
                facets: Facets::of(&records[entry as usize]),
            }));
            let list = &near.spots[from..];
            near.circles.push(list);
            near.cells.push(Cell::of(list, from));
        }
        near
    }

    /// The entries' points in the order of the spots.
    pub fn of_each_spot(&self, points: &[i32]) -> Box<[i32]> {
        self.spots.iter().map(|s| points[s.entry as usize]).collect()
    }

    /// The most of the spots' points, for each cell.
    pub fn most_of_each_cell(&self, points: &[i32]) -> Box<[i32]> {
        let most = |cell: &Cell| points[cell.range()].iter().copied().max();
        self.cells.iter().map(|cell| most(cell).unwrap_or(0)).collect()
    }

    /// The spots, cell by cell.
    pub fn spots(&self) -> &[Spot] {
        &self.spots
    }

    /// Calls `each` with the spots within a squared chord of a point.
    pub fn within(&self, from: [f32; 3], radius: f32, mut each: impl FnMut(u32)) {
        let cells = self.cells.iter().zip(self.circles.nearest(from));
        for (cell, _) in cells.filter(|(_, nearest)| *nearest <= radius) {
            for spot in self.spots[cell.range()]
                .iter()
                .filter(|s| chord(from, s.unit) <= radius)
            {
                each(spot.entry);
            }
        }
    }

    /// The cells, by the band that their nearest entry may stand in: each with
    /// where its spots stand and bounds on what any of them has.
    pub fn nearest_first<'a>(
        &'a self,
        from: [f32; 3],
        ready: &'a Ready<'_>,
        standing: &'a [i32],
    ) -> impl Iterator<Item = (Range<usize>, Bounds)> + 'a {
        let chords: Vec<f32> = self.circles.nearest(from).collect();
        // The limits rise: so many as are passed, so far out is the band.
        let band = |chord: f32| -> usize { ready.bands.iter().map(|limit| usize::from(chord > *limit)).sum() };
        // Counted, then placed: one sort by five values.
        let mut starts = [0_usize; BANDS.len() + 2];
        for chord in &chords {
            starts[band(*chord) + 1] += 1;
        }
        for band in 1..starts.len() {
            starts[band] += starts[band - 1];
        }
        let mut order = vec![0_u32; chords.len()];
        for (number, chord) in (0..).zip(&chords) {
            let at = &mut starts[band(*chord)];
            order[*at] = number;
            *at += 1;
        }
        order.into_iter().map(move |number| {
            let number = number as usize;
            let (cell, chord) = (&self.cells[number], chords[number]);
            let bounds = Bounds {
                band: band(chord),
                chord,
                standing: standing[number],
                extra: cell.most_extra(ready),
            };
            (cell.range(), bounds)
        })
    }
}

impl Cell {
    fn of(list: &[Spot], from: usize) -> Self {
        let mut cell = Self {
            #[expect(clippy::cast_possible_truncation, reason = "a directory has fewer than 2^31 entries")]
            spots: (from as u32, (from + list.len()) as u32),
            areas: [0; 3],
            targets: 0,
            languages: 0,
            on_call: false,
        };
        for facets in list.iter().map(|s| &s.facets) {
            for (bits, number) in cell.areas.iter_mut().zip(facets.area) {
                *bits |= 1 << (number % 64);
            }
            cell.targets |= facets.targets;
            cell.languages |= facets.languages;
            cell.on_call |= facets.on_call;
        }
        cell
    }

    fn range(&self) -> Range<usize> {
        self.spots.0 as usize..self.spots.1 as usize
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
