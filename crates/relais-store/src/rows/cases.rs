//! Persons, cases, answers, consents, needs, referrals, grants, disclosures
//! and overrides.

use chrono::{DateTime, Utc};
use relais_mechanism::ClassSet;
use relais_network::{
    CaseId, ConsentId, DisclosureId, GrantId, NeedId, OrganisationId, OverrideId, PersonId, ReferralId, ServiceId,
    UserId,
};
use uuid::Uuid;

use super::{record, statements};
use crate::{StoreError, Tx, Value};

record! {
    /// A person: identity and contact, sealed under the person's own key.
    PersonRecord in "person" key id: PersonId {
        /// Person.
        id: PersonId,
        /// Subject key.
        slot: i64,
        /// Sealed identity.
        identity: Vec<u8>,
        /// Sealed contact.
        contact: Vec<u8>,
        /// Made.
        created_at: DateTime<Utc>,
        /// Erased.
        erased_at: Option<DateTime<Utc>>,
        /// Version.
        version: i64,
    }
}

record! {
    /// A case.
    CaseRecord in "case_file" key id: CaseId {
        /// Case.
        id: CaseId,
        /// Person.
        person_id: PersonId,
        /// Subject key.
        slot: i64,
        /// Year of the code.
        year: i64,
        /// Region.
        region: String,
        /// Organisation that holds the case.
        holder_id: OrganisationId,
        /// Member of staff who works on it.
        assigned_user_id: Option<UserId>,
        /// ordinary or protected.
        regime: String,
        /// open, closed, ended.
        state: String,
        /// Version of the mechanism.
        mechanism_hash: String,
        /// Sealed card: initials, age, sex, place below region.
        card: Vec<u8>,
        /// Opened.
        opened_at: DateTime<Utc>,
        /// Closed.
        closed_at: Option<DateTime<Utc>>,
        /// Coded reason.
        close_reason: Option<String>,
        /// Who opened it.
        created_by: UserId,
        /// Version.
        version: i64,
    }
}

record! {
    /// Answers of a form.
    AnswersRecord in "form_answers" key id: Uuid {
        /// Id made by the maker.
        id: Uuid,
        /// Case.
        case_id: CaseId,
        /// Form.
        form: String,
        /// Version of the mechanism.
        mechanism_hash: String,
        /// Sealed answers.
        answers: Vec<u8>,
        /// Who typed them.
        by_user: UserId,
        /// When it happened.
        happened_at: DateTime<Utc>,
        /// When it was typed.
        typed_at: DateTime<Utc>,
    }
}

record! {
    /// One consent line.
    ConsentRecord in "consent" key id: ConsentId {
        /// Consent.
        id: ConsentId,
        /// Case.
        case_id: CaseId,
        /// Line.
        line: String,
        /// Decision.
        decision: String,
        /// Notice that was read.
        text_hash: String,
        /// Given.
        given_at: DateTime<Utc>,
        /// Until.
        until_at: Option<DateTime<Utc>>,
        /// Withdrawn.
        withdrawn_at: Option<DateTime<Utc>>,
        /// Sealed detail.
        detail: Vec<u8>,
        /// Version of the mechanism.
        mechanism_hash: String,
    }
}

record! {
    /// A need.
    NeedRecord in "need" key id: NeedId, then reckon_case(case_id) {
        /// Need.
        id: NeedId,
        /// Case.
        case_id: CaseId,
        /// Group when S3 or less, else "restricted".
        group_code: String,
        /// Priority.
        priority: String,
        /// State.
        state: String,
        /// Coded reason of an unmet need.
        reason: Option<String>,
        /// Owner: organisation.
        owner_id: OrganisationId,
        /// Owner: role.
        owner_role: String,
        /// What is due.
        due_kind: Option<String>,
        /// Since.
        due_from: Option<DateTime<Utc>>,
        /// Until.
        due_at: Option<DateTime<Utc>>,
        /// Version of the calendar.
        calendar: Option<String>,
        /// Version of the mechanism.
        mechanism_hash: String,
        /// Recorded.
        recorded_at: DateTime<Utc>,
        /// Sealed detail.
        detail: Vec<u8>,
        /// Version.
        version: i64,
    }
}

record! {
    /// A referral.
    ReferralRecord in "referral" key id: ReferralId, then reckon_case(case_id) {
        /// Referral.
        id: ReferralId,
        /// Need.
        need_id: NeedId,
        /// Case.
        case_id: CaseId,
        /// Year of the code.
        year: i64,
        /// Region of the service.
        region: String,
        /// Organisation that sent it.
        sender_id: OrganisationId,
        /// Organisation asked.
        provider_id: OrganisationId,
        /// Service asked; none above S3.
        service_id: Option<ServiceId>,
        /// Need above S3.
        restricted: bool,
        /// Priority.
        priority: String,
        /// State.
        state: String,
        /// Outcome.
        outcome: Option<String>,
        /// Confirmation.
        confirmation: Option<String>,
        /// Coded reason.
        decline_code: Option<String>,
        /// Who must move: organisation.
        owner_id: Option<OrganisationId>,
        /// Who must move: role.
        owner_role: Option<String>,
        /// Who must move: side.
        owner_side: Option<String>,
        /// What is due.
        due_kind: Option<String>,
        /// Since.
        due_from: Option<DateTime<Utc>>,
        /// Until.
        due_at: Option<DateTime<Utc>>,
        /// Version of the calendar.
        calendar: Option<String>,
        /// Sent.
        sent_at: Option<DateTime<Utc>>,
        /// Ended.
        ended_at: Option<DateTime<Utc>>,
        /// Referral before it in the chain.
        previous_id: Option<ReferralId>,
        /// Counters and times of the machine, as JSON.
        progress: String,
        /// Version of the mechanism.
        mechanism_hash: String,
        /// Sealed detail.
        detail: Vec<u8>,
        /// Version.
        version: i64,
    }
}

record! {
    /// A right to see classes of a case.
    GrantRecord in "grant_row" key id: GrantId {
        /// Grant.
        id: GrantId,
        /// Case.
        case_id: CaseId,
        /// user, organisation, service.
        holder_kind: String,
        /// Who may see.
        holder_id: Uuid,
        /// Classes of S3 or less.
        classes: ClassSet,
        /// Sealed classes of S4.
        restricted: Vec<u8>,
        /// The event that caused it.
        cause: String,
        /// Referral.
        referral_id: Option<ReferralId>,
        /// From.
        from_at: DateTime<Utc>,
        /// Until.
        until_at: Option<DateTime<Utc>>,
        /// What it rests on, as JSON of ids.
        detail: String,
    }
}

record! {
    /// A communication of data.
    DisclosureRecord in "disclosure" key id: DisclosureId {
        /// Disclosure.
        id: DisclosureId,
        /// Case.
        case_id: CaseId,
        /// Referral.
        referral_id: Option<ReferralId>,
        /// Organisation that received.
        recipient_id: OrganisationId,
        /// offer or accepted.
        stage: String,
        /// Classes of S3 or less.
        classes: ClassSet,
        /// Sealed classes of S4.
        restricted: Vec<u8>,
        /// When.
        at: DateTime<Utc>,
        /// Under which consents, agreement, regime, override.
        basis: String,
    }
}

record! {
    /// An override of consent or agreement.
    OverrideRecord in "override_row" key id: OverrideId {
        /// Override.
        id: OverrideId,
        /// Case.
        case_id: CaseId,
        /// Referral.
        referral_id: Option<ReferralId>,
        /// VITAL, CHILD or LEGAL.
        kind: String,
        /// waiting, cosigned, refused.
        state: String,
        /// Author.
        author_id: UserId,
        /// The author's organisation.
        organisation_id: OrganisationId,
        /// Who must co-sign: organisation; none for the secretariat.
        owner_id: Option<OrganisationId>,
        /// Who must co-sign: role.
        owner_role: String,
        /// When.
        at: DateTime<Utc>,
        /// Until.
        until_at: Option<DateTime<Utc>>,
        /// Co-signature due.
        cosign_due_at: DateTime<Utc>,
        /// Who co-signed or refused.
        decided_by: Option<UserId>,
        /// When it was co-signed or refused.
        decided_at: Option<DateTime<Utc>>,
        /// Sealed reason.
        reason: Vec<u8>,
        /// Version.
        version: i64,
    }
}

statements! {
    CASE_SEQ = "SELECT seq FROM case_file WHERE id = $1";
    REFERRAL_SEQ = "SELECT seq FROM referral WHERE id = $1";
    CASE_BY_SEQ = "SELECT id FROM case_file WHERE seq = $1";
    CONSENTS_OF = "SELECT id, case_id, line, decision, text_hash, given_at, until_at, withdrawn_at, detail, mechanism_hash FROM consent WHERE case_id = $1 ORDER BY seq";
    ANSWERS_OF = "SELECT id, case_id, form, mechanism_hash, answers, by_user, happened_at, typed_at FROM form_answers WHERE case_id = $1 ORDER BY seq";
    NEEDS_OF = "SELECT id, case_id, group_code, priority, state, reason, owner_id, owner_role, due_kind, due_from, due_at, calendar, mechanism_hash, recorded_at, detail, version FROM need WHERE case_id = $1 ORDER BY seq";
    REFERRALS_OF_CASE = "SELECT seq, id, need_id, case_id, year, region, sender_id, provider_id, service_id, restricted, priority, state, outcome, confirmation, decline_code, owner_id, owner_role, owner_side, due_kind, due_from, due_at, calendar, sent_at, ended_at, previous_id, progress, mechanism_hash, detail, version FROM referral WHERE case_id = $1 ORDER BY seq";
    REFERRALS_OF_NEED = "SELECT seq, id, need_id, case_id, year, region, sender_id, provider_id, service_id, restricted, priority, state, outcome, confirmation, decline_code, owner_id, owner_role, owner_side, due_kind, due_from, due_at, calendar, sent_at, ended_at, previous_id, progress, mechanism_hash, detail, version FROM referral WHERE need_id = $1 ORDER BY seq";
    GRANTS_OF = "SELECT id, case_id, holder_kind, holder_id, classes, restricted, cause, referral_id, from_at, until_at, detail FROM grant_row WHERE case_id = $1 ORDER BY id";
    GRANTS_NAMING = "SELECT id, case_id, holder_kind, holder_id, classes, restricted, cause, referral_id, from_at, until_at, detail FROM grant_row WHERE detail LIKE $1 AND (until_at IS NULL OR until_at > $2) ORDER BY id";
    DISCLOSURES_OF = "SELECT id, case_id, referral_id, recipient_id, stage, classes, restricted, at, basis FROM disclosure WHERE case_id = $1 ORDER BY seq";
    REFERRALS_UNDER = "SELECT d.recipient_id, r.service_id, COUNT(DISTINCT d.referral_id) AS n FROM disclosure d JOIN referral r ON r.id = d.referral_id JOIN case_file c ON c.id = d.case_id WHERE d.basis LIKE $1 AND r.restricted = 0 AND c.regime = 'ordinary' GROUP BY d.recipient_id, r.service_id";
    VITAL_OF_HOLDER = "SELECT d.id, d.case_id, d.referral_id, d.recipient_id, d.stage, d.classes, d.restricted, d.at, d.basis FROM disclosure d JOIN case_file c ON c.id = d.case_id WHERE d.at >= $1 AND d.stage = 'accepted' AND d.basis LIKE $2 AND c.holder_id = $3 ORDER BY d.at DESC, d.id DESC LIMIT $4";
    VITAL_OF_ALL = "SELECT d.id, d.case_id, d.referral_id, d.recipient_id, d.stage, d.classes, d.restricted, d.at, d.basis FROM disclosure d JOIN case_file c ON c.id = d.case_id WHERE d.at >= $1 AND d.stage = 'accepted' AND d.basis LIKE $2 AND c.regime = 'ordinary' ORDER BY d.at DESC, d.id DESC LIMIT $3";
    OVERRIDES_OF = "SELECT id, case_id, referral_id, kind, state, author_id, organisation_id, owner_id, owner_role, at, until_at, cosign_due_at, decided_by, decided_at, reason, version FROM override_row WHERE case_id = $1 ORDER BY at, id";
    OVERRIDES_TO_COSIGN = "SELECT id, case_id, referral_id, kind, state, author_id, organisation_id, owner_id, owner_role, at, until_at, cosign_due_at, decided_by, decided_at, reason, version FROM override_row WHERE state = 'waiting' AND owner_id = $1 ORDER BY cosign_due_at, id LIMIT $2";
    OVERRIDES_ESCALATED = "SELECT o.id, o.case_id, o.referral_id, o.kind, o.state, o.author_id, o.organisation_id, o.owner_id, o.owner_role, o.at, o.until_at, o.cosign_due_at, o.decided_by, o.decided_at, o.reason, o.version FROM override_row o JOIN case_file c ON c.id = o.case_id WHERE o.state = 'waiting' AND c.regime = 'ordinary' AND (o.owner_id IS NULL OR o.cosign_due_at <= $1) ORDER BY o.cosign_due_at, o.id LIMIT $2";
    LOCK_CASE = "UPDATE case_file SET version = version + 1 WHERE id = $1";
    LOCK_CASE_AT = "UPDATE case_file SET version = version + 1 WHERE id = $1 AND version = $2";
    RECKON_CASE = "UPDATE case_file SET open_needs = (SELECT COUNT(*) FROM need n WHERE n.case_id = $1 AND n.state IN ('open', 'referred')), due_at = (SELECT MIN(w.due_at) FROM (SELECT n.due_at FROM need n WHERE n.case_id = $1 UNION ALL SELECT r.due_at FROM referral r WHERE r.case_id = $1) w) WHERE id = $1";
    CASE_OF_NEED = "SELECT case_id FROM need WHERE id = $1";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [
        PersonRecord::statements(),
        CaseRecord::statements(),
        AnswersRecord::statements(),
        ConsentRecord::statements(),
        NeedRecord::statements(),
        ReferralRecord::statements(),
        GrantRecord::statements(),
        DisclosureRecord::statements(),
        OverrideRecord::statements(),
        statements(),
    ]
    .concat()
}

/// Server sequence of a case, from which its code is made.
///
/// # Errors
/// When the store fails or the case is not there.
pub fn case_seq(tx: &mut Tx<'_>, id: CaseId) -> Result<i64, StoreError> {
    tx.query_one(CASE_SEQ, &[Value::from(id)])?.get("seq")
}

/// Server sequence of a referral, from which its code is made.
///
/// # Errors
/// When the store fails or the referral is not there.
pub fn referral_seq(tx: &mut Tx<'_>, id: ReferralId) -> Result<i64, StoreError> {
    tx.query_one(REFERRAL_SEQ, &[Value::from(id)])?.get("seq")
}

/// The case with this server sequence, or none.
///
/// # Errors
/// When the store fails.
pub fn case_by_seq(tx: &mut Tx<'_>, seq: i64) -> Result<Option<CaseId>, StoreError> {
    tx.query_opt(CASE_BY_SEQ, &[Value::from(seq)])?
        .map(|row| row.get("id"))
        .transpose()
}

/// Consents of a case, oldest first.
///
/// # Errors
/// When the store fails.
pub fn consents_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<ConsentRecord>, StoreError> {
    tx.query(CONSENTS_OF, &[Value::from(case)])?
        .iter()
        .map(ConsentRecord::read)
        .collect()
}

/// Form answers of a case, oldest first.
///
/// # Errors
/// When the store fails.
pub fn answers_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<AnswersRecord>, StoreError> {
    tx.query(ANSWERS_OF, &[Value::from(case)])?
        .iter()
        .map(AnswersRecord::read)
        .collect()
}

/// Needs of a case, oldest first.
///
/// # Errors
/// When the store fails.
pub fn needs_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<NeedRecord>, StoreError> {
    tx.query(NEEDS_OF, &[Value::from(case)])?
        .iter()
        .map(NeedRecord::read)
        .collect()
}

/// Referrals of a case with their server sequence, oldest first.
///
/// # Errors
/// When the store fails.
pub fn referrals_of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<(i64, ReferralRecord)>, StoreError> {
    tx.query(REFERRALS_OF_CASE, &[Value::from(case)])?
        .iter()
        .map(|row| Ok((row.get("seq")?, ReferralRecord::read(row)?)))
        .collect()
}

/// Referrals of a need with their server sequence, oldest first.
///
/// # Errors
/// When the store fails.
pub fn referrals_of_need(tx: &mut Tx<'_>, need: NeedId) -> Result<Vec<(i64, ReferralRecord)>, StoreError> {
    tx.query(REFERRALS_OF_NEED, &[Value::from(need)])?
        .iter()
        .map(|row| Ok((row.get("seq")?, ReferralRecord::read(row)?)))
        .collect()
}

/// Grants of a case.
///
/// # Errors
/// When the store fails.
pub fn grants_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<GrantRecord>, StoreError> {
    tx.query(GRANTS_OF, &[Value::from(case)])?
        .iter()
        .map(GrantRecord::read)
        .collect()
}

/// Grants of all cases that are open at `now` and whose record names this id
/// (an agreement): for its end, which is rare, so no index serves it.
///
/// # Errors
/// When the store fails.
pub fn grants_naming(tx: &mut Tx<'_>, id: Uuid, now: DateTime<Utc>) -> Result<Vec<GrantRecord>, StoreError> {
    tx.query(GRANTS_NAMING, &[Value::from(format!("%{id}%")), Value::from(now)])?
        .iter()
        .map(GrantRecord::read)
        .collect()
}

/// Disclosures of a case, oldest first.
///
/// # Errors
/// When the store fails.
pub fn disclosures_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<DisclosureRecord>, StoreError> {
    tx.query(DISCLOSURES_OF, &[Value::from(case)])?
        .iter()
        .map(DisclosureRecord::read)
        .collect()
}

/// Referrals whose data went under this agreement, none of them restricted nor of a
/// protected case: to whom, for which service, how many. Asked for one agreement by whoever keeps it, so no
/// index serves it.
///
/// # Errors
/// When the store fails.
pub fn referrals_under(
    tx: &mut Tx<'_>,
    agreement: Uuid,
) -> Result<Vec<(OrganisationId, Option<ServiceId>, i64)>, StoreError> {
    tx.query(REFERRALS_UNDER, &[Value::from(format!("%{agreement}%"))])?
        .iter()
        .map(|row| Ok((row.get("recipient_id")?, row.get("service_id")?, row.get("n")?)))
        .collect()
}

/// How the basis of what went without an agreement, because the need was vital, is
/// written.
const VITAL: &str = "%\"basis\":\"vital\"%";

/// What was disclosed on acceptance since an instant because the need was vital,
/// newest first: of the cases of one holder, or of all that are not protected.
///
/// # Errors
/// When the store fails.
pub fn disclosed_as_vital(
    tx: &mut Tx<'_>,
    since: DateTime<Utc>,
    holder: Option<OrganisationId>,
    limit: i64,
) -> Result<Vec<DisclosureRecord>, StoreError> {
    let (since, basis, limit) = (Value::from(since), Value::from(VITAL.to_owned()), Value::from(limit));
    let rows = match holder {
        Some(holder) => tx.query(VITAL_OF_HOLDER, &[since, basis, Value::from(holder), limit])?,
        None => tx.query(VITAL_OF_ALL, &[since, basis, limit])?,
    };
    rows.iter().map(DisclosureRecord::read).collect()
}

/// Overrides of a case, oldest first.
///
/// # Errors
/// When the store fails.
pub fn overrides_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<OverrideRecord>, StoreError> {
    tx.query(OVERRIDES_OF, &[Value::from(case)])?
        .iter()
        .map(OverrideRecord::read)
        .collect()
}

/// Overrides that wait for a co-signature of this organisation's supervisors,
/// earliest limit first.
///
/// # Errors
/// When the store fails.
pub fn overrides_to_cosign(
    tx: &mut Tx<'_>,
    owner: OrganisationId,
    limit: i64,
) -> Result<Vec<OverrideRecord>, StoreError> {
    tx.query(OVERRIDES_TO_COSIGN, &[Value::from(owner), Value::from(limit)])?
        .iter()
        .map(OverrideRecord::read)
        .collect()
}

/// Overrides that wait for the secretariat's supervisor: whose limit has
/// passed at `now`, or that nobody else may co-sign; never those of protected
/// cases.
///
/// # Errors
/// When the store fails.
pub fn overrides_escalated(tx: &mut Tx<'_>, now: DateTime<Utc>, limit: i64) -> Result<Vec<OverrideRecord>, StoreError> {
    tx.query(OVERRIDES_ESCALATED, &[Value::from(now), Value::from(limit)])?
        .iter()
        .map(OverrideRecord::read)
        .collect()
}

/// Counts a case's open needs and takes its earliest limit anew, for the lists
/// that show them: whoever writes needs or referrals past their records calls it.
pub(crate) fn reckon_case(tx: &mut Tx<'_>, case: CaseId) -> Result<(), StoreError> {
    tx.execute(RECKON_CASE, &[Value::from(case)]).map(drop)
}

/// Locks a case for the rest of the unit of work and counts its version up,
/// so that two acts on one case never decide on the same state.
///
/// # Errors
/// When the store fails.
pub fn lock_case(tx: &mut Tx<'_>, case: CaseId) -> Result<bool, StoreError> {
    Ok(tx.execute(LOCK_CASE, &[Value::from(case)])? == 1)
}

/// Locks the case for this unit of work if nothing has moved in it since this
/// version was read: whoever writes anything of a case locks it first. False
/// when something has, or the case is not there; then it is not locked.
///
/// # Errors
/// What the database refused.
pub fn lock_case_at(tx: &mut Tx<'_>, case: CaseId, version: i64) -> Result<bool, StoreError> {
    Ok(tx.execute(LOCK_CASE_AT, &[Value::from(case), Value::from(version)])? == 1)
}

/// The case of a need.
///
/// # Errors
/// What the database refused.
pub fn case_of_need(tx: &mut Tx<'_>, need: NeedId) -> Result<Option<CaseId>, StoreError> {
    tx.query_opt(CASE_OF_NEED, &[Value::from(need)])?
        .map(|row| row.get("case_id"))
        .transpose()
}
