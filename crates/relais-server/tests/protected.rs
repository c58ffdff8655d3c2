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
use relais_acts::commands::{ActOnReferral, ReferralCommand, SetProtection};
use relais_acts::directory::By;
use relais_acts::{Viewer, case, protection, refer, referral_view, referrals, work};
use relais_fixture::{SHUT_OUT, World};
use relais_mechanism::{DataClass, Mechanism, Priority};
use relais_network::{CaseId, NeedId, ReferralId};
use relais_server::routes::{Route, Verb};
use relais_server::{App, AppState, Kind, Settings, app, registry, secret};
use relais_store::rows::accounts::SessionRecord;
use relais_store::{StoreError, Tx, ids, outbox};
use tower::ServiceExt as _;
use uuid::Uuid;

/// What stands in a database beside the ordinary life of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    /// The case, in the protected circuit.
    Protected,
    /// The same case, in the ordinary way: what the test must be able to see.
    Ordinary,
}

#[derive(Debug, Clone, Copy)]
struct Ids {
    case: Uuid,
    need: Uuid,
    referral: Uuid,
    stop: Uuid,
    exception: Uuid,
}

impl Ids {
    /// Ids of nothing.
    fn nowhere() -> Self {
        let id = |n| Uuid::from_u128(n);
        Self {
            case: id(7),
            need: id(8),
            referral: id(9),
            stop: id(10),
            exception: id(11),
        }
    }
}

struct Site {
    world: World,
    app: App,
    /// An ordinary case of the State body.
    known: Ids,
    /// The case beside, if there is one.
    beside: Ids,
    /// Its code, or the one that it would have.
    code: String,
    keys: BTreeMap<&'static str, (String, String)>,
}

async fn give(world: &World, who: &Viewer, id: Uuid, command: ReferralCommand) {
    let view = referral_view::view(&world.desk, who, ReferralId(id))
        .await
        .expect("seen");
    let act = ActOnReferral {
        id: world.new_id(),
        version: view.version,
        command,
        channel: None,
        number: String::new(),
        answered_by: String::new(),
        happened_at: None,
    };
    referrals::act(&world.desk, who, ReferralId(id), act)
        .await
        .expect("done");
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

/// Two cases with everything that a State body or the office could meet: in the
/// first a referral that a State body began, one that it has not answered, one
/// to an association, a need that nobody answers, and a request to stop using
/// what was received; in the second, without a word of consent, one that went
/// by an override.
async fn life(world: &World, manager: &Viewer, name: &str) -> (Ids, Uuid) {
    let state = world.viewer("etat.point");
    let case = person(world, manager, name).await;
    let begun = need(world, manager, case, "VTC.02", Priority::P4).await;
    let running = world.send(manager, begun, "S-ETAT").await.expect("sent").id;
    give(world, &state, running, accept()).await;
    give(world, &state, running, ReferralCommand::Start).await;
    world.withdraw(manager, case, "stop_sharing").await.expect("withdrawn");
    let stop = world.stops(case).first().copied().unwrap_or_default();
    world
        .consent(manager, case, &[DataClass::Skills])
        .await
        .expect("consented again");
    let second = need(world, manager, case, "VTC.02", Priority::P3).await;
    let referral = world.send(manager, second, "S-ETAT").await.expect("sent").id;
    let third = need(world, manager, case, "VTC.02", Priority::P3).await;
    world.send(manager, third, "S-COUTURE").await.expect("sent");
    let late = need(world, manager, case, "VTC.02", Priority::P3).await;

    let apart = world.register(manager, name, 30).await.expect("registered").id;
    let urgent = need(world, manager, apart, "MED.03", Priority::P2).await;
    let mut sending = relais_fixture::sending(world.new_id(), "S-SOINS");
    sending.override_kind = Some("VITAL".to_owned());
    "Personne inconsciente.".clone_into(&mut sending.override_reason);
    refer::send(&world.desk, manager, NeedId(urgent), sending)
        .await
        .expect("sent by an override");
    let view = case::view(&world.desk, manager, CaseId(apart)).await.expect("the case");
    let ids = Ids {
        case,
        need: late,
        referral,
        stop,
        exception: view.overrides[0].id.0,
    };
    (ids, apart)
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
        // What everybody may see: cases of the State body, and of the association.
        let (known, _) = life(&world, &of_state, "Essai Ordinaire").await;
        life(&world, &manager, "Essai Associatif").await;
        let (mut told, mut found, mut apart) = (0, Ids::nowhere(), Uuid::nil());
        if beside != Beside::Nothing {
            (found, apart) = life(&world, &manager, "Essai Menacé").await;
        }
        if beside == Beside::Protected {
            told = last_notice(&world);
            protect(&world, &manager, found.case).await;
            protect(&world, &manager, apart).await;
        }
        // Three weeks go by: everything that can be late is late and told.
        let now = world
            .store()
            .read_blocking(|tx: &mut Tx<'_>| tx.now())
            .expect("a clock");
        for days in [1, 2, 7, 21] {
            world.at(now + TimeDelta::days(days));
            work::once(&world.desk).expect("worked");
        }
        if beside == Beside::Protected {
            no_word_to_whom_it_is_closed(&world, told, found.case);
            no_word_to_whom_it_is_closed(&world, told, apart);
        }
        let app = app(AppState::new(std::sync::Arc::clone(&world.desk), Settings::default()));
        let mut site = Self {
            world,
            app,
            known,
            beside: found,
            code: relais_acts::codes::case_code(&Mechanism::embedded("cameroon").expect("a mechanism"), 5),
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

/// Since the circuit was chosen, no message about the case goes to a State
/// body or to the office.
fn no_word_to_whom_it_is_closed(world: &World, since: i64, case: Uuid) {
    let (state, office) = (relais_fixture::id("DELEGATION"), relais_fixture::id("SECRETARIAT"));
    let file = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| relais_acts::file::CaseFile::load(tx, CaseId(case)))
        .expect("readable")
        .expect("a case");
    let mut of_case: BTreeSet<Uuid> = file.referrals.iter().map(|r| r.record.id.0).collect();
    of_case.extend(file.needs.iter().map(|n| n.record.id.0));
    of_case.extend(world.stops(case));
    of_case.insert(case);
    let overrides = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| relais_store::rows::cases::overrides_of(tx, CaseId(case)))
        .expect("readable");
    of_case.extend(overrides.iter().map(|o| o.id.0));
    let notices = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| outbox::unsent(tx, since, 10_000))
        .expect("readable");
    let own: Vec<_> = notices.iter().filter(|n| of_case.contains(&n.subject)).collect();
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

fn path(route: &Route, ids: &Ids) -> String {
    let id = if route.path.contains("/overrides/{id}") {
        ids.exception
    } else if route.path.contains("/cases/{id}") {
        ids.case
    } else if route.path.contains("/needs/{id}") {
        ids.need
    } else if route.path.contains("/stops/{id}") {
        ids.stop
    } else {
        ids.referral
    };
    route
        .path
        .replace("{id}", &id.to_string())
        .replace("{lang}", "fr")
        .replace("{secret}", "rien")
}

/// Every address that reads, with those that carry what is looked for.
fn addresses(ids: &Ids, code: &str) -> Vec<(Kind, String)> {
    let mut all: Vec<(Kind, String)> = registry()
        .iter()
        .filter(|r| r.verb == Verb::Get)
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
            format!("/needs/{}/refer?service={}", ids.need, relais_fixture::id("S-ETAT")),
        ),
        (
            Kind::Api,
            format!(
                "/api/v1/needs/{}/services?service={}",
                ids.need,
                relais_fixture::id("S-ETAT")
            ),
        ),
        (Kind::Page, format!("/cases/{}/withdraw?look=1&effect=both", ids.case)),
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
    let nowhere = Ids::nowhere();
    let mut compared = 0;
    for route in registry().iter().filter(|r| r.path.contains("{id}")) {
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
    // Its own team works on it as before.
    let manager = site.world.viewer("gestionnaire");
    let view = case::view(&site.world.desk, &manager, CaseId(site.beside.case))
        .await
        .expect("its team sees it");
    assert!(view.protected && view.may_write);
}
