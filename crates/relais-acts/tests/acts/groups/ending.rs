//! What becomes of a list and of whoever did not come.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_did_not_come_is_erased_with_their_key() {
    let world = World::sqlite();
    let officer = world.viewer("gestionnaire");
    let group = arrival(&world, &officer, LIST).await;
    register_next(&world, &officer, group).await.expect("registered");
    let held = groups::take_next(&world.desk, &officer, group).await.expect("a row");
    let closing = groups::close(&world.desk, &officer, group).await;
    assert_eq!(refusal(closing.expect_err("somebody is at it")), "rows_taken");
    let release = ActOnRow {
        command: RowCommand::Release,
    };
    groups::act(&world.desk, &officer, ExpectedId(held.id), release)
        .await
        .expect("back");
    groups::close(&world.desk, &officer, group).await.expect("closed");
    let view = queue(&world, &officer, group, "absent", "").await;
    assert_eq!((view.group.counts.absent, view.rows.len()), (3, 3));
    assert!(view.rows.iter().all(|r| r.name.is_some()), "they may still come");
    let before = raw_rows(&world, group);
    world.at(relais_fixture::start() + TimeDelta::days(13));
    work::once(&world.desk).expect("worked");
    assert!(raw_rows(&world, group).iter().all(|r| r.state != "erased"));
    world.at(relais_fixture::start() + TimeDelta::days(15));
    work::once(&world.desk).expect("worked");
    let after = raw_rows(&world, group);
    assert_eq!(after.iter().filter(|r| r.state == "erased").count(), 3);
    assert_eq!(after.iter().filter(|r| r.state == "registered").count(), 1);
    for row in before.iter().filter(|r| r.state != "registered") {
        let slot = row.slot;
        let gone = world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<bool, StoreError> {
                Ok(tx.sealer().keyring().subject_key(slot).is_err())
            })
            .expect("readable");
        assert!(gone, "row {}", row.number);
    }
    assert!(after.iter().all(|r| r.person.is_empty() && r.typed.is_empty()));
    let view = queue(&world, &officer, group, "absent", "").await;
    assert!(
        view.rows
            .iter()
            .all(|r| r.name.is_none() && r.state == RowState::Erased)
    );
    let take = ActOnRow {
        command: RowCommand::Take,
    };
    let gone = groups::act(&world.desk, &officer, view.rows[0].id, take).await;
    assert_eq!(refusal(gone.expect_err("erased")), "row_erased");
    // Somebody comes after all, is begun and never registered: that row too goes in its time.
    let late = AddExpected {
        id: world.new_id(),
        family_of: String::new(),
    };
    groups::add(&world.desk, &officer, group, late).await.expect("added");
    assert_eq!(
        raw_rows(&world, group).iter().filter(|r| r.state != "erased").count(),
        2
    );
    world.at(relais_fixture::start() + TimeDelta::days(30));
    work::once(&world.desk).expect("worked");
    assert_eq!(
        raw_rows(&world, group).iter().filter(|r| r.state == "erased").count(),
        4
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_mistyped_is_refused_before_it_erases_or_keeps() {
    let world = World::sqlite();
    let lead = world.viewer("gestionnaire");
    for (days, fine) in [
        (-365, false),
        (-8, false),
        (-7, true),
        (0, true),
        (60, true),
        (61, false),
        (3_650, false),
    ] {
        let make = MakeGroup {
            id: world.new_id(),
            kind: GroupKind::Bus,
            label: String::new(),
            entry_point: "DLA".to_owned(),
            on: day() + TimeDelta::days(days),
        };
        match groups::make(&world.desk, &lead, make, None).await {
            Ok(_) => assert!(fine, "{days} days"),
            Err(ActError::Invalid(wrong)) => assert!(!fine && wrong[0].field == "on", "{days} days: {wrong:?}"),
            other => panic!("{days} days: {other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_uploaded_meanwhile_is_not_made_into_the_queue_unseen() {
    let world = World::sqlite();
    let lead = world.viewer("gestionnaire");
    let make = MakeGroup {
        id: world.new_id(),
        kind: GroupKind::Bus,
        label: String::new(),
        entry_point: "DLA".to_owned(),
        on: day(),
    };
    let group = GroupId(make.id);
    let grid = |text: &str| groups::read_list(text.as_bytes()).expect("readable");
    groups::make(&world.desk, &lead, make, Some(grid(LIST)))
        .await
        .expect("made");
    let seen = groups::preview(&world.desk, &lead, group, None, None)
        .await
        .expect("seen");
    groups::upload(&world.desk, &lead, group, world.new_id(), grid("Nom\nEssai Autre\n"))
        .await
        .expect("another");
    let command = MakeQueue {
        id: world.new_id(),
        version: seen.group.version,
        header: 0,
        columns: seen.mapping.clone(),
    };
    let refused = groups::queue(&world.desk, &lead, group, command).await;
    assert!(matches!(refused, Err(ActError::Stale { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_nobody_uses_is_forgotten_and_may_come_again() {
    let world = World::sqlite();
    let lead = world.viewer("gestionnaire");
    let id = world.new_id();
    let make = MakeGroup {
        id,
        kind: GroupKind::Bus,
        label: String::new(),
        entry_point: "DLA".to_owned(),
        on: day(),
    };
    let grid = || groups::read_list(LIST.as_bytes()).expect("readable");
    groups::make(&world.desk, &lead, make, Some(grid()))
        .await
        .expect("made");
    let group = GroupId(id);
    let seen = async || {
        groups::preview(&world.desk, &lead, group, None, None)
            .await
            .expect("seen")
    };
    assert!(seen().await.read_as.is_some());
    world.at(relais_fixture::start() + TimeDelta::hours(25));
    work::once(&world.desk).expect("worked");
    assert!(seen().await.read_as.is_none());
    groups::upload(&world.desk, &lead, group, world.new_id(), grid())
        .await
        .expect("again");
    assert_eq!(seen().await.persons, 4);
    // Not for another organisation, nor for a provider.
    for login in ["autre", "atelier", "secretariat"] {
        let viewer = world.viewer(login);
        let found = groups::preview(&world.desk, &viewer, group, None, None).await;
        assert!(matches!(found, Err(ActError::NotFound)), "{login}");
        let sent = groups::upload(&world.desk, &viewer, group, world.new_id(), grid()).await;
        assert!(matches!(sent, Err(ActError::NotFound)), "{login}");
    }
}
