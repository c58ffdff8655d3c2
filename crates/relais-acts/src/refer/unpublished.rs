//! Nothing signed is a condition for a P1 (DOMAIN §2.9 rule 6): an entry that the
//! coordination unit has checked, and that is not published yet, is offered and may
//! be asked for an emergency. For any other priority it does not exist.

use relais_mechanism::{Mechanism, Priority};
use relais_network::PublicationStatus;
use relais_network::service::Service;

use super::offer::serves;
use crate::network::Network;
use crate::services::coordinates;

/// Whether an entry is checked and not published yet. Of what is confidential that
/// says nothing: no search finds it ever, and it is asked by its code.
pub(super) fn is_unpublished(network: &Network, service: &Service) -> bool {
    service.status == PublicationStatus::Checked && !network.is_confidential(service.id)
}

/// Whether a service that no search finds may be asked all the same, since the need
/// is an emergency.
pub(super) fn may_be_asked(network: &Network, service: &Service, priority: Priority) -> bool {
    let organisation = || network.organisations.get(&service.organisation);
    priority == Priority::P1
        && is_unpublished(network, service)
        && !network.is_withheld(service)
        && organisation().is_some_and(|o| o.status.is_offered())
}

/// The services of a type that may be asked so and serve the person's place, with
/// their distance from it where that is known, the nearest first. In the protected
/// circuit none of the State.
pub(super) fn offered<'n>(
    network: &'n Network,
    mechanism: &Mechanism,
    service_type: &str,
    (home, priority, protected): (&str, Priority, bool),
) -> Vec<(&'n Service, Option<f64>)> {
    if priority != Priority::P1 {
        return Vec::new();
    }
    let near = coordinates(mechanism, home);
    let mut found: Vec<(&Service, Option<f64>)> = network
        .services
        .values()
        .filter(|s| s.service_type == service_type && may_be_asked(network, s, priority))
        .filter(|s| !(protected && network.is_state(s.organisation)))
        .filter(|s| serves(s, home))
        .map(|s| {
            let there = network.places.get(&s.place).and_then(|p| p.point());
            (s, near.zip(there).map(|(a, b)| a.distance_km(b)))
        })
        .collect();
    // Whose distance is not known comes last.
    found.sort_by(|(a, near), (b, far)| {
        let km = |d: &Option<f64>| d.unwrap_or(f64::INFINITY);
        km(near).total_cmp(&km(far)).then(a.id.cmp(&b.id))
    });
    found
}
