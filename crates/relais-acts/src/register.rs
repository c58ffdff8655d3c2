//! Register an arrival with the short arrival form.

use std::sync::Arc;

use chrono::Datelike;
use relais_casework::grant;
use relais_mechanism::{ActingFor, Answers, DataClass, Mechanism, Role};
use relais_network::{CaseId, GrantId, PersonId};
use relais_store::rows::cases::{self, AnswersRecord, CaseRecord, PersonRecord};
use relais_store::{Tx, counters, ids};
use serde_json::json;

use crate::codes::{case_code, field, initials};
use crate::commands::{RawAnswers, RegisterArrival};
use crate::desk::{Desk, Viewer};
use crate::duplicates;
use crate::file::{Card, Contact, Identity, seal};
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::views::Made;
use crate::write::{self, Doer, Stream};

/// The form of an arrival.
pub const FORM: &str = "F1E";

/// Registers an arrival: a person, a case held by the viewer's organisation
/// and assigned to the viewer.
///
/// # Errors
/// [`ActError::Invalid`] with every wrong field; [`ActError::Forbidden`].
pub async fn register(desk: &Arc<Desk>, viewer: &Viewer, command: RegisterArrival) -> Result<Made, ActError> {
    if !viewer.is(Role::CaseManager) && !viewer.is(Role::Supervisor) {
        return Err(ActError::Forbidden { code: "register" });
    }
    let mechanism = desk.mechanism();
    let answers = read(&mechanism, &command)?;
    let known = parts(&mechanism, &answers);
    // Looked for before the unit of work: whoever writes next does not wait for it.
    let found = duplicates::look_before(desk, viewer, known, command.happened_at).await?;
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "case", command.id, &command, |tx| {
                open_case(
                    tx,
                    &desk_,
                    &viewer,
                    &mechanism,
                    &command,
                    &answers,
                    None,
                    found.as_deref(),
                )
            })
        })
        .await
}

pub(crate) fn read(mechanism: &Mechanism, command: &RegisterArrival) -> Result<Answers, ActError> {
    let form = mechanism.form(FORM).ok_or(ActError::NotFound)?;
    form.parse(&command.answers)
        .map_err(|errors| ActError::Invalid(errors.iter().map(FieldProblem::from).collect()))
}

fn text(answers: &Answers, code: &str) -> Option<String> {
    answers
        .get(code)
        .and_then(|a| a.as_text())
        .map(str::to_owned)
        .filter(|t| !t.is_empty())
}

/// The code of a typed place where one is meant; otherwise the words stay as
/// they were typed.
fn place_code(mechanism: &Mechanism, typed: String) -> String {
    match mechanism.find_place(&typed).first() {
        Some(found) if found.distance <= 1 => found.place.code.clone(),
        _ => typed,
    }
}

/// The region in which the organisation works, where the case's code and
/// calendar belong; the country's first region if it states none.
fn home_region(network: &Network, viewer: &Viewer, mechanism: &Mechanism) -> String {
    network
        .organisations
        .get(&viewer.organisation)
        .and_then(|o| o.region.clone())
        .or_else(|| mechanism.regions().next().map(|r| r.code.clone()))
        .unwrap_or_default()
}

/// What the answers say of the person, as it is sealed.
fn parts(mechanism: &Mechanism, answers: &Answers) -> (Identity, Contact, Card) {
    let identity = Identity {
        name: text(answers, field::NAME),
        ..Identity::default()
    };
    let contact = Contact {
        telephone: text(answers, field::TELEPHONE),
        safe: answers
            .get(field::SAFE_CONTACT)
            .map(|a| a.chosen().to_vec())
            .unwrap_or_default(),
        ..Contact::default()
    };
    let age = answers
        .get(field::AGE)
        .and_then(|a| a.as_int())
        .and_then(|a| u8::try_from(a).ok());
    let card = Card {
        initials: initials(identity.name.as_deref().unwrap_or_default()),
        age,
        child: age.is_some_and(|a| u32::from(a) < mechanism.rules().child_below),
        sex: text(answers, field::SEX),
        language: text(answers, field::LANGUAGE),
        destination: text(answers, field::DESTINATION).map(|typed| place_code(mechanism, typed)),
        sleeps: text(answers, field::SLEEPS),
        travels_with: text(answers, field::TRAVELS_WITH),
        ..Card::default()
    };
    (identity, contact, card)
}

/// What a form says of the person as far as it is filled in, for a name check
/// before it is whole.
#[must_use]
pub fn particulars_typed(mechanism: &Mechanism, typed: &RawAnswers) -> (Identity, Contact, Card) {
    let first = |code: &str| {
        typed
            .get(code)
            .and_then(|values| values.first())
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    };
    let identity = Identity {
        name: first(field::NAME).map(str::to_owned),
        ..Identity::default()
    };
    let contact = Contact {
        telephone: first(field::TELEPHONE).and_then(|typed| mechanism.country().phone.normalise(typed).ok()),
        safe: Vec::new(),
        ..Contact::default()
    };
    let card = Card {
        age: first(field::AGE).and_then(|age| age.parse().ok()),
        sex: first(field::SEX).map(str::to_owned),
        destination: first(field::DESTINATION).map(|typed| place_code(mechanism, typed.to_owned())),
        ..Card::default()
    };
    (identity, contact, card)
}

/// Opens the case of an arrival. `slot` is the person's key where there is one
/// already: whoever was expected brings it along. `found`: what a name check found;
/// in a declared group arrival there is none (DOMAIN §2.5).
#[expect(clippy::too_many_arguments, reason = "the facts of one arrival")]
pub(crate) fn open_case(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    mechanism: &Mechanism,
    command: &RegisterArrival,
    answers: &Answers,
    slot: Option<i64>,
    found: Option<&[duplicates::Found]>,
) -> Result<Made, ActError> {
    let now = tx.now()?;
    let happened_at = write::happened(command.happened_at, now)?;
    let network = desk.network_now(tx)?;
    let form = mechanism.form(FORM).ok_or(ActError::NotFound)?;
    let case = CaseId(command.id);
    let person = PersonId(ids::new_v7(now));
    let person_slot = match slot {
        Some(slot) => slot,
        None => tx.new_slot()?,
    };
    let slot = tx.new_slot()?;
    let sealer = tx.sealer();

    let (identity, contact, card) = parts(mechanism, answers);

    PersonRecord {
        id: person,
        slot: person_slot,
        identity: seal(&sealer, "person", "identity", person.0, person_slot, &identity)?,
        contact: seal(&sealer, "person", "contact", person.0, person_slot, &contact)?,
        created_at: now,
        erased_at: None,
        version: 1,
    }
    .insert(tx)?;
    duplicates::file_person(tx, person, person_slot, &identity, &contact, &card, happened_at)?;
    let region = home_region(&network, viewer, mechanism);
    CaseRecord {
        id: case,
        person_id: person,
        slot,
        year: i64::from(now.year()),
        region: region.clone(),
        holder_id: viewer.organisation,
        assigned_user_id: Some(viewer.user),
        regime: "ordinary".to_owned(),
        state: "open".to_owned(),
        mechanism_hash: mechanism.hash().to_owned(),
        card: seal(&sealer, "case_file", "card", case.0, slot, &card)?,
        opened_at: happened_at,
        closed_at: None,
        close_reason: None,
        created_by: viewer.user,
        version: 1,
    }
    .insert(tx)?;

    duplicates::keep(tx, mechanism, viewer, case, slot, found)?;

    // Identity and contact stand under the person's own key only.
    let rest: Answers = answers
        .iter()
        .filter(|(code, _)| {
            form.field(code)
                .is_some_and(|f| !matches!(f.class, DataClass::Identity | DataClass::Contact))
        })
        .map(|(code, answer)| (code.clone(), answer.clone()))
        .collect();
    AnswersRecord {
        id: command.id,
        case_id: case,
        form: FORM.to_owned(),
        mechanism_hash: mechanism.hash().to_owned(),
        answers: seal(&sealer, "form_answers", "answers", command.id, slot, &rest)?,
        by_user: viewer.user,
        happened_at,
        typed_at: now,
    }
    .insert(tx)?;

    write::grant(
        tx,
        slot,
        &grant::on_holding(
            GrantId(ids::new_v7(now)),
            case,
            viewer.organisation,
            std::collections::BTreeSet::new(),
            now,
        ),
    )?;
    write::grant(
        tx,
        slot,
        &grant::on_assignment(
            GrantId(ids::new_v7(now)),
            case,
            viewer.user,
            viewer.organisation,
            viewer.trained,
            now,
        ),
    )?;

    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, slot, doer, mechanism.hash())?;
    stream.add(
        tx,
        case.0,
        "case_opened",
        &json!({ "form": FORM, "holder": viewer.organisation }),
        happened_at,
        "",
    )?;
    counters::add(tx, &region, "all", "cases_opened", 1)?;
    let seq = cases::case_seq(tx, case)?;
    Ok(Made {
        id: command.id,
        code: case_code(mechanism, seq),
        version: 1,
    })
}
