//! A referral, from either side: the request, whose move it is, and the acts
//! that this viewer may do now.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use relais_acts::commands::{ActOnReferral, ReferralCommand};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::{Fact, ReferralView};
use relais_casework::referral::{DeclineCode, Outcome, State as At};
use relais_mechanism::answers::parse_date_time;
use relais_network::ReferralId;
use relais_store::ids;
use uuid::Uuid;

use super::arrival::both;
use super::came_back::CameBack;
use super::cases::{Past, erased_notice, past};
use super::done::After;
use super::doors::see;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::format;
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab};
use crate::parts::{Choice, Clock, Control, Field, Hand, Prio, Relay, Summary, Tag};
use crate::problem::Problem;
use crate::text::Text;

/// One act that is a first tap to open and a second to send.
pub(super) struct Act {
    /// The command's code.
    pub(super) command: &'static str,
    /// The summary.
    pub(super) title: &'static str,
    /// What it means, before the buttons.
    pub(super) why: &'static str,
    pub(super) fields: Vec<Field>,
    /// (name, value, text): the second tap carries the code.
    pub(super) buttons: Vec<(&'static str, String, String)>,
    pub(super) risk: bool,
    pub(super) open: bool,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/referral.html")]
pub(super) struct Referral {
    f: Frame,
    t: Text,
    id: Uuid,
    version: i64,
    action: String,
    heading: String,
    case: Option<(String, String)>,
    tag: Tag,
    prio: Prio,
    clock: Option<Clock>,
    hand: Option<Hand>,
    ladder: String,
    relay: Relay,
    facts: Vec<(String, Option<String>)>,
    person: Vec<Fact>,
    after: Vec<String>,
    exchanges: Vec<Fact>,
    acts_title: &'static str,
    acts: Vec<Act>,
    others: Vec<Act>,
    confirm: bool,
    telephone: bool,
    /// An emergency that waits for somebody to take it.
    calls: bool,
    link: bool,
    answered: Vec<Fact>,
    another: Option<String>,
    provider_numbers: Vec<(String, String)>,
    sender_number: Option<(String, String, String)>,
    history: Vec<Past>,
    summary: Option<Summary>,
    provider_side: bool,
}

impl Text {
    /// A coded reason, in words.
    pub(super) fn decline(self, code: DeclineCode) -> &'static str {
        match code {
            DeclineCode::NoCapacity => self.decline_no_capacity(),
            DeclineCode::OutsideArea => self.decline_outside_area(),
            DeclineCode::NotEligible => self.decline_not_eligible(),
            DeclineCode::ServiceEnded => self.decline_service_ended(),
            DeclineCode::NoFunding => self.decline_no_funding(),
            DeclineCode::NotSkilled => self.decline_not_skilled(),
            DeclineCode::NotEnoughInformation => self.decline_not_enough_information(),
            DeclineCode::NoConsent => self.decline_no_consent(),
            DeclineCode::AlreadyAssisted => self.decline_already_assisted(),
            DeclineCode::Security => self.decline_security(),
            DeclineCode::Suspended => self.decline_suspended(),
            DeclineCode::PaymentNotConfirmed => self.decline_payment_not_confirmed(),
            DeclineCode::PapersMissing => self.decline_papers_missing(),
            DeclineCode::Redirect => self.decline_redirect(),
            DeclineCode::Other => self.decline_other(),
        }
    }

    /// An outcome, in words.
    pub(super) fn outcome(self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Served => self.outcome_served(),
            Outcome::PartlyServed => self.outcome_partly_served(),
            Outcome::NotEligible => self.outcome_not_eligible(),
            Outcome::NoCapacity => self.outcome_no_capacity(),
            Outcome::DidNotAttend => self.outcome_did_not_attend(),
            Outcome::NotReached => self.outcome_not_reached(),
            Outcome::RefusedByPerson => self.outcome_refused_by_person(),
            Outcome::Moved => self.outcome_moved(),
            Outcome::Other => self.outcome_other(),
        }
    }
}

/// The outcomes as radio buttons.
pub(super) fn outcomes(t: Text, chosen: &str) -> Control {
    Control::One(
        Outcome::ALL
            .iter()
            .map(|o| Choice {
                value: o.code().to_owned(),
                label: t.outcome(*o).to_owned(),
                chosen: chosen == o.code(),
            })
            .collect(),
    )
}

/// The acts of the page, in the order of the pathway.
pub(super) fn acts(t: Text, view: &ReferralView, typed: &Typed, wrong: &[FieldProblem]) -> Vec<Act> {
    let may = |code: &str| view.commands.iter().any(|c| c == code);
    let tried = typed.one("command");
    let mut acts: Vec<Act> = Vec::new();
    let mut add =
        |command: &'static str, title, why, fields: Vec<Field>, buttons: Vec<(&'static str, String, String)>| {
            if may(command) {
                let risk = matches!(command, "cancel" | "void" | "contest");
                acts.push(Act {
                    command,
                    title,
                    why,
                    fields,
                    buttons,
                    risk,
                    open: tried == command,
                });
            }
        };
    let send = |text: &str| vec![("go", "yes".to_owned(), text.to_owned())];
    // An act's fields keep what was typed only where it was that act which came back.
    let field = |command: &'static str, name: &str, label: &str| {
        let mut field = Field::line(t, name, label);
        field.scope = command;
        if tried == command {
            field.value = typed.one(name).to_owned();
            field.error = error_of(wrong, name, t.0);
        }
        field
    };
    let lines = Control::Lines { rows: 3 };
    let moment = || Control::Line {
        kind: "text",
        mode: "",
        size: "w10",
    };

    let p1_name = if view.priority == relais_mechanism::words::Priority::P1 {
        vec![field("accept", "by_name", t.referral_accept_name()).max(200)]
    } else {
        Vec::new()
    };
    add(
        "accept",
        t.referral_accept(),
        t.referral_accept_hint(),
        p1_name,
        send(t.referral_accept_yes()),
    );
    let days = [7, 14, 30]
        .map(|n| ("days", n.to_string(), t.referral_waitlist_days(n)))
        .to_vec();
    add(
        "waitlist",
        t.referral_waitlist(),
        t.referral_waitlist_why(),
        Vec::new(),
        days,
    );
    let reasons = DeclineCode::ALL
        .iter()
        .map(|c| ("code", c.code().to_owned(), t.decline(*c).to_owned()))
        .collect();
    add(
        "decline",
        t.referral_decline(),
        t.referral_decline_why(),
        Vec::new(),
        reasons,
    );
    let question = field("ask", "question", t.referral_ask_question())
        .max(500)
        .with(lines.clone());
    add(
        "ask",
        t.referral_ask(),
        t.referral_ask_why(),
        vec![question],
        send(t.referral_ask_send()),
    );
    add(
        "acknowledge",
        t.referral_acknowledge(),
        t.referral_acknowledge_why(),
        Vec::new(),
        send(t.referral_acknowledge()),
    );
    let answer = field("answer", "text", t.referral_answer_text())
        .hint(t.referral_answer_hint())
        .max(500)
        .with(lines.clone());
    add(
        "answer",
        t.referral_answer(),
        "",
        vec![answer],
        send(t.referral_answer_send()),
    );
    let at = |command: &'static str| {
        vec![
            field(command, "at", t.referral_schedule_at())
                .hint(t.form_hint_moment())
                .max(40)
                .with(moment()),
        ]
    };
    add(
        "schedule",
        t.referral_schedule(),
        "",
        at("schedule"),
        send(t.referral_schedule_save()),
    );
    add("start", t.referral_start(), "", Vec::new(), send(t.referral_start()));
    add(
        "reschedule",
        t.referral_reschedule(),
        "",
        at("reschedule"),
        send(t.referral_schedule_save()),
    );
    add(
        "no_show",
        t.referral_no_show(),
        "",
        Vec::new(),
        send(t.referral_no_show()),
    );
    let mut outcome = field("report", "outcome", t.referral_report_outcome());
    outcome.control = outcomes(t, if tried == "report" { typed.one("outcome") } else { "" });
    let told = field("report", "text", t.referral_report_text())
        .optional()
        .max(500)
        .with(lines.clone());
    add(
        "report",
        t.referral_report(),
        "",
        vec![outcome, told],
        send(t.referral_report_save()),
    );
    let mut settled = field("settle", "outcome", t.referral_report_outcome());
    settled.control = outcomes(t, if tried == "settle" { typed.one("outcome") } else { "" });
    add(
        "settle",
        t.referral_settle(),
        "",
        vec![settled],
        send(t.referral_settle_save()),
    );
    let why = field("cancel", "reason", t.referral_cancel_reason())
        .optional()
        .max(200);
    add(
        "cancel",
        t.referral_cancel(),
        t.referral_cancel_why(),
        vec![why],
        send(t.referral_cancel_save()),
    );
    let why = field("void", "reason", t.referral_cancel_reason()).max(200);
    add("void", t.referral_void(), "", vec![why], send(t.referral_void_save()));
    let instead = field("contest", "reason", t.referral_contest_reason())
        .max(500)
        .with(lines);
    add(
        "contest",
        t.referral_contest(),
        t.referral_contest_why(),
        vec![instead],
        send(t.referral_contest_save()),
    );
    acts
}

impl Referral {
    pub(super) fn of(
        mut f: Frame,
        t: Text,
        view: &ReferralView,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
        now: DateTime<Utc>,
    ) -> Self {
        let all = acts(t, view, typed, wrong);
        let mistakes: Vec<(String, String)> = all
            .iter()
            .flat_map(|a| a.fields.iter().filter_map(|x| x.error.clone().map(|e| (x.anchor(), e))))
            .chain(crate::forms::elsewhere(wrong, all.iter().flat_map(|a| &a.fields), t.0))
            .collect();
        let summary = (!mistakes.is_empty()).then_some(Summary { t, mistakes });
        if summary.is_some() {
            f = f.with_error();
        }
        let (others, acts): (Vec<Act>, Vec<Act>) = all.into_iter().partition(|a| a.risk);
        let answering = view.provider_side
            && view.erased.is_none()
            && matches!(view.state, At::Sent | At::Received | At::Waitlisted);
        let served = view.outcome.is_none_or(|o| o.is_served());
        let mut facts = vec![(t.referral_need().to_owned(), Some(view.label.clone()))];
        if let Some(words) = view.words.clone().filter(|w| !w.is_empty()) {
            facts.push((t.referral_reason().to_owned(), Some(words)));
        }
        if view.sender_side {
            facts.push((
                t.referral_to().to_owned(),
                Some(if view.service.is_empty() {
                    view.provider.clone()
                } else {
                    format!("{} · {}", view.service, view.provider)
                }),
            ));
        } else {
            facts.push((t.referral_from().to_owned(), Some(view.sender.clone())));
        }
        if let Some(at) = view.appointment {
            facts.push((t.referral_appointment().to_owned(), Some(t.moment(at))));
        }
        if let Some(outcome) = &view.outcome_label {
            facts.push((t.referral_outcome().to_owned(), Some(outcome.clone())));
        }
        if let Some(reason) = &view.decline_reason {
            facts.push((t.referral_reason().to_owned(), Some(reason.clone())));
        }
        facts.push((t.referral_code().to_owned(), Some(view.code.clone())));
        let hand = view
            .clock
            .as_ref()
            .map(|c| Hand::of(t, &view.hand, t.work_limit(t.due_kind(c.kind), t.short(c.due, now))));
        let clock = match view.state {
            At::NeedsInfo if view.provider_side => Some(Clock::paused(t)),
            _ => view.clock.as_ref().map(|c| Clock::running(t, c, now)),
        };
        Self {
            f,
            t,
            id,
            version: view.version,
            action: format!("/referrals/{}", view.id),
            heading: if answering {
                t.referral_question().to_owned()
            } else {
                view.label.clone()
            },
            case: view
                .case_id
                .zip(view.case_code.clone())
                .map(|(id, code)| (format!("/cases/{id}"), code)),
            tag: Tag::referral(view.state, served, view.state_label.clone()),
            prio: Prio::long(t, view.priority),
            clock,
            hand,
            ladder: view
                .next_rung
                .as_ref()
                .map(|(at, who)| t.referral_ladder(t.moment(*at), who))
                .unwrap_or_default(),
            relay: Relay::of(t, &view.code, &view.stops, view.hand.yours, now),
            facts,
            person: view.facts.clone(),
            after: if view.state.is_terminal() {
                Vec::new()
            } else {
                view.after.clone()
            },
            exchanges: view.exchanges.iter().filter(|x| x.value.is_some()).cloned().collect(),
            acts_title: if answering {
                t.referral_your_answer()
            } else {
                t.referral_your_move()
            },
            acts,
            others,
            confirm: view.commands.iter().any(|c| c == "confirm"),
            telephone: !view.telephone_commands.is_empty(),
            calls: view.sender_side
                && view.priority == relais_mechanism::words::Priority::P1
                && relais_acts::calls::waits(view.state),
            link: view.link,
            answered: view.answered.clone(),
            another: (view.sender_side
                && view.erased.is_none()
                && matches!(view.state, At::Declined | At::Expired | At::Cancelled))
            .then(|| view.case_id.map(|id| format!("/cases/{id}")))
            .flatten(),
            provider_numbers: view
                .provider_telephones
                .iter()
                .map(|n| (t.phone(n), format::tel(n)))
                .collect(),
            sender_number: view
                .sender_telephone
                .as_deref()
                .filter(|_| view.provider_side)
                .map(|n| (view.sender.clone(), t.phone(n), format::tel(n))),
            history: past(t, &view.history, now),
            summary,
            provider_side: view.provider_side,
        }
    }
}

fn page(
    app: &AppState,
    caller: &Caller,
    view: &ReferralView,
    id: Uuid,
    typed: &Typed,
    wrong: &[FieldProblem],
    now: DateTime<Utc>,
) -> Referral {
    let t = caller.t;
    let tab = if view.provider_side { Tab::Inbox } else { Tab::Cases };
    let (back, text) = match (&view.case_id, &view.case_code) {
        (Some(id), Some(code)) => (format!("/cases/{id}"), code.clone()),
        _ if view.provider_side => ("/inbox".to_owned(), t.inbox_title().to_owned()),
        _ => ("/".to_owned(), t.frame_back().to_owned()),
    };
    let f = Frame::of(app, caller, tab, t.referral_title(&view.code), now).back(back, text);
    Referral::of(f, t, view, id, typed, wrong, now)
}

/// `GET /referrals/{id}`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(after): Query<After>,
) -> Result<Response, Problem> {
    let view = app.acts().referral(&caller.viewer, ReferralId(id)).await?;
    let now = app.now().await?;
    let mut page = page(&app, &caller, &view, ids::new_v7(now), &Typed::default(), &[], now);
    page.f.notice = match &view.erased {
        Some(erased) => Some(erased_notice(caller.t, erased)),
        None => after.done.map(|d| d.notice(caller.t, &view.code)),
    };
    Ok(frame::ok(&page))
}

/// A field that must be filled before the acts are asked.
pub(super) fn missing(field: &str, sentence: fn(Text) -> &'static str) -> FieldProblem {
    FieldProblem {
        field: field.to_owned(),
        code: "required".to_owned(),
        message: both(sentence),
    }
}

/// The command that a page's form asks for.
pub(super) fn command(app: &AppState, typed: &Typed, now: DateTime<Utc>) -> Result<ReferralCommand, FieldProblem> {
    let text = |name: &str| typed.one(name).to_owned();
    let needed = |name: &str| {
        Some(text(name))
            .filter(|v| !v.is_empty())
            .ok_or_else(|| missing(name, Text::referral_missing))
    };
    let at = || {
        parse_date_time(typed.one("at"), app.desk().mechanism().local()).ok_or_else(|| FieldProblem {
            field: "at".to_owned(),
            code: "not_a_date_time".to_owned(),
            message: both(Text::referral_wrong_moment),
        })
    };
    let outcome =
        || Outcome::from_code(typed.one("outcome")).ok_or_else(|| missing("outcome", Text::referral_choose_outcome));
    Ok(match typed.one("command") {
        "acknowledge" => ReferralCommand::Acknowledge,
        "accept" => ReferralCommand::Accept {
            by_name: text("by_name"),
        },
        "ask" => ReferralCommand::Ask {
            question: needed("question")?,
        },
        "answer" => ReferralCommand::Answer { text: needed("text")? },
        "waitlist" => {
            let days: i64 = typed
                .one("days")
                .parse()
                .map_err(|_| missing("days", Text::referral_missing))?;
            let on = format::local(now + TimeDelta::days(days.clamp(1, 30))).date_naive();
            ReferralCommand::Waitlist { review_on: on }
        }
        "decline" => ReferralCommand::Decline {
            code: DeclineCode::from_code(typed.one("code")).ok_or_else(|| missing("code", Text::referral_missing))?,
            suggested: None,
        },
        "cancel" => ReferralCommand::Cancel { reason: text("reason") },
        "schedule" => ReferralCommand::Schedule { at: at()? },
        "reschedule" => ReferralCommand::Reschedule { at: at()? },
        "start" => ReferralCommand::Start,
        "no_show" => ReferralCommand::NoShow,
        "report" => ReferralCommand::Report {
            outcome: outcome()?,
            text: text("text"),
        },
        "settle" => ReferralCommand::Settle { outcome: outcome()? },
        "void" => ReferralCommand::Void {
            reason: needed("reason")?,
        },
        "contest" => ReferralCommand::Contest {
            reason: needed("reason")?,
        },
        _ => return Err(missing("command", Text::referral_missing)),
    })
}

/// `POST /referrals/{id}`.
pub(crate) async fn act(
    State(app): State<AppState>,
    caller: Caller,
    Id(referral): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let (id, version) = (typed.id()?, typed.version()?);
    let now = app.now().await?;
    let done = match command(&app, &typed, now) {
        Ok(command) => {
            let act = ActOnReferral {
                id,
                version,
                command,
                channel: None,
                number: String::new(),
                answered_by: String::new(),
                happened_at: None,
            };
            app.acts()
                .act(&caller.viewer, ReferralId(referral), act)
                .await
                .map(|_| ())
        }
        Err(mistake) => Err(ActError::Invalid(vec![mistake])),
    };
    match done {
        Ok(()) => Ok(see(&format!(
            "/referrals/{referral}?done={}",
            match typed.one("command") {
                "accept" => "accepted",
                "decline" => "declined",
                _ => "acted",
            }
        ))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = app.acts().referral(&caller.viewer, ReferralId(referral)).await?;
            let mut page = page(&app, &caller, &view, id, &typed, &back.wrong, now);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
