//! The doors: the first page, signing in and out, the language.

use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use relais_mechanism::words::Lang;
use relais_store::StoreError;
use relais_store::rows::accounts;

use crate::ask::{self, Asking};
use crate::extract::{Typed, pairs};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::Notice;
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use crate::{AppState, password, session};

/// The page that asks who comes in.
#[derive(askama::Template)]
#[template(path = "pages/sign_in.html")]
struct SignIn {
    f: Frame,
    login: String,
    next: String,
    refused: Option<(String, String)>,
    /// Whether the directory stands open to whoever has no account.
    public: bool,
}

/// `GET /`: to the first page of the viewer's roles.
pub(crate) async fn home(asking: Asking) -> Response {
    let Some(viewer) = &asking.viewer else {
        return see("/sign-in");
    };
    let links = frame::nav(Text(asking.lang), viewer, Tab::None);
    match links.first() {
        Some(link) => see(link.href),
        // A role that has no page yet: say so instead of going round in circles.
        None => Problem::new(ProblemKind::Forbidden).into_response(),
    }
}

/// `GET /sign-in`.
pub(crate) async fn sign_in(
    State(app): State<AppState>,
    asking: Asking,
    request: Request,
) -> Result<Response, Problem> {
    let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
    let one = |name: &str| query.get(name).and_then(|v| v.first()).cloned().unwrap_or_default();
    if asking.viewer.is_some() {
        return Ok(see(ask::local_path(&one("next"))));
    }
    let t = Text(asking.lang);
    let now = app.now().await?;
    let next = one("next");
    let notice = if one("ended") == "yes" {
        Some(Notice::done(t.sign_in_ended(), ""))
    } else if next.is_empty() {
        None
    } else {
        Some(Notice::warn(t.sign_in_again(), ""))
    };
    let f = Frame::open(&app, &asking, t.sign_in_title(), Some(now)).notice(notice);
    Ok(frame::ok(&SignIn {
        f,
        login: String::new(),
        next,
        refused: None,
        public: app.settings().public_directory,
    }))
}

/// `POST /sign-in`: the same answer, after the same time, for an unknown login
/// and a wrong password.
pub(crate) async fn enter(State(app): State<AppState>, asking: Asking, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let address = ask::address(app.settings(), &parts);
    let typed = Typed::from_request(Request::from_parts(parts, body), &app).await?;
    let login = typed.one("login").to_owned();
    // A password may begin or end with a space: it is not trimmed.
    let password = typed.all("password").first().cloned().unwrap_or_default();
    let next = typed.one("next").to_owned();
    if !app.limiter().take(&login, address, std::time::Instant::now()) {
        return refuse(&app, &asking, login, next, ProblemKind::TooManyAttempts).await;
    }
    let wanted = login.clone();
    let user = app
        .store()
        .read(move |tx| -> Result<_, StoreError> { accounts::user_by_login(tx, &wanted) })
        .await
        .map_err(relais_acts::problem::ActError::from)?
        .filter(|user| user.active);
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let right = password::check(password, stored).await;
    let Some(user) = user.filter(|_| right) else {
        return refuse(&app, &asking, login, next, ProblemKind::WrongCredentials).await;
    };
    app.limiter().give_back(&login, address);
    // At a shared post the session is the post's, however it was opened.
    let post = super::post::tied(&app, &asking).await?.map(|(post, _)| post);
    super::post::begin(&app, asking.browser().session.clone(), user.id, post.as_ref(), &next).await
}

/// The door again, with the login kept and the reason.
async fn refuse(
    app: &AppState,
    asking: &Asking,
    login: String,
    next: String,
    kind: ProblemKind,
) -> Result<Response, Problem> {
    let t = Text(asking.lang);
    let f = Frame::open(app, asking, t.sign_in_title(), Some(app.now().await?)).with_error();
    let refused = Some((kind.title(asking.lang).to_owned(), kind.remedy(asking.lang).to_owned()));
    Ok(frame::html(
        kind.status(),
        &SignIn {
            f,
            login,
            next,
            refused,
            public: app.settings().public_directory,
        },
    ))
}

/// `POST /sign-out`.
pub(crate) async fn leave(State(app): State<AppState>, asking: Asking) -> Result<Response, Problem> {
    if let Some(secret_hash) = asking.browser().session.clone() {
        session::end(&app, secret_hash).await?;
    }
    // At a shared post the next person is asked for their PIN.
    let door = if asking.browser().post.is_some() {
        "/post?ended=yes"
    } else {
        "/sign-in?ended=yes"
    };
    let mut response = see(door);
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, session::set_cookie(&app, None)?);
    // What the browser kept of the pages goes with the session: laptops are shared.
    headers.insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

/// `GET /language/{fr|en}`: the language of this browser, and back.
pub(crate) async fn language(
    State(app): State<AppState>,
    Path(code): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let lang = Lang::from_code(&code).ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
    let back = query.get("back").and_then(|v| v.first()).map_or("/", String::as_str);
    let mut response = see(ask::local_path(back));
    let secure = if app.settings().https { "; Secure" } else { "" };
    let line = format!(
        "{}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000{secure}",
        ask::LANGUAGE_COOKIE,
        lang.code()
    );
    if let Ok(line) = HeaderValue::from_str(&line) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    Ok(response)
}

/// `GET /health`: whether the process answers; touches nothing else.
pub(crate) async fn health() -> &'static str {
    "ok"
}

/// `GET /ready`: whether the store answers.
pub(crate) async fn ready(State(app): State<AppState>) -> Result<&'static str, Problem> {
    app.now().await?;
    Ok("ok")
}
