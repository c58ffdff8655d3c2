//! Who works on a case inside the organisation that holds it: handed to a
//! colleague with a note, taken over by a supervisor, claimed where nobody
//! works on it. The organisation keeps every wait throughout.

use std::sync::Arc;

use relais_casework::grant;
use relais_casework::visible::may_claim;
use relais_mechanism::{ActingFor, Role};
use relais_network::{CaseId, GrantId, OrganisationId, UserId};
use relais_store::rows::accounts::{self, UserRecord};
use relais_store::rows::cases::{self, CaseRecord};
use relais_store::rows::transfers as rows;
use relais_store::{StoreError, Tx, chain, ids};
use serde_json::json;

use crate::accounts::roles_of;
use crate::case::clock;
use crate::codes::case_code;
use crate::commands::{AssignCase, ClaimCase};
use crate::desk::{Desk, Viewer};
use crate::file::CaseFile;
use crate::needs::may_write;
use crate::network::Network;
use crate::problem::ActError;
use crate::protection;
use crate::share;
use crate::shelter::Names;
use crate::views::{AssignView, Handover, Made, UnclaimedRow};
use crate::write::{self, Doer, Stream};

/// Longest words of a hand-over, in characters.
pub const WORDS: usize = 500;
/// Unclaimed cases that a day shows at most.
const ROWS: i64 = 50;

/// Checks the length of words of hand-over.
///
/// # Errors
/// [`ActError::Invalid`] when they are too long.
pub fn words(field: &str, text: &str) -> Result<String, ActError> {
    let text = text.trim();
    ActError::unless_within(field, text, WORDS)?;
    Ok(text.to_owned())
}

/// Whether the account may work on cases of the organisation.
pub(crate) fn works_for(user: &UserRecord, organisation: OrganisationId) -> bool {
    let roles = roles_of(&user.roles);
    user.active
        && user.organisation_id == organisation
        && (roles.contains(&Role::CaseManager) || roles.contains(&Role::Supervisor))
}

/// Who of an organisation may be put on this case, or on cases at all:
/// (user, name, is the viewer).
///
/// # Errors
/// When the store fails.
pub fn staff(
    tx: &mut Tx<'_>,
    file: Option<&CaseFile>,
    organisation: OrganisationId,
    viewer: &Viewer,
) -> Result<Vec<(UserId, String, bool)>, ActError> {
    let protected = file.is_some_and(CaseFile::is_protected);
    Ok(accounts::users_of(tx, organisation)?
        .into_iter()
        .filter(|u| works_for(u, organisation) && !(protected && protection::of_office(u)))
        .map(|u| (u.id, u.display_name, u.id == viewer.user))
        .collect())
}

/// The member of staff who is to work on a case of this organisation.
///
/// # Errors
/// [`ActError::Invalid`] when it is nobody there.
pub fn member(tx: &mut Tx<'_>, organisation: OrganisationId, user: UserId) -> Result<UserRecord, ActError> {
    UserRecord::find(tx, user)?
        .filter(|u| works_for(u, organisation))
        .ok_or_else(|| {
            ActError::field(
                "to",
                "not_staff",
                (
                    "Choisissez une personne de votre organisation qui suit des dossiers.",
                    "Choose somebody of your organisation who works on cases.",
                ),
            )
        })
}

/// Puts a member of staff on the case in place of whoever was on it: the row,
/// the grants and the notice, in the caller's unit of work.
///
/// # Errors
/// [`ActError::Refused`] in the protected circuit for whoever is of the office
/// too; when the store fails.
pub fn put(tx: &mut Tx<'_>, file: &mut CaseFile, user: &UserRecord) -> Result<(), ActError> {
    if file.is_protected() && protection::of_office(user) {
        return Err(protection::office_cannot_hold());
    }
    let now = tx.now()?;
    let (case, holder) = (file.record.id, file.record.holder_id);
    // What one shift offered another is over: it would take the case from this one.
    crate::handovers::withdraw_standing(tx, file)?;
    if let Some(before) = file.record.assigned_user_id {
        let closings = grant::on_unassignment(&file.grants, case, before, now);
        write::close_grants(tx, &closings)?;
        grant::apply(&mut file.grants, &closings);
    }
    let granted = grant::on_taking(
        || GrantId(ids::new_v7(now)),
        &file.grants,
        case,
        user.id,
        holder,
        user.trained,
        now,
    );
    for grant in &granted {
        write::grant(tx, file.record.slot, grant)?;
    }
    file.grants.extend(granted);
    file.record = CaseRecord {
        assigned_user_id: Some(user.id),
        ..file.record.clone()
    };
    file.record.update(tx)?;
    write::notice(tx, "case_assigned", Some(holder), Role::CaseManager, case.0)?;
    Ok(())
}

/// The page "hand the case to a colleague".
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Forbidden`].
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId) -> Result<AssignView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, _) = CaseFile::load_for(tx, &desk_, &viewer_, case)?;
        may_write(&sight, &file, &viewer_)?;
        let mechanism = desk_.version(tx, &file.record.mechanism_hash)?;
        let assigned = match file.record.assigned_user_id {
            Some(user) => UserRecord::find(tx, user)?.map(|u| u.display_name),
            None => None,
        };
        let current = file.record.assigned_user_id;
        Ok((
            AssignView {
                case_id: case,
                case_code: case_code(&mechanism, file.seq),
                version: file.record.version,
                assigned,
                staff: staff(tx, Some(&file), file.record.holder_id, &viewer_)?
                    .into_iter()
                    .filter(|(user, ..)| Some(*user) != current)
                    .collect(),
            },
            vec![case],
        ))
    })
    .await
}

/// Hands a case to a colleague, or takes it over as a supervisor.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Forbidden`], [`ActError::Stale`],
/// [`ActError::Invalid`].
pub async fn assign(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: AssignCase) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "assign", command.id, &(case, &command), |tx| {
                assign_in(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

fn assign_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &AssignCase,
) -> Result<Made, ActError> {
    // Locked first, which counts the version up by one.
    cases::lock_case(tx, case)?;
    let (mut file, view, _) = CaseFile::load_for(tx, desk, viewer, case)?;
    may_write(&view, &file, viewer)?;
    file.unless_stale(command.version)?;
    let note = words("note", &command.note)?;
    let user = member(tx, file.record.holder_id, UserId(command.to))?;
    if file.record.assigned_user_id == Some(user.id) {
        return Err(ActError::refused(
            "already_assigned",
            (
                "Cette personne suit déjà le dossier.",
                "This person works on the case already.",
            ),
            ("Rien à faire.", "Nothing to do."),
        ));
    }
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let now = tx.now()?;
    put(tx, &mut file, &user)?;
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, file.record.slot, doer, mechanism.hash())?;
    stream.add(tx, case.0, "handed_over", &json!({ "to": user.id }), now, &note)?;
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version: file.record.version,
    })
}

/// Takes a case of the own organisation on which nobody works.
///
/// # Errors
/// [`ActError::NotFound`] for whoever may not, or when somebody was faster.
pub async fn claim(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: ClaimCase) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "claim", command.id, &(case, &command), |tx| {
                claim_in(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

fn claim_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &ClaimCase,
) -> Result<Made, ActError> {
    cases::lock_case(tx, case)?;
    let mut file = CaseFile::load(tx, case)?.ok_or(ActError::NotFound)?;
    let network = desk.network_now(tx)?;
    let worked_on = match file.record.assigned_user_id {
        Some(user) => UserRecord::find(tx, user)?.is_some_and(|u| works_for(&u, file.record.holder_id)),
        None => false,
    };
    if !may_claim(&file.facts(), worked_on, &viewer.sight(&network)) {
        return Err(ActError::NotFound);
    }
    let user = member(tx, file.record.holder_id, viewer.user)?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let now = tx.now()?;
    put(tx, &mut file, &user)?;
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, file.record.slot, doer, mechanism.hash())?;
    stream.add(tx, case.0, "claimed", &json!({ "to": user.id }), now, "")?;
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version: file.record.version,
    })
}

/// The cases of the own organisation on which nobody works, for its case
/// managers: code, region and lateness, no person.
///
/// # Errors
/// When the store fails.
pub fn unclaimed(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
) -> Result<(Vec<UnclaimedRow>, bool), ActError> {
    if !viewer.is(Role::CaseManager) {
        return Ok((Vec::new(), false));
    }
    let now = tx.now()?;
    let mechanism = desk.mechanism();
    let outside = viewer.sight(network).is_outside_protected_circuit();
    let lines = rows::unclaimed(tx, viewer.organisation, ROWS)?;
    let more = lines.len() >= usize::try_from(ROWS).unwrap_or(usize::MAX);
    let rows = lines
        .into_iter()
        .filter(|line| !(outside && line.regime == protection::PROTECTED))
        .map(|line| UnclaimedRow {
            id: line.id,
            code: case_code(&mechanism, line.seq),
            region: share::place_name(&mechanism, &line.region, viewer.lang),
            open_needs: u32::try_from(line.open_needs).unwrap_or(u32::MAX),
            clock: line
                .due_at
                .map(|due| clock(relais_casework::referral::DueKind::Need, line.opened_at, due, now)),
        })
        .collect();
    Ok((rows, more))
}

/// The words of the last hand-over, inside the organisation or by a transfer.
///
/// # Errors
/// When the store fails or the words do not open.
pub fn last_handover(tx: &mut Tx<'_>, names: &Names<'_>, file: &CaseFile) -> Result<Option<Handover>, ActError> {
    let events = chain::newest(tx, file.record.id.0, i64::MAX)?;
    let sealer = tx.sealer();
    let mut moved = false;
    for event in events {
        match event.kind.as_str() {
            // What was said inside the organisation before stays there.
            "transfer_accepted" => {
                moved = true;
                continue;
            }
            "handed_over" if moved => return Ok(None),
            "handed_over" => {}
            "transfer_proposed" if moved => {}
            _ => continue,
        }
        let words = event.words(&sealer, file.record.slot).map_err(StoreError::from)?;
        let note = String::from_utf8_lossy(&words).into_owned();
        if !note.is_empty() {
            let meta: serde_json::Value = serde_json::from_str(&event.meta).unwrap_or_default();
            return Ok(Some(Handover {
                at: event.happened_at,
                who: crate::case::doer_says(tx, names, &meta)?,
                note,
            }));
        }
        if moved {
            return Ok(None);
        }
    }
    Ok(None)
}
