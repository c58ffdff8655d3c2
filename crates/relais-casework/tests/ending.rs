//! The end of a case and its reopening: who is let through in which state, and
//! what becomes of each need.

mod machine_support;

use machine_support::{due_in, h, sender, supervisor};
use relais_casework::ending::{Again, EndingRefusal, again, may_end, may_reopen};
use relais_casework::need::{Need, NeedEvent, NeedRefusal, NeedState, UnmetReason, reopen};
use relais_casework::referral::EndReason;
use relais_casework::visible::CaseState;
use relais_mechanism::{Lang, Priority};
use relais_network::{CaseId, NeedId, ServiceId};
use uuid::Uuid;

fn need(state: NeedState, reason: Option<UnmetReason>) -> Need {
    let (id, case) = (NeedId(Uuid::from_u128(1)), CaseId(Uuid::from_u128(2)));
    let mut need = Need::record(id, case, Priority::P3, h(0), due_in(h(0), 240));
    need.tried = vec![ServiceId(Uuid::from_u128(7)), ServiceId(Uuid::from_u128(8))];
    (need.state, need.reason, need.late_told) = (state, reason, true);
    need
}

#[test]
fn only_an_open_case_ends_and_only_one_that_is_over_is_reopened() {
    use CaseState::{Closed, Ended, Open};
    for (state, end, back) in [
        (Open, Ok(()), Err(EndingRefusal::NotOver)),
        (Closed, Err(EndingRefusal::NotOpen), Ok(())),
        (Ended, Err(EndingRefusal::NotOpen), Ok(())),
    ] {
        assert_eq!((may_end(state), may_reopen(state)), (end, back), "{state}");
    }
    for refusal in EndingRefusal::ALL {
        for lang in [Lang::Fr, Lang::En] {
            assert!(!refusal.message().get(lang).is_empty() && !refusal.remedy().get(lang).is_empty());
        }
    }
}

#[test]
fn what_the_end_cut_off_comes_back_and_nothing_else_by_itself() {
    for state in NeedState::ALL {
        for reason in std::iter::once(None).chain(UnmetReason::ALL.iter().copied().map(Some)) {
            let expected = match (state, reason) {
                (NeedState::Unmet, Some(UnmetReason::Ended)) => Again::Always,
                (NeedState::Unmet | NeedState::PartlyMet, _) => Again::IfChosen,
                _ => Again::Never,
            };
            let was = need(*state, reason);
            assert_eq!(again(&was), expected, "{state} {reason:?}");
            let done = reopen(&was, due_in(h(900), 240), vec![ServiceId(Uuid::from_u128(8))]);
            if expected == Again::Never {
                assert_eq!(done, Err(NeedRefusal::StaysSettled { state: *state }));
                continue;
            }
            let open = was.apply(&done.expect("reopened"));
            assert_eq!(
                (open.state, open.reason, open.late_told),
                (NeedState::Open, None, false)
            );
            assert_eq!(open.due, due_in(h(900), 240), "a new clock, from now");
            assert_eq!(open.recorded_at, was.recorded_at);
            assert_eq!(open.version, was.version + 1);
            assert_eq!(
                open.may_ask(ServiceId(Uuid::from_u128(7))),
                Err(NeedRefusal::AlreadyTried),
                "a service that had said no is not asked again"
            );
            assert_eq!(
                open.may_ask(ServiceId(Uuid::from_u128(8))),
                Ok(()),
                "one cut off may be"
            );
        }
    }
}

#[test]
fn kin_are_offered_the_search_where_somebody_may_be_missing() {
    let kin: Vec<_> = EndReason::ALL.iter().filter(|r| r.concerns_kin()).collect();
    assert_eq!(kin, [&EndReason::Deceased, &EndReason::WhereaboutsUnknown]);
}

#[test]
fn the_machine_lets_the_supervisor_alone_end_a_need() {
    use machine_support::{ctx, ladder};
    use relais_casework::need::{NeedCommand, decide_need};
    let steps = ladder();
    let (open, now) = (need(NeedState::Open, None), ctx(h(1), &steps));
    assert_eq!(
        decide_need(&open, &NeedCommand::End, &sender(), &now),
        Err(NeedRefusal::NotYours)
    );
    let ended = decide_need(&open, &NeedCommand::End, &supervisor(), &now).expect("ended");
    assert_eq!(
        ended,
        NeedEvent::Unmet {
            reason: UnmetReason::Ended
        }
    );
    assert_eq!(again(&open.apply(&ended)), Again::Always);
}
