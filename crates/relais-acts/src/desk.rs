//! The desk: what every act needs, and who stands before it.

use relais_mechanism::{Lang, Role};
use relais_network::{OrganisationId, UserId};

/// A signed-in user, as the acts see them.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// User.
    pub user: UserId,
    /// Their organisation.
    pub organisation: OrganisationId,
    /// Its name, in the viewer's language.
    pub organisation_name: String,
    /// Name on screen, as "J. Ebongué".
    pub display_name: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Regions of a regional focal point.
    pub regions: Vec<String>,
    /// Trained for restricted data (S4).
    pub trained: bool,
    /// Whether the organisation is a State body.
    pub state_body: bool,
    /// Language of this request.
    pub lang: Lang,
    /// Whether the request came by the API.
    pub api: bool,
}

impl Viewer {
    /// Whether the viewer has the role.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
