//! Each morning: entries whose confirmation has ended are in doubt, and the
//! providers whose entries are to be confirmed soon are reminded. One row of due
//! work for the directory; the day up to which it has looked stands in it.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};
use relais_casework::calendar::local_date;
use relais_mechanism::Role;
use relais_network::life::{self, DoubtCause, Hand, LifeAct, Standing};
use relais_network::{OrganisationId, PublicationStatus, ServiceId};
use relais_store::Tx;
use relais_store::due::{self, Due};

use super::keep::{self, Maker};
use super::{Author, DOUBT_NOTICE, REMIND_NOTICE};
use crate::desk::Desk;
use crate::directory::stream;
use crate::problem::ActError;
use crate::times::morning;
use crate::write;

/// Kind of the due work.
pub const DUE: &str = "directory";
/// As its row has it.
const ROW: &str = "directory@100";
/// Entries that one unit of work puts in doubt at most.
const BATCH: usize = 200;

/// Sees to it that the directory is looked at each morning.
pub(crate) fn watch(tx: &mut Tx<'_>) -> Result<(), ActError> {
    if due::of(tx, stream())?.is_empty() {
        let today = local_date(tx.now()?);
        again(tx, today, next(today))?;
    }
    Ok(())
}

fn next(today: NaiveDate) -> NaiveDate {
    today.checked_add_days(Days::new(1)).unwrap_or(today)
}

/// The directory was looked at up to a day; when it is next.
fn again(tx: &mut Tx<'_>, looked: NaiveDate, on: NaiveDate) -> Result<(), ActError> {
    Ok(due::set(
        tx,
        &Due {
            subject: stream(),
            kind: ROW.to_owned(),
            due_at: morning(on),
            state_version: i64::from(looked.num_days_from_ce()),
        },
    )?)
}

/// Looks at the directory; whether anything came of it.
pub(crate) fn time_passes(tx: &mut Tx<'_>, desk: &Desk, row: &Due) -> Result<bool, ActError> {
    let today = local_date(tx.now()?);
    let looked = i32::try_from(row.state_version)
        .ok()
        .and_then(NaiveDate::from_num_days_from_ce_opt)
        .unwrap_or(today);
    let (mechanism, network) = (desk.mechanism(), desk.network_now(tx)?);
    let intervals = super::intervals(&mechanism);
    let (mut overdue, mut remind): (Vec<ServiceId>, BTreeSet<OrganisationId>) = (Vec::new(), BTreeSet::new());
    for service in network.services.values().filter(|s| s.status.is_offered()) {
        let Some(kind) = network.organisations.get(&service.organisation).map(|o| o.kind) else {
            continue;
        };
        match intervals.standing(kind, service, today) {
            Standing::Overdue if service.status == PublicationStatus::Published => overdue.push(service.id),
            Standing::Soon
                if intervals
                    .remind_on(kind, service)
                    .is_some_and(|on| on > looked && on <= today) =>
            {
                remind.insert(service.organisation);
            }
            _ => {}
        }
    }
    overdue.sort_unstable();
    let more = overdue.len() > BATCH;
    overdue.truncate(BATCH);
    let mut doubted = BTreeSet::new();
    for id in &overdue {
        let (record, service) = keep::load(tx, *id)?;
        let Ok(doubtful) = life::doubted(&service, DoubtCause::Overdue, today, Hand::Clock) else {
            continue;
        };
        let maker = Maker::of(Author::Clock);
        keep::write(tx, &record, (&service, &doubtful), Some(LifeAct::Doubt), maker, "")?;
        doubted.insert(service.organisation);
    }
    for (kind, organisations) in [(DOUBT_NOTICE, &doubted), (REMIND_NOTICE, &remind)] {
        for organisation in organisations.iter().filter(|o| network.with_account.contains(o)) {
            write::notice(tx, kind, Some(*organisation), Role::FocalPoint, organisation.0)?;
        }
    }
    // What did not go into this unit of work goes into the next, at once.
    again(tx, today, if more { today } else { next(today) })?;
    Ok(!overdue.is_empty())
}
