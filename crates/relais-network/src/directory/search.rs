//! Searching the index: take the shortest list that holds every answer, test
//! each of its entries against the rest, keep the best in a small heap.

use std::borrow::Cow;
use std::collections::BinaryHeap;

use chrono::Datelike;

use super::build::{cell, target_bits};
use super::reason::{BANDS, points};
use super::{
    COUNTRY, Cursor, Directory, ESTIMATED, Hit, MAX_LIMIT, MOBILE, NEVER, ON_CALL, Page, Query, REMOTE, Reason, Record,
    Wanted,
};
use crate::ServiceId;
use crate::place::{Point, km_to_chord, unit};
use crate::words;

/// Shortest beginning of a word that is looked up as such, in letters.
const PREFIX_LETTERS: usize = 3;

/// Most words that a beginning stands for.
const PREFIX_WORDS: usize = 64;

/// The query, made ready for comparing.
struct Ready<'q> {
    near: Option<[f32; 3]>,
    /// Squared chords of the bands' limits and of the radius.
    bands: [f32; BANDS.len()],
    radius: Option<f32>,
    home: Option<[u16; 3]>,
    inside: Option<[u16; 3]>,
    category: Option<u16>,
    service_type: Option<u16>,
    targets: u16,
    language: Option<(u32, &'q str)>,
    urgent: bool,
    today: i32,
}

/// One word's postings with the place reached in them; entries are asked for
/// in ascending order.
struct WordList<'d> {
    list: Cow<'d, [u32]>,
    at: usize,
}

impl WordList<'_> {
    /// The low bit (in the name) of the entry's posting, `None` without one.
    fn find(&mut self, entry: u32) -> Option<bool> {
        let rest = &self.list[self.at..];
        // Gallop, then halve: short steps for neighbours, few for strangers.
        let mut step = 1;
        while step < rest.len() && rest[step] >> 1 < entry {
            step *= 2;
        }
        let end = (step + 1).min(rest.len());
        let start = step / 2;
        let skip = start + rest[start..end].partition_point(|p| p >> 1 < entry);
        self.at += skip;
        let posting = *self.list.get(self.at)?;
        (posting >> 1 == entry).then_some(posting & 1 == 1)
    }
}

/// Entries to test, ascending within each part.
enum Source<'s> {
    Parts([Part<'s>; 2]),
    Sorted(Vec<u32>),
}

enum Part<'s> {
    Range(u32, u32),
    List(&'s [u32]),
    Postings(&'s [u32]),
    /// A list without the entries of a range.
    Without(&'s [u32], u32, u32),
    Nothing,
}

impl Part<'_> {
    fn each(&self, mut f: impl FnMut(u32)) {
        match *self {
            Self::Range(from, to) => (from..to).for_each(f),
            Self::List(list) => list.iter().for_each(|&e| f(e)),
            Self::Postings(list) => list.iter().for_each(|&p| f(p >> 1)),
            Self::Without(list, from, to) => {
                list.iter().filter(|&&e| e < from || e >= to).for_each(|&e| f(e));
            }
            Self::Nothing => {}
        }
    }
}

impl Directory {
    /// Searches. The answer is the same for the same query and directory, and
    /// the same with and without confidential services.
    #[must_use]
    pub fn search(&self, query: &Query) -> Page<Hit<'_>> {
        let mut unknown_words = Vec::new();
        let mut lists = Vec::new();
        for (word, token) in words::words_and_tokens(&query.words) {
            match self.postings(&token) {
                Some(list) => lists.push(WordList { list, at: 0 }),
                None => unknown_words.push(word),
            }
        }
        let nothing = |unknown_words| Page {
            hits: Vec::new(),
            total: 0,
            next: None,
            unknown_words,
        };
        if !unknown_words.is_empty() {
            return nothing(unknown_words);
        }
        let Some(ready) = self.ready(query) else {
            return nothing(unknown_words);
        };
        lists.sort_by_key(|l| l.list.len());

        let limit = query.limit.clamp(1, MAX_LIMIT);
        let mut best = Best {
            heap: BinaryHeap::with_capacity(limit + 1),
            limit,
            after: query.after,
            total: 0,
            left: 0,
        };
        let mut test = |entry: u32, lists: &mut [WordList<'_>]| {
            let record = &self.records[entry as usize];
            if !ready.admits(record) {
                return;
            }
            let mut named = !lists.is_empty();
            for list in lists {
                match list.find(entry) {
                    Some(in_name) => named &= in_name,
                    None => return,
                }
            }
            let chord = match ready.chord(record) {
                Ok(chord) => chord,
                Err(TooFar) => return,
            };
            best.offer(rank(self.score(&ready, entry, chord, named), chord), entry, self);
        };
        // The driving list is borrowed apart from the cursors that walk it.
        let driver = lists.first().map(|l| l.list.clone());
        match self.source(query, &ready, driver.as_deref()) {
            Source::Parts(parts) => {
                for part in parts {
                    lists.iter_mut().for_each(|l| l.at = 0);
                    part.each(|entry| test(entry, &mut lists));
                }
            }
            Source::Sorted(entries) => entries.into_iter().for_each(|entry| test(entry, &mut lists)),
        }

        let more = best.left > limit;
        let total = best.total;
        let kept = best.heap.into_sorted_vec();
        let next = kept.last().filter(|_| more).map(|k| Cursor { rank: k.0, id: k.1 });
        let all_named =
            |entry: u32| !lists.is_empty() && lists.iter().all(|l| l.list.binary_search(&(entry << 1 | 1)).is_ok());
        let hits = kept
            .iter()
            .map(|k| self.hit(query, &ready, k.2, all_named(k.2)))
            .collect();
        Page {
            hits,
            total,
            next,
            unknown_words,
        }
    }

    /// The postings of a word, or of every word that begins with it when it is
    /// no word of the directory.
    fn postings(&self, token: &str) -> Option<Cow<'_, [u32]>> {
        if let Some(list) = self.words.get(token) {
            return Some(Cow::Borrowed(list));
        }
        if token.chars().count() < PREFIX_LETTERS {
            return None;
        }
        let from = self.vocabulary.partition_point(|w| &**w < token);
        let mut all: Vec<u32> = self.vocabulary[from..]
            .iter()
            .take_while(|w| w.starts_with(token))
            .take(PREFIX_WORDS)
            .filter_map(|w| self.words.get(w))
            .flat_map(|list| list.iter().copied())
            .collect();
        if all.is_empty() {
            return None;
        }
        all.sort_unstable();
        // One posting an entry; the name's bit wins, it sorts last.
        all.dedup_by(|later, kept| {
            let same = *later >> 1 == *kept >> 1;
            if same {
                *kept |= *later;
            }
            same
        });
        Some(Cow::Owned(all))
    }

    /// The query ready for comparing; `None` when nothing can match.
    fn ready<'q>(&self, query: &'q Query) -> Option<Ready<'q>> {
        let (category, service_type) = match &query.wanted {
            None => (None, None),
            Some(Wanted::Category(code)) => (Some(self.categories.get(code.as_str())?.number), None),
            Some(Wanted::ServiceType(code)) => (None, Some(self.types.get(code.as_str())?.number)),
        };
        #[expect(clippy::cast_possible_truncation, reason = "metres are enough for a rank")]
        let narrow = |x: f64| x as f32;
        Some(Ready {
            near: query.near.map(|p| unit(p).map(narrow)),
            bands: BANDS.map(|(km, _)| narrow(km_to_chord(km))),
            radius: query
                .within_km
                .filter(|_| query.near.is_some())
                .map(|km| narrow(km_to_chord(km.clamp(0.0, 20_000.0)))),
            home: query.home.as_deref().and_then(|p| self.areas.get(p)).copied(),
            // An unknown area holds nothing: a number that no area has.
            inside: query
                .inside
                .as_deref()
                .map(|p| self.areas.get(p).copied().unwrap_or([u16::MAX; 3])),
            category,
            service_type,
            targets: target_bits(&query.targets),
            language: query
                .language
                .as_deref()
                .map(|l| (self.languages.get(l).copied().unwrap_or(u32::MAX), l)),
            urgent: query.urgent,
            today: query.today.num_days_from_ce(),
        })
    }

    /// The shortest list that holds every answer.
    fn source<'s>(&'s self, query: &Query, ready: &Ready<'_>, words: Option<&'s [u32]>) -> Source<'s> {
        #[expect(clippy::cast_possible_truncation, reason = "a directory has fewer than 2^31 entries")]
        let mut shortest = (
            self.records.len(),
            [Part::Range(0, self.records.len() as u32), Part::Nothing],
        );
        let mut propose = |size: usize, parts: [Part<'s>; 2]| {
            if size < shortest.0 {
                shortest = (size, parts);
            }
        };
        if let Some(list) = words {
            propose(list.len(), [Part::Postings(list), Part::Nothing]);
        }
        let coded = match &query.wanted {
            None => None,
            Some(Wanted::Category(code)) => self.categories.get(code.as_str()),
            Some(Wanted::ServiceType(code)) => self.types.get(code.as_str()),
        };
        if let Some(coded) = coded {
            propose(coded.services.len(), [Part::List(&coded.services), Part::Nothing]);
        }
        if let Some(inside) = ready.inside {
            let depth = inside.iter().take_while(|n| **n != 0).count();
            let from = self.records.partition_point(|r| r.area[..depth] < inside[..depth]);
            let to = from + self.records[from..].partition_point(|r| r.area[..depth] == inside[..depth]);
            #[expect(clippy::cast_possible_truncation, reason = "a directory has fewer than 2^31 entries")]
            let (a, b) = (from as u32, to as u32);
            propose(
                to - from + self.reaching.len(),
                [Part::Range(a, b), Part::Without(&self.reaching, a, b)],
            );
        }
        if let (Some(point), Some(km)) = (query.near, query.within_km)
            && let Some(entries) = self.within(point, km, shortest.0)
        {
            return Source::Sorted(entries);
        }
        Source::Parts(shortest.1)
    }

    /// The entries of the grid cells that a circle touches, with the remote
    /// ones, ascending; `None` when they are not fewer than `limit`.
    fn within(&self, point: Point, km: f64, limit: usize) -> Option<Vec<u32>> {
        // A degree of latitude is 111.2 km; 110 leaves room for rounding.
        let dlat = km / 110.0;
        let widest = (point.lat.abs() + dlat).min(90.0).to_radians().cos();
        let dlon = dlat / widest.max(1e-6);
        if dlat > 20.0 || dlon > 20.0 || (point.lon.abs() + dlon) >= 180.0 {
            return None;
        }
        let low = cell(Point {
            lat: point.lat - dlat,
            lon: point.lon - dlon,
        });
        let high = cell(Point {
            lat: point.lat + dlat,
            lon: point.lon + dlon,
        });
        let mut entries = self.reaching.clone();
        for lat in low.0..=high.0 {
            for lon in low.1..=high.1 {
                if let Some(list) = self.grid.get(&(lat, lon)) {
                    entries.extend_from_slice(list);
                }
                if entries.len() >= limit {
                    return None;
                }
            }
        }
        entries.sort_unstable();
        entries.dedup();
        Some(entries)
    }

    /// The points of an entry; [`Self::hit`] gives the same sum as reasons.
    fn score(&self, ready: &Ready<'_>, entry: u32, chord: Option<f32>, named: bool) -> i32 {
        let record = &self.records[entry as usize];
        let mut sum = 0;
        if ready.urgent && record.is(ON_CALL) {
            sum += points::ON_CALL;
        }
        sum += match ready.same_area(record) {
            3 => points::SAME_SUBDIVISION,
            2 => points::SAME_DEPARTMENT,
            1 => points::SAME_REGION,
            _ => 0,
        };
        if let Some(chord) = chord {
            sum += band(&ready.bands, chord);
        }
        if named {
            sum += points::NAMED;
        }
        if record.targets & ready.targets != 0 {
            sum += points::TARGET;
        }
        if self.speaks(ready, entry) {
            sum += points::LANGUAGE;
        }
        if let Some(free) = self.capacity(ready, record) {
            sum += if free { points::FREE } else { points::FULL };
        }
        sum += match ready.age(record) {
            None => points::NEVER,
            Some(days) if days > i32::from(self.freshness.entry_days) => points::STALE,
            Some(_) => points::CONFIRMED,
        };
        if record.is(COUNTRY) {
            sum += points::COUNTRY;
        }
        if record.is(REMOTE) {
            sum += points::REMOTE;
        }
        sum
    }

    fn speaks(&self, ready: &Ready<'_>, entry: u32) -> bool {
        match ready.language {
            None => false,
            Some((number @ 0..64, _)) => self.records[entry as usize].languages >> number & 1 == 1,
            Some((_, code)) => self.services[entry as usize].languages.iter().any(|l| l == code),
        }
    }

    /// Whether places are free, when that was said not long ago.
    fn capacity(&self, ready: &Ready<'_>, record: &Record) -> Option<bool> {
        if record.assessed == NEVER || record.assessed > ready.today {
            return None;
        }
        (ready.today - record.assessed <= i32::from(self.freshness.capacity_days)).then_some(record.available > 0)
    }

    /// The hit with its reasons, weightiest first.
    fn hit(&self, query: &Query, ready: &Ready<'_>, i: u32, named: bool) -> Hit<'_> {
        let record = &self.records[i as usize];
        let entry = self.entry_at(i);
        let mut reasons = Vec::with_capacity(6);
        if ready.urgent && record.is(ON_CALL) {
            reasons.push(Reason::OnCall);
        }
        match ready.same_area(record) {
            3 => reasons.push(Reason::SameSubdivision),
            2 => reasons.push(Reason::SameDepartment),
            1 => reasons.push(Reason::SameRegion),
            _ => {}
        }
        let chord = ready.chord(record).ok().flatten();
        let mut distance_points = 0;
        let distance_km = match (chord, query.near, entry.place.point()) {
            (Some(chord), Some(near), Some(point)) => {
                let km = (near.distance_km(point) * 10.0).round() / 10.0;
                distance_points = band(&ready.bands, chord);
                reasons.push(Reason::Distance { km });
                Some(km)
            }
            _ => None,
        };
        if named {
            reasons.push(Reason::Named);
        }
        if record.targets & ready.targets != 0
            && let Some(&target) = query.targets.iter().find(|t| record.targets & target_bits(&[**t]) != 0)
        {
            reasons.push(Reason::TargetFits { target });
        }
        if self.speaks(ready, i) {
            reasons.push(Reason::SpeaksLanguage);
        }
        match (self.capacity(ready, record), entry.service.capacity.assessed_on) {
            (Some(true), Some(on)) => reasons.push(Reason::CapacityFree {
                places: record.available,
                on,
            }),
            (Some(false), Some(on)) => reasons.push(Reason::Full { on }),
            _ => {}
        }
        reasons.push(match ready.age(record) {
            None => Reason::NeverConfirmed,
            Some(days) => {
                let stale = days > i32::from(self.freshness.entry_days);
                let days = days.unsigned_abs();
                if stale {
                    Reason::Stale { days }
                } else {
                    Reason::Confirmed { days }
                }
            }
        });
        if record.is(COUNTRY) {
            reasons.push(Reason::ServesCountry);
        }
        if record.is(REMOTE) {
            reasons.push(Reason::Remote);
        }
        // A distance's points follow the rank's own measure, so that rounding
        // to 0.1 km at the edge of a band never contradicts the order.
        let weight = |r: &Reason| {
            if let Reason::Distance { .. } = r {
                distance_points
            } else {
                r.points()
            }
        };
        let points = reasons.iter().map(weight).sum();
        reasons.sort_by_key(|r| std::cmp::Reverse(weight(r)));
        Hit {
            entry,
            distance_km,
            reasons,
            points,
        }
    }
}

/// Beyond the radius asked for.
struct TooFar;

impl Ready<'_> {
    /// Everything that leaves an entry out, apart from words and radius.
    fn admits(&self, r: &Record) -> bool {
        if self.category.is_some_and(|c| c != r.category) || self.service_type.is_some_and(|t| t != r.service_type) {
            return false;
        }
        if self.targets != 0 && r.targets != 0 && self.targets & r.targets == 0 {
            return false;
        }
        // Remote services are offered wherever the person is.
        if r.is(REMOTE) {
            return true;
        }
        if self.home.is_some_and(|home| !covers(r.served, home)) {
            return false;
        }
        match self.inside {
            None => true,
            Some(inside) => lies_in(r.area, inside) || (r.is(MOBILE) && covers(r.served, inside)),
        }
    }

    /// The squared chord to the entry, where there is one.
    fn chord(&self, r: &Record) -> Result<Option<f32>, TooFar> {
        let Some(near) = self.near else { return Ok(None) };
        if !r.has_distance() {
            return if self.radius.is_some() && !r.is(REMOTE) {
                Err(TooFar)
            } else {
                Ok(None)
            };
        }
        let d = [near[0] - r.unit[0], near[1] - r.unit[1], near[2] - r.unit[2]];
        let chord = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
        match self.radius {
            Some(radius) if chord > radius && !r.is(REMOTE) => Err(TooFar),
            _ => Ok(Some(chord)),
        }
    }

    /// Days since the last confirmation; a date to come counts as today.
    fn age(&self, record: &Record) -> Option<i32> {
        (record.confirmed != NEVER).then(|| (self.today - record.confirmed).max(0))
    }

    /// How many levels of area the entry's place shares with the person's: 0
    /// to 3. An estimated department is not given as a reason.
    fn same_area(&self, r: &Record) -> usize {
        let Some(home) = self.home else { return 0 };
        let shared = home
            .iter()
            .zip(r.area)
            .take_while(|(h, a)| **h != 0 && **h == *a)
            .count();
        if r.is(ESTIMATED) { shared.min(1) } else { shared }
    }
}

/// Whether an area is served: equal as far down as both are known.
fn covers(served: [u16; 3], area: [u16; 3]) -> bool {
    served.iter().zip(area).all(|(s, a)| *s == 0 || a == 0 || *s == a)
}

/// Whether a place lies in an area.
fn lies_in(place: [u16; 3], area: [u16; 3]) -> bool {
    area.iter().zip(place).all(|(a, p)| *a == 0 || *a == p)
}

fn band(bands: &[f32; BANDS.len()], chord: f32) -> i32 {
    bands
        .iter()
        .zip(BANDS)
        .find(|(limit, _)| chord <= **limit)
        .map_or(0, |(_, (_, p))| p)
}

/// Points and distance as one number, the better the smaller. Without a
/// distance an entry comes after those with one and equal points.
fn rank(points: i32, chord: Option<f32>) -> u64 {
    let inverted = u64::from((1_000_000 - points).unsigned_abs());
    // Bits of a float that is not negative order like the float.
    inverted << 32 | u64::from(chord.map_or(u32::MAX, f32::to_bits))
}

/// The best entries after the cursor, and how many there are.
struct Best {
    heap: BinaryHeap<(u64, ServiceId, u32)>,
    limit: usize,
    after: Option<Cursor>,
    total: usize,
    left: usize,
}

impl Best {
    fn offer(&mut self, rank: u64, entry: u32, directory: &Directory) {
        self.total += 1;
        let id = || directory.ids[entry as usize];
        if let Some(after) = self.after
            && (rank < after.rank || (rank == after.rank && id() <= after.id))
        {
            return;
        }
        self.left += 1;
        if self.heap.len() < self.limit {
            self.heap.push((rank, id(), entry));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && (rank < worst.0 || (rank == worst.0 && id() < worst.1))
        {
            *worst = (rank, id(), entry);
        }
    }
}
