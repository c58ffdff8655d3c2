//! Who has which row: taken, given back, not come.

use std::sync::Arc;

use relais_casework::queue;
use relais_network::{ExpectedId, GroupId};
use relais_store::Tx;
use relais_store::rows::groups::{self as rows, ExpectedRecord};

use super::{ActOnRow, RowCommand, RowState, hand_to, load_row, lock, lock_row, place, place_of, refused, unless_open};
use crate::desk::{Desk, Viewer};
use crate::problem::ActError;
use crate::views::Made;

/// Gives the officer the next row, or the one that they have already: a
/// request that is sent again after a cut line gets the same answer.
///
/// # Errors
/// [`ActError::NotFound`]; a refusal when nobody is left.
pub async fn take_next(desk: &Arc<Desk>, viewer: &Viewer, group: GroupId) -> Result<Made, ActError> {
    let viewer = viewer.clone();
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            let record = lock(tx, &viewer, group)?;
            unless_open(&record)?;
            let now = tx.now()?;
            let places = rows::places_of(tx, group)?
                .iter()
                .map(place_of)
                .collect::<Result<Vec<_>, _>>()?;
            let next = queue::next(&places, viewer.user, now).ok_or_else(nobody_left)?;
            let mut row = ExpectedRecord::find(tx, next)?.ok_or(ActError::NotFound)?;
            hand_to(&mut row, viewer.user, now);
            row.update(tx)?;
            made(tx, &row)
        })
        .await
}

fn nobody_left() -> ActError {
    ActError::refused(
        "queue_empty",
        (
            "Personne n’attend plus dans cette arrivée.",
            "Nobody waits in this arrival any more.",
        ),
        (
            "Ajoutez qui n’est pas sur la liste, ou clôturez l’arrivée.",
            "Add whoever is not on the list, or close the arrival.",
        ),
    )
}

/// The answer of an act on a row.
pub(super) fn made(tx: &mut Tx<'_>, row: &ExpectedRecord) -> Result<Made, ActError> {
    Ok(Made {
        id: row.id.0,
        code: crate::codes::bracelet(rows::seq(tx, row.group_id)?, row.number),
        version: row.version,
    })
}

/// Takes a row, gives it back, or says that the person did not come. Doing it
/// twice is doing it once.
///
/// # Errors
/// [`ActError::NotFound`]; a refusal when another officer has it.
pub async fn act(desk: &Arc<Desk>, viewer: &Viewer, row: ExpectedId, command: ActOnRow) -> Result<Made, ActError> {
    let viewer = viewer.clone();
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            let (group, mut record) = lock_row(tx, &viewer, row)?;
            unless_open(&group)?;
            let now = tx.now()?;
            queue::may_take(&place(&record)?, viewer.user, now).map_err(refused)?;
            match command.command {
                RowCommand::Take => hand_to(&mut record, viewer.user, now),
                RowCommand::Release | RowCommand::Absent => {
                    let state = if command.command == RowCommand::Absent {
                        RowState::Absent
                    } else {
                        RowState::Waiting
                    };
                    state.code().clone_into(&mut record.state);
                    (record.officer_id, record.until_at) = (None, None);
                    record.version += 1;
                }
            }
            record.update(tx)?;
            made(tx, &record)
        })
        .await
}

/// The row, for an act that must have it.
pub(super) fn held(tx: &mut Tx<'_>, viewer: &Viewer, row: ExpectedId) -> Result<ExpectedRecord, ActError> {
    let (group, record) = lock_row(tx, viewer, row)?;
    unless_open(&group)?;
    let now = tx.now()?;
    queue::may_write(&place(&record)?, viewer.user, now).map_err(refused)?;
    Ok(record)
}

/// Whether the viewer may write on the row now.
pub(super) fn is_held(tx: &mut Tx<'_>, viewer: &Viewer, row: ExpectedId) -> Result<bool, ActError> {
    let (_, record) = load_row(tx, viewer, row)?;
    let now = tx.now()?;
    Ok(queue::may_write(&place(&record)?, viewer.user, now).is_ok())
}
