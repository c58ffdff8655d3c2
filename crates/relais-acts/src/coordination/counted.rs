//! What is told by region and group of needs. What is above S3 stands there as
//! one group, shown from the mechanism's least count upwards only; protected
//! cases not at all.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use relais_casework::calendar::{local_date, local_midnight};
use relais_mechanism::{Lang, Mechanism};
use relais_store::rows::coordination as rows;
use relais_store::{Tx, counters};
use serde::Serialize;

use super::{mine, small};
use crate::desk::Viewer;
use crate::problem::ActError;
use crate::say::say;

/// Months of the counters before the running one.
const MONTHS: u32 = 2;
/// How the counters name what is above S3.
const RESTRICTED: &str = "restricted";

/// Counts by region and group.
type Counts = BTreeMap<(String, String), i64>;

/// From which month until which, as `2026-09`.
type Window = (String, String);

/// The first day of the window.
fn first_day(now: DateTime<Utc>) -> NaiveDate {
    let today = local_date(now);
    let first = today.with_day(1).unwrap_or(today);
    first.checked_sub_months(Months::new(MONTHS)).unwrap_or(first)
}

/// Needs that nobody could meet, by the counters, which have no region for what
/// happens in the protected circuit.
pub(super) fn unmet(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    national: bool,
    now: DateTime<Utc>,
) -> Result<(Window, Counts), ActError> {
    let from = counters::month(local_midnight(first_day(now)));
    let until = counters::month(now);
    let mut counts = Counts::new();
    for cell in counters::between(tx, &from, &until)? {
        if cell.measure == "needs_unmet"
            && cell.region != crate::protection::PROTECTED
            && mine(viewer, national, Some(&cell.region))
        {
            *counts.entry((cell.region, cell.group)).or_default() += cell.value;
        }
    }
    Ok(((from, until), counts))
}

/// A count as it may be shown: none where it is restricted and small.
pub(super) fn shown(mechanism: &Mechanism, group: &str, n: i64) -> Option<u32> {
    let hidden = group == RESTRICTED && n < i64::from(mechanism.rules().smallest_count);
    (!hidden).then(|| small(n))
}

/// The name of a group of needs.
pub(super) fn group_name(mechanism: &Mechanism, group: &str, lang: Lang) -> String {
    if group == RESTRICTED {
        return say(lang, "Besoin à accès restreint", "Restricted need").to_owned();
    }
    let category = mechanism.category(group);
    category.map_or_else(|| group.to_owned(), |c| c.label.get(lang).to_owned())
}

/// What was asked for in a region, of a group of needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Demand {
    /// Code of the region.
    pub region: String,
    /// Code of the category; `restricted` for all that is above S3.
    pub group: String,
    /// Its name, in the viewer's language.
    pub name: String,
    /// Needs recorded, in whole tens; none where they are too few to be shown.
    pub needs: Option<u32>,
    /// Referrals sent; likewise.
    pub referrals: Option<u32>,
    /// Needs that nobody could meet; none where they are restricted and too few.
    pub unmet: Option<u32>,
}

/// What was asked for over the last three months in the regions that the viewer
/// coordinates, most unmet first. Needs and referrals are counted from their
/// rows: a counter keeps what happened before a case went into the protected
/// circuit, and would tell of it.
///
/// # Errors
/// When the store fails.
pub fn demand(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    mechanism: &Mechanism,
    national: bool,
    now: DateTime<Utc>,
) -> Result<(Window, Vec<Demand>), ActError> {
    let since = local_midnight(first_day(now));
    let (window, unmet) = unmet(tx, viewer, national, now)?;
    let counted = [rows::needs_recorded(tx, since)?, rows::referrals_sent(tx, since)?];
    let mut counts: BTreeMap<(String, String), [i64; 3]> = BTreeMap::new();
    for (at, cells) in counted.into_iter().enumerate() {
        for cell in cells.into_iter().filter(|c| mine(viewer, national, Some(&c.region))) {
            counts.entry((cell.region, cell.group)).or_default()[at] = cell.count;
        }
    }
    for (of, n) in unmet {
        counts.entry(of).or_default()[2] = n;
    }
    // A case that goes into the circuit leaves these counts: one less must not be told.
    let least = i64::from(mechanism.rules().smallest_count).max(1);
    let many = |n: i64| (n >= least).then(|| small(n - n % least));
    let mut lines: Vec<Demand> = counts
        .into_iter()
        .map(|((region, group), [needs, referrals, unmet])| Demand {
            needs: many(needs),
            referrals: many(referrals),
            unmet: shown(mechanism, &group, unmet),
            name: group_name(mechanism, &group, viewer.lang),
            region,
            group,
        })
        .filter(|d| [d.needs, d.referrals, d.unmet].iter().any(|n| n.is_some_and(|n| n > 0)))
        .collect();
    // A hidden count must not be told by its place in the order.
    let key = |d: &Demand| [d.unmet, d.referrals, d.needs].map(|n| std::cmp::Reverse(n.unwrap_or(0)));
    lines.sort_by(|a, b| {
        let by = (key(a), &a.region, &a.group);
        by.cmp(&(key(b), &b.region, &b.group))
    });
    Ok((window, lines))
}
