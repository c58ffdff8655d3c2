//! Asking as somebody: a session for the pages and a token for the API, and
//! what came back without what is drawn anew at each asking, so that the answers
//! of two databases can be compared byte for byte.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{Request, header};
use chrono::TimeDelta;
use http_body_util::BodyExt as _;
use relais_acts::directory::By;
use relais_acts::{Viewer, accounts};
use relais_fixture::World;
use relais_server::routes::Verb;
use relais_server::{App, AppState, Kind, Settings, app, registry, secret};
use relais_store::rows::accounts::SessionRecord;
use relais_store::{StoreError, Tx, ids};
use tower::ServiceExt as _;

use crate::subject::{Ids, path};

/// A deployment that is asked, and the keys of those who ask.
pub struct Asker {
    app: App,
    keys: BTreeMap<&'static str, (String, String)>,
}

impl Asker {
    pub fn new(world: &World, logins: &[&'static str]) -> Self {
        let app = app(AppState::new(std::sync::Arc::clone(&world.desk), Settings::default()));
        let keys = |login: &'static str| (login, (session(world, &world.viewer(login)), token(world, login)));
        Self {
            app,
            keys: logins.iter().copied().map(keys).collect(),
        }
    }

    /// Status, headers and body, without ids and the time of the answer.
    pub async fn ask(&self, verb: Verb, kind: Kind, path: &str, login: &str, body: &str) -> String {
        without_ids(&self.whole(verb, kind, path, login, body).await)
    }

    /// What is read at an address.
    pub async fn read(&self, kind: Kind, path: &str, login: &str) -> String {
        self.ask(Verb::Get, kind, path, login, "").await
    }

    /// The same with every id.
    pub async fn whole(&self, verb: Verb, kind: Kind, path: &str, login: &str, body: &str) -> String {
        let (session, token) = &self.keys[login];
        let request = Request::builder()
            .method(verb.http())
            .uri(path)
            .header(header::HOST, "relais.example")
            .header("sec-fetch-site", "same-origin");
        let request = match kind {
            Kind::Page => request.header(header::COOKIE, format!("relais={session}")),
            Kind::Api => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        };
        let request = if verb == Verb::Post {
            let kind = match kind {
                Kind::Page => "application/x-www-form-urlencoded",
                Kind::Api => "application/json",
            };
            request.header(header::CONTENT_TYPE, kind)
        } else {
            request
        };
        let response = self
            .app
            .clone()
            .oneshot(request.body(Body::from(body.to_owned())).expect("a request"))
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let mut said = format!("{}\n", parts.status);
        let headers: BTreeMap<_, _> = parts
            .headers
            .iter()
            // A tag is a hash of the body, ids and all; the body is compared.
            .filter(|(name, _)| *name != header::DATE && *name != header::ETAG)
            .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
            .collect();
        let _ = writeln!(said, "{headers:?}");
        said.push_str(&String::from_utf8_lossy(&body));
        said
    }
}

fn session(world: &World, viewer: &Viewer) -> String {
    let secret = ids::secret();
    let (token_hash, user_id) = (secret::hash(&secret), viewer.user);
    world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            let now = tx.now()?;
            SessionRecord {
                token_hash: token_hash.clone(),
                user_id,
                created_at: now,
                seen_at: now,
                expires_at: now + TimeDelta::hours(8),
                post_id: None,
                idle_minutes: 60,
            }
            .insert(tx)
        })
        .expect("a session");
    secret::text(&secret)
}

fn token(world: &World, login: &str) -> String {
    let secret = ids::secret();
    let hash = secret::hash(&secret);
    accounts::create_token(world.store(), login, "essai", hash, None, By::CommandLine).expect("a token");
    secret::text(&secret)
}

/// The text with every id by the same word.
fn without_ids(text: &str) -> String {
    let is_id = |part: &[u8]| {
        part.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
    };
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        if bytes.len() - at >= 36 && is_id(&bytes[at..at + 36]) {
            out.extend_from_slice(b"<id>");
            at += 36;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Every address of the registry that reads.
pub fn reading(ids: &Ids) -> Vec<(Kind, String)> {
    registry()
        .iter()
        // The door for complaints gives everybody a number drawn by lot, and knows no case.
        .filter(|r| r.verb == Verb::Get && r.path != "/complaint")
        .map(|r| (r.kind, path(r, ids)))
        .collect()
}

/// Where two deployments answer otherwise: how many answers were compared, and
/// address and looker of those that differ.
pub async fn differences(
    (one, here): (&Asker, &[(Kind, String)]),
    (other, there): (&Asker, &[(Kind, String)]),
    logins: &[&str],
) -> (usize, Vec<String>) {
    let (mut asked, mut told) = (0, Vec::new());
    for ((kind, a), (_, b)) in here.iter().zip(there) {
        for login in logins {
            let (first, second) = (one.read(*kind, a, login).await, other.read(*kind, b, login).await);
            asked += 1;
            if first != second {
                told.push(format!("{a} for {login}"));
            }
        }
    }
    (asked, told)
}
