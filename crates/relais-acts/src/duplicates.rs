//! Duplicates: whether somebody is known already (DOMAIN §2.5). The system
//! says "perhaps", a person decides.
//!
//! - [`search`]: filed at registration, looked for, compared.
//! - [`check`]: a name check: rationed, logged, and what it found kept sealed.
//! - [`tell`]: what a viewer is told of it.
//! - [`ask`]: the question to the holder of another file.
//! - [`join`]: two files of one person, joined and taken apart.

use std::sync::Arc;

use relais_network::CaseId;

use crate::commands::ActOnPerhaps;
use crate::desk::{Desk, Viewer};
use crate::problem::ActError;
use crate::views::Made;

mod ask;
mod check;
mod join;
mod search;
mod tell;

pub use ask::{DUE, answer, asked_of_team, due, follow, lapse_of, view as asked};
pub use check::{check, keep, look_before};
pub use join::{join, joined_cases, leave_all, separate, stays_elsewhere};
pub use search::{Found, file_person, look, particulars};
pub use tell::{AskRow, AskedRow, AskedView, Checked, JoinedRow, Perhaps, PerhapsRow, of_case};

/// What is done about who may be the same person: look again, ask the holder
/// of a file elsewhere, decide that one found is of somebody else.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Invalid`], [`ActError::Refused`].
pub async fn act(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: ActOnPerhaps) -> Result<Made, ActError> {
    match (command.command.as_str(), command.other) {
        ("look", _) => check::look_again(desk, viewer, case, command.id).await,
        ("ask", _) => ask::ask(desk, viewer, case, command.id).await,
        ("not_same", Some(other)) => check::dismiss(desk, viewer, case, CaseId(other), command.id).await,
        _ => {
            // Whoever may not see the case learns nothing of what is wrong with the command.
            check::seen(desk, viewer, case).await?;
            Err(ActError::field(
                "command",
                "unknown_option",
                (
                    "Choisissez chercher, demander ou « pas la même personne ».",
                    "Choose look, ask or “not the same person”.",
                ),
            ))
        }
    }
}
