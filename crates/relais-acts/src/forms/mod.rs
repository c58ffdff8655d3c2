//! The forms F1 and F2, filled in section by section (DOMAIN §2.6): each section
//! is written when its moment comes, may stay half done, and is read by whoever
//! sees its class; nobody else learns that it was answered.
//!
//! Every writing leaves a record of the whole section, sealed under the case's
//! key; the last one stands. Names and safe contact stand with the person's
//! identity and contact, under the person's own key.

mod fill;
mod notebook;
mod proposals;
mod show;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::interview::{Asking, SectionState};
use relais_casework::visible::View;
use relais_mechanism::{Answer, Answers, Form, Mechanism, Priority};
use relais_network::CaseId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::commands::RawAnswers;
use crate::desk::Desk;
use crate::file::CaseFile;
use crate::network::Network;
use crate::problem::ActError;
use crate::views::Fact;

pub use fill::{EVENT, fill};
pub(crate) use notebook::Notebook;
pub use view::{form, paper, section};
pub(crate) use view::{lines, parts};

use proposals::proposals;

/// The identification and screening form.
pub const F1: &str = "F1";
/// The vulnerability assessment.
pub const F2: &str = "F2";
/// The forms that are filled in section by section, in their order.
pub const FORMS: [&str; 2] = [F1, F2];
/// The section that comes first and says what may be asked.
pub const FRAME: &str = "frame";
/// When, how and by which word the person may be called, and what to avoid: said
/// wherever the number is.
pub(crate) const CALLING: &str = "F1.34";
/// The option that a flag begins with: nobody raised it.
pub const NOT_RAISED: &str = "not_raised";

/// Write a section of a form.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FillSection {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the case that the maker saw.
    pub version: i64,
    /// Answers of the section as typed, by field code; one that is left out is
    /// empty.
    pub answers: RawAnswers,
    /// When it happened, if not now.
    #[serde(default)]
    pub happened_at: Option<DateTime<Utc>>,
}

/// A form on the page of its case.
#[derive(Debug, Clone, Serialize)]
pub struct FormLine {
    /// Form, by code.
    pub form: String,
    /// Its title.
    pub label: String,
    /// Sections that the viewer sees and that are complete.
    pub complete: usize,
    /// Sections that ask the viewer something.
    pub of: usize,
    /// How far it is.
    pub state: SectionState,
    /// Since when its limit runs, while it is not complete.
    pub due_from: Option<DateTime<Utc>>,
    /// Until when it is to be filled in.
    pub due_at: Option<DateTime<Utc>>,
}

/// One section in the list of a form.
#[derive(Debug, Clone, Serialize)]
pub struct SectionRow {
    /// Section, by code.
    pub section: String,
    /// Its heading.
    pub label: String,
    /// How far it is.
    pub state: SectionState,
    /// Answers that must be given and are missing.
    pub missing: usize,
    /// Who wrote it last.
    pub by: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// One level of the profile, in tenths.
#[derive(Debug, Clone, Serialize)]
pub struct LevelRow {
    /// Level, by code.
    pub level: String,
    /// Mean risk.
    pub risk: Option<i64>,
    /// Mean protection.
    pub protection: Option<i64>,
    /// Risk less protection.
    pub net: Option<i64>,
    /// Factors rated.
    pub rated: usize,
    /// Factors that the viewer sees.
    pub of: usize,
}

/// A form with its sections, as one viewer may see them.
#[derive(Debug, Clone, Serialize)]
pub struct FormView {
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Form, by code.
    pub form: String,
    /// Its title.
    pub label: String,
    /// Who fills it in.
    pub who: String,
    /// When.
    pub when: String,
    /// Whether the viewer may write in it.
    pub may_write: bool,
    /// Whether the person has not consented yet to what the form asks.
    pub consent_first: bool,
    /// Whether health, violence and justice are not asked here, for want of the
    /// authorisation; said to whoever would be asked.
    pub restricted_off: bool,
    /// The sections.
    pub sections: Vec<SectionRow>,
    /// The profile, for the assessment: it indicates, it decides nothing.
    pub profile: Vec<LevelRow>,
}

/// A section of a form, as one viewer may see it.
#[derive(Debug, Clone, Serialize)]
pub struct SectionView {
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Version of the case.
    pub version: i64,
    /// Form, by code.
    pub form: String,
    /// Its title.
    pub form_label: String,
    /// Section, by code.
    pub section: String,
    /// Its heading.
    pub label: String,
    /// How far it is.
    pub state: SectionState,
    /// Whether the viewer may write it.
    pub may_write: bool,
    /// Whether the person has not consented yet to what the form asks.
    pub consent_first: bool,
    /// Whether the holder is a State body, which asks nothing of whom the person
    /// fears and gives everybody the same card.
    pub state_body: bool,
    /// Questions that are asked now, by code.
    pub asked: Vec<String>,
    /// Questions that must be answered and are not.
    pub missing: Vec<String>,
    /// What stands, as it would be typed.
    pub answers: RawAnswers,
    /// What stands, in words.
    pub facts: Vec<Fact>,
    /// What of it is not asked now of whoever writes.
    pub apart: Vec<Fact>,
    /// Whether the frame, which says what may be asked, is asked of the viewer.
    #[serde(skip)]
    pub frame: bool,
    /// The questions put to the viewer, relevant or not.
    #[serde(skip)]
    pub part: Form,
    /// Every other answer, and what is given from outside.
    #[serde(skip)]
    pub given: Answers,
}

/// An answer as it is written on paper.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaperAnswer {
    /// Codes of the options chosen; "yes" or "no" for a question of yes or no.
    pub chosen: Vec<String>,
    /// The whole answer in words.
    pub words: String,
}

/// A form for paper: all its questions, and the answers that the viewer may read. A
/// question without an answer and one whose answer is not theirs look alike.
#[derive(Debug, Clone)]
pub struct PaperView {
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// The form.
    pub form: Form,
    /// What stands in it, by the codes of its questions.
    pub answers: BTreeMap<String, PaperAnswer>,
    /// The version of the mechanism whose form it is.
    pub mechanism: Arc<Mechanism>,
}

/// A kind of service that the answers propose.
#[derive(Debug, Clone, Serialize)]
pub struct ProposalRow {
    /// What stands in an address instead of its code: its place among what this
    /// version of the case proposes to this viewer. It tells no service, and a case
    /// that has moved on does not know it.
    pub number: usize,
    /// Kind of service, by code.
    pub service: String,
    /// In words.
    pub label: String,
    /// Priority proposed.
    pub priority: Priority,
    /// Why.
    pub reasons: Vec<String>,
    /// What to mind.
    pub notes: Vec<String>,
    /// How sure the line of the table is: "K" known but unverified, "P" proposed.
    pub mark: Option<String>,
}

/// The form by which a case is asked; a case of a version that did not have it
/// whole yet is asked by the version in force.
///
/// # Errors
/// [`ActError::NotFound`] where it is none of these forms, or no version has it.
fn form_of<'a>(own: &'a Mechanism, current: &'a Mechanism, code: &str) -> Result<&'a Form, ActError> {
    let whole = |m: &'a Mechanism| m.form(code).filter(|f| f.section(FRAME).is_some());
    FORMS
        .contains(&code)
        .then(|| whole(own).or_else(|| whole(current)))
        .flatten()
        .ok_or(ActError::NotFound)
}

/// Whether a section is written on this form's pages; the child's has its own.
fn is_here(form: &str, section: &str) -> bool {
    !(form == crate::child::FORM && section == crate::child::SECTION)
}

/// What is asked of whoever sees this much of the case.
fn asking(desk: &Desk, view: &View) -> Asking {
    Asking {
        classes: view.classes(),
        s4: desk.s4_authorised(),
    }
}

/// What the case gives to the expressions of its forms.
fn given(file: &CaseFile, network: &Network, proposed: Option<Priority>) -> Answers {
    let card = &file.card;
    let mut given = Answers::from([
        ("child".to_owned(), Answer::Bool(card.child)),
        (
            "non_state".to_owned(),
            Answer::Bool(!network.is_state(file.record.holder_id)),
        ),
    ]);
    given.extend(card.age.map(|age| ("age".to_owned(), Answer::Int(i64::from(age)))));
    given.extend(card.sex.clone().map(|sex| ("sex".to_owned(), Answer::One(sex))));
    given.extend(proposed.map(|p| ("proposed".to_owned(), Answer::One(p.code().to_owned()))));
    given
}

/// The most urgent priority that the answers propose to this viewer, whatever
/// was recorded already.
fn urgency(mechanism: &Mechanism, file: &CaseFile, notebook: &Notebook, asking: Asking) -> Option<Priority> {
    relais_casework::triage::proposals(
        mechanism.triage(),
        &notebook.everything(file),
        asking.classes,
        &BTreeSet::new(),
    )
    .first()
    .map(|p| p.priority)
}
