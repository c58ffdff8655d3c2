//! Why two entries are perhaps the same, or perhaps not, in words.

use relais_mechanism::Label;
use serde::Serialize;

/// What speaks for two entries being one, or against it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// The names are the same, but for accents, little words and their order.
    NameSame,
    /// The names are spelt alike.
    NameAlike,
    /// A part of the names is the same.
    NamePart,
    /// An acronym stands for the words of the other name.
    Acronym {
        /// The acronym.
        acronym: String,
    },
    /// The names say the same sort of house, and no name.
    NameGeneric,
    /// The names differ.
    NameOther,
    /// Both are of the same sort: two integrated health centres.
    SortSame,
    /// They are of sorts that lists mix up.
    SortNear,
    /// They are of two sorts, of which the one becomes the other.
    SortRisen,
    /// One name says more: a church, a part of the town, a number.
    SaysMore {
        /// What it says more.
        words: String,
    },
    /// They are so far apart.
    Apart {
        /// Metres.
        metres: u32,
    },
    /// Of one at least no coordinates are known.
    NoPoint,
    /// They are in two regions.
    OtherRegion,
    /// They are in one town.
    SameTown,
    /// They have a telephone in common.
    SameTelephone,
    /// They have an e-mail address in common.
    SameEmail,
    /// They are of two kinds of organisation.
    OtherKind,
    /// The same service of the taxonomy.
    SameService,
    /// One organisation offers both.
    SameOrganisation,
    /// They are offered in one place.
    SamePlace,
}

impl Reason {
    /// Whether it speaks for the two being one.
    #[must_use]
    pub const fn speaks_for(&self) -> bool {
        match self {
            Self::NameSame
            | Self::NameAlike
            | Self::NamePart
            | Self::Acronym { .. }
            | Self::NameGeneric
            | Self::SortSame
            | Self::SortNear
            | Self::SameTown
            | Self::SameTelephone
            | Self::SameEmail
            | Self::SameService
            | Self::SameOrganisation
            | Self::SamePlace => true,
            Self::Apart { metres } => *metres <= super::compare::NEAR_METRES,
            Self::NameOther
            | Self::SortRisen
            | Self::SaysMore { .. }
            | Self::NoPoint
            | Self::OtherRegion
            | Self::OtherKind => false,
        }
    }

    /// The reason as a half-sentence of a list.
    #[must_use]
    pub fn says(&self) -> Label {
        match self {
            Self::NameSame => Label::of("même nom", "same name"),
            Self::NameAlike => Label::of("noms presque pareils", "names nearly alike"),
            Self::NamePart => Label::of("une partie du nom est la même", "part of the name is the same"),
            Self::Acronym { acronym } => Label {
                fr: format!("le sigle {acronym} correspond au nom de l’autre"),
                en: format!("the acronym {acronym} fits the other’s name"),
            },
            Self::NameGeneric => Label::of("noms qui ne disent que le type", "names that say no more than the type"),
            Self::NameOther => Label::of("noms différents", "different names"),
            Self::SortSame => Label::of("même type de structure", "same type of facility"),
            Self::SortNear => Label::of(
                "types que les listes confondent souvent",
                "types that lists often mix up",
            ),
            Self::SortRisen => Label::of(
                "deux types, dont l’un devient parfois l’autre",
                "two types, of which one sometimes becomes the other",
            ),
            Self::SaysMore { words } => Label {
                fr: format!("un seul des noms dit «\u{a0}{words}\u{a0}»"),
                en: format!("only one of the names says “{words}”"),
            },
            Self::Apart { metres } => far(*metres),
            Self::NoPoint => Label::of("sans coordonnées à comparer", "no coordinates to compare"),
            Self::OtherRegion => Label::of("régions différentes", "different regions"),
            Self::SameTown => Label::of("même ville", "same town"),
            Self::SameTelephone => Label::of("même téléphone", "same telephone"),
            Self::SameEmail => Label::of("même adresse électronique", "same e-mail address"),
            Self::OtherKind => Label::of("types d’organisation différents", "different types of organisation"),
            Self::SameService => Label::of("même service", "same service"),
            Self::SameOrganisation => Label::of("même organisation", "same organisation"),
            Self::SamePlace => Label::of("même lieu", "same place"),
        }
    }
}

/// A distance: metres by tens below one kilometre, kilometres by tenths below ten.
fn far(metres: u32) -> Label {
    if metres < 15 {
        return Label::of("au même endroit", "on the same spot");
    }
    if metres < 995 {
        let tens = (metres + 5) / 10 * 10;
        return Label {
            fr: format!("à {tens}\u{a0}m l’un de l’autre"),
            en: format!("{tens}\u{a0}m apart"),
        };
    }
    let (whole, tenth) = ((metres + 50) / 1000, (metres + 50) / 100 % 10);
    if whole < 10 {
        Label {
            fr: format!("à {whole},{tenth}\u{a0}km l’un de l’autre"),
            en: format!("{whole}.{tenth}\u{a0}km apart"),
        }
    } else {
        let whole = (metres + 500) / 1000;
        Label {
            fr: format!("à {whole}\u{a0}km l’un de l’autre"),
            en: format!("{whole}\u{a0}km apart"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_said_as_people_say_them() {
        for (metres, fr, en) in [
            (0, "au même endroit", "on the same spot"),
            (72, "à 70\u{a0}m l’un de l’autre", "70\u{a0}m apart"),
            (994, "à 990\u{a0}m l’un de l’autre", "990\u{a0}m apart"),
            (1_000, "à 1,0\u{a0}km l’un de l’autre", "1.0\u{a0}km apart"),
            (9_949, "à 9,9\u{a0}km l’un de l’autre", "9.9\u{a0}km apart"),
            (9_960, "à 10\u{a0}km l’un de l’autre", "10\u{a0}km apart"),
            (19_400, "à 19\u{a0}km l’un de l’autre", "19\u{a0}km apart"),
        ] {
            let said = Reason::Apart { metres }.says();
            assert_eq!((said.fr.as_str(), said.en.as_str()), (fr, en), "{metres}");
        }
    }
}
