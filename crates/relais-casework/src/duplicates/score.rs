//! The comparison: bits of all fields, a verdict, reasons.

use std::collections::HashMap;

use relais_network::spelling::likeness;
use serde::{Deserialize, Serialize};

use super::name::{Name, Weight, Word};
use super::reason::Reason;
use super::{Particulars, Place, birth, weights};

/// Whether two files may be about one person. A person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Two persons, as far as can be told.
    No,
    /// Perhaps one.
    Perhaps,
    /// Likely one.
    Likely,
}

impl Verdict {
    /// Its code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Perhaps => "perhaps",
            Self::Likely => "likely",
        }
    }
}

/// What the comparison of two files gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    /// The verdict.
    pub verdict: Verdict,
    /// Bits, to sort by; not for a screen.
    pub bits: f32,
    /// What agrees and what differs, in the order in which it is told.
    pub reasons: Vec<Reason>,
}

/// Compares what two files say. The order of the two does not matter.
#[must_use]
pub fn compare(a: &Particulars, b: &Particulars) -> Likeness {
    let mut reasons = Vec::new();
    let mut bits = 0.0;
    let mut conflict = false;

    if let (Some(x), Some(y)) = (a.birth, b.birth) {
        let (more, reason) = birth::compare(x, y);
        bits += more;
        reasons.extend(reason);
    }
    if let (Some(x), Some(y)) = (&a.sex, &b.sex) {
        let same = x == y;
        bits += if same { weights::SEX_SAME } else { weights::SEX_OTHER };
        reasons.push(if same { Reason::SexSame } else { Reason::SexOther });
    }
    let at_places: f32 = a
        .places
        .iter()
        .zip(&b.places)
        .filter_map(|(x, y)| Some(place(x.as_ref()?, y.as_ref()?)))
        .sum();
    bits += at_places;
    if at_places > 0.0 {
        reasons.push(Reason::PlaceSame);
    } else if at_places < -2.0 {
        reasons.push(Reason::PlaceOther);
    }
    if a.references.iter().any(|r| b.references.contains(r)) {
        bits += weights::REFERENCE_SAME;
        reasons.push(Reason::Reference);
    }

    // Whom the rest tells apart, no name brings together: most pairs end here.
    let same_telephone = a.telephones.iter().any(|t| b.telephones.contains(t));
    if bits + weights::NAME_MOST + weights::TELEPHONE_SAME >= weights::PERHAPS {
        let name = a
            .names
            .iter()
            .flat_map(|x| b.names.iter().map(move |y| names(x, y)))
            .max_by(|x, y| x.bits.total_cmp(&y.bits));
        if let Some(name) = name {
            bits += name.bits;
            reasons.push(name.reason);
            conflict |= name.conflict;
        }
    }

    if same_telephone {
        conflict |= reasons
            .iter()
            .any(|r| matches!(r, Reason::BirthOther | Reason::SexOther));
        bits += if conflict {
            weights::TELEPHONE_OF_A_FAMILY
        } else {
            weights::TELEPHONE_SAME
        };
        reasons.push(Reason::Telephone);
    } else if !a.telephones.is_empty() && !b.telephones.is_empty() {
        bits += weights::TELEPHONE_OTHER;
    }

    reasons.sort_unstable();
    // Twins and namesakes: what differs outright is for a person to weigh.
    let differs = reasons
        .iter()
        .any(|r| matches!(r, Reason::BirthOther | Reason::SexOther));
    Likeness {
        verdict: if bits >= weights::LIKELY && !differs {
            Verdict::Likely
        } else if bits >= weights::PERHAPS {
            Verdict::Perhaps
        } else {
            Verdict::No
        },
        bits,
        reasons,
    }
}

/// What two names tell.
struct NameLikeness {
    bits: f32,
    reason: Reason,
    /// A word on each side that the other does not have.
    conflict: bool,
}

/// Words of both sides are matched so that the bits are most; a word may match
/// two of the other side written apart.
fn names(a: &Name, b: &Name) -> NameLikeness {
    let mut matching = Matching::new(a, b);
    let best = matching.best(0, 0, 0);
    let (left, other) = (best.left, matching.left_other(best.taken));
    let reason = if best.bits <= 0.0 {
        Reason::NameOther
    } else if left > 0 || other > 0 {
        Reason::NamePart
    } else if best.exact {
        Reason::NameSame
    } else {
        Reason::NameAlike
    };
    NameLikeness {
        bits: matching.total(best).min(weights::NAME_MOST),
        reason,
        conflict: left > 0 && other > 0,
    }
}

#[derive(Clone, Copy)]
struct Best {
    /// Bits of the matched words.
    bits: f32,
    /// Telling words of the first name that are not matched.
    left: u32,
    /// Words of the second name that are matched, one bit each.
    taken: u32,
    /// Whether every match was letter by letter.
    exact: bool,
}

const fn tells(word: &Word) -> bool {
    !matches!(word.weight, Weight::Particle)
}

/// One word (or two joined) of the first name with one (or two joined) of the second.
#[derive(Clone, Copy)]
struct Pair {
    /// Words of the first name that it uses.
    uses: usize,
    /// Words of the second name that it uses, one bit each.
    mask: u32,
    bits: f32,
    exact: bool,
}

struct Matching<'a> {
    b: &'a Name,
    /// By the first name's word: whether it tells, and with what it may be matched.
    pairs: Vec<(bool, Vec<Pair>)>,
    /// What is known of the rest, by word, what is taken and what is left; only where words are so alike that the rest is
    /// asked for again and again.
    known: HashMap<(usize, u32, u32), Best>,
    remembers: bool,
}

impl<'a> Matching<'a> {
    fn new(a: &Name, b: &'a Name) -> Self {
        let pairs = a.words.iter().enumerate().map(|(at, word)| {
            let mut pairs = Vec::new();
            let mut add = |uses, mask, found: Option<(f32, bool)>| {
                pairs.extend(found.map(|(bits, exact)| Pair {
                    uses,
                    mask,
                    bits,
                    exact,
                }));
            };
            for (j, other) in b.words.iter().enumerate() {
                add(1, 1 << j, words(word, other));
            }
            for (j, other) in b.joined.iter().enumerate() {
                add(1, 0b11 << j, joins(word, other));
            }
            if let Some(joined) = a.joined.get(at) {
                for (j, other) in b.words.iter().enumerate() {
                    add(2, 1 << j, joins(joined, other));
                }
            }
            (tells(word), pairs)
        });
        let pairs: Vec<(bool, Vec<Pair>)> = pairs.collect();
        Self {
            b,
            known: HashMap::new(),
            remembers: pairs.iter().map(|(_, p)| p.len()).sum::<usize>() > 10,
            pairs,
        }
    }

    /// The best matching of the first name's words from `at` on, with those of
    /// the second that are free, where `left` words before have no match.
    fn best(&mut self, at: usize, taken: u32, left: u32) -> Best {
        let Some((tells, choices)) = self.pairs.get(at).map(|(tells, pairs)| (*tells, pairs.len())) else {
            return Best {
                bits: 0.0,
                left,
                taken,
                exact: true,
            };
        };
        if let Some(known) = self.known.get(&(at, taken, left)) {
            return *known;
        }
        let mut best = self.best(at + 1, taken, left + u32::from(tells));
        for choice in 0..choices {
            let Pair {
                uses,
                mask,
                bits,
                exact,
            } = self.pairs[at].1[choice];
            if taken & mask != 0 {
                continue;
            }
            let mut rest = self.best(at + uses, taken | mask, left);
            rest.bits += bits;
            rest.exact &= exact;
            if self.total(rest) > self.total(best) {
                best = rest;
            }
        }
        if self.remembers {
            self.known.insert((at, taken, left), best);
        }
        best
    }

    /// Telling words of the second name that are not matched.
    fn left_other(&self, taken: u32) -> u32 {
        let left = self.b.words.iter().enumerate();
        let left = left.filter(|(at, word)| taken & (1 << at) == 0 && tells(word));
        u32::try_from(left.count()).unwrap_or(0)
    }

    /// Bits with what is left over on both sides.
    #[expect(clippy::cast_precision_loss, reason = "at most six words")]
    fn total(&self, best: Best) -> f32 {
        let other = self.left_other(best.taken);
        let both = best.left.min(other);
        let one = best.left.max(other) - both;
        best.bits + both as f32 * weights::WORD_DIFFERS + one as f32 * weights::WORD_MISSING
    }
}

/// How like two words are, in thousandths.
fn like(a: &Word, b: &Word) -> u32 {
    if a.plain == b.plain {
        return 1000;
    }
    if a.family.is_some() && b.family.is_some() {
        // Two names of which both are known: Hamidou is no slip of Mohamadou.
        return if a.family == b.family {
            weights::FORM_OF_ONE_NAME
        } else {
            0
        };
    }
    let plain = likeness(a.plain.as_bytes(), b.plain.as_bytes());
    // Another orthography is nearly the same word.
    let spelt = likeness(a.spelt.as_bytes(), b.spelt.as_bytes()).saturating_sub(20);
    plain.max(spelt)
}

/// Bits of two matched words; `None` when they are not like each other.
fn words(a: &Word, b: &Word) -> Option<(f32, bool)> {
    if a.weight == Weight::Initial || b.weight == Weight::Initial {
        let same = a.plain.chars().next() == b.plain.chars().next();
        return same.then_some((weights::word(Weight::Initial), false));
    }
    let like = like(a, b);
    if like < weights::WORD_LEAST {
        return None;
    }
    let most = weights::word(a.weight).min(weights::word(b.weight));
    Some((most * share(like), like == 1000))
}

/// Two words against one: only where the joined word is nearly the same.
fn joins(a: &Word, b: &Word) -> Option<(f32, bool)> {
    let like = like(a, b);
    if like < 800 {
        return None;
    }
    let most = weights::word(Weight::Ordinary);
    Some((most * share(like), false))
}

/// The share of a word's bits that a likeness earns.
#[expect(clippy::cast_precision_loss, reason = "a thousand at most")]
fn share(like: u32) -> f32 {
    let far = (1000 - like) as f32 / (1000 - weights::WORD_LEAST) as f32;
    1.0 - 1.1 * far
}

/// Bits of two places of the same kind.
fn place(a: &Place, b: &Place) -> f32 {
    match (a, b) {
        (Place::Code(x), Place::Code(y)) => {
            let levels = |s: &str| s.len().saturating_sub(2) / 3;
            let (known, mut same) = (levels(x).min(levels(y)), 0);
            while same < known && x.get(..5 + 3 * same) == y.get(..5 + 3 * same) {
                same += 1;
            }
            weights::place_levels(same)
        }
        (Place::Words(x), Place::Words(y)) => {
            let matched = x.iter().filter(|w| y.iter().any(|v| like(w, v) >= 800)).count();
            if matched * 2 >= x.len().max(y.len()) {
                weights::PLACE_WORDS_SAME
            } else if matched > 0 {
                0.0
            } else {
                weights::PLACE_WORDS_OTHER
            }
        }
        _ => 0.0,
    }
}
