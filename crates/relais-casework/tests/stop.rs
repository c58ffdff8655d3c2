//! The request to stop using what was withdrawn: who confirms, how, when, and
//! how a silent recipient climbs the ladder.

#[path = "machine_support/mod.rs"]
mod machine_support;

use machine_support::*;
use relais_casework::consent::{StopEvent, StopRefusal, StopRequest, WithdrawEffect};
use relais_casework::referral::{Actor, Noted, Recipient};
use relais_mechanism::{ActingFor, Channel, ClassSet, DataClass, Role};
use relais_network::{CaseId, OrganisationId, StopRequestId, UserId};
use uuid::Uuid;

fn request() -> StopRequest {
    StopRequest {
        id: StopRequestId(Uuid::from_u128(1)),
        case: CaseId(Uuid::from_u128(2)),
        recipient: PROVIDER,
        effect: WithdrawEffect::StopSharing,
        classes: ClassSet::EMPTY.with(DataClass::Identity),
        referrals: Vec::new(),
        asked_at: h(0),
        due: due_in(h(0), 72),
        ladder: 0,
        confirmed: None,
        version: 1,
    }
}

fn actor(organisation: OrganisationId, role: Role, channel: Channel, noted: Option<(&str, &str)>) -> Actor {
    Actor {
        user: Some(UserId(Uuid::from_u128(9))),
        organisation: Some(organisation),
        roles: vec![role],
        acting_for: ActingFor::Provider,
        channel,
        noted: noted.map(|(number, who)| Noted {
            number: number.to_owned(),
            answered_by: who.to_owned(),
        }),
    }
}

#[test]
fn the_recipient_confirms_or_the_holder_notes_what_it_said() {
    use Channel::{Api, Paper, Screen, Telephone};
    use Role::{Administrator, CaseManager, FocalPoint, Secretariat, Supervisor};
    use StopRefusal::{NotYours, NotedMissing};
    let said = Some(("+237233000001", "Mme Essai"));
    let table = [
        (PROVIDER, FocalPoint, Screen, None, Ok(())),
        (PROVIDER, FocalPoint, Api, None, Ok(())),
        (PROVIDER, Supervisor, Screen, None, Ok(())),
        (PROVIDER, Administrator, Screen, None, Err(NotYours)),
        (HOLDER, CaseManager, Screen, None, Err(NotYours)),
        (HOLDER, CaseManager, Telephone, said, Ok(())),
        (HOLDER, Supervisor, Telephone, said, Ok(())),
        (HOLDER, CaseManager, Telephone, None, Err(NotedMissing)),
        (
            HOLDER,
            CaseManager,
            Telephone,
            Some(("", "Mme Essai")),
            Err(NotedMissing),
        ),
        (
            HOLDER,
            CaseManager,
            Telephone,
            Some(("+237233000001", " ")),
            Err(NotedMissing),
        ),
        (HOLDER, CaseManager, Paper, Some(("", "Mme Essai")), Ok(())),
        (HOLDER, FocalPoint, Telephone, said, Err(NotYours)),
        (STRANGER, FocalPoint, Screen, None, Err(NotYours)),
        (STRANGER, CaseManager, Telephone, said, Err(NotYours)),
        (SECRETARIAT, Secretariat, Screen, None, Err(NotYours)),
    ];
    for (organisation, role, channel, noted, expected) in table {
        let got = request().confirm(&actor(organisation, role, channel, noted), HOLDER, h(1), h(1));
        assert_eq!(
            got.map(|_| ()),
            expected,
            "{organisation} {role:?} {channel:?} {noted:?}"
        );
    }
    let for_the_sender = Actor {
        acting_for: ActingFor::Sender,
        ..actor(PROVIDER, FocalPoint, Screen, None)
    };
    assert_eq!(request().confirm(&for_the_sender, HOLDER, h(1), h(1)), Err(NotYours));
}

#[test]
fn it_is_confirmed_once_and_never_before_it_was_asked() {
    let focal = actor(PROVIDER, Role::FocalPoint, Channel::Screen, None);
    for (happened, now, expected) in [
        (-1, 5, Err(StopRefusal::WrongTime)),
        (6, 5, Err(StopRefusal::WrongTime)),
        (0, 5, Ok(())),
        (5, 5, Ok(())),
    ] {
        let got = request().confirm(&focal, HOLDER, h(happened), h(now)).map(|_| ());
        assert_eq!(got, expected, "{happened} at {now}");
    }
    let event = request().confirm(&focal, HOLDER, h(3), h(5)).expect("confirmed");
    let done = request().apply(&event);
    let confirmed = done.confirmed.clone().expect("a confirmation");
    assert_eq!(
        (confirmed.at, confirmed.by, confirmed.channel),
        (h(3), focal.user, Channel::Screen)
    );
    assert_eq!((done.owner(), done.version), (None, 2));
    assert_eq!(
        request().owner(),
        Some((PROVIDER, Role::FocalPoint)),
        "until then the recipient must move"
    );
    assert_eq!(done.confirm(&focal, HOLDER, h(5), h(5)), Err(StopRefusal::Confirmed));
    assert_eq!(
        done.time_passes(100, &ladder(), &Hours, false, h(500)),
        Err(StopRefusal::Confirmed)
    );
    assert!(done.clocks(&ladder(), &Hours).is_empty(), "its clocks are over");
}

#[test]
fn silence_climbs_each_step_once_and_never_expires() {
    let mut at = request();
    let clocks = at.clocks(&ladder(), &Hours);
    assert_eq!(clocks, [(50, h(36)), (100, h(72)), (150, h(108))]);
    for (percent, when) in clocks {
        let early = at.time_passes(percent, &ladder(), &Hours, false, h(0));
        assert_eq!(early, Err(StopRefusal::ClockStale), "{percent} % is early");
        let event = at.time_passes(percent, &ladder(), &Hours, false, when).expect("due");
        at = at.apply(&event);
        assert_eq!(at.ladder, percent);
        assert_eq!(
            at.time_passes(percent, &ladder(), &Hours, false, when),
            Err(StopRefusal::ClockStale),
            "{percent} % came twice"
        );
    }
    assert_eq!(
        at.time_passes(200, &ladder(), &Hours, false, h(1000)),
        Err(StopRefusal::ClockStale),
        "what was received does not expire"
    );
    assert!(at.owner().is_some(), "it still waits on the recipient");
}

#[test]
fn in_the_protected_circuit_neither_region_nor_secretariat_is_told() {
    for (protected, expected) in [(false, true), (true, false)] {
        let event = request()
            .time_passes(150, &ladder(), &Hours, protected, h(108))
            .expect("due");
        let StopEvent::Reminded { tell, .. } = event else {
            panic!("{event:?}");
        };
        let outside = [Recipient::RegionalFocalPoint, Recipient::Secretariat];
        assert_eq!(tell.iter().any(|r| outside.contains(r)), expected, "{tell:?}");
        assert_eq!(tell.contains(&Recipient::SenderSupervisor), protected);
    }
}
