//! Why a service stands where it stands. Services are ranked by stated
//! reasons, persons never (DESIGN §6): each reason carries its points, and the
//! order of two services is explained by reading both lists.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::life::DoubtCause;
use crate::service::Target;

/// After how many days a statement of the directory counts as stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// An entry that nobody confirmed (DOMAIN F6: verified every 6 months).
    pub entry_days: u16,
    /// A statement of free places (DOMAIN F6.29: stale after 30 days).
    pub capacity_days: u16,
}

impl Default for Freshness {
    fn default() -> Self {
        Self {
            entry_days: 183,
            capacity_days: 30,
        }
    }
}

/// One reason for a service's rank.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// Somebody answers day and night, and the need is urgent.
    OnCall,
    /// In the person's subdivision.
    SameSubdivision,
    /// In the person's department.
    SameDepartment,
    /// In the person's region.
    SameRegion,
    /// So many kilometres away, to 0.1.
    Distance {
        /// Kilometres.
        km: f64,
    },
    /// Every word of the search stands in its name.
    Named,
    /// Meant for this group.
    TargetFits {
        /// The group.
        target: Target,
    },
    /// Speaks the language asked for.
    SpeaksLanguage,
    /// Free places, said not long ago.
    CapacityFree {
        /// How many.
        places: u32,
        /// On which day.
        on: NaiveDate,
    },
    /// No free place, said not long ago.
    Full {
        /// On which day.
        on: NaiveDate,
    },
    /// Confirmed true so many days ago.
    Confirmed {
        /// Days.
        days: u32,
    },
    /// Not confirmed for longer than the mechanism allows.
    Stale {
        /// Days.
        days: u32,
    },
    /// Never confirmed by the provider or the secretariat.
    NeverConfirmed,
    /// Something speaks against what the entry says.
    Doubtful {
        /// What, the last time.
        cause: DoubtCause,
        /// On which day.
        on: NaiveDate,
    },
    /// Serves the whole country.
    ServesCountry,
    /// By telephone or online.
    Remote,
}

/// Bands of distance: within so many kilometres, so many points.
pub(super) const BANDS: [(f64, i32); 4] = [(5.0, 24), (20.0, 16), (60.0, 8), (150.0, 3)];

/// The points of each reason, in one place.
pub(super) mod points {
    pub const ON_CALL: i32 = 40;
    pub const SAME_SUBDIVISION: i32 = 30;
    pub const SAME_DEPARTMENT: i32 = 20;
    pub const SAME_REGION: i32 = 10;
    /// By the number of levels of area that are the same.
    pub const SAME_AREA: [i32; 4] = [0, SAME_REGION, SAME_DEPARTMENT, SAME_SUBDIVISION];
    pub const NAMED: i32 = 12;
    pub const TARGET: i32 = 8;
    pub const LANGUAGE: i32 = 8;
    pub const FREE: i32 = 6;
    pub const FULL: i32 = -12;
    pub const CONFIRMED: i32 = 4;
    pub const STALE: i32 = -4;
    pub const NEVER: i32 = -4;
    pub const DOUBTFUL: i32 = -16;
    pub const COUNTRY: i32 = 2;
    pub const REMOTE: i32 = 2;
}

impl Reason {
    /// What the reason adds to a hit's points; below zero it takes away.
    #[must_use]
    pub fn points(&self) -> i32 {
        match self {
            Self::OnCall => points::ON_CALL,
            Self::SameSubdivision => points::SAME_SUBDIVISION,
            Self::SameDepartment => points::SAME_DEPARTMENT,
            Self::SameRegion => points::SAME_REGION,
            Self::Distance { km } => BANDS.iter().find(|(limit, _)| km <= limit).map_or(0, |(_, p)| *p),
            Self::Named => points::NAMED,
            Self::TargetFits { .. } => points::TARGET,
            Self::SpeaksLanguage => points::LANGUAGE,
            Self::CapacityFree { .. } => points::FREE,
            Self::Full { .. } => points::FULL,
            Self::Confirmed { .. } => points::CONFIRMED,
            Self::Stale { .. } => points::STALE,
            Self::NeverConfirmed => points::NEVER,
            Self::Doubtful { .. } => points::DOUBTFUL,
            Self::ServesCountry => points::COUNTRY,
            Self::Remote => points::REMOTE,
        }
    }
}
