//! The rules of one mechanism version on one calendar, as the machines ask for
//! them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::referral::{Actor, Context, Counts};
use relais_mechanism::limits::LimitFacts;
use relais_mechanism::{ActingFor, Channel, Mechanism, Priority};
use relais_network::OrganisationId;

use crate::desk::{Desk, Viewer};
use crate::problem::ActError;
use crate::times::Times;

/// Mechanism, limits and calendar for one need or referral.
pub struct Rulebook {
    /// The mechanism that it is pinned to.
    pub mechanism: Arc<Mechanism>,
    /// Its limits on its calendar.
    pub times: Times,
}

impl Rulebook {
    /// The rules for a service at a priority in a region.
    ///
    /// # Errors
    /// When the mechanism's calendars cannot be resolved.
    pub fn new(
        desk: &Desk,
        mechanism: Arc<Mechanism>,
        priority: Priority,
        service_type: &str,
        region: &str,
        on_call: bool,
        facts: LimitFacts,
    ) -> Result<Self, ActError> {
        let calendar = desk.calendar(&mechanism, region)?;
        let times = Times {
            calendar,
            limits: mechanism.limits_given(priority, service_type, facts),
            waitlist_expires_after: mechanism.rules().waitlist_expires_after,
            on_call,
        };
        Ok(Self { mechanism, times })
    }

    /// The circumstances of a command.
    #[must_use]
    pub fn context(&self, now: DateTime<Utc>, happened_at: DateTime<Utc>, holder: OrganisationId) -> Context<'_> {
        Context {
            now,
            happened_at,
            holder,
            assigned_to_secretariat: false,
            times: &self.times,
            ladder: self.mechanism.ladder(),
            counts: Counts::from(self.mechanism.rules()),
        }
    }
}

/// A signed-in user as the machines see them.
#[must_use]
pub fn actor(viewer: &Viewer, acting_for: ActingFor, channel: Channel) -> Actor {
    Actor {
        user: Some(viewer.user),
        organisation: Some(viewer.organisation),
        roles: viewer.roles.to_vec(),
        acting_for,
        channel,
        noted: None,
    }
}
