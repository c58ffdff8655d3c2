//! Entries by id, shared between the networks of one version and the next.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Above one changed entry in so many, all are laid out anew.
const FEW: usize = 16;

/// Entries by id. A copy in which a few changed shares the others.
pub struct Known<K, V> {
    all: Arc<HashMap<K, Arc<V>>>,
    /// In place of those of `all`; no others.
    changed: HashMap<K, Arc<V>>,
}

impl<K: Copy + Eq + Hash, V> Known<K, V> {
    /// These entries.
    pub(crate) fn of(entries: impl IntoIterator<Item = Arc<V>>, id: impl Fn(&V) -> K) -> Self {
        Self {
            all: Arc::new(entries.into_iter().map(|entry| (id(&entry), entry)).collect()),
            changed: HashMap::new(),
        }
    }

    /// The same.
    pub(crate) fn share(&self) -> Self {
        Self {
            all: Arc::clone(&self.all),
            changed: self.changed.clone(),
        }
    }

    /// The same with these in place of those with their ids; one that was not
    /// known is left out.
    pub(crate) fn with(&self, entries: impl IntoIterator<Item = (K, Arc<V>)>) -> Self {
        let mut next = self.share();
        let known = entries.into_iter().filter(|(id, _)| self.all.contains_key(id));
        next.changed.extend(known);
        if next.changed.len() * FEW > next.all.len() {
            let mut all = HashMap::clone(&next.all);
            all.extend(std::mem::take(&mut next.changed));
            next.all = Arc::new(all);
        }
        next
    }

    fn now<'a>(&'a self, id: &K, entry: &'a Arc<V>) -> &'a V {
        self.changed.get(id).unwrap_or(entry)
    }

    /// The entry with this id.
    #[must_use]
    pub fn get(&self, id: &K) -> Option<&V> {
        self.all.get(id).map(|entry| self.now(id, entry))
    }

    /// Whether there is one with this id.
    #[must_use]
    pub fn contains_key(&self, id: &K) -> bool {
        self.all.contains_key(id)
    }

    /// Every id, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.all.keys()
    }

    /// Every entry, in no order.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.all.iter().map(|(id, entry)| self.now(id, entry))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl<K: Copy + Eq + Hash, V> std::ops::Index<&K> for Known<K, V> {
    type Output = V;

    /// The entry with this id, as a map has it.
    ///
    /// # Panics
    /// When there is none.
    fn index(&self, id: &K) -> &V {
        self.get(id).expect("an entry with this id")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_stands_in_place_of_what_was_and_nowhere_else() {
        let first: Known<u32, (u32, u32)> = Known::of((0..100).map(|n| Arc::new((n, 0))), |e| e.0);
        let mut known = first.share();
        for round in 1..40 {
            known = known.with([(round, Arc::new((round, round))), (1_000, Arc::new((1_000, 1)))]);
            assert_eq!(known.get(&round), Some(&(round, round)));
            assert_eq!(known.values().map(|e| e.1).sum::<u32>(), (1..=round).sum::<u32>());
            assert_eq!((known.len(), known.keys().count(), known.get(&1_000)), (100, 100, None));
        }
        assert!(first.values().all(|e| e.1 == 0), "the one before is as it was");
    }
}
