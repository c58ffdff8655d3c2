//! Reading what a user typed: every value becomes a typed answer or an error
//! that names the field and the remedy.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::{Field, FieldKind, Form, Required};
use crate::answers::{self, Answer, Answers};
use crate::closed_enum;
use crate::phone::PhoneError;
use crate::words::{Label, Lang};

/// What was typed: values by field code, as a browser sends them.
pub type Raw = BTreeMap<String, Vec<String>>;

closed_enum! {
    /// What is wrong with what was typed into a field.
    FieldErrorCode {
        /// The field must be answered.
        Required = "required",
        /// Not a whole number.
        NotAWholeNumber = "not_a_whole_number",
        /// Not a number with up to three decimals.
        NotANumber = "not_a_number",
        /// Neither yes nor no.
        NotYesNo = "not_yes_no",
        /// No such date.
        NotADate = "not_a_date",
        /// No such date and time.
        NotADateTime = "not_a_date_time",
        /// Not a telephone number.
        NotAPhone = "not_a_phone",
        /// A telephone number with too few or too many digits.
        PhoneDigits = "phone_digits",
        /// A telephone number that begins like none of the country.
        PhoneBeginning = "phone_beginning",
        /// An option that the list does not have.
        UnknownOption = "unknown_option",
        /// Several answers where one is asked for.
        SeveralAnswers = "several_answers",
        /// Too long.
        TooLong = "too_long",
        /// Too short to say why.
        TooShort = "too_short",
        /// Characters that cannot be kept.
        Characters = "characters",
        /// The field's own rule does not hold.
        Constraint = "constraint",
        /// Answered, though the other answers rule the question out.
        Irrelevant = "irrelevant",
        /// Filled by the system, not by hand.
        FilledBySystem = "filled_by_system",
        /// The form has no such field.
        UnknownField = "unknown_field",
    }
}

/// One thing that is wrong with what was typed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// Code of the field.
    pub field: String,
    /// What is wrong.
    pub code: FieldErrorCode,
    /// The field's question, to name it to the user.
    pub label: Label,
    /// What the sentence needs: the most characters, digits found and expected.
    #[serde(skip)]
    pub detail: [usize; 2],
    /// What the field's own rule asks for.
    #[serde(skip)]
    pub message: Option<Label>,
}

impl FieldError {
    fn new(field: &Field, code: FieldErrorCode) -> Self {
        Self {
            field: field.code.clone(),
            code,
            label: field.label.clone(),
            detail: [0, 0],
            message: None,
        }
    }

    /// What is wrong, in one sentence.
    #[must_use]
    pub fn sentence(&self, lang: Lang) -> String {
        use FieldErrorCode as C;
        let number = |i: usize| self.detail[i];
        let (fr, en) = match self.code {
            C::Required => ("Il manque une réponse.", "An answer is missing."),
            C::NotAWholeNumber => ("Ce n’est pas un nombre entier.", "This is not a whole number."),
            C::NotANumber => ("Ce n’est pas un nombre.", "This is not a number."),
            C::NotYesNo => ("Ce n’est ni oui ni non.", "This is neither yes nor no."),
            C::NotADate => ("Cette date n’existe pas.", "There is no such date."),
            C::NotADateTime => (
                "Cette date ou cette heure n’existe pas.",
                "There is no such date or time.",
            ),
            C::NotAPhone => (
                "Ce n’est pas un numéro de téléphone.",
                "This is not a telephone number.",
            ),
            C::PhoneDigits => {
                return match lang {
                    Lang::Fr => format!(
                        "Un numéro du pays a {} chiffres, celui-ci en a {}.",
                        number(1),
                        number(0)
                    ),
                    Lang::En => format!(
                        "A number of the country has {} digits, this one has {}.",
                        number(1),
                        number(0)
                    ),
                };
            }
            C::PhoneBeginning => (
                "Aucun numéro du pays ne commence ainsi.",
                "No number of the country begins like this.",
            ),
            C::UnknownOption => (
                "Cette réponse n’est pas dans la liste.",
                "This answer is not in the list.",
            ),
            C::SeveralAnswers => (
                "Plusieurs réponses ont été données, une seule est demandée.",
                "Several answers were given, one is asked for.",
            ),
            C::TooLong => {
                return match lang {
                    Lang::Fr => format!(
                        "Le texte a {} caractères, {} au plus sont gardés.",
                        number(0),
                        number(1)
                    ),
                    Lang::En => format!("The text has {} characters, at most {} are kept.", number(0), number(1)),
                };
            }
            C::TooShort => {
                return match lang {
                    Lang::Fr => format!(
                        "Le texte a {} caractères, {} au moins sont demandés.",
                        number(0),
                        number(1)
                    ),
                    Lang::En => format!(
                        "The text has {} characters, at least {} are asked for.",
                        number(0),
                        number(1)
                    ),
                };
            }
            C::Characters => (
                "Le texte contient un signe qui ne peut pas être gardé.",
                "The text holds a character that cannot be kept.",
            ),
            C::Constraint => ("Cette réponse sort des limites.", "This answer is outside the limits."),
            C::Irrelevant => (
                "Cette réponse n’est pas gardée : d’autres réponses excluent la question.",
                "This answer is not kept: other answers rule the question out.",
            ),
            C::FilledBySystem => (
                "Ce champ est rempli par le système.",
                "This field is filled by the system.",
            ),
            C::UnknownField => ("Le formulaire n’a pas ce champ.", "The form has no such field."),
        };
        match lang {
            Lang::Fr => fr.to_owned(),
            Lang::En => en.to_owned(),
        }
    }

    /// What to do, in one sentence.
    #[must_use]
    pub fn remedy(&self, lang: Lang) -> String {
        use FieldErrorCode as C;
        if let Some(message) = &self.message {
            return message.get(lang).to_owned();
        }
        let (fr, en) = match self.code {
            C::Required => ("Répondez à cette question.", "Answer this question."),
            C::NotAWholeNumber => (
                "Écrivez des chiffres seulement, par exemple 27.",
                "Write digits only, for example 27.",
            ),
            C::NotANumber => (
                "Écrivez un nombre, par exemple 12,5.",
                "Write a number, for example 12.5.",
            ),
            C::NotYesNo => ("Choisissez oui ou non.", "Choose yes or no."),
            C::NotADate => (
                "Écrivez jour, mois et année, par exemple 23/11/2026.",
                "Write day, month and year, for example 23/11/2026.",
            ),
            C::NotADateTime => (
                "Écrivez le jour et l’heure, par exemple 23/11/2026 08:30.",
                "Write the day and time, for example 23/11/2026 08:30.",
            ),
            C::NotAPhone => (
                "Écrivez des chiffres, par exemple +237 6 77 12 34 56.",
                "Write digits, for example +237 6 77 12 34 56.",
            ),
            C::PhoneDigits => (
                "Vérifiez le numéro ; un numéro étranger commence par +.",
                "Check the number; a foreign number begins with +.",
            ),
            C::PhoneBeginning => (
                "Vérifiez le début du numéro ; un numéro étranger commence par +.",
                "Check the beginning of the number; a foreign number begins with +.",
            ),
            C::UnknownOption => ("Choisissez une réponse de la liste.", "Choose an answer from the list."),
            C::SeveralAnswers => ("Gardez une seule réponse.", "Keep one answer."),
            C::TooLong => ("Raccourcissez le texte.", "Shorten the text."),
            C::TooShort => ("Écrivez un peu plus.", "Write a little more."),
            C::Characters => (
                "Effacez le signe et écrivez de nouveau.",
                "Erase the character and write again.",
            ),
            C::Constraint => ("Corrigez la réponse.", "Correct the answer."),
            C::Irrelevant => (
                "Effacez cette réponse, ou corrigez celle qui l’exclut.",
                "Erase this answer, or correct the one that rules it out.",
            ),
            C::FilledBySystem => ("Laissez ce champ vide.", "Leave this field empty."),
            C::UnknownField => ("Rechargez la page et recommencez.", "Reload the page and start again."),
        };
        match lang {
            Lang::Fr => fr.to_owned(),
            Lang::En => en.to_owned(),
        }
    }
}

/// Why one value was not read.
struct Wrong {
    code: FieldErrorCode,
    detail: [usize; 2],
}

/// What became of the typed values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// What may be kept.
    pub answers: Answers,
    /// What must be corrected before anything is kept.
    pub errors: Vec<FieldError>,
    /// What was typed and is not kept: answers that other answers rule out,
    /// fields of the system, fields that the form does not have.
    pub dropped: Vec<FieldError>,
}

impl Form {
    /// Typed answers, or everything that is wrong with what was typed, in the
    /// order of the form. Values that would not be kept are errors here; use
    /// [`read`](Self::read) to treat them apart.
    ///
    /// Keys that do not begin with the form's code and a dot are the page's
    /// own and are passed over.
    ///
    /// # Errors
    /// One [`FieldError`] for each thing that is wrong.
    pub fn parse(&self, raw: &Raw) -> Result<Answers, Vec<FieldError>> {
        let mut reading = self.read(raw, &Answers::new());
        if reading.errors.is_empty() && reading.dropped.is_empty() {
            return Ok(reading.answers);
        }
        reading.errors.append(&mut reading.dropped);
        let order: BTreeMap<&str, usize> = self.fields().enumerate().map(|(i, f)| (f.code.as_str(), i)).collect();
        reading
            .errors
            .sort_by_key(|e| order.get(e.field.as_str()).copied().unwrap_or(usize::MAX));
        Err(reading.errors)
    }

    /// Reads what was typed. `given` holds what the system knows: the values
    /// from outside that the form's expressions use (see [`Form::given`]) and
    /// the fields that the system fills, which are kept with the answers.
    #[must_use]
    pub fn read(&self, raw: &Raw, given: &Answers) -> Reading {
        let mut reading = Reading::default();
        let from_system = self.fields().filter(|f| f.kind.is_filled_by_system()).map(|f| &f.code);
        let mut scope: Answers = (self.given.iter().map(|g| &g.code).chain(from_system))
            .filter_map(|code| given.get_key_value(code))
            .map(|(code, answer)| (code.clone(), answer.clone()))
            .collect();
        let mut unreadable = Vec::new();
        for field in self.fields() {
            let values = typed(raw.get(&field.code));
            if values.is_empty() {
                continue;
            }
            if field.kind.is_filled_by_system() {
                reading
                    .dropped
                    .push(FieldError::new(field, FieldErrorCode::FilledBySystem));
                continue;
            }
            match self.value(field, &values) {
                Ok(answer) => {
                    scope.insert(field.code.clone(), answer);
                }
                Err(Wrong { code, detail }) => unreadable.push(FieldError {
                    detail,
                    ..FieldError::new(field, code)
                }),
            }
        }
        let own = format!("{}.", self.code);
        for key in raw.keys().filter(|k| k.starts_with(&own) && self.field(k).is_none()) {
            reading.dropped.push(FieldError {
                field: key.clone(),
                code: FieldErrorCode::UnknownField,
                label: Label {
                    fr: key.clone(),
                    en: key.clone(),
                },
                detail: [0, 0],
                message: None,
            });
        }
        self.drop_irrelevant(&mut scope, &mut unreadable, &mut reading.dropped);
        for field in self.fields() {
            if let Some(at) = unreadable.iter().position(|e| e.field == field.code) {
                reading.errors.push(unreadable.swap_remove(at));
                continue;
            }
            if !is_relevant(field, &scope) {
                continue;
            }
            let Some(answer) = scope.get(&field.code) else {
                let required = match &field.required {
                    Required::Always => !field.kind.is_filled_by_system(),
                    Required::When(condition) => !field.kind.is_filled_by_system() && condition.eval(&scope, None),
                    Required::Optional => false,
                };
                if required {
                    reading.errors.push(FieldError::new(field, FieldErrorCode::Required));
                }
                continue;
            };
            if let Some(constraint) = &field.constraint
                && !constraint.expression.eval(&scope, Some(answer))
            {
                let mut error = FieldError::new(field, FieldErrorCode::Constraint);
                error.message = Some(constraint.message.clone());
                reading.errors.push(error);
            }
        }
        reading.answers = scope
            .into_iter()
            .filter(|(code, _)| self.field(code).is_some())
            .collect();
        reading
    }

    /// Takes away answers of fields that are not asked, until nothing changes:
    /// an answer that is not kept must not make another field relevant.
    fn drop_irrelevant(&self, scope: &mut Answers, unreadable: &mut Vec<FieldError>, dropped: &mut Vec<FieldError>) {
        loop {
            let before = scope.len() + unreadable.len();
            for field in self.fields() {
                if is_relevant(field, scope) || self.is_undecided(field, scope, unreadable) {
                    continue;
                }
                let was_typed = unreadable
                    .iter()
                    .position(|e| e.field == field.code)
                    .map(|at| unreadable.swap_remove(at))
                    .is_some();
                if scope.remove(&field.code).is_some() || was_typed {
                    dropped.push(FieldError::new(field, FieldErrorCode::Irrelevant));
                }
            }
            if scope.len() + unreadable.len() == before {
                return;
            }
        }
    }

    /// Whether the relevance of a field rests on an answer that is itself
    /// missing or unreadable: the user is told of that answer, not of this one.
    fn is_undecided(&self, field: &Field, scope: &Answers, unreadable: &[FieldError]) -> bool {
        let rests_on = field.relevant.as_ref().map(|r| r.fields()).unwrap_or_default();
        rests_on.iter().any(|code| {
            let owed = self.field(code).is_some_and(|f| {
                f.required == Required::Always && !f.kind.is_filled_by_system() && is_relevant(f, scope)
            });
            unreadable.iter().any(|e| e.field == *code) || (owed && !scope.contains_key(*code))
        })
    }

    fn value(&self, field: &Field, values: &[String]) -> Result<Answer, Wrong> {
        use FieldErrorCode as C;
        let wrong = |code| Wrong { code, detail: [0, 0] };
        match field.kind {
            FieldKind::Many => many(field, values),
            FieldKind::Rows => {
                for row in values {
                    words(field, row)?;
                }
                Ok(Answer::Many(values.iter().map(|v| v.nfc().collect()).collect()))
            }
            kind => {
                let [typed] = values else {
                    return Err(wrong(C::SeveralAnswers));
                };
                words(field, typed)?;
                match kind {
                    FieldKind::Int => digits(typed)
                        .parse()
                        .map(Answer::Int)
                        .map_err(|_| wrong(C::NotAWholeNumber)),
                    FieldKind::Decimal => digits(typed)
                        .parse()
                        .map(Answer::Decimal)
                        .map_err(|_| wrong(C::NotANumber)),
                    FieldKind::Bool => yes_no(typed).map(Answer::Bool).ok_or_else(|| wrong(C::NotYesNo)),
                    FieldKind::Date => answers::parse_date(typed)
                        .map(Answer::Date)
                        .ok_or_else(|| wrong(C::NotADate)),
                    FieldKind::DateTime => answers::parse_date_time(typed, self.local)
                        .map(Answer::DateTime)
                        .ok_or_else(|| wrong(C::NotADateTime)),
                    FieldKind::Phone => self.phone.normalise(typed).map(Answer::Text).map_err(|e| match e {
                        PhoneError::Characters | PhoneError::Foreign => wrong(C::NotAPhone),
                        PhoneError::Digits { found, expected } => Wrong {
                            code: C::PhoneDigits,
                            detail: [found, expected],
                        },
                        PhoneError::Beginning => wrong(C::PhoneBeginning),
                    }),
                    FieldKind::One => {
                        let list = field.options.as_ref();
                        let found = list.and_then(|l| if l.typed { l.meant(typed) } else { l.choice(typed) });
                        found
                            .map(|c| Answer::One(c.code.clone()))
                            .ok_or_else(|| wrong(C::UnknownOption))
                    }
                    _ => Ok(Answer::Text(typed.nfc().collect())),
                }
            }
        }
    }
}

fn is_relevant(field: &Field, answers: &Answers) -> bool {
    field.relevant.as_ref().is_none_or(|r| r.eval(answers, None))
}

/// The values without blanks at their ends, without empty and repeated ones.
fn typed(values: Option<&Vec<String>>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for value in values.into_iter().flatten().map(|v| v.trim()) {
        if !value.is_empty() && !kept.iter().any(|k| k == value) {
            kept.push(value.to_owned());
        }
    }
    kept
}

/// Length and characters of words.
fn words(field: &Field, typed: &str) -> Result<(), Wrong> {
    let length = typed.chars().count();
    if length > field.max_length {
        return Err(Wrong {
            code: FieldErrorCode::TooLong,
            detail: [length, field.max_length],
        });
    }
    if length < field.min_length {
        return Err(Wrong {
            code: FieldErrorCode::TooShort,
            detail: [length, field.min_length],
        });
    }
    let lines = matches!(field.kind, FieldKind::LongText | FieldKind::Rows);
    if typed
        .chars()
        .any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t')))
    {
        return Err(Wrong {
            code: FieldErrorCode::Characters,
            detail: [0, 0],
        });
    }
    Ok(())
}

/// The chosen options in the order of the list, whatever order was typed.
fn many(field: &Field, values: &[String]) -> Result<Answer, Wrong> {
    let unknown = || Wrong {
        code: FieldErrorCode::UnknownOption,
        detail: [0, 0],
    };
    let list = field.options.as_ref().ok_or_else(unknown)?;
    let chosen: Option<Vec<&str>> = if list.typed {
        let words = values.iter().flat_map(|v| v.split([',', ';', '\n']));
        let words = words.map(str::trim).filter(|w| !w.is_empty());
        words.map(|w| list.meant(w).map(|c| c.code.as_str())).collect()
    } else {
        values.iter().map(|v| list.choice(v).map(|c| c.code.as_str())).collect()
    };
    let chosen = chosen.ok_or_else(unknown)?;
    Ok(Answer::Many(
        list.choices
            .iter()
            .filter(|c| chosen.contains(&c.code.as_str()))
            .map(|c| c.code.clone())
            .collect(),
    ))
}

/// A number without the blanks that French puts between thousands.
fn digits(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}'))
        .collect()
}

fn yes_no(typed: &str) -> Option<bool> {
    match typed.to_lowercase().as_str() {
        "yes" | "oui" | "true" | "on" | "1" => Some(true),
        "no" | "non" | "false" | "off" | "0" => Some(false),
        _ => None,
    }
}
