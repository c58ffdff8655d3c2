//! The door for complaints over HTTP: without account or cookie, number and
//! code shown once, guessing refused alike and rationed, each recipient their own.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use relais_acts::accounts::{self, NewUser};
use relais_acts::complaints;
use relais_acts::directory::By;
use relais_mechanism::words::{Lang, Role};
use serde_json::json;

use crate::support::{Answer, Browser, Site, ask};

/// The two large codes of the page that is shown once.
fn shown(page: &Answer) -> (String, String) {
    let mut codes = page.text.split("<p class=\"say code\">").skip(1);
    let mut next = || {
        let rest = codes.next().unwrap_or_else(|| panic!("no code in {}", page.text));
        rest.split('<').next().unwrap_or_default().to_owned()
    };
    (next(), next())
}

async fn complain(browser: &mut Browser, kind: &str) -> Answer {
    let form = browser.get("/complaint").await;
    assert_eq!(form.status, StatusCode::OK);
    let (id, code) = (form.hidden("id"), form.hidden("code"));
    let pairs = [
        ("id", id.as_str()),
        ("code", &code),
        ("kind", kind),
        ("facts", "Essai d’une chose grave."),
        ("organisation", "Atelier Aiguille Claire"),
    ];
    browser.post("/complaint", &pairs).await
}

async fn follow(browser: &mut Browser, number: &str, code: &str, words: &str) -> Answer {
    let id = "01930000-0000-7000-8000-00000000abcd";
    let pairs = [("id", id), ("number", number), ("code", code), ("words", words)];
    browser.post("/complaint/follow", &pairs).await
}

fn recipients(site: &Site) {
    for (login, organisation) in [("plaintes.un", "HOPITAL"), ("plaintes.deux", "AUTRE")] {
        let user = NewUser {
            organisation: organisation.to_owned(),
            login: login.to_owned(),
            display_name: format!("Exercice {login}"),
            roles: vec![Role::ComplaintRecipient],
            regions: Vec::new(),
            language: Lang::Fr,
            password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$invalid".to_owned(),
            trained: false,
            demonstration: true,
        };
        accounts::create(site.world.store(), user, By::CommandLine).expect("an account");
    }
    let outside = vec!["plaintes.un".to_owned(), "plaintes.deux".to_owned()];
    complaints::set(site.world.store(), outside, Vec::new(), By::CommandLine).expect("named");
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_complains_and_comes_back_with_number_and_code() {
    let site = Site::new();
    let mut nobody = site.stranger();
    for page in ["/sign-in", "/link", "/slip", "/complaint"] {
        assert!(
            nobody.get(page).await.text.contains("href=\"/complaint"),
            "{page}: the door is at its foot"
        );
    }
    let form = nobody.get("/complaint").await;
    assert!(
        form.text.contains("1503") && form.text.contains("[K]"),
        "whom to call, marked as unverified"
    );
    assert!(
        form.text.contains(" ne sont pas encore nommées"),
        "no recipients yet: said plainly"
    );
    let done = complain(&mut nobody, "delay").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let (number, code) = shown(&done);
    assert!(number != code && number.len() == 9 && code.len() == 9);
    assert!(done.header("cache-control").contains("no-store"), "{:?}", done.headers);
    assert!(nobody.cookies.is_empty(), "no cookie is needed and none is set");

    // Back with both, with words; again with the same id, once.
    let back = follow(&mut nobody, &number, &code, "").await;
    assert!(back.text.contains("Pas encore de réponse"), "{}", back.text);
    assert!(
        !back.text.contains("chose grave"),
        "whoever looks over the shoulder reads nothing of it"
    );
    for _ in 0..2 {
        assert_eq!(
            follow(&mut nobody, &number, &code, "Un mot de plus.").await.status,
            StatusCode::OK
        );
    }
    let mut office = site.browser("secretariat").await;
    let list = office.get("/complaints").await;
    assert!(list.text.contains(&number.replace('-', "")), "{}", list.text);
    let at = list.text.split("href=\"/complaints/").nth(1).expect("a link");
    let at = format!("/complaints/{}", at.split('"').next().expect("an id"));
    let page = office.get(&at).await;
    assert!(page.text.contains("chose grave"), "{}", page.text);
    assert_eq!(page.text.matches("Un mot de plus.").count(), 1);
    let pairs = [("id", page.hidden("id")), ("version", page.hidden("version"))];
    let mut reply = vec![("command", "reply"), ("text", "Nous regardons cela."), ("go", "yes")];
    reply.extend(pairs.iter().map(|(k, v)| (*k, v.as_str())));
    let (_, page) = office.post_then(&at, &reply).await;
    assert!(page.text.contains("Nous regardons cela."));
    let back = follow(&mut nobody, &number, &code, "").await;
    assert!(back.text.contains("Nous regardons cela."), "{}", back.text);

    // Nothing to say: the mistake stands in its place, nothing typed is lost.
    let page = office.get(&at).await;
    let pairs = [("id", page.hidden("id")), ("version", page.hidden("version"))];
    let mut empty = vec![("command", "decide")];
    empty.extend(pairs.iter().map(|(k, v)| (*k, v.as_str())));
    let refused = office.post(&at, &empty).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("id=\"decide-text-e\""), "{}", refused.text);

    // The organisation named, and an administrator, find nothing at all.
    for login in ["atelier", "administrateur", "gestionnaire"] {
        let mut other = site.browser(login).await;
        let there = other.get(&at).await;
        let nowhere = other.get("/complaints/01930000-0000-7000-8000-000000000001").await;
        assert_eq!(
            (there.status, there.text),
            (StatusCode::NOT_FOUND, nowhere.text),
            "{login}"
        );
        assert_eq!(other.get("/complaints").await.status, StatusCode::NOT_FOUND, "{login}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_refused_alike_and_rationed() {
    let site = Site::new();
    let mut nobody = site.stranger();
    let (number, code) = shown(&complain(&mut nobody, "conduct").await);
    let wrong = follow(&mut nobody, &number, "AAAA-BBBB", "").await;
    let unknown = follow(&mut nobody, "ZZZZ-2222", &code, "").await;
    assert_eq!(
        (wrong.status, unknown.status),
        (StatusCode::CONFLICT, StatusCode::CONFLICT)
    );
    // The id that the page draws for its next form differs; nothing else does.
    let bare = |page: &Answer, number: &str| page.text.replace(number, "");
    assert_eq!(
        bare(&wrong, &number),
        bare(&unknown, "ZZZZ-2222"),
        "which of the two is wrong is not said"
    );
    assert!(
        !wrong.text.contains("AAAA-BBBB"),
        "number and code never together on a shared screen"
    );
    // Words that could not be added come back, with the id that adds them once.
    let words = "Un mot de plus.";
    let back = follow(&mut nobody, &number, "AAAA-BBBB", words).await;
    assert!(back.text.contains(words), "{}", back.text);
    assert_eq!(back.hidden("id"), "01930000-0000-7000-8000-00000000abcd");
    let long = follow(&mut nobody, &number, &code, &"é".repeat(2001)).await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(long.text.contains("2000 signes au plus"), "{}", long.text);
    let mut last = StatusCode::OK;
    for _ in 0..6 {
        let rationed = follow(&mut nobody, &number, "AAAA-BBBB", words).await;
        assert!(rationed.text.contains(words));
        last = rationed.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    // One form, sent twice by a hurried thumb, complains once and shows the same; then it is rationed too.
    let form = nobody.get("/complaint").await;
    let (id, drawn) = (form.hidden("id"), form.hidden("code"));
    let pairs = [
        ("id", id.as_str()),
        ("code", &drawn),
        ("kind", "other"),
        ("facts", "Essai."),
    ];
    let first = nobody.post("/complaint", &pairs).await;
    let again = nobody.post("/complaint", &pairs).await;
    assert_eq!(shown(&first), shown(&again));
    for _ in 0..5 {
        last = nobody.post("/complaint", &pairs).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    // Gaps are named, and what was typed stays.
    let form = nobody.get("/complaint").await;
    let gaps = nobody
        .post("/complaint", &[("id", &form.hidden("id")), ("contact", "699 00 00 01")])
        .await;
    assert_eq!(gaps.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["kind", "facts"] {
        assert!(
            gaps.text.contains(&format!("id=\"{field}-e\"")),
            "{field}: {}",
            gaps.text
        );
    }
    assert!(gaps.text.contains("699 00 00 01"));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_complain_without_a_token_and_recipients_read_their_own() {
    let site = Site::new();
    recipients(&site);
    let post = async |path: &str, body: serde_json::Value| {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .expect("a request");
        ask(&site.app, request).await
    };
    let id = site.world.new_id();
    let body =
        json!({"id": id, "kind": "sea", "facts": "Essai.", "contact": "essai@exemple.cm", "safe_contact": "NONE"});
    let made = post("/api/v1/complaints", body.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.json();
    let taken = post("/api/v1/complaints", body).await;
    assert_eq!(
        taken.json()["code"],
        "id_taken",
        "the code is told once: {}",
        taken.text
    );
    let more = post(
        "/api/v1/complaints",
        json!({"id": site.world.new_id(), "kind": "sea", "facts": "x", "code": "AAAABBBB"}),
    )
    .await;
    assert_eq!(
        more.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the server draws the code"
    );

    let one = site.program("plaintes.un");
    let rows = one.get("/api/v1/complaints").await.json();
    assert_eq!(rows["rows"][0]["kind"], "sea", "{rows}");
    let at = format!("/api/v1/complaints/{}", rows["rows"][0]["id"].as_str().expect("an id"));
    let read = one.get(&at).await.json();
    assert_eq!(
        (&read["contact"], &read["recipients"][0][2].is_string()),
        (&json!("essai@exemple.cm"), &true),
        "{read}"
    );
    let step = json!({"id": site.world.new_id(), "version": read["version"], "act": "reply", "text": "Lu."});
    assert_eq!(
        one.post(&format!("{at}/steps"), step.clone()).await.status,
        StatusCode::CREATED
    );
    assert_eq!(
        one.post(&format!("{at}/steps"), step).await.status,
        StatusCode::CREATED,
        "the same again"
    );
    let stale = json!({"id": site.world.new_id(), "version": read["version"], "act": "note", "text": "x"});
    let stale = one.post(&format!("{at}/steps"), stale).await;
    assert_eq!(
        (stale.status, stale.json()["theirs"]["facts"].clone()),
        (StatusCode::CONFLICT, json!("Essai."))
    );

    for login in ["secretariat", "delegue", "administrateur", "regional"] {
        let other = site.program(login);
        let there = other.get(&at).await;
        let nowhere = other
            .get("/api/v1/complaints/01930000-0000-7000-8000-000000000001")
            .await;
        assert_eq!(
            (there.status, there.text),
            (StatusCode::NOT_FOUND, nowhere.text),
            "{login}"
        );
        let list = other.get("/api/v1/complaints").await;
        assert!(
            !list.text.contains(made["number"].as_str().expect("a number")),
            "{login}: {}",
            list.text
        );
    }
    let number = made["number"].clone();
    let back = post(
        "/api/v1/complaints/follow",
        json!({"number": number, "code": made["code"]}),
    )
    .await;
    assert_eq!(back.json()["replies"][0][2], "Lu.", "{}", back.text);
    let wrong = post(
        "/api/v1/complaints/follow",
        json!({"number": number, "code": "AAAABBBB"}),
    )
    .await;
    let unknown = post(
        "/api/v1/complaints/follow",
        json!({"number": "AAAABBBB", "code": made["code"]}),
    )
    .await;
    assert_eq!((wrong.status, wrong.text), (unknown.status, unknown.text));
}
