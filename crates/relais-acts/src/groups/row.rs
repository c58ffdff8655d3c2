//! A row with its form: what the list says becomes the first answers, what was
//! kept takes their place.

use std::collections::BTreeMap;
use std::sync::Arc;

use relais_interchange::manifest::Listed;
use relais_mechanism::Mechanism;
use relais_mechanism::places::fold;
use relais_network::ExpectedId;
use relais_store::rows::groups::{self as rows, ExpectedRecord};
use relais_store::{StoreError, Tx};

use super::{KeepAnswers, Relative, RowState, RowView, hand_to, load_row, page, take};
use crate::codes::{bracelet, field};
use crate::commands::RawAnswers;
use crate::desk::{Desk, Viewer};
use crate::file::{is_erased, open, seal};
use crate::problem::ActError;
use crate::register::FORM;
use crate::views::Made;

/// Most bytes of kept answers: a form's worth.
const MOST: usize = 16 * 1024;

/// A row with its form.
///
/// # Errors
/// [`ActError::NotFound`].
pub async fn row(desk: &Arc<Desk>, viewer: &Viewer, id: ExpectedId) -> Result<RowView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (group, record) = load_row(tx, &viewer_, id)?;
        let seq = rows::seq(tx, group.id)?;
        let now = tx.now()?;
        let mechanism = desk_.mechanism();
        let kept = kept_answers(tx, &record)?;
        let answers = match (&kept, page::listed(tx, &record)?) {
            (Some(kept), _) => kept.clone(),
            (None, Some(listed)) => prefilled(&mechanism, &listed),
            (None, None) => RawAnswers::new(),
        };
        // Of the list, and among those who still wait: who is registered has a
        // file, and there only the family link counts, which can be broken.
        let waits = |state: &str| RowState::from_code(state).unwrap_or(RowState::Erased) != RowState::Registered;
        let relatives = match record.family.filter(|_| waits(&record.state)) {
            None => Vec::new(),
            Some(family) => rows::places_of(tx, group.id)?
                .iter()
                .filter(|p| p.family == Some(family) && p.id != id && waits(&p.state))
                .map(|p| Relative {
                    id: p.id,
                    bracelet: bracelet(seq, p.number),
                    state: RowState::from_code(&p.state).unwrap_or(RowState::Erased),
                })
                .collect(),
        };
        let mut line = page::queue_row(tx, &viewer_, seq, &record, &mut BTreeMap::new())?;
        let mut seen = Vec::new();
        if let Some(case) = record.case_id
            && page::sees(tx, &desk_, &viewer_, case)?
        {
            line.case_id = Some(case);
            seen.push(case);
        }
        let view = RowView {
            now,
            row: line,
            yours: take::is_held(tx, &viewer_, id)?,
            answers,
            kept: kept.is_some(),
            relatives,
            group: page::group_row(tx, &desk_, &viewer_, seq, &group)?,
        };
        Ok((view, seen))
    })
    .await
}

/// What was kept, if anything.
fn kept_answers(tx: &mut Tx<'_>, record: &ExpectedRecord) -> Result<Option<RawAnswers>, StoreError> {
    if record.typed.is_empty() {
        return Ok(None);
    }
    let sealer = tx.sealer();
    match open(
        &sealer,
        "expected_person",
        "typed",
        record.id.0,
        record.slot,
        &record.typed,
    ) {
        Ok(answers) => Ok(Some(answers)),
        Err(error) if is_erased(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the list says, as answers of the arrival form. Only what can be read
/// as an answer is put there: a wrong answer would cost the officer more than
/// an empty field. Agreement, safe contact and where the person sleeps are
/// always asked.
pub(super) fn prefilled(mechanism: &Mechanism, listed: &Listed) -> RawAnswers {
    let mut answers = RawAnswers::new();
    let mut put = |code: &str, value: Option<String>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            answers.insert(code.to_owned(), vec![value]);
        }
    };
    put(field::NAME, Some(listed.name.clone()));
    put(field::SEX, listed.sex.clone());
    put(field::AGE, listed.age.map(|a| a.to_string()));
    let adult = listed
        .age
        .is_some_and(|a| u32::from(a) >= mechanism.rules().child_below);
    put(
        field::TRAVELS_WITH,
        // With whom a child travels is asked, never taken from a list.
        (listed.family.is_some() && adult).then(|| "family".to_owned()),
    );
    put(field::DESTINATION, Some(listed.destination.clone()));
    put(
        field::TELEPHONE,
        mechanism
            .country()
            .phone
            .normalise(&listed.telephone)
            .ok()
            .map(|n| mechanism.country().phone.display(&n)),
    );
    put(field::LANGUAGE, language(mechanism, &listed.language));
    answers
}

/// The option that a language's name or code means.
fn language(mechanism: &Mechanism, typed: &str) -> Option<String> {
    let wanted = fold(typed);
    if wanted.is_empty() {
        return None;
    }
    mechanism
        .option_list("lang")?
        .choices
        .iter()
        .find(|c| fold(&c.code) == wanted || [&c.label.fr, &c.label.en].iter().any(|name| fold(name) == wanted))
        .map(|c| c.code.clone())
}

/// Keeps what is typed so far, sealed under the row's key, and the row with
/// the officer for another while.
///
/// # Errors
/// [`ActError::NotFound`]; a refusal when the row is not the viewer's.
pub async fn keep(desk: &Arc<Desk>, viewer: &Viewer, id: ExpectedId, command: KeepAnswers) -> Result<Made, ActError> {
    let mechanism = desk.mechanism();
    let form = mechanism.form(FORM).ok_or(ActError::NotFound)?;
    let answers: RawAnswers = command
        .answers
        .into_iter()
        .filter(|(code, _)| form.field(code).is_some())
        .collect();
    let size: usize = answers.values().flatten().map(String::len).sum();
    if size > MOST {
        return Err(ActError::field(
            "answers",
            "too_long",
            (
                "Ces réponses sont trop longues pour la fiche.",
                "These answers are too long for the form.",
            ),
        ));
    }
    let viewer = viewer.clone();
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            let mut record = take::held(tx, &viewer, id)?;
            let now = tx.now()?;
            let sealer = tx.sealer();
            record.typed = seal(&sealer, "expected_person", "typed", id.0, record.slot, &answers)?;
            hand_to(&mut record, viewer.user, now);
            record.update(tx)?;
            take::made(tx, &record)
        })
        .await
}
