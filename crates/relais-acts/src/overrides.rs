//! Overrides (DESIGN §6): a rule of sharing set aside in writing, co-signed or
//! refused by a supervisor, owned and escalated like any wait.
//!
//! VITAL and CHILD go at once with the referral and are co-signed within 24
//! hours; LEGAL is written first and sent once it is co-signed. A refusal
//! closes what rests on the override, and gives the need back where the
//! referral cannot stand without it.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::grant;
use relais_casework::referral::{Command, Referral};
use relais_casework::sharing::{
    Cosignature, Override, OverrideProblem, OverrideScope, OverrideState, Signer, may_cosign,
};
use relais_casework::visible::ReferralStage;
use relais_mechanism::{ActingFor, Channel, ClassSet, DataClass, Lang, Priority, Role};
use relais_network::agreement::OverrideGround;
use relais_network::service::Service;
use relais_network::{GrantId, NeedId, OrganisationId, OverrideId, ReferralId, ServiceId};
use relais_store::due;
use relais_store::rows::accounts;
use relais_store::rows::cases::{self, NeedRecord, OverrideRecord};
use relais_store::{Sealer, StoreError, Tx, counters, ids};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::commands::{DecideOverride, SendReferral, WriteOverride};
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, open, seal};
use crate::network::Network;
use crate::problem::ActError;
use crate::say::label;
use crate::views::Made;
use crate::write::{self, Doer, Stream};
use crate::{referrals, rules, share};

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
    let ground = OverrideGround::from_code(kind.1).ok_or_else(|| {
        ActError::field(
            kind.0,
            "unknown_option",
            ("Choisissez VITAL, CHILD ou LEGAL.", "Choose VITAL, CHILD or LEGAL."),
        )
    })?;
    if reason.1.chars().count() > WORDS {
        return Err(ActError::field(
            reason.0,
            "too_long",
            (
                "500 signes au plus : raccourcissez.",
                "500 characters at most: make it shorter.",
            ),
        ));
    }
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
            let both = |lang| format!("{} {}", problem.why(lang), problem.remedy(lang));
            Err(ActError::field(
                field,
                problem.code(),
                (&both(Lang::Fr), &both(Lang::En)),
            ))
        }
    }
}

/// Whether no open account but the viewer's supervises at the viewer's
/// organisation: then the secretariat's supervisor co-signs.
fn nobody_else(tx: &mut Tx<'_>, viewer: &Viewer) -> Result<bool, StoreError> {
    let supervises = |roles: &str| roles.split(',').any(|role| role == Role::Supervisor.code());
    Ok(!accounts::users_of(tx, viewer.organisation)?
        .iter()
        .any(|user| user.id != viewer.user && supervises(&user.roles)))
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
        OverrideScope::TwoHours => None,
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
    let whole = exception.cosign_due() - exception.made_at;
    let rungs = RUNGS.map(|percent| {
        let share = whole * i32::try_from(percent).unwrap_or(100) / 100;
        (format!("cosign@{percent}"), exception.made_at + share)
    });
    write::due_work(tx, exception.id.0, 1, rungs)?;
    write::notice(tx, "cosign", owner, role, exception.id.0)?;
    let facts = json!({
        "ground": exception.ground,
        "recipient": exception.recipient,
        "referral": referral,
        "due": exception.cosign_due(),
    });
    stream.add(tx, exception.id.0, "override_written", &facts, now, &exception.text)?;
    if !file.is_protected() {
        counters::add(tx, &file.record.region, "all", "overrides_written", 1)?;
    }
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
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "override", command.id, &(need, &command), |tx| {
                write_in(tx, &desk_, &viewer, need, &command)
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
) -> Result<Made, ActError> {
    let case = NeedRecord::find(tx, need)?.ok_or(ActError::NotFound)?.case_id;
    cases::lock_case(tx, case)?;
    let (file, network, mechanism) = crate::refer::open_need(tx, desk, viewer, need)?;
    let now = tx.now()?;
    let open_need = file.need(need).ok_or(ActError::NotFound)?;
    let asked = mechanism
        .service_type(&open_need.detail.service)
        .ok_or(ActError::NotFound)?;
    let service = network
        .services
        .get(&ServiceId(command.service))
        .filter(|s| s.service_type == asked.code)
        .ok_or_else(crate::refer::unknown_service)?;
    let priority = open_need.detail.machine.priority;
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

/// The override with its case, for a viewer who may co-sign it or might have:
/// the supervisors of the author's organisation, and the secretariat's where
/// it came to them. For anybody else there is none.
///
/// # Errors
/// [`ActError::NotFound`].
pub fn load_for(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: OverrideId,
) -> Result<(CaseFile, OpenOverride, Arc<Network>), ActError> {
    let record = OverrideRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    let file = CaseFile::load(tx, record.case_id)?.ok_or(ActError::NotFound)?;
    let sealer = tx.sealer();
    let open = open_override(&sealer, file.record.slot, record)?;
    let network = desk.network_now(tx)?;
    let now = tx.now()?;
    let exception = &open.detail.exception;
    let decided_at = open.record.decided_at.unwrap_or(now);
    let at_home = viewer.is(Role::Supervisor) && viewer.organisation == exception.organisation;
    let came_to_secretariat = viewer.is(Role::SecretariatSupervisor)
        && (exception.alone
            || exception.cosign_due() <= decided_at
            || open.record.decided_by == Some(viewer.user)
            || viewer.organisation == exception.organisation);
    let shut = file.is_protected() && viewer.sight(&network).is_outside_protected_circuit();
    if shut || !(at_home || came_to_secretariat) {
        return Err(ActError::NotFound);
    }
    Ok((file, open, network))
}

/// Whether the viewer may decide now, and why not.
///
/// # Errors
/// [`OverrideProblem`].
pub fn may_decide(
    file: &CaseFile,
    open: &OpenOverride,
    viewer: &Viewer,
    now: DateTime<Utc>,
) -> Result<(), OverrideProblem> {
    let signer = Signer {
        user: viewer.user,
        organisation: viewer.organisation,
        roles: &viewer.roles,
    };
    may_cosign(&open.detail.exception, signer, file.is_protected(), now)
}

/// Co-signs or refuses.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Stale`], [`ActError::Refused`] for
/// whoever may not, [`ActError::Invalid`] for a refusal without a reason.
pub async fn decide(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    id: OverrideId,
    command: DecideOverride,
) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "cosign", command.id, &(id, &command), |tx| {
                decide_in(tx, &desk_, &viewer, id, &command)
            })
        })
        .await
}

fn decide_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: OverrideId,
    command: &DecideOverride,
) -> Result<Made, ActError> {
    let case = OverrideRecord::find(tx, id)?.ok_or(ActError::NotFound)?.case_id;
    cases::lock_case(tx, case)?;
    let (mut file, mut open, network) = load_for(tx, desk, viewer, id)?;
    let now = tx.now()?;
    may_decide(&file, &open, viewer, now).map_err(|problem| ActError::Refused {
        code: problem.code().to_owned(),
        why: label(problem.why(Lang::Fr), problem.why(Lang::En)),
        remedy: label(problem.remedy(Lang::Fr), problem.remedy(Lang::En)),
    })?;
    if open.record.version != command.version {
        return Err(ActError::Stale {
            base: command.version,
            current: open.record.version,
        });
    }
    let answer = command.reason.trim();
    if answer.chars().count() > WORDS {
        return Err(ActError::field(
            "reason",
            "too_long",
            (
                "500 signes au plus : raccourcissez.",
                "500 characters at most: make it shorter.",
            ),
        ));
    }
    let state = match command.decision.as_str() {
        "cosign" => OverrideState::Cosigned,
        "refuse" if answer.is_empty() => {
            return Err(ActError::field(
                "reason",
                "required",
                (
                    "Écrivez pourquoi vous refusez, et ce qu’il faut faire à la place.",
                    "Write why you refuse, and what to do instead.",
                ),
            ));
        }
        "refuse" => OverrideState::Refused,
        _ => {
            return Err(ActError::field(
                "decision",
                "required",
                ("Cosignez ou refusez.", "Co-sign or refuse."),
            ));
        }
    };
    let signed = Cosignature {
        user: viewer.user,
        at: now,
    };
    let exception = &mut open.detail.exception;
    match state {
        OverrideState::Cosigned => exception.cosigned = Some(signed),
        _ => exception.refused = Some(signed),
    }
    let exception = exception.clone();
    answer.clone_into(&mut open.detail.answer);
    open.record.state = state.code().to_owned();
    (open.record.decided_by, open.record.decided_at) = (Some(viewer.user), Some(now));
    open.record.version += 1;
    let sealer = tx.sealer();
    open.record.reason = seal(&sealer, "override_row", "reason", id.0, file.record.slot, &open.detail)?;
    open.record.update(tx)?;
    due::clear(tx, id.0)?;

    let hash = file.record.mechanism_hash.clone();
    let acting_for = if viewer.organisation == exception.organisation {
        ActingFor::Sender
    } else {
        ActingFor::Secretariat
    };
    let mut stream = Stream::lock(tx, case, file.record.slot, Doer::of(viewer, acting_for), &hash)?;
    let kind = if state == OverrideState::Cosigned {
        "cosigned"
    } else {
        "cosign_refused"
    };
    stream.add(tx, id.0, kind, &json!({ "ground": exception.ground }), now, answer)?;
    if state == OverrideState::Cosigned {
        give_back(tx, &mut file, &exception, now)?;
    } else {
        take_away(tx, desk, viewer, &mut file, &network, &exception, &mut stream, now)?;
    }
    write::notice(tx, kind, Some(file.record.holder_id), Role::CaseManager, id.0)?;
    Ok(Made {
        id: command.id,
        code: String::new(),
        version: open.record.version,
    })
}

/// After the co-signature: what rests on the override stands for its whole
/// scope, also what had ended with the limit.
fn give_back(tx: &mut Tx<'_>, file: &mut CaseFile, exception: &Override, now: DateTime<Utc>) -> Result<(), ActError> {
    let ended: Vec<(ReferralId, Option<DateTime<Utc>>)> = file
        .referrals
        .iter()
        .map(|r| (r.record.id, r.record.ended_at))
        .collect();
    let (grants, closings) = grant::on_cosignature(
        || GrantId(ids::new_v7(now)),
        &file.grants,
        exception,
        |referral| ended.iter().find(|(id, _)| *id == referral).and_then(|(_, at)| *at),
        now,
    );
    write::close_grants(tx, &closings)?;
    grant::apply(&mut file.grants, &closings);
    for grant in &grants {
        let restricted = grant
            .referral
            .and_then(|id| file.referral(id))
            .is_some_and(|r| r.record.restricted);
        if restricted {
            write::restricted_grant(tx, grant)?;
        } else {
            write::grant(tx, grant)?;
        }
    }
    file.grants.extend(grants);
    Ok(())
}

/// After the refusal: what rests on the override closes now, the recipient is
/// told, and a referral that waits for an answer and cannot stand without the
/// override is taken back, so that its need is its sender's again.
#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
fn take_away(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &mut CaseFile,
    network: &Network,
    exception: &Override,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let closings = grant::on_override_end(&file.grants, exception.id, now);
    write::close_grants(tx, &closings)?;
    grant::apply(&mut file.grants, &closings);
    if !closings.is_empty() && network.with_account.contains(&exception.recipient) {
        write::notice(
            tx,
            "cosign_refused",
            Some(exception.recipient),
            Role::FocalPoint,
            exception.id.0,
        )?;
    }
    let others: Vec<Override> = share::overrides(tx, file)?;
    let waiting: Vec<ReferralId> = file
        .referrals
        .iter()
        .filter(|r| ReferralStage::of(r.machine.state) == ReferralStage::Offered)
        .filter(|r| r.record.provider_id == exception.recipient && in_scope(exception, &r.machine))
        .map(|r| r.record.id)
        .collect();
    for id in waiting {
        if stands_without(tx, desk, file, network, &others, id, now)? {
            continue;
        }
        // The holder's own supervisor takes it back; where the secretariat's
        // refused, in the holder's name.
        let mut actor = rules::actor(viewer, ActingFor::Sender, Channel::Screen);
        actor.organisation = Some(file.record.holder_id);
        actor.roles = vec![Role::Supervisor];
        referrals::give(tx, desk, file, network, id, &Command::Cancel, &actor, now, "", stream)?;
    }
    Ok(())
}

/// Whether a referral went under the override.
fn in_scope(exception: &Override, machine: &Referral) -> bool {
    match exception.scope {
        OverrideScope::Referral { referral } => machine.id == referral,
        OverrideScope::TwoHours => machine
            .sent_at
            .is_some_and(|sent| exception.made_at <= sent && exception.ends_at().is_none_or(|end| sent < end)),
    }
}

/// Whether a referral that waits could still be accepted.
fn stands_without(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &CaseFile,
    network: &Network,
    overrides: &[Override],
    id: ReferralId,
    now: DateTime<Utc>,
) -> Result<bool, ActError> {
    let referral = file.referral(id).ok_or(ActError::NotFound)?;
    let mechanism = desk.version(tx, &referral.record.mechanism_hash)?;
    let (Some(service), Some(asked)) = (
        network.services.get(&referral.detail.service),
        mechanism.service_type(&referral.detail.service_type),
    ) else {
        return Ok(true);
    };
    let exception = overrides
        .iter()
        .find(|o| o.carries(Some(id), referral.record.provider_id, now));
    let plan = share::plan(
        desk,
        &mechanism,
        file,
        network,
        service,
        asked,
        referral.machine.priority,
        Some(id),
        exception,
        now,
    )?;
    Ok(plan.blocked.is_none())
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
