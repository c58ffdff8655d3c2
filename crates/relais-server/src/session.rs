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
const BELIEVED: Duration = Duration::from_secs(2);
/// How many tokens are remembered.
const REMEMBERED: usize = 1000;

/// Users of tokens that were looked up a moment ago, by the token's hash.
#[derive(Default)]
pub(crate) struct Known(Mutex<HashMap<[u8; 32], LookedUp>>);

/// When a token was looked up, and whose it is, as the directory of a version has it.
struct LookedUp {
    at: Instant,
    user: UserRecord,
    viewer: Arc<Viewer>,
    directory: i64,
}

impl Known {
    /// The user of a token that was looked up a moment ago, by what the directory says today.
    fn get(&self, hash: &[u8; 32], network: &Network) -> Option<Arc<Viewer>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get_mut(hash).filter(|found| found.at.elapsed() < BELIEVED)?;
        if found.directory != network.version {
            found.viewer = Arc::new(viewer_of(network, &found.user, true));
            found.directory = network.version;
        }
        Some(Arc::clone(&found.viewer))
    }

    fn put(&self, hash: [u8; 32], user: UserRecord, network: &Network) -> Arc<Viewer> {
        let viewer = Arc::new(viewer_of(network, &user, true));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.retain(|_, found| found.at.elapsed() < BELIEVED);
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
}

/// A session that was found.
pub(crate) struct Found {
    pub viewer: Viewer,
    pub secret_hash: Vec<u8>,
}

/// How long a session lives without being used.
fn idle(session: &SessionRecord) -> TimeDelta {
    TimeDelta::minutes(i64::from(session.idle_minutes))
}

/// The user of a session's cookie.
///
/// # Errors
/// When the store fails.
pub(crate) async fn by_cookie(app: &AppState, value: &str) -> Result<Option<Found>, ActError> {
    let Some(secret_hash) = secret::hash_of_text(value) else {
        return Ok(None);
    };
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
    Ok(Some(Found {
        viewer: viewer_of(&app.desk().network(), &user, false),
        secret_hash,
    }))
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
