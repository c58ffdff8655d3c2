//! From the row to the case: the row's key becomes the person's, so that
//! erasing the person closes the list's trace in old backups too.

use std::sync::Arc;

use chrono::Days;
use relais_casework::queue;
use relais_mechanism::{Answers, Mechanism};
use relais_network::{CaseId, ExpectedId, GroupId};
use relais_store::due::{self, Due};
use relais_store::rows::groups::{self as rows, ExpectedRecord};
use relais_store::{Tx, ids};

use super::{
    AddExpected, RegisterExpected, RowState, end, hand_to, load, load_row, lock, lock_row, page, place, refused, row,
    take, unless_open,
};
use crate::codes::{bracelet, parse_bracelet};
use crate::commands::RegisterArrival;
use crate::desk::{Desk, Viewer};
use crate::file::seal;
use crate::problem::ActError;
use crate::register::{open_case, read};
use crate::views::Made;
use crate::{families, write};

/// The answer that holds the bracelet's number.
const BRACELET: &str = "F1E.01";

/// Registers the person of a row: a case of their own, assigned to the
/// officer. The bracelet's number is the row's; two rows never share one.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Invalid`] with every wrong field; a
/// refusal when the row is another officer's or registered already.
pub async fn register(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    row: ExpectedId,
    command: RegisterExpected,
) -> Result<Made, ActError> {
    let mechanism = desk.mechanism();
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            let (group, record) = load_row(tx, &viewer, row)?;
            let number = bracelet(rows::seq(tx, group.id)?, record.number);
            let mut answers = command.answers.clone();
            answers.insert(BRACELET.to_owned(), vec![number.clone()]);
            let mut arrival = RegisterArrival {
                id: command.id,
                answers,
                happened_at: command.happened_at,
            };
            write::once(tx, &viewer, "case", command.id, &(row, &command), |tx| {
                let (group, mut record) = lock_row(tx, &viewer, row)?;
                unless_open(&group)?;
                let now = tx.now()?;
                // Whose row it is comes before what is typed on it.
                queue::may_write(&place(&record)?, viewer.user, now).map_err(refused)?;
                let read = fitting(tx, &mechanism, &record, &mut arrival)?;
                let made = open_case(
                    tx,
                    &desk_,
                    &viewer,
                    &mechanism,
                    &arrival,
                    &read,
                    Some(record.slot),
                    None,
                )?;
                let case = CaseId(made.id);
                RowState::Registered.code().clone_into(&mut record.state);
                record.officer_id = Some(viewer.user);
                record.until_at = None;
                record.case_id = Some(case);
                (record.person, record.typed) = (Vec::new(), Vec::new());
                record.registered_at = Some(now);
                record.version += 1;
                record.update(tx)?;
                if let (true, Some(family)) = (command.family, record.family_id) {
                    families::join(tx, &viewer, case, family, mechanism.hash())?;
                }
                Ok(made)
            })
        })
        .await
}

/// The answers, without those from the list that others rule out: whoever
/// refuses is not registered by the name on the list, whoever may not be called
/// not by its number, and the officer need not erase what they never typed.
fn fitting(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    record: &ExpectedRecord,
    arrival: &mut RegisterArrival,
) -> Result<Answers, ActError> {
    let wrong = match read(mechanism, arrival) {
        Err(ActError::Invalid(wrong)) => wrong,
        other => return other,
    };
    let listed = page::listed(tx, record)?
        .map(|listed| row::prefilled(mechanism, &listed))
        .unwrap_or_default();
    for problem in wrong.iter().filter(|p| p.code == "irrelevant") {
        if arrival.answers.get(&problem.field) == listed.get(&problem.field) {
            arrival.answers.remove(&problem.field);
        }
    }
    read(mechanism, arrival)
}

/// Adds somebody who is not on the list, with the next number; the row is the
/// officer's at once.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Invalid`] for a bracelet that is not of
/// this arrival.
pub async fn add(desk: &Arc<Desk>, viewer: &Viewer, group: GroupId, command: AddExpected) -> Result<Made, ActError> {
    let viewer = viewer.clone();
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            load(tx, &viewer, group)?;
            write::once(tx, &viewer, "expected", command.id, &(group, &command), |tx| {
                add_row(tx, &viewer, group, &command)
            })
        })
        .await
}

fn add_row(tx: &mut Tx<'_>, viewer: &Viewer, id: GroupId, command: &AddExpected) -> Result<Made, ActError> {
    let mut group = lock(tx, viewer, id)?;
    unless_open(&group)?;
    let now = tx.now()?;
    let seq = rows::seq(tx, id)?;
    let (family, family_id) = match command.family_of.trim() {
        "" => (None, None),
        typed => {
            let (family, family_id) = family_of(tx, id, seq, typed)?;
            (Some(family), Some(family_id))
        }
    };
    let row = ExpectedId(command.id);
    let slot = tx.new_slot()?;
    let sealer = tx.sealer();
    let nobody = relais_interchange::manifest::Listed {
        family,
        ..Default::default()
    };
    let mut record = ExpectedRecord {
        id: row,
        group_id: id,
        number: group.next_number,
        family,
        family_id,
        state: RowState::Waiting.code().to_owned(),
        officer_id: None,
        until_at: None,
        case_id: None,
        slot,
        person: seal(&sealer, "expected_person", "person", row.0, slot, &nobody)?,
        typed: Vec::new(),
        registered_at: None,
        version: 0,
    };
    hand_to(&mut record, viewer.user, now);
    record.insert(tx)?;
    group.next_number += 1;
    if group.state == "closed" {
        // Somebody came after all.
        "open".clone_into(&mut group.state);
        group.closed_at = None;
    }
    if !due::of(tx, id.0)?.iter().any(|work| work.kind == end::END_KIND) {
        // The others were erased already: this row too goes in its time, should nobody register it.
        due::move_to(
            tx,
            &Due {
                subject: id.0,
                kind: end::END_KIND.to_owned(),
                due_at: now.checked_add_days(Days::new(end::KEPT_DAYS)).unwrap_or(now),
                state_version: group.version,
            },
        )?;
    }
    group.update(tx)?;
    take::made(tx, &record)
}

/// The family of the row with this bracelet; it begins one where it has none.
fn family_of(tx: &mut Tx<'_>, group: GroupId, seq: i64, typed: &str) -> Result<(u32, uuid::Uuid), ActError> {
    let unknown = || {
        ActError::field(
            "family_of",
            "bracelet_not_found",
            (
                "Aucun bracelet de cette arrivée ne porte ce numéro.",
                "No bracelet of this arrival bears this number.",
            ),
        )
    };
    let number = match parse_bracelet(typed) {
        Some((of, number)) if of == seq => number,
        Some(_) => return Err(unknown()),
        None => typed.parse().map_err(|_| unknown())?,
    };
    let beside = rows::by_number(tx, group, number)?.ok_or_else(unknown)?;
    let mut beside = ExpectedRecord::find(tx, beside)?.ok_or_else(unknown)?;
    if let (Some(family), Some(id)) = (beside.family, beside.family_id) {
        return Ok((family, id));
    }
    let last = rows::places_of(tx, group)?.iter().filter_map(|p| p.family).max();
    let now = tx.now()?;
    let (family, id) = (last.unwrap_or(0) + 1, ids::new_v7(now));
    (beside.family, beside.family_id) = (Some(family), Some(id));
    beside.version += 1;
    beside.update(tx)?;
    Ok((family, id))
}
