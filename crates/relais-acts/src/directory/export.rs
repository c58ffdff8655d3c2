//! Carry the directory out: the coordination unit, and a regional focal point
//! for its regions. What goes out is what everybody may see.

use chrono::NaiveDate;
use relais_interchange::directory::geojson;
use relais_interchange::directory::hsds::Writer;
use relais_interchange::directory::table::{Table, Told};
use relais_interchange::xlsx;
use relais_mechanism::{Label, Lang, Mechanism, closed_enum};
use relais_store::Store;
use serde_json::Value;

use super::shown::shown;
use crate::desk::{Desk, Viewer};
use crate::network::Network;
use crate::problem::ActError;
use crate::share::place_name;

closed_enum! {
    /// A format of an export.
    Format {
        /// A workbook.
        Xlsx = "xlsx",
        /// A table as text.
        Csv = "csv",
        /// For a map.
        GeoJson = "geojson",
        /// Human Services Data Specification 3.
        Hsds = "hsds",
    }
}

impl Format {
    /// What it is served as.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => xlsx::TYPE,
            Self::Csv => "text/csv; charset=utf-8",
            Self::GeoJson => "application/geo+json",
            Self::Hsds => "application/json",
        }
    }

    /// How a file of it ends.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
            Self::GeoJson => "geojson",
            Self::Hsds => "json",
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Export {
    /// The format.
    pub format: Format,
    /// Language of headings and labels.
    pub lang: Lang,
    /// Region, by its code; none: the whole country, or all of the viewer's regions.
    pub region: Option<String>,
}

/// A file.
#[derive(Debug, Clone)]
pub struct Exported {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Services in it.
    pub services: usize,
    /// Organisations in it.
    pub organisations: usize,
}

/// Regions that a viewer may carry out; none at all: the whole country.
fn reach(viewer: &Viewer, asked: Option<&str>) -> Result<Vec<String>, ActError> {
    let national = viewer.is_national();
    match asked {
        Some(region) if national || viewer.regions.iter().any(|r| r == region) => Ok(vec![region.to_owned()]),
        None if national => Ok(Vec::new()),
        None if !viewer.regions.is_empty() => Ok(viewer.regions.to_vec()),
        _ => Err(ActError::NotFound),
    }
}

/// Carries the directory out for the mechanism's office.
///
/// # Errors
/// A region that does not exist, or is not the viewer's.
pub fn export(desk: &Desk, viewer: &Viewer, asked: &Export, on: NaiveDate) -> Result<Exported, ActError> {
    let mechanism = desk.mechanism();
    let regions = reach(viewer, asked.region.as_deref())?;
    file(
        &desk.network(),
        &mechanism,
        asked,
        &regions,
        &viewer.organisation_name,
        on,
    )
}

/// Carries the directory out, whoever asks: for the command line.
///
/// # Errors
/// A region that does not exist.
pub fn export_all(store: &Store, mechanism: &Mechanism, asked: &Export, on: NaiveDate) -> Result<Exported, ActError> {
    let regions: Vec<String> = asked.region.iter().cloned().collect();
    let rows = store.read_blocking(Network::read_rows)?;
    let network = Network::build(rows, mechanism)?;
    file(&network, mechanism, asked, &regions, "Relais", on)
}

fn file(
    network: &Network,
    mechanism: &Mechanism,
    asked: &Export,
    regions: &[String],
    from: &str,
    on: NaiveDate,
) -> Result<Exported, ActError> {
    if let Some(unknown) = regions
        .iter()
        .find(|r| !mechanism.regions().any(|known| known.code == **r))
    {
        return Err(ActError::field(
            "region",
            "unknown_place",
            (
                &format!("Région inconnue\u{a0}: {unknown}. Choisissez un code comme CM005."),
                &format!("Unknown region: {unknown}. Choose a code as CM005."),
            ),
        ));
    }
    let shown = shown(network, mechanism, regions);
    let lang = asked.lang;
    let bytes = match asked.format {
        Format::Xlsx => Table::of(&shown, mechanism, lang).xlsx(&Told {
            made_on: on,
            from: from.to_owned(),
            scope: scope(mechanism, regions, lang),
        }),
        Format::Csv => Table::of(&shown, mechanism, lang).csv(),
        Format::GeoJson => text(&geojson::collection(&shown, mechanism, lang, on)),
        Format::Hsds => Writer {
            mechanism,
            lang,
            posts: true,
            paid: Some(&shown),
        }
        .file(&shown, on),
    };
    let stem = match lang {
        Lang::Fr => "annuaire",
        Lang::En => "directory",
    };
    let part = regions.iter().map(|r| format!("-{r}")).collect::<String>();
    Ok(Exported {
        name: format!("{stem}{part}-{on}.{}", asked.format.ending()),
        bytes,
        services: shown.entries.len(),
        organisations: shown.organisations.len(),
    })
}

fn text(value: &Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).expect("texts, numbers and lists of them");
    bytes.push(b'\n');
    bytes
}

/// What part of the country it is, in words.
fn scope(mechanism: &Mechanism, regions: &[String], lang: Lang) -> String {
    let whole = Label::of("Tout le pays", "Whole country");
    if regions.is_empty() {
        return whole.get(lang).to_owned();
    }
    let names: Vec<String> = regions.iter().map(|r| place_name(mechanism, r, lang)).collect();
    names.join(", ")
}
