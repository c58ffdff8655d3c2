//! Views of the ways out of a referral: what happens when nobody answers, the
//! chain of one need, what a sender may ask next, the letter to a hierarchy.

use chrono::{DateTime, Utc};
use relais_casework::need::NeedState;
use relais_casework::referral::{DueKind, Outcome, State};
use relais_mechanism::{Lang, Priority};
use relais_network::{CaseId, NeedId, ReferralId, ServiceId};
use serde::Serialize;

/// One step of a wait: what happens when nobody answers.
#[derive(Debug, Clone, Serialize)]
pub struct Rung {
    /// Percent of the limit; none where the wait has one end and no ladder.
    pub percent: Option<u32>,
    /// When it was reached, or will be.
    pub at: DateTime<Utc>,
    /// Whether it was reached.
    pub done: bool,
    /// Who is told, in words.
    pub tells: Vec<String>,
    /// What else happens, in words.
    pub then: String,
}

/// One referral of the chain of a need, oldest first.
#[derive(Debug, Clone, Serialize)]
pub struct ChainLink {
    /// Referral.
    pub id: ReferralId,
    /// Code.
    pub code: String,
    /// The organisation asked.
    pub provider: String,
    /// State.
    pub state: State,
    /// State, in words.
    pub state_label: String,
    /// Reason of a decline, in words.
    pub why: Option<String>,
    /// When it was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// Whether it is the one that is looked at.
    pub here: bool,
}

/// What the sender may do next about the need, without this provider.
#[derive(Debug, Clone, Serialize)]
pub struct Reroute {
    /// The need.
    pub need_id: NeedId,
    /// Why: declined, expired, cancelled, silence, review_passed.
    pub why: String,
    /// The service that a provider of the chain suggested instead.
    pub suggested: Option<(ServiceId, String)>,
    /// The request is still open: a new one takes it back.
    pub takes_back: bool,
    /// The need can be given up as unmet now.
    pub may_give_up: bool,
}

/// The ways out of a referral, as one viewer may know them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Exits {
    /// What happens when nobody moves, each step with its date.
    pub ladder: Vec<Rung>,
    /// The referrals of the need, oldest first; the case's team alone.
    pub chain: Vec<ChainLink>,
    /// What the sender may do next about the need.
    pub reroute: Option<Reroute>,
    /// Outcomes that may be reported now.
    pub outcomes: Vec<Outcome>,
    /// Services that a provider may suggest instead: (service, name and place).
    pub redirects: Vec<(ServiceId, String)>,
    /// Appointments that the person missed, and how many may be missed.
    pub no_shows: (u32, u32),
    /// When a waiting list is looked at again, and how often that was put off.
    pub waitlist: Option<(DateTime<Utc>, u32)>,
    /// Whether the viewer may write to the provider's hierarchy now.
    pub letter: bool,
}

/// An open request that a new one would take back.
#[derive(Debug, Clone, Serialize)]
pub struct TakesBack {
    /// Referral.
    pub referral: ReferralId,
    /// Code.
    pub code: String,
    /// The organisation that was asked.
    pub provider: String,
}

/// The page on which a need is given up, or dropped by the person.
#[derive(Debug, Clone, Serialize)]
pub struct SettleView {
    /// Need.
    pub need_id: NeedId,
    /// Version.
    pub version: i64,
    /// Case.
    pub case_id: CaseId,
    /// Code.
    pub case_code: String,
    /// The need as the viewer may read it.
    pub label: String,
    /// Priority.
    pub priority: Priority,
    /// State.
    pub state: NeedState,
    /// Who was asked, oldest first.
    pub chain: Vec<ChainLink>,
    /// Why it cannot be settled now: (sentence, remedy).
    pub blocked: Option<(String, String)>,
}

/// A letter to the hierarchy of a provider that keeps silent. It names no
/// person, no file and no service above S3.
#[derive(Debug, Clone, Serialize)]
pub struct LetterView {
    /// Referral.
    pub referral: ReferralId,
    /// Its code.
    pub code: String,
    /// The language in which it is first offered: the one of whoever asks.
    pub language: Lang,
    /// The need: its discreet label, or its category for the mechanism's office.
    pub label: (String, String),
    /// Priority.
    pub priority: Priority,
    /// The organisation that keeps silent.
    pub provider: (String, String),
    /// Whose authority it is under, where the directory knows.
    pub parent: Option<(String, String)>,
    /// Telephone of the provider.
    pub provider_telephone: Option<String>,
    /// The organisation that sent the request.
    pub sender: (String, String),
    /// Its telephone.
    pub sender_telephone: Option<String>,
    /// Who writes: supervisor, region, secretariat.
    pub from: String,
    /// The organisation of whoever writes.
    pub signed: (String, String),
    /// When the request was sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// Since when the limit that passed ran.
    pub since: DateTime<Utc>,
    /// When the limit passed.
    pub due: DateTime<Utc>,
    /// Whole days since the provider was last heard of, counted in hours.
    pub days: i64,
    /// What is asked: the kind of limit.
    pub asked: DueKind,
    /// By when, where the mechanism still has a step ahead.
    pub by: Option<DateTime<Utc>>,
    /// Whether the request ends without an answer then.
    pub expires: bool,
    /// Steps of the ladder already climbed, in percent.
    pub reminders: Vec<(u32, DateTime<Utc>)>,
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// Why no letter is due: (sentence, remedy).
    pub refused: Option<(String, String)>,
}
