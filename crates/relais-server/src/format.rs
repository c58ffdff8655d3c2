//! How dates, times, durations, telephones and money are written on screen.
//!
//! Times are Douala's (UTC+1 all year; DOMAIN §5.6): dates as 23/11/2026 in
//! both languages, times as "08 h 40" in French and "08:40" in English.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Timelike, Utc};
use relais_mechanism::words::Lang;

use crate::text::Text;

/// No-break space.
const NBSP: char = '\u{a0}';

/// Africa/Douala: UTC+1, no summer time.
#[must_use]
pub fn douala() -> FixedOffset {
    FixedOffset::east_opt(3600).expect("one hour is a valid offset")
}

/// The instant on Douala's clock.
#[must_use]
pub fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&douala())
}

impl Text {
    /// "23/11/2026".
    #[must_use]
    pub fn date(self, date: NaiveDate) -> String {
        format!("{:02}/{:02}/{}", date.day(), date.month(), date.year())
    }

    /// The date of an instant in Douala: "23/11/2026".
    #[must_use]
    pub fn day_of(self, at: DateTime<Utc>) -> String {
        self.date(local(at).date_naive())
    }

    /// "08 h 40" or "08:40".
    #[must_use]
    pub fn time(self, at: DateTime<Utc>) -> String {
        let at = local(at);
        match self.0 {
            Lang::Fr => format!("{:02}{NBSP}h{NBSP}{:02}", at.hour(), at.minute()),
            Lang::En => format!("{:02}:{:02}", at.hour(), at.minute()),
        }
    }

    /// "23/11/2026, 08 h 40".
    #[must_use]
    pub fn moment(self, at: DateTime<Utc>) -> String {
        format!("{}, {}", self.day_of(at), self.time(at))
    }

    /// Within the day of `now` only the time, within its year day and month
    /// ("23/11"), otherwise the whole date.
    #[must_use]
    pub fn short(self, at: DateTime<Utc>, now: DateTime<Utc>) -> String {
        let (a, n) = (local(at), local(now));
        if a.date_naive() == n.date_naive() {
            self.time(at)
        } else if a.year() == n.year() {
            format!("{:02}/{:02}", a.day(), a.month())
        } else {
            self.day_of(at)
        }
    }

    /// "Lundi 23/11/2026, 08 h 40".
    #[must_use]
    pub fn weekday_moment(self, at: DateTime<Utc>) -> String {
        let day = match (local(at).weekday(), self.0) {
            (chrono::Weekday::Mon, Lang::Fr) => "Lundi",
            (chrono::Weekday::Tue, Lang::Fr) => "Mardi",
            (chrono::Weekday::Wed, Lang::Fr) => "Mercredi",
            (chrono::Weekday::Thu, Lang::Fr) => "Jeudi",
            (chrono::Weekday::Fri, Lang::Fr) => "Vendredi",
            (chrono::Weekday::Sat, Lang::Fr) => "Samedi",
            (chrono::Weekday::Sun, Lang::Fr) => "Dimanche",
            (chrono::Weekday::Mon, Lang::En) => "Monday",
            (chrono::Weekday::Tue, Lang::En) => "Tuesday",
            (chrono::Weekday::Wed, Lang::En) => "Wednesday",
            (chrono::Weekday::Thu, Lang::En) => "Thursday",
            (chrono::Weekday::Fri, Lang::En) => "Friday",
            (chrono::Weekday::Sat, Lang::En) => "Saturday",
            (chrono::Weekday::Sun, Lang::En) => "Sunday",
        };
        format!("{day} {}", self.moment(at))
    }

    /// "45 min", "1 h 10", "3 j": how long, in the largest two units.
    #[must_use]
    pub fn span(self, span: TimeDelta) -> String {
        let minutes = span.num_minutes().max(0);
        let (days, hours, rest) = (minutes / 1440, minutes / 60, minutes % 60);
        if minutes < 60 {
            format!("{minutes}{NBSP}min")
        } else if hours < 48 {
            match (self.0, rest) {
                (_, 0) => format!("{hours}{NBSP}h"),
                (Lang::Fr, _) => format!("{hours}{NBSP}h{NBSP}{rest:02}"),
                (Lang::En, _) => format!("{hours}{NBSP}h{NBSP}{rest:02}{NBSP}min"),
            }
        } else {
            self.format_days(days)
        }
    }

    /// What is left before `due`, or how late it is.
    #[must_use]
    pub fn due(self, due: DateTime<Utc>, now: DateTime<Utc>) -> String {
        if now > due {
            self.format_late_by(self.span(now - due))
        } else if local(due).date_naive() == local(now).date_naive() {
            self.format_before_time(self.time(due))
        } else {
            self.format_before_date(self.short(due, now))
        }
    }

    /// A count with its thousands apart: "10 392" (narrow no-break space) or "10,392".
    #[must_use]
    pub fn figure(self, n: usize) -> String {
        let digits = n.to_string();
        let apart = if self.0 == Lang::Fr { '\u{202f}' } else { ',' };
        let mut out = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(apart);
            }
            out.push(digit);
        }
        out
    }

    /// "à 3,4 km", "12 km away": tenths below ten kilometres.
    #[must_use]
    pub fn km_away(self, km: f64) -> String {
        self.refer_distance(relais_acts::say::tenths(self.0, km))
    }

    /// "+237 6 77 12 34 56"; a number of another country in groups of two.
    /// What is not a number comes back as it was typed.
    #[must_use]
    pub fn phone(self, number: &str) -> String {
        phone(number)
    }
}

/// See [`Text::phone`]: the same in both languages.
#[must_use]
pub fn phone(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let national = match digits.strip_prefix("237") {
        Some(rest) if rest.len() == 9 => rest,
        _ if digits.len() == 9 && !number.trim_start().starts_with('+') => &digits,
        _ => return number.trim().to_owned(),
    };
    let mut out = String::from("+237");
    for (i, digit) in national.chars().enumerate() {
        // One digit, then pairs: 6 77 12 34 56.
        if i == 0 || i % 2 == 1 {
            out.push(NBSP);
        }
        out.push(digit);
    }
    out
}

/// The `href` of a telephone link: `+` and digits only.
#[must_use]
pub fn tel(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if digits.len() == 9 && !number.trim_start().starts_with('+') {
        format!("+237{digits}")
    } else if number.trim_start().starts_with('+') {
        format!("+{digits}")
    } else {
        digits
    }
}

/// Ascending numbers as people write them, drawn together where three or more
/// follow each other: "3–5", "9".
pub fn runs(numbers: &[usize]) -> Vec<String> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for n in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *n => *last = *n,
            _ => runs.push((*n, *n)),
        }
    }
    let written = runs.into_iter().map(|(from, to)| match to - from {
        0 => from.to_string(),
        1 => format!("{from}, {to}"),
        _ => format!("{from}–{to}"),
    });
    written.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    const FR: Text = Text(Lang::Fr);
    const EN: Text = Text(Lang::En);

    fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, day, hour, minute, 0)
            .single()
            .expect("a real instant")
    }

    #[test]
    fn times_are_doualas() {
        // 23:30 UTC on the 22nd is half past midnight on the 23rd in Douala.
        assert_eq!(FR.moment(at(22, 23, 30)), "23/11/2026, 00\u{a0}h\u{a0}30");
        assert_eq!(EN.moment(at(23, 7, 40)), "23/11/2026, 08:40");
        assert_eq!(FR.weekday_moment(at(23, 7, 40)), "Lundi 23/11/2026, 08\u{a0}h\u{a0}40");
    }

    #[test]
    fn lateness_names_its_unit() {
        assert_eq!(FR.due(at(23, 6, 30), at(23, 7, 40)), "En retard de 1\u{a0}h\u{a0}10");
        assert_eq!(EN.due(at(23, 6, 30), at(23, 7, 40)), "1\u{a0}h\u{a0}10\u{a0}min late");
        assert_eq!(FR.due(at(23, 14, 0), at(23, 7, 40)), "Avant 15\u{a0}h\u{a0}00");
        assert_eq!(FR.due(at(25, 14, 0), at(23, 7, 40)), "Avant le 25/11");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            [0, 964, 1_000, 10_392].map(|n| EN.figure(n)),
            ["0", "964", "1,000", "10,392"]
        );
        assert_eq!(FR.figure(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn telephones_are_grouped_and_foreign_ones_left_alone() {
        assert_eq!(phone("677123456"), "+237\u{a0}6\u{a0}77\u{a0}12\u{a0}34\u{a0}56");
        assert_eq!(phone("+237677123456"), "+237\u{a0}6\u{a0}77\u{a0}12\u{a0}34\u{a0}56");
        assert_eq!(phone("+33 1 23 45 67 89"), "+33 1 23 45 67 89");
        assert_eq!(phone("1503"), "1503");
        assert_eq!(tel("6 77 12 34 56"), "+237677123456");
        assert_eq!(tel("1503"), "1503");
    }

    #[test]
    fn numbers_that_follow_are_drawn_together() {
        for (numbers, written) in [
            (&[][..], ""),
            (&[7], "7"),
            (&[7, 8], "7, 8"),
            (&[1, 2, 3, 5, 8, 9, 10, 11], "1–3, 5, 8–11"),
        ] {
            assert_eq!(runs(numbers).join(", "), written);
        }
    }
}
