//! Whether a protected case shows to whoever it is closed to: every route that
//! reads, as every State role and every role of the mechanism's office, on two
//! databases that differ by that one case. Every answer must be the same, but
//! for ids and the time of the answer, which are drawn anew at each asking.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{Request, header};
use chrono::TimeDelta;
use http_body_util::BodyExt as _;
use relais_acts::accounts;
use relais_acts::calls::{self, NoteCall};
use relais_acts::commands::{ActOnPerhaps, ReferralCommand, SetProtection};
use relais_acts::coordination::{self, NoteLateCall};
use relais_acts::directory::By;
use relais_acts::handovers::{self, HandedCase, OfferHandover};
use relais_acts::{Viewer, case, duplicates, protection, refer, work};
use relais_fixture::{SHUT_OUT, World};
use relais_mechanism::{DataClass, Mechanism, Priority};
use relais_network::{CaseId, NeedId, ReferralId};
use relais_server::routes::Verb;
use relais_server::{App, AppState, Kind, Settings, app, registry, secret};
use relais_store::rows::accounts::SessionRecord;
use relais_store::{StoreError, Tx, ids, outbox};
use tower::ServiceExt as _;
use uuid::Uuid;

#[allow(dead_code, reason = "each test file uses its part of this module")]
mod subject;

use subject::{Ids, Of, nowhere, of, path};

/// What stands in a database beside the ordinary life of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    /// The case, in the protected circuit.
    Protected,
    /// The same case, in the ordinary way: what the test must be able to see.
    Ordinary,
}

struct Site {
    world: World,
    app: App,
    /// An ordinary case of the State body.
    known: Ids,
    /// What is beside, if there is anything.
    beside: Ids,
    /// Its code, or the one that it would have.
    code: String,
    keys: BTreeMap<&'static str, (String, String)>,
}

async fn give(world: &World, who: &Viewer, id: Uuid, command: ReferralCommand) {
    world.give(who, id, command).await.expect("done");
}

fn accept() -> ReferralCommand {
    ReferralCommand::Accept { by_name: String::new() }
}

async fn person(world: &World, manager: &Viewer, name: &str) -> Uuid {
    let case = world.register(manager, name, 30).await.expect("registered").id;
    world
        .consent(manager, case, &[DataClass::Skills])
        .await
        .expect("consented");
    case
}

async fn need(world: &World, who: &Viewer, case: Uuid, service: &str, priority: Priority) -> Uuid {
    world.need(who, case, service, priority).await.expect("a need").id
}

/// Who lives a life: whoever works on its cases, the colleague of the next
/// shift, and the organisation to which a case is proposed.
struct Team {
    manager: Viewer,
    colleague: Viewer,
    proposed: &'static str,
}

/// What one life leaves: an id of each thing, and its cases.
struct Life {
    ids: Ids,
    cases: Vec<Uuid>,
}

/// Cases with everything that a State body or the office could meet: in the
/// first a referral that a State body began, one that it has not answered, one
/// to an association, a need that nobody answers, about which the office
/// called, and a request to stop using what was received; in the second,
/// without a word of consent, one that went by an override; in the third an
/// emergency whose calls have begun, handed over to the next shift; a fourth
/// that is proposed to another organisation; and a fifth of whom the holder of
/// another file was asked.
async fn life(world: &World, team: &Team, name: &str) -> Life {
    let (manager, state) = (&team.manager, world.viewer("etat.point"));
    let case = person(world, manager, name).await;
    let begun = need(world, manager, case, "VTC.02", Priority::P4).await;
    let running = world.send(manager, begun, "S-ETAT").await.expect("sent").id;
    give(world, &state, running, accept()).await;
    give(world, &state, running, ReferralCommand::Start).await;
    world.withdraw(manager, case, "stop_sharing").await.expect("withdrawn");
    let stop = world.stops(case).first().copied().unwrap_or_default();
    // A new consent is given later than the old one was withdrawn.
    let now = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| tx.now())
        .expect("a clock");
    world.at(now + TimeDelta::minutes(1));
    world
        .consent(manager, case, &[DataClass::Skills])
        .await
        .expect("consented again");
    let second = need(world, manager, case, "VTC.02", Priority::P3).await;
    let referral = world.send(manager, second, "S-ETAT").await.expect("sent").id;
    let third = need(world, manager, case, "VTC.02", Priority::P3).await;
    world.send(manager, third, "S-COUTURE").await.expect("sent");
    let late = need(world, manager, case, "VTC.02", Priority::P3).await;
    let called = NoteLateCall {
        id: world.new_id(),
        channel: "telephone".to_owned(),
        answered_by: "Cheffe de service".to_owned(),
        promised: String::new(),
        promised_on: None,
    };
    coordination::note(&world.desk, &world.viewer("secretariat"), late, called)
        .await
        .expect("the office called");

    let apart = world.register(manager, name, 30).await.expect("registered").id;
    let urgent = need(world, manager, apart, "MED.03", Priority::P2).await;
    let mut sending = relais_fixture::sending(world.new_id(), "S-SOINS");
    sending.override_kind = Some("VITAL".to_owned());
    "Personne inconsciente.".clone_into(&mut sending.override_reason);
    refer::send(&world.desk, manager, NeedId(urgent), sending)
        .await
        .expect("sent by an override");
    let view = case::view(&world.desk, manager, CaseId(apart)).await.expect("the case");
    let exception = view.overrides[0].id.0;

    let night = person(world, manager, name).await;
    let emergency = need(world, manager, night, "VTC.02", Priority::P1).await;
    let call = world.send(manager, emergency, "S-ETAT").await.expect("sent").id;
    let beside = NoteCall {
        id: world.new_id(),
        version: 1,
        result: None,
        number: String::new(),
        name: String::new(),
        with_person: "Agent d’accueil".to_owned(),
        happened_at: None,
    };
    calls::note(&world.desk, manager, ReferralId(call), beside)
        .await
        .expect("calls begun");
    let offer = OfferHandover {
        id: world.new_id(),
        to: team.colleague.user.0,
        cases: vec![HandedCase {
            case: night,
            note: String::new(),
        }],
    };
    handovers::offer(&world.desk, manager, offer).await.expect("offered");

    let moving = world.register(manager, name, 30).await.expect("registered").id;
    world.agree(manager, moving, team.proposed).await.expect("agreed");
    let transfer = world
        .propose(manager, moving, team.proposed)
        .await
        .expect("proposed")
        .id;

    let twice = world.register(manager, &double(name), 41).await.expect("registered").id;
    let same = world.new_id();
    let ask = ActOnPerhaps {
        id: same,
        command: "ask".to_owned(),
        other: None,
    };
    duplicates::act(&world.desk, manager, CaseId(twice), ask)
        .await
        .expect("asked");
    let ids = Ids::from([
        (Of::Case, case),
        (Of::Need, late),
        (Of::Late, late),
        (Of::Referral, referral),
        (Of::Call, call),
        (Of::Stop, stop),
        (Of::Transfer, transfer),
        (Of::Same, same),
        (Of::Override, exception),
    ]);
    Life {
        ids,
        cases: vec![case, apart, night, moving, twice],
    }
}

/// The name of the person in this life whom another organisation knows too.
fn double(name: &str) -> String {
    format!("{name} Mbargademo Deuxfois")
}

async fn protect(world: &World, manager: &Viewer, case: Uuid) {
    let version = case::view(&world.desk, manager, CaseId(case))
        .await
        .expect("the case")
        .version;
    let command = SetProtection {
        id: world.new_id(),
        version,
        protected: true,
        person_agrees: true,
    };
    protection::set(&world.desk, manager, CaseId(case), command)
        .await
        .expect("protected");
}

impl Site {
    async fn new(beside: Beside) -> Self {
        let world = World::sqlite();
        world.add_state_body();
        let (of_state, manager) = (world.viewer("etat.gestion"), world.viewer("gestionnaire"));
        // Files of the same persons elsewhere: those of an association's life
        // are the State's, and the other way round.
        let lives = ["Essai Ordinaire", "Essai Associatif", "Essai Menacé"];
        for (name, holder) in lives.into_iter().zip([&manager, &of_state, &of_state]) {
            world.register(holder, &double(name), 41).await.expect("registered");
        }
        let state = Team {
            manager: of_state,
            colleague: world.viewer("etat.chef"),
            proposed: "ACCUEIL",
        };
        let association = Team {
            manager: manager.clone(),
            colleague: world.viewer("collegue"),
            proposed: "DELEGATION",
        };
        // What everybody may see: cases of the State body, and of the association.
        let mut known = life(&world, &state, lives[0]).await.ids;
        life(&world, &association, lives[1]).await;
        let (group, row) = subject::group(&world, &state.manager).await;
        known.extend([
            (Of::Group, group),
            (Of::Expected, row),
            // A complaint has a number drawn by lot, and knows no case.
            (Of::Complaint, nowhere()[&Of::Complaint]),
        ]);
        let (mut told, mut found) = (0, None);
        if beside != Beside::Nothing {
            let lived = life(&world, &association, lives[2]).await;
            found = Some(lived);
        }
        if let (Beside::Protected, Some(found)) = (beside, &found) {
            told = last_notice(&world);
            for case in &found.cases {
                protect(&world, &manager, *case).await;
            }
        }
        // Three weeks go by: everything that can be late is late and told.
        // Counted from the start, so that every site has the same time.
        let now = relais_fixture::start() + TimeDelta::hours(1);
        for days in [1, 2, 7, 21] {
            world.at(now + TimeDelta::days(days));
            work::once(&world.desk).expect("worked");
        }
        if let (Beside::Protected, Some(found)) = (beside, &found) {
            no_word_to_whom_it_is_closed(&world, told, found);
        }
        let app = app(AppState::new(std::sync::Arc::clone(&world.desk), Settings::default()));
        let mut site = Self {
            world,
            app,
            known,
            beside: found.map_or_else(nowhere, |found| found.ids),
            // After three files of others, and two lives of five cases.
            code: relais_acts::codes::case_code(&Mechanism::embedded("cameroon").expect("a mechanism"), 14),
            keys: BTreeMap::new(),
        };
        for login in SHUT_OUT {
            let keys = (site.session(&site.world.viewer(login)), site.token(login));
            site.keys.insert(login, keys);
        }
        site
    }

    fn session(&self, viewer: &Viewer) -> String {
        let secret = ids::secret();
        let (token_hash, user_id) = (secret::hash(&secret), viewer.user);
        self.world
            .store()
            .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
                let now = tx.now()?;
                SessionRecord {
                    token_hash: token_hash.clone(),
                    user_id,
                    created_at: now,
                    seen_at: now,
                    expires_at: now + TimeDelta::hours(8),
                    post_id: None,
                    idle_minutes: 60,
                }
                .insert(tx)
            })
            .expect("a session");
        secret::text(&secret)
    }

    fn token(&self, login: &str) -> String {
        let secret = ids::secret();
        let hash = secret::hash(&secret);
        accounts::create_token(self.world.store(), login, "essai", hash, None, By::CommandLine).expect("a token");
        secret::text(&secret)
    }

    /// Status, headers and body, without what is drawn anew at each asking.
    async fn ask(&self, verb: Verb, kind: Kind, path: &str, login: &str, body: &str) -> String {
        let (session, token) = &self.keys[login];
        let request = Request::builder()
            .method(verb.http())
            .uri(path)
            .header(header::HOST, "relais.example")
            .header("sec-fetch-site", "same-origin");
        let request = match kind {
            Kind::Page => request.header(header::COOKIE, format!("relais={session}")),
            Kind::Api => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        };
        let request = if verb == Verb::Post {
            let kind = match kind {
                Kind::Page => "application/x-www-form-urlencoded",
                Kind::Api => "application/json",
            };
            request.header(header::CONTENT_TYPE, kind)
        } else {
            request
        };
        let response = self
            .app
            .clone()
            .oneshot(request.body(Body::from(body.to_owned())).expect("a request"))
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let mut said = format!("{}\n", parts.status);
        let headers: BTreeMap<_, _> = parts
            .headers
            .iter()
            .filter(|(name, _)| *name != header::DATE)
            .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
            .collect();
        let _ = writeln!(said, "{headers:?}");
        said.push_str(&String::from_utf8_lossy(&body));
        without_ids(&said)
    }
}

/// The number of the last notice.
fn last_notice(world: &World) -> i64 {
    world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| outbox::unsent(tx, 0, 10_000))
        .expect("readable")
        .last()
        .map_or(0, |n| n.seq)
}

/// Since the circuit was chosen, no message about its cases, or about anything
/// that hangs on them, goes to a State body or to the office.
fn no_word_to_whom_it_is_closed(world: &World, since: i64, lived: &Life) {
    let (state, office) = (relais_fixture::id("DELEGATION"), relais_fixture::id("SECRETARIAT"));
    let mut of_cases: BTreeSet<Uuid> = lived.ids.values().copied().chain(lived.cases.iter().copied()).collect();
    for case in lived.cases.clone() {
        let hangs_on_it = world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| relais_store::erasure::ids_of(tx, CaseId(case)))
            .expect("readable");
        of_cases.extend(hangs_on_it);
    }
    let notices = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| outbox::unsent(tx, since, 10_000))
        .expect("readable");
    let own: Vec<_> = notices.iter().filter(|n| of_cases.contains(&n.subject)).collect();
    assert!(!own.is_empty(), "the holder is told of what is late");
    for notice in own {
        let to = notice.organisation.map(|o| o.0);
        assert!(to.is_some() && to != Some(state) && to != Some(office), "{notice:?}");
    }
}

/// The text with every id by the same word.
fn without_ids(text: &str) -> String {
    let is_id = |part: &[u8]| {
        part.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
    };
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        if bytes.len() - at >= 36 && is_id(&bytes[at..at + 36]) {
            out.extend_from_slice(b"<id>");
            at += 36;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Every address that reads, with those that carry what is looked for.
fn addresses(ids: &Ids, code: &str) -> Vec<(Kind, String)> {
    let mut all: Vec<(Kind, String)> = registry()
        .iter()
        // The door for complaints gives everybody a number drawn by lot, and knows no case.
        .filter(|r| r.verb == Verb::Get && r.path != "/complaint")
        .map(|r| (r.kind, path(r, ids)))
        .collect();
    all.extend([
        (Kind::Page, format!("/cases?code={code}")),
        (Kind::Page, "/cases?after=9999999".to_owned()),
        (Kind::Page, "/late?after=0.0.0".to_owned()),
        (Kind::Api, "/api/v1/cases?after=9999999".to_owned()),
        (Kind::Api, "/api/v1/late?after=0.1.0".to_owned()),
        (Kind::Api, "/api/v1/services?q=couture".to_owned()),
        (Kind::Api, "/api/v1/services?region=CM005".to_owned()),
        (
            Kind::Page,
            format!(
                "/needs/{}/refer?service={}",
                ids[&Of::Need],
                relais_fixture::id("S-ETAT")
            ),
        ),
        (
            Kind::Api,
            format!(
                "/api/v1/needs/{}/services?service={}",
                ids[&Of::Need],
                relais_fixture::id("S-ETAT")
            ),
        ),
        (
            Kind::Page,
            format!("/cases/{}/withdraw?look=1&effect=both", ids[&Of::Case]),
        ),
    ]);
    all
}

/// Where two sites answer otherwise: address and looker.
async fn differences(one: &Site, other: &Site) -> (usize, Vec<String>) {
    let (mut asked, mut told) = (0, Vec::new());
    let here = addresses(&one.known, &one.code);
    let there = addresses(&other.known, &other.code);
    for ((kind, a), (_, b)) in here.iter().zip(&there) {
        for login in SHUT_OUT {
            let (first, second) = (
                one.ask(Verb::Get, *kind, a, login, "").await,
                other.ask(Verb::Get, *kind, b, login, "").await,
            );
            asked += 1;
            if first != second {
                told.push(format!("{a} for {login}"));
            }
        }
    }
    (asked, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_state_role_and_no_office_can_tell_that_a_protected_case_exists() {
    let without = Site::new(Beside::Nothing).await;
    let with = Site::new(Beside::Protected).await;
    let (asked, told) = differences(&without, &with).await;
    assert!(asked > 300, "only {asked} answers were compared");
    assert!(told.is_empty(), "a protected case shows:\n{}", told.join("\n"));

    // The same case in the ordinary way shows: the comparison sees what is there.
    let ordinary = Site::new(Beside::Ordinary).await;
    let (_, told) = differences(&without, &ordinary).await;
    for seen in [
        "/late for secretariat",
        "/api/v1/late for secretariat.chef",
        "/inbox for etat.point",
    ] {
        assert!(told.iter().any(|t| t == seen), "{seen} does not differ: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_own_addresses_answer_like_what_does_not_exist() {
    let site = Site::new(Beside::Protected).await;
    let nowhere = nowhere();
    let (mut compared, mut things) = (0, BTreeSet::new());
    for route in registry() {
        let Some(of) = of(route).filter(|of| site.beside.contains_key(of)) else {
            continue;
        };
        things.insert(of);
        for login in SHUT_OUT {
            // A body that is whole would be refused for its version alone.
            let body = match (route.verb, route.kind) {
                (Verb::Get, _) => String::new(),
                (Verb::Post, Kind::Page) => format!("id={}&version=-7&command=start", site.world.new_id()),
                (Verb::Post, Kind::Api) => format!(r#"{{"id":"{}"}}"#, site.world.new_id()),
            };
            let unseen = site
                .ask(route.verb, route.kind, &path(route, &site.beside), login, &body)
                .await;
            let nothing = site
                .ask(route.verb, route.kind, &path(route, &nowhere), login, &body)
                .await;
            assert_eq!(unseen, nothing, "{} {} for {login}", route.verb.http(), route.path);
            compared += 1;
        }
    }
    assert!(compared > 300, "only {compared} answers were compared");
    assert_eq!(things.len(), site.beside.len(), "only {things:?} have addresses");
    // Its own team works on it as before.
    let manager = site.world.viewer("gestionnaire");
    let view = case::view(&site.world.desk, &manager, CaseId(site.beside[&Of::Case]))
        .await
        .expect("its team sees it");
    assert!(view.protected && view.may_write);
}
