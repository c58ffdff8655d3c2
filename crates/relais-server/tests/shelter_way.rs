//! The way to a shelter, and what is read of it afterwards: by the code that the
//! on-call desk gives, and never by its name.

use chrono::TimeDelta;
use relais_acts::commands::{ReferralCommand, SendReferral, WriteOverride};
use relais_acts::coordination::{self, NoteLateCall, PutBefore};
use relais_acts::directory::{self, By, Entries};
use relais_acts::{ActError, Viewer, overrides, refer, stops, work};
use relais_casework::referral::DeclineCode;
use relais_fixture::{Places, SHUT_OUT, TELLING, World};
use relais_mechanism::{Lang, Priority};
use relais_network::{NeedId, PlaceId, ServiceId, StopRequestId};
use relais_server::Kind;
use relais_server::routes::Verb;
use serde_json::json;
use uuid::Uuid;

#[allow(dead_code, reason = "each test file uses its part of this module")]
mod asking;
#[allow(dead_code, reason = "each test file uses its part of this module")]
mod life;
#[allow(dead_code, reason = "each test file uses its part of this module")]
mod subject;

use asking::Asker;
use life::{give, need, person};
use subject::{Ids, Of, nowhere};

/// Everybody who might read something of a case that went to a shelter.
const READERS: [&str; 12] = [
    "gestionnaire",
    "collegue",
    "superviseur",
    "atelier",
    "autre",
    SHUT_OUT[0],
    SHUT_OUT[2],
    SHUT_OUT[4],
    SHUT_OUT[5],
    SHUT_OUT[6],
    SHUT_OUT[7],
    SHUT_OUT[8],
];

async fn send(world: &World, who: &Viewer, need: Uuid, service: &str) -> Uuid {
    let command = SendReferral {
        code: world.shelter_code(service),
        ..relais_fixture::sending(world.new_id(), service)
    };
    refer::send(&world.desk, who, NeedId(need), command)
        .await
        .expect("sent by its code")
        .id
}

/// What of it would tell where the shelter is.
fn telling(said: &str) -> Vec<&'static str> {
    TELLING.into_iter().filter(|word| said.contains(word)).collect()
}

fn form(code: &str) -> String {
    format!("look=code&code={}", code.replace(' ', "+"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_leads_to_the_preview_and_a_wrong_one_tells_nothing() {
    let world = World::sqlite();
    world.add_state_body();
    world.add_places(Places::Hidden);
    let manager = world.viewer("gestionnaire");
    let case = person(&world, &manager, "Essai Abritée").await;
    let wanted = need(&world, &manager, case, "RCP.03", Priority::P1).await;
    let asker = Asker::new(&world, &["gestionnaire", "superviseur", "autre", "abri"]);
    let page = format!("/needs/{wanted}/refer");
    let api = format!("/api/v1/needs/{wanted}/services");
    let post = async |login: &'static str, body: String| asker.whole(Verb::Post, Kind::Page, &page, login, &body).await;

    // Nothing is found; the page says whom to call, and asks for the code.
    let said = asker.read(Kind::Page, &page, "gestionnaire").await;
    assert!(said.contains("appeler l’astreinte"), "{said}");
    assert!(
        said.contains("Code donné par l’astreinte") && said.contains("tel:"),
        "{said}"
    );
    assert!(!said.contains("Aucun service trouvé"), "the way stands there instead");
    let proposed = asker.read(Kind::Api, &api, "gestionnaire").await;
    assert!(
        proposed.contains("\"shelter\":{\"confidential\":true,\"calls\":[["),
        "{proposed}"
    );

    // The shelter's own staff read their codes; the code is in two groups of four.
    let code = world.shelter_code("S-ABRI");
    let spoken = format!("{} {}", &code[..4], &code[4..]);
    let inbox = asker.read(Kind::Page, "/inbox", "abri").await;
    assert!(inbox.contains(&spoken) && inbox.contains("Foyer Tournesol"), "{inbox}");

    // Unknown, one sign off, and that of another kind of service: one answer.
    let mut near = code.clone();
    let last = if near.ends_with('A') { 'B' } else { 'A' };
    near.replace_range(7.., &last.to_string());
    let mut answers = Vec::new();
    for typed in ["AAAA AAAA".to_owned(), near, world.shelter_code("S-MAISON")] {
        let said = post("gestionnaire", form(&typed)).await;
        assert!(
            said.starts_with("422") && said.contains("Ce code ne mène à rien"),
            "{said}"
        );
        assert!(telling(&said).is_empty(), "{:?}", telling(&said));
        // What was typed stands in its field, the rest is the same.
        let form = relais_fixture::id("S-ABRI").to_string();
        assert!(!said.contains(&form), "a wrong code tells the id");
        let typed_back = said.replace(&typed, "…");
        answers.push(typed_back.lines().skip(2).map(str::to_owned).collect::<Vec<_>>());
    }
    let sizes: Vec<usize> = answers.iter().map(Vec::len).collect();
    assert!(sizes.iter().all(|n| *n == sizes[0]), "{sizes:?}");

    // Said on a telephone, typed by hand: small letters, groups, dashes.
    let typed = format!("{}-{}", &code[..4], &code[4..]).to_lowercase();
    let said = post("gestionnaire", form(&typed)).await;
    assert!(
        said.starts_with("200") && said.contains("Ce que verra l’hébergement sûr"),
        "{said}"
    );
    assert!(telling(&said).is_empty(), "the preview tells {:?}", telling(&said));
    // Whom to call stands once, though it is an emergency.
    let mut numbers: Vec<&str> = said
        .split("href=\"tel:")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    let all = numbers.len();
    numbers.sort_unstable();
    numbers.dedup();
    assert!(all > 0 && numbers.len() == all, "a number stands twice: {said}");
    let previewed = asker
        .whole(
            Verb::Post,
            Kind::Api,
            &api,
            "gestionnaire",
            &json!({ "code": spoken }).to_string(),
        )
        .await;
    assert!(
        previewed.starts_with("200") && previewed.contains("\"preview\":{"),
        "{previewed}"
    );
    assert!(telling(&previewed).is_empty(), "{:?}", telling(&previewed));
    // Who does not work on the case is answered as if there were none.
    assert!(post("autre", form(&code)).await.starts_with("404"));

    // Without the code nothing goes, whoever knows the id; with it, it does.
    let service = relais_fixture::id("S-ABRI");
    let sending = |code: &str| {
        format!(
            "id={}&service={service}&code={code}&person_informed=yes&provider_called=yes&stays_with=Essai",
            world.new_id()
        )
    };
    let refused = post("gestionnaire", sending("")).await;
    assert!(refused.starts_with("422"), "{refused}");
    let wrong = post("gestionnaire", sending(&world.shelter_code("S-MAISON"))).await;
    assert!(
        wrong.starts_with("422") && wrong.contains("Ce code ne mène à rien"),
        "{wrong}"
    );
    let sent = post("gestionnaire", sending(&code)).await;
    assert!(sent.starts_with("303"), "{sent}");
    // This case was sent there: its team may look at it again.
    let again = asker
        .read(Kind::Page, &format!("{page}?service={service}"), "gestionnaire")
        .await;
    assert!(again.contains("Ce que verra"), "{again}");

    // Typing codes is rationed: after ten wrong ones a right one leads nowhere either,
    // and a colleague of the case still reaches the shelter.
    let other = need(&world, &manager, case, "RCP.03", Priority::P1).await;
    let page = format!("/needs/{other}/refer");
    let post = async |login: &'static str, body: String| asker.whole(Verb::Post, Kind::Page, &page, login, &body).await;
    // Three above, and one with the sending.
    for _ in 4..relais_acts::shelter::MOST {
        assert!(post("gestionnaire", form("BBBB BBBB")).await.starts_with("422"));
    }
    let said = post("gestionnaire", form(&code)).await;
    assert!(said.contains("nombre de codes faux"), "{said}");
    assert!(!said.contains("Ce que verra l’hébergement sûr"));
    assert!(post("superviseur", form(&code)).await.starts_with("200"));

    // Whoever is alone is not shut out until morning.
    world.at(relais_fixture::start() + relais_acts::shelter::WITHIN + TimeDelta::minutes(1));
    assert!(post("gestionnaire", form(&code)).await.starts_with("200"));

    // A code that leaked is replaced: it leads nowhere, and the shelter reads the new one.
    let mechanism = world.desk.mechanism();
    let renewed =
        relais_acts::shelter::renew(world.store(), &mechanism, &spoken.to_lowercase(), Lang::Fr).expect("renewed");
    assert_ne!(renewed.code, spoken);
    let said = post("gestionnaire", form(&code)).await;
    assert!(
        said.starts_with("422") && said.contains("Ce code ne mène à rien"),
        "{said}"
    );
    assert!(post("gestionnaire", form(&renewed.code)).await.starts_with("200"));
    let inbox = asker.read(Kind::Page, "/inbox", "abri").await;
    assert!(inbox.contains(&renewed.code) && !inbox.contains(&spoken), "{inbox}");
    let again = relais_acts::shelter::renew(world.store(), &mechanism, &spoken, Lang::Fr);
    assert!(matches!(again, Err(ActError::Refused { code, .. }) if code == "no_such_code"));
}

/// A case that went to three hidden services and to a workshop in a shelter,
/// with everything that follows.
async fn sheltered(world: &World) -> (Ids, Vec<Uuid>, Vec<Uuid>) {
    let (manager, abri, mixte) = (
        world.viewer("gestionnaire"),
        world.viewer("abri"),
        world.viewer("mixte"),
    );
    let accept = |by: &str| ReferralCommand::Accept { by_name: by.to_owned() };
    let case = person(world, &manager, "Essai Abritée").await;
    let tonight = need(world, &manager, case, "RCP.03", Priority::P1).await;
    let bed = send(world, &manager, tonight, "S-ABRI").await;
    give(world, &abri, bed, accept("Exercice abri")).await;
    give(world, &abri, bed, ReferralCommand::Start).await;
    let after = need(world, &manager, case, "GBV.03", Priority::P2).await;
    let house = send(world, &manager, after, "S-MAISON").await;
    let full = ReferralCommand::Decline {
        code: DeclineCode::NoCapacity,
        suggested: None,
    };
    give(world, &mixte, house, full).await;
    let learning = need(world, &manager, case, "VTC.02", Priority::P4).await;
    let course = send(world, &manager, learning, "S-CACHE").await;
    give(world, &mixte, course, accept("")).await;
    world.withdraw(&manager, case, "stop_sharing").await.expect("withdrawn");
    let stops = world.stops(case);

    // Another case, whose request the workshop leaves unanswered.
    let waiting = person(world, &manager, "Essai Patiente").await;
    let late = need(world, &manager, waiting, "VTC.02", Priority::P3).await;
    let silent = send(world, &manager, late, "S-ATELIER-ABRI").await;
    // And a third without a word of consent, for which a duty of law is written.
    let untold = world
        .register(&manager, "Essai Muette", 30)
        .await
        .expect("registered")
        .id;
    let legal = need(world, &manager, untold, "VTC.02", Priority::P3).await;
    let command = WriteOverride {
        id: world.new_id(),
        service: relais_fixture::id("S-ATELIER-ABRI"),
        code: world.shelter_code("S-ATELIER-ABRI"),
        kind: "LEGAL".to_owned(),
        reason: "Ordonnance du tribunal.".to_owned(),
        referral: Some(world.new_id()),
    };
    let exception = overrides::write_apart(&world.desk, &manager, NeedId(legal), command)
        .await
        .expect("written")
        .id;
    world.agree(&manager, waiting, "AUTRE").await.expect("agreed");
    let moving = world.propose(&manager, waiting, "AUTRE").await.expect("proposed").id;
    let mut ids = nowhere();
    ids.extend([
        (Of::Case, case),
        (Of::Need, tonight),
        (Of::Call, bed),
        (Of::Late, silent),
        (Of::Override, exception),
        (Of::Transfer, moving),
        (Of::Stop, stops[0]),
        (Of::Entry, relais_fixture::id("S-PALMES")),
    ]);
    (ids, vec![bed, house, course, silent], vec![case, waiting, untold])
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sent_somebody_to_a_shelter_never_reads_where_it_is() {
    let world = World::sqlite();
    world.add_state_body();
    world.add_places(Places::Hidden);
    let (ids, referrals, cases) = sheltered(&world).await;
    let silent = ids[&Of::Late];
    let now = relais_fixture::start() + TimeDelta::hours(1);
    for days in [1, 2, 7, 21] {
        world.at(now + TimeDelta::days(days));
        work::once(&world.desk).expect("worked");
        if days == 7 {
            let secretariat = world.viewer("secretariat");
            let put = PutBefore { id: world.new_id() };
            coordination::put(&world.desk, &secretariat, put)
                .await
                .expect("figures");
            let called = NoteLateCall {
                id: world.new_id(),
                channel: "telephone".to_owned(),
                answered_by: "L’astreinte".to_owned(),
                promised: String::new(),
                promised_on: None,
            };
            coordination::note(&world.desk, &secretariat, silent, called)
                .await
                .expect("noted");
        }
    }
    let mut logins = READERS.to_vec();
    logins.extend(["abri", "mixte"]);
    let asker = Asker::new(&world, &logins);
    let (mut read, mut told) = (0, Vec::new());
    for referral in &referrals {
        for case in &cases {
            let mut ids = ids.clone();
            ids.extend([(Of::Referral, *referral), (Of::Case, *case)]);
            let mut addresses = asking::reading(&ids);
            addresses.extend([
                (Kind::Page, format!("/cases/{case}/withdraw?look=1&effect=both")),
                (Kind::Api, format!("/api/v1/cases/{case}/withdrawals?effect=both")),
            ]);
            // What speaks of neither is asked once.
            let once = referral == &referrals[0] && case == &cases[0];
            let varies = |path: &str| path.contains(&referral.to_string()) || path.contains(&case.to_string());
            for (kind, path) in addresses.into_iter().filter(|(_, path)| once || varies(path)) {
                for login in READERS {
                    let said = asker.whole(Verb::Get, kind, &path, login, "").await;
                    read += usize::from(said.starts_with("200"));
                    let words = telling(&said);
                    if !words.is_empty() {
                        told.push(format!("{path} for {login}: {words:?}"));
                    }
                }
            }
        }
    }
    assert!(read > 400, "only {read} pages were read");
    assert!(told.is_empty(), "a shelter is named:\n{}", told.join("\n"));

    // The team reads that it is a safe shelter, and whom to call.
    let bed = referrals[0];
    for path in [format!("/referrals/{bed}"), format!("/cases/{}", cases[0])] {
        let said = asker.read(Kind::Page, &path, "gestionnaire").await;
        assert!(said.contains("Hébergement sûr"), "{path}: {said}");
        // The mixed organisation is as little named for what it hides.
        assert!(
            !said.contains("Association des Palmes") && !said.contains("Exercice mixte"),
            "{path}: {said}"
        );
    }
    let said = asker
        .read(Kind::Api, &format!("/api/v1/referrals/{bed}"), "gestionnaire")
        .await;
    let body: serde_json::Value = serde_json::from_str(said.lines().last().unwrap_or_default()).expect("json");
    let numbers = body["provider_telephones"].as_array().map_or(0, Vec::len);
    assert!(numbers > 0 && body["provider"] == "Hébergement sûr", "{body}");
    // The office reads less: not what kind of place it is.
    let late = asker.read(Kind::Page, "/late", "secretariat").await;
    assert!(
        late.contains("Structure à accès restreint") && !late.contains("Hébergement sûr"),
        "{late}"
    );

    // Its own staff read its name.
    for (referral, login, name) in [
        (bed, "abri", "Maison Tournesol ABRI-SIKOTI"),
        (referrals[2], "mixte", "Association des Palmes"),
    ] {
        let said = asker
            .read(Kind::Api, &format!("/api/v1/referrals/{referral}"), login)
            .await;
        let body: serde_json::Value = serde_json::from_str(said.lines().last().unwrap_or_default()).expect("json");
        assert_eq!(body["provider"], name, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_database_does_not_tell_where_a_shelter_is() {
    let world = World::sqlite();
    world.add_state_body();
    world.add_places(Places::Hidden);
    sheltered(&world).await;

    // Put again, nothing changes; what is brought up to date stays sealed, as does a
    // further ordinary course of an organisation that hides something.
    let network = world.desk.network();
    let put = |service| {
        let entries = Entries {
            services: vec![service],
            ..Entries::default()
        };
        directory::put(world.store(), entries, "fixture", By::CommandLine).expect("put")
    };
    let mut house = network.services[&ServiceId(relais_fixture::id("S-MAISON"))].clone();
    assert_eq!(put(house.clone()).unchanged, 1);
    house.opening_hours = "Sikotiville, de nuit".to_owned();
    assert_eq!(put(house.clone()).updated, 1);
    let mut course = network.services[&ServiceId(relais_fixture::id("S-PALMES"))].clone();
    (course.id, course.place) = (ServiceId(relais_fixture::id("S-PALMES-2")), house.place);
    course.opening_hours = "Sikotiville, de jour".to_owned();
    assert_eq!(put(course.clone()).created, 1);

    let mut files = 0;
    for entry in std::fs::read_dir(world.folder.path().join("data")).expect("the data folder") {
        let path = entry.expect("an entry").path();
        let bytes = std::fs::read(&path).expect("readable");
        let ordinary = "Centre Sanaga Métiers".as_bytes();
        files += usize::from(bytes.windows(ordinary.len()).any(|part| part == ordinary));
        // The name of a member of staff is in clear, as everybody's.
        for word in TELLING.iter().filter(|word| **word != "Exercice abri") {
            let found = bytes.windows(word.len()).any(|part| part == word.as_bytes());
            assert!(!found, "{word} stands in {}", path.display());
        }
    }
    assert!(files > 0, "no file of the directory was read");

    // Whoever has the keyring reads it.
    world.desk.refresh().expect("refreshed");
    let network = world.desk.network();
    assert_eq!(network.services[&house.id], house);
    assert_eq!(network.services[&course.id], course);
    let place = &network.places[&PlaceId(relais_fixture::id("P-ABRI"))];
    assert_eq!(place.town.as_deref(), Some("Sikotiville"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_mixed_organisation_offers_openly_is_not_taken_for_a_shelter() {
    let world = World::sqlite();
    world.add_places(Places::Hidden);
    let mut clinic = world.desk.network().services[&ServiceId(relais_fixture::id("S-PALMES"))].clone();
    clinic.id = ServiceId(relais_fixture::id("S-CLINIQUE"));
    "GBV.01".clone_into(&mut clinic.service_type);
    let entries = Entries {
        services: vec![clinic],
        ..Entries::default()
    };
    directory::put(world.store(), entries, "fixture", By::CommandLine).expect("a clinic");
    world.desk.refresh().expect("refreshed");
    let (manager, mixte) = (world.viewer("gestionnaire"), world.viewer("mixte"));
    let case = person(&world, &manager, "Essai Soignée").await;
    // Above S3: the row of the request does not say which service it is.
    let care = need(&world, &manager, case, "GBV.01", Priority::P2).await;
    let sent = world.send(&manager, care, "S-CLINIQUE").await.expect("sent").id;
    give(&world, &mixte, sent, ReferralCommand::Accept { by_name: String::new() }).await;
    world.withdraw(&manager, case, "both").await.expect("withdrawn");
    let stop = StopRequestId(world.stops(case)[0]);
    let seen = stops::view(&world.desk, &manager, stop).await.expect("the request");
    assert_eq!(seen.row.recipient, "Association des Palmes");
    assert_eq!(seen.row.telephone.as_deref(), Some("+237677120009"));
}
