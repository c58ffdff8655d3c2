//! The list of what is late, for the mechanism's office.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_mechanism::Role;
use relais_store::Tx;
use relais_store::rows::lists;

use super::PAGE;
use super::row::{holder_says, office_need_row, office_referral_row, sort};
use crate::desk::{Desk, Viewer};
use crate::problem::ActError;
use crate::share;
use crate::shelter::Names;
use crate::stops;
use crate::views::{LateList, ProtectedCount};

/// Order of the two kinds of rows in the late list.
const REFERRALS: u8 = 0;

const NEEDS: u8 = 1;

/// A cursor of the late list: due time, kind of row, server sequence.
fn late_cursor(text: &str) -> Option<(DateTime<Utc>, u8, i64)> {
    let mut parts = text.splitn(3, '.');
    let due = DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)?;
    let kind = parts.next()?.parse().ok().filter(|k| [REFERRALS, NEEDS].contains(k))?;
    Some((due, kind, parts.next()?.parse().ok()?))
}

/// What is late, by holder: code, priority, holder, lateness and telephones;
/// the category only at S3 or less. Protected cases are not in it.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is not of the mechanism's office.
pub async fn late(desk: &Arc<Desk>, viewer: &Viewer, after: Option<String>) -> Result<LateList, ActError> {
    let office = [Role::Secretariat, Role::SecretariatSupervisor, Role::RegionalFocalPoint]
        .into_iter()
        .any(|r| viewer.is(r));
    if !office {
        return Err(ActError::Forbidden { code: "late_list" });
    }
    let (from, kind, seq) = match after.as_deref().filter(|a| !a.is_empty()) {
        None => (DateTime::<Utc>::UNIX_EPOCH, REFERRALS, 0),
        Some(text) => late_cursor(text).ok_or_else(|| {
            ActError::field(
                "after",
                "bad_cursor",
                ("Repartez de la première page.", "Start from the first page."),
            )
        })?,
    };
    // At the very instant of the cursor referrals come before needs.
    let of_referrals = (from, if kind == REFERRALS { seq } else { i64::MAX });
    let of_needs = (from, if kind == REFERRALS { 0 } else { seq });
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let (mechanism, network, sealer) = (desk_.mechanism(), desk_.network_now(tx)?, tx.sealer());
        let national = viewer_.is_national();
        let mine = |region: &str| national || viewer_.regions.iter().any(|r| r == region);
        let mut rows = Vec::new();
        // Both kinds in one order, by due time; what is beyond one page is the next page's.
        let full = usize::try_from(PAGE).unwrap_or(40);
        let (mut referrals, mut needs) = (Vec::new(), Vec::new());
        let regions = viewer_.reach();
        for region in &regions {
            referrals.extend(lists::late_referrals(tx, now, of_referrals, *region, PAGE)?);
            needs.extend(lists::late_needs(tx, now, of_needs, *region, PAGE)?);
        }
        let mut keys: Vec<_> = referrals
            .iter()
            .filter_map(|l| Some((l.referral.due_at?, REFERRALS, l.seq)))
            .chain(needs.iter().filter_map(|(seq, l)| Some((l.need.due_at?, NEEDS, *seq))))
            .collect();
        keys.sort_unstable();
        let last = (keys.len() >= full).then(|| keys[full - 1]);
        let next = last.map(|(due, kind, seq)| format!("{}.{kind}.{seq}", due.timestamp_micros()));
        if let Some(last) = last {
            referrals.retain(|l| l.referral.due_at.is_some_and(|due| (due, REFERRALS, l.seq) <= last));
            needs.retain(|(seq, l)| l.need.due_at.is_some_and(|due| (due, NEEDS, *seq) <= last));
        }
        let on_call = crate::calls::mechanism_and_desk(tx, &mechanism, viewer_.lang)?;
        let mut shown = Vec::new();
        for line in referrals {
            shown.push(line.referral.case_id);
            rows.push(office_referral_row(
                &mechanism, &network, &viewer_, &sealer, &on_call, line, now,
            )?);
        }
        for (_, line) in needs {
            if let Some(row) = office_need_row(&mechanism, &network, &viewer_, &sealer, &line, now)? {
                shown.push(line.need.case_id);
                rows.push(row);
            }
        }
        sort(&mut rows);
        let names = Names::new(&network, &viewer_).for_office();
        let holders = if national {
            desk_
                .open_by_holder(tx, now)?
                .into_iter()
                // A shelter's late work stands in the list, without a name.
                .filter(|(id, _, late)| *late > 0 && id.is_none_or(|id| network.known(id).is_some()))
                .map(|(id, open, late)| {
                    let telephone = id.and_then(|id| network.telephone(id));
                    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
                    (
                        holder_says(&names, id, viewer_.lang),
                        telephone,
                        count(late),
                        count(open),
                    )
                })
                .collect()
        } else {
            Vec::new()
        };
        let oncall_missing = crate::on_call::regions_without(tx, &desk_)?
            .into_iter()
            .filter(|r| mine(r))
            .map(|r| share::place_name(&mechanism, &r, viewer_.lang))
            .collect();
        let (stops, stops_more) = stops::of_office(tx, &desk_, &viewer_, &network, &regions)?;
        shown.sort_unstable();
        shown.dedup();
        Ok((
            LateList {
                protected: if national {
                    let least = mechanism.rules().smallest_count;
                    let cases = crate::protection::count(tx, least)?;
                    Some(ProtectedCount { cases, least })
                } else {
                    None
                },
                now,
                rows,
                holders,
                stops,
                stops_more,
                oncall_missing,
                recipients_missing: national && crate::complaints::missing(tx)?,
                next,
            },
            shown,
        ))
    })
    .await
}
