//! A referral, from either side: the request, whose move it is, and the acts
//! that this viewer may do now.

use axum::extract::State;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::commands::ActOnReferral;
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::{Fact, ReferralView, Reroute, Rung};
use relais_casework::referral::{DeclineCode, Outcome, State as At};
use relais_network::ReferralId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use super::cases::{Past, erased_notice, past};
use super::done::After;
pub(super) use super::referral_acts::{Act, acts, command};
pub(super) use super::referral_acts::{missing, outcomes};
use super::settle_need::Link;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Query, Typed};
use crate::format;
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Clock, Hand, Prio, Relay, Summary, Tag};
use crate::problem::{Problem, set};
use crate::text::Text;

/// What the sender may do next about the need.
struct Again {
    title: &'static str,
    text: String,
    /// The service that a provider suggested: address of its preview, words.
    suggested: Option<(String, String)>,
    href: String,
    give_up: Option<String>,
}

impl Again {
    fn of(t: Text, reroute: &Reroute) -> Self {
        let ended = matches!(reroute.why.as_str(), "declined" | "expired" | "cancelled");
        let mut text = t.exit_again_why().to_owned();
        if !ended {
            let more = if reroute.takes_back {
                t.exit_again_takes_back()
            } else {
                t.exit_again_beside()
            };
            text = format!("{text} {more}");
        }
        let href = format!("/needs/{}/refer", reroute.need_id);
        Self {
            title: match reroute.why.as_str() {
                "declined" => t.exit_again_declined(),
                "expired" => t.exit_again_expired(),
                "cancelled" => t.exit_again_cancelled(),
                "review_passed" => t.exit_again_review_passed(),
                _ => t.exit_again_silence(),
            },
            text,
            suggested: reroute.suggested.as_ref().map(|(id, name)| {
                let href = format!("{href}?service={id}#sees");
                (href, t.exit_again_suggested(name))
            }),
            href,
            give_up: reroute.may_give_up.then(|| format!("/needs/{}/unmet", reroute.need_id)),
        }
    }
}

/// One step of "what happens when nobody answers".
struct Step {
    when: String,
    share: String,
    who: String,
    then: String,
    done: bool,
}

impl Step {
    fn of(t: Text, rung: &Rung) -> Self {
        let who = rung.tells.join(", ");
        Self {
            when: t.moment(rung.at),
            share: rung
                .percent
                .map_or_else(|| t.exit_step_due().to_owned(), |n| t.exit_step_percent(n)),
            who: match (who.is_empty(), rung.done) {
                (true, _) => String::new(),
                (false, true) => t.exit_step_told(who),
                (false, false) => t.exit_step_will(who),
            },
            then: set(&rung.then, t.0),
            done: rung.done,
        }
    }
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
    again: Option<Again>,
    steps: Vec<Step>,
    chain: Vec<Link>,
    letter: Option<String>,
    provider_numbers: Vec<(String, String)>,
    sender_number: Option<(String, String, String)>,
    history: Vec<Past>,
    history_more: bool,
    summary: Option<Summary>,
    provider_side: bool,
    pay: Option<super::payment::Part>,
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
        let (missed, most) = view.exits.no_shows;
        if missed > 0 {
            facts.push((t.exit_no_shows().to_owned(), Some(t.exit_no_shows_of(missed, most))));
        }
        if let Some((at, put_off)) = view.exits.waitlist {
            let when = t.day_of(at);
            facts.push((
                t.exit_review().to_owned(),
                Some(if put_off > 0 { t.exit_review_put_off(when) } else { when }),
            ));
        }
        if let Some(outcome) = &view.outcome_label {
            facts.push((t.referral_outcome().to_owned(), Some(outcome.clone())));
        }
        if let Some(reason) = &view.decline_reason {
            facts.push((t.referral_reason().to_owned(), Some(reason.clone())));
        }
        if let Some(terms) = &view.terms {
            facts.push((t.referral_terms().to_owned(), Some(set(terms, t.0))));
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
            again: view
                .exits
                .reroute
                .as_ref()
                .filter(|_| view.erased.is_none())
                .map(|r| Again::of(t, r)),
            steps: view.exits.ladder.iter().map(|r| Step::of(t, r)).collect(),
            chain: if view.exits.chain.len() > 1 {
                view.exits.chain.iter().map(|c| Link::of(t, c)).collect()
            } else {
                Vec::new()
            },
            letter: view.exits.letter.then(|| format!("/referrals/{}/letter", view.id)),
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
            history_more: view.history_more,
            summary,
            provider_side: view.provider_side,
            pay: view.payment.as_ref().map(|p| super::payment::Part::of(t, view.id, p)),
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
