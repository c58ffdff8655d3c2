//! Every route against every relation: who is answered, and that the unseen
//! answers like the nonexistent. A route whose rule is not known here fails.

use axum::http::StatusCode;
use relais_mechanism::{DataClass, Priority, Role};
use relais_server::routes::Verb;
use relais_server::{Kind, Route, Rule, registry};
use uuid::Uuid;

use crate::subject::{Ids, Of, nowhere, path};
use crate::support::{Answer, Browser, Program, Site};

/// Accounts of the fixture, and what each is to the case and the referral.
const RELATIONS: &[(&str, &str)] = &[
    ("gestionnaire", "on the case"),
    ("collegue", "same organisation, off the case"),
    ("superviseur", "supervisor"),
    ("hopital", "provider of another service"),
    ("atelier", "provider"),
    ("autre", "other organisation"),
    ("secretariat", "secretariat"),
    ("regional", "regional focal point"),
    ("administrateur", "administrator"),
    ("delegue", "data-protection officer"),
];

/// Where the referral stands when the routes are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Before,
    Accepted,
    Ended,
}

/// Whether the relation may be answered with more than "not found" by the rule.
fn may(rule: Rule, path: &str, login: &str, roles: &[Role], stage: Stage) -> bool {
    let team = matches!(login, "gestionnaire" | "superviseur");
    match rule {
        Rule::Public | Rule::Shown | Rule::SignedIn | Rule::Link => true,
        Rule::Role(wanted) => wanted.iter().any(|r| roles.contains(r)),
        // From acceptance on, within the classes that came with it.
        // An interview in which nothing was said that a provider may read is not there for it.
        Rule::CaseSeen => team || login == "atelier" && stage == Stage::Accepted && !path.contains("/forms/"),
        Rule::CaseSupervised => login == "superviseur",
        Rule::CaseWorked | Rule::NeedWorked | Rule::ReferralSent => team,
        Rule::LateWatched => matches!(login, "secretariat" | "regional"),
        // A case manager does not press another organisation's hierarchy.
        Rule::ReferralPressed => matches!(login, "superviseur" | "secretariat" | "regional"),
        // No override is written in this world, and no arrival of many is prepared, and nobody complains.
        Rule::OverrideJudged | Rule::GroupWorked | Rule::ComplaintReceived => false,
        // Of another case of the same team to the same provider.
        Rule::StopSeen => team || login == "atelier",
        Rule::WebhookOwned => login == "superviseur",
        Rule::SameAsked => team,
        // The workshop's entry; no change of it waits in this world.
        Rule::EntrySeen => matches!(login, "atelier" | "secretariat" | "regional"),
        Rule::ChangeJudged => false,
        Rule::AgreementSeen => true,
        Rule::AgreementKept => login == "secretariat",
        // No programme pays in this world.
        Rule::ProgrammeSeen | Rule::ProgrammeKept => false,
        // The register that is asked is the office's alone.
        Rule::RegisterSeen | Rule::RegisterKept => login == "secretariat",
        Rule::SafeguardsKept => matches!(login, "secretariat" | "regional"),
        // A slip is typed in by whoever holds it: one of the two sides.
        Rule::ReferralSeen if path.ends_with("/slips") => team || login == "atelier",
        // The secretariat reads a referral's code, priority, holder and lateness (DESIGN §5).
        // Of another case, proposed to the other organisation.
        Rule::TransferSeen => team || login == "autre",
        // Somebody works on the case.
        Rule::CaseUnclaimed => false,
        Rule::ReferralSeen => team || matches!(login, "atelier" | "secretariat" | "regional"),
    }
}

async fn world(site: &Site, stage: Stage) -> Ids {
    let (world, who) = (&site.world, site.world.viewer("gestionnaire"));
    let case = world
        .register(&who, "Salomé Essai Bilodémo", 30)
        .await
        .expect("registered")
        .id;
    world
        .consent(&who, case, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world.need(&who, case, "VTC.02", Priority::P4).await.expect("a need").id;
    let referral = world.send(&who, need, "S-COUTURE").await.expect("sent").id;
    let provider = site.program("atelier");
    let act = async |program: &Program, command: serde_json::Value| {
        let at = format!("/api/v1/referrals/{referral}");
        let mut body = command;
        body["id"] = serde_json::json!(world.new_id());
        body["version"] = program.get(&at).await.json()["version"].clone();
        let done = program.post(&format!("{at}/acts"), body).await;
        assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
    };
    if stage != Stage::Before {
        act(&provider, serde_json::json!({"command": "accept"})).await;
    }
    if stage == Stage::Ended {
        act(&provider, serde_json::json!({"command": "start"})).await;
        act(&provider, serde_json::json!({"command": "report", "outcome": "served"})).await;
        let sender = site.program("gestionnaire");
        act(
            &sender,
            serde_json::json!({"command": "confirm", "confirmation": "person_through_sender"}),
        )
        .await;
        // Thirty days after its end, the provider's access is over too.
        world.at(relais_fixture::start() + chrono::TimeDelta::days(45));
    }
    let stop = stopped(site).await;
    let need_now = world.need(&who, case, "VTC.02", Priority::P1).await.expect("a need").id;
    let emergency = world.send(&who, need_now, "S-COUTURE").await.expect("sent").id;
    let moving = world
        .register(&who, "Proposée Essai Bilodémo", 30)
        .await
        .expect("registered")
        .id;
    world.agree(&who, moving, "AUTRE").await.expect("agreed");
    let transfer = world.propose(&who, moving, "AUTRE").await.expect("proposed").id;
    let same = world.asked("autre", &who).await;
    // No override is written in this world, no arrival of many is prepared, and nobody complains.
    let mut ids = nowhere();
    ids.extend([
        (Of::Case, case),
        (Of::Need, need),
        (Of::Referral, referral),
        (Of::Call, emergency),
        (Of::Late, emergency),
        (Of::Stop, stop),
        (Of::Transfer, transfer),
        (Of::Same, same),
        (Of::Webhook, crate::subject::webhook(world).await),
        (Of::Entry, relais_fixture::id("S-COUTURE")),
        (Of::Organisation, relais_fixture::id("ATELIER")),
        (Of::Line, crate::subject::line(world).await),
        (Of::Agreement, crate::subject::agreement(world, "ENG-2")),
    ]);
    ids
}

/// A request to the workshop to stop using what it received, in another case.
async fn stopped(site: &Site) -> Uuid {
    let (world, who) = (&site.world, site.world.viewer("gestionnaire"));
    let case = world
        .register(&who, "Retirée Essai Bilodémo", 30)
        .await
        .expect("registered")
        .id;
    world
        .consent(&who, case, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world.need(&who, case, "VTC.02", Priority::P4).await.expect("a need").id;
    let referral = world.send(&who, need, "S-COUTURE").await.expect("sent").id;
    let at = format!("/api/v1/referrals/{referral}");
    let provider = site.program("atelier");
    let version = provider.get(&at).await.json()["version"].clone();
    let body = serde_json::json!({"id": world.new_id(), "version": version, "command": "accept"});
    let done = provider.post(&format!("{at}/acts"), body).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
    world.withdraw(&who, case, "stop_sharing").await.expect("withdrawn");
    world.stops(case)[0]
}

/// A body that can be read and that no rule would carry out: a version of
/// before the beginning, a service and a reason that do not exist.
fn body(route: &Route) -> serde_json::Value {
    use serde_json::json;
    let id = Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_ffff);
    match route.path {
        "/api/v1/groups" => return json!({"id": id, "kind": "bus", "entry_point": "NONE", "on": "2026-11-23"}),
        "/api/v1/groups/{id}/closure" => return json!({}),
        "/api/v1/webhooks/{id}/test" | "/api/v1/webhooks/{id}/end" => return json!({"id": id}),
        "/api/v1/expected/{id}/acts" => return json!({"command": "take"}),
        _ => {}
    }
    match route.path.rsplit('/').next().unwrap_or_default() {
        "next" => json!({}),
        "rows" | "break" => json!({"id": id}),
        "list" => json!({"id": id, "file": ""}),
        "queue" => json!({"id": id, "version": -1, "header": 0, "columns": {}}),
        "answers" if route.path.contains("/handovers/") => json!({"id": id, "decision": "take"}),
        "answers" => json!({"answers": {}}),
        "registration" => json!({"id": id, "answers": {}}),
        "cases" => json!({"id": id, "answers": {}}),
        "emergencies" => json!({"id": id, "code": "", "reason": "", "life_in_danger": false}),
        "protection" => json!({"id": id, "version": -1, "protected": true, "person_agrees": true}),
        "child" | "{section}" => json!({"id": id, "version": -1, "answers": {}}),
        "consents" => json!({"id": id, "answers": {}, "lines": []}),
        "withdrawals" => json!({"id": id, "lines": ["C99"], "effect": "both"}),
        "needs" => json!({"id": id, "service": "NONE.99", "priority": "P3"}),
        "name-checks" => json!({"answers": {}}),
        "perhaps" => json!({"id": id, "command": "nothing"}),
        "join" | "separation" => json!({"id": id, "other": id}),
        "answer" if route.path.contains("/closure/") => json!({"id": id, "version": -1, "answer": "withdraw"}),
        "answer" => json!({"id": id, "version": -1, "answer": "no"}),
        "confirmation" if route.path.contains("/entries/") => json!({"id": id, "entries": []}),
        "safeguards" => json!({"id": id, "version": -1, "papers": []}),
        "publication" => json!({"id": id}),
        "ratifications" => json!({"id": id, "version": -1}),
        "session" => json!({"id": id, "version": -1, "minutes": "x"}),
        "agreements" => {
            json!({"id": id, "reference": "", "kind": "MOU", "classes": [], "purposes": [], "max_sensitivity": "S3",
                "signature": {"party": "", "function": ""}})
        }
        "signatures" => json!({"id": id, "version": -1, "signature": {"party": "", "function": ""}}),
        "renewal" => json!({"id": id, "version": -1, "function": ""}),
        "denunciation" => json!({"id": id, "version": -1, "reason": ""}),
        "programmes" => json!({"id": id, "code": "", "said": {"name": {"fr": "", "en": ""}, "organisation": ""}}),
        "changes" if route.path.contains("/programmes/") => {
            json!({"id": id, "version": -1, "said": {"name": {"fr": "", "en": ""}, "organisation": ""}})
        }
        "{register}" => json!({"id": id, "values": {}}),
        "changes" if route.path.contains("/registers/") => json!({"id": id, "version": -1, "values": {}}),
        "changes" => json!({"id": id, "version": -1, "opening_hours": "x"}),
        "capacity" => json!({"id": id, "version": -1, "available": 1}),
        "life" => json!({"id": id, "version": -1, "step": "archive", "reason": "x"}),
        "decision" if route.path.contains("/moderation/") => json!({"id": id, "version": -1, "decision": "accept"}),
        "confirmation" => json!({"id": id, "version": -1}),
        "plan" => {
            json!({"id": id, "version": -1, "plan": {"wish": "x", "goals": [], "status": "draft", "review_on": "2026-12-01", "agreed": false}})
        }
        "end" => json!({"id": id, "version": -1, "reason": "left", "on": "2026-11-01", "source": "x"}),
        "reopening" => json!({"id": id, "version": -1, "reason": "x"}),
        "closure" => json!({"id": id, "version": -1, "closing": {"reason": "NONE", "interview": false}}),
        "follow-up" => json!({"id": id, "version": -1, "result": "reached"}),
        "services" => json!({"code": ""}),
        "referrals" => json!({"id": id, "service": id, "person_informed": false}),
        "overrides" => json!({"id": id, "service": id, "kind": "LEGAL", "reason": ""}),
        "decision" => json!({"id": id, "version": -1, "decision": "cosign"}),
        "handovers" => json!({"id": id, "to": id, "cases": []}),
        "lines" => json!({"id": id, "version": -1, "region": "CM005", "rank": 1, "who": "Essai", "number": "116"}),
        "tests" => json!({"id": id, "version": -1, "region": "CM005", "rank": 1, "answered": true}),
        "calls" if route.path.contains("/late/") => json!({"id": id, "channel": "none", "answered_by": "Essai"}),
        "settlement" => json!({"id": id, "version": -1, "reason": "no_service"}),
        "figures" if route.path.contains("/inbox/") => json!({"id": id, "version": -1, "text": "x"}),
        "figures" => json!({"id": id}),
        "calls" => json!({"id": id, "version": -1, "with_person": "Essai"}),
        "steps" => json!({"id": id, "version": -1, "act": "note", "text": "x"}),
        "payment" => json!({"id": id, "version": -1, "payment": {"payer": "FREE"}}),
        "links" | "slip" => json!({"id": id}),
        "slips" => json!({"id": id, "ticked": "not_served", "name": "Essai"}),
        "transfers" => json!({"id": id, "to": id, "person_informed": false}),
        "assignment" => json!({"id": id, "version": -1, "to": id}),
        "claim" => json!({"id": id}),
        "webhooks" => json!({"id": id, "url": "essai"}),
        "acts" if route.path.contains("transfers") => json!({"id": id, "version": -1, "command": "cancel"}),
        "acts" => json!({"id": id, "version": -1, "command": "void", "reason": "x"}),
        other => panic!("say what {other} reads"),
    }
}

/// Asks a route.
async fn ask(browser: &mut Browser, program: &Program, route: &Route, path: &str) -> Answer {
    match (route.kind, route.verb) {
        (Kind::Page, Verb::Get) => browser.get(path).await,
        (Kind::Page, Verb::Post) => {
            let id = Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_fffe).to_string();
            let pairs = [
                ("id", id.as_str()),
                ("version", "-1"),
                ("service", &id),
                ("referral", &id),
                ("to", &id),
                ("command", "acknowledge"),
                ("answer", "confirm"),
                ("step", "archive"),
                ("decision", "accept"),
            ];
            browser.post(path, &pairs).await
        }
        (Kind::Api, Verb::Get) => program.get(path).await,
        (Kind::Api, Verb::Post) => program.post(path, body(route)).await,
    }
}

async fn walk(stage: Stage) {
    let site = Site::new();
    let ids = world(&site, stage).await;
    let nowhere = nowhere();
    for (login, relation) in RELATIONS {
        let roles = site.world.viewer(login).roles;
        for route in registry() {
            // The doors sign in and out, links open to nobody who is signed in; they have tests of their own.
            if matches!(route.rule, Rule::Public | Rule::Shown | Rule::Link) {
                continue;
            }
            let mut browser = site.browser(login).await;
            let program = site.program(login);
            let here = path(route, &ids);
            let answer = ask(&mut browser, &program, route, &here).await;
            let say = format!(
                "{stage:?}: {relation} ({login}): {:?} {} {:?}",
                route.verb, route.path, route.rule
            );
            assert!(!answer.status.is_server_error(), "{say}: {}", answer.text);
            let mut allowed = may(route.rule, route.path, login, &roles, stage);
            if *login == "atelier" && stage == Stage::Ended && route.rule == Rule::ReferralSeen {
                // After the end: whatever is answered, it names nobody.
                allowed = answer.status != StatusCode::NOT_FOUND;
            }
            if allowed {
                assert_ne!(answer.status, StatusCode::NOT_FOUND, "{say} must be answered");
                assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{say}");
            } else {
                assert_eq!(
                    answer.status,
                    StatusCode::NOT_FOUND,
                    "{say} must not be seen: {}",
                    answer.text
                );
                if route.path.contains("{id}") {
                    let there = ask(&mut browser, &program, route, &path(route, &nowhere)).await;
                    assert_eq!(there.status, answer.status, "{say}: the nonexistent");
                    assert_eq!(there.text, answer.text, "{say}: the nonexistent reads alike");
                    assert_eq!(names(&there), names(&answer), "{say}: headers");
                }
            }
            let team = matches!(*login, "gestionnaire" | "superviseur");
            if !(team || *login == "atelier" && stage == Stage::Accepted) {
                assert!(!answer.text.contains("Salomé"), "{say} names the person");
                assert!(
                    !answer.text.contains("677123456") && !answer.text.contains("77\u{a0}12"),
                    "{say} gives the number"
                );
            }
        }
    }
}

fn names(answer: &Answer) -> Vec<String> {
    answer.headers.keys().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn before_acceptance() {
    walk(Stage::Before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_acceptance() {
    walk(Stage::Accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_end() {
    walk(Stage::Ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_signed_in_is_sent_to_the_door() {
    let site = Site::new();
    let ids = world(&site, Stage::Before).await;
    let mut browser = site.stranger();
    let program = Program {
        app: site.app.clone(),
        token: "relais_none".to_owned(),
    };
    for route in registry()
        .iter()
        .filter(|r| !matches!(r.rule, Rule::Public | Rule::Shown | Rule::Link))
    {
        let answer = ask(&mut browser, &program, route, &path(route, &ids)).await;
        match (route.kind, route.verb) {
            (Kind::Page, Verb::Get) => assert!(answer.location().starts_with("/sign-in?next="), "{}", route.path),
            _ => assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", route.path),
        }
    }
}
