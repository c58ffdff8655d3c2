//! Search for services, and say why each stands where it stands.

pub(crate) mod asked;
pub(crate) mod labels;
pub(crate) mod look;
mod mapped;
mod told;

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_mechanism::places::Level;
use relais_mechanism::{Lang, Mechanism};
use relais_network::catalogue::{self, Area, AreaLevel, Catalogue, Geography, Lexicon};
use relais_network::directory::{Cursor, Freshness, Reason, Wanted};
use relais_network::life::DoubtCause;
use relais_network::place::{Place, Point};
use relais_network::service::{Cost, Service};

use crate::commands::ServiceSearch;
use crate::desk::Desk;
use crate::entries::paid_says;
use crate::network::Network;
use crate::problem::ActError;
use crate::say::{date, say, tenths};
use crate::share::place_name;
use crate::views::{Proposal, ServicePage};

pub use look::look;
pub use mapped::{Mapped, MappedRow, mapped};

/// The taxonomy as the directory reads it.
#[must_use]
pub fn catalogue(mechanism: &Mechanism) -> Catalogue {
    Catalogue::new(
        mechanism.categories().iter().map(|c| catalogue::Category {
            code: c.code.clone(),
            name: c.label.clone(),
        }),
        mechanism.services().iter().map(|s| catalogue::ServiceType {
            code: s.code.clone(),
            category: s.category.clone(),
            name: s.label.clone(),
            confidential: s.confidential,
        }),
    )
    .with_lexicon(Lexicon::of(mechanism))
}

/// The country's areas as the directory reads them.
#[must_use]
pub fn geography(mechanism: &Mechanism) -> Geography {
    Geography::new(
        mechanism
            .places()
            .iter()
            .map(|p| Area {
                pcode: p.code.clone(),
                parent: p.parent.clone(),
                level: match p.level {
                    Level::Region => AreaLevel::Region,
                    Level::Department => AreaLevel::Department,
                    Level::Subdivision => AreaLevel::Subdivision,
                },
                name: p.name.clone(),
                chief_town: p.coordinates.and_then(|(lat, lon)| Point::new(lat, lon)),
            })
            .collect(),
    )
}

/// After how many days what the directory says counts as old.
#[must_use]
pub fn freshness(mechanism: &Mechanism) -> Freshness {
    Freshness {
        entry_days: u16::try_from(mechanism.rules().directory_stale_days).unwrap_or(u16::MAX),
        ..Freshness::default()
    }
}

/// Searches the directory; the answer is written into room that is empty.
/// Nothing of a person goes in or comes out, so no case is named in the access log.
///
/// # Errors
/// [`ActError::Invalid`] naming the parameter that cannot be read.
pub fn search(
    desk: &Arc<Desk>,
    asked: &ServiceSearch,
    lang: Lang,
    now: DateTime<Utc>,
    room: Vec<u8>,
) -> Result<ServicePage, ActError> {
    let network = desk.network();
    let query = asked::query(&desk.mechanism(), &network, asked, now)?;
    let page = network.directory.find(&query);
    let next = page.next.map(|c| c.to_string());
    let mut answer = network.service_rows(lang).page(&page.hits, next.as_deref(), room);
    told::unknown_words(&mut answer, &page.unknown_words);
    if asked.facets {
        told::counts(&mut answer, &network.directory, &query, page.total);
    }
    Ok(answer)
}

/// The place that a typed name with a slip may mean, and its coordinates.
fn nearly_named(mechanism: &Mechanism, typed: &str) -> Result<(String, Option<Point>), ActError> {
    let found = mechanism.find_place(typed);
    let place = found.first().map(|m| m.place).ok_or_else(|| {
        ActError::field(
            "place",
            "unknown_place",
            (
                "Lieu inconnu : écrivez une région, un département, un arrondissement ou un chef-lieu.",
                "Unknown place: write a region, a department, a subdivision or a chief town.",
            ),
        )
    })?;
    Ok((place.code.clone(), coordinates(mechanism, &place.code)))
}

/// A category or a service type, as the point in its code tells.
#[must_use]
pub fn wanted(code: &str) -> Wanted {
    if code.contains('.') {
        Wanted::ServiceType(code.to_owned())
    } else {
        Wanted::Category(code.to_owned())
    }
}

/// The cursor of a page, or none.
///
/// # Errors
/// [`ActError::Invalid`] when it is not one of ours.
pub fn cursor(typed: Option<&str>) -> Result<Option<Cursor>, ActError> {
    typed
        .filter(|t| !t.is_empty())
        .map(str::parse)
        .transpose()
        .map_err(|_| {
            ActError::field(
                "after",
                "bad_cursor",
                ("Repartez de la première page.", "Start from the first page."),
            )
        })
}

fn point(typed: &str) -> Result<Point, ActError> {
    typed
        .split_once(',')
        .and_then(|(lat, lon)| Point::new(lat.trim().parse().ok()?, lon.trim().parse().ok()?))
        .ok_or_else(|| {
            ActError::field(
                "near",
                "bad_coordinates",
                (
                    "Écrivez « latitude,longitude » en degrés, comme 4.05,9.70.",
                    "Write “latitude,longitude” in degrees, as 4.05,9.70.",
                ),
            )
        })
}

/// The coordinates of a place, or of the nearest place above it that has any.
#[must_use]
pub fn coordinates(mechanism: &Mechanism, code: &str) -> Option<Point> {
    let mut at = mechanism.place(code);
    while let Some(place) = at {
        if let Some((lat, lon)) = place.coordinates {
            return Point::new(lat, lon);
        }
        at = place.parent.as_deref().and_then(|p| mechanism.place(p));
    }
    None
}

/// Where a place is, in words: its town or the smallest area known, then its region.
#[must_use]
pub fn where_is(mechanism: &Mechanism, place: &Place, lang: Lang) -> String {
    let mut parts: Vec<String> = Vec::new();
    if let Some(town) = &place.town {
        parts.push(town.clone());
    } else if let Some(code) = place.subdivision.as_ref().or(place.department.as_ref()) {
        parts.push(place_name(mechanism, code, lang));
    }
    if let Some(region) = &place.region {
        let name = place_name(mechanism, region, lang);
        if !parts.contains(&name) {
            parts.push(name);
        }
    }
    parts.join(", ")
}

/// What a service costs the person, in words.
#[must_use]
pub const fn cost_says(cost: Cost, lang: Lang) -> &'static str {
    match cost {
        Cost::Free => say(lang, "gratuit", "free of charge"),
        Cost::Subsidised => say(lang, "subventionné", "subsidised"),
        Cost::Paid => say(lang, "payant", "to be paid"),
        Cost::Project => say(lang, "pris en charge par un projet", "paid by a project"),
    }
}

/// A service with the reasons for it, as the page "refer" shows it.
#[must_use]
pub fn proposal(
    mechanism: &Mechanism,
    network: &Network,
    service: &Service,
    distance_km: Option<f64>,
    reasons: &[Reason],
    lang: Lang,
) -> Proposal {
    let organisation = network.organisations.get(&service.organisation);
    let capacity = match (service.capacity.available, service.capacity.assessed_on) {
        (Some(0), Some(on)) => format!("{} ({})", say(lang, "complet", "full"), date(on)),
        (Some(n), Some(on)) => format!("{n} {} ({})", say(lang, "libres", "free"), date(on)),
        _ => say(lang, "non dit", "not stated").to_owned(),
    };
    let cost = service
        .cost
        .map_or_else(|| say(lang, "non dit", "not stated"), |c| cost_says(c, lang))
        .to_owned();
    let mut telephones: Vec<String> = service.telephones.iter().map(|t| t.number.clone()).collect();
    if telephones.is_empty() {
        telephones.extend(organisation.and_then(|o| o.telephone.clone()));
    }
    Proposal {
        id: service.id,
        name: service.name.get(lang).to_owned(),
        organisation: organisation.map_or_else(String::new, |o| o.name.get(lang).to_owned()),
        organisation_id: service.organisation,
        place: network.said(service.place, lang).to_owned(),
        distance_km,
        reasons: reasons.iter().map(|r| reason_says(*r, mechanism, lang)).collect(),
        capacity,
        cost,
        confirmed_on: service.confirmed_on,
        paid: network.seen_paying(service).map(|p| paid_says(p, lang)).collect(),
        telephones,
        has_account: network.with_account.contains(&service.organisation),
        demonstration: service.demonstration,
    }
}

/// What speaks against an entry, in words.
#[must_use]
pub const fn doubt_says(cause: DoubtCause, lang: Lang) -> &'static str {
    match cause {
        DoubtCause::Overdue => say(lang, "personne ne l’a confirmée à temps", "nobody confirmed it in time"),
        DoubtCause::NoCapacity => say(
            lang,
            "une demande déclinée faute de place",
            "a request declined for lack of room",
        ),
        DoubtCause::OutsideArea => say(
            lang,
            "une demande déclinée, hors de la zone couverte",
            "a request declined, outside the area served",
        ),
        DoubtCause::NotEligible => say(
            lang,
            "une demande déclinée, public non accueilli",
            "a request declined, person not eligible",
        ),
        DoubtCause::ServiceEnded => say(
            lang,
            "le prestataire dit que le service est arrêté",
            "the provider says that the service has ended",
        ),
        DoubtCause::FundingEnded => say(
            lang,
            "le dernier programme qui payait ce service a pris fin",
            "the last programme that paid for this service has ended",
        ),
        DoubtCause::Reported => say(
            lang,
            "l’unité de coordination a appris autre chose",
            "the coordination unit heard otherwise",
        ),
        DoubtCause::SetApart => say(
            lang,
            "le comité de pilotage demande une vérification",
            "the steering committee asks for a check",
        ),
    }
}

/// A reason in words, with "ok" or "care".
pub(crate) fn reason_says(reason: Reason, mechanism: &Mechanism, lang: Lang) -> (&'static str, Cow<'static, str>) {
    type Words = Cow<'static, str>;
    fn ok(text: impl Into<Words>) -> (&'static str, Words) {
        ("ok", text.into())
    }
    fn care(text: impl Into<Words>) -> (&'static str, Words) {
        ("care", text.into())
    }
    match reason {
        Reason::OnCall => ok(say(lang, "Astreinte jour et nuit", "On call day and night")),
        Reason::SameSubdivision => ok(say(lang, "Même arrondissement", "Same subdivision")),
        Reason::SameDepartment => ok(say(lang, "Même département", "Same department")),
        Reason::SameRegion => ok(say(lang, "Même région", "Same region")),
        Reason::Distance { km: d } => ok(match lang {
            Lang::Fr => format!("À {}\u{a0}km à vol d’oiseau", tenths(lang, d)),
            Lang::En => format!("{} km as the crow flies", tenths(lang, d)),
        }),
        Reason::Named => ok(say(lang, "Porte le nom cherché", "Bears the name searched for")),
        Reason::TargetFits { target } => {
            let group = mechanism
                .option_label("target", target.code(), lang)
                .unwrap_or(target.code());
            ok(match lang {
                Lang::Fr => format!("Public accueilli\u{a0}: {group}"),
                Lang::En => format!("For: {group}"),
            })
        }
        Reason::SpeaksLanguage => ok(say(
            lang,
            "Parle la langue de la personne",
            "Speaks the person’s language",
        )),
        Reason::CapacityFree { places, on } => ok(match lang {
            Lang::Fr => format!("{places} places libres le {}", date(on)),
            Lang::En => format!("{places} places free on {}", date(on)),
        }),
        Reason::Full { on } => care(match lang {
            Lang::Fr => format!("Complet le {}", date(on)),
            Lang::En => format!("Full on {}", date(on)),
        }),
        Reason::Confirmed { days } => ok(match lang {
            Lang::Fr => format!("Fiche confirmée il y a {days}\u{a0}j"),
            Lang::En => format!("Entry confirmed {days} days ago"),
        }),
        Reason::Stale { days } => care(match lang {
            Lang::Fr => format!("Fiche vieille de {days} jours\u{a0}: téléphoner d’abord"),
            Lang::En => format!("Entry {days} days old: telephone first"),
        }),
        Reason::NeverConfirmed => care(say(
            lang,
            "Fiche jamais confirmée\u{a0}: téléphoner d’abord",
            "Entry never confirmed: telephone first",
        )),
        Reason::Doubtful { cause, on } => care(match lang {
            Lang::Fr => format!(
                "Fiche douteuse depuis le {}\u{a0}: {}",
                date(on),
                doubt_says(cause, lang)
            ),
            Lang::En => format!("Entry in doubt since {}: {}", date(on), doubt_says(cause, lang)),
        }),
        Reason::ServesCountry => ok(say(lang, "Dessert tout le pays", "Serves the whole country")),
        Reason::Remote => ok(say(lang, "À distance, par téléphone", "Remote, by telephone")),
    }
}
