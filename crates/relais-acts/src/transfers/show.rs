//! A transfer as either side may see it, and the lists that name one.

use std::sync::Arc;

use chrono::{DateTime, Days, Utc};
use relais_casework::need::NeedState;
use relais_casework::referral::DueKind;
use relais_casework::transfer::TransferState;
use relais_casework::visible::{TransferSide, restricted_need};
use relais_mechanism::{Label, Mechanism, Role, Sensitivity};
use relais_network::TransferId;
use relais_store::Tx;
use relais_store::rows::transfers::{self as rows, TransferRecord};

use super::{Words, facts, load, transfer_of, waiting};
use crate::assignment;
use crate::case::clock;
use crate::codes::case_code;
use crate::day::state_says;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, open};
use crate::network::Network;
use crate::problem::ActError;
use crate::protection::PROTECTED;
use crate::say::say;
use crate::share;
use crate::shelter::Names;
use crate::views::{Hand, MovingWait, TransferRow, TransferView};

/// Rows that a list shows at most.
const ROWS: i64 = 50;
/// Days that a case that left stays in the list of its former holder.
const LEFT_DAYS: u64 = 7;

/// The page of a transfer, as either side may see it.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is on neither.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, id: TransferId) -> Result<TransferView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (record, file, network, side) = load(tx, &desk_, &viewer_, id)?;
        let case = record.case_id;
        Ok((
            transfer_view(tx, &desk_, &viewer_, &record, &file, &network, side)?,
            vec![case],
        ))
    })
    .await
}

fn transfer_view(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    record: &TransferRecord,
    file: &CaseFile,
    network: &Network,
    side: TransferSide,
) -> Result<TransferView, ActError> {
    let now = tx.now()?;
    let lang = viewer.lang;
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    let transfer = transfer_of(record)?;
    let waits = transfer.state == TransferState::Proposed;
    let asked = side == TransferSide::Asked && waits;
    let words: Words = open(
        &tx.sealer(),
        "case_transfer",
        "note",
        record.id.0,
        file.record.slot,
        &record.note,
    )?;
    let names = Names::new(network, viewer);
    let telephone = |id| names.telephone(id);
    let said = |text: String| (side != TransferSide::Former && !text.is_empty()).then_some(text);
    let opens = if asked {
        let plan = share::transfer_plan(desk, &mechanism, file, network, record.to_id, now)?;
        plan.after
            .iter()
            .filter_map(|(class, _)| mechanism.class(*class))
            .map(|w| w.label.get(lang).to_owned())
            .collect()
    } else {
        Vec::new()
    };
    let commands: &[&str] = match side {
        TransferSide::Asked if waits => &["accept", "decline"],
        TransferSide::Holder if waits => &["cancel"],
        _ => &[],
    };
    Ok(TransferView {
        id: record.id,
        version: record.version,
        side: side.code().to_owned(),
        case_id: (side == TransferSide::Holder).then_some(record.case_id),
        case_code: case_code(&mechanism, file.seq),
        from: names.name(record.from_id),
        from_telephone: telephone(record.from_id),
        to: names.name(record.to_id),
        to_telephone: telephone(record.to_id),
        state: record.state.clone(),
        decline: record.decline_code.clone(),
        note: said(words.note),
        answer: said(words.answer),
        proposed_at: record.proposed_at,
        ended_at: record.ended_at,
        hand: transfer.owner().map(|(organisation, role)| Hand {
            yours: organisation == viewer.organisation,
            organisation: network.name(organisation, lang),
            role: Some(role),
        }),
        clock: waits.then(|| clock(DueKind::Decide, record.due_from, record.due_at, now)),
        facts: if asked {
            facts(&mechanism, file, lang)
        } else {
            Vec::new()
        },
        opens,
        waits: if asked {
            moving(desk, tx, viewer, file, network, now)?
        } else {
            Vec::new()
        },
        commands: commands.iter().map(|c| (*c).to_owned()).collect(),
        staff: if asked {
            assignment::staff(tx, Some(file), record.to_id, viewer)?
        } else {
            Vec::new()
        },
    })
}

/// A need as whoever is asked may read it: discreet, and above S3 not at all;
/// and whether that is so.
fn discreet(mechanism: &Mechanism, service: &str) -> (Label, bool) {
    let labels = share::labels(mechanism, service);
    if labels.sensitivity == Sensitivity::S4 {
        (restricted_need(), true)
    } else {
        (labels.discreet, false)
    }
}

/// The waits that move with the case.
fn moving(
    desk: &Desk,
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    file: &CaseFile,
    network: &Network,
    now: DateTime<Utc>,
) -> Result<Vec<MovingWait>, ActError> {
    let lang = viewer.lang;
    let names = Names::new(network, viewer);
    let mut waits = Vec::new();
    for need in file.needs.iter().filter(|n| n.detail.machine.state == NeedState::Open) {
        let machine = &need.detail.machine;
        let mechanism = desk.version(tx, &need.record.mechanism_hash)?;
        waits.push(MovingWait {
            label: discreet(&mechanism, &need.detail.service).0.get(lang).to_owned(),
            priority: machine.priority,
            state_label: say(lang, "À référer", "To be referred").to_owned(),
            with: network.name(file.record.holder_id, lang),
            clock: Some(clock(DueKind::Need, machine.due.start, machine.due.at, now)),
        });
    }
    for referral in &file.referrals {
        let machine = &referral.machine;
        let Some(wait) = &machine.wait else { continue };
        let mechanism = desk.version(tx, &referral.record.mechanism_hash)?;
        let (label, restricted) = discreet(&mechanism, &referral.detail.service_type);
        waits.push(MovingWait {
            label: label.get(lang).to_owned(),
            priority: machine.priority,
            state_label: state_says(&mechanism, machine.state, machine.outcome, viewer),
            // Who was asked would tell what for.
            with: if restricted {
                String::new()
            } else {
                names.provider(referral)
            },
            clock: Some(clock(wait.kind, wait.due.start, wait.due.at, now)),
        });
    }
    Ok(waits)
}

fn row(
    mechanism: &Mechanism,
    network: &Network,
    viewer: &Viewer,
    record: &TransferRecord,
    case_seq: i64,
    now: DateTime<Utc>,
) -> TransferRow {
    let asked = record.to_id == viewer.organisation;
    let waits = record.state == TransferState::Proposed.code();
    TransferRow {
        id: record.id,
        case_code: case_code(mechanism, case_seq),
        organisation: network.name(if asked { record.from_id } else { record.to_id }, viewer.lang),
        state: record.state.clone(),
        yours: asked && waits,
        clock: waits.then(|| clock(DueKind::Decide, record.due_from, record.due_at, now)),
        ended_at: record.ended_at,
    }
}

/// The transfer of a case that waits, for its page.
///
/// # Errors
/// When the store fails.
pub fn waiting_row(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
    file: &CaseFile,
) -> Result<Option<TransferRow>, ActError> {
    let now = tx.now()?;
    let Some(record) = waiting(tx, file.record.id)? else {
        return Ok(None);
    };
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    Ok(Some(row(&mechanism, network, viewer, &record, file.seq, now)))
}

/// Transfers that wait for the viewer's organisation, and cases that left it; and
/// whether there are more than are read.
///
/// # Errors
/// When the store fails.
pub fn of_organisation(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
) -> Result<(Vec<TransferRow>, bool), ActError> {
    if !viewer.is(Role::CaseManager) && !viewer.is(Role::Supervisor) {
        return Ok((Vec::new(), false));
    }
    let now = tx.now()?;
    let since = now.checked_sub_days(Days::new(LEFT_DAYS)).unwrap_or(now);
    let outside = viewer.sight(network).is_outside_protected_circuit();
    let mut lines = rows::to(tx, viewer.organisation, ROWS)?;
    let left = rows::from(tx, viewer.organisation, since, ROWS)?;
    let full = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let more = lines.len() >= full || left.len() >= full;
    lines.extend(left);
    lines.retain(|l| {
        let came_back = l.transfer.state == TransferState::Accepted.code() && l.case.holder == viewer.organisation;
        !(came_back || (outside && l.case.regime == PROTECTED))
    });
    let rows = lines
        .iter()
        .map(|line| {
            let mechanism = desk.version(tx, &line.transfer.mechanism_hash)?;
            Ok(row(&mechanism, network, viewer, &line.transfer, line.case.seq, now))
        })
        .collect::<Result<_, ActError>>()?;
    Ok((rows, more))
}
