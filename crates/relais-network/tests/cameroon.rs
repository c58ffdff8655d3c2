//! The directory with Cameroon's own mechanism: its bodies, its mapping, and,
//! where the list lies beside the project, a hospital of Garoua found.

use std::path::PathBuf;

use relais_mechanism::Mechanism;
use relais_network::import::{Mapping, parse, plan};
use relais_network::{Catalogue, Directory, Freshness, Geography, Point, Query, Wanted, bodies_of, body_id};

const MAPPING: &str = include_str!("../../../mechanisms/cameroon/mappings/health-facilities.toml");

fn mechanism() -> Mechanism {
    Mechanism::embedded("cameroon").expect("the mechanism that we ship")
}

#[test]
fn every_body_becomes_a_sound_organisation() {
    let mechanism = mechanism();
    let bodies = bodies_of(&mechanism).expect("kinds of the list org_type");
    assert_eq!(bodies.len(), 58);
    for body in &bodies {
        assert_eq!(body.check(), [], "{}", body.code);
    }
    let state = |code: &str| bodies.iter().find(|b| b.id == body_id(code)).map(|b| b.state_body);
    assert_eq!(
        [
            state("MINSANTE"),
            state("DGSN"),
            state("FNE"),
            state("OIM"),
            state("CICR"),
            state("CARITAS")
        ],
        [
            Some(true),
            Some(true),
            Some(true),
            Some(false),
            Some(false),
            Some(false)
        ]
    );
}

#[test]
fn the_mapping_names_nothing_that_the_mechanism_lacks() {
    let mechanism = mechanism();
    let mapping = Mapping::from_toml(MAPPING).expect("our own mapping");
    assert_eq!(
        mapping.check(&Catalogue::of(&mechanism), &Geography::of(&mechanism)),
        []
    );
    let parent = mapping.constants.parent.expect("a supervising body");
    assert!(mechanism.bodies().iter().any(|b| b.code == parent));
}

#[test]
fn a_hospital_of_garoua_is_found_near_garoua() {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("RELAIS_SHARED").map_or_else(beside, PathBuf::from);
    let name = "cameroon-health-facilities.csv";
    let Ok(bytes) = std::fs::read(shared.join("data").join(name)).or_else(|_| std::fs::read(shared.join(name))) else {
        println!("skipped: a_hospital_of_garoua_is_found_near_garoua ({name} is not there)");
        return;
    };
    let mechanism = mechanism();
    let (catalogue, geography) = (Catalogue::of(&mechanism), Geography::of(&mechanism));
    let mapping = Mapping::from_toml(MAPPING).expect("our own mapping");
    let rows = parse(&bytes, &mapping, &geography, &catalogue).expect("a file");
    let plan = plan(rows, &mapping.source, |_, _| None);
    let report = plan.report();
    println!("{report:?}");
    assert!(report.adds_up() && report.rows == 3_061 && report.region_only == 42);

    let (mut organisations, mut places, mut services) = (Vec::new(), Vec::new(), Vec::new());
    for facility in plan.writes() {
        organisations.push(facility.organisation.clone());
        places.push(facility.place.clone());
        services.extend(facility.services.iter().cloned());
    }
    println!("{} services of {} facilities", services.len(), places.len());
    let index = Directory::build(
        organisations,
        services,
        places,
        &catalogue,
        &geography,
        Freshness::default(),
    );
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 23).expect("a date");
    let query = Query {
        words: "hopitaux garoua".into(),
        wanted: Some(Wanted::ServiceType("MED.01".into())),
        near: Point::new(9.30, 13.40),
        home: Some("CM006001".into()),
        ..Query::on(today)
    };
    let page = index.search(&query);
    for hit in &page.hits {
        println!(
            "{} {:?} km, {} points: {:?}",
            hit.entry.place.name, hit.distance_km, hit.points, hit.reasons
        );
    }
    let first = page.hits.first().expect("a hospital");
    assert!(first.entry.place.name.contains("Garoua") && first.distance_km.is_some_and(|km| km < 20.0));
}
