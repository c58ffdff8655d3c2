//! Under which keys a person is filed, and under which one is looked for.
//!
//! A key is a text that two files of one person most often share: a word of
//! the name as it sounds with the year of birth, the birth date, a telephone.
//! The store never sees the text at rest: it makes a keyed bucket of it. Who
//! is looked for is looked for in the neighbouring years too, so that a person
//! is filed under one year only.

use std::collections::BTreeSet;

use super::name::{Name, Weight, Word, sound};
use super::{Birth, Particulars, Place};

/// A person is filed under this many keys at most.
pub const MOST: usize = 16;

/// Words of a name that are filed.
const WORDS: usize = 3;

/// The keys under which a person is filed, numbers first, names before
/// aliases: what is over [`MOST`] is not filed.
#[must_use]
pub fn filed(person: &Particulars) -> Vec<String> {
    let mut out = Keys::default();
    for number in person.references.iter().chain(&person.telephones) {
        out.add(format!("n {number}"));
    }
    if let Some(day) = person.birth.and_then(Birth::day) {
        out.add(format!("d {day}"));
    }
    let sounds: Vec<String> = person.names.iter().flat_map(sounds).collect();
    for sound in &sounds {
        out.add(in_year(sound, person.birth.map(Birth::year)));
    }
    for place in places(person) {
        for sound in &sounds {
            out.add(format!("{sound} at {place}"));
        }
    }
    out.0.truncate(MOST);
    out.0
}

/// The keys under which to look for a person: those of [`filed`], and the name
/// with each year of birth that is close enough.
#[must_use]
pub fn probed(person: &Particulars) -> Vec<String> {
    let mut out = Keys(filed(person));
    let Some(birth) = person.birth else { return out.0 };
    // An age is known but for a year or two, and often rounded.
    let span = if matches!(birth, Birth::Age { .. }) { 3 } else { 2 };
    for sound in person.names.iter().flat_map(sounds) {
        for year in (birth.year() - span)..=(birth.year() + span) {
            out.add(in_year(&sound, Some(year)));
        }
    }
    out.0
}

#[derive(Default)]
struct Keys(Vec<String>);

impl Keys {
    fn add(&mut self, key: String) {
        if !self.0.contains(&key) {
            self.0.push(key);
        }
    }
}

fn in_year(sound: &str, year: Option<i32>) -> String {
    year.map_or_else(|| format!("{sound} ?"), |year| format!("{sound} {year}"))
}

/// How a name sounds: two of its words in any order; the whole without its
/// gaps, for words that are written apart or together; and each word that not
/// very many bear as it is written in one orthography, for when another word
/// of the name has a slip.
fn sounds(name: &Name) -> Vec<String> {
    let telling: Vec<&Word> = name.telling().into_iter().take(WORDS).collect();
    let mut out = Vec::new();
    for (at, one) in telling.iter().enumerate() {
        for other in &telling[at + 1..] {
            let (one, other) = (skeleton(one), skeleton(other));
            out.push(if one <= other {
                format!("p {one} {other}")
            } else {
                format!("p {other} {one}")
            });
        }
    }
    out.push(format!("a {}", whole(name)));
    let rare = telling.iter().filter(|w| w.weight != Weight::Common);
    out.extend(rare.map(|w| format!("w {}", w.spelt)));
    out
}

/// Consonants of a word in the order of the alphabet, so that two exchanged
/// make no difference; without *Ngo*, which is written apart or not. All forms
/// of one name (*Mamadou*, *Mohamed*) are one.
fn skeleton(word: &Word) -> String {
    if let Some(family) = word.family {
        return format!("#{family}");
    }
    let heard = match word.spelt.strip_prefix("ngo") {
        Some(rest) if rest.len() >= 4 => sound(rest),
        _ => word.sound.clone(),
    };
    let letters: BTreeSet<char> = heard.chars().collect();
    letters.into_iter().collect()
}

/// The consonants of a whole name: a vowel that begins a word is lost where
/// words are joined.
fn whole(name: &Name) -> String {
    let mut out = String::new();
    for c in name.words.iter().flat_map(|w| w.sound.chars()).filter(|c| *c != 'a') {
        if !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

/// The places that are small enough to tell persons apart: a department or
/// less, or words.
fn places(person: &Particulars) -> Vec<String> {
    person
        .places
        .iter()
        .zip(0..)
        .filter_map(|(place, kind)| {
            let place = match place.as_ref()? {
                Place::Code(code) => code.get(..8)?.to_owned(),
                Place::Words(words) => words.iter().map(|w| w.sound.as_str()).collect(),
            };
            Some(format!("{kind} {place}"))
        })
        .collect()
}
