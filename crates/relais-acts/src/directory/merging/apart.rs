//! Two entries are two: they are not proposed again.

use std::collections::HashSet;
use std::sync::Arc;

use relais_network::same::Pair;
use relais_store::Tx;
use relais_store::rows::imports::{self, ImportRecord};
use serde_json::json;

use super::super::imports::ImportState;
use super::super::imports::journal::{self, Journal};
use super::super::{By, note, stream};
use super::undo::Decision;
use super::{APART, KeepApart, both};
use crate::desk::{Desk, Viewer};
use crate::entries;
use crate::problem::ActError;
use crate::views::Made;

/// Says that two entries are not the same.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not keep both.
pub async fn apart(desk: &Arc<Desk>, viewer: &Viewer, command: KeepApart) -> Result<Made, ActError> {
    let id = command.id;
    entries::once(desk, viewer, ("entry_apart", id), command, apart_in).await
}

fn apart_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, command: &KeepApart) -> Result<Made, ActError> {
    let (mechanism, network) = (desk.mechanism(), desk.network_now(tx)?);
    both(&network, &mechanism, viewer, command.what, [command.one, command.other])?;
    let made = Made {
        id: command.id,
        code: String::new(),
        version: 1,
    };
    // Said before, perhaps by somebody else.
    if kept_apart(&imports::decisions(tx)?).contains(&command.what.pair(command.one, command.other)) {
        return Ok(made);
    }
    let facts = json!({ "one": command.one, "other": command.other });
    let journal = Journal {
        import: command.id,
        by: By::User(viewer.user),
        kind: APART,
        source: command.what.code().to_owned(),
        figures: facts.clone(),
    };
    journal.begin(tx)?;
    journal::end(tx, command.id, ImportState::Done, 0)?;
    note(tx, journal.by, stream(), command.id, "entries_apart", facts)?;
    Ok(made)
}

/// The pairs of which somebody said that they are two.
pub(super) fn kept_apart(decisions: &[ImportRecord]) -> HashSet<Pair> {
    decisions
        .iter()
        .filter_map(Decision::of)
        .filter(|d| !d.merged && !d.undone)
        .map(|d| d.what.pair(d.two.stays, d.two.goes))
        .collect()
}
