//! What was measured, as a table: rates, times, the server's work for one
//! answer, and shares of what the measure is held against.

use std::fmt::Write as _;

use crate::Failed;
use crate::load::Load;

/// A measure, and what it is held against.
pub struct Line {
    /// What was measured.
    pub what: String,
    /// On which database.
    pub on: &'static str,
    /// A second.
    pub rate: f64,
    /// Median and 99th percentile, microseconds.
    pub times: Option<(u64, u64)>,
    /// Microseconds of work for one, on all cores together.
    pub work: f64,
    /// What it is held against, if anything.
    pub against: Option<Against>,
    /// What that is, or what there is to say.
    pub note: String,
}

/// Shares of a base that was measured in the same round, and the least share.
pub struct Against {
    /// Share of the rate, one for each round.
    pub rates: Vec<f64>,
    /// The base's work for one over this measure's: the same share when nobody
    /// else is at work.
    pub work: f64,
    /// The least share of the rate.
    pub floor: f64,
}

impl Against {
    /// Shares round by round.
    #[must_use]
    pub fn of(base: &[Load], loads: &[Load], floor: f64) -> Self {
        let rates = base.iter().zip(loads).map(|(b, l)| l.rate() / b.rate()).collect();
        let works = base.iter().zip(loads).map(|(b, l)| b.work_each() / l.work_each());
        Self {
            rates,
            work: middle(works.collect()),
            floor,
        }
    }

    /// The share of the round in the middle.
    #[must_use]
    pub fn share(&self) -> f64 {
        middle(self.rates.clone())
    }
}

impl Line {
    /// Whether it reaches its floor.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.against.as_ref().is_none_or(|a| a.share() >= a.floor)
    }

    /// The line of several rounds of load on SQLite.
    ///
    /// # Errors
    /// When there was no round.
    pub fn of(what: &str, loads: &[Load], against: Option<Against>, note: &str) -> Result<Self, Failed> {
        let load = median(loads)?;
        Ok(Self {
            what: what.to_owned(),
            on: "SQLite",
            rate: load.rate(),
            times: Some((load.p50, load.p99)),
            work: middle(loads.iter().map(Load::work_each).collect()),
            against,
            note: note.to_owned(),
        })
    }
}

/// A condition beside the rates.
pub struct Check {
    /// What was found.
    pub what: String,
    /// Whether it is as it must be.
    pub holds: bool,
}

/// The run whose rate is in the middle, so that a neighbour's burst does not decide.
///
/// # Errors
/// When there was no run.
pub fn median(loads: &[Load]) -> Result<&Load, Failed> {
    let mut loads: Vec<&Load> = loads.iter().collect();
    loads.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
    loads
        .get((loads.len().max(1) - 1) / 2)
        .copied()
        .ok_or_else(|| "nothing was measured".into())
}

/// The number in the middle.
#[must_use]
pub fn middle(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get((numbers.len().max(1) - 1) / 2).copied().unwrap_or(0.0)
}

/// Each answer has its rows; at the end of a run up to one request of each connection is answered unheard.
pub fn counted(what: &str, answered: u64, rows: u64, runs: usize) -> Check {
    let unheard = 8 * u64::try_from(runs).unwrap_or(0);
    Check {
        what: format!("{what}: {answered} answers, {rows} rows"),
        holds: rows + unheard >= answered && rows <= answered + unheard,
    }
}

/// The table in words, how many held and how many did not.
#[must_use]
pub fn say(table: &[Line], checks: &[Check]) -> (String, usize, usize) {
    let mut text = String::from(
        "| what | on | a second | p50 ms | p99 ms | work µs | of what | share (least–most) | by work | floor | |\n\
         |---|---|---:|---:|---:|---:|---|---:|---:|---:|---|\n",
    );
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a request")]
    let ms = |micros: Option<u64>| micros.map_or_else(|| "–".to_owned(), |m| format!("{:.2}", m as f64 / 1000.0));
    let (mut passed, mut failed) = (0, 0);
    for line in table {
        let (mut share, mut by_work, mut floor, mut verdict) = (String::new(), String::new(), String::new(), "");
        if let Some(against) = &line.against {
            let least = against.rates.iter().copied().fold(f64::INFINITY, f64::min);
            let most = against.rates.iter().copied().fold(0.0, f64::max);
            share = format!("{} ({}–{})", percent(against.share()), percent(least), percent(most));
            by_work = percent(against.work);
            floor = percent(against.floor);
            verdict = if line.holds() { "holds" } else { "FAILS" };
            if line.holds() { passed += 1 } else { failed += 1 }
        }
        let _ = writeln!(
            text,
            "| {} | {} | {:.0} | {} | {} | {:.0} | {} | {share} | {by_work} | {floor} | {verdict} |",
            line.what,
            line.on,
            line.rate,
            ms(line.times.map(|t| t.0)),
            ms(line.times.map(|t| t.1)),
            line.work,
            line.note,
        );
    }
    text.push('\n');
    for check in checks {
        if check.holds {
            passed += 1
        } else {
            failed += 1
        }
        let verdict = if check.holds { "holds" } else { "FAILS" };
        let _ = writeln!(text, "- {verdict}: {}", check.what);
    }
    (text, passed, failed)
}

/// Two digits that say something.
fn percent(share: f64) -> String {
    if share < 0.1 {
        format!("{:.1} %", 100.0 * share)
    } else {
        format!("{:.0} %", 100.0 * share)
    }
}
