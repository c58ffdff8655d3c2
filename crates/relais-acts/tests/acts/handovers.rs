//! The hand-over between shifts, against a real store: the outgoing stays
//! responsible until the incoming takes over, and nobody else reads anything.

use chrono::TimeDelta;
use relais_acts::commands::{ActOnReferral, ActOnTransfer, AssignCase, ReferralCommand, TransferAsked};
use relais_acts::ending::{self, EndCase};
use relais_acts::handovers::{self, AnswerHandover, HandedCase, OfferHandover, WatchView};
use relais_acts::problem::ActError;
use relais_acts::{Viewer, assignment, case, referral_view, referrals, transfers};
use relais_casework::referral::EndReason;
use relais_fixture::{LITTORAL, World, start};
use relais_mechanism::{DataClass, Priority};
use relais_network::{CaseId, OrganisationId, TransferId};
use relais_store::rows::cases::CaseRecord;
use relais_store::rows::handovers::{self as rows, Whose};
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

    /// The case goes to another organisation, whose case manager takes it.
    async fn transfer(&self, case: Uuid) {
        let world = &self.world;
        world.agree(&self.day, case, "AUTRE").await.expect("agreed");
        let proposed = world.propose(&self.day, case, "AUTRE").await.expect("proposed");
        let accept = ActOnTransfer {
            id: world.new_id(),
            version: proposed.version,
            command: TransferAsked::Accept { assign: None },
        };
        transfers::act(&world.desk, &world.viewer("autre"), TransferId(proposed.id), accept)
            .await
            .expect("accepted");
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
async fn an_offer_is_over_when_somebody_else_is_put_on_the_case_or_it_leaves_or_ends() {
    let shift = Shift::new().await;
    let desk = &shift.world.desk;
    let (assigned, moved, ended) = (shift.cases[0], shift.cases[1], shift.cases[2]);
    let boss = shift.world.viewer("superviseur");
    let version = async |who: &Viewer, case: Uuid| case::view(desk, who, CaseId(case)).await.expect("seen").version;
    shift.offer(&shift.cases).await.expect("offered");

    let to_boss = AssignCase {
        id: shift.world.new_id(),
        version: version(&boss, assigned).await,
        to: boss.user.0,
        note: String::new(),
    };
    assignment::assign(desk, &boss, CaseId(assigned), to_boss)
        .await
        .expect("taken over");
    assert!(!shift.opens(&shift.night, assigned).await, "the reading ends too");

    shift.transfer(moved).await;

    let end = EndCase {
        id: shift.world.new_id(),
        version: version(&boss, ended).await,
        reason: EndReason::Deceased,
        on: start().date_naive(),
        source: "Sa sœur, par téléphone".to_owned(),
    };
    ending::end(desk, &boss, CaseId(ended), end).await.expect("ended");

    assert!(shift.watch(&shift.night).await.incoming.is_empty());
    assert!(shift.watch(&shift.day).await.outgoing.is_empty());
    let taken = shift.answer(&shift.night, "take", &[]).await;
    assert!(matches!(taken, Err(ActError::Refused { ref code, .. }) if code == "handover_over"));
    assert_eq!(shift.assigned(assigned), Some(boss.user));
    assert_eq!(shift.assigned(moved), Some(shift.world.viewer("autre").user));
    for case in [assigned, moved, ended] {
        assert!(!shift.meta(case).contains("shift_taken"));
    }
}

/// A row that another process left standing writes nothing into a chain that is
/// no longer the organisation's.
#[tokio::test]
async fn an_offer_left_standing_is_never_taken_elsewhere() {
    let shift = Shift::new().await;
    let case = shift.cases[0];
    shift.offer(&[case]).await.expect("offered");
    let elsewhere = shift.world.viewer("autre").organisation;
    shift
        .world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), relais_store::StoreError> {
            let mut record = CaseRecord::find(tx, CaseId(case))?.expect("a case");
            record.holder_id = elsewhere;
            record.update(tx)
        })
        .expect("moved");
    for (who, decision) in [(&shift.night, "take"), (&shift.day, "withdraw")] {
        let _ = shift.answer(who, decision, &[]).await;
    }
    let meta = shift.meta(case);
    assert!(
        !meta.contains("shift_taken") && !meta.contains("shift_withdrawn"),
        "{meta}"
    );
    assert_eq!(shift.assigned(case), Some(shift.day.user));
}

#[tokio::test]
async fn urgent_rows_are_chosen_before_they_are_counted() {
    let shift = Shift::new().await;
    let (day, holder) = (shift.day.user, shift.day.organisation);
    shift
        .world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<(), relais_store::StoreError> {
            let now = tx.now()?;
            for whose in [Whose::User(day), Whose::Holder(holder)] {
                assert_eq!(rows::urgent_referrals_of(tx, whose, now, 10)?.len(), 1);
                assert_eq!(
                    rows::urgent_needs_of(tx, whose, now, 10)?.len(),
                    1,
                    "not the planned one"
                );
            }
            for (region, count) in [(None, 1), (Some(LITTORAL), 1), (Some("CM-XX"), 0)] {
                assert_eq!(rows::urgent_referrals(tx, region, 10)?.len(), count, "{region:?}");
                assert_eq!(rows::urgent_needs(tx, region, 10)?.len(), count, "{region:?}");
            }
            Ok(())
        })
        .expect("readable");
}

#[tokio::test]
async fn a_name_that_may_not_be_read_leaves_no_initials_and_an_erased_one_no_fault() {
    let shift = Shift::new().await;
    let case = shift.cases[0];
    let initials = |view: &WatchView, case: Uuid| {
        let row = view.rows.iter().find(|r| r.row.case_id.0 == case).expect("a row");
        row.row.initials.clone()
    };
    shift.transfer(case).await;
    let other = shift.world.viewer("autre");
    assert!(!initials(&shift.watch(&other).await, case).is_empty());
    // As after a transfer that did not carry the name.
    shift
        .world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), relais_store::StoreError> {
            for mut grant in relais_store::rows::cases::grants_of(tx, CaseId(case))? {
                grant.classes = [DataClass::Skills].into_iter().collect();
                grant.update(tx)?;
            }
            Ok(())
        })
        .expect("closed");
    assert!(initials(&shift.watch(&other).await, case).is_empty());

    // A database restored from before an erasure: the rows are there, their keys are not.
    shift.offer(&[shift.cases[1]]).await.expect("offered");
    for case in [shift.cases[0], shift.cases[1]] {
        let slot = shift
            .world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| CaseRecord::find(tx, CaseId(case)))
            .expect("readable")
            .expect("a case")
            .slot;
        shift.world.store().keyring().erase(slot).expect("erased");
    }
    for login in ["gestionnaire", "collegue", "regional", "secretariat"] {
        let view = shift.watch(&shift.world.viewer(login)).await;
        assert!(view.incoming.is_empty() && view.outgoing.is_empty(), "{login}");
    }
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
    let own = |view: &WatchView| view.rows.iter().find(|r| r.row.case_id.0 == case).cloned();
    // What waits for the sender waits for whoever holds the case now: its telephone, not the one before.
    let referral = own(&seen).and_then(|r| r.row.referral_id).expect("a referral");
    let provider = shift.world.viewer("atelier");
    let ask = ActOnReferral {
        id: shift.world.new_id(),
        version: referral_view::view(&shift.world.desk, &provider, referral)
            .await
            .expect("seen")
            .version,
        command: ReferralCommand::Ask {
            question: "Quelle langue ?".to_owned(),
        },
        channel: None,
        number: String::new(),
        answered_by: String::new(),
        happened_at: None,
    };
    referrals::act(&shift.world.desk, &provider, referral, ask)
        .await
        .expect("asked");
    let holder = OrganisationId(relais_fixture::id("HOPITAL"));
    shift
        .world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), relais_store::StoreError> {
            let mut record = CaseRecord::find(tx, CaseId(case))?.expect("a case");
            record.holder_id = holder;
            record.update(tx)
        })
        .expect("moved");
    let now_theirs = own(&shift.watch(&regional).await).expect("still there");
    assert_eq!(now_theirs.row.telephone.as_deref(), Some("+237677000009"));
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
