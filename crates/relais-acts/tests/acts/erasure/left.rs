//! Nothing is left, in the database and in every backup of it.

use super::*;

/// What lies in the database and in the keyring before and after.
async fn nothing_is_left(world: &World) {
    let one = person(world, "Zipporah Quvimbo").await;
    let other = person(world, "Ferdinand Gardé Bilodémo").await;
    let manager = world.viewer("gestionnaire");
    let slip = MakeSlip { id: world.new_id() };
    slips::make(&world.desk, &manager, ReferralId(one.referral), slip)
        .await
        .expect("a slip");
    served(world, one.referral).await;
    world
        .need(&manager, one.case, "VTC.02", Priority::P4)
        .await
        .expect("a need that waits");
    let (desk, store, administrator) = (&world.desk, world.store(), world.viewer("administrateur"));
    let case_id = one.case;
    let slots = slots(store, case_id);
    // Sealed bytes, tokens, kept answers and due work of the case, whatever they are.
    let rows: [(&str, &'static str); 10] = [
        (
            "person",
            "SELECT LENGTH(p.identity) + LENGTH(p.contact) AS n FROM person p JOIN case_file c ON c.person_id = p.id WHERE c.id = $1",
        ),
        ("card", "SELECT LENGTH(card) AS n FROM case_file WHERE id = $1"),
        (
            "answers",
            "SELECT CAST(SUM(LENGTH(answers)) AS BIGINT) AS n FROM form_answers WHERE case_id = $1",
        ),
        (
            "consents",
            "SELECT CAST(SUM(LENGTH(detail)) AS BIGINT) AS n FROM consent WHERE case_id = $1",
        ),
        (
            "needs",
            "SELECT CAST(SUM(LENGTH(detail)) AS BIGINT) AS n FROM need WHERE case_id = $1",
        ),
        (
            "referrals",
            "SELECT CAST(SUM(LENGTH(detail)) AS BIGINT) AS n FROM referral WHERE case_id = $1",
        ),
        (
            "slips",
            "SELECT CAST(COALESCE(SUM(LENGTH(code)), 0) AS BIGINT) AS n FROM slip WHERE case_id = $1",
        ),
        (
            "buckets",
            "SELECT COUNT(*) AS n FROM bucket_of b JOIN case_file c ON c.person_id = b.person_id WHERE c.id = $1",
        ),
        (
            "due work",
            "SELECT COUNT(*) AS n FROM due_work d JOIN need w ON w.id = d.subject WHERE w.case_id = $1",
        ),
        (
            "requests",
            "SELECT COUNT(*) AS n FROM request_log WHERE id = $1 OR id IN (SELECT id FROM need WHERE case_id = $1) OR id IN (SELECT id FROM referral WHERE case_id = $1) OR id IN (SELECT id FROM form_answers WHERE case_id = $1)",
        ),
    ];
    for (what, sql) in rows {
        assert!(number(store, sql, case_id) > 0, "{what}: there is nothing to erase");
    }
    let kept: Vec<i64> = rows.iter().map(|(_, sql)| number(store, sql, other.case)).collect();
    let acts = "SELECT COUNT(*) AS n FROM request_log WHERE kind = 'act' AND id <> $1";
    assert_eq!(number(store, acts, case_id), 4, "both sides' acts are kept");

    let dry = EraseCase {
        dry_run: true,
        ..asked(&one.code)
    };
    let would = erase::erase(desk, &administrator, &dry).expect("a report");
    assert!(would.dry_run && !would.done && would.keys == 2, "{would:?}");
    assert_eq!(
        (would.emptied.needs, would.emptied.referrals, would.emptied.consents),
        (2, 1, 3)
    );
    assert_eq!(would.told, ["Atelier Aiguille Claire"]);
    for (what, sql) in rows {
        assert!(number(store, sql, case_id) > 0, "{what}: a dry run erased it");
    }

    let done = erase::erase(desk, &administrator, &asked(&one.code)).expect("erased");
    assert!(done.done && done.cases == [one.code.clone()], "{done:?}");
    let counted = Emptied {
        requests: 0,
        ..done.emptied
    };
    assert_eq!(would.emptied, counted, "the dry run told what would go");
    assert_eq!(
        done.emptied.requests, 10,
        "case, consents, two needs, referral, slip, four acts"
    );
    for (what, sql) in rows {
        assert_eq!(number(store, sql, case_id), 0, "{what}: something is left");
    }
    assert_eq!(number(store, acts, case_id), 0);
    let now: Vec<i64> = rows.iter().map(|(_, sql)| number(store, sql, other.case)).collect();
    assert_eq!(kept, now, "somebody else lost something");
    for slot in slots {
        assert!(store.keyring().is_erased(slot).expect("readable"), "slot {slot}");
    }
    let due = "SELECT COUNT(*) AS n FROM due_work d JOIN case_file c ON c.person_id = d.subject WHERE c.id = $1";
    assert_eq!(number(store, due, case_id), 0);
    let waits = store
        .read_blocking(relais_store::rows::lists::waiting_on_nobody)
        .expect("readable");
    assert_eq!(waits, (0, 0));
    let miscounted = store
        .read_blocking(relais_store::rows::lists::cases_miscounted)
        .expect("readable");
    assert_eq!(miscounted, 0);

    // One event in the chain, which holds; its words open with a key of their own.
    let events = store
        .read_blocking(move |tx: &mut Tx<'_>| relais_store::chain::events(tx, case_id, 0, 100))
        .expect("readable");
    let last = events.iter().find(|e| e.kind == "person_erased").expect("the event");
    let meta: serde_json::Value = serde_json::from_str(&last.meta).expect("JSON");
    assert_eq!(meta["reason"], "request");
    let slot = meta["slot"].as_i64().expect("a slot");
    assert!(!slots.contains(&slot));
    let words = last.words(&store.sealer(), slot).expect("opens");
    assert_eq!(String::from_utf8_lossy(&words), "Lettre du 23/11/2026");
    assert!(events[0].words(&store.sealer(), slots[1]).is_err());
    assert!(
        relais_store::audit::verify(store)
            .expect("verified")
            .findings
            .is_empty()
    );

    // The case's team is told; the recipient must confirm that it destroyed what it received, and can.
    let told = "SELECT COUNT(*) AS n FROM outbox WHERE kind = 'person_erased' AND subject = $1";
    assert_eq!(number(store, told, case_id), 2);
    let waits = "SELECT COUNT(*) AS n FROM stop_request s JOIN due_work d ON d.subject = s.id WHERE s.case_id = $1";
    assert!(number(store, waits, case_id) > 0);
    let provider = world.viewer("atelier");
    let stop = day::inbox(desk, &provider).await.expect("an inbox").stops[0].id;
    let page = stops::view(desk, &provider, stop).await.expect("a page");
    assert_eq!(page.row.effect, "erased");
    let confirm = ConfirmStop {
        id: world.new_id(),
        version: page.version,
        channel: None,
        number: String::new(),
        answered_by: String::new(),
        happened_at: None,
    };
    stops::confirm(desk, &provider, stop, confirm).await.expect("confirmed");
    assert_eq!(number(store, waits, case_id), 0);
    assert!(
        relais_store::audit::verify(store)
            .expect("verified")
            .findings
            .is_empty()
    );
    let looks = store
        .read_blocking(|tx: &mut Tx<'_>| relais_store::access::after(tx, 0, 10_000))
        .expect("readable");
    let looks = looks.iter().filter(|l| l.route.starts_with("case erase"));
    assert_eq!(
        looks.filter(|l| l.cases == [CaseId(case_id)]).count(),
        2,
        "the dry run and the erasure"
    );

    let code = refused(erase::erase(desk, &administrator, &asked(&one.code)));
    assert_eq!(code, "already_erased");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_on_sqlite() {
    nothing_is_left(&World::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_on_postgresql() {
    let Some(schema) = Schema::new("erasure") else {
        return;
    };
    let world = World::postgres(&schema.url());
    nothing_is_left(&world).await;
    drop(world);
}

/// Killed between the two steps: everything is written, the keys are still
/// there, and a piece of due work says so. Whoever works next finishes.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_cut_off_before_the_keys_finishes_by_itself() {
    let world = World::sqlite();
    let one = person(&world, "Zipporah Quvimbo").await;
    declined(&world, one.referral).await;
    let case_id = one.case;
    // The state of the database between the steps, put together from before and after: erased, and then with the
    // keyring as it was.
    let keys = world.folder.path().join("keys/subjects.keys");
    let before = std::fs::read(&keys).expect("readable");
    erase::erase(&world.desk, &world.viewer("delegue"), &asked(&one.code)).expect("erased");
    let person = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
            let case = CaseRecord::find(tx, CaseId(case_id))?.expect("the case");
            Ok(PersonRecord::find(tx, case.person_id)?.expect("the person"))
        })
        .expect("readable");
    {
        use std::os::unix::fs::FileExt as _;
        let file = std::fs::OpenOptions::new().write(true).open(&keys).expect("opens");
        file.write_all_at(&before, 0).expect("as before");
    }
    let id = person.id;
    world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            let due_at = tx.now()?;
            let kind = relais_store::erasure::DUE.to_owned();
            let due = relais_store::due::Due {
                subject: id.0,
                kind,
                due_at,
                state_version: 1,
            };
            relais_store::due::set(tx, &due)
        })
        .expect("as between the steps");
    let slot = person.slot;
    assert!(!world.store().keyring().is_erased(slot).expect("readable"));

    assert_eq!(work::once(&world.desk).expect("worked").taken, 1);
    assert!(world.store().keyring().is_erased(slot).expect("readable"));
    assert_eq!(work::once(&world.desk).expect("idle").taken, 0);
}

/// Yesterday's backup, put back after an erasure, while a referral was still
/// under way in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_learns_who_is_erased() {
    let world = World::sqlite();
    let one = person(&world, "Zipporah Quvimbo").await;
    let other = person(&world, "Ferdinand Gardé Bilodémo").await;
    let (data, backup) = (world.folder.path().join("data"), world.folder.path().join("backup"));
    std::fs::create_dir_all(&backup).expect("a folder");
    for entry in std::fs::read_dir(&data).expect("the data folder") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), backup.join(entry.file_name())).expect("copied");
    }
    world.at(start() + TimeDelta::days(1));
    declined(&world, one.referral).await;
    erase::erase(&world.desk, &world.viewer("delegue"), &asked(&one.code)).expect("erased");

    let keys = world.folder.path().join("keys");
    let keyring = Arc::new(Keyring::open(&keys, None, &Unlock::File, true).expect("the keyring"));
    let restored = Store::open(&Location::Sqlite { folder: backup }, keyring, Options::default()).expect("restored");
    let desk = Desk::open(restored.clone()).expect("a desk");
    let manager = world.viewer("gestionnaire");
    let page = case::view(&desk, &manager, CaseId(one.case)).await.expect("a page");
    assert!(page.erased.is_some() && page.name.is_none(), "{page:?}");

    // Looked through once: the same as if it had been erased there.
    assert_eq!(erase::settle(&desk).expect("settled"), 1);
    assert_eq!(erase::settle(&desk).expect("idle"), 0);
    assert!(manager.is(Role::CaseManager));
    let again = erase::erase(&desk, &world.viewer("delegue"), &asked(&one.code));
    assert_eq!(refused(again), "already_erased");
    let waits = restored
        .read_blocking(relais_store::rows::lists::waiting_on_nobody)
        .expect("readable");
    assert_eq!(waits, (0, 0), "what waited for the erased waits no more");
    let buckets = "SELECT COUNT(*) AS n FROM bucket_of t JOIN case_file c ON c.person_id = t.person_id WHERE c.id = $1";
    assert_eq!(number(&restored, buckets, one.case), 0);
    assert_eq!(number(&restored, buckets, other.case), 1);
    let page = referral_view::view(&desk, &world.viewer("atelier"), ReferralId(one.referral)).await;
    assert!(
        matches!(page, Err(ActError::NotFound)),
        "an offer of somebody erased is no offer: {page:?}"
    );
    let kept = case::view(&desk, &manager, CaseId(other.case))
        .await
        .expect("the other");
    assert!(format!("{kept:?}").contains("Ferdinand"));
    assert!(
        relais_store::audit::verify(&restored)
            .expect("verified")
            .findings
            .is_empty()
    );
}
