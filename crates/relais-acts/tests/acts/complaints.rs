//! Complaints, against a real store: who sees one, what silence lets in, and
//! that nothing at rest tells a complaint of abuse from another.

use relais_acts::complaints::{self, Complain};
use relais_acts::directory::By;
use relais_acts::messages::{self, Drawn, Taken, To, Ways};
use relais_acts::{ActError, day};
use relais_casework::complaint::{ComplaintAct, ComplaintKind};
use relais_fixture::World;
use relais_mechanism::words::{Lang, Priority, Role};
use relais_store::rows::complaints as rows;
use relais_store::{StoreError, Tx, access, chain, due, outbox};

use crate::complaint_play::{CODE, account, act, complain, follow, hours, journey, listed, recipients, seen, sent};

#[tokio::test(flavor = "multi_thread")]
async fn from_the_first_word_to_the_last() {
    journey(&World::sqlite()).await;
}

/// Those who look, with the letters of the table below.
const VIEWERS: [(char, &str); 11] = [
    ('S', "secretariat"),
    ('V', "secretariat.chef"),
    ('D', "delegue"),
    ('1', "plaintes.un"),
    ('2', "plaintes.deux"),
    ('C', "comite"),
    ('a', "administrateur"),
    ('p', "atelier"),
    ('g', "gestionnaire"),
    ('s', "superviseur"),
    ('r', "regional"),
];

/// What is typed as the organisation concerned, and who then sees an ordinary
/// complaint, one of confidentiality, one of abuse. The officer of the fixture
/// is of the secretariat's organisation.
const TABLE: [(&str, &str, &str, &str); 6] = [
    ("", "SV", "D", "12"),
    ("chez Atelier Aiguille Claire, à Douala", "SV", "D", "12"),
    ("le Secrétariat technique", "C", "C", "12"),
    ("SECRETARIAT", "C", "C", "12"),
    ("association wouri AVENIR", "SV", "D", "1D"),
    ("hopital regional d'essai", "SV", "D", "2D"),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_about_each_body_is_seen_by_whom_the_table_says() {
    let world = World::sqlite();
    recipients(&world);
    account(
        &world,
        "secretariat.chef",
        "SECRETARIAT",
        &[Role::SecretariatSupervisor],
    );
    for (typed, ordinary, confidential, abuse) in TABLE {
        for kind in ComplaintKind::ALL {
            let expected = match kind {
                ComplaintKind::Abuse => abuse,
                ComplaintKind::Confidentiality => confidential,
                _ => ordinary,
            };
            let received = complain(&world, *kind, typed).await;
            let number = received.number.clone();
            let id = world
                .store()
                .read_blocking(move |tx: &mut Tx<'_>| rows::by_number(tx, &number))
                .expect("readable")
                .expect("there")
                .id;
            for (letter, login) in VIEWERS {
                let viewer = world.viewer(login);
                let wanted = expected.contains(letter);
                let say = format!("{kind} about {typed:?}: {login}");
                assert_eq!(
                    listed(&world, &viewer, &received.number).await.is_some(),
                    wanted,
                    "{say}: list"
                );
                assert_eq!(seen(&world, login, id).await.is_some(), wanted, "{say}: page");
                if !wanted {
                    let done = act(&world, login, id, ComplaintAct::Note, "x").await;
                    assert!(matches!(done, Err(ActError::NotFound)), "{say}: act");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_of_the_referral_named_are_kept_out() {
    let world = World::sqlite();
    recipients(&world);
    let manager = world.viewer("gestionnaire");
    let name = "Essai Plaignant";
    let sent_to = world
        .referred(&manager, name, "VTC.02", Priority::P4, "S-COUTURE")
        .await
        .referral;
    let command = Complain {
        referral: sent_to.code.clone(),
        ..sent(&world, ComplaintKind::Conduct, "")
    };
    // Somebody of the secretariat's role at the workshop is of the workshop all the same.
    account(&world, "double", "ATELIER", &[Role::Secretariat]);
    let received = complaints::complain(&world.desk, command, Lang::En, "/complaint", "account")
        .await
        .expect("received");
    assert!(
        listed(&world, &world.viewer("double"), &received.number)
            .await
            .is_none()
    );
    // An office of the mechanism is concerned: it goes to others than the secretariat.
    assert!(
        listed(&world, &world.viewer("secretariat"), &received.number)
            .await
            .is_none()
    );
    assert!(
        listed(&world, &world.viewer("comite"), &received.number)
            .await
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_one_that_waits_lets_in_the_officer() {
    let world = World::sqlite();
    recipients(&world);
    let received = complain(&world, ComplaintKind::Delay, "").await;
    let id = listed(&world, &world.viewer("secretariat"), &received.number)
        .await
        .expect("theirs");
    hours(&world, 24);
    assert!(seen(&world, "delegue", id).await.is_none());
    hours(&world, 48);
    assert!(
        seen(&world, "delegue", id).await.is_some(),
        "not acknowledged within 48 hours"
    );
    act(&world, "secretariat", id, ComplaintAct::Acknowledge, "")
        .await
        .expect("acknowledged");
    assert!(seen(&world, "comite", id).await.is_none());
    // Thirty days from the acknowledgement, and half of it again: whom the committee designates.
    hours(&world, 48 + 24 * 46);
    assert!(seen(&world, "comite", id).await.is_some());
    let open = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| due::of(tx, id.0))
        .expect("readable");
    assert!(open.is_empty(), "every rung once: {open:?}");
}

/// What lies clear of a complaint, kind for kind.
fn clear(world: &World, number: &str) -> Vec<String> {
    let number = number.to_owned();
    world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
            let record = rows::by_number(tx, &number)?.expect("there");
            let mut found = vec![
                format!("{} {} {:?}", record.state, record.version, record.due_at.is_some()),
                format!("{} bytes", record.detail.len()),
            ];
            for row in due::of(tx, record.id.0)? {
                found.push(format!("due {} {}", row.kind, row.due_at - record.received_at));
            }
            for e in chain::events(tx, record.id.0, 0, 100)? {
                found.push(format!("event {} {} {} {}", e.kind, e.meta, e.subject, e.sealed.len()));
            }
            for notice in outbox::unsent(tx, 0, 1000)?.iter().filter(|n| n.subject == record.id.0) {
                found.push(format!(
                    "notice {} {:?} {:?}",
                    notice.kind, notice.organisation, notice.role
                ));
            }
            Ok(found)
        })
        .expect("readable")
}

#[tokio::test(flavor = "multi_thread")]
async fn at_rest_one_complaint_looks_like_another() {
    let world = World::sqlite();
    recipients(&world);
    let mut looks = Vec::new();
    for (kind, login) in [
        (ComplaintKind::Abuse, "plaintes.un"),
        (ComplaintKind::Delay, "secretariat"),
        (ComplaintKind::Confidentiality, "delegue"),
    ] {
        let received = complain(&world, kind, "").await;
        let mut viewer = world.viewer(login);
        viewer.route = "/complaints";
        let id = listed(&world, &viewer, &received.number).await.expect("theirs");
        act(&world, login, id, ComplaintAct::Acknowledge, "")
            .await
            .expect("acknowledged");
        follow(&world, &received.number, CODE, "Encore un mot.")
            .await
            .expect("added");
        looks.push(clear(&world, &received.number));
    }
    // The list of readers may take another block of padding, no more.
    let without_size =
        |look: &Vec<String>| -> Vec<String> { look.iter().filter(|l| !l.ends_with("bytes")).cloned().collect() };
    assert_eq!(without_size(&looks[0]), without_size(&looks[1]));
    assert_eq!(without_size(&looks[1]), without_size(&looks[2]));
    assert!(
        looks[0].iter().any(|l| l.starts_with("event complaint_seen {} ")),
        "{looks:?}"
    );

    // The access log: who opened a page of complaints, never which; of the complainant, nothing.
    let looked = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| access::after(tx, 0, 1000))
        .expect("readable");
    let doors: Vec<_> = looked.iter().filter(|l| l.route.starts_with("/complaint")).collect();
    assert!(doors.iter().filter(|l| l.route == "/complaint").count() >= 3);
    assert_eq!(doors.iter().filter(|l| l.route == "/complaints").count(), 3);
    assert!(
        doors
            .iter()
            .all(|l| l.user.is_none() && l.organisation.is_none() && l.cases.is_empty())
    );
    assert!(looked.iter().all(|l| l.cases.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_later_it_still_looks_like_another() {
    let world = World::sqlite();
    recipients(&world);
    let mut numbers = Vec::new();
    // Each is opened by one reader; of abuse the second has not opened it.
    for (kind, login) in [
        (ComplaintKind::Abuse, "plaintes.un"),
        (ComplaintKind::Delay, "secretariat"),
        (ComplaintKind::Confidentiality, "delegue"),
    ] {
        let received = complain(&world, kind, "").await;
        let id = listed(&world, &world.viewer(login), &received.number)
            .await
            .expect("theirs");
        assert!(seen(&world, login, id).await.is_some());
        numbers.push(received.number);
    }
    hours(&world, 24);
    let looks: Vec<Vec<String>> = numbers
        .iter()
        .map(|number| {
            let mut look = clear(&world, number);
            look.retain(|l| !l.ends_with("bytes"));
            look
        })
        .collect();
    assert!(
        looks[0].iter().any(|l| l.starts_with("event complaint_due ")),
        "{looks:?}"
    );
    assert_eq!(looks[0], looks[1]);
    assert_eq!(looks[1], looks[2]);
}

/// Takes every notice that is due; the addresses written to.
fn written_to(world: &World) -> Vec<To> {
    let ways = Ways {
        mail: true,
        sms: true,
        secretariat: Some("secretariat@exemple.invalid".to_owned()),
        site: "https://relais.exemple.invalid".to_owned(),
    };
    let mut to = Vec::new();
    loop {
        let drawn = Drawn {
            hash: vec![7; 32],
            fr: "/link/fr/x".to_owned(),
            en: "/link/en/x".to_owned(),
        };
        match messages::take(&world.desk, &ways, drawn).expect("taken") {
            Taken::Message(message) => to.push(message.to),
            Taken::Dropped => {}
            Taken::Nothing => return to,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_written_to_of_a_complaint_least_of_all_the_secretariat() {
    let world = World::sqlite();
    recipients(&world);
    written_to(&world);
    for kind in ComplaintKind::ALL {
        let received = complain(&world, *kind, "le Secrétariat technique").await;
        follow(&world, &received.number, CODE, "Encore un mot.")
            .await
            .expect("added");
        assert_eq!(written_to(&world), [], "{kind}");
    }
    hours(&world, 72);
    assert_eq!(written_to(&world), [], "nor when it is overdue");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_named_later_reads_what_waited_on_nobody() {
    let world = World::sqlite();
    // The officer of the fixture is of the secretariat's organisation: nobody may read it.
    let received = complain(&world, ComplaintKind::Delay, "SECRETARIAT").await;
    let abuse = complain(&world, ComplaintKind::Abuse, "").await;
    let id = listed(&world, &world.viewer("delegue"), &abuse.number)
        .await
        .expect("nobody else is named");
    for act_now in [ComplaintAct::Acknowledge, ComplaintAct::Decide, ComplaintAct::Close] {
        act(&world, "delegue", id, act_now, "Décision d’essai.")
            .await
            .expect("done");
    }
    recipients(&world);
    let committee = world.viewer("comite");
    assert!(listed(&world, &committee, &received.number).await.is_some());
    // Closed, it reached nobody new; taken up again, it does.
    let one = world.viewer("plaintes.un");
    assert!(listed(&world, &one, &abuse.number).await.is_none());
    follow(&world, &abuse.number, CODE, "Ce n’est pas fini.")
        .await
        .expect("added");
    assert!(listed(&world, &one, &abuse.number).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_twice_it_is_one_and_another_body_is_refused() {
    let world = World::sqlite();
    let command = sent(&world, ComplaintKind::Other, "");
    let send =
        async |command: Complain| complaints::complain(&world.desk, command, Lang::Fr, "/complaint", "account").await;
    let first = send(command.clone()).await.expect("received");
    let again = send(command.clone()).await.expect("the same");
    assert_eq!((first.number.clone(), first.code), (again.number, again.code));
    let other_code = Complain {
        code: "AAAABBBB".to_owned(),
        ..command.clone()
    };
    assert!(
        matches!(send(other_code).await, Err(ActError::IdTaken)),
        "nobody who knows the id learns the number"
    );
    assert!(follow(&world, &first.number, "AAAABBBB", "").await.is_err());
    let gaps = Complain {
        facts: " ".to_owned(),
        contact: "6".repeat(300),
        safe_contact: Some("NOWAY".to_owned()),
        ..sent(&world, ComplaintKind::Other, "")
    };
    let Err(ActError::Invalid(wrong)) = send(gaps).await else {
        panic!("every gap at once")
    };
    let fields: Vec<&str> = wrong.iter().map(|w| w.field.as_str()).collect();
    assert_eq!(fields, ["facts", "contact", "safe_contact"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn recipients_are_two_of_two_organisations_outside_the_office() {
    let world = World::sqlite();
    let missing = || async {
        day::late(&world.desk, &world.viewer("secretariat"), None)
            .await
            .expect("the list")
            .recipients_missing
    };
    assert!(missing().await, "the secretariat's page says so");
    let accounts: [(&str, &str, &[Role]); 6] = [
        ("un", "HOPITAL", &[Role::ComplaintRecipient]),
        ("un.bis", "HOPITAL", &[Role::ComplaintRecipient]),
        ("deux", "AUTRE", &[Role::ComplaintRecipient]),
        ("dedans", "SECRETARIAT", &[Role::ComplaintRecipient]),
        ("chef", "ATELIER", &[Role::ComplaintRecipient, Role::Administrator]),
        ("sans", "ATELIER", &[Role::CaseManager]),
    ];
    for (login, organisation, roles) in accounts {
        account(&world, login, organisation, roles);
    }
    let set = |outside: &[&str], committee: &[&str]| {
        let list = |l: &[&str]| l.iter().map(|s| (*s).to_owned()).collect();
        complaints::set(world.store(), list(outside), list(committee), By::CommandLine)
    };
    let refusals: [(&[&str], &[&str], &str); 7] = [
        (&["un"], &[], "too_few_recipients"),
        (&["un", "un.bis"], &[], "same_organisation"),
        (&["un", "dedans"], &[], "not_outside"),
        (&["un", "chef"], &[], "not_outside"),
        (&["un", "sans"], &[], "no_role"),
        (&["un", "personne"], &[], "unknown_user"),
        (&["un", "deux"], &["un"], "named_twice"),
    ];
    for (outside, committee, code) in refusals {
        match set(outside, committee) {
            Err(ActError::Refused { code: refused, .. }) => assert_eq!(refused, code, "{outside:?}"),
            other => panic!("{outside:?}: {other:?}"),
        }
    }
    assert!(
        complaints::names(world.store()).expect("read").is_empty(),
        "a refusal changes nothing"
    );
    assert_eq!(set(&["un", "deux"], &[]).expect("named"), 2);
    assert!(!missing().await);
    assert!(complaints::names(world.store()).expect("read").iter().all(|n| n.fit));
    // A closed account receives nothing: it is missing again.
    relais_acts::accounts::close(world.store(), "deux", By::CommandLine).expect("closed");
    assert!(missing().await);
    let received = complain(&world, ComplaintKind::Abuse, "").await;
    assert!(
        listed(&world, &world.viewer("delegue"), &received.number)
            .await
            .is_some()
    );
    assert!(listed(&world, &world.viewer("un"), &received.number).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_pages_over_what_is_not_the_viewers() {
    let world = World::sqlite();
    recipients(&world);
    for n in 0..60 {
        complain(
            &world,
            if n % 6 == 0 {
                ComplaintKind::Abuse
            } else {
                ComplaintKind::Delay
            },
            "",
        )
        .await;
    }
    let one = complaints::list(&world.desk, &world.viewer("plaintes.un"), None)
        .await
        .expect("a list");
    assert_eq!((one.rows.len(), one.next), (10, None));
    let office = world.viewer("secretariat");
    let first = complaints::list(&world.desk, &office, None).await.expect("a list");
    assert_eq!(
        (first.rows.len(), first.next.as_deref()),
        (50, None),
        "fifty are theirs, and nothing says that there are more"
    );
    complain(&world, ComplaintKind::Delay, "").await;
    let first = complaints::list(&world.desk, &office, None).await.expect("a list");
    let second = complaints::list(&world.desk, &office, first.next.clone())
        .await
        .expect("a page");
    assert_eq!((first.rows.len(), second.rows.len()), (50, 1));
    assert!(
        complaints::list(&world.desk, &office, Some("x".to_owned()))
            .await
            .is_err()
    );
    // A complaint that is not theirs is no cursor, like one that does not exist.
    for id in [one.rows[0].id.0, world.new_id()] {
        let refused = complaints::list(&world.desk, &office, Some(id.to_string())).await;
        assert!(matches!(refused, Err(ActError::Invalid(_))), "{refused:?}");
    }
}
