//! What can be wrong in a field of the directory, typed, with a remedy in both
//! languages (DESIGN §9 rule 6: a message names the field and the remedy).

use relais_mechanism::Label;

/// Longest text of one line, in characters: a name or an address, not a page.
pub const MAX_TEXT: usize = 300;

/// One field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct FieldError {
    /// The field, by its name in the record ("capacity.assessed_on").
    pub field: &'static str,
    /// What is wrong.
    pub problem: FieldProblem,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldProblem {
    /// A value is needed.
    #[error("missing")]
    Missing,
    /// The label lacks one of the two languages.
    #[error("missing in one language")]
    MissingLanguage,
    /// More characters than the field takes.
    #[error("longer than {0} characters")]
    TooLong(usize),
    /// A control character (NUL, escape…).
    #[error("contains a control character")]
    ControlCharacter,
    /// Not of the form that the field asks for.
    #[error("malformed")]
    Malformed,
    /// Not a place code of the mechanism's form.
    #[error("not a place code")]
    NotAPcode,
    /// The place code is not inside the one above it.
    #[error("outside the area above it")]
    OutsideParent,
    /// Beyond what a coordinate can be.
    #[error("outside −{0}° to {0}°")]
    OutOfRange(u16),
    /// A latitude without longitude, or the reverse.
    #[error("the other coordinate is missing")]
    HalfAPoint,
    /// Not a number that can be dialled.
    #[error("not a telephone number")]
    NotATelephone,
    /// Not an e-mail address.
    #[error("not an e-mail address")]
    NotAnEmail,
    /// The organisation is given as its own supervising body.
    #[error("an organisation is not its own supervising body")]
    OwnParent,
    /// On call day and night, but nobody to call.
    #[error("on call without a number")]
    OnCallWithoutNumber,
    /// More of it than the field takes.
    #[error("more than {0}")]
    TooMany(usize),
    /// The last day lies before the first.
    #[error("ends before it starts")]
    EndsBeforeStart,
    /// A shelter type must carry the confidential flag.
    #[error("this type of service is always confidential")]
    MustBeConfidential,
}

impl FieldProblem {
    /// What to do about it, in both languages.
    #[must_use]
    pub fn remedy(&self) -> Label {
        let (fr, en) = match self {
            Self::Missing => ("Remplissez ce champ.".into(), "Fill in this field.".into()),
            Self::MissingLanguage => (
                "Écrivez le libellé en français et en anglais.".into(),
                "Write the label in French and in English.".into(),
            ),
            Self::TooLong(n) => (
                format!("Raccourcissez à {n} caractères au plus."),
                format!("Shorten to at most {n} characters."),
            ),
            Self::ControlCharacter => (
                "Effacez les caractères invisibles ; retapez le texte s’il le faut.".into(),
                "Remove the invisible characters; retype the text if needed.".into(),
            ),
            Self::Malformed => (
                "Vérifiez la forme de la valeur.".into(),
                "Check the form of the value.".into(),
            ),
            Self::NotAPcode => (
                "Choisissez le lieu dans la liste ; son code ressemble à CM005.".into(),
                "Choose the place from the list; its code looks like CM005.".into(),
            ),
            Self::OutsideParent => (
                "Choisissez un lieu situé dans la région ou le département indiqué au-dessus.".into(),
                "Choose a place inside the region or department given above.".into(),
            ),
            Self::OutOfRange(n) => (
                format!("Donnez des degrés décimaux entre −{n} et {n}, par exemple 4.0511."),
                format!("Give decimal degrees between −{n} and {n}, for example 4.0511."),
            ),
            Self::HalfAPoint => (
                "Donnez latitude et longitude, ou laissez les deux vides.".into(),
                "Give latitude and longitude, or leave both empty.".into(),
            ),
            Self::NotATelephone => (
                "Écrivez le numéro avec ses chiffres, par exemple +237 6 77 12 34 56 ou 119.".into(),
                "Write the number in digits, for example +237 6 77 12 34 56 or 119.".into(),
            ),
            Self::NotAnEmail => (
                "Vérifiez l’adresse : nom@domaine.".into(),
                "Check the address: name@domain.".into(),
            ),
            Self::OwnParent => (
                "Choisissez une autre tutelle.".into(),
                "Choose another supervising body.".into(),
            ),
            Self::OnCallWithoutNumber => (
                "Ajoutez le numéro d’astreinte, ou retirez l’astreinte.".into(),
                "Add the on-call number, or remove the on-call mark.".into(),
            ),
            Self::TooMany(n) => (format!("Gardez-en {n} au plus."), format!("Keep at most {n}.")),
            Self::EndsBeforeStart => (
                "Choisissez une fin qui suit le début.".into(),
                "Choose an end that follows the start.".into(),
            ),
            Self::MustBeConfidential => (
                "Cochez « service confidentiel » : ce type de service l’est toujours.".into(),
                "Tick “confidential service”: this type always is.".into(),
            ),
        };
        Label { fr, en }
    }
}

/// Gathers the errors of one record.
#[derive(Debug, Default)]
pub(crate) struct Checker(Vec<FieldError>);

impl Checker {
    pub(crate) fn push(&mut self, field: &'static str, problem: FieldProblem) {
        self.0.push(FieldError { field, problem });
    }

    pub(crate) fn finish(self) -> Vec<FieldError> {
        self.0
    }

    pub(crate) fn text(&mut self, field: &'static str, value: &str, required: bool) {
        if required && value.trim().is_empty() {
            self.push(field, FieldProblem::Missing);
        }
        if value.chars().count() > MAX_TEXT {
            self.push(field, FieldProblem::TooLong(MAX_TEXT));
        }
        if value.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            self.push(field, FieldProblem::ControlCharacter);
        }
    }

    pub(crate) fn label(&mut self, field: &'static str, label: &Label) {
        match (label.fr.trim().is_empty(), label.en.trim().is_empty()) {
            (true, true) => self.push(field, FieldProblem::Missing),
            (false, false) => {}
            _ => self.push(field, FieldProblem::MissingLanguage),
        }
        self.text(field, &label.fr, false);
        if label.en != label.fr {
            self.text(field, &label.en, false);
        }
    }

    pub(crate) fn code(&mut self, field: &'static str, code: &str) {
        if code.is_empty() {
            self.push(field, FieldProblem::Missing);
        } else if code.len() > 64 || !code.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            self.push(field, FieldProblem::Malformed);
        }
    }

    pub(crate) fn service_type(&mut self, field: &'static str, code: &str) {
        let sound = code.split_once('.').is_some_and(|(category, number)| {
            !category.is_empty()
                && category.bytes().all(|b| b.is_ascii_uppercase())
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit())
        });
        if code.is_empty() {
            self.push(field, FieldProblem::Missing);
        } else if !sound {
            self.push(field, FieldProblem::Malformed);
        }
    }

    pub(crate) fn language(&mut self, field: &'static str, code: &str) {
        if code.len() != 3 || !code.bytes().all(|b| b.is_ascii_lowercase()) {
            self.push(field, FieldProblem::Malformed);
        }
    }

    /// A pcode is two letters of the country, then digits, three a level.
    pub(crate) fn pcode_opt(&mut self, field: &'static str, pcode: Option<&str>) {
        if pcode.is_some_and(|p| !is_pcode(p)) {
            self.push(field, FieldProblem::NotAPcode);
        }
    }

    /// Pcodes nest by prefix.
    pub(crate) fn inside(&mut self, field: &'static str, inner: Option<&str>, outer: Option<&str>) {
        if let (Some(inner), Some(outer)) = (inner, outer)
            && is_pcode(inner)
            && is_pcode(outer)
            && !(inner.starts_with(outer) && inner.len() > outer.len())
        {
            self.push(field, FieldProblem::OutsideParent);
        }
    }

    pub(crate) fn coordinate(&mut self, field: &'static str, value: Option<f64>, limit: f64, other: bool) {
        match value {
            None if other => self.push(field, FieldProblem::HalfAPoint),
            Some(v) if !(-limit..=limit).contains(&v) => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "90 or 180")]
                self.push(field, FieldProblem::OutOfRange(limit as u16));
            }
            _ => {}
        }
    }

    /// Short numbers (119, 1503) and international ones, with usual signs.
    pub(crate) fn telephone_opt(&mut self, field: &'static str, number: Option<&str>) {
        let Some(number) = number else { return };
        let digits = number.chars().filter(char::is_ascii_digit).count();
        let only = number.trim().chars().enumerate().all(|(i, c)| {
            c.is_ascii_digit()
                || (c == '+' && i == 0)
                || matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '-' | '.' | '(' | ')' | '/')
        });
        if !(2..=20).contains(&digits) || !only {
            self.push(field, FieldProblem::NotATelephone);
        }
    }

    pub(crate) fn email_opt(&mut self, field: &'static str, address: Option<&str>) {
        let Some(address) = address else { return };
        let sound = address.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty()
                && domain.contains('.')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && !domain.contains('@')
                && !address
                    .chars()
                    .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ','))
        });
        if !sound || address.len() > 254 {
            self.push(field, FieldProblem::NotAnEmail);
        }
    }
}

/// Whether the text has the form of a place code: two capital letters, then
/// one to four groups of digits of which the country's system makes three.
pub(crate) fn is_pcode(p: &str) -> bool {
    p.len() > 2
        && p.len() <= 16
        && p.bytes().take(2).all(|b| b.is_ascii_uppercase())
        && p.bytes().skip(2).all(|b| b.is_ascii_digit())
}
