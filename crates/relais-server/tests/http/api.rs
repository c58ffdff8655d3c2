//! The mechanism's main job by the API, and each way of getting a body wrong.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::support::Site;

#[tokio::test(flavor = "multi_thread")]
async fn one_person_one_need_there_and_back() {
    let site = Site::new();
    let (manager, hospital) = (site.program("gestionnaire"), site.program("hopital"));
    let id = |n: u32| format!("01930000-0000-7000-8000-{n:012}");
    let arrival = json!({"id": id(1), "answers": relais_fixture::arrival("Salomé Essai Bilodémo", 28)});
    let made = manager.post("/api/v1/cases", arrival.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let again = manager.post("/api/v1/cases", arrival.clone()).await;
    assert_eq!(again.json(), made.json(), "the same id and body, the same answer");
    let mut other = arrival;
    other["answers"]["F1E.05"] = json!(["29"]);
    let taken = manager.post("/api/v1/cases", other).await;
    assert_eq!(
        (taken.status, taken.json()["code"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("id_taken"))
    );

    let case = format!("/api/v1/cases/{}", id(1));
    let line = |line: &str, classes: &[&str]| json!({"line": line, "decision": "granted", "classes": classes});
    let consent = json!({
        "id": id(2),
        "answers": relais_fixture::consent_answers(),
        "lines": [line("C1", &[]), line("C2", &[]), line("C3", &["identity", "contact"])],
    });
    let answer = manager.post(&format!("{case}/consents"), consent).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let need = json!({"id": id(3), "service": "MED.03", "priority": "P3", "words": "Toux"});
    assert_eq!(
        manager.post(&format!("{case}/needs"), need).await.status,
        StatusCode::CREATED
    );
    let service = relais_fixture::id("S-SOINS");
    let proposals = manager
        .get(&format!("/api/v1/needs/{}/services?service={service}", id(3)))
        .await;
    assert_eq!(
        proposals.json()["preview"]["blocked"],
        Value::Null,
        "{}",
        proposals.text
    );
    let send = json!({"id": id(4), "service": service, "person_informed": true});
    let sent = manager.post(&format!("/api/v1/needs/{}/referrals", id(3)), send).await;
    assert_eq!(sent.status, StatusCode::CREATED, "{}", sent.text);

    let path = format!("/api/v1/referrals/{}", id(4));
    let offer = hospital.get(&path).await;
    assert!(
        !offer.text.contains("Salomé") && !offer.text.contains("677123456"),
        "{}",
        offer.text
    );
    let act = |n: u32, version: &Value, command: Value| {
        let mut body = json!({"id": id(n), "version": version});
        for (name, value) in command.as_object().expect("members") {
            body[name] = value.clone();
        }
        body
    };
    let version = &offer.json()["version"];
    let accepted = hospital
        .post(&format!("{path}/acts"), act(5, version, json!({"command": "accept"})))
        .await;
    assert_eq!(accepted.status, StatusCode::CREATED, "{}", accepted.text);
    let stale = hospital
        .post(&format!("{path}/acts"), act(6, version, json!({"command": "start"})))
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let stale = stale.json();
    assert_eq!(stale["code"], "stale");
    assert_eq!(
        (&stale["base_version"], &stale["current_version"]),
        (version, &accepted.json()["version"])
    );
    assert_eq!(stale["mine"]["command"], "start");
    assert_eq!(stale["theirs"]["state"], "accepted", "{stale}");
    let start = act(7, &accepted.json()["version"], json!({"command": "start"}));
    let started = hospital.post(&format!("{path}/acts"), start).await.json();
    let report = act(
        8,
        &started["version"],
        json!({"command": "report", "outcome": "served"}),
    );
    let reported = hospital.post(&format!("{path}/acts"), report).await.json();
    let confirm = act(
        9,
        &reported["version"],
        json!({"command": "confirm", "confirmation": "person_through_sender"}),
    );
    let confirmed = manager.post(&format!("{path}/acts"), confirm).await;
    assert_eq!(confirmed.status, StatusCode::CREATED, "{}", confirmed.text);
    let file = manager.get(&case).await.json();
    assert_eq!(file["needs"][0]["state"], "met");
    let closing = json!({
        "reason": "GOAL", "interview": true, "satisfaction": "4", "told_contacts": true, "told_complaint": true,
        "told_reopening": true, "follow_up": "2026-12-21",
    });
    let close = json!({"id": id(10), "version": file["version"], "closing": closing});
    let closed = manager.post(&format!("{case}/closure"), close).await;
    assert_eq!(closed.status, StatusCode::CREATED, "{}", closed.text);
    assert_eq!(manager.get("/api/v1/cases").await.json()["rows"][0]["state"], "open");
    let supervisor = site.program("superviseur");
    let proposed = supervisor.get(&format!("{case}/closure")).await.json();
    assert_eq!(
        (&proposed["state"], &proposed["may_confirm"]),
        (&json!("proposed"), &json!("reviewed"))
    );
    let confirm = json!({"id": id(11), "version": proposed["closure_version"], "answer": "confirm"});
    let alone = manager.post(&format!("{case}/closure/answer"), confirm.clone()).await;
    assert_eq!(alone.status, StatusCode::CONFLICT, "four eyes: {}", alone.text);
    let confirmed = supervisor.post(&format!("{case}/closure/answer"), confirm).await;
    assert_eq!(confirmed.status, StatusCode::CREATED, "{}", confirmed.text);
    let wanted = manager.get(&format!("{case}/follow-up")).await.json();
    let note = json!({"id": id(12), "version": wanted["version"], "result": "refused"});
    let noted = manager.post(&format!("{case}/follow-up"), note).await;
    assert_eq!(noted.status, StatusCode::CREATED, "{}", noted.text);
    assert_eq!(manager.get("/api/v1/cases").await.json()["rows"][0]["state"], "closed");
    assert_eq!(manager.get("/api/v1/day").await.status, StatusCode::OK);
    assert_eq!(hospital.get("/api/v1/inbox").await.status, StatusCode::OK);
    assert_eq!(
        site.program("secretariat").get("/api/v1/late").await.status,
        StatusCode::OK
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_of_being_wrong_has_its_own_problem() {
    let site = Site::new();
    let manager = site.program("gestionnaire");
    let at = "/api/v1/cases";
    let id = "01930000-0000-7000-8000-000000000001";
    for (kind, body, status, code) in [
        ("application/json", "{".to_owned(), 400, "malformed_json"),
        ("application/json", "\u{1F600}".to_owned(), 400, "malformed_json"),
        ("application/json", "[]".to_owned(), 422, "wrong_type"),
        (
            "application/json",
            json!({"id": id, "answers": 3}).to_string(),
            422,
            "wrong_type",
        ),
        (
            "application/json",
            json!({"id": "x", "answers": {}}).to_string(),
            422,
            "wrong_type",
        ),
        (
            "application/json",
            json!({"id": id, "answers": {}, "more": 1}).to_string(),
            422,
            "wrong_type",
        ),
        (
            "application/json",
            json!({"id": id, "answers": {"F1E.03": ["a\u{0}"]}}).to_string(),
            422,
            "wrong_type",
        ),
        (
            "application/json",
            json!({"id": id, "answers": {}}).to_string(),
            422,
            "invalid_fields",
        ),
        (
            "application/json",
            json!({"id": id, "answers": {"F1E.03": ["x".repeat(300_000)]}}).to_string(),
            413,
            "too_large",
        ),
        ("text/plain", "{}".to_owned(), 415, "wrong_content_type"),
        (
            "application/x-www-form-urlencoded",
            "id=1".to_owned(),
            415,
            "wrong_content_type",
        ),
    ] {
        let answer = manager.raw(at, kind, body.clone()).await;
        let start: String = body.chars().take(60).collect();
        assert_eq!(answer.status.as_u16(), status, "{start}: {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json", "{start}");
        let problem = answer.json();
        assert_eq!(problem["code"], code, "{start}");
        assert_eq!(problem["status"], status);
        assert!(problem["title"].as_str().is_some_and(|t| !t.is_empty()) && problem["remedy"].is_string());
    }
    let fields = manager
        .post(at, json!({"id": id, "answers": {"F1E.05": ["vingt"]}}))
        .await
        .json();
    let named: Vec<&str> = fields["fields"]
        .as_array()
        .expect("fields")
        .iter()
        .filter_map(|f| f["field"].as_str())
        .collect();
    assert!(named.contains(&"F1E.05") && named.contains(&"F1E.01"), "{fields}");
    let wrong = manager.get("/api/v1/services?limit=many").await;
    assert_eq!(
        (wrong.status, wrong.json()["code"].as_str()),
        (StatusCode::BAD_REQUEST, Some("malformed_query"))
    );
    let wrong = manager.raw("/api/v1/services", "application/json", "{}".into()).await;
    assert_eq!(
        (wrong.status, wrong.header("allow")),
        (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_needed_and_ends_when_it_is_taken_back() {
    let site = Site::new();
    let mut manager = site.program("gestionnaire");
    assert_eq!(manager.get("/api/v1/services?q=couture").await.status, StatusCode::OK);
    let good = std::mem::replace(&mut manager.token, "relais_nothing".to_owned());
    let refused = manager.get("/api/v1/services").await;
    assert_eq!(
        (refused.status, refused.header("www-authenticate")),
        (StatusCode::UNAUTHORIZED, "Bearer")
    );
    let hash = relais_server::secret::hash_of_text(&good).expect("one of ours");
    relais_acts::accounts::revoke_token(site.world.store(), hash, relais_acts::directory::By::CommandLine)
        .expect("revoked");
    manager.token = good;
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    assert_eq!(manager.get("/api/v1/services").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_found_by_words_category_and_place() {
    let site = Site::new();
    let manager = site.program("gestionnaire");
    let names = |answer: &Value| -> Vec<String> {
        answer["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|r| r["name"].as_str().expect("a name").to_owned())
            .collect()
    };
    let by_words = manager.get("/api/v1/services?q=COUTURE").await.json();
    assert!(
        names(&by_words).contains(&"Formation en couture".to_owned()),
        "{by_words}"
    );
    let near = manager
        .get("/api/v1/services?category=VTC.02&near=4.06,9.70")
        .await
        .json();
    assert_eq!(names(&near)[0], "Formation en couture", "nearest first: {near}");
    let page = manager.get("/api/v1/services?limit=1").await.json();
    let next = page["next"].as_str().expect("a further page");
    let second = manager
        .get(&format!("/api/v1/services?limit=1&after={next}"))
        .await
        .json();
    assert_ne!(names(&page), names(&second));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_served_to_anybody() {
    let site = Site::new();
    let document = site.stranger().get("/api/v1/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["license"]["identifier"], "EUPL-1.2");
    assert_eq!(
        document["paths"]["/api/v1/cases"]["post"]["operationId"],
        "registerArrival"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_says_what_it_understood_and_how_many_there_are() {
    let site = Site::new();
    let manager = site.program("gestionnaire");
    // Two slips, one unknown word; the counts are asked for.
    let told = manager
        .get("/api/v1/services?q=coutrue%20zzyzx&facets=true")
        .await
        .json();
    let plain = manager.get("/api/v1/services?q=couture").await.json();
    assert_eq!(told["rows"], plain["rows"]);
    assert_eq!(told["unknown_words"], json!(["zzyzx"]));
    assert_eq!(told["understood"]["corrected"][0]["typed"], "coutrue");
    let counts = told["facets"]["categories"].as_array().expect("counts");
    let sum: u64 = counts.iter().filter_map(|c| c["count"].as_u64()).sum();
    assert_eq!(sum, told["total"].as_u64().expect("a total"));
    assert!(plain.get("facets").is_none() && plain.get("unknown_words").is_none());
    // Filters.
    for (filter, status) in [
        (
            "cost=FREE&free_places=true&remote=true&open_now=true&urgent=true",
            StatusCode::OK,
        ),
        ("target=women&language=fra", StatusCode::OK),
        ("cost=GRATIS", StatusCode::UNPROCESSABLE_ENTITY),
        ("target=martians", StatusCode::UNPROCESSABLE_ENTITY),
        ("language=klingon", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = manager.get(&format!("/api/v1/services?{filter}")).await;
        assert_eq!(answer.status, status, "{filter}: {}", answer.text);
    }

    // The page says the same, to whoever is signed in.
    let mut browser = site.browser("hopital").await;
    let page = browser.get("/services?q=coutrue%20zzyzx").await;
    assert_eq!(page.status, StatusCode::OK);
    for said in ["Compris comme", "coutrue", "zzyzx", "name=\"category\""] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    let page = browser.get("/services?q=couture&place=Nulle-part-du-tout").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("Lieu inconnu") && page.text.contains("value=\"couture\""));
}
