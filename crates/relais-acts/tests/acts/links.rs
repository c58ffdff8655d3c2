//! A provider without an account answers by one-time links, against a real
//! store: what it sees before and after acceptance, and what is refused.

use chrono::TimeDelta;
use relais_acts::accounts;
use relais_acts::commands::{ActOnReferral, ReferralCommand};
use relais_acts::directory::By;
use relais_acts::links::{self, AnswerByLink, LinkView, MakeLink, OpenLink};
use relais_acts::problem::ActError;
use relais_acts::{Viewer, referral_view, referrals};
use relais_casework::referral::{DeclineCode, LinkState, MOST_TRIES, Outcome, State};
use relais_fixture::World;
use relais_mechanism::{DataClass, Lang, Priority};
use relais_network::{CaseId, ReferralId};
use relais_store::rows::cases;
use relais_store::{Tx, access, chain};
use uuid::Uuid;

const NAME: &str = "Salomé Essai Bilodémo";

/// A referral sent to a workshop that has no account.
struct Sent {
    world: World,
    manager: Viewer,
    case: Uuid,
    referral: ReferralId,
}

impl Sent {
    async fn new() -> Self {
        Self::at(Priority::P4, "VTC.02", "S-COUTURE", &["atelier"]).await
    }

    async fn at(priority: Priority, need: &str, service: &str, closed: &[&str]) -> Self {
        let world = World::sqlite();
        for login in closed {
            accounts::close(world.store(), login, By::CommandLine).expect("closed");
        }
        let manager = world.viewer("gestionnaire");
        let case = world.register(&manager, NAME, 30).await.expect("registered").id;
        world
            .consent(&manager, case, &[DataClass::Skills])
            .await
            .expect("consented");
        let need = world.need(&manager, case, need, priority).await.expect("a need").id;
        let referral = ReferralId(world.send(&manager, need, service).await.expect("sent").id);
        Self {
            world,
            manager,
            case,
            referral,
        }
    }

    async fn make(&self, secret: u8) -> Result<String, ActError> {
        let id = self.world.new_id();
        links::make(
            &self.world.desk,
            &self.manager,
            self.referral,
            MakeLink { id },
            hash(secret),
        )
        .await?;
        Ok(self.status().await.last.and_then(|l| l.code).expect("a code to say"))
    }

    async fn status(&self) -> links::LinkStatus {
        links::status(&self.world.desk, &self.manager, self.referral)
            .await
            .expect("the sender sees it")
    }

    async fn open(&self, secret: u8, code: &str, session: u8) -> Result<(), ActError> {
        links::open(&self.world.desk, opening(secret, code, session), "/link", "deliver").await
    }

    async fn view(&self, session: u8) -> Result<LinkView, ActError> {
        links::view(&self.world.desk, hash(session), Lang::Fr, "/link", "deliver").await
    }

    async fn answer(&self, session: u8, command: ReferralCommand) -> Result<(), ActError> {
        let command = AnswerByLink {
            id: self.world.new_id(),
            version: self.view(session).await?.referral.version,
            command,
        };
        links::answer(&self.world.desk, hash(session), command)
            .await
            .map(|_| ())
    }

    /// A new link, opened with its code.
    async fn opened(&self, number: u8) -> LinkView {
        let code = self.make(number).await.expect("made");
        self.open(number, &code, 100 + number).await.expect("opened");
        self.view(100 + number).await.expect("read")
    }

    async fn seen_by_sender(&self) -> relais_acts::views::ReferralView {
        referral_view::view(&self.world.desk, &self.manager, self.referral)
            .await
            .expect("the sender sees it")
    }

    fn events(&self) -> Vec<(String, serde_json::Value)> {
        let id = self.referral.0;
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| chain::newest_about(tx, id, 100))
            .expect("readable")
            .into_iter()
            .rev()
            .map(|e| (e.kind, serde_json::from_str(&e.meta).expect("JSON")))
            .collect()
    }

    fn disclosed(&self) -> Vec<(String, i64)> {
        let case = CaseId(self.case);
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| cases::disclosures_of(tx, case))
            .expect("readable")
            .into_iter()
            .map(|d| (d.stage, d.classes.bits()))
            .collect()
    }
}

fn hash(n: u8) -> Vec<u8> {
    vec![n; 32]
}

fn opening(secret: u8, code: &str, session: u8) -> OpenLink {
    OpenLink {
        secret_hash: hash(secret),
        code: code.to_owned(),
        name: "Mme Lien Essai".to_owned(),
        telephone: "+237 6 77 00 00 02".to_owned(),
        session_hash: hash(session),
    }
}

fn wrong(code: &str) -> String {
    let n: u32 = code.parse().expect("digits");
    format!("{:06}", (n + 1) % 1_000_000)
}

fn refusal(error: &ActError) -> &str {
    match error {
        ActError::Refused { code, .. } => code,
        ActError::NotFound => "not_found",
        other => panic!("{other}"),
    }
}

/// Everything that the page shows, in one text without spaces: numbers are
/// grouped.
fn shown(view: &LinkView) -> String {
    let text = serde_json::to_string(&view.referral).expect("JSON");
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_taps_and_later_renewed_links() {
    let sent = Sent::new().await;
    assert!(sent.seen_by_sender().await.link, "the sender is offered to make a link");
    let before = sent.opened(1).await;
    assert_eq!(before.referral.state, State::Received, "opening says that it arrived");
    let page = shown(&before);
    assert!(!page.contains("Salomé") && !page.contains("677123456"), "{page}");
    for command in ["accept", "decline", "ask", "waitlist"] {
        assert!(before.referral.commands.iter().any(|c| c == command), "{command}");
    }
    for command in ["contest", "cancel", "void", "confirm", "acknowledge"] {
        assert!(!before.referral.commands.iter().any(|c| c == command), "{command}");
    }
    let accept = || ReferralCommand::Accept { by_name: String::new() };
    sent.answer(101, accept()).await.expect("accepted");
    // The old one is spent, for reading and for answering.
    assert_eq!(refusal(&sent.view(101).await.expect_err("spent")), "not_found");
    assert_eq!(
        refusal(&sent.answer(101, accept()).await.expect_err("spent")),
        "not_found"
    );

    let after = sent.opened(2).await;
    let page = shown(&after);
    assert!(
        page.contains("SaloméEssaiBilodémo") && page.contains("677123456"),
        "{page}"
    );
    assert_eq!(after.referral.state, State::Accepted);
    sent.answer(102, ReferralCommand::Start).await.expect("started");
    sent.opened(3).await;
    let report = ReferralCommand::Report {
        outcome: Outcome::Served,
        text: "Trois séances faites.".to_owned(),
    };
    sent.answer(103, report).await.expect("reported");

    let told = sent.seen_by_sender().await;
    assert_eq!(told.state, State::Reported);
    assert_eq!(told.answered.len(), 4, "{:?}", told.answered);
    assert!(
        told.answered
            .iter()
            .all(|a| a.label == "Répondu par lien" && a.value.as_deref() == Some("Mme Lien Essai, +237 6 77 00 00 02"))
    );
    for (kind, meta) in sent.events() {
        if ["received", "accepted", "started", "reported", "link_opened"].contains(&kind.as_str()) {
            assert_eq!(meta["by"]["channel"], "link", "{kind}");
            assert_eq!(meta["by"]["user"], serde_json::Value::Null, "{kind}");
            assert_eq!(
                meta["by"]["organisation"],
                serde_json::json!(relais_fixture::id("ATELIER")),
                "{kind}"
            );
        }
    }
    let stages: Vec<_> = sent.disclosed().into_iter().map(|(stage, _)| stage).collect();
    assert_eq!(stages, ["offer", "accepted"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_and_replay_are_refused_all_alike() {
    let sent = Sent::new().await;
    let code = sent.make(1).await.expect("made");
    let mut said = Vec::new();
    // An address that never was, a wrong code, and a code too short or too long.
    said.push(sent.open(9, &code, 50).await.expect_err("no such link"));
    for typed in [wrong(&code), String::new(), code[..5].to_owned(), format!("{code}0")] {
        said.push(sent.open(1, &typed, 50).await.expect_err("wrong code"));
    }
    // Four wrong codes: the fifth kills it, and then the right one is no use.
    assert_eq!(sent.status().await.last.expect("a link").state, LinkState::Waiting);
    said.push(sent.open(1, &wrong(&code), 50).await.expect_err("the last try"));
    assert_eq!(MOST_TRIES, 5);
    said.push(sent.open(1, &code, 50).await.expect_err("dead"));
    let status = sent.status().await;
    assert_eq!(status.last.as_ref().expect("a link").state, LinkState::Blocked);
    assert!(
        status.last.expect("a link").code.is_none(),
        "a dead link has no code to say"
    );

    // Opened once: its address is spent, with the right code too.
    let code = sent.make(2).await.expect("a new one");
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    sent.open(2, &spaced, 60)
        .await
        .expect("opened, written as people read it");
    said.push(sent.open(2, &code, 61).await.expect_err("replayed"));
    assert_eq!(refusal(&sent.view(61).await.expect_err("no session")), "not_found");
    sent.view(60).await.expect("the first one still reads");
    // Renewed: the older session ends at once.
    let code = sent.make(3).await.expect("renewed");
    assert_eq!(refusal(&sent.view(60).await.expect_err("replaced")), "not_found");
    // Too late.
    let until = sent.status().await.last.expect("a link").expires_at;
    sent.world.at(until);
    said.push(sent.open(3, &code, 62).await.expect_err("expired"));
    let first = format!("{:?}", said[0]);
    assert!(said.iter().all(|e| format!("{e:?}") == first), "{said:?}");
    assert_eq!(refusal(&said[0]), "link_not_valid");

    // Each attempt left its row, naming a case only where one was opened.
    let looks = sent
        .world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| access::after(tx, 0, 1000))
        .expect("readable");
    let opened: Vec<_> = looks
        .iter()
        .filter(|l| l.route == "/link" && l.user.is_none())
        .collect();
    assert_eq!(opened.iter().filter(|l| l.cases.is_empty()).count(), said.len());
    assert!(opened.iter().any(|l| l.cases == [CaseId(sent.case)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_short_and_answers_once() {
    let sent = Sent::new().await;
    let view = sent.opened(1).await;
    let id = sent.world.new_id();
    let decline = AnswerByLink {
        id,
        version: view.referral.version,
        command: ReferralCommand::Decline {
            code: DeclineCode::NoCapacity,
            suggested: None,
        },
    };
    let mut stale = decline.clone();
    stale.version -= 1;
    assert!(matches!(
        links::answer(&sent.world.desk, hash(101), stale).await,
        Err(ActError::Stale { .. })
    ));
    // What is the sender's, or nobody's by a link, is refused by the machine.
    for command in [
        ReferralCommand::Cancel { reason: String::new() },
        ReferralCommand::Void { reason: "x".to_owned() },
    ] {
        let error = sent.answer(101, command).await.expect_err("not the provider's");
        assert_eq!(refusal(&error), "not_yours");
    }
    let first = links::answer(&sent.world.desk, hash(101), decline.clone())
        .await
        .expect("declined");
    let again = links::answer(&sent.world.desk, hash(101), decline)
        .await
        .expect("the same");
    assert_eq!(first, again, "the same tap twice is one answer");
    assert_eq!(sent.seen_by_sender().await.state, State::Declined);
    // Nothing more to answer: no link is made.
    assert_eq!(
        refusal(&sent.make(2).await.expect_err("over")),
        "link_not_providers_move"
    );
    assert!(!sent.seen_by_sender().await.link);

    let sent = Sent::new().await;
    sent.opened(1).await;
    sent.world.at(relais_fixture::start() + TimeDelta::minutes(31));
    assert_eq!(refusal(&sent.view(101).await.expect_err("over")), "not_found");
    let late = sent
        .answer(101, ReferralCommand::Accept { by_name: String::new() })
        .await;
    assert_eq!(refusal(&late.expect_err("over")), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_its_own_referral_and_nothing_else_of_the_case() {
    let sent = Sent::new().await;
    // The same workshop has accepted another need of the same person.
    let need = sent
        .world
        .need(&sent.manager, sent.case, "VTC.02", Priority::P4)
        .await
        .expect("a need")
        .id;
    let other = ReferralId(
        sent.world
            .send(&sent.manager, need, "S-COUTURE")
            .await
            .expect("sent")
            .id,
    );
    let note = ActOnReferral {
        id: sent.world.new_id(),
        version: referral_view::view(&sent.world.desk, &sent.manager, other)
            .await
            .expect("seen")
            .version,
        command: ReferralCommand::Accept { by_name: String::new() },
        channel: Some(relais_mechanism::Channel::Telephone),
        number: "+237233000001".to_owned(),
        answered_by: "Secrétaire Essai".to_owned(),
        happened_at: None,
    };
    referrals::act(&sent.world.desk, &sent.manager, other, note)
        .await
        .expect("noted");
    let view = sent.opened(1).await;
    assert_eq!(view.referral.id, sent.referral);
    let page = shown(&view);
    assert!(
        !page.contains("Salomé") && !page.contains("677123456"),
        "what another acceptance opened stays there: {page}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_taken_by_link_names_who_takes_it() {
    let sent = Sent::at(Priority::P1, "MED.01", "S-URGENCES", &["hopital"]).await;
    let view = sent.opened(1).await;
    // Before acceptance an S4 need reads discreetly, with nothing of the person but adult or child.
    let page = shown(&view);
    assert!(
        !page.contains("Urgence médicale") && !page.contains("Urgences"),
        "{page}"
    );
    sent.answer(101, ReferralCommand::Accept { by_name: String::new() })
        .await
        .expect("taken by the one who opened it");
    let accepted = sent.opened(2).await;
    assert_eq!(accepted.referral.state, State::Accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_make_one() {
    let sent = Sent::new().await;
    for login in ["collegue", "autre", "hopital", "secretariat", "administrateur"] {
        let viewer = sent.world.viewer(login);
        let id = sent.world.new_id();
        let made = links::make(&sent.world.desk, &viewer, sent.referral, MakeLink { id }, hash(7)).await;
        assert!(matches!(made, Err(ActError::NotFound)), "{login}: {made:?}");
        let seen = links::status(&sent.world.desk, &viewer, sent.referral).await;
        assert!(matches!(seen, Err(ActError::NotFound)), "{login}");
    }
    let supervisor = sent.world.viewer("superviseur");
    let id = sent.world.new_id();
    let command = MakeLink { id };
    links::make(&sent.world.desk, &supervisor, sent.referral, command.clone(), hash(7))
        .await
        .expect("the supervisor may");
    // The address is shown once: the same request again shows none.
    let again = links::make(&sent.world.desk, &supervisor, sent.referral, command, hash(8)).await;
    assert_eq!(refusal(&again.expect_err("once")), "link_shown_once");

    // Who has an account answers there.
    let sent = Sent::at(Priority::P4, "VTC.02", "S-COUTURE", &[]).await;
    assert_eq!(refusal(&sent.make(1).await.expect_err("has one")), "link_has_account");
    assert!(!sent.seen_by_sender().await.link);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_answers_without_a_name_and_a_number() {
    let sent = Sent::new().await;
    let code = sent.make(1).await.expect("made");
    for (name, telephone, fields) in [
        ("", "", vec!["name", "telephone"]),
        (" ", "677", vec!["name"]),
        ("Mme Essai", "  ", vec!["telephone"]),
        (&"é".repeat(201), "677", vec!["name"]),
    ] {
        // Said alike for a link that never was: it is looked at first.
        for secret in [1, 9] {
            let command = OpenLink {
                name: name.to_owned(),
                telephone: telephone.to_owned(),
                ..opening(secret, &code, 50)
            };
            match links::open(&sent.world.desk, command, "/link", "deliver").await {
                Err(ActError::Invalid(wrong)) => {
                    let named: Vec<_> = wrong.iter().map(|w| w.field.as_str()).collect();
                    assert_eq!(named, fields);
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(sent.status().await.last.expect("a link").state, LinkState::Waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_referral_opens_nothing() {
    let sent = Sent::new().await;
    let code = sent.make(1).await.expect("made");
    let view = sent.seen_by_sender().await;
    let cancel = ActOnReferral {
        id: sent.world.new_id(),
        version: view.version,
        command: ReferralCommand::Cancel { reason: String::new() },
        channel: None,
        number: String::new(),
        answered_by: String::new(),
        happened_at: None,
    };
    referrals::act(&sent.world.desk, &sent.manager, sent.referral, cancel)
        .await
        .expect("cancelled");
    assert_eq!(
        refusal(&sent.open(1, &code, 50).await.expect_err("over")),
        "link_not_valid"
    );
}
