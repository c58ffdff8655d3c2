//! Building the index.

use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;

use super::{
    COUNTRY, Coded, Directory, ESTIMATED, Freshness, LOCATED, MOBILE, NEVER, ON_CALL, ON_SITE, REMOTE, Record,
};
use crate::catalogue::{AreaLevel, Catalogue, Geography};
use crate::organisation::{Organisation, PublicationStatus};
use crate::place::{Place, Point, unit};
use crate::service::{Service, ServiceMode, Target};
use crate::words;

/// Side of a grid cell, degrees: about 28 km at the equator.
const CELL: f64 = 0.25;

/// The grid cell of a point.
pub(super) fn cell(p: Point) -> (i16, i16) {
    #[expect(clippy::cast_possible_truncation, reason = "at most ±720")]
    let c = ((p.lat / CELL).floor() as i16, (p.lon / CELL).floor() as i16);
    c
}

/// Small numbers for areas, given on first sight; 0 is none.
#[derive(Default)]
struct Areas {
    numbers: HashMap<Box<str>, u16>,
}

impl Areas {
    fn number(&mut self, pcode: &str) -> u16 {
        if let Some(&n) = self.numbers.get(pcode) {
            return n;
        }
        // Beyond 65,535 areas no country goes; should one, its last areas
        // share a number with "none" and fall out of area filters.
        let n = u16::try_from(self.numbers.len() + 1).unwrap_or(0);
        self.numbers.insert(pcode.into(), n);
        n
    }

    /// Region, department and subdivision of an area, from the area itself up.
    fn chain(&mut self, pcode: &str, geography: &Geography) -> [u16; 3] {
        let mut chain = [0; 3];
        let mut at = geography.area(pcode);
        while let Some(area) = at {
            chain[level(area.level)] = self.number(&area.pcode);
            at = area.parent.as_deref().and_then(|p| geography.area(p));
        }
        chain
    }
}

const fn level(level: AreaLevel) -> usize {
    match level {
        AreaLevel::Region => 0,
        AreaLevel::Department => 1,
        AreaLevel::Subdivision => 2,
    }
}

/// The bits of the target groups; everyone, or none named, is 0.
pub(super) fn target_bits(targets: &[Target]) -> u16 {
    if targets.contains(&Target::Everyone) {
        return 0;
    }
    targets.iter().fold(0, |bits, t| bits | 1 << (*t as u16))
}

/// Where the words of an entry stand: a posting is the entry's number, shifted
/// by one, with the low bit set when the word is in its name.
#[derive(Default)]
struct Postings(HashMap<Box<str>, Vec<u32>>);

impl Postings {
    fn add(&mut self, text: &str, entry: u32, in_name: bool) {
        for token in words::tokens(text) {
            let posting = entry << 1 | u32::from(in_name);
            let list = match self.0.get_mut(token.as_str()) {
                Some(list) => list,
                None => self.0.entry(token.into_boxed_str()).or_default(),
            };
            match list.last_mut() {
                Some(last) if *last >> 1 == entry => *last |= posting,
                _ => list.push(posting),
            }
        }
    }
}

fn day(date: Option<chrono::NaiveDate>) -> i32 {
    date.map_or(NEVER, |d| d.num_days_from_ce())
}

fn number_of(map: &mut HashMap<Box<str>, Coded>, code: &str, entry: u32) -> u16 {
    let next = u16::try_from(map.len()).unwrap_or(u16::MAX);
    let coded = map.entry(code.into()).or_insert_with(|| Coded {
        number: next,
        services: Vec::new(),
    });
    coded.services.push(entry);
    coded.number
}

impl Directory {
    /// Builds the index of what may be found: published services of published
    /// organisations at known places, none of them confidential by its flag,
    /// its type, its place or the mechanism. Everything else, and the words of
    /// organisations that offer nothing else, is absent from the index.
    #[must_use]
    pub fn build(
        organisations: Vec<Organisation>,
        services: Vec<Service>,
        places: Vec<Place>,
        catalogue: &Catalogue,
        geography: &Geography,
        freshness: Freshness,
    ) -> Self {
        let organisation_of: HashMap<_, _> = organisations.iter().enumerate().map(|(i, o)| (o.id, i)).collect();
        let place_of: HashMap<_, _> = places.iter().enumerate().map(|(i, p)| (p.id, i)).collect();
        let mut areas = Areas::default();

        // What may be found, with the area of its place; sorted by area, so
        // that an area is one range of entries.
        let mut kept: Vec<([u16; 3], Service, usize, usize)> = Vec::with_capacity(services.len());
        let mut seen = std::collections::HashSet::with_capacity(services.len());
        for service in services {
            let (Some(&o), Some(&p)) = (organisation_of.get(&service.organisation), place_of.get(&service.place))
            else {
                continue;
            };
            let by_mechanism = catalogue
                .service_type(&service.service_type)
                .is_some_and(|t| t.confidential);
            if service.is_confidential()
                || by_mechanism
                || places[p].confidential
                || service.status != PublicationStatus::Published
                || organisations[o].status != PublicationStatus::Published
                || !seen.insert(service.id)
            {
                continue;
            }
            let place = &places[p];
            let mut chain = [0; 3];
            for pcode in [&place.region, &place.department, &place.subdivision]
                .into_iter()
                .flatten()
            {
                let deeper = areas.chain(pcode, geography);
                for (have, new) in chain.iter_mut().zip(deeper) {
                    if new != 0 {
                        *have = new;
                    }
                }
            }
            kept.push((chain, service, o, p));
        }
        kept.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));

        let mut out = Tables::default();
        let mut services = Vec::with_capacity(kept.len());
        for (chain, service, o, p) in kept {
            #[expect(clippy::cast_possible_truncation, reason = "a directory has fewer than 2^31 entries")]
            let entry = services.len() as u32;
            let place = &places[p];
            let record = Record {
                unit: place.point().map_or([0.0; 3], |p| {
                    #[expect(clippy::cast_possible_truncation, reason = "metres are enough for a rank")]
                    unit(p).map(|x| x as f32)
                }),
                area: chain,
                served: service
                    .served_area
                    .pcode()
                    .map_or([0; 3], |p| areas.chain(p, geography)),
                category: number_of(&mut out.categories, service.category(), entry),
                service_type: number_of(&mut out.types, &service.service_type, entry),
                targets: target_bits(&service.targets),
                flags: flags(&service, place),
                languages: out.language_bits(&service.languages),
                confirmed: day(service.confirmed_on),
                assessed: service
                    .capacity
                    .available
                    .map_or(NEVER, |_| day(service.capacity.assessed_on)),
                available: service.capacity.available.unwrap_or(0),
                organisation: out.organisations.number(o),
                place: out.places.number(p),
            };
            out.add_words(&service, &organisations[o], place, catalogue, geography, entry);
            if record.flags & (REMOTE | MOBILE) != 0 {
                out.reaching.push(entry);
            }
            if let Some(point) = place.point()
                && record.has_distance()
            {
                out.grid.entry(cell(point)).or_default().push(entry);
            }
            out.records.push(record);
            services.push(service);
        }

        let words: HashMap<Box<str>, std::sync::Arc<[u32]>> = out
            .words
            .0
            .into_iter()
            .map(|(word, list)| (word, list.into()))
            .collect();
        let mut vocabulary: Vec<Box<str>> = words.keys().cloned().collect();
        vocabulary.sort_unstable();
        let all_areas = geography
            .areas()
            .iter()
            .map(|a| (a.pcode.as_str().into(), areas.chain(&a.pcode, geography)));
        let area_chains = all_areas.collect();
        let by_id = services.iter().zip(0..).map(|(s, i)| (s.id, i)).collect();
        Self {
            organisations: out.organisations.take(organisations),
            places: out.places.take(places),
            ids: services.iter().map(|s| s.id).collect(),
            services,
            records: out.records,
            by_id,
            words,
            vocabulary,
            categories: out.categories,
            types: out.types,
            areas: area_chains,
            languages: out.languages,
            reaching: out.reaching,
            grid: out.grid,
            freshness,
        }
    }
}

fn flags(service: &Service, place: &Place) -> u8 {
    let mode = |m, flag| if service.modes.contains(&m) { flag } else { 0 };
    let when = |set: bool, flag| if set { flag } else { 0 };
    mode(ServiceMode::OnSite, ON_SITE)
        | mode(ServiceMode::Remote, REMOTE)
        | mode(ServiceMode::Mobile, MOBILE)
        | when(place.point().is_some(), LOCATED)
        | when(place.department_estimated, ESTIMATED)
        | when(service.on_call, ON_CALL)
        | when(service.served_area.pcode().is_none(), COUNTRY)
}

/// Old numbers to new ones, given on first sight: what nothing refers to is
/// not carried along.
#[derive(Default)]
struct Renumbered(BTreeMap<usize, u32>);

impl Renumbered {
    fn number(&mut self, old: usize) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "a directory has fewer than 2^31 entries")]
        let next = self.0.len() as u32;
        *self.0.entry(old).or_insert(next)
    }

    fn take<T>(self, from: Vec<T>) -> Vec<T> {
        let mut kept: Vec<(u32, T)> = from
            .into_iter()
            .enumerate()
            .filter_map(|(i, x)| self.0.get(&i).map(|&n| (n, x)))
            .collect();
        kept.sort_unstable_by_key(|(n, _)| *n);
        kept.into_iter().map(|(_, x)| x).collect()
    }
}

#[derive(Default)]
struct Tables {
    records: Vec<Record>,
    words: Postings,
    categories: HashMap<Box<str>, Coded>,
    types: HashMap<Box<str>, Coded>,
    languages: HashMap<Box<str>, u32>,
    reaching: Vec<u32>,
    grid: HashMap<(i16, i16), Vec<u32>>,
    organisations: Renumbered,
    places: Renumbered,
}

impl Tables {
    fn language_bits(&mut self, languages: &[String]) -> u64 {
        languages.iter().fold(0, |bits, code| {
            let next = u32::try_from(self.languages.len()).unwrap_or(u32::MAX);
            let n = *self.languages.entry(code.as_str().into()).or_insert(next);
            bits | 1u64.checked_shl(n).unwrap_or(0)
        })
    }

    fn add_words(
        &mut self,
        service: &Service,
        organisation: &Organisation,
        place: &Place,
        catalogue: &Catalogue,
        geography: &Geography,
        entry: u32,
    ) {
        let names = [
            &service.name.fr,
            &service.name.en,
            &organisation.name.fr,
            &organisation.name.en,
            &organisation.code,
            &place.name,
        ];
        for (i, text) in names.iter().enumerate() {
            // A facility has its name three times over: index it once.
            if !names[..i].contains(text) {
                self.words.add(text, entry, true);
            }
        }
        self.words.add(&service.service_type, entry, false);
        if let Some(t) = catalogue.service_type(&service.service_type) {
            self.words.add(&t.name.fr, entry, false);
            self.words.add(&t.name.en, entry, false);
            if let Some(c) = catalogue.category(&t.category) {
                self.words.add(&c.name.fr, entry, false);
                self.words.add(&c.name.en, entry, false);
            }
        }
        if let Some(town) = &place.town {
            self.words.add(town, entry, false);
        }
        // An estimated department is not a word to find a place by.
        let department = place.department.as_ref().filter(|_| !place.department_estimated);
        for pcode in [place.region.as_ref(), department, place.subdivision.as_ref()]
            .into_iter()
            .flatten()
        {
            if let Some(area) = geography.area(pcode) {
                self.words.add(&area.name.fr, entry, false);
                self.words.add(&area.name.en, entry, false);
            }
        }
    }
}
