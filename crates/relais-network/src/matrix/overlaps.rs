//! Overlaps: several organisations that offer the same category to the same
//! group at the same place. It is for them and the coordination unit to say
//! whether one is too many; nothing is drawn from it.

use std::collections::BTreeMap;

use super::{Asked, Ground, Number, bit};
use crate::service::Target;
use crate::{OrganisationId, ServiceId};

/// Several organisations that offer the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// Code of the category.
    pub category: String,
    /// For whom.
    pub target: Target,
    /// Code of the subdivision where their doors stand; of the department where
    /// no subdivision is known.
    pub area: String,
    /// The organisations, each once, in the order of their ids.
    pub organisations: Vec<OrganisationId>,
    /// Their entries.
    pub services: Vec<ServiceId>,
}

impl Ground {
    /// Overlaps, those of the most organisations first; with a region, those in
    /// it. A place is where the doors stand, whatever the reading.
    #[must_use]
    pub fn overlaps(&self, asked: &Asked) -> Vec<Overlap> {
        type Found<'g> = BTreeMap<(Number, Target, &'g str), (Vec<u32>, Vec<ServiceId>)>;
        let region = asked.region.as_deref().map(|code| self.region(code));
        let mut found: Found<'_> = BTreeMap::new();
        let wanted = self.wanted(asked);
        for row in self.rows.iter().filter(|row| wanted[usize::from(row.category)]) {
            let Some(area) = row.nearest.as_deref() else { continue };
            if !row.on_site || region.is_some_and(|r| r.is_none() || row.place.0 != r) {
                continue;
            }
            let groups = Target::ALL.iter().copied().filter(|target| match target {
                Target::Everyone => row.targets == 0,
                other => row.targets & bit(*other) != 0,
            });
            // What is for everyone overlaps with what is for everyone, not with what is for one group.
            for target in groups.filter(|t| asked.target.is_none_or(|wanted| wanted == *t)) {
                let (organisations, services) = found.entry((row.category, target, area)).or_default();
                if organisations.last() != Some(&row.organisation) {
                    organisations.push(row.organisation);
                }
                services.push(row.service);
            }
        }
        let mut overlaps: Vec<Overlap> = found
            .into_iter()
            .filter(|(_, (organisations, _))| organisations.len() > 1)
            .map(|((category, target, area), (organisations, services))| Overlap {
                category: self.categories[usize::from(category)].clone(),
                target,
                area: area.to_owned(),
                organisations: organisations.iter().map(|o| self.organisations[*o as usize]).collect(),
                services,
            })
            .collect();
        // Among equals the order of categories, groups and areas, in which they were found, stays.
        overlaps.sort_by_key(|overlap| std::cmp::Reverse(overlap.organisations.len()));
        overlaps
    }
}
