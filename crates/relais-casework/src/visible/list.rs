//! The same rule as conditions on rows, for lists.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use relais_mechanism::Role;
use relais_network::{OrganisationId, ServiceId, UserId};

use super::{CaseFacts, CaseState, ReferralStage, ViewKind, Viewer};
use crate::grant::Holder;

/// One way in which a case comes into a viewer's lists. The store turns each
/// into a condition on indexed columns; the words in the comments are those of
/// its tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListClause {
    /// A grant row in force whose holder is this user, for this organisation.
    UserGrant {
        /// The user.
        user: UserId,
        /// The user's organisation now.
        organisation: OrganisationId,
    },
    /// A grant row in force whose holder is this organisation.
    OrganisationGrant {
        /// Which.
        organisation: OrganisationId,
    },
    /// A grant row in force whose holder is one of these services of this
    /// organisation.
    ServiceGrant {
        /// The provider.
        organisation: OrganisationId,
        /// The services whose focal point the viewer is.
        services: BTreeSet<ServiceId>,
    },
    /// A referral in sent, received, needs_info or waitlisted to one of these
    /// services of this organisation; the case has not ended.
    Offer {
        /// The provider.
        organisation: OrganisationId,
        /// The services whose focal point the viewer is.
        services: BTreeSet<ServiceId>,
    },
    /// Cases neither protected nor ended, in these regions; `None`: in all.
    Office {
        /// Which.
        regions: Option<BTreeSet<String>>,
    },
    /// Logs of every case.
    Logs,
    /// Cases that this user reported: also protected ones.
    Reported {
        /// The reporter.
        user: UserId,
    },
}

/// The cases that a viewer's lists may show: those that meet any clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListScope {
    /// Protected cases are left out of every clause but
    /// [`ListClause::Reported`].
    pub hide_protected: bool,
    /// The ways in; none for a viewer who sees nothing.
    pub clauses: Vec<ListClause>,
}

/// The scope of a viewer's lists.
#[must_use]
pub fn list_filter(viewer: &Viewer) -> ListScope {
    let mut clauses = Vec::new();
    if viewer.account_open {
        let organisation = viewer.organisation;
        let services: BTreeSet<ServiceId> = viewer.services.keys().copied().collect();
        if viewer.works_on_cases() {
            clauses.push(ListClause::UserGrant {
                user: viewer.user,
                organisation,
            });
        }
        if viewer.supervises() {
            clauses.push(ListClause::OrganisationGrant { organisation });
        }
        if viewer.is(Role::FocalPoint) && !services.is_empty() {
            clauses.push(ListClause::ServiceGrant {
                organisation,
                services: services.clone(),
            });
            clauses.push(ListClause::Offer { organisation, services });
        }
        if viewer.is(Role::Secretariat) || viewer.is(Role::SecretariatSupervisor) {
            clauses.push(ListClause::Office { regions: None });
        } else if viewer.is(Role::RegionalFocalPoint) {
            clauses.push(ListClause::Office {
                regions: Some(viewer.regions.clone()),
            });
        }
        if viewer.is(Role::DataProtectionOfficer) {
            clauses.push(ListClause::Logs);
        }
        if viewer.is(Role::Reporter) {
            clauses.push(ListClause::Reported { user: viewer.user });
        }
    }
    ListScope {
        hide_protected: viewer.is_outside_protected_circuit(),
        clauses,
    }
}

impl ListClause {
    /// What a case that meets the clause shows.
    #[must_use]
    pub const fn kind(&self) -> ViewKind {
        match self {
            Self::UserGrant { .. } | Self::OrganisationGrant { .. } | Self::ServiceGrant { .. } => ViewKind::File,
            Self::Offer { .. } => ViewKind::Offer,
            Self::Office { .. } => ViewKind::Office,
            Self::Logs => ViewKind::Logs,
            Self::Reported { .. } => ViewKind::Received,
        }
    }

    /// Whether the case meets the clause: what its SQL must say.
    #[must_use]
    pub fn admits(&self, case: &CaseFacts, now: DateTime<Utc>) -> bool {
        let granted = |to: &dyn Fn(Holder) -> bool| case.grants.iter().any(|g| g.in_force(now) && to(g.holder));
        match self {
            Self::UserGrant { user, organisation } => granted(&|h| {
                h == Holder::User {
                    user: *user,
                    organisation: *organisation,
                }
            }),
            Self::OrganisationGrant { organisation } => granted(&|h| {
                h == Holder::Organisation {
                    organisation: *organisation,
                }
            }),
            Self::ServiceGrant { organisation, services } => granted(&|h| {
                matches!(h, Holder::ServiceFocalPoints { organisation: own, service }
                    if own == *organisation && services.contains(&service))
            }),
            Self::Offer { organisation, services } => {
                case.state != CaseState::Ended
                    && case.referrals.iter().any(|r| {
                        r.stage == ReferralStage::Offered
                            && r.organisation == *organisation
                            && services.contains(&r.service)
                    })
            }
            Self::Office { regions } => {
                !case.protected
                    && case.state != CaseState::Ended
                    && regions.as_ref().is_none_or(|own| own.contains(&case.region))
            }
            Self::Logs => true,
            Self::Reported { user } => case.reporter == Some(*user),
        }
    }
}

impl ListScope {
    /// What a list shows of the case: the most that any clause shows.
    #[must_use]
    pub fn kind(&self, case: &CaseFacts, now: DateTime<Utc>) -> ViewKind {
        self.clauses
            .iter()
            .filter(|clause| !(self.hide_protected && case.protected) || matches!(clause, ListClause::Reported { .. }))
            .filter(|clause| clause.admits(case, now))
            .map(ListClause::kind)
            .max()
            .unwrap_or(ViewKind::Nothing)
    }
}
