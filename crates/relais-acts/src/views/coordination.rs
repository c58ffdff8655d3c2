//! Views of the coordination: figures by structure, provider and region.

use chrono::{DateTime, NaiveDate, Utc};
use relais_mechanism::Priority;
use serde::Serialize;

use super::ClockView;

/// What waits at one organisation.
#[derive(Debug, Clone, Serialize)]
pub struct StructureLine {
    /// Organisation, or the secretariat.
    pub organisation: String,
    /// Telephone.
    pub telephone: Option<String>,
    /// Waits whose limit has passed.
    pub late: u32,
    /// Waits in all.
    pub open: u32,
}

/// Requests asked of a provider over the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Requests sent.
    pub asked: u32,
    /// Answered: accepted, declined, waiting list, a question.
    pub answered: u32,
    /// Whose limit passed without an answer.
    pub late: u32,
}

/// A provider's figures, by name once it could reply to them.
#[derive(Debug, Clone, Serialize)]
pub struct ProviderLine {
    /// Name.
    pub organisation: String,
    /// Telephone.
    pub telephone: Option<String>,
    /// As they were put before it.
    pub counts: Counts,
    /// Requests sent until.
    pub until: DateTime<Utc>,
    /// What it says to them.
    pub reply: Option<String>,
}

/// Providers whose figures are not shown by name.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Unnamed {
    /// To whom they are still to be put.
    pub to_put: u32,
    /// Who may still reply.
    pub replying: u32,
    /// Counts of these together.
    pub counts: Counts,
}

/// Needs recorded and not met, in one region and group.
#[derive(Debug, Clone, Serialize)]
pub struct UnmetCell {
    /// Region, in words.
    pub region: String,
    /// Group of the need, in words.
    pub group: String,
    /// Count; none where it is too small to be shown.
    pub count: Option<u32>,
}

/// One call about late work.
#[derive(Debug, Clone, Serialize)]
pub struct CallNote {
    /// When.
    pub at: DateTime<Utc>,
    /// telephone or letter.
    pub channel: String,
    /// Organisation called.
    pub organisation: String,
    /// Who called, in words.
    pub by: String,
    /// Who answered.
    pub answered_by: String,
    /// What was promised.
    pub promised: String,
    /// By when.
    pub promised_on: Option<NaiveDate>,
    /// That day has passed.
    pub overdue: bool,
    /// The need or referral, by its address on the page of calls.
    pub subject: uuid::Uuid,
}

/// An agreement that ends soon.
#[derive(Debug, Clone, Serialize)]
pub struct EndingAgreement {
    /// Number.
    pub reference: String,
    /// Parties, in words.
    pub parties: String,
    /// When it ends, or ended.
    pub until: NaiveDate,
    /// Days from today; negative: it ended.
    pub days: i64,
}

/// The page of the secretariat and of a region's focal point.
#[derive(Debug, Clone, Serialize)]
pub struct Coordination {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// The regions shown, in words; empty: the whole country.
    pub regions: Vec<String>,
    /// Days of the window of the figures.
    pub days: i64,
    /// Late by structure, most first.
    pub structures: Vec<StructureLine>,
    /// Figures by name.
    pub providers: Vec<ProviderLine>,
    /// Figures without a name yet.
    pub unnamed: Unnamed,
    /// Whether the viewer may put them before the providers.
    pub may_put: bool,
    /// Months of the counters: from, until.
    pub months: (String, String),
    /// Unmet needs.
    pub unmet: Vec<UnmetCell>,
    /// The least count shown of restricted groups.
    pub smallest: u32,
    /// Calls made, newest first.
    pub calls: Vec<CallNote>,
    /// Agreements that end within ninety days, or ended and are in their grace.
    pub agreements: Vec<EndingAgreement>,
    /// Whether there are more structures, providers or calls than are shown.
    pub more: bool,
}

/// The page of one late wait: calls made, and a form to note one.
#[derive(Debug, Clone, Serialize)]
pub struct LateSubject {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// Need or referral.
    pub subject: uuid::Uuid,
    /// Whether it is a referral, whose page the viewer may open.
    pub referral: bool,
    /// Code of the referral or of the case.
    pub code: String,
    /// The need as the office may read it.
    pub label: String,
    /// Priority.
    pub priority: Priority,
    /// Who must move.
    pub holder: String,
    /// Its telephones, in the order to call.
    pub telephones: Vec<String>,
    /// The limit that runs.
    pub clock: Option<ClockView>,
    /// Calls, newest first.
    pub calls: Vec<CallNote>,
}

/// A provider's own figures, on its inbox.
#[derive(Debug, Clone, Serialize)]
pub struct OwnFigures {
    /// Of the last days, as of now.
    pub now: Counts,
    /// Days of the window.
    pub days: i64,
    /// As they were put before it.
    pub put: Option<PutFigures>,
}

/// Figures put before a provider.
#[derive(Debug, Clone, Serialize)]
pub struct PutFigures {
    /// Version, for the reply.
    pub version: i64,
    /// The counts.
    pub counts: Counts,
    /// Put on.
    pub put_at: DateTime<Utc>,
    /// Shown by name from then on.
    pub reply_until: DateTime<Utc>,
    /// Whether they are shown by name now.
    pub shown: bool,
    /// The own reply.
    pub reply: Option<String>,
}
