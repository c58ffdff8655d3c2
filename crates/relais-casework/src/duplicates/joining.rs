//! Joining two files of one person: the older code stays, the younger points
//! to it, and nothing is moved (decision 0012). A supervisor decides, never
//! the system; for thirty days it can be taken back.

use chrono::{DateTime, Days, Utc};
use relais_mechanism::Label;
use relais_network::{CaseId, OrganisationId};

use super::asking::Answer;

/// Days within which a joining can be taken back.
pub const UNDO_DAYS: u64 = 30;

/// One of the two files, as far as joining goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The case.
    pub case: CaseId,
    /// Server sequence: the lower is the older.
    pub seq: i64,
    /// Who holds it.
    pub holder: OrganisationId,
    /// Whether it has ended: nobody writes any more.
    pub ended: bool,
    /// The file to which it points already.
    pub into: Option<CaseId>,
    /// Whether another file points to it.
    pub has_joined: bool,
}

/// Why two files are not joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.code())]
pub enum JoinRefusal {
    /// One file twice.
    Same,
    /// The younger points to a file already, or others point to it; or the
    /// older points to another.
    Joined,
    /// One of the two has ended.
    Ended,
    /// The other is held elsewhere, and its holder has not said yes.
    NoYes,
    /// Nothing to take back.
    NotJoined,
    /// Thirty days are over.
    TooLate,
}

impl JoinRefusal {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Same => "join_same",
            Self::Joined => "join_joined",
            Self::Ended => "join_ended",
            Self::NoYes => "join_no_yes",
            Self::NotJoined => "join_not_joined",
            Self::TooLate => "join_too_late",
        }
    }

    /// Why, and what to do instead.
    #[must_use]
    pub fn says(self) -> (Label, Label) {
        let ((fr, en), (do_fr, do_en)) = match self {
            Self::Same => (
                ("C’est deux fois le même dossier.", "This is the same case twice."),
                ("Choisissez l’autre dossier.", "Choose the other case."),
            ),
            Self::Joined => (
                (
                    "L’un des deux dossiers est déjà réuni à un autre.",
                    "One of the two cases is joined to another already.",
                ),
                (
                    "Ouvrez le dossier le plus ancien et réunissez à partir de lui.",
                    "Open the oldest case and join from there.",
                ),
            ),
            Self::Ended => (
                ("L’un des deux dossiers est arrêté.", "One of the two cases has ended."),
                ("Laissez-les séparés.", "Leave them apart."),
            ),
            Self::NoYes => (
                (
                    "L’autre dossier est tenu ailleurs, et son organisation n’a pas dit oui.",
                    "The other case is held elsewhere, and its organisation has not said yes.",
                ),
                (
                    "Demandez-lui d’abord, sur la page du dossier.",
                    "Ask it first, on the page of the case.",
                ),
            ),
            Self::NotJoined => (
                (
                    "Ce dossier n’est réuni à aucun autre.",
                    "This case is joined to no other.",
                ),
                ("Rien à défaire.", "Nothing to undo."),
            ),
            Self::TooLate => (
                (
                    "Les dossiers sont réunis depuis plus de 30 jours.",
                    "The cases have been joined for more than 30 days.",
                ),
                (
                    "Ouvrez un nouveau dossier si ce sont deux personnes.",
                    "Open a new case if they are two persons.",
                ),
            ),
        };
        let label = |fr: &str, en: &str| Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        };
        (label(fr, en), label(do_fr, do_en))
    }
}

/// Which of the two stays and which points to it: (older, younger).
///
/// `said` is the last answer of the other holder, where the two are not one
/// organisation's. A file in the protected circuit is joined with none: whoever
/// asks gets the answer for a file that is not there, which is not given here.
///
/// # Errors
/// A [`JoinRefusal`].
pub fn join<'a>(a: &'a Side, b: &'a Side, said: Option<Answer>) -> Result<(&'a Side, &'a Side), JoinRefusal> {
    if a.case == b.case {
        return Err(JoinRefusal::Same);
    }
    if a.ended || b.ended {
        return Err(JoinRefusal::Ended);
    }
    let (older, younger) = if a.seq < b.seq { (a, b) } else { (b, a) };
    // Files point to one file, in one step: no chains.
    if older.into.is_some() || younger.into.is_some() || younger.has_joined {
        return Err(JoinRefusal::Joined);
    }
    if a.holder != b.holder && said != Some(Answer::Yes) {
        return Err(JoinRefusal::NoYes);
    }
    Ok((older, younger))
}

/// Until when a joining of this moment can be taken back.
#[must_use]
pub fn undo_until(at: DateTime<Utc>) -> DateTime<Utc> {
    at.checked_add_days(Days::new(UNDO_DAYS)).unwrap_or(at)
}

/// Whether a joining of `at` can be taken back now.
///
/// # Errors
/// [`JoinRefusal::NotJoined`], [`JoinRefusal::TooLate`].
pub fn undo(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), JoinRefusal> {
    match at {
        None => Err(JoinRefusal::NotJoined),
        Some(at) if now > undo_until(at) => Err(JoinRefusal::TooLate),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn side(n: i64, holder: u128) -> Side {
        Side {
            case: CaseId(Uuid::from_u128(u128::from(n.unsigned_abs()))),
            seq: n,
            holder: OrganisationId(Uuid::from_u128(holder)),
            ended: false,
            into: None,
            has_joined: false,
        }
    }

    #[test]
    fn the_older_stays_whichever_comes_first() {
        let (one, two) = (side(1, 7), side(2, 7));
        for (a, b) in [(&one, &two), (&two, &one)] {
            let (older, younger) = join(a, b, None).expect("joined");
            assert_eq!((older.seq, younger.seq), (1, 2));
        }
    }

    #[test]
    fn what_stands_against_it() {
        use JoinRefusal as R;
        let into = Some(CaseId(Uuid::from_u128(9)));
        let (one, two) = (side(1, 7), side(2, 7));
        assert_eq!(join(&one, &one, None), Err(R::Same));
        let ended = Side {
            ended: true,
            ..one.clone()
        };
        assert_eq!(join(&ended, &two, None), Err(R::Ended));
        let points = Side { into, ..one.clone() };
        assert_eq!(join(&points, &two, None), Err(R::Joined));
        let points = Side { into, ..two.clone() };
        assert_eq!(join(&one, &points, None), Err(R::Joined));
        let has = Side {
            has_joined: true,
            ..two.clone()
        };
        assert_eq!(join(&one, &has, None), Err(R::Joined));
        // A file to which others point may take one more.
        let has = Side {
            has_joined: true,
            ..one.clone()
        };
        assert!(join(&has, &two, None).is_ok());
        let elsewhere = side(2, 8);
        for said in [None, Some(Answer::No), Some(Answer::Unsure)] {
            assert_eq!(join(&one, &elsewhere, said), Err(R::NoYes), "{said:?}");
        }
        assert!(join(&one, &elsewhere, Some(Answer::Yes)).is_ok());
    }

    #[test]
    fn thirty_days_and_not_one_moment_more() {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        assert_eq!(undo(None, at), Err(JoinRefusal::NotJoined));
        assert_eq!(undo(Some(at), undo_until(at)), Ok(()));
        let after = undo_until(at) + chrono::TimeDelta::microseconds(1);
        assert_eq!(undo(Some(at), after), Err(JoinRefusal::TooLate));
    }
}
