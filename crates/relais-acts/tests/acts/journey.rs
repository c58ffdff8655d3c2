//! The mechanism's main job, once, whole: as three users do it.

use chrono::TimeDelta;
use relais_acts::commands::{ActOnReferral, ReferralCommand};
use relais_acts::views::NextAction;
use relais_acts::{ActError, Viewer, case, day, refer, referral_view, referrals, work};
use relais_casework::need::NeedState;
use relais_casework::referral::{Confirmation, DeclineCode, Outcome, State};
use relais_fixture::{World, start};
use relais_mechanism::{Channel, DataClass, Priority};
use relais_network::{CaseId, NeedId, ReferralId, ServiceId};
use uuid::Uuid;

fn act(world: &World, version: i64, command: ReferralCommand) -> ActOnReferral {
    ActOnReferral {
        id: world.new_id(),
        version,
        command,
        channel: None,
        number: String::new(),
        answered_by: String::new(),
        happened_at: None,
    }
}

async fn give(world: &World, who: &Viewer, id: Uuid, command: ReferralCommand) -> Result<i64, ActError> {
    let view = referral_view::view(&world.desk, who, ReferralId(id)).await?;
    let made = referrals::act(&world.desk, who, ReferralId(id), act(world, view.version, command)).await?;
    Ok(made.version)
}

/// The text without spaces, however a telephone's digits are grouped.
fn bare(text: &str) -> String {
    text.replace("\\u{a0}", "")
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect()
}

/// Who waits on nobody: must be nobody, always.
fn nobody_waits_on_nobody(world: &World) {
    let waiting = world
        .store()
        .read_blocking(relais_store::rows::lists::waiting_on_nobody)
        .expect("readable");
    assert_eq!(waiting, (0, 0), "a need or a referral without owner or due time");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_one_need_handed_over_and_brought_back() {
    let world = World::sqlite();
    let (manager, hospital) = (world.viewer("gestionnaire"), world.viewer("hopital"));
    let case_made = world
        .register(&manager, "Salomé Essai Bilodémo", 28)
        .await
        .expect("registered");
    let case_id = CaseId(case_made.id);
    world
        .consent(&manager, case_made.id, &[DataClass::Identity, DataClass::Contact])
        .await
        .expect("consented");
    let need = world
        .need(&manager, case_made.id, "MED.03", Priority::P3)
        .await
        .expect("need");
    nobody_waits_on_nobody(&world);

    let page = refer::view(
        &world.desk,
        &manager,
        NeedId(need.id),
        Some(ServiceId(relais_fixture::id("S-SOINS"))),
        None,
    )
    .await
    .expect("refer page");
    assert_eq!(
        page.proposals.len(),
        1,
        "one consultation service stands in the directory"
    );
    let preview = page.preview.expect("a preview");
    assert!(preview.blocked.is_none(), "{:?}", preview.blocked);
    assert!(
        preview
            .now
            .iter()
            .all(|f| f.value.as_deref().is_none_or(|v| !v.contains("Salomé")))
    );
    assert!(
        preview
            .after
            .iter()
            .any(|f| f.value.as_deref() == Some("Salomé Essai Bilodémo"))
    );

    let sent = world.send(&manager, need.id, "S-SOINS").await.expect("sent");
    nobody_waits_on_nobody(&world);
    let inbox = day::inbox(&world.desk, &hospital).await.expect("inbox");
    assert_eq!(inbox.to_answer.len(), 1);
    assert_eq!(inbox.to_answer[0].initials, "");
    let offer = referral_view::view(&world.desk, &hospital, ReferralId(sent.id))
        .await
        .expect("offer");
    let text = format!("{offer:?}");
    assert!(
        !text.contains("Salomé") && !bare(&text).contains("677123456"),
        "the offer names nobody: {text}"
    );
    assert!(offer.commands.iter().any(|c| c == "accept"), "{:?}", offer.commands);

    give(
        &world,
        &hospital,
        sent.id,
        ReferralCommand::Accept { by_name: String::new() },
    )
    .await
    .expect("accepted");
    let file = referral_view::view(&world.desk, &hospital, ReferralId(sent.id))
        .await
        .expect("file");
    let text = format!("{:?}", file.facts);
    assert!(
        text.contains("Salomé") && bare(&text).contains("677123456"),
        "identity and contact open: {text}"
    );
    assert!(!text.contains("Garoua"), "the journey does not: {text}");
    assert_eq!(file.state, State::Accepted);

    give(&world, &hospital, sent.id, ReferralCommand::Start)
        .await
        .expect("started");
    give(
        &world,
        &hospital,
        sent.id,
        ReferralCommand::Report {
            outcome: Outcome::Served,
            text: "Vue.".into(),
        },
    )
    .await
    .expect("reported");
    let today = day::my_day(&world.desk, &manager).await.expect("day");
    assert!(
        today.answers.iter().any(|r| r.action == NextAction::ConfirmWithPerson),
        "{today:?}"
    );
    let confirm = ReferralCommand::Confirm {
        confirmation: Confirmation::PersonThroughSender,
    };
    give(&world, &manager, sent.id, confirm).await.expect("confirmed");
    nobody_waits_on_nobody(&world);

    let page = case::view(&world.desk, &manager, case_id).await.expect("case");
    assert_eq!(page.needs[0].state, NeedState::Met);
    assert!(page.may_close, "{:?}", page.close_blocked);
    assert_eq!(page.disclosures.len(), 2, "an offer and an acceptance");
    world.close(&manager, case_made.id).await.expect("closed");
    let report = relais_store::audit::verify(world.store()).expect("verified");
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_noted_by_telephone_gives_the_need_back_with_its_owner() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let case_made = world.register(&manager, "Essai Deux", 30).await.expect("registered");
    world
        .consent(&manager, case_made.id, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world
        .need(&manager, case_made.id, "VTC.02", Priority::P4)
        .await
        .expect("need");
    let sent = world.send(&manager, need.id, "S-COUTURE").await.expect("sent");
    let view = referral_view::view(&world.desk, &manager, ReferralId(sent.id))
        .await
        .expect("seen");
    assert!(
        view.telephone_commands.iter().any(|c| c == "decline"),
        "{:?}",
        view.telephone_commands
    );
    let mut noted = act(
        &world,
        view.version,
        ReferralCommand::Decline {
            code: DeclineCode::NoCapacity,
            suggested: None,
        },
    );
    noted.channel = Some(Channel::Telephone);
    let nameless = referrals::act(&world.desk, &manager, ReferralId(sent.id), noted.clone()).await;
    assert!(
        matches!(nameless, Err(ActError::Refused { ref code, .. }) if code == "noted_missing"),
        "{nameless:?}"
    );
    noted.number = "+237 233 00 00 01".into();
    noted.answered_by = "Secrétaire de l’atelier".into();
    noted.id = world.new_id();
    referrals::act(&world.desk, &manager, ReferralId(sent.id), noted)
        .await
        .expect("declined");
    nobody_waits_on_nobody(&world);
    let today = day::my_day(&world.desk, &manager).await.expect("day");
    let row = today
        .answers
        .iter()
        .find(|r| r.need_id == Some(NeedId(need.id)))
        .expect("back in the day");
    assert_eq!(row.action, NextAction::FindService);
    assert!(row.hand.yours && row.clock.is_some());
    let again = world.send(&manager, need.id, "S-COUTURE").await;
    assert!(
        matches!(again, Err(ActError::Refused { ref code, .. }) if code == "need_already_tried"),
        "{again:?}"
    );
    let page = refer::view(&world.desk, &manager, NeedId(need.id), None, None)
        .await
        .expect("page");
    assert!(
        page.excluded.iter().any(|e| e.name == "Formation en couture"),
        "{:?}",
        page.excluded
    );
    assert!(
        page.excluded.iter().any(|e| e.name == "Formation aux métiers"),
        "no agreement: {:?}",
        page.excluded
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_consent_or_agreement_nothing_is_sent() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let case_made = world.register(&manager, "Essai Trois", 30).await.expect("registered");
    let need = world
        .need(&manager, case_made.id, "VTC.02", Priority::P4)
        .await
        .expect("need");
    let refused = world.send(&manager, need.id, "S-COUTURE").await;
    assert!(
        matches!(refused, Err(ActError::Refused { .. })),
        "silence is refusal: {refused:?}"
    );
    world
        .consent(&manager, case_made.id, &[DataClass::Skills])
        .await
        .expect("consented");
    let refused = world.send(&manager, need.id, "S-METIERS").await;
    assert!(
        matches!(refused, Err(ActError::Refused { ref code, .. }) if code == "no_agreement"),
        "{refused:?}"
    );
    world.send(&manager, need.id, "S-COUTURE").await.expect("sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_gets_the_same_answer_and_another_body_is_refused() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let id = world.new_id();
    let command = |name: &str| relais_acts::commands::RegisterArrival {
        id,
        answers: relais_fixture::arrival(name, 30),
        happened_at: None,
    };
    let first = relais_acts::register::register(&world.desk, &manager, command("Essai Quatre"))
        .await
        .expect("new");
    let twice = relais_acts::register::register(&world.desk, &manager, command("Essai Quatre"))
        .await
        .expect("same");
    assert_eq!(first, twice);
    let other = relais_acts::register::register(&world.desk, &manager, command("Essai Cinq")).await;
    assert!(matches!(other, Err(ActError::IdTaken)), "{other:?}");
    let list = case::list(&world.desk, &manager, None).await.expect("list");
    assert_eq!(list.rows.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unseen_answers_like_the_nonexistent() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let case_made = world.register(&manager, "Essai Six", 30).await.expect("registered");
    world
        .consent(&manager, case_made.id, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world
        .need(&manager, case_made.id, "VTC.02", Priority::P4)
        .await
        .expect("need");
    let sent = world.send(&manager, need.id, "S-COUTURE").await.expect("sent");
    for login in ["collegue", "hopital", "autre", "administrateur", "secretariat"] {
        let who = world.viewer(login);
        let seen = case::view(&world.desk, &who, CaseId(case_made.id)).await;
        assert!(
            matches!(seen, Err(ActError::NotFound)),
            "{login} sees the file: {seen:?}"
        );
    }
    for login in ["collegue", "hopital", "autre", "administrateur"] {
        let who = world.viewer(login);
        let seen = referral_view::view(&world.desk, &who, ReferralId(sent.id)).await;
        assert!(
            matches!(seen, Err(ActError::NotFound)),
            "{login} sees the referral: {seen:?}"
        );
    }
    case::view(&world.desk, &world.viewer("superviseur"), CaseId(case_made.id))
        .await
        .expect("the supervisor sees");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_climbs_the_ladder_and_expires_and_the_need_comes_back() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let case_made = world.register(&manager, "Essai Sept", 30).await.expect("registered");
    world
        .consent(&manager, case_made.id, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world
        .need(&manager, case_made.id, "VTC.02", Priority::P4)
        .await
        .expect("need");
    world.send(&manager, need.id, "S-COUTURE").await.expect("sent");
    let mut late_seen = false;
    for days in 1..=60 {
        world.at(start() + TimeDelta::days(days));
        work::once(&world.desk).expect("worked");
        nobody_waits_on_nobody(&world);
        let late = day::late(&world.desk, &world.viewer("secretariat"), None)
            .await
            .expect("late list");
        late_seen |= late.rows.iter().any(|r| r.label == "Formation et compétences");
        assert!(late.rows.iter().all(|r| r.initials.is_empty()));
    }
    assert!(late_seen, "the secretariat saw the lateness by category");
    let page = case::view(&world.desk, &manager, CaseId(case_made.id))
        .await
        .expect("case");
    assert_eq!(page.referrals[0].state, Some(State::Expired));
    assert_eq!(page.needs[0].state, NeedState::Open);
    assert_eq!(work::once(&world.desk).expect("idle").taken, 0, "nothing is done twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denunciation_closes_what_rests_on_it_on_its_day() {
    use relais_acts::agreements;
    use relais_acts::directory::By;
    let world = World::sqlite();
    let (manager, workshop) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let case_made = world.register(&manager, "Essai Huit", 30).await.expect("registered");
    world
        .consent(&manager, case_made.id, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world
        .need(&manager, case_made.id, "VTC.02", Priority::P4)
        .await
        .expect("need");
    let sent = world.send(&manager, need.id, "S-COUTURE").await.expect("sent");
    give(
        &world,
        &workshop,
        sent.id,
        ReferralCommand::Accept { by_name: String::new() },
    )
    .await
    .expect("accepted");
    let named = |view: &relais_acts::views::ReferralView| format!("{:?}", view.facts).contains("Essai Huit");
    let day = start().date_naive() + chrono::Days::new(2);
    agreements::end(world.store(), "ENG-2", None, day, By::CommandLine).expect("denounced");
    work::once(&world.desk).expect("worked");
    let before = referral_view::view(&world.desk, &workshop, ReferralId(sent.id))
        .await
        .expect("seen");
    assert!(named(&before), "until its day it carries: {:?}", before.facts);
    world.at(start() + TimeDelta::days(2));
    work::once(&world.desk).expect("worked");
    let after = referral_view::view(&world.desk, &workshop, ReferralId(sent.id))
        .await
        .expect("its own referral");
    assert!(!named(&after), "from its day on it does not: {:?}", after.facts);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_clear_column_tells_the_service_of_a_restricted_need() {
    let world = World::sqlite();
    let (manager, hospital) = (world.viewer("gestionnaire"), world.viewer("hopital"));
    let case_made = world.register(&manager, "Essai Neuf", 30).await.expect("registered");
    world
        .consent(&manager, case_made.id, &[DataClass::Identity])
        .await
        .expect("consented");
    let need = world
        .need(&manager, case_made.id, "MED.03", Priority::P3)
        .await
        .expect("need");
    let sent = world.send(&manager, need.id, "S-SOINS").await.expect("sent");
    give(
        &world,
        &hospital,
        sent.id,
        ReferralCommand::Accept { by_name: String::new() },
    )
    .await
    .expect("accepted");
    let grants = world
        .store()
        .read_blocking(move |tx: &mut relais_store::Tx<'_>| {
            relais_store::rows::cases::grants_of(tx, CaseId(case_made.id))
        })
        .expect("readable");
    let service = relais_fixture::id("S-SOINS");
    assert!(
        grants.iter().any(|g| g.referral_id == Some(ReferralId(sent.id))),
        "there are grants to the provider"
    );
    for grant in &grants {
        assert_ne!(grant.holder_id, service);
        assert!(!grant.detail.contains(&service.to_string()), "{}", grant.detail);
    }
    // The rule still knows whose they are: the focal point reads the name.
    let seen = referral_view::view(&world.desk, &hospital, ReferralId(sent.id))
        .await
        .expect("seen");
    assert!(format!("{:?}", seen.facts).contains("Essai Neuf"));
}
