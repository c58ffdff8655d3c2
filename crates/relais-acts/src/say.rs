//! Sentences of the acts, in both languages by construction: none can be
//! written in one language only.

use relais_mechanism::{Label, Lang};

/// The sentence in the language.
#[must_use]
pub const fn say(lang: Lang, fr: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Fr => fr,
        Lang::En => en,
    }
}

/// A label in both languages.
#[must_use]
pub fn label(fr: &str, en: &str) -> Label {
    Label::of(fr, en)
}

/// A date as it is written in the language's country: 23/11/2026.
#[must_use]
pub fn date(date: chrono::NaiveDate) -> String {
    use chrono::Datelike as _;
    // Not by a pattern, which is read again for each of the dates on a page.
    format!("{:02}/{:02}/{}", date.day(), date.month(), date.year())
}

/// Kilometres, in tenths below ten of them, with a decimal comma in French: without
/// the unit. A page of hits says a dozen, and floats are slow to write.
#[must_use]
pub fn tenths(lang: Lang, km: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a distance on Earth is at most 20,040 km, and none is below 0"
    )]
    let whole = |n: f64| n.round_ties_even() as u32;
    if km < 10.0 {
        let tenths = whole(km * 10.0);
        let comma = match lang {
            Lang::Fr => ',',
            Lang::En => '.',
        };
        format!("{}{comma}{}", tenths / 10, tenths % 10)
    } else {
        whole(km).to_string()
    }
}

/// Kilometres with their unit.
#[must_use]
pub fn km(lang: Lang, km: f64) -> String {
    let text = tenths(lang, km);
    match lang {
        Lang::Fr => format!("{text}\u{a0}km"),
        Lang::En => format!("{text} km"),
    }
}
