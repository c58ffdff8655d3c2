//! Who receives what the secretariat must not see, named by the deployment.

use std::collections::BTreeSet;

use relais_casework::complaint::{Listed, RECIPIENTS, complete, eligible, offices, ready};
use relais_mechanism::Role;
use relais_network::OrganisationId;
use relais_network::ids::derived;
use relais_store::rows::accounts::{self, UserRecord};
use relais_store::rows::complaints::{self as rows, RecipientRecord};
use relais_store::rows::directory::OrganisationRecord;
use relais_store::{Store, StoreError, Tx, chain};
use serde::Serialize;
use serde_json::json;

use super::{Complaint, fall_due, readers};
use crate::directory::{By, note};
use crate::file::is_erased;
use crate::problem::ActError;

/// A recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Sign-in name.
    pub login: String,
    /// Name on screen.
    pub display_name: String,
    /// Code of the organisation.
    pub organisation: String,
    /// List.
    pub list: Listed,
    /// Order.
    pub rank: u32,
    /// Whether complaints reach them: the account is open and fit.
    pub fit: bool,
}

fn refuse(code: &str, login: &str, fr: &str, en: &str, do_fr: &str, do_en: &str) -> ActError {
    ActError::refused(
        code,
        (&format!("{login} : {fr}"), &format!("{login}: {en}")),
        (do_fr, do_en),
    )
}

/// Names the recipients, in place of those named before. Complaints that
/// waited for them reach them at once.
///
/// # Errors
/// Fewer than two for abuse, two of one organisation, somebody of the
/// secretariat's organisation, an administrator, an account without the role.
pub fn set(store: &Store, outside: Vec<String>, committee: Vec<String>, by: By) -> Result<usize, ActError> {
    store.write_blocking(move |tx: &mut Tx<'_>| -> Result<usize, ActError> {
        let now = tx.now()?;
        if outside.len() < RECIPIENTS {
            return Err(ActError::refused(
                "too_few_recipients",
                (
                    "Il faut deux destinataires au moins pour l’exploitation et les abus sexuels.",
                    "Sexual exploitation and abuse needs two recipients at least.",
                ),
                (
                    "Donnez deux comptes de deux organisations : --outside A,B.",
                    "Give two accounts of two organisations: --outside A,B.",
                ),
            ));
        }
        let offices = offices(&readers(tx)?);
        rows::forget_recipients(tx)?;
        let mut organisations: BTreeSet<OrganisationId> = BTreeSet::new();
        for (list, logins) in [(Listed::Outside, &outside), (Listed::Committee, &committee)] {
            for (at, login) in logins.iter().enumerate() {
                let user = fit(tx, login, &offices)?;
                // One complaint about their organisation must not leave nobody.
                if list == Listed::Outside && !organisations.insert(user.organisation_id) {
                    return Err(refuse(
                        "same_organisation",
                        login,
                        "les destinataires doivent être d’organisations différentes.",
                        "the recipients must be of different organisations.",
                        "Une plainte contre cette organisation n’aurait plus de destinataire.",
                        "A complaint about this organisation would have no recipient left.",
                    ));
                }
                let named = RecipientRecord {
                    user_id: user.id,
                    list: list.code().to_owned(),
                    rank: u32::try_from(at + 1).unwrap_or(u32::MAX),
                    set_at: now,
                };
                named.insert(tx).map_err(|error| {
                    if error.is_duplicate() {
                        refuse(
                            "named_twice",
                            login,
                            "nommé deux fois.",
                            "named twice.",
                            "Chaque compte figure sur une seule liste.",
                            "Each account stands on one list only.",
                        )
                    } else {
                        error.into()
                    }
                })?;
            }
        }
        let facts = json!({ "outside": outside.len(), "committee": committee.len() });
        note(
            tx,
            by,
            derived("stream", "complaint_recipients", ""),
            derived("stream", "complaint_recipients", "set"),
            "complaint_recipients_set",
            facts,
        )?;
        deliver(tx)?;
        Ok(outside.len() + committee.len())
    })
}

fn fit(tx: &mut Tx<'_>, login: &str, offices: &BTreeSet<OrganisationId>) -> Result<UserRecord, ActError> {
    let user = accounts::user_by_login(tx, login)?
        .filter(|u| u.active)
        .ok_or_else(|| {
            refuse(
                "unknown_user",
                login,
                "aucun compte ouvert.",
                "no open account.",
                "« relais user list » donne les comptes.",
                "“relais user list” gives the accounts.",
            )
        })?;
    let has = |role: Role| user.roles.split(',').any(|r| r == role.code());
    if !has(Role::ComplaintRecipient) {
        return Err(refuse(
            "no_role",
            login,
            "n’a pas le rôle complaint_recipient.",
            "does not have the role complaint_recipient.",
            "Ouvrez-lui un compte avec ce rôle : « relais user add … --role complaint_recipient ».",
            "Open an account with this role: “relais user add … --role complaint_recipient”.",
        ));
    }
    let powers = [Role::Secretariat, Role::SecretariatSupervisor, Role::Administrator];
    if powers.into_iter().any(has) || offices.contains(&user.organisation_id) {
        return Err(refuse(
            "not_outside",
            login,
            "est du secrétariat, de son organisation, ou administrateur.",
            "is of the secretariat, of its organisation, or an administrator.",
            "Nommez quelqu’un d’une autre organisation : réseau PEAS, CDHC, OIM sont possibles [K].",
            "Name somebody of another organisation: the PSEA network, CDHC, IOM are possible [K].",
        ));
    }
    Ok(user)
}

/// Complaints that waited for recipients reach them.
fn deliver(tx: &mut Tx<'_>) -> Result<(), ActError> {
    let (now, readers, sealer) = (tx.now()?, readers(tx)?, tx.sealer());
    for record in rows::open(tx)? {
        let mut head = chain::lock(tx, record.id.0)?;
        let id = record.id;
        let mut complaint = match Complaint::of(&sealer, record) {
            Err(error) if is_erased(&error) => continue,
            complaint => complaint?,
        };
        let detail = &mut complaint.detail;
        if let Some(routing) = complete(&detail.routing, &detail.concerned, &readers) {
            detail.reroute(routing, now);
            complaint.write(tx)?;
        }
        fall_due(tx, &mut head, id, complaint.record.slot, "recipients_set")?;
    }
    Ok(())
}

/// The recipients named.
///
/// # Errors
/// When the store fails.
pub fn names(store: &Store) -> Result<Vec<Named>, ActError> {
    store.read_blocking(|tx: &mut Tx<'_>| -> Result<Vec<Named>, ActError> {
        let readers = readers(tx)?;
        let none = BTreeSet::new();
        let fit: BTreeSet<_> = Listed::ALL
            .iter()
            .flat_map(|list| eligible(*list, &none, &readers))
            .collect();
        let mut named = Vec::new();
        for record in rows::recipients(tx)? {
            let Some(user) = UserRecord::find(tx, record.user_id)? else {
                continue;
            };
            let organisation = OrganisationRecord::find(tx, user.organisation_id)?;
            named.push(Named {
                login: user.login,
                display_name: user.display_name,
                organisation: organisation.map(|o| o.code).unwrap_or_default(),
                list: Listed::from_code(&record.list)
                    .ok_or_else(|| StoreError::Schema(format!("complaint_recipient.list {}", record.list)))?,
                rank: record.rank,
                fit: fit.contains(&record.user_id),
            });
        }
        Ok(named)
    })
}

/// Whether complaints of abuse lack the two recipients that they need.
///
/// # Errors
/// When the store fails.
pub fn missing(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    Ok(!ready(&readers(tx)?))
}
