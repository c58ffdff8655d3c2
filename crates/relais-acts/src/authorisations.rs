//! What the deployment may do only once a paper for it is recorded: to keep and
//! share the classes of S4 (DOMAIN §2.9 rule 7). It is recorded on the command
//! line, by whoever answers for the machine, with the number of the paper and
//! who gave it; the event is chained, and the data-protection officer and the
//! administrator read it on a page.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_mechanism::Role;
use relais_network::ids::derived;
use relais_store::rows::authorisations::{self, AuthorisationRecord};
use relais_store::rows::directory;
use relais_store::{Store, Tx, ids};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::desk::{Desk, Viewer};
use crate::directory::{By, note};
use crate::problem::ActError;

/// The authorisation to keep and share S4.
pub const S4: &str = "s4";

/// Longest number of a paper or name of an authority, in characters.
const LONGEST: usize = 200;

/// One authorisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Authorisation {
    /// Number of the paper.
    pub reference: String,
    /// Authority or officer who gave it.
    pub given_by: String,
    /// Recorded.
    pub recorded_at: DateTime<Utc>,
    /// Ended.
    pub ended_at: Option<DateTime<Utc>>,
}

/// The page of authorisations.
#[derive(Debug, Clone, Serialize)]
pub struct AuthorisationView {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// Whether the classes of S4 may be kept and shared.
    pub s4: bool,
    /// Every authorisation of it, the latest first.
    pub all: Vec<Authorisation>,
}

impl From<AuthorisationRecord> for Authorisation {
    fn from(record: AuthorisationRecord) -> Self {
        Self {
            reference: record.reference,
            given_by: record.given_by,
            recorded_at: record.recorded_at,
            ended_at: record.ended_at,
        }
    }
}

fn stream() -> Uuid {
    derived("stream", "relais", "authorisation")
}

/// The authorisation of S4 in force.
///
/// # Errors
/// When the store fails.
pub fn s4(tx: &mut Tx<'_>) -> Result<Option<AuthorisationRecord>, ActError> {
    let all = authorisations::of_kind(tx, S4)?;
    Ok(all.into_iter().find(|a| a.ended_at.is_none()))
}

/// Records the authorisation of S4.
///
/// # Errors
/// When the number or the authority is missing or too long, or one is in force.
pub fn authorise_s4(store: &Store, reference: &str, given_by: &str, by: By) -> Result<(), ActError> {
    let (reference, given_by) = (reference.trim().to_owned(), given_by.trim().to_owned());
    for (field, text) in [("reference", &reference), ("by", &given_by)] {
        if text.is_empty() || text.chars().count() > LONGEST {
            return Err(ActError::field(
                field,
                "required",
                (
                    "Donnez le numéro de l’acte et qui l’a donné, 200 signes au plus chacun.",
                    "Give the number of the paper and who gave it, 200 characters at most each.",
                ),
            ));
        }
    }
    store.write_blocking(move |tx| -> Result<(), ActError> {
        if let Some(known) = s4(tx)? {
            return Err(ActError::refused(
                "already_authorised",
                (
                    &format!("Les données S4 sont déjà autorisées ({}).", known.reference),
                    &format!("S4 data are authorised already ({}).", known.reference),
                ),
                (
                    "« relais protection end-s4 » met fin à cette autorisation.",
                    "“relais protection end-s4” ends that authorisation.",
                ),
            ));
        }
        let now = tx.now()?;
        let id = ids::new_v7(now);
        AuthorisationRecord {
            id,
            kind: S4.to_owned(),
            reference: reference.clone(),
            given_by: given_by.clone(),
            recorded_at: now,
            ended_at: None,
        }
        .insert(tx)?;
        let facts = json!({ "kind": S4, "reference": reference, "given_by": given_by });
        note(tx, by, stream(), id, "authorised", facts)?;
        // Every process reads it again.
        Ok(directory::directory_changed(tx)?)
    })
}

/// Ends the authorisation of S4: nothing new is shared from now on. What a
/// provider has been granted already stays until its referral ends.
///
/// # Errors
/// When none is in force.
pub fn end_s4(store: &Store, by: By) -> Result<(), ActError> {
    store.write_blocking(move |tx| -> Result<(), ActError> {
        let Some(mut record) = s4(tx)? else {
            return Err(ActError::refused(
                "not_authorised",
                (
                    "Aucune autorisation S4 n’est en vigueur.",
                    "No authorisation of S4 is in force.",
                ),
                ("Rien n’est à faire.", "There is nothing to do."),
            ));
        };
        record.ended_at = Some(tx.now()?);
        record.update(tx)?;
        note(
            tx,
            by,
            stream(),
            record.id,
            "authorisation_ended",
            json!({ "kind": S4 }),
        )?;
        Ok(directory::directory_changed(tx)?)
    })
}

/// Every authorisation of S4, the latest first.
///
/// # Errors
/// When the store fails.
pub fn list(store: &Store) -> Result<Vec<Authorisation>, ActError> {
    store.read_blocking(|tx: &mut Tx<'_>| -> Result<_, ActError> {
        let all = authorisations::of_kind(tx, S4)?;
        Ok(all.into_iter().map(Authorisation::from).collect())
    })
}

/// The page, for whoever answers for the protection of data.
///
/// # Errors
/// [`ActError::Forbidden`] for anybody else.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer) -> Result<AuthorisationView, ActError> {
    if !viewer.is(Role::DataProtectionOfficer) && !viewer.is(Role::Administrator) {
        return Err(ActError::Forbidden { code: "authorisations" });
    }
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let all = authorisations::of_kind(tx, S4)?;
        let view = AuthorisationView {
            now: tx.now()?,
            s4: all.iter().any(|a| a.ended_at.is_none()),
            all: all.into_iter().map(Authorisation::from).collect(),
        };
        Ok((view, Vec::new()))
    })
    .await
}
