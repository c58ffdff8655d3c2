//! The slip over HTTP: printed by the sender, typed in where nobody is signed
//! in, with nothing of the referral on the screen.

use axum::http::StatusCode;

use crate::links::sent;
use crate::support::{Answer, Browser, Site};

async fn typed(browser: &mut Browser, id: &str, number: &str, code: &str) -> Answer {
    let pairs = [
        ("id", id),
        ("number", number),
        ("code", code),
        ("ticked", "accepted"),
        ("name", "M. Fiche Essai"),
    ];
    browser.post("/slip", &pairs).await
}

#[tokio::test(flavor = "multi_thread")]
async fn printed_by_the_sender_and_typed_in_by_whoever_holds_it() {
    let site = Site::new();
    let referral = sent(&site).await;
    let mut sender = site.browser("gestionnaire").await;
    let at = format!("/referrals/{referral}/slip");
    let page = sender.get(&at).await;
    assert!(!page.text.contains("class=\"sheet\""), "not prepared");
    let (_, page) = sender.post_then(&at, &[("id", &page.hidden("id"))]).await;
    assert!(
        page.text.contains("class=\"sheet\"") && !page.text.contains("Salomé"),
        "{}",
        page.text
    );
    let between = |from: &str, to: &str| {
        let rest = page.text.split(from).nth(1).expect("there");
        rest.split(to).next().expect("there").to_owned()
    };
    let number = between("<p class=\"num\">", "<");
    let code = between("<b class=\"nb\">", "<");

    let mut holder = site.stranger();
    let form = holder.get("/slip").await;
    assert!(form.text.contains("name=\"code\""));
    let id = form.hidden("id");
    let refused = typed(&mut holder, &id, &number, "AAAA-BBBB").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(!refused.text.contains("AAAA-BBBB") && refused.text.contains(&number));
    let unknown = typed(&mut holder, &id, "R-2026-000999-Z", &code).await;
    assert_eq!(
        refused.text.replace(&number, ""),
        unknown.text.replace("R-2026-000999-Z", ""),
        "a slip that never was reads alike"
    );
    let done = typed(&mut holder, &id, &number, &code).await;
    assert_eq!(
        (done.status, done.location()),
        (StatusCode::SEE_OTHER, "/slip?done=yes"),
        "{}",
        done.text
    );
    let page = sender.get(&format!("/referrals/{referral}")).await;
    assert!(
        page.text.contains("Répondu sur la fiche") && page.text.contains("M. Fiche Essai"),
        "{}",
        page.text
    );

    // Rationed by number, as links are.
    let mut last = StatusCode::OK;
    for _ in 0..6 {
        last = typed(&mut holder, &id, &number, "AAAABBBB").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_in_no_code_is_asked_and_each_gap_is_named() {
    let site = Site::new();
    let referral = sent(&site).await;
    let mut sender = site.browser("gestionnaire").await;
    let number = site
        .program("gestionnaire")
        .get(&format!("/api/v1/referrals/{referral}/slip"))
        .await
        .json()["number"]
        .as_str()
        .expect("a number")
        .to_owned();
    let form = sender.get(&format!("/slip?number={number}")).await;
    assert!(!form.text.contains("name=\"code\"") && form.text.contains(&number));
    let id = form.hidden("id");
    let gaps = sender.post("/slip", &[("id", id.as_str()), ("on", "32/13/2026")]).await;
    assert_eq!(gaps.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["number", "ticked", "on"] {
        assert!(
            gaps.text.contains(&format!("id=\"{field}-e\"")),
            "{field}: {}",
            gaps.text
        );
    }
    assert_eq!(typed(&mut sender, &id, &number, "").await.status, StatusCode::SEE_OTHER);
    // Another organisation reads what it reads of a number that is not there.
    let mut other = site.browser("autre").await;
    let unseen = typed(&mut other, &id, &number, "").await;
    let nothing = typed(&mut other, &id, "R-2026-000999-Z", "").await;
    assert_eq!(unseen.status, StatusCode::CONFLICT);
    assert_eq!(
        unseen.text.replace(&number, ""),
        nothing.text.replace("R-2026-000999-Z", "")
    );
}
