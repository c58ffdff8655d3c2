//! Indicators that the deployment counts: of the last whole month (of the running one
//! while that is empty), of the directory, and of the registers. What is about persons
//! is not shown below [`LEAST`]; protected cases and needs above S3 are in no count.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use relais_casework::calendar::{local_date, local_midnight};
use relais_documents::live::{LiveFigure, LiveLine};
use relais_mechanism::institution::{Indicator, Unit};
use relais_mechanism::{Lang, Mechanism};
use relais_network::PublicationStatus;
use relais_store::Tx;
use relais_store::rows::sheet::{self, SentCount};

use super::{day, small};
use crate::directory::shown::shown;
use crate::network::Network;
use crate::problem::ActError;
use crate::say::{self, say};
use crate::share::place_name;

/// The smallest count about persons that is shown (DOMAIN §6).
const LEAST: u32 = 5;
/// Days after which a need that nobody took counts as unmet (N01).
const UNMET_DAYS: i64 = 60;

/// How figures are said.
#[derive(Clone, Copy)]
pub(super) struct Says<'a> {
    pub mechanism: &'a Mechanism,
    pub lang: Lang,
}

/// What is counted, for whom.
pub(super) struct Of<'a> {
    pub says: Says<'a>,
    pub network: &'a Network,
    /// Whether the whole country is counted, or the regions alone.
    pub national: bool,
    pub regions: &'a [String],
    pub now: DateTime<Utc>,
    pub registers: &'a BTreeMap<String, Vec<LiveLine>>,
}

/// All figures, in the order of the indicators.
pub(super) fn all(tx: &mut Tx<'_>, of: &Of<'_>) -> Result<Vec<LiveFigure>, ActError> {
    let mut figures = month(tx, of)?;
    figures.push(needs(tx, of)?);
    figures.extend(directory(of));
    figures.extend(registers(of));
    let place = |f: &LiveFigure| {
        of.says
            .mechanism
            .indicators()
            .iter()
            .position(|i| i.code == f.indicator)
    };
    figures.retain(|f| place(f).is_some());
    figures.sort_by_key(place);
    Ok(figures)
}

impl Of<'_> {
    fn counts(&self, region: &str) -> bool {
        self.national || self.regions.iter().any(|r| r == region)
    }
}

impl Says<'_> {
    fn say(&self, fr: &'static str, en: &'static str) -> &'static str {
        say(self.lang, fr, en)
    }

    fn target(&self, code: &str) -> String {
        let Some(indicator) = self.mechanism.indicators().iter().find(|i| i.code == code) else {
            return String::new();
        };
        let Indicator {
            target, alert, unit, ..
        } = indicator;
        let sign = if *unit == Unit::Percent { " %" } else { "" };
        match (target, alert) {
            (Some(target), _) => format!("≥ {target}{sign}"),
            (None, Some(alert)) => format!("{} > {alert}{sign}", self.say("alerte", "alert")),
            (None, None) => String::new(),
        }
    }

    /// A count about persons, with its parts by region.
    fn count(&self, code: &str, parts: &[(&str, i64)], source: &str) -> LiveFigure {
        let whole = small(parts.iter().map(|(_, n)| n).sum());
        let mut split: Vec<(String, Option<u32>)> = parts
            .iter()
            .map(|(region, n)| (place_name(self.mechanism, region, self.lang), kept(small(*n))))
            .collect();
        // One part that is hidden alone is what the others leave of the whole.
        if split.iter().filter(|(_, n)| n.is_none()).count() == 1
            && let Some(least) = split
                .iter_mut()
                .filter(|(_, n)| n.is_some_and(|n| n > 0))
                .min_by_key(|(_, n)| *n)
        {
            least.1 = None;
        }
        LiveFigure {
            indicator: code.to_owned(),
            numerator: kept(whole),
            denominator: None,
            value: kept(whole).map_or_else(|| self.few(), |n| n.to_string()),
            target: self.target(code),
            source: source.to_owned(),
            split,
        }
    }

    /// A share of persons or of what is about them.
    fn share(&self, code: &str, (some, all): (i64, i64), source: &str) -> LiveFigure {
        let (some, all) = (small(some), small(all));
        let known = kept(all);
        let shown = kept(some).filter(|_| known.is_some());
        LiveFigure {
            value: match (known, shown) {
                (Some(0), _) => self.say("aucun cas échu", "none due").to_owned(),
                (Some(all), Some(some)) => percent(some, all),
                _ => self.few(),
            },
            numerator: shown,
            denominator: known,
            ..self.count(code, &[], source)
        }
    }

    /// A share of something that is about nobody: shown as it is.
    fn open_share(&self, code: &str, some: usize, all: usize, source: String) -> LiveFigure {
        let whole = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (some, all) = (whole(some), whole(all));
        LiveFigure {
            indicator: code.to_owned(),
            numerator: Some(some),
            denominator: Some(all),
            value: if all == 0 {
                self.say("rien d’échu", "nothing due").to_owned()
            } else {
                percent(some, all)
            },
            target: self.target(code),
            source,
            split: Vec::new(),
        }
    }

    fn few(&self) -> String {
        match self.lang {
            Lang::Fr => format!("moins de {LEAST}"),
            Lang::En => format!("fewer than {LEAST}"),
        }
    }
}

/// A count about persons as far as it may be shown.
fn kept(n: u32) -> Option<u32> {
    (n == 0 || n >= LEAST).then_some(n)
}

fn percent(some: u32, all: u32) -> String {
    let all = u64::from(all.max(1));
    format!("{} %", (u64::from(some) * 100 + all / 2) / all)
}

/// The month that ended last, and the one that runs: first day, and first day after.
fn months(today: NaiveDate) -> [(NaiveDate, NaiveDate); 2] {
    let first = today.with_day(1).unwrap_or(today);
    let before = first.checked_sub_months(Months::new(1)).unwrap_or(first);
    let after = first.checked_add_months(Months::new(1)).unwrap_or(first);
    [(before, first), (first, after)]
}

/// What happened in the month.
fn month(tx: &mut Tx<'_>, of: &Of<'_>) -> Result<Vec<LiveFigure>, ActError> {
    let [last, running] = months(local_date(of.now));
    let mut of_month = read(tx, of, last)?;
    let mut days = last;
    if of_month.0.is_empty() && of_month.1.is_empty() {
        (of_month, days) = (read(tx, of, running)?, running);
    }
    let (opened, sent) = of_month;
    let until = days.1.checked_sub_days(Days::new(1)).unwrap_or(days.1);
    let span = match of.says.lang {
        Lang::Fr => format!("du {} au {}", say::date(days.0), say::date(until)),
        Lang::En => format!("from {} to {}", say::date(days.0), say::date(until)),
    };
    let cases = format!(
        "{} {span}, {}",
        of.says.say("dossiers ouverts", "cases opened"),
        of.says.say("hors circuit protégé", "without the protected circuit")
    );
    let referrals = format!(
        "{} {span}, {}",
        of.says.say("référencements envoyés", "referrals sent"),
        of.says.say(
            "hors circuit protégé et besoins à accès restreint",
            "without the protected circuit and restricted needs"
        )
    );
    let sum = |part: fn(&SentCount) -> i64| -> i64 { sent.iter().map(part).sum() };
    let opened: Vec<(&str, i64)> = opened.iter().map(|c| (c.region.as_str(), c.count)).collect();
    let by_region: Vec<(&str, i64)> = sent.iter().map(|c| (c.region.as_str(), c.sent)).collect();
    Ok(vec![
        of.says.count("A01", &opened, &cases),
        of.says.count("R01", &by_region, &referrals),
        of.says
            .share("R03", (sum(|c| c.taken_in_time), sum(|c| c.settled)), &referrals),
        of.says
            .share("R04", (sum(|c| c.declined), sum(|c| c.decided)), &referrals),
        of.says
            .share("R05", (sum(|c| c.expired), sum(|c| c.settled)), &referrals),
        of.says
            .share("R08", (sum(|c| c.confirmed), sum(|c| c.reported)), &referrals),
        of.says
            .share("N04", (sum(|c| c.in_time), sum(|c| c.settled)), &referrals),
    ])
}

/// What was counted in a month: cases opened, referrals sent.
type OfMonth = (Vec<sheet::RegionCount>, Vec<SentCount>);

fn read(tx: &mut Tx<'_>, of: &Of<'_>, (from, until): (NaiveDate, NaiveDate)) -> Result<OfMonth, ActError> {
    let (from, until) = (local_midnight(from), local_midnight(until));
    let mut opened = sheet::cases_opened(tx, from, until)?;
    opened.retain(|c| of.counts(&c.region));
    let mut sent = sheet::sent(tx, from, until, None)?;
    sent.retain(|c| of.counts(&c.region));
    Ok((opened, sent))
}

/// Needs that nobody took for long.
fn needs(tx: &mut Tx<'_>, of: &Of<'_>) -> Result<LiveFigure, ActError> {
    let mut waiting = sheet::waiting(tx, of.now - TimeDelta::days(UNMET_DAYS))?;
    waiting.retain(|c| of.counts(&c.region));
    let counts = (
        waiting.iter().map(|c| c.unmet).sum(),
        waiting.iter().map(|c| c.waiting).sum(),
    );
    let source = match of.says.lang {
        Lang::Fr => format!(
            "besoins ouverts depuis plus de {UNMET_DAYS} jours, hors circuit protégé et besoins à accès restreint"
        ),
        Lang::En => {
            format!("needs open for more than {UNMET_DAYS} days, without the protected circuit and restricted needs")
        }
    };
    Ok(of.says.share("N01", counts, &source))
}

/// Whether what everybody may see of the directory is confirmed.
fn directory(of: &Of<'_>) -> Option<LiveFigure> {
    let regions: &[String] = if of.national { &[] } else { of.regions };
    // Without a region, nothing is this office's to count.
    if !of.national && regions.is_empty() {
        return None;
    }
    let shown = shown(of.network, of.says.mechanism, regions);
    let confirmed = shown
        .entries
        .iter()
        .filter(|e| e.service.status == PublicationStatus::Published)
        .count();
    let source = of
        .says
        .say("annuaire que chacun peut lire", "directory that everybody may read");
    Some(
        of.says
            .open_share("N05", confirmed, shown.entries.len(), source.to_owned()),
    )
}

/// What is asked of a line.
type Test<'t> = &'t dyn Fn(&LiveLine) -> bool;

/// What the registers come to.
fn registers(of: &Of<'_>) -> Vec<LiveFigure> {
    let today = local_date(of.now);
    let text = |line: &LiveLine, field: &str| line.raw.get(field).and_then(|t| t.first()).cloned();
    let said = |line: &LiveLine, field: &str| text(line, field).is_some_and(|t| !t.trim().is_empty());
    let come = |line: &LiveLine, field: &str| day(line, field).is_some_and(|d| d <= today);
    let share = |code: &str, register: &str, counted: Test<'_>, good: Test<'_>| -> Option<LiveFigure> {
        let lines: Vec<&LiveLine> = of.registers.get(register)?.iter().filter(|l| counted(l)).collect();
        let name = of.says.mechanism.register(register)?.label.get(of.says.lang);
        let source = match of.says.lang {
            Lang::Fr => format!("registre « {name} »"),
            Lang::En => format!("register “{name}”"),
        };
        let good = lines.iter().filter(|l| good(l)).count();
        Some(of.says.open_share(code, good, lines.len(), source))
    };
    let all = [
        share("I02", "session", &|l| come(l, "date") && l.state != "cancelled", &|l| {
            l.state == "held" && said(l, "minutes") && text(l, "quorum").as_deref() == Some("yes")
        }),
        share("I03", "decision", &|l| come(l, "due") && l.state != "dropped", &|l| {
            l.state == "done"
        }),
        share("I04", "action", &|l| come(l, "until") && l.state != "dropped", &|l| {
            l.state == "done"
        }),
        share("G01", "deliverable", &|l| come(l, "final_due"), &|l| {
            day(l, "sent").is_some_and(|sent| Some(sent) <= day(l, "final_due"))
        }),
        share("G02", "deliverable", &|l| said(l, "sent"), &|l| l.state == "accepted"),
        share("G03", "contribution", &|_| true, &|l| {
            l.state != "waiting" && said(l, "reason")
        }),
    ];
    all.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_whole_month_and_the_running_one() {
        let day = |text: &str| -> NaiveDate { text.parse().expect("a day") };
        let [last, running] = months(day("2026-01-31"));
        assert_eq!(last, (day("2025-12-01"), day("2026-01-01")));
        assert_eq!(running, (day("2026-01-01"), day("2026-02-01")));
    }

    #[test]
    fn a_small_count_is_not_shown_and_not_told_by_the_others() {
        let mechanism = Mechanism::embedded("cameroon").expect("built in");
        let of = Says {
            mechanism: &mechanism,
            lang: Lang::En,
        };
        let figure = of.count("A01", &[("CM002", 40), ("CM005", 3), ("CM006", 9)], "");
        assert_eq!((figure.numerator, figure.value.as_str()), (Some(52), "52"));
        let split: Vec<Option<u32>> = figure.split.iter().map(|(_, n)| *n).collect();
        assert_eq!(split, [Some(40), None, None]);
        let hidden = of.share("R05", (2, 30), "");
        assert_eq!((hidden.numerator, hidden.denominator), (None, Some(30)));
        assert_eq!(hidden.value, "fewer than 5");
        let few = of.share("R05", (3, 4), "");
        assert_eq!(
            (few.numerator, few.denominator, few.value.as_str()),
            (None, None, "fewer than 5")
        );
        assert_eq!(of.share("R05", (0, 0), "").value, "none due");
        let shown = of.share("R05", (10, 30), "");
        assert_eq!((shown.value.as_str(), shown.target.as_str()), ("33 %", "alert > 15 %"));
    }
}
