//! The on-call list as the deployment keeps it: filled in, tested, too old,
//! and whose it is to keep.

use chrono::TimeDelta;
use relais_acts::on_call::{self, OnCallLine, OnCallState, PutOnCall, TestOnCall};
use relais_acts::problem::ActError;
use relais_acts::{Viewer, day};
use relais_fixture::{LITTORAL, NORD, World, start};
use relais_mechanism::Lang;
use relais_store::rows::calls as rows;
use relais_store::{StoreError, Tx};

async fn line(world: &World, who: &Viewer, region: &str, rank: u32) -> Option<OnCallLine> {
    on_call::view(&world.desk, who)
        .await
        .expect("seen")
        .lines
        .into_iter()
        .find(|l| l.region == region && l.rank == rank)
}

fn number(world: &World, version: i64, region: &str, number: &str) -> PutOnCall {
    PutOnCall {
        id: world.new_id(),
        version,
        region: region.to_owned(),
        rank: 1,
        who: "Délégation d’exercice, garde".to_owned(),
        number: number.to_owned(),
        hours: "18 h – 8 h".to_owned(),
        state_line: true,
    }
}

fn test(world: &World, version: i64, region: &str, answered: bool) -> TestOnCall {
    TestOnCall {
        id: world.new_id(),
        version,
        region: region.to_owned(),
        rank: 1,
        answered,
    }
}

#[tokio::test]
async fn missing_untested_ready_and_too_old_again() {
    let world = World::sqlite();
    let office = world.viewer("secretariat");
    let before = line(&world, &office, LITTORAL, 1).await.expect("listed though empty");
    assert_eq!((before.state, before.version), (OnCallState::Missing, 0));
    let missing = day::late(&world.desk, &office, None)
        .await
        .expect("seen")
        .oncall_missing;
    assert_eq!(missing.len(), 10);
    let early = on_call::tested(&world.desk, &office, test(&world, 0, LITTORAL, true)).await;
    assert!(matches!(early, Err(ActError::Refused { ref code, .. }) if code == "on_call_missing"));

    on_call::put(&world.desk, &office, number(&world, 0, LITTORAL, "6 99 00 00 03"))
        .await
        .expect("saved");
    let filled = line(&world, &office, LITTORAL, 1).await.expect("listed");
    assert_eq!(
        (filled.state, filled.number.as_str()),
        (OnCallState::Untested, "+237699000003")
    );
    let missing = day::late(&world.desk, &office, None)
        .await
        .expect("seen")
        .oncall_missing;
    assert_eq!(missing.len(), 9, "the late list does not call it missing any more");

    on_call::tested(&world.desk, &office, test(&world, filled.version, LITTORAL, false))
        .await
        .expect("noted");
    let silent = line(&world, &office, LITTORAL, 1).await.expect("listed");
    assert_eq!(silent.state, OnCallState::Silent);
    on_call::tested(&world.desk, &office, test(&world, silent.version, LITTORAL, true))
        .await
        .expect("noted");
    let ready = line(&world, &office, LITTORAL, 1).await.expect("listed");
    assert_eq!(ready.state, OnCallState::Ready);
    assert_eq!(ready.tested_by, "Exercice secretariat");
    assert_eq!(ready.tested_on.map(|d| d.to_string()).as_deref(), Some("2026-11-23"));

    world.at(start() + TimeDelta::days(31));
    assert_eq!(
        line(&world, &office, LITTORAL, 1).await.expect("listed").state,
        OnCallState::Stale
    );
    // Another number was never tested, whatever the one before was.
    on_call::put(&world.desk, &office, number(&world, ready.version, LITTORAL, "116"))
        .await
        .expect("saved");
    assert_eq!(
        line(&world, &office, LITTORAL, 1).await.expect("listed").state,
        OnCallState::Untested
    );
}

#[tokio::test]
async fn a_region_is_kept_by_its_own_focal_point_and_the_country_by_the_secretariat() {
    let world = World::sqlite();
    let (office, regional) = (world.viewer("secretariat"), world.viewer("regional"));
    on_call::put(&world.desk, &regional, number(&world, 0, LITTORAL, "699000003"))
        .await
        .expect("the own region");
    for region in [NORD, "", "CM999"] {
        let refused = on_call::put(&world.desk, &regional, number(&world, 0, region, "699000003")).await;
        assert!(
            matches!(refused, Err(ActError::Invalid(ref w)) if w[0].field == "region"),
            "{region}: {refused:?}"
        );
    }
    assert!(line(&world, &regional, NORD, 1).await.is_none());
    assert!(
        line(&world, &regional, "", 1).await.is_some(),
        "the fallback is everybody's to know"
    );
    // A line of the mechanism is kept here from its first test call on.
    on_call::tested(&world.desk, &office, test(&world, 0, "", true))
        .await
        .expect("noted");
    let fallback = line(&world, &office, "", 1).await.expect("listed");
    assert_eq!((fallback.state, fallback.number.as_str()), (OnCallState::Ready, "1503"));
    assert!(fallback.state_line, "still a State line");
    // The words stay the mechanism's, in the language of whoever reads; a test of the number before counts no more.
    let mut english = office.clone();
    english.lang = Lang::En;
    let read = line(&world, &english, "", 1).await.expect("listed");
    let own = world.desk.mechanism();
    let entry = own
        .on_call_entries()
        .iter()
        .find(|e| e.region.is_none() && e.rank == 1)
        .expect("the mechanism's");
    assert_eq!(read.who, entry.label.get(Lang::En));
    world
        .store()
        .write_blocking(|tx: &mut Tx<'_>| -> Result<(), StoreError> {
            let mut row = rows::on_call(tx)?
                .into_iter()
                .find(|r| r.region.is_empty())
                .expect("the test");
            "1599".clone_into(&mut row.number);
            row.update(tx)
        })
        .expect("as before an upgrade");
    let upgraded = line(&world, &office, "", 1).await.expect("listed");
    assert_eq!((upgraded.number.as_str(), upgraded.version), ("1503", fallback.version));
    assert_ne!(upgraded.state, OnCallState::Ready);
    for login in ["gestionnaire", "superviseur", "atelier", "administrateur", "delegue"] {
        let who = world.viewer(login);
        assert!(
            matches!(on_call::view(&world.desk, &who).await, Err(ActError::Forbidden { .. })),
            "{login}"
        );
        let put = on_call::put(&world.desk, &who, number(&world, 0, NORD, "699000003")).await;
        assert!(matches!(put, Err(ActError::NotFound)), "{login}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_its_field_and_a_stale_line_is_not_overwritten() {
    let world = World::sqlite();
    let office = world.viewer("secretariat");
    let mut bad = number(&world, 0, LITTORAL, "12");
    bad.who = String::new();
    bad.rank = 9;
    let refused = on_call::put(&world.desk, &office, bad).await;
    let Err(ActError::Invalid(wrong)) = refused else {
        panic!("{refused:?}")
    };
    let fields: Vec<&str> = wrong.iter().map(|w| w.field.as_str()).collect();
    assert_eq!(fields, ["rank", "who", "number"]);
    on_call::put(&world.desk, &office, number(&world, 0, LITTORAL, "699000003"))
        .await
        .expect("saved");
    let stale = on_call::put(&world.desk, &office, number(&world, 0, LITTORAL, "699000004")).await;
    assert!(matches!(stale, Err(ActError::Stale { base: 0, current: 1 })));
}
