//! Record a need.

use std::sync::Arc;

use relais_casework::need::Need;
use relais_casework::visible::View;
use relais_mechanism::limits::LimitFacts;
use relais_mechanism::{ActingFor, Mechanism};
use relais_network::{CaseId, NeedId};
use relais_store::Tx;
use relais_store::rows::cases::{self, NeedRecord};
use serde_json::json;

use crate::commands::AddNeed;
use crate::desk::{Desk, Viewer};
use crate::duplicates;
use crate::file::{CaseFile, NeedDetail, OpenNeed};
use crate::problem::ActError;
use crate::rules::Rulebook;
use crate::views::Made;
use crate::write::{self, Doer, Stream};

/// Longest words of a need, in characters.
pub const WORDS: usize = 500;

/// Records a need of a case; its clock runs from when it was seen.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Invalid`], [`ActError::Forbidden`].
pub async fn add(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: AddNeed) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "need", command.id, &(case, &command), |tx| {
                record(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

/// Whether the view lets the viewer write on the case as its holder does.
///
/// # Errors
/// [`ActError::Forbidden`] when it does not; a refusal when the case is not open.
pub fn may_write(view: &View, file: &CaseFile, viewer: &Viewer) -> Result<(), ActError> {
    let frozen = matches!(view, View::File { frozen: true, .. });
    if !view.is_of_team() || frozen || file.record.holder_id != viewer.organisation {
        return Err(ActError::Forbidden { code: "write_case" });
    }
    if file.record.state != "open" {
        return Err(ActError::refused(
            "case_not_open",
            ("Ce dossier n’est plus ouvert.", "This case is no longer open."),
            (
                "Demandez sa réouverture au superviseur.",
                "Ask the supervisor to reopen it.",
            ),
        ));
    }
    Ok(())
}

/// The group of a need as it may stand in clear: its category when S3 or
/// less, one word for all above.
#[must_use]
pub fn group_of(mechanism: &Mechanism, service: &str) -> String {
    mechanism
        .service_type(service)
        .filter(|s| !s.is_restricted())
        .map_or_else(|| "restricted".to_owned(), |s| s.category.clone())
}

/// What the limits must know of the case.
#[must_use]
pub fn limit_facts(file: &CaseFile) -> LimitFacts {
    LimitFacts {
        suicidal_statements: false,
        no_safe_place_tonight: file.card.sleeps.as_deref() == Some("nowhere"),
    }
}

fn record(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, case: CaseId, command: &AddNeed) -> Result<Made, ActError> {
    // Locked before it is read: nobody closes or erases it meanwhile.
    cases::lock_case(tx, case)?;
    let (file, view, network) = CaseFile::load_for(tx, desk, viewer, case)?;
    may_write(&view, &file, viewer)?;
    duplicates::stays_elsewhere(tx, viewer, &network, &file)?;
    let mechanism = desk.mechanism();
    if mechanism.service_type(&command.service).is_none() {
        return Err(ActError::field(
            "service",
            "unknown_option",
            ("Choisissez un service de la liste.", "Choose a service from the list."),
        ));
    }
    ActError::unless_within("words", &command.words, WORDS)?;
    let now = tx.now()?;
    let seen_at = write::happened(command.happened_at, now)?;
    let rules = Rulebook::new(
        desk,
        Arc::clone(&mechanism),
        command.priority,
        &command.service,
        &file.record.region,
        false,
        limit_facts(&file),
    )?;
    let id = NeedId(command.id);
    let due = rules.times.need(command.priority, seen_at);
    let machine = Need::record(id, case, command.priority, seen_at, due);
    let mut need = OpenNeed {
        record: NeedRecord {
            id,
            case_id: case,
            group_code: group_of(&mechanism, &command.service),
            priority: command.priority.code().to_owned(),
            state: machine.state.code().to_owned(),
            reason: None,
            owner_id: file.record.holder_id,
            owner_role: String::new(),
            due_kind: None,
            due_from: None,
            due_at: None,
            calendar: None,
            mechanism_hash: mechanism.hash().to_owned(),
            recorded_at: seen_at,
            detail: Vec::new(),
            version: machine.version,
        },
        detail: NeedDetail {
            service: command.service.clone(),
            words: command.words.trim().to_owned(),
            machine,
        },
    };
    let mut stream = Stream::lock(
        tx,
        case,
        file.record.slot,
        Doer::of(viewer, ActingFor::Sender),
        mechanism.hash(),
    )?;
    write::save_need(tx, &mut need, file.record.slot, file.record.holder_id, true)?;
    let facts = json!({ "group": need.record.group_code, "priority": command.priority, "due": need.record.due_at });
    stream.add(tx, id.0, "need_recorded", &facts, seen_at, "")?;
    crate::closing::overtaken(tx, case, &mut stream, now)?;
    write::count(
        tx,
        &file,
        &file.record.region,
        &need.record.group_code,
        "needs_recorded",
    )?;
    Ok(Made {
        id: command.id,
        code: String::new(),
        version: need.record.version,
    })
}
