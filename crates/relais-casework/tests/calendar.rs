//! Working calendars against a hand-counted Cameroon, and against laws.

#![expect(clippy::unwrap_used, reason = "a test panics with the line that failed")]

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, TimeZone, Utc, Weekday};
use proptest::prelude::*;
use relais_casework::calendar::{
    Calendar, CalendarProblem, ClockKind, Closure, Holiday, HolidayStatus, Hours, Layer, Span, douala, local_date,
    weekday_from_code,
};
use relais_mechanism::{Label, Priority};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// An instant by its local time in Douala.
fn local(text: &str) -> DateTime<Utc> {
    let naive = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    douala().from_local_datetime(&naive).unwrap().to_utc()
}

fn holiday(date: &str, status: HolidayStatus) -> Holiday {
    Holiday {
        date: day(date),
        name: Label {
            fr: "Fête".into(),
            en: "Holiday".into(),
        },
        status,
    }
}

/// The national layer with the holidays of DOMAIN §5.7 that the tests meet.
fn national() -> Layer {
    use HolidayStatus::{Confirmed, Estimated, OnlyIfPresidentialOrder};
    Layer {
        code: "CM".into(),
        weekly_closed: Some(vec![Weekday::Sat, Weekday::Sun]),
        hours: Some("07:30-15:30".parse().unwrap()),
        holidays: vec![
            holiday("2026-05-20", Confirmed),
            holiday("2026-05-27", Estimated),
            holiday("2026-12-25", Confirmed),
            holiday("2027-01-01", Confirmed),
            holiday("2027-03-08", OnlyIfPresidentialOrder),
            holiday("2027-03-09", Estimated),
        ],
        closures: vec![],
    }
}

fn cameroon() -> Calendar {
    Calendar::resolve(&national(), None, None).unwrap()
}

#[test]
fn the_day_of_sending_is_not_counted_and_the_closing_hour_is_due() {
    // Monday 18 May 2026; Wednesday the 20th is the national day.
    let due = cameroon().working_days_after(local("2026-05-18 10:00"), 2);
    assert_eq!(due, local("2026-05-21 15:30"));
    // From 07:00 to 22:00 the day of sending makes no difference.
    assert_eq!(cameroon().working_days_after(local("2026-05-18 22:00"), 2), due);
    // Ten working days over two holidays and two week-ends.
    assert_eq!(
        cameroon().working_days_after(local("2026-05-18 10:00"), 10),
        local("2026-06-03 15:30")
    );
}

#[test]
fn estimated_holidays_count_and_unordered_ones_do_not() {
    let mut layer = national();
    let from = local("2027-03-05 10:00"); // a Friday
    assert_eq!(
        Calendar::resolve(&layer, None, None)
            .unwrap()
            .working_days_after(from, 2),
        local("2027-03-10 15:30")
    );
    layer
        .holidays
        .iter_mut()
        .find(|h| h.date == day("2027-03-08"))
        .unwrap()
        .status = HolidayStatus::ByOrder;
    assert_eq!(
        Calendar::resolve(&layer, None, None)
            .unwrap()
            .working_days_after(from, 2),
        local("2027-03-11 15:30")
    );
}

#[test]
fn the_nearest_layer_gives_hours_and_week_and_closures_add_up() {
    let region = Layer {
        code: "CM007".into(),
        closures: vec![Closure {
            from: day("2026-06-01"),
            to: day("2026-06-02"),
            reason: "Inondation".into(),
        }],
        ..Layer::default()
    };
    let hospital = Layer {
        code: "HR-GAROUA".into(),
        weekly_closed: Some(vec![Weekday::Sun]),
        hours: Hours::new(7 * 60, 20 * 60),
        ..Layer::default()
    };
    let of_region = Calendar::resolve(&national(), Some(&region), None).unwrap();
    let of_hospital = Calendar::resolve(&national(), Some(&region), Some(&hospital)).unwrap();
    let friday = local("2026-05-29 10:00");
    assert_eq!(of_region.working_days_after(friday, 1), local("2026-06-03 15:30"));
    assert_eq!(of_hospital.working_days_after(friday, 1), local("2026-05-30 20:00"));
    assert_eq!(of_hospital.working_days_after(friday, 2), local("2026-06-03 20:00"));
    // The national day stays a holiday at the hospital.
    assert!(!of_hospital.is_working_day(day("2026-05-20")));
    assert!(of_hospital.is_closed_by_closure(day("2026-06-01")));
    assert_ne!(of_region.version(), of_hospital.version());
    assert_eq!(
        of_region.version(),
        Calendar::resolve(&national(), Some(&region), None).unwrap().version()
    );
    assert_ne!(of_region.version(), cameroon().version());
}

#[test]
fn p1_runs_at_night_and_p2_without_on_call_from_the_next_opening() {
    let calendar = cameroon();
    let saturday = local("2026-05-23 23:00");
    let hours = |h: u32| Span::Minutes(h * 60);
    let p1 = calendar.due(hours(4), saturday, Priority::P1, false, None).unwrap();
    assert_eq!(
        (p1.start, p1.at, p1.clock),
        (saturday, local("2026-05-24 03:00"), ClockKind::Hours)
    );
    let on_call = calendar.due(hours(24), saturday, Priority::P2, true, None).unwrap();
    assert_eq!(on_call.at, local("2026-05-24 23:00"));
    let office = calendar.due(hours(24), saturday, Priority::P2, false, None).unwrap();
    assert_eq!(
        (office.start, office.at),
        (local("2026-05-25 07:30"), local("2026-05-26 07:30"))
    );
    assert_eq!(office.calendar, calendar.version());
    // While the office is open, the clock runs at once.
    let monday = local("2026-05-25 09:10");
    assert_eq!(
        calendar
            .due(hours(24), monday, Priority::P2, false, None)
            .unwrap()
            .start,
        monday
    );
    assert_eq!(calendar.due(Span::AgreedDate, monday, Priority::P4, false, None), None);
    let agreed = calendar
        .due(
            Span::AgreedDate,
            monday,
            Priority::P4,
            false,
            Some(local("2026-06-30 09:00")),
        )
        .unwrap();
    assert_eq!(
        (agreed.at, agreed.clock),
        (local("2026-06-30 09:00"), ClockKind::Agreed)
    );
}

#[test]
fn a_closure_entered_later_pauses_p3_and_changes_the_version() {
    let before = cameroon();
    let mut layer = national();
    layer.closures.push(Closure {
        from: day("2026-06-08"),
        to: day("2026-06-10"),
        reason: "Villes mortes".into(),
    });
    let after = Calendar::resolve(&layer, None, None).unwrap();
    let from = local("2026-06-05 10:00");
    let due = |c: &Calendar, p| c.due(Span::WorkingDays(2), from, p, false, None).unwrap();
    assert_eq!(due(&before, Priority::P3).at, local("2026-06-09 15:30"));
    assert_eq!(due(&after, Priority::P3).at, local("2026-06-12 15:30"));
    assert_ne!(before.version(), after.version());
    let hours = |c: &Calendar| {
        c.due(Span::Minutes(24 * 60), from, Priority::P1, false, None)
            .unwrap()
            .at
    };
    assert_eq!(hours(&before), hours(&after));
}

#[test]
fn the_ladder_of_a_standard_referral_climbs_in_working_time() {
    let calendar = cameroon();
    // Friday 12 June, two working days: Monday and Tuesday, 8 hours each.
    let due = calendar
        .due(
            Span::WorkingDays(2),
            local("2026-06-12 11:00"),
            Priority::P3,
            false,
            None,
        )
        .unwrap();
    assert_eq!(due.start, local("2026-06-15 07:30"));
    let steps: Vec<_> = [50, 100, 150, 200]
        .into_iter()
        .map(|p| calendar.at_percent(&due, p))
        .collect();
    assert_eq!(
        steps,
        [
            "2026-06-15 15:30",
            "2026-06-16 15:30",
            "2026-06-17 15:30",
            "2026-06-18 15:30"
        ]
        .map(local),
    );
    // The week-end uses nothing.
    assert_eq!(calendar.percent_used(&due, local("2026-06-14 12:00")), 0);
    assert_eq!(calendar.percent_used(&due, local("2026-06-15 11:30")), 25);
    assert_eq!(calendar.percent_used(&due, local("2026-06-16 15:29")), 99);
    assert_eq!(calendar.percent_used(&due, due.at), 100);
    assert_eq!(calendar.percent_used(&due, local("2026-06-18 15:30")), 200);
}

#[test]
fn what_remains_is_kept_over_a_pause() {
    let calendar = cameroon();
    let due = calendar
        .due(
            Span::WorkingDays(2),
            local("2026-06-12 11:00"),
            Priority::P3,
            false,
            None,
        )
        .unwrap();
    let left = calendar.remaining(&due, local("2026-06-15 11:30"));
    assert_eq!((left.clock, left.minutes), (ClockKind::Working, 12 * 60));
    // Answered on Thursday evening: a day and a half of Friday and Monday.
    let resumed = calendar.resume(left, local("2026-06-18 20:00"));
    assert_eq!(
        (resumed.start, resumed.at),
        (local("2026-06-19 07:30"), local("2026-06-22 11:30"))
    );
    // A late wait has nothing left, and is due at once.
    let late = calendar.remaining(&due, local("2026-06-17 09:00"));
    assert_eq!(late.minutes, 0);
    assert!(calendar.resume(late, local("2026-06-17 09:00")).at <= local("2026-06-17 09:00"));
}

#[test]
fn the_closing_hour_is_closed_and_the_opening_hour_open() {
    let calendar = cameroon();
    assert!(calendar.is_open(local("2026-06-12 07:30")) && calendar.is_open(local("2026-06-12 15:29")));
    assert!(!calendar.is_open(local("2026-06-12 07:29")) && !calendar.is_open(local("2026-06-12 15:30")));
    assert_eq!(
        calendar.next_opening(local("2026-06-12 15:30")),
        local("2026-06-15 07:30")
    );
}

#[test]
fn nothing_is_called_late_before_it_is_due() {
    let calendar = cameroon();
    let (from, agreed) = (
        local("2026-06-12 10:00"),
        local("2026-06-12 10:01") + TimeDelta::seconds(30),
    );
    let due = calendar
        .due(Span::AgreedDate, from, Priority::P4, false, Some(agreed))
        .unwrap();
    assert_eq!(calendar.percent_used(&due, agreed - TimeDelta::seconds(10)), 99);
    assert_eq!(calendar.percent_used(&due, agreed), 100);
}

#[test]
fn a_calendar_that_never_opens_is_refused() {
    let mut layer = national();
    layer.weekly_closed = Some(
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
            .map(|d| weekday_from_code(d).unwrap())
            .into(),
    );
    assert_eq!(
        Calendar::resolve(&layer, None, None),
        Err(CalendarProblem::NoOpenDay { code: "CM".into() })
    );
    let mut layer = national();
    layer.hours = None;
    assert_eq!(
        Calendar::resolve(&layer, None, None),
        Err(CalendarProblem::NoHours { code: "CM".into() })
    );
    let mut layer = national();
    layer.closures.push(Closure {
        from: day("2026-06-10"),
        to: day("2026-06-08"),
        reason: String::new(),
    });
    assert!(matches!(
        Calendar::resolve(&layer, None, None),
        Err(CalendarProblem::ClosureEndsBeforeItBegins { .. })
    ));
    for text in ["", "8-16", "16:00-08:00", "08:00-24:00", "08:00-08:00", "25:00-26:00"] {
        assert!(text.parse::<Hours>().is_err(), "{text}");
    }
    assert_eq!("07:30-15:30".parse::<Hours>().unwrap().to_string(), "07:30-15:30");
    assert_eq!(weekday_from_code("lun"), None);
}

prop_compose! {
    /// A calendar with some closed weekdays, holidays and closures of 2026.
    fn calendars()(
        open in prop::collection::btree_set(0u8..7, 1..=7),
        opens in 0u16..1200,
        length in 1u16..239,
        days_off in prop::collection::vec(0i64..500, 0..30),
        closures in prop::collection::vec((0i64..500, 0i64..20), 0..6),
    ) -> Calendar {
        let first = day("2026-01-01");
        let week = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
        let layer = Layer {
            code: "T".into(),
            weekly_closed: Some(week.into_iter().enumerate().filter(|(i, _)| !open.contains(&(*i as u8))).map(|(_, d)| d).collect()),
            hours: Hours::new(opens, opens + length),
            holidays: days_off.iter().map(|d| Holiday {
                date: first + TimeDelta::days(*d), name: Label::default(), status: HolidayStatus::Confirmed,
            }).collect(),
            closures: closures.iter().map(|(from, len)| Closure {
                from: first + TimeDelta::days(*from), to: first + TimeDelta::days(from + len), reason: String::new(),
            }).collect(),
        };
        Calendar::resolve(&layer, None, None).unwrap()
    }
}

fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    (0i64..400 * 24 * 60).prop_map(|m| local("2026-01-01 00:00") + TimeDelta::minutes(m))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn n_working_days_later_holds_exactly_n_working_days(c in calendars(), from in instants(), n in 1u32..60) {
        let due = c.working_days_after(from, n);
        let mut date = local_date(from);
        let mut counted = 0;
        while date < local_date(due) {
            date = date.succ_opt().unwrap();
            counted += u32::from(c.is_working_day(date));
        }
        prop_assert_eq!(counted, n);
        prop_assert!(c.is_working_day(local_date(due)));
        prop_assert_eq!(due, c.closing(local_date(due)));
        prop_assert_eq!(c.working_days_between(from, due), n);
    }

    #[test]
    fn working_days_add_and_never_go_back(c in calendars(), a in instants(), b in instants(), n in 1u32..30, m in 1u32..30) {
        prop_assert_eq!(c.working_days_after(c.working_days_after(a, n), m), c.working_days_after(a, n + m));
        prop_assert!(c.working_days_after(a, n) < c.working_days_after(a, n + 1));
        let (early, late) = (a.min(b), a.max(b));
        prop_assert!(c.working_days_after(early, n) <= c.working_days_after(late, n));
        prop_assert!(c.working_days_after(early, 0) <= c.working_days_after(late, 0));
    }

    #[test]
    fn the_next_opening_is_open_and_the_first(c in calendars(), at in instants()) {
        let opening = c.next_opening(at);
        prop_assert!(opening >= at);
        prop_assert!(c.is_open(opening));
        prop_assert_eq!(c.next_opening(opening), opening);
        prop_assert_eq!(c.is_open(at), opening == at);
        if opening > at {
            prop_assert_eq!(c.working_minutes_between(at, opening), 0);
        }
    }

    #[test]
    fn working_minutes_go_there_and_back(c in calendars(), at in instants(), minutes in 1i64..5_000, more in 0i64..5_000) {
        let then = c.after_working_minutes(at, minutes);
        prop_assert_eq!(c.working_minutes_between(at, then), minutes);
        prop_assert!(c.is_working_day(local_date(then)));
        prop_assert_eq!(c.after_working_minutes(then, more), c.after_working_minutes(at, minutes + more));
    }

    #[test]
    fn the_share_used_grows_with_time(c in calendars(), from in instants(), n in 0u32..20, a in instants(), b in instants()) {
        for (span, priority) in [(Span::WorkingDays(n), Priority::P3), (Span::Minutes(n * 60), Priority::P2)] {
            let due = c.due(span, from, priority, false, None).unwrap();
            prop_assert!(due.start >= from && due.at >= due.start);
            prop_assert!(c.percent_used(&due, a.min(b)) <= c.percent_used(&due, a.max(b)));
            prop_assert!(c.percent_used(&due, due.at) >= 100);
            prop_assert!(c.percent_used(&due, due.at - TimeDelta::seconds(1)) < 100);
            let mut last = due.start;
            for percent in [50, 100, 150, 200] {
                let step = c.at_percent(&due, percent);
                prop_assert!(step >= last);
                last = step;
            }
        }
    }

    #[test]
    fn a_pause_of_no_length_changes_nothing(c in calendars(), from in instants(), n in 1u32..15, later in 0i64..20_000) {
        for (span, priority) in [(Span::WorkingDays(n), Priority::P3), (Span::Minutes(n * 60), Priority::P1)] {
            let due = c.due(span, from, priority, false, None).unwrap();
            let now = from + TimeDelta::minutes(later);
            if now < due.at {
                prop_assert_eq!(c.resume(c.remaining(&due, now), now).at, due.at);
            }
        }
    }

    #[test]
    fn a_version_stands_for_the_days(a in calendars(), b in calendars()) {
        prop_assert_eq!(a == b, a.version() == b.version());
    }
}

#[test]
fn douala_is_one_hour_east_all_year() {
    for month in 1..=12 {
        let noon = Utc.with_ymd_and_hms(2026, month, 1, 23, 30, 0).unwrap();
        assert_eq!(local_date(noon).day(), 2);
    }
}
