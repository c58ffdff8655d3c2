//! Thirty days of a mechanism by the deployment's clock: two hundred needs,
//! forty providers, a third of them silent. At no instant a need or a referral
//! without owner and due time; each step of a ladder once, each recipient told
//! once; the counters are what a recount from the events gives.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use relais_acts::accounts::{self, NewUser};
use relais_acts::agreements::{self, NewAgreement};
use relais_acts::commands::{ActOnReferral, ReferralCommand};
use relais_acts::directory::{self, By, Entries};
use relais_acts::{ActError, Viewer, referrals, work};
use relais_casework::referral::{Confirmation, DeclineCode, Outcome};
use relais_fixture::{LITTORAL, NORD, World, id, sending, start};
use relais_mechanism::{ClassSet, DataClass, Lang, Priority, Purpose, Role, Sensitivity};
use relais_network::agreement::AgreementKind;
use relais_network::{NeedId, OrganisationId, PlaceId, ReferralId, ServiceId};
use relais_store::rows::lists;
use relais_store::{Row, StoreError, Tx, counters};
use serde_json::Value as Json;
use uuid::Uuid;

const PROVIDERS: usize = 40;
const CASES: usize = 100;
const DAYS: i64 = 30;
/// How often somebody looks at what there is to do.
const LOOK: TimeDelta = TimeDelta::hours(3);
/// What is asked for, and the provider's copy of which service.
const ASKED: [(&str, &str); 2] = [("MED.03", "S-SOINS"), ("VTC.02", "S-COUTURE")];

/// Numbers that look drawn by lot and are the same in every run.
struct Lot(u64);

impl Lot {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

const fn silent(provider: usize) -> bool {
    provider.is_multiple_of(3)
}

fn code(provider: usize) -> String {
    format!("PRESTATAIRE{provider:02}")
}

fn service_code(provider: usize) -> String {
    format!("S-PRESTA{provider:02}")
}

/// Forty providers in two regions, each with a service, an undertaking and a focal point.
fn providers(world: &World) {
    let network = world.desk.network();
    let mut entries = Entries::default();
    for n in 0..PROVIDERS {
        let (kind, model) = ASKED[n % ASKED.len()];
        let region = if n.is_multiple_of(4) { NORD } else { LITTORAL };
        let mut organisation = network.organisations[&OrganisationId(id("ATELIER"))].clone();
        organisation.id = OrganisationId(id(&code(n)));
        organisation.code = code(n);
        organisation.name.fr = format!("Prestataire d’exercice {n}");
        organisation.name.en = format!("Drill provider {n}");
        organisation.region = Some(region.to_owned());
        let mut service = network.services[&ServiceId(id(model))].clone();
        let mut place = network.places[&service.place].clone();
        place.id = PlaceId(id(&format!("P-PRESTA{n:02}")));
        place.organisation = organisation.id;
        place.region = Some(region.to_owned());
        service.id = ServiceId(id(&service_code(n)));
        service.organisation = organisation.id;
        service.place = place.id;
        kind.clone_into(&mut service.service_type);
        entries.organisations.push((organisation, None));
        entries.places.push(place);
        entries.services.push(service);
    }
    let store = world.store();
    directory::put(store, entries, "drill", By::CommandLine).expect("a directory");
    agreements::add(
        store,
        NewAgreement {
            reference: "MOU-EXERCICE".to_owned(),
            kind: AgreementKind::Mou,
            parties: (0..PROVIDERS)
                .map(|n| (code(n), NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date")))
                .collect(),
            classes: ClassSet::all(),
            purposes: BTreeSet::from([Purpose::Refer, Purpose::Deliver]),
            max_sensitivity: Sensitivity::S3,
            until: None,
        },
        By::CommandLine,
    )
    .expect("an agreement");
    for n in 0..PROVIDERS {
        let user = NewUser {
            organisation: code(n),
            login: format!("presta{n:02}"),
            display_name: format!("Exercice presta{n:02}"),
            roles: vec![Role::FocalPoint],
            regions: Vec::new(),
            language: Lang::Fr,
            password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$invalid".to_owned(),
            trained: false,
            demonstration: true,
        };
        accounts::create(store, user, By::CommandLine).expect("an account");
    }
    world.desk.refresh().expect("refreshed");
}

fn rows(world: &World, sql: &'static str) -> Vec<Row> {
    world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> { tx.query_built(sql, &[]) })
        .expect("readable")
}

/// What a row of a live referral says in clear.
struct Live {
    id: ReferralId,
    provider: usize,
    state: String,
    version: i64,
}

struct Drill {
    world: World,
    manager: Viewer,
    focal: Vec<Viewer>,
    lot: Lot,
    /// Needs with what they ask for and who was asked already.
    needs: Vec<(NeedId, usize, HashSet<usize>)>,
    looks: u64,
    refused: BTreeMap<String, u32>,
}

impl Drill {
    /// At no instant anything without an owner and a due time.
    fn law(&mut self) {
        self.looks += 1;
        let waiting = self
            .world
            .store()
            .read_blocking(lists::waiting_on_nobody)
            .expect("readable");
        assert_eq!(waiting, (0, 0), "referrals and needs without owner or due time");
        let miscounted = self
            .world
            .store()
            .read_blocking(lists::cases_miscounted)
            .expect("readable");
        assert_eq!(miscounted, 0, "open needs or earliest limits of cases");
        // The same, said once more and by another hand than the store's.
        let stray = rows(
            &self.world,
            "SELECT COUNT(*) AS n FROM need WHERE state IN ('open', 'referred') AND (due_at IS NULL OR owner_role = '')",
        );
        assert_eq!(stray[0].get::<i64>("n").expect("a number"), 0);
        let stray = rows(
            &self.world,
            "SELECT COUNT(*) AS n FROM referral WHERE ended_at IS NULL AND (due_at IS NULL OR owner_role IS NULL OR owner_id IS NULL AND owner_side <> 'secretariat')",
        );
        assert_eq!(stray[0].get::<i64>("n").expect("a number"), 0);
    }

    /// Moves the clock to `to`, stopping at each limit on the way.
    fn pass_until(&mut self, to: DateTime<Utc>) {
        loop {
            let next = rows(&self.world, "SELECT MIN(due_at) AS at FROM due_work");
            let next: Option<DateTime<Utc>> = next[0].get("at").expect("a time");
            let now = self
                .world
                .store()
                .read_blocking(|tx: &mut Tx<'_>| tx.now())
                .expect("a clock");
            let stop = next.map_or(to, |at| at.clamp(now, to));
            if stop > now {
                self.world.at(stop);
            }
            work::once(&self.world.desk).expect("worked");
            self.law();
            if stop >= to {
                return;
            }
        }
    }

    fn note<T>(&mut self, what: &str, result: Result<T, ActError>) {
        match result {
            Ok(_) => self.law(),
            Err(ActError::Store(error)) => panic!("{what}: {error}"),
            Err(ActError::Refused { code, .. }) => *self.refused.entry(format!("{what}: {code}")).or_default() += 1,
            // Whoever left too much unanswered is not offered for a while.
            Err(ActError::Invalid(wrong)) if wrong.iter().all(|w| w.field == "service") => {
                *self.refused.entry(format!("{what}: not offered")).or_default() += 1;
            }
            Err(other) => panic!("{what}: {other:?}"),
        }
    }

    async fn arrive(&mut self, n: usize) {
        let made = self
            .world
            .register(&self.manager, &format!("Essai Retour {n}"), 30)
            .await
            .expect("registered");
        self.world
            .consent(
                &self.manager,
                made.id,
                &[
                    DataClass::Identity,
                    DataClass::Contact,
                    DataClass::Skills,
                    DataClass::Health,
                ],
            )
            .await
            .expect("consented");
        for (kind, (asked, _)) in ASKED.iter().enumerate() {
            let priority = [Priority::P2, Priority::P3, Priority::P3, Priority::P4]
                [usize::try_from(self.lot.below(4)).expect("small")];
            let need = self
                .world
                .need(&self.manager, made.id, asked, priority)
                .await
                .expect("a need");
            self.law();
            self.needs.push((NeedId(need.id), kind, HashSet::new()));
            self.refer(self.needs.len() - 1).await;
        }
    }

    /// Asks a provider that was not asked before.
    async fn refer(&mut self, need: usize) {
        let (id, kind, tried) = self.needs[need].clone();
        let free: Vec<usize> = (0..PROVIDERS)
            .filter(|p| p % ASKED.len() == kind && !tried.contains(p))
            .collect();
        if free.is_empty() || tried.len() >= 3 {
            return;
        }
        let provider = free[usize::try_from(self.lot.below(free.len() as u64)).expect("small")];
        self.needs[need].2.insert(provider);
        let command = sending(self.world.new_id(), &service_code(provider));
        let sent = relais_acts::refer::send(&self.world.desk, &self.manager, id, command).await;
        self.note("send", sent);
    }

    async fn act(&mut self, live: &Live, by_sender: bool, command: ReferralCommand) {
        let viewer = if by_sender {
            self.manager.clone()
        } else {
            self.focal[live.provider].clone()
        };
        let act = ActOnReferral {
            id: self.world.new_id(),
            version: live.version,
            command,
            channel: None,
            number: String::new(),
            answered_by: String::new(),
            happened_at: None,
        };
        let done = referrals::act(&self.world.desk, &viewer, live.id, act).await;
        self.note("act", done);
    }

    /// Everybody looks at what waits for them, and some do it.
    async fn look(&mut self) {
        let live = rows(
            &self.world,
            "SELECT id, provider_id, state, version FROM referral WHERE ended_at IS NULL ORDER BY seq",
        );
        let by_id: BTreeMap<Uuid, usize> = (0..PROVIDERS).map(|n| (id(&code(n)), n)).collect();
        for row in live {
            let live = Live {
                id: ReferralId(row.get("id").expect("an id")),
                provider: by_id[&row.get::<Uuid>("provider_id").expect("an id")],
                state: row.get("state").expect("a state"),
                version: row.get("version").expect("a version"),
            };
            let command = match live.state.as_str() {
                _ if silent(live.provider) => continue,
                "sent" | "received" if self.lot.one_in(8) => match self.lot.below(5) {
                    0 => ReferralCommand::Decline {
                        code: DeclineCode::NoCapacity,
                        suggested: None,
                    },
                    1 => ReferralCommand::Acknowledge,
                    _ => ReferralCommand::Accept { by_name: String::new() },
                },
                "accepted" if self.lot.one_in(10) => ReferralCommand::Start,
                "in_service" if self.lot.one_in(10) => ReferralCommand::Report {
                    outcome: [
                        Outcome::Served,
                        Outcome::Served,
                        Outcome::PartlyServed,
                        Outcome::DidNotAttend,
                    ][usize::try_from(self.lot.below(4)).expect("small")],
                    text: String::new(),
                },
                "reported" if self.lot.one_in(12) => {
                    let confirmation = Confirmation::PersonThroughSender;
                    self.act(&live, true, ReferralCommand::Confirm { confirmation }).await;
                    continue;
                }
                _ => continue,
            };
            self.act(&live, false, command).await;
        }
        let open = rows(&self.world, "SELECT id FROM need WHERE state = 'open' ORDER BY seq");
        for row in open {
            let need = NeedId(row.get("id").expect("an id"));
            if self.lot.one_in(4) {
                let at = self.needs.iter().position(|(id, ..)| *id == need).expect("known");
                self.refer(at).await;
            }
        }
    }
}

/// Whole cells: month, region, group, measure.
type Cells = BTreeMap<(String, String, String, String), i64>;

/// Counts again, from nothing but the events and the rows they speak of.
fn recount(world: &World) -> Cells {
    let mut cells = Cells::new();
    let mut add = |at: DateTime<Utc>, region: &str, group: &str, measure: String| {
        *cells
            .entry((counters::month(at), region.to_owned(), group.to_owned(), measure))
            .or_default() += 1;
    };
    for row in rows(
        world,
        "SELECT e.kind, e.meta, e.typed_at, r.region, n.group_code FROM event e JOIN referral r ON r.id = e.subject JOIN need n ON n.id = r.need_id",
    ) {
        let (kind, meta): (String, String) = (row.get("kind").expect("a kind"), row.get("meta").expect("JSON"));
        let (at, region, group): (_, String, String) = (
            row.get("typed_at").expect("a time"),
            row.get("region").expect("a region"),
            row.get("group_code").expect("a group"),
        );
        if kind != "reminded" {
            add(at, &region, &group, format!("referrals_{kind}"));
        }
        let meta: Json = serde_json::from_str(&meta).expect("JSON");
        if let Some(state) = meta["need_state"].as_str() {
            add(at, &region, &group, format!("needs_{state}"));
        }
    }
    for row in rows(
        world,
        "SELECT e.typed_at, c.region, n.group_code FROM event e JOIN need n ON n.id = e.subject JOIN case_file c ON c.id = n.case_id WHERE e.kind = 'need_recorded'",
    ) {
        let (region, group): (String, String) = (
            row.get("region").expect("a region"),
            row.get("group_code").expect("a group"),
        );
        add(
            row.get("typed_at").expect("a time"),
            &region,
            &group,
            "needs_recorded".to_owned(),
        );
    }
    for row in rows(
        world,
        "SELECT e.typed_at, c.region FROM event e JOIN case_file c ON c.id = e.subject WHERE e.kind = 'case_opened'",
    ) {
        let region: String = row.get("region").expect("a region");
        add(
            row.get("typed_at").expect("a time"),
            &region,
            "all",
            "cases_opened".to_owned(),
        );
    }
    cells
}

fn counted(world: &World) -> Cells {
    world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| counters::between(tx, "2026-01", "2027-12"))
        .expect("readable")
        .into_iter()
        .map(|c| ((c.month, c.region, c.group, c.measure), c.value))
        .collect()
}

/// Each step of each wait once, and as many notices as recipients were named.
fn each_step_once(world: &World) -> usize {
    let mut seen = HashSet::new();
    let mut told = 0;
    for row in rows(
        world,
        "SELECT subject, meta FROM event WHERE kind = 'reminded' ORDER BY stream, seq",
    ) {
        let subject: Uuid = row.get("subject").expect("an id");
        let meta: Json = serde_json::from_str(&row.get::<String>("meta").expect("JSON")).expect("JSON");
        let step = (
            subject,
            meta["due_kind"].to_string(),
            meta["due"].to_string(),
            meta["percent"].to_string(),
        );
        assert!(seen.insert(step.clone()), "said twice: {step:?}");
        told += meta["tell"].as_array().expect("who is told").len();
    }
    let notices = rows(world, "SELECT COUNT(*) AS n FROM outbox WHERE kind = 'reminder'");
    assert_eq!(
        notices[0].get::<i64>("n").expect("a number"),
        i64::try_from(told).expect("few")
    );
    let late = rows(
        world,
        "SELECT COUNT(*) AS n, COUNT(DISTINCT subject) AS m FROM event WHERE kind = 'late'",
    );
    let (all, needs): (i64, i64) = (late[0].get("n").expect("a number"), late[0].get("m").expect("a number"));
    let notices = rows(world, "SELECT COUNT(*) AS n FROM outbox WHERE kind = 'need_late'");
    assert_eq!(
        notices[0].get::<i64>("n").expect("a number"),
        2 * all,
        "holder and supervisor"
    );
    assert!(all > 0 && needs > 0, "no need was ever late");
    seen.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_days_leave_nobody_waiting_on_nobody() {
    let world = World::sqlite();
    providers(&world);
    let focal = (0..PROVIDERS).map(|n| world.viewer(&format!("presta{n:02}"))).collect();
    let manager = world.viewer("gestionnaire");
    let mut drill = Drill {
        world,
        manager,
        focal,
        lot: Lot(20_261_123),
        needs: Vec::new(),
        looks: 0,
        refused: BTreeMap::new(),
    };

    let (mut now, end) = (start(), start() + TimeDelta::days(DAYS));
    let mut arrived = 0;
    while now < end {
        // Ten a day for ten days, each with two needs.
        let due_by_now = usize::try_from(((now - start()).num_hours() * 10 / 24 + 1).min(CASES as i64)).expect("small");
        while arrived < due_by_now {
            drill.arrive(arrived).await;
            arrived += 1;
        }
        drill.look().await;
        now += LOOK;
        drill.pass_until(now);
    }
    assert_eq!((arrived, drill.needs.len()), (CASES, 200));

    let steps = each_step_once(&drill.world);
    let (counted, recounted) = (counted(&drill.world), recount(&drill.world));
    assert_eq!(counted, recounted, "a counter is not what its events say");
    let states: BTreeMap<String, i64> = rows(&drill.world, "SELECT state, COUNT(*) AS n FROM referral GROUP BY state")
        .iter()
        .map(|r| (r.get("state").expect("a state"), r.get("n").expect("a number")))
        .collect();
    let needs: BTreeMap<String, i64> = rows(&drill.world, "SELECT state, COUNT(*) AS n FROM need GROUP BY state")
        .iter()
        .map(|r| (r.get("state").expect("a state"), r.get("n").expect("a number")))
        .collect();
    eprintln!(
        "{} looks; {steps} steps of ladders; referrals {states:?}; needs {needs:?}; {} cells; refused {:?}",
        drill.looks,
        counted.len(),
        drill.refused
    );
    for state in ["expired", "declined", "closed"] {
        assert!(
            states.get(state).is_some_and(|n| *n > 0),
            "no referral was ever {state}: {states:?}"
        );
    }
    assert!(
        steps > 100 && needs.get("met").is_some_and(|n| *n > 0),
        "too quiet a month: {steps} {needs:?}"
    );
    // Whom a silent provider was asked for, it lost: none is served there, none waits there past the ladder's end.
    let there: Vec<Row> = rows(&drill.world, "SELECT provider_id, state FROM referral");
    for row in there {
        let provider: Uuid = row.get("provider_id").expect("an id");
        let state: String = row.get("state").expect("a state");
        let quiet = (0..PROVIDERS).any(|n| silent(n) && id(&code(n)) == provider);
        assert!(
            !quiet || ["sent", "expired"].contains(&state.as_str()),
            "a silent provider, and {state}"
        );
    }
    let report = relais_store::audit::verify(drill.world.store()).expect("verified");
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}
