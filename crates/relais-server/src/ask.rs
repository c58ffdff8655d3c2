//! Who asks, and in which language: resolved once for each request, before
//! any rule is looked at.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::{HeaderMap, Method, Uri, header, request::Parts};
use relais_acts::Viewer;
use relais_mechanism::words::Lang;

use crate::problem::{Problem, ProblemKind};
use crate::session;
use crate::text::Text;
use crate::{AppState, Settings};

/// What is known of a request before its rule is looked at.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    /// Language of the answer.
    pub lang: Lang,
    /// Who is signed in, or holds the token.
    pub viewer: Option<Arc<Viewer>>,
    /// The address, for the way back after sign-in or a change of language.
    pub uri: Uri,
    /// What a browser brings along; nothing of a program.
    pub browser: Option<Box<Browser>>,
}

/// What a browser's cookies say, and what becomes of a form that it sends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Browser {
    /// Hash of the session's secret.
    pub session: Option<Vec<u8>>,
    /// Hash of the secret of a session that has ended.
    pub spent: Option<Vec<u8>>,
    /// Hash of the secret of the shared post's computer.
    pub post: Option<Vec<u8>>,
    /// Set once what is sent turns out to be what was kept at a shared post;
    /// none of what sends no form.
    pub held: Option<Arc<AtomicBool>>,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            lang: Lang::Fr,
            viewer: None,
            uri: Uri::default(),
            browser: None,
        }
    }
}

/// The name of the language cookie.
pub(crate) const LANGUAGE_COOKIE: &str = "relais_language";

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The language that the request names: by cookie, else by the browser's list.
fn language(headers: &HeaderMap, api: bool) -> Option<Lang> {
    if !api && let Some(lang) = cookie(headers, LANGUAGE_COOKIE).and_then(Lang::from_code) {
        return Some(lang);
    }
    let wanted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(Lang, f32)> = None;
    for part in wanted.split(',') {
        let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
        let code = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        let weight: f32 = weight.trim().parse().unwrap_or(0.0);
        if let Some(lang) = Lang::from_code(&code)
            && weight > 0.0
            && best.is_none_or(|(_, w)| weight > w)
        {
            best = Some((lang, weight));
        }
    }
    best.map(|(lang, _)| lang)
}

/// Whether a path is one for programs. Every route for programs lies below it
/// and no page does, so that a session's cookie never opens the API.
pub(crate) fn is_api(uri: &Uri) -> bool {
    uri.path().starts_with("/api/") || uri.path().starts_with("/hsds/")
}

impl Asking {
    /// What a request says of itself; who asks is not known yet.
    pub(crate) fn of(request: &Request, api: bool) -> Self {
        let browser = || Browser {
            post: cookie(request.headers(), crate::pages::post::COOKIE).and_then(crate::secret::hash_of_text),
            held: (request.method() == Method::POST).then(Arc::default),
            ..Browser::default()
        };
        Self {
            lang: language(request.headers(), api).unwrap_or(Lang::Fr),
            viewer: None,
            uri: request.uri().clone(),
            browser: (!api).then(|| Box::new(browser())),
        }
    }

    /// What the browser brought along.
    pub(crate) fn browser(&self) -> &Browser {
        static NONE: Browser = Browser {
            session: None,
            spent: None,
            post: None,
            held: None,
        };
        self.browser.as_deref().unwrap_or(&NONE)
    }

    /// Path and query.
    pub(crate) fn path(&self) -> &str {
        self.uri.path_and_query().map_or("/", |p| p.as_str())
    }
}

/// Finds the session or the token and notes whose it is.
///
/// # Errors
/// When the store fails.
pub(crate) async fn identify(
    app: &AppState,
    headers: &HeaderMap,
    api: bool,
    asking: &mut Asking,
) -> Result<(), Problem> {
    if asking.uri.path().starts_with("/static/") {
        return Ok(());
    }
    let found = if api {
        match headers.get(header::AUTHORIZATION) {
            Some(line) => session::by_bearer(app, line.to_str().unwrap_or_default()).await?,
            None => None,
        }
    } else {
        match cookie(headers, app.settings().session_cookie()) {
            // In a box, as all that is rare or slow on the way of every request: what waits there is not carried
            // along by the others.
            Some(value) => Box::pin(by_cookie(app, value, asking)).await?,
            None => None,
        }
    };
    let Some(mut viewer) = found else { return Ok(()) };
    let lang = language(headers, api).unwrap_or(viewer.lang);
    if lang != viewer.lang {
        let viewer = Arc::make_mut(&mut viewer);
        viewer.organisation_name = app.desk().network().own_name(viewer.organisation, lang).into();
        viewer.lang = lang;
    }
    asking.lang = lang;
    asking.viewer = Some(viewer);
    Ok(())
}

/// Whose session it is that a cookie names; that it has ended is noted.
async fn by_cookie(app: &AppState, value: &str, asking: &mut Asking) -> Result<Option<Arc<Viewer>>, Problem> {
    let found = session::by_cookie(app, value, asking.uri.path()).await?;
    let browser = asking.browser.get_or_insert_default();
    Ok(match found {
        Some(found) => {
            browser.session = Some(found.secret_hash);
            Some(found.viewer)
        }
        None => {
            browser.spent = crate::secret::hash_of_text(value);
            None
        }
    })
}

impl<S: Send + Sync> FromRequestParts<S> for Asking {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// A signed-in caller. The route's rule has let them in; what they may see of
/// a case is for the act to say.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The user, as the acts see them.
    pub viewer: Arc<Viewer>,
    /// What else is known of the request.
    pub asking: Asking,
    /// The sentences of the caller's language.
    pub t: Text,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let asking = parts.extensions.get::<Asking>().cloned().unwrap_or_default();
        let viewer = asking
            .viewer
            .clone()
            .ok_or_else(|| Problem::new(ProblemKind::SignInNeeded))?;
        let t = Text(asking.lang);
        Ok(Self { viewer, asking, t })
    }
}

/// The address that a request comes from; behind a trusted proxy, the last
/// one that the proxy names.
pub(crate) fn address(settings: &Settings, parts: &Parts) -> IpAddr {
    let forwarded = settings
        .behind_proxy
        .then(|| {
            parts
                .headers
                .get("x-forwarded-for")?
                .to_str()
                .ok()?
                .rsplit(',')
                .next()?
                .trim()
                .parse()
                .ok()
        })
        .flatten();
    forwarded
        .or_else(|| parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip()))
        .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// A path of this site to go back to, or "/": never another host.
#[must_use]
pub(crate) fn local_path(path: &str) -> &str {
    let local = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t', '\0']);
    if local && path.len() < 512 { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leaves_the_site() {
        for (path, expected) in [
            ("/cases?after=3", "/cases?after=3"),
            ("//elsewhere.example/", "/"),
            ("https://elsewhere.example/", "/"),
            ("/\\elsewhere.example", "/"),
            ("/\t/elsewhere.example", "/"),
            ("", "/"),
        ] {
            assert_eq!(local_path(path), expected, "{path}");
        }
    }

    #[test]
    fn the_heaviest_known_language_wins_and_the_cookie_beats_it() {
        let mut headers = HeaderMap::new();
        assert_eq!(language(&headers, false), None);
        headers.insert(
            header::ACCEPT_LANGUAGE,
            "de, en-GB;q=0.7, fr;q=0.9".parse().expect("a header"),
        );
        assert_eq!(language(&headers, false), Some(Lang::Fr));
        headers.insert(header::COOKIE, "a=b; relais_language=en".parse().expect("a header"));
        assert_eq!(language(&headers, false), Some(Lang::En));
        assert_eq!(
            language(&headers, true),
            Some(Lang::Fr),
            "the API reads the header only"
        );
    }
}
