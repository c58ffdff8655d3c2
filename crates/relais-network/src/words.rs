//! Words as the search compares them: without accents, capitals, ligatures or
//! plural endings, in French and English (STACK "Search").

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words that carry nothing in a search. Elided articles are single letters
/// and fall away by length.
const STOP: &[&str] = &[
    "de", "du", "des", "la", "le", "les", "un", "une", "et", "ou", "au", "aux", "en", "pour", "par", "sur", "dans",
    "avec", "the", "of", "and", "or", "for", "to", "in", "at", "on", "an", "with",
];

/// Plurals that no ending explains.
const IRREGULAR: &[(&str, &str)] = &[
    ("children", "child"),
    ("women", "woman"),
    ("men", "man"),
    ("people", "person"),
];

/// The letters of U+00C0 to U+00FF without marks, in lower case; a blank is a
/// sign that parts words, a dot a letter that the whole rule must look at.
const LATIN: &[u8; 64] = b"aaaaaa.ceeeeiiii.nooooo .uuuuy..aaaaaa.ceeeeiiii.nooooo .uuuuy.y";

/// Calls `each` with every folded word of the text (before stemming).
fn each_word(text: &str, each: impl FnMut(&str)) {
    // Most texts are plain letters, or Latin ones with a mark: those need no
    // tables of Unicode.
    let mut word = String::with_capacity(24);
    for c in text.chars() {
        let folded = match c {
            'a'..='z' | '0'..='9' => c,
            'A'..='Z' => c.to_ascii_lowercase(),
            '\0'..='\u{7f}' | '\u{a0}' | '\u{2019}' => ' ',
            '\u{c0}'..='\u{ff}' => char::from(LATIN[c as usize - 0xc0]),
            _ => '.',
        };
        match folded {
            '.' => return each_word_of_any_script(text, each),
            _ => word.push(folded),
        }
    }
    word.split(' ').filter(|w| !w.is_empty()).for_each(each);
}

fn each_word_of_any_script(text: &str, mut each: impl FnMut(&str)) {
    let mut word = String::with_capacity(24);
    for c in text.nfkd() {
        if is_combining_mark(c) {
            continue;
        }
        if c.is_alphanumeric() {
            match c {
                'œ' | 'Œ' => word.push_str("oe"),
                'æ' | 'Æ' => word.push_str("ae"),
                'ß' => word.push_str("ss"),
                c => word.extend(c.to_lowercase().filter(|c| !is_combining_mark(*c))),
            }
        } else if !word.is_empty() {
            each(&word);
            word.clear();
        }
    }
    if !word.is_empty() {
        each(&word);
    }
}

/// The text folded for comparing names: words in lower case without marks,
/// one space between them, nothing dropped and no stemming. Two spellings of
/// "Extrême-Nord" fold to one text.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    each_word(text, |w| {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(w);
    });
    out
}

/// The search tokens of the text, in order: folded, stop words and single
/// letters dropped, stemmed. A token may come twice.
#[must_use]
pub fn tokens(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    each_word_and_token(text, |_, token| out.push(token.to_owned()));
    out
}

/// Calls `each` with the content words of the text and their tokens: what a
/// message says back to the user is the word, not its stem.
pub fn each_word_and_token(text: &str, mut each: impl FnMut(&str, &str)) {
    each_word(text, |w| {
        if carries(w) {
            each(w, &stem(w));
        }
    });
}

/// The words of a folded text ([`fold`]), and whether each carries anything in
/// a search.
pub(crate) fn plain_words(folded: &str) -> impl Iterator<Item = (&str, bool)> {
    let words = folded.split(' ').filter(|w| !w.is_empty());
    words.map(|w| (w, carries(w)))
}

/// Whether a folded word carries anything in a search.
fn carries(word: &str) -> bool {
    let single_letter = word.len() == 1 && word.as_bytes()[0].is_ascii_alphabetic();
    !single_letter && !STOP.contains(&word)
}

/// The stem of a folded word: what singular and plural, masculine and feminine
/// share, lightly. Longer derivations (psychologue, psychologique) stay apart:
/// a search that finds too much is as bad as one that finds nothing.
#[must_use]
pub fn stem(word: &str) -> Cow<'_, str> {
    if let Some((_, singular)) = IRREGULAR.iter().find(|(plural, _)| *plural == word) {
        return Cow::Borrowed(singular);
    }
    // Codes ("p1", "med01"), short words and other scripts stay as they are.
    if word.len() < 4 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return Cow::Borrowed(word);
    }
    let mut w = word;
    // hôpitaux → hôpital, but eaux, bureaux → eau, bureau.
    if w.len() > 4
        && let Some(root) = w.strip_suffix("aux")
        && !root.ends_with('e')
    {
        return Cow::Owned(format!("{root}al"));
    }
    if let Some(root) = w.strip_suffix(['s', 'x'])
        && !root.ends_with('s')
    {
        w = root;
    }
    if let Some(root) = w.strip_suffix("ing")
        && root.len() >= 4
    {
        w = root;
    }
    while w.len() > 3 && w.ends_with('e') {
        w = &w[..w.len() - 1];
    }
    // professionnelle, counselling: one consonant at the end.
    let b = w.as_bytes();
    if b.len() > 4 && b[b.len() - 1] == b[b.len() - 2] && !b"aeiou".contains(&b[b.len() - 1]) {
        w = &w[..w.len() - 1];
    }
    // family and families, maladie and maladies.
    match w.strip_suffix('y') {
        Some(root) if root.len() >= 3 => Cow::Owned(format!("{root}i")),
        _ => Cow::Borrowed(w),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singular_and_plural_meet() {
        for (a, b) in [
            ("hopitaux", "hôpital"),
            ("coeurs", "cœur"),
            ("œuvre", "oeuvres"),
            ("bureaux", "bureau"),
            ("eaux", "eau"),
            ("familles", "famille"),
            ("families", "family"),
            ("maladies", "maladie"),
            ("professionnelles", "professionnel"),
            ("médicales", "médicaux"),
            ("Formations", "FORMATION"),
            ("counselling", "counsel"),
            ("housing", "houses"),
            ("centres", "centre"),
            ("children", "child"),
            ("women", "woman"),
            ("Conseillers", "conseiller"),
        ] {
            assert_eq!(tokens(a), tokens(b), "{a} / {b}");
        }
    }

    #[test]
    fn different_words_stay_apart() {
        for (a, b) in [
            ("santé", "santa"),
            ("police", "policier"),
            ("foyer", "foi"),
            ("bourse", "bour"),
            ("MED.01", "MED.02"),
        ] {
            assert_ne!(tokens(a), tokens(b), "{a} / {b}");
        }
    }

    #[test]
    fn elisions_articles_and_marks_fall_away() {
        assert_eq!(tokens("l’hôpital d'Édéa"), tokens("hopital edea"));
        assert_eq!(
            tokens("Centre de la santé et du travail"),
            tokens("centre SANTE travail")
        );
        assert_eq!(tokens("le la de"), Vec::<String>::new());
        assert_eq!(fold("  Extrême‑Nord "), "extreme nord");
        assert_eq!(fold("Centre de Santé\u{a0}Integre"), "centre de sante integre");
    }

    #[test]
    fn decomposed_and_composed_are_one() {
        assert_eq!(tokens("Ngaounde\u{301}re\u{301}"), tokens("Ngaoundéré"));
        assert_eq!(tokens("ﬁlle"), tokens("fille"));
    }

    #[test]
    fn plain_and_latin_letters_fold_as_all_letters_do() {
        let (mut quick, mut whole) = (Vec::new(), Vec::new());
        for c in (0..0x0250).chain(0x2010..0x2040).filter_map(char::from_u32) {
            for text in [
                format!("{c}"),
                format!("xA{c}é l’{c} b{c}"),
                format!("{c}{c}Z\u{a0}{c}"),
            ] {
                quick.clear();
                whole.clear();
                each_word(&text, |w| quick.push(w.to_owned()));
                each_word_of_any_script(&text, |w| whole.push(w.to_owned()));
                assert_eq!(quick, whole, "{text:?}");
            }
        }
    }
}
