//! The network in memory: organisations, services, places, agreements and the
//! search index, replaced as a whole when the directory's version changes.

use std::collections::{HashMap, HashSet};

use relais_mechanism::{Lang, Mechanism};
use relais_network::agreement::Agreement;
use relais_network::organisation::Organisation;
use relais_network::place::Place;
use relais_network::service::Service;
use relais_network::{OrganisationId, PlaceId, ServiceId};
use relais_store::rows::{accounts, directory};
use relais_store::{StoreError, Tx};

use crate::problem::ActError;

/// The network as of one version of the directory.
pub struct Network {
    /// Version of the directory.
    pub version: i64,
    /// Organisations.
    pub organisations: HashMap<OrganisationId, Organisation>,
    /// Services.
    pub services: HashMap<ServiceId, Service>,
    /// Places.
    pub places: HashMap<PlaceId, Place>,
    /// Agreements.
    pub agreements: Vec<Agreement>,
    /// Organisations with an open account.
    pub with_account: HashSet<OrganisationId>,
    /// The search index.
    pub directory: relais_network::directory::Directory,
    by_organisation: HashMap<OrganisationId, Vec<ServiceId>>,
}

/// What the network is built from.
pub struct NetworkRows {
    version: i64,
    organisations: Vec<Organisation>,
    services: Vec<Service>,
    places: Vec<Place>,
    agreements: Vec<Agreement>,
    with_account: HashSet<OrganisationId>,
}

impl Network {
    /// Reads all rows; the index is built apart, outside the unit of work.
    ///
    /// # Errors
    /// When the store fails or an entry is not readable.
    pub fn read_rows(tx: &mut Tx<'_>) -> Result<NetworkRows, ActError> {
        Ok(NetworkRows {
            version: directory::directory_version(tx)?,
            organisations: parse(directory::all_organisations(tx)?, "organisation", |r| &r.body)?,
            services: parse(directory::all_services(tx)?, "service", |r| &r.body)?,
            places: parse(directory::all_places(tx)?, "place", |r| &r.body)?,
            agreements: parse(directory::all_agreements(tx)?, "agreement", |r| &r.body)?,
            with_account: accounts::organisations_with_account(tx)?.into_iter().collect(),
        })
    }

    /// The chain of tutelle above an organisation, nearest first.
    #[must_use]
    pub fn parents(&self, organisation: OrganisationId) -> Vec<OrganisationId> {
        let mut chain = Vec::new();
        let mut at = organisation;
        while let Some(parent) = self.organisations.get(&at).and_then(|o| o.parent) {
            if parent == organisation || chain.contains(&parent) {
                break;
            }
            chain.push(parent);
            at = parent;
        }
        chain
    }

    /// Services of an organisation.
    #[must_use]
    pub fn services_of(&self, organisation: OrganisationId) -> &[ServiceId] {
        self.by_organisation.get(&organisation).map_or(&[], Vec::as_slice)
    }

    /// Name of an organisation, or a dash.
    #[must_use]
    pub fn name(&self, organisation: OrganisationId, lang: Lang) -> String {
        self.organisations
            .get(&organisation)
            .map_or_else(|| "–".to_owned(), |o| o.name.get(lang).to_owned())
    }

    /// Builds the index.
    ///
    /// # Errors
    /// When the directory refuses an entry.
    pub fn build(rows: NetworkRows, mechanism: &Mechanism) -> Result<Self, ActError> {
        let directory = crate::services::index(&rows.organisations, &rows.services, &rows.places, mechanism)?;
        let mut by_organisation: HashMap<OrganisationId, Vec<ServiceId>> = HashMap::new();
        for service in &rows.services {
            by_organisation
                .entry(service.organisation)
                .or_default()
                .push(service.id);
        }
        Ok(Self {
            by_organisation,
            version: rows.version,
            organisations: rows.organisations.into_iter().map(|o| (o.id, o)).collect(),
            services: rows.services.into_iter().map(|s| (s.id, s)).collect(),
            places: rows.places.into_iter().map(|p| (p.id, p)).collect(),
            agreements: rows.agreements,
            with_account: rows.with_account,
            directory,
        })
    }
}

fn parse<R, T: serde::de::DeserializeOwned>(
    rows: Vec<R>,
    table: &str,
    body: impl Fn(&R) -> &String,
) -> Result<Vec<T>, ActError> {
    rows.iter()
        .map(|row| {
            serde_json::from_str(body(row))
                .map_err(|e| ActError::Store(StoreError::Schema(format!("{table}: entry not readable: {e}"))))
        })
        .collect()
}
