//! One-time links over HTTP: the secret leaves the address at once, nothing
//! tells whether a link exists, and one link is one answer.

use axum::http::StatusCode;
use relais_mechanism::{DataClass, Priority};
use uuid::Uuid;

use crate::support::{Answer, Browser, Site};

/// A referral to a provider without an account.
pub async fn sent(site: &Site) -> Uuid {
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
    let need = world.need(&who, case, "VTC.03", Priority::P4).await.expect("a need").id;
    world.send(&who, need, "S-BOIS").await.expect("sent").id
}

/// A link by the API: the path of its address, and its code.
async fn made(site: &Site, referral: Uuid) -> (String, String) {
    let body = serde_json::json!({"id": site.world.new_id()});
    let answer = site
        .program("gestionnaire")
        .post(&format!("/api/v1/referrals/{referral}/links"), body)
        .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let json = answer.json();
    let address = json["address"].as_str().expect("an address").to_owned();
    let path = address.split_once("/link/").expect("a link's address").1;
    (
        format!("/link/{path}"),
        json["code"].as_str().expect("a code").to_owned(),
    )
}

async fn typed(browser: &mut Browser, code: &str) -> Answer {
    let pairs = [
        ("code", code),
        ("name", "Mme Essai Lien"),
        ("telephone", "+237 6 77 00 00 03"),
    ];
    browser.post("/link", &pairs).await
}

/// What a browser can tell of an answer: status, headers, page without its date.
fn told(answer: &Answer) -> (StatusCode, Vec<String>, String) {
    let names = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "set-cookie" && *name != "content-length")
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default()))
        .collect();
    (answer.status, names, answer.text.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_leaves_the_address_and_the_code_opens_once() {
    let site = Site::new();
    let referral = sent(&site).await;
    let (path, code) = made(&site, referral).await;
    let secret = path.rsplit('/').next().expect("a secret").to_owned();
    assert_eq!(secret.len(), 43, "32 bytes");

    let mut provider = site.stranger();
    let arrived = provider.get(&path).await;
    assert_eq!((arrived.status, arrived.location()), (StatusCode::SEE_OTHER, "/link"));
    let cookies: Vec<_> = arrived
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|c| c.to_str().expect("text").to_owned())
        .collect();
    let own = cookies
        .iter()
        .find(|c| c.starts_with("relais_link="))
        .expect("a cookie");
    assert!(
        own.contains("Path=/link;") && own.contains("HttpOnly") && own.contains("Max-Age=1800"),
        "{own}"
    );
    assert_eq!(arrived.header("referrer-policy"), "same-origin");
    assert_eq!(arrived.header("cache-control"), "no-store");
    let asks = provider.get("/link").await;
    assert!(
        asks.text.contains("name=\"code\"") && !asks.text.contains(&secret),
        "{}",
        asks.text
    );
    assert!(!asks.text.contains("Menuiserie"), "the question names nobody");

    let opened = typed(&mut provider, &code).await;
    assert_eq!(
        (opened.status, opened.location()),
        (StatusCode::SEE_OTHER, "/link"),
        "{}",
        opened.text
    );
    let page = provider.get("/link").await;
    assert!(
        page.text.contains("Menuiserie Nkolo") && page.text.contains("Accepter"),
        "{}",
        page.text
    );
    assert!(
        !page.text.contains("Salomé") && !page.text.contains("77\u{a0}12"),
        "{}",
        page.text
    );

    // Two taps: the first opens a fold of the page, the second sends this form.
    let form = [
        ("id", page.hidden("id")),
        ("version", page.hidden("version")),
        ("command", "accept".to_owned()),
        ("go", "yes".to_owned()),
    ];
    let pairs: Vec<(&str, &str)> = form.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let (to, done) = provider.post_then("/link/answer", &pairs).await;
    assert_eq!(to, "/link?said=accepted");
    assert!(!done.text.contains("Salomé"));
    // Back and again: closed. The address: asks for a code, and none opens it.
    assert_eq!(provider.post("/link/answer", &pairs).await.status, StatusCode::GONE);
    provider.get(&path).await;
    assert_eq!(typed(&mut provider, &code).await.status, StatusCode::CONFLICT);

    // A renewed link shows what acceptance opened.
    let (path, code) = made(&site, referral).await;
    let mut provider = site.stranger();
    provider.get(&path).await;
    typed(&mut provider, &code).await;
    let page = provider.get("/link").await;
    assert!(
        page.text.contains("Salomé Essai Bilodémo") && page.text.contains("77\u{a0}12"),
        "{}",
        page.text
    );
    // Its session is of this path: it opens nothing else.
    for elsewhere in ["/inbox".to_owned(), format!("/referrals/{referral}"), "/day".to_owned()] {
        assert!(
            provider.get(&elsewhere).await.location().starts_with("/sign-in"),
            "{elsewhere}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_tells_whether_a_link_exists() {
    let site = Site::new();
    let referral = sent(&site).await;
    let (path, code) = made(&site, referral).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let mut seen = Vec::new();
    for (address, code) in [
        (path.clone(), wrong),
        (format!("/link/fr/{}", "A".repeat(43)), code.as_str()),
        ("/link/fr/x".to_owned(), wrong),
    ] {
        let mut browser = site.stranger();
        let arrived = told(&browser.get(&address).await);
        let asks = told(&browser.get("/link").await);
        let answer = told(&typed(&mut browser, code).await);
        seen.push((arrived, asks, answer));
    }
    assert_eq!(seen[0].2.0, StatusCode::CONFLICT);
    assert_eq!(seen[0], seen[1], "a link that never was");
    assert_eq!(seen[0], seen[2], "what is no link at all");
    assert!(!seen[0].2.2.contains(wrong), "a code that was typed is not shown again");
    // A language that there is not is an address that there is not.
    assert_eq!(site.stranger().get("/link/de/x").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_are_rationed_by_link_and_by_address() {
    let site = Site::new();
    let mut browser = site.stranger();
    browser.get("/link/fr/un").await;
    for n in 0..5 {
        assert_eq!(typed(&mut browser, "000000").await.status, StatusCode::CONFLICT, "{n}");
    }
    let stopped = typed(&mut browser, "000000").await;
    assert_eq!(stopped.status, StatusCode::TOO_MANY_REQUESTS);
    // Other links from the same address, until it has had enough.
    let mut last = StatusCode::OK;
    for n in 0..40 {
        let mut browser = site.stranger();
        browser.get(&format!("/link/fr/autre{n}")).await;
        last = typed(&mut browser, "000000").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_speaks_the_recipients_language_unless_the_browser_has_chosen() {
    let site = Site::new();
    let mut english = site.stranger();
    english.get("/link/en/x").await;
    assert!(english.get("/link").await.text.contains("A request awaits your answer"));
    let mut french = site.stranger();
    french.get("/language/fr").await;
    french.get("/link/en/x").await;
    assert!(
        french
            .get("/link")
            .await
            .text
            .contains("Une demande attend votre réponse")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sender_shares_a_sentence_and_a_link_and_says_the_code() {
    let site = Site::new();
    let referral = sent(&site).await;
    let mut sender = site.browser("gestionnaire").await;
    let at = format!("/referrals/{referral}/link");
    assert!(sender.get(&format!("/referrals/{referral}")).await.text.contains(&at));
    let page = sender.get(&at).await;
    let id = page.hidden("id");
    let made = sender.post(&at, &[("id", &id)]).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let code = made.text.split("class=\"say code\">").nth(1).expect("the code, large");
    let code: String = code
        .chars()
        .take_while(|c| *c != '<')
        .filter(char::is_ascii_digit)
        .collect();
    assert_eq!(code.len(), 6);
    for scheme in ["https://wa.me/?text=", "sms:?body="] {
        let text = made.text.split(scheme).nth(1).and_then(|r| r.split('"').next());
        let text = text.expect("an anchor");
        assert!(text.contains("%2Flink%2Ffr%2F"), "{text}");
        assert!(
            !text.contains(&code) && !text.contains("Salom") && !text.contains("677"),
            "{text}"
        );
        assert!(!text.contains("bois") && !text.contains("Menuiserie"), "{text}");
    }
    // Sent twice by mistake: the address is not made up again.
    let again = sender.post(&at, &[("id", &id)]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(!again.text.contains("wa.me"));
    // The code stays to be said; the address does not.
    let later = sender.get(&at).await;
    assert!(
        later.text.contains("say code") && !later.text.contains("/link/fr/"),
        "{}",
        later.text
    );
}
