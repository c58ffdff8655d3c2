//! P1 by telephone: the order of the numbers, by hand and over random calls.

use chrono::{DateTime, TimeDelta, Utc};
use relais_casework::calls::{Alarm, Call, CallResult, Line, LineKind, alarm, next, until};

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-23T22:00:00+01:00")
        .expect("an instant")
        .to_utc()
        + TimeDelta::minutes(minute)
}

fn lines() -> Vec<Line> {
    [
        (LineKind::Service, "1"),
        (LineKind::Service, "2"),
        (LineKind::OnCall, "3"),
        (LineKind::National, "4"),
    ]
    .into_iter()
    .map(|(kind, number)| Line {
        kind,
        who: String::new(),
        number: number.to_owned(),
        hours: String::new(),
    })
    .collect()
}

fn call(number: &str, result: CallResult) -> Call {
    Call {
        number: number.to_owned(),
        result,
        at: at(0),
        name: String::new(),
    }
}

fn next_number(calls: &[Call]) -> Option<(String, usize)> {
    let lines = lines();
    next(&lines, calls).map(|n| (lines[n.line].number.clone(), n.lap))
}

#[test]
fn numbers_are_called_in_order_and_then_again() {
    use CallResult as R;
    let mut calls = Vec::new();
    for (expected, lap, result, told) in [
        ("1", 0, R::NoAnswer, None),
        ("2", 0, R::Busy, Some(Alarm::OnCall)),
        ("3", 0, R::Passed, None),
        ("4", 0, R::NotUs, Some(Alarm::Again)),
        ("1", 1, R::NoAnswer, None),
        // The second lap stays with whoever is on call: they were told.
        ("2", 1, R::NoAnswer, None),
        // "Not us" is left out of the next laps.
        ("3", 1, R::NoAnswer, Some(Alarm::Again)),
        ("1", 2, R::NoAnswer, None),
    ] {
        assert_eq!(next_number(&calls), Some((expected.to_owned(), lap)));
        calls.push(call(expected, result));
        assert_eq!(alarm(&lines(), &calls), told, "{calls:?}");
    }
}

#[test]
fn i_take_it_ends_the_calls() {
    let calls = [call("1", CallResult::NoAnswer), call("3", CallResult::Takes)];
    assert_eq!(next_number(&calls), None);
    assert_eq!(alarm(&lines(), &calls), None);
}

#[test]
fn where_everybody_says_not_us_somebody_is_still_called() {
    let calls: Vec<Call> = ["1", "2", "3", "4"]
        .into_iter()
        .map(|n| call(n, CallResult::NotUs))
        .collect();
    assert_eq!(next_number(&calls), Some(("1".to_owned(), 1)));
    assert_eq!(next(&[], &calls), None);
}

#[test]
fn where_nobody_can_be_called_the_alarm_is_raised_each_time() {
    let passed = call("", CallResult::Passed);
    for n in 1..4 {
        assert_eq!(alarm(&[], &vec![passed.clone(); n]), Some(Alarm::Again));
    }
    assert_eq!(alarm(&[], &[]), None);
}

#[test]
fn a_number_called_out_of_order_is_not_proposed_before_the_others() {
    let calls = [call("3", CallResult::NoAnswer)];
    assert_eq!(next_number(&calls), Some(("1".to_owned(), 0)));
    let calls = [
        call("3", CallResult::NoAnswer),
        call("1", CallResult::NoAnswer),
        call("2", CallResult::NoAnswer),
    ];
    assert_eq!(next_number(&calls), Some(("4".to_owned(), 0)));
    assert_eq!(alarm(&lines(), &calls), Some(Alarm::OnCall));
}

/// Whatever is noted, as long as nobody takes it there is a next number, and
/// no number is called a second time before every other that may take it.
#[test]
fn somebody_is_always_next() {
    let lines = lines();
    let results = [
        CallResult::NoAnswer,
        CallResult::Busy,
        CallResult::NotUs,
        CallResult::Passed,
    ];
    let mut seed = 7_u64;
    let mut dice = |n: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % n
    };
    for _ in 0..500 {
        let mut calls: Vec<Call> = Vec::new();
        for _ in 0..20 {
            let proposed = next(&lines, &calls).expect("somebody");
            let refused = |l: &Line| {
                calls
                    .iter()
                    .any(|c| c.number == l.number && c.result == CallResult::NotUs)
            };
            let count = |l: &Line| calls.iter().filter(|c| c.number == l.number).count();
            if lines.iter().any(|l| !refused(l)) {
                assert!(!refused(&lines[proposed.line]));
                let least = lines.iter().filter(|l| !refused(l)).map(count).min().expect("a line");
                assert_eq!(count(&lines[proposed.line]), least);
                assert_eq!(proposed.lap, least);
            }
            let number = lines[dice(lines.len())].number.clone();
            calls.push(call(&number, results[dice(results.len())]));
        }
    }
}

#[test]
fn the_minutes_run_from_the_last_call() {
    assert_eq!(until(at(3), 15), at(18));
}
