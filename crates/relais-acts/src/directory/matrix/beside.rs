//! What is told beside the matrix of single entries: services whose money ends soon,
//! by region, and how many the steering committee ratified. Of what everybody may
//! see, so that a confidential service is never among them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use relais_mechanism::{Lang, Mechanism};
use relais_network::Target;
use relais_network::directory::Entry;
use relais_network::matrix::Asked;
use relais_network::programme::{Paying, paying};
use relais_network::ratification::holding;

use super::super::shown::shown_entries;
use super::{EndingLine, Named, named};
use crate::network::Network;

/// Services whose money ends soon; the region that ends first before the others.
pub(super) fn ending(network: &Network, mechanism: &Mechanism, asked: &Asked, lang: Lang) -> Vec<EndingLine> {
    let days = mechanism.rules().funding_reminder_days;
    let mut found: BTreeMap<&str, (usize, NaiveDate)> = BTreeMap::new();
    for entry in shown_entries(network).filter(|e| is_asked(e, asked)) {
        let Some(region) = entry.place.region.as_deref() else {
            continue;
        };
        if asked.region.as_deref().is_some_and(|only| only != region) {
            continue;
        }
        let until = network.paid_until(entry.service);
        if let (Some(until), Paying::Soon) = (until, paying(until, asked.today, days)) {
            let (services, first) = found.entry(region).or_insert((0, until));
            *services += 1;
            *first = until.min(*first);
        }
    }
    let mut lines: Vec<EndingLine> = found
        .into_iter()
        .map(|(region, (services, first))| EndingLine {
            region: named(mechanism, region, lang),
            services,
            first,
        })
        .collect();
    lines.sort_by(|a, b| {
        let key = |l: &EndingLine| -> (NaiveDate, Named) { (l.first, l.region.clone()) };
        key(a).cmp(&key(b))
    });
    lines
}

/// How many of what is asked for the steering committee ratified as they stand.
pub(super) fn ratified(network: &Network, asked: &Asked) -> usize {
    let lies_there = |e: &Entry<'_>| asked.region.is_none() || asked.region == e.place.region;
    shown_entries(network)
        .filter(|e| is_asked(e, asked) && lies_there(e) && holding(e.service, e.place).is_some())
        .count()
}

/// Whether an entry is of the categories and for the group that are asked for.
fn is_asked(entry: &Entry<'_>, asked: &Asked) -> bool {
    let service = entry.service;
    let category = asked.categories.is_empty() || asked.categories.iter().any(|c| c == service.category());
    let group = asked.target.is_none_or(|target| {
        let targets = &service.targets;
        targets.is_empty() || targets.contains(&Target::Everyone) || targets.contains(&target)
    });
    category && group
}
