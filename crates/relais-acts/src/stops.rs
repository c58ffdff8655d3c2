//! Requests to stop using what was received: asked at a withdrawal, shown to
//! the recipient and to the case's holder, confirmed, reminded.

mod lists;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calendar::{ClockKind, Due};
use relais_casework::consent::{StopConfirmed, StopEvent, StopRequest, WithdrawEffect};
use relais_casework::referral::{DueTimes, Noted};
use relais_casework::visible::{StopSide, stop_side};
use relais_mechanism::limits::LimitFacts;
use relais_mechanism::{ActingFor, Channel, ClassSet, Mechanism, Priority, Role};
use relais_network::{CaseId, OrganisationId, ReferralId, StopRequestId};
use relais_store::rows::cases;
use relais_store::rows::stops::{self, StopRequestRecord};
use relais_store::{StoreError, Tx, ids};
use serde_json::json;

use crate::classes;
use crate::commands::ConfirmStop;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, is_erased};
use crate::network::Network;
use crate::problem::ActError;
use crate::rules::{self, Rulebook};
use crate::views::{Made, StopView};
use crate::write::{self, Doer, Stream};

pub(crate) use lists::MOST;
use lists::row;
pub use lists::{of_case, of_office, of_recipient, of_team};

/// The table of the requests.
const TABLE: &str = "stop_request";
/// Kind of the due work.
pub const DUE: &str = "stop";

/// The limits of a request on the recipient's own calendar.
fn rulebook(
    desk: &Desk,
    network: &Network,
    recipient: OrganisationId,
    mechanism: &Arc<Mechanism>,
    case_region: &str,
) -> Result<Rulebook, ActError> {
    let region = network
        .organisations
        .get(&recipient)
        .and_then(|o| o.region.clone())
        .unwrap_or_else(|| case_region.to_owned());
    Rulebook::new(
        desk,
        Arc::clone(mechanism),
        Priority::P3,
        "",
        &region,
        false,
        LimitFacts::default(),
    )
}

/// Until when a recipient that is asked now must confirm.
///
/// # Errors
/// When the mechanism's calendars cannot be resolved.
pub fn due_of(
    desk: &Desk,
    network: &Network,
    recipient: OrganisationId,
    mechanism: &Arc<Mechanism>,
    case_region: &str,
    from: DateTime<Utc>,
) -> Result<Due, ActError> {
    let rules = rulebook(desk, network, recipient, mechanism, case_region)?;
    let span = mechanism.rules().stop_use;
    Ok(rules
        .times
        .calendar
        .due(span, from, Priority::P3, false, None)
        .unwrap_or_else(|| rules.times.need(Priority::P3, from)))
}

/// What a recipient is asked to stop using.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who received it.
    pub recipient: OrganisationId,
    /// Which classes.
    pub classes: ClassSet,
    /// Under which referrals.
    pub referrals: Vec<ReferralId>,
    /// What the person wishes.
    pub effect: WithdrawEffect,
}

/// Asks a recipient: row, event, due work and notice, in the unit of work of
/// the withdrawal or erasure.
///
/// # Errors
/// When the store fails.
#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
pub fn ask(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &CaseFile,
    network: &Network,
    mechanism: &Arc<Mechanism>,
    stream: &mut Stream<'_>,
    asked: Asked,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let rules = rulebook(desk, network, asked.recipient, mechanism, &file.record.region)?;
    let request = StopRequest {
        id: StopRequestId(ids::new_v7(now)),
        case: file.record.id,
        recipient: asked.recipient,
        effect: asked.effect,
        classes: asked.classes,
        referrals: asked.referrals,
        asked_at: now,
        due: due_of(desk, network, asked.recipient, mechanism, &file.record.region, now)?,
        ladder: 0,
        confirmed: None,
        version: 1,
    };
    let restricted = match classes::seal(&tx.sealer(), TABLE, request.id.0, file.record.slot, request.classes) {
        // A restored database that does not know yet that the person was erased: nothing of S4 was opened either.
        Err(error) if is_erased(&error) => Vec::new(),
        sealed => sealed?,
    };
    record_of(&request, mechanism, restricted)?.insert(tx)?;
    due_work(tx, &request, mechanism, &rules.times)?;
    let facts = json!({
        "recipient": request.recipient,
        "classes": classes::split(request.classes).0,
        "effect": request.effect,
        "due": request.due.at,
    });
    stream.add(tx, request.id.0, "stop_asked", &facts, request.asked_at, "")?;
    write::tell(
        tx,
        network,
        file,
        "stop_asked",
        Some(request.recipient),
        Role::FocalPoint,
        request.id.0,
    )?;
    Ok(())
}

fn due_work(
    tx: &mut Tx<'_>,
    request: &StopRequest,
    mechanism: &Mechanism,
    times: &dyn DueTimes,
) -> Result<(), StoreError> {
    let clocks = request.clocks(mechanism.ladder(), times);
    let rows = clocks.into_iter().map(|(percent, at)| (format!("{DUE}@{percent}"), at));
    write::due_work(tx, request.id.0, request.version, rows)
}

/// What is due of the requests that nobody has confirmed, again, once a case
/// that had ended is reopened.
///
/// # Errors
/// When the store fails.
pub fn resume(tx: &mut Tx<'_>, desk: &Desk, case: CaseId) -> Result<(), ActError> {
    let network = desk.network_now(tx)?;
    for line in stops::of_case(tx, case)? {
        if line.stop.confirmed_at.is_some() {
            continue;
        }
        let mechanism = desk.version(tx, &line.stop.mechanism_hash)?;
        let rules = rulebook(desk, &network, line.stop.recipient_id, &mechanism, &line.case.region)?;
        due_work(tx, &request_of(&line.stop)?, &mechanism, &rules.times)?;
    }
    Ok(())
}

/// Which classes are above S3 is sealed once and kept as it is: of an erased
/// person nothing can be sealed any more.
fn record_of(
    request: &StopRequest,
    mechanism: &Mechanism,
    restricted: Vec<u8>,
) -> Result<StopRequestRecord, StoreError> {
    let confirmed = request.confirmed.as_ref();
    Ok(StopRequestRecord {
        id: request.id,
        case_id: request.case,
        recipient_id: request.recipient,
        effect: request.effect.code().to_owned(),
        classes: classes::split(request.classes).0,
        restricted,
        referrals: serde_json::to_string(&request.referrals).map_err(|e| StoreError::Schema(e.to_string()))?,
        asked_at: request.asked_at,
        due_from: request.due.start,
        due_at: request.due.at,
        clock: request.due.clock.code().to_owned(),
        calendar: request.due.calendar.clone(),
        ladder: request.ladder,
        confirmed_at: confirmed.map(|c| c.at),
        confirmed_by: confirmed.and_then(|c| c.by),
        channel: confirmed.map(|c| c.channel.code().to_owned()),
        mechanism_hash: mechanism.hash().to_owned(),
        version: request.version,
    })
}

/// A request as the rules see it, which ask for no class.
fn request_of(record: &StopRequestRecord) -> Result<StopRequest, StoreError> {
    let wrong = |column: &str| StoreError::Schema(format!("stop_request.{column}"));
    let confirmed = match record.confirmed_at {
        None => None,
        Some(at) => Some(StopConfirmed {
            at,
            by: record.confirmed_by,
            channel: record
                .channel
                .as_deref()
                .and_then(Channel::from_code)
                .ok_or_else(|| wrong("channel"))?,
        }),
    };
    Ok(StopRequest {
        id: record.id,
        case: record.case_id,
        recipient: record.recipient_id,
        effect: WithdrawEffect::from_code(&record.effect).ok_or_else(|| wrong("effect"))?,
        classes: record.classes,
        referrals: serde_json::from_str(&record.referrals).map_err(|_| wrong("referrals"))?,
        asked_at: record.asked_at,
        due: Due {
            start: record.due_from,
            at: record.due_at,
            clock: ClockKind::from_code(&record.clock).ok_or_else(|| wrong("clock"))?,
            calendar: record.calendar.clone(),
        },
        ladder: record.ladder,
        confirmed,
        version: record.version,
    })
}

fn load(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: StopRequestId,
) -> Result<(StopRequestRecord, CaseFile, Arc<Network>, StopSide), ActError> {
    let record = StopRequestRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    // Also of a person who was erased: whoever received must still confirm.
    let file = CaseFile::read(tx, record.case_id)?.ok_or(ActError::NotFound)?;
    let network = desk.network_now(tx)?;
    let now = tx.now()?;
    let sight = viewer.sight(&network);
    let side = stop_side(&file.facts(), record.recipient_id, &sight, now).ok_or(ActError::NotFound)?;
    Ok((record, file, network, side))
}

/// The page of a request, for the recipient or the case's team.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is neither.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, id: StopRequestId) -> Result<StopView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (record, file, network, side) = load(tx, &desk_, &viewer_, id)?;
        let mechanism = desk_.version(tx, &record.mechanism_hash)?;
        let now = tx.now()?;
        let lang = viewer_.lang;
        let asked = request_of(&record)?;
        let running = |id: &ReferralId| file.referral(*id).is_some_and(|r| !r.machine.state.is_terminal());
        let goes_on = asked.referrals.iter().any(running);
        let case = record.case_id;
        let holder = file.record.holder_id;
        let mut row = row(
            tx,
            &mechanism,
            &network,
            &viewer_,
            side,
            &record,
            (file.seq, file.record.slot),
            now,
        )?;
        if file.erased {
            row.effect = crate::erased::EFFECT.to_owned();
        }
        Ok((
            StopView {
                row,
                version: record.version,
                recipient_side: side == StopSide::Recipient,
                goes_on,
                sender: network.name(holder, lang),
                sender_telephone: network.telephone(holder),
            },
            vec![case],
        ))
    })
    .await
}

/// The recipient confirms that it has stopped, or the case's holder notes that
/// it said so.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Stale`], [`ActError::Refused`].
pub async fn confirm(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    id: StopRequestId,
    command: ConfirmStop,
) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "stop", command.id, &(id, &command), |tx| {
                confirm_in(tx, &desk_, &viewer, id, &command)
            })
        })
        .await
}

fn confirm_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: StopRequestId,
    command: &ConfirmStop,
) -> Result<Made, ActError> {
    let case = StopRequestRecord::find(tx, id)?.ok_or(ActError::NotFound)?.case_id;
    cases::lock_case(tx, case)?;
    let (record, file, network, side) = load(tx, desk, viewer, id)?;
    ActError::unless_current(command.version, record.version)?;
    let now = tx.now()?;
    let happened_at = write::happened(command.happened_at, now)?;
    let own = if viewer.api { Channel::Api } else { Channel::Screen };
    let channel = match side {
        StopSide::Recipient => own,
        StopSide::Holder => command.channel.unwrap_or(Channel::Telephone),
    };
    let mut actor = rules::actor(viewer, ActingFor::Provider, channel);
    if matches!(channel, Channel::Telephone | Channel::Paper) {
        actor.noted = Some(Noted {
            number: command.number.trim().to_owned(),
            answered_by: command.answered_by.trim().to_owned(),
        });
    }
    let request = request_of(&record)?;
    let event = request.confirm(&actor, file.record.holder_id, happened_at, now)?;
    let request = request.apply(&event);
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    record_of(&request, &mechanism, record.restricted)?.update(tx)?;
    let rules = rulebook(desk, &network, request.recipient, &mechanism, &file.record.region)?;
    due_work(tx, &request, &mechanism, &rules.times)?;
    let doer = Doer {
        channel,
        ..Doer::of(viewer, ActingFor::Provider)
    };
    let slot = file.words_slot(tx)?;
    let mut stream = Stream::lock(tx, record.case_id, slot, doer, mechanism.hash())?;
    let words = actor
        .noted
        .map(|n| format!("{} {}", n.number, n.answered_by).trim().to_owned())
        .unwrap_or_default();
    let mut facts = json!({ "recipient": request.recipient });
    if file.erased {
        facts["slot"] = json!(slot);
    }
    if side == StopSide::Holder {
        facts["noted"] = json!(channel);
    }
    stream.add(tx, id.0, "stop_confirmed", &facts, happened_at, &words)?;
    if side == StopSide::Recipient {
        let holder = Some(file.record.holder_id);
        write::notice(tx, "stop_confirmed", holder, Role::CaseManager, id.0)?;
    }
    Ok(Made {
        id: id.0,
        code: String::new(),
        version: request.version,
    })
}

/// A step of the ladder for a recipient that has not confirmed; whether it
/// made an event.
///
/// # Errors
/// When the store fails.
pub fn due(tx: &mut Tx<'_>, desk: &Desk, id: StopRequestId, percent: u32) -> Result<bool, ActError> {
    let Some(case) = StopRequestRecord::find(tx, id)?.map(|r| r.case_id) else {
        return Ok(false);
    };
    cases::lock_case(tx, case)?;
    // Read again under the lock.
    let (Some(record), Some(file)) = (StopRequestRecord::find(tx, id)?, CaseFile::read(tx, case)?) else {
        return Ok(false);
    };
    let network = desk.network_now(tx)?;
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    let now = tx.now()?;
    let rules = rulebook(desk, &network, record.recipient_id, &mechanism, &file.record.region)?;
    let request = request_of(&record)?;
    let protected = file.is_protected();
    let Ok(event) = request.time_passes(percent, mechanism.ladder(), &rules.times, protected, now) else {
        return Ok(false);
    };
    let request = request.apply(&event);
    record_of(&request, &mechanism, record.restricted)?.update(tx)?;
    due_work(tx, &request, &mechanism, &rules.times)?;
    let slot = file.words_slot(tx)?;
    let mut stream = Stream::lock(tx, case, slot, Doer::clock(), mechanism.hash())?;
    if let StopEvent::Reminded { percent, tell } = event {
        let facts = json!({ "recipient": request.recipient, "percent": percent, "tell": tell });
        stream.add(tx, id.0, "stop_reminded", &facts, now, "")?;
        for recipient in tell {
            let (organisation, role) = write::post_of(recipient, request.recipient, file.record.holder_id);
            write::tell(tx, &network, &file, "stop_reminder", organisation, role, id.0)?;
        }
    }
    Ok(true)
}
