//! What a system is told, and which: written in the unit of work of what happened.

use relais_casework::referral::{Event, EventKind};
use relais_network::{OrganisationId, ReferralId};
use relais_store::rows::webhooks::DeliveryRecord;
use relais_store::{Tx, ids};

use crate::file::CaseFile;
use crate::network::Network;
use crate::problem::ActError;
use crate::write::post_of;

/// What stands before the kind of an event.
const REFERRAL: &str = "referral.";
/// The kind of a test, as its row has it.
pub(super) const TEST_KIND: &str = "test";
/// What a test is called.
pub const TEST: &str = "webhook.test";
/// The case has another holder, who is the sender from now on.
pub(crate) const HOLDER_CHANGED: &str = "holder_changed";

/// Every event of which a system is told, by its code.
pub const KINDS: &[&str] = &[
    "sent",
    "received",
    "accepted",
    "info_asked",
    "info_answered",
    "info_not_answered",
    "waitlisted",
    "waitlist_extended",
    "review_passed",
    "declined",
    "cancelled",
    "scheduled",
    "rescheduled",
    "reroute_proposed",
    "started",
    "news_given",
    "did_not_come",
    "reported",
    "confirmed",
    "closed_unconfirmed",
    "disputed",
    "passed_on",
    "settled",
    "voided",
    "withdrawn",
    "sharing_stopped",
    "expired",
    "ended",
    "answer_contested",
    "reminded",
    HOLDER_CHANGED,
];

/// What a system is told of an event of this kind.
#[must_use]
pub(super) fn name(kind: &str) -> String {
    if kind == TEST_KIND {
        TEST.to_owned()
    } else {
        format!("{REFERRAL}{kind}")
    }
}

/// Which sides of a referral are told of an event.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    /// The organisation that holds the case.
    pub holder: Option<OrganisationId>,
    /// The provider.
    pub provider: Option<OrganisationId>,
}

impl Told {
    /// Both.
    pub const fn both(holder: OrganisationId, provider: OrganisationId) -> Self {
        Self {
            holder: Some(holder),
            provider: Some(provider),
        }
    }

    /// Who is told of an event of the machine: both sides; of a step of the
    /// ladder, the sides that the step tells; of a draft, its author alone.
    pub fn of(event: &Event, holder: OrganisationId, provider: OrganisationId) -> Self {
        match &event.kind {
            EventKind::Discarded => Self {
                holder: Some(holder),
                provider: None,
            },
            EventKind::Reminded { tell, .. } => {
                let told = |side: OrganisationId| {
                    let posts = tell.iter().map(|r| post_of(*r, provider, holder).0);
                    posts.flatten().any(|o| o == side).then_some(side)
                };
                Self {
                    holder: told(holder),
                    provider: told(provider),
                }
            }
            _ => Self::both(holder, provider),
        }
    }
}

/// Whether an organisation may hear of a case's referral: of a case in the
/// protected circuit, a State body hears nothing ([`crate::write::tell`] keeps
/// the same rule for messages).
pub(super) fn may_hear(network: &Network, protected: bool, organisation: OrganisationId) -> bool {
    !(protected && network.is_state(organisation))
}

/// Notes that something happened to a referral, for each system of the sides
/// that are told.
///
/// # Errors
/// When the store fails.
pub(crate) fn happened(
    tx: &mut Tx<'_>,
    network: &Network,
    file: &CaseFile,
    (referral, version): (ReferralId, i64),
    kind: &str,
    told: Told,
) -> Result<(), ActError> {
    debug_assert!(
        KINDS.contains(&kind) || kind == "discarded",
        "{kind} is in no list of webhook events"
    );
    if network.webhooks.is_empty() {
        return Ok(());
    }
    let provider = told.provider.filter(|p| Some(*p) != told.holder);
    for organisation in told.holder.into_iter().chain(provider) {
        if !may_hear(network, file.is_protected(), organisation) {
            continue;
        }
        for hook in network.webhooks.get(&organisation).into_iter().flatten() {
            let at = tx.now()?;
            DeliveryRecord {
                id: ids::new_v7(at),
                webhook_id: *hook,
                kind: kind.to_owned(),
                referral_id: Some(referral),
                version: Some(version),
                at,
            }
            .insert(tx)?;
        }
    }
    Ok(())
}
