//! Two entries, side by side.

use std::sync::Arc;

use relais_network::same::{LIKELY, Proposal};
use relais_store::Tx;
use relais_store::rows::directory::ServiceRecord;
use uuid::Uuid;

use super::merge::tied_in_words;
use super::write::organisation_now;
use super::{PairView, Shown, SideBySide, What, both, fields, reasons, side};
use crate::desk::{Desk, Viewer};
use crate::network::Network;
use crate::problem::ActError;

/// How much an entry says: the fuller one is proposed to stay.
fn fullness(network: &Network, entry: &Shown<'_>) -> usize {
    match entry {
        Shown::Organisation(o) => {
            let said = [
                o.telephone.is_some(),
                o.email.is_some(),
                o.department.is_some(),
                o.parent.is_some(),
            ];
            let offered = network
                .services_of(o.id)
                .iter()
                .filter(|s| network.directory.entry(**s).is_some());
            said.iter().filter(|s| **s).count() + offered.count()
        }
        Shown::Service(s) => {
            let said = [
                s.confirmed_on.is_some(),
                !s.telephones.is_empty(),
                !s.opening_hours.is_empty(),
                s.cost.is_some(),
                !s.languages.is_empty(),
                s.capacity.available.is_some(),
            ];
            said.iter().filter(|s| **s).count()
        }
    }
}

/// What each offers: name and place of what everybody may see.
fn offers(network: &Network, entry: &Shown<'_>, lang: relais_mechanism::Lang) -> Vec<String> {
    let Shown::Organisation(o) = entry else {
        return Vec::new();
    };
    let offered = network
        .services_of(o.id)
        .iter()
        .filter_map(|s| network.directory.entry(*s));
    let mut said: Vec<String> = offered.map(|e| e.service.name.get(lang).to_owned()).collect();
    said.sort();
    said
}

/// Two entries side by side, whether the finder proposes them or not.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not keep both.
pub fn pair(desk: &Arc<Desk>, viewer: &Viewer, what: What, one: Uuid, other: Uuid) -> Result<SideBySide, ActError> {
    let desk_ = Arc::clone(desk);
    let network = desk
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| desk_.network_now(tx))?;
    let mechanism = desk.mechanism();
    let lang = viewer.lang;
    let sides = both(&network, &mechanism, viewer, what, [one, other])?;
    let found: Option<Proposal> = network
        .proposals(&mechanism)
        .iter()
        .find(|p| p.pair == what.pair(one, other))
        .cloned();
    let (ids, network_) = ([one, other], Arc::clone(&network));
    let (mechanism_, viewer_) = (Arc::clone(&mechanism), viewer.clone());
    let (now, versions, tied) = desk
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
            let sides = both(&network_, &mechanism_, &viewer_, what, ids)?;
            let version = |tx: &mut Tx<'_>, entry: &Shown<'_>| -> Result<i64, ActError> {
                match entry {
                    Shown::Organisation(o) => Ok(organisation_now(tx, o.id)?.0.version),
                    Shown::Service(s) => Ok(ServiceRecord::find(tx, s.id)?.ok_or(ActError::NotFound)?.version),
                }
            };
            let versions = [version(tx, &sides[0])?, version(tx, &sides[1])?];
            let tied = [
                tied_in_words(tx, &network_, &sides[0])?,
                tied_in_words(tx, &network_, &sides[1])?,
            ];
            Ok((tx.now()?, versions, tied))
        })?;
    let full = [fullness(&network, &sides[0]), fullness(&network, &sides[1])];
    let stays = match (&tied[0], &tied[1]) {
        (None, Some(_)) => 1,
        (Some(_), None) => 0,
        _ => usize::from(full[1] > full[0]),
    };
    Ok(SideBySide {
        now,
        pair: PairView {
            what,
            score: found.as_ref().map_or(0, |p| p.score),
            likely: found.as_ref().is_some_and(|p| p.score >= LIKELY),
            reasons: found.as_ref().map_or_else(Vec::new, |p| reasons(p, lang)),
            sides: [
                side(&network, &mechanism, &sides[0], lang),
                side(&network, &mechanism, &sides[1], lang),
            ],
        },
        found: found.is_some(),
        versions,
        fields: fields::compared(&network, &mechanism, &sides, stays, lang)?,
        offers: [offers(&network, &sides[0], lang), offers(&network, &sides[1], lang)],
        tied,
        stays,
    })
}
