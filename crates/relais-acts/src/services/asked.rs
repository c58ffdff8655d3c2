//! A search as it was asked, made a query of the directory.

use chrono::{DateTime, Utc};
use relais_casework::calendar::local_date;
use relais_mechanism::{Label, Mechanism};
use relais_network::directory::Query;
use relais_network::service::{Cost, Target};

use super::{cursor, nearly_named, point, wanted};
use crate::commands::ServiceSearch;
use crate::network::Network;
use crate::problem::ActError;

/// The query that a search asks.
///
/// # Errors
/// [`ActError::Invalid`] naming the parameter that cannot be read.
pub(crate) fn query(
    mechanism: &Mechanism,
    network: &Network,
    asked: &ServiceSearch,
    now: DateTime<Utc>,
) -> Result<Query, ActError> {
    let mut query = Query::on(local_date(now));
    query.words.clone_from(&asked.q);
    query.wanted = said(&asked.category).map(wanted);
    query.inside = said(&asked.region).map(str::to_owned);
    if let Some(near) = said(&asked.near) {
        query.near = Some(point(near)?);
    } else if let Some(typed) = said(&asked.place) {
        let (code, near) = match network.area_named(typed) {
            Some(area) => (area.code.clone(), area.point),
            None => nearly_named(mechanism, typed)?,
        };
        query.home = Some(code);
        query.near = near;
    }
    if let Some(code) = said(&asked.target) {
        query.targets = vec![target(code)?];
    }
    if let Some(code) = said(&asked.language) {
        let known = mechanism.option_list("lang").is_some_and(|l| l.choice(code).is_some());
        query.language = Some(code.to_owned())
            .filter(|_| known)
            .map_or_else(|| Err(unknown("language", LANGUAGE)), |l| Ok(Some(l)))?;
    }
    if let Some(code) = said(&asked.cost) {
        query.costs = vec![Cost::from_code(code).ok_or_else(|| unknown("cost", COST))?];
    }
    query.urgent = asked.urgent;
    query.free_places = asked.free_places;
    query.remote = asked.remote;
    query.open_at = asked
        .open_now
        .then(|| now.with_timezone(&mechanism.local()).naive_local());
    query.limit = asked.limit.unwrap_or(relais_network::directory::DEFAULT_LIMIT);
    query.after = cursor(asked.after.as_deref())?;
    Ok(query)
}

const TARGET: (&str, &str) = (
    "Public inconnu : choisissez dans la liste, par exemple « women ».",
    "Unknown target group: choose from the list, for example “women”.",
);
const LANGUAGE: (&str, &str) = (
    "Langue inconnue : choisissez dans la liste, par exemple « fra ».",
    "Unknown language: choose from the list, for example “fra”.",
);
const COST: (&str, &str) = (
    "Coût inconnu : FREE, SUBS, PAID ou PROJ.",
    "Unknown cost: FREE, SUBS, PAID or PROJ.",
);

/// A target group by its code.
///
/// # Errors
/// [`ActError::Invalid`] naming the parameter.
pub(crate) fn target(code: &str) -> Result<Target, ActError> {
    Target::from_code(code).ok_or_else(|| unknown("target", TARGET))
}

pub(crate) fn unknown(field: &'static str, message: (&'static str, &'static str)) -> ActError {
    ActError::field(field, "unknown_choice", message)
}

/// What was said; a blank says nothing.
pub(crate) fn said(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|t| !t.trim().is_empty())
}

/// The name of a cost, as a choice.
pub(super) fn cost_label(cost: Cost) -> Label {
    let (fr, en) = match cost {
        Cost::Free => ("Gratuit", "Free of charge"),
        Cost::Subsidised => ("Subventionné", "Subsidised"),
        Cost::Paid => ("Payant", "To be paid"),
        Cost::Project => ("Pris en charge par un projet", "Paid by a project"),
    };
    Label {
        fr: fr.to_owned(),
        en: en.to_owned(),
    }
}
