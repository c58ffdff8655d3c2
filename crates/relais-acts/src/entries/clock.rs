//! Each morning: entries whose confirmation has ended, or for which no programme
//! pays any more, are in doubt; the providers whose entries are to be confirmed
//! soon are reminded, and with the coordination unit those whose money ends soon; the office is
//! told of agreements that end. One row of due work for the directory; the day up to which it has
//! looked stands in it.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};
use relais_casework::calendar::local_date;
use relais_mechanism::Role;
use relais_network::life::{self, DoubtCause, Hand, LifeAct, Standing};
use relais_network::programme::{self, Paying};
use relais_network::{OrganisationId, ProgrammeId, PublicationStatus, ServiceId};
use relais_store::Tx;
use relais_store::due::{self, Due};

use super::keep::{self, Maker};
use super::{Author, DOUBT_NOTICE, FUNDING_NOTICE, REMIND_NOTICE, funding};
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
    let days = mechanism.rules().funding_reminder_days;
    let since = |on: Option<NaiveDate>| on.is_some_and(|on| on > looked && on <= today);
    let mut doubtful: Vec<(ServiceId, DoubtCause)> = Vec::new();
    let (mut remind, mut unpaid): (BTreeSet<OrganisationId>, BTreeSet<OrganisationId>) = Default::default();
    let mut ending: BTreeSet<ProgrammeId> = BTreeSet::new();
    for service in network.services.values().filter(|s| s.status.is_offered()) {
        let Some(kind) = network.organisations.get(&service.organisation).map(|o| o.kind) else {
            continue;
        };
        match intervals.standing(kind, service, today) {
            Standing::Overdue if service.status == PublicationStatus::Published => {
                doubtful.push((service.id, DoubtCause::Overdue));
            }
            Standing::Soon if since(intervals.remind_on(kind, service)) => {
                remind.insert(service.organisation);
            }
            _ => {}
        }
        let until = network.paid_until(service);
        match programme::paying(until, today, days) {
            Paying::Ended if !funding::is_doubted(service) => {
                doubtful.push((service.id, DoubtCause::FundingEnded));
            }
            Paying::Soon if since(programme::remind_on(until, days)) => {
                unpaid.insert(service.organisation);
                // The unit is told of nothing that it may not see.
                if !network.is_confidential(service.id) {
                    let last = network.paid_by(service).filter(|p| p.until == until);
                    ending.extend(last.map(|p| p.id).filter(|id| network.programme(*id).is_some()));
                }
            }
            _ => {}
        }
    }
    doubtful.sort_unstable();
    let more = doubtful.len() > BATCH;
    doubtful.truncate(BATCH);
    let mut doubted = BTreeSet::new();
    for (id, cause) in &doubtful {
        let (record, service) = keep::load(tx, *id)?;
        let Ok(doubtful) = life::doubted(&service, *cause, today, Hand::Clock) else {
            continue;
        };
        let maker = Maker::of(Author::Clock);
        keep::write(tx, &record, (&service, &doubtful), Some(LifeAct::Doubt), maker, "")?;
        doubted.insert(service.organisation);
    }
    let told = [
        (DOUBT_NOTICE, &doubted),
        (REMIND_NOTICE, &remind),
        (FUNDING_NOTICE, &unpaid),
    ];
    for (kind, organisations) in told {
        for organisation in organisations.iter().filter(|o| network.with_account.contains(o)) {
            write::notice(tx, kind, Some(*organisation), Role::FocalPoint, organisation.0)?;
        }
    }
    for programme in ending {
        write::notice(tx, FUNDING_NOTICE, None, Role::Secretariat, programme.0)?;
    }
    crate::agreements::remind(tx, &network, &mechanism, looked, today)?;
    // What did not go into this unit of work goes into the next, at once.
    again(tx, today, if more { today } else { next(today) })?;
    Ok(!doubtful.is_empty())
}
