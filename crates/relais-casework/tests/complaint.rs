//! Who sees a complaint: every kind × whom it concerns × who looks, against a
//! table written by hand; and the three laws under every rung of every ladder.

use std::collections::BTreeSet;

use proptest::prelude::*;
use relais_casework::complaint::{
    Circle, ComplaintAct, ComplaintKind, ComplaintState, Limit, Listed, Reader, Routing, complete, eligible, ready,
    route, sees, widen,
};
use relais_mechanism::words::Role;
use relais_network::{OrganisationId, UserId};
use uuid::Uuid;

const fn org(n: u128) -> OrganisationId {
    OrganisationId(Uuid::from_u128(n))
}

const SECRETARIAT: OrganisationId = org(1);
const PROVIDER: OrganisationId = org(2);
const COMMISSION: OrganisationId = org(3);
const AGENCY: OrganisationId = org(4);
const COMMITTEE: OrganisationId = org(5);

fn reader(n: u128, organisation: OrganisationId, roles: &[Role], named: Option<(Listed, u32)>) -> Reader {
    Reader {
        user: UserId(Uuid::from_u128(100 + n)),
        organisation,
        roles: roles.iter().copied().collect(),
        named,
    }
}

/// The viewers, in the order of the table's columns.
fn viewers() -> Vec<(&'static str, Reader)> {
    use Listed::{Committee, Outside};
    use Role as R;
    let named = |n, organisation, list, rank| reader(n, organisation, &[R::ComplaintRecipient], Some((list, rank)));
    vec![
        ("secretariat", reader(1, SECRETARIAT, &[R::Secretariat], None)),
        (
            "its supervisor",
            reader(2, SECRETARIAT, &[R::SecretariatSupervisor], None),
        ),
        ("officer", reader(3, AGENCY, &[R::DataProtectionOfficer], None)),
        ("recipient 1", named(4, COMMISSION, Outside, 1)),
        ("recipient 2", named(5, AGENCY, Outside, 2)),
        ("designated", named(6, COMMITTEE, Committee, 1)),
        ("administrator", reader(7, SECRETARIAT, &[R::Administrator], None)),
        ("provider", reader(8, PROVIDER, &[R::FocalPoint, R::Supervisor], None)),
        (
            "case manager",
            reader(9, org(9), &[R::CaseManager, R::RegionalFocalPoint], None),
        ),
        ("role, not named", reader(10, org(10), &[R::ComplaintRecipient], None)),
    ]
}

/// Whom it concerns, and for each group of kinds the letters of who sees it on
/// the first day: S secretariat, V its supervisor, O officer, 1 and 2 the
/// recipients, C designated by the committee.
const TABLE: &[(&str, &str, &str, &str)] = &[
    // concerned, ordinary, confidentiality, abuse
    ("nobody named", "SV", "O", "12"),
    ("provider", "SV", "O", "12"),
    ("secretariat", "OC", "OC", "12"),
    // A recipient of the organisation concerned is skipped: the other, and the officer unless of it too.
    ("commission", "SV", "O", "O2"),
    // The officer's own organisation: whom the committee designates.
    ("agency", "SV", "C", "1"),
    ("committee", "SV", "O", "12"),
    ("secretariat and committee", "O12", "O12", "12"),
];

fn concerned(text: &str) -> BTreeSet<OrganisationId> {
    [
        ("provider", PROVIDER),
        ("secretariat", SECRETARIAT),
        ("commission", COMMISSION),
        ("agency", AGENCY),
        ("committee", COMMITTEE),
    ]
    .into_iter()
    .filter(|(word, _)| text.contains(word))
    .map(|(_, o)| o)
    .collect()
}

#[test]
fn each_kind_is_seen_by_whom_the_table_says_and_nobody_else() {
    let viewers = viewers();
    let readers: Vec<Reader> = viewers.iter().map(|(_, r)| r.clone()).collect();
    let letters = ['S', 'V', 'O', '1', '2', 'C'];
    for (about, ordinary, confidential, abuse) in TABLE {
        let concerned = concerned(about);
        for kind in ComplaintKind::ALL {
            let expected = match kind {
                ComplaintKind::Abuse => abuse,
                ComplaintKind::Confidentiality => confidential,
                _ => ordinary,
            };
            let routing = route(*kind, &concerned, false, &readers);
            for (at, (name, viewer)) in viewers.iter().enumerate() {
                let wanted = letters.get(at).is_some_and(|l| expected.contains(*l));
                assert_eq!(
                    sees(&routing, &concerned, viewer),
                    wanted,
                    "{kind} about {about}: {name}"
                );
            }
        }
    }
}

#[test]
fn the_secretariat_ticked_is_the_secretariat_named() {
    let readers: Vec<Reader> = viewers().into_iter().map(|(_, r)| r).collect();
    let routing = route(ComplaintKind::Delay, &BTreeSet::new(), true, &readers);
    assert_eq!(routing.circle, Circle::Apart);
    assert!(!sees(&routing, &BTreeSet::new(), &readers[0]));
    assert!(
        sees(&routing, &BTreeSet::new(), &readers[5]),
        "whom the committee designates"
    );
}

#[test]
fn recipients_are_outside_the_secretariat_with_their_role_and_no_other_power() {
    let named = |n, organisation, roles: &[Role]| reader(n, organisation, roles, Some((Listed::Outside, n as u32)));
    let readers = vec![
        reader(1, SECRETARIAT, &[Role::Secretariat], None),
        named(2, SECRETARIAT, &[Role::ComplaintRecipient]),
        named(3, AGENCY, &[Role::ComplaintRecipient, Role::Administrator]),
        named(4, COMMISSION, &[Role::ComplaintRecipient, Role::SecretariatSupervisor]),
        named(5, org(20), &[Role::CaseManager]),
    ];
    assert!(eligible(Listed::Outside, &BTreeSet::new(), &readers).is_empty());
    assert!(!ready(&readers));
    let routing = route(ComplaintKind::Abuse, &BTreeSet::new(), false, &readers);
    assert!(routing.officer && routing.named.is_empty());
    assert!(readers.iter().all(|r| !sees(&routing, &BTreeSet::new(), r)));
}

#[test]
fn silence_lets_in_the_officer_and_the_next_on_the_list() {
    let mut readers: Vec<Reader> = viewers().into_iter().map(|(_, r)| r).collect();
    readers.push(reader(
        11,
        org(11),
        &[Role::ComplaintRecipient],
        Some((Listed::Outside, 3)),
    ));
    let none = BTreeSet::new();
    let routing = route(ComplaintKind::Abuse, &none, false, &readers);
    let both: BTreeSet<UserId> = routing.named.iter().copied().collect();
    assert_eq!(widen(&routing, Limit::Forward, 100, &both, &none, &readers), None);
    let one: BTreeSet<UserId> = routing.named.iter().copied().take(1).collect();
    let wider = widen(&routing, Limit::Forward, 100, &one, &none, &readers).expect("let in");
    assert!(wider.officer && wider.named.len() == 3, "{wider:?}");
    assert_eq!(wider.named[2], readers[10].user);
    assert!(wider.named.starts_with(&routing.named), "nobody is put out");
    // Named too late: delivered to the second as soon as there is one.
    let lone = Routing {
        named: routing.named[..1].to_vec(),
        ..routing.clone()
    };
    assert_eq!(
        complete(&lone, &none, &readers).expect("completed").named,
        routing.named
    );
    assert_eq!(complete(&routing, &none, &readers), None);
    // Kept from the secretariat before anybody was named: it reaches whoever is.
    let alone = Routing {
        circle: Circle::Apart,
        named: Vec::new(),
        officer: false,
    };
    let reached = complete(&alone, &none, &readers).expect("completed");
    assert!(readers.iter().any(|r| sees(&reached, &none, r)));
    assert_eq!(complete(&reached, &none, &readers), None, "once");
    let read = Routing { officer: true, ..alone };
    assert_eq!(complete(&read, &none, &readers), None, "the officer reads it");
}

#[test]
fn an_act_out_of_turn_is_refused() {
    use ComplaintAct as A;
    use ComplaintState as S;
    for (state, act, after) in [
        (S::Received, A::Acknowledge, Some(S::Acknowledged)),
        (S::Received, A::Reply, Some(S::Acknowledged)),
        (S::Received, A::Note, Some(S::Received)),
        (S::Received, A::Decide, Some(S::Decided)),
        (S::Received, A::Close, None),
        (S::Acknowledged, A::Acknowledge, None),
        (S::Acknowledged, A::Reply, Some(S::Acknowledged)),
        (S::Acknowledged, A::Decide, Some(S::Decided)),
        (S::Acknowledged, A::Close, None),
        (S::Decided, A::Decide, None),
        (S::Decided, A::Close, Some(S::Closed)),
        (S::Closed, A::Reply, None),
        (S::Closed, A::Note, Some(S::Closed)),
    ] {
        assert_eq!(state.after(act).ok(), after, "{state} {act}");
    }
    assert_eq!(S::Closed.after_words(), S::Acknowledged);
}

fn any_reader(n: u128) -> impl Strategy<Value = Reader> {
    let roles = proptest::sample::subsequence(Role::ALL.to_vec(), 0..4);
    let named = proptest::option::of((proptest::sample::select(Listed::ALL.to_vec()), 0u32..4));
    (roles, 1u128..6, named).prop_map(move |(roles, organisation, named)| reader(n, org(organisation), &roles, named))
}

proptest! {
    /// Whoever there is, whatever it is about, however long it waits.
    #[test]
    fn the_three_laws_hold_on_every_rung(
        readers in (1u128..9).prop_flat_map(|n| (0..n).map(any_reader).collect::<Vec<_>>()),
        kind in proptest::sample::select(ComplaintKind::ALL.to_vec()),
        about in proptest::collection::btree_set((1u128..6).prop_map(org), 0..3),
        about_office in any::<bool>(),
        opened in any::<u8>(),
    ) {
        let mut routing = route(kind, &about, about_office, &readers);
        let opened: BTreeSet<UserId> = readers.iter().enumerate().filter(|(n, _)| opened >> n & 1 == 1).map(|(_, r)| r.user).collect();
        let about_it = about_office || readers.iter().any(|r| r.office() && about.contains(&r.organisation));
        for (limit, percent) in [(Limit::Forward, 100), (Limit::Acknowledge, 100), (Limit::Acknowledge, 150), (Limit::Decide, 50), (Limit::Decide, 100), (Limit::Decide, 150)] {
            for r in readers.iter().filter(|r| sees(&routing, &about, r)) {
                prop_assert!(!about.contains(&r.organisation), "the organisation concerned sees it");
                prop_assert!(!r.roles.contains(&Role::Administrator), "an administrator sees it");
                if about_it || matches!(kind, ComplaintKind::Abuse | ComplaintKind::Confidentiality) {
                    prop_assert!(!r.office(), "the secretariat sees it");
                }
            }
            if let Some(wider) = widen(&routing, limit, percent, &opened, &about, &readers) {
                prop_assert!(wider.named.starts_with(&routing.named) && (wider.officer || !routing.officer), "nobody is put out");
                routing = wider;
            }
        }
    }
}
