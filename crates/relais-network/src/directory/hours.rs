//! Opening hours, read from the words in which they are kept: "lun.–ven.
//! 07:30–15:30", "Mon to Fri 8am-4pm", "24 h/24". What cannot be read is not
//! known to be open.

use chrono::{Datelike, NaiveDateTime, Timelike};

use crate::words::fold;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// When something is open in a week: from and to, in minutes from Monday 00:00.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hours(Vec<(u16, u16)>);

/// Whether hours, as they are written, say that it is open then (local time);
/// none where they cannot be read.
#[must_use]
pub fn open_at(hours: &str, at: NaiveDateTime) -> Option<bool> {
    Hours::read(hours).map(|read| read.is_open(at))
}

/// A sign of the text that says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Day(u16),
    /// Minutes of a day.
    Time(u16),
    To,
    Always,
}

impl Hours {
    /// The hours that a text says, if it says any.
    pub fn read(text: &str) -> Option<Self> {
        let signs = signs(text);
        if signs.contains(&Sign::Always) {
            return Some(Self(vec![(0, 7 * DAY)]));
        }
        let (mut days, mut open) = (Vec::new(), Vec::new());
        // Days said after times begin a new list.
        let mut timed = true;
        let mut at = 0;
        while at < signs.len() {
            match signs[at..] {
                [Sign::Day(a), Sign::To, Sign::Day(b), ..] => {
                    if std::mem::take(&mut timed) {
                        days.clear();
                    }
                    days.extend((0..7).map(|n| (a + n) % 7).take(usize::from((b + 7 - a) % 7) + 1));
                    at += 3;
                }
                [Sign::Day(a), ..] => {
                    if std::mem::take(&mut timed) {
                        days.clear();
                    }
                    days.push(a);
                    at += 1;
                }
                [Sign::Time(a), Sign::To, Sign::Time(b), ..] | [Sign::Time(a), Sign::Time(b), ..] => {
                    timed = true;
                    at += if signs[at + 1] == Sign::To { 3 } else { 2 };
                    let length = if b > a { b - a } else { b + DAY - a };
                    let of = if days.is_empty() {
                        (0..7).collect()
                    } else {
                        days.clone()
                    };
                    open.extend(of.iter().map(|day| (day * DAY + a, day * DAY + a + length)));
                }
                _ => at += 1,
            }
        }
        (!open.is_empty()).then_some(Self(open))
    }

    /// Whether it is open then, local time.
    pub fn is_open(&self, at: NaiveDateTime) -> bool {
        let minute = u16::try_from(at.hour() * 60 + at.minute()).unwrap_or(0);
        let day = u16::try_from(at.weekday().num_days_from_monday()).unwrap_or(0);
        let now = day * DAY + minute;
        // What runs over Sunday's midnight runs into Monday.
        let open = |t: u16| self.0.iter().any(|(from, to)| (*from..*to).contains(&t));
        open(now) || open(now + 7 * DAY)
    }
}

fn signs(text: &str) -> Vec<Sign> {
    // Dashes and commas go when a text is folded; they say "to" and "and".
    let dashed: String = text
        .chars()
        .map(|c| {
            if matches!(c, '-' | '–' | '—' | '→') {
                " jusque ".to_owned()
            } else {
                c.to_string()
            }
        })
        .collect();
    let folded = fold(&dashed.replace(':', "h"));
    let words: Vec<&str> = folded.split(' ').collect();
    let mut signs = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (sign, taken) = match words[at..] {
            // "24 h/24", "24h/24", "24/7", "7j/7".
            ["24h" | "24", "24" | "24h" | "7", ..] => (Some(Sign::Always), 2),
            ["24", "h", "24" | "7", ..] | ["24", "heures", "24", ..] | ["24", "hours", ..] => (Some(Sign::Always), 3),
            ["jour", "et", "nuit", ..] | ["day", "and", "night", ..] => (Some(Sign::Always), 3),
            ["permanent" | "24h24" | "h24", ..] => (Some(Sign::Always), 1),
            // "8 h 30", "8 h", "8 am".
            [hour, "h", minutes, ..]
                if number(hour, 24).is_some() && minutes.len() == 2 && number(minutes, 59).is_some() =>
            {
                (time(hour, minutes), 3)
            }
            [hour, half @ ("h" | "am" | "pm"), ..] if number(hour, 24).is_some() => {
                (clock(&format!("{hour}{half}")), 2)
            }
            [word, ..] => (day(word).or_else(|| clock(word)).or_else(|| to(word)), 1),
            [] => break,
        };
        signs.extend(sign);
        at += taken;
    }
    signs
}

fn number(text: &str, most: u16) -> Option<u16> {
    text.parse().ok().filter(|n| *n <= most && !text.is_empty())
}

fn time(hour: &str, minutes: &str) -> Option<Sign> {
    let minutes = if minutes.is_empty() { 0 } else { number(minutes, 59)? };
    Some(Sign::Time(number(hour, 24)? * 60 + minutes))
}

/// "8h", "08h30" ("08:30"), "8am", "4pm".
fn clock(word: &str) -> Option<Sign> {
    if let Some((hour, minutes)) = word.split_once('h') {
        return time(hour, minutes);
    }
    if let Some(hour) = word.strip_suffix("am") {
        return time(hour, "");
    }
    let hour = number(word.strip_suffix("pm")?, 12)?;
    Some(Sign::Time((hour % 12 + 12) * 60))
}

fn to(word: &str) -> Option<Sign> {
    matches!(word, "jusque" | "a" | "au" | "to" | "till" | "until").then_some(Sign::To)
}

fn day(word: &str) -> Option<Sign> {
    const DAYS: [[&str; 4]; 7] = [
        ["lun", "lundi", "mon", "monday"],
        ["mar", "mardi", "tue", "tuesday"],
        ["mer", "mercredi", "wed", "wednesday"],
        ["jeu", "jeudi", "thu", "thursday"],
        ["ven", "vendredi", "fri", "friday"],
        ["sam", "samedi", "sat", "saturday"],
        ["dim", "dimanche", "sun", "sunday"],
    ];
    let found = DAYS.iter().position(|names| names.contains(&word))?;
    Some(Sign::Day(u16::try_from(found).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 23 November 2026 is a Monday.
    fn open(text: &str, day: u32, hour: u32, minute: u32) -> Option<bool> {
        let at = chrono::NaiveDate::from_ymd_opt(2026, 11, 22 + day)
            .and_then(|d| d.and_hms_opt(hour, minute, 0))
            .expect("a moment");
        open_at(text, at)
    }

    #[test]
    fn hours_are_read_as_people_write_them() {
        for text in [
            "lun.–ven. 07:30–15:30",
            "Lundi au vendredi, 7h30 - 15h30",
            "Mon to Fri 7:30-15:30",
            "lun, mar, mer, jeu, ven : 7 h 30 à 15 h 30",
            "LUN-VEN 07h30-12h00 ; 12h00-15h30",
        ] {
            assert_eq!(open(text, 1, 7, 29), Some(false), "{text}");
            assert_eq!(open(text, 1, 7, 30), Some(true), "{text}");
            assert_eq!(open(text, 5, 15, 29), Some(true), "{text}");
            assert_eq!(open(text, 5, 15, 30), Some(false), "{text}");
            assert_eq!(open(text, 6, 9, 0), Some(false), "{text}");
        }
        for text in ["24 h/24", "24h/24 7j/7", "jour et nuit", "24/7", "24 hours"] {
            assert_eq!(open(text, 7, 3, 0), Some(true), "{text}");
        }
        assert_eq!(open("8am-4pm", 7, 15, 59), Some(true));
        assert_eq!(open("sam 20h-2h", 7, 1, 0), Some(true));
        assert_eq!(open("dim 22:00–06:00", 1, 5, 0), Some(true), "over Sunday’s midnight");
        assert_eq!(open("dim 22:00–06:00", 1, 7, 0), Some(false));
        assert_eq!(open("lun–ven 8h–12h, sam 9h–11h", 6, 10, 0), Some(true));
        assert_eq!(open("lun–ven 8h–12h, sam 9h–11h", 5, 10, 0), Some(true));
        assert_eq!(open("lun–ven 8h–12h, sam 9h–11h", 6, 8, 30), Some(false));
        for text in ["", "sur rendez-vous", "lundi", "le matin", "99:99–100:00"] {
            assert_eq!(open(text, 1, 9, 0), None, "{text}");
        }
    }
}
