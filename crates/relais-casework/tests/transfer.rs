//! The transfer of a case: who may propose and answer, what silence does, and
//! what each side sees.

#[path = "machine_support/mod.rs"]
mod machine_support;
#[path = "sharing_support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "each test file uses its part of this module")]
mod sharing_support;

use machine_support::{HOLDER, Hours, PROVIDER, SECRETARIAT, STRANGER, due_in, h};
use relais_casework::calendar::Due;
use relais_casework::consent::{AdultLink, GivenBy, Recipient};
use relais_casework::grant::{GrantCause, Holder, on_assignment, on_holding, on_taking, on_transfer};
use relais_casework::referral::{Actor, DueTimes};
use relais_casework::transfer::{
    Proposal, Transfer, TransferCommand, TransferDecline, TransferEvent, TransferRefusal, TransferState, agreed_to,
    may_propose,
};
use relais_casework::visible::{CaseFacts, CaseState, TransferSide, Viewer, may_claim, transfer_side};
use relais_mechanism::{ActingFor, Channel, ClassSet, DataClass, Role};
use relais_network::agreement::Basis;
use relais_network::{CaseId, ConsentId, GrantId, OrganisationId, TransferId, UserId};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const CASE: CaseId = CaseId(Uuid::from_u128(21));
const USER: UserId = UserId(Uuid::from_u128(22));
const NEW: OrganisationId = PROVIDER;

fn at(due: &Due, percent: u32) -> chrono::DateTime<chrono::Utc> {
    Hours.at_percent(due, percent)
}

fn proposed() -> Transfer {
    Transfer {
        id: TransferId(Uuid::from_u128(20)),
        case: CASE,
        from: HOLDER,
        to: NEW,
        state: TransferState::Proposed,
        proposed_at: h(0),
        due: due_in(h(0), 72),
        reminded: false,
        ended_at: None,
        decline: None,
        version: 1,
    }
}

fn classes(classes: &[DataClass]) -> ClassSet {
    classes.iter().copied().collect()
}

fn actor(organisation: OrganisationId, role: Role) -> Actor {
    Actor {
        user: Some(USER),
        organisation: Some(organisation),
        roles: vec![role],
        acting_for: ActingFor::Sender,
        channel: Channel::Screen,
        noted: None,
    }
}

#[test]
fn each_side_has_its_own_commands() {
    use Role::{Administrator, CaseManager, FocalPoint, Secretariat, Supervisor};
    let accept = TransferCommand::Accept { assign: Some(USER) };
    let decline = TransferCommand::Decline {
        code: TransferDecline::OutsideArea,
    };
    let cancel = TransferCommand::Cancel;
    let clock = TransferCommand::TimePasses { percent: 100 };
    // (organisation, role, accept, decline, cancel)
    let table = [
        (NEW, Supervisor, true, true, false),
        (NEW, CaseManager, true, true, false),
        (NEW, FocalPoint, false, false, false),
        (NEW, Administrator, false, false, false),
        (HOLDER, Supervisor, false, false, true),
        (HOLDER, CaseManager, false, false, true),
        (HOLDER, FocalPoint, false, false, false),
        (STRANGER, Supervisor, false, false, false),
        (SECRETARIAT, Secretariat, false, false, false),
    ];
    for (organisation, role, may_accept, may_decline, may_cancel) in table {
        for (command, may) in [
            (accept, may_accept),
            (decline, may_decline),
            (cancel, may_cancel),
            (clock, false),
        ] {
            let got = proposed().decide(command, &actor(organisation, role), at, h(200));
            if may {
                assert!(got.is_ok(), "{role:?} of {organisation}: {command:?}: {got:?}");
            } else {
                assert_eq!(
                    got,
                    Err(TransferRefusal::NotYours),
                    "{role:?} of {organisation}: {command:?}"
                );
            }
        }
    }
}

#[test]
fn an_answer_ends_it_and_nothing_follows() {
    let boss = actor(NEW, Role::Supervisor);
    let code = TransferDecline::NoCapacity;
    for (event, state, decline) in [
        (TransferEvent::Accepted { assign: None }, TransferState::Accepted, None),
        (TransferEvent::Declined { code }, TransferState::Declined, Some(code)),
        (TransferEvent::Cancelled, TransferState::Cancelled, None),
        (TransferEvent::Lapsed, TransferState::Lapsed, None),
    ] {
        let over = proposed().apply(event, h(5));
        assert_eq!((over.state, over.decline, over.ended_at), (state, decline, Some(h(5))));
        assert_eq!((over.owner(), over.version), (None, 2));
        assert!(over.clocks(at).is_empty());
        let again = over.decide(TransferCommand::Accept { assign: None }, &boss, at, h(6));
        assert_eq!(again, Err(TransferRefusal::Over { state }));
    }
    assert_eq!(
        proposed().owner(),
        Some((NEW, Role::Supervisor)),
        "until then the organisation asked must move"
    );
}

#[test]
fn silence_reminds_once_and_lapses_at_twice_the_limit() {
    let clock = Actor::clock();
    let passes = |t: &Transfer, percent, now| t.decide(TransferCommand::TimePasses { percent }, &clock, at, now);
    assert_eq!(proposed().clocks(at), [(100, h(72)), (200, h(144))]);
    assert_eq!(passes(&proposed(), 100, h(71)), Err(TransferRefusal::ClockStale));
    assert_eq!(passes(&proposed(), 50, h(72)), Err(TransferRefusal::ClockStale));
    assert_eq!(passes(&proposed(), 100, h(72)), Ok(TransferEvent::Reminded));
    let late = proposed().apply(TransferEvent::Reminded, h(72));
    assert_eq!((late.state, late.ended_at), (TransferState::Proposed, None));
    assert_eq!(late.clocks(at), [(200, h(144))]);
    assert_eq!(passes(&late, 100, h(73)), Err(TransferRefusal::ClockStale), "once");
    assert_eq!(passes(&late, 200, h(143)), Err(TransferRefusal::ClockStale));
    assert_eq!(passes(&late, 200, h(144)), Ok(TransferEvent::Lapsed));
}

#[test]
fn a_proposal_needs_somebody_there_and_the_persons_word_for_that_organisation() {
    let named = sharing_support::c3(
        7,
        Recipient::Organisation { organisation: NEW },
        classes(&[DataClass::Identity, DataClass::Contact]),
        0,
    );
    let consents = [named];
    let fit = Proposal {
        holder: HOLDER,
        to: NEW,
        to_is_state: false,
        somebody_there: true,
        protected: false,
        waiting: false,
        consents: &consents,
        now: sharing_support::at(1),
    };
    assert_eq!(may_propose(&fit), Ok(()));
    let table = [
        (Proposal { to: HOLDER, ..fit }, TransferRefusal::OwnOrganisation),
        (Proposal { waiting: true, ..fit }, TransferRefusal::AlreadyProposed),
        (
            Proposal {
                somebody_there: false,
                ..fit
            },
            TransferRefusal::NobodyThere,
        ),
        (
            Proposal {
                protected: true,
                to_is_state: true,
                ..fit
            },
            TransferRefusal::ProtectedCircuit,
        ),
        (Proposal { consents: &[], ..fit }, TransferRefusal::ConsentMissing),
        (Proposal { to: STRANGER, ..fit }, TransferRefusal::ConsentMissing),
    ];
    for (proposal, expected) in table {
        assert_eq!(may_propose(&proposal), Err(expected));
    }
    assert_eq!(may_propose(&Proposal { protected: true, ..fit }), Ok(()), "to an NGO");
    assert_eq!(
        may_propose(&Proposal {
            to_is_state: true,
            ..fit
        }),
        Ok(()),
        "an ordinary case may go to a State body"
    );
}

#[test]
fn any_member_is_no_agreement_to_a_new_holder() {
    let now = sharing_support::at(1);
    let named = sharing_support::c3(
        7,
        Recipient::Organisation { organisation: NEW },
        classes(&[DataClass::Identity]),
        0,
    );
    let more = sharing_support::c3(
        8,
        Recipient::Organisation { organisation: NEW },
        classes(&[DataClass::Skills]),
        0,
    );
    let mut anybody = named.clone();
    anybody.recipient = Recipient::AnyMember;
    let mut withdrawn = more.clone();
    withdrawn.withdrawn_at = Some(sharing_support::at(0));
    // An adult speaks for a child as far as the link is known.
    let by_adult = |link| {
        let mut given = named.clone();
        given.given_by = GivenBy::Caregiver;
        given.proof.link = link;
        vec![given]
    };
    for link in [None, Some(AdultLink::Doubtful), Some(AdultLink::Declared)] {
        assert_eq!(agreed_to(&by_adult(link), NEW, now), ClassSet::EMPTY, "{link:?}");
    }
    assert_eq!(
        agreed_to(&by_adult(Some(AdultLink::Verified)), NEW, now),
        classes(&[DataClass::Identity])
    );
    for (consents, expected) in [
        (vec![named.clone()], classes(&[DataClass::Identity])),
        (
            vec![named.clone(), more],
            classes(&[DataClass::Identity, DataClass::Skills]),
        ),
        (vec![anybody], ClassSet::EMPTY),
        (vec![named, withdrawn], classes(&[DataClass::Identity])),
    ] {
        assert_eq!(agreed_to(&consents, NEW, now), expected, "{consents:?}");
    }
}

fn facts(holder: OrganisationId, grants: Vec<relais_casework::grant::Grant>) -> CaseFacts {
    CaseFacts {
        case: CASE,
        holder,
        region: "CM005".to_owned(),
        protected: false,
        state: CaseState::Open,
        reporter: None,
        referrals: Vec::new(),
        grants,
    }
}

fn viewer(organisation: OrganisationId, role: Role) -> Viewer {
    Viewer {
        user: USER,
        organisation,
        is_state: false,
        roles: BTreeSet::from([role]),
        regions: BTreeSet::new(),
        services: BTreeMap::new(),
        account_open: true,
    }
}

fn ids() -> impl FnMut() -> GrantId {
    let mut n = 900;
    move || {
        n += 1;
        GrantId(Uuid::from_u128(n))
    }
}

#[test]
fn what_each_side_sees_of_a_transfer() {
    use Role::{CaseManager, FocalPoint, Secretariat, Supervisor};
    use TransferSide::{Asked, Former, Holder as Own};
    use TransferState::{Accepted, Cancelled, Declined, Lapsed, Proposed};
    let before = facts(
        HOLDER,
        vec![on_holding(
            GrantId(Uuid::from_u128(1)),
            CASE,
            HOLDER,
            BTreeSet::new(),
            h(0),
        )],
    );
    let (granted, _) = on_transfer(ids(), &before.grants, CASE, HOLDER, NEW, &[], h(1));
    let after = facts(NEW, granted);
    let table = [
        (&before, Proposed, HOLDER, Supervisor, Some(Own)),
        (&before, Proposed, HOLDER, CaseManager, None), // off the case
        (&before, Proposed, NEW, Supervisor, Some(Asked)),
        (&before, Proposed, NEW, CaseManager, Some(Asked)),
        (&before, Proposed, NEW, FocalPoint, None),
        (&before, Proposed, STRANGER, Supervisor, None),
        (&before, Proposed, SECRETARIAT, Secretariat, None),
        (&before, Declined, NEW, Supervisor, Some(Asked)),
        (&before, Lapsed, NEW, Supervisor, Some(Asked)),
        (&before, Cancelled, NEW, Supervisor, None),
        (&before, Declined, HOLDER, Supervisor, Some(Own)),
        (&after, Accepted, HOLDER, Supervisor, Some(Former)),
        (&after, Accepted, NEW, Supervisor, Some(Own)),
        (&after, Declined, HOLDER, Supervisor, None), // an earlier one: the case has left
    ];
    for (case, state, organisation, role, expected) in table {
        let got = transfer_side(case, HOLDER, NEW, state, &viewer(organisation, role), h(2));
        assert_eq!(got, expected, "{state} {role:?} of {organisation}");
    }
    let mut closed = viewer(NEW, Supervisor);
    closed.account_open = false;
    assert_eq!(transfer_side(&before, HOLDER, NEW, Proposed, &closed, h(2)), None);
    let protected = CaseFacts {
        protected: true,
        ..before
    };
    let mut state_body = viewer(NEW, Supervisor);
    state_body.is_state = true;
    let mut both = viewer(NEW, Supervisor);
    both.roles.insert(Role::RegionalFocalPoint);
    for outside in [state_body, both] {
        assert_eq!(
            transfer_side(&protected, HOLDER, NEW, Proposed, &outside, h(2)),
            None,
            "{outside:?}"
        );
    }
    assert_eq!(
        transfer_side(&protected, HOLDER, NEW, Proposed, &viewer(NEW, Supervisor), h(2)),
        Some(Asked)
    );
}

#[test]
fn a_case_that_nobody_works_on_may_be_taken_by_its_holders_staff() {
    let open = facts(HOLDER, Vec::new());
    let closed = CaseFacts {
        state: CaseState::Closed,
        ..open.clone()
    };
    for (case, worked_on, organisation, role, expected) in [
        (&open, false, HOLDER, Role::CaseManager, true),
        (&open, true, HOLDER, Role::CaseManager, false),
        (&open, false, HOLDER, Role::Supervisor, false), // assigns, and sees it anyway
        (&open, false, HOLDER, Role::FocalPoint, false),
        (&open, false, STRANGER, Role::CaseManager, false),
        (&closed, false, HOLDER, Role::CaseManager, false),
    ] {
        let got = may_claim(case, worked_on, &viewer(organisation, role));
        assert_eq!(got, expected, "{worked_on} {role:?} of {organisation}");
    }
    let protected = CaseFacts {
        protected: true,
        ..open
    };
    let mut both = viewer(HOLDER, Role::CaseManager);
    assert!(may_claim(&protected, false, &both));
    both.roles.insert(Role::Secretariat);
    assert!(!may_claim(&protected, false, &both), "of the office too");
}

#[test]
fn the_new_holder_sees_what_was_agreed_and_its_staff_no_more() {
    let old = vec![
        on_holding(GrantId(Uuid::from_u128(1)), CASE, HOLDER, BTreeSet::new(), h(0)),
        on_assignment(GrantId(Uuid::from_u128(2)), CASE, USER, HOLDER, true, h(0)),
    ];
    let consent = ConsentId(Uuid::from_u128(5));
    let after = [
        (DataClass::Identity, Basis::OwnHand { consent }),
        (DataClass::Contact, Basis::OwnHand { consent }),
    ];
    let (granted, closings) = on_transfer(ids(), &old, CASE, HOLDER, NEW, &after, h(1));
    assert_eq!(closings.len(), 2, "the old holder and its staff see nothing more");
    assert!(closings.iter().all(|c| c.until == h(1)));
    let whole = granted
        .iter()
        .find(|g| g.consents.is_empty())
        .expect("a grant that rests on nothing");
    assert!(whole.classes.is_empty() && whole.referral.is_none());
    assert_eq!(whole.holder, Holder::Organisation { organisation: NEW });
    let someone = UserId(Uuid::from_u128(77));
    let taken = on_taking(ids(), &granted, CASE, someone, NEW, false, h(2));
    let seen = taken.iter().fold(ClassSet::EMPTY, |all, g| all.union(g.classes));
    assert_eq!(seen, classes(&[DataClass::Identity, DataClass::Contact]));
    assert!(taken.iter().all(|g| g.cause == GrantCause::Assignment
        && g.holder
            == Holder::User {
                user: someone,
                organisation: NEW
            }
        && g.from == h(2)));
    assert!(
        taken
            .iter()
            .filter(|g| !g.classes.is_empty())
            .all(|g| g.consents == [consent]),
        "a withdrawal closes the staff's sight too"
    );
    assert!(on_taking(ids(), &granted, CASE, someone, HOLDER, false, h(2)).is_empty());
}

/// Whoever reads in an emergency is of no side but what their role gives them,
/// and the protected circuit is closed to whoever is of the office too.
#[test]
fn neither_an_emergency_nor_an_office_makes_a_side() {
    use relais_casework::visible::{StopSide, stop_side};
    let whole = |user, emergency: bool| {
        if emergency {
            let exception = relais_network::OverrideId(Uuid::from_u128(31));
            let grant = GrantId(Uuid::from_u128(32));
            relais_casework::grant::on_emergency(grant, CASE, user, HOLDER, ClassSet::all(), exception, h(0))
        } else {
            on_assignment(GrantId(Uuid::from_u128(32)), CASE, user, HOLDER, true, h(0))
        }
    };
    for (emergency, expected) in [(false, Some(TransferSide::Holder)), (true, None)] {
        let case = facts(HOLDER, vec![whole(USER, emergency)]);
        let who = viewer(HOLDER, Role::CaseManager);
        let state = TransferState::Proposed;
        assert_eq!(
            transfer_side(&case, HOLDER, NEW, state, &who, h(1)),
            expected,
            "emergency: {emergency}"
        );
        let stop = expected.map(|_| StopSide::Holder);
        assert_eq!(stop_side(&case, NEW, &who, h(1)), stop, "emergency: {emergency}");
    }
    for (protected, roles, state_body, expected) in [
        (false, vec![Role::FocalPoint], false, Some(StopSide::Recipient)),
        (true, vec![Role::FocalPoint], false, Some(StopSide::Recipient)),
        (true, vec![Role::FocalPoint], true, None),
        (
            false,
            vec![Role::FocalPoint, Role::Secretariat],
            false,
            Some(StopSide::Recipient),
        ),
        (true, vec![Role::FocalPoint, Role::Secretariat], false, None),
        (true, vec![Role::Supervisor, Role::RegionalFocalPoint], false, None),
    ] {
        let case = CaseFacts {
            protected,
            ..facts(HOLDER, Vec::new())
        };
        let who = Viewer {
            roles: roles.iter().copied().collect(),
            is_state: state_body,
            ..viewer(NEW, Role::FocalPoint)
        };
        assert_eq!(stop_side(&case, NEW, &who, h(1)), expected, "{protected} {roles:?}");
    }
}
