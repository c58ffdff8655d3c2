//! What the directory needs to know of the mechanism, as plain values: the
//! service types with their categories, and the areas of the country.

use std::collections::HashMap;

use relais_mechanism::Label;
use relais_mechanism::search::Meaning;

use crate::place::Point;
use crate::words;

/// One category of the taxonomy ("MED").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Code.
    pub code: String,
    /// Name in both languages.
    pub name: Label,
}

/// One service type of the taxonomy ("MED.01").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceType {
    /// Code.
    pub code: String,
    /// Code of the category above it.
    pub category: String,
    /// Plain name in both languages.
    pub name: Label,
    /// Confidential by the mechanism; the three shelter types of
    /// [`CONFIDENTIAL_TYPES`](crate::service::CONFIDENTIAL_TYPES) always are.
    pub confidential: bool,
}

/// The taxonomy, as the directory and the import read it.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    categories: HashMap<String, Category>,
    types: HashMap<String, ServiceType>,
    lexicon: Lexicon,
}

/// What a search understands beside the words of entries.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    /// Everyday words and their meanings.
    pub meanings: Vec<Meaning>,
    /// Names of places with their P-codes; of two equal names the first counts.
    pub places: Vec<(String, String)>,
}

impl Catalogue {
    /// Gathers categories and service types; of two with one code the later
    /// one counts (the mechanism's own check refuses that).
    #[must_use]
    pub fn new(categories: impl IntoIterator<Item = Category>, types: impl IntoIterator<Item = ServiceType>) -> Self {
        Self {
            categories: categories.into_iter().map(|c| (c.code.clone(), c)).collect(),
            types: types.into_iter().map(|t| (t.code.clone(), t)).collect(),
            lexicon: Lexicon::default(),
        }
    }

    /// The same, with what a search understands beside the words of entries.
    #[must_use]
    pub fn with_lexicon(mut self, lexicon: Lexicon) -> Self {
        self.lexicon = lexicon;
        self
    }

    /// What a search understands beside the words of entries.
    #[must_use]
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// The service type with this code.
    #[must_use]
    pub fn service_type(&self, code: &str) -> Option<&ServiceType> {
        self.types.get(code)
    }

    /// The category with this code.
    #[must_use]
    pub fn category(&self, code: &str) -> Option<&Category> {
        self.categories.get(code)
    }
}

/// How large an area is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AreaLevel {
    /// First level: a region.
    Region,
    /// Second level: a department.
    Department,
    /// Third level: a subdivision (*arrondissement*).
    Subdivision,
}

/// One area of the country.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Place code ("CM005001").
    pub pcode: String,
    /// Code of the area above; `None` for a region.
    pub parent: Option<String>,
    /// How large it is.
    pub level: AreaLevel,
    /// Name in both languages.
    pub name: Label,
    /// Point of the chief town, where known.
    pub chief_town: Option<Point>,
}

/// The areas of the country, found by code or by name.
#[derive(Debug, Clone, Default)]
pub struct Geography {
    areas: Vec<Area>,
    by_pcode: HashMap<String, usize>,
    regions_by_name: HashMap<String, usize>,
}

impl Geography {
    /// Gathers the areas.
    #[must_use]
    pub fn new(areas: Vec<Area>) -> Self {
        let mut by_pcode = HashMap::new();
        let mut regions_by_name = HashMap::new();
        for (i, area) in areas.iter().enumerate() {
            by_pcode.insert(area.pcode.clone(), i);
            if area.level == AreaLevel::Region {
                regions_by_name.insert(words::fold(&area.name.fr), i);
                regions_by_name.insert(words::fold(&area.name.en), i);
            }
        }
        Self {
            areas,
            by_pcode,
            regions_by_name,
        }
    }

    /// Every area, in the order given.
    #[must_use]
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// The area with this code.
    #[must_use]
    pub fn area(&self, pcode: &str) -> Option<&Area> {
        self.by_pcode.get(pcode).map(|&i| &self.areas[i])
    }

    /// The region with this name, in French or English, whatever its capitals,
    /// marks and hyphens.
    #[must_use]
    pub fn region_named(&self, name: &str) -> Option<&Area> {
        self.regions_by_name.get(&words::fold(name)).map(|&i| &self.areas[i])
    }

    /// The department of the region whose chief town lies nearest, with the
    /// distance in kilometres. An estimate: departments' borders are unknown.
    #[must_use]
    pub fn nearest_department(&self, region: &str, point: Point) -> Option<(&Area, f64)> {
        self.areas
            .iter()
            .filter(|a| a.level == AreaLevel::Department && a.parent.as_deref() == Some(region))
            .filter_map(|a| Some((a, a.chief_town?.distance_km(point))))
            .min_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.pcode.cmp(&b.0.pcode)))
    }
}
