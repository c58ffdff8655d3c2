//! Two files of one person, joined and taken apart.

use super::*;

/// Every table with something to lose: all but logs, heads and messages.
const KEPT: [&str; 16] = [
    "person",
    "bucket",
    "bucket_of",
    "case_file",
    "form_answers",
    "consent",
    "need",
    "referral",
    "grant_row",
    "disclosure",
    "stop_request",
    "override_row",
    "same_ask",
    "perhaps",
    "joined",
    "counter_cell",
];

#[tokio::test(flavor = "multi_thread")]
async fn joined_then_taken_apart_every_row_is_as_before() {
    let world = World::sqlite();
    let (manager, chief) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let first = registered(&world, &manager, NAME).await;
    let again = registered(&world, &manager, AGAIN).await;
    for case in [first, again] {
        world
            .consent(&manager, case, &[DataClass::Skills])
            .await
            .expect("consented");
        let need = world
            .need(&manager, case, "VTC.02", Priority::P4)
            .await
            .expect("a need")
            .id;
        world.send(&manager, need, "S-COUTURE").await.expect("sent");
    }
    let before = dump(&world, &KEPT);
    assert_eq!(
        code(&join(&world, &manager, again, first).await.expect_err("a manager")),
        "join_by_supervisor"
    );
    assert_eq!(
        code(&join(&world, &chief, again, again).await.expect_err("one")),
        "join_same"
    );
    assert_eq!(
        code(&join(&world, &chief, again, world.new_id()).await.expect_err("none")),
        "unknown_option"
    );
    assert_eq!(dump(&world, &KEPT), before, "a refusal changes nothing");
    join(&world, &chief, again, first).await.expect("joined");
    let (older, younger) = (
        perhaps(&world, &chief, first).await,
        perhaps(&world, &chief, again).await,
    );
    assert_eq!(
        (older.joined.len(), older.joined[0].younger.0),
        (1, again),
        "the older is pointed to"
    );
    assert_eq!(younger.into.as_ref().map(|j| j.case_id), Some(Some(CaseId(first))));
    assert!(
        older.seen.is_empty() && younger.seen.is_empty(),
        "what is joined is no perhaps any more"
    );
    // Whoever is on one of them sees no more than before.
    assert!(
        case::view(&world.desk, &world.viewer("collegue"), CaseId(first))
            .await
            .is_err()
    );
    let blocked = world.need(&manager, again, "MED.01", Priority::P3).await;
    assert_eq!(code(&blocked.expect_err("the older takes new needs")), "case_joined");
    assert_eq!(
        code(&separate(&world, &manager, again, first).await.expect_err("a manager")),
        "join_by_supervisor"
    );
    separate(&world, &chief, first, again)
        .await
        .expect("taken apart, from either side");
    assert_eq!(dump(&world, &KEPT), before, "row by row");
    for case in [first, again] {
        let kinds = kinds(&world, &chief, case).await;
        assert!(
            kinds.contains(&"joined".to_owned()) && kinds.contains(&"separated".to_owned()),
            "{kinds:?}"
        );
    }
    assert_eq!(
        code(&separate(&world, &chief, first, again).await.expect_err("apart")),
        "join_not_joined"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_while_joined_is_not_lost_and_thirty_days_are_the_end() {
    let world = World::sqlite();
    let (manager, chief) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let first = registered(&world, &manager, NAME).await;
    let again = registered(&world, &manager, NAME).await;
    join(&world, &chief, first, again)
        .await
        .expect("joined, from the older too");
    world
        .consent(&manager, first, &[DataClass::Skills])
        .await
        .expect("consented");
    world
        .need(&manager, first, "VTC.02", Priority::P4)
        .await
        .expect("in the older");
    let between = dump(&world, &["need", "consent", "grant_row", "case_file"]);
    separate(&world, &chief, again, first).await.expect("apart");
    assert_eq!(dump(&world, &["need", "consent", "grant_row", "case_file"]), between);
    join(&world, &chief, again, first).await.expect("joined again");
    let third = registered(&world, &manager, NAME).await;
    assert_eq!(
        code(&join(&world, &chief, again, third).await.expect_err("a chain")),
        "join_joined"
    );
    join(&world, &chief, third, first).await.expect("into the same");
    world.at(start() + TimeDelta::days(30) + TimeDelta::seconds(1));
    assert_eq!(
        code(&separate(&world, &chief, again, first).await.expect_err("late")),
        "join_too_late"
    );
    assert!(
        perhaps(&world, &chief, first)
            .await
            .joined
            .iter()
            .all(|j| j.undo_until.is_none())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_joined_file_that_is_shut_away_is_joined_with_none_and_the_other_takes_needs() {
    let world = World::sqlite();
    let (manager, chief) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let first = registered(&world, &manager, NAME).await;
    let again = registered(&world, &manager, NAME).await;
    join(&world, &chief, again, first).await.expect("joined");
    let refused = world.need(&manager, again, "VTC.02", Priority::P4).await;
    assert_eq!(code(&refused.expect_err("in the older")), "case_joined");
    let version = case::view(&world.desk, &manager, CaseId(first))
        .await
        .expect("seen")
        .version;
    let command = relais_acts::commands::SetProtection {
        id: world.new_id(),
        version,
        protected: true,
        person_agrees: true,
    };
    relais_acts::protection::set(&world.desk, &manager, CaseId(first), command)
        .await
        .expect("chosen");
    assert_eq!(count(&world, "SELECT COUNT(*) AS n FROM joined"), 0);
    let told = perhaps(&world, &manager, again).await;
    assert!(
        told.into.is_none() && told.into_id.is_none() && told.joined.is_empty(),
        "{told:?}"
    );
    world
        .need(&manager, again, "VTC.02", Priority::P4)
        .await
        .expect("recorded where the person is known");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_works_on_the_younger_file_alone_records_needs_in_it() {
    let world = World::sqlite();
    let (manager, colleague, chief) = (
        world.viewer("gestionnaire"),
        world.viewer("collegue"),
        world.viewer("superviseur"),
    );
    let first = registered(&world, &manager, NAME).await;
    let again = registered(&world, &colleague, NAME).await;
    join(&world, &chief, again, first).await.expect("joined");
    world
        .need(&colleague, again, "MED.01", Priority::P1)
        .await
        .expect("an emergency waits for no other file");
    let refused = world.need(&chief, again, "VTC.02", Priority::P4).await;
    assert_eq!(code(&refused.expect_err("sees both")), "case_joined");
}
