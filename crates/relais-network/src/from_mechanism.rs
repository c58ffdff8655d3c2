//! What the directory takes from a loaded mechanism.

use relais_mechanism::Mechanism;
use relais_mechanism::places::Level;

use crate::bodies::{BodyEntry, UnknownKind, bodies_plan};
use crate::catalogue::{Area, AreaLevel, Catalogue, Category, Geography, Lexicon, ServiceType};
use crate::organisation::Organisation;
use crate::place::Point;

impl Catalogue {
    /// The mechanism's taxonomy.
    #[must_use]
    pub fn of(mechanism: &Mechanism) -> Self {
        let categories = mechanism.categories().iter();
        let types = mechanism.services().iter();
        Self::new(
            categories.map(|c| Category {
                code: c.code.clone(),
                name: c.label.clone(),
            }),
            types.map(|t| ServiceType {
                code: t.code.clone(),
                category: t.category.clone(),
                name: t.label.clone(),
                confidential: t.confidential,
            }),
        )
        .with_lexicon(Lexicon::of(mechanism))
    }
}

impl Lexicon {
    /// The mechanism's everyday words, and the names of its places: regions,
    /// then departments, then their chief towns, then subdivisions.
    #[must_use]
    pub fn of(mechanism: &Mechanism) -> Self {
        let mut places = Vec::new();
        let mut add = |name: &str, code: &str| {
            places.push((name.to_owned(), code.to_owned()));
            // "Douala 3e" is "Douala 3" too.
            if let Some((town, number)) = name.rsplit_once(' ')
                && let Some(digit) = number.chars().next().filter(char::is_ascii_digit)
            {
                places.push((format!("{town} {digit}"), code.to_owned()));
            }
        };
        for level in [Level::Region, Level::Department, Level::Subdivision] {
            let of_level = || mechanism.places().iter().filter(move |p| p.level == level);
            for place in of_level() {
                add(&place.name.fr, &place.code);
                add(&place.name.en, &place.code);
            }
            for (town, place) in of_level()
                .filter(|_| level == Level::Department)
                .filter_map(|p| Some((p.chief_town.as_deref()?, p)))
            {
                add(town, &place.code);
            }
        }
        Self {
            meanings: mechanism.meanings().to_vec(),
            places,
        }
    }
}

impl Geography {
    /// The mechanism's places. Only regions and departments bring a point: a
    /// subdivision's is its department's and would be counted twice.
    #[must_use]
    pub fn of(mechanism: &Mechanism) -> Self {
        let area = |p: &relais_mechanism::places::Place| Area {
            pcode: p.code.clone(),
            parent: p.parent.clone(),
            level: match p.level {
                Level::Region => AreaLevel::Region,
                Level::Department => AreaLevel::Department,
                Level::Subdivision => AreaLevel::Subdivision,
            },
            name: p.name.clone(),
            chief_town: p
                .coordinates
                .filter(|_| p.level != Level::Subdivision)
                .and_then(|(lat, lon)| Point::new(lat, lon)),
        };
        Self::new(mechanism.places().iter().map(area).collect())
    }
}

/// The organisations that stand for the mechanism's bodies ([`bodies_plan`]).
///
/// # Errors
/// [`UnknownKind`] when a body's type is no kind of organisation.
pub fn bodies_of(mechanism: &Mechanism) -> Result<Vec<Organisation>, UnknownKind> {
    let entries: Vec<BodyEntry> = mechanism
        .bodies()
        .iter()
        .map(|b| BodyEntry {
            code: b.code.clone(),
            name: b.label.clone(),
            kind: b.kind.clone(),
        })
        .collect();
    bodies_plan(&entries)
}
