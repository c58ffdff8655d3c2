//! Sets of entries. What a search asks for is an intersection of a few of
//! them, and the intersection of bits is a handful of instructions for each
//! sixty-four entries.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

/// One bit an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bits(Box<[u64]>);

/// Most rooms for sets that a thread keeps for its next search.
const KEPT: usize = 8;

thread_local! {
    /// A search needs room for a few sets and gives it back at once. They are longer than what the allocator has at
    /// hand, so each thread keeps them.
    static ROOMS: RefCell<Vec<Box<[u64]>>> = const { RefCell::new(Vec::new()) };
}

/// Room for so many words, which hold anything.
fn room(words: usize) -> Box<[u64]> {
    let kept = ROOMS.try_with(|rooms| rooms.borrow_mut().pop()).ok().flatten();
    kept.filter(|room| room.len() == words)
        .unwrap_or_else(|| vec![0; words].into())
}

impl Drop for Bits {
    fn drop(&mut self) {
        let room = std::mem::take(&mut self.0);
        // A thread that ends has its rooms freed already.
        let _ = ROOMS.try_with(|rooms| {
            let mut rooms = rooms.borrow_mut();
            if rooms.len() < KEPT {
                rooms.push(room);
            }
        });
    }
}

impl Clone for Bits {
    fn clone(&self) -> Self {
        let mut words = room(self.0.len());
        words.copy_from_slice(&self.0);
        Self(words)
    }
}

impl Bits {
    /// The empty set, of a directory of so many entries.
    pub fn none(entries: usize) -> Self {
        let mut words = room(entries.div_ceil(64));
        words.fill(0);
        Self(words)
    }

    pub fn insert(&mut self, entry: u32) {
        self.0[entry as usize / 64] |= 1 << (entry % 64);
    }

    /// Puts an entry in, or takes it out.
    pub fn put(&mut self, entry: u32, within: bool) {
        put(&mut self.0, entry, within);
    }

    #[inline]
    pub fn contains(&self, entry: u32) -> bool {
        has(&self.0, entry)
    }

    pub fn count(&self) -> usize {
        ones(&self.0)
    }

    /// How many of a set are in it.
    pub fn count_in(&self, set: &Set) -> usize {
        match set {
            Set::Few(list) => list.iter().filter(|entry| self.contains(**entry)).count(),
            Set::Many(words) => self.count_words(words),
            Set::Made(bits) => self.count_both(bits),
        }
    }

    /// How many are in both.
    pub fn count_both(&self, other: &Self) -> usize {
        self.count_words(&other.0)
    }

    fn count_words(&self, words: &[u64]) -> usize {
        let both = self.0.iter().zip(words).map(|(a, b)| a & b);
        both.map(|word| word.count_ones() as usize).sum()
    }

    /// Keeps what is in the other too.
    pub fn keep(&mut self, other: &Self) {
        self.keep_words(&other.0);
    }

    fn keep_words(&mut self, words: &[u64]) {
        self.0.iter_mut().zip(words).for_each(|(a, b)| *a &= b);
    }

    /// Adds what is in the other.
    pub fn join(&mut self, other: &Self) {
        self.join_words(&other.0);
    }

    fn join_words(&mut self, words: &[u64]) {
        self.0.iter_mut().zip(words).for_each(|(a, b)| *a |= b);
    }

    /// Takes out what is in the other.
    pub fn remove(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= !b);
    }

    /// Adds a set.
    pub fn add(&mut self, set: &Set) {
        match set {
            Set::Few(list) => list.iter().for_each(|&entry| self.insert(entry)),
            Set::Many(words) => self.join_words(words),
            Set::Made(bits) => self.join(bits),
        }
    }

    /// Keeps what is in a set too.
    pub fn keep_set(&mut self, set: &Set) {
        match set {
            Set::Many(words) => self.keep_words(words),
            Set::Made(bits) => self.keep(bits),
            Set::Few(list) => {
                let mut kept = Self(room(self.0.len()));
                kept.0.fill(0);
                for &entry in list.iter() {
                    let (at, bit) = (entry as usize / 64, 1 << (entry % 64));
                    kept.0[at] |= self.0[at] & bit;
                }
                *self = kept;
            }
        }
    }

    /// The entries, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        Ones::of(self.0.iter().copied())
    }

    /// Whether any entry stands from one number to before another.
    pub fn has_between(&self, range: Range<u32>) -> bool {
        self.words_between(range).any(|word| word != 0)
    }

    /// The entries from one number to before another, ascending.
    pub fn between(&self, range: Range<u32>) -> impl Iterator<Item = u32> + '_ {
        let next = range.start / 64 * 64;
        Ones {
            words: self.words_between(range),
            word: 0,
            next,
        }
    }

    fn words_between(&self, range: Range<u32>) -> impl Iterator<Item = u64> + '_ {
        let (from, to) = (range.start, range.end.max(range.start));
        let words = &self.0[from as usize / 64..to.div_ceil(64) as usize];
        let (low, high) = (u64::MAX << (from % 64), u64::MAX >> (to.wrapping_neg() % 64));
        let last = words.len().wrapping_sub(1);
        words.iter().enumerate().map(move |(at, word)| {
            let low = if at == 0 { low } else { u64::MAX };
            let high = if at == last { high } else { u64::MAX };
            word & low & high
        })
    }

    /// The entries that are in the other too, ascending.
    pub fn shared<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = u32> + 'a {
        Ones::of(self.0.iter().zip(&other.0).map(|(a, b)| a & b))
    }
}

/// Walks the ones of a row of words.
struct Ones<I> {
    words: I,
    word: u64,
    /// Entry of the word's first bit, plus 64: the next word's.
    next: u32,
}

impl<I: Iterator<Item = u64>> Ones<I> {
    const fn of(words: I) -> Self {
        Self {
            words,
            word: 0,
            next: 0,
        }
    }
}

impl<I: Iterator<Item = u64>> Iterator for Ones<I> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        while self.word == 0 {
            self.word = self.words.next()?;
            self.next += 64;
        }
        let bit = self.word.trailing_zeros();
        self.word &= self.word - 1;
        Some(self.next - 64 + bit)
    }
}

#[inline]
fn has(words: &[u64], entry: u32) -> bool {
    words[entry as usize / 64] >> (entry % 64) & 1 == 1
}

fn put(words: &mut [u64], entry: u32, within: bool) {
    let (at, bit) = (entry as usize / 64, 1 << (entry % 64));
    if within {
        words[at] |= bit;
    } else {
        words[at] &= !bit;
    }
}

fn ones(words: &[u64]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

/// A set as the index keeps it: a sorted list while that is the shorter. A copy
/// shares what it holds until one of the two changes.
#[derive(Debug, Clone)]
pub(super) enum Set {
    Few(Arc<[u32]>),
    /// One bit an entry.
    Many(Arc<[u64]>),
    /// Made for one search.
    Made(Bits),
}

impl Set {
    /// The set of these entries, ascending, of a directory of so many.
    pub fn of(list: Vec<u32>, entries: usize) -> Self {
        if list.len() < entries / 32 {
            return Self::Few(list.into());
        }
        let mut words = vec![0; entries.div_ceil(64)];
        list.into_iter().for_each(|entry| put(&mut words, entry, true));
        Self::Many(words.into())
    }

    /// The set of no entries.
    pub fn none() -> Self {
        Self::Few(Arc::default())
    }

    /// Puts an entry in, or takes it out.
    pub fn put(&mut self, entry: u32, within: bool) {
        if self.contains(entry) == within {
            return;
        }
        match self {
            Self::Few(list) => {
                let (before, after) = list.split_at(list.partition_point(|e| *e < entry));
                *list = if within {
                    before.iter().chain(&[entry]).chain(after).copied().collect()
                } else {
                    before.iter().chain(&after[1..]).copied().collect()
                };
            }
            Self::Many(words) => match Arc::get_mut(words) {
                Some(own) => put(own, entry, within),
                None => {
                    let mut own = words.to_vec();
                    put(&mut own, entry, within);
                    *words = own.into();
                }
            },
            Self::Made(bits) => bits.put(entry, within),
        }
    }

    pub fn contains(&self, entry: u32) -> bool {
        match self {
            Self::Few(list) => list.binary_search(&entry).is_ok(),
            Self::Many(words) => has(words, entry),
            Self::Made(bits) => bits.contains(entry),
        }
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        match self {
            Self::Few(list) => list.len(),
            Self::Many(words) => ones(words),
            Self::Made(bits) => bits.count(),
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Self::Few(list) => list.is_empty(),
            Self::Many(words) => words.iter().all(|word| *word == 0),
            Self::Made(bits) => bits.0.iter().all(|word| *word == 0),
        }
    }

    /// The first of its entries.
    pub fn first(&self) -> Option<u32> {
        match self {
            Self::Few(list) => list.first().copied(),
            Self::Many(words) => Ones::of(words.iter().copied()).next(),
            Self::Made(bits) => bits.iter().next(),
        }
    }

    /// The set as bits.
    pub fn bits(&self, entries: usize) -> Bits {
        match self {
            Self::Made(bits) => bits.clone(),
            Self::Many(words) => {
                let mut own = room(words.len());
                own.copy_from_slice(words);
                Bits(own)
            }
            Self::Few(_) => {
                let mut bits = Bits::none(entries);
                bits.add(self);
                bits
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every third, of a directory whose size is no multiple of 64.
    fn set(step: usize, entries: usize) -> Set {
        Set::of((0..entries as u32).step_by(step).collect(), entries)
    }

    #[test]
    fn lists_and_bits_are_the_same_sets() {
        for entries in [0, 1, 63, 64, 65, 1000] {
            for (a, b) in [(1, 3), (3, 5), (2, 100), (100, 2), (100, 70), (70, 999)] {
                let (x, y) = (set(a, entries), set(b, entries));
                let expected: Vec<u32> = (0..entries as u32)
                    .filter(|e| e.is_multiple_of(a as u32) && e.is_multiple_of(b as u32))
                    .collect();
                let mut both = x.bits(entries);
                both.keep_set(&y);
                assert_eq!(both.iter().collect::<Vec<_>>(), expected, "{a} {b} {entries}");
                assert_eq!(both.count(), expected.len());
                assert_eq!(x.bits(entries).count_in(&y), expected.len());
                assert_eq!(x.bits(entries).count_both(&y.bits(entries)), expected.len());
                let shared: Vec<u32> = x.bits(entries).shared(&y.bits(entries)).collect();
                assert_eq!(shared, expected);
                for (from, to) in [(0, 0), (0, entries), (1, 64), (63, 66), (64, 128), (70, 71), (130, 999)] {
                    let (from, to) = (from.min(entries) as u32, to.min(entries) as u32);
                    let within: Vec<u32> = expected.iter().copied().filter(|e| (from..to).contains(e)).collect();
                    assert_eq!(
                        both.between(from..to).collect::<Vec<_>>(),
                        within,
                        "{from} {to} {entries}"
                    );
                }
                let mut rest = x.bits(entries);
                rest.remove(&y.bits(entries));
                assert_eq!(rest.count() + expected.len(), x.bits(entries).count());
                rest.add(&y);
                for e in 0..entries as u32 {
                    assert_eq!(rest.contains(e), x.contains(e) || y.contains(e));
                }
            }
        }
    }

    #[test]
    fn what_is_put_into_a_set_and_taken_out_leaves_its_copies_alone() {
        for entries in [64, 200, 1000] {
            for step in [1, 3, 70] {
                let original = set(step, entries);
                let before: Vec<u32> = original.bits(entries).iter().collect();
                for entry in [0, 1, 63, entries as u32 - 1] {
                    for within in [true, false] {
                        let mut changed = original.clone();
                        changed.put(entry, within);
                        changed.put(entry, within);
                        assert_eq!(changed.contains(entry), within);
                        let mut expected: Vec<u32> = before.iter().copied().filter(|e| *e != entry).collect();
                        if within {
                            expected.push(entry);
                            expected.sort_unstable();
                        }
                        assert_eq!(changed.bits(entries).iter().collect::<Vec<_>>(), expected);
                        assert_eq!(changed.len(), expected.len());
                        assert_eq!(original.bits(entries).iter().collect::<Vec<_>>(), before);
                    }
                }
            }
        }
    }
}
