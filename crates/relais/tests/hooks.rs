//! Webhooks, by the binary as it is run, against systems of this machine that
//! verify what they get by their own reckoning: signed, in order, again until
//! they are taken, by one process at a time; one that hangs or points elsewhere
//! holds up nobody and leads nowhere.

mod outside;

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use relais_acts::commands::ReferralCommand;
use relais_acts::{Viewer, referral_view};
use relais_fixture::World;
use relais_mechanism::{DataClass, Priority};
use relais_network::ReferralId;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::outside::{Request, answer};

/// What a system does with a call.
#[derive(Debug, Clone)]
enum Does {
    Answers(u16),
    /// Points to another address.
    Points(String),
    /// Reads, and says nothing for longer than anybody waits.
    Hangs,
}

/// One call as it came.
#[derive(Debug, Clone)]
struct Call(Request);

impl Call {
    fn id(&self) -> &str {
        &self.0.headers["webhook-id"]
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.0.body).expect("JSON")
    }
}

/// HMAC-SHA256 by hand, so that the signature is not checked by what made it.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64);
    let padded = |with: u8| -> Vec<u8> { (0..64).map(|n| key.get(n).copied().unwrap_or(0) ^ with).collect() };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new()
        .chain_update(padded(0x5c))
        .chain_update(inner)
        .finalize()
        .to_vec()
}

/// What a careful receiver looks at: the signature, and the time.
fn verify(call: &Call, secret: &str, now: u64) -> Result<(), &'static str> {
    let key = STANDARD.decode(&secret["whsec_".len()..]).expect("base64");
    let stamp = &call.0.headers["webhook-timestamp"];
    let signed = format!("{}.{stamp}.{}", call.id(), call.0.body);
    let expected = format!("v1,{}", STANDARD.encode(hmac(&key, signed.as_bytes())));
    let mut signatures = call.0.headers["webhook-signature"].split(' ');
    if !signatures.any(|s| s == expected) {
        return Err("signature");
    }
    let sent: u64 = stamp.parse().map_err(|_| "time")?;
    if now.abs_diff(sent) > 300 {
        return Err("time");
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the receiver's own clock, which is no deployment's"
)]
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs()
}

/// An organisation's system.
struct System {
    port: u16,
    does: Arc<Mutex<Does>>,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl System {
    fn new(does: Does) -> Self {
        let does = Arc::new(Mutex::new(does));
        let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
        let (doing, heard) = (Arc::clone(&does), Arc::clone(&calls));
        let port = outside::listen(move |stream, _| {
            let now = doing.lock().expect("unpoisoned").clone();
            take(stream, &now, &heard);
        });
        Self { port, does, calls }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/relais", self.port)
    }

    fn does(&self, now: Does) {
        *self.does.lock().expect("unpoisoned") = now;
    }

    fn calls(&self) -> Vec<Call> {
        self.calls.lock().expect("unpoisoned").clone()
    }
}

fn take(stream: TcpStream, does: &Does, calls: &Mutex<Vec<Call>>) -> Option<()> {
    let call = Call(outside::request(&stream)?);
    calls.lock().expect("unpoisoned").push(call);
    match does {
        Does::Answers(status) => outside::respond(stream, &format!("{status} Essai"), ""),
        Does::Points(to) => outside::respond(stream, "307 Ailleurs", &format!("Location: {to}\r\n")),
        Does::Hangs => {
            std::thread::sleep(Duration::from_secs(60));
            None
        }
    }
}

struct Site {
    world: World,
    manager: Viewer,
    provider: Viewer,
}

impl Site {
    fn new() -> Self {
        let world = World::sqlite();
        let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
        Self {
            world,
            manager,
            provider,
        }
    }

    fn command(&self, arguments: &[&str]) -> Child {
        outside::relais(&self.world, arguments, &[])
    }

    fn relais(&self, arguments: &[&str]) -> Value {
        answer(self.command(arguments))
    }

    /// A system of this organisation is told; id and secret.
    fn hook(&self, organisation: &str, url: &str) -> (String, String) {
        let made = self.relais(&["webhook", "add", url, "--organisation", organisation]);
        let text = |name: &str| made[name].as_str().expect("text").to_owned();
        (text("id"), text("secret"))
    }

    /// One round of work: how many calls were taken, and how many not.
    fn work(&self) -> (u64, u64) {
        counts(&self.relais(&["work", "--once"]))
    }

    fn listed(&self, id: &str) -> Value {
        let list = self.relais(&["webhook", "list"]);
        let rows = list.as_array().expect("a list");
        rows.iter().find(|w| w["id"] == id).expect("in the list").clone()
    }

    /// A referral to the workshop, under an invented name.
    async fn sent(&self) -> Uuid {
        let case = self
            .world
            .register(&self.manager, "Salomé Essai Bilodémo", 30)
            .await
            .expect("registered")
            .id;
        self.world
            .consent(&self.manager, case, &[DataClass::Skills])
            .await
            .expect("consented");
        let need = self
            .world
            .need(&self.manager, case, "VTC.02", Priority::P4)
            .await
            .expect("a need")
            .id;
        self.world
            .send(&self.manager, need, "S-COUTURE")
            .await
            .expect("sent")
            .id
    }

    fn after(&self, span: TimeDelta) {
        outside::after(&self.world, span);
    }
}

fn counts(round: &Value) -> (u64, u64) {
    outside::counts(round, "told", "untold")
}

fn names_nobody(call: &Call) {
    // The signature is drawn by lot, as it were: any three letters may stand in it.
    let said = call.0.headers.iter().filter(|(name, _)| *name != "webhook-signature");
    let said = said.collect::<Vec<_>>();
    let whole = format!("{} {said:?} {}", call.0.first, call.0.body);
    for leak in [
        "Salomé",
        "Bilod",
        "677123456",
        "6 77 12",
        "VTC",
        "Couture",
        "R-2026",
        "CM-0",
        "ATELIER",
        "P4",
    ] {
        assert!(!whole.contains(leak), "{leak} in {whole}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_verifies_what_it_gets_and_reads_the_rest_with_its_own_token() {
    let site = Site::new();
    let system = System::new(Does::Answers(204));
    let (id, secret) = site.hook("ATELIER", &system.url());
    let referral = site.sent().await;
    assert_eq!(site.work(), (1, 0));
    let accept = ReferralCommand::Accept { by_name: String::new() };
    site.world
        .give(&site.provider, referral, accept)
        .await
        .expect("accepted");
    assert_eq!(site.work(), (2, 0));
    assert_eq!(site.work(), (0, 0), "never twice");

    let calls = system.calls();
    let types: Vec<String> = calls
        .iter()
        .map(|c| c.json()["type"].as_str().expect("a type").to_owned())
        .collect();
    assert_eq!(types, ["referral.sent", "referral.received", "referral.accepted"]);
    for call in &calls {
        assert_eq!(verify(call, &secret, now()), Ok(()));
        assert!(call.0.first.starts_with("POST /relais HTTP/1.1"));
        assert_eq!(call.0.headers["content-type"], "application/json");
        assert!(call.0.headers["user-agent"].starts_with("Relais/"));
        assert_eq!(call.json()["id"], call.id());
        assert_eq!(call.json()["referral"], referral.to_string());
        names_nobody(call);
        // What was tampered with is refused; so is what is old, and another's secret.
        let mut tampered = call.clone();
        tampered.0.body = call.0.body.replace("referral.", "referrals.");
        assert_eq!(verify(&tampered, &secret, now()), Err("signature"));
        let mut moved = call.clone();
        moved
            .0
            .headers
            .insert("webhook-timestamp".to_owned(), now().to_string());
        if moved.0.headers["webhook-timestamp"] != call.0.headers["webhook-timestamp"] {
            assert_eq!(verify(&moved, &secret, now()), Err("signature"));
        }
        assert_eq!(verify(call, &secret, now() + 301), Err("time"));
        let other = format!("whsec_{}", STANDARD.encode([9; 32]));
        assert_eq!(verify(call, &other, now()), Err("signature"));
    }
    let view = referral_view::view(&site.world.desk, &site.provider, ReferralId(referral))
        .await
        .expect("read");
    assert_eq!(calls[2].json()["version"], view.version);
    let listed = site.listed(&id);
    assert_eq!((&listed["state"], &listed["answer"]), (&"active".into(), &"204".into()));
    assert!(!listed.to_string().contains("whsec_"));

    site.relais(&["webhook", "end", &id]);
    site.sent().await;
    assert_eq!(site.work(), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_is_down_twice_gets_everything_once_it_is_up_in_order() {
    let site = Site::new();
    let system = System::new(Does::Answers(503));
    let (id, secret) = site.hook("ATELIER", &system.url());
    let referral = site.sent().await;
    assert_eq!(site.work(), (0, 1));
    let accept = ReferralCommand::Accept { by_name: String::new() };
    site.world
        .give(&site.provider, referral, accept)
        .await
        .expect("accepted");
    assert_eq!(site.work(), (0, 0), "not before its time");
    let listed = site.listed(&id);
    assert_eq!(
        (&listed["state"], &listed["answer"]),
        (&"failing".into(), &"503".into())
    );
    assert_eq!(listed["waiting"], 3);
    site.after(TimeDelta::minutes(1));
    system.does(Does::Answers(500));
    assert_eq!(site.work(), (0, 1));
    site.after(TimeDelta::minutes(5));
    system.does(Does::Answers(200));
    assert_eq!(site.work(), (3, 0));
    let calls = system.calls();
    let ids: Vec<&str> = calls.iter().map(Call::id).collect();
    assert_eq!(ids.len(), 5);
    assert!(
        ids[0] == ids[1] && ids[1] == ids[2],
        "the same notification has the same id"
    );
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 3);
    let types: Vec<Value> = calls[2..].iter().map(|c| c.json()["type"].clone()).collect();
    assert_eq!(types, ["referral.sent", "referral.received", "referral.accepted"]);
    assert!(calls.iter().all(|c| verify(c, &secret, now()) == Ok(())));
    assert_eq!(site.listed(&id)["state"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_holds_up_nobody() {
    let site = Site::new();
    let (hanging, prompt) = (System::new(Does::Hangs), System::new(Does::Answers(200)));
    // The one that hangs comes first.
    let (stuck, _) = site.hook("ATELIER", &hanging.url());
    let (id, _) = site.hook("ACCUEIL", &prompt.url());
    for _ in 0..3 {
        site.sent().await;
    }
    let begun = Instant::now();
    let worker = site.command(&["work", "--once"]);
    while prompt.calls().len() < 3 {
        assert!(
            begun.elapsed() < Duration::from_secs(8),
            "the prompt one waits for the one that hangs"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(
        counts(&answer(worker)),
        (3, 1),
        "one call that hangs, then the next webhook"
    );
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(site.listed(&stuck)["answer"], "timeout");
    assert_eq!(site.listed(&id)["state"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_processes_send_each_once() {
    let site = Site::new();
    let systems = [System::new(Does::Answers(200)), System::new(Does::Answers(200))];
    site.hook("ATELIER", &systems[0].url());
    site.hook("ACCUEIL", &systems[1].url());
    for _ in 0..9 {
        site.sent().await;
    }
    let workers: Vec<Child> = (0..3).map(|_| site.command(&["work", "--once"])).collect();
    let sent: u64 = workers.into_iter().map(|w| counts(&answer(w)).0).sum();
    assert_eq!(sent, 18);
    for system in &systems {
        let calls = system.calls();
        let ids: BTreeSet<&str> = calls.iter().map(Call::id).collect();
        assert_eq!((calls.len(), ids.len()), (9, 9));
        let of: Vec<String> = calls.iter().map(|c| c.json()["at"].to_string()).collect();
        assert!(of.is_sorted(), "in order");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_leads_nowhere_else() {
    let site = Site::new();
    let inside = System::new(Does::Answers(200));
    let pointing = System::new(Does::Points(inside.url()));
    let (pointed, _) = site.hook("ATELIER", &pointing.url());
    let (private, _) = site.hook("ATELIER", "https://192.168.0.1/relais");
    let (metadata, _) = site.hook("ATELIER", "https://169.254.169.254/latest");
    // Numbers that some resolvers read as an address of this machine's network.
    let (number, _) = site.hook("ATELIER", "https://3232235521/relais");
    site.sent().await;
    assert_eq!(site.work(), (0, 4));
    assert_eq!(site.listed(&pointed)["answer"], "307");
    assert!(inside.calls().is_empty(), "no redirect is followed");
    assert_eq!(site.listed(&private)["answer"], "private_address");
    assert_eq!(site.listed(&metadata)["answer"], "private_address");
    let answer = site.listed(&number)["answer"].clone();
    assert!(answer == "private_address" || answer == "unreachable", "{answer}");
    // A wrong organisation, a clear call to another machine: refused at once.
    for arguments in [
        ["webhook", "add", "http://exemple.invalid/", "--organisation", "ATELIER"],
        [
            "webhook",
            "add",
            "https://exemple.invalid/",
            "--organisation",
            "NULLEPART",
        ],
    ] {
        let out = site.command(&arguments).wait_with_output().expect("it ends");
        assert_eq!(out.status.code(), Some(1), "{arguments:?}");
    }
}
