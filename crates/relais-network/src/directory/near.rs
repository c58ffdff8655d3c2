//! Where entries stand: cells of the grid, each with the entries in it side by
//! side and with a bound on what any of them can reach. A search from a point
//! looks into the near cells first and leaves out those that cannot better
//! what it has.

use std::collections::BTreeMap;

use super::ready::Ready;
use super::reason::{BANDS, points};
use super::{ON_CALL, Record};
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

/// An entry to which a distance has a meaning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub unit: [f32; 3],
    pub entry: u32,
}

/// Entries near each other.
#[derive(Debug)]
struct Cell {
    middle: [f32; 3],
    /// No entry is further from the middle (a chord, not squared).
    radius: f32,
    /// Where its spots stand.
    spots: (u32, u32),
    /// Regions, departments, subdivisions of its entries: one bit for all
    /// numbers that are equal modulo 64.
    areas: [u64; 3],
    targets: u16,
    languages: u64,
    on_call: bool,
}

/// What no entry of a cell betters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
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
    spots: Vec<Spot>,
}

/// Gathers entries for [`Near`].
#[derive(Default)]
pub(super) struct Gathered(BTreeMap<(i32, i32), Vec<Spot>>);

impl Gathered {
    pub fn add(&mut self, point: Point, entry: u32) {
        #[expect(clippy::cast_possible_truncation, reason = "at most ±720")]
        let cell = ((point.lat / CELL).floor() as i32, (point.lon / CELL).floor() as i32);
        let unit = narrow_unit(point);
        self.0.entry(cell).or_default().push(Spot { unit, entry });
    }
}

impl Near {
    pub fn of(gathered: Gathered, records: &[Record]) -> Self {
        let mut near = Self::default();
        for list in gathered.0.into_values() {
            let from = near.spots.len();
            near.spots.extend_from_slice(&list);
            near.cells.push(Cell::of(&list, from, records));
        }
        near
    }

    /// The most of the entries' points, for each cell.
    pub fn most_of_each_cell(&self, points: &[i32]) -> Box<[i32]> {
        let most = |cell: &Cell| self.spots_of(cell).iter().map(|s| points[s.entry as usize]).max();
        self.cells.iter().map(|cell| most(cell).unwrap_or(0)).collect()
    }

    fn spots_of(&self, cell: &Cell) -> &[Spot] {
        &self.spots[cell.spots.0 as usize..cell.spots.1 as usize]
    }

    /// Calls `each` with the spots within a squared chord of a point.
    pub fn within(&self, from: [f32; 3], radius: f32, mut each: impl FnMut(u32)) {
        for cell in self.cells.iter().filter(|cell| cell.nearest(from) <= radius) {
            for spot in self.spots_of(cell).iter().filter(|s| chord(from, s.unit) <= radius) {
                each(spot.entry);
            }
        }
    }

    /// The cells, by the band that their nearest entry may stand in: each with
    /// its spots and bounds on what any of them has.
    pub fn nearest_first<'a>(
        &'a self,
        from: [f32; 3],
        bands: &[f32; BANDS.len()],
        ready: &'a Ready<'_>,
        standing: &'a [i32],
    ) -> impl Iterator<Item = (&'a [Spot], Bounds)> + 'a {
        // Counted, then placed: one sort by six values.
        let mut starts = [0_usize; BANDS.len() + 2];
        let bounds: Vec<(f32, u8)> = self
            .cells
            .iter()
            .map(|cell| {
                let chord = cell.nearest(from);
                let band = bands.iter().position(|limit| chord <= *limit).unwrap_or(BANDS.len());
                starts[band + 1] += 1;
                #[expect(clippy::cast_possible_truncation, reason = "at most the number of bands")]
                let band = band as u8;
                (chord, band)
            })
            .collect();
        for band in 1..starts.len() {
            starts[band] += starts[band - 1];
        }
        let mut order = vec![0_u32; bounds.len()];
        for (number, (_, band)) in (0..).zip(&bounds) {
            let at = &mut starts[usize::from(*band)];
            order[*at] = number;
            *at += 1;
        }
        order.into_iter().map(move |number| {
            let number = number as usize;
            let cell = &self.cells[number];
            let bounds = Bounds {
                chord: bounds[number].0,
                standing: standing[number],
                extra: cell.most_extra(ready),
            };
            (self.spots_of(cell), bounds)
        })
    }
}

impl Cell {
    fn of(list: &[Spot], from: usize, records: &[Record]) -> Self {
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
        let mut cell = Self {
            middle,
            radius,
            #[expect(clippy::cast_possible_truncation, reason = "a directory has fewer than 2^31 entries")]
            spots: (from as u32, (from + list.len()) as u32),
            areas: [0; 3],
            targets: 0,
            languages: 0,
            on_call: false,
        };
        for record in list.iter().map(|s| &records[s.entry as usize]) {
            for (bits, number) in cell.areas.iter_mut().zip(record.area) {
                *bits |= 1 << (number % 64);
            }
            cell.targets |= record.targets;
            cell.languages |= record.languages;
            cell.on_call |= record.is(ON_CALL);
        }
        cell
    }

    /// No entry of the cell has a smaller squared chord to the point.
    fn nearest(&self, from: [f32; 3]) -> f32 {
        let gap = (chord(self.middle, from).sqrt() - self.radius - SLACK).max(0.0);
        gap * gap
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
