//! Permanence: who holds which emergency now, and the hand-over (relève) from
//! one shift to the next. The outgoing offers the cases to a colleague with a
//! note each; until the incoming says "I take over", the outgoing stays
//! responsible. Nothing changes hands by going home.

mod view;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use relais_casework::grant::{self, Grant};
use relais_mechanism::{ActingFor, Role};
use relais_network::{CaseId, GrantId, HandoverId, UserId};
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::cases;
use relais_store::rows::handovers::{self as rows, HandoverRecord};
use relais_store::{StoreError, Tx, ids};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::assignment;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, seal};
use crate::needs::may_write;
use crate::problem::ActError;
use crate::views::Made;
use crate::write::{self, Doer, Stream};

pub use view::{OfferedLine, WatchRow, WatchView, view};

/// Most cases of one hand-over.
const MOST: usize = 100;
/// How long an offer stands: one shift. Later the outgoing offers it again.
const STANDS: TimeDelta = TimeDelta::hours(12);

/// One case of a hand-over.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandedCase {
    /// Case.
    pub case: Uuid,
    /// What the next shift must know, 500 characters at most.
    #[serde(default)]
    pub note: String,
}

/// Offer cases to the next shift.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferHandover {
    /// Id of the hand-over, made by its maker.
    pub id: Uuid,
    /// The colleague who is to take over.
    pub to: Uuid,
    /// The cases.
    pub cases: Vec<HandedCase>,
}

/// Answer what was offered: take over, decline; or take an offer back.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerHandover {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// "take", "decline", or by whoever offered "withdraw".
    pub decision: String,
    /// The offers answered; none: all that stand.
    #[serde(default)]
    pub offers: Vec<Uuid>,
}

/// Offers cases to a colleague of the next shift.
///
/// # Errors
/// [`ActError::NotFound`] for a case that the viewer does not work on,
/// [`ActError::Invalid`].
pub async fn offer(desk: &Arc<Desk>, viewer: &Viewer, command: OfferHandover) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "handover", command.id, &command, |tx| {
                offer_in(tx, &desk_, &viewer, &command)
            })
        })
        .await
}

fn check(command: &OfferHandover) -> Result<BTreeMap<CaseId, String>, ActError> {
    if command.cases.is_empty() {
        return Err(ActError::field(
            "cases",
            "required",
            (
                "Cochez au moins un dossier à passer.",
                "Tick at least one case to hand over.",
            ),
        ));
    }
    if command.cases.len() > MOST {
        return Err(ActError::field(
            "cases",
            "too_many",
            (
                "100 dossiers au plus à la fois : passez le reste ensuite.",
                "100 cases at most at a time: hand over the rest next.",
            ),
        ));
    }
    let mut cases = BTreeMap::new();
    for handed in &command.cases {
        let note = assignment::words("note", &handed.note)?;
        cases.insert(CaseId(handed.case), note);
    }
    Ok(cases)
}

fn offer_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, command: &OfferHandover) -> Result<Made, ActError> {
    let cases = check(command)?;
    let to = UserRecord::find(tx, UserId(command.to))?
        .filter(|u| assignment::works_for(u, viewer.organisation) && u.id != viewer.user)
        .ok_or_else(|| {
            ActError::field(
                "to",
                "not_staff",
                (
                    "Choisissez un collègue de votre organisation qui suit des dossiers.",
                    "Choose a colleague of your organisation who works on cases.",
                ),
            )
        })?;
    let now = tx.now()?;
    let mut last = String::new();
    // In the order of their ids: two hand-overs at once never wait for each other in a ring.
    for (case, note) in cases {
        cases::lock_case(tx, case)?;
        let (mut file, view, _) = CaseFile::load_for(tx, desk, viewer, case)?;
        may_write(&view, &file, viewer).map_err(|error| match error {
            ActError::Forbidden { .. } => ActError::NotFound,
            other => other,
        })?;
        let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
        let doer = Doer::of(viewer, ActingFor::Sender);
        let mut stream = Stream::lock(tx, case, file.record.slot, doer, mechanism.hash())?;
        // A newer offer takes the place of the one before.
        for mut before in rows::offered_of(tx, case)? {
            end(tx, &mut file, &mut before, "withdrawn")?;
            stream.add(tx, case.0, "shift_withdrawn", &json!({ "to": before.to_user }), now, "")?;
        }
        if file.record.assigned_user_id == Some(to.id) {
            return Err(ActError::field(
                "to",
                "already_assigned",
                (
                    "Cette personne suit déjà l’un de ces dossiers.",
                    "This person works on one of these cases already.",
                ),
            ));
        }
        let id = HandoverId(ids::new_v7(now));
        // The next shift reads what the organisation may read, until the offer ends.
        let read = grant::on_taking(
            || GrantId(ids::new_v7(now)),
            &file.grants,
            case,
            to.id,
            viewer.organisation,
            to.trained,
            now,
        );
        for grant in read {
            let until = grant.until.map_or(now + STANDS, |until| until.min(now + STANDS));
            write::grant(
                tx,
                file.record.slot,
                &Grant {
                    until: Some(until),
                    ..grant
                },
            )?;
        }
        let sealer = tx.sealer();
        HandoverRecord {
            id,
            batch_id: command.id,
            case_id: case,
            organisation_id: viewer.organisation,
            from_user: viewer.user,
            to_user: to.id,
            state: "offered".to_owned(),
            offered_at: now,
            until_at: now + STANDS,
            decided_at: None,
            note: seal(&sealer, "handover", "note", id.0, file.record.slot, &note)?,
            version: 1,
        }
        .insert(tx)?;
        stream.add(tx, case.0, "shift_offered", &json!({ "to": to.id }), now, &note)?;
        last = crate::codes::case_code(&mechanism, file.seq);
    }
    write::notice(
        tx,
        "shift_offered",
        Some(viewer.organisation),
        Role::CaseManager,
        command.id,
    )?;
    Ok(Made {
        id: command.id,
        code: last,
        version: 1,
    })
}

/// Ends an offer: its state, and what let the next shift read the case, unless
/// they work on it by now.
fn end(tx: &mut Tx<'_>, file: &mut CaseFile, record: &mut HandoverRecord, state: &str) -> Result<(), StoreError> {
    let now = tx.now()?;
    state.clone_into(&mut record.state);
    record.decided_at = Some(now);
    record.version += 1;
    record.update(tx)?;
    if file.record.assigned_user_id != Some(record.to_user) {
        let closings = grant::on_unassignment(&file.grants, record.case_id, record.to_user, now);
        write::close_grants(tx, &closings)?;
        grant::apply(&mut file.grants, &closings);
    }
    Ok(())
}

/// Takes back whatever is offered of a case: somebody else is put on it, or it
/// leaves the organisation, or it ends. The event of that says so; there is none
/// beside it. Before the case changes hands, so that what let the next shift
/// read it closes.
///
/// # Errors
/// When the store fails.
pub(crate) fn withdraw_standing(tx: &mut Tx<'_>, file: &mut CaseFile) -> Result<(), StoreError> {
    for mut offer in rows::offered_of(tx, file.record.id)? {
        end(tx, file, &mut offer, "withdrawn")?;
    }
    Ok(())
}

fn over() -> ActError {
    ActError::refused(
        "handover_over",
        (
            "Cette relève n’est plus proposée.",
            "This hand-over is no longer offered.",
        ),
        (
            "Actualisez la permanence : elle dit qui est responsable.",
            "Refresh the permanence page: it says who is responsible.",
        ),
    )
}

/// Takes over, declines, or takes offers back.
///
/// # Errors
/// [`ActError::Invalid`], a refusal where nothing of it stands any more.
pub async fn answer(desk: &Arc<Desk>, viewer: &Viewer, command: AnswerHandover) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "handover_answer", command.id, &command, |tx| {
                answer_in(tx, &desk_, &viewer, &command)
            })
        })
        .await
}

fn answer_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, command: &AnswerHandover) -> Result<Made, ActError> {
    let now = tx.now()?;
    let (mut offers, state, event) = match command.decision.as_str() {
        "take" => (rows::offered_to(tx, viewer.user, now)?, "taken", "shift_taken"),
        "decline" => (rows::offered_to(tx, viewer.user, now)?, "declined", "shift_declined"),
        "withdraw" => (rows::offered_by(tx, viewer.user)?, "withdrawn", "shift_withdrawn"),
        _ => {
            return Err(ActError::field(
                "decision",
                "unknown_option",
                (
                    "Choisissez : prendre, refuser ou retirer.",
                    "Choose: take over, decline or take back.",
                ),
            ));
        }
    };
    if !command.offers.is_empty() {
        offers.retain(|o| command.offers.contains(&o.id.0));
    }
    if offers.is_empty() {
        return Err(over());
    }
    offers.sort_by_key(|o| o.case_id);
    let mut last = None;
    for listed in offers {
        let case = listed.case_id;
        cases::lock_case(tx, case)?;
        // Read again under the lock: somebody may have been put on the case meanwhile.
        let Some(mut offer) = HandoverRecord::find(tx, listed.id)?.filter(|o| o.state == "offered") else {
            continue;
        };
        let mut file = CaseFile::load(tx, case)?.ok_or(ActError::NotFound)?;
        // A case that has left the organisation or is open no more stays as it is.
        if file.record.holder_id != viewer.organisation || file.record.state != "open" {
            end(tx, &mut file, &mut offer, "withdrawn")?;
            continue;
        }
        let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
        end(tx, &mut file, &mut offer, state)?;
        let doer = Doer::of(viewer, ActingFor::Sender);
        let mut stream = Stream::lock(tx, case, file.record.slot, doer, mechanism.hash())?;
        let facts = json!({ "from": offer.from_user, "to": offer.to_user });
        stream.add(tx, case.0, event, &facts, now, "")?;
        if state == "taken" {
            let user = UserRecord::find(tx, viewer.user)?.ok_or(ActError::NotFound)?;
            assignment::put(tx, &mut file, &user)?;
        }
        last = Some(crate::codes::case_code(&mechanism, file.seq));
    }
    // Taken back one way or the other is what was asked; taken over is not.
    if last.is_none() && state == "taken" {
        return Err(over());
    }
    Ok(Made {
        id: command.id,
        code: last.unwrap_or_default(),
        version: 1,
    })
}
