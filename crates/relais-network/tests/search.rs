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
        let (told, told_without) = (with_words(&world), with_words(&without));
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
            for (with, without) in [(&with, &without), (&told, &told_without)] {
                let (a, b) = (with.search(&query), without.search(&query));
                prop_assert_eq!(format!("{a:?}"), format!("{b:?}"));
                prop_assert_eq!(with.facets(&query), without.facets(&query));
                // A word with a slip is read by the words of entries that may be found.
                let heard = Query { words: query.words.replacen('e', "", 1), ..query.clone() };
                prop_assert_eq!(with.understand(&heard), without.understand(&heard));
            }
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

/// Cameroon's mechanism over a made-up world: its words and its places.
fn with_words(world: &World) -> Directory {
    static MECHANISM: std::sync::OnceLock<relais_mechanism::Mechanism> = std::sync::OnceLock::new();
    let load = || relais_mechanism::Mechanism::embedded("cameroon").expect("the mechanism that we ship");
    let mechanism = MECHANISM.get_or_init(load);
    Directory::build(
        world.organisations.clone(),
        world.services.clone(),
        world.places.clone(),
        &relais_network::Catalogue::of(mechanism),
        &relais_network::Geography::of(mechanism),
        Freshness::default(),
    )
}

#[test]
fn words_are_understood_one_by_one() {
    let world = World::new(31, 400, 20);
    let index = with_words(&world);
    let heard = |words: &str| {
        index.understand(&Query {
            words: words.into(),
            ..Query::on(oracle::today())
        })
    };
    // A place, with a slip, in two words, numbered, by its other name.
    for (words, place) in [
        ("médecin à Garoua", "CM006001"),
        ("medecin garwa", "CM006001"),
        ("nanga eboko", "CM002001"),
        ("Nanga-Eboko", "CM002001"),
        ("police Douala 3e", "CM005004003"),
        ("dla avocat", "CM005004"),
        ("N’Gaoundéré", "CM001005"),
        ("extrême-nord", "CM004"),
        ("Far North", "CM004"),
        ("Lagdo, Nord", "CM006001008"),
        ("de Douala à Garoua", "CM006001"),
    ] {
        assert_eq!(heard(words).place.as_deref(), Some(place), "{words}");
    }
    // A name that is an everyday word is a place where a word before it says so.
    for (words, place) in [
        ("centre de santé", None),
        ("où est le tribunal", None),
        ("le même avocat", None),
        ("avocat dans le centre", Some("CM002")),
        ("avocat région est", Some("CM003")),
        ("dans un centre de santé", None),
    ] {
        assert_eq!(heard(words).place.as_deref(), place, "{words}");
    }
    // Phrases before words, and across words that say nothing.
    assert_eq!(heard("mal à mon dos").services, ["MED.03"]);
    assert_eq!(heard("someone to talk to").services[0], "PSS.01");
    assert_eq!(heard("lost all my papers").services, ["DOC"]);
    assert_eq!(heard("toubib").services[0], "MED.03");
    assert!(heard("ambulance tout de suite").urgent);
    assert!(heard("avocat gratuit").free);
    assert_eq!(heard("nga").targets, [relais_network::Target::Women]);
    assert_eq!(heard("pidgin").language.as_deref(), Some("wes"));
    // What nobody understands is told, and nothing else.
    let told = heard("avocat zzyzxq garoua");
    assert_eq!(
        (told.unknown_words, told.corrected),
        (vec!["zzyzxq".to_owned()], vec![])
    );
    let told = heard("avocta");
    assert_eq!(told.corrected, [("avocta".to_owned(), "avocat".to_owned())]);
    assert_eq!(heard("").services, Vec::<String>::new());
    // Any length, any signs.
    heard(&"avocat à Garoua ".repeat(500));
    heard("’’ -- 𝕏 ∑ \u{0} à");
}

#[test]
fn a_place_in_the_words_is_where_the_person_is_unless_the_query_says_where() {
    let world = World::new(32, 400, 20);
    let index = with_words(&world);
    let find = |words: &str, home: Option<&str>| {
        index.search(&Query {
            words: words.into(),
            home: home.map(Into::into),
            near: home.and(relais_network::Point::new(9.3, 13.4)),
            ..Query::on(oracle::today())
        })
    };
    let same = |a: &relais_network::Page<Hit<'_>>, b: &relais_network::Page<Hit<'_>>| {
        let ids = |p: &relais_network::Page<Hit<'_>>| p.hits.iter().map(|h| h.entry.service.id).collect::<Vec<_>>();
        (ids(a), a.total) == (ids(b), b.total)
    };
    let geography = relais_network::Geography::of(&relais_mechanism::Mechanism::embedded("cameroon").expect("ours"));
    let garoua = geography.area("CM006001").expect("the department of Garoua");
    let by_field = index.search(&Query {
        words: "hôpital".into(),
        home: Some("CM006001".into()),
        near: garoua.chief_town,
        ..Query::on(oracle::today())
    });
    assert!(same(&find("hôpital Garoua", None), &by_field));
    // The field says another place: the word in the text takes nothing away from it.
    let elsewhere = find("hôpital Garoua", Some("CM005004"));
    let there = find("hôpital", Some("CM005004"));
    assert!(there.total > 0 && same(&elsewhere, &there), "{elsewhere:#?} {there:#?}");
    assert_eq!(elsewhere.unknown_words, Vec::<String>::new());
}

#[test]
fn counts_are_the_counts_of_what_is_found() {
    let world = World::new(33, 500, 20);
    let index = directory(&world);
    let mut dice = Dice(9);
    for _ in 0..40 {
        let mut query = world.query(&mut dice);
        query.limit = 100;
        query.free_places = dice.chance(10);
        query.remote = dice.chance(10);
        if dice.chance(20) {
            query.costs = vec![relais_network::Cost::Free];
        }
        let counts = index.facets(&query);
        let unfiltered = |widen: fn(&mut Query)| {
            let mut query = query.clone();
            widen(&mut query);
            all_pages(&index, &query).0
        };
        let hits = unfiltered(|q| q.wanted = None);
        for (code, n) in &counts.categories {
            assert_eq!(
                hits.iter().filter(|h| *h.entry.service.category() == ***code).count(),
                *n
            );
        }
        assert_eq!(
            counts.categories.iter().map(|(_, n)| n).sum::<usize>(),
            hits.len(),
            "{query:?}"
        );
        let hits = unfiltered(|q| q.costs.clear());
        for (cost, n) in &counts.costs {
            assert_eq!(hits.iter().filter(|h| h.entry.service.cost == Some(*cost)).count(), *n);
        }
        let hits = unfiltered(|q| q.inside = None);
        for (region, n) in &counts.regions {
            let there = hits
                .iter()
                .filter(|h| h.entry.place.region.as_deref() == Some(&**region));
            assert_eq!(there.count(), *n);
        }
        let hits = unfiltered(|q| q.targets.clear());
        for (target, n) in &counts.targets {
            let meant = |h: &&Hit<'_>| {
                let targets = &h.entry.service.targets;
                targets.contains(target) && !targets.contains(&relais_network::Target::Everyone)
            };
            assert_eq!(hits.iter().filter(meant).count(), *n);
        }
        let (hits, _) = all_pages(&index, &query);
        for (language, n) in &counts.languages {
            assert_eq!(
                hits.iter()
                    .filter(|h| h.entry.service.languages.iter().any(|l| **l == ***language))
                    .count(),
                *n
            );
        }
        let hits = unfiltered(|q| q.free_places = false);
        let free = |h: &&Hit<'_>| h.reasons.iter().any(|r| matches!(r, Reason::CapacityFree { .. }));
        assert_eq!(hits.iter().filter(free).count(), counts.free_places);
        let hits = unfiltered(|q| q.remote = false);
        let remote = |h: &&Hit<'_>| h.entry.service.modes.contains(&ServiceMode::Remote);
        assert_eq!(hits.iter().filter(remote).count(), counts.remote);
    }
}
