//! The directory as a document: *annuaire des prestataires*, by region and
//! category, with entries numbered through, so that an index can point at them.
//! It holds what was checked and nothing in doubt, and says how many entries
//! that leaves out.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_mechanism::{Lang, Mechanism};
use relais_network::directory::Entry;
use relais_network::ratification::holding;
use relais_network::words::fold;
use relais_network::{OrganisationId, PlaceId, PublicationStatus};
use sha2::{Digest as _, Sha256};

use super::public::PublicEntry;
use super::shown::shown;
use crate::desk::{Desk, Viewer};
use crate::network::Network;
use crate::problem::ActError;
use crate::services::look::service_name;
use crate::share::place_name;

/// What is printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Region, by its code; none: the whole country.
    pub region: Option<String>,
    /// With focal points and their alternates.
    pub contacts: bool,
}

/// Who is called to refer somebody: the first is the focal point, the others
/// are alternates (F6.09).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Function; empty where it was not said.
    pub who: String,
    /// Number.
    pub number: String,
    /// When somebody answers.
    pub hours: String,
}

/// What one organisation offers at one place, of one category: an entry of the
/// booklet.
#[derive(Debug, Clone)]
pub struct BookletEntry {
    /// Number in the booklet, from 1.
    pub number: usize,
    /// Who offers it.
    pub organisation: String,
    /// Where, in words.
    pub place: String,
    /// Its services, by name; at least one.
    pub services: Vec<BookletService>,
}

/// A service of an entry.
#[derive(Debug, Clone)]
pub struct BookletService {
    /// What everybody may read.
    pub shown: PublicEntry,
    /// Focal point and alternates; none in the booklet for everybody.
    pub contacts: Vec<Contact>,
    /// When the steering committee ratified it as it stands.
    pub ratified_on: Option<NaiveDate>,
}

/// The entries of a category in one region.
#[derive(Debug, Clone)]
pub struct Section {
    /// Name of the category.
    pub category: String,
    /// Its entries, by place and organisation.
    pub entries: Vec<BookletEntry>,
}

/// A region.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// Its name; none for what lies in no region that is known.
    pub region: Option<String>,
    /// By category, in the order of the taxonomy.
    pub sections: Vec<Section>,
}

/// A line of an index: a name, and the numbers of entries.
pub type IndexLine = (String, Vec<usize>);

/// The booklet.
#[derive(Debug, Clone)]
pub struct Booklet {
    /// The region that it is of; none: the whole country.
    pub region: Option<String>,
    /// The day on which it was made.
    pub on: NaiveDate,
    /// The sign of this edition, drawn from what is printed and nothing else: the
    /// same content has the same sign, and what is not printed changes none (the
    /// directory's own version moves with every entry, also an unseen one).
    pub sign: String,
    /// Version of the mechanism.
    pub mechanism: String,
    /// Whether focal points stand in it.
    pub contacts: bool,
    /// Services in it.
    pub total: usize,
    /// Services in doubt, which are left out.
    pub left_out: usize,
    /// By region.
    pub chapters: Vec<Chapter>,
    /// By name of organisation.
    pub organisations: Vec<IndexLine>,
    /// By town.
    pub towns: Vec<IndexLine>,
    /// Whether anything in it was made for a demonstration.
    pub demonstration: bool,
}

/// Whether a viewer may print focal points: the coordination unit.
#[must_use]
pub fn may_print_contacts(viewer: &Viewer) -> bool {
    crate::coordination::office(viewer).is_some()
}

/// What the page that leads to the booklets says of each: code, name, entries
/// in it, entries left out. The whole country comes first, without a code.
#[must_use]
pub fn offered(desk: &Desk, lang: Lang) -> Vec<(String, String, usize, usize)> {
    let (network, mechanism) = (desk.network(), desk.mechanism());
    let mut offered = vec![(String::new(), String::new())];
    offered.extend(
        mechanism
            .regions()
            .map(|r| (r.code.clone(), r.name.get(lang).to_owned())),
    );
    offered
        .into_iter()
        .map(|(code, name)| {
            let (printed, left_out) = counted(&network, &mechanism, &regions(&code));
            (code, name, printed, left_out)
        })
        .collect()
}

fn regions(code: &str) -> Vec<String> {
    Some(code.to_owned()).into_iter().filter(|c| !c.is_empty()).collect()
}

fn counted(network: &Network, mechanism: &Mechanism, regions: &[String]) -> (usize, usize) {
    let shown = shown(network, mechanism, regions);
    let printed = shown.entries.iter().filter(|e| is_printed(e)).count();
    (printed, shown.entries.len() - printed)
}

/// Whether an entry is printed: paper cannot say tomorrow that it was in doubt.
fn is_printed(entry: &Entry<'_>) -> bool {
    entry.service.status == PublicationStatus::Published
}

/// Where an entry stands in the booklet.
type Order = (bool, String, usize, String, String, (OrganisationId, PlaceId), String);

/// Makes a booklet.
///
/// # Errors
/// [`ActError::NotFound`] for a region that does not exist;
/// [`ActError::Forbidden`] for contacts that are not this viewer's to print.
pub fn make(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    wanted: &Wanted,
    lang: Lang,
    now: DateTime<Utc>,
) -> Result<Booklet, ActError> {
    if wanted.contacts && !may_print_contacts(viewer) {
        return Err(ActError::Forbidden {
            code: "booklet_contacts",
        });
    }
    let (network, mechanism) = (desk.network(), desk.mechanism());
    let code = wanted.region.as_deref().filter(|c| !c.is_empty());
    let region = match code {
        Some(code) => Some(mechanism.regions().find(|r| r.code == code).ok_or(ActError::NotFound)?),
        None => None,
    };
    let all = shown(&network, &mechanism, &regions(code.unwrap_or_default()));
    let categories: BTreeMap<&str, usize> = mechanism
        .categories()
        .iter()
        .enumerate()
        .map(|(n, c)| (c.code.as_str(), n))
        .collect();
    let order = |e: &Entry<'_>| -> Order {
        let lies_in = e.place.region.clone().unwrap_or_default();
        (
            // The region asked for first, what lies nowhere last.
            code.is_some_and(|c| c != lies_in),
            if lies_in.is_empty() {
                "~".to_owned()
            } else {
                fold(&place_name(&mechanism, &lies_in, lang))
            },
            categories.get(e.service.category()).copied().unwrap_or(usize::MAX),
            fold(network.said(e.place.id, lang)),
            fold(e.organisation.name.get(lang)),
            (e.organisation.id, e.place.id),
            fold(e.service.name.get(lang)),
        )
    };
    let mut printed: Vec<(Order, Entry<'_>)> = all
        .entries
        .iter()
        .filter(|e| is_printed(e))
        .map(|e| (order(e), *e))
        .collect();
    printed.sort_by(|(a, x), (b, y)| (a, x.service.id).cmp(&(b, y.service.id)));
    let left_out = all.entries.len() - printed.len();
    let mut booklet = Booklet {
        region: region.map(|r| r.name.get(lang).to_owned()),
        on: local_date(now),
        sign: String::new(),
        mechanism: mechanism.version().to_owned(),
        contacts: wanted.contacts,
        total: printed.len(),
        left_out,
        chapters: Vec::new(),
        organisations: Vec::new(),
        towns: Vec::new(),
        demonstration: printed.iter().any(|(_, e)| e.service.demonstration),
    };
    let (mut organisations, mut towns) = (Index::default(), Index::default());
    let (mut lies_in, mut category, mut of) = (None, "", None);
    let mut number = 0;
    for (_, entry) in &printed {
        let here = Some(entry.place.region.as_deref());
        if lies_in != here {
            (lies_in, category, of) = (here, "", None);
            booklet.chapters.push(Chapter {
                region: entry.place.region.as_ref().map(|r| place_name(&mechanism, r, lang)),
                sections: Vec::new(),
            });
        }
        let Some(chapter) = booklet.chapters.last_mut() else {
            continue;
        };
        if category != entry.service.category() || chapter.sections.is_empty() {
            (category, of) = (entry.service.category(), None);
            chapter.sections.push(Section {
                category: service_name(&mechanism, category, lang),
                entries: Vec::new(),
            });
        }
        let Some(section) = chapter.sections.last_mut() else {
            continue;
        };
        let offered = Some((entry.organisation.id, entry.place.id));
        if of != offered {
            of = offered;
            number += 1;
            section.entries.push(BookletEntry {
                number,
                organisation: entry.organisation.name.get(lang).to_owned(),
                place: network.said(entry.place.id, lang).to_owned(),
                services: Vec::new(),
            });
            organisations.add(entry.organisation.name.get(lang), number);
            if let Some(town) = town(&mechanism, entry, lang) {
                towns.add(&town, number);
            }
        }
        if let Some(block) = section.entries.last_mut() {
            block.services.push(BookletService {
                shown: PublicEntry::of(&network, &mechanism, entry, lang, now),
                contacts: if wanted.contacts { contacts(entry) } else { Vec::new() },
                ratified_on: holding(entry.service, entry.place).map(|r| r.on),
            });
        }
    }
    booklet.organisations = organisations.lines();
    booklet.towns = towns.lines();
    booklet.sign = sign(&booklet.chapters);
    Ok(booklet)
}

/// Eight hexadecimal digits of what is printed; whether it is open just now is
/// not.
fn sign(chapters: &[Chapter]) -> String {
    let mut hash = Sha256::new();
    for entry in chapters.iter().flat_map(|c| &c.sections).flat_map(|s| &s.entries) {
        hash.update(format!("{} {} {}", entry.number, entry.organisation, entry.place));
        for service in &entry.services {
            let shown = PublicEntry {
                open: None,
                ..service.shown.clone()
            };
            hash.update(format!("{shown:?} {:?} {:?}", service.contacts, service.ratified_on));
        }
    }
    hex::encode(&hash.finalize()[..4])
}

fn contacts(entry: &Entry<'_>) -> Vec<Contact> {
    let own = entry.service.telephones.iter().map(|t| Contact {
        who: t.who.clone(),
        number: t.number.clone(),
        hours: t.hours.clone(),
    });
    own.collect()
}

/// The town by which an entry is looked up: its own, else the chief town of its
/// department.
fn town(mechanism: &Mechanism, entry: &Entry<'_>, lang: Lang) -> Option<String> {
    let place = entry.place;
    place.town.clone().or_else(|| {
        let code = place.subdivision.as_ref().or(place.department.as_ref())?;
        let area = mechanism.place(code)?;
        Some(
            area.chief_town
                .clone()
                .unwrap_or_else(|| area.name.get(lang).to_owned()),
        )
    })
}

/// An index while it is made: by the name as it is compared.
#[derive(Default)]
struct Index(BTreeMap<String, IndexLine>);

impl Index {
    fn add(&mut self, name: &str, number: usize) {
        let line = self
            .0
            .entry(fold(name))
            .or_insert_with(|| (name.to_owned(), Vec::new()));
        line.1.push(number);
    }

    fn lines(self) -> Vec<IndexLine> {
        self.0.into_values().collect()
    }
}
