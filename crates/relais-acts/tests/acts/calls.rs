//! An emergency by telephone, against a real store: numbers in order, silence,
//! on-call, "I take it", and that nobody else sees or does anything of it.

use chrono::TimeDelta;
use relais_acts::calls::{self, CallsView, NoteCall};
use relais_acts::commands::{ActOnReferral, ReferralCommand};
use relais_acts::problem::ActError;
use relais_acts::{Viewer, referral_view, referrals, work};
use relais_casework::calls::{CallResult, LineKind};
use relais_casework::referral::State;
use relais_fixture::{LITTORAL, Schema, World, start};
use relais_mechanism::{DataClass, Priority};
use relais_network::{CaseId, ReferralId};
use relais_store::rows::calls::{self as rows, OnCallRecord};
use relais_store::{Tx, chain, due};

struct Night {
    world: World,
    manager: Viewer,
    case: CaseId,
    referral: ReferralId,
}

const ON_CALL: &str = "+237699000003";

impl Night {
    /// An emergency, the workshop asked, somebody on call in the region.
    async fn new() -> Self {
        Self::of(World::sqlite()).await
    }

    async fn of(world: World) -> Self {
        let manager = world.viewer("gestionnaire");
        let (changed_by, id) = (manager.user, world.new_id());
        world
            .store()
            .write_blocking(move |tx: &mut Tx<'_>| {
                OnCallRecord {
                    id,
                    region: LITTORAL.to_owned(),
                    rank: 1,
                    who: "Astreinte d’exercice".to_owned(),
                    number: ON_CALL.to_owned(),
                    hours: "24/7".to_owned(),
                    state_line: false,
                    changed_by,
                    changed_at: tx.now()?,
                    tested_by: None,
                    tested_at: None,
                    answered: false,
                    version: 1,
                }
                .insert(tx)
            })
            .expect("on call");
        let case = world
            .register(&manager, "Nadine Essai Bilodémo", 30)
            .await
            .expect("registered")
            .id;
        world
            .consent_for_child(&manager, case, &[DataClass::Skills])
            .await
            .expect("consented");
        let need = world
            .need(&manager, case, "VTC.02", Priority::P1)
            .await
            .expect("a need")
            .id;
        let referral = ReferralId(world.send(&manager, need, "S-COUTURE").await.expect("sent").id);
        Self {
            world,
            manager,
            case: CaseId(case),
            referral,
        }
    }

    async fn view(&self) -> CallsView {
        calls::view(&self.world.desk, &self.manager, self.referral)
            .await
            .expect("the sender sees it")
    }

    fn next(view: &CallsView) -> Option<(LineKind, String)> {
        view.lines.iter().find(|l| l.next).map(|l| (l.kind, l.number.clone()))
    }

    async fn note(&self, result: CallResult, name: &str) -> Result<CallsView, ActError> {
        let view = self.view().await;
        let number = Self::next(&view).map(|(_, n)| n).unwrap_or_default();
        self.note_to(&number, Some(result), name, "L’agent de garde").await
    }

    async fn note_to(
        &self,
        number: &str,
        result: Option<CallResult>,
        name: &str,
        beside: &str,
    ) -> Result<CallsView, ActError> {
        let command = NoteCall {
            id: self.world.new_id(),
            version: self.view().await.version,
            result,
            number: number.to_owned(),
            name: name.to_owned(),
            with_person: beside.to_owned(),
            happened_at: None,
        };
        calls::note(&self.world.desk, &self.manager, self.referral, command).await?;
        Ok(self.view().await)
    }

    fn events(&self) -> Vec<chain::Event> {
        let referral = self.referral.0;
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| chain::newest_about(tx, referral, 100))
            .expect("readable")
            .into_iter()
            .rev()
            .collect()
    }

    fn notices(&self, kind: &'static str) -> i64 {
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<i64, relais_store::StoreError> {
                let sql = "SELECT COUNT(*) AS n FROM outbox WHERE kind = $1";
                tx.query_built(sql, &relais_store::params![kind])?
                    .first()
                    .expect("one row")
                    .get("n")
            })
            .expect("readable")
    }

    fn due(&self) -> usize {
        let referral = self.referral;
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<usize, relais_store::StoreError> {
                let round = rows::of_referral(tx, referral)?.expect("a round");
                Ok(due::of(tx, round.id.0)?.len())
            })
            .expect("readable")
    }

    fn later(&self, minutes: i64) {
        self.world.at(start() + TimeDelta::minutes(minutes));
        work::once(&self.world.desk).expect("worked");
    }
}

#[tokio::test]
async fn two_silent_numbers_then_on_call_takes_it() {
    let night = Night::new().await;
    let view = night.view().await;
    assert_eq!(Night::next(&view).expect("a number").0, LineKind::Service);
    assert_eq!(view.beside.as_ref().expect("said").0, "L’agent d’accueil de garde");
    assert!(
        view.lines
            .iter()
            .any(|l| l.number == ON_CALL && l.kind == LineKind::OnCall)
    );
    assert_eq!(night.due(), 1);
    let said = |facts: &[relais_acts::views::Fact]| facts.iter().filter_map(|f| f.value.clone()).collect::<String>();
    assert!(!said(&view.say_now).contains("Nadine") && said(&view.say_after).contains("Nadine"));

    // The first stays silent, nothing is noted: a quarter of an hour later the clock passes it over.
    night.later(14);
    assert_eq!(Night::next(&night.view().await).expect("a number").0, LineKind::Service);
    night.later(15);
    let view = night.view().await;
    assert_eq!(Night::next(&view).expect("a number").0, LineKind::Organisation);
    assert!(!view.beside_confirmed, "who is with the person is asked again");
    assert_eq!((night.notices("call_next"), night.notices("calls_silent")), (1, 0));

    // The second does not answer: one tap, and whoever is on call is next; supervisor and region are told.
    let view = night.note(CallResult::NoAnswer, "").await.expect("noted");
    assert_eq!(Night::next(&view), Some((LineKind::OnCall, ON_CALL.to_owned())));
    assert!(view.on_call && view.beside_confirmed);
    assert_eq!(night.notices("calls_silent"), 2);
    let hand = referral_view::view(&night.world.desk, &night.manager, night.referral)
        .await
        .expect("seen");
    assert_eq!(hand.state, State::Sent, "the sender holds it until somebody takes it");

    let view = night
        .note(CallResult::Takes, "Mme Astreinte Essai")
        .await
        .expect("taken");
    assert!(!view.open && Night::next(&view).is_none());
    assert_eq!(view.taken.expect("by a name").name, "Mme Astreinte Essai");
    assert_eq!(night.due(), 0);
    let seen = referral_view::view(&night.world.desk, &night.manager, night.referral)
        .await
        .expect("seen");
    assert_eq!(seen.state, State::Accepted);
    assert!(seen.answered.iter().any(|f| {
        f.value
            .as_deref()
            .is_some_and(|v| v.contains("Mme Astreinte Essai") && v.contains(ON_CALL))
    }));

    // Nothing of it stands in clear on the chain.
    let events = night.events();
    let called: Vec<_> = events.iter().filter(|e| e.kind == "called").collect();
    assert_eq!(called.len(), 3);
    for event in &events {
        for secret in ["Astreinte", "699000003", "233000001", "garde", "Nadine"] {
            assert!(!event.meta.contains(secret), "{}", event.meta);
        }
    }
    // A later clock does nothing more.
    night.later(60);
    assert_eq!(night.events().iter().filter(|e| e.kind == "called").count(), 3);
}

#[tokio::test]
async fn what_the_caller_may_not_read_is_not_theirs_to_say() {
    let night = Night::new().await;
    let case = night.case;
    // As after a transfer that carried neither name nor number.
    night
        .world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), relais_store::StoreError> {
            for mut grant in relais_store::rows::cases::grants_of(tx, case)? {
                grant.classes = [DataClass::Skills].into_iter().collect();
                let mut detail: serde_json::Value = serde_json::from_str(&grant.detail).expect("JSON");
                detail["classes"] = serde_json::json!(grant.classes);
                grant.detail = detail.to_string();
                grant.update(tx)?;
            }
            Ok(())
        })
        .expect("closed");
    let view = night.view().await;
    assert!(
        !view.say_after.is_empty() && view.say_after.iter().all(|f| f.value.is_none()),
        "the classes by name alone: {:?}",
        view.say_after
    );
}

#[tokio::test]
async fn the_person_is_never_left_alone_and_taking_needs_a_name() {
    let night = Night::new().await;
    let number = Night::next(&night.view().await).expect("a number").1;
    let empty = night.note_to(&number, Some(CallResult::Busy), "", " ").await;
    assert!(
        matches!(&empty, Err(ActError::Invalid(w)) if w[0].field == "with_person"),
        "{empty:?}"
    );
    let nameless = night.note_to(&number, Some(CallResult::Takes), " ", "Agent").await;
    assert!(matches!(&nameless, Err(ActError::Invalid(w)) if w[0].field == "name"));
    let strange = night
        .note_to("+237600000000", Some(CallResult::Busy), "", "Agent")
        .await;
    assert!(matches!(&strange, Err(ActError::Invalid(w)) if w[0].field == "number"));
    let by_hand = night.note_to(&number, Some(CallResult::Passed), "", "Agent").await;
    assert!(
        matches!(by_hand, Err(ActError::Invalid(_))),
        "only the clock passes a number over"
    );
    // Said without a call: kept, and the number stays the next one.
    let view = night
        .note_to("", None, "", "Mme Relève Essai")
        .await
        .expect("confirmed");
    assert_eq!(view.beside.as_ref().expect("said").0, "Mme Relève Essai");
    assert_eq!(Night::next(&view).expect("a number").1, number);
    // Two people at once: the second hears that it changed.
    let command = NoteCall {
        id: night.world.new_id(),
        version: view.version - 1,
        result: Some(CallResult::Busy),
        number,
        name: String::new(),
        with_person: "Agent".to_owned(),
        happened_at: None,
    };
    let late = calls::note(&night.world.desk, &night.manager, night.referral, command).await;
    assert!(matches!(late, Err(ActError::Stale { .. })));
}

#[tokio::test]
async fn answered_in_the_inbox_the_calls_are_over() {
    let night = Night::new().await;
    let provider = night.world.viewer("atelier");
    let version = referral_view::view(&night.world.desk, &provider, night.referral)
        .await
        .expect("seen")
        .version;
    let act = ActOnReferral {
        id: night.world.new_id(),
        version,
        command: ReferralCommand::Accept {
            by_name: "Chef d’atelier Essai".to_owned(),
        },
        channel: None,
        number: String::new(),
        answered_by: String::new(),
        happened_at: None,
    };
    referrals::act(&night.world.desk, &provider, night.referral, act)
        .await
        .expect("accepted");
    assert!(!night.view().await.open);
    assert_eq!(night.due(), 0, "no clock runs on");
    let refused = night.note(CallResult::NoAnswer, "").await;
    assert!(
        matches!(refused, Err(ActError::Refused { ref code, .. }) if code == "calls_over"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn nobody_but_the_team_has_the_calls() {
    let night = Night::new().await;
    for login in [
        "collegue",
        "autre",
        "atelier",
        "secretariat",
        "regional",
        "administrateur",
    ] {
        let who = night.world.viewer(login);
        let seen = calls::view(&night.world.desk, &who, night.referral).await;
        assert!(matches!(seen, Err(ActError::NotFound)), "{login}");
        let command = NoteCall {
            id: night.world.new_id(),
            version: 1,
            result: None,
            number: String::new(),
            name: String::new(),
            with_person: "Agent".to_owned(),
            happened_at: None,
        };
        let noted = calls::note(&night.world.desk, &who, night.referral, command).await;
        assert!(matches!(noted, Err(ActError::NotFound)), "{login}");
    }
    let boss = night.world.viewer("superviseur");
    assert!(calls::view(&night.world.desk, &boss, night.referral).await.is_ok());
}

#[tokio::test]
async fn a_protected_person_is_never_spoken_of_on_a_state_line() {
    let night = Night::new().await;
    let state_lines = ["1503", "116"];
    let view = night.view().await;
    assert!(state_lines.iter().all(|n| view.lines.iter().any(|l| l.number == *n)));
    let case = night.case;
    night
        .world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), relais_store::StoreError> {
            let mut record = relais_store::rows::cases::CaseRecord::find(tx, case)?.expect("a case");
            "protected".clone_into(&mut record.regime);
            record.update(tx)
        })
        .expect("protected");
    let view = night.view().await;
    assert!(view.lines.iter().all(|l| !state_lines.contains(&l.number.as_str())));
    assert!(
        view.lines.iter().any(|l| l.number == "119"),
        "an ambulance is no State line"
    );
    night.note(CallResult::NoAnswer, "").await.expect("noted");
    night.note(CallResult::NoAnswer, "").await.expect("noted");
    assert_eq!(
        night.notices("calls_silent"),
        1,
        "the supervisor alone, never the region"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_on_postgresql() {
    let Some(schema) = Schema::new("calls") else {
        return;
    };
    let url = schema.url();
    let night = Night::of(World::postgres(&url)).await;
    night.later(15);
    night.note(CallResult::Busy, "").await.expect("noted");
    let view = night
        .note(CallResult::Takes, "Mme Astreinte Essai")
        .await
        .expect("taken");
    assert!(!view.open);
    drop(night);
}
