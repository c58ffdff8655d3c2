//! The closure of a case on which nothing waits any more.

use std::sync::Arc;

use relais_mechanism::{ActingFor, Label, Lang};
use relais_network::CaseId;
use relais_store::Tx;
use relais_store::rows::cases::{self, CaseRecord};
use serde_json::json;

use crate::codes::case_code;
use crate::commands::CloseCase;
use crate::desk::{Desk, Viewer};
use crate::file::CaseFile;
use crate::needs::may_write;
use crate::problem::ActError;
use crate::say::label;
use crate::transfers;
use crate::views::Made;
use crate::write::{self, Doer, Stream};

/// Why a case cannot be closed now, if it cannot.
pub(super) fn close_blocked(file: &CaseFile, transfer_waits: bool) -> Option<Label> {
    if file.record.state != "open" {
        Some(label("Ce dossier n’est plus ouvert.", "This case is no longer open."))
    } else if file.referrals.iter().any(|r| !r.machine.state.is_terminal()) {
        Some(label(
            "Un référencement attend encore : menez-le à sa fin ou annulez-le.",
            "A referral is still waiting: bring it to its end or cancel it.",
        ))
    } else if transfer_waits {
        Some(label(
            "Un transfert attend une réponse : attendez-la ou annulez la proposition.",
            "A transfer is waiting for an answer: wait for it or cancel the proposal.",
        ))
    } else if file.needs.iter().any(|n| n.detail.machine.state.is_live()) {
        Some(label(
            "Un besoin n’a pas de réponse : trouvez un service ou notez-le non couvert.",
            "A need has no answer: find a service or record it as unmet.",
        ))
    } else {
        None
    }
}

/// Closes a case on which nothing waits any more.
///
/// # Errors
/// [`ActError::Refused`] while something waits, [`ActError::Stale`].
pub async fn close(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: CloseCase) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "close", command.id, &(case, &command), |tx| {
                close_in(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

fn close_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &CloseCase,
) -> Result<Made, ActError> {
    // Locked first, which counts the version up by one.
    cases::lock_case(tx, case)?;
    let (mut file, view, _) = CaseFile::load_for(tx, desk, viewer, case)?;
    may_write(&view, &file, viewer)?;
    file.unless_stale(command.version)?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    if mechanism
        .option_label("closure_reason", &command.reason, Lang::Fr)
        .is_none()
    {
        return Err(ActError::field(
            "reason",
            "unknown_option",
            ("Choisissez un motif de la liste.", "Choose a reason from the list."),
        ));
    }
    if let Some(why) = close_blocked(&file, transfers::waiting(tx, case)?.is_some()) {
        return Err(ActError::Refused {
            code: "case_waits".to_owned(),
            why,
            remedy: label(
                "Réglez d’abord ce qui attend, puis revenez ici.",
                "Settle what waits first, then come back here.",
            ),
        });
    }
    let now = tx.now()?;
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, file.record.slot, doer, mechanism.hash())?;
    crate::handovers::withdraw_standing(tx, &mut file)?;
    let record = CaseRecord {
        state: "closed".to_owned(),
        closed_at: Some(now),
        close_reason: Some(command.reason.clone()),
        ..file.record.clone()
    };
    record.update(tx)?;
    crate::plan::silence(tx, case)?;
    stream.add(tx, case.0, "case_closed", &json!({ "reason": command.reason }), now, "")?;
    write::count(tx, &file, &file.record.region, "all", "cases_closed")?;
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version: record.version,
    })
}
