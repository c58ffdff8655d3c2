//! Two files of one person, joined and taken apart again (decision 0012).
//!
//! The younger points to the older; no row is moved, no key changed, no grant
//! made: each file stays with its own needs, referrals, consents and holder, and
//! whoever saw one of them sees as much as before. That is why it can be taken
//! back without loss, whatever was done in between.

use std::sync::Arc;

use relais_casework::duplicates::asking::Answer;
use relais_casework::duplicates::joining::{self, JoinRefusal, Side};
use relais_casework::visible::{View, visible};
use relais_mechanism::{ActingFor, Role};
use relais_network::CaseId;
use relais_store::Tx;
use relais_store::rows::same::{self, JoinedRecord};
use serde_json::json;

use super::ask::{lock_both, said_between};
use crate::commands::JoinCases;
use crate::desk::{Desk, Viewer};
use crate::file::CaseFile;
use crate::needs::may_write;
use crate::network::Network;
use crate::problem::ActError;
use crate::views::Made;
use crate::write::{self, Doer, Stream};

fn refused(refusal: JoinRefusal) -> ActError {
    let (why, remedy) = refusal.says();
    ActError::Refused {
        code: refusal.code().to_owned(),
        why,
        remedy,
    }
}

fn side(tx: &mut Tx<'_>, file: &CaseFile) -> Result<Side, ActError> {
    let case = file.record.id;
    Ok(Side {
        case,
        seq: file.seq,
        holder: file.record.holder_id,
        ended: file.record.state == "ended",
        into: JoinedRecord::find(tx, case)?.map(|j| j.into_id),
        has_joined: !same::joined_into(tx, case)?.is_empty(),
    })
}

/// A case that the viewer works on; for anybody else it is not there.
fn worked(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, case: CaseId) -> Result<CaseFile, ActError> {
    let (file, view, _) = CaseFile::load_for(tx, desk, viewer, case)?;
    if matches!(may_write(&view, &file, viewer), Err(ActError::Forbidden { .. })) || file.is_protected() {
        return Err(ActError::NotFound);
    }
    Ok(file)
}

fn supervises(viewer: &Viewer) -> Result<(), ActError> {
    if viewer.is(Role::Supervisor) {
        Ok(())
    } else {
        Err(ActError::refused(
            "join_by_supervisor",
            (
                "Réunir deux dossiers, ou les séparer, revient au superviseur.",
                "Joining two cases, or taking them apart, is for the supervisor.",
            ),
            (
                "Demandez à votre superviseur d’ouvrir ce dossier.",
                "Ask your supervisor to open this case.",
            ),
        ))
    }
}

/// A case that is not there, or not for this viewer: the two answer alike.
fn unknown() -> ActError {
    ActError::field(
        "other",
        "unknown_option",
        ("Choisissez un dossier que vous voyez.", "Choose a case that you see."),
    )
}

/// Both files, the older first, where the rule lets them be joined.
fn both(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    other: CaseId,
) -> Result<(CaseFile, CaseFile), ActError> {
    let own = worked(tx, desk, viewer, case)?;
    supervises(viewer)?;
    let network = desk.network_now(tx)?;
    let file = CaseFile::load(tx, other)?
        .filter(|f| !f.is_protected())
        .ok_or_else(unknown)?;
    let said = said_between(tx, &own.record, &file.record)?;
    // A file that the viewer neither holds nor got a yes for is not there.
    let now = tx.now()?;
    let sees = visible(&file.facts(), &viewer.sight(&network), now);
    if said != Some(Answer::Yes) && !matches!(sees, View::File { .. }) {
        return Err(unknown());
    }
    let (a, b) = (side(tx, &own)?, side(tx, &file)?);
    let (older, _) = joining::join(&a, &b, said).map_err(refused)?;
    if older.case == own.record.id {
        Ok((own, file))
    } else {
        Ok((file, own))
    }
}

/// A supervisor joins two files of one person.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Refused`].
pub async fn join(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: JoinCases) -> Result<Made, ActError> {
    let (other, id) = (CaseId(command.other), command.id);
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "join", id, &(case, other), |tx| {
                lock_both(tx, case, other)?;
                let (older, younger) = both(tx, &desk_, &viewer, case, other)?;
                let now = tx.now()?;
                JoinedRecord {
                    case_id: younger.record.id,
                    into_id: older.record.id,
                    by_user: viewer.user,
                    at: now,
                }
                .insert(tx)?;
                events(tx, &desk_, &viewer, &older, &younger, "joined")?;
                Ok(Made {
                    id,
                    code: String::new(),
                    version: older.record.version,
                })
            })
        })
        .await
}

/// A supervisor of one of the two takes them apart again.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Refused`] where they are not joined or
/// thirty days are over.
pub async fn separate(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: JoinCases) -> Result<Made, ActError> {
    let (other, id) = (CaseId(command.other), command.id);
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "separate", id, &(case, other), |tx| {
                lock_both(tx, case, other)?;
                let own = worked(tx, &desk_, &viewer, case)?;
                supervises(&viewer)?;
                let joined = match JoinedRecord::find(tx, case)?.filter(|j| j.into_id == other) {
                    Some(joined) => Some(joined),
                    None => JoinedRecord::find(tx, other)?.filter(|j| j.into_id == case),
                };
                let now = tx.now()?;
                joining::undo(joined.as_ref().map(|j| j.at), now).map_err(refused)?;
                let joined = joined.ok_or_else(|| refused(JoinRefusal::NotJoined))?;
                same::separate(tx, joined.case_id)?;
                if let Some(file) = CaseFile::load(tx, other)? {
                    let (older, younger) = if joined.case_id == case {
                        (&file, &own)
                    } else {
                        (&own, &file)
                    };
                    events(tx, &desk_, &viewer, older, younger, "separated")?;
                }
                Ok(Made {
                    id,
                    code: String::new(),
                    version: own.record.version,
                })
            })
        })
        .await
}

/// The same event on both chains, each naming the other.
fn events(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    older: &CaseFile,
    younger: &CaseFile,
    kind: &str,
) -> Result<(), ActError> {
    let (now, mechanism) = (tx.now()?, desk.mechanism());
    let mut both = [(older, younger, "stays"), (younger, older, "points")];
    both.sort_by_key(|(file, ..)| file.record.id);
    for (file, other, is) in both {
        if file.erased {
            continue;
        }
        let doer = Doer::of(viewer, ActingFor::Sender);
        let mut stream = Stream::lock(tx, file.record.id, file.record.slot, doer, mechanism.hash())?;
        let facts = json!({ "other": other.record.id, "is": is });
        stream.add(tx, file.record.id.0, kind, &facts, now, "")?;
    }
    Ok(())
}

/// A file goes into the protected circuit: it stands joined with none (decision
/// 0012), and neither chain says with which it was.
///
/// # Errors
/// When the store fails.
pub fn leave_all(tx: &mut Tx<'_>, file: &CaseFile, stream: &mut Stream<'_>) -> Result<(), ActError> {
    let case = file.record.id;
    if same::leave_all(tx, case)? > 0 {
        let now = tx.now()?;
        stream.add(tx, case.0, "separated", &json!({}), now, "")?;
    }
    Ok(())
}

/// The files joined with this one, itself left out, as far as they are there.
///
/// # Errors
/// When the store fails.
pub fn joined_cases(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<CaseId>, ActError> {
    let into = JoinedRecord::find(tx, case)?.map(|j| j.into_id);
    let root = into.unwrap_or(case);
    let mut all: Vec<CaseId> = same::joined_into(tx, root)?.iter().map(|j| j.case_id).collect();
    all.push(root);
    all.retain(|c| *c != case);
    Ok(all)
}

/// New needs are recorded in the file that stays, for whoever may write in both;
/// for anybody else the younger goes on taking them, so that nobody is left
/// without.
///
/// # Errors
/// A refusal that says where to write.
pub fn stays_elsewhere(tx: &mut Tx<'_>, viewer: &Viewer, network: &Network, file: &CaseFile) -> Result<(), ActError> {
    let Some(joined) = JoinedRecord::find(tx, file.record.id)? else {
        return Ok(());
    };
    let Some(older) = CaseFile::load(tx, joined.into_id)? else {
        return Ok(());
    };
    let view = visible(&older.facts(), &viewer.sight(network), tx.now()?);
    if older.record.holder_id != file.record.holder_id || may_write(&view, &older, viewer).is_err() {
        return Ok(());
    }
    Err(ActError::refused(
        "case_joined",
        (
            "Ce dossier est réuni à un dossier plus ancien de la même personne.",
            "This case is joined to an older one of the same person.",
        ),
        (
            "Notez le nouveau besoin dans le dossier le plus ancien : le lien est en haut de la page.",
            "Record the new need in the older case: the link is at the top of the page.",
        ),
    ))
}
