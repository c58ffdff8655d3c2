//! Sessions and tokens: found by the hash of their secret, ended by idleness
//! and by age.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use chrono::{DateTime, TimeDelta, Utc};
use relais_acts::Viewer;
use relais_acts::accounts::viewer_of;
use relais_acts::network::Network;
use relais_acts::problem::ActError;
use relais_network::UserId;
use relais_store::rows::accounts::{self, SessionRecord, TokenRecord, UserRecord};
use relais_store::rows::posts::PostRecord;
use relais_store::{StoreError, ids};

use crate::AppState;
use crate::secret;

/// Minutes after which a session that nobody used has ended: laptops are
/// shared. At a shared post it is the post's own, shorter.
const IDLE: u32 = 60;
/// A session ends after this long whatever happens: one shift.
const LONGEST: TimeDelta = TimeDelta::hours(12);
/// How often a session's use is written down.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(5);

/// How long a token that was just looked up is believed without looking again:
/// a revoked token works at most this long.
const TOKENS_BELIEVED: Duration = Duration::from_secs(2);
/// The same of a session, where it is believed at all: see [`is_believed_at`].
const SESSIONS_BELIEVED: Duration = Duration::from_secs(1);
/// How many are remembered.
const REMEMBERED: usize = 1000;

/// Users of tokens, or of sessions, that were looked up a moment ago, by the hash
/// of the secret.
pub(crate) struct Known {
    found: Mutex<HashMap<[u8; 32], LookedUp>>,
    /// Whether they are of tokens.
    api: bool,
    /// How long they are believed.
    believed: Duration,
}

/// When a secret was looked up, and whose it is, as the directory of a version has it.
struct LookedUp {
    at: Instant,
    user: UserRecord,
    viewer: Arc<Viewer>,
    directory: i64,
}

impl Known {
    /// Of tokens.
    pub(crate) fn tokens() -> Self {
        Self {
            found: Mutex::default(),
            api: true,
            believed: TOKENS_BELIEVED,
        }
    }

    /// Of sessions.
    pub(crate) fn sessions() -> Self {
        Self {
            found: Mutex::default(),
            api: false,
            believed: SESSIONS_BELIEVED,
        }
    }

    /// The user of what was looked up a moment ago, by what the directory says today.
    fn get(&self, hash: &[u8; 32], network: &Network) -> Option<Arc<Viewer>> {
        let mut known = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get_mut(hash).filter(|found| found.at.elapsed() < self.believed)?;
        if found.directory != network.version {
            found.viewer = Arc::new(viewer_of(network, &found.user, self.api));
            found.directory = network.version;
        }
        Some(Arc::clone(&found.viewer))
    }

    fn put(&self, hash: [u8; 32], user: UserRecord, network: &Network) -> Arc<Viewer> {
        let viewer = Arc::new(viewer_of(network, &user, self.api));
        let mut known = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.retain(|_, found| found.at.elapsed() < self.believed);
        }
        if known.len() < REMEMBERED {
            let found = LookedUp {
                at: Instant::now(),
                user,
                viewer: Arc::clone(&viewer),
                directory: network.version,
            };
            known.insert(hash, found);
        }
        viewer
    }

    /// Believes it no longer.
    fn forget(&self, hash: &[u8]) {
        if let Ok(hash) = <[u8; 32]>::try_from(hash) {
            self.found.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash);
        }
    }
}

/// Whether a session that was looked up a moment ago is believed at this path: at
/// the directory's search alone, which shows nothing of any case, so that whoever
/// was signed out elsewhere reads at most what anybody in the mechanism may.
fn is_believed_at(path: &str) -> bool {
    matches!(path, "/services" | "/services/map")
}

/// A session that was found.
pub(crate) struct Found {
    pub viewer: Arc<Viewer>,
    pub secret_hash: Vec<u8>,
}

/// How long a session lives without being used.
fn idle(session: &SessionRecord) -> TimeDelta {
    TimeDelta::minutes(i64::from(session.idle_minutes))
}

/// The user of a session's cookie, at a path.
///
/// # Errors
/// When the store fails.
pub(crate) async fn by_cookie(app: &AppState, value: &str, path: &str) -> Result<Option<Found>, ActError> {
    let Some(key) = secret::digest_of_text(value) else {
        return Ok(None);
    };
    let secret_hash = key.to_vec();
    if is_believed_at(path)
        && let Some(viewer) = app.sessions().get(&key, &app.desk().network())
    {
        return Ok(Some(Found { viewer, secret_hash }));
    }
    let hash = secret_hash.clone();
    let found = app
        .store()
        .read(move |tx| -> Result<_, StoreError> {
            let Some(session) = SessionRecord::find(tx, hash.clone())? else {
                return Ok(None);
            };
            let now = tx.now()?;
            if now >= session.expires_at || now >= session.seen_at + idle(&session) {
                return Ok(None);
            }
            let user = UserRecord::find(tx, session.user_id)?;
            let noted_every = NOTED_EVERY.min(idle(&session) / 5);
            Ok(user
                .filter(|u| u.active)
                .map(|user| (user, now, session.seen_at + noted_every)))
        })
        .await?;
    let Some((user, now, note_at)) = found else {
        return Ok(None);
    };
    if now >= note_at {
        let hash = secret_hash.clone();
        app.store()
            .write(move |tx| accounts::session_seen(tx, &hash, now))
            .await?;
    }
    let network = app.desk().network();
    let viewer = if is_believed_at(path) {
        app.sessions().put(key, user, &network)
    } else {
        Arc::new(viewer_of(&network, &user, false))
    };
    Ok(Some(Found { viewer, secret_hash }))
}

/// The user of a bearer token.
///
/// # Errors
/// When the store fails.
pub(crate) async fn by_bearer(app: &AppState, line: &str) -> Result<Option<Arc<Viewer>>, ActError> {
    let token = match line.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Ok(None),
    };
    let Some(hash) = secret::digest_of_text(token) else {
        return Ok(None);
    };
    if let Some(viewer) = app.known().get(&hash, &app.desk().network()) {
        return Ok(Some(viewer));
    }
    Box::pin(look_up(app, hash)).await
}

/// The user of a token, from the store, remembered for a moment.
async fn look_up(app: &AppState, hash: [u8; 32]) -> Result<Option<Arc<Viewer>>, ActError> {
    let user = app
        .store()
        .read(move |tx| -> Result<_, StoreError> {
            let Some(token) = TokenRecord::find(tx, hash.to_vec())? else {
                return Ok(None);
            };
            let now = tx.now()?;
            if token.revoked_at.is_some_and(|at| at <= now) || token.expires_at.is_some_and(|at| at <= now) {
                return Ok(None);
            }
            Ok(UserRecord::find(tx, token.user_id)?.filter(|u| u.active))
        })
        .await?;
    Ok(user.map(|user| app.known().put(hash, user, &app.desk().network())))
}

/// Begins a session, at a shared post or not; the secret for the cookie.
///
/// # Errors
/// When the store fails.
pub(crate) async fn begin(app: &AppState, user: UserId, post: Option<&PostRecord>) -> Result<String, ActError> {
    let secret = ids::secret();
    let token_hash = secret::hash(&secret);
    let (post_id, idle_minutes) = post.map_or((None, IDLE), |p| (Some(p.id), p.idle_minutes));
    app.store()
        .write(move |tx| -> Result<(), StoreError> {
            let now: DateTime<Utc> = tx.now()?;
            accounts::sessions_expire(tx, now)?;
            relais_acts::posts::held_expire(tx)?;
            SessionRecord {
                token_hash: token_hash.clone(),
                user_id: user,
                created_at: now,
                seen_at: now,
                expires_at: now + LONGEST,
                idle_minutes,
                post_id,
            }
            .insert(tx)
        })
        .await?;
    Ok(secret::text(&secret))
}

/// Ends a session.
///
/// # Errors
/// When the store fails.
pub(crate) async fn end(app: &AppState, secret_hash: Vec<u8>) -> Result<(), ActError> {
    app.sessions().forget(&secret_hash);
    app.store()
        .write(move |tx| accounts::session_end(tx, &secret_hash))
        .await?;
    Ok(())
}

/// The header that gives the browser its session, or takes it away.
pub(crate) fn set_cookie(app: &AppState, value: Option<&str>) -> Result<HeaderValue, ActError> {
    let settings = app.settings();
    let (value, age) = match value {
        Some(value) => (value, LONGEST.num_seconds()),
        None => ("", 0),
    };
    let secure = if settings.https { "; Secure" } else { "" };
    let line = format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}",
        settings.session_cookie()
    );
    HeaderValue::from_str(&line).map_err(|_| ActError::NotFound)
}
