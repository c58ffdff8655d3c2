//! The secretariat's and the regions' page: who is late, who keeps silent,
//! which needs nobody meets and where, what was promised by telephone, which
//! agreements end. A provider sees its own figures first and may answer them in
//! words before they are shown by name (DESIGN §5).

mod calls;
mod counted;
mod figures;

use std::cmp::Reverse;
use std::sync::Arc;

use chrono::{DateTime, Days, Utc};
use relais_casework::calendar::local_date;
use relais_mechanism::{Lang, Mechanism, Role};
use relais_network::OrganisationId;
use relais_store::Tx;
use relais_store::rows::coordination as rows;

use crate::desk::{Desk, Viewer};
use crate::network::Network;
use crate::problem::ActError;
use crate::say::say;
use crate::share;
use crate::shelter::Names;
use crate::views::{Coordination, EndingAgreement, StructureLine, UnmetCell};

pub use calls::{NoteLateCall, note, subject};
pub use counted::{Demand, demand};
pub use figures::{PutBefore, ReplyToFigures, own, put, reply};

/// Days of the window of the providers' figures.
pub const WINDOW_DAYS: i64 = 90;
/// Days ahead at which the end of an agreement is shown.
const AGREEMENT_DAYS: i64 = 90;
/// Days of calls shown.
const CALL_DAYS: u64 = 30;
/// Rows that a list shows at most.
const ROWS: i64 = 100;

/// Whether the viewer belongs to the mechanism's office, and to that of the
/// whole country.
pub(crate) fn office(viewer: &Viewer) -> Option<bool> {
    let national = viewer.is_national();
    (national || viewer.is(Role::RegionalFocalPoint)).then_some(national)
}

/// Whether what lies in this region is the viewer's to see.
fn mine(viewer: &Viewer, national: bool, region: Option<&str>) -> bool {
    national || region.is_some_and(|r| viewer.regions.iter().any(|own| own == r))
}

fn small(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

/// The page.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is not of the mechanism's office.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer) -> Result<Coordination, ActError> {
    let national = office(viewer).ok_or(ActError::Forbidden { code: "coordination" })?;
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let (mechanism, network) = (desk_.mechanism(), desk_.network_now(tx)?);
        let lang = viewer_.lang;
        let region_of = |id: &OrganisationId| network.organisations.get(id).and_then(|o| o.region.as_deref());
        let mut structures: Vec<StructureLine> = desk_
            .open_by_holder(tx, now)?
            .into_iter()
            // A shelter's late work stands in the list of what is late, without a name.
            .filter(|(id, _, late)| *late > 0 && id.is_none_or(|id| network.known(id).is_some()))
            .filter(|(id, _, _)| mine(&viewer_, national, id.as_ref().and_then(region_of)))
            .map(|(id, open, late)| StructureLine {
                organisation: id.map_or_else(
                    || say(lang, "Secrétariat technique", "Technical secretariat").to_owned(),
                    |id| network.name(id, lang),
                ),
                telephone: id.and_then(|id| network.telephone(id)),
                late: small(late),
                open: small(open),
            })
            .collect();
        structures.sort_by(|a, b| (b.late, &a.organisation).cmp(&(a.late, &b.organisation)));
        let full = usize::try_from(ROWS).unwrap_or(100);
        let mut more = structures.len() > full;
        structures.truncate(full);
        let (providers, unnamed) = figures::lines(tx, &viewer_, &network, national, now)?;
        let (months, unmet) = unmet(tx, &viewer_, &mechanism, national, now)?;
        let since = now.checked_sub_days(Days::new(CALL_DAYS)).unwrap_or(now);
        let names = Names::new(&network, &viewer_).for_office();
        let mut calls = Vec::new();
        let mut shown = Vec::new();
        for region in viewer_.reach() {
            for line in rows::calls_since(tx, since, region, ROWS)? {
                if let Some(call) = calls::said(tx, &names, &line.call, line.slot, now)? {
                    shown.push(line.call.case_id);
                    calls.push(call);
                }
            }
        }
        calls.sort_by_key(|call| Reverse(call.at));
        more |= calls.len() >= full || providers.len() >= full;
        calls.truncate(full);
        shown.sort_unstable();
        shown.dedup();
        let regions = if national {
            Vec::new()
        } else {
            viewer_
                .regions
                .iter()
                .map(|r| share::place_name(&mechanism, r, lang))
                .collect()
        };
        Ok((
            Coordination {
                now,
                regions,
                days: WINDOW_DAYS,
                structures,
                providers,
                unnamed,
                may_put: viewer_.is(Role::Secretariat) && unnamed.to_put > 0,
                months,
                unmet,
                smallest: mechanism.rules().smallest_count,
                calls,
                agreements: ending(&viewer_, &network, &mechanism, national, lang, now),
                more,
            },
            shown,
        ))
    })
    .await
}

/// Unmet needs by region and group, from counters. What is restricted is shown
/// from the mechanism's least count upwards only.
fn unmet(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    mechanism: &Mechanism,
    national: bool,
    now: DateTime<Utc>,
) -> Result<((String, String), Vec<UnmetCell>), ActError> {
    let lang = viewer.lang;
    let (months, cells) = counted::unmet(tx, viewer, national, now)?;
    let mut lines: Vec<(u32, UnmetCell)> = cells
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|((region, group), n)| {
            let count = counted::shown(mechanism, &group, n);
            let line = UnmetCell {
                region: share::place_name(mechanism, &region, lang),
                group: counted::group_name(mechanism, &group, lang),
                count,
            };
            // A hidden count must not be told by its place in the order.
            (count.unwrap_or(0), line)
        })
        .collect();
    lines.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| (&x.region, &x.group).cmp(&(&y.region, &y.group))));
    Ok((months, lines.into_iter().map(|(_, line)| line).collect()))
}

/// Agreements that end soon, and those in their grace, soonest first. One that a
/// shelter signed is not among them: whoever runs the deployment looks after it.
/// Where several others signed it too, it is theirs.
fn ending(
    viewer: &Viewer,
    network: &Network,
    mechanism: &Mechanism,
    national: bool,
    lang: Lang,
    now: DateTime<Utc>,
) -> Vec<EndingAgreement> {
    let today = local_date(now);
    let grace = i64::from(mechanism.rules().grace_days);
    let mut ending: Vec<EndingAgreement> = network
        .agreements
        .iter()
        .filter_map(|a| {
            let until = a.until?;
            let days = until.signed_duration_since(today).num_days();
            if !crate::agreements::is_seen(network, a, None) {
                return None;
            }
            let named: Vec<_> = a.parties.iter().filter_map(|p| network.known(p.organisation)).collect();
            let ours = national || named.iter().any(|o| mine(viewer, national, o.region.as_deref()));
            ((-grace..=AGREEMENT_DAYS).contains(&days) && ours).then(|| EndingAgreement {
                reference: a.reference.clone(),
                parties: named.iter().map(|o| o.name.get(lang)).collect::<Vec<_>>().join(", "),
                until,
                days,
            })
        })
        .collect();
    ending.sort_by(|a, b| (a.until, &a.reference).cmp(&(b.until, &b.reference)));
    ending
}
