//! Services that may answer a need: the page "refer a need", and the search.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::referral::DueKind;
use relais_network::{CaseId, Loosened, OrganisationId, PublicationStatus, ReferralId, ServiceId};
use serde::Serialize;

use super::{Fact, NeedRow, OverrideNote, WorkRow};

/// A service that may answer a need.
#[derive(Debug, Clone, Serialize)]
pub struct Proposal {
    /// Service.
    pub id: ServiceId,
    /// Name of the service or of its place.
    pub name: String,
    /// Organisation.
    pub organisation: String,
    /// Organisation's id.
    pub organisation_id: OrganisationId,
    /// Place, in words.
    pub place: String,
    /// Distance in kilometres.
    pub distance_km: Option<f64>,
    /// Reasons for it: (kind "ok" or "care", words).
    pub reasons: Vec<(&'static str, Cow<'static, str>)>,
    /// Places free, in words.
    pub capacity: String,
    /// Cost, in words.
    pub cost: String,
    /// Confirmed on.
    pub confirmed_on: Option<NaiveDate>,
    /// The programmes that pay for it, each with its end, in words.
    pub paid: Vec<String>,
    /// Telephones in the order to call.
    pub telephones: Vec<String>,
    /// Whether the organisation has an account in the mechanism.
    pub has_account: bool,
    /// Marked as demonstration.
    pub demonstration: bool,
}

/// A service left out, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Excluded {
    /// Name.
    pub name: String,
    /// Why, in words.
    pub why: String,
    /// What can be done, in words.
    pub remedy: String,
}

/// What a provider will see of a referral, before it is sent.
#[derive(Debug, Clone, Serialize)]
pub struct Preview {
    /// The service.
    pub service: Proposal,
    /// Now.
    pub now: Vec<Fact>,
    /// After acceptance.
    pub after: Vec<Fact>,
    /// Under which consent and agreement, in words.
    pub basis: String,
    /// Never: (class, why).
    pub never: Vec<(String, String)>,
    /// Why it cannot be sent: (sentence, remedy).
    pub blocked: Option<(String, String)>,
    /// Whether it is consent that is missing: it can be asked.
    pub ask_consent: bool,
    /// Limits if sent now: (what, when).
    pub limits: Vec<(DueKind, Option<DateTime<Utc>>)>,
    /// P1: numbers to call in order (who, number).
    pub calls: Vec<(String, String)>,
    /// P1: minutes for a number.
    pub minutes: u32,
    /// P2 without on-call: an interim measure must be written.
    pub needs_interim: bool,
    /// Grounds on which what is missing may be set aside, as codes; none where
    /// nothing is missing or an override stands already.
    pub overrides: Vec<String>,
    /// The latest override written for this need and service.
    pub exception: Option<OverrideNote>,
    /// The id under which the referral goes, where an override is for it alone.
    pub referral: Option<ReferralId>,
    /// The same service for the same person, under way or rendered in the last
    /// 90 days: a warning; a person decides.
    pub repeats: Vec<RepeatRow>,
}

/// A service that the person has, or had lately.
#[derive(Debug, Clone, Serialize)]
pub struct RepeatRow {
    /// Referral.
    pub referral_id: ReferralId,
    /// Its code.
    pub code: String,
    /// Who serves or served.
    pub organisation: String,
    /// State, in words.
    pub state_label: String,
    /// When it was sent, or when it ended.
    pub at: DateTime<Utc>,
    /// Whether it is in another file that was joined with this one.
    pub joined: bool,
}

/// The page "refer a need".
#[derive(Debug, Clone, Serialize)]
pub struct ReferView {
    /// Need.
    pub need: NeedRow,
    /// Case.
    pub case_id: CaseId,
    /// Code of the case.
    pub case_code: String,
    /// Initials.
    pub initials: String,
    /// Destination or region, in words.
    pub place: String,
    /// Services, most fitting first.
    pub proposals: Vec<Proposal>,
    /// Left out, and why.
    pub excluded: Vec<Excluded>,
    /// Earlier referrals of the same need.
    pub earlier: Vec<WorkRow>,
    /// The open request that a new one would take back.
    pub takes_back: Option<super::TakesBack>,
    /// What the chosen service will see.
    pub preview: Option<Preview>,
    /// The way to a service that no search finds.
    pub shelter: ShelterBox,
    /// Cursor for more services.
    pub next: Option<String>,
}

/// The way to a confidential service: by telephone, and by the code that the
/// on-call desk gives.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ShelterBox {
    /// Whether services of this need's type are never found, so that nothing
    /// else leads to one.
    pub confidential: bool,
    /// Then: the on-call numbers of the case's region (who, number).
    pub calls: Vec<(String, String)>,
}

/// A row of the service search: what is not known, or not so, is left out.
#[derive(Debug, Clone, Serialize)]
pub struct ServiceHit {
    /// Service.
    pub id: ServiceId,
    /// Service of the taxonomy.
    pub service_type: String,
    /// Name.
    pub name: String,
    /// Organisation.
    pub organisation: String,
    /// Region code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Place, in words.
    pub place: String,
    /// Distance in kilometres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_km: Option<f64>,
    /// Telephones.
    pub telephones: Vec<String>,
    /// Confirmed on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_on: Option<NaiveDate>,
    /// Codes of the programmes that pay for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub programmes: Vec<String>,
    /// The last day on which one of them pays; none where one has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_until: Option<NaiveDate>,
    /// Life of the entry: published, or doubtful.
    pub status: PublicationStatus,
    /// Marked as demonstration.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub demonstration: bool,
}

/// A page of services, as the API answers it.
#[derive(Debug, Clone)]
pub struct ServicePage {
    /// How many rows it has.
    pub rows: usize,
    /// `rows`, each a [`ServiceHit`], and `next`, the cursor of the next page.
    pub json: Vec<u8>,
}

/// An entry of the directory that a search found.
#[derive(Debug, Clone)]
pub struct Offered {
    /// Its number in the directory that was searched.
    pub number: usize,
    /// Distance in kilometres.
    pub distance_km: Option<f64>,
    /// Reasons for it, as [`Proposal::reasons`].
    pub reasons: Vec<(&'static str, Cow<'static, str>)>,
}

/// The search as a page shows it.
#[derive(Debug, Clone)]
pub struct ServiceLook {
    /// The entries, best first.
    pub offered: Vec<Offered>,
    /// How many there are on all pages.
    pub total: usize,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// How the words were understood.
    pub said: Said,
    /// What there is to choose among them.
    pub choices: ServiceChoices,
    /// Now, by the deployment's clock.
    pub now: DateTime<Utc>,
}

/// One choice of a filter.
#[derive(Debug)]
pub struct Choice {
    /// Code.
    pub code: Arc<str>,
    /// Label, in the viewer's language.
    pub label: Arc<str>,
    /// What a page makes of the two, made once: some sixty stand beside each search.
    pub laid_out: OnceLock<Box<str>>,
}

impl Choice {
    /// A choice that no page has laid out yet.
    #[must_use]
    pub fn of(code: &str, label: &str) -> Self {
        Self {
            code: code.into(),
            label: label.into(),
            laid_out: OnceLock::new(),
        }
    }
}

/// A choice, and how many of what was found are of it.
pub type Choosable = (Arc<Choice>, usize);

/// How the words of a search were understood, in the viewer's language.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// Kinds of service and categories.
    pub services: Vec<String>,
    /// Groups.
    pub targets: Vec<String>,
    /// Place.
    pub place: Option<String>,
    /// Language.
    pub language: Option<String>,
    /// It cannot wait.
    pub urgent: bool,
    /// Nothing can be paid.
    pub free: bool,
    /// What was typed, and as what it was read.
    pub corrected: Vec<(String, String)>,
    /// Words that nobody understood.
    pub unknown: Vec<String>,
    /// What was given up to find anything.
    pub loosened: Option<Loosened>,
}

/// What there is to choose: code, label, how many.
#[derive(Debug, Clone, Default)]
pub struct ServiceChoices {
    /// Categories.
    pub categories: Vec<Choosable>,
    /// Regions.
    pub regions: Vec<Choosable>,
    /// Costs.
    pub costs: Vec<Choosable>,
    /// Languages.
    pub languages: Vec<Choosable>,
    /// Target groups.
    pub targets: Vec<Choosable>,
    /// With free places.
    pub free_places: usize,
    /// By telephone or online.
    pub remote: usize,
}
