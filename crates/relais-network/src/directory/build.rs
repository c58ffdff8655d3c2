//! Building the index.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use chrono::Datelike;

use super::hours::Hours;
use super::lexicon;
use super::near::{Near, narrow_unit};
use super::order::turn;
use super::ready::target_bits;
use super::search::{Word, Words};
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
struct Postings(HashMap<Arc<str>, Vec<u32>>);

impl Postings {
    fn add(&mut self, text: &str, entry: u32, in_name: bool) {
        for token in words::tokens(text) {
            let posting = entry << 1 | u32::from(in_name);
            let list = match self.0.get_mut(token.as_str()) {
                Some(list) => list,
                None => self.0.entry(token.into()).or_default(),
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
    fn mean(&mut self, word: &str, entries: &[u32]) {
        let list = self.0.entry(word.into()).or_default();
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

/// What may have a number: a service, whether it may be found, and where its
/// organisation and its place stand in their lists.
struct Kept {
    turn: u32,
    service: Arc<Service>,
    live: bool,
    organisation: usize,
    place: usize,
}

/// The services that are not confidential, by their flag, their type, their
/// place or the mechanism, of organisations and at places that are known, in
/// their order.
fn kept(
    services: impl IntoIterator<Item = impl Into<Arc<Service>>>,
    organisations: &[Arc<Organisation>],
    places: &[Arc<Place>],
    catalogue: &Catalogue,
) -> Vec<Kept> {
    let organisation_of: HashMap<_, _> = organisations.iter().enumerate().map(|(i, o)| (o.id, i)).collect();
    let place_of: HashMap<_, _> = places.iter().enumerate().map(|(i, p)| (p.id, i)).collect();
    let (mut kept, mut others) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for service in services {
        let service: Arc<Service> = service.into();
        let (Some(&o), Some(&p)) = (organisation_of.get(&service.organisation), place_of.get(&service.place)) else {
            continue;
        };
        if hides(&service, catalogue) || places[p].confidential {
            continue;
        }
        let live = is_found(&service, &organisations[o]);
        if live && !seen.insert(service.id) {
            continue;
        }
        let list = if live { &mut kept } else { &mut others };
        list.push(Kept {
            turn: turn_of(&service, &places[p]),
            service,
            live,
            organisation: o,
            place: p,
        });
    }
    // Of two with one id the one that may be found counts.
    kept.extend(others.into_iter().filter(|other| seen.insert(other.service.id)));
    kept.sort_unstable_by_key(|kept| (kept.turn, kept.service.id));
    kept
}

/// Whether a service is confidential, by its flag, its type or the mechanism.
pub(super) fn hides(service: &Service, catalogue: &Catalogue) -> bool {
    let of_mechanism = catalogue.service_type(&service.service_type);
    service.is_confidential() || of_mechanism.is_some_and(|t| t.confidential)
}

/// Whether a service may be found that is not confidential.
pub(super) fn is_found(service: &Service, organisation: &Organisation) -> bool {
    service.status.is_offered() && organisation.status.is_offered()
}

/// The first half of a service's number.
pub(super) fn turn_of(service: &Service, place: &Place) -> u32 {
    let at = place.point().filter(|_| has_distance(flags(service, place)));
    turn(at, service.id)
}

impl Record {
    /// Of a service at a place, with what other lists call its areas, languages,
    /// organisation and place.
    pub(super) fn of(service: &Service, place: &Place, numbers: &Numbers) -> Self {
        Self {
            area: numbers.area,
            served: numbers.served,
            targets: target_bits(&service.targets),
            flags: flags(service, place),
            languages: numbers.languages,
            confirmed: day(service.confirmed_on),
            assessed: service
                .capacity
                .available
                .map_or(NEVER, |_| day(service.capacity.assessed_on)),
            available: service.capacity.available.unwrap_or(0),
            organisation: numbers.organisation,
            place: numbers.place,
        }
    }
}

/// What of a [`Record`] is a number in another list.
pub(super) struct Numbers {
    pub area: [u16; 3],
    pub served: [u16; 3],
    pub languages: u64,
    pub organisation: u32,
    pub place: u32,
}

impl Directory {
    /// Builds the index of what may be found: published services of published
    /// organisations at known places, none of them confidential by its flag,
    /// its type, its place or the mechanism. Everything else, and the words of
    /// organisations that offer nothing else, is absent from the index.
    #[must_use]
    pub fn build(
        organisations: impl IntoIterator<Item = impl Into<Arc<Organisation>>>,
        services: impl IntoIterator<Item = impl Into<Arc<Service>>>,
        places: impl IntoIterator<Item = impl Into<Arc<Place>>>,
        catalogue: &Catalogue,
        geography: &Geography,
        freshness: Freshness,
    ) -> Self {
        let organisations: Vec<Arc<Organisation>> = organisations.into_iter().map(Into::into).collect();
        let places: Vec<Arc<Place>> = places.into_iter().map(Into::into).collect();
        let mut areas = Areas::default();
        let kept = kept(services, &organisations, &places, catalogue);

        let mut out = Tables::default();
        for Kept {
            turn,
            service,
            live: is_live,
            organisation: o,
            place: p,
        } in kept
        {
            #[expect(clippy::cast_possible_truncation, reason = "a directory has fewer than 2^31 entries")]
            let entry = out.services.len() as u32;
            let place = &places[p];
            let numbers = Numbers {
                area: areas.of(place, geography),
                served: service
                    .served_area
                    .pcode()
                    .map_or([0; 3], |p| areas.chain(p, geography)),
                languages: language_bits(&mut out.languages, &service.languages),
                organisation: out.organisations.number(o),
                place: out.places.number(p),
            };
            let record = Record::of(&service, place, &numbers);
            if is_live {
                out.live.push(entry);
                each_text(
                    &service,
                    &organisations[o],
                    place,
                    catalogue,
                    geography,
                    |text, in_name| {
                        out.words.add(text, entry, in_name);
                    },
                );
                out.add_codes(&service, entry);
            }
            let point = place.point().filter(|_| has_distance(record.flags));
            out.turns.push(turn);
            out.units.push(point.map(narrow_unit));
            out.records.push(record);
            out.services.push(service);
        }
        let area_sets = geography
            .areas()
            .iter()
            .map(|a| (a.pcode.as_str().into(), areas.chain(&a.pcode, geography)))
            .collect();
        let gathered = lexicon::Gathering {
            types: &out.types,
            entries: out.services.len(),
        }
        .gather(catalogue.lexicon(), geography);
        out.finish(&organisations, &places, area_sets, gathered, freshness)
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
struct Renumbered(HashMap<usize, u32>);

impl Renumbered {
    fn number(&mut self, old: usize) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "a directory has fewer than 2^31 entries")]
        let next = self.0.len() as u32;
        *self.0.entry(old).or_insert(next)
    }

    fn take<T: Clone>(self, from: &[T]) -> Arc<[T]> {
        let mut kept: Vec<(u32, usize)> = self.0.into_iter().map(|(old, new)| (new, old)).collect();
        kept.sort_unstable();
        kept.into_iter().map(|(_, old)| from[old].clone()).collect()
    }
}

#[derive(Default)]
struct Tables {
    services: Vec<Arc<Service>>,
    /// Those that may be found.
    live: Vec<u32>,
    records: Vec<Record>,
    units: Vec<Option<[f32; 3]>>,
    words: Postings,
    categories: BTreeMap<Box<str>, Vec<u32>>,
    types: BTreeMap<Box<str>, Vec<u32>>,
    languages: HashMap<Arc<str>, u32>,
    turns: Vec<u32>,
    organisations: Renumbered,
    places: Renumbered,
}

impl Tables {
    fn finish(
        mut self,
        organisations: &[Arc<Organisation>],
        places: &[Arc<Place>],
        areas: Vec<(Box<str>, [u16; 3])>,
        mut gathered: lexicon::Gathered,
        freshness: Freshness,
    ) -> Directory {
        let (services, records) = (self.services, self.records);
        let entries = services.len();
        let mut live = Bits::none(entries);
        self.live.iter().for_each(|entry| live.insert(*entry));
        let those = |which: &dyn Fn(&Record) -> bool| {
            let found = live.iter().filter(|entry| which(&records[*entry as usize]));
            Set::of(found.collect(), entries)
        };
        let region = |(pcode, chain): &(Box<str>, [u16; 3])| match chain {
            [number, 0, 0] => Some((*number, Arc::from(&**pcode))),
            _ => None,
        };
        let region_codes = areas.iter().filter_map(region).collect();
        let areas = areas
            .into_iter()
            .map(|(pcode, chain)| {
                let area = Area {
                    chain,
                    served_by: those(&|r| r.is_served_in(chain)),
                    reached_by: those(&|r| r.reaches(chain)),
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
            self.words.mean(&word, &more);
        }
        for word in gathered.begins.keys() {
            self.words.mean(word, &[]);
        }
        let words: Words = self
            .words
            .0
            .into_iter()
            .map(|(word, postings)| {
                let begins = gathered.begins.get(&*word).copied().unwrap_or(0);
                (word, word_of(&postings, entries, begins))
            })
            .collect();
        let vocabulary = vocabulary(&words);
        let sounds = Sounds::of(&vocabulary);
        let mut spoken: Vec<Vec<u32>> = vec![Vec::new(); self.languages.len()];
        let mut hours: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let mut costs: BTreeMap<Cost, Vec<u32>> = BTreeMap::new();
        for entry in live.iter() {
            let service = &services[entry as usize];
            for number in service.languages.iter().filter_map(|l| self.languages.get(&**l)) {
                let list = &mut spoken[*number as usize];
                // A language may be said twice.
                if list.last() != Some(&entry) {
                    list.push(entry);
                }
            }
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
        let ids: Arc<[_]> = services.iter().map(|s| s.id).collect();
        let mut by_id: Vec<u32> = (0..).zip(&*ids).map(|(number, _)| number).collect();
        by_id.sort_unstable_by_key(|number| ids[*number as usize]);
        Directory {
            organisations: self.organisations.take(organisations),
            places: self.places.take(places),
            near: Near::of(&self.turns, &self.units, &records),
            ids,
            turns: self.turns.into(),
            by_id: by_id.into(),
            units: self.units.into(),
            words,
            vocabulary,
            sounds: Arc::new(sounds),
            lexicon: Arc::new(gathered.lexicon),
            by_cost,
            by_hours,
            on_call: those(&|r| r.is(ON_CALL)),
            categories: by_code(self.categories, entries),
            types: by_code(self.types, entries),
            areas,
            languages: self.languages,
            spoken: spoken.into_iter().map(|list| Set::of(list, entries)).collect(),
            remote: those(&|r| r.is(REMOTE)),
            serving_everywhere: those(&Record::serves_everywhere),
            coming_anywhere: those(&Record::comes_anywhere),
            for_everyone: those(&|r| r.targets == 0),
            by_target: (0..u16::BITS)
                .map(|n| 1 << n)
                .map(|bit| (bit, those(&|r| r.targets & bit != 0)))
                .collect(),
            located: Arc::new(located),
            regions: Arc::new(regions),
            region_codes: Arc::new(region_codes),
            found: self.live.len(),
            live,
            services,
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
}

/// The sets of entries under each code.
fn by_code<K: From<Box<str>> + Eq + Hash>(lists: BTreeMap<Box<str>, Vec<u32>>, entries: usize) -> HashMap<K, Set> {
    lists
        .into_iter()
        .map(|(code, list)| (code.into(), Set::of(list, entries)))
        .collect()
}

/// The bits of languages; one that is new is given a number.
pub(super) fn language_bits(known: &mut HashMap<Arc<str>, u32>, languages: &[String]) -> u64 {
    languages.iter().fold(0, |bits, code| {
        let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
        let n = *known.entry(code.as_str().into()).or_insert(next);
        bits | 1u64.checked_shl(n).unwrap_or(0)
    })
}

/// The words of an index, sorted.
pub(super) fn vocabulary(words: &Words) -> Arc<[Arc<str>]> {
    let mut sorted: Vec<Arc<str>> = words.keys().cloned().collect();
    sorted.sort_unstable();
    sorted.into()
}

/// Calls `each` with every text that an entry is found by, and whether it is a
/// name of it.
pub(super) fn each_text(
    service: &Service,
    organisation: &Organisation,
    place: &Place,
    catalogue: &Catalogue,
    geography: &Geography,
    mut each: impl FnMut(&str, bool),
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
            each(text, true);
        }
    }
    each(&service.service_type, false);
    if let Some(t) = catalogue.service_type(&service.service_type) {
        each(&t.name.fr, false);
        each(&t.name.en, false);
        if let Some(c) = catalogue.category(&t.category) {
            each(&c.name.fr, false);
            each(&c.name.en, false);
        }
    }
    if let Some(town) = &place.town {
        each(town, false);
    }
    // An estimated department is not a word to find a place by.
    let department = place.department.as_ref().filter(|_| !place.department_estimated);
    for pcode in [place.region.as_ref(), department, place.subdivision.as_ref()]
        .into_iter()
        .flatten()
    {
        if let Some(area) = geography.area(pcode) {
            each(&area.name.fr, false);
            each(&area.name.en, false);
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

impl Record {
    /// Whether a person is not too far from it, wherever they are: remote
    /// services are offered everywhere.
    pub(super) fn serves_everywhere(&self) -> bool {
        self.is(REMOTE) || self.served == [0; 3]
    }

    /// Whether it reaches any area.
    pub(super) fn comes_anywhere(&self) -> bool {
        self.is(REMOTE) || (self.is(MOBILE) && self.served == [0; 3])
    }

    /// Whether it serves an area, and not everywhere.
    pub(super) fn is_served_in(&self, area: [u16; 3]) -> bool {
        !self.serves_everywhere() && covers(self.served, area)
    }

    /// Whether it lies in an area or comes to it, and not anywhere.
    pub(super) fn reaches(&self, area: [u16; 3]) -> bool {
        !self.comes_anywhere() && (lies_in(self.area, area) || (self.is(MOBILE) && covers(self.served, area)))
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
