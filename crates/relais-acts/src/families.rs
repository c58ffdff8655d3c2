//! Family links: each person has an own file and an own consent. A link says
//! that both are of one family and nothing else; it is never a ground for
//! seeing the other file. Breaking it hides each from the other at once and
//! tells nobody (DOMAIN §2.5).

use std::sync::Arc;

use relais_casework::visible::visible;
use relais_mechanism::ActingFor;
use relais_network::CaseId;
use relais_store::Tx;
use relais_store::rows::{cases, families as rows};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::file::CaseFile;
use crate::needs::may_write;
use crate::problem::ActError;
use crate::views::Made;
use crate::write::{self, Doer, Stream};

/// Break the family links of a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakFamily {
    /// Id of the act, made by its maker.
    pub id: Uuid,
}

/// A member of the same family whose file the viewer sees by the rules for
/// files alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FamilyMember {
    /// Case.
    pub case_id: CaseId,
    /// Code.
    pub case_code: String,
    /// Initials.
    pub initials: String,
}

/// Notes that the person agreed to the family link, in a unit of work that
/// holds the case.
///
/// # Errors
/// When the store fails.
pub(crate) fn join(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    case: CaseId,
    family: Uuid,
    mechanism: &str,
) -> Result<(), ActError> {
    let now = tx.now()?;
    if !rows::add(tx, family, case, now, viewer.user)? {
        return Ok(());
    }
    let slot = cases::CaseRecord::find(tx, case)?.ok_or(ActError::NotFound)?.slot;
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, slot, doer, mechanism)?;
    // The event does not say which family: the history of one file never leads to another.
    Ok(stream.add(tx, case.0, "family_noted", &json!({}), now, "")?)
}

/// Breaks every family link of a case. The other files are told nothing.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Forbidden`]; a refusal when the case is
/// not open.
pub async fn leave(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: BreakFamily) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "family_broken", command.id, &(case, &command), |tx| {
                if !cases::lock_case(tx, case)? {
                    return Err(ActError::NotFound);
                }
                let (file, view, _) = CaseFile::load_for(tx, &desk_, &viewer, case)?;
                may_write(&view, &file, &viewer)?;
                let now = tx.now()?;
                if rows::leave(tx, case, now, viewer.user)? > 0 {
                    let mechanism = file.record.mechanism_hash.clone();
                    let doer = Doer::of(&viewer, ActingFor::Sender);
                    let mut stream = Stream::lock(tx, case, file.record.slot, doer, &mechanism)?;
                    stream.add(tx, case.0, "family_broken", &json!({}), now, "")?;
                }
                Ok(Made {
                    id: case.0,
                    code: case_code(&desk_.mechanism(), file.seq),
                    version: file.record.version,
                })
            })
        })
        .await
}

/// The family of a case, where the person's own link stands: those other
/// members whose link stands too and whose whole file the viewer sees anyway.
/// Whether there are others changes nothing on the page, so that a link broken
/// on the other side is not noticed.
///
/// # Errors
/// When the store fails.
pub(crate) fn of_case(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
) -> Result<Option<Vec<FamilyMember>>, ActError> {
    if rows::of(tx, case)?.is_empty() {
        return Ok(None);
    }
    let relatives = rows::relatives(tx, case)?;
    let network = desk.network_now(tx)?;
    let now = tx.now()?;
    let mut members = Vec::new();
    for relative in relatives {
        let Some(file) = CaseFile::load(tx, relative)? else {
            continue;
        };
        let sight = visible(&file.facts(), &viewer.sight(&network), now);
        if sight.is_whole() {
            let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
            members.push(FamilyMember {
                case_id: relative,
                case_code: case_code(&mechanism, file.seq),
                initials: file.card.initials,
            });
        }
    }
    Ok(Some(members))
}
