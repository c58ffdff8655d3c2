//! A complaint from beginning to end, played on either database.

use chrono::{DateTime, TimeDelta, Utc};
use relais_acts::accounts::{self, NewUser};
use relais_acts::complaints::{self, ActOnComplaint, Complain, ComplaintView, Follow, FollowView, Received};
use relais_acts::directory::By;
use relais_acts::{ActError, Viewer, work};
use relais_casework::complaint::{ComplaintAct, ComplaintKind, ComplaintState};
use relais_fixture::{World, start};
use relais_mechanism::{Lang, Role};
use relais_network::ComplaintId;

/// The code of every complaint of the tests.
pub const CODE: &str = "K7TM3QXR";

/// Opens an account.
pub fn account(world: &World, login: &str, organisation: &str, roles: &[Role]) {
    let user = NewUser {
        organisation: organisation.to_owned(),
        login: login.to_owned(),
        display_name: format!("Exercice {login}"),
        roles: roles.to_vec(),
        regions: Vec::new(),
        language: Lang::Fr,
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$invalid".to_owned(),
        trained: false,
        demonstration: true,
    };
    accounts::create(world.store(), user, By::CommandLine).expect("an account");
    world.desk.refresh().expect("read again");
}

/// Two recipients outside, and one whom the committee designates.
pub fn recipients(world: &World) {
    for (login, organisation) in [
        ("plaintes.un", "HOPITAL"),
        ("plaintes.deux", "AUTRE"),
        ("comite", "SANSACCORD"),
    ] {
        account(world, login, organisation, &[Role::ComplaintRecipient]);
    }
    let outside = vec!["plaintes.un".to_owned(), "plaintes.deux".to_owned()];
    complaints::set(world.store(), outside, vec!["comite".to_owned()], By::CommandLine).expect("named");
}

/// What somebody sends.
pub fn sent(world: &World, kind: ComplaintKind, organisation: &str) -> Complain {
    Complain {
        id: world.new_id(),
        kind,
        facts: "Essai : on m’a demandé une chose que je ne dirai pas.".to_owned(),
        organisation: organisation.to_owned(),
        referral: String::new(),
        about_office: false,
        contact: String::new(),
        safe_contact: None,
        code: CODE.to_owned(),
    }
}

pub async fn complain(world: &World, kind: ComplaintKind, organisation: &str) -> Received {
    let command = sent(world, kind, organisation);
    complaints::complain(&world.desk, command, Lang::Fr, "/complaint", "account")
        .await
        .expect("received")
}

/// The complaint with this number in the viewer's list.
pub async fn listed(world: &World, viewer: &Viewer, number: &str) -> Option<ComplaintId> {
    match complaints::list(&world.desk, viewer, None).await {
        Ok(list) => list.rows.iter().find(|r| r.number == number).map(|r| r.id),
        Err(ActError::NotFound) => None,
        Err(other) => panic!("{other}"),
    }
}

pub async fn seen(world: &World, login: &str, id: ComplaintId) -> Option<ComplaintView> {
    match complaints::view(&world.desk, &world.viewer(login), id).await {
        Ok(view) => Some(view),
        Err(ActError::NotFound) => None,
        Err(other) => panic!("{other}"),
    }
}

pub async fn follow(world: &World, number: &str, code: &str, words: &str) -> Result<FollowView, ActError> {
    let command = Follow {
        number: number.to_owned(),
        code: code.to_owned(),
        id: Some(world.new_id()),
        words: words.to_owned(),
    };
    complaints::follow(&world.desk, command, "/complaint/follow", "account").await
}

pub async fn act(world: &World, login: &str, id: ComplaintId, act: ComplaintAct, text: &str) -> Result<i64, ActError> {
    let version = seen(world, login, id).await.ok_or(ActError::NotFound)?.version;
    let command = ActOnComplaint {
        id: world.new_id(),
        version,
        act,
        text: text.to_owned(),
    };
    complaints::act(&world.desk, &world.viewer(login), id, command)
        .await
        .map(|made| made.version)
}

/// Lets time pass to so many hours after the start, and does what fell due.
pub fn hours(world: &World, hours: i64) -> DateTime<Utc> {
    let at = start() + TimeDelta::hours(hours);
    world.at(at);
    work::once(&world.desk).expect("worked");
    at
}

/// From the first word to the last, with two silent recipients in between.
pub async fn journey(world: &World) {
    let abuse = ComplaintKind::Abuse;
    // Nobody is named yet: the data-protection officer reads it, the secretariat does not.
    let early = complain(world, abuse, "").await;
    let officer = world.viewer("delegue");
    let id = listed(world, &officer, &early.number).await.expect("for the officer");
    assert!(seen(world, "secretariat", id).await.is_none());
    assert!(!complaints::door(&world.desk, Lang::Fr).await.expect("a door").ready);
    recipients(world);
    assert!(complaints::door(&world.desk, Lang::Fr).await.expect("a door").ready);
    for login in ["plaintes.un", "plaintes.deux"] {
        assert_eq!(
            listed(world, &world.viewer(login), &early.number).await,
            Some(id),
            "{login}"
        );
    }

    let received = complain(world, abuse, "").await;
    let one = world.viewer("plaintes.un");
    let id = listed(world, &one, &received.number).await.expect("at once");
    assert!(
        seen(world, "delegue", id).await.is_none(),
        "not while they have their day"
    );
    assert!(seen(world, "comite", id).await.is_none());
    let view = seen(world, "plaintes.un", id).await.expect("seen");
    assert!(view.facts.contains("demandé") && view.contact.is_none());
    let opened: Vec<bool> = view.recipients.iter().map(|(.., at)| at.is_some()).collect();
    assert_eq!(opened, [true, false], "each opening is noted");

    // The second does not open it within a day: the officer reads too, the first sees why.
    hours(world, 23);
    assert!(seen(world, "delegue", id).await.is_none());
    hours(world, 24);
    assert!(seen(world, "delegue", id).await.is_some());
    assert!(seen(world, "secretariat", id).await.is_none());
    assert!(seen(world, "administrateur", id).await.is_none());

    // Acts, in turn and out of turn.
    let refused = act(world, "plaintes.un", id, ComplaintAct::Close, "").await;
    assert!(matches!(refused, Err(ActError::Refused { .. })), "{refused:?}");
    let empty = act(world, "plaintes.un", id, ComplaintAct::Reply, " ").await;
    assert!(matches!(empty, Err(ActError::Invalid(_))), "{empty:?}");
    act(world, "plaintes.un", id, ComplaintAct::Acknowledge, "")
        .await
        .expect("acknowledged");
    act(world, "plaintes.deux", id, ComplaintAct::Note, "Entre nous seuls.")
        .await
        .expect("noted");
    act(world, "plaintes.un", id, ComplaintAct::Reply, "Nous vous lisons.")
        .await
        .expect("replied");
    let back = follow(world, &received.number, CODE, "").await.expect("back");
    assert_eq!(back.state, ComplaintState::Acknowledged);
    assert_eq!(back.replies.len(), 1, "the note is not the complainant's");
    assert!(back.replies[0].2.contains("Nous vous lisons") && back.acknowledged_at.is_some());
    act(world, "plaintes.deux", id, ComplaintAct::Decide, "Décision d’essai.")
        .await
        .expect("decided");
    act(world, "plaintes.deux", id, ComplaintAct::Close, "")
        .await
        .expect("closed");
    // Dashes, spaces and small letters are how people copy.
    let typed = format!("{}-{}", &CODE[..4], CODE[4..].to_lowercase());
    let back = follow(
        world,
        &received.number.to_lowercase(),
        &typed,
        "Je ne suis pas d’accord.",
    )
    .await
    .expect("back");
    assert_eq!(
        (back.state, back.added.len(), back.just_added),
        (ComplaintState::Acknowledged, 1, true)
    );
    let view = seen(world, "plaintes.un", id).await.expect("seen");
    assert!(view.said.iter().any(|s| s.by.is_none() && s.text.contains("d’accord")));
    assert!(view.row.clock.is_some(), "taken up again with a limit");

    // Whatever is wrong answers alike.
    let wrong = follow(world, &received.number, "AAAABBBB", "")
        .await
        .expect_err("refused");
    let nothing = follow(world, "AAAABBBB", CODE, "").await.expect_err("refused");
    assert_eq!(format!("{wrong:?}"), format!("{nothing:?}"));

    let report = relais_store::audit::verify(world.store()).expect("verified");
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}
