//! The end of an arrival: whoever did not come is not kept. Rows are emptied
//! in the unit of work; then their keys are erased, which closes yesterday's
//! backup too. Erasing comes last and may be done twice, so that a crash in
//! between is mended by doing it again.

use std::sync::Arc;

use chrono::TimeDelta;
use relais_network::GroupId;
use relais_store::Tx;
use relais_store::rows::groups::{self as rows, GroupRecord};

use super::{RowState, lock};
use crate::desk::{Desk, Viewer};
use crate::problem::ActError;
use crate::views::Made;

/// Due work: the uploaded list is forgotten.
pub(crate) const LIST: &str = "group_list";
pub(super) const LIST_KIND: &str = "group_list@100";
/// Due work: whoever did not come is erased.
pub(crate) const END: &str = "group_end";
pub(super) const END_KIND: &str = "group_end@100";

/// How long a list is kept of which nobody makes a queue.
pub(super) const LIST_KEPT: TimeDelta = TimeDelta::hours(24);

/// Days after the announced day for which a person may still come; then the
/// row is erased. A missed flight is followed by another within two weeks, or
/// by a new list.
pub const KEPT_DAYS: u64 = 14;

/// Forgets the uploaded list; whether there was one.
pub(crate) fn list_due(tx: &mut Tx<'_>, id: GroupId) -> Result<bool, ActError> {
    if !rows::lock(tx, id)? {
        return Ok(false);
    }
    let Some(mut group) = GroupRecord::find(tx, id)? else {
        return Ok(false);
    };
    let slot = group.slot;
    let there = !group.list.is_empty();
    if group.state == "draft" {
        // A new list gets a new key.
        group.slot = tx.new_slot()?;
    }
    group.list = Vec::new();
    group.update(tx)?;
    tx.sealer()
        .keyring()
        .erase(slot)
        .map_err(relais_store::StoreError::from)?;
    Ok(there)
}

/// Erases whoever did not come; whether anybody was left.
pub(crate) fn end_due(tx: &mut Tx<'_>, id: GroupId) -> Result<bool, ActError> {
    if !rows::lock(tx, id)? {
        return Ok(false);
    }
    let Some(mut group) = GroupRecord::find(tx, id)? else {
        return Ok(false);
    };
    let now = tx.now()?;
    let mut slots = Vec::new();
    for mut row in rows::rows_of(tx, id)? {
        match RowState::from_code(&row.state) {
            Some(RowState::Registered) => {}
            // Erased before: its key goes again, in case the last time ended halfway.
            Some(RowState::Erased) => slots.push(row.slot),
            _ => {
                slots.push(row.slot);
                RowState::Erased.code().clone_into(&mut row.state);
                (row.person, row.typed) = (Vec::new(), Vec::new());
                (row.officer_id, row.until_at) = (None, None);
                row.version += 1;
                row.update(tx)?;
            }
        }
    }
    "closed".clone_into(&mut group.state);
    group.closed_at.get_or_insert(now);
    group.update(tx)?;
    let keys = tx.sealer();
    for slot in &slots {
        keys.keyring().erase(*slot).map_err(relais_store::StoreError::from)?;
    }
    Ok(!slots.is_empty())
}

/// Closes the arrival: whoever waits did not come. They may still be taken
/// until they are erased.
///
/// # Errors
/// [`ActError::NotFound`]; a refusal while an officer has a row.
pub async fn close(desk: &Arc<Desk>, viewer: &Viewer, group: GroupId) -> Result<Made, ActError> {
    let viewer = viewer.clone();
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            let mut record = lock(tx, &viewer, group)?;
            super::unless_open(&record)?;
            let now = tx.now()?;
            let all = rows::rows_of(tx, group)?;
            for row in &all {
                let place = super::place(row)?;
                if row.state == RowState::Taken.code() && !place.is_free(now) {
                    return Err(ActError::refused(
                        "rows_taken",
                        (
                            "Des personnes sont en cours d’enregistrement.",
                            "Persons are being registered.",
                        ),
                        (
                            "Attendez la fin, ou dix minutes sans saisie.",
                            "Wait until that is done, or ten minutes without typing.",
                        ),
                    ));
                }
            }
            for mut row in all {
                if matches!(
                    RowState::from_code(&row.state),
                    Some(RowState::Waiting | RowState::Taken)
                ) {
                    RowState::Absent.code().clone_into(&mut row.state);
                    (row.officer_id, row.until_at) = (None, None);
                    row.version += 1;
                    row.update(tx)?;
                }
            }
            "closed".clone_into(&mut record.state);
            record.closed_at.get_or_insert(now);
            record.update(tx)?;
            Ok(Made {
                id: group.0,
                code: rows::seq(tx, group)?.to_string(),
                version: record.version,
            })
        })
        .await
}
