//! Overrides (DESIGN §6): a rule of sharing set aside in writing, co-signed or
//! refused by a supervisor, owned and escalated like any wait.
//!
//! VITAL and CHILD go at once with the referral and are co-signed within 24
//! hours; LEGAL is written first and sent once it is co-signed. A refusal
//! closes what rests on the override, and gives the need back where the
//! referral cannot stand without it.

mod decide;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::sharing::{Cosignature, Override, OverrideProblem, OverrideScope, OverrideState};
use relais_mechanism::{ActingFor, ClassSet, DataClass, Lang, Priority, Role};
use relais_network::agreement::OverrideGround;
use relais_network::service::Service;
use relais_network::{NeedId, OrganisationId, OverrideId, ReferralId, ServiceId};
use relais_store::rows::accounts;
use relais_store::rows::cases::{self, NeedRecord, OverrideRecord};
use relais_store::{Sealer, StoreError, Tx, ids};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::commands::{SendReferral, WriteOverride};
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, open, seal};
use crate::problem::{ActError, FieldProblem};
use crate::share;
use crate::views::Made;
use crate::write::{self, Doer, Stream};

pub use decide::{decide, load_for, may_decide, take_back};

/// Longest reason or answer, in characters.
pub const WORDS: usize = 500;
/// Shares of the time for co-signing at which somebody is told, in hundredths.
pub const RUNGS: [u32; 3] = [50, 100, 150];

/// What an override says, sealed under the case's key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OverrideDetail {
    /// As the rules see it.
    pub exception: Override,
    /// For which need.
    pub need: NeedId,
    /// The service asked.
    pub service: ServiceId,
    /// Words of a refusal.
    #[serde(default)]
    pub answer: String,
}

/// An override, opened.
#[derive(Debug, Clone)]
pub struct OpenOverride {
    /// Row.
    pub record: OverrideRecord,
    /// What it says; its co-signature as the row has it.
    pub detail: OverrideDetail,
}

/// Opens an override.
///
/// # Errors
/// When the sealed value does not open.
pub fn open_override(sealer: &Sealer, slot: i64, record: OverrideRecord) -> Result<OpenOverride, StoreError> {
    let mut detail: OverrideDetail = open(sealer, "override_row", "reason", record.id.0, slot, &record.reason)?;
    let decided = record
        .decided_by
        .zip(record.decided_at)
        .map(|(user, at)| Cosignature { user, at });
    let state = OverrideState::from_code(&record.state).unwrap_or(OverrideState::Refused);
    detail.exception.cosigned = decided.filter(|_| state == OverrideState::Cosigned);
    detail.exception.refused = decided.filter(|_| state == OverrideState::Refused);
    Ok(OpenOverride { record, detail })
}

/// The overrides of a case, oldest first.
///
/// # Errors
/// When the store fails or a sealed value does not open.
pub fn of_case(tx: &mut Tx<'_>, file: &CaseFile) -> Result<Vec<OpenOverride>, StoreError> {
    let sealer = tx.sealer();
    cases::overrides_of(tx, file.record.id)?
        .into_iter()
        .map(|record| open_override(&sealer, file.record.slot, record))
        .collect()
}

/// The override that stands for a referral of this need to this service that
/// is not sent yet: the latest that is not refused, has not run out, and is for
/// no referral that exists.
#[must_use]
pub fn standing<'a>(
    all: &'a [OpenOverride],
    file: &CaseFile,
    need: NeedId,
    service: &Service,
    now: DateTime<Utc>,
) -> Option<&'a OpenOverride> {
    all.iter().rev().find(|o| {
        let exception = &o.detail.exception;
        let free = match exception.scope {
            OverrideScope::Referral { referral } => file.referral(referral).is_none(),
            OverrideScope::TwoHours => true,
            // It is for its author's eyes: nothing is sent under it.
            OverrideScope::Emergency => false,
        };
        let alive = exception.state() != OverrideState::Waiting
            || exception.ground == OverrideGround::Legal
            || exception.carries_until().is_none_or(|until| now < until);
        let in_scope = exception.ends_at().is_none_or(|end| now < end);
        o.detail.need == need
            && exception.recipient == service.organisation
            && exception.state() != OverrideState::Refused
            && free
            && alive
            && in_scope
    })
}

/// The override under which a referral goes: one that was written before for
/// it, or the one that its command writes. The flag says whether it is new.
///
/// # Errors
/// [`ActError::Invalid`] with what is wrong with the override of the command.
#[expect(clippy::too_many_arguments, reason = "the facts of one sending")]
pub fn for_sending(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    file: &CaseFile,
    command: &SendReferral,
    need: NeedId,
    service: &Service,
    needs: ClassSet,
    priority: Priority,
    now: DateTime<Utc>,
) -> Result<Option<(OverrideDetail, bool)>, ActError> {
    let referral = ReferralId(command.id);
    let written = of_case(tx, file)?.into_iter().rev().find(|o| {
        let exception = &o.detail.exception;
        let for_it = exception.scope == OverrideScope::Referral { referral };
        exception.carries(Some(referral), service.organisation, now)
            || (for_it && exception.recipient == service.organisation && exception.awaits_cosignature(now))
    });
    if let Some(written) = written {
        return Ok(Some((written.detail, false)));
    }
    let Some(kind) = command.override_kind.as_deref().filter(|k| !k.is_empty()) else {
        return Ok(None);
    };
    let exception = make(
        tx,
        viewer,
        file,
        OverrideId(ids::new_v7(now)),
        ("override_kind", kind),
        ("override_reason", &command.override_reason),
        OverrideScope::Referral { referral },
        service.organisation,
        needs,
        priority,
        now,
    )?;
    let detail = OverrideDetail {
        exception,
        need,
        service: service.id,
        answer: String::new(),
    };
    Ok(Some((detail, true)))
}

/// An override, checked; each field as it is called where it was typed.
#[expect(clippy::too_many_arguments, reason = "the parts of one override")]
fn make(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    file: &CaseFile,
    id: OverrideId,
    kind: (&str, &str),
    reason: (&str, &str),
    scope: OverrideScope,
    recipient: OrganisationId,
    needs: ClassSet,
    priority: Priority,
    now: DateTime<Utc>,
) -> Result<Override, ActError> {
    let known = OverrideGround::from_code(kind.1);
    let mut wrong = Vec::new();
    if known.is_none() {
        let choose = ("Choisissez un motif de la liste.", "Choose a ground from the list.");
        wrong.push(FieldProblem::new(kind.0, "unknown_option", choose));
    }
    wrong.extend(wrong_reason(reason.0, reason.1));
    let Some(ground) = known.filter(|_| wrong.is_empty()) else {
        return Err(ActError::Invalid(wrong));
    };
    let exception = Override {
        id,
        case: file.record.id,
        ground,
        text: reason.1.trim().to_owned(),
        author: viewer.user,
        organisation: viewer.organisation,
        recipient,
        classes: needs.with(DataClass::Identity).with(DataClass::Contact),
        scope,
        made_at: now,
        cosigned: None,
        refused: None,
        alone: nobody_else(tx, viewer)?,
    };
    let problem = exception.check(priority, file.card.child).err().or_else(|| {
        let nobody = ground == OverrideGround::Legal && exception.alone && file.is_protected();
        nobody.then_some(OverrideProblem::NobodyToCosign)
    });
    match problem {
        None => Ok(exception),
        Some(problem) => {
            let field = match problem {
                OverrideProblem::NotAChild
                | OverrideProblem::NotVital
                | OverrideProblem::LegalForOneReferral
                | OverrideProblem::NobodyToCosign => kind.0,
                _ => reason.0,
            };
            Err(ActError::Invalid(vec![said(field, problem)]))
        }
    }
}

/// What a rule says against an override, beside a field.
fn said(field: &str, problem: OverrideProblem) -> FieldProblem {
    let both = |lang| format!("{} {}", problem.why(lang), problem.remedy(lang));
    FieldProblem::new(field, problem.code(), (&both(Lang::Fr), &both(Lang::En)))
}

/// What is wrong with the reason of an override: none, or too long a one.
pub(crate) fn wrong_reason(field: &str, reason: &str) -> Option<FieldProblem> {
    if reason.trim().is_empty() {
        return Some(said(field, OverrideProblem::TextMissing));
    }
    FieldProblem::too_long(field, reason, WORDS)
}

/// Whether no open account but the viewer's supervises at the viewer's
/// organisation: then the secretariat's supervisor co-signs.
pub(crate) fn nobody_else(tx: &mut Tx<'_>, viewer: &Viewer) -> Result<bool, StoreError> {
    let supervises = |roles: &str| roles.split(',').any(|role| role == Role::Supervisor.code());
    Ok(!accounts::users_of(tx, viewer.organisation)?
        .iter()
        .any(|user| user.id != viewer.user && supervises(&user.roles)))
}

/// The steps of the time for co-signing: the kind of due work, and when.
pub(crate) fn rungs(from: DateTime<Utc>, due: DateTime<Utc>) -> [(String, DateTime<Utc>); RUNGS.len()] {
    RUNGS.map(|percent| {
        let share = (due - from) * i32::try_from(percent).unwrap_or(100) / 100;
        (format!("cosign@{percent}"), from + share)
    })
}

/// Writes an override with its due work, notice and event.
///
/// # Errors
/// When the store fails.
pub fn put(
    tx: &mut Tx<'_>,
    file: &CaseFile,
    detail: &OverrideDetail,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let exception = &detail.exception;
    let (owner, role) = exception.owner(file.is_protected());
    let referral = match exception.scope {
        OverrideScope::Referral { referral } => Some(referral),
        OverrideScope::TwoHours | OverrideScope::Emergency => None,
    };
    let sealer = tx.sealer();
    OverrideRecord {
        id: exception.id,
        case_id: exception.case,
        referral_id: referral,
        kind: exception.ground.code().to_owned(),
        state: OverrideState::Waiting.code().to_owned(),
        author_id: exception.author,
        organisation_id: exception.organisation,
        owner_id: owner,
        owner_role: role.code().to_owned(),
        at: now,
        until_at: exception.ends_at(),
        cosign_due_at: exception.cosign_due(),
        decided_by: None,
        decided_at: None,
        reason: seal(
            &sealer,
            "override_row",
            "reason",
            exception.id.0,
            file.record.slot,
            detail,
        )?,
        version: 1,
    }
    .insert(tx)?;
    write::due_work(tx, exception.id.0, 1, rungs(exception.made_at, exception.cosign_due()))?;
    write::notice(tx, "cosign", owner, role, exception.id.0)?;
    let facts = json!({
        "ground": exception.ground,
        "recipient": exception.recipient,
        "referral": referral,
        "due": exception.cosign_due(),
    });
    let (kind, measure) = if exception.is_emergency() {
        ("emergency_opened", "emergencies_opened")
    } else {
        ("override_written", "overrides_written")
    };
    stream.add(tx, exception.id.0, kind, &facts, now, &exception.text)?;
    write::count(tx, file, &file.record.region, "all", measure)?;
    Ok(())
}

/// Writes an override before its referral is sent: a legal obligation, which
/// must be co-signed first, or two hours for whatever goes to one organisation.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Invalid`], [`ActError::Refused`] where
/// nothing is missing that an override could set aside.
pub async fn write_apart(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    need: NeedId,
    command: WriteOverride,
) -> Result<Made, ActError> {
    let told = crate::refer::told(desk, viewer, need, &command.code).await?;
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "override", command.id, &(need, &command), |tx| {
                write_in(tx, &desk_, &viewer, need, &command, told)
            })
        })
        .await
}

fn write_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    need: NeedId,
    command: &WriteOverride,
    told: Option<ServiceId>,
) -> Result<Made, ActError> {
    let case = NeedRecord::find(tx, need)?.ok_or(ActError::NotFound)?.case_id;
    cases::lock_case(tx, case)?;
    let (file, network, mechanism) = crate::refer::open_need(tx, desk, viewer, need)?;
    let now = tx.now()?;
    let open_need = file.need(need).ok_or(ActError::NotFound)?;
    let asked = mechanism
        .service_type(&open_need.detail.service)
        .ok_or(ActError::NotFound)?;
    let priority = open_need.detail.machine.priority;
    let service = crate::refer::askable(&network, &file, ServiceId(command.service), told, Some(priority))
        .filter(|s| s.service_type == asked.code)
        .ok_or_else(crate::refer::unknown_service)?;
    let plan = share::plan(
        desk, &mechanism, &file, &network, service, asked, priority, None, None, now,
    )?;
    let scope = command
        .referral
        .map_or(OverrideScope::TwoHours, |id| OverrideScope::Referral {
            referral: ReferralId(id),
        });
    let exception = make(
        tx,
        viewer,
        &file,
        OverrideId(command.id),
        ("kind", &command.kind),
        ("reason", &command.reason),
        scope,
        service.organisation,
        asked.needs,
        priority,
        now,
    )?;
    let offered = relais_casework::sharing::grounds_for(&plan, priority, file.card.child);
    if !offered.contains(&exception.ground) {
        return Err(nothing_to_set_aside());
    }
    let detail = OverrideDetail {
        exception,
        need,
        service: service.id,
        answer: String::new(),
    };
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, file.record.slot, doer, mechanism.hash())?;
    put(tx, &file, &detail, &mut stream, now)?;
    Ok(Made {
        id: command.id,
        code: String::new(),
        version: 1,
    })
}

/// Nothing is missing that this ground could set aside.
#[must_use]
pub fn nothing_to_set_aside() -> ActError {
    ActError::refused(
        "nothing_to_set_aside",
        (
            "Ce motif n’écarte rien de ce qui manque ici.",
            "This ground sets aside nothing of what is missing here.",
        ),
        (
            "Relisez l’aperçu : il dit ce qui manque et les motifs possibles.",
            "Read the preview again: it says what is missing and which grounds there are.",
        ),
    )
}

/// The clock of a co-signature: at half of the time its owner is reminded;
/// when it has passed, and half as long after, the secretariat's supervisor is
/// told too, who may then decide; never of a protected case.
///
/// # Errors
/// When the store fails.
pub fn time_passes(tx: &mut Tx<'_>, id: OverrideId, percent: u32) -> Result<bool, ActError> {
    let Some(record) = OverrideRecord::find(tx, id)? else {
        return Ok(false);
    };
    if record.state != OverrideState::Waiting.code() {
        return Ok(false);
    }
    let Some(case) = cases::CaseRecord::find(tx, record.case_id)? else {
        return Ok(false);
    };
    // In a restored database: nobody judges what cannot be read any more.
    if CaseFile::load(tx, case.id)?.is_none() {
        return Ok(false);
    }
    let now = tx.now()?;
    let mut stream = Stream::lock(tx, case.id, case.slot, Doer::clock(), &case.mechanism_hash)?;
    let role = Role::from_code(&record.owner_role).unwrap_or(Role::Supervisor);
    if percent < 100 {
        let facts = json!({ "ground": record.kind, "percent": percent });
        stream.add(tx, id.0, "cosign_reminded", &facts, now, "")?;
        write::notice(tx, "cosign", record.owner_id, role, id.0)?;
        return Ok(true);
    }
    let facts = json!({ "ground": record.kind, "percent": percent });
    stream.add(tx, id.0, "cosign_late", &facts, now, "")?;
    write::notice(tx, "cosign_late", record.owner_id, role, id.0)?;
    if case.regime != "protected" && record.owner_id.is_some() {
        write::notice(tx, "cosign_late", None, Role::SecretariatSupervisor, id.0)?;
    }
    Ok(true)
}
