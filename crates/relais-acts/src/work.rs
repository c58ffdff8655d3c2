//! The clock's work: whatever fell due is done once, by whichever process
//! takes it first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use relais_casework::need::{NeedCommand, decide_need};
use relais_casework::referral::{Actor, Command, Recipient};
use relais_mechanism::Role;
use relais_network::{
    AgreementId, CallRoundId, CaseId, ComplaintId, GroupId, NeedId, OverrideId, PersonId, ReferralId, SameAskId,
    StopRequestId, TransferId,
};
use relais_store::due::{self, Due};
use relais_store::rows::cases::{self, NeedRecord, ReferralRecord};
use relais_store::{StoreError, Tx};
use serde_json::json;

use crate::closing;
use crate::desk::Desk;
use crate::entries;
use crate::erase;
use crate::file::CaseFile;
use crate::plan;
use crate::problem::ActError;
use crate::rules::Rulebook;
use crate::transfers;
use crate::write::{self, Doer, Stream};
use crate::{agreements, calls, complaints, groups, overrides, referrals};
use crate::{duplicates, stops};

/// What one round of work did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Due rows taken.
    pub taken: u64,
    /// Of these, rows that made an event.
    pub events: u64,
    /// Rows whose effect failed; they rest a while and are taken again.
    pub failed: u64,
}

/// Does all the work that is due, one unit of work for each row: a row that
/// fails is put back to rest, and holds up no other.
///
/// # Errors
/// When the store fails; work done before stands.
pub fn once(desk: &Arc<Desk>) -> Result<Round, ActError> {
    let events = Arc::new(AtomicU64::new(0));
    let (desk_, made) = (Arc::clone(desk), Arc::clone(&events));
    let one: due::Effect<ActError> = Arc::new(move |tx, row| {
        made.fetch_add(u64::from(effect(tx, &desk_, row)?), Ordering::Relaxed);
        Ok(())
    });
    let mut round = Round::default();
    loop {
        let done = due::work(desk.store(), 1, Arc::clone(&one))?;
        if done == due::Round::default() {
            round.events = events.load(Ordering::Relaxed);
            return Ok(round);
        }
        round.taken += u64::try_from(done.done).unwrap_or(u64::MAX);
        round.failed += u64::try_from(done.failed).unwrap_or(u64::MAX);
    }
}

/// Does one piece of work; whether it made an event.
fn effect(tx: &mut Tx<'_>, desk: &Desk, row: &Due) -> Result<bool, ActError> {
    let Some((kind, percent)) = row.kind.split_once('@') else {
        return Ok(false);
    };
    let percent: u32 = percent
        .parse()
        .map_err(|_| StoreError::Schema(format!("due_work.kind {}", row.kind)))?;
    if row.kind == relais_store::erasure::DUE {
        erase::finish(tx, PersonId(row.subject))?;
        return Ok(false);
    }
    if kind == "cosign" {
        return overrides::time_passes(tx, OverrideId(row.subject), percent);
    }
    if kind == calls::DUE {
        return calls::time_passes(tx, desk, CallRoundId(row.subject));
    }
    if let Some(limit) = complaints::limit_of(kind) {
        return complaints::time_passes(tx, ComplaintId(row.subject), limit, percent);
    }
    if kind == closing::DUE || kind == closing::FOLLOW_UP {
        return closing::time_passes(tx, CaseId(row.subject), kind, percent);
    }
    if kind == plan::DUE {
        return plan::time_passes(tx, CaseId(row.subject), percent);
    }
    if kind == stops::DUE {
        return stops::due(tx, desk, StopRequestId(row.subject), percent);
    }
    if kind == transfers::DUE {
        return transfers::due(tx, desk, TransferId(row.subject), percent);
    }
    if kind == entries::DUE {
        return entries::time_passes(tx, desk, row);
    }
    if kind == groups::LIST {
        return groups::list_due(tx, GroupId(row.subject));
    }
    if kind == groups::END {
        return groups::end_due(tx, GroupId(row.subject));
    }
    if kind == duplicates::DUE {
        return duplicates::due(tx, desk, SameAskId(row.subject), percent);
    }
    if row.kind == agreements::DENOUNCED {
        return Ok(agreements::close_denounced(tx, AgreementId(row.subject))? > 0);
    }
    if ReferralRecord::find(tx, ReferralId(row.subject))?.is_some() {
        return referral_due(tx, desk, ReferralId(row.subject), percent);
    }
    if NeedRecord::find(tx, NeedId(row.subject))?.is_some() {
        return need_due(tx, desk, NeedId(row.subject));
    }
    Ok(false)
}

fn referral_due(tx: &mut Tx<'_>, desk: &Desk, id: ReferralId, percent: u32) -> Result<bool, ActError> {
    let Some(case) = ReferralRecord::find(tx, id)?.map(|r| r.case_id) else {
        return Ok(false);
    };
    cases::lock_case(tx, case)?;
    let Some(mut file) = CaseFile::load(tx, case)? else {
        return Ok(false);
    };
    let network = desk.network_now(tx)?;
    let now = tx.now()?;
    let Some(hash) = file.referral(id).map(|r| r.record.mechanism_hash.clone()) else {
        return Ok(false);
    };
    let mut stream = Stream::lock(tx, case, file.record.slot, Doer::clock(), &hash)?;
    let command = Command::TimePasses { percent };
    let done = referrals::give(
        tx,
        desk,
        &mut file,
        &network,
        id,
        &command,
        &Actor::clock(),
        now,
        "",
        &mut stream,
    );
    match done {
        Ok(events) => Ok(!events.is_empty()),
        // The clock of a wait that is over: nothing to do.
        Err(ActError::Refused { .. }) => Ok(false),
        Err(other) => Err(other),
    }
}

fn need_due(tx: &mut Tx<'_>, desk: &Desk, id: NeedId) -> Result<bool, ActError> {
    let Some(case) = NeedRecord::find(tx, id)?.map(|n| n.case_id) else {
        return Ok(false);
    };
    cases::lock_case(tx, case)?;
    let Some(mut file) = CaseFile::load(tx, case)? else {
        return Ok(false);
    };
    let now = tx.now()?;
    let (holder, slot) = (file.record.holder_id, file.record.slot);
    let facts = crate::needs::limit_facts(&file);
    let region = file.record.region.clone();
    let Some(need) = file.needs.iter_mut().find(|n| n.record.id == id) else {
        return Ok(false);
    };
    let mechanism = desk.version(tx, &need.record.mechanism_hash)?;
    let machine = &need.detail.machine;
    let rulebook = Rulebook::new(
        desk,
        Arc::clone(&mechanism),
        machine.priority,
        &need.detail.service,
        &region,
        false,
        facts,
    )?;
    let decided = decide_need(
        machine,
        &NeedCommand::TimePasses,
        &Actor::clock(),
        &rulebook.context(now, now, holder),
    );
    let Ok(event) = decided else { return Ok(false) };
    need.detail.machine = machine.apply(&event);
    write::save_need(tx, need, slot, holder, false)?;
    let mut stream = Stream::lock(tx, case, slot, Doer::clock(), mechanism.hash())?;
    stream.add(tx, id.0, "late", &json!({ "percent": 100 }), now, "")?;
    for recipient in [Recipient::Sender, Recipient::SenderSupervisor] {
        let role = if recipient == Recipient::Sender {
            Role::CaseManager
        } else {
            Role::Supervisor
        };
        write::notice(tx, "need_late", Some(holder), role, id.0)?;
    }
    Ok(true)
}
