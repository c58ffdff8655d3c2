//! A shared post: the computer is tied once by a code; then each person opens
//! it by PIN, and hands it over. A session that ended comes back here, and what
//! was being typed waits for its writer alone (DESIGN §6).

use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use relais_acts::posts;
use relais_acts::problem::{ActError, FieldProblem};
use relais_mechanism::Mechanism;
use relais_mechanism::form::FieldKind;
use relais_mechanism::words::Lang;
use relais_network::UserId;
use relais_store::ids;
use relais_store::rows::posts::PostRecord;

use super::referral::missing;
use crate::ask::{self, Asking, Caller};
use crate::extract::{Typed, pairs};
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, Tab, encode, see};
use crate::held::SEND;
use crate::parts::{Choice, Control, Field, Notice, Summary};
use crate::problem::{Problem, ProblemKind, set};
use crate::text::{Text, both};
use crate::{AppState, password, secret, session};

/// The name of the computer's cookie.
pub(crate) const COOKIE: &str = "relais_post";
/// How long a computer stays tied: a year, and until the post is closed.
const AGE: i64 = 365 * 24 * 3600;

/// The PIN page, or the page that ties the computer.
#[derive(askama::Template)]
#[template(path = "pages/post.html")]
struct Page {
    f: Frame,
    t: Text,
    /// Name and organisation of the post; none while the computer is tied to none.
    at: Option<String>,
    /// Who has a PIN here, and the PIN; or the code that ties the computer.
    fields: Vec<Field>,
    next: String,
    summary: Option<Summary>,
    /// The door for whoever has no PIN.
    password: String,
}

/// What was being typed when the session ended.
#[derive(askama::Template)]
#[template(path = "pages/held.html")]
struct Resume {
    f: Frame,
    t: Text,
    pairs: Vec<(String, String)>,
    /// What can be read of it, each answer under its question.
    facts: Vec<(String, String)>,
    /// Words typed where no form of the mechanism asked.
    words: Vec<String>,
}

/// The open post of this computer, and who has a PIN there.
pub(super) async fn tied(
    app: &AppState,
    asking: &Asking,
) -> Result<Option<(PostRecord, Vec<(UserId, String)>)>, Problem> {
    match &asking.browser().post {
        Some(hash) => Ok(posts::at(app.store(), hash.clone()).await?),
        None => Ok(None),
    }
}

async fn page(
    app: &AppState,
    asking: &Asking,
    next: &str,
    typed: &Typed,
    wrong: &[FieldProblem],
    notice: Option<Notice>,
) -> Result<Page, Problem> {
    let t = Text(asking.lang);
    let now = app.now().await?;
    let found = tied(app, asking).await?;
    let title = if found.is_some() {
        t.post_title()
    } else {
        t.post_tie_title()
    };
    let mut f = Frame::open(app, asking, title, Some(now));
    if notice.as_ref().is_some_and(Notice::is_stop) {
        f = f.with_error();
    }
    let (at, mut fields) = found.map_or_else(
        || (None, vec![code_field(t, typed)]),
        |(post, people)| {
            let organisation = app.desk().network().own_name(post.organisation_id, asking.lang);
            (
                Some(t.post_at(&post.name, organisation)),
                person_fields(t, people, typed),
            )
        },
    );
    for field in &mut fields {
        field.error = error_of(wrong, &field.name, t.0);
    }
    let summary = summary(t, &fields, wrong);
    if summary.is_some() {
        f = f.with_error();
    }
    Ok(Page {
        f: f.notice(notice),
        t,
        at,
        fields,
        summary,
        password: if next.is_empty() {
            "/sign-in".to_owned()
        } else {
            format!("/sign-in?next={}", encode(next))
        },
        next: next.to_owned(),
    })
}

/// The code that ties a computer: kept as typed, so that a slip of one letter is mended.
fn code_field(t: Text, typed: &Typed) -> Field {
    Field::line(t, "code", t.post_code())
        .max(40)
        .value(typed.one("code"))
        .with(Control::Line {
            kind: "text",
            mode: "",
            size: "w10 code",
        })
}

/// Who opens the post, and their PIN, which is never written back; none where nobody has one.
fn person_fields(t: Text, people: Vec<(UserId, String)>, typed: &Typed) -> Vec<Field> {
    if people.is_empty() {
        return Vec::new();
    }
    let chosen = typed.one("user");
    let people = people
        .into_iter()
        .map(|(user, label)| {
            let value = user.to_string();
            Choice {
                chosen: value == chosen,
                value,
                label,
            }
        })
        .collect();
    let pin = Control::Line {
        kind: "password",
        mode: "numeric",
        size: "w10",
    };
    vec![
        Field::line(t, "user", t.post_who()).with(Control::One(people)),
        Field::line(t, "pin", t.post_pin()).max(10).with(pin),
    ]
}

/// What is missing before a PIN is looked at, and counted.
fn gaps(typed: &Typed) -> Vec<FieldProblem> {
    let gap = |field: &str, sentence| typed.one(field).is_empty().then(|| missing(field, sentence));
    [gap("user", Text::post_choose), gap("pin", Text::post_pin_missing)]
        .into_iter()
        .flatten()
        .collect()
}

/// `GET /post`.
pub(crate) async fn show(State(app): State<AppState>, asking: Asking, request: Request) -> Result<Response, Problem> {
    let query = pairs(request.uri().query().unwrap_or_default().as_bytes());
    let one = |name: &str| query.get(name).and_then(|v| v.first()).map_or("", String::as_str);
    let next = one("next");
    if asking.viewer.is_some() && asking.browser().post.is_some() {
        return Ok(see(ask::local_path(next)));
    }
    let t = Text(asking.lang);
    let notice = if one("held") == "yes" {
        Some(Notice::warn(t.post_held(), t.post_held_text()))
    } else if one("ended") == "yes" {
        Some(Notice::done(t.post_ended(), ""))
    } else {
        None
    };
    let nothing = Typed::default();
    Ok(frame::ok(&page(&app, &asking, next, &nothing, &[], notice).await?))
}

/// `POST /post`: the person's PIN. Whatever is wrong takes the same time and
/// gets the same answer, but for a lock, which is said.
pub(crate) async fn enter(State(app): State<AppState>, asking: Asking, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let address = ask::address(app.settings(), &parts);
    let typed = Typed::from_request(Request::from_parts(parts, body), &app).await?;
    let next = typed.one("next").to_owned();
    let Some((post, _)) = tied(&app, &asking).await? else {
        return Ok(see("/post"));
    };
    let wrong = gaps(&typed);
    if !wrong.is_empty() {
        let shown = page(&app, &asking, &next, &typed, &wrong, None).await?;
        return Ok(frame::html(StatusCode::UNPROCESSABLE_ENTITY, &shown));
    }
    let user = UserId(typed.one("user").parse().unwrap_or_default());
    let key = format!("pin:{user}");
    if !app.limiter().take(&key, address, std::time::Instant::now()) {
        let kind = ProblemKind::TooManyAttempts;
        let notice = Notice::stop(kind.title(asking.lang), kind.remedy(asking.lang));
        return Ok(frame::html(
            kind.status(),
            &page(&app, &asking, &next, &typed, &[], Some(notice)).await?,
        ));
    }
    let (stored, locked) = posts::pin_of(app.store(), post.organisation_id, user).await?;
    // Somebody of another organisation is not locked out from here.
    let known = stored.is_some();
    let right = password::check(typed.one("pin").to_owned(), stored).await;
    let locked = if locked || !known {
        locked
    } else {
        posts::tried(app.store(), post.id, user, right).await?
    };
    if !right {
        let wrong = [FieldProblem {
            field: "pin".to_owned(),
            code: if locked { "locked" } else { "not_right" }.to_owned(),
            message: both(if locked { Text::post_locked } else { Text::post_wrong }),
        }];
        let shown = page(&app, &asking, &next, &typed, &wrong, None).await?;
        return Ok(frame::html(StatusCode::UNAUTHORIZED, &shown));
    }
    app.limiter().give_back(&key, address);
    begin(&app, asking.browser().session.clone(), user, Some(&post), &next).await
}

/// Begins a person's session in place of the one `before`, at a post or not,
/// and goes to what waits for them there, else to `next`.
pub(super) async fn begin(
    app: &AppState,
    before: Option<Vec<u8>>,
    user: UserId,
    post: Option<&PostRecord>,
    next: &str,
) -> Result<Response, Problem> {
    // What was on the screen before belongs to somebody else.
    if let Some(before) = before {
        session::end(app, before).await?;
    }
    let drawn = session::begin(app, user, post).await?;
    let waits = post.is_some() && posts::held(app.store(), user).await?.is_some();
    let mut response = see(if waits { "/post/held" } else { ask::local_path(next) });
    let headers = response.headers_mut();
    headers.append(header::SET_COOKIE, session::set_cookie(app, Some(&drawn))?);
    headers.insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    Ok(response)
}

/// `POST /post/tie`: ties this computer to the post of the code.
pub(crate) async fn tie(State(app): State<AppState>, asking: Asking, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let address = ask::address(app.settings(), &parts);
    let typed = Typed::from_request(Request::from_parts(parts, body), &app).await?;
    if !app.limiter().take("post", address, std::time::Instant::now()) {
        let kind = ProblemKind::TooManyAttempts;
        let notice = Notice::stop(kind.title(asking.lang), kind.remedy(asking.lang));
        return Ok(frame::html(
            kind.status(),
            &page(&app, &asking, "", &typed, &[], Some(notice)).await?,
        ));
    }
    let drawn = ids::secret();
    match posts::tie(app.store(), code_hash(typed.one("code")), secret::hash(&drawn)).await {
        Ok(_) => {
            app.limiter().give_back("post", address);
            let mut response = see("/post");
            let secure = if app.settings().https { "; Secure" } else { "" };
            let line = format!(
                "{COOKIE}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={AGE}{secure}",
                secret::text(&drawn)
            );
            let line = HeaderValue::from_str(&line).map_err(|_| ActError::NotFound)?;
            response.headers_mut().append(header::SET_COOKIE, line);
            Ok(response)
        }
        Err(ActError::Refused { code, why, remedy }) => {
            let [fr, en] = [Lang::Fr, Lang::En].map(|lang| format!("{} {}", why.get(lang), remedy.get(lang)));
            let wrong = [FieldProblem::new("code", &code, (&fr, &en))];
            let shown = page(&app, &asking, "", &typed, &wrong, None).await?;
            Ok(frame::html(ProblemKind::Refused.status(), &shown))
        }
        Err(other) => Err(other.into()),
    }
}

/// The hash of a post's code, however it is typed: spaces, hyphens and case do
/// not count.
#[must_use]
pub fn code_hash(code: &str) -> Vec<u8> {
    use sha2::{Digest as _, Sha256};
    let plain: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    Sha256::digest(plain.as_bytes()).to_vec()
}

/// What was typed, as its writer would read it: the answers of a form under their questions, in words; elsewhere
/// whatever is words. Ids, codes of buttons and empty answers tell nothing.
fn read(mechanism: &Mechanism, pairs: &[(String, String)], lang: Lang) -> (Vec<(String, String)>, Vec<String>) {
    let (mut facts, mut words): (Vec<(String, String)>, Vec<String>) = (Vec::new(), Vec::new());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.trim().is_empty()) {
        let Some(question) = mechanism.forms().iter().find_map(|form| form.field(name)) else {
            if value.trim().contains(char::is_whitespace) {
                words.push(value.clone());
            }
            continue;
        };
        let answer = match (&question.options, question.kind) {
            (Some(list), _) => list
                .choices
                .iter()
                .find(|c| c.code == *value)
                .map_or_else(|| value.clone(), |c| set(c.label.get(lang), lang)),
            (None, FieldKind::Bool) if value == "yes" => Text(lang).frame_yes().to_owned(),
            (None, FieldKind::Bool) if value == "no" => Text(lang).frame_no().to_owned(),
            _ => value.clone(),
        };
        let label = set(question.label.get(lang), lang);
        match facts.last_mut() {
            // Several ticks of one question.
            Some((last, said)) if *last == label => *said = format!("{said}, {answer}"),
            _ => facts.push((label, answer)),
        }
    }
    (facts, words)
}

/// `GET /post/held`: what was typed, to be sent by its writer.
pub(crate) async fn held(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let t = caller.t;
    let Some(held) = posts::held(app.store(), caller.viewer.user).await? else {
        return Ok(see("/"));
    };
    let now = app.now().await?;
    let (facts, words) = read(&app.desk().mechanism(), &held.pairs, t.0);
    Ok(frame::ok(&Resume {
        f: Frame::of(&app, &caller, Tab::None, t.post_resume_title(), now),
        t,
        pairs: held.pairs,
        facts,
        words,
    }))
}

/// `POST /post/held`: what was typed goes where it was to go, by the same
/// method, and is kept until it has come there; or it is dropped.
pub(crate) async fn answer(State(app): State<AppState>, caller: Caller, typed: Typed) -> Result<Response, Problem> {
    let user = caller.viewer.user;
    match posts::held(app.store(), user).await? {
        Some(held) if typed.0.contains_key(SEND) => {
            let mut response = StatusCode::TEMPORARY_REDIRECT.into_response();
            let path = HeaderValue::from_str(ask::local_path(&held.path)).unwrap_or(HeaderValue::from_static("/"));
            response.headers_mut().insert(header::LOCATION, path);
            Ok(response)
        }
        Some(_) => {
            posts::drop_held(app.store(), user).await?;
            Ok(see("/"))
        }
        None => Ok(see("/")),
    }
}

/// To the PIN page, with the way back.
pub(crate) fn door(path: &str) -> Response {
    see(&format!("/post?next={}", encode(path)))
}

#[cfg(test)]
mod tests {
    use super::code_hash;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(code_hash("bafu-kile"), code_hash(" BAFU KILE "));
        assert_ne!(code_hash("bafu-kile"), code_hash("bafu-kila"));
    }
}
