//! Rows of work: what the acts say is next becomes a verb, a link and one
//! button (the kit's rule 1).

use chrono::{DateTime, Utc};
use relais_acts::views::{NextAction, WorkRow};
use relais_casework::referral::State;

use crate::parts::{Clock, Hand, Link, Prio, Row, Tag};
use crate::text::Text;

/// For which list a row is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// The day: the title is what to do, the button does it.
    Day,
    /// The answers received: the title says what was answered.
    Answers,
    /// The case: its own rows need no code of the case.
    Case,
    /// A provider's inbox: no code of the case, no initials before acceptance.
    Inbox,
    /// The secretariat: who is late, whom to call.
    Late,
}

/// Lays out one row.
pub(crate) fn row(t: Text, work: &WorkRow, place: For, now: DateTime<Utc>) -> Row {
    let late = work.clock.as_ref().is_some_and(|c| c.late);
    let title = match place {
        For::Answers => format!("{}{} {}", work.state_label, colon(t), work.label),
        For::Case | For::Inbox => work.label.clone(),
        For::Late => work.hand.organisation.clone(),
        For::Day => verb(t, work),
    };
    let mut meta = Vec::new();
    if !work.initials.is_empty() && place != For::Case {
        meta.push(work.initials.clone());
    }
    if !title.contains(&work.label) {
        meta.push(work.label.clone());
    }
    if !work.organisation.is_empty() && !title.contains(&work.organisation) {
        meta.push(work.organisation.clone());
    }
    if let Some(reason) = &work.decline_reason {
        meta.push(t.work_reason(reason));
    }
    if place == For::Late
        && let Some(number) = &work.telephone
    {
        meta.push(t.phone(number));
    }
    let code = match place {
        For::Day | For::Answers if !work.case_code.is_empty() => work.case_code.clone(),
        _ => work.referral_code.clone(),
    };
    Row {
        // The secretariat opens referrals, never cases or needs.
        href: match (place, work.referral_id) {
            (For::Late, None) => String::new(),
            _ => href(work),
        },
        title,
        late,
        prio: Some(Prio::short(t, work.priority)),
        code,
        meta,
        hand: hand(t, work, place, now),
        clock: clock(t, work, now),
        tag: match (place, work.state) {
            (For::Day, _) | (_, None) => None,
            (_, Some(state)) => Some(tag(state, work)),
        },
        action: if place == For::Late {
            let subject = work.referral_id.map(|id| id.0).or(work.need_id.map(|id| id.0));
            subject.map(|id| Link {
                href: format!("/late/{id}/calls"),
                text: t.latecall_button().to_owned(),
            })
        } else if place == For::Case && !work.hand.yours {
            None
        } else {
            button(t, work)
        },
        relay: None,
    }
}

/// French sets a space before the colon.
fn colon(t: Text) -> &'static str {
    if t.lang() == "fr" { "\u{a0}:" } else { ":" }
}

/// The state's tag.
pub(crate) fn tag(state: State, work: &WorkRow) -> Tag {
    Tag::referral(
        state,
        work.outcome.is_none_or(|o| o.is_served()),
        work.state_label.clone(),
    )
}

fn clock(t: Text, work: &WorkRow, now: DateTime<Utc>) -> Option<Clock> {
    if work.state == Some(State::NeedsInfo) && !work.hand.yours {
        return Some(Clock::paused(t));
    }
    work.clock.as_ref().map(|c| Clock::running(t, c, now))
}

/// "À vous : accusé de réception, limite 07 h 30."
fn hand(t: Text, work: &WorkRow, place: For, now: DateTime<Utc>) -> Option<Hand> {
    if place == For::Late {
        return work.clock.as_ref().map(|c| {
            let text = t.work_limit(t.due_kind(c.kind), t.short(c.due, now));
            Hand::of(t, &work.hand, text)
        });
    }
    let clock = work.clock.as_ref()?;
    if work.action == NextAction::Wait && place != For::Case {
        return None;
    }
    let text = if place == For::Answers {
        next(t, work).to_owned()
    } else {
        let what = match work.action {
            NextAction::RecordConsent => t.next_consent(),
            _ => t.due_kind(clock.kind),
        };
        t.work_limit(what, t.short(clock.due, now))
    };
    Some(Hand::of(t, &work.hand, text))
}

/// Where the title leads.
fn href(work: &WorkRow) -> String {
    match (work.referral_id, work.action, work.need_id) {
        (_, NextAction::FindService, _) | (None, _, _) => format!("/cases/{}", work.case_id),
        (Some(id), _, _) => format!("/referrals/{id}"),
    }
}

/// The title of a row: a verb and its object.
fn verb(t: Text, work: &WorkRow) -> String {
    let (label, organisation) = (&work.label, &work.organisation);
    match work.action {
        NextAction::FindService => t.next_find_service(label),
        NextAction::SendDraft => t.next_send_draft(label),
        NextAction::Acknowledge => t.next_acknowledge(label),
        NextAction::Decide => t.next_decide(label),
        NextAction::AnswerQuestion => t.next_answer(organisation),
        NextAction::CallProvider => t.next_call(organisation),
        NextAction::Contact => t.next_contact(label),
        NextAction::Receive => t.next_receive(label),
        NextAction::ReachPerson => t.next_reach(label),
        NextAction::Report => t.next_report(label),
        NextAction::ConfirmWithPerson => t.next_confirm(label),
        NextAction::SettleDispute => t.next_settle(label),
        NextAction::RecordConsent => t.next_consent().to_owned(),
        NextAction::Wait => label.clone(),
    }
}

/// What to do now, as a sentence without its object.
fn next(t: Text, work: &WorkRow) -> &'static str {
    match work.action {
        NextAction::FindService => t.move_find_service(),
        NextAction::ConfirmWithPerson => t.move_confirm(),
        NextAction::AnswerQuestion => t.move_answer(),
        NextAction::CallProvider => t.move_call(),
        NextAction::ReachPerson => t.move_reach(),
        _ => t.move_tell_person(),
    }
}

/// The one button of a row.
fn button(t: Text, work: &WorkRow) -> Option<Link> {
    let referral = |path: &str| work.referral_id.map(|id| format!("/referrals/{id}{path}"));
    let (href, text) = match work.action {
        NextAction::FindService => (work.need_id.map(|id| format!("/needs/{id}/refer")), t.button_choose()),
        NextAction::CallProvider if work.priority == relais_mechanism::words::Priority::P1 => {
            (referral("/calls"), t.button_note_call())
        }
        NextAction::CallProvider => (referral("/telephone"), t.button_note_call()),
        NextAction::ConfirmWithPerson => (referral("/confirm"), t.button_confirm()),
        NextAction::RecordConsent => (Some(format!("/cases/{}/consent", work.case_id)), t.button_consent()),
        NextAction::Acknowledge | NextAction::Decide | NextAction::AnswerQuestion => (referral(""), t.button_answer()),
        NextAction::Report => (referral(""), t.button_report()),
        NextAction::SendDraft => (referral(""), t.button_finish()),
        NextAction::Contact | NextAction::Receive | NextAction::ReachPerson | NextAction::SettleDispute => {
            (referral(""), t.button_open())
        }
        NextAction::Wait => (None, ""),
    };
    href.map(|href| Link {
        href,
        text: text.to_owned(),
    })
}
