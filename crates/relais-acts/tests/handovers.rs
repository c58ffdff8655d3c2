//! The hand-over between shifts, against a real store: the outgoing stays
//! responsible until the incoming takes over, and nobody else reads anything.

use chrono::TimeDelta;
use relais_acts::handovers::{self, AnswerHandover, HandedCase, OfferHandover, WatchView};
use relais_acts::problem::ActError;
use relais_acts::{Viewer, case};
use relais_fixture::{World, start};
use relais_mechanism::{DataClass, Priority};
use relais_network::CaseId;
use relais_store::rows::cases::CaseRecord;
use relais_store::{Tx, chain};
use uuid::Uuid;

struct Shift {
    world: World,
    day: Viewer,
    night: Viewer,
    cases: Vec<Uuid>,
}

impl Shift {
    /// An emergency, an urgent need that nobody has, and a planned one.
    async fn new() -> Self {
        let world = World::sqlite();
        let (day, night) = (world.viewer("gestionnaire"), world.viewer("collegue"));
        let mut cases = Vec::new();
        for (name, priority, sent) in [
            ("Essai Urgence", Priority::P1, true),
            ("Essai Pressé", Priority::P2, false),
            ("Essai Planifié", Priority::P4, false),
        ] {
            let case = world.register(&day, name, 30).await.expect("registered").id;
            world
                .consent(&day, case, &[DataClass::Skills])
                .await
                .expect("consented");
            let need = world.need(&day, case, "VTC.02", priority).await.expect("a need").id;
            if sent {
                world.send(&day, need, "S-COUTURE").await.expect("sent");
            }
            cases.push(case);
        }
        Self {
            world,
            day,
            night,
            cases,
        }
    }

    async fn watch(&self, who: &Viewer) -> WatchView {
        handovers::view(&self.world.desk, who).await.expect("seen")
    }

    async fn offer(&self, cases: &[Uuid]) -> Result<(), ActError> {
        let command = OfferHandover {
            id: self.world.new_id(),
            to: self.night.user.0,
            cases: cases
                .iter()
                .map(|case| HandedCase {
                    case: *case,
                    note: "Rappeler le foyer à 20 h.".to_owned(),
                })
                .collect(),
        };
        handovers::offer(&self.world.desk, &self.day, command).await.map(|_| ())
    }

    async fn answer(&self, who: &Viewer, decision: &str, offers: &[Uuid]) -> Result<(), ActError> {
        let command = AnswerHandover {
            id: self.world.new_id(),
            decision: decision.to_owned(),
            offers: offers.to_vec(),
        };
        handovers::answer(&self.world.desk, who, command).await.map(|_| ())
    }

    fn assigned(&self, case: Uuid) -> Option<relais_network::UserId> {
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| CaseRecord::find(tx, CaseId(case)))
            .expect("readable")
            .expect("a case")
            .assigned_user_id
    }

    async fn opens(&self, who: &Viewer, case: Uuid) -> bool {
        case::view(&self.world.desk, who, CaseId(case)).await.is_ok()
    }

    fn meta(&self, case: Uuid) -> String {
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| chain::events(tx, case, 0, 100))
            .expect("readable")
            .into_iter()
            .map(|e| format!("{} {}\n", e.kind, e.meta))
            .collect()
    }
}

#[tokio::test]
async fn the_outgoing_stays_responsible_until_the_incoming_takes_over() {
    let shift = Shift::new().await;
    let seen = shift.watch(&shift.day).await;
    let open: Vec<Priority> = seen.rows.iter().map(|r| r.row.priority).collect();
    assert_eq!(
        open,
        [Priority::P1, Priority::P2],
        "emergencies first, planned work not at all"
    );
    assert!(seen.rows.iter().all(|r| r.own && !r.worker.is_empty()));
    assert!(shift.watch(&shift.night).await.rows.is_empty());

    let (one, two) = (shift.cases[0], shift.cases[1]);
    assert!(!shift.opens(&shift.night, one).await);
    shift.offer(&[one, two]).await.expect("offered");
    assert_eq!(shift.assigned(one), Some(shift.day.user), "nothing changed hands");
    assert_eq!(shift.watch(&shift.day).await.outgoing.len(), 2);
    let incoming = shift.watch(&shift.night).await.incoming;
    assert_eq!(incoming.len(), 2);
    assert!(incoming.iter().all(|o| o.note == "Rappeler le foyer à 20 h."));
    assert!(shift.opens(&shift.night, one).await, "read before taking");

    let first = incoming.iter().find(|o| o.case_id.0 == one).expect("offered").id.0;
    shift.answer(&shift.night, "take", &[first]).await.expect("taken");
    assert_eq!(shift.assigned(one), Some(shift.night.user));
    assert_eq!(shift.assigned(two), Some(shift.day.user));
    assert!(
        !shift.opens(&shift.day, one).await,
        "what was handed over is closed to whoever went home"
    );
    let night = shift.watch(&shift.night).await;
    assert!(night.rows.len() == 1 && night.rows[0].own);

    // The rest in one tap.
    shift.answer(&shift.night, "take", &[]).await.expect("taken");
    assert_eq!(shift.assigned(two), Some(shift.night.user));
    assert!(shift.watch(&shift.day).await.outgoing.is_empty());
    let again = shift.answer(&shift.night, "take", &[]).await;
    assert!(matches!(again, Err(ActError::Refused { ref code, .. }) if code == "handover_over"));
    let meta = shift.meta(one);
    assert!(
        meta.contains("shift_offered") && meta.contains("shift_taken") && !meta.contains("foyer"),
        "{meta}"
    );
}

#[tokio::test]
async fn declined_withdrawn_or_too_late_nothing_moves() {
    let shift = Shift::new().await;
    let case = shift.cases[0];
    shift.offer(&[case]).await.expect("offered");
    shift.answer(&shift.night, "decline", &[]).await.expect("declined");
    assert!(
        !shift.opens(&shift.night, case).await,
        "the reading ends with the offer"
    );
    assert_eq!(shift.assigned(case), Some(shift.day.user));

    shift.offer(&[case]).await.expect("offered");
    shift.answer(&shift.day, "withdraw", &[]).await.expect("taken back");
    assert!(!shift.opens(&shift.night, case).await);

    // A second offer takes the place of the first.
    shift.offer(&[case]).await.expect("offered");
    shift.offer(&[case]).await.expect("offered");
    assert_eq!(shift.watch(&shift.night).await.incoming.len(), 1);
    shift.world.at(start() + TimeDelta::hours(13));
    assert!(shift.watch(&shift.night).await.incoming.is_empty());
    assert!(
        !shift.opens(&shift.night, case).await,
        "a shift later the reading is over"
    );
    let late = shift.answer(&shift.night, "take", &[]).await;
    assert!(matches!(late, Err(ActError::Refused { .. })));
    let view = shift.watch(&shift.day).await;
    assert!(
        view.outgoing.len() == 1 && view.outgoing[0].lapsed,
        "said to whoever is responsible"
    );
    assert_eq!(shift.assigned(case), Some(shift.day.user));
}

#[tokio::test]
async fn only_own_cases_to_colleagues_only() {
    let shift = Shift::new().await;
    let case = shift.cases[0];
    let to = |who: &Viewer| who.user.0;
    for (who, whom) in [
        (&shift.day, to(&shift.world.viewer("autre"))),
        (&shift.day, to(&shift.world.viewer("atelier"))),
        (&shift.day, to(&shift.day)),
        (&shift.day, Uuid::nil()),
    ] {
        let command = OfferHandover {
            id: shift.world.new_id(),
            to: whom,
            cases: vec![HandedCase {
                case,
                note: String::new(),
            }],
        };
        let refused = handovers::offer(&shift.world.desk, who, command).await;
        assert!(
            matches!(refused, Err(ActError::Invalid(ref w)) if w[0].field == "to"),
            "{refused:?}"
        );
    }
    for login in ["collegue", "autre", "atelier", "secretariat"] {
        let who = shift.world.viewer(login);
        let whom = if login == "autre" { who.user.0 } else { shift.day.user.0 };
        let command = OfferHandover {
            id: shift.world.new_id(),
            to: whom,
            cases: vec![HandedCase {
                case,
                note: String::new(),
            }],
        };
        let refused = handovers::offer(&shift.world.desk, &who, command).await;
        assert!(
            matches!(refused, Err(ActError::NotFound | ActError::Invalid(_))),
            "{login}: {refused:?}"
        );
    }
    // Nobody answers for another.
    shift.offer(&[case]).await.expect("offered");
    for login in ["superviseur", "autre", "gestionnaire"] {
        let refused = shift.answer(&shift.world.viewer(login), "take", &[]).await;
        assert!(matches!(refused, Err(ActError::Refused { .. })), "{login}");
    }
}

#[tokio::test]
async fn the_office_sees_codes_and_never_a_protected_case() {
    let shift = Shift::new().await;
    let regional = shift.world.viewer("regional");
    let seen = shift.watch(&regional).await;
    assert!(seen.office && seen.rows.len() == 2);
    assert!(
        seen.rows
            .iter()
            .all(|r| r.row.initials.is_empty() && r.worker.is_empty())
    );
    let everything = serde_json::to_string(&seen).expect("JSON");
    assert!(
        !everything.contains("Urgence") && !everything.contains("E. U."),
        "{everything}"
    );
    assert_eq!(shift.watch(&shift.world.viewer("superviseur")).await.rows.len(), 2);
    let case = shift.cases[0];
    shift
        .world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), relais_store::StoreError> {
            let mut record = CaseRecord::find(tx, CaseId(case))?.expect("a case");
            "protected".clone_into(&mut record.regime);
            record.update(tx)
        })
        .expect("protected");
    assert_eq!(shift.watch(&regional).await.rows.len(), 1);
    assert_eq!(shift.watch(&shift.world.viewer("secretariat")).await.rows.len(), 1);
    for login in ["atelier", "administrateur", "delegue"] {
        let refused = handovers::view(&shift.world.desk, &shift.world.viewer(login)).await;
        assert!(matches!(refused, Err(ActError::Forbidden { .. })), "{login}");
    }
}
