//! A network brought up to a later version of the directory by the services
//! that changed between the two, without reading the others again.

use std::sync::{Arc, OnceLock};

use relais_network::service::Service;
use relais_store::rows::directory::{self, ServiceRecord};
use relais_store::{StoreError, Tx};

use super::{Network, is_withheld};
use crate::directory::closed;
use crate::problem::ActError;

/// A service as it is now, and how often its code was replaced.
pub(super) struct Changed {
    service: Arc<Service>,
    renewed: i64,
}

impl Network {
    /// The network as of a later version; `None` where it must be read whole:
    /// where more changed than single services, or one of them in what others
    /// hang on (see [`Self::with`]).
    ///
    /// # Errors
    /// When the store fails or an entry is not readable.
    pub(crate) fn brought_up(&self, tx: &mut Tx<'_>, version: i64) -> Result<Option<Self>, ActError> {
        let Some(mut ids) = directory::steps_since(tx, self.version, version)? else {
            return Ok(None);
        };
        ids.sort_unstable();
        ids.dedup();
        let mut changed = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(record) = ServiceRecord::find(tx, id)? else {
                return Ok(None);
            };
            let text = closed::text(tx, &record)?;
            let service = serde_json::from_str(&text)
                .map_err(|e| StoreError::Schema(format!("service {id}: entry not readable: {e}")))?;
            changed.push(Changed {
                service: Arc::new(service),
                renewed: record.renewed,
            });
        }
        Ok(self.with(version, &changed))
    }

    /// The same with these services as they are now. `None` where that takes
    /// more than the services: one that is not known, that became confidential
    /// or ceased to be, whose code was replaced, that went to another
    /// organisation, whose provider's silence counts otherwise now; or where the
    /// index says so. None of it has to do with what an organisation hides beside:
    /// an answer that took longer would tell.
    fn with(&self, version: i64, changed: &[Changed]) -> Option<Self> {
        let mut found = Vec::with_capacity(changed.len());
        for Changed { service, renewed } in changed {
            let known = self.services.get(&service.id)?;
            let hidden = self.must_hide(service);
            let stays = hidden == self.is_confidential(service.id)
                && service.organisation == known.organisation
                && *renewed == self.renewed.get(&service.id).copied().unwrap_or_default();
            if !stays {
                return None;
            }
            let withheld = is_withheld(&self.withheld, service);
            if withheld != is_withheld(&self.withheld, known) {
                return None;
            }
            if !hidden && !withheld {
                found.push(Arc::clone(service));
            }
        }
        let (catalogue, geography) = &*self.taxonomy;
        let directory = if found.is_empty() {
            Arc::clone(&self.directory)
        } else {
            Arc::new(self.directory.with(&found, catalogue, geography)?)
        };
        let changed = changed.iter().map(|c| (c.service.id, Arc::clone(&c.service)));
        let services = self.services.with(changed);
        let shelters = self
            .hiding
            .shelters(&services, &directory, &self.confidential, &self.withheld);
        let mut next = Self {
            version,
            organisations: self.organisations.share(),
            services,
            places: self.places.share(),
            programmes: self.programmes.share(),
            agreements: Arc::clone(&self.agreements),
            with_account: Arc::clone(&self.with_account),
            webhooks: Arc::clone(&self.webhooks),
            directory,
            confidential: Arc::clone(&self.confidential),
            shelters: Arc::new(shelters),
            hiding: Arc::clone(&self.hiding),
            withheld: Arc::clone(&self.withheld),
            renewed: Arc::clone(&self.renewed),
            confidential_types: Arc::clone(&self.confidential_types),
            by_organisation: Arc::clone(&self.by_organisation),
            said: Arc::clone(&self.said),
            named: Arc::clone(&self.named),
            taxonomy: Arc::clone(&self.taxonomy),
            rows: Default::default(),
            labels: Default::default(),
            shown: OnceLock::new(),
            ground: OnceLock::new(),
            same: OnceLock::new(),
        };
        let numbers: Vec<usize> = found.iter().filter_map(|s| next.directory.number(s.id)).collect();
        let rows = super::LANGUAGES.map(|lang| {
            let known = self.rows[super::place_of(lang)].get();
            known.map_or_else(OnceLock::new, |rows| OnceLock::from(rows.with(&next, &numbers, lang)))
        });
        next.rows = rows;
        Some(next)
    }

    /// Whether a service must not be found.
    fn must_hide(&self, service: &Service) -> bool {
        service.is_confidential()
            || self.confidential_types.contains(&service.service_type)
            || self.places.get(&service.place).is_some_and(|p| p.confidential)
    }
}
