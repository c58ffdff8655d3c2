//! What is drawn: who is in a world, and what happens there.

use std::collections::BTreeSet;

use proptest::prelude::*;
use relais_casework::consent::Recipient;
use relais_mechanism::{ClassSet, Role};

use super::super::sharing_support::{any_classes, any_recipient};

#[derive(Debug, Clone)]
pub struct UserSetup {
    pub organisation: usize,
    pub roles: BTreeSet<Role>,
    pub s4: bool,
    pub region: bool,
}

#[derive(Debug, Clone)]
pub struct CaseSetup {
    pub ngo: bool,
    pub protected: bool,
    pub region: bool,
    pub reporter: usize,
    pub consents: Vec<(Recipient, ClassSet)>,
    pub s4_supervisor: bool,
}

#[derive(Debug, Clone)]
pub struct Setup {
    pub users: Vec<UserSetup>,
    pub cases: Vec<CaseSetup>,
    pub terms: [i64; 2],
}

#[derive(Debug, Clone)]
pub enum Event {
    Wait(i64),
    Send { case: usize, ngo: bool, urgent: bool },
    Accept { case: usize, overridden: bool },
    Decide { which: usize, cosign: bool },
    Over { case: usize },
    Withdraw { case: usize, which: usize },
    Denounce { ngo: bool },
    Transfer { case: usize },
    Assign { case: usize, who: usize, s4: bool },
    Unassign { case: usize, who: usize },
    Emergency { case: usize, who: usize },
    CloseAccount { who: usize },
    Move { who: usize, to: usize },
    CloseCase { case: usize },
    EndCase { case: usize },
}

prop_compose! {
    fn any_user()(
        organisation in 0usize..6, s4: bool, region: bool,
        mut roles in prop::collection::btree_set(prop::sample::select(Role::ALL.to_vec()), 1..3),
        plain in prop::option::weighted(0.6, prop::sample::select(vec![Role::FocalPoint, Role::Supervisor, Role::CaseManager])),
        at_provider in prop::bool::weighted(0.4),
    ) -> UserSetup {
        if at_provider {
            // A provider's focal point and nothing else, as most are.
            let organisation = if region { 1 } else { 2 };
            return UserSetup { organisation, roles: BTreeSet::from([Role::FocalPoint]), s4, region };
        }
        roles.extend(plain);
        UserSetup { organisation, roles, s4, region }
    }
}

prop_compose! {
    fn any_case()(
        ngo: bool, protected in prop::bool::weighted(0.35), region: bool, reporter in 0usize..10, s4_supervisor: bool,
        mut consents in prop::collection::vec((any_recipient(), any_classes()), 0..4), open in prop::bool::weighted(0.6),
    ) -> CaseSetup {
        if open {
            consents.push((Recipient::AnyMember, ClassSet::all()));
        }
        CaseSetup { ngo, protected, region, reporter, consents, s4_supervisor }
    }
}

prop_compose! {
    pub fn any_setup()(
        users in prop::collection::vec(any_user(), 10), cases in prop::collection::vec(any_case(), 2),
        terms in prop::array::uniform2(0i64..90),
    ) -> Setup {
        Setup { users, cases, terms }
    }
}

pub fn any_event() -> impl Strategy<Value = Event> {
    let (case, who) = (|| 0usize..2, || 0usize..10);
    prop_oneof![
        3 => (0i64..90).prop_map(Event::Wait),
        3 => (0i64..3).prop_map(Event::Wait),
        5 => (case(), any::<bool>(), any::<bool>()).prop_map(|(case, ngo, urgent)| Event::Send { case, ngo, urgent }),
        5 => (case(), prop::bool::weighted(0.4)).prop_map(|(case, overridden)| Event::Accept { case, overridden }),
        4 => (0usize..3, prop::bool::weighted(0.7)).prop_map(|(which, cosign)| Event::Decide { which, cosign }),
        2 => case().prop_map(|case| Event::Over { case }),
        2 => (case(), 0usize..3).prop_map(|(case, which)| Event::Withdraw { case, which }),
        2 => any::<bool>().prop_map(|ngo| Event::Denounce { ngo }),
        1 => case().prop_map(|case| Event::Transfer { case }),
        6 => (case(), who(), any::<bool>()).prop_map(|(case, who, s4)| Event::Assign { case, who, s4 }),
        1 => (case(), who()).prop_map(|(case, who)| Event::Unassign { case, who }),
        1 => (case(), who()).prop_map(|(case, who)| Event::Emergency { case, who }),
        1 => who().prop_map(|who| Event::CloseAccount { who }),
        4 => (who(), 0usize..6).prop_map(|(who, to)| Event::Move { who, to }),
        1 => case().prop_map(|case| Event::CloseCase { case }),
        1 => case().prop_map(|case| Event::EndCase { case }),
    ]
}
