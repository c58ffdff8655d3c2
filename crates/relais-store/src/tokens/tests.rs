//! Do tokens find people, and do they tell names?

use std::collections::HashMap;
use std::sync::Arc;

use super::*;
use crate::keyring::{Keyring, Unlock};
use crate::testing::on_both;

/// Invented syllables joined to names: a list like a country's, with none of its persons.
fn names(beginnings: &[&str], endings: &[&str]) -> Vec<String> {
    beginnings
        .iter()
        .flat_map(|b| endings.iter().map(move |e| format!("{b}{e}")))
        .collect()
}

/// 120 given names and 240 family names.
fn lists() -> (Vec<String>, Vec<String>) {
    let given = names(
        &["Ba", "Dou", "Fi", "Gué", "Jo", "Ké", "Lu", "Mi", "No", "Pé", "Sa", "Ti"],
        &["lou", "ri", "ssata", "nelle", "bert", "ma", "dine", "go", "rice", "va"],
    );
    let family = names(
        &[
            "Abe", "Bika", "Dja", "Efou", "Fonk", "Gara", "Ndzo", "Mba", "Nga", "Owo", "Soule", "Tchi", "Wir", "Yaka",
            "Zan", "Kou",
        ],
        &[
            "ga", "mou", "nkeng", "baye", "tono", "ssou", "ndi", "lack", "mbe", "dou", "wa", "zi", "fon", "kam", "rou",
        ],
    );
    (given, family)
}

/// A generator that always gives the same numbers: a test is repeated as it was.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    /// A place in a list where the first are common and the last are rare, as names are.
    fn common(&mut self, n: usize) -> usize {
        self.below(n).min(self.below(n))
    }
}

fn population(size: usize, seed: u64) -> Vec<String> {
    let (given, family) = lists();
    let mut numbers = Numbers(seed);
    (0..size)
        .map(|_| {
            format!(
                "{} {}",
                given[numbers.common(given.len())],
                family[numbers.common(family.len())]
            )
        })
        .collect()
}

fn sealer() -> (Sealer, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let ring = Keyring::create(&folder.path().join("keys"), None, &Unlock::File, false).unwrap();
    (Sealer::new(Arc::new(ring)), folder)
}

/// Who has the database and the list of names, but not the keys, counts: the commonest token
/// pair must be the commonest name, the second the second, and so on. Guesses that hit.
fn attack(persons: &[(String, Tokens)]) -> usize {
    let by_count = |counts: HashMap<Vec<u8>, usize>| {
        let mut ranked: Vec<_> = counts.into_iter().collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        ranked.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
    };
    let (mut of_names, mut of_tokens) = (HashMap::new(), HashMap::new());
    // The attacker knows even how often each name is borne in this very population.
    for (name, tokens) in persons {
        *of_names.entry(name.clone().into_bytes()).or_insert(0) += 1;
        *of_tokens.entry(key(tokens)).or_insert(0) += 1;
    }
    let guess: HashMap<Vec<u8>, Vec<u8>> = by_count(of_tokens).into_iter().zip(by_count(of_names)).collect();
    persons
        .iter()
        .filter(|(name, tokens)| guess.get(&key(tokens)).is_some_and(|g| g == name.as_bytes()))
        .count()
}

fn key(tokens: &Tokens) -> Vec<u8> {
    [&tokens.phonetic[..], &tokens.exact[..]].concat()
}

#[test]
fn counting_tokens_recovers_at_most_one_name_in_a_hundred_above_chance() {
    for size in [60, 1_000, 20_000] {
        let (mut recovered, mut by_chance) = (0, 0);
        let rounds = if size < 1000 { 40 } else { 4 };
        for round in 0..rounds {
            let (sealer, _folder) = sealer();
            let people = population(size, round);
            let with = |sealer: &Sealer| -> Vec<(String, Tokens)> {
                people.iter().map(|n| (n.clone(), of(sealer, n).unwrap())).collect()
            };
            recovered += attack(&with(&sealer));
            // Chance: the same guesses against tokens that have nothing to do with the names.
            let mut strangers = with(&sealer);
            let mut numbers = Numbers(round ^ 0xfeed);
            for at in (1..strangers.len()).rev() {
                let other = numbers.below(at + 1);
                let (a, b) = (strangers[at].1, strangers[other].1);
                (strangers[at].1, strangers[other].1) = (b, a);
            }
            by_chance += attack(&strangers);
        }
        let all = size * usize::try_from(rounds).unwrap();
        let (recovered, by_chance) = (1e4 * recovered as f64 / all as f64, 1e4 * by_chance as f64 / all as f64);
        println!("{size} persons: {recovered:.1} of 10,000 recovered, {by_chance:.1} by chance");
        assert!(
            recovered - by_chance <= 100.0,
            "{size} persons: {recovered} against {by_chance} of 10,000"
        );
    }
}

#[test]
fn without_its_key_a_token_cannot_be_made_from_a_name() {
    let ((one, _a), (two, _b)) = (sealer(), sealer());
    let people = population(2_000, 7);
    let same = people.iter().filter(|n| of(&one, n) == of(&two, n)).count();
    // Twelve bits agree by chance once in 4,096.
    assert!(same <= 8, "{same} tokens of another key are the same");
}

#[test]
fn even_with_the_key_every_pair_of_tokens_fits_several_names() {
    let (sealer, _folder) = sealer();
    let (given, family) = lists();
    let mut shared: HashMap<Vec<u8>, usize> = HashMap::new();
    for g in &given {
        for f in &family {
            *shared
                .entry(key(&of(&sealer, &format!("{g} {f}")).unwrap()))
                .or_insert(0) += 1;
        }
    }
    // 28,800 names, fewer by far than a country has: a person's pair is shared by this many names.
    let names = given.len() * family.len();
    let alone: usize = shared.values().filter(|n| **n == 1).sum();
    assert!(alone * 50 < names, "{alone} of {names} names stand alone");
    let mut phonetic: HashMap<[u8; 2], usize> = HashMap::new();
    for g in &given {
        for f in &family {
            *phonetic
                .entry(of(&sealer, &format!("{g} {f}")).unwrap().phonetic)
                .or_insert(0) += 1;
        }
    }
    assert!(phonetic.len() <= 512 && phonetic.values().all(|n| *n >= 8));
}

#[test]
fn the_same_person_spelt_otherwise_is_found() {
    let (sealer, _folder) = sealer();
    for (one, two) in [
        ("Mohamadou Bello-Essai", "Mouhammadou BELLO ESSAI"),
        ("Aïssatou Wirba Essai", "Essai, Wirba Aissatou"),
        ("Philippe Nkwenti", "Filipe Nkwenti"),
        ("Jacques N’Gono", "Jaques Ngono"),
        ("Oumarou Dia", "Umaru Dia"),
        ("Zacharie Tchinda", "Sacharie Chinda"),
    ] {
        let (a, b) = (of(&sealer, one).unwrap(), of(&sealer, two).unwrap());
        assert_eq!(
            a.phonetic,
            b.phonetic,
            "{one} / {two}: {:?} {:?}",
            words(one),
            words(two)
        );
    }
    assert_eq!(of(&sealer, "Wirba Aïssatou"), of(&sealer, "aissatou  WIRBA"));
    assert_eq!(of(&sealer, " — "), None);
}

#[test]
fn a_search_finds_and_an_erasure_forgets() {
    on_both("tokens", |world| {
        let store = world.store();
        let person = |n: u128| PersonId(uuid::Uuid::from_u128(n));
        let people = population(300, 3);
        let all = people.clone();
        store
            .write_blocking(move |tx| -> Result<(), StoreError> {
                for (n, name) in (0..).zip(&all) {
                    put(tx, person(n), &[name])?;
                }
                Ok(())
            })
            .unwrap();
        let asked = people[17].to_uppercase();
        let found = store.read_blocking(move |tx| perhaps(tx, &asked, 100)).unwrap();
        assert!(
            found.contains(&Perhaps {
                person: person(17),
                exact: true
            }),
            "{found:?}"
        );
        assert!(found.len() < 30, "{} of 300 to open", found.len());
        assert!(
            found.windows(2).all(|w| w[0].exact >= w[1].exact),
            "those written alike come first"
        );
        let asked = people[17].clone();
        let left = store
            .write_blocking(move |tx| -> Result<_, StoreError> {
                remove(tx, person(17))?;
                perhaps(tx, &asked, 100)
            })
            .unwrap();
        assert!(left.iter().all(|p| p.person != person(17)));
    });
}
