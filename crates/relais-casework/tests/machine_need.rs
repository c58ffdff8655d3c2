//! The need: it always has somebody to see to it, or has come to its end.

mod machine_support;

use chrono::TimeDelta;
use machine_support::{
    HOLDER, SECRETARIAT, STRANGER, actor, by_telephone, ctx, due_in, h, ladder, person, person_noted, provider,
    secretariat, sender, supervisor,
};
use relais_casework::need::{
    Need, NeedCommand, NeedEvent, NeedRefusal, NeedState, UnmetReason, decide_need, give_back,
};
use relais_casework::referral::{Actor, NeedEffect, Recipient};
use relais_mechanism::{ActingFor, Channel, Lang, Priority, Role};
use relais_network::{CaseId, NeedId, ReferralId, ServiceId};
use uuid::Uuid;

fn need(priority: Priority) -> Need {
    Need::record(
        NeedId(Uuid::from_u128(1)),
        CaseId(Uuid::from_u128(2)),
        priority,
        h(0),
        due_in(h(0), 240),
    )
}

fn id(n: u128) -> (ReferralId, ServiceId) {
    (ReferralId(Uuid::from_u128(n)), ServiceId(Uuid::from_u128(n)))
}

fn refer(n: u128) -> NeedCommand {
    let (referral, service) = id(n);
    NeedCommand::Refer { referral, service }
}

fn asked(need: &Need, n: u128) -> Need {
    need.apply(&decide(need, refer(n), &sender()).expect("may refer"))
}

fn back(need: &Need, n: u128, effect: NeedEffect) -> Need {
    let (referral, service) = id(n);
    need.apply(&give_back(need, referral, service, effect))
}

fn decide(need: &Need, command: NeedCommand, by: &Actor) -> Result<NeedEvent, NeedRefusal> {
    let steps = ladder();
    decide_need(need, &command, by, &ctx(h(1), &steps))
}

#[test]
fn a_live_need_has_an_owner_and_a_due_time() {
    let open = need(Priority::P3);
    assert_eq!(open.state, NeedState::Open);
    assert_eq!(open.owner(HOLDER), Some((HOLDER, Role::CaseManager)));
    assert_eq!(
        open.owner(STRANGER),
        Some((STRANGER, Role::CaseManager)),
        "a transfer moves it"
    );
    let referred = asked(&open, 5);
    assert_eq!(referred.state, NeedState::Referred);
    assert_eq!(referred.owner(HOLDER), Some((HOLDER, Role::CaseManager)));
    for (effect, state) in [
        (NeedEffect::Met, NeedState::Met),
        (NeedEffect::PartlyMet, NeedState::PartlyMet),
        (NeedEffect::Dropped, NeedState::Dropped),
        (NeedEffect::Ended, NeedState::Unmet),
        (NeedEffect::Reopen, NeedState::Open),
        (NeedEffect::ReopenUntried, NeedState::Open),
    ] {
        let after = back(&referred, 5, effect);
        assert_eq!(after.state, state, "{effect}");
        assert!(after.open.is_empty());
        assert_eq!(after.owner(HOLDER).is_some(), state == NeedState::Open);
        assert_eq!(after.due, open.due, "its clock runs from when it was recorded");
        assert_eq!(
            after.reason,
            (effect == NeedEffect::Ended).then_some(UnmetReason::Ended)
        );
        assert_eq!(after.version, 3);
    }
}

#[test]
fn a_service_is_asked_once_in_a_chain() {
    let again = back(&asked(&need(Priority::P3), 5), 5, NeedEffect::Reopen);
    assert_eq!(decide(&again, refer(5), &sender()), Err(NeedRefusal::AlreadyTried));
    assert!(decide(&again, refer(6), &sender()).is_ok());
    let by_mistake = back(&asked(&need(Priority::P3), 5), 5, NeedEffect::ReopenUntried);
    assert!(
        decide(&by_mistake, refer(5), &sender()).is_ok(),
        "entered in error is not tried"
    );
    let second = back(&asked(&again, 6), 6, NeedEffect::ReopenUntried);
    assert_eq!(
        second.may_ask(id(5).1),
        Err(NeedRefusal::AlreadyTried),
        "only the mistaken one is forgotten"
    );
    // A draft that was thrown away was never asked.
    let fresh = back(&need(Priority::P3), 7, NeedEffect::ReopenUntried);
    assert_eq!(fresh.state, NeedState::Open);
}

#[test]
fn two_referrals_for_an_emergency_one_for_the_rest() {
    for priority in Priority::ALL {
        let one = asked(&need(*priority), 5);
        let second = decide(&one, refer(6), &sender());
        if *priority == Priority::P1 {
            let two = asked(&one, 6);
            assert_eq!(
                decide(&two, refer(7), &sender()),
                Err(NeedRefusal::ReferralOpen { allowed: 2 })
            );
            let left = back(&two, 5, NeedEffect::Reopen);
            assert_eq!(left.state, NeedState::Referred, "the other is still open");
            assert_eq!(left.open, [id(6).0]);
            assert!(decide(&left, refer(7), &sender()).is_ok());
            assert_eq!(back(&left, 6, NeedEffect::Reopen).state, NeedState::Open);
            assert_eq!(back(&two, 5, NeedEffect::Dropped).state, NeedState::Referred);
        } else {
            assert_eq!(second, Err(NeedRefusal::ReferralOpen { allowed: 1 }), "{priority}");
        }
    }
}

#[test]
fn the_better_of_two_emergency_referrals_counts() {
    use NeedEffect::{Dropped, Ended, Met, PartlyMet, Reopen};
    let two = asked(&asked(&need(Priority::P1), 5), 6);
    for (first, second, state) in [
        (Met, Reopen, NeedState::Met),
        (Met, PartlyMet, NeedState::Met),
        (Met, Ended, NeedState::Met),
        (PartlyMet, Met, NeedState::Met),
        (PartlyMet, Reopen, NeedState::PartlyMet),
        (PartlyMet, Ended, NeedState::PartlyMet),
        (Reopen, Met, NeedState::Met),
        (Reopen, PartlyMet, NeedState::PartlyMet),
        (Reopen, Ended, NeedState::Unmet),
        (Reopen, Dropped, NeedState::Dropped),
        (Dropped, Reopen, NeedState::Open),
        (Ended, Ended, NeedState::Unmet),
        (Ended, Met, NeedState::Met),
    ] {
        let after = back(&back(&two, 5, first), 6, second);
        assert_eq!(after.state, state, "{first}, {second}");
        assert!(after.open.is_empty());
    }
    // A need that was written off is not reopened by a late echo.
    let unmet = need(Priority::P1).apply(&NeedEvent::Unmet {
        reason: UnmetReason::NoCapacity,
    });
    let echo = back(&unmet, 9, Reopen);
    assert_eq!(
        (echo.state, echo.reason),
        (NeedState::Unmet, Some(UnmetReason::NoCapacity))
    );
    let echo = back(&unmet, 9, Ended);
    assert_eq!(echo.reason, Some(UnmetReason::NoCapacity));
    let dropped = need(Priority::P1).apply(&NeedEvent::Dropped);
    assert_eq!(back(&dropped, 9, Reopen).state, NeedState::Dropped);
}

#[test]
fn who_may_do_what() {
    let desk = actor(
        Some(SECRETARIAT),
        &[Role::Secretariat],
        ActingFor::Sender,
        Channel::Screen,
    );
    let unmet = NeedCommand::DeclareUnmet {
        reason: UnmetReason::NoService,
    };
    let stranger = Actor {
        organisation: Some(STRANGER),
        ..sender()
    };
    let strange_person = Actor {
        organisation: Some(STRANGER),
        ..person_noted()
    };
    let reporter = actor(Some(HOLDER), &[Role::Reporter], ActingFor::Sender, Channel::Screen);
    let everybody = [
        ("sender", sender()),
        ("supervisor", supervisor()),
        ("person", person()),
        ("person_noted", person_noted()),
        ("provider", provider()),
        ("telephone", by_telephone()),
        ("secretariat", secretariat()),
        ("desk", desk.clone()),
        ("stranger", stranger),
        ("strange_person", strange_person),
        ("reporter", reporter),
        ("clock", Actor::clock()),
    ];
    let open = need(Priority::P3);
    for (command, allowed) in [
        (refer(5), &["sender", "supervisor"][..]),
        (unmet, &["sender", "supervisor"]),
        (NeedCommand::Drop, &["person", "person_noted"]),
        (NeedCommand::End, &["supervisor"]),
        (NeedCommand::TimePasses, &["clock"]),
    ] {
        for (name, by) in &everybody {
            let answer = decide(&open, command, by);
            if allowed.contains(name) {
                assert_ne!(answer, Err(NeedRefusal::NotYours), "{command:?} by {name}");
            } else {
                assert_eq!(answer, Err(NeedRefusal::NotYours), "{command:?} by {name}");
            }
        }
    }
    // The secretariat for a case that is assigned to it.
    let steps = ladder();
    let mut assigned = ctx(h(1), &steps);
    assigned.holder = SECRETARIAT;
    assert_eq!(
        decide_need(&open, &refer(5), &desk, &assigned),
        Err(NeedRefusal::NotYours)
    );
    assigned.assigned_to_secretariat = true;
    assert!(decide_need(&open, &refer(5), &desk, &assigned).is_ok());
}

#[test]
fn settled_needs_stay_settled() {
    let settled = [
        back(&asked(&need(Priority::P3), 5), 5, NeedEffect::Met),
        back(&asked(&need(Priority::P3), 5), 5, NeedEffect::PartlyMet),
        need(Priority::P3).apply(&decide(&need(Priority::P3), NeedCommand::Drop, &person()).expect("dropped")),
        need(Priority::P3).apply(&decide(&need(Priority::P3), NeedCommand::End, &supervisor()).expect("ended")),
    ];
    assert_eq!(settled[3].reason, Some(UnmetReason::Ended));
    assert_eq!(settled[2].state, NeedState::Dropped);
    for gone in settled {
        let refusal = NeedRefusal::NotLive { state: gone.state };
        assert_eq!(decide(&gone, refer(8), &sender()), Err(refusal));
        assert_eq!(gone.may_ask(id(8).1), Err(refusal));
        assert_eq!(decide(&gone, NeedCommand::Drop, &person()), Err(refusal));
        assert_eq!(decide(&gone, NeedCommand::End, &supervisor()), Err(refusal));
        assert_eq!(decide(&gone, NeedCommand::TimePasses, &Actor::clock()), Err(refusal));
    }
}

#[test]
fn an_open_referral_comes_to_its_end_first() {
    let referred = asked(&need(Priority::P3), 5);
    for reason in UnmetReason::ALL {
        let unmet = NeedCommand::DeclareUnmet { reason: *reason };
        assert_eq!(decide(&referred, unmet, &sender()), Err(NeedRefusal::StillReferred));
        let answer = decide(&need(Priority::P3), unmet, &sender());
        if *reason == UnmetReason::Ended {
            assert_eq!(answer, Err(NeedRefusal::ReasonReserved));
        } else {
            let after = need(Priority::P3).apply(&answer.expect("given up"));
            assert_eq!((after.state, after.reason), (NeedState::Unmet, Some(*reason)));
        }
    }
    assert_eq!(
        decide(&referred, NeedCommand::Drop, &person()),
        Err(NeedRefusal::StillReferred)
    );
    assert_eq!(
        decide(&referred, NeedCommand::End, &supervisor()),
        Err(NeedRefusal::StillReferred)
    );
}

#[test]
fn a_late_need_is_told_once() {
    let open = need(Priority::P3);
    let steps = ladder();
    let at = h(240);
    let clock = Actor::clock();
    let early = decide_need(
        &open,
        &NeedCommand::TimePasses,
        &clock,
        &ctx(at - TimeDelta::seconds(1), &steps),
    );
    assert_eq!(early, Err(NeedRefusal::ClockNotDue { at }));
    let late = decide_need(&open, &NeedCommand::TimePasses, &clock, &ctx(at, &steps)).expect("late");
    assert_eq!(
        late,
        NeedEvent::Late {
            tell: vec![Recipient::Sender, Recipient::SenderSupervisor]
        }
    );
    let told = open.apply(&late);
    assert_eq!((told.state, told.owner(HOLDER).is_some()), (NeedState::Open, true));
    let again = decide_need(&told, &NeedCommand::TimePasses, &clock, &ctx(at, &steps));
    assert_eq!(again, Err(NeedRefusal::ClockStale));
}

#[test]
fn refusals_speak_both_languages() {
    let all = [
        NeedRefusal::NotYours,
        NeedRefusal::NotLive { state: NeedState::Met },
        NeedRefusal::AlreadyTried,
        NeedRefusal::ReferralOpen { allowed: 1 },
        NeedRefusal::StillReferred,
        NeedRefusal::ReasonReserved,
        NeedRefusal::ClockNotDue { at: h(0) },
        NeedRefusal::ClockStale,
    ];
    let mut codes = std::collections::BTreeSet::new();
    for refusal in all {
        assert!(codes.insert(refusal.code()));
        assert_eq!(refusal.to_string(), refusal.code());
        for label in [refusal.message(), refusal.remedy()] {
            assert_ne!(label.fr, label.en);
            for lang in Lang::ALL {
                assert!(label.get(*lang).ends_with('.') && !label.get(*lang).contains('\''));
            }
            assert!(!label.fr.contains(" ;"), "no-break space: {}", label.fr);
        }
    }
}
