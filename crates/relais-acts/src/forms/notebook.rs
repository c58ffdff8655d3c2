//! What was written in the forms of a case.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use relais_mechanism::form::Section;
use relais_mechanism::{Answer, Answers};
use relais_network::UserId;
use relais_store::Tx;
use relais_store::rows::cases::{self, AnswersRecord};
use serde::{Deserialize, Serialize};

use super::FORMS;
use crate::file::{CaseFile, Contact, Identity, open};
use crate::problem::ActError;

/// A section as it is sealed. Which one it is stands inside: that a restricted
/// one was written is nobody else's to know.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeptSection {
    /// Section, by code.
    pub section: String,
    /// Its answers, but for identity and contact.
    pub answers: Answers,
}

/// What a record of answers holds: a section of a form, or a form that is
/// written at once.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Section(KeptSection),
    Whole(Answers),
}

/// Who wrote a section last, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    /// Who.
    pub by: UserId,
    /// When it happened.
    pub at: DateTime<Utc>,
}

/// What was written in one form.
#[derive(Debug, Default)]
struct Pages {
    sections: BTreeMap<String, (Answers, Written)>,
}

/// What was written in every form that the rules read.
#[derive(Debug, Default)]
pub(crate) struct Notebook {
    /// The arrival sheet.
    pub arrival: Answers,
    forms: BTreeMap<String, Pages>,
    /// Names and safe contact, which stand with the person.
    person: Answers,
    /// When something was written last.
    pub last: Option<DateTime<Utc>>,
}

impl Notebook {
    /// Reads what was written; `identity` and `contact` as they stand.
    ///
    /// # Errors
    /// When the store fails or a sealed value does not open.
    pub fn read(tx: &mut Tx<'_>, file: &CaseFile, identity: &Identity, contact: &Contact) -> Result<Self, ActError> {
        let sealer = tx.sealer();
        let mut notebook = Self {
            person: identity.more.iter().chain(&contact.more).map(copied).collect(),
            ..Self::default()
        };
        for record in cases::answers_of(tx, file.record.id)? {
            let arrival = record.form == crate::register::FORM;
            if !arrival && !FORMS.contains(&record.form.as_str()) {
                continue;
            }
            let AnswersRecord { id, form, answers, .. } = &record;
            let kept: Kept = open(&sealer, "form_answers", "answers", *id, file.record.slot, answers)?;
            let written = Written {
                by: record.by_user,
                at: record.happened_at,
            };
            match kept {
                Kept::Section(own) => {
                    let pages = notebook.forms.entry(form.clone()).or_default();
                    pages.sections.insert(own.section, (own.answers, written));
                }
                Kept::Whole(answers) if arrival => notebook.arrival = answers,
                // The child's page writes its section so.
                Kept::Whole(answers) => {
                    let pages = notebook.forms.entry(form.clone()).or_default();
                    pages
                        .sections
                        .insert(crate::child::SECTION.to_owned(), (answers, written));
                }
            }
            notebook.last = notebook.last.max(Some(record.typed_at));
        }
        Ok(notebook)
    }

    /// Every answer of a form.
    pub fn answers(&self, form: &str) -> Answers {
        let own = format!("{form}.");
        let pages = self.forms.get(form).into_iter().flat_map(|p| p.sections.values());
        pages
            .flat_map(|(answers, _)| answers)
            .chain(self.person.iter().filter(|(code, _)| code.starts_with(&own)))
            .map(copied)
            .collect()
    }

    /// The answers of a section.
    pub fn of(&self, form: &str, section: &Section) -> Answers {
        let all = self.answers(form);
        let codes = section.fields.iter().map(|f| &f.code);
        codes.filter_map(|code| all.get_key_value(code)).map(copied).collect()
    }

    /// Who wrote a section last; none where nobody did.
    pub fn written(&self, form: &str, section: &str) -> Option<Written> {
        Some(self.forms.get(form)?.sections.get(section)?.1)
    }

    /// The answers of every form with what the triage table uses beside them.
    pub fn everything(&self, file: &CaseFile) -> Answers {
        let mut all = self.arrival.clone();
        for form in FORMS {
            all.extend(self.answers(form));
        }
        all.insert("child".to_owned(), Answer::Bool(file.card.child));
        all.extend(file.card.age.map(|age| ("age".to_owned(), Answer::Int(i64::from(age)))));
        all
    }
}

fn copied((code, answer): (&String, &Answer)) -> (String, Answer) {
    (code.clone(), answer.clone())
}
