//! Counts over all that is under way. Over much they stand for a minute; over
//! little they are made whenever they are asked for, so that they are of now.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a count over much stands.
const STANDS: Duration = Duration::from_secs(60);

/// Counts by what was counted.
pub(crate) struct StandingCounts<K, V> {
    much: i64,
    kept: Mutex<HashMap<K, (Instant, V)>>,
}

impl<K: Eq + Hash, V: Clone> StandingCounts<K, V> {
    /// Counts that stand where they are over so much or more.
    pub(crate) fn over(much: i64) -> Self {
        Self {
            much,
            kept: Mutex::new(HashMap::new()),
        }
    }

    /// The count of `what`, as it stands or made anew; `over` says how much was
    /// counted.
    ///
    /// # Errors
    /// What counting refuses.
    pub(crate) fn of<E>(
        &self,
        what: K,
        over: impl FnOnce(&V) -> i64,
        count: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        self.at(Instant::now(), what, over, count)
    }

    fn at<E>(
        &self,
        now: Instant,
        what: K,
        over: impl FnOnce(&V) -> i64,
        count: impl FnOnce() -> Result<V, E>,
    ) -> Result<V, E> {
        let stands = |made: &Instant| now.saturating_duration_since(*made) < STANDS;
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, value)) = kept().get(&what).filter(|(made, _)| stands(made)) {
            return Ok(value.clone());
        }
        let value = count()?;
        let mut kept = kept();
        kept.retain(|_, (made, _)| stands(made));
        if over(&value) >= self.much {
            kept.insert(what, (now, value.clone()));
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_over_much_stands_for_a_minute_and_one_over_little_is_made_again() {
        let counts = StandingCounts::over(1000);
        let start = Instant::now();
        let at = |seconds, what, value: i64| {
            let now = start + Duration::from_secs(seconds);
            counts.at(now, what, |n| *n, || Ok::<_, ()>(value))
        };
        assert_eq!((at(0, "few", 999), at(0, "few", 998)), (Ok(999), Ok(998)));
        assert_eq!((at(10, "many", 1000), at(69, "many", 2000)), (Ok(1000), Ok(1000)));
        // Each by itself, and whoever began to count earlier takes nothing away.
        assert_eq!((at(69, "other", 3000), at(9, "few", 1)), (Ok(3000), Ok(1)));
        assert_eq!((at(69, "many", 7), at(70, "many", 2000)), (Ok(1000), Ok(2000)));
        assert_eq!(at(128, "other", 7), Ok(3000));
        let refused = counts.at(start, "refused", |n| *n, || Err(()));
        assert_eq!((refused, at(0, "refused", 5)), (Err(()), Ok(5)));
    }
}
