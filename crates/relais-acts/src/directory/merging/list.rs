//! The list of what is perhaps the same, for the coordination unit and for the
//! command line.

use std::collections::HashSet;
use std::sync::Arc;

use relais_mechanism::{Lang, Mechanism};
use relais_network::same::{LIKELY, Pair, Proposal};
use relais_network::{OrganisationId, ServiceId};
use relais_store::rows::imports;
use relais_store::{Store, Tx};
use uuid::Uuid;

use super::apart::kept_apart;
use super::undo::Decision;
use super::{Asked, DecisionView, DuplicatesView, PairView, Shown, What, key, read_key, reasons, side, works_in};
use crate::desk::{Desk, Viewer};
use crate::entries::office;
use crate::network::Network;
use crate::problem::ActError;

/// Most proposals of a page.
const ROWS: usize = 15;
/// Most decisions that are shown.
const DECISIONS: usize = 10;

/// A proposal with both of its entries, where they are there and wanted.
fn view(
    network: &Network,
    mechanism: &Mechanism,
    lang: Lang,
    proposal: &Proposal,
    wanted: &dyn Fn(&[Shown<'_>; 2]) -> bool,
) -> Option<PairView> {
    let what = What::of(proposal.pair);
    let (one, other) = proposal.pair.ids();
    let find = |id| Shown::find(network, mechanism, what, id);
    let sides = [find(one)?, find(other)?];
    wanted(&sides).then(|| PairView {
        what,
        score: proposal.score,
        likely: proposal.score >= LIKELY,
        reasons: reasons(proposal, lang),
        sides: [
            side(network, mechanism, &sides[0], lang),
            side(network, mechanism, &sides[1], lang),
        ],
    })
}

/// What is perhaps the same, a page of it, and what was decided last. Blocks for
/// seconds where the directory is large and was just changed: not for the thread
/// of a request.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is not of the coordination unit.
pub fn list(desk: &Arc<Desk>, viewer: &Viewer, asked: &Asked) -> Result<DuplicatesView, ActError> {
    if !office(viewer) || (!viewer.is_national() && viewer.regions.is_empty()) {
        return Err(ActError::NotFound);
    }
    let desk_ = Arc::clone(desk);
    let (now, decided, network) = desk
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
            Ok((tx.now()?, imports::decisions(tx)?, desk_.network_now(tx)?))
        })?;
    let mechanism = desk.mechanism();
    let apart: HashSet<Pair> = kept_apart(&decided);
    let after = asked.after.as_deref().and_then(read_key);
    let wanted = |sides: &[Shown<'_>; 2]| {
        let regions = [sides[0].region(&network), sides[1].region(&network)];
        regions.iter().all(|r| works_in(viewer, *r))
            && asked.region.as_deref().is_none_or(|r| regions.contains(&Some(r)))
    };
    let (mut rows, mut total, mut next, mut last) = (Vec::new(), 0, None, None);
    for proposal in network.proposals(&mechanism) {
        let of_what = asked.what.is_none_or(|w| w == What::of(proposal.pair));
        if !of_what || apart.contains(&proposal.pair) {
            continue;
        }
        let Some(view) = view(&network, &mechanism, viewer.lang, proposal, &wanted) else {
            continue;
        };
        total += 1;
        if after.is_some_and(|after| proposal.key() <= after) {
            continue;
        }
        if rows.len() < ROWS {
            rows.push(view);
            last = Some(key(proposal));
        } else {
            next.clone_from(&last);
        }
    }
    let decisions = decided
        .iter()
        .filter_map(|record| {
            let decision = Decision::of(record).filter(|d| d.is_for(&network, viewer))?;
            let name = |id: Uuid| match decision.what {
                What::Organisations => network.name(OrganisationId(id), viewer.lang),
                What::Services => network
                    .services
                    .get(&ServiceId(id))
                    .map_or_else(String::new, |s| s.name.get(viewer.lang).to_owned()),
            };
            let until = decision.until(record.at, &mechanism).filter(|_| !decision.undone);
            Some(DecisionView {
                id: record.id,
                at: record.at,
                merged: decision.merged,
                names: [name(decision.two.stays), name(decision.two.goes)],
                undone: decision.undone,
                may_undo: !decision.undone && until.is_none_or(|until| until >= now),
                until,
            })
        })
        .take(DECISIONS)
        .collect();
    Ok(DuplicatesView {
        now,
        rows,
        total,
        next,
        undo_days: mechanism.rules().merge_undo_days,
        regions: mechanism
            .regions()
            .filter(|r| viewer.is_national() || viewer.regions.contains(&r.code))
            .map(|r| (r.code.clone(), r.name.get(viewer.lang).to_owned()))
            .collect(),
        decisions,
    })
}

/// Every proposal of which nobody said that they are two.
///
/// # Errors
/// What the store refuses.
pub fn all(store: &Store, mechanism: &Mechanism, lang: Lang) -> Result<Vec<PairView>, ActError> {
    let (rows, decided) =
        store.read_blocking(|tx: &mut Tx<'_>| Ok::<_, ActError>((Network::read_rows(tx)?, imports::decisions(tx)?)))?;
    let network = Network::build(rows, mechanism)?;
    let apart = kept_apart(&decided);
    Ok(network
        .proposals(mechanism)
        .iter()
        .filter(|p| !apart.contains(&p.pair))
        .filter_map(|p| view(&network, mechanism, lang, p, &|_| true))
        .collect())
}
