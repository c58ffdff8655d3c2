//! The name of an organisation, taken apart: the sort of house, its marks
//! (church, part of the town), its numbers, and what is left, which names it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::lexicon::{Class, DOUBLE_MARKS, LIGHT, MARKS, PAIRS, PHRASES, STOP};
use crate::spelling::{likeness, sound, spell};
use crate::words::fold;

/// A word that names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Without accents and capitals; English where the word is known in both languages.
    pub plain: String,
    /// In one orthography.
    pub spelt: String,
    /// It adds little to the others.
    light: bool,
}

impl Word {
    fn new(plain: &str) -> Self {
        let plain = PAIRS.iter().find(|(fr, _)| *fr == plain).map_or(plain, |(_, en)| en);
        Self {
            plain: plain.to_owned(),
            spelt: spell(plain),
            light: LIGHT.contains(&plain),
        }
    }
}

/// A name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Name {
    /// Sort of house.
    pub class: Option<Class>,
    /// Marks, in the order of the alphabet, each with the word as it stands.
    pub marks: Vec<(&'static str, String)>,
    /// Numbers, and letters that number.
    pub numbers: Vec<String>,
    /// What names it, at most [`MOST`] words.
    pub core: Vec<Word>,
    /// Every word but little ones, as it stands: what an acronym stands for.
    pub content: Vec<String>,
}

/// Words of a name that are read.
const MOST: usize = 10;

/// A word with four letters or fewer is another word as soon as it sounds otherwise.
const SHORT: usize = 4;
/// Two words less alike than this, in thousandths, have nothing in common.
const ALIKE: u32 = 820;

/// The apostrophe parts an article from its noun (d'Édéa) and joins everything
/// else (N'Gaoundéré, women's).
fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word: Vec<char> = Vec::new();
    for c in text.chars() {
        match c {
            '\'' | '’' | 'ʼ' | '‘' | '`' | '´' => {
                if matches!(word[..], ['d' | 'D' | 'l' | 'L' | 's' | 'S' | 'j' | 'J']) {
                    out.push(' ');
                    word.clear();
                }
            }
            c => {
                if c.is_alphanumeric() {
                    word.push(c);
                } else {
                    word.clear();
                }
                out.push(c);
            }
        }
    }
    out
}

const ROMAN: [&str; 10] = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"];

/// What a word numbers: figures, Roman ones that are not the first word, a
/// letter at the end or before a figure.
fn number(words: &[&str], at: usize) -> Option<String> {
    let word = words[at];
    if word.bytes().all(|b| b.is_ascii_digit()) {
        let trimmed = word.trim_start_matches('0');
        return Some(if trimmed.is_empty() { "0" } else { trimmed }.to_owned());
    }
    if at > 0
        && let Some(value) = ROMAN.iter().position(|r| *r == word)
    {
        return Some((value + 1).to_string());
    }
    let last = at + 1 == words.len();
    let before_figure = words.get(at + 1).is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit()));
    let letter = word.len() == 1 && word.as_bytes()[0].is_ascii_alphabetic();
    (letter && at > 0 && (last || before_figure)).then(|| word.to_owned())
}

/// A long word of a phrase or a mark is known with a slip.
const LONG: usize = 8;

/// Whether a word is one of a phrase.
fn is_word(typed: &str, word: &str) -> bool {
    typed == word
        || (typed.len().min(word.len()) >= LONG
            && typed.as_bytes()[0] == word.as_bytes()[0]
            && likeness(typed.as_bytes(), word.as_bytes()) >= 880)
}

/// The longest phrase that begins here, and how many words it has.
fn phrase(words: &[Cow<'_, str>]) -> Option<(Class, usize)> {
    let fits = |text: &str| {
        let count = text.split(' ').count();
        (count <= words.len() && text.split(' ').zip(words).all(|(a, b)| is_word(b, a))).then_some(count)
    };
    PHRASES
        .iter()
        .filter_map(|(text, class)| Some((*class, fits(text)?)))
        .max_by_key(|(_, count)| *count)
}

impl Name {
    /// Takes a name apart; none where it has no letter.
    pub fn new(text: &str) -> Option<Self> {
        let folded = fold(&joined(text));
        let all: Vec<&str> = folded.split(' ').filter(|w| !w.is_empty()).collect();
        let mut name = Self::default();
        let mut words: Vec<Cow<'_, str>> = Vec::new();
        for (at, word) in all.iter().enumerate() {
            if let Some(number) = number(&all, at) {
                name.numbers.push(number);
            } else if (word.len() == 1 && all.len() > 1) || STOP.contains(word) {
                // An article, or a letter that tells nothing.
            } else {
                words.push(match *word {
                    "center" | "centres" | "centers" => Cow::Borrowed("centre"),
                    "integree" | "integres" => Cow::Borrowed("integre"),
                    "st" | "ste" | "sainte" | "santa" => Cow::Borrowed("saint"),
                    word => Cow::Borrowed(word),
                });
            }
        }
        name.content = words.iter().map(|w| w.clone().into_owned()).collect();
        let mut at = 0;
        let mut longest = 0;
        while at < words.len() {
            let rest = &words[at..];
            if let Some((class, count)) = phrase(rest) {
                // "Regional hospital" in a name beats "hospital" after it.
                if count > longest {
                    (name.class, longest) = (Some(class), count);
                }
                at += count;
            } else if let Some((_, _, mark)) = DOUBLE_MARKS
                .iter()
                .find(|(a, b, _)| rest.len() > 1 && rest[0] == *a && rest[1] == *b)
            {
                name.marks.push((*mark, format!("{} {}", rest[0], rest[1])));
                at += 2;
            } else {
                match MARKS.iter().find(|(word, _)| is_word(&rest[0], word)) {
                    Some((_, mark)) => name.marks.push((*mark, rest[0].clone().into_owned())),
                    // Between two names of saints nothing is told by the word itself.
                    None if rest[0] == "saint" && rest.len() > 1 => {}
                    None => name.core.push(Word::new(&rest[0])),
                }
                at += 1;
            }
        }
        name.core.truncate(MOST);
        name.marks.sort_unstable();
        name.marks.dedup_by_key(|(mark, _)| *mark);
        name.numbers.sort_unstable();
        name.numbers.dedup();
        (!name.content.is_empty()).then_some(name)
    }

    /// The naming words as one, by sound: what is written apart or together is one.
    pub fn sound(&self) -> String {
        self.core.iter().map(|w| sound(&w.spelt)).collect()
    }

    /// The naming words as one.
    fn whole(&self) -> String {
        self.core.iter().map(|w| w.plain.as_str()).collect()
    }
}

/// How often each naming word stands in the names of a directory.
#[derive(Debug, Default)]
pub(super) struct Frequency(HashMap<String, u32>);

/// A word that stands in more names than this tells less.
const RARE: u32 = 12;

impl Frequency {
    pub fn add(&mut self, name: &Name) {
        for word in &name.core {
            *self.0.entry(word.spelt.clone()).or_default() += 1;
        }
    }

    /// How much a word tells, in thousandths.
    fn weight(&self, word: &Word) -> u32 {
        let count = self.0.get(&word.spelt).copied().unwrap_or(1);
        match (word.light, count > RARE) {
            (true, _) => 250,
            (false, true) => 600,
            (false, false) => 1000,
        }
    }

    /// Whether a word stands in few names.
    pub fn is_rare(&self, word: &Word) -> bool {
        !word.light && self.0.get(&word.spelt).copied().unwrap_or(1) <= RARE
    }
}

/// How alike two words are, in thousandths; 0 where they are two words.
fn words_alike(a: &Word, b: &Word) -> u32 {
    if a.plain == b.plain {
        return 1000;
    }
    let digits = |w: &Word| w.plain.bytes().any(|b| b.is_ascii_digit());
    if a.spelt == b.spelt {
        return 970;
    }
    if a.plain.len().min(b.plain.len()) <= SHORT || digits(a) || digits(b) {
        return 0;
    }
    let plain = likeness(a.plain.as_bytes(), b.plain.as_bytes());
    let spelt = likeness(a.spelt.as_bytes(), b.spelt.as_bytes()).saturating_sub(20);
    let best = plain.max(spelt);
    if best >= ALIKE { best } else { 0 }
}

/// How alike the naming words are, in thousandths: twice what they share, of
/// what both have. None where one of them has none.
pub(super) fn cores_alike(a: &Name, b: &Name, frequency: &Frequency) -> Option<u32> {
    if a.core.is_empty() || b.core.is_empty() {
        return None;
    }
    let mut pairs: Vec<(u32, usize, usize)> = Vec::new();
    for (i, x) in a.core.iter().enumerate() {
        for (j, y) in b.core.iter().enumerate() {
            let alike = words_alike(x, y);
            if alike > 0 {
                pairs.push((alike, i, j));
            }
        }
    }
    pairs.sort_unstable_by(|x, y| y.cmp(x));
    let (mut of_a, mut of_b) = ([false; MOST], [false; MOST]);
    let (mut shared, mut total) = (0_u32, 0_u32);
    for word in a.core.iter().chain(&b.core) {
        total += frequency.weight(word);
    }
    for (alike, i, j) in pairs {
        if !of_a[i] && !of_b[j] {
            (of_a[i], of_b[j]) = (true, true);
            shared += (frequency.weight(&a.core[i]) + frequency.weight(&b.core[j])) / 2 * alike / 1000;
        }
    }
    let by_word = (2 * shared * 1000 / total.max(1)).min(1000);
    // Beka Guiwang, Bekaguiwang.
    let (x, y) = (a.whole(), b.whole());
    let apart = a.core.len() != b.core.len() && x.len().min(y.len()) > SHORT;
    let as_one = if apart { likeness(x.as_bytes(), y.as_bytes()) } else { 0 };
    Some(by_word.max(if as_one >= 900 { as_one } else { 0 }))
}

/// Longest acronym.
const ACRONYM: usize = 12;

/// The acronym that a code or a name is, in small letters: three to twelve
/// letters and nothing else.
pub(super) fn acronym(text: &str) -> Option<String> {
    let text = text.trim().replace(['.', '-'], "");
    let fits = (3..=ACRONYM).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase());
    fits.then(|| text.to_ascii_lowercase())
}

/// Whether an acronym stands for these words: beginnings of them in their order,
/// from the first on (MINEFOP, CPFF). Two words may be passed over, none but
/// the last of a name at the end.
pub(super) fn stands_for(acronym: &str, words: &[String]) -> bool {
    fn rest(letters: &[u8], words: &[String], passed: usize, taken: usize) -> bool {
        if letters.is_empty() {
            return taken >= 2 && words.len() + passed <= 2;
        }
        let Some((word, others)) = words.split_first() else {
            return false;
        };
        let common = letters.iter().zip(word.as_bytes()).take_while(|(a, b)| a == b).count();
        (1..=common)
            .rev()
            .any(|n| rest(&letters[n..], others, passed, taken + 1))
            || (passed < 2 && taken > 0 && rest(letters, others, passed + 1, taken))
    }
    words.len() >= 2 && rest(acronym.as_bytes(), words, 0, 0)
}

/// The names in one text, and the acronyms that stand beside them: "OIM –
/// Organisation internationale…", "Coopération allemande (GIZ)".
pub(super) fn parts(text: &str) -> (Vec<Name>, Vec<String>) {
    let (mut names, mut acronyms) = (Vec::new(), Vec::new());
    let mut left = String::with_capacity(text.len());
    for part in text
        .replace([')', ']'], "(")
        .split('(')
        .flat_map(|p| p.split(" – "))
        .flat_map(|p| p.split(" - "))
    {
        match acronym(part) {
            Some(short) => acronyms.push(short),
            None => {
                left.push_str(part);
                left.push(' ');
            }
        }
    }
    names.extend(Name::new(&left));
    // "OIM Cameroun": what is left beside light words is an acronym.
    let telling: Vec<&str> = text
        .split_whitespace()
        .filter(|w| !LIGHT.contains(&fold(w).as_str()))
        .collect();
    if let [only] = telling[..] {
        acronyms.extend(acronym(only));
    }
    acronyms.sort_unstable();
    acronyms.dedup();
    (names, acronyms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::new(text).expect("letters")
    }

    fn alike(a: &str, b: &str) -> u32 {
        cores_alike(&name(a), &name(b), &Frequency::default()).unwrap_or(0)
    }

    #[test]
    fn a_name_is_taken_apart() {
        let loum = name("Loum I Centre de Santé Integre");
        assert_eq!(loum.class, Some(Class::IntegratedHealthCentre));
        assert_eq!((loum.numbers.as_slice(), loum.core.len()), (&["1".to_owned()][..], 1));
        let hospital = name("Hôpital de District d’Édéa");
        assert_eq!(hospital.class, Some(Class::DistrictHospital));
        assert_eq!(hospital.core[0].plain, "edea");
        let catholic = name("Batie Catholique Centre de Santé").marks;
        assert_eq!(catholic, [("catholic", "catholique".to_owned())]);
        assert_eq!(name("Ad Lucem Centre de Santé").core, []);
        assert_eq!(name("N’Gaoundéré Hôpital Regional").core[0].plain, "ngaoundere");
        assert_eq!(name("Centre de santé A 1").numbers, ["1", "a"]);
        assert_eq!(Name::new("–"), None);
        assert_eq!(name("V Centre").numbers, Vec::<String>::new());
    }

    #[test]
    fn a_name_is_not_the_beginning_of_another() {
        assert_eq!(alike("CSI de Nkol", "CSI de Nkolbisson"), 0);
        assert_eq!(alike("CSI de Lom", "CSI de Lam"), 0);
        assert!(alike("Beka Guiwang CSI", "CSI de Bekaguiwang") >= 950);
        assert!(alike("CSI de Ngaoundéré", "Ngaundere IHC") >= 850);
        assert!(alike("Association des femmes de Tonga", "Tonga Women’s Association") >= 950);
        assert!(alike("CSI de Djounde", "CSI de Figuil") < 300);
    }

    #[test]
    fn acronyms_stand_for_beginnings_of_words() {
        let words = |text: &str| name(text).content;
        for (short, long) in [
            ("minas", "Ministère des Affaires sociales"),
            ("minefop", "Ministère de l’Emploi et de la Formation professionnelle"),
            ("minsante", "Ministère de la Santé publique"),
            ("oim", "Organisation internationale pour les migrations"),
            ("hcr", "Haut-Commissariat des Nations Unies pour les réfugiés"),
            ("cpff", "Centre de promotion de la femme et de la famille"),
            ("alvf", "Association de lutte contre les violences faites aux femmes"),
        ] {
            assert!(stands_for(short, &words(long)), "{short}: {long}");
        }
        for (short, long) in [
            ("minas", "Ministère de la Justice"),
            ("oim", "Observatoire des médias"),
            ("cnps", "Centre de santé"),
            ("plan", "Plan"),
        ] {
            assert!(!stands_for(short, &words(long)), "{short}: {long}");
        }
    }

    #[test]
    fn acronyms_are_found_beside_names() {
        let of = |text: &str| parts(text).1;
        assert_eq!(of("Coopération allemande (GIZ)"), ["giz"]);
        assert_eq!(of("OIM – Organisation internationale pour les migrations"), ["oim"]);
        assert_eq!(of("OIM Cameroun"), ["oim"]);
        assert_eq!(of("Caritas Cameroun"), Vec::<String>::new());
        assert_eq!(of("Kribi (Ex-PMI) Centre de Santé"), Vec::<String>::new());
    }
}
