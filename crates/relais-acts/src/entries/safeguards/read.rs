//! The page of what an organisation signed.

use std::collections::BTreeSet;
use std::sync::Arc;

use relais_network::agreement::{self, Coverage};
use relais_network::gate::standing;
use relais_network::organisation::Organisation;
use relais_network::service::Service;
use relais_network::{OrganisationId, Safeguard};
use relais_store::Tx;
use relais_store::rows::directory::{OrganisationRecord, ServiceRecord};
use relais_store::rows::entries as rows;

use super::gate::{At, Gate};
use super::{Above, DataAgreement, FIELD, PaperView, SafeguardsView};
use crate::desk::{Desk, Viewer};
use crate::entries::read::{Reader, keeps, office};
use crate::entries::{EntryRow, HISTORY, ROWS};
use crate::network::Network;
use crate::problem::ActError;

/// The organisation, for the coordination unit: never one that is known for nothing
/// but a shelter.
pub(super) fn seen<'n>(
    network: &'n Network,
    viewer: &Viewer,
    id: OrganisationId,
) -> Result<&'n Organisation, ActError> {
    let known = network.known(id).filter(|_| office(viewer));
    known.ok_or(ActError::NotFound)
}

/// Whether the viewer notes what an organisation signed: the secretariat that of
/// all, a regional focal point that of its regions.
pub(super) fn may_note(viewer: &Viewer, organisation: &Organisation) -> bool {
    let own = |region: &String| viewer.regions.contains(region);
    office(viewer) && (viewer.is_national() || organisation.region.as_ref().is_some_and(own))
}

/// What an organisation signed, what covers it, and which entries wait.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is not of the coordination unit, and for an
/// organisation that is not known.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, id: OrganisationId) -> Result<SafeguardsView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (mechanism, network) = (desk_.mechanism(), desk_.network_now(tx)?);
        let organisation = seen(&network, &viewer_, id)?;
        let record = OrganisationRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
        let mut reader = Reader::new(tx, &mechanism, &network, &viewer_)?;
        let lang = viewer_.lang;
        let chain = network.chain(organisation);
        let mut papers = Vec::new();
        for kind in Safeguard::ALL {
            let own = organisation.safeguards.0.get(kind).cloned();
            let stands = standing(&chain, *kind, reader.today);
            papers.push(PaperView {
                safeguard: *kind,
                name: kind.label().get(lang).to_owned(),
                noted_by: reader.name_of(tx, own.as_ref().and_then(|s| s.noted_by))?,
                own,
                lack: stands.err(),
                through: stands
                    .ok()
                    .filter(|h| h.through != id)
                    .map(|h| network.name(h.through, lang)),
            });
        }
        let mut gate = Gate::new(&network, reader.today);
        let (mut waiting, mut exposed): (Vec<&Service>, Vec<&Service>) = (Vec::new(), Vec::new());
        let mut ready = 0;
        for service in network.services.values() {
            if !gate.is_under(service, id) || !keeps(&viewer_, &network, service) {
                continue;
            }
            if gate.before(service).is_empty() {
                ready += usize::from(service.held);
                continue;
            }
            match At::of(service) {
                Some(At::Waiting) => waiting.push(service),
                Some(At::Exposed) => exposed.push(service),
                None => {}
            }
        }
        let mut list = |all: &mut Vec<&Service>| -> Result<Vec<EntryRow>, ActError> {
            all.sort_by_key(|s| (s.name.get(lang), s.id));
            let mut listed = Vec::new();
            for service in all.iter().take(ROWS) {
                let version = ServiceRecord::find(tx, service.id)?.map_or(0, |r| r.version);
                listed.push(reader.row(service, version, &BTreeSet::new())?);
            }
            Ok(listed)
        };
        let (waiting_rows, exposed_rows) = (list(&mut waiting)?, list(&mut exposed)?);
        let mut history = Vec::new();
        for change in rows::history(tx, id.0, HISTORY)? {
            let mut change = reader.change(tx, &change)?;
            // What else became of the organisation is not said here.
            change.values.retain(|v| v.field.starts_with(FIELD));
            if !change.values.is_empty() {
                history.push(change);
            }
        }
        Ok((
            SafeguardsView {
                now: tx.now()?,
                organisation: id,
                name: organisation.name.get(lang).to_owned(),
                tutelles: chain
                    .iter()
                    .skip(1)
                    .filter_map(|o| network.known(o.id))
                    .map(|o| Above {
                        id: o.id,
                        name: o.name.get(lang).to_owned(),
                    })
                    .collect(),
                papers,
                agreement: data_agreement(&network, id, &reader),
                may_note: may_note(&viewer_, organisation),
                waiting: waiting.len(),
                ready,
                exposed: exposed.len(),
                waiting_rows,
                exposed_rows,
                history,
                version: record.version,
            },
            Vec::new(),
        ))
    })
    .await
}

/// The agreement under which data go to an organisation: the one rule of
/// [`agreement`], asked and not repeated.
fn data_agreement(network: &Network, id: OrganisationId, reader: &Reader<'_>) -> DataAgreement {
    let reference = |covered: &Coverage| {
        let paper = network.agreements.iter().find(|a| Some(a.id) == covered.agreement);
        paper.map_or_else(String::new, |a| a.reference.clone())
    };
    let parents = network.parents(id);
    let all = agreement::coverages(id, &parents, &network.agreements, reader.today, agreement::GRACE_DAYS);
    // Of several that stand alike, always the same one is named.
    let covered = all
        .into_iter()
        .min_by_key(|c| (c.state, reference(c)))
        .unwrap_or_else(Coverage::none);
    DataAgreement {
        state: covered.state,
        reference: reference(&covered),
        kind: covered.kind,
        through: covered
            .through
            .filter(|o| *o != id)
            .map(|o| network.name(o, reader.words.lang)),
        until: covered.until,
    }
}
