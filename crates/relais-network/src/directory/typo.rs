//! Slips of the finger and of the ear: the word of the vocabulary that a typed
//! word is nearest to. One slip for words of four to seven letters, two for
//! longer ones; what sounds alike (Yagwa, Yagoua) is no slip.

/// The vocabulary, made ready for looking through: the letters of each word's
/// sound as bits, and its length. Four bytes and one a word.
#[derive(Debug, Default)]
pub(super) struct Sounds {
    letters: Box<[u32]>,
    lengths: Box<[u8]>,
}

/// Most letters of a word that is looked for: names are shorter, and what is
/// longer is no word.
const LONGEST: usize = 32;

/// How a word sounds: French and English spellings of one sound as one.
fn sound(word: &str) -> Vec<u8> {
    let bytes = word.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let next = bytes.get(at + 1).copied();
        let (letter, taken) = match (bytes[at], next) {
            (b'o', Some(b'u')) => (b'u', 2),
            (b'p', Some(b'h')) => (b'f', 2),
            (b'q', Some(b'u')) | (b'c', Some(b'k')) => (b'k', 2),
            (b'c', Some(b'a' | b'o' | b'u')) => (b'k', 1),
            (b'w', _) => (b'u', 1),
            (b'y', _) => (b'i', 1),
            (letter, _) => (letter, 1),
        };
        // A doubled letter sounds as one.
        if out.last() != Some(&letter) {
            out.push(letter);
        }
        at += taken;
    }
    out
}

/// One bit a letter; digits and all else share the rest.
fn letters(sound: &[u8]) -> u32 {
    sound.iter().fold(0, |bits, b| {
        bits | match b {
            b'a'..=b'z' => 1 << (b - b'a'),
            b'0'..=b'9' => 1 << (26 + b % 5),
            _ => 1 << 31,
        }
    })
}

/// How many slips a word of so many letters may have.
const fn allowed(letters: usize) -> usize {
    match letters {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

impl Sounds {
    /// Of a vocabulary, in its order.
    pub fn of(vocabulary: &[Box<str>]) -> Self {
        let sounds = vocabulary.iter().map(|w| sound(w));
        let (letters, lengths) = sounds
            .map(|s| (letters(&s), u8::try_from(s.len()).unwrap_or(u8::MAX)))
            .unzip::<_, _, Vec<_>, Vec<_>>();
        Self {
            letters: letters.into(),
            lengths: lengths.into(),
        }
    }

    /// The word that a typed one is nearest to, if there is one: fewest slips
    /// by sound, then by letter, then one with the same first letter, then the
    /// `weight`iest, then the first.
    pub fn nearest<'v>(
        &self,
        typed: &str,
        vocabulary: &'v [Box<str>],
        weight: impl Fn(&str) -> usize,
    ) -> Option<&'v str> {
        let most = allowed(typed.chars().count());
        if most == 0 || typed.len() > LONGEST {
            return None;
        }
        let heard = sound(typed);
        let own = letters(&heard);
        let mut best = None;
        for (number, (bits, length)) in self.letters.iter().zip(&self.lengths).enumerate() {
            // A slip takes one of the letters that occur away at most, and adds one.
            let (away, added) = ((own & !bits).count_ones() as usize, (bits & !own).count_ones() as usize);
            if away > most || added > most || usize::from(*length).abs_diff(heard.len()) > most {
                continue;
            }
            let word = &*vocabulary[number];
            // A short word is too near to everything, and a number is never the slip of another.
            if word.len() < 4 || digits(word).ne(digits(typed)) {
                continue;
            }
            // A slip may part two letters of one sound, so the letters count too.
            let by_sound = slips(&heard, &sound(word), most);
            if by_sound.is_none() && slips(typed.as_bytes(), word.as_bytes(), most).is_none() {
                continue;
            }
            let by_letter = slips(typed.as_bytes(), word.as_bytes(), LONGEST).unwrap_or(LONGEST);
            let fewest = by_sound.unwrap_or(LONGEST).min(by_letter);
            let other_first = word.as_bytes()[0] != typed.as_bytes()[0];
            let key = (fewest, by_letter, other_first, usize::MAX - weight(word));
            if best.as_ref().is_none_or(|(least, _)| key < *least) {
                best = Some((key, word));
            }
        }
        best.map(|(_, word)| word)
    }
}

fn digits(word: &str) -> impl Iterator<Item = u8> {
    word.bytes().filter(u8::is_ascii_digit)
}

/// Letters changed, added, left out, or two neighbours swapped, if there are at
/// most `most`.
fn slips(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most || a.len() > 2 * LONGEST || b.len() > 2 * LONGEST {
        return None;
    }
    // Of this row and the two above, each in turn.
    let mut rows = [[0_u8; 2 * LONGEST + 1]; 3];
    for (cell, number) in rows[0].iter_mut().zip(0..=b.len()) {
        *cell = small(number);
    }
    for (i, x) in a.iter().enumerate() {
        let (above, before) = (rows[i % 3], rows[(i + 2) % 3]);
        let row = &mut rows[(i + 1) % 3];
        row[0] = small(i + 1);
        let mut least = row[0];
        for (j, y) in b.iter().enumerate() {
            let mut cell = (above[j] + u8::from(x != y)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cell = cell.min(before[j - 1] + 1);
            }
            row[j + 1] = cell;
            least = least.min(cell);
        }
        if usize::from(least) > most {
            return None;
        }
    }
    Some(usize::from(rows[a.len() % 3][b.len()])).filter(|found| *found <= most)
}

/// A length of at most twice [`LONGEST`], or a row's number.
fn small(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(typed: &str, vocabulary: &[&str]) -> Option<String> {
        let words: Vec<Box<str>> = vocabulary.iter().map(|w| (*w).into()).collect();
        Sounds::of(&words).nearest(typed, &words, |_| 1).map(str::to_owned)
    }

    #[test]
    fn slips_are_counted_as_people_make_them() {
        for (a, b, expected) in [
            ("formation", "formation", Some(0)),
            ("formatoin", "formation", Some(1)),
            ("vacination", "vaccination", Some(1)),
            ("violanse", "violence", Some(2)),
            ("chat", "hibou", None),
            ("", "ab", Some(2)),
            ("", "abc", None),
        ] {
            assert_eq!(slips(a.as_bytes(), b.as_bytes(), 2), expected, "{a} {b}");
            assert_eq!(slips(b.as_bytes(), a.as_bytes(), 2), expected, "{b} {a}");
        }
    }

    #[test]
    fn the_nearest_word_is_found_within_the_slips_of_its_length() {
        let vocabulary = [
            "bafia",
            "bafoussam",
            "garoua",
            "garoua2",
            "gare",
            "kribi",
            "maroua",
            "yagoua",
        ];
        for (typed, expected) in [
            ("bafousam", Some("bafoussam")),
            ("bafusam", Some("bafoussam")),
            ("garua", Some("garoua")),
            ("garwa", Some("garoua")),
            ("yagwa", Some("yagoua")),
            ("maroau", Some("maroua")),
            ("kirbi", Some("kribi")),
            ("krbi", Some("kribi")),
            ("gar", None),
            ("kr", None),
            ("kxyzi", None),
            ("garoua3", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, &vocabulary).as_deref(), expected, "{typed}");
        }
        assert_eq!(nearest(&"a".repeat(5000), &vocabulary), None);
        assert_eq!(nearest("éééééééé", &["éééééééa"]).as_deref(), Some("éééééééa"));
    }
}
