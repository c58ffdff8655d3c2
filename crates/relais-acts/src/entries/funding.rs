//! Who pays for a service, and until when: the end of a programme, put off by the
//! coordination unit or proposed by a provider, and the doubt that comes when the
//! last programme of a service has ended.

use chrono::NaiveDate;
use relais_casework::calendar::local_date;
use relais_network::life::{self, DoubtCause, Hand, LifeAct};
use relais_network::programme::{self, Paying, Programme};
use relais_network::service::Service;
use relais_network::{ProgrammeId, ServiceId};
use relais_store::rows::directory::{self, ProgrammeRecord};
use relais_store::{StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::keep::{self, Maker, Said, Value2, differences, values_of};
use super::{CHANGE, ChangeState};
use crate::directory::{closed, programme_record};
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};

/// The field of a change that puts off the end of a programme.
pub(super) const UNTIL: &str = "funding_until";

/// The end of a programme, as a change keeps it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct End {
    pub programme: ProgrammeId,
    pub until: Option<NaiveDate>,
}

/// A programme with another end.
pub(super) struct Longer {
    pub programme: Programme,
    was: Option<NaiveDate>,
}

impl Longer {
    /// Of the programme that ends last, of those of a service that may be seen.
    ///
    /// # Errors
    /// [`ActError::Invalid`] where there is none, or it would end before it starts.
    pub fn of(network: &Network, service: &Service, until: Option<NaiveDate>) -> Result<Option<Self>, ActError> {
        let Some(until) = until else { return Ok(None) };
        let last = network
            .seen_paying(service)
            .max_by_key(|p| (p.until.is_none(), p.until, p.id));
        let last = last.ok_or_else(|| {
            wrong((
                "Nommez d’abord le programme qui paie ce service.",
                "First name the programme that pays for this service.",
            ))
        })?;
        Self::until(last, until)
    }

    /// As a provider proposed it.
    ///
    /// # Errors
    /// [`ActError::NotFound`] for a programme that is no more; as [`Self::of`].
    pub fn proposed(network: &Network, values: &[Value2]) -> Result<Option<Self>, ActError> {
        let Some(value) = values.last() else { return Ok(None) };
        let end: End = serde_json::from_value(value.new.clone()).map_err(unreadable)?;
        let programme = network.programme(end.programme).ok_or(ActError::NotFound)?;
        match end.until {
            Some(until) => Self::until(programme, until),
            None => Ok(None),
        }
    }

    fn until(known: &Programme, until: NaiveDate) -> Result<Option<Self>, ActError> {
        if known.until == Some(until) {
            return Ok(None);
        }
        let mut programme = known.clone();
        programme.until = Some(until);
        match programme.check().into_iter().find(|e| e.field == "until") {
            Some(error) => {
                let remedy = error.problem.remedy();
                Err(wrong((&remedy.fr, &remedy.en)))
            }
            None => Ok(Some(Self {
                programme,
                was: known.until,
            })),
        }
    }

    /// As a change keeps it.
    pub fn value(&self) -> Value2 {
        let end = |until| {
            json!(End {
                programme: self.programme.id,
                until
            })
        };
        Value2 {
            field: UNTIL.to_owned(),
            old: end(self.was),
            new: end(self.programme.until),
        }
    }
}

fn unreadable(e: serde_json::Error) -> StoreError {
    StoreError::Schema(format!("programme: {e}"))
}

fn wrong(message: (&str, &str)) -> ActError {
    ActError::Invalid(vec![FieldProblem::new(UNTIL, "funding_until", message)])
}

/// The last day on which a service is paid for, with a programme as it would be.
pub(super) fn until_with(network: &Network, service: &Service, changed: Option<&Programme>) -> Option<NaiveDate> {
    let as_it_is = |id: &ProgrammeId| match changed.filter(|p| p.id == *id) {
        Some(changed) => Some(changed),
        None => network.programmes.get(id),
    };
    programme::paid_until(service.programmes.iter().filter_map(as_it_is))
}

/// Whether a doubt about the money stands.
pub(super) fn is_doubted(service: &Service) -> bool {
    service.doubts.iter().any(|d| d.cause == DoubtCause::FundingEnded)
}

/// Lifts the doubt about the money, where somebody pays; with the last doubt the
/// entry is published again.
pub(super) fn settle(
    service: &mut Service,
    until: Option<NaiveDate>,
    today: NaiveDate,
    hand: Hand,
) -> Result<(), ActError> {
    if !is_doubted(service) || programme::paying(until, today, 0) == Paying::Ended {
        return Ok(());
    }
    service.doubts.retain(|d| d.cause != DoubtCause::FundingEnded);
    if service.doubts.is_empty() {
        *service = life::moved(service, LifeAct::Confirm, hand)?;
    }
    Ok(())
}

/// A programme as its row keeps it.
pub(super) fn load(tx: &mut Tx<'_>, id: ProgrammeId) -> Result<(ProgrammeRecord, Programme), ActError> {
    let record = ProgrammeRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    let programme = serde_json::from_str(&closed::text(tx, &record)?).map_err(unreadable)?;
    Ok((record, programme))
}

/// Keeps what became of a programme, and says that the directory moved.
pub(super) fn kept(
    tx: &mut Tx<'_>,
    new: &Programme,
    values: Vec<Value2>,
    maker: Maker,
    note: &str,
) -> Result<(), ActError> {
    let said = Said {
        values,
        note: note.to_owned(),
        reason: String::new(),
    };
    let entry = (keep::PROGRAMME, new.id.0);
    let id = keep::done(tx, new.organisation, entry, (CHANGE, maker), said)?;
    keep::event(tx, maker, id, CHANGE, ChangeState::Done)?;
    Ok(directory::directory_changed(tx)?)
}

/// Writes a changed programme with its change. Services that it pays for again
/// lose the doubt about the money, but for `own`, which the caller writes.
pub(super) fn write(
    tx: &mut Tx<'_>,
    network: &Network,
    new: &Programme,
    own: Option<ServiceId>,
    maker: Maker,
    note: &str,
) -> Result<i64, ActError> {
    let (known, old) = load(tx, new.id)?;
    if old == *new {
        return Ok(known.version);
    }
    let mut record = programme_record(new)?;
    let slot = closed::slot_for(tx, new.organisation, false)?;
    record.version = known.version + 1;
    closed::seal(&tx.sealer(), slot, &mut record)?;
    record.update(tx)?;
    kept(tx, new, differences(&values_of(&old)?, &values_of(new)?), maker, note)?;
    let today = local_date(tx.now()?);
    let paid = |s: &&Service| Some(s.id) != own && s.programmes.contains(&new.id) && is_doubted(s);
    for service in network.services.values().filter(paid) {
        let (record, doubtful) = keep::load(tx, service.id)?;
        let mut service = doubtful.clone();
        let until = until_with(network, &doubtful, Some(new));
        settle(&mut service, until, today, Hand::Office)?;
        if service != doubtful {
            keep::write(tx, &record, (&doubtful, &service), None, maker, "")?;
        }
    }
    Ok(record.version)
}
