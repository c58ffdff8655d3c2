//! Put entries into the directory: new ones, and known ones brought up to date.

use std::borrow::Cow;

use relais_mechanism::Mechanism;
use relais_network::bodies::{self, BodyEntry};
use relais_network::life;
use relais_network::{FieldError, Organisation, Place, Programme, Service};
use relais_store::rows::directory::{self, OrganisationRecord, PlaceRecord, ProgrammeRecord, ServiceRecord};
use relais_store::{Store, StoreError, Tx, ids};
use serde::Serialize;
use serde_json::json;

use super::{BATCH, By, Change, Tally, closed, note, stream};
use crate::entries::{self, keep};
use crate::problem::{ActError, FieldProblem};

/// Entries to be put into the directory together.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    /// Organisations, each with the fingerprint of the row it came from, if any.
    pub organisations: Vec<(Organisation, Option<String>)>,
    /// Places.
    pub places: Vec<Place>,
    /// Services.
    pub services: Vec<Service>,
    /// Programmes.
    pub programmes: Vec<Programme>,
}

fn json_of<T: Serialize>(entry: &T) -> Result<String, ActError> {
    serde_json::to_string(entry).map_err(|e| ActError::Store(StoreError::Schema(e.to_string())))
}

fn sound(errors: Vec<FieldError>) -> Result<(), ActError> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(ActError::Invalid(
        errors
            .into_iter()
            .map(|e| FieldProblem {
                field: e.field.to_owned(),
                code: e.problem.to_string(),
                message: e.problem.remedy(),
            })
            .collect(),
    ))
}

/// Whether an entry went up in another: what a list says of it, it says of an
/// entry that is no more, and only undoing the merge brings it back.
fn went_up<T: serde::de::DeserializeOwned>(body: &str, is_merged: impl Fn(&T) -> bool) -> Result<bool, ActError> {
    let entry = serde_json::from_str(body).map_err(|e| StoreError::Schema(format!("directory: {e}")))?;
    Ok(is_merged(&entry))
}

/// An organisation as a list brings it again, with what it signed, of which no list
/// speaks.
pub(in crate::directory) fn with_safeguards<'o>(
    before: &str,
    brought: &'o Organisation,
) -> Result<Cow<'o, Organisation>, ActError> {
    let known: Organisation =
        serde_json::from_str(before).map_err(|e| StoreError::Schema(format!("organisation {}: {e}", brought.code)))?;
    Ok(if known.safeguards == brought.safeguards {
        Cow::Borrowed(brought)
    } else {
        Cow::Owned(Organisation {
            safeguards: known.safeguards,
            ..brought.clone()
        })
    })
}

/// Puts an organisation: a new entry, or the one with the same id brought up
/// to date. What a known one signed stays: only the office notes it.
///
/// # Errors
/// [`ActError::Invalid`] with every wrong field; a code that another
/// organisation bears; what the store refuses.
pub fn put_organisation(
    tx: &mut Tx<'_>,
    organisation: &Organisation,
    fingerprint: Option<&str>,
) -> Result<Change, ActError> {
    match OrganisationRecord::find(tx, organisation.id)? {
        Some(known) => {
            let before = closed::text(tx, &known)?.into_owned();
            let mut record = organisation_record(&*with_safeguards(&before, organisation)?, fingerprint)?;
            let same = known.content_hash == record.content_hash && before == record.body;
            if same || went_up::<Organisation>(&before, |o| o.merged_into.is_some())? {
                return Ok(Change::Unchanged);
            }
            keep::brought(
                tx,
                record.id,
                (keep::ORGANISATION, record.id.0),
                (&before, &record.body),
            )?;
            record.version = known.version + 1;
            record.slot = known.slot;
            closed::seal(&tx.sealer(), known.slot, &mut record)?;
            record.update(tx)?;
            Ok(Change::Updated)
        }
        None => {
            let record = organisation_record(organisation, fingerprint)?;
            if directory::organisation_by_code(tx, &record.code)?.is_some() {
                return Err(ActError::refused(
                    "code_taken",
                    (
                        &format!("Le code {} est celui d’une autre organisation.", record.code),
                        &format!("The code {} is another organisation’s.", record.code),
                    ),
                    ("Choisissez un autre code.", "Choose another code."),
                ));
            }
            record.insert(tx)?;
            Ok(Change::Created)
        }
    }
}

pub(crate) fn organisation_record(
    organisation: &Organisation,
    fingerprint: Option<&str>,
) -> Result<OrganisationRecord, ActError> {
    sound(organisation.check())?;
    Ok(OrganisationRecord {
        id: organisation.id,
        code: organisation.code.clone(),
        kind: organisation.kind.code().to_owned(),
        parent_id: organisation.parent,
        region: organisation.region.clone(),
        status: organisation.status.code().to_owned(),
        state_body: organisation.state_body,
        demonstration: organisation.demonstration,
        source: organisation.origin.as_ref().map(|o| o.source.clone()),
        external_key: organisation.origin.as_ref().map(|o| o.key.clone()),
        content_hash: fingerprint.map(str::to_owned),
        slot: None,
        body: json_of(organisation)?,
        hidden: None,
        version: 1,
    })
}

/// Puts a place.
///
/// # Errors
/// As [`put_organisation`].
pub fn put_place(tx: &mut Tx<'_>, place: &Place) -> Result<Change, ActError> {
    let mut record = place_record(place)?;
    let slot = closed::slot_for(tx, place.organisation, place.confidential)?;
    match PlaceRecord::find(tx, record.id)? {
        Some(known) => {
            let before = closed::text(tx, &known)?.into_owned();
            if before == record.body {
                return Ok(Change::Unchanged);
            }
            let entry = (keep::PLACE, record.id.0);
            keep::brought(tx, place.organisation, entry, (&before, &record.body))?;
            record.version = known.version + 1;
            closed::seal(&tx.sealer(), slot, &mut record)?;
            record.update(tx)?;
            Ok(Change::Updated)
        }
        None => {
            closed::seal(&tx.sealer(), slot, &mut record)?;
            record.insert(tx)?;
            Ok(Change::Created)
        }
    }
}

pub(in crate::directory) fn place_record(place: &Place) -> Result<PlaceRecord, ActError> {
    sound(place.check())?;
    Ok(PlaceRecord {
        id: place.id,
        organisation_id: place.organisation,
        confidential: place.confidential,
        body: json_of(place)?,
        hidden: None,
        version: 1,
    })
}

/// Puts a service. What its provider confirmed since, and what speaks against it,
/// stays where the entry is known.
///
/// # Errors
/// As [`put_organisation`].
pub fn put_service(tx: &mut Tx<'_>, service: &Service) -> Result<Change, ActError> {
    let mut record = service_record(service)?;
    let slot = closed::slot_for(tx, service.organisation, service.is_confidential())?;
    match ServiceRecord::find(tx, record.id)? {
        Some(known) => {
            let before = closed::text(tx, &known)?.into_owned();
            let standing: Service =
                serde_json::from_str(&before).map_err(|e| StoreError::Schema(format!("service {}: {e}", record.id)))?;
            if standing.merged_into.is_some() {
                return Ok(Change::Unchanged);
            }
            let service = life::brought_again(&standing, service);
            let after = json_of(&service)?;
            if before == after {
                return Ok(Change::Unchanged);
            }
            keep::overwrite(tx, &known, &service)?;
            keep::brought(
                tx,
                service.organisation,
                (keep::SERVICE, service.id.0),
                (&before, &after),
            )?;
            Ok(Change::Updated)
        }
        None => {
            closed::seal(&tx.sealer(), slot, &mut record)?;
            record.insert(tx)?;
            Ok(Change::Created)
        }
    }
}

pub(crate) fn service_record(service: &Service) -> Result<ServiceRecord, ActError> {
    sound(service.check())?;
    Ok(ServiceRecord {
        id: service.id,
        organisation_id: service.organisation,
        place_id: Some(service.place),
        service_type: service.service_type.clone(),
        status: service.status.code().to_owned(),
        confidential: service.is_confidential(),
        renewed: 0,
        body: json_of(service)?,
        hidden: None,
        version: 1,
    })
}

/// Puts a programme: a new one, or the one with the same code brought up to date.
///
/// # Errors
/// As [`put_organisation`].
pub fn put_programme(tx: &mut Tx<'_>, programme: &Programme) -> Result<Change, ActError> {
    let mut record = programme_record(programme)?;
    let slot = closed::slot_for(tx, programme.organisation, false)?;
    match ProgrammeRecord::find(tx, record.id)? {
        Some(known) => {
            let before = closed::text(tx, &known)?.into_owned();
            if before == record.body {
                return Ok(Change::Unchanged);
            }
            let entry = (keep::PROGRAMME, record.id.0);
            keep::brought(tx, programme.organisation, entry, (&before, &record.body))?;
            record.version = known.version + 1;
            closed::seal(&tx.sealer(), slot, &mut record)?;
            record.update(tx)?;
            Ok(Change::Updated)
        }
        None => {
            closed::seal(&tx.sealer(), slot, &mut record)?;
            record.insert(tx)?;
            Ok(Change::Created)
        }
    }
}

pub(crate) fn programme_record(programme: &Programme) -> Result<ProgrammeRecord, ActError> {
    sound(programme.check())?;
    Ok(ProgrammeRecord {
        id: programme.id,
        organisation_id: programme.organisation,
        body: json_of(programme)?,
        hidden: None,
        version: 1,
    })
}

/// Puts many entries in batches, each batch whole or not at all. Putting the
/// same entries again changes nothing and writes no event. `source` names
/// where they come from.
///
/// # Errors
/// The first entry that is refused; batches before it stand.
pub fn put(store: &Store, entries: Entries, source: &str, by: By) -> Result<Tally, ActError> {
    enum Entry {
        Organisation(Box<Organisation>, Option<String>),
        Place(Box<Place>),
        Service(Box<Service>),
        Programme(Box<Programme>),
    }
    let mut all: Vec<Entry> = entries
        .organisations
        .into_iter()
        .map(|(o, hash)| Entry::Organisation(Box::new(o), hash))
        .collect();
    all.extend(entries.places.into_iter().map(|p| Entry::Place(Box::new(p))));
    all.extend(entries.programmes.into_iter().map(|p| Entry::Programme(Box::new(p))));
    all.extend(entries.services.into_iter().map(|s| Entry::Service(Box::new(s))));
    let mut total = Tally::default();
    while !all.is_empty() {
        let batch: Vec<Entry> = all.drain(..all.len().min(BATCH)).collect();
        let source = source.to_owned();
        let tally = store.write_blocking(move |tx| -> Result<Tally, ActError> {
            let mut tally = Tally::default();
            for entry in &batch {
                tally.add(match entry {
                    Entry::Organisation(o, hash) => put_organisation(tx, o, hash.as_deref())?,
                    Entry::Place(p) => put_place(tx, p)?,
                    Entry::Service(s) => put_service(tx, s)?,
                    Entry::Programme(p) => put_programme(tx, p)?,
                });
            }
            if tally.created + tally.updated > 0 {
                directory::directory_changed(tx)?;
                entries::watch(tx)?;
                let subject = ids::new_v7(tx.now()?);
                let facts = json!({ "source": source, "created": tally.created, "updated": tally.updated });
                note(tx, by, stream(), subject, "directory_put", facts)?;
            }
            Ok(tally)
        })?;
        total.created += tally.created;
        total.updated += tally.updated;
        total.unchanged += tally.unchanged;
    }
    Ok(total)
}

/// Puts the bodies that the mechanism names.
///
/// # Errors
/// A body of unknown kind; what the store refuses.
pub fn put_bodies(store: &Store, mechanism: &Mechanism, by: By) -> Result<Tally, ActError> {
    let bodies: Vec<BodyEntry> = mechanism
        .bodies()
        .iter()
        .map(|b| BodyEntry {
            code: b.code.clone(),
            name: b.label.clone(),
            kind: b.kind.clone(),
        })
        .collect();
    let organisations = bodies::bodies_plan(&bodies).map_err(|e| {
        ActError::refused(
            "unknown_kind",
            (
                &format!("Le corps {} du mécanisme a un type inconnu ({}).", e.code, e.kind),
                &format!("The mechanism’s body {} is of unknown kind ({}).", e.code, e.kind),
            ),
            (
                "Utilisez un code de la liste org_type.",
                "Use a code of the list org_type.",
            ),
        )
    })?;
    let organisations = organisations.into_iter().map(|o| (o, None)).collect();
    put(
        store,
        Entries {
            organisations,
            ..Entries::default()
        },
        bodies::MECHANISM_SOURCE,
        by,
    )
}
