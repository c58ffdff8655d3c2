//! What the desk shows: plain values, already in the viewer's language and
//! already cut down to what `visible` grants. A template only lays them out.

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::need::NeedState;
use relais_casework::referral::{Confirmation, DueKind, Outcome, State};
use relais_mechanism::{Priority, Role};
use relais_network::{CaseId, ConsentId, NeedId, OrganisationId, OverrideId, ReferralId, ServiceId, StopRequestId};
use serde::Serialize;

mod moves;

pub use moves::{
    AssignView, Handover, MovingWait, TransferCandidate, TransferDraft, TransferPreview, TransferRow, TransferView,
    UnclaimedRow,
};

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
}

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

/// What waits for the viewer's co-signature.
#[derive(Debug, Clone, Serialize)]
pub struct CosignList {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// Overrides, earliest limit first.
    pub rows: Vec<CosignRow>,
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
    /// Whether more rows exist than are shown.
    pub more: bool,
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

/// One line of the history.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryRow {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// When it was typed, if another day or hour.
    pub typed_at: DateTime<Utc>,
    /// Kind of event, as a code.
    pub kind: String,
    /// What, in words.
    pub what: String,
    /// Who, in words.
    pub who: String,
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
    /// Who saw what.
    pub disclosures: Vec<DisclosureRow>,
    /// History, newest first.
    pub history: Vec<HistoryRow>,
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
    /// Whether the viewer may write (on the case).
    pub may_write: bool,
    /// Whether the case can be closed now.
    pub may_close: bool,
    /// Why it cannot, in words.
    pub close_blocked: Option<String>,
}

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
    pub reasons: Vec<(String, String)>,
    /// Places free, in words.
    pub capacity: String,
    /// Cost, in words.
    pub cost: String,
    /// Confirmed on.
    pub confirmed_on: Option<NaiveDate>,
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
    /// P2 without on-call: an interim measure must be written.
    pub needs_interim: bool,
    /// Grounds on which what is missing may be set aside, as codes; none where
    /// nothing is missing or an override stands already.
    pub overrides: Vec<String>,
    /// The latest override written for this need and service.
    pub exception: Option<OverrideNote>,
    /// The id under which the referral goes, where an override is for it alone.
    pub referral: Option<ReferralId>,
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
    /// What the chosen service will see.
    pub preview: Option<Preview>,
    /// Cursor for more services.
    pub next: Option<String>,
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
    /// Commands that this viewer may give now, as codes of the machine.
    pub commands: Vec<String>,
    /// Commands that this viewer may note as said by telephone by the provider.
    pub telephone_commands: Vec<String>,
    /// Appointment.
    pub appointment: Option<DateTime<Utc>>,
    /// History, newest first.
    pub history: Vec<HistoryRow>,
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
    /// Cursor of the next page.
    pub next: Option<String>,
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
    /// Cases of the protected circuit, for the national office.
    pub protected: Option<ProtectedCount>,
    /// Regions whose on-call list is missing.
    pub oncall_missing: Vec<String>,
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

/// A row of the service search.
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
    pub region: Option<String>,
    /// Place, in words.
    pub place: String,
    /// Distance in kilometres.
    pub distance_km: Option<f64>,
    /// Telephones.
    pub telephones: Vec<String>,
    /// Confirmed on.
    pub confirmed_on: Option<NaiveDate>,
    /// Marked as demonstration.
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
