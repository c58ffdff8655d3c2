//! Messages out, by the binary as it is run, against a mail server and a
//! gateway of this machine: off by default, each once, tried again, and
//! nothing in them of anybody.

mod outside;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::process::Child;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use chrono::TimeDelta;
use relais_acts::Viewer;
use relais_acts::links::{self, OpenLink};
use relais_casework::referral::LinkState;
use relais_fixture::World;
use relais_mechanism::{DataClass, Priority};
use relais_network::ReferralId;
use relais_server::secret;
use serde_json::Value;

use crate::outside::Request;

/// A server that writes down what it is given; the first `refusals` are refused.
struct Sink {
    port: u16,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    fn new(refusals: usize, speak: fn(TcpStream, bool) -> Option<String>) -> Self {
        let taken: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&taken);
        let port = outside::listen(move |stream, before| {
            if let Some(message) = speak(stream, before < refusals) {
                kept.lock().expect("unpoisoned").push(message);
            }
        });
        Self { port, taken }
    }

    fn mail(refusals: usize) -> Self {
        Self::new(refusals, smtp)
    }

    fn gateway(refusals: usize) -> Self {
        Self::new(refusals, http)
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().expect("unpoisoned").clone()
    }
}

/// As much of SMTP as one message needs.
fn smtp(mut stream: TcpStream, refuse: bool) -> Option<String> {
    let mut lines = BufReader::new(stream.try_clone().ok()?);
    let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes()).ok();
    say("220 essai")?;
    let mut message = None;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 {
            return message;
        }
        match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "MAIL" if refuse => say("451 plus tard")?,
            "DATA" => {
                say("354 dites")?;
                let mut text = String::new();
                loop {
                    let mut line = String::new();
                    lines.read_line(&mut line).ok()?;
                    if line == ".\r\n" {
                        break;
                    }
                    text.push_str(&line);
                }
                message = Some(text);
                say("250 pris")?
            }
            "QUIT" => {
                say("221 fin");
                return message;
            }
            _ => say("250 oui")?,
        };
    }
}

/// One request: its head and body.
fn http(stream: TcpStream, refuse: bool) -> Option<String> {
    let Request { first, headers, body } = outside::request(&stream)?;
    let head: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    outside::respond(stream, if refuse { "503 Plus tard" } else { "202 Pris" }, "")?;
    (!refuse).then(|| format!("{first}\r\n{head}\r\n{body}"))
}

/// The text of an e-mail, decoded.
fn text_of(mail: &str) -> String {
    let (head, body) = mail.split_once("\r\n\r\n").expect("a head and a body");
    if head.to_lowercase().contains("base64") {
        let body: String = body.split_whitespace().collect();
        let bytes = base64::engine::general_purpose::STANDARD.decode(body).expect("base64");
        return String::from_utf8(bytes).expect("UTF-8");
    }
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let pair = [rest.next().expect("two digits"), rest.next().expect("two digits")];
            let pair = std::str::from_utf8(&pair).expect("digits");
            bytes.push(u8::from_str_radix(pair, 16).expect("digits"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

struct Site {
    world: World,
    manager: Viewer,
}

impl Site {
    fn new() -> Self {
        let world = World::sqlite();
        let manager = world.viewer("gestionnaire");
        Self { world, manager }
    }

    async fn sent(&self, need: &str, service: &str, priority: Priority) -> ReferralId {
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
            .need(&self.manager, case, need, priority)
            .await
            .expect("a need")
            .id;
        ReferralId(self.world.send(&self.manager, need, service).await.expect("sent").id)
    }

    fn worker(&self, settings: &[(&str, String)]) -> Child {
        outside::relais(&self.world, &["work", "--once"], settings)
    }

    /// One round of work: what it sent and what it did not.
    fn work(&self, settings: &[(&str, String)]) -> (u64, u64) {
        counts(self.worker(settings))
    }

    fn after(&self, span: TimeDelta) {
        outside::after(&self.world, span);
    }
}

fn counts(worker: Child) -> (u64, u64) {
    outside::counts(&outside::answer(worker), "sent", "unsent")
}

fn mail(sink: &Sink) -> Vec<(&'static str, String)> {
    vec![
        ("RELAIS_SMTP_URL", format!("smtp://127.0.0.1:{}", sink.port)),
        ("RELAIS_MAIL_FROM", "Relais <relais@exemple.invalid>".to_owned()),
        ("RELAIS_ADDRESS", "https://relais.exemple.invalid/".to_owned()),
        ("RELAIS_MESSAGES_IN_DRILL", "true".to_owned()),
    ]
}

fn names_nobody(text: &str) {
    for leak in [
        "Salomé",
        "Bilodémo",
        "677123456",
        "6 77 12",
        "Apprentissage",
        "R-2026",
        "Urgence",
    ] {
        assert!(!text.contains(leak), "{leak} in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_without_an_account_gets_one_link_by_mail_tried_again_until_it_goes() {
    let site = Site::new();
    let sink = Sink::mail(1);
    site.world.desk.sends_messages();
    let referral = site.sent("VTC.03", "S-BOIS", Priority::P4).await;
    assert_eq!(site.work(&[]), (0, 0), "off by default");
    let in_drill = &mail(&sink)[..3];
    assert_eq!(site.work(in_drill), (0, 0), "and off in a drill");
    assert_eq!(site.work(&mail(&sink)), (0, 1), "refused");
    assert_eq!(site.work(&mail(&sink)), (0, 0), "not before its time");
    site.after(TimeDelta::minutes(1));
    assert_eq!(site.work(&mail(&sink)), (1, 0));
    site.after(TimeDelta::minutes(30));
    assert_eq!(site.work(&mail(&sink)), (0, 0), "never twice");
    let taken = sink.taken();
    assert_eq!(taken.len(), 1);
    let (head, text) = (taken[0].split("\r\n\r\n").next().expect("a head"), text_of(&taken[0]));
    assert!(
        head.contains("To: menuiserie@exemple.invalid") && head.contains("Auto-Submitted: auto-generated"),
        "{head}"
    );
    assert!(
        head.contains("Message-ID: <notice-") && head.contains("@relais.exemple.invalid>"),
        "{head}"
    );
    names_nobody(&text);
    names_nobody(head);
    assert!(text.contains("une demande attend votre réponse"), "{text}");

    // The address in it opens, with the code that the sender says.
    let path = text
        .split("https://relais.exemple.invalid/link/fr/")
        .nth(1)
        .expect("a link");
    let secret_text: String = path.chars().take_while(|c| !c.is_whitespace()).collect();
    let status = links::status(&site.world.desk, &site.manager, referral)
        .await
        .expect("seen");
    let last = status.last.expect("a link");
    assert_eq!((last.state, last.made_by), (LinkState::Waiting, None));
    let open = OpenLink {
        secret_hash: secret::hash_of_address(&secret_text),
        code: last.code.expect("a code"),
        name: "Mme Essai".to_owned(),
        telephone: "677000001".to_owned(),
        session_hash: vec![9; 32],
    };
    links::open(&site.world.desk, open, "/link", "deliver")
        .await
        .expect("it opens");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_nothing_does_not_keep_due_work_waiting() {
    let site = Site::new();
    let sink = Sink::mail(usize::MAX);
    site.world.desk.sends_messages();
    for _ in 0..5 {
        site.sent("VTC.03", "S-BOIS", Priority::P4).await;
    }
    assert_eq!(site.work(&mail(&sink)), (0, 3), "the round ends at the third");
    assert_eq!(site.work(&mail(&sink)), (0, 2), "the next one goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_message_goes_where_there_is_only_a_mobile() {
    let site = Site::new();
    let sink = Sink::gateway(1);
    let settings = [
        ("RELAIS_SMS_URL", format!("http://127.0.0.1:{}/envoi", sink.port)),
        ("RELAIS_SMS_TOKEN", "jeton-essai".to_owned()),
        ("RELAIS_ADDRESS", "https://relais.exemple.invalid".to_owned()),
        ("RELAIS_MESSAGES_IN_DRILL", "true".to_owned()),
    ];
    site.sent("MED.03", "S-SOINS", Priority::P3).await;
    assert_eq!(site.work(&settings), (0, 1));
    site.after(TimeDelta::minutes(2));
    assert_eq!(site.work(&settings), (1, 0));
    assert_eq!(site.work(&settings), (0, 0));
    let taken = sink.taken();
    assert_eq!(taken.len(), 1);
    let (head, body) = taken[0]
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| taken[0].rsplit_once('\n').expect("a body"));
    assert!(
        head.starts_with("POST /envoi ") && head.to_lowercase().contains("bearer jeton-essai"),
        "{head}"
    );
    let body: Value = serde_json::from_str(body.trim()).expect("JSON");
    assert_eq!(body["to"], "+237677000009");
    let text = body["text"].as_str().expect("a text");
    assert!(text.ends_with("https://relais.exemple.invalid/inbox"), "{text}");
    names_nobody(text);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_workers_send_each_message_once() {
    let site = Site::new();
    let sink = Sink::mail(0);
    site.world.desk.sends_messages();
    for _ in 0..9 {
        site.sent("VTC.03", "S-BOIS", Priority::P4).await;
    }
    let workers: Vec<Child> = (0..3).map(|_| site.worker(&mail(&sink))).collect();
    let sent: u64 = workers.into_iter().map(|w| counts(w).0).sum();
    assert_eq!(sent, 9);
    let ids: std::collections::BTreeSet<String> = sink
        .taken()
        .iter()
        .filter_map(|m| m.lines().find(|l| l.starts_with("Message-ID")).map(str::to_owned))
        .collect();
    assert_eq!((sink.taken().len(), ids.len()), (9, 9));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sender_who_was_quicker_keeps_the_link() {
    let site = Site::new();
    let sink = Sink::mail(0);
    site.world.desk.sends_messages();
    let referral = site.sent("VTC.03", "S-BOIS", Priority::P4).await;
    let command = links::MakeLink {
        id: site.world.new_id(),
    };
    links::make(&site.world.desk, &site.manager, referral, command, vec![7; 32])
        .await
        .expect("made by hand");
    assert_eq!(site.work(&mail(&sink)), (0, 0), "no second link");
    let status = links::status(&site.world.desk, &site.manager, referral)
        .await
        .expect("seen");
    assert!(status.last.expect("a link").made_by.is_some());
    // What is two days old is not sent when messages are first turned on.
    site.sent("VTC.03", "S-BOIS", Priority::P4).await;
    site.after(TimeDelta::hours(49));
    let (sent, unsent) = site.work(&mail(&sink));
    let late = sink.taken().len() as u64;
    assert_eq!((sent, unsent), (late, 0));
    assert!(sink.taken().iter().all(|m| !text_of(m).contains("Ouvrez ce lien")) || late <= 2);
}
