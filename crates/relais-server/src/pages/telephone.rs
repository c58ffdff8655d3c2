//! "Answer received by telephone": what the provider said, noted by the
//! sender with the number called and the name of who answered (DESIGN §5).

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use relais_acts::commands::{ActOnReferral, ReferralCommand};
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::ReferralView;
use relais_casework::referral::{DeclineCode, Outcome};
use relais_mechanism::answers::parse_date_time;
use relais_mechanism::words::Channel;
use relais_network::ReferralId;
use relais_store::ids;
use uuid::Uuid;

use super::arrival::moment_problem;
use super::came_back::CameBack;
use super::referral::{missing, outcomes};
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed};
use crate::format;
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Summary};
use crate::problem::Problem;
use crate::text::Text;

/// After how many days a waiting list is looked at again, when the provider names no date.
const WAITLIST_DAYS: i64 = 14;

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/telephone.html")]
pub(super) struct Telephone {
    f: Frame,
    t: Text,
    id: Uuid,
    version: String,
    back: String,
    code: String,
    provider: String,
    numbers: Vec<(String, String)>,
    fields: Vec<Field>,
    summary: Option<Summary>,
}

/// What may have been said, of what the machine allows now.
fn said(t: Text, view: &ReferralView, chosen: &str) -> Vec<Choice> {
    let words = |code: &str| match code {
        "acknowledge" => Some(t.telephone_acknowledge()),
        "accept" => Some(t.telephone_accept()),
        "decline" => Some(t.telephone_decline()),
        "waitlist" => Some(t.telephone_waitlist()),
        "start" => Some(t.telephone_start()),
        "no_show" => Some(t.telephone_no_show()),
        "report" => Some(t.telephone_report()),
        "ask" => Some(t.exit_telephone_ask()),
        "schedule" => Some(t.exit_telephone_schedule()),
        "reschedule" => Some(t.exit_telephone_reschedule()),
        "extend_waitlist" => Some(t.exit_telephone_extend()),
        "news" => Some(t.exit_telephone_news()),
        _ => None,
    };
    view.telephone_commands
        .iter()
        .filter_map(|code| {
            words(code).map(|label| Choice {
                value: code.clone(),
                label: label.to_owned(),
                chosen: chosen == code,
            })
        })
        .collect()
}

impl Telephone {
    pub(super) fn of(f: Frame, t: Text, view: &ReferralView, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let may = |code: &str| view.telephone_commands.iter().any(|c| c == code);
        let first = view.provider_telephones.first().map(|n| t.phone(n)).unwrap_or_default();
        let number = if typed.0.is_empty() {
            first
        } else {
            typed.one("number").to_owned()
        };
        let mut fields = vec![
            Field::line(t, "number", t.telephone_number())
                .max(40)
                .value(number)
                .with(Control::Line {
                    kind: "tel",
                    mode: "tel",
                    size: "w10",
                }),
            Field::line(t, "answered_by", t.telephone_who())
                .max(200)
                .value(typed.one("answered_by")),
            Field::line(t, "command", t.telephone_said()).with(Control::One(said(t, view, typed.one("command")))),
        ];
        if may("decline") {
            let reasons = DeclineCode::ALL
                .iter()
                .filter(|c| **c != DeclineCode::Redirect)
                .map(|c| Choice {
                    value: c.code().to_owned(),
                    label: t.decline(*c).to_owned(),
                    chosen: typed.one("code") == c.code(),
                })
                .collect();
            fields.push(
                Field::line(t, "code", t.telephone_reason())
                    .optional()
                    .with(Control::List(reasons)),
            );
        }
        if may("report") {
            let Control::One(choices) = outcomes(t, &view.exits.outcomes, typed.one("outcome")) else {
                unreachable!("outcomes are one of a few")
            };
            fields.push(
                Field::line(t, "outcome", t.telephone_outcome())
                    .optional()
                    .with(Control::List(choices)),
            );
        }
        if may("ask") {
            fields.push(
                Field::line(t, "question", t.exit_telephone_question())
                    .optional()
                    .max(500)
                    .value(typed.one("question"))
                    .with(Control::Lines { rows: 2 }),
            );
        }
        if may("schedule") || may("reschedule") {
            fields.push(
                Field::line(t, "at", t.exit_telephone_at())
                    .hint(t.form_hint_moment())
                    .optional()
                    .max(40)
                    .value(typed.one("at"))
                    .with(Control::Line {
                        kind: "text",
                        mode: "",
                        size: "w10",
                    }),
            );
        }
        fields.push(
            Field::line(t, "happened_at", t.telephone_when())
                .hint(t.form_hint_moment())
                .optional()
                .max(40)
                .value(typed.one("happened_at"))
                .with(Control::Line {
                    kind: "text",
                    mode: "",
                    size: "w10",
                }),
        );
        for field in &mut fields {
            field.error = error_of(wrong, &field.name, t.0);
        }
        let summary = crate::forms::summary(t, &fields, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        Self {
            f,
            t,
            id,
            version: if typed.one("version").is_empty() {
                view.version.to_string()
            } else {
                typed.one("version").to_owned()
            },
            back: format!("/referrals/{}", view.id),
            code: view.code.clone(),
            provider: view.provider.clone(),
            numbers: view
                .provider_telephones
                .iter()
                .map(|n| (t.phone(n), format::tel(n)))
                .collect(),
            fields,
            summary,
        }
    }
}

/// The referral, for a viewer on the sender's side who may note something.
async fn sent(app: &AppState, caller: &Caller, id: Uuid) -> Result<ReferralView, Problem> {
    let view = app.acts().referral(&caller.viewer, ReferralId(id)).await?;
    if view.sender_side && view.erased.is_some() {
        Err(ActError::Erased.into())
    } else if view.sender_side {
        Ok(view)
    } else {
        Err(ActError::NotFound.into())
    }
}

fn frame_of(app: &AppState, caller: &Caller, view: &ReferralView, now: DateTime<Utc>) -> Frame {
    Frame::of(app, caller, Tab::Cases, caller.t.telephone_title(), now)
        .back(format!("/referrals/{}", view.id), view.code.clone())
}

/// `GET /referrals/{id}/telephone`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller, Id(id): Id) -> Result<Response, Problem> {
    let view = sent(&app, &caller, id).await?;
    let now = app.now().await?;
    let f = frame_of(&app, &caller, &view, now);
    Ok(frame::ok(&Telephone::of(
        f,
        caller.t,
        &view,
        ids::new_v7(now),
        &Typed::default(),
        &[],
    )))
}

/// What was said, as a command; every gap is named at once.
fn command(app: &AppState, typed: &Typed, now: DateTime<Utc>) -> Result<ReferralCommand, Vec<FieldProblem>> {
    let mut wrong = Vec::new();
    let review_on = format::local(now + TimeDelta::days(WAITLIST_DAYS)).date_naive();
    let at = parse_date_time(typed.one("at"), app.desk().mechanism().local());
    if typed.one("number").is_empty() {
        wrong.push(missing("number", Text::telephone_missing_number));
    }
    if typed.one("answered_by").is_empty() {
        wrong.push(missing("answered_by", Text::telephone_missing_who));
    }
    let command = match typed.one("command") {
        "acknowledge" => Some(ReferralCommand::Acknowledge),
        "accept" => Some(ReferralCommand::Accept {
            by_name: typed.one("answered_by").to_owned(),
        }),
        "waitlist" => Some(ReferralCommand::Waitlist { review_on }),
        "extend_waitlist" => Some(ReferralCommand::ExtendWaitlist { review_on }),
        "news" => Some(ReferralCommand::News { ends_on: None }),
        "ask" => {
            let question = typed.one("question").to_owned();
            if question.is_empty() {
                wrong.push(missing("question", Text::referral_missing));
            }
            Some(ReferralCommand::Ask { question })
        }
        said @ ("schedule" | "reschedule") => match at {
            Some(at) if said == "schedule" => Some(ReferralCommand::Schedule { at }),
            Some(at) => Some(ReferralCommand::Reschedule { at }),
            None => {
                wrong.push(moment_problem("at"));
                None
            }
        },
        "start" => Some(ReferralCommand::Start),
        "no_show" => Some(ReferralCommand::NoShow),
        "decline" => match DeclineCode::from_code(typed.one("code")) {
            Some(code) => Some(ReferralCommand::Decline { code, suggested: None }),
            None => {
                wrong.push(missing("code", Text::telephone_choose_reason));
                None
            }
        },
        "report" => match Outcome::from_code(typed.one("outcome")) {
            Some(outcome) => Some(ReferralCommand::Report {
                outcome,
                text: String::new(),
            }),
            None => {
                wrong.push(missing("outcome", Text::referral_choose_outcome));
                None
            }
        },
        _ => {
            wrong.push(missing("command", Text::telephone_choose));
            None
        }
    };
    match command {
        Some(command) if wrong.is_empty() => Ok(command),
        _ => Err(wrong),
    }
}

/// `POST /referrals/{id}/telephone`.
pub(crate) async fn note(
    State(app): State<AppState>,
    caller: Caller,
    Id(referral): Id,
    mut typed: Typed,
) -> Result<Response, Problem> {
    // The sender's side alone: for the provider, this page is not there.
    sent(&app, &caller, referral).await?;
    let (id, version) = (typed.id()?, typed.version()?);
    let now = app.now().await?;
    let words = typed.one("happened_at");
    let happened_at = parse_date_time(words, app.desk().mechanism().local());
    let mut told = command(&app, &typed, now);
    if !words.is_empty() && happened_at.is_none() {
        let mut wrong = told.err().unwrap_or_default();
        wrong.push(moment_problem("happened_at"));
        told = Err(wrong);
    }
    let done = match told {
        Ok(command) => {
            let act = ActOnReferral {
                id,
                version,
                command,
                channel: Some(Channel::Telephone),
                number: typed.one("number").to_owned(),
                answered_by: typed.one("answered_by").to_owned(),
                happened_at,
            };
            app.acts()
                .act(&caller.viewer, ReferralId(referral), act)
                .await
                .map(|_| ())
        }
        Err(wrong) => Err(ActError::Invalid(wrong)),
    };
    match done {
        Ok(()) => Ok(see(&format!("/referrals/{referral}?done=telephone"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let view = sent(&app, &caller, referral)
                .await
                .map_err(|unseen| back.unshown(unseen))?;
            if back.stale {
                typed.0.remove("version");
            }
            let f = frame_of(&app, &caller, &view, now);
            let mut page = Telephone::of(f, caller.t, &view, id, &typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
