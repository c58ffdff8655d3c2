//! Who does what, where, and what is missing: the matrix of what everybody may
//! see of the directory, and beside it, for the mechanism's office, what was
//! asked for. The rule is `relais_network::matrix`.

mod beside;
mod file;
mod told;

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_mechanism::places::Level;
use relais_mechanism::taxonomy::Dimension;
use relais_mechanism::{Lang, Mechanism};
use relais_network::directory::{Entry, Freshness};
use relais_network::matrix::{Asked, GapKind, Ground, Known, Line, Reading};
use serde::{Deserialize, Serialize};

use super::shown::shown;
use crate::coordination::{self, Demand};
use crate::desk::{Desk, Viewer};
use crate::network::Network;
use crate::problem::ActError;
use crate::services::asked::{said, target, unknown};

pub use file::{MatrixFormat, export};
pub use told::dimension_name;

/// Lays out what everybody may see.
pub(crate) fn laid_out(network: &Network, mechanism: &Mechanism) -> Ground {
    let intervals = crate::entries::intervals(mechanism);
    let places_hold = Days::new(u64::from(Freshness::default().capacity_days));
    let known = |entry: &Entry<'_>| {
        let assessed = entry.service.capacity.assessed_on;
        Known {
            confirmed_until: intervals.until(entry.organisation.kind, entry.service),
            places_until: assessed.and_then(|on| on.checked_add_days(places_hold)),
        }
    };
    let geography = crate::services::geography(mechanism);
    let categories = mechanism.categories().iter().map(|c| c.code.as_str());
    let entries = shown(network, mechanism, &[]).entries;
    Ground::of(entries.into_iter(), categories, &geography, known)
}

/// What is asked of the matrix; a blank asks nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixAsked {
    /// `served` (by default) or `place`: by what an entry is laid to an area.
    #[serde(default)]
    pub by: Option<String>,
    /// Code of a region: its departments.
    #[serde(default)]
    pub region: Option<String>,
    /// Group of people (list `target`): what is for it or for everyone.
    #[serde(default)]
    pub target: Option<String>,
    /// Dimension of reintegration: its categories (ECO, SOC, PSY, PROT).
    #[serde(default)]
    pub dimension: Option<String>,
    /// Category: its line alone; `all`: all of them together, by area.
    #[serde(default)]
    pub category: Option<String>,
}

const READING: (&str, &str) = (
    "Lecture inconnue : « served » ou « place ».",
    "Unknown reading: “served” or “place”.",
);
const DIMENSION: (&str, &str) = (
    "Dimension inconnue : ECO, SOC, PSY ou PROT.",
    "Unknown dimension: ECO, SOC, PSY or PROT.",
);
const CATEGORY: (&str, &str) = (
    "Catégorie inconnue : choisissez un code comme MED.",
    "Unknown category: choose a code such as MED.",
);

/// All categories together.
const ALL: &str = "all";

/// What was asked, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    asked: Asked,
    dimension: Option<Dimension>,
    category: Option<String>,
    together: bool,
}

impl MatrixAsked {
    /// # Errors
    /// [`ActError::Invalid`] naming the parameter that cannot be read.
    fn read(&self, mechanism: &Mechanism, today: NaiveDate) -> Result<Read, ActError> {
        let by = said(&self.by).map(|code| Reading::from_code(code).ok_or_else(|| unknown("by", READING)));
        let dimension = said(&self.dimension)
            .map(|code| Dimension::from_code(code).ok_or_else(|| unknown("dimension", DIMENSION)))
            .transpose()?;
        let together = said(&self.category) == Some(ALL);
        let category = said(&self.category).filter(|_| !together).map(str::to_owned);
        if category.as_deref().is_some_and(|c| mechanism.category(c).is_none()) {
            return Err(unknown("category", CATEGORY));
        }
        let of_dimension = mechanism
            .categories()
            .iter()
            .filter(|c| dimension.is_some_and(|d| c.dimension == d))
            .map(|c| c.code.clone());
        Ok(Read {
            asked: Asked {
                by: by.transpose()?.unwrap_or(Reading::Served),
                region: said(&self.region).map(str::to_owned),
                target: said(&self.target).map(target).transpose()?,
                categories: match &category {
                    Some(code) => vec![code.clone()],
                    None => of_dimension.collect(),
                },
                today,
            },
            dimension,
            category,
            together,
        })
    }
}

/// A code and its name, in the viewer's language.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Named {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
}

/// The line of a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CategoryLine {
    /// The category.
    #[serde(flatten)]
    pub category: Named,
    /// Its counts.
    #[serde(flatten)]
    pub line: Line,
}

/// A category that is missing somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GapLine {
    /// The category.
    pub category: Named,
    /// How it is missing there.
    pub kind: GapKind,
    /// The areas, in their order.
    pub areas: Vec<Named>,
    /// Entries of the category by telephone or online: what is left to offer.
    pub remote: u32,
    /// Entries elsewhere that serve the whole country.
    pub wide: u32,
}

/// Several organisations that offer the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OverlapLine {
    /// The category.
    pub category: Named,
    /// For whom.
    pub target: Named,
    /// Subdivision or department.
    pub area: Named,
    /// The region that it lies in.
    pub region: Named,
    /// Names of the organisations, in order.
    pub organisations: Vec<String>,
}

/// Services of a region for which nobody pays soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EndingLine {
    /// The region.
    pub region: Named,
    /// How many.
    pub services: usize,
    /// The first day that is the last one for some of them.
    pub first: NaiveDate,
}

/// What was asked for beside what can be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemandLine {
    /// What was asked for.
    #[serde(flatten)]
    pub demand: Demand,
    /// Name of the region.
    pub region_name: String,
    /// Persons a month that entries of the category there say they take; none
    /// where no entry says so, or it is no category.
    pub per_month: Option<u64>,
    /// Free places stated there not long ago; likewise.
    pub free: Option<u64>,
}

/// What was asked for in the regions that the viewer coordinates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemandView {
    /// From which month.
    pub from: String,
    /// Until which.
    pub until: String,
    /// Most unmet first.
    pub lines: Vec<DemandLine>,
    /// Restricted counts below this are not shown.
    pub smallest: u32,
}

/// The matrix.
#[derive(Debug, Clone, Serialize)]
pub struct MatrixView {
    /// The day of which it speaks.
    pub on: NaiveDate,
    /// By what entries are laid to areas.
    pub by: Reading,
    /// The region whose departments these are.
    pub region: Option<Named>,
    /// Only what is for this group.
    pub target: Option<Named>,
    /// Only the categories of this dimension.
    pub dimension: Option<Named>,
    /// Only this category.
    pub category: Option<Named>,
    /// The areas, in the order of the columns.
    pub areas: Vec<Named>,
    /// A line for each category.
    pub lines: Vec<CategoryLine>,
    /// All of them together; an organisation counts once in it.
    pub sum: Line,
    /// What is missing, by category.
    pub gaps: Vec<GapLine>,
    /// Overlaps, those of the most organisations first; at most [`OVERLAPS`].
    pub overlaps: Vec<OverlapLine>,
    /// How many there are in all.
    pub overlaps_found: usize,
    /// Services whose money ends soon, by the region where they stand.
    pub ending: Vec<EndingLine>,
    /// Days before the end at which that is said.
    pub ending_days: u32,
    /// Entries that the steering committee ratified as they stand, by where they stand.
    pub ratified: usize,
    /// What was asked for; for the mechanism's office alone.
    pub demand: Option<DemandView>,
    /// All categories are asked for together, by area.
    #[serde(skip)]
    pub together: bool,
    /// Groups to choose from.
    #[serde(skip)]
    pub targets: Vec<Named>,
    /// Dimensions to choose from.
    #[serde(skip)]
    pub dimensions: Vec<Named>,
    /// Regions to choose from.
    #[serde(skip)]
    pub regions: Vec<Named>,
    /// Now, by the deployment's clock.
    #[serde(skip)]
    pub now: DateTime<Utc>,
}

/// Most overlaps that are told.
pub const OVERLAPS: usize = 200;

/// The matrix, from memory.
///
/// # Errors
/// [`ActError::Invalid`] naming the parameter that cannot be read,
/// [`ActError::NotFound`] for a region that does not exist.
pub fn view(desk: &Desk, lang: Lang, asked: &MatrixAsked, now: DateTime<Utc>) -> Result<MatrixView, ActError> {
    let mechanism = desk.mechanism();
    let read = asked.read(&mechanism, local_date(now))?;
    told::view(&mechanism, &desk.network(), &read, lang, now)
}

/// The matrix, for the mechanism's office with what was asked for.
///
/// # Errors
/// Those of [`view`].
pub async fn with_demand(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    asked: MatrixAsked,
    now: DateTime<Utc>,
) -> Result<MatrixView, ActError> {
    let mut view = view(desk, viewer.lang, &asked, now)?;
    if let Some(national) = coordination::office(viewer) {
        let (viewer_, mechanism) = (viewer.clone(), desk.mechanism());
        let read = asked.read(&mechanism, local_date(now))?;
        let (window, demand) = desk
            .read_as(viewer, move |tx| {
                let found = coordination::demand(tx, &viewer_, &mechanism, national, now)?;
                Ok((found, Vec::new()))
            })
            .await?;
        view.demand = Some(told::demand(desk, &read, window, demand, viewer.lang));
    }
    Ok(view)
}

/// What the mechanism calls an area.
fn named(mechanism: &Mechanism, code: &str, lang: Lang) -> Named {
    Named {
        code: code.to_owned(),
        name: crate::share::place_name(mechanism, code, lang),
    }
}

/// The region that an area lies in.
fn region_of<'m>(mechanism: &'m Mechanism, code: &'m str) -> &'m str {
    mechanism.place(code).map_or(code, |place| match place.level {
        Level::Region => place.code.as_str(),
        Level::Department | Level::Subdivision => place.region.as_str(),
    })
}
