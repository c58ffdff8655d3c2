//! Refer a need: services with reasons, exactly what the chosen one will see,
//! and the sending.

mod offer;
mod preview;
mod repeat;
mod reroute;
mod send;
mod unpublished;

use std::sync::Arc;

use relais_mechanism::{Mechanism, Priority};
use relais_network::service::Service;
use relais_network::{NeedId, ServiceId};
use relais_store::Tx;
use relais_store::rows::cases;

use crate::commands::ShelterCode;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, OpenNeed};
use crate::needs::{limit_facts, may_write};
use crate::network::Network;
use crate::problem::ActError;
use crate::rules::Rulebook;
use crate::views::ReferView;

use offer::refer_view;
pub(crate) use send::told;
pub use send::{WORDS, send, unknown_service};

/// The page "refer a need", with the preview of one chosen service.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Forbidden`].
pub async fn view(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    need: NeedId,
    chosen: Option<ServiceId>,
    after: Option<String>,
) -> Result<ReferView, ActError> {
    view_of(desk, viewer, need, chosen, None, after).await
}

/// The same page with the preview of the confidential service to which the code
/// leads that the on-call desk gave.
///
/// # Errors
/// As [`view`]; a field's problem for a code that leads nowhere;
/// [`ActError::Refused`] beyond the ration of a day.
pub async fn view_by_code(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    need: NeedId,
    given: ShelterCode,
) -> Result<ReferView, ActError> {
    let told = crate::shelter::opened(desk, viewer, need, &given.code).await?;
    view_of(desk, viewer, need, Some(told), Some(told), None).await
}

async fn view_of(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    need: NeedId,
    chosen: Option<ServiceId>,
    told: Option<ServiceId>,
    after: Option<String>,
) -> Result<ReferView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, network, mechanism) = open_need(tx, &desk_, &viewer_, need)?;
        let priority = file.need(need).map(|n| n.detail.machine.priority);
        let chosen = chosen.and_then(|id| askable(&network, &file, id, told, priority));
        let view = refer_view(
            tx,
            &desk_,
            &viewer_,
            &file,
            &network,
            &mechanism,
            need,
            chosen,
            after.as_deref(),
        )?;
        Ok((view, vec![file.record.id]))
    })
    .await
}

/// The case of a need, for a viewer who works on it.
///
/// # Errors
/// [`ActError::NotFound`] for anybody else, or what the case refuses.
pub fn open_need(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    need: NeedId,
) -> Result<(CaseFile, Arc<Network>, Arc<Mechanism>), ActError> {
    let case = cases::case_of_need(tx, need)?.ok_or(ActError::NotFound)?;
    let file = CaseFile::read(tx, case)?.ok_or(ActError::NotFound)?;
    let (network, mechanism) = let_refer(tx, desk, viewer, &file)?;
    Ok((file, network, mechanism))
}

/// Whether the viewer may refer needs of this case now.
fn let_refer(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &CaseFile,
) -> Result<(Arc<Network>, Arc<Mechanism>), ActError> {
    let (view, network) = file.seen_by(tx, desk, viewer)?;
    if file.erased {
        // Whoever worked on the case is told why it is empty; for others there is none.
        return Err(if view.is_whole() {
            ActError::Erased
        } else {
            ActError::NotFound
        });
    }
    let writes = may_write(&view, file, viewer);
    if matches!(writes, Err(ActError::Forbidden { .. })) {
        return Err(ActError::NotFound);
    }
    writes?;
    // A new referral is made under the version in force, whatever the need was
    // recorded under.
    Ok((network, desk.mechanism()))
}

/// A service that may be asked for this case: one of the directory; one whose
/// code was told; one that the case was sent to before; for an emergency also one
/// that is not published yet ([`unpublished`]). Any other looks like one that does
/// not exist.
pub(crate) fn askable<'n>(
    network: &'n Network,
    file: &CaseFile,
    id: ServiceId,
    told: Option<ServiceId>,
    priority: Option<Priority>,
) -> Option<&'n Service> {
    let known = network.directory.entry(id).is_some()
        || told == Some(id)
        || file.referrals.iter().any(|r| r.detail.service == id);
    let urgent = |s: &Service| priority.is_some_and(|p| unpublished::may_be_asked(network, s, p));
    // What is not published yet is asked for nothing else, also where an emergency went to it.
    let ordinary = |s: &Service| known && !unpublished::is_unpublished(network, s);
    network.services.get(&id).filter(|s| ordinary(s) || urgent(s))
}

/// The region that a referral is worked on and counted in. Of a confidential
/// place it is the case's: its own would tell where it is.
fn region_of(network: &Network, service: &Service, file: &CaseFile) -> String {
    if network.is_confidential(service.id) {
        return file.record.region.clone();
    }
    network
        .places
        .get(&service.place)
        .and_then(|p| p.region.clone())
        .or_else(|| {
            network
                .organisations
                .get(&service.organisation)
                .and_then(|o| o.region.clone())
        })
        .unwrap_or_else(|| file.record.region.clone())
}

fn rulebook(
    desk: &Desk,
    mechanism: &Arc<Mechanism>,
    file: &CaseFile,
    need: &OpenNeed,
    service: &Service,
) -> Result<Rulebook, ActError> {
    let region = region_of(&desk.network(), service, file);
    Rulebook::new(
        desk,
        Arc::clone(mechanism),
        need.detail.machine.priority,
        &need.detail.service,
        &region,
        service.on_call,
        limit_facts(file),
    )
}
