//! What a closure must hold, and by whose eyes a case is closed.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use relais_casework::closing::{
    Closing, ClosingFacts, ClosingProblem, ClosingRefusal, ClosureState, Confirmed, ENDINGS, FOLLOW_UP_DAYS, Proposal,
    REMARKS, Reached, WORDS,
};
use relais_network::{NeedId, UserId};
use uuid::Uuid;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("a date")
}

fn at(hours: i64) -> DateTime<Utc> {
    today().and_hms_opt(8, 0, 0).expect("a time").and_utc() + TimeDelta::hours(hours)
}

const fn need(n: u128) -> NeedId {
    NeedId(Uuid::from_u128(n))
}

const fn user(n: u128) -> UserId {
    UserId(Uuid::from_u128(n))
}

fn closing() -> Closing {
    Closing {
        reason: "GOAL".to_owned(),
        reached: vec![Reached {
            need: need(2),
            words: "Formation suivie à moitié, déménagement".to_owned(),
        }],
        interview: true,
        no_interview: String::new(),
        satisfaction: Some("4".to_owned()),
        remarks: "Merci".to_owned(),
        told_contacts: true,
        told_complaint: true,
        told_reopening: true,
        follow_up: Some(today() + Days::new(90)),
    }
}

fn wrong(closing: &Closing, no_contact: bool) -> Vec<(String, ClosingProblem)> {
    closing.problems(&ClosingFacts {
        needs: &[need(1), need(2)],
        explain: &[need(2)],
        no_contact,
        today: today(),
    })
}

#[test]
fn a_whole_closure_has_nothing_wrong_nor_has_one_without_the_person() {
    assert!(wrong(&closing(), false).is_empty());
    let lost = Closing {
        reason: "LOST".to_owned(),
        interview: false,
        no_interview: "Trois appels en trois mois".to_owned(),
        satisfaction: None,
        remarks: String::new(),
        follow_up: None,
        ..closing()
    };
    assert!(wrong(&lost, true).is_empty());
}

#[test]
fn each_gap_is_named_by_its_field() {
    type Change = fn(&mut Closing);
    let of_two = format!("reached.{}", need(2));
    let table: [(&str, ClosingProblem, Change); 12] = [
        (&of_two, ClosingProblem::Missing, |c| c.reached.clear()),
        (&of_two, ClosingProblem::Missing, |c| {
            c.reached[0].words = " ".to_owned()
        }),
        (&of_two, ClosingProblem::TooLong(WORDS), |c| {
            c.reached[0].words = "é".repeat(WORDS + 1)
        }),
        ("reached", ClosingProblem::UnknownNeed, |c| {
            c.reached.push(Reached {
                need: need(3),
                words: "x".to_owned(),
            });
        }),
        ("reached", ClosingProblem::UnknownNeed, |c| {
            let again = c.reached[0].clone();
            c.reached.push(again);
        }),
        ("remarks", ClosingProblem::TooLong(REMARKS), |c| {
            c.remarks = "é".repeat(REMARKS + 1)
        }),
        ("no_interview", ClosingProblem::TooLong(WORDS), |c| {
            c.no_interview = "é".repeat(WORDS + 1)
        }),
        ("follow_up", ClosingProblem::FollowUpDay, |c| {
            c.follow_up = Some(today())
        }),
        ("follow_up", ClosingProblem::FollowUpDay, |c| {
            c.follow_up = Some(today() + Days::new(FOLLOW_UP_DAYS + 1))
        }),
        ("satisfaction", ClosingProblem::NotAsked, |c| {
            (c.interview, c.no_interview) = (false, "Injoignable".to_owned());
            (c.remarks, c.follow_up) = (String::new(), None);
        }),
        ("remarks", ClosingProblem::NotAsked, |c| {
            (c.interview, c.no_interview) = (false, "Injoignable".to_owned());
            (c.satisfaction, c.follow_up) = (None, None);
        }),
        ("follow_up", ClosingProblem::NotAsked, |c| {
            (c.interview, c.no_interview) = (false, "Injoignable".to_owned());
            (c.satisfaction, c.remarks) = (None, String::new());
        }),
    ];
    for (field, problem, change) in table {
        let mut changed = closing();
        change(&mut changed);
        assert_eq!(wrong(&changed, false), [(field.to_owned(), problem)], "{field}");
    }
    let silent = Closing {
        interview: false,
        satisfaction: None,
        remarks: String::new(),
        follow_up: None,
        ..closing()
    };
    assert_eq!(
        wrong(&silent, false),
        [("no_interview".to_owned(), ClosingProblem::Missing)],
        "why nobody was asked"
    );
    assert_eq!(
        wrong(&closing(), true),
        [("follow_up".to_owned(), ClosingProblem::NoContact)],
        "no contact beats every scheduler"
    );
    for reason in ENDINGS {
        let ended = Closing {
            reason: reason.to_owned(),
            ..closing()
        };
        assert_eq!(wrong(&ended, false), [("reason".to_owned(), ClosingProblem::Ending)]);
    }
}

/// Every state, author and supervisor: four eyes where there are four, and
/// never a proposal that nobody may close.
#[test]
fn another_supervisor_confirms_or_sends_back_and_nothing_waits_for_ever() {
    let lapses_at = at(100);
    for state in ClosureState::ALL {
        for (by, supervises) in [(1, false), (1, true), (2, false), (2, true)] {
            for others in [false, true] {
                for now in [at(0), lapses_at] {
                    let proposal = Proposal {
                        state: *state,
                        author: user(1),
                        others,
                        lapses_at,
                        by: user(by),
                        supervises,
                    };
                    let reviewed = by == 2 && supervises;
                    let expected = match (state, reviewed, others, now == lapses_at) {
                        (ClosureState::Returned | ClosureState::Closed | ClosureState::Dropped, ..) => {
                            Err(ClosingRefusal::NotProposed)
                        }
                        (ClosureState::Proposed, true, ..) => Ok(Confirmed::Reviewed),
                        (ClosureState::Proposed, false, false, _) => Ok(Confirmed::Alone),
                        (ClosureState::Proposed, false, true, true) => Ok(Confirmed::Unanswered),
                        (ClosureState::Proposed, false, true, false) => Err(ClosingRefusal::OwnProposal),
                    };
                    assert_eq!(proposal.may_confirm(now), expected, "{proposal:?}");
                    let back = match (state, reviewed) {
                        (ClosureState::Proposed, true) => Ok(()),
                        (ClosureState::Proposed, false) => Err(ClosingRefusal::OwnProposal),
                        _ => Err(ClosingRefusal::NotProposed),
                    };
                    assert_eq!(proposal.may_return(), back, "{proposal:?}");
                }
            }
        }
    }
}
