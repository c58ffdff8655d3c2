//! How far two words are apart, letter by letter.

/// Cost of one letter for another, in hundredths of a slip.
fn exchange(a: u8, b: u8) -> u32 {
    if a == b {
        return 0;
    }
    if is_vowel(a) && is_vowel(b) {
        return 40;
    }
    // Heard alike, or written for each other.
    const NEAR: [&[u8]; 8] = [b"bp", b"dt", b"gkj", b"sz", b"vf", b"mn", b"lr", b"xsj"];
    if NEAR.iter().any(|group| group.contains(&a) && group.contains(&b)) {
        return 60;
    }
    100
}

/// Cost of a letter too many, or too few.
const fn extra(letter: u8) -> u32 {
    if is_vowel(letter) { 60 } else { 100 }
}

const fn is_vowel(letter: u8) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u')
}

/// Longest word that is compared letter by letter; what follows is not read.
const LONGEST: usize = 32;

/// How like two words of small ASCII letters are, in thousandths: 1,000 the
/// same, 0 nothing in common. A slip costs its share of the longer word;
/// vowels weigh less than consonants, neighbours exchanged less than two slips.
pub fn likeness(a: &[u8], b: &[u8]) -> u32 {
    if a == b {
        return 1000;
    }
    let (a, b) = (&a[..a.len().min(LONGEST)], &b[..b.len().min(LONGEST)]);
    let longer = u32::try_from(a.len().max(b.len())).unwrap_or(u32::MAX);
    if a.is_empty() || b.is_empty() || a.len().abs_diff(b.len()) * 2 > a.len().max(b.len()) {
        return 0;
    }
    let mut before = [0_u32; LONGEST + 1];
    let mut last = [0_u32; LONGEST + 1];
    let mut row = [0_u32; LONGEST + 1];
    for (at, letter) in b.iter().enumerate() {
        last[at + 1] = last[at] + extra(*letter);
    }
    for (i, x) in a.iter().enumerate() {
        row[0] = last[0] + extra(*x);
        for (j, y) in b.iter().enumerate() {
            let mut cost = (last[j] + exchange(*x, *y))
                .min(last[j + 1] + extra(*x))
                .min(row[j] + extra(*y));
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cost = cost.min(before[j - 1] + 70);
            }
            row[j + 1] = cost;
        }
        (before, last, row) = (last, row, before);
    }
    1000_u32.saturating_sub(last[b.len()] * 10 / longer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_as_a_table() {
        for (a, b, least, most) in [
            ("mbarga", "mbarga", 1000, 1000),
            ("", "mbarga", 0, 0),
            ("mbarga", "mbargo", 900, 990),
            ("fotso", "fosto", 840, 900),
            ("tamo", "talo", 700, 800),
            ("ngono", "ngo", 600, 700),
            ("mbarga", "fotso", 0, 300),
            ("belinda", "be", 0, 0),
        ] {
            let found = likeness(a.as_bytes(), b.as_bytes());
            assert!((least..=most).contains(&found), "{a} {b}: {found}");
            assert_eq!(found, likeness(b.as_bytes(), a.as_bytes()), "{a} {b}");
        }
        let long = "m".repeat(400);
        assert_eq!(likeness(long.as_bytes(), long.as_bytes()), 1000);
        assert_eq!(likeness(&long.as_bytes()[..399], long.as_bytes()), 1000);
    }
}
