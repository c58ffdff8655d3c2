//! Withdrawal of consent: what closes, who must be told, what goes on.

use chrono::{DateTime, Utc};
use relais_mechanism::ClassSet;
use relais_network::{ConsentId, DisclosureId, GrantId, OrganisationId, ReferralId};

use crate::grant::Grant;
use crate::referral::WithdrawEffect;

/// A communication of data that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastDisclosure {
    /// Its id.
    pub id: DisclosureId,
    /// Who received.
    pub organisation: OrganisationId,
    /// Which classes.
    pub classes: ClassSet,
    /// Under which consents.
    pub consents: Vec<ConsentId>,
}

/// A past recipient who must be told, and must confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tell {
    /// Who.
    pub organisation: OrganisationId,
    /// Which classes it received under what is withdrawn.
    pub classes: ClassSet,
    /// By which communications.
    pub disclosures: Vec<DisclosureId>,
}

/// What follows from a withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Withdrawal {
    /// Grants that close now.
    pub closes: Vec<GrantId>,
    /// Past recipients to be told, each once.
    pub tell: Vec<Tell>,
    /// Running referrals that rest on it and become `withdrawn`: only when the
    /// service is to stop.
    pub stops: Vec<ReferralId>,
}

/// What follows when these consents are withdrawn at `at`.
///
/// Every grant in force that rests on one of them closes, and every past
/// recipient under one of them is told: also when only the service is to stop,
/// since the consent itself is gone. `running` are the referrals not yet ended
/// with the consents that they rest on.
#[must_use]
pub fn withdraw(
    withdrawn: &[ConsentId],
    effect: WithdrawEffect,
    grants: &[Grant],
    disclosures: &[PastDisclosure],
    running: &[(ReferralId, Vec<ConsentId>)],
    at: DateTime<Utc>,
) -> Withdrawal {
    let rests = |on: &[ConsentId]| on.iter().any(|c| withdrawn.contains(c));
    let mut result = Withdrawal {
        closes: grants
            .iter()
            .filter(|g| g.is_open(at) && rests(&g.consents))
            .map(|g| g.id)
            .collect(),
        ..Withdrawal::default()
    };
    for past in disclosures.iter().filter(|d| rests(&d.consents)) {
        match result.tell.iter_mut().find(|t| t.organisation == past.organisation) {
            Some(tell) => {
                tell.classes = tell.classes.union(past.classes);
                tell.disclosures.push(past.id);
            }
            None => result.tell.push(Tell {
                organisation: past.organisation,
                classes: past.classes,
                disclosures: vec![past.id],
            }),
        }
    }
    if effect.stops_service() {
        result.stops = running.iter().filter(|(_, on)| rests(on)).map(|(id, _)| *id).collect();
    }
    result
}
