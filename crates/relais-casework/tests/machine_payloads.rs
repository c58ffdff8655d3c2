//! What a command carries: each typed refusal, and the details of events that
//! the table's columns do not show.

mod machine_support;

use chrono::TimeDelta;
use machine_support::{
    COUNTS, HOLDER, Hours, OTHER_SERVICE, PROVIDER, SECRETARIAT, SERVICE, STRANGER, Way, Without, actor, by_link,
    by_paper, by_telephone, command, ctx, draft, due_in, h, ladder, person, person_noted, provider, provider_head,
    secretariat, sender, supervisor, way_to,
};
use relais_casework::referral::{
    Actor, Command, CommandKind, Confirmation, Counts, DeclineCode, DueKind, EventKind, NeedEffect, Noted, Outcome,
    Owner, Recipient, Referral, Refusal, State, decide, next_step, open_to,
};
use relais_mechanism::{ActingFor, Channel, Lang, Priority, Role, Sensitivity};

fn way(state: State) -> Way {
    way_to(state, Way::of(draft(Priority::P3)))
}

fn urgent(state: State) -> Way {
    way_to(state, Way::of(draft(Priority::P1)))
}

fn kinds(way: &Way) -> Vec<&'static str> {
    way.events.iter().map(|e| e.kind.code()).collect()
}

#[test]
fn an_answer_says_that_the_request_arrived() {
    for (token, then) in [
        ("accept", "accepted"),
        ("ask", "info_asked"),
        ("waitlist", "waitlisted"),
        ("decline", "declined"),
    ] {
        let now = h(1);
        let sent = way(State::Sent).at(now);
        assert_eq!(
            kinds(&sent.clone().give(&command(token, now), &provider())),
            ["received", then]
        );
        let received = way(State::Received);
        assert_eq!(
            kinds(&received.clone().give(&command(token, received.now), &provider())),
            [then]
        );
    }
}

#[test]
fn an_emergency_is_taken_by_a_named_person() {
    let sent = urgent(State::Sent);
    for by_name in [None, Some(String::new()), Some("  ".to_owned())] {
        assert_eq!(
            sent.refused(&Command::Accept { by_name }, &provider()),
            Refusal::NameMissing
        );
    }
    let named = sent.clone().give(
        &Command::Accept {
            by_name: Some(" Dr Essai ".to_owned()),
        },
        &by_link(),
    );
    let EventKind::Accepted { by_name } = &named.events[1].kind else {
        panic!("accepted")
    };
    assert_eq!(by_name.as_deref(), Some("Dr Essai"));
    // What the sender heard on the telephone names the person already.
    let heard = sent.give(&Command::Accept { by_name: None }, &by_telephone());
    let EventKind::Accepted { by_name } = &heard.events[1].kind else {
        panic!("accepted")
    };
    assert_eq!(by_name.as_deref(), Some("Infirmière Essai"));
    // Notes count only when the sender notes: a provider signs for itself.
    let own = Actor {
        noted: by_telephone().noted,
        ..provider()
    };
    assert_eq!(
        urgent(State::Sent).refused(&Command::Accept { by_name: None }, &own),
        Refusal::NameMissing
    );
    way(State::Sent).give(&Command::Accept { by_name: None }, &provider());
}

#[test]
fn an_urgent_need_without_on_call_has_an_interim_measure() {
    let mut two = Way::of(draft(Priority::P2));
    for interim in [None, Some(" ".to_owned())] {
        assert_eq!(
            two.refused(&Command::Send { interim }, &sender()),
            Refusal::InterimMissing
        );
    }
    two.referral.on_call = true;
    two.give(&Command::Send { interim: None }, &sender());
    for priority in [Priority::P1, Priority::P3, Priority::P4] {
        Way::of(draft(priority)).give(&Command::Send { interim: None }, &sender());
    }
}

#[test]
fn sending_starts_the_clock_of_silence() {
    for (priority, hours) in [
        (Priority::P1, 8),
        (Priority::P2, 96),
        (Priority::P3, 240),
        (Priority::P4, 480),
    ] {
        let sent = way_to(State::Sent, Way::of(draft(priority)));
        assert_eq!(sent.referral.sent_at, Some(h(0)));
        assert_eq!(
            sent.referral.expiry.as_ref().map(|d| d.at),
            Some(h(hours)),
            "{priority}"
        );
        let early = sent.clone().at(h(hours) - TimeDelta::seconds(1));
        let expire = Command::TimePasses { percent: 200 };
        assert_eq!(
            early.refused(&expire, &Actor::clock()),
            Refusal::ClockNotDue { at: h(hours) }
        );
        let expired = sent.at(h(hours)).give(&expire, &Actor::clock());
        assert_eq!(kinds(&expired), ["expired"]);
        assert_eq!(expired.referral.expiry, None);
    }
}

#[test]
fn a_question_stops_the_clocks_but_never_of_an_emergency() {
    // Asked at hour 2, answered at hour 13: eleven hours are given back.
    for (priority, decide_at, expire_at) in [(Priority::P3, 131, 251), (Priority::P2, 59, 107), (Priority::P1, 4, 8)] {
        let asked = way_to(State::NeedsInfo, Way::of(draft(priority)));
        assert_eq!(asked.referral.pause.is_some(), priority != Priority::P1);
        assert_eq!(asked.referral.expiry.is_some(), priority == Priority::P1);
        let back = asked.clone().at(h(13)).sender("answer").referral;
        assert_eq!(back.wait.as_ref().map(|w| w.due.at), Some(h(decide_at)), "{priority}");
        assert_eq!(back.expiry.as_ref().map(|d| d.at), Some(h(expire_at)), "{priority}");
        assert_eq!(back.pause, None);
        let silent = asked.due();
        assert_eq!(kinds(&silent), ["info_not_answered"]);
        assert!(silent.referral.expiry.is_some());
    }
    // A late question about an emergency: the decision is overdue, so the
    // sender has until expiry, and the provider's lateness does not vanish.
    let late = urgent(State::Sent).at(h(5)).give(&command("ask", h(5)), &provider());
    assert_eq!(
        late.referral.wait.as_ref().map(|w| (w.owner, w.due.at)),
        Some((Owner::SENDER, h(8)))
    );
    // Asked exactly when the decision falls due.
    let brink = urgent(State::Received)
        .at(h(4))
        .give(&command("ask", h(4)), &provider());
    assert_eq!(brink.referral.wait.as_ref().map(|w| w.due.at), Some(h(8)));
    // Twice asked: the remaining time shrinks, it does not start anew.
    let twice = way(State::NeedsInfo)
        .at(h(13))
        .sender("answer")
        .at(h(31))
        .provider("ask")
        .at(h(40))
        .sender("answer");
    assert_eq!(twice.referral.wait.map(|w| w.due.at), Some(h(140)));
    for blank in ["", " \u{a0}"] {
        let ask = Command::Ask {
            question: blank.to_owned(),
        };
        assert_eq!(way(State::Received).refused(&ask, &provider()), Refusal::WordsMissing);
        let answer = Command::Answer {
            answer: blank.to_owned(),
        };
        assert_eq!(way(State::NeedsInfo).refused(&answer, &sender()), Refusal::WordsMissing);
    }
}

#[test]
fn a_waiting_list_is_short_and_extended_once() {
    let received = way(State::Received);
    let now = received.now;
    let wait = |hours| Command::Waitlist {
        review: now + TimeDelta::hours(hours),
    };
    assert_eq!(received.refused(&wait(0), &provider()), Refusal::ReviewPast);
    assert_eq!(received.refused(&wait(-1), &provider()), Refusal::ReviewPast);
    let latest = now + TimeDelta::hours(720);
    let one_second_more = Command::Waitlist {
        review: latest + TimeDelta::seconds(1),
    };
    assert_eq!(
        received.refused(&one_second_more, &provider()),
        Refusal::ReviewTooFar { latest }
    );
    let listed = received.clone().give(&wait(720), &provider());
    assert_eq!(
        listed.referral.expiry, None,
        "a list that was answered does not expire by silence"
    );
    let far = Command::ExtendWaitlist {
        review: now + TimeDelta::hours(721),
    };
    assert_eq!(listed.refused(&far, &provider()), Refusal::ReviewTooFar { latest });
    // After the review date the list may still be extended, and its date is
    // reviewed again.
    let again = listed.due();
    assert!(again.referral.review_passed);
    assert_eq!(kinds(&again), ["review_passed"]);
    let extended = again.provider("extend_waitlist");
    assert_eq!(
        (extended.referral.review_passed, extended.referral.extensions),
        (false, 1)
    );
    assert_eq!(extended.due().referral.state, State::Waitlisted);
    // An acceptance from the list discloses no more than any other.
    assert!(!way(State::Waitlisted).referral.disclosed_above);
    assert!(way(State::Accepted).referral.disclosed_above);
}

#[test]
fn a_redirection_names_another_service() {
    let received = way(State::Received);
    let decline = |code, suggested| Command::Decline { code, suggested };
    for suggested in [None, Some(SERVICE)] {
        let redirect = decline(DeclineCode::Redirect, suggested);
        assert_eq!(received.refused(&redirect, &provider()), Refusal::SuggestionMissing);
    }
    let away = received
        .clone()
        .give(&decline(DeclineCode::Redirect, Some(OTHER_SERVICE)), &provider());
    assert_eq!(away.referral.decline, Some(DeclineCode::Redirect));
    assert_eq!(away.referral.suggested, Some(OTHER_SERVICE));
    for code in DeclineCode::ALL.iter().filter(|c| **c != DeclineCode::Redirect) {
        let declined = received.clone().give(&decline(*code, None), &provider());
        assert_eq!(declined.referral.decline, Some(*code));
        let repairable = ["payment_not_confirmed", "papers_missing"].contains(&code.code());
        assert_eq!(code.is_repairable(), repairable);
    }
}

#[test]
fn appointments() {
    let accepted = way(State::Accepted);
    let now = accepted.now;
    let past = Command::Schedule {
        at: now - TimeDelta::seconds(1),
    };
    assert_eq!(accepted.refused(&past, &provider()), Refusal::AppointmentPast);
    let at_once = accepted.clone().give(&Command::Schedule { at: now }, &provider());
    assert_eq!(at_once.referral.appointment, Some(now));
    // Accepted at hour 2; ten days (240 h) to begin. Beyond them the sender is
    // shown other services.
    let limit = h(2 + 240);
    let in_time = accepted.clone().give(&Command::Schedule { at: limit }, &provider());
    assert_eq!(kinds(&in_time), ["scheduled"]);
    let beyond = accepted.clone().give(
        &Command::Schedule {
            at: limit + TimeDelta::seconds(1),
        },
        &provider(),
    );
    assert_eq!(kinds(&beyond), ["scheduled", "reroute_proposed"]);
    assert_eq!(beyond.referral.state, State::Scheduled);
    assert_eq!(
        beyond.referral.wait.as_ref().map(|w| w.kind),
        Some(DueKind::Appointment)
    );
    // A planned service begins on the agreed date, however far.
    let planned = way_to(State::Accepted, Way::of(draft(Priority::P4)));
    assert_eq!(
        kinds(&planned.give(&Command::Schedule { at: h(5000) }, &provider())),
        ["scheduled"]
    );
    // Nobody has missed what is still to come.
    let scheduled = way(State::Scheduled);
    let date = scheduled.referral.appointment.expect("has one");
    let early = scheduled.clone().at(date - TimeDelta::seconds(1));
    assert_eq!(
        early.refused(&Command::NoShow, &provider()),
        Refusal::AppointmentNotYet { at: date }
    );
    let missed = scheduled.at(date).give(&Command::NoShow, &provider());
    assert_eq!(missed.referral.no_shows, 1);
    // A date that was moved is the one that counts.
    let moved = way(State::NoShow).sender("reschedule");
    assert_eq!(
        moved.refused(&Command::NoShow, &provider()).code(),
        "appointment_not_yet"
    );
}

#[test]
fn the_third_missed_appointment_leaves_only_the_report() {
    let mut missed = way(State::NoShow);
    for count in 1..=3 {
        assert_eq!(missed.referral.no_shows, count);
        let open = open_to(&missed.referral, &sender(), &ctx(missed.now, &ladder()));
        assert_eq!(open.contains(&CommandKind::Reschedule), count < 3);
        assert!(open.contains(&CommandKind::Report));
        if count == 3 {
            break;
        }
        missed = missed.sender("reschedule");
        missed.now = missed.referral.appointment.expect("has one");
        missed = missed.provider("no_show");
    }
}

#[test]
fn a_long_service_gives_news() {
    let accepted = way(State::Accepted);
    let start = |hours| Command::Start {
        ends: Some(accepted.now + TimeDelta::hours(hours)),
    };
    let due = |way: &Way| way.referral.wait.as_ref().map(|w| w.due.at - accepted.now);
    // 480 h of service and 240 to report lie exactly at the month's news.
    for (ends, falls) in [(0, 240), (479, 719), (480, 720), (481, 720), (5000, 720)] {
        let begun = accepted.clone().give(&start(ends), &provider());
        assert_eq!(due(&begun), Some(TimeDelta::hours(falls)), "ends after {ends} h");
        assert_eq!(begun.referral.state, State::InService);
    }
    assert_eq!(accepted.refused(&start(-1), &provider()), Refusal::EndsBeforeStart);
    let begun = accepted
        .clone()
        .give(&start(5000), &provider())
        .at(accepted.now + TimeDelta::hours(700));
    let news = begun.give(
        &Command::News {
            ends: Some(accepted.now + TimeDelta::hours(5000)),
        },
        &provider(),
    );
    assert_eq!(due(&news), Some(TimeDelta::hours(1420)));
    assert_eq!(kinds(&news), ["news_given"]);
}

#[test]
fn what_can_be_reported_from_where() {
    for outcome in Outcome::ALL {
        let served = ["served", "partly_served"].contains(&outcome.code());
        let not_found = ["did_not_attend", "not_reached"].contains(&outcome.code());
        for (state, allowed) in [
            (State::Accepted, !served),
            (State::NoShow, not_found),
            (State::Scheduled, true),
            (State::InService, true),
            (State::Disputed, true),
        ] {
            let here = way(state);
            let report = Command::Report { outcome: *outcome };
            if allowed {
                assert_eq!(here.give(&report, &provider()).referral.outcome, Some(*outcome));
            } else {
                let refusal = Refusal::OutcomeNotHere {
                    outcome: *outcome,
                    state,
                };
                assert_eq!(here.refused(&report, &provider()), refusal);
            }
        }
    }
}

#[test]
fn served_is_met_only_when_confirmed() {
    for outcome in Outcome::ALL {
        let (confirmed, effect) = match outcome {
            Outcome::Served => (NeedEffect::Met, "met"),
            Outcome::PartlyServed => (NeedEffect::PartlyMet, "partly_met"),
            _ => (NeedEffect::Reopen, "reopen"),
        };
        assert_eq!(confirmed.code(), effect);
        let reported = way(State::InService).step(&format!("report:{outcome}"), &provider());
        let closed = reported.clone().step("confirm:person", &person());
        assert_eq!(closed.events[0].need, Some(confirmed));
        assert_eq!(closed.referral.confirmation, Some(Confirmation::Person));
        let through = reported.clone().sender("confirm:person_through_sender");
        assert_eq!(through.referral.confirmation, Some(Confirmation::PersonThroughSender));
        let silent = reported.clone().due();
        assert_eq!(silent.events[0].need, Some(NeedEffect::Reopen), "nobody confirmed");
        assert_eq!(silent.referral.confirmation, Some(Confirmation::None));
        assert_eq!(silent.referral.outcome, Some(*outcome));
        let settled = reported
            .sender("dispute")
            .due()
            .give(&Command::Settle { outcome: *outcome }, &secretariat());
        assert_eq!(settled.events[0].need, Some(confirmed));
        assert_eq!(settled.referral.confirmation, Some(Confirmation::Secretariat));
        assert_eq!(settled.referral.outcome, Some(*outcome));
    }
}

#[test]
fn a_dispute_climbs_from_the_provider_to_the_secretariats_supervisor() {
    let disputed = way(State::Disputed);
    assert_eq!(disputed.referral.disputes, 1);
    let until = disputed.referral.wait.as_ref().expect("waits").due.at;
    let settle = command("settle:served", disputed.now);
    assert_eq!(
        disputed.refused(&settle, &secretariat()),
        Refusal::ProviderFirst { until }
    );
    let passed = disputed.due();
    assert_eq!(kinds(&passed), ["passed_on"]);
    // The provider may still answer while the secretariat has it.
    assert_eq!(passed.clone().provider("report:served").referral.state, State::Reported);
    let top = passed.due();
    assert_eq!(
        top.referral.wait.as_ref().map(|w| w.owner),
        Some(Owner::SECRETARIAT_SUPERVISOR)
    );
    let still = top.due();
    assert_eq!(
        still.referral.wait.as_ref().map(|w| w.owner),
        Some(Owner::SECRETARIAT_SUPERVISOR)
    );
}

#[test]
fn withdrawal_stops_what_the_person_wants_stopped() {
    let treated = way(State::InService).step("withdraw:stop_sharing", &person());
    assert_eq!(
        treated.referral.state,
        State::InService,
        "a treatment under way goes on"
    );
    assert!(treated.referral.sharing_stopped);
    assert_eq!(treated.referral.outcome, None);
    let stopped = way(State::InService).step("withdraw:stop_service", &person_noted());
    assert_eq!(stopped.referral.outcome, Some(Outcome::RefusedByPerson));
    assert!(!stopped.referral.sharing_stopped);
    let both = way(State::Accepted).step("withdraw:both", &person());
    assert!(both.referral.sharing_stopped);
    let before = way(State::Sent).step("withdraw:stop_sharing", &person());
    assert!(before.referral.sharing_stopped);
    assert_eq!(
        (before.referral.state, before.referral.outcome),
        (State::Withdrawn, None)
    );
}

#[test]
fn a_noted_answer_says_whom_the_sender_heard() {
    let received = way(State::Received);
    let accept = command("accept", received.now);
    let noted = |number: &str, answered_by: &str| {
        Some(Noted {
            number: number.to_owned(),
            answered_by: answered_by.to_owned(),
        })
    };
    for missing in [
        None,
        noted("", "Infirmière"),
        noted(" ", "Infirmière"),
        noted("677", ""),
        noted("677", " "),
    ] {
        let by = Actor {
            noted: missing,
            ..by_telephone()
        };
        assert_eq!(received.refused(&accept, &by), Refusal::NotedMissing);
    }
    let unsigned = Actor {
        noted: noted("677", ""),
        ..by_paper()
    };
    assert_eq!(received.refused(&accept, &unsigned), Refusal::NotedMissing);
    let heard = received.clone().give(&accept, &by_telephone());
    assert!(heard.events[0].noted);
    assert!(heard.referral.noted_answer);
    let own = received.clone().give(&accept, &provider());
    assert!(!own.events[0].noted);
    assert!(!own.referral.noted_answer);
    // The provider contests once, in its own name.
    let contested = heard.clone().give(&Command::Contest, &by_link());
    assert_eq!(contested.referral.state, State::Accepted);
    assert_eq!(
        contested.refused(&Command::Contest, &provider()),
        Refusal::NothingToContest
    );
    assert_eq!(heard.refused(&Command::Contest, &by_telephone()).code(), "not_yours");
    // A later word of its own replaces what was noted for it.
    let spoke = heard.provider("start");
    assert_eq!(spoke.refused(&Command::Contest, &provider()), Refusal::NothingToContest);
    // What the sender does in its own name is nobody's note.
    let mut by_phone = Way::of(draft(Priority::P3));
    by_phone.noted = true;
    let canceled = way_to(State::Scheduled, by_phone).sender("cancel");
    assert!(!canceled.events[0].noted && canceled.referral.noted_answer);
}

#[test]
fn every_word_of_the_provider_can_be_contested_when_noted() {
    for (state, token) in [
        (State::Sent, "acknowledge"),
        (State::Received, "ask"),
        (State::Received, "waitlist"),
        (State::Waitlisted, "extend_waitlist"),
        (State::Received, "accept"),
        (State::Received, "decline"),
        (State::Accepted, "schedule"),
        (State::Scheduled, "reschedule"),
        (State::Accepted, "start"),
        (State::InService, "news"),
        (State::Scheduled, "no_show"),
        (State::InService, "report:served"),
    ] {
        let here = way(state);
        let noted = here.clone().step(token, &by_telephone());
        assert!(noted.referral.noted_answer, "{token}");
        assert!(noted.events.iter().all(|e| e.noted), "{token}");
        assert!(
            noted.clone().step("contest", &provider()).events[0].need.is_none(),
            "{token}"
        );
        let own = here.step(token, &provider());
        assert!(!own.referral.noted_answer, "{token}");
    }
}

#[test]
fn things_happen_before_they_are_typed_and_after_they_were_sent() {
    let received = way(State::Received);
    let steps = ladder();
    let mut late = ctx(h(30), &steps);
    let accept = command("accept", h(30));
    late.happened_at = h(10);
    let events = decide(&received.referral, &accept, &provider(), &late).expect("accepted");
    assert_eq!(events[0].happened_at, h(10));
    let accepted = received.referral.apply_all(&events);
    assert_eq!(accepted.accepted_at, Some(h(10)));
    assert_eq!(
        accepted.wait.map(|w| w.due.at),
        Some(h(10 + 168)),
        "the clock runs from what happened"
    );
    late.happened_at = h(0);
    assert!(decide(&received.referral, &accept, &provider(), &late).is_ok());
    late.happened_at = h(0) - TimeDelta::seconds(1);
    assert_eq!(
        decide(&received.referral, &accept, &provider(), &late),
        Err(Refusal::BeforeSent)
    );
    late.happened_at = h(30) + TimeDelta::seconds(1);
    assert_eq!(
        decide(&received.referral, &accept, &provider(), &late),
        Err(Refusal::InTheFuture)
    );
    // A draft may be sent as of yesterday: the call was made then.
    late.happened_at = h(-24);
    let sent = decide(&draft(Priority::P3), &command("send", h(0)), &sender(), &late).expect("sent");
    assert_eq!(sent[0].happened_at, h(-24));
}

#[test]
fn the_sender_is_who_holds_the_case_now() {
    let sent = way(State::Sent);
    let steps = ladder();
    let mut moved = ctx(h(1), &steps);
    moved.holder = STRANGER;
    let cancel = Command::Cancel;
    let refusal = Refusal::NotYours {
        command: CommandKind::Cancel,
    };
    assert_eq!(decide(&sent.referral, &cancel, &sender(), &moved), Err(refusal));
    let new_holder = Actor {
        organisation: Some(STRANGER),
        ..sender()
    };
    assert!(decide(&sent.referral, &cancel, &new_holder, &moved).is_ok());
    // The secretariat acts as a sender only for a case assigned to it.
    let desk = actor(
        Some(SECRETARIAT),
        &[Role::Secretariat],
        ActingFor::Sender,
        Channel::Screen,
    );
    moved.holder = SECRETARIAT;
    assert_eq!(decide(&sent.referral, &cancel, &desk, &moved), Err(refusal));
    moved.assigned_to_secretariat = true;
    assert!(decide(&sent.referral, &cancel, &desk, &moved).is_ok());
    moved.holder = HOLDER;
    assert_eq!(
        decide(&sent.referral, &cancel, &desk, &moved),
        Err(refusal),
        "not the holder"
    );
    // Nor does holding a case make anybody the supervisor.
    moved.holder = SECRETARIAT;
    let end = command("end:left", h(1));
    assert!(decide(&sent.referral, &end, &desk, &moved).is_err());
}

#[test]
fn restricted_needs_are_answered_by_focal_points_alone() {
    for (sensitivity, head) in [(Sensitivity::S3, true), (Sensitivity::S4, false)] {
        let mut sent = way(State::Sent);
        sent.referral.sensitivity = sensitivity;
        let steps = ladder();
        let answer = |by: &Actor| decide(&sent.referral, &Command::Acknowledge, by, &ctx(h(1), &steps)).is_ok();
        assert!(answer(&provider()));
        assert_eq!(answer(&provider_head()), head);
    }
}

#[test]
fn strangers_learn_nothing_of_the_state() {
    let steps = ladder();
    for state in State::ALL {
        let here = way(*state);
        let stranger = Actor {
            organisation: Some(STRANGER),
            ..sender()
        };
        for token in ["cancel", "send", "acknowledge", "settle:served"] {
            let given = command(token, here.now);
            let refusal = Refusal::NotYours { command: given.kind() };
            assert_eq!(
                decide(&here.referral, &given, &stranger, &ctx(here.now, &steps)),
                Err(refusal)
            );
        }
    }
}

#[test]
fn a_missing_limit_refuses_and_names_itself() {
    let steps = ladder();
    for (state, token, by, kind) in [
        (State::Draft, "send", sender(), DueKind::Acknowledge),
        (State::Draft, "send", sender(), DueKind::Decide),
        (State::Sent, "acknowledge", provider(), DueKind::Decide),
        (State::Sent, "accept", provider(), DueKind::FirstContact),
        (State::Received, "ask", provider(), DueKind::Answer),
        (State::Received, "waitlist", provider(), DueKind::WaitlistReview),
        (State::Accepted, "schedule", provider(), DueKind::Appointment),
        (State::Accepted, "start", provider(), DueKind::Report),
        (State::Scheduled, "no_show", provider(), DueKind::Reach),
        (State::InService, "report:served", provider(), DueKind::Confirm),
        (State::Reported, "dispute", sender(), DueKind::Dispute),
    ] {
        let here = way(state);
        let without = Without(kind);
        let mut forgetful = ctx(here.now, &steps);
        forgetful.times = &without;
        let answer = decide(&here.referral, &command(token, here.now), &by, &forgetful);
        assert_eq!(
            answer,
            Err(Refusal::NoLimit {
                kind,
                priority: Priority::P3
            }),
            "{token}"
        );
    }
}

#[test]
fn the_ladder_tells_each_in_turn() {
    use Recipient::{
        ProviderAlternate, ProviderFocalPoint, ProviderHead, RegionalFocalPoint, Secretariat, Sender, SenderSupervisor,
    };
    let steps = ladder();
    let expected: [(u32, Vec<Recipient>, bool); 3] = [
        (50, vec![ProviderFocalPoint], false),
        (100, vec![ProviderAlternate, ProviderHead, Sender], false),
        (150, vec![RegionalFocalPoint, Secretariat], true),
    ];
    for state in [
        State::Sent,
        State::Received,
        State::Accepted,
        State::Scheduled,
        State::InService,
    ] {
        let mut late = way(state);
        let wait = late.referral.wait.clone().expect("waits");
        for (percent, tell, reroute) in &expected {
            let at = wait.due.start + (wait.due.at - wait.due.start) * i32::try_from(*percent).expect("small") / 100;
            let r = &late.referral;
            let notice = next_step(r.state, &wait, r.ladder, false, &steps, &Hours).expect("a step is left");
            assert_eq!(
                (notice.percent, notice.at, &notice.tell, notice.reroute),
                (*percent, at, tell, *reroute)
            );
            let rows = r.clocks(&Hours, &steps, COUNTS);
            assert_eq!((rows[0].kind, rows[0].percent, rows[0].at), (wait.kind, *percent, at));
            let step = Command::TimePasses { percent: *percent };
            let early = late.clone().at(at - TimeDelta::seconds(1));
            assert_eq!(early.refused(&step, &Actor::clock()), Refusal::ClockNotDue { at });
            late = late.at(at).give(&step, &Actor::clock());
            let EventKind::Reminded {
                percent: told,
                tell: whom,
                reroute: proposes,
            } = &late.events[0].kind
            else {
                panic!("reminded")
            };
            assert_eq!((told, whom, proposes), (percent, tell, reroute));
            assert_eq!(late.referral.wait.as_ref(), Some(&wait), "it still waits on the same");
            assert_eq!(
                late.refused(&step, &Actor::clock()),
                Refusal::ClockStale,
                "exactly once"
            );
        }
        let r = &late.referral;
        assert_eq!(next_step(r.state, &wait, r.ladder, false, &steps, &Hours), None);
        let left: Vec<u32> = r.clocks(&Hours, &steps, COUNTS).iter().map(|c| c.percent).collect();
        assert_eq!(left, if state.expires() { vec![200] } else { vec![] }, "{state}");
    }
    // In the protected circuit the supervisor hears what the region and the
    // secretariat must not, and hears it once.
    let mut secret = way(State::Sent);
    secret.referral.protected = true;
    let wait = secret.referral.wait.clone().expect("waits");
    let notice = next_step(State::Sent, &wait, 100, true, &steps, &Hours).expect("150");
    assert_eq!(notice.tell, [SenderSupervisor]);
    secret.now = notice.at;
    let told = secret.give(&Command::TimePasses { percent: 150 }, &Actor::clock());
    assert!(matches!(&told.events[0].kind, EventKind::Reminded { tell, .. } if *tell == [SenderSupervisor]));
    // A new wait starts at the foot of the ladder.
    let reminded = way(State::Sent).at(h(24)).step("time_passes:50", &Actor::clock());
    assert_eq!(reminded.referral.ladder, 50);
    assert_eq!(reminded.provider("acknowledge").referral.ladder, 0);
}

#[test]
fn due_work_is_what_the_state_asks_for() {
    let steps = ladder();
    let rows = |r: &Referral| -> Vec<(String, u32, i64)> {
        r.clocks(&Hours, &steps, COUNTS)
            .iter()
            .map(|c| (c.kind.to_string(), c.percent, (c.at - h(0)).num_hours()))
            .collect()
    };
    let row = |kind: &str, percent, hours| (kind.to_owned(), percent, hours);
    assert_eq!(
        rows(&way(State::Sent).referral),
        [
            row("acknowledge", 50, 24),
            row("acknowledge", 100, 48),
            row("acknowledge", 150, 72),
            row("decide", 200, 240)
        ]
    );
    assert_eq!(
        rows(&way(State::Received).referral),
        [
            row("decide", 50, 60),
            row("decide", 100, 120),
            row("decide", 150, 180),
            row("decide", 200, 240)
        ]
    );
    assert_eq!(rows(&way(State::NeedsInfo).referral), [row("answer", 100, 50)]);
    assert_eq!(
        rows(&way(State::Waitlisted).referral),
        [row("waitlist_review", 100, 102)]
    );
    assert_eq!(rows(&way(State::Reported).referral), [row("confirm", 100, 244)]);
    assert_eq!(rows(&way(State::Draft).referral), [row("need", 100, 239)]);
    let told = way(State::Draft).due().referral;
    assert_eq!(told.ladder, 100);
    assert_eq!(
        rows(&told),
        [],
        "the supervisor is told once; the draft stays with its owner"
    );
    for state in State::ALL.iter().filter(|s| s.is_terminal()) {
        assert_eq!(rows(&way(*state).referral), [], "{state}");
    }
}

#[test]
fn a_draft_left_lying_is_told_to_the_supervisor() {
    let told = way(State::Draft).due();
    let reminded = EventKind::Reminded {
        percent: 100,
        tell: vec![Recipient::SenderSupervisor],
        reroute: false,
    };
    assert_eq!(told.events[0].kind, reminded);
    assert_eq!(told.referral.state, State::Draft);
    let early = way(State::Draft);
    let at = early.referral.wait.as_ref().expect("waits").due.at;
    let clock = Command::TimePasses { percent: 100 };
    assert_eq!(
        early.at(at - TimeDelta::seconds(1)).refused(&clock, &Actor::clock()),
        Refusal::ClockNotDue { at }
    );
}

#[test]
fn counts_come_from_the_mechanism() {
    let steps = ladder();
    let mut strict = ctx(h(400), &steps);
    strict.counts = Counts {
        no_shows: 1,
        disputes: 1,
        extensions: 0,
        expire_percent: 300,
    };
    let refused = |way: &Way, token: &str, by: &Actor| {
        decide(&way.referral, &command(token, h(400)), by, &strict)
            .expect_err("refused")
            .code()
    };
    assert_eq!(
        refused(&way(State::NoShow), "reschedule", &sender()),
        "no_shows_exhausted"
    );
    assert_eq!(
        refused(&way(State::Waitlisted), "extend_waitlist", &provider()),
        "already_extended"
    );
    let again = way(State::Disputed).provider("report:served");
    assert_eq!(refused(&again, "dispute", &sender()), "disputes_exhausted");
    let sent = decide(&draft(Priority::P3), &command("send", h(400)), &sender(), &strict).expect("sent");
    let EventKind::Sent { expiry } = &sent[0].kind else {
        panic!("sent")
    };
    assert_eq!(expiry.at, h(400 + 360));
}

#[test]
fn versions_grow_with_every_event() {
    let sent = way(State::Sent);
    assert_eq!(draft(Priority::P3).version, 1);
    assert_eq!(sent.referral.version, 2);
    assert_eq!(sent.provider("accept").referral.version, 4, "received and accepted");
    assert_eq!(due_in(h(0), 1).at, h(1));
    assert_eq!(way(State::Sent).referral.provider, PROVIDER);
}

#[test]
fn every_refusal_speaks_both_languages_and_says_what_to_do() {
    let at = h(0);
    let all = [
        Refusal::NotYours {
            command: CommandKind::Accept,
        },
        Refusal::NotNow {
            state: State::Sent,
            command: CommandKind::Accept,
        },
        Refusal::NoLimit {
            kind: DueKind::Decide,
            priority: Priority::P1,
        },
        Refusal::InTheFuture,
        Refusal::BeforeSent,
        Refusal::NotedMissing,
        Refusal::NameMissing,
        Refusal::InterimMissing,
        Refusal::WordsMissing,
        Refusal::NotWaitlistable { priority: Priority::P2 },
        Refusal::ReviewPast,
        Refusal::ReviewTooFar { latest: at },
        Refusal::AlreadyExtended,
        Refusal::SuggestionMissing,
        Refusal::AppointmentPast,
        Refusal::AppointmentNotYet { at },
        Refusal::EndsBeforeStart,
        Refusal::NoShowsExhausted,
        Refusal::OutcomeNotHere {
            outcome: Outcome::Served,
            state: State::Accepted,
        },
        Refusal::NotYourConfirmation,
        Refusal::DisputesExhausted,
        Refusal::ProviderFirst { until: at },
        Refusal::AlreadyDisclosed,
        Refusal::NothingToContest,
        Refusal::NothingToStop,
        Refusal::ClockNotDue { at },
        Refusal::ClockStale,
    ];
    let mut codes = std::collections::BTreeSet::new();
    for refusal in all {
        assert!(codes.insert(refusal.code()), "{} twice", refusal.code());
        assert_eq!(refusal.to_string(), refusal.code());
        for label in [refusal.message(), refusal.remedy()] {
            for lang in Lang::ALL {
                let text = label.get(*lang);
                assert!(
                    text.ends_with('.') && text.chars().next().is_some_and(char::is_uppercase),
                    "{text}"
                );
                assert!(!text.contains('\''), "typographic apostrophe: {text}");
            }
            assert!(
                !label.fr.contains(" :") && !label.fr.contains("« "),
                "no-break space: {}",
                label.fr
            );
            assert_ne!(label.fr, label.en);
        }
    }
    assert!(Refusal::ReviewTooFar { latest: at }.message().fr.contains("23/11/2026"));
    assert!(Refusal::ClockNotDue { at }.message().en.contains("23/11/2026, 09:00"));
    let _ = supervisor();
}
