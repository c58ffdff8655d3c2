//! Views of a case that moves: to another organisation, to a colleague.

use chrono::{DateTime, Utc};
use relais_mechanism::Priority;
use relais_network::{CaseId, OrganisationId, TransferId, UserId};
use serde::Serialize;

use super::{ClockView, Fact, Hand};

/// An organisation that could take a case.
#[derive(Debug, Clone, Serialize)]
pub struct TransferCandidate {
    /// Organisation.
    pub id: OrganisationId,
    /// Name.
    pub name: String,
    /// Region, in words.
    pub region: String,
    /// Whether the person has named it in a consent.
    pub agreed: bool,
}

/// What a transfer to one organisation would do, before it is proposed.
#[derive(Debug, Clone, Serialize)]
pub struct TransferPreview {
    /// Organisation.
    pub id: OrganisationId,
    /// Name.
    pub name: String,
    /// Telephone.
    pub telephone: Option<String>,
    /// Before it accepts, it sees: facts without name.
    pub now: Vec<Fact>,
    /// After it accepts: classes, in words.
    pub after: Vec<String>,
    /// Never: (class, why).
    pub never: Vec<(String, String)>,
    /// Under which consent and agreement, in words.
    pub basis: String,
    /// Until when it would have to answer.
    pub answer_by: DateTime<Utc>,
    /// Open needs and running referrals that move with the case.
    pub needs: u32,
    /// Running referrals that move with the case.
    pub referrals: u32,
    /// Why it cannot be proposed: (code, sentence, remedy).
    pub blocked: Option<(String, String, String)>,
}

/// The page "transfer the case".
#[derive(Debug, Clone, Serialize)]
pub struct TransferDraft {
    /// Case.
    pub case_id: CaseId,
    /// Code.
    pub case_code: String,
    /// Organisations that work on cases.
    pub candidates: Vec<TransferCandidate>,
    /// What the chosen one would see and get.
    pub preview: Option<TransferPreview>,
}

/// One wait of a proposed transfer, as the organisation asked may read it.
#[derive(Debug, Clone, Serialize)]
pub struct MovingWait {
    /// The need by its discreet label.
    pub label: String,
    /// Priority.
    pub priority: Priority,
    /// State, in words.
    pub state_label: String,
    /// With whom it waits.
    pub with: String,
    /// The limit that runs.
    pub clock: Option<ClockView>,
}

/// A transfer as one viewer may see it.
#[derive(Debug, Clone, Serialize)]
pub struct TransferView {
    /// Transfer.
    pub id: TransferId,
    /// Version.
    pub version: i64,
    /// holder, asked or former.
    pub side: String,
    /// Case; none where the viewer does not see the case.
    pub case_id: Option<CaseId>,
    /// Code of the case.
    pub case_code: String,
    /// Organisation that held it.
    pub from: String,
    /// Its telephone.
    pub from_telephone: Option<String>,
    /// Organisation asked.
    pub to: String,
    /// Its telephone.
    pub to_telephone: Option<String>,
    /// State, as a code.
    pub state: String,
    /// Reason of a decline, as a code.
    pub decline: Option<String>,
    /// Words of hand-over.
    pub note: Option<String>,
    /// Words of the answer.
    pub answer: Option<String>,
    /// Proposed at.
    pub proposed_at: DateTime<Utc>,
    /// Ended at.
    pub ended_at: Option<DateTime<Utc>>,
    /// Who must move.
    pub hand: Option<Hand>,
    /// The limit that runs.
    pub clock: Option<ClockView>,
    /// What may be known of the person before it is accepted.
    pub facts: Vec<Fact>,
    /// Classes that open on acceptance, in words.
    pub opens: Vec<String>,
    /// What moves with the case.
    pub waits: Vec<MovingWait>,
    /// Commands that this viewer may give now, as codes.
    pub commands: Vec<String>,
    /// Who may be put on the case: (user, name, is the viewer).
    pub staff: Vec<(UserId, String, bool)>,
}

/// A transfer in a list.
#[derive(Debug, Clone, Serialize)]
pub struct TransferRow {
    /// Transfer.
    pub id: TransferId,
    /// Code of the case.
    pub case_code: String,
    /// The other organisation.
    pub organisation: String,
    /// State, as a code.
    pub state: String,
    /// Whether the viewer's organisation must answer.
    pub yours: bool,
    /// The limit that runs.
    pub clock: Option<ClockView>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A case of the own organisation on which nobody works.
#[derive(Debug, Clone, Serialize)]
pub struct UnclaimedRow {
    /// Case.
    pub id: CaseId,
    /// Code.
    pub code: String,
    /// Region, in words.
    pub region: String,
    /// Open needs.
    pub open_needs: u32,
    /// The earliest limit that runs.
    pub clock: Option<ClockView>,
}

/// The page "hand the case to a colleague".
#[derive(Debug, Clone, Serialize)]
pub struct AssignView {
    /// Case.
    pub case_id: CaseId,
    /// Code.
    pub case_code: String,
    /// Version.
    pub version: i64,
    /// Who works on it now.
    pub assigned: Option<String>,
    /// Who may work on it: (user, name, is the viewer).
    pub staff: Vec<(UserId, String, bool)>,
}

/// Words with which a case was handed over.
#[derive(Debug, Clone, Serialize)]
pub struct Handover {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom, in words.
    pub who: String,
    /// What was said.
    pub note: String,
}
