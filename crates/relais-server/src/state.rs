//! What every handler can reach.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use relais_acts::Desk;
use relais_acts::problem::ActError;
use relais_mechanism::words::Label;
use relais_store::{Store, StoreError};

use crate::limiter::Limiter;
use crate::pages::found::Shelves;
use crate::papers::Papers;
use crate::session::Known;

/// How old the clock of a search may be.
const CLOCK_KEPT: Duration = Duration::from_secs(1);

/// How the server is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether browsers reach it by https (directly or through a proxy): the
    /// session's cookie is then `__Host-` and `Secure`.
    pub https: bool,
    /// Whether a proxy in front names the client in `X-Forwarded-For`.
    pub behind_proxy: bool,
    /// The address under which people reach it, as "https://relais.example"; a
    /// browser's own word where it is not set.
    pub address: Option<String>,
    /// Whether the pages of the directory stand open to whoever has no account.
    pub public_directory: bool,
    /// Where *leave quickly* leads: an ordinary page that nobody wonders at.
    pub leave_to: String,
    /// Longest time for a request.
    pub timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            https: false,
            behind_proxy: false,
            address: None,
            public_directory: true,
            leave_to: "https://www.wikipedia.org/".to_owned(),
            timeout: Duration::from_secs(30),
        }
    }
}

impl Settings {
    /// The name of the session's cookie. `__Host-` binds it to this host and
    /// to https; a laptop's own http address cannot use it.
    #[must_use]
    pub(crate) const fn session_cookie(&self) -> &'static str {
        if self.https { "__Host-relais" } else { "relais" }
    }

    /// The name of a link's cookie, which is bound to its own path.
    #[must_use]
    pub(crate) const fn link_cookie(&self) -> &'static str {
        if self.https {
            "__Secure-relais-link"
        } else {
            "relais_link"
        }
    }
}

/// What the frame of each page says of the deployment.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub country: Label,
    pub mechanism: String,
    pub drill: bool,
}

/// What every handler can reach; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

struct Inner {
    desk: Arc<Desk>,
    settings: Settings,
    limiter: Limiter,
    link_limiter: Limiter,
    slip_limiter: Limiter,
    complaint_limiter: Limiter,
    follow_limiter: Limiter,
    public_limiter: Limiter,
    clock: Mutex<Option<(Instant, DateTime<Utc>)>>,
    known: Known,
    sessions: Known,
    shelves: Shelves,
    papers: Papers,
}

impl AppState {
    /// The state of one deployment.
    #[must_use]
    pub fn new(desk: Arc<Desk>, settings: Settings) -> Self {
        Self(Arc::new(Inner {
            desk,
            settings,
            limiter: Limiter::default(),
            link_limiter: Limiter::default(),
            slip_limiter: Limiter::default(),
            complaint_limiter: Limiter::default(),
            follow_limiter: Limiter::default(),
            public_limiter: Limiter::default(),
            clock: Mutex::new(None),
            known: Known::tokens(),
            sessions: Known::sessions(),
            shelves: Shelves::default(),
            papers: Papers::default(),
        }))
    }

    /// The desk: every act.
    #[must_use]
    pub fn desk(&self) -> &Arc<Desk> {
        &self.0.desk
    }

    /// The acts.
    pub(crate) fn acts(&self) -> crate::acts::Acts<'_> {
        crate::acts::Acts(&self.0.desk)
    }

    /// The store below it, for sessions and tokens.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.0.desk.store()
    }

    /// How the server is reached.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    /// Attempts to open a link, rationed apart from those to sign in.
    pub(crate) fn link_limiter(&self) -> &Limiter {
        &self.0.link_limiter
    }

    /// Attempts to type in a slip without an account.
    pub(crate) fn slip_limiter(&self) -> &Limiter {
        &self.0.slip_limiter
    }

    /// Complaints from one address.
    pub(crate) fn complaint_limiter(&self) -> &Limiter {
        &self.0.complaint_limiter
    }

    /// Attempts to come back to a complaint.
    pub(crate) fn follow_limiter(&self) -> &Limiter {
        &self.0.follow_limiter
    }

    /// Looks into the public directory.
    pub(crate) fn public_limiter(&self) -> &Limiter {
        &self.0.public_limiter
    }

    /// Tokens that were looked up a moment ago.
    pub(crate) fn known(&self) -> &Known {
        &self.0.known
    }

    /// Cards of the directory, laid out.
    pub(crate) fn shelves(&self) -> &Shelves {
        &self.0.shelves
    }

    /// Documents as files.
    pub(crate) fn papers(&self) -> &Papers {
        &self.0.papers
    }

    /// Sessions that were.
    pub(crate) fn sessions(&self) -> &Known {
        &self.0.sessions
    }

    pub(crate) fn site(&self) -> Site {
        let mechanism = self.desk().mechanism();
        Site {
            country: mechanism.country().label.clone(),
            mechanism: mechanism.version().to_owned(),
            drill: self.store().is_drill(),
        }
    }

    /// Now, by the deployment's clock, at most a second old: for what shows a
    /// date and decides nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn clock(&self) -> Result<DateTime<Utc>, ActError> {
        let known = *self.0.clock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((read, now)) = known
            && read.elapsed() < CLOCK_KEPT
        {
            return Ok(now);
        }
        let now = self.now().await?;
        *self.0.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), now));
        Ok(now)
    }

    /// Now, by the deployment's clock.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn now(&self) -> Result<DateTime<Utc>, ActError> {
        Ok(self.store().read(|tx| -> Result<_, StoreError> { tx.now() }).await?)
    }
}
