//! Limits, the ladder, how long confirmations hold, the rules.

use super::{all, entry, flag, maybe, number, span, span_or_none, text, word, words};
use crate::diff::{Entry, Kind, Value};
use crate::limits::{Limits, OnCall, Rules};
use crate::mechanism::Mechanism;
use crate::words::Priority;

/// The limits of each priority as the files give them: what services tighten is
/// told with the services' own limits.
pub(super) fn deadlines(m: &Mechanism) -> Vec<Entry> {
    let of = |priority: Priority| {
        let limits = m.limits.get(&priority)?;
        Some(word(Kind::Deadline, m.priority(priority)?, lengths(*limits)))
    };
    Priority::ALL.iter().copied().filter_map(of).collect()
}

fn lengths(limits: Limits) -> Vec<(&'static str, Value)> {
    let Limits {
        priority: _,
        need,
        acknowledge,
        decide,
        first_contact,
        agree_date,
        start,
        report,
        news,
        answer,
        answer_pauses,
        reach,
        appointment,
        confirm,
        dispute,
        waitlist_review,
        on_call,
        open_referrals,
        bed_before: _,
    } = limits;
    let on_call = match on_call {
        OnCall::Required => "required",
        OnCall::DeclaredOrInterim => "declared_or_interim",
        OnCall::None => "none",
    };
    vec![
        ("need", span(need)),
        ("acknowledge", span(acknowledge)),
        ("decide", span(decide)),
        ("first_contact", span(first_contact)),
        ("agree_date", span(agree_date)),
        ("start", span(start)),
        ("report", span(report)),
        ("news", span(news)),
        ("answer", span(answer)),
        ("answer_pauses", flag(answer_pauses)),
        ("reach", span(reach)),
        ("appointment", span(appointment)),
        ("confirm", span(confirm)),
        ("dispute", span(dispute)),
        ("waitlist_review", span_or_none(waitlist_review)),
        ("on_call", text(on_call)),
        ("open_referrals", number(open_referrals)),
    ]
}

/// Services' own limits, the ladder, how long confirmations hold.
pub(super) fn limits(m: &Mechanism) -> Vec<Entry> {
    let own = m.service_limits().iter().map(|l| {
        entry(
            Kind::ServiceLimit,
            &l.code,
            words(&l.label),
            vec![
                ("services", all(&l.services)),
                ("condition", text(l.condition.code())),
                ("of", text(l.of.code())),
                ("limit", span(l.limit)),
                ("before", maybe(l.before)),
                ("mark", maybe(l.mark.as_ref())),
            ],
        )
    });
    let ladder = m.ladder().iter().map(|step| {
        entry(
            Kind::Ladder,
            format!("{}%", step.percent),
            words(&step.label),
            vec![("tell", all(&step.tell)), ("actions", all(&step.actions))],
        )
    });
    let confirmations = m.confirmation_intervals().iter().map(|i| {
        entry(
            Kind::Confirmation,
            &i.code,
            words(&i.label),
            vec![
                ("kinds", all(&i.kinds)),
                ("services", all(&i.services)),
                ("days", number(i.days)),
                ("mark", maybe(i.mark.as_ref())),
            ],
        )
    });
    own.chain(ladder).chain(confirmations).collect()
}

pub(super) fn rules(rules: &Rules) -> Vec<Entry> {
    let Rules {
        no_shows_max,
        disputes_max,
        waitlist_extensions,
        waitlist_expires_after,
        expire_percent,
        minutes_per_number,
        test_call_days,
        grace_days,
        notice_days,
        keep_after_end_days,
        co_signature,
        override_lasts,
        consent_days,
        right_of_reply,
        smallest_count,
        name_checks_per_day,
        stop_use,
        same_answer,
        transfer_answer,
        closure_review,
        complaint_forward,
        complaint_acknowledge,
        complaint_decide,
        child_below,
        doubtful_child_to,
        directory_stale_days,
        confirmation_reminder_days,
        funding_reminder_days,
        unanswered_referrals,
        merge_undo_days,
    } = rules;
    [
        ("no_shows_max", number(no_shows_max)),
        ("disputes_max", number(disputes_max)),
        ("waitlist_extensions", number(waitlist_extensions)),
        ("waitlist_expires_after", span(*waitlist_expires_after)),
        ("expire_percent", number(expire_percent)),
        ("minutes_per_number", number(minutes_per_number)),
        ("test_call_days", number(test_call_days)),
        ("grace_days", number(grace_days)),
        ("notice_days", all(notice_days)),
        ("keep_after_end_days", number(keep_after_end_days)),
        ("co_signature", span(*co_signature)),
        ("override_lasts", span(*override_lasts)),
        ("consent_days", number(consent_days)),
        ("right_of_reply", span(*right_of_reply)),
        ("smallest_count", number(smallest_count)),
        ("name_checks_per_day", number(name_checks_per_day)),
        ("stop_use", span(*stop_use)),
        ("same_answer", span(*same_answer)),
        ("transfer_answer", span(*transfer_answer)),
        ("closure_review", span(*closure_review)),
        ("complaint_forward", span(*complaint_forward)),
        ("complaint_acknowledge", span(*complaint_acknowledge)),
        ("complaint_decide", span(*complaint_decide)),
        ("child_below", number(child_below)),
        ("doubtful_child_to", number(doubtful_child_to)),
        ("directory_stale_days", number(directory_stale_days)),
        ("confirmation_reminder_days", number(confirmation_reminder_days)),
        ("funding_reminder_days", number(funding_reminder_days)),
        ("unanswered_referrals", number(unanswered_referrals)),
        ("merge_undo_days", number(merge_undo_days)),
    ]
    .into_iter()
    .map(|(name, value)| entry(Kind::Rule, name, value, Vec::new()))
    .collect()
}
