//! The transfer of a case to another organisation: proposed by its holder,
//! answered by the other side. On acceptance holder, waits, sight and the
//! disclosure change in one unit of work, so that nothing in the case waits on
//! nobody at any instant (DESIGN §5).

mod answer;
mod propose;
mod show;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calendar::{ClockKind, Due};
use relais_casework::referral::DueTimes;
use relais_casework::sharing::{OfferFacts, offer_view};
use relais_casework::transfer::{Transfer, TransferDecline, TransferState};
use relais_casework::visible::{TransferSide, restricted_need, transfer_side};
use relais_mechanism::limits::LimitFacts;
use relais_mechanism::{ClassSet, DataClass, Lang, Mechanism, Priority, Role, Sensitivity};
use relais_network::{CaseId, OrganisationId, TransferId};
use relais_store::rows::accounts;
use relais_store::rows::transfers::{self as rows, TransferRecord};
use relais_store::{StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::accounts::roles_of;
use crate::desk::{Desk, Viewer};
use crate::file::CaseFile;
use crate::network::Network;
use crate::problem::ActError;
use crate::rules::Rulebook;
use crate::say::say;
use crate::share;
use crate::views::Fact;
use crate::write;

pub(crate) use answer::take_back;
pub use answer::{act, due};
pub use propose::{draft, propose};
pub use show::{of_organisation, view, waiting_row};

/// Kind of the due work.
pub const DUE: &str = "transfer";

/// Words of a transfer, sealed under the case's key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Words {
    /// Of the holder.
    #[serde(default)]
    note: String,
    /// Of the organisation asked.
    #[serde(default)]
    answer: String,
}

/// The limits of a transfer on the calendar of the organisation asked.
fn rulebook(
    desk: &Desk,
    network: &Network,
    to: OrganisationId,
    mechanism: &Arc<Mechanism>,
    case_region: &str,
) -> Result<Rulebook, ActError> {
    Rulebook::new(
        desk,
        Arc::clone(mechanism),
        Priority::P3,
        "",
        &region_of(network, to).unwrap_or_else(|| case_region.to_owned()),
        false,
        LimitFacts::default(),
    )
}

fn region_of(network: &Network, organisation: OrganisationId) -> Option<String> {
    network.organisations.get(&organisation).and_then(|o| o.region.clone())
}

fn due_of(
    desk: &Desk,
    network: &Network,
    to: OrganisationId,
    mechanism: &Arc<Mechanism>,
    case_region: &str,
    from: DateTime<Utc>,
) -> Result<Due, ActError> {
    let rules = rulebook(desk, network, to, mechanism, case_region)?;
    Ok(rules
        .times
        .calendar
        .due(mechanism.rules().transfer_answer, from, Priority::P3, false, None)
        .unwrap_or_else(|| rules.times.need(Priority::P3, from)))
}

fn transfer_of(record: &TransferRecord) -> Result<Transfer, StoreError> {
    let wrong = |column: &str| StoreError::Schema(format!("case_transfer.{column}"));
    Ok(Transfer {
        id: record.id,
        case: record.case_id,
        from: record.from_id,
        to: record.to_id,
        state: TransferState::from_code(&record.state).ok_or_else(|| wrong("state"))?,
        proposed_at: record.proposed_at,
        due: Due {
            start: record.due_from,
            at: record.due_at,
            clock: ClockKind::from_code(&record.clock).ok_or_else(|| wrong("clock"))?,
            calendar: record.calendar.clone(),
        },
        reminded: record.reminded,
        ended_at: record.ended_at,
        decline: record.decline_code.as_deref().and_then(TransferDecline::from_code),
        version: record.version,
    })
}

/// Writes what the machine says into the row.
fn fill(record: &mut TransferRecord, transfer: &Transfer) {
    record.state = transfer.state.code().to_owned();
    record.decline_code = transfer.decline.map(|d| d.code().to_owned());
    record.reminded = transfer.reminded;
    record.ended_at = transfer.ended_at;
    record.version = transfer.version;
}

fn due_work(tx: &mut Tx<'_>, transfer: &Transfer, times: &dyn DueTimes) -> Result<(), StoreError> {
    let clocks = transfer.clocks(|due, percent| times.at_percent(due, percent));
    let due = clocks.into_iter().map(|(percent, at)| (format!("{DUE}@{percent}"), at));
    write::due_work(tx, transfer.id.0, transfer.version, due)
}

/// The transfer of a case that waits for its answer, if one does.
///
/// # Errors
/// When the store fails.
pub fn waiting(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<TransferRecord>, StoreError> {
    Ok(rows::of_case(tx, case)?
        .into_iter()
        .map(|line| line.transfer)
        .find(|t| t.state == TransferState::Proposed.code()))
}

/// Organisations where somebody with an open account works on cases.
pub(crate) fn at_work(tx: &mut Tx<'_>) -> Result<BTreeSet<OrganisationId>, StoreError> {
    Ok(accounts::roles_by_organisation(tx)?
        .into_iter()
        .filter(|(_, roles)| {
            let roles = roles_of(roles);
            roles.contains(&Role::CaseManager) || roles.contains(&Role::Supervisor)
        })
        .map(|(organisation, _)| organisation)
        .collect())
}

/// Tells everybody who works on cases at an organisation, unless the protected
/// circuit is closed to it.
fn tell(
    tx: &mut Tx<'_>,
    network: &Network,
    file: &CaseFile,
    kind: &str,
    organisation: OrganisationId,
    transfer: TransferId,
) -> Result<(), StoreError> {
    for role in [Role::Supervisor, Role::CaseManager] {
        write::tell(tx, network, file, kind, Some(organisation), role, transfer.0)?;
    }
    Ok(())
}

fn load(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: TransferId,
) -> Result<(TransferRecord, CaseFile, Arc<Network>, TransferSide), ActError> {
    let record = TransferRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    let file = CaseFile::load(tx, record.case_id)?.ok_or(ActError::NotFound)?;
    let network = desk.network_now(tx)?;
    let now = tx.now()?;
    let state = transfer_of(&record)?.state;
    let sight = viewer.sight(&network);
    let side =
        transfer_side(&file.facts(), record.from_id, record.to_id, state, &sight, now).ok_or(ActError::NotFound)?;
    Ok((record, file, network, side))
}

/// Cases that came to the viewer's organisation by a transfer and whose name it
/// may not read: lists show no initials of theirs.
///
/// # Errors
/// When the store fails.
pub fn nameless(tx: &mut Tx<'_>, viewer: &Viewer) -> Result<BTreeSet<CaseId>, StoreError> {
    let now = tx.now()?;
    let identity = ClassSet::EMPTY.with(DataClass::Identity);
    let cases = rows::closed_to(tx, viewer.organisation, viewer.user, identity, now)?;
    Ok(cases.into_iter().collect())
}

/// What may be known of the person before the case is accepted: no name, no
/// place below the region, nothing of the file; with a need above S3 among
/// those that move no more than an offer of that need says.
fn facts(mechanism: &Mechanism, file: &CaseFile, lang: Lang) -> Vec<Fact> {
    let card = &file.card;
    let mut moving = file.needs.iter().filter(|n| n.detail.machine.state.is_live());
    let mut offer = offer_view(&OfferFacts {
        s4: moving.any(|n| share::labels(mechanism, &n.detail.service).sensitivity == Sensitivity::S4),
        discreet: restricted_need(),
        priority: Priority::P4,
        region: file.record.region.clone(),
        department: None,
        age: card.age,
        child: card.child,
        sex: card.sex.clone(),
        interpreter: false,
        accessible: false,
        code: String::new(),
    });
    // That it is a child is said in any case.
    offer.child = offer.child.or_else(|| card.child.then_some(true));
    let fact = |fr, en, value: Option<String>| Fact {
        label: say(lang, fr, en).to_owned(),
        value,
    };
    vec![
        fact("Personne", "Person", share::person_says(mechanism, &offer, lang)),
        fact(
            "Région",
            "Region",
            Some(share::place_name(mechanism, &offer.region, lang)),
        ),
        fact("Nom", "Name", None),
        fact("Téléphone", "Telephone", None),
    ]
}
