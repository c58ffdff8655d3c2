//! The directory as a plan sees it: what a file may change, and what it may not.

use std::collections::{HashMap, HashSet};

use relais_interchange::directory::plan::{Known, Standing as May};
use relais_mechanism::Mechanism;
use relais_network::{
    Organisation, OrganisationId, Place, PlaceId, ProgrammeId, PublicationStatus, Service, ServiceId,
};

use crate::network::Network;

/// A file changes what everybody sees, and brings back what was archived. What is
/// proposed, checked or confidential stays closed to it, all alike, and so does
/// what went up in another entry.
const fn may_change(status: PublicationStatus) -> bool {
    status.is_offered() || matches!(status, PublicationStatus::Archived)
}

/// The network, for a plan.
pub(super) struct Standing<'n> {
    network: &'n Network,
    mechanism: &'n Mechanism,
    codes: HashMap<&'n str, OrganisationId>,
    /// Places where something confidential is offered and nothing that is found.
    hidden: HashSet<PlaceId>,
}

impl<'n> Standing<'n> {
    pub fn of(network: &'n Network, mechanism: &'n Mechanism) -> Self {
        let mut hidden: HashSet<PlaceId> = network
            .confidential
            .iter()
            .filter_map(|s| Some(network.services.get(s)?.place))
            .collect();
        for entry in network.directory.entries() {
            hidden.remove(&entry.place.id);
        }
        Self {
            network,
            mechanism,
            codes: network
                .organisations
                .values()
                .map(|o| (o.code.as_str(), o.id))
                .collect(),
            hidden,
        }
    }
}

const fn may(open: bool) -> May {
    if open { May::Open } else { May::Closed }
}

impl Known for Standing<'_> {
    fn organisation(&self, id: OrganisationId) -> Option<(&Organisation, May)> {
        let entry = self.network.organisations.get(&id)?;
        let open = may_change(entry.status) && entry.merged_into.is_none() && self.network.known(id).is_some();
        Some((entry, may(open)))
    }

    fn by_code(&self, code: &str) -> Option<OrganisationId> {
        self.codes.get(code).copied()
    }

    fn place(&self, id: PlaceId) -> Option<(&Place, May)> {
        let entry = self.network.places.get(&id)?;
        Some((entry, may(!entry.confidential && !self.hidden.contains(&id))))
    }

    fn programme(&self, id: ProgrammeId) -> Option<May> {
        let programme = self.network.programmes.get(&id)?;
        let shown = self.network.shown_organisations(self.mechanism);
        Some(may(shown.contains(self.network.carrier(programme))))
    }

    fn service(&self, id: ServiceId) -> Option<(&Service, May)> {
        let entry = self.network.services.get(&id)?;
        // What a list brought and the gate holds is still the list's.
        let open = (may_change(entry.status) || entry.held)
            && entry.merged_into.is_none()
            && !self.network.confidential.contains(&id);
        Some((entry, may(open)))
    }
}
