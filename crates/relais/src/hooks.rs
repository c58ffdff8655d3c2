//! Sends what organisations' systems are still to be told (webhooks): each
//! webhook by one process at a time, several webhooks side by side, so that one
//! that hangs holds up nobody.

mod reach;
mod sign;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use relais_acts::Desk;
use relais_acts::problem::ActError;
use relais_acts::webhooks::{self, Batch, Notification, Taken};
use relais_store::clock;
use ureq::Agent;

use self::reach::Resolver;
use self::sign::Secret;
use crate::rounds::Round;
use crate::settings::Settings;

/// How long a system may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one webhook is told before it waits behind the others; shorter than
/// it is taken for.
const LONGEST: Duration = Duration::from_secs(60);
/// Webhooks told at once.
const AT_ONCE: u64 = 8;
/// How the caller names itself.
const NAME: &str = concat!("Relais/", env!("CARGO_PKG_VERSION"));

/// Tells systems what they are to be told.
pub struct Hooks {
    agent: Agent,
}

impl Hooks {
    /// As the settings say.
    #[must_use]
    pub fn of(settings: &Settings, drill: bool) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            // Where an answer points to was checked by nobody.
            .max_redirects(0)
            .http_status_as_error(false)
            // A proxy would look up the name itself, past the check.
            .proxy(None)
            // Each call looks up the name anew, and checks what it found.
            .max_idle_connections(0)
            .user_agent(NAME)
            .build();
        let resolver = Resolver::new(settings.webhooks_private, drill);
        Self {
            agent: Agent::with_parts(
                config,
                ureq::unversioned::transport::DefaultConnector::default(),
                resolver,
            ),
        }
    }

    /// Tells every webhook that is due what waits for it, or until told to stop.
    ///
    /// # Errors
    /// When the store fails; a system that does not answer is only put off.
    pub fn send_due(&self, desk: &Arc<Desk>, stop: &AtomicBool) -> Result<Round, ActError> {
        let due = webhooks::count_due(desk)?;
        if due == 0 {
            return Ok(Round::default());
        }
        let (sent, failed) = (AtomicU64::new(0), AtomicU64::new(0));
        std::thread::scope(|scope| {
            let senders: Vec<_> = (0..due.min(AT_ONCE))
                .map(|_| scope.spawn(|| self.until_nothing_is_due(desk, &sent, &failed, stop)))
                .collect();
            // What one that panicked did not say is said again: its webhook is let go in a while.
            senders
                .into_iter()
                .try_for_each(|sender| sender.join().unwrap_or(Ok(())))
        })?;
        Ok(Round {
            sent: sent.into_inner(),
            failed: failed.into_inner(),
        })
    }

    fn until_nothing_is_due(
        &self,
        desk: &Arc<Desk>,
        sent: &AtomicU64,
        failed: &AtomicU64,
        stop: &AtomicBool,
    ) -> Result<(), ActError> {
        while !stop.load(Ordering::Relaxed) {
            match webhooks::take(desk)? {
                Taken::Nothing => break,
                Taken::Dropped => {}
                Taken::Batch(batch) => self.tell(desk, &batch, sent, failed, stop)?,
            }
        }
        Ok(())
    }

    /// Tells one webhook what was taken for it, in order; the first that is not
    /// taken ends it.
    fn tell(
        &self,
        desk: &Arc<Desk>,
        batch: &Batch,
        sent: &AtomicU64,
        failed: &AtomicU64,
        stop: &AtomicBool,
    ) -> Result<(), ActError> {
        let begun = Instant::now();
        for notification in &batch.notifications {
            if begun.elapsed() >= LONGEST || stop.load(Ordering::Relaxed) {
                break;
            }
            match self.call(batch, notification) {
                Ok(status) => {
                    webhooks::delivered(desk, batch.webhook, notification.id, &status)?;
                    sent.fetch_add(1, Ordering::Relaxed);
                }
                Err(answer) => {
                    let again = webhooks::failed(desk, batch.webhook, &answer)?.is_some();
                    // Never the address: it may hold a secret of the system's.
                    tracing::warn!(webhook = %batch.webhook, answer, again, "a webhook was not taken");
                    failed.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                }
            }
        }
        webhooks::rest(desk, batch.webhook)
    }

    /// One call: the status where it was taken, or why it was not.
    fn call(&self, batch: &Batch, notification: &Notification) -> Result<String, String> {
        let secret = Secret::read(&batch.secret).ok_or_else(|| "no_secret".to_owned())?;
        let (id, stamp) = (notification.id.to_string(), clock::for_others().timestamp().to_string());
        let signature = secret.sign(&id, &stamp, &notification.body);
        let answer = self
            .agent
            .post(&batch.url)
            .header("content-type", "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", &stamp)
            .header("webhook-signature", &signature)
            .send(notification.body.as_str());
        match answer {
            Ok(answer) if answer.status().is_success() => Ok(answer.status().as_u16().to_string()),
            Ok(answer) => Err(answer.status().as_u16().to_string()),
            Err(error) => Err(reach::why(&error).to_owned()),
        }
    }
}
