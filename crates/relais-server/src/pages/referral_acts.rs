//! The acts that a page of a referral offers, each a first tap to open and a
//! second to send, and the command that a form asks for.

use chrono::{DateTime, TimeDelta, Utc};
use relais_acts::commands::ReferralCommand;
use relais_acts::problem::FieldProblem;
use relais_acts::views::ReferralView;
use relais_casework::referral::{DeclineCode, Outcome};
use relais_mechanism::answers::{parse_date, parse_date_time};

use crate::AppState;
use crate::extract::Typed;
use crate::format;
use crate::forms::error_of;
use crate::parts::{Choice, Control, Field};
use crate::text::Text;
use crate::text::both;

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

/// The outcomes that may be reported now, as radio buttons.
pub(super) fn outcomes(t: Text, open: &[Outcome], chosen: &str) -> Control {
    Control::One(
        open.iter()
            .map(|o| Choice {
                value: o.code().to_owned(),
                label: t.outcome(*o).to_owned(),
                chosen: chosen == o.code(),
            })
            .collect(),
    )
}

/// The form's word for "declined, with another service suggested".
const REDIRECT: &str = "redirect";

/// The acts of the page, in the order of the pathway.
pub(super) fn acts(t: Text, view: &ReferralView, typed: &Typed, wrong: &[FieldProblem]) -> Vec<Act> {
    let may = |code: &str| match code {
        REDIRECT => !view.exits.redirects.is_empty() && view.commands.iter().any(|c| c == "decline"),
        code => view.commands.iter().any(|c| c == code),
    };
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
    let days = || {
        [7, 14, 30]
            .map(|n| ("days", n.to_string(), t.referral_waitlist_days(n)))
            .to_vec()
    };
    add(
        "waitlist",
        t.referral_waitlist(),
        t.referral_waitlist_why(),
        Vec::new(),
        days(),
    );
    add(
        "extend_waitlist",
        t.exit_extend(),
        t.exit_extend_why(),
        Vec::new(),
        days(),
    );
    // Another service is a choice of its own, with the service named.
    let reasons = DeclineCode::ALL
        .iter()
        .filter(|c| **c != DeclineCode::Redirect)
        .map(|c| ("code", c.code().to_owned(), t.decline(*c).to_owned()))
        .collect();
    add(
        "decline",
        t.referral_decline(),
        t.referral_decline_why(),
        Vec::new(),
        reasons,
    );
    let chosen = if tried == REDIRECT { typed.one("suggested") } else { "" };
    let services = view
        .exits
        .redirects
        .iter()
        .map(|(id, words)| Choice {
            value: id.to_string(),
            label: words.clone(),
            chosen: id.to_string() == chosen,
        })
        .collect();
    let suggested = field(REDIRECT, "suggested", t.exit_redirect_service()).with(Control::List(services));
    add(
        REDIRECT,
        t.exit_redirect(),
        t.exit_redirect_why(),
        vec![suggested],
        send(t.exit_redirect_send()),
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
    let ends = field("news", "ends_on", t.exit_news_ends())
        .hint(t.form_hint_date())
        .optional()
        .max(20)
        .with(moment());
    add(
        "news",
        t.exit_news(),
        t.exit_news_why(),
        vec![ends],
        send(t.exit_news_send()),
    );
    let mut outcome = field("report", "outcome", t.referral_report_outcome());
    outcome.control = outcomes(
        t,
        &view.exits.outcomes,
        if tried == "report" { typed.one("outcome") } else { "" },
    );
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
    settled.control = outcomes(
        t,
        Outcome::ALL,
        if tried == "settle" { typed.one("outcome") } else { "" },
    );
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
    let review = || -> Result<chrono::NaiveDate, FieldProblem> {
        let days: i64 = typed
            .one("days")
            .parse()
            .map_err(|_| missing("days", Text::referral_missing))?;
        Ok(format::local(now + TimeDelta::days(days.clamp(1, 30))).date_naive())
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
        "waitlist" => ReferralCommand::Waitlist { review_on: review()? },
        "extend_waitlist" => ReferralCommand::ExtendWaitlist { review_on: review()? },
        "decline" => ReferralCommand::Decline {
            code: DeclineCode::from_code(typed.one("code")).ok_or_else(|| missing("code", Text::referral_missing))?,
            suggested: None,
        },
        REDIRECT => ReferralCommand::Decline {
            code: DeclineCode::Redirect,
            suggested: Some(
                typed
                    .one("suggested")
                    .parse()
                    .map_err(|_| missing("suggested", Text::exit_redirect_choose))?,
            ),
        },
        "news" => ReferralCommand::News {
            ends_on: match typed.one("ends_on") {
                "" => None,
                words => Some(parse_date(words).ok_or_else(|| FieldProblem {
                    field: "ends_on".to_owned(),
                    code: "not_a_date".to_owned(),
                    message: both(Text::form_no_date),
                })?),
            },
        },
        "contest" => ReferralCommand::Contest {
            reason: needed("reason")?,
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
        _ => return Err(missing("command", Text::referral_missing)),
    })
}
