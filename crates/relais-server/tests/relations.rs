//! Every route against every relation to a case, with the real router and a
//! real database. `relations/table.csv` is written by hand: who is answered,
//! who is refused, for whom the thing does not exist. A route without a line
//! there, or a line without a route, fails. What is not for a viewer answers,
//! byte for byte, like what is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use chrono::TimeDelta;
use http_body_util::BodyExt as _;
use relais_acts::Viewer;
use relais_acts::accounts;
use relais_acts::commands::ReferralCommand;
use relais_acts::directory::By;
use relais_acts::links::{self, MakeLink, OpenLink};
use relais_acts::work;
use relais_casework::referral::{Confirmation, Outcome};
use relais_fixture::World;
use relais_mechanism::Priority;
use relais_network::{ReferralId, programme_id};
use relais_server::routes::{Route, Verb};
use relais_server::{App, AppState, Kind, Rule, Settings, app, registry, secret};
use relais_store::rows::accounts::SessionRecord;
use relais_store::{StoreError, Tx, ids};
use tower::ServiceExt as _;
use uuid::Uuid;

#[path = "relations/bodies.rs"]
mod bodies;
#[allow(dead_code, reason = "each test file uses its part of this module")]
mod subject;

use subject::{Ids, Of, nowhere, path};

/// The table: route and rule, then one answer for each relation.
const TABLE: &str = include_str!("relations/table.csv");

/// The relations, in the order of the table's columns: name, account, and the
/// case that is looked at.
const RELATIONS: [(&str, Option<&str>, Which); 11] = [
    ("nobody", None, Which::Running),
    ("other_organisation", Some("autre"), Which::Running),
    ("same_organisation", Some("collegue"), Which::Running),
    ("on_case", Some("gestionnaire"), Which::Running),
    ("supervisor", Some("superviseur"), Which::Running),
    ("provider_before", Some("atelier"), Which::Offered),
    ("provider_after", Some("atelier"), Which::Running),
    ("provider_end", Some("atelier"), Which::Over),
    ("secretariat", Some("secretariat"), Which::Running),
    ("administrator", Some("administrateur"), Which::Running),
    ("link_holder", None, Which::Linked),
];

/// Four cases: sent, accepted, closed for longer than its provider keeps it,
/// and one sent to a provider without an account that has opened its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Which {
    Offered,
    Running,
    Over,
    Linked,
}

struct Site {
    world: World,
    app: App,
    cases: BTreeMap<Which, Ids>,
    /// The session of whoever opened the link.
    opened: [u8; 32],
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Site {
    async fn new() -> Self {
        let world = World::sqlite();
        let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
        let mut cases = BTreeMap::new();
        let over = begun(&world, &manager, "Essai Révolu").await;
        give(
            &world,
            &provider,
            over[&Of::Referral],
            ReferralCommand::Accept { by_name: String::new() },
        )
        .await;
        give(&world, &provider, over[&Of::Referral], ReferralCommand::Start).await;
        let report = ReferralCommand::Report {
            outcome: Outcome::Served,
            text: String::new(),
        };
        give(&world, &provider, over[&Of::Referral], report).await;
        let confirmation = Confirmation::PersonThroughSender;
        give(
            &world,
            &manager,
            over[&Of::Referral],
            ReferralCommand::Confirm { confirmation },
        )
        .await;
        let now = world
            .store()
            .read_blocking(|tx: &mut Tx<'_>| tx.now())
            .expect("a clock");
        world.at(now + TimeDelta::days(31));
        work::once(&world.desk).expect("worked");
        cases.insert(Which::Over, over);
        cases.insert(Which::Offered, begun(&world, &manager, "Essai Offert").await);
        let running = begun(&world, &manager, "Essai Courant").await;
        give(
            &world,
            &provider,
            running[&Of::Referral],
            ReferralCommand::Accept { by_name: String::new() },
        )
        .await;
        cases.insert(Which::Running, running);
        let linked = to(&world, &manager, "Essai Lié", "VTC.03", "S-BOIS").await;
        let opened = opened(&world, &manager, ReferralId(linked[&Of::Referral])).await;
        cases.insert(Which::Linked, linked);
        let (group, row) = subject::group(&world, &manager).await;
        let emergency = emergency(&world, &manager).await;
        // What there is once, beside the four cases, all of the same team: a
        // request to the same provider to stop using what it received; a question
        // by another organisation; an override that waits for its co-signature; an
        // emergency; a transfer to the other organisation; an arrival of many and
        // a row of it; a complaint addressed to the secretariat.
        let beside = [
            (Of::Stop, stopped(&world, &manager, &provider).await),
            (Of::Transfer, proposed(&world, &manager).await),
            (Of::Same, world.asked("autre", &manager).await),
            (Of::Override, exception(&world, &manager).await),
            (Of::Call, emergency),
            (Of::Late, emergency),
            (Of::Group, group),
            (Of::Expected, row),
            (Of::Complaint, subject::complaint(&world).await),
            (Of::Webhook, subject::webhook(&world).await),
            (Of::Entry, relais_fixture::id("S-COUTURE")),
            (Of::Organisation, relais_fixture::id("ATELIER")),
            (Of::Change, subject::change(&world).await),
            (Of::Programme, programme_id("ESSAI-1").0),
            (Of::Line, subject::line(&world).await),
            (Of::Agreement, subject::agreement(&world, "ENG-2")),
        ];
        for ids in cases.values_mut() {
            ids.extend(beside);
        }
        let app = app(AppState::new(std::sync::Arc::clone(&world.desk), Settings::default()));
        Self {
            world,
            app,
            cases,
            opened,
        }
    }

    /// A session of this user, newly begun.
    fn session(&self, viewer: &Viewer) -> String {
        let secret = ids::secret();
        let (token_hash, user_id) = (secret::hash(&secret), viewer.user);
        self.world
            .store()
            .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
                let now = tx.now()?;
                let expires_at = now + TimeDelta::hours(8);
                SessionRecord {
                    token_hash: token_hash.clone(),
                    user_id,
                    created_at: now,
                    seen_at: now,
                    expires_at,
                    idle_minutes: 60,
                    post_id: None,
                }
                .insert(tx)
            })
            .expect("a session");
        secret::text(&secret)
    }

    fn token(&self, login: &str) -> String {
        let secret = ids::secret();
        accounts::create_token(
            self.world.store(),
            login,
            "essai",
            secret::hash(&secret),
            None,
            By::CommandLine,
        )
        .expect("a token");
        secret::text(&secret)
    }

    async fn ask(&self, route: &Route, login: Option<&str>, which: Which, ids: &Ids) -> Answer {
        let path = path(route, ids);
        let mut request = Request::builder()
            .method(route.verb.http())
            .uri(path)
            .header(header::HOST, "relais.example")
            .header("sec-fetch-site", "same-origin");
        if let Some(login) = login {
            request = match route.kind {
                Kind::Page => {
                    let session = self.session(&self.world.viewer(login));
                    request.header(header::COOKIE, format!("relais={session}"))
                }
                Kind::Api => request.header(header::AUTHORIZATION, format!("Bearer {}", self.token(login))),
            };
        }
        if which == Which::Linked {
            let session = secret::text(&self.opened);
            request = request.header(header::COOKIE, format!("relais_link=s.{session}"));
        }
        let body = if route.verb == Verb::Post {
            bodies::body(route, self.world.new_id(), self.cases[&Which::Running][&Of::Case])
        } else {
            String::new()
        };
        if route.verb == Verb::Post {
            let kind = match route.kind {
                Kind::Page => "application/x-www-form-urlencoded",
                Kind::Api => "application/json",
            };
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let response = self
            .app
            .clone()
            .oneshot(request.body(Body::from(body)).expect("a request"))
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

/// A person of this name, one need, one referral sent to the workshop.
async fn begun(world: &World, manager: &Viewer, name: &str) -> Ids {
    to(world, manager, name, "VTC.02", "S-COUTURE").await
}

/// A link of the referral, opened with its code: the secret of its session.
async fn opened(world: &World, manager: &Viewer, referral: ReferralId) -> [u8; 32] {
    let (address, session) = ([1; 32], [2; 32]);
    let command = MakeLink { id: world.new_id() };
    links::make(&world.desk, manager, referral, command, secret::hash(&address))
        .await
        .expect("a link");
    let status = links::status(&world.desk, manager, referral).await.expect("seen");
    let open = OpenLink {
        secret_hash: secret::hash(&address),
        code: status.last.and_then(|l| l.code).expect("a code"),
        name: "Essai".to_owned(),
        telephone: "677000000".to_owned(),
        session_hash: secret::hash(&session),
    };
    links::open(&world.desk, open, "/link", "deliver")
        .await
        .expect("opened");
    session
}

/// An emergency to the workshop.
async fn emergency(world: &World, manager: &Viewer) -> Uuid {
    let sent = world
        .referred(manager, "Essai Urgent", "VTC.02", Priority::P1, "S-COUTURE")
        .await;
    sent.referral.id
}

async fn to(world: &World, manager: &Viewer, name: &str, kind: &str, service: &str) -> Ids {
    let sent = world.referred(manager, name, kind, Priority::P4, service).await;
    Ids::from([
        (Of::Case, sent.case),
        (Of::Need, sent.need),
        (Of::Referral, sent.referral.id),
    ])
}

/// A case of the same team, proposed to the other organisation with the
/// person's word.
async fn proposed(world: &World, manager: &Viewer) -> Uuid {
    let case = world
        .register(manager, "Essai Proposé", 30)
        .await
        .expect("registered")
        .id;
    world.agree(manager, case, "AUTRE").await.expect("agreed");
    world.propose(manager, case, "AUTRE").await.expect("proposed").id
}

/// A person who stopped the sharing while a course goes on: the request to the
/// workshop to stop using what it received.
async fn stopped(world: &World, manager: &Viewer, provider: &Viewer) -> Uuid {
    let ids = begun(world, manager, "Essai Retiré").await;
    give(
        world,
        provider,
        ids[&Of::Referral],
        ReferralCommand::Accept { by_name: String::new() },
    )
    .await;
    world
        .withdraw(manager, ids[&Of::Case], "stop_sharing")
        .await
        .expect("withdrawn");
    world.stops(ids[&Of::Case])[0]
}

/// A referral that goes to save life without a word of consent.
async fn exception(world: &World, manager: &Viewer) -> Uuid {
    let case = world
        .register(manager, "Essai Dérogé", 30)
        .await
        .expect("registered")
        .id;
    let need = world
        .need(manager, case, "MED.03", Priority::P2)
        .await
        .expect("a need")
        .id;
    let mut sending = relais_fixture::sending(world.new_id(), "S-SOINS");
    sending.override_kind = Some("VITAL".to_owned());
    "Personne inconsciente.".clone_into(&mut sending.override_reason);
    relais_acts::refer::send(&world.desk, manager, relais_network::NeedId(need), sending)
        .await
        .expect("sent");
    let view = relais_acts::case::view(&world.desk, manager, relais_network::CaseId(case))
        .await
        .expect("the case");
    view.overrides[0].id.0
}

async fn give(world: &World, who: &Viewer, id: Uuid, command: ReferralCommand) {
    world.give(who, id, command).await.expect("done");
}

/// What an answer means, in the table's words.
fn meaning(route: &Route, answer: &Answer) -> &'static str {
    let to_door = answer
        .headers
        .get(header::LOCATION)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|to| to.starts_with("/sign-in?next="));
    match answer.status {
        StatusCode::UNAUTHORIZED => "sign_in",
        StatusCode::SEE_OTHER if to_door => "sign_in",
        StatusCode::FORBIDDEN => "refused",
        StatusCode::NOT_FOUND => "not_found",
        // A link that is not held, or not any more.
        StatusCode::GONE => "gone",
        // The rule let it through: done, or the body is at fault and said so.
        status if status.is_success() || status.is_redirection() => "allowed",
        StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => "allowed",
        // The door is open to anybody, and rationed.
        StatusCode::TOO_MANY_REQUESTS if matches!(route.path, "/sign-in" | "/post/tie") => "allowed",
        status => panic!(
            "{} answers {status}: {}",
            route.path,
            String::from_utf8_lossy(&answer.body)
                .chars()
                .take(400)
                .collect::<String>()
        ),
    }
}

fn rule_words(rule: Rule) -> &'static str {
    match rule {
        Rule::Public => "public",
        Rule::Shown => "shown",
        Rule::SignedIn => "signed_in",
        Rule::Role(_) => "role",
        Rule::CaseSeen => "case_seen",
        Rule::CaseWorked => "case_worked",
        Rule::CaseSupervised => "case_supervised",
        Rule::NeedWorked => "need_worked",
        Rule::ReferralSeen => "referral_seen",
        Rule::ReferralSent => "referral_sent",
        Rule::LateWatched => "late_watched",
        Rule::ReferralPressed => "referral_pressed",
        Rule::Link => "link",
        Rule::SameAsked => "same_asked",
        Rule::StopSeen => "stop_seen",
        Rule::GroupWorked => "group_worked",
        Rule::OverrideJudged => "override_judged",
        Rule::WebhookOwned => "webhook_owned",
        Rule::AgreementSeen => "agreement_seen",
        Rule::AgreementKept => "agreement_kept",
        Rule::ProgrammeSeen => "programme_seen",
        Rule::ProgrammeKept => "programme_kept",
        Rule::RegisterSeen => "register_seen",
        Rule::RegisterKept => "register_kept",
        Rule::EntrySeen => "entry_seen",
        Rule::ChangeJudged => "change_judged",
        Rule::SafeguardsKept => "safeguards_kept",
        Rule::TransferSeen => "transfer_seen",
        Rule::CaseUnclaimed => "case_unclaimed",
        Rule::ComplaintReceived => "complaint_received",
    }
}

fn key(route: &Route) -> String {
    format!("{} {}", route.verb.http(), route.path)
}

/// The table, by route: its rule and its answers.
fn table() -> BTreeMap<String, (String, Vec<String>)> {
    let mut lines = TABLE.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
    let head: Vec<&str> = lines.next().expect("a head").split(',').collect();
    let columns: Vec<&str> = RELATIONS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(head[..2], ["route", "rule"]);
    assert_eq!(head[2..], columns[..], "the columns are the relations");
    let mut table = BTreeMap::new();
    for line in lines {
        let cells: Vec<String> = line.split(',').map(|c| c.trim().to_owned()).collect();
        assert_eq!(cells.len(), head.len(), "{line}");
        let known = table.insert(cells[0].clone(), (cells[1].clone(), cells[2..].to_vec()));
        assert!(known.is_none(), "{} stands there twice", cells[0]);
    }
    table
}

#[test]
fn every_route_has_one_line_with_its_rule() {
    let table = table();
    let routes: BTreeSet<String> = registry().iter().map(key).collect();
    assert_eq!(routes.len(), registry().len(), "a route stands twice in the registry");
    let lines: BTreeSet<String> = table.keys().cloned().collect();
    assert_eq!(lines, routes, "left: the table, right: the registry");
    for route in registry() {
        assert_eq!(table[&key(route)].0, rule_words(route.rule), "{}", key(route));
        if route.path.contains("{id}") {
            assert!(
                !matches!(route.rule, Rule::Public | Rule::SignedIn | Rule::Role(_)),
                "{} speaks of one thing: its rule must too",
                route.path
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_relation_is_answered_as_the_table_says() {
    let site = Site::new().await;
    let table = table();
    let mut wrong = String::new();
    for route in registry() {
        for ((name, login, which), expected) in RELATIONS.iter().zip(&table[&key(route)].1) {
            let ids = &site.cases[which];
            let answer = site.ask(route, *login, *which, ids).await;
            let got = meaning(route, &answer);
            if got != expected {
                let _ = writeln!(
                    wrong,
                    "{} for {name}: {got} ({}), expected {expected}",
                    key(route),
                    answer.status
                );
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unseen_answers_like_the_nonexistent() {
    let site = Site::new().await;
    let table = table();
    let (mut compared, nowhere) = (0, nowhere());
    for route in registry().iter().filter(|r| r.path.contains("{id}")) {
        for ((name, login, which), expected) in RELATIONS.iter().zip(&table[&key(route)].1) {
            if expected != "not_found" {
                continue;
            }
            let unseen = site.ask(route, *login, *which, &site.cases[which]).await;
            let nothing = site.ask(route, *login, *which, &nowhere).await;
            assert_eq!(unseen.status, nothing.status, "{} for {name}", key(route));
            assert_eq!(
                String::from_utf8_lossy(&unseen.body),
                String::from_utf8_lossy(&nothing.body),
                "{} for {name}",
                key(route)
            );
            assert_eq!(
                without_date(&unseen.headers),
                without_date(&nothing.headers),
                "{} for {name}",
                key(route)
            );
            compared += 1;
        }
    }
    assert!(compared >= 100, "only {compared} answers were compared");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_account_is_nobody() {
    let site = Site::new().await;
    let viewer = site.world.viewer("gestionnaire");
    let (session, token) = (site.session(&viewer), site.token("gestionnaire"));
    accounts::close(site.world.store(), "gestionnaire", By::CommandLine).expect("closed");
    let case = site.cases[&Which::Running][&Of::Case];
    for (path, name, value) in [
        (format!("/cases/{case}"), header::COOKIE, format!("relais={session}")),
        (
            format!("/api/v1/cases/{case}"),
            header::AUTHORIZATION,
            format!("Bearer {token}"),
        ),
    ] {
        let request = Request::get(&path)
            .header(name, value)
            .body(Body::empty())
            .expect("a request");
        let answer = site.app.clone().oneshot(request).await.expect("an answer");
        assert!(
            matches!(answer.status(), StatusCode::SEE_OTHER | StatusCode::UNAUTHORIZED),
            "{path}: {}",
            answer.status()
        );
    }
}

fn without_date(headers: &HeaderMap) -> BTreeMap<String, Vec<u8>> {
    headers
        .iter()
        .filter(|(name, _)| *name != header::DATE)
        .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
        .collect()
}
