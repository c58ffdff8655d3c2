//! The directory in memory: an immutable index over organisations, services
//! and places, replaced when the directory's version changes (DESIGN §8): by
//! one that shares with it all that did not change, where single services did
//! (`change.rs`), else by one built anew. Confidential services never enter
//! it, so nothing that it answers (hit, order, count, distance, word) can
//! depend on one (DESIGN §6, "Confidential places"; DOMAIN §3).

mod build;
mod change;
mod cursor;
mod explain;
mod facets;
mod hours;
mod lexicon;
mod loosen;
mod near;
mod order;
mod ready;
mod reason;
mod search;
mod set;
mod today;
mod typo;
mod understand;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{NaiveDate, NaiveDateTime};

use crate::ServiceId;
use crate::organisation::Organisation;
use crate::place::{Place, Point};
use crate::service::{Cost, Service, Target};
use hours::Hours;
use lexicon::Lexicon;
use near::Near;
use search::Words;
use set::{Bits, Set};
use today::Today;
use typo::Sounds;

pub use cursor::{BadCursor, Cursor};
pub use explain::Look;
pub use facets::Facets as FacetCounts;
pub use hours::open_at;
pub use reason::{Freshness, Reason};
pub use search::Found;
pub use understand::{Loosened, Understood};

/// Most hits that one page carries, whatever a query asks.
pub const MAX_LIMIT: usize = 100;

/// Hits of a page when a query does not say (issue 2, acceptance 9).
pub const DEFAULT_LIMIT: usize = 20;

/// What is looked for, by the taxonomy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Every service of a category ("MED").
    Category(String),
    /// One service type ("MED.01").
    ServiceType(String),
}

/// A search. There is no switch for confidential services: they are found by
/// telephone, through the on-call list (DOMAIN §3).
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Words; every one must be found in the entry, or mean what it offers.
    /// Where none has them all, those with most of them are found; a place
    /// that they name is taken as `home`. Empty: any entry.
    pub words: String,
    /// Category or service type.
    pub wanted: Option<Wanted>,
    /// The point to measure distances from.
    pub near: Option<Point>,
    /// With `near`: only what lies within so many kilometres (and what is
    /// remote).
    pub within_km: Option<f64>,
    /// Pcode of the area where the person is or goes: a service that does not
    /// serve it is left out, a service in it comes first.
    pub home: Option<String>,
    /// Pcode of the area that the answer is limited to: services located in
    /// it, remote ones, and mobile ones that serve it. An unknown area finds
    /// only what reaches everywhere.
    pub inside: Option<String>,
    /// Language that should be spoken (list `lang`); it moves a service up and
    /// leaves none out, because interpretation is a service too (INF.06).
    pub language: Option<String>,
    /// Groups that the person belongs to; a service meant only for others is
    /// left out. Empty: not said.
    pub targets: Vec<Target>,
    /// What the person pays; an entry that says nothing is left out. Empty: not
    /// asked.
    pub costs: Vec<Cost>,
    /// Only what has free places, said not long ago.
    pub free_places: bool,
    /// Only what is remote.
    pub remote: bool,
    /// Only what is open then, local time, by its hours or because somebody
    /// answers day and night.
    pub open_at: Option<NaiveDateTime>,
    /// The need cannot wait for opening hours: services on call come first.
    pub urgent: bool,
    /// Today, for the age of entries.
    pub today: NaiveDate,
    /// Hits on a page, 1 to [`MAX_LIMIT`].
    pub limit: usize,
    /// Continue after this key.
    pub after: Option<Cursor>,
}

impl Query {
    /// A query for everything, first page, on that day.
    #[must_use]
    pub fn on(today: NaiveDate) -> Self {
        Self {
            words: String::new(),
            wanted: None,
            near: None,
            within_km: None,
            home: None,
            inside: None,
            language: None,
            targets: Vec::new(),
            costs: Vec::new(),
            free_places: false,
            remote: false,
            open_at: None,
            urgent: false,
            today,
            limit: DEFAULT_LIMIT,
            after: None,
        }
    }
}

/// One entry of the directory with what belongs to it.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'d> {
    /// The service.
    pub service: &'d Service,
    /// Who offers it.
    pub organisation: &'d Organisation,
    /// Where.
    pub place: &'d Place,
}

/// A service found.
#[derive(Debug, Clone)]
pub struct Hit<'d> {
    /// The entry's number in this directory.
    pub number: usize,
    /// The entry.
    pub entry: Entry<'d>,
    /// Kilometres from the query's point, to 0.1; `None` when there is no
    /// point, the place has no coordinates or the service is remote only.
    pub distance_km: Option<f64>,
    /// Why it stands where it stands, weightiest first.
    pub reasons: Vec<Reason>,
    /// The sum of the reasons' points, by which hits are ordered.
    pub points: i32,
}

/// One page of hits.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The hits, best first.
    pub hits: Vec<T>,
    /// Entries that match the query, on all pages.
    pub total: usize,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
    /// Words of the query that nobody understood; the others were searched.
    /// Folded (lower case, no marks).
    pub unknown_words: Vec<String>,
    /// What was given up to find anything.
    pub loosened: Option<Loosened>,
}

/// The immutable index. Entries are numbered in the order of their turns, then
/// of their ids (`order.rs`), which decides between equals. What is not offered
/// now has a number too, so that publishing it moves no other; it stands in no
/// set.
#[derive(Debug)]
pub struct Directory {
    organisations: Arc<[Arc<Organisation>]>,
    places: Arc<[Arc<Place>]>,
    services: Vec<Arc<Service>>,
    /// Those that may be found, and how many they are.
    live: Bits,
    found: usize,
    /// Parallel to `services`.
    ids: Arc<[ServiceId]>,
    /// Parallel to `services`, ascending.
    turns: Arc<[u32]>,
    /// The numbers of the services in the order of their ids.
    by_id: Arc<[u32]>,
    /// Parallel to `services`.
    records: Vec<Record>,
    /// Parallel to `services`: where a distance to them is measured to, `None`
    /// where it has no meaning.
    units: Arc<[Option<[f32; 3]>]>,
    words: Words,
    /// The keys of `words`, sorted, for the beginnings of words.
    vocabulary: Arc<[Arc<str>]>,
    /// Parallel to `vocabulary`: how its words sound.
    sounds: Arc<Sounds>,
    /// What is understood beside the words of entries.
    lexicon: Arc<Lexicon>,
    categories: HashMap<Arc<str>, Set>,
    types: HashMap<Box<str>, Set>,
    areas: HashMap<Box<str>, Area>,
    languages: HashMap<Arc<str>, u32>,
    /// Those that speak each language, by its number.
    spoken: Vec<Set>,
    remote: Set,
    /// Those that a person is not too far from, wherever they are.
    serving_everywhere: Set,
    /// Those that reach any area: remote, or mobile in the whole country.
    coming_anywhere: Set,
    for_everyone: Set,
    /// Those meant for a group, by its bit.
    by_target: Vec<(u16, Set)>,
    /// Those with a stated cost.
    by_cost: Vec<(Cost, Set)>,
    /// Those with hours that can be read, by their hours.
    by_hours: Vec<(Hours, Set)>,
    on_call: Set,
    /// Those with a unit vector, also what is not offered.
    located: Arc<Bits>,
    /// Those of each region, by its number, also what is not offered; 0 is
    /// unknown.
    regions: Arc<HashMap<u16, Bits>>,
    /// The P-codes of regions, by their numbers.
    region_codes: Arc<HashMap<u16, Arc<str>>>,
    near: Near,
    freshness: Freshness,
    /// The last day that was asked for.
    today: RwLock<Option<Arc<Today>>>,
}

/// An area of the country.
#[derive(Debug, Clone)]
struct Area {
    /// The numbers of its region, its department and itself.
    chain: [u16; 3],
    /// Those that serve it, beside the ones that serve everywhere.
    served_by: Set,
    /// Those in it, and those that come to it, beside the ones that come
    /// anywhere.
    reached_by: Set,
}

/// What scoring reads of a service: one cache line, no pointer.
#[derive(Debug, Clone, Copy)]
struct Record {
    /// Region, department, subdivision of the place; 0 is unknown. An
    /// estimated department stands here for filters only.
    area: [u16; 3],
    /// Region, department, subdivision served; 0 is all of the level above.
    served: [u16; 3],
    /// One bit a target group; 0 is everyone.
    targets: u16,
    flags: u8,
    /// One bit a language, the first 64 of the directory.
    languages: u64,
    /// Day of the last confirmation, days from the common era; `NEVER`.
    confirmed: i32,
    /// Day of the statement of free places; `NEVER`.
    assessed: i32,
    available: u32,
    organisation: u32,
    place: u32,
}

/// No date.
const NEVER: i32 = i32::MIN;

const LOCATED: u8 = 1;
const REMOTE: u8 = 2;
const MOBILE: u8 = 4;
const ON_SITE: u8 = 8;
const ESTIMATED: u8 = 16;
const ON_CALL: u8 = 32;
const COUNTRY: u8 = 64;
const DOUBTFUL: u8 = 128;

impl Record {
    const fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// Whether a distance to a service with these flags has a meaning: it has a
/// point, and somebody goes there or comes from there.
const fn has_distance(flags: u8) -> bool {
    flags & LOCATED != 0 && flags & (ON_SITE | MOBILE) != 0
}

impl Directory {
    /// Entries that may be found.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found
    }

    /// Whether nothing may be found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found == 0
    }

    /// Above every number of an entry.
    #[must_use]
    pub fn numbers(&self) -> usize {
        self.services.len()
    }

    /// The entry of a service, `None` when it is unknown, not published or
    /// confidential: the three look alike from here.
    #[must_use]
    pub fn entry(&self, id: ServiceId) -> Option<Entry<'_>> {
        let number = self.number_of(id).filter(|number| self.live.contains(*number));
        number.map(|number| self.entry_at(number as usize))
    }

    /// The number of a service that has one, also where it is not offered.
    #[must_use]
    pub fn number(&self, id: ServiceId) -> Option<usize> {
        self.number_of(id).map(|number| number as usize)
    }

    fn number_of(&self, id: ServiceId) -> Option<u32> {
        let at = self.by_id.binary_search_by_key(&id, |n| self.ids[*n as usize]);
        at.ok().map(|at| self.by_id[at])
    }

    /// Every entry, in the order of its number.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.numbered().map(|(_, entry)| entry)
    }

    /// Every entry with its number (see [`Found`]), ascending, below
    /// [`Self::numbers`]. An entry keeps its number in a directory that comes
    /// from this one by [`Self::with`].
    pub fn numbered(&self) -> impl Iterator<Item = (usize, Entry<'_>)> {
        let numbers = self.live.iter().map(|number| number as usize);
        numbers.map(|number| (number, self.entry_at(number)))
    }

    /// The entry of a number; `None` where it has none that may be found.
    #[must_use]
    pub fn numbered_as(&self, number: usize) -> Option<Entry<'_>> {
        let live = u32::try_from(number).is_ok_and(|n| number < self.numbers() && self.live.contains(n));
        live.then(|| self.entry_at(number))
    }

    fn entry_at(&self, number: usize) -> Entry<'_> {
        let record = &self.records[number];
        Entry {
            service: &self.services[number],
            organisation: &self.organisations[record.organisation as usize],
            place: &self.places[record.place as usize],
        }
    }

    /// What a day makes of the entries: counted once, kept while it lasts.
    fn today(&self, day: i32) -> Arc<Today> {
        let kept = self.today.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(today) = kept.as_ref().filter(|today| today.day == day) {
            return Arc::clone(today);
        }
        drop(kept);
        let today = Arc::new(Today::of(self, day));
        *self.today.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&today));
        today
    }
}
