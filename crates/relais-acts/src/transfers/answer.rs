//! The answer: accepted, declined, taken back, or nobody answered. What moves
//! with an accepted case is written here, whole.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::grant;
use relais_casework::referral::{Actor, DueTimes};
use relais_casework::transfer::{Transfer, TransferCommand, TransferEvent, agreed_to};
use relais_casework::visible::TransferSide;
use relais_mechanism::{ActingFor, Channel, Mechanism, Role};
use relais_network::{GrantId, TransferId, UserId};
use relais_store::rows::cases::{self, CaseRecord};
use relais_store::rows::transfers::TransferRecord;
use relais_store::{Tx, ids};
use serde_json::json;

use super::{Words, due_work, fill, load, region_of, rulebook, tell, transfer_of};
use crate::assignment;
use crate::codes::case_code;
use crate::commands::{ActOnTransfer, TransferAsked};
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, open, seal};
use crate::network::Network;
use crate::problem::ActError;
use crate::rules;
use crate::share;
use crate::views::Made;
use crate::webhooks::{self, HOLDER_CHANGED, Told};
use crate::write::{self, Doer, Stream};

/// Accepts, declines or takes back a transfer.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Stale`], [`ActError::Refused`],
/// [`ActError::Invalid`].
pub async fn act(desk: &Arc<Desk>, viewer: &Viewer, id: TransferId, command: ActOnTransfer) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "transfer_act", command.id, &(id, &command), |tx| {
                act_in(tx, &desk_, &viewer, id, &command)
            })
        })
        .await
}

fn act_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: TransferId,
    asked: &ActOnTransfer,
) -> Result<Made, ActError> {
    let case = TransferRecord::find(tx, id)?.ok_or(ActError::NotFound)?.case_id;
    cases::lock_case(tx, case)?;
    let (mut record, mut file, network, side) = load(tx, desk, viewer, id)?;
    ActError::unless_current(asked.version, record.version)?;
    let now = tx.now()?;
    let (command, answer) = match &asked.command {
        TransferAsked::Accept { assign } => {
            let own = viewer.is(Role::CaseManager).then_some(viewer.user);
            let assign = assign.map(UserId).or(own);
            (TransferCommand::Accept { assign }, String::new())
        }
        TransferAsked::Decline { code, text } => (
            TransferCommand::Decline { code: *code },
            assignment::words("text", text)?,
        ),
        TransferAsked::Cancel => (TransferCommand::Cancel, String::new()),
    };
    if matches!(command, TransferCommand::Cancel) && side != TransferSide::Holder {
        return Err(ActError::NotFound);
    }
    let channel = if viewer.api { Channel::Api } else { Channel::Screen };
    let actor = rules::actor(viewer, ActingFor::Sender, channel);
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    let mut stream = Stream::lock(tx, case, file.record.slot, doer, mechanism.hash())?;
    record.ended_by = Some(viewer.user);
    let version = give(
        tx,
        desk,
        &mut record,
        &mut file,
        &network,
        command,
        &actor,
        &answer,
        &mut stream,
        now,
    )?;
    Ok(Made {
        id: id.0,
        code: case_code(&mechanism, file.seq),
        version,
    })
}

/// Takes back a proposal that waits, because the case ends or the protected
/// circuit is closed to whoever was asked.
///
/// # Errors
/// When the machine or the store refuses.
pub(crate) fn take_back(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &mut CaseFile,
    network: &Network,
    actor: &Actor,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    if let Some(mut record) = super::waiting(tx, file.record.id)? {
        record.ended_by = actor.user;
        let command = TransferCommand::Cancel;
        give(tx, desk, &mut record, file, network, command, actor, "", stream, now)?;
    }
    Ok(())
}

/// Lets the machine decide, and writes all that follows.
#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
fn give(
    tx: &mut Tx<'_>,
    desk: &Desk,
    record: &mut TransferRecord,
    file: &mut CaseFile,
    network: &Network,
    command: TransferCommand,
    actor: &Actor,
    answer: &str,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<i64, ActError> {
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    let rules = rulebook(desk, network, record.to_id, &mechanism, &file.record.region)?;
    let transfer = transfer_of(record)?;
    let event = transfer.decide(command, actor, |due, percent| rules.times.at_percent(due, percent), now)?;
    let transfer = transfer.apply(event, now);
    fill(record, &transfer);
    let slot = file.record.slot;
    if !answer.is_empty() {
        let sealer = tx.sealer();
        let mut words: Words = open(&sealer, "case_transfer", "note", record.id.0, slot, &record.note)?;
        answer.clone_into(&mut words.answer);
        record.note = seal(&sealer, "case_transfer", "note", record.id.0, slot, &words)?;
    }
    record.update(tx)?;
    due_work(tx, &transfer, &rules.times)?;
    let facts = json!({ "from": record.from_id, "to": record.to_id, "code": record.decline_code });
    stream.add(tx, record.id.0, event.code(), &facts, now, answer)?;
    match event {
        TransferEvent::Accepted { assign } => {
            moved(tx, desk, file, network, &transfer, assign, &mechanism, now)?;
            crate::closing::overtaken(tx, file.record.id, stream, now)?;
            tell(tx, network, file, event.code(), transfer.from, transfer.id)?;
        }
        TransferEvent::Declined { .. } => tell(tx, network, file, event.code(), transfer.from, transfer.id)?,
        TransferEvent::Cancelled => tell(tx, network, file, event.code(), transfer.to, transfer.id)?,
        TransferEvent::Reminded | TransferEvent::Lapsed => {
            tell(tx, network, file, event.code(), transfer.to, transfer.id)?;
            tell(tx, network, file, event.code(), transfer.from, transfer.id)?;
        }
    }
    Ok(record.version)
}

/// The case moves: holder and region, every wait, the grants of the old holder
/// and of the new, the disclosure, who works on it, and who is told.
#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
fn moved(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &mut CaseFile,
    network: &Network,
    transfer: &Transfer,
    assign: Option<UserId>,
    mechanism: &Mechanism,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let (case, from, to, slot) = (file.record.id, transfer.from, transfer.to, file.record.slot);
    if file.record.state != "open" {
        return Err(ActError::refused(
            "case_not_open",
            ("Ce dossier n’est plus ouvert.", "This case is no longer open."),
            ("Rien à reprendre.", "There is nothing to take over."),
        ));
    }
    // Looked at again: the person may have said otherwise since, an agreement may have ended.
    if agreed_to(&file.consents, to, now).is_empty() {
        return Err(relais_casework::transfer::TransferRefusal::ConsentMissing.into());
    }
    let plan = share::transfer_plan(desk, mechanism, file, network, to, now)?;
    share::unless_blocked(&plan)?;
    let user = match assign {
        Some(user) => Some(assignment::member(tx, to, user)?),
        None => None,
    };

    crate::handovers::withdraw_standing(tx, file)?;
    let (granted, closings) = grant::on_transfer(
        || GrantId(ids::new_v7(now)),
        &file.grants,
        case,
        from,
        to,
        &plan.after,
        now,
    );
    write::close_grants(tx, &closings)?;
    grant::apply(&mut file.grants, &closings);
    for grant in &granted {
        write::grant(tx, slot, grant)?;
    }
    file.grants.extend(granted);
    let bases: Vec<_> = plan.after.iter().map(|(_, basis)| *basis).collect();
    write::disclosure(tx, slot, case, None, to, "transfer", plan.after_classes(), &bases, now)?;

    let left = file.record.region.clone();
    file.record = CaseRecord {
        holder_id: to,
        assigned_user_id: None,
        region: region_of(network, to).unwrap_or_else(|| left.clone()),
        ..file.record.clone()
    };
    file.record.update(tx)?;
    for need in file.needs.iter_mut().filter(|n| n.detail.machine.state.is_live()) {
        write::save_need(tx, need, slot, to, false)?;
    }
    let mut providers = Vec::new();
    for referral in file.referrals.iter_mut().filter(|r| !r.machine.state.is_terminal()) {
        write::save_referral(tx, referral, slot, to, now)?;
        if referral.record.sent_at.is_some() {
            providers.push((
                referral.record.provider_id,
                referral.record.id,
                referral.machine.version,
            ));
        }
    }
    for (provider, id, version) in providers {
        if network.with_account.contains(&provider) {
            let role = Role::FocalPoint;
            write::tell(tx, network, file, HOLDER_CHANGED, Some(provider), role, id.0)?;
        }
        let told = Told::both(to, provider);
        webhooks::happened(tx, network, file, (id, version), HOLDER_CHANGED, told)?;
    }
    if let Some(user) = user {
        assignment::put(tx, file, &user)?;
    }
    crate::duplicates::follow(tx, &file.record, from, to)?;
    crate::plan::follow(tx, case, plan.after_classes())?;
    write::count(tx, file, &left, "all", "cases_transferred_out")?;
    write::count(tx, file, &file.record.region, "all", "cases_transferred_in")?;
    Ok(())
}

/// A limit of a transfer is reached; whether it made an event.
///
/// # Errors
/// When the store fails.
pub fn due(tx: &mut Tx<'_>, desk: &Desk, id: TransferId, percent: u32) -> Result<bool, ActError> {
    let Some(case) = TransferRecord::find(tx, id)?.map(|r| r.case_id) else {
        return Ok(false);
    };
    cases::lock_case(tx, case)?;
    // Read again under the lock.
    let (Some(mut record), Some(mut file)) = (TransferRecord::find(tx, id)?, CaseFile::load(tx, case)?) else {
        return Ok(false);
    };
    let network = desk.network_now(tx)?;
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    let now = tx.now()?;
    let mut stream = Stream::lock(tx, case, file.record.slot, Doer::clock(), mechanism.hash())?;
    let command = TransferCommand::TimePasses { percent };
    let clock = Actor::clock();
    match give(
        tx,
        desk,
        &mut record,
        &mut file,
        &network,
        command,
        &clock,
        "",
        &mut stream,
        now,
    ) {
        Ok(_) => Ok(true),
        Err(ActError::Refused { .. }) => Ok(false),
        Err(other) => Err(other),
    }
}
