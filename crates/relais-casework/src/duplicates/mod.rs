//! Duplicates: whether two files may be about one person (DOMAIN §2.5).
//!
//! The system proposes, a person decides. [`compare`] gives a verdict of three
//! words (*likely*, *perhaps*, *no*) and the [`Reason`]s for and against it,
//! never a number to be read as the truth. What is compared are the
//! [`Particulars`]: names as they were typed, birth or age, sex, places,
//! telephones, references. No field is required; a missing one says nothing.
//!
//! How sure a comparison is, is counted in bits: how many times likelier the
//! two values are in two files of one person than in two files of two persons.
//! All figures stand in [`weights`]; `tests/duplicates/run` measures them.
//!
//! [`keys`] says under which keys a person is filed, so that of a million
//! persons only some hundred are compared.

pub mod asking;
pub mod birth;
pub mod joining;
pub mod keys;
pub mod name;
mod reason;
pub mod repeated;
mod score;
pub mod telling;
pub mod weights;

pub use birth::Birth;
pub use name::Name;
pub use reason::{Reason, Side};
pub use score::{Likeness, Verdict, compare};

/// A place as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Code of the mechanism's list of places, the region's first: two letters
    /// of the country, then three digits for each level (`CM005003001`).
    Code(String),
    /// Words, where no place of the list was meant.
    Words(Vec<name::Word>),
}

impl Place {
    /// A place from a code of the list, or from typed words; `None` when empty.
    #[must_use]
    pub fn new(code_or_words: &str) -> Option<Self> {
        let text = code_or_words.trim();
        let (country, digits) = text.split_at_checked(2)?;
        if country.bytes().all(|b| b.is_ascii_uppercase())
            && digits.len() >= 3
            && digits.len() % 3 == 0
            && digits.bytes().all(|b| b.is_ascii_digit())
        {
            return Some(Self::Code(text.to_owned()));
        }
        let words = Name::new(text).map(|n| n.words)?;
        Some(Self::Words(words))
    }
}

/// What two files say about a person, as far as it can be compared.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Particulars {
    /// Name, and other names that the person is known by.
    pub names: Vec<Name>,
    /// Date, year, or age.
    pub birth: Option<Birth>,
    /// Sex: code of the mechanism's list, where it is female or male.
    pub sex: Option<String>,
    /// Places of origin, birth, destination: the same kind is compared with
    /// itself, by its position.
    pub places: Vec<Option<Place>>,
    /// Telephones, digits only, with the country's code.
    pub telephones: Vec<String>,
    /// Numbers that one person has: reference of another file, identity document.
    pub references: Vec<String>,
}

impl Particulars {
    /// Adds a name or alias, if it has a letter. `dit`, `alias` and `/` part
    /// two names in one field.
    pub fn add_names(&mut self, typed: &str) {
        self.names
            .extend(name::split_aliases(typed).iter().filter_map(|n| Name::new(n)));
    }

    /// Adds a telephone by its digits, if there are at least eight.
    pub fn add_telephone(&mut self, typed: &str) {
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= 8 {
            self.telephones.push(digits);
        }
    }

    /// Adds a reference: letters and digits, at least four.
    pub fn add_reference(&mut self, typed: &str) {
        let text: String = typed
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if text.len() >= 4 {
            self.references.push(text);
        }
    }
}
