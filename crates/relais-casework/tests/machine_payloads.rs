//! What a command carries: each typed refusal, and the details of events that
//! the table's columns do not show.

mod machine_support;

use chrono::TimeDelta;
use machine_support::{
    HOLDER, OTHER_SERVICE, SECRETARIAT, SERVICE, STRANGER, Way, actor, by_link, by_paper, by_slip, by_telephone,
    command, ctx, draft, h, ladder, person, person_noted, provider, provider_head, secretariat, sender, way_to,
};
use relais_casework::referral::{
    Actor, Command, CommandKind, Confirmation, DeclineCode, DueKind, EventKind, NeedEffect, Noted, Outcome, Owner,
    Refusal, State, decide, open_to,
};
use relais_mechanism::{ActingFor, Channel, Priority, Role, Sensitivity};

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
    let contested = heard.clone().give(&Command::Contest, &provider());
    assert_eq!(contested.referral.state, State::Accepted);
    assert_eq!(
        contested.refused(&Command::Contest, &provider()),
        Refusal::NothingToContest
    );
    assert_eq!(heard.refused(&Command::Contest, &by_telephone()).code(), "not_yours");
    assert_eq!(heard.refused(&Command::Contest, &by_link()).code(), "not_yours");
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
fn an_answer_without_an_account_is_named_and_may_be_contested() {
    let received = way(State::Received);
    let accept = command("accept", received.now);
    let noted = |number: &str, answered_by: &str| {
        Some(Noted {
            number: number.to_owned(),
            answered_by: answered_by.to_owned(),
        })
    };
    for (by, named, holds) in [
        (by_link(), None, false),
        (by_link(), noted("677", ""), false),
        (by_link(), noted(" ", "Mme Lien"), false),
        (by_link(), noted("677", "Mme Lien"), true),
        (by_slip(), None, false),
        (by_slip(), noted("677", " "), false),
        (by_slip(), noted("", "Mme Lien"), true),
    ] {
        let by = Actor { noted: named, ..by };
        if holds {
            let answered = received.clone().give(&accept, &by);
            assert!(answered.events[0].noted && answered.referral.noted_answer);
            assert_eq!(answered.refused(&Command::Contest, &by).code(), "not_yours");
            answered.give(&Command::Contest, &provider());
        } else {
            assert_eq!(received.refused(&accept, &by), Refusal::NotedMissing);
        }
    }
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
