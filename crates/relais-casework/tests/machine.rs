//! The machine against the table of DESIGN §5, written by hand in
//! `machine.csv`: all situations × states × commands × actors are walked, and
//! a cell that is not listed must refuse.

mod machine_support;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use machine_support::{
    Way, by_link, by_paper, by_slip, by_telephone, command, ctx, draft, h, ladder, person, person_noted, provider,
    provider_head, secretariat, secretariat_supervisor, sender, strangers, supervisor, t0, way_to,
};
use relais_casework::referral::{Actor, CommandKind, NeedEffect, Owner, State, decide, open_to, pathway_rules, rule};
use relais_mechanism::Priority;

#[derive(Debug, Clone, serde::Deserialize)]
struct Row {
    state: String,
    given: String,
    command: String,
    actor: String,
    result: String,
    owner: String,
    due_kind: String,
    due_at: String,
    need: String,
}

fn rows() -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(include_str!("machine.csv").as_bytes());
    reader.deserialize().collect::<Result<_, _>>().expect("the table reads")
}

const SITUATIONS: &[&str] = &[
    "",
    "p1",
    "p2",
    "p4",
    "noted",
    "extended",
    "review_passed",
    "third_no_show",
    "disputed_twice",
    "stage_secretariat",
    "stage_top",
    "protected",
    "protected_stage",
    "disclosed",
];

const TOKENS: &[&str] = &[
    "send",
    "discard",
    "acknowledge",
    "accept",
    "ask",
    "answer",
    "waitlist",
    "extend_waitlist",
    "decline",
    "cancel",
    "schedule",
    "start",
    "news",
    "no_show",
    "reschedule",
    "report:served",
    "report:partly_served",
    "report:did_not_attend",
    "report:not_reached",
    "report:no_capacity",
    "confirm:person",
    "confirm:person_through_sender",
    "confirm:secretariat",
    "confirm:none",
    "dispute",
    "settle:served",
    "settle:not_reached",
    "void",
    "withdraw:stop_sharing",
    "withdraw:stop_service",
    "withdraw:both",
    "end:deceased",
    "end:left",
    "end:detained",
    "end:whereabouts_unknown",
    "contest",
    "time_passes:50",
    "time_passes:100",
    "time_passes:150",
    "time_passes:200",
];

/// Every actor, with the names of the table that mean it.
fn actors() -> Vec<(&'static [&'static str], Actor)> {
    let mut all: Vec<(&'static [&'static str], Actor)> = vec![
        (&["sender"], sender()),
        (&["sender", "supervisor"], supervisor()),
        (&["provider", "provider_itself"], provider()),
        (&["provider", "provider_itself"], provider_head()),
        (&["provider"], by_link()),
        (&["provider"], by_slip()),
        (&["provider"], by_telephone()),
        (&["provider"], by_paper()),
        (&["person"], person()),
        (&["person_noted"], person_noted()),
        (&["secretariat"], secretariat()),
        (&["secretariat"], secretariat_supervisor()),
        (&["system"], Actor::clock()),
    ];
    all.extend(
        strangers()
            .into_iter()
            .map(|a| (&["other"] as &'static [&'static str], a)),
    );
    all
}

/// A referral in this state and situation; `None` where there is none.
fn sample(given: &str, state: State) -> Option<Way> {
    let plain = Way::of(draft(Priority::P3));
    let protected = || {
        let mut way = plain.clone();
        way.referral.protected = true;
        way
    };
    let only = |wanted: State, way: &dyn Fn() -> Way| (state == wanted).then(way);
    let disputed = || way_to(State::Disputed, plain.clone());
    match given {
        "" => Some(way_to(state, plain)),
        "p1" if state != State::Waitlisted => Some(way_to(state, Way::of(draft(Priority::P1)))),
        "p2" if state != State::Waitlisted => Some(way_to(state, Way::of(draft(Priority::P2)))),
        "p4" => Some(way_to(state, Way::of(draft(Priority::P4)))),
        "noted" => {
            let mut way = plain;
            way.noted = true;
            Some(way_to(state, way))
        }
        "disclosed" => {
            let mut way = way_to(state, plain);
            way.referral.disclosed_above = true;
            Some(way)
        }
        "protected" => Some(way_to(state, protected())),
        "extended" => only(State::Waitlisted, &|| {
            way_to(state, plain.clone()).provider("extend_waitlist")
        }),
        "review_passed" => only(State::Waitlisted, &|| way_to(state, plain.clone()).due()),
        "third_no_show" => only(State::NoShow, &|| {
            let mut way = way_to(state, plain.clone());
            for _ in 0..2 {
                way = way.sender("reschedule");
                way.now = way.referral.appointment.expect("has one");
                way = way.provider("no_show");
            }
            way
        }),
        "disputed_twice" => only(State::Reported, &|| {
            disputed()
                .provider("report:served")
                .step("dispute", &person())
                .provider("report:served")
        }),
        "stage_secretariat" => only(State::Disputed, &|| disputed().due()),
        "stage_top" => only(State::Disputed, &|| disputed().due().due()),
        "protected_stage" => only(State::Disputed, &|| way_to(state, protected()).due()),
        _ => None,
    }
}

/// When the command is given: at its own time for the clock.
fn moment(way: &Way, token: &str) -> DateTime<Utc> {
    let Some(percent) = token.strip_prefix("time_passes:") else {
        return way.now;
    };
    let r = &way.referral;
    let Some(wait) = &r.wait else { return way.now };
    let due = match &r.expiry {
        Some(expiry) if percent == "200" && r.state.expires() => expiry.at,
        _ if r.state.climbs_ladder() => {
            let percent: i32 = percent.parse().expect("a percent");
            wait.due.start + (wait.due.at - wait.due.start) * percent / 100
        }
        _ => wait.due.at,
    };
    due.max(t0())
}

#[test]
fn every_cell_of_the_table_and_no_other() {
    let rows = rows();
    let mut listed: BTreeMap<(&str, &str, &str), Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        assert!(State::from_code(&row.state).is_some(), "no such state: {row:?}");
        assert!(SITUATIONS.contains(&row.given.as_str()), "no such situation: {row:?}");
        assert!(TOKENS.contains(&row.command.as_str()), "no such command: {row:?}");
        listed
            .entry((&row.given, &row.state, &row.command))
            .or_default()
            .push(row);
    }
    let mut used = BTreeSet::new();
    let mut edges = BTreeSet::new();
    let mut cells = 0;
    let ladder = ladder();
    for given in SITUATIONS {
        for state in State::ALL {
            let Some(way) = sample(given, *state) else { continue };
            assert_eq!(way.referral.state, *state, "the way to {given}/{state}");
            for token in TOKENS {
                let here = listed.get(&(*given, state.code(), *token));
                let base = listed.get(&("", state.code(), *token));
                let kind = CommandKind::from_code(token.split(':').next().expect("a name")).expect("a command");
                let placed = rule(*state, kind).is_some();
                for (names, actor) in actors() {
                    cells += 1;
                    let find = |rows: Option<&Vec<&Row>>| {
                        rows.and_then(|rows| {
                            let hit = |r: &&&Row| r.actor.split('+').any(|a| names.contains(&a));
                            rows.iter().find(hit).map(|r| (*r).clone())
                        })
                    };
                    let own = find(here);
                    let row = own.clone().or_else(|| {
                        // The protected circuit is settled by the supervisor
                        // alone; there the base's row for the secretariat is void.
                        let secret = given.starts_with("protected") && names.contains(&"secretariat");
                        find(base).filter(|_| !secret)
                    });
                    let now = moment(&way, token);
                    let answer = decide(&way.referral, &command(token, now), &actor, &ctx(now, &ladder));
                    let cell = format!("{given}/{state} × {token} × {names:?} {actor:?}");
                    let Some(row) = row else {
                        let refusal = answer.expect_err(&cell);
                        let stranger = names.contains(&"other")
                            || (given.starts_with("protected") && names.contains(&"secretariat"));
                        let expected = if stranger || placed { "not_yours" } else { "not_now" };
                        assert_eq!(refusal.code(), expected, "{cell}");
                        continue;
                    };
                    used.insert((
                        row.given.clone(),
                        row.state.clone(),
                        row.command.clone(),
                        row.actor.clone(),
                    ));
                    if let Some(code) = row.result.strip_prefix("refused:") {
                        assert_eq!(answer.expect_err(&cell).code(), code, "{cell}");
                        continue;
                    }
                    let events = answer.unwrap_or_else(|r| panic!("{cell}: refused, {r}"));
                    let after = way.referral.apply_all(&events);
                    assert_eq!(after.state.code(), row.result, "{cell}");
                    edges.insert((row.state.clone(), kind.code().to_owned(), row.result.clone()));
                    let effects: Vec<NeedEffect> = events.iter().filter_map(|e| e.need).collect();
                    if row.need.is_empty() {
                        assert!(effects.is_empty(), "{cell}");
                    } else {
                        let codes: Vec<&str> = effects.iter().map(|e| e.code()).collect();
                        assert_eq!(codes, [row.need.as_str()], "{cell}");
                    }
                    let Some(wait) = &after.wait else {
                        assert!(
                            row.owner.is_empty() && row.due_kind.is_empty(),
                            "{cell}: nobody must move"
                        );
                        continue;
                    };
                    let owner = format!("{}/{}", wait.owner.side, wait.owner.role);
                    assert_eq!(owner, row.owner, "{cell}");
                    assert_eq!(wait.kind.code(), row.due_kind, "{cell}");
                    // Limits differ by priority: only rows that were written
                    // for this situation say when.
                    if own.is_some() || !given.starts_with('p') || given.starts_with("protected") {
                        let (anchor, hours) = row.due_at.split_once('+').unwrap_or((&row.due_at, "0"));
                        let hours: i64 = hours.parse().expect("hours");
                        let expected = match anchor {
                            "now" => now + TimeDelta::hours(hours),
                            "sent" => h(hours),
                            "same" => way.referral.wait.clone().expect("waited").due.at,
                            other => panic!("{other}: {row:?}"),
                        };
                        // What is left of a pause depends on when it began.
                        if given.is_empty() || own.is_some() || row.command != "answer" {
                            assert_eq!(wait.due.at, expected, "{cell}");
                        }
                    }
                }
            }
        }
    }
    let idle: Vec<_> = rows
        .iter()
        .filter(|r| !used.contains(&(r.given.clone(), r.state.clone(), r.command.clone(), r.actor.clone())))
        .collect();
    assert!(idle.is_empty(), "rows that no cell used: {idle:?}");
    assert!(cells > 150_000, "walked {cells} cells");

    // The edges that were walked are the edges that the mechanism is checked
    // against, no more and no fewer.
    let told: BTreeSet<_> = pathway_rules()
        .edges
        .into_iter()
        .map(|e| (e.from, e.command, e.to))
        .collect();
    assert_eq!(edges, told);
}

#[test]
fn every_command_is_walked() {
    for kind in CommandKind::ALL {
        assert!(
            TOKENS.iter().any(|t| t.split(':').next() == Some(kind.code())),
            "{kind} is not walked"
        );
        let token = TOKENS
            .iter()
            .find(|t| t.split(':').next() == Some(kind.code()))
            .expect("walked");
        assert_eq!(command(token, h(0)).kind(), *kind);
    }
}

#[test]
fn the_pathway_tells_every_state_and_who_waits() {
    let rules = pathway_rules();
    let waiting = "draft sent received needs_info waitlisted accepted scheduled no_show in_service reported disputed";
    let expected: Vec<(String, bool)> = State::ALL
        .iter()
        .map(|s| (s.code().to_owned(), waiting.split(' ').any(|w| w == s.code())))
        .collect();
    let told: Vec<(String, bool)> = rules.states.into_iter().map(|s| (s.code, s.waiting)).collect();
    assert_eq!(told, expected);
    for state in State::ALL {
        assert_ne!(state.is_waiting(), state.is_terminal());
    }
}

#[test]
fn buttons_are_what_decide_takes() {
    // A page offers exactly the commands that some payload gets through.
    let ladder = ladder();
    for given in SITUATIONS {
        for state in State::ALL {
            let Some(way) = sample(given, *state) else { continue };
            for (names, actor) in actors() {
                let open: BTreeSet<_> = open_to(&way.referral, &actor, &ctx(way.now, &ladder))
                    .into_iter()
                    .collect();
                let mut taken = BTreeSet::new();
                for token in TOKENS {
                    let now = moment(&way, token);
                    let given = command(token, now);
                    if decide(&way.referral, &given, &actor, &ctx(now, &ladder)).is_ok() {
                        taken.insert(given.kind());
                    }
                }
                assert_eq!(open, taken, "{given}/{state} {names:?} {actor:?}");
            }
        }
    }
}

#[test]
fn owners_are_organisations() {
    use machine_support::{HOLDER, PROVIDER};
    assert_eq!(Owner::SENDER.organisation(HOLDER, PROVIDER), Some(HOLDER));
    assert_eq!(Owner::SENDER_SUPERVISOR.organisation(HOLDER, PROVIDER), Some(HOLDER));
    assert_eq!(Owner::PROVIDER.organisation(HOLDER, PROVIDER), Some(PROVIDER));
    assert_eq!(Owner::SECRETARIAT.organisation(HOLDER, PROVIDER), None);
}
