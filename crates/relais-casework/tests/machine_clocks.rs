//! Clocks: limits, pauses, the ladder, due work, and what a refusal says.

mod machine_support;

use chrono::TimeDelta;
use machine_support::{
    COUNTS, Hours, PROVIDER, Way, Without, command, ctx, draft, due_in, h, ladder, provider, sender, way_to,
};
use relais_casework::referral::{
    Actor, Command, CommandKind, Counts, DueKind, EventKind, Outcome, Owner, Recipient, Referral, Refusal, State,
    decide, next_step,
};
use relais_mechanism::{Lang, Priority};

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
    let again = Command::TimePasses { percent: 100 };
    assert_eq!(told.refused(&again, &Actor::clock()), Refusal::ClockStale, "told once");
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
}

#[test]
fn a_person_who_is_not_found_in_time_was_not_reached() {
    let given_up = way(State::NoShow).due();
    assert_eq!(kinds(&given_up), ["reported"]);
    assert_eq!(given_up.referral.outcome, Some(Outcome::NotReached));
}
