//! The directory in memory: an immutable index over organisations, services
//! and places, replaced as a whole when the directory's version changes
//! (DESIGN §8). Confidential services never enter it, so nothing that it
//! answers (hit, order, count, distance, word) can depend on one (DESIGN §6,
//! "Confidential places"; DOMAIN §3).

mod build;
mod cursor;
mod reason;
mod search;

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::ServiceId;
use crate::organisation::Organisation;
use crate::place::{Place, Point};
use crate::service::{Service, Target};

pub use cursor::{BadCursor, Cursor};
pub use reason::{Freshness, Reason};

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
    /// Words; every one must be found in the entry. Empty: any entry.
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
    /// Words of the query that stand in no entry at all: a likely slip. Folded
    /// (lower case, no marks).
    pub unknown_words: Vec<String>,
}

/// The immutable index. Build it again when the directory changes.
#[derive(Debug)]
pub struct Directory {
    organisations: Vec<Organisation>,
    places: Vec<Place>,
    services: Vec<Service>,
    /// Parallel to `services`: what breaks a tie, packed so that reading it
    /// does not fetch a whole entry.
    ids: Vec<ServiceId>,
    /// Parallel to `services`.
    records: Vec<Record>,
    by_id: HashMap<ServiceId, u32>,
    words: HashMap<Box<str>, Arc<[u32]>>,
    /// The keys of `words`, sorted, for the beginnings of words.
    vocabulary: Vec<Box<str>>,
    categories: HashMap<Box<str>, Coded>,
    types: HashMap<Box<str>, Coded>,
    areas: HashMap<Box<str>, [u16; 3]>,
    languages: HashMap<Box<str>, u32>,
    /// Remote and mobile services, which reach beyond their place.
    reaching: Vec<u32>,
    /// Services by grid cell of their place.
    grid: HashMap<(i16, i16), Vec<u32>>,
    freshness: Freshness,
}

/// A code of the taxonomy: its small number and its services.
#[derive(Debug)]
struct Coded {
    number: u16,
    services: Vec<u32>,
}

/// What scoring reads of a service: one cache line, no pointer.
#[derive(Debug, Clone, Copy)]
struct Record {
    /// Unit vector of the place.
    unit: [f32; 3],
    /// Region, department, subdivision of the place; 0 is unknown. An
    /// estimated department stands here for filters only.
    area: [u16; 3],
    /// Region, department, subdivision served; 0 is all of the level above.
    served: [u16; 3],
    category: u16,
    service_type: u16,
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

impl Record {
    const fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether a distance to the service has a meaning: it has a point, and
    /// somebody goes there or comes from there.
    const fn has_distance(&self) -> bool {
        self.is(LOCATED) && self.flags & (ON_SITE | MOBILE) != 0
    }
}

impl Directory {
    /// Entries that may be found.
    #[must_use]
    pub fn len(&self) -> usize {
        self.services.len()
    }

    /// Whether nothing may be found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.services.is_empty()
    }

    /// The entry of a service, `None` when it is unknown, not published or
    /// confidential: the three look alike from here.
    #[must_use]
    pub fn entry(&self, id: ServiceId) -> Option<Entry<'_>> {
        self.by_id.get(&id).map(|&i| self.entry_at(i))
    }

    fn entry_at(&self, i: u32) -> Entry<'_> {
        let record = &self.records[i as usize];
        Entry {
            service: &self.services[i as usize],
            organisation: &self.organisations[record.organisation as usize],
            place: &self.places[record.place as usize],
        }
    }
}
