//! The index is held to a plain search over made-up worlds, and must not know
//! that confidential services exist.

mod oracle;

use oracle::{Dice, Plain, World};
use proptest::prelude::*;
use relais_network::{Cursor, Directory, Freshness, Hit, Query, Reason, ServedArea, ServiceId, ServiceMode, Wanted};

fn directory(world: &World) -> Directory {
    Directory::build(
        world.organisations.clone(),
        world.services.clone(),
        world.places.clone(),
        &world.catalogue,
        &world.geography,
        Freshness::default(),
    )
}

/// Every page, put together.
fn all_pages<'d>(directory: &'d Directory, query: &Query) -> (Vec<Hit<'d>>, usize) {
    let mut query = query.clone();
    let mut hits = Vec::new();
    loop {
        let page = directory.search(&query);
        hits.extend(page.hits);
        match page.next {
            // The cursor goes through its text, as it does in an address.
            Some(next) => query.after = Some(next.to_string().parse::<Cursor>().expect("our own text")),
            None => return (hits, page.total),
        }
    }
}

/// The index and the plain search agree on a dozen queries of a world: same
/// entries, same points, same distances, same order, page by page; the reasons
/// add up to the points.
fn agree(seed: u64, services: usize) -> Result<(), TestCaseError> {
    let world = World::new(seed, services, 10);
    let index = directory(&world);
    let plain = Plain::new(&world);
    let mut dice = Dice(seed + 77);
    for _ in 0..12 {
        let mut query = world.query(&mut dice);
        query.limit = 1 + dice.roll(30);
        if dice.chance(30) {
            (query.words, query.wanted) = (String::new(), None);
        }
        let expected = plain.search(&query);
        let (hits, total) = all_pages(&index, &query);
        prop_assert_eq!(total, expected.len());
        prop_assert_eq!(hits.len(), expected.len());
        for (i, (hit, (id, points, km))) in hits.iter().zip(&expected).enumerate() {
            prop_assert_eq!(hit.points, *points, "{:?} {:?}", query, hit);
            prop_assert_eq!(hit.distance_km.is_some(), km.is_some());
            if let (Some(a), Some(b)) = (hit.distance_km, *km) {
                prop_assert!((a - b).abs() <= 0.051, "{} for {}", a, b);
                // Two places within a metre of the same distance may
                // change their turn: the index ranks in metres.
                if hit.entry.service.id != *id {
                    let near = expected.iter().any(|e| {
                        e.0 == hit.entry.service.id && e.1 == *points && e.2.is_some_and(|k| (k - b).abs() < 0.005)
                    });
                    prop_assert!(near, "place {} of {:?}", i, query);
                }
            } else {
                prop_assert_eq!(hit.entry.service.id, *id, "place {} of {:?}", i, query);
            }
            let near_an_edge = hit.distance_km.is_some_and(|km| [5.0, 20.0, 60.0, 150.0].contains(&km));
            let sum: i32 = hit.reasons.iter().map(Reason::points).sum();
            prop_assert!(sum == hit.points || near_an_edge);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    /// A large world, where most of it is passed over unseen.
    #[test]
    fn finds_it_in_a_large_world(seed in 0u64..1_000_000) {
        agree(seed, 4_000)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// A small world, where a page is much of it.
    #[test]
    fn finds_what_the_plain_search_finds(seed in 0u64..1_000_000) {
        agree(seed, 300)?;
    }

    /// A world with confidential services and the same world without them
    /// answer alike: hits, order, distances, reasons, totals, cursors, words.
    #[test]
    fn confidential_services_leave_no_trace(seed in 0u64..1_000_000) {
        let world = World::new(seed, 250, 40);
        let with = directory(&world);
        let mut without = World::new(seed, 250, 40);
        let hidden: Vec<_> = without.places.iter().filter(|p| p.confidential).map(|p| p.id).collect();
        without.services.retain(|s| !s.is_confidential() && !hidden.contains(&s.place));
        let used: Vec<_> = without.services.iter().map(|s| (s.organisation, s.place)).collect();
        without.organisations.retain(|o| used.iter().any(|u| u.0 == o.id));
        without.places.retain(|p| used.iter().any(|u| u.1 == p.id));
        prop_assume!(without.services.len() < world.services.len());
        let without = directory(&without);
        prop_assert_eq!(with.len(), without.len());
        let mut dice = Dice(seed + 5);
        for _ in 0..25 {
            let mut query = world.query(&mut dice);
            query.limit = 1 + dice.roll(20);
            if dice.chance(30) {
                // The very words of a confidential entry.
                query.words = world.services.iter().filter(|s| s.is_confidential())
                    .nth(dice.roll(20)).map_or(String::new(), |s| s.name.fr.clone());
            }
            let (a, b) = (with.search(&query), without.search(&query));
            prop_assert_eq!(format!("{a:?}"), format!("{b:?}"));
        }
        for service in world.services.iter().filter(|s| s.is_confidential()) {
            prop_assert!(with.entry(service.id).is_none());
        }
    }
}

#[test]
fn a_confidential_type_by_the_mechanism_is_absent_too() {
    let mut world = World::new(3, 200, 0);
    let code = world
        .services
        .iter()
        .find(|s| !s.is_confidential())
        .expect("some")
        .service_type
        .clone();
    assert!(!directory(&world).search(&wanted(&code)).hits.is_empty());
    let mut kind = world.catalogue.service_type(&code).expect("known").clone();
    kind.confidential = true;
    world.catalogue = relais_network::Catalogue::new([], [kind]);
    assert_eq!(directory(&world).search(&wanted(&code)).total, 0);
}

fn wanted(code: &str) -> Query {
    Query {
        wanted: Some(Wanted::ServiceType(code.into())),
        ..Query::on(oracle::today())
    }
}

#[test]
fn remote_services_are_offered_everywhere() {
    let world = World::new(11, 400, 0);
    let index = directory(&world);
    let everywhere = |query: &Query| -> Vec<ServiceId> {
        let mut ids: Vec<_> = all_pages(&index, query)
            .0
            .iter()
            .filter(|h| h.entry.service.modes.contains(&ServiceMode::Remote))
            .map(|h| h.entry.service.id)
            .collect();
        ids.sort();
        ids
    };
    let base = Query::on(oracle::today());
    let all = everywhere(&base);
    assert!(all.len() > 20);
    let far = Query {
        home: Some("CM009004001".into()),
        inside: Some("CM009004001".into()),
        near: relais_network::Point::new(2.0, 9.0),
        within_km: Some(1.0),
        ..base.clone()
    };
    assert_eq!(everywhere(&far), all);
    // An area that nobody knows holds no place; what reaches everywhere stays.
    let nowhere = Query {
        inside: Some("CM999".into()),
        ..base
    };
    assert_eq!(everywhere(&nowhere), all);
    for hit in all_pages(&index, &nowhere).0 {
        let service = hit.entry.service;
        let travels = service.modes.contains(&ServiceMode::Mobile) && service.served_area == ServedArea::Country;
        assert!(service.modes.contains(&ServiceMode::Remote) || travels);
    }
}

#[test]
fn the_beginning_of_a_word_and_an_unknown_word() {
    let world = World::new(5, 300, 0);
    let index = directory(&world);
    let words = |w: &str| {
        index.search(&Query {
            words: w.into(),
            ..Query::on(oracle::today())
        })
    };
    assert!(words("hopitaux").total > 0);
    assert_eq!(words("hopitaux").total, words("hôpit").total);
    let none = words("zzyzx");
    assert_eq!((none.total, none.unknown_words), (0, vec!["zzyzx".to_owned()]));
    let one = words("hôpital zzyzx");
    assert_eq!(
        (one.total, one.unknown_words),
        (words("hôpital").total, vec!["zzyzx".to_owned()])
    );
    assert_eq!(words("cœurs").total, words("COEUR").total);
    assert!("not a key".parse::<Cursor>().is_err());
}

#[test]
fn a_directory_replaced_between_two_pages_neither_repeats_nor_skips() {
    let mut world = World::new(21, 300, 0);
    let before = directory(&world);
    let query = Query {
        limit: 20,
        ..Query::on(oracle::today())
    };
    let first = before.search(&query);
    let seen: Vec<_> = first.hits.iter().map(|h| h.entry.service.id).collect();
    // Half of the first page disappears meanwhile.
    world.services.retain(|s| !seen[..10].contains(&s.id));
    let after = directory(&world);
    let (rest, _) = all_pages(
        &after,
        &Query {
            after: first.next,
            ..query.clone()
        },
    );
    let expected: Vec<_> = all_pages(&before, &query)
        .0
        .iter()
        .map(|h| h.entry.service.id)
        .skip(20)
        .collect();
    assert_eq!(rest.iter().map(|h| h.entry.service.id).collect::<Vec<_>>(), expected);
}
