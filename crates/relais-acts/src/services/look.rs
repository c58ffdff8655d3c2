//! The search as a page shows it: entries with their reasons, what the words
//! were understood as, and what else there is to choose.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_mechanism::places::Level;
use relais_mechanism::{Lang, Mechanism};
use relais_network::directory::{Look, Understood};

use super::asked::query;
use super::labels::labelled;
use super::reason_says;
use crate::commands::ServiceSearch;
use crate::desk::Desk;
use crate::network::Network;
use crate::problem::ActError;
use crate::share::place_name;
use crate::views::{Choice, Choosable, Offered, Said, ServiceChoices, ServiceLook};

/// Entries on one page: each says why it stands there, and the page stays light.
pub(crate) const SHOWN: usize = 8;

/// Searches the directory for a page; what was found, and the directory in which
/// it stands.
///
/// # Errors
/// [`ActError::Invalid`] naming the parameter that cannot be read.
pub fn look(
    desk: &Arc<Desk>,
    asked: &ServiceSearch,
    lang: Lang,
    now: DateTime<Utc>,
) -> Result<(ServiceLook, Arc<Network>), ActError> {
    let (network, mechanism) = (desk.network(), desk.mechanism());
    let mut query = query(&mechanism, &network, asked, now)?;
    query.limit = SHOWN;
    let Look {
        page,
        counts: found,
        understood,
    } = network.directory.look(&query);
    let offered = page
        .hits
        .iter()
        .map(|hit| Offered {
            number: hit.number,
            distance_km: hit.distance_km,
            reasons: hit.reasons.iter().map(|r| reason_says(*r, &mechanism, lang)).collect(),
        })
        .collect();
    let labels = network.labels(&mechanism, lang);
    let look = ServiceLook {
        offered,
        total: page.total,
        next: page.next.map(|c| c.to_string()),
        said: said(&mechanism, &understood, lang),
        choices: ServiceChoices {
            categories: labelled(coded(&found.categories), &labels.categories),
            regions: regions(
                &mechanism,
                labelled(coded(&found.regions), &labels.regions),
                asked,
                page.total,
                lang,
            ),
            languages: labelled(coded(&found.languages), &labels.languages),
            costs: labelled(found.costs.iter().map(|(c, n)| (c.code(), *n)), &labels.costs),
            targets: labelled(found.targets.iter().map(|(t, n)| (t.code(), *n)), &labels.targets),
            free_places: found.free_places,
            remote: found.remote,
        },
        now,
    };
    Ok((look, network))
}

/// The counts, by code.
fn coded<'c>(counts: &'c [(&Arc<str>, usize)]) -> impl Iterator<Item = (&'c str, usize)> {
    counts.iter().map(|(code, n)| (&***code, *n))
}

/// The regions to choose from, and the area that was asked for where it is none
/// of them: the matrix leads to departments too.
fn regions(
    mechanism: &Mechanism,
    mut list: Vec<Choosable>,
    asked: &ServiceSearch,
    total: usize,
    lang: Lang,
) -> Vec<Choosable> {
    let other = asked.region.as_deref().filter(|code| {
        let region = list.iter().any(|(known, _)| &*known.code == *code);
        !region && mechanism.place(code).is_some()
    });
    let other = other.map(|code| (Arc::new(Choice::of(code, &place_name(mechanism, code, lang))), total));
    list.extend(other);
    list
}

/// What was understood, in the viewer's language.
pub(crate) fn said(mechanism: &Mechanism, understood: &Understood, lang: Lang) -> Said {
    let option = |list: &str, code: &str| mechanism.option_label(list, code, lang).unwrap_or(code).to_owned();
    Said {
        services: understood
            .services
            .iter()
            .map(|code| service_name(mechanism, code, lang))
            .collect(),
        targets: understood.targets.iter().map(|t| option("target", t.code())).collect(),
        place: understood.place.as_deref().map(|p| named_place(mechanism, p, lang)),
        language: understood.language.as_deref().map(|l| option("lang", l)),
        urgent: understood.urgent,
        free: understood.free,
        corrected: understood.corrected.clone(),
        unknown: understood.unknown_words.clone(),
        loosened: understood.loosened,
    }
}

/// A place as it is told back: a department with its chief town, because that
/// is what most people type.
fn named_place(mechanism: &Mechanism, code: &str, lang: Lang) -> String {
    let name = place_name(mechanism, code, lang);
    let department = mechanism.place(code).filter(|p| p.level == Level::Department);
    match department.and_then(|p| p.chief_town.as_deref()) {
        Some(town) if town != name => format!("{town} ({name})"),
        _ => name,
    }
}

/// The name of a kind of service or a category.
pub(crate) fn service_name(mechanism: &Mechanism, code: &str, lang: Lang) -> String {
    // Of the two, the categories are few.
    let of_category = mechanism.category(code).map(|c| &c.label);
    let label = of_category.or_else(|| mechanism.service_type(code).map(|s| &s.label));
    label.map_or(code, |l| l.get(lang)).to_owned()
}
