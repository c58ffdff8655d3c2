//! Services: what an organisation offers, somewhere, to someone (F6.20–F6.45).

use chrono::NaiveDate;
use relais_mechanism::{Label, closed_enum};
use serde::{Deserialize, Serialize};

use crate::check::{Checker, FieldError, FieldProblem};
use crate::life::Doubt;
use crate::organisation::{Origin, PublicationStatus};
use crate::programme::MOST_OF_A_SERVICE;
use crate::ratification::Ratified;
use crate::{OrganisationId, PlaceId, ProgrammeId, ServiceId, UserId};

closed_enum! {
    /// How the person and the service meet.
    ServiceMode {
        /// The person comes.
        OnSite = "on_site",
        /// By telephone or online: offered wherever the person is.
        Remote = "remote",
        /// A team comes.
        Mobile = "mobile",
    }
}

closed_enum! {
    /// What the person pays (F6.27).
    Cost {
        /// Nothing.
        Free = "FREE",
        /// A part.
        Subsidised = "SUBS",
        /// The price.
        Paid = "PAID",
        /// Nothing: a project pays.
        Project = "PROJ",
    }
}

closed_enum! {
    /// For whom a service is meant (F6.22).
    Target {
        /// Everyone.
        Everyone = "all",
        /// Women.
        Women = "women",
        /// Men.
        Men = "men",
        /// Children.
        Children = "child",
        /// Unaccompanied or separated children.
        SeparatedChildren = "uasc",
        /// Youth, 15 to 35.
        Youth = "youth",
        /// Families.
        Families = "family",
        /// Older persons.
        Older = "elder",
        /// Persons with disabilities.
        Disability = "disab",
        /// Victims of trafficking.
        Trafficking = "vot",
        /// Survivors of gender-based violence.
        Violence = "gbv",
        /// The chronically ill.
        ChronicallyIll = "medical",
        /// Foreign migrants.
        Foreign = "foreign",
        /// Internally displaced persons.
        Displaced = "idp",
        /// The host community.
        Host = "host",
    }
}

/// The area that a service serves (F6.25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "level", content = "pcode", rename_all = "snake_case")]
pub enum ServedArea {
    /// The whole country.
    Country,
    /// One region, by pcode.
    Region(String),
    /// One department, by pcode.
    Department(String),
    /// One subdivision, by pcode.
    Subdivision(String),
}

impl ServedArea {
    /// The pcode, `None` for the whole country.
    #[must_use]
    pub fn pcode(&self) -> Option<&str> {
        match self {
            Self::Country => None,
            Self::Region(p) | Self::Department(p) | Self::Subdivision(p) => Some(p),
        }
    }
}

/// How many persons a service takes (F6.28, F6.29).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Capacity {
    /// Persons a month, when stated.
    pub per_month: Option<u32>,
    /// Places free on the day below, when stated.
    pub available: Option<u32>,
    /// When `available` was said; stale after 30 days (F6.29).
    pub assessed_on: Option<NaiveDate>,
}

/// A number to call; a service lists them in the order of calling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telephone {
    /// The number, as dialled.
    pub number: String,
    /// Who answers, as a post rather than a person where possible.
    pub who: String,
    /// When somebody answers, in words; empty if not said.
    pub hours: String,
}

/// What an organisation offers, somewhere, to someone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Identifier.
    pub id: ServiceId,
    /// Who offers it.
    pub organisation: OrganisationId,
    /// Code of the taxonomy ("MED.01").
    pub service_type: String,
    /// Name in both languages.
    pub name: Label,
    /// Where it is offered.
    pub place: PlaceId,
    /// Whom it serves, by area.
    pub served_area: ServedArea,
    /// How it is offered; at least one mode.
    pub modes: Vec<ServiceMode>,
    /// For whom; empty means everyone.
    pub targets: Vec<Target>,
    /// What the person pays, when stated.
    pub cost: Option<Cost>,
    /// Opening hours, in words.
    pub opening_hours: String,
    /// Languages spoken, ISO 639-3 codes of the list `lang`.
    pub languages: Vec<String>,
    /// How many it takes.
    pub capacity: Capacity,
    /// Someone answers day and night (F6.11): P1 is proposed here, P2 runs
    /// around the clock.
    pub on_call: bool,
    /// Numbers, in the order of calling.
    pub telephones: Vec<Telephone>,
    /// How to refer, papers to bring, in both languages.
    pub how_to_refer: Label,
    /// The programmes that pay for it (F6.34); none where nobody said so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programmes: Vec<ProgrammeId>,
    /// When the entry was last confirmed true (F6.45).
    pub confirmed_on: Option<NaiveDate>,
    /// Who confirmed it, when it was a user.
    pub confirmed_by: Option<UserId>,
    /// Whether it may be offered.
    pub status: PublicationStatus,
    /// Checked, and published as soon as nothing is missing at the
    /// [`gate`](crate::gate): a list brought it as published.
    #[serde(default, skip_serializing_if = "is_no")]
    pub held: bool,
    /// What speaks against the entry, oldest first; none once it is confirmed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
    /// That the steering committee ratified it, and what of it; see
    /// [`ratification`](crate::ratification).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratified: Option<Box<Ratified>>,
    /// Confidential service (F6.06): absent from search (DESIGN §6).
    pub confidential: bool,
    /// Source and key, for an imported record.
    pub origin: Option<Origin>,
    /// Made for a demonstration: marked as such on every screen.
    pub demonstration: bool,
    /// The entry in which this one went up when somebody found that both are
    /// one; archived since, and read by its id only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<ServiceId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde asks it")]
const fn is_no(flag: &bool) -> bool {
    !*flag
}

/// Service types that are confidential whatever their record says: safe
/// shelter, safe house, protected accommodation (DOMAIN §3).
pub const CONFIDENTIAL_TYPES: [&str; 3] = ["RCP.03", "GBV.03", "VOT.02"];

impl Service {
    /// A service of which nothing else was said: on site, for the whole country,
    /// proposed. What is known beside stands where it is made.
    #[must_use]
    pub fn proposed(id: ServiceId, organisation: OrganisationId, service_type: String, place: PlaceId) -> Self {
        Self {
            id,
            organisation,
            service_type,
            name: Label::default(),
            place,
            served_area: ServedArea::Country,
            modes: vec![ServiceMode::OnSite],
            targets: Vec::new(),
            cost: None,
            opening_hours: String::new(),
            languages: Vec::new(),
            capacity: Capacity::default(),
            on_call: false,
            telephones: Vec::new(),
            how_to_refer: Label::default(),
            programmes: Vec::new(),
            confirmed_on: None,
            confirmed_by: None,
            status: PublicationStatus::Proposed,
            held: false,
            doubts: Vec::new(),
            ratified: None,
            confidential: false,
            origin: None,
            demonstration: false,
            merged_into: None,
        }
    }

    /// Whether the service must be absent from search, by its flag or by its
    /// type. A confidential place hides it too; see
    /// [`Directory::build`](crate::directory::Directory::build).
    #[must_use]
    pub fn is_confidential(&self) -> bool {
        self.confidential || CONFIDENTIAL_TYPES.contains(&self.service_type.as_str())
    }

    /// What speaks against the entry, the last time; none while it stands.
    #[must_use]
    pub fn doubt(&self) -> Option<Doubt> {
        self.doubts
            .last()
            .copied()
            .filter(|_| self.status == PublicationStatus::Doubtful)
    }

    /// The category of the service type ("MED" of "MED.01").
    #[must_use]
    pub fn category(&self) -> &str {
        self.service_type.split('.').next().unwrap_or_default()
    }

    /// Every field that must be put right before the record is saved.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut c = Checker::default();
        c.service_type("service_type", &self.service_type);
        c.label("name", &self.name);
        c.pcode_opt("served_area", self.served_area.pcode());
        if self.modes.is_empty() {
            c.push("modes", FieldProblem::Missing);
        }
        for language in &self.languages {
            c.language("languages", language);
        }
        c.text("opening_hours", &self.opening_hours, false);
        for telephone in &self.telephones {
            c.telephone_opt("telephones", Some(&telephone.number));
        }
        if self.capacity.available.is_some() && self.capacity.assessed_on.is_none() {
            c.push("capacity.assessed_on", FieldProblem::Missing);
        }
        if self.programmes.len() > MOST_OF_A_SERVICE {
            c.push("programmes", FieldProblem::TooMany(MOST_OF_A_SERVICE));
        }
        if self.on_call && self.telephones.is_empty() {
            c.push("telephones", FieldProblem::OnCallWithoutNumber);
        }
        if self.status == PublicationStatus::Doubtful && self.doubts.is_empty() {
            c.push("doubts", FieldProblem::Missing);
        }
        if self.status.is_offered() && self.is_confidential() != self.confidential {
            c.push("confidential", FieldProblem::MustBeConfidential);
        }
        c.finish()
    }
}
