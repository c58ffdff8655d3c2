//! What the counters tell by region and group of needs. What is above S3 stands
//! there as one group, shown from the mechanism's least count upwards only;
//! protected cases, which have no region there, not at all.

use std::collections::BTreeMap;

use chrono::{DateTime, Months, Utc};
use relais_mechanism::{Lang, Mechanism};
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

/// Counts by region and group: as many as measures were asked for.
type Counts<const N: usize> = BTreeMap<(String, String), [i64; N]>;

/// From which month until which, as `2026-09`.
type Window = (String, String);

/// The counts of some measures that the viewer may see, over the last months.
pub(super) fn between<const N: usize>(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    national: bool,
    measures: [&str; N],
    now: DateTime<Utc>,
) -> Result<(Window, Counts<N>), ActError> {
    let from = counters::month(now.checked_sub_months(Months::new(MONTHS)).unwrap_or(now));
    let until = counters::month(now);
    let mut counts: Counts<N> = BTreeMap::new();
    for cell in counters::between(tx, &from, &until)? {
        let Some(at) = measures.iter().position(|m| *m == cell.measure) else {
            continue;
        };
        if cell.region != crate::protection::PROTECTED && mine(viewer, national, Some(&cell.region)) {
            counts.entry((cell.region, cell.group)).or_insert([0; N])[at] += cell.value;
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
/// coordinates, most unmet first.
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
    let measures = ["needs_recorded", "referrals_sent", "needs_unmet"];
    let (window, counts) = between(tx, viewer, national, measures, now)?;
    // A case that went into the protected circuit was counted before it did: a count of a few,
    // or a count to one, would tell of it, of whatever group. Unmet needs are told as the coordination page tells them.
    let least = i64::from(mechanism.rules().smallest_count);
    let many = |n: i64| (n >= least).then(|| small(n - n % least.max(1)));
    let mut rows: Vec<Demand> = counts
        .into_iter()
        .filter(|((_, group), _)| group != "all")
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
    rows.sort_by(|a, b| {
        let by = (key(a), &a.region, &a.group);
        by.cmp(&(key(b), &b.region, &b.group))
    });
    Ok((window, rows))
}
