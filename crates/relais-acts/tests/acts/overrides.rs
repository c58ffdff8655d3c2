//! Overrides by the real acts: written, co-signed in time and late, refused;
//! who may, who sees, and what rests on them until when.

use chrono::TimeDelta;
use relais_acts::accounts::{self, NewUser};
use relais_acts::commands::{DecideOverride, RecordChild, ReferralCommand, SendReferral, WriteOverride};
use relais_acts::directory::By;
use relais_acts::views::{OverrideNote, Preview};
use relais_acts::{ActError, Viewer, case, cosign, day, overrides, refer, referral_view, work};
use relais_casework::need::NeedState;
use relais_casework::referral::State;
use relais_casework::visible::{View, visible};
use relais_fixture::{World, id, sending};
use relais_mechanism::{ClassSet, DataClass, Lang, Priority, Role};
use relais_network::{CaseId, NeedId, OverrideId, ReferralId, ServiceId};
use relais_store::Tx;
use uuid::Uuid;

use crate::help::{file, now};

/// The fixture's world, with a supervisor of the secretariat.
fn world() -> World {
    let world = World::sqlite();
    let chief = NewUser {
        organisation: "SECRETARIAT".to_owned(),
        login: "secretariat.chef".to_owned(),
        display_name: "Exercice chef".to_owned(),
        roles: vec![Role::SecretariatSupervisor],
        regions: Vec::new(),
        language: Lang::Fr,
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$invalid".to_owned(),
        trained: false,
        demonstration: true,
    };
    accounts::create(world.store(), chief, By::CommandLine).expect("an account");
    world.desk.refresh().expect("refreshed");
    world
}

/// Moves the clock and lets the work be done.
fn later(world: &World, hours: i64) {
    world.at(now(world) + TimeDelta::hours(hours));
    work::once(&world.desk).expect("worked");
}

/// What the viewer reads of the case now.
fn classes(world: &World, viewer: &Viewer, case: Uuid) -> ClassSet {
    let network = world.desk.network();
    visible(&file(world, case).facts(), &viewer.sight(&network), now(world)).classes()
}

async fn preview(world: &World, viewer: &Viewer, need: Uuid, service: &str) -> Preview {
    let page = refer::view(&world.desk, viewer, NeedId(need), Some(ServiceId(id(service))), None)
        .await
        .expect("the page");
    page.preview.expect("a preview")
}

async fn accept(world: &World, provider: &Viewer, referral: Uuid) -> Result<(), ActError> {
    let by_name = "Infirmière Essai".to_owned();
    let done = world
        .give(provider, referral, ReferralCommand::Accept { by_name })
        .await;
    done.map(|_| ())
}

fn under(world: &World, service: &str, kind: &str) -> SendReferral {
    SendReferral {
        override_kind: Some(kind.to_owned()),
        override_reason: "Personne inconsciente, seule.".to_owned(),
        ..sending(world.new_id(), service)
    }
}

async fn decide(
    world: &World,
    who: &Viewer,
    id: OverrideId,
    decision: &str,
) -> Result<relais_acts::views::Made, ActError> {
    let command = DecideOverride {
        id: world.new_id(),
        version: 1,
        decision: decision.to_owned(),
        reason: if decision == "refuse" {
            "Demandez d’abord à la personne.".to_owned()
        } else {
            String::new()
        },
    };
    overrides::decide(&world.desk, who, id, command).await
}

/// The one override of the case, as its team reads it.
async fn note(world: &World, manager: &Viewer, case: Uuid) -> OverrideNote {
    let view = case::view(&world.desk, manager, CaseId(case)).await.expect("the case");
    assert_eq!(view.overrides.len(), 1);
    view.overrides[0].clone()
}

fn code<T: std::fmt::Debug>(result: Result<T, ActError>) -> String {
    match result.expect_err("refused") {
        ActError::Refused { code, .. } => code,
        ActError::Invalid(fields) => format!("{} {}", fields[0].field, fields[0].code),
        other => format!("{other:?}"),
    }
}

/// A person of this age without a word of consent, and a need of this service.
async fn unasked(world: &World, manager: &Viewer, age: u8, service: &str, priority: Priority) -> (Uuid, Uuid) {
    let case = world
        .register(manager, "Essai Dérogation", age)
        .await
        .expect("registered")
        .id;
    if age < 18 {
        // A child is seen alone before anything but urgent care is asked for.
        let answers = [("F1.25b", "no"), ("F1.63c", "yes")]
            .map(|(code, value)| (code.to_owned(), vec![value.to_owned()]))
            .into();
        let command = RecordChild {
            id: world.new_id(),
            version: file(world, case).record.version,
            answers,
            happened_at: None,
        };
        relais_acts::child::record(&world.desk, manager, CaseId(case), command)
            .await
            .expect("noted");
    }
    let need = world.need(manager, case, service, priority).await.expect("a need").id;
    (case, need)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_to_save_life_is_cosigned_within_a_day() {
    let world = world();
    let (manager, supervisor) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let (hospital, chief) = (world.viewer("hopital"), world.viewer("secretariat.chef"));
    let name = [DataClass::Identity, DataClass::Contact]
        .into_iter()
        .collect::<ClassSet>();
    // Each: when the co-signature comes, in hours, and what the hospital reads after a day and a half.
    for (signed_after, then) in [(Some(3), name), (Some(30), name), (None, ClassSet::EMPTY)] {
        let (case, need) = unasked(&world, &manager, 30, "MED.03", Priority::P2).await;
        let seen = preview(&world, &manager, need, "S-SOINS").await;
        assert_eq!(
            seen.overrides,
            ["VITAL", "LEGAL"],
            "consent is missing, so grounds are offered"
        );
        let sent = refer::send(&world.desk, &manager, NeedId(need), under(&world, "S-SOINS", "VITAL"))
            .await
            .expect("sent at once");
        accept(&world, &hospital, sent.id).await.expect("accepted");
        assert_eq!(classes(&world, &hospital, case), name);

        // It waits in the supervisor's day, with an owner and a limit, and in nobody else's.
        let told = note(&world, &manager, case).await;
        assert_eq!((told.state.as_str(), told.late), ("waiting", false));
        let mine = day::my_day(&world.desk, &supervisor).await.expect("a day").cosign;
        assert_eq!(mine.iter().filter(|r| r.id == told.id && r.hand.yours).count(), 1);
        let theirs = day::my_day(&world.desk, &manager).await.expect("a day").cosign;
        assert!(theirs.is_empty(), "the author has nothing to co-sign");
        let early = cosign::list(&world.desk, &chief).await.expect("a list").rows;
        assert!(early.iter().all(|r| r.id != told.id), "not yet the secretariat's");
        assert_eq!(code(decide(&world, &manager, told.id, "cosign").await), "NotFound");
        assert_eq!(code(decide(&world, &chief, told.id, "cosign").await), "NotFound");

        let hours = signed_after.unwrap_or(30);
        later(&world, hours);
        if hours >= 24 {
            assert_eq!(
                classes(&world, &hospital, case),
                ClassSet::EMPTY,
                "it ended with the limit"
            );
            let late = cosign::list(&world.desk, &chief).await.expect("a list").rows;
            assert_eq!(
                late.iter().filter(|r| r.id == told.id && r.late).count(),
                1,
                "it came up"
            );
        }
        match signed_after {
            Some(3) => drop(decide(&world, &supervisor, told.id, "cosign").await.expect("co-signed")),
            // The secretariat's supervisor decides where the organisation's stays silent.
            Some(_) => drop(decide(&world, &chief, told.id, "cosign").await.expect("co-signed late")),
            None => {}
        }
        later(&world, 36 - hours);
        assert_eq!(
            classes(&world, &hospital, case),
            then,
            "signed after {signed_after:?} hours"
        );
        if signed_after.is_some() {
            assert_eq!(note(&world, &manager, case).await.state, "cosigned");
            assert_eq!(
                code(decide(&world, &supervisor, told.id, "cosign").await),
                "already_cosigned"
            );
            let rows = day::my_day(&world.desk, &supervisor).await.expect("a day").cosign;
            assert!(rows.iter().all(|r| r.id != told.id), "done is done");
        }
    }
    // Every rung is told once: half, the limit, half as long again, for the one that nobody signed.
    later(&world, 200);
    let rungs = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| relais_store::outbox::unsent(tx, 0, 10_000))
        .expect("readable");
    let late = rungs.iter().filter(|n| n.kind == "cosign_late").count();
    // The one signed after 30 hours passed its limit once; the unsigned one, twice. Each tells owner and secretariat.
    assert_eq!(late, 2 + 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_closes_what_rests_on_it_and_gives_the_need_back() {
    let world = world();
    let (manager, supervisor) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let workshop = world.viewer("atelier");
    // A child, no consent: the course cannot be asked, and the page says on which ground it can.
    let (case, need) = unasked(&world, &manager, 16, "VTC.02", Priority::P3).await;
    let seen = preview(&world, &manager, need, "S-COUTURE").await;
    assert!(seen.blocked.is_some());
    assert_eq!(seen.overrides, ["CHILD", "LEGAL"]);
    let vital = refer::send(&world.desk, &manager, NeedId(need), under(&world, "S-COUTURE", "VITAL")).await;
    assert_eq!(code(vital), "override_kind not_vital");
    let first = refer::send(&world.desk, &manager, NeedId(need), under(&world, "S-COUTURE", "CHILD"))
        .await
        .expect("sent");
    let exception = note(&world, &manager, case).await.id;
    let mute = DecideOverride {
        id: world.new_id(),
        version: 1,
        decision: "refuse".to_owned(),
        reason: "  ".to_owned(),
    };
    assert_eq!(
        code(overrides::decide(&world.desk, &supervisor, exception, mute).await),
        "reason required",
        "a refusal says why and what to do instead"
    );
    decide(&world, &supervisor, exception, "refuse").await.expect("refused");
    let after = file(&world, case);
    assert_eq!(after.referrals[0].machine.state, State::Cancelled, "it cannot stand");
    let waiting = &after.needs[0];
    assert_eq!(waiting.detail.machine.state, NeedState::Open);
    assert!(waiting.record.due_at.is_some(), "the need has its owner and its limit");
    let told = note(&world, &manager, case).await;
    assert_eq!(
        (told.state.as_str(), told.answer.as_str()),
        ("refused", "Demandez d’abord à la personne.")
    );
    assert!(accept(&world, &workshop, first.id).await.is_err());

    // Once accepted, the care goes on and the sight closes.
    let (case, need) = unasked(&world, &manager, 16, "VTC.02", Priority::P3).await;
    let second = refer::send(&world.desk, &manager, NeedId(need), under(&world, "S-COUTURE", "CHILD"))
        .await
        .expect("sent");
    accept(&world, &workshop, second.id).await.expect("accepted");
    assert!(classes(&world, &workshop, case).contains(DataClass::Identity));
    let exception = note(&world, &manager, case).await.id;
    decide(&world, &supervisor, exception, "refuse").await.expect("refused");
    assert_eq!(classes(&world, &workshop, case), ClassSet::EMPTY);
    assert_eq!(file(&world, case).referrals[0].machine.state, State::Accepted);
    assert_eq!(
        code(decide(&world, &supervisor, exception, "cosign").await),
        "already_refused"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legal_obligation_is_cosigned_before_anything_is_sent() {
    let world = world();
    let (manager, supervisor) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let (case, need) = unasked(&world, &manager, 30, "VTC.02", Priority::P3).await;
    let straight = refer::send(&world.desk, &manager, NeedId(need), under(&world, "S-COUTURE", "LEGAL")).await;
    assert_eq!(code(straight), "awaits_cosignature");
    let write = |kind: &str, reason: &str, referral: Option<Uuid>| WriteOverride {
        id: world.new_id(),
        service: id("S-COUTURE"),
        code: String::new(),
        kind: kind.to_owned(),
        reason: reason.to_owned(),
        referral,
    };
    let reserved = world.new_id();
    for (command, expected) in [
        (write("LEGAL", "Réquisition.", None), "kind legal_for_one_referral"),
        (write("LEGAL", " ", Some(reserved)), "reason text_missing"),
        (write("CHILD", "Intérêt.", Some(reserved)), "kind not_a_child"),
        (write("AUTRE", "Raison.", Some(reserved)), "kind unknown_option"),
        (write("VITAL", "Raison.", Some(reserved)), "kind not_vital"),
    ] {
        assert_eq!(
            code(overrides::write_apart(&world.desk, &manager, NeedId(need), command).await),
            expected
        );
    }
    overrides::write_apart(
        &world.desk,
        &manager,
        NeedId(need),
        write("LEGAL", "Réquisition.", Some(reserved)),
    )
    .await
    .expect("written");
    let waiting = preview(&world, &manager, need, "S-COUTURE").await;
    assert_eq!(waiting.exception.as_ref().map(|e| e.state.as_str()), Some("waiting"));
    assert!(waiting.blocked.is_some() && waiting.overrides.is_empty());
    let send = |id| refer::send(&world.desk, &manager, NeedId(need), sending(id, "S-COUTURE"));
    assert_eq!(code(send(reserved).await), "awaits_cosignature");

    // It outlives the day without anything having gone, and may still be signed.
    later(&world, 60);
    let exception = note(&world, &manager, case).await.id;
    decide(&world, &supervisor, exception, "cosign")
        .await
        .expect("co-signed");
    let ready = preview(&world, &manager, need, "S-COUTURE").await;
    assert!(ready.blocked.is_none(), "{:?}", ready.blocked);
    assert_eq!(ready.referral, Some(ReferralId(reserved)));
    assert_eq!(
        code(send(world.new_id()).await),
        "no_consent",
        "for this one referral only"
    );
    send(reserved).await.expect("sent");
    let workshop = world.viewer("atelier");
    accept(&world, &workshop, reserved).await.expect("accepted");
    assert!(classes(&world, &workshop, case).contains(DataClass::Identity));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hours_carry_every_referral_to_one_organisation_and_no_longer() {
    let world = world();
    let (manager, hospital) = (world.viewer("gestionnaire"), world.viewer("hopital"));
    let (case, need) = unasked(&world, &manager, 30, "MED.03", Priority::P2).await;
    let command = WriteOverride {
        id: world.new_id(),
        service: id("S-SOINS"),
        code: String::new(),
        kind: "VITAL".to_owned(),
        reason: "Personne inconsciente.".to_owned(),
        referral: None,
    };
    overrides::write_apart(&world.desk, &manager, NeedId(need), command)
        .await
        .expect("written");
    assert!(
        preview(&world, &manager, need, "S-SOINS")
            .await
            .exception
            .is_some_and(|e| e.until.is_some())
    );
    let sent = world.send(&manager, need, "S-SOINS").await.expect("sent");
    accept(&world, &hospital, sent.id).await.expect("accepted");
    assert!(classes(&world, &hospital, case).contains(DataClass::Identity));
    later(&world, 2);
    assert_eq!(classes(&world, &hospital, case), ClassSet::EMPTY);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_without_a_second_supervisor_is_cosigned_by_the_secretariat() {
    let world = world();
    let (lone, chief) = (world.viewer("autre"), world.viewer("secretariat.chef"));
    let (case, need) = unasked(&world, &lone, 30, "MED.03", Priority::P2).await;
    refer::send(&world.desk, &lone, NeedId(need), under(&world, "S-SOINS", "VITAL"))
        .await
        .expect("sent");
    let told = note(&world, &lone, case).await;
    let rows = cosign::list(&world.desk, &chief).await.expect("a list").rows;
    assert_eq!(rows.len(), 1, "at once, not after a day");
    assert!(rows[0].hand.yours && rows[0].id == told.id);
    let page = cosign::view(&world.desk, &chief, told.id).await.expect("the page");
    assert!(page.may_decide && page.case_id.is_none(), "the reason, not the file");
    assert!(!format!("{page:?}").contains("Essai Dérogation"), "nobody is named");
    // Others have no such page.
    for login in [
        "gestionnaire",
        "superviseur",
        "secretariat",
        "hopital",
        "administrateur",
        "delegue",
    ] {
        let other = world.viewer(login);
        assert!(
            matches!(
                cosign::view(&world.desk, &other, told.id).await,
                Err(ActError::NotFound)
            ),
            "{login}"
        );
        let acted = decide(&world, &other, told.id, "cosign").await;
        assert!(matches!(acted, Err(ActError::NotFound)), "{login}");
    }
    decide(&world, &chief, told.id, "cosign").await.expect("co-signed");
    assert_eq!(
        visible(
            &file(&world, case).facts(),
            &chief.sight(&world.desk.network()),
            now(&world)
        ),
        View::Office,
        "co-signing opens no file"
    );
}

/// Before the authorisation of S4 is on record, what the person agreed to goes
/// where life is at stake, marked and reviewed, to the named focal points; and
/// nowhere else. Before acceptance not even that it will.
#[tokio::test(flavor = "multi_thread")]
async fn health_goes_with_what_is_urgent_and_with_nothing_else() {
    let world = world();
    let (manager, hospital) = (world.viewer("gestionnaire"), world.viewer("hopital"));
    for (priority, goes) in [(Priority::P2, true), (Priority::P3, false)] {
        let case = world
            .register(&manager, "Essai Santé", 30)
            .await
            .expect("registered")
            .id;
        world
            .consent(&manager, case, &[DataClass::Health])
            .await
            .expect("consented");
        let need = world.need(&manager, case, "MED.03", priority).await.expect("a need").id;
        let sent = world.send(&manager, need, "S-SOINS").await.expect("sent").id;
        let offered = referral_view::view(&world.desk, &hospital, ReferralId(sent))
            .await
            .expect("seen");
        let health = world
            .desk
            .mechanism()
            .class(DataClass::Health)
            .expect("a class")
            .label
            .clone();
        assert!(!offered.after.contains(&health.fr), "{:?}", offered.after);
        let discreet = "informations à accès restreint".to_owned();
        assert_eq!(offered.after.contains(&discreet), goes, "{:?}", offered.after);
        accept(&world, &hospital, sent).await.expect("accepted");
        let read = file(&world, case);
        let stored = {
            let id = CaseId(case);
            let rows = world
                .store()
                .read_blocking(move |tx: &mut Tx<'_>| relais_store::rows::cases::disclosures_of(tx, id));
            rows.expect("readable")
        };
        assert!(
            stored.iter().all(|d| !d.classes.contains(DataClass::Health)),
            "a stolen file does not tell it"
        );
        let given = world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| read.disclosures(tx))
            .expect("readable");
        let accepted = given.iter().find(|d| d.stage == "accepted").expect("a disclosure");
        assert_eq!(accepted.classes.contains(DataClass::Health), goes, "{priority:?}");
        assert_eq!(accepted.basis.contains("VITAL"), goes, "{}", accepted.basis);
        // At the provider it is read by whoever is named for it, and by nobody else.
        for (trained, reads) in [(true, goes), (false, false)] {
            let who = Viewer {
                trained,
                ..hospital.clone()
            };
            assert_eq!(
                classes(&world, &who, case).contains(DataClass::Health),
                reads,
                "trained: {trained}"
            );
        }
        let seen = case::view(&world.desk, &manager, CaseId(case)).await.expect("the case");
        assert!(seen.disclosures.iter().all(|d| !d.what.contains(&health.fr)));
    }
}
