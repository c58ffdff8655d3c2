//! What a viewer may see of a case: the one function that every list, page,
//! search, export and message is held to (DESIGN §4, §6).
//!
//! [`visible`] is the oracle on one case. [`list_filter`] says the same as
//! conditions that the store turns into SQL; a property test over random
//! worlds holds the two together.

mod label;
mod list;
mod stop;
mod transfer;

pub use label::{NeedLabels, Shown, restricted_need, visible_need};
pub use list::{ListClause, ListScope, list_filter};
pub use stop::{StopSide, stop_side};
pub use transfer::{TransferSide, may_claim, transfer_side};

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use relais_mechanism::{ClassSet, Role, closed_enum};
use relais_network::{CaseId, OrganisationId, ReferralId, ServiceId, UserId};

use crate::grant::{Grant, GrantCause, Holder, S4Access};
use crate::referral::State;

/// The roles of the mechanism's office: the secretariat and its regional
/// focal points. The protected circuit is closed to them.
pub const OFFICE: [Role; 3] = [Role::Secretariat, Role::SecretariatSupervisor, Role::RegionalFocalPoint];

/// Who looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The user.
    pub user: UserId,
    /// The user's organisation.
    pub organisation: OrganisationId,
    /// Whether the organisation is of the State (ministry, public body): the
    /// protected circuit is closed to it.
    pub is_state: bool,
    /// What the user may be there.
    pub roles: BTreeSet<Role>,
    /// The regions of a regional focal point, by code.
    pub regions: BTreeSet<String>,
    /// The services whose focal point the user is, and for each whether a
    /// dated note names the user for S4.
    pub services: BTreeMap<ServiceId, bool>,
    /// Whether the account is open.
    pub account_open: bool,
}

impl Viewer {
    /// Whether the user has the role.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether the user belongs to the mechanism's office: the secretariat and
    /// its regional focal points.
    #[must_use]
    pub fn is_office(&self) -> bool {
        OFFICE.into_iter().any(|role| self.is(role))
    }

    /// Whether the user works with cases at all: an administrator, a reporter
    /// and a data-protection officer do not, whatever was assigned to them.
    fn works_on_cases(&self) -> bool {
        [
            Role::CaseManager,
            Role::Supervisor,
            Role::FocalPoint,
            Role::RegionalFocalPoint,
            Role::Secretariat,
            Role::SecretariatSupervisor,
        ]
        .into_iter()
        .any(|role| self.is(role))
    }

    fn supervises(&self) -> bool {
        self.is(Role::Supervisor) || self.is(Role::SecretariatSupervisor)
    }

    /// Whether the protected circuit is closed to the user.
    #[must_use]
    pub fn is_outside_protected_circuit(&self) -> bool {
        self.is_state || self.is_office()
    }
}

closed_enum! {
    /// Whether work on the case goes on.
    CaseState {
        /// Open.
        Open = "open",
        /// Closed: the work is done.
        Closed = "closed",
        /// Ended (deceased, left, detained, whereabouts unknown): frozen.
        Ended = "ended",
    }
}

closed_enum! {
    /// How far a referral is, as far as sight goes.
    ReferralStage {
        /// Written, not sent: the provider knows nothing.
        Draft = "draft",
        /// Sent, not accepted: the offer view.
        Offered = "offered",
        /// Accepted and running.
        Accepted = "accepted",
        /// Over, however it ended.
        Over = "over",
    }
}

impl ReferralStage {
    /// The stage of a referral's state.
    #[must_use]
    pub const fn of(state: State) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Sent | State::Received | State::NeedsInfo | State::Waitlisted => Self::Offered,
            State::Accepted
            | State::Scheduled
            | State::NoShow
            | State::InService
            | State::Reported
            | State::Disputed => Self::Accepted,
            State::Declined
            | State::Expired
            | State::Cancelled
            | State::Withdrawn
            | State::Voided
            | State::Closed
            | State::Ended => Self::Over,
        }
    }
}

/// One referral of a case, as far as sight goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferralFacts {
    /// Its id.
    pub id: ReferralId,
    /// The provider.
    pub organisation: OrganisationId,
    /// The provider's service.
    pub service: ServiceId,
    /// How far it is.
    pub stage: ReferralStage,
}

/// What decides who sees a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFacts {
    /// Its id.
    pub case: CaseId,
    /// The organisation that holds it now.
    pub holder: OrganisationId,
    /// The region, by code.
    pub region: String,
    /// Whether it is in the protected circuit.
    pub protected: bool,
    /// Whether work goes on.
    pub state: CaseState,
    /// Who sent it in by the short arrival form, if a reporter did.
    pub reporter: Option<UserId>,
    /// Its referrals.
    pub referrals: Vec<ReferralFacts>,
    /// Its grants, ended ones included.
    pub grants: Vec<Grant>,
}

closed_enum! {
    /// By what a viewer sees a file; strongest first.
    Via {
        /// On the case.
        Assignment = "assignment",
        /// Supervisor of the holder.
        Supervision = "supervision",
        /// Provider after acceptance.
        Provider = "provider",
        /// An override.
        Override = "override",
        /// Emergency access.
        Emergency = "emergency",
    }
}

/// What of a file a viewer sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileScope {
    /// The case as a whole: every need and referral.
    Whole,
    /// These referrals and their needs, nothing of the others.
    Referrals(BTreeSet<ReferralId>),
}

/// What a viewer may see of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// Nothing: the answer is the one for a case that does not exist.
    Nothing,
    /// That the report was received, nothing else.
    Received,
    /// Consents, disclosures and accesses, by codes: the data-protection
    /// officer.
    Logs,
    /// Code, priority, holder, lateness, telephones; a need's category only
    /// where it is S3 or less: the secretariat and the region's focal point.
    Office,
    /// The offers that wait for the viewer's service, before acceptance.
    Offer {
        /// Which.
        referrals: BTreeSet<ReferralId>,
    },
    /// The file.
    File {
        /// The classes that may be read, the S4 ones only if `restricted`.
        classes: ClassSet,
        /// Whether the viewer is named for S4.
        restricted: bool,
        /// By what.
        via: Via,
        /// How much of it.
        scope: FileScope,
        /// Further offers that wait for the viewer's service.
        offers: BTreeSet<ReferralId>,
        /// Whether the case has ended: nobody writes any more.
        frozen: bool,
    },
}

closed_enum! {
    /// The kinds of [`View`], least first.
    ViewKind {
        /// Nothing.
        Nothing = "nothing",
        /// Received.
        Received = "received",
        /// Logs.
        Logs = "logs",
        /// Office.
        Office = "office",
        /// Offer.
        Offer = "offer",
        /// File.
        File = "file",
    }
}

impl View {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ViewKind {
        match self {
            Self::Nothing => ViewKind::Nothing,
            Self::Received => ViewKind::Received,
            Self::Logs => ViewKind::Logs,
            Self::Office => ViewKind::Office,
            Self::Offer { .. } => ViewKind::Offer,
            Self::File { .. } => ViewKind::File,
        }
    }

    /// The classes that may be read.
    #[must_use]
    pub const fn classes(&self) -> ClassSet {
        match self {
            Self::File { classes, .. } => *classes,
            _ => ClassSet::EMPTY,
        }
    }

    /// Whether the case is seen as a whole: every need and referral.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        matches!(
            self,
            Self::File {
                scope: FileScope::Whole,
                ..
            }
        )
    }

    /// Whether the case is seen as a whole by whoever works on it: emergency
    /// access reads, and acts for nobody.
    #[must_use]
    pub fn is_of_team(&self) -> bool {
        self.is_whole()
            && !matches!(
                self,
                Self::File {
                    via: Via::Emergency,
                    ..
                }
            )
    }

    /// Whether the referral may be seen as more than a row of lateness.
    #[must_use]
    pub fn shows_referral(&self, referral: ReferralId) -> bool {
        match self {
            Self::Offer { referrals } => referrals.contains(&referral),
            Self::File {
                scope: FileScope::Whole,
                ..
            } => true,
            Self::File {
                scope: FileScope::Referrals(own),
                offers,
                ..
            } => own.contains(&referral) || offers.contains(&referral),
            _ => false,
        }
    }
}

/// The S4 classes.
#[must_use]
pub fn restricted_classes() -> ClassSet {
    ClassSet::all().iter().filter(|c| c.is_restricted()).collect()
}

/// What the viewer may see of the case at `now`.
#[must_use]
pub fn visible(case: &CaseFacts, viewer: &Viewer, now: DateTime<Utc>) -> View {
    if !viewer.account_open {
        return View::Nothing;
    }
    let reported = viewer.is(Role::Reporter) && case.reporter == Some(viewer.user);
    let received = if reported { View::Received } else { View::Nothing };
    // Not even a grant opens the protected circuit; whoever reported the
    // arrival still reads "received", since a row that vanishes would tell.
    if case.protected && viewer.is_outside_protected_circuit() {
        return received;
    }

    let offers = offers_to(case, viewer);
    let held: Vec<&Grant> = case
        .grants
        .iter()
        .filter(|g| g.in_force(now) && holds(viewer, g))
        .collect();
    let whole = held.iter().any(|g| g.referral.is_none());
    // By what the most is seen: whoever reads the whole in an emergency reads
    // it so, the provider of one of its referrals too.
    let by = held.iter().filter(|g| !whole || g.referral.is_none());
    if let Some(via) = by.map(|g| via(g)).min() {
        let open_s4 = |g: &Grant| {
            if names(viewer, g) {
                g.classes
            } else {
                g.classes.minus(restricted_classes())
            }
        };
        let scope = if whole {
            FileScope::Whole
        } else {
            FileScope::Referrals(held.iter().filter_map(|g| g.referral).collect())
        };
        return View::File {
            classes: held.iter().fold(ClassSet::EMPTY, |all, g| all.union(open_s4(g))),
            restricted: held.iter().any(|g| names(viewer, g)),
            via,
            scope,
            offers,
            frozen: case.state == CaseState::Ended,
        };
    }
    if !offers.is_empty() {
        return View::Offer { referrals: offers };
    }
    if in_office_of(case, viewer) {
        return View::Office;
    }
    if viewer.is(Role::DataProtectionOfficer) {
        return View::Logs;
    }
    received
}

/// Whether the viewer is among the holders of the grant.
#[must_use]
pub fn holds(viewer: &Viewer, grant: &Grant) -> bool {
    match grant.holder {
        Holder::User { user, organisation } => {
            viewer.user == user && viewer.organisation == organisation && viewer.works_on_cases()
        }
        Holder::Organisation { organisation } => viewer.organisation == organisation && viewer.supervises(),
        Holder::ServiceFocalPoints { organisation, service } => {
            viewer.organisation == organisation && viewer.is(Role::FocalPoint) && viewer.services.contains_key(&service)
        }
    }
}

/// Whether a holder of the grant is named for its S4 classes.
fn names(viewer: &Viewer, grant: &Grant) -> bool {
    match (&grant.s4, grant.holder) {
        (S4Access::Nobody, _) => false,
        (S4Access::Named(users), _) => users.contains(&viewer.user),
        (S4Access::NamedFocalPoints, Holder::ServiceFocalPoints { service, .. }) => {
            viewer.services.get(&service).copied().unwrap_or(false)
        }
        (S4Access::NamedFocalPoints, _) => false,
    }
}

const fn via(grant: &Grant) -> Via {
    match (grant.cause, grant.holder) {
        (GrantCause::Override, _) => Via::Override,
        (GrantCause::Emergency, _) => Via::Emergency,
        (_, Holder::User { .. }) => Via::Assignment,
        (_, Holder::Organisation { .. }) => Via::Supervision,
        (_, Holder::ServiceFocalPoints { .. }) => Via::Provider,
    }
}

/// The referrals of the case that wait for an answer of the viewer's service.
fn offers_to(case: &CaseFacts, viewer: &Viewer) -> BTreeSet<ReferralId> {
    if case.state == CaseState::Ended || !viewer.is(Role::FocalPoint) {
        return BTreeSet::new();
    }
    case.referrals
        .iter()
        .filter(|r| r.stage == ReferralStage::Offered && r.organisation == viewer.organisation)
        .filter(|r| viewer.services.contains_key(&r.service))
        .map(|r| r.id)
        .collect()
}

/// Whether the office sees the case: the secretariat every one, a regional
/// focal point those of the own regions; an ended case is late for nobody.
fn in_office_of(case: &CaseFacts, viewer: &Viewer) -> bool {
    !case.protected
        && case.state != CaseState::Ended
        && (viewer.is(Role::Secretariat)
            || viewer.is(Role::SecretariatSupervisor)
            || (viewer.is(Role::RegionalFocalPoint) && viewer.regions.contains(&case.region)))
}
