//! The pages of whoever works on cases.

use super::*;

/// What whoever works on cases has: the day, the arrival, the case and its forms.
pub(super) fn casework(look: &Look<'_>) {
    let Look { app, lang, t, now } = *look;
    let frame = |tab, title: &str| look.frame(tab, title);
    let caller = look.caller();
    let html = check(
        "1-day",
        lang,
        &day::Day::of(
            frame(Tab::Day, t.day_title()),
            t,
            &sample::day(lang),
            day::From::default(),
        ),
    );
    assert!(html.contains("LT-000123-K") && html.contains(t.frame_sign_out()));
    let mut empty = sample::day(lang);
    empty.cosign.clear();
    empty.plans.clear();
    empty.closures.clear();
    empty.follow_ups.clear();
    for rows in [
        &mut empty.late,
        &mut empty.yours,
        &mut empty.answers,
        &mut empty.appointments,
        &mut empty.others,
    ] {
        rows.clear();
    }
    empty.stops.clear();
    empty.transfers.clear();
    empty.unclaimed.clear();
    empty.ended.clear();
    empty.same.clear();
    let html = check(
        "1-day-empty",
        lang,
        &day::Day::of(frame(Tab::Day, t.day_title()), t, &empty, day::From::default()),
    );
    assert!(html.contains(t.day_nothing()));

    let mut full = sample::day(lang);
    full.cosign = full.cosign.iter().cycle().take(100).cloned().collect();
    for rows in [
        &mut full.late,
        &mut full.yours,
        &mut full.answers,
        &mut full.appointments,
        &mut full.others,
    ] {
        *rows = rows.iter().cycle().take(200).cloned().collect();
    }
    full.stops = full.stops.iter().cycle().take(200).cloned().collect();
    full.transfers = full.transfers.iter().cycle().take(50).cloned().collect();
    full.unclaimed = full.unclaimed.iter().cycle().take(50).cloned().collect();
    full.same = full.same.iter().cycle().take(50).cloned().collect();
    full.closures = full.closures.iter().cycle().take(50).cloned().collect();
    for rows in [&mut full.plans, &mut full.follow_ups] {
        *rows = rows.iter().cycle().take(50).cloned().collect();
    }
    let busiest = day::Day::of(frame(Tab::Day, t.day_title()), t, &full, day::From::default());
    let html = check("1-day-full", lang, &busiest);
    for rest in [
        "late=4#late",
        "follow_ups=3#follow-ups",
        "plans=3#plans",
        "closures=3#closures",
    ] {
        assert!(
            html.contains(&format!("/day?{rest}")),
            "the rest is one link away: {rest}"
        );
    }

    check(
        "2-arrival",
        lang,
        &arrival::Arrival::of(app, &caller, Uuid::nil(), &RawAnswers::new(), &[], now).expect("a form"),
    );
    check(
        "3-cases",
        lang,
        &cases::Cases::of(frame(Tab::Cases, t.cases_title()), t, &sample::cases(lang), now),
    );
    let html = check(
        "3-case",
        lang,
        &cases::Case::of(frame(Tab::Cases, "x"), t, &sample::case(lang), now),
    );
    assert!(html.contains("Exemple Aïcha Ndongo"));
    let mut erased = sample::case(lang);
    erased.erased = Some(relais_acts::views::Erasure {
        at: Some(now),
        reason: "à la demande de la personne".to_owned(),
        note: Some("Lettre 12/2026".to_owned()),
        team: true,
    });
    let notice = erased.erased.as_ref().map(|e| cases::erased_notice(t, e));
    let html = check(
        "3-case-erased",
        lang,
        &cases::Case::of(frame(Tab::Cases, "x").notice(notice), t, &erased, now),
    );
    assert!(html.contains(t.case_erased()) && html.contains("Lettre 12/2026") && !html.contains("Aïcha"));
    let case = sample::case(lang);
    let page = consent::Consent::of(app, &caller, &case, Uuid::nil(), &RawAnswers::new(), &[], now).expect("a form");
    check("3-consent", lang, &page);
    let doubtful = sample::child(lang);
    let html = check(
        "3-case-child",
        lang,
        &cases::Case::of(frame(Tab::Cases, "x"), t, &doubtful, now),
    );
    assert!(html.contains(t.child_first()) && html.contains(t.child_void()));
    let page = child::Child::of(app, &caller, &doubtful, Uuid::nil(), None, &[], now).expect("a form");
    check("3-child", lang, &page);
    for running in [false, true] {
        let (name, wrong) = if running {
            ("3-emergency-open", wrong(&["code", "reason", "life_in_danger"]))
        } else {
            ("3-emergency", Vec::new())
        };
        let page = emergency::Emergency::of(
            frame(Tab::None, "x"),
            &sample::emergency(running),
            Uuid::nil(),
            &Typed::default(),
            &wrong,
        );
        let html = check(name, lang, &page);
        assert_eq!(html.contains(t.emergency_open()), running);
    }
    for protected in [false, true] {
        let view = sample::protection(lang, protected);
        let page = protection::Protection::of(frame(Tab::Cases, "x"), &view, Uuid::nil(), &Typed::default(), &[]);
        let name = if protected { "3-protection-in" } else { "3-protection" };
        let html = check(name, lang, &page);
        assert_eq!(html.contains(t.protection_choose()), !protected);
    }
    check(
        "3-need",
        lang,
        &need::Need::of(app, &caller, &case, Uuid::nil(), &Typed::default(), &[], now),
    );
    closures(look);
}

/// The closure of a case: to be proposed, answered, read; and the contact after it.
fn closures(look: &Look<'_>) {
    use relais_casework::closing::{ClosureState, Confirmed};
    let Look { app, lang, t, .. } = *look;
    let frame = || look.frame(Tab::Cases, t.close_title());
    let mechanism = app.desk().mechanism();
    let form = |html: &str| html.contains("/close\" novalidate>");
    for (name, state) in [
        ("3-close", None),
        ("3-close-proposed", Some(ClosureState::Proposed)),
        ("3-close-returned", Some(ClosureState::Returned)),
        ("3-close-closed", Some(ClosureState::Closed)),
    ] {
        let view = sample::closing::closure(lang, state);
        let page = close::Close::of(frame(), &mechanism, &view, Uuid::nil(), None, &[]);
        let html = check(name, lang, &page);
        assert_eq!(form(&html), view.may_propose, "{name}");
        assert_eq!(html.contains("value=\"return\""), view.may_return, "{name}");
        assert_eq!(html.contains("value=\"confirm\""), view.may_confirm.is_some(), "{name}");
        assert!(!html.contains("\"DEATH\""), "a death is no closure");
        assert!(!html.contains(">GOAL<"), "why it goes back is not why it was closed");
        assert_eq!(
            html.contains("listened") || html.contains("écoutée"),
            state.is_some(),
            "{name}"
        );
    }
    for (name, how) in [
        ("3-close-alone", Confirmed::Alone),
        ("3-close-late", Confirmed::Unanswered),
    ] {
        let mut view = sample::closing::closure(lang, Some(ClosureState::Proposed));
        (view.may_confirm, view.may_return) = (Some(how), false);
        let page = close::Close::of(frame(), &mechanism, &view, Uuid::nil(), None, &[]);
        let html = check(name, lang, &page);
        assert!(html.contains(t.close_confirm_alone()));
    }
    let mut view = sample::closing::closure(lang, None);
    (view.at_once, view.no_contact) = (true, true);
    let gaps = wrong(&[
        "reason",
        "interview",
        "no_interview",
        &format!("reached.{}", view.needs[1].id),
    ]);
    let page = close::Close::of(frame(), &mechanism, &view, Uuid::nil(), Some(&Typed::default()), &gaps);
    let html = check("3-close-errors", lang, &page);
    assert!(html.contains(t.close_at_once()) && !html.contains("name=\"follow_up\""));
    let view = sample::closing::closure(lang, Some(ClosureState::Proposed));
    let page = close::Close::of(frame(), &mechanism, &view, Uuid::nil(), None, &wrong(&["reason"]));
    check("3-close-return-errors", lang, &page);
    // Whatever happened meanwhile, what was typed comes back.
    let typed = |name: &str, more: &[(&str, &str)]| {
        let mut typed = Typed::default();
        for (name, value) in [(name, "Zygomandre")].iter().chain(more) {
            typed.0.insert((*name).to_owned(), vec![(*value).to_owned()]);
        }
        typed
    };
    let (words, answer) = (typed("remarks", &[]), typed("reason", &[("answer", "return")]));
    let mut waits = sample::closing::closure(lang, None);
    (waits.may_propose, waits.blocked) = (false, Some("x".to_owned()));
    for (name, view, typed) in [
        ("3-close-kept", waits, &words),
        (
            "3-close-kept-proposed",
            sample::closing::closure(lang, Some(ClosureState::Proposed)),
            &words,
        ),
        (
            "3-close-kept-returned",
            sample::closing::closure(lang, Some(ClosureState::Returned)),
            &answer,
        ),
        (
            "3-close-kept-closed",
            sample::closing::closure(lang, Some(ClosureState::Closed)),
            &answer,
        ),
    ] {
        let page = close::Close::of(frame(), &mechanism, &view, Uuid::nil(), Some(typed), &[]);
        let html = check(name, lang, &page);
        assert_eq!(html.matches("Zygomandre").count(), 1, "{name}");
    }
    let view = sample::closing::follow_up(lang, false);
    let page = follow_up::FollowPage::of(frame(), &view, Uuid::nil(), &typed("words", &[]), &[]);
    assert!(check("3-follow-up-kept", lang, &page).contains("Zygomandre"));
    for due in [true, false] {
        let view = sample::closing::follow_up(lang, due);
        let name = if due { "3-follow-up" } else { "3-follow-up-none" };
        let page = follow_up::FollowPage::of(frame(), &view, Uuid::nil(), &Typed::default(), &[]);
        let html = check(name, lang, &page);
        assert_eq!(html.contains("name=\"result\""), due);
    }
    let view = sample::closing::follow_up(lang, true);
    let gaps = wrong(&["result", "again"]);
    let page = follow_up::FollowPage::of(frame(), &view, Uuid::nil(), &Typed::default(), &gaps);
    check("3-follow-up-errors", lang, &page);
}

/// Perhaps the same person, stops, transfers, withdrawals.
pub(super) fn moving(look: &Look<'_>) {
    let Look { app, lang, t, now } = *look;
    let frame = |tab, title: &str| look.frame(tab, title);
    let caller = look.caller();
    let provider = sample::caller(lang, &[Role::FocalPoint], "/inbox");
    for found in [true, false] {
        let mut page = arrival::Arrival::of(app, &caller, Uuid::nil(), &RawAnswers::new(), &[], now).expect("a form");
        page.found(t, &sample::checked(lang, found), now);
        let html = check(
            if found { "2-arrival-perhaps" } else { "2-arrival-nobody" },
            lang,
            &page,
        );
        assert_eq!(html.contains(t.perhaps_title()), found);
        assert_eq!(html.contains(t.perhaps_nothing()), !found);
    }
    let f = Frame::of(app, &caller, Tab::Day, t.same_title(), now);
    let html = check(
        "7-same",
        lang,
        &same::Same::of(f, &sample::asked(lang), Uuid::nil(), &[]),
    );
    assert_eq!(html.matches("name=\"answer\"").count(), 3);
    for recipient in [true, false] {
        let view = sample::stop_view(lang, recipient);
        let f = if recipient {
            Frame::of(app, &provider, Tab::Inbox, t.stop_title(), now)
        } else {
            frame(Tab::Cases, t.stop_title())
        };
        let page = stop::Stop::of(f, &view, Uuid::nil(), &Typed::default(), &[], now);
        let name = if recipient { "7-stop-recipient" } else { "7-stop-sender" };
        let html = check(name, lang, &page);
        assert_eq!(html.contains("name=\"answered_by\""), !recipient);
    }
    for blocked in [false, true] {
        let view = sample::transfer_draft(lang, blocked);
        let f = frame(Tab::Cases, t.transfer_title());
        let page = transfer::Propose::of(f, &view, Uuid::nil(), &Typed::default(), &[]);
        let name = if blocked { "7-transfer-blocked" } else { "7-transfer" };
        let html = check(name, lang, &page);
        assert_eq!(html.contains("method=\"post\" action=\"/cases/"), !blocked);
        assert_eq!(html.contains("consent?recipient="), blocked);
    }
    for (side, acts) in [("asked", 2), ("holder", 1), ("former", 0)] {
        let view = sample::transfer_view(lang, side);
        let f = frame(Tab::Cases, t.transfer_title());
        let page = transfer::Answer::of(f, &view, Uuid::nil(), &Typed::default(), &[], now);
        let html = check(&format!("7-transfer-{side}"), lang, &page);
        assert_eq!(html.matches("name=\"command\"").count(), acts, "{side}");
    }
    for staff in [true, false] {
        let f = frame(Tab::Cases, t.assign_title());
        let page = assign::Assign::of(f, &sample::assign(staff), Uuid::nil(), &Typed::default(), &[]);
        check(if staff { "7-assign" } else { "7-assign-nobody" }, lang, &page);
    }
    let view = sample::withdraw(lang);
    let mechanism = app.desk().mechanism();
    let f = frame(Tab::Cases, t.withdraw_title());
    let page = withdraw::Withdraw::of(f, &mechanism, &view, Uuid::nil(), &Typed::default(), &[]);
    let html = check("7-withdraw", lang, &page);
    assert!(html.contains(t.withdraw_care_goes_on()) && html.contains(t.withdraw_stops()));
}
