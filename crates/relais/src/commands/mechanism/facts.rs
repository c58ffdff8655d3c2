//! What a new country says of itself: the file of facts. Where its tables are
//! those of the mechanism's own files, they are copied as they are.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Table;

use crate::failure::Failure;

/// The file of facts; all of it may be absent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// Title and version of the mechanism.
    pub mechanism: MechanismFacts,
    /// Name, time zone, currency.
    pub country: CountryFacts,
    /// How telephone numbers are read.
    pub phone: Option<PhoneFacts>,
    /// When offices are open.
    pub hours: Option<HoursFacts>,
    /// The regions.
    pub region: Vec<RegionFacts>,
    /// Organisations that the mechanism names.
    pub body: Vec<BodyFacts>,
    /// Time limits that differ from the region's, by priority.
    pub limits: BTreeMap<String, Table>,
    /// Counts and lengths that differ from the region's.
    pub rules: Table,
    /// Copied as they are.
    pub department: Vec<Table>,
    /// Copied as they are.
    pub holiday: Vec<Table>,
    /// Copied as they are.
    pub entry_point: Vec<Table>,
    /// Copied as they are.
    pub on_call: Vec<Table>,
    /// Copied as they are: whom one calls where a region has nobody.
    pub fallback: Vec<Table>,
    /// Copied as they are.
    pub emergency: Vec<Table>,
    /// Copied as they are.
    pub bridge: Vec<Table>,
    /// Copied as they are.
    pub raci_actor: Vec<Table>,
    /// Copied as they are.
    pub raci: Vec<Table>,
    /// Copied as they are.
    pub meaning: Vec<Table>,
}

/// Title and version of the mechanism.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MechanismFacts {
    /// Title in French.
    pub fr: Option<String>,
    /// Title in English.
    pub en: Option<String>,
    /// Version, after the code: "2026.1".
    pub version: Option<String>,
    /// Regime of sharing: transitional, ordinary.
    pub regime: Option<String>,
}

/// Name, time zone, currency.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CountryFacts {
    /// ISO 3166-1 code.
    pub code: Option<String>,
    /// Name in French.
    pub fr: Option<String>,
    /// Name in English.
    pub en: Option<String>,
    /// Name of the time zone.
    pub time_zone: Option<String>,
    /// Minutes east of Greenwich.
    pub utc_offset_minutes: Option<i32>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// How the currency is written in French.
    pub currency_fr: Option<String>,
    /// How the currency is written in English.
    pub currency_en: Option<String>,
}

/// How telephone numbers are read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneFacts {
    /// Country code without the plus sign.
    pub country: String,
    /// Sizes of the groups in which a national number is shown.
    pub groups: Vec<u32>,
    /// Blocks of national numbers.
    pub blocks: Vec<Table>,
}

/// When offices are open.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursFacts {
    /// Days of the week that are closed: "sat", "sun".
    pub closed: Vec<String>,
    /// Opening time, local.
    pub opens: String,
    /// Closing time, local.
    pub closes: String,
    /// How sure it is.
    pub mark: Option<String>,
}

/// A region.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionFacts {
    /// Code, such as the P-code.
    pub code: String,
    /// Name in French.
    pub fr: String,
    /// Name in English.
    pub en: String,
    /// Chief town.
    pub chief_town: Option<String>,
    /// Latitude of the chief town, in degrees.
    #[serde(alias = "lat")]
    pub latitude: Option<f64>,
    /// Longitude of the chief town, in degrees.
    #[serde(alias = "lon")]
    pub longitude: Option<f64>,
    /// Language in which its organisations are written to, where not French.
    pub language: Option<String>,
    /// How sure it is.
    pub mark: Option<String>,
}

/// An organisation that the mechanism names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BodyFacts {
    /// Short code.
    pub code: String,
    /// Name in French.
    pub fr: String,
    /// Name in English.
    pub en: String,
    /// Code of its type; a ministry where it is absent.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// What it does in the mechanism, in French.
    pub role_fr: Option<String>,
    /// What it does in the mechanism, in English.
    pub role_en: Option<String>,
    /// How sure it is.
    pub mark: Option<String>,
}

impl Facts {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, or says something that is not understood.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|e| Failure::file(path, &e))?;
        toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(1, |before| before.matches('\n').count() + 1);
            let (place, cause) = (path.display(), error.message());
            Failure::new(
                (
                    &format!("{place}:{line} : {cause}."),
                    &format!("{place}:{line}: {cause}."),
                ),
                (
                    "Corrigez cette ligne ; docs/examples/senegal.toml montre un fichier entier.",
                    "Correct this line; docs/examples/senegal.toml shows a whole file.",
                ),
            )
        })
    }
}
