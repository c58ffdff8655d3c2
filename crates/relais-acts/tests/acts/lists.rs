//! Lists at their edges: the page that is full, rows due in one instant, the
//! instant of lateness itself.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use relais_acts::{ActError, case, day};
use relais_fixture::World;
use relais_mechanism::{DataClass, Priority};
use relais_network::CaseId;
use relais_store::chain::{self, NewEvent};
use relais_store::rows::cases;
use relais_store::{StoreError, Tx};

use crate::help::now;

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_cases_loses_nobody_between_two_pages() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let mut made = BTreeSet::new();
    for n in 0..43 {
        made.insert(
            world
                .register(&manager, &format!("Essai Nombre {n}"), 30)
                .await
                .expect("registered")
                .id,
        );
    }
    for login in ["gestionnaire", "superviseur"] {
        let viewer = world.viewer(login);
        let (mut shown, mut before, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = case::list(&world.desk, &viewer, before).await.expect("a page");
            shown.extend(page.rows.iter().map(|r| r.id.0));
            pages += 1;
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(pages, 2, "forty on a page");
        assert_eq!(shown.len(), 43, "each once");
        assert_eq!(shown.into_iter().collect::<BTreeSet<_>>(), made);
    }
}

/// A case with more events than anybody reads at once: what happened last is
/// what is shown.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_shows_its_end_and_says_that_there_is_more() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let case = world
        .register(&manager, "Essai Histoire", 30)
        .await
        .expect("registered")
        .id;
    let view = async || case::view(&world.desk, &manager, CaseId(case)).await.expect("seen");
    let short = view().await;
    assert!(!short.history.is_empty() && !short.history_more);
    world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            let slot = cases::CaseRecord::find(tx, CaseId(case))?.expect("a case").slot;
            let event = NewEvent {
                subject: case,
                kind: "called",
                meta: "{}",
                happened_at: tx.now()?,
                words: &[],
                slot,
            };
            let mut head = chain::lock(tx, case)?;
            chain::append(tx, &mut head, &[event; 1000])
        })
        .expect("written");
    world
        .need(&manager, case, "VTC.02", Priority::P3)
        .await
        .expect("a need");
    let long = view().await;
    assert_eq!(long.history[0].kind, "need_recorded");
    assert_eq!((long.history.len(), long.history_more), (40, true));
}

/// The drill's clock stands still: all these needs fall due in one instant.
#[tokio::test(flavor = "multi_thread")]
async fn the_late_list_loses_nothing_that_is_due_in_one_instant() {
    let world = World::sqlite();
    let start = now(&world) + TimeDelta::hours(1);
    world.at(start);
    let (manager, office) = (world.viewer("gestionnaire"), world.viewer("secretariat"));
    let case = world
        .register(&manager, "Essai Retard", 30)
        .await
        .expect("registered")
        .id;
    let mut made = BTreeSet::new();
    for _ in 0..83 {
        made.insert(
            world
                .need(&manager, case, "VTC.02", Priority::P3)
                .await
                .expect("a need")
                .id,
        );
    }
    let due = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| cases::needs_of(tx, CaseId(case)))
        .expect("readable")[0]
        .due_at
        .expect("a limit");

    world.at(due - TimeDelta::seconds(1));
    let early = day::late(&world.desk, &office, None).await.expect("the list");
    assert!(early.rows.is_empty(), "a second before the limit nothing is late");

    world.at(due);
    let (mut shown, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = day::late(&world.desk, &office, after).await.expect("a page");
        assert!(page.rows.iter().all(|r| r.clock.as_ref().is_some_and(|c| c.late)));
        shown.extend(page.rows.iter().filter_map(|r| r.need_id.map(|n| n.0)));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages, 3, "forty on a page");
    assert_eq!(shown.len(), 83, "each once");
    assert_eq!(shown.into_iter().collect::<BTreeSet<_>>(), made);
    for cursor in ["x", "1.2", "1.7.3", "1.0.x"] {
        let wrong = day::late(&world.desk, &office, Some(cursor.to_owned())).await;
        assert!(matches!(wrong, Err(ActError::Invalid(_))), "{cursor}: {wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_loses_nothing_between_two_pages() {
    let world = World::sqlite();
    let (manager, hospital) = (world.viewer("gestionnaire"), world.viewer("hopital"));
    let case = world
        .register(&manager, "Essai Corbeille", 30)
        .await
        .expect("registered")
        .id;
    world
        .consent(&manager, case, &[DataClass::Identity, DataClass::Contact])
        .await
        .expect("consented");
    let mut waiting = BTreeSet::new();
    for _ in 0..43 {
        let need = world
            .need(&manager, case, "MED.03", Priority::P3)
            .await
            .expect("a need")
            .id;
        waiting.insert(world.send(&manager, need, "S-SOINS").await.expect("sent").id);
    }
    let (mut shown, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = day::inbox_page(&world.desk, &hospital, after).await.expect("a page");
        shown.extend(page.to_answer.iter().filter_map(|r| r.referral_id.map(|n| n.0)));
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pages, 2, "forty on a page");
    assert_eq!(shown.len(), 43, "each once");
    assert_eq!(shown.into_iter().collect::<BTreeSet<_>>(), waiting);
    for cursor in ["x", "1", "1.x"] {
        let wrong = day::inbox_page(&world.desk, &hospital, Some(cursor.to_owned())).await;
        assert!(matches!(wrong, Err(ActError::Invalid(_))), "{cursor}: {wrong:?}");
    }
}
