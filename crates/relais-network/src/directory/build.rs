//! Building the index.

use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;

use super::hours::Hours;
use super::lexicon;
use super::near::{Near, narrow_unit};
use super::order::turn;
use super::ready::target_bits;
use super::search::Word;
use super::set::{Bits, Set};
use super::typo::Sounds;
use super::{
    Area, COUNTRY, DOUBTFUL, Directory, ESTIMATED, Freshness, LOCATED, MOBILE, NEVER, ON_CALL, ON_SITE, REMOTE, Record,
    has_distance,
};
use crate::catalogue::{AreaLevel, Catalogue, Geography};
use crate::organisation::Organisation;
use crate::place::Place;
use crate::service::{Cost, Service, ServiceMode};
use crate::words;

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

    /// Region, department and subdivision of a place.
    fn of(&mut self, place: &Place, geography: &Geography) -> [u16; 3] {
        let mut chain = [0; 3];
        for pcode in [&place.region, &place.department, &place.subdivision]
            .into_iter()
            .flatten()
        {
            for (have, new) in chain.iter_mut().zip(self.chain(pcode, geography)) {
                if new != 0 {
                    *have = new;
                }
            }
        }
        chain
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

impl Postings {
    /// Adds the entries that a word means, in no name.
    fn mean(&mut self, word: Box<str>, entries: &[u32]) {
        let list = self.0.entry(word).or_default();
        if entries.is_empty() {
            return;
        }
        list.extend(entries.iter().map(|entry| entry << 1));
        // Of one entry the posting in a name stands last, and counts.
        list.sort_unstable();
        list.dedup_by(|later, kept| {
            let same = *later >> 1 == *kept >> 1;
            *kept = if same { *later } else { *kept };
            same
        });
    }
}

fn day(date: Option<chrono::NaiveDate>) -> i32 {
    date.map_or(NEVER, |d| d.num_days_from_ce())
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

        let mut kept: Vec<(u32, Service, usize, usize)> = Vec::with_capacity(services.len());
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
                || !service.status.is_offered()
                || !organisations[o].status.is_offered()
                || !seen.insert(service.id)
            {
                continue;
            }
            let at = places[p].point().filter(|_| has_distance(flags(&service, &places[p])));
            kept.push((turn(at, service.id), service, o, p));
        }
        kept.sort_unstable_by_key(|(turn, service, ..)| (*turn, service.id));

        let mut out = Tables::default();
        let mut services = Vec::with_capacity(kept.len());
        for (turn, service, o, p) in kept {
            #[expect(clippy::cast_possible_truncation, reason = "a directory has fewer than 2^31 entries")]
            let entry = services.len() as u32;
            let place = &places[p];
            let record = Record {
                area: areas.of(place, geography),
                served: service
                    .served_area
                    .pcode()
                    .map_or([0; 3], |p| areas.chain(p, geography)),
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
            out.add_codes(&service, entry);
            let point = place.point().filter(|_| has_distance(record.flags));
            out.turns.push(turn);
            out.units.push(point.map(narrow_unit));
            out.records.push(record);
            services.push(service);
        }
        let area_sets = geography
            .areas()
            .iter()
            .map(|a| (a.pcode.as_str().into(), areas.chain(&a.pcode, geography)))
            .collect();
        let gathered = lexicon::Gathering {
            types: &out.types,
            categories: &out.categories,
            entries: services.len(),
        }
        .gather(catalogue.lexicon(), geography);
        out.finish(services, organisations, places, area_sets, gathered, freshness)
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
        | when(service.doubt().is_some(), DOUBTFUL)
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
    units: Vec<Option<[f32; 3]>>,
    words: Postings,
    categories: BTreeMap<Box<str>, Vec<u32>>,
    types: BTreeMap<Box<str>, Vec<u32>>,
    languages: HashMap<Box<str>, u32>,
    turns: Vec<u32>,
    organisations: Renumbered,
    places: Renumbered,
}

impl Tables {
    fn finish(
        mut self,
        services: Vec<Service>,
        organisations: Vec<Organisation>,
        places: Vec<Place>,
        areas: Vec<(Box<str>, [u16; 3])>,
        mut gathered: lexicon::Gathered,
        freshness: Freshness,
    ) -> Directory {
        let (records, entries) = (self.records, services.len());
        let those = |which: &dyn Fn(&Record) -> bool| {
            let found = (0..).zip(&records).filter(|(_, r)| which(r)).map(|(entry, _)| entry);
            Set::of(found.collect(), entries)
        };
        let by_code = |lists: BTreeMap<Box<str>, Vec<u32>>| {
            lists
                .into_iter()
                .map(|(code, list)| (code, Set::of(list, entries)))
                .collect()
        };
        // Remote services are offered wherever the person is.
        let everywhere = |r: &Record| r.is(REMOTE) || r.served == [0; 3];
        let anywhere = |r: &Record| r.is(REMOTE) || (r.is(MOBILE) && r.served == [0; 3]);
        let areas = areas
            .into_iter()
            .map(|(pcode, chain)| {
                let area = Area {
                    chain,
                    served_by: those(&|r| !everywhere(r) && covers(r.served, chain)),
                    reached_by: those(&|r| {
                        !anywhere(r) && (lies_in(r.area, chain) || (r.is(MOBILE) && covers(r.served, chain)))
                    }),
                };
                (pcode, area)
            })
            .collect();
        let mut located = Bits::none(entries);
        for (entry, _) in (0..).zip(&self.units).filter(|(_, unit)| unit.is_some()) {
            located.insert(entry);
        }
        let mut regions: HashMap<u16, Bits> = HashMap::new();
        for (entry, record) in (0..).zip(&records) {
            let region = regions.entry(record.area[0]);
            region.or_insert_with(|| Bits::none(entries)).insert(entry);
        }
        for (word, more) in std::mem::take(&mut gathered.entries) {
            self.words.mean(word, &more);
        }
        for word in gathered.begins.keys() {
            self.words.mean(word.clone(), &[]);
        }
        let words: HashMap<Box<str>, Word> = self
            .words
            .0
            .into_iter()
            .map(|(word, postings)| {
                let begins = gathered.begins.get(&word).copied().unwrap_or(0);
                (word, word_of(&postings, entries, begins))
            })
            .collect();
        let mut vocabulary: Vec<Box<str>> = words.keys().cloned().collect();
        vocabulary.sort_unstable();
        let sounds = Sounds::of(&vocabulary);
        let mut hours: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let mut costs: BTreeMap<Cost, Vec<u32>> = BTreeMap::new();
        for (entry, service) in (0..).zip(&services) {
            hours.entry(&service.opening_hours).or_default().push(entry);
            if let Some(cost) = service.cost {
                costs.entry(cost).or_default().push(entry);
            }
        }
        let by_hours = hours
            .into_iter()
            .filter_map(|(text, list)| Some((Hours::read(text)?, Set::of(list, entries))))
            .collect();
        let by_cost = costs
            .into_iter()
            .map(|(cost, list)| (cost, Set::of(list, entries)))
            .collect();
        let places = self.places.take(places);
        let ids: Vec<_> = services.iter().map(|s| s.id).collect();
        let mut by_id: Vec<u32> = (0..).zip(&ids).map(|(number, _)| number).collect();
        by_id.sort_unstable_by_key(|number| ids[*number as usize]);
        Directory {
            organisations: self.organisations.take(organisations),
            places,
            near: Near::of(&self.turns, &self.units, &records),
            ids,
            turns: self.turns,
            by_id,
            services,
            units: self.units,
            words,
            vocabulary,
            sounds,
            lexicon: gathered.lexicon,
            by_cost,
            by_hours,
            on_call: those(&|r| r.is(ON_CALL)),
            categories: by_code(self.categories),
            types: by_code(self.types),
            areas,
            languages: self.languages,
            remote: those(&|r| r.is(REMOTE)),
            serving_everywhere: those(&everywhere),
            coming_anywhere: those(&anywhere),
            for_everyone: those(&|r| r.targets == 0),
            by_target: (0..u16::BITS)
                .map(|n| 1 << n)
                .map(|bit| (bit, those(&|r| r.targets & bit != 0)))
                .collect(),
            located,
            regions,
            records,
            freshness,
            today: std::sync::RwLock::default(),
        }
    }

    fn add_codes(&mut self, service: &Service, entry: u32) {
        let add = |lists: &mut BTreeMap<Box<str>, Vec<u32>>, code: &str| match lists.get_mut(code) {
            Some(list) => list.push(entry),
            None => drop(lists.insert(code.into(), vec![entry])),
        };
        add(&mut self.categories, service.category());
        add(&mut self.types, &service.service_type);
    }

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

fn word_of(postings: &[u32], entries: usize, begins: u32) -> Word {
    let in_name = postings.iter().filter(|p| **p & 1 == 1).map(|p| p >> 1);
    Word {
        anywhere: Set::of(postings.iter().map(|p| p >> 1).collect(), entries),
        in_name: Set::of(in_name.collect(), entries),
        begins,
    }
}

/// Whether an area is served: equal as far down as both are known.
fn covers(served: [u16; 3], area: [u16; 3]) -> bool {
    served.iter().zip(area).all(|(s, a)| *s == 0 || a == 0 || *s == a)
}

/// Whether a place lies in an area.
pub(super) fn lies_in(place: [u16; 3], area: [u16; 3]) -> bool {
    area.iter().zip(place).all(|(a, p)| *a == 0 || *a == p)
}
