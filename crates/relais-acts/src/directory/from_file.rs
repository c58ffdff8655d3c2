//! Import a file of facilities by a mapping, and say what became of each row.

use std::collections::HashMap;

use chrono::NaiveDate;
use relais_casework::calendar::local_date;
use relais_mechanism::{Label, Mechanism};
use relais_network::import::{self, Action, Mapping, Plan, PlannedRow, Remark};
use relais_network::{Missing, Organisation, OrganisationId, PublicationStatus, Service, ServiceId, gate};
use relais_store::rows::directory::{self, OrganisationRecord, ServiceRecord};
use relais_store::{Store, StoreError, Tx, ids};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::imports::journal::{self, Journal};
use super::imports::{FACILITIES, ImportState};
use super::put::{organisation_record, place_record, service_record};
use super::{BATCH, By, closed, note, stream};
use crate::problem::ActError;
use crate::services::{catalogue, geography};

/// What is wrong with one cell of an import, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Column of the file; empty for the row as a whole.
    pub column: String,
    /// Value as found, cut short.
    pub value: String,
    /// What is wrong.
    pub cause: String,
    /// What to do.
    pub remedy: Label,
}

/// What became of a row of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowReport {
    /// Number of the row, the first after the header is 1.
    pub row: usize,
    /// Line of the file where it begins.
    pub line: usize,
    /// created, updated, unchanged, skipped or rejected.
    pub result: &'static str,
    /// Name of what the row makes, where it makes something.
    pub name: String,
    /// The earlier row that this one repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats: Option<usize>,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Wrong>,
    /// What there is to say about it all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Label>,
    /// What is missing before it is published.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Missing>,
}

/// What came of an import.
#[derive(Debug, Clone, Serialize)]
pub struct Imported {
    /// Name of the source.
    pub source: String,
    /// The import, which can be undone; none of a dry run.
    pub import: Option<Uuid>,
    /// Whether nothing was written, by wish.
    pub dry_run: bool,
    /// The figures.
    pub figures: import::Report,
    /// Every row.
    pub rows: Vec<RowReport>,
}

/// Imports a file by a mapping. A dry run plans and writes nothing. The plan
/// is carried out in batches of [`BATCH`] rows, each whole; `progress` is told
/// how many rows of how many are written. A second run of the same file
/// changes nothing.
///
/// # Errors
/// A mapping whose codes the mechanism does not have; a file that cannot be
/// read at all; what the store refuses. Rows that are wrong are no error: the
/// report tells them.
pub fn import(
    store: &Store,
    mechanism: &Mechanism,
    bytes: &[u8],
    mapping: &Mapping,
    dry_run: bool,
    by: By,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Imported, ActError> {
    let (catalogue, geography) = (catalogue(mechanism), geography(mechanism));
    if let Some(error) = mapping.check(&catalogue, &geography).first() {
        return Err(ActError::refused(
            "mapping",
            (
                &format!("La correspondance ne convient pas : {error}."),
                &format!("The mapping does not fit: {error}."),
            ),
            (
                "Corrigez le fichier de correspondance ; « relais mechanism show » donne les codes.",
                "Correct the mapping file; “relais mechanism show” gives the codes.",
            ),
        ));
    }
    let outcomes = import::parse(bytes, mapping, &geography, &catalogue).map_err(|e| {
        let remedy = e.remedy();
        ActError::refused(
            "file",
            (
                &format!("Le fichier ne peut pas être lu : {e}."),
                &format!("The file cannot be read: {e}."),
            ),
            (&remedy.fr, &remedy.en),
        )
    })?;
    let source = mapping.source.clone();
    let existing: HashMap<String, import::ContentHash> = store
        .read_blocking(move |tx| imported(tx, &source))?
        .into_iter()
        .filter_map(|(key, hash)| Some((key, content_hash(&hash)?)))
        .collect();
    let mut plan = import::plan(outcomes, &mapping.source, |_, key| existing.get(key).copied());
    let changed = plan.updated();
    let (organisations, stood, today) = store.read_blocking(move |tx| before_the_gate(tx, &changed))?;
    plan.gate(|id| organisations.get(&id), |id| stood.get(&id).copied(), today);
    let mut report = Imported {
        source: mapping.source.clone(),
        import: None,
        dry_run,
        figures: plan.report(),
        rows: plan.rows.iter().map(row_report).collect(),
    };
    if !dry_run {
        let journal = Journal {
            import: store.read_blocking(|tx| Ok::<_, ActError>(ids::new_v7(tx.now()?)))?,
            by,
            kind: FACILITIES,
            source: mapping.source.clone(),
            figures: json!(report.figures),
        };
        carry_out(store, plan, &journal, progress)?;
        report.import = Some(journal.import);
    }
    Ok(report)
}

/// What the gate asks: the organisations that are known, where the services stand
/// that the list brings again, and the day.
type BeforeTheGate = (
    HashMap<OrganisationId, Organisation>,
    HashMap<ServiceId, PublicationStatus>,
    NaiveDate,
);

fn before_the_gate(tx: &mut Tx<'_>, services: &[ServiceId]) -> Result<BeforeTheGate, ActError> {
    let mut stood = HashMap::new();
    for id in services {
        let record = ServiceRecord::find(tx, *id)?;
        stood.extend(record.and_then(|r| Some((*id, PublicationStatus::from_code(&r.status)?))));
    }
    Ok((crate::network::organisations(tx)?, stood, local_date(tx.now()?)))
}

/// What came from a source, by key, with its fingerprint; the key of a sealed entry
/// is read in it.
fn imported(tx: &mut Tx<'_>, source: &str) -> Result<Vec<(String, String)>, ActError> {
    let mut found = Vec::new();
    for (id, key, hash) in directory::imported(tx, source)? {
        let key = match key {
            Some(key) => key,
            None => {
                let record = OrganisationRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
                let entry: Organisation = serde_json::from_str(&closed::text(tx, &record)?)
                    .map_err(|e| StoreError::Schema(format!("organisation {}: {e}", record.code)))?;
                entry.origin.map(|o| o.key).unwrap_or_default()
            }
        };
        found.push((key, hash));
    }
    Ok(found)
}

/// The hash as the database keeps it; another text counts as another content.
fn content_hash(text: &str) -> Option<import::ContentHash> {
    let mut bytes = [0; 32];
    match hex::decode_to_slice(text, &mut bytes) {
        Ok(()) => Some(import::ContentHash(bytes)),
        // Known by its key, but by nothing that can be compared: it is written again.
        Err(_) => Some(import::ContentHash([0; 32])),
    }
}

fn carry_out(
    store: &Store,
    plan: Plan,
    journal: &Journal,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(), ActError> {
    let mut writes: Vec<(bool, import::Facility)> = plan
        .rows
        .into_iter()
        .filter_map(|r| match r.action {
            Action::Create(f) => Some((true, *f)),
            Action::Update(f) => Some((false, *f)),
            _ => None,
        })
        .collect();
    let all = writes.len();
    let mut done = 0;
    let beginning = journal.clone();
    store.write_blocking(move |tx| beginning.begin(tx))?;
    while !writes.is_empty() {
        let batch: Vec<_> = writes.drain(..all.min(BATCH).min(writes.len())).collect();
        done += batch.len();
        let journal = journal.clone();
        store.write_blocking(move |tx| write_batch(tx, &batch, &journal))?;
        progress(done, all);
    }
    let import = journal.import;
    store.write_blocking(move |tx| journal::end(tx, import, ImportState::Done, 0))
}

fn write_batch(tx: &mut Tx<'_>, batch: &[(bool, import::Facility)], journal: &Journal) -> Result<(), ActError> {
    let (mut created, mut updated) = (Vec::new(), Vec::new());
    for (new, facility) in batch {
        let hash = facility.hash.to_string();
        let confidential = facility.place.confidential || facility.services.iter().any(Service::is_confidential);
        if *new && !confidential {
            // The plan knows that nothing of it is there: no need to look three times.
            let (organisation, place) = (&facility.organisation, &facility.place);
            organisation_record(organisation, Some(&hash))?.insert(tx)?;
            journal.made(
                tx,
                journal::ORGANISATION,
                organisation.id.0,
                organisation.id,
                organisation,
            )?;
            place_record(place)?.insert(tx)?;
            journal.made(tx, journal::PLACE, place.id.0, organisation.id, place)?;
            for service in &facility.services {
                service_record(service)?.insert(tx)?;
                journal.made(tx, journal::SERVICE, service.id.0, organisation.id, service)?;
            }
        } else if is_merged(tx, facility.organisation.id)? {
            continue;
        } else {
            journal.organisation(tx, &facility.organisation, Some(&hash), None)?;
            journal.place(tx, &facility.place, None)?;
            for service in &facility.services {
                let service = with_programmes(tx, service)?;
                journal.service(tx, &service, None)?;
            }
            archive_others(tx, facility, journal)?;
        }
        let done = if *new { &mut created } else { &mut updated };
        done.push(facility.organisation.id);
    }
    directory::directory_changed(tx)?;
    crate::entries::watch(tx)?;
    let subject = ids::new_v7(tx.now()?);
    let facts = json!({ "source": journal.source, "created": created, "updated": updated });
    note(tx, journal.by, stream(), subject, "directory_imported", facts)
}

/// Whether an entry went up in another, whose values somebody chose: the list does
/// not bring it back.
fn is_merged(tx: &mut Tx<'_>, id: relais_network::OrganisationId) -> Result<bool, ActError> {
    let Some(record) = OrganisationRecord::find(tx, id)? else {
        return Ok(false);
    };
    let entry: Organisation = serde_json::from_str(&closed::text(tx, &record)?)
        .map_err(|e| StoreError::Schema(format!("organisation {}: {e}", record.code)))?;
    Ok(entry.merged_into.is_some())
}

/// A service of the list with the programmes that pay for it: of those the list
/// says nothing.
fn with_programmes(tx: &mut Tx<'_>, service: &Service) -> Result<Service, ActError> {
    let mut service = service.clone();
    if let Some(record) = ServiceRecord::find(tx, service.id)? {
        let known: Service = serde_json::from_str(&closed::text(tx, &record)?)
            .map_err(|e| StoreError::Schema(format!("service {}: {e}", record.id)))?;
        service.programmes = known.programmes;
    }
    Ok(service)
}

/// Archives what the source no longer says that the facility offers; referrals
/// that are under way keep it, new ones do not find it. What came to it by a merge
/// is another row's, and stays.
fn archive_others(tx: &mut Tx<'_>, facility: &import::Facility, journal: &Journal) -> Result<(), ActError> {
    for record in directory::services_of(tx, facility.organisation.id)? {
        if facility.services.iter().any(|s| s.id == record.id) {
            continue;
        }
        let mut service: Service = serde_json::from_str(&closed::text(tx, &record)?)
            .map_err(|e| StoreError::Schema(format!("service {}: {e}", record.id)))?;
        let of_this_row = service
            .origin
            .as_ref()
            .zip(facility.organisation.origin.as_ref())
            .is_some_and(|(service, own)| {
                service.source == own.source && service.key.starts_with(&format!("{} | ", own.key))
            });
        if of_this_row && service.status != PublicationStatus::Archived {
            service.status = PublicationStatus::Archived;
            journal.service(tx, &service, None)?;
        }
    }
    Ok(())
}

fn row_report(planned: &PlannedRow) -> RowReport {
    let (result, name, repeats, problems) = match &planned.action {
        Action::Create(f) => ("created", f.place.name.clone(), None, Vec::new()),
        Action::Update(f) => ("updated", f.place.name.clone(), None, Vec::new()),
        Action::Unchanged { key } => ("unchanged", key.clone(), None, Vec::new()),
        Action::Duplicate { of_row } => ("skipped", String::new(), Some(*of_row), Vec::new()),
        Action::Reject(problems) => {
            let wrong = problems
                .iter()
                .map(|p| Wrong {
                    column: p.column.clone(),
                    value: p.value.clone(),
                    cause: p.cause.to_string(),
                    remedy: p.cause.remedy(),
                })
                .collect();
            ("rejected", String::new(), None, wrong)
        }
    };
    RowReport {
        row: planned.row,
        line: planned.line,
        result,
        name,
        repeats,
        problems,
        held: planned.held.clone(),
        remarks: planned
            .remarks
            .iter()
            .map(Remark::text)
            .chain((!planned.held.is_empty()).then(|| gate::waits(&planned.held)))
            .collect(),
    }
}
