//! The gate over a whole directory: what each organisation lacks is asked once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use relais_mechanism::Lang;
use relais_network::gate::Lacks;
use relais_network::organisation::Organisation;
use relais_network::service::Service;
use relais_network::{Missing, OrganisationId, PublicationStatus};

use super::Unsigned;
use crate::network::Network;

/// What is known of one organisation.
struct Stand {
    lacks: Lacks,
    chain: Vec<OrganisationId>,
    signer: OrganisationId,
}

/// What organisations lack on a day.
pub(crate) struct Gate<'n> {
    network: &'n Network,
    on: NaiveDate,
    known: HashMap<OrganisationId, Option<Stand>>,
}

impl<'n> Gate<'n> {
    pub fn new(network: &'n Network, on: NaiveDate) -> Self {
        Self {
            network,
            on,
            known: HashMap::new(),
        }
    }

    fn stand(&mut self, organisation: OrganisationId) -> Option<&Stand> {
        let (network, on) = (self.network, self.on);
        self.known
            .entry(organisation)
            .or_insert_with(|| {
                let chain = network.chain(network.organisations.get(&organisation)?);
                Some(Stand {
                    lacks: Lacks::of(&chain, on),
                    signer: signer(&chain, on)?,
                    chain: chain.iter().map(|o| o.id).collect(),
                })
            })
            .as_ref()
    }

    /// What a service waits for before it is published, or would.
    pub fn before(&mut self, service: &Service) -> Vec<Missing> {
        self.stand(service.organisation)
            .map_or_else(Vec::new, |s| s.lacks.before(service))
    }

    /// Whether a service is an organisation's, or of one under it.
    pub fn is_under(&mut self, service: &Service, organisation: OrganisationId) -> bool {
        self.stand(service.organisation)
            .is_some_and(|s| s.chain.contains(&organisation))
    }
}

/// Who is to sign for an organisation: the highest of its tutelles, whose signature
/// covers all of them; the one from which a paper was withdrawn, where one was.
fn signer(chain: &[&Organisation], on: NaiveDate) -> Option<OrganisationId> {
    let withdrawn = |o: &&&Organisation| {
        let mut papers = o.safeguards.0.values();
        papers.any(|s| s.withdrawn_on.is_some_and(|day| day <= on))
    };
    chain.iter().find(withdrawn).or(chain.last()).map(|o| o.id)
}

/// How an entry stands at the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// It waits to be published.
    Waiting,
    /// It is published all the same.
    Exposed,
}

impl At {
    pub const fn of(service: &Service) -> Option<Self> {
        match service.status {
            PublicationStatus::Proposed | PublicationStatus::Checked => Some(Self::Waiting),
            PublicationStatus::Published | PublicationStatus::Doubtful => Some(Self::Exposed),
            PublicationStatus::Archived => None,
        }
    }
}

/// Who is to sign, and what waits for it: those that most entries wait for first.
/// Of the services, those that `counts` takes.
pub(crate) fn unsigned(
    network: &Network,
    on: NaiveDate,
    lang: Lang,
    counts: impl Fn(&Service) -> bool,
) -> Vec<Unsigned> {
    let mut gate = Gate::new(network, on);
    let mut found: BTreeMap<OrganisationId, Unsigned> = BTreeMap::new();
    for service in network.services.values().filter(|s| counts(s)) {
        let missing = gate.before(service);
        let (Some(at), false) = (At::of(service), missing.is_empty()) else {
            continue;
        };
        let Some(organisation) = gate.stand(service.organisation).map(|s| s.signer) else {
            continue;
        };
        let row = found.entry(organisation).or_insert_with(|| Unsigned {
            organisation,
            name: network.own_name(organisation, lang),
            missing: BTreeSet::new(),
            waiting: 0,
            exposed: 0,
        });
        row.missing.extend(missing);
        match at {
            At::Waiting => row.waiting += 1,
            At::Exposed => row.exposed += 1,
        }
    }
    let mut found: Vec<Unsigned> = found.into_values().collect();
    found.sort_by(|a, b| (b.waiting + b.exposed, &a.name).cmp(&(a.waiting + a.exposed, &b.name)));
    found
}
