//! Nobody answers, or not as hoped: the steps with their dates, another service
//! in place of a silent one, a suggestion by the provider, a need given up, the
//! letter to a hierarchy.

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use relais_acts::agreements::{self, NewAgreement};
use relais_acts::commands::{ActOnReferral, ReferralCommand, SendReferral};
use relais_acts::directory::{self, By, Entries};
use relais_acts::settle_need::{self, SettleNeed};
use relais_acts::views::ReferralView;
use relais_acts::{ActError, Viewer, case, letter, refer, referral_view, referrals, work};
use relais_casework::need::{NeedState, UnmetReason};
use relais_casework::referral::{DeclineCode, State};
use relais_fixture::{World, sending};
use relais_mechanism::{Channel, ClassSet, Priority, Purpose, Sensitivity};
use relais_network::agreement::AgreementKind;
use relais_network::service::{ServedArea, Service};
use relais_network::{CaseId, NeedId, ReferralId, ServiceId};
use relais_store::rows::cases::ReferralRecord;
use relais_store::rows::lists;
use relais_store::{Tx, counters};
use uuid::Uuid;

use super::{One, accept, give, now, one};

/// The other organisation signs too, so that its evening course may be asked.
fn sign(world: &World, party: &str) {
    let undertaking = NewAgreement {
        reference: format!("ENG-{party}"),
        kind: AgreementKind::Eng,
        parties: vec![(party.to_owned(), NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date"))],
        classes: ClassSet::all(),
        purposes: BTreeSet::from([Purpose::Refer, Purpose::Deliver]),
        max_sensitivity: Sensitivity::S3,
        until: None,
    };
    agreements::add(world.store(), undertaking, By::CommandLine).expect("an agreement");
    world.desk.refresh().expect("refreshed");
}

async fn view(world: &World, who: &Viewer, id: ReferralId) -> ReferralView {
    referral_view::view(&world.desk, who, id).await.expect("seen")
}

async fn send(world: &World, who: &Viewer, one: &One, service: &str, instead: bool) -> Result<ReferralId, ActError> {
    let command = SendReferral {
        instead_of: instead.then_some(one.referral.0),
        ..sending(world.new_id(), service)
    };
    refer::send(&world.desk, who, NeedId(one.need), command)
        .await
        .map(|made| ReferralId(made.id))
}

fn code<T: std::fmt::Debug>(refused: &Result<T, ActError>) -> &str {
    match refused {
        Err(ActError::Refused { code, .. }) => code,
        Err(ActError::Invalid(fields)) => &fields[0].field,
        other => panic!("{other:?}"),
    }
}

fn nobody(world: &World) -> (i64, i64) {
    world.store().read_blocking(lists::waiting_on_nobody).expect("readable")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_provider_is_replaced_in_one_unit_of_work_and_never_asked_again() {
    let world = World::sqlite();
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let one = one(&world, &manager).await;
    sign(&world, "AUTRE");

    // One request at a time, and nothing to reroute yet.
    let early = view(&world, &manager, one.referral).await.exits;
    assert!(early.reroute.is_none());
    let percents: Vec<_> = early.ladder.iter().filter_map(|r| r.percent).collect();
    assert_eq!(percents, [50, 100, 150, 200], "{:?}", early.ladder);
    assert!(early.ladder.iter().all(|r| !r.done && r.at > now(&world)));
    assert!(early.ladder.windows(2).all(|w| w[0].at <= w[1].at));
    let second = send(&world, &manager, &one, "S-COUTURE-2", false).await;
    assert_eq!(code(&second), "need_referral_open");
    let offered = refer::view(&world.desk, &manager, NeedId(one.need), None, None)
        .await
        .expect("the page");
    let back = offered.takes_back.expect("an open request");
    assert_eq!(back.referral, one.referral);

    // The ladder climbs to the region, and proposes another service.
    let third = early.ladder[2].at;
    world.at(third);
    work::once(&world.desk).expect("worked");
    let seen = view(&world, &manager, one.referral).await.exits;
    let told = seen.ladder.iter().find(|r| r.percent == Some(150)).expect("a step");
    assert!(told.done && told.at <= now(&world));
    assert!(
        told.tells.iter().any(|w| w == "le point focal régional (Littoral)"),
        "{:?}",
        told.tells
    );
    let reroute = seen.reroute.expect("another service is proposed");
    assert_eq!((reroute.why.as_str(), reroute.takes_back), ("silence", true));
    // The provider reads its own posts, and of no other service.
    let theirs = view(&world, &provider, one.referral).await.exits;
    assert!(theirs.chain.is_empty() && theirs.reroute.is_none());
    assert!(
        !format!("{:?}", theirs.ladder).contains("régional"),
        "{:?}",
        theirs.ladder
    );

    // A request of another need is not taken back in passing.
    let other = world
        .need(&manager, one.case, "MED.03", Priority::P3)
        .await
        .expect("a need")
        .id;
    let stranger = ReferralId(world.send(&manager, other, "S-SOINS").await.expect("sent").id);
    let wrong = SendReferral {
        instead_of: Some(stranger.0),
        ..sending(world.new_id(), "S-COUTURE-2")
    };
    let wrong = refer::send(&world.desk, &manager, NeedId(one.need), wrong).await;
    assert_eq!(code(&wrong), "instead_of");

    let next = send(&world, &manager, &one, "S-COUTURE-2", true)
        .await
        .expect("sent instead");
    assert_eq!(view(&world, &manager, one.referral).await.state, State::Cancelled);
    assert_eq!(nobody(&world), (0, 0));
    let chain = view(&world, &manager, next).await.exits.chain;
    assert_eq!(
        chain.iter().map(|c| (c.id, c.here)).collect::<Vec<_>>(),
        [(one.referral, false), (next, true)]
    );
    // The one that was replaced says no more what to do: the new one does.
    assert!(view(&world, &manager, one.referral).await.exits.reroute.is_none());
    give(
        &world,
        &manager,
        next,
        ReferralCommand::Cancel { reason: String::new() },
    )
    .await
    .expect("cancelled");
    let again = send(&world, &manager, &one, "S-COUTURE", false).await;
    assert_eq!(code(&again), "need_already_tried");
    assert!(view(&world, &manager, next).await.exits.reroute.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_instead_leaves_the_open_request_as_it_was() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let one = one(&world, &manager).await;
    // No agreement with the other organisation: the new request is refused, the old one stands.
    let refused = send(&world, &manager, &one, "S-COUTURE-2", true).await;
    assert_eq!(code(&refused), "no_agreement");
    assert_eq!(view(&world, &manager, one.referral).await.state, State::Sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_suggests_a_service_of_the_directory_which_then_stands_first() {
    let world = World::sqlite();
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let one = one(&world, &manager).await;
    sign(&world, "AUTRE");
    let redirects = view(&world, &provider, one.referral).await.exits.redirects;
    let better = ServiceId(relais_fixture::id("S-COUTURE-2"));
    assert!(redirects.iter().any(|(id, _)| *id == better), "{redirects:?}");
    assert!(
        !redirects.iter().any(|(id, _)| id.0 == relais_fixture::id("S-COUTURE")),
        "not the one that declines"
    );
    let redirect = |service: Option<&str>| ReferralCommand::Decline {
        code: DeclineCode::Redirect,
        suggested: service.map(relais_fixture::id),
    };
    let nothing = give(&world, &provider, one.referral, redirect(None)).await;
    assert_eq!(code(&nothing), "suggestion_missing");
    let another_kind = give(&world, &provider, one.referral, redirect(Some("S-BOIS"))).await;
    assert_eq!(code(&another_kind), "suggested");
    give(&world, &provider, one.referral, redirect(Some("S-COUTURE-2")))
        .await
        .expect("declined");

    let reroute = view(&world, &manager, one.referral)
        .await
        .exits
        .reroute
        .expect("another");
    assert_eq!((reroute.why.as_str(), reroute.may_give_up), ("declined", true));
    assert_eq!(reroute.suggested.map(|(id, _)| id), Some(better));
    let offered = refer::view(&world.desk, &manager, NeedId(one.need), None, None)
        .await
        .expect("the page");
    assert_eq!(offered.proposals[0].id, better);
    assert!(offered.proposals[0].reasons[0].1.starts_with("Suggéré"));
    assert_eq!(offered.proposals.iter().filter(|p| p.id == better).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_need_is_given_up_with_a_reason_that_counts_never_under_an_open_request() {
    let world = World::sqlite();
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let one = one(&world, &manager).await;
    let need = NeedId(one.need);
    let settle = async |reason: Option<UnmetReason>, dropped: bool| {
        let version = settle_need::view(&world.desk, &manager, need)
            .await
            .expect("seen")
            .version;
        let command = SettleNeed {
            id: world.new_id(),
            version,
            reason,
            dropped,
            words: String::new(),
        };
        settle_need::settle(&world.desk, &manager, need, command).await
    };
    let open = settle(Some(UnmetReason::NoCapacity), false).await;
    assert_eq!(code(&open), "need_still_referred");
    give(
        &world,
        &provider,
        one.referral,
        ReferralCommand::Decline {
            code: DeclineCode::NoCapacity,
            suggested: None,
        },
    )
    .await
    .expect("declined");
    assert_eq!(code(&settle(None, false).await), "reason");
    assert_eq!(code(&settle(Some(UnmetReason::NoFunding), true).await), "reason");
    assert_eq!(code(&settle(Some(UnmetReason::Other), false).await), "words");
    assert_eq!(
        code(&settle(Some(UnmetReason::Ended), false).await),
        "need_reason_reserved"
    );
    assert!(matches!(
        settle_need::view(&world.desk, &provider, need).await,
        Err(ActError::NotFound)
    ));
    settle(Some(UnmetReason::NoCapacity), false).await.expect("given up");
    let seen = case::view(&world.desk, &manager, CaseId(one.case)).await.expect("seen");
    assert_eq!(seen.needs[0].state, NeedState::Unmet);
    assert!(seen.may_close, "nothing waits any more");
    let cells = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| counters::between(tx, "2026-01", "2030-12"))
        .expect("readable");
    let unmet: Vec<_> = cells.iter().filter(|c| c.measure == "needs_unmet").collect();
    assert_eq!(unmet.len(), 1, "{cells:?}");
    assert_eq!((unmet[0].group.as_str(), unmet[0].value), ("VTC", 1));
    assert_eq!(code(&settle(None, true).await), "need_not_live");

    // A need that the person does not want any more is dropped, not unmet.
    let other = world
        .need(&manager, one.case, "MED.03", Priority::P3)
        .await
        .expect("a need")
        .id;
    let command = SettleNeed {
        id: world.new_id(),
        version: 1,
        reason: None,
        dropped: true,
        words: String::new(),
    };
    settle_need::settle(&world.desk, &manager, NeedId(other), command)
        .await
        .expect("dropped");
    assert_eq!(nobody(&world), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_goes_to_the_hierarchy_once_the_limit_has_passed_and_names_nobody() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let one = one(&world, &manager).await;
    for stranger in ["gestionnaire", "atelier", "autre", "hopital", "collegue", "delegue"] {
        let refused = letter::view(&world.desk, &world.viewer(stranger), one.referral).await;
        assert!(matches!(refused, Err(ActError::NotFound)), "{stranger}: {refused:?}");
    }
    let writers = [
        ("superviseur", "supervisor"),
        ("secretariat", "secretariat"),
        ("regional", "region"),
    ];
    for (login, _) in writers {
        let early = letter::view(&world.desk, &world.viewer(login), one.referral)
            .await
            .expect("read");
        assert!(early.refused.is_some(), "{login}: nothing is late yet");
    }
    let steps = view(&world, &manager, one.referral).await.exits.ladder;
    world.at(steps[1].at + TimeDelta::minutes(1));
    work::once(&world.desk).expect("worked");
    let file = view(&world, &manager, one.referral).await.case_code.expect("its code");
    for (login, from) in writers {
        let who = world.viewer(login);
        assert!(view(&world, &who, one.referral).await.exits.letter, "{login}");
        let due = letter::view(&world.desk, &who, one.referral).await.expect("read");
        assert!(due.refused.is_none() && due.days > 0, "{due:?}");
        assert_eq!(due.from, from);
        assert!(due.by.is_some_and(|by| by > due.now));
        assert_eq!(due.reminders.len(), 2);
        let said = format!("{due:?}");
        for secret in ["Ernestine", "Nkod", "677123456", "Garoua", "Disponible", &file] {
            assert!(!said.contains(secret), "{login} reads {secret}: {said}");
        }
    }
    // It answers: there is nothing to press for.
    let provider = world.viewer("atelier");
    give(&world, &provider, one.referral, accept()).await.expect("accepted");
    let late = letter::view(&world.desk, &world.viewer("secretariat"), one.referral).await;
    assert!(late.expect("read").refused.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_list_is_put_off_once_news_is_given_and_a_note_is_contested() {
    let world = World::sqlite();
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let one = one(&world, &manager).await;
    let on = |days| (now(&world) + TimeDelta::days(days)).date_naive();
    let wait = ReferralCommand::Waitlist { review_on: on(7) };
    give(&world, &provider, one.referral, wait).await.expect("waits");
    let extend = |days| ReferralCommand::ExtendWaitlist { review_on: on(days) };
    assert!(
        view(&world, &provider, one.referral)
            .await
            .commands
            .contains(&"extend_waitlist".to_owned())
    );
    give(&world, &provider, one.referral, extend(14))
        .await
        .expect("put off");
    assert_eq!(
        code(&give(&world, &provider, one.referral, extend(20)).await),
        "already_extended"
    );
    let seen = view(&world, &manager, one.referral).await;
    assert_eq!(seen.exits.waitlist.map(|(_, times)| times), Some(1));

    // The sender notes an acceptance by telephone; the provider says that it gave none.
    let noted = ActOnReferral {
        id: world.new_id(),
        version: seen.version,
        command: accept(),
        channel: Some(Channel::Telephone),
        number: "+237233000001".to_owned(),
        answered_by: "Mme Essai Standard".to_owned(),
        happened_at: None,
    };
    referrals::act(&world.desk, &manager, one.referral, noted)
        .await
        .expect("noted");
    assert!(
        !view(&world, &manager, one.referral)
            .await
            .commands
            .contains(&"contest".to_owned())
    );
    give(
        &world,
        &provider,
        one.referral,
        ReferralCommand::Contest {
            reason: "Nous n’avons rien dit.".to_owned(),
        },
    )
    .await
    .expect("contested");
    let history = view(&world, &manager, one.referral).await.history;
    assert!(history.iter().any(|h| h.kind == "answer_contested"));

    give(&world, &provider, one.referral, ReferralCommand::Start)
        .await
        .expect("started");
    let before = view(&world, &provider, one.referral).await.clock.expect("a limit").due;
    world.at(now(&world) + TimeDelta::days(10));
    let news = ReferralCommand::News { ends_on: Some(on(90)) };
    give(&world, &provider, one.referral, news).await.expect("news");
    let after = view(&world, &provider, one.referral).await.clock.expect("a limit").due;
    assert!(after > before, "news starts the month again: {before} {after}");
    let history = view(&world, &manager, one.referral).await.history;
    assert!(history.iter().any(|h| h.kind == "news_given") && history.iter().any(|h| h.kind == "waitlist_extended"));
    for row in history {
        assert!(!row.what.contains('_'), "{} is said as {}", row.kind, row.what);
    }
}

/// Adds a copy of a service, changed.
fn beside(world: &World, service: &str, change: impl FnOnce(&mut Service)) {
    let mut copy = world.desk.network().services[&ServiceId(relais_fixture::id(service))].clone();
    change(&mut copy);
    let entries = Entries {
        organisations: Vec::new(),
        places: Vec::new(),
        services: vec![copy],
        ..Entries::default()
    };
    directory::put(world.store(), entries, "fixture", By::CommandLine).expect("a service");
    world.desk.refresh().expect("refreshed");
}

async fn decline(world: &World, who: &str, id: ReferralId, suggested: Option<Uuid>) {
    let code = if suggested.is_some() {
        DeclineCode::Redirect
    } else {
        DeclineCode::NoCapacity
    };
    give(
        world,
        &world.viewer(who),
        id,
        ReferralCommand::Decline { code, suggested },
    )
    .await
    .expect("declined");
}

/// Nobody near is left: whoever serves another place is offered, and the page
/// says so. What was answered for another need is not told of this one.
#[tokio::test(flavor = "multi_thread")]
async fn services_further_away_are_offered_when_nobody_near_is_left() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let one = one(&world, &manager).await;
    sign(&world, "AUTRE");
    beside(&world, "S-COUTURE-2", |s| {
        s.served_area = ServedArea::Region("CM005".to_owned());
    });
    let far = ServiceId(relais_fixture::id("S-COUTURE-2"));
    let page = async |need: Uuid| {
        refer::view(&world.desk, &manager, NeedId(need), None, None)
            .await
            .expect("the page")
    };
    let trade = world
        .need(&manager, one.case, "VTC.02", Priority::P4)
        .await
        .expect("a need")
        .id;
    let near = page(trade).await;
    assert_eq!(
        near.proposals.len(),
        1,
        "the workshop serves Garoua: nobody else is looked for"
    );
    decline(&world, "atelier", one.referral, None).await;
    let left = page(one.need).await;
    assert_eq!(left.proposals.iter().map(|p| p.id).collect::<Vec<_>>(), [far]);
    let (kind, why) = &left.proposals[0].reasons[0];
    assert_eq!(*kind, "care");
    assert!(why.starts_with("Ne dessert pas Garoua"), "{why}");
    let declined = left.excluded.iter().find(|e| e.name == "Formation en couture");
    let told = declined.expect("left out").why.clone();
    send(&world, &manager, &one, "S-COUTURE-2", false)
        .await
        .expect("asked all the same");

    // The workshop answers for the other need, otherwise: this one keeps its own reason.
    let other = ReferralId(world.send(&manager, trade, "S-COUTURE").await.expect("sent").id);
    give(
        &world,
        &manager,
        other,
        ReferralCommand::Cancel { reason: String::new() },
    )
    .await
    .expect("cancelled");
    let again = page(one.need).await;
    let kept = again.excluded.iter().find(|e| e.name == "Formation en couture");
    assert_eq!(kept.expect("left out").why, told);
    let of_other = page(trade).await;
    let own = of_other.excluded.iter().find(|e| e.name == "Formation en couture");
    assert_ne!(own.expect("left out").why, told);
}

/// Above S3 the suggestion stands under seal, and the sender still reads it.
#[tokio::test(flavor = "multi_thread")]
async fn a_suggestion_for_a_restricted_need_reaches_the_sender_and_no_clear_column() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let one = one(&world, &manager).await;
    let better = relais_fixture::id("S-SOINS-2");
    beside(&world, "S-SOINS", |s| s.id = ServiceId(better));
    let health = world
        .need(&manager, one.case, "MED.03", Priority::P3)
        .await
        .expect("a need")
        .id;
    let sent = ReferralId(world.send(&manager, health, "S-SOINS").await.expect("sent").id);
    decline(&world, "hopital", sent, Some(better)).await;
    let reroute = view(&world, &manager, sent).await.exits.reroute.expect("another");
    assert_eq!(reroute.suggested.map(|(id, _)| id.0), Some(better));
    let offered = refer::view(&world.desk, &manager, NeedId(health), None, None)
        .await
        .expect("the page");
    assert_eq!(offered.proposals[0].id.0, better);
    let clear = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| ReferralRecord::find(tx, sent))
        .expect("readable")
        .expect("the row");
    assert!(!clear.progress.contains(&better.to_string()), "{}", clear.progress);
}
