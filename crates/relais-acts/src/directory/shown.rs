//! What of the directory everybody may see: the one place where that is said.
//! Exports, the HSDS API and the plan of an import ask here.

use std::collections::{HashMap, HashSet};

use relais_interchange::directory::Shown;
use relais_mechanism::{Label, Mechanism};
use relais_network::directory::Entry;
use relais_network::{OrganisationId, ServiceId, body_id};
use relais_store::Store;
use uuid::Uuid;

use crate::network::Network;
use crate::problem::ActError;

/// What the network shows to everybody: the entries of the search (published,
/// nothing confidential), their organisations and those above them, and the
/// bodies that the mechanism names. With regions, the entries that lie in one
/// of them or serve it, and no body beside. What pays for them stands with it where
/// its carrier is shown: for whoever is signed in, and not for everybody.
#[must_use]
pub fn shown<'n>(network: &'n Network, mechanism: &Mechanism, regions: &[String]) -> Shown<'n> {
    let carriers = network.shown_organisations(mechanism);
    let carried = network.programmes().filter_map(|programme| {
        let carrier = network.carrier(programme);
        let carrier = network
            .organisations
            .get(&carrier)
            .filter(|o| carriers.contains(o.id))?;
        Some((programme, carrier))
    });
    gathered(network, mechanism, regions).paid_by(carried)
}

/// The same without what pays for it.
fn gathered<'n>(network: &'n Network, mechanism: &Mechanism, regions: &[String]) -> Shown<'n> {
    let bodies = mechanism
        .bodies()
        .iter()
        .filter(|_| regions.is_empty())
        .filter_map(|b| network.organisations.get(&body_id(&b.code)));
    Shown::of(
        shown_entries(network).filter(|e| regions.is_empty() || is_of(e, regions)),
        bodies,
        |id| network.organisations.get(&id),
    )
}

/// The entries that everybody may see: those of the search.
pub(super) fn shown_entries(network: &Network) -> impl Iterator<Item = Entry<'_>> {
    network.directory.entries()
}

/// One entry, where everybody may see it.
#[must_use]
pub fn shown_entry(network: &Network, id: ServiceId) -> Option<Entry<'_>> {
    network.directory.entry(id)
}

/// The numbers that everybody may read for an entry, each with its hours: the
/// office lines of the service and the number of its organisation (F6.07). Any
/// other is for whoever refers, and here for nobody.
#[must_use]
pub fn public_numbers(mechanism: &Mechanism, entry: &Entry<'_>) -> Vec<(String, String)> {
    let phones = &mechanism.country().phone;
    let mut numbers: Vec<(String, String)> = Vec::new();
    let own = entry
        .service
        .telephones
        .iter()
        .filter(|t| phones.is_office_line(&t.number));
    let own = own.map(|t| (t.number.clone(), t.hours.clone()));
    let organisation = entry.organisation.telephone.iter().map(|n| (n.clone(), String::new()));
    for (number, hours) in own.chain(organisation) {
        if !number.trim().is_empty() && !numbers.iter().any(|(known, _)| *known == number) {
            numbers.push((number, hours));
        }
    }
    numbers
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
        let ordered: Vec<OrganisationId> = gathered(network, mechanism, &[])
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
