//! What a person may need: categories of service and their services
//! (DOMAIN §3), with the discreet labels that stand on slips, links and
//! messages (DESIGN §5).

use crate::closed_enum;
use crate::words::{ClassSet, Label, Priority, Sensitivity};

closed_enum! {
    /// The side of reintegration that a service serves (the regional model's
    /// three dimensions, and protection).
    Dimension {
        /// Economic.
        Economic = "ECO",
        /// Social.
        Social = "SOC",
        /// Psychosocial.
        Psychosocial = "PSY",
        /// Protection.
        Protection = "PROT",
    }
}

/// A group of services, such as MED, physical health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Three letters, such as "MED".
    pub code: String,
    /// Name.
    pub label: Label,
    /// Name for slips, links and messages; the plain one where it says nothing.
    pub discreet: Label,
    /// What somebody who looks for help calls it, in everyday words that tell
    /// nothing to whoever looks over their shoulder; none for a category that
    /// nobody looks for.
    pub door: Option<Label>,
    /// Dimension.
    pub dimension: Dimension,
    /// Priority that is proposed for its needs.
    pub priority: Priority,
    /// The least sensitivity of a need in this category.
    pub min_sensitivity: Sensitivity,
    /// Data classes that a service of this category needs beyond identity and
    /// contact, once it has accepted.
    pub needs: ClassSet,
    /// Whether `needs` was assigned by us and awaits validation.
    pub provisional: bool,
}

/// One kind of service that a need asks for, such as MED.01.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceType {
    /// Category and number, such as "MED.01".
    pub code: String,
    /// Code of its category.
    pub category: String,
    /// Name: shown to the case team, and to S4 focal points when restricted.
    pub label: Label,
    /// Name for slips, links, messages, inboxes and calendars.
    pub discreet: Label,
    /// Dimension.
    pub dimension: Dimension,
    /// Priority that is proposed; a person decides.
    pub priority: Priority,
    /// Least sensitivity of a need for this service; S4 is restricted.
    pub min_sensitivity: Sensitivity,
    /// Data classes that the service needs once it has accepted, always with
    /// identity and contact.
    pub needs: ClassSet,
    /// Absent from ordinary search: no row, distance or count (DESIGN §6).
    pub confidential: bool,
    /// Cash aid: amounts are seen by the payer and the case team only.
    pub cash: bool,
    /// How sure the line is: "K" known but unverified, "P" proposed.
    pub mark: Option<String>,
}

impl ServiceType {
    /// Whether a need for this service is of level S4: named persons only.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        self.min_sensitivity == Sensitivity::S4
    }
}
