//! What must not be found, and who is known for nothing else.

use std::collections::{HashMap, HashSet};

use relais_mechanism::Mechanism;
use relais_network::directory::Directory;
use relais_network::service::Service;
use relais_network::{OrganisationId, PlaceId, ServiceId};

use super::{Known, NetworkRows};

/// The services that must not be found.
pub(super) fn confidential(rows: &NetworkRows, mechanism: &Mechanism) -> HashSet<ServiceId> {
    let places: HashSet<PlaceId> = rows.places.iter().filter(|p| p.confidential).map(|p| p.id).collect();
    let by_mechanism = |kind: &str| mechanism.service_type(kind).is_some_and(|t| t.confidential);
    let hidden = |s: &Service| s.is_confidential() || places.contains(&s.place) || by_mechanism(&s.service_type);
    rows.services.iter().filter(|s| hidden(s)).map(|s| s.id).collect()
}

/// The organisations that offer something confidential, each with all that it
/// offers and whether it is known whatever it offers: it works on cases, stands
/// above another, or went up in another entry, and was known before.
pub(super) struct Hiding(HashMap<OrganisationId, (bool, Vec<ServiceId>)>);

impl Hiding {
    pub(super) fn of(rows: &NetworkRows, confidential: &HashSet<ServiceId>) -> Self {
        let hidden = rows.services.iter().filter(|s| confidential.contains(&s.id));
        let mut found: HashMap<_, (bool, Vec<ServiceId>)> =
            hidden.map(|s| (s.organisation, Default::default())).collect();
        for service in &rows.services {
            if let Some((_, own)) = found.get_mut(&service.organisation) {
                own.push(service.id);
            }
        }
        let above = rows.organisations.iter().filter_map(|o| o.parent);
        let merged = rows.organisations.iter().filter(|o| o.merged_into.is_some());
        for known in rows.at_work.iter().copied().chain(above).chain(merged.map(|o| o.id)) {
            if let Some((is_known, _)) = found.get_mut(&known) {
                *is_known = true;
            }
        }
        Self(found)
    }

    /// The organisations that are known for nothing but what is confidential:
    /// nothing of theirs is found. Whoever is not offered for its silence is known
    /// all the same.
    pub(super) fn shelters(
        &self,
        services: &Known<ServiceId, Service>,
        directory: &Directory,
        confidential: &HashSet<ServiceId>,
        withheld: &HashSet<OrganisationId>,
    ) -> HashSet<OrganisationId> {
        let is_silent = |organisation: &OrganisationId, id: &ServiceId| {
            let offered = |id| services.get(id).is_some_and(|s| s.status.is_offered());
            withheld.contains(organisation) && !confidential.contains(id) && offered(id)
        };
        let shows = |organisation: &OrganisationId, own: &[ServiceId]| {
            own.iter()
                .any(|id| directory.entry(*id).is_some() || is_silent(organisation, id))
        };
        let hiding = self.0.iter().filter(|(_, (is_known, _))| !is_known);
        let nothing_else = hiding.filter(|(organisation, (_, own))| !shows(organisation, own));
        nothing_else.map(|(organisation, _)| *organisation).collect()
    }
}
