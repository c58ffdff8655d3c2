//! Organisations, places, services, programmes, agreements and mechanism versions. The
//! public entry of each is JSON of the pure type; what is searched or joined
//! stands in typed columns beside it.

use chrono::{DateTime, Utc};
use relais_network::{AgreementId, OrganisationId, PlaceId, ProgrammeId, ServiceId};

use super::{record, statements};
use crate::{StoreError, Tx, Value};

record! {
    /// A version of the mechanism, kept whole.
    MechanismRecord in "mechanism_version" key hash: String {
        /// Content address.
        hash: String,
        /// Label.
        label: String,
        /// The whole content.
        bundle: String,
        /// When it became current.
        adopted_at: DateTime<Utc>,
    }
}

record! {
    /// An organisation.
    OrganisationRecord in "organisation" key id: OrganisationId {
        /// Organisation.
        id: OrganisationId,
        /// Public code.
        code: String,
        /// Kind.
        kind: String,
        /// Tutelle.
        parent_id: Option<OrganisationId>,
        /// Region.
        region: Option<String>,
        /// Life of the entry.
        status: String,
        /// State organisation.
        state_body: bool,
        /// Marked as demonstration.
        demonstration: bool,
        /// Import source.
        source: Option<String>,
        /// Key in the import source.
        external_key: Option<String>,
        /// Fingerprint of the imported row.
        content_hash: Option<String>,
        /// Key of its entries, where it offers something confidential.
        slot: Option<i64>,
        /// The entry as JSON; empty with a key.
        body: String,
        /// The entry, sealed.
        hidden: Option<Vec<u8>>,
        /// Version.
        version: i64,
    }
}

record! {
    /// A place.
    PlaceRecord in "place" key id: PlaceId {
        /// Place.
        id: PlaceId,
        /// Organisation.
        organisation_id: OrganisationId,
        /// Whether its address is confidential.
        confidential: bool,
        /// The entry as JSON; empty where it is sealed.
        body: String,
        /// The entry, sealed.
        hidden: Option<Vec<u8>>,
        /// Version.
        version: i64,
    }
}

record! {
    /// A service.
    ServiceRecord in "service" key id: ServiceId {
        /// Service.
        id: ServiceId,
        /// Organisation.
        organisation_id: OrganisationId,
        /// Place; not said where the entry is sealed.
        place_id: Option<PlaceId>,
        /// Service of the taxonomy.
        service_type: String,
        /// Life of the entry.
        status: String,
        /// Absent from search.
        confidential: bool,
        /// How often its code was replaced.
        renewed: i64,
        /// The entry as JSON; empty where it is sealed.
        body: String,
        /// The entry, sealed.
        hidden: Option<Vec<u8>>,
        /// Version.
        version: i64,
    }
}

record! {
    /// A programme.
    ProgrammeRecord in "programme" key id: ProgrammeId {
        /// Programme.
        id: ProgrammeId,
        /// Organisation that carries it.
        organisation_id: OrganisationId,
        /// The entry as JSON; empty where it is sealed.
        body: String,
        /// The entry, sealed.
        hidden: Option<Vec<u8>>,
        /// Version.
        version: i64,
    }
}

record! {
    /// An agreement.
    AgreementRecord in "agreement" key id: AgreementId {
        /// Agreement.
        id: AgreementId,
        /// Number.
        reference: String,
        /// Kind.
        kind: String,
        /// End date, ISO.
        until_date: Option<String>,
        /// Denounced on, ISO.
        denounced_on: Option<String>,
        /// The agreement as JSON.
        body: String,
        /// Version.
        version: i64,
    }
}

statements! {
    CURRENT_MECHANISM = "SELECT hash, label, bundle, adopted_at FROM mechanism_version ORDER BY adopted_at DESC, hash LIMIT 1";
    MECHANISM_VERSIONS = "SELECT hash, label, '' AS bundle, adopted_at FROM mechanism_version ORDER BY adopted_at";
    ALL_ORGANISATIONS = "SELECT id, code, kind, parent_id, region, status, state_body, demonstration, source, external_key, content_hash, slot, body, hidden, version FROM organisation ORDER BY seq";
    ALL_PLACES = "SELECT id, organisation_id, confidential, body, hidden, version FROM place ORDER BY seq";
    ALL_SERVICES = "SELECT id, organisation_id, place_id, service_type, status, confidential, renewed, body, hidden, version FROM service ORDER BY seq";
    ALL_PROGRAMMES = "SELECT id, organisation_id, body, hidden, version FROM programme ORDER BY seq";
    ALL_AGREEMENTS = "SELECT id, reference, kind, until_date, denounced_on, body, version FROM agreement ORDER BY reference";
    AGREEMENT_BY_REFERENCE = "SELECT id, reference, kind, until_date, denounced_on, body, version FROM agreement WHERE reference = $1";
    ORGANISATION_BY_CODE = "SELECT id, code, kind, parent_id, region, status, state_body, demonstration, source, external_key, content_hash, slot, body, hidden, version FROM organisation WHERE code = $1";
    IMPORTED = "SELECT id, external_key, content_hash FROM organisation WHERE source = $1";
    SERVICES_OF = "SELECT id, organisation_id, place_id, service_type, status, confidential, renewed, body, hidden, version FROM service WHERE organisation_id = $1 ORDER BY seq";
    PLACES_OF = "SELECT id, organisation_id, confidential, body, hidden, version FROM place WHERE organisation_id = $1 ORDER BY seq";
    PROGRAMMES_OF = "SELECT id, organisation_id, body, hidden, version FROM programme WHERE organisation_id = $1 ORDER BY seq";
    FORGET_PROGRAMME = "DELETE FROM programme WHERE id = $1";
    DIRECTORY_CHANGED = "INSERT INTO directory_version (id, version) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET version = directory_version.version + 1";
    DIRECTORY_VERSION = "SELECT version FROM directory_version WHERE id = 1";
    DIRECTORY_STEP = "INSERT INTO directory_step (version, service_id) VALUES ($1, $2)";
    FORGET_DIRECTORY_STEPS = "DELETE FROM directory_step WHERE version <= $1";
    DIRECTORY_STEPS = "SELECT service_id FROM directory_step WHERE version > $1 ORDER BY version";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [
        MechanismRecord::statements(),
        OrganisationRecord::statements(),
        PlaceRecord::statements(),
        ServiceRecord::statements(),
        ProgrammeRecord::statements(),
        AgreementRecord::statements(),
        statements(),
    ]
    .concat()
}

/// The mechanism version in force, or none in an empty database.
///
/// # Errors
/// When the store fails.
pub fn current_mechanism(tx: &mut Tx<'_>) -> Result<Option<MechanismRecord>, StoreError> {
    tx.query_opt(CURRENT_MECHANISM, &[])?
        .as_ref()
        .map(MechanismRecord::read)
        .transpose()
}

/// Every version ever used, oldest first, without their content.
///
/// # Errors
/// When the store fails.
pub fn mechanism_versions(tx: &mut Tx<'_>) -> Result<Vec<MechanismRecord>, StoreError> {
    tx.query(MECHANISM_VERSIONS, &[])?
        .iter()
        .map(MechanismRecord::read)
        .collect()
}

/// Every organisation.
///
/// # Errors
/// When the store fails.
pub fn all_organisations(tx: &mut Tx<'_>) -> Result<Vec<OrganisationRecord>, StoreError> {
    tx.query(ALL_ORGANISATIONS, &[])?
        .iter()
        .map(OrganisationRecord::read)
        .collect()
}

/// Every place.
///
/// # Errors
/// When the store fails.
pub fn all_places(tx: &mut Tx<'_>) -> Result<Vec<PlaceRecord>, StoreError> {
    tx.query(ALL_PLACES, &[])?.iter().map(PlaceRecord::read).collect()
}

/// Every service.
///
/// # Errors
/// When the store fails.
pub fn all_services(tx: &mut Tx<'_>) -> Result<Vec<ServiceRecord>, StoreError> {
    tx.query(ALL_SERVICES, &[])?.iter().map(ServiceRecord::read).collect()
}

/// Every programme.
///
/// # Errors
/// When the store fails.
pub fn all_programmes(tx: &mut Tx<'_>) -> Result<Vec<ProgrammeRecord>, StoreError> {
    tx.query(ALL_PROGRAMMES, &[])?
        .iter()
        .map(ProgrammeRecord::read)
        .collect()
}

/// Programmes that an organisation carries.
///
/// # Errors
/// When the store fails.
pub fn programmes_of(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Vec<ProgrammeRecord>, StoreError> {
    tx.query(PROGRAMMES_OF, &[Value::from(organisation)])?
        .iter()
        .map(ProgrammeRecord::read)
        .collect()
}

/// Takes a programme away that an import had made.
///
/// # Errors
/// When the store fails, or there is none.
pub fn forget_programme(tx: &mut Tx<'_>, programme: ProgrammeId) -> Result<(), StoreError> {
    tx.execute_one(FORGET_PROGRAMME, &[Value::from(programme)])
}

/// Every agreement, by number.
///
/// # Errors
/// When the store fails.
pub fn all_agreements(tx: &mut Tx<'_>) -> Result<Vec<AgreementRecord>, StoreError> {
    tx.query(ALL_AGREEMENTS, &[])?
        .iter()
        .map(AgreementRecord::read)
        .collect()
}

/// The agreement with this number, or none.
///
/// # Errors
/// When the store fails.
pub fn agreement_by_reference(tx: &mut Tx<'_>, reference: &str) -> Result<Option<AgreementRecord>, StoreError> {
    tx.query_opt(AGREEMENT_BY_REFERENCE, &[Value::from(reference.to_owned())])?
        .as_ref()
        .map(AgreementRecord::read)
        .transpose()
}

/// The organisation with this code, or none.
///
/// # Errors
/// When the store fails.
pub fn organisation_by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<OrganisationRecord>, StoreError> {
    tx.query_opt(ORGANISATION_BY_CODE, &[Value::from(code.to_owned())])?
        .as_ref()
        .map(OrganisationRecord::read)
        .transpose()
}

/// What came from an import source: (organisation, key, fingerprint). The key of a
/// sealed entry is sealed with it.
///
/// # Errors
/// When the store fails.
pub fn imported(tx: &mut Tx<'_>, source: &str) -> Result<Vec<(OrganisationId, Option<String>, String)>, StoreError> {
    tx.query(IMPORTED, &[Value::from(source.to_owned())])?
        .iter()
        .map(|row| {
            Ok((
                row.get("id")?,
                row.get("external_key")?,
                row.get::<Option<String>>("content_hash")?.unwrap_or_default(),
            ))
        })
        .collect()
}

/// Services of one organisation.
///
/// # Errors
/// When the store fails.
pub fn services_of(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Vec<ServiceRecord>, StoreError> {
    tx.query(SERVICES_OF, &[Value::from(organisation)])?
        .iter()
        .map(ServiceRecord::read)
        .collect()
}

/// Places of one organisation.
///
/// # Errors
/// When the store fails.
pub fn places_of(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Vec<PlaceRecord>, StoreError> {
    tx.query(PLACES_OF, &[Value::from(organisation)])?
        .iter()
        .map(PlaceRecord::read)
        .collect()
}

/// Steps of the directory that are kept: whoever is further behind reads it whole.
const STEPS_KEPT: i64 = 1000;

/// Marks the directory as changed, so that every process reads it whole again.
///
/// # Errors
/// When the store fails.
pub fn directory_changed(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute(DIRECTORY_CHANGED, &[])?;
    tx.moved_directory();
    Ok(())
}

/// Marks the directory as changed in nothing but one service that it had
/// already, so that every process reads that one again ([`steps_since`]).
///
/// # Errors
/// When the store fails.
pub fn service_changed(tx: &mut Tx<'_>, service: ServiceId) -> Result<(), StoreError> {
    directory_changed(tx)?;
    let version = directory_version(tx)?;
    tx.execute_one(DIRECTORY_STEP, &[Value::from(version), Value::from(service)])?;
    if version % (STEPS_KEPT / 10) == 0 {
        tx.execute(FORGET_DIRECTORY_STEPS, &[Value::from(version - STEPS_KEPT)])?;
    }
    Ok(())
}

/// The services in which the directory of one version differs from a later one,
/// the last of several changes of one last; `None` where it differs in more.
///
/// # Errors
/// When the store fails.
pub fn steps_since(tx: &mut Tx<'_>, version: i64, later: i64) -> Result<Option<Vec<ServiceId>>, StoreError> {
    if later - version > STEPS_KEPT {
        return Ok(None);
    }
    let steps = tx.query(DIRECTORY_STEPS, &[Value::from(version)])?;
    // Each step is one version; a version without one changed more than a service.
    if i64::try_from(steps.len()).ok() != later.checked_sub(version) {
        return Ok(None);
    }
    let services = steps.iter().map(|row| row.get("service_id"));
    services.collect::<Result<_, _>>().map(Some)
}

/// Version of the directory; 0 when it never changed.
///
/// # Errors
/// When the store fails.
pub fn directory_version(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.query_opt(DIRECTORY_VERSION, &[])?
        .map_or(Ok(0), |row| row.get("version"))
}
