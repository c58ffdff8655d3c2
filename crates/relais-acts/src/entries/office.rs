//! The coordination unit's side: what waits for it, what is in doubt or overdue,
//! what is not offered yet, who keeps silent; and its decisions.

use std::collections::BTreeSet;
use std::sync::Arc;

use relais_casework::calendar::local_date;
use relais_mechanism::Role;
use relais_network::life::{self, DoubtCause, Hand, LifeAct, Standing};
use relais_network::service::Service;
use relais_network::{EntryChangeId, PublicationStatus, ServiceId};
use relais_store::Tx;
use relais_store::rows::directory;
use relais_store::rows::entries::{self as rows, EntryChangeRecord};

use super::funding::{self, Longer};
use super::keep::{self, Maker, differences, values_of};
use super::own::{archives, entry, once, with};
use super::read::{Reader, keeps, office};
use super::safeguards::{self, Gate};
use super::{
    Author, ChangeState, Counts, DECIDED_NOTICE, DecideChange, Decision, EntryRow, LONGEST, Moderation, ROWS,
    StepEntry, ratification,
};
use crate::desk::{Desk, Viewer};
use crate::network::Network;
use crate::problem::ActError;
use crate::views::Made;
use crate::write;

/// Most changes that are read to find those of the viewer's regions.
const READ: i64 = 500;

/// What the coordination unit keeps, for the viewer's regions.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is not of it.
pub async fn moderation(desk: &Arc<Desk>, viewer: &Viewer) -> Result<Moderation, ActError> {
    if !office(viewer) {
        return Err(ActError::Forbidden { code: "moderation" });
    }
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let (mechanism, network) = (desk_.mechanism(), desk_.network_now(tx)?);
        let mut reader = Reader::new(tx, &mechanism, &network, &viewer_)?;
        let mut counts = Counts::default();
        let mut waiting = Vec::new();
        let mut changed = BTreeSet::new();
        for record in rows::waiting(tx, READ)? {
            let Some(service) = of(&network, &record).filter(|s| keeps(&viewer_, &network, s)) else {
                continue;
            };
            counts.waiting += 1;
            changed.insert(service.id);
            if waiting.len() < ROWS {
                waiting.push(reader.change(tx, &record)?);
            }
        }
        let mut gate = Gate::new(&network, reader.today);
        let (mut doubtful, mut overdue, mut unpublished) = (Vec::new(), Vec::new(), Vec::new());
        for service in network.services.values().filter(|s| keeps(&viewer_, &network, s)) {
            let Some(kind) = network.organisations.get(&service.organisation).map(|o| o.kind) else {
                continue;
            };
            let standing = reader.intervals.standing(kind, service, reader.today);
            if !gate.before(service).is_empty() {
                counts.exposed += usize::from(service.status.is_offered());
                counts.unsigned += usize::from(!service.status.is_offered() && !is_archived(service));
            }
            match service.status {
                PublicationStatus::Doubtful => doubtful.push(service),
                PublicationStatus::Proposed | PublicationStatus::Checked => unpublished.push(service),
                PublicationStatus::Published => match standing {
                    Standing::Overdue | Standing::Soon => overdue.push(service),
                    Standing::Never => counts.never += 1,
                    Standing::Holds => {}
                },
                PublicationStatus::Archived => {}
            }
        }
        (counts.doubtful, counts.overdue, counts.unpublished) = (doubtful.len(), overdue.len(), unpublished.len());
        doubtful.sort_by_key(|s| (s.doubt().map(|d| d.on), s.id));
        overdue.sort_by_key(|s| (s.confirmed_on, s.id));
        unpublished.sort_by_key(|s| s.id);
        let mut list = |services: Vec<&Service>| -> Result<Vec<EntryRow>, ActError> {
            let mut listed = Vec::new();
            for service in services.into_iter().take(ROWS) {
                let version = directory::ServiceRecord::find(tx, service.id)?.map_or(0, |r| r.version);
                listed.push(reader.row(service, version, &changed)?);
            }
            Ok(listed)
        };
        let (doubtful, overdue, unpublished) = (list(doubtful)?, list(overdue)?, list(unpublished)?);
        let mut withheld = Vec::new();
        for silence in rows::withheld(tx)? {
            let own = network.known(silence.organisation_id).is_some_and(|o| {
                viewer_.is_national() || o.region.as_ref().is_some_and(|r| viewer_.regions.contains(r))
            });
            if own && withheld.len() < ROWS {
                withheld.extend(reader.withheld(&silence));
            }
        }
        let mut unsigned = safeguards::unsigned(&network, reader.today, viewer_.lang, |s| keeps(&viewer_, &network, s));
        unsigned.truncate(ROWS);
        Ok((
            Moderation {
                now,
                unsigned,
                unratified: viewer_.is_national().then(|| ratification::waiting(&network)),
                waiting,
                doubtful,
                overdue,
                unpublished,
                withheld,
                counts,
            },
            Vec::new(),
        ))
    })
    .await
}

fn is_archived(service: &Service) -> bool {
    service.status == PublicationStatus::Archived
}

/// The service of which a change speaks.
fn of<'n>(network: &'n Network, record: &EntryChangeRecord) -> Option<&'n Service> {
    (record.entry_kind == keep::SERVICE)
        .then(|| network.services.get(&ServiceId(record.entry_id)))
        .flatten()
}

fn required(field: &str) -> ActError {
    ActError::field(
        field,
        "required",
        (
            "Dites pourquoi, en une phrase : le prestataire la lira.",
            "Say why, in one sentence: the provider will read it.",
        ),
    )
}

/// Accepts a proposed change, which takes effect at once, or refuses it with a
/// reason.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not keep the entry;
/// [`ActError::Stale`]; a refusal for one that was decided already.
pub async fn decide(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    change: EntryChangeId,
    command: DecideChange,
) -> Result<Made, ActError> {
    let id = command.id;
    once(desk, viewer, ("entry_decide", id), (change, command), decide_in).await
}

fn decide_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    (id, command): &(EntryChangeId, DecideChange),
) -> Result<Made, ActError> {
    let record = EntryChangeRecord::find(tx, *id)?.ok_or(ActError::NotFound)?;
    let network = desk.network_now(tx)?;
    let kept = of(&network, &record).is_some_and(|s| keeps(viewer, &network, s));
    if !kept {
        return Err(ActError::NotFound);
    }
    ActError::unless_current(command.version, record.version)?;
    if record.state != ChangeState::Waiting.code() {
        return Err(ActError::refused(
            "change_decided",
            (
                "Ce changement n’attend plus de décision.",
                "This change waits for no decision any more.",
            ),
            ("Relisez la fiche.", "Read the entry again."),
        ));
    }
    let reason = command.reason.trim();
    ActError::unless_within("reason", reason, LONGEST)?;
    if command.decision == Decision::Refuse && reason.is_empty() {
        return Err(required("reason"));
    }
    let now = tx.now()?;
    let mut said = keep::said(tx, &record)?;
    reason.clone_into(&mut said.reason);
    let maker = Maker {
        author: Author::Office,
        user: Some(viewer.user),
    };
    let provider = record.organisation_id;
    let state = match command.decision {
        Decision::Refuse => ChangeState::Refused,
        Decision::Accept => {
            let (known, service) = keep::load(tx, ServiceId(record.entry_id))?;
            let (life, values): (Vec<_>, Vec<_>) = said.values.drain(..).partition(|v| v.field == "status");
            let (until, values): (Vec<_>, Vec<_>) = values.into_iter().partition(|v| v.field == funding::UNTIL);
            let mut new = with(&service, &values)?;
            let longer = Longer::proposed(&network, &until)?;
            if let Some(longer) = &longer {
                funding::write(tx, &network, &longer.programme, Some(new.id), maker, &said.note)?;
            }
            if archives(&life) {
                new = life::moved(&new, LifeAct::Archive, Hand::Office)?;
            } else {
                answered_by(&mut new, &values)?;
                let until = funding::until_with(&network, &new, longer.as_ref().map(|l| &l.programme));
                funding::settle(&mut new, until, local_date(now), Hand::Office)?;
            }
            // What was changed meanwhile is the old value now.
            said.values = differences(&values_of(&service)?, &values_of(&new)?);
            said.values.extend(longer.as_ref().map(Longer::value));
            keep::overwrite(tx, &known, &new)?;
            directory::service_changed(tx, new.id)?;
            ChangeState::Accepted
        }
    };
    let version = keep::settle(tx, record, &said, state, Some(viewer.user), now)?;
    keep::event(tx, maker, *id, super::CHANGE, state)?;
    if network.with_account.contains(&provider) {
        write::notice(tx, DECIDED_NOTICE, Some(provider), Role::FocalPoint, id.0)?;
    }
    Ok(Made {
        id: id.0,
        code: String::new(),
        version,
    })
}

/// Lifts the doubts about the lines that a change answers.
fn answered_by(service: &mut Service, values: &[keep::Value2]) -> Result<(), ActError> {
    let lines: Vec<_> = values.iter().filter_map(|v| life::Line::from_code(&v.field)).collect();
    super::own::answered(service, &lines, Hand::Office)
}

/// Moves an entry through its life: checks, publishes, doubts, archives, brings
/// back.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not see the entry, the machine's
/// refusal for its provider; [`ActError::Stale`], [`ActError::Invalid`].
pub async fn step(desk: &Arc<Desk>, viewer: &Viewer, service: ServiceId, command: StepEntry) -> Result<Made, ActError> {
    let id = command.id;
    once(desk, viewer, ("entry_step", id), (service, command), step_in).await
}

fn step_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    (id, command): &(ServiceId, StepEntry),
) -> Result<Made, ActError> {
    let entry = entry(tx, desk, viewer, *id, command.version)?;
    let reason = command.reason.trim();
    ActError::unless_within("reason", reason, LONGEST)?;
    let today = local_date(tx.now()?);
    let service = match command.step {
        LifeAct::Doubt => life::doubted(&entry.service, DoubtCause::Reported, today, entry.hand)?,
        step => life::moved(&entry.service, step, entry.hand)?,
    };
    if command.step == LifeAct::Publish {
        safeguards::unless_signed(&entry.network.missing(&entry.service, today))?;
    }
    if matches!(command.step, LifeAct::Doubt | LifeAct::Archive) && reason.is_empty() {
        return Err(required("reason"));
    }
    let mut service = service;
    if command.step == LifeAct::Confirm {
        (service.confirmed_on, service.confirmed_by) = (Some(today), Some(viewer.user));
    }
    let values = (&entry.service, &service);
    let version = keep::write(tx, &entry.record, values, Some(command.step), entry.maker, reason)?;
    let provider = entry.service.organisation;
    if entry.hand == Hand::Office && entry.network.with_account.contains(&provider) {
        write::notice(tx, DECIDED_NOTICE, Some(provider), Role::FocalPoint, id.0)?;
    }
    Ok(Made {
        id: id.0,
        code: String::new(),
        version,
    })
}
