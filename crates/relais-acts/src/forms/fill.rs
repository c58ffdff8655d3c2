//! A section is written.

use std::sync::Arc;

use relais_casework::consent::{ConsentDecision, ConsentLine};
use relais_casework::interview;
use relais_mechanism::form::FieldErrorCode;
use relais_mechanism::{ActingFor, Answers, DataClass, Form};
use relais_network::CaseId;
use relais_store::Tx;
use relais_store::rows::cases::{self, AnswersRecord, PersonRecord};
use serde_json::json;

use super::notebook::{KeptSection, Notebook};
use super::{F2, FillSection, NOT_RAISED, asking, form_of, given, is_here, show, urgency};
use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, seal};
use crate::needs::may_write;
use crate::problem::{ActError, FieldProblem};
use crate::views::Made;
use crate::write::{self, Doer, Stream};

/// The event of a section that was written: which one stands sealed beside it.
pub const EVENT: &str = "section_filled";

/// Writes a section. What is wrong comes back; what is only missing does not keep
/// the rest from being kept: half an interview is not lost.
///
/// # Errors
/// [`ActError::NotFound`] for a section that asks the viewer nothing,
/// [`ActError::Invalid`], [`ActError::Stale`], a refusal while consent is missing.
pub async fn fill(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    case: CaseId,
    form: String,
    section: String,
    mut command: FillSection,
) -> Result<Made, ActError> {
    // An answer that is not kept goes no further than this: neither into a record
    // nor into the digest of the request.
    if let Some(form) = desk.mechanism().form(&form) {
        for field in form.fields().filter(|f| !f.kept) {
            command.answers.remove(&field.code);
        }
    }
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            let body = (case, &form, &section, &command);
            write::once(tx, &viewer, "section", command.id, &body, |tx| {
                fill_in(tx, &desk_, &viewer, case, &form, &section, &command)
            })
        })
        .await
}

/// Whether the person has consented to being registered and assisted, which
/// comes before an assessment (DOMAIN §1.2).
pub(super) fn consented(file: &CaseFile, now: chrono::DateTime<chrono::Utc>) -> bool {
    [ConsentLine::C1, ConsentLine::C2].into_iter().all(|line| {
        let last = file.consents.iter().rev().find(|c| c.line == line);
        last.is_some_and(|c| c.standing(now) == ConsentDecision::Granted && c.proof.authority_reaches(c.given_by, true))
    })
}

fn fill_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    form_code: &str,
    section_code: &str,
    command: &FillSection,
) -> Result<Made, ActError> {
    // Locked first, which counts the version up by one.
    cases::lock_case(tx, case)?;
    let (file, view, network) = CaseFile::load_for(tx, desk, viewer, case)?;
    may_write(&view, &file, viewer)?;
    let (own, current) = (desk.version(tx, &file.record.mechanism_hash)?, desk.mechanism());
    let form = form_of(&own, &current, form_code)?;
    let asking = asking(desk, &view);
    let part = asking
        .part(form, section_code)
        .filter(|_| is_here(form_code, section_code))
        .ok_or(ActError::NotFound)?;
    let section = form.section(section_code).ok_or(ActError::NotFound)?;
    file.unless_stale(command.version)?;
    let now = tx.now()?;
    let happened_at = write::happened(command.happened_at, now)?;
    if form_code == F2 && !consented(&file, now) {
        return Err(ActError::refused(
            "no_consent",
            (
                "L’évaluation commence après le consentement.",
                "The assessment begins after consent.",
            ),
            (
                "Recueillez d’abord le consentement : enregistrer (C1) et assister (C2).",
                "First record consent: to register (C1) and to assist (C2).",
            ),
        ));
    }

    let (mut identity, mut contact) = file.person(tx)?;
    let notebook = Notebook::read(tx, &file, &identity, &contact)?;
    let mut outside = notebook.answers(form_code);
    outside.retain(|code, _| part.field(code).is_none());
    outside.extend(given(&file, &network, urgency(&current, &file, &notebook, asking)));
    let read = part.read(&command.answers, &outside);
    let before = notebook.of(form_code, section);
    // A page sends back what stands, and a flag that nobody raised: ruled out now,
    // neither is something that somebody typed and would lose.
    let is_typed = |code: &str| {
        let typed = command.answers.get(code).map_or(&[][..], Vec::as_slice);
        let stands = before.get(code).zip(part.field(code));
        !matches!(typed, [one] if one == NOT_RAISED)
            && stands.is_none_or(|(answer, field)| show::typed(&own, field, answer, viewer.lang) != typed)
    };
    let wrong: Vec<FieldProblem> = read
        .errors
        .iter()
        .filter(|e| e.code != FieldErrorCode::Required)
        .chain(
            read.dropped
                .iter()
                .filter(|e| e.code != FieldErrorCode::Irrelevant || is_typed(&e.field)),
        )
        .map(FieldProblem::from)
        .collect();
    if !wrong.is_empty() {
        return Err(ActError::Invalid(wrong));
    }
    let after = interview::after(section, &part, &before, &read.answers, &outside);

    let class = |code: &String| form.field(code).map(|f| f.class);
    let of = |wanted: DataClass| -> Answers {
        let own = after.iter().filter(|(code, _)| class(code) == Some(wanted));
        own.map(|(code, answer)| (code.clone(), answer.clone())).collect()
    };
    let codes: Vec<&str> = section.fields.iter().map(|f| f.code.as_str()).collect();
    let changed = [
        replaced(&mut identity.more, &codes, of(DataClass::Identity)),
        replaced(&mut contact.more, &codes, of(DataClass::Contact)),
    ];
    let sealer = tx.sealer();
    if changed.contains(&true) {
        let record = PersonRecord::find(tx, file.record.person_id)?.ok_or(ActError::NotFound)?;
        let (id, slot) = (record.id.0, record.slot);
        PersonRecord {
            identity: seal(&sealer, "person", "identity", id, slot, &identity)?,
            contact: seal(&sealer, "person", "contact", id, slot, &contact)?,
            version: record.version + 1,
            ..record
        }
        .update(tx)?;
    }
    let kept = KeptSection {
        section: section_code.to_owned(),
        answers: after
            .into_iter()
            .filter(|(code, _)| !matches!(class(code), Some(DataClass::Identity | DataClass::Contact)))
            .collect(),
    };
    let slot = file.record.slot;
    let hash = made_under(form, &own, &current);
    AnswersRecord {
        id: command.id,
        case_id: case,
        form: form_code.to_owned(),
        mechanism_hash: hash.clone(),
        answers: seal(&sealer, "form_answers", "answers", command.id, slot, &kept)?,
        by_user: viewer.user,
        happened_at,
        typed_at: now,
    }
    .insert(tx)?;
    let mut stream = Stream::lock(tx, case, slot, Doer::of(viewer, ActingFor::Sender), &hash)?;
    stream.add(
        tx,
        command.id,
        EVENT,
        &json!({ "form": form_code }),
        happened_at,
        section_code,
    )?;
    Ok(Made {
        id: command.id,
        code: case_code(&own, file.seq),
        version: file.record.version,
    })
}

/// The version whose form was asked.
fn made_under(form: &Form, own: &relais_mechanism::Mechanism, current: &relais_mechanism::Mechanism) -> String {
    let is_own = own.form(&form.code).is_some_and(|f| std::ptr::eq(f, form));
    if is_own { own.hash() } else { current.hash() }.to_owned()
}

/// Puts a section's answers in place of what stood of it; whether something
/// changed.
fn replaced(kept: &mut Answers, codes: &[&str], now: Answers) -> bool {
    let before = kept.clone();
    kept.retain(|code, _| !codes.contains(&code.as_str()));
    kept.extend(now);
    *kept != before
}
