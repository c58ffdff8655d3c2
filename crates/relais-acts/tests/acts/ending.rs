//! The end of a case and its reopening: from every state of a referral nothing
//! is due any more, nothing is sent, nobody writes, nobody outside the team
//! reads why; and the way back.

use chrono::{Days, TimeDelta};
use relais_acts::closing::{self, CloseCase};
use relais_acts::commands::ReferralCommand;
use relais_acts::ending::{self, EndCase};
use relais_acts::links::{self, MakeLink};
use relais_acts::reopening::{self, ReopenCase};
use relais_acts::slips::{self, MakeSlip, TypeSlip};
use relais_acts::views::Made;
use relais_acts::{ActError, Viewer, case, day, referral_view, work};
use relais_casework::need::NeedState;
use relais_casework::referral::{Confirmation, EndReason, LinkState, Outcome, State, Ticked};
use relais_fixture::{World, start};
use relais_mechanism::{DataClass, Priority};
use relais_network::{CaseId, ReferralId, SameAskId};
use relais_store::rows::same::SameAskRecord;
use relais_store::{StoreError, Tx, params};
use uuid::Uuid;

use crate::help::{accept, now};

/// Words that stand beside an end and nowhere outside its team.
const SOURCE: &str = "Xylophandre, greffe du tribunal";

struct One {
    case: Uuid,
    referral: Uuid,
}

/// A case with one referral to the workshop and one need that nobody was asked for.
async fn one(world: &World) -> One {
    let manager = world.viewer("gestionnaire");
    let name = "Ernestine Essai Nkodémo";
    let sent = world
        .referred(&manager, name, "VTC.02", Priority::P4, "S-COUTURE")
        .await;
    world
        .need(&manager, sent.case, "VTC.03", Priority::P3)
        .await
        .expect("a need");
    One {
        case: sent.case,
        referral: sent.referral.id,
    }
}

/// Brings the referral to this state.
async fn bring(world: &World, referral: Uuid, state: State) {
    let (provider, manager) = (world.viewer("atelier"), world.viewer("gestionnaire"));
    let tomorrow = now(world) + TimeDelta::days(1);
    let (outcome, text) = (Outcome::Served, String::new());
    let report = ReferralCommand::Report { outcome, text };
    let steps: Vec<(&Viewer, ReferralCommand)> = match state {
        State::Sent => vec![],
        State::Received => vec![(&provider, ReferralCommand::Acknowledge)],
        State::NeedsInfo => {
            let question = "Quand ?".to_owned();
            vec![(&provider, ReferralCommand::Ask { question })]
        }
        State::Waitlisted => {
            let review_on = now(world).date_naive() + Days::new(20);
            vec![(&provider, ReferralCommand::Waitlist { review_on })]
        }
        State::Accepted => vec![(&provider, accept())],
        State::Scheduled | State::NoShow => {
            vec![
                (&provider, accept()),
                (&provider, ReferralCommand::Schedule { at: tomorrow }),
            ]
        }
        State::InService => vec![(&provider, accept()), (&provider, ReferralCommand::Start)],
        State::Reported => vec![
            (&provider, accept()),
            (&provider, ReferralCommand::Start),
            (&provider, report),
        ],
        State::Disputed => {
            let reason = "Non".to_owned();
            let dispute = ReferralCommand::Dispute { reason };
            vec![
                (&provider, accept()),
                (&provider, ReferralCommand::Start),
                (&provider, report),
                (&manager, dispute),
            ]
        }
        other => panic!("{other} is not a state in which somebody must move"),
    };
    for (who, command) in steps {
        world.give(who, referral, command).await.expect("done");
    }
    if state == State::NoShow {
        world.at(tomorrow + TimeDelta::hours(3));
        world
            .give(&provider, referral, ReferralCommand::NoShow)
            .await
            .expect("done");
    }
}

fn number(world: &World, sql: &'static str, id: Uuid) -> i64 {
    world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<i64, StoreError> {
            tx.query_built(sql, &params![id])?.first().expect("one row").get("n")
        })
        .expect("readable")
}

/// What is due of the case, whatever it is.
const DUE: &str = "SELECT COUNT(*) AS n FROM due_work WHERE subject = $1 OR subject IN (SELECT id FROM need WHERE case_id = $1 UNION ALL SELECT id FROM referral WHERE case_id = $1 UNION ALL SELECT id FROM override_row WHERE case_id = $1 UNION ALL SELECT id FROM stop_request WHERE case_id = $1 UNION ALL SELECT id FROM call_round WHERE case_id = $1 UNION ALL SELECT id FROM case_transfer WHERE case_id = $1 UNION ALL SELECT id FROM same_ask WHERE case_id = $1)";
/// What is still to be sent about the case.
const UNSENT: &str = "SELECT COUNT(*) AS n FROM outbox WHERE sent_at IS NULL AND (subject = $1 OR subject IN (SELECT id FROM need WHERE case_id = $1 UNION ALL SELECT id FROM referral WHERE case_id = $1 UNION ALL SELECT id FROM override_row WHERE case_id = $1 UNION ALL SELECT id FROM stop_request WHERE case_id = $1 UNION ALL SELECT id FROM call_round WHERE case_id = $1))";
/// Of that, what tells a provider that its referral has ended.
const ENDED: &str = "SELECT COUNT(*) AS n FROM outbox WHERE sent_at IS NULL AND kind = 'ended' AND role = 'focal_point' AND subject IN (SELECT id FROM referral WHERE case_id = $1)";
/// Events of the case.
const EVENTS: &str = "SELECT COUNT(*) AS n FROM event WHERE stream = $1";

async fn version(world: &World, who: &Viewer, case: Uuid) -> i64 {
    case::view(&world.desk, who, CaseId(case)).await.expect("seen").version
}

async fn command(world: &World, case: Uuid, reason: EndReason) -> EndCase {
    EndCase {
        id: world.new_id(),
        version: version(world, &world.viewer("superviseur"), case).await,
        reason,
        on: now(world).date_naive(),
        source: SOURCE.to_owned(),
    }
}

async fn end(world: &World, case: Uuid, reason: EndReason) -> Made {
    let asked = command(world, case, reason).await;
    ending::end(&world.desk, &world.viewer("superviseur"), CaseId(case), asked)
        .await
        .expect("ended")
}

async fn reopen(world: &World, case: Uuid, needs: Vec<Uuid>) -> Result<Made, ActError> {
    let supervisor = world.viewer("superviseur");
    let asked = ReopenCase {
        id: world.new_id(),
        version: version(world, &supervisor, case).await,
        reason: "La personne a rappelé".to_owned(),
        needs,
    };
    reopening::reopen(&world.desk, &supervisor, CaseId(case), asked).await
}

fn code<T: std::fmt::Debug>(result: Result<T, ActError>) -> String {
    match result {
        Err(ActError::Refused { code, .. }) => code,
        Err(ActError::Forbidden { code }) => code.to_owned(),
        Err(ActError::Invalid(fields)) => fields[0].field.clone(),
        Err(ActError::NotFound) => "not_found".to_owned(),
        Err(ActError::Stale { .. }) => "stale".to_owned(),
        Err(ActError::IdTaken) => "id_taken".to_owned(),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_every_state_nothing_is_due_and_nothing_is_sent_any_more() {
    let waiting: Vec<State> = State::ALL.iter().copied().filter(|s| s.is_waiting()).collect();
    for state in waiting.into_iter().filter(|s| *s != State::Draft) {
        let world = World::sqlite();
        let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
        let other = one(&world).await;
        let One { case, referral } = one(&world).await;
        bring(&world, referral, state).await;
        let before = referral_view::view(&world.desk, &manager, ReferralId(referral)).await;
        assert_eq!(before.expect("seen").state, state);
        assert!(
            number(&world, DUE, case) > 0 && number(&world, UNSENT, case) > 0,
            "{state}"
        );
        let (due, unsent) = (number(&world, DUE, other.case), number(&world, UNSENT, other.case));

        end(&world, case, EndReason::Detained).await;
        assert_eq!(number(&world, DUE, case), 0, "{state}: something is due");
        assert_eq!(number(&world, ENDED, case), 1, "{state}: the provider is told");
        assert_eq!(number(&world, UNSENT, case), 1, "{state}: and nobody anything else");
        assert_eq!(
            (number(&world, DUE, other.case), number(&world, UNSENT, other.case)),
            (due, unsent)
        );
        let view = case::view(&world.desk, &manager, CaseId(case)).await.expect("read");
        assert_eq!(
            (view.state.as_str(), view.may_write, view.may_close),
            ("ended", false, false)
        );
        assert_eq!(view.ending.expect("said to the team").source, SOURCE);
        assert!(view.needs.iter().all(|n| n.state == NeedState::Unmet), "{state}");
        assert!(view.referrals.iter().all(|r| r.state == Some(State::Ended)), "{state}");

        // Time goes by, and the clock finds nothing to do there.
        let events = number(&world, EVENTS, case);
        world.at(now(&world) + TimeDelta::days(20));
        work::once(&world.desk).expect("worked");
        world.at(now(&world) + TimeDelta::days(400));
        assert!(
            work::once(&world.desk).expect("worked").events > 0,
            "the other case is late"
        );
        assert_eq!(number(&world, EVENTS, case), events, "{state}: the clock wrote");
        assert_eq!(
            (number(&world, DUE, case), number(&world, UNSENT, case)),
            (0, 1),
            "{state}"
        );
        let nobody = world
            .store()
            .read_blocking(relais_store::rows::lists::waiting_on_nobody);
        assert_eq!(nobody.expect("readable"), (0, 0));
        assert!(world.give(&provider, referral, accept()).await.is_err(), "{state}");
        let audit = relais_store::audit::verify(world.store()).expect("verified");
        assert!(audit.findings.is_empty(), "{state}: {:?}", audit.findings);
    }
}

/// Nobody is asked any more whether another file is of the same person, and
/// nobody is reminded to answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_waits_is_silent_after_the_end() {
    let world = World::sqlite();
    let ask = SameAskId(world.asked("gestionnaire", &world.viewer("autre")).await);
    let record = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| SameAskRecord::find(tx, ask))
        .expect("readable")
        .expect("a question");
    let case = record.case_id.0;
    assert!(number(&world, DUE, ask.0) > 0 && number(&world, DUE, case) > 0);
    end(&world, case, EndReason::Deceased).await;
    assert_eq!((number(&world, DUE, ask.0), number(&world, DUE, case)), (0, 0));
    let events = number(&world, EVENTS, case);
    world.at(now(&world) + TimeDelta::days(60));
    work::once(&world.desk).expect("worked");
    assert_eq!(number(&world, EVENTS, case), events, "the clock wrote");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_case_is_read_and_no_longer_written() {
    let world = World::sqlite();
    let (desk, manager, provider) = (&world.desk, world.viewer("gestionnaire"), world.viewer("atelier"));
    let One { case, referral } = one(&world).await;
    let slip = MakeSlip { id: world.new_id() };
    slips::make(desk, &manager, ReferralId(referral), slip)
        .await
        .expect("a slip");
    let paper = slips::view(desk, &manager, ReferralId(referral))
        .await
        .expect("a paper");
    let bois = world
        .need(&manager, case, "VTC.03", Priority::P3)
        .await
        .expect("a need")
        .id;
    let linked = ReferralId(world.send(&manager, bois, "S-BOIS").await.expect("sent").id);
    let link = MakeLink { id: world.new_id() };
    links::make(desk, &manager, linked, link, vec![7; 32])
        .await
        .expect("a link");
    let before = links::status(desk, &manager, linked).await.expect("a status");
    assert_eq!(before.last.expect("a link").state, LinkState::Waiting);
    end(&world, case, EndReason::Deceased).await;

    let status = links::status(desk, &manager, linked).await.expect("a status");
    assert!(status.refused.is_some());
    assert_eq!(status.last.expect("the dead link").state, LinkState::Replaced);
    let tick = TypeSlip {
        id: world.new_id(),
        ticked: Ticked::Accepted,
        reason: None,
        name: "Mme Essai Guichet".to_owned(),
        on: None,
    };
    let typed = slips::type_in_unsigned(
        desk,
        paper.number,
        paper.code.expect("a code"),
        tick,
        "/slip",
        "deliver",
    )
    .await;
    assert_eq!(code(typed), "slip_not_valid", "as if it had never been");
    assert_eq!(
        code(world.need(&manager, case, "VTC.02", Priority::P3).await),
        "write_case"
    );
    assert_eq!(code(world.withdraw(&manager, case, "both").await), "write_case");
    assert!(world.give(&provider, referral, accept()).await.is_err());
    let close = CloseCase {
        id: world.new_id(),
        version: version(&world, &manager, case).await,
        closing: relais_fixture::closing(),
    };
    assert_eq!(
        code(closing::propose(desk, &manager, CaseId(case), close).await),
        "write_case"
    );

    // It stands in the day and in the list as ended.
    let today = day::my_day(desk, &manager).await.expect("a day");
    assert!(today.late.is_empty() && today.yours.is_empty() && today.others.is_empty());
    assert_eq!(
        today.ended.iter().map(|e| e.case_id).collect::<Vec<_>>(),
        [CaseId(case)]
    );
    let list = case::list(desk, &manager, None).await.expect("a list");
    assert_eq!((list.rows[0].state.as_str(), list.rows[0].open_needs), ("ended", 0));
    world.at(now(&world) + TimeDelta::days(8));
    assert!(day::my_day(desk, &manager).await.expect("a day").ended.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_outside_the_team_reads_why() {
    let world = World::sqlite();
    let One { case, referral } = one(&world).await;
    let provider = world.viewer("atelier");
    world.give(&provider, referral, accept()).await.expect("accepted");
    end(&world, case, EndReason::Detained).await;
    let theirs = case::view(&world.desk, &provider, CaseId(case))
        .await
        .expect("what it received");
    assert!(theirs.ending.is_none() && theirs.state == "ended");
    let page = referral_view::view(&world.desk, &provider, ReferralId(referral))
        .await
        .expect("seen");
    let inbox = day::inbox(&world.desk, &provider).await.expect("an inbox");
    let said = format!("{theirs:?}{page:?}{inbox:?}").to_lowercase();
    for word in ["xylophandre", "detained", "détention", "détenue"] {
        assert!(!said.contains(word), "{word}");
    }
    assert_eq!(page.state, State::Ended);
    // At rest neither: the reason is sealed.
    let clear = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<String, StoreError> {
            let mut all = String::new();
            for event in relais_store::chain::events(tx, case, 0, 1000)? {
                all.push_str(&event.meta);
            }
            let sql = "SELECT state, close_reason FROM case_file WHERE id = $1";
            let row = tx.query_built(sql, &params![case])?;
            let reason: Option<String> = row[0].get("close_reason")?;
            all.push_str(&reason.unwrap_or_default());
            Ok(all)
        });
    let clear = clear.expect("readable");
    assert!(clear.contains("case_ended") || !clear.is_empty());
    for word in ["detained", "Xylophandre", "whereabouts", "deceased"] {
        assert!(!clear.contains(word), "{word} stands in clear");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_supervisor_ends_and_says_how_it_is_known() {
    let world = World::sqlite();
    let (desk, supervisor) = (&world.desk, world.viewer("superviseur"));
    let One { case, .. } = one(&world).await;
    let asked = command(&world, case, EndReason::Left).await;
    for (login, expected) in [
        ("gestionnaire", "supervise_case"),
        ("collegue", "not_found"),
        ("autre", "not_found"),
        ("atelier", "supervise_case"),
        ("secretariat", "supervise_case"),
        ("delegue", "supervise_case"),
    ] {
        let who = world.viewer(login);
        let id = CaseId(case);
        assert_eq!(code(ending::view(desk, &who, id).await), expected, "{login} looks");
        assert_eq!(
            code(ending::end(desk, &who, id, asked.clone()).await),
            expected,
            "{login} ends"
        );
        let back = ReopenCase {
            id: world.new_id(),
            version: asked.version,
            reason: "x".to_owned(),
            needs: Vec::new(),
        };
        assert_eq!(
            code(reopening::reopen(desk, &who, id, back).await),
            expected,
            "{login} reopens"
        );
    }
    let tomorrow = now(&world).date_naive() + Days::new(2);
    for (wrong, field) in [
        (
            EndCase {
                on: tomorrow,
                ..asked.clone()
            },
            "on",
        ),
        (
            EndCase {
                source: "  ".to_owned(),
                ..asked.clone()
            },
            "source",
        ),
        (
            EndCase {
                source: "é".repeat(301),
                ..asked.clone()
            },
            "source",
        ),
        (
            EndCase {
                version: asked.version + 1,
                ..asked.clone()
            },
            "stale",
        ),
    ] {
        assert_eq!(code(ending::end(desk, &supervisor, CaseId(case), wrong).await), field);
    }
    let look = ending::view(desk, &supervisor, CaseId(case)).await.expect("a look");
    assert_eq!((look.referrals.len(), look.needs), (1, 2));
    let first = ending::end(desk, &supervisor, CaseId(case), asked.clone())
        .await
        .expect("ended");
    let again = ending::end(desk, &supervisor, CaseId(case), asked.clone())
        .await
        .expect("the same");
    assert_eq!(first, again, "the same request once");
    let other = EndCase {
        reason: EndReason::Detained,
        ..asked
    };
    assert_eq!(
        code(ending::end(desk, &supervisor, CaseId(case), other).await),
        "id_taken"
    );
    let twice = command(&world, case, EndReason::Left).await;
    assert_eq!(
        code(ending::end(desk, &supervisor, CaseId(case), twice).await),
        "case_not_open"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_by_mistake_goes_on_with_new_clocks() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let One { case, referral } = one(&world).await;
    world
        .give(&world.viewer("atelier"), referral, accept())
        .await
        .expect("accepted");
    world.withdraw(&manager, case, "stop_sharing").await.expect("withdrawn");
    let stops = "SELECT COUNT(*) AS n FROM due_work d JOIN stop_request s ON s.id = d.subject WHERE s.case_id = $1";
    let due = number(&world, stops, case);
    assert!(due > 0, "the recipient must confirm");
    end(&world, case, EndReason::WhereaboutsUnknown).await;
    assert_eq!(number(&world, stops, case), 0);

    world.at(now(&world) + TimeDelta::hours(1));
    let look = reopening::view(&world.desk, &world.viewer("superviseur"), CaseId(case)).await;
    let look = look.expect("a look");
    assert!(look.ended && look.needs.len() == 2 && look.needs.iter().all(|n| n.always));
    reopen(&world, case, Vec::new()).await.expect("reopened");
    let view = case::view(&world.desk, &manager, CaseId(case)).await.expect("seen");
    assert_eq!((view.state.as_str(), view.may_write), ("open", true));
    assert!(view.ending.is_none());
    for need in &view.needs {
        assert_eq!(need.state, NeedState::Open);
        assert!(
            need.clock.as_ref().is_some_and(|c| c.from >= start() && !c.late),
            "{need:?}"
        );
    }
    assert_eq!(number(&world, stops, case), due, "who must confirm is reminded again");
    assert!(view.history.iter().any(|h| h.kind == "case_reopened"));
    assert_eq!(code(reopen(&world, case, Vec::new()).await), "case_not_over");
    // The same service may be asked again: the end had cut it off, it had not said no.
    world
        .consent(&manager, case, &[DataClass::Skills])
        .await
        .expect("consented anew");
    let need = view
        .needs
        .iter()
        .find(|n| n.service.as_deref() == Some("VTC.02"))
        .expect("it");
    world.send(&manager, need.id.0, "S-COUTURE").await.expect("asked again");
    let audit = relais_store::audit::verify(world.store()).expect("verified");
    assert!(audit.findings.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_case_is_reopened_with_the_needs_that_are_chosen() {
    let world = World::sqlite();
    let (desk, manager, provider) = (&world.desk, world.viewer("gestionnaire"), world.viewer("atelier"));
    let made = world.register(&manager, "Rosalie Essai Nkodémo", 41).await;
    let case = made.expect("registered").id;
    world
        .consent(&manager, case, &[DataClass::Skills])
        .await
        .expect("consented");
    let mut needs = Vec::new();
    for outcome in [Outcome::PartlyServed, Outcome::Served] {
        let need = world
            .need(&manager, case, "VTC.02", Priority::P4)
            .await
            .expect("a need")
            .id;
        let sent = world.send(&manager, need, "S-COUTURE").await.expect("sent").id;
        world.give(&provider, sent, accept()).await.expect("accepted");
        world
            .give(&provider, sent, ReferralCommand::Start)
            .await
            .expect("started");
        let text = String::new();
        let report = ReferralCommand::Report { outcome, text };
        world.give(&provider, sent, report).await.expect("reported");
        let confirmation = Confirmation::PersonThroughSender;
        let confirm = ReferralCommand::Confirm { confirmation };
        world.give(&manager, sent, confirm).await.expect("confirmed");
        needs.push(need);
    }
    world.close(&manager, case).await.expect("closed");
    let supervisor = world.viewer("superviseur");
    let asked = command(&world, case, EndReason::Left).await;
    assert_eq!(
        code(ending::end(desk, &supervisor, CaseId(case), asked).await),
        "case_not_open"
    );

    assert_eq!(
        code(reopen(&world, case, vec![needs[1]]).await),
        "needs",
        "what was met stays met"
    );
    let mute = ReopenCase {
        id: world.new_id(),
        version: version(&world, &supervisor, case).await,
        reason: " ".to_owned(),
        needs: Vec::new(),
    };
    assert_eq!(
        code(reopening::reopen(desk, &supervisor, CaseId(case), mute).await),
        "reason"
    );
    world.at(now(&world) + TimeDelta::days(90));
    reopen(&world, case, vec![needs[0]]).await.expect("reopened");
    let view = case::view(desk, &manager, CaseId(case)).await.expect("seen");
    let states: Vec<_> = view.needs.iter().map(|n| (n.id.0, n.state)).collect();
    assert!(states.contains(&(needs[0], NeedState::Open)) && states.contains(&(needs[1], NeedState::Met)));
    let again = view.needs.iter().find(|n| n.id.0 == needs[0]).expect("it");
    assert!(again.clock.as_ref().is_some_and(|c| !c.late), "a new clock: {again:?}");
    let nobody = world
        .store()
        .read_blocking(relais_store::rows::lists::waiting_on_nobody);
    assert_eq!(nobody.expect("readable"), (0, 0));
}
