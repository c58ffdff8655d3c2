//! The same service for the same person: under way, or rendered in the last 90
//! days (DOMAIN §2.5). It warns; a person decides.

use chrono::{DateTime, Days, Utc};

use crate::referral::{Outcome, State};

/// Days for which a service that was rendered counts.
pub const DAYS: u64 = 90;

/// Whether a referral to the same service counts as the same again.
#[must_use]
pub fn repeats(state: State, outcome: Option<Outcome>, ended_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    if state == State::Draft {
        return false;
    }
    if !state.is_terminal() {
        return true;
    }
    let since = now.checked_sub_days(Days::new(DAYS)).unwrap_or(now);
    matches!(outcome, Some(Outcome::Served | Outcome::PartlyServed)) && ended_at.is_some_and(|at| at > since)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn what_runs_or_was_rendered_lately_and_nothing_else() {
        let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(1_000);
        let ago = |days| Some(now - TimeDelta::days(days));
        for state in State::ALL.iter().copied() {
            let runs = !state.is_terminal() && state != State::Draft;
            assert_eq!(repeats(state, None, None, now), runs, "{state}");
        }
        for outcome in Outcome::ALL.iter().copied() {
            let rendered = matches!(outcome, Outcome::Served | Outcome::PartlyServed);
            assert_eq!(
                repeats(State::Closed, Some(outcome), ago(89), now),
                rendered,
                "{outcome}"
            );
            assert!(!repeats(State::Closed, Some(outcome), ago(90), now), "{outcome}");
        }
        assert!(!repeats(State::Declined, None, ago(1), now));
    }
}
