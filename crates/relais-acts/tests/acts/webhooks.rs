//! What the systems of organisations are told of referrals, by the real acts:
//! both sides, in order, ids and the kind of event alone; nobody who may not
//! hear it; again until it is taken, and one sender at a time.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use relais_acts::commands::{ActOnTransfer, ReferralCommand, TransferAsked};
use relais_acts::erase::{self, EraseCase};
use relais_acts::webhooks::{self, AddWebhook, EndWebhook, Taken, TestWebhook, WebhookMade, WebhookRow};
use relais_acts::{ActError, Viewer, day, referral_view, transfers};
use relais_casework::erasure::ErasureReason;
use relais_casework::referral::{Confirmation, Outcome};
use relais_fixture::{STATE, Schema, World, id};
use relais_mechanism::Priority;
use relais_network::{CaseId, OrganisationId, ReferralId, TransferId, WebhookId};
use relais_store::rows::webhooks::WebhookRecord;
use relais_store::{StoreError, Tx, params};
use serde_json::Value;
use uuid::Uuid;

use crate::help::{accept, now};

const SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

async fn add(world: &World, who: &Viewer, url: &str) -> Result<WebhookMade, ActError> {
    let command = AddWebhook {
        id: world.new_id(),
        url: url.to_owned(),
    };
    webhooks::add(&world.desk, who, command, SECRET.to_owned()).await
}

/// A system of the viewer's organisation.
async fn hook(world: &World, who: &Viewer) -> WebhookId {
    add(world, who, "https://systeme.exemple.invalid/relais")
        .await
        .expect("made")
        .id
}

async fn row(world: &World, who: &Viewer, of: WebhookId) -> WebhookRow {
    let list = webhooks::list(&world.desk, who).await.expect("the list");
    list.rows.into_iter().find(|w| w.id == of).expect("in the list")
}

/// A person of the reception centre and a need, referred to this service.
async fn sent(world: &World, service: &str) -> (Uuid, Uuid) {
    let manager = world.viewer("gestionnaire");
    let name = "Salomé Essai Bilodémo";
    let sent = world.referred(&manager, name, "VTC.02", Priority::P4, service).await;
    (sent.case, sent.referral.id)
}

fn after(world: &World, span: TimeDelta) {
    world.at(now(world) + span);
}

fn number(tx: &mut Tx<'_>, sql: &str) -> Result<i64, StoreError> {
    tx.query_built(sql, &params![])?.first().expect("one row").get("n")
}

/// How many notifications lie in the store.
fn lying(world: &World) -> i64 {
    world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| number(tx, "SELECT COUNT(*) AS n FROM webhook_delivery"))
        .expect("a count")
}

/// How often an organisation was told that its system is told nothing any more.
fn told_of_stop(world: &World) -> i64 {
    world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| number(tx, "SELECT COUNT(*) AS n FROM outbox WHERE kind = 'webhook_stopped'"))
        .expect("a count")
}

/// Takes all that is due, as systems that answer: what each was told, in order.
fn drain(world: &World) -> BTreeMap<WebhookId, Vec<Value>> {
    let mut told: BTreeMap<WebhookId, Vec<Value>> = BTreeMap::new();
    loop {
        match webhooks::take(&world.desk).expect("taken") {
            Taken::Nothing => return told,
            Taken::Dropped => {}
            Taken::Batch(batch) => {
                assert_eq!(batch.secret, SECRET);
                assert_eq!(batch.url, "https://systeme.exemple.invalid/relais");
                for notification in &batch.notifications {
                    let body: Value = serde_json::from_str(&notification.body).expect("JSON");
                    assert_eq!(body["id"], notification.id.to_string());
                    told.entry(batch.webhook).or_default().push(body);
                    webhooks::delivered(&world.desk, batch.webhook, notification.id, "204").expect("noted");
                }
                webhooks::rest(&world.desk, batch.webhook).expect("let go");
            }
        }
    }
}

fn types(told: &BTreeMap<WebhookId, Vec<Value>>, of: WebhookId) -> Vec<String> {
    let bodies = told.get(&of).map(Vec::as_slice).unwrap_or_default();
    bodies
        .iter()
        .map(|b| b["type"].as_str().expect("a type").to_owned())
        .collect()
}

async fn both_sides(world: &World) {
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let sender = hook(world, &world.viewer("superviseur")).await;
    let receiver = hook(world, &provider).await;
    let other = hook(world, &world.viewer("autre")).await;
    let (_, referral) = sent(world, "S-COUTURE").await;
    let report = ReferralCommand::Report {
        outcome: Outcome::Served,
        text: "Quatre séances, puis un emploi.".to_owned(),
    };
    let confirm = ReferralCommand::Confirm {
        confirmation: Confirmation::PersonThroughSender,
    };
    let mut last = 0;
    let mut all: Vec<String> = Vec::new();
    for (who, command) in [
        (None, None),
        (Some(&provider), Some(accept())),
        (Some(&provider), Some(ReferralCommand::Start)),
        (Some(&provider), Some(report)),
        (Some(&manager), Some(confirm)),
    ] {
        if let (Some(who), Some(command)) = (who, command) {
            world.give(who, referral, command).await.expect("done");
        }
        let told = drain(world);
        assert_eq!(
            types(&told, sender),
            types(&told, receiver),
            "both sides are told alike"
        );
        assert!(!told.contains_key(&other), "a third organisation is told nothing");
        let bodies = [&told[&sender][..], &told[&receiver][..]].concat();
        let ids: std::collections::BTreeSet<&str> = bodies.iter().filter_map(|b| b["id"].as_str()).collect();
        assert_eq!(ids.len(), bodies.len(), "each notification has an id of its own");
        for body in &bodies {
            let members: Vec<&str> = body
                .as_object()
                .expect("an object")
                .keys()
                .map(String::as_str)
                .collect();
            assert_eq!(members, ["at", "id", "referral", "type", "version"], "and nothing else");
            assert_eq!(body["referral"], referral.to_string());
        }
        // Whoever hears of it reads it as it then stands.
        let before = last;
        for viewer in [&manager, &provider] {
            let view = referral_view::view(&world.desk, viewer, ReferralId(referral))
                .await
                .expect("read");
            assert_eq!(bodies.last().expect("told")["version"], view.version);
            assert!(view.version > before);
            last = view.version;
        }
        all.extend(types(&told, sender));
    }
    assert_eq!(
        all,
        [
            "referral.sent",
            "referral.received",
            "referral.accepted",
            "referral.started",
            "referral.reported",
            "referral.confirmed"
        ]
    );
    assert_eq!(lying(world), 0, "what was taken lies nowhere");
    assert_eq!(row(world, &provider, receiver).await.state, "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_are_told_what_happens_and_nothing_else() {
    both_sides(&World::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn and_on_postgresql() {
    if let Some(schema) = Schema::new("webhooks") {
        both_sides(&World::postgres(&schema.url())).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_two_senders_never_have_the_same_webhook() {
    let Some(schema) = Schema::new("webhooks_two") else {
        return;
    };
    let world = World::postgres(&schema.url());
    let provider = world.viewer("atelier");
    let mut hooks = vec![hook(&world, &provider).await, hook(&world, &provider).await];
    hooks.push(hook(&world, &world.viewer("superviseur")).await);
    sent(&world, "S-COUTURE").await;
    let taken: Vec<_> = std::thread::scope(|scope| {
        let takers: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| webhooks::take(&world.desk).expect("taken")))
            .collect();
        takers.into_iter().map(|t| t.join().expect("no panic")).collect()
    });
    let mut had: Vec<WebhookId> = taken
        .into_iter()
        .filter_map(|t| match t {
            Taken::Batch(batch) => Some(batch.webhook),
            Taken::Dropped | Taken::Nothing => None,
        })
        .collect();
    had.sort();
    hooks.sort();
    assert_eq!(had, hooks);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_speak_for_the_organisation_finds_nothing() {
    let world = World::sqlite();
    world.add_state_body();
    let supervisor = world.viewer("superviseur");
    let made = hook(&world, &supervisor).await;
    for login in [
        "gestionnaire",
        "collegue",
        "secretariat",
        "regional",
        "administrateur",
        "delegue",
        "etat.signalant",
    ] {
        let who = world.viewer(login);
        assert!(
            matches!(webhooks::list(&world.desk, &who).await, Err(ActError::NotFound)),
            "{login}"
        );
        let added = add(&world, &who, "https://systeme.exemple.invalid/").await;
        assert!(matches!(added, Err(ActError::NotFound)), "{login}");
    }
    for login in ["gestionnaire", "atelier", "autre", "secretariat.chef"] {
        let who = world.viewer(login);
        let end = EndWebhook { id: world.new_id() };
        let test = TestWebhook { id: world.new_id() };
        let ended = webhooks::end(&world.desk, &who, made, end).await;
        assert!(matches!(ended, Err(ActError::NotFound)), "{login}");
        let tested = webhooks::test(&world.desk, &who, made, test).await;
        assert!(matches!(tested, Err(ActError::NotFound)), "{login}");
    }
    assert!(
        webhooks::list(&world.desk, &world.viewer("secretariat.chef"))
            .await
            .expect("the office's own")
            .rows
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_answered_once_and_erased_at_the_end() {
    let world = World::sqlite();
    let supervisor = world.viewer("superviseur");
    let command = AddWebhook {
        id: world.new_id(),
        url: "https://systeme.exemple.invalid/relais".to_owned(),
    };
    let first = webhooks::add(&world.desk, &supervisor, command.clone(), SECRET.to_owned())
        .await
        .expect("made");
    assert_eq!(first.secret.as_deref(), Some(SECRET));
    let again = webhooks::add(&world.desk, &supervisor, command.clone(), "whsec_other".to_owned())
        .await
        .expect("the same answer");
    assert_eq!((again.id, again.secret), (first.id, None));
    let other = AddWebhook {
        url: "https://autre.exemple.invalid/".to_owned(),
        ..command
    };
    let taken = webhooks::add(&world.desk, &supervisor, other, SECRET.to_owned()).await;
    assert!(matches!(taken, Err(ActError::IdTaken)));
    let listed = serde_json::to_string(&row(&world, &supervisor, first.id).await).expect("JSON");
    assert!(!listed.contains("whsec_") && !listed.contains("AAEC"), "{listed}");

    // Five are enough.
    for _ in 0..4 {
        hook(&world, &supervisor).await;
    }
    let sixth = add(&world, &supervisor, "https://systeme.exemple.invalid/").await;
    assert!(matches!(sixth, Err(ActError::Refused { code, .. }) if code == "webhook_limit"));

    sent(&world, "S-COUTURE").await;
    assert_eq!(lying(&world), 5);
    let end = EndWebhook { id: world.new_id() };
    webhooks::end(&world.desk, &supervisor, first.id, end.clone())
        .await
        .expect("ended");
    webhooks::end(&world.desk, &supervisor, first.id, end)
        .await
        .expect("the same answer");
    assert_eq!(lying(&world), 4, "nothing waits for it any more");
    let erased = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| {
            let slot = number(tx, "SELECT slot AS n FROM webhook WHERE ended_at IS NOT NULL")?;
            Ok::<_, StoreError>(tx.sealer().keyring().is_erased(slot)?)
        })
        .expect("a keyring");
    assert!(erased, "its key is gone");
    // A crash between the two steps of an end: the work does the second.
    let ended = first.id;
    world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| {
            let mut hook = WebhookRecord::find(tx, ended)?.expect("the webhook that ended");
            hook.detail = vec![1];
            hook.update(tx)
        })
        .expect("as a crash leaves it");
    webhooks::forget_old(&world.desk).expect("forgotten");
    let left = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| {
            number(
                tx,
                "SELECT COUNT(*) AS n FROM webhook WHERE ended_at IS NOT NULL AND LENGTH(detail) > 0",
            )
        })
        .expect("a count");
    assert_eq!(left, 0);
    let end = EndWebhook { id: world.new_id() };
    let twice = webhooks::end(&world.desk, &supervisor, first.id, end).await;
    assert!(matches!(twice, Err(ActError::Refused { code, .. }) if code == "webhook_ended"));
    let report = relais_store::audit::verify(world.store()).expect("verified");
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_sent_again_later_and_later_then_no_more_until_a_test_is_taken() {
    let world = World::sqlite();
    let provider = world.viewer("atelier");
    let made = hook(&world, &provider).await;
    let (_, referral) = sent(&world, "S-COUTURE").await;
    let minutes = [1, 5, 30, 120, 360, 1440];
    let mut first = None;
    for (n, wait) in minutes.into_iter().enumerate() {
        let Taken::Batch(batch) = webhooks::take(&world.desk).expect("taken") else {
            panic!("nothing to send at try {n}");
        };
        assert_eq!(
            webhooks::take(&world.desk).expect("taken"),
            Taken::Nothing,
            "one sender at a time"
        );
        let notification = batch.notifications[0].clone();
        assert_eq!(
            first.get_or_insert(notification.id),
            &notification.id,
            "the same id each time"
        );
        let next = webhooks::failed(&world.desk, made, "503")
            .expect("noted")
            .expect("again");
        assert_eq!(next, now(&world) + TimeDelta::minutes(wait), "try {n}");
        let listed = row(&world, &provider, made).await;
        assert_eq!(
            (listed.state.as_str(), listed.answer.as_deref()),
            ("failing", Some("503"))
        );
        assert_eq!(listed.next_at, Some(next));
        world.at(next - TimeDelta::seconds(1));
        assert_eq!(
            webhooks::take(&world.desk).expect("taken"),
            Taken::Nothing,
            "not before its time"
        );
        world.at(next);
    }
    assert!(matches!(webhooks::take(&world.desk).expect("taken"), Taken::Batch(_)));
    assert_eq!(webhooks::failed(&world.desk, made, "timeout").expect("noted"), None);
    let listed = row(&world, &provider, made).await;
    assert_eq!((listed.state.as_str(), listed.next_at), ("stopped", None));
    assert_eq!(told_of_stop(&world), 1, "its organisation is told");
    let stopped = async || {
        let inbox = day::inbox(&world.desk, &provider).await.expect("an inbox");
        let others = day::my_day(&world.desk, &world.viewer("superviseur"))
            .await
            .expect("a day");
        assert!(!others.system_stopped, "another organisation's system");
        inbox.system_stopped
    };
    assert!(stopped().await);
    after(&world, TimeDelta::days(3));
    assert_eq!(webhooks::take(&world.desk).expect("taken"), Taken::Nothing);

    // What happens meanwhile waits; a test that fails leaves it stopped.
    world.give(&provider, referral, accept()).await.expect("accepted");
    let test = async || {
        let command = TestWebhook { id: world.new_id() };
        webhooks::test(&world.desk, &provider, made, command).await
    };
    test().await.expect("a test");
    assert!(matches!(webhooks::take(&world.desk).expect("taken"), Taken::Batch(_)));
    assert_eq!(webhooks::failed(&world.desk, made, "timeout").expect("noted"), None);
    assert_eq!(row(&world, &provider, made).await.state, "stopped");
    // Another takes the place of the one that waits.
    test().await.expect("another test");
    let told = drain(&world);
    assert_eq!(
        types(&told, made),
        [
            "referral.sent",
            "referral.received",
            "referral.accepted",
            "webhook.test"
        ]
    );
    let told = &told[&made];
    let test: Vec<&str> = told[3]
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(test, ["at", "id", "type"]);
    let listed = row(&world, &provider, made).await;
    assert_eq!(
        (listed.state.as_str(), listed.failures, listed.waiting),
        ("active", 0, 0)
    );
    assert!(!stopped().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_wants_no_more_is_let_be_and_a_sender_that_died_gives_back() {
    let world = World::sqlite();
    let provider = world.viewer("atelier");
    let made = hook(&world, &provider).await;
    sent(&world, "S-COUTURE").await;
    assert!(matches!(webhooks::take(&world.desk).expect("taken"), Taken::Batch(_)));
    // Whoever had it says nothing any more.
    after(&world, TimeDelta::minutes(2));
    assert!(matches!(webhooks::take(&world.desk).expect("taken"), Taken::Batch(_)));
    assert_eq!(webhooks::failed(&world.desk, made, "410").expect("noted"), None);
    assert_eq!(row(&world, &provider, made).await.state, "stopped");
    assert_eq!(lying(&world), 1);
    assert_eq!(told_of_stop(&world), 1);
    after(&world, TimeDelta::days(31));
    assert_eq!(webhooks::forget_old(&world.desk).expect("forgotten"), 1);
    assert_eq!(lying(&world), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_database_from_before_its_end_a_webhook_ends_again() {
    let world = World::sqlite();
    hook(&world, &world.viewer("atelier")).await;
    let slot = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| number(tx, "SELECT slot AS n FROM webhook"))
        .expect("a slot");
    world.store().keyring().erase(slot).expect("erased");
    sent(&world, "S-COUTURE").await;
    assert_eq!(webhooks::take(&world.desk).expect("taken"), Taken::Dropped);
    assert_eq!(webhooks::take(&world.desk).expect("taken"), Taken::Nothing);
    assert_eq!(lying(&world), 0);
    let standing = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| number(tx, "SELECT COUNT(*) AS n FROM webhook WHERE ended_at IS NULL"))
        .expect("a count");
    assert_eq!(standing, 0, "it does not count among the five");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_state_body_and_no_office_hears_of_a_protected_case() {
    let world = World::sqlite();
    world.add_state_body();
    let manager = world.viewer("gestionnaire");
    let state = hook(&world, &world.viewer("etat.chef")).await;
    let office = hook(&world, &world.viewer("secretariat.chef")).await;
    let sender = hook(&world, &world.viewer("superviseur")).await;
    let (case, referral) = sent(&world, "S-ETAT").await;
    assert_eq!(types(&drain(&world), state), ["referral.sent"]);
    world
        .give(&world.viewer("etat.point"), referral, ReferralCommand::Acknowledge)
        .await
        .expect("acknowledged");
    assert_eq!(lying(&world), 2, "both sides are still to be told");

    // Chosen before it was sent: it is not sent any more, and the end of the referral is not told either.
    world.protect(&manager, case).await.expect("protected");
    let told = drain(&world);
    assert!(!told.contains_key(&state), "{:?}", types(&told, state));
    assert!(!told.contains_key(&office), "{:?}", types(&told, office));
    assert_eq!(types(&told, sender), ["referral.received", "referral.withdrawn"]);

    // A new referral of the case to whoever is no State body goes on as any.
    let workshop = hook(&world, &world.viewer("atelier")).await;
    let need = world
        .need(&manager, case, "VTC.02", Priority::P4)
        .await
        .expect("a need")
        .id;
    let referral = world.send(&manager, need, "S-COUTURE").await.expect("sent").id;
    world
        .give(&world.viewer("atelier"), referral, accept())
        .await
        .expect("accepted");
    let told = drain(&world);
    assert_eq!(types(&told, workshop).len(), 3);
    assert!(!told.contains_key(&state) && !told.contains_key(&office));
    assert_eq!(lying(&world), 0);
    let network = world.desk.network();
    assert!(
        network.is_state(OrganisationId(id(STATE))),
        "the test means a State body"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_moved_is_told_to_its_new_holder_alone() {
    let world = World::sqlite();
    let (manager, other) = (world.viewer("gestionnaire"), world.viewer("autre"));
    let before = hook(&world, &world.viewer("superviseur")).await;
    let provider = hook(&world, &world.viewer("atelier")).await;
    let new = hook(&world, &other).await;
    let (case, referral) = sent(&world, "S-COUTURE").await;
    drain(&world);
    world
        .give(&world.viewer("atelier"), referral, accept())
        .await
        .expect("accepted");
    world.agree(&manager, case, "AUTRE").await.expect("agreed");
    let proposed = world.propose(&manager, case, "AUTRE").await.expect("proposed");
    let command = ActOnTransfer {
        id: world.new_id(),
        version: proposed.version,
        command: TransferAsked::Accept { assign: None },
    };
    transfers::act(&world.desk, &other, TransferId(proposed.id), command)
        .await
        .expect("taken");
    let told = drain(&world);
    // What the holder before had not been told yet is not its business any more.
    assert!(!told.contains_key(&before), "{:?}", types(&told, before));
    assert_eq!(types(&told, new), ["referral.holder_changed"]);
    assert_eq!(
        types(&told, provider),
        ["referral.received", "referral.accepted", "referral.holder_changed"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_of_a_person_who_was_erased() {
    let world = World::sqlite();
    let provider = world.viewer("atelier");
    let made = hook(&world, &provider).await;
    let manager = world.viewer("gestionnaire");
    let (case, referral) = sent(&world, "S-COUTURE").await;
    let cancel = ReferralCommand::Cancel { reason: String::new() };
    world.give(&manager, referral, cancel).await.expect("cancelled");
    assert_eq!(lying(&world), 2);
    let code = relais_acts::case::view(&world.desk, &manager, CaseId(case))
        .await
        .expect("the case")
        .code;
    let command = EraseCase {
        code,
        reason: ErasureReason::Request,
        words: String::new(),
        dry_run: false,
    };
    let done = erase::erase(&world.desk, &world.viewer("administrateur"), &command).expect("erased");
    assert!(done.done);
    let told = drain(&world);
    assert!(!told.contains_key(&made), "{:?}", types(&told, made));
    assert_eq!(lying(&world), 0);
}
