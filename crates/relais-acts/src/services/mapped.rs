//! The results of a search on a map: the same entries in the same order, with
//! the point of each that has one. What is remote has none.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_mechanism::Lang;
use relais_network::place::Point;
use relais_network::service::ServiceMode;

use super::asked::query;
use crate::commands::ServiceSearch;
use crate::desk::Desk;
use crate::problem::ActError;

/// Results on one map: the first ones of the list bear the same numbers.
const SHOWN: usize = 24;

/// One result.
#[derive(Debug, Clone, PartialEq)]
pub struct MappedRow {
    /// Name of the service.
    pub name: String,
    /// Who offers it.
    pub organisation: String,
    /// Where, in words.
    pub place: String,
    /// Kilometres from where the person is, where that is known.
    pub distance_km: Option<f64>,
    /// By telephone or online alone: it is nowhere on a map.
    pub remote: bool,
    /// Where its door stands, where that is known.
    pub point: Option<Point>,
}

/// The results that one map shows.
#[derive(Debug, Clone)]
pub struct Mapped {
    /// The results, best first.
    pub rows: Vec<MappedRow>,
    /// How many there are in all.
    pub total: usize,
    /// Cursor of the next map.
    pub next: Option<String>,
    /// ISO 3166-1 code of the country.
    pub country: String,
    /// Names of its regions, by code.
    pub regions: Vec<(String, String)>,
    /// Now, by the deployment's clock.
    pub now: DateTime<Utc>,
}

/// Searches the directory for a map.
///
/// # Errors
/// [`ActError::Invalid`] naming the parameter that cannot be read.
pub fn mapped(desk: &Arc<Desk>, asked: &ServiceSearch, lang: Lang, now: DateTime<Utc>) -> Result<Mapped, ActError> {
    let (network, mechanism) = (desk.network(), desk.mechanism());
    let mut query = query(&mechanism, &network, asked, now)?;
    query.limit = SHOWN;
    let page = network.directory.search(&query);
    let rows = page.hits.iter().map(|hit| {
        let (service, place) = (hit.entry.service, hit.entry.place);
        let remote = service.modes.iter().all(|m| *m == ServiceMode::Remote);
        MappedRow {
            name: service.name.get(lang).to_owned(),
            organisation: hit.entry.organisation.name.get(lang).to_owned(),
            place: network.said(place.id, lang).to_owned(),
            distance_km: hit.distance_km,
            remote,
            point: place.point().filter(|_| !remote),
        }
    });
    Ok(Mapped {
        rows: rows.collect(),
        total: page.total,
        next: page.next.map(|c| c.to_string()),
        country: mechanism.country().code.clone(),
        regions: mechanism
            .regions()
            .map(|r| (r.code.clone(), r.name(lang).to_owned()))
            .collect(),
        now,
    })
}
