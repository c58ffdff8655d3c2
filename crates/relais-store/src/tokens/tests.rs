//! Do tokens find people, and do they tell names?

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::*;
use crate::keyring::{Keyring, Unlock};
use crate::testing::on_both;

/// Given names, then family names, of the north and of the south of the country, the commonest first. A name is drawn
/// with the weight 1 / (3 + its rank): some whole names are then borne by nearly one person in a hundred, and of sixty
/// persons two or three often have one name. Each name bears a word that says that it belongs to a test.
const NAMES: [(&str, &str); 2] = [
    (
        "Aïssatou Mohamadou Hamadou Fadimatou Abdoulaye Ousmanou Hadja Ibrahim Aminatou Bouba Mariamou Adamou Djibrilla \
         Hawaou Oumarou Saïdou Asta Yaya Haman Zénabou Souleymanou Ramatou Alioum Nafissatou Issa Halimatou Salamatou Moussa",
        "Abdou Oumarou Bouba Hamidou Bello Moussa Adamou Issa Yaya Saïdou Garba Amadou Ahmadou Ousmanou Sali Haman Djoubaïrou \
         Alim Hassana Abba Ibrahima Aliou Mana Souley Kadiri Mahamat Goni Boukar Malloum Dairou",
    ),
    (
        "Marie Jean Emmanuel Pierre Paul Joseph Rose Christelle Alain Solange Serge Brigitte Carine Hervé Nadège Thierry \
         Sandrine Patrick Clarisse Blaise Estelle Rodrigue Mireille Cyrille Laure Ghislain Pauline Armand Véronique Gaël",
        "Mbarga Ngono Atangana Mballa Fotso Kamga Tchoumi Nkoulou Essomba Ngo Biya Owona Abega Manga Eyenga Tamo Kengne Djomo \
         Wamba Ndongo Onana Ateba Simo Talla Ekambi Ebongue Mbida Ngassa Tabi Nkeng Tanyi Fru Ndi Ayuk Enow Nfor Che Achiri",
    ),
];

/// A generator that always gives the same numbers: a test is repeated as it was.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next()).unwrap() % n
    }

    /// One of the words, the first much oftener than the last.
    fn common<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let weight = |rank: usize| 1e6 / (3 + rank) as f64;
        let all: f64 = (0..words.len()).map(weight).sum();
        let mut at = self.below(1 << 30) as f64 / f64::from(1 << 30) * all;
        for (rank, word) in words.iter().enumerate() {
            at -= weight(rank);
            if at <= 0.0 {
                return word;
            }
        }
        words[0]
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

fn population(size: usize, seed: u64) -> Vec<String> {
    let lists = NAMES.map(|(given, family)| {
        let words = |text: &'static str| text.split_whitespace().collect::<Vec<_>>();
        (words(given), words(family))
    });
    let mut numbers = Numbers(seed);
    (0..size)
        .map(|_| {
            let (given, family) = &lists[numbers.below(2)];
            format!("Essai {} {}", numbers.common(given), numbers.common(family))
        })
        .collect()
}

fn sealer() -> (Sealer, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let ring = Keyring::create(&folder.path().join("keys"), None, &Unlock::File, false).unwrap();
    (Sealer::new(Arc::new(ring)), folder)
}

/// The tokens of persons who are registered one after the other, as [`put`] deals them.
fn dealt(sealer: &Sealer, people: &[String], numbers: &mut Numbers) -> Vec<Token> {
    let mut known: HashMap<&str, Places> = HashMap::new();
    let mut load: HashMap<Token, i64> = HashMap::new();
    people
        .iter()
        .map(|name| {
            let places = *known.entry(name).or_insert_with(|| of(sealer, name).unwrap());
            let token = places.least_full(|t| load.get(t).copied().unwrap_or(0), numbers.next());
            *load.entry(token).or_insert(0) += 1;
            token
        })
        .collect()
}

/// The first place of each name: what tokens are that are dealt by the name alone.
fn by_the_name_alone(sealer: &Sealer, people: &[String]) -> Vec<Token> {
    let mut known: HashMap<&str, Token> = HashMap::new();
    let first = |name| of(sealer, name).unwrap().0[0];
    people
        .iter()
        .map(|name| *known.entry(name).or_insert_with(|| first(name)))
        .collect()
}

/// The commonest first; equals in any order.
fn ranked<T: Clone + Eq + std::hash::Hash>(values: &[T], numbers: &mut Numbers) -> Vec<T> {
    let mut counts: HashMap<&T, usize> = HashMap::new();
    let mut order = Vec::new();
    for value in values {
        let count = counts.entry(value).or_insert(0);
        if *count == 0 {
            order.push(value);
        }
        *count += 1;
    }
    numbers.shuffle(&mut order);
    order.sort_by_key(|value| std::cmp::Reverse(counts[value]));
    order.into_iter().cloned().collect()
}

/// Who has the database and the list of names, but not the keys, counts: the commonest token must be the commonest
/// name, the second the second, and so on. The attacker knows even how often each name is borne in this very
/// population. Guesses that hit.
fn attack(people: &[usize], tokens: &[Token], numbers: &mut Numbers) -> usize {
    let guess: HashMap<Token, usize> = ranked(tokens, numbers)
        .into_iter()
        .zip(ranked(people, numbers))
        .collect();
    people
        .iter()
        .zip(tokens)
        .filter(|(name, token)| guess.get(*token) == Some(name))
        .count()
}

/// Recovered and recovered by chance, in hundredths of the persons, over many populations.
fn above_chance(size: usize, deal: impl Fn(&Sealer, &[String], &mut Numbers) -> Vec<Token>) -> (f64, f64) {
    let (populations, tries) = (12_000_usize.div_ceil(size.max(200)), if size < 2000 { 8 } else { 3 });
    let (mut recovered, mut by_chance, mut all) = (0, 0, 0);
    for round in 0..populations {
        let (sealer, _folder) = sealer();
        let people = population(size, 31 * round as u64 + size as u64);
        let mut numbers = Numbers(round as u64 ^ 0xfeed);
        let tokens = deal(&sealer, &people, &mut numbers);
        let mut ids = HashMap::new();
        let people: Vec<usize> = people
            .iter()
            .map(|name| {
                let next = ids.len();
                *ids.entry(name).or_insert(next)
            })
            .collect();
        // Chance: the same guesses against tokens that have nothing to do with the names.
        let mut strangers = tokens.clone();
        for _ in 0..tries {
            recovered += attack(&people, &tokens, &mut numbers);
            numbers.shuffle(&mut strangers);
            by_chance += attack(&people, &strangers, &mut numbers);
            all += size;
        }
    }
    (
        100.0 * recovered as f64 / all as f64,
        100.0 * by_chance as f64 / all as f64,
    )
}

#[test]
fn counting_tokens_recovers_at_most_one_name_in_a_hundred_above_chance() {
    for size in [60, 100, 300, 1_000, 20_000] {
        let (recovered, by_chance) = above_chance(size, dealt);
        println!("{size} persons: {recovered:.2} % recovered, {by_chance:.2} % by chance");
        assert!(
            recovered - by_chance <= 1.0,
            "{size} persons: {recovered} against {by_chance} %"
        );
    }
}

/// The attack has teeth: tokens that follow from the name alone would tell more than that.
#[test]
fn tokens_dealt_by_the_name_alone_would_tell_names() {
    let (recovered, by_chance) = above_chance(60, |sealer, people, _| by_the_name_alone(sealer, people));
    println!("60 persons: {recovered:.2} % recovered, {by_chance:.2} % by chance");
    assert!(recovered - by_chance > 1.0, "{recovered} against {by_chance} %");
}

#[test]
fn no_token_is_commoner_than_another() {
    let (sealer, _folder) = sealer();
    let tokens = dealt(&sealer, &population(20_000, 5), &mut Numbers(1));
    let mut full: HashMap<Token, usize> = HashMap::new();
    for token in &tokens {
        *full.entry(*token).or_insert(0) += 1;
    }
    let (least, most) = (full.values().min().unwrap(), full.values().max().unwrap());
    println!("{} places, {least} to {most} persons in each", full.len());
    assert_eq!(full.len(), PLACES);
    assert!(most - least <= 8, "{least} to {most} persons, 39 on average");
}

#[test]
fn a_search_opens_one_person_in_sixty_four() {
    for (size, most) in [(60, 8), (300, 16), (1_000, 32), (20_000, 340)] {
        let (sealer, _folder) = sealer();
        let people = population(size, 9);
        let tokens = dealt(&sealer, &people, &mut Numbers(2));
        let names: HashSet<&String> = people.iter().collect();
        let opened: Vec<usize> = names
            .iter()
            .take(200)
            .map(|name| {
                let places = of(&sealer, name).unwrap();
                tokens.iter().filter(|t| places.0.contains(t)).count()
            })
            .collect();
        let mean = opened.iter().sum::<usize>() as f64 / opened.len() as f64;
        let worst = opened.iter().max().unwrap();
        println!("{size} persons: {mean:.1} opened on average, {worst} at most");
        assert!(*worst <= most, "{size} persons: {worst} opened");
    }
}

#[test]
fn without_its_key_a_token_cannot_be_made_from_a_name() {
    let ((one, _a), (two, _b)) = (sealer(), sealer());
    let people = population(2_000, 7);
    let same = people.iter().filter(|n| of(&one, n) == of(&two, n)).count();
    assert_eq!(same, 0);
    // A place of another key is among a name's eight by chance once in 64.
    let hits = people
        .iter()
        .filter(|n| of(&one, n).unwrap().0.contains(&of(&two, n).unwrap().0[0]))
        .count();
    assert!(hits < 100, "{hits} of 2,000 places of another key");
}

#[test]
fn even_with_the_key_every_token_fits_many_names() {
    let (sealer, _folder) = sealer();
    let mut fits: HashMap<Token, usize> = HashMap::new();
    for (given, family) in NAMES {
        for g in given.split_whitespace() {
            for f in family.split_whitespace() {
                let places = of(&sealer, &format!("{g} {f}")).unwrap();
                assert_eq!(
                    places.0.iter().collect::<HashSet<_>>().len(),
                    CHOICES,
                    "eight different places"
                );
                for token in places.0 {
                    *fits.entry(token).or_insert(0) += 1;
                }
            }
        }
    }
    // These are 1,980 whole names, three hundred times fewer than a country has.
    assert_eq!(fits.len(), PLACES);
    assert!(fits.values().all(|n| *n >= 8), "{:?}", fits.values().min());
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
        assert_eq!(a, b, "{one} / {two}: {:?} {:?}", words(one), words(two));
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
        for (n, name) in (0..).zip(&people) {
            let asked = name.to_uppercase();
            let found = store.read_blocking(move |tx| perhaps(tx, &asked, 100)).unwrap();
            assert!(found.contains(&person(n)), "{name}: {found:?}");
            assert!(found.len() <= 16, "{} of 300 to open", found.len());
            assert!(found.is_sorted_by(|a, b| a > b), "the last registered first");
        }
        let asked = people[17].clone();
        let left = store
            .write_blocking(move |tx| -> Result<_, StoreError> {
                assert!(remove(tx, person(17))? && !remove(tx, person(17))?);
                perhaps(tx, &asked, 100)
            })
            .unwrap();
        assert!(!left.contains(&person(17)));
    });
}
