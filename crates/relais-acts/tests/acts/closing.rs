//! The closure of a case: proposed by whoever works on it, confirmed or sent
//! back by a supervisor who did not write it, at once where nobody else could;
//! overtaken by what happens in the case; and the contact that the person wants
//! afterwards.

use chrono::{Days, TimeDelta};
use relais_acts::closing::{self, AnswerClosure, CloseCase, ClosureAnswer, FollowUp, NoteFollowUp};
use relais_acts::commands::{ActOnTransfer, SetProtection, TransferAsked};
use relais_acts::directory::By;
use relais_acts::ending::{self, EndCase};
use relais_acts::reopening::{self, ReopenCase};
use relais_acts::settle_need::{self, SettleNeed};
use relais_acts::{ActError, Viewer, accounts, case, day, protection, transfers, work};
use relais_casework::calendar::local_date;
use relais_casework::closing::{Closing, ClosureState, Confirmed, Reached};
use relais_casework::need::UnmetReason;
use relais_casework::referral::EndReason;
use relais_fixture::World;
use relais_mechanism::Priority;
use relais_network::{CaseId, NeedId, TransferId};
use relais_store::{StoreError, Tx, params};
use uuid::Uuid;

use crate::help::now;

/// A case with one need that nobody could meet: the case, its need.
async fn settled(world: &World, name: &str) -> (Uuid, Uuid) {
    let manager = world.viewer("gestionnaire");
    let case = world.register(&manager, name, 30).await.expect("registered").id;
    let need = world
        .need(&manager, case, "VTC.02", Priority::P4)
        .await
        .expect("a need")
        .id;
    settle(world, need).await;
    (case, need)
}

async fn settle(world: &World, need: Uuid) {
    let manager = world.viewer("gestionnaire");
    let seen = settle_need::view(&world.desk, &manager, NeedId(need))
        .await
        .expect("seen");
    let unmet = SettleNeed {
        id: world.new_id(),
        version: seen.version,
        reason: Some(UnmetReason::NoService),
        dropped: false,
        words: String::new(),
    };
    settle_need::settle(&world.desk, &manager, NeedId(need), unmet)
        .await
        .expect("unmet");
}

async fn propose(world: &World, who: &Viewer, case: Uuid, closing: Closing) -> Result<i64, ActError> {
    let seen = closing::view(&world.desk, who, CaseId(case)).await?;
    let command = CloseCase {
        id: world.new_id(),
        version: seen.version,
        closing,
    };
    let made = closing::propose(&world.desk, who, CaseId(case), command).await?;
    Ok(made.version)
}

async fn answer(world: &World, who: &Viewer, case: Uuid, answer: ClosureAnswer, reason: &str) -> Result<i64, ActError> {
    let seen = closing::view(&world.desk, who, CaseId(case)).await?;
    let command = AnswerClosure {
        id: world.new_id(),
        version: seen.closure_version,
        answer,
        reason: reason.to_owned(),
    };
    let made = closing::answer(&world.desk, who, CaseId(case), command).await?;
    Ok(made.version)
}

fn written(need: Uuid) -> Closing {
    Closing {
        reached: vec![Reached {
            need: NeedId(need),
            words: "Aucun atelier Xylophandre à portée".to_owned(),
        }],
        remarks: "Je reviendrai Zygomandre".to_owned(),
        ..relais_fixture::closing()
    }
}

fn refusal(result: Result<i64, ActError>) -> String {
    match result {
        Err(ActError::Refused { code, .. }) => code,
        Err(ActError::Invalid(fields)) => fields.into_iter().map(|f| f.field).collect::<Vec<_>>().join(" "),
        Err(ActError::Forbidden { code }) => code.to_owned(),
        other => format!("{other:?}"),
    }
}

/// Kinds of work that are due of the case itself.
fn due(world: &World, case: Uuid) -> Vec<String> {
    world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| relais_store::due::of(tx, case))
        .expect("readable")
        .into_iter()
        .map(|d| d.kind)
        .collect()
}

async fn state(world: &World, who: &Viewer, case: Uuid) -> String {
    case::view(&world.desk, who, CaseId(case)).await.expect("seen").state
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_sends_it_back_with_a_reason_and_then_confirms() {
    let world = World::sqlite();
    let (manager, supervisor) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let (case, need) = settled(&world, "Ernestine Essai Nkodémo").await;
    let seen = closing::view(&world.desk, &manager, CaseId(case))
        .await
        .expect("a page");
    assert!(seen.may_propose && seen.state.is_none() && !seen.at_once && seen.needs[0].explain);

    let silent = Closing {
        reached: Vec::new(),
        ..written(need)
    };
    assert_eq!(
        refusal(propose(&world, &manager, case, silent).await),
        format!("reached.{need}"),
        "why a need stayed unmet is said"
    );
    let unknown = Closing {
        reason: "NONE".to_owned(),
        satisfaction: Some("7".to_owned()),
        ..written(need)
    };
    assert_eq!(
        refusal(propose(&world, &manager, case, unknown).await),
        "reason satisfaction"
    );
    let dead = Closing {
        reason: "DEATH".to_owned(),
        ..written(need)
    };
    assert_eq!(refusal(propose(&world, &manager, case, dead).await), "reason");

    propose(&world, &manager, case, written(need)).await.expect("proposed");
    assert_eq!(state(&world, &manager, case).await, "open");
    assert_eq!(due(&world, case), ["closure@100", "closure@200"]);
    assert_eq!(
        refusal(propose(&world, &manager, case, written(need)).await),
        "closure_proposed"
    );
    let own = answer(&world, &manager, case, ClosureAnswer::Confirm, "").await;
    assert_eq!(refusal(own), "closure_own", "four eyes");
    let own = answer(&world, &manager, case, ClosureAnswer::Return, "x").await;
    assert_eq!(refusal(own), "closure_own");

    // It stands in the supervisor's day as theirs, in the author's as waiting.
    let theirs = day::my_day(&world.desk, &supervisor).await.expect("a day").closures;
    assert!(theirs.len() == 1 && theirs[0].yours && !theirs[0].clock.late);
    let mine = day::my_day(&world.desk, &manager).await.expect("a day").closures;
    assert!(mine.len() == 1 && !mine[0].yours);
    // Whoever is not of the team reads nothing of it, and none of it lies in clear.
    for login in ["autre", "atelier", "secretariat", "delegue"] {
        let got = closing::view(&world.desk, &world.viewer(login), CaseId(case)).await;
        assert!(matches!(got, Err(ActError::NotFound)), "{login}: {got:?}");
    }
    let rows = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<Vec<u8>, StoreError> {
            let rows = tx.query_built("SELECT detail FROM case_closure WHERE case_id = $1", &params![case])?;
            rows[0].get("detail")
        })
        .expect("readable");
    let clear = String::from_utf8_lossy(&rows).into_owned();
    assert!(!clear.contains("Xylophandre") && !clear.contains("Zygomandre"));

    let mute = answer(&world, &supervisor, case, ClosureAnswer::Return, "  ").await;
    assert_eq!(refusal(mute), "reason");
    answer(
        &world,
        &supervisor,
        case,
        ClosureAnswer::Return,
        "Demandez-lui si elle sait se plaindre.",
    )
    .await
    .expect("sent back");
    assert_eq!(due(&world, case), ["closure@100"]);
    let back = closing::view(&world.desk, &manager, CaseId(case))
        .await
        .expect("a page");
    assert_eq!(back.state, Some(ClosureState::Returned));
    assert!(back.answer.contains("se plaindre") && back.may_propose && back.closing.is_some());
    let mine = day::my_day(&world.desk, &manager).await.expect("a day").closures;
    assert!(mine.len() == 1 && mine[0].yours, "the author must move");
    let late = answer(&world, &supervisor, case, ClosureAnswer::Confirm, "").await;
    assert_eq!(refusal(late), "closure_not_proposed");

    propose(&world, &manager, case, written(need)).await.expect("again");
    let stale = AnswerClosure {
        id: world.new_id(),
        version: 1,
        answer: ClosureAnswer::Confirm,
        reason: String::new(),
    };
    let stale = closing::answer(&world.desk, &supervisor, CaseId(case), stale).await;
    assert!(
        matches!(stale, Err(ActError::Stale { base: 1, current: 3 })),
        "{stale:?}"
    );
    answer(&world, &supervisor, case, ClosureAnswer::Confirm, "")
        .await
        .expect("confirmed");
    assert_eq!(state(&world, &manager, case).await, "closed");
    assert!(due(&world, case).is_empty());
    let read = closing::view(&world.desk, &manager, CaseId(case)).await.expect("read");
    assert_eq!(read.confirmed, Some(Confirmed::Reviewed));
    assert!(read.closing.is_some_and(|c| c.remarks.contains("Zygomandre")) && !read.may_propose);
    let history = case::view(&world.desk, &manager, CaseId(case))
        .await
        .expect("seen")
        .history;
    let said: Vec<&str> = history.iter().map(|h| h.kind.as_str()).collect();
    for kind in ["closure_proposed", "closure_returned", "case_closed"] {
        assert!(said.contains(&kind), "{said:?}");
    }
    assert!(history.iter().any(|h| h.what.contains("confirmé par un superviseur")));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_else_supervises_it_closes_at_once_and_says_so() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let (first, need) = settled(&world, "Rosalie Essai Nkodémo").await;
    let (second, other) = settled(&world, "Berthe Essai Nkodémo").await;
    let supervisor = world.viewer("superviseur");
    // The only supervisor writes it: nobody else can look.
    propose(&world, &supervisor, second, written(other))
        .await
        .expect("closed");
    assert_eq!(state(&world, &manager, second).await, "closed");

    // One that waits does not wait for a supervisor who is gone.
    propose(&world, &manager, first, written(need)).await.expect("proposed");
    accounts::close(world.store(), "superviseur", By::CommandLine).expect("closed");
    let seen = closing::view(&world.desk, &manager, CaseId(first)).await.expect("seen");
    assert_eq!(seen.may_confirm, Some(Confirmed::Alone));
    let mine = day::my_day(&world.desk, &manager).await.expect("a day").closures;
    assert!(mine.len() == 1 && mine[0].yours, "nobody else can move");
    answer(&world, &manager, first, ClosureAnswer::Confirm, "")
        .await
        .expect("closed");
    for case in [first, second] {
        let page = case::view(&world.desk, &manager, CaseId(case)).await.expect("seen");
        let said = page.history.iter().find(|h| h.kind == "case_closed").expect("closed");
        assert!(said.what.contains("pas d’autre superviseur"), "{}", said.what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_who_does_not_answer_is_reminded_and_holds_up_nobody() {
    let world = World::sqlite();
    let (manager, supervisor) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let (case, need) = settled(&world, "Ernestine Essai Nkodémo").await;
    propose(&world, &manager, case, written(need)).await.expect("proposed");
    let kinds = |kind: &str| {
        let view = world.desk.clone();
        let (manager, kind) = (manager.clone(), kind.to_owned());
        async move {
            let page = case::view(&view, &manager, CaseId(case)).await.expect("seen");
            page.history.iter().filter(|h| h.kind == kind).count()
        }
    };
    world.at(now(&world) + TimeDelta::days(8));
    work::once(&world.desk).expect("worked");
    work::once(&world.desk).expect("worked");
    assert_eq!(kinds("closure_reminded").await, 1);
    assert!(
        day::my_day(&world.desk, &supervisor).await.expect("a day").closures[0]
            .clock
            .late
    );
    let early = answer(&world, &manager, case, ClosureAnswer::Confirm, "").await;
    assert_eq!(refusal(early), "closure_own");
    let mine = day::my_day(&world.desk, &manager).await.expect("a day").closures;
    assert!(mine.len() == 1 && !mine[0].yours);
    world.at(now(&world) + TimeDelta::days(8));
    work::once(&world.desk).expect("worked");
    assert_eq!(kinds("closure_unanswered").await, 1);
    let mine = day::my_day(&world.desk, &manager).await.expect("a day").closures;
    assert!(
        mine.len() == 1 && mine[0].yours,
        "whoever works on the case may move now"
    );
    let seen = closing::view(&world.desk, &manager, CaseId(case)).await.expect("seen");
    assert_eq!(seen.may_confirm, Some(Confirmed::Unanswered));
    answer(&world, &manager, case, ClosureAnswer::Confirm, "")
        .await
        .expect("closed");
    assert_eq!(state(&world, &manager, case).await, "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_the_case_overtakes_it() {
    let world = World::sqlite();
    let (manager, supervisor) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let (case, need) = settled(&world, "Ernestine Essai Nkodémo").await;

    // A new need: the case goes on, and waits for it alone.
    propose(&world, &manager, case, written(need)).await.expect("proposed");
    let more = world
        .need(&manager, case, "VTC.02", Priority::P3)
        .await
        .expect("a need")
        .id;
    assert!(due(&world, case).is_empty());
    let gone = answer(&world, &supervisor, case, ClosureAnswer::Confirm, "").await;
    assert!(gone.is_err(), "{gone:?}");
    settle(&world, more).await;

    // Taken back by its author.
    let both = Closing {
        reached: [need, more]
            .map(|need| Reached {
                need: NeedId(need),
                words: "Personne".to_owned(),
            })
            .to_vec(),
        ..written(need)
    };
    propose(&world, &manager, case, both.clone()).await.expect("proposed");
    answer(&world, &manager, case, ClosureAnswer::Withdraw, "")
        .await
        .expect("taken back");
    let again = closing::view(&world.desk, &manager, CaseId(case)).await.expect("seen");
    assert!(again.state.is_none() && again.may_propose);
    assert!(
        again.closing.is_some_and(|c| c.remarks.contains("Zygomandre")),
        "what was typed is there again"
    );
    assert!(due(&world, case).is_empty());
    assert!(
        day::my_day(&world.desk, &supervisor)
            .await
            .expect("a day")
            .closures
            .is_empty()
    );

    // The end silences it.
    propose(&world, &manager, case, both).await.expect("proposed");
    let version = case::view(&world.desk, &supervisor, CaseId(case))
        .await
        .expect("seen")
        .version;
    let end = EndCase {
        id: world.new_id(),
        version,
        reason: EndReason::Left,
        on: local_date(now(&world)),
        source: "Lettre".to_owned(),
    };
    ending::end(&world.desk, &supervisor, CaseId(case), end)
        .await
        .expect("ended");
    assert!(due(&world, case).is_empty());
    assert!(
        day::my_day(&world.desk, &supervisor)
            .await
            .expect("a day")
            .closures
            .is_empty()
    );
    let late = answer(&world, &supervisor, case, ClosureAnswer::Confirm, "").await;
    assert_eq!(refusal(late), "write_case", "an ended case is frozen");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_is_contacted_once_more_where_they_want_it() {
    let world = World::sqlite();
    let (manager, supervisor) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let (case, need) = settled(&world, "Ernestine Essai Nkodémo").await;
    let wanted = local_date(now(&world)) + Days::new(30);
    let closing = Closing {
        follow_up: Some(wanted),
        ..written(need)
    };
    propose(&world, &manager, case, closing).await.expect("proposed");
    answer(&world, &supervisor, case, ClosureAnswer::Confirm, "")
        .await
        .expect("closed");
    assert_eq!(due(&world, case), ["follow_up@100"]);
    let days = |world: &World| day_of(world.desk.clone(), manager.clone());
    assert!(days(&world).await.is_empty());
    world.at(now(&world) + TimeDelta::days(31));
    work::once(&world.desk).expect("worked");
    assert_eq!(days(&world).await, [CaseId(case)]);

    let note = |result, again| NoteFollowUp {
        id: world.new_id(),
        version: 2,
        result,
        words: "Elle va bien".to_owned(),
        again,
    };
    let early = note(FollowUp::NotReached, Some(local_date(now(&world))));
    let early = closing::follow_up(&world.desk, &manager, CaseId(case), early).await;
    assert_eq!(refusal(early.map(|m| m.version)), "again");
    let outside = note(FollowUp::Reached, None);
    let outside = closing::follow_up(&world.desk, &world.viewer("autre"), CaseId(case), outside).await;
    assert!(matches!(outside, Err(ActError::NotFound)));
    let again = note(FollowUp::NotReached, Some(local_date(now(&world)) + Days::new(7)));
    closing::follow_up(&world.desk, &manager, CaseId(case), again)
        .await
        .expect("put off");
    assert!(days(&world).await.is_empty());
    assert_eq!(due(&world, case), ["follow_up@100"]);
    world.at(now(&world) + TimeDelta::days(8));
    work::once(&world.desk).expect("worked");
    assert_eq!(days(&world).await, [CaseId(case)]);

    // Reopened, nothing of the closure is due any more.
    let version = case::view(&world.desk, &supervisor, CaseId(case))
        .await
        .expect("seen")
        .version;
    let reopen = ReopenCase {
        id: world.new_id(),
        version,
        reason: "Elle revient".to_owned(),
        needs: Vec::new(),
    };
    reopening::reopen(&world.desk, &supervisor, CaseId(case), reopen)
        .await
        .expect("reopened");
    assert!(due(&world, case).is_empty() && days(&world).await.is_empty());
    let none = closing::follow_up(&world.desk, &manager, CaseId(case), note(FollowUp::Reached, None)).await;
    assert_eq!(refusal(none.map(|m| m.version)), "no_follow_up");
    let seen = closing::view(&world.desk, &manager, CaseId(case)).await.expect("seen");
    assert!(seen.state.is_none() && seen.may_propose);
    assert!(seen.closing.is_none(), "what closed the case then says nothing of now");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_holds_it_up_and_then_overtakes_it() {
    let world = World::sqlite();
    let (manager, supervisor) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let other = world.viewer("autre");
    let (case, need) = settled(&world, "Ernestine Essai Nkodémo").await;
    propose(&world, &manager, case, written(need)).await.expect("proposed");
    world.agree(&manager, case, "AUTRE").await.expect("agreed");
    let transfer = TransferId(world.propose(&manager, case, "AUTRE").await.expect("proposed").id);
    let waits = answer(&world, &supervisor, case, ClosureAnswer::Confirm, "").await;
    assert_eq!(refusal(waits), "case_waits");
    let unseen = closing::view(&world.desk, &other, CaseId(case)).await;
    assert!(matches!(unseen, Err(ActError::NotFound)), "asked is not holding");

    let version = transfers::view(&world.desk, &other, transfer)
        .await
        .expect("asked")
        .version;
    let taken = ActOnTransfer {
        id: world.new_id(),
        version,
        command: TransferAsked::Accept { assign: None },
    };
    transfers::act(&world.desk, &other, transfer, taken)
        .await
        .expect("accepted");
    assert!(due(&world, case).is_empty());
    for who in [&manager, &supervisor] {
        let unseen = closing::view(&world.desk, who, CaseId(case)).await;
        assert!(matches!(unseen, Err(ActError::NotFound)));
        assert!(day::my_day(&world.desk, who).await.expect("a day").closures.is_empty());
    }
    let theirs = closing::view(&world.desk, &other, CaseId(case))
        .await
        .expect("theirs now");
    assert!(theirs.state.is_none() && theirs.may_propose);
    assert!(theirs.closing.is_none(), "what the others wrote is not theirs to send");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_protected_circuit_leaves_it_with_the_holders_supervisor() {
    let world = World::sqlite();
    let (manager, supervisor) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let (case, need) = settled(&world, "Ernestine Essai Nkodémo").await;
    propose(&world, &manager, case, written(need)).await.expect("proposed");
    let version = case::view(&world.desk, &manager, CaseId(case))
        .await
        .expect("seen")
        .version;
    let chosen = SetProtection {
        id: world.new_id(),
        version,
        protected: true,
        person_agrees: true,
    };
    protection::set(&world.desk, &manager, CaseId(case), chosen)
        .await
        .expect("chosen");
    let theirs = day::my_day(&world.desk, &supervisor).await.expect("a day").closures;
    assert!(theirs.len() == 1 && theirs[0].yours);
    for login in ["secretariat", "delegue"] {
        let got = closing::view(&world.desk, &world.viewer(login), CaseId(case)).await;
        assert!(matches!(got, Err(ActError::NotFound)), "{login}: {got:?}");
    }
    answer(&world, &supervisor, case, ClosureAnswer::Confirm, "")
        .await
        .expect("closed");
    assert_eq!(state(&world, &manager, case).await, "closed");
}

async fn day_of(desk: std::sync::Arc<relais_acts::Desk>, manager: Viewer) -> Vec<CaseId> {
    let day = day::my_day(&desk, &manager).await.expect("a day");
    day.follow_ups.iter().map(|row| row.case_id).collect()
}
