//! A section opened and written again: what is ruled out now goes or stays, and
//! keeps nobody from saving the rest.

use relais_casework::interview::SectionState;
use relais_fixture::World;

use super::{PRIVATE, arrival, authorise, code, fill, frame, section};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_another_rules_out_goes_with_it_and_keeps_nobody_from_saving() {
    let world = World::sqlite();
    authorise(&world);
    let manager = world.viewer("gestionnaire");
    let id = arrival(&world, &manager, "Essai Retour").await;
    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");

    // The page sends back what stands: a button cannot be unpressed.
    fill(&world, &manager, id, "F1/frame", &frame("F1.11", "no"))
        .await
        .expect("the agreement rests on the information");
    let seen = section(&world, &manager, id, "F1/frame").await.expect("seen");
    assert_eq!(seen.answers["F1.11"], ["no"]);
    assert!(!seen.answers.contains_key("F1.12"), "it went with it");
    assert!(seen.apart.is_empty());
    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");

    let raised = [("F1.66", "yes"), ("F1.66b", "yes")];
    fill(&world, &manager, id, "F1/flags", &raised).await.expect("kept");
    let back = [("F1.66", "no"), ("F1.66b", "yes")];
    fill(&world, &manager, id, "F1/flags", &back)
        .await
        .expect("what stood goes");
    let seen = section(&world, &manager, id, "F1/flags").await.expect("seen");
    assert!(!seen.answers.contains_key("F1.66b"));
    // A flag that nobody raised says nothing.
    let back = [("F1.66", "no"), ("F1.66b", "not_raised")];
    fill(&world, &manager, id, "F1/flags", &back).await.expect("kept");
    // What was typed now and is ruled out comes back: it is not dropped in silence.
    let typed = [("F1.66", "no"), ("F1.66b", "yes")];
    let wrong = fill(&world, &manager, id, "F1/flags", &typed).await;
    assert_eq!(code(wrong), "F1.66b irrelevant");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_and_is_not_asked_now_is_read_apart_and_stays() {
    let world = World::sqlite();
    authorise(&world);
    let manager = world.viewer("gestionnaire");
    let id = arrival(&world, &manager, "Essai Apart").await;
    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");
    fill(&world, &manager, id, "F1/flags", &[("F1.65", "yes")])
        .await
        .expect("kept");
    let seen = section(&world, &manager, id, "F1/flags").await.expect("seen");
    assert!(seen.apart.is_empty() && seen.frame);

    fill(&world, &manager, id, "F1/frame", &frame("F1.09", "no"))
        .await
        .expect("kept");
    let seen = section(&world, &manager, id, "F1/flags").await.expect("seen");
    assert_eq!((seen.state, seen.asked.len()), (SectionState::NothingAsked, 0));
    let words: Vec<_> = seen.apart.iter().filter_map(|f| f.value.as_deref()).collect();
    assert_eq!(words, ["Oui"]);
    // Sent back as it stands, it is no mistake and is not lost.
    fill(&world, &manager, id, "F1/flags", &[("F1.65", "yes")])
        .await
        .expect("kept");
    let seen = section(&world, &manager, id, "F1/flags").await.expect("seen");
    assert_eq!(seen.answers["F1.65"], ["yes"]);

    // A reason for a priority below the proposal, sent back by a colleague to whom
    // nothing is proposed.
    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");
    let low = [
        ("F1.90", "IN"),
        ("F1.91", "P3"),
        ("F1.92", "Vue ce matin, soins donnés."),
        ("F1.95", "30/11/2026"),
    ];
    fill(&world, &manager, id, "F1/decision", &low).await.expect("kept");
    let chief = world.viewer("superviseur");
    let seen = section(&world, &chief, id, "F1/decision").await.expect("seen");
    assert!(!seen.asked.contains(&"F1.92".to_owned()));
    fill(&world, &chief, id, "F1/decision", &low).await.expect("kept");
    let seen = section(&world, &manager, id, "F1/decision").await.expect("seen");
    assert_eq!(seen.answers["F1.92"], ["Vue ce matin, soins donnés."]);
}
