//! Arrivals of many, for tests on both databases.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use relais_acts::Viewer;
use relais_acts::commands::RawAnswers;
use relais_acts::groups::{self, AddExpected, GroupKind, MakeGroup, MakeQueue, RegisterExpected};
use relais_acts::problem::ActError;
use relais_fixture::World;
use relais_network::{ExpectedId, GroupId};
use relais_store::Tx;
use relais_store::rows::groups::{self as rows, ExpectedRecord};
use uuid::Uuid;

pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day")
}

/// An arrival with this list, its queue made.
pub async fn arrival(world: &World, lead: &Viewer, list: &str) -> GroupId {
    let id = world.new_id();
    let make = MakeGroup {
        id,
        kind: GroupKind::Flight,
        label: "EX 120".to_owned(),
        entry_point: "DLA".to_owned(),
        on: day(),
    };
    let grid = groups::read_list(list.as_bytes()).expect("readable");
    groups::make(&world.desk, lead, make, Some(grid))
        .await
        .expect("prepared");
    let group = GroupId(id);
    let view = groups::preview(&world.desk, lead, group, None, None)
        .await
        .expect("seen");
    let queue = MakeQueue {
        id: world.new_id(),
        version: view.group.version,
        header: view.header,
        columns: view.mapping,
    };
    groups::queue(&world.desk, lead, group, queue).await.expect("a queue");
    group
}

/// What the form must have beside what the list says.
pub fn asked() -> RawAnswers {
    let one = |code: &str, value: &str| (code.to_owned(), vec![value.to_owned()]);
    RawAnswers::from([
        one("F1E.02", "yes"),
        one("F1E.04", "X"),
        one("F1E.05", "30"),
        one("F1E.06", "alone"),
        one("F1E.07", "centre"),
        one("F1E.09", "NONE"),
        one("F1E.11", "fra"),
    ])
}

/// Takes the next person and registers them from the list; the row and the case.
pub async fn register_next(world: &World, officer: &Viewer, group: GroupId) -> Result<(ExpectedId, Uuid), ActError> {
    let row = ExpectedId(groups::take_next(&world.desk, officer, group).await?.id);
    let mut answers = asked();
    let listed = groups::row(&world.desk, officer, row).await?.answers;
    answers.extend(listed);
    let command = RegisterExpected {
        id: world.new_id(),
        answers,
        family: true,
        happened_at: None,
    };
    let made = groups::register(&world.desk, officer, row, command).await?;
    Ok((row, made.id))
}

pub fn raw_rows(world: &World, group: GroupId) -> Vec<ExpectedRecord> {
    world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| rows::rows_of(tx, group))
        .expect("readable")
}

/// Four officers at once until nobody is left: everybody once, no number twice.
pub async fn four_at_once(world: World) {
    let people = 24;
    let mut list = String::from("Nom;Sexe;Age;Famille\n");
    for n in 1..=people {
        let family = if n % 4 < 2 { (n / 4).to_string() } else { String::new() };
        list.push_str(&format!("Essai Personne{n};F;{};{family}\n", 20 + n));
    }
    let lead = world.viewer("gestionnaire");
    let group = arrival(&world, &lead, &list).await;
    let world = Arc::new(world);
    let officers = ["gestionnaire", "collegue", "superviseur", "gestionnaire"];
    let mut work = Vec::new();
    for login in officers {
        let (world, officer) = (Arc::clone(&world), world.viewer(login));
        work.push(tokio::spawn(async move {
            let mut done = Vec::new();
            loop {
                match register_next(&world, &officer, group).await {
                    Ok((row, case)) => done.push((row, case)),
                    Err(ActError::Refused { code, .. }) if code == "queue_empty" => return done,
                    // Two telephones of one officer: the row that the other has just done.
                    Err(ActError::Refused { code, .. }) if code.starts_with("row_") => {}
                    Err(other) => panic!("{other}"),
                }
            }
        }));
    }
    // Somebody not on the list comes in between, twice at once.
    let adding = [0, 1].map(|_| {
        let (world, lead) = (Arc::clone(&world), lead.clone());
        tokio::spawn(async move {
            let command = AddExpected {
                id: world.new_id(),
                family_of: String::new(),
            };
            groups::add(&world.desk, &lead, group, command).await.expect("added")
        })
    });
    let mut rows = Vec::new();
    for officer in work {
        rows.extend(officer.await.expect("no panic"));
    }
    for add in adding {
        add.await.expect("no panic");
    }
    let all = raw_rows(&world, group);
    let numbers: BTreeSet<u32> = all.iter().map(|r| r.number).collect();
    assert_eq!(numbers.len(), all.len(), "a number stands twice");
    assert_eq!(all.len(), people + 2);
    let once: BTreeSet<ExpectedId> = rows.iter().map(|(row, _)| *row).collect();
    assert_eq!(once.len(), rows.len(), "a row was registered twice");
    let cases: BTreeSet<Uuid> = rows.iter().map(|(_, case)| *case).collect();
    assert_eq!(cases.len(), rows.len());
    assert!(rows.len() >= people, "{} of {people}", rows.len());
    let registered = all.iter().filter(|r| r.state == "registered").count();
    assert_eq!(registered, rows.len());
}
