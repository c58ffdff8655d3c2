//! The rule on a small country of two regions, and what must hold of every
//! ground.

use chrono::NaiveDate;
use proptest::prelude::*;
use relais_mechanism::Label;

use super::*;
use crate::catalogue::Area;
use crate::gate::Safeguards;
use crate::ids::derived;
use crate::life::{Doubt, DoubtCause};
use crate::organisation::{Organisation, OrganisationKind, PublicationStatus};
use crate::place::Place;
use crate::service::Service;
use crate::{PlaceId, ServiceId};

/// Two regions: R1 with departments R1D1 and R1D2, R2 with R2D1.
fn geography() -> Geography {
    let area = |code: &str, parent: Option<&str>, level| Area {
        pcode: code.to_owned(),
        parent: parent.map(str::to_owned),
        level,
        name: Label::of(code, code),
        chief_town: None,
    };
    use AreaLevel::{Department, Region, Subdivision};
    Geography::new(vec![
        area("R1", None, Region),
        area("R1D1", Some("R1"), Department),
        area("R1D1S1", Some("R1D1"), Subdivision),
        area("R1D2", Some("R1"), Department),
        area("R2", None, Region),
        area("R2D1", Some("R2"), Department),
    ])
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day")
}

/// An entry as it is said in a line of a test.
#[derive(Debug, Clone)]
struct Said {
    organisation: u8,
    category: &'static str,
    /// Code of the area where the door stands; empty: unknown.
    at: &'static str,
    served: ServedArea,
    modes: Vec<ServiceMode>,
    targets: Vec<Target>,
    doubtful: bool,
    /// Days from today until the confirmation ends.
    holds: Option<i64>,
    capacity: (Option<u32>, Option<u32>),
}

fn said(organisation: u8, category: &'static str, at: &'static str, served: ServedArea) -> Said {
    Said {
        organisation,
        category,
        at,
        served,
        modes: vec![ServiceMode::OnSite],
        targets: Vec::new(),
        doubtful: false,
        holds: Some(30),
        capacity: (None, None),
    }
}

fn region(code: &str) -> ServedArea {
    ServedArea::Region(code.to_owned())
}

fn department(code: &str) -> ServedArea {
    ServedArea::Department(code.to_owned())
}

fn organisation(n: u8) -> Organisation {
    Organisation {
        id: OrganisationId(derived("organisation", "test", &n.to_string())),
        code: format!("O{n}"),
        name: Label::of("O", "O"),
        kind: OrganisationKind::Association,
        parent: None,
        region: None,
        department: None,
        telephone: None,
        email: None,
        state_body: false,
        status: PublicationStatus::Published,
        origin: None,
        safeguards: Safeguards::default(),
        merged_into: None,
        demonstration: false,
    }
}

/// What stands behind the entries of a ground.
struct World(Vec<(Organisation, Place, Service, Option<i64>)>, Geography);

impl World {
    fn of(all: &[Said]) -> Self {
        let made = (0u32..).zip(all).map(|(n, said)| {
            let organisation = organisation(said.organisation);
            let id = PlaceId(derived("place", "test", &n.to_string()));
            let code = |long: usize| (said.at.len() >= long).then(|| said.at[..long].to_owned());
            let place = Place {
                id,
                organisation: organisation.id,
                name: "P".to_owned(),
                region: code(2),
                department: code(4),
                department_estimated: false,
                subdivision: code(6),
                town: None,
                lat: None,
                lon: None,
                confidential: false,
            };
            let mut service = Service::proposed(
                ServiceId(derived("service", "test", &n.to_string())),
                organisation.id,
                format!("{}.01", said.category),
                id,
            );
            service.served_area = said.served.clone();
            service.modes = said.modes.clone();
            service.targets = said.targets.clone();
            service.status = PublicationStatus::Published;
            if said.doubtful {
                service.status = PublicationStatus::Doubtful;
                let (cause, on) = (DoubtCause::Reported, today());
                service.doubts.push(Doubt { cause, on });
            }
            (service.capacity.per_month, service.capacity.available) = said.capacity;
            service.capacity.assessed_on = said.capacity.1.map(|_| today());
            (organisation, place, service, said.holds)
        });
        Self(made.collect(), geography())
    }

    fn ground(&self) -> Ground {
        let holds: HashMap<ServiceId, Option<i64>> = self.0.iter().map(|(_, _, s, holds)| (s.id, *holds)).collect();
        let entries = self.0.iter().map(|(organisation, place, service, _)| Entry {
            service,
            organisation,
            place,
        });
        Ground::of(entries, ["MED", "LEG"].into_iter(), &self.1, |entry| Known {
            confirmed_until: holds[&entry.service.id].map(|days| today() + chrono::TimeDelta::days(days)),
            places_until: entry.service.capacity.assessed_on,
        })
    }

    fn matrix(&self, by: Reading, region: Option<&str>) -> Matrix {
        self.ground().matrix(&asked(by, region)).expect("a region that exists")
    }
}

fn asked(by: Reading, region: Option<&str>) -> Asked {
    Asked {
        by,
        region: region.map(str::to_owned),
        target: None,
        categories: Vec::new(),
        today: today(),
    }
}

/// Entries by area, then unplaced, wide, remote, all, of a category.
fn entries(matrix: &Matrix, category: &str) -> (Vec<u32>, [u32; 4]) {
    let (_, line) = matrix.lines.iter().find(|(c, _)| c == category).expect("a line");
    (
        line.areas.iter().map(|c| c.entries).collect(),
        [line.unplaced, line.wide, line.remote, line.all].map(|c| c.entries),
    )
}

#[test]
fn an_entry_counts_where_it_says_it_serves_or_where_its_door_stands() {
    use Reading::{Place, Served};
    // door, area served, by served: regions, R1's departments; by place: the same. Then wide in the country, in R1.
    type Case = (&'static str, ServedArea, [&'static [u32]; 4], [u32; 2]);
    let table: [Case; 9] = [
        ("R1D1", region("R1"), [&[1, 0], &[1, 0], &[1, 0], &[1, 0]], [0, 1]),
        ("R1D1", department("R1D2"), [&[1, 0], &[0, 1], &[1, 0], &[1, 0]], [0, 0]),
        // The door stands in another region than the one served.
        ("R2D1", region("R1"), [&[1, 0], &[0, 0], &[0, 1], &[0, 0]], [0, 1]),
        ("R2D1", department("R1D1"), [&[1, 0], &[1, 0], &[0, 1], &[0, 0]], [0, 0]),
        // The whole country tells nothing of one region.
        (
            "R2D1",
            ServedArea::Country,
            [&[0, 1], &[0, 0], &[0, 1], &[0, 0]],
            [1, 1],
        ),
        (
            "R1D2",
            ServedArea::Country,
            [&[1, 0], &[0, 1], &[1, 0], &[0, 1]],
            [1, 1],
        ),
        ("R1", ServedArea::Country, [&[1, 0], &[0, 0], &[1, 0], &[0, 0]], [1, 1]),
        ("", ServedArea::Country, [&[0, 0], &[0, 0], &[0, 0], &[0, 0]], [1, 1]),
        (
            "R1D1",
            ServedArea::Subdivision("R1D1S1".to_owned()),
            [&[1, 0], &[1, 0], &[1, 0], &[1, 0]],
            [0, 0],
        ),
    ];
    for (at, served, expected, wide) in table {
        let name = format!("door in {at:?}, serves {served:?}");
        let world = World::of(&[said(1, "MED", at, served)]);
        let asked = [(Served, None), (Served, Some("R1")), (Place, None), (Place, Some("R1"))];
        for ((by, region), expected) in asked.into_iter().zip(expected) {
            let found = entries(&world.matrix(by, region), "MED");
            assert_eq!(found.0, expected, "{name}, by {by}, {region:?}");
            let n = wide[usize::from(region.is_some())];
            // By place, what stands in another region and serves all of this one is not of this table.
            if by == Served || !name.contains("R2D1\", serves Region") {
                assert_eq!(found.1[1], n, "{name}, by {by}, {region:?}");
            }
        }
        assert_eq!(entries(&world.matrix(Served, None), "LEG").0, [0, 0], "{name}");
    }
}

#[test]
fn what_is_remote_stands_apart_and_what_is_both_in_both() {
    let mut remote = said(1, "MED", "R1D1", region("R1"));
    remote.modes = vec![ServiceMode::Remote];
    let mut both = remote.clone();
    both.modes.push(ServiceMode::Mobile);
    let world = World::of(&[remote, both]);
    let country = world.matrix(Reading::Served, None);
    assert_eq!(entries(&country, "MED"), (vec![1, 0], [0, 0, 2, 2]));
    // In the other region by telephone only.
    let other = world.matrix(Reading::Served, Some("R2"));
    assert_eq!(entries(&other, "MED"), (vec![0], [0, 0, 2, 2]));
}

#[test]
fn a_cell_says_how_many_organisations_how_much_and_how_true() {
    let mut one = said(1, "MED", "R1D1", region("R1"));
    one.capacity = (Some(20), Some(3));
    let mut two = one.clone();
    (two.holds, two.capacity) = (Some(-1), (Some(5), None));
    let mut three = said(2, "MED", "R1D2", region("R1"));
    three.doubtful = true;
    let four = said(1, "LEG", "R1D1", region("R1"));
    let matrix = World::of(&[one, two, three, four]).matrix(Reading::Served, None);
    let cell = matrix.lines[0].1.areas[0];
    assert_eq!(
        cell,
        Cell {
            entries: 3,
            organisations: 2,
            doubtful: 1,
            confirmed: 1,
            per_month: 25,
            per_month_said: 2,
            free: 3,
            free_said: 1,
        }
    );
    assert_eq!((cell.confirmed_percent(), cell.is_only_doubtful()), (Some(33), false));
    assert_eq!(matrix.lines[0].1.areas[1].confirmed_percent(), None);
    // An organisation of two categories counts once in the sum.
    assert_eq!((matrix.sum.areas[0].entries, matrix.sum.areas[0].organisations), (4, 2));
}

#[test]
fn what_is_for_a_group_is_what_is_for_it_or_for_everyone() {
    let mut women = said(1, "MED", "R1D1", region("R1"));
    women.targets = vec![Target::Women];
    let everyone = said(2, "MED", "R1D1", region("R1"));
    let ground = World::of(&[women, everyone]).ground();
    for (target, expected) in [(None, 2), (Some(Target::Women), 2), (Some(Target::Men), 1)] {
        let mut asked = asked(Reading::Served, None);
        asked.target = target;
        let matrix = ground.matrix(&asked).expect("the country");
        assert_eq!(matrix.sum.areas[0].entries, expected, "{target:?}");
    }
}

#[test]
fn what_is_missing_is_told_with_what_is_left() {
    let mut doubtful = said(1, "MED", "R1D1", region("R1"));
    doubtful.doubtful = true;
    let mut remote = said(2, "LEG", "", ServedArea::Country);
    remote.modes = vec![ServiceMode::Remote];
    let wide = said(3, "LEG", "R2D1", ServedArea::Country);
    let gaps = World::of(&[doubtful, remote, wide])
        .matrix(Reading::Served, None)
        .gaps();
    let told: Vec<_> = gaps
        .iter()
        .map(|g| (g.category.as_str(), g.area.as_str(), g.kind, g.remote, g.wide))
        .collect();
    assert_eq!(
        told,
        [
            ("MED", "R1", GapKind::Doubtful, 0, 0),
            ("MED", "R2", GapKind::None, 0, 0),
            ("LEG", "R1", GapKind::None, 1, 1),
        ]
    );
}

#[test]
fn overlaps_are_of_several_organisations_at_one_place_for_one_group() {
    let at = |organisation, place, target: &[Target]| {
        let mut said = said(organisation, "MED", place, region("R1"));
        said.targets = target.to_vec();
        said
    };
    let world = World::of(&[
        at(1, "R1D1S1", &[Target::Women, Target::Children]),
        at(1, "R1D1S1", &[Target::Women]),
        at(2, "R1D1S1", &[Target::Women]),
        // Another place, another group, no place at all: nothing beside them.
        at(3, "R1D1", &[Target::Women]),
        at(4, "R1D1S1", &[]),
        at(5, "R1", &[Target::Women]),
        at(6, "R1", &[Target::Women]),
    ]);
    let overlaps = world.ground().overlaps(&asked(Reading::Served, None));
    assert_eq!(overlaps.len(), 1, "{overlaps:?}");
    let overlap = &overlaps[0];
    assert_eq!((overlap.target, overlap.area.as_str()), (Target::Women, "R1D1S1"));
    assert_eq!((overlap.organisations.len(), overlap.services.len()), (2, 3));
    assert!(world.ground().overlaps(&asked(Reading::Served, Some("R2"))).is_empty());
}

#[test]
fn an_unknown_region_is_told_and_a_category_without_a_line_is_left_out() {
    let world = World::of(&[said(1, "XYZ", "R1D1", region("R1"))]);
    let ground = world.ground();
    assert!(ground.matrix(&asked(Reading::Served, Some("R9"))).is_none());
    assert!(ground.is_empty());
    let world = World::of(&[
        said(1, "MED", "R1D1", region("R1")),
        said(1, "LEG", "R1D1", region("R1")),
    ]);
    let mut only = asked(Reading::Served, None);
    only.categories.push("LEG".to_owned());
    let matrix = world.ground().matrix(&only).expect("the country");
    assert_eq!(
        (matrix.lines.len(), matrix.lines[0].0.as_str(), matrix.sum.all.entries),
        (1, "LEG", 1)
    );
    assert_eq!(matrix.gaps().len(), 1);
    let matrix = ground.matrix(&asked(Reading::Place, None)).expect("the country");
    assert_eq!(matrix.sum.all, Cell::default());
}

fn any_said() -> impl Strategy<Value = Said> {
    let areas = prop::sample::select(vec!["", "R1", "R1D1", "R1D1S1", "R1D2", "R2", "R2D1"]);
    let served = prop::sample::select(vec![
        ServedArea::Country,
        region("R1"),
        region("R2"),
        department("R1D1"),
        department("R2D1"),
        ServedArea::Subdivision("R1D1S1".to_owned()),
    ]);
    let modes = prop::sample::subsequence(ServiceMode::ALL.to_vec(), 1..=3);
    let targets = prop::sample::subsequence(vec![Target::Women, Target::Men, Target::Children], 0..=2);
    (
        0u8..5,
        prop::sample::select(vec!["MED", "LEG"]),
        areas,
        served,
        modes,
        targets,
        any::<bool>(),
        prop::option::of(-3i64..3),
    )
        .prop_map(|(o, category, at, served, modes, targets, doubtful, holds)| Said {
            modes,
            targets,
            doubtful,
            holds,
            ..said(o, category, at, served)
        })
}

proptest! {
    #[test]
    fn lines_add_up_and_every_gap_is_an_empty_or_doubted_cell(
        all in prop::collection::vec(any_said(), 0..40),
        by in prop::sample::select(Reading::ALL.to_vec()),
        target in prop::option::of(prop::sample::select(vec![Target::Women, Target::Men])),
    ) {
        let world = World::of(&all);
        let ground = world.ground();
        let mut asked = asked(by, None);
        asked.target = target;
        let country = ground.matrix(&asked).expect("the country");
        let fits = |s: &&Said| s.targets.is_empty() || target.is_none_or(|t| s.targets.contains(&t));
        let on_site = |s: &&Said| s.modes.iter().any(|m| *m != ServiceMode::Remote);
        for (category, line) in &country.lines {
            let own = || all.iter().filter(|s| s.category == category).filter(fits);
            // Each entry on site stands in one area, or in none that is known.
            let laid: u32 = line.areas.iter().map(|c| c.entries).sum();
            prop_assert_eq!((laid + line.unplaced.entries) as usize, own().filter(on_site).count());
            prop_assert_eq!(laid + line.unplaced.entries, line.here.entries);
            let remote = own().filter(|s| s.modes.contains(&ServiceMode::Remote)).count();
            prop_assert_eq!(line.remote.entries as usize, remote);
            prop_assert_eq!(line.all.entries as usize, own().count());
            for cell in &line.areas {
                prop_assert!(cell.organisations <= cell.entries && cell.confirmed + cell.doubtful <= cell.entries);
            }
        }
        // The regions' tables hold what the country's does, department by department.
        for (column, code) in country.areas.iter().enumerate() {
            asked.region = Some(code.clone());
            let table = ground.matrix(&asked).expect("a region");
            for ((_, country), (_, own)) in country.lines.iter().zip(&table.lines) {
                let laid: u32 = own.areas.iter().map(|c| c.entries).sum();
                prop_assert_eq!(laid + own.unplaced.entries, country.areas[column].entries);
                prop_assert_eq!(own.here, country.areas[column]);
            }
        }
        // Overlaps are of several organisations, each once.
        for overlap in ground.overlaps(&Asked { region: None, ..asked }) {
            let mut organisations = overlap.organisations.clone();
            organisations.dedup();
            prop_assert!(organisations.len() > 1 && organisations == overlap.organisations);
        }
    }
}
