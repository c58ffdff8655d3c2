//! Why an act did not happen. The server turns each into a problem of its
//! catalogue; nothing here carries personal data.

use relais_mechanism::Label;
use relais_store::StoreError;

/// One field that was wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Code of the field, as in the form or in the API.
    pub field: String,
    /// Stable code of the mistake.
    pub code: String,
    /// What is wrong and what to do, in both languages.
    pub message: Label,
}

/// Why an act did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// Not there, or not for this viewer: the two answer alike.
    #[error("not found")]
    NotFound,
    /// The viewer sees it but may not do this.
    #[error("forbidden: {code}")]
    Forbidden {
        /// Stable code.
        code: &'static str,
    },
    /// A rule refuses, with its reason and what to do instead.
    #[error("refused: {code}")]
    Refused {
        /// Stable code.
        code: String,
        /// Why.
        why: Label,
        /// What to do instead.
        remedy: Label,
    },
    /// Fields are wrong.
    #[error("{} fields are wrong", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// The record changed since it was read.
    #[error("stale: read at version {base}, now {current}")]
    Stale {
        /// Version that the maker saw.
        base: i64,
        /// Version now.
        current: i64,
    },
    /// The person was erased: nothing can be done here any more.
    #[error("erased")]
    Erased,
    /// The same id was used for another body.
    #[error("id used for another body")]
    IdTaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ActError {
    /// A refusal with its reason and remedy, each in French and English.
    #[must_use]
    pub fn refused(code: &str, why: (&str, &str), remedy: (&str, &str)) -> Self {
        let label = |(fr, en): (&str, &str)| Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        };
        Self::Refused {
            code: code.to_owned(),
            why: label(why),
            remedy: label(remedy),
        }
    }

    /// Refuses what was decided on another version of a record than the last.
    ///
    /// # Errors
    /// [`ActError::Stale`].
    pub const fn unless_current(base: i64, current: i64) -> Result<(), Self> {
        if base == current {
            Ok(())
        } else {
            Err(Self::Stale { base, current })
        }
    }

    /// Refuses a text of more than `most` characters.
    ///
    /// # Errors
    /// [`Self::Invalid`] for the field.
    pub fn unless_within(field: &str, text: &str, most: usize) -> Result<(), Self> {
        FieldProblem::too_long(field, text, most).map_or(Ok(()), |problem| Err(Self::Invalid(vec![problem])))
    }

    /// One wrong field.
    #[must_use]
    pub fn field(field: &str, code: &str, message: (&str, &str)) -> Self {
        Self::Invalid(vec![FieldProblem::new(field, code, message)])
    }
}

impl FieldProblem {
    /// A wrong field, said in French and English.
    #[must_use]
    pub fn new(field: &str, code: &str, (fr, en): (&str, &str)) -> Self {
        Self {
            field: field.to_owned(),
            code: code.to_owned(),
            message: Label {
                fr: fr.to_owned(),
                en: en.to_owned(),
            },
        }
    }

    /// What is wrong with a text of more than `most` characters.
    #[must_use]
    pub fn too_long(field: &str, text: &str, most: usize) -> Option<Self> {
        let grouped = |by: &str| match most {
            0..1000 => most.to_string(),
            _ => format!("{}{by}{:03}", most / 1000, most % 1000),
        };
        (text.chars().count() > most).then(|| {
            Self::new(
                field,
                "too_long",
                (
                    &format!("{} signes au plus\u{a0}: raccourcissez.", grouped("\u{202f}")),
                    &format!("{} characters at most: make it shorter.", grouped(",")),
                ),
            )
        })
    }
}

impl From<&relais_mechanism::form::FieldError> for FieldProblem {
    fn from(error: &relais_mechanism::form::FieldError) -> Self {
        use relais_mechanism::Lang;
        let message = |lang| {
            format!("{} {}", error.sentence(lang), error.remedy(lang))
                .trim()
                .to_owned()
        };
        Self {
            field: error.field.clone(),
            code: error.code.code().to_owned(),
            message: Label {
                fr: message(Lang::Fr),
                en: message(Lang::En),
            },
        }
    }
}

impl From<relais_casework::referral::Refusal> for ActError {
    fn from(refusal: relais_casework::referral::Refusal) -> Self {
        Self::Refused {
            code: refusal.code().to_owned(),
            why: refusal.message(),
            remedy: refusal.remedy(),
        }
    }
}

impl From<relais_casework::consent::StopRefusal> for ActError {
    fn from(refusal: relais_casework::consent::StopRefusal) -> Self {
        Self::Refused {
            code: refusal.code().to_owned(),
            why: refusal.message(),
            remedy: refusal.remedy(),
        }
    }
}

impl From<relais_casework::transfer::TransferRefusal> for ActError {
    fn from(refusal: relais_casework::transfer::TransferRefusal) -> Self {
        Self::Refused {
            code: refusal.code().to_owned(),
            why: refusal.message(),
            remedy: refusal.remedy(),
        }
    }
}

impl From<relais_casework::need::NeedRefusal> for ActError {
    fn from(refusal: relais_casework::need::NeedRefusal) -> Self {
        Self::Refused {
            code: refusal.code().to_owned(),
            why: refusal.message(),
            remedy: refusal.remedy(),
        }
    }
}
