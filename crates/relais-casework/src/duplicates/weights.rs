//! The figures of the comparison, in bits: 10 bits for what agrees a thousand
//! times oftener in two files of one person than in files of two persons,
//! minus 10 for what differs a thousand times oftener in files of two.

use super::name::Weight;

/// From here on: *likely*.
pub const LIKELY: f32 = 19.0;
/// From here on: *perhaps*.
pub const PERHAPS: f32 = 13.0;

/// A word of the name that is the same on both sides.
#[must_use]
pub const fn word(weight: Weight) -> f32 {
    match weight {
        Weight::Particle => 0.5,
        Weight::Initial => 2.0,
        Weight::Common => 5.5,
        Weight::Ordinary => 8.5,
    }
}
/// A word on each side for which there is none like it on the other.
pub const WORD_DIFFERS: f32 = -6.0;
/// A word on one side only, the other having fewer words.
pub const WORD_MISSING: f32 = -1.0;
/// Two words less like each other than this (in thousandths) are not matched.
pub const WORD_LEAST: u32 = 640;
/// Forms of one name are as like as this, in thousandths.
pub const FORM_OF_ONE_NAME: u32 = 900;
/// A name tells no more than this, however many words agree.
pub const NAME_MOST: f32 = 20.0;

/// The same birth date.
pub const DATE_SAME: f32 = 13.0;
/// The same date, which is a 1 January: often only the year is known.
pub const DATE_SAME_FIRST_OF_YEAR: f32 = 6.0;
/// Day and month exchanged.
pub const DATE_EXCHANGED: f32 = 10.0;
/// One digit of the date is another, or two neighbours are exchanged.
pub const DATE_ONE_DIGIT: f32 = 7.0;
/// The same year, and nothing more is known of one of the two.
pub const YEAR_SAME: f32 = 4.5;
/// The same year, but another day and month.
pub const DATE_SAME_YEAR: f32 = -2.5;

/// Years of birth known from dates or years, by how many years they differ.
#[must_use]
pub const fn years_apart(years: u32) -> f32 {
    match years {
        0 => YEAR_SAME,
        1 => 1.0,
        2 => -1.5,
        3..=5 => -6.0,
        _ => -10.0,
    }
}

/// Years of birth of which at least one comes from an age, stated or estimated.
#[must_use]
pub const fn ages_apart(years: u32) -> f32 {
    match years {
        0 => 4.0,
        1 => 3.0,
        2 => 1.5,
        3 => -1.5,
        4..=5 => -4.0,
        6..=9 => -7.0,
        _ => -11.0,
    }
}

/// The same sex.
pub const SEX_SAME: f32 = 0.8;
/// Another sex.
pub const SEX_OTHER: f32 = -7.0;

/// The same telephone.
pub const TELEPHONE_SAME: f32 = 10.0;
/// The same telephone, but another word in the name, another sex or another year of birth: families share one.
pub const TELEPHONE_OF_A_FAMILY: f32 = 2.0;
/// Both have one, and they differ: numbers change.
pub const TELEPHONE_OTHER: f32 = -0.7;
/// The same reference or document number.
pub const REFERENCE_SAME: f32 = 15.0;

/// The same coded place, by levels that agree: region, department, subdivision.
#[must_use]
pub const fn place_levels(levels: usize) -> f32 {
    match levels {
        0 => -2.5,
        1 => 2.0,
        2 => 4.0,
        _ => 6.0,
    }
}
/// The same place in words.
pub const PLACE_WORDS_SAME: f32 = 7.0;
/// Places in words that differ.
pub const PLACE_WORDS_OTHER: f32 = -2.5;
