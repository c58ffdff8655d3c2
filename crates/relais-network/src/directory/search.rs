//! Searching the index: intersect the sets that the query names, then keep the
//! best of what is left. Three ways lead to the best, all to the same ones:
//! by tiers of points where no distance is asked for, by cells around the
//! point where much is left, and one entry after the other where little is.

use std::borrow::Cow;
use std::collections::BinaryHeap;

use super::near::chord;
use super::ready::{After, Ready, points_of, rank};
use super::reason::points;
use super::set::{Bits, Set};
use super::today::Today;
use super::understand::{Loosened, Reading};
use super::{Cursor, Directory, MAX_LIMIT, Page, Query};
use crate::place::chord_to_km;

/// Shortest beginning of a word that is looked up as such, in letters.
const PREFIX_LETTERS: usize = 3;

/// Most words that a beginning stands for.
const PREFIX_WORDS: usize = 64;

/// Where at least one in so many entries is left, looking through the near
/// cells is less work than looking at what is left.
const DENSE: usize = 12;

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
            in_name: Set::Few(Box::default()),
            begins: 0,
        }
    }
}

/// An entry found, by its number in the directory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Its place among [`Directory::entries`].
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
        let mut reading = self.read(query);
        let mut page = self.find_read(&reading);
        if page.total == 0 && reading.leave_the_place() {
            page = self.find_read(&reading);
            page.loosened = page.loosened.or(Some(Loosened::OtherPlaces)).filter(|_| page.total > 0);
        }
        page.unknown_words.clone_from(&reading.understood.unknown_words);
        (page, reading)
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
            (None, None) => Bits::all(entries),
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
            let mut left = left.unwrap_or_else(|| Bits::all(entries));
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

    /// All that a reading finds, on all pages.
    pub(super) fn all_matching(&self, reading: &Reading<'_, '_>) -> Option<Bits> {
        if reading.nothing {
            return None;
        }
        let (ready, left) = self.ready(&reading.query)?;
        Some(self.matching(reading, &ready, left).0)
    }

    fn find_read(&self, reading: &Reading<'_, '_>) -> Page<Found> {
        let mut page = Page {
            hits: Vec::new(),
            total: 0,
            next: None,
            unknown_words: Vec::new(),
            loosened: None,
        };
        let query = &*reading.query;
        if reading.nothing {
            return page;
        }
        let Some((ready, left)) = self.ready(query) else {
            return page;
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
        let mut kept = best.heap.into_sorted_vec();
        let more = kept.len() > limit;
        kept.truncate(limit);
        page.next = kept.last().filter(|_| more).map(|(rank, entry)| Cursor {
            rank: *rank,
            turn: self.turns[*entry as usize],
            id: self.ids[*entry as usize],
        });
        page.hits = kept.into_iter().map(|(rank, entry)| found(rank, entry)).collect();
        page
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
            anywhere: Set::Many(anywhere),
            in_name: Set::Many(in_name),
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
        match self.ready.near {
            None => self.by_tiers(self.matching, &mut best),
            Some(from) if total * DENSE >= self.directory.records.len() => {
                self.by_cells(from, &mut best);
                let mut apart = self.matching.clone();
                apart.remove(&self.directory.located);
                self.by_tiers(&apart, &mut best);
            }
            Some(_) => match self.home_region() {
                Some(region) => {
                    self.one_by_one(self.matching.shared(region), self.ready.most_extra, &mut best);
                    // Elsewhere nothing is near the person's area, which was all that the query adds.
                    self.one_by_one(self.matching.apart(region), 0, &mut best);
                }
                None => self.one_by_one(self.matching.iter(), self.ready.most_extra, &mut best),
            },
        }
        best
    }

    /// The entries of the region where the person is, where that is all by
    /// which the query adds to an entry's points.
    fn home_region(&self) -> Option<&Bits> {
        let home = self.ready.home.filter(|_| !self.ready.adds_beside_area)?;
        self.directory.regions.get(&home[0])
    }

    /// From a point, one entry after the other.
    fn one_by_one(&self, entries: impl Iterator<Item = u32>, most_extra: i32, best: &mut Best) {
        for entry in entries {
            let chord = self.ready.chord(self.directory.units[entry as usize]);
            let standing = self.today.points[entry as usize];
            let extra = || self.directory.extra(self.ready, entry);
            self.offer(entry, standing, chord, most_extra, extra, best);
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
    fn by_cells(&self, from: [f32; 3], best: &mut Best) {
        let near = &self.directory.near;
        let name = self.named.map_or(0, |_| points::NAMED);
        let mut done = None;
        for (range, bounds) in near.nearest_first(from, self.ready, &self.today.cells) {
            if done != Some(bounds.band) {
                let most = self.today.most + self.ready.most_extra + name + self.ready.points_of_band(bounds.band);
                if best.refuses(rank(most, Some(self.ready.start_of_band(bounds.band)))) {
                    return;
                }
                done = Some(bounds.band);
            }
            let most = bounds.standing + bounds.extra + name + self.ready.points_of_band(bounds.band);
            if best.refuses(rank(most, Some(bounds.chord))) {
                continue;
            }
            self.one_by_one(self.matching.between(range), bounds.extra, best);
        }
    }

    /// Without a distance: equal points come in the entries' order, so a tier
    /// is done with the first one refused.
    fn by_tiers(&self, entries: &Bits, best: &mut Best) {
        let mut rest = Cow::Borrowed(entries);
        if let Some(named) = self.named {
            let mut both = named.clone();
            both.keep(entries);
            self.tiers(&both, points::NAMED, best);
            rest.to_mut().remove(named);
        }
        self.tiers(&rest, 0, best);
    }

    fn tiers(&self, entries: &Bits, base: i32, best: &mut Best) {
        let most = self.ready.most_extra;
        for (standing, tier) in &self.today.tiers {
            if best.refuses(rank(standing + base + most, None)) {
                return;
            }
            for entry in entries.shared(tier) {
                let extra = if most == 0 {
                    0
                } else {
                    self.directory.extra(self.ready, entry)
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
    /// The worst on top.
    heap: BinaryHeap<(u64, u32)>,
    most: usize,
    after: Option<After>,
    /// Rank of the worst, once there are enough.
    worst: u64,
}

impl Best {
    fn new(most: usize, after: Option<After>) -> Self {
        Self {
            heap: BinaryHeap::with_capacity(most),
            most,
            after,
            worst: u64::MAX,
        }
    }

    /// Whether nothing of this rank or worse is kept any more.
    fn refuses(&self, rank: u64) -> bool {
        rank > self.worst
    }

    /// Offers an entry; false when better ones are there already. One that
    /// stood on an earlier page is not refused, and not kept.
    fn offer(&mut self, rank: u64, entry: u32) -> bool {
        if rank > self.worst {
            return false;
        }
        if self.after.is_some_and(|after| after.is_past(rank, entry)) {
            return true;
        }
        if self.heap.len() < self.most {
            self.heap.push((rank, entry));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && (rank, entry) < *worst
        {
            *worst = (rank, entry);
        } else {
            return false;
        }
        if self.heap.len() == self.most
            && let Some((worst, _)) = self.heap.peek()
        {
            self.worst = *worst;
        }
        true
    }
}
