//! Do buckets find persons, and does what lies at rest tell anything?

use std::collections::HashMap;
use std::sync::Arc;

use super::*;
use crate::keyring::{Keyring, Unlock};
use crate::testing::{World, on_both};

fn person(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(n))
}

fn keys(list: &[&str]) -> Vec<String> {
    list.iter().map(|k| (*k).to_owned()).collect()
}

fn sealer() -> (Sealer, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let ring = Keyring::create(&folder.path().join("keys"), None, &Unlock::File, false).unwrap();
    (Sealer::new(Arc::new(ring)), folder)
}

/// Files persons whose keys are as common as names are: the first third share one, the second share ten, the others have their own.
fn fill(world: &World, persons: u128) -> Vec<i64> {
    world
        .store()
        .write_blocking(move |tx| -> Result<_, StoreError> {
            (0..persons)
                .map(|n| {
                    let slot = tx.new_slot()?;
                    let name = match n % 3 {
                        0 => "w mbarga 1990".to_owned(),
                        1 => format!("w kamga {}", 1980 + n % 10),
                        _ => format!("w {n} 1990"),
                    };
                    file(tx, person(n), slot, &[name, format!("n 6770000{n}")])?;
                    Ok(slot)
                })
                .collect()
        })
        .unwrap()
}

fn table(world: &World) -> Vec<(i64, Vec<u8>)> {
    let all = |tx: &mut Tx<'_>| -> Result<_, StoreError> {
        tx.query_built("SELECT label, person FROM bucket ORDER BY label", &[])?
            .iter()
            .map(|row| Ok((row.get("label")?, row.get("person")?)))
            .collect()
    };
    world.store().read_blocking(all).unwrap()
}

#[test]
fn who_shares_a_key_is_found_and_who_shares_most_comes_first() {
    on_both("buckets", |world| {
        fill(world, 300);
        let found = world
            .store()
            .read_blocking(|tx| near(tx, &keys(&["w mbarga 1990", "n 677000033", "no such key"]), 500))
            .unwrap();
        let all: Vec<u128> = found.iter().map(|n| n.person.0.as_u128()).collect();
        assert!((0..300).step_by(3).all(|n| all.contains(&n)), "{all:?}");
        assert!(
            all.len() < 103,
            "{} found: the hundred, and nearly nobody by chance",
            all.len()
        );
        assert_eq!((found[0].person, found[0].shared), (person(33), 2));
        assert!(found[1..].is_sorted_by(|a, b| (a.telling, a.person.0) >= (b.telling, b.person.0)));
        let few = world
            .store()
            .read_blocking(|tx| near(tx, &keys(&["w mbarga 1990"]), 7))
            .unwrap();
        assert_eq!(few.len(), 7);
        let none = world.store().read_blocking(|tx| near(tx, &[], 7)).unwrap();
        assert!(none.is_empty());
    });
}

#[test]
fn what_is_read_of_many_common_keys_is_bounded_and_a_rare_one_is_read_first() {
    const COMMON: usize = 8;
    const PERSONS: u128 = 150;
    // More rows than one search reads, and fewer in each bucket than makes it too common.
    const _: () = assert!(COMMON * PERSONS as usize > TOGETHER && PERSONS < READ as u128);
    let common = || (0..COMMON).map(|n| format!("common {n}"));
    on_both("bounded", |world| {
        world
            .store()
            .write_blocking(move |tx| -> Result<_, StoreError> {
                for n in 0..PERSONS {
                    let slot = tx.new_slot()?;
                    // The last of all has a key that is nobody else's.
                    let rare = (n == PERSONS - 1).then(|| "rare".to_owned());
                    file(tx, person(n), slot, &common().chain(rare).collect::<Vec<_>>())?;
                }
                Ok(())
            })
            .unwrap();
        let asked: Vec<String> = common().chain(["rare".to_owned()]).collect();
        let found = world.store().read_blocking(move |tx| near(tx, &asked, 1_000)).unwrap();
        assert_eq!(found[0].person, person(PERSONS - 1));
        assert!(found.len() > 100, "{} found", found.len());
        let read: u32 = found.iter().map(|near| near.shared).sum();
        assert!(read as usize <= TOGETHER, "{read} rows read");
        assert!(
            found[1..].iter().all(|near| near.telling == near.shared),
            "as common as can be"
        );
    });
}

#[test]
fn a_person_filed_anew_is_found_under_the_new_keys_only() {
    on_both("buckets", |world| {
        let slots = fill(world, 60);
        let slot = slots[3];
        world
            .store()
            .write_blocking(move |tx| file(tx, person(3), slot, &keys(&["w ngono 1991"])))
            .unwrap();
        let look = |key: &'static str| -> Vec<u128> {
            let found = world
                .store()
                .read_blocking(move |tx| near(tx, &keys(&[key]), 500))
                .unwrap();
            found.iter().map(|n| n.person.0.as_u128()).filter(|n| *n < 60).collect()
        };
        assert_eq!(look("w ngono 1991"), [3]);
        let others = look("w mbarga 1990");
        assert!(!others.contains(&3));
        // Behind the one who went, nobody is lost.
        assert!(
            (0..60).step_by(3).filter(|n| *n != 3).all(|n| others.contains(&n)),
            "{others:?}"
        );
        let before = table(world);
        world
            .store()
            .write_blocking(move |tx| {
                forget(tx, person(3), slot)?;
                forget(tx, person(3), slot)
            })
            .unwrap();
        assert!(look("w ngono 1991").is_empty());
        let after = table(world);
        assert_eq!(before.len(), after.len(), "a removal is not seen");
        assert_eq!(before.iter().zip(&after).filter(|(a, b)| a != b).count(), 1);
    });
}

/// The attack of decision 0008: who has the table and knows which names there are and how often, but no key, counts.
/// There is nothing to count: in a population of sixty as of a thousand, every value is there once.
#[test]
fn what_lies_at_rest_has_nothing_to_count() {
    for persons in [60_u32, 1_000] {
        let world = World::sqlite();
        fill(&world, u128::from(persons));
        let rows = table(&world);
        assert_eq!(rows.len(), 2 * persons as usize);
        let labels: HashSet<i64> = rows.iter().map(|(l, _)| *l).collect();
        let people: HashSet<&Vec<u8>> = rows.iter().map(|(_, p)| p).collect();
        assert_eq!(
            (labels.len(), people.len()),
            (rows.len(), rows.len()),
            "every value once"
        );
        assert!(
            (0..u128::from(persons)).all(|n| !people.contains(&person(n).0.as_bytes().to_vec())),
            "no person's id stands there"
        );
        // Nor do parts of rows repeat: every byte is as common as any other.
        for at in 0..16 {
            let mut counts: HashMap<u8, u32> = HashMap::new();
            for (_, hidden) in &rows {
                *counts.entry(hidden[at]).or_insert(0) += 1;
            }
            let expected = f64::from(2 * persons) / 256.0;
            let chi: f64 = (0..=255)
                .map(|b| (f64::from(counts.get(&b).copied().unwrap_or(0)) - expected).powi(2) / expected)
                .sum();
            // 255 degrees of freedom: 400 is passed by chance once in a hundred million.
            assert!(chi < 400.0, "{persons} persons, byte {at}: {chi}");
        }
        // Neighbours by label are no neighbours in any bucket: the rows lie in no order of persons.
        let signs = rows.iter().filter(|(l, _)| *l < 0).count();
        assert!(signs > rows.len() * 3 / 8 && signs < rows.len() * 5 / 8);
    }
}

/// Sealed lists of labels are as long for few keys as for many.
#[test]
fn a_list_of_labels_does_not_tell_how_many() {
    let world = World::sqlite();
    world
        .store()
        .write_blocking(|tx| -> Result<_, StoreError> {
            for n in 1..=12_u128 {
                let slot = tx.new_slot()?;
                let list: Vec<String> = (0..n).map(|k| format!("{n} {k}")).collect();
                file(tx, person(n), slot, &list)?;
            }
            Ok(())
        })
        .unwrap();
    let lengths = |tx: &mut Tx<'_>| -> Result<HashSet<i64>, StoreError> {
        let rows = tx.query_built("SELECT LENGTH(labels) AS n FROM bucket_of", &[])?;
        rows.iter().map(|row| row.get("n")).collect()
    };
    let lengths = world.store().read_blocking(lengths).unwrap();
    assert_eq!(lengths.len(), 1, "{lengths:?}");
}

#[test]
fn without_its_key_no_label_can_be_made_and_keys_keep_apart() {
    let ((one, _a), (two, _b)) = (sealer(), sealer());
    let labels = |sealer: &Sealer| -> HashSet<i64> {
        (0..2_000)
            .map(|n| place(sealer, bucket(sealer, &format!("w {n} 1990")), 0).label)
            .collect()
    };
    assert!(labels(&one).is_disjoint(&labels(&two)));
    // Of a country's keys hardly two fall together, so that a search opens nobody by chance.
    let all: HashSet<Bucket> = (0..1_000_000).map(|n| bucket(&one, &format!("w {n}"))).collect();
    assert!(all.len() > 999_000, "{} of a million", all.len());
}

#[test]
fn a_bucket_has_no_gap_however_long_it_grows() {
    let world = World::sqlite();
    let count = 700_u128;
    world
        .store()
        .write_blocking(move |tx| -> Result<_, StoreError> {
            let slot = tx.new_slot()?;
            for n in 0..count {
                file(tx, person(n), slot, &keys(&["w mbarga 1990"]))?;
                let (sealer, at) = (tx.sealer(), bucket(&tx.sealer(), "w mbarga 1990"));
                assert_eq!(u128::from(free(tx, &sealer, at)?), n + 1);
            }
            let slot = tx.new_slot()?;
            file(tx, person(count), slot, &keys(&["w mbarga 1990", "t +237600000000"]))
        })
        .unwrap();
    let looked = |asked: &'static [&'static str]| -> Vec<PersonId> {
        let near = world.store().read_blocking(|tx| near(tx, &keys(asked), 5_000));
        near.unwrap().into_iter().map(|n| n.person).collect()
    };
    // A name so common tells nobody: some are read where there is nothing else.
    assert_eq!(looked(&["w mbarga 1990"]).len(), SOME as usize);
    assert_eq!(looked(&["w mbarga 1990", "w nobody 1990"]).len(), SOME as usize);
    assert_eq!(looked(&["w mbarga 1990", "t +237600000000"]), [person(count)]);
}

#[test]
fn a_bucket_is_read_up_to_the_last_that_is_not_too_common() {
    let world = World::sqlite();
    let looked = |world: &World| {
        let near = world
            .store()
            .read_blocking(|tx| near(tx, &keys(&["w mbarga 1990"]), 5_000));
        near.unwrap().len()
    };
    let one_more = |world: &World, n: u128| {
        let filed = world.store().write_blocking(move |tx| -> Result<_, StoreError> {
            let slot = tx.new_slot()?;
            file(tx, person(n), slot, &keys(&["w mbarga 1990"]))
        });
        filed.unwrap();
    };
    (1..u128::from(READ)).for_each(|n| one_more(&world, n));
    assert_eq!(looked(&world), READ as usize - 1);
    one_more(&world, u128::from(READ));
    assert_eq!(looked(&world), SOME as usize);
}

#[test]
fn two_who_file_at_once_both_stay() {
    on_both("buckets", |world| {
        let threads: Vec<_> = (0..4_u128)
            .map(|thread| {
                let store = world.store();
                std::thread::spawn(move || {
                    for n in 0..25 {
                        let who = person(thread << 32 | n);
                        store
                            .write_blocking(move |tx| {
                                let slot = tx.new_slot()?;
                                file(tx, who, slot, &keys(&["w mbarga 1990", "p bello moussa 1990"]))
                            })
                            .unwrap();
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        let found = world
            .store()
            .read_blocking(|tx| near(tx, &keys(&["w mbarga 1990", "p bello moussa 1990"]), 500))
            .unwrap();
        assert_eq!(found.iter().filter(|n| n.shared == 2).count(), 100);
    });
}
