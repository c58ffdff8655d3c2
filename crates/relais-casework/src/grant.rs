//! Grants: who may see which classes of a case, because of which event, from
//! when until when (DESIGN §4, §6). Access is data: nothing is visible that no
//! row grants.
//!
//! The functions here derive the rows from events. They change nothing; they
//! give the rows to add and the [`Closing`]s to apply, which the store writes
//! in the transaction of the event. Ids come in.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use relais_mechanism::{ClassSet, DataClass, closed_enum};
use relais_network::agreement::Basis;
use relais_network::{
    AgreementId, CaseId, ConsentId, GrantId, OrganisationId, OverrideId, ReferralId, ServiceId, UserId,
};
use uuid::Uuid;

use crate::sharing::Override;

/// Days that a recipient keeps what it has after its referral ended
/// (DESIGN §6).
pub const DAYS_AFTER_REFERRAL: i64 = 30;

/// Hours of an override that is not tied to a referral, and of emergency
/// access (DESIGN §6).
pub const EMERGENCY_HOURS: i64 = 2;

closed_enum! {
    /// The event that caused a grant.
    GrantCause {
        /// The organisation holds the case.
        Holding = "holding",
        /// A user was put on the case.
        Assignment = "assignment",
        /// A provider accepted a referral.
        Acceptance = "acceptance",
        /// The case was handed over.
        Transfer = "transfer",
        /// A rule of sharing was set aside.
        Override = "override",
        /// Emergency access with a reason (accès d’urgence motivé).
        Emergency = "emergency",
    }
}

/// Who holds a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Holder {
    /// One user, as long as the user belongs to the organisation: who changes
    /// employer takes no file along.
    User {
        /// Who.
        user: UserId,
        /// For which organisation.
        organisation: OrganisationId,
    },
    /// The supervisors of an organisation.
    Organisation {
        /// Which.
        organisation: OrganisationId,
    },
    /// The focal points of one service of a provider.
    ServiceFocalPoints {
        /// The provider.
        organisation: OrganisationId,
        /// Its service.
        service: ServiceId,
    },
}

impl Holder {
    /// The organisation of whoever holds it.
    #[must_use]
    pub const fn organisation(self) -> OrganisationId {
        match self {
            Self::User { organisation, .. }
            | Self::Organisation { organisation }
            | Self::ServiceFocalPoints { organisation, .. } => organisation,
        }
    }

    /// The kind of holder, for a database column: user, organisation, service.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User { .. } => "user",
            Self::Organisation { .. } => "organisation",
            Self::ServiceFocalPoints { .. } => "service",
        }
    }

    /// The id of the user, organisation or service, for a database column.
    #[must_use]
    pub const fn id(self) -> Uuid {
        match self {
            Self::User { user, .. } => user.0,
            Self::Organisation { organisation } => organisation.0,
            Self::ServiceFocalPoints { service, .. } => service.0,
        }
    }
}

/// Who of the holders may see the S4 classes of the grant: named persons only
/// (DESIGN §6).
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(tag = "who", content = "users", rename_all = "snake_case")]
pub enum S4Access {
    /// Nobody.
    #[default]
    Nobody,
    /// These users.
    Named(BTreeSet<UserId>),
    /// At a provider: the service's focal points whom a dated note of their
    /// head names for S4.
    NamedFocalPoints,
}

/// A right to see classes of one case.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Of which case.
    pub case: CaseId,
    /// Who holds it.
    pub holder: Holder,
    /// Which classes, S4 ones included where the person agreed to them.
    pub classes: ClassSet,
    /// Who of the holders sees S4.
    pub s4: S4Access,
    /// For which referral; `None`: for the case as a whole.
    pub referral: Option<ReferralId>,
    /// Why.
    pub cause: GrantCause,
    /// The consents that it rests on.
    pub consents: Vec<ConsentId>,
    /// The agreement that it rests on.
    pub agreement: Option<AgreementId>,
    /// The override that it rests on.
    pub exception: Option<OverrideId>,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when, exclusive; `None`: until an event closes it.
    pub until: Option<DateTime<Utc>>,
}

impl Grant {
    /// Whether it gives sight at this instant.
    #[must_use]
    pub fn in_force(&self, now: DateTime<Utc>) -> bool {
        self.from <= now && self.is_open(now)
    }

    /// Whether it has not ended, begun or not.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Ends the grant at `until`, or leaves it where it ends before.
    pub fn close(&mut self, until: DateTime<Utc>) {
        self.until = Some(self.until.map_or(until, |old| old.min(until)));
    }
}

/// A grant that ends, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// Which.
    pub grant: GrantId,
    /// When: never later than it would have ended.
    pub until: DateTime<Utc>,
}

/// Applies closings to grants: what the store does in SQL.
pub fn apply(grants: &mut [Grant], closings: &[Closing]) {
    for closing in closings {
        for grant in grants.iter_mut().filter(|g| g.id == closing.grant) {
            grant.close(closing.until);
        }
    }
}

/// The organisation that registered the case holds it: its supervisors see all
/// of it, S4 only where they are named.
#[must_use]
pub fn on_holding(
    id: GrantId,
    case: CaseId,
    organisation: OrganisationId,
    s4_named: BTreeSet<UserId>,
    at: DateTime<Utc>,
) -> Grant {
    Grant {
        id,
        case,
        holder: Holder::Organisation { organisation },
        classes: ClassSet::all(),
        s4: if s4_named.is_empty() {
            S4Access::Nobody
        } else {
            S4Access::Named(s4_named)
        },
        referral: None,
        cause: GrantCause::Holding,
        consents: Vec::new(),
        agreement: None,
        exception: None,
        from: at,
        until: None,
    }
}

/// A user is put on the case for the organisation that holds it; `s4`: named
/// for the S4 classes too.
#[must_use]
pub fn on_assignment(
    id: GrantId,
    case: CaseId,
    user: UserId,
    organisation: OrganisationId,
    s4: bool,
    at: DateTime<Utc>,
) -> Grant {
    Grant {
        holder: Holder::User { user, organisation },
        s4: if s4 {
            S4Access::Named(BTreeSet::from([user]))
        } else {
            S4Access::Nobody
        },
        cause: GrantCause::Assignment,
        ..on_holding(id, case, organisation, BTreeSet::new(), at)
    }
}

/// A user is taken off the case: what was granted by assignment closes.
#[must_use]
pub fn on_unassignment(grants: &[Grant], case: CaseId, user: UserId, at: DateTime<Utc>) -> Vec<Closing> {
    closings(grants, at, |g| {
        g.case == case
            && g.cause == GrantCause::Assignment
            && matches!(g.holder, Holder::User { user: holder, .. } if holder == user)
    })
}

/// A provider accepted: its service's focal points see what the plan gives
/// after acceptance. One grant for each basis, so that a withdrawal or a
/// denunciation closes what rests on it and nothing else; what rests on the
/// override `exception` ends with it, and without a co-signature with the limit
/// for it.
#[must_use]
#[expect(clippy::too_many_arguments, reason = "the event's own facts, each of another type")]
pub fn on_acceptance(
    mut next_id: impl FnMut() -> GrantId,
    case: CaseId,
    referral: ReferralId,
    organisation: OrganisationId,
    service: ServiceId,
    after: &[(DataClass, Basis)],
    exception: Option<&Override>,
    at: DateTime<Utc>,
) -> Vec<Grant> {
    let holder = Holder::ServiceFocalPoints { organisation, service };
    by_basis(after)
        .into_iter()
        .map(|(basis, classes)| Grant {
            s4: S4Access::NamedFocalPoints,
            until: exception
                .filter(|o| basis.override_id() == Some(o.id))
                .and_then(Override::carries_until),
            ..resting_on(
                next_id(),
                case,
                holder,
                classes,
                Some(referral),
                GrantCause::Acceptance,
                basis,
                at,
            )
        })
        .collect()
}

/// The referral is over, however: the recipient keeps what it has for thirty
/// days more, unless it ends before.
#[must_use]
pub fn on_referral_end(grants: &[Grant], referral: ReferralId, ended_at: DateTime<Utc>) -> Vec<Closing> {
    closings(grants, ended_at + TimeDelta::days(DAYS_AFTER_REFERRAL), |g| {
        g.referral == Some(referral)
    })
}

/// The agreement was denounced: what rests on it closes now. (Expiry closes
/// nothing: a running referral keeps what it has until thirty days after its
/// end, DESIGN §6.)
#[must_use]
pub fn on_denunciation(grants: &[Grant], agreement: AgreementId, at: DateTime<Utc>) -> Vec<Closing> {
    closings(grants, at, |g| g.agreement == Some(agreement))
}

/// One party alone denounced the agreement: only what that party, or the
/// services under it, hold through it closes. `covered` are the organisations
/// whose coverage came through that party.
#[must_use]
pub fn on_party_denunciation(
    grants: &[Grant],
    agreement: AgreementId,
    covered: &[OrganisationId],
    at: DateTime<Utc>,
) -> Vec<Closing> {
    closings(grants, at, |g| {
        g.agreement == Some(agreement) && covered.contains(&g.holder.organisation())
    })
}

/// Consents were withdrawn: every grant that rests on one of them closes now.
#[must_use]
pub fn on_withdrawal(grants: &[Grant], withdrawn: &[ConsentId], at: DateTime<Utc>) -> Vec<Closing> {
    closings(grants, at, |g| g.consents.iter().any(|c| withdrawn.contains(c)))
}

/// An override was refused its co-signature or lapsed: what rests on it closes.
#[must_use]
pub fn on_override_end(grants: &[Grant], exception: OverrideId, at: DateTime<Utc>) -> Vec<Closing> {
    closings(grants, at, |g| g.exception == Some(exception))
}

/// An override was co-signed: what rests on it stands for its whole scope, also
/// what had ended for want of the co-signature; of a referral that is over, for
/// the thirty days that a recipient keeps what it has. `ended`: when a referral
/// ended, if it did.
#[must_use]
pub fn on_cosignature(
    mut next_id: impl FnMut() -> GrantId,
    grants: &[Grant],
    exception: &Override,
    ended: impl Fn(ReferralId) -> Option<DateTime<Utc>>,
    at: DateTime<Utc>,
) -> (Vec<Grant>, Vec<Closing>) {
    let limited: Vec<&Grant> = grants
        .iter()
        .filter(|g| g.exception == Some(exception.id) && g.until == Some(exception.cosign_due()))
        .collect();
    let granted = limited
        .iter()
        .filter_map(|g| {
            let kept = g
                .referral
                .and_then(&ended)
                .map(|at| at + TimeDelta::days(DAYS_AFTER_REFERRAL));
            let until = match (exception.ends_at(), kept) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            until.is_none_or(|until| at < until).then(|| Grant {
                id: next_id(),
                from: at,
                until,
                ..(*g).clone()
            })
        })
        .collect();
    let closing = limited
        .iter()
        .filter(|g| g.is_open(at))
        .map(|g| Closing { grant: g.id, until: at })
        .collect();
    (granted, closing)
}

/// The case went into the protected circuit: what whoever it is closed to
/// holds (`shut`) closes now.
#[must_use]
pub fn on_protection(grants: &[Grant], shut: impl Fn(&Grant) -> bool, at: DateTime<Utc>) -> Vec<Closing> {
    closings(grants, at, shut)
}

/// Emergency access with a reason: one user, these classes, two hours. Never
/// S4, whatever is asked for.
#[must_use]
pub fn on_emergency(
    id: GrantId,
    case: CaseId,
    user: UserId,
    organisation: OrganisationId,
    classes: ClassSet,
    exception: OverrideId,
    at: DateTime<Utc>,
) -> Grant {
    Grant {
        classes: classes.minus(crate::visible::restricted_classes()),
        cause: GrantCause::Emergency,
        exception: Some(exception),
        until: Some(at + TimeDelta::hours(EMERGENCY_HOURS)),
        ..on_assignment(id, case, user, organisation, false, at)
    }
}

/// A user is put on a case for an organisation whose own sight rests on what a
/// transfer carried: the user sees what the organisation sees, on the same
/// grounds, and no more. Where it holds the case by registration, that is
/// everything.
#[must_use]
pub fn on_taking(
    mut next_id: impl FnMut() -> GrantId,
    grants: &[Grant],
    case: CaseId,
    user: UserId,
    organisation: OrganisationId,
    s4: bool,
    at: DateTime<Utc>,
) -> Vec<Grant> {
    grants
        .iter()
        .filter(|g| g.case == case && g.in_force(at) && g.holder == Holder::Organisation { organisation })
        .map(|g| Grant {
            id: next_id(),
            holder: Holder::User { user, organisation },
            s4: if s4 {
                S4Access::Named(BTreeSet::from([user]))
            } else {
                S4Access::Nobody
            },
            cause: GrantCause::Assignment,
            from: at,
            until: None,
            ..g.clone()
        })
        .collect()
}

/// The whole case goes to another organisation: what the old holder and its
/// staff saw of it closes now; the new holder's supervisors see what the plan
/// gives. Providers keep theirs.
///
/// One grant more, without any class, rests on nothing: the organisation that
/// holds the case can open it, also once the person has withdrawn what the
/// transfer rested on, so that no need in it waits on nobody.
#[must_use]
pub fn on_transfer(
    mut next_id: impl FnMut() -> GrantId,
    grants: &[Grant],
    case: CaseId,
    from: OrganisationId,
    to: OrganisationId,
    after: &[(DataClass, Basis)],
    at: DateTime<Utc>,
) -> (Vec<Grant>, Vec<Closing>) {
    let closing = closings(grants, at, |g| {
        g.case == case && g.holder.organisation() == from && !matches!(g.holder, Holder::ServiceFocalPoints { .. })
    });
    let holder = Holder::Organisation { organisation: to };
    let mut granted = vec![Grant {
        classes: ClassSet::EMPTY,
        cause: GrantCause::Transfer,
        ..on_holding(next_id(), case, to, BTreeSet::new(), at)
    }];
    granted.extend(
        by_basis(after).into_iter().map(|(basis, classes)| {
            resting_on(next_id(), case, holder, classes, None, GrantCause::Transfer, basis, at)
        }),
    );
    (granted, closing)
}

/// Grants that close at `until` and would have ended later.
fn closings(grants: &[Grant], until: DateTime<Utc>, which: impl Fn(&Grant) -> bool) -> Vec<Closing> {
    grants
        .iter()
        .filter(|g| g.is_open(until) && which(g))
        .map(|g| Closing { grant: g.id, until })
        .collect()
}

/// The classes of each basis, in the order of their first class.
fn by_basis(after: &[(DataClass, Basis)]) -> Vec<(Basis, ClassSet)> {
    let mut groups: Vec<(Basis, ClassSet)> = Vec::new();
    for (class, basis) in after {
        match groups.iter_mut().find(|(b, _)| b == basis) {
            Some((_, classes)) => *classes = classes.with(*class),
            None => groups.push((*basis, ClassSet::EMPTY.with(*class))),
        }
    }
    groups
}

#[expect(
    clippy::too_many_arguments,
    reason = "the columns of one row, private to this module"
)]
fn resting_on(
    id: GrantId,
    case: CaseId,
    holder: Holder,
    classes: ClassSet,
    referral: Option<ReferralId>,
    cause: GrantCause,
    basis: Basis,
    at: DateTime<Utc>,
) -> Grant {
    Grant {
        id,
        case,
        holder,
        classes,
        s4: S4Access::Nobody,
        referral,
        cause: if basis.override_id().is_some() {
            GrantCause::Override
        } else {
            cause
        },
        consents: basis.consent().into_iter().collect(),
        agreement: basis.agreement(),
        exception: basis.override_id(),
        from: at,
        until: None,
    }
}
