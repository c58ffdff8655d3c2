//! What the desk shows: plain values, already in the viewer's language and
//! already cut down to what `visible` grants. A template only lays them out.

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::need::NeedState;
use relais_casework::referral::{Confirmation, DueKind, Outcome, State};
use relais_mechanism::{Priority, Role};
use relais_network::{CaseId, ConsentId, NeedId, ReferralId};
use serde::Serialize;

mod coordination;
mod exits;
mod moves;

pub use crate::case::HistoryRow;
use crate::duplicates::{AskedRow, Perhaps};
use crate::payments::PaymentView;
pub use coordination::{
    CallNote, Coordination, Counts, EndingAgreement, LateSubject, OwnFigures, ProviderLine, PutFigures, StructureLine,
    UnmetCell, Unnamed,
};
pub use exits::{ChainLink, Exits, LetterView, Reroute, Rung, SettleView, TakesBack};
pub use moves::{
    AssignView, Handover, MovingWait, TransferCandidate, TransferDraft, TransferPreview, TransferRow, TransferView,
    UnclaimedRow,
};

mod overrides;
mod refer;
mod sharing;

pub use overrides::{CosignList, CosignRow, EmergencyNote, OverrideNote, OverrideView, VitalRow};
pub use refer::{
    Choice, Choosable, Excluded, Offered, Preview, Proposal, ReferView, RepeatRow, Said, ServiceChoices, ServiceHit,
    ServiceLook, ServicePage, ShelterBox,
};
pub use sharing::{StopRow, StopView, ToTell, WithdrawPreview, WithdrawView, WithdrawnReferral};

/// A running time limit.
#[derive(Debug, Clone, Serialize)]
pub struct ClockView {
    /// What is due.
    pub kind: DueKind,
    /// Since when it runs.
    #[serde(serialize_with = "crate::instant::write")]
    pub from: DateTime<Utc>,
    /// When it is due.
    #[serde(serialize_with = "crate::instant::write")]
    pub due: DateTime<Utc>,
    /// Share of the time used, in hundredths (100 and more: late).
    pub percent: u32,
    /// Whether it is past.
    pub late: bool,
}

/// Who holds the baton.
#[derive(Debug, Clone, Serialize)]
pub struct Hand {
    /// Whether the viewer's organisation and role must move.
    pub yours: bool,
    /// The holder: organisation.
    pub organisation: String,
    /// The holder: role.
    pub role: Option<Role>,
}

/// The next thing to do, as a code that the page turns into a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NextAction {
    /// Find a service for a need that nobody has.
    FindService,
    /// Finish and send a draft.
    SendDraft,
    /// Acknowledge receipt.
    Acknowledge,
    /// Accept or decline.
    Decide,
    /// Answer what was asked.
    AnswerQuestion,
    /// Call the provider.
    CallProvider,
    /// Make the first contact, agree a date or start.
    Contact,
    /// Receive the person at the appointment.
    Receive,
    /// Reach the person who did not come.
    ReachPerson,
    /// Report the outcome.
    Report,
    /// Ask the person whether the service was rendered.
    ConfirmWithPerson,
    /// Look at a dispute.
    SettleDispute,
    /// Record consent.
    RecordConsent,
    /// Nothing to do here.
    Wait,
}

/// One row of work.
#[derive(Debug, Clone, Serialize)]
pub struct WorkRow {
    /// Case.
    pub case_id: CaseId,
    /// Code of the case, or empty where the viewer sees only the referral.
    pub case_code: String,
    /// Initials, empty before acceptance.
    pub initials: String,
    /// Need.
    pub need_id: Option<NeedId>,
    /// Referral.
    pub referral_id: Option<ReferralId>,
    /// Code of the referral.
    pub referral_code: String,
    /// Priority.
    pub priority: Priority,
    /// The need as this viewer may read it in a list.
    pub label: String,
    /// The other organisation.
    pub organisation: String,
    /// Its telephone (the secretariat's list).
    pub telephone: Option<String>,
    /// State of the referral.
    pub state: Option<State>,
    /// Its word in the viewer's language.
    pub state_label: String,
    /// Outcome, when reported.
    pub outcome: Option<Outcome>,
    /// Reason of a decline, in words.
    pub decline_reason: Option<String>,
    /// What comes next.
    pub action: NextAction,
    /// Who holds the baton.
    pub hand: Hand,
    /// The limit that runs.
    pub clock: Option<ClockView>,
    /// Whether the person was erased: the label says so, and nothing is to be done.
    pub erased: bool,
}

/// A user's day.
#[derive(Debug, Clone, Serialize)]
pub struct MyDay {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// Overrides that wait for the viewer's co-signature, earliest limit first.
    pub cosign: Vec<CosignRow>,
    /// Late and yours.
    pub late: Vec<WorkRow>,
    /// Yours, in time.
    pub yours: Vec<WorkRow>,
    /// Answers received from providers that want a move.
    pub answers: Vec<WorkRow>,
    /// Appointments of the next days.
    pub appointments: Vec<WorkRow>,
    /// With others, in time.
    pub others: Vec<WorkRow>,
    /// Past recipients that have not confirmed that they stopped using what a
    /// person withdrew.
    pub stops: Vec<StopRow>,
    /// Transfers that wait for the own organisation, and cases that left it in
    /// the last days.
    pub transfers: Vec<TransferRow>,
    /// Cases of the own organisation on which nobody works.
    pub unclaimed: Vec<UnclaimedRow>,
    /// Cases whose plan is to be looked at again with the person.
    pub plans: Vec<EndedRow>,
    /// Closures that wait for a supervisor, or were sent back.
    pub closures: Vec<crate::closing::ClosureRow>,
    /// Closed cases whose person is to be contacted once more.
    pub follow_ups: Vec<EndedRow>,
    /// Cases that ended in the last days: nothing is to be done in them.
    pub ended: Vec<EndedRow>,
    /// Questions of others: is it the same person?
    pub same: Vec<AskedRow>,
    /// Whether more rows exist than are shown.
    pub more: bool,
    /// Whether a system of the own organisation is told nothing any more
    /// (webhook), for whoever speaks for it.
    pub system_stopped: bool,
    /// What the own entries of the directory want, for their focal point.
    pub entries: crate::entries::EntryCare,
}

/// A case that ended lately, whose plan is to be looked at again, or whose
/// person is to be contacted once more.
#[derive(Debug, Clone, Serialize)]
pub struct EndedRow {
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Initials.
    pub initials: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// One row of the list of cases.
#[derive(Debug, Clone, Serialize)]
pub struct CaseRow {
    /// Case.
    pub id: CaseId,
    /// Code.
    pub code: String,
    /// Initials.
    pub initials: String,
    /// Age band, as "18–24".
    pub age_band: String,
    /// Sex, in words.
    pub sex: String,
    /// Region, in words.
    pub region: String,
    /// State: open, closed, ended.
    pub state: String,
    /// Opened at.
    #[serde(serialize_with = "crate::instant::write")]
    pub opened_at: DateTime<Utc>,
    /// Open needs.
    pub open_needs: u32,
    /// The earliest limit that runs.
    pub clock: Option<ClockView>,
    /// Whether the person was erased.
    pub erased: bool,
}

/// A page of cases.
#[derive(Debug, Clone, Serialize)]
pub struct CaseList {
    /// Rows, newest first.
    pub rows: Vec<CaseRow>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// One answer of a form, as a fact to read.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// Label.
    pub label: String,
    /// Value, or none when hidden.
    pub value: Option<String>,
}

/// One consent line of a case.
#[derive(Debug, Clone, Serialize)]
pub struct ConsentRow {
    /// Consent.
    pub id: ConsentId,
    /// Line, "C1" to "C11".
    pub line: String,
    /// What it permits.
    pub label: String,
    /// Recipient, in words (C3).
    pub recipient: String,
    /// Classes, in words.
    pub classes: String,
    /// granted, refused, not_asked, withdrawn, expired; void where whoever gave
    /// it is in doubt.
    pub decision: String,
    /// Whether it reaches urgent care only: the adult's link is declared.
    pub urgent_only: bool,
    /// Until.
    pub until: Option<NaiveDate>,
    /// Given on.
    pub given_on: NaiveDate,
    /// Proof, in words.
    pub proof: String,
}

/// One need of a case.
#[derive(Debug, Clone, Serialize)]
pub struct NeedRow {
    /// Need.
    pub id: NeedId,
    /// As the viewer may read it.
    pub label: String,
    /// Service of the taxonomy, where the viewer may know it.
    pub service: Option<String>,
    /// Priority.
    pub priority: Priority,
    /// State.
    pub state: NeedState,
    /// State, in words.
    pub state_label: String,
    /// Who holds it.
    pub hand: Hand,
    /// The limit that runs.
    pub clock: Option<ClockView>,
    /// Whether it can be referred now.
    pub can_refer: bool,
    /// Words, where the viewer may read them.
    pub words: Option<String>,
}

/// One stop of the relay line.
#[derive(Debug, Clone, Serialize)]
pub struct Stop {
    /// State this stop stands for, in words.
    pub label: String,
    /// When it was passed.
    pub at: Option<DateTime<Utc>>,
    /// Whether it is passed.
    pub passed: bool,
    /// Whether the work is here now.
    pub here: bool,
}

/// One disclosure, for "who saw what".
#[derive(Debug, Clone, Serialize)]
pub struct DisclosureRow {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub recipient: String,
    /// What, in words.
    pub what: String,
    /// Under which consent and agreement, in words.
    pub basis: String,
}

/// What protects a child, on the page of the case.
#[derive(Debug, Clone, Serialize)]
pub struct ChildView {
    /// Whether the person counts as a child.
    pub child: bool,
    /// Whether the age is in doubt.
    pub age_doubt: bool,
    /// The accompanying adult is in doubt: child protection comes first.
    pub protection_first: bool,
    /// The need of child protection that is recorded and not yet answered.
    pub protection_need: Option<NeedId>,
    /// Whether somebody is asked for it.
    pub protection_asked: bool,
    /// The adult's link, where the viewer is named for restricted data.
    pub link: Option<String>,
    /// Whether a trained officer has seen the child alone.
    pub seen_alone: bool,
    /// When the best-interests decision was made.
    pub best_interests_on: Option<NaiveDate>,
}

/// That a person was erased, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Erasure {
    /// When; none in a restored database that was not yet looked through.
    pub at: Option<DateTime<Utc>>,
    /// Reason, in words.
    pub reason: String,
    /// What was written beside it, for whoever sees the whole file.
    pub note: Option<String>,
    /// Whether the viewer sees the whole file: the case's team.
    pub team: bool,
}

/// A case as one viewer may see it.
#[derive(Debug, Clone, Serialize)]
pub struct CaseView {
    /// Case.
    pub id: CaseId,
    /// Code.
    pub code: String,
    /// Version.
    pub version: i64,
    /// Name, where the viewer may know it.
    pub name: Option<String>,
    /// State: open, closed, ended.
    pub state: String,
    /// State, in words.
    pub state_label: String,
    /// Highest priority of an open need.
    pub priority: Option<Priority>,
    /// Rules for safe contact, in words; shown on top.
    pub safe_contact: Option<String>,
    /// Whether nobody may contact the person.
    pub no_contact: bool,
    /// Where the viewer reads it by emergency access: until when.
    pub emergency_until: Option<DateTime<Utc>>,
    /// Whether the case is in the protected circuit; its own team alone reads it.
    pub protected: bool,
    /// What protects a child; none for an adult.
    pub child: Option<ChildView>,
    /// Forms that are filled in section by section, as far as the viewer sees
    /// something of them.
    pub forms: Vec<crate::forms::FormLine>,
    /// What their answers propose, where the viewer works on the case.
    pub proposals: Vec<crate::forms::ProposalRow>,
    /// Facts in short.
    pub facts: Vec<Fact>,
    /// Referrals, newest first.
    pub referrals: Vec<WorkRow>,
    /// Needs.
    pub needs: Vec<NeedRow>,
    /// Consents.
    pub consents: Vec<ConsentRow>,
    /// Where the person's own family link stands: the other members whose file
    /// the viewer sees anyway.
    pub family: Option<Vec<crate::families::FamilyMember>>,
    /// Whether registration (C1) and assistance (C2) are consented.
    pub consent_ready: bool,
    /// Requests to past recipients to stop using what they received.
    pub stops: Vec<StopRow>,
    /// Other files that may be of the same person, where the viewer works on
    /// this one.
    pub perhaps: Option<Perhaps>,
    /// Who saw what.
    pub disclosures: Vec<DisclosureRow>,
    /// History, newest first.
    pub history: Vec<HistoryRow>,
    /// Whether there is more of it than is shown, further back.
    pub history_more: bool,
    /// Overrides, newest first.
    pub overrides: Vec<OverrideNote>,
    /// Holder of the case.
    pub holder: String,
    /// Who works on it, in words.
    pub assigned: Option<String>,
    /// Words of the last hand-over.
    pub handover: Option<Handover>,
    /// A transfer that waits for its answer.
    pub transfer: Option<TransferRow>,
    /// Its short plan, for whoever may read it.
    pub plan: Option<crate::plan::PlanNote>,
    /// Its closure as it stands, for its team.
    pub closing: Option<crate::closing::ClosingNote>,
    /// Whether the viewer may write (on the case).
    pub may_write: bool,
    /// Whether the case can be closed now.
    pub may_close: bool,
    /// Why it cannot, in words.
    pub close_blocked: Option<String>,
    /// Set when the case has ended, for its team: what happened.
    pub ending: Option<crate::ending::Ending>,
    /// Whether the viewer may end it now.
    pub may_end: bool,
    /// Whether the viewer may reopen it now.
    pub may_reopen: bool,
    /// Set when the person was erased: nothing of them is in the view.
    pub erased: Option<Erasure>,
}

/// A referral as one viewer may see it.
#[derive(Debug, Clone, Serialize)]
pub struct ReferralView {
    /// Referral.
    pub id: ReferralId,
    /// Code.
    pub code: String,
    /// Version.
    pub version: i64,
    /// Case; none where the viewer does not see the case.
    pub case_id: Option<CaseId>,
    /// Code of the case, where the viewer may know it.
    pub case_code: Option<String>,
    /// The need as the viewer may read it.
    pub label: String,
    /// Priority.
    pub priority: Priority,
    /// State.
    pub state: State,
    /// State, in words.
    pub state_label: String,
    /// Outcome.
    pub outcome: Option<Outcome>,
    /// Outcome, in words.
    pub outcome_label: Option<String>,
    /// Confirmation.
    pub confirmation: Option<Confirmation>,
    /// Reason of a decline, in words.
    pub decline_reason: Option<String>,
    /// Whether the viewer stands on the sender's side.
    pub sender_side: bool,
    /// Whether the viewer stands on the provider's side.
    pub provider_side: bool,
    /// Sending organisation.
    pub sender: String,
    /// Its telephone.
    pub sender_telephone: Option<String>,
    /// Provider's organisation.
    pub provider: String,
    /// Its telephones in the order to call.
    pub provider_telephones: Vec<String>,
    /// Whether the viewer may make a one-time link for the provider now.
    pub link: bool,
    /// Service asked, by name.
    pub service: String,
    /// What the viewer may know of the person.
    pub facts: Vec<Fact>,
    /// What opens after acceptance, by name of class.
    pub after: Vec<String>,
    /// Words of the referral, where they may be read.
    pub words: Option<String>,
    /// The question asked, the answer, the report, as facts.
    pub exchanges: Vec<Fact>,
    /// Who pays, as far as the viewer may read it.
    pub payment: Option<PaymentView>,
    /// Who gave the provider's word without signing in: by telephone, link or
    /// slip, with name and number.
    pub answered: Vec<Fact>,
    /// Relay line.
    pub stops: Vec<Stop>,
    /// Who holds the baton.
    pub hand: Hand,
    /// The limit that runs.
    pub clock: Option<ClockView>,
    /// The next rung of the ladder: (when, who is told).
    pub next_rung: Option<(DateTime<Utc>, String)>,
    /// The ways out of it: steps, chain, what may be asked next.
    pub exits: Exits,
    /// Commands that this viewer may give now, as codes of the machine.
    pub commands: Vec<String>,
    /// Commands that this viewer may note as said by telephone by the provider.
    pub telephone_commands: Vec<String>,
    /// Appointment.
    pub appointment: Option<DateTime<Utc>>,
    /// History, newest first.
    pub history: Vec<HistoryRow>,
    /// Whether there is more of it than is shown, further back.
    pub history_more: bool,
    /// Under what its data go, or went: the regime, the agreement as it was then,
    /// the version of the mechanism; for either side, once it may know.
    pub terms: Option<String>,
    /// Set when the person was erased: nothing of them is in the view.
    pub erased: Option<Erasure>,
}

/// A provider's inbox.
#[derive(Debug, Clone, Serialize)]
pub struct Inbox {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// Requests to stop using what was received.
    pub stops: Vec<StopRow>,
    /// Want an answer, late first.
    pub to_answer: Vec<WorkRow>,
    /// Under way.
    pub under_way: Vec<WorkRow>,
    /// Ended in the last thirty days, the last first; on the last page only.
    pub ended: Vec<WorkRow>,
    /// Whether more ended in those days, or more requests to stop stand, than are shown.
    pub more: bool,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// The own figures, before anybody else reads them by name.
    pub figures: OwnFigures,
    /// The codes by which the own confidential services are asked.
    pub codes: Vec<crate::shelter::OwnCode>,
    /// As on the day.
    pub system_stopped: bool,
    /// What the own entries of the directory want.
    pub entries: crate::entries::EntryCare,
}

/// The secretariat's list of what is late.
#[derive(Debug, Clone, Serialize)]
pub struct LateList {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// Late, by holder, longest first.
    pub rows: Vec<WorkRow>,
    /// Late by holder: (organisation, telephone, late, of open).
    pub holders: Vec<(String, Option<String>, u32, u32)>,
    /// Recipients late to confirm that they stopped using what was withdrawn.
    pub stops: Vec<StopRow>,
    /// Whether there are more of them than are shown.
    pub stops_more: bool,
    /// Cases of the protected circuit, for the national office.
    pub protected: Option<ProtectedCount>,
    /// Regions whose on-call list is missing.
    pub oncall_missing: Vec<String>,
    /// Whether complaints of abuse lack the two recipients that they need.
    pub recipients_missing: bool,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// How many cases are in the protected circuit: nothing below the least count,
/// so that no single case shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ProtectedCount {
    /// How many, from the least count on.
    pub cases: Option<u32>,
    /// The least count that is told.
    pub least: u32,
}

/// What an act made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Made {
    /// Id of what was made.
    pub id: uuid::Uuid,
    /// Its code, where it has one.
    pub code: String,
    /// Its version.
    pub version: i64,
}
