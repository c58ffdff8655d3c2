//! Override: a rule of sharing set aside to save life, for a child, or for a
//! legal obligation (DESIGN §6). Text, author, one referral or two hours,
//! co-signed within 24 hours (LEGAL before sending), owned like any wait.

use chrono::{DateTime, TimeDelta, Utc};
use relais_mechanism::{ClassSet, Priority, Role, closed_enum};
use relais_network::agreement::OverrideGround;
use relais_network::{CaseId, OrganisationId, OverrideId, ReferralId, UserId};

use crate::grant::EMERGENCY_HOURS;

/// Hours within which an override is co-signed.
pub const COSIGN_HOURS: i64 = 24;

/// For how much an override stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum OverrideScope {
    /// One referral.
    Referral {
        /// Which.
        referral: ReferralId,
    },
    /// Two hours from when it was written.
    TwoHours,
}

/// A co-signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cosignature {
    /// Who.
    pub user: UserId,
    /// When.
    pub at: DateTime<Utc>,
}

/// A rule of sharing set aside, by one person, in writing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Override {
    /// Its id.
    pub id: OverrideId,
    /// For which case.
    pub case: CaseId,
    /// VITAL, CHILD or LEGAL.
    pub ground: OverrideGround,
    /// Why, in the author's words.
    pub text: String,
    /// Who wrote it.
    pub author: UserId,
    /// The author's organisation: its supervisor co-signs.
    pub organisation: OrganisationId,
    /// To whom the data may go.
    pub recipient: OrganisationId,
    /// Which classes.
    pub classes: ClassSet,
    /// For how much it stands.
    pub scope: OverrideScope,
    /// When it was written.
    pub made_at: DateTime<Utc>,
    /// The co-signature.
    pub cosigned: Option<Cosignature>,
}

closed_enum! {
    /// Why an override or its co-signature is not taken.
    OverrideProblem {
        /// It gives no reason in words.
        TextMissing = "text_missing",
        /// It names no class.
        NoClass = "no_class",
        /// The author cannot co-sign.
        OwnCosignature = "own_cosignature",
        /// Only a supervisor of the author's organisation co-signs.
        NotTheSupervisor = "not_the_supervisor",
        /// It is co-signed already.
        AlreadyCosigned = "already_cosigned",
        /// A CHILD override for an adult.
        NotAChild = "not_a_child",
    }
}

/// Whether this user may co-sign: a supervisor of the author's organisation,
/// not the author.
///
/// # Errors
/// [`OverrideProblem`]: who may not, or that it is done already.
pub fn may_cosign(
    exception: &Override,
    user: UserId,
    organisation: OrganisationId,
    role: Role,
) -> Result<(), OverrideProblem> {
    if exception.cosigned.is_some() {
        Err(OverrideProblem::AlreadyCosigned)
    } else if user == exception.author {
        Err(OverrideProblem::OwnCosignature)
    } else if organisation != exception.organisation || !matches!(role, Role::Supervisor | Role::SecretariatSupervisor)
    {
        Err(OverrideProblem::NotTheSupervisor)
    } else {
        Ok(())
    }
}

/// The grounds that the page may offer. The choice and its reason are the
/// author's; nothing here decides that a ground holds.
#[must_use]
pub fn grounds_offered(priority: Priority, child: bool) -> Vec<OverrideGround> {
    OverrideGround::ALL
        .iter()
        .copied()
        .filter(|ground| match ground {
            OverrideGround::Vital => matches!(priority, Priority::P1 | Priority::P2),
            OverrideGround::Child => child,
            OverrideGround::Legal => true,
        })
        .collect()
}

impl Override {
    /// Checks what was written.
    ///
    /// # Errors
    /// [`OverrideProblem`] for a missing text or class, or CHILD for an adult.
    pub fn check(&self, child: bool) -> Result<(), OverrideProblem> {
        if self.text.trim().is_empty() {
            Err(OverrideProblem::TextMissing)
        } else if self.classes.is_empty() {
            Err(OverrideProblem::NoClass)
        } else if self.ground == OverrideGround::Child && !child {
            Err(OverrideProblem::NotAChild)
        } else {
            Ok(())
        }
    }

    /// Whether data may go under it at `now`, for this referral and recipient.
    /// Without its co-signature a LEGAL override carries nothing, and any other
    /// nothing more once the time for co-signing has passed.
    #[must_use]
    pub fn carries(&self, referral: Option<ReferralId>, recipient: OrganisationId, now: DateTime<Utc>) -> bool {
        let cosigned = self.cosigned.is_some_and(|c| c.at <= now);
        let in_scope = match self.scope {
            OverrideScope::Referral { referral: own } => referral == Some(own),
            OverrideScope::TwoHours => now < self.made_at + TimeDelta::hours(EMERGENCY_HOURS),
        };
        self.made_at <= now
            && in_scope
            && self.recipient == recipient
            && !self.text.trim().is_empty()
            && (cosigned || (self.ground != OverrideGround::Legal && now < self.cosign_due()))
    }

    /// Whether it waits for its co-signature before anything may be sent.
    #[must_use]
    pub fn awaits_cosignature(&self, now: DateTime<Utc>) -> bool {
        self.ground == OverrideGround::Legal && self.cosigned.is_none_or(|c| c.at > now)
    }

    /// When it must be co-signed, after which the wait climbs the ladder.
    #[must_use]
    pub fn cosign_due(&self) -> DateTime<Utc> {
        self.made_at + TimeDelta::hours(COSIGN_HOURS)
    }

    /// Who must co-sign: always an organisation and a role.
    #[must_use]
    pub const fn owner(&self) -> (OrganisationId, Role) {
        (self.organisation, Role::Supervisor)
    }

    /// When what rests on it ends by itself; `None`: with its referral.
    #[must_use]
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        match self.scope {
            OverrideScope::Referral { .. } => None,
            OverrideScope::TwoHours => Some(self.made_at + TimeDelta::hours(EMERGENCY_HOURS)),
        }
    }
}
