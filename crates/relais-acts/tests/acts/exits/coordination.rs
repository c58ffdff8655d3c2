//! The mechanism's office: figures that their provider reads first, unmet needs
//! from counters, calls about late work, agreements that end; a region sees its
//! own.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use relais_acts::agreements::{self, NewAgreement};
use relais_acts::commands::ReferralCommand;
use relais_acts::coordination::{self, NoteLateCall, PutBefore, ReplyToFigures};
use relais_acts::directory::By;
use relais_acts::erase::{self, EraseCase};
use relais_acts::views::{Coordination, Counts};
use relais_acts::{ActError, Viewer, case, day, referral_view, work};
use relais_casework::calendar::local_date;
use relais_casework::erasure::ErasureReason;
use relais_casework::referral::{DeclineCode, State};
use relais_fixture::World;
use relais_mechanism::{ClassSet, Priority, Purpose, Sensitivity};
use relais_network::agreement::AgreementKind;
use relais_network::{CaseId, ReferralId};
use relais_store::rows::cases::CaseRecord;
use relais_store::{StoreError, Tx, counters};
use uuid::Uuid;

use super::{accept, give, now, one};

async fn page(world: &World, login: &str) -> Coordination {
    coordination::view(&world.desk, &world.viewer(login))
        .await
        .expect("the page")
}

async fn figures(world: &World, provider: &Viewer) -> relais_acts::views::OwnFigures {
    day::inbox(&world.desk, provider).await.expect("the inbox").figures
}

fn count(world: &World, region: &str, group: &str, by: i64) {
    let (region, group) = (region.to_owned(), group.to_owned());
    world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            counters::add(tx, &region, &group, "needs_unmet", by)
        })
        .expect("counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_the_providers_first_and_its_reply_stands_beside_them() {
    let world = World::sqlite();
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let secretariat = world.viewer("secretariat");
    let answered = one(&world, &manager).await;
    give(&world, &provider, answered.referral, accept())
        .await
        .expect("accepted");
    let silent = one(&world, &manager).await;
    // A need above S3 is in nobody's figures: the hospital's would tell of it.
    let health = world
        .need(&manager, silent.case, "MED.03", Priority::P3)
        .await
        .expect("a need")
        .id;
    world.send(&manager, health, "S-SOINS").await.expect("sent");
    world.at(now(&world) + TimeDelta::days(4));
    work::once(&world.desk).expect("worked");

    let expected = Counts {
        asked: 2,
        answered: 1,
        late: 1,
    };
    let own = figures(&world, &provider).await;
    assert_eq!(own.now, expected);
    assert!(own.put.is_none());
    let before = page(&world, "secretariat").await;
    assert!(before.providers.is_empty() && before.may_put);
    assert_eq!((before.unnamed.to_put, before.unnamed.replying), (1, 0));
    assert_eq!(before.unnamed.counts, expected);

    let put = async |who: &Viewer| coordination::put(&world.desk, who, PutBefore { id: world.new_id() }).await;
    for login in ["gestionnaire", "atelier", "regional"] {
        let refused = put(&world.viewer(login)).await;
        assert!(
            matches!(refused, Err(ActError::Forbidden { .. })),
            "{login}: {refused:?}"
        );
    }
    assert_eq!(put(&secretariat).await.expect("put").version, 1);
    assert_eq!(put(&secretariat).await.expect("put").version, 0, "once in a window");
    let replying = page(&world, "secretariat").await;
    assert!(replying.providers.is_empty(), "no name before the right of reply");
    assert_eq!((replying.unnamed.to_put, replying.unnamed.replying), (0, 1));

    let told = figures(&world, &provider).await.put.expect("before it");
    assert_eq!(told.counts, expected);
    assert!(!told.shown && told.reply_until > now(&world));
    let reply = async |version: i64, text: &str| {
        let command = ReplyToFigures {
            id: world.new_id(),
            version,
            text: text.to_owned(),
        };
        coordination::reply(&world.desk, &provider, command).await
    };
    assert!(matches!(reply(told.version, " ").await, Err(ActError::Invalid(_))));
    assert!(matches!(
        reply(told.version, &"x".repeat(501)).await,
        Err(ActError::Invalid(_))
    ));
    assert!(matches!(reply(7, "Essai.").await, Err(ActError::Stale { .. })));
    reply(told.version, "Deux formateurs absents.").await.expect("replied");
    let shown = page(&world, "secretariat").await;
    assert_eq!(shown.providers.len(), 1, "the one that replied");
    assert_eq!(shown.providers[0].counts, expected);
    assert_eq!(shown.providers[0].reply.as_deref(), Some("Deux formateurs absents."));
    assert_eq!(shown.unnamed.replying, 0);

    let region = page(&world, "regional").await;
    assert_eq!(region.regions, ["Littoral"]);
    assert_eq!(region.providers.len(), 1);
    assert!(region.providers[0].organisation.starts_with("Atelier") && !region.may_put);
}

#[tokio::test(flavor = "multi_thread")]
async fn unmet_needs_count_by_region_and_small_restricted_counts_stay_hidden() {
    let world = World::sqlite();
    count(&world, "CM005", "VTC", 3);
    count(&world, "CM005", "restricted", 9);
    count(&world, "CM006", "restricted", 10);
    count(&world, "CM006", "MED", 1);
    let cells = |view: &Coordination| -> Vec<(String, Option<u32>)> {
        view.unmet.iter().map(|c| (c.region.clone(), c.count)).collect()
    };
    let national = page(&world, "secretariat").await;
    assert_eq!(national.smallest, 10);
    assert_eq!(
        cells(&national),
        [
            ("Nord".to_owned(), Some(10)),
            ("Littoral".to_owned(), Some(3)),
            ("Nord".to_owned(), Some(1)),
            ("Littoral".to_owned(), None),
        ]
    );
    assert_eq!(
        cells(&page(&world, "regional").await),
        [("Littoral".to_owned(), Some(3)), ("Littoral".to_owned(), None)]
    );
    for login in ["gestionnaire", "atelier", "administrateur", "delegue"] {
        let refused = coordination::view(&world.desk, &world.viewer(login)).await;
        assert!(matches!(refused, Err(ActError::Forbidden { .. })), "{login}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_about_a_late_wait_is_noted_and_read_by_the_office_alone() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let one = one(&world, &manager).await;
    world.at(now(&world) + TimeDelta::days(4));
    work::once(&world.desk).expect("worked");
    let subject = one.referral.0;
    let call = |channel: &str, answered_by: &str| NoteLateCall {
        id: world.new_id(),
        channel: channel.to_owned(),
        answered_by: answered_by.to_owned(),
        promised: "Réponse demain.".to_owned(),
        promised_on: Some(local_date(now(&world))),
    };
    for login in ["gestionnaire", "superviseur", "atelier", "autre", "delegue"] {
        let viewer = world.viewer(login);
        let seen = coordination::subject(&world.desk, &viewer, subject).await;
        assert!(matches!(seen, Err(ActError::NotFound)), "{login}: {seen:?}");
        let noted = coordination::note(&world.desk, &viewer, subject, call("telephone", "Essai")).await;
        assert!(matches!(noted, Err(ActError::NotFound)), "{login}: {noted:?}");
    }
    let secretariat = world.viewer("secretariat");
    let late = coordination::subject(&world.desk, &secretariat, subject)
        .await
        .expect("seen");
    assert!(late.holder.starts_with("Atelier") && late.calls.is_empty());
    assert_eq!(late.telephones, ["+237233000001", "+237233000000"]);
    assert!(!format!("{late:?}").contains("Ernestine"));
    for wrong in [call("fax", "Essai"), call("telephone", "  ")] {
        let refused = coordination::note(&world.desk, &secretariat, subject, wrong).await;
        assert!(matches!(refused, Err(ActError::Invalid(_))), "{refused:?}");
    }
    coordination::note(&world.desk, &secretariat, subject, call("telephone", "Mme Essai Bih"))
        .await
        .expect("noted");
    // The reminders of the ladder are still there: a call is no act of the machine.
    let steps = relais_acts::referral_view::view(&world.desk, &manager, ReferralId(subject))
        .await
        .expect("seen")
        .exits
        .ladder;
    assert!(steps.iter().filter(|s| s.done).count() >= 2, "{steps:?}");
    world.at(now(&world) + TimeDelta::days(2));
    for login in ["secretariat", "regional"] {
        let calls = page(&world, login).await.calls;
        assert_eq!(calls.len(), 1, "{login}");
        assert_eq!(calls[0].answered_by, "Mme Essai Bih");
        assert!(calls[0].overdue, "the day promised has passed");
    }
    // A late need is called about like a referral.
    let need = world
        .need(&manager, one.case, "MED.03", Priority::P3)
        .await
        .expect("a need")
        .id;
    let late = coordination::subject(&world.desk, &secretariat, need)
        .await
        .expect("seen");
    assert!(!late.referral && late.holder.starts_with("Accueil"));
}

#[tokio::test(flavor = "multi_thread")]
async fn agreements_that_end_within_ninety_days_are_shown() {
    let world = World::sqlite();
    for (reference, days) in [("FIN-30", 30), ("FIN-91", 91), ("FINI-10", -10)] {
        let ends = NewAgreement {
            reference: reference.to_owned(),
            kind: AgreementKind::Eng,
            parties: vec![("AUTRE".to_owned(), local_date(now(&world)) - TimeDelta::days(100))],
            classes: ClassSet::all(),
            purposes: BTreeSet::from([Purpose::Refer]),
            max_sensitivity: Sensitivity::S3,
            until: Some(local_date(now(&world)) + TimeDelta::days(days)),
        };
        agreements::add(world.store(), ends, By::CommandLine).expect("an agreement");
    }
    world.desk.refresh().expect("refreshed");
    for login in ["secretariat", "regional"] {
        let shown = page(&world, login).await.agreements;
        let list: Vec<_> = shown.iter().map(|a| (a.reference.as_str(), a.days)).collect();
        assert_eq!(list, [("FINI-10", -10), ("FIN-30", 30)], "{login}");
    }
}

/// What a provider could not answer, or answered in time, is nothing against it.
#[tokio::test(flavor = "multi_thread")]
async fn figures_count_what_was_left_unanswered_and_nothing_else() {
    let world = World::sqlite();
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let cancel = || ReferralCommand::Cancel { reason: String::new() };
    let counts = |asked, answered, late| Counts { asked, answered, late };
    let early = one(&world, &manager).await;
    give(&world, &manager, early.referral, cancel())
        .await
        .expect("cancelled");
    let dropped = one(&world, &manager).await;
    world.withdraw(&manager, dropped.case, "both").await.expect("withdrawn");
    assert_eq!(figures(&world, &provider).await.now, counts(0, 0, 0));

    // Accepted at once; that the first meeting then comes late is no late answer.
    let answered = one(&world, &manager).await;
    give(&world, &provider, answered.referral, accept())
        .await
        .expect("accepted");
    let silent = one(&world, &manager).await;
    for _ in 0..3 {
        world.at(now(&world) + TimeDelta::days(10));
        work::once(&world.desk).expect("worked");
    }
    let reminded = referral_view::view(&world.desk, &manager, answered.referral)
        .await
        .expect("seen")
        .history;
    assert!(reminded.iter().any(|h| h.kind == "reminded" && h.what.contains("100")));
    let after = referral_view::view(&world.desk, &manager, silent.referral)
        .await
        .expect("seen");
    assert_eq!(after.state, State::Expired);
    assert_eq!(figures(&world, &provider).await.now, counts(2, 1, 1));

    // Taken back only once it was late: that is told.
    let late = one(&world, &manager).await;
    let limit = referral_view::view(&world.desk, &manager, late.referral)
        .await
        .expect("seen")
        .clock
        .expect("a limit")
        .due;
    world.at(limit + TimeDelta::minutes(1));
    work::once(&world.desk).expect("worked");
    give(&world, &manager, late.referral, cancel())
        .await
        .expect("cancelled");
    assert_eq!(figures(&world, &provider).await.now, counts(3, 1, 2));
}

/// Calls about somebody who was erased since are shown no more, and the page
/// stands.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_outlives_the_erasure_of_somebody_who_was_called_about() {
    let world = World::sqlite();
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let one = one(&world, &manager).await;
    world.at(now(&world) + TimeDelta::days(4));
    work::once(&world.desk).expect("worked");
    let call = NoteLateCall {
        id: world.new_id(),
        channel: "telephone".to_owned(),
        answered_by: "Mme Essai Bih".to_owned(),
        promised: String::new(),
        promised_on: None,
    };
    let secretariat = world.viewer("secretariat");
    coordination::note(&world.desk, &secretariat, one.referral.0, call)
        .await
        .expect("noted");
    assert_eq!(page(&world, "secretariat").await.calls.len(), 1);
    let refusal = ReferralCommand::Decline {
        code: DeclineCode::NoCapacity,
        suggested: None,
    };
    give(&world, &provider, one.referral, refusal).await.expect("declined");
    let code = case::view(&world.desk, &manager, CaseId(one.case))
        .await
        .expect("seen")
        .code;
    let erase = EraseCase {
        code,
        reason: ErasureReason::Request,
        words: "Lettre du 28/11/2026".to_owned(),
        dry_run: false,
    };
    assert!(
        erase::erase(&world.desk, &world.viewer("delegue"), &erase)
            .expect("erased")
            .done
    );
    assert!(page(&world, "secretariat").await.calls.is_empty());
}

/// Puts a case into another region.
fn moved(world: &World, case: Uuid, region: &'static str) {
    world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            let record = CaseRecord::find(tx, CaseId(case))?.expect("the case");
            CaseRecord {
                region: region.to_owned(),
                ..record
            }
            .update(tx)
        })
        .expect("moved");
}

/// A region's lists are not cut by what the rest of the country is late with.
#[tokio::test(flavor = "multi_thread")]
async fn a_regions_late_work_and_calls_are_not_lost_behind_the_countrys() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let far = world
        .register(&manager, "Essai Lointain", 30)
        .await
        .expect("registered")
        .id;
    let mut subject = Uuid::nil();
    for _ in 0..45 {
        subject = world
            .need(&manager, far, "VTC.02", Priority::P3)
            .await
            .expect("a need")
            .id;
    }
    moved(&world, far, "CM006");
    world.at(now(&world) + TimeDelta::hours(1));
    let own = one(&world, &manager).await;
    world.at(now(&world) + TimeDelta::days(20));
    work::once(&world.desk).expect("worked");
    let late = day::late(&world.desk, &world.viewer("regional"), None)
        .await
        .expect("late");
    assert!(late.rows.iter().all(|r| r.case_id == CaseId(own.case)) && !late.rows.is_empty());
    assert_eq!(late.next, None);
    let all = day::late(&world.desk, &world.viewer("secretariat"), None)
        .await
        .expect("late");
    assert!(all.next.is_some(), "the country's goes on");

    let secretariat = world.viewer("secretariat");
    let call = async |subject: Uuid| {
        let call = NoteLateCall {
            id: world.new_id(),
            channel: "telephone".to_owned(),
            answered_by: "Mme Essai Bih".to_owned(),
            promised: String::new(),
            promised_on: None,
        };
        coordination::note(&world.desk, &secretariat, subject, call)
            .await
            .expect("noted");
    };
    call(own.need).await;
    world.at(now(&world) + TimeDelta::hours(1));
    for _ in 0..101 {
        call(subject).await;
    }
    let shown = page(&world, "regional").await.calls;
    assert_eq!(shown.iter().map(|c| c.subject).collect::<Vec<_>>(), [own.need]);
    assert_eq!(page(&world, "secretariat").await.calls.len(), 100);
}

/// The office reads of a restricted referral whom to call, not which service.
#[tokio::test(flavor = "multi_thread")]
async fn the_region_reads_of_a_restricted_referral_the_organisations_number_alone() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let one = one(&world, &manager).await;
    let health = world
        .need(&manager, one.case, "MED.03", Priority::P3)
        .await
        .expect("a need")
        .id;
    let sent = ReferralId(world.send(&manager, health, "S-SOINS").await.expect("sent").id);
    for login in ["regional", "secretariat"] {
        let office = world.viewer(login);
        let seen = referral_view::view(&world.desk, &office, sent).await.expect("seen");
        assert_eq!(seen.provider_telephones, ["+237677000009"], "{login}");
        assert!(seen.after.is_empty() && seen.service.is_empty(), "{login}: {seen:?}");
        let open = referral_view::view(&world.desk, &office, one.referral)
            .await
            .expect("seen");
        assert_eq!(open.provider_telephones, ["+237233000001"], "{login}");
        assert!(!open.after.is_empty());
    }
}
