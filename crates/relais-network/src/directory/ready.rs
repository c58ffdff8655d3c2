//! A query made ready for comparing, and the number by which entries are
//! ordered.

use chrono::Datelike;

use super::near::narrow_unit;
use super::reason::{BANDS, points};
use super::set::{Bits, Set};
use super::{Directory, ESTIMATED, ON_CALL, Query, Record, Wanted};
use crate::ServiceId;
use crate::place::km_to_chord;
use crate::service::Target;

/// The query, made ready for comparing.
pub(super) struct Ready<'q> {
    pub near: Option<[f32; 3]>,
    /// Squared chords of the bands' limits and of the radius.
    pub bands: [f32; BANDS.len()],
    pub radius: Option<f32>,
    pub home: Option<[u16; 3]>,
    pub targets: u16,
    pub language: Option<(u32, &'q str)>,
    pub urgent: bool,
    /// Today, days from the common era.
    pub today: i32,
    /// The most that [`Directory::extra`] gives to an entry for this query.
    pub most_extra: i32,
}

/// The bits of the target groups; everyone, or none named, is 0.
pub(super) fn target_bits(targets: &[Target]) -> u16 {
    if targets.contains(&Target::Everyone) {
        return 0;
    }
    targets.iter().fold(0, |bits, t| bits | 1 << (*t as u16))
}

impl Directory {
    /// The query ready for comparing, and the entries that it does not leave
    /// out, words and radius apart; `None` when nothing can match.
    pub(super) fn ready<'q>(&self, query: &'q Query) -> Option<(Ready<'q>, Option<Bits>)> {
        let mut left = Left {
            bits: None,
            entries: self.records.len(),
        };
        match &query.wanted {
            None => {}
            Some(Wanted::Category(code)) => left.keep(self.categories.get(code.as_str())?),
            Some(Wanted::ServiceType(code)) => left.keep(self.types.get(code.as_str())?),
        }
        let home = query.home.as_deref().and_then(|p| self.areas.get(p));
        if let Some(home) = home {
            left.keep_either(&self.serving_everywhere, &home.served_by);
        }
        if let Some(inside) = query.inside.as_deref() {
            // An unknown area holds nothing: only what reaches everywhere is left.
            match self.areas.get(inside) {
                Some(area) => left.keep_either(&self.coming_anywhere, &area.reached_by),
                None => left.keep(&self.coming_anywhere),
            }
        }
        let targets = target_bits(&query.targets);
        if targets != 0 {
            let mut meant = Bits::none(left.entries);
            meant.add(&self.for_everyone);
            for (_, set) in self.by_target.iter().filter(|(bit, _)| targets & bit != 0) {
                meant.add(set);
            }
            left.keep_bits(meant);
        }
        if !query.costs.is_empty() {
            let mut such = Bits::none(left.entries);
            for (_, set) in self.by_cost.iter().filter(|(cost, _)| query.costs.contains(cost)) {
                such.add(set);
            }
            left.keep_bits(such);
        }
        if query.free_places {
            left.keep_bits(self.today(query.today.num_days_from_ce()).free.clone());
        }
        if query.remote {
            left.keep(&self.remote);
        }
        if let Some(at) = query.open_at {
            let mut open = self.on_call.bits(left.entries);
            for (_, set) in self.by_hours.iter().filter(|(hours, _)| hours.is_open(at)) {
                open.add(set);
            }
            left.keep_bits(open);
        }
        Some((self.compared(query), left.bits))
    }

    /// The query ready for comparing.
    pub(super) fn compared<'q>(&self, query: &'q Query) -> Ready<'q> {
        let home = query.home.as_deref().and_then(|p| self.areas.get(p));
        let targets = target_bits(&query.targets);
        let language = query
            .language
            .as_deref()
            .map(|l| (self.languages.get(l).copied().unwrap_or(u32::MAX), l));
        let most = |asked: bool, points: i32| if asked { points } else { 0 };
        Ready {
            near: query.near.map(narrow_unit),
            bands: BANDS.map(|(km, _)| narrow(km_to_chord(km))),
            radius: query
                .within_km
                .filter(|_| query.near.is_some())
                .map(|km| narrow(km_to_chord(km.clamp(0.0, 20_000.0)))),
            home: home.map(|area| area.chain),
            targets,
            language,
            urgent: query.urgent,
            today: query.today.num_days_from_ce(),
            most_extra: most(query.urgent, points::ON_CALL)
                + most(home.is_some(), points::SAME_SUBDIVISION)
                + most(targets != 0, points::TARGET)
                + most(language.is_some(), points::LANGUAGE),
        }
    }

    /// What the query adds to an entry's points, distance and name apart.
    #[inline]
    pub(super) fn extra(&self, ready: &Ready<'_>, entry: u32, facets: &Facets) -> i32 {
        let mut sum = points::SAME_AREA[ready.same_area(facets)];
        if ready.urgent && facets.on_call {
            sum += points::ON_CALL;
        }
        if facets.targets & ready.targets != 0 {
            sum += points::TARGET;
        }
        if self.speaks(ready, entry, facets) {
            sum += points::LANGUAGE;
        }
        sum
    }

    #[inline]
    pub(super) fn speaks(&self, ready: &Ready<'_>, entry: u32, facets: &Facets) -> bool {
        match ready.language {
            None => false,
            Some((number @ 0..64, _)) => facets.languages >> number & 1 == 1,
            Some((_, code)) => self.services[entry as usize].languages.iter().any(|l| l == code),
        }
    }
}

/// What a query compares of an entry.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facets {
    /// One bit a language, the first 64 of the directory.
    pub languages: u64,
    /// Region, department, subdivision of the place; 0 is unknown.
    pub area: [u16; 3],
    /// One bit a target group; 0 is everyone.
    pub targets: u16,
    /// Whether the department is an estimate.
    pub estimated: bool,
    /// Whether it answers day and night.
    pub on_call: bool,
}

impl Facets {
    #[inline]
    pub fn of(record: &Record) -> Self {
        Self {
            languages: record.languages,
            area: record.area,
            targets: record.targets,
            estimated: record.is(ESTIMATED),
            on_call: record.is(ON_CALL),
        }
    }
}

fn narrow(x: f64) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "metres are enough for a rank")]
    let x = x as f32;
    x
}

/// What is left of the directory; `None` is all of it.
struct Left {
    bits: Option<Bits>,
    entries: usize,
}

impl Left {
    fn keep(&mut self, set: &Set) {
        match &mut self.bits {
            Some(bits) => bits.keep_set(set),
            None => self.bits = Some(set.bits(self.entries)),
        }
    }

    fn keep_either(&mut self, a: &Set, b: &Set) {
        let mut either = a.bits(self.entries);
        either.add(b);
        self.keep_bits(either);
    }

    fn keep_bits(&mut self, other: Bits) {
        match &mut self.bits {
            Some(bits) => bits.keep(&other),
            None => self.bits = Some(other),
        }
    }
}

impl Ready<'_> {
    /// How many levels of area the entry's place shares with the person's: 0
    /// to 3. An estimated department is not given as a reason.
    #[inline]
    pub fn same_area(&self, facets: &Facets) -> usize {
        let Some(home) = self.home else { return 0 };
        let shared = home
            .iter()
            .zip(facets.area)
            .take_while(|(h, a)| **h != 0 && **h == *a)
            .count();
        if facets.estimated { shared.min(1) } else { shared }
    }

    /// The points of a band; beyond them all there are none.
    #[inline]
    pub fn points_of_band(&self, band: usize) -> i32 {
        BANDS.get(band).map_or(0, |(_, points)| *points)
    }

    /// The squared chords between which a band lies, its first left out.
    pub fn limits_of_band(&self, band: usize) -> (f32, f32) {
        let from = band
            .checked_sub(1)
            .map_or(f32::NEG_INFINITY, |before| self.bands[before]);
        (from, self.bands.get(band).copied().unwrap_or(f32::INFINITY))
    }

    /// The points of a distance.
    #[inline]
    pub fn band(&self, chord: f32) -> i32 {
        self.bands
            .iter()
            .zip(BANDS)
            .find(|(limit, _)| chord <= **limit)
            .map_or(0, |(_, (_, p))| p)
    }
}

/// Above any sum of points.
const TOP: i32 = 1_000_000;

/// Points and distance as one number, the better the smaller. Without a
/// distance an entry comes after those with one and equal points.
#[inline]
pub(super) fn rank(points: i32, chord: Option<f32>) -> u64 {
    let inverted = u64::from((TOP - points).unsigned_abs());
    // Bits of a float that is not negative order like the float.
    inverted << 32 | u64::from(chord.map_or(u32::MAX, f32::to_bits))
}

/// The points that a rank was made from.
#[inline]
pub(super) fn points_of(rank: u64) -> i32 {
    TOP - i32::try_from(rank >> 32).unwrap_or(TOP)
}

/// The key that comes last of a page, as the index compares it.
#[derive(Debug, Clone, Copy)]
pub(super) struct After {
    rank: u64,
    /// The first entry whose turn and id are beyond the key's.
    entry: u32,
}

impl After {
    /// `turns` are ascending, as the entries are, and `ids` where turns are equal.
    pub fn of(cursor: super::Cursor, turns: &[u32], ids: &[ServiceId]) -> Self {
        let from = turns.partition_point(|turn| *turn < cursor.turn);
        let to = turns.partition_point(|turn| *turn <= cursor.turn);
        #[expect(clippy::cast_possible_truncation, reason = "a directory has fewer than 2^31 entries")]
        let entry = (from + ids[from..to].partition_point(|id| *id <= cursor.id)) as u32;
        Self {
            rank: cursor.rank,
            entry,
        }
    }

    /// Whether the entry stood on this page or one before.
    pub fn is_past(self, rank: u64, entry: u32) -> bool {
        rank < self.rank || (rank == self.rank && entry < self.entry)
    }
}
