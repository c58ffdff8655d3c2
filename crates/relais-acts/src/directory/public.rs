//! The directory for whoever has no account: the returned migrant with a
//! borrowed telephone, the village chief, the social worker. Nothing that is
//! asked here is written down anywhere.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_mechanism::{Lang, Mechanism};
use relais_network::ServiceId;
use relais_network::directory::{Entry, Freshness, Query, open_at};
use relais_network::life::DoubtCause;
use relais_network::service::{ServedArea, ServiceMode, Target};
use relais_store::Tx;

use super::shown::{public_numbers, shown_entries, shown_entry};
use crate::calls::mechanism_and_desk;
use crate::commands::ServiceSearch;
use crate::desk::Desk;
use crate::network::Network;
use crate::problem::ActError;
use crate::say::say;
use crate::services::asked::query;
use crate::services::look::{SHOWN, said, service_name};
use crate::services::{cost_says, doubt_says};
use crate::share::place_name;
use crate::views::Said;

/// An entry as everybody may read it: no name of a person, no telephone of one.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicEntry {
    /// Its id.
    pub id: ServiceId,
    /// What is offered.
    pub name: String,
    /// Who offers it.
    pub organisation: String,
    /// Where, in words.
    pub place: String,
    /// Kilometres from the place that was named.
    pub distance_km: Option<f64>,
    /// How it is offered: on site, by telephone, a team that comes.
    pub modes: Vec<(ServiceMode, &'static str)>,
    /// Opening hours as they are written; empty where they are not known.
    pub hours: String,
    /// Whether it is open now; none where the hours do not say.
    pub open: Option<bool>,
    /// Whether somebody answers day and night.
    pub on_call: bool,
    /// What the person pays; empty where it is not known.
    pub cost: &'static str,
    /// Numbers that anybody may call, each with its hours.
    pub numbers: Vec<(String, String)>,
    /// Languages spoken.
    pub languages: Vec<String>,
    /// For whom; empty: for everybody.
    pub targets: Vec<String>,
    /// The area served.
    pub area: String,
    /// How to come, papers to bring.
    pub how: String,
    /// The day on which no place was free, where that was said last and lately.
    pub full_on: Option<NaiveDate>,
    /// When the entry was last confirmed.
    pub confirmed_on: Option<NaiveDate>,
    /// What speaks against it, and since when.
    pub doubt: Option<(&'static str, NaiveDate)>,
    /// Made for a demonstration.
    pub demonstration: bool,
}

impl PublicEntry {
    /// An entry of the directory in the reader's language.
    #[must_use]
    pub fn of(network: &Network, mechanism: &Mechanism, entry: &Entry<'_>, lang: Lang, now: DateTime<Utc>) -> Self {
        let service = entry.service;
        let local = now.with_timezone(&mechanism.local()).naive_local();
        let today = local.date();
        let option = |list: &str, code: &str| mechanism.option_label(list, code, lang).unwrap_or(code).to_owned();
        let assessed = service.capacity.assessed_on;
        let lately = |on: &NaiveDate| (today - *on).num_days() <= i64::from(Freshness::default().capacity_days);
        Self {
            id: service.id,
            name: service.name.get(lang).to_owned(),
            organisation: entry.organisation.name.get(lang).to_owned(),
            place: network.said(entry.place.id, lang).to_owned(),
            distance_km: None,
            modes: service.modes.iter().map(|m| (*m, mode_says(*m, lang))).collect(),
            hours: service.opening_hours.clone(),
            open: if service.on_call {
                Some(true)
            } else {
                open_at(&service.opening_hours, local)
            },
            on_call: service.on_call,
            cost: service.cost.map_or("", |c| cost_says(c, lang)),
            numbers: public_numbers(mechanism, entry),
            languages: service.languages.iter().map(|l| option("lang", l)).collect(),
            targets: service
                .targets
                .iter()
                .filter(|t| **t != Target::Everyone)
                .map(|t| option("target", t.code()))
                .collect(),
            area: area_says(mechanism, &service.served_area, lang),
            how: service.how_to_refer.get(lang).to_owned(),
            full_on: assessed
                .filter(lately)
                .filter(|_| service.capacity.available == Some(0)),
            confirmed_on: service.confirmed_on,
            doubt: service.doubt().map(|d| (cause_says(d.cause, lang), d.on)),
            demonstration: service.demonstration,
        }
    }

    /// How it is offered beside on site, which is what anybody expects.
    pub fn other_modes(&self) -> impl Iterator<Item = &'static str> {
        let others = self.modes.iter().filter(|(mode, _)| *mode != ServiceMode::OnSite);
        others.map(|(_, says)| *says)
    }
}

/// What speaks against an entry, for anybody. Who pays for a service is not said to
/// everybody (F6.34): only what follows from it.
const fn cause_says(cause: DoubtCause, lang: Lang) -> &'static str {
    match cause {
        DoubtCause::FundingEnded => say(lang, "le service est peut-être arrêté", "the service may have stopped"),
        cause => doubt_says(cause, lang),
    }
}

const fn mode_says(mode: ServiceMode, lang: Lang) -> &'static str {
    match mode {
        ServiceMode::OnSite => say(lang, "sur place", "on site"),
        ServiceMode::Remote => say(lang, "à distance, par téléphone", "remote, by telephone"),
        ServiceMode::Mobile => say(lang, "une équipe se déplace", "a team comes"),
    }
}

fn area_says(mechanism: &Mechanism, area: &ServedArea, lang: Lang) -> String {
    area.pcode().map_or_else(
        || say(lang, "tout le pays", "the whole country").to_owned(),
        |p| place_name(mechanism, p, lang),
    )
}

/// A way into the directory: a category under the name that people give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicDoor {
    /// Category.
    pub category: String,
    /// What it is called.
    pub label: String,
}

/// The ways in, in the order of the taxonomy: those behind which something is.
#[must_use]
pub fn doors(desk: &Desk, lang: Lang, now: DateTime<Utc>) -> Vec<PublicDoor> {
    let (network, mechanism) = (desk.network(), desk.mechanism());
    let counts = network.directory.facets(&Query::on(local_date(now))).categories;
    let doors = mechanism.categories().iter().filter_map(|c| {
        let door = c.door.as_ref()?;
        counts.iter().any(|(code, _)| ***code == *c.code).then(|| PublicDoor {
            category: c.code.clone(),
            label: door.get(lang).to_owned(),
        })
    });
    doors.collect()
}

/// A search as the public page shows it.
#[derive(Debug, Clone, Default)]
pub struct PublicLook {
    /// Entries, best first.
    pub entries: Vec<PublicEntry>,
    /// How many there are on all pages.
    pub total: usize,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// How the words were understood.
    pub said: Said,
    /// The door or category that was chosen, in words.
    pub chosen: Option<String>,
}

/// Searches what everybody may see. Neither the words nor the place are kept.
///
/// # Errors
/// [`ActError::Invalid`] naming the parameter that cannot be read.
pub fn look(desk: &Arc<Desk>, asked: &ServiceSearch, lang: Lang, now: DateTime<Utc>) -> Result<PublicLook, ActError> {
    let (network, mechanism) = (desk.network(), desk.mechanism());
    let mut query = query(&mechanism, &network, asked, now)?;
    query.limit = SHOWN;
    let page = network.directory.search(&query);
    let entries = page.hits.iter().map(|hit| PublicEntry {
        distance_km: hit.distance_km,
        ..PublicEntry::of(&network, &mechanism, &hit.entry, lang, now)
    });
    let chosen = asked.category.as_deref().filter(|c| !c.is_empty());
    let door = |code: &str| mechanism.category(code).and_then(|c| c.door.as_ref());
    Ok(PublicLook {
        entries: entries.collect(),
        total: page.total,
        next: page.next.map(|c| c.to_string()),
        said: said(&mechanism, &network.directory.understand(&query), lang),
        chosen: chosen.map(|code| {
            door(code).map_or_else(
                || service_name(&mechanism, code, lang),
                |label| label.get(lang).to_owned(),
            )
        }),
    })
}

/// An entry, and what else the same organisation offers at the same place.
#[derive(Debug, Clone)]
pub struct PublicSheet {
    /// The entry.
    pub entry: PublicEntry,
    /// The others: id and name.
    pub beside: Vec<(ServiceId, String)>,
}

/// Most services that a sheet names beside its own.
const BESIDE: usize = 12;

/// One entry; what is not for everybody is answered like what does not exist.
///
/// # Errors
/// [`ActError::NotFound`].
pub fn entry(desk: &Arc<Desk>, id: ServiceId, lang: Lang, now: DateTime<Utc>) -> Result<PublicSheet, ActError> {
    let (network, mechanism) = (desk.network(), desk.mechanism());
    let entry = shown_entry(&network, id).ok_or(ActError::NotFound)?;
    let same = |other: &Entry<'_>| {
        (other.place.id, other.organisation.id) == (entry.place.id, entry.organisation.id) && other.service.id != id
    };
    let mut beside: Vec<(ServiceId, String)> = shown_entries(&network)
        .filter(same)
        .map(|e| (e.service.id, e.service.name.get(lang).to_owned()))
        .collect();
    beside.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
    beside.truncate(BESIDE);
    Ok(PublicSheet {
        entry: PublicEntry::of(&network, &mechanism, &entry, lang, now),
        beside,
    })
}

/// A number to call in danger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyLine {
    /// The number.
    pub number: String,
    /// Who answers.
    pub who: String,
    /// When, as it is written; empty where it is not known.
    pub hours: String,
    /// What whoever calls should know.
    pub note: String,
    /// The day of the last test call that was answered.
    pub tested_on: Option<NaiveDate>,
    /// Known, but verified by nobody and by no test call, or silent at the last.
    pub unverified: bool,
}

/// The numbers to call in danger: the country's fallback, as the deployment
/// keeps it, then the other emergency numbers of the mechanism (DOMAIN §5.4).
///
/// # Errors
/// When the store fails.
pub async fn emergency_lines(desk: &Arc<Desk>, lang: Lang) -> Result<Vec<EmergencyLine>, ActError> {
    let mechanism = desk.mechanism();
    let read = Arc::clone(&mechanism);
    let kept = desk
        .store()
        .read(move |tx: &mut Tx<'_>| mechanism_and_desk(tx, &read, lang))
        .await?;
    let of_mechanism = mechanism.on_call_entries();
    let fallback = kept.iter().filter(|e| e.region.is_empty()).map(|e| {
        let same = of_mechanism.iter().find(|n| n.region.is_none() && n.number == e.number);
        let silent = e.row.as_ref().is_some_and(|r| r.tested_at.is_some() && !r.answered);
        let called = e.row.as_ref().filter(|r| r.answered).and_then(|r| r.tested_at);
        let tested_on = called.map(local_date).or(e.tested_on);
        EmergencyLine {
            number: e.number.clone(),
            who: e.who.clone(),
            hours: e.hours.clone(),
            note: same.map_or_else(String::new, |n| n.note.get(lang).to_owned()),
            // A number whose last test call nobody answered is as good as unknown.
            unverified: silent || tested_on.is_none() && same.is_none_or(|n| n.mark.is_some()),
            tested_on,
        }
    });
    let others = mechanism.emergency_numbers().iter().map(|n| EmergencyLine {
        number: n.number.clone(),
        who: n.label.get(lang).to_owned(),
        hours: n.hours.clone(),
        note: n.note.get(lang).to_owned(),
        tested_on: n.last_test_call,
        unverified: n.mark.is_some() && n.last_test_call.is_none(),
    });
    let mut lines: Vec<EmergencyLine> = Vec::new();
    for line in fallback.chain(others) {
        if !line.number.trim().is_empty() && !lines.iter().any(|l| l.number == line.number) {
            lines.push(line);
        }
    }
    Ok(lines)
}
