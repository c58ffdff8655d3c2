//! What the answers of a provider say about its entries. A decline with a code
//! raises doubt on the line concerned; referrals left unanswered, one after the
//! other, take the provider out of what is offered until it answers again.
//!
//! Nothing is drawn from what must not be known: of a need above S3 the row does
//! not say the service, so a doubt about one would tell it; a case of the
//! protected circuit leaves no trace here at all.

use relais_casework::calendar::local_date;
use relais_casework::referral::{Actor, Event, EventKind};
use relais_mechanism::{ActingFor, Mechanism, Role};
use relais_network::directory::Freshness;
use relais_network::life::{self, DoubtCause, Hand};
use relais_network::service::Service;
use relais_store::Tx;
use relais_store::rows::directory;
use relais_store::rows::entries::{self as rows};

use super::keep::{self, Maker};
use super::{Author, WITHHELD_NOTICE};
use crate::file::{CaseFile, OpenReferral};
use crate::network::Network;
use crate::problem::ActError;
use crate::write;

/// Draws from an event of a referral what it says about the directory.
pub(crate) fn heard(
    tx: &mut Tx<'_>,
    network: &Network,
    file: &CaseFile,
    open: &OpenReferral,
    event: &Event,
    actor: &Actor,
    mechanism: &Mechanism,
) -> Result<(), ActError> {
    let provider = open.record.provider_id;
    if event.kind.is_providers_answer() && actor.acting_for == ActingFor::Provider {
        super::own::heard_from(tx, network, provider)?;
    }
    if file.is_protected() {
        return Ok(());
    }
    match &event.kind {
        EventKind::Declined { code, .. } if !open.record.restricted => match code.doubt() {
            Some(cause) => doubt(tx, network, open, cause),
            None => Ok(()),
        },
        EventKind::Expired => silent(tx, network, open, mechanism),
        _ => Ok(()),
    }
}

/// Raises a doubt on the service that declined, unless its entry said as much.
fn doubt(tx: &mut Tx<'_>, network: &Network, open: &OpenReferral, cause: DoubtCause) -> Result<(), ActError> {
    let id = open.detail.service;
    if network.is_confidential(id) || !network.services.contains_key(&id) {
        return Ok(());
    }
    let (record, service) = keep::load(tx, id)?;
    let today = local_date(tx.now()?);
    if cause == DoubtCause::NoCapacity && says_full(&service, today) {
        return Ok(());
    }
    // An entry that is not offered is in nobody's way.
    let Ok(doubtful) = life::doubted(&service, cause, today, Hand::Evidence) else {
        return Ok(());
    };
    if doubtful == service {
        return Ok(());
    }
    let maker = Maker::of(Author::Evidence);
    let step = Some(life::LifeAct::Doubt);
    keep::write(tx, &record, (&service, &doubtful), step, maker, "")?;
    Ok(())
}

/// Whether the entry says that there is no room, and said it lately.
fn says_full(service: &Service, today: chrono::NaiveDate) -> bool {
    let capacity = service.capacity;
    capacity.available == Some(0)
        && capacity
            .assessed_on
            .is_some_and(|on| (today - on).num_days() <= i64::from(Freshness::default().capacity_days))
}

/// One more referral left unanswered.
fn silent(tx: &mut Tx<'_>, network: &Network, open: &OpenReferral, mechanism: &Mechanism) -> Result<(), ActError> {
    let provider = open.record.provider_id;
    let mut silence = rows::unanswered(tx, provider)?;
    if silence.withheld_at.is_some() || silence.unanswered < mechanism.rules().unanswered_referrals {
        return Ok(());
    }
    silence.withheld_at = Some(tx.now()?);
    silence.update(tx)?;
    directory::directory_changed(tx)?;
    if network.with_account.contains(&provider) {
        write::notice(tx, WITHHELD_NOTICE, Some(provider), Role::FocalPoint, provider.0)?;
    }
    if network.known(provider).is_some() {
        write::notice(tx, WITHHELD_NOTICE, None, Role::Secretariat, provider.0)?;
    }
    Ok(())
}
