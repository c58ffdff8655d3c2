//! The letter to a silent provider's hierarchy: one A4 sheet, in French or
//! English, that names nobody.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use relais_acts::views::LetterView;
use relais_casework::referral::DueKind;
use relais_mechanism::words::{Lang, Priority};
use relais_network::ReferralId;

use crate::AppState;
use crate::ask::Caller;
use crate::assets;
use crate::extract::{Id, Query};
use crate::frame::{self, Frame, Tab};
use crate::problem::{Problem, set};
use crate::text::Text;

/// The page.
#[derive(Template)]
#[template(path = "pages/letter.html")]
pub(super) struct Letter {
    f: Frame,
    t: Text,
    /// The sentences of the paper.
    p: Text,
    css: &'static str,
    back: String,
    other: String,
    other_lang: &'static str,
    refused: Option<(String, String)>,
    signed: String,
    role: &'static str,
    today: String,
    provider: String,
    under: String,
    code: String,
    label: String,
    priority: Priority,
    sent: String,
    sender: String,
    days: usize,
    due: String,
    reminders: Vec<String>,
    asked: &'static str,
    by: String,
    expires: bool,
    answer: String,
}

/// One of two languages.
fn of((fr, en): &(String, String), lang: Lang) -> String {
    match lang {
        Lang::Fr => fr.clone(),
        Lang::En => en.clone(),
    }
}

impl Letter {
    pub(super) fn of(f: Frame, t: Text, view: &LetterView, lang: Lang) -> Self {
        let p = Text(lang);
        let other = match lang {
            Lang::Fr => Lang::En,
            Lang::En => Lang::Fr,
        };
        let said = |words: &(String, String)| set(&of(words, lang), lang);
        let sender = said(&view.sender);
        let telephone = view.sender_telephone.as_deref().map(|n| p.phone(n));
        let reached = match &telephone {
            Some(number) => format!("{sender}, {number}"),
            None => sender.clone(),
        };
        Self {
            f,
            t,
            p,
            css: assets::href("letter.css"),
            back: format!("/referrals/{}", view.referral),
            other: format!("/referrals/{}/letter?lang={}", view.referral, other.code()),
            other_lang: other.code(),
            refused: view
                .refused
                .as_ref()
                .map(|(why, remedy)| (set(why, t.0), set(remedy, t.0))),
            signed: said(&view.signed),
            role: match view.from.as_str() {
                "supervisor" => p.letter_from_supervisor(),
                "region" => p.letter_from_region(),
                _ => p.letter_from_secretariat(),
            },
            today: p.day_of(view.now),
            provider: said(&view.provider),
            under: view
                .parent
                .as_ref()
                .map(|name| p.letter_under(said(name)))
                .unwrap_or_default(),
            code: view.code.clone(),
            label: said(&view.label),
            priority: view.priority,
            sent: view.sent_at.map(|at| p.day_of(at)).unwrap_or_default(),
            sender,
            days: usize::try_from(view.days).unwrap_or(0),
            due: p.moment(view.due),
            reminders: view
                .reminders
                .iter()
                .map(|(percent, at)| p.letter_reminded_row(p.moment(*at), percent))
                .collect(),
            asked: match view.asked {
                DueKind::Acknowledge => p.letter_ask_acknowledge(),
                DueKind::Decide | DueKind::WaitlistReview => p.letter_ask_decide(),
                DueKind::FirstContact => p.letter_ask_first_contact(),
                DueKind::Appointment => p.letter_ask_appointment(),
                DueKind::Report => p.letter_ask_report(),
                DueKind::Need | DueKind::Answer | DueKind::Reach | DueKind::Confirm | DueKind::Dispute => {
                    p.letter_ask_other()
                }
            },
            by: view
                .by
                .map_or_else(|| p.letter_by_now().to_owned(), |at| p.letter_by(p.moment(at))),
            expires: view.expires,
            answer: p.letter_answer(reached),
        }
    }
}

/// The query of the page.
#[derive(Debug, Default, serde::Deserialize)]
pub(crate) struct Asked {
    /// The language of the letter, where not the reader's.
    #[serde(default)]
    lang: Option<String>,
}

/// `GET /referrals/{id}/letter`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let view = app.acts().letter(&caller.viewer, ReferralId(id)).await?;
    let t = caller.t;
    let lang = asked.lang.as_deref().and_then(Lang::from_code).unwrap_or(view.language);
    let f = Frame::of(&app, &caller, Tab::Late, t.letter_title(), view.now)
        .back(format!("/referrals/{id}"), view.code.clone());
    Ok(frame::ok(&Letter::of(f, t, &view, lang)))
}
