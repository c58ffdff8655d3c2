//! The question to the holder elsewhere: asked, answered, reminded, lapsed.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_holder_is_asked_answers_and_only_a_yes_tells_who() {
    let world = World::sqlite();
    let (manager, other, chief) = (
        world.viewer("gestionnaire"),
        world.viewer("autre"),
        world.viewer("superviseur"),
    );
    let first = registered(&world, &manager, NAME).await;
    let abroad = registered(&world, &other, AGAIN).await;
    let ask = act(&world, &other, abroad, "ask", None).await.expect("asked");
    let told = perhaps(&world, &other, abroad).await;
    assert!(!told.elsewhere, "one question at a time");
    assert_eq!((told.asks.len(), told.asks[0].state.as_str()), (1, "waiting"));
    assert!(told.asks[0].clock.is_some() && told.asks[0].holder.is_none() && told.asks[0].code.is_none());
    assert_eq!(
        code(&act(&world, &other, abroad, "ask", None).await.expect_err("waits")),
        "same_waiting"
    );
    // It stands in the day of whoever works on the other case, and nobody else's.
    for (login, there) in [
        ("gestionnaire", true),
        ("superviseur", true),
        ("collegue", false),
        ("autre", false),
    ] {
        let day = day::my_day(&world.desk, &world.viewer(login)).await.expect("a day");
        assert_eq!(day.same.len(), usize::from(there), "{login}");
    }
    for login in ["collegue", "autre", "secretariat", "regional", "atelier", "delegue"] {
        let seen = duplicates::asked(&world.desk, &world.viewer(login), SameAskId(ask)).await;
        assert!(matches!(seen, Err(ActError::NotFound)), "{login}");
    }
    let view = duplicates::asked(&world.desk, &chief, SameAskId(ask))
        .await
        .expect("seen");
    assert_eq!(view.row.case_id.0, first);
    assert!(
        !serde_json::to_string(&view)
            .expect("json")
            .contains(&abroad.to_string())
    );
    assert_eq!(
        code(&answer(&world, &manager, ask, "perhaps").await.expect_err("a word")),
        "unknown_option"
    );
    answer(&world, &manager, ask, "no").await.expect("answered");
    let told = perhaps(&world, &other, abroad).await;
    assert_eq!(told.asks[0].answer.as_deref(), Some("no"));
    assert!(
        told.asks[0].holder.is_none() && told.asks[0].code.is_none() && !told.elsewhere,
        "{told:?}"
    );
    let history = case::view(&world.desk, &other, CaseId(abroad))
        .await
        .expect("seen")
        .history;
    let text = serde_json::to_string(&history).expect("json");
    assert!(
        text.contains("same_answered") && !text.contains("Accueil") && !text.contains("Exercice gestionnaire"),
        "{text}"
    );
    assert_eq!(
        code(&answer(&world, &manager, ask, "yes").await.expect_err("over")),
        "same_over"
    );

    // At rest the answer stands nowhere in clear, and the chain of the file asked about says nothing.
    assert_eq!(
        count(
            &world,
            "SELECT COUNT(*) AS n FROM event WHERE kind = 'same_answered' AND (meta LIKE '%answer%' OR meta LIKE '%\"no\"%')"
        ),
        0
    );
    assert!(
        !kinds(&world, &manager, first)
            .await
            .contains(&"same_answered".to_owned())
    );

    // A yes says who holds it, and its code.
    let second = registered(&world, &other, NAME).await;
    let ask = act(&world, &other, second, "ask", None).await.expect("asked");
    answer(&world, &manager, ask, "yes").await.expect("answered");
    let told = perhaps(&world, &other, second).await;
    assert_eq!(told.asks[0].answer.as_deref(), Some("yes"));
    assert!(told.asks[0].holder.is_some() && told.asks[0].code.is_some(), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_reminded_and_lapses_and_can_be_asked_again() {
    let world = World::sqlite();
    let (manager, other) = (world.viewer("gestionnaire"), world.viewer("autre"));
    registered(&world, &manager, NAME).await;
    let abroad = registered(&world, &other, NAME).await;
    let ask = act(&world, &other, abroad, "ask", None).await.expect("asked");
    assert_eq!(
        count(&world, "SELECT COUNT(*) AS n FROM due_work WHERE kind LIKE 'same@%'"),
        3
    );
    let notices = |kind: &'static str| {
        count(
            &world,
            match kind {
                "asked" => "SELECT COUNT(*) AS n FROM outbox WHERE kind = 'same_asked'",
                "reminder" => "SELECT COUNT(*) AS n FROM outbox WHERE kind = 'same_reminder'",
                _ => "SELECT COUNT(*) AS n FROM outbox WHERE kind = 'same_lapsed'",
            },
        )
    };
    assert_eq!((notices("asked"), notices("reminder"), notices("lapsed")), (1, 0, 0));
    let due = perhaps(&world, &other, abroad).await.asks[0]
        .clock
        .as_ref()
        .expect("a limit")
        .due;
    world.at(due - TimeDelta::minutes(1));
    work::once(&world.desk).expect("worked");
    assert_eq!(notices("reminder"), 1, "half of the time: the case manager");
    world.at(due + TimeDelta::minutes(1));
    work::once(&world.desk).expect("worked");
    assert_eq!(notices("reminder"), 3, "the limit: the supervisor, and whoever asked");
    world.at(start() + TimeDelta::days(12));
    work::once(&world.desk).expect("worked");
    assert_eq!(notices("lapsed"), 1);
    assert_eq!(
        count(&world, "SELECT COUNT(*) AS n FROM due_work WHERE kind LIKE 'same@%'"),
        0
    );
    let told = perhaps(&world, &other, abroad).await;
    assert_eq!((told.asks[0].state.as_str(), told.elsewhere), ("lapsed", true));
    assert_eq!(
        code(&answer(&world, &manager, ask, "yes").await.expect_err("over")),
        "same_over"
    );
    act(&world, &other, abroad, "ask", None).await.expect("asked again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_moment_of_a_lapse_does_not_tell_that_a_file_was_shut_away() {
    let mut lapsed = Vec::new();
    for shut in [false, true] {
        let world = World::sqlite();
        let (manager, other) = (world.viewer("gestionnaire"), world.viewer("autre"));
        let first = registered(&world, &manager, NAME).await;
        let abroad = registered(&world, &other, NAME).await;
        act(&world, &other, abroad, "ask", None).await.expect("asked");
        if shut {
            protect(&world, first);
        }
        let mut seen = Vec::new();
        for day in 1..15 {
            world.at(start() + TimeDelta::days(day));
            work::once(&world.desk).expect("worked");
            let told = perhaps(&world, &other, abroad).await;
            let notices = count(
                &world,
                "SELECT COUNT(*) AS n FROM outbox o JOIN organisation g ON g.id = o.organisation_id WHERE g.code = 'AUTRE' AND o.kind LIKE 'same%'",
            );
            seen.push((told.asks[0].state.clone(), notices));
        }
        let reminded = count(
            &world,
            "SELECT COUNT(*) AS n FROM outbox o JOIN organisation g ON g.id = o.organisation_id WHERE g.code = 'ACCUEIL' AND o.kind = 'same_reminder'",
        );
        assert_eq!(reminded, if shut { 0 } else { 2 }, "its holder is left alone");
        lapsed.push(seen);
    }
    assert_eq!(lapsed[0], lapsed[1], "whoever asked sees the same day by day");
    assert_eq!(lapsed[0].last().map(|(state, _)| state.as_str()), Some("lapsed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_a_case_that_ended_is_answered_and_one_asked_for_it_waits_no_more() {
    let world = World::sqlite();
    let (manager, other, chief) = (
        world.viewer("gestionnaire"),
        world.viewer("autre"),
        world.viewer("superviseur"),
    );
    let first = registered(&world, &manager, NAME).await;
    let abroad = registered(&world, &other, NAME).await;
    let ask = act(&world, &other, abroad, "ask", None).await.expect("asked");
    let end = async |case: Uuid| {
        let version = case::view(&world.desk, &chief, CaseId(case))
            .await
            .expect("seen")
            .version;
        let command = relais_acts::ending::EndCase {
            id: world.new_id(),
            version,
            reason: relais_casework::referral::EndReason::Left,
            on: start().date_naive(),
            source: "Essai".to_owned(),
        };
        relais_acts::ending::end(&world.desk, &chief, CaseId(case), command).await
    };
    end(first).await.expect("ended");
    let before = kinds(&world, &chief, first).await;
    answer(&world, &chief, ask, "yes")
        .await
        .expect("who left and came back");
    assert_eq!(
        kinds(&world, &chief, first).await,
        before,
        "an ended chain is not written"
    );

    // The other way round: what was asked for a case that ended is over.
    let second = registered(&world, &manager, AGAIN).await;
    act(&world, &manager, second, "ask", None).await.expect("asked");
    end(second).await.expect("ended");
    assert_eq!(
        count(&world, "SELECT COUNT(*) AS n FROM same_ask WHERE state = 'waiting'"),
        0
    );
    assert_eq!(
        count(&world, "SELECT COUNT(*) AS n FROM due_work WHERE kind LIKE 'same@%'"),
        0
    );
}
