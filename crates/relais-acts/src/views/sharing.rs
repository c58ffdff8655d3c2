//! The end of a sharing: what would stop, who is told, who has confirmed.

use chrono::{DateTime, NaiveDate, Utc};
use relais_network::{CaseId, ReferralId, StopRequestId};
use serde::Serialize;

use super::{ClockView, ConsentRow, Hand};

/// A request to stop using what was received, as one viewer may see it.
#[derive(Debug, Clone, Serialize)]
pub struct StopRow {
    /// Request.
    pub id: StopRequestId,
    /// Case; none where the viewer does not see the case.
    pub case_id: Option<CaseId>,
    /// Code of the case, or empty.
    pub case_code: String,
    /// The organisation asked.
    pub recipient: String,
    /// Its telephone.
    pub telephone: Option<String>,
    /// Whether it has an account in the mechanism.
    pub has_account: bool,
    /// Codes of the referrals under which it received.
    pub referrals: Vec<String>,
    /// What it received, in words; above S3 in one discreet word.
    pub classes: String,
    /// What the person wanted to stop: stop_sharing, stop_service, both.
    pub effect: String,
    /// When it was told.
    pub asked_at: DateTime<Utc>,
    /// Who must move; no role once it is confirmed.
    pub hand: Hand,
    /// The limit that runs.
    pub clock: Option<ClockView>,
    /// Confirmed on.
    pub confirmed_on: Option<NaiveDate>,
    /// Whether the confirmation was noted by the case's holder.
    pub noted: bool,
}

/// The page of a request to stop using what was received.
#[derive(Debug, Clone, Serialize)]
pub struct StopView {
    /// The request.
    pub row: StopRow,
    /// Version.
    pub version: i64,
    /// Whether the viewer is of the organisation asked.
    pub recipient_side: bool,
    /// Whether a service under way goes on.
    pub goes_on: bool,
    /// The organisation that holds the case.
    pub sender: String,
    /// Its telephone.
    pub sender_telephone: Option<String>,
}

/// A past recipient that would be told.
#[derive(Debug, Clone, Serialize)]
pub struct ToTell {
    /// Who.
    pub organisation: String,
    /// What it received, in words.
    pub classes: String,
    /// Its telephone.
    pub telephone: Option<String>,
    /// Whether it has an account in the mechanism.
    pub has_account: bool,
    /// Until when it would have to confirm.
    pub confirm_by: DateTime<Utc>,
}

/// What would become of a running referral.
#[derive(Debug, Clone, Serialize)]
pub struct WithdrawnReferral {
    /// Referral.
    pub id: ReferralId,
    /// Code.
    pub code: String,
    /// The need as the viewer may read it.
    pub label: String,
    /// Provider's organisation.
    pub provider: String,
    /// goes_on, care_goes_on or stops.
    pub becomes: String,
    /// The same in words.
    pub says: String,
}

/// What a withdrawal would do, before it is done.
#[derive(Debug, Clone, Serialize)]
pub struct WithdrawPreview {
    /// What the person wants to stop.
    pub effect: String,
    /// Past recipients, each once.
    pub tell: Vec<ToTell>,
    /// Running referrals.
    pub referrals: Vec<WithdrawnReferral>,
}

/// The page of a withdrawal.
#[derive(Debug, Clone, Serialize)]
pub struct WithdrawView {
    /// Case.
    pub case_id: CaseId,
    /// Code.
    pub case_code: String,
    /// The lines that stand.
    pub lines: Vec<ConsentRow>,
    /// What it would do, where the person's wish is given.
    pub preview: Option<WithdrawPreview>,
}
