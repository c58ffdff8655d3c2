//! The door for complaints: for anybody, without account or cookie. Number and
//! code are shown once, in the answer to the form; they stand in no address.

use askama::Template;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use relais_acts::complaints::{Complain, Door, Follow, FollowView, Received, not_valid, signs};
use relais_acts::problem::{ActError, FieldProblem};
use relais_casework::complaint::{ComplaintKind, ComplaintState};
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::referral::missing;
use crate::ask::{self, Asking};
use crate::extract::Typed;
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame};
use crate::parts::{Choice, Control, Field, Notice, Summary};
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use crate::{AppState, format};

impl Text {
    /// What a complaint is about.
    pub(crate) fn complaint_kind_of(self, kind: ComplaintKind) -> &'static str {
        match kind {
            ComplaintKind::Service => self.complaint_kind_service(),
            ComplaintKind::Delay => self.complaint_kind_delay(),
            ComplaintKind::Conduct => self.complaint_kind_conduct(),
            ComplaintKind::Corruption => self.complaint_kind_corruption(),
            ComplaintKind::Abuse => self.complaint_kind_abuse(),
            ComplaintKind::Confidentiality => self.complaint_kind_confidentiality(),
            ComplaintKind::Discrimination => self.complaint_kind_discrimination(),
            ComplaintKind::Other => self.complaint_kind_other(),
        }
    }
}

/// A code in two halves, as people copy it.
fn halves(code: &str) -> String {
    match code.split_at_checked(4) {
        Some((first, last)) => format!("{first}-{last}"),
        None => code.to_owned(),
    }
}

/// A line to call: name, number shown, number dialled, whether unverified.
type Line = (String, String, String, bool);

/// The form.
#[derive(Template)]
#[template(path = "pages/complaint.html")]
pub(super) struct ComplaintPage {
    f: Frame,
    t: Text,
    id: Uuid,
    code: String,
    ready: bool,
    lines: Vec<Line>,
    fields: Vec<Field>,
    summary: Option<Summary>,
}

impl ComplaintPage {
    pub(super) fn of(f: Frame, door: &Door, id: Uuid, code: &str, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let t = f.t;
        let kinds = ComplaintKind::ALL
            .iter()
            .map(|k| Choice {
                value: k.code().to_owned(),
                label: t.complaint_kind_of(*k).to_owned(),
                chosen: typed.one("kind") == k.code(),
            })
            .collect();
        let safe = door
            .safe
            .iter()
            .map(|(code, label)| Choice {
                value: code.clone(),
                label: label.clone(),
                chosen: typed.one("safe_contact") == code,
            })
            .collect();
        let mut fields = vec![
            Field::line(t, "kind", t.complaint_kind()).with(Control::One(kinds)),
            Field::line(t, "facts", t.complaint_facts())
                .hint(t.complaint_facts_hint())
                .max(4000)
                .value(typed.one("facts"))
                .with(Control::Lines { rows: 6 }),
            Field::line(t, "organisation", t.complaint_organisation())
                .hint(t.complaint_organisation_hint())
                .optional()
                .max(200)
                .value(typed.one("organisation")),
            Field::line(t, "about_office", t.complaint_office())
                .optional()
                .value(typed.one("about_office"))
                .with(Control::Tick),
            Field::line(t, "referral", t.complaint_referral())
                .hint(t.complaint_referral_hint())
                .optional()
                .max(40)
                .value(typed.one("referral"))
                .with(Control::Line {
                    kind: "text",
                    mode: "",
                    size: "w10",
                }),
            Field::line(t, "contact", t.complaint_contact())
                .hint(t.complaint_contact_hint())
                .optional()
                .max(200)
                .value(typed.one("contact")),
            Field::line(t, "safe_contact", t.complaint_safe())
                .optional()
                .with(Control::List(safe)),
        ];
        for field in &mut fields {
            field.error = error_of(wrong, &field.name, t.0);
        }
        let summary = summary(t, &fields, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        Self {
            f,
            t,
            id,
            code: code.to_owned(),
            ready: door.ready,
            lines: door
                .lines
                .iter()
                .map(|(name, number, unverified)| (name.clone(), t.phone(number), format::tel(number), *unverified))
                .collect(),
            fields,
            summary,
        }
    }
}

/// The page that shows number and code, once.
#[derive(Template)]
#[template(path = "pages/complaint_done.html")]
pub(super) struct ComplaintDone {
    f: Frame,
    t: Text,
    number: String,
    code: String,
    next: String,
}

impl ComplaintDone {
    pub(super) fn of(mut f: Frame, received: &Received) -> Self {
        let t = f.t;
        t.complaint_done().clone_into(&mut f.title);
        Self {
            t,
            number: halves(&received.number),
            code: halves(&received.code),
            next: t.complaint_done_next(t.moment(received.acknowledge_by), t.day_of(received.decide_by)),
            f,
        }
    }
}

/// The page of whoever comes back.
#[derive(Template)]
#[template(path = "pages/complaint_follow.html")]
pub(super) struct FollowPage {
    f: Frame,
    t: Text,
    id: Uuid,
    /// The id of words that came back with the form.
    again: Option<Uuid>,
    fields: Vec<Field>,
    view: Option<Followed>,
    summary: Option<Summary>,
}

/// What is shown with the right code.
struct Followed {
    number: String,
    code: String,
    facts: Vec<(&'static str, String)>,
    /// Heading, words.
    replies: Vec<(String, String)>,
    words: Field,
}

impl FollowPage {
    fn words(t: Text) -> Field {
        Field::line(t, "words", t.complaint_follow_words())
            .hint(t.complaint_follow_words_hint())
            .max(2000)
            .with(Control::Lines { rows: 4 })
    }

    /// The form that asks for number and code, with the words that were to be added.
    pub(super) fn ask(f: Frame, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let t = f.t;
        let line = |name, label: &'static str| {
            Field::line(t, name, label).max(20).with(Control::Line {
                kind: "text",
                mode: "",
                size: "w10",
            })
        };
        let mut fields = vec![
            line("number", t.complaint_follow_number()).value(typed.one("number")),
            // Not kept when the page comes back: a shared screen must not show both together.
            line("code", t.complaint_follow_code()),
        ];
        // What was to be added is not typed twice; with its id, so that it is added once.
        let words = typed.one("words");
        let again = (!words.is_empty()).then(|| typed.id().unwrap_or(id));
        if again.is_some() {
            fields.push(Self::words(t).value(words));
        }
        for field in &mut fields {
            field.error = error_of(wrong, &field.name, t.0);
        }
        let summary = summary(t, &fields, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        Self {
            f,
            t,
            id,
            again,
            fields,
            view: None,
            summary,
        }
    }

    /// Where the complaint stands.
    pub(super) fn of(f: Frame, view: &FollowView, id: Uuid, code: &str) -> Self {
        let t = f.t;
        let mut facts = vec![(t.complaint_received(), t.moment(view.received_at))];
        for (label, at) in [
            (t.complaint_acknowledged(), view.acknowledged_at),
            (t.complaint_decided(), view.decided_at),
            (t.complaint_closed(), view.closed_at),
            (t.complaint_due(), view.due_at),
        ] {
            facts.extend(at.map(|at| (label, t.moment(at))));
        }
        if !view.added.is_empty() {
            let when: Vec<String> = view.added.iter().map(|at| t.moment(*at)).collect();
            facts.push((t.complaint_your_words(), when.join(" · ")));
        }
        let replies = view
            .replies
            .iter()
            .map(|(at, decision, text)| {
                let head = if *decision {
                    t.complaint_follow_decision()
                } else {
                    t.complaint_follow_reply()
                };
                (format!("{head} · {}", t.moment(*at)), text.clone())
            })
            .collect();
        let notice = view
            .just_added
            .then(|| Notice::done(t.complaint_follow_added(), t.complaint_follow_added_text()));
        let words = Self::words(t);
        Self {
            f: f.notice(notice),
            t,
            id,
            again: None,
            fields: Vec::new(),
            view: Some(Followed {
                number: halves(&view.number),
                code: code.to_owned(),
                facts,
                replies,
                words,
            }),
            summary: None,
        }
    }
}

/// Whether it is a code as this server draws them.
fn drawn(code: &str) -> bool {
    code.len() == 8 && code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// What was typed, or what is missing before anything is asked of the store.
fn command(id: Uuid, typed: &Typed, code: &str) -> Result<Complain, ActError> {
    let Some(kind) = ComplaintKind::from_code(typed.one("kind")) else {
        let mut wrong = vec![missing("kind", Text::complaint_choose)];
        if typed.one("facts").is_empty() {
            wrong.push(missing("facts", Text::complaint_no_facts));
        }
        return Err(ActError::Invalid(wrong));
    };
    let one = |name: &str| typed.one(name).to_owned();
    Ok(Complain {
        id,
        kind,
        facts: one("facts"),
        organisation: one("organisation"),
        referral: one("referral"),
        about_office: typed.ticked("about_office"),
        contact: one("contact"),
        safe_contact: Some(one("safe_contact")).filter(|s| !s.is_empty()),
        code: code.to_owned(),
    })
}

/// `GET /complaint`.
pub(crate) async fn show(State(app): State<AppState>, asking: Asking) -> Result<Response, Problem> {
    let t = Text(asking.lang);
    let now = app.now().await?;
    let door = app.acts().complaint_door(asking.lang).await?;
    let f = Frame::open(&app, &asking, t.complaint_title(), Some(now));
    let page = ComplaintPage::of(f, &door, ids::new_v7(now), &ids::slip_code(), &Typed::default(), &[]);
    Ok(frame::ok(&page))
}

/// `POST /complaint`: rationed by address. Sent twice, it complains once and
/// shows the same number and code.
pub(crate) async fn send(State(app): State<AppState>, asking: Asking, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let address = ask::address(app.settings(), &parts);
    let typed = Typed::from_request(Request::from_parts(parts, body), &app).await?;
    let (t, id) = (Text(asking.lang), typed.id()?);
    let now = app.now().await?;
    let f = Frame::open(&app, &asking, t.complaint_title(), Some(now));
    let code = if drawn(typed.one("code")) {
        typed.one("code").to_owned()
    } else {
        ids::slip_code()
    };
    let rationed = !app
        .complaint_limiter()
        .take(&id.to_string(), address, std::time::Instant::now());
    let error = if rationed {
        None
    } else {
        let sent = match command(id, &typed, &code) {
            Ok(command) => app.acts().complain(command, asking.lang).await,
            Err(error) => Err(error),
        };
        match sent {
            Ok(received) => return Ok(frame::ok(&ComplaintDone::of(f, &received))),
            Err(error) => Some(error),
        }
    };
    let door = app.acts().complaint_door(asking.lang).await?;
    match error {
        None => {
            let kind = ProblemKind::TooManyAttempts;
            let f = f
                .with_error()
                .notice(Some(Notice::stop(kind.title(asking.lang), kind.remedy(asking.lang))));
            let page = ComplaintPage::of(f, &door, id, &code, &typed, &[]);
            Ok(frame::html(kind.status(), &page))
        }
        Some(error) => {
            let back = CameBack::of(error, t)?;
            let mut page = ComplaintPage::of(f, &door, id, &code, &typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}

/// `GET /complaint/follow`.
pub(crate) async fn ask_code(State(app): State<AppState>, asking: Asking) -> Result<Response, Problem> {
    let now = app.now().await?;
    let f = Frame::open(&app, &asking, Text(asking.lang).complaint_follow_title(), Some(now));
    Ok(frame::ok(&FollowPage::ask(f, ids::new_v7(now), &Typed::default(), &[])))
}

/// `POST /complaint/follow`: number and code, and words to add; rationed by
/// number and by address.
pub(crate) async fn follow(State(app): State<AppState>, asking: Asking, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let address = ask::address(app.settings(), &parts);
    let typed = Typed::from_request(Request::from_parts(parts, body), &app).await?;
    let t = Text(asking.lang);
    let now = app.now().await?;
    let f = Frame::open(&app, &asking, t.complaint_follow_title(), Some(now));
    let (number, code) = (typed.one("number").to_owned(), typed.one("code").to_owned());
    // However it is typed, a number has one ration.
    let key = signs(&number);
    if !app.follow_limiter().take(&key, address, std::time::Instant::now()) {
        let kind = ProblemKind::TooManyAttempts;
        let f = f
            .with_error()
            .notice(Some(Notice::stop(kind.title(asking.lang), kind.remedy(asking.lang))));
        let page = FollowPage::ask(f, ids::new_v7(now), &typed, &[]);
        return Ok(frame::html(kind.status(), &page));
    }
    let command = Follow {
        number,
        code: code.clone(),
        id: typed.id().ok(),
        words: typed.one("words").to_owned(),
    };
    match app.acts().follow_complaint(command).await {
        Ok(view) => {
            app.follow_limiter().give_back(&key, address);
            Ok(frame::ok(&FollowPage::of(f, &view, ids::new_v7(now), &code)))
        }
        Err(error) => {
            let error = if matches!(error, ActError::NotFound) {
                not_valid()
            } else {
                error
            };
            let back = CameBack::of(error, t)?;
            let mut page = FollowPage::ask(f, ids::new_v7(now), &typed, &back.wrong);
            let status: StatusCode = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}

impl Text {
    /// A complaint's state, for its recipients.
    pub(crate) fn complaint_state(self, state: ComplaintState) -> &'static str {
        match state {
            ComplaintState::Received => self.complaints_state_received(),
            ComplaintState::Acknowledged => self.complaints_state_acknowledged(),
            ComplaintState::Decided => self.complaints_state_decided(),
            ComplaintState::Closed => self.complaints_state_closed(),
        }
    }
}
