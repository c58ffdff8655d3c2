//! The ways out of a case: withdrawal with its recipients' confirmation,
//! transfer to another organisation, hand-over to a colleague.

use chrono::{DateTime, TimeDelta, Utc};
use relais_acts::commands::{
    ActOnReferral, ActOnTransfer, AssignCase, ClaimCase, ConfirmStop, ReferralCommand, TransferAsked,
};
use relais_acts::views::StopRow;
use relais_acts::{
    ActError, Viewer, assignment, case, day, referral_view, referrals, stops, transfers, withdrawals, work,
};
use relais_casework::need::NeedState;
use relais_casework::referral::State;
use relais_casework::transfer::TransferDecline;
use relais_fixture::World;
use relais_mechanism::{Channel, DataClass, Priority};
use relais_network::{CaseId, ReferralId, StopRequestId, TransferId};
use relais_store::{StoreError, Tx};
use uuid::Uuid;

/// One case with one referral to the workshop.
struct One {
    case: Uuid,
    need: Uuid,
    referral: ReferralId,
}

async fn one(world: &World, manager: &Viewer) -> One {
    let case = world
        .register(manager, "Ernestine Essai Nkodémo", 30)
        .await
        .expect("registered")
        .id;
    world
        .consent(manager, case, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world
        .need(manager, case, "VTC.02", Priority::P3)
        .await
        .expect("a need")
        .id;
    let referral = ReferralId(world.send(manager, need, "S-COUTURE").await.expect("sent").id);
    One { case, need, referral }
}

async fn give(world: &World, who: &Viewer, id: ReferralId, command: ReferralCommand) -> Result<(), ActError> {
    let view = referral_view::view(&world.desk, who, id).await?;
    let act = ActOnReferral {
        id: world.new_id(),
        version: view.version,
        command,
        channel: None,
        number: String::new(),
        answered_by: String::new(),
        happened_at: None,
    };
    referrals::act(&world.desk, who, id, act).await.map(|_| ())
}

fn accept() -> ReferralCommand {
    ReferralCommand::Accept { by_name: String::new() }
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

fn now(world: &World) -> DateTime<Utc> {
    world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| tx.now())
        .expect("a clock")
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

fn act(world: &World, version: i64, command: TransferAsked) -> ActOnTransfer {
    ActOnTransfer {
        id: world.new_id(),
        version,
        command,
    }
}

/// Three referrals in three states, and one need that waits: all move in one
/// unit of work, and nothing is without owner before, during or after.
#[tokio::test(flavor = "multi_thread")]
async fn a_case_moves_with_its_three_referrals_and_every_wait() {
    let world = World::sqlite();
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let (supervisor, other) = (world.viewer("superviseur"), world.viewer("autre"));
    let one = one(&world, &manager).await;
    let case_id = CaseId(one.case);
    give(&world, &provider, one.referral, accept()).await.expect("accepted");
    let health = world
        .need(&manager, one.case, "MED.03", Priority::P3)
        .await
        .expect("a need")
        .id;
    let sent = world.send(&manager, health, "S-SOINS").await.expect("sent").id;
    let trade = world
        .need(&manager, one.case, "VTC.02", Priority::P4)
        .await
        .expect("a need")
        .id;
    let asked = ReferralId(world.send(&manager, trade, "S-COUTURE").await.expect("sent").id);
    give(
        &world,
        &provider,
        asked,
        ReferralCommand::Ask {
            question: "Quelle langue ?".to_owned(),
        },
    )
    .await
    .expect("asked");
    let open = world
        .need(&manager, one.case, "RCP.05", Priority::P3)
        .await
        .expect("a need")
        .id;

    // Without the person's word for this organisation it cannot be proposed.
    let early = world.propose(&manager, one.case, "AUTRE").await;
    assert!(
        matches!(early, Err(ActError::Refused { ref code, .. }) if code == "transfer_consent_missing"),
        "{early:?}"
    );
    world.agree(&manager, one.case, "AUTRE").await.expect("agreed");
    let draft = transfers::draft(
        &world.desk,
        &manager,
        case_id,
        Some(relais_network::OrganisationId(relais_fixture::id("AUTRE"))),
    )
    .await
    .expect("a draft");
    let preview = draft.preview.expect("a preview");
    assert_eq!((preview.needs, preview.referrals), (4, 3));
    assert!(preview.blocked.is_none());
    let transfer = TransferId(world.propose(&manager, one.case, "AUTRE").await.expect("proposed").id);

    // Until it answers the other organisation sees no name; the holder keeps the case.
    let offered = transfers::view(&world.desk, &other, transfer).await.expect("offered");
    assert_eq!(offered.side, "asked");
    assert_eq!(offered.waits.len(), 4);
    assert!(!format!("{offered:?}").contains("Ernestine"));
    assert!(matches!(
        case::view(&world.desk, &other, case_id).await,
        Err(ActError::NotFound)
    ));
    assert_eq!(
        day::my_day(&world.desk, &other).await.expect("a day").transfers.len(),
        1
    );
    let waits = case::close(
        &world.desk,
        &manager,
        case_id,
        relais_acts::commands::CloseCase {
            id: world.new_id(),
            version: case::view(&world.desk, &manager, case_id).await.expect("seen").version,
            reason: "GOAL".to_owned(),
        },
    )
    .await;
    assert!(matches!(waits, Err(ActError::Refused { .. })));

    let nobody = |world: &World| {
        world
            .store()
            .read_blocking(relais_store::rows::lists::waiting_on_nobody)
            .expect("readable")
    };
    assert_eq!(nobody(&world), (0, 0));
    let taken = act(&world, offered.version, TransferAsked::Accept { assign: None });
    transfers::act(&world.desk, &other, transfer, taken)
        .await
        .expect("accepted");
    assert_eq!(nobody(&world), (0, 0));

    // Every wait is the new holder's; the providers' stay theirs.
    let seen = case::view(&world.desk, &other, case_id).await.expect("theirs now");
    assert!(seen.may_write && seen.holder.contains("Wouri"));
    let today = day::my_day(&world.desk, &other).await.expect("a day");
    let rows = [&today.late, &today.yours, &today.answers, &today.others];
    let mine: Vec<_> = rows.into_iter().flatten().filter(|r| r.case_id == case_id).collect();
    assert_eq!(mine.len(), 4, "three referrals and the open need");
    let yours: Vec<Uuid> = mine
        .iter()
        .filter(|r| r.hand.yours)
        .map(|r| r.referral_id.map_or_else(|| r.need_id.expect("a need").0, |id| id.0))
        .collect();
    assert!(yours.contains(&asked.0), "the question is theirs to answer");
    assert!(yours.contains(&open), "and the open need");
    assert!(!yours.contains(&sent), "the hospital still decides");
    give(
        &world,
        &other,
        asked,
        ReferralCommand::Answer {
            text: "Français.".to_owned(),
        },
    )
    .await
    .expect("answered by the new holder");
    // The old holder is out, its supervisor too; it is told that the case was taken.
    for gone in [&manager, &supervisor] {
        assert!(matches!(
            case::view(&world.desk, gone, case_id).await,
            Err(ActError::NotFound)
        ));
        assert!(matches!(
            referral_view::view(&world.desk, gone, one.referral).await,
            Err(ActError::NotFound)
        ));
        let former = transfers::view(&world.desk, gone, transfer).await.expect("told");
        assert_eq!((former.side.as_str(), former.case_id), ("former", None));
    }
    let theirs = referral_view::view(&world.desk, &provider, one.referral)
        .await
        .expect("the workshop goes on");
    assert!(theirs.sender.contains("Wouri"), "and reads who the sender is now");
    assert_eq!(notices(&world, "holder_changed").len(), 3);
    assert!(seen.disclosures.iter().any(|d| d.recipient.contains("Wouri")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_is_declined_taken_back_or_lapses_and_the_case_stays() {
    let world = World::sqlite();
    let (manager, other) = (world.viewer("gestionnaire"), world.viewer("autre"));
    let one = one(&world, &manager).await;
    let case_id = CaseId(one.case);
    world.agree(&manager, one.case, "AUTRE").await.expect("agreed");
    let holder = async |world: &World| case::view(&world.desk, &manager, case_id).await.expect("kept").holder;
    let before = holder(&world).await;

    let first = TransferId(world.propose(&manager, one.case, "AUTRE").await.expect("proposed").id);
    let again = world.propose(&manager, one.case, "AUTRE").await;
    assert!(
        matches!(again, Err(ActError::Refused { ref code, .. }) if code == "transfer_already_proposed"),
        "{again:?}"
    );
    let refusal = TransferAsked::Decline {
        code: TransferDecline::NoCapacity,
        text: "Plus de place avant janvier.".to_owned(),
    };
    transfers::act(&world.desk, &other, first, act(&world, 1, refusal))
        .await
        .expect("declined");
    assert_eq!(holder(&world).await, before);
    let told = transfers::view(&world.desk, &manager, first).await.expect("seen");
    assert_eq!(told.decline.as_deref(), Some("no_capacity"));
    assert_eq!(told.answer.as_deref(), Some("Plus de place avant janvier."));

    let second = TransferId(world.propose(&manager, one.case, "AUTRE").await.expect("proposed").id);
    let cannot = transfers::act(&world.desk, &other, second, act(&world, 1, TransferAsked::Cancel)).await;
    assert!(matches!(cannot, Err(ActError::NotFound)), "{cannot:?}");
    transfers::act(&world.desk, &manager, second, act(&world, 1, TransferAsked::Cancel))
        .await
        .expect("taken back");
    assert!(matches!(
        transfers::view(&world.desk, &other, second).await,
        Err(ActError::NotFound)
    ));

    let third = TransferId(world.propose(&manager, one.case, "AUTRE").await.expect("proposed").id);
    world.at(now(&world) + TimeDelta::days(30));
    work::once(&world.desk).expect("worked");
    let lapsed = transfers::view(&world.desk, &manager, third).await.expect("seen");
    assert_eq!(lapsed.state, "lapsed");
    assert_eq!(holder(&world).await, before);
    assert_eq!(
        notices(&world, "transfer_reminded").len(),
        4,
        "once, both sides, supervisor and case manager"
    );
}

/// The person says otherwise between proposal and acceptance: the case stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_consent_stops_a_transfer() {
    let world = World::sqlite();
    let (manager, other) = (world.viewer("gestionnaire"), world.viewer("autre"));
    let one = one(&world, &manager).await;
    world.agree(&manager, one.case, "AUTRE").await.expect("agreed");
    let transfer = TransferId(world.propose(&manager, one.case, "AUTRE").await.expect("proposed").id);
    world
        .withdraw(&manager, one.case, "stop_sharing")
        .await
        .expect("withdrawn");
    let taken = act(&world, 1, TransferAsked::Accept { assign: None });
    let stopped = transfers::act(&world.desk, &other, transfer, taken).await;
    assert!(
        matches!(stopped, Err(ActError::Refused { ref code, .. }) if code == "transfer_consent_missing"),
        "{stopped:?}"
    );
    assert!(case::view(&world.desk, &manager, CaseId(one.case)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_handed_to_a_colleague_taken_over_and_claimed() {
    let world = World::sqlite();
    let (manager, colleague) = (world.viewer("gestionnaire"), world.viewer("collegue"));
    let supervisor = world.viewer("superviseur");
    let one = one(&world, &manager).await;
    let case_id = CaseId(one.case);
    let assign = |world: &World, version: i64, to: &Viewer| AssignCase {
        id: world.new_id(),
        version,
        to: to.user.0,
        note: "Rappeler lundi.".to_owned(),
    };
    let version = assignment::view(&world.desk, &manager, case_id)
        .await
        .expect("the page")
        .version;
    let abroad = assignment::assign(
        &world.desk,
        &manager,
        case_id,
        assign(&world, version, &world.viewer("autre")),
    )
    .await;
    assert!(matches!(abroad, Err(ActError::Invalid(_))), "{abroad:?}");
    assignment::assign(&world.desk, &manager, case_id, assign(&world, version, &colleague))
        .await
        .expect("handed over");
    assert!(matches!(
        case::view(&world.desk, &manager, case_id).await,
        Err(ActError::NotFound)
    ));
    let seen = case::view(&world.desk, &colleague, case_id).await.expect("theirs");
    assert_eq!(seen.handover.expect("a note").note, "Rappeler lundi.");

    // The colleague leaves: the case is listed to the others, without a person, and taken by one.
    let not_yet = assignment::claim(&world.desk, &manager, case_id, ClaimCase { id: world.new_id() }).await;
    assert!(matches!(not_yet, Err(ActError::NotFound)), "{not_yet:?}");
    relais_acts::accounts::close(world.store(), "collegue", relais_acts::directory::By::CommandLine).expect("closed");
    world.desk.refresh().expect("refreshed");
    let listed = day::my_day(&world.desk, &manager).await.expect("a day").unclaimed;
    assert_eq!(listed.len(), 1);
    assignment::claim(&world.desk, &manager, case_id, ClaimCase { id: world.new_id() })
        .await
        .expect("claimed");
    assert!(case::view(&world.desk, &manager, case_id).await.is_ok());

    // A supervisor takes it over from a present colleague.
    let version = assignment::view(&world.desk, &supervisor, case_id)
        .await
        .expect("the page")
        .version;
    assignment::assign(&world.desk, &supervisor, case_id, assign(&world, version, &supervisor))
        .await
        .expect("taken over");
    assert!(matches!(
        case::view(&world.desk, &manager, case_id).await,
        Err(ActError::NotFound)
    ));
}
