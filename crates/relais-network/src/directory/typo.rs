//! Slips of the finger and of the ear: the word of the vocabulary that a typed
//! word is nearest to. One slip for words of four to seven letters, two for
//! longer ones; what sounds alike (Yagwa, Yagoua) is no slip.

use std::sync::Arc;

/// The vocabulary, made ready for looking through: by the length of their
/// sounds, the words' letters as bits, their numbers, and the sounds themselves.
#[derive(Debug, Default)]
pub(super) struct Sounds {
    letters: Box<[u32]>,
    numbers: Box<[u32]>,
    /// The sounds one after the other.
    sounds: Box<[u8]>,
    /// Where the sounds of each length begin, and where the last ones end.
    starts: Box<[usize]>,
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
    /// Of a vocabulary.
    pub fn of(vocabulary: &[Arc<str>]) -> Self {
        let mut ordered: Vec<(Vec<u8>, u32)> = vocabulary.iter().map(|w| sound(w)).zip(0..).collect();
        ordered.sort_unstable_by_key(|(sound, number)| (sound.len(), *number));
        let longest = ordered.last().map_or(0, |(sound, _)| sound.len());
        Self {
            starts: (0..=longest + 1)
                .map(|length| ordered.partition_point(|(sound, _)| sound.len() < length))
                .collect(),
            letters: ordered.iter().map(|(sound, _)| letters(sound)).collect(),
            numbers: ordered.iter().map(|(_, number)| *number).collect(),
            sounds: ordered.into_iter().flat_map(|(sound, _)| sound).collect(),
        }
    }

    /// The words whose sound is so long, give or take so much, and has the
    /// letters but for so many: their numbers and sounds.
    fn alike(&self, length: usize, own: u32, most: usize) -> impl Iterator<Item = (usize, &[u8])> {
        let without = move |mut bits: u32| {
            (0..most).for_each(|_| bits &= bits.wrapping_sub(1));
            bits
        };
        // A slip takes one of the letters that occur away at most, and adds one.
        let alike = move |bits: u32| without(own & !bits) | without(bits & !own) == 0;
        let mut sounds = 0;
        self.starts.windows(2).enumerate().flat_map(move |(long, range)| {
            let first = sounds;
            sounds += long * (range[1] - range[0]);
            let range = if long.abs_diff(length) <= most {
                range[0]..range[1]
            } else {
                0..0
            };
            let words = self.letters[range.clone()].iter().zip(&self.numbers[range]).enumerate();
            words
                .filter(move |(_, (bits, _))| alike(**bits))
                .map(move |(at, (_, number))| {
                    let sound = first + at * long;
                    (*number as usize, &self.sounds[sound..sound + long])
                })
        })
    }

    /// The word that a typed one is nearest to, if there is one: fewest slips
    /// by sound, then by letter, then one with the same first letter, then the
    /// `weight`iest, then the first.
    pub fn nearest<'v>(
        &self,
        typed: &str,
        vocabulary: &'v [Arc<str>],
        weight: impl Fn(&str) -> usize,
    ) -> Option<&'v str> {
        let most = allowed(typed.chars().count());
        if most == 0 || typed.len() > LONGEST {
            return None;
        }
        let heard = sound(typed);
        let mut best = None;
        for (number, sound) in self.alike(heard.len(), letters(&heard), most) {
            let word = &*vocabulary[number];
            // A short word is too near to everything, and a number is never the slip of another.
            if word.len() < 4 || digits(word).ne(digits(typed)) {
                continue;
            }
            // A slip may part two letters of one sound, so the letters count too.
            let by_sound = slips(&heard, sound, most);
            if by_sound.is_none() && slips(typed.as_bytes(), word.as_bytes(), most).is_none() {
                continue;
            }
            let by_letter = slips(typed.as_bytes(), word.as_bytes(), LONGEST).unwrap_or(LONGEST);
            let fewest = by_sound.unwrap_or(LONGEST).min(by_letter);
            let other_first = word.as_bytes()[0] != typed.as_bytes()[0];
            let key = (fewest, by_letter, other_first, usize::MAX - weight(word), number);
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
/// most `most`. Only what lies so near the diagonal is reckoned.
fn slips(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most || a.len() > 2 * LONGEST || b.len() > 2 * LONGEST {
        return None;
    }
    let beyond = small(most + 1);
    // Of this row and the two above, each in turn; nothing is left of the first
    // cell of a row nor right of its last.
    let mut rows = [[beyond; 2 * LONGEST + 2]; 3];
    for (cell, number) in rows[0].iter_mut().zip(0..=most.min(b.len())) {
        *cell = small(number);
    }
    for (i, x) in (1..).zip(a) {
        let (above, before) = (rows[(i + 2) % 3], rows[(i + 1) % 3]);
        let row = &mut rows[i % 3];
        let (from, to) = (i.saturating_sub(most).max(1), (i + most).min(b.len()));
        row[from - 1] = if from == 1 { small(i).min(beyond) } else { beyond };
        let mut least = row[from - 1];
        for j in from..=to {
            let y = b[j - 1];
            let mut cell = (above[j - 1] + u8::from(*x != y)).min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && *x == b[j - 2] && a[i - 2] == y {
                cell = cell.min(before[j - 2] + 1);
            }
            row[j] = cell;
            least = least.min(cell);
        }
        row[to + 1] = beyond;
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
        let words: Vec<Arc<str>> = vocabulary.iter().map(|w| (*w).into()).collect();
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

    /// All words of two letters, up to four long.
    fn short_words() -> Vec<Vec<u8>> {
        let mut words = vec![Vec::new()];
        for length in 1..5 {
            for number in 0..1_u32 << length {
                words.push((0..length).map(|at| b'a' + u8::from(number >> at & 1 == 1)).collect());
            }
        }
        words
    }

    /// The same by trying all that may have happened to the last letters.
    fn tried(a: &[u8], b: &[u8]) -> usize {
        match (a, b) {
            ([], rest) | (rest, []) => rest.len(),
            ([a0 @ .., x], [b0 @ .., y]) => {
                let least = (tried(a0, b) + 1)
                    .min(tried(a, b0) + 1)
                    .min(tried(a0, b0) + usize::from(x != y));
                match (a0, b0) {
                    ([a1 @ .., w], [b1 @ .., z]) if w == y && x == z => least.min(tried(a1, b1) + 1),
                    _ => least,
                }
            }
        }
    }

    #[test]
    fn what_is_far_from_the_diagonal_is_not_needed() {
        for a in short_words() {
            for b in short_words() {
                for most in 0..5 {
                    let expected = Some(tried(&a, &b)).filter(|slips| *slips <= most);
                    assert_eq!(slips(&a, &b, most), expected, "{a:?} {b:?} {most}");
                }
            }
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
