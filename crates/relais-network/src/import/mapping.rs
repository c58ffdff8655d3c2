//! The mapping of a file's columns to the directory, from TOML.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::catalogue::{Catalogue, Geography};
use crate::organisation::{OrganisationKind, PublicationStatus};
use crate::service::{Cost, ServiceMode, Target};
use crate::words;

/// How a file becomes organisations, places and services.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Name of the source; with the key it identifies a record for good.
    pub source: String,
    /// Where the data come from and their licence, for the reader.
    #[serde(default)]
    pub about: String,
    /// How the text is encoded.
    #[serde(default)]
    pub encoding: Encoding,
    /// What stands between two cells; one ASCII character.
    #[serde(default = "comma")]
    pub delimiter: char,
    /// Columns whose values together identify a record.
    pub key: Vec<String>,
    /// Cells that mean "nothing", beside the empty one ("NA").
    #[serde(default)]
    pub nothing: Vec<String>,
    /// Which column holds what.
    pub columns: Columns,
    /// What every record gets.
    pub constants: Constants,
    /// Region names of the file and their pcodes, beside the mechanism's own
    /// names.
    #[serde(default)]
    pub regions: BTreeMap<String, String>,
    /// The rectangle in which points must lie.
    pub bounds: Option<Bounds>,
    /// What each value of the type column means.
    pub types: Vec<TypeRule>,
}

/// Encodings that files of the field come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8; a row with anything else is rejected.
    #[default]
    Utf8,
    /// UTF-8, and Windows-1252 (Western European spreadsheets) for the cells
    /// that are not.
    Utf8OrWindows1252,
}

fn comma() -> char {
    ','
}

/// Column names by what they hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Name of the organisation and its place.
    pub name: String,
    /// Type, translated by [`Mapping::types`]; without it the only rule counts.
    pub r#type: Option<String>,
    /// Name or pcode of the region.
    pub region: String,
    /// Latitude, decimal degrees.
    pub latitude: Option<String>,
    /// Longitude, decimal degrees.
    pub longitude: Option<String>,
    /// Town or quarter.
    pub town: Option<String>,
    /// Telephone.
    pub telephone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

/// What every record of the file gets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constants {
    /// Beginning of the organisations' codes ("FS").
    pub code_prefix: String,
    /// Code of the supervising body of the mechanism ("MINSANTE").
    pub parent: Option<String>,
    /// Whether they are organs of the State.
    pub state_body: bool,
    /// Status of organisations and services.
    pub status: PublicationStatus,
    /// How the services are offered.
    pub modes: Vec<ServiceMode>,
    /// For whom; empty is everyone.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// What the person pays, only when the source says so.
    pub cost: Option<Cost>,
    /// Estimate the department by the nearest chief town of the region, marked
    /// as an estimate.
    #[serde(default)]
    pub estimate_department: bool,
    /// Marked as made for a demonstration.
    #[serde(default)]
    pub demonstration: bool,
}

/// A rectangle, decimal degrees.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Lowest latitude.
    pub south: f64,
    /// Highest latitude.
    pub north: f64,
    /// Lowest longitude.
    pub west: f64,
    /// Highest longitude.
    pub east: f64,
}

impl Bounds {
    /// Whether the point lies within.
    #[must_use]
    pub fn contain(&self, lat: f64, lon: f64) -> bool {
        (self.south..=self.north).contains(&lat) && (self.west..=self.east).contains(&lon)
    }
}

/// How far a service reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// The region that the row names.
    Region,
    /// The whole country.
    Country,
}

/// What some values of the type column mean.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeRule {
    /// The values, compared without capitals, marks and signs.
    pub values: Vec<String>,
    /// The organisation's kind.
    pub kind: OrganisationKind,
    /// Codes of the service types that it offers.
    pub services: Vec<String>,
    /// Whom it serves.
    pub serves: Reach,
    /// Its services and their place are confidential. A type that always is,
    /// as a shelter, is imported only where this is said: never by a slip.
    #[serde(default)]
    pub confidential: bool,
}

/// The mapping cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Not the TOML that a mapping is; the text names line and key.
    #[error("the mapping does not read: {0}")]
    Form(String),
    /// The delimiter is no single ASCII character, or one that cells need.
    #[error("the delimiter {0:?} must be one ASCII sign other than a quote or a line end")]
    Delimiter(char),
    /// No key column.
    #[error("`key` names no column: without a key a second import would make everything twice")]
    NoKey,
    /// No type rule.
    #[error("`types` has no rule: no row could be given a kind or a service")]
    NoTypes,
    /// Several type rules and no column to choose by.
    #[error("`columns.type` is missing: with several rules in `types` a column must choose")]
    NoTypeColumn,
    /// Two rules claim one value.
    #[error("the type {0:?} stands in two rules")]
    TypeTwice(String),
    /// A service type that the mechanism does not have.
    #[error("service type {0:?} is not in the taxonomy")]
    UnknownServiceType(String),
    /// A service type that is confidential by the mechanism, in a rule that does
    /// not say so.
    #[error(
        "service type {0:?} is confidential: write `confidential = true` in its rule, and keep the list to yourself"
    )]
    ConfidentialServiceType(String),
    /// A region table's pcode that the mechanism does not have.
    #[error("region {name:?} is mapped to {pcode:?}, which is no region of the mechanism")]
    UnknownPcode {
        /// Name in the file.
        name: String,
        /// What it is mapped to.
        pcode: String,
    },
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// [`MappingError`] of form; whether its codes exist is for
    /// [`Mapping::check`] to say.
    pub fn from_toml(text: &str) -> Result<Self, MappingError> {
        let mapping: Self = toml::from_str(text).map_err(|e| MappingError::Form(e.to_string().trim().to_owned()))?;
        if !mapping.delimiter.is_ascii() || matches!(mapping.delimiter, '"' | '\n' | '\r') {
            return Err(MappingError::Delimiter(mapping.delimiter));
        }
        if mapping.key.is_empty() {
            return Err(MappingError::NoKey);
        }
        match (mapping.types.len(), &mapping.columns.r#type) {
            (0, _) => return Err(MappingError::NoTypes),
            (2.., None) => return Err(MappingError::NoTypeColumn),
            _ => {}
        }
        let mut seen = HashMap::new();
        for (i, rule) in mapping.types.iter().enumerate() {
            for value in &rule.values {
                if seen.insert(words::fold(value), i).is_some_and(|before| before != i) {
                    return Err(MappingError::TypeTwice(value.clone()));
                }
            }
        }
        Ok(mapping)
    }

    /// Every code of the mapping that the mechanism does not have.
    #[must_use]
    pub fn check(&self, catalogue: &Catalogue, geography: &Geography) -> Vec<MappingError> {
        let mut errors = Vec::new();
        for (rule, code) in self
            .types
            .iter()
            .flat_map(|t| t.services.iter().map(move |code| (t, code)))
        {
            let confidential_by_list = crate::service::CONFIDENTIAL_TYPES.contains(&code.as_str());
            match catalogue.service_type(code) {
                None => errors.push(MappingError::UnknownServiceType(code.clone())),
                Some(t) if (t.confidential || confidential_by_list) && !rule.confidential => {
                    errors.push(MappingError::ConfidentialServiceType(code.clone()));
                }
                Some(_) => {}
            }
        }
        for (name, pcode) in &self.regions {
            if geography
                .area(pcode)
                .is_none_or(|a| a.level != crate::AreaLevel::Region)
            {
                errors.push(MappingError::UnknownPcode {
                    name: name.clone(),
                    pcode: pcode.clone(),
                });
            }
        }
        errors
    }
}
