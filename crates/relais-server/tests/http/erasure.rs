//! One of several persons is erased. Every page, list and answer of the API
//! goes on for everybody: where the person stood it says "effacée", and nothing
//! of them is read any more, also on a database that was restored from before
//! the erasure.

use axum::http::StatusCode;
use relais_acts::Viewer;
use relais_acts::commands::ReferralCommand;
use relais_acts::erase::{self, EraseCase};
use relais_casework::erasure::ErasureReason;
use relais_casework::referral::{Confirmation, DeclineCode, Outcome};
use relais_mechanism::{DataClass, Priority};
use relais_network::CaseId;
use relais_server::routes::Verb;
use relais_server::{Kind, Rule, registry};
use relais_store::rows::cases::{CaseRecord, PersonRecord};
use relais_store::{StoreError, Tx};
use serde_json::json;
use uuid::Uuid;

use crate::subject::{Ids, Of, nowhere, path};
use crate::support::{Answer, Site};

const EVERYBODY: [&str; 10] = [
    "gestionnaire",
    "collegue",
    "superviseur",
    "hopital",
    "atelier",
    "autre",
    "secretariat",
    "regional",
    "administrateur",
    "delegue",
];

/// What tells who the erased person is; nobody else in the world has it.
const TELLING: [&str; 4] = ["Zipporah", "Quvimbo", "Z.\u{a0}Q.", "Z. Q."];

/// A person's case with what hangs on it.
struct Person {
    case: Uuid,
    code: String,
    need: Uuid,
    referral: Uuid,
    /// Each by what it is; after the erasure also the request to destroy.
    ids: Ids,
}

async fn give(site: &Site, who: &Viewer, id: Uuid, command: ReferralCommand) {
    site.world.give(who, id, command).await.expect("done");
}

/// A person with two needs: the first was served and confirmed; the second was
/// declined, or `waits` on the provider.
async fn person(site: &Site, name: &str, waits: bool) -> Person {
    let world = &site.world;
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let made = world.register(&manager, name, 28).await.expect("registered");
    let classes = [DataClass::Identity, DataClass::Contact, DataClass::Skills];
    world.consent(&manager, made.id, &classes).await.expect("consented");
    let need = |p| world.need(&manager, made.id, "VTC.02", p);
    let served = need(Priority::P4).await.expect("a need").id;
    let referral = world.send(&manager, served, "S-COUTURE").await.expect("sent").id;
    let by_name = String::new();
    give(site, &provider, referral, ReferralCommand::Accept { by_name }).await;
    give(site, &provider, referral, ReferralCommand::Start).await;
    let (outcome, text) = (Outcome::Served, format!("{name} a suivi le cours"));
    give(site, &provider, referral, ReferralCommand::Report { outcome, text }).await;
    let confirmation = Confirmation::PersonThroughSender;
    give(site, &manager, referral, ReferralCommand::Confirm { confirmation }).await;
    let other = need(Priority::P3).await.expect("a need").id;
    let second = world.send(&manager, other, "S-COUTURE").await.expect("sent").id;
    if waits {
        give(site, &provider, second, ReferralCommand::Acknowledge).await;
    } else {
        let (code, suggested) = (DeclineCode::NoCapacity, None);
        give(site, &provider, second, ReferralCommand::Decline { code, suggested }).await;
    }
    let mut ids = nowhere();
    ids.extend([
        (Of::Case, made.id),
        (Of::Need, other),
        (Of::Referral, referral),
        (Of::Call, referral),
        (Of::Late, other),
    ]);
    Person {
        case: made.id,
        code: made.code,
        need: other,
        referral,
        ids,
    }
}

/// Everything that anybody can read, by whom and where.
async fn walk(site: &Site, person: &Person) -> Vec<(&'static str, &'static str, Rule, Answer)> {
    let mut seen = Vec::new();
    for login in EVERYBODY {
        let mut browser = site.browser(login).await;
        let program = site.program(login);
        for route in registry().iter().filter(|r| r.verb == Verb::Get) {
            let path = path(route, &person.ids);
            let answer = match route.kind {
                Kind::Page => browser.get(&path).await,
                Kind::Api => program.get(&path).await,
            };
            let said = &answer.text;
            assert!(!answer.status.is_server_error(), "{login} at {path}: {said}");
            seen.push((login, route.path, route.rule, answer));
        }
        let found = browser.get(&format!("/cases?code={}", person.code)).await;
        seen.push((login, "/cases?code=", Rule::SignedIn, found));
    }
    seen
}

fn says_erased(answer: &Answer) -> bool {
    // In words for people, as a member for programs.
    answer.text.contains("effacée")
        || answer.text.contains(r#""erased":true"#)
        || answer.text.contains(r#""effect":"erased""#)
}

/// Holds what was read to the promise; who reads what, so that the test sees
/// when nobody reads anything.
fn hold(before: &[(&str, &str, Rule, Answer)], after: &[(&str, &str, Rule, Answer)], person: &Person) -> Vec<String> {
    let mut told = Vec::new();
    for ((login, path, _, was), (_, _, rule, answer)) in before.iter().zip(after) {
        let place = format!("{login} at {path} ({rule:?})");
        for word in TELLING {
            assert!(!answer.text.contains(word), "{place} reads {word}: {}", answer.text);
        }
        // Whoever could open it is told why it is empty; nobody learns more than before.
        let own = path.contains("{id}") && *rule != Rule::Shown;
        let office = ["secretariat", "regional"].contains(login);
        if office && matches!(rule, Rule::LateWatched | Rule::ReferralPressed) && was.status.is_success() {
            // Late for nobody any more; a database that was restored says why.
            let gone = answer.status == StatusCode::GONE && says_erased(answer);
            assert!(
                gone || answer.status == StatusCode::NOT_FOUND,
                "{place}: {}",
                answer.text
            );
            continue;
        }
        // The forms of a case are gone with the person, as every page that is written.
        let shown = matches!(rule, Rule::CaseSeen | Rule::ReferralSeen) && !place.contains("/forms/");
        if own && was.status.is_success() && shown {
            // An ended case is late for nobody: the office does not see it any more.
            let gone = answer.status == StatusCode::NOT_FOUND && ["secretariat", "regional"].contains(login);
            assert!(
                gone || answer.status == StatusCode::OK && says_erased(answer),
                "{place}: {}",
                answer.text
            );
        } else if own && was.status.is_success() {
            assert_eq!(answer.status, StatusCode::GONE, "{place}: {}", answer.text);
            assert!(says_erased(answer), "{place}: {}", answer.text);
        } else {
            assert_eq!(answer.status, was.status, "{place}: {}", answer.text);
        }
        // The search says the code again that was typed.
        if *path != "/cases?code=" && answer.text.contains(&person.code) && answer.status.is_success() {
            assert!(
                says_erased(answer),
                "{place} shows the case and not that it is erased: {}",
                answer.text
            );
        }
        if says_erased(answer) {
            told.push(format!("{login} {path}"));
        }
    }
    told
}

fn told(list: &[String], expected: &[&str]) {
    for place in expected {
        assert!(list.iter().any(|t| t == place), "{place} says nothing: {list:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_persons_is_erased() {
    let site = Site::new();
    let kept = person(&site, "Ferdinand Gardé Bilodémo", false).await;
    let one = person(&site, "Zipporah Quvimbo", false).await;
    let last = person(&site, "Nadège Gardée Bilodémo", true).await;
    let before = walk(&site, &one).await;
    let reads = |login, path| {
        let found = before
            .iter()
            .find(|(l, p, _, _)| (*l, *p) == (login, path))
            .expect("walked");
        TELLING.iter().any(|w| found.3.text.contains(w))
    };
    for (login, path) in [
        ("gestionnaire", "/cases/{id}"),
        ("superviseur", "/cases"),
        ("gestionnaire", "/day"),
        ("gestionnaire", "/api/v1/cases/{id}"),
        ("atelier", "/referrals/{id}"),
    ] {
        assert!(
            reads(login, path),
            "{login} at {path} reads nothing of the person before"
        );
    }
    assert!(!before.iter().any(|(_, _, _, answer)| says_erased(answer)));

    let officer = site.world.viewer("delegue");
    let command = EraseCase {
        code: one.code.clone(),
        reason: ErasureReason::Request,
        words: "Lettre du 23/11/2026".to_owned(),
        dry_run: false,
    };
    let done = erase::erase(&site.world.desk, &officer, &command).expect("erased");
    assert!(done.done && done.keys == 2, "{done:?}");

    let after = walk(&site, &one).await;
    let list = hold(&before, &after, &one);
    told(
        &list,
        &[
            "gestionnaire /cases",
            "superviseur /cases",
            "gestionnaire /cases/{id}",
            "superviseur /cases/{id}",
            "gestionnaire /cases/{id}/consent",
            "gestionnaire /cases/{id}/close",
            "gestionnaire /needs/{id}/refer",
            "gestionnaire /referrals/{id}",
            "gestionnaire /api/v1/cases",
            "gestionnaire /api/v1/cases/{id}",
            "gestionnaire /api/v1/referrals/{id}",
            "atelier /referrals/{id}",
            "atelier /inbox",
            "atelier /api/v1/inbox",
        ],
    );
    // The reason is on the page, and what was written beside it for the case's team only.
    let page = site
        .browser("gestionnaire")
        .await
        .get(&format!("/cases/{}", one.case))
        .await;
    assert!(page.text.contains("à la demande de la personne") && page.text.contains("Lettre du 23/11/2026"));
    let theirs = site
        .browser("atelier")
        .await
        .get(&format!("/referrals/{}", one.referral))
        .await;
    assert!(!theirs.text.contains("Lettre du 23/11/2026"));

    // The others are as they were.
    for other in [&kept, &last] {
        let page = site
            .browser("gestionnaire")
            .await
            .get(&format!("/cases/{}", other.case))
            .await;
        assert!(
            page.status.is_success() && page.text.contains("Bilodémo"),
            "{}",
            page.text
        );
    }
    let cases = site.program("superviseur").get("/api/v1/cases").await.json();
    let rows = cases["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 3);
    assert_eq!(rows.iter().filter(|r| r["erased"] == true).count(), 1);
    let view = site
        .program("gestionnaire")
        .get(&format!("/api/v1/cases/{}", one.case))
        .await
        .json();
    assert_eq!(view["erased"]["reason"], "à la demande de la personne");
    assert!(view["name"].is_null() && view["facts"].as_array().expect("facts").is_empty());

    // Nothing can be written there any more, and a repeated request does not bring the person back.
    let program = site.program("gestionnaire");
    let (case, need) = (one.case, one.need);
    for (path, body) in [
        (
            format!("/api/v1/cases/{case}/needs"),
            json!({ "id": site.world.new_id(), "service": "VTC.02", "priority": "P3" }),
        ),
        (
            format!("/api/v1/cases/{case}/withdrawals"),
            json!({ "id": site.world.new_id(), "effect": "both" }),
        ),
        (
            format!("/api/v1/cases/{case}/closure"),
            json!({ "id": site.world.new_id(), "version": 1, "closing": { "reason": "GOAL", "interview": true } }),
        ),
        (
            format!("/api/v1/needs/{need}/referrals"),
            json!({ "id": site.world.new_id(), "service": relais_fixture::id("S-COUTURE"), "person_informed": true }),
        ),
        (
            format!("/api/v1/referrals/{}/acts", one.referral),
            json!({ "id": site.world.new_id(), "version": 1, "command": "start" }),
        ),
    ] {
        let answer = program.post(&path, body).await;
        assert_eq!(answer.status, StatusCode::GONE, "{path}: {}", answer.text);
        assert_eq!(answer.json()["code"], "erased", "{path}");
    }
    let again = json!({ "id": case, "answers": relais_fixture::arrival("Zipporah Quvimbo", 28), "happened_at": null });
    let answer = program.post("/api/v1/cases", again).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    assert_eq!(answer.json()["code"], "id_taken");
}

/// Erases the keys of a case's person and nothing else.
fn erase_the_keys(site: &Site, case: Uuid) {
    let slots = site
        .world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
            let case = CaseRecord::find(tx, CaseId(case))?.expect("the case");
            let person = PersonRecord::find(tx, case.person_id)?.expect("the person");
            Ok([person.slot, case.slot])
        })
        .expect("readable");
    site.world.store().keyring().erase_all(&slots).expect("erased");
}

/// As after the restoring of a backup from before the erasure: the keys are
/// gone, and the database knows nothing of it. One referral still waits there.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_database_that_does_not_know_yet() {
    let site = Site::new();
    person(&site, "Ferdinand Gardé Bilodémo", true).await;
    let one = person(&site, "Zipporah Quvimbo", true).await;
    let before = walk(&site, &one).await;
    erase_the_keys(&site, one.case);

    let walked = walk(&site, &one).await;
    let list = hold(&before, &walked, &one);
    told(
        &list,
        &[
            "gestionnaire /cases",
            "gestionnaire /day",
            "superviseur /api/v1/day",
            "gestionnaire /cases/{id}",
            "atelier /inbox",
            "atelier /referrals/{id}",
        ],
    );
    // Looked through, it knows.
    assert_eq!(erase::settle(&site.world.desk).expect("settled"), 1);
    assert_eq!(erase::settle(&site.world.desk).expect("settled"), 0);
    let walked = walk(&site, &one).await;
    told(
        &hold(&before, &walked, &one),
        &["gestionnaire /cases", "gestionnaire /cases/{id}"],
    );
}

/// There the secretariat's list says so too, once the waits are late, and does
/// not break; once looked through, nothing of the person is late any more.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_late_in_a_restored_database() {
    let site = Site::new();
    person(&site, "Ferdinand Gardé Bilodémo", true).await;
    let one = person(&site, "Zipporah Quvimbo", true).await;
    erase_the_keys(&site, one.case);
    site.world.at(relais_fixture::start() + chrono::TimeDelta::days(60));
    let office = site.program("secretariat");
    let late = |answer: Answer| {
        let rows = answer.json()["rows"].as_array().expect("rows").clone();
        rows.iter().filter(|r| r["erased"] == true).count()
    };
    assert_eq!(late(office.get("/api/v1/late").await), 1);
    // Its due work does nothing and holds nothing up.
    assert!(relais_acts::work::once(&site.world.desk).expect("worked").events > 0);
    assert_eq!(erase::settle(&site.world.desk).expect("settled"), 1);
    assert_eq!(late(office.get("/api/v1/late").await), 0);
}
