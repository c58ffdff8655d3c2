//! Who may erase whom, and what must be settled first: tables.

use std::collections::{BTreeMap, BTreeSet};

use relais_casework::erasure::{ErasureFacts, ErasureReason, ErasureRefusal, erases, may_erase};
use relais_casework::referral::State;
use relais_casework::visible::Viewer;
use relais_mechanism::{Lang, Priority, Role};
use relais_network::{OrganisationId, UserId};
use uuid::Uuid;

fn viewer(role: Role, is_state: bool, account_open: bool) -> Viewer {
    Viewer {
        user: UserId(Uuid::nil()),
        organisation: OrganisationId(Uuid::nil()),
        is_state,
        roles: BTreeSet::from([role]),
        regions: BTreeSet::new(),
        services: BTreeMap::new(),
        account_open,
    }
}

#[test]
fn two_roles_erase_and_no_other() {
    for role in Role::ALL {
        let may = matches!(role, Role::DataProtectionOfficer | Role::Administrator);
        assert_eq!(erases(&viewer(*role, true, true), false), may, "{role}");
        assert!(!erases(&viewer(*role, true, false), false), "{role}: a closed account");
        // The protected circuit is closed to the State, also here.
        assert!(!erases(&viewer(*role, true, true), true), "{role} of the State");
        assert_eq!(
            erases(&viewer(*role, false, true), true),
            may,
            "{role} of no State body"
        );
    }
}

#[test]
fn what_is_under_way_comes_first() {
    use ErasureRefusal::{AlreadyErased, NeedUrgent, OverrideWaits, ReferralOpen};
    let none = ErasureFacts::default();
    let table: [(ErasureFacts, Result<(), ErasureRefusal>); 10] = [
        (none, Ok(())),
        (
            ErasureFacts {
                waiting_overrides: 1,
                ..none
            },
            Err(OverrideWaits),
        ),
        (none.with_referral(State::Closed), Ok(())),
        (none.with_referral(State::Sent), Err(ReferralOpen)),
        (none.with_need(true, Priority::P3).with_need(true, Priority::P4), Ok(())),
        (none.with_need(true, Priority::P1), Err(NeedUrgent)),
        (none.with_need(true, Priority::P2), Err(NeedUrgent)),
        (none.with_need(false, Priority::P1), Ok(())),
        (
            none.with_referral(State::Accepted).with_need(true, Priority::P1),
            Err(ReferralOpen),
        ),
        (
            ErasureFacts {
                erased: true,
                ..none.with_referral(State::Sent)
            },
            Err(AlreadyErased),
        ),
    ];
    for (facts, expected) in table {
        assert_eq!(may_erase(facts), expected, "{facts:?}");
    }
    for state in State::ALL {
        let refused = may_erase(none.with_referral(*state)).is_err();
        assert_eq!(refused, !state.is_terminal(), "{state}");
    }
}

#[test]
fn every_refusal_and_reason_says_itself_in_both_languages() {
    for refusal in ErasureRefusal::ALL {
        for lang in Lang::ALL {
            assert!(refusal.message().get(*lang).ends_with('.'), "{refusal}");
            assert!(refusal.remedy().get(*lang).ends_with('.'), "{refusal}");
        }
    }
    for reason in ErasureReason::ALL {
        assert_ne!(reason.label().fr, reason.label().en);
    }
}
