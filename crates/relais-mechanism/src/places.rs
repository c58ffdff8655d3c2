//! Places: regions, departments, subdivisions, and the matching of typed
//! names without accents and with slips of the finger.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::closed_enum;
use crate::words::{Label, Lang};

closed_enum! {
    /// Level of a place.
    Level {
        /// Region.
        Region = "region",
        /// Department (division).
        Department = "department",
        /// Subdivision (arrondissement).
        Subdivision = "subdivision",
    }
}

/// A place with its code and, where known, coordinates.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// P-code, such as "CM005003001".
    pub code: String,
    /// Level.
    pub level: Level,
    /// Name; the same in both languages below the region.
    pub name: Label,
    /// Code of the place above; `None` for a region.
    pub parent: Option<String>,
    /// Code of the region that it lies in (its own for a region).
    pub region: String,
    /// Chief town; `None` for a subdivision.
    pub chief_town: Option<String>,
    /// Latitude and longitude in degrees; a subdivision takes its
    /// department's.
    pub coordinates: Option<(f64, f64)>,
    /// How sure the coordinates are: "K" for an approximation.
    pub mark: Option<String>,
    /// The language in which organisations of a region are written to, where
    /// it is not the mechanism's first (DOMAIN §5.5).
    pub language: Option<Lang>,
}

impl Place {
    /// The name in the language.
    #[must_use]
    pub fn name(&self, lang: Lang) -> &str {
        self.name.get(lang)
    }
}

/// A place that a typed text may mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlaceMatch<'a> {
    /// The place.
    pub place: &'a Place,
    /// How near: 0 the same, 1 but for a number, 2 its beginning, 3 a word of
    /// it, more with slips.
    pub distance: u8,
}

/// How many places a typed name gives at most.
const MATCHES: usize = 12;

/// A name as it is compared: small letters without accents, words apart by one
/// blank, "1er", "2e", "3ème" and a last roman numeral as digits.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::new();
    for c in text
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
    {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            c if c.is_alphanumeric() => folded.push(c),
            // An apostrophe joins (N’Gaoundéré), anything else parts.
            '\'' | '’' | 'ʼ' | '‘' => {}
            _ => folded.push(' '),
        }
    }
    let words: Vec<&str> = folded.split_whitespace().collect();
    let last = words.len().saturating_sub(1);
    let numbered = words
        .iter()
        .enumerate()
        .map(|(i, word)| number(word, i > 0 && i == last));
    numbered.collect::<Vec<_>>().join(" ")
}

fn number(word: &str, roman: bool) -> &str {
    for ending in ["er", "ere", "eme", "nd", "rd", "th", "st", "e"] {
        if let Some(digits) = word.strip_suffix(ending)
            && !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
        {
            return digits;
        }
    }
    match word {
        "i" if roman => "1",
        "ii" if roman => "2",
        "iii" if roman => "3",
        "iv" if roman => "4",
        "v" if roman => "5",
        "vi" if roman => "6",
        "vii" if roman => "7",
        _ => word,
    }
}

/// Slips of the finger between two names (letters changed, added, left out, or
/// two neighbours swapped), if there are at most `most`.
fn slips(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (above[j] + usize::from(x != y)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().filter(|found| *found <= most)
}

/// How near a typed name is to a place's name: 0 the same, 1 the same but for
/// its number ("Garoua" means "Garoua 1er" before "Garoua-Boulaï"), 2 its
/// beginning, 3 a word begins with it, 4 and more with slips. Both are folded.
fn nearness(typed: &str, name: &str) -> Option<u8> {
    if name == typed {
        return Some(0);
    }
    if let Some(rest) = name.strip_prefix(typed) {
        let number = rest
            .strip_prefix(' ')
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        return Some(if number { 1 } else { 2 });
    }
    if typed.len() >= 3 && name.match_indices(typed).any(|(at, _)| name[..at].ends_with(' ')) {
        return Some(3);
    }
    let most = match typed.chars().count() {
        0..=3 => return None,
        4..=6 => 1,
        _ => 2,
    };
    let whole = slips(typed, name, most);
    // "Ngaundere" means "Ngaoundere 1" too: the beginning may carry the slips.
    let beginning = name
        .split_once(' ')
        .and_then(|(first, _)| slips(typed, first, most))
        .map(|n| n + 1);
    let nearest = whole.into_iter().chain(beginning).min()?;
    u8::try_from(nearest + 3).ok()
}

/// The places that a typed name may mean, nearest first; a place is also found
/// by its chief town, after those found by name. Blank text gives none.
pub(crate) fn find<'a>(places: &'a [Place], typed: &str) -> Vec<PlaceMatch<'a>> {
    // Names are short; a longer text is no name and is not worth comparing.
    let typed = fold(&typed.chars().take(80).collect::<String>());
    if typed.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<PlaceMatch<'a>> = Vec::new();
    for place in places {
        let by_name = [&place.name.fr, &place.name.en]
            .iter()
            .filter_map(|n| nearness(&typed, &fold(n)))
            .min();
        let by_town = place
            .chief_town
            .as_ref()
            .and_then(|t| nearness(&typed, &fold(t)))
            .map(|n| n + 2);
        if let Some(distance) = by_name.into_iter().chain(by_town).min() {
            found.push(PlaceMatch { place, distance });
        }
    }
    // Slips are looked for only where the name itself was not found.
    if found.iter().any(|m| m.distance <= 2) {
        found.retain(|m| m.distance <= 3);
    }
    // Of equally near ones the wider place first, then by code.
    found.sort_by(|a, b| (a.distance, a.place.level, &a.place.code).cmp(&(b.distance, b.place.level, &b.place.code)));
    found.truncate(MATCHES);
    found
}
