//! Sets of entries. What a search asks for is an intersection of a few of
//! them, and the intersection of bits is a handful of instructions for each
//! sixty-four entries.

/// One bit an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits(Box<[u64]>);

impl Bits {
    /// The empty set, of a directory of so many entries.
    pub fn none(entries: usize) -> Self {
        Self(vec![0; entries.div_ceil(64)].into())
    }

    /// Every entry of a directory of so many.
    pub fn all(entries: usize) -> Self {
        let mut words = vec![u64::MAX; entries.div_ceil(64)];
        if let Some(last) = words.last_mut()
            && !entries.is_multiple_of(64)
        {
            *last = (1 << (entries % 64)) - 1;
        }
        Self(words.into())
    }

    pub fn insert(&mut self, entry: u32) {
        self.0[entry as usize / 64] |= 1 << (entry % 64);
    }

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
                let nothing = vec![0; self.0.len()].into();
                let before = std::mem::replace(&mut self.0, nothing);
                for &entry in list {
                    let (at, bit) = (entry as usize / 64, 1 << (entry % 64));
                    self.0[at] |= before[at] & bit;
                }
            }
        }
    }

    /// The entries, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        Ones::of(self.0.iter().copied())
    }

    /// The entries that are in the other too, ascending.
    pub fn shared<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = u32> + 'a {
        Ones::of(self.0.iter().zip(&other.0).map(|(a, b)| a & b))
    }

    /// The entries that are not in the other, ascending.
    pub fn apart<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = u32> + 'a {
        Ones::of(self.0.iter().zip(&other.0).map(|(a, b)| a & !b))
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
