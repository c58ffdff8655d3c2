//! Who does what, where, and what is missing: how many entries there are of
//! each category in each area, with what they can take and how true they are.
//!
//! ```text
//! entries ── Ground (once for each index) ── matrix (for each question) ── gaps
//!                                         └─ overlaps
//! ```
//!
//! An entry is laid to **one** area of a level, so that a line adds up. By
//! *served* that is the area that it says it serves (F6.25), where that names
//! one of this level or a part of one; what serves more than that (the whole
//! country; on the page of a region, the whole region) tells nothing of one
//! area: it counts where its door stands, and is told apart (`wide`). By
//! *place* it is where the door stands. What is remote alone has no area: it
//! serves everywhere and is told apart (`remote`).
//!
//! Nothing here looks for entries: whoever builds the ground says what may be
//! seen, and nothing else changes a count.

mod count;
mod gaps;
mod overlaps;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use chrono::NaiveDate;
use relais_mechanism::closed_enum;

use crate::catalogue::{AreaLevel, Geography};
use crate::directory::Entry;
use crate::service::{ServedArea, ServiceMode, Target};
use crate::{OrganisationId, ServiceId};

pub use count::{Cell, Line, Matrix};
pub use gaps::{Gap, GapKind};
pub use overlaps::Overlap;

closed_enum! {
    /// By what an entry is laid to an area.
    Reading {
        /// By the area that it says it serves.
        Served = "served",
        /// By where its door stands.
        Place = "place",
    }
}

/// What is asked of the ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// By what an entry is laid to an area.
    pub by: Reading,
    /// The region whose departments are asked for; none: the regions.
    pub region: Option<String>,
    /// Only what is for everyone or for this group.
    pub target: Option<Target>,
    /// Only these categories; empty: all of them.
    pub categories: Vec<String>,
    /// Today: how old a confirmation is.
    pub today: NaiveDate,
}

/// What the ground must know of an entry that the entry does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The last day on which its confirmation holds; none where there is none.
    pub confirmed_until: Option<NaiveDate>,
    /// The last day on which its statement of free places holds.
    pub places_until: Option<NaiveDate>,
}

/// An area of the ground by its number, and the one above it.
type Number = u16;

/// Region and department, as far as known.
type Spot = (Option<Number>, Option<Number>);

/// What is counted of an entry.
#[derive(Debug, Clone)]
struct Row {
    service: ServiceId,
    /// Number of its category.
    category: Number,
    /// Small number of its organisation: rows are sorted by it.
    organisation: u32,
    /// Where the door stands.
    place: Spot,
    /// The smallest area known of where the door stands, for overlaps.
    nearest: Option<Box<str>>,
    /// What it says it serves; none: the whole country.
    served: Spot,
    /// One bit a group; 0 is everyone.
    targets: u16,
    on_site: bool,
    remote: bool,
    doubtful: bool,
    confirmed_until: Option<NaiveDate>,
    per_month: Option<u32>,
    free: Option<(u32, NaiveDate)>,
}

/// The entries laid out by category, area and organisation, once for each
/// version of the directory.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    categories: Vec<String>,
    regions: Vec<String>,
    /// Code of each department, and the number of its region.
    departments: Vec<(String, Number)>,
    organisations: Vec<OrganisationId>,
    rows: Vec<Row>,
}

/// Numbers of codes, given in the order of the lists.
fn numbered<'c>(codes: impl Iterator<Item = &'c str>) -> HashMap<&'c str, Number> {
    codes.zip(0..).collect()
}

const fn bit(target: Target) -> u16 {
    match target {
        Target::Everyone => 0,
        other => 1 << (other as u16),
    }
}

fn bits(targets: &[Target]) -> u16 {
    if targets.contains(&Target::Everyone) {
        return 0;
    }
    targets.iter().fold(0, |all, t| all | bit(*t))
}

impl Ground {
    /// Lays out entries. Categories are those given, in their order; an entry of
    /// another one is left out, as no table has a line for it.
    pub fn of<'d>(
        entries: impl Iterator<Item = Entry<'d>>,
        categories: impl Iterator<Item = &'d str>,
        geography: &'d Geography,
        known: impl Fn(&Entry<'d>) -> Known,
    ) -> Self {
        let categories: Vec<&str> = categories.collect();
        let of_level = |level: AreaLevel| geography.areas().iter().filter(move |a| a.level == level);
        let regions: Vec<&str> = of_level(AreaLevel::Region).map(|a| a.pcode.as_str()).collect();
        let by_region = numbered(regions.iter().copied());
        let departments: Vec<(&str, Number)> = of_level(AreaLevel::Department)
            .filter_map(|a| Some((a.pcode.as_str(), *by_region.get(a.parent.as_deref()?)?)))
            .collect();
        let areas = Areas {
            geography,
            by_region,
            by_department: numbered(departments.iter().map(|(code, _)| *code)),
        };
        let by_category = numbered(categories.iter().copied());

        let mut entries: Vec<Entry<'d>> = entries.collect();
        entries.sort_by_key(|e| (e.organisation.id, e.service.id));
        let mut ground = Self {
            categories: categories.iter().map(|c| (*c).to_owned()).collect(),
            regions: regions.iter().map(|r| (*r).to_owned()).collect(),
            departments: departments.iter().map(|(code, r)| ((*code).to_owned(), *r)).collect(),
            organisations: Vec::new(),
            rows: Vec::with_capacity(entries.len()),
        };
        for entry in &entries {
            let Some(&category) = by_category.get(entry.service.category()) else {
                continue;
            };
            if ground.organisations.last() != Some(&entry.organisation.id) {
                ground.organisations.push(entry.organisation.id);
            }
            #[expect(clippy::cast_possible_truncation, reason = "a directory has fewer than 2^31 entries")]
            let organisation = (ground.organisations.len() - 1) as u32;
            ground.rows.push(areas.row(entry, category, organisation, known(entry)));
        }
        ground
    }

    /// Categories, in the order of the lines.
    #[must_use]
    pub fn categories(&self) -> &[String] {
        &self.categories
    }

    /// Entries laid out.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether each category, by its number, is asked for.
    fn wanted(&self, asked: &Asked) -> Vec<bool> {
        let all = asked.categories.is_empty();
        self.categories
            .iter()
            .map(|code| all || asked.categories.contains(code))
            .collect()
    }

    /// The number of a region.
    fn region(&self, code: &str) -> Option<Number> {
        (0..).zip(&self.regions).find(|(_, r)| *r == code).map(|(n, _)| n)
    }
}

/// The areas by their codes.
struct Areas<'g> {
    geography: &'g Geography,
    by_region: HashMap<&'g str, Number>,
    by_department: HashMap<&'g str, Number>,
}

impl Areas<'_> {
    /// Region and department of an area, from the area itself up.
    fn spot(&self, pcode: &str) -> Spot {
        let mut spot = (None, None);
        let mut at = self.geography.area(pcode);
        while let Some(area) = at {
            match area.level {
                AreaLevel::Region => spot.0 = self.by_region.get(area.pcode.as_str()).copied(),
                AreaLevel::Department => spot.1 = self.by_department.get(area.pcode.as_str()).copied(),
                AreaLevel::Subdivision => {}
            }
            at = area.parent.as_deref().and_then(|p| self.geography.area(p));
        }
        spot
    }

    fn row(&self, entry: &Entry<'_>, category: Number, organisation: u32, known: Known) -> Row {
        let (service, place) = (entry.service, entry.place);
        let named = [&place.region, &place.department, &place.subdivision];
        let at = named.iter().filter_map(|code| code.as_deref());
        let standing = at.map(|code| self.spot(code)).fold((None, None), |known, more| {
            // The smaller area says more, also of what lies above it.
            (more.0.or(known.0), more.1.or(known.1))
        });
        let nearest = place.subdivision.as_ref().or(place.department.as_ref());
        // An estimated department lets a filter find a place; it does not say that two stand side by side.
        let nearest = nearest.filter(|_| place.subdivision.is_some() || !place.department_estimated);
        let served = match &service.served_area {
            ServedArea::Country => (None, None),
            ServedArea::Region(code) | ServedArea::Department(code) | ServedArea::Subdivision(code) => self.spot(code),
        };
        let capacity = service.capacity;
        let other = |mode: &ServiceMode| *mode != ServiceMode::Remote;
        Row {
            service: service.id,
            category,
            organisation,
            place: standing,
            nearest: nearest.map(|code| code.as_str().into()),
            served,
            targets: bits(&service.targets),
            on_site: service.modes.iter().any(other),
            remote: service.modes.contains(&ServiceMode::Remote),
            doubtful: service.doubt().is_some(),
            confirmed_until: known.confirmed_until,
            per_month: capacity.per_month,
            free: capacity.available.zip(known.places_until),
        }
    }
}

impl Row {
    /// Whether it is for everyone or for the group.
    const fn is_for(&self, target: Option<Target>) -> bool {
        match target {
            None => true,
            Some(target) => self.targets == 0 || bit(target) == 0 || self.targets & bit(target) != 0,
        }
    }

    /// Where it is laid: region, department; unknown where it does not say.
    const fn laid(&self, by: Reading) -> Spot {
        match (by, self.served) {
            // The whole country tells nothing of one region: where the door stands does.
            (Reading::Place, _) | (Reading::Served, (None, _)) => self.place,
            // The whole region tells nothing of one department of it.
            (Reading::Served, (Some(region), None)) => match self.place {
                (Some(at), department) if at == region => (Some(region), department),
                _ => (Some(region), None),
            },
            (Reading::Served, both) => both,
        }
    }

    /// Whether it serves more than one area of the level.
    const fn is_wide(&self, departments: bool) -> bool {
        match self.served {
            (None, _) => true,
            (Some(_), None) => departments,
            (Some(_), Some(_)) => false,
        }
    }
}
