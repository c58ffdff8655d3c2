//! What the acts write: rows from the pure types, chained events, grants,
//! disclosures, due work and notices, all in the unit of work of the act.

use chrono::{DateTime, Datelike, Utc};
use relais_casework::grant::{Closing, Grant, Holder};
use relais_casework::referral::{Recipient, Referral};
use relais_mechanism::{ActingFor, Channel, ClassSet, Role};
use relais_network::agreement::Basis;
use relais_network::{CaseId, DisclosureId, OrganisationId, ReferralId, ServiceId, UserId};
use relais_store::chain::{self, Head, NewEvent};
use relais_store::due::{self, Due};
use relais_store::requests::{self, Seen};
use relais_store::rows::cases::{DisclosureRecord, GrantRecord, ReferralRecord};
use relais_store::{StoreError, Tx, ids};
use serde::Serialize;
use uuid::Uuid;

use crate::classes;
use crate::desk::Viewer;
use crate::file::{CaseFile, OpenNeed, OpenReferral, seal};
use crate::network::Network;
use crate::problem::ActError;
use crate::views::Made;

/// Does the work once for an id made by its maker: the same id and body get
/// the same answer, another body is refused.
///
/// # Errors
/// [`ActError::IdTaken`], or what the work refuses.
pub fn once<C: Serialize>(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    kind: &str,
    id: Uuid,
    command: &C,
    work: impl FnOnce(&mut Tx<'_>) -> Result<Made, ActError>,
) -> Result<Made, ActError> {
    once_by(tx, viewer.user.0, kind, id, command, work)
}

/// As [`once`], for a maker who is no user: whoever answers by a link.
///
/// # Errors
/// [`ActError::IdTaken`], or what the work refuses.
pub fn once_by<C: Serialize>(
    tx: &mut Tx<'_>,
    maker: Uuid,
    kind: &str,
    id: Uuid,
    command: &C,
    work: impl FnOnce(&mut Tx<'_>) -> Result<Made, ActError>,
) -> Result<Made, ActError> {
    let body = serde_json::to_vec(command).map_err(|e| StoreError::Schema(e.to_string()))?;
    match requests::check(tx, maker, kind, id, &body)? {
        Seen::Different => Err(ActError::IdTaken),
        Seen::Same(answer) => {
            serde_json::from_str(&answer).map_err(|e| ActError::Store(StoreError::Schema(e.to_string())))
        }
        Seen::New => {
            let made = work(tx).map_err(|error| match error {
                ActError::Store(store) if store.is_duplicate() => ActError::IdTaken,
                other => other,
            })?;
            let answer = serde_json::to_string(&made).map_err(|e| StoreError::Schema(e.to_string()))?;
            requests::keep(tx, maker, kind, id, &answer)?;
            Ok(made)
        }
    }
}

/// When something happened: as told, never after now; now if not told.
///
/// # Errors
/// When it is told to have happened in the future.
pub fn happened(told: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<DateTime<Utc>, ActError> {
    match told {
        Some(at) if at > now => Err(ActError::refused(
            "in_the_future",
            ("La date indiquée est à venir.", "The date given lies ahead."),
            ("Indiquez quand cela s’est passé.", "Say when it happened."),
        )),
        Some(at) => Ok(at),
        None => Ok(now),
    }
}

/// Who did something, for the metadata of an event.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Doer {
    /// User.
    pub user: Option<UserId>,
    /// Organisation.
    pub organisation: Option<OrganisationId>,
    /// For whom.
    #[serde(rename = "for")]
    pub acting_for: ActingFor,
    /// How it came in.
    pub channel: Channel,
}

impl Doer {
    /// A signed-in user acting for their own side.
    #[must_use]
    pub const fn of(viewer: &Viewer, acting_for: ActingFor) -> Self {
        Self {
            user: Some(viewer.user),
            organisation: Some(viewer.organisation),
            acting_for,
            channel: if viewer.api { Channel::Api } else { Channel::Screen },
        }
    }

    /// The mechanism's clock.
    #[must_use]
    pub const fn clock() -> Self {
        Self {
            user: None,
            organisation: None,
            acting_for: ActingFor::System,
            channel: Channel::Clock,
        }
    }
}

#[derive(Serialize)]
struct Meta<'a, T: Serialize> {
    by: &'a Doer,
    mechanism: &'a str,
    #[serde(flatten)]
    facts: &'a T,
}

/// The stream of a case, locked, to which an act adds its events.
pub struct Stream<'a> {
    head: Head,
    slot: i64,
    doer: Doer,
    mechanism: &'a str,
}

impl<'a> Stream<'a> {
    /// Locks the stream of a case: whoever else acts on it waits here.
    ///
    /// # Errors
    /// When the store fails.
    pub fn lock(tx: &mut Tx<'_>, case: CaseId, slot: i64, doer: Doer, mechanism: &'a str) -> Result<Self, StoreError> {
        Ok(Self {
            head: chain::lock(tx, case.0)?,
            slot,
            doer,
            mechanism,
        })
    }

    /// Adds one event. `facts` hold codes and ids, never words; `words` are
    /// sealed under the case's key.
    ///
    /// # Errors
    /// When the store fails.
    pub fn add<T: Serialize>(
        &mut self,
        tx: &mut Tx<'_>,
        subject: Uuid,
        kind: &str,
        facts: &T,
        happened_at: DateTime<Utc>,
        words: &str,
    ) -> Result<(), StoreError> {
        let meta = serde_json::to_string(&Meta {
            by: &self.doer,
            mechanism: self.mechanism,
            facts,
        })
        .map_err(|e| StoreError::Schema(format!("event {kind}: {e}")))?;
        let event = NewEvent {
            subject,
            kind,
            meta: &meta,
            happened_at,
            words: words.as_bytes(),
            slot: self.slot,
        };
        chain::append(tx, &mut self.head, &[event])
    }
}

/// Writes a grant.
///
/// # Errors
/// When the store fails.
pub fn grant(tx: &mut Tx<'_>, slot: i64, grant: &Grant) -> Result<(), StoreError> {
    write_grant(tx, slot, grant, grant.holder)
}

/// Writes a grant to the focal points of a service that is asked for a need
/// above S3: which service it is would tell the need, so the row names the
/// organisation only. The service stands in the referral's sealed detail, from
/// which [`CaseFile`](crate::file::CaseFile) puts it back.
///
/// # Errors
/// When the store fails.
pub fn restricted_grant(tx: &mut Tx<'_>, slot: i64, grant: &Grant) -> Result<(), StoreError> {
    let holder = match grant.holder {
        Holder::ServiceFocalPoints { organisation, .. } => Holder::ServiceFocalPoints {
            organisation,
            service: ServiceId(Uuid::nil()),
        },
        other => other,
    };
    write_grant(tx, slot, grant, holder)
}

fn write_grant(tx: &mut Tx<'_>, slot: i64, grant: &Grant, holder: Holder) -> Result<(), StoreError> {
    let (clear, _) = classes::split(grant.classes);
    let shown = Grant {
        holder,
        classes: clear,
        ..grant.clone()
    };
    let restricted = classes::seal(&tx.sealer(), "grant_row", grant.id.0, slot, grant.classes)?;
    let detail = serde_json::to_string(&shown).map_err(|e| StoreError::Schema(e.to_string()))?;
    GrantRecord {
        id: grant.id,
        case_id: grant.case,
        holder_kind: holder.kind().to_owned(),
        holder_id: holder.id(),
        classes: clear,
        restricted,
        cause: grant.cause.code().to_owned(),
        referral_id: grant.referral,
        from_at: grant.from,
        until_at: grant.until,
        detail,
    }
    .insert(tx)
}

/// Ends grants.
///
/// # Errors
/// When the store fails.
pub fn close_grants(tx: &mut Tx<'_>, closings: &[Closing]) -> Result<(), StoreError> {
    for closing in closings {
        if let Some(mut record) = GrantRecord::find(tx, closing.grant)? {
            // A grant that ends earlier already is not lengthened.
            record.until_at = Some(record.until_at.map_or(closing.until, |until| until.min(closing.until)));
            record.update(tx)?;
        }
    }
    Ok(())
}

/// Writes that data of a case reached a recipient.
///
/// # Errors
/// When the store fails.
#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
pub fn disclosure(
    tx: &mut Tx<'_>,
    slot: i64,
    case: CaseId,
    referral: Option<ReferralId>,
    recipient: OrganisationId,
    stage: &str,
    given: ClassSet,
    bases: &[Basis],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let id = DisclosureId(ids::new_v7(tx.now()?));
    let restricted = classes::seal(&tx.sealer(), "disclosure", id.0, slot, given)?;
    // Each basis once: as many as there are classes would tell how many.
    let mut each: Vec<Basis> = Vec::new();
    for basis in bases {
        if !each.contains(basis) {
            each.push(*basis);
        }
    }
    DisclosureRecord {
        id,
        case_id: case,
        referral_id: referral,
        recipient_id: recipient,
        stage: stage.to_owned(),
        classes: classes::split(given).0,
        restricted,
        at,
        basis: serde_json::to_string(&each).map_err(|e| StoreError::Schema(e.to_string()))?,
    }
    .insert(tx)
}

/// Sets the due work of a subject in place of what was due before.
///
/// # Errors
/// When the store fails.
pub fn due_work(
    tx: &mut Tx<'_>,
    subject: Uuid,
    version: i64,
    rows: impl IntoIterator<Item = (String, DateTime<Utc>)>,
) -> Result<(), StoreError> {
    due::clear(tx, subject)?;
    for (kind, due_at) in rows {
        due::set(
            tx,
            &Due {
                subject,
                kind,
                due_at,
                state_version: version,
            },
        )?;
    }
    Ok(())
}

/// Writes the machine's state of a referral into its row.
///
/// # Errors
/// When the snapshot cannot be written.
pub fn fill(
    record: &mut ReferralRecord,
    machine: &Referral,
    holder: OrganisationId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut snapshot = machine.clone();
    if record.restricted {
        // The service asked tells the need; above S3 it stands in the sealed detail only.
        snapshot.service = ServiceId(Uuid::nil());
        snapshot.suggested = None;
    }
    record.state = machine.state.code().to_owned();
    record.outcome = machine.outcome.map(|o| o.code().to_owned());
    record.confirmation = machine.confirmation.map(|c| c.code().to_owned());
    record.decline_code = machine.decline.map(|d| d.code().to_owned());
    let wait = machine.wait.as_ref();
    record.owner_id = wait.and_then(|w| w.owner.organisation(holder, machine.provider));
    record.owner_role = wait.map(|w| w.owner.role.code().to_owned());
    record.owner_side = wait.map(|w| w.owner.side.code().to_owned());
    record.due_kind = wait.map(|w| w.kind.code().to_owned());
    record.due_from = wait.map(|w| w.due.start);
    record.due_at = wait.map(|w| w.due.at);
    record.calendar = wait.map(|w| w.due.calendar.clone());
    record.sent_at = machine.sent_at;
    if machine.state.is_terminal() && record.ended_at.is_none() {
        record.ended_at = Some(now);
    }
    record.version = machine.version;
    record.progress = serde_json::to_string(&snapshot).map_err(|e| StoreError::Schema(e.to_string()))?;
    Ok(())
}

/// Writes a need that has moved, or a new one.
///
/// # Errors
/// When the store fails.
pub fn save_need(
    tx: &mut Tx<'_>,
    open: &mut OpenNeed,
    slot: i64,
    holder: OrganisationId,
    new: bool,
) -> Result<(), StoreError> {
    let sealer = tx.sealer();
    let machine = &open.detail.machine;
    let record = &mut open.record;
    record.state = machine.state.code().to_owned();
    record.reason = machine.reason.map(|r| r.code().to_owned());
    record.version = machine.version;
    if let Some((organisation, role)) = machine.owner(holder) {
        record.owner_id = organisation;
        record.owner_role = role.code().to_owned();
        record.due_kind = Some("need".to_owned());
        record.due_from = Some(machine.due.start);
        record.due_at = Some(machine.due.at);
        record.calendar = Some(machine.due.calendar.clone());
    } else {
        (record.due_kind, record.due_from, record.due_at, record.calendar) = (None, None, None, None);
    }
    record.detail = seal(&sealer, "need", "detail", record.id.0, slot, &open.detail)?;
    if new {
        record.insert(tx)?;
    } else {
        record.update(tx)?;
    }
    let late = (machine.state.is_live() && !machine.late_told).then(|| ("need@100".to_owned(), machine.due.at));
    due_work(tx, record.id.0, machine.version, late)
}

/// A new row for a referral.
///
/// # Errors
/// When a value cannot be sealed.
pub fn new_referral(
    tx: &mut Tx<'_>,
    open: &mut OpenReferral,
    slot: i64,
    holder: OrganisationId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sealer = tx.sealer();
    open.record.year = i64::from(now.year());
    open.record.detail = seal(&sealer, "referral", "detail", open.record.id.0, slot, &open.detail)?;
    fill(&mut open.record, &open.machine, holder, now)?;
    open.record.insert(tx)?;
    open.seq = relais_store::rows::cases::referral_seq(tx, open.record.id)?;
    Ok(())
}

/// Writes a referral that has moved.
///
/// # Errors
/// When the store fails.
pub fn save_referral(
    tx: &mut Tx<'_>,
    open: &mut OpenReferral,
    slot: i64,
    holder: OrganisationId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sealer = tx.sealer();
    open.record.detail = seal(&sealer, "referral", "detail", open.record.id.0, slot, &open.detail)?;
    fill(&mut open.record, &open.machine, holder, now)?;
    open.record.update(tx)
}

/// The post that a step of the ladder tells: an organisation and a role there,
/// or a role of the mechanism's office, whoever hosts it.
#[must_use]
pub const fn post_of(
    recipient: Recipient,
    provider: OrganisationId,
    holder: OrganisationId,
) -> (Option<OrganisationId>, Role) {
    match recipient {
        Recipient::ProviderFocalPoint | Recipient::ProviderAlternate => (Some(provider), Role::FocalPoint),
        Recipient::ProviderHead => (Some(provider), Role::Supervisor),
        Recipient::Sender => (Some(holder), Role::CaseManager),
        Recipient::SenderSupervisor => (Some(holder), Role::Supervisor),
        Recipient::RegionalFocalPoint => (None, Role::RegionalFocalPoint),
        Recipient::Secretariat => (None, Role::Secretariat),
        Recipient::SecretariatSupervisor => (None, Role::SecretariatSupervisor),
    }
}

/// Writes a notice about a case, unless the protected circuit is closed to
/// whoever would be told: a State body, or the mechanism's office.
///
/// # Errors
/// When the store fails.
pub fn tell(
    tx: &mut Tx<'_>,
    network: &Network,
    file: &CaseFile,
    kind: &str,
    organisation: Option<OrganisationId>,
    role: Role,
    subject: Uuid,
) -> Result<(), StoreError> {
    if file.is_protected() && organisation.is_none_or(|o| network.is_state(o)) {
        return Ok(());
    }
    notice(tx, kind, organisation, role, subject)
}

/// Counts what happened in a case. What happens in the protected circuit is
/// counted for the country as a whole, under no region and no group, where one
/// case could be told from the others.
///
/// # Errors
/// When the store fails.
pub fn count(tx: &mut Tx<'_>, file: &CaseFile, region: &str, group: &str, measure: &str) -> Result<(), StoreError> {
    count_where(tx, file.is_protected(), region, group, measure)
}

/// The same, where the file is in use.
///
/// # Errors
/// When the store fails.
pub fn count_where(
    tx: &mut Tx<'_>,
    protected: bool,
    region: &str,
    group: &str,
    measure: &str,
) -> Result<(), StoreError> {
    let (region, group) = if protected {
        (crate::protection::PROTECTED, "all")
    } else {
        (region, group)
    };
    relais_store::counters::add(tx, region, group, measure, 1)
}

/// Writes a notice; its text is made of its kind, never of a person.
///
/// # Errors
/// When the store fails.
pub fn notice(
    tx: &mut Tx<'_>,
    kind: &str,
    organisation: Option<OrganisationId>,
    role: Role,
    subject: Uuid,
) -> Result<(), StoreError> {
    relais_store::outbox::add(tx, kind, organisation, Some(role), subject)
}
