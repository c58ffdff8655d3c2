//! A made-up country and the slow, plain search that the index is held to:
//! every entry read in full, distances by the haversine formula, everything
//! sorted. Shared by the tests and by the measurement in `examples`.
#![allow(dead_code, reason = "each user takes its part")]

use chrono::NaiveDate;
use relais_mechanism::Label;
use relais_network::{
    Area, AreaLevel, Capacity, Catalogue, Category, Doubt, DoubtCause, Freshness, Geography, Organisation,
    OrganisationId, OrganisationKind, Place, PlaceId, Point, PublicationStatus, Query, Safeguards, ServedArea, Service,
    ServiceId, ServiceMode, ServiceType, Target, Wanted, ids::derived, words,
};

/// A small generator with a seed: the same world on every machine.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize) % sides.max(1)
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len())]
    }
}

pub fn label(fr: &str, en: &str) -> Label {
    Label {
        fr: fr.into(),
        en: en.into(),
    }
}

pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("a date")
}

pub struct World {
    pub organisations: Vec<Organisation>,
    pub services: Vec<Service>,
    pub places: Vec<Place>,
    pub catalogue: Catalogue,
    pub geography: Geography,
    pub types: Vec<String>,
}

const NAMES: &[&str] = &[
    "Hôpital",
    "Centre",
    "Foyer",
    "Délégation",
    "Association",
    "Cœur",
    "Espoir",
    "Œuvre",
    "Maison",
    "Atelier",
    "École",
    "Mission",
    "Conseil",
    "Secours",
    "Santé",
    "Familles",
    "Jeunesse",
    "Retour",
    "Travail",
    "Solidarité",
    "Horizon",
    "Étoile",
    "Baobab",
    "Rivière",
    "Lumière",
    "Amitié",
    "Progrès",
    "Avenir",
    "Savane",
    "Littoral",
    "Montagne",
    "Source",
];
const TOWNS: &[&str] = &[
    "Kéla",
    "Bafou",
    "Ndogba",
    "Mayo-Lélé",
    "Essoum",
    "Tignéré",
    "Akonga",
    "Bellavue",
    "Ngomé",
    "Sanga",
    "Moulva",
    "Obéla",
    "Dibangué",
    "Foumbi",
    "Lagda",
    "Mbalma",
    "Kribou",
    "Edéka",
    "Nkongba",
    "Wouma",
];
pub const LANGUAGES: &[&str] = &["fra", "eng", "fub", "ewo", "dua", "wes", "hau", "sgn"];
pub const TARGETS: &[Target] = &[
    Target::Everyone,
    Target::Women,
    Target::Men,
    Target::Children,
    Target::Youth,
    Target::Older,
    Target::Disability,
];

impl World {
    /// A country of 10 regions, 50 departments and 300 subdivisions with so
    /// many services; `hidden` per cent of them confidential.
    pub fn new(seed: u64, services: usize, hidden: usize) -> Self {
        let mut dice = Dice(seed.wrapping_mul(2) + 0x9e37_79b9);
        let mut areas = Vec::new();
        for (r, town) in TOWNS.iter().enumerate().take(11).skip(1) {
            let region = format!("CM{r:03}");
            let corner = (2.0 + (r % 5) as f64 * 2.0, 9.0 + (r / 5) as f64 * 3.0);
            areas.push(area(&region, None, AreaLevel::Region, &format!("Région {town}"), None));
            for d in 1..=5 {
                let department = format!("{region}{d:03}");
                let chief_town = Point::new(corner.0 + d as f64 * 0.3, corner.1 + d as f64 * 0.4);
                let name = format!("{town}-{}", TOWNS[d + 9]);
                areas.push(area(
                    &department,
                    Some(&region),
                    AreaLevel::Department,
                    &name,
                    chief_town,
                ));
                for s in 1..=6 {
                    let pcode = format!("{department}{s:03}");
                    let name = format!("{} {}", TOWNS[dice.roll(TOWNS.len())], s);
                    areas.push(area(&pcode, Some(&department), AreaLevel::Subdivision, &name, None));
                }
            }
        }
        let mut categories = Vec::new();
        let mut service_types = Vec::new();
        for code in [
            "RCP", "INF", "MED", "GBV", "PSS", "VOT", "CHP", "FAM", "DOC", "LEG", "HOU", "EDU", "VTC", "EMP", "ENT",
            "COM", "MON",
        ] {
            let name = label(&format!("Catégorie {}", dice.pick(NAMES)), &format!("Category {code}"));
            categories.push(Category {
                code: code.into(),
                name,
            });
            for n in 1..=6 {
                service_types.push(ServiceType {
                    code: format!("{code}.{n:02}"),
                    category: code.into(),
                    name: label(
                        &format!("{} {}", dice.pick(NAMES), dice.pick(NAMES)),
                        &format!("Service {code} {n}"),
                    ),
                    confidential: false,
                });
            }
        }
        let types: Vec<String> = service_types.iter().map(|t| t.code.clone()).collect();
        let mut world = Self {
            organisations: Vec::new(),
            services: Vec::new(),
            places: Vec::new(),
            catalogue: Catalogue::new(categories, service_types),
            geography: Geography::new(areas),
            types,
        };
        for i in 0..services.div_ceil(3) {
            world.add_organisation(&mut dice, i);
        }
        for i in 0..services {
            world.add_service(&mut dice, i, hidden);
        }
        world
    }

    fn add_organisation(&mut self, dice: &mut Dice, i: usize) {
        let organisation = OrganisationId(derived("organisation", "made-up", &i.to_string()));
        let name = format!("{} {} de {}", dice.pick(NAMES), dice.pick(NAMES), dice.pick(TOWNS));
        let department = format!("CM{:03}{:03}", 1 + dice.roll(10), 1 + dice.roll(5));
        let region = department[..5].to_owned();
        let subdivision = format!("{department}{:03}", 1 + dice.roll(6));
        let known = dice.roll(10);
        let town = self
            .geography
            .area(&department)
            .and_then(|a| a.chief_town)
            .expect("has one");
        let shift = |dice: &mut Dice| (dice.roll(600) as f64 - 300.0) / 1000.0;
        let point = (known != 0).then(|| (town.lat + shift(dice), town.lon + shift(dice)));
        self.places.push(Place {
            id: PlaceId(derived("place", "made-up", &i.to_string())),
            organisation,
            name: name.clone(),
            region: (known != 1).then_some(region),
            department: (known > 2).then_some(department),
            department_estimated: known == 3,
            subdivision: (known > 3).then_some(subdivision),
            town: dice.chance(50).then(|| (*dice.pick(TOWNS)).to_owned()),
            lat: point.map(|p| p.0),
            lon: point.map(|p| p.1),
            confidential: false,
        });
        self.organisations.push(Organisation {
            id: organisation,
            code: format!("ORG-{i}"),
            name: label(&name, &name),
            kind: *dice.pick(OrganisationKind::ALL),
            parent: None,
            region: None,
            department: None,
            telephone: None,
            email: None,
            state_body: dice.chance(50),
            status: if dice.chance(97) {
                PublicationStatus::Published
            } else {
                PublicationStatus::Archived
            },
            origin: None,
            demonstration: true,
            safeguards: Safeguards::default(),
            merged_into: None,
        });
    }

    fn add_service(&mut self, dice: &mut Dice, i: usize, hidden: usize) {
        let at = dice.roll(self.places.len());
        let place = &mut self.places[at];
        let service_type = dice.pick(&self.types).clone();
        let region = format!("CM{:03}", 1 + dice.roll(10));
        let at_home = place.region.clone().unwrap_or(region);
        let served_area = match dice.roll(10) {
            0..3 => ServedArea::Country,
            3..7 => ServedArea::Region(at_home),
            7..9 => ServedArea::Department(place.department.clone().unwrap_or(format!("{at_home}001"))),
            _ => ServedArea::Subdivision(place.subdivision.clone().unwrap_or(format!("{at_home}001001"))),
        };
        let modes = match dice.roll(12) {
            0 => vec![ServiceMode::Remote],
            1 => vec![ServiceMode::OnSite, ServiceMode::Remote],
            2 => vec![ServiceMode::Mobile],
            3 => vec![ServiceMode::OnSite, ServiceMode::Mobile],
            _ => vec![ServiceMode::OnSite],
        };
        let targets = (0..dice.roll(4)).map(|_| *dice.pick(TARGETS)).collect();
        let days_ago = |dice: &mut Dice, most: usize| today() - chrono::Days::new(dice.roll(most) as u64);
        // Three in a hundred of the hidden are so by their place, and then all
        // that stands at that place is.
        let confidential = dice.chance(hidden);
        if confidential && dice.chance(10) {
            place.confidential = true;
        }
        self.services.push(Service {
            id: ServiceId(derived("service", "made-up", &i.to_string())),
            organisation: place.organisation,
            name: label(
                &format!("{} {}", dice.pick(NAMES), dice.pick(NAMES)),
                &format!("Help {}", dice.pick(NAMES)),
            ),
            service_type,
            place: place.id,
            served_area,
            modes,
            targets,
            cost: None,
            opening_hours: String::new(),
            languages: (0..dice.roll(3)).map(|_| (*dice.pick(LANGUAGES)).to_owned()).collect(),
            capacity: Capacity {
                per_month: None,
                available: dice.chance(40).then(|| dice.roll(4) as u32),
                assessed_on: Some(days_ago(dice, 60)),
            },
            on_call: dice.chance(10),
            telephones: Vec::new(),
            how_to_refer: Label::default(),
            programmes: Vec::new(),
            confirmed_on: dice.chance(80).then(|| days_ago(dice, 400)),
            confirmed_by: None,
            status: match dice.roll(20) {
                0 => PublicationStatus::Proposed,
                1 | 2 => PublicationStatus::Doubtful,
                _ => PublicationStatus::Published,
            },
            held: false,
            doubts: vec![Doubt {
                cause: DoubtCause::NoCapacity,
                on: today(),
            }],
            ratified: None,
            confidential,
            origin: None,
            demonstration: true,
            merged_into: None,
        });
    }

    /// A query that somebody might make.
    pub fn query(&self, dice: &mut Dice) -> Query {
        let mut query = Query::on(today());
        if dice.chance(45) {
            let count = 1 + dice.roll(2);
            let words: Vec<&str> = (0..count)
                .map(|_| {
                    if dice.chance(70) {
                        *dice.pick(NAMES)
                    } else {
                        *dice.pick(TOWNS)
                    }
                })
                .collect();
            query.words = words.join(" l’").to_uppercase();
        }
        match dice.roll(10) {
            0..4 => {
                let code = dice.pick(&self.types);
                query.wanted = Some(Wanted::Category(code[..3].to_owned()));
            }
            4..8 => query.wanted = Some(Wanted::ServiceType(dice.pick(&self.types).clone())),
            _ => {}
        }
        if dice.chance(60) {
            query.near = Point::new(
                2.0 + dice.roll(10_000) as f64 / 1000.0,
                9.0 + dice.roll(7_000) as f64 / 1000.0,
            );
            if dice.chance(25) {
                query.within_km = Some([10.0, 50.0, 120.0][dice.roll(3)]);
            }
        }
        let area = |dice: &mut Dice| {
            let deep = format!(
                "CM{:03}{:03}{:03}",
                1 + dice.roll(10),
                1 + dice.roll(5),
                1 + dice.roll(6)
            );
            deep[..[5, 8, 11][dice.roll(3)]].to_owned()
        };
        if dice.chance(60) {
            query.home = Some(area(dice));
        }
        if dice.chance(25) {
            query.inside = Some(area(dice));
        }
        if dice.chance(25) {
            query.language = Some((*dice.pick(LANGUAGES)).to_owned());
        }
        if dice.chance(30) {
            query.targets = (0..1 + dice.roll(2))
                .map(|_| TARGETS[1 + dice.roll(TARGETS.len() - 1)])
                .collect();
        }
        query.urgent = dice.chance(15);
        query
    }
}

fn area(pcode: &str, parent: Option<&str>, level: AreaLevel, name: &str, chief_town: Option<Point>) -> Area {
    Area {
        pcode: pcode.into(),
        parent: parent.map(Into::into),
        level,
        name: label(name, name),
        chief_town,
    }
}

/// An entry with the words of its name and all its words.
type Row<'w> = (&'w Service, &'w Organisation, &'w Place, Vec<String>, Vec<String>);

/// What the plain search knows of an entry beforehand: its words.
pub struct Plain<'w> {
    world: &'w World,
    rows: Vec<Row<'w>>,
}

impl<'w> Plain<'w> {
    /// Reads every published entry that is not confidential.
    pub fn new(world: &'w World) -> Self {
        let mut rows = Vec::new();
        for service in &world.services {
            let organisation = world
                .organisations
                .iter()
                .find(|o| o.id == service.organisation)
                .expect("made so");
            let place = world.places.iter().find(|p| p.id == service.place).expect("made so");
            if service.confidential
                || place.confidential
                || ["RCP.03", "GBV.03", "VOT.02"].contains(&service.service_type.as_str())
                || !["published", "doubtful"].contains(&service.status.code())
                || !["published", "doubtful"].contains(&organisation.status.code())
            {
                continue;
            }
            let name = format!(
                "{} {} {} {} {}",
                service.name.fr, service.name.en, organisation.name.fr, organisation.code, place.name
            );
            let mut rest = format!(
                "{name} {} {}",
                service.service_type,
                place.town.clone().unwrap_or_default()
            );
            let kind = world.catalogue.service_type(&service.service_type).expect("known");
            let category = world.catalogue.category(&kind.category).expect("known");
            for text in [&kind.name.fr, &kind.name.en, &category.name.fr, &category.name.en] {
                rest = format!("{rest} {text}");
            }
            let department = place.department.as_ref().filter(|_| !place.department_estimated);
            for pcode in [place.region.as_ref(), department, place.subdivision.as_ref()]
                .into_iter()
                .flatten()
            {
                rest = format!("{rest} {}", world.geography.area(pcode).expect("known").name.fr);
            }
            rows.push((service, organisation, place, words::tokens(&name), words::tokens(&rest)));
        }
        Self { world, rows }
    }

    /// Entries that match, best first, with points and kilometres.
    pub fn search(&self, query: &Query) -> Vec<(ServiceId, i32, Option<f64>)> {
        let freshness = Freshness::default();
        let tokens = words::tokens(&query.words);
        let mut found = Vec::new();
        for (service, _, place, name, all) in &self.rows {
            let remote = service.modes.contains(&ServiceMode::Remote);
            let mobile = service.modes.contains(&ServiceMode::Mobile);
            let on_site = service.modes.contains(&ServiceMode::OnSite);
            let borne = tokens.iter().filter(|t| all.contains(t)).count();
            if borne == 0 && !tokens.is_empty() {
                continue;
            }
            match &query.wanted {
                Some(Wanted::Category(c)) if service.category() != c => continue,
                Some(Wanted::ServiceType(t)) if service.service_type != *t => continue,
                _ => {}
            }
            let everyone = service.targets.is_empty() || service.targets.contains(&Target::Everyone);
            let fits = query.targets.iter().any(|t| service.targets.contains(t));
            if !query.targets.is_empty() && !everyone && !fits {
                continue;
            }
            let serves = |area: &str| match service.served_area.pcode() {
                None => true,
                Some(served) => area.starts_with(served) || served.starts_with(area),
            };
            let deepest = |level: usize| {
                let own = [&place.region, &place.department, &place.subdivision];
                own[level].clone()
            };
            if !remote {
                if query.home.as_deref().is_some_and(|home| !serves(home)) {
                    continue;
                }
                if let Some(inside) = query.inside.as_deref() {
                    let level = (inside.len() - 5) / 3;
                    let located = deepest(level).is_some_and(|p| p == inside);
                    let comes = mobile && serves(inside);
                    if !located && !comes {
                        continue;
                    }
                }
            }
            let km = match (query.near, place.point()) {
                (Some(a), Some(b)) if on_site || mobile => Some(haversine(a, b)),
                _ => None,
            };
            if let (Some(_), Some(radius), false) = (query.near, query.within_km, remote)
                && km.is_none_or(|km| km > radius)
            {
                continue;
            }
            let mut points = 0;
            if query.urgent && service.on_call {
                points += 40;
            }
            if let Some(home) = &query.home {
                let same = |level: usize, length: usize| {
                    home.len() >= length && deepest(level).is_some_and(|p| p == home[..length])
                };
                points += if same(0, 5) && same(1, 8) && same(2, 11) && !place.department_estimated {
                    30
                } else if same(0, 5) && same(1, 8) && !place.department_estimated {
                    20
                } else if same(0, 5) {
                    10
                } else {
                    0
                };
            }
            points += match km {
                Some(km) if km <= 5.0 => 24,
                Some(km) if km <= 20.0 => 16,
                Some(km) if km <= 60.0 => 8,
                Some(km) if km <= 150.0 => 3,
                _ => 0,
            };
            if !tokens.is_empty() && tokens.iter().all(|t| name.contains(t)) {
                points += 12;
            }
            if fits && !everyone {
                points += 8;
            }
            if query.language.as_ref().is_some_and(|l| service.languages.contains(l)) {
                points += 8;
            }
            if let (Some(free), Some(on)) = (service.capacity.available, service.capacity.assessed_on)
                && (query.today - on).num_days() <= i64::from(freshness.capacity_days)
            {
                points += if free > 0 { 6 } else { -12 };
            }
            points += match service.confirmed_on {
                Some(on) if (query.today - on).num_days() <= i64::from(freshness.entry_days) => 4,
                _ => -4,
            };
            if service.status == PublicationStatus::Doubtful {
                points -= 16;
            }
            if service.served_area == ServedArea::Country {
                points += 2;
            }
            if remote {
                points += 2;
            }
            let turn = turn(place.point().filter(|_| on_site || mobile), service.id);
            found.push((borne, (turn, (service.id, points, km))));
        }
        // Those with all the words; where nothing has them all, with most.
        let most = found.iter().map(|(borne, _)| *borne).max().unwrap_or(0);
        found.retain(|(borne, _)| *borne == most);
        let mut found: Vec<_> = found.into_iter().map(|(_, row)| row).collect();
        found.sort_by(|(turn_a, a), (turn_b, b)| {
            let far = |km: Option<f64>| km.unwrap_or(f64::INFINITY);
            let turns = turn_a.cmp(turn_b).then(a.0.cmp(&b.0));
            b.1.cmp(&a.1).then(far(a.2).total_cmp(&far(b.2))).then(turns)
        });
        found.into_iter().map(|(_, found)| found).collect()
    }
}

/// Between equals, who comes first: by quarters of a degree, in an order that
/// favours no corner of the country.
fn turn(point: Option<Point>, id: ServiceId) -> u64 {
    let number = match point {
        Some(p) => ((p.lat * 4.0).floor() as u64 + 360) * 1440 + ((p.lon * 4.0).floor() as u64 + 720),
        None => {
            (1 << 20)
                + u64::from(id.0.as_fields().3[7])
                + (u64::from(id.0.as_fields().3[6]) << 8)
                + ((u64::from(id.0.as_fields().3[5]) & 15) << 16)
        }
    };
    number * 0x9e37_79b1 % (1 << 32)
}

fn haversine(a: Point, b: Point) -> f64 {
    let (dlat, dlon) = ((b.lat - a.lat).to_radians(), (b.lon - a.lon).to_radians());
    let h =
        (dlat / 2.0).sin().powi(2) + a.lat.to_radians().cos() * b.lat.to_radians().cos() * (dlon / 2.0).sin().powi(2);
    2.0 * 6_371.008_8 * h.sqrt().asin()
}
