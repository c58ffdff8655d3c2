//! Whether a protected case shows to whoever it is closed to: every route that
//! reads, as every State role and every role of the mechanism's office, on two
//! databases that differ by that one case. Every answer must be the same, but
//! for ids and the time of the answer, which are drawn anew at each asking.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use relais_acts::{case, work};
use relais_fixture::{SHUT_OUT, World};
use relais_mechanism::Mechanism;
use relais_network::{CaseId, programme_id};
use relais_server::routes::Verb;
use relais_server::{Kind, registry};
use relais_store::{Tx, outbox};
use uuid::Uuid;

#[allow(dead_code, reason = "each test file uses its part of this module")]
mod asking;
#[allow(dead_code, reason = "each test file uses its part of this module")]
mod life;
#[allow(dead_code, reason = "each test file uses its part of this module")]
mod subject;

use asking::Asker;
use life::{Life, Team, double, life};
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
    asker: Asker,
    /// An ordinary case of the State body.
    known: Ids,
    /// What is beside, if there is anything.
    beside: Ids,
    /// Its code, or the one that it would have.
    code: String,
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
            // An entry that the protected person's providers answer for too.
            (Of::Entry, relais_fixture::id("S-COUTURE")),
            (Of::Change, nowhere()[&Of::Change]),
            (Of::Programme, programme_id("ESSAI-1").0),
            (Of::Organisation, relais_fixture::id("ATELIER")),
            (Of::Line, nowhere()[&Of::Line]),
            (Of::Agreement, subject::agreement(&world, "ENG-2")),
        ]);
        let (mut told, mut found) = (0, None);
        if beside != Beside::Nothing {
            let lived = life(&world, &association, lives[2]).await;
            found = Some(lived);
        }
        if let (Beside::Protected, Some(found)) = (beside, &found) {
            told = last_notice(&world);
            for case in &found.cases {
                world.protect(&manager, *case).await.expect("protected");
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
        Self {
            asker: Asker::new(&world, &SHUT_OUT),
            world,
            known,
            beside: found.map_or_else(nowhere, |found| found.ids),
            // After three files of others, and two lives of five cases.
            code: relais_acts::codes::case_code(&Mechanism::embedded("cameroon").expect("a mechanism"), 14),
        }
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

/// Every address that reads, with those that carry what is looked for.
fn addresses(ids: &Ids, code: &str) -> Vec<(Kind, String)> {
    let mut all = asking::reading(ids);
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
    let here = addresses(&one.known, &one.code);
    let there = addresses(&other.known, &other.code);
    asking::differences((&one.asker, &here), (&other.asker, &there), &SHUT_OUT).await
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
                .asker
                .ask(route.verb, route.kind, &path(route, &site.beside), login, &body)
                .await;
            let nothing = site
                .asker
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
