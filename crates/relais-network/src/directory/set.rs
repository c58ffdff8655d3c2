//! Sets of entries. What a search asks for is an intersection of a few of
//! them, and the intersection of bits is a handful of instructions for each
//! sixty-four entries.

use std::cell::RefCell;
use std::ops::Range;

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

    /// Every entry of a directory of so many.
    pub fn all(entries: usize) -> Self {
        let mut words = room(entries.div_ceil(64));
        words.fill(u64::MAX);
        if let Some(last) = words.last_mut()
            && !entries.is_multiple_of(64)
        {
            *last = (1 << (entries % 64)) - 1;
        }
        Self(words)
    }

    pub fn insert(&mut self, entry: u32) {
        self.0[entry as usize / 64] |= 1 << (entry % 64);
    }

    #[inline]
    pub fn contains(&self, entry: u32) -> bool {
        self.0[entry as usize / 64] >> (entry % 64) & 1 == 1
    }

    pub fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Keeps what is in the other too.
    pub fn keep(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= b);
    }

    /// Adds what is in the other.
    pub fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }

    /// Takes out what is in the other.
    pub fn remove(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a &= !b);
    }

    /// Adds a set.
    pub fn add(&mut self, set: &Set) {
        match set {
            Set::Few(list) => list.iter().for_each(|&entry| self.insert(entry)),
            Set::Many(bits) => self.0.iter_mut().zip(&bits.0).for_each(|(a, b)| *a |= b),
        }
    }

    /// Keeps what is in a set too.
    pub fn keep_set(&mut self, set: &Set) {
        match set {
            Set::Many(bits) => self.keep(bits),
            Set::Few(list) => {
                let mut kept = Self(room(self.0.len()));
                kept.0.fill(0);
                for &entry in list {
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

/// A set as the index keeps it: a sorted list while that is the shorter.
#[derive(Debug, Clone)]
pub(super) enum Set {
    Few(Box<[u32]>),
    Many(Bits),
}

impl Set {
    /// The set of these entries, ascending, of a directory of so many.
    pub fn of(list: Vec<u32>, entries: usize) -> Self {
        if list.len() < entries / 32 {
            return Self::Few(list.into());
        }
        let mut bits = Bits::none(entries);
        list.into_iter().for_each(|entry| bits.insert(entry));
        Self::Many(bits)
    }

    pub fn contains(&self, entry: u32) -> bool {
        match self {
            Self::Few(list) => list.binary_search(&entry).is_ok(),
            Self::Many(bits) => bits.contains(entry),
        }
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        match self {
            Self::Few(list) => list.len(),
            Self::Many(bits) => bits.count(),
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Self::Few(list) => list.is_empty(),
            Self::Many(bits) => bits.0.iter().all(|word| *word == 0),
        }
    }

    /// The first of its entries.
    pub fn first(&self) -> Option<u32> {
        match self {
            Self::Few(list) => list.first().copied(),
            Self::Many(bits) => bits.iter().next(),
        }
    }

    /// The set as bits.
    pub fn bits(&self, entries: usize) -> Bits {
        match self {
            Self::Many(bits) => bits.clone(),
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
            assert_eq!(Bits::all(entries).count(), entries);
            for (a, b) in [(1, 3), (3, 5), (2, 100), (100, 2), (100, 70), (70, 999)] {
                let (x, y) = (set(a, entries), set(b, entries));
                let expected: Vec<u32> = (0..entries as u32)
                    .filter(|e| e.is_multiple_of(a as u32) && e.is_multiple_of(b as u32))
                    .collect();
                let mut both = x.bits(entries);
                both.keep_set(&y);
                assert_eq!(both.iter().collect::<Vec<_>>(), expected, "{a} {b} {entries}");
                assert_eq!(both.count(), expected.len());
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
}
