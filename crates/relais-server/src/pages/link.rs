//! A provider without an account answers by a one-time link. The secret of
//! the address is exchanged at once for a cookie of this path alone; with the
//! code said by telephone, the cookie is exchanged again for a short session.
//! Whatever is wrong, the page is the same.

use askama::Template;
use axum::extract::{FromRequest as _, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::links::{AnswerByLink, LinkView, OpenLink};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::Fact;
use relais_casework::referral::State as At;
use relais_mechanism::closed_enum;
use relais_mechanism::words::Lang;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::referral::{Act, acts, command};
use crate::ask::{self, Asking};
use crate::extract::{Query, Typed};
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, see};
use crate::parts::{Clock, Control, Field, Notice, Prio, Summary, Tag};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use crate::{AppState, format, secret};

/// How long a link's secret waits in the browser for its code, and how long
/// its session lives there, in seconds.
const KEPT: u32 = 30 * 60;
/// How long the language of a link is remembered, in seconds: one day.
const LANGUAGE_KEPT: u32 = 24 * 60 * 60;
/// Longest secret that is read from an address.
const LONGEST: usize = 64;

closed_enum! {
    /// What an answer by a link was.
    Said {
        /// Accepted.
        Accepted = "accepted",
        /// Declined.
        Declined = "declined",
        /// Anything else.
        Noted = "noted",
    }
}

/// What a browser holds of a link.
enum Held {
    /// The secret of an address, not opened yet.
    Address(String),
    /// The session of an opened link.
    Session(Vec<u8>),
    /// Nothing.
    Nothing,
}

fn held(app: &AppState, headers: &HeaderMap) -> Held {
    let value = ask::cookie(headers, app.settings().link_cookie()).unwrap_or_default();
    match value.split_once('.') {
        Some(("a", text)) if !text.is_empty() => Held::Address(text.to_owned()),
        Some(("s", text)) => secret::hash_of_text(text).map_or(Held::Nothing, Held::Session),
        _ => Held::Nothing,
    }
}

/// The header that gives the browser what it holds, or takes it away.
fn set(app: &AppState, value: Option<&str>) -> Result<HeaderValue, ActError> {
    let (value, age) = value.map_or(("", 0), |v| (v, KEPT));
    let secure = if app.settings().https { "; Secure" } else { "" };
    let line = format!(
        "{}={value}; Path=/link; HttpOnly; SameSite=Lax; Max-Age={age}{secure}",
        app.settings().link_cookie()
    );
    HeaderValue::from_str(&line).map_err(|_| ActError::NotFound)
}

/// `GET /link/{lang}/{secret}`: the secret leaves the address at once. It is
/// not looked up here: this answer is the same for any secret, and a program
/// that reads addresses in messages ahead of people opens nothing.
pub(crate) async fn arrive(
    State(app): State<AppState>,
    Path((lang, secret)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = Lang::from_code(&lang).ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    let readable = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let kept: String = secret.chars().filter(|c| readable(*c)).take(LONGEST).collect();
    let mut response = see("/link");
    let out = response.headers_mut();
    out.append(header::SET_COOKIE, set(&app, Some(&format!("a.{kept}")))?);
    // The recipient's language, unless this browser has chosen one.
    if ask::cookie(&headers, ask::LANGUAGE_COOKIE).is_none() {
        let line = format!(
            "{}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={LANGUAGE_KEPT}",
            ask::LANGUAGE_COOKIE,
            lang.code()
        );
        if let Ok(line) = HeaderValue::from_str(&line) {
            out.append(header::SET_COOKIE, line);
        }
    }
    Ok(response)
}

/// The page that asks for the code and for who answers.
#[derive(Template)]
#[template(path = "pages/link_code.html")]
pub(super) struct Code {
    f: Frame,
    t: Text,
    fields: Vec<Field>,
    summary: Option<Summary>,
}

impl Code {
    pub(super) fn of(f: Frame, t: Text, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let mut fields = vec![
            Field::line(t, "code", t.link_code()).max(12).with(Control::Line {
                kind: "text",
                mode: "numeric",
                size: "w10",
            }),
            Field::line(t, "name", t.link_name()).max(200).value(typed.one("name")),
            Field::line(t, "telephone", t.link_telephone())
                .max(40)
                .value(typed.one("telephone"))
                .with(Control::Line {
                    kind: "tel",
                    mode: "tel",
                    size: "w10",
                }),
        ];
        for field in &mut fields {
            field.error = error_of(wrong, &field.name, t.0);
        }
        let summary = summary(t, &fields, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        Self { f, t, fields, summary }
    }
}

/// A page that only says something.
#[derive(Template)]
#[template(path = "pages/link_said.html")]
pub(super) struct Sentence {
    f: Frame,
    title: String,
    text: String,
    close: String,
}

impl Sentence {
    pub(super) fn of(mut f: Frame, title: &str, text: &str, close: &str) -> Self {
        title.clone_into(&mut f.title);
        Self {
            f,
            title: title.to_owned(),
            text: text.to_owned(),
            close: close.to_owned(),
        }
    }
}

/// The page of an opened link.
#[derive(Template)]
#[template(path = "pages/link.html")]
pub(super) struct LinkPage {
    f: Frame,
    t: Text,
    action: &'static str,
    id: Uuid,
    version: i64,
    provider: String,
    used: String,
    answers_as: String,
    heading: String,
    tag: Tag,
    prio: Prio,
    clock: Option<Clock>,
    facts: Vec<(&'static str, String)>,
    person: Vec<Fact>,
    opens: bool,
    exchanges: Vec<Fact>,
    acts: Vec<Act>,
    sender_number: Option<(String, String, String)>,
    summary: Option<Summary>,
}

/// The questions that are asked with two taps: code, button, words.
fn questions(t: Text) -> [(&'static str, &'static str, &'static str); 3] {
    [
        ("when", t.link_ask_when(), t.link_ask_when_words()),
        ("level", t.link_ask_level(), t.link_ask_level_words()),
        ("access", t.link_ask_access(), t.link_ask_access_words()),
    ]
}

impl LinkPage {
    pub(super) fn of(
        mut f: Frame,
        t: Text,
        view: &LinkView,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
        now: DateTime<Utc>,
    ) -> Self {
        let referral = &view.referral;
        let mut acts = acts(t, referral, typed, wrong);
        // Another service is named from a directory that a link does not open.
        acts.retain(|act| act.command != "redirect");
        for act in &mut acts {
            match act.command {
                // Whoever opened the link is named already: two taps.
                "accept" => {
                    act.fields.clear();
                    act.why = t.link_accept_hint();
                }
                "ask" => {
                    act.why = t.link_ask_why();
                    for field in &mut act.fields {
                        field.optional = true;
                    }
                    act.buttons = questions(t)
                        .map(|(code, text, _)| ("preset", code.to_owned(), text.to_owned()))
                        .to_vec();
                    act.buttons.push(("go", "yes".to_owned(), t.link_ask_own().to_owned()));
                }
                _ => {}
            }
        }
        let mistakes: Vec<(String, String)> = acts
            .iter()
            .flat_map(|a| a.fields.iter().filter_map(|x| x.error.clone().map(|e| (x.anchor(), e))))
            .chain(crate::forms::elsewhere(wrong, acts.iter().flat_map(|a| &a.fields), t.0))
            .collect();
        let summary = (!mistakes.is_empty()).then_some(Summary { t, mistakes });
        if summary.is_some() {
            f = f.with_error();
        }
        let mut facts = vec![(t.referral_need(), referral.label.clone())];
        if let Some(words) = referral.words.clone().filter(|w| !w.is_empty()) {
            facts.push((t.referral_reason(), words));
        }
        facts.push((t.referral_from(), referral.sender.clone()));
        if let Some(at) = referral.appointment {
            facts.push((t.referral_appointment(), t.moment(at)));
        }
        facts.push((t.referral_code(), referral.code.clone()));
        let offered = matches!(referral.state, At::Sent | At::Received | At::Waitlisted);
        Self {
            f,
            t,
            action: "/link/answer",
            id,
            version: referral.version,
            provider: referral.provider.clone(),
            used: t.link_used(t.time(view.until)),
            answers_as: t.link_as(&view.answerer.name),
            heading: if offered {
                t.referral_question().to_owned()
            } else {
                referral.label.clone()
            },
            tag: Tag::referral(
                referral.state,
                referral.outcome.is_none_or(|o| o.is_served()),
                referral.state_label.clone(),
            ),
            prio: Prio::long(t, referral.priority),
            clock: referral.clock.as_ref().map(|c| Clock::running(t, c, now)),
            facts,
            person: referral.facts.clone(),
            opens: offered && !referral.after.is_empty(),
            exchanges: referral
                .exchanges
                .iter()
                .filter(|x| x.value.is_some())
                .cloned()
                .collect(),
            acts: acts.into_iter().filter(|a| !a.risk).collect(),
            sender_number: referral
                .sender_telephone
                .as_deref()
                .map(|n| (referral.sender.clone(), t.phone(n), format::tel(n))),
            summary,
        }
    }
}

fn frame_of(app: &AppState, asking: &Asking, now: DateTime<Utc>) -> Frame {
    Frame::open(app, asking, Text(asking.lang).link_title(), Some(now))
}

/// What was just answered, in the address of the page that says so.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct After {
    #[serde(default)]
    said: Option<Said>,
}

/// `GET /link`: the code is asked; once opened, the request is shown; once
/// answered, what comes of it is said.
pub(crate) async fn show(
    State(app): State<AppState>,
    asking: Asking,
    headers: HeaderMap,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let t = Text(asking.lang);
    let now = app.now().await?;
    let f = frame_of(&app, &asking, now);
    if let Some(said) = after.said {
        let (title, text) = match said {
            Said::Accepted => (t.link_done_accepted(), t.link_done_accepted_text()),
            Said::Declined => (t.link_done_declined(), t.link_done_declined_text()),
            Said::Noted => (t.link_done_noted(), t.link_done_noted_text()),
        };
        return Ok(frame::ok(&Sentence::of(f, title, text, t.link_done_close())));
    }
    match held(&app, &headers) {
        Held::Address(_) => Ok(frame::ok(&Code::of(f, t, &Typed::default(), &[]))),
        Held::Nothing => Ok(frame::ok(&Sentence::of(f, t.link_none_title(), t.link_none(), ""))),
        Held::Session(session) => match app.acts().link(session, asking.lang).await {
            Ok(view) => {
                let id = ids::new_v7(now);
                Ok(frame::ok(&LinkPage::of(f, t, &view, id, &Typed::default(), &[], now)))
            }
            Err(ActError::NotFound) => gone(&app, f, t),
            Err(other) => Err(other.into()),
        },
    }
}

/// The link is closed: what the browser holds of it goes.
fn gone(app: &AppState, f: Frame, t: Text) -> Result<Response, Problem> {
    let mut response = frame::html(
        StatusCode::GONE,
        &Sentence::of(f, t.link_gone_title(), t.link_gone(), ""),
    );
    response.headers_mut().append(header::SET_COOKIE, set(app, None)?);
    Ok(response)
}

/// `POST /link`: opens with the code. Rationed by link and by address; the
/// same words for an unknown link, a wrong code, a spent or a late one.
pub(crate) async fn open(State(app): State<AppState>, asking: Asking, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let address = ask::address(app.settings(), &parts);
    let held = held(&app, &parts.headers);
    let typed = Typed::from_request(Request::from_parts(parts, body), &app).await?;
    let Held::Address(text) = held else {
        return Ok(see("/link"));
    };
    let t = Text(asking.lang);
    let now = app.now().await?;
    if !app.link_limiter().take(&text, address, std::time::Instant::now()) {
        let kind = ProblemKind::TooManyAttempts;
        let f = frame_of(&app, &asking, now)
            .with_error()
            .notice(Some(Notice::stop(kind.title(asking.lang), kind.remedy(asking.lang))));
        return Ok(frame::html(kind.status(), &Code::of(f, t, &typed, &[])));
    }
    let session = ids::secret();
    let command = OpenLink {
        secret_hash: secret::hash_of_address(&text),
        code: typed.one("code").to_owned(),
        name: typed.one("name").to_owned(),
        telephone: typed.one("telephone").to_owned(),
        session_hash: secret::hash(&session),
    };
    match app.acts().open_link(command).await {
        Ok(()) => {
            app.link_limiter().give_back(&text, address);
            let mut response = see("/link");
            let value = format!("s.{}", secret::text(&session));
            response
                .headers_mut()
                .append(header::SET_COOKIE, set(&app, Some(&value))?);
            Ok(response)
        }
        Err(error) => {
            let back = CameBack::of(error, t)?;
            let mut page = Code::of(frame_of(&app, &asking, now), t, &typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}

/// `POST /link/answer`: answers, once.
pub(crate) async fn answer(
    State(app): State<AppState>,
    asking: Asking,
    headers: HeaderMap,
    mut typed: Typed,
) -> Result<Response, Problem> {
    let t = Text(asking.lang);
    let now = app.now().await?;
    let f = frame_of(&app, &asking, now);
    let Held::Session(session) = held(&app, &headers) else {
        return gone(&app, f, t);
    };
    if let Some((_, _, words)) = questions(t).into_iter().find(|(code, ..)| *code == typed.one("preset")) {
        typed.0.insert("question".to_owned(), vec![words.to_owned()]);
    }
    let (id, version) = (typed.id()?, typed.version()?);
    let done = match command(&app, &typed, now) {
        Ok(command) => {
            let answer = AnswerByLink { id, version, command };
            app.acts().answer_link(session.clone(), answer).await.map(|_| ())
        }
        Err(mistake) => Err(ActError::Invalid(vec![mistake])),
    };
    match done {
        Ok(()) => {
            let said = match typed.one("command") {
                "accept" => Said::Accepted,
                "decline" => Said::Declined,
                _ => Said::Noted,
            };
            let mut response = see(&format!("/link?said={said}"));
            response.headers_mut().append(header::SET_COOKIE, set(&app, None)?);
            Ok(response)
        }
        Err(ActError::NotFound) => gone(&app, f, t),
        Err(error) => {
            let back = CameBack::of(error, t)?;
            match app.acts().link(session, asking.lang).await {
                Ok(view) => {
                    let mut page = LinkPage::of(f, t, &view, id, &typed, &back.wrong, now);
                    let status = back.onto(&mut page.f);
                    Ok(frame::html(status, &page))
                }
                Err(ActError::NotFound) => gone(&app, f, t),
                Err(other) => Err(other.into()),
            }
        }
    }
}
