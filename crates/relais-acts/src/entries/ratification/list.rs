//! What goes before the committee, read: the page, the sheet for the session's
//! papers, and how one entry stands.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calendar::local_date;
use relais_mechanism::Mechanism;
use relais_network::directory::Entry;
use relais_network::life::Line;
use relais_network::ratification::{self, Material, Ratification};
use relais_network::words::fold;
use relais_network::{PublicationStatus, Service, ServiceId};
use relais_store::rows::ratifications::{self as rows, RatificationRecord};
use relais_store::seal::Cell;
use relais_store::{StoreError, Tx};
use serde_json::json;
use uuid::Uuid;

use super::{
    Counted, EntryRatification, Figures, ListedEntry, MOST_LISTED, Prepared, Put, REFUSAL, ROWS, RatificationAsked,
    RatificationView, SESSIONS, Session, schema,
};
use crate::desk::{Desk, Viewer};
use crate::directory::{shown, shown_entry};
use crate::entries::read::Reader;
use crate::entries::unless_national;
use crate::entries::words::{Words, line_name};
use crate::network::Network;
use crate::problem::ActError;
use crate::services::look::service_name;

/// Where the list is kept, sealed.
pub(super) const fn cell(ratification: Uuid) -> Cell<'static> {
    Cell::new("ratification", "list", ratification, "list")
}

/// The list that waits, opened.
pub(super) fn opened(tx: &mut Tx<'_>, record: &RatificationRecord) -> Result<Vec<Put>, ActError> {
    let sealed = record.list.as_deref().ok_or_else(|| schema("no list"))?;
    let text = tx
        .sealer()
        .open(&cell(record.id), record.slot, sealed)
        .map_err(StoreError::from)?;
    Ok(serde_json::from_slice(&text).map_err(schema)?)
}

/// What everybody may see: the one door.
pub(super) fn seen<'n>(network: &'n Network, mechanism: &Mechanism) -> Vec<Entry<'n>> {
    shown(network, mechanism, &[]).entries
}

/// Of these, what the next session is asked, by organisation; in one order for both
/// languages, since the minutes name an entry by its number.
pub(super) fn candidates(mut entries: Vec<Entry<'_>>) -> Vec<Entry<'_>> {
    entries.retain(|e| ratification::is_listed(e.service, e.place));
    entries.sort_by_cached_key(|e| {
        (
            fold(&e.organisation.name.fr),
            e.organisation.code.clone(),
            e.service.service_type.clone(),
            fold(&e.service.name.fr),
            e.service.id,
        )
    });
    entries
}

/// How many entries wait for the committee, of what everybody may see.
pub(in crate::entries) fn waiting(network: &Network) -> usize {
    let entries = network.directory.entries();
    entries.filter(|e| ratification::is_listed(e.service, e.place)).count()
}

/// How an entry stands before the committee; none where nothing of it goes there:
/// one that is not offered, or that nobody may find.
pub(in crate::entries) fn of_entry(network: &Network, service: &Service) -> Option<EntryRatification> {
    if network.is_confidential(service.id) {
        return None;
    }
    let place = network.places.get(&service.place)?;
    let standing = ratification::standing(service, place);
    let last = service.ratified.as_deref();
    (standing != Ratification::Unpublished).then(|| EntryRatification {
        standing,
        on: last.map(|r| r.on),
        minutes: last.map_or_else(String::new, |r| r.minutes.clone()),
        changed: last.map_or_else(Vec::new, |r| r.of.changed(service, place)),
    })
}

/// An entry of the list, as everybody may see it now.
struct Listed<'n> {
    number: usize,
    entry: Entry<'n>,
    moved: bool,
}

/// The list that waits; what nobody may see any more leaves its number empty.
fn kept<'n>(network: &'n Network, put: &[Put]) -> Vec<Listed<'n>> {
    let listed = |(number, (id, sign)): (usize, &Put)| {
        let entry = shown_entry(network, *id)?;
        let moved = Material::of(entry.service, entry.place).sign() != *sign;
        Some(Listed { number, entry, moved })
    };
    (1..).zip(put).filter_map(listed).collect()
}

/// The entries of today, numbered.
fn of_today(entries: Vec<Entry<'_>>) -> Vec<Listed<'_>> {
    let listed = |(number, entry)| Listed {
        number,
        entry,
        moved: false,
    };
    (1..).zip(entries).map(listed).take(MOST_LISTED).collect()
}

fn row(words: Words<'_>, listed: &Listed<'_>, validated: &HashMap<ServiceId, DateTime<Utc>>) -> ListedEntry {
    let (
        lang,
        Entry {
            service,
            organisation,
            place,
        },
    ) = (words.lang, listed.entry);
    let before = service.ratified.as_deref();
    let changed = before.map_or_else(Vec::new, |r| r.of.changed(service, place));
    ListedEntry {
        number: listed.number,
        id: service.id,
        name: service.name.get(lang).to_owned(),
        organisation_id: organisation.id,
        organisation: organisation.name.get(lang).to_owned(),
        place: words.network.said(place.id, lang).to_owned(),
        kind: service_name(words.mechanism, &service.service_type, lang),
        targets: words.line(Line::Targets, &json!(service.targets)),
        area: words.area(&service.served_area),
        ratified_on: before.map(|r| r.on),
        changed: changed.into_iter().map(|l| line_name(l, lang).to_owned()).collect(),
        moved: listed.moved,
        validated_on: validated.get(&service.id).map(|at| local_date(*at)),
    }
}

/// Entries by a code that they have, in the order of the codes that are known;
/// others last.
fn counted(
    codes: impl Iterator<Item = (String, String)>,
    listed: &[Listed<'_>],
    code: impl Fn(&Entry<'_>) -> String,
) -> Vec<Counted> {
    let mut found: HashMap<String, usize> = HashMap::new();
    for entry in listed {
        *found.entry(code(&entry.entry)).or_default() += 1;
    }
    let mut all: Vec<Counted> = codes
        .filter_map(|(code, name)| {
            let entries = found.remove(&code)?;
            Some(Counted { code, name, entries })
        })
        .collect();
    let mut others: Vec<Counted> = found
        .into_iter()
        .map(|(code, entries)| Counted {
            name: "–".to_owned(),
            code,
            entries,
        })
        .collect();
    others.sort_by(|a, b| a.code.cmp(&b.code));
    all.append(&mut others);
    all
}

/// Reads the list: a page of it, or all with what the sheet says beside.
fn read(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, page: Option<usize>) -> Result<RatificationView, ActError> {
    let now = tx.now()?;
    let (mechanism, network) = (desk.mechanism(), desk.network_now(tx)?);
    let mut reader = Reader::new(tx, &mechanism, &network, viewer)?;
    let lang = viewer.lang;
    let all = seen(&network, &mechanism);
    let shown = all.len();
    let (mut ratified, mut doubtful) = (0, 0);
    for entry in &all {
        match ratification::standing(entry.service, entry.place) {
            Ratification::Ratified => ratified += 1,
            _ if entry.service.status == PublicationStatus::Doubtful => doubtful += 1,
            _ => {}
        }
    }
    let record = rows::prepared(tx)?;
    let today = candidates(all);
    let (listed, later) = match &record {
        Some(record) => {
            let listed = kept(&network, &opened(tx, record)?);
            let on_it: HashSet<ServiceId> = listed.iter().map(|l| l.entry.service.id).collect();
            let later = today.iter().filter(|e| !on_it.contains(&e.service.id)).count();
            (listed, later)
        }
        None => {
            let later = today.len().saturating_sub(MOST_LISTED);
            (of_today(today), later)
        }
    };
    let total = listed.len();
    let (first, rows_of_page) = page.map_or((0, total), |page| ((page - 1).saturating_mul(ROWS).min(total), ROWS));
    let validated = if page.is_none() {
        rows::validated(tx)?
    } else {
        HashMap::new()
    };
    let words = reader.words;
    let found: Vec<ListedEntry> = listed
        .iter()
        .skip(first)
        .take(rows_of_page)
        .map(|l| row(words, l, &validated))
        .collect();
    let mut sessions = Vec::new();
    for noted in rows::noted(tx, SESSIONS)? {
        sessions.push(Session {
            id: noted.id,
            held_on: noted.held_on,
            minutes: noted.minutes.unwrap_or_default(),
            figures: serde_json::from_str::<Figures>(&noted.figures).map_err(schema)?,
            noted_by: reader.name_of(tx, noted.noted_by)?,
            noted_at: noted.noted_at,
        });
    }
    let regions = mechanism
        .regions()
        .map(|r| (r.code.clone(), r.name.get(lang).to_owned()));
    let categories = mechanism.categories().iter();
    let categories = categories.map(|c| (c.code.clone(), c.label.get(lang).to_owned()));
    Ok(RatificationView {
        now,
        version: record.as_ref().map_or(0, |r| r.version),
        prepared: match &record {
            Some(record) => Some(Prepared {
                id: record.id,
                at: record.prepared_at,
                by: reader.name_of(tx, Some(record.prepared_by))?,
            }),
            None => None,
        },
        total,
        moved: listed.iter().filter(|l| l.moved).count(),
        later,
        doubtful,
        ratified,
        shown,
        regions: counted(regions, &listed, |e| e.place.region.clone().unwrap_or_default()),
        categories: counted(categories, &listed, |e| e.service.category().to_owned()),
        page: page.unwrap_or(1),
        more: total > first.saturating_add(found.len()),
        rows: found,
        sessions,
    })
}

/// What goes before the committee, page by page.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is not of the office for the whole country.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, asked: RatificationAsked) -> Result<RatificationView, ActError> {
    let page = asked.page.unwrap_or(1).max(1);
    looked_at(desk, viewer, Some(page)).await
}

/// All of it, for the session's papers.
///
/// # Errors
/// As [`view`].
pub async fn sheet(desk: &Arc<Desk>, viewer: &Viewer) -> Result<RatificationView, ActError> {
    looked_at(desk, viewer, None).await
}

async fn looked_at(desk: &Arc<Desk>, viewer: &Viewer, page: Option<usize>) -> Result<RatificationView, ActError> {
    unless_national(viewer, REFUSAL)?;
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        Ok((read(tx, &desk_, &viewer_, page)?, Vec::new()))
    })
    .await
}
