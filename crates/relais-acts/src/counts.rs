//! Counts over all that is under way. Where they take long they are kept for a
//! while, so that counting is never more than a hundredth of what the server does
//! for its lists.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// Below this a count is made whenever it is asked for.
const QUICK: Duration = Duration::from_millis(20);
/// For how many times as long as it took a count stands.
const TIMES: u32 = 100;
/// How long it stands at most.
const LONGEST: Duration = Duration::from_secs(120);

/// A count, when it was made, by the deployment's clock, and how long it stands.
struct Made<V> {
    value: V,
    at: DateTime<Utc>,
    stands: TimeDelta,
}

/// Counts by what was counted.
pub(crate) struct Counts<K, V>(Mutex<HashMap<K, Made<V>>>);

impl<K, V> Default for Counts<K, V> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

impl<K: Eq + Hash, V: Clone> Counts<K, V> {
    /// The count of `what`, as it stands or made anew; `now` by the deployment's
    /// clock.
    ///
    /// # Errors
    /// What counting refuses.
    pub(crate) fn of<E>(&self, what: K, now: DateTime<Utc>, count: impl FnOnce() -> Result<V, E>) -> Result<V, E> {
        if let Some(made) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&what)
            && (now - made.at).abs() < made.stands
        {
            return Ok(made.value.clone());
        }
        let began = Instant::now();
        let value = count()?;
        self.keep(what, value.clone(), now, began.elapsed());
        Ok(value)
    }

    /// Keeps a count that took so long.
    fn keep(&self, what: K, value: V, now: DateTime<Utc>, took: Duration) {
        let stands = (took * TIMES).min(LONGEST);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever began earlier and ended later takes nobody else's count away.
        kept.retain(|_, made| (now - made.at).abs() < made.stands);
        if took >= QUICK {
            let stands = TimeDelta::from_std(stands).unwrap_or_default();
            kept.insert(what, Made { value, at: now, stands });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a time")
    }

    #[test]
    fn what_took_long_stands_for_a_hundred_times_as_long_and_what_did_not_is_counted_again() {
        let counts = Counts::default();
        let made = Cell::new(0);
        let count = |now| {
            counts.of("all", now, || {
                made.set(made.get() + 1);
                Ok::<_, ()>(made.get())
            })
        };
        assert_eq!((count(at(0)), count(at(0))), (Ok(1), Ok(2)));
        counts.keep("all", 7, at(0), Duration::from_millis(500));
        assert_eq!((count(at(0)), count(at(49)), count(at(50))), (Ok(7), Ok(7), Ok(3)));
        // Not for ever, nor where the clock of a drill was turned back.
        counts.keep("all", 7, at(0), Duration::from_secs(60));
        assert_eq!((count(at(119)), count(at(-120)), count(at(120))), (Ok(7), Ok(4), Ok(5)));
        // Two count at once: whoever began first ends last.
        counts.keep("one", 8, at(1), Duration::from_millis(500));
        counts.keep("all", 7, at(0), Duration::from_secs(1));
        assert_eq!((counts.of("one", at(0), || Err(())), count(at(1))), (Ok(8), Ok(7)));
        counts.keep("all", 7, at(100), Duration::from_millis(500));
        assert_eq!(counts.of("one", at(1), || Err(())), Err(()));
        assert_eq!(counts.of("one", at(1), || Ok::<_, ()>(1)), Ok(1));
    }
}
