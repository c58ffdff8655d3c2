//! Co-sign an override, or refuse to, and what follows.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::grant;
use relais_casework::referral::{Command, Referral};
use relais_casework::sharing::{
    Cosignature, Override, OverrideProblem, OverrideScope, OverrideState, Signer, may_cosign,
};
use relais_casework::visible::ReferralStage;
use relais_mechanism::{ActingFor, Channel, Lang, Role};
use relais_network::{GrantId, OverrideId, ReferralId};
use relais_store::rows::cases::{self, OverrideRecord};
use relais_store::{Tx, due, ids};
use serde_json::json;

use super::{OpenOverride, WORDS, open_override};
use crate::commands::DecideOverride;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, seal};
use crate::network::Network;
use crate::problem::ActError;
use crate::say::label;
use crate::views::Made;
use crate::write::{self, Doer, Stream};
use crate::{referrals, rules, share};

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
    ActError::unless_current(command.version, open.record.version)?;
    let answer = command.reason.trim();
    ActError::unless_within("reason", answer, WORDS)?;
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
            write::restricted_grant(tx, file.record.slot, grant)?;
        } else {
            write::grant(tx, file.record.slot, grant)?;
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
        write::tell(
            tx,
            network,
            file,
            "cosign_refused",
            Some(exception.recipient),
            Role::FocalPoint,
            exception.id.0,
        )?;
    }
    let waiting: Vec<ReferralId> = file
        .referrals
        .iter()
        .filter(|r| r.record.provider_id == exception.recipient && in_scope(exception, &r.machine))
        .map(|r| r.record.id)
        .collect();
    take_back(tx, desk, viewer, file, network, &waiting, stream, now)
}

/// Takes back what of these referrals waits for an answer and cannot stand any
/// more: the need is its sender's again, instead of waiting on a provider who
/// could not accept. Where another than the holder's team brought it about, in
/// the holder's name.
///
/// # Errors
/// When the store fails.
#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
pub fn take_back(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &mut CaseFile,
    network: &Network,
    referrals: &[ReferralId],
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let others: Vec<Override> = share::overrides(tx, file)?;
    let waiting: Vec<ReferralId> = file
        .referrals
        .iter()
        .filter(|r| ReferralStage::of(r.machine.state) == ReferralStage::Offered)
        .map(|r| r.record.id)
        .filter(|id| referrals.contains(id))
        .collect();
    for id in waiting {
        if stands_without(tx, desk, file, network, &others, id, now)? {
            continue;
        }
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
        OverrideScope::Emergency => false,
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
