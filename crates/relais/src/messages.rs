//! Sends what the outbox holds: e-mail by SMTP, text messages by a gateway's
//! HTTP. Off unless the settings name one of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message as Mail};
use lettre::{SmtpTransport, Transport as _};
use relais_acts::Desk;
use relais_acts::messages::{self, Drawn, Message, Taken, To, Ways};
use relais_acts::problem::ActError;
use relais_mechanism::Lang;
use relais_server::secret;
use relais_store::ids;

use crate::failure::Failure;
use crate::rounds::Round;
use crate::settings::Settings;

/// How long a mail server or a gateway may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Most messages of one round, most that fail in it, and how long it may take
/// before the last: `work --once` ends, and an end that is asked for is heard,
/// also where a mail server hangs.
const MOST: usize = 50;
const MOST_FAILED: u64 = 3;
const LONGEST: Duration = Duration::from_secs(30);

/// The ways out of one deployment.
pub struct Post {
    ways: Ways,
    mail: Option<(SmtpTransport, Mailbox)>,
    sms: Option<Gateway>,
}

/// A gateway for text messages: takes `{"to": "+237…", "text": "…"}` by POST.
struct Gateway {
    agent: ureq::Agent,
    url: String,
    token: Option<String>,
}

fn wrong(setting: &str, fr: &str, en: &str) -> Failure {
    Failure::new(
        (
            &format!("Le réglage {setting} ne se lit pas."),
            &format!("The setting {setting} does not read."),
        ),
        (fr, en),
    )
}

impl Post {
    /// The ways out that the settings name; none where nothing is to be sent.
    ///
    /// # Errors
    /// A setting that does not read, or one that misses its fellow.
    pub fn of(settings: &Settings, drill: bool) -> Result<Option<Self>, Failure> {
        if settings.smtp_url.is_none() && settings.sms_url.is_none() {
            return Ok(None);
        }
        if drill && !settings.messages_in_drill {
            tracing::warn!("a drill sends no message; messages_in_drill lets it");
            return Ok(None);
        }
        let site = settings.address.as_deref().ok_or_else(|| {
            wrong(
                "address",
                "Un message porte l’adresse des pages : donnez-la, comme https://relais.exemple.",
                "A message carries the address of the pages: give it, as https://relais.example.",
            )
        })?;
        let mail = match &settings.smtp_url {
            None => None,
            Some(url) => {
                let from = settings.mail_from.as_deref().and_then(|f| f.parse().ok());
                let from: Mailbox = from.ok_or_else(|| {
                    wrong(
                        "mail_from",
                        "Donnez l’expéditeur, comme Relais <relais@exemple.cm>.",
                        "Give the sender, as Relais <relais@example.cm>.",
                    )
                })?;
                // The error may quote the address, which holds a password: it is not repeated.
                let transport = SmtpTransport::from_url(url).map_err(|_| {
                    wrong(
                        "smtp_url",
                        "Donnez smtps://nom:motdepasse@serveur:465, ou smtp://serveur:587?tls=required.",
                        "Give smtps://name:password@server:465, or smtp://server:587?tls=required.",
                    )
                })?;
                Some((transport.timeout(Some(PATIENCE)).build(), from))
            }
        };
        let sms = settings.sms_url.as_ref().map(|url| Gateway {
            agent: ureq::Agent::config_builder()
                .timeout_global(Some(PATIENCE))
                .build()
                .into(),
            url: url.clone(),
            token: settings.sms_token.clone(),
        });
        Ok(Some(Self {
            ways: Ways {
                mail: mail.is_some(),
                sms: sms.is_some(),
                secretariat: settings.secretariat_email.clone(),
                site: site.trim_end_matches('/').to_owned(),
            },
            mail,
            sms,
        }))
    }

    /// Sends what is due, each notice once.
    ///
    /// # Errors
    /// When the store fails; a message that does not go out is only put off.
    pub fn send_due(&self, desk: &Arc<Desk>) -> Result<Round, ActError> {
        let mut round = Round::default();
        let begun = Instant::now();
        for _ in 0..MOST {
            if round.failed == MOST_FAILED || begun.elapsed() >= LONGEST {
                break;
            }
            let secret = ids::secret();
            let drawn = Drawn {
                hash: secret::hash(&secret),
                fr: secret::path(Lang::Fr, &secret),
                en: secret::path(Lang::En, &secret),
            };
            match messages::take(desk, &self.ways, drawn)? {
                Taken::Nothing => break,
                Taken::Dropped => {}
                Taken::Message(message) => match self.send(&message) {
                    Ok(()) => {
                        messages::sent(desk, message.seq)?;
                        round.sent += 1;
                    }
                    Err(cause) => {
                        // Neither address nor text: the notice's number finds both.
                        let again = messages::failed(desk, message.seq)?;
                        tracing::warn!(notice = message.seq, cause, again, "a message did not go out");
                        round.failed += 1;
                    }
                },
            }
        }
        Ok(round)
    }

    fn send(&self, message: &Message) -> Result<(), &'static str> {
        match (&message.to, &self.mail, &self.sms) {
            (To::Mail(to), Some((transport, from)), _) => {
                let mail = self.written(message, to, from)?;
                transport.send(&mail).map(drop).map_err(|e| {
                    if e.is_permanent() {
                        "the mail server refuses it"
                    } else if e.is_timeout() {
                        "the mail server took too long"
                    } else {
                        "the mail server cannot be reached or answers strangely"
                    }
                })
            }
            (To::Sms(to), _, Some(gateway)) => gateway.send(to, &message.text),
            _ => Err("there is no way out for it"),
        }
    }

    fn written(&self, message: &Message, to: &str, from: &Mailbox) -> Result<Mail, &'static str> {
        let host = self
            .ways
            .site
            .split("://")
            .last()
            .and_then(|rest| rest.split(['/', ':']).next())
            .unwrap_or("relais");
        Mail::builder()
            .from(from.clone())
            .to(to.parse().map_err(|_| "the address does not read")?)
            .subject(&message.subject)
            // The same notice is the same message, should it be sent twice after a crash.
            .message_id(Some(format!("<notice-{}@{host}>", message.seq)))
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())
            .map_err(|_| "the message does not compose")
    }
}

impl Gateway {
    fn send(&self, to: &str, text: &str) -> Result<(), &'static str> {
        let mut request = self.agent.post(&self.url);
        if let Some(token) = &self.token {
            request = request.header("Authorization", &format!("Bearer {token}"));
        }
        match request.send_json(serde_json::json!({ "to": to, "text": text })) {
            Ok(_) => Ok(()),
            Err(ureq::Error::StatusCode(_)) => Err("the gateway refuses it"),
            Err(_) => Err("the gateway cannot be reached or took too long"),
        }
    }
}
