//! Entries that are perhaps the same: invented pairs with limits of recall and
//! precision, and the real list, judged pair by pair.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use relais_mechanism::{Label, Mechanism};
use relais_network::import::{Mapping, parse, plan};
use relais_network::same::{PROPOSED, Pair, find};
use relais_network::{
    Catalogue, Geography, Organisation, OrganisationId, OrganisationKind, Place, PlaceId, PublicationStatus,
    Safeguards, Service, ServiceId, bodies_of,
};
use uuid::Uuid;

const MAPPING: &str = include_str!("../../../mechanisms/cameroon/mappings/health-facilities.toml");

/// An organisation that a test makes, with the service by which it is seen.
struct Made {
    organisation: Organisation,
    place: Place,
    service: Service,
}

fn made(number: u128, cells: [&str; 6]) -> Made {
    let [name, kind, region, point, telephone, code] = cells;
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let id = OrganisationId(Uuid::from_u128(number));
    let mut coordinates = point.split_whitespace().map(|c| c.parse::<f64>().expect("a figure"));
    let place = Place {
        id: PlaceId(Uuid::from_u128(number)),
        organisation: id,
        name: name.to_owned(),
        region: some(region),
        department: None,
        department_estimated: false,
        subdivision: None,
        town: None,
        lat: coordinates.next(),
        lon: coordinates.next(),
        confidential: false,
    };
    Made {
        organisation: Organisation {
            id,
            code: if code.is_empty() {
                format!("IMP-{number}")
            } else {
                code.to_owned()
            },
            name: Label::of(name, name),
            kind: OrganisationKind::from_code(kind).expect("a kind of the list org_type"),
            parent: None,
            region: some(region),
            department: None,
            telephone: some(telephone),
            email: None,
            state_body: false,
            status: PublicationStatus::Published,
            origin: None,
            demonstration: false,
            safeguards: Safeguards::default(),
            merged_into: None,
        },
        service: Service::proposed(ServiceId(Uuid::from_u128(number)), id, "ADM.01".to_owned(), place.id),
        place,
    }
}

fn found(all: &[Made], least: u8) -> Vec<relais_network::same::Proposal> {
    let organisations: Vec<&Organisation> = all.iter().map(|m| &m.organisation).collect();
    // National bodies are seen without a place.
    let offers: Vec<(&Service, &Place)> = all
        .iter()
        .filter(|m| m.place.region.is_some())
        .map(|m| (&m.service, &m.place))
        .collect();
    find(&organisations, &offers, |_| None, least)
}

#[test]
fn invented_pairs_are_told_apart() {
    let text = include_str!("same/pairs.csv");
    let mut rows = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    let (mut same, mut other, mut right, mut wrong, mut missed) = (0, 0, 0, Vec::new(), Vec::new());
    for row in rows.records() {
        let row = row.expect("a row");
        let cell = |at: usize| &row[at];
        let one = made(1, [cell(2), cell(3), cell(4), cell(5), cell(6), cell(7)]);
        let two = made(2, [cell(8), cell(9), cell(10), cell(11), cell(12), cell(13)]);
        let proposals = found(&[one, two], PROPOSED);
        let organisations = proposals.iter().find(|p| matches!(p.pair, Pair::Organisations(..)));
        let said = format!(
            "{}: {} | {} ({:?})",
            cell(1),
            cell(2),
            cell(8),
            organisations.map(|p| p.score)
        );
        match (cell(0) == "yes", organisations.is_some()) {
            (true, true) => (same, right) = (same + 1, right + 1),
            (true, false) => {
                same += 1;
                missed.push(said);
            }
            (false, true) => {
                other += 1;
                wrong.push(said);
            }
            (false, false) => other += 1,
        }
        if let Some(proposal) = organisations {
            assert!(!proposal.reasons.is_empty(), "{}", cell(1));
        }
    }
    println!(
        "{} of {same} found, {} of {other} wrongly; missed {missed:#?}, wrong {wrong:#?}",
        right,
        wrong.len()
    );
    assert!(same >= 40 && other >= 35, "{same} + {other} pairs");
    assert!(right * 100 >= same * 93, "recall: missed {missed:#?}");
    assert!(right * 100 >= (right + wrong.len()) * 93, "precision: wrong {wrong:#?}");
}

/// The list beside the project and the bodies of the mechanism, as they are imported.
struct Real {
    organisations: Vec<Organisation>,
    places: Vec<Place>,
    services: Vec<Service>,
    mechanism: Mechanism,
}

fn real() -> Option<Real> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("RELAIS_SHARED").map_or_else(beside, PathBuf::from);
    let name = "cameroon-health-facilities.csv";
    let bytes = std::fs::read(shared.join("data").join(name)).or_else(|_| std::fs::read(shared.join(name)));
    let bytes = bytes.ok()?;
    let mechanism = Mechanism::embedded("cameroon").expect("the mechanism that we ship");
    let (catalogue, geography) = (Catalogue::of(&mechanism), Geography::of(&mechanism));
    let mapping = Mapping::from_toml(MAPPING).expect("our own mapping");
    let rows = parse(&bytes, &mapping, &geography, &catalogue).expect("a file");
    let plan = plan(rows, &mapping.source, |_, _| None);
    let mut organisations = bodies_of(&mechanism).expect("kinds of the list org_type");
    let (mut places, mut services) = (Vec::new(), Vec::new());
    for facility in plan.writes() {
        organisations.push(facility.organisation.clone());
        places.push(facility.place.clone());
        services.extend(facility.services.iter().cloned());
    }
    Some(Real {
        organisations,
        places,
        services,
        mechanism,
    })
}

#[test]
fn the_real_list_is_judged_pair_by_pair() {
    let Some(Real {
        organisations,
        places,
        services,
        mechanism,
    }) = real()
    else {
        println!("skipped: the_real_list_is_judged_pair_by_pair (cameroon-health-facilities.csv is not there)");
        return;
    };
    let by_id: HashMap<PlaceId, &Place> = places.iter().map(|p| (p.id, p)).collect();
    let offers: Vec<(&Service, &Place)> = services.iter().map(|s| (s, by_id[&s.place])).collect();
    let all: Vec<&Organisation> = organisations.iter().collect();
    let type_name = |code: &str| mechanism.service_type(code).map(|t| t.label.clone());
    let begun = std::time::Instant::now();
    let proposals = find(&all, &offers, type_name, 30);
    println!("{} entries: {} ms", all.len(), begun.elapsed().as_millis());
    let codes: HashMap<&str, OrganisationId> = organisations.iter().map(|o| (o.code.as_str(), o.id)).collect();
    let scores: HashMap<Pair, u8> = proposals.iter().map(|p| (p.pair, p.score)).collect();
    let (mut above, mut below) = (Judged::default(), Judged::default());
    let mut judged: HashSet<Pair> = HashSet::new();
    let text = include_str!("same/judged.csv");
    let mut rows = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    for row in rows.records() {
        let row = row.expect("a row");
        let pair = Pair::of_organisations(codes[&row[0]], codes[&row[1]]);
        judged.insert(pair);
        let score = scores.get(&pair).copied().unwrap_or(0);
        let count = if score >= PROPOSED { &mut above } else { &mut below };
        match &row[2] {
            "same" => count.same += 1,
            "other" => count.other += 1,
            "open" => count.open += 1,
            verdict => panic!("{verdict}: no verdict"),
        }
    }
    let proposed: Vec<_> = proposals.iter().filter(|p| p.score >= PROPOSED).collect();
    println!(
        "{} pairs proposed; judged: {above:?}; below the threshold: {below:?}",
        proposed.len()
    );
    for proposal in &proposed {
        assert!(
            judged.contains(&proposal.pair),
            "nobody judged {:?} ({})",
            proposal.pair,
            proposal.score
        );
    }
    assert_eq!(judged.len(), 100);
    assert_eq!(above.all(), proposed.len());
    // Of all, and of those of which the two lines tell.
    assert!(above.same * 100 >= above.all() * 65, "{above:?}");
    assert!(above.same * 100 >= (above.same + above.other) * 93, "{above:?}");
    // What lies below is rather two than one.
    assert!(below.same < below.other, "{below:?}");
}

/// How pairs were judged by hand.
#[derive(Debug, Default)]
struct Judged {
    same: usize,
    other: usize,
    open: usize,
}

impl Judged {
    const fn all(&self) -> usize {
        self.same + self.other + self.open
    }
}

/// An invented facility: a name of two or three syllables, as villages have, some
/// sort of house, somewhere in the country.
fn invented(number: u128) -> Made {
    const SYLLABLES: [&str; 24] = [
        "ba", "bo", "da", "fou", "ga", "gou", "ko", "kam", "la", "ma", "mba", "mbo", "na", "ndo", "nga", "ngo", "nko",
        "ra", "sa", "ta", "tchi", "wa", "ya", "zou",
    ];
    const SORTS: [&str; 4] = [
        "CSI de",
        "Centre de santé catholique de",
        "Hôpital de district de",
        "Dispensaire de",
    ];
    // Figures that look drawn by chance and are the same each time.
    let mut state = number
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    let mut next = |below: u32| -> usize {
        state ^= state << 13;
        state ^= (state & u128::from(u64::MAX)) >> 7;
        state ^= state << 17;
        usize::try_from((state >> 11) % u128::from(below)).expect("below a usize")
    };
    let count = 2 + next(3);
    let village: String = (0..count).map(|_| SYLLABLES[next(24)]).collect();
    let name = format!("{} {village}", SORTS[next(4)]);
    let (lat, lon) = (2 + next(10), 9 + next(6));
    let (north, east) = (next(10_000), next(10_000));
    let region = format!("CM{:03}", 1 + next(10));
    made(
        number,
        [
            &name,
            "HOSP",
            &region,
            &format!("{lat}.{north:04} {lon}.{east:04}"),
            "",
            "",
        ],
    )
}

#[test]
fn many_entries_cost_seconds() {
    let many: u128 = std::env::var("RELAIS_SAME_MANY")
        .ok()
        .map_or(10_000, |n| n.parse().expect("a number"));
    let all: Vec<Made> = (1..=many).map(invented).collect();
    let begun = std::time::Instant::now();
    let proposals = found(&all, PROPOSED);
    let took = begun.elapsed();
    println!("{many} entries: {} pairs in {} ms", proposals.len(), took.as_millis());
    // Each with each would be fifty million comparisons.
    assert!(took.as_secs() < 60, "{took:?}");
    assert!(!proposals.is_empty());
}
