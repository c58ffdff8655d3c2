//! Finding people without names at rest: whole-name keys under HMAC, cut so
//! short that each is shared by many names, and dealt out so that no token is
//! commoner than another (DESIGN §6, decision 0008).
//!
//! # How
//! A name as it sounds has [`CHOICES`] places among [`PLACES`]. A person is put
//! into that one of the name's places where fewest persons are: the places stay
//! equally full, however common the name is.
//!
//! - Who steals the database has no key and can compute no token. What is left
//!   is counting: which token is frequent. None is. Two persons of one name have
//!   most often two tokens, and two of one token most often two names; a name is
//!   hidden up to a share of `CHOICES / PLACES`, one person in 64, in a
//!   population of any size, the smallest included.
//! - Who also steals the keyring can try names. Of a country's 600,000 whole
//!   names some 9,400 fit any token. (The sealed name itself is then open
//!   anyway; the shortness protects copies of the tokens alone.)
//! - A search reads the persons in the name's places, one in 64: one or two of
//!   100, 16 of 1,000, 313 of 20,000, whose names are opened in memory and
//!   compared there. It finds every name that sounds the same; whether it is
//!   written the same is compared then, so nothing of the spelling is at rest.

use std::collections::HashMap;

use relais_network::ids::PersonId;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::error::StoreError;
use crate::keyring::KeyPurpose;
use crate::params;
use crate::seal::Sealer;
use crate::tx::Tx;
use crate::value::Value;

/// Bits of a token.
const BITS: u32 = 9;
/// Values that a token can have.
pub const PLACES: usize = 1 << BITS;
/// Of these, how many a name has: a person gets the least full of them.
pub const CHOICES: usize = 8;

const PHONETIC: &str = "phonetic";

crate::sql! {
    /// One more token.
    ADD_TOKEN = "INSERT INTO name_token (kind, token, person_id) VALUES ($1, $2, $3) ON CONFLICT (kind, token, person_id) DO NOTHING";
    /// A person's tokens go.
    DROP_TOKENS = "DELETE FROM name_token WHERE person_id = $1";
    /// How full a name's places are.
    COUNT_TOKENS = "SELECT token, COUNT(*) AS n FROM name_token WHERE kind = $1 AND token IN ($2, $3, $4, $5, $6, $7, $8, $9) GROUP BY token";
    /// Persons whose name may sound like this one, the last registered first.
    SOUND_ALIKE = "SELECT person_id FROM name_token WHERE kind = $1 AND token IN ($2, $3, $4, $5, $6, $7, $8, $9) ORDER BY person_id DESC LIMIT $10";
}

/// A token, as it lies in the table.
pub type Token = [u8; 2];

/// The places of a whole name as it sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places(pub [Token; CHOICES]);

impl Places {
    /// The least full place; among equals the one that the dice show.
    fn least_full(&self, load: impl Fn(&Token) -> i64, dice: u64) -> Token {
        let least = self.0.iter().map(&load).min().unwrap_or(0);
        let equal: Vec<&Token> = self.0.iter().filter(|t| load(t) == least).collect();
        let at = usize::try_from(dice % equal.len().max(1) as u64).unwrap_or(0);
        equal.get(at).map_or(self.0[0], |t| **t)
    }
}

/// The places of a whole name, or `None` when it has no letter.
#[must_use]
pub fn of(sealer: &Sealer, name: &str) -> Option<Places> {
    let words = words(name);
    if words.is_empty() {
        return None;
    }
    let mut sounds: Vec<String> = words.iter().map(|w| sound(w)).collect();
    sounds.sort();
    let sounds = sounds.join(" ");
    let (mut places, mut found, mut round) = ([[0; 2]; CHOICES], 0, 0_u64);
    // Sixteen values in each digest: one is nearly always enough for eight different ones.
    while found < CHOICES {
        let digest = sealer.mac(KeyPurpose::PhoneticName, &[sounds.as_bytes(), &round.to_le_bytes()]);
        for pair in digest.chunks_exact(2) {
            let token = [pair[0], pair[1] & ((1 << (BITS - 8)) - 1)];
            if found < CHOICES && !places[..found].contains(&token) {
                places[found] = token;
                found += 1;
            }
        }
        round += 1;
    }
    Some(Places(places))
}

/// The kind and the eight places, as both statements take them.
fn values(places: &Places) -> Vec<Value> {
    let mut values = vec![Value::from(PHONETIC)];
    values.extend(places.0.iter().map(|t| Value::from(t.to_vec())));
    values
}

/// Replaces a person's tokens by those of these names (one, or more where a
/// person is known by several).
///
/// # Errors
/// What the database refused.
pub fn put(tx: &mut Tx<'_>, person: PersonId, names: &[&str]) -> Result<(), StoreError> {
    remove(tx, person)?;
    let sealer = tx.sealer();
    for places in names.iter().filter_map(|name| of(&sealer, name)) {
        let full = tx
            .query(COUNT_TOKENS, &values(&places))?
            .iter()
            .map(|row| Ok((row.get("token")?, row.get("n")?)))
            .collect::<Result<HashMap<Vec<u8>, i64>, StoreError>>()?;
        let dice = u64::from_le_bytes(crate::random::bytes());
        let token = places.least_full(|t| full.get(&t[..]).copied().unwrap_or(0), dice);
        tx.execute(ADD_TOKEN, &params![PHONETIC, token, person])?;
    }
    Ok(())
}

/// Removes a person's tokens (erasure); whether there were any.
///
/// # Errors
/// What the database refused.
pub fn remove(tx: &mut Tx<'_>, person: PersonId) -> Result<bool, StoreError> {
    Ok(tx.execute(DROP_TOKENS, &params![person])? > 0)
}

/// Persons whose name may sound like this one, at most `limit`, the last
/// registered first. "Perhaps", nothing else: only opening the name and
/// comparing it tells, and that is for every one of them.
///
/// # Errors
/// What the database refused.
pub fn perhaps(tx: &mut Tx<'_>, name: &str, limit: i64) -> Result<Vec<PersonId>, StoreError> {
    let Some(places) = of(&tx.sealer(), name) else {
        return Ok(Vec::new());
    };
    let mut values = values(&places);
    values.push(Value::from(limit));
    tx.query(SOUND_ALIKE, &values)?
        .iter()
        .map(|row| row.get("person_id"))
        .collect()
}

/// The words of a name as they are compared: no accents, no case, no
/// punctuation, in alphabetical order, for given and family name change places.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let plain: String = name
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'œ' => "oe".to_owned(),
            'æ' => "ae".to_owned(),
            // The apostrophe joins (N’Gono is Ngono), every other sign parts.
            '\'' | '’' | 'ʼ' => String::new(),
            'ɓ' => "b".to_owned(),
            'ɗ' => "d".to_owned(),
            'ŋ' => "n".to_owned(),
            'ƴ' => "y".to_owned(),
            c if c.is_alphanumeric() => c.to_string(),
            _ => " ".to_owned(),
        })
        .collect();
    let mut words: Vec<String> = plain.split_whitespace().map(str::to_owned).collect();
    words.sort();
    words
}

/// How a word sounds, roughly, to French and English ears in Cameroon: groups
/// of letters first, then no `h`, no vowel but a first one, nothing twice. One
/// key cannot hear everything: the `ch` of Zacharie, which is a `k`, is heard as in Charles.
#[must_use]
pub fn sound(word: &str) -> String {
    const GROUPS: &[(&str, &str)] = &[
        ("tch", "x"),
        ("sch", "x"),
        ("ch", "x"),
        ("sh", "x"),
        ("tj", "x"),
        ("ph", "f"),
        ("dj", "j"),
        ("dg", "j"),
        ("ge", "je"),
        ("gi", "ji"),
        ("gn", "n"),
        ("ny", "n"),
        ("ce", "se"),
        ("ci", "si"),
        ("cy", "si"),
        ("ck", "k"),
        ("qu", "k"),
        ("gu", "g"),
        ("ou", "u"),
        ("oo", "u"),
        ("x", "ks"),
        ("c", "k"),
        ("q", "k"),
        ("z", "s"),
        ("w", "u"),
        ("v", "f"),
        ("y", "i"),
    ];
    let mut letters = String::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        if let Some((group, becomes)) = GROUPS.iter().find(|(group, _)| rest.starts_with(group)) {
            letters.push_str(becomes);
            rest = &rest[group.len()..];
        } else {
            letters.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    let mut out = String::new();
    for (at, c) in letters.chars().filter(|c| *c != 'h').enumerate() {
        let vowel = "aeiou".contains(c);
        if vowel && at > 0 {
            continue;
        }
        let c = if vowel { 'a' } else { c };
        if !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests;
