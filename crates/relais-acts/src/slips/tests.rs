//! The day that is written on a slip.

use chrono::TimeZone as _;

use super::*;

#[test]
fn a_day_on_paper_is_a_moment_of_that_day() {
    let at = |day, hour| {
        Utc.with_ymd_and_hms(2026, 11, day, hour, 0, 0)
            .single()
            .expect("a time")
    };
    let day = |n| NaiveDate::from_ymd_opt(2026, 11, n);
    // Noon in Douala is eleven o’clock.
    for (on, sent, now, expected) in [
        (None, at(23, 8), at(25, 9), at(25, 9)),
        (day(24), at(23, 8), at(25, 9), at(24, 11)),
        (day(23), at(23, 8), at(25, 9), at(23, 11)),
        (day(23), at(23, 15), at(25, 9), at(23, 15)),
        (day(25), at(23, 8), at(25, 9), at(25, 9)),
        (day(22), at(23, 8), at(25, 9), at(22, 11)),
        (day(26), at(23, 8), at(25, 9), at(26, 11)),
    ] {
        assert_eq!(moment(on, Some(sent), now), expected, "{on:?}");
    }
}
