//! Keep the directory: organisations, places and services, put in one by one
//! or imported from a file. Every unit of work moves the directory's version,
//! so that each process reads it again, and leaves one event in the chain.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use relais_mechanism::{Label, Lang, Mechanism};
use relais_network::bodies::{self, BodyEntry};
use relais_network::ids::derived;
use relais_network::import::{self, Action, Mapping, Plan, PlannedRow, Remark};
use relais_network::{FieldError, Organisation, Place, PublicationStatus, Service, UserId};
use relais_store::chain::{self, NewEvent};
use relais_store::rows::directory::{self, OrganisationRecord, PlaceRecord, ServiceRecord};
use relais_store::{Store, StoreError, Tx, ids};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::problem::{ActError, FieldProblem};
use crate::services::{catalogue, geography};

/// Rows of an import that are written in one unit of work.
pub const BATCH: usize = 500;

/// By whom the deployment is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Whoever may run commands on the machine.
    CommandLine,
    /// A signed-in user.
    User(UserId),
}

impl By {
    fn meta(self) -> serde_json::Value {
        match self {
            Self::CommandLine => json!({ "channel": "command_line" }),
            Self::User(user) => json!({ "channel": "screen", "user": user }),
        }
    }
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Created,
    /// It was there with other content.
    Updated,
    /// It was there with the same content.
    Unchanged,
}

/// How many entries became what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// New.
    pub created: usize,
    /// Known, changed.
    pub updated: usize,
    /// Known, the same.
    pub unchanged: usize,
}

impl Tally {
    fn add(&mut self, change: Change) {
        match change {
            Change::Created => self.created += 1,
            Change::Updated => self.updated += 1,
            Change::Unchanged => self.unchanged += 1,
        }
    }
}

/// Entries to be put into the directory together.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    /// Organisations, each with the fingerprint of the row it came from, if any.
    pub organisations: Vec<(Organisation, Option<String>)>,
    /// Places.
    pub places: Vec<Place>,
    /// Services.
    pub services: Vec<Service>,
}

/// Writes one event of the set-up. `stream` names what is set up (directory,
/// account, agreement); an event's subject is never its stream, which tells
/// these streams from those of cases.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    by: By,
    stream: Uuid,
    subject: Uuid,
    kind: &str,
    facts: serde_json::Value,
) -> Result<(), ActError> {
    let happened_at = tx.now()?;
    let slot = tx.new_slot()?;
    let mut meta = json!({ "by": by.meta() });
    if let (Some(meta), serde_json::Value::Object(facts)) = (meta.as_object_mut(), facts) {
        meta.extend(facts);
    }
    let meta = meta.to_string();
    let mut head = chain::lock(tx, stream)?;
    let event = NewEvent {
        subject,
        kind,
        meta: &meta,
        happened_at,
        words: &[],
        slot,
    };
    Ok(chain::append(tx, &mut head, &[event])?)
}

/// The stream of the directory's own events.
#[must_use]
pub fn stream() -> Uuid {
    derived("stream", "relais", "directory")
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

/// Puts an organisation: a new entry, or the one with the same id brought up
/// to date.
///
/// # Errors
/// [`ActError::Invalid`] with every wrong field; a code that another
/// organisation bears; what the store refuses.
pub fn put_organisation(
    tx: &mut Tx<'_>,
    organisation: &Organisation,
    fingerprint: Option<&str>,
) -> Result<Change, ActError> {
    let mut record = organisation_record(organisation, fingerprint)?;
    match OrganisationRecord::find(tx, record.id)? {
        Some(known) if known.body == record.body && known.content_hash == record.content_hash => Ok(Change::Unchanged),
        Some(known) => {
            record.version = known.version + 1;
            record.update(tx)?;
            Ok(Change::Updated)
        }
        None => {
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

fn organisation_record(organisation: &Organisation, fingerprint: Option<&str>) -> Result<OrganisationRecord, ActError> {
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
        body: json_of(organisation)?,
        version: 1,
    })
}

/// Puts a place.
///
/// # Errors
/// As [`put_organisation`].
pub fn put_place(tx: &mut Tx<'_>, place: &Place) -> Result<Change, ActError> {
    let mut record = place_record(place)?;
    match PlaceRecord::find(tx, record.id)? {
        Some(known) if known.body == record.body => Ok(Change::Unchanged),
        Some(known) => {
            record.version = known.version + 1;
            record.update(tx)?;
            Ok(Change::Updated)
        }
        None => {
            record.insert(tx)?;
            Ok(Change::Created)
        }
    }
}

fn place_record(place: &Place) -> Result<PlaceRecord, ActError> {
    sound(place.check())?;
    Ok(PlaceRecord {
        id: place.id,
        organisation_id: place.organisation,
        confidential: place.confidential,
        body: json_of(place)?,
        version: 1,
    })
}

/// Puts a service.
///
/// # Errors
/// As [`put_organisation`].
pub fn put_service(tx: &mut Tx<'_>, service: &Service) -> Result<Change, ActError> {
    let mut record = service_record(service)?;
    match ServiceRecord::find(tx, record.id)? {
        Some(known) if known.body == record.body => Ok(Change::Unchanged),
        Some(known) => {
            record.version = known.version + 1;
            record.update(tx)?;
            Ok(Change::Updated)
        }
        None => {
            record.insert(tx)?;
            Ok(Change::Created)
        }
    }
}

fn service_record(service: &Service) -> Result<ServiceRecord, ActError> {
    sound(service.check())?;
    Ok(ServiceRecord {
        id: service.id,
        organisation_id: service.organisation,
        place_id: Some(service.place),
        service_type: service.service_type.clone(),
        status: service.status.code().to_owned(),
        confidential: service.is_confidential(),
        body: json_of(service)?,
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
    }
    let mut all: Vec<Entry> = entries
        .organisations
        .into_iter()
        .map(|(o, hash)| Entry::Organisation(Box::new(o), hash))
        .collect();
    all.extend(entries.places.into_iter().map(|p| Entry::Place(Box::new(p))));
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
                });
            }
            if tally.created + tally.updated > 0 {
                directory::directory_changed(tx)?;
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
}

/// What came of an import.
#[derive(Debug, Clone, Serialize)]
pub struct Imported {
    /// Name of the source.
    pub source: String,
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
        .read_blocking(move |tx| -> Result<_, ActError> { Ok(directory::imported(tx, &source)?) })?
        .into_iter()
        .filter_map(|(_, key, hash)| Some((key, content_hash(&hash)?)))
        .collect();
    let plan = import::plan(outcomes, &mapping.source, |_, key| existing.get(key).copied());
    let report = Imported {
        source: mapping.source.clone(),
        dry_run,
        figures: plan.report(),
        rows: plan.rows.iter().map(row_report).collect(),
    };
    if !dry_run {
        carry_out(store, plan, &mapping.source, by, progress)?;
    }
    Ok(report)
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
    source: &str,
    by: By,
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
    while !writes.is_empty() {
        let batch: Vec<_> = writes.drain(..all.min(BATCH).min(writes.len())).collect();
        done += batch.len();
        let source = source.to_owned();
        store.write_blocking(move |tx| write_batch(tx, &batch, &source, by))?;
        progress(done, all);
    }
    Ok(())
}

fn write_batch(tx: &mut Tx<'_>, batch: &[(bool, import::Facility)], source: &str, by: By) -> Result<(), ActError> {
    let (mut created, mut updated) = (Vec::new(), Vec::new());
    for (new, facility) in batch {
        let hash = facility.hash.to_string();
        if *new {
            // The plan knows that nothing of it is there: no need to look three times.
            organisation_record(&facility.organisation, Some(&hash))?.insert(tx)?;
            place_record(&facility.place)?.insert(tx)?;
            for service in &facility.services {
                service_record(service)?.insert(tx)?;
            }
            created.push(facility.organisation.id);
        } else {
            put_organisation(tx, &facility.organisation, Some(&hash))?;
            put_place(tx, &facility.place)?;
            for service in &facility.services {
                put_service(tx, service)?;
            }
            archive_others(tx, facility)?;
            updated.push(facility.organisation.id);
        }
    }
    directory::directory_changed(tx)?;
    let subject = ids::new_v7(tx.now()?);
    let facts = json!({ "source": source, "created": created, "updated": updated });
    note(tx, by, stream(), subject, "directory_imported", facts)
}

/// Archives what the source no longer says that the facility offers; referrals
/// that are under way keep it, new ones do not find it.
fn archive_others(tx: &mut Tx<'_>, facility: &import::Facility) -> Result<(), ActError> {
    for record in directory::services_of(tx, facility.organisation.id)? {
        if facility.services.iter().any(|s| s.id == record.id) {
            continue;
        }
        let mut service: Service = serde_json::from_str(&record.body)
            .map_err(|e| StoreError::Schema(format!("service {}: {e}", record.id)))?;
        let same_source =
            service.origin.as_ref().map(|o| &o.source) == facility.organisation.origin.as_ref().map(|o| &o.source);
        if same_source && service.status != PublicationStatus::Archived {
            service.status = PublicationStatus::Archived;
            put_service(tx, &service)?;
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
        remarks: planned.remarks.iter().map(Remark::text).collect(),
    }
}

/// One line of the list of services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Code of the organisation.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// Service of the taxonomy.
    pub service: String,
    /// Region.
    pub region: String,
    /// Life of the entry.
    pub status: String,
    /// Made for a demonstration.
    pub demonstration: bool,
}

/// Every service that is not confidential, by organisation.
///
/// # Errors
/// What the store refuses.
pub fn list(store: &Store, lang: Lang) -> Result<Vec<Listed>, ActError> {
    store.read_blocking(move |tx| -> Result<Vec<Listed>, ActError> {
        let mut organisations = HashMap::new();
        for record in directory::all_organisations(tx)? {
            let organisation: Organisation = serde_json::from_str(&record.body)
                .map_err(|e| StoreError::Schema(format!("organisation {}: {e}", record.code)))?;
            organisations.insert(record.id, organisation);
        }
        let mut listed: Vec<Listed> = directory::all_services(tx)?
            .into_iter()
            .filter(|s| !s.confidential)
            .filter_map(|s| {
                let organisation = organisations.get(&s.organisation_id)?;
                Some(Listed {
                    organisation: organisation.code.clone(),
                    name: organisation.name.get(lang).to_owned(),
                    service: s.service_type,
                    region: organisation.region.clone().unwrap_or_default(),
                    status: s.status,
                    demonstration: organisation.demonstration,
                })
            })
            .collect();
        listed.sort_by(|a, b| (&a.organisation, &a.service).cmp(&(&b.organisation, &b.service)));
        Ok(listed)
    })
}

/// Moves a drill's clock and notes it.
///
/// # Errors
/// When the database is no drill or the time lies before its own.
pub fn set_clock(store: &Store, to: DateTime<Utc>, by: By) -> Result<DateTime<Utc>, ActError> {
    store.write_blocking(move |tx| -> Result<DateTime<Utc>, ActError> {
        relais_store::clock::set(tx, to)?;
        let subject = ids::new_v7(tx.now()?);
        note(
            tx,
            by,
            derived("stream", "relais", "clock"),
            subject,
            "clock_set",
            json!({ "to": to }),
        )?;
        Ok(tx.now()?)
    })
}

/// Notes that a version of the mechanism was adopted.
///
/// # Errors
/// What the store refuses.
pub fn note_mechanism(store: &Store, mechanism: &Mechanism, by: By) -> Result<(), ActError> {
    let facts = json!({ "hash": mechanism.hash(), "version": mechanism.version() });
    store.write_blocking(move |tx| -> Result<(), ActError> {
        let subject = ids::new_v7(tx.now()?);
        note(
            tx,
            by,
            derived("stream", "relais", "mechanism"),
            subject,
            "mechanism_adopted",
            facts.clone(),
        )
    })
}
