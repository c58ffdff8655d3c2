//! Why two files may be about one person, or may not.

use serde::{Deserialize, Serialize};

/// Whether something speaks for one person or for two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// It agrees.
    Agrees,
    /// It differs.
    Differs,
}

/// What agrees, or differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A reference or document number is the same.
    Reference,
    /// A telephone is the same.
    Telephone,
    /// The name is the same, but for accents and the order of its words.
    NameSame,
    /// The name is spelt otherwise, or sounds alike.
    NameAlike,
    /// Part of the name is the same.
    NamePart,
    /// The names differ.
    NameOther,
    /// The birth date is the same.
    BirthDate,
    /// The birth date is nearly the same: day and month exchanged, one digit.
    BirthNearly,
    /// The year of birth, or the age, is the same or close.
    BirthYear,
    /// The years of birth differ.
    BirthOther,
    /// The sex is the same.
    SexSame,
    /// The sex differs.
    SexOther,
    /// A place of origin, birth or destination is the same.
    PlaceSame,
    /// The places differ.
    PlaceOther,
}

impl Reason {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 14] = [
        Self::Reference,
        Self::Telephone,
        Self::NameSame,
        Self::NameAlike,
        Self::NamePart,
        Self::NameOther,
        Self::BirthDate,
        Self::BirthNearly,
        Self::BirthYear,
        Self::BirthOther,
        Self::SexSame,
        Self::SexOther,
        Self::PlaceSame,
        Self::PlaceOther,
    ];

    /// Its code, for texts and the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Telephone => "telephone",
            Self::NameSame => "name_same",
            Self::NameAlike => "name_alike",
            Self::NamePart => "name_part",
            Self::NameOther => "name_other",
            Self::BirthDate => "birth_date",
            Self::BirthNearly => "birth_nearly",
            Self::BirthYear => "birth_year",
            Self::BirthOther => "birth_other",
            Self::SexSame => "sex_same",
            Self::SexOther => "sex_other",
            Self::PlaceSame => "place_same",
            Self::PlaceOther => "place_other",
        }
    }

    /// Whether it speaks for one person.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Self::NameOther | Self::BirthOther | Self::SexOther | Self::PlaceOther => Side::Differs,
            _ => Side::Agrees,
        }
    }
}
