//! The sentences on screen. `texts/*.toml` holds French and English side by
//! side; the build makes one method for each key and fails when a language or
//! an argument is missing (DESIGN §7).

use relais_mechanism::Label;
use relais_mechanism::words::Lang;

/// The sentences of one language: `Text(Lang::Fr).my_day_title()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text(pub Lang);

/// A count, from whatever the caller counts with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Count(i64);

impl From<i64> for Count {
    fn from(n: i64) -> Self {
        Self(n)
    }
}

impl From<usize> for Count {
    fn from(n: usize) -> Self {
        Self(i64::try_from(n).unwrap_or(i64::MAX))
    }
}

include!(concat!(env!("OUT_DIR"), "/text.rs"));

/// One of the sentences in both languages.
pub(crate) fn both(sentence: fn(Text) -> &'static str) -> Label {
    Label {
        fr: sentence(Text(Lang::Fr)).to_owned(),
        en: sentence(Text(Lang::En)).to_owned(),
    }
}

impl Text {
    /// Whether a count takes the singular: 0 and 1 in French, 1 in English.
    #[must_use]
    pub fn singular(self, n: i64) -> bool {
        match self.0 {
            Lang::Fr => n.abs() < 2,
            Lang::En => n.abs() == 1,
        }
    }

    /// The language's code, for `lang` attributes.
    #[must_use]
    pub fn lang(self) -> &'static str {
        self.0.code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_marks_never_start_a_line() {
        // Every sentence was set at build; the rule must leave a set sentence alone.
        for text in [
            "Erreur : corrigez",
            "Pouvez-vous venir ?",
            "« rendu »",
            "à 08:40",
            "l'appel",
            "Oui?",
        ] {
            let set = crate::typography::french(text);
            assert_eq!(crate::typography::french(&set), set, "{text}");
        }
        assert_eq!(
            crate::typography::french("Erreur : oui ?"),
            "Erreur\u{a0}: oui\u{202f}?"
        );
        assert_eq!(crate::typography::french("« rendu »"), "«\u{a0}rendu\u{a0}»");
        assert_eq!(crate::typography::french("l'appel"), "l’appel");
        assert_eq!(crate::typography::french("à 08:40"), "à 08:40");
    }

    #[test]
    fn english_quotes_open_and_close() {
        assert_eq!(crate::typography::english("the \"met\" need's"), "the “met” need’s");
    }

    #[test]
    fn zero_is_singular_in_french_only() {
        assert!(Text(Lang::Fr).singular(0));
        assert!(!Text(Lang::En).singular(0));
    }
}
