//! The keyring and what it seals.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use proptest::prelude::*;
use zeroize::Zeroizing;

use super::id;
use crate::keyring::{KeyError, Keyring, Unlock};
use crate::seal::{Cell, SealError, Sealer};

fn keyring(folder: &std::path::Path) -> Arc<Keyring> {
    Arc::new(Keyring::create(folder, None, &Unlock::File, false).unwrap())
}

#[test]
fn slots_are_given_out_once_whoever_asks() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    drop(keyring(&keys));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let keys = keys.clone();
            std::thread::spawn(move || {
                let ring = Keyring::open(&keys, None, &Unlock::File, false).unwrap();
                (0..300).map(|_| ring.new_slot().unwrap()).collect::<Vec<_>>()
            })
        })
        .collect();
    let mut slots: Vec<i64> = threads.into_iter().flat_map(|t| t.join().unwrap()).collect();
    slots.sort_unstable();
    slots.dedup();
    assert_eq!(slots.len(), 1200);
    let ring = Keyring::open(&keys, None, &Unlock::File, false).unwrap();
    let all: std::collections::HashSet<[u8; 32]> = slots.iter().map(|s| *ring.subject_key(*s).unwrap()).collect();
    assert_eq!(all.len(), 1200, "every slot has its own key");
    assert!(!slots.contains(&ring.new_slot().unwrap()));
}

#[test]
fn an_erased_key_is_gone_for_every_process_and_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let (here, there) = (
        keyring(&keys),
        Arc::new(Keyring::open(&keys, None, &Unlock::File, false).unwrap()),
    );
    let slot = here.new_slot().unwrap();
    let cell = Cell::new("person", "identity", id(1), "identity");
    let sealed = Sealer::new(Arc::clone(&here))
        .seal(&cell, slot, "Prénom d’Essai".as_bytes())
        .unwrap();
    let elsewhere = Sealer::new(Arc::clone(&there));
    assert_eq!(
        &elsewhere.open(&cell, slot, &sealed).unwrap()[..],
        "Prénom d’Essai".as_bytes()
    );
    let before = std::fs::read(keys.join("subjects.keys")).unwrap();
    here.erase(slot).unwrap();
    here.erase(slot).unwrap();
    assert_eq!(
        elsewhere.open(&cell, slot, &sealed),
        Err(SealError::Key(KeyError::Erased(slot)))
    );
    let after = std::fs::read(keys.join("subjects.keys")).unwrap();
    let at = usize::try_from(slot).unwrap() * 128;
    assert_ne!(before[at..at + 128], after[at..at + 128]);
    assert!(
        after[at + 1..at + 128].iter().all(|b| *b == 0),
        "nothing of the wrapped key is left"
    );
    for _ in 0..1000 {
        assert_ne!(there.new_slot().unwrap(), slot);
    }
    assert!(matches!(here.erase(1 << 40), Err(KeyError::File { .. })));
    assert_eq!(here.subject_key(1 << 40).unwrap_err(), KeyError::Unreadable(1 << 40));
    assert_eq!(here.subject_key(0).unwrap_err(), KeyError::Unreadable(0));
}

#[test]
fn yesterday_s_backup_does_not_open_the_erased_person() {
    use crate::rows::cases::PersonRecord;
    use relais_network::ids::PersonId;
    let world = crate::testing::World::sqlite();
    let store = world.store();
    let cell = Cell::new("person", "identity", id(7), "identity");
    let slot = store
        .write_blocking(move |tx| {
            let (slot, now, sealer) = (tx.new_slot()?, tx.now()?, tx.sealer());
            let identity = sealer.seal(&cell, slot, b"Sealed Name")?;
            let person = PersonRecord {
                id: PersonId(id(7)),
                slot,
                contact: identity.clone(),
                identity,
                created_at: now,
                erased_at: None,
                version: 1,
            };
            person.insert(tx).map(|()| slot)
        })
        .unwrap();
    // Yesterday: the data folder is copied.
    let crate::Location::Sqlite { folder } = &world.location else {
        unreachable!()
    };
    let backup = world.folder().join("backup");
    std::fs::create_dir(&backup).unwrap();
    for file in std::fs::read_dir(folder).unwrap().flatten() {
        std::fs::copy(file.path(), backup.join(file.file_name())).unwrap();
    }
    // Today: the person is erased.
    store.keyring().erase(slot).unwrap();
    drop(store);
    // Tomorrow: yesterday's copy is opened with today's keys.
    let keyring = Keyring::open(&world.keys, Some(&backup), &Unlock::File, false).unwrap();
    let restored = crate::Store::open(
        &crate::Location::Sqlite { folder: backup },
        Arc::new(keyring),
        crate::testing::FEW,
    )
    .unwrap();
    let opened = restored.read_blocking(move |tx| -> Result<Option<SealError>, crate::StoreError> {
        let person = PersonRecord::find(tx, PersonId(id(7)))?.expect("the row came back");
        Ok(tx.sealer().open(&cell, person.slot, &person.identity).err())
    });
    assert_eq!(opened.unwrap(), Some(SealError::Key(KeyError::Erased(slot))));
    // And what is made in the restored database gets a key of its own.
    assert!(restored.write_blocking(|tx| tx.new_slot()).unwrap() > slot);
}

#[test]
fn keys_beside_the_data_are_refused_but_in_a_drill() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().to_owned(), folder.path().join("keys"));
    let refused = Keyring::create(&keys, Some(&data), &Unlock::File, false);
    assert!(matches!(refused, Err(KeyError::Inside(_))));
    let drill = Keyring::create(&keys, Some(&data), &Unlock::File, true).unwrap();
    assert!(drill.is_beside_data());
    assert!(matches!(
        Keyring::open(&keys, Some(&data), &Unlock::File, false),
        Err(KeyError::Inside(_))
    ));
    assert!(matches!(
        Keyring::create(&keys, Some(&data), &Unlock::File, true),
        Err(KeyError::Exists(_))
    ));
    let elsewhere = folder.path().join("none");
    assert!(matches!(
        Keyring::open(&elsewhere, None, &Unlock::File, false),
        Err(KeyError::Missing(_))
    ));
}

#[test]
fn files_are_closed_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    drop(keyring(&keys));
    assert_eq!(std::fs::metadata(&keys).unwrap().permissions().mode() & 0o777, 0o700);
    for file in ["master.key", "subjects.keys"] {
        assert_eq!(
            std::fs::metadata(keys.join(file)).unwrap().permissions().mode() & 0o777,
            0o600,
            "{file}"
        );
    }
}

#[test]
fn a_passphrase_opens_and_another_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let phrase = |text: &str| Unlock::Passphrase(Zeroizing::new(text.to_owned()));
    let made = Keyring::create(&keys, None, &phrase("quatre mots au hasard"), false).unwrap();
    let (slot, print) = (made.new_slot().unwrap(), made.fingerprint());
    let key = made.subject_key(slot).unwrap();
    assert!(!keys.join("master.key").exists());
    let again = Keyring::open(&keys, None, &phrase("quatre mots au hasard"), false).unwrap();
    assert_eq!((again.fingerprint(), again.subject_key(slot).unwrap()), (print, key));
    for wrong in [phrase("quatre mots"), Unlock::File] {
        assert!(matches!(
            Keyring::open(&keys, None, &wrong, false),
            Err(KeyError::Locked(_))
        ));
    }
    let mut bytes = std::fs::read(keys.join("master.sealed")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(keys.join("master.sealed"), bytes).unwrap();
    assert!(matches!(
        Keyring::open(&keys, None, &phrase("quatre mots au hasard"), false),
        Err(KeyError::Locked(_))
    ));
}

#[test]
fn a_half_written_batch_is_skipped() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let ring = keyring(&keys);
    let first = ring.new_slot().unwrap();
    let path = keys.join("subjects.keys");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(&[1; 57]);
    std::fs::write(&path, &bytes).unwrap();
    let ring = Keyring::open(&keys, None, &Unlock::File, false).unwrap();
    let torn = i64::try_from(bytes.len() / 128).unwrap();
    let next = ring.new_slot().unwrap();
    assert!(next > torn && next > first);
    assert!(ring.subject_key(next).is_ok());
    assert_eq!(ring.subject_key(torn).unwrap_err(), KeyError::Unreadable(torn));
}

#[test]
fn a_value_opens_only_where_it_was_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let ring = keyring(&folder.path().join("keys"));
    let (slot, other) = (ring.new_slot().unwrap(), ring.new_slot().unwrap());
    let sealer = Sealer::new(ring);
    let here = Cell::numbered("event", "sealed", id(1), 4, "health");
    let sealed = sealer.seal(&here, slot, b"words").unwrap();
    assert_eq!(&sealer.open(&here, slot, &sealed).unwrap()[..], b"words");
    for there in [
        Cell::numbered("need", "sealed", id(1), 4, "health"),
        Cell::numbered("event", "detail", id(1), 4, "health"),
        Cell::numbered("event", "sealed", id(2), 4, "health"),
        Cell::numbered("event", "sealed", id(1), 5, "health"),
        Cell::numbered("event", "sealed", id(1), 4, "contact"),
        // Names that would read the same if they were only put in a row.
        Cell::numbered("events", "ealed", id(1), 4, "health"),
    ] {
        assert!(
            matches!(sealer.open(&there, slot, &sealed), Err(SealError::DoesNotOpen { .. })),
            "{there:?}"
        );
    }
    assert!(matches!(
        sealer.open(&here, other, &sealed),
        Err(SealError::DoesNotOpen { .. })
    ));
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(sealer.open(&here, slot, &changed).is_err(), "byte {at}");
    }
    assert!(sealer.open(&here, slot, &sealed[..20]).is_err());
}

#[test]
fn the_length_does_not_tell_the_choice() {
    let folder = tempfile::tempdir().unwrap();
    let ring = keyring(&folder.path().join("keys"));
    let slot = ring.new_slot().unwrap();
    let sealer = Sealer::new(ring);
    let cell = Cell::new("case_file", "card", id(1), "identity");
    let lengths: std::collections::HashSet<usize> = ["f", "m", "femme", "homme", "autre"]
        .map(|v| sealer.seal(&cell, slot, v.as_bytes()).unwrap().len())
        .into();
    assert_eq!(lengths.len(), 1);
    assert_ne!(
        sealer.seal(&cell, slot, b"m").unwrap(),
        sealer.seal(&cell, slot, b"m").unwrap()
    );
}

proptest! {
    #[test]
    fn whatever_is_sealed_opens_as_it_was(value in proptest::collection::vec(any::<u8>(), 0..1500)) {
        let folder = tempfile::tempdir().unwrap();
        let ring = keyring(&folder.path().join("keys"));
        let slot = ring.new_slot().unwrap();
        let sealer = Sealer::new(ring);
        let cell = Cell::new("need", "detail", id(3), "plan");
        let sealed = sealer.seal(&cell, slot, &value).unwrap();
        prop_assert_eq!(&sealer.open(&cell, slot, &sealed).unwrap()[..], &value[..]);
    }
}

/// What a thief would search for, in the four ways a value may lie in a file.
fn traces(marker: &str) -> Vec<Vec<u8>> {
    use base64::Engine as _;
    let utf16: Vec<u16> = marker.encode_utf16().collect();
    let mut traces = vec![
        marker.as_bytes().to_vec(),
        utf16.iter().flat_map(|u| u.to_le_bytes()).collect(),
        utf16.iter().flat_map(|u| u.to_be_bytes()).collect(),
        hex::encode(marker).into_bytes(),
        hex::encode_upper(marker).into_bytes(),
    ];
    // Within a longer text, base64 has three alignments; the ends are left off.
    for shift in 0..3 {
        let text = base64::engine::general_purpose::STANDARD_NO_PAD
            .encode([&vec![b' '; shift][..], marker.as_bytes()].concat());
        traces.push(text.as_bytes()[4..text.len() - 3].to_vec());
    }
    traces
}

#[test]
fn no_file_of_the_data_folder_holds_what_was_sealed() {
    use crate::rows::cases::PersonRecord;
    use crate::{chain, requests};
    use relais_network::ids::PersonId;
    const MARKERS: [&str; 4] = [
        "Zéphyrine-Témoin",
        "+237 699 00 11 22",
        "1993-07-14",
        "violence_conjugale",
    ];
    let world = crate::testing::World::sqlite();
    let store = world.store();
    for n in 0..50_u128 {
        store
            .write_blocking(move |tx| -> Result<(), crate::StoreError> {
                let (slot, now, sealer) = (tx.new_slot()?, tx.now()?, tx.sealer());
                let text = MARKERS.join(" | ");
                let seal = |column: &'static str| {
                    sealer.seal(&Cell::new("person", column, id(n), "identity"), slot, text.as_bytes())
                };
                let (identity, contact) = (seal("identity")?, seal("contact")?);
                let person = PersonId(id(n));
                PersonRecord {
                    id: person,
                    slot,
                    identity,
                    contact,
                    created_at: now,
                    erased_at: None,
                    version: 1,
                }
                .insert(tx)?;
                requests::check(tx, id(1), "person", id(n), text.as_bytes())?;
                let mut head = chain::lock(tx, id(n))?;
                let words = chain::NewEvent {
                    subject: id(n),
                    kind: "person_met",
                    meta: "{}",
                    happened_at: now,
                    words: text.as_bytes(),
                    slot,
                };
                chain::append(tx, &mut head, &[words])
            })
            .unwrap();
    }
    let crate::Location::Sqlite { folder } = &world.location else {
        unreachable!()
    };
    let (mut files, mut bytes) = (0, 0);
    for file in std::fs::read_dir(folder).unwrap().flatten() {
        let content = std::fs::read(file.path()).unwrap();
        (files, bytes) = (files + 1, bytes + content.len());
        for trace in MARKERS.iter().flat_map(|m| traces(m)) {
            let found = content.windows(trace.len()).any(|w| w == trace);
            assert!(
                !found,
                "{:?} holds {:?}",
                file.file_name(),
                String::from_utf8_lossy(&trace)
            );
        }
    }
    assert!(
        files >= 2 && bytes > 50_000,
        "{files} files, {bytes} bytes were searched"
    );
    // The search itself finds: a clear value is there.
    let clear = std::fs::read_dir(folder).unwrap().flatten().any(|file| {
        let content = std::fs::read(file.path()).unwrap();
        content.windows(10).any(|w| w == b"person_met")
    });
    assert!(clear);
}
