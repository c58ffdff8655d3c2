//! How many of the entries found there are of each kind: counted only when
//! that is asked for.

use chrono::Datelike;

use super::set::{Bits, Set};
use super::{Directory, Query, REMOTE};
use crate::service::{Cost, Target};

/// Counts over all the entries that a query finds, on all pages; what none is
/// of is left out. The most come first. What a query asks of one kind does not
/// narrow the counts of that kind: they say what else could be chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// By category.
    pub categories: Vec<(String, usize)>,
    /// By the P-code of the region where they are.
    pub regions: Vec<(String, usize)>,
    /// By what the person pays, where that is stated.
    pub costs: Vec<(Cost, usize)>,
    /// By language spoken.
    pub languages: Vec<(String, usize)>,
    /// By the group they are meant for.
    pub targets: Vec<(Target, usize)>,
    /// With free places, said not long ago.
    pub free_places: usize,
    /// By telephone or online.
    pub remote: usize,
}

impl Directory {
    /// The counts of what a query finds.
    #[must_use]
    pub fn facets(&self, query: &Query) -> Facets {
        let mut facets = self.facets_of(query);
        let wider = |asked: bool, widen: fn(&mut Query)| {
            asked.then(|| {
                let mut query = query.clone();
                widen(&mut query);
                self.facets_of(&query)
            })
        };
        if let Some(all) = wider(query.wanted.is_some(), |q| q.wanted = None) {
            facets.categories = all.categories;
        }
        if let Some(all) = wider(query.inside.is_some(), |q| q.inside = None) {
            facets.regions = all.regions;
        }
        if let Some(all) = wider(!query.costs.is_empty(), |q| q.costs.clear()) {
            facets.costs = all.costs;
        }
        if let Some(all) = wider(!query.targets.is_empty(), |q| q.targets.clear()) {
            facets.targets = all.targets;
        }
        if let Some(all) = wider(query.free_places, |q| q.free_places = false) {
            facets.free_places = all.free_places;
        }
        if let Some(all) = wider(query.remote, |q| q.remote = false) {
            facets.remote = all.remote;
        }
        facets
    }

    fn facets_of(&self, query: &Query) -> Facets {
        let (_, reading) = self.find_and_read(query);
        let Some(found) = self.all_matching(&reading) else {
            return Facets::default();
        };
        let of = |set: &Set| {
            let mut both = found.clone();
            both.keep_set(set);
            both.count()
        };
        let today = self.today(query.today.num_days_from_ce());
        let mut languages = vec![0; self.languages.len()];
        let mut regions: std::collections::BTreeMap<u16, usize> = std::collections::BTreeMap::new();
        for entry in found.iter() {
            let record = &self.records[entry as usize];
            *regions.entry(record.area[0]).or_default() += 1;
            for (number, count) in (0..).zip(&mut languages) {
                *count += usize::from(self.speaks_language(entry, number));
            }
        }
        let by_language = self
            .languages
            .iter()
            .map(|(code, number)| (code.to_string(), languages[*number as usize]));
        let code_of = |number: u16| {
            let of = |area: &super::Area| area.chain == [number, 0, 0];
            self.areas
                .iter()
                .find(|(_, area)| of(area))
                .map(|(code, _)| code.to_string())
        };
        Facets {
            categories: most(self.categories.iter().map(|(code, set)| (code.to_string(), of(set)))),
            regions: most(
                regions
                    .into_iter()
                    .filter_map(|(number, n)| Some((code_of(number)?, n))),
            ),
            costs: most(self.by_cost.iter().map(|(cost, set)| (*cost, of(set)))),
            languages: most(by_language),
            targets: most(self.by_target.iter().filter_map(|(bit, set)| {
                let target = Target::ALL.iter().find(|t| 1 << (**t as u16) == *bit)?;
                Some((*target, of(set)))
            })),
            free_places: count(&found, &today.free),
            remote: found.iter().filter(|e| self.records[*e as usize].is(REMOTE)).count(),
        }
    }
}

fn count(found: &Bits, others: &Bits) -> usize {
    found.shared(others).count()
}

/// What there is any of, the most first, then by code.
fn most<T: Ord>(counts: impl Iterator<Item = (T, usize)>) -> Vec<(T, usize)> {
    let mut kept: Vec<(T, usize)> = counts.filter(|(_, n)| *n > 0).collect();
    kept.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    kept
}
