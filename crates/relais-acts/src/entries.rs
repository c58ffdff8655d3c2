//! The life of the directory's entries: their providers say that they are still
//! true, correct them and state free places; the coordination unit accepts what
//! waits for it, publishes and archives; the clock and the providers' answers
//! raise doubt. The rules are [`relais_network::life`]; every change is kept
//! with its old and new values.
//!
//! The coordination unit is the secretariat, its supervisor, and for its regions
//! the regional focal point. It reads nothing of a confidential service: the
//! provider confirms and changes such an entry, and whoever runs the deployment
//! does the rest.

mod clock;
mod correct;
mod evidence;
mod funding;
pub(crate) mod keep;
mod office;
mod own;
pub mod programmes;
pub mod ratification;
mod read;
pub mod safeguards;
mod words;

use chrono::{DateTime, NaiveDate, Utc};
use relais_mechanism::{Label, Mechanism, closed_enum};
use relais_network::life::{DoubtCause, Intervals, LifeAct, LifeRefusal, Line, Standing};
use relais_network::organisation::OrganisationKind;
use relais_network::service::{Cost, Target};
use relais_network::{EntryChangeId, Missing, OrganisationId, PublicationStatus, ServiceId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::desk::Viewer;
use crate::problem::ActError;

pub use clock::DUE;
pub(crate) use clock::{time_passes, watch};
pub(crate) use evidence::heard;
pub(crate) use keep::values_of;
pub use office::{decide, moderation, step};
pub use own::{capacity, change, confirm, list};
pub(crate) use own::{care, once};
pub use read::view;
pub(crate) use read::{office, region_of};
pub(crate) use words::{Words, line_name, paid_says};

/// Longest words of a line, a note or a reason, in characters.
pub const LONGEST: usize = 300;
/// Most telephones of an entry.
pub const MOST_TELEPHONES: usize = 5;
/// Most entries of an organisation that are confirmed at once.
pub const MOST: usize = 100;
/// Most rows of each list of the coordination unit.
pub const ROWS: usize = 20;
/// Most changes that an entry shows.
pub const HISTORY: i64 = 30;
/// Most places that a service states.
pub const MOST_PLACES: u32 = 100_000;

/// The notice that entries are to be confirmed soon.
pub(crate) const REMIND_NOTICE: &str = "entry_remind";
/// The notice that entries are in doubt.
pub(crate) const DOUBT_NOTICE: &str = "entry_doubt";
/// The notice that the money of services ends soon.
pub(crate) const FUNDING_NOTICE: &str = "entry_funding";
/// The notice that a change waits for the coordination unit.
pub(crate) const PROPOSED_NOTICE: &str = "entry_proposed";
/// The notice that a proposed change was decided.
pub(crate) const DECIDED_NOTICE: &str = "entry_decided";
/// The notice that a provider is no longer offered.
pub(crate) const WITHHELD_NOTICE: &str = "entry_withheld";

closed_enum! {
    /// By whose hand an entry changed.
    Author {
        /// The provider's focal point.
        Provider = "provider",
        /// The coordination unit.
        Office = "office",
        /// The deployment's clock.
        Clock = "clock",
        /// A referral that was answered.
        Evidence = "evidence",
        /// A list that was brought in, or the command line.
        List = "list",
    }
}

closed_enum! {
    /// Where a change stands.
    ChangeState {
        /// It is made.
        Done = "done",
        /// It waits for the coordination unit.
        Waiting = "waiting",
        /// It was accepted, and is made.
        Accepted = "accepted",
        /// It was refused.
        Refused = "refused",
        /// Another one took its place before it was decided.
        Replaced = "replaced",
    }
}

closed_enum! {
    /// What the coordination unit decides on a proposed change.
    Decision {
        /// It is made.
        Accept = "accept",
        /// It is not; why stands beside it.
        Refuse = "refuse",
    }
}

/// The kind of a change of values, beside the acts of an entry's life.
pub const CHANGE: &str = "change";

/// The kind of a change by which an entry was merged with another.
pub const MERGED: &str = "merge";
/// The kind of a change by which a merge was undone.
pub const PARTED: &str = "part";

/// Say that entries are still true.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmEntries {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// The entries, each as it was read.
    pub entries: Vec<Confirmed>,
}

/// An entry that is still true.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    /// Service.
    pub service: ServiceId,
    /// Version that the maker saw.
    pub version: i64,
}

/// State the free places of today.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetCapacity {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version that the maker saw.
    pub version: i64,
    /// Free today.
    pub available: u32,
    /// Persons a month; what stands stays where it is left out.
    #[serde(default)]
    pub per_month: Option<u32>,
}

/// Correct an entry: what is left out stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeEntry {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version that the maker saw.
    pub version: i64,
    /// Numbers, in the order of calling.
    #[serde(default)]
    pub telephones: Option<Vec<String>>,
    /// Opening hours, in words.
    #[serde(default)]
    pub opening_hours: Option<String>,
    /// Languages, codes of the list `lang`.
    #[serde(default)]
    pub languages: Option<Vec<String>>,
    /// What the person pays.
    #[serde(default)]
    pub cost: Option<Cost>,
    /// Area served, by pcode, or `country`.
    #[serde(default)]
    pub served_area: Option<String>,
    /// For whom.
    #[serde(default)]
    pub targets: Option<Vec<Target>>,
    /// How to refer, in both languages.
    #[serde(default)]
    pub how_to_refer: Option<Label>,
    /// Name, in both languages.
    #[serde(default)]
    pub name: Option<Label>,
    /// The programmes that pay for it, by their codes.
    #[serde(default)]
    pub programmes: Option<Vec<String>>,
    /// The last day on which the programme that ends last pays, where that changed.
    #[serde(default)]
    pub funding_until: Option<NaiveDate>,
    /// The service exists no more.
    #[serde(default)]
    pub ended: bool,
    /// Words to the coordination unit.
    #[serde(default)]
    pub note: String,
}

/// Decide on a proposed change.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecideChange {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the change that the maker saw.
    pub version: i64,
    /// What is decided.
    pub decision: Decision,
    /// Why; needed for a refusal.
    #[serde(default)]
    pub reason: String,
}

/// Move an entry through its life.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepEntry {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the entry that the maker saw.
    pub version: i64,
    /// What is done.
    pub step: LifeAct,
    /// Why; needed for doubt and archive.
    #[serde(default)]
    pub reason: String,
}

/// A doubt as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DoubtView {
    /// What speaks against the entry.
    pub cause: DoubtCause,
    /// Against which of its lines; none where against all of it.
    pub line: Option<Line>,
    /// On which day it came up.
    pub on: NaiveDate,
    /// In words.
    pub says: String,
}

/// A line of an entry, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineView {
    /// Line.
    pub line: Line,
    /// What it says; empty where nothing is said.
    pub says: String,
    /// Whether it is in doubt.
    pub doubtful: bool,
    /// What it would say if the change that waits were accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<String>,
    /// Whether its provider changes it alone.
    pub at_once: bool,
}

/// A row of a list of entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryRow {
    /// Service.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// Who offers it.
    pub organisation: String,
    /// Its telephone, to ask.
    pub telephone: Option<String>,
    /// Where.
    pub place: String,
    /// Life of the entry.
    pub status: PublicationStatus,
    /// How its confirmation stands.
    pub standing: Standing,
    /// Day of the last confirmation.
    pub confirmed_on: Option<NaiveDate>,
    /// Last day on which it holds.
    pub until: Option<NaiveDate>,
    /// What speaks against it.
    pub doubts: Vec<DoubtView>,
    /// What its organisation has not signed: it waits for it, or is published all
    /// the same.
    pub missing: Vec<Missing>,
    /// Whether a change waits for the coordination unit.
    pub waits: bool,
    /// Free places, as they were stated.
    pub available: Option<u32>,
    /// On which day.
    pub assessed_on: Option<NaiveDate>,
    /// What it says, in short: telephone, hours, area.
    pub says: Vec<String>,
    /// Version.
    pub version: i64,
}

/// Why and since when a provider is not offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Withheld {
    /// Provider.
    pub organisation_id: OrganisationId,
    /// Its name.
    pub organisation: String,
    /// Its telephone.
    pub telephone: Option<String>,
    /// Referrals left unanswered.
    pub unanswered: u32,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// The own entries.
#[derive(Debug, Clone, Serialize)]
pub struct OwnEntries {
    /// Now.
    pub now: DateTime<Utc>,
    /// The entries, those that want something first.
    pub rows: Vec<EntryRow>,
    /// Whether the provider is not offered, and why.
    pub withheld: Option<Withheld>,
}

/// What the own entries want, for the pages where work begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct EntryCare {
    /// Entries whose confirmation ends soon, has ended, or was never given.
    pub to_confirm: u32,
    /// Of the own entries, those in doubt.
    pub doubtful: u32,
    /// Whether the provider is not offered for its silence.
    pub withheld: bool,
}

/// One value of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueView {
    /// Field of the entry.
    pub field: String,
    /// What it is called.
    pub label: String,
    /// What it said.
    pub old: String,
    /// What it says, or would say.
    pub new: String,
}

/// A change, made or proposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeView {
    /// Change.
    pub id: EntryChangeId,
    /// Service; none for a change of an organisation or a place.
    pub service: Option<ServiceId>,
    /// Its name.
    pub name: String,
    /// Who offers it.
    pub organisation: String,
    /// What was done: `change`, or an act of the entry's life.
    pub kind: String,
    /// Where it stands.
    pub state: ChangeState,
    /// By whose hand.
    pub by: Author,
    /// The member of staff, as partners read the name.
    pub by_name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who decided.
    pub decided_by: String,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Words of whoever made it.
    pub note: String,
    /// Words of whoever decided.
    pub reason: String,
    /// Old and new.
    pub values: Vec<ValueView>,
    /// Version.
    pub version: i64,
}

/// An entry, for its provider or the coordination unit.
#[derive(Debug, Clone, Serialize)]
pub struct EntryView {
    /// Now.
    pub now: DateTime<Utc>,
    /// The entry.
    pub row: EntryRow,
    /// Every line of it.
    pub lines: Vec<LineView>,
    /// Its values as a form has them.
    pub values: EntryValues,
    /// Who confirmed it last.
    pub confirmed_by: String,
    /// Who checked it, and when: the coordination unit, before it was published.
    pub checked: Option<(String, DateTime<Utc>)>,
    /// How it stands before the steering committee; none where nothing of it goes there.
    pub ratification: Option<ratification::EntryRatification>,
    /// The organisation whose signature is waited for, for the coordination unit.
    pub organisation_id: OrganisationId,
    /// Whether it is the viewer's organisation's own.
    pub own: bool,
    /// Whether no search finds it.
    pub confidential: bool,
    /// What the viewer may do with its life.
    pub steps: Vec<LifeAct>,
    /// Its changes, newest first.
    pub history: Vec<ChangeView>,
}

/// The values of an entry that are corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryValues {
    /// Numbers.
    pub telephones: Vec<String>,
    /// Opening hours.
    pub opening_hours: String,
    /// Languages.
    pub languages: Vec<String>,
    /// What the person pays.
    pub cost: Option<Cost>,
    /// Area served: a pcode, or `country`.
    pub served_area: String,
    /// Its name.
    pub served_area_says: String,
    /// How to refer.
    pub how_to_refer: Label,
    /// Persons a month.
    pub per_month: Option<u32>,
    /// Codes of the programmes that pay for it.
    pub programmes: Vec<String>,
    /// The last day on which one of them pays; none where one has no end.
    pub paid_until: Option<NaiveDate>,
}

/// The coordination unit's page.
#[derive(Debug, Clone, Serialize)]
pub struct Moderation {
    /// Now.
    pub now: DateTime<Utc>,
    /// Changes that wait, oldest first.
    pub waiting: Vec<ChangeView>,
    /// Entries in doubt, the longest first.
    pub doubtful: Vec<EntryRow>,
    /// Entries whose confirmation has ended or ends soon.
    pub overdue: Vec<EntryRow>,
    /// Entries that are not offered yet.
    pub unpublished: Vec<EntryRow>,
    /// Providers that are not offered for their silence.
    pub withheld: Vec<Withheld>,
    /// Who is to sign before entries are published, or has let it run out.
    pub unsigned: Vec<safeguards::Unsigned>,
    /// How many entries wait for the steering committee; for the office for the whole
    /// country, which puts them before it.
    pub unratified: Option<usize>,
    /// How many entries in doubt, overdue, not offered yet, never confirmed.
    pub counts: Counts,
}

/// How many entries of each kind there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// In doubt.
    pub doubtful: usize,
    /// Overdue or soon.
    pub overdue: usize,
    /// Proposed or checked.
    pub unpublished: usize,
    /// Offered, and never confirmed.
    pub never: usize,
    /// Changes that wait.
    pub waiting: usize,
    /// Of those that are not offered yet: that wait for a signature.
    pub unsigned: usize,
    /// Offered, while a signature is missing.
    pub exposed: usize,
}

/// Refuses whoever is not of the office for the whole country; the code says what.
pub(crate) fn unless_national(viewer: &Viewer, code: &'static str) -> Result<(), ActError> {
    if viewer.is_national() {
        Ok(())
    } else {
        Err(ActError::Forbidden { code })
    }
}

/// For how long confirmations hold under a mechanism.
#[must_use]
pub fn intervals(mechanism: &Mechanism) -> Intervals {
    let rules = mechanism.rules();
    let mut intervals = Intervals {
        days: rules.directory_stale_days,
        remind_days: rules.confirmation_reminder_days,
        ..Intervals::default()
    };
    for own in mechanism.confirmation_intervals() {
        for service in &own.services {
            intervals.by_service.insert(service.clone(), own.days);
        }
        for kind in own.kinds.iter().filter_map(|k| OrganisationKind::from_code(k)) {
            intervals.by_kind.insert(kind, own.days);
        }
    }
    intervals
}

impl From<LifeRefusal> for ActError {
    fn from(refusal: LifeRefusal) -> Self {
        let (why, remedy) = match refusal {
            LifeRefusal::NotYours => (
                ("Cette étape n’est pas à vous.", "This step is not yours."),
                (
                    "Demandez-la à l’unité de coordination.",
                    "Ask the coordination unit for it.",
                ),
            ),
            LifeRefusal::NotFromHere => (
                (
                    "La fiche n’est pas dans l’état qui le permet.",
                    "The entry is not in a state that allows it.",
                ),
                (
                    "Relisez la fiche : elle a peut-être changé entre-temps.",
                    "Read the entry again: it may have changed meanwhile.",
                ),
            ),
        };
        Self::refused(refusal.code(), why, remedy)
    }
}
