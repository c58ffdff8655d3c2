//! Finding people without names at rest: whole-name keys under HMAC, one key
//! per kind, cut so short that each is shared by many names (DESIGN §6).
//!
//! # How short
//! Two tokens stand for a name: nine bits of how it sounds and three bits of
//! how it is written. Together they are twelve bits, 4,096 values.
//!
//! - Who steals the database has no key and can compute no token. What is left
//!   is counting: which token is frequent. The commonest whole name of a
//!   population is borne by a few persons in a thousand, less than what each
//!   of 512 values gets by chance from a population of any size.
//! - Who also steals the keyring can try names. A country's four hundred
//!   given names and fifteen hundred family names make 600,000 whole names:
//!   some 146 fit any pair of tokens. (The sealed name itself is then open
//!   anyway; the shortness protects copies of the tokens alone.)
//! - A search reads the persons with the same nine bits: 200 of 100,000,
//!   whose names are opened in memory and compared there by spelling distance.

use relais_network::ids::PersonId;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::error::StoreError;
use crate::keyring::KeyPurpose;
use crate::params;
use crate::seal::Sealer;
use crate::tx::Tx;

/// Bits of how a name sounds.
pub const PHONETIC_BITS: u32 = 9;
/// Bits of how a name is written.
pub const EXACT_BITS: u32 = 3;

const PHONETIC: &str = "phonetic";
const EXACT: &str = "exact";

crate::sql! {
    /// One more token.
    ADD_TOKEN = "INSERT INTO name_token (kind, token, person_id) VALUES ($1, $2, $3) ON CONFLICT (kind, token, person_id) DO NOTHING";
    /// A person's tokens go.
    DROP_TOKENS = "DELETE FROM name_token WHERE person_id = $1";
    /// Persons whose name may sound like this one; those that may be written like it first.
    SOUND_ALIKE = "SELECT p.person_id AS person_id, EXISTS (SELECT 1 FROM name_token e WHERE e.kind = 'exact' AND e.token = $2 AND e.person_id = p.person_id) AS exact FROM name_token p WHERE p.kind = 'phonetic' AND p.token = $1 ORDER BY exact DESC, p.person_id DESC LIMIT $3";
}

/// The two tokens of a whole name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// How it sounds.
    pub phonetic: [u8; 2],
    /// How it is written.
    pub exact: [u8; 1],
}

/// A person whose name may be the one that was asked for. "Perhaps", nothing
/// else: only opening the name and comparing it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Perhaps {
    /// The person.
    pub person: PersonId,
    /// Whether the name may also be written the same.
    pub exact: bool,
}

/// The tokens of a whole name, or `None` when it has no letter.
#[must_use]
pub fn of(sealer: &Sealer, name: &str) -> Option<Tokens> {
    let words = words(name);
    if words.is_empty() {
        return None;
    }
    let mut sounds: Vec<String> = words.iter().map(|w| sound(w)).collect();
    sounds.sort();
    let phonetic = sealer.mac(KeyPurpose::PhoneticName, &[sounds.join(" ").as_bytes()]);
    let exact = sealer.mac(KeyPurpose::ExactName, &[words.join(" ").as_bytes()]);
    Some(Tokens {
        phonetic: [phonetic[0], phonetic[1] & ones(PHONETIC_BITS - 8)],
        exact: [exact[0] & ones(EXACT_BITS)],
    })
}

const fn ones(bits: u32) -> u8 {
    (1_u8 << bits) - 1
}

/// Replaces a person's tokens by those of these names (one, or more where a
/// person is known by several).
///
/// # Errors
/// What the database refused.
pub fn put(tx: &mut Tx<'_>, person: PersonId, names: &[&str]) -> Result<(), StoreError> {
    remove(tx, person)?;
    let sealer = tx.sealer();
    for tokens in names.iter().filter_map(|name| of(&sealer, name)) {
        tx.execute(ADD_TOKEN, &params![PHONETIC, tokens.phonetic, person])?;
        tx.execute(ADD_TOKEN, &params![EXACT, tokens.exact, person])?;
    }
    Ok(())
}

/// Removes a person's tokens (erasure).
///
/// # Errors
/// What the database refused.
pub fn remove(tx: &mut Tx<'_>, person: PersonId) -> Result<(), StoreError> {
    tx.execute(DROP_TOKENS, &params![person]).map(drop)
}

/// Persons whose name may sound like this one, at most `limit`.
///
/// # Errors
/// What the database refused.
pub fn perhaps(tx: &mut Tx<'_>, name: &str, limit: i64) -> Result<Vec<Perhaps>, StoreError> {
    let Some(tokens) = of(&tx.sealer(), name) else {
        return Ok(Vec::new());
    };
    tx.query(SOUND_ALIKE, &params![tokens.phonetic, tokens.exact, limit])?
        .iter()
        .map(|row| {
            Ok(Perhaps {
                person: row.get("person_id")?,
                exact: row.get("exact")?,
            })
        })
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
