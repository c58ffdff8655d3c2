//! Searching the index: intersect the sets that the query names, then keep the
//! best of what is left. Three ways lead to the best, all to the same ones:
//! by tiers of points where no distance is asked for, by cells around the
//! point where much is left, and one entry after the other where little is.

use std::sync::Arc;

use super::near::chord;
use super::ready::{After, Ready, points_of, rank};
use super::reason::{BANDS, points};
use super::set::{Bits, Set};
use super::today::{Spot, Today};
use super::understand::{Loosened, Reading};
use super::{Cursor, Directory, MAX_LIMIT, Page, Query};
use crate::place::chord_to_km;

/// Shortest beginning of a word that is looked up as such, in letters.
const PREFIX_LETTERS: usize = 3;

/// Most words that a beginning stands for.
const PREFIX_WORDS: usize = 64;

/// Where at least one in so many entries is left, looking through the near
/// cells is less work than looking at what is left.
const DENSE: usize = 30;

/// Entries that are fetched together.
const TOGETHER: usize = 16;

/// The words of a directory. Each search looks a few up, most of them typed by hand and none put in: of the hashes that
/// no list of words can be made slow for, the quick one.
pub(super) type Words = hashbrown::HashMap<Arc<str>, Word>;

/// The entries of a word.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// Those that bear it anywhere.
    pub anywhere: Set,
    /// Those that bear it in a name.
    pub in_name: Set,
    /// Where the phrases that begin with it stand in the lexicon; 0: it is a
    /// word of entries and nothing else.
    pub begins: u32,
}

impl Word {
    /// Of entries that bear it in no name.
    pub fn anywhere(set: Set) -> Self {
        Self {
            anywhere: set,
            in_name: Set::none(),
            begins: 0,
        }
    }
}

/// An entry found, by its number in the directory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Its number ([`Directory::numbered`]).
    pub number: usize,
    /// Kilometres from the query's point, to 0.1; `None` when there is no
    /// point, the place has no coordinates or the service is remote only.
    pub distance_km: Option<f64>,
    /// The points by which it is ordered.
    pub points: i32,
    /// Squared chord, as ranked.
    pub(super) chord: Option<f32>,
}

/// What is left of the directory for a query, with the day's points.
struct Field<'a> {
    directory: &'a Directory,
    ready: &'a Ready<'a>,
    today: &'a Today,
    /// What matches.
    matching: &'a Bits,
    /// What matches and bears every word in its name; `None` where no word is
    /// asked for or none does.
    named: Option<&'a Bits>,
}

impl Directory {
    /// Searches, without the reasons: [`Self::search`] gives the same entries
    /// in the same order.
    #[must_use]
    pub fn find(&self, query: &Query) -> Page<Found> {
        self.find_and_read(query).0
    }

    /// The page, and the query as its words were read.
    pub(super) fn find_and_read<'d, 'q>(&'d self, query: &'q Query) -> (Page<Found>, Reading<'d, 'q>) {
        let (page, reading, _) = self.find_all_and_read(query);
        (page, reading)
    }

    /// The same, and all that matches, on all pages; `None` where nothing can.
    pub(super) fn find_all_and_read<'d, 'q>(
        &'d self,
        query: &'q Query,
    ) -> (Page<Found>, Reading<'d, 'q>, Option<Bits>) {
        let mut reading = self.read(query);
        let (mut page, mut all) = self.find_read(&reading);
        if page.total == 0 && reading.leave_the_place() {
            (page, all) = self.find_read(&reading);
            page.loosened = page.loosened.or(Some(Loosened::OtherPlaces)).filter(|_| page.total > 0);
        }
        page.unknown_words.clone_from(&reading.understood.unknown_words);
        (page, reading, all)
    }

    /// What matches, with the words given up where nothing has them all.
    fn matching(&self, reading: &Reading<'_, '_>, ready: &Ready<'_>, left: Option<Bits>) -> (Bits, bool) {
        let entries = self.records.len();
        let asked = &reading.asked;
        let reached = match (ready.near, ready.radius) {
            (Some(from), Some(radius)) => {
                let mut reached = Bits::none(entries);
                reached.add(&self.remote);
                let units = &self.units;
                let is_near = |entry: &u32| units[*entry as usize].is_some_and(|unit| chord(from, unit) <= radius);
                let within = self.near.within(from, radius).filter(is_near);
                within.for_each(|entry| reached.insert(entry));
                Some(reached)
            }
            _ => None,
        };
        let mut matching = match (left, asked.first()) {
            (Some(left), _) => left,
            (None, Some(word)) => word.anywhere.bits(entries),
            (None, None) => self.live.clone(),
        };
        for word in asked {
            matching.keep_set(&word.anywhere);
        }
        if let Some(reached) = &reached {
            matching.keep(reached);
        }
        let mut fewer = false;
        if asked.len() > 1 && matching.count() == 0 {
            // What the words were taken from is made again: it is seldom needed.
            let left = self.ready(&reading.query).and_then(|(_, left)| left);
            let mut left = left.unwrap_or_else(|| self.live.clone());
            if let Some(reached) = &reached {
                left.keep(reached);
            }
            (matching, fewer) = (self.most_words(&left, asked), true);
        }
        for soft in &reading.soft {
            let mut narrower = matching.clone();
            narrower.keep_set(&soft.anywhere);
            if narrower.count() > 0 {
                matching = narrower;
            }
        }
        (matching, fewer)
    }

    /// All that a query finds, on all pages; `None` where nothing can match.
    pub(super) fn all_found(&self, query: &Query) -> Option<Bits> {
        let mut reading = self.read(query);
        let found = self.all_matching(&reading);
        if found.as_ref().is_none_or(|found| found.count() == 0) && reading.leave_the_place() {
            return self.all_matching(&reading);
        }
        found
    }

    fn all_matching(&self, reading: &Reading<'_, '_>) -> Option<Bits> {
        if reading.nothing {
            return None;
        }
        let (ready, left) = self.ready(&reading.query)?;
        Some(self.matching(reading, &ready, left).0)
    }

    fn find_read(&self, reading: &Reading<'_, '_>) -> (Page<Found>, Option<Bits>) {
        let mut page = Page {
            hits: Vec::new(),
            total: 0,
            next: None,
            unknown_words: Vec::new(),
            loosened: None,
        };
        let query = &*reading.query;
        if reading.nothing {
            return (page, None);
        }
        let Some((ready, left)) = self.ready(query) else {
            return (page, None);
        };
        let (matching, fewer) = self.matching(reading, &ready, left);
        page.total = matching.count();
        page.loosened = (fewer && page.total > 0).then_some(Loosened::FewerWords);
        let named = (!reading.names().is_empty()).then(|| {
            let mut named = matching.clone();
            for word in reading.names() {
                named.keep_set(&word.in_name);
            }
            named
        });

        let today = self.today(ready.today);
        let field = Field {
            directory: self,
            ready: &ready,
            today: &today,
            matching: &matching,
            named: named.as_ref(),
        };
        let limit = query.limit.clamp(1, MAX_LIMIT);
        let best = field.best(
            limit + 1,
            page.total,
            query.after.map(|c| After::of(c, &self.turns, &self.ids)),
        );
        let mut kept = best.sorted();
        let more = kept.len() > limit;
        kept.truncate(limit);
        page.next = kept.last().filter(|_| more).map(|(rank, entry)| Cursor {
            rank: *rank,
            turn: self.turns[*entry as usize],
            id: self.ids[*entry as usize],
        });
        page.hits = kept.into_iter().map(|(rank, entry)| found(rank, entry)).collect();
        (page, Some(matching))
    }

    /// Whether a word of the directory begins so.
    pub(super) fn begins_a_word(&self, token: &str) -> bool {
        token.chars().count() >= PREFIX_LETTERS && self.longer(token).next().is_some()
    }

    fn longer<'d>(&'d self, token: &str) -> impl Iterator<Item = &'d Word> {
        let from = self.vocabulary.partition_point(|w| &**w < token);
        let rest = &self.vocabulary[from..];
        let many = rest
            .iter()
            .take(PREFIX_WORDS)
            .take_while(|w| w.starts_with(token))
            .count();
        rest[..many]
            .iter()
            .filter_map(|w| self.words.get(w))
            .filter(|w| !w.anywhere.is_empty())
    }

    /// The entries of every word that begins so; none when it is too short a
    /// beginning, or nobody's.
    pub(super) fn beginning(&self, token: &str) -> Option<Word> {
        self.begins_a_word(token).then(|| self.either(self.longer(token)))
    }

    /// The entries of several words.
    pub(super) fn either<'w>(&self, words: impl Iterator<Item = &'w Word>) -> Word {
        let entries = self.records.len();
        let (mut anywhere, mut in_name) = (Bits::none(entries), Bits::none(entries));
        for word in words {
            anywhere.add(&word.anywhere);
            in_name.add(&word.in_name);
        }
        Word {
            anywhere: Set::Made(anywhere),
            in_name: Set::Made(in_name),
            begins: 0,
        }
    }
}

/// What a rank tells of an entry.
fn found(rank: u64, entry: u32) -> Found {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half")]
    let bits = rank as u32;
    let chord = (bits != u32::MAX).then(|| f32::from_bits(bits));
    Found {
        number: entry as usize,
        // To a metre where it is near; what it was ordered by is what is told.
        distance_km: chord.map(|chord| (chord_to_km(f64::from(chord)) * 10.0).round() / 10.0),
        points: points_of(rank),
        chord,
    }
}

impl Field<'_> {
    /// The best of what matches, so many of them.
    fn best(&self, most: usize, total: usize, after: Option<After>) -> Best {
        let mut best = Best::new(most, after);
        let dense = total * DENSE >= self.directory.records.len();
        self.by_call(|entries, most| match self.ready.near {
            None => self.by_tiers(entries, most, &mut best),
            Some(from) if dense => {
                self.by_cells(from, entries, most, &mut best);
                let mut apart = entries.clone();
                apart.remove(&self.directory.located);
                self.by_tiers(&apart, most, &mut best);
            }
            Some(from) => self.by_region(entries, most, |entries, most| {
                self.one_by_one(from, entries.iter(), most, &mut best);
            }),
        });
        best
    }

    /// What matches, with the most that the query adds to any of it: where it
    /// cannot wait, apart by whether somebody answers day and night.
    fn by_call(&self, mut each: impl FnMut(&Bits, i32)) {
        let most = self.ready.most_extra;
        if !self.ready.urgent {
            return each(self.matching, most);
        }
        let mut on_call = self.matching.clone();
        on_call.keep_set(&self.directory.on_call);
        let mut others = self.matching.clone();
        others.remove(&on_call);
        each(&on_call, most);
        each(&others, most - points::ON_CALL);
    }

    /// Entries to which the query adds so much at most, apart by whether they
    /// stand in the region where the person is: elsewhere nothing is near it.
    fn by_region(&self, entries: &Bits, most: i32, mut each: impl FnMut(&Bits, i32)) {
        let home = self.ready.home;
        let Some(region) = home.and_then(|home| self.directory.regions.get(&home[0])) else {
            return each(entries, most);
        };
        let mut inside = entries.clone();
        inside.keep(region);
        let mut elsewhere = entries.clone();
        elsewhere.remove(region);
        each(&inside, most);
        each(&elsewhere, most - points::SAME_SUBDIVISION);
    }

    /// From a point, one entry after the other.
    fn one_by_one(&self, from: [f32; 3], mut entries: impl Iterator<Item = u32>, most_extra: i32, best: &mut Best) {
        let spots = &self.today.spots;
        let mut next = [0; TOGETHER];
        loop {
            let mut many = 0;
            for (place, entry) in next.iter_mut().zip(&mut entries) {
                *place = entry;
                many += 1;
            }
            Spot::fetch(spots, &next[..many]);
            for &entry in &next[..many] {
                let spot = &spots[entry as usize];
                let extra = || self.directory.extra(self.ready, entry, &spot.facets());
                self.offer(entry, spot.standing(), spot.chord(from), most_extra, extra, best);
            }
            if many < TOGETHER {
                return;
            }
        }
    }

    /// Offers an entry to which the query adds so much at most, and how much
    /// once that is asked.
    #[inline]
    fn offer(
        &self,
        entry: u32,
        standing: i32,
        chord: Option<f32>,
        most_extra: i32,
        extra: impl FnOnce() -> i32,
        best: &mut Best,
    ) {
        let mut points = standing;
        if let Some(chord) = chord {
            points += self.ready.band(chord);
        }
        if self.named.is_some_and(|named| named.contains(entry)) {
            points += points::NAMED;
        }
        if most_extra != 0 {
            if best.refuses(rank(points + most_extra, chord)) {
                return;
            }
            points += extra();
        }
        best.offer(rank(points, chord), entry);
    }

    /// From a point, nearest cells first, without those that cannot better
    /// what is there; done with the band that nothing of it, nor of those
    /// beyond, can.
    fn by_cells(&self, from: [f32; 3], entries: &Bits, most_extra: i32, best: &mut Best) {
        self.directory.near.with_chords(from, |chords| {
            self.by_bands(from, chords, entries, most_extra, best);
        });
    }

    /// Looks through the cells once for each band: most searches end with the
    /// first few.
    fn by_bands(&self, from: [f32; 3], chords: &[f32], entries: &Bits, most_extra: i32, best: &mut Best) {
        let near = &self.directory.near;
        let name = self.named.map_or(0, |_| points::NAMED);
        for band in 0..=BANDS.len() {
            let (beyond, within) = self.ready.limits_of_band(band);
            let points = name + self.ready.points_of_band(band);
            let most = self.today.most + most_extra + points;
            if best.refuses(rank(most, Some(beyond.max(0.0)))) {
                return;
            }
            let cells = chords.iter().zip(&self.today.cells).enumerate();
            for (cell, (chord, standing)) in cells.filter(|(_, (chord, _))| **chord > beyond && **chord <= within) {
                let most = |extra: i32| rank(standing + points + extra, Some(*chord));
                if best.refuses(most(most_extra)) {
                    continue;
                }
                let numbers = near.entries(cell);
                if !entries.has_between(numbers.clone()) {
                    continue;
                }
                let extra = near.most_extra(cell, self.ready).min(most_extra);
                if !best.refuses(most(extra)) {
                    self.one_by_one(from, entries.between(numbers), extra, best);
                }
            }
        }
    }

    /// Without a distance: equal points come in the entries' order, so a tier
    /// is done with the first one refused.
    fn by_tiers(&self, entries: &Bits, most_extra: i32, best: &mut Best) {
        self.by_region(entries, most_extra, |entries, most| {
            let Some(named) = self.named else {
                return self.tiers(entries, 0, most, best);
            };
            let (mut both, mut rest) = (named.clone(), entries.clone());
            both.keep(entries);
            rest.remove(named);
            self.tiers(&both, points::NAMED, most, best);
            self.tiers(&rest, 0, most, best);
        });
    }

    /// Entries to whose points, and the base, the query adds so much at most.
    fn tiers(&self, entries: &Bits, base: i32, most: i32, best: &mut Best) {
        for (standing, tier) in &self.today.tiers {
            if best.refuses(rank(standing + base + most, None)) {
                return;
            }
            for entry in entries.shared(tier) {
                let extra = if most == 0 {
                    0
                } else {
                    let facets = self.today.spots[entry as usize].facets();
                    self.directory.extra(self.ready, entry, &facets)
                };
                let refused = !best.offer(rank(standing + base + extra, None), entry);
                if refused && most == 0 {
                    break;
                }
            }
        }
    }
}

/// The best entries after the cursor.
struct Best {
    /// The best, and at times as many again that are not.
    kept: Vec<(u64, u32)>,
    most: usize,
    after: Option<After>,
    /// Above it nothing is among the best.
    worst: (u64, u32),
}

impl Best {
    fn new(most: usize, after: Option<After>) -> Self {
        Self {
            kept: Vec::with_capacity(2 * most),
            most,
            after,
            worst: (u64::MAX, u32::MAX),
        }
    }

    /// Whether nothing of this rank or worse is kept any more.
    #[inline]
    fn refuses(&self, rank: u64) -> bool {
        rank > self.worst.0
    }

    /// Offers an entry; false when better ones are there already. One that
    /// stood on an earlier page is not refused, and not kept.
    #[inline]
    fn offer(&mut self, rank: u64, entry: u32) -> bool {
        if (rank, entry) > self.worst {
            return false;
        }
        if self.after.is_some_and(|after| after.is_past(rank, entry)) {
            return true;
        }
        self.kept.push((rank, entry));
        if self.kept.len() == self.most {
            self.worst = self.kept.iter().copied().max().unwrap_or(self.worst);
        } else if self.kept.len() == 2 * self.most {
            self.leave_the_best();
        }
        true
    }

    /// Sorting what is kept once in a while costs less than keeping it sorted.
    fn leave_the_best(&mut self) {
        let (_, worst, _) = self.kept.select_nth_unstable(self.most - 1);
        self.worst = *worst;
        self.kept.truncate(self.most);
    }

    /// The best first.
    fn sorted(mut self) -> Vec<(u64, u32)> {
        self.kept.sort_unstable();
        self.kept.truncate(self.most);
        self.kept
    }
}
