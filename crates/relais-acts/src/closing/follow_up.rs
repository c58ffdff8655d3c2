//! The contact that a person wanted after the closure of their case: due on its
//! day, noted when it was tried, and put off or over.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_casework::closing::contact_problem;
use relais_casework::visible::CaseState;
use relais_mechanism::{ActingFor, DataClass, closed_enum};
use relais_network::CaseId;
use relais_store::Tx;
use relais_store::rows::cases;
use relais_store::rows::closures::ClosureRecord;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{WORDS, load_team, said, set_due};
use crate::case::{class_facts, safe_contact};
use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::ending::state_of;
use crate::file::CaseFile;
use crate::problem::ActError;
use crate::times;
use crate::views::{Fact, Made};
use crate::write::{self, Doer, Stream};

closed_enum! {
    /// What came of the contact.
    FollowUp {
        /// The person was reached.
        Reached = "reached",
        /// The person was not reached.
        NotReached = "not_reached",
        /// The person wants no more contact.
        Refused = "refused",
    }
}

/// Note the contact after a closure.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteFollowUp {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the closure that the maker saw.
    pub version: i64,
    /// What came of it.
    pub result: FollowUp,
    /// How the person is.
    #[serde(default)]
    pub words: String,
    /// The day of another contact, if the person wants one or was not reached.
    #[serde(default)]
    pub again: Option<NaiveDate>,
}

/// The contact that is due.
#[derive(Debug, Clone, Serialize)]
pub struct FollowUpView {
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Version of the closure.
    pub version: i64,
    /// When it is due; none where nothing is.
    pub at: Option<DateTime<Utc>>,
    /// How the person may be contacted, if it is restricted.
    pub safe_contact: Option<String>,
    /// What is known of how to reach the person.
    pub contact: Vec<Fact>,
}

fn none_due() -> ActError {
    ActError::refused(
        "no_follow_up",
        (
            "Aucun contact n’est prévu pour ce dossier.",
            "No contact is planned for this case.",
        ),
        (
            "Rouvrez le dossier si la personne a de nouveau besoin d’aide.",
            "Reopen the case if the person needs help again.",
        ),
    )
}

/// The closure of a closed case, for its team.
fn load(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
) -> Result<(CaseFile, relais_casework::visible::View, Option<ClosureRecord>), ActError> {
    let (file, view, _) = load_team(tx, desk, viewer, case)?;
    let record = ClosureRecord::find(tx, case)?;
    let closed = state_of(&file) == CaseState::Closed;
    Ok((file, view, record.filter(|r| closed && r.follow_up_at.is_some())))
}

/// The contact after the closure of a case.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is not of the case's team.
pub async fn follow_up_view(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId) -> Result<FollowUpView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, record) = load(tx, &desk_, &viewer_, case)?;
        let mechanism = desk_.version(tx, &file.record.mechanism_hash)?;
        let (identity, contact) = file.person(tx)?;
        let reads = sight.classes().contains(DataClass::Contact);
        let lang = viewer_.lang;
        let facts = if reads {
            class_facts(&mechanism, &file, DataClass::Contact, &identity, &contact, lang)
        } else {
            Vec::new()
        };
        let view = FollowUpView {
            case_id: case,
            case_code: case_code(&mechanism, file.seq),
            version: record.as_ref().map_or(0, |r| r.version),
            at: record.and_then(|r| r.follow_up_at),
            safe_contact: if reads {
                safe_contact(&mechanism, &contact, lang)
            } else {
                None
            },
            contact: facts,
        };
        Ok((view, vec![case]))
    })
    .await
}

/// Notes the contact after a closure.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Stale`], [`ActError::Invalid`],
/// [`ActError::Refused`] where none is planned.
pub async fn follow_up(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    case: CaseId,
    command: NoteFollowUp,
) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "follow_up", command.id, &(case, &command), |tx| {
                note_in(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

fn check(command: &NoteFollowUp, now: DateTime<Utc>) -> Result<(), ActError> {
    ActError::unless_within("words", command.words.trim(), WORDS)?;
    let refused = command.result == FollowUp::Refused;
    match command
        .again
        .and_then(|day| contact_problem(day, refused, local_date(now)))
    {
        Some(problem) => Err(ActError::Invalid(vec![said(("again".to_owned(), problem))])),
        None => Ok(()),
    }
}

fn note_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &NoteFollowUp,
) -> Result<Made, ActError> {
    cases::lock_case(tx, case)?;
    let (file, _, record) = load(tx, desk, viewer, case)?;
    let mut record = record.ok_or_else(none_due)?;
    ActError::unless_current(command.version, record.version)?;
    let now = tx.now()?;
    check(command, now)?;
    record.follow_up_at = command.again.map(times::morning);
    record.version += 1;
    record.update(tx)?;
    set_due(tx, &record)?;
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, file.record.slot, doer, mechanism.hash())?;
    let facts = json!({ "contact": command.result, "again": record.follow_up_at });
    stream.add(tx, case.0, "followed_up", &facts, now, command.words.trim())?;
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version: record.version,
    })
}
