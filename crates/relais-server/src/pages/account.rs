//! The person's own account: who they are here, and the PIN for shared posts,
//! which is set with the password.

use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use relais_acts::directory::By;
use relais_acts::posts;
use relais_acts::problem::ActError;
use relais_store::rows::accounts::UserRecord;
use relais_store::{Tx, ids};

use crate::ask::{self, Caller};
use crate::extract::Typed;
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Control, Field, Notice, Summary};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use crate::{AppState, password};

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/account.html")]
pub(super) struct Account {
    f: Frame,
    t: Text,
    name: String,
    organisation: String,
    fields: Vec<Field>,
    summary: Option<Summary>,
}

impl Account {
    pub(super) fn of(f: Frame, t: Text, caller: &Caller, wrong: &[relais_acts::problem::FieldProblem]) -> Self {
        let secret = |name: &str, label: &str, mode: &'static str| {
            let mut field = Field::line(t, name, label).max(200).with(Control::Line {
                kind: "password",
                mode,
                size: "w10",
            });
            field.error = error_of(wrong, name, t.0);
            field
        };
        // Nothing of a secret is ever written back into the page.
        let fields = vec![
            secret("password", t.account_password(), ""),
            secret("pin", t.account_pin(), "numeric"),
            secret("again", t.account_again(), "numeric"),
        ];
        let summary = summary(t, &fields, wrong);
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            name: caller.viewer.display_name.to_string(),
            organisation: caller.viewer.organisation_name.to_string(),
            fields,
            summary,
        }
    }
}

async fn frame_of(app: &AppState, caller: &Caller) -> Result<Frame, Problem> {
    Ok(Frame::of(
        app,
        caller,
        Tab::None,
        caller.t.account_title(),
        app.now().await?,
    ))
}

/// `GET /account`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let done = caller.asking.uri.query() == Some("done=pin");
    let t = caller.t;
    let notice = done.then(|| Notice::done(t.account_done(), t.account_done_text()));
    let f = frame_of(&app, &caller).await?.notice(notice);
    Ok(frame::ok(&Account::of(f, t, &caller, &[])))
}

/// `POST /account`: sets the PIN.
pub(crate) async fn set_pin(
    State(app): State<AppState>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let address = ask::address(app.settings(), &parts);
    let typed = Typed::from_request(Request::from_parts(parts, body), &app).await?;
    let user = caller.viewer.user;
    match checked(&app, &caller, &typed, address).await {
        Ok(hash) => {
            app.store()
                .write(move |tx: &mut Tx<'_>| posts::put_pin(tx, user, &hash, By::User(user)))
                .await?;
            Ok(see("/account?done=pin"))
        }
        Err(ActError::Invalid(wrong)) => {
            let f = frame_of(&app, &caller).await?;
            let page = Account::of(f, caller.t, &caller, &wrong);
            Ok(frame::html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(other) => Err(other.into()),
    }
}

/// The hash of the new PIN, once password and PIN are right.
async fn checked(
    app: &AppState,
    caller: &Caller,
    typed: &Typed,
    address: std::net::IpAddr,
) -> Result<String, ActError> {
    let both = |f: fn(Text) -> &'static str| {
        (
            f(Text(relais_mechanism::words::Lang::Fr)),
            f(Text(relais_mechanism::words::Lang::En)),
        )
    };
    let pin = typed.one("pin").to_owned();
    posts::check_pin(&pin)?;
    if pin != typed.one("again") {
        return Err(ActError::field("again", "not_same", both(Text::account_not_same)));
    }
    let key = format!("account:{}", caller.viewer.user);
    if !app.limiter().take(&key, address, std::time::Instant::now()) {
        let kind = ProblemKind::TooManyAttempts;
        let said = |lang| kind.title(lang);
        let (fr, en) = (
            said(relais_mechanism::words::Lang::Fr),
            said(relais_mechanism::words::Lang::En),
        );
        return Err(ActError::field("password", "too_many_attempts", (fr, en)));
    }
    let user = caller.viewer.user;
    let stored = app
        .store()
        .read(move |tx: &mut Tx<'_>| UserRecord::find(tx, user))
        .await?
        .map(|u| u.password_hash);
    let typed_password = typed.all("password").first().cloned().unwrap_or_default();
    if !password::check(typed_password, stored).await {
        return Err(ActError::field("password", "not_right", both(Text::account_not_right)));
    }
    app.limiter().give_back(&key, address);
    let mut salt = [0; 16];
    salt.copy_from_slice(&ids::secret()[..16]);
    password::hash(&pin, &salt).map_err(|_| ActError::field("pin", "not_a_pin", both(Text::account_pin)))
}
