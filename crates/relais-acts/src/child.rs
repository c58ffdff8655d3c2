//! What protects a child (DESIGN §6, DOMAIN §2.3): whether the age is in
//! doubt, how sure the accompanying adult's link is, whether the child was seen
//! alone, and when the best-interests decision was made.
//!
//! An accompanying adult is not trusted by default. A declared link allows
//! urgent care only; a doubtful one never gives consent, makes void what that
//! adult agreed to, and puts child protection first. The adult is not told.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::consent::{AdultLink, ConsentDecision, WithdrawEffect};
use relais_casework::grant;
use relais_mechanism::form::Form;
use relais_mechanism::{ActingFor, Answer, Mechanism};
use relais_network::{CaseId, ConsentId, ReferralId};
use relais_store::Tx;
use relais_store::rows::cases::{self, AnswersRecord, CaseRecord};
use serde_json::json;

use crate::codes::case_code;
use crate::commands::RecordChild;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, seal};
use crate::needs::may_write;
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::views::{ChildView, Made};
use crate::write::{self, Doer, Stream};
use crate::{overrides, withdrawals};

/// The form, and its section on the child.
pub const FORM: &str = "F1";
/// The section.
pub const SECTION: &str = "child";
/// Service type of the best-interests assessment, which comes first.
pub const FIRST: &str = "CHP.01";

/// The part of the form that is asked of a case; a case of a version that did
/// not have it yet is asked by the version in force.
///
/// # Errors
/// [`ActError::NotFound`] where no version has it.
pub fn form(desk: &Desk, own: &Arc<Mechanism>) -> Result<Form, ActError> {
    let current = desk.mechanism();
    own.form(FORM)
        .or_else(|| current.form(FORM))
        .map(|form| form.part(&[SECTION]))
        .ok_or(ActError::NotFound)
}

/// Whether the page of the child is there for this case: for a child, and for
/// whoever may be one.
#[must_use]
pub fn concerns(file: &CaseFile) -> bool {
    file.card.child || file.card.age_doubt || file.card.age.is_none_or(|age| age <= 20)
}

/// What the case's page says of the child, and what it proposes first.
#[must_use]
pub fn view(file: &CaseFile, restricted: bool) -> Option<ChildView> {
    if !concerns(file) {
        return None;
    }
    let card = &file.card;
    let category = |service: &str| relais_casework::consent::category_of(service).to_owned();
    let protection = file
        .needs
        .iter()
        .rev()
        .find(|n| n.detail.machine.state.is_live() && category(&n.detail.service) == category(FIRST));
    Some(ChildView {
        child: card.child,
        age_doubt: card.age_doubt,
        protection_first: card.adult_in_doubt(),
        protection_need: protection.map(|n| n.record.id),
        protection_asked: protection.is_some_and(|n| !n.detail.machine.open.is_empty()),
        link: card.adult_link.filter(|_| restricted).map(|l| l.code().to_owned()),
        seen_alone: card.seen_alone,
        best_interests_on: card.best_interests_on,
    })
}

/// Records what protects a child.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Invalid`], [`ActError::Stale`].
pub async fn record(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: RecordChild) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "child", command.id, &(case, &command), |tx| {
                record_in(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

/// The link that stands after what is stated now: a doubt is lifted by a
/// paper or by the social service, never by a declaration.
fn link_after(recorded: Option<AdultLink>, stated: Option<AdultLink>) -> Option<AdultLink> {
    match (recorded, stated) {
        (Some(AdultLink::Doubtful), None | Some(AdultLink::Declared)) => recorded,
        (_, None) => recorded,
        (_, stated) => stated,
    }
}

fn record_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &RecordChild,
) -> Result<Made, ActError> {
    // Locked first, which counts the version up by one.
    cases::lock_case(tx, case)?;
    let (mut file, view, network) = CaseFile::load_for(tx, desk, viewer, case)?;
    may_write(&view, &file, viewer)?;
    file.unless_stale(command.version)?;
    let now = tx.now()?;
    let happened_at = write::happened(command.happened_at, now)?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let form = form(desk, &mechanism)?;
    let answers = form
        .parse(&command.answers)
        .map_err(|errors| ActError::Invalid(errors.iter().map(FieldProblem::from).collect()))?;
    let said = |code: &str| answers.get(code).and_then(Answer::as_bool).unwrap_or(false);
    let stated = answers
        .get("F1.63b")
        .and_then(|a| a.as_text())
        .and_then(AdultLink::from_code);
    let decided_on = answers.get("F1.63d").and_then(Answer::as_date);
    if decided_on.is_some_and(|on| on > relais_casework::calendar::local_date(now)) {
        return Err(ActError::field(
            "F1.63d",
            "in_the_future",
            (
                "La date indiquée est à venir : écrivez quand la décision a été prise.",
                "The date given lies ahead: write when the decision was made.",
            ),
        ));
    }
    let was_in_doubt = file.card.adult_in_doubt();
    let link = link_after(file.card.adult_link, stated);
    let lifts = file.card.adult_link == Some(AdultLink::Doubtful) && link != Some(AdultLink::Doubtful);
    if lifts && !viewer.trained {
        return Err(ActError::field(
            "F1.63b",
            "training_needed",
            (
                "Un doute sur l’adulte est levé par un agent formé : demandez-le à votre superviseur.",
                "A doubt about the adult is lifted by a trained officer: ask your supervisor.",
            ),
        ));
    }

    let by_age = file
        .card
        .age
        .is_some_and(|age| u32::from(age) < mechanism.rules().child_below);
    file.card.age_doubt = said("F1.25b");
    file.card.child = by_age || file.card.age_doubt;
    file.card.adult_link = link;
    file.card.seen_alone = said("F1.63c");
    file.card.best_interests_on = decided_on;
    let (sealer, slot) = (tx.sealer(), file.record.slot);
    let record = CaseRecord {
        card: seal(&sealer, "case_file", "card", case.0, slot, &file.card)?,
        ..file.record.clone()
    };
    record.update(tx)?;
    AnswersRecord {
        id: command.id,
        case_id: case,
        form: FORM.to_owned(),
        mechanism_hash: mechanism.hash().to_owned(),
        answers: seal(&sealer, "form_answers", "answers", command.id, slot, &answers)?,
        by_user: viewer.user,
        happened_at,
        typed_at: now,
    }
    .insert(tx)?;
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, slot, doer, mechanism.hash())?;
    // What is doubted of whom stands in the sealed words, never beside them.
    let words = file.card.adult_link.map_or("", |l| l.code());
    stream.add(
        tx,
        command.id,
        "child_recorded",
        &json!({ "form": FORM }),
        happened_at,
        words,
    )?;
    if file.card.adult_in_doubt() && !was_in_doubt {
        void(tx, desk, viewer, &mut file, &network, &mechanism, &mut stream, now)?;
    }
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version: record.version,
    })
}

/// The adult has come into doubt: what this adult agreed to is void. What
/// rests on it closes now, past recipients are asked to stop using what they
/// received, and what waits for an answer and cannot stand is taken back.
///
/// # Errors
/// When the store fails.
#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
pub(crate) fn void(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &mut CaseFile,
    network: &Network,
    mechanism: &Arc<Mechanism>,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let voided: Vec<ConsentId> = file
        .consents
        .iter()
        .filter(|c| c.given_by.is_private_adult() && c.standing(now) == ConsentDecision::Granted)
        .map(|c| c.id)
        .collect();
    file.consents = file.consents.drain(..).map(|c| c.in_doubt()).collect();
    if voided.is_empty() {
        return Ok(());
    }
    let closings = grant::on_withdrawal(&file.grants, &voided, now);
    write::close_grants(tx, &closings)?;
    grant::apply(&mut file.grants, &closings);
    stream.add(
        tx,
        file.record.id.0,
        "consents_void",
        &json!({ "lines": voided.len() }),
        now,
        "",
    )?;
    let disclosures = file.disclosures(tx)?;
    let effect = WithdrawEffect::StopSharing;
    withdrawals::ask_past_recipients(
        tx,
        desk,
        file,
        network,
        mechanism,
        stream,
        &voided,
        effect,
        &disclosures,
        now,
    )?;
    let all: Vec<ReferralId> = file.referrals.iter().map(|r| r.record.id).collect();
    overrides::take_back(tx, desk, viewer, file, network, &all, stream, now)
}
