//! The queue of an arrival of many: who registers whom next. Two officers
//! never hold one row; a claim runs out, so that a telephone that died holds
//! up nobody; a family stays with one officer.
//!
//! Pure: the rows and the time come in. The caller holds the arrival's lock
//! while it reads, asks here and writes.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use relais_mechanism::Label;
use relais_network::{ExpectedId, UserId};

/// How long a row stays with the officer who took it, counted anew each time
/// something typed is kept.
pub const CLAIM: TimeDelta = TimeDelta::minutes(10);

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has begun.
    Waiting,
    /// An officer has it until then; after that, anybody may.
    Taken {
        /// Who.
        by: UserId,
        /// Until when it is theirs alone.
        until: DateTime<Utc>,
    },
    /// Registered.
    Registered {
        /// By whom.
        by: UserId,
    },
    /// Did not come.
    Absent,
    /// Erased: did not come, and nothing is kept.
    Erased,
}

/// A row of the queue, without a word about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Row.
    pub id: ExpectedId,
    /// Number within the arrival: also on the bracelet.
    pub number: u32,
    /// Number of the family within the arrival.
    pub family: Option<u32>,
    /// What became of it.
    pub standing: Standing,
}

impl Place {
    /// Whether anybody may take it.
    #[must_use]
    pub fn is_free(&self, now: DateTime<Utc>) -> bool {
        match self.standing {
            Standing::Waiting => true,
            Standing::Taken { until, .. } => until <= now,
            Standing::Registered { .. } | Standing::Absent | Standing::Erased => false,
        }
    }

    /// Who is at it.
    const fn officer(&self) -> Option<UserId> {
        match self.standing {
            Standing::Taken { by, .. } | Standing::Registered { by } => Some(by),
            _ => None,
        }
    }
}

/// Why a row cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueRefusal {
    /// Another officer has it.
    TakenByOther,
    /// It is registered.
    Registered,
    /// It was erased.
    Erased,
    /// It is not with this officer.
    NotYours,
}

impl QueueRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TakenByOther => "row_taken",
            Self::Registered => "row_registered",
            Self::Erased => "row_erased",
            Self::NotYours => "row_not_yours",
        }
    }

    /// Why.
    #[must_use]
    pub fn message(self) -> Label {
        let (fr, en) = match self {
            Self::TakenByOther => (
                "Un autre agent enregistre déjà cette personne.",
                "Another officer is registering this person already.",
            ),
            Self::Registered => (
                "Cette personne est déjà enregistrée sous ce numéro.",
                "This person is already registered under this number.",
            ),
            Self::Erased => (
                "Cette ligne a été effacée : la personne n’était pas venue.",
                "This row was erased: the person had not come.",
            ),
            Self::NotYours => (
                "Cette ligne n’est plus à vous : votre délai a expiré.",
                "This row is no longer yours: your time ran out.",
            ),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }

    /// What to do.
    #[must_use]
    pub fn remedy(self) -> Label {
        let (fr, en) = match self {
            Self::TakenByOther => (
                "Prenez la personne suivante, ou attendez qu’il libère la ligne.",
                "Take the next person, or wait until the row is given back.",
            ),
            Self::Registered => (
                "Relisez le bracelet ; si c’est une autre personne, ajoutez-la avec un nouveau numéro.",
                "Read the bracelet again; if it is another person, add them with a new number.",
            ),
            Self::Erased => (
                "Ajoutez la personne : elle reçoit un nouveau numéro.",
                "Add the person: they get a new number.",
            ),
            Self::NotYours => (
                "Reprenez la ligne si elle est libre ; ce qui était gardé y est encore.",
                "Take the row again if it is free; what was kept is still there.",
            ),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }
}

/// Whether the officer may take this row: whoever is marked as not come may
/// come after all.
///
/// # Errors
/// [`QueueRefusal`].
pub fn may_take(place: &Place, officer: UserId, now: DateTime<Utc>) -> Result<(), QueueRefusal> {
    match place.standing {
        Standing::Taken { by, until } if by != officer && until > now => Err(QueueRefusal::TakenByOther),
        Standing::Registered { .. } => Err(QueueRefusal::Registered),
        Standing::Erased => Err(QueueRefusal::Erased),
        Standing::Waiting | Standing::Taken { .. } | Standing::Absent => Ok(()),
    }
}

/// Whether the officer may write on this row: it is theirs, or its time ran
/// out and nobody else took it since.
///
/// # Errors
/// [`QueueRefusal`].
pub fn may_write(place: &Place, officer: UserId, now: DateTime<Utc>) -> Result<(), QueueRefusal> {
    match place.standing {
        Standing::Taken { by, .. } if by == officer => Ok(()),
        Standing::Waiting | Standing::Absent => Err(QueueRefusal::NotYours),
        _ => may_take(place, officer, now).and(Err(QueueRefusal::NotYours)),
    }
}

/// The row that this officer takes next, by its number within each rank:
/// what is theirs already, the rest of the family that they work on, whoever
/// is of no family or of one that nobody has begun, then anybody who waits.
#[must_use]
pub fn next(places: &[Place], officer: UserId, now: DateTime<Utc>) -> Option<ExpectedId> {
    // Who began each family, and whether it is this officer.
    let mut begun: BTreeMap<u32, bool> = BTreeMap::new();
    for place in places {
        if let (Some(family), Some(by)) = (place.family, place.officer())
            && !place.is_free(now)
        {
            *begun.entry(family).or_default() |= by == officer;
        }
    }
    places
        .iter()
        .filter_map(|place| {
            let rank = match place.standing {
                Standing::Taken { by, .. } if by == officer => 0,
                _ if !place.is_free(now) => return None,
                _ => match place.family.and_then(|family| begun.get(&family)) {
                    Some(true) => 1,
                    None => 2,
                    Some(false) => 3,
                },
            };
            Some((rank, place.number, place.id))
        })
        .min()
        .map(|(_, _, id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone as _;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 23, 22, 0, 0)
            .single()
            .expect("an instant")
    }

    fn officer(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn place(number: u32, family: Option<u32>, standing: Standing) -> Place {
        Place {
            id: ExpectedId(Uuid::from_u128(u128::from(number))),
            number,
            family,
            standing,
        }
    }

    fn taken(by: u128, minutes: i64) -> Standing {
        Standing::Taken {
            by: officer(by),
            until: now() + TimeDelta::minutes(minutes),
        }
    }

    fn next_number(places: &[Place], by: u128) -> Option<u32> {
        let id = next(places, officer(by), now())?;
        places.iter().find(|p| p.id == id).map(|p| p.number)
    }

    #[test]
    fn a_cut_line_resumes_a_family_stays_a_dead_telephone_holds_up_nobody() {
        let done = Standing::Registered { by: officer(1) };
        let places = [
            place(1, Some(1), done),
            place(2, Some(2), taken(2, 5)),
            place(3, Some(2), Standing::Waiting),
            place(4, None, Standing::Waiting),
            place(5, Some(1), Standing::Waiting),
            place(6, None, taken(3, -1)),
            place(7, None, Standing::Absent),
        ];
        assert_eq!(next_number(&places, 1), Some(5), "the rest of the own family first");
        assert_eq!(next_number(&places, 2), Some(2), "what was begun");
        assert_eq!(next_number(&places, 3), Some(6), "also when its time ran out");
        assert_eq!(next_number(&places, 4), Some(4), "of no family that another began");
        let last = [places[0], places[1], places[2]];
        assert_eq!(next_number(&last, 1), Some(3), "nobody waits for an officer");
        assert_eq!(next_number(&[places[0], places[6]], 1), None);
    }

    #[test]
    fn a_row_is_taken_and_written_by_one() {
        let cases = [
            (Standing::Waiting, Ok(()), Err(QueueRefusal::NotYours)),
            (taken(1, 5), Ok(()), Ok(())),
            (taken(1, -5), Ok(()), Ok(())),
            (
                taken(2, 5),
                Err(QueueRefusal::TakenByOther),
                Err(QueueRefusal::TakenByOther),
            ),
            (taken(2, -5), Ok(()), Err(QueueRefusal::NotYours)),
            (
                Standing::Registered { by: officer(1) },
                Err(QueueRefusal::Registered),
                Err(QueueRefusal::Registered),
            ),
            (Standing::Absent, Ok(()), Err(QueueRefusal::NotYours)),
            (Standing::Erased, Err(QueueRefusal::Erased), Err(QueueRefusal::Erased)),
        ];
        for (standing, take, write) in cases {
            let place = place(1, None, standing);
            assert_eq!(may_take(&place, officer(1), now()), take, "{standing:?}");
            assert_eq!(may_write(&place, officer(1), now()), write, "{standing:?}");
        }
    }

    proptest! {
        /// Officers who take in any order: nobody is left, nobody is taken twice.
        #[test]
        fn every_person_is_taken_once(
            families in proptest::collection::vec(proptest::option::of(1u32..6), 1..40),
            turns in proptest::collection::vec(1u128..5, 200),
        ) {
            let mut places: Vec<Place> = (1..).zip(families).map(|(n, f)| place(n, f, Standing::Waiting)).collect();
            let mut done = 0;
            for by in turns {
                let Some(id) = next(&places, officer(by), now()) else { break };
                let Some(row) = places.iter_mut().find(|p| p.id == id) else { break };
                prop_assert!(may_take(row, officer(by), now()).is_ok());
                // Taken, then registered at the officer's next turn.
                row.standing = match row.standing {
                    Standing::Taken { .. } => { done += 1; Standing::Registered { by: officer(by) } }
                    _ => taken(by, 5),
                };
            }
            let registered = places.iter().filter(|p| matches!(p.standing, Standing::Registered { .. })).count();
            prop_assert_eq!(done, registered);
            let last = next(&places, officer(1), now());
            prop_assert_eq!(last.is_none(), !places.iter().any(|p| p.is_free(now()) || p.standing == taken(1, 5)));
        }
    }
}
