//! An index in which services changed answers as one that was built anew from
//! them: hits, order, distances, reasons, totals, page keys, counts, and what
//! words are understood as.

mod oracle;

use std::sync::Arc;

use oracle::{Dice, LANGUAGES, TARGETS, World, today};
use proptest::prelude::*;
use relais_mechanism::Mechanism;
use relais_network::{
    Catalogue, Cost, Directory, Doubt, DoubtCause, Freshness, Geography, PublicationStatus, Query, ServedArea, Service,
    ServiceId,
};

/// Hours as people write them, some of them of no meaning, two of them the same.
const HOURS: &[&str] = &[
    "",
    "lun.–ven. 07:30–15:30",
    "Mon to Fri 07:30-15:30",
    "24 h/24",
    "sur rendez-vous",
    "sam. 08:00–12:00",
];
const COSTS: &[Option<Cost>] = &[None, Some(Cost::Free), Some(Cost::Paid), Some(Cost::Project)];
/// Words for names: some that nobody else bears, some that mean something.
const WORDS: &[&str] = &[
    "Zambelune",
    "Hôpital",
    "Avocat",
    "Quirindole",
    "Formation",
    "Kéla",
    "Garoua",
    "Foyer",
    "Toubib",
    "Vaxuline",
];
/// What people type: words of names, with slips, beginnings, phrases, places.
const TYPED: &[&str] = &[
    "zambelune",
    "zambelun",
    "quirin",
    "hopitl",
    "avocat gratuit",
    "formation garoua",
    "mal au dos kéla",
    "someone to talk to",
    "lost all my papers",
    "foyer vaxuline zambelune",
    "toubib",
    "hôpital foyer avocat",
    "service",
];

fn build(world: &World, catalogue: &Catalogue, geography: &Geography) -> Directory {
    Directory::build(
        world.organisations.clone(),
        world.services.clone(),
        world.places.clone(),
        catalogue,
        geography,
        Freshness::default(),
    )
}

/// What a service may become by the hand of its provider, the office or the clock.
fn changed(service: &Service, dice: &mut Dice) -> Service {
    let mut now = service.clone();
    for _ in 0..=dice.roll(2) {
        match dice.roll(11) {
            0 => now.confirmed_on = Some(today() - chrono::Days::new(dice.roll(300) as u64)),
            1 => {
                now.capacity.available = dice.chance(80).then(|| dice.roll(3) as u32);
                now.capacity.assessed_on = Some(today());
            }
            2 | 3 => now.status = *dice.pick(PublicationStatus::ALL),
            4 => {
                now.name.fr = format!("{} {}", dice.pick(WORDS), dice.pick(WORDS));
                now.name.en = (*dice.pick(WORDS)).to_owned();
            }
            5 => now.languages = (0..dice.roll(3)).map(|_| (*dice.pick(LANGUAGES)).to_owned()).collect(),
            6 => now.targets = (0..dice.roll(3)).map(|_| *dice.pick(TARGETS)).collect(),
            7 => now.cost = *dice.pick(COSTS),
            8 => now.opening_hours = (*dice.pick(HOURS)).to_owned(),
            9 => {
                now.served_area = match dice.roll(3) {
                    0 => ServedArea::Country,
                    1 => ServedArea::Region(format!("CM{:03}", 1 + dice.roll(11))),
                    _ => ServedArea::Department(format!("CM{:03}{:03}", 1 + dice.roll(10), 1 + dice.roll(5))),
                }
            }
            _ => now.on_call = !now.on_call,
        }
    }
    if now.status == PublicationStatus::Doubtful && now.doubts.is_empty() {
        now.doubts.push(Doubt {
            cause: DoubtCause::Overdue,
            on: today(),
        });
    }
    now
}

fn query(world: &World, dice: &mut Dice) -> Query {
    let mut query = world.query(dice);
    query.limit = 1 + dice.roll(25);
    if dice.chance(50) {
        query.words = (*dice.pick(TYPED)).to_owned();
    }
    if dice.chance(50) {
        query.wanted = None;
    }
    if dice.chance(15) {
        query.costs = vec![Cost::Free, Cost::Project];
    }
    query.free_places = dice.chance(10);
    query.remote = dice.chance(5);
    query.open_at = dice.chance(15).then(|| today().and_hms_opt(9, 0, 0).expect("nine"));
    query
}

/// Both answer alike, page after page.
fn alike(changed: &Directory, anew: &Directory, query: &Query) -> Result<(), TestCaseError> {
    prop_assert_eq!(changed.facets(query), anew.facets(query), "{:?}", query);
    prop_assert_eq!(changed.understand(query), anew.understand(query), "{:?}", query);
    let look = changed.look(query);
    prop_assert_eq!(
        (&look.counts, &look.understood),
        (&anew.facets(query), &anew.understand(query))
    );
    prop_assert_eq!(
        format!("{:?}", look.page.hits),
        format!("{:?}", anew.search(query).hits)
    );
    let mut query = query.clone();
    loop {
        let (a, b) = (changed.search(&query), anew.search(&query));
        prop_assert_eq!(format!("{:?}", a.hits), format!("{:?}", b.hits), "{:?}", query);
        prop_assert_eq!(
            (a.total, a.next, a.loosened),
            (b.total, b.next, b.loosened),
            "{:?}",
            query
        );
        prop_assert_eq!(a.unknown_words, b.unknown_words);
        let Some(next) = a.next else { return Ok(()) };
        query.after = Some(next);
    }
}

/// A world in which entries change, several times over, by its own words and
/// places or by a mechanism's. How many of the changes needed an index built anew.
fn follow(seed: u64, services: usize, mechanism: Option<&Mechanism>) -> Result<(usize, usize), TestCaseError> {
    let mut world = World::new(seed, services, 10);
    let (catalogue, geography) = match mechanism {
        Some(mechanism) => (Catalogue::of(mechanism), Geography::of(mechanism)),
        None => (world.catalogue.clone(), world.geography.clone()),
    };
    let mut dice = Dice(seed + 3);
    let mut index = build(&world, &catalogue, &geography);
    // What a day makes of the entries is kept from the first search on, and changed with them.
    assert!(index.search(&Query::on(today())).total > 0);
    let (mut built, mut rounds) = (0, 0);
    for _ in 0..8 {
        let mut these: Vec<Arc<Service>> = Vec::new();
        for _ in 0..=dice.roll(4) {
            let at = dice.roll(world.services.len());
            if world.services[at].is_confidential() && dice.chance(80) {
                continue;
            }
            let now = changed(&world.services[at], &mut dice);
            world.services[at] = now.clone();
            these.push(Arc::new(now));
        }
        let anew = build(&world, &catalogue, &geography);
        rounds += 1;
        index = match index.with(&these, &catalogue, &geography) {
            Some(next) => next,
            None => {
                built += 1;
                build(&world, &catalogue, &geography)
            }
        };
        prop_assert_eq!(index.len(), anew.len());
        let ids = |d: &Directory| d.entries().map(|e| e.service.clone()).collect::<Vec<_>>();
        prop_assert_eq!(ids(&index), ids(&anew));
        for service in &world.services {
            prop_assert_eq!(index.entry(service.id).is_some(), anew.entry(service.id).is_some());
        }
        for _ in 0..12 {
            alike(&index, &anew, &query(&world, &mut dice))?;
        }
    }
    Ok((built, rounds))
}

fn cameroon() -> &'static Mechanism {
    static MECHANISM: std::sync::OnceLock<Mechanism> = std::sync::OnceLock::new();
    MECHANISM.get_or_init(|| Mechanism::embedded("cameroon").expect("the mechanism that we ship"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_index_answers_as_one_built_anew(seed in 0u64..1_000_000) {
        follow(seed, 400, None)?;
    }

    #[test]
    fn so_it_does_with_the_words_and_places_of_a_mechanism(seed in 0u64..1_000_000) {
        follow(seed, 300, Some(cameroon()))?;
    }
}

/// Not by building it anew each time: of changes that move nothing, none is.
#[test]
fn most_changes_need_no_index_built_anew() {
    let (mut built, mut rounds) = (0, 0);
    for seed in 0..6 {
        let (b, r) = follow(seed, 1_500, None).expect("alike");
        (built, rounds) = (built + b, rounds + r);
    }
    // Every fifth service is confidential, moved or the only one of its type.
    assert!(built * 2 < rounds, "{built} of {rounds}");
}

#[test]
fn what_moves_numbers_or_meanings_is_built_anew() {
    let world = World::new(7, 600, 0);
    let index = build(&world, &world.catalogue, &world.geography);
    let with = |service: Service| index.with(&[Arc::new(service)], &world.catalogue, &world.geography);
    let found = index.entries().next().expect("an entry").service.clone();
    assert!(with(found.clone()).is_some());
    let mut stranger = found.clone();
    stranger.id = ServiceId(relais_network::ids::derived("service", "made-up", "another"));
    assert!(with(stranger).is_none(), "no number");
    let mut hidden = found.clone();
    hidden.confidential = true;
    assert!(with(hidden).is_none(), "confidential");
    let mut elsewhere = found.clone();
    elsewhere.place = world.places.iter().find(|p| p.id != found.place).expect("another").id;
    assert!(with(elsewhere).is_none(), "moved");
    let mut another = found.clone();
    another.organisation = world
        .organisations
        .iter()
        .find(|o| o.id != found.organisation)
        .expect("another")
        .id;
    assert!(with(another).is_none(), "another organisation");
    // The last entry of a service type takes a meaning with it.
    let mut few = World::new(7, 600, 0);
    let kind = found.service_type.clone();
    few.services.retain(|s| s.service_type != kind || s.id == found.id);
    let index = build(&few, &few.catalogue, &few.geography);
    let mut gone = found;
    gone.status = PublicationStatus::Archived;
    assert!(index.with(&[Arc::new(gone)], &few.catalogue, &few.geography).is_none());
}
