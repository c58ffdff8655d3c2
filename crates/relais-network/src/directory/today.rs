//! The points of an entry that no query changes: how fresh it is, whether
//! places are free, whether it reaches the whole country. They change with the
//! day only, so they are counted once a day.

use std::collections::BTreeMap;

use super::near::chord;
use super::ready::Facets;
use super::reason::points;
use super::set::Bits;
use super::{COUNTRY, DOUBTFUL, Directory, ESTIMATED, NEVER, ON_CALL, REMOTE, Record};

/// What a search reads of an entry, together: two in a cache line.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
pub(super) struct Spot {
    /// Its unit vector; no number where a distance to it has no meaning.
    unit: [f32; 3],
    area: [u16; 3],
    targets: u16,
    /// Points that no query changes.
    standing: i16,
    flags: u8,
    languages: u64,
}

impl Spot {
    fn of(record: &Record, unit: Option<[f32; 3]>, standing: i32) -> Self {
        Self {
            unit: unit.unwrap_or([f32::NAN; 3]),
            area: record.area,
            targets: record.targets,
            // A few points for each of five reasons.
            standing: i16::try_from(standing).unwrap_or(i16::MIN),
            flags: record.flags,
            languages: record.languages,
        }
    }

    /// The squared chord from a point, where it has a meaning.
    #[inline]
    pub fn chord(&self, from: [f32; 3]) -> Option<f32> {
        Some(chord(from, self.unit)).filter(|chord| !chord.is_nan())
    }

    /// Points that no query changes.
    #[inline]
    pub fn standing(&self) -> i32 {
        i32::from(self.standing)
    }

    /// What a query compares.
    #[inline]
    pub fn facets(&self) -> Facets {
        Facets {
            languages: self.languages,
            area: self.area,
            targets: self.targets,
            estimated: self.flags & ESTIMATED != 0,
            on_call: self.flags & ON_CALL != 0,
        }
    }

    /// Reads some of each, so that what follows waits for none of them alone:
    /// they lie far apart, and asked for together they come together.
    #[inline]
    pub fn fetch(spots: &[Self], entries: &[u32]) {
        let flags = entries.iter().map(|entry| spots[*entry as usize].flags);
        std::hint::black_box(flags.fold(0, |all, flags| all ^ flags));
    }
}

/// What a day makes of every entry.
#[derive(Debug)]
pub(super) struct Today {
    /// The day, from the common era.
    pub day: i32,
    /// What a search reads of each entry.
    pub spots: Box<[Spot]>,
    /// The entries by these points, most first.
    pub tiers: Vec<(i32, Bits)>,
    /// The most points of an entry of each cell.
    pub cells: Box<[i32]>,
    /// The most points of any of them.
    pub most: i32,
    /// Those with free places, said not long ago.
    pub free: Bits,
}

impl Today {
    pub fn of(directory: &Directory, day: i32) -> Self {
        let entries = directory.records.len();
        let points: Box<[i32]> = directory.records.iter().map(|r| directory.standing(r, day)).collect();
        let mut tiers: BTreeMap<i32, Bits> = BTreeMap::new();
        for (entry, points) in (0..).zip(&points) {
            tiers
                .entry(*points)
                .or_insert_with(|| Bits::none(entries))
                .insert(entry);
        }
        let mut free = Bits::none(entries);
        for entry in directory.live.iter() {
            if directory.capacity(&directory.records[entry as usize], day) == Some(true) {
                free.insert(entry);
            }
        }
        let cells = directory.near.most_of_each_cell(&points);
        let spots = directory.records.iter().zip(directory.units.iter()).zip(points);
        let spots = spots.map(|((record, unit), standing)| Spot::of(record, *unit, standing));
        Self {
            day,
            spots: spots.collect(),
            tiers: tiers.into_iter().rev().collect(),
            most: cells.iter().copied().max().unwrap_or(0),
            cells,
            free,
        }
    }

    /// The same day in a directory that comes from the one of this day by a
    /// change of these entries.
    pub fn with(&self, directory: &Directory, changed: &[u32]) -> Self {
        let mut next = Self {
            day: self.day,
            spots: self.spots.clone(),
            tiers: self.tiers.clone(),
            cells: self.cells.clone(),
            most: self.most,
            free: self.free.clone(),
        };
        for &entry in changed {
            next.put(directory, entry);
        }
        next.most = next.cells.iter().copied().max().unwrap_or(0);
        next
    }

    /// Counts one entry anew.
    fn put(&mut self, directory: &Directory, entry: u32) {
        let at = entry as usize;
        let record = &directory.records[at];
        let (before, now) = (self.spots[at].standing(), directory.standing(record, self.day));
        self.spots[at] = Spot::of(record, directory.units[at], now);
        if let Some((_, tier)) = self.tiers.iter_mut().find(|(points, _)| *points == before) {
            tier.put(entry, false);
        }
        let place = self.tiers.partition_point(|(points, _)| *points > now);
        if self.tiers.get(place).is_none_or(|(points, _)| *points != now) {
            self.tiers.insert(place, (now, Bits::none(directory.numbers())));
        }
        self.tiers[place].1.put(entry, true);
        if let Some(cell) = directory.near.cell_of(entry) {
            let of = directory.near.entries(cell);
            let points = of.map(|e| self.spots[e as usize].standing());
            self.cells[cell] = points.max().unwrap_or(0);
        }
        let free = directory.live.contains(entry) && directory.capacity(record, self.day) == Some(true);
        self.free.put(entry, free);
    }
}

impl Directory {
    /// The points of an entry that no query changes.
    fn standing(&self, record: &Record, day: i32) -> i32 {
        let mut sum = match self.capacity(record, day) {
            Some(true) => points::FREE,
            Some(false) => points::FULL,
            None => 0,
        };
        sum += match age(record, day) {
            None => points::NEVER,
            Some(days) if days > i32::from(self.freshness.entry_days) => points::STALE,
            Some(_) => points::CONFIRMED,
        };
        if record.is(DOUBTFUL) {
            sum += points::DOUBTFUL;
        }
        if record.is(COUNTRY) {
            sum += points::COUNTRY;
        }
        if record.is(REMOTE) {
            sum += points::REMOTE;
        }
        sum
    }

    /// Whether places are free, when that was said not long ago.
    pub(super) fn capacity(&self, record: &Record, day: i32) -> Option<bool> {
        if record.assessed == NEVER || record.assessed > day {
            return None;
        }
        (day - record.assessed <= i32::from(self.freshness.capacity_days)).then_some(record.available > 0)
    }
}

/// Days since the last confirmation; a date to come counts as today.
pub(super) fn age(record: &Record, day: i32) -> Option<i32> {
    (record.confirmed != NEVER).then(|| (day - record.confirmed).max(0))
}
