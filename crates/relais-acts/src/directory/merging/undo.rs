//! Takes a decision back: both entries are as they were, whole or not at all.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use relais_mechanism::Mechanism;
use relais_network::{Organisation, OrganisationId, Place, Service, ServiceId};
use relais_store::rows::directory as rows;
use relais_store::rows::entries as entry_rows;
use relais_store::rows::imports::{self, ImportRecord};
use relais_store::{StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::super::imports::journal::{self, digest, parsed};
use super::super::imports::{ImportState, Noted};
use super::super::{By, closed, note, stream};
use super::write::Writer;
use super::{APART, MERGE, What, works_in};
use crate::desk::{Desk, Viewer};
use crate::entries::{self, region_of};
use crate::network::Network;
use crate::problem::ActError;
use crate::views::Made;

/// The two entries of a decision, in its figures.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Two {
    #[serde(alias = "one")]
    pub stays: Uuid,
    #[serde(alias = "other")]
    pub goes: Uuid,
}

/// A decision, read.
pub(super) struct Decision {
    pub what: What,
    pub two: Two,
    pub merged: bool,
    pub undone: bool,
}

impl Decision {
    pub fn of(record: &ImportRecord) -> Option<Self> {
        Some(Self {
            what: What::from_code(&record.source)?,
            two: serde_json::from_str(&record.figures).ok()?,
            merged: match record.kind.as_str() {
                MERGE => true,
                APART => false,
                _ => return None,
            },
            undone: record.state == ImportState::Undone.code(),
        })
    }

    /// Whether the viewer works on both entries: as they are, found or not.
    pub fn is_for(&self, network: &Network, viewer: &Viewer) -> bool {
        [self.two.stays, self.two.goes].iter().all(|id| {
            let region = match self.what {
                What::Organisations => network.known(OrganisationId(*id)).map(|o| o.region.as_deref()),
                What::Services => network
                    .services
                    .get(&ServiceId(*id))
                    .filter(|s| !network.is_confidential(s.id))
                    .map(|s| region_of(network, s)),
            };
            region.is_some_and(|region| works_in(viewer, region))
        })
    }

    /// Until when it can be taken back: a merge for some days, that two entries
    /// are two for ever.
    pub fn until(&self, at: DateTime<Utc>, mechanism: &Mechanism) -> Option<DateTime<Utc>> {
        let days = TimeDelta::days(i64::from(mechanism.rules().merge_undo_days));
        self.merged.then(|| at + days)
    }
}

#[derive(Debug, Clone, Serialize)]
struct Undo {
    id: Uuid,
    decision: Uuid,
}

/// Takes a decision back: both entries become what they were before the merge, or
/// are proposed again.
///
/// # Errors
/// [`ActError::NotFound`] for an unknown one; a refusal where it was taken back
/// already, where its time is over, or where an entry was changed since.
pub async fn undo(desk: &Arc<Desk>, viewer: &Viewer, id: Uuid, decision: Uuid) -> Result<Made, ActError> {
    entries::once(desk, viewer, ("entry_part", id), Undo { id, decision }, undo_in).await
}

fn undo_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, command: &Undo) -> Result<Made, ActError> {
    let (mechanism, network) = (desk.mechanism(), desk.network_now(tx)?);
    let record = ImportRecord::find(tx, command.decision)?.ok_or(ActError::NotFound)?;
    let decision = Decision::of(&record).ok_or(ActError::NotFound)?;
    if !decision.is_for(&network, viewer) {
        return Err(ActError::NotFound);
    }
    if decision.undone {
        return Err(ActError::refused(
            "merge_undone",
            ("C’est déjà annulé.", "This is undone already."),
            ("Il n’y a rien à faire.", "There is nothing to do."),
        ));
    }
    let now = tx.now()?;
    if decision.until(record.at, &mechanism).is_some_and(|until| until < now) {
        return Err(ActError::refused(
            "merge_over",
            (
                "Le délai pour annuler cette réunion est passé.",
                "The time in which this merge could be undone is over.",
            ),
            (
                "Créez de nouveau la fiche qui manque, par un import.",
                "Make the missing entry again, by an import.",
            ),
        ));
    }
    let mut writer = Writer {
        journal: None,
        by: Some(viewer.user),
        kind: entries::PARTED,
        written: Vec::new(),
    };
    if decision.merged {
        part(tx, &decision, &record, &mut writer)?;
        rows::directory_changed(tx)?;
    }
    journal::end(tx, command.decision, ImportState::Undone, 0)?;
    let facts = json!({ "decision": command.decision, "written": writer.written });
    note(tx, By::User(viewer.user), stream(), command.id, "entries_parted", facts)?;
    Ok(Made {
        id: command.decision,
        code: String::new(),
        version: 1,
    })
}

fn since() -> ActError {
    ActError::refused(
        "merge_since",
        (
            "Une des fiches a été changée depuis la réunion : on ne peut plus l’annuler d’un geste.",
            "One of the entries was changed since the merge: it can no longer be undone in one go.",
        ),
        (
            "Annulez d’abord ce qui est venu après, ou corrigez les fiches à la main.",
            "First undo what came later, or correct the entries by hand.",
        ),
    )
}

/// Puts every entry back, the last that was written first.
fn part(tx: &mut Tx<'_>, decision: &Decision, record: &ImportRecord, writer: &mut Writer<'_>) -> Result<(), ActError> {
    if decision.what == What::Organisations {
        let sent = entry_rows::sent_since(tx, OrganisationId(decision.two.stays), record.at)?;
        if sent > 0 {
            return Err(ActError::refused(
                "merge_referrals",
                (
                    "Des référencements sont partis depuis vers la fiche réunie.",
                    "Referrals were sent to the merged entry since.",
                ),
                (
                    "Attendez leur fin : ils ne doivent pas changer de prestataire en route.",
                    "Wait until they have ended: they must not change provider on the way.",
                ),
            ));
        }
    }
    let entries = imports::entries_of(tx, record.id)?;
    // What is written twice is as the last writing left it.
    let mut seen = Vec::new();
    for entry in &entries {
        if !seen.contains(&entry.entry_id) {
            seen.push(entry.entry_id);
            let noted: Noted = parsed(&closed::text(tx, entry)?)?;
            if digest(&journal::as_it_is(tx, entry)?) != noted.after {
                return Err(since());
            }
        }
    }
    for entry in entries {
        let noted: Noted = parsed(&closed::text(tx, &entry)?)?;
        let before = noted
            .before
            .ok_or_else(|| StoreError::Schema("merge: an entry that was not there".to_owned()))?;
        match entry.kind.as_str() {
            journal::ORGANISATION => writer.organisation(tx, &parsed::<Organisation>(&before)?)?,
            journal::PLACE => writer.place(tx, &parsed::<Place>(&before)?)?,
            _ => writer.service(tx, &parsed::<Service>(&before)?)?,
        }
        let mut undone = entry;
        undone.undone = true;
        undone.update(tx)?;
    }
    Ok(())
}
