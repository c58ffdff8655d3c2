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

/// A number with a decimal comma in French.
#[must_use]
pub fn km(lang: Lang, km: f64) -> String {
    let text = if km < 10.0 {
        format!("{km:.1}")
    } else {
        format!("{km:.0}")
    };
    match lang {
        Lang::Fr => format!("{}\u{a0}km", text.replace('.', ",")),
        Lang::En => format!("{text} km"),
    }
}
