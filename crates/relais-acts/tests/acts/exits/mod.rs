//! The ways out of a case: withdrawal with its recipients' confirmation,
//! transfer to another organisation, hand-over to a colleague.

mod coordination;
mod reroute;
mod transfers;

use chrono::TimeDelta;
use relais_acts::commands::{ConfirmStop, ReferralCommand};
use relais_acts::views::StopRow;
use relais_acts::{ActError, Viewer, case, day, referral_view, stops, withdrawals, work};
use relais_casework::need::NeedState;
use relais_casework::referral::State;
use relais_fixture::World;
use relais_mechanism::{Channel, Priority};
use relais_network::{CaseId, ReferralId, StopRequestId};
use relais_store::{StoreError, Tx};
use uuid::Uuid;

use crate::help::{accept, now};

/// One case with one referral to the workshop.
struct One {
    case: Uuid,
    need: Uuid,
    referral: ReferralId,
}

async fn one(world: &World, manager: &Viewer) -> One {
    let name = "Ernestine Essai Nkodémo";
    let sent = world.referred(manager, name, "VTC.02", Priority::P3, "S-COUTURE").await;
    One {
        case: sent.case,
        need: sent.need,
        referral: ReferralId(sent.referral.id),
    }
}

async fn give(world: &World, who: &Viewer, id: ReferralId, command: ReferralCommand) -> Result<(), ActError> {
    world.give(who, id.0, command).await.map(|_| ())
}

fn confirm(world: &World, version: i64) -> ConfirmStop {
    ConfirmStop {
        id: world.new_id(),
        version,
        channel: None,
        number: String::new(),
        answered_by: String::new(),
        happened_at: None,
    }
}

/// Notices of this kind: (organisation, role).
fn notices(world: &World, kind: &'static str) -> Vec<(Option<relais_network::OrganisationId>, &'static str)> {
    world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> { relais_store::outbox::unsent(tx, 0, 1000) })
        .expect("readable")
        .into_iter()
        .filter(|n| n.kind == kind)
        .map(|n| (n.organisation, n.role.map_or("", |r| r.code())))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_stops_while_the_course_goes_on_and_the_recipient_confirms() {
    let world = World::sqlite();
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let one = one(&world, &manager).await;
    give(&world, &provider, one.referral, accept()).await.expect("accepted");
    give(&world, &provider, one.referral, ReferralCommand::Start)
        .await
        .expect("started");
    let case_id = CaseId(one.case);

    // Before it is done: who is told, what goes on.
    let looked = withdrawals::view(
        &world.desk,
        &manager,
        case_id,
        Vec::new(),
        Some("stop_sharing".to_owned()),
    )
    .await
    .expect("looked at");
    let preview = looked.preview.expect("a preview");
    let names: Vec<&str> = preview.tell.iter().map(|x| x.organisation.as_str()).collect();
    assert_eq!(names, ["Atelier Aiguille Claire"]);
    assert_eq!(preview.referrals[0].becomes, "care_goes_on");
    let both = withdrawals::view(&world.desk, &manager, case_id, Vec::new(), Some("both".to_owned()))
        .await
        .expect("looked at");
    assert_eq!(both.preview.expect("a preview").referrals[0].becomes, "stops");
    assert!(notices(&world, "stop_asked").is_empty(), "looking does nothing");

    world
        .withdraw(&manager, one.case, "stop_sharing")
        .await
        .expect("withdrawn");
    let seen = referral_view::view(&world.desk, &provider, one.referral)
        .await
        .expect("still theirs to report");
    assert_eq!(seen.state, State::InService, "the course goes on");
    let text = format!("{seen:?}");
    assert!(
        !text.contains("Ernestine") && !text.contains("677"),
        "the file is closed"
    );

    // The provider finds the request in its inbox, by the referral's code.
    let inbox = day::inbox(&world.desk, &provider).await.expect("an inbox");
    let [row]: [StopRow; 1] = inbox.stops.try_into().expect("one request");
    assert!(row.hand.yours && row.case_code.is_empty() && row.case_id.is_none());
    assert_eq!(row.referrals, std::slice::from_ref(&seen.code));
    assert!(row.classes.contains("Contact"), "{}", row.classes);
    let page = stops::view(&world.desk, &provider, row.id).await.expect("its page");
    assert!(page.recipient_side && page.goes_on);
    // The sender sees the same wait in its day and on the case, and cannot confirm on screen for it.
    let today = day::my_day(&world.desk, &manager).await.expect("a day");
    assert_eq!(today.stops.len(), 1);
    assert!(!today.stops[0].case_code.is_empty());
    let theirs = stops::view(&world.desk, &manager, row.id).await.expect("its page");
    assert!(!theirs.recipient_side);
    let noted = stops::confirm(&world.desk, &manager, row.id, confirm(&world, theirs.version)).await;
    assert!(
        matches!(noted, Err(ActError::Refused { ref code, .. }) if code == "noted_missing"),
        "{noted:?}"
    );
    for stranger in ["hopital", "autre", "collegue", "secretariat", "delegue"] {
        let unseen = stops::view(&world.desk, &world.viewer(stranger), row.id).await;
        assert!(matches!(unseen, Err(ActError::NotFound)), "{stranger}: {unseen:?}");
    }

    let stale = stops::confirm(&world.desk, &provider, row.id, confirm(&world, 7)).await;
    assert!(matches!(stale, Err(ActError::Stale { current: 1, .. })), "{stale:?}");
    stops::confirm(&world.desk, &provider, row.id, confirm(&world, page.version))
        .await
        .expect("confirmed");
    let done = case::view(&world.desk, &manager, case_id).await.expect("the case");
    assert!(done.stops[0].confirmed_on.is_some() && done.stops[0].clock.is_none());
    assert!(done.history.iter().any(|h| h.kind == "stop_confirmed"));
    assert!(
        day::my_day(&world.desk, &manager)
            .await
            .expect("a day")
            .stops
            .is_empty(),
        "nothing waits any more"
    );
    // Its clocks are gone: a year later nobody was reminded.
    world.at(now(&world) + TimeDelta::days(365));
    work::once(&world.desk).expect("worked");
    assert!(notices(&world, "stop_reminder").is_empty());

    // The provider still reports.
    give(
        &world,
        &provider,
        one.referral,
        ReferralCommand::Report {
            outcome: relais_casework::referral::Outcome::Served,
            text: String::new(),
        },
    )
    .await
    .expect("reported");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_stops_when_the_person_says_so() {
    for (effect, state, need) in [
        ("stop_sharing", State::Accepted, NeedState::Referred),
        ("stop_service", State::Withdrawn, NeedState::Dropped),
        ("both", State::Withdrawn, NeedState::Dropped),
    ] {
        let world = World::sqlite();
        let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
        let one = one(&world, &manager).await;
        give(&world, &provider, one.referral, accept()).await.expect("accepted");
        world.withdraw(&manager, one.case, effect).await.expect("withdrawn");
        let view = case::view(&world.desk, &manager, CaseId(one.case))
            .await
            .expect("the case");
        assert_eq!(view.referrals[0].state, Some(state), "{effect}");
        let row = view.needs.iter().find(|n| n.id.0 == one.need).expect("the need");
        assert_eq!(row.state, need, "{effect}");
        assert_eq!(view.stops.len(), 1, "{effect}: the recipient is told whatever stops");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_line_is_withdrawn_and_the_others_stand() {
    let world = World::sqlite();
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let one = one(&world, &manager).await;
    give(&world, &provider, one.referral, accept()).await.expect("accepted");
    let view = withdrawals::view(&world.desk, &manager, CaseId(one.case), Vec::new(), None)
        .await
        .expect("the lines");
    assert!(view.preview.is_none());
    let first = view.lines.iter().find(|l| l.line == "C2").expect("C2").id;
    let sharing = view.lines.iter().find(|l| l.line == "C3").expect("C3").id;
    let mut command = relais_acts::commands::WithdrawConsent {
        id: world.new_id(),
        lines: Vec::new(),
        consents: vec![sharing.0],
        effect: "stop_sharing".to_owned(),
        words: "x".repeat(501),
        happened_at: None,
    };
    let long = withdrawals::withdraw(&world.desk, &manager, CaseId(one.case), command.clone()).await;
    assert!(
        matches!(long, Err(ActError::Invalid(ref f)) if f[0].field == "words"),
        "{long:?}"
    );
    command.words = "Elle préfère le dire elle-même.".to_owned();
    withdrawals::withdraw(&world.desk, &manager, CaseId(one.case), command.clone())
        .await
        .expect("withdrawn");
    let after = case::view(&world.desk, &manager, CaseId(one.case)).await.expect("seen");
    let decision = |id| {
        after
            .consents
            .iter()
            .find(|c| c.id == id)
            .map(|c| c.decision.clone())
            .expect("a line")
    };
    assert_eq!(
        (decision(first), decision(sharing)),
        ("granted".into(), "withdrawn".into())
    );
    command.id = world.new_id();
    let again = withdrawals::withdraw(&world.desk, &manager, CaseId(one.case), command).await;
    assert!(
        matches!(again, Err(ActError::Refused { ref code, .. }) if code == "nothing_to_withdraw"),
        "{again:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_recipient_climbs_the_ladder_and_the_holder_notes_its_word() {
    let world = World::sqlite();
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let one = one(&world, &manager).await;
    give(&world, &provider, one.referral, accept()).await.expect("accepted");
    world.withdraw(&manager, one.case, "both").await.expect("withdrawn");
    let stop = StopRequestId(world.stops(one.case)[0]);
    let secretariat = world.viewer("secretariat");
    let asked = day::inbox(&world.desk, &provider).await.expect("an inbox").stops[0].clone();
    let due = asked.clock.expect("a limit").due;

    world.at(due - TimeDelta::minutes(1));
    work::once(&world.desk).expect("worked");
    let roles = |world: &World| -> Vec<&'static str> { notices(world, "stop_reminder").iter().map(|n| n.1).collect() };
    assert_eq!(roles(&world), ["focal_point"], "a reminder at half time");
    assert!(
        day::late(&world.desk, &secretariat, None)
            .await
            .expect("late")
            .stops
            .is_empty()
    );
    world.at(due);
    work::once(&world.desk).expect("worked");
    assert_eq!(
        roles(&world),
        ["focal_point", "focal_point", "supervisor", "case_manager"],
        "the alternate, the head, the sender"
    );
    let late = day::late(&world.desk, &secretariat, None).await.expect("late");
    assert_eq!(late.stops.len(), 1);
    let region = day::late(&world.desk, &world.viewer("regional"), None)
        .await
        .expect("late");
    assert_eq!(region.stops.len(), 1, "it is of its region");
    assert!(late.stops[0].classes.is_empty() && late.stops[0].case_id.is_none());
    world.at(due + TimeDelta::days(30));
    work::once(&world.desk).expect("worked");
    assert_eq!(
        roles(&world)[4..],
        ["regional_focal_point", "secretariat", "case_manager"],
        "then the region, the secretariat and the sender; and that is all"
    );

    let version = stops::view(&world.desk, &manager, stop).await.expect("seen").version;
    let noted = ConfirmStop {
        channel: Some(Channel::Telephone),
        number: "+237233000001".to_owned(),
        answered_by: "Mme Essai Standard".to_owned(),
        ..confirm(&world, version)
    };
    stops::confirm(&world.desk, &manager, stop, noted).await.expect("noted");
    let done = stops::view(&world.desk, &provider, stop).await.expect("seen");
    assert!(done.row.noted && done.row.confirmed_on.is_some());
    assert!(
        !format!("{done:?}").contains("Mme Essai"),
        "who answered is sealed in the case's history"
    );
}
