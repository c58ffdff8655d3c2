//! Yesterday's backup after an erasure: the erased person does not open, the
//! others do. The keys lie beside no backup of the database, and an erased
//! key is nowhere.

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use relais_acts::{Desk, case};
use relais_fixture::{World, start};
use relais_network::CaseId;
use relais_store::keyring::{Keyring, Unlock};
use relais_store::rows::cases::{CaseRecord, PersonRecord};
use relais_store::{Cell, KeyError, Location, Options, SealError, Store, StoreError, Tx};
use uuid::Uuid;

/// The whole person row and both slots of a case: the person's and the case's.
fn person(store: &Store, case: Uuid) -> (PersonRecord, i64) {
    store
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
            let case = CaseRecord::find(tx, CaseId(case))?.expect("the case");
            Ok((PersonRecord::find(tx, case.person_id)?.expect("the person"), case.slot))
        })
        .expect("readable")
}

fn name(store: &Store, case: Uuid) -> Result<String, SealError> {
    let (person, _) = person(store, case);
    let cell = Cell::new("person", "identity", person.id.0, "identity");
    let text = store.sealer().open(&cell, person.slot, &person.identity)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the data folder") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn yesterdays_backup_does_not_open_a_person_erased_today() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let erased = world
        .register(&manager, "Salomé Effacée Bilodémo", 28)
        .await
        .expect("registered")
        .id;
    let kept = world
        .register(&manager, "Ferdinand Gardé Bilodémo", 40)
        .await
        .expect("registered")
        .id;
    for case in [erased, kept] {
        world
            .need(&manager, case, "MED.03", relais_mechanism::Priority::P3)
            .await
            .expect("a need");
    }
    assert!(name(world.store(), erased).expect("opens").contains("Effacée"));

    // Yesterday's backup: the whole data folder, while nobody writes.
    let (data, backup) = (world.folder.path().join("data"), world.folder.path().join("backup"));
    copy(&data, &backup);
    world.at(start() + TimeDelta::days(1));
    let (record, case_slot) = person(world.store(), erased);
    for slot in [record.slot, case_slot] {
        world.store().keyring().erase(slot).expect("erased");
    }

    // The backup is put back: another store and keyring, as after a restart, on yesterday's files.
    let keys = world.folder.path().join("keys");
    let keyring = Arc::new(Keyring::open(&keys, None, &Unlock::File, true).expect("the keyring"));
    let restored = Store::open(&Location::Sqlite { folder: backup }, keyring, Options::default()).expect("restored");
    let gone = name(&restored, erased);
    assert!(
        matches!(gone, Err(SealError::Key(KeyError::Erased(slot))) if slot == record.slot),
        "the erased person opens: {gone:?}"
    );
    assert!(name(&restored, kept).expect("the other opens").contains("Gardé"));

    // Neither does the live database open them, nor a page; the other's page does, and the log still verifies.
    assert!(name(world.store(), erased).is_err());
    let desk = Desk::open(restored.clone()).expect("a desk");
    let page = case::view(&desk, &manager, CaseId(erased)).await;
    let text = format!("{page:?}");
    assert!(!text.contains("Salomé") && !text.contains("Effacée"), "{text}");
    let other = case::view(&desk, &manager, CaseId(kept)).await.expect("the other case");
    assert!(format!("{other:?}").contains("Ferdinand"));
    let report = relais_store::audit::verify(&restored).expect("verified");
    assert!(report.findings.is_empty(), "{:?}", report.findings);

    // A new person in the restored database gets a key that nobody ever had.
    let made = relais_acts::register::register(
        &desk,
        &manager,
        relais_acts::commands::RegisterArrival {
            id: world.new_id(),
            answers: relais_fixture::arrival("Nadège Nouvelle Bilodémo", 33),
            happened_at: None,
        },
    )
    .await
    .expect("registered");
    let (fresh, fresh_case) = person(&restored, made.id);
    for slot in [fresh.slot, fresh_case] {
        assert!(
            slot != record.slot && slot != case_slot,
            "slot {slot} is given out twice"
        );
    }
    assert!(name(&restored, made.id).expect("opens").contains("Nouvelle"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_an_erased_person_still_shows_the_others() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let erased = world
        .register(&manager, "Salomé Effacée Bilodémo", 28)
        .await
        .expect("registered")
        .id;
    world
        .register(&manager, "Ferdinand Gardé Bilodémo", 40)
        .await
        .expect("registered");
    let (record, case_slot) = person(world.store(), erased);
    for slot in [record.slot, case_slot] {
        world.store().keyring().erase(slot).expect("erased");
    }
    let list = case::list(&world.desk, &manager, None).await.expect("the list");
    assert!(list.rows.iter().any(|r| r.initials.starts_with('F')), "{:?}", list.rows);
    assert!(
        list.rows.iter().all(|r| !r.initials.starts_with('S')),
        "{:?}",
        list.rows
    );
}
