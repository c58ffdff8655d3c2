//! Places: regions, departments, subdivisions, and the matching of typed
//! names without accents and with slips of the finger.

use crate::closed_enum;
use crate::words::{Label, Lang};

closed_enum! {
    /// Level of a place.
    Level {
        /// Region.
        Region = "region",
        /// Department (division).
        Department = "department",
        /// Subdivision (arrondissement).
        Subdivision = "subdivision",
    }
}

/// A place with its code and, where known, coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// P-code, such as "CM005003001".
    pub code: String,
    /// Level.
    pub level: Level,
    /// Name; the same in both languages below the region.
    pub name: Label,
    /// Code of the place above; `None` for a region.
    pub parent: Option<String>,
    /// Code of the region that it lies in (its own for a region).
    pub region: String,
    /// Chief town; `None` for a subdivision.
    pub chief_town: Option<String>,
    /// Latitude and longitude in degrees; a subdivision takes its
    /// department's.
    pub coordinates: Option<(f64, f64)>,
    /// How sure the coordinates are: "K" for an approximation.
    pub mark: Option<String>,
}

impl Place {
    /// The name in the language.
    #[must_use]
    pub fn name(&self, lang: Lang) -> &str {
        self.name.get(lang)
    }
}

/// A place that a typed text may mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaceMatch<'a> {
    /// The place.
    pub place: &'a Place,
    /// How near: 0 exact, then beginnings, words, and slips.
    pub distance: u8,
}
