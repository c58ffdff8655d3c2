//! A name check: rationed by user and day, logged with its case, and what it
//! found kept under the case's own key.

use std::sync::Arc;

use chrono::{DateTime, NaiveTime, Utc};
use relais_casework::calendar::{douala, local_date};
use relais_casework::duplicates::Reason;
use relais_mechanism::{Mechanism, Role};
use relais_network::{CaseId, PersonId};
use relais_store::rows::cases::CaseRecord;
use relais_store::rows::same::{self, PerhapsRecord};
use relais_store::{Cell, Sealer, StoreError, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::search::{Found, look, particulars};
use super::tell::{Checked, checked};
use crate::commands::CheckName;
use crate::desk::{Desk, Viewer};
use crate::file::{Card, CaseFile, Contact, Identity, open};
use crate::needs::may_write;
use crate::problem::ActError;
use crate::register;
use crate::views::Made;
use crate::write;

/// Files that a check keeps: the likeliest.
const KEPT: usize = 4;
/// Length of the sealed list: as long for none as for [`KEPT`].
const LENGTH: usize = 512;

/// A file that a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The other case.
    pub case: CaseId,
    /// Reasons, one bit each.
    reasons: u16,
    /// A person decided that it is somebody else.
    #[serde(default)]
    pub dismissed: bool,
}

impl Kept {
    fn of(found: &Found) -> Self {
        let bit = |reason: &Reason| Reason::ALL.iter().position(|r| r == reason).map_or(0, |at| 1 << at);
        Self {
            case: found.case,
            reasons: found.likeness.reasons.iter().map(bit).fold(0, |all, bit| all | bit),
            dismissed: false,
        }
    }

    /// The reasons, in the order in which they are told.
    pub fn reasons(&self) -> Vec<Reason> {
        let has = |at: usize| self.reasons & (1 << at) != 0;
        (0..)
            .zip(Reason::ALL)
            .filter(|(at, _)| has(*at))
            .map(|(_, r)| r)
            .collect()
    }
}

/// The beginning of the mechanism's day.
fn midnight(now: DateTime<Utc>) -> DateTime<Utc> {
    local_date(now)
        .and_time(NaiveTime::MIN)
        .and_local_timezone(douala())
        .single()
        .map_or(now, |at| at.with_timezone(&Utc))
}

/// How many name checks the viewer has left today.
pub(super) fn left(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    viewer: &Viewer,
    now: DateTime<Utc>,
) -> Result<u32, StoreError> {
    let used = same::checks_since(tx, viewer.user, midnight(now))?;
    Ok(mechanism
        .rules()
        .name_checks_per_day
        .saturating_sub(u32::try_from(used).unwrap_or(u32::MAX)))
}

/// Takes one check from the day's ration and logs it.
fn take(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    viewer: &Viewer,
    case: Option<CaseId>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    if left(tx, mechanism, viewer, now)? == 0 {
        return Err(used_up(mechanism));
    }
    same::add_check(tx, viewer.user, viewer.organisation, case, now)?;
    Ok(())
}

fn used_up(mechanism: &Mechanism) -> ActError {
    let most = mechanism.rules().name_checks_per_day;
    ActError::refused(
        "name_checks_used_up",
        (
            &format!("Vous avez déjà fait vos {most} recherches de nom d’aujourd’hui."),
            &format!("You have made your {most} name checks of today already."),
        ),
        (
            "Enregistrez la personne sans chercher : c’est toujours possible. Cherchez demain, ou demandez à un collègue.",
            "Register the person without looking: that is always possible. Look tomorrow, or ask a colleague.",
        ),
    )
}

/// Looks for whoever these answers are about, before they are registered;
/// nothing is shown of it here. None where the day's ration is used up: the
/// arrival is registered all the same.
///
/// # Errors
/// When the store fails.
pub async fn look_before(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    (identity, contact, card): (Identity, Contact, Card),
    happened_at: Option<DateTime<Utc>>,
) -> Result<Option<Vec<Found>>, ActError> {
    let (mechanism, viewer) = (desk.mechanism(), viewer.clone());
    desk.store()
        .read(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
            let now = tx.now()?;
            if left(tx, &mechanism, &viewer, now)? == 0 {
                return Ok(None);
            }
            let known = particulars(&identity, &contact, &card, happened_at.unwrap_or(now));
            Ok(Some(look(tx, &known, PersonId(Uuid::nil()))?))
        })
        .await
}

/// Keeps what a look found under a case's key and takes it from the ration;
/// nothing where the ration is used up.
///
/// # Errors
/// When the store fails.
pub fn keep(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    viewer: &Viewer,
    case: CaseId,
    slot: i64,
    found: Option<&[Found]>,
) -> Result<(), ActError> {
    let now = tx.now()?;
    let Some(found) = found else { return Ok(()) };
    match take(tx, mechanism, viewer, Some(case), now) {
        Ok(()) => write_found(tx, case, slot, &[], found, now),
        Err(ActError::Refused { .. }) => Ok(()),
        Err(other) => Err(other),
    }
}

fn write_found(
    tx: &mut Tx<'_>,
    case: CaseId,
    slot: i64,
    before: &[Kept],
    found: &[Found],
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    // What a person decided stays decided, also where it is found again.
    let decided = |kept: &Kept| before.iter().any(|b| b.case == kept.case && b.dismissed);
    let mut list: Vec<Kept> = Vec::new();
    for mut kept in found.iter().filter(|f| f.case != case).map(Kept::of) {
        kept.dismissed = decided(&kept);
        list.push(kept);
    }
    list.sort_by_key(|k| k.dismissed);
    list.truncate(KEPT);
    write_list(tx, case, slot, &list, now)
}

const fn cell(case: CaseId) -> Cell<'static> {
    Cell::new("perhaps", "found", case.0, "found")
}

fn write_list(tx: &mut Tx<'_>, case: CaseId, slot: i64, list: &[Kept], at: DateTime<Utc>) -> Result<(), ActError> {
    let mut text = serde_json::to_vec(list).map_err(|e| StoreError::Schema(format!("perhaps.found: {e}")))?;
    // White space after a value is no part of it: the list is as long for none as for all.
    text.resize(text.len().next_multiple_of(LENGTH), b' ');
    let sealed = tx.sealer().seal(&cell(case), slot, &text).map_err(StoreError::from)?;
    let record = PerhapsRecord {
        case_id: case,
        at,
        found: sealed,
    };
    if PerhapsRecord::find(tx, case)?.is_some() {
        record.update(tx)?;
    } else {
        record.insert(tx)?;
    }
    Ok(())
}

/// When it was looked, and what was found, likeliest first.
type Last = (DateTime<Utc>, Vec<Kept>);

/// What the last check for a case found, likeliest first, and when it was.
pub(super) fn kept(tx: &mut Tx<'_>, sealer: &Sealer, case: &CaseRecord) -> Result<Option<Last>, StoreError> {
    let Some(record) = PerhapsRecord::find(tx, case.id)? else {
        return Ok(None);
    };
    let list = open(sealer, "perhaps", "found", case.id.0, case.slot, &record.found)?;
    Ok(Some((record.at, list)))
}

/// Looks whether somebody is known, before there is a case.
///
/// # Errors
/// [`ActError::Forbidden`]; [`ActError::Invalid`] where neither a name nor a
/// telephone is given; [`ActError::Refused`] where the ration is used up.
pub async fn check(desk: &Arc<Desk>, viewer: &Viewer, command: CheckName) -> Result<Checked, ActError> {
    if !viewer.is(Role::CaseManager) && !viewer.is(Role::Supervisor) {
        return Err(ActError::Forbidden { code: "register" });
    }
    let mechanism = desk.mechanism();
    let (identity, contact, card) = register::particulars_typed(&mechanism, &command.answers);
    let (rules, who) = (Arc::clone(&mechanism), viewer.clone());
    if identity.name.is_none() && contact.telephone.is_none() {
        return Err(ActError::field(
            crate::codes::field::NAME,
            "required",
            (
                "Écrivez un nom ou un numéro de téléphone pour chercher.",
                "Write a name or a telephone number to look for.",
            ),
        ));
    }
    // Taken before it is answered: a search that fails later has cost its share all the same.
    desk.store()
        .write(move |tx: &mut Tx<'_>| -> Result<(), ActError> {
            let now = tx.now()?;
            take(tx, &rules, &who, None, now)
        })
        .await?;
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let known = particulars(&identity, &contact, &card, tx.now()?);
        let found = look(tx, &known, PersonId(Uuid::nil()))?;
        let list: Vec<Kept> = found.iter().take(KEPT).map(Kept::of).collect();
        checked(tx, &desk_, &viewer_, &list)
    })
    .await
}

/// Looks again for the person of a case.
///
/// # Errors
/// [`ActError::NotFound`]; [`ActError::Refused`] where the ration is used up.
pub(super) async fn look_again(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, id: Uuid) -> Result<Made, ActError> {
    let (desk_, who) = (Arc::clone(desk), viewer.clone());
    let made = desk
        .store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &who, "name_check", id, &case, |tx| {
                let file = written(tx, &desk_, &who, case)?;
                let now = tx.now()?;
                take(tx, &desk_.mechanism(), &who, Some(case), now)?;
                Ok(Made {
                    id,
                    code: String::new(),
                    version: file.record.version,
                })
            })
        })
        .await?;
    let (desk_, who) = (Arc::clone(desk), viewer.clone());
    let found = desk
        .store()
        .read(move |tx: &mut Tx<'_>| -> Result<Vec<Found>, ActError> {
            let file = written(tx, &desk_, &who, case)?;
            let (identity, contact) = file.person(tx)?;
            let known = particulars(&identity, &contact, &file.card, file.record.opened_at);
            Ok(look(tx, &known, file.record.person_id)?)
        })
        .await?;
    let (desk_, who) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| -> Result<(), ActError> {
            let file = written(tx, &desk_, &who, case)?;
            let (now, sealer) = (tx.now()?, tx.sealer());
            let before = kept(tx, &sealer, &file.record)?
                .map(|(_, list)| list)
                .unwrap_or_default();
            write_found(tx, case, file.record.slot, &before, &found, now)
        })
        .await?;
    Ok(made)
}

/// The case, for whoever works on it; a case of the protected circuit is
/// looked for by nobody, and answers as one that was never looked for.
pub(super) fn written(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, case: CaseId) -> Result<CaseFile, ActError> {
    let (file, view, _) = CaseFile::load_for(tx, desk, viewer, case)?;
    match may_write(&view, &file, viewer) {
        Err(ActError::Forbidden { .. }) => return Err(ActError::NotFound),
        other => other?,
    }
    if file.is_protected() {
        return Err(ActError::refused(
            "protected_never_looked_for",
            (
                "Un dossier du circuit protégé n’est comparé à aucun autre.",
                "A case of the protected circuit is compared with no other.",
            ),
            ("Rien à faire.", "Nothing to do."),
        ));
    }
    Ok(file)
}

/// A person decides that a file found is of somebody else.
///
/// # Errors
/// [`ActError::NotFound`] where the case or the finding is not there for the viewer.
pub(super) async fn dismiss(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    case: CaseId,
    other: CaseId,
    id: Uuid,
) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "not_same", id, &(case, other), |tx| {
                let file = written(tx, &desk_, &viewer, case)?;
                // Only what the viewer was told can be decided.
                CaseFile::load_for(tx, &desk_, &viewer, other)?;
                let sealer = tx.sealer();
                let (at, mut list) = kept(tx, &sealer, &file.record)?.ok_or(ActError::NotFound)?;
                let found = list.iter_mut().find(|k| k.case == other).ok_or(ActError::NotFound)?;
                found.dismissed = true;
                write_list(tx, case, file.record.slot, &list, at)?;
                Ok(Made {
                    id,
                    code: String::new(),
                    version: file.record.version,
                })
            })
        })
        .await
}

/// That the viewer works on the case.
pub(super) async fn seen(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId) -> Result<(), ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .read(move |tx: &mut Tx<'_>| written(tx, &desk_, &viewer, case).map(|_| ()))
        .await
}
