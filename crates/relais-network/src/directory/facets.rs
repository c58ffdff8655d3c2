//! How many of the entries found there are of each kind: counted only when
//! that is asked for.

use std::sync::Arc;

use chrono::Datelike;

use super::set::{Bits, Set};
use super::{Directory, Query};
use crate::service::{Cost, Target};

/// Counts over all the entries that a query finds, on all pages; what none is
/// of is left out. The most come first. What a query asks of one kind does not
/// narrow the counts of that kind: they say what else could be chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets<'d> {
    /// By category.
    pub categories: Vec<(&'d Arc<str>, usize)>,
    /// By the P-code of the region where they are.
    pub regions: Vec<(&'d Arc<str>, usize)>,
    /// By what the person pays, where that is stated.
    pub costs: Vec<(Cost, usize)>,
    /// By language spoken.
    pub languages: Vec<(&'d Arc<str>, usize)>,
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
    pub fn facets(&self, query: &Query) -> Facets<'_> {
        let found = self.all_found(query);
        self.facets_of(query, found.as_ref())
    }

    /// The counts where what a query finds is known.
    pub(super) fn facets_of(&self, query: &Query, found: Option<&Bits>) -> Facets<'_> {
        let mut facets = Facets::default();
        // What it asks of one kind is left out for the counts of that kind.
        let wider = |asked: bool, widen: fn(&mut Query)| -> Option<Bits> {
            if !asked {
                return None;
            }
            let mut query = query.clone();
            widen(&mut query);
            self.all_found(&query)
        };
        let today = self.today(query.today.num_days_from_ce());
        let all = wider(query.wanted.is_some(), |q| q.wanted = None);
        if let Some(all) = choose(query.wanted.is_some(), all.as_ref(), found) {
            facets.categories = most_of(self.categories.iter().map(|(code, set)| (code, all.count_in(set))));
        }
        let all = wider(query.inside.is_some(), |q| q.inside = None);
        if let Some(all) = choose(query.inside.is_some(), all.as_ref(), found) {
            let of = |(number, code)| Some((code, all.count_both(self.regions.get(number)?)));
            facets.regions = most_of(self.region_codes.iter().filter_map(of));
        }
        let all = wider(!query.costs.is_empty(), |q| q.costs.clear());
        if let Some(all) = choose(!query.costs.is_empty(), all.as_ref(), found) {
            facets.costs = most_of(self.by_cost.iter().map(|(cost, set)| (*cost, all.count_in(set))));
        }
        if let Some(all) = found {
            let spoken = |(code, number): (_, &u32)| (code, all.count_in(&self.spoken[*number as usize]));
            facets.languages = most_of(self.languages.iter().map(spoken));
        }
        let all = wider(!query.targets.is_empty(), |q| q.targets.clear());
        if let Some(all) = choose(!query.targets.is_empty(), all.as_ref(), found) {
            let of = |(bit, set): &(u16, Set)| {
                let target = Target::ALL.iter().find(|t| 1 << (**t as u16) == *bit)?;
                Some((*target, all.count_in(set)))
            };
            facets.targets = most_of(self.by_target.iter().filter_map(of));
        }
        let all = wider(query.free_places, |q| q.free_places = false);
        let all = choose(query.free_places, all.as_ref(), found);
        facets.free_places = all.map_or(0, |all| all.count_both(&today.free));
        let all = wider(query.remote, |q| q.remote = false);
        let all = choose(query.remote, all.as_ref(), found);
        facets.remote = all.map_or(0, |all| all.count_in(&self.remote));
        facets
    }
}

/// What is counted: the wider where something is asked of the kind.
const fn choose<'b>(asked: bool, wider: Option<&'b Bits>, found: Option<&'b Bits>) -> Option<&'b Bits> {
    if asked { wider } else { found }
}

/// What there is any of, the most first, then by code.
fn most_of<T: Ord>(counts: impl Iterator<Item = (T, usize)>) -> Vec<(T, usize)> {
    let mut kept: Vec<(T, usize)> = counts.filter(|(_, n)| *n > 0).collect();
    kept.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    kept
}
