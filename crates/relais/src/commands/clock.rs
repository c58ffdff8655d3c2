//! `clock show | set`.

use chrono::{DateTime, FixedOffset, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use relais_acts::directory::{By, set_clock};
use serde_json::json;

use super::token::now;
use crate::cli::Clock;
use crate::deployment;
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;

/// The mechanism's zone, UTC+1 all year (DESIGN §5).
pub fn zone() -> FixedOffset {
    FixedOffset::east_opt(3600).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

/// A time as people of the mechanism read it: 25/11/2026 14:30.
pub fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&zone()).format("%d/%m/%Y %H:%M").to_string()
}

/// Runs the command.
pub fn run(clock: &Clock, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let store = deployment::open(settings)?;
    let at = match clock {
        Clock::Show => now(&store)?,
        Clock::Set { time } => {
            let to = read(time, now(&store)?).ok_or_else(|| {
                Failure::value(
                    "T",
                    time,
                    "2026-11-25 14:30, 2026-11-25, 2026-11-25T13:30:00Z, +2d, +3h, +20m",
                )
            })?;
            set_clock(&store, to, By::CommandLine)?
        }
    };
    let drill = store.is_drill();
    output.answer(&json!({ "now": at, "drill": drill }), || {
        let kind = if drill {
            output.say("exercice", "drill")
        } else {
            output.say("temps réel", "real time")
        };
        format!("{} (UTC+1) — {kind}", local(at))
    });
    Ok(0)
}

fn read(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Some(step) = text.strip_prefix('+') {
        let unit = step.chars().last()?;
        let count: i64 = step.strip_suffix(unit)?.parse().ok()?;
        let step = match unit {
            'd' | 'j' => TimeDelta::try_days(count),
            'h' => TimeDelta::try_hours(count),
            'm' => TimeDelta::try_minutes(count),
            _ => None,
        }?;
        return now.checked_add_signed(step);
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.with_timezone(&Utc));
    }
    let naive = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .or_else(|| Some(text.parse::<chrono::NaiveDate>().ok()?.and_time(NaiveTime::MIN)))?;
    zone()
        .from_local_datetime(&naive)
        .single()
        .map(|at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_local_unless_it_says_otherwise() {
        let now = Utc.with_ymd_and_hms(2026, 11, 25, 12, 0, 0).single().expect("a time");
        let reads = |text: &str| read(text, now).map(|t| t.to_rfc3339());
        assert_eq!(reads("2026-11-25 14:30").as_deref(), Some("2026-11-25T13:30:00+00:00"));
        assert_eq!(
            reads("2026-11-25T14:30:00Z").as_deref(),
            Some("2026-11-25T14:30:00+00:00")
        );
        assert_eq!(reads("2026-11-26").as_deref(), Some("2026-11-25T23:00:00+00:00"));
        assert_eq!(reads("+2d").as_deref(), Some("2026-11-27T12:00:00+00:00"));
        assert_eq!(reads("+90m").as_deref(), Some("2026-11-25T13:30:00+00:00"));
        for wrong in ["", "+", "+d", "demain", "2026-13-01", "+5y", "+99999999999999999d"] {
            assert_eq!(reads(wrong), None, "{wrong}");
        }
    }
}
