//! Shared posts: a computer tied by a code, opened by each person's PIN, handed
//! over; what was typed when a session ended is its writer's alone.

use axum::http::StatusCode;
use chrono::TimeDelta;
use relais_acts::directory::By;
use relais_acts::posts;
use relais_fixture::start;
use relais_server::{password, post_code_hash};
use relais_store::{Tx, chain};

use crate::support::{Browser, PASSWORD, Site};

const CODE: &str = "bafu-kile-momo";
const PIN: &str = "482913";

fn pin(site: &Site, login: &str, pin: &str) {
    let hash = password::hash(pin, &[6; 16]).expect("hashes");
    posts::set_pin(site.world.store(), login, hash, By::CommandLine).expect("set");
}

/// A computer of the reception, tied to its post.
async fn computer(site: &Site) -> Browser {
    let store = site.world.store();
    posts::open(store, "ACCUEIL", "Accueil 1", 5, post_code_hash(CODE), By::CommandLine).expect("a post");
    let mut computer = site.stranger();
    let answer = computer.post("/post/tie", &[("code", "BAFU KILE MOMO")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    computer
}

async fn enter(site: &Site, computer: &mut Browser, login: &str, pin: &str) -> crate::support::Answer {
    let user = site.world.viewer(login).user.to_string();
    computer.post("/post", &[("user", &user), ("pin", pin)]).await
}

#[tokio::test]
async fn each_person_opens_the_post_in_their_own_name_and_hands_it_over() {
    let site = Site::new();
    pin(&site, "gestionnaire", PIN);
    pin(&site, "collegue", "907142");
    let mut computer = computer(&site).await;
    let page = computer.get("/post").await;
    assert!(page.text.contains("Exercice gestionnaire") && page.text.contains("Exercice collegue"));
    assert!(!page.text.contains("Exercice superviseur"), "no PIN, not here");

    let answer = enter(&site, &mut computer, "gestionnaire", PIN).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let page = computer.get("/day").await;
    assert!(page.status == StatusCode::OK && page.text.contains("Exercice gestionnaire"));

    let answer = computer.post("/sign-out", &[]).await;
    assert_eq!(answer.location(), "/post?ended=yes");
    assert_eq!(computer.get("/day").await.location(), "/post?next=/day");
    let answer = enter(&site, &mut computer, "collegue", "907142").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(computer.get("/day").await.text.contains("Exercice collegue"));
}

#[tokio::test]
async fn wrong_pins_lock_for_a_while_and_other_organisations_never_open() {
    let site = Site::new();
    pin(&site, "gestionnaire", PIN);
    pin(&site, "autre", PIN);
    let mut computer = computer(&site).await;
    let answer = enter(&site, &mut computer, "autre", PIN).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "of another organisation");
    for _ in 0..posts::MOST_TRIES {
        let answer = enter(&site, &mut computer, "gestionnaire", "111119").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    let user = site.world.viewer("gestionnaire").user;
    let organisation = site.world.viewer("gestionnaire").organisation;
    let locked = posts::pin_of(site.world.store(), organisation, user)
        .await
        .expect("read");
    assert_eq!(locked, (None, true), "locked in the database, for every process");
    let answer = enter(&site, &mut computer, "gestionnaire", PIN).await;
    assert!(
        !answer.status.is_redirection(),
        "the right PIN does not open while it is locked"
    );
    site.world.at(start() + TimeDelta::minutes(6));
    let (hash, locked) = posts::pin_of(site.world.store(), organisation, user)
        .await
        .expect("read");
    assert!(hash.is_some() && !locked, "five minutes later it is looked at again");
    // A computer that is tied to nothing opens nothing.
    let mut stranger = site.stranger();
    let answer = enter(&site, &mut stranger, "gestionnaire", PIN).await;
    assert_eq!(answer.location(), "/post");
}

#[tokio::test]
async fn a_code_ties_one_computer_once_and_a_closed_post_opens_nothing() {
    let site = Site::new();
    pin(&site, "gestionnaire", PIN);
    let mut first = computer(&site).await;
    let mut second = site.stranger();
    let answer = second.post("/post/tie", &[("code", CODE)]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "spent: {}", answer.text);
    assert!(
        enter(&site, &mut first, "gestionnaire", PIN)
            .await
            .status
            .is_redirection()
    );
    assert_eq!(first.get("/day").await.status, StatusCode::OK);
    posts::close(site.world.store(), "ACCUEIL", "Accueil 1", By::CommandLine).expect("closed");
    assert!(first.get("/day").await.status.is_redirection(), "its sessions ended");
    let answer = enter(&site, &mut first, "gestionnaire", PIN).await;
    assert_eq!(answer.location(), "/post", "a closed post asks for a code again");
}

#[tokio::test]
async fn what_was_typed_when_the_session_ended_waits_for_its_writer_alone() {
    let site = Site::new();
    pin(&site, "gestionnaire", PIN);
    pin(&site, "collegue", "907142");
    let mut computer = computer(&site).await;
    enter(&site, &mut computer, "gestionnaire", PIN).await;
    let form = computer.get("/arrivals/new").await;
    let id = form.hidden("id");
    site.world.at(start() + TimeDelta::minutes(6));
    let typed = [
        ("id", id.as_str()),
        ("F1E.03", "Nadine Essai Bilodémo"),
        ("F1E.02", "yes"),
    ];
    let answer = computer.post("/arrivals/new", &typed).await;
    assert_eq!(answer.location(), "/post?held=yes", "{}", answer.text);
    let locked = computer.get("/post?held=yes").await;
    assert!(
        !locked.text.contains("Nadine"),
        "nothing of it stands on a locked screen"
    );

    // Somebody else does not get it.
    enter(&site, &mut computer, "collegue", "907142").await;
    let theirs = computer.get("/post/held").await;
    assert!(theirs.status.is_redirection());
    computer.post("/sign-out", &[]).await;

    let answer = enter(&site, &mut computer, "gestionnaire", PIN).await;
    assert_eq!(answer.location(), "/post/held");
    let mine = computer.get("/post/held").await;
    assert!(mine.text.contains("Nadine Essai Bilod"), "{}", mine.text);
    assert_eq!(mine.hidden("id"), id);
    let mut again: Vec<(&str, &str)> = typed.to_vec();
    again.push(("send_held", "yes"));
    let answer = computer.post("/post/held", &again).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::TEMPORARY_REDIRECT, "/arrivals/new")
    );
    let sent = computer.post("/arrivals/new", &again).await;
    assert_eq!(
        sent.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the form itself says what is missing"
    );
    assert!(sent.text.contains("Nadine Essai Bilod"));
    assert!(
        computer.get("/post/held").await.status.is_redirection(),
        "kept no longer"
    );
}

#[tokio::test]
async fn a_password_is_never_kept_and_the_answer_drops_nothing() {
    let site = Site::new();
    pin(&site, "gestionnaire", PIN);
    let mut computer = computer(&site).await;
    enter(&site, &mut computer, "gestionnaire", PIN).await;
    let id = computer.get("/arrivals/new").await.hidden("id");
    site.world.at(start() + TimeDelta::minutes(6));
    let pins = [("password", PASSWORD), ("pin", "907142"), ("again", "907142")];
    let answer = computer.post("/account", &pins).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    let user = site.world.viewer("gestionnaire").user;
    let held = async || posts::held(site.world.store(), user).await.expect("read");
    assert!(held().await.is_none(), "neither password nor PIN");

    let typed = [("id", id.as_str()), ("F1E.03", "Nadine Essai Bilodémo")];
    computer.post("/arrivals/new", &typed).await;
    enter(&site, &mut computer, "gestionnaire", PIN).await;
    site.world.at(start() + TimeDelta::minutes(12));
    let send = [("id", id.as_str()), ("send_held", "yes")];
    let answer = computer.post("/post/held", &send).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "the session has ended again");
    let kept = held().await.expect("still what was typed");
    assert_eq!(kept.path, "/arrivals/new");

    // Sent and not arrived, it is still there; dropped, it is gone.
    enter(&site, &mut computer, "gestionnaire", PIN).await;
    let answer = computer.post("/post/held", &send).await;
    assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT);
    assert!(held().await.is_some());
    let answer = computer.post("/post/held", &[("drop_held", "yes")]).await;
    assert_eq!(answer.location(), "/");
    assert!(held().await.is_none());
}

#[tokio::test]
async fn what_does_not_arrive_is_kept() {
    let site = Site::new();
    pin(&site, "gestionnaire", PIN);
    let mut computer = computer(&site).await;
    enter(&site, &mut computer, "gestionnaire", PIN).await;
    site.world.at(start() + TimeDelta::minutes(6));
    // A case that its writer does not see any more when they come back.
    let (id, case) = (site.world.new_id().to_string(), site.world.new_id());
    let path = format!("/cases/{case}/needs/new");
    let mut typed = vec![("id", id.as_str()), ("words", "Une chambre avant la nuit")];
    let answer = computer.post(&path, &typed).await;
    assert_eq!(answer.location(), "/post?held=yes", "{}", answer.text);
    enter(&site, &mut computer, "gestionnaire", PIN).await;
    typed.push(("send_held", "yes"));
    let answer = computer.post(&path, &typed).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let user = site.world.viewer("gestionnaire").user;
    let kept = posts::held(site.world.store(), user).await.expect("read");
    assert_eq!(kept.expect("still what was typed").path, path);
}

#[tokio::test]
async fn nothing_is_said_to_be_kept_where_nothing_was() {
    let site = Site::new();
    pin(&site, "gestionnaire", PIN);
    let mut computer = computer(&site).await;
    enter(&site, &mut computer, "gestionnaire", PIN).await;
    let stolen = computer.clone();
    computer.post("/sign-out", &[]).await;
    let mut late = stolen;
    let answer = late.post("/arrivals/new", &[("F1E.03", "Nadine Essai Bilodémo")]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.location());
}

#[tokio::test]
async fn opened_by_password_it_is_the_posts_session_too() {
    let site = Site::new();
    pin(&site, "collegue", "907142");
    let mut computer = computer(&site).await;
    enter(&site, &mut computer, "collegue", "907142").await;
    assert_eq!(computer.get("/day").await.status, StatusCode::OK);
    let before = computer.clone();
    site.give_password("gestionnaire");
    let answer = computer
        .post("/sign-in", &[("login", "gestionnaire"), ("password", PASSWORD)])
        .await;
    assert!(answer.status.is_redirection(), "{}", answer.text);
    assert_eq!(answer.header("clear-site-data"), "\"cache\"");
    assert!(computer.get("/day").await.text.contains("Exercice gestionnaire"));
    let mut earlier = before;
    assert!(
        earlier.get("/day").await.status.is_redirection(),
        "the session before has ended"
    );
    site.world.at(start() + TimeDelta::minutes(6));
    assert_eq!(
        computer.get("/day").await.location(),
        "/post?next=/day",
        "after the post's five minutes, not after an hour"
    );
    // Closed, the post takes such a session with it.
    site.world.at(start() + TimeDelta::minutes(7));
    computer
        .post("/sign-in", &[("login", "gestionnaire"), ("password", PASSWORD)])
        .await;
    assert_eq!(computer.get("/day").await.status, StatusCode::OK);
    posts::close(site.world.store(), "ACCUEIL", "Accueil 1", By::CommandLine).expect("closed");
    assert!(computer.get("/day").await.status.is_redirection());
}

#[tokio::test]
async fn what_is_done_at_a_locked_post_is_nobodys_act() {
    let site = Site::new();
    pin(&site, "gestionnaire", PIN);
    let mut computer = computer(&site).await;
    for _ in 0..posts::MOST_TRIES {
        enter(&site, &mut computer, "gestionnaire", "111119").await;
    }
    let user = site.world.viewer("gestionnaire").user;
    let post = posts::list(site.world.store()).expect("read")[0].id;
    for (stream, kind) in [(post.0, "post_tied"), (user.0, "pin_locked")] {
        let events = site
            .world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| chain::events(tx, stream, 0, 100))
            .expect("readable");
        let event = events.iter().find(|e| e.kind == kind).expect(kind);
        assert!(event.meta.contains(&post.to_string()), "{}", event.meta);
        assert!(
            !event.meta.contains("command_line") && !event.meta.contains(&user.to_string()),
            "{}",
            event.meta
        );
    }
}

#[tokio::test]
async fn an_offer_that_is_no_id_is_not_all_of_them() {
    let site = Site::new();
    let mut browser = site.browser("gestionnaire").await;
    let id = site.world.new_id().to_string();
    let answer = browser
        .post("/watch/answer", &[("id", &id), ("decision", "take:mal-copié")])
        .await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
}

#[tokio::test]
async fn a_person_sets_the_pin_with_the_password() {
    let site = Site::new();
    let mut browser = site.browser("gestionnaire").await;
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    let put = |password, pin, again| [("password", password), ("pin", pin), ("again", again)];
    for (pairs, field) in [
        (put("faux", PIN, PIN), "password"),
        (put(PASSWORD, "123456", "123456"), "pin"),
        (put(PASSWORD, PIN, "482914"), "again"),
    ] {
        let answer = browser.post("/account", &pairs).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(
            !answer.text.contains(PIN) && !answer.text.contains(PASSWORD),
            "nothing secret comes back"
        );
    }
    let answer = browser.post("/account", &put(PASSWORD, PIN, PIN)).await;
    assert_eq!(answer.location(), "/account?done=pin", "{}", answer.text);
    let mut computer = computer(&site).await;
    assert!(
        enter(&site, &mut computer, "gestionnaire", PIN)
            .await
            .status
            .is_redirection()
    );
}
