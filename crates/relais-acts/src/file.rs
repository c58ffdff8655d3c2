//! A case as the rules need it: rows opened and turned into the pure types.

mod sealed;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calendar::{ClockKind, Due};
use relais_casework::consent::{AdultLink, Consent};
use relais_casework::grant::{Grant, Holder};
use relais_casework::need::{Need, NeedState, UnmetReason};
use relais_casework::referral::Referral;
use relais_casework::visible::{self, CaseFacts, CaseState, ReferralFacts, ReferralStage, View};
use relais_mechanism::{Answers, Channel, Priority};
use relais_network::{CaseId, NeedId, ReferralId, ServiceId};
use relais_store::rows::cases::{
    self, CaseRecord, ConsentRecord, DisclosureRecord, GrantRecord, NeedRecord, PersonRecord, ReferralRecord,
};
use relais_store::{Sealer, StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::classes;
use crate::desk::{Desk, Viewer};
use crate::network::Network;
use crate::payments::KeptPayment;
use crate::problem::ActError;

pub use sealed::{is_erased, open, open_unless_erased, read, seal};

/// Identity of a person, sealed under the person's own key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Identity {
    /// Name or alias, if given.
    pub name: Option<String>,
    /// What form F1 adds: names as on a document, birth, nationality.
    #[serde(default, skip_serializing_if = "Answers::is_empty")]
    pub more: Answers,
}

/// Contact of a person, sealed under the person's own key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Contact {
    /// Telephone, E.164.
    pub telephone: Option<String>,
    /// Safe means of contact, codes of the option list.
    #[serde(default)]
    pub safe: Vec<String>,
    /// What form F1 adds: rules of safe contact, a trusted person.
    #[serde(default, skip_serializing_if = "Answers::is_empty")]
    pub more: Answers,
}

impl Contact {
    /// Whether the person wants no contact at all, which beats every scheduler
    /// (DOMAIN F1.33).
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.safe.iter().any(|way| way == "NONE")
    }
}

/// What lists show of a case, sealed under the case's key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Card {
    /// Initials.
    pub initials: String,
    /// Age in years, stated or estimated.
    pub age: Option<u8>,
    /// Whether the person counts as a child.
    pub child: bool,
    /// Sex, code of the option list.
    pub sex: Option<String>,
    /// Language, code of the option list.
    pub language: Option<String>,
    /// Destination: code of a place, or the words typed.
    pub destination: Option<String>,
    /// Where the person sleeps tonight, code of the option list.
    pub sleeps: Option<String>,
    /// Travels with, code of the option list.
    pub travels_with: Option<String>,
    /// Whether the age is in doubt: then the person counts as a child.
    #[serde(default)]
    pub age_doubt: bool,
    /// The accompanying adult's link to the child (F1.63b), once it is on record.
    #[serde(default)]
    pub adult_link: Option<AdultLink>,
    /// Whether a trained officer has seen the child alone (F1.63c).
    #[serde(default)]
    pub seen_alone: bool,
    /// When the best-interests decision was made.
    #[serde(default)]
    pub best_interests_on: Option<chrono::NaiveDate>,
}

impl Card {
    /// The age by which consent is judged: in doubt, a child's; unknown, an
    /// adult's.
    #[must_use]
    pub fn age_for_consent(&self) -> u8 {
        match (self.child, self.age) {
            (true, Some(age)) => age.min(17),
            (true, None) => 17,
            (false, age) => age.unwrap_or(18),
        }
    }

    /// Whether the accompanying adult's link is in doubt: child protection
    /// comes first, and nothing that this adult agreed to counts.
    #[must_use]
    pub fn adult_in_doubt(&self) -> bool {
        self.child && self.adult_link == Some(AdultLink::Doubtful)
    }
}

/// What a need asks for, sealed under the case's key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NeedDetail {
    /// Service of the taxonomy.
    pub service: String,
    /// Words.
    #[serde(default)]
    pub words: String,
    /// As the machine sees it; names the services that were tried.
    pub machine: Need,
}

/// One message between the two sides.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exchange {
    /// Kind of event.
    pub kind: String,
    /// Words.
    pub text: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Who gave the provider's word without signing in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answerer {
    /// Kind of event.
    pub kind: String,
    /// Telephone, link or paper.
    pub channel: Channel,
    /// Name.
    pub name: String,
    /// Telephone; empty on paper where none was written.
    pub number: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// What a referral says, sealed under the case's key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReferralDetail {
    /// Service of the taxonomy.
    pub service_type: String,
    /// The service asked.
    pub service: ServiceId,
    /// Reason in few words.
    #[serde(default)]
    pub words: String,
    /// Interpreter, accessible place: codes of the option list.
    #[serde(default)]
    pub access: Vec<String>,
    /// P2 without on-call: what is done until the opening.
    #[serde(default)]
    pub interim: String,
    /// P1: who stays with the person.
    #[serde(default)]
    pub stays_with: String,
    /// Questions, answers, reports.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    /// Who answered by telephone, link or slip, oldest first.
    #[serde(default)]
    pub answerers: Vec<Answerer>,
    /// Who pays.
    #[serde(default)]
    pub payment: Option<KeptPayment>,
    /// The service that the provider suggested instead; above S3 it stands
    /// nowhere else.
    #[serde(default)]
    pub suggested: Option<ServiceId>,
}

/// A need, opened.
#[derive(Debug, Clone)]
pub struct OpenNeed {
    /// Row.
    pub record: NeedRecord,
    /// What it asks for.
    pub detail: NeedDetail,
}

/// A referral, opened.
#[derive(Debug, Clone)]
pub struct OpenReferral {
    /// Server sequence.
    pub seq: i64,
    /// Row.
    pub record: ReferralRecord,
    /// What it says.
    pub detail: ReferralDetail,
    /// As the machine sees it.
    pub machine: Referral,
}

/// A case, opened.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// Server sequence.
    pub seq: i64,
    /// Row.
    pub record: CaseRecord,
    /// Card.
    pub card: Card,
    /// Consents, oldest first.
    pub consents: Vec<Consent>,
    /// Needs, oldest first.
    pub needs: Vec<OpenNeed>,
    /// Referrals, oldest first.
    pub referrals: Vec<OpenReferral>,
    /// Grants, ended ones included.
    pub grants: Vec<Grant>,
    /// Whether the person was erased: card and words are then empty, and what
    /// stands in clear is all that there is.
    pub erased: bool,
}

impl CaseFile {
    /// Reads and opens a case; none when it is not there, or its person was
    /// erased: there is nothing to act on.
    ///
    /// # Errors
    /// When the store fails or a sealed value does not open.
    pub fn load(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<Self>, StoreError> {
        Ok(Self::read(tx, id)?.filter(|file| !file.erased))
    }

    /// Reads a case, also one whose person was erased: then with what stands
    /// in clear, and empty where something was sealed.
    ///
    /// # Errors
    /// When the store fails or a sealed value does not open.
    pub fn read(tx: &mut Tx<'_>, id: CaseId) -> Result<Option<Self>, StoreError> {
        let Some(record) = CaseRecord::find(tx, id)? else {
            return Ok(None);
        };
        let sealer = tx.sealer();
        let slot = record.slot;
        let card: Option<Card> = open_unless_erased(&sealer, "case_file", "card", id.0, slot, &record.card)?;
        let erased = card.is_none();
        let in_doubt = card.as_ref().is_some_and(Card::adult_in_doubt);
        let consents = if erased {
            Vec::new()
        } else {
            cases::consents_of(tx, id)?
                .iter()
                .map(|c| {
                    let consent = open_consent(&sealer, slot, c)?;
                    Ok(if in_doubt { consent.in_doubt() } else { consent })
                })
                .collect::<Result<_, StoreError>>()?
        };
        let needs = cases::needs_of(tx, id)?
            .into_iter()
            .map(|record| open_need(&sealer, slot, record))
            .collect::<Result<_, _>>()?;
        let referrals: Vec<OpenReferral> = cases::referrals_of_case(tx, id)?
            .into_iter()
            .map(|(seq, record)| open_referral(&sealer, slot, seq, record))
            .collect::<Result<_, _>>()?;
        let grants = cases::grants_of(tx, id)?
            .iter()
            .map(|record| read_grant(&sealer, slot, record, &referrals))
            .collect::<Result<_, _>>()?;
        Ok(Some(Self {
            seq: cases::case_seq(tx, id)?,
            record,
            card: card.unwrap_or_default(),
            consents,
            needs,
            referrals,
            grants,
            erased,
        }))
    }

    /// Locks the case for this unit of work and gives its file: the one read
    /// ahead ([`relais_store::Store::ahead`]) when nothing has moved in the
    /// case since, else read now.
    ///
    /// Also of a person who was erased.
    ///
    /// # Errors
    /// As [`CaseFile::read`].
    pub fn locked(tx: &mut Tx<'_>, id: CaseId, ahead: Option<&Arc<Self>>) -> Result<Option<Arc<Self>>, StoreError> {
        if let Some(file) = ahead.filter(|f| f.record.id == id)
            && cases::lock_case_at(tx, id, file.record.version)?
        {
            return Ok(Some(Arc::clone(file)));
        }
        cases::lock_case(tx, id)?;
        Ok(Self::read(tx, id)?.map(Arc::new))
    }

    /// What the viewer may see of the case now; one that they see nothing of
    /// answers as if it did not exist.
    ///
    /// # Errors
    /// [`ActError::NotFound`], or what the store refuses.
    pub fn seen_by(&self, tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer) -> Result<(View, Arc<Network>), ActError> {
        let network = desk.network_now(tx)?;
        let now = tx.now()?;
        let view = visible::visible(&self.facts(), &viewer.sight(&network), now);
        if matches!(view, View::Nothing) {
            return Err(ActError::NotFound);
        }
        Ok((view, network))
    }

    /// Reads the case and says what the viewer may see of it; a case that the
    /// viewer sees nothing of answers as if it did not exist. To act on.
    ///
    /// # Errors
    /// [`ActError::NotFound`], [`ActError::Erased`] where the person was
    /// erased and the viewer saw the whole file, or what the store refuses.
    pub fn load_for(
        tx: &mut Tx<'_>,
        desk: &Desk,
        viewer: &Viewer,
        id: CaseId,
    ) -> Result<(Self, View, Arc<Network>), ActError> {
        let seen = Self::see(tx, desk, viewer, id)?;
        match (seen.0.erased, seen.1.is_whole()) {
            (false, _) => Ok(seen),
            (true, true) => Err(ActError::Erased),
            (true, false) => Err(ActError::NotFound),
        }
    }

    /// Refuses what was decided on another version of the case than the last.
    /// For a case locked in this unit of work, which counted its version up
    /// by one.
    ///
    /// # Errors
    /// [`ActError::Stale`].
    pub const fn unless_stale(&self, base: i64) -> Result<(), ActError> {
        ActError::unless_current(base, self.record.version - 1)
    }

    /// As [`CaseFile::load_for`], also where the person was erased. To show
    /// what is left.
    ///
    /// # Errors
    /// [`ActError::NotFound`], or what the store refuses.
    pub fn see(
        tx: &mut Tx<'_>,
        desk: &Desk,
        viewer: &Viewer,
        id: CaseId,
    ) -> Result<(Self, View, Arc<Network>), ActError> {
        let file = Self::read(tx, id)?.ok_or(ActError::NotFound)?;
        let (view, network) = file.seen_by(tx, desk, viewer)?;
        Ok((file, view, network))
    }

    /// What decides who sees the case.
    #[must_use]
    pub fn facts(&self) -> CaseFacts {
        CaseFacts {
            case: self.record.id,
            holder: self.record.holder_id,
            region: self.record.region.clone(),
            protected: self.is_protected(),
            state: CaseState::from_code(&self.record.state).unwrap_or(CaseState::Ended),
            reporter: None,
            referrals: self
                .referrals
                .iter()
                .map(|r| ReferralFacts {
                    id: r.record.id,
                    organisation: r.record.provider_id,
                    service: r.detail.service,
                    stage: ReferralStage::of(r.machine.state),
                })
                .collect(),
            grants: self.grants.clone(),
        }
    }

    /// Whether the case is in the protected circuit.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.record.regime == crate::protection::PROTECTED
    }

    /// The slot under which the words of a new event are sealed: the case's;
    /// once the person is erased, a fresh one that the event must name.
    ///
    /// # Errors
    /// When the keyring cannot be extended.
    pub fn words_slot(&self, tx: &Tx<'_>) -> Result<i64, StoreError> {
        if self.erased {
            tx.new_slot()
        } else {
            Ok(self.record.slot)
        }
    }

    /// The need with this id.
    #[must_use]
    pub fn need(&self, id: NeedId) -> Option<&OpenNeed> {
        self.needs.iter().find(|n| n.record.id == id)
    }

    /// The referral with this id.
    #[must_use]
    pub fn referral(&self, id: ReferralId) -> Option<&OpenReferral> {
        self.referrals.iter().find(|r| r.record.id == id)
    }

    /// What was communicated to whom, oldest first, with all its classes.
    ///
    /// # Errors
    /// When the store fails or a sealed value does not open.
    pub fn disclosures(&self, tx: &mut Tx<'_>) -> Result<Vec<DisclosureRecord>, StoreError> {
        let sealer = tx.sealer();
        let mut all = cases::disclosures_of(tx, self.record.id)?;
        for told in &mut all {
            let (row, slot) = (told.id.0, self.record.slot);
            told.classes = classes::open(&sealer, "disclosure", row, slot, told.classes, &told.restricted)?;
        }
        Ok(all)
    }

    /// Identity and contact of the person, each as far as `classes` allow.
    ///
    /// # Errors
    /// When the store fails or a sealed value does not open.
    pub fn person(&self, tx: &mut Tx<'_>) -> Result<(Identity, Contact), ActError> {
        let record = PersonRecord::find(tx, self.record.person_id)?.ok_or(ActError::NotFound)?;
        let sealer = tx.sealer();
        Ok((
            open(
                &sealer,
                "person",
                "identity",
                record.id.0,
                record.slot,
                &record.identity,
            )?,
            open(&sealer, "person", "contact", record.id.0, record.slot, &record.contact)?,
        ))
    }
}

/// Opens a consent line.
///
/// # Errors
/// When a sealed value does not open.
pub fn open_consent(sealer: &Sealer, slot: i64, record: &ConsentRecord) -> Result<Consent, StoreError> {
    let mut consent: Consent = open(sealer, "consent", "detail", record.id.0, slot, &record.detail)?;
    consent.withdrawn_at = record.withdrawn_at;
    Ok(consent)
}

/// Opens a need; of an erased person, what stands in clear.
///
/// # Errors
/// When a sealed value does not open.
pub fn open_need(sealer: &Sealer, slot: i64, record: NeedRecord) -> Result<OpenNeed, StoreError> {
    let detail = open_unless_erased(sealer, "need", "detail", record.id.0, slot, &record.detail)?;
    let detail = match detail {
        Some(detail) => detail,
        None => NeedDetail {
            service: String::new(),
            words: String::new(),
            machine: need_in_clear(&record)?,
        },
    };
    Ok(OpenNeed { record, detail })
}

/// The need as its clear columns tell it.
fn need_in_clear(record: &NeedRecord) -> Result<Need, StoreError> {
    let unknown = |column: &str| StoreError::Schema(format!("need.{column}: a word that is not known"));
    Ok(Need {
        id: record.id,
        case: record.case_id,
        priority: Priority::from_code(&record.priority).ok_or_else(|| unknown("priority"))?,
        state: NeedState::from_code(&record.state).ok_or_else(|| unknown("state"))?,
        reason: record.reason.as_deref().and_then(UnmetReason::from_code),
        recorded_at: record.recorded_at,
        due: Due {
            start: record.due_from.unwrap_or(record.recorded_at),
            at: record.due_at.unwrap_or(record.recorded_at),
            clock: ClockKind::Hours,
            calendar: record.calendar.clone().unwrap_or_default(),
        },
        late_told: true,
        open: Vec::new(),
        tried: Vec::new(),
        version: record.version,
    })
}

/// Opens a referral; of an erased person, what stands in clear.
///
/// # Errors
/// When a sealed value does not open.
pub fn open_referral(sealer: &Sealer, slot: i64, seq: i64, record: ReferralRecord) -> Result<OpenReferral, StoreError> {
    let mut machine: Referral =
        serde_json::from_str(&record.progress).map_err(|e| StoreError::Schema(format!("referral.progress: {e}")))?;
    let detail = open_unless_erased(sealer, "referral", "detail", record.id.0, slot, &record.detail)?;
    let detail = detail.unwrap_or_else(|| ReferralDetail {
        payment: None,
        suggested: None,
        service_type: String::new(),
        service: machine.service,
        words: String::new(),
        access: Vec::new(),
        interim: String::new(),
        stays_with: String::new(),
        exchanges: Vec::new(),
        answerers: Vec::new(),
    });
    machine.service = detail.service;
    machine.suggested = detail.suggested.or(machine.suggested);
    Ok(OpenReferral {
        seq,
        record,
        detail,
        machine,
    })
}

/// The referral with this id, opened with its case's key; none where there is none.
///
/// # Errors
/// When the store fails or a sealed value does not open.
pub fn find_referral(tx: &mut Tx<'_>, slot: i64, id: ReferralId) -> Result<Option<OpenReferral>, StoreError> {
    let Some(record) = ReferralRecord::find(tx, id)? else {
        return Ok(None);
    };
    let seq = cases::referral_seq(tx, id)?;
    open_referral(&tx.sealer(), slot, seq, record).map(Some)
}

fn read_grant(
    sealer: &Sealer,
    slot: i64,
    record: &GrantRecord,
    referrals: &[OpenReferral],
) -> Result<Grant, StoreError> {
    let mut grant: Grant =
        serde_json::from_str(&record.detail).map_err(|e| StoreError::Schema(format!("grant_row.detail: {e}")))?;
    let row = record.id.0;
    grant.classes = classes::open(sealer, "grant_row", row, slot, record.classes, &record.restricted)?;
    grant.until = record.until_at;
    // Above S3 the row does not say which service: the sealed referral does.
    if let Holder::ServiceFocalPoints { service, .. } = &mut grant.holder
        && service.0.is_nil()
        && let Some(referral) = referrals.iter().find(|r| Some(r.record.id) == grant.referral)
    {
        *service = referral.detail.service;
    }
    Ok(grant)
}
