//! A case moves: to another organisation with every wait, to a colleague, to
//! whoever takes one that nobody works on.

use chrono::TimeDelta;
use relais_acts::commands::{ActOnTransfer, AssignCase, ClaimCase, ReferralCommand, TransferAsked};
use relais_acts::{ActError, Viewer, assignment, case, day, refer, referral_view, settle_need, transfers, work};
use relais_casework::transfer::TransferDecline;
use relais_fixture::World;
use relais_mechanism::Priority;
use relais_network::{CaseId, NeedId, ReferralId, TransferId};
use uuid::Uuid;

use super::{accept, give, notices, now, one};

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
    let waits = world.propose_closure(&manager, case_id.0).await;
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

/// A need above S3 moves too: before acceptance nothing of the transfer says
/// which it is, who was asked for it, nor more of the person than its offer.
#[tokio::test(flavor = "multi_thread")]
async fn a_restricted_need_says_nothing_before_the_case_is_taken() {
    let world = World::sqlite();
    let (manager, other) = (world.viewer("gestionnaire"), world.viewer("autre"));
    let one = one(&world, &manager).await;
    world.agree(&manager, one.case, "AUTRE").await.expect("agreed");
    let plain = TransferId(world.propose(&manager, one.case, "AUTRE").await.expect("proposed").id);
    let seen = transfers::view(&world.desk, &other, plain).await.expect("asked");
    assert_eq!(seen.facts[0].value.as_deref(), Some("femme / fille, 25–34 ans"));
    assert_eq!(seen.waits[0].with, "Atelier Aiguille Claire");
    transfers::act(&world.desk, &manager, plain, act(&world, 1, TransferAsked::Cancel))
        .await
        .expect("taken back");

    let health = world
        .need(&manager, one.case, "MED.03", Priority::P3)
        .await
        .expect("a need")
        .id;
    world.send(&manager, health, "S-SOINS").await.expect("sent");
    let transfer = TransferId(world.propose(&manager, one.case, "AUTRE").await.expect("proposed").id);
    let seen = transfers::view(&world.desk, &other, transfer).await.expect("asked");
    assert_eq!(seen.facts[0].value.as_deref(), Some("adulte"));
    let said = format!("{seen:?}");
    for word in ["Hôpital", "Consultation", "MED", "femme", "25–34"] {
        assert!(!said.contains(word), "{word}: {said}");
    }
    assert!(seen.waits.iter().any(|w| w.with.is_empty()) && seen.waits.iter().any(|w| w.with.starts_with("Atelier")));
}

/// Whoever is not named for it reads a need above S3 as restricted wherever
/// they work on it, and its service and words nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_who_is_not_named_reads_a_restricted_need_as_such() {
    let world = World::sqlite();
    let (manager, colleague) = (world.viewer("gestionnaire"), world.viewer("collegue"));
    let one = one(&world, &manager).await;
    let health = NeedId(
        world
            .need(&manager, one.case, "MED.03", Priority::P3)
            .await
            .expect("a need")
            .id,
    );
    let labels = async |who: &Viewer| {
        let seen = case::view(&world.desk, who, CaseId(one.case)).await.expect("seen");
        let need = seen.needs.into_iter().find(|n| n.id == health).expect("the need");
        let settled = settle_need::view(&world.desk, who, health).await.expect("seen");
        let offered = refer::view(&world.desk, who, health, None, None).await.expect("seen");
        let service = need.service.clone().or(offered.need.service);
        ([need.label, settled.label, offered.need.label], service)
    };
    let (named, service) = labels(&manager).await;
    assert!(
        named.iter().all(|l| l == &named[0] && !l.contains("restreint")),
        "{named:?}"
    );
    assert_eq!(service.as_deref(), Some("MED.03"));
    let version = assignment::view(&world.desk, &manager, CaseId(one.case))
        .await
        .expect("the page")
        .version;
    let hand = AssignCase {
        id: world.new_id(),
        version,
        to: colleague.user.0,
        note: String::new(),
    };
    assignment::assign(&world.desk, &manager, CaseId(one.case), hand)
        .await
        .expect("handed over");
    let (restricted, service) = labels(&colleague).await;
    assert!(
        restricted.iter().all(|l| l == "Besoin à accès restreint"),
        "{restricted:?}"
    );
    assert_eq!(service, None);
}

/// A holder that was given the name by a consent since withdrawn reads no
/// initials, neither of the case nor beside what was asked before.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_holder_without_the_name_reads_no_initials() {
    let world = World::sqlite();
    let (manager, other) = (world.viewer("gestionnaire"), world.viewer("autre"));
    let one = one(&world, &manager).await;
    world.agree(&manager, one.case, "AUTRE").await.expect("agreed");
    let transfer = TransferId(world.propose(&manager, one.case, "AUTRE").await.expect("proposed").id);
    let taken = act(&world, 1, TransferAsked::Accept { assign: None });
    transfers::act(&world.desk, &other, transfer, taken)
        .await
        .expect("accepted");
    let page = async || {
        refer::view(&world.desk, &other, NeedId(one.need), None, None)
            .await
            .expect("the page")
    };
    let before = page().await;
    assert!(!before.initials.is_empty() && !before.earlier[0].initials.is_empty());
    world
        .withdraw(&other, one.case, "stop_sharing")
        .await
        .expect("withdrawn");
    let after = page().await;
    assert_eq!((after.initials.as_str(), after.earlier.len()), ("", 1));
    assert_eq!(after.earlier[0].initials, "");
}
