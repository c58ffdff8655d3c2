//! Overrides, as the sender's side and whoever may co-sign read them.

use chrono::{DateTime, Utc};
use relais_network::{CaseId, OverrideId, ReferralId};
use serde::Serialize;

use super::Hand;

/// Emergency access to a case, as its team reads it.
#[derive(Debug, Clone, Serialize)]
pub struct EmergencyNote {
    /// Who opened it.
    pub author: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub text: String,
}

/// An override, as the sender's side reads it.
#[derive(Debug, Clone, Serialize)]
pub struct OverrideNote {
    /// Whether it is emergency access, by whom, and why; the reason of another
    /// override stands on its own page.
    pub emergency: Option<EmergencyNote>,
    /// Override.
    pub id: OverrideId,
    /// VITAL, CHILD or LEGAL.
    pub ground: String,
    /// waiting, cosigned, refused.
    pub state: String,
    /// To whom data may go under it.
    pub recipient: String,
    /// Who must co-sign, in words.
    pub owner: String,
    /// When it must be co-signed.
    pub due: DateTime<Utc>,
    /// Whether that is past.
    pub late: bool,
    /// When its two hours end; none where it is for one referral.
    pub until: Option<DateTime<Utc>>,
    /// Who co-signed or refused.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Words of a refusal: why, and what to do instead.
    pub answer: String,
}

/// One override that waits for a co-signature.
#[derive(Debug, Clone, Serialize)]
pub struct CosignRow {
    /// Whether it is emergency access.
    pub emergency: bool,
    /// Override.
    pub id: OverrideId,
    /// VITAL, CHILD or LEGAL.
    pub ground: String,
    /// Code of the case.
    pub case_code: String,
    /// Who wrote it.
    pub author: String,
    /// The author's organisation.
    pub organisation: String,
    /// Its telephone.
    pub telephone: Option<String>,
    /// To whom data may go under it.
    pub recipient: String,
    /// Who must co-sign.
    pub hand: Hand,
    /// Since when it waits.
    pub from: DateTime<Utc>,
    /// When it must be co-signed.
    pub due: DateTime<Utc>,
    /// Whether that is past.
    pub late: bool,
}

/// A referral whose data went without an agreement because the need was vital.
#[derive(Debug, Clone, Serialize)]
pub struct VitalRow {
    /// The referral, for whoever may open it.
    pub referral_id: Option<ReferralId>,
    /// Code of the referral.
    pub referral_code: String,
    /// Code of the case.
    pub case_code: String,
    /// Whose case it is.
    pub organisation: String,
    /// Who received.
    pub recipient: String,
    /// VITAL or CHILD.
    pub ground: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// What waits for the viewer's co-signature.
#[derive(Debug, Clone, Serialize)]
pub struct CosignList {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// Overrides, earliest limit first.
    pub rows: Vec<CosignRow>,
    /// What went without an agreement because the need was vital, newest first:
    /// nobody co-signs it, somebody reads it afterwards.
    pub vital: Vec<VitalRow>,
    /// Whether more wait than are shown.
    pub more: bool,
}

/// An override, as whoever may co-sign it reads it.
#[derive(Debug, Clone, Serialize)]
pub struct OverrideView {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// As in the list.
    pub row: CosignRow,
    /// Version.
    pub version: i64,
    /// waiting, cosigned, refused.
    pub state: String,
    /// The case, where the viewer sees its file.
    pub case_id: Option<CaseId>,
    /// The referral, where the viewer sees it and it was sent.
    pub referral_id: Option<ReferralId>,
    /// Its code.
    pub referral_code: String,
    /// The need, as the viewer may read it in a list.
    pub label: String,
    /// The reason, in the author's words.
    pub text: String,
    /// The classes that may go, in words.
    pub classes: String,
    /// When it was written.
    pub made_at: DateTime<Utc>,
    /// When its two hours end; none where it is for one referral.
    pub until: Option<DateTime<Utc>>,
    /// Who co-signed or refused.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Words of a refusal.
    pub answer: String,
    /// Whether the viewer may co-sign or refuse now.
    pub may_decide: bool,
    /// Why not: (sentence, remedy).
    pub why_not: Option<(String, String)>,
}
