//! Another service instead of one that keeps silent: the open request is taken
//! back and the new one sent in one unit of work, so that the need is never
//! without a request that somebody could still accept unseen.

use relais_casework::referral::Command;
use relais_mechanism::{ActingFor, Channel};
use relais_network::{NeedId, ReferralId};
use relais_store::Tx;

use crate::desk::{Desk, Viewer};
use crate::file::CaseFile;
use crate::network::Network;
use crate::problem::ActError;
use crate::referrals;
use crate::rules;
use crate::write::{Doer, Stream};

/// Takes the open request back.
///
/// # Errors
/// [`ActError::Invalid`] when it is none of this need's, the machine's refusal
/// when the service has begun or the request has ended.
pub(super) fn take_back(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &mut CaseFile,
    network: &Network,
    need: NeedId,
    instead: ReferralId,
) -> Result<(), ActError> {
    let now = tx.now()?;
    let earlier = file
        .referral(instead)
        .filter(|r| r.record.need_id == need)
        .ok_or_else(|| {
            ActError::field(
                "instead_of",
                "unknown_option",
                (
                    "Cette demande n’est pas de ce besoin : rouvrez la page.",
                    "This request is not of this need: open the page again.",
                ),
            )
        })?;
    // It ended meanwhile: there is nothing to take back, the new one may go.
    if earlier.machine.state.is_terminal() {
        return Ok(());
    }
    let hash = earlier.record.mechanism_hash.clone();
    let channel = if viewer.api { Channel::Api } else { Channel::Screen };
    let actor = rules::actor(viewer, ActingFor::Sender, channel);
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, file.record.id, file.record.slot, doer, &hash)?;
    referrals::give(
        tx,
        desk,
        file,
        network,
        instead,
        &Command::Cancel,
        &actor,
        now,
        "",
        &mut stream,
    )?;
    Ok(())
}
