//! Telephone numbers, dates, times and decimals as people type them.

use chrono::{FixedOffset, NaiveDate, NaiveTime};
use proptest::prelude::*;
use relais_mechanism::Decimal;
use relais_mechanism::answers::{parse_date, parse_date_time, parse_time};
use relais_mechanism::phone::PhoneError;

use crate::cameroon;

#[test]
fn telephone_numbers() {
    let plan = &cameroon().country().phone;
    for (typed, kept, shown) in [
        ("+237 6 77 12 34 56", "+237677123456", "+237 6 77 12 34 56"),
        ("677123456", "+237677123456", "+237 6 77 12 34 56"),
        ("6.77.12.34.56", "+237677123456", "+237 6 77 12 34 56"),
        ("00237 677-12-34-56", "+237677123456", "+237 6 77 12 34 56"),
        ("237677123456", "+237677123456", "+237 6 77 12 34 56"),
        ("(+237) 677 12 34 56", "+237677123456", "+237 6 77 12 34 56"),
        ("6\u{a0}40\u{202f}12 34 56", "+237640123456", "+237 6 40 12 34 56"),
        ("222 23 40 11", "+237222234011", "+237 2 22 23 40 11"),
        ("242 12 34 56 7", "+237242123456", ""),
        ("88 12 34 56", "+23788123456", "+237 88123456"),
        ("+33 6 12 34 56 78", "+33612345678", "+33612345678"),
        ("0033612345678", "+33612345678", "+33612345678"),
    ] {
        if shown.is_empty() {
            assert!(plan.normalise(typed).is_err(), "{typed}");
            continue;
        }
        assert_eq!(plan.normalise(typed).as_deref(), Ok(kept), "{typed}");
        assert_eq!(plan.display(kept), shown);
        assert_eq!(
            plan.normalise(shown).as_deref(),
            Ok(kept),
            "what is shown is read again"
        );
    }
    for (written, office) in [
        ("+237222234011", true),
        ("222 23 40 11", true),
        ("116", true),
        ("+237677123456", false),
        ("677 12 34 56", false),
        ("+33112345678", false),
    ] {
        assert_eq!(plan.is_office_line(written), office, "{written}");
    }
    for (typed, error) in [
        ("67712345", PhoneError::Digits { found: 8, expected: 9 }),
        ("6771234567", PhoneError::Digits { found: 10, expected: 9 }),
        ("612345678", PhoneError::Beginning),
        ("771234567", PhoneError::Beginning),
        ("+237612345678", PhoneError::Beginning),
        ("+1 23", PhoneError::Foreign),
        ("+0123456789", PhoneError::Foreign),
        ("+1234567890123456", PhoneError::Foreign),
        ("6 77 12 34 x6", PhoneError::Characters),
        ("6+77123456", PhoneError::Characters),
    ] {
        assert_eq!(plan.normalise(typed), Err(error), "{typed}");
    }
    assert!(plan.normalise("").is_err() && plan.normalise("+").is_err());
}

#[test]
fn dates() {
    let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
    for (typed, expected) in [
        ("23/11/2026", day(2026, 11, 23)),
        ("3/1/2026", day(2026, 1, 3)),
        (" 23-11-2026 ", day(2026, 11, 23)),
        ("23.11.2026", day(2026, 11, 23)),
        ("2026-11-23", day(2026, 11, 23)),
        ("29/02/2024", day(2024, 2, 29)),
        ("29/02/2026", None),
        ("31/02/1994", None),
        ("11/23/2026", None),
        ("23/11/26", None),
        ("23/11", None),
        ("1899-12-31", None),
        ("2026-11-23-1", None),
        ("+3/11/2026", None),
        ("", None),
    ] {
        assert_eq!(parse_date(typed), expected, "{typed}");
    }
}

#[test]
fn times() {
    let time = |h, m| NaiveTime::from_hms_opt(h, m, 0);
    for (typed, expected) in [
        ("08:30", time(8, 30)),
        ("8 h 30", time(8, 30)),
        ("8h", time(8, 0)),
        ("20:00:00", time(20, 0)),
        ("24:00", None),
        ("12:60", None),
        ("8", None),
        (":30", None),
        ("", None),
    ] {
        assert_eq!(parse_time(typed), expected, "{typed}");
    }
    let local = FixedOffset::east_opt(3600).expect("an hour");
    for (typed, expected) in [
        ("2026-11-23T00:30", Some("2026-11-22T23:30:00Z")),
        ("23/11/2026 8h30", Some("2026-11-23T07:30:00Z")),
        ("2026-11-23T08:30:00+02:00", Some("2026-11-23T06:30:00Z")),
        ("2026-11-23", None),
        ("hier 08:30", None),
    ] {
        let expected = expected.map(|t| t.parse().expect("a moment"));
        assert_eq!(parse_date_time(typed, local), expected, "{typed}");
    }
}

#[test]
fn decimals() {
    for (typed, shown) in [
        ("0", "0"),
        ("12,5", "12.5"),
        ("12.500", "12.5"),
        ("-0.25", "-0.25"),
        ("1250000", "1250000"),
    ] {
        assert_eq!(
            typed.parse::<Decimal>().map(|d| d.to_string()).as_deref(),
            Ok(shown),
            "{typed}"
        );
    }
    for typed in [
        "",
        "-",
        ".5",
        "5.",
        "1.2345",
        "1e3",
        "1,2,3",
        "9223372036854775807",
        "--1",
        "1.+2",
    ] {
        assert!(typed.parse::<Decimal>().is_err(), "{typed}");
    }
}

proptest! {
    #[test]
    fn a_decimal_is_read_as_it_is_shown(whole in -1_000_000_i64..1_000_000, part in 0_u32..1000) {
        let number: Decimal = format!("{whole}.{part:03}").parse().expect("three decimals");
        prop_assert_eq!(number.to_string().parse::<Decimal>(), Ok(number));
    }

    #[test]
    fn what_is_typed_never_panics(typed in any::<String>()) {
        let plan = &cameroon().country().phone;
        if let Ok(number) = plan.normalise(&typed) {
            prop_assert_eq!(plan.normalise(&plan.display(&number)), Ok(number));
        }
        let _ = (parse_date(&typed), parse_time(&typed), typed.parse::<Decimal>());
        let _ = parse_date_time(&typed, cameroon().local());
        let _ = plan.display(&typed);
    }
}
