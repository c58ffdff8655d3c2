//! What of the directory everybody may see: the one place where that is said.
//! Exports, the HSDS API and the plan of an import ask here.

use std::collections::{HashMap, HashSet};

use relais_interchange::directory::Shown;
use relais_mechanism::{Label, Mechanism};
use relais_network::directory::Entry;
use relais_network::{OrganisationId, body_id};
use relais_store::Store;
use uuid::Uuid;

use crate::network::Network;
use crate::problem::ActError;

/// What the network shows to everybody: the entries of the search (published,
/// nothing confidential), their organisations and those above them, and the
/// bodies that the mechanism names. With regions, the entries that lie in one
/// of them or serve it, and no body beside.
#[must_use]
pub fn shown<'n>(network: &'n Network, mechanism: &Mechanism, regions: &[String]) -> Shown<'n> {
    let bodies = mechanism
        .bodies()
        .iter()
        .filter(|_| regions.is_empty())
        .filter_map(|b| network.organisations.get(&body_id(&b.code)));
    Shown::of(
        network
            .directory
            .entries()
            .filter(|e| regions.is_empty() || is_of(e, regions)),
        bodies,
        |id| network.organisations.get(&id),
    )
}

/// Whether an entry lies in one of the regions, or serves one or a part of it.
fn is_of(entry: &Entry<'_>, regions: &[String]) -> bool {
    let within = |code: Option<&str>| code.is_some_and(|c| regions.iter().any(|r| c.starts_with(r.as_str())));
    within(entry.place.region.as_deref()) || within(entry.service.served_area.pcode())
}

/// Organisations that are shown, by their code; found once for each directory.
#[derive(Debug, Default)]
pub struct ShownOrganisations {
    /// In order.
    pub ordered: Vec<OrganisationId>,
    all: HashSet<OrganisationId>,
}

impl ShownOrganisations {
    pub(crate) fn of(network: &Network, mechanism: &Mechanism) -> Self {
        let ordered: Vec<OrganisationId> = shown(network, mechanism, &[])
            .organisations
            .iter()
            .map(|o| o.id)
            .collect();
        Self {
            all: ordered.iter().copied().collect(),
            ordered,
        }
    }

    /// Whether an organisation is shown.
    #[must_use]
    pub fn contains(&self, id: OrganisationId) -> bool {
        self.all.contains(&id)
    }
}

/// The names of what everybody may see, by id.
pub(super) fn public_names(store: &Store, mechanism: &Mechanism) -> Result<HashMap<Uuid, Label>, ActError> {
    let network = Network::build(store.read_blocking(Network::read_rows)?, mechanism)?;
    let shown = shown(&network, mechanism, &[]);
    let mut names: HashMap<Uuid, Label> = shown.organisations.iter().map(|o| (o.id.0, o.name.clone())).collect();
    for entry in &shown.entries {
        names.insert(entry.service.id.0, entry.service.name.clone());
        names.insert(entry.place.id.0, Label::of(&entry.place.name, &entry.place.name));
    }
    Ok(names)
}
