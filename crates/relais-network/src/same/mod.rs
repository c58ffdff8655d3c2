//! Entries of the directory that are perhaps the same: one organisation under
//! two names, one service offered twice. The rule proposes, with its reasons in
//! words; a person looks at both and decides.
//!
//! Names are taken apart first (`name`): what sort of house ("CSI", "centre de
//! santé intégré", "integrated health centre" are one), of which church or part
//! of a town, which numbers, and what is left, which names it. A pair is
//! compared where both share a key (`find`): a telephone, a rare word by its
//! sound, a neighbourhood; so a hundred thousand entries cost seconds. What
//! agrees and differs is added up in points of a hundred (`compare`).

mod compare;
mod find;
mod lexicon;
mod name;
mod reason;

use serde::Serialize;
use uuid::Uuid;

use crate::{OrganisationId, ServiceId};

pub use compare::{LIKELY, PROPOSED};
pub use find::find;
pub use reason::Reason;

/// Two entries, the one with the smaller id first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", content = "ids", rename_all = "snake_case")]
pub enum Pair {
    /// Two organisations.
    Organisations(OrganisationId, OrganisationId),
    /// Two services.
    Services(ServiceId, ServiceId),
}

impl Pair {
    /// Two organisations, in whatever order.
    #[must_use]
    pub fn of_organisations(a: OrganisationId, b: OrganisationId) -> Self {
        Self::Organisations(a.min(b), a.max(b))
    }

    /// Two services, in whatever order.
    #[must_use]
    pub fn of_services(a: ServiceId, b: ServiceId) -> Self {
        Self::Services(a.min(b), a.max(b))
    }

    /// The ids of both.
    #[must_use]
    pub const fn ids(self) -> (Uuid, Uuid) {
        match self {
            Self::Organisations(a, b) => (a.0, b.0),
            Self::Services(a, b) => (a.0, b.0),
        }
    }
}

/// Two entries that are perhaps one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposal {
    /// Which.
    pub pair: Pair,
    /// How sure it is, of a hundred: an order to look at them, no probability.
    pub score: u8,
    /// What speaks for it and against it.
    pub reasons: Vec<Reason>,
}

impl Proposal {
    /// The order of the list: the surest first, then by id.
    #[must_use]
    pub const fn key(&self) -> (u8, Pair) {
        (100 - self.score, self.pair)
    }
}
