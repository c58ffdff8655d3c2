//! Amounts stand on the referral's own page and nowhere else: planted ones are
//! looked for in every answer to everybody, in every message and in the clear
//! columns of the database.

use axum::http::StatusCode;
use chrono::TimeDelta;
use relais_mechanism::{DataClass, Priority};
use relais_server::routes::Verb;
use relais_server::{Kind, Rule, registry};
use relais_store::{StoreError, Tx};
use serde_json::json;

use crate::subject::{Of, nowhere, path};
use crate::support::Site;

/// Ceiling, announced cost, voucher and transport, as they can be read: raw and in groups.
const PLANTED: [&str; 6] = [
    "734911265",
    "734\u{202f}911\u{202f}265",
    "862137749",
    "862\u{202f}137\u{202f}749",
    "BON-PLANTE-77",
    "Taxi-planté",
];

fn planted(text: &str) -> Vec<&'static str> {
    PLANTED.into_iter().filter(|p| text.contains(p)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_stand_on_the_page_of_the_referral_and_nowhere_else() {
    let site = Site::new();
    let (world, who) = (&site.world, site.world.viewer("gestionnaire"));
    let case = world
        .register(&who, "Essai Prixdemo Cachet", 30)
        .await
        .expect("registered")
        .id;
    world
        .consent(&who, case, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world.need(&who, case, "VTC.02", Priority::P4).await.expect("a need").id;
    let referral = world.send(&who, need, "S-COUTURE").await.expect("sent").id;
    let sender = site.program("gestionnaire");
    let at = format!("/api/v1/referrals/{referral}");
    let pay = |version: i64| {
        json!({"id": world.new_id(), "version": version, "payment": {
            "payer": "PROJ", "voucher": "BON-PLANTE-77", "ceiling": 734_911_265, "until": "2026-12-31",
            "transport": "Taxi-planté", "announced": 862_137_749,
        }})
    };
    let done = sender.post(&format!("{at}/payment"), pay(0)).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
    let again = sender.post(&format!("{at}/payment"), pay(0)).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "written meanwhile: {}", again.text);
    let provider = site.program("atelier");

    // Before acceptance the provider reads who pays, and no amount.
    let offer = provider.get(&at).await;
    assert_eq!(planted(&offer.text), Vec::<&str>::new());
    assert!(
        offer.text.contains("OIM ou projet") || offer.text.contains("IOM or project"),
        "{}",
        offer.text
    );
    let mut ids = nowhere();
    ids.extend([
        (Of::Case, case),
        (Of::Need, need),
        (Of::Referral, referral),
        (Of::Call, referral),
        (Of::Late, referral),
    ]);
    for accepted in [false, true] {
        if accepted {
            let version = offer.json()["version"].clone();
            let body = json!({"id": world.new_id(), "version": version, "command": "accept"});
            let done = provider.post(&format!("{at}/acts"), body).await;
            assert_eq!(done.status, StatusCode::CREATED, "{}", done.text);
            let mut browser = site.browser("atelier").await;
            let page = browser.get(&format!("/referrals/{referral}")).await;
            assert!(
                planted(&page.text).len() >= 4,
                "the provider that accepted reads it: {}",
                page.text
            );
        }
        let logins = [
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
        for login in logins {
            let (mut browser, program) = (site.browser(login).await, site.program(login));
            for route in registry() {
                if route.verb == Verb::Post || matches!(route.rule, Rule::Public | Rule::Link) {
                    continue;
                }
                let path = path(route, &ids);
                let answer = match route.kind {
                    Kind::Page => browser.get(&path).await,
                    Kind::Api => program.get(&path).await,
                };
                let own = matches!(
                    route.path,
                    "/referrals/{id}" | "/referrals/{id}/payment" | "/api/v1/referrals/{id}"
                );
                let reads = matches!(login, "gestionnaire" | "superviseur") || (login == "atelier" && accepted);
                let found = planted(&answer.text);
                assert!(
                    found.is_empty() || (own && reads),
                    "{login} reads {found:?} at {} (accepted: {accepted})",
                    route.path
                );
                let title = answer
                    .text
                    .split("<title>")
                    .nth(1)
                    .and_then(|t| t.split("</title>").next());
                assert!(
                    planted(title.unwrap_or_default()).is_empty(),
                    "a title at {}",
                    route.path
                );
            }
        }
    }
    // Reminders go out; nothing in clear at rest says an amount.
    world.at(relais_fixture::start() + TimeDelta::days(20));
    relais_acts::work::once(&world.desk).expect("worked");
    let clear = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| -> Result<(String, usize), StoreError> {
            let (mut all, mut notices) = (String::new(), 0);
            for table in [
                "outbox",
                "event",
                "request_log",
                "referral",
                "need",
                "case_file",
                "disclosure",
                "due_work",
                "counter_cell",
                "grant_row",
            ] {
                let rows = tx.query_built(&format!("SELECT * FROM {table}"), &[])?;
                notices += if table == "outbox" { rows.len() } else { 0 };
                all.push_str(&format!("{rows:?}"));
            }
            Ok((all, notices))
        })
        .expect("readable");
    assert!(clear.1 > 0, "messages were written");
    assert_eq!(planted(&clear.0), Vec::<&str>::new());
    let file = std::fs::read(world.folder.path().join("data/relais.sqlite")).expect("the database");
    let text = String::from_utf8_lossy(&file);
    assert_eq!(planted(&text), Vec::<&str>::new(), "the file itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pays_is_written_on_a_page_and_comes_back_with_its_mistakes() {
    let site = Site::new();
    let (world, who) = (&site.world, site.world.viewer("gestionnaire"));
    let case = world
        .register(&who, "Essai Prixdemo Cachet", 30)
        .await
        .expect("registered")
        .id;
    world
        .consent(&who, case, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world.need(&who, case, "VTC.02", Priority::P4).await.expect("a need").id;
    let referral = world.send(&who, need, "S-COUTURE").await.expect("sent").id;
    let mut browser = site.browser("gestionnaire").await;
    let at = format!("/referrals/{referral}/payment");
    let page = browser.get(&at).await;
    assert_eq!(page.status, StatusCode::OK);
    let (id, version) = (page.hidden("id"), page.hidden("version"));
    let wrong = [
        ("id", id.as_str()),
        ("version", version.as_str()),
        ("payer", "PROJ"),
        ("voucher", "BON-1"),
        ("ceiling", "beaucoup"),
        ("until", "32/13/2026"),
    ];
    let back = browser.post(&at, &wrong).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(back.text.contains("beaucoup") && back.text.contains("32/13/2026") && back.text.contains("BON-1"));
    let past = [
        ("id", id.as_str()),
        ("version", version.as_str()),
        ("payer", "NOBODY"),
        ("until", "01/01/2020"),
    ];
    let back = browser.post(&at, &past).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", back.text);
    let right = [
        ("id", id.as_str()),
        ("version", version.as_str()),
        ("payer", "SELF"),
        ("ceiling", "25 000 FCFA"),
        ("announced", "0"),
    ];
    let done = browser.post(&at, &right).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let page = browser.get(&format!("/referrals/{referral}")).await;
    assert!(page.text.contains("25\u{202f}000"), "{}", page.text);
    // The colleague who is off the case, and the provider, find no such page.
    for login in ["collegue", "atelier", "secretariat"] {
        let mut other = site.browser(login).await;
        assert_eq!(other.get(&at).await.status, StatusCode::NOT_FOUND, "{login}");
    }
}
