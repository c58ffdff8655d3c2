//! What can be asked of the desk. Every record is made with an id chosen by
//! its maker (UUIDv7): the same id and body get the same answer, the same id
//! and another body are refused.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use relais_casework::referral::{Confirmation, DeclineCode, Outcome};
use relais_casework::transfer::TransferDecline;
use relais_mechanism::{Channel, ClassSet, Priority};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::payments::Payment;

/// Raw answers of a form as they were typed: field code → values.
pub type RawAnswers = BTreeMap<String, Vec<String>>;

/// Register an arrival with the short arrival form (F1E).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterArrival {
    /// Id of the case, made by its maker.
    pub id: Uuid,
    /// Answers of form F1E as typed, by field code.
    pub answers: RawAnswers,
    /// When it happened, if not now.
    #[serde(default)]
    pub happened_at: Option<DateTime<Utc>>,
}

/// One decision of the consent form.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentLineDecision {
    /// Line of the form, "C1" to "C11".
    pub line: String,
    /// "granted", "refused" or "not_asked".
    pub decision: String,
    /// For C3: the one organisation that may receive, or none for any member
    /// of the mechanism whose service the need asks for.
    #[serde(default)]
    pub recipient: Option<Uuid>,
    /// For C3: category or service of the taxonomy ("MED", "MED.01").
    #[serde(default)]
    pub service: Option<String>,
    /// For C3: the classes that may be shared.
    #[serde(default)]
    pub classes: ClassSet,
}

/// Record consent (form F3).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordConsent {
    /// Id of the consent act, made by its maker.
    pub id: Uuid,
    /// Answers of the information, who-consents and evidence sections of F3.
    pub answers: RawAnswers,
    /// One decision per line; a line left out is not asked, which is refusal.
    pub lines: Vec<ConsentLineDecision>,
    /// Classes never to be shared, whoever asks.
    #[serde(default)]
    pub never: ClassSet,
    /// When it happened, if not now.
    #[serde(default)]
    pub happened_at: Option<DateTime<Utc>>,
}

/// Withdraw consent lines.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawConsent {
    /// Id of the withdrawal, made by its maker.
    pub id: Uuid,
    /// Lines withdrawn, by code; with `consents` empty too: all.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Single consents withdrawn, by id: a line may be granted several times,
    /// to several recipients.
    #[serde(default)]
    pub consents: Vec<Uuid>,
    /// "stop_sharing", "stop_service" or "both": the person is asked.
    pub effect: String,
    /// What the person said, 500 characters at most; a reason is never required.
    #[serde(default)]
    pub words: String,
    /// When it was said, if not now. What rests on it closes now in any case.
    #[serde(default)]
    pub happened_at: Option<DateTime<Utc>>,
}

/// Confirm that what was received is used no more.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmStop {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the request that the maker saw.
    pub version: i64,
    /// The case's holder notes the recipient's word: telephone or paper.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// Telephone: the number called.
    #[serde(default)]
    pub number: String,
    /// Telephone, paper: who answered or signed.
    #[serde(default)]
    pub answered_by: String,
    /// When it was said, if not now.
    #[serde(default)]
    pub happened_at: Option<DateTime<Utc>>,
}

/// Choose the protected circuit for a case, or leave it. No reason is recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetProtection {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the case that the maker saw.
    pub version: i64,
    /// Whether the case is to be in the protected circuit.
    pub protected: bool,
    /// The person has heard what follows, and wants it.
    pub person_agrees: bool,
}

/// Open a case in an emergency, with its exact code and a reason.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenEmergency {
    /// Id of the access, made by its maker.
    pub id: Uuid,
    /// Code of the case, as on the person's slip or bracelet.
    pub code: String,
    /// Why, 500 characters at most.
    pub reason: String,
    /// The person is in front of the maker, and their life is in danger now.
    pub life_in_danger: bool,
}

/// Look whether somebody is known, before there is a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckName {
    /// Answers of form F1E as typed, by field code: a name or a telephone is
    /// enough.
    pub answers: RawAnswers,
}

/// Answer whether a case of the own organisation is of the same person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerSame {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the question that the maker saw.
    pub version: i64,
    /// "yes", "no" or "unsure".
    pub answer: String,
}

/// Join a case with another of the same person, or take them apart.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinCases {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// The other case.
    pub other: Uuid,
}

/// What is done about who may be the same person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActOnPerhaps {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// "look" again, "ask" the holder elsewhere, or "not_same".
    pub command: String,
    /// For "not_same": the case that is of somebody else.
    #[serde(default)]
    pub other: Option<Uuid>,
}

/// Record a need.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddNeed {
    /// Id of the need, made by its maker.
    pub id: Uuid,
    /// Service of the taxonomy, as "MED.01".
    pub service: String,
    /// Priority.
    pub priority: Priority,
    /// Words, 500 characters at most.
    #[serde(default)]
    pub words: String,
    /// When it was seen, if not now.
    #[serde(default)]
    pub happened_at: Option<DateTime<Utc>>,
}

/// Send a referral.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendReferral {
    /// Id of the referral, made by its maker.
    pub id: Uuid,
    /// The service asked.
    pub service: Uuid,
    /// The code that the on-call desk gave; only for a service that no search
    /// finds.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// Reason in few words, 200 characters at most; seen before acceptance
    /// for a need of S3 or less.
    #[serde(default)]
    pub words: String,
    /// The person knows that the request is sent, and to whom.
    pub person_informed: bool,
    /// The provider was called beforehand.
    #[serde(default)]
    pub provider_called: bool,
    /// Interpreter or accessible place needed, options of the list "special".
    #[serde(default)]
    pub access: Vec<String>,
    /// P2 without on-call: what is done until the next opening.
    #[serde(default)]
    pub interim: String,
    /// P1: who stays with the person until a named person says "I take it".
    #[serde(default)]
    pub stays_with: String,
    /// Override of consent or agreement: "VITAL", "CHILD" or "LEGAL".
    #[serde(default)]
    pub override_kind: Option<String>,
    /// Reason of the override.
    #[serde(default)]
    pub override_reason: String,
    /// The open referral of the same need that this one takes the place of: it
    /// is cancelled in the same unit of work.
    #[serde(default)]
    pub instead_of: Option<Uuid>,
    /// Who pays; may follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
}

/// Ask for the preview of a confidential service by its code.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShelterCode {
    /// Eight signs, as the on-call desk said them; spaces do not count.
    pub code: String,
}

/// Write an override before its referral is sent: a legal obligation, which is
/// co-signed first, or two hours for one organisation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteOverride {
    /// Id of the override, made by its maker.
    pub id: Uuid,
    /// The service asked.
    pub service: Uuid,
    /// The code that the on-call desk gave; only for a service that no search
    /// finds.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// "VITAL", "CHILD" or "LEGAL".
    pub kind: String,
    /// Reason, 500 characters at most.
    pub reason: String,
    /// Id of the one referral that it is for, to be sent under this id; none
    /// for two hours, which a legal obligation cannot have.
    #[serde(default)]
    pub referral: Option<Uuid>,
}

/// Co-sign an override, or refuse to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecideOverride {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the override that the maker saw.
    pub version: i64,
    /// "cosign" or "refuse".
    pub decision: String,
    /// Why it is refused, and what to do instead; 500 characters at most.
    #[serde(default)]
    pub reason: String,
}

/// What is asked of a referral.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReferralCommand {
    /// "We have it."
    Acknowledge,
    /// "We take it."
    Accept {
        /// Who says so (P1: a named person).
        #[serde(default)]
        by_name: String,
    },
    /// Ask the sender for what is missing.
    Ask {
        /// The question.
        question: String,
    },
    /// Answer what was asked.
    Answer {
        /// The answer.
        text: String,
    },
    /// Put on the waiting list.
    Waitlist {
        /// When it will be looked at again (30 days at most).
        review_on: chrono::NaiveDate,
    },
    /// Look at the waiting list again later; once.
    ExtendWaitlist {
        /// When (30 days at most).
        review_on: chrono::NaiveDate,
    },
    /// Not accepted.
    Decline {
        /// Coded reason.
        code: DeclineCode,
        /// With `redirect`: the service suggested.
        #[serde(default)]
        suggested: Option<Uuid>,
    },
    /// The sender takes it back.
    Cancel {
        /// Why.
        #[serde(default)]
        reason: String,
    },
    /// An appointment.
    Schedule {
        /// When.
        at: DateTime<Utc>,
    },
    /// Another appointment.
    Reschedule {
        /// When.
        at: DateTime<Utc>,
    },
    /// The service has started.
    Start,
    /// News of a service that goes on.
    News {
        /// When it is expected to end; none: unknown.
        #[serde(default)]
        ends_on: Option<chrono::NaiveDate>,
    },
    /// The person did not come.
    NoShow,
    /// What came of it.
    Report {
        /// Outcome.
        outcome: Outcome,
        /// What was done, without clinical detail.
        #[serde(default)]
        text: String,
    },
    /// The sender confirms with the person.
    Confirm {
        /// Who confirmed.
        confirmation: Confirmation,
    },
    /// The person says otherwise.
    Dispute {
        /// What they say.
        #[serde(default)]
        reason: String,
    },
    /// The secretariat settles a dispute.
    Settle {
        /// Outcome.
        outcome: Outcome,
    },
    /// Entered in error.
    Void {
        /// Why.
        reason: String,
    },
    /// The provider says that an answer noted in its name was not its own.
    Contest {
        /// What it says instead.
        reason: String,
    },
}

/// One act on a referral.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ActOnReferral {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the referral that the maker saw.
    pub version: i64,
    /// The command.
    #[serde(flatten)]
    pub command: ReferralCommand,
    /// How the answer reached the one who types; default: screen or API.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// Telephone: the number called.
    #[serde(default)]
    pub number: String,
    /// Telephone: who answered.
    #[serde(default)]
    pub answered_by: String,
    /// When it happened, if not now.
    #[serde(default)]
    pub happened_at: Option<DateTime<Utc>>,
}

/// Record what protects a child (section "child" of form F1).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordChild {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the case that the maker saw.
    pub version: i64,
    /// Answers of the section as typed, by field code.
    pub answers: RawAnswers,
    /// When it happened, if not now.
    #[serde(default)]
    pub happened_at: Option<DateTime<Utc>>,
}

/// Propose the transfer of a case to another organisation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposeTransfer {
    /// Id of the transfer, made by its maker.
    pub id: Uuid,
    /// The organisation asked to take the case.
    pub to: Uuid,
    /// Words of hand-over, without name or health: the other organisation
    /// reads them before it accepts. 500 characters at most.
    #[serde(default)]
    pub note: String,
    /// The person knows that the case is to move, and where.
    pub person_informed: bool,
}

/// What is asked of a transfer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub enum TransferAsked {
    /// "We take the case."
    Accept {
        /// Who of the own organisation works on it; a case manager who
        /// accepts works on it unless they say otherwise.
        #[serde(default)]
        assign: Option<Uuid>,
    },
    /// "We do not take it."
    Decline {
        /// Coded reason.
        code: TransferDecline,
        /// In few words.
        #[serde(default)]
        text: String,
    },
    /// The holder takes the proposal back.
    Cancel,
}

/// One act on a transfer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ActOnTransfer {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the transfer that the maker saw.
    pub version: i64,
    /// The command.
    #[serde(flatten)]
    pub command: TransferAsked,
}

/// Hand a case to a colleague, or take it over as a supervisor.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignCase {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the case that the maker saw.
    pub version: i64,
    /// Who works on it from now on.
    pub to: Uuid,
    /// Words of hand-over, 500 characters at most.
    #[serde(default)]
    pub note: String,
}

/// Take a case of the own organisation on which nobody works.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimCase {
    /// Id of the act, made by its maker.
    pub id: Uuid,
}

/// Search for services.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceSearch {
    /// Words, in French or English, accents optional.
    #[serde(default)]
    pub q: String,
    /// Category or service of the taxonomy.
    #[serde(default)]
    pub category: Option<String>,
    /// Region code.
    #[serde(default)]
    pub region: Option<String>,
    /// "latitude,longitude".
    #[serde(default)]
    pub near: Option<String>,
    /// A typed place, matched by the server.
    #[serde(default)]
    pub place: Option<String>,
    /// Cursor of the next page.
    #[serde(default)]
    pub after: Option<String>,
    /// Rows a page, 20 by default, 100 at most.
    #[serde(default)]
    pub limit: Option<usize>,
    /// Group that the person belongs to (list `target`).
    #[serde(default)]
    pub target: Option<String>,
    /// Language that should be spoken (list `lang`): those that speak it first.
    #[serde(default)]
    pub language: Option<String>,
    /// What the person pays (FREE, SUBS, PAID, PROJ).
    #[serde(default)]
    pub cost: Option<String>,
    /// It cannot wait: who answers day and night first.
    #[serde(default)]
    pub urgent: bool,
    /// Only what is open now.
    #[serde(default)]
    pub open_now: bool,
    /// Only what has free places.
    #[serde(default)]
    pub free_places: bool,
    /// Only what is by telephone or online.
    #[serde(default)]
    pub remote: bool,
    /// Say too how many there are of each kind, and how the words were
    /// understood.
    #[serde(default)]
    pub facets: bool,
}
