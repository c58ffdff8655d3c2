//! What the figures propose for the agenda: an indicator that is counted live and out
//! of its bound, as long as no open item of the agenda names it.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use relais_casework::calendar::local_date;
use relais_mechanism::institution::Indicator;
use relais_mechanism::registers::{FieldKind, Register};
use relais_mechanism::{Lang, Mechanism};
use relais_network::life::Standing;
use relais_store::Tx;
use relais_store::rows::registers as rows;

use super::{AGENDA, Proposed, lines};
use crate::coordination::WINDOW_DAYS;
use crate::desk::{Desk, Viewer};
use crate::entries::intervals;
use crate::network::Network;
use crate::problem::ActError;

/// Acknowledged within the limit.
const ACKNOWLEDGED: &str = "R02";
/// Nobody answered in twice the time.
const SILENT: &str = "R05";
/// Answered within the limit.
const ANSWERED: &str = "N04";
/// Entries of the directory whose confirmation holds.
const FRESH: &str = "N05";

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Share {
    part: u64,
    whole: u64,
}

impl Share {
    fn of(part: i64, whole: i64) -> Self {
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        Self {
            part: count(part),
            whole: count(whole),
        }
    }

    /// In percent, never rounded to the bound that it misses.
    const fn percent(self, up: bool) -> u64 {
        if self.whole == 0 {
            return 0;
        }
        if up {
            (self.part * 100).div_ceil(self.whole)
        } else {
            self.part * 100 / self.whole
        }
    }

    /// The bound that it misses: below the least that is aimed at, above the most.
    fn misses(self, indicator: &Indicator) -> Option<Bound> {
        let (part, whole) = (self.part * 100, self.whole);
        if whole == 0 {
            return None;
        }
        match (indicator.target, indicator.alert) {
            (Some(least), _) if part < u64::from(least) * whole => Some(Bound::Least(least)),
            (_, Some(most)) if part > u64::from(most) * whole => Some(Bound::Most(most)),
            _ => None,
        }
    }
}

/// A bound of an indicator, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bound {
    Least(u32),
    Most(u32),
}

fn percent(n: impl std::fmt::Display, lang: Lang) -> String {
    match lang {
        Lang::Fr => format!("{n}\u{a0}%"),
        Lang::En => format!("{n}%"),
    }
}

/// The shares that are counted live. One over requests is left out below the least
/// count that is shown: it would tell of single ones.
fn counted(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    network: &Network,
    now: DateTime<Utc>,
) -> Result<Vec<(&'static str, Share)>, ActError> {
    let requests = rows::answered(tx, now - TimeDelta::days(WINDOW_DAYS), now)?;
    let least = u64::from(mechanism.rules().smallest_count);
    let mut shares = vec![
        (
            ACKNOWLEDGED,
            Share::of(requests.heard_due - requests.unheard, requests.heard_due),
        ),
        (SILENT, Share::of(requests.silent, requests.due)),
        (ANSWERED, Share::of(requests.due - requests.late, requests.due)),
    ];
    shares.retain(|(_, share)| share.whole >= least);
    let (intervals, today) = (intervals(mechanism), local_date(now));
    let mut fresh = Share { part: 0, whole: 0 };
    // What everybody may see: a confidential service is in no count here.
    for entry in network.directory.entries().filter(|e| e.service.status.is_offered()) {
        let standing = intervals.standing(entry.organisation.kind, entry.service, today);
        fresh.whole += 1;
        fresh.part += u64::from(matches!(standing, Standing::Holds | Standing::Soon));
    }
    shares.push((FRESH, fresh));
    Ok(shares)
}

/// Indicators that an open item of the agenda names.
fn named(tx: &mut Tx<'_>, agenda: &Register) -> Result<BTreeSet<String>, ActError> {
    let fields: Vec<&str> = agenda
        .fields
        .iter()
        .filter(|f| f.kind == FieldKind::Indicator)
        .map(|f| f.code.as_str())
        .collect();
    let mut codes = BTreeSet::new();
    for line in lines(tx, &agenda.code)? {
        if agenda.state(&line.state).is_some_and(|s| s.open) {
            codes.extend(fields.iter().filter_map(|f| line.values.get(*f)).flatten().cloned());
        }
    }
    Ok(codes)
}

/// The indicators out of their bounds that the agenda does not name, in the order of
/// the mechanism; nothing for whoever does not keep the agenda.
pub(super) fn proposed(
    tx: &mut Tx<'_>,
    desk: &Desk,
    mechanism: &Mechanism,
    viewer: &Viewer,
) -> Result<Vec<Proposed>, ActError> {
    let kept = |r: &&Register| r.is_written_by(&viewer.roles);
    let Some(agenda) = mechanism.register(AGENDA).filter(kept) else {
        return Ok(Vec::new());
    };
    let (now, network, lang) = (tx.now()?, desk.network_now(tx)?, viewer.lang);
    let shares = counted(tx, mechanism, &network, now)?;
    let named = named(tx, agenda)?;
    let of = |code: &str| shares.iter().find(|(c, _)| *c == code).map(|(_, share)| *share);
    let outside = mechanism.indicators().iter().filter_map(|indicator| {
        let share = of(&indicator.code).filter(|_| !named.contains(&indicator.code))?;
        let bound = share.misses(indicator)?;
        let (sign, n) = match bound {
            Bound::Least(n) => ('≥', n),
            Bound::Most(n) => ('≤', n),
        };
        Some(Proposed {
            indicator: indicator.code.clone(),
            label: indicator.label.get(lang).to_owned(),
            value: percent(share.percent(matches!(bound, Bound::Most(_))), lang),
            bound: format!("{sign}\u{a0}{} [P]", percent(n, lang)),
        })
    });
    Ok(outside.collect())
}

#[cfg(test)]
mod tests {
    use relais_mechanism::Label;
    use relais_mechanism::institution::{Frequency, Unit};

    use super::*;

    #[test]
    fn a_share_misses_its_bound_and_is_never_shown_as_if_it_met_it() {
        let indicator = |target, alert| Indicator {
            code: "X".to_owned(),
            label: Label::default(),
            unit: Unit::Percent,
            target,
            alert,
            frequency: Frequency::Monthly,
        };
        let cases = [
            ((90, 100), (Some(90), None), None),
            ((899, 1000), (Some(90), None), Some((Bound::Least(90), 89))),
            ((15, 100), (None, Some(15)), None),
            ((151, 1000), (None, Some(15)), Some((Bound::Most(15), 16))),
            ((0, 0), (Some(90), Some(15)), None),
            ((0, 3), (Some(100), None), Some((Bound::Least(100), 0))),
            ((1, 2), (None, None), None),
        ];
        for ((part, whole), (target, alert), expected) in cases {
            let share = Share::of(part, whole);
            let missed = share.misses(&indicator(target, alert));
            let shown = missed.map(|b| (b, share.percent(matches!(b, Bound::Most(_)))));
            assert_eq!(shown, expected, "{part} of {whole}");
        }
    }
}
